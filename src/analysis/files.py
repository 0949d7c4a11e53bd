"""A file of any format -> its sheets: values row by row, and what a person sees of them."""

import csv
import gc
import getpass
import gzip
import io
import lzma
import marshal
import os
import posixpath
import re
import subprocess
import sys
import threading
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import python_calamine

from analysis.problems import DataError, Problem, problem

LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
PASSWORD = "CASEBOOK_PASSWORD"
OURS = "Casebook"  # the author of the comments that a marked copy carries; they ask nothing
MEGABYTE = 2**20
MOST_UNPACKED = 400 * MEGABYTE  # bytes; a sheet of a million rows unpacks to about this
PIPE, BLOCK = MEGABYTE, MEGABYTE  # bytes between the two processes (with the usual 64 kB they wait for each other); bytes looked at at once
SAMPLE = 64 * 2**10  # characters from which the separator of a CSV file is told
ZIP, OLE, PARQUET = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"PAR1"
PACKED = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ": lzma.open}
NAMES = {"xlsx": {".xlsx", ".xlsm"}, "xls": {".xls"}, "xlsb": {".xlsb"}, "ods": {".ods"}, "csv": {".csv", ".tsv", ".txt"},
         "parquet": {".parquet"}}
OTHERS = {b"%PDF": "a PDF", b"{\\rtf": "a text document (RTF)"}
PAGE = re.compile(rb"\s*(<!doctype html|<html|<table|<\?xml)", re.IGNORECASE)
# What reading an archive raises when it is damaged, encrypted, packed in an unknown way, or lacks a part.
NOT_A_WORKBOOK = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, OSError, UnicodeError, ElementTree.ParseError,
                  NotImplementedError, ValueError)
