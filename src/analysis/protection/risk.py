"""Who could be singled out among cases that stay in the office: how many look alike, and which few codes are enough to tell one."""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import tidy
from analysis.codebook import Codebook
from analysis.count import YEAR, indicators

MOST = 3  # codes of a combination: what a neighbour can be thought to know
AND = " + "


def items(cases: pd.DataFrame | Path, book: Codebook, variables: list[str]) -> pd.DataFrame:
    """What is known of each case, True or False by case_id, in one column for each code that any case has (`Violation: Fake date`).

    A way of not knowing is nothing that is known, so it has no column. Raises UsageError for a variable that does not exist.
    """
    cases = tidy.load(cases, book) if isinstance(cases, Path) else cases
    whole = pd.concat([said(cases, variable, book) for variable in variables], axis=1).set_axis(cases.case_id)
    return whole.loc[:, whole.any()]


def said(cases: pd.DataFrame, variable: str, book: Codebook) -> pd.DataFrame:
    """As `items`, for one variable, with the columns of all its codes."""
    years = [str(year) for year in sorted(cases.year.dropna().unique())]
    codes = years if variable == YEAR else [code for code in book.of(variable) if code not in book.unknown(variable)]
    every = codes if variable == YEAR else book.of(variable)
    table = pd.DataFrame(indicators(cases.fillna({YEAR: 0}), variable, every, book), columns=every)[codes]
    return table.set_axis([f"{book.name(variable)}: {book.label(variable, code)}" for code in codes], axis=1)


def classes(known: pd.DataFrame, sensitive: pd.DataFrame) -> pd.DataFrame:
    """Each case with the cases that look like it: columns case_id, k, l, certain; those with the smallest k first.

    `known` and `sensitive` are items of the same cases. k is how many cases have the same items of `known`, itself among them
    (k-anonymity: Sweeney 2002). l is how many different sets of `sensitive` items these cases have (distinct l-diversity:
    Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam 2007). `certain` names the sensitive items that all of them have: whoever
    recognises the class learns these, however large k is.
    """
    of = known.groupby(list(known), sort=False).ngroup().to_numpy() if len(known.columns) else np.zeros(len(known), int)
    sets = pd.Series([tuple(row) for row in sensitive.to_numpy()])
    every = sensitive.groupby(of).transform("all").to_numpy()
    table = pd.DataFrame({"case_id": known.index, "k": pd.Series(of).groupby(of).transform("size"),
                          "l": sets.groupby(of).transform("nunique"), "certain": [AND.join(sensitive.columns[row]) for row in every]})
    return table.sort_values(["k", "l", "case_id"], ignore_index=True)


def singled_out(known: pd.DataFrame) -> pd.DataFrame:
    """The smallest combinations of up to three items that only one case has: columns case_id, size, items; the smallest first.

    No part of a combination tells the case by itself (minimal sample uniques: Elliot, Manning and Ford 2002). A variable that
    takes several codes can give a combination more than one of them.
    """
    has, names = known.to_numpy(np.int32), list(known)
    both = has.T @ has
    alone = np.diag(both)
    found = [(one,) for one in np.flatnonzero(alone == 1)]
    found += [(i, j) for i, j in np.argwhere(np.triu(both == 1, 1)) if alone[i] > 1 and alone[j] > 1]
    for i, j in np.argwhere(np.triu(both > 1, 1)):
        three = has[(has[:, i] & has[:, j]) == 1].sum(axis=0)
        found += [(i, j, k) for k in np.flatnonzero((three == 1) & (both[i] > 1) & (both[j] > 1)) if k > j]
    rows = [(known.index[has[:, list(one)].all(axis=1).argmax()], len(one), AND.join(names[at] for at in one)) for one in found]
    return pd.DataFrame(rows, columns=["case_id", "size", "items"]).sort_values(["size", "case_id", "items"], ignore_index=True)


def scores(found: pd.DataFrame, variables: int) -> pd.DataFrame:
    """How easily each case is singled out: columns case_id, combinations, smallest, score; the easiest first.

    `found` is what `singled_out` found, and `variables` of how many variables. A combination of size s counts as the product of
    (variables - i) for i from s to the largest size looked for (Elliot, Manning, Mayes, Gurd and Bane 2005, as the SDC Practice
    Guide of the World Bank and IHSN gives it): as many ways as there are to know more than is needed.
    """
    largest = min(MOST, variables - 1)
    one = found["size"].map(lambda size: math.prod(variables - i for i in range(size, largest + 1)))
    table = found.assign(score=one).groupby("case_id").agg(combinations=("size", "size"), smallest=("size", "min"), score=("score", "sum"))
    return table.reset_index().sort_values(["score", "case_id"], ascending=[False, True], ignore_index=True)


def summary(alike: pd.DataFrame, found: pd.DataFrame, k: int) -> pd.DataFrame:
    """How many cases are how easily told: columns what, cases; `alike` is of `classes`, `found` of `singled_out`."""
    smallest = found.groupby("case_id")["size"].min()
    rows = [("all", len(alike)), ("look like no other case", (alike.k == 1).sum()),
            (f"look like fewer than {k - 1} others", (alike.k < k).sum()),
            ("of a class that shares what is sensitive", ((alike.certain != "") & (alike.k > 1)).sum()),
            *((f"told by {size} {'code' if size == 1 else 'codes together'}", (smallest == size).sum()) for size in range(1, MOST + 1))]
    return pd.DataFrame(rows, columns=["what", "cases"])
