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

from analysis.codebook import GROUP, Codebook
from analysis.problems import UsageError, nearest
from analysis.sheets.cells import masks, words

BASES = ("all", "answered", "applies")
SUMMED = ("n", "unstated")  # what profiles hold besides their variables
DATED = {"date": "coalesce(left(date, 7), '')", "date_precision": "coalesce(date_precision, 'none')"}
YEAR = "year"  # the one variable that is a whole number and not a mask; 0 stands for no year


def columns(variable: str, codes: list[str]) -> list[str]:
    """The columns of cases that hold a variable with these codes."""
    return [YEAR] if variable == YEAR else words(variable, len(codes))


def own(variable: str) -> str:
    """The variable whose codes are recorded: `violation` for `violation:group`."""
    return variable.removesuffix(GROUP)


def profiles(cases: pd.DataFrame | Path, book: Codebook, variables: list[str], number: str = "",
             also: dict[str, str] | None = None) -> pd.DataFrame:
    """One row per combination of the variables that occurs, with `n`, how many cases have it.

    `cases` is a table of cases, a Parquet file of them, or profiles (their `n` is then summed). Every breakdown of
    these variables follows exactly from the profiles, which are far fewer than the cases. With `number`, a column of
    whole numbers, `n` is their sum and `unstated` how many cases state none. `also` are further keys: name ->
    SQL. Raises UsageError for a variable that the
    cases do not hold, and for a file made with other codes than the codebook now has.
    """
    have = available(cases)
    held(variables, have, book)
    codes = {own(variable): [] if variable == YEAR else book.of(own(variable)) for variable in variables}
    keys = [key for variable, mine in codes.items() for key in columns(variable, mine)]
    picked = ["coalesce(year, 0)::INTEGER AS year" if key == YEAR else f'"{key}"' for key in keys]
    picked += [f"{sql} AS {name}" for name, sql in (also or {}).items()]
    picked += [f"{sum_of}::BIGINT AS {name}" for name, sum_of in sums(have, number).items()]
    reading, source, given = engine(), "cases", None
    if isinstance(cases, pd.DataFrame):
        reading.register("cases", cases)
    else:
        same_codes(cases, codes)
        source, given = "read_parquet(?)", [str(cases)]
    return reading.execute(f"SELECT {', '.join(picked)} FROM {source} GROUP BY ALL", given).df()


def dates(cases: pd.DataFrame | Path, book: Codebook, where=None) -> pd.DataFrame:
    """How many cases have each date, to the month: columns date (2024-03, 2024 or nothing), date_precision, year (0 for none), n."""
    where = where_codes(where, book)
    table = profiles(cases, book, list(dict.fromkeys([YEAR, *where])), also=DATED)
    return table[holding(table, book, where)].groupby(["date", "date_precision", YEAR], as_index=False).n.sum()


def sums(have: list[str], number: str) -> dict[str, str]:
    """What is summed of the rows of each profile: `n` and, where a number is summed, `unstated`. An unstated number is not a 1."""
    if "n" in have:
        return {column: f"coalesce(sum({column}), 0)" for column in ("n", "unstated") if column in have}
    return {"n": f'coalesce(sum("{number}"), 0)', "unstated": f'count(*) - count("{number}")'} if number else {"n": "count(*)"}


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
        if own(variable) not in mine:
            raise UsageError(f"These cases do not hold '{variable}'. Did you mean {nearest(variable, mine)}? They hold {', '.join(mine)}.")


def attributes(cases: pd.DataFrame | Path) -> dict:
    """What is said of a table of cases or of a Parquet file as a whole: `codes` that its bits stand for, `of_case` (see units.tables)."""
    if isinstance(cases, pd.DataFrame):
        return cases.attrs
    return (pq.read_schema(cases).pandas_metadata or {}).get("attributes", {})


def same_codes(file: Path, codes: dict[str, list[str]]) -> None:
    """Raise UsageError when the bits of a Parquet file stand for other codes than these, which are those of the codebook now."""
    stored = attributes(file).get("codes", {})
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
            every = book.of(own(variable))
            keep &= (table[columns(own(variable), every)].to_numpy(np.uint64) & bits(members(variable, codes, book), every)).any(axis=1)
    return keep


