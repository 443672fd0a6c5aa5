import django.core.validators
from django.db import migrations, models
from django.db.models import F, OuterRef, Subquery


def give_numbers(apps, schema_editor):
    """Each lesson gets its place as its number, since that was its address. One query, and one for each
    practice that was public, whose lessons are remembered as public."""
    Lesson, Practice = (apps.get_model("practices", name) for name in ("Lesson", "Practice"))
    Lesson.objects.update(number=F("order"))
    highest = Lesson.objects.filter(practice=OuterRef("pk")).order_by("-number").values("number")[:1]
    Practice.objects.exclude(lessons=None).update(last_lesson_number=Subquery(highest))
    public = Practice.objects.filter(published_at__isnull=False, replaces=None)
    by_practice = {}
    for practice, number in (
        Lesson.objects.filter(practice__in=public).order_by("number").values_list("practice", "number")
    ):
        by_practice.setdefault(practice, []).append(number)
    for practice, numbers in by_practice.items():
        Practice.objects.filter(pk=practice).update(public_lessons=numbers)


NUMBER = {
    "blank": True,
    "editable": False,
    "help_text": "Its permanent number, which is part of its address. Empty for a new lesson.",
    "validators": [
        django.core.validators.MinValueValidator(1),
        django.core.validators.MaxValueValidator(1000000),
    ],
    "verbose_name": "number",
}


class Migration(migrations.Migration):

    dependencies = [
        ('practices', '0018_names_in_any_case'),
    ]

    operations = [
        migrations.AddField("lesson", "number", models.PositiveIntegerField(null=True, **NUMBER)),
        migrations.AddField(
            model_name='practice',
            name='last_lesson_number',
            field=models.PositiveIntegerField(default=0, editable=False, validators=[django.core.validators.MaxValueValidator(1000000)], verbose_name='highest lesson number ever given'),
        ),
        migrations.AddField(
            model_name='practice',
            name='public_lessons',
            field=models.JSONField(blank=True, default=list, editable=False, verbose_name='numbers of the lessons that were ever public'),
        ),
        migrations.RunPython(give_numbers, migrations.RunPython.noop),
        migrations.AlterField("lesson", "number", models.PositiveIntegerField(**NUMBER)),
        migrations.AddConstraint(
            model_name='lesson',
            constraint=models.UniqueConstraint(fields=('practice', 'number'), name='lesson_number_unique', violation_error_message='Another lesson of this practice has this number.'),
        ),
        migrations.AddConstraint(
            model_name='lesson',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='lesson_number_from_1'),
        ),
    ]
