"""A copy of a workbook in which every cell that has a problem is coloured and says what is wrong and what to do."""

import contextlib
import datetime
import re
import warnings
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import yaml
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from analysis.problems import MARKS, OURS, SIGNED, Problem, UsageError, heading, place, said

AUTHOR = SIGNED.strip(": ")
BYTES = 12 * 2**20  # of XML that openpyxl is given to rebuild: it takes some thirty times as much memory
MERGED = 200_000  # merged cells that openpyxl is given to rebuild: it makes an object of each
TEXT = 30_000  # characters of a comment; Excel takes 32,767
LINKS = 65_000  # links of a sheet; Excel takes 65,530
WRAP = 52  # characters of a line of a comment, and of the overview times two
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # how .xls begins, and every workbook with a password
NEITHER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # signs that no XML can hold
FORMULA = re.compile(rb'(<c r="([A-Z]+[0-9]+)"[^>]*)(><f[^>]*>(?:[^<]*</f>)?)<v ?/></c>')


def marked(file: Path, problems: list[Problem], rows: dict[str, int], received, out: Path, lang: str = "en") -> None:
    """Write OUT, a copy of a file with its problems marked in the cells and listed, with links, on a first sheet.

    `rows` has rows_read, cases, joined and set_aside; `received` is what `files.opened` gave, or None when it refused the file:
    then the copy has the list alone. Raises UsageError when OUT is there already, is no .xlsx, or would lose a password.
    """
    permitted(file, out)
    words = phrases(lang)
    book, sheets, how = copied(file, received, words["plain"])
    formulas = {sheet.title: stored(sheet, received.sheets[name]) for name, sheet in sheets.items()} if how == "kept" else {}
    unmark(book)
    problems = sorted(set(problems), key=place)
    targets = marks(sheets, problems, lang, words["more"].format(sheet=words["sheet"]))
    overview(book.create_sheet(words["sheet"], 0), file, problems, targets, rows, how, lang)
    for sheet in book.worksheets:  # sheets that stay selected together would be edited together
        sheet.sheet_view.tabSelected = sheet is book.worksheets[0]
    book.active = 0
    write(book, formulas, out)


@cache
def phrases(lang: str) -> dict:
    """What a marked copy says in a language."""
    return yaml.safe_load(Path(__file__).with_name("templates").joinpath("mark.yml").read_text(encoding="utf-8"))[lang]


def permitted(file: Path, out: Path) -> None:
    """Raise UsageError when OUT must not be written; it can be asked before the file is read."""
    if out.suffix.lower() != ".xlsx":
        raise UsageError(f"The marked copy is an Excel workbook: give it a name that ends in .xlsx, not '{out.name}'.")
    if out.exists():
        raise UsageError(f"{out.name} is there already and was left as it is. Give the marked copy another name, or delete that file.")
    if protected(file):
        raise UsageError(f"{file.name} is protected by a password, and a marked copy would not be. "
                         "If a copy without a password is safe where you are, save the workbook without one and mark that.")


def protected(file: Path) -> bool:
    """Whether a file has a password."""
    try:
        with open(file, "rb") as stream:
            if stream.read(len(OLE)) != OLE:
                return False
            import msoffcrypto  # only files of this kind can have one

            return msoffcrypto.OfficeFile(stream).is_encrypted()
    except Exception:  # a file that is missing or damaged: it is refused elsewhere, and the copy holds nothing of it
        return False


def copied(file: Path, received, plain: str) -> tuple[openpyxl.Workbook, dict[str, Worksheet], str]:
    """The workbook to mark, its sheets by the names they were received with, and how it was made.

    That is `kept` as it is, from its `values`, or without sheets (`unread`).
    """
    if received is None:
        return empty(), {}, "unread"
    if rebuildable(file, received):
        try:
            with open(file, "rb") as stream, warnings.catch_warnings(action="ignore"):
                book = openpyxl.load_workbook(stream, rich_text=True)
            return book, {sheet.title: sheet for sheet in book.worksheets if sheet.title in received.sheets}, "kept"
        except Exception:  # openpyxl raises anything at all for what other programs write and it does not know
            pass
    book = from_values(received, plain)
    return book, dict(zip(received.sheets, book.worksheets)), "values"


