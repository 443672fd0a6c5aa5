"""The page of one practice: its content, citations, sharing, and the number of queries."""

import re
from datetime import UTC, date, datetime
from urllib.parse import quote

import brotli
import pytest
from django.conf import settings
from django.utils import timezone

from practices.models import Practice
from tests.factories import (
    make_actor,
    make_country,
    make_objective,
    make_practice,
    make_publication,
    make_theme,
    make_whole,
)
from tests.html import get, links, part, plain, queries

pytestmark = pytest.mark.django_db

HOME = "http://testserver"
IN = "?in=country%3DPH%26ordering%3Dtitle"


@pytest.fixture(autouse=True)
def site(settings, monkeypatch) -> None:
    settings.SITE_NAME = "Migration shelf"
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 4))


def facts(page: str) -> list[tuple[str, str]]:
    """Return the names and values of the key facts, in order."""
    return [
        (plain(name), plain(re.sub("<(?:br|p|h3)", " <x", text)))
        for name, text in re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    ]


# Key facts


def test_on_a_phone_the_first_facts_say_where_when_whether_it_runs_and_who_led(client):
    practice = make_practice(
        slug="a", countries=("EC", "EC", "PE"), period="2013/..", activity="running",
        activity_checked_on=date(2026, 2, 3), activity_checked_by="Ana", actors=("one", "two", "three"),
    )  # fmt: skip
    for order, name in enumerate(("Machala, El Oro", "Quito"), start=1):
        practice.places.filter(order=order).update(name=name)
    practice.participations.filter(order=2).update(role="lead")
    page = get(client, "/practices/a/")
    assert facts(part(page, '<dl class="first-facts">', "</dl>")) == [
        ("Where", "Machala, El Oro; Quito, Country EC Country PE"),
        ("When", "Since 2013"),
        ("Activity", "Running, checked on 3 February 2026 by Ana"),
        ("Who", "Two and 2 more"),
    ]


def test_without_a_lead_the_first_two_who_took_part_stand_for_all(client):
    make_practice(slug="a", actors=("one", "two", "three"))
    assert ("Who", "One; Two and 1 more") in facts(get(client, "/practices/a/"))


def test_facts_that_are_not_there_have_no_heading(client):
    make_practice(slug="a", kind="personal_story")
    assert facts(get(client, "/practices/a/")) == [("When", "Not known")]


def test_actors_stand_under_the_headings_of_the_source_and_lead_to_what_else_they_did(client):
    practice = make_practice(slug="a", actors=("naga", "rome", "ilo"))
    practice.participations.filter(order=1).update(group="Philippines", role="lead")
    practice.participations.filter(order=2).update(group="Italy")
    practice.participations.filter(order=3).update(group="Italy", role="funder")
    page = part(get(client, "/practices/a/"), '<details class="more-facts">', "</details>")
    assert re.findall(r"<h3[^>]*>(.*?)</h3>|<li>(.*?)</li>", page) == [
        ("Philippines", ""),
        ("", '<a href="/actors/naga/"><bdi>Naga</bdi></a> <span class="role">Lead</span>'),
        ("Italy", ""),
        ("", '<a href="/actors/rome/"><bdi>Rome</bdi></a>'),
        ("", '<a href="/actors/ilo/"><bdi>Ilo</bdi></a> <span class="role">Funder</span>'),
    ]


def test_objectives_that_the_editors_assigned_stand_apart(client):
    make_practice(slug="a", period="2016", objectives=("gcm-20", "sdg-10.7"))
    make_practice(slug="b", period="2020", objectives=("gcm-20",))
    one, other = get(client, "/practices/a/"), get(client, "/practices/b/")
    assert ("Objectives", "SDG 10.7 Objective sdg-10.7 Assigned by the editors GCM 20 Objective gcm-20") in (
        facts(one)
    )
    assert ("Objectives", "GCM 20 Objective gcm-20") in facts(other)


