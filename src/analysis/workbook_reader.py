"""The child process that reads one workbook under limits; writes its rows to standard output in blocks."""

import sys

sys.path.insert(0, sys.argv[1])  # started without site-packages, which halves the time to start

import marshal
import os

from python_calamine import CalamineWorkbook

SECONDS, BYTES, BLOCK = 60, 4 * 2**30, 500
PLAIN = {str, float, int, bool}


def limit() -> None:
    """Bound this process's memory and time where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def send(name: str, rows: list[list]) -> None:
    """Write one block; dates become ISO text first, and only then, because most sheets hold none."""
    try:
        block = marshal.dumps((name, rows))
    except ValueError:
        plain = [[cell if type(cell) in PLAIN else text(cell) for cell in row] for row in rows]
        block = marshal.dumps((name, plain))
    sys.stdout.buffer.write(len(block).to_bytes(8, "little") + block)


def text(moment) -> str:
    """A date or time as ISO text; a length of time as the spreadsheet shows it."""
    return moment.isoformat() if hasattr(moment, "isoformat") else str(moment)


limit()
workbook = CalamineWorkbook.from_path(sys.argv[2])
for name in workbook.sheet_names:
    sheet = workbook.get_sheet_by_name(name)
    left = [""] * (sheet.start[1] if sheet.start else 0)  # calamine leaves out empty columns on the left
    rows = []
    for row in sheet.iter_rows():
        rows.append(left + row if left else row)
        if len(rows) >= BLOCK:
            send(name, rows)
            rows = []
    send(name, rows)
sys.stdout.flush()
os._exit(0)  # the system takes back a whole process faster than Python lets go of a million cells
