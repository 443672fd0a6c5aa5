"""What the API's list says, ready; and what harvesters go by."""

import django.db.models.deletion
from django.db import migrations, models


def empty(apps, schema_editor):
    """What is derived is made anew by `rebuild_search`, which `prepare` runs when it finds the index empty."""
    apps.get_model("practices", "IndexedPractice").objects.all().delete()
    apps.get_model("practices", "VocabularyWord").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('practices', '0006_accounts'),
    ]

    operations = [
        migrations.RunPython(empty, migrations.RunPython.noop),
        migrations.AddField(
            model_name='indexedpractice',
            name='document',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name='PublicSlug',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=100, unique=True)),
                ('sequence', models.PositiveBigIntegerField(unique=True)),
                ('changed_at', models.DateTimeField()),
                ('gone', models.BooleanField(default=False)),
                ('practice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='public_slugs', to='practices.practice')),
            ],
            options={
                'verbose_name': 'public address',
                'verbose_name_plural': 'public addresses',
            },
        ),
    ]