def test_the_first_publication_is_named_with_its_date_and_who_paid_for_it(client):
    publication = make_publication(
        title="Seeds", language="fr", url="https://seeds.example/", date="2015",
        publisher=make_actor("ngo", name="Towns", acronym="TO"),
    )  # fmt: skip
    publication.funders.add(make_actor("eu", name="European Union"))
    make_practice(slug="a", publication=publication)
    page = get(client, "/practices/a/")
    assert ("First published in", "Seeds, Towns (TO), 2015 Publication funded by European Union") in facts(
        page
    )
    assert '<a href="https://seeds.example/"><cite lang="fr" dir="ltr">Seeds</cite></a>' in page


# Lessons


def test_each_lesson_has_a_link_and_a_button_for_its_own_address(client):
    make_practice(slug="a", lessons=("One.", "Two."))
    for address in ("/practices/a/", "/practices/a/?in=ordering%3Dtitle"):
        page = get(client, address)
        assert links(page, "/practices/a/#") == [
            ("/practices/a/#lesson-1", "Link to this lesson (1)"),
            ("/practices/a/#lesson-2", "Link to this lesson (2)"),
        ]
        assert [
            (to, plain(words))
            for to, words in re.findall(r'data-copy="(\S+#[^"]+)">(.*?)</button>', page, re.DOTALL)
        ] == [
            (f"{HOME}/practices/a/#lesson-1", "Copy link to lesson 1"),
            (f"{HOME}/practices/a/#lesson-2", "Copy link to lesson 2"),
        ]


def test_no_button_that_needs_javascript_is_seen_without_it(client):
    make_practice(slug="a", lessons=("One.",))
    buttons = re.findall("<button[^>]*>", get(client, "/practices/a/"))
    assert len(buttons) == 4  # the address, one lesson, two citations
    assert [button for button in buttons if " hidden data-copy" not in button] == []


# Citing


def test_it_is_cited_in_two_styles_with_the_date_of_today(client):
    make_practice(
        "Sen <Bonds>", slug="a", publication=make_publication(title="Seeds", publisher=make_actor("ngo"))
    )
    page = get(client, "/practices/a/?in=ordering%3Dtitle")
    assert re.findall(r'<h3[^>]*>(\w+)</h3>\s*<p class="citation" lang="en" dir="ltr">(.*?)</p>', page) == [
        (
            "APA",
            "Ngo. (n.d.). Sen &lt;Bonds&gt; (retold by Migration shelf). In <em>Seeds</em>. "
            f"Retrieved November 4, 2026, from {HOME}/practices/a/",
        ),
        (
            "Chicago",
            "Ngo. “Sen &lt;Bonds&gt;.” Retold by Migration shelf. In <em>Seeds</em>. Ngo, n.d. "
            f"Accessed November 4, 2026. {HOME}/practices/a/.",
        ),
    ]


def test_reference_managers_get_their_files(client):
    make_practice(slug="a")
    page = get(client, "/practices/a/")
    assert re.findall(r'<a href="([^"]+)" download>([^<]+)</a>', page) == [
        ("/practices/a/cite.ris", "RIS file"),
        ("/practices/a/cite.bib", "BibTeX file"),
    ]


def test_the_page_stays_the_same_all_day_and_changes_nothing_but_the_date_overnight(client, monkeypatch):
    make_practice(slug="a", lessons=("One.",), countries=("PH",))
    Practice.objects.update(updated_at=datetime(2026, 10, 25, 12, tzinfo=UTC))  # whatever today is
    first, second = get(client, "/practices/a/"), get(client, "/practices/a/")
    assert first == second
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 5))
    next_day = get(client, "/practices/a/")
    assert next_day != first
    assert next_day.replace("November 5", "November 4").replace("5 November", "4 November") == first


def test_a_page_that_was_shown_changes_and_goes_with_its_practice(client):
    practice = make_practice("Apples", slug="a")
    other = make_practice("Bread", slug="b")
    for slug in "ab":
        get(client, f"/practices/{slug}/?in=ordering%3Dtitle")
    practice.title = "Pears"
    practice.save()
    page = get(client, "/practices/a/")
    assert ("Pears" in page, "Apples" in page) == (True, False)
    other.status = "archived"
    other.save()
    assert client.get("/practices/b/").status_code == 410


