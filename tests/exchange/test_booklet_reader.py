"""The reader of the booklet's text: its rules on an invented booklet, then on the real one if available."""

import re
from collections import Counter
from pathlib import Path

import pytest

from practices.exchange.booklet import (
    BookletActor,
    BookletCase,
    BookletError,
    BookletSource,
    read_booklet,
)
from tests.fidelity import booklet_cases, booklet_text, needs_booklet

pytestmark = pytest.mark.one_engine

INVENTED = (Path(__file__).parent.parent / "data" / "booklet.txt").read_text(encoding="utf-8")
SAVINGS, ORCHARD, LETTERS, BAKERIES = range(4)


@pytest.fixture(scope="module")
def booklet():
    return read_booklet(INVENTED)


@pytest.fixture(scope="module")
def cases(booklet):
    return booklet.cases


@pytest.fixture(scope="module")
def real():
    return read_booklet(booklet_text())


def a_case(**parts: str | None) -> str:
    """Return the text of a whole case; a part given as None is omitted with its heading."""
    whole = {"title": "Lamps of Vell", "country": "Sudland", "period": "2014", "actors": "- Lamp Office"}
    whole |= {"sources": "- Lamp book", "story": "Lamps burn.", "lessons": "Oil is dear."} | parts
    headings = {"country": "Country/Region/Territory", "period": "Date/Period", "actors": "Actors"}
    headings |= {"sources": "Sources", "story": "Story", "lessons": "Lessons learned", "title": ""}
    told = [f"{headings[name]}\n\n{text}" for name, text in whole.items() if text is not None]
    return "\n\n".join(told).removeprefix("\n\n")


def a_booklet(**parts: str | None) -> str:
    return "A Press\n\nA Book\n\nA Book\n\n" + a_case(**parts)


def one_case(**parts: str | None) -> BookletCase:
    return read_booklet(a_booklet(**parts)).cases[0]


def words(text: str) -> Counter:
    """Return the words of a text without footnote marks, which change during the import."""
    text = re.sub(r"\[\^\d+\]:?|[⁰¹²³⁴-⁹]", "", text)
    return Counter(re.findall(r"\w+", text))


def words_printed(text: str) -> Counter:
    headings = r"(?:Country/Region/Territory|Date/Period|Actors?|Sources?|Story|Lessons [Ll]earned)"
    return words(re.sub(rf"(?m)^{headings}$", "", text))


def words_read(case: BookletCase) -> Counter:
    parts = [case.title, case.territory, case.period, case.story, *case.lessons]
    parts += [f"{actor.name} {actor.acronym}" for actor in case.actors]
    parts += sorted({actor.group for actor in case.actors})
    parts += [source.text for source in case.sources]
    return words("\n".join(parts))


# The booklet around its cases


def test_front_matter_gives_title_and_publisher(booklet):
    assert booklet.title == "Good ideas on leaving and staying"
    assert booklet.publisher == "Harbour Towns Network(HTN)"


def test_colophon_gives_funders_and_address(booklet):
    assert booklet.funders_text == ["Fund of the Three Ports", "Bank of Norland"]
    assert booklet.address == "http://www.harbourtowns.example/"


def test_booklet_without_colophon_has_no_funders():
    booklet = read_booklet(a_booklet())
    assert (booklet.title, booklet.publisher) == ("A Book", "A Press")
    assert (booklet.funders_text, booklet.address) == ([], "")
    assert booklet.cases[0].lessons == ["Oil is dear."]


def test_title_is_the_line_before_the_country_with_its_line_number(cases):
    assert [(case.line, case.title) for case in cases] == [
        (16, "Savings circles of Port Elin: how families keep a common purse"),
        (94, "Orchard school of Vell"),
        (173, "Ferry letters of Ostra"),
        (212, "Twin bakeries"),
    ]


def test_title_may_stand_in_a_list_of_contents_as_well():
    text = a_booklet().replace("A Book\n\nA Book", "A Book\n\nLamps of Vell\n\nA Book")
    assert [case.title for case in read_booklet(text).cases] == ["Lamps of Vell"]


