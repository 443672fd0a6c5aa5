"""The editors' desk: Django's admin, one module a family of models, which registers them."""

from practices.admin import accounts, practices, reference
