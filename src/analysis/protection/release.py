"""The release register: the exceptions that two people signed, each with its reason."""

import hashlib
from pathlib import Path

import pandas as pd

from analysis.codebook import Codebook, listed, load
from analysis.problems import UsageError
from analysis.sheets.dates import has_come
from analysis.source import path

COLUMNS = ["what", "sha256", "reason", "first", "second", "date"]
QUOTE = "quote:"  # before the name of a quote; whatever has none is the name of a table


def file_of(file: str) -> Path:
    """Where the release register of a source lies."""
    return path(file).with_name("release.csv")


def register(file: str) -> pd.DataFrame:
    """The rows of the release register of a source, in the columns COLUMNS; none where it has no register.

    Raises UsageError with every row that lacks its reason, a day that has come or one of two different names, and of a quote its
    fingerprint (policy P12, P13), and for other columns.
    """
    where = file_of(file)
    if not where.is_file():
        return pd.DataFrame(columns=COLUMNS, dtype=str)
    rows = listed(where)
    if list(rows.columns) != COLUMNS:
        raise UsageError(f"{where.name}: the columns must be {', '.join(COLUMNS)}.")
    rows = rows.map(str.strip)
    book = load()
    dated = rows.date.map(has_come).astype(bool)
    first, second = (rows[one].map(lambda name: person(name, book)) for one in ("first", "second"))
    named = (rows[["what", "reason", "first", "second"]] != "").all(axis=1) & (rows.what != QUOTE)
    text = rows.sha256.str.fullmatch("[0-9a-f]{64}") & rows.what.str.startswith(QUOTE)
    good = named & dated & (first != "") & (second != "") & (first != second) & (text | (rows.sha256 == "") & ~is_quote(rows))
    if not good.all():
        lines = ", ".join(str(at + 2) for at in rows.index[~good])
        raise UsageError(f"{where.name}, line {lines}: each row needs what is released, a reason, two different people and the day, "
                         "not in the future, as 2026-11-30; a quote also the 64 signs of sha256 that the notebook quote_desk "
                         "shows, and a table none.")
    return rows


def person(name: str, book: Codebook) -> str:
    """A name as it is compared: without dots and spaces, and with letters of another alphabet as those that they look like."""
    return "".join(filter(str.isalnum, book.skeleton(name)))


def is_quote(rows: pd.DataFrame) -> pd.Series:
    """Which rows of a register release a quote."""
    return rows.what.str.startswith(QUOTE)


def signed(file: str) -> set[str]:
    """The tables of a source whose small counts of acts two people released; raises UsageError as `register` does."""
    rows = register(file)
    return set(rows.what[~is_quote(rows)])


def approved(file: str) -> set[tuple[str, str]]:
    """(quote, fingerprint of its text) of the quotes from a source that two people released; raises UsageError as `register` does."""
    rows = register(file)
    quotes = rows[is_quote(rows)]
    return set(zip(quotes.what.str.removeprefix(QUOTE), quotes.sha256))


def fingerprint(text: str, said_by: str) -> str:
    """The SHA-256 of a quote and, in the next line, of how its speaker is called: one character more or less, and it is another."""
    return hashlib.sha256(f"{text}\n{said_by}".encode()).hexdigest()
