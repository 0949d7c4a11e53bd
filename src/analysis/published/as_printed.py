"""What a printed figure says: a count, a percentage, a bound, a share in words, a range, a mark, or nothing that can be checked."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import ceil, floor, inf
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import home
from analysis.published import grim
from analysis.published.printed import NO_VALUE

NUMBER = r"\d{1,3}(?:[,\s\u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?"


class Printed(NamedTuple):
    """One figure as it can be checked.

    `kind`: count, percent, bound, share, range, mark or words. `value`: the number of a count or a percentage, with
    `decimals`. `low` and `high`: what it can be at least and at most, a count or percentage itself, or a share (0 to 1) of a
    base. `open`: whether the ends do not belong to it (more than half).
    """

    kind: str
    value: Decimal | None = None
    decimals: int = 0
    low: float | Fraction = -inf
    high: float | Fraction = inf
    open: bool = False


def read(text: str, unit: str = "") -> Printed:
    """A figure as printed, with the unit that stands beside it, as something that can be checked.

    "31", "1,824", "14.5" percent, "41.5 %", "at least 2", "more than half", "one in three", "24-75", "-", "Not available".
    What none of the ways of data/codebook/figure_phrases.csv fits is `words`; it stays as printed and is never guessed.
    """
    said = " ".join(text.split())
    if said in NO_VALUE:
        return Printed("mark")
    phrase = phrases(home() / "data" / "codebook").get(said.casefold().rstrip("."))
    if phrase and phrase[0] in SHARES:
        return SHARES[phrase[0]](int(phrase[1]))
    if found := re.fullmatch(rf"({NUMBER})\s*[-–]\s*({NUMBER})\s*%?", said):
        return Printed("range", low=float(number(found[1])), high=float(number(found[2])))
    if found := re.fullmatch(rf"({NUMBER})\s*(%?)", said):
        percent = bool(found[2]) or unit.startswith("percent")
        value = number(found[1])
        return Printed("percent" if percent else "count", value, -value.as_tuple().exponent, float(value), float(value))
    return bound(said)


def bound(said: str) -> Printed:
    """A number that is only an end: at least 2."""
    for phrase, (means, _) in sorted(phrases(home() / "data" / "codebook").items(), key=lambda one: -len(one[0])):
        found = re.fullmatch(rf"{re.escape(phrase)} ({NUMBER})", said, re.IGNORECASE)
        if found and means in BOUNDS:
            return BOUNDS[means](float(number(found[1])))
    return Printed("words")


SHARES = {"share_above": lambda k: Printed("share", low=Fraction(1, k), high=Fraction(1), open=True),
          "share_below": lambda k: Printed("share", low=Fraction(0), high=Fraction(1, k), open=True),
          # What rounds to "one in k": nearer to it than to one in k - 1 or one in k + 1.
          "one_in": lambda k: Printed("share", low=Fraction(2, 2 * k + 1), high=Fraction(2, 2 * k - 1))}
BOUNDS = {"at_least": lambda n: Printed("bound", low=n), "at_most": lambda n: Printed("bound", low=0, high=n),
          "more_than": lambda n: Printed("bound", low=floor(n) + 1), "fewer_than": lambda n: Printed("bound", low=0, high=ceil(n) - 1)}


def number(text: str) -> Decimal:
    """A number as printed: a comma or space before three digits parts thousands, any other comma stands before decimals."""
    plain = re.sub(r"[,\s\u00a0\u202f](?=\d{3}(?:\D|$))", "", text)
    return Decimal(plain.replace(",", "."))


def counts(one: Printed, base: float) -> tuple[float, float]:
    """The least and the greatest count of a base that a figure can stand for; NaN twice where there is none or it says nothing."""
    if one.kind == "percent":
        fitting = grim.possible(one.value, one.decimals, base)
        return (fitting[0], fitting[-1]) if fitting else (float("nan"),) * 2
    if one.kind == "share":
        low, high = one.low * grim.whole(base), one.high * grim.whole(base)
        first = floor(low) + 1 if one.open and low else ceil(low)
        last = ceil(high) - 1 if one.open and one.high < 1 else floor(high)
        return (first, last) if first <= last else (float("nan"),) * 2
    if one.kind in ("count", "bound"):
        return one.low, min(one.high, base)
    return (float("nan"),) * 2


@cache
def phrases(codebook: Path) -> dict[str, tuple[str, str]]:
    """Phrase -> what it means and its number, from figure_phrases.csv of a codebook."""
    table = pd.read_csv(codebook / "figure_phrases.csv", dtype=str, keep_default_na=False)
    return {row.phrase.casefold(): (row.means, row.number) for row in table.itertuples()}
