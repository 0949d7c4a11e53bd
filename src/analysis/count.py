"""Cases -> profiles -> counts, with their unit and base; the only module that knows the engine."""

import itertools
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.problems import UsageError, nearest
from analysis.tidy import words

BASES = ("all", "answered")
YEARS = ("year",)  # keys that are whole numbers, not masks; 0 stands for no year


def columns(variable: str, book: Codebook) -> list[str]:
    """The columns of cases that hold a variable."""
    return [variable] if variable in YEARS else words(variable, len(book.of(variable)))


def profiles(cases: pd.DataFrame | Path, book: Codebook, variables: list[str]) -> pd.DataFrame:
    """One row per combination of the variables that occurs, with `n`, how many cases have it.

    `cases` is a table of cases, a Parquet file of them, or profiles (their `n` is then summed). Every breakdown of
    these variables follows exactly from the profiles, which are far fewer than the cases.
    """
    have = available(cases)
    lacking = [v for v in variables if v not in have]
    if lacking:
        raise UsageError(f"These cases do not hold {', '.join(lacking)}. They hold {', '.join(h for h in have if h in book.variables.index)}.")
    keys = [column for v in variables for column in columns(v, book)]
    source = "cases" if isinstance(cases, pd.DataFrame) else f"read_parquet('{str(cases).replace(chr(39), chr(39) * 2)}')"
    picked = ", ".join(f'coalesce("{k}", 0)::INTEGER AS "{k}"' if k in YEARS else f'"{k}"' for k in keys)
    total = "sum(n)" if "n" in have else "count(*)"
    return engine().execute(f"SELECT {picked and picked + ', '}{total}::BIGINT AS n FROM {source} {'GROUP BY ALL' if keys else ''}").df()


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """One in-memory database for the process."""
    return duckdb.connect(":memory:")


def available(cases: pd.DataFrame | Path) -> list[str]:
    """The column names of a table of cases, or of a Parquet file."""
    if isinstance(cases, pd.DataFrame):
        return list(cases.columns)
    return [name for name, *_ in engine().execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(cases)]).fetchall()]


def indicators(table: pd.DataFrame, book: Codebook, variable: str) -> tuple[list[str], np.ndarray]:
    """The codes of a variable and which rows have them, shape (rows, codes), 0 or 1."""
    if variable in YEARS:
        years = table[variable].to_numpy()
        known = years[years > 0]
        values = [*range(known.min(), known.max() + 1)] if len(known) else []
        values += [0] if (years == 0).any() else []
        return ["unknown" if v == 0 else str(v) for v in values], (years[:, None] == np.array(values, years.dtype)).astype(float)
    codes = book.of(variable)
    masks = np.ascontiguousarray(table[columns(variable, book)].to_numpy(np.uint64)).view(np.uint8)
    return codes, np.unpackbits(masks.reshape(len(table), -1), axis=1, bitorder="little")[:, : len(codes)].astype(float)


def where_codes(where: dict[str, list[str]] | None, book: Codebook) -> dict[str, list[str]]:
    """A filter with codes in place of labels; raises UsageError that offers the nearest for what is not there."""
    found = {}
    for variable, values in (where or {}).items():
        values = [values] if isinstance(values, (str, int)) else values
        if variable in YEARS:
            found[variable] = [str(value) for value in values]
            continue
        for value in map(str, values):
            code = book.code(book.known(variable), value)
            if code is None:
                raise UsageError(f"{variable} has no code '{value}'. Did you mean {nearest(value, book.of(variable))}?")
            found.setdefault(variable, []).append(code)
    return found


def filtered(table: pd.DataFrame, book: Codebook, where: dict[str, list[str]]) -> pd.DataFrame:
    """The rows that have any of the codes named, for every variable named."""
    keep = np.ones(len(table), bool)
    for variable, wanted in where.items():
        codes, has = indicators(table, book, variable)
        keep &= has[:, [codes.index(code) for code in wanted if code in codes]].any(axis=1)
    return table[keep]


