"""Words in other scripts: articles, particles, variant letters, digits and characters without width."""

import pytest

from practices.index.facet_index import get_facet_index
from practices.search.retrieval import find
from practices.search.tokenizer import fold, stem, stem_all, tokenize
from tests.factories import make_actor, make_practice

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

MIGRANTS = ["مهاجرات", "المهاجرات", "والمهاجرات", "بالمهاجرات", "للمهاجرات", "كالمهاجرات", "فالمهاجرات",
            "وللمهاجرات", "ومهاجرات", "بمهاجرات", "لمهاجرات", "كمهاجرات", "فمهاجرات", "المهاجرين", "مُهاجِرات",
            "مهـــاجرات"]  # fmt: skip


def finds(question: str, key: int) -> bool:
    return key in find(question, get_facet_index()).pks


@pytest.mark.parametrize("written", MIGRANTS)
def test_an_arabic_word_is_found_with_and_without_article_and_particle(written):
    key = make_practice(f"برنامج {written} في المغرب", language="ar").pk
    make_practice("برنامج التعاونيات", language="ar")
    for asked in MIGRANTS:
        assert (asked, finds(asked, key)) == (asked, True)
    assert not finds("تعاونيات", key)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("التزام", "الالتزام"),
        ("الالتزام", "التزام"),
        ("العودة", "عوده"),
        ("عودة", "العوده"),
        ("إدارة", "الاداره"),
        ("الأسر", "اسر"),
        ("مستوى", "المستوي"),
        ("هجرة", "وهجرة"),
        ("بلديات", "البلديات"),
        ("کمک", "كمك"),
    ],
)
def test_letters_that_writers_of_arabic_mix_are_the_same(written, asked):
    key = make_practice(f"برنامج {written}", language="ar").pk
    assert finds(asked, key)


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize("written", ["المهاجرات", "بالمهاجرات", "مهاجرات"])
def test_an_arabic_word_is_found_in_any_form_in_a_practice_of_another_language(language, written):
    make_practice("برنامج التعاونيات", language="ar")
    parts = {
        "title": written,
        "summary": f"One {written}.",
        "story": f"About {written} there.",
        "lessons": [written],
    }
    keys = {
        part: make_practice(**{"title": "Plan", part: text}, language=language).pk
        for part, text in parts.items()
    }
    for asked in MIGRANTS:
        for part, key in keys.items():
            assert (asked, part, finds(asked, key)) == (asked, part, True)


def test_an_actor_with_an_arabic_name_is_found_in_any_form_where_only_english_is_published(client):
    make_actor("union", name="جمعية الهجرة والتنمية")
    make_actor("other", name="مؤسسة التعليم")
    practice = make_practice("Plan", slug="plan", language="en", actors=("union",))
    make_practice("Other plan", language="en", actors=("other",))
    for asked in (
        "هجرة",
        "الهجرة",
        "والهجرة",
        "تنمية",
        "التنمية",
        "والتنمية",
        "جمعية",
        "الجمعية",
        "هجر",
        "جمع",
    ):
        assert (asked, sorted(find(asked, get_facet_index()).pks)) == (asked, [practice.pk])
        rows = client.get("/api/v1/actors/", {"q": asked}).json()["results"]
        assert (asked, [row["slug"] for row in rows]) == (asked, ["union"])
        offered = client.get("/suggest/", {"q": asked}).json()["suggestions"]
        assert (asked, [row["url"] for row in offered]) == (asked, ["/actors/union/"])


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("asked", ["عودة", "العودة", "عود", "مغرب", "المغر"])
def test_an_arabic_title_is_suggested_with_and_without_the_article(client, language, asked):
    make_practice("العودة إلى المغرب", slug="return", language=language)
    make_practice("التعاونيات", language=language)
    offered = client.get("/suggest/", {"q": asked}).json()["suggestions"]
    assert [row["url"] for row in offered] == ["/practices/return/"]


def test_the_middle_of_an_arabic_word_is_not_suggested(client):
    make_practice("الاستعمار", language="en")
    assert client.get("/suggest/", {"q": "عمار"}).json() == {"suggestions": []}


PERSIAN = ["مهاجرت", "مهاجران", "پناهندگان", "کودکان", "گفتگو", "می‌شود"]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("word", PERSIAN)
def test_a_persian_word_is_found_whatever_the_language_of_the_practice(language, word):
    key = make_practice("Plan", summary=f"برنامه {word} در تهران", language=language).pk
    make_practice("Other", language="ar" if language == "en" else "en")
    assert finds(word, key)
    assert finds(word.translate(str.maketrans("کی", "كي")), key)
    assert [asked for asked in PERSIAN if asked[:3] != word[:3] and finds(asked, key)] == []


@pytest.mark.parametrize("word", [*MIGRANTS, *PERSIAN, "من", "ال", "2015", "cooperatives", "ودود"])
def test_the_stems_of_many_words_are_those_of_each(word):
    folded = fold(word)
    for language in ("en", "fr", "es", "ar"):
        assert stem_all([folded], language) == {folded: stem(folded, language)}


def test_other_arabic_words_are_not_found():
    key = make_practice("كتاب عن المدينة", language="ar").pk
    for asked in ("بلد", "هجرة", "مهاجر"):
        assert not finds(asked, key)


DIGITS = ["2015", "٢٠١٥", "۲۰۱۵", "२०१५", "２０１５"]


@pytest.mark.parametrize("written", DIGITS)
def test_digits_of_all_scripts_are_the_same(written):
    key = make_practice("Plan", summary=f"Begun in {written} there.").pk
    for asked in DIGITS:
        assert finds(asked, key)
    assert not finds("2016", key)


@pytest.mark.parametrize("code", [0x200B, 0xFEFF, 0xAD, 0x2060, 0x200C, 0x200D, 0x200E, 0x202B, 0x2068])
def test_a_sign_without_width_does_not_part_a_word(code):
    text = f"remit{chr(code)}tances"
    assert [word.folded for word in tokenize(text)] == ["remittances"]
    key = make_practice("Plan", summary=f"About {text}.").pk
    assert finds("remittances", key)
    plain = make_practice("Other", summary="About remittances.").pk
    assert finds(text, plain)


def test_a_stem_of_an_arabic_word_that_is_short_stays():
    for word in ("ال", "لل", "من", "الي", "على"):
        assert stem(fold(word), "ar")


def test_letters_outside_arabic_fold_as_in_the_order_of_titles():
    assert [fold(word) for word in ("Þór", "Łódź", "Ħal", "ßtraße")] == ["thor", "lodz", "hal", "sstrasse"]
