"""How a text is split into words, folded and stemmed."""

import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from practices.search.tokenizer import (
    FREQUENT_WORDS,
    MAX_WORD_LENGTH,
    STEMMERS,
    STOP_WORD_FILE,
    fold,
    rarity,
    stem,
    stems,
    tokenize,
)

pytestmark = pytest.mark.one_engine


def cut(text: str) -> list[str]:
    return [word.folded for word in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sédhiou", "sedhiou"),
        ("Se\u0301dhiou", "sedhiou"),
        ("PÉREZ ZELEDÓN", "perez zeledon"),
        ("Œuvre, cœur", "oeuvre, coeur"),
        ("Ærø", "aero"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("İstanbul ılık", "istanbul ilik"),
        ("ＦＵＬＬ１２", "full12"),
        ("ﬁn x²", "fin x2"),
        ("مُهَاجِر", "مهاجر"),
        ("أسرة إلى آخر", "اسره الي اخر"),
        ("Ñandú çà", "nandu ca"),
        ("M&D", "md"),
    ],
)
def test_letters_fold_to_small_ones_without_accents(text, expected):
    assert fold(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t ", []),
        ("…!?—–·*/\\()[]{}<>|&^~:;,.\"'’“”«»", []),
        ("Bonds, for; migrants!", ["bonds", "for", "migrants"]),
        ("l’étranger", ["etranger"]),
        ("l'étranger D’AILLEURS", ["etranger", "ailleurs"]),
        ("qu’il s’en", ["il", "en"]),
        ("the people's bank", ["the", "people", "bank"]),
        ("migrants’ savings", ["migrants", "savings"]),
        ("can't", ["can"]),
        ("O'Brien and O’Brien", ["o", "brien", "and", "o", "brien"]),
        ("s d l 5", ["s", "d", "l", "5"]),
        ("M&D", ["md"]),
        ("R&D&I", ["rdi"]),
        ("bed & breakfast, A& &B", ["bed", "breakfast", "a", "b"]),
        ("in 2012, 1,250 or 10.7", ["in", "2012", "1250", "or", "10", "7"]),
        ("COVID-19 3rd", ["covid", "19", "3rd"]),
        ("①½", ["112"]),
        ("OFWs, U.S.", ["ofws", "u", "s"]),
        ("well-being snake_case", ["well", "being", "snake", "case"]),
        ("المهاجرين في المغرب", ["المهاجرين", "في", "المغرب"]),
        ("مُهَاجِر", ["مهاجر"]),
        ("日本語", ["日本語"]),
        ("nul\0in\0", ["nul", "in"]),
        ("😀boat😀people👩‍👩‍👧", ["boat", "people"]),
        ("zero\u200bwidth", ["zerowidth"]),
    ],
)
def test_a_text_is_cut_into_words(text, expected):
    assert cut(text) == expected


@pytest.mark.parametrize(
    "text",
    ["Se\u0301dhiou", "Sédhiou", "Sé\u00addhiou", "Sed\u2060hiou", "\u00adSedhiou\u00ad", "sed\u200dhiou"],
)
def test_accents_of_their_own_and_unseen_signs_part_no_word(text):
    assert cut(f"in {text} town") == ["in", "sedhiou", "town"]


def test_a_very_long_word_is_cut_short():
    assert cut("x" * 1000 + " y") == ["x" * MAX_WORD_LENGTH, "y"]
    assert cut("ﷺ" * 30) == [fold("ﷺ" * 30).replace(" ", "")[:MAX_WORD_LENGTH]]


def test_a_very_long_run_of_joined_letters_is_read_at_once():
    assert cut("a&" * 50_000 + "a") == ["a" * MAX_WORD_LENGTH]
    assert cut("a" + "\u0301" * 100_000) == ["a"]


@pytest.mark.parametrize(
    "text", ["L’œuvre de Sédhiou, 2012", "Se\u0301dhiou", "O'Brien (M&D)", "😀 ﬁn ½", "İstanbul straße"]
)
def test_each_word_knows_its_place_in_the_original(text):
    for word in tokenize(text):
        assert cut(text[word.start : word.end]) == [word.folded]


def test_the_place_of_a_word_holds_its_accents():
    assert [(word.start, word.end) for word in tokenize("l’été, e\u0301te\u0301")] == [(2, 5), (7, 12)]


@pytest.mark.parametrize(
    ("word", "language", "expected"),
    [
        ("cooperatives", "en", "cooper"),
        ("remittances", "en", "remitt"),
        ("cooperatives", "fr", "cooper"),
        ("retraites", "fr", "retrait"),
        ("marinos", "es", "marin"),
        ("المهاجرين", "ar", "مهاجر"),
        ("cooperatives", "de", "cooperatives"),
        ("cooperatives", "", "cooperatives"),
        ("2012", "en", "2012"),
        ("3rds", "en", "3rds"),
        ("s", "en", "s"),
        ("日本語", "en", "日本語"),
    ],
)
def test_a_word_is_stemmed_by_its_language(word, language, expected):
    assert stem(word, language) == expected


def test_the_stems_of_several_languages_are_each_there_once():
    assert stems("cooperatives", ["en", "fr", "es"]) == ["cooper", "cooperativ"]
    assert stems("2012", ["en", "fr", "es", "ar"]) == ["2012"]
    assert stems("word", []) == []


def test_threads_that_stem_at_once_do_not_mix_their_words():
    asked = list(product(["remittances", "migraciones", "communautés", "quickly", "الهجرة"], STEMMERS)) * 20
    one_by_one = [stem.__wrapped__(*word) for word in asked]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = [*threads.map(lambda _number: [stem.__wrapped__(*word) for word in asked], range(8))]
    finally:
        sys.setswitchinterval(interval)
    assert found == [one_by_one] * 8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("187,689 people", ["187689", "people"]),
        ("1,234,567", ["1234567"]),
        ("187\u00a0689 et 1\u202f000", ["187689", "et", "1000"]),
        ("2013,2014", ["2013", "2014"]),
        ("187,68", ["187", "68"]),
        ("12,345,67", ["12", "345", "67"]),
        ("3.141,592", ["3", "141", "592"]),
        ("187 689", ["187", "689"]),
    ],
)
def test_a_number_in_thousands_is_one_word(text, expected):
    assert cut(text) == expected


def test_frequent_words_and_stop_words_are_folded_once_each():
    stops = STOP_WORD_FILE.read_text(encoding="utf-8").split()
    lines = [
        line.split() for line in FREQUENT_WORDS.read_text(encoding="utf-8").splitlines() if line[0] != "#"
    ]
    for listed in (stops, [word for word, _tenths in lines]):
        assert len(listed) == len({*listed}) > 800
        assert [fold(word) for word in listed] == listed


def test_a_rare_word_says_more_than_a_common_one():
    assert rarity("the") < rarity("police") < rarity("seafarer") == rarity("the seafarer")
