"""The search index: a table of each engine's own kind, and the vocabulary beside it."""

import django.db.models.deletion
from django.db import migrations, models

CREATE = {
    "sqlite": [
        "CREATE VIRTUAL TABLE practices_search USING fts5("
        "title, names, gist, body, tokenize='unicode61 remove_diacritics 0')"
    ],
    "postgresql": [
        "CREATE TABLE practices_search (id bigint PRIMARY KEY, document tsvector NOT NULL)",
        "CREATE INDEX practices_search_document ON practices_search USING gin (document)",
    ],
}


def create_index(apps, schema_editor):
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    schema_editor.execute("DROP TABLE practices_search")


class Migration(migrations.Migration):

    dependencies = [
        ('practices', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='IndexedPractice',
            fields=[
                ('practice', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='indexed', serialize=False, to='practices.practice')),
                ('language', models.CharField(max_length=12)),
                ('words', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='VocabularyWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=12)),
                ('word', models.CharField(max_length=60)),
                ('stem', models.CharField(max_length=60)),
                ('practices', models.PositiveIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['word'], name='vocabulary_word'), models.Index(fields=['stem'], name='vocabulary_stem')],
                'constraints': [models.UniqueConstraint(fields=('language', 'word'), name='vocabulary_word_unique')],
            },
        ),
        migrations.RunPython(create_index, drop_index),
    ]
