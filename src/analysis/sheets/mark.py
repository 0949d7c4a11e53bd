"""A copy of a workbook in which every cell that has a problem is coloured and says what is wrong and what to do."""

import contextlib
import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import yaml
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple
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
SIGNS = ("=", "#")  # with which a text may begin that openpyxl would take for a formula or an error
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # how .xls begins, and every workbook with a password
NEITHER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")  # signs that no XML can hold
FORMULA = re.compile(rb'(<c r="([A-Z]+[0-9]+)"[^>]*)(><f[^>]*>(?:[^<]*</f>)?)<v ?/></c>')


def marked(file: Path, problems: list[Problem], rows: dict[str, int], received, out: Path, lang: str = "en") -> None:
    """Write OUT, a copy of a file with its problems marked in the cells and listed, with links, on a first sheet.

    `rows` has rows_read, cases, joined and set_aside; `received` is what `files.opened` gave, or None when it refused the file:
    then the copy has the list alone. Raises UsageError when OUT is there already, is no .xlsx, or would lose a password.
    """
    permitted(file, out)
    words, problems, formulas = phrases(lang), sorted(set(problems), key=place), {}
    say = partial(told, lang=lang, more=words["more"].format(sheet=words["sheet"]))
    book, how = copied(file, received)
    if how == "kept":
        sheets = {sheet.title: sheet for sheet in book.worksheets if sheet.title in received.sheets}
        formulas = {name: stored(sheet, received.sheets[name]) for name, sheet in sheets.items()}
        unmark(book)
        targets = marks(sheets, problems, say)
    else:
        targets = from_values(book, received, problems, say, words["plain"]) if received else {}
    overview(book.create_sheet(words["sheet"], 0), file, problems, targets, rows, how, lang)
    for sheet in book.worksheets[1:]:  # sheets that stay selected together would be edited together
        sheet.sheet_view.tabSelected = False
    book.active = 0
    write(book, formulas, out)


@cache
def phrases(lang: str) -> dict:
    """What a marked copy says in a language."""
    return yaml.safe_load((Path(__file__).parents[1] / "templates" / "mark.yml").read_text(encoding="utf-8"))[lang]


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
                with zipfile.ZipFile(stream) as archive, archive.open("META-INF/manifest.xml") as manifest:
                    return b"encryption-data" in manifest.read(BYTES)
            import msoffcrypto

            return msoffcrypto.OfficeFile(stream).is_encrypted()
    except Exception:  # no file, no workbook of this kind, or a damaged one, which is refused elsewhere: the copy holds nothing of it
        return False


def copied(file: Path, received) -> tuple[openpyxl.Workbook, str]:
    """The workbook to mark, and how it was made: `kept` as it is, or empty, to be filled with `values`, or with nothing (`unread`)."""
    if received is not None and rebuildable(file, received):
        try:
            with open(file, "rb") as stream, warnings.catch_warnings(action="ignore"):
                return openpyxl.load_workbook(stream, rich_text=True), "kept"
        except Exception:  # openpyxl raises anything at all for what other programs write and it does not know
            pass
    # Rows go to the disk as they are made: as objects, a long sheet takes ten times as much memory as its values.
    return openpyxl.Workbook(write_only=True), "unread" if received is None else "values"


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


def from_values(book: openpyxl.Workbook, received, problems: list[Problem], say, plain: str) -> dict[Problem, tuple[str, str]]:
    """Write the values of each sheet with what a person sees there, as far as it is known, and the marks; returns as `marks` does."""
    if received.epoch == 1904:
        book.epoch = CALENDAR_MAC_1904
    merged = {name: [(top, left + 1, bottom, right + 1) for top, left, bottom, right in sheet.marks.merged if area(sheet) <= MERGED]
              for name, sheet in received.sheets.items()}
    ends = {name: (max(sheet.numbers, default=0), max(map(len, sheet.rows), default=0)) for name, sheet in received.sheets.items()}
    targets, titles = targeted(problems, ends, merged), {}
    for name, sheet in received.sheets.items():
        made = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", name)[:31] or plain)
        titles[name], made.sheet_state = made.title, "hidden" if sheet.hidden else "visible"
        for number in sheet.marks.hidden:
            made.row_dimensions[number].hidden = True
        for top, left, bottom, right in merged[name]:
            made.merged_cells.add(f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}")
        for row in rows_of(made, sheet, in_cells(targets, name), covered(merged[name]), say):
            made.append(row)
    return {one: (titles[name], cell) for one, (name, cell) in targets.items()}


