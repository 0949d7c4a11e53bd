"""A file -> raw rows that know their sheet and cell; limits and hostile files are handled here."""

import csv
import gc
import gzip
import io
import lzma
import marshal
import posixpath
import re
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import python_calamine

from analysis.codebook import Codebook, fold
from analysis.problems import DataError, Problem, nearest, problem

MOST_UNPACKED = 400 * 2**20  # bytes; a sheet of a million rows unpacks to about this
HEADER_WITHIN = 30  # rows from the top in which the header is looked for
WORKBOOKS = {".xlsx"}
PACKED = {".gz": gzip.open, ".xz": lzma.open}
PIPE = 2**20  # bytes between the two processes; with the system's usual 64 kB they wait for each other
HEAD = 4096  # bytes of a sheet in which its first element stands
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # how the files of older office programs and encrypted ones begin
# What reading an archive raises when it is damaged, encrypted, packed in an unknown way, or lacks a part.
NOT_A_WORKBOOK = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, OSError, UnicodeError, ElementTree.ParseError)


@dataclass(frozen=True)
class Raw:
    """Rows as received.

    `table` has the columns `sheet`, `row` (1-based, as the spreadsheet shows it) and one column of cell values per
    column of the profile; `letters` gives each column's letters in its sheet; `unread` the sheets and the rows above
    the header that were not read, as (sheet, rows, why).
    """

    file: Path
    profile: str
    table: pd.DataFrame
    letters: dict[tuple[str, str], str]
    unread: list[tuple[str, int, str]]
    problems: list[Problem]

    def cell(self, index, column: str) -> tuple[str, str]:
        """The sheet and the cell (such as C7) of one value."""
        sheet, row = self.table.at[index, "sheet"], self.table.at[index, "row"]
        return sheet, f"{self.letters.get((sheet, column), '')}{row}"


def sheets(file: Path) -> dict[str, list[list]]:
    """Sheet name -> rows of cell values, blank rows kept; a CSV file is one sheet without a name.

    Values are str, float, int or bool; a date cell is text such as 2024-03-04; an empty cell is ''.
    Raises DataError when the file is missing, damaged, or not safe to open.
    """
    file = Path(file)
    if not file.is_file():
        raise DataError([problem("file_missing", file)])
    if file.suffix.casefold() in WORKBOOKS:
        return workbook(file)
    if re.search(r"\.csv(\.gz|\.xz)?$", file.name.casefold()):
        return {"": delimited(file)}
    raise DataError([problem("file_unreadable", file, kind="a table", why="it is neither .xlsx nor .csv")])


def workbook(file: Path) -> dict[str, list[list]]:
    """The sheets of an .xlsx file, read in a process of its own so that a hostile file cannot take ours down."""
    with open(file, "rb") as stream:
        if stream.read(len(OLE)) == OLE:
            raise damaged(file, "it is protected by a password, or an old .xls under another name")
    try:
        with zipfile.ZipFile(file) as archive:
            fit_to_open(file, archive.infolist())
            return audited(file, archive)
    except NOT_A_WORKBOOK:
        raise damaged(file) from None


def damaged(file: Path, why: str = "it is damaged") -> DataError:
    """The error for a file that is no workbook, or not any more."""
    return DataError([problem("file_unreadable", file, kind="an Excel workbook", why=why)])


def fit_to_open(file: Path, members: list[zipfile.ZipInfo]) -> None:
    """Raise DataError for an archive that is larger than it seems, or that two programs could read in two ways."""
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise DataError([problem("file_unsafe", file, why="it unpacks to more than 400 MB")])
    if len({member.filename for member in members}) < len(members):
        raise DataError([problem("file_unsafe", file, why="it holds the same part twice")])


def audited(file: Path, archive: zipfile.ZipFile) -> dict[str, list[list]]:
    """The sheets; while the child parses them, this process looks for what the child does not see."""
    site = str(Path(python_calamine.__file__).parents[1])
    child = [sys.executable, "-I", "-S", str(Path(__file__).with_name("workbook_reader.py")), site, str(file)]
    with subprocess.Popen(child, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=PIPE) as process:
        try:
            wrong = [one for name, part in parts(file, archive) for one in scan(file, name, xml(file, archive, part))]
            if wrong:
                raise DataError(wrong)
            return received(file, process)
        except BaseException:
            process.kill()
            raise


