"""The values of an .xlsx, .xlsm, .xlsb or .ods file, by calamine."""

import datetime
import io
import sys

from child import send
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

BLOCK = 500  # rows
PLAIN = {str, float, int, bool}


def read(file: str | bytes) -> None:
    """Send each sheet with its rows; a sheet of a chart has none, and what is kept of another workbook is no sheet."""
    workbook = CalamineWorkbook.from_path(file) if isinstance(file, str) else CalamineWorkbook.from_filelike(io.BytesIO(file))
    for one in workbook.sheets_metadata:
        if one.typ == SheetTypeEnum.WorkSheet and not one.name.startswith("'file:"):
            send("sheet", one.name, one.visible != SheetVisibleEnum.Visible)
            rows(one.name, workbook.get_sheet_by_name(one.name))
    sys.stdout.flush()


def rows(name: str, sheet) -> None:
    """Send the rows that have content, under their numbers; calamine leaves out empty columns on the left."""
    left = [""] * (sheet.start[1] if sheet.start else 0)
    numbers, found = [], []
    for number, row in enumerate(sheet.iter_rows(), 1):
        while row and row[-1] == "":
            row.pop()
        if row and has_content(row):
            numbers.append(number)
            found.append(left + row if left else row)
            if len(found) == BLOCK:
                block(name, numbers, found)
                numbers, found = [], []
    block(name, numbers, found)


def has_content(row: list) -> bool:
    """Whether any cell of a row holds more than white space; most often its first does."""
    return any(cell != "" and (type(cell) is not str or not cell.isspace()) for cell in row)


def block(name: str, numbers: list[int], found: list[list]) -> None:
    """Send one block; dates become text first, and only then, because most blocks hold none."""
    try:
        send("rows", name, numbers, found)
    except ValueError:
        send("rows", name, numbers, [[cell if type(cell) in PLAIN else text(cell) for cell in row] for row in found])


def text(moment) -> str:
    """A date or time as ISO text, to the second, without the time where it is midnight; a length of time as it is shown."""
    if isinstance(moment, datetime.datetime):
        moment = (moment + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
        return (moment.date() if moment.time() == datetime.time() else moment).isoformat()
    if isinstance(moment, datetime.time):
        return moment.replace(microsecond=0).isoformat()
    return moment.isoformat() if isinstance(moment, datetime.date) else str(moment)
