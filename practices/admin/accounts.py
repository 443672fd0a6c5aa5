from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from practices.models import User


@admin.register(User)
class EditorAdmin(UserAdmin):
    """Accounts of editors."""

    list_display = ["username", "first_name", "last_name", "email", "is_active", "is_superuser", "last_login"]
    fieldsets = [*UserAdmin.fieldsets, (_("Password"), {"fields": ["must_change_password"]})]
