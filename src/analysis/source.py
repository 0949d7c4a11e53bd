"""A source: a file of data/raw with its record, or several lists put together; whether it is what was received, and its cases."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import deidentify, home, private, read, sha256, tidy
from analysis.codebook import LEVELS, RECORD, Codebook, source_record
from analysis.count import available, breakdown
from analysis.events import alike, overlap
from analysis.parameters import TOGETHER
from analysis.problems import DataError, Problem, problem, refuse
from analysis.protection import policy
from analysis.sheets import keys

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
    """`rows`: file, rows_read, cases, joined, set_aside, which balance; where a report puts lists together also `elsewhere`, the cases
    counted as an event of another list or row; `ledger`: file, sheet, what, rows (why each row is where it is); `dropped`: file,
    column, kind; `problems`: the notes, none of them refusing."""

    rows: pd.DataFrame
    ledger: pd.DataFrame
    dropped: pd.DataFrame
    problems: list[Problem]


def path(file: str) -> Path:
    """Where a file lies."""
    return home() / "data" / "raw" / file


def parts(source: str | list[str]) -> list[str]:
    """The files of a source: itself, or those of several lists, which a report gives as a list and a result names in one text."""
    return source.split(alike.TOGETHER) if isinstance(source, str) else list(source)


def record(source: str | list[str]) -> dict:
    """The record of a source; raises DataError when one is missing or incomplete, or a file is not what was received.

    That of several lists says what is said of any of them: each citation, note and reservation, all years, the most protected
    level; the place where it is that of all; `lists` holds the record of each.
    """
    files = parts(source)
    refuse([one for file in files for one in record_problems(path(file))])
    records = {file: source_record(path(file)) for file in files}
    return records[files[0]] if len(files) == 1 else pooled_record(records)


def pooled_record(records: dict[str, dict]) -> dict:
    """As `record`, from the records of several lists."""
    every = list(records.values())
    said = lambda line, between: between.join(dict.fromkeys(str(one[line]) for one in every if one.get(line)))  # noqa: E731
    years = [year for one in every if one.get("period") for year in tidy.span(one["period"])]
    levels = [one["level"] for one in every if one["level"] != "public"]
    places = {one.get("place", "") for one in every}
    return {**{line: said(line, "; ") for line in ("title", "publisher", "page", "licence", "sha256", "cite", "note", "coded_note")},
            **{line: said(line, ", ") for line in ("documented_by",)},
            "received": max(one["received"] for one in every), "level": levels[0] if levels else "public",
            "cannot_say": list(dict.fromkeys(said for one in every for said in one["cannot_say"])),
            "coded": list(dict.fromkeys(variable for one in every for variable in one.get("coded", []))),
            **({"unit": overlap.unit_of(one["unit"] for one in every if "unit" in one)} if any("unit" in one for one in every) else {}),
            **({"period": "-".join(dict.fromkeys([str(min(years)), str(max(years))]))} if years else {}),
            **({"place": places.pop()} if len(places) == 1 and places != {""} else {}), "lists": records}


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
    return ([] if sha256(file) == found["sha256"] else [problem("file_changed", file)]) + repeats_problems(file, found.get("repeats") or {})


def repeats_problems(file: Path, known: dict[str, str]) -> list[Problem]:
    """What is wrong with the files of repeats beside an export, against the fingerprints that its record has of them."""
    if not Path(f"{file}.form.xlsx").exists():
        return []
    have = {one.name: sha256(one) for one in read.repeats_beside(file)}
    wrong = [problem("repeat_not_recorded", file, name=name) for name in have if name not in known]
    wrong += [problem("file_missing", file.with_name(name)) for name in known if name not in have]
    return wrong + [problem("file_changed", file.with_name(name)) for name in have if have[name] != known.get(name, have[name])]


def named(files) -> list[str]:
    """The files that a report names, each once: a report leaves empty what it has none of."""
    return list(dict.fromkeys(file for source in filter(None, files) for file in parts(source)))


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

    Lists that a report puts together are kept as events too, each once. Raises DataError with the problems of all sources when
    any of them refuses.
    """
    folder, made, wrong = home() / folder, [], []
    private(home() / "data" / "processed")
    shutil.rmtree(folder / "results", ignore_errors=True)
    for file in named(files):
        try:
            made.append(prepared(folder, file, book))
        except DataError as error:
            wrong += error.problems
    refuse(wrong)
    tables = [pd.concat([one[at] for one in made], ignore_index=True) for at in range(3)]
    whole = Prepared(*tables, [one for part in made for one in part.problems])
    for source in dict.fromkeys(tuple(parts(source)) for source in filter(None, files)):
        whole = pooled(folder, source, book, whole) if len(source) > 1 else whole
    return whole


