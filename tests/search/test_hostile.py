"""Hostile queries: no text becomes syntax of an engine, breaks the page, or finds too much."""

import re

import pytest

from practices.models import Synonym
from practices.search.highlighting import best_passages
from tests.factories import make_practice
from tests.search.helpers import ask, found, ranked

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SIGNS = [
    "bonds*", "*bonds", "b*nds", "^bonds", "bonds^2", "+bonds", "bonds+", "bonds~", "bonds?", "bonds!",
    "(bonds", "bonds)", "((bonds))", ")bonds(", "{bonds}", "[bonds]", "<bonds>", "bonds:", ":bonds",
    "title:bonds", "title : bonds", "{title names} : bonds", "-title:bonds", "practices_search:bonds",
    "rowid:bonds", "rank:bonds", "NEAR(bonds", "NEAR(bonds migrants, 2)", "bonds NEAR migrants",
    "bonds NEAR/2 migrants", "bonds AND migrants", "bonds OR migrants", "bonds NOT migrants",
    "NOT bonds", "AND", "OR", "NOT", "NEAR", "AND OR NOT", "bonds AND", "OR bonds", "bonds AND NOT",
    "bonds & migrants", "bonds | migrants", "!bonds", "!!bonds", "bonds & !migrants",
    "bonds <-> migrants", "bonds <2> migrants", "bonds:A", "bonds:*", "bonds:ABCD", "bonds:*A",
    "'bonds':A", "& | ! <-> :A", "&", "|", "!", "<->", ":*", "bonds'", "'bonds", "'bonds'", "''",
    "bonds''", '"', '""', '"""', '"bonds', 'bonds"', '""bonds""', 'bonds " migrants',
    '"bonds" "migrants', '-"bonds', '-"', '"-bonds"', '" "', "“", "”bonds", "«", "»«", "\\", "bonds\\",
    "\\bonds", "\\'bonds", "bonds\\\\", '\\"bonds\\"', "bonds%", "%", "_", "b_nds", "%bonds%",
    "' OR 1=1 --", "'; DROP TABLE practices_practice; --", "bonds'); SELECT 1; --", "%s", "%(q)s",
    "{0}", "{{", "{% now %}", "$1", "?", "?1", ":1", "bonds\0", "\0", "\0bonds\0migrants", "bo\0nds",
    "bonds\x1b[0m", "\x00\x01\x02\x7f", "\ud800bonds", "\ufffe\uffff", "bonds\u200b", "\u200bbonds",
    "bo\u200dnds", "\u200e\u200f", "\u202ebonds", "\u202esdnob\u202c", "\ufeffbonds",
    "\u2028bonds\u2029", "سندات", "مهاجر -سندات", "אגח", "😀", "bonds😀", "😀 -😀", "👩‍👩‍👧", "🇵🇭",
    "𝐛𝐨𝐧𝐝𝐬", "ｂｏｎｄｓ", "Ⓑⓞⓝⓓⓢ", "ǅ", "ﷺ", "ß", "İ", "ı", "ͅ", "०१२", "½", "৴", "𞤀𞤁", "ʼ", "ʼbonds",
    "e" + "\u0301" * 400, "x" * 500, "x " * 250, "bonds " * 83, "-" * 500, '"' * 500, "(" * 500,
    "-bonds " * 70, '"bonds" ' * 60, "a&" * 250, "'" * 500, "<script>alert(1)</script>", "--",
    "---bonds", "-", "null", "None", "true", "NaN", "1e999", "0x41", "9" * 500, "../../etc/passwd",
    "bonds\r\nSet-Cookie: a=b",
]  # fmt: skip


def collection() -> None:
    """Two that may be found, and one that no question here may find: its words are in none of them."""
    make_practice("Bonds of migrants", slug="bonds", summary="", story="x")
    make_practice("Migrants", slug="migrants", summary="", story="x")
    make_practice("Zarzuela", slug="canary", status="draft", summary="bonds title names or and not near")
    make_practice("Wholly unlike", slug="unlike", summary="", story="qqq")


def test_no_text_breaks_the_search_or_finds_what_it_should_not():
    collection()
    for text in SIGNS:
        answer = ask(text)
        slugs = ranked(text)
        assert (text, sorted(slugs)) == (text, found(text))
        if answer.query.terms:
            assert (text, set(slugs) - {"bonds", "migrants"}) == (text, set())
        elif not answer.query.unwanted:
            assert (text, sorted(slugs)) == (text, ["bonds", "migrants", "unlike"])
        best_passages(answer, answer.pks)


def test_page_and_api_answer_every_text_alike(client):
    collection()
    for text in SIGNS:
        sent = text.encode("utf-8", "replace").decode()
        page = client.get("/practices/", {"q": sent})
        answer = client.get("/api/v1/practices/", {"q": sent})
        refused = "\0" in sent
        assert (sent, page.status_code, answer.status_code) == (sent, 200, 400 if refused else 200)
        html = page.content.decode()
        assert [word for word in ("canary", "Zarzuela", "<script>alert") if word in html] == []
        if not refused:
            slugs = [row["slug"] for row in answer.json()["results"]]
            assert (sent, slugs) == (sent, ranked(sent.strip()))
            assert re.findall(r'<h\d[^>]*>\s*<a href="/practices/([\w-]+)/', html) == slugs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bonds*", ["bonds"]),
        ("bon*", ["bonds"]),
        ("*onds", []),
        ("*bonsd", ["bonds"]),  # mended: two letters changed places
        ("title:bonds", ["bonds"]),  # “title” is a word like others, and half of the words are there
        ("names:migrants", ["bonds", "migrants"]),
        ("bonds OR piano", ["bonds"]),
        ("migrants NOT bonds", ["bonds"]),
        ("migrants AND bonds", ["bonds"]),
        ("bonds | zebra | giraffe", []),
        ("!bonds", ["bonds"]),
        ("migrants & !bonds", ["bonds"]),
        ("migrants <-> bonds", ["bonds"]),
        ("NEAR(bonds migrants)", ["bonds", "migrants"]),  # two of three words
        ('"bonds migrants', []),
        ('"bonds of migrants', ["bonds"]),
        ("' OR 1=1 --", []),
        ("%", ["bonds", "migrants", "unlike"]),
        ("b_nds", []),
        ("bo\0nds", []),
        ("Ⓑⓞⓝⓓⓢ", ["bonds", "migrants", "unlike"]),  # circled letters are signs, and signs ask nothing
        ("bo\u200dnds", ["bonds"]),
    ],
)
def test_signs_of_the_engines_mean_nothing(text, expected):
    collection()
    assert found(text) == expected


def test_any_text_can_be_written_and_found_again():
    """What is indexed is as strange as what is asked; PostgreSQL stores neither NUL nor half characters."""
    practice = make_practice(slug="here", title="Bonds", summary="", lessons=("Lesson",))
    for sign in SIGNS:
        text = sign.replace("\0", "").encode("utf-8", "ignore").decode()
        practice.story = f"Bonds {text}"
        practice.save()
        Synonym.objects.update_or_create(pk=1, defaults={"words": f"{text}, loans"})
        quoted = re.sub('["“”„«»]', " ", text)
        assert (text, found(f'"{quoted}"'), found("bonds")) == (text, ["here"], ["here"])
        found("loans")  # the group of the strange text makes no error


def test_there_are_enough_of_them():
    assert len(set(SIGNS)) == len(SIGNS) >= 60
