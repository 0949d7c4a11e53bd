"""The profiles that a reader of a publication has to reckon with, and which number of it holds which of them."""

import itertools
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.codebook import MERGED, Codebook
from analysis.count import YEAR, columns, holding, indicators, members, own, profiles, unknown
from analysis.ledger import codes_of, where_of
from analysis.sheets.cells import masks

MOST = 20_000  # profiles; a reader is taken to know that no others occur, so that leaving some out never hides too little
WITHIN = "within "
Item = tuple[str, tuple[str, ...]]  # a variable, and codes: what a number says of a case is that it has any of them


class Universe(NamedTuple):
    """`has`: for each item, the profiles that have it; `sets`: for each variable, the number of its set of items in each profile;
    `n`: the true cases of each profile."""

    has: dict[Item, np.ndarray]
    sets: dict[str, np.ndarray]
    n: np.ndarray

    def holding(self, items: list[Item]) -> np.ndarray:
        """The profiles that have all of these."""
        return np.logical_and.reduce([np.ones(len(self.n), bool), *(self.has[item] for item in items)])


def item(variable: str, code: str, book: Codebook) -> Item:
    """What a code, a group, or several codes joined by | or + stand for."""
    codes = code.replace("+", MERGED).split(MERGED)
    return own(variable), tuple(codes if variable == YEAR else members(variable, codes, book))


def counted(row, book: Codebook) -> list[Item]:
    """What the cases have that a result counts."""
    codes = codes_of(row, book)
    if row.form == "all_of":
        return kept(row, book) + [item(v, one, book) for v, code in codes.items() for one in code.split("+")]
    return kept(row, book) + [item(v, code, book) for v, code in codes.items()]


def kept(row, book: Codebook) -> list[Item]:
    """What the cases have that the filter of a result keeps."""
    return [item(v, MERGED.join(codes), book) for v, codes in where_of(row).items()]


def based(row, book: Codebook) -> list[list[Item]]:
    """What the cases have that the base of a result counts; for mentions one list for each code that may be named."""
    codes = codes_of(row, book)
    if row.base_rule == "answered":
        return [kept(row, book) + [(own(v), tuple(known_of(own(v), book))) for v in codes]]
    if row.base_rule.startswith(WITHIN):
        variable = row.base_rule.removeprefix(WITHIN)
        return [kept(row, book) + [item(variable, codes[variable], book)]]
    if row.base_rule == "mentions":
        return [kept(row, book) + [item(v, one, book)] for v in codes for one in known_of(v, book)]
    return [kept(row, book)]


def known_of(variable: str, book: Codebook) -> list[str]:
    """The codes of a variable that say something."""
    return [code for code in book.of(variable) if code not in unknown(variable, book)]


def universe(cases, book: Codebook, items: set[Item], known: list[str]) -> Universe:
    """The profiles over these items that occur, and others that a reader cannot exclude.

    Others are made of the sets of codes that each variable has in some case, of its single codes, and of pairs of them where a case
    can have several; of a `known` variable the reader knows how many cases have which set, so that no other set can occur. Where
    these are too many, others differ from one that occurs in one variable. See MOST.
    """
    variables = sorted({variable for variable, _ in items})
    mine = {v: sorted(one for one in items if one[0] == v) for v in variables}
    truth = profiles(cases, book, variables)
    seen = {v: told(truth, v, mine[v], book) for v in variables}
    more = {v: [told(others(truth, v, book), v, mine[v], book)] for v in variables if v not in known}
    sets = {v: np.unique(np.vstack([seen[v], *more.get(v, [])]), axis=0, return_inverse=True) for v in variables}
    real = pd.DataFrame({v: sets[v][1].ravel()[:len(truth)] for v in variables}).assign(n=truth.n)
    every = pd.concat([real, *made(real, {v: len(sets[v][0]) for v in variables})]).fillna({"n": 0})
    every = every.groupby(variables, as_index=False).n.sum()
    has = {one: sets[v][0][:, at][every[v]] for v in variables for at, one in enumerate(mine[v])}
    return Universe(has, {v: every[v].to_numpy() for v in variables}, every.n.to_numpy(float))


def alike(rows: pd.DataFrame) -> set[str]:
    """The variables by which every table is narrowed, and to the same codes: what is published is of these cases only."""
    filters = [frozenset((v, tuple(codes)) for v, codes in where_of(row).items()) for _, row in rows.drop_duplicates("where").iterrows()]
    return {v for v, _ in frozenset.intersection(*filters)} if filters else set()


def variables(row) -> set[str]:
    """The variables that a result counts or narrows by."""
    return {own(v) for v in (*filter(None, row.by.split(",")), *where_of(row))}


def narrowed_to(cases, rows: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    """Profiles of the cases to which all of these tables are narrowed."""
    where = {v: codes for v, codes in where_of(rows.iloc[0]).items() if v in alike(rows)}
    kinds = [row for _, row in rows.drop_duplicates(["by", "where"]).iterrows()]
    every = profiles(cases, book, sorted(set().union(*map(variables, kinds))))
    return every[holding(every, book, where)]


def told(table: pd.DataFrame, variable: str, items: list[Item], book: Codebook) -> np.ndarray:
    """Which rows have which of these items of one variable; shape (rows, items)."""
    return np.column_stack([holding(table, book, {variable: list(codes)}) for _, codes in items])


def others(truth: pd.DataFrame, variable: str, book: Codebook) -> pd.DataFrame:
    """Single codes that occur of one variable, and pairs of them where a case can have several, as masks."""
    if variable == YEAR:
        return truth[[YEAR]]
    every = book.of(variable)
    codes = list(itertools.compress(every, indicators(truth, variable, every, book).any(axis=0)))
    pairs = itertools.combinations([code for code in codes if code not in unknown(variable, book)], 2)
    chosen = [(code,) for code in codes] + (list(pairs) if book.variables.at[variable, "several"] == "yes" else [])
    named = pd.Series(["+".join(one) for one in chosen])
    return pd.DataFrame(masks({name: name.split("+") for name in named}, named, every), columns=columns(variable, every))


def made(real: pd.DataFrame, sizes: dict[str, int]) -> list[pd.DataFrame]:
    """Profiles made of sets by their numbers: every choice of them, or where these are too many those next to one that occurs."""
    every = {v: pd.DataFrame({v: range(size)}) for v, size in sizes.items()}
    if np.prod([float(size) for size in sizes.values()]) <= MOST:
        whole = pd.DataFrame({"n": [0]})
        for one in every.values():
            whole = whole.merge(one, how="cross")
        return [whole]
    near = [real.drop(columns=[v, "n"]).drop_duplicates().merge(one, how="cross") for v, one in every.items()]
    return [pd.concat(near).drop_duplicates().head(MOST)]
