"""Slugs in forms: made from the title or name if empty, normalised if typed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from practices.exchange.name_index import checked_slug, show_invisible


class SlugFormField(forms.SlugField):
    """A slug as users type it. The stored slug of a row is always valid."""

    stored = ""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text == self.stored:
            return text
        return checked_slug(text)


class SlugForm(forms.ModelForm):
    """A form that makes an empty slug of a new row from its title or name.

    The slug of an existing row changes only if somebody enters another one.
    """

    class Meta:
        field_classes = {"slug": SlugFormField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("slug")  # a draft of a change has none, nor has a page to read
        if field is None:
            return
        field.stored = self.instance.slug
        field.error_messages["required"] = _("Enter a slug: letters a to z, digits and hyphens.")
        if self.instance._state.adding:
            field.required = False
            source = self._meta.model._meta.get_field(self._meta.model.SLUG_SOURCE).verbose_name
            message = _("Last part of the web address. Leave empty to create it from the %(field)s.")
            field.help_text = message % {"field": source}

    def clean(self) -> dict[str, Any]:
        """Fill an empty slug. One more query for a new row."""
        values = super().clean()
        text = values.get(self._meta.model.SLUG_SOURCE)
        if self.instance._state.adding and text and values.get("slug") == "":
            try:
                values["slug"] = self.free_slug(text)
            except ValidationError as error:
                self.add_error("slug", error)
        return values

    def free_slug(self, text: str) -> str:
        """Return a slug that no row has. Raises ValidationError if a row has this name: the form may be
        submitted twice.
        """
        model = self._meta.model
        if model.objects.filter(**{model.SLUG_SOURCE: text}).exists():
            message = _("“%(text)s” already exists. To add another one with this name, enter a slug for it.")
            raise ValidationError(message % {"text": show_invisible(text, 60)})
        return model.free_slug(text)
