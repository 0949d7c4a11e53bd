"""The profiles that a reader of a publication has to reckon with, and which number of it holds which of them."""

import itertools

import numpy as np
import pandas as pd

from analysis.cells import masks
from analysis.codebook import Codebook
from analysis.count import YEAR, columns, holding, indicators, matching, profiles, unknown
from analysis.ledger import codes_of, where_of

MOST = 4_000  # profiles; with fewer a reader is taken to know more than he does, so that leaving some out never hides too little


def profiles_of(cases, book: Codebook, variables: list[str], attached: list[str]) -> pd.DataFrame:
    """Masks of the variables with `n`, the true cases: the profiles that occur, and others that a reader cannot exclude.

    Others are every choice of one code of each variable, and of two where a case can have several. `attached` (year, country)
    are those values that occur, with each of them. Leaving further ones out makes the attack stricter than a reader can be.
    """
    truth = profiles(cases, book, [*variables, *attached])
    seen = {v: [code for code, any_of in zip(book.of(v), indicators(truth, v, book.of(v), book).any(axis=0)) if any_of] for v in variables}
    made = itertools.islice(choices(seen, book), MOST)
    other = pd.DataFrame([{v: set(codes) for v, codes in zip(seen, one)} for one in made])
    if other.empty or not variables:
        return truth
    masked = pd.concat([pd.DataFrame(masked_as(other[v], book.of(v)), columns=columns(v, book.of(v))) for v in variables], axis=1)
    values = truth[[c for v in attached for c in columns(v, [] if v == YEAR else book.of(v))]].drop_duplicates()
    every = masked.merge(values, how="cross") if attached else masked
    return pd.concat([truth, every.assign(n=0)]).groupby([c for c in truth if c != "n"], as_index=False, sort=False).n.sum()


def choices(seen: dict[str, list[str]], book: Codebook):
    """Tuples of sets of codes, one for each variable: one code of each first, then with two of one of them."""
    ones = {v: [(code,) for code in codes] for v, codes in seen.items()}
    yield from itertools.product(*ones.values())
    for v, codes in seen.items():
        if book.variables.at[v, "several"] == "yes":
            known = [code for code in codes if code not in unknown(v, book)]
            yield from itertools.product(*(itertools.combinations(known, 2) if one == v else ones[one] for one in seen))


def masked_as(chosen: pd.Series, codes: list[str]) -> np.ndarray:
    """Sets of codes as masks; shape (sets, columns of the variable)."""
    named = chosen.map(lambda some: "+".join(sorted(some)))
    return masks({name: name.split("+") for name in named.unique()}, named, codes)


def counted(row, table: pd.DataFrame, book: Codebook) -> np.ndarray:
    """How often a result counts each profile: 0 or 1, and for mentions as often as it names a code."""
    kept, codes = holding(table, book, where_of(row)), codes_of(row, book)
    if row.form == "together":
        (variable, together), = codes.items()
        return (kept & matching(table, book, variable, together.split("+"), "exactly")).astype(float)
    return (kept & holding(table, book, {v: [code] for v, code in codes.items()})).astype(float)


def based(row, table: pd.DataFrame, book: Codebook) -> np.ndarray | None:
    """How often the base of a result counts each profile; None for a rule of bases that is not known here."""
    kept, codes = holding(table, book, where_of(row)), codes_of(row, book)
    if row.base_rule == "all":
        return kept.astype(float)
    if row.base_rule == "answered":
        return (kept & holding(table, book, {v: [c for c in book.of(v) if c not in unknown(v, book)] for v in codes})).astype(float)
    if row.base_rule.startswith("within "):
        variable = row.base_rule.removeprefix("within ")
        return (kept & holding(table, book, {variable: [codes[variable]]})).astype(float)
    if row.base_rule == "mentions":
        (variable,) = codes
        named = [code not in unknown(variable, book) for code in book.of(variable)]
        return kept * indicators(table, variable, book.of(variable), book)[:, named].sum(axis=1).astype(float)
    return None


