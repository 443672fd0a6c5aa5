"""A lesson: as part of its practice, and as a document of its own."""

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from practices.models import Lesson, Practice
from practices.serializers.fields import AddressField
from practices.values.text import to_html


class PracticeLessonSerializer(serializers.ModelSerializer):
    number = serializers.IntegerField(
        min_value=1,
        help_text="Its permanent number, part of its address. It stays when lessons are reordered, and "
        "no other lesson gets it.",
    )
    order = serializers.IntegerField(
        min_value=1, help_text="Its place among the lessons of the practice, from 1."
    )
    url = serializers.SerializerMethodField(help_text="Its place on the practice’s page.")
    markdown = serializers.CharField(source="text")
    html = serializers.SerializerMethodField(help_text="Safe HTML.")

    class Meta:
        model = Lesson
        fields = ["number", "order", "url", "markdown", "html"]

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, lesson: Lesson) -> str:
        return settings.SITE_URL + lesson.get_absolute_url()

    def get_html(self, lesson: Lesson) -> str:
        return to_html(lesson.text, lesson.anchor)


class PracticeNameSerializer(serializers.ModelSerializer):
    url = AddressField("practice", "slug")
    api_url = AddressField("api:practice-detail", "slug")

    class Meta:
        model = Practice
        fields = ["slug", "title", "url", "api_url"]


class LessonSerializer(PracticeLessonSerializer):
    """A lesson with the practice it comes from."""

    # No query with `practice` selected.

    api_url = AddressField("api:lesson-detail", "practice.slug", "number")
    language = serializers.CharField(source="practice.language")
    practice = PracticeNameSerializer()

    class Meta(PracticeLessonSerializer.Meta):
        fields = [*PracticeLessonSerializer.Meta.fields, "api_url", "language", "practice"]
