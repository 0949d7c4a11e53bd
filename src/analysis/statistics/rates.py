"""Official counts for each 100,000 inhabitants, with their population and its source."""

from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import chi2

from analysis import ledger, stats
from analysis.codebook import Codebook
from analysis.problems import UsageError
from analysis.published import printed
from analysis.wording import words

EACH = 100_000
APART = 183  # days: half a year, the farthest that a day can lie from the middle of its year


def per_100000(counts: pd.DataFrame, populations: list[str], book: Codebook) -> pd.DataFrame:
    """Official figures (rows of printed.official) for each 100,000 inhabitants, as rows of the ledger, table `<chapter>_rates`.

    `populations` are files of data/raw with date, area, population and source_url. `value` is the rate, with its exact Poisson interval;
    n the count, base the population, and `note` the day it is of and its page. A year without a count or a population has no rate, and
    `no_value` says why. Raises UsageError for anything but official figures: a rate of documented cases would be one of documenting.
    """
    refuse(counts)
    if counts.empty:
        return ledger.complete(counts)
    year, stage = (counts.codes.str.split(",").str[at] for at in (0, 1))
    found = [population(all_of(populations), book.label("country", place), one) for place, one in zip(counts.place, year)]
    people = pd.DataFrame(found, columns=["base", "day", "page"], index=counts.index)
    low, high = poisson(counts.n)
    scale, table = EACH / people.base, counts.table.iloc[0].rpartition("_")[0] + "_rates"
    why = counts.no_value.where(counts.no_value != "", np.where(people.base.isna(), "no_population", ""))
    said = [words.of("en")["printed"]["population"].format(day=one.day, page=one.page) for one in people.itertuples()]
    note = counts.note + np.where(people.base.isna(), "", "; " + pd.Series(said, counts.index))
    made = counts.assign(id=table + "." + year + "." + stage, table=table, form="rates", base=people.base, method="garwood", no_value=why,
                         note=note, text="")
    return ledger.complete(made.assign(value=counts.n * scale, low=low * scale, high=high * scale))


def refuse(counts: pd.DataFrame) -> None:
    """Raise UsageError with the reason for counts that no rate can be made of."""
    if not counts.form.eq("official").all():
        raise UsageError("There is no rate for each 100,000 inhabitants of these counts. They are what reached the people who document: a "
                         "rate would follow the number of documenters and be read as how common violations are. Rates are made of "
                         "official figures only (printed.official).")


def all_of(files: list[str]) -> pd.DataFrame:
    """The rows of several files of populations."""
    return pd.concat([printed.table(file) for file in files], ignore_index=True) if files else pd.DataFrame(
        columns=["date", "area", "population", "source_url"])


def population(table: pd.DataFrame, area: str, year: str) -> tuple[float, str, str]:
    """The population of an area on the day nearest to the middle of a year, that day, and the page; no number where no day is near.

    The middle is 1 July; a day further away than half a year is of another year.
    """
    mine, middle = table[table.area == area], date(int(year), 7, 1)
    away = mine.date.map(lambda day: abs((date.fromisoformat(day) - middle).days))
    if mine.empty or away.min() > APART:
        return np.nan, "", ""
    row = mine.loc[away.idxmin()]
    return float(row.population), row.date, row.source_url


def poisson(n, confidence: float = stats.CONFIDENCE) -> tuple[np.ndarray, np.ndarray]:
    """The exact interval of the mean of a Poisson count (Garwood 1936): low and high; NaN where the count is."""
    n, tail = np.asarray(n, float), (1 - confidence) / 2
    low = np.where(n == 0, 0.0, chi2.ppf(tail, 2 * np.maximum(n, 1e-300)) / 2)
    return np.where(np.isnan(n), np.nan, low), chi2.ppf(1 - tail, 2 * (n + 1)) / 2
