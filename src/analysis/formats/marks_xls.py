"""What a person sees in an .xls workbook beside its values: hidden rows and columns, strike-out, fills, merges, comments, errors."""

import io
import struct
from collections.abc import Iterator

import xlrd
from xlrd import XL_CELL_ERROR
from xlrd.biffh import error_text_from_code
from xlrd.book import SUPBOOK_EXTERNAL

from analysis.formats.child import PASSWORD, Wrong
from analysis.formats.sheet import Marks, letter

FILTERED, RULES = 0x9B, 0x1B0  # records of a sheet that xlrd passes over: FilterMode and CondFmt of [MS-XLS] 2.4
FILTER = "_FilterDatabase"  # the name of the area that a filter looks at; its first row is the header
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the name of the stream that holds an .xlsx file behind a password


def blocks(source) -> Iterator[tuple]:
    """("marks", sheet, marks), ("epoch", year) and ("note", rule) of a workbook; raises Wrong for one with a password."""
    content = source.read()
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO(), formatting_info=True, ragged_rows=True, on_demand=True)
    except xlrd.XLRDError as error:
        if ENCRYPTED not in content and "encrypted" not in str(error):
            raise
        raise Wrong("password_needed", variable=PASSWORD) from None
    if book.datemode:
        yield "epoch", 1904
    if SUPBOOK_EXTERNAL in book._supbook_types:
        yield "note", "external_links"
    styles = [(bool(book.font_list[style.font_index].struck_out), filled(style, book)) for style in book.xf_list]
    read, heard = book.get_record_parts, []
    book.get_record_parts = lambda: listened(read(), heard)
    for number, name in enumerate(book.sheet_names()):
        heard.clear()
        sheet = book.sheet_by_name(name)
        within = filtered(number, book) if any(kind == FILTERED for kind, _ in heard) else range(0)
        rules = [struct.unpack_from("<4H", content, 4) for kind, content in heard if kind == RULES]
        yield "marks", name, tuple(marks(sheet, book, styles, within, rules))
        book.unload_sheet(name)


def listened(record: tuple[int, int, bytes], heard: list[tuple[int, bytes]]) -> tuple[int, int, bytes]:
    """A record on its way to xlrd, kept in `heard` where xlrd will pass over it."""
    if record[0] in (FILTERED, RULES):
        heard.append((record[0], record[2]))
    return record


def filtered(number: int, book: xlrd.Book) -> range:
    """The rows (from 0) that the filter of a sheet can hide."""
    areas = [name for name in book.name_obj_list if name.name == FILTER and name.scope == number]
    try:
        _, top, after, *_ = areas[0].area2d()
    except (IndexError, xlrd.XLRDError):
        return range(0)
    return range(top + 1, after)


def marks(sheet: xlrd.sheet.Sheet, book: xlrd.Book, styles: list[tuple[bool, str]], within: range, rules: list[tuple]) -> Marks:
    """The marks of a sheet; of a row that holds nothing neither its colours nor that it is hidden.

    `within`: the rows (from 0) that a filter at work looks at; `rules`: first row, last row, first and last column of what rules look at.
    """
    full = [row for row in range(sheet.nrows) if any(value != "" for value in sheet.row_values(row))]
    cells = [(row, column, styles[sheet.cell_xf_index(row, column)]) for row in full for column in range(sheet.row_len(row))]
    partly = {where for where, runs in sheet.rich_text_runlist_map.items() if any(book.font_list[font].struck_out for _, font in runs)}
    struck = {(row, column) for row, column, (line, _) in cells if line and sheet.cell_value(row, column) != ""} | partly
    errors = {named(row, column): error_text_from_code.get(sheet.cell_value(row, column), "#") for row, column, _ in cells
              if sheet.cell_type(row, column) == XL_CELL_ERROR}
    info = sheet.rowinfo_map
    hidden = frozenset(row + 1 for row in full if row in info and info[row].hidden)
    return Marks(hidden=hidden,
                 struck=frozenset(named(*where) for where in struck),
                 colours={named(row, column): fill for row, column, (_, fill) in cells if fill},
                 merged=[(top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells],
                 comments=frozenset(named(*where) for where in sheet.cell_note_map), errors=errors,
                 filtered=frozenset(row for row in hidden if row - 1 in within),
                 columns=frozenset(letter(at) for at, column in sheet.colinfo_map.items() if column.hidden),
                 ruled=[(top + 1, left, bottom + 1, right, "") for top, bottom, left, right in rules])


def named(row: int, column: int) -> str:
    """The name of a cell; rows and columns count from 0."""
    return f"{letter(column)}{row + 1}"


def filled(style: xlrd.formatting.XF, book: xlrd.Book) -> str:
    """The fill colour of a style as RRGGBB; empty for white and for no fill."""
    rgb = book.colour_map.get(style.background.pattern_colour_index) if style.background.fill_pattern else None
    return "" if rgb in (None, (255, 255, 255)) else "".join(f"{part:02X}" for part in rgb)
