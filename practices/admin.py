"""The admin classes, found here by Django: one module of `editing` or `accounts` a family of models."""

from practices.accounts import users
from practices.editing import practices, reference
