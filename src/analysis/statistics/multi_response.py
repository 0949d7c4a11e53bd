"""Whether two variables with several values per case go together: one valid test of all their codes at once."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from analysis import count, stats
from analysis.codebook import Codebook
from analysis.problems import UsageError

FEWEST = 5  # expected cases of a cell below which the chi-squared distribution is not trusted (Cochran 1954)
SHUFFLES = 1999


class Independence(NamedTuple):
    """The test of two variables as one row.

    `chi2` is the sum of Pearson's chi-squared over all pairs of codes, `adjusted` the Rao-Scott statistic with `df` degrees of
    freedom, `p` that of `method`, `fewest` the fewest cases expected in a cell, `base` the cases.
    """

    chi2: float
    adjusted: float
    df: float
    p: float
    method: str
    fewest: float
    base: int


class NothingToCompare(UsageError):
    """The cases that tell both variables are too few or too much alike for any test."""


def independence(cases, book: Codebook, first: str, second: str, where=None) -> tuple[Independence, pd.DataFrame]:
    """The test of whether any code of one variable goes with any code of another, and a row for each pair of codes.

    The null is that every code of the first is independent of every code of the second (simultaneous pairwise marginal
    independence); where one is single-valued, that each code of the other has the same share in all of its groups (multiple
    marginal independence). Bilder and Loughin 2004, Biometrics 60, 241-248, section 3 and appendix A; for groups Bilder, Loughin
    and Nettleton 2000. The codes of one case depend on each other, so the sum of chi-squareds has no chi-squared
    distribution; the second-order correction of Rao and Scott (1984; Thomas and Decady 2004) fits its mean and variance.

    It needs enough cases. Where fewer than five are expected in a cell it hardly ever finds anything, so `p` is then taken
    from 1,999 shufflings of one variable's combinations over the other's, as in Bilder and Loughin's bootstrap but without
    replacement: exact if the variables are wholly independent, and never 0 (Phipson and Smyth 2010). Nothing is added to empty
    cells: Pearson's statistic does not need it, and 0.5 in a cell that expects 0.1 would make an association.

    Only cases with a known value of both variables count (`base`), and of codes only those that some of them have and some
    have not. Raises UsageError where a variable then has nothing to compare, and for a variable with itself. For the pairs see
    `of_codes`.
    """
    if first == second:
        raise UsageError(f"'{first}' is named twice. Whether two variables go with each other needs two.")
    if single(second, book) and not single(first, book):
        first, second = second, first
    table = answered(cases, book, first, second, where)
    rows, columns = (varying(table, book, variable) for variable in (first, second))
    return (tested(rows.to_numpy(float), columns.to_numpy(float), table.n.to_numpy(float), single(first, book)),
            of_codes(rows, columns, table.n.to_numpy(), first, second))


def single(variable: str, book: Codebook) -> bool:
    """Whether a case has one value of the variable at most."""
    return variable == count.YEAR or book.variables.several[count.own(variable)] == "no"


def answered(cases, book: Codebook, first: str, second: str, where=None) -> pd.DataFrame:
    """The profiles of two variables with a known value of both."""
    where = count.where_codes(where, book)
    table = count.profiles(cases, book, list(dict.fromkeys([first, second, *where])))
    table = count.profiles(table[count.holding(table, book, where)], book, [first, second])
    return table[np.all([coded(table, book, variable).any(axis=1) for variable in (first, second)], axis=0)]


def coded(table: pd.DataFrame, book: Codebook, variable: str) -> pd.DataFrame:
    """Which profiles have which known codes of a variable, True or False, a column a code."""
    codes, unknown = count.cells(variable, table, {}, book), count.unknown(variable, book)
    has = pd.DataFrame(count.indicators(table, variable, codes, book), columns=codes)
    return has[[code for code in codes if code not in unknown]]


def varying(table: pd.DataFrame, book: Codebook, variable: str) -> pd.DataFrame:
    """The codes that some of the cases have and some have not; raises UsageError if there is none."""
    has, n = coded(table, book, variable), table.n.to_numpy()
    total = n @ has.to_numpy(int)
    if not ((total > 0) & (total < n.sum())).any():
        raise NothingToCompare(f"There is nothing to compare: of the {n.sum()} cases that tell both, none differs from another in "
                               f"'{variable}'.")
    return has.loc[:, (total > 0) & (total < n.sum())]


def tested(w: np.ndarray, y: np.ndarray, n: np.ndarray, groups: bool) -> Independence:
    """The test of the codes `w` and `y` (0 or 1, a row a profile) of `n` cases each; with `groups`, each row of `w` has one code."""
    both, first, second = w.T * n @ y, n @ w, n @ y
    chi2 = statistic(both, first, second, n.sum(), groups)
    full, squares = (eigenvalues_of_groups if groups else eigenvalues)(w, y, n)
    df = full**2 / squares if squares > 1e-9 else np.nan  # two codes that are one, in half of the cases, leave no variance
    fewest = fewest_expected(first, second, n.sum())
    if fewest >= FEWEST and df > 0:
        p, method = chdtrc(df, chi2 * df / full), "Rao-Scott"
    else:
        p, method = shuffled(w, y, n, groups), "shuffled"
    return Independence(float(chi2), float(chi2 * df / full), float(df), float(p), method, float(fewest), int(n.sum()))


def pearson(both, first, second, base) -> np.ndarray:
    """Pearson's chi-squared of the 2 x 2 tables of two codes each, from the cases with both, with each one, and all."""
    expected = first * second / base
    return (both - expected) ** 2 / (expected * (1 - first / base) * (1 - second / base))


