"""One call for each table of results: counts with their shares and intervals, as rows of the ledger."""

import numpy as np
import pandas as pd

from analysis import count, ledger, stats
from analysis.codebook import GROUP, Codebook, note
from analysis.count import available, breakdown, combinations
from analysis.parameters import TOGETHER
from analysis.problems import UsageError
from analysis.source import Source, counted_in, years_of
from analysis.statistics import multi_response
from analysis.statistics.ranks import ranks as ranking
from analysis.wording import words
from analysis.years import changes as change
from analysis.years import crosswalk, dated, effort, like_for_like


def entries(source: Source, counted: pd.DataFrame, by: list[str], table: str, form: str) -> pd.DataFrame:
    """A breakdown of a source with shares and intervals, as rows of the ledger."""
    return ledger.entries(stats.shares(counted), by, table, form, source.file, source.record, source.where, source.place, source.period)


@ledger.of_what_is_there
def total(source: Source, book: Codebook, chapter: str, unit: str = "") -> pd.DataFrame:
    """How many cases the report counts of a source; one row, `<chapter>_<unit>.total`. Another unit is one of `sums`."""
    if unit and unit != source.record["unit"]:
        return summed(source, book, [], unit, f"{chapter}_{unit}", "total")
    unit = source.record["unit"]
    return entries(source, breakdown(source.cases, book, [], source.where, unit=unit), [], f"{chapter}_{unit}", "total")


@ledger.of_what_is_there
def one_way(source: Source, book: Codebook, chapter: str, variable: str, base: str = "all") -> pd.DataFrame:
    """Cases by the codes of one variable, zero cells too; the base is all cases, those without a known value among them.

    Another base is that of count.breakdown (`answered`, `applies`), and its name ends that of the table.
    """
    asked = count.applying([variable], base, book)
    source = source._replace(where=source.where | asked)  # so that the rows behind a number are found by what its row says
    counted = breakdown(source.cases, book, [variable], source.where, base, unit=source.record["unit"])
    name = "_".join([chapter, book.name(variable, what="plural"), *([base] if base != "all" else [])])
    return entries(source, counted, [variable], name, "bars")


def groups(source: Source, book: Codebook, chapter: str, variable: str, base: str = "all") -> pd.DataFrame:
    """Cases by the groups of the codes of one variable: a case with two codes of a group counts once in it. No rows without groups."""
    if variable + GROUP not in book.order:
        return ledger.complete(pd.DataFrame())
    return one_way(source, book, chapter, variable + GROUP, base)


@ledger.of_what_is_there
def sums(source: Source, book: Codebook, chapter: str, unit: str, variable: str) -> pd.DataFrame:
    """Victims, perpetrators or acts by the codes of one variable, which overlap as those of cases do.

    They are the rows of linked sheets where there are any, otherwise the sum of the numbers that the cases state. `value` is how
    many cases state none; nothing is put in its place, and the note says how many they are in all. No intervals; see stats.shares.
    """
    return summed(source, book, [variable], unit, f"{chapter}_{unit}_{book.name(variable, what='plural')}", "sums")


def summed(source: Source, book: Codebook, by: list[str], unit: str, table: str, form: str) -> pd.DataFrame:
    """As `sums`, for any variables."""
    cases = counted_in(source.cases, unit)
    counted = breakdown(cases, book, by, source.where, unit=unit)
    rows = entries(source, counted.assign(value=counted.unstated), by, table, form)
    said = [note(source.record, [*by, *source.where]), remarks(cases, book, by, source.where, unit, source.record["unit"])]
    return rows.assign(note="; ".join(filter(None, said)))


def remarks(cases, book: Codebook, by: list[str], where: dict, unit: str, whole: str) -> str:
    """What must be said of a count of victims, perpetrators or acts: how many cases (of the unit `whole`) state no number, and which
    variables are recorded of the whole case only."""
    say, unstated = words.of("en"), int(breakdown(cases, book, [], where, unit=unit).unstated.iloc[0])
    of_case = [book.name(variable) for variable in by if count.own(variable) in count.attributes(cases).get("of_case", [])]
    said = [say["unstated_in_all"].format(of=words.count(unstated), unit=words.unit(unstated, whole), what=unit)] if unstated else []
    said += [say["of_case"].format(variables=words.joined(of_case), unit=unit)] if of_case else []
    return "; ".join(said)


