"""The results of a report as a draft is held against them: what each counts, and which of them a number can be."""

import re
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from analysis import stats
from analysis.codebook import Codebook
from analysis.drafts.draft_numbers import Number
from analysis.ledger import codes_of, where_of
from analysis.problems import rows_of
from analysis.published import grim
from analysis.wording import words

OTHERS = ("claims", "printed_shares", "register", "printed_countries", "money")  # forms whose numbers somebody else printed
ONLY = {"together": "exactly", "exactly": "exactly", "mentions": "mentions", "ranks": "ranks", "agreement": "agreement"}
"""Forms meant only where the text says so, by words of around.csv."""
NO_CODES = ("year", "claim", "figure", "official_year", "answer")
APART = ("series_order",)  # says two numbers of `series` again, of two codes of one variable, which a row here has one of
PARTIAL = ("pairs", "agreement", "tiles")  # forms whose bases are parts of what is counted, and never its total
DIFFERENCES = ("pairs", "changes")  # forms whose values are differences of two shares
FACTORS = (".ratio", ".break_even", ".per_effort", ".effort")  # what ends the ids of rows that are ratios
DISTINCT = 20  # a number from here on is known again by itself; 3 is not


class Row(NamedTuple):
    """One result: its codes, the years it is of (empty where it is of the whole period), and its numbers."""

    id: str
    form: str
    keys: frozenset[tuple[str, str]]
    years: frozenset[int]
    period: tuple[int, int] | None
    unit: str
    level: str
    table: str
    n: float
    base: float
    share: float
    value: float
    low: float
    high: float
    text: str
    p: float = float("nan")
    p_holm: float = float("nan")


class Known(NamedTuple):
    """The rows of a report's results, apart: those with codes, totals and yearly counts, and those that others printed.

    `several` are the variables of which one case can have several codes, `own` the country of the report as a code, `coders` the
    variables whose codes only agreements of codings name, `unknown` the ways of not knowing.
    """

    coded: list[Row]
    totals: list[Row]
    printed: list[Row]
    variables: list[str]
    own: frozenset[tuple[str, str]]
    laws: list[tuple[str, frozenset[int], str, frozenset[int]]]
    several: frozenset[str]
    coders: list[str]
    unknown: frozenset[str]


def known(results: pd.DataFrame, book: Codebook) -> Known:
    """The results of a report (columns of the ledger), ready to be looked up."""
    rows = [made for row in results[~results.form.isin(APART)].itertuples() for made in rows_from(row, book)]
    printed = [row for row in rows if row.form in OTHERS]
    coded = [row for row in rows if row.keys and row.form not in OTHERS]
    totals = [row for row in rows if not row.keys and row.form not in OTHERS]
    variables = named(row for row in coded if row.form != "agreement") & set(book.order)
    coders = named(row for row in coded if row.form == "agreement") & set(book.order) - variables
    places = [place for place in results.place if place]
    own = frozenset({("country", max(set(places), key=places.count))}) if places else frozenset()
    return Known(coded, totals, printed, sorted(variables | {"country"}), own, laws(book, own),
                 frozenset(book.variables.index[book.variables.several == "yes"]), sorted(coders),
                 frozenset(row["code"] for row in rows_of(book.folder, "unknowns")))


def named(rows) -> set[str]:
    """The variables of which rows have a code."""
    return {variable for row in rows for variable, _ in row.keys}


def laws(book: Codebook, own: frozenset) -> list[tuple[str, frozenset[int], str, frozenset[int]]]:
    """The provisions of laws.csv of the report's country: article, its numbers, what it says, and the numbers in that."""
    numbers = [(row["article_en"], row["says_en"]) for row in rows_of(book.folder, "laws") if ("country", row["country"]) in own]
    return [(article, integers(article), says, integers(says)) for article, says in numbers]


def integers(text: str) -> frozenset[int]:
    """The whole numbers in a text."""
    return frozenset(map(int, re.findall(r"\d+", text)))


def rows_from(row, book: Codebook) -> list[Row]:
    """One row of the ledger; of a stage of the way to justice also its share of all cases, beside that of those it is known of."""
    made = row_of(row, book)
    if row.form != "reached":
        return [made]
    return [made._replace(value=float("nan")), made._replace(base=float(row.text.split(" ")[-1]), share=row.value, value=float("nan"))]


def row_of(row, book: Codebook) -> Row:
    """One row of the ledger, as a tuple. A variable as a whole, which tests and agreements are of, is its key without a code."""
    codes = {} if row.form in OTHERS else {row.codes: ""} if row.by == "variable" else codes_of(row, book)
    keys = [(variable, one) for variable, code in codes.items() if variable not in NO_CODES for one in code.split("+")]
    filters = where_of({"where": row.where}).items()
    keys += [(variable, listed[0]) for variable, listed in filters if len(listed) == 1 and variable in book.order and variable != "country"]
    years = frozenset(int(year) for year in re.findall(r"\d{4}", codes.get("year", "")))
    period = [int(year) for year in re.findall(r"\d{4}", row.period)]
    return Row(row.id, row.form, frozenset(keys), years, (period[0], period[-1]) if period else None, row.unit, row.level, row.table,
               row.n, row.base, row.share, row.value, row.low, row.high, row.text, row.p, row.p_holm)


class Context(NamedTuple):
    """What a number can be of: codes that are named, years, the words around it that choose between forms, and the ends of periods."""

    keys: frozenset[tuple[str, str]]
    years: frozenset[int]
    forms: frozenset[str]
    ends: frozenset[int] = frozenset()


