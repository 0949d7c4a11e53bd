"""How the languages of drafts say numbers, references, units and claims, from data/codebook/draft."""

import re
from fnmatch import fnmatchcase as fnmatch
from fractions import Fraction
from functools import cache
from pathlib import Path

from analysis import home
from analysis.problems import rows_of

KAZAKH = re.compile("[әғқңөұүһі]", re.IGNORECASE)
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def language(text: str) -> str:
    """en, ru or kk, by the letters: Kazakh has nine that Russian does not, and they make up a tenth of any Kazakh text and more."""
    russian, kazakh = len(CYRILLIC.findall(text)), len(KAZAKH.findall(text))
    if russian + kazakh < len(re.findall("[a-z]", text, re.IGNORECASE)):
        return "en"
    return "kk" if kazakh > 0.06 * (russian + kazakh) else "ru"


def rows(name: str, lang: str) -> list[dict]:
    """The rows of a file of data/codebook/draft that hold for a language; those of `any` hold for all."""
    return _rows(home() / "data" / "codebook" / "draft", name, lang)


@cache
def _rows(folder: Path, name: str, lang: str) -> list[dict]:
    return [row for row in rows_of(folder, name) if row.get("language", "any") in ("any", lang)]


def around(lang: str, side: str) -> list[tuple[str, re.Pattern]]:
    """What may stand before, after, between or beside numbers: its meaning, and the pattern."""
    return _around(home() / "data" / "codebook" / "draft", lang, side)


@cache
def _around(folder: Path, lang: str, side: str) -> list[tuple[str, re.Pattern]]:
    form = {"before": r"(?:{})\Z", "between": r"(?:{})\Z"}.get(side, "{}")
    return [(row["means"], re.compile(form.format(row["pattern"]), re.IGNORECASE))
            for row in _rows(folder, "around", lang) if row["side"] == side]


def meaning(lang: str, side: str, text: str) -> str:
    """What the first fitting pattern of a side means; empty where none fits."""
    how = "search" if side in ("before", "inside") else "match"
    return next((means for means, pattern in around(lang, side) if getattr(pattern, how)(text)), "")


def length(lang: str, means: str, after: str) -> int:
    """How many letters the sign or word takes that a text begins with and that means this (`percent`, `ordinal`)."""
    return next(hit.end() for one, pattern in around(lang, "after") if one == means and (hit := pattern.match(after)))


def says(lang: str, means: str, text: str) -> bool:
    """Whether a text holds words that mean this (`exactly`, `mentions`, `parts`)."""
    return any(pattern.search(text) for one, pattern in around(lang, "inside") if one == means)


def unit_after(text: str, lang: str) -> str:
    """What follows a number when that is a unit, with two words before it at most: `counted` (documented cases), `persons`, or nothing."""
    return next((means for means, pattern in units(home() / "data" / "codebook" / "draft", lang) if pattern.match(text)), "")


@cache
def units(folder: Path, lang: str) -> list[tuple[str, re.Pattern]]:
    """The units of a language, with what they mean."""
    return [(row["means"], re.compile(rf"[\s\u00a0-]+(?:[^\W\d]+(?:-[^\W\d]+)?\s+){{0,2}}?(?:{row['pattern']})(?!\w)", re.IGNORECASE))
            for row in _rows(folder, "units", lang)]


def currency(text: str, lang: str = "any") -> str:
    """The currency that a text begins with, in any language; empty for none."""
    return next((name for name, pattern in currencies(home() / "data" / "codebook" / "draft") if pattern.match(text)), "")


@cache
def currencies(folder: Path) -> list[tuple[str, re.Pattern]]:
    """Each currency and the ways to write it behind a sum, as drafts do in any language."""
    return [(row["currency"], re.compile(rf"\s*(?:{row['pattern']})", re.IGNORECASE)) for row in _rows(folder, "currencies", "any")]


def shares(lang: str) -> list[tuple[str, Fraction, re.Pattern]]:
    """Shares in words: what they mean (above, below, about), of how much, and the pattern."""
    return _shares(home() / "data" / "codebook" / "draft", lang)


@cache
def _shares(folder: Path, lang: str) -> list[tuple[str, Fraction, re.Pattern]]:
    return [(row["means"], Fraction(row["value"]), re.compile(rf"(?<!\w)(?:{row['pattern']})(?!\w)", re.IGNORECASE))
            for row in _rows(folder, "shares", lang)]


@cache
def wording(folder: Path, lang: str) -> list[tuple[dict, re.Pattern, re.Pattern | None]]:
    """The rows of wording.csv with their patterns: what is said without a number behind it, and where that is no fault."""
    return [(row, re.compile(row["pattern"], re.IGNORECASE), re.compile(row["unless"], re.IGNORECASE) if row["unless"] else None)
            for row in _rows(folder, "wording", lang)]


def denying(text: str, lang: str) -> bool:
    """Whether a text holds a word of negations.csv."""
    said = re.findall(r"n['’]t|\w+", text.casefold())
    return any(fnmatch(word, row["word"]) for row in rows("negations", lang) for word in said)


def denied(text: str, start: int, end: int, lang: str) -> bool:
    """Whether what stands from start to end is denied: a word of negations.csv (a star: any beginning) near before or after it."""
    sides = {"before": re.findall(r"n['’]t|\w+", text[:start].casefold())[-8:], "after": re.findall(r"\w+", text[end:].casefold())[:6]}
    return any(fnmatch(word, row["word"]) for row in rows("negations", lang) for word in sides[row["side"]])
