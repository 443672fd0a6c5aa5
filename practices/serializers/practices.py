"""A practice: in lists (`PracticeSummarySerializer`) and with its texts (`PracticeSerializer`)."""

from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from practices.models import Corridor, Image, Objective, Participation, Place, Practice, Source
from practices.serializers.fields import AddressField, to_json
from practices.serializers.lessons import PracticeLessonSerializer
from practices.serializers.names import CountryNameSerializer, SlugAndNameSerializer
from practices.serializers.publications import PublicationNameSerializer
from practices.values.text import to_html


class PlaceSerializer(serializers.ModelSerializer):
    country = serializers.CharField(source="country_id", help_text="ISO 3166-1 alpha-2 code.")
    latitude = serializers.FloatField(allow_null=True, min_value=-90, max_value=90, help_text="WGS 84.")
    longitude = serializers.FloatField(allow_null=True, min_value=-180, max_value=180)

    class Meta:
        model = Place
        fields = ["name", "country", "latitude", "longitude"]
        extra_kwargs = {"name": {"help_text": "The territory; empty for the whole country."}}


class CorridorSerializer(serializers.ModelSerializer):
    origin = serializers.CharField(source="origin_id")
    destination = serializers.CharField(source="destination_id")

    class Meta:
        model = Corridor
        fields = ["origin", "destination"]


class PeriodSerializer(serializers.Serializer):
    text = serializers.CharField(help_text="In words.")
    edtf = serializers.CharField(help_text="Extended Date/Time Format (ISO 8601-2).")
    start = serializers.DateField(allow_null=True, help_text="The first day; null when open.")
    end = serializers.DateField(allow_null=True)
    ongoing = serializers.BooleanField()


class PracticeObjectiveSerializer(serializers.ModelSerializer):
    """An objective that the practice serves."""

    assigned_by_editors = serializers.SerializerMethodField(
        help_text="The practice is older than the framework."
    )

    class Meta:
        model = Objective
        fields = ["code", "name", "assigned_by_editors"]

    def get_assigned_by_editors(self, objective: Objective) -> bool:
        return self.context["practice"].assigned_by_editors(objective)


class ParticipationSerializer(serializers.ModelSerializer):
    slug = serializers.CharField(source="actor.slug")
    name = serializers.CharField(source="actor.name")
    acronym = serializers.CharField(source="actor.acronym")
    type = serializers.CharField(source="actor.type.slug", allow_null=True, help_text="The slug of its type.")

    class Meta:
        model = Participation
        fields = ["slug", "name", "acronym", "type", "role", "group", "note"]
        extra_kwargs = {"group": {"help_text": "The heading that the source groups it under."}}


class SourceSerializer(serializers.ModelSerializer):
    url = serializers.CharField()
    date = serializers.CharField(source="date.edtf", allow_null=True, help_text="EDTF.")

    class Meta:
        model = Source
        fields = ["text", "url", "date"]
        extra_kwargs = {"text": {"help_text": "Markdown."}}


class ImageSizeSerializer(serializers.Serializer):
    url = serializers.URLField()
    width = serializers.IntegerField()


class ImageSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField(help_text="JPEG, or PNG where it is clear in parts.")
    width = serializers.IntegerField(min_value=1, max_value=1600)
    height = serializers.IntegerField(min_value=1)
    sizes = serializers.SerializerMethodField(help_text="The same in other widths, the largest last.")

    class Meta:
        model = Image
        fields = ["url", "width", "height", "alt", "caption", "credit", "sizes"]
        extra_kwargs = {
            "alt": {"help_text": "What is to be seen."},
            "credit": {"help_text": "Who took it, and by which right."},
        }

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, image: Image) -> str:
        return settings.SITE_URL + image.url

    @extend_schema_field(ImageSizeSerializer(many=True))
    def get_sizes(self, image: Image) -> list[dict[str, Any]]:
        return [{"url": settings.SITE_URL + url, "width": width} for url, width in image.sizes]


