"""One file by itself, as `check`, `count` and `compare` take it: with its source record or without."""

from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import deidentify, problems, read, results, source, stats, tidy
from analysis.codebook import Codebook, source_record
from analysis.count import breakdown, named, own
from analysis.events import alike, overlap
from analysis.formats import files
from analysis.problems import DataError, Problem, UsageError, place
from analysis.sheets import propose, twice
from analysis.wording import languages, words
from analysis.years import changes as year_changes
from analysis.years import crosswalk


class Checked(NamedTuple):
    """A file with its cases (without personal columns), its ledger of rows, its unit and everything wrong with it.

    `unread`: the sheets and the rows above the header that were not read, as (sheet, rows, why); `proposal`: a profile for a file
    that none fits; `units`: the acts, victims and perpetrators that linked sheets list, see units.tables.
    """

    file: Path
    unit: str
    cases: pd.DataFrame | None
    rows: dict[str, int]
    ledger: pd.DataFrame
    problems: list[Problem]
    unread: list[tuple[str, int, str]] = []
    proposal: propose.Proposal | None = None
    units: dict[str, pd.DataFrame] = {}


def checked(file: Path, book: Codebook, profile: str | None = None) -> Checked:
    """Read a file and find everything wrong with it; raises nothing for bad data. Its record, when it has one, must fit it."""
    record = source_record(file)
    wrong = source.record_problems(file) if record else []
    try:
        raw = read.raw(file, book, profile)
    except DataError as error:
        none = pd.DataFrame(columns=["sheet", "what", "rows"])
        unknown = any(one.rule == "no_profile" for one in error.problems)
        proposal = propose.proposed(file, files.opened(file), book) if unknown else None
        rows = {"rows_read": 0, "cases": 0, "joined": 0, "set_aside": 0}
        return Checked(file, "", None, rows, none, sorted({*wrong, *error.problems}, key=place), proposal=proposal)
    tidied = tidy.cases(raw, book, record)
    rows = source.rows(raw, tidied).iloc[0].astype(int).to_dict()
    cases = deidentify.cases(tidied.cases, raw.profile, book)
    return Checked(file, book.profiles[raw.profile]["unit"], cases, rows, tidied.ledger, sorted({*wrong, *tidied.problems}, key=place),
                   raw.unread, units=tidied.units)


def across(found: list[Checked], book: Codebook) -> list[Checked]:
    """Checked files, the later ones with a note where some of their cases stand in an earlier one as well."""
    return [one._replace(problems=sorted({*one.problems, *also_in(one, found[:at], book)}, key=place)) for at, one in enumerate(found)]


def also_in(one: Checked, earlier: list[Checked], book: Codebook) -> list[Problem]:
    """A note for each earlier file that has cases of this one, the same or nearly."""
    numbers = {other.file: twice.in_both(other.cases, one.cases, book) for other in earlier
               if one.cases is not None and other.cases is not None}
    return [problems.problem("also_in_file", one.file, other=file.name, count=exact + near, exact=exact, near=near)
            for file, (exact, near) in numbers.items() if exact + near]


def mark(one: Checked, out: Path, lang: str) -> None:
    """Write a copy of a checked workbook with its cells marked and commented; raises UsageError where it may not be written."""
    from analysis.sheets.mark import marked

    try:
        received = read.opened(one.file)
    except DataError:
        received = None
    marked(one.file, one.problems, one.rows, received, out, lang)


def as_json(one: Checked, lang: str = "en") -> dict:
    """A checked file under the names of the commands' JSON."""
    aside = one.ledger[~one.ledger.what.isin(["counted", tidy.FURTHER_ROW])]
    why = [{"sheet": sheet, "why": what, "rows": int(n)} for sheet, what, n in zip(aside.sheet, aside.what, aside.rows)]
    unread = [{"sheet": sheet, "why": what, "rows": n} for sheet, n, what in one.unread]
    return {"file": str(one.file), **one.rows, "set_aside_why": why, "not_read": unread,
            "problems": [problems.as_json(p, lang) for p in one.problems],
            **({"proposal": propose.as_json(one.proposal, lang)} if one.proposal else {})}


