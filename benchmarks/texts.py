"""Cost of hostile texts in each function that reads user text, at n and 2n characters.

    python benchmarks/texts.py [--size 20000] [--all]

For each function: the most expensive text with its processor time at 2n, and the largest ratio of 2n to n
(the best of five each; texts below 20 ms are left out). 2 is linear, 4 is quadratic; the exit status is 1
above 3.2. `--all` prints a line for each text. Maximum lengths of texts are in practices/models.
"""

import argparse
import os
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))

import django

django.setup()

from practices.exchange import citations, sheet  # noqa: E402
from practices.exchange.booklet import BookletError, read_booklet  # noqa: E402
from practices.history.differences import parts  # noqa: E402
from practices.search.highlighting import SIGNS  # noqa: E402
from practices.search.index_rows import MARKUP, paragraphs  # noqa: E402
from practices.search.query_parser import ITEM  # noqa: E402
from practices.search.tokenizer import tokenize  # noqa: E402
from practices.values import text as markdown  # noqa: E402
from practices.values.period import PeriodError  # noqa: E402
from practices.values.period_parsing import parse_period  # noqa: E402
from practices.values.text import for_xml, to_html, unwrap  # noqa: E402
from practices.values.versioned_cache import VersionedCache  # noqa: E402

markdown.RENDERED = VersionedCache(0)  # nothing is rendered only once
LINEAR, LEAST = 3.2, 0.02
REPEATED = [
    *(
        "[^",
        "^[",
        "[",
        "![",
        "](",
        "[](",
        "]",
        "[^]",
        "[[a]]",
        "[a](b",
        "[a](<b",
        '[a](b "',
        "[a]: b\n",
        "^[ [",
    ),
    *(
        "*_",
        "*a_",
        "*a ",
        "**a ",
        "*",
        "_a",
        "`",
        "`a",
        "<",
        "<a ",
        "<!--",
        "<http://",
        "&",
        "&amp;",
        "\\",
        "\\*",
    ),
    *(
        "a",
        " ",
        "\t",
        "\n",
        " \n",
        "a\n",
        "a\n\n",
        "a  \n",
        "- ",
        "- a\n",
        "> ",
        "> a\n",
        "> - a\n",
        "1. ",
        "+\n",
    ),
    *(
        "a\n[^",
        "[^1]",
        "[^1]: a\n",
        "[^1]: a\n\n",
        "a b ",
        "1,000",
        "1\u00a0000",
        "1,",
        "a\u0301",
        "a&",
        "'a",
        '"',
    ),
    *(
        "“",
        '-"',
        "www.",
        "http://",
        "¹",
        "• a\n",
        "(",
        "**a",
        "م",
        "😀",
        "\0",
        "\u2028",
        "''=",
        "2013/",
        "until ",
    ),
]


def notes(count: int) -> str:
    return "".join(f"\n\n[^{number}]: a" for number in range(count))


NESTED: dict[str, Callable[[int], str]] = {
    "[…](b)…": lambda n: "[" * (n // 2) + "a" + "](b)" * (n // 8),
    "^[a …]": lambda n: "^[a " * (n // 5) + "]" * (n // 5),
    "*_…b…_*": lambda n: "*_" * (n // 4) + "b" + "_*" * (n // 4),
    "*a **a …": lambda n: "*a **a " * (n // 14) + "b" + "** a*" * (n // 12),
    "lists": lambda n: "".join(f"{'  ' * depth}- a\n" for depth in range(int(n**0.5))),
    "quotes, then lines": lambda n: ">" * (n // 2) + "\n" + "a\n" * (n // 4),
    "backticks": lambda n: "".join("`" * length + " " for length in range(int((2 * n) ** 0.5))),
    "footnotes": lambda n: "".join(f"[^{i}] " for i in range(n // 20)) + notes(n // 20),
    "a definition and its uses": lambda n: "[a] " * (n // 8) + "\n\n[a]: /" + "&" * (n // 2),
    "a title and its uses": lambda n: "[a] " * (n // 8) + '\n\n[a]: /b "' + "&" * (n // 2) + '"',
    "a footnote and its uses": lambda n: "[^a] " * (n // 10) + "\n\n[^a]: " + "&" * (n // 2),
    "a, spaces, b": lambda n: f"a{' ' * n}b",
}  # fmt: skip


def texts(n: int) -> dict[str, str]:
    return {repr(part): part * (n // len(part)) for part in REPEATED} | {
        name: made(n) for name, made in NESTED.items()
    }


def indexed(text: str) -> None:
    for part in paragraphs(text):
        list(tokenize(MARKUP.sub(" ", part)))


def period(text: str) -> None:
    with suppress(PeriodError):
        parse_period(text)


def rows(text: str) -> None:
    with suppress(sheet.SheetError):
        sheet.read_lines(f"title\n{text}".encode())


def workbook(text: str) -> None:
    sheet.marks((text[:3_990] + ">").encode() * (len(text) // 3_990))


def compared(text: str) -> None:
    parts(text, text[: len(text) // 2] + "b" + text[len(text) // 3 :])
    parts(text, "a b\n\n" * (len(text) // 5))


def booklet(text: str) -> None:
    for whole in (text, f"# A\n\n## B\n\nCountry: C\n\nStory\n\n{text}"):
        with suppress(BookletError):
            read_booklet(whole)


FUNCTIONS: dict[str, Callable] = {
    "Markdown to HTML (text.to_html)": to_html,
    "joining lines (text.unwrap)": unwrap,
    "text for XML (text.for_xml)": for_xml,
    "words of the index (MARKUP, words)": indexed,
    "signs of a passage (highlight.SIGNS)": lambda text: SIGNS.sub("", text),
    "items of a question (question.ITEM)": ITEM.findall,
    "comparing two texts (differences.parts)": compared,
    "title in quotation marks (citations)": citations.inside_quotes,
    "one line (citations.one_line)": citations.single_line,
    "a period (parse_period)": period,
    "a sheet (sheet.read)": rows,
    "tags of a workbook (sheet.marks)": workbook,
    "a booklet (read_booklet)": booklet,
}


def seconds(function: Callable, text: str) -> float:
    best = float("inf")
    for _attempt in range(5):
        begun = time.process_time()
        function(text)
        best = min(best, time.process_time() - begun)
        if best > 2:
            break
    return best


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--size", type=int, default=20_000)
    arguments.add_argument("--all", action="store_true")
    asked = arguments.parse_args()
    short, long = texts(asked.size), texts(2 * asked.size)
    failed = False
    for name, function in FUNCTIONS.items():
        costs = {text: (seconds(function, short[text]), seconds(function, long[text])) for text in short}
        ratios = {text: two / one for text, (one, two) in costs.items() if one > LEAST}
        costliest = max(costs, key=lambda text: costs[text][1])
        steepest = max(ratios, key=ratios.get, default=None)
        said = f"{ratios[steepest]:.1f} ({steepest})" if steepest else f"below {LEAST * 1000:.0f} ms"
        failed |= steepest is not None and ratios[steepest] > LINEAR
        print(f"{name:40} costliest {costs[costliest][1]:.3f} s ({costliest}), ratio {said}", flush=True)
        for text, (one, two) in costs.items() if asked.all else ():
            print(f"    {text:24} {one:.4f} {two:.4f}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
