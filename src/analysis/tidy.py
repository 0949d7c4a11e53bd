"""Raw rows -> cases: typed, coded, corrected, without duplicates, with a ledger of rows that balances."""

import csv
import datetime
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.codebook import Codebook, fold
from analysis.problems import Problem, UsageError, problem, refuse, shape
from analysis.read import Raw

WORD = 64  # codes per mask column; a variable with more codes continues in `variable.1`, `variable.2`, ...
ROW_GROUP = 50_000  # rows that one core counts at a time
CORRECTION = ("cell", "was", "becomes", "reason", "by", "date")
MAY_BE_EMPTY = ("was", "becomes")  # a correction can fill an empty cell, or empty one
DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:T00:00:00)?)?)?", re.ASCII)


class Tidied(NamedTuple):
    """`cases`: one row a case, one unsigned mask (a bit per code) for each coded variable, plus `case_id`, `sheet`,
    `row`, `year`, `date`, `date_precision`, numbers and texts; `ledger`: sheet, what (counted, or why set aside), rows."""

    cases: pd.DataFrame
    ledger: pd.DataFrame
    problems: list[Problem]


def cases(raw: Raw, book: Codebook, record: dict | None = None) -> Tidied:
    """The cases of a raw table, with everything wrong in it; `record` is its source record.

    Raises nothing for bad data: `problems` holds it, and `refuse(problems)` stops where that must stop the work.
    """
    columns = book.profiles[raw.profile]["columns"]
    raw, wrong = corrected(raw)
    raw, aside, notes = set_aside(raw, book, columns)
    table = raw.table[["sheet", "row"]].copy()
    wrong = raw.problems + wrong + notes + ([] if len(table) else [problem("no_cases", raw.file)])
    for column, how in columns.items():
        made, found = READ_AS[how["kind"]](raw, column, how, book)
        table = table.join(made)
        wrong += found
    table, found = dated(table, raw, (record or {}).get("period"))
    wrong += found + repeated(raw, table, book.profiles[raw.profile])
    table.insert(0, "case_id", table.pop("case_id") if "case_id" in columns else named(table))
    counted = table.groupby("sheet", sort=False).size().rename("rows").reset_index().assign(what="counted")
    return Tidied(table, pd.concat([counted, aside])[["sheet", "what", "rows"]].reset_index(drop=True), wrong)


def checked(raw: Raw, book: Codebook, record: dict | None = None) -> Tidied:
    """As `cases`, but raises DataError with all problems when any of them refuses the file."""
    tidied = cases(raw, book, record)
    refuse(tidied.problems)
    return tidied


def corrected(raw: Raw) -> tuple[Raw, list[Problem]]:
    """The raw rows with the corrections written beside the file; one that no longer fits is a problem."""
    beside = Path(f"{raw.file}.corrections.csv")
    if not beside.exists():
        return raw, []
    try:
        with open(beside, encoding="utf-8-sig", newline="") as lines:
            corrections = list(csv.DictReader(lines, strict=True))
    except (UnicodeDecodeError, csv.Error):
        return raw, [problem("file_unreadable", beside, kind="a list of corrections", why="it is not CSV in UTF-8")]
    table = raw.table.copy()
    wrong = [found for one in corrections for found in correct(raw, table, one)]
    return Raw(raw.file, raw.profile, table, raw.letters, raw.unread, raw.problems), wrong


def correct(raw: Raw, table: pd.DataFrame, one: dict) -> list[Problem]:
    """Carry out one correction in `table`; returns what keeps it from being carried out."""
    lacks = [name for name in CORRECTION if one.get(name) is None or not (one[name].strip() or name in MAY_BE_EMPTY)]
    if None in one:  # where DictReader puts what is left over
        lacks.append("quotes around a value that holds a comma")
    if lacks:
        return [problem("correction_incomplete", raw.file, cell=one.get("cell") or "", missing=", ".join(lacks))]
    sheet, _, cell = (part.strip() for part in one["cell"].rpartition("!"))
    match = re.fullmatch(r"([A-Z]+)([0-9]{1,7})", cell)
    at = table.index[(table.row == int(match[2])) & (table.sheet == (sheet or table.sheet))] if match else []
    columns = {letters: c for (s, c), letters in raw.letters.items() if len(at) == 1 and s == table.at[at[0], "sheet"]}
    column = columns.get(match and match[1])
    if column not in table:
        return [problem("correction_lost", raw.file, sheet, cell)]
    if fold(plain(table.at[at[0], column])) != fold(one["was"]):
        return [problem("correction_stale", raw.file, table.at[at[0], "sheet"], cell, column)]
    table.at[at[0], column] = one["becomes"]
    return []


