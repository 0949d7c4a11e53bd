"""A file of data/raw with its source record: whether it is what was received, its cases, and the part a report uses."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import deidentify, home, read, sha256, tidy
from analysis.codebook import LEVELS, RECORD, Codebook, source_record
from analysis.count import available, breakdown
from analysis.problems import DataError, Problem, problem, refuse

COUNTED = ("unit", "period")  # lines that the record of a table of cases needs besides those of every record


class Source(NamedTuple):
    """The part of one source that a report counts: `where` keeps its country and the years of its period."""

    file: str
    record: dict
    cases: Path
    where: dict[str, list[str]]
    place: str
    period: str


class Prepared(NamedTuple):
    """`rows`: file, rows_read, cases, joined, set_aside, which balance; `ledger`: file, sheet, what, rows (why each row is where it
    is); `dropped`: file, column, kind; `problems`: the notes, none of them refusing."""

    rows: pd.DataFrame
    ledger: pd.DataFrame
    dropped: pd.DataFrame
    problems: list[Problem]


def path(file: str) -> Path:
    """Where a source lies."""
    return home() / "data" / "raw" / file


def record(file: str) -> dict:
    """The source record of a file; raises DataError when it is missing or incomplete, or the file is not what was received."""
    refuse(record_problems(path(file)))
    return source_record(path(file))


def record_problems(file: Path) -> list[Problem]:
    """What is wrong with the source record of a file, or with the file against it."""
    found = source_record(file)
    if not file.is_file():
        return [problem("file_missing", file)]
    if not found:
        return [problem("record_missing", file, record=f"{file.name}.source.yml")]
    wrong = [line for line in RECORD if line not in found]
    wrong += ["level: public or level: confidential"] if found.get("level") not in LEVELS and "level" in found else []
    if wrong:
        return [problem("record_incomplete", file, missing=", ".join(wrong))]
    return [] if sha256(file) == found["sha256"] else [problem("file_changed", file)]


def named(files) -> list[str]:
    """The sources that a report names, each once: a report leaves empty what it has none of."""
    return list(dict.fromkeys(filter(None, files)))


def received(files) -> pd.DataFrame:
    """What was received: file, title, publisher, received, level, sha256 (its first 12 signs); each is the file of its record.

    Raises DataError with everything that is wrong with any of them.
    """
    files = named(files)
    refuse([one for file in files for one in record_problems(path(file))])
    records = [source_record(path(file)) for file in files]
    table = pd.DataFrame([{key: r[key] for key in ("title", "publisher", "received", "level", "sha256")} for r in records],
                         index=pd.Index(files, name="file"))
    return table.assign(received=table.received.astype(str), sha256=table.sha256.str[:12])


def limits(files) -> pd.DataFrame:
    """What the sources cannot say, as their records put it: columns file, cannot_say."""
    return pd.DataFrame([(file, said) for file in named(files) for said in record(file)["cannot_say"]], columns=["file", "cannot_say"])


def prepare(folder, files, book: Codebook) -> Prepared:
    """Start a report's folder anew: read, tidy and de-identify each source and keep its cases there, for `opened` to find.

    Raises DataError with the problems of all sources when any of them refuses.
    """
    folder, made, wrong = home() / folder, [], []
    shutil.rmtree(folder / "results", ignore_errors=True)
    for file in named(files):
        try:
            made.append(prepared(folder, file, book))
        except DataError as error:
            wrong += error.problems
    refuse(wrong)
    tables = [pd.concat([one[at] for one in made], ignore_index=True) for at in range(3)]
    return Prepared(*tables, [one for part in made for one in part.problems])


def prepared(folder: Path, file: str, book: Codebook) -> Prepared:
    """As `prepare`, for one source."""
    found = record(file)
    lacks = [line for line in COUNTED if line not in found]
    refuse([problem("record_incomplete", path(file), missing=", ".join(lacks))] if lacks else [])
    raw = read.raw(path(file), book, found.get("profile"))
    tidied = tidy.checked(raw, book, found)
    tidy.save(deidentify.cases(tidied.cases, raw.profile, book), cases_file(folder, file), book)
    ledger = pd.concat([tidied.ledger, pd.DataFrame(raw.unread, columns=["sheet", "rows", "what"])])
    parts = rows(raw, tidied), ledger[["sheet", "what", "rows"]], deidentify.dropped(raw.profile, book)
    return Prepared(*(part.assign(file=file)[["file", *part.columns]] for part in parts), tidied.problems)


def rows(raw: read.Raw, tidied: tidy.Tidied) -> pd.DataFrame:
    """One row: rows_read, cases, joined (further rows of a case) and set_aside of a source; raises AssertionError unless they balance."""
    kept = tidied.ledger.what.isin(["counted", tidy.FURTHER_ROW])
    joined = int(tidied.ledger.rows[tidied.ledger.what == tidy.FURTHER_ROW].sum())
    aside = int(tidied.ledger.rows[~kept].sum())
    if len(raw.table) != len(tidied.cases) + joined + aside:
        raise AssertionError(f"{raw.file.name}: {len(raw.table)} rows read, {len(tidied.cases)} cases, {joined} joined, {aside} set aside.")
    return pd.DataFrame({"rows_read": [len(raw.table)], "cases": [len(tidied.cases)], "joined": [joined], "set_aside": [aside]})


def cases_file(folder: Path, file: str) -> Path:
    """Where the cases of a source are kept in a report's folder."""
    return Path(folder) / "cases" / f"{file.replace('/', '.')}.parquet"


def opened(folder, file: str, book: Codebook, country: str = "", period: str = "") -> Source | None:
    """A prepared source, narrowed to a country (where it has several) and to the years of a period; None without a file."""
    if not file:
        return None
    cases, found = cases_file(home() / folder, file), record(file)
    tidy.load(cases, book)
    period = str(period or found["period"])
    where = {"country": [country]} if country and "country" in available(cases) else {}
    # The whole of a source is the whole of it: a date outside its period is noted by `prepare`, not left out here.
    where |= {"year": years_of(period)} if period != str(found["period"]) else {}
    return Source(file, found, cases, where, country or found.get("place", ""), period)


def years_of(period: str) -> list[str]:
    """Every year of a period such as 2016-2022."""
    first, last = tidy.span(period)
    return [str(year) for year in range(first, last + 1)]


def scope(sources: list[Source], book: Codebook) -> pd.DataFrame:
    """How many of the cases of each source the report counts, and how many belong to another country or year."""
    rows = []
    for one in filter(None, sources):
        all_of_it, counted = (int(breakdown(one.cases, book, [], where).n.iloc[0]) for where in (None, one.where))
        rows.append((one.file, one.record["unit"], all_of_it, counted, all_of_it - counted))
    return pd.DataFrame(rows, columns=["file", "unit", "cases", "in this report", "other country or year"])
