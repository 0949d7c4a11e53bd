"""A table of results -> the same with fewer and larger cells, where too many of them are small."""

import numpy as np
import pandas as pd

from analysis import stats
from analysis.codebook import GROUP, MERGED, Codebook
from analysis.count import YEAR, breakdown, columns, members, narrowed, own, profiles
from analysis.ledger import complete, where_of
from analysis.protection import policy
from analysis.protection.possible import WITHIN
from analysis.sheets.cells import masks

FORMS = ("bars", "heat", "years")


def merged(table: pd.DataFrame, cases: pd.DataFrame, book: Codebook, rule: policy.Rule) -> pd.DataFrame:
    """The table by groups of codes where too many cells are small, with the rare codes of a cross as one (policy P4, P9); see `finest`.

    Of a table of places, those with fewer cases than the policy asks for are one (P6). `cases` are profiles.
    """
    row = table.iloc[0]
    by, numbers = list(filter(None, row.by.split(","))), policy.numbers(book.folder)
    if rule.signed or not rule.k or row.form not in FORMS:
        return table
    if book.variables.at[own(by[-1]), "about"] == "places":
        again = recounted(table, by, rare(cases, book, by, where_of(row), rule.k, numbers["k"]), cases, book)
        return again[again.n > 0]  # a place without cases stands in "elsewhere", and is not one where nothing happened
    return finest([recounted(table, names, few, cases, book) if names != by or few else table
                   for names, few in coarser(by, cases, book, where_of(row), numbers["row_from"])], rule.k,
                  numbers["merge_from" if len(by) == 1 or YEAR in by else "merge_two_way_from"])


def coarser(by: list[str], cases: pd.DataFrame, book: Codebook, where: dict, least: list[int]):
    """Ways to count a table more coarsely: its variables or their groups, and of a cross the codes that are counted as one."""
    grouped = [at for at, v in enumerate(by) if f"{v}{GROUP}" in book.order]
    for some in [[], *([at] for at in grouped), grouped]:
        names = [f"{v}{GROUP}" if at in some else v for at, v in enumerate(by)]
        yield from ((names, rare(cases, book, names, where, one, one)) for one in least) if len(by) > 1 else [(names, {})]


def finest(tables: list[pd.DataFrame], k: int, most: float) -> pd.DataFrame:
    """The table with most numbers that need not be hidden, of those of which at most a part `most` is small; else that with the least
    part. Of one variable the first that is good enough: its groups come before anything is hidden."""
    parts = [(table.n[table.n > 0] < k).mean() for table in tables]
    good = [table for table, part in zip(tables, parts) if not part > most]
    if "," not in tables[0].by.iloc[0]:
        return good[0] if good else tables[-1]
    return max(good, key=lambda table: (table.n >= k).sum()) if good else tables[int(np.argmin(parts))]


def rare(cases: pd.DataFrame, book: Codebook, by: list[str], where: dict, least: int, whole: int) -> dict[str, list[str]]:
    """For each variable, the codes that fewer cases have than `least`, and the next rarest until `whole` cases have any of them."""
    found = {}
    for v in (v for v in by if v != YEAR):
        counted = breakdown(cases, book, [v], where).query("n > 0").sort_values("n", kind="stable")
        few = list(counted[v][counted.n < least])
        for code in counted[v][counted.n >= least]:
            if not few or together(cases, book, [v], {v: few}, where).n.iloc[-1] >= whole:
                break
            few.append(code)
        found |= {v: few} if len(few) > 1 else {}
    return found


def recounted(table: pd.DataFrame, by: list[str], rest: dict[str, list[str]], cases: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    """A table of results counted again by other variables, with the base, filter, source and period that it had; see `together`."""
    row = table.iloc[0]
    within = row.base_rule.startswith(WITHIN)
    base = {"within": by[row.by.split(",").index(row.base_rule.removeprefix(WITHIN))]} if within else {"base": row.base_rule}
    counted = stats.shares(together(cases, book, by, rest, where_of(row), **base))
    codes = counted[by].agg(",".join, axis=1)
    same = {c: row[c] for c in ("table", "form", "where", "file", "source", "level", "place", "period", "note", "unit")}
    return complete(counted.drop(columns=by).assign(by=",".join(by), codes=codes, id=row.table + "." + codes.str.replace(",", "."), **same))


def together(cases: pd.DataFrame, book: Codebook, by: list[str], rest: dict[str, list[str]], where: dict, **base) -> pd.DataFrame:
    """A breakdown in which the codes (or groups) that `rest` names of a variable are one cell, the last: the cases with any of them.

    The columns are those of count.breakdown; the cell's code is these codes joined by |.
    """
    table = narrowed(profiles(cases, book, [*by, *where]), book, by, where)
    for v, codes in rest.items():
        every, keys = book.of(own(v)), columns(own(v), book.of(own(v)))
        mine = members(v, codes, book)
        gone, kept = (masks({"": some}, pd.Series([""]), every) for some in (mine, mine[:1]))
        now = table[keys].to_numpy(np.uint64)
        any_of = (now & gone).any(axis=1, keepdims=True)
        table = table.assign(**dict(zip(keys, np.where(any_of, now & ~gone | kept, now).T)))
    counted = breakdown(table, book, by, **base)
    for v, codes in rest.items():
        last = counted[v] == representative(v, codes, book)
        counted = pd.concat([counted[~counted[v].isin(codes)], counted[last].assign(**{v: MERGED.join(codes)})], ignore_index=True)
    return counted


def representative(variable: str, codes: list[str], book: Codebook) -> str:
    """The code (or group) of a variable under which the codes that are counted together stand."""
    first = members(variable, codes, book)[0]
    return first if variable == own(variable) else book.group_of(own(variable))[first]
