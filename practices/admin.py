"""The admin classes. Django looks for them here; their modules are in `editing` and `accounts`."""

from practices.accounts import audit_admin, user_admin
from practices.editing import practice_admin, reference_admin
