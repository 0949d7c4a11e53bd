"""Events of several lists: how many stand in which, and an estimate of those that lists such as these leave out."""

import re

import numpy as np
import pandas as pd

from analysis import ledger, tidy
from analysis import source as sources
from analysis.codebook import Codebook
from analysis.count import rows_behind
from analysis.events import alike, overlap, recapture
from analysis.problems import Problem, problem
from analysis.source import Source

COARSE = ("none", "year")  # precisions of a date from which nobody can tell whether two events are one


def names(record: dict) -> dict[str, str]:
    """Each list of the record of several, by file -> what it is called: `short` of its record, else who documented it, else its file."""
    called = {file: one.get("short") or one.get("documented_by") or file for file, one in sorted(record["lists"].items())}
    return called if len(set(called.values())) == len(called) else {file: file for file in called}


def code(name: str) -> str:
    """The name of a list as it stands in the ids of results."""
    return re.sub("[^a-z0-9]+", "_", name.casefold()).strip("_") or "list"


def events(source: Source, book: Codebook) -> pd.DataFrame:
    """The events of the report's country and years, as `overlap.events` makes them."""
    return rows_behind(tidy.load(source.cases, book), book, {}, source.where)


def histories(source: Source, book: Codebook) -> pd.DataFrame:
    """How many events stand in exactly which lists: see `overlap.overlap`, which this is for the report's country and years."""
    return overlap.overlap(overlap.Events(events(source, book), list(names(source.record)), []))


@ledger.of_what_is_there
def together(source: Source, book: Codebook, chapter: str) -> pd.DataFrame:
    """How many events stand in exactly which lists, as rows of the ledger, `<chapter>_lists`; none where a report has one list.

    `codes` are the lists that hold an event, joined by +, and `text` what they are called. The rows do not overlap and add up.
    """
    if "lists" not in source.record:
        return ledger.complete(pd.DataFrame())
    table, called = histories(source, book), names(source.record)
    held = [[called[file] for file in called if row[file]] for row in table.to_dict("records")]
    codes = ["+".join(map(code, lists)) for lists in held]
    found = table.assign(id=[f"{chapter}_lists.{one.replace('+', '.')}" for one in codes], codes=codes, n=table.events,
                         text=[alike.TOGETHER.join(lists) for lists in held], base=table.events.sum(), base_rule="all")
    return rows(source, found.assign(share=found.n / found.base.where(found.base > 0)), f"{chapter}_lists", "lists", "list")


def behind(cases: pd.DataFrame, result, record: dict, book: Codebook) -> pd.DataFrame:
    """The events that one number of `together` counts."""
    files = {name: file for file, name in names(record).items()}
    held = alike.TOGETHER.join(files[name] for name in result.text.split(alike.TOGETHER))
    kept = rows_behind(cases, book, {}, ledger.where_of(result))
    return kept[kept.lists == held]


@ledger.of_what_is_there
def estimate(source: Source, book: Codebook, chapter: str) -> pd.DataFrame:
    """How many events lists such as these could have held in all, as rows of the ledger, `<chapter>_unlisted`; none of one list.

    Rows: `.estimate`, in `value` with its interval; `.unlisted`, those of them that no list holds; with three lists and more
    `.model_1`, `.model_2` ... for each model that carries at least a twentieth of the weight, its profile interval, its pairs of lists in
    `text` and its weight in `share`. `n` and `base` are the events that are listed. Where the lists cannot carry an estimate
    there is one row without a value: `no_value` is `not_estimated`, and `text` says why.

    The methods, with their sources and limits, are those of `recapture`: Chapman's estimator for two lists, an average of
    log-linear models for more. They suppose that (1) the lists are about one closed set of events, (2) what is the same event
    was decided rightly, (3) the lists are independent of each other, or depend in pairs as a model says, (4) within a list every
    event is as likely to be held. (4) never quite holds: who fears documenters most is in no list, and so the estimate is
    rather too low. It is about events that such lists could hold, never about how many violations there are.
    """
    if "lists" not in source.record:
        return ledger.complete(pd.DataFrame())
    table, called = histories(source, book), list(names(source.record).values())
    wrong, listed = refusals(source, book, table), int(table.events.sum())
    fits = recapture.models(*cells(table)) if len(called) > 2 and not wrong else pd.DataFrame()
    wrong = wrong or model_refusals(fits, len(called), source.file)
    found = pd.DataFrame(refused(wrong) if wrong else estimated(table, called, fits))
    found = found.assign(id=f"{chapter}_unlisted." + found.codes, n=listed, base=listed)
    return rows(source, found, f"{chapter}_unlisted", "unlisted", "estimate")


def rows(source: Source, found: pd.DataFrame, table: str, form: str, by: str) -> pd.DataFrame:
    """Numbers of several lists as rows of the ledger."""
    filters = "; ".join(f"{variable}={','.join(map(str, codes))}" for variable, codes in source.where.items())
    same = {"table": table, "form": form, "by": by, "where": filters, "unit": source.record["unit"], "method": "", "place": source.place,
            "period": source.period}
    return ledger.printed(found.assign(**{key: value for key, value in same.items() if key not in found}), source.file, source.record)


def refused(wrong: list[Problem]) -> list[dict]:
    """Why there is no estimate, as the one row of the table."""
    return [{"codes": "estimate", "no_value": "not_estimated", "text": " ".join(dict.fromkeys(one.message for one in wrong))}]


