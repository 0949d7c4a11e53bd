"""How much was documented: by how many people, through which channels and in which months of each year, from effort.csv."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.codebook import Codebook, listed
from analysis.problems import UsageError

COLUMNS = ("who", "country", "year", "documenters", "partners", "channels", "months", "note", "source")
KNOWN = ("documenters", "partners", "channels", "months")


def recorded(book: Codebook) -> pd.DataFrame:
    """The rows of effort.csv, one for each organisation (or file below data/raw), country and year.

    `documenters` and `partners` are numbers, missing where they are not recorded; `channels` and `months` (1 to 12) are tuples, empty
    where they are not. Raises UsageError with everything that is wrong with the file.
    """
    table = listed(book.folder / "effort.csv")
    if lacks := [column for column in COLUMNS if column not in table]:
        raise UsageError(f"effort.csv lacks the columns {', '.join(lacks)}. Its first line is: {','.join(COLUMNS)}")
    table = table[list(COLUMNS)].map(str.strip)
    if wrong := faults(table, book):
        raise UsageError("effort.csv cannot be used. " + " ".join(wrong))
    numbers = {column: pd.to_numeric(table[column].replace("", np.nan)) for column in ("documenters", "partners")}
    return table.assign(**numbers, channels=table.channels.map(parts), months=table.months.map(months))


def faults(table: pd.DataFrame, book: Codebook) -> list[str]:
    """What is wrong with the rows of effort.csv, each with its line in the file."""
    checks = {
        "who is empty: write the organisation, or the file below data/raw": table.who == "",
        "country is no code of a country, such as kz": ~table.country.isin(book.of("country")),
        "year is not four digits": ~table.year.str.fullmatch(r"\d{4}"),
        "documenters is not a number above 0, such as 2, or 1.5 where one works half the time":
            ~table.documenters.str.fullmatch(r"|(?![0.]+$)\d+(\.\d+)?"),
        "partners is not a whole number": ~table.partners.str.fullmatch(r"|\d+"),
        "months are not as 1-12 or 3-6; 9": (table.months != "") & (table.months.map(months).map(len) == 0),
        f"nothing is recorded: fill in {', '.join(KNOWN)}, or delete the line": (table[list(KNOWN)] == "").all(axis=1),
        "source is empty: say where this is written": table.source == "",
        "the same who, country and year stand twice": table.duplicated(["who", "country", "year"], keep=False),
    }
    return [f"Line {at + 2}: {what}." for what, wrong in checks.items() for at in np.flatnonzero(wrong)]


def parts(text: str) -> tuple[str, ...]:
    """The parts of a list that ; separates."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


def months(text: str) -> tuple[int, ...]:
    """The months of a list such as 1-3; 6, in order; nothing for a text that is no such list."""
    found: set[int] = set()
    for part in parts(text):
        match = re.fullmatch(r"(\d{1,2})(?:\s*[-–]\s*(\d{1,2}))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= 12:
            return ()
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def of(rows: pd.DataFrame, who: Iterable[str], country: str, year: str):
    """The row of a year whose `who` is one of these names, the first name that has one; None when nothing is recorded."""
    mine = rows[(rows.country == country) & (rows.year == str(year))].drop_duplicates("who").set_index("who", drop=False)
    return next((mine.loc[name] for name in who if name and name in mine.index), None)


def amount(row) -> float:
    """Documenters times months of a year; not a number where either is not recorded."""
    return np.nan if row is None or not len(row.months) else float(row.documenters) * len(row.months)
