"""One call for each table of results: counts with their shares and intervals, as rows of the ledger."""

import pandas as pd

from analysis import ledger, stats
from analysis.codebook import Codebook
from analysis.count import breakdown, combinations
from analysis.source import Source, years_of


def entries(source: Source, counted: pd.DataFrame, by: list[str], table: str, form: str) -> pd.DataFrame:
    """A breakdown of a source with shares and intervals, as rows of the ledger."""
    return ledger.entries(stats.shares(counted), by, table, form, source.file, source.record, source.where, source.place, source.period)


@ledger.of_what_is_there
def total(source: Source, book: Codebook, chapter: str) -> pd.DataFrame:
    """How many cases the report counts of a source; one row, `<chapter>_<unit>.total`."""
    unit = source.record["unit"]
    return entries(source, breakdown(source.cases, book, [], source.where, unit=unit), [], f"{chapter}_{unit}", "total")


@ledger.of_what_is_there
def one_way(source: Source, book: Codebook, chapter: str, variable: str) -> pd.DataFrame:
    """Cases by the codes of one variable, zero cells too; the base is all cases, those without a known value among them."""
    counted = breakdown(source.cases, book, [variable], source.where, unit=source.record["unit"])
    return entries(source, counted, [variable], f"{chapter}_{book.name(variable, what='plural')}", "bars")


@ledger.of_what_is_there
def mentions(source: Source, book: Codebook, chapter: str, variable: str) -> pd.DataFrame:
    """Mentions of each code of one variable; the base is all mentions, which is another question than shares of cases."""
    counted = breakdown(source.cases, book, [variable], source.where, unit="mentions")
    return entries(source, counted, [variable], f"{chapter}_{book.name(variable, what='plural')}_mentions", "mentions")


@ledger.of_what_is_there
def cross(source: Source, book: Codebook, chapter: str, first: str, second: str) -> pd.DataFrame:
    """Cases by two variables at once, each cell's share being of all cases."""
    counted = breakdown(source.cases, book, [first, second], source.where, unit=source.record["unit"])
    name = "_".join(book.name(variable, what="plural") for variable in (first, second))
    return entries(source, counted, [first, second], f"{chapter}_{name}", "heat")


@ledger.of_what_is_there
def together(source: Source, book: Codebook, chapter: str, variable: str) -> pd.DataFrame:
    """Cases by the exact combination of codes of one variable; these do not overlap and add up to the base."""
    counted = combinations(source.cases, book, variable, source.where).assign(unit=source.record["unit"])
    return entries(source, counted, [variable], f"{chapter}_{book.name(variable, what='plural')}_together", "together")


@ledger.of_what_is_there
def by_year(source: Source, book: Codebook, chapter: str, variable: str, code: str) -> pd.DataFrame:
    """Cases with one code by year, the base being all cases of the year; a year of the period without cases stays, with base 0."""
    counted = yearly(source, book, variable)
    return entries(source, counted[counted[variable] == code], ["year", variable], f"{chapter}_{code}_years", "years")


@ledger.of_what_is_there
def years(source: Source, book: Codebook, chapter: str, variable: str) -> pd.DataFrame:
    """Cases by year and the codes of one variable, each share being of the cases of the year."""
    return entries(source, yearly(source, book, variable), ["year", variable],
                   f"{chapter}_years_{book.name(variable, what='plural')}", "heat")


def yearly(source: Source, book: Codebook, variable: str) -> pd.DataFrame:
    """The breakdown by year and variable within the year: every year of the period, and any other that occurs."""
    counted = breakdown(source.cases, book, ["year", variable], source.where, within="year", unit=source.record["unit"])
    occurring = sorted({*years_of(source.period), *counted.year[counted.base > 0]})
    cells = pd.MultiIndex.from_product([occurring, book.of(variable)], names=["year", variable])
    full = counted.set_index(["year", variable]).reindex(cells).reset_index()
    return full.fillna({"n": 0, "base": 0, "base_rule": "within year", "unit": source.record["unit"]}).astype({"n": int, "base": int})


@ledger.of_what_is_there
def changes(source: Source, book: Codebook, chapter: str, variable: str, compared: list[str]) -> pd.DataFrame:
    """What changed in the share of each code between two years, in `value` (-1 to 1) with its interval; counts of the later year."""
    if not compared:
        return ledger.complete(pd.DataFrame())
    first, last = compared
    found = stats.changes(yearly(source, book, variable), variable, first, last)
    found = found[(found.n_first > 0) | (found.n_last > 0)]
    counted = found.assign(n=found.n_last, base=found.base_last, base_rule="within year", unit=source.record["unit"],
                           value=found.difference, low=found.difference_low, high=found.difference_high, method="newcombe",
                           text=[f"{n} of {base}" for n, base in zip(found.n_first, found.base_first)])
    return ledger.entries(counted, [variable], f"{chapter}_changes_{book.name(variable, what='plural')}", "changes",
                          source.file, source.record, source.where | {"year": [last]}, source.place, f"{first}-{last}")


@ledger.of_what_is_there
def countries(source: Source, book: Codebook, chapter: str, variable: str, code: str, compared: list[str]) -> pd.DataFrame:
    """Cases with one code by country, the base being all cases of the country."""
    where = source.where | {"country": list(dict.fromkeys([*compared, source.place]))}
    wide = source._replace(where=where)
    counted = breakdown(source.cases, book, ["country", variable], where, within="country", unit=source.record["unit"])
    counted = counted[(counted[variable] == code) & counted.country.isin(where["country"])]
    return entries(wide, counted, ["country", variable], f"{chapter}_{code}_countries", "dots")
