"""Detection of files that the import cannot read, with messages that say what to do.

Signatures: the “magic” numbers of PRONOM (National Archives, UK) and of each format's own specification.
"""

import io
import re
import zipfile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Compound File Binary, [MS-CFB] 2.2
BIFF = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)
HEAD = 4096  # bytes in which a text format is recognised

SAVE_AS_XLSX = gettext_noop(
    "Open it in the program that created it, and save or export it as “Excel Workbook (.xlsx)” or CSV."
)
PASSWORD = gettext_noop(
    "The workbook is protected by a password. Save it without a password (in Excel: File, Info, "
    "Protect Workbook)."
)
STRICT = gettext_noop(
    "The workbook is saved as “Strict Open XML Spreadsheet”. Save it as “Excel Workbook (.xlsx)” instead."
)

SIGNATURES = (
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"ID;P", "SYLK"),
    (b"SQLite format 3\x00", "SQLite"),
)
TEXTS = (  # in the head of a text, lower case
    (re.compile(rb"<!doctype html|<html|<table|<body|<meta "), gettext_noop("a web page (HTML)")),
    (re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet"), gettext_noop("XML Spreadsheet 2003")),
    (re.compile(rb"\A\s*<\?xml"), gettext_noop("XML")),
    (re.compile(rb'\A\s*(?:\{\s*"|\[\s*[\[{"])'), "JSON"),
)
PARTS = (  # of a ZIP archive
    ("Index/Document.iwa", gettext_noop("a Numbers document")),
    ("Index.zip", gettext_noop("a Numbers document")),
    ("xl/workbook.bin", gettext_noop("a binary workbook (XLSB)")),
    ("word/document.xml", gettext_noop("a Word document (DOCX)")),
    ("ppt/presentation.xml", gettext_noop("a presentation (PPTX)")),
)
OPEN_DOCUMENT = {
    "spreadsheet": gettext_noop("an OpenDocument spreadsheet (ODS)"),
    "text": gettext_noop("an OpenDocument text (ODT)"),
}


def unsupported_type(data: bytes) -> str:
    """Return the type of a file that is neither XLSX nor CSV, for messages; empty if it may be one of
    them.
    """
    if data.startswith(OLE):
        return ole_type(data)
    if data.startswith(b"PK"):
        return zip_type(data)
    if data.startswith(BIFF):
        return unsupported(_("an old Excel workbook (XLS)"))
    for signature, name in SIGNATURES:
        if data.startswith(signature):
            return unsupported(name)
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lower()
    if not head.lstrip(b"\xff\xfe \t\r\n").startswith((b"<", b"{", b"[")):
        return ""
    head = head.lstrip(b"\xff\xfe")
    return next((unsupported(_(name)) for pattern, name in TEXTS if pattern.search(head)), "")


def unsupported(kind: str) -> str:
    return _("The file is %(kind)s, not XLSX or CSV.") % {"kind": kind} + " " + _(SAVE_AS_XLSX)


def ole_type(data: bytes) -> str:
    """Return the type of an OLE file: an encrypted workbook ([MS-OFFCRYPTO] 2.3.4) or an old document."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return _(PASSWORD)
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return unsupported(_("an old Excel workbook (XLS)"))
    if "WordDocument".encode("utf-16-le") in data:
        return unsupported(_("a Word document (DOC)"))
    return unsupported(_("an old Excel workbook (XLS) or another old Office document"))


def zip_type(data: bytes) -> str:
    """Return the type of an archive that is not a workbook; empty for a workbook or a damaged archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
            if any(info.flag_bits & 1 for info in infos):
                return _(PASSWORD)
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype").decode("ascii", "replace").rpartition(".")[2]
                return unsupported(_(OPEN_DOCUMENT.get(kind, gettext_noop("an OpenDocument file"))))
    except Exception:  # a damaged archive raises almost anything; the reader of workbooks says so
        return ""
    for part, name in PARTS:
        if part in names:
            return unsupported(_(name))
    if not any(name.startswith("xl/") for name in names):
        return unsupported(_("a ZIP archive"))
    return ""
