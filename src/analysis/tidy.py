"""Raw rows -> cases: typed, coded, corrected, without duplicates, with a ledger of rows that balances."""

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.problems import Problem, UsageError, problem, refuse
from analysis.read import Raw
from analysis.sheets import units
from analysis.sheets.aside import set_aside
from analysis.sheets.cells import READ_AS, kinds_of
from analysis.sheets.corrections import corrected
from analysis.sheets.identifiers import taken_out
from analysis.sheets.join import case_of, linked, same_codes, together
from analysis.sheets.twice import repeated

ROW_GROUP = 50_000  # rows that one core counts at a time
FURTHER_ROW, NOT_LOOKED_AT = "further row of a case", "not looked at"
LONG, TRIED = 5_000, 500  # rows of which a sheet is looked at whole, whatever it holds; and how many of a longer one are tried before that


class Tidied(NamedTuple):
    """`cases`: one row a case, one unsigned mask (a bit per code) for each coded variable, plus `case_id`, `sheet`,
    `row`, `year`, `date`, `date_precision`, numbers and texts; `ledger`: sheet, what (counted, or why set aside), rows; `units`:
    the rows of linked sheets as tables of acts, victims and perpetrators, by unit, see units.tables; `identifiers`: column, kind,
    cells, what says who somebody is by its look, see identifiers.taken_out."""

    cases: pd.DataFrame
    ledger: pd.DataFrame
    problems: list[Problem]
    units: dict[str, pd.DataFrame] = {}
    identifiers: pd.DataFrame | None = None


def cases(raw: Raw, book: Codebook, record: dict | None = None) -> Tidied:
    """The cases of a raw table, with everything wrong in it; `record` is its source record, with the answers of whoever knows.

    Raises nothing for bad data: `problems` holds it, and `refuse(problems)` stops where that must stop the work.
    """
    profile = book.profiles[raw.profile]
    answers = (record or {}).get("answers") or {}
    raw, wrong = corrected(raw, book, (record or {}).get("corrections_from"))
    raw, left, hopeless = shortened(raw, book, answers)
    raw, aside, notes = set_aside(raw, book, profile["columns"], answers)
    raw, lost = linked(raw, profile)
    raw, identifiers, personal = taken_out(raw, book)
    wrong = raw.problems + wrong + hopeless + notes + lost + personal + ([] if len(raw.table) else [problem("no_cases", raw.file)])
    case = case_of(raw, profile)
    table = raw.table[["sheet", "row"]].copy()
    for made, found in as_read(raw, book, answers):
        table, wrong = table.join(made), wrong + found
    table, found = dated(table, raw, (record or {}).get("period"))
    wrong += found + repeated(raw, table, case, profile) + same_codes(raw, case, book)
    table.insert(0, "case_id", table.pop("case_id") if "case_id" in profile["columns"] else named(table))
    rows = table
    table, found = together(raw, rows, case, profile, book)
    parts, found = units.tables(raw, rows, table, case, profile, book), found + units.several_cases(raw, case, profile)
    counted = raw.table.assign(what=np.where(case == case.index, "counted", FURTHER_ROW)).groupby(["sheet", "what"], sort=False)
    ledger = pd.concat([counted.size().rename("rows").reset_index(), aside, left])[["sheet", "what", "rows"]].reset_index(drop=True)
    return Tidied(table, ledger, wrong + found, parts, identifiers)


def as_read(raw: Raw, book: Codebook, answers: dict):
    """For each column of the profile what its cells say, as columns of cases, and the problems of those that cannot be read."""
    profile = book.profiles[raw.profile]
    for column, how in profile["columns"].items():
        how = how | ({"order": answers["dates"]} if how["kind"] == "date" and "dates" in answers else {})
        yield READ_AS[how["kind"]](raw, column, how, book, kinds_of(profile, answers, book))


def shortened(raw: Raw, book: Codebook, answers: dict) -> tuple[Raw, pd.DataFrame, list[Problem]]:
    """The first rows of a long table of which more than half cannot be read, so that a file with nothing right in it is refused in
    seconds; of the others sheet, what, rows; and a problem that says so. Any other table as it is."""
    tried = replace(raw, table=raw.table.iloc[::max(1, len(raw.table) // TRIED)]) if len(raw.table) > LONG else None
    wrong = {(one.sheet, re.sub(r"\D", "", one.cell)) for _, found in as_read(tried, book, answers) for one in found
             if one.severity == "refuse"} if tried else ()
    if not tried or len(wrong) <= len(tried.table) / 2:
        return raw, pd.DataFrame(columns=["sheet", "what", "rows"]), []
    left = raw.table.iloc[LONG:]
    told = problem("not_looked_at", raw.file, *raw.place(left.index[0]), count=len(left), looked=LONG)
    return replace(raw, table=raw.table.head(LONG)), left.assign(what=NOT_LOOKED_AT).groupby(["sheet", "what"], sort=False).size().rename(
        "rows").reset_index(), [told]


def checked(raw: Raw, book: Codebook, record: dict | None = None) -> Tidied:
    """As `cases`, but raises DataError with all problems when any of them refuses the file."""
    tidied = cases(raw, book, record)
    refuse(tidied.problems)
    return tidied


def dated(table: pd.DataFrame, raw: Raw, period: str | None) -> tuple[pd.DataFrame, list[Problem]]:
    """The table with `year`, taken from the date where there is one; contradictions and years outside the period."""
    text = table.date.str[:4] if "date" in table else pd.Series("", table.index)
    from_date = pd.to_numeric(text, errors="coerce").astype("Int64")
    table = table.assign(year=table.year.fillna(from_date) if "year" in table else from_date)
    against = table.index[(from_date != table.year).fillna(False)]
    wrong = raw.told("year_contradicts_date", against, "year")
    if period:
        first, last = span(period)
        outside = table.index[((table.year < first) | (table.year > last)).fillna(False)]
        column = "date" if "date" in table else "year"
        wrong += raw.told("outside_period", outside, column, lambda i: {"year": table.at[i, "year"], "period": period})
    return table, wrong


def span(period: str) -> tuple[int, int]:
    """First and last year of a period such as 2024 or 2016-2022; raises UsageError for anything else."""
    match = re.fullmatch(r"(\d{4})(?:\s*[-–]\s*(\d{4}))?", str(period))
    if not match or int(match[2] or match[1]) < int(match[1]):
        raise UsageError(f"'{period}' is not a period. Write one year, or the first and the last: 2016-2022.")
    return int(match[1]), int(match[2] or match[1])


def named(table: pd.DataFrame) -> pd.Series:
    """Case codes for a source that has none: its sheet and row."""
    sheet = table.sheet.astype(str)  # of no rows at all, pandas makes numbers
    return sheet.where(sheet == "", sheet + ":") + "row " + table.row.astype(str)


def save(cases: pd.DataFrame, file: Path, book: Codebook) -> None:
    """Write cases to Parquet, with the codes that the bits of their masks stand for."""
    kept = cases.copy()
    kept.attrs = cases.attrs | {"codes": {v: book.of(v) for v in book.variables.index if v in cases}}
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    kept.to_parquet(file, index=False, row_group_size=ROW_GROUP)


def load(file: Path, book: Codebook) -> pd.DataFrame:
    """Cases from Parquet; raises UsageError when the codebook has changed since they were written."""
    cases = pd.read_parquet(file)
    for variable, codes in cases.attrs["codes"].items():
        if codes != book.of(variable):
            raise UsageError(f"The codes of '{variable}' changed since {Path(file).name} was made. Run the report again.")
    return cases
