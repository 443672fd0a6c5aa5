"""The admin classes, found here by Django: one module in `editing` and `accounts` for each family of models."""

from practices.accounts import users
from practices.editing import practices, reference
