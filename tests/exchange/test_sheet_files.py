"""Files as people and their programs write them: nothing is lost or misread silently."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from practices.exchange import sheet
from practices.exchange.csv_reader import ENCODINGS, likely_encoding
from practices.exchange.sheet import SheetError
from practices.exchange.sheet_rows import column_name
from practices.exchange.xlsx_reader import parts_shown

pytestmark = pytest.mark.one_engine


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook(*rows: list) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return book


def with_replaced(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old, new) if name == part else content)
    return made.getvalue()


def archive(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, text in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return file.getvalue()


# Cells without a heading -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "cell", "text"),
    [
        (b"title,story\nWomen, peace,Story\n", "C2", "Story"),
        (b"title;story\nA; b;Story\n", "C2", "Story"),
        (b"title\nRemittances, bonds\n", "B2", "bonds"),
        ("title,story\n“Women, peace”,Story\n".encode(), "C2", "Story"),
        (b"title,,story\nA,between,S\n", "B2", "between"),
        (b"title,story\n,A,S\n", "C2", "S"),
        (saved(workbook(["title", "story"], ["A", "S", "surplus"])), "C2", "surplus"),
        (saved(workbook(["title", None, "story"], ["A", 7, "S"])), "B2", "7"),
        (saved(workbook(["title"], ["A"] + [None] * 40 + ["far"])), "AP2", "far"),
    ],
)
def test_a_filled_cell_without_a_heading_is_an_error_that_names_row_cell_and_text(data, cell, text):
    [line] = sheet.read_lines(data)
    [(path, [message])] = line.errors.items()
    assert (line.cells[path], f"“{text}” in row 2 has no heading" in message) == (cell, True)


def test_of_many_cells_without_a_heading_the_first_are_named_and_the_others_counted():
    [line] = sheet.read_lines(b"title\nA" + b",x" * 20 + b"\n")
    messages = [message for said in line.errors.values() for message in said]
    assert [message[:3] for message in messages] == ["“x”", "“x”", "“x”", "17 "]


# Merged, hidden, erroneous ---------------------------------------------------------------------------------


def test_a_merged_value_stands_in_every_row_of_its_range():
    book = workbook(["title", "places.1.country"], ["A", "PH"], ["B"], ["C"], ["D", "IT"])
    book.active.merge_cells("B2:B4")
    lines = sheet.read_lines(saved(book))
    assert [line.record["places"] for line in lines] == [
        *([{"country": "PH"}] for _row in range(3)), [{"country": "IT"}],
    ]  # fmt: skip
    assert [line.cells["places.1.country"] for line in lines] == ["B2", "B3", "B4", "B5"]


def test_a_range_that_is_merged_beyond_the_filled_rows_makes_no_rows():
    book = workbook(["title", "story"], ["A", "S"])
    book.active.merge_cells("B2:B5000")
    assert [line.number for line in sheet.read_lines(saved(book))] == [2]


def test_a_range_merged_over_columns_is_refused_by_name():
    book = workbook(["title", "summary", "story"], ["A", "Both", None], ["B", "C", "D"])
    book.active.merge_cells("B2:C2")
    first, second = sheet.read_lines(saved(book))
    assert first.errors == {"summary": ["The cells B2:C2 are merged. Unmerge them and fill in each cell."]}
    assert (second.errors, second.record["story"]) == ({}, "D")


def test_merged_headings_are_refused_by_name():
    book = workbook(["title", "story"], ["A", "S"])
    book.active.merge_cells("A1:B1")
    with pytest.raises(SheetError, match="A1:B1 are merged"):
        sheet.read_lines(saved(book))


def test_a_row_that_a_filter_hides_is_read_with_a_remark():
    book = workbook(["title"], ["Shown"], ["Hidden"])
    book.active.row_dimensions[3].hidden = True
    shown, hidden = sheet.read_lines(saved(book))
    assert (shown.remarks, hidden.record["title"]) == ([], "Hidden")
    assert hidden.remarks == ["This row is hidden in the sheet, for example by a filter."]


def test_hidden_columns_are_read_with_a_remark():
    book = workbook(["title", "story"], ["A", "S"])
    book.active.column_dimensions["B"].hidden = True
    read = sheet.read_sheet(saved(book))
    assert (read.lines[0].record["story"], read.remarks[1:]) == ("S", ["Hidden columns were also read: B."])


ERRORS = (
    "#REF! #N/A #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC! "
    "#¡REF! #¿NOMBRE? #VALEUR! #ÜBERLAUF! #NV #DIV/0 ### ######## #GETTING_DATA Err:502"
)


@pytest.mark.parametrize("error", ERRORS.split())
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_cell_that_holds_an_error_of_a_spreadsheet_program_is_an_error(error, kind):
    data = f"title,story\nA,{error}\n".encode()
    if kind == "xlsx":
        data = saved(workbook(["title", "story"], ["A", error]))
    [line] = sheet.read_lines(data)
    assert error in line.errors["story"][0]
    assert line.record["story"] == ""


@pytest.mark.parametrize(
    "text", ["#1 in the region", "#migration!", "N/A", "# Heading", "##", "#NVA", "### A", "Errors: none"]
)
def test_a_text_with_a_number_sign_is_no_error(text):
    [line] = sheet.read_lines(f"title,story\nA,{text}\n".encode())
    assert (line.errors, line.record["story"]) == ({}, text)


# Which sheet -----------------------------------------------------------------------------------------------


def several(*sheets: tuple[str, str, list[list]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, state, rows in sheets:
        made = book.create_sheet(name)
        made.sheet_state = state
        for row in rows:
            made.append(row)
    book.active = len(sheets) - 1
    return saved(book)


GOOD = [["Title", "story"], ["Found", "S"]]
OTHER = [["title", "story"], ["Not this", "S"]]


@pytest.mark.parametrize(
    "sheets",
    [
        [("Cover", "visible", [["Please fill in the second sheet"]]), ("Cases", "visible", GOOD)],
        [("Old", "hidden", OTHER), ("Cases", "visible", GOOD), ("Notes", "visible", [["x"]])],
        [("Old", "veryHidden", OTHER), ("Cases", "visible", GOOD)],
        [("Empty", "visible", []), ("Cases", "visible", [[], [None], *GOOD])],
        [("Cases", "visible", GOOD), ("Later", "visible", OTHER)],
    ],
)
def test_the_first_visible_sheet_with_headings_is_read_and_named(sheets):
    read = sheet.read_sheet(several(*sheets))
    assert [line.record["title"] for line in read.lines] == ["Found"]
    assert read.remarks[0] == "Imported sheet: “Cases”."


def test_other_sheets_with_headings_are_named():
    read = sheet.read_sheet(several(("Cases", "visible", GOOD), ("Later", "visible", OTHER)))
    assert "Other sheets with headings were not read: “Later”." in read.remarks[1]


def test_without_headings_anywhere_the_error_is_about_the_first_visible_sheet():
    data = several(("Hidden", "hidden", OTHER[:1]), ("Shown", "visible", [["titel"], ["A"]]))
    with pytest.raises(SheetError) as raised:
        sheet.read_lines(data)
    assert str(raised.value) == (
        "Sheet “Shown”: There is no field “titel”. See the template for all headings. Hidden "
        "sheets with headings are not read: “Hidden”. Show the sheet that you want to import."
    )


@pytest.mark.parametrize("headings", [["title", "remarks"], ["title", "title"], ["story"]])
def test_an_error_of_the_headings_names_the_sheet_alone_where_it_fits(headings):
    data = several(("Hidden", "hidden", [["x"]]), ("Shown", "visible", [headings, ["A", "B"]]))
    with pytest.raises(SheetError) as raised:
        sheet.read_lines(data)
    assert str(raised.value).startswith("Sheet “Shown”: ")
    assert "Hidden" not in str(raised.value)


def test_an_error_of_the_headings_of_a_text_names_no_sheet():
    with pytest.raises(SheetError, match=r"\AThere is no field “titel”"):
        sheet.read_lines(b"titel\nA\n")


# Encodings and separators ----------------------------------------------------------------------------------

FRENCH = "title;story\r\nÉpargne à Sédhiou;“Récit” d’été\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac-roman"]
)
@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
def test_a_text_is_read_whatever_a_program_encodes_it_in(encoding, ends):
    [line] = sheet.read_lines(FRENCH.replace("\r\n", ends).encode(encoding))
    assert line.record == {"title": "Épargne à Sédhiou", "story": "“Récit” d’été"}


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "São Paulo, João"),
        ("cp1252", "1º de mayo, niño"),
        ("cp1252", "Köln, Straße"),
        ("cp1252", "Århus på øen"),
        ("mac-roman", "Michoacán"),
        ("mac-roman", "Niño"),
        ("mac-roman", "l’exode"),
        ("cp1250", "şcoală şi ţară"),
        ("cp1250", "Łódź, żółć"),
        ("cp1250", "Příběh migrantů"),
        ("cp1250", "Čačak, Šabac"),
        ("cp1251", "Диаспора в Молдове"),
        ("cp1251", "МИГРАНТЫ и деньги"),
        ("koi8-u", "Диаспора в Молдове"),
        ("iso8859-15", "Coût : 5 €"),
        ("cp850", "Éducation des migrantes à Sédhiou"),
        ("cp1254", "İstanbul’da göçmenler ve çocuklar"),
        ("cp1256", "تحويلات المهاجرين"),
        ("cp1256", "المغرب"),
    ],
)
def test_the_encoding_of_a_short_text_is_found(encoding, text):
    assert likely_encoding(f"title;story\n{text};x\n".encode(encoding)) == encoding


def test_a_guessed_encoding_is_named_with_an_example():
    read = sheet.read_sheet("title;story\nA;École\n".encode("cp1252"))
    said = "The file was read as Windows-1252 (Western European): cell B2 is “École”."
    assert read.remarks == [
        f"{said} If characters are wrong, select the encoding of the file and check it again."
    ]


@pytest.mark.parametrize(("encoding", "text"), [("cp1250", "Łódź, żółć"), ("cp1251", "Диаспора в Молдове")])
def test_a_guessed_encoding_that_is_rare_advises_utf_8(encoding, text):
    [remark] = sheet.read_sheet(f"title;story\n{text};x\n".encode(encoding)).remarks
    assert remark.endswith("If no encoding is right, save the file as UTF-8.")


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32")],
)
def test_utf_16_and_utf_32_are_named(encoding, name):
    [remark] = sheet.read_sheet(FRENCH.encode(encoding)).remarks
    assert remark == f"The file was read as {name}: cell A2 is “Épargne à Sédhiou”."


def test_utf_8_needs_no_remark():
    assert sheet.read_sheet(FRENCH.encode()).remarks == []


def test_the_encoding_can_be_chosen():
    data = "title;story\nGyőr;x\n".encode("cp1250")
    read = sheet.read_sheet(data, "cp1250")
    assert (read.lines[0].record["title"], len(read.remarks)) == ("Győr", 1)


def test_a_chosen_encoding_that_the_file_does_not_have_is_refused_with_the_line():
    with pytest.raises(SheetError, match="byte 0xC9 in line 2"):
        sheet.read_sheet("title\nÉ\n".encode("cp1252") + b"\xc9", "gb18030")


def test_every_encoding_on_offer_is_known_to_python():
    assert [name for name in ENCODINGS if "title".encode(name).decode(name) != "title"] == []


def test_a_bad_byte_in_utf_8_is_named_with_its_row_and_cell():
    data = FRENCH.encode() + "Été;à ".encode() + b"\xe9t\n"
    with pytest.raises(
        SheetError, match=r"Cell B3 \(row 3\) contains the byte 0xE9, which is not UTF-8: “à �t”"
    ):
        sheet.read_lines(data)


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_that_names_the_separator_is_no_row(first):
    [line] = sheet.read_lines(f"{first}\r\ntitle;story\r\nA, b;S\r\n".encode())
    assert (line.number, line.record) == (2, {"title": "A, b", "story": "S"})


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_gives_headings(sign):
    heading = sign.join(["title", "story", "themes"])
    [line] = sheet.read_lines(f"{heading}\nA{sign}S{sign}\n".encode())
    assert line.record == {"title": "A", "story": "S", "themes": []}


# Files of other kinds --------------------------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
STRICT = with_replaced(
    saved(workbook(["title"], ["A"])),
    "xl/workbook.xml",
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (OLE + "Workbook".encode("utf-16-le"), r"old Excel workbook \(XLS\)"),
        (OLE, r"old Excel workbook \(XLS\)"),
        (bytes.fromhex("0908080000") + bytes(50), r"old Excel workbook \(XLS\)"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (OLE + "WordDocument".encode("utf-16-le"), r"Word document \(DOC\)"),
        (STRICT, "Strict Open XML Spreadsheet"),
        (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), r"spreadsheet \(ODS\)"),
        (archive(Index__Document_dot_iwa="x"), "Numbers document"),
        (archive(xl__workbook_dot_bin="x"), r"\(XLSB\)"),
        (archive(word__document_dot_xml="x"), r"\(DOCX\)"),
        (archive(cases_dot_csv="title"), "ZIP archive"),
        (b"%PDF-1.7", "PDF"),
        (b"{\\rtf1 title", "RTF"),
        (b"\xff\xd8\xff\xe0title", "JPEG"),
        (b"<html><body><table><tr><td>title", r"web page \(HTML\)"),
        ("\ufeff  <!DOCTYPE html>".encode(), r"web page \(HTML\)"),
        ("<html><table>".encode("utf-16"), r"web page \(HTML\)"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "2003"),
        (b'[{"title": "A"}]', "JSON"),
        (b"ID;PWXL;N;E", "SYLK"),
    ],
)
def test_a_file_of_another_kind_is_named_with_what_to_do(data, said):
    with pytest.raises(SheetError, match=said) as caught:
        sheet.read_lines(data)
    assert "ave" in str(caught.value)  # save, Save: what to do


# Precision of days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("mmm-yy", "2013-05"),
        ("mmm\\-yy", "2013-05"),
        ("yyyy", "2013"),
        ("yy", "2013"),
        ("mmmm yyyy", "2013-05"),
        ("[$-40C]mmmm yyyy;@", "2013-05"),
        ('"Year" yyyy', "2013"),
        ("m/yyyy", "2013-05"),
        ("yyyy-mm", "2013-05"),
        ("dddd, mmmm yyyy", "2013-05"),
        ("yyyy-mm-dd", "2013-05-17"),
        ("dd/mm/yyyy", "2013-05-17"),
        ("mm-dd-yy", "2013-05-17"),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2013-05-17"),
        ("yyyy-mm-dd h:mm:ss", "2013-05-17"),
    ],
)
@pytest.mark.parametrize("heading", ["period", "sources.1.date"])
def test_a_day_has_the_precision_that_its_cell_shows(number_format, shown, heading):
    book = workbook(["title", heading], ["A", date(2013, 5, 17)])
    book.active["B2"].number_format = number_format
    [line] = sheet.read_lines(saved(book))
    value = line.record["period"] if heading == "period" else line.record["sources"][0]["date"]
    assert (value, line.errors) == (shown, {})


@pytest.mark.parametrize("number_format", ["d mmm", "d-mmm", "dd/mm", "mmmm"])
def test_a_day_that_shows_no_year_is_an_error(number_format):
    book = workbook(["title", "period"], ["A", datetime(2026, 5, 17)])
    book.active["B2"].number_format = number_format
    [line] = sheet.read_lines(saved(book))
    assert line.errors["period"] == ["The cell shows no year. Enter the full date, such as 2026-05-17."]


def test_minutes_are_no_months():
    assert parts_shown("h:mm") == set()
    assert parts_shown("yyyy h:mm:ss") == {"y"}


# Limits ----------------------------------------------------------------------------------------------------


def test_empty_rows_do_not_count():
    data = b"title;story\nOne;S\n" + b";\n" * 600 + b"Two;S\n"
    assert [line.number for line in sheet.read_lines(data)] == [2, 603]


def test_formatted_empty_rows_and_cells_far_away_do_not_count():
    book = workbook(["title", "story"], ["One", "S"])
    for row in range(3, 700):
        book.active.cell(row, 1).number_format = "0.00"
    for cell in ("B1048576", "XFD2"):
        book.active[cell].number_format = "0.00"
    assert [line.record["title"] for line in sheet.read_lines(saved(book))] == ["One"]


def test_a_filled_cell_in_the_last_row_is_a_row():
    book = workbook(["title", "story"], ["One", "S"])
    book.active["A1048576"] = "Stray"
    assert [line.number for line in sheet.read_lines(saved(book))] == [2, 1_048_576]


def test_filled_rows_have_a_limit_wherever_they_stand():
    data = b"title\n" + b"A\n\n" * (sheet.MAX_ROWS + 1)
    with pytest.raises(SheetError, match="more than 500 rows"):
        sheet.read_lines(data)


@pytest.mark.parametrize("position", [0, 25, 26, 701, 702, 16_383])
def test_columns_are_named_as_spreadsheet_programs_name_them(position):
    assert column_name(position) == get_column_letter(position + 1)


# Headings --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", ["Title", "TITLE", " title ", "title\u00a0", "\u200btitle", "title\ufeff", "\u200etitle\u200f"]
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_case_and_invisible_characters_at_its_ends_make_no_difference_to_a_heading(heading, kind):
    data = f"{heading},Lessons.1.Text\nA,L\n".encode()
    if kind == "xlsx":
        data = saved(workbook([heading, "Lessons.1.Text"], ["A", "L"]))
    [line] = sheet.read_lines(data)
    assert line.record == {"title": "A", "lessons": [{"text": "L"}]}


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("ti\u200btle", "ti‹ZERO WIDTH SPACE›tle"),
        ("places.1\u00a0.country", "places.1‹NO-BREAK SPACE›.country"),
        ("ti\ufefftle", "ti‹ZERO WIDTH NO-BREAK SPACE›tle"),
        ("ti\x07tle", "ti‹U+0007›tle"),
    ],
)
def test_invisible_characters_inside_a_heading_are_named(heading, shown):
    with pytest.raises(SheetError, match=shown.replace("+", r"\+")):
        sheet.read_lines(f"slug,{heading}\na,b\n".encode())


def test_headings_that_differ_by_case_alone_stand_there_twice():
    with pytest.raises(SheetError, match="“title” appears twice"):
        sheet.read_lines(b"title,Title\nA,B\n")
