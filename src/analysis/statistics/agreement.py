"""How far two codings of the same cases agree: by variable and by code, beyond what chance alone would make of it."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis import ledger, source
from analysis.codebook import Codebook, fold
from analysis.problems import UsageError
from analysis.published import printed
from analysis.stats import CONFIDENCE

CODINGS = ("coding_1", "coding_2")
NONE = 1e-6  # an error, or a part of 1, that is 0 but for rounding


class Coefficient(NamedTuple):
    """Agreement beyond chance: 1 is perfect, 0 what chance alone makes. NaN where it is undefined; no interval where the error is 0."""

    value: float
    error: float
    low: float
    high: float


def coefficient(value: float, error: float, confidence: float = CONFIDENCE) -> Coefficient:
    """A coefficient with its normal interval, which ends at 1; an error of 0 comes of data that show no variation, and makes none."""
    if not error > NONE:
        return Coefficient(float(value), 0.0 if value == value else np.nan, np.nan, np.nan)
    half = ndtri((1 + confidence) / 2) * error
    return Coefficient(float(value), float(error), float(value - half), float(min(value + half, 1)))


def kappa(table, confidence: float = CONFIDENCE) -> Coefficient:
    """Cohen's kappa of a square table of cases, a row for each code of the first coding and a column for each of the second.

    J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20 (1960), 37-46; the error is
    that of J. L. Fleiss, J. Cohen and B. S. Everitt, Large sample standard errors of kappa and weighted kappa, Psychological Bulletin 72
    (1969), 323-327, equation 13, and large samples are what it needs. Undefined where both codings use one code only, and always
    the same. It falls with the rarity of a code however well the codings agree (A. R. Feinstein and D. V. Cicchetti, High agreement but low
    kappa, Journal of Clinical Epidemiology 43 (1990), 543-549): never read it without the share of cases on which they agree.
    """
    cells = np.asarray(table, float) / np.sum(table)
    first, second = cells.sum(axis=1), cells.sum(axis=0)
    observed, expected = np.trace(cells), float(first @ second)
    if expected > 1 - 1e-12:
        return coefficient(np.nan, np.nan)
    value = (observed - expected) / (1 - expected)
    weights = (1 - value) * (second[:, None] + first[None, :])
    np.fill_diagonal(weights, 1 - np.diag(weights))
    spread = (cells * weights**2).sum() - (value - expected * (1 - value)) ** 2
    return coefficient(value, np.sqrt(max(spread, 0) / np.sum(table)) / (1 - expected), confidence)


def masi(one: frozenset, other: frozenset) -> float:
    """The distance of two sets of codes, 0 to 1: R. Passonneau, Measuring agreement on set-valued items, LREC 2006, section 3.

    Jaccard's index times 1 for equal sets, 2/3 where one holds the other, 1/3 where they share something, taken from 1. A code
    that only one coding adds therefore weighs less than one that each puts in the other's place, which Jaccard alone does not tell.
    """
    shared = len(one & other)
    kind = 1 if one == other else 2 / 3 if shared in (len(one), len(other)) else 1 / 3
    return 1 - kind * shared / len(one | other)


def alpha(first: list[frozenset], second: list[frozenset], confidence: float = CONFIDENCE) -> Coefficient:
    """Krippendorff's alpha of two codings whose values are sets of codes, with the distance `masi`.

    K. Krippendorff, Content Analysis (2004), chapter 11: 1 less the mean distance within cases over that of any two values.
    Its error is the jackknife's over cases (B. Efron and C. Stein, The jackknife estimate of variance, Annals of Statistics 9 (1981),
    586-596). Undefined where all values are the same.
    """
    values = list(dict.fromkeys([*first, *second]))
    apart = np.array([[masi(one, other) for other in values] for one in values])
    a, b = (np.array([values.index(one) for one in coding]) for coding in (first, second))
    within, n = apart[a, b], len(a)
    of_value = apart @ np.bincount(np.concatenate([a, b]), minlength=len(values))
    every = of_value[a].sum() + of_value[b].sum()
    left = every - 2 * (of_value[a] + of_value[b] - within)  # of all ordered pairs of values, those without this case's two
    whole, each = chance_corrected(within.sum(), n, every), chance_corrected(within.sum() - within, n - 1, left)
    return coefficient(whole, np.sqrt((n - 1) / n * ((each - each.mean()) ** 2).sum()) if n > 1 else np.nan, confidence)


def chance_corrected(within, cases, every):
    """1 less the mean of the distances within cases over the mean of those of all pairs of values, from the sums of both."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - (within / cases) / (every / (2.0 * cases * (2 * cases - 1)))


