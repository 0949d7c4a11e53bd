"""One file by itself, as `check`, `count` and `compare` take it: with its source record or without."""

from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import alike, deidentify, files, overlap, problems, propose, read, source, stats, tidy, words
from analysis.codebook import Codebook, source_record
from analysis.count import breakdown, named
from analysis.problems import DataError, Problem, UsageError, place


class Checked(NamedTuple):
    """A file with its cases (without personal columns), its ledger of rows, its unit and everything wrong with it.

    `unread`: the sheets and the rows above the header that were not read, as (sheet, rows, why); `proposal`: a profile for a file
    that none fits.
    """

    file: Path
    unit: str
    cases: pd.DataFrame | None
    rows: dict[str, int]
    ledger: pd.DataFrame
    problems: list[Problem]
    unread: list[tuple[str, int, str]] = []
    proposal: propose.Proposal | None = None


def checked(file: Path, book: Codebook, profile: str | None = None) -> Checked:
    """Read a file and find everything wrong with it; raises nothing for bad data. Its record, when it has one, must fit it."""
    record = source_record(file)
    wrong = source.record_problems(file) if record else []
    try:
        raw = read.raw(file, book, profile or record.get("profile"))
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
                   raw.unread)


def mark(one: Checked, out: Path, lang: str) -> None:
    """Write a copy of a checked workbook with its cells marked and commented; raises UsageError where it may not be written."""
    from analysis.mark import marked

    try:
        received = files.opened(one.file)
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
    units = {one.unit for one in found}
    if len(units) > 1:
        raise UsageError(f"The rows of these files are {' and '.join(sorted(units))}, which cannot be counted together.")
    events = overlap.events(made, decided, book)
    problems.refuse(events.problems)
    none = pd.DataFrame(columns=["sheet", "what", "rows"])
    return Checked(Path(" and ".join(file.name for file in files)), units.pop(), events.cases, {}, none, events.problems)


def overlapping(files: tuple[Path, ...], book: Codebook) -> tuple[alike.Proposed, overlap.Events]:
    """The pairs of rows in these files that may be one event, and the events as they are decided so far."""
    _, made, decided = lists(files, book)
    return alike.proposals(made, book, decided), overlap.events(made, decided, book)


def counted(one: Checked, book: Codebook, by: list[str], where: dict, unit: str | None) -> pd.DataFrame:
    """The breakdown with shares and intervals; the unit is that of the file's rows, or mentions."""
    if unit not in (None, one.unit, "mentions"):
        raise UsageError(f"The rows of {one.file.name} are {one.unit}. They can be counted as {one.unit} or as mentions, not as {unit}.")
    return stats.shares(breakdown(one.cases, book, by, where, unit=unit or one.unit))


def compared(one: Checked, book: Codebook, by: str, years: list[str], where: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The breakdown within each of two years, and the changes between them; see stats.changes."""
    if len(years) != 2 or years[0] == years[1]:
        raise UsageError("--years takes two different years, such as 2019,2020.")
    table = breakdown(one.cases, book, ["year", by], where | {"year": years}, within="year", unit=one.unit)
    missing = [year for year in years if not table.loc[table.year == year, "base"].any()]
    if missing:
        raise UsageError(f"{one.file.name} has no {one.unit} of {' or '.join(missing)} to compare.")
    table = table[table.year.isin(years)]
    return stats.shares(table), stats.changes(table, by, *years)


def cells(table: pd.DataFrame, by: list[str]) -> list[dict]:
    """One object a cell: the codes of the variables under their names, n, base, share, low, high, method; null for no value."""
    kept = table[[*named(by), "n", "base", "share", "low", "high", "method"]]
    return kept.astype(object).where(kept.notna(), None).to_dict("records")


def cells_as_json(table: pd.DataFrame, by: list[str]) -> dict:
    """A breakdown under the names of the commands' JSON."""
    return {"unit": table.unit.iloc[0], "base": int(table.base.iloc[0]), "base_rule": table.base_rule.iloc[0], "cells": cells(table, by)}


def cells_as_text(table: pd.DataFrame, by: list[str], book: Codebook) -> str:
    """The cells that occur, largest first, with labels; then what was not recorded."""
    shown = table[table.n > 0].sort_values("n", ascending=False, kind="stable")
    labels = [", ".join(map(book.label, by, codes)) for codes in shown[named(by)].itertuples(index=False)]
    lines = [(label, words.share_of(row.n, row.base), words.percent(row.share), words.interval(row.low, row.high))
             for label, row in zip(labels, shown.itertuples())]
    head = f"{words.counted(table.base.iloc[0], table.unit.iloc[0])}; 95% Wilson intervals; one record can stand in several lines"
    return "\n".join([head, *aligned(lines)])


def aligned(lines: list[tuple[str, ...]]) -> list[str]:
    """Columns of text, the first to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    return ["  ".join(text.ljust(w) if at == 0 else text.rjust(w) for at, (text, w) in enumerate(zip(line, widths))) for line in lines]


def compared_as_json(table: pd.DataFrame, changes: pd.DataFrame, by: str) -> dict:
    """A comparison under the names of the commands' JSON; `base` is all cases of the two years."""
    bases = table.drop_duplicates("year").base
    finite = changes.astype(object).where(changes.notna() & ~changes.isin([float("inf")]), None)
    return {"unit": table.unit.iloc[0], "base": int(bases.sum()), "cells": cells(table, ["year", by]), "changes": finite.to_dict("records")}


def compared_as_text(changes: pd.DataFrame, by: str, years: list[str], book: Codebook) -> str:
    """The codes that occur in either year, with the difference of their shares in percentage points."""
    shown = changes[(changes.n_first > 0) | (changes.n_last > 0)]
    points = lambda value: words.decimal(100 * value, 0)  # noqa: E731
    lines = [("", *years, "difference in points", "95% interval")]
    lines += [(book.label(by, getattr(row, by)), words.share_of(row.n_first, row.base_first), words.share_of(row.n_last, row.base_last),
               points(row.difference), f"{points(row.difference_low)} to {points(row.difference_high)}") for row in shown.itertuples()]
    return "\n".join([*aligned(lines), "Counts follow the number of people who document; shares follow whom they reach."])
