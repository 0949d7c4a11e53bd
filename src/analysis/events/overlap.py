"""One event in several lists: what a person decided about pairs that may be one, and each event counted once."""

import csv
import datetime
import itertools
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import home
from analysis.codebook import Codebook, source_record
from analysis.events.alike import (
    PAIR,
    TOGETHER,
    Listed,
    Proposed,
    comparable,
    groups,
    kind_of,
    numbers,
    said,
    settings,
    together,
    variables,
)
from analysis.problems import Problem, UsageError, phrase, problem, refuse
from analysis.problems import as_json as told
from analysis.problems import line as line_of
from analysis.sheets.cells import masks, words

DECISION = (*PAIR, "same", "reason", "by", "date")
ANSWERS = ("yes", "no", "unsure")
# Why a row is not counted by itself, in the ledger of rows.
ELSEWHERE, TWICE = "stands in another list", "further row of an event"


class Events(NamedTuple):
    """`cases`: one row an event, with the columns of cases that are counted (masks, numbers, year, date, date_precision), `case_id`,
    `sheet` and `row` (where it stands in the first of its lists), `lists` (the lists it stands in) and `cases` (the cases it was put
    together from); `names`: every list; `problems`."""

    cases: pd.DataFrame
    names: list[str]
    problems: list[Problem]


def name(file: Path) -> str:
    """How a list is named in decisions: its path below data/raw, or its file name when it lies elsewhere."""
    file, raw = Path(file).resolve(), (home() / "data" / "raw").resolve()
    return file.relative_to(raw).as_posix() if file.is_relative_to(raw) else file.name


# Decisions.


def decision_files(files: list[Path]) -> list[Path]:
    """Where decisions about these files stand: data/raw/same_events.csv, and same_events.csv in the folder of each."""
    folders = dict.fromkeys([home() / "data" / "raw", *(Path(file).resolve().parent for file in files)])
    return [folder / "same_events.csv" for folder in folders if (folder / "same_events.csv").exists()]


def decisions(files: list[Path], lists: list[Listed]) -> pd.DataFrame:
    """The decisions of these files about these lists: file_1, case_1, file_2, case_2, same (yes, no or unsure), reason, by, date.

    A line without an answer, reason, name and date is not decided yet and is left out, and so is one about other sources of data/raw.
    Raises DataError with everything that is wrong in any of the files. Decisions may not contradict each other, not even through a third
    case.
    """
    lines = [line for file in files for line in written(file)]
    known = {one.name: set(one.cases.case_id) for one in lists}
    named = {line[one] for _, _, line in lines for one in ("file_1", "file_2")}
    public = {one for one in named if source_record(home() / "data" / "raw" / one).get("level") == "public"}
    wrong = [found for file, at, line in lines for found in incomplete(file, at, line, known, public)]
    refuse(wrong + contradictions(lines))
    given = [line for _, _, line in lines if line["file_1"] in known and line["file_2"] in known]
    return pd.DataFrame(given, columns=list(DECISION), dtype=object)