def of(file: str, book: Codebook, chapter: str) -> pd.DataFrame:
    """Agreement of two codings of the same cases as rows of the ledger: `<chapter>_agreement` and a table for each variable.

    `<chapter>_agreement` has a row for each variable: `n` of `base` cases get exactly the same from both, `value` is Cohen's kappa where a
    case has one value and Krippendorff's alpha where it can have several (`method`), low and high its interval.
    `<chapter>_agreement_<plural>` has a row for each code of a variable, which a case has or has not: `n` cases on which both agree,
    `value` kappa, `text` the cases given the code by both, by the first alone and by the second alone. `no_value` says why a coefficient
    or its interval is missing. What the codings are, and so what their agreement can mean, is the note of the source. Errors: see `read`.
    """
    if not file:
        return ledger.complete(pd.DataFrame())
    found, name = read(file, book), f"{chapter}_agreement"
    parts = {variable: rows for variable, rows in found.groupby("variable", sort=False)}
    whole = pd.DataFrame([{"codes": variable, **of_variable(rows, variable, book)} for variable, rows in parts.items()])
    made = [whole.assign(table=name, by="variable")]
    made += [of_codes(rows, variable, book).assign(table=f"{name}_{book.name(variable, what='plural')}", by=variable)
             for variable, rows in parts.items() if variable in book.variables.index]
    rows, record = pd.concat(made, ignore_index=True), source.record(file)
    return printed.printed(rows.assign(id=rows.table + "." + rows.codes, share=rows.n / rows.base), file, form="agreement",
                           unit=record.get("unit", "cases"), place=record.get("place", ""), period=str(record.get("period", "")))


def read(file: str, book: Codebook) -> pd.DataFrame:
    """Two codings in long form: case, variable, and in coding_1 and coding_2 the sets of codes that each gave.

    Raises UsageError for a file without the columns that data/raw/README.md names, for a variable or code that the codebook does not
    know and the source record does not list as `own_codes`, and for a case that stands twice under one variable.
    """
    table, own = printed.table(file), source.record(file).get("own_codes", [])
    heads = {column: book.headers.get(fold(column), column) for column in table}
    table = table.rename(columns=heads)
    if lacks := [column for column in ("case_id", "variable", *CODINGS) if column not in table]:
        raise UsageError(f"{file} lacks the columns {', '.join(lacks)}. data/raw/README.md says how two codings are written down.")
    table = table.assign(variable=[book.headers.get(fold(name), name) for name in table.variable])
    if twice := list(table.variable[table.duplicated(["case_id", "variable"])].unique()):
        raise UsageError(f"{file} has a case twice under {', '.join(twice)}. Each case stands once under each variable.")
    cells = {coding: zip(table[coding], table.variable) for coding in CODINGS}
    sets = {coding: [codes(text, variable, book, file, own) for text, variable in cells[coding]] for coding in CODINGS}
    return table[["case_id", "variable"]].assign(**sets)


