"""Cases -> profiles -> counts, with their unit and base; the only module that knows the engine."""

import itertools
import math
import re
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from analysis.cells import masks, words
from analysis.codebook import Codebook
from analysis.problems import UsageError, nearest

BASES = ("all", "answered")
YEAR = "year"  # the one variable that is a whole number and not a mask; 0 stands for no year


def columns(variable: str, codes: list[str]) -> list[str]:
    """The columns of cases that hold a variable with these codes."""
    return [YEAR] if variable == YEAR else words(variable, len(codes))


def profiles(cases: pd.DataFrame | Path, book: Codebook, variables: list[str]) -> pd.DataFrame:
    """One row per combination of the variables that occurs, with `n`, how many cases have it.

    `cases` is a table of cases, a Parquet file of them, or profiles (their `n` is then summed). Every breakdown of
    these variables follows exactly from the profiles, which are far fewer than the cases. Raises UsageError for a
    variable that the cases do not hold, and for a file made with other codes than the codebook now has.
    """
    have = available(cases)
    held(variables, have, book)
    codes = {variable: [] if variable == YEAR else book.of(variable) for variable in variables}
    keys = [key for variable, mine in codes.items() for key in columns(variable, mine)]
    picked = ["coalesce(year, 0)::INTEGER AS year, " if key == YEAR else f'"{key}", ' for key in keys]
    total = "coalesce(sum(n), 0)" if "n" in have else "count(*)"
    reading, source, given = engine(), "cases", None
    if isinstance(cases, pd.DataFrame):
        reading.register("cases", cases)
    else:
        same_codes(cases, codes)
        source, given = "read_parquet(?)", [str(cases)]
    return reading.execute(f"SELECT {''.join(picked)}{total}::BIGINT AS n FROM {source} GROUP BY ALL", given).df()


def engine() -> duckdb.DuckDBPyConnection:
    """A connection for one count: the next one works even when this one was interrupted."""
    return database().cursor()


@cache
def database() -> duckdb.DuckDBPyConnection:
    """One in-memory database for the process."""
    return duckdb.connect(":memory:")


def available(cases: pd.DataFrame | Path) -> list[str]:
    """The column names of a table of cases, or of a Parquet file."""
    return list(cases.columns) if isinstance(cases, pd.DataFrame) else pq.read_metadata(cases).schema.names


def held(variables, have, book: Codebook) -> None:
    """Raise UsageError for a variable that is not among the columns of the cases, and offer those that are."""
    mine = [column for column in have if column == YEAR or column in book.variables.index]
    for variable in variables:
        if variable not in mine:
            raise UsageError(f"These cases do not hold '{variable}'. Did you mean {nearest(variable, mine)}? They hold {', '.join(mine)}.")


def same_codes(file: Path, codes: dict[str, list[str]]) -> None:
    """Raise UsageError when the bits of a Parquet file stand for other codes than these, which are those of the codebook now."""
    stored = (pq.read_schema(file).pandas_metadata or {}).get("attributes", {}).get("codes", {})
    for variable, now in codes.items():
        if variable != YEAR and stored.get(variable) != now:
            raise UsageError(f"The codes of '{variable}' changed since {Path(file).name} was made. Run the report again.")


def where_codes(where: dict[str, list[str]] | None, book: Codebook) -> dict[str, list[str]]:
    """A filter with codes in place of labels; raises UsageError that offers the nearest for what is not there."""
    found = {}
    for variable, values in (where or {}).items():
        values = [str(value) for value in ([values] if np.isscalar(values) else values)]
        if not values:
            raise UsageError(f"The filter on {variable} names no value. Name at least one, or leave the filter out.")
        found[variable] = [code_of(variable, value, book) for value in values]
    return found


def code_of(variable: str, value: str, book: Codebook) -> str:
    """The code that a value of a filter stands for; raises UsageError that offers the nearest."""
    if variable == YEAR:
        if not re.fullmatch(r"[0-9]{4}|unknown", value):
            raise UsageError(f"'{value}' is not a year. Write four digits such as 2024, or unknown.")
        return value
    code = book.code(book.known(variable), value)
    if code is None:
        raise UsageError(f"{variable} has no code '{value}'. Did you mean {book.nearest(variable, value)}?")
    return code