@ledger.of_what_is_there
def any_of(source: Source, book: Codebook, chapter: str, variable: str, codes: list[str]) -> pd.DataFrame:
    """Cases with any of several codes of a variable, each once; one row, `<chapter>_<plural>_any_of.<codes>`."""
    return having(source, book, chapter, variable, codes, "any_of")


@ledger.of_what_is_there
def all_of(source: Source, book: Codebook, chapter: str, variable: str, codes: list[str]) -> pd.DataFrame:
    """Cases with all of several codes of a variable, whatever others they have; one row."""
    return having(source, book, chapter, variable, codes, "all_of")


@ledger.of_what_is_there
def exactly(source: Source, book: Codebook, chapter: str, variable: str, codes: list[str]) -> pd.DataFrame:
    """Cases with these codes of a variable and no others; one row."""
    return having(source, book, chapter, variable, codes, "exactly")


def having(source: Source, book: Codebook, chapter: str, variable: str, codes: list[str], how: str) -> pd.DataFrame:
    """As `any_of`, `all_of` and `exactly`, whose name is `how`."""
    counted = count.having(source.cases, book, variable, codes, how, source.where, unit=source.record["unit"])
    return entries(source, counted, [variable], f"{chapter}_{book.name(variable, what='plural')}_{how}", how)


@ledger.of_what_is_there
def mentions(source: Source, book: Codebook, chapter: str, variable: str) -> pd.DataFrame:
    """Mentions of each code of one variable, without intervals (see stats.shares); the base is all mentions, which is another question
    than shares of cases."""
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
    """Cases with one code by year, the base being all cases of the year; a year of the period without cases stays, with base 0.

    No rows without a code: a report may be about none in particular."""
    if not code:
        return ledger.complete(pd.DataFrame())
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
    """Each code of a variable in each of the years named, and what changed from one of them to the next, as rows of one table.

    A row a year and code (`2020,fake_date`: n of base, the cases of the year), and two rows for each change (`2020-2022,fake_date`, see
    changes.of_shares). A year without records has base 0 and no changes: the next year is compared with the last that has some. Only
    months and channels that effort.csv records for each of the years are counted where they differ; `base_rule` says so. Codes that
    the codebook did not keep apart in all of these years are counted together (joined by +), see crosswalk.csv. Raises UsageError
    for a year outside the period of the source.
    """
    years = in_period(source, compared)
    if len(years) < 2:
        return ledger.complete(pd.DataFrame())
    alike = like_for_like.recorded(source, effort.recorded(book), years, book)
    part, table = like_for_like.narrowed(source, alike), f"{chapter}_changes_{book.name(variable, what='plural')}"
    common = crosswalk.common(crosswalk.changes(book), book, count.own(variable), years, source.file)
    counted = change.by_year(part.cases, book, variable, part.where, years, source.record["unit"], common)
    counted = counted[counted.groupby(variable).n.transform("max") > 0].assign(base_rule=like_for_like.rule(alike))
    where = source.where | {one.variable: one.values for one in alike if one.values}
    rows = ledger.entries(stats.shares(counted), ["year", variable], table, "changes", source.file, source.record,
                          {v: codes for v, codes in where.items() if v != "year"}, source.place, f"{years[0]}-{years[-1]}")
    return pd.concat([rows, change.of_shares(counted, variable, rows)], ignore_index=True) if len(rows) else rows


def in_period(source: Source, compared: list[str]) -> list[str]:
    """The years to compare, in order; raises UsageError for one outside the period of the source."""
    years, may = sorted({str(year) for year in compared}), years_of(source.period)
    if outside := [year for year in years if year not in may]:
        raise UsageError(f"{source.file} is about {source.period}, so {' and '.join(outside)} cannot be compared.")
    return years


@ledger.of_what_is_there
def totals(source: Source, book: Codebook, chapter: str) -> pd.DataFrame:
    """The cases of each year of the period, `<chapter>_<unit>_by_year`; a year without records has no number, which is not a zero.

    `changes.of_counts` says how far effort alone would explain how they change.
    """
    unit = source.record["unit"]
    counted = breakdown(source.cases, book, ["year"], source.where, unit=unit).set_index("year")
    whole = int(counted.n.sum())
    years = sorted({*years_of(source.period), *counted.index[counted.n > 0]})
    counted = counted.reindex(years).reset_index().fillna({"n": 0}).assign(base=whole, base_rule="all", unit=unit)
    counted = counted.assign(no_value=np.where(counted.n > 0, "", "no_records"), n=counted.n.where(counted.n > 0))
    return entries(source, counted, ["year"], f"{chapter}_{unit}_by_year", "yearly")


