"""Citations of a practice for readers and for reference managers."""

import re
from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from practices.exchange.citations import apa, bibtex, chicago, full_stop, html_to_text, ris, single_line
from practices.exchange.formats import FORMATS
from practices.models import Practice
from practices.values.text import one_line as kept_line
from tests.factories import make_actor, make_practice, make_publication, make_theme

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 4)
CASE = "cooperatives-in-costa-rica"


@pytest.fixture(autouse=True)
def site(settings) -> None:
    settings.SITE_NAME, settings.SITE_URL = "Migration shelf", "https://shelf.example"


def loaded(practice: Practice | str) -> Practice:
    slug = practice if isinstance(practice, str) else practice.slug
    return Practice.objects.for_detail().get(slug=slug)


def in_a_book(title: str = "Sen Bonds", book: str = "Seeds", language: str = "en", **fields) -> Practice:
    """A practice that first appeared in a publication; `fields` are the publication's."""
    publisher = make_actor("ngo", name="Towns and Migrants")
    publication = make_publication(title=book, **{"publisher": publisher} | fields)
    return loaded(make_practice(title, slug="a", language=language, publication=publication))


def own(title: str = "Sen Bonds", **fields) -> Practice:
    """A practice of the portal itself."""
    day = datetime(2026, 3, 9, 12, tzinfo=UTC)
    return loaded(make_practice(title, **{"slug": "a", "published_at": day} | fields))


def tags(text: str) -> dict[str, str]:
    """Return the lines of one RIS entry by tag; of a repeated tag the last."""
    return dict(line.split("  - ", 1) for line in text.removesuffix("\r\n").split("\r\n"))


def fields(text: str) -> dict[str, str]:
    """Return the fields of one BibTeX entry by name."""
    return dict(re.findall(r"^  (\w+) = \{(.*)\},$", text, re.M))


# The cases that the portal comes with


def test_a_case_of_the_booklet_in_apa_style(jmdi):
    assert apa(loaded(CASE), TODAY) == (
        "Joint Migration and Development Initiative. (n.d.). Cooperatives in Costa Rica: Mapping and "
        "understanding migrant communities abroad and remittance flows (retold by Migration shelf). In "
        "<em>Useful practices on migration and local development</em>. Retrieved November 4, 2026, from "
        "https://shelf.example/practices/cooperatives-in-costa-rica/"
    )


def test_a_case_of_the_booklet_in_chicago_style(jmdi):
    assert chicago(loaded("story-of-hugo-salinas"), TODAY) == (
        "Joint Migration and Development Initiative. “The Story of Hugo Salinas.” Retold by Migration shelf. "
        "In <em>Useful practices on migration and local development</em>. Joint Migration and Development "
        "Initiative, n.d. Accessed November 4, 2026. https://shelf.example/practices/story-of-hugo-salinas/."
    )


def whole_file(name: str, practices: list[Practice]) -> str:
    return b"".join(FORMATS[name].write(practices)).decode()


def test_a_case_of_the_booklet_in_bibtex(jmdi):
    assert bibtex(loaded("story-of-hugo-salinas"), TODAY) == (
        "@incollection{story-of-hugo-salinas,\n"
        "  author = {{Joint Migration and Development Initiative}},\n"
        "  title = {{The Story of Hugo Salinas}},\n"
        "  booktitle = {{Useful practices on migration and local development}},\n"
        "  publisher = {{Joint Migration and Development Initiative}},\n"
        "  note = {Retold by Migration shelf},\n"
        "  url = {https://shelf.example/practices/story-of-hugo-salinas/},\n"
        "  urldate = {2026-11-04},\n"
        "  language = {english},\n"
        "  keywords = {El Salvador, Using networks for local development, Collective investment, "
        "Skills through long-term return, Linking migration and local development},\n"
        "  abstract = {After many years in the United States, Hugo Salinas came home to Intipucá, El "
        "Salvador, and was Mayor from 2009 to 2012. He refinanced the town’s debt, held open council "
        "meetings and made Intipucans abroad its ambassadors. His story shows what former emigrants can do "
        "for the places they come from.},\n"
        "}\n"
    )