def holding(table: pd.DataFrame, book: Codebook, where: dict[str, list[str]]) -> np.ndarray:
    """Which rows have any of the codes named, for every variable named: True or False per row."""
    keep = np.ones(len(table), bool)
    for variable, codes in where.items():
        if variable == YEAR:
            keep &= table[YEAR].fillna(0).isin(numbers(codes)).to_numpy()
        else:
            every = book.of(variable)
            keep &= (table[columns(variable, every)].to_numpy(np.uint64) & bits(codes, every)).any(axis=1)
    return keep


def bits(codes: list[str], every: list[str]) -> np.ndarray:
    """The mask of a case that has these codes of every code of a variable; shape (1, columns of the variable)."""
    return masks({"": codes}, pd.Series([""]), every)


def numbers(years: list[str]) -> list[int]:
    """Years as the cases hold them."""
    return [0 if year == "unknown" else int(year) for year in years]


def breakdown(cases, book: Codebook, by: list[str], where=None, base: str = "all", within: str | None = None,
              unit: str = "cases") -> pd.DataFrame:
    """How many cases have each code, or each combination of codes of several variables.

    Returns one row per cell of the codebook, zero cells too, with a column of codes for each variable of `by`, then
    `n`, `base`, `base_rule` and `unit`. Years are those that `where` names, or all from the first to the last of the
    cases. A case with several codes counts in several cells: cells of one variable overlap and must not be added.
    `cases` are cases, a Parquet file of them, or profiles. `where` keeps the cases that have any of the codes named
    for a variable. The base is all of these cases (`all`), those with a known value in every variable of `by`
    (`answered`), or, with `within`, the cases that have the cell's own code of that variable. The unit `mentions`
    counts each code named once and has all mentions as its base. Raises UsageError for a question that cannot be
    answered so.
    """
    by = [by] if isinstance(by, str) else list(by)
    answerable(by, base, within, unit, book)
    where = where_codes(where, book)
    table = profiles(cases, book, [*by, *where])
    codes = {variable: cells(variable, table, where, book) for variable in by}
    if where:
        table = profiles(table[holding(table, book, where)], book, by)
    counted = pd.DataFrame(list(itertools.product(*(codes[variable] for variable in by))), columns=named(by))
    counted = counted.assign(n=counts(table, by, codes).ravel())
    if unit == "mentions":
        counted = counted[~counted[by[0]].isin(unknown(by[0], book))].reset_index(drop=True)
    return counted.assign(**bases(counted, table, book, by, codes, base, within, unit), unit=unit)


def answerable(by: list[str], base: str, within: str | None, unit: str, book: Codebook) -> None:
    """Raise UsageError for a base or a unit that does not exist, or that says two things at once."""
    if base not in BASES or (within and (within not in by or base != "all")):
        raise UsageError(f"The base is one of {', '.join(BASES)}, or lies within a variable that is counted ({', '.join(by)}).")
    if unit == "mentions" and (len(by) != 1 or within or base != "all"):
        raise UsageError("Mentions are counted for one variable at a time, and their base is all mentions.")
    units = list(dict.fromkeys(["cases", *(profile["unit"] for profile in book.profiles.values()), "mentions"]))
    if unit not in units:
        raise UsageError(f"There is no unit '{unit}' to count. Did you mean {nearest(unit, units)}?")


def cells(variable: str, table: pd.DataFrame, where: dict[str, list[str]], book: Codebook) -> list[str]:
    """The codes of a variable in order. Years are those asked for, or all from the first to the last of the profiles."""
    if variable != YEAR:
        return book.of(variable)
    if YEAR in where:
        return sorted(set(where[YEAR]))
    known = table[YEAR][table[YEAR] > 0]
    years = range(known.min(), known.max() + 1) if len(known) else ()
    return [*map(str, years), *(["unknown"] if len(known) < len(table) else [])]


