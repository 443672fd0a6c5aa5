"""The index with a passage a line and lessons of its own, and the content version."""

import django.db.models.deletion
from django.db import migrations, models

NEW = {
    "sqlite": [
        "CREATE VIRTUAL TABLE practices_indexedpractice_search USING fts5("
        "title, names, gist, body, content='practices_indexedpractice', content_rowid='practice_id', "
        "tokenize='unicode61 remove_diacritics 0')",
        "CREATE VIRTUAL TABLE practices_indexedlesson_search USING fts5("
        "own, context, content='practices_indexedlesson', content_rowid='lesson_id', "
        "tokenize='unicode61 remove_diacritics 0')",
    ],
    "postgresql": [
        "CREATE TABLE practices_indexedpractice_search (id bigint PRIMARY KEY, document tsvector NOT NULL, "
        "to_title tsvector GENERATED ALWAYS AS (ts_filter(document, '{a}')) STORED, "
        "to_names tsvector GENERATED ALWAYS AS (ts_filter(document, '{a,b}')) STORED, "
        "to_gist tsvector GENERATED ALWAYS AS (ts_filter(document, '{a,b,c}')) STORED)",
        "CREATE INDEX practices_indexedpractice_document ON practices_indexedpractice_search "
        "USING gin (document, to_title, to_names, to_gist)",
        "CREATE TABLE practices_indexedlesson_search (id bigint PRIMARY KEY, document tsvector NOT NULL, "
        "to_own tsvector GENERATED ALWAYS AS (ts_filter(document, '{a}')) STORED)",
        "CREATE INDEX practices_indexedlesson_document ON practices_indexedlesson_search "
        "USING gin (document, to_own)",
    ],
}
OLD = {
    "sqlite": [
        "CREATE VIRTUAL TABLE practices_search USING fts5("
        "title, names, gist, body, tokenize='unicode61 remove_diacritics 0')"
    ],
    "postgresql": [
        "CREATE TABLE practices_search (id bigint PRIMARY KEY, document tsvector NOT NULL)",
        "CREATE INDEX practices_search_document ON practices_search USING gin (document)",
    ],
}


def empty(apps, schema_editor):
    """What is derived is made anew by `rebuild_search`, which `prepare` runs when it finds the index empty."""
    apps.get_model("practices", "IndexedPractice").objects.all().delete()
    apps.get_model("practices", "VocabularyWord").objects.all().delete()


def to_new(apps, schema_editor):
    run(schema_editor, ["DROP TABLE practices_search", *NEW[schema_editor.connection.vendor]])


def to_old(apps, schema_editor):
    dropped = [f"DROP TABLE practices_indexed{name}_search" for name in ("practice", "lesson")]
    run(schema_editor, [*dropped, *OLD[schema_editor.connection.vendor]])


def run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('practices', '0002_search'),
    ]

    operations = [
        migrations.RunPython(empty, empty),
        # Lists are narrowed and ordered in memory, and SQLite took these for rows that are asked for by key.
        migrations.RemoveIndex(model_name='practice', name='practice_newest'),
        migrations.RemoveIndex(model_name='practice', name='practice_period'),
        migrations.CreateModel(
            name='ContentVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.UUIDField()),
            ],
        ),
        migrations.AddField(
            model_name='indexedpractice',
            name='title',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='indexedpractice',
            name='names',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='indexedpractice',
            name='gist',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='indexedpractice',
            name='body',
            field=models.TextField(default=''),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='indexedpractice',
            name='passages',
            field=models.JSONField(default=list),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='indexedpractice',
            name='card',
            field=models.JSONField(default=dict),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name='IndexedLesson',
            fields=[
                ('lesson', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='indexed', serialize=False, to='practices.lesson')),
                ('own', models.TextField()),
                ('context', models.TextField()),
            ],
        ),
        migrations.RunPython(to_new, to_old),
    ]
