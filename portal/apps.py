from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin, with our site class as the default one."""

    default_site = "practices.admin.site.EditorsDesk"