def unknown(variable: str, book: Codebook) -> set[str]:
    """The codes of a variable that say nothing of substance."""
    return {"unknown"} if variable == YEAR else set(book.unknown(variable))


def named(by: list[str]) -> list[str]:
    """Column names for the variables of a breakdown; the second `violation` is `violation_2`."""
    return [f"{v}_{by[:at].count(v) + 1}" if v in by[:at] else v for at, v in enumerate(by)]


def counts(table: pd.DataFrame, by: list[str], codes: dict[str, list[str]]) -> np.ndarray:
    """The cases in every cell, whole numbers; shape (codes of the first variable, ..., codes of the last)."""
    row, cell = np.arange(len(table)), np.zeros(len(table), np.int64)
    for variable in by:  # every step puts each code that a row has in the row's place: few, because the rows are profiles
        has = indicators(table, variable, codes[variable])[row]
        at, code = np.divmod(np.flatnonzero(has), has.shape[1])
        row, cell = row[at], cell[at] * has.shape[1] + code
    shape = [len(codes[variable]) for variable in by]
    sums = np.bincount(cell, table.n.to_numpy()[row], math.prod(shape))  # whole numbers far below 2**53 are exact
    return sums.astype(np.int64).reshape(shape)


def indicators(table: pd.DataFrame, variable: str, codes: list[str]) -> np.ndarray:
    """Which rows have which of the codes, True or False; shape (rows, codes)."""
    if variable == YEAR:
        return table[[YEAR]].to_numpy() == numbers(codes)
    octets = np.ascontiguousarray(table[columns(variable, codes)].to_numpy("<u8")).view(np.uint8)
    return np.unpackbits(octets, axis=1, count=len(codes), bitorder="little").view(bool)


def bases(counted: pd.DataFrame, table: pd.DataFrame, book: Codebook, by: list[str], codes: dict, base: str, within, unit: str) -> dict:
    """The columns `base` and `base_rule` of a breakdown."""
    if unit == "mentions":
        return {"base": int(counted.n.sum()), "base_rule": "mentions"}
    if within:
        own = dict(zip(codes[within], counts(table, [within], codes), strict=True))
        return {"base": counted[within].map(own).astype(np.int64), "base_rule": f"within {within}"}
    if base == "answered":
        table = table[holding(table, book, {v: [c for c in codes[v] if c not in unknown(v, book)] for v in by})]
    return {"base": int(table.n.sum()), "base_rule": base}


def combinations(cases, book: Codebook, variable: str, where=None) -> pd.DataFrame:
    """How many cases have exactly which codes of one variable together; columns variable (codes joined by +), n, base.

    The combinations do not overlap: their counts add up to the base.
    """
    where = where_codes(where, book)
    table = profiles(cases, book, [variable, *where])
    table = profiles(table[holding(table, book, where)], book, [variable])
    codes = cells(variable, table, {}, book)
    names = ["+".join(itertools.compress(codes, row)) for row in indicators(table, variable, codes)]
    found = pd.DataFrame({variable: names, "n": table.n}).sort_values(["n", variable], ascending=[False, True], ignore_index=True)
    return found.assign(base=int(table.n.sum()), base_rule="all", unit="cases")


def rows_behind(cases: pd.DataFrame, book: Codebook, codes: dict[str, str | list[str]], where=None) -> pd.DataFrame:
    """The cases behind one count: those with all of the codes named (any of them where a variable names several)."""
    held([*codes, *(where or {})], cases.columns, book)
    return cases[holding(cases, book, where_codes(where, book)) & holding(cases, book, where_codes(codes, book))]


def rows_together(cases: pd.DataFrame, book: Codebook, variable: str, together: str, where=None) -> pd.DataFrame:
    """The cases behind one combination (codes joined by +): those with all of its codes and no other of the variable."""
    held([variable, *(where or {})], cases.columns, book)
    codes = where_codes({variable: together.split("+")}, book)[variable]
    every = book.of(variable)
    same = (cases[columns(variable, every)].to_numpy(np.uint64) == bits(codes, every)).all(axis=1)
    return cases[holding(cases, book, where_codes(where, book)) & same]
