"""Reads a form from a page as a browser does, so that a test can change a field and submit it."""

from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client


class _Form(HTMLParser):
    """The fields of the form with this id, with their values."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted, self.inside = wanted, False
        self.fields: dict[str, str | list[str]] = {}
        self.textarea = self.select = None

    def handle_starttag(self, tag: str, attributes: list) -> None:
        has = dict(attributes)
        if tag == "form":
            self.inside = has.get("id") == self.wanted
        if not self.inside:
            return
        name = has.get("name")
        if tag == "input" and name and has.get("type") not in {"submit", "button", "file"}:
            if has.get("type") not in {"checkbox", "radio"} or "checked" in has:
                on = "on" if has.get("type") == "checkbox" else ""
                self.fields[name] = has.get("value") or on
        elif tag == "textarea":
            self.textarea, self.fields[name] = name, ""
        elif tag == "select":
            self.select, self.fields[name] = name, [] if "multiple" in has else ""
        elif tag == "option" and self.select and "selected" in has:
            if isinstance(self.fields[self.select], list):
                self.fields[self.select].append(has.get("value", ""))
            else:
                self.fields[self.select] = has.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.textarea:
            text = self.fields[self.textarea]
            self.fields[self.textarea] = text.replace("\r\n", "\n").removeprefix("\n")
            self.textarea = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.fields[self.textarea] += data


def form_of(response: HttpResponse, wanted: str) -> dict[str, str | list[str]]:
    """Return what a browser would submit for the unchanged form with the id `wanted`."""
    assert response.status_code in {200, 403, 503}, response
    form = _Form(wanted)
    form.feed(response.content.decode())
    assert form.fields, f"there is no form {wanted!r} in this page"
    return form.fields


class PracticePage:
    """The change form of a practice: `fill` and `add_row` as an editor does, then `save`."""

    def __init__(self, client: Client, address: str) -> None:
        self.client, self.address = client, address
        self.data = form_of(client.get(address), "practice_form")

    def fill(self, **values: str | list[str]) -> None:
        """Fill fields; names have two underscores where the page has a hyphen: lessons__0__text."""
        for name, value in values.items():
            field = name.replace("__", "-")
            assert field in self.data or field.endswith("-DELETE"), f"the page has no field {field!r}"
            self.data[field] = value

    def add_row(self, inline: str, **values: str) -> None:
        """Fill the first empty row; if there is none, press “Add another” first."""
        empty = f"{inline}-__prefix__-"
        blank = {name.removeprefix(empty): was for name, was in self.data.items() if name.startswith(empty)}
        number = int(self.data[f"{inline}-INITIAL_FORMS"])
        while any(self.data.get(f"{inline}-{number}-{name}", was) != was for name, was in blank.items()):
            number += 1
        for name, value in blank.items():
            self.data.setdefault(f"{inline}-{number}-{name}", value)
        self.data[f"{inline}-TOTAL_FORMS"] = str(max(number + 1, int(self.data[f"{inline}-TOTAL_FORMS"])))
        self.fill(**{f"{inline}__{number}__{name}": value for name, value in values.items()})

    def save(self) -> HttpResponse:
        return self.client.post(self.address, self.data)


def errors_of(response: HttpResponse) -> dict[str, list[str]]:
    """Return all messages of a refused form by field, with rows by number: {"places-0-country": […]}."""
    context = response.context
    found = {name: list(said) for name, said in context["adminform"].form.errors.items()}
    for inline in context["inline_admin_formsets"]:
        prefix = inline.formset.prefix
        for number, errors in enumerate(inline.formset.errors):
            found |= {f"{prefix}-{number}-{name}": list(said) for name, said in errors.items()}
        if inline.formset.non_form_errors():
            found[prefix] = list(inline.formset.non_form_errors())
    return found