def set_aside(raw: Raw, book: Codebook, columns: dict) -> tuple[Raw, pd.DataFrame, list[Problem]]:
    """The rows that can be cases; how many were set aside by sheet and reason; and a note for each of them."""
    coded = [c for c, how in columns.items() if how["kind"] == "coded"]
    empty = (raw.table[coded].map(plain) == "").all(axis=1)
    repeats = raw.table.index.isin(header_rows(raw.table[[*coded, *(c for c in columns if c not in coded)]], book)) & ~empty
    why = pd.Series(np.select([repeats, empty], ["repeated_header", "no_content"], ""), raw.table.index)
    notes = [problem(rule, raw.file, raw.table.at[i, "sheet"], f"A{raw.table.at[i, 'row']}", columns=", ".join(coded))
             for i, rule in why[why != ""].items()]
    aside = raw.table.assign(what=why)[why != ""].groupby(["sheet", "what"], sort=False).size().rename("rows").reset_index()
    kept = raw.table[why == ""].reset_index(drop=True)
    return Raw(raw.file, raw.profile, kept, raw.letters, raw.unread, raw.problems), aside, notes


def header_rows(table: pd.DataFrame, book: Codebook) -> pd.Index:
    """The rows that hold headers in their own columns and nothing else: a label alone may be spelled as its header is."""
    for column in table:
        values = table[column].map(plain)
        same = [value for value in values.unique() if value == "" or book.headers.get(fold(value)) == column]
        table = table[values.isin(same)]
    return table.index


def plain(value) -> str:
    """A cell as the text a person sees: 2024.0 is 2024."""
    if isinstance(value, str):
        return value.strip()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def coded(raw: Raw, column: str, how: dict, book: Codebook) -> tuple[pd.DataFrame, list[Problem]]:
    """The masks of a coded column, and a problem for each cell that cannot be coded."""
    values = raw.table[column].map(plain)
    read = {value: codes_in(value, column, how.get("separator"), book) for value in values.unique()}
    single = book.variables.at[column, "several"] == "no"
    wrong = {value: rule for value, (codes, strange) in read.items() if (rule := fault(codes, strange, single, book.unknown(column)))}
    found = [cell_problem(raw, i, column, wrong[value], read[value], book)
             for i, value in values[values.isin(wrong)].items()]
    made = masks({value: codes for value, (codes, _) in read.items()}, values, book.of(column))
    return pd.DataFrame(made, columns=words(column, len(book.of(column)))), found


def codes_in(text: str, column: str, separator: str | None, book: Codebook) -> tuple[list[str], list[str]]:
    """The codes that a cell names, and the pieces of it that name none; a cell without any piece names `not_stated`."""
    named = pieces(text, separator, lambda words: book.code(column, words))
    if not named:
        return [code for code, kind in book.unknown(column).items() if kind == "not_stated"], []
    codes, strange = [], []
    for piece in named:
        code = book.code(column, piece)
        (strange if code is None else codes).append(piece if code is None else code)
    return codes, strange


def pieces(text: str, separator: str | None, known) -> list[str]:
    """The values of a cell, in order; a value that holds the separator itself stays whole when it is known whole."""
    parts = text.split(separator) if separator else [text]
    found = []
    while parts:
        longest = next((n for n in range(len(parts), 1, -1) if known(separator.join(parts[:n]))), 1)
        found.append((separator or "").join(parts[:longest]).strip())
        parts = parts[longest:]
    return [piece for piece in found if fold(piece)]


