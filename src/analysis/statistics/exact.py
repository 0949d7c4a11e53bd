"""Exact tests of small counts; each gives its estimate and its interval with its p, because a p alone says nothing."""

from typing import NamedTuple

import numpy as np

from analysis import stats
from analysis.problems import UsageError


class Tested(NamedTuple):
    """A test as one row: what was estimated, its 95 % interval, p of the null value (two-sided), and the method."""

    value: float
    low: float
    high: float
    p: float
    method: str


def binomial(n: int, base: int, share: float = 0.5) -> Tested:
    """A share (0 to 1) with its Clopper-Pearson interval, and the exact p of its being `share`. Not a number where the base is 0.

    The p adds up the outcomes that are no more likely than the one seen (as R's binom.test does), the interval cuts
    equal tails: near 0.05 the two can differ about the null value. Raises UsageError for counts that are no part of their base.
    """
    from scipy.stats import binomtest  # a second of loading, which only tests need

    parts(n, base)
    low, high = stats.clopper_pearson(n, base)
    p = binomtest(int(n), int(base), share).pvalue if base else np.nan
    return Tested(n / base if base else np.nan, float(low), float(high), float(p), "exact binomial")


def ratio(n1: int, n2: int, exposure1: float = 1, exposure2: float = 1) -> Tested:
    """The ratio of two counts per exposure with its interval (see stats.ratio), and the exact p of its being 1.

    Given their sum, the first count is binomial with the share exposure1 / (exposure1 + exposure2) if the rates are equal
    (Przyborowski and Wilenski 1940; R's poisson.test). For two totals of which the cases are not at hand, such as printed
    ones: where the same cases can stand in both, the p is only a rough one, and `ranks` does better from the cases.
    """
    value, low, high = map(float, stats.ratio(n1, n2, exposure1, exposure2))
    return Tested(value, low, high, binomial(n1, n1 + n2, exposure1 / (exposure1 + exposure2)).p, "exact conditional")


def fisher(n1: int, base1: int, n2: int, base2: int) -> Tested:
    """The odds of the first share over those of the second, with exact interval and the p of their being equal (Fisher 1935).

    The odds ratio is the conditional maximum likelihood estimate; the interval cuts equal tails of the noncentral
    hypergeometric distribution (Cornfield 1956; R's fisher.test). For two groups that share no case. Raises UsageError for
    counts that are no part of their base.
    """
    from scipy.stats import fisher_exact
    from scipy.stats.contingency import odds_ratio

    parts(n1, base1)
    parts(n2, base2)
    table = [[int(n1), int(base1 - n1)], [int(n2), int(base2 - n2)]]
    if 0 in (n1 + n2, base1, base2, base1 + base2 - n1 - n2):
        return Tested(np.nan, 0.0, np.inf, 1.0, "Fisher")  # one margin is empty: every odds ratio fits
    odds = odds_ratio(table, kind="conditional")
    low, high = odds.confidence_interval(stats.CONFIDENCE)
    return Tested(float(odds.statistic), float(low), float(high), float(fisher_exact(table).pvalue), "Fisher")


def parts(n, base) -> None:
    """Raise UsageError for counts that are not whole, negative or larger than their base."""
    if n != int(n) or base != int(base) or not 0 <= n <= base:
        raise UsageError(f"{n} of {base} is not a count and its base. An exact test needs whole numbers of cases, the part no larger "
                         "than the whole.")
