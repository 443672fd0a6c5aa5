"""Markdown to safe HTML: what a text may do on a page and what it may not."""

import re

import pytest

from practices.values.text import MAX_BRACKETS, MAX_REFERENCE_LENGTH, MAX_RENDERED_LENGTH, _parser, to_html
from practices.values.versioned_cache import VersionedCache

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("One.\n\nTwo.", "<p>One.</p>\n<p>Two.</p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n"),
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>\n"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("a  \nb", "<p>a<br>\nb</p>\n"),
        ("[a](https://example.org/?b=1&c=2)", '<p><a href="https://example.org/?b=1&amp;c=2">a</a></p>\n'),
        ("[a](/practices/)", '<p><a href="/practices/">a</a></p>\n'),
        ('[a](/b/ "Title")', '<p><a href="/b/" title="Title">a</a></p>\n'),
        ("[a](#lesson-3)", '<p><a href="#lesson-3">a</a></p>\n'),
        ("<mailto:a@example.org>", '<p><a href="mailto:a@example.org">mailto:a@example.org</a></p>\n'),
        ("AT&T “quoted” – 5 < 6", "<p>AT&amp;T “quoted” – 5 &lt; 6</p>\n"),
        ("", ""),
    ],
)
def test_a_text_may_be_laid_out(markdown, html):
    assert to_html(markdown) == html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n"),
        ("a <b onclick=alert(1)>b</b>", "<p>a &lt;b onclick=alert(1)&gt;b&lt;/b&gt;</p>\n"),
        ("a <!-- b --> c", "<p>a &lt;!-- b --&gt; c</p>\n"),
        ("&lt;script&gt;", "<p>&lt;script&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](JaVaScRiPt:alert(1))", "<p>[a](JaVaScRiPt:alert(1))</p>\n"),
        ("[a](vbscript:x)", "<p>[a](vbscript:x)</p>\n"),
        ("[a](data:text/html;base64,PHM+)", "<p>[a](data:text/html;base64,PHM+)</p>\n"),
        ("[a](file:///etc/passwd)", "<p>[a](file:///etc/passwd)</p>\n"),
        # What the parser lets through and the cleaning takes away:
        ("[a](data:image/png;base64,iVBO)", "<p><a>a</a></p>\n"),
        ("[a](ftp://example.org/)", "<p><a>a</a></p>\n"),
        ("<tel:+631234567>", "<p><a>tel:+631234567</a></p>\n"),
    ],
)
def test_a_text_brings_no_code_into_a_page(markdown, html):
    assert to_html(markdown) == html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# Head", "<p># Head</p>\n"),
        ("Head\n====", "<p>Head<br>\n====</p>\n"),
        ("![a](https://example.org/a.png)", '<p>!<a href="https://example.org/a.png">a</a></p>\n'),
        ("![a](data:image/png;base64,iVBO)", "<p>!<a>a</a></p>\n"),
        ("    indented", "<p>indented</p>\n"),
        ("***", "<p>***</p>\n"),
    ],
)
def test_a_text_has_no_headings_images_rules_and_blocks_of_code(markdown, html):
    assert to_html(markdown) == html


def definition_used(times: int, address: str, title: str = "") -> str:
    return to_html("[a] " * times + f'\n\n[a]: {address} "{title}"')


def test_an_address_that_is_defined_once_is_linked_at_each_use():
    link = '<a href="https://a.example/b">a</a>'
    assert definition_used(3, "https://a.example/b", "A title") == f"<p>{link} {link} {link}</p>\n"


@pytest.mark.parametrize("sign", ["b", "&amp;", "é"])
def test_uses_of_a_definition_do_not_multiply_a_text(sign):
    text = definition_used(1_000, "https://a.example/" + sign * 1_000)
    assert text.startswith("<p>[a] [a]")
    assert len(text) < 20_000


def test_the_uses_of_a_definition_come_to_so_many_characters_at_most():
    longest = MAX_REFERENCE_LENGTH // 11  # ten uses and the definition itself
    address = "https://a.example/".ljust(longest, "b")
    assert definition_used(10, address).count("<a ") == 10
    assert definition_used(10, address + "b").count("<a ") == 0


