"""How many events of one kind several lists left out, from how many stand in which: Chapman's estimator and log-linear models.

Both estimate how many events lists such as these could have held. An event that no list could have reached is in no estimate.
"""

import itertools
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq, linprog, minimize_scalar
from scipy.special import chdtri, gammaln, ndtri, xlogy

from analysis.problems import UsageError
from analysis.stats import CONFIDENCE

EXACT, ROUNDS = 1e-10, 200  # when a fit has settled, and how often it is tried
FARTHEST = 1e9  # times the events listed; an interval that reaches as far has no upper end
MOST_LISTS = 5  # 2 ** 10 models of pairs; six lists would have 2 ** 15


class Estimate(NamedTuple):
    """Events in all, listed or not, with standard error and interval; `high` is infinite where the data set no upper end."""

    value: float
    error: float
    low: float
    high: float


class Fit(NamedTuple):
    """One log-linear model: the events that no list holds (`hidden`) and the standard error of all, how well it fits, its parameters."""

    hidden: float
    error: float
    deviance: float
    df: int
    aic: float
    bic: float


# Two lists.


def chapman(first: int, second: int, both: int, confidence: float = CONFIDENCE) -> Estimate:
    """Events in all, from how many stand in the first list, in the second and in both.

    D. G. Chapman, Some properties of the hypergeometric distribution with applications to zoological sample censuses, University
    of California Publications in Statistics 1 (1951), 131-160; the variance is that of G. A. F. Seber, The effects of trap
    response on tag recapture estimates, Biometrics 26 (1970), 13-22; the interval is the transformed logit interval of M. Sadinle,
    Transformed logit confidence intervals for small populations in single capture-recapture estimation, Communications in
    Statistics: Simulation and Computation 38 (2009), 1909-1924. Limits: it takes the two lists for independent; where an event
    of one is likelier to stand in the other, it is too low. Raises UsageError for counts that cannot be.
    """
    if not 0 <= both <= min(first, second):
        raise UsageError(f"{both} events cannot stand in both of two lists of {first} and {second}.")
    value = (first + 1) * (second + 1) / (both + 1) - 1
    error = np.sqrt((first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2)))
    shared, one, other = both + 0.5, first - both + 0.5, second - both + 0.5
    spread = ndtri((1 + confidence) / 2) * np.sqrt(1 / shared + 1 / one + 1 / other + shared / (one * other))
    low, high = (first + second - both - 0.5 + one * other / shared * np.exp(way * spread) for way in (-1, 1))
    return Estimate(value, float(error), float(low), float(high))


# Three lists and more. `inside` is a table of 0 and 1, a row for each way to stand in at least one list and a column for each list;
# `events` says how many stand so. A model is the pairs of lists that may depend on each other.


def design(inside: np.ndarray, pairs: tuple) -> np.ndarray:
    """The matrix of a log-linear model: what all share, a column for each list, and one for each pair."""
    return np.column_stack([np.ones(len(inside)), inside, *(inside[:, a] * inside[:, b] for a, b in pairs)])


