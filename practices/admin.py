"""The admin classes, found here by Django: one module of `editing` or `accounts` a family of models."""

from practices.accounts import audit_admin, user_admin
from practices.editing import practice_admin, reference_admin
