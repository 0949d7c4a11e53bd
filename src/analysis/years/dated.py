"""Cases by month or quarter, as precisely as their dates are known."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis import count
from analysis.codebook import Codebook
from analysis.problems import UsageError

STEPS = {"public": ("month", "quarter"), "confidential": ("quarter",)}
"""Level of a source -> the steps of time that may be shown of it, finest first; never finer than a quarter of people (policy P6)."""
PRECISIONS = {"month": ("day", "month"), "quarter": ("quarter",)}
UNKNOWN = "unknown"


def step_of(level: str, asked: str = "") -> str:
    """The step of time for a source of this level: the one asked for, or the finest; raises UsageError for one that is too fine."""
    may = STEPS.get(level, ())
    if not may or asked and asked not in may:
        raise UsageError(f"Cases of a source that is {level or 'of no level'} are not shown by {asked or 'time'}. "
                         f"They can be shown by {' or '.join(may) or 'nothing finer than the year'}.")
    return asked or may[0]


def counted(cases: pd.DataFrame | Path, book: Codebook, where: dict, step: str, years: list[str]) -> pd.DataFrame:
    """How many cases fall into each month or quarter of the years: columns year, `step`, precision, n, base (cases of the year).

    A row for each step of a year and each precision of a date that occurs, zeros too, and one for the cases of which only the year is
    known; last, where there are any, those without a year. A year without records has base 0.
    """
    found = count.dates(cases, book, where)
    at = times(found, step).assign(n=found.n).groupby(["year", step, "precision"]).n.sum()
    of_year = at.groupby("year").sum()
    years = sorted({*years, *of_year.index} - {UNKNOWN})
    finer = [one for one in PRECISIONS[step] if one in at.index.get_level_values("precision")] or PRECISIONS[step][-1:]
    rows = [(year, *rest) for year in years for rest in [*((one, how) for one in names(step) for how in finer), (UNKNOWN, "year")]]
    rows += [(UNKNOWN, UNKNOWN, "none")] * (UNKNOWN in of_year.index)
    table = pd.DataFrame(rows, columns=["year", step, "precision"])
    n = at.reindex(pd.MultiIndex.from_frame(table), fill_value=0).to_numpy()
    return table.assign(n=n, base=of_year.reindex(table.year, fill_value=0).to_numpy())


def names(step: str) -> list[str]:
    """The codes of the months or quarters of a year."""
    return [f"{month:02}" for month in range(1, 13)] if step == "month" else [f"q{quarter}" for quarter in range(1, 5)]


def times(dates: pd.DataFrame, step: str) -> pd.DataFrame:
    """Year, month or quarter, and precision of each row, as codes; `dates` has date (ISO, as precise as known), date_precision, year."""
    date = dates.date.fillna("")
    known, year = date.str.len() >= len("2024-03"), dates.year.fillna(0).astype(int)
    months = date.str[5:7].where(known, "0").str.replace("Q(.)", lambda quarter: str(3 * int(quarter[1])), regex=True)  # 2024-Q1
    month = pd.to_numeric(months)
    part = month.map("{:02}".format) if step == "month" else ((month + 2) // 3).map("q{}".format)
    finer = dates.date_precision if step == "month" else pd.Series("quarter", dates.index)
    return pd.DataFrame({"year": year.astype(str).where(year > 0, UNKNOWN), step: part.where(known, UNKNOWN),
                         "precision": finer.where(known, pd.Series(np.where(year > 0, "year", "none"), dates.index))})


def behind(cases: pd.DataFrame, codes: dict[str, str], where: dict, book: Codebook) -> pd.DataFrame:
    """The cases behind one number of such a table; `codes` are those of its year, month or quarter, and precision."""
    step = "month" if "month" in codes else "quarter"
    at = times(cases, step)
    return count.rows_behind(cases[(at[list(codes)] == pd.Series(codes)).all(axis=1)], book, {}, where)