def rows_of(made, sheet, there: dict[str, list[Problem]], merged: dict, say) -> Iterator[list]:
    """Each row of a sheet from the first to the last: its values and, where a cell is more than its value, the cell."""
    row_at, special = dict(zip(sheet.numbers, sheet.rows)), {}
    for cell in (*there, *sheet.marks.struck, *sheet.marks.colours, *sheet.marks.errors):
        number, column = coordinate_to_tuple(cell)
        special.setdefault(number, set()).add(column)
    for number in range(1, max((*row_at, *special), default=0) + 1):
        own, values = special.get(number, ()), row_at.get(number, [])
        values = [*values, *[""] * (max(own, default=0) - len(values))]
        yield [None if (number, at) in merged else shown(made, number, at, value, sheet.marks, there, say)
               if at in own or isinstance(value, str) and value[:1] in SIGNS else NEITHER.sub(" ", value)[:32_767] or None
               if isinstance(value, str) else value for at, value in enumerate(values, 1)]


def shown(made, number: int, at: int, value, looks, there: dict[str, list[Problem]], say) -> Cell:
    """One cell with its value or its error, struck out, coloured and marked as it is to be."""
    name, cell = f"{get_column_letter(at)}{number}", WriteOnlyCell(made)
    if value != "":
        put(cell, value)
    if name in looks.errors:
        cell.value = looks.errors[name]
    if name in looks.struck:
        cell.font = Font(strike=True)
    if name in looks.colours:
        cell.fill = PatternFill("solid", fgColor=f"FF{looks.colours[name]}")
    if name in there:
        mark(cell, there[name], say)
    return cell


def put(cell: Cell, value) -> None:
    """Write a value; a text stays a text, even if it looks like a formula or an error."""
    cell.value = NEITHER.sub(" ", value)[:32_767] if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"


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


def marks(sheets: dict[str, Worksheet], problems: list[Problem], say) -> dict[Problem, tuple[str, str]]:
    """Mark the cells of sheets; returns for each problem the title of the sheet and the cell with its mark, if it has one."""
    ends = {name: (sheet.max_row, sheet.max_column) for name, sheet in sheets.items()}
    merged = {name: [(one.min_row, one.min_col, one.max_row, one.max_col) for one in sheet.merged_cells.ranges]
              for name, sheet in sheets.items()}
    targets = targeted(problems, ends, merged)
    for name, sheet in sheets.items():
        for cell, found in in_cells(targets, name).items():
            mark(sheet[cell], found, say)
    return targets


def targeted(problems: list[Problem], ends: dict[str, tuple[int, int]], merged: dict[str, list[tuple]]) -> dict[Problem, tuple[str, str]]:
    """Problem -> the sheet and the cell to mark: its own, or the first of those it is merged with; none where the sheet does not reach.

    `ends`: the last row and column of each sheet; `merged`: its merged cells as (top, left, bottom, right), all from 1.
    """
    hidden, found = {name: covered(areas) for name, areas in merged.items()}, {}
    for one in problems:
        name = next(iter(ends)) if len(ends) == 1 and not one.sheet else one.sheet
        if name in ends and re.fullmatch("[A-Z]{1,3}[1-9][0-9]{0,6}", one.cell):
            at = coordinate_to_tuple(one.cell)
            if at[0] <= ends[name][0] and at[1] <= ends[name][1]:
                found[one] = name, hidden[name].get(at, one.cell)
    return found


def covered(merged: list[tuple]) -> dict[tuple[int, int], str]:
    """Row and column of each cell that lies under another one it is merged with -> that cell."""
    return {(row, column): f"{get_column_letter(left)}{top}" for top, left, bottom, right in merged
            for row in range(top, bottom + 1) for column in range(left, right + 1) if (row, column) != (top, left)}


def in_cells(targets: dict[Problem, tuple[str, str]], name: str) -> dict[str, list[Problem]]:
    """The problems of each cell of one sheet."""
    found: dict[str, list[Problem]] = {}
    for one, (sheet, cell) in targets.items():
        found.setdefault(cell, []).append(one) if sheet == name else None
    return found


def told(found: list[Problem], lang: str, more: str) -> str:
    """What is wrong with a cell, as long as a comment can be."""
    text = "\n\n".join(dict.fromkeys(said(one, lang) for one in found))
    return text if len(text) <= TEXT else f"{text[:TEXT]} ... {more}"


def mark(cell: Cell, found: list[Problem], say) -> None:
    """Colour a cell, or frame it where it has a colour of its own, and write into its comment what is wrong with it."""
    colour = f"FF{MARKS[min(one.severity for one in found)]}"  # "refuse" comes before "warn"
    if colour_of(cell):
        side = Side("thick", colour)
        cell.border = Border(side, side, side, side)
    else:
        cell.fill = PatternFill("solid", fgColor=colour)
    cell.comment = comment(cell.comment, say(found))


