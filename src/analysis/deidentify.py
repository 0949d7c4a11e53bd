"""Cases -> cases without direct identifiers; text stays at home, and what is confidential is known only coarsely."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.codebook import Codebook, written
from analysis.problems import Problem, UsageError, problem, shape
from analysis.read import Raw
from analysis.sheets.cells import masks, words

STAYS_HOME = ("personal", "text", "link")
DATES = ("quarter", "year")
CELL_TEXT = ("value", "values")  # words of messages that say what a cell holds
COLUMNS = ["column", "kind", "how", "cells"]


def cases(table: pd.DataFrame, profile: str, book: Codebook) -> pd.DataFrame:
    """The cases without the personal and free-text columns of their source profile (policy P1, P2)."""
    columns = book.profiles[profile]["columns"].items()
    return table.drop(columns=[column for column, how in columns if how["kind"] in STAYS_HOME], errors="ignore")


def dropped(raw: Raw, identifiers: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    """What does not go further, and how it was recognised: columns `column`, `kind`, `how`, `cells` (those that hold something).

    First the columns that `cases` drops by their profile, then what the content of cells says of any column; see
    identifiers.taken_out. A cell can stand under both. No value of a cell is in it.
    """
    columns = book.profiles[raw.profile]["columns"].items()
    filled = {part: int((raw.text[part] != "").sum()) for part in raw.text}
    rows = [(column, how["kind"], "profile", filled.get(column, 0)) for column, how in columns if how["kind"] in STAYS_HOME]
    return pd.concat([pd.DataFrame(rows, columns=COLUMNS), identifiers.assign(how="content")[COLUMNS]], ignore_index=True)


def without_values(problems: list[Problem]) -> list[Problem]:
    """The problems with the shape of a cell where they say what it holds: for notebooks, logs and whatever outlives the office's screen."""
    shapes = [{name: shape(text) for name, text in one.words if name in CELL_TEXT} for one in problems]
    return [problem(one.rule, one.file, one.sheet, one.cell, one.column, **dict(one.words) | instead) if instead else one
            for one, instead in zip(problems, shapes)]


# Coarsening.


def small_places(table: pd.DataFrame, book: Codebook, fewest: int) -> dict[str, list[str]]:
    """Variable of coarsening.yml -> its places that some, but fewer than `fewest`, of the cases name (policy P6)."""
    found = {}
    for variable, together in rules(book)["places"].items():
        if variable in table:
            n = {code: int(having(table, variable, [code], book).sum()) for code in book.of(variable)}
            found[variable] = [code for code in n if 0 < n[code] < fewest and code not in {together, *book.unknown(variable)}]
    return found


def coarsened(table: pd.DataFrame, book: Codebook, small: dict[str, list[str]]) -> pd.DataFrame:
    """The cases (or units) with dates, numbers and places as coarse as coarsening.yml says; `small` as `small_places` finds it.

    A date of a day or month becomes its quarter (2024-Q1, precision `quarter`) or year; a number that has bands gives way to the
    mask of its band, not stated where it is missing; a small place becomes the code for all of them.
    """
    how, made = rules(book), table.copy()
    for column in [one for one in table if f"{one}_precision" in table]:
        made[column], made[f"{column}_precision"] = coarse_dates(table[column], table[f"{column}_precision"], how["dates"])
    for column, bands in how["numbers"].items():
        made = banded(made, column, *bands.items(), book) if column in made else made
    for variable, codes in small.items():
        made = moved(made, variable, codes, how["places"][variable], book)
    return made


def coarse_dates(dates: pd.Series, precision: pd.Series, to: str) -> tuple[pd.Series, pd.Series]:
    """Dates as quarters (2024-Q1) or years, and their precisions; a year alone, and no date, stay as they are."""
    finer = precision.isin(["day", "month"])
    quarter = "-Q" + ((pd.to_numeric(dates.str[5:7].where(finer, "01")) + 2) // 3).astype(str)
    coarse = dates.str[:4] + (quarter if to == "quarter" else "")
    return dates.where(~finer, coarse), precision.where(~finer, to)


def banded(table: pd.DataFrame, column: str, bands: tuple[str, dict[str, int]], book: Codebook) -> pd.DataFrame:
    """The table with the mask of a variable of bands, each from a number on, in the place of a column of whole numbers."""
    variable, begins = bands
    at = np.searchsorted(list(begins.values()), table[column].fillna(-1).astype(int), "right")
    nothing = next(code for code, kind in book.unknown(variable).items() if kind == "not_stated")
    codes = pd.Series([[nothing, *begins][one] for one in at], table.index, dtype=object)
    bits = masks({code: [code] for code in [nothing, *begins]}, codes, book.of(variable))
    return table.drop(columns=column).assign(**dict(zip(words(variable, len(book.of(variable))), bits.T)))


def having(table: pd.DataFrame, variable: str, codes: list[str], book: Codebook) -> np.ndarray:
    """Which cases have any of these codes."""
    bits = masks({"": codes}, pd.Series([""]), book.of(variable))[0]
    return (table[words(variable, len(book.of(variable)))].to_numpy(np.uint64) & bits).any(axis=1)


def moved(table: pd.DataFrame, variable: str, codes: list[str], to: str, book: Codebook) -> pd.DataFrame:
    """The table with one code of a variable in the place of several others."""
    old, new = masks({"": codes, "to": [to]}, pd.Series(["", "to"]), book.of(variable))
    names, has = words(variable, len(book.of(variable))), having(table, variable, codes, book)[:, None]
    bits = table[names].to_numpy(np.uint64)
    return table.assign(**dict(zip(names, np.where(has, bits & ~old | new, bits).T)))


def rules(book: Codebook) -> dict:
    """What coarsening.yml says: dates, numbers, places; raises UsageError with everything in it that cannot be followed."""
    found = rules_of(book.folder)
    bands = [(column, *one) for column, how in found["numbers"].items() for one in how.items()]
    wrong = [f"dates must be {' or '.join(DATES)}"] if found["dates"] not in DATES else []
    wrong += [f"{variable} has no code '{code}'" for _, variable, begins in bands for code in begins if code not in known(variable, book)]
    wrong += [f"the bands of {column} must begin with 0 and rise" for column, _, begins in bands
              if next(iter(begins.values())) != 0 or sorted(set(begins.values())) != list(begins.values())]
    wrong += [f"{variable} has no code '{code}'" for variable, code in found["places"].items() if code not in known(variable, book)]
    if wrong:
        raise UsageError(f"coarsening.yml cannot be followed: {'; '.join(wrong)}.")
    return found


@cache
def rules_of(folder: Path) -> dict:
    """The lines of coarsening.yml of a codebook, each there even where it is empty."""
    found = written(folder / "coarsening.yml")
    return {"dates": found.get("dates"), "numbers": found.get("numbers") or {}, "places": found.get("places") or {}}


def known(variable: str, book: Codebook) -> list[str]:
    """The codes of a variable, none where there is no such variable."""
    return book.order.get(variable, [])
