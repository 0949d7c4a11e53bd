"""The numbers of a sentence: counts, n of a base, percentages, ranges, shares in words, sums of money; and what is no claim."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analysis import home
from analysis.drafts import draft_words
from analysis.published import as_printed

# What holds digits and claims nothing: names of files, ids and addresses, dates, times, numbers of lists, marks of footnotes.
NO_NUMBERS = re.compile(r"\S*(?:[A-Za-z][\w.:/?=&-]*\d|\d[\w./?=&]*[A-Za-z]{3})\S*|\b\d{4}-\d{2}(?:-\d{2})?\b|\b\d{1,2}\.\d{1,2}\.\d{2,4}\b"
                        r"|\b\d{1,2}:\d{2}\b|\+?\d[\d()-]*(?:[ -]\(?\d{2,4}\)?){3,}|\A\(?\d{1,2}(?:\.\d{1,2})*[.)]\s|\[\d+\]")
SPACE = "\u00a0\u202f "
DIGITS = re.compile(rf"(?<![\w.,])[−-]?(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d{{1,3}}(?:[{SPACE}]\d{{3}})+(?:,\d+)?|\d+(?:[.,]\d+)?)"
                    r"(?![.,]?\d)")
YEARS = range(1900, 2101)


class Number(NamedTuple):
    """One number of a sentence, from `start` to `end`.

    `kind`: count (with a unit that is counted), persons (with another unit), of (value of base), percent, range (low to value),
    share (in words), points (of percent), rank, p (of a test), money, decimal, bare, year, period, or what makes it no claim
    (NO_CLAIMS). `bound`: one of BOUNDS, or above and below for a share. `base` stands for `of`, and for a percentage of a base that
    is named.
    """

    start: int
    end: int
    text: str
    kind: str
    value: Decimal | Fraction
    decimals: int = 0
    base: int | None = None
    low: Decimal | None = None
    bound: str = ""
    currency: str = ""
    word: bool = False



def of(text: str, lang: str) -> list[Number]:
    """The numbers of a sentence, in its order."""
    masked = NO_NUMBERS.sub(lambda hit: "\u0000" * len(hit.group()), text)
    found = shares(masked, lang)
    for one in found:
        masked = masked[:one.start] + "\u0000" * (one.end - one.start) + masked[one.end:]
    read = sorted([*digits(masked), *words(masked, lang)])
    return sorted([*found, *joined([kinds(one, masked, lang) for one in read], masked, lang)])


def digits(text: str) -> list[Number]:
    """The numbers written in digits."""
    made = []
    for hit in DIGITS.finditer(text):
        plain = hit.group().replace("−", "-")
        value = as_printed.number(plain)
        decimals = max(-value.as_tuple().exponent, 0)
        made.append(Number(hit.start(), hit.end(), hit.group(), "bare", value, decimals))
    return made


def words(text: str, lang: str) -> list[Number]:
    """The numbers written in words: twenty-one, двадцать один, жиырма бір."""
    number, parts = spelled(home() / "data" / "codebook" / "draft", lang)
    made = []
    for hit in number.finditer(text):
        values = values_of(text, *hit.span(), parts)
        if values:
            kind = "ordinal" if values[-1][1] == "ordinal" else "bare"
            made.append(Number(hit.start(), hit.end(), hit.group(), kind, Decimal(composed(values)), word=True))
    return made


def values_of(text: str, start: int, end: int, parts: list[tuple[re.Pattern, int, str]]) -> list[tuple[int, str]]:
    """What the words of a number from start to end add or multiply by, the longest that fits first (ни одного before одного)."""
    found = []
    while start < end:
        fitting = [(hit.end(), value, means) for pattern, value, means in parts
                   if (hit := pattern.match(text, start)) and start < hit.end() <= end]
        start, *said = max(fitting) if fitting else (re.compile(r"\w+|\W").match(text, start).end(), None)
        found += [tuple(said)] if fitting else []
    return found


def composed(values: list[tuple[int, str]]) -> int:
    """Words of a number as a number: (2, number), (1000, times), (5, number) are 2,005."""
    total = current = 0
    for value, means in values:
        if means in ("number", "ordinal"):
            current += value
        elif value == 100:
            current = max(current, 1) * 100
        else:
            total, current = total + max(current, 1) * value, 0
    return total + current


@cache
def spelled(folder: Path, lang: str) -> tuple[re.Pattern, list]:
    """A pattern of numbers in words, and each word's pattern with its value and what it does (number, times)."""
    rows = draft_words.rows("numerals", lang)
    ending = "|".join(row["pattern"] for row in rows if row["means"] == "ending")
    ending = f"(?:{ending})?" if ending else ""
    parts = [(re.compile(rf"(?:{row['pattern']}){ending}(?!\w)", re.IGNORECASE), int(row["value"]), row["means"])
             for row in rows if row["means"] != "ending"]
    word = "|".join(pattern.pattern for pattern, _, _ in parts)
    joint = r"(?:[\s-]+(?:and\s+)?)" if lang == "en" else r"(?:[\s-]+)"
    return re.compile(rf"(?<![\w-])(?:{word})(?:{joint}(?:{word}))*(?!\w)", re.IGNORECASE), parts


