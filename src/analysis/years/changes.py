"""Counts of several years -> what changed in counts and shares, and how far a change of effort alone would explain it."""

import itertools

import numpy as np
import pandas as pd

from analysis import ledger, stats
from analysis.codebook import GROUP, Codebook
from analysis.count import breakdown
from analysis.problems import UsageError
from analysis.years import effort, like_for_like
from analysis.years.crosswalk import Common


def pairs(years: list[str]) -> list[tuple[str, str]]:
    """Each year with the next of a list."""
    return list(itertools.pairwise(years))


def by_year(cases, book: Codebook, variable: str, where: dict, years: list[str], unit: str, common: Common) -> pd.DataFrame:
    """The breakdown by year and, within the year, by what the codes of a variable have in common between the years.

    Columns year, variable (codes that are counted together joined by +, each case once), n, base, base_rule, unit, no_value; n is
    missing where the codebook of the year did not have the code. Raises UsageError for a filter on a variable whose codes changed.
    """
    own = variable.removesuffix(GROUP)
    if own in where and (common.together or common.absent):
        raise UsageError(f"The codebook of '{own}' changed between {years[0]} and {years[-1]}. Compare these years without a filter on it.")
    where = where | {"year": years}
    found = breakdown(cases, book, ["year", variable], where, within="year", unit=unit)
    if own == variable:
        found = together(found, cases, book, variable, where, unit, common)
    marks = pd.Series([common.absent.get(pair, "") for pair in zip(found.year, found[variable])], found.index, dtype=object)
    return found.assign(n=found.n.mask(marks != "") if marks.any() else found.n, no_value=marks)


def together(found: pd.DataFrame, cases, book: Codebook, variable: str, where: dict, unit: str, common: Common) -> pd.DataFrame:
    """The breakdown with one row a year for codes that are counted together, where the first of them stood."""
    for codes in common.together:
        counted = breakdown(cases, book, ["year"], where | {variable: codes}, unit=unit).set_index("year").n
        mine = found[variable] == codes[0]
        found = found.assign(n=found.n.mask(mine, found.year.map(counted)), **{variable: found[variable].mask(mine, "+".join(codes))})
        found = found[~found[variable].isin(codes)].reset_index(drop=True)
    return found.astype({"n": int})


def of_shares(counted: pd.DataFrame, variable: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the ledger that say what changed between each year with records and the next; none for a code that a year did not have.

    `counted` is that of `by_year`, `rows` the same as rows of the ledger. Two rows a code and pair of years: the difference of the
    shares (`value`, -1 to 1, later minus earlier) with its Newcombe interval, and `break_even`, the earlier count over the later with
    its exact interval: the factor by which effort would have had to fall (below 1: to grow) for the change of the count to be nothing else.
    """
    first = rows.iloc[0]
    same = {c: first[c] for c in ("table", "form", "by", "where", "unit", "file", "source", "level", "place", "period", "note")}
    made = [ledger.complete(rows[:0])]
    for pair in pairs(sorted(counted.year[counted.base > 0].unique())):
        found = stats.changes(counted[counted.n.notna()], variable, *pair)
        codes = "-".join(pair) + "," + found[variable]
        ids = first.table + "." + codes.str.replace(",", ".")
        for name, end, method in (("difference", "", "newcombe"), ("break_even", ".break_even", "exact")):
            values = {to: found[name + of] for to, of in (("value", ""), ("low", "_low"), ("high", "_high"))}
            made.append(ledger.complete(pd.DataFrame({"id": ids + end, "codes": codes, "method": method, **values}).assign(**same)))
    return pd.concat(made, ignore_index=True)


def of_counts(counts: pd.DataFrame, book: Codebook, names: list[str] | None = None) -> pd.DataFrame:
    """How the counts of years changed: each over the last before it that there is, and the last of all over the first.

    `counts` are rows of the ledger by year; `names` are those under which effort.csv may have their effort, or else the organisation
    that the rows name in `text`. For each two years: `ratio`, later over earlier at equal effort; `break_even`, its inverse, the
    factor by which effort would have had to fall (below 1: to grow) for the change to be nothing else; `effort`, by how much the
    recorded effort (documenters times months) fell; `per_effort`, later over earlier for each unit of it, where it is recorded. Exact
    conditional intervals, see stats.ratio: that of `per_effort` holds 1 exactly where that of `break_even` holds `effort`. The ids
    of the last over the first are `<table>_change.ratio` and so on; those of others name their years.
    """
    known = counts[counts.n.notna()]
    if len(known) < 2:
        return ledger.complete(counts[:0])
    recorded = effort.recorded(book)
    whole = (known.iloc[0], known.iloc[-1])
    steps = [(known.iloc[at], known.iloc[at + 1]) for at in range(len(known) - 1)] if len(known) > 2 else []
    return pd.concat([of_two(*pair, recorded, names or [pair[0].text], pair is not whole) for pair in [*steps, whole]], ignore_index=True)


def of_two(first: pd.Series, last: pd.Series, recorded: pd.DataFrame, names: list[str], dated: bool) -> pd.DataFrame:
    """As `of_counts`, for two rows; the ids name the years when `dated`."""
    fell = like_for_like.factor(recorded, names, first.place, first.codes, last.codes)
    ways = {"ratio": stats.ratio(last.n, first.n), "break_even": stats.ratio(first.n, last.n), "effort": (fell, np.nan, np.nan),
            "per_effort": stats.ratio(last.n, first.n, 1, fell)}
    name, years = f"{first.table}_change", f"{first.codes}-{last.codes}"
    rows = pd.DataFrame([map(float, values) for values in ways.values()], columns=["value", "low", "high"])
    same = {c: last[c] for c in ("file", "source", "level", "place", "period", "note", "unit", "text")}
    ids = [".".join([name, *([years] if dated else []), way]) for way in ways]
    rows = rows.assign(id=ids, table=name, form="change", by="year", codes=years, method=["exact", "exact", "as recorded", "exact"],
                       no_value="", **same)
    if np.isfinite(fell):
        return ledger.complete(rows)
    return ledger.complete(rows.iloc[:3].assign(no_value=["", "", "effort_not_recorded"]))