def as_text(one: Checked, lang: str = "en") -> str:
    """A checked file in words: its rows, what was not read, then its problems from the first cell to the last."""
    say = partial(problems.phrase, "rows", lang=lang)
    joined = f" + {one.rows['joined']} further rows of them" if one.rows["joined"] else ""
    rows = say("{rows_read} rows read = {cases} cases{joined} + {set_aside} set aside".format(**one.rows | {"joined": joined}))
    unread = [f"  {say(f'rows not read: {n}, {why}')}" + (f" ({sheet})" if sheet else "") for sheet, n, why in one.unread]
    return "\n".join(filter(None, [f"{one.file.name}: {rows}", *unread, problems.as_text(one.problems, lang),
                                  one.proposal and propose.as_text(one.proposal, lang)]))


def lists(files: tuple[Path, ...], book: Codebook) -> tuple[list[Checked], list[alike.Listed], pd.DataFrame]:
    """Several checked files, their lists of events, and the decisions about them; raises DataError with the problems of all."""
    found = [checked(file, book) for file in files]
    problems.refuse([one for each in found for one in each.problems])
    made = [alike.Listed(overlap.name(one.file), one.cases, source_record(one.file)) for one in found]
    return found, made, overlap.decisions(overlap.decision_files(list(files)), made)


def pooled(files: tuple[Path, ...], book: Codebook) -> Checked:
    """The events of several files, each counted once where a person has decided that it stands in several."""
    found, made, decided = lists(files, book)
    events = overlap.events(made, decided, book)
    problems.refuse(events.problems)
    none = pd.DataFrame(columns=["sheet", "what", "rows"])
    name, unit = Path(" and ".join(file.name for file in files)), overlap.unit_of(one.unit for one in found)
    return Checked(name, unit, events.cases, {}, none, events.problems)


def overlapping(files: tuple[Path, ...], book: Codebook, lang: str = "en") -> tuple[alike.Proposed, overlap.Events]:
    """The pairs of rows in these files that may be one event, and the events as they are decided so far."""
    _, made, decided = lists(files, book)
    return alike.proposals(made, book, decided, lang), overlap.events(made, decided, book)


def counted(one: Checked, book: Codebook, by: list[str], where: dict, unit: str | None, base: str = "all") -> pd.DataFrame:
    """The breakdown with shares and intervals; the unit is that of the file's rows, mentions, or one that its rows list or number."""
    may = dict.fromkeys([*one.units, *(column[:-2] for column in one.cases if column.endswith("_n")), "mentions"])
    if unit not in (None, one.unit, *may):
        units = ", ".join([one.unit, *may][:-1])
        raise UsageError(f"The rows of {one.file.name} are {one.unit}. They can be counted as {units} or as mentions, not as {unit}.")
    return stats.shares(breakdown(one.units.get(unit, one.cases), book, by, where, base, unit=unit or one.unit))


def remarks(one: Checked, book: Codebook, by: list[str], where: dict, unit: str | None) -> str:
    """What must be said of a count of victims, perpetrators or acts; nothing of any other."""
    counted = one.units.get(unit, one.cases)
    return "" if unit in (None, one.unit, "mentions") else results.remarks(counted, book, by, where, unit, one.unit)


