"""Small serializers that are nested in other documents. They contain no nested serializers themselves."""

from rest_framework import serializers

from practices.models import Actor, Country, Theme


class CountryNameSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="local_name")

    class Meta:
        model = Country
        fields = read_only_fields = ["code", "name"]


class SlugAndNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = Theme
        fields = read_only_fields = ["slug", "name"]


class ActorNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = Actor
        fields = read_only_fields = ["slug", "name", "acronym"]