def expected(counts: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The parameters of a log-linear model of Poisson counts and their covariance, by iteratively reweighted least squares.

    J. A. Nelder and R. W. M. Wedderburn, Generalized Linear Models, Journal of the Royal Statistical Society A 135 (1972),
    370-384. Raises UsageError where it does not settle.
    """
    level = np.log(counts + 0.5)
    for _ in range(ROUNDS):
        mean = np.exp(level)
        inverse = np.linalg.inv(matrix.T @ (matrix * mean[:, None]))
        parameters = inverse @ (matrix.T @ (mean * level + counts - mean))
        change, level = np.abs(matrix @ parameters - level).max(), matrix @ parameters
        if change < EXACT:
            return parameters, inverse
    raise UsageError("The numbers of the lists are too small for this model.")


def exists(events: np.ndarray, matrix: np.ndarray) -> bool:
    """Whether the data decide every parameter of a model.

    They do unless some direction leaves all cells that hold events as they are and makes empty cells ever smaller (S. J.
    Haberman, The Analysis of Frequency Data, 1974, theorem 2.2; for lists of victims: L. Chan, B. W. Silverman and K. Vincent,
    Multiple systems estimation for sparse capture data, Journal of the American Statistical Association 116 (2021), 1297-1306).
    """
    empty = matrix[events == 0]
    if not len(empty):
        return True
    held = matrix[events > 0]
    found = linprog(empty.sum(axis=0), A_ub=np.vstack([empty, -empty]), b_ub=np.repeat([0.0, 1.0], len(empty)), A_eq=held,
                    b_eq=np.zeros(len(held)), bounds=(None, None))
    return bool(found.status == 0 and found.fun > -1e-7)


def fitted(events: np.ndarray, inside: np.ndarray, pairs: tuple) -> Fit | None:
    """One log-linear model of the ways to stand in the lists; None where the data cannot decide it.

    S. E. Fienberg, The multiple recapture census for closed populations and incomplete 2^k contingency tables, Biometrika 59
    (1972), 591-603; Y. M. M. Bishop, S. E. Fienberg and P. W. Holland, Discrete Multivariate Analysis (1975), chapter 6. The
    standard error is that of L.-P. Rivest and S. Baillargeon, Rcapture, Journal of Statistical Software 19 (2007), no. 5: the
    square root of h + h^2 v, h the events in no list and v the variance of its logarithm.
    """
    matrix = design(inside, pairs)
    if matrix.shape[1] > len(events) or not exists(events, matrix):
        return None
    parameters, covariance = expected(events, matrix)
    mean, hidden = np.exp(matrix @ parameters), float(np.exp(parameters[0]))
    deviance = float(2 * (xlogy(events, events / mean) - events + mean).sum())
    lost = -2 * float((xlogy(events, mean) - mean - gammaln(events + 1)).sum())
    error = float(np.sqrt(hidden + hidden**2 * covariance[0, 0]))
    free = matrix.shape[1]
    return Fit(hidden, error, deviance, len(events) - free, lost + 2 * free, lost + free * np.log(events.sum()))


def profile(events: np.ndarray, inside: np.ndarray, pairs: tuple, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The profile-likelihood interval of the events in all under one model: low, high.

    R. M. Cormack, Interval estimation for mark-recapture studies of closed populations, Biometrics 48 (1992), 567-576: the
    numbers that the multinomial likelihood, at its best over all other parameters, does not tell from its own best.
    """
    matrix, listed = design(np.vstack([inside, np.zeros(inside.shape[1])]), pairs), events.sum()

    def lost(hidden: float) -> float:
        """Minus twice the logarithm of the likelihood of so many events in no list."""
        counts = np.append(events, hidden)
        mean = np.exp(matrix @ expected(counts, matrix)[0])
        return -2 * (gammaln(listed + hidden + 1) - gammaln(hidden + 1) + xlogy(counts, mean / mean.sum()).sum())

    start = max(fitted(events, inside, pairs).hidden, 1.0)
    best = minimize_scalar(lambda size: lost(np.exp(size)), bounds=(np.log(start) - 12, np.log(start) + 3), method="bounded",
                           options={"xatol": 1e-8})
    most, least = float(np.exp(best.x)), best.fun + chdtri(1, 1 - confidence)
    none = 1e-9 * most
    low = listed if lost(none) <= least else listed + brentq(lambda hidden: lost(hidden) - least, none, most)
    far = next((most * 2.0**step for step in range(1, 60) if lost(most * 2.0**step) > least), np.inf)
    return float(low), float(listed + brentq(lambda hidden: lost(hidden) - least, most, far)) if far < FARTHEST * listed else np.inf


def models(events: np.ndarray, inside: np.ndarray) -> pd.DataFrame:
    """Every log-linear model in which each list has its own reach and some pairs of lists depend on each other, the likeliest first.

    Columns: pairs (a tuple), value (events in all), error, deviance, df, aic, bic, weight (its share among all by AIC: H. Akaike
    1974; K. P. Burnham and D. R. Anderson, Model Selection and Multimodel Inference, 2002, section 2.9). A model that the data
    cannot decide is left out. Raises UsageError for fewer than three lists, or more than five.
    """
    if not 3 <= inside.shape[1] <= MOST_LISTS:
        raise UsageError(f"Log-linear models need three to {MOST_LISTS} lists, not {inside.shape[1]}. Put lists of one kind together.")
    every = list(itertools.combinations(range(inside.shape[1]), 2))
    sets = itertools.chain.from_iterable(itertools.combinations(every, n) for n in range(len(every) + 1))
    found = [(pairs, fit) for pairs in sets if (fit := fitted(events, inside, pairs))]
    table = pd.DataFrame([(pairs, events.sum() + fit.hidden, *fit[1:]) for pairs, fit in found],
                         columns=["pairs", "value", *Fit._fields[1:]])
    odds = np.exp((table.aic.min() - table.aic) / 2)
    return table.assign(weight=odds / odds.sum()).sort_values("aic", kind="stable", ignore_index=True)


def average(table: pd.DataFrame, listed: int, confidence: float = CONFIDENCE) -> Estimate:
    """The estimate over all `models`, each by its weight, so that the interval knows that nobody knows which of them is true.

    S. T. Buckland, K. P. Burnham and N. H. Augustin, Model selection: an integral part of inference, Biometrics 53 (1997),
    603-618, equation 9; the interval is log-normal in the events that no list holds (E. Rexstad and K. P. Burnham, User's
    Guide for Interactive Program CAPTURE, 1991), so that it never goes below what is listed.
    """
    value = float((table.weight * table.value).sum())
    error = float((table.weight * np.sqrt(table.error**2 + (table.value - value) ** 2)).sum())
    hidden = value - listed
    spread = np.exp(ndtri((1 + confidence) / 2) * np.sqrt(np.log1p((error / hidden) ** 2)))
    return Estimate(value, error, listed + hidden / spread, listed + hidden * spread)