def rebuildable(file: Path, received) -> bool:
    """Whether openpyxl can take the file apart and put it together again, and will not need too much memory for it."""
    if received.kind not in ("xlsx", "xlsm") or not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        size = sum(part.file_size for part in archive.infolist() if part.filename.endswith((".xml", ".vml", ".rels")))
    return size <= BYTES and all(area(sheet) <= MERGED for sheet in received.sheets.values())


def area(sheet) -> int:
    """How many cells of a sheet are merged."""
    return sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in sheet.marks.merged)


def empty() -> openpyxl.Workbook:
    """A workbook without any sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    return book


def from_values(received, plain: str) -> openpyxl.Workbook:
    """A workbook with the values of each sheet in their cells, and with what a person sees there as far as it is known."""
    book = empty()
    if received.epoch == 1904:
        book.epoch = CALENDAR_MAC_1904
    for name, sheet in received.sheets.items():
        made = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", name)[:31] or plain)
        for number, row in zip(sheet.numbers, sheet.rows):
            for at, value in enumerate(row, 1):
                if value != "":
                    put(made.cell(number, at), value)
        show(made, sheet)
    return book


def put(cell: Cell, value) -> None:
    """Write a value; a text stays a text, even if it looks like a formula or an error."""
    cell.value = NEITHER.sub(" ", value)[:32_767] if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"


def show(made: Worksheet, sheet) -> None:
    """Hide, strike out, colour and merge in a sheet what is so in the one received; and show its errors."""
    made.sheet_state = "hidden" if sheet.hidden else "visible"
    for number in sheet.marks.hidden:
        made.row_dimensions[number].hidden = True
    for cell in sheet.marks.struck:
        made[cell].font = Font(strike=True)
    for cell, colour in sheet.marks.colours.items():
        made[cell].fill = PatternFill("solid", fgColor=f"FF{colour}")
    for cell, error in sheet.marks.errors.items():
        made[cell] = error
    for top, left, bottom, right in sheet.marks.merged if area(sheet) <= MERGED else ():
        made.merge_cells(start_row=top, start_column=left + 1, end_row=bottom, end_column=right + 1)


def unmark(book: openpyxl.Workbook) -> None:
    """Take away what an earlier check has marked, so that a corrected cell does not stay coloured."""
    old = [sheet for sheet in book.worksheets if str(sheet["A1"].value).startswith(SIGNED)]
    for sheet in old:
        book.remove(sheet)
    for cell in (cell for sheet in book.worksheets if old for cell in used(sheet)):
        if colour_of(cell) in OURS:
            cell.fill = PatternFill()
        side = cell.border.left
        if side and side.color and str(side.color.rgb)[-6:] in OURS:
            cell.border = Border()
        if cell.comment:
            before = theirs(cell.comment)
            cell.comment = Comment(before, cell.comment.author) if before else None


def used(sheet: Worksheet) -> list[Cell]:
    """The cells that a sheet holds; to walk its rows would make all cells up to the last one."""
    return [cell for cell in sheet._cells.values() if isinstance(cell, Cell)]


def colour_of(cell: Cell) -> str:
    """The fill of a cell as RRGGBB, another word where it is told otherwise, or nothing where there is none or it is white."""
    if cell.fill.fill_type is None:
        return ""
    colour = getattr(cell.fill, "fgColor", None)
    if colour is None or colour.type != "rgb":
        return "" if colour is not None and (colour.type, colour.value, colour.tint) == ("theme", 0, 0) else "coloured"
    return "" if colour.rgb[-6:] == "FFFFFF" else colour.rgb[-6:]


def marks(sheets: dict[str, Worksheet], problems: list[Problem], lang: str, more: str) -> dict[Problem, tuple[str, str]]:
    """Mark the cells of sheets; returns for each problem the title of the sheet and the cell with its mark, if it has one."""
    targets: dict[Problem, tuple[str, str]] = {}
    there: dict[tuple[str, str], list[Problem]] = {}
    ends = {name: (sheet.max_row, sheet.max_column) for name, sheet in sheets.items()}
    for one in problems:
        name = next(iter(sheets)) if len(sheets) == 1 and not one.sheet else one.sheet
        if name in sheets and (cell := target(sheets[name], one.cell, ends[name])):
            targets[one] = sheets[name].title, cell
            there.setdefault((name, cell), []).append(one)
    for (name, cell), found in there.items():
        mark(sheets[name][cell], found, lang, more)
    return targets


def target(sheet: Worksheet, cell: str, end: tuple[int, int]) -> str:
    """The cell to mark for a cell: itself, or the first of those it is merged with; nothing where the sheet does not reach."""
    if not re.fullmatch("[A-Z]{1,3}[1-9][0-9]{0,6}", cell):
        return ""
    at = openpyxl.utils.cell.coordinate_to_tuple(cell)
    if at[0] > end[0] or at[1] > end[1]:
        return ""
    if isinstance(sheet.cell(*at), MergedCell):
        return next(merged.start_cell.coordinate for merged in sheet.merged_cells.ranges if cell in merged)
    return cell


def mark(cell: Cell, found: list[Problem], lang: str, more: str) -> None:
    """Colour a cell, or frame it where it has a colour of its own, and write into its comment what is wrong with it."""
    colour = f"FF{MARKS[min(one.severity for one in found)]}"  # "refuse" comes before "warn"
    if colour_of(cell):
        side = Side("thick", colour)
        cell.border = Border(side, side, side, side)
    else:
        cell.fill = PatternFill("solid", fgColor=colour)
    cell.comment = comment(cell.comment, "\n\n".join(dict.fromkeys(said(one, lang) for one in found)), more)


def comment(old: Comment | None, text: str, more: str) -> Comment:
    """A comment with the text, below the one that was there, in a box that shows all of it where it is not very long."""
    text = text if len(text) <= TEXT else f"{text[:TEXT]} ... {more}"
    before = theirs(old)[:32_000 - len(text)] if old else ""
    text = f"{before}\n\n{SIGNED}{text}" if before else f"{SIGNED}{text}"
    lines = sum(1 + len(line) // WRAP for line in text.split("\n"))
    return Comment(text, old.author if before else AUTHOR, height=min(24 + 17 * lines, 600), width=380)


def theirs(old: Comment) -> str:
    """What a comment says apart from what an earlier check wrote."""
    return "" if old.text.startswith(SIGNED) else old.text.partition(f"\n\n{SIGNED}")[0]


def overview(sheet: Worksheet, file: Path, problems: list[Problem], targets: dict, rows: dict, how: str, lang: str) -> None:
    """The first sheet: how many rows were read, what the colours mean, what the copy lacks, and all problems."""
    words = phrases(lang)
    count = {kind: sum(one.severity == kind for one in problems) for kind in MARKS}
    lines = [("", words["title"].format(file=file.name)), ("", words["rows_joined" if rows.get("joined") else "rows"].format(**rows)),
             *((MARKS[kind], words["colours"][kind].format(n=count[kind])) for kind in MARKS),
             *(("", words[what]) for what in (["how"] if targets else []) + [how, "safe"][:1 if how == "unread" else 2]),
             *([] if problems else [("", words["none"])])]
    for number, (colour, text) in enumerate(lines, 1):
        explain(sheet, number, text, colour)
    sheet["A1"].font = Font(bold=True, size=14)
    head = len(lines) + 2
    for at, text in enumerate(words["columns"], 1):
        put(sheet.cell(head, at), text)
        sheet.cell(head, at).font = Font(bold=True)
    for number, one in enumerate(problems, head + 1):
        row(sheet, number, one, targets.get(one), words["kinds"][one.severity], lang)
    arrange(sheet, head, len(problems))


def explain(sheet: Worksheet, number: int, text: str, colour: str) -> None:
    """A line of the overview across all of its columns; with a colour, that of a mark."""
    put(sheet.cell(number, 1), text)
    sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=5)
    sheet.cell(number, 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[number].height = 22 if number == 1 else 16 * (1 + len(text) // (2.4 * WRAP))
    if colour:
        sheet.cell(number, 1).fill = PatternFill("solid", fgColor=f"FF{colour}")


def row(sheet: Worksheet, number: int, one: Problem, target: tuple[str, str] | None, kind: str, lang: str) -> None:
    """A problem of the overview, with a link to its cell."""
    for at, text in enumerate([kind, one.sheet, one.cell, heading(one.column, lang), said(one, lang)], 1):
        put(sheet.cell(number, at), text) if text else None
        sheet.cell(number, at).alignment = Alignment(wrap_text=at == 5, vertical="top")
    sheet.cell(number, 1).fill = PatternFill("solid", fgColor=f"FF{MARKS[one.severity]}")
    sheet.row_dimensions[number].height = 16 * (1 + len(said(one, lang)) // (1.6 * WRAP))
    if target and number <= LINKS:
        where = f"'{target[0].replace(chr(39), chr(39) * 2)}'!{target[1]}"
        sheet.cell(number, 3).hyperlink = Hyperlink(ref=f"C{number}", location=where)
        sheet.cell(number, 3).font = Font(color="FF0563C1", underline="single")


def arrange(sheet: Worksheet, head: int, count: int) -> None:
    """Widths, a head that stays in sight, a filter, and a page as wide as the paper."""
    for letter, width in zip("ABCDE", (14, 20, 10, 26, 90)):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{head + 1}"
    sheet.auto_filter.ref = f"A{head}:E{head + max(count, 1)}"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)


def stored(sheet: Worksheet, received) -> dict[str, tuple[bytes, bytes]]:
    """Cell with a formula -> the type and value it had, as XML: openpyxl keeps the one or the other, and a sheet shows both."""
    row_at = dict(zip(received.numbers, received.rows))
    values = {}
    for cell in used(sheet):
        if cell.data_type == "f" and cell.coordinate not in received.marks.unvalued:
            row = row_at.get(cell.row, [])
            value = row[cell.column - 1] if cell.column <= len(row) else ""
            values[cell.coordinate] = value_xml(cell, received.marks.errors.get(cell.coordinate), value)
    return values


def value_xml(cell: Cell, error: str | None, value) -> tuple[bytes, bytes]:
    """The type and the value of a formula, as they stand in the XML of a sheet."""
    if error:
        return b' t="e"', error.encode()
    if isinstance(value, str) and is_date_format(cell.number_format):
        with contextlib.suppress(ValueError):
            value = to_excel(datetime.datetime.fromisoformat(value), cell.parent.parent.epoch)
    if isinstance(value, str):
        return b' t="str"', escape(NEITHER.sub(" ", value)).encode()
    return (b' t="b"', str(int(value)).encode()) if isinstance(value, bool) else (b"", repr(value).encode())


def write(book: openpyxl.Workbook, formulas: dict[str, dict], out: Path) -> None:
    """Save the workbook with the values of its formulas; never over another file."""
    saved, whole = BytesIO(), BytesIO()
    book.save(saved)
    values = {sheet.path.lstrip("/"): formulas.get(sheet.title) for sheet in book.worksheets}
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part, valued(old.read(part), values.get(part.filename)))
    with open(out, "xb") as stream:
        stream.write(whole.getvalue())


def valued(xml: bytes, values: dict | None) -> bytes:
    """The XML of a sheet in which each formula has its value again."""
    def filled(match) -> bytes:
        kind, value = values.get(match[2].decode(), (None, b""))
        return match[0] if kind is None else match[1] + kind + match[3] + b"<v>" + value + b"</v></c>"
    return FORMULA.sub(filled, xml) if values else xml
