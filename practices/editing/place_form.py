"""The form of a place: coordinates as editors paste them, and a warning if they seem wrong."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from practices.editing.inlines import OrderedForm
from practices.models import Place
from practices.values.coordinates import lies_in, outside_remark, parse_degrees, parse_pair

Pair = tuple[Decimal, Decimal]


class DegreesField(forms.CharField):
    """Degrees with three decimals; a pasted “47.01, 28.86” is latitude and longitude."""

    def __init__(self, axis: str) -> None:
        column = Place._meta.get_field(axis)
        self.axis = axis
        super().__init__(
            required=False,
            label=column.verbose_name,
            help_text=column.help_text,
            widget=AdminTextInputWidget(attrs={"size": 20, "autocomplete": "off"}),
        )

    def to_python(self, value: Any) -> Decimal | Pair | None:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_pair(text) or parse_degrees(text, self.axis)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from None

    def run_validators(self, value: Any) -> None:
        """Run no validators: the model checks the range of the number."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class PlaceForm(OrderedForm):
    """The form of a place. Each coordinate field accepts both coordinates, as maps copy them."""

    latitude = DegreesField("latitude")
    longitude = DegreesField("longitude")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
            pair = cleaned.get(name)
            if not isinstance(pair, tuple):
                continue
            found = dict(zip(("latitude", "longitude"), pair, strict=True))
            if cleaned.get(other) in (None, pair, found[other]) and other not in self.errors:
                cleaned |= found
            else:
                self.add_error(name, _("This is a latitude and a longitude. Clear the other field."))
        return cleaned


def warn_of_points(request: HttpRequest, formsets: list[forms.BaseInlineFormSet]) -> None:
    """Add a message for each place that lies outside its country; the form is saved anyway."""
    for rows in formsets:
        if rows.model is not Place:
            continue
        for form in rows.forms:
            place = form.instance
            if not place.pk or place.latitude is None or form in rows.deleted_forms:
                continue
            if not lies_in(place.country_id, place.latitude, place.longitude):
                remark = outside_remark(place.country_id, str(place.country), place.latitude, place.longitude)
                messages.warning(request, remark)
