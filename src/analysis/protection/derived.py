"""Tables of one confidential source that are shown whole or not at all: what is made of counts, and counts by stage or by quarter."""

import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.protection import policy
from analysis.protection.possible import variables
from analysis.statistics import justice

COUNT = ["by", "codes", "where", "n"]
UNITS = ("cases", "incidents")


def held_back(table: pd.DataFrame, planned: pd.DataFrame, hidden: set[str], book: Codebook, signed: set[str]) -> str:
    """Why a table of one of FORMS is not published; nothing where it is.

    `table` has KNOWN of hide; `planned` are the results of the source that are planned cell by cell (see hide.planned), `hidden` the ids
    of those that are hidden.
    A table made of counts is shown where each of these counts is shown, so that it says nothing that they do not. The stages of
    the way to justice are acts: they are shown when nothing is hidden that shares a variable with them, also through other tables, and no
    count is small, unless the register has the table. Quarters are crossed with nothing: they are shown when no count is small.
    """
    numbers, row = policy.numbers(book.folder), table.iloc[0]
    if not set(table.unit) <= set(UNITS):
        return f"the policy does not say how to protect {row.form} of {', '.join(sorted(set(table.unit) - set(UNITS)))}"
    if ((table.base < numbers["percent_from"]) & table[["share", "value"]].notna().any(axis=1)).any():
        return f"it has percentages of fewer than {numbers['percent_from']} cases"
    return FORMS[row.form](table, planned, hidden, book, numbers["k"] if row.table not in signed else 0)


def of_shown(table: pd.DataFrame, planned: pd.DataFrame, hidden: set[str], *_) -> str:
    """Counts that are also those of other tables, in which they are shown, and what is made of them."""
    shown = set(planned[~planned.id.isin(hidden)][COUNT].itertuples(index=False, name=None))
    counts = table.loc[table.n.notna(), COUNT].itertuples(index=False, name=None)
    return "" if all(one in shown for one in counts) else "it rests on numbers that are not shown"


def of_ranks(table: pd.DataFrame, planned: pd.DataFrame, hidden: set[str], book: Codebook, k: int) -> str:
    """Ranks; how sure they are rests on how many cases have two codes at once, of which there are none where a case has one code."""
    if book.variables.several[table.by.iloc[0]] == "yes":
        return "how sure ranks are rests on how many cases have two codes at once"
    return of_shown(table, planned, hidden)


def of_totals(table: pd.DataFrame, planned: pd.DataFrame, hidden: set[str], *_) -> str:
    """What is made of the cases of each year alone, which are always shown."""
    years = planned.codes[(planned.form == "yearly") & ~planned.id.isin(hidden)]
    alone = table.n.isna().all() and set(table.by) == {"year"}
    return "" if alone and set(table.codes.str.split("-").explode()) <= set(years) else "it rests on numbers that are not shown"


def of_quarters(table: pd.DataFrame, planned: pd.DataFrame, hidden: set[str], book: Codebook, k: int) -> str:
    """Cases by quarter."""
    if set(table.by) != {"year,quarter,precision"}:
        return "time is never finer than a quarter"
    return too_small(table, policy.numbers(book.folder)["k"])


def of_stages(table: pd.DataFrame, planned: pd.DataFrame, hidden: set[str], book: Codebook, k: int) -> str:
    """How far cases came; `k` is 0 where two people signed the table."""
    mine, sets = set(justice.evidence(book).variable), [variables(row) for _, row in planned.iterrows()]
    while grown := set().union(*(one for one in sets if one & mine)) - mine:
        mine |= grown
    closed = planned.id.isin(hidden) & np.array([bool(one & mine) for one in sets], bool)
    few = too_small(table, k)
    return "numbers that are hidden could be found from it" if closed.any() else few and f"{few}, and nobody signed it"


def too_small(table: pd.DataFrame, k: int) -> str:
    """Why a table with small counts, or some that are near to those of an earlier edition, is not shown; nothing where it has none."""
    if table.near.any():
        return "it differs from an earlier edition by too few cases"
    return f"it has counts below {k}" if ((table.n > 0) & (table.n < k)).any() else ""


FORMS = {"changes": of_shown, "ranks": of_ranks, "change": of_totals, "alike": of_totals, "timeline": of_quarters, "funnel": of_stages,
         "reached": of_stages}
WITH_COUNTS = ("timeline", "funnel", "reached")  # forms with counts that no other table has