def test_a_case_of_the_booklet_in_ris(jmdi):
    assert ris(loaded("fear-of-visibility-in-elections-ecuador"), TODAY).split("\r\n") == [
        "TY  - CHAP",
        "AU  - Joint Migration and Development Initiative",
        "TI  - Challenges in data collection: how to overcome fear of visibility in election processes",
        "T2  - Useful practices on migration and local development",
        "PB  - Joint Migration and Development Initiative",
        "DB  - Migration shelf",
        "N1  - Retold by Migration shelf",
        "UR  - https://shelf.example/practices/fear-of-visibility-in-elections-ecuador/",
        "Y2  - 2026/11/04",
        "LA  - en",
        "KW  - Ecuador",
        "KW  - Migrant rights",
        "KW  - Linking migration and local development",
        "KW  - Partnerships and dialogue",
        "KW  - Empowering migrants",
        "AB  - When Ecuadorians abroad first voted in 2006, cost, distance and the fear of being seen "
        "without papers could have kept people away. Ecuador’s government then improved information and "
        "registration, and sent consular brigades to cities where many Ecuadorians live. The number "
        "of registered voters grew.",
        "ER  - ",
        "",
    ]


def test_every_case_has_an_entry_of_its_own_without_a_query_more(jmdi, django_assert_num_queries):
    practices = list(Practice.objects.published().for_detail())
    with django_assert_num_queries(0):
        written, lines = whole_file("bib", practices), whole_file("ris", practices)
        read = {form(practice, TODAY) for form in (apa, chicago) for practice in practices}
    keys = re.findall(r"^@incollection\{([\w-]+),$", written, re.M)
    assert sorted(keys) == sorted({practice.slug for practice in practices})
    assert lines.count("TY  - CHAP\r\n") == lines.count("ER  - \r\n") == len(keys) == 17
    assert len(read) == 34
    assert balanced(written)


# With and without a publication, and its date


def test_a_practice_of_the_portals_own_is_cited_as_its_page():
    practice = own(summary="Savings *at home*.", countries=("PH",), themes=("savings",))
    page = "https://shelf.example/practices/a/"
    assert apa(practice, TODAY) == (
        f"Migration shelf. (2026, March 9). <em>Sen Bonds</em>. Retrieved November 4, 2026, from {page}"
    )
    assert chicago(practice, TODAY) == (
        f"Migration shelf. “Sen Bonds.” March 9, 2026. Accessed November 4, 2026. {page}."
    )
    assert bibtex(practice, TODAY) == (
        "@misc{a,\n"
        "  author = {{Migration shelf}},\n"
        "  title = {{Sen Bonds}},\n"
        "  year = {2026},\n"
        f"  url = {{{page}}},\n"
        "  urldate = {2026-11-04},\n"
        "  language = {english},\n"
        "  keywords = {Country PH, Savings},\n"
        "  abstract = {Savings at home.},\n"
        "}\n"
    )
    assert ris(practice, TODAY) == (
        "TY  - ELEC\r\nAU  - Migration shelf\r\nTI  - Sen Bonds\r\nT2  - Migration shelf\r\nPY  - 2026\r\n"
        f"UR  - {page}\r\nY2  - 2026/11/04\r\nLA  - en\r\nKW  - Country PH\r\nKW  - Savings\r\n"
        "AB  - Savings at home.\r\nER  - \r\n"
    )


def test_a_practice_that_was_never_published_has_no_date():
    practice = own(status="draft", published_at=None)
    assert "Migration shelf. (n.d.). <em>Sen Bonds</em>. " in apa(practice, TODAY)
    assert "“Sen Bonds.” n.d. Accessed" in chicago(practice, TODAY)
    assert "year" not in fields(bibtex(practice, TODAY))
    assert "PY" not in tags(ris(practice, TODAY))


@pytest.mark.parametrize(
    ("period", "years", "year"),
    [
        (None, "n.d.", None),
        ("2015", "2015", "2015"),
        ("2015-02", "2015", "2015"),
        ("2015-02-12", "2015", "2015"),
        ("2015-24", "2015", "2015"),
        ("2015~", "ca. 2015", "2015"),
        ("2015?", "ca. 2015", "2015"),
        ("2014/2016", "2014–2016", "2014"),
        ("2014-03/2014-09", "2014", "2014"),
        ("2014/..", "2014–", "2014"),
        ("../2015", "–2015", "2015"),
        ("201X", "2010–2019", None),
    ],
)
def test_the_date_of_a_publication(period, years, year):
    practice = in_a_book(date=period)
    assert apa(practice, TODAY) == (
        f"Towns and Migrants. ({years}). Sen Bonds (retold by Migration shelf). In <em>Seeds</em>. "
        "Retrieved November 4, 2026, from https://shelf.example/practices/a/"
    )
    assert f"</em>. Towns and Migrants, {years.removesuffix('.')}. Accessed" in chicago(practice, TODAY)
    assert fields(bibtex(practice, TODAY)).get("year") == year
    assert tags(ris(practice, TODAY)).get("PY") == year