def relevant(rows: list[Row], context: Context, must: frozenset = frozenset()) -> list[Row]:
    """The rows all of whose codes are named, and one of `must` among them, of the years that are named."""
    return [row for row in rows if row.keys <= context.keys and (not must or row.keys & must)
            and of_years(row, context.years, context.ends) and (row.form not in ONLY or ONLY[row.form] in context.forms)]


def of_years(row: Row, years: frozenset[int], ends: frozenset[int] = frozenset()) -> bool:
    """Whether a row is of the years that are named; where none is, or the first or last year of its period, it is one of the period.

    What compares two years is also of those at the ends of a period that is named (between 2020 and 2022), and of one of its years.
    """
    if len(row.years) > 1:
        return years | ends <= row.years or row.years <= years | ends
    if row.years:
        return row.years <= years
    return not years or row.period is None or bool(years & set(row.period))


def fits(row: Row, one: Number) -> bool:
    """Whether a number is what a row counts: its count, its count and base, its share, its interval, its value, its rank, its test."""
    if one.kind == "rank":
        return row.form == "ranks" and row.value == one.value
    if one.kind == "points":
        return nearly(abs(100 * row.value), one)
    if one.kind == "p":
        return any(p < one.value if one.bound == "fewer_than" else nearly(p, one) for p in (row.p, row.p_holm))
    if one.kind == "of":
        return row.n == one.value and row.base == one.base
    if one.kind == "percent":
        return rounds(row.share, one) and one.base in (None, row.base)
    if one.kind == "range":
        return ends(row.low, row.high, one) or is_factor(row) and ends(1 / row.high, 1 / row.low, one)
    if one.kind == "share":
        return row.share == row.share and in_words(row.share, one)
    if one.kind == "decimal":
        values = [row.value, row.low, row.high, row.n]
        return any(nearly(value, one) for value in [*values, *(1 / value for value in values[:3] if is_factor(row) and value)])
    return row.n == row.n and bounded(row.n, one)


def is_difference(row: Row) -> bool:
    """Whether the value of a row is the difference of two shares."""
    return row.form in DIFFERENCES and not row.id.endswith(FACTORS)


def is_factor(row: Row) -> bool:
    """Whether the value of a row is a ratio of two counts, which texts also turn round: a fall by a factor of 2.68 is a ratio of 0.37."""
    return row.form in ("change", "changes") and row.id.endswith(FACTORS) and row.low > 0


def bounded(n: float, one: Number) -> bool:
    """Whether a count is as the number says: itself, or at least, more than, at most, fewer than it, or about it."""
    value = float(one.value)
    return {"at_least": n >= value, "more_than": n > value, "at_most": n <= value, "fewer_than": n < value,
            "about": abs(n - value) <= max(0.05 * n, 0.5)}.get(one.bound, n == value)


def rounds(share: float, one: Number) -> bool:
    """Whether a share prints as the percentage, halves up or to the even digit."""
    if share != share:
        return False
    gap = abs(Fraction(one.value) - 100 * Fraction(share).limit_denominator(10**7))
    within = gap <= Fraction(1, 2 * 10**one.decimals)
    value = float(100 * share)
    return bounded(value, one) if one.bound and not within else within


def nearly(value: float, one: Number) -> bool:
    """Whether a value prints as the number with its decimals."""
    return value == value and abs(value) != float("inf") and words.rounded(value, one.decimals) == abs(one.value)


def ends(low: float, high: float, one: Number) -> bool:
    """Whether an interval prints as the range, in percent, in points or as it is."""
    if low != low:
        return False
    pairs = [(100 * low, 100 * high), (low, high), (-100 * high, -100 * low)] if high != float("inf") else []
    first = max(-one.low.as_tuple().exponent, 0)
    return any(words.rounded(a, first) in (one.low, -one.low) and words.rounded(b, one.decimals) == one.value for a, b in pairs)


def in_words(share: float, one: Number) -> bool:
    """Whether a share is what words say: above or below it, or what rounds to it and is within five points of it."""
    value = float(one.value)
    return {"above": share > value, "below": share < value}.get(one.bound, abs(share - value) <= 0.05)


def of_others(known: Known, one: Number, sentence: str) -> list[Row]:
    """The rows that others printed which have the number: a distinct one, or one beside the words that its row has."""
    return [row for row in known.printed if printed(row, one) and (
        one.value >= DISTINCT or len(stems(row.text) & stems(sentence)) > 2)]


def printed(row: Row, one: Number) -> bool:
    """Whether a number is one that somebody else printed: as a number, as a percentage, or as a range in the text of the row."""
    if one.kind == "range":
        return f"{one.low}-{one.value}" in row.text.replace("–", "-") or ends(row.low, row.high, one)
    if one.kind == "percent":
        return row.unit == "percent" and row.value == float(one.value) or row.form == "printed_shares" and rounds(row.value, one)
    if one.kind == "of":
        return row.n == one.value and row.base == one.base
    if one.kind == "decimal":
        return any(nearly(value, one) for value in (row.value, row.n, row.low, row.high))
    return (row.value == float(one.value) or row.form == "printed_shares" and float(one.value) in (
        row.n, row.base))


def stems(text: str) -> set[str]:
    """The beginnings of the longer words of a text."""
    return {word[:5] for word in re.findall(r"[^\W\d_]{4,}", text.casefold())}


def interval(one: Number) -> tuple[float, float]:
    """The interval of n of base (stats.wilson), 0 to 1."""
    low, high = stats.wilson(float(one.value), float(one.base))
    return float(low), float(high)


def near(one: Number) -> list[int] | None:
    """Of a percentage of a base that no count gives, the counts next to it; None where a count gives it."""
    if not one.base or grim.possible(one.value, one.decimals, one.base):
        return None
    return grim.around(one.value, one.decimals, one.base)