def test_the_title_of_a_definition_costs_nothing_at_its_uses():
    text = definition_used(1_000, "https://a.example/", "&" * 40_000)
    assert text == "<p>" + " ".join(['<a href="https://a.example/">a</a>'] * 1_000) + "</p>\n"


def test_a_text_with_very_many_brackets_has_neither_links_nor_footnotes():
    start = "One[^a], *two*, [three](/b/)."
    most, note = MAX_BRACKETS - start.count("["), "\n\n[^a]: First."
    assert 'href="/b/"' in to_html(start + "[" * (most - 1) + note)
    assert to_html(start + "[" * most + note) == (
        f"<p>One[^a], <em>two</em>, [three](/b/).{'[' * most}</p>\n<p>[^a]: First.</p>\n"
    )


def test_a_text_longer_than_any_form_takes_is_shown_as_plain_paragraphs():
    text = "*a* <b>\nc\n\n" + "d" * MAX_RENDERED_LENGTH
    assert to_html(text) == f"<p>*a* &lt;b&gt;<br>c</p>\n\n<p>{'d' * MAX_RENDERED_LENGTH}</p>"


def test_a_text_is_rendered_once_for_each_prefix(monkeypatch):
    rendered = []
    monkeypatch.setattr("practices.values.text.RENDERED", VersionedCache(10_000, size=len))
    monkeypatch.setattr(
        "practices.values.text.nh3.clean", lambda html, **_rules: rendered.append(html) or html
    )
    assert [to_html("One.", prefix) for prefix in ("story", "story", "lesson-1")] == ["<p>One.</p>\n"] * 3
    assert len(rendered) == 2


# Footnotes ---------------------------------------------------------------------------------------------

NOTED = "One[^a] and two[^b], one again[^a].\n\n[^a]: First.\n[^b]: Second."


def ids(html: str) -> list[str]:
    return re.findall(r' id="([^"]*)"', html)


def targets(html: str) -> list[str]:
    return re.findall(r' href="#([^"]*)"', html)


def test_a_footnote_leads_to_its_text_and_back():
    assert to_html("One[^a].\n\n[^a]: First.", "story") == (
        '<p>One<sup class="footnote-ref"><a href="#fn-story-1" id="fnref-story-1">[1]</a></sup>.</p>\n\n'
        '<section class="footnotes">\n<ol class="footnotes-list">\n'
        '<li id="fn-story-1" class="footnote-item"><p>First. '
        '<a href="#fnref-story-1" class="footnote-backref" aria-label="Back to text">↩︎</a></p>\n'
        "</li>\n</ol>\n</section>\n"
    )


def test_every_footnote_link_has_its_target():
    html = to_html(NOTED, "story")
    assert sorted(ids(html)) == sorted(set(targets(html)))
    assert len(ids(html)) == 5  # two notes, three marks


def test_footnotes_of_two_texts_on_one_page_keep_apart():
    parts = [set(ids(to_html(NOTED, prefix))) for prefix in ("story", "lesson-1", "lesson-2", "note")]
    assert [len(part) for part in parts] == [5, 5, 5, 5]
    assert len(set().union(*parts)) == 20


@pytest.mark.parametrize("prefix", ["lesson-1", "lesson-12"])
def test_prefixes_that_end_in_numbers_do_not_run_together(prefix):
    other = {"lesson-1": "lesson-12", "lesson-12": "lesson-1"}[prefix]
    assert set(ids(to_html(NOTED, prefix))) & set(ids(to_html(NOTED, other))) == set()


def test_a_footnote_without_a_text_stays_a_mark():
    assert to_html("One[^a].") == "<p>One[^a].</p>\n"


def test_a_text_cannot_pass_for_the_button_back():
    text = 'class="footnote-backref"'
    assert to_html(text) == f"<p>{text}</p>\n"


def test_the_rules_of_a_parser_are_together_before_any_thread_uses_it():
    """The library builds them at their first use, when a second thread would find some missing."""
    _parser.cache_clear()
    parser = _parser()
    rulers = (parser.core.ruler, parser.block.ruler, parser.inline.ruler, parser.inline.ruler2)
    assert all(ruler.__cache__ for ruler in rulers)
