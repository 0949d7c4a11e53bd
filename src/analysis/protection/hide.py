"""Results of one confidential source -> the same with what the policy does not let out hidden, merged or left out."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.count import breakdown, own
from analysis.ledger import HIDDEN, where_of
from analysis.protection import derived, earlier, merge, policy, possible, suppress

# What is known of a number before any is hidden: whether it is to be published at all, or earlier editions only; whether it is too small;
# between which ends a reader of earlier editions takes it to lie; whether it is too near to what they showed.
KNOWN = ["here", "small", "least", "most", "near"]
NUMBERS = ["n", "share", "value", "low", "high", "p", "p_holm"]


class Planned(NamedTuple):
    """`rows`: the results that may be published; `left_out`: table, why."""

    rows: pd.DataFrame
    left_out: list[tuple[str, str]]


class Ready(NamedTuple):
    """`rows`: results of one source before any is hidden, with KNOWN; `cases`: profiles of the cases that they count; `left_out`: table,
    why; `made`: results that are shown whole or not at all (see derived)."""

    rows: pd.DataFrame
    cases: pd.DataFrame
    left_out: list[tuple[str, str]]
    made: pd.DataFrame


class Part(NamedTuple):
    """Tables that are protected together: their names, variables, and those whose sets of codes the reader is taken to know."""

    tables: list[str]
    variables: list[str]
    known: list[str]


def planned(rows: pd.DataFrame, cases, book: Codebook, signed: set[str], last: earlier.Earlier = earlier.NOTHING) -> Planned:
    """The results of one source, protected together (policy P3 to P10); `signed` are the tables that the release register has.

    `cases` are its cases, or the Parquet file of them, `last` what earlier editions showed. Tables that the policy does not allow are
    left out, those with many small cells are counted by groups instead, then cells are hidden over all tables at once, for a reader who
    has the earlier editions too. Raises AssertionError when a result does not count what the cases hold, attack.Unsolved when the attack
    does not end, and earlier.Corrected for an edition that differs from an earlier one by too few cases (P11).
    """
    ready = prepared(rows, cases, book, signed, last)
    if few_cases := earlier.corrected(pd.concat([ready.rows, ready.made]), last, policy.numbers(book.folder)["k"]):
        raise earlier.Corrected(few_cases)
    rows, out = ready.rows, list(ready.left_out)
    for part in parts(rows):
        rows, more = hidden_in(rows, part, ready.cases, book)
        out += more
    rows = rows[rows.here].drop(columns=KNOWN)
    made, more = shown_whole(ready, set(rows.id[rows.no_value != HIDDEN]), book, signed)
    return Planned(percentages(pd.concat([rows, made], ignore_index=True), book), out + more)


def shown_whole(ready: Ready, known: set[str], book: Codebook, signed: set[str]) -> Planned:
    """Of the tables that are shown whole or not at all those that are, where of the others the numbers `known` are shown."""
    here = ready.rows[ready.rows.here]
    hidden = set(here.id[here.n.notna()]) - known
    why = {name: derived.held_back(table, here, hidden, book, signed) for name, table in ready.made.groupby("table", sort=False)}
    shown = ready.made[~ready.made.table.map(why).astype(bool)]
    return Planned(shown.drop(columns=KNOWN), [pair for pair in why.items() if pair[1]])


def prepared(rows: pd.DataFrame, cases, book: Codebook, signed: set[str], last: earlier.Earlier = earlier.NOTHING) -> Ready:
    """The results of one source that the policy allows, by groups where it asks for it, and what a reader of earlier editions knows."""
    every = pd.concat([rows, last.rows[last.rows.file.isin(rows.file)]])
    made, rows = (rows[rows.form.isin([*derived.FORMS]) == is_made] for is_made in (True, False))
    rules = rules_of(rows, cases, book)
    rows = rows[~rows.table.map(lambda name: bool(rules[name].why))]
    counted = possible.narrowed_to(cases, rows, book) if len(rows) else cases
    kept = [merge.merged(table, counted, book, rules[name]) for name, table in rows.groupby("table", sort=False)]
    rows = pd.concat(kept, ignore_index=True) if kept else rows[:0]
    rows, made = with_known(rows, made, earlier.also_told(rows, every, last, cases, book), last, {
        name: 0 if rule.signed and name in signed else rule.k for name, rule in rules.items()}, signed, policy.numbers(book.folder)["k"])
    counted = possible.narrowed_to(cases, rows, book) if len(rows) else cases
    return Ready(rows, counted, [(name, rule.why) for name, rule in rules.items() if rule.why], made)


def with_known(rows, made, gone, last: earlier.Earlier, limits: dict[str, int], signed: set[str], k: int):
    """The rows to be published, and those that are shown whole or not at all, with KNOWN; to the first are added those that only earlier
    editions showed (`gone`), where their numbers still hold or are near. `limits`: table -> the least count that need not be hidden (0:
    every count may be shown, and may change)."""
    every = earlier.ends(pd.concat([rows, made, gone], keys=["rows", "made", "gone"], names=["part"]).reset_index("part"), last)
    limit = every.table.map(lambda name: min(limits.get(name, 0 if name in signed else k), k)).astype(float)
    limit = limit.mask((every.part == "made") & ~every.form.isin(derived.WITH_COUNTS), 0)  # their counts are those of other tables
    planned, here = every.part == "rows", every.part != "gone"
    every = every.assign(here=here, small=planned & small(every, limit), near=(limit > 0) & earlier.near(every, k))
    kept = planned | ~here & (every.near | (every.least == every.most))
    rows, made = (every[some].drop(columns="part").reset_index(drop=True) for some in (kept, every.part == "made"))
    return rows, made


def unsigned(rows: pd.DataFrame, cases, book: Codebook, signed: set[str]) -> list[str]:
    """The tables that may be published only when the release register has them, and that it does not have (policy P3, P13)."""
    rows = rows[~rows.form.isin([*derived.FORMS])]
    return [name for name, rule in rules_of(rows, cases, book).items() if rule.signed and name not in signed and not rule.why
            and small(rows[rows.table == name], rule.k).any()]


def rules_of(rows: pd.DataFrame, cases, book: Codebook) -> dict[str, policy.Rule]:
    """Table -> what the policy says of it."""
    if rows.empty:
        return {}
    where = {v: codes for v, codes in where_of(rows.iloc[0]).items() if v in possible.alike(rows)}
    total = int(breakdown(cases, book, [], where).n.iloc[0])
    return {name: policy.rule(table, total, book) for name, table in rows.groupby("table", sort=False)}


def variables_of(table: pd.DataFrame, narrowed: set[str]) -> list[str]:
    """The variables that a table counts or narrows by, without those to which everything of the source is narrowed alike."""
    row = table.iloc[0]
    by = [own(v) for v in filter(None, row.by.split(","))]
    return list(dict.fromkeys([*by, *(own(v) for v in where_of(row) if v not in narrowed or own(v) in by)]))


def parts(rows: pd.DataFrame) -> list[Part]:
    """The tables in parts that can be protected one by one, so that what is left open in each is left open in all together.

    Tables are connected by the variables that they share. Where these connections make no circle, and nothing of a shared variable has to
    be hidden by itself, each set of variables is a part of its own, of whose shared variables the reader is taken to know how many cases
    have which set of codes: any cases that fit one part and any that fit another can then be put together to cases that fit both. All
    else that is connected is one part.
    """
    narrowed = possible.alike(rows)
    of = {name: variables_of(table, narrowed) for name, table in rows.groupby("table", sort=False)}
    few = set(rows.table[rows.small | rows.near])
    open_alone = {variables[0] for name, variables in of.items() if len(variables) == 1 and name in few}
    found = []
    for variables in connected(of.values()):
        mine = {name: some for name, some in of.items() if set(some) & variables}
        sets = [one for one in {frozenset(some) for some in mine.values()} if not any(one < frozenset(other) for other in mine.values())]
        shared = [v for v in sorted(variables) if sum(v in one for one in sets) > 1]
        if sum(len(one) - 1 for one in sets) > len(variables) - 1 or open_alone & set(shared):
            sets, shared = [frozenset(variables)], []
        told = {name: set(some) for name, some in mine.items() if not set(some) <= set(shared)}  # of the others nothing is hidden
        found += [Part([name for name, some in told.items() if some <= one], sorted(one), [v for v in shared if v in one])
                  for one in sorted(sets, key=sorted)]
    return found


def connected(several) -> list[set[str]]:
    """The variables in sets that no table connects: what is published of one says nothing of another but the total."""
    sets: list[set[str]] = []
    for mine in map(set, several):
        joined = [one for one in sets if one & mine]
        sets = [one for one in sets if not one & mine] + [mine.union(*joined)]
    return [one for one in sets if one]


def small(table: pd.DataFrame, limit: int | pd.Series) -> pd.Series:
    """Which results are counts from 1 to limit - 1."""
    return (table.n > 0) & (table.n < limit)


def hidden_in(rows: pd.DataFrame, part: Part, cases, book: Codebook) -> Planned:
    """All rows, with cells hidden in the tables of a part; tables that hiding cannot protect are left out."""
    out = []
    while True:
        mine = rows.table.isin(part.tables)
        if not (rows.small | rows.near)[mine].any():
            return Planned(rows, out)
        cells, of_row = cells_of(rows[mine], part, cases, book)
        try:
            hidden = suppress.plan(cells, policy.numbers(book.folder)["k"])
            return Planned(without(rows, of_row.index[hidden[of_row]]), out)
        except suppress.Unprotected as error:
            open_to_all = rows.loc[of_row.index[of_row.isin(error.cells)]]
            names = open_to_all.table[open_to_all.here].unique()
            out += [(name, "its small numbers could be found again from others") for name in names]
            rows = left_out(rows.drop(index=open_to_all.index[~open_to_all.here]), names)


def left_out(rows: pd.DataFrame, names) -> pd.DataFrame:
    """The rows once these tables are not published: of theirs stays what nobody may find out, and what earlier editions showed."""
    gone = rows.table.isin(names)
    return rows[~gone | rows.small | rows.near | (rows.least == rows.most)].assign(here=rows.here & ~gone)


def cells_of(rows: pd.DataFrame, part: Part, cases, book: Codebook) -> tuple[suppress.Cells, pd.Series]:
    """The numbers of these rows, of their bases and of the known sets as cells, each once, and for each row the number of its cell."""
    counted = [possible.counted(row, book) for _, row in rows.iterrows()]
    based = [possible.based(row, book) for _, row in rows[rows.here].drop_duplicates(["where", "base_rule", "by", "base"]).iterrows()]
    every = possible.universe(cases, book, {one for some in (*counted, *(b for base in based for b in base)) for one in some}, part.known)
    sets = [every.sets[v] == at for v in part.known if v in every.sets for at in np.unique(every.sets[v])]
    bases = [np.ones(len(every.n)), *(np.sum([every.holding(one) for one in base], axis=0) for base in based), *sets]
    vectors = [np.asarray(vector, float) for vector in (*bases, *map(every.holding, counted))]
    place = {key: at for at, key in enumerate(dict.fromkeys(vector.tobytes() for vector in vectors))}
    at = [place[vector.tobytes()] for vector in vectors]
    members, of_row = np.array([np.frombuffer(key) for key in place]), pd.Series(at[len(bases):], rows.index)
    counts = members @ every.n
    wrong = rows.id[counts[of_row] != rows.n]
    if len(wrong):
        raise AssertionError(f"These results do not count what the cases hold: {', '.join(wrong[:5])}.")
    low, high = np.zeros(len(place)), np.full(len(place), np.inf)
    told = rows[rows.here | (rows.least == rows.most)]  # of what this edition does not count it says nothing new
    np.maximum.at(low, of_row[told.index], told.least)
    np.minimum.at(high, of_row[told.index], told.most)
    total = np.isin(np.arange(len(place)), at[:len(bases)]) | (low == high)
    is_small, closed = (np.isin(np.arange(len(place)), of_row[some]) for some in (rows.small, rows.near | ~rows.here))
    return alone(suppress.Cells(members, every.n, is_small, total, 1 + counts / counts.max(), closed & ~total, low, high)), of_row


def alone(cells: suppress.Cells) -> suppress.Cells:
    """The same cells over fewer profiles: those that no cell tells apart are one."""
    members, of = np.unique(cells.members, axis=1, return_inverse=True)
    return cells._replace(members=members, cases=np.bincount(of.ravel(), cells.cases, members.shape[1]))


def without(rows: pd.DataFrame, hidden: pd.Index) -> pd.DataFrame:
    """The rows without the numbers of those that are hidden, and with the one mark for it (policy P8)."""
    rows = rows.copy()
    rows.loc[hidden, NUMBERS] = np.nan
    rows.loc[hidden, "no_value"] = HIDDEN
    return rows


def percentages(rows: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    """The rows with whole percentages, and none on a base that is too small for one (policy P7)."""
    rows, counted = rows.copy(), rows.value.isna()  # beside a value the interval is its own
    rows.loc[counted, ["share", "low", "high"]] = rows.loc[counted, ["share", "low", "high"]].round(2)
    rows.loc[rows.base < policy.numbers(book.folder)["percent_from"], ["share", "low", "high", "method"]] = [np.nan, np.nan, np.nan, ""]
    return rows