@pytest.mark.parametrize(
    "other",
    [
        INVENTED.replace("\n", "\r\n"),
        INVENTED.replace("\n", "\r"),
        "\ufeff" + INVENTED,
        INVENTED.replace(" ", "\u00a0"),
        INVENTED.replace("\n\n", "\n  \n"),
        INVENTED.replace("\n", " \n"),
        INVENTED.replace("\nStory", "\n\fStory"),
        INVENTED.replace("\nStory\n", "\n**Story:**\n"),
        INVENTED.replace("\n- ", "\n• "),
    ],
    ids=["CRLF", "CR", "BOM", "no-break", "spaces in blanks", "trailing", "form feed", "bold", "bullets"],
)
def test_line_ends_marks_and_stray_spaces_change_nothing(other, booklet):
    assert read_booklet(other) == booklet


def test_no_word_of_the_invented_booklet_is_lost(cases):
    printed = INVENTED.split("\nFinanced by")[0].splitlines()
    ends = [*(case.line - 1 for case in cases[1:]), len(printed)]
    for case, end in zip(cases, ends, strict=True):
        noted = [text for _, text in case.unplaced if text.startswith("⁸")]
        assert words_read(case) + words("\n".join(noted)) == words_printed(
            "\n".join(printed[case.line - 1 : end])
        )


# Country and period


def test_country_lines_and_provinces_are_joined_as_worded(cases):
    assert [case.territory for case in cases] == [
        "Norland",
        "Sudland: Provinces of: Vell (north) – towns of Ama and Oru; Tarn – town of Tarn.",
        "Ostmark / Island Region / Town of Ostra",
        "Norland and Sudland",
    ]


def test_period_stands_as_printed_before_or_after_the_actors(cases):
    assert [case.period for case in cases] == [
        "2011 and ongoing",
        "N/A",
        "May 2008 – July 2010",
        "Since 2002",
    ]


# Actors


def test_broken_names_are_joined_and_short_forms_split_off(cases):
    assert cases[SAVINGS].actors == [
        BookletActor("PORTELIN Savings and Loan House", "", "", ""),
        BookletActor("National Office for Leavers", "NOL", "", ""),
        BookletActor("Elin Carers Union Inc.", "Elin Inc.", "", ""),
        BookletActor("Friends of Elin (New Haven)", "", "", ""),  # a place is no short form
        BookletActor("Bureau of Ferries (BF) and its crews", "", "", ""),  # not at the end
    ]


def test_groups_come_from_bold_bullets_and_from_unlisted_headings(cases):
    sentence = cases[ORCHARD].actors[5].name
    assert cases[ORCHARD].actors == [
        BookletActor("Orchard Office", "OO", "Town of Vell", ""),
        BookletActor("School Board", "", "Town of Vell", ""),
        BookletActor("Growers' League", "", "", ""),
        BookletActor("Young Growers", "", "", "Growers' League"),
        BookletActor("Seed Circle", "", "", "Young Growers"),
        BookletActor(sentence, "", "", ""),
        BookletActor("Vell Cider Works", "VCW", "Private Bodies/ Parishes", ""),
        BookletActor("Parish of Saint Aro", "", "Private Bodies/ Parishes", ""),
    ]


def test_sentence_among_the_actors_stays_and_is_named_as_doubtful(cases):
    sentence = cases[ORCHARD].actors[5].name
    assert sentence.startswith("As of May 2020, fourteen schools")
    assert cases[ORCHARD].unplaced == [(127, sentence)]


def test_long_row_of_names_is_no_sentence():
    row = "The Towns of Ama, Oru, Tarn, Vell, Ostra, Elin, Port Aro, Saint Aro, Norr and Sund"
    case = one_case(actors=f"- {row};")
    assert case.actors == [BookletActor(row, "", "", "")]
    assert case.unplaced == []


def test_overlong_name_is_cut_and_kept_whole_among_the_unplaced():
    row = "Lamp Office " * 30
    case = one_case(actors=f"- {row}")
    assert len(case.actors[0].name) == 300
    assert case.actors[0].name.endswith("…")
    assert [text for _, text in case.unplaced] == [row.strip()]


def test_bullets_between_country_and_period_are_guessed_to_be_actors(cases):
    assert [(actor.name, actor.acronym, actor.group) for actor in cases[LETTERS].actors] == [
        ("Ferry Post", "FP", ""),
        ("Ostra Reading Room", "", ""),
        ("Islanders abroad", "", ""),
    ]
    assert cases[LETTERS].unplaced[1:3] == [(182, "Ferry Post (FP)"), (183, "Ostra Reading Room")]


