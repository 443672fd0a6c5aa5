"""Reads a CSV file; finds its encoding and its separator, and remarks on what it assumed."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.exchange.sheet_rows import (
    CountsHeadings,
    Row,
    SheetError,
    Table,
    cell_name,
    check_row_count,
)

# The encodings that a person may choose, by the names of Python's codecs; the names are those of
# spreadsheet programs' lists.
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": gettext_lazy("Windows-1252 (Western European)"),
    "mac-roman": gettext_lazy("Mac Roman (Western European)"),
    "cp1250": gettext_lazy("Windows-1250 (Central European)"),
    "cp1251": gettext_lazy("Windows-1251 (Cyrillic)"),
    "cp1253": gettext_lazy("Windows-1253 (Greek)"),
    "cp1254": gettext_lazy("Windows-1254 (Turkish)"),
    "cp1256": gettext_lazy("Windows-1256 (Arabic)"),
    "cp1257": gettext_lazy("Windows-1257 (Baltic)"),
    "iso8859-15": gettext_lazy("ISO 8859-15 (Western European)"),
    "cp850": gettext_lazy("DOS 850 (Western European)"),
    "koi8-u": gettext_lazy("KOI8 (Cyrillic)"),
    "gb18030": gettext_lazy("GB 18030 (Chinese)"),
    "big5": gettext_lazy("Big5 (Chinese)"),
    "cp932": gettext_lazy("Shift JIS (Japanese)"),
    "utf-16": "UTF-16",
}
# Those that a file may be found to have, each with the letters of a language or of several that mix: CLDR's
# exemplar characters. Of equally likely ones, the first is taken.
WESTERN = "àáâãäæçèéêëìíîïñòóôõöœùúûüÿß"
NORDIC = "åäæéöø"
ALPHABETS = (
    ("cp1252", WESTERN),
    ("cp1252", NORDIC),
    ("mac-roman", WESTERN),
    ("mac-roman", NORDIC),
    ("cp1250", "ăâîşţșț"),  # Romanian
    ("cp1250", "ąćęłńóśźż"),  # Polish
    ("cp1250", "áäčďéěíľňóôřšťúůýž"),  # Czech, Slovak
    ("cp1250", "áéíóöőúüű"),  # Hungarian
    ("cp1250", "čćđšž"),  # Bosnian, Croatian, Serbian, Slovene
    ("cp1254", "âçğıîöşüûİ"),  # Turkish
    ("iso8859-15", WESTERN),
    ("cp850", WESTERN),
    ("cp1251", "абвгдежзийклмнопрстуфхцчшщъыьэюяёђѓєѕіїјљњћќѝўџґ"),
    ("koi8-u", "абвгдежзийклмнопрстуфхцчшщъыьэюяёєіїґ"),
    ("cp1256", "ابتثجحخدذرزسشصضطظعغفقكلمنهويىءآأؤإئةپچژگڈکںھہے"),
)
NOT_LATIN = {"cp1251", "koi8-u", "cp1256"}
SIGNS = set("“”‘’«»„–—…€°·¿¡\u00a0،؛؟ـًٌٍَُِّْ")  # that stand in texts of any language
AFTER_DIGIT = SIGNS | set("ºª")
WORD = re.compile(r"[^\W\d_]+")
LOOKED_AT = 50_000  # bytes from which an encoding is found
SEPARATORS = ",;\t|"
MAX_HEADINGS_LENGTH = 50_000  # characters in which the separator is found; 1,000 headings have half as many
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n|\r|\n)', re.IGNORECASE)  # Excel's own
BAD_BYTE = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of it
# Latin, Greek, Cyrillic, Arabic, punctuation, East Asian: letters of other scripts, as few bytes of another
# encoding, may look like UTF-8 by chance.
EXPECTED = re.compile("[\x80-\u024f\u0370-\u052f\u0600-\u06ff\u1e00-\u1eff\u2000-\u20ff\u3000-\u9fff]")
BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def read_csv(data: bytes, encoding: str, count_headings: CountsHeadings) -> Table:
    """Return the filled rows of a delimited text. Raises SheetError.

    `encoding` is a key of ENCODINGS, or empty to find it. The separator is the one that gives the most known
    headings, unless the first line names it (`sep=;`).
    """
    text, guessed = decode(data, encoding)
    separator = ""
    if line := SEPARATOR_LINE.match(text):
        text, separator = text[line.end() :], line[1]
    separator = separator or find_separator(text, count_headings)
    rows = list(csv_rows(text, separator))
    return Table(rows, encoding_remarks(rows, guessed or encoding or wide_encoding(data), bool(guessed)))


def csv_rows(text: str, separator: str) -> Iterator[Row]:
    """Yield the rows with a filled cell; a row is a record of RFC 4180 and can have several lines."""
    number, rows = 0, []
    table = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=separator != "\t"
    )
    try:
        for number, values in enumerate(table, start=1):
            if not any(values):
                continue
            row = Row(number, values)
            if row.filled:
                check_bytes(row)
                rows.append(row)
                check_row_count(rows)
                yield row
    except csv.Error as error:
        message = _("Row %(row)d is not valid CSV. Check for a missing or extra quotation mark. (%(error)s)")
        raise SheetError(message % {"row": number + 1, "error": error}) from error


def check_bytes(row: Row) -> None:
    """Raise SheetError with the first byte of a row that is not UTF-8."""
    for position, value in enumerate(row.values):
        if bad := BAD_BYTE.search(value):
            message = _(
                "Cell %(cell)s (row %(row)d) contains the byte %(byte)s, which is not UTF-8: "
                "“%(text)s”. Save the file again as UTF-8, or select its encoding."
            )
            shown = BAD_BYTE.sub("�", value[max(0, bad.start() - 30) : bad.end() + 20])
            byte = f"0x{ord(bad[0]) - 0xDC00:02X}"
            named = {"cell": cell_name(position, row.number), "row": row.number, "byte": byte, "text": shown}
            raise SheetError(message % named)


# Encoding --------------------------------------------------------------------------------------------------


def decode(data: bytes, encoding: str) -> tuple[str, str]:
    """Return the text of a file, and its encoding if it was guessed.

    Bytes that are not UTF-8 in a file that is mostly UTF-8 become surrogates, which `check_bytes` names.
    Raises SheetError for a file that is not a text, or not in the encoding that was chosen.
    """
    if encoding:
        return decode_strictly(data, encoding), ""
    for mark, codec in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return decode_utf_8(data[len(mark) :]) if codec == "utf-8" else decode_strictly(data, codec), ""
    if codec := utf_16_without_mark(data):
        return decode_strictly(data, codec), ""
    if b"\0" in data:
        raise SheetError(_("The file is not an Excel workbook (XLSX) or a CSV file."))
    text = decode_utf_8(data)
    bad = len(BAD_BYTE.findall(text))
    if not bad or len(EXPECTED.findall(text)) >= bad:
        return text, ""
    codec = likely_encoding(data)
    return data.decode(codec, errors="replace"), codec


def decode_utf_8(data: bytes) -> str:
    return data.decode("utf-8", errors="surrogateescape")


def decode_strictly(data: bytes, encoding: str) -> str:
    """Decode a file; raise SheetError with the line of the first byte that the encoding does not have."""
    if encoding == "utf-8":
        return decode_utf_8(data.removeprefix(b"\xef\xbb\xbf"))
    if encoding == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = utf_16_without_mark(data) or "utf-16-le"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        name = ENCODINGS.get(encoding, encoding.upper())
        message = _("The file is not encoded as %(encoding)s: byte %(byte)s in line %(line)d is not valid.")
        byte = f"0x{data[error.start]:02X}"
        raise SheetError(message % {"encoding": name, "byte": byte, "line": line}) from error


def wide_encoding(data: bytes) -> str:
    """Return “UTF-16” or “UTF-32” if the file has that encoding; else an empty string."""
    codec = next((codec for mark, codec in BYTE_ORDER_MARKS if data.startswith(mark)), "")
    return codec.removeprefix("utf-8") or ("utf-16" if utf_16_without_mark(data) else "")


def utf_16_without_mark(data: bytes) -> str:
    """Return the UTF-16 encoding of a file without a byte order mark, by the zero bytes in its English
    headings.
    """
    head = data[: min(len(data), 40) // 2 * 2]
    zeros = [head[start::2].count(0) * 4 >= len(head) * 2 - 8 for start in (0, 1)]
    if len(head) < 4 or zeros == [True, True]:
        return ""
    if zeros[1] and not head[0::2].count(0):
        return "utf-16-le"
    return "utf-16-be" if zeros[0] and not head[1::2].count(0) else ""


def likely_encoding(data: bytes) -> str:
    """Return the encoding in which the characters outside ASCII fit best with a language that uses it.

    Libraries need longer texts: chardet 7.7 finds the encoding of 12 of the 19 short texts in the tests, or
    16 if limited to those above; charset-normalizer 3.5 takes “școală și țară” for hp_roman8.
    """
    texts = {codec: data[:LOOKED_AT].decode(codec, errors="replace") for codec, _letters in ALPHABETS}
    return max(ALPHABETS, key=lambda row: likelihood(texts[row[0]], set(row[1]), row[0] in NOT_LATIN))[0]


def likelihood(text: str, letters: set[str], not_latin: bool) -> float:
    """Return the share of non-ASCII characters that the language has, minus the share of impossible words."""
    places = [place for place, sign in enumerate(text) if sign > "\x7f"]
    right = sum(fit(text, place, letters) for place in places)
    words = [word for word in WORD.findall(text) if not word.isascii()]
    odd = sum(is_odd(word, not_latin) for word in words)
    return right / max(1, len(places)) - odd / max(1, len(words))


def fit(text: str, place: int, letters: set[str]) -> float:
    """Return how well a character fits its neighbours: 1 for a letter of the language, ½ for a sign between
    letters.
    """
    sign, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if before.isdigit():
        return sign in AFTER_DIGIT
    if sign not in SIGNS or sign == "\u00a0":
        return sign == "\u00a0" or not letters.isdisjoint({sign, sign.lower()})
    if (before in SIGNS or after in SIGNS) and "\u00a0" not in before + after:
        return 0
    return 0.5 if sign != "’" and before.isalpha() and after.isalpha() else 1


def is_odd(word: str, not_latin: bool) -> bool:
    """Return whether a word mixes upper and lower case, or Latin with other scripts."""
    mixed = not_latin and any(letter.isascii() for letter in word)
    return mixed or (word != word.lower() and not word.isupper() and not word[1:].islower())


def encoding_remarks(rows: list[Row], encoding: str, guessed: bool) -> list[str]:
    """Return remarks on an encoding that is not certain, with the text of a cell for people to check."""
    if not encoding:
        return []
    name = ENCODINGS.get(encoding, encoding.upper())
    cells = ((row.number, place, value) for row in rows for place, value in enumerate(row.values))
    example = next(
        ((cell_name(place, number), value) for number, place, value in cells if not value.isascii()), None
    )
    if example is None:
        return [_("The file was read as %(encoding)s.") % {"encoding": name}]
    message = _("The file was read as %(encoding)s: cell %(cell)s is “%(text)s”.")
    if guessed:
        message += " " + _("If characters are wrong, select the encoding of the file and check it again.")
        if encoding != "cp1252":
            message += " " + _("If no encoding is right, save the file as UTF-8.")
    return [message % {"encoding": name, "cell": example[0], "text": around_first(example[1])}]


def around_first(text: str) -> str:
    """Return about 60 characters around the first one outside ASCII."""
    first = next(place for place, letter in enumerate(text) if letter > "\x7f")
    start = max(0, first - 30)
    part = " ".join(text[start : start + 60].split())
    return f"{'…' if start else ''}{part}{'…' if len(text) > start + 60 else ''}"


# Separator -------------------------------------------------------------------------------------------------


def find_separator(text: str, count_headings: CountsHeadings) -> str:
    """Return the separator that gives most known headings in the first filled line, else the most frequent
    one.
    """
    lines = text[:MAX_HEADINGS_LENGTH].lstrip("\ufeff\r\n").splitlines()
    first = next((line for line in lines if line.strip(SEPARATORS + " ")), "")

    def merit(separator: str) -> tuple[int, int]:
        return count_headings(split(first, separator)), first.count(separator)

    return max(SEPARATORS, key=merit)


def split(line: str, separator: str) -> list[str]:
    try:
        return list(chain.from_iterable(csv.reader([line], delimiter=separator, skipinitialspace=True)))
    except csv.Error:
        return []
