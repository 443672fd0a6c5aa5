"""The editors' desk: Django's admin, one module a family of models, which registers them."""

from practices.accounts import users
from practices.editing import practices, reference
