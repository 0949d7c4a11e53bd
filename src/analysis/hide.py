"""Results of one confidential source -> the same with what the policy does not let out hidden, merged or left out."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import policy, possible, stats, suppress
from analysis.codebook import GROUP, Codebook
from analysis.count import YEAR, breakdown, own
from analysis.ledger import complete, where_of

ATTACHED = (YEAR, "country")  # what tables are narrowed to; no subject of their own
HIDDEN = "hidden"
NUMBERS = ["n", "share", "value", "low", "high"]
MOST_SMALL = 0.07  # share of small cells from which groups are counted in place of codes: hiding one costs about one more


class Planned(NamedTuple):
    """`rows`: the results that may be published; `left_out`: table, why."""

    rows: pd.DataFrame
    left_out: list[tuple[str, str]]


def planned(rows: pd.DataFrame, cases, book: Codebook, signed: set[str]) -> Planned:
    """The results of one source, protected together (policy P3 to P10); `signed` are the tables that the release register has.

    `cases` are its cases, or the Parquet file of them. Tables that the policy does not allow are left out, those with many small
    cells are counted by groups instead, then cells are hidden over all tables at once. Raises AssertionError when a result does not
    count what the cases hold, and attack.Unsolved when the attack does not end.
    """
    total = int(breakdown(cases, book, []).n.iloc[0])
    rules = {name: policy.rule(table, total, book) for name, table in rows.groupby("table", sort=False)}
    left_out = [(name, rule.why) for name, rule in rules.items() if rule.why]
    merged = [by_groups(table, cases, book, rules[name]) for name, table in rows.groupby("table", sort=False) if not rules[name].why]
    kept = pd.concat(merged, ignore_index=True) if merged else rows[:0]
    limits = {name: 0 if rule.signed and name in signed else rule.k for name, rule in rules.items()}
    for variables in components(kept):
        kept, out = hidden_in(kept, variables, cases, book, limits)
        left_out += out
    return Planned(few(kept, book), left_out)


def subjects(table: pd.DataFrame) -> list[str]:
    """The variables that a table counts or narrows by, without year and country, and without the groups in their names."""
    row = table.iloc[0]
    named = [own(v) for v in (*filter(None, row.by.split(",")), *where_of(row))]
    return [v for v in dict.fromkeys(named) if v not in ATTACHED]


def components(rows: pd.DataFrame) -> list[list[str]]:
    """The variables in sets that no table connects: what is published of one says nothing of another but the total."""
    sets: list[set[str]] = []
    for _, table in rows.groupby("table", sort=False):
        mine = set(subjects(table))
        joined = [one for one in sets if one & mine]
        sets = [one for one in sets if not one & mine] + [mine.union(*joined)]
    return [sorted(one) for one in sets if one]


def by_groups(table: pd.DataFrame, cases, book: Codebook, rule: policy.Rule) -> pd.DataFrame:
    """The table, or the same by groups of codes where too many of its cells are small: the first variable, the second, then both."""
    row = table.iloc[0]
    by = list(filter(None, row.by.split(",")))
    grouped = [at for at, v in enumerate(by) if f"{v}{GROUP}" in book.order]
    if rule.signed or row.form not in ("bars", "heat", "years"):
        return table
    for some in [[], *([at] for at in grouped), grouped]:
        again = recounted(table, [f"{v}{GROUP}" if at in some else v for at, v in enumerate(by)], cases, book) if some else table
        occurring = again[again.n > 0]
        if (occurring.n < rule.k).mean() <= MOST_SMALL:
            return again
    return again


def recounted(table: pd.DataFrame, by: list[str], cases, book: Codebook) -> pd.DataFrame:
    """A table of results counted again by other variables, with the base, filter, source and period that it had."""
    row = table.iloc[0]
    within = row.base_rule.removeprefix("within ") if row.base_rule.startswith("within ") else None
    base = "all" if within else row.base_rule
    counted = stats.shares(breakdown(cases, book, by, where_of(row), base=base, within=within, unit=row.unit))
    codes = counted[by].agg(",".join, axis=1)
    same = {c: row[c] for c in ("table", "form", "where", "file", "source", "level", "place", "period", "note")}
    return complete(counted.assign(by=",".join(by), codes=codes, id=row.table + "." + codes.str.replace(",", "."), **same))


def hidden_in(rows: pd.DataFrame, variables: list[str], cases, book: Codebook, limits: dict[str, int]) -> Planned:
    """All rows, with cells hidden in the tables of these variables; tables that hiding cannot protect are left out."""
    left_out = []
    while True:
        mine = rows.groupby("table").id.transform("size").astype(bool) & rows.table.map(
            {name: bool(set(subjects(table)) & set(variables)) for name, table in rows.groupby("table")})
        if not mine.any():
            return Planned(rows, left_out)
        cells, of_row = cells_of(rows[mine | (rows.by == "")], variables, cases, book, limits)
        if not cells.small.any():
            return Planned(rows, left_out)
        try:
            hidden = suppress.plan(cells, policy.numbers(book.folder)["k"])
            return Planned(without(rows, of_row.index[hidden[of_row]]), left_out)
        except suppress.Unprotected as error:
            names = rows.table[of_row.index[of_row.isin(error.cells)]].unique()
            left_out += [(name, "its small numbers could be found again from others") for name in names]
            rows = rows[~rows.table.isin(names)]


def cells_of(rows: pd.DataFrame, variables: list[str], cases, book: Codebook, limits: dict[str, int]) -> tuple[suppress.Cells, pd.Series]:
    """The numbers of these rows and of their bases as cells, each once, and for each row the number of its cell."""
    attached = [v for v in ATTACHED if any(v in (*row.by.split(","), *where_of(row)) for _, row in rows.iterrows())]
    table = possible.profiles_of(cases, book, variables, attached)
    counted = {at: possible.counted(row, table, book) for at, row in rows.iterrows()}
    based = [possible.based(row, table, book) for _, row in rows.drop_duplicates(["where", "base_rule", "by", "base"]).iterrows()]
    place = {key: at for at, key in enumerate(dict.fromkeys(v.tobytes() for v in (*based, *counted.values())))}
    members = np.array([np.frombuffer(key) for key in place])
    of_row = pd.Series({at: place[vector.tobytes()] for at, vector in counted.items()})
    counts = members @ table.n.to_numpy()
    wrong = rows.id[counts[of_row] != rows.n.to_numpy()]
    if len(wrong):
        raise AssertionError(f"These results do not count what the cases hold: {', '.join(wrong[:5])}.")
    limit = rows.table.map(limits)
    small = np.zeros(len(place), bool)
    small[of_row[(rows.n > 0) & (rows.n < limit)]] = True
    total = np.zeros(len(place), bool)
    total[[place[vector.tobytes()] for vector in based]] = True
    return suppress.Cells(members, table.n.to_numpy(float), small & ~total, total, 1 + counts / counts.max()), of_row


def without(rows: pd.DataFrame, hidden: pd.Index) -> pd.DataFrame:
    """The rows without the numbers of those that are hidden, and with the one mark for it (policy P8)."""
    rows = rows.copy()
    rows.loc[hidden, NUMBERS] = np.nan
    rows.loc[hidden, "no_value"] = HIDDEN
    return rows


def few(rows: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    """The rows with no percentage on a base that is too small for one (policy P7)."""
    rows = rows.copy()
    rows.loc[rows.base < policy.numbers(book.folder)["percent_from"], ["share", "low", "high", "method"]] = [np.nan, np.nan, np.nan, ""]
    return rows
