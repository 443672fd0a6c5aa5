"""The editors' desk: Django's admin, one module a family of models."""

from practices.admin import accounts, practices, reference  # noqa: F401 (importing registers them)
