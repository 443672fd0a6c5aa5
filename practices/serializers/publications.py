"""The publication in which practices first appeared."""

from rest_framework import serializers

from practices.models import Publication
from practices.serializers.fields import AddressField
from practices.serializers.names import ActorNameSerializer


class PublicationNameSerializer(serializers.ModelSerializer):
    publisher = ActorNameSerializer()
    funders = ActorNameSerializer(many=True)
    implementers = ActorNameSerializer(many=True)
    url = serializers.CharField()
    date = serializers.CharField(source="date.edtf", allow_null=True, help_text="EDTF.")

    class Meta:
        model = Publication
        fields = [
            "slug", "title", "publisher", "funders", "implementers", "url", "language", "date",
        ]  # fmt: skip


class PublicationSerializer(PublicationNameSerializer):
    """A publication of published practices."""

    api_url = AddressField("api:publication-detail", "slug")
    practice_count = serializers.IntegerField(min_value=0)  # given to the rows by the view

    class Meta(PublicationNameSerializer.Meta):
        fields = [*PublicationNameSerializer.Meta.fields, "api_url", "practice_count"]