def totals_changed(source: Source, book: Codebook, chapter: str) -> pd.DataFrame:
    """How the cases of the years changed, and how far effort alone would explain it; see changes.of_counts."""
    rows = totals(source, book, chapter)
    return change.of_counts(rows, book, like_for_like.who(source)) if len(rows) else rows


@ledger.of_what_is_there
def alike(source: Source, book: Codebook, chapter: str, compared: list[str]) -> pd.DataFrame:
    """How many cases of each year stay when years are compared like for like: two rows a year, `.months` and `.channels`.

    n of base: the cases of the months (or of the channels) that each of the years has, and all cases of the year. `method` is
    `recorded` where effort.csv says which these are, and `seen` where the channels with cases in each year had to be taken for it.
    Without a number `no_value` says why the years cannot be made alike.
    """
    years, recorded = in_period(source, compared), effort.recorded(book)
    if len(years) < 2:
        return ledger.complete(pd.DataFrame())
    found = {"months": like_for_like.months(source, recorded, years), "channels": like_for_like.channels(source, recorded, years, book)}
    return pd.concat([kept(source, book, f"{chapter}_alike", years, name, one) for name, one in found.items()], ignore_index=True)


def kept(source: Source, book: Codebook, table: str, years: list[str], name: str, one: like_for_like.Alike) -> pd.DataFrame:
    """As `alike`, for the months or for the channels."""
    part, unit = like_for_like.narrowed(source, [one]), source.record["unit"]
    every, left = (breakdown(s.cases, book, ["year"], s.where | {"year": years}, unit=unit).set_index("year").n for s in (source, part))
    counted = pd.DataFrame({"year": years, "n": left.reindex(years, fill_value=0).to_numpy(float), "base": every.reindex(years).to_numpy()})
    counted = counted.assign(n=np.nan if one.why else counted.n, base_rule="within year", unit=unit, no_value=one.why)
    where = source.where | ({one.variable: one.values} if one.values else {})
    rows = ledger.entries(stats.shares(counted), ["year"], table, "alike", source.file, source.record,
                          {v: codes for v, codes in where.items() if v != "year"}, source.place, f"{years[0]}-{years[-1]}")
    return rows.assign(id=rows.id + f".{name}", method=one.how)


@ledger.of_what_is_there
def countries(source: Source, book: Codebook, chapter: str, variable: str, code: str, compared: list[str]) -> pd.DataFrame:
    """Cases with one code by country, the base being all cases of the country; those compared, and the source's own or all of its own."""
    where = source.where | {"country": list(dict.fromkeys([*compared, *source.place.split(TOGETHER)]))}
    wide = source._replace(where=where)
    counted = breakdown(source.cases, book, ["country", variable], where, within="country", unit=source.record["unit"])
    counted = counted[(counted[variable] == code) & counted.country.isin(where["country"])]
    return entries(wide, counted, ["country", variable], f"{chapter}_{code}_countries", "dots")


@ledger.of_what_is_there
def by_country(source: Source, book: Codebook, chapter: str, variable: str) -> pd.DataFrame:
    """Cases by country and the codes of one variable, zero cells too, each share being of all cases of the country; see source.across."""
    counted = breakdown(source.cases, book, ["country", variable], source.where, within="country", unit=source.record["unit"])
    counted = counted[counted.country.isin(source.where["country"])]
    return entries(source, counted, ["country", variable], f"{chapter}_countries_{book.name(variable, what='plural')}", "by_country")


@ledger.of_what_is_there
def by_country_year(source: Source, book: Codebook, chapter: str, variable: str, code: str) -> pd.DataFrame:
    """Cases with one code by country and year, the base being all cases of the country and year; without records the base is 0."""
    of_each = [yearly(source._replace(where=source.where | {"country": [one]}), book, variable).assign(country=one)
               for one in source.where["country"]]
    counted = pd.concat(of_each, ignore_index=True).assign(base_rule="within country and year")
    return entries(source, counted[counted[variable] == code], ["country", "year", variable], f"{chapter}_{code}_countries_years",
                   "by_country_year")


