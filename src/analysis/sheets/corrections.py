"""Raw rows -> raw rows with the corrections that somebody wrote beside the file."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis import read
from analysis.codebook import Codebook, fold
from analysis.problems import Problem, problem
from analysis.read import Raw, plain
from analysis.sheets.dates import has_come

CORRECTION = ("cell", "was", "becomes", "reason", "by", "date")
MAY_BE_EMPTY = ("was", "becomes")  # a correction can fill an empty cell, or empty one


def corrected(raw: Raw, book: Codebook, earlier: str | None = None) -> tuple[Raw, list[Problem]]:
    """The raw rows with the corrections written beside the file; one that no longer fits is a problem.

    `earlier` is a file in the same folder, the same list at an earlier date: its corrections are carried out as well on the
    cases that this file still has, where the cell still says what was corrected; the others are only noted.
    """
    table = raw.table.copy()
    wrong = []
    lines = written(raw.file, wrong)
    for one in lines:
        wrong += correct(raw, table, one)
    if earlier:
        wrong += reused(raw, table, read.raw(raw.file.with_name(earlier), book, raw.profile), written(raw.file.with_name(earlier), wrong))
    return replace(raw, table=table) if lines or earlier else raw, wrong


def written(file: Path, wrong: list[Problem]) -> list[dict]:
    """The lines of the corrections beside a file; `wrong` is told when they cannot be read."""
    beside = Path(f"{file}.corrections.csv")
    try:
        with open(beside, encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            if len(set(CORRECTION) & set(rows.fieldnames or CORRECTION)) < 2:
                raise csv.Error
            return list(rows)
    except FileNotFoundError:
        return []
    except (UnicodeDecodeError, csv.Error):
        wrong.append(problem("file_unreadable", beside, kind="a list of corrections",
                             why="it is not CSV in UTF-8 with its six columns between commas"))
        return []


def correct(raw: Raw, table: pd.DataFrame, one: dict) -> list[Problem]:
    """Carry out one correction in `table`; returns what keeps it from being carried out."""
    lacks = [name for name in CORRECTION if one.get(name) is None or not (one[name].strip() or name in MAY_BE_EMPTY)]
    if None in one:  # where DictReader puts what is left over
        lacks.append("quotes around a value that holds a comma")
    if lacks:
        return [problem("correction_incomplete", raw.file, cell=one.get("cell") or "", missing=", ".join(lacks))]
    index, column, sheet, cell = target(raw, one["cell"])
    if not has_come(one["date"].strip()):
        return [problem("correction_date", raw.file, sheet, cell)]
    if column not in table:
        return [problem("correction_lost", raw.file, sheet, cell)]
    if fold(plain(table.at[index, column])) != fold(one["was"]):
        return [problem("correction_stale", raw.file, table.at[index, "sheet"], cell, column)]
    table.at[index, column] = one["becomes"]
    return []


def target(raw: Raw, named: str) -> tuple:
    """The index and the column of the cell that a correction names, None where the file has no such cell; its sheet and cell."""
    sheet, _, cell = (part.strip() for part in named.rpartition("!"))
    match = re.fullmatch(r"([A-Z]+)([0-9]{1,7})", cell.upper())
    at = raw.table.index[(raw.table.row == int(match[2])) & (raw.table.sheet == (sheet or raw.table.sheet))] if match else []
    columns = {letters: c for (s, c), letters in raw.letters.items() if len(at) == 1 and s == raw.table.at[at[0], "sheet"]}
    return at[0] if len(at) == 1 else None, columns.get(match and match[1]), sheet, cell


def reused(raw: Raw, table: pd.DataFrame, old: Raw, lines: list[dict]) -> list[Problem]:
    """Carry out the corrections of an earlier file on the same cases; a note for each that does not apply any more."""
    cases: dict[str, list] = {}
    for index, code in table.case_id.map(plain).map(fold).items():
        cases.setdefault(code, []).append(index)
    wrong = []
    for one in lines:
        index, column, _, cell = target(old, one.get("cell") or "")
        at = cases.get(fold(plain(old.table.at[index, "case_id"])), []) if column in table else []
        same = [i for i in at if fold(plain(table.at[i, column])) == fold(one.get("was") or "")]
        for i in same:
            table.at[i, column] = one["becomes"]
        wrong += [] if same else [problem("correction_not_reused", old.file, cell=cell, column=column or "", newer=raw.file.name)]
    return wrong
