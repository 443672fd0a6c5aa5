from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

NAMES = ("presence", "activeeditor"), ("presence", "active editor")


def rename_permissions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Renames the four permissions of the model, which Django would keep under the former name too."""
    replace_in_permissions(apps, *NAMES)


def restore_permissions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    replace_in_permissions(apps, *((new, old) for old, new in NAMES))


def replace_in_permissions(apps: StateApps, codename: tuple[str, str], name: tuple[str, str]) -> None:
    permissions = apps.get_model("auth", "Permission").objects
    for row in permissions.filter(content_type__app_label="practices", codename__endswith=f"_{codename[0]}"):
        row.codename, row.name = row.codename.replace(*codename), row.name.replace(*name)
        row.save()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("practices", "0019_lesson_numbers"),
    ]

    operations = [
        migrations.RemoveConstraint("presence", "presence_once"),
        migrations.RenameModel("Presence", "ActiveEditor"),
        migrations.AddConstraint(
            "activeeditor", models.UniqueConstraint(fields=["practice", "user"], name="active_editor_once")
        ),
        migrations.RunPython(rename_permissions, restore_permissions),
        migrations.RenameField("revision", "record", "snapshot"),
        migrations.RenameField("referenceversion", "record", "snapshot"),
        migrations.AlterField("revision", "snapshot", models.JSONField(verbose_name="snapshot")),
        migrations.AlterField("referenceversion", "snapshot", models.JSONField(verbose_name="snapshot")),
    ]