def compared(one: Checked, book: Codebook, by: str, years: list[str], where: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The breakdown within each of several years, and the changes from each to the next (`first`, `last`); see stats.changes.

    Codes that the codebook did not keep apart in all of the years are counted together, and one that a year did not have has no n
    there and no changes; see crosswalk.csv. Months and channels are not made alike.
    """
    if len(years) < 2 or len(set(years)) < len(years):
        raise UsageError("--years takes two or more different years, such as 2019,2020.")
    common = crosswalk.common(crosswalk.changes(book), book, own(by), years, overlap.name(one.file))
    table = year_changes.by_year(one.cases, book, by, where, years, one.unit, common)
    missing = [year for year in years if not table.loc[table.year == year, "base"].any()]
    if missing:
        raise UsageError(f"{one.file.name} has no {one.unit} of {' or '.join(missing)} to compare.")
    known = table[table.n.notna()].astype({"n": int})
    made = [stats.changes(known, by, *pair).assign(first=pair[0], last=pair[1]) for pair in year_changes.pairs(years)]
    return stats.shares(table), pd.concat(made, ignore_index=True)


def cells(table: pd.DataFrame, by: list[str]) -> list[dict]:
    """One object a cell: the codes of the variables under their names, n, base, share, low, high, method; null for no value."""
    kept = table[[*named(by), "n", "base", "share", "low", "high", "method"]]
    return kept.astype(object).where(kept.notna(), None).to_dict("records")


def cells_as_json(table: pd.DataFrame, by: list[str]) -> dict:
    """A breakdown under the names of the commands' JSON; a sum also has `unstated` in each cell, the cases that state no number."""
    made = {"unit": table.unit.iloc[0], "base": int(table.base.iloc[0]), "base_rule": table.base_rule.iloc[0], "cells": cells(table, by)}
    for cell, n in zip(made["cells"], table.get("unstated", ())):
        cell["unstated"] = int(n)
    return made


def cells_as_text(table: pd.DataFrame, by: list[str], book: Codebook, said: str = "", lang: str = "en") -> str:
    """The cells that occur, largest first, with labels and the base they are shares of; what is `said` of them follows."""
    summed, say = set(table.method) == {"sum"}, words.of(lang)["command"]
    shown = table[(table.n > 0) | (table.get("unstated", 0) > 0)].sort_values("n", ascending=False, kind="stable")
    labels = [", ".join(book.label(*one, lang) for one in zip(by, codes)) for codes in shown[named(by)].itertuples(index=False)]
    unstated = shown.get("unstated", 0 * shown.n)
    last = [words.of(lang)["unstated"].format(n=words.count(n, lang)) if n else "" for n in unstated] if summed else [
        words.interval(*pair, lang) for pair in zip(shown.low, shown.high)]
    lines = [(label, words.share_of(row.n, row.base, lang), words.percent(row.share, lang), more)
             for label, row, more in zip(labels, shown.itertuples(), last)]
    base = words.base(table.base.iloc[0], table.unit.iloc[0], table.base_rule.iloc[0], lang)
    head = say["head"].format(base=base, intervals=say["no_intervals" if summed else "intervals"])
    return "\n".join(filter(None, [head, *aligned(lines), languages.text(said, book, lang), words.of(lang)["draft"]]))


def aligned(lines: list[tuple[str, ...]]) -> list[str]:
    """Columns of text, the first to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    return ["  ".join(text.ljust(w) if at == 0 else text.rjust(w) for at, (text, w) in enumerate(zip(line, widths))) for line in lines]


def compared_as_json(table: pd.DataFrame, changes: pd.DataFrame, by: str) -> dict:
    """A comparison under the names of the commands' JSON; `base` is all cases of the years."""
    bases = table.drop_duplicates("year").base
    finite = changes.astype(object).where(changes.notna() & ~changes.isin([float("inf")]), None)
    return {"unit": table.unit.iloc[0], "base": int(bases.sum()), "cells": cells(table, ["year", by]), "changes": finite.to_dict("records")}


def compared_as_text(changes: pd.DataFrame, by: str, book: Codebook, lang: str = "en") -> str:
    """For each pair of years, the codes that occur in either with the difference of their shares and the break-even of their counts."""
    shown, say = changes[(changes.n_first > 0) | (changes.n_last > 0)], words.of(lang)["command"]
    tables = [aligned([(words.of(lang)["years"]["pair"].format(first=first, last=last), first, last, say["points"], say["break_even"]),
                       *(compared_line(row, by, book, lang) for row in rows.to_dict("records"))])
              for (first, last), rows in shown.groupby(["first", "last"], sort=False)]
    said = [say["break_even_says"], say["counts_follow"], *filter(None, [words.of(lang)["draft"]])]
    return "\n".join([*(line for table in tables for line in table), *said])


def compared_line(row: dict, by: str, book: Codebook, lang: str) -> tuple[str, ...]:
    """One code in two years: counts, points and break-even with their intervals."""
    label = " / ".join(book.label(by, one, lang) for one in row[by].split("+"))
    low, high = (words.points(row[f"difference_{end}"], lang) for end in ("low", "high"))
    points = f"{words.points(row['difference'], lang)} ({words.of(lang)['ends'].format(low=low, high=high)})"
    even = f"{words.factor(row['break_even'], lang)} ({words.factors(row['break_even_low'], row['break_even_high'], lang)})"
    return label, *(words.share_of(row[f"n_{at}"], row[f"base_{at}"], lang) for at in ("first", "last")), points, even