class StorySerializer(serializers.Serializer):
    markdown = serializers.CharField(source="story")
    html = serializers.SerializerMethodField(help_text="Safe HTML.")

    def get_html(self, practice: Practice) -> str:
        return to_html(practice.story, "story")


class PracticeSummarySerializer(serializers.ModelSerializer):
    """A practice in a list: all but its story, lessons and images. No query after `for_api()`."""

    url = AddressField("practice", "slug", help_text="Its page.")
    api_url = AddressField("api:practice-detail", "slug")
    available_languages = serializers.SerializerMethodField()
    countries = CountryNameSerializer(many=True, help_text="Where it happens, each once.")
    places = PlaceSerializer(many=True)
    corridors = CorridorSerializer(many=True, help_text="The pairs of countries that it links.")
    period = PeriodSerializer(allow_null=True, help_text="Null when it is not known.")
    themes = SlugAndNameSerializer(many=True)
    objectives = serializers.SerializerMethodField()
    actors = ParticipationSerializer(source="participations", many=True)
    sources = SourceSerializer(many=True)
    publication = PublicationNameSerializer(allow_null=True, help_text="Where it was first published.")
    published_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(
        help_text="When the practice itself was last saved. A change of what it names (an actor, a theme, a "
        "publication …) does not move it."
    )
    changed_at = serializers.DateTimeField(
        help_text="When anything of this document last changed, also what it names. `updated_since` compares "
        "this moment."
    )

    class Meta:
        model = Practice
        fields = [
            "slug", "url", "api_url", "title", "kind", "summary", "language", "available_languages",
            "countries", "places", "corridors", "period", "activity", "activity_checked_on",
            "activity_checked_by", "themes", "objectives", "actors", "sources", "publication",
            "published_at", "updated_at", "changed_at",
        ]  # fmt: skip
        extra_kwargs = {
            "slug": {"help_text": "The last part of its address."},
            "summary": {"help_text": "Markdown, at most 60 words."},
            "language": {"help_text": "The language it is written in (BCP 47)."},
            "editors_note": {"help_text": "Markdown."},
        }

    def get_available_languages(self, practice: Practice) -> list[str]:
        return [practice.language]

    @extend_schema_field(PracticeObjectiveSerializer(many=True))
    def get_objectives(self, practice: Practice) -> list[dict[str, Any]]:
        rows = practice.objectives.all()
        return PracticeObjectiveSerializer(rows, many=True, context={"practice": practice}).data


class PracticeSerializer(PracticeSummarySerializer):
    """A practice with all fields. Lists omit the texts and images, details omit `highlights`, and `fields`
    selects.
    """

    # No query after `with_relations()`.

    story = StorySerializer(source="*")
    lessons = PracticeLessonSerializer(many=True)
    images = ImageSerializer(many=True)

    class Meta(PracticeSummarySerializer.Meta):
        fields = [
            *PracticeSummarySerializer.Meta.fields, "story", "lessons", "images", "editors_note",
        ]  # fmt: skip


def addresses(slug: str) -> dict[str, str]:
    """The page of a practice and its address in the API."""
    names = {"url": "practice", "api_url": "api:practice-detail"}
    return {field: settings.SITE_URL + reverse(name, args=[slug]) for field, name in names.items()}


@cache
def _serializer(serializer_class: type[serializers.Serializer], **context: Any) -> serializers.Serializer:
    """Return a cached serializer: building its fields takes six times as long as serialising a row."""
    return serializer_class(context=context)


def practice_document(practice: Practice) -> dict[str, Any]:
    """Return the API document of a practice. No query after `with_relations()`."""
    return _serializer(PracticeSerializer).to_representation(practice)


def indexed_document(practice: Practice) -> str:
    """The JSON of a practice that the search index stores for lists, in the site's first language.

    Readers add what may change without a change of the practice: the site's address and `changed_at`.
    """
    with override(settings.LANGUAGE_CODE):
        document = _serializer(PracticeSummarySerializer, site="").to_representation(practice)
    return to_json({name: value for name, value in document.items() if name != "changed_at"})