def comment(old: Comment | None, text: str) -> Comment:
    """A comment with the text, below the one that was there, in a box that shows all of it where it is not very long."""
    before = theirs(old)[:32_000 - len(text)] if old else ""
    text = f"{before}\n\n{SIGNED}{text}" if before else f"{SIGNED}{text}"
    lines = sum(1 + len(line) // WRAP for line in text.split("\n"))
    return Comment(text, old.author if before else AUTHOR, height=min(24 + 17 * lines, 600), width=380)


def theirs(old: Comment) -> str:
    """What a comment says apart from what an earlier check wrote."""
    return "" if old.text.startswith(SIGNED) else old.text.partition(f"\n\n{SIGNED}")[0]


def overview(sheet, file: Path, problems: list[Problem], targets: dict, rows: dict, how: str, lang: str) -> None:
    """The first sheet: how many rows were read, what the colours mean, what the copy lacks, and all problems."""
    words = phrases(lang)
    count = {kind: sum(one.severity == kind for one in problems) for kind in MARKS}
    lines = [("", words["title"].format(file=file.name)), ("", words["rows_joined" if rows.get("joined") else "rows"].format(**rows)),
             *((MARKS[kind], words["colours"][kind].format(n=count[kind])) for kind in MARKS),
             *(("", words[what]) for what in (["how"] if targets else []) + [how, "safe"][:1 if how == "unread" else 2]),
             *([] if problems else [("", words["none"])])]
    head = len(lines) + 2
    arrange(sheet, head, len(problems))
    for number, (colour, text) in enumerate(lines, 1):
        sheet.append([explained(sheet, number, text, colour)])
    sheet.append([])
    sheet.append([text_cell(sheet, text, font=Font(bold=True)) for text in words["columns"]])
    for number, one in enumerate(problems, head + 1):
        sheet.append(listed(sheet, number, one, targets.get(one), words["kinds"][one.severity], lang))


def text_cell(sheet, text: str, **looks) -> Cell:
    """A cell with a text, or without one, that looks so."""
    cell = WriteOnlyCell(sheet)
    if text:
        put(cell, text)
    for name, look in looks.items():
        setattr(cell, name, look)
    return cell


def explained(sheet, number: int, text: str, colour: str) -> Cell:
    """A line of the overview across all of its columns; with a colour, that of a mark."""
    sheet.merged_cells.add(f"A{number}:E{number}")
    sheet.row_dimensions[number].height = 22 if number == 1 else 16 * (1 + len(text) // (2.4 * WRAP))
    cell = text_cell(sheet, text, alignment=Alignment(wrap_text=True, vertical="top"))
    if number == 1:
        cell.font = Font(bold=True, size=14)
    if colour:
        cell.fill = PatternFill("solid", fgColor=f"FF{colour}")
    return cell


def listed(sheet, number: int, one: Problem, target: tuple[str, str] | None, kind: str, lang: str) -> list[Cell]:
    """A problem of the overview, with a link to its cell."""
    texts = [kind, one.sheet, one.cell, heading(one.column, lang), said(one, lang)]
    cells = [text_cell(sheet, text, alignment=Alignment(wrap_text=at == 5, vertical="top")) for at, text in enumerate(texts, 1)]
    cells[0].fill = PatternFill("solid", fgColor=f"FF{MARKS[one.severity]}")
    sheet.row_dimensions[number].height = 16 * (1 + len(texts[4]) // (1.6 * WRAP))
    if target and number <= LINKS:
        where = f"'{target[0].replace(chr(39), chr(39) * 2)}'!{target[1]}"
        cells[2].hyperlink = Hyperlink(ref=f"C{number}", location=where)
        cells[2].hyperlink.ref = f"C{number}"  # openpyxl has taken the place of a cell that stands nowhere yet
        cells[2].font = Font(color="FF0563C1", underline="single")
    return cells


def arrange(sheet, head: int, count: int) -> None:
    """Widths, a head that stays in sight, a filter, and a page as wide as the paper; the sheet is the one that is open."""
    sheet.sheet_view.tabSelected = True
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
    saved = BytesIO()
    book.save(saved)
    values = {sheet.path.lstrip("/"): formulas[sheet.title] for sheet in book.worksheets if formulas.get(sheet.title)}
    whole = with_values(saved, values) if values else saved
    with open(out, "xb") as stream:
        stream.write(whole.getvalue())


def with_values(saved: BytesIO, values: dict[str, dict]) -> BytesIO:
    """A saved workbook in which the sheets of these parts have the values of their formulas."""
    whole = BytesIO()
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part, valued(old.read(part), values.get(part.filename)))
    return whole


def valued(xml: bytes, values: dict | None) -> bytes:
    """The XML of a sheet in which each formula has its value again."""
    def filled(match) -> bytes:
        kind, value = values.get(match[2].decode(), (None, b""))
        return match[0] if kind is None else match[1] + kind + match[3] + b"<v>" + value + b"</v></c>"
    return FORMULA.sub(filled, xml) if values else xml