CELL = re.compile(rb'<c\b([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
VALUE = re.compile(rb"<v[^>]*>([^<]*)</v>|<is>")


class Marks(NamedTuple):
    """What a person sees of a sheet beside its values; all empty where the format cannot tell.

    `hidden`: row numbers; `struck`, `comments`, `unvalued` (formulas whose value was never stored): cells such as C7; `colours`:
    cell -> fill colour RRGGBB; `merged`: (first row, first column, last row, last column), rows from 1 and columns from 0;
    `errors`: cell -> what it shows, such as #REF!.
    """

    hidden: frozenset[int] = frozenset()
    struck: frozenset[str] = frozenset()
    colours: dict[str, str] = {}
    merged: list[tuple[int, int, int, int]] = []
    comments: frozenset[str] = frozenset()
    errors: dict[str, str] = {}
    unvalued: frozenset[str] = frozenset()


class Sheet(NamedTuple):
    """`numbers`: the 1-based numbers of `rows`, without those that hold nothing; `rows`: values as text, numbers or yes and no, '' for an
    empty cell, a date cell as 2024-03-04; `letters`: those of each position where they are not simply A, B, C."""

    name: str
    numbers: list[int]
    rows: list[list]
    hidden: bool = False
    marks: Marks = Marks()
    letters: list[str] | None = None


class Received(NamedTuple):
    """`sheets` by name ("" for a CSV file); `kind` of file; `epoch`: the year from which a bare number of a date counts."""

    sheets: dict[str, Sheet]
    kind: str
    epoch: int
    notes: list[Problem]


def asked_password() -> str:
    """The password of a protected file: from the environment variable CASEBOOK_PASSWORD, else asked for at a terminal, else empty."""
    if PASSWORD in os.environ:
        return os.environ[PASSWORD]
    return typed_password() if sys.stdin and sys.stdin.isatty() else ""


@cache
def typed_password() -> str:
    """The password as it is typed at the terminal; asked for once, because a command may look into a file twice."""
    return getpass.getpass("Password of the file: ")


def opened(file: Path, password: Callable[[], str] = asked_password) -> Received:
    """The sheets of a file, whose format is told by its content; raises DataError when it is missing, damaged, or not safe to open."""
    file = Path(file)
    if not file.is_file():
        raise DataError([problem("file_missing", file)])
    if file.name.startswith("~$"):
        raise DataError([problem("lock_file", file)])
    with open(file, "rb") as stream:
        head = stream.read(512)
    kind = kind_of(file, head)
    found = {"csv": delimited, "parquet": columnar}.get(kind, workbook)(file, kind, password)
    return found._replace(notes=[*found.notes, *about(file, found.kind)])


def kind_of(file: Path, head: bytes) -> str:
    """xlsx, xls, xlsb, ods, csv or parquet; raises DataError for what is no table."""
    if other := next((what for start, what in OTHERS.items() if head.startswith(start)), None):
        raise unreadable(file, "a table", f"it is {other}")
    if head.startswith(ZIP):
        return archive_kind(file)
    if head.startswith(OLE):
        return "xls"
    if head.startswith(PARQUET):
        return "parquet"
    if PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise unreadable(file, "a table", "it is a web page or another XML file")
    if not head:
        raise unreadable(file, "a table", "it is empty")
    if suffix(file) not in NAMES["csv"] and not head.startswith(tuple(PACKED)):
        raise unreadable(file, "a workbook" if any(suffix(file) in names for names in NAMES.values()) else "a table",
                         "it is damaged or of a format that Casebook does not know")
    return "csv"


def archive_kind(file: Path) -> str:
    """The kind of a zip archive; raises DataError for one that is no workbook."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.open("mimetype").read(100).startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
                return "ods"
    except NOT_A_WORKBOOK:
        raise unreadable(file, "a workbook", "it is damaged") from None
    if kind := {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb"}.get(next(iter(names & {"xl/workbook.xml", "xl/workbook.bin"}), "")):
        return kind
    raise unreadable(file, "a workbook", "it is a packed folder or a document of another kind")


def suffix(file: Path) -> str:
    """The end of the name that says the format, before that of a packing program."""
    return next((one for one in reversed(list(map(str.casefold, file.suffixes))) if one not in (".gz", ".xz")), "")


def about(file: Path, kind: str) -> list[Problem]:
    """Warnings about the file as a whole: another format than its name says, open in a program, a format that hides something."""
    known = {one for names in NAMES.values() for one in names}
    notes = [problem("mislabelled", file, kind=kind)] if suffix(file) in known and suffix(file) not in NAMES[kind] else []
    notes += [problem("open_elsewhere", file)] if file.with_name(f"~${file.name}").exists() else []
    return notes + ([problem("marks_unseen", file, kind=kind)] if kind in ("xls", "xlsb", "ods") else [])


def unreadable(file: Path, kind: str, why: str) -> DataError:
    """The error for a file that is not what it should be, or not any more."""
    return DataError([problem("file_unreadable", file, kind=kind, why=why)])


def unsafe(file: Path, why: str) -> DataError:
    """The error for a file that was not opened."""
    return DataError([problem("file_unsafe", file, why=why)])


# Workbooks.

def workbook(file: Path, kind: str, password: Callable[[], str]) -> Received:
    """The sheets of a workbook, read in a process of its own so that a hostile file cannot take ours down."""
    if kind == "xls" and "EncryptedPackage".encode("utf-16-le") in file.read_bytes():
        plain = decrypted(file, password)
        return audited(file, "xlsx", io.BytesIO(plain), plain)
    return audited(file, kind, file, None)


def decrypted(file: Path, password: Callable[[], str]) -> bytes:
    """The workbook inside a protected file, in memory only; raises DataError without the right password."""
    import msoffcrypto

    word = password()
    if not word:
        raise DataError([problem("password_needed", file, variable=PASSWORD)])
    plain = io.BytesIO()
    try:
        with open(file, "rb") as stream:
            office = msoffcrypto.OfficeFile(stream)
            office.load_key(password=word, verify_password=True)
            office.decrypt(plain)
    except Exception:  # the library raises its own errors, and those of what it is built on
        raise DataError([problem("password_wrong", file)]) from None
    return plain.getvalue()


def audited(file: Path, kind: str, source, plain: bytes | None) -> Received:
    """The sheets; while the child parses them, this process looks for what the child does not see."""
    if kind == "xls":
        with reading(file, plain) as process:
            return Received(sheets(received(file, process), {}, set()), kind, 1900, [])
    try:
        with zipfile.ZipFile(source) as archive:
            fit_to_open(file, archive.infolist())
            with reading(file, plain) as process:
                try:
                    looked = overview(file, archive) if kind == "xlsx" else Overview({}, set(), 1900, [])
                    return Received(sheets(received(file, process), looked.marks, looked.hidden), kind, looked.epoch, looked.notes)
                except BaseException:
                    process.kill()
                    raise
    except NOT_A_WORKBOOK:
        raise unreadable(file, "a workbook", "it is damaged") from None


def fit_to_open(file: Path, members: list[zipfile.ZipInfo]) -> None:
    """Raise DataError for an archive that is larger than it seems, or that two programs could read in two ways."""
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise unsafe(file, "it unpacks to more than 400 MB")
    if len({member.filename for member in members}) < len(members):
        raise unsafe(file, "it holds the same part twice")


def reading(file: Path, plain: bytes | None) -> subprocess.Popen:
    """The child that parses a workbook, under limits that grow with its size: 10 s and 1 s a megabyte, 300 MB and 25 times its size."""
    size = len(plain) if plain is not None else file.stat().st_size
    seconds, memory = 10 + size // MEGABYTE, 300 * MEGABYTE + 25 * size
    site = str(Path(python_calamine.__file__).parents[1])
    child = [sys.executable, "-I", "-S", str(Path(__file__).with_name("workbook_reader.py")), site, str(seconds), str(memory),
             "-" if plain is not None else str(file)]
    process = subprocess.Popen(child, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=PIPE)
    watch = threading.Timer(seconds, process.kill)  # waiting takes no time of the processor, so the child's own limit is not enough
    watch.daemon = True
    watch.start()
    try:
        process.stdin.write(plain or b"")
        process.stdin.close()
    except OSError:
        pass  # the child has ended already, which `received` tells
    return process


def received(file: Path, process: subprocess.Popen) -> dict[str, tuple[list[int], list[list]]]:
    """The blocks of rows that the child sends, put together; raises DataError when it did not come to its end."""
    found: dict[str, tuple[list[int], list[list]]] = {}
    gc.disable()  # looking through a million new cells for cycles takes as long as making them, and there are none
    try:
        while size := int.from_bytes(process.stdout.read(8), "little"):
            name, numbers, rows = marshal.loads(process.stdout.read(size))
            kept = found.setdefault(name, ([], []))
            kept[0].extend(numbers)
            kept[1].extend(rows)
    except EOFError:
        pass  # a block cut short: the child was stopped, and says so below
    finally:
        gc.enable()
    stopped = process.wait()
    if stopped > 0:
        raise unreadable(file, "a workbook", "it is damaged")
    if stopped:
        raise unsafe(file, "reading it needs more memory or time than a table of cases can")
    return found


def sheets(rows: dict[str, tuple[list[int], list[list]]], marks: dict[str, Marks], hidden: set[str]) -> dict[str, Sheet]:
    """The sheets by name."""
    return {name: Sheet(name, *found, name in hidden, marks.get(name, Marks())) for name, found in rows.items()}


# What a person sees in an .xlsx file.

class Overview(NamedTuple):
    """The marks of each sheet, the hidden sheets, the epoch, and notes."""

    marks: dict[str, Marks]
    hidden: set[str]
    epoch: int
    notes: list[Problem]


class Styles(NamedTuple):
    """Numbers of the cell styles that strike out, and those that fill, with their colour; numbers of the texts struck out in part."""

    struck: set[bytes]
    colours: dict[bytes, str]
    texts: set[bytes]


def overview(file: Path, archive: zipfile.ZipFile) -> Overview:
    """What the parts of an .xlsx file say beside its values."""
    book = part(file, archive, "xl/workbook.xml")
    links = {link.attrib["Id"]: posixpath.join("/xl", link.attrib["Target"])[1:]
             for link in part(file, archive, "xl/_rels/workbook.xml.rels")}
    states = {sheet.attrib["name"]: sheet.get("state", "visible") for sheet in book.iterfind("{*}sheets/{*}sheet")}
    parts = [(sheet.attrib["name"], links[key]) for sheet in book.iterfind("{*}sheets/{*}sheet")
             for name, key in sheet.attrib.items() if name.endswith("}id")]
    setting = book.find("{*}workbookPr")
    old = setting is not None and setting.get("date1904") in ("1", "true", "on")
    styles = styled(file, archive)
    marks = {name: scan(file, name, archive, target, styles) for name, target in parts if target.startswith("xl/worksheets/")}
    external = any(name.startswith("xl/externalLinks/") for name in archive.namelist())
    return Overview(marks, {name for name, state in states.items() if state != "visible"}, 1904 if old else 1900,
                    [problem("external_links", file)] if external else [])


def part(file: Path, archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """One small part of a workbook; raises DataError when it declares entities, which can grow without end."""
    return ElementTree.fromstring(b"".join(declared(file, iter([archive.read(name)]))))


def declared(file: Path, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks of a part; raises DataError for declarations at its beginning."""
    for at, block in enumerate(blocks):
        if at == 0 and b"<!DOCTYPE" in block:
            raise unsafe(file, "it holds declarations that no spreadsheet program writes")
        yield block


def styled(file: Path, archive: zipfile.ZipFile) -> Styles:
    """The styles of cells that say something to a person, and the texts that are struck out in part."""
    struck, colours, texts = set(), {}, set()
    if "xl/styles.xml" in archive.namelist():
        root = part(file, archive, "xl/styles.xml")
        fonts = [on(font.find("{*}strike")) for font in root.iterfind("{*}fonts/{*}font")]
        theme = themed(file, archive)
        fills = [fill_colour(fill, theme) for fill in root.iterfind("{*}fills/{*}fill")]
        for number, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
            font, fill = int(style.get("fontId", 0)), int(style.get("fillId", 0))
            struck |= {b"%d" % number} if font < len(fonts) and fonts[font] else set()
            colours |= {b"%d" % number: fills[fill]} if fill < len(fills) and fills[fill] else {}
    if "xl/sharedStrings.xml" in archive.namelist():
        with archive.open("xl/sharedStrings.xml") as stream:
            content = b"".join(declared(file, iter(lambda: stream.read(BLOCK), b"")))
        if b"<strike" in content:
            for number, text in enumerate(ElementTree.fromstring(content).iterfind("{*}si")):
                texts |= {b"%d" % number} if any(on(one) for one in text.iterfind("{*}r/{*}rPr/{*}strike")) else set()
    return Styles(struck, colours, texts)


def on(element) -> bool:
    """Whether a switch of a style is there and not turned off."""
    return element is not None and element.get("val", "1") not in ("0", "false")


def themed(file: Path, archive: zipfile.ZipFile) -> list[str]:
    """The colours of the theme, in the order in which styles number them: light and dark change places."""
    if "xl/theme/theme1.xml" not in archive.namelist():
        return []
    scheme = part(file, archive, "xl/theme/theme1.xml").find(".//{*}clrScheme")
    found = [next((one.get("lastClr") or one.get("val", "") for one in colour), "") for colour in (scheme if scheme is not None else [])]
    return [found[at] for at in (1, 0, 3, 2)] + found[4:] if len(found) > 4 else found


def fill_colour(fill: ElementTree.Element, theme: list[str]) -> str:
    """The colour of a solid fill as RRGGBB; empty for none and for white. A tint is left out: it is the same colour, paler."""
    pattern = fill.find("{*}patternFill")
    colour = pattern.find("{*}fgColor") if pattern is not None and pattern.get("patternType") not in (None, "none") else None
    if colour is None:
        return ""
    at = int(colour.get("theme", -1))
    found = colour.get("rgb") or (theme[at] if 0 <= at < len(theme) else f"INDEX{colour.get('indexed', '')}")
    return "" if found[-6:].upper() in ("FFFFFF", "NDEX64") else found[-6:].upper() if colour.get("rgb") else found.upper()


def scan(file: Path, sheet: str, archive: zipfile.ZipFile, name: str, styles: Styles) -> Marks:
    """The marks of one sheet: its rows are only looked at where something of interest stands in them."""
    wanted = [rb't="e"', rb"<f[ >/]", rb'<row [^>]*hidden="(?:1|true)"']
    wanted += [rb' s="(?:%s)"' % b"|".join(sorted(styles.struck | set(styles.colours)))] if styles.struck or styles.colours else []
    wanted += [rb"<v>(?:%s)</v>" % b"|".join(sorted(styles.texts))] if styles.texts else []
    pattern, found = re.compile(b"|".join(wanted)), Marks(set(), set(), {}, [], set(), {}, set())
    # Looking for a few fixed texts takes a tenth of the time of the pattern, and in most sheets none of them stands.
    signs = [b't="e"', b"<f", b'hidden="', *(b' s="%s"' % style for style in styles.struck | set(styles.colours)),
             *(b"<v>%s</v>" % text for text in styles.texts)]
    with archive.open(name) as stream:
        for block in declared(file, whole_rows(stream)):
            for row in rows_of_interest(block, pattern) if any(sign in block for sign in signs) else ():
                note(row, styles, found)
            found.merged.extend(map(area, re.findall(rb'<mergeCell [^>]*ref="([^"]*)"', block)))
    found.comments.update(commented(file, archive, name))
    return Marks(frozenset(found.hidden), frozenset(found.struck), found.colours, found.merged, frozenset(found.comments), found.errors,
                 frozenset(found.unvalued))


def whole_rows(stream) -> Iterator[bytes]:
    """A part in blocks that begin with a row, in the form in which spreadsheet programs write: no prefixes, double quotes."""
    left = b""
    while read := stream.read(BLOCK):
        left += read
        cut = left.rfind(b"<row")
        if cut > 0 and len(left) > BLOCK // 2:
            yield usual(left[:cut])
            left = left[cut:]
    yield usual(left)


def usual(block: bytes) -> bytes:
    """A block without prefixes before the names of elements and with double quotes."""
    if b"='" in block or re.search(rb"<\w+:(?:c|row|mergeCell)\b", block[:4096]):
        block = re.sub(rb"(</?)\w+:(?=\w)", rb"\1", re.sub(rb"='([^'\"]*)'", rb'="\1"', block))
    return block


def rows_of_interest(block: bytes, pattern: re.Pattern) -> Iterator[bytes]:
    """The rows in which the pattern is found, each once."""
    at = 0
    while match := pattern.search(block, at):
        start = max(block.rfind(b"<row", 0, match.end()), 0)
        at = block.find(b"</row>", match.end())
        following = block.find(b"<row", match.end())
        at = len(block) if at < 0 and following < 0 else following if at < 0 or 0 <= following < at else at + len(b"</row>")
        yield block[start:at]


def note(row: bytes, styles: Styles, found: Marks) -> None:
    """Add to the marks what one row shows."""
    head = dict(ATTRIBUTE.findall(row[:row.find(b">") + 1]))
    if head.get(b"hidden") in (b"1", b"true") and b"r" in head:
        found.hidden.add(int(head[b"r"]))
    for attributes, content in CELL.findall(row):
        own = dict(ATTRIBUTE.findall(attributes))
        cell, kind, style = own.get(b"r", b"").decode("ascii", "replace"), own.get(b"t"), own.get(b"s")
        value = VALUE.search(content)
        filled = value is not None and value[0] != b"<v></v>"
        if kind == b"e":
            found.errors[cell] = value[1].decode("utf-8", "replace") if value and value[1] else "#"
        elif b"<f" in content and not filled and kind != b"str":
            found.unvalued.add(cell)
        if filled and (style in styles.struck or kind == b"s" and value[1] in styles.texts):
            found.struck.add(cell)
        if style in styles.colours:
            found.colours[cell] = styles.colours[style]


def area(reference: bytes) -> tuple[int, int, int, int]:
    """A1:B3 -> (1, 0, 3, 1)."""
    first, _, last = reference.decode("ascii", "replace").partition(":")
    (left, top), (right, bottom) = (re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", cell).groups() for cell in (first, last or first))
    return int(top), position(left), int(bottom), position(right)


def letter(at: int) -> str:
    """The letters of a column, 0 -> A, 26 -> AA."""
    return (letter(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)


def position(letters: str) -> int:
    """A -> 0, AA -> 26."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def commented(file: Path, archive: zipfile.ZipFile, name: str) -> set[str]:
    """The cells of a sheet that carry a comment."""
    folder, base = posixpath.split(name)
    links = f"{folder}/_rels/{base}.rels"
    if links not in archive.namelist():
        return set()
    targets = [posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/") for link in part(file, archive, links)
               if link.get("Type", "").endswith(("/comments", "/threadedComment"))]
    found = [part(file, archive, target) for target in targets if target in archive.namelist()]
    return {comment.get("ref", "") for root in found for comment in root.iterfind(".//*[@ref]") if author(root, comment) != OURS}


def author(root: ElementTree.Element, comment: ElementTree.Element) -> str:
    """Who wrote a comment, where the part says it."""
    names, number = [one.text or "" for one in root.iterfind("{*}authors/{*}author")], int(comment.get("authorId", -1))
    return names[number] if 0 <= number < len(names) else ""


# Text and columns.

def delimited(file: Path, kind: str, password: Callable[[], str]) -> Received:
    """The rows of a CSV file, plain or packed, in UTF-8, UTF-16 or Windows Cyrillic; raises DataError when it is not that."""
    with open(file, "rb") as stream:
        head = stream.read(8)
    packing = next((way for start, way in PACKED.items() if head.startswith(start)), open)
    most = min(MOST_UNPACKED, 64 * MEGABYTE + 60 * file.stat().st_size)
    try:
        with packing(file, "rb") as stream:
            content = stream.read(most + 1)
        if len(content) > most:
            raise unsafe(file, "it unpacks to more than a table of its size can hold")
        text, notes = decoded(file, content)
        separator, text = separated(file, text)
        numbers, rows = [], []
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            while row and not row[-1].strip():
                row.pop()
            if row:
                numbers.append(number)
                rows.append(row)
    except UnicodeDecodeError:
        raise unreadable(file, "a CSV file", "its letters are in no encoding that Casebook knows") from None
    except csv.Error:
        raise unreadable(file, "a CSV file", "a quotation mark is not closed, or stands inside a text") from None
    except (OSError, EOFError, lzma.LZMAError, zlib.error):
        raise unreadable(file, "a CSV file", "it is damaged") from None
    return Received({"": Sheet("", numbers, rows)}, kind, 1900, notes)


def decoded(file: Path, content: bytes) -> tuple[str, list[Problem]]:
    """The text of a file; what is not UTF-8 is read as Windows Cyrillic, and that is told. Raises UnicodeDecodeError."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), []
    zeros = content[:SAMPLE:2].count(0), content[1:SAMPLE:2].count(0)
    if max(zeros) > len(content[:SAMPLE]) // 8:
        return content.decode("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = content.decode("cp1251")
        return text, [problem("encoding_read", file)]


def separated(file: Path, text: str) -> tuple[str, str]:
    """The separator of the columns and the text; raises DataError when two would do equally well."""
    if named := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):
        return named[1], "\n" + text[named.end():]  # the line stays a row, so that the others keep their numbers
    scores = {one: regular(text[:SAMPLE], one) for one in ",;\t|"}
    best = max(scores.values())
    if best[0] and list(scores.values()).count(best) > 1:
        raise DataError([problem("separator_unclear", file)])
    return max(scores, key=scores.get), text


def regular(sample: str, separator: str) -> tuple[int, int]:
    """How many rows of a sample have the most usual number of columns, and that number; (0, 0) for a single column."""
    try:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if len(row) > 1)
    except csv.Error:
        return 0, 0
    return max(((rows, width) for width, rows in widths.items()), default=(0, 0))


def columnar(file: Path, kind: str, password: Callable[[], str]) -> Received:
    """The rows of a Parquet file below a row of the names of its columns; lists are joined by `; `."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(file)
        rows = [[as_text(cell) for cell in row.values()] for row in table.to_pylist()]
    except (pa.ArrowException, OSError, ValueError):
        raise unreadable(file, "a Parquet file", "it is damaged") from None
    rows = [table.column_names, *rows]
    kept = [(number, row) for number, row in enumerate(rows, 1) if any(cell != "" for cell in row)]
    return Received({"": Sheet("", [number for number, _ in kept], [row for _, row in kept])}, kind, 1900, [])


def as_text(value):
    """A value of a Parquet file as a sheet would hold it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(str(as_text(one)) for one in value)
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    return value if isinstance(value, (str, int, float, bool)) else str(value)
