"""Every field that editors fill in is in the form, the API and the exports."""

import pytest
from django.contrib.admin.utils import flatten_fieldsets

from practices.editing.practice_admin import PracticeAdmin
from practices.exchange.tables import CSV_COLUMNS
from practices.exchange.xlsx_writer import WORKBOOK_COLUMNS
from practices.history.differences import COMPARED_BY_WORDS
from practices.history.snapshots import FIELDS, LINKS
from practices.models import Practice
from practices.serializers.practices import PracticeSerializer

PLACES = {
    "form": flatten_fieldsets(PracticeAdmin.fieldsets),
    "API": PracticeSerializer.Meta.fields,
    "CSV": CSV_COLUMNS,
    "XLSX": [column.name for column in WORKBOOK_COLUMNS],
    "snapshots": [*FIELDS, *LINKS],
}


@pytest.mark.parametrize("place", PLACES)
def test_a_field_that_editors_fill_in_is_in_every_list_of_fields(place):
    fields = (*Practice._meta.fields, *Practice._meta.many_to_many)
    # The status changes by the steps of the workflow. What the API and the exports contain is published.
    entered = {field.name for field in fields if field.editable and not field.primary_key} - {"status"}
    assert entered <= set(PLACES[place])


def test_the_title_and_texts_in_markdown_are_compared_by_words():
    assert {"title", "summary", "story", "editors_note"} == COMPARED_BY_WORDS