def test_bullets_after_the_period_are_guessed_to_be_actors():
    case = one_case(period="2014\n\n- Oil Guild", actors=None)
    assert case.period == "2014"
    assert [actor.name for actor in case.actors] == ["Oil Guild"]
    assert [text for _, text in case.unplaced] == ["Oil Guild"]


def test_paragraph_among_the_actors_before_the_story_cannot_be_placed():
    case = one_case(actors="- Lamp Office\n\nThe guild met twice.")
    assert [actor.name for actor in case.actors] == ["Lamp Office"]
    assert [text for _, text in case.unplaced] == ["The guild met twice."]


def test_actors_may_stand_after_the_lessons_which_then_go_on(cases):
    assert [actor.name for actor in cases[BAKERIES].actors] == ["The two bakers"]
    assert cases[BAKERIES].lessons[-1] == "A third baker would be one too many."


# Sources


def test_sources_run_over_lines_and_name_their_address(cases):
    assert cases[SAVINGS].sources == [
        BookletSource("Savings house: www.portelin.example", "http://www.portelin.example"),
        BookletSource(
            "*A common purse*, Elin, 2012, <https://books.example/purse>.", "https://books.example/purse"
        ),
        BookletSource("Told by the clerk of the house.", ""),
    ]


def test_one_source_under_the_singular_heading_is_read(cases):
    assert cases[LETTERS].sources == [
        BookletSource("Letter book, www.letters.example/book.", "http://www.letters.example/book")
    ]


# Story


def test_sentences_torn_by_a_page_are_whole_again(cases):
    paragraphs = cases[SAVINGS].story.split("\n\n")
    assert "whose daughters work on the ferries" in paragraphs[0]  # goes on in lower case
    assert "writes to the Harbour Council" in paragraphs[1]  # "the" ends no sentence


def test_footnote_between_the_pieces_of_a_sentence_does_not_part_them(cases):
    paragraph = "The purse grew to 900 crowns[^2] in the years when the ferries ran twice a day."
    assert cases[SAVINGS].story.split("\n\n")[2] == paragraph


def test_paragraph_that_breaks_off_is_not_joined_to_a_new_sentence(cases):
    assert cases[SAVINGS].story.split("\n\n")[3:5] == [
        "This paragraph breaks off at the foot of the page",
        "The next begins with a capital and stands alone.",
    ]


def test_double_full_stop_and_emphasis_stay(cases):
    assert "every spring..\n" in cases[SAVINGS].story
    assert "*open table*" in cases[SAVINGS].story


def test_footnotes_are_numbered_by_their_marks_and_stand_at_the_end(cases):
    assert cases[SAVINGS].story.endswith(
        "[^1]: Held on Sundays in the net loft.\n\n[^2]: Crowns of Norland, before the coinage changed."
    )
    assert "*open table*.[^1] The clerk" in cases[SAVINGS].story
    assert cases[SAVINGS].unplaced == []


def test_square_kilometre_is_no_footnote():
    case = one_case(story="It has 12.5 km² and a yard of 40 m².² Lamps burn.\n\n² By night.")
    assert case.story == "It has 12.5 km² and a yard of 40 m².[^1] Lamps burn.\n\n[^1]: By night."
    assert case.unplaced == []


def test_orphan_mark_and_orphan_footnote_are_named(cases):
    assert cases[LETTERS].story == "Letters cross the strait twice a week.⁷"
    assert cases[LETTERS].unplaced[3:] == [(208, "week.⁷"), (210, "⁸ A note that no mark calls.")]


def test_footnote_printed_twice_is_kept_once_and_named():
    case = one_case(story="Lamps burn.²\n\n² By night.\n\n² By day.")
    assert case.story == "Lamps burn.[^1]\n\n[^1]: By night."
    assert [text for _, text in case.unplaced] == ["² By day."]


def test_mark_outside_the_prose_is_named_and_left_standing():
    case = one_case(period="2014²", story="Lamps burn.²\n\n² By night.")
    assert case.period == "2014²"
    assert [text for _, text in case.unplaced] == ["2014²"]


def test_actors_inside_a_sentence_of_the_story_do_not_part_it(cases):
    assert cases[ORCHARD].story.split("\n\n")[0] == (
        "The school hires gardeners who returned from abroad, and pays them by the tree."
    )