def statistic(both: np.ndarray, first: np.ndarray, second: np.ndarray, base: float, groups: bool) -> float:
    """The sum of chi-squared: of all pairs of codes, or, where the rows are groups, of one table of groups for each code."""
    cells = pearson(both, first[:, None], second, base)
    return float((cells * (1 - first[:, None] / base)).sum() if groups else cells.sum())


def fewest_expected(first: np.ndarray, second: np.ndarray, base: float) -> float:
    """The fewest cases expected in any cell of any of the 2 x 2 tables, cells without a code among them."""
    return min(min(first), base - max(first)) * min(min(second), base - max(second)) / base


def standard(has: np.ndarray, n: np.ndarray) -> np.ndarray:
    """The codes in standard units: mean 0 and variance 1 over the cases."""
    share = n @ has / n.sum()
    return (has - share) / np.sqrt(share * (1 - share))


def eigenvalues(w: np.ndarray, y: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    """Sum under the null, and sum of squares, of the weights of the chi-squareds that the statistic is a mixture of.

    They are the eigenvalues of Bilder and Loughin's (2004) D^-1 F V F'. With the codes in standard units that is the covariance of their
    products, and the sum of its squared eigenvalues is that of its squared elements.
    """
    products = (standard(w, n)[:, :, None] * standard(y, n)[:, None, :]).reshape(len(n), -1)
    return products.shape[1], float((covariance(products, n) ** 2).sum())


def eigenvalues_of_groups(w: np.ndarray, y: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    """The same for groups (Bilder, Loughin and Nettleton 2000, appendix A), from the covariances of the codes within each group."""
    within = np.array([covariance(standard(y, n)[group > 0], n[group > 0]) for group in w.T])
    root = np.sqrt(n @ w / n.sum())
    apart = np.eye(len(root)) - np.outer(root, root)
    return (len(root) - 1) * y.shape[1], float(np.einsum("gh,gjk,hjk->", apart**2, within, within))


def covariance(columns: np.ndarray, n: np.ndarray) -> np.ndarray:
    """The covariance of columns over the cases, divided by their number as that of a multinomial is."""
    off = columns - n @ columns / n.sum()
    return off.T * n @ off / n.sum()


def shuffled(w: np.ndarray, y: np.ndarray, n: np.ndarray, groups: bool) -> float:
    """The part of shufflings of one side over the other whose statistic is at least the one seen, itself among them."""
    from scipy.stats import random_table  # a second of loading

    (rows, of_rows), (columns, of_columns) = patterns(w, n), patterns(y, n)
    draw, chance = random_table(of_rows, of_columns), np.random.default_rng(20)
    seen = statistic(w.T * n @ y, n @ w, n @ y, n.sum(), groups)
    drawn = (statistic(rows.T @ draw.rvs(random_state=chance) @ columns, n @ w, n @ y, n.sum(), groups) for _ in range(SHUFFLES))
    return (1 + sum(one >= seen * (1 - 1e-9) for one in drawn)) / (1 + SHUFFLES)


def patterns(has: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The combinations of codes that occur, and how many cases have each."""
    found, at = np.unique(has, axis=0, return_inverse=True)
    return found, np.bincount(at.ravel(), n).astype(int)


def of_codes(rows: pd.DataFrame, columns: pd.DataFrame, n: np.ndarray, first: str, second: str) -> pd.DataFrame:
    """A row for each pair of codes: what one says about the other, with no test of its own.

    Columns: the codes under the variables' names, `n` (cases with both), `base` (cases with the first), `share` (n / base), `value`
    (that share less the one among cases without the first code, -1 to 1) with `low` and `high` of its Newcombe interval, `method`, and
    `chi2`. Of many pairs some intervals miss 0 by chance.
    """
    both, has, other = rows.to_numpy(int).T * n @ columns.to_numpy(int), n @ rows.to_numpy(int), n @ columns.to_numpy(int)
    pairs = pd.MultiIndex.from_product([rows.columns, columns.columns], names=[first, second]).to_frame(index=False)
    with_it, other, both = np.repeat(has, len(other)), np.tile(other, len(has)), both.ravel()
    value, low, high = stats.newcombe(both, with_it, other - both, n.sum() - with_it)
    return pairs.assign(n=both, base=with_it, share=both / with_it, value=value, low=low, high=high, method="newcombe",
                        chi2=pearson(both, with_it, other, n.sum()))
