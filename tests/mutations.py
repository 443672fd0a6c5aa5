"""Damaged files for import tests: bytes flipped, truncated, parts swapped, XML and cells edited."""

import io
import random
import re
import zipfile
from collections.abc import Callable

Parts = dict[str, bytes]
ODD = [
    *("", "-1", "0", "1e999", "NaN", "99999999999999999999", "A1048577", "XFD1", "s", "b", "e", "d", "str"),
    *("inlineStr", "2013-99-99", "\x7f", "𝕏", "&#0;", "&#x110000;", "&lt;", "]]>", "<!--", "xml:space"),
]
CELLS = [
    *("=1+1", "-5", "1e400", "#REF!", "'", ";" * 50, "PH-", "-IT", "PH-PH", "x" * 40_000, "\u202e", "\ufffe"),
    *(
        "2013/..",
        "32 May 2013",
        "99999",
        "images/../../a.jpg",
        "http://[",
        "javascript:x",
        "TRUE",
        "🏳️‍🌈" * 99,
    ),
]


def mutated(data: bytes, seed: int) -> bytes:
    """Return a damaged copy; the same seed gives the same copy."""
    chance = random.Random(seed)
    kinds = [flipped, cut, doubled, spliced, *(ZIP if data.startswith(b"PK") else TEXT) * 3]
    for _time in range(chance.choice([1, 1, 2])):
        if data.startswith(b"PK") or kinds[-1] in TEXT:
            data = chance.choice(kinds)(data, chance)
    return data


# Of any file -----------------------------------------------------------------------------------------------


def flipped(data: bytes, chance: random.Random) -> bytes:
    made = bytearray(data)
    for _time in range(chance.choice([1, 3, 30, 300])):
        made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(1, len(data))]


def doubled(data: bytes, chance: random.Random) -> bytes:
    return data + data[chance.randrange(len(data)) :]


def spliced(data: bytes, chance: random.Random) -> bytes:
    """Remove or move a piece."""
    start, end, to = sorted(chance.randrange(len(data)) for _time in range(3))
    return data[:start] + data[end:to] + chance.choice([b"", data[start:end]]) + data[to:]


# Of a workbook ---------------------------------------------------------------------------------------------


def with_parts(change: Callable[[Parts, random.Random], Parts]) -> Callable[[bytes, random.Random], bytes]:
    def changed(data: bytes, chance: random.Random) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as old:
                parts = {name: old.read(name) for name in old.namelist()}
        except Exception:  # an earlier mutation broke it
            return data
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as new:
            for name, text in change(parts, chance).items():
                new.writestr(name, text)
        return file.getvalue()

    return changed


def one_of(parts: Parts, chance: random.Random) -> str:
    return chance.choice(sorted(parts)) if parts else "none"


@with_parts
def swapped(parts: Parts, chance: random.Random) -> Parts:
    first, second = one_of(parts, chance), one_of(parts, chance)
    return parts | {first: parts.get(second, b""), second: parts.get(first, b"")}


@with_parts
def renamed(parts: Parts, chance: random.Random) -> Parts:
    old = one_of(parts, chance)
    new = chance.choice(
        [old.upper(), "../" + old, "/" + old, old + "x", "xl/worksheets/sheet9.xml", "a\\b", "é"]
    )
    return {new if name == old else name: text for name, text in parts.items()}


@with_parts
def without(parts: Parts, chance: random.Random) -> Parts:
    left = one_of(parts, chance)
    return {name: text for name, text in parts.items() if name != left}


@with_parts
def rewritten(parts: Parts, chance: random.Random) -> Parts:
    """Change or remove the value of an attribute, the text of an element, a tag or its end."""
    name = one_of(parts, chance)
    text = parts[name].decode(errors="replace") if name in parts else ""
    piece = chance.choice([r'"[^"]*"', r">[^<]+<", r"<[^>]+>", r"</[^>]+>", r' [\w:]+="[^"]*"'])
    found = list(re.finditer(piece, text))
    for match in reversed(chance.sample(found, min(len(found), chance.choice([1, 2, 9])))):
        old, odd = match[0], chance.choice(ODD)
        new = {'"': f'"{odd}"', ">": f">{odd}<"}.get(old[0], chance.choice(["", old * 2, "<c/>", "<row>"]))
        text = text[: match.start()] + new + text[match.end() :]
    return parts | {name: text.encode(errors="surrogatepass")}


@with_parts
def retyped(parts: Parts, chance: random.Random) -> Parts:
    """Give cells a type or number that does not fit their content."""
    name = next((name for name in sorted(parts) if name.endswith("sheet1.xml")), one_of(parts, chance))
    text = parts.get(name, b"").decode(errors="replace")
    kinds = ["n", "s", "b", "e", "d", "str", "inlineStr", "z", ""]
    kind = lambda old: old[0] if chance.random() < 0.9 else f't="{chance.choice(kinds)}"'  # noqa: E731
    value = lambda old: old[0] if chance.random() < 0.9 else f"<{old[1]}>{chance.choice(ODD)}"  # noqa: E731
    head, end, body = text.partition(chance.choice(["</row>", "</row>", "<row"]))  # mostly not the headings
    body = re.sub(r"<([vt])>[^<]*", value, re.sub(r'\bt="\w+"', kind, body))
    text = head + end + body
    return parts | {name: text.encode(errors="replace")}


# Of a text -------------------------------------------------------------------------------------------------


def cells(data: bytes, chance: random.Random) -> bytes:
    """Put unexpected content into some cells."""
    text = data.decode("utf-8", errors="replace").split(",")
    for _time in range(chance.choice([1, 5, 40])):
        text[chance.randrange(len(text))] = chance.choice(CELLS)
    return ",".join(text).encode(errors="replace")


def signs(data: bytes, chance: random.Random) -> bytes:
    """Remove or insert quotes, line ends and separators."""
    old, new = chance.sample(
        [b'"', b",", b";", b"\n", b"\r", b"\t", b"\0", b"'", b"\xff", b"\xef\xbb\xbf"], 2
    )
    return data.replace(old, new, chance.choice([1, 9, -1]))


def recoded(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", errors="replace")
    return text.encode(chance.choice(["utf-16", "utf-32", "cp1252", "utf-7", "cp437"]), errors="replace")


ZIP = [swapped, renamed, without, rewritten, rewritten, retyped]
TEXT = [cells, cells, signs, recoded]