def test_its_foot_tells_when_it_was_published_and_changed(client):
    make_practice(slug="a", published_at=datetime(2026, 3, 9, 12, tzinfo=UTC))
    Practice.objects.update(updated_at=datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert "Published on 9 March 2026. Last changed on 25 October 2026." in get(client, "/practices/a/")


def test_on_paper_it_has_its_address_and_the_day(client):
    make_practice(slug="a")
    page = get(client, "/practices/a/?in=ordering%3Dtitle")
    assert plain(re.search(r'<p class="printed">(.*?)</p>', page)[1]) == (
        f"{HOME}/practices/a/ · 4 November 2026"
    )


# Sending


def test_it_is_sent_by_mail_with_its_title_and_address(client):
    make_practice("Who & what? 100%", slug="a")
    page = get(client, "/practices/a/")
    title = quote("Who & what? 100%")
    assert links(page, "mailto:") == [
        (
            f"mailto:?subject={title}&body={title}%0D%0Ahttp%3A//testserver/practices/a/",
            "Share by e-mail",
        )
    ]


def test_a_mistake_is_reported_to_the_address_of_the_site(client, settings):
    settings.CONTACT_EMAIL = "desk@shelf.example"
    make_practice("Sen Bonds", slug="a")
    assert links(get(client, "/practices/a/"), "mailto:desk") == [
        (
            "mailto:desk@shelf.example?subject=Mistake%20in%3A%20Sen%20Bonds"
            "&body=%0D%0A%0D%0Ahttp%3A//testserver/practices/a/",
            "Report a mistake",
        )
    ]


# Its cost


def test_a_first_visit_takes_less_than_40_kilobytes_over_the_wire(client, jmdi):
    page = get(client, "/practices/migration-territories-and-development-morocco/")  # the longest
    files = set(re.findall(r'(?:src|href)="/static/([^"]+)"', page))
    assert files == {"css/site.css", "img/icon.svg", "js/copy.js", "js/suggest.js"}
    bodies = [page.encode(), *((settings.BASE_DIR / "static" / name).read_bytes() for name in files)]
    assert sum(len(brotli.compress(body, quality=5)) for body in bodies) < 40_000


def test_its_script_is_small():
    assert (settings.BASE_DIR / "static/js/copy.js").stat().st_size < 1500


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_for_any_number_of_children(client, rows):
    practice = make_whole()
    for number in range(2, rows + 1):
        practice.places.create(order=10 + number, country=make_country(f"P{number}"))
        practice.corridors.create(origin=make_country(f"O{number}"), destination=make_country(f"D{number}"))
        practice.participations.create(order=10 + number, actor=make_actor(f"more-{number}", f"t-{number}"))
        practice.themes.add(make_theme(f"more-{number}"))
        practice.objectives.add(make_objective(f"sdg-{number}"))
        practice.lessons.create(order=10 + number, text="More.")
        practice.sources.create(order=10 + number, text="More.")
        practice.publication.funders.add(make_actor(f"more-funder-{number}"))
        practice.publication.implementers.add(make_actor(f"more-implementer-{number}"))
    practice.corridors.create(origin=make_country("PH"), destination=make_country("IT"))
    practice.participations.create(order=1, actor=make_actor("first", "type"))
    practice.lessons.create(order=1, text="First.")
    practice.publication.implementers.add(make_actor("implementer"))
    # 1 practice with publication, publisher and words; 2 places with countries; 3 corridors with their ends;
    # 4 themes; 5 objectives; 6 participations with actors and their types; 7 sources; 8 funders,
    # 9 implementers; 10 lessons, 11 images; 12 the content version; 13 the rarest words that
    # other practices share (and no more, as there is no other practice)
    assert queries(client, "/practices/a/") == 13