def prepared(folder: Path, file: str, book: Codebook) -> Prepared:
    """As `prepare`, for one source."""
    found = record(file)
    lacks = [line for line in COUNTED if line not in found]
    refuse([problem("record_incomplete", path(file), missing=", ".join(lacks))] if lacks else [])
    raw = read.raw(path(file), book)
    tidied = told_safely(tidy.cases(raw, book, found), found)
    refuse(tidied.problems)
    cases, units = kept(deidentify.cases(tidied.cases, raw.profile, book), tidied.units, file, found, book)
    tidy.save(cases, cases_file(folder, file), book)
    keep_units(units, cases_file(folder, file), book)
    ledger = pd.concat([tidied.ledger, pd.DataFrame(raw.unread, columns=["sheet", "rows", "what"])])
    parts = rows(raw, tidied), ledger[["sheet", "what", "rows"]], deidentify.dropped(raw, tidied.identifiers, book)
    return Prepared(*(part.assign(file=file)[["file", *part.columns]] for part in parts), tidied.problems)


def told_safely(tidied: tidy.Tidied, found: dict) -> tidy.Tidied:
    """As it was tidied; problems of a confidential source without what a cell holds, for notebooks and logs print them."""
    return tidied if found["level"] == "public" else tidied._replace(problems=deidentify.without_values(tidied.problems))


def kept(cases: pd.DataFrame, units: dict[str, pd.DataFrame], file: str, found: dict, book: Codebook) -> tuple[pd.DataFrame, dict]:
    """Cases and units as they are kept for counting; those of a confidential source under random codes and coarsened (policy P2, P6)."""
    if found["level"] == "public":
        return cases, units
    small = deidentify.small_places(cases, book, policy.numbers(book.folder)["place_from"])
    known = keys.renewed(cases, path(file))
    safe = lambda table: keys.renamed(deidentify.coarsened(table, book, small), known)  # noqa: E731
    return safe(cases), {unit: safe(table) for unit, table in units.items()}


def exact(folder: Path, file: str, book: Codebook) -> pd.DataFrame:
    """The cases of a source as lists are compared: of a confidential one those of its file, with its own codes and exact dates."""
    found = source_record(path(file))
    if found["level"] == "public":
        return tidy.load(cases_file(folder, file), book)
    raw = read.raw(path(file), book)
    return deidentify.cases(tidy.cases(raw, book, found).cases, raw.profile, book)


def pooled(folder: Path, files: tuple[str, ...], book: Codebook, prepared: Prepared) -> Prepared:
    """The sources as prepared, after putting these lists together: their events are kept, and pairs that nobody has decided.

    An event is counted in the first of its lists by name, and its other rows are moved in the ledger of rows to what they are.
    Raises DataError for decisions or lists that contradict each other.
    """
    lists = [alike.Listed(overlap.name(path(file)), exact(folder, file, book), source_record(path(file))) for file in files]
    overlap.unit_of(one.record["unit"] for one in lists)
    decided = overlap.decisions(overlap.decision_files([path(file) for file in files]), lists)
    asked, made = alike.proposals(lists, book, decided), overlap.events(lists, decided, book)
    public = record(list(files))["level"] == "public"
    told = made.problems if public else deidentify.without_values(made.problems)
    refuse(told)
    tidy.save(events_kept(made.cases, files, book), cases_file(folder, files), book)
    asked.pairs[list(asked.pairs) if public else ["strength"]].to_parquet(undecided_file(folder, files), index=False)
    moved, noted = overlap.counted_elsewhere(lists, decided, book), [*told, *overlap.open_problems(asked)]
    rows, ledger = without(prepared.rows, moved), relisted(prepared.ledger, moved)
    return prepared._replace(rows=rows, ledger=ledger, problems=prepared.problems + noted)


def events_kept(events: pd.DataFrame, files: tuple[str, ...], book: Codebook) -> pd.DataFrame:
    """Events as they are kept for counting: where any list is confidential, under random codes and coarsened.

    An event has the random code of its case in the first of its lists, or its own where that list is public.
    """
    if record(list(files))["level"] == "public":
        return events
    known = [keys.key(path(file)).assign(code=lambda key, file=file: overlap.name(path(file)) + ": " + key.code) for file in files]
    codes = dict(pd.concat(known)[["code", "case_id"]].itertuples(index=False))
    small = deidentify.small_places(events, book, policy.numbers(book.folder)["place_from"])
    made = deidentify.coarsened(events, book, small).drop(columns=["cases", "sheet", "row"])
    return made.assign(case_id=made.case_id.map(lambda code: codes.get(code, code))).sort_values("case_id", ignore_index=True)


