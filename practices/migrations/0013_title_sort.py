from django.db import migrations

import practices.models.fields
from practices.values.text import sort_key

BATCH_SIZE = 1_000


def fill(apps, schema_editor):
    """Sets the key of every practice. Two queries for each BATCH_SIZE practices; dates stay as they are."""
    practice = apps.get_model("practices", "Practice")
    pks = list(practice.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH_SIZE):
        rows = list(practice.objects.only("pk", "title").filter(pk__in=pks[start : start + BATCH_SIZE]))
        for row in rows:
            row.title_sort = sort_key(row.title)
        practice.objects.bulk_update(rows, ["title_sort"])


class Migration(migrations.Migration):
    dependencies = [("practices", "0012_session_hashes")]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="title_sort",
            field=practices.models.fields.SortKeyField("title", default="", editable=False, max_length=250),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
