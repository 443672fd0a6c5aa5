import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def end_sessions(apps, schema_editor):
    """The keys that the table held may have been read, so no session that has one goes on."""
    apps.get_model("practices", "Session").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('practices', '0011_versions_of_references'),
    ]

    operations = [
        migrations.RunPython(end_sessions, end_sessions),
        migrations.AlterField(
            model_name='secondfactor',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='session',
            name='session_key',
            field=models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name='SHA-256 hash of the session key'),
        ),
        migrations.AlterField(
            model_name='session',
            name='user',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
    ]
