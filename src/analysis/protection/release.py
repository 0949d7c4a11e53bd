"""The release register: the exceptions that two people signed, each with its reason."""

from pathlib import Path

import pandas as pd

from analysis.problems import UsageError
from analysis.source import path

COLUMNS = ["table", "reason", "first", "second", "date"]


def file_of(file: str) -> Path:
    """Where the release register of a source lies."""
    return path(file).with_name("release.csv")


def signed(file: str) -> set[str]:
    """The tables of a source whose small counts of acts two people released (policy P3, P13).

    Raises UsageError with every row that lacks its reason, its date or one of two different names, and for other columns.
    """
    where = file_of(file)
    if not where.is_file():
        return set()
    rows = pd.read_csv(where, dtype=str, keep_default_na=False)
    if list(rows.columns) != COLUMNS:
        raise UsageError(f"{where.name}: the columns must be {', '.join(COLUMNS)}.")
    rows = rows.map(str.strip)
    dated = pd.to_datetime(rows.date, errors="coerce", format="%Y-%m-%d").notna()
    good = (rows != "").all(axis=1) & dated & (rows["first"].str.casefold() != rows["second"].str.casefold())
    if not good.all():
        lines = ", ".join(str(at + 2) for at in rows.index[~good])
        raise UsageError(f"{where.name}, line {lines}: each row needs the table, a reason, two different people and the day as 2026-11-30.")
    return set(rows.table)
