from datetime import timedelta

from django.db import migrations, models
from django.utils import timezone


def give_a_week(apps, schema_editor):
    """To the one-time passwords that are there."""
    users = apps.get_model("practices", "User").objects.filter(must_change_password=True)
    users.update(one_time_until=timezone.now() + timedelta(days=7))


class Migration(migrations.Migration):

    dependencies = [
        ('practices', '0009_images_and_presence'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='one_time_until',
            field=models.DateTimeField(editable=False, null=True, verbose_name='one-time password good until'),
        ),
        migrations.RunPython(give_a_week, migrations.RunPython.noop),
    ]