def shares(text: str, lang: str) -> list[Number]:
    """Shares in words: more than half, каждый третий, үштен бір; the longest where several fit."""
    found = [Number(hit.start(), hit.end(), hit.group(), "share", value, bound=means)
             for means, value, pattern in draft_words.shares(lang) for hit in pattern.finditer(text)]
    return [one for one in found if not any(two.start < one.end and one.start < two.end and two.end - two.start > one.end - one.start
                                            for two in found)]


def kinds(one: Number, text: str, lang: str) -> Number:
    """What kind of number it is, by what stands before and after it."""
    before, after = text[max(0, one.start - 60):one.start], text[one.end:one.end + 80]
    here, there = draft_words.meaning(lang, "before", before), draft_words.meaning(lang, "after", after)
    if one.kind == "ordinal" or there == "ordinal":
        ending = draft_words.length(lang, "ordinal", after) if there == "ordinal" else 0
        ranked = here in ("rank", "ranked") or draft_words.meaning(lang, "after", after[ending:]) == "rank"
        return one._replace(kind="rank" if ranked else "ordinal")
    if here in ("p", "p_below"):
        return one._replace(kind="p", bound="fewer_than" if here == "p_below" else "")
    if here == "rank" and not one.word and not one.decimals:
        return one._replace(kind="rank")
    one = one._replace(bound=here if here in BOUNDS else there if there in BOUNDS else "")
    money = draft_words.currency(after) or ("USD" if before.rstrip().endswith("$") else "")
    if money:
        return one._replace(kind="money", currency=money)
    if here == "reference":
        return one._replace(kind=here)
    counted = draft_words.unit_after(after, lang)
    if re.fullmatch(r"\d{4}", one.text) and one.value in YEARS and (not counted or there == "duration"):
        return one._replace(kind="year")
    if there in (*NO_CLAIMS, "points"):
        return one._replace(kind=there)
    if there == "percent":
        end = one.end + draft_words.length(lang, "percent", after)
        return one._replace(kind="percent", end=end, text=text[one.start:end])
    if here in NO_CLAIMS and not counted:
        return one._replace(kind=here)
    if one.decimals:
        return one._replace(kind="decimal")
    return one._replace(kind="count" if counted == "counted" else "persons") if counted else one


NO_CLAIMS = ("reference", "date", "age", "duration", "ordinal")
BOUNDS = ("at_least", "more_than", "at_most", "fewer_than", "about", "whole")


def joined(found: list[Number], text: str, lang: str) -> list[Number]:
    """Numbers that stand together as one: 9 of 31, 31-ден 9, 16 to 47 %, 2016–2022; alone they stay what they are."""
    made: list[Number] = []
    for one in found:
        last = made[-1] if made else None
        between = draft_words.meaning(lang, "between", text[last.end:one.start]) if last else ""
        if between == "and" and draft_words.meaning(lang, "before", text[:last.start]) == "between":
            between = "to"
        if between == "base_first" and draft_words.meaning(lang, "after", text[one.end:]) == "until":
            between = ""  # 83-тен 31-ге дейін: from one to the other, and no part of it
        both = multiplied(last, one, text) or pair(last, one, between, text)
        if both:
            made[-1] = both
        else:
            made.append(one)
    return made


def multiplied(last: Number | None, one: Number, text: str) -> Number | None:
    """Digits and the word that multiplies them: 300 thousand."""
    if last and one.word and not last.word and one.value >= 1000 and not text[last.end:one.start].strip(SPACE):
        return one._replace(value=last.value * one.value, start=last.start, text=text[last.start:one.end], word=False)
    return None


def pair(last: Number | None, one: Number, between: str, text: str) -> Number | None:
    """Two numbers as one, where what stands between them makes them one."""
    if not between or not text[last.end:one.start].strip(" \u00a0\u202f") and between != "of":
        return None
    whole = text[last.start:one.end]
    if between == "of" and last.kind in ("bare", "count", "persons") and one.kind in ("bare", "count", "persons", "reference") and not (
            last.decimals or one.decimals) and one.value >= last.value:
        if last.word and one.word and one.value == 10:  # three cases out of ten are a share, and no ten were counted
            return last._replace(kind="share", value=Fraction(int(last.value), 10), end=one.end, text=whole, bound="about")
        return last._replace(kind="of", base=int(one.value), end=one.end, text=whole)
    if between == "base_first" and {last.kind, one.kind} <= {"bare", "count", "persons"} and last.value >= one.value:
        return one._replace(kind="of", base=int(last.value), start=last.start, text=whole)
    if between == "base_first" and last.kind in ("bare", "count") and one.kind == "percent":
        return one._replace(base=int(last.value), start=last.start, text=whole)
    if between == "of" and last.kind == "percent" and one.kind in ("bare", "count", "persons"):
        return last._replace(base=int(one.value), end=one.end, text=whole)
    if between == "to" and last.kind == one.kind == "year":
        return one._replace(kind="period", low=last.value, start=last.start, text=whole)
    if between == "to" and one.kind in ("percent", "bare", "decimal", "count", "points", "rank") and last.kind in (
            "percent", "bare", "decimal", "points", "rank"):
        bound = one.kind if one.kind in ("percent", "points") else "rank" if last.kind == "rank" else ""
        return one._replace(kind="range", low=last.value, start=last.start, text=whole, bound=bound)
    return None
