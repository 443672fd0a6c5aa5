"""Custom fields: Markdown, and periods in models and forms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from practices.values.period import Period, PeriodError
from practices.values.period_parsing import parse_period
from practices.values.text import MAX_KEY_LENGTH, OVERRIDES, normal_line_endings, one_line, sort_key

MAX_TEXT_LENGTH = 5_000  # characters of a text without a limit of its own


# What shows nothing although it is a letter or a sign: Hangul fillers, the Braille blank, joiners, spaces.
UNSEEN = "\u115f\u1160\u3164\uffa0\u2800\u200c\u200d\u00a0 "


class LineField(models.CharField):
    """A title or a name: one line, cleaned by `one_line` whenever a form, an import or a fixture fills it.

    Migrations know it as a CharField: its column is the same.
    """

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        if text is None:
            return None
        line = one_line(text)
        return line if line.strip(UNSEEN) else ""

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class SortKeyField(models.CharField):
    """The `sort_key` of another field, set whenever a row is saved or made in bulk.

    Fixtures are loaded without it, so the model's `pre_save` signal sets it too.
    """

    def __init__(self, source: str, **kwargs: Any) -> None:
        self.source = source
        super().__init__(**{"max_length": MAX_KEY_LENGTH, "editable": False, "default": ""} | kwargs)

    def deconstruct(self) -> tuple[str, str, list, dict]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.source, *args], kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = sort_key(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, key)
        return key


class Binary(models.Func):
    """A text compared by code points: the same order on both engines, independent of the locale."""

    template = "%(expressions)s COLLATE BINARY"
    arity = 1

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple:
        return self.as_sql(compiler, connection, template='%(expressions)s COLLATE "C"', **context)


class MarkdownFormField(forms.CharField):
    """A Markdown text with normalised line endings. The model field checks its length.

    The text area has no `maxlength`, because browsers cut pasted text at it without a message.
    """

    def to_python(self, value: Any) -> str:
        return super().to_python(normal_line_endings(value) if isinstance(value, str) else value)


class MarkdownField(models.TextField):
    """Markdown as it was typed, without direction overrides; direction isolates and marks stay.

    `max_length` is checked by validation; the column has no limit.
    """

    def __init__(self, *args: Any, max_length: int = MAX_TEXT_LENGTH, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.longest = max_length
        self.validators += [MaxLengthValidator(max_length), ProhibitNullCharactersValidator()]

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return text if text is None else normal_line_endings(OVERRIDES.sub("", text)).strip()

    def formfield(self, **kwargs: Any) -> forms.Field:
        field = super().formfield(**{"form_class": MarkdownFormField, **kwargs})
        field.widget.attrs.setdefault("data-longest", self.longest)
        return field


class PeriodFormField(forms.CharField):
    """Reads what people type (“April 2009 – June 2011”, “since 2002”, “N/A”) into a Period or None."""

    def to_python(self, value: Any) -> Period | None:
        try:
            return parse_period(super().to_python(value) or "")
        except PeriodError as error:
            raise ValidationError(str(error), code="invalid") from None

    def run_validators(self, value: Period | None) -> None:
        if value is not None:
            super().run_validators(value.edtf)

    def prepare_value(self, value: Any) -> Any:
        """Show a period in words where the words read back as the same period, else as EDTF."""
        if not isinstance(value, Period):
            return value
        try:
            return value.text if parse_period(value.text) == value else value.edtf
        except PeriodError:
            return value.edtf

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(self.prepare_value(initial)) != self.to_python(data)
        except ValidationError:
            return True


class PeriodField(models.CharField):
    """An EDTF level 1 string in the database, a `Period` in Python, NULL when unknown."""

    description = _("A period in EDTF, such as 2009-04/2011-06")

    def __init__(self, *args: Any, max_length: int = 60, **kwargs: Any) -> None:
        super().__init__(*args, max_length=max_length, **kwargs)

    def from_db_value(self, value: str | None, *args: Any) -> Period | None:
        return None if value is None else Period(value)

    def to_python(self, value: Any) -> Period | None:
        if value is None or isinstance(value, Period):
            return value
        try:
            return parse_period(str(value))
        except PeriodError as error:
            raise ValidationError(str(error), code="invalid") from None

    def get_prep_value(self, value: Any) -> str | None:
        period = self.to_python(value)
        return None if period is None else period.edtf

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def run_validators(self, value: Period | None) -> None:
        if value is not None:
            super().run_validators(value.edtf)

    def formfield(self, **kwargs: Any) -> forms.Field:
        return super().formfield(
            **{
                "form_class": PeriodFormField,
                "help_text": _(
                    "For example “2014–2016”, “April 2009 – June 2011”, “since 2002”, “2013 and "
                    "ongoing”, or a date in the Extended Date/Time Format (EDTF), such as "
                    "2009-04/2011-06. Leave empty or enter “N/A” if unknown."
                ),
                **kwargs,
            }
        )