def received(file: Path, process: subprocess.Popen) -> dict[str, list[list]]:
    """The blocks of rows that the child sends, put together; raises DataError when it did not come to its end."""
    found: dict[str, list[list]] = {}
    gc.disable()  # looking through a million new cells for cycles takes as long as making them, and there are none
    try:
        while size := int.from_bytes(process.stdout.read(8), "little"):
            name, rows = marshal.loads(process.stdout.read(size))
            found.setdefault(name, []).extend(rows)
    except EOFError:
        pass  # a block cut short: the child was stopped, and says so below
    finally:
        gc.enable()
    stopped = process.wait()
    if stopped > 0:
        raise damaged(file)
    if stopped:
        raise DataError([problem("file_unsafe", file, why="reading it needs more memory or time than a table of cases can")])
    return found


def xml(file: Path, archive: zipfile.ZipFile, part: str) -> bytes:
    """One part of a workbook; raises DataError when it declares entities, which can grow without end."""
    found = archive.read(part)
    if b"<!DOCTYPE" in found:
        raise DataError([problem("file_unsafe", file, why="it holds declarations that no spreadsheet program writes")])
    return found


def parts(file: Path, archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Sheet name and part of each worksheet; sheets of charts have no cells."""
    links = ElementTree.fromstring(xml(file, archive, "xl/_rels/workbook.xml.rels"))
    target = {link.attrib["Id"]: posixpath.join("/xl", link.attrib["Target"])[1:] for link in links}
    sheets = ElementTree.fromstring(xml(file, archive, "xl/workbook.xml")).iterfind("{*}sheets/{*}sheet")
    found = [(sheet.attrib["name"], target[key]) for sheet in sheets for name, key in sheet.attrib.items() if name.endswith("}id")]
    return [(name, part) for name, part in found if part.startswith("xl/worksheets/")]


def scan(file: Path, sheet: str, content: bytes) -> list[Problem]:
    """Problems for error cells, which calamine shows as empty, and for formulas without their value, with their cells."""
    # Few sheets hold either, and searching takes a tenth of the time of parsing. What is not written in the usual way
    # (UTF-8, no prefixes, double quotes) is parsed in any case.
    usual = b"<worksheet" in content[:HEAD] and b"='" not in content[:HEAD]
    if usual and b't="e"' not in content and b"<f" not in content:
        return []
    wrong = []
    for _, element in ElementTree.iterparse(io.BytesIO(content)):
        kind = element.tag.rpartition("}")[2]
        if kind == "c":
            wrong += cell_problems(file, sheet, element)
        elif kind == "row":
            element.clear()  # or the whole sheet stays in memory
    return wrong


def cell_problems(file: Path, sheet: str, cell: ElementTree.Element) -> list[Problem]:
    """What is wrong with one cell; a formula whose value is an empty text says so by its type `str`."""
    kind, value = cell.get("t"), cell.findtext("{*}v", "")
    if kind == "e":
        return [problem("error_cell", file, sheet, cell.get("r", ""), shape=value)]
    if cell.find("{*}f") is not None and not value and kind != "str":
        return [problem("no_value_stored", file, sheet, cell.get("r", ""))]
    return []


def delimited(file: Path) -> list[list]:
    """The rows of a CSV file in UTF-8, plain or packed with gzip or xz; raises DataError when it is not that."""
    opened = PACKED.get(file.suffix.casefold(), open)
    try:
        with opened(file, "rb") as stream:
            text = stream.read(MOST_UNPACKED + 1)
        if len(text) > MOST_UNPACKED:
            raise DataError([problem("file_unsafe", file, why="it unpacks to more than 400 MB")])
        return list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""), strict=True))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, lzma.LZMAError) as error:
        raise DataError([problem("file_unreadable", file, kind="a CSV file in UTF-8", why=type(error).__name__)]) from None


def raw(file: Path, book: Codebook, profile: str | None = None) -> Raw:
    """The rows of a file under the profile named, or under the one whose headers fit it for certain.

    Raises DataError when the file cannot be read, or when no profile or more than one fits.
    """
    file = Path(file)
    found = sheets(file)
    if profile is not None and profile not in book.profiles:
        raise DataError([problem("unknown_profile", file, name=profile, nearest=nearest(profile, book.profiles))])
    heads = {name: header(rows, book) for name, rows in found.items()}
    profile = profile or fitting(file, heads, book)
    needs = set(book.profiles[profile]["needs"])
    read = [name for name, (_, columns) in heads.items() if needs <= set(columns.values())]
    if not read:
        raise DataError(missing(file, heads, profile, book))
    return assemble(file, found, heads, read, profile, book)


def header(rows: list[list], book: Codebook) -> tuple[int, dict[int, str]]:
    """Where the header is (0-based) and position -> column; the first of the top rows that knows most columns."""
    best: tuple[int, dict[int, str]] = (0, {})
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        columns = {at: book.headers[fold(cell)] for at, cell in enumerate(row) if isinstance(cell, str) and fold(cell) in book.headers}
        if len(columns) > len(best[1]):
            best = number, columns
    return best


def fitting(file: Path, heads: dict, book: Codebook) -> str:
    """The one profile whose needs the headers meet and that uses most of them; raises DataError otherwise."""
    have = max((set(columns.values()) for _, columns in heads.values()), key=len, default=set())
    fits = {name: len(have & set(p["columns"])) for name, p in book.profiles.items() if set(p["needs"]) <= have}
    if not fits:
        lacking = {name: [column for column in p["needs"] if column not in have] for name, p in book.profiles.items()}
        best, lacks = min(lacking.items(), key=lambda one: (len(one[1]), one[0]))
        raise DataError([problem("no_profile", file, nearest=best, missing=", ".join(lacks))])
    best = [name for name, columns in fits.items() if columns == max(fits.values())]
    if len(best) > 1:
        raise DataError([problem("two_profiles", file, names=", ".join(best))])
    return best[0]


def missing(file: Path, heads: dict, profile: str, book: Codebook) -> list[Problem]:
    """One problem per column that the profile needs and the best sheet lacks."""
    sheet, (_, columns) = max(heads.items(), key=lambda one: len(one[1][1]))
    lacks = [column for column in book.profiles[profile]["needs"] if column not in columns.values()]
    ways = {c: ", ".join(s for s, target in book.headers.items() if target == c) for c in lacks}
    return [problem("missing_column", file, sheet, column=c, spellings=ways[c]) for c in lacks]


def assemble(file: Path, found: dict, heads: dict, read: list[str], profile: str, book: Codebook) -> Raw:
    """The rows below the header of every sheet that fits, under the names of the profile's columns."""
    wanted = book.profiles[profile]["columns"]
    tables, letters, unread, wrong = [], {}, [], []
    for sheet, rows in found.items():
        if sheet not in read:
            unread.append((sheet, sum(map(has_content, rows)), "no header of this profile"))
            continue
        top, columns = heads[sheet]
        unread.append((sheet, sum(map(has_content, rows[:top])), "above the header"))
        wrong += header_problems(file, sheet, top, rows[top], columns, wanted)
        letters |= {(sheet, column): letter(at) for at, column in columns.items()}
        tables.append(below(sheet, rows, top, {at: c for at, c in columns.items() if c in wanted}))
    table = pd.concat([one.reindex(columns=["sheet", "row", *wanted], fill_value="") for one in tables], ignore_index=True)
    return Raw(file, profile, table, letters, [one for one in unread if one[1]], wrong)


def below(sheet: str, rows: list[list], top: int, columns: dict[int, str]) -> pd.DataFrame:
    """The rows with any content below the header, with sheet, row and the wanted columns."""
    kept = [(number, row) for number, row in enumerate(rows[top + 1:], top + 2) if has_content(row)]
    table = {"sheet": [sheet] * len(kept), "row": [number for number, _ in kept]}
    for at, column in columns.items():
        table[column] = pd.Series([row[at] if at < len(row) else "" for _, row in kept], dtype=object)
    return pd.DataFrame(table)


def header_problems(file, sheet: str, top: int, row: list, columns: dict[int, str], wanted) -> list[Problem]:
    """Headers that stand twice (refused) or that nothing reads (noted)."""
    seen: dict[str, int] = {}
    wrong = []
    for at, cell in enumerate(row):
        column = columns.get(at)
        if column in seen:
            wrong.append(problem("duplicate_header", file, sheet, f"{letter(at)}{top + 1}", column, other=letter(seen[column])))
        elif column is None and str(cell).strip() or column is not None and column not in wanted:
            wrong.append(problem("unknown_header", file, sheet, f"{letter(at)}{top + 1}", column or ""))
        seen.setdefault(column, at) if column else None
    return wrong


def has_content(row: list) -> bool:
    """Whether any cell of a row holds more than white space."""
    return any(cell != "" and (not isinstance(cell, str) or cell.strip()) for cell in row)


def letter(at: int) -> str:
    """The letters of a column, 0 -> A, 26 -> AA."""
    return (letter(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)
