"""The cases of several years that were documented in the same months and through the same channels."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import count
from analysis.codebook import Codebook
from analysis.source import Source
from analysis.years import effort

MONTH = "month"  # in the filter of a result; no variable, because it is read from the date


class Alike(NamedTuple):
    """What several years have in common of the months or of the channels.

    `values`: the months (01 to 12) or codes of channels that each year covers, as text, empty where nothing has to be left out or
    nothing is known; `variable`: what they are values of; `how`: recorded (in effort.csv), seen (in the cases of each year) or empty;
    `why`: what is missing where the years could not be made alike.
    """

    variable: str
    values: list[str]
    how: str
    why: str


def who(source: Source) -> list[str]:
    """The names under which effort.csv can have the effort behind a source: the file, then who documented it."""
    return [source.file, *(str(source.record[line]) for line in ("short", "documented_by") if line in source.record)]


def months(source: Source, rows: pd.DataFrame, years: list[str]) -> Alike:
    """The months that every year covers, as effort.csv records them; `rows` are its rows."""
    found = [effort.of(rows, who(source), source.place, year) for year in years]
    if any(row is None or not row.months for row in found):
        return Alike(MONTH, [], "", "months_not_recorded")
    shared = set.intersection(*(set(row.months) for row in found))
    if all(set(row.months) == shared for row in found):
        return Alike(MONTH, [], "recorded", "")
    if not shared:
        return Alike(MONTH, [], "recorded", "no_month_in_common")
    if "date" not in count.available(source.cases) or source.record["level"] != "public":  # those of others are kept by quarter
        return Alike(MONTH, [], "recorded", "months_not_in_cases")
    return Alike(MONTH, [f"{month:02}" for month in sorted(shared)], "recorded", "")


def channels(source: Source, rows: pd.DataFrame, years: list[str], book: Codebook) -> Alike:
    """The channels that every year has: as effort.csv records them, otherwise those with cases in every year.

    The variable that says through whom a case came is named by the line `channel` of the source record. Whether a channel without
    cases was open is not to be seen in the cases. Raises UsageError for a channel that is no variable, or no code of it.
    """
    variable = source.record.get("channel", "") and book.known(source.record["channel"])
    found = [effort.of(rows, who(source), source.place, year) for year in years]
    recorded = all(row is not None and row.channels for row in found)
    if recorded and all(set(row.channels) == set(found[0].channels) for row in found):
        return Alike("", [], "recorded", "")
    if variable not in count.available(source.cases):
        return Alike("", [], "", "channels_not_in_cases" if recorded else "channels_not_recorded")
    sets = [{count.code_of(variable, name, book) for name in row.channels} for row in found] if recorded else seen(
        source, variable, years, book)
    shared, how = set.intersection(*sets), "recorded" if recorded else "seen"
    if not shared:
        return Alike(variable, [], how, "no_channel_in_common")
    return Alike(variable, [code for code in book.of(variable) if code in shared and any(one != shared for one in sets)], how, "")


def seen(source: Source, variable: str, years: list[str], book: Codebook) -> list[set[str]]:
    """The known codes of a variable that the cases of each year have."""
    counted = count.breakdown(source.cases, book, ["year", variable], source.where | {"year": years})
    counted = counted[(counted.n > 0) & ~counted[variable].isin(book.unknown(variable))]
    return [set(counted[variable][counted.year == year]) for year in years]


def narrowed(source: Source, found: list[Alike]) -> Source:
    """The source with only the cases that the years have in common; `where` says so, months as `month`."""
    where = {one.variable: one.values for one in found if one.values}
    if not where:
        return source
    cases, kept = source.cases, dict(where)
    if MONTH in where:
        cases = of_months(pd.read_parquet(cases) if isinstance(cases, Path) else cases, kept.pop(MONTH))
    return source._replace(cases=cases, where=source.where | kept)


def of_months(cases: pd.DataFrame, months: list[str]) -> pd.DataFrame:
    """The cases whose date says one of these months (01 to 12); those with a year alone, or without a date, are left out."""
    return cases[cases.date.str[5:7].isin(months).to_numpy(bool)]


def recorded(source: Source, rows: pd.DataFrame, years: list[str], book: Codebook) -> list[Alike]:
    """What the years have in common for certain, because effort.csv records it: months, channels, both or nothing."""
    found = [months(source, rows, years), channels(source, rows, years, book)]
    return [one for one in found if one.how == "recorded" and not one.why]


def rule(found: list[Alike]) -> str:
    """The base rule of a count of the cases that years have in common: like for like, or only of the same months or channels."""
    kinds = ["months" if one.variable == MONTH else "channels" for one in found]
    return {0: "within year", 1: f"same {''.join(kinds)}"}.get(len(kinds), "like for like")


def factor(rows: pd.DataFrame, names: list[str], country: str, first: str, last: str) -> float:
    """The effort of the first year over that of the last (documenters times months); not a number where either is not recorded."""
    then, now = (effort.amount(effort.of(rows, names, country, year)) for year in (first, last))
    return then / now  # neither is 0, for effort.csv has no 0 documenters