def without(rows: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """The balance of rows with `elsewhere`, the cases that are counted as an event of another list or row."""
    gone = moved.groupby("file").rows.sum().reindex(rows.file, fill_value=0).to_numpy()
    found = rows.assign(elsewhere=rows.get("elsewhere", 0) + gone, cases=rows.cases - gone)
    if (found.rows_read != found[["cases", "joined", "set_aside", "elsewhere"]].sum(axis=1)).any():
        raise AssertionError(f"The rows of {', '.join(found.file)} do not balance after their lists were put together.")
    return found


def relisted(ledger: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """The ledger of rows with the rows that are counted elsewhere taken from the counted ones, and listed with why."""
    gone = moved.groupby(["file", "sheet"]).rows.sum()
    counted = ledger.what == "counted"
    at = pd.MultiIndex.from_frame(ledger[["file", "sheet"]])
    left = ledger.assign(rows=ledger.rows - gone.reindex(at, fill_value=0).to_numpy() * counted)
    every = pd.concat([left, moved[["file", "sheet", "what", "rows"]]], ignore_index=True)
    place = every.file.map({file: at for at, file in enumerate(dict.fromkeys(ledger.file))})
    return every.loc[place.sort_values(kind="stable").index].reset_index(drop=True)


def rows(raw: read.Raw, tidied: tidy.Tidied) -> pd.DataFrame:
    """One row: rows_read, cases, joined (further rows of a case) and set_aside of a source; raises AssertionError unless they balance."""
    kept = tidied.ledger.what.isin(["counted", tidy.FURTHER_ROW])
    joined = int(tidied.ledger.rows[tidied.ledger.what == tidy.FURTHER_ROW].sum())
    aside = int(tidied.ledger.rows[~kept].sum())
    if len(raw.table) != len(tidied.cases) + joined + aside:
        raise AssertionError(f"{raw.file.name}: {len(raw.table)} rows read, {len(tidied.cases)} cases, {joined} joined, {aside} set aside.")
    return pd.DataFrame({"rows_read": [len(raw.table)], "cases": [len(tidied.cases)], "joined": [joined], "set_aside": [aside]})


def cases_file(folder: Path, source: str | list[str]) -> Path:
    """Where the cases of a source are kept in a report's folder."""
    return Path(folder) / "cases" / f"{'+'.join(parts(source)).replace('/', '.')}.parquet"


def keep_units(tables: dict[str, pd.DataFrame], cases: Path, book: Codebook) -> None:
    """Write the tables of units beside the cases, and remove those of an earlier edition that the source no longer has."""
    for unit in {unit for profile in book.profiles.values() for unit in profile.get("linked", {})}:
        if unit in tables:
            tidy.save(tables[unit], unit_file(cases, unit), book)
        else:
            unit_file(cases, unit).unlink(missing_ok=True)


def unit_file(cases: Path, unit: str) -> Path:
    """Where the table of a unit is kept, beside the file of cases."""
    return Path(cases).with_suffix(f".{unit}.parquet")


def counted_in(cases: Path, unit: str) -> Path:
    """The file in which a unit is counted: the table of the unit where linked sheets list it, otherwise the cases."""
    file = unit_file(cases, unit)
    return file if file.exists() else Path(cases)


def undecided_file(folder: Path, source: str | list[str]) -> Path:
    """Where the pairs of several lists that nobody has decided are kept."""
    return cases_file(folder, source).with_suffix(".undecided.parquet")


def opened(folder, file: str | list[str], book: Codebook, country: str = "", period: str = "") -> Source | None:
    """A prepared source, narrowed to a country (where it has several) and to the years of a period.

    None without a file, and for several countries: their cases are never put together, see `across`.
    """
    if not file or TOGETHER in country:
        return None
    file = alike.TOGETHER.join(parts(file))
    cases, found = cases_file(home() / folder, file), record(file)
    tidy.load(cases, book)
    period = str(period or found["period"])
    where = {"country": [country]} if country and "country" in available(cases) else {}
    # The whole of a source is the whole of it: a date outside its period is noted by `prepare`, not left out here.
    where |= {"year": years_of(period)} if period != str(found["period"]) else {}
    return Source(file, found, cases, where, country or found.get("place", ""), period)


def across(folder, file: str, book: Codebook, country: str, period: str = "") -> Source | None:
    """As `opened`, for several countries (codes joined by +) that are set side by side; None for one country."""
    if TOGETHER not in country or (whole := opened(folder, file, book, period=period)) is None:
        return None
    return whole._replace(where={"country": country.split(TOGETHER)} | whole.where, place=country)


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
