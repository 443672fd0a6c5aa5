"""Each pair of colours in the style guide has enough contrast (WCAG 2.2)."""

import pytest
from django.conf import settings

from practices.site.styleguide import PAIRS, colours


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def low_pairs(tokens: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (front, ground) for front, ground, least in PAIRS if contrast(tokens[front], tokens[ground]) < least
    ]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#fff", "#000000", 21),
        ("#777777", "#fff", 4.48),
        ("#f00", "#fff", 4),
        ("#0000ff", "#fff", 8.59),
        ("#123456", "#123456", 1),
    ],
)
def test_contrast_is_computed_as_wcag_says(one, other, ratio):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


def test_every_pair_of_colours_in_use_has_enough_contrast_in_light_and_dark():
    themes = colours((settings.BASE_DIR / "static/css/site.css").read_text())
    assert {name: low_pairs(tokens) for name, tokens in themes.items()} == {"light": [], "dark": []}
    assert themes["light"]["ink"] != themes["dark"]["ink"]
    assert len(low_pairs(dict.fromkeys(themes["light"], "#777777"))) == len(PAIRS)
