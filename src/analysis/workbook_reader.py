"""The child process that reads one workbook under limits; writes its rows to standard output in blocks."""

import sys

sys.path.insert(0, sys.argv[1])  # started without site-packages, which halves the time to start

import io
import marshal
import os

from python_calamine import CalamineWorkbook

SECONDS, BYTES, FILE = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
BLOCK = 500
PLAIN = {str, float, int, bool}


def limit() -> None:
    """Bound this process's memory and time where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def send(name: str, numbers: list[int], rows: list[list]) -> None:
    """Write one block; dates become ISO text first, and only then, because most sheets hold none."""
    try:
        block = marshal.dumps((name, numbers, rows))
    except ValueError:
        plain = [[cell if type(cell) in PLAIN else text(cell) for cell in row] for row in rows]
        block = marshal.dumps((name, numbers, plain))
    sys.stdout.buffer.write(len(block).to_bytes(8, "little") + block)


def text(moment) -> str:
    """A date or time as ISO text, without midnight; a length of time as the spreadsheet shows it."""
    return moment.isoformat().removesuffix("T00:00:00") if hasattr(moment, "isoformat") else str(moment)


def empty(cell) -> bool:
    """Whether a cell shows nothing."""
    return type(cell) is str and not cell.strip()


limit()
content = io.BytesIO(sys.stdin.buffer.read()) if FILE == "-" else open(FILE, "rb")  # noqa: SIM115 (the process ends with the file)
workbook = CalamineWorkbook.from_filelike(content)
for name in workbook.sheet_names:
    sheet = workbook.get_sheet_by_name(name)
    left = [""] * (sheet.start[1] if sheet.start else 0)  # calamine leaves out empty columns on the left
    numbers, rows = [], []
    for number, row in enumerate(sheet.iter_rows(), 1):
        while row and empty(row[-1]):
            row.pop()
        if row:
            rows.append(left + row if left else row)
            numbers.append(number)
            if len(rows) >= BLOCK:
                send(name, numbers, rows)
                numbers, rows = [], []
    send(name, numbers, rows)
sys.stdout.flush()
os._exit(0)  # the system takes back a whole process faster than Python lets go of a million cells
