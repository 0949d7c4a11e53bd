"""One event in several lists: what a person decided about pairs that may be one, and each event counted once."""

import csv
import datetime
import itertools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import home
from analysis.alike import PAIR, TOGETHER, Listed, Proposed, comparable, groups, kind_of, numbers, said, settings, together, variables
from analysis.cells import masks, words
from analysis.codebook import Codebook, source_record
from analysis.count import indicators
from analysis.problems import Problem, problem, refuse
from analysis.problems import as_json as told

DECISION = (*PAIR, "same", "reason", "by", "date")
ANSWERS = ("yes", "no", "unsure")


class Events(NamedTuple):
    """`cases`: one row an event, with the columns of cases that are counted (masks, numbers, year, date, date_precision), `case_id`,
    `lists` (the lists it stands in) and `cases` (the cases it was put together from); `names`: every list; `problems`."""

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
    wrong = [found for file, at, line in lines for found in incomplete(file, at, line, known)]
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


def incomplete(file: Path, at: int, line: dict, known: dict[str, set]) -> list[Problem]:
    """What is wrong with one line by itself."""
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
        if Path(file).resolve().parent == (home() / "data" / "raw").resolve() and source_record(source).get("level") != "public":
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
    made = [united(rows, several, counted, book) for _, rows in table[many].groupby("event")]
    one = pd.concat([table[~many], *[row for row, _ in made]]).sort_index()
    masks_ = [column for variable in several for column in words(variable, len(book.of(variable)))]
    one = one.assign(case_id=one.file + ": " + one.case_id).astype(dict.fromkeys(masks_, np.uint64)).reset_index(drop=True)
    kept = one[["case_id", "lists", "cases", "year", "date", "date_precision", *masks_, *counted]]
    return Events(kept, sorted(each.name for each in lists), [wrong for _, found in made for wrong in found])


def united(rows: pd.DataFrame, several: list[str], counted: list[str], book: Codebook) -> tuple[pd.DataFrame, list[Problem]]:
    """One event of the rows of its cases, as a table of one row, and what they contradict each other in."""
    first, wrong = rows.head(1).copy(), []
    where = {"file": first.file.iloc[0], "sheet": first.sheet.iloc[0], "cell": f"A{first.row.iloc[0]}", "cases": TOGETHER.join(rows.cases)}
    first["lists"], first["cases"] = TOGETHER.join(rows.lists.unique()), TOGETHER.join(rows.cases)
    for variable in several:
        bits = one_mask(rows, variable, book)
        if book.variables.at[variable, "several"] == "no" and len(values := every_label(rows, variable, book)) > 1:
            wrong.append(problem("event_values_differ", column=variable, values=" / ".join(values), **where))
            bits = masks({"": [kind_of(variable, "unknown", book)]}, pd.Series([""]), book.of(variable))[0]
        first[words(variable, len(book.of(variable)))] = bits
    for number in counted:
        values = rows[number].dropna().unique()
        first[number] = pd.array([values[0] if len(values) == 1 else pd.NA], "Int64")
        if len(values) > 1:
            wrong.append(problem("event_values_differ", column=number, values=" / ".join(map(str, values)), **where))
    return one_date(first, rows, wrong, where)


def every_label(rows: pd.DataFrame, variable: str, book: Codebook) -> list[str]:
    """The labels that any of some cases has, each once."""
    return list(dict.fromkeys(itertools.chain(*said(rows, variable, book).values())))


def one_mask(rows: pd.DataFrame, variable: str, book: Codebook) -> np.ndarray:
    """The codes that any of the cases has; where none knows, the first way of not knowing, in the order of overlap.yml, that one has."""
    known = np.bitwise_or.reduce(comparable(rows, variable, book), axis=0)
    if known.any():
        return known
    every = book.of(variable)
    kinds = {book.unknown(variable)[c] for c in itertools.compress(every, indicators(rows, variable, every).any(axis=0))}
    kind = next(kind for kind in settings()["unknowns"] if kind in kinds)
    return masks({"": [kind_of(variable, kind, book)]}, pd.Series([""]), every)[0]


def one_date(first: pd.DataFrame, rows: pd.DataFrame, wrong: list[Problem], where: dict) -> tuple[pd.DataFrame, list[Problem]]:
    """The event with the most precise date of its cases, the earliest of several; and the problems of dates that contradict each other."""
    dated = rows.assign(length=rows.date.str.len()).sort_values(["length", "date"], ascending=[False, True], kind="stable").head(1)
    years = rows.year.dropna().unique()
    first = first.assign(date=dated.date.to_numpy(), date_precision=dated.date_precision.to_numpy(),
                         year=pd.array([years[0] if len(years) else pd.NA], "Int64"))
    texts = list(dict.fromkeys(rows.date[rows.date != ""]))
    if len(years) > 1:
        wrong = [*wrong, problem("event_years_differ", column="year", values=" / ".join(map(str, sorted(years))), **where)]
    elif not all(dated.date.iloc[0].startswith(text) for text in texts):
        wrong = [*wrong, problem("event_dates_differ", column="date", values=" / ".join(texts), **where)]
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


def as_json(found: Proposed, made: Events) -> dict:
    """Events, overlap, proposals and problems under the names of the commands' JSON."""
    table = overlap(made)
    lists = [{"lists": list(itertools.compress(made.names, row[:-1])), "n": row[-1]} for row in table.itertuples(index=False, name=None)]
    problems = [*made.problems, *open_problems(found)]
    return {"unit": "events", "events": len(made.cases), "overlap": lists, "looked_at": found.looked_at.to_dict("records"),
            "proposals": found.pairs.to_dict("records"), "problems": [told(one) for one in problems]}


def as_text(found: Proposed, made: Events) -> str:
    """The same in words: how many events stand where, what was compared, then each proposal with what speaks for and against it."""
    table = overlap(made)
    where = [" and ".join(itertools.compress(made.names, row[:-1])) + (" only" if sum(row[:-1]) == 1 < len(made.names) else "")
             for row in table.itertuples(index=False, name=None)]
    counted = [f"{n:>7}  in {lists}" for n, lists in zip(table.events, where)]
    looked = [f"{row.file_1} with {'itself' if row.file_1 == row.file_2 else row.file_2}: {row.pairs} pairs, of which {row.near} can be of "
              f"one place and date; {row.proposed} proposed" for row in found.looked_at.itertuples()]
    asked = [line for row in found.pairs.itertuples() for line in asking(row)]
    return "\n".join([f"{len(made.cases)} events", *counted, *looked, *asked, *map(str, [*made.problems, *open_problems(found)])])


def asking(row) -> list[str]:
    """One proposal in two or three lines."""
    against = [f"    against: {row.against}"] if row.against else []
    return [f"{row.strength}: {row.file_1}, {row.case_1} = {row.file_2}, {row.case_2}?", f"    for: {row.reasons}", *against]
