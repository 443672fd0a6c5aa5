"""Small serializers that are nested in other documents. They contain no nested serializers themselves."""

from rest_framework import serializers

from practices.models import Actor


class CountryNameSerializer(serializers.Serializer):
    """A country or region."""

    code = serializers.CharField()
    name = serializers.CharField(source="local_name")


class SlugAndNameSerializer(serializers.Serializer):
    slug = serializers.SlugField()
    name = serializers.CharField()


class ActorNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = Actor
        fields = ["slug", "name", "acronym"]
