"""Standard names for the change log and for the columns of the search index. All rows are kept."""

import django.db.models.deletion
from django.db import migrations, models

FTS5_COLUMNS = {
    "practices_indexedpractice": (
        "practice_id", "title, names, summary_and_lessons, story_and_sources", "title, names, gist, body"
    ),
    "practices_indexedlesson": ("lesson_id", "text, practice_text", "own, context"),
}
# PostgreSQL's columns of the first fields each: table, new name, old name.
VECTORS = (
    ("practices_indexedpractice_search", "to_summary_and_lessons", "to_gist"),
    ("practices_indexedlesson_search", "to_text", "to_own"),
)


def to_new(apps, schema_editor):
    rename(schema_editor, reverse=False)


def to_old(apps, schema_editor):
    rename(schema_editor, reverse=True)


def rename(schema_editor, reverse):
    """Rename the columns of the engine's tables. FTS5 cannot: its tables are created again from the index rows."""
    if schema_editor.connection.vendor == "postgresql":
        for table, new, old in VECTORS:
            before, after = (new, old) if reverse else (old, new)
            schema_editor.execute(f"ALTER TABLE {table} RENAME COLUMN {before} TO {after}")
        return
    for table, (key, new, old) in FTS5_COLUMNS.items():
        schema_editor.execute(f"DROP TABLE {table}_search")
        schema_editor.execute(
            f"CREATE VIRTUAL TABLE {table}_search USING fts5({old if reverse else new}, content='{table}', "
            f"content_rowid='{key}', tokenize='unicode61 remove_diacritics 0')"
        )
        schema_editor.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')")


def rename_permissions(apps, schema_editor, old="publicslug", new="changelogentry"):
    """Rename the four permissions of the model, which Django would keep under the former name too."""
    for permission in apps.get_model("auth", "Permission").objects.filter(codename__endswith=f"_{old}"):
        permission.codename = permission.codename.replace(old, new)
        permission.save()


def restore_permissions(apps, schema_editor):
    rename_permissions(apps, schema_editor, "changelogentry", "publicslug")


class Migration(migrations.Migration):

    dependencies = [
        ('practices', '0020_plain_names'),
    ]

    operations = [
        migrations.RenameModel('PublicSlug', 'ChangeLogEntry'),
        migrations.RenameField('ChangeLogEntry', 'gone', 'removed'),
        migrations.AlterField(
            model_name='changelogentry',
            name='practice',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='change_log_entries', to='practices.practice'),
        ),
        migrations.AlterModelOptions(
            name='changelogentry',
            options={'verbose_name': 'change log entry', 'verbose_name_plural': 'change log'},
        ),
        migrations.RunPython(rename_permissions, restore_permissions),
        migrations.RunPython(migrations.RunPython.noop, to_old),
        migrations.RenameField('IndexedPractice', 'gist', 'summary_and_lessons'),
        migrations.RenameField('IndexedPractice', 'body', 'story_and_sources'),
        migrations.RenameField('IndexedLesson', 'own', 'text'),
        migrations.RenameField('IndexedLesson', 'context', 'practice_text'),
        migrations.RunPython(to_new, migrations.RunPython.noop),
    ]