def fault(codes: list[str], strange: list[str], single: bool, unknown: dict) -> str | None:
    """The rule that a coded cell breaks, if any."""
    if strange:
        return "unknown_code"
    if single and len(set(codes)) > 1:
        return "several_values"
    kinds = {code in unknown for code in codes}
    return "contradictory_unknown" if len(kinds) > 1 else None


def cell_problem(raw: Raw, index, column: str, rule: str, read: tuple, book: Codebook) -> Problem:
    """The problem of one coded cell, offering the nearest labels of the codebook."""
    codes, strange = read
    near = book.nearest(column, strange[0]) if strange else ""
    sheet, cell = raw.cell(index, column)
    return problem(rule, raw.file, sheet, cell, column, value="; ".join(strange), nearest=near, count=len(set(codes)))


def words(variable: str, codes: int) -> list[str]:
    """The mask columns of a variable with this many codes."""
    return [variable, *(f"{variable}.{n}" for n in range(1, -(-codes // WORD)))]


def masks(read: dict[str, list[str]], values: pd.Series, codes: list[str]) -> np.ndarray:
    """Each value's codes as bits in codebook order, 64 to a column; shape (len(values), columns), unsigned."""
    order = {code: number for number, code in enumerate(codes)}
    width = len(words("", len(codes)))
    row_of = {value: number for number, value in enumerate(read)}
    bits = np.zeros((len(read), width), np.uint64)
    for value, found in read.items():
        for code in found:
            bits[row_of[value], order[code] // WORD] |= np.uint64(1 << (order[code] % WORD))
    return bits[values.map(row_of).to_numpy()] if len(values) else bits[:0]


def number(raw: Raw, column: str, how: dict, book: Codebook) -> tuple[pd.DataFrame, list[Problem]]:
    """Whole numbers; an empty cell is missing, anything else a problem."""
    text = raw.table[column].map(plain)
    good = text.str.fullmatch(r"[0-9]{1,9}").astype(bool)
    rule = {"number": "bad_number", "year": "bad_year"}[how["kind"]]
    if how["kind"] == "year":
        good &= text.str.fullmatch(r"(19|20)[0-9]{2}").astype(bool)
    wrong = [problem(rule, raw.file, *raw.cell(i, column), column, shape=shape(raw.table.at[i, column]))
             for i in text.index[~good & (text != "")]]
    return pd.to_numeric(text.where(good)).astype("Int64").to_frame(column), wrong


def date(raw: Raw, column: str, how: dict, book: Codebook) -> tuple[pd.DataFrame, list[Problem]]:
    """ISO dates with their precision (day, month, year, or none for an empty cell); columns `date`, `date_precision`."""
    text = raw.table[column].map(plain)
    read = {value: iso(value) for value in text.unique()}
    wrong = [problem("bad_date", raw.file, *raw.cell(i, column), column, shape=shape(raw.table.at[i, column]))
             for i in text.index[text.map(lambda value: read[value] is None)]]
    found = text.map(lambda value: read[value] or ("", "none"))
    return pd.DataFrame({column: found.str[0], f"{column}_precision": found.str[1]}, index=text.index), wrong


def iso(text: str) -> tuple[str, str] | None:
    """A date and its precision; None when the text is not a date that exists."""
    if text == "":
        return "", "none"
    match = DATE.fullmatch(text)
    if not match:
        return None
    year, month, day = match.group("year", "month", "day")
    try:
        datetime.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return text.partition("T")[0], "day" if day else "month" if month else "year"


def dated(table: pd.DataFrame, raw: Raw, period: str | None) -> tuple[pd.DataFrame, list[Problem]]:
    """The table with `year`, taken from the date where there is one; contradictions and years outside the period."""
    text = table.date.str[:4] if "date" in table else pd.Series("", table.index)
    from_date = pd.to_numeric(text, errors="coerce").astype("Int64")
    table = table.assign(year=table.year.fillna(from_date) if "year" in table else from_date)
    against = table.index[(from_date != table.year).fillna(False)]
    wrong = [problem("year_contradicts_date", raw.file, *raw.cell(i, "year"), "year") for i in against]
    if period:
        first, last = span(period)
        outside = table.index[((table.year < first) | (table.year > last)).fillna(False)]
        column = "date" if "date" in table else "year"
        wrong += [problem("outside_period", raw.file, *raw.cell(i, column), column, year=table.at[i, "year"], period=period)
                  for i in outside]
    return table, wrong


def span(period: str) -> tuple[int, int]:
    """First and last year of a period such as 2024 or 2016-2022; raises UsageError for anything else."""
    match = re.fullmatch(r"(\d{4})(?:\s*[-–]\s*(\d{4}))?", str(period))
    if not match or int(match[2] or match[1]) < int(match[1]):
        raise UsageError(f"'{period}' is not a period. Write one year, or the first and the last: 2016-2022.")
    return int(match[1]), int(match[2] or match[1])


def identifier(raw: Raw, column: str, how: dict, book: Codebook) -> tuple[pd.DataFrame, list[Problem]]:
    """Case codes as text; a missing or repeated one is a problem."""
    text = raw.table[column].map(plain)
    wrong = [problem("missing_id", raw.file, *raw.cell(i, column), column) for i in text.index[text == ""]]
    folded = text.map(fold)
    first = dict(zip(folded[::-1], folded.index[::-1]))
    wrong += [problem("duplicate_id", raw.file, *raw.cell(i, column), column, other=other_row(raw, first[folded[i]], i))
              for i in text.index[folded.duplicated() & (text != "")]]
    return text.to_frame("case_id"), wrong


def free_text(raw: Raw, column: str, how: dict, book: Codebook) -> tuple[pd.DataFrame, list[Problem]]:
    """Text as it stands: it is never counted, and `deidentify` drops it."""
    return raw.table[column].map(plain).to_frame(column), []


def repeated(raw: Raw, table: pd.DataFrame, profile: dict) -> list[Problem]:
    """Rows that say exactly the same, where the profile says that no two events do."""
    if profile["identical_rows"] == "count" or "case_id" in profile["columns"]:
        return []
    content = raw.table[[c for c in profile["columns"]]].map(plain).agg("\x1f".join, axis=1)
    first = dict(zip(content[::-1], content.index[::-1]))
    return [problem("identical_row", raw.file, raw.table.at[i, "sheet"], f"A{raw.table.at[i, 'row']}",
                    other=other_row(raw, first[content[i]], i))
            for i in table.index[content.duplicated()]]


def other_row(raw: Raw, other, index) -> str:
    """How the problem of one row names an earlier row: with its sheet where that is another one."""
    sheet, row = raw.table.at[other, "sheet"], raw.table.at[other, "row"]
    return str(row) if sheet == raw.table.at[index, "sheet"] else f"{row} of sheet {sheet}"


def named(table: pd.DataFrame) -> pd.Series:
    """Case codes for a source that has none: its sheet and row."""
    return table.sheet.where(table.sheet == "", table.sheet + ":") + "row " + table.row.astype(str)


READ_AS = {"coded": coded, "number": number, "year": number, "date": date, "id": identifier, "text": free_text, "personal": free_text}


def save(cases: pd.DataFrame, file: Path, book: Codebook) -> None:
    """Write cases to Parquet, with the codes that the bits of their masks stand for."""
    kept = cases.copy()
    kept.attrs = {"codes": {v: book.of(v) for v in book.variables.index if v in cases}}
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    kept.to_parquet(file, index=False, row_group_size=ROW_GROUP)


def load(file: Path, book: Codebook) -> pd.DataFrame:
    """Cases from Parquet; raises UsageError when the codebook has changed since they were written."""
    cases = pd.read_parquet(file)
    for variable, codes in cases.attrs["codes"].items():
        if codes != book.of(variable):
            raise UsageError(f"The codes of '{variable}' changed since {Path(file).name} was made. Run the report again.")
    return cases