def test_long_paragraph_before_bullets_is_story_and_a_short_one_names_a_group():
    long = f"After a winter of {'long ' * 20} talks the keepers agreed to share:"
    box = "Lamps burn.\n\nActors\n\n- Lamp Guild\n\n"
    assert one_case(story=f"{box}{long}\n\n- oil").story == f"Lamps burn.\n\n{long}\n\n- oil"
    case = one_case(story=f"{box}Keepers of oil:\n\n- Oil Guild")
    assert case.story == "Lamps burn."
    assert case.actors[-1] == BookletActor("Oil Guild", "", "Keepers of oil", "")


def test_lists_stay_nested_and_blank_bullets_stay(cases):
    assert cases[ORCHARD].story.split("\n\n", 1)[1] == (
        "The pupils ask at every lesson:\n\n"
        "- who plants?\n  - the young;\n  - the old;\n- who picks?\n-\n\n"
        "Nobody knows the answer yet"
    )


# Lessons


def test_each_paragraph_is_a_lesson_and_a_colon_keeps_what_follows(cases):
    assert cases[SAVINGS].lessons == [
        "A purse held in common is watched by all.",
        "What holds the circle together:\n\n- trust;\n- a lean book;\n- a yearly feast.",
        "The sums must stay small, says the clerk:\n\nNo loan went beyond 400 crowns.",
    ]


def test_each_outer_bullet_is_a_lesson_and_keeps_its_inner_ones(cases):
    assert cases[ORCHARD].lessons[:3] == [
        "Teach in the season;",
        "Pay by the tree.",
        "The yard needs:\n\n- a well;\n- a wall.",
    ]


def test_bullets_that_begin_in_bold_are_lessons_and_the_first_takes_the_introduction(cases):
    assert cases[ORCHARD].lessons[3:5] == [
        "The following stood out in Vell:\n\n**Return is slow.** Families come home in spring.",
        "**Land is scarce:** Some plots were lent. (For instance, the Ministry of Orchards lent three.)",
    ]


def test_bullet_all_in_bold_takes_the_paragraph_after_it(cases):
    assert cases[ORCHARD].lessons[5:] == ["**Elders can teach.**\n\nThey know every tree by name."]


def test_footnote_of_a_lesson_stands_with_the_lesson(cases):
    assert cases[BAKERIES].lessons[0] == "An oven is cheaper for two.[^1]\n\n[^1]: See the bakers' book."
    assert cases[BAKERIES].unplaced == []


def test_case_without_the_heading_of_lessons_has_none_and_says_so(cases):
    assert cases[LETTERS].lessons == []
    assert cases[LETTERS].unplaced[0] == (173, "the heading “Lessons learned” is missing")


# Refusals


