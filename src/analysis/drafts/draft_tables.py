"""The tables of a draft against the results: each number in a row that names a code."""

import re
from typing import NamedTuple

from analysis.drafts import draft_known, draft_words
from analysis.drafts.draft_checks import as_words, tell
from analysis.drafts.draft_known import Context, Known, Row
from analysis.drafts.draft_numbers import Number
from analysis.drafts.draft_read import Read
from analysis.problems import Problem
from analysis.wording import words

NAMES = 0.6  # part of the letters of a first cell that a code must be, for the row to be of that code and no more


class Cell(NamedTuple):
    """One cell of a row as it is read: where it begins and ends, and what its column is called."""

    start: int
    end: int
    head: str


def wrong(read: Read, known: Known) -> list[Problem]:
    """The numbers of a row that no result has of the code that its first cell names, the columns and what stands over the table."""
    if read.sentence.kind != "row":
        return []
    first, *rest = cells(read.sentence.text)
    keys = named(first, read)
    found = [cell_wrong(one, cell, keys, read, known) for cell in rest for one in read.numbers
             if keys and cell.start <= one.start < cell.end and counts(one, cell, read)]
    return [problem for problem in found if problem]


def cells(text: str) -> list[Cell]:
    """The cells of a row, which draft_text writes as `head: cell; head: cell`."""
    made = []
    for hit in re.finditer(r"(?:([^:;]*): )?(.*?)(?:; |$)", text):
        if hit.group(2):
            made.append(Cell(hit.start(2), hit.end(2), hit.group(1) or ""))
    return made or [Cell(0, 0, "")]


def named(first: Cell, read: Read) -> frozenset:
    """The code that the first cell of a row names, where it names one and hardly anything else."""
    inside = [each for each in read.mentions if first.start <= each.start and each.end <= first.end]
    letters = sum(each.end - each.start for each in inside)
    return inside[0].keys if len(inside) == 1 and letters >= NAMES * (first.end - first.start) else frozenset()


def counts(one: Number, cell: Cell, read: Read) -> bool:
    """Whether a number of a cell is a count, a share or an interval: by its kind, or by what its column is called."""
    if one.kind in ("of", "percent") or one.kind == "range" and one.bound == "percent":
        return True
    return one.kind in ("bare", "count") and not one.word and draft_words.says(read.sentence.lang, "counted", cell.head)


def cell_wrong(one: Number, cell: Cell, keys: frozenset, read: Read, known: Known) -> Problem | None:
    """The problem of a number, where results are of the code of its row and the column, and none has it."""
    at = cell.start - len(cell.head) - 2
    columns = frozenset(key for each in read.mentions if at <= each.start and each.end <= cell.start for key in each.keys)
    years = frozenset(int(each.value) for each in read.numbers if each.kind == "year" and at <= each.start < cell.start)
    context = Context(keys | columns | read.headed | known.own, years or read.years, read.forms | {"ranks"}, read.ends)
    rows = [row for row in draft_known.relevant(known.coded, context, keys) if not columns or row.keys & columns]
    if not rows or any(holds(row, one) for row in rows):
        return None
    return tell(read, "draft_contradicts", number=one.text, results=as_words(rows, one))


def holds(row: Row, one: Number) -> bool:
    """Whether a number is what a row counts, its base, its share, its rank, or an end of its interval."""
    if draft_known.fits(row, one):
        return True
    scale = 100 if one.kind == "percent" else 1
    values = [row.base, row.value, row.low * scale, row.high * scale]
    return one.kind in ("bare", "count", "percent") and any(
        value == value and abs(value) != float("inf") and words.rounded(value, one.decimals) == one.value for value in values)