def members(variable: str, codes: list[str], book: Codebook) -> list[str]:
    """The codes themselves; where they are groups, the codes of these groups."""
    return [code for code, group in book.group_of(own(variable)).items() if group in codes] if variable != own(variable) else codes


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
    cases. A case with several codes counts in several cells: cells of one variable overlap and must not be added; see
    `add`. `violation:group` counts by the groups of the codes of violation, and a case once in each group.
    `cases` are cases, a Parquet file of them, or profiles. `where` keeps the cases that have any of the codes named
    for a variable.

    The base is all of these cases (`all`), those with a known value in every variable of `by` (`answered`; a cell that
    says that something is not known keeps `all`, because it is no part of those), those to which the variables apply
    by the rules of variables.csv (`applies`; the others are in no cell), or, with `within`, the cases that have the
    cell's own code of that variable. The unit `mentions` counts each code named once and has all mentions as its base.
    Any other unit, such as `victims`, is the sum of the numbers that the rows state in `victims_n`; `unstated` is then
    how many cases of a cell state none. Raises UsageError for a question that cannot be answered so.
    """
    by = [by] if isinstance(by, str) else list(by)
    answerable(by, base, within, unit)
    where, asked = where_codes(where, book), applying(by, base, book)
    table = profiles(cases, book, [*by, *where, *asked], number_of(unit, available(cases), book))
    codes = {variable: cells(variable, table, where, book) for variable in by}
    table = narrowed(table, book, by, where, asked)
    counted = pd.DataFrame(list(itertools.product(*(codes[variable] for variable in by))), columns=named(by))
    counted = counted.assign(n=counts(table, by, codes, book).ravel())
    if unit == "mentions":
        counted = counted[~counted[by[0]].isin(unknown(by[0], book))].reset_index(drop=True)
    counted = counted.assign(**bases(counted, table, book, by, codes, base, within, unit), unit=unit)
    return counted.assign(unstated=counts(table, by, codes, book, "unstated").ravel()) if "unstated" in table else counted


def narrowed(table: pd.DataFrame, book: Codebook, by: list[str], *filters: dict[str, list[str]]) -> pd.DataFrame:
    """The profiles of `by` of the rows that every filter keeps."""
    if not any(filters):
        return table
    return profiles(table[np.logical_and.reduce([holding(table, book, one) for one in filters])], book, by)


def answerable(by: list[str], base: str, within: str | None, unit: str) -> None:
    """Raise UsageError for a base that does not exist, or for a question that says two things at once."""
    if base not in BASES or (within and (within not in by or base != "all")):
        raise UsageError(f"The base is one of {', '.join(BASES)}, or lies within a variable that is counted ({', '.join(by)}).")
    if unit == "mentions" and (len(by) != 1 or within or base != "all"):
        raise UsageError("Mentions are counted for one variable at a time, and their base is all mentions.")
    if unit == "mentions" and by[0].endswith(GROUP):
        raise UsageError(f"Mentions are counted by code, not by group. Mentions do not overlap: count them by {own(by[0])} and add them.")


def number_of(unit: str, have: list[str], book: Codebook) -> str:
    """The column whose numbers are summed for a unit; empty where each row is one. Raises UsageError for a unit the rows do not have."""
    rows = list(dict.fromkeys(["cases", *(profile["unit"] for profile in book.profiles.values()), "mentions"]))
    numbers = [column[:-2] for column in have if column.endswith("_n")]
    parts = {"unit", "unstated"} & set(have)  # of a linked sheet, or profiles of a number that was summed already
    if unit in rows and not parts or unit not in rows and "unstated" in have:
        return ""
    if unit in numbers and unit not in rows:
        return f"{unit}_n"
    may = numbers if parts else [*rows, *numbers]
    why = " Each row is a part of a case, and a case can have several." if parts else ""
    offer = f" Did you mean {nearest(unit, may)}? There is {', '.join(may)}." if may else ""
    raise UsageError(f"There is no unit '{unit}' to count here.{why}{offer}")


def applying(variables: list[str], base: str, book: Codebook) -> dict[str, list[str]]:
    """The filter that the base `applies` stands for; raises UsageError where variables.csv says of none to whom it applies."""
    if base != "applies":
        return {}
    rules = [(on, codes) for variable in variables if variable != YEAR for on, codes in book.applies(variable).items()]
    if not rules:
        raise UsageError(f"variables.csv does not say to which cases {', '.join(variables)} applies. Write it into the column 'applies', "
                         "or take the base all or answered.")
    if len({on for on, _ in rules}) < len({(on, *codes) for on, codes in rules}):
        raise UsageError(f"The rules of {', '.join(variables)} in variables.csv ask different things of one variable. "
                         "Count them one at a time.")
    return dict(rules)


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


def counts(table: pd.DataFrame, by: list[str], codes: dict[str, list[str]], book: Codebook, what: str = "n") -> np.ndarray:
    """The cases (or `what` else the profiles sum) in every cell; shape (codes of the first variable, ..., codes of the last)."""
    row, cell = np.arange(len(table)), np.zeros(len(table), np.int64)
    for variable in by:  # every step puts each code that a row has in the row's place: few, because the rows are profiles
        has = indicators(table, variable, codes[variable], book)[row]
        at, code = np.divmod(np.flatnonzero(has), has.shape[1])
        row, cell = row[at], cell[at] * has.shape[1] + code
    shape = [len(codes[variable]) for variable in by]
    total = np.bincount(cell, table[what].to_numpy()[row], math.prod(shape))  # whole numbers far below 2**53 are exact
    return total.astype(np.int64).reshape(shape)


def indicators(table: pd.DataFrame, variable: str, codes: list[str], book: Codebook) -> np.ndarray:
    """Which rows have which of all codes (or groups) of a variable, True or False; shape (rows, codes)."""
    if variable == YEAR:
        return table[[YEAR]].to_numpy() == numbers(codes)
    every = book.of(own(variable))
    octets = np.ascontiguousarray(table[columns(own(variable), every)].to_numpy("<u8")).view(np.uint8)
    has = np.unpackbits(octets, axis=1, count=len(every), bitorder="little").view(bool)
    if variable == own(variable):
        return has
    group = book.group_of(own(variable))
    return np.column_stack([has[:, [group[code] == one for code in every]].any(axis=1) for one in codes])


def bases(counted: pd.DataFrame, table: pd.DataFrame, book: Codebook, by: list[str], codes: dict, base: str, within, unit: str) -> dict:
    """The columns `base` and `base_rule` of a breakdown."""
    if unit == "mentions":
        return {"base": int(counted.n.sum()), "base_rule": "mentions"}
    if within:
        mine = dict(zip(codes[within], counts(table, [within], codes, book), strict=True))
        return {"base": counted[within].map(mine).astype(np.int64), "base_rule": f"within {within}"}
    if base == "answered":
        unsaid = pd.DataFrame({at: counted[at].isin(unknown(v, book)) for at, v in zip(named(by), by)}, counted.index).any(axis=1)
        known = table[holding(table, book, {v: [c for c in codes[v] if c not in unknown(v, book)] for v in by})]
        return {"base": np.where(unsaid, table.n.sum(), known.n.sum()), "base_rule": np.where(unsaid, "all", base)}
    return {"base": int(table.n.sum()), "base_rule": base}


def combinations(cases, book: Codebook, variable: str, where=None, unit: str = "cases") -> pd.DataFrame:
    """How many cases have exactly which codes of one variable together; columns variable (codes joined by +), how, n, base,
    base_rule, unit.

    The combinations do not overlap: their counts add up to the base.
    """
    where = where_codes(where, book)
    table = profiles(cases, book, [variable, *where], number_of(unit, available(cases), book))
    table = narrowed(table, book, [variable], where)
    codes = cells(variable, table, {}, book)
    names = ["+".join(itertools.compress(codes, row)) for row in indicators(table, variable, codes, book)]
    found = pd.DataFrame({variable: pd.Series(names, dtype="str"), "how": "exactly"}).join(table[[c for c in SUMMED if c in table]])
    found = found.groupby([variable, "how"], as_index=False).sum().sort_values(["n", variable], ascending=[False, True], ignore_index=True)
    return found.assign(base=int(table.n.sum()), base_rule="all", unit=unit)


def any_of(cases, book: Codebook, variable: str, codes: list[str], where=None, base: str = "all", unit: str = "cases") -> pd.DataFrame:
    """How many cases have any of these codes of a variable, each case once: what the sum of overlapping cells is not.

    One row: variable (codes joined by +), how (`any_of`), n, base, base_rule, unit. `where`, `base` and `unit` are those
    of `breakdown`; so are the errors.
    """
    return having(cases, book, variable, codes, "any_of", where, base, unit)


def all_of(cases, book: Codebook, variable: str, codes: list[str], where=None, base: str = "all", unit: str = "cases") -> pd.DataFrame:
    """How many cases have all of these codes of a variable, whatever others they have; otherwise as `any_of`."""
    return having(cases, book, variable, codes, "all_of", where, base, unit)


def exactly(cases, book: Codebook, variable: str, codes: list[str], where=None, base: str = "all", unit: str = "cases") -> pd.DataFrame:
    """How many cases have all of these codes of a variable and no others; otherwise as `any_of`."""
    return having(cases, book, variable, codes, "exactly", where, base, unit)


def having(cases, book: Codebook, variable: str, codes: list[str], how: str, where=None, base: str = "all",
           unit: str = "cases") -> pd.DataFrame:
    """As `any_of`, `all_of` and `exactly`, whose name is `how`."""
    if unit == "mentions" or variable == YEAR:
        raise UsageError("Any of, all of and exactly count cases by the codes of a variable. A mention has one code, and a case one year.")
    answerable([variable], base, None, unit)
    where, asked = where_codes(where, book), applying([variable], base, book)
    table = profiles(cases, book, [variable, *where, *asked], number_of(unit, available(cases), book))
    table = narrowed(table, book, [variable], where, asked)
    codes = where_codes({variable: codes}, book)[variable]
    kept = table[matching(table, book, variable, codes, how)]
    row = pd.DataFrame({variable: ["+".join(code for code in book.of(variable) if code in codes)], "how": how, "n": int(kept.n.sum())})
    telling = next((code for code in codes if code in unknown(variable, book)), codes[0])  # not knowing is in no base of those who do
    of = bases(row.assign(**{variable: telling}), table, book, [variable], {variable: book.of(variable)}, base, None, unit)
    return row.assign(**of, unit=unit, **({"unstated": int(kept.unstated.sum())} if "unstated" in table else {}))


def matching(table: pd.DataFrame, book: Codebook, variable: str, codes: list[str], how: str) -> np.ndarray:
    """Which rows have any of the codes, all of them, or all of them and no other: True or False per row."""
    every = book.of(variable)
    has, asked = indicators(table, variable, every, book), np.isin(every, codes)
    if how == "any_of":
        return has[:, asked].any(axis=1)
    return has[:, asked].all(axis=1) & (how == "all_of" or ~has[:, ~asked].any(axis=1))


def add(counted: pd.DataFrame, book: Codebook, variable: str, codes: list[str]) -> pd.DataFrame:
    """Cells of one variable added up: one row (one for each value of the other variables), variable (codes joined by |), n, base ...

    `counted` comes from `breakdown` or `combinations`. Only cells that share no case are added: those of a variable
    that takes one value, of mentions, and of exact combinations. Raises UsageError for cells that overlap, with the
    reason and what to count instead.
    """
    others = [c for c in counted.columns[:list(counted.columns).index("n")] if c != variable]
    cells = counted[counted[variable].isin(codes)] if variable in counted else counted[:0]
    if absent := [code for code in codes if code not in set(cells.get(variable, ()))] or [variable] * (not codes):
        raise UsageError(f"The table has no cell '{absent[0]}' of {variable} to add.")
    if not disjoint(counted, book, variable):
        raise UsageError(overlapping(cells, book, variable, codes))
    bases = cells.groupby(others, sort=False) if others else cells.groupby(lambda _: 0)
    if (bases.base.nunique() > 1).any() or cells.base_rule.nunique() > 1:
        raise UsageError(f"The cells of {variable} have different bases, so their sum has none. Count them again with one base.")
    total = bases.agg({**dict.fromkeys([c for c in SUMMED if c in cells], "sum"), **dict.fromkeys(["base", "base_rule", "unit"], "first")})
    return total.reset_index(drop=not others).assign(**{variable: "|".join(codes)})[list(counted.columns)]


def disjoint(counted: pd.DataFrame, book: Codebook, variable: str) -> bool:
    """Whether no case can be in two cells of a variable."""
    single = variable == YEAR or book.variables.at[own(book.known(variable)), "several"] == "no"
    return single or set(counted.unit) == {"mentions"} or set(counted.get("how", ())) == {"exactly"}


def overlapping(cells: pd.DataFrame, book: Codebook, variable: str, codes: list[str]) -> str:
    """Why cells cannot be added, between what their union lies, and how to count it."""
    one = cells.drop_duplicates(variable)
    sure = f" It lies between {one.n.max()} and {min(one.n.sum(), one.base.max())}." if len(one) == len(cells) else ""
    return (f"A case can have several values of {book.name(variable)}, so these numbers overlap: their sum of {cells.n.sum()} counts "
            f"some cases twice, and is no number of {cells.unit.iloc[0]}. Count the cases that have any of them: "
            f"count.any_of(cases, book, {variable!r}, {list(codes)!r}).{sure}")


def rows_behind(cases: pd.DataFrame, book: Codebook, codes: dict[str, str | list[str]], where=None) -> pd.DataFrame:
    """The cases behind one count: those with all of the codes named (any of them where a variable names several)."""
    held([*codes, *(where or {})], cases.columns, book)
    return cases[holding(cases, book, where_codes(where, book)) & holding(cases, book, where_codes(codes, book))]


def rows_together(cases: pd.DataFrame, book: Codebook, variable: str, together: str, where=None, how: str = "exactly") -> pd.DataFrame:
    """The cases behind several codes (joined by +): those with all of them and no other, or as `how` says (any_of, all_of)."""
    held([variable, *(where or {})], cases.columns, book)
    codes = where_codes({variable: together.split("+")}, book)[variable]
    return cases[holding(cases, book, where_codes(where, book)) & matching(cases, book, variable, codes, how)]
