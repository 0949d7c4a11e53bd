"""Which codes are more common than others, and between which ranks each may lie: from the cases in which two codes differ."""

import numpy as np
import pandas as pd
from scipy.special import betainc

from analysis import stats

LEADING = 3  # more codes than these, none of which can be told from the others, are no answer to which is most common


def ranks(pairs: pd.DataFrame, confidence: float = stats.CONFIDENCE) -> pd.DataFrame:
    """Rank of each code that occurs with its simultaneous interval: code, n, base, rank, rank_low, rank_high; most common first.

    `pairs` is a breakdown of one variable by itself (columns: the code, the code again, n, base), so that the cases which
    have both codes are known. Of two codes only the cases that have one and not the other tell which is more common: given
    their number, the first code's part is binomial with a half if both are equally common (the exact test of McNemar 1947;
    Conover 1999, section 3.5). All ordered pairs are tested one-sided, with Holm's (1979) adjustment, so that with the given
    confidence no difference and no direction is claimed wrongly; a code's rank is then at least 1 and the number of codes
    shown to be more common, and at most the number of codes less those shown to be rarer (Al Mohamad, Goeman and van Zwet 2022,
    Biometrics 78, section 3, with exact tests in place of normal ones).

    Equal counts share the better rank. Codes nobody recorded are not ranked. What it says is of the cases as documented; as
    an interval it takes them as if drawn independently of each other, and with few cases nearly every rank stays open.
    """
    one, other = pairs.columns[:2]
    both = pairs.pivot(index=one, columns=other, values="n").reindex(index=pairs[one].unique(), columns=pairs[one].unique())
    both = both.loc[np.diag(both) > 0, np.diag(both) > 0]
    n = np.diag(both)
    above = more_common(n[:, None] - both.to_numpy(), confidence)
    table = pd.DataFrame({"code": both.index, "n": n, "base": pairs.base.max(),
                          "rank": 1 + (n[:, None] > n).sum(axis=0), "rank_low": 1 + above.sum(axis=0),
                          "rank_high": len(n) - above.sum(axis=1)})
    return table.sort_values("rank", kind="stable", ignore_index=True)


def more_common(only: np.ndarray, confidence: float) -> np.ndarray:
    """Which code (row) is shown to be more common than which (column); `only` holds the cases with the row's code and not the column's."""
    p = betainc(only, only.T + 1, 0.5)  # at least so many of the cases that differ, a half each; 1 for none
    apart = ~np.eye(len(only), dtype=bool)
    above = np.zeros_like(apart)
    above[apart] = stats.holm(p[apart]) <= 1 - confidence
    return above


def most_common(ranked: pd.DataFrame) -> list[str] | None:
    """The code that can be called the most common, or the two or three of which one is; None where the data cannot tell.

    `ranked` comes from `ranks`. Several codes are named when each of them is shown to be more common than every other code.
    """
    for many in range(1, min(LEADING, len(ranked) - 1) + 1):
        leading = ranked.sort_values("rank_high", kind="stable")[:many]
        if (leading.rank_high <= many).all():
            return list(leading.code)
    return None