def test_a_site_that_publishes_itself_is_named_once(settings):
    settings.SITE_NAME = "Towns and Migrants"
    practice = in_a_book(date="2015")
    assert apa(practice, TODAY) == (
        "Towns and Migrants. (2015). Sen Bonds. In <em>Seeds</em>. Retrieved November 4, 2026, from "
        "https://shelf.example/practices/a/"
    )
    assert chicago(practice, TODAY).startswith(
        "Towns and Migrants. “Sen Bonds.” In <em>Seeds</em>. Towns and Migrants, 2015. Accessed November"
    )
    assert "note" not in fields(bibtex(practice, TODAY))


def test_the_author_is_the_publisher_without_its_acronym():
    publisher = make_actor("acme", name="Acme & Sons Inc.", acronym="ASI")
    practice = in_a_book(publisher=publisher)
    assert apa(practice, TODAY).startswith(
        "Acme &amp; Sons Inc. (n.d.). Sen Bonds (retold by Migration shelf). In"
    )
    assert fields(bibtex(practice, TODAY))["author"] == r"{Acme \& Sons Inc.}"
    assert tags(ris(practice, TODAY))["AU"] == "Acme & Sons Inc."


# Titles


@pytest.mark.parametrize(
    ("title", "in_apa", "in_chicago"),
    [
        ("Why return?", "Why return?", "“Why return?”"),
        ("Return…", "Return…", "“Return…”"),
        ("The “Sen Bonds”", "The “Sen Bonds”", "“The ‘Sen Bonds.’”"),
        ("“Why?” they ask", "“Why?” they ask", "“‘Why?’ they ask.”"),
        ('Say "why?"', "Say &quot;why?&quot;", "“Say ‘why?’”"),
        ("The workers’", "The workers’", "“The workers’.”"),
        ("A & B", "A &amp; B", "“A &amp; B.”"),
        ("One\n two\u2028\tthree", "One two three", "“One two three.”"),
        (
            "</em><script>alert(1)</script>",
            "&lt;/em&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
            "“&lt;/em&gt;&lt;script&gt;alert(1)&lt;/script&gt;.”",
        ),
    ],
)
def test_a_title_is_shown_as_it_is_and_has_one_stop_where_it_ends_a_sentence(title, in_apa, in_chicago):
    practice = in_a_book(title)
    assert apa(practice, TODAY).startswith(f"Towns and Migrants. (n.d.). {in_apa} (retold by ")
    assert chicago(practice, TODAY).startswith(f"Towns and Migrants. {in_chicago} Retold by ")


def test_a_text_is_brought_onto_one_line_without_control_characters():
    assert single_line(" a\r\nb\x00\x1b[0m\x9b \u200fc\u00a0d ") == "a b[0m \u200fc d"


@pytest.mark.parametrize("mark", list(".?!…؟"))
def test_no_stop_follows_a_sign_that_ends_a_sentence(mark):
    assert [full_stop("Return" + end) for end in ("", mark, mark + "”", mark + '"')] == [".", "", "", ""]


def test_the_title_of_a_page_or_a_book_is_emphasised_and_safe():
    practice = own("<b>Who</b> returns?", slug="own")
    assert "<em>&lt;b&gt;Who&lt;/b&gt; returns?</em> Retrieved" in apa(practice, TODAY)
    practice = in_a_book("Sen", book="<b>Who</b> returns?")
    assert "). In <em>&lt;b&gt;Who&lt;/b&gt; returns?</em> Retrieved " in apa(practice, TODAY)
    assert "In <em>&lt;b&gt;Who&lt;/b&gt; returns?</em> Towns and Migrants, n.d. " in chicago(practice, TODAY)


def test_an_arabic_title_keeps_its_direction_and_names_its_language():
    practice = in_a_book("العودة", language="ar", book="Graines d’avenir", **{"date": "2015"})
    practice.publication.language = "fr"
    assert apa(practice, TODAY).startswith(
        'Towns and Migrants. (2015). <bdi lang="ar" dir="rtl">العودة</bdi> (retold by Migration shelf). In '
        '<em><bdi lang="fr" dir="ltr">Graines d’avenir</bdi></em>. Retrieved'
    )
    assert chicago(practice, TODAY).startswith(
        'Towns and Migrants. “<bdi lang="ar" dir="rtl">العودة.</bdi>” Retold by Migration shelf. In '
        '<em><bdi lang="fr" dir="ltr">Graines d’avenir</bdi></em>. '
    )
    assert html_to_text(apa(practice, TODAY)).startswith("Towns and Migrants. (2015). العودة (retold by")
    assert fields(bibtex(practice, TODAY))["title"] == "{العودة}"
    assert fields(bibtex(practice, TODAY))["language"] == "arabic"
    assert (tags(ris(practice, TODAY))["TI"], tags(ris(practice, TODAY))["LA"]) == ("العودة", "ar")