def breakdown(cases, book: Codebook, by: list[str], where=None, base: str = "all", within: str | None = None,
              unit: str = "cases") -> pd.DataFrame:
    """How many cases have each code, or each combination of codes of several variables.

    Returns one row per cell of the codebook, zero cells too, with a column of codes for each variable of `by`, then `n`,
    `base`, `base_rule` and `unit`. A case with several codes counts in several cells: cells of one variable overlap
    and must not be added. `cases` are cases, a Parquet file of them, or profiles. `where` keeps the cases that have any
    of the codes named for a variable. The base is all of these cases (`all`), those with a known value in every
    variable of `by` (`answered`), or, with `within`, the cases that have the cell's own code of that variable.
    The unit `mentions` counts each code named once and has all mentions as its base.
    """
    by = [by] if isinstance(by, str) else list(by)
    if base not in BASES or (within and within not in by):
        raise UsageError(f"The base is one of {', '.join(BASES)}, or lies within a variable that is counted ({', '.join(by)}).")
    where = where_codes(where, book)
    table = filtered(profiles(cases, book, list(dict.fromkeys([*by, *where]))), book, where)
    table = profiles(table, book, list(dict.fromkeys(by)))
    n = table.n.to_numpy(float)
    found = [indicators(table, book, variable) for variable in by]
    cells = crossed(n, [has for _, has in found])
    index = itertools.product(*(codes for codes, _ in found))
    counted = pd.DataFrame(list(index), columns=named(by)).assign(n=np.ravel(cells).round().astype(np.int64))
    if unit == "mentions":
        counted = mentioned(counted, by, book)
    return counted.assign(**bases(counted, n, found, by, base, within, unit, book), unit=unit)


def mentioned(counted: pd.DataFrame, by: list[str], book: Codebook) -> pd.DataFrame:
    """The cells that are mentions: those of the unknown kinds name nothing. Only one variable can be counted so."""
    if len(by) != 1:
        raise UsageError("Mentions are counted for one variable at a time.")
    return counted[~counted[by[0]].isin(book.unknown(by[0]))].reset_index(drop=True)


def named(by: list[str]) -> list[str]:
    """Column names for the variables of a breakdown; the second `violation` is `violation_2`."""
    return [v if by.index(v) == at else f"{v}_2" for at, v in enumerate(by)]


def crossed(n: np.ndarray, has: list[np.ndarray]) -> np.ndarray:
    """The number of cases in every cell; shape (codes of the first variable, ..., codes of the last)."""
    if not has:
        return n.sum()
    if len(has) == 2:
        return has[0].T @ (n[:, None] * has[1])
    return np.stack([crossed(n * column, has[1:]) for column in has[0].T]) if len(has) > 1 else n @ has[0]


def bases(counted, n, found, by, base, within, unit, book) -> dict:
    """The columns `base` and `base_rule` of a breakdown."""
    if unit == "mentions":
        return {"base": int(counted.n.sum()), "base_rule": "mentions"}
    if within:
        codes, has = found[by.index(within)]
        return {"base": counted[within].map(dict(zip(codes, (n @ has).astype(np.int64)))), "base_rule": f"within {within}"}
    if base == "answered":
        known = [has[:, [c not in book.unknown(v) and c != "unknown" for c in codes]].any(axis=1) for v, (codes, has) in zip(by, found)]
        n = n[np.all(known, axis=0)]
    return {"base": int(n.sum()), "base_rule": base}


def combinations(cases, book: Codebook, variable: str, where=None) -> pd.DataFrame:
    """How many cases have exactly which codes of one variable together; columns variable (codes joined by +), n, base.

    The combinations do not overlap: their counts add up to the base.
    """
    where = where_codes(where, book)
    table = filtered(profiles(cases, book, list(dict.fromkeys([variable, *where]))), book, where)
    table = profiles(table, book, [variable])
    codes, has = indicators(table, book, variable)
    names = ["+".join(np.array(codes, object)[row > 0]) for row in has]
    found = pd.DataFrame({variable: names, "n": table.n}).sort_values(["n", variable], ascending=[False, True], ignore_index=True)
    return found.assign(base=int(table.n.sum()), base_rule="all", unit="cases")


def rows_behind(cases: pd.DataFrame, book: Codebook, codes: dict[str, str | list[str]], where=None) -> pd.DataFrame:
    """The cases behind one count: those with all of the codes named (any of them where a variable names several)."""
    table = cases.assign(**{year: cases[year].fillna(0).astype(int) for year in YEARS if year in cases})
    for part in (where_codes(where, book), where_codes(codes, book)):
        table = filtered(table, book, part)
    return cases.loc[table.index]
