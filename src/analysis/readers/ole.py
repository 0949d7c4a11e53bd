"""A file in the form of the older office programs: an .xls workbook with its marks, by xlrd, or something else under its name."""

import io

import olefile
import xlrd
from child import Wrong, send
from values import block, has_content, text
from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR
from xlrd.biffh import error_text_from_code
from xlrd.book import SUPBOOK_EXTERNAL
from xlrd.xldate import xldate_as_datetime
from xlsx_marks import letters

BLOCK = 500  # rows
PROTECTED = 0x2F  # the record that says that what follows is encrypted
OTHERS = {"WordDocument": "file_word", "PowerPoint Document": "file_word"}


def read(file: str | bytes) -> None:
    """Send the sheets, or that a password is needed."""
    with olefile.OleFileIO(file) as streams:
        names = {"/".join(one) for one in streams.listdir()}
        name = next((one for one in ("Workbook", "Book", "WORKBOOK", "BOOK") if one in names), None)
        if "EncryptedPackage" in names or name and encrypted(streams.openstream(name)):
            return send("encrypted")
        wrong = next((rule for stream, rule in OTHERS.items() if stream in names), None)
    if wrong or not name:
        raise Wrong(wrong or "file_unknown")
    return workbook(file)


def encrypted(stream) -> bool:
    """Whether the records of a workbook say that they are encrypted: that stands directly after the first of them."""
    for _ in range(3):
        kind, size = (int.from_bytes(stream.read(2), "little") for _ in range(2))
        if kind == PROTECTED:
            return True
        stream.read(size)
    return False


def workbook(file: str | bytes) -> None:
    """Send each sheet of an .xls workbook with its rows and marks."""
    given = {"filename": file} if isinstance(file, str) else {"file_contents": file}
    book = xlrd.open_workbook(**given, logfile=io.StringIO(), formatting_info=True, ragged_rows=True)
    send("epoch", 1904 if book.datemode else 1900)
    if SUPBOOK_EXTERNAL in book._supbook_types:
        send("note", "links_external", "", "", {})
    for sheet in book.sheets():
        send("sheet", sheet.name, sheet.visibility != 0)
        rows(sheet, book.datemode)
        marks(sheet, book)


def rows(sheet, epoch: int) -> None:
    """Send the rows that have content, under their numbers."""
    found = [(number, trimmed(sheet, number, epoch)) for number in range(sheet.nrows)]
    full = [(number + 1, row) for number, row in found if has_content(row)]
    for at in range(0, len(full), BLOCK):
        block(sheet.name, [number for number, _ in full[at:at + BLOCK]], [row for _, row in full[at:at + BLOCK]])


def trimmed(sheet, number: int, epoch: int) -> list:
    """The values of a row without the empty cells at its end; an error is an empty value here, and a mark."""
    row = [value(kind, one, epoch) for kind, one in zip(sheet.row_types(number), sheet.row_values(number))]
    while row and row[-1] == "":
        row.pop()
    return row


def value(kind: int, one, epoch: int):
    """The value of a cell: dates as ISO text, a time of day as one; what lies beyond the calendar stays a number."""
    if kind == XL_CELL_ERROR:
        return ""
    if kind == XL_CELL_BOOLEAN:
        return bool(one)
    if kind != XL_CELL_DATE:
        return one
    try:
        moment = xldate_as_datetime(one, epoch)
    except (OverflowError, ValueError):
        return one
    return text(moment.time() if 0 < one < 1 else moment)


def marks(sheet, book) -> None:
    """Send what a person sees of a sheet besides its values."""
    cells = [(f"{letters(column)}{row + 1}", row, column) for row in range(sheet.nrows) for column in range(sheet.row_len(row))]
    errors = {cell: error_text_from_code.get(sheet.cell_value(row, column), "#ERROR") for cell, row, column in cells
              if sheet.cell_type(row, column) == XL_CELL_ERROR}
    styles = {number: (struck(style, book), filled(style, book)) for number, style in enumerate(book.xf_list)}
    of = {cell: styles[sheet.cell_xf_index(row, column)] for cell, row, column in cells}
    partly = {(row, column) for (row, column), runs in sheet.rich_text_runlist_map.items()
              if any(book.font_list[font].struck_out for _, font in runs)}
    struck_out = {cell for cell, row, column in cells if sheet.cell_value(row, column) != "" and of[cell][0] or (row, column) in partly}
    hidden = {number + 1 for number, row in sheet.rowinfo_map.items() if row.hidden or row.height == 0}
    merged = [(top + 1, left, bottom, right - 1) for top, bottom, left, right in sheet.merged_cells]
    comments = {f"{letters(column)}{row + 1}" for row, column in sheet.cell_note_map}
    colours = {cell: colour for cell, (_, colour) in of.items() if colour}
    send("marks", sheet.name, frozenset(hidden), frozenset(struck_out), colours, merged, frozenset(comments), errors, frozenset())


def struck(style, book) -> bool:
    """Whether a style strikes out."""
    return bool(book.font_list[style.font_index].struck_out)


def filled(style, book) -> str:
    """The fill colour of a style, as RRGGBB; nothing for white and for no fill."""
    rgb = book.colour_map.get(style.background.pattern_colour_index) if style.background.fill_pattern else None
    return "" if rgb in (None, (255, 255, 255)) else "%02X%02X%02X" % rgb
