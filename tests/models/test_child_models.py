"""Every kind of rows of a practice is in each list of them."""

from django.apps import apps
from django.contrib import admin
from django.db.models.signals import post_delete, post_save

from practices.editing.practice_admin import PARTS
from practices.exchange.row_values import RELATED_MODELS
from practices.exchange.sheet import EMPTY_ROWS, IN_COLUMNS
from practices.history.snapshots import CHILDREN, RELATIONS
from practices.models import ActiveEditor, ChangeLogEntry, FormerSlug, IndexedPractice, Practice
from practices.models.content_version import indexed_models
from practices.models.practice import child_models
from practices.search import signals
from practices.workflow.permissions import CONTRIBUTORS

NO_ROWS_OF_A_PRACTICE = {
    ActiveEditor,  # who has the form open
    ChangeLogEntry,  # stays when the practice is deleted
    IndexedPractice,  # derived from the practice
    Practice,  # a pending change of another one
}
NOT_EDITED = {FormerSlug}  # stored when a slug changes


def edited() -> set[type]:
    return set(child_models().values()) - NOT_EDITED


def test_a_model_that_refers_to_practices_is_a_kind_of_their_rows_or_a_named_exception():
    models = apps.get_app_config("practices").get_models()
    referring = {
        model for model in models for field in model._meta.concrete_fields if field.related_model is Practice
    }
    assert referring == {*child_models().values(), *NO_ROWS_OF_A_PRACTICE}


def test_snapshots_contain_every_kind_of_rows_in_the_order_of_the_form():
    assert list(CHILDREN) == [part for part in PARTS if part in CHILDREN]
    assert {model for model, _fields in CHILDREN.values()} == edited()
    prefetched = {getattr(relation, "prefetch_to", relation) for relation in RELATIONS}
    assert child_models().keys() <= prefetched


def test_a_save_or_deletion_of_every_kind_of_rows_indexes_the_practice():
    for model in child_models().values():
        assert signals.child_saved in post_save._live_receivers(model)[0]
        assert signals.child_deleted in post_delete._live_receivers(model)[0]


def test_indexing_alone_changes_the_version_for_every_kind_of_rows():
    assert {model._meta.model_name for model in child_models().values()} <= indexed_models()


def test_the_form_and_contributors_have_every_kind_of_rows():
    assert {inline.model for inline in admin.site._registry[Practice].inlines} == edited()
    assert {model._meta.model_name for model in edited()} <= CONTRIBUTORS.keys()


def test_sheets_have_every_kind_of_rows_and_know_what_their_fields_name():
    assert EMPTY_ROWS.keys() <= IN_COLUMNS.keys() == CHILDREN.keys() - {"corridors"}
    named = {name: model._meta.model_name for name, model in RELATED_MODELS.items()}
    assert named == {
        "publication": "publication", "themes": "theme", "objectives": "objective", "country": "country",
        "origin": "country", "destination": "country", "actor": "actor",
    }  # fmt: skip
