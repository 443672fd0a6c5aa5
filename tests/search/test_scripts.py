"""Words of other scripts: articles, particles, variant letters, digits and what has no width."""

import pytest

from practices.catalogue import catalogue
from practices.search import find
from practices.search.words import fold, stem, words
from tests.factories import make_practice

pytestmark = pytest.mark.django_db

MIGRANTS = ["مهاجرات", "المهاجرات", "والمهاجرات", "بالمهاجرات", "للمهاجرات", "كالمهاجرات", "فالمهاجرات",
            "وللمهاجرات", "ومهاجرات", "بمهاجرات", "لمهاجرات", "كمهاجرات", "فمهاجرات", "المهاجرين", "مُهاجِرات",
            "مهـــاجرات"]  # fmt: skip


def finds(question: str, key: int) -> bool:
    return key in find(question, catalogue()).keys


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
    assert [word.folded for word in words(text)] == ["remittances"]
    key = make_practice("Plan", summary=f"About {text}.").pk
    assert finds("remittances", key)
    plain = make_practice("Other", summary="About remittances.").pk
    assert finds(text, plain)


def test_a_stem_of_an_arabic_word_that_is_short_stays():
    for word in ("ال", "لل", "من", "الي", "على"):
        assert stem(fold(word), "ar")


def test_letters_outside_arabic_fold_as_in_the_order_of_titles():
    assert [fold(word) for word in ("Þór", "Łódź", "Ħal", "ßtraße")] == ["thor", "lodz", "hal", "sstrasse"]
