"""Raw rows -> raw rows with the corrections that somebody wrote beside the file."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.cells import plain
from analysis.codebook import fold
from analysis.problems import Problem, problem
from analysis.read import Raw

CORRECTION = ("cell", "was", "becomes", "reason", "by", "date")
MAY_BE_EMPTY = ("was", "becomes")  # a correction can fill an empty cell, or empty one


def corrected(raw: Raw) -> tuple[Raw, list[Problem]]:
    """The raw rows with the corrections written beside the file; one that no longer fits is a problem."""
    beside = Path(f"{raw.file}.corrections.csv")
    if not beside.exists():
        return raw, []
    try:
        with open(beside, encoding="utf-8-sig", newline="") as lines:
            corrections = list(csv.DictReader(lines, strict=True))
    except (UnicodeDecodeError, csv.Error):
        return raw, [problem("file_unreadable", beside, kind="a list of corrections", why="it is not CSV in UTF-8")]
    table = raw.table.copy()
    wrong = [found for one in corrections for found in correct(raw, table, one)]
    return replace(raw, table=table), wrong


def correct(raw: Raw, table: pd.DataFrame, one: dict) -> list[Problem]:
    """Carry out one correction in `table`; returns what keeps it from being carried out."""
    lacks = [name for name in CORRECTION if one.get(name) is None or not (one[name].strip() or name in MAY_BE_EMPTY)]
    if None in one:  # where DictReader puts what is left over
        lacks.append("quotes around a value that holds a comma")
    if lacks:
        return [problem("correction_incomplete", raw.file, cell=one.get("cell") or "", missing=", ".join(lacks))]
    sheet, _, cell = (part.strip() for part in one["cell"].rpartition("!"))
    match = re.fullmatch(r"([A-Z]+)([0-9]{1,7})", cell)
    at = table.index[(table.row == int(match[2])) & (table.sheet == (sheet or table.sheet))] if match else []
    columns = {letters: c for (s, c), letters in raw.letters.items() if len(at) == 1 and s == table.at[at[0], "sheet"]}
    column = columns.get(match and match[1])
    if column not in table:
        return [problem("correction_lost", raw.file, sheet, cell)]
    if fold(plain(table.at[at[0], column])) != fold(one["was"]):
        return [problem("correction_stale", raw.file, table.at[at[0], "sheet"], cell, column)]
    table.at[at[0], column] = one["becomes"]
    return []