def written(file: Path) -> list[tuple[Path, int, dict]]:
    """The lines of a file of decisions that say something: file, line number, words; raises DataError when it is no such file."""
    try:
        with open(file, encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            found = [(file, rows.line_num, {c: (row.get(c) or "").strip() for c in DECISION}) for row in rows]
            missing = [column for column in DECISION if column not in (rows.fieldnames or [])]
    except (UnicodeDecodeError, csv.Error):
        found, missing = [], list(DECISION)
    refuse([problem("decisions_unreadable", file, missing=", ".join(missing), columns=", ".join(DECISION))] if missing else [])
    return [one for one in found if any(one[2][column] for column in DECISION[4:])]


def incomplete(file: Path, at: int, line: dict, known: dict[str, set], public: set[str]) -> list[Problem]:
    """What is wrong with one line by itself; `public` are the lists that may be named in the file of decisions that is published."""
    cell = lambda column: f"{chr(ord('A') + DECISION.index(column))}{at}"  # noqa: E731
    lacks = [column for column in DECISION if not line[column]]
    wrong = [problem("decision_incomplete", file, cell=f"A{at}", missing=", ".join(lacks))] if lacks else []
    if line["same"] and line["same"] not in ANSWERS:
        wrong.append(problem("decision_answer", file, cell=cell("same"), column="same"))
    if line["date"] and not is_day(line["date"]):
        wrong.append(problem("decision_date", file, cell=cell("date"), column="date"))
    for one, case in (("file_1", "case_1"), ("file_2", "case_2")):
        source = home() / "data" / "raw" / line[one]
        if line[one] and line[one] not in known and not source.is_file():
            wrong.append(problem("decision_file", file, cell=cell(one), column=one))
        elif line[one] in known and line[case] and line[case] not in known[line[one]]:
            wrong.append(problem("decision_case", file, cell=cell(case), column=case, list=line[one]))
        if Path(file).resolve().parent == (home() / "data" / "raw").resolve() and line[one] not in public:
            wrong.append(problem("decision_private", file, cell=cell(one), column=one))
    if line["file_1"] and (line["file_1"], line["case_1"]) == (line["file_2"], line["case_2"]):
        wrong.append(problem("decision_itself", file, cell=f"A{at}"))
    return wrong


def is_day(text: str) -> bool:
    """Whether a text is a day that exists, year first."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def contradictions(lines: list[tuple[Path, int, dict]]) -> list[Problem]:
    """The lines that say no of two cases which other lines make one event, even through a third case."""
    named = sorted({(line[f"file_{n}"], line[f"case_{n}"]) for _, _, line in lines for n in (1, 2)})
    cases = pd.DataFrame(named, columns=["file", "case_id"])
    event, _ = groups(cases, pd.DataFrame([line for *_, line in lines], columns=list(DECISION)))
    of = dict(zip(zip(cases.file, cases.case_id), event))
    ends = [(file, row, line["same"], *(of[line[f"file_{n}"], line[f"case_{n}"]] for n in (1, 2))) for file, row, line in lines]
    joining = {one: ", ".join(f"{file.name} line {row}" for file, row, same, a, _ in ends if same == "yes" and a == one)
               for *_, same, one, other in ends if same == "no" and one == other}
    return [problem("decision_contradicts", file, cell=f"A{row}", others=joining[a]) for file, row, same, a, b in ends
            if same == "no" and a == b]


def to_decide(found: Proposed) -> pd.DataFrame:
    """The proposals as lines of same_events.csv that wait for an answer; the last columns help to decide and are not read."""
    empty = {column: "" for column in DECISION[4:]}
    return found.pairs.assign(**empty)[[*DECISION, "strength", "reasons", "against"]]


# Events.


def unit_of(units) -> str:
    """What the events of several lists are: what the rows of all of them are; cases where some list cases and some incidents.

    Either is one documented event. Raises UsageError for rows that are no events.
    """
    units = sorted(set(units))
    if len(units) > 1 and not set(units) <= set(settings()["units"]):
        raise UsageError(f"The rows of these files are {' and '.join(units)}, which cannot be counted together.")
    return units[0] if len(units) == 1 else settings()["units"][0]


def events(lists: list[Listed], decided: pd.DataFrame, book: Codebook) -> Events:
    """The cases of all lists, those decided to be one event in one row: what any list knows is known.

    Masks are united, and a way of not knowing gives way to what another list knows. The date is the most precise one. Where lists
    contradict each other in what has one value, the event has none (a variable: unknown; a number: missing) and the contradiction is
    noted; where they contradict each other in the year, a problem refuses, because the year decides where the event is counted.
    """
    table = together(lists, book)
    several, counted = variables(table, book), numbers(table)
    table = table.assign(event=groups(table, decided)[0], cases=table.file + " " + table.case_id, lists=table.file)
    many = table.event.duplicated(keep=False)
    made, wrong = united(table[many], several, counted, book)
    masks_ = [column for variable in several for column in words(variable, len(book.of(variable)))]
    # Apart, for an empty table would turn masks into decimals, which are not exact.
    one = pd.concat([part for part in (table[~many], made) if len(part)] or [table]).sort_index()
    one = one.assign(case_id=one.file + ": " + one.case_id).astype(dict.fromkeys(masks_, np.uint64)).reset_index(drop=True)
    kept = one[["case_id", "sheet", "row", "lists", "cases", "year", "date", "date_precision", *masks_, *counted]]
    return Events(kept, sorted(each.name for each in lists), wrong)


def counted_elsewhere(lists: list[Listed], decided: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    """How many cases of each list are counted as an event of another one, or of an earlier row: file, sheet, what, rows."""
    table = together(lists, book)
    table = table.assign(event=groups(table, decided)[0])
    first = table.groupby("event").file.transform("first")
    again = table[table.event.duplicated()]
    what = np.where(again.file == first[again.index], TWICE, ELSEWHERE)
    return again.assign(what=what).groupby(["file", "sheet", "what"]).size().rename("rows").reset_index()


def united(rows: pd.DataFrame, several: list[str], counted: list[str], book: Codebook) -> tuple[pd.DataFrame, list[Problem]]:
    """The events of the rows of their cases, one row an event, and what its lists contradict each other in."""
    number, by = rows.groupby("event", sort=False).ngroup().to_numpy(), rows.groupby("event", sort=False)
    first, wrong = rows.drop_duplicates("event"), []
    first = first.assign(**{told: by[told].agg(lambda texts: TOGETHER.join(texts.unique())).to_numpy() for told in ("lists", "cases")})
    for variable in several:
        bits = one_mask(rows, number, variable, book)
        if book.variables.at[variable, "several"] == "no":
            many = np.bitwise_count(bits).sum(axis=1) > 1
            bits[many] = mask([kind_of(variable, "unknown", book)], book.of(variable))
            parts = [rows[number == at] for at in np.flatnonzero(many)]
            wrong += [differing(part, variable, every_label(part, variable, book)) for part in parts]
        first[words(variable, len(book.of(variable)))] = bits
    for column in counted:
        many = by[column].nunique().to_numpy() > 1
        first[column] = by[column].first().mask(many).astype("Int64").to_numpy()
        wrong += [differing(rows[number == at], column, rows[column][number == at].dropna().unique()) for at in np.flatnonzero(many)]
    return one_date(first, rows, number, wrong)


def differing(rows: pd.DataFrame, column: str, values, rule: str = "event_values_differ") -> Problem:
    """That the lists of one event, given by its rows, contradict each other in a column."""
    where = {"file": rows.file.iloc[0], "sheet": rows.sheet.iloc[0], "cell": f"A{rows.row.iloc[0]}"}
    return problem(rule, **where, column=column, values=" / ".join(map(str, values)), cases=TOGETHER.join(rows.cases))


def every_label(rows: pd.DataFrame, variable: str, book: Codebook) -> list[str]:
    """The labels that any of some cases has, each once."""
    return list(dict.fromkeys(itertools.chain(*said(rows, variable, book).values())))


def mask(codes: list[str], every: list[str]) -> np.ndarray:
    """Codes as bits."""
    return masks({"": codes}, pd.Series([""]), every)[0]


def any_of(masks_: np.ndarray, number: np.ndarray) -> np.ndarray:
    """The bits that any row of each event has, a row an event."""
    found = np.zeros((number.max(initial=-1) + 1, masks_.shape[1]), np.uint64)
    np.bitwise_or.at(found, number, masks_)
    return found


def one_mask(rows: pd.DataFrame, number: np.ndarray, variable: str, book: Codebook) -> np.ndarray:
    """The codes that any case of each event has; where none knows, the first way of not knowing, by overlap.yml, that one has."""
    every = book.of(variable)
    known, none = any_of(comparable(rows, variable, book), number), any_of(rows[words(variable, len(every))].to_numpy(np.uint64), number)
    none[known.any(axis=1)] = 0
    for kind in reversed(settings()["unknowns"]):
        codes = [code for code, its in book.unknown(variable).items() if its == kind]
        known[(none & mask(codes, every)).any(axis=1)] = mask([kind_of(variable, kind, book)], every)
    return known


def one_date(first: pd.DataFrame, rows: pd.DataFrame, number: np.ndarray, wrong: list[Problem]) -> tuple[pd.DataFrame, list[Problem]]:
    """The events with the most precise date of their cases, the earliest of several; and what dates contradict each other."""
    ordered = rows.assign(length=rows.date.str.len()).sort_values(["length", "date"], ascending=[False, True], kind="stable")
    dated, years = ordered.drop_duplicates("event").set_index("event").loc[first.event], rows.groupby("event", sort=False).year
    first = first.assign(date=dated.date.to_numpy(), date_precision=dated.date_precision.to_numpy(),
                         year=years.first().astype("Int64").to_numpy())
    other = [not kept.startswith(text) for kept, text in zip(first.date.to_numpy()[number], rows.date)]
    two_years = years.nunique().to_numpy() > 1
    for at in np.flatnonzero(two_years):
        wrong = [*wrong, differing(rows[number == at], "year", sorted(rows.year[number == at].dropna().unique()), "event_years_differ")]
    for at in sorted({*number[other]} - {*np.flatnonzero(two_years)}):
        texts = dict.fromkeys(text for text in rows.date[number == at] if text)
        wrong = [*wrong, differing(rows[number == at], "date", texts, "event_dates_differ")]
    return first, wrong


def overlap(found: Events) -> pd.DataFrame:
    """How many events stand in exactly which lists: a True or False column for each list, and `events`; zeros too. They add up to all.

    This is the table from which capture-recapture starts.
    """
    counted = found.cases.lists.value_counts()
    inside = [row for row in itertools.product((True, False), repeat=len(found.names)) if any(row)]
    inside = sorted(inside, key=sum)
    n = [int(counted.get(TOGETHER.join(itertools.compress(found.names, row)), 0)) for row in inside]
    return pd.DataFrame(inside, columns=found.names).assign(events=n)


def open_problems(found: Proposed) -> list[Problem]:
    """A note for each two lists that have proposals which nobody has decided: until then the events may be too many."""
    asked = found.pairs.groupby(["file_1", "file_2"]).strength.agg(n="size", strong=lambda of: int((of == "strong").sum())).reset_index()
    return [problem("undecided", row.file_1, other=row.file_2, n=row.n, strong=row.strong) for row in asked.itertuples()]


def write(found: Proposed, out: Path) -> None:
    """Write the proposals as a new file of decisions that wait for an answer; raises UsageError rather than overwrite one."""
    try:
        with open(out, "x", encoding="utf-8-sig", newline="") as file:  # the mark at its start is how Excel knows UTF-8
            to_decide(found).to_csv(file, index=False)
    except FileExistsError:
        raise UsageError(f"{out} is there already and may hold decisions. Name a new file, then copy the lines you need.") from None


def as_json(found: Proposed, made: Events, lang: str = "en") -> dict:
    """Events, overlap, proposals and problems under the names of the commands' JSON."""
    table = overlap(made)
    lists = [{"lists": list(itertools.compress(made.names, row[:-1])), "n": row[-1]} for row in table.itertuples(index=False, name=None)]
    problems = [*made.problems, *open_problems(found)]
    return {"unit": "events", "events": len(made.cases), "overlap": lists, "looked_at": found.looked_at.to_dict("records"),
            "proposals": found.pairs.to_dict("records"), "problems": [told(one, lang) for one in problems]}


def as_text(found: Proposed, made: Events, lang: str = "en") -> str:
    """The same in words: how many events stand where, what was compared, then each proposal with what speaks for and against it."""
    say = partial(phrase, "overlap", lang=lang)
    table = overlap(made).itertuples(index=False, name=None)
    counted = [f"{n:>7}  {say('in ' + standing(made.names, inside, say))}" for *inside, n in table]
    looked = [say(f"{row.file_1} with {'itself' if row.file_1 == row.file_2 else row.file_2}: {row.pairs} pairs, of which {row.near} "
                  f"can be of one place and date; {row.proposed} proposed") for row in found.looked_at.itertuples()]
    asked = [line for row in found.pairs.itertuples() for line in asking(row, say)]
    noted = [line_of(one, one.cell, lang) for one in [*made.problems, *open_problems(found)]]
    return "\n".join([say(f"{len(made.cases)} events"), *counted, *looked, *asked, *noted])


def standing(names: list[str], inside: list[bool], say) -> str:
    """The lists that hold an event, as words: `a and b`, or `a only` where there are others."""
    lists = f" {say('and')} ".join(itertools.compress(names, inside))
    return f"{lists} only" if sum(inside) == 1 < len(names) else lists


def asking(row, say) -> list[str]:
    """One proposal in two or three lines."""
    against = [f"    {say('against:')} {row.against}"] if row.against else []
    return [f"{say(row.strength)}: {row.file_1}, {row.case_1} = {row.file_2}, {row.case_2}?", f"    {say('for:')} {row.reasons}", *against]