def test_the_longest_title_is_cited_whole():
    title = ("migration " * 25)[:249] + "."
    practice = in_a_book(title)
    for form in (apa, chicago, bibtex, ris):
        written = form(practice, TODAY)
        assert title.strip() in written


def test_copied_text_has_no_markup():
    html = apa(in_a_book('A < B & "C"', book="D > E"), TODAY)
    assert "A &lt; B &amp; &quot;C&quot; (retold by Migration shelf). In <em>D &gt; E</em>" in html
    assert html_to_text(html) == (
        'Towns and Migrants. (n.d.). A < B & "C" (retold by Migration shelf). In D > E. '
        "Retrieved November 4, 2026, from https://shelf.example/practices/a/"
    )


# BibTeX and RIS hold any text


def balanced(text: str) -> bool:
    """Whether every brace is closed, counted as BibTeX does: a backslash makes no difference."""
    depth = 0
    for sign in re.findall(r"[{}]", text):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    return depth == 0


TEX = {
    r"\textbackslash{}": "\\",
    r"\textbraceleft{}": "{",
    r"\textbraceright{}": "}",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    **{f"\\{sign}": sign for sign in "%&#_$"},
}


def untex(value: str) -> str:
    """Return a field as BibTeX would print it."""
    value = value.removeprefix("{").removesuffix("}") if value.startswith("{") else value
    return re.sub(r"\\(?:text\w+\{\}|.)", lambda match: TEX[match[0]], value)


