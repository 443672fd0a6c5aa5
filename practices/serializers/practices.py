"""A practice: in lists (`PracticeSummarySerializer`) and with its texts (`PracticeSerializer`)."""

from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from practices.models import Corridor, Image, Objective, Participation, Place, Practice, Source
from practices.serializers.fields import AddressField, to_json
from practices.serializers.lessons import PracticeLessonSerializer
from practices.serializers.names import CountryNameSerializer, SlugAndNameSerializer
from practices.serializers.publications import PublicationNameSerializer
from practices.values.text import to_html


class PlaceSerializer(serializers.ModelSerializer):
    country = serializers.CharField(source="country_id")
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)

    class Meta:
        model = Place
        fields = read_only_fields = ["name", "country", "latitude", "longitude"]


class CorridorSerializer(serializers.ModelSerializer):
    origin = serializers.CharField(source="origin_id")
    destination = serializers.CharField(source="destination_id")

    class Meta:
        model = Corridor
        fields = read_only_fields = ["origin", "destination"]


class PeriodSerializer(serializers.Serializer):
    text = serializers.CharField()
    edtf = serializers.CharField()
    start = serializers.DateField(allow_null=True)
    end = serializers.DateField(allow_null=True)
    ongoing = serializers.BooleanField()


class PracticeObjectiveSerializer(serializers.ModelSerializer):
    """An objective of the practice in the context."""

    assigned_by_editors = serializers.SerializerMethodField()

    class Meta:
        model = Objective
        fields = read_only_fields = ["code", "name", "assigned_by_editors"]

    def get_assigned_by_editors(self, objective: Objective) -> bool:
        return self.context["practice"].assigned_by_editors(objective)


class ParticipationSerializer(serializers.ModelSerializer):
    slug = serializers.CharField(source="actor.slug")
    name = serializers.CharField(source="actor.name")
    acronym = serializers.CharField(source="actor.acronym")
    type = serializers.CharField(source="actor.type.slug", allow_null=True)

    class Meta:
        model = Participation
        fields = read_only_fields = ["slug", "name", "acronym", "type", "role", "group", "note"]


class SourceSerializer(serializers.ModelSerializer):
    date = serializers.CharField(source="date.edtf", allow_null=True)

    class Meta:
        model = Source
        fields = read_only_fields = ["text", "url", "date"]


class ImageSizeSerializer(serializers.Serializer):
    url = serializers.URLField()
    width = serializers.IntegerField()


class ImageSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField()
    sizes = serializers.SerializerMethodField()

    class Meta:
        model = Image
        fields = read_only_fields = ["url", "width", "height", "alt", "caption", "credit", "sizes"]

    def get_url(self, image: Image) -> str:
        return settings.SITE_URL + image.url

    @extend_schema_field(ImageSizeSerializer(many=True))
    def get_sizes(self, image: Image) -> list[dict[str, Any]]:
        return [{"url": settings.SITE_URL + url, "width": width} for url, width in image.sizes]


class StorySerializer(serializers.Serializer):
    markdown = serializers.CharField(source="story")
    html = serializers.SerializerMethodField()

    def get_html(self, practice: Practice) -> str:
        return to_html(practice.story, "story")


class PracticeSummarySerializer(serializers.ModelSerializer):
    """A practice in a list: all but its story, lessons and images. No query after `for_api()`."""

    url = AddressField("practice", "slug")
    api_url = AddressField("api:practice-detail", "slug")
    available_languages = serializers.SerializerMethodField()
    countries = CountryNameSerializer(many=True)
    places = PlaceSerializer(many=True)
    corridors = CorridorSerializer(many=True)
    period = PeriodSerializer(allow_null=True)
    themes = SlugAndNameSerializer(many=True)
    objectives = serializers.SerializerMethodField()
    actors = ParticipationSerializer(source="participations", many=True)
    sources = SourceSerializer(many=True)
    publication = PublicationNameSerializer(allow_null=True)
    changed_at = serializers.DateTimeField()

    class Meta:
        model = Practice
        fields = read_only_fields = [
            "slug", "url", "api_url", "title", "kind", "summary", "language", "available_languages",
            "countries", "places", "corridors", "period", "activity", "activity_checked_on",
            "activity_checked_by", "themes", "objectives", "actors", "sources", "publication",
            "published_at", "updated_at", "changed_at",
        ]  # fmt: skip

    def get_available_languages(self, practice: Practice) -> list[str]:
        return [practice.language]

    @extend_schema_field(PracticeObjectiveSerializer(many=True))
    def get_objectives(self, practice: Practice) -> list[dict[str, Any]]:
        rows = practice.objectives.all()
        return PracticeObjectiveSerializer(rows, many=True, context={"practice": practice}).data


class PracticeSerializer(PracticeSummarySerializer):
    """A practice with all its texts. No query after `whole()`."""

    story = StorySerializer(source="*")
    lessons = PracticeLessonSerializer(many=True)
    images = ImageSerializer(many=True)

    class Meta(PracticeSummarySerializer.Meta):
        fields = read_only_fields = [
            *PracticeSummarySerializer.Meta.fields, "story", "lessons", "images", "editors_note",
        ]  # fmt: skip


def addresses(slug: str) -> dict[str, str]:
    """The page of a practice and its address in the API."""
    names = {"url": "practice", "api_url": "api:practice-detail"}
    return {field: settings.SITE_URL + reverse(name, args=[slug]) for field, name in names.items()}


@cache
def _serializer(serializer_class: type[serializers.Serializer], **context: Any) -> serializers.Serializer:
    """A serializer that is used again: to build its fields takes six times as long as to serialise a row."""
    return serializer_class(context=context)


def practice_document(practice: Practice) -> dict[str, Any]:
    """What the API tells of one practice. No query after `whole()`."""
    return _serializer(PracticeSerializer).to_representation(practice)


def indexed_document(practice: Practice) -> str:
    """The JSON of a practice that the search index stores for lists, in the site's first language.

    Readers add what may change without a change of the practice: the site's address and `changed_at`.
    """
    with override(settings.LANGUAGE_CODE):
        document = _serializer(PracticeSummarySerializer, site="").to_representation(practice)
    return to_json({name: value for name, value in document.items() if name != "changed_at"})
