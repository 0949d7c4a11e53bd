"""Which cell makes an .xlsx workbook too large to read: asked only after reading it has failed."""

import re
from collections.abc import Iterable

from archive import links, opened, pieces, tree
from child import Wrong
from xlsx_marks import WORKBOOK, number_of, sheets

FILLED = re.compile(rb"""<(?:\w+:)?c r=["']([A-Z]{1,7})(\d{1,15})["'](?: [^>]*[^/])?>\s*<(?:\w+:)?(?:v|is|f)\b""")
ROWS, COLUMNS = 2**20, 2**14  # of a sheet
FAR = 20  # how many times the place of the next one makes a row or a column far
OVERLAP = 300  # bytes, because an address can lie across two pieces


def read(file: str | bytes) -> None:
    """Raise Wrong naming the cell beyond what a sheet can have, or the one that lies far from all others; else nothing."""
    archive = opened(file)
    for name, part in sheets(tree(archive, WORKBOOK), links(archive, WORKBOOK)):
        rows, columns = edges(name, pieces(archive, part))
        by_row, by_column = rows[0][0] / rows[1][0], columns[0][0] / columns[1][0]
        if max(by_row, by_column) >= FAR:
            raise Wrong("cell_far", name, rows[0][1] if by_row >= by_column else columns[0][1])


def edges(name: str, given: Iterable[bytes]) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The two last rows and the two last columns (from 1) with content, the last first, with a cell of each."""
    rows, columns, rest = [(1, "")] * 2, [(1, "")] * 2, b""
    for piece in given:
        for column, row in FILLED.findall(rest + piece):
            cell = (column + row).decode()
            if int(row) > ROWS or number_of(column.decode()) >= COLUMNS:
                raise Wrong("cell_beyond", name, cell)
            rows, columns = last_two(rows, int(row), cell), last_two(columns, number_of(column.decode()) + 1, cell)
        rest = piece[-OVERLAP:]
    return rows, columns


def last_two(best: list[tuple[int, str]], number: int, cell: str) -> list[tuple[int, str]]:
    """The two largest different numbers, with their cells."""
    if number > best[0][0]:
        return [(number, cell), best[0]]
    return [best[0], (number, cell)] if best[1][0] < number < best[0][0] else best