HOSTILE = [
    "{", "}", "}}, year = {1", "{{}", "\\", "\\}", "\\textbf{x}", "\\\\{", "100%",
    "a & b # c _ d $ e ~ f ^ g", "}\n@misc{b,", "<script>alert(1)</script>", 'Say "x", y = 1',
    "“Seeds” and others", "العودة {إلى}",
    "ER  -", "TY  - BOOK", "One\r\nER  - \r\nTY  - BOOK", "Two\u2028three\x85four\x0bfive\x1ftab\tend",
    "é ñ ü ß 移民 👩‍🌾 \u200fعربي\u200e",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_comes_back_as_it_was(text):
    make_actor("ngo", name=text)
    practice = in_a_book(text, book=text, publisher=make_actor("ngo"))
    practice.summary = ""
    written = bibtex(practice, TODAY)
    assert balanced(written)
    assert written.count("\n@") == 0
    found = fields(written)
    assert list(found) == [
        "author", "title", "booktitle", "publisher", "note", "url", "urldate", "language",
    ]  # fmt: skip
    expected = " ".join(kept_line(text).split())
    assert {untex(found[name]) for name in ("author", "title", "booktitle", "publisher")} == {expected}
    lines = ris(practice, TODAY)
    assert len(lines.splitlines()) == 11
    assert (tags(lines)["AU"], tags(lines)["TI"], tags(lines)["T2"]) == (expected, expected, expected)


def test_a_summary_becomes_an_abstract_of_one_line():
    practice = own(summary="One *and* **two**:\n\n- 50% {x}\n- <b>three</b> & [four](https://example.org)")
    said = "One and two: 50% {x} <b>three</b> & four"
    assert tags(ris(practice, TODAY))["AB"] == said
    abstract = fields(bibtex(practice, TODAY))["abstract"]
    assert abstract == r"One and two: 50\% \textbraceleft{}x\textbraceright{} <b>three</b> \& four"
    assert untex(abstract) == said


def test_a_keyword_with_a_comma_stays_one_keyword():
    make_theme("rights", name="Rights, duties & all")
    practice = own(themes=("rights", "savings"))
    assert fields(bibtex(practice, TODAY))["keywords"] == r"Rights duties \& all, Savings"
    assert "KW  - Rights, duties & all\r\nKW  - Savings\r\n" in ris(practice, TODAY)


def test_several_practices_are_entries_one_after_the_other():
    practices = [loaded(make_practice(slug=slug, title=slug.upper())) for slug in ("a", "b_2")]
    written = whole_file("bib", practices)
    assert re.findall(r"^@misc\{(.+),$", written, re.M) == ["a", "b_2"]
    assert "\n}\n\n@misc{b_2," in written
    assert whole_file("ris", practices).count("ER  - \r\nTY  - ELEC\r\n") == 1
    assert (whole_file("bib", []), whole_file("ris", [])) == ("", "")


# The doors

DOORS = [
    ("cite.bib", "application/x-bibtex; charset=utf-8", "a.bib", bibtex),
    ("cite.ris", "application/x-research-info-systems; charset=utf-8", "a.ris", ris),
]


@pytest.mark.parametrize(("ending", "media_type", "name", "form"), DOORS)
def test_a_reader_takes_the_citation_away_as_a_file(client, ending, media_type, name, form):
    practice = in_a_book("العودة & more")
    response = client.get(f"/practices/a/{ending}")
    assert (response.status_code, response.headers["Content-Type"]) == (200, media_type)
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.content.decode() == form(practice, timezone.localdate())
    assert (dict(response.cookies), "Cookie" in response.headers.get("Vary", "")) == ({}, False)
    head = client.head(f"/practices/a/{ending}")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (
        200,
        b"",
        str(len(response.content)),
    )


@pytest.mark.parametrize("ending", ["cite.bib", "cite.ris"])
@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_nothing_of_an_unpublished_practice_can_be_taken_away(client, ending, status):
    practice = make_practice(
        "Canary title", slug="canary-now", status=status, summary="Canary.", themes=("canary",)
    )
    practice.former_slugs.create(slug="canary-then")
    make_practice(slug="open")
    for slug in ("canary-now", "canary-then"):
        response = client.get(f"/practices/{slug}/{ending}")
        assert (response.status_code, response.headers.get("Location")) == (404, None)
        assert "canary" not in (response.content.decode() + str(response.headers)).lower().replace(slug, "")
    assert client.get(f"/practices/open/{ending}").status_code == 200
    practice.status = "published"
    practice.save()
    assert "Canary title" in client.get(f"/practices/canary-now/{ending}").content.decode()


@pytest.mark.parametrize("ending", ["cite.bib", "cite.ris"])
def test_a_former_address_of_a_citation_leads_to_the_present_one(client, ending):
    make_practice(slug="now").former_slugs.create(slug="then")
    response = client.get(f"/practices/then/{ending}")
    assert (response.status_code, response.headers["Location"]) == (301, f"/practices/now/{ending}")


@pytest.mark.parametrize("ending", ["cite.bib", "cite.ris"])
def test_the_citation_of_a_practice_that_was_withdrawn_is_gone(client, ending):
    for slug in ("withdrawn", "deleted"):
        make_practice(slug=slug)
    make_practice(slug="draft", status="draft")
    Practice.objects.get(slug="deleted").delete()
    withdrawn = Practice.objects.get(slug="withdrawn")
    withdrawn.status = "archived"
    withdrawn.save()
    for slug, status in {"withdrawn": 410, "deleted": 410, "draft": 404, "never": 404}.items():
        assert (slug, client.get(f"/practices/{slug}/{ending}").status_code) == (slug, status)


@pytest.mark.parametrize("ending", ["cite.bib", "cite.ris"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_citations_are_for_reading_alone(client, method, ending):
    make_practice(slug="a")
    response = getattr(client, method)(f"/practices/a/{ending}")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "address", ["/practices/none/cite.bib", "/practices/%00/cite.ris", "/practices/a/cite.x"]
)
def test_the_citation_of_nothing_is_not_found(client, address):
    make_practice(slug="a")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("ending", ["cite.bib", "cite.ris"])
def test_the_queries_of_a_citation_do_not_depend_on_what_the_practice_has(
    client, django_assert_num_queries, ending
):
    publication = make_publication()
    make_practice(slug="a")
    make_practice(
        slug="b", countries=("PH", "IT"), themes=("savings", "return"), actors=("atikha",),
        lessons=("One.", "Two."), sources=("Here.",), objectives=("gcm-20",), corridors=("PH-IT",),
        publication=publication,
    )  # fmt: skip
    # practice with publication, publisher and index; places; corridors; themes; objectives; participations;
    # sources; funders; implementers; lessons; images
    with django_assert_num_queries(11):
        client.get(f"/practices/b/{ending}")
    # without children nothing is asked about funders and implementers
    with django_assert_num_queries(9):
        client.get(f"/practices/a/{ending}")