def cells(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The events that stand in exactly which lists: how many, and a table of 0 and 1 with a column for each list."""
    return table.events.to_numpy(float), table.drop(columns="events").to_numpy(int)


def estimated(table: pd.DataFrame, called: list[str], fits: pd.DataFrame) -> list[dict]:
    """The estimate of a table of histories, of more than two lists from `fits`, the models of it.

    One row each: codes, value, low, high, method, text, and for models share.
    """
    n, inside = cells(table)
    if len(called) == 2:
        first, second = (int((n * inside[:, at]).sum()) for at in (0, 1))
        found, models, method = recapture.chapman(first, second, int(n[inside.all(axis=1)].sum())), [], "chapman"
    else:
        found, method = recapture.average(fits, int(n.sum())), "log_linear"
        models = [{"codes": f"model_{at}", "value": one.value, **dict(zip(("low", "high"), recapture.profile(n, inside, one.pairs))),
                   "method": "profile", "share": one.weight, "text": depending(one.pairs, called)}
                  for at, one in enumerate(fits[fits.weight >= 0.05].itertuples(), 1)]
    whole = {"codes": "estimate", "value": found.value, "low": found.low, "high": found.high, "method": method,
             "text": alike.TOGETHER.join(called)}
    less = {key: whole[key] - n.sum() for key in ("value", "low", "high")}
    return [whole, {**whole, "codes": "unlisted", **less}, *models]


def depending(pairs: tuple, called: list[str]) -> str:
    """The pairs of lists that depend on each other in a model, by their names: `A + B; B + C`, nothing where all are independent."""
    return alike.TOGETHER.join(f"{called[one]} + {called[other]}" for one, other in pairs)


# Refusals. What they ask of the lists stands in data/codebook/overlap.yml, with its sources.


def refusals(source: Source, book: Codebook, table: pd.DataFrame) -> list[Problem]:
    """Why these lists cannot carry an estimate, whatever its method: every reason there is."""
    records, called = source.record["lists"], names(source.record)
    found = [problem("estimate_lists", source.file, n=len(records))] if not 2 <= len(records) <= recapture.MOST_LISTS else []
    asked = len(pd.read_parquet(sources.undecided_file(source.cases.parents[1], source.file)))
    found += [problem("estimate_undecided", source.file, n=asked)] if asked else []
    first, last = tidy.span(source.period)
    for file, one in records.items():
        begins, ends = tidy.span(one["period"])
        found += [problem("estimate_period", file, list=called[file], period=source.period)] if not begins <= first <= last <= ends else []
        found += [problem("estimate_place", file, list=called[file])] if one.get("place", source.place) != source.place else []
    kinds = {one.get("definition", "") for one in records.values()}
    found += [problem("estimate_definition", source.file, list=", ".join(called.values()))] if len(kinds) > 1 or "" in kinds else []
    return found + made_of(records, called) + coarse(source, book, called) + overlaps(table, called)


def made_of(records: dict[str, dict], called: dict[str, str]) -> list[Problem]:
    """The lists that hold another list's reports, as their records say."""
    documented = {file: str(one.get("documented_by", "")).casefold() for file, one in records.items()}
    parts = [(file, organisation.casefold()) for file, one in records.items() for organisation in one.get("made_of", [])]
    return [problem("estimate_made_of", file, list=called[file], other=called[other]) for file, part in parts
            for other, by in documented.items() if other != file and by == part]


def coarse(source: Source, book: Codebook, called: dict[str, str]) -> list[Problem]:
    """The lists too many of whose events are known to the year only, or not at all, to say which stand in another list."""
    table, most = events(source, book), alike.settings()["estimate"]["coarse"]
    mine = {file: table.date_precision[table.lists.str.split(alike.TOGETHER).map(lambda held, file=file: file in held)] for file in called}
    known = {file: (int(dates.isin(COARSE).sum()), len(dates)) for file, dates in mine.items()}
    return [problem("estimate_coarse", file, list=called[file], n=n, base=base) for file, (n, base) in known.items() if n > most * base]


def overlaps(table: pd.DataFrame, called: dict[str, str]) -> list[Problem]:
    """What is wrong with how the lists overlap: too few common events, none of one list, or a list that lies within the only other."""
    shared, least = table.drop(columns="events").sum(axis=1) > 1, alike.settings()["estimate"]["matches"]
    n = int(table.events[shared].sum())
    found = [problem("estimate_matches", called[next(iter(called))], n=n, least=least)] if n < least else []
    alone = [file for file in called if n and not table.events[shared & table[file]].sum()]
    inside = [file for file in called if not table.events[~shared & table[file]].sum() and n and len(called) == 2]
    return (found + [problem("estimate_alone", file, list=called[file]) for file in alone]
            + [problem("estimate_inside", file, list=called[file]) for file in inside])


def model_refusals(fits: pd.DataFrame, lists: int, file: str) -> list[Problem]:
    """Why no log-linear model of three lists or more can be believed."""
    if lists == 2:
        return []
    if fits.empty:
        return [problem("estimate_model", file)]
    sure = fits.weight[fits.df == 0].sum() > alike.settings()["estimate"]["untestable"]
    return [problem("estimate_untestable", file)] if sure and lists == 3 else []