@ledger.of_what_is_there
def ranks(source: Source, book: Codebook, chapter: str, variable: str) -> pd.DataFrame:
    """The rank of each code that occurs, in `value`, and the ranks left open, `low` to `high`; see ranks.ranks.

    Ways of not knowing have no rank. No rows where fewer than two codes occur.
    """
    pairs = breakdown(source.cases, book, [variable, variable], source.where, unit=source.record["unit"])
    unknown = count.unknown(variable, book)
    ranked = ranking(pairs[~pairs.iloc[:, 0].isin(unknown) & ~pairs.iloc[:, 1].isin(unknown)])
    if len(ranked) < 2:
        return ledger.complete(pd.DataFrame())
    rows = ranked.set_axis([variable, "n", "base", "value", "low", "high"], axis=1).assign(
        share=ranked.n / ranked.base, base_rule="all", unit=source.record["unit"], method="ranked")
    return ledger.entries(rows, [variable], f"{chapter}_{book.name(variable, what='plural')}_ranks", "ranks", source.file, source.record,
                          source.where, source.place, source.period)


@ledger.of_what_is_there
def independence(source: Source, book: Codebook, chapter: str, first: str, second: str) -> pd.DataFrame:
    """Whether two variables go together: the test of all pairs of codes, `<table>_test.test`, then a row a pair; see multi_response.

    `value` and `p` of the test are its chi-squared and p, `text` its degrees of freedom where it has any. `value` of a pair is the share of
    the second code among cases with the first, less that among those without (-1 to 1), with its interval and no p of its own. No rows
    where the cases leave nothing to compare.
    """
    try:
        tested, pairs = multi_response.independence(source.cases, book, first, second, source.where)
    except multi_response.NothingToCompare:
        return ledger.complete(pd.DataFrame())
    by, corrected = list(pairs.columns[:2]), tested.method == "Rao-Scott"
    name, same = f"{chapter}_{'_'.join(book.name(v, what='plural') for v in by)}", {"unit": source.record["unit"], "base_rule": "answered"}
    of = (source.file, source.record, source.where, source.place, source.period)
    test = pd.DataFrame({"value": [tested.adjusted if corrected else tested.chi2], "p": tested.p, "method": tested.method,
                         "base": tested.base, "text": f"{tested.df:.2f}" if corrected else ""})
    whole = ledger.entries(test.assign(**same), [], f"{name}_test", "independence", *of)
    each = ledger.entries(pairs.assign(**same), by, f"{name}_pairs", "pairs", *of)
    whole = whole.assign(id=f"{name}_test.test", by=",".join(by), codes=",", note=each.note.iloc[0])
    return pd.concat([whole, each], ignore_index=True)


@ledger.of_what_is_there
def places(source: Source, book: Codebook, chapter: str, place: str, variable: str = "", code: str = "",
           among: list[str] | None = None) -> pd.DataFrame:
    """Cases by `country` or `region`, for a map of tiles; with a variable and one of its codes, how many of the place's cases have it.

    n of base: cases of the place, of all cases; or cases of the place with the code, of all cases of the place. All places of the
    codebook, or those `among` which the map is drawn. No rows where no case says its place.
    """
    if place not in available(source.cases):
        return ledger.complete(pd.DataFrame())
    where = {v: codes for v, codes in source.where.items() if v != place} | ({place: among} if among else {})
    by = [place, variable] if variable else [place]
    counted = breakdown(source.cases, book, by, where, within=place if variable else None, unit=source.record["unit"])
    known = ~counted[place].isin(book.unknown(place))
    if not ((counted.base if variable else counted.n)[known] > 0).any():
        return ledger.complete(pd.DataFrame())
    nowhere = ~known & (counted.base == 0)
    kept = counted[place].isin(among or book.of(place)) & ((counted[variable] == code) if variable else True) & ~nowhere
    name = "_".join(filter(None, [chapter, code, book.name(place, what="plural"), "map"]))
    return entries(source._replace(where=where), counted[kept], by, name, "tiles")


@ledger.of_what_is_there
def timeline(source: Source, book: Codebook, chapter: str, step: str = "") -> pd.DataFrame:
    """Cases by month or quarter, those of which only the year is known apart; see dated.counted. No rows where the cases have no date.

    The step is the finest that the level of the source allows: months of a public one, quarters of a confidential one (policy P6).
    Raises UsageError for a step that it does not.
    """
    step, unit = dated.step_of(source.record.get("level", ""), step), source.record["unit"]
    if "date" not in available(source.cases):
        return ledger.complete(pd.DataFrame())
    counted = dated.counted(source.cases, book, source.where, step, years_of(source.period))
    counted = counted.assign(base_rule="within year", unit=unit, no_value=np.where(counted.base > 0, "", "no_records"))
    return ledger.entries(counted.assign(n=counted.n.where(counted.base > 0)), ["year", step, "precision"], f"{chapter}_{unit}_by_{step}",
                          "timeline", source.file, source.record, source.where, source.place, source.period)
