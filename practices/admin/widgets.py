"""Fields that the desk's scripts know: each is an ordinary one where they do not run."""

from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.urls import reverse_lazy


def markdown(rows: int) -> AdminTextareaWidget:
    """A text in Markdown, with a toolbar and a preview (static/js/desk/markdown.js)."""
    return AdminTextareaWidget(attrs={"rows": rows, "data-markdown": ""})


def period() -> AdminTextInputWidget:
    """A period that says how it is understood (static/js/desk/period.js)."""
    return AdminTextInputWidget(attrs={"data-period": reverse_lazy("admin:assist_period")})
