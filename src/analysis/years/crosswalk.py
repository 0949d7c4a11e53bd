"""Changes of the codebook between years: which codes must be counted together, and which did not exist, when years are compared."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.codebook import Codebook, listed
from analysis.problems import UsageError
from analysis.years.effort import parts

COLUMNS = ("variable", "file", "from_year", "old", "new", "how", "note")
HOW = {"renamed": (1, 1), "split": (1, 2), "merged": (2, 1), "new": (0, 1), "dropped": (1, 0)}
"""How a codebook changes -> how many old and new codes there are; 2 stands for two or more, and new and dropped take several as well."""


class Common(NamedTuple):
    """`together`: codes that are one between the years compared, each list in the order of the codebook; `absent`: (year, code) ->
    not_yet_in_codebook or no_longer_in_codebook, for codes (those that are counted together joined by +) that a year did not have."""

    together: list[list[str]]
    absent: dict[tuple[str, str], str]


def changes(book: Codebook) -> pd.DataFrame:
    """The rows of crosswalk.csv, `old` and `new` as tuples of codes; raises UsageError with everything that is wrong with the file."""
    table = listed(book.folder / "crosswalk.csv")
    if lacks := [column for column in COLUMNS if column not in table]:
        raise UsageError(f"crosswalk.csv lacks the columns {', '.join(lacks)}. Its first line is: {','.join(COLUMNS)}")
    table = table[list(COLUMNS)].map(str.strip)
    table = table.assign(old=table.old.map(parts), new=table.new.map(parts))
    if wrong := faults(table, book):
        raise UsageError("crosswalk.csv cannot be used. " + " ".join(wrong))
    return table


def faults(table: pd.DataFrame, book: Codebook) -> list[str]:
    """What is wrong with the rows of crosswalk.csv, each with its line in the file."""
    known = {variable: set(book.of(variable)) - set(book.unknown(variable)) for variable in book.variables.index}
    strange = [sorted({*row.old, *row.new} - known.get(row.variable, {*row.old, *row.new})) for row in table.itertuples()]
    checks = {
        "variable is none of variables.csv": ~table.variable.isin(book.variables.index),
        "a code is none of the variable's in codes.csv (one no longer used stays there)": np.array(list(map(bool, strange)), bool),
        "from_year is not four digits": ~table.from_year.str.fullmatch(r"\d{4}"),
        f"how is none of {', '.join(HOW)}": ~table.how.isin(HOW),
        "the numbers of old and new codes do not fit how: renamed 1 to 1, split 1 to several, merged several to 1, new 0 to some, "
        "dropped some to 0": np.array([row.how in HOW and not fits(row) for row in table.itertuples()], bool),
        "note is empty: say why the codebook changed": table.note == "",
    }
    return [f"Line {at + 2}: {what}." for what, wrong in checks.items() for at in np.flatnonzero(wrong)]


def fits(row) -> bool:
    """Whether a change has as many old and new codes as it must have."""
    if row.how in ("new", "dropped"):
        return (len(row.old) == 0) == (row.how == "new") and (len(row.new) == 0) == (row.how == "dropped") and bool(row.old + row.new)
    return (min(len(row.old), 2), min(len(row.new), 2)) == HOW[row.how]


def common(table: pd.DataFrame, book: Codebook, variable: str, years: list[str], file: str = "") -> Common:
    """What the codes of a variable have in common between years: the coarsest codes that each of the years can be counted in.

    A change counts where it lies between the years, and where it is of this file or of every file (its `file` is empty).
    """
    between = table[(table.variable == variable) & table.file.isin(["", file])
                    & (table.from_year > min(years)) & (table.from_year <= max(years))]
    order, moved = book.of(variable), between[~between.how.isin(["new", "dropped"])]
    sets: list[set[str]] = []
    for row in moved.itertuples():
        codes = {*row.old, *row.new}
        touching = [one for one in sets if one & codes]
        sets = [one for one in sets if one not in touching] + [codes.union(*touching)]
    together = sorted((sorted(one, key=order.index) for one in sets), key=lambda codes: order.index(codes[0]))
    alone = [[code] for code in order if not any(code in one for one in sets)]
    came = {code for row in moved.itertuples() for code in {*row.new} - {*row.old}}
    went = {code for row in moved.itertuples() for code in {*row.old} - {*row.new}}
    # What several codes are did not exist where none of those it began as did, nor where none of those it ended as does.
    ways = (("new", came, "not_yet_in_codebook"), ("dropped", went, "no_longer_in_codebook"))
    return Common(together, {(year, "+".join(codes)): mark for year in years for codes in (*together, *alone) for how, other, mark in ways
                             if none_of({*codes} - other, gone(between, year, how))})


def none_of(codes: set[str], missing: set[str]) -> bool:
    """Whether there are codes and all of them are missing."""
    return bool(codes) and codes <= missing


def gone(between: pd.DataFrame, year: str, how: str) -> set[str]:
    """The codes that the codebook of a year did not have yet (`new`) or any more (`dropped`)."""
    rows = between[(between.how == how) & ((between.from_year > year) == (how == "new"))]
    return {code for codes in (rows.new if how == "new" else rows.old) for code in codes}