def codes(text: str, variable: str, book: Codebook, file: str, own: list[str]) -> frozenset:
    """The codes of one cell; a number is a code of its own, and an empty cell is not stated."""
    if variable not in book.variables.index:
        if variable.endswith("_n") and not text.strip(" 0123456789"):
            return frozenset([text.strip() or "not_stated"])
        book.known(variable)
    parts = [part.strip() for part in text.split(";") if part.strip()] or ["not_stated"]
    found = {part: book.code(variable, part) or (part if part in own else None) for part in parts}
    if strange := [part for part, code in found.items() if code is None]:
        raise UsageError(f"{file}: {variable} has no code '{strange[0]}'. Did you mean {book.nearest(variable, strange[0])}?")
    return frozenset(found.values())


def of_variable(rows: pd.DataFrame, variable: str, book: Codebook) -> dict:
    """n, base, value, low, high, method and no_value of one variable."""
    first, second = (list(rows[coding]) for coding in CODINGS)
    several = variable in book.variables.index and book.variables.at[variable, "several"] == "yes"
    found = alpha(first, second) if several else kappa(squared(first, second))
    same = sum(one == other for one, other in zip(first, second))
    return {"n": same, "base": len(rows), "value": found.value, "low": found.low, "high": found.high,
            "method": "alpha" if several else "kappa", "no_value": missing(found, "one_value")}


def squared(first: list, second: list) -> np.ndarray:
    """How many cases get which value from the first coding (row) and which from the second (column), over all values that either uses."""
    values = list(dict.fromkeys([*first, *second]))
    cells = np.zeros((len(values), len(values)))
    np.add.at(cells, tuple([values.index(one) for one in coding] for coding in (first, second)), 1)
    return cells


def of_codes(rows: pd.DataFrame, variable: str, book: Codebook) -> pd.DataFrame:
    """A row for each code of a variable: codes, n, base, value, low, high, method, no_value, text; see `of`."""
    used = dict.fromkeys(code for coding in CODINGS for given in rows[coding] for code in sorted(given))
    every = dict.fromkeys([*book.of(variable), *used])
    has = {code: [np.array([code in given for given in rows[coding]]) for coding in CODINGS] for code in every}
    made = []
    for code, (first, second) in has.items():
        both, only_first, only_second = (int(x.sum()) for x in (first & second, first & ~second, second & ~first))
        neither, base = len(rows) - both - only_first - only_second, len(rows)
        found = kappa([[both, only_first], [only_second, neither]])
        why = missing(found, "always" if both else "not_used")
        made.append({"codes": code, "n": both + neither, "base": base, "value": found.value, "low": found.low, "high": found.high,
                     "method": "kappa", "no_value": why, "text": f"{both}, {only_first}, {only_second}"})
    return pd.DataFrame(made)


def missing(found: Coefficient, undefined: str) -> str:
    """Why a coefficient or its interval is missing: it is undefined, the codings never differ, or one of them does not vary."""
    if found.value != found.value:
        return undefined
    return "" if found.low == found.low else "never_differ" if found.value > 1 - NONE else "one_sided"


def given(rows: pd.DataFrame) -> pd.DataFrame:
    """How many cases got each code of rows of `of` from both codings, from the first alone and from the second alone."""
    counts = rows.text.str.split(", ", expand=True).reindex(columns=range(3))
    return counts.apply(pd.to_numeric).set_axis(["both", "first only", "second only"], axis=1)


def differences(rows: pd.DataFrame, book: Codebook, lang: str = "en") -> pd.DataFrame:
    """Where two codings differ, the most frequent first: variable, code, first only, second only, differ. `rows` come from `of`."""
    mine = rows[rows.by != "variable"]
    counts = given(mine)[["first only", "second only"]]
    names = pd.DataFrame({"variable": [book.name(variable, lang) for variable in mine.by],
                          "code": [book.label(*one, lang) for one in zip(mine.by, mine.codes)]}, index=mine.index)
    table = names.join(counts).assign(differ=counts.sum(axis=1))
    return table[table.differ > 0].sort_values("differ", ascending=False, kind="stable", ignore_index=True)
