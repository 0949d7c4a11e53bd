"""Rows about several years -> the sentences that say them: what changed, and how far a change of effort alone would explain it."""

import numpy as np
import pandas as pd

from analysis import ledger
from analysis.codebook import Codebook
from analysis.wording import words
from analysis.years.like_for_like import MONTH

MONTHS = {f"{number:02}": number for number in range(1, 13)}


def measure(row) -> str:
    """What a row measures, which ends its id: break_even, ratio, effort, per_effort, months, channels."""
    return row.id.rpartition(".")[2]


def measures(rows: pd.DataFrame) -> list[str]:
    """What each row of a comparison of years measures: share, difference or break_even of a code, or what ends its id."""
    kinds = {"wilson": "share", "newcombe": "difference"}
    return [kinds.get(row.method) or measure(row) for row in rows.itertuples()]


def years(row) -> dict[str, str]:
    """The years of a row: `first` and `last`, and `year` where it is of one."""
    first, _, last = row.codes.split(",")[0].partition("-")
    return {"year": first, "first": first, "last": last or first}


def changed(row, what: str, lang: str) -> str:
    """One of the two rows of a change of a code: the difference of the shares, or the break-even of the counts."""
    if measure(row) == "break_even":
        return break_even(row, what, lang)
    say = words.of(lang)["years"]
    ends = {name: words.points(value, lang) for name, value in (("points", row.value), ("low", row.low), ("high", row.high))}
    said = say["difference"].format(unit=words.units(row.unit, lang), what=what, **ends, **years(row))
    return f"{said} {say['holds_0']}" if row.low <= 0 <= row.high else said


def break_even(row, what: str, lang: str) -> str:
    """By which factor effort would have had to fall or grow for the change of a count to be nothing but effort."""
    say = words.of(lang)["years"]
    at = years(row) | {"unit": words.units(row.unit, lang), "that": say["that"].format(what=what) if what else ""}
    if np.isnan(row.value):
        return say["none"].format(**at)
    if row.value == 1:
        return say["same"].format(**at, interval=words.factors(row.low, row.high, lang))
    value, low, high = (row.value, row.low, row.high) if row.value > 1 else turned(row.value, row.low, row.high)
    if not np.isfinite(value) and low <= 1:
        return say["too_few"].format(**at)
    kind = ("fell" if row.value > 1 else "rose") if np.isfinite(value) else "fell_to_none" if row.value > 1 else "rose_from_none"
    said = say[kind].format(**at, value=words.factor(value, lang), interval=words.factors(low, high, lang), limit=words.factor(low, lang))
    return f"{said} {say['holds_1']}" if low <= 1 <= high else said


def turned(value: float, low: float, high: float) -> tuple[float, float, float]:
    """A ratio and its interval the other way round."""
    with np.errstate(divide="ignore"):
        one, top, bottom = 1 / np.array([value, low, high])
    return float(one), float(bottom), float(top)


def change(row, book: Codebook, lang: str) -> str:
    """A row about the counts of two years; see changes.of_counts."""
    say, kind = words.of(lang)["years"], measure(row)
    if kind == "break_even":
        return break_even(row, "", lang)
    if row.no_value or np.isnan(row.value):
        return say["effort_unknown" if row.no_value else "none"].format(**years(row), unit=words.units(row.unit, lang), that="")
    at = years(row) | {"value": words.factor(row.value, lang), "interval": words.factors(row.low, row.high, lang),
                       "unit": words.units(row.unit, lang)}
    if kind == "effort":
        kind = "effort_same" if row.value == 1 else "effort_fell" if row.value > 1 else "effort_grew"
        return say[kind].format(**at | {"value": words.factor(max(row.value, 1 / row.value), lang)})
    verdict = "below" if row.high < 1 else "above" if row.low > 1 else {"per_effort": "explained", "ratio": "holds_1"}[kind]
    return " ".join([say[kind].format(**at), *([say[verdict]] if kind == "per_effort" or verdict == "holds_1" else [])])


def counted(row, book: Codebook, lang: str) -> str:
    """How many records a year has, or that it has none and why that is no zero."""
    say = words.of(lang)["years"]
    kind = row.no_value or ("published" if row.form == "printed_years" else "counted")
    number = "" if row.no_value else words.counted(row.n, row.unit, lang)
    return say[kind].format(counted=number, who=row.text, year=row.codes)


def kept(row, book: Codebook, lang: str) -> str:
    """How many records of a year stay when years are compared like for like, or why they cannot be."""
    say, kind = words.of(lang)["years"], measure(row)
    if row.no_value:
        return say[row.no_value]
    values = shared(row, book, lang)
    if not values:
        return say["all_kept"].format(counted=words.counted(row.base, row.unit, lang), what=say["what"][kind], **years(row))
    how = "months" if kind == "months" else row.method
    return say[how].format(of=words.share_of(row.n, row.base, lang), unit=words.unit(row.base, row.unit, lang), values=values, **years(row))


def shared(row, book: Codebook, lang: str) -> str:
    """The months or channels to which a row keeps, as a list; nothing where none had to be left out."""
    where = ledger.where_of(row._asdict())
    if MONTH in where:
        return words.months([MONTHS[month] for month in where[MONTH]], lang)
    return words.joined([book.label(variable, code, lang) for variable, codes in where.items() for code in codes
                         if variable not in ("year", "country")], lang)


def rate(row, book: Codebook, lang: str) -> str:
    """An official count for each 100,000 inhabitants, or why there is none."""
    say, (year, stage) = words.of(lang)["years"], row.codes.split(",")
    what = book.label("official", stage, lang)
    if row.no_value:
        return say["no_rate"].format(what=what, year=year, why=words.of(lang)["no_value"][row.no_value])
    return say["rate"].format(what=what, year=year, value=words.factor(row.value, lang), interval=words.factors(row.low, row.high, lang),
                              n=words.count(row.n, lang), base=words.count(row.base, lang))
