"""Shares, differences and ratios of small counts, with their intervals."""

import numpy as np
import pandas as pd
from scipy.special import betaincinv, ndtri

from analysis.problems import UsageError

CONFIDENCE = 0.95


def wilson(n, base, confidence: float = CONFIDENCE) -> tuple[np.ndarray, np.ndarray]:
    """Score interval of a share, 0 to 1 (Wilson 1927; Newcombe 1998a, method 3). NaN where the base is 0."""
    n, base = np.asarray(n, float), np.asarray(base, float)
    z = ndtri((1 + confidence) / 2)
    with np.errstate(invalid="ignore"):
        half = z * np.sqrt(z**2 + 4 * n * (1 - n / base))
        low, high = ((2 * n + z**2 + sign * half) / (2 * (base + z**2)) for sign in (-1, 1))
    none = base == 0
    return np.where(none, np.nan, low), np.where(none, np.nan, np.where(n == base, 1, high))  # low is exactly 0 at 0, high only nearly 1


def clopper_pearson(n, base, confidence: float = CONFIDENCE) -> tuple[np.ndarray, np.ndarray]:
    """Exact interval of a share, 0 to 1 (Clopper and Pearson 1934). NaN where the base is 0."""
    n, base = np.asarray(n), np.asarray(base)
    tail = (1 - confidence) / 2
    low = np.where(n == 0, 0, betaincinv(np.maximum(n, 1), base - n + 1, tail))
    high = np.where(n == base, 1, betaincinv(n + 1, np.maximum(base - n, 1), 1 - tail))
    none = base == 0
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def newcombe(n1, base1, n2, base2, confidence: float = CONFIDENCE) -> tuple[np.ndarray, ...]:
    """First share minus second, -1 to 1, with its interval (Newcombe 1998b, method 10): difference, low, high."""
    (low1, high1), (low2, high2) = wilson(n1, base1, confidence), wilson(n2, base2, confidence)
    with np.errstate(invalid="ignore"):
        p1, p2 = np.divide(n1, base1), np.divide(n2, base2)
    low = p1 - p2 - np.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    high = p1 - p2 + np.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return p1 - p2, low, high


def ratio(n1, n2, exposure1=1, exposure2=1, confidence: float = CONFIDENCE) -> tuple[np.ndarray, ...]:
    """First count per exposure over the second, with its exact conditional interval: ratio, low, high.

    Given their sum, the first of two Poisson counts is binomial; its Clopper-Pearson limits turn into limits of the
    ratio (Przyborowski and Wilenski 1940; Lehmann and Romano 2005, section 4.5). Infinite where the second count is 0,
    NaN where both are.
    """
    n1, n2 = np.asarray(n1), np.asarray(n2)
    effort = np.divide(exposure2, exposure1)
    low, high = clopper_pearson(n1, n1 + n2, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        return n1 / n2 * effort, low / (1 - low) * effort, high / (1 - high) * effort


def holm(p) -> np.ndarray:
    """The p of several tests, adjusted so that any of them is below 0.05 by mere chance once in twenty reports at most (Holm 1979).

    The smallest is multiplied by the number of tests, the next by one less, and so on; none is adjusted to less than the one before
    it, nor above 1. It holds whatever the tests have to do with each other. NaN is no test and stays.
    """
    p = np.asarray(p)
    order = np.argsort(p)[: np.isfinite(p).sum()]  # NaN comes last
    adjusted = np.full(p.shape, np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1)
    return adjusted


def shares(counted: pd.DataFrame) -> pd.DataFrame:
    """The counts with `share` (0 to 1) of their base, `low` and `high` of its Wilson interval, and `method`.

    Mentions, victims, perpetrators and acts (a count with `unstated`, see count.breakdown) have no interval: those of one case
    came together, and no binomial interval holds for them. Their method is `sum`.
    """
    low, high = wilson(counted.n, counted.base)
    share = counted.n / counted.base
    if "unstated" in counted or set(counted.get("unit", ())) == {"mentions"}:
        return counted.assign(share=share, low=np.nan, high=np.nan, method="sum")
    return counted.assign(share=share, low=low, high=high, method="wilson")


def changes(counted: pd.DataFrame, by: str, first: str, last: str) -> pd.DataFrame:
    """What changed from one year to another, one row per code of `by`.

    `counted` comes from `count.breakdown` by year and `by` within year. Returns `by`, n and base of both years
    (n_first, base_first, n_last, base_last), `difference` of the shares (last minus first, -1 to 1) with its Newcombe
    interval, `ratio` of the counts (last over first, at equal effort) with its exact interval, and `break_even`, its inverse: the factor
    by which effort would have had to fall for the change of the count to be nothing else. None of them says anything about the effort
    there was: fewer documenters alone lower every count. Raises UsageError for a year without counts.
    """
    then, now = (counted.loc[counted.year == str(year), [by, "n", "base"]] for year in (first, last))
    if then.empty or now.empty:
        raise UsageError(f"There are no counts to compare {first} with {last}. There are counts of {', '.join(counted.year.unique())}.")
    table = then.merge(now, on=by, suffixes=("_first", "_last"))
    difference = newcombe(table.n_last, table.base_last, table.n_first, table.base_first)
    counts, even = ratio(table.n_last, table.n_first), ratio(table.n_first, table.n_last)
    named = {"difference": difference, "ratio": counts, "break_even": even}
    return table.assign(**{name + end: values for name, found in named.items() for end, values in zip(("", "_low", "_high"), found)})
