"""Pictures of a practice."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from practices.models.children import PracticeChild
from practices.models.fields import LineField
from practices.values.pictures import WIDTHS, Picture, PictureError, process_picture

NAME = re.compile(r"images/[0-9a-f]{24}-[0-9]{1,4}\.(?:jpg|png)")


def draw_pictures(files: MultiValueDict) -> None:
    """Decode the uploaded pictures of a form before a transaction begins: up to 2 s for each.

    `.picture` of a file then contains the result, or `.refused` the reason why it is not accepted.
    """
    for name, uploaded in files.lists():
        for file in uploaded if name.endswith("-file") else ():
            try:
                file.picture = process_picture(file, file.size)
            except PictureError as error:
                file.refused = str(error)


class PictureFormField(forms.FileField):
    """Accepts a picture and decodes it, unless `draw_pictures` has; `.picture` of its file is the result."""

    widget = forms.FileInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs["accept"] = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic"

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if isinstance(file, File) and not isinstance(file, FieldFile):
            if not hasattr(file, "picture") and not hasattr(file, "refused"):
                draw_pictures(MultiValueDict({"-file": [file]}))
            if hasattr(file, "refused"):
                raise ValidationError(file.refused, code="invalid")
        return file


class PictureFile(FieldFile):
    """Files are named by their content: equal ones are stored once and shared, and never deleted."""

    def save(self, name: str, content: File, save: bool = True) -> None:
        made: Picture = getattr(content, "picture", None) or process_picture(content, content.size)
        for each, data in made.files.items():
            name = f"images/{each}"
            if self.storage.exists(name) and self.storage.size(name) != len(data):
                self.storage.delete(name)  # a full disk or a killed process had cut it off
            if not self.storage.exists(name):
                self.storage.save(name, ContentFile(data))
        self.name = f"images/{made.name}"
        self.instance.width, self.instance.height = made.width, made.height
        setattr(self.instance, self.field.attname, self.name)
        self._committed = True
        if save:
            self.instance.save()

    save.alters_data = True


class PictureField(models.FileField):
    attr_class = PictureFile

    def formfield(self, **kwargs: Any) -> forms.Field:
        return super().formfield(**{"form_class": PictureFormField, **kwargs})


class Image(PracticeChild):
    """A picture with its alternative text."""

    file = PictureField(
        _("file"),
        upload_to="images",
        help_text=_(
            "JPEG, PNG, WebP or HEIC, at most 30 MB. Large photographs are resized. Location and "
            "camera data are removed."
        ),
    )
    width = models.PositiveSmallIntegerField(_("width"), editable=False)
    height = models.PositiveSmallIntegerField(_("height"), editable=False)
    alt = LineField(
        _("alternative text"),
        max_length=300,
        help_text=_("Describe the image for people who cannot see it. Do not begin with “picture of”."),
    )
    caption = LineField(_("caption"), max_length=300, blank=True)
    credit = LineField(_("credit"), max_length=200, help_text=_("Who took the photograph, and its licence."))

    class Meta(PracticeChild.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def __str__(self) -> str:
        return self.alt

    def clean(self) -> None:
        """Check the name of a file that is not new: it must be a stored picture."""
        if (
            self.file
            and self.file._committed
            and not (NAME.fullmatch(self.file.name) and self.file.storage.exists(self.file.name))
        ):
            raise ValidationError(
                {"file": _("“%(name)s” is not an image of this portal.") % {"name": self.file.name}}
            )

    @property
    def url(self) -> str:
        return self.file.url

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """Return the addresses of all its files, each with its width, the largest last. No query."""
        smaller = [width for width in WIDTHS if width < self.width]
        return [
            (self.url.replace(f"-{self.width}.", f"-{width}."), width) for width in [*smaller, self.width]
        ]