REFUSALS = {
    "empty": ("", 1, "the file is empty"),
    "blank": ("\ufeff \n\u00a0\n", 1, "the file is empty"),
    "no case": ("Lamps\n\nStory\n\nOil", 1, "the file has no heading “Country/Region/Territory”"),
    "large": ("x" * (5 * 1024 * 1024 + 1), 1, "the file is larger than 5 MB"),
    "large in bytes": ("é" * (3 * 1024 * 1024), 1, "the file is larger than 5 MB"),
    "NUL": ("A Press\r\nA Book\0", 2, "the file contains a NUL byte and is not a text file"),
    "nothing before": ("Country/Region/Territory\n\nSudland", 1, "the case that begins here has no title"),
    "only front matter before": (a_booklet(title=None), 7, "the case that begins here has no title"),
    "lesson before": (f"{a_booklet()}\n\n{a_case(title=None)}", 33, "the case that begins here has no title"),
    "bullet before": (a_booklet(title="- Lamps"), 9, "the case that begins here has no title"),
    "no Story": (a_booklet(story=None), 7, "the case “Lamps of Vell” has no Story"),
    "empty Story": (a_booklet(story=""), 25, "the case “Lamps of Vell” has no Story"),
    "empty Lessons": (a_booklet(lessons=""), 29, "the case “Lamps of Vell” has no Lessons"),
    "no period": (a_booklet(period=None), 7, "the case “Lamps of Vell” has no period"),
    "empty period": (a_booklet(period="-"), 13, "the case “Lamps of Vell” has no period"),
    "empty country": (a_booklet(country=""), 9, "the case “Lamps of Vell” has no country"),
    "one title twice": (
        f"{a_booklet()}\n\n{a_case(title='LAMPS of Vell')}",
        33,
        "the title “LAMPS of Vell” is already used in line 7",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_no_booklet_is_refused_with_its_line_and_reason(name):
    text, line, reason = REFUSALS[name]
    with pytest.raises(BookletError) as caught:
        read_booklet(text)
    assert (caught.value.line, caught.value.reason) == (line, reason)
    assert str(caught.value) == f"Line {line}: {reason}"


# The real booklet. For each case, by the first words of its title: actors, actors in each group, sources,
# footnotes, lessons.

REAL = {
    "Cooperatives in Costa Rica": (3, [3], 3, 0, 2),
    "Local integration to boost": (3, [3], 0, 0, 4),
    "Creating economic opportunities by": (3, [3], 0, 0, 3),
    "Challenges in data collection": (2, [2], 1, 0, 3),
    "Thinking point": (5, [5], 0, 0, 2),
    "Return Migration": (1, [1], 2, 1, 5),
    "Return from a gender": (1, [1], 3, 1, 2),
    "Cooperation agreement between": (2, [2], 1, 0, 1),
    "The Story of Hugo Salinas": (1, [1], 2, 2, 0),
    "The BaLinkBayan Network": (1, [1], 0, 0, 1),
    "Batangas-Rome": (6, [3, 3], 0, 0, 3),
    "Generating local migration data": (2, [2], 0, 0, 1),
    "Mainstreaming migration": (2, [2], 0, 0, 6),
    "Migrants Resource Centre": (14, [5, 6, 3], 0, 0, 5),
    "The complicated stories": (1, [1], 0, 0, 1),
    "Investments and transfers": (3, [3], 0, 0, 5),
    "Migration, territories": (11, [11], 0, 0, 9),
}


@needs_booklet
def test_real_booklet_has_17_cases_with_their_titles_and_colophon(real):
    text = booklet_text()
    assert [case.title for case in real.cases] == list(booklet_cases(text))
    assert all(text.splitlines()[case.line - 1] == case.title for case in real.cases)
    assert [case.title.startswith(start) for case, start in zip(real.cases, REAL, strict=True)] == [True] * 17
    assert real.title == "Useful practices on migration and local development"
    assert real.publisher.endswith("Initiative(JMDI)")
    assert len(real.funders_text) == 4
    assert real.address == "http://www.migration4development.org/"


@needs_booklet
def test_real_booklet_counts_actors_groups_sources_footnotes_and_lessons(real):
    found = {}
    for case, start in zip(real.cases, REAL, strict=True):
        groups = list(Counter(actor.group for actor in case.actors).values())
        notes = len(re.findall(r"(?m)^\[\^\d\]: ", case.story))
        found[start] = (len(case.actors), groups, len(case.sources), notes, len(case.lessons))
    assert found == REAL


@needs_booklet
def test_no_word_of_the_real_booklet_is_lost(real):
    printed = booklet_cases(booklet_text())
    for case in real.cases:
        assert words_read(case) == words_printed(printed[case.title])


@needs_booklet
def test_real_booklet_leaves_only_five_lines_in_doubt(real):
    assert [line for case in real.cases for line, _ in case.unplaced] == [466, 667, 954, 955, 956]


@needs_booklet
@pytest.mark.parametrize(
    "probe",
    [
        "new partners found from the region",
        "FEDERCLAAI Veneto to develop",
        "people who were registered",
        "Twinning Agreement was signed",
        "sharing their knowledge",
        "the necessary mechanisms and structures",
        "OFW reintegration and entrepreneurship programmes",
        "(For example, the Department of",
        "Hence the Philippines",
        "to a growing emigration",
        "the social entitlements of retired",
        "94.49 km²",
        "council meetings[^2] where",
    ],
)
def test_torn_sentence_of_the_real_booklet_is_whole(real, probe):
    assert sum(probe in "\n".join([case.story, *case.lessons]) for case in real.cases) == 1


@needs_booklet
def test_country_lines_of_the_real_booklet_are_joined(real):
    assert real.cases[4].territory.startswith("Ecuador: Provinces of: El Oro")
    assert real.cases[15].territory.startswith("Morocco / Eastern Region / Urban")
    assert [case.period for case in real.cases][10:14:3] == [
        "April 2009 – June 2011",
        "December 2008 - present",
    ]
