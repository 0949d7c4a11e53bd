"""A word -> what it is known by in whichever alphabet, case or look-alike letters it is written."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from analysis.codebook import listed

KEPT = 4  # letters that stay when an ending of several letters is taken off; 3 when it is of one
WORD = re.compile(r"[^\W_]+")
APOSTROPHE = r"['’ʼʹ‘`]"
DIGITS = re.compile(r"\d(?:[^\w\n]{0,3}\d)+")
DECIMALS = re.compile(r"\d*[.,]\d{5,}")  # a share with all its places is no number of a person


def plainly(text: str) -> str:
    """Text without capitals, accents and signs that nobody sees, in one Unicode form: ё is е, й is и; an apostrophe parts no word."""
    if not text.isascii():
        text = "".join(filter(is_seen, unicodedata.normalize("NFKD", text)))
    return re.sub(rf"(?<=\w){APOSTROPHE}(?:s\b)?(?=\w|\W|$)", "", text.casefold())


@cache
def is_seen(sign: str) -> bool:
    """Whether a sign of a text stands for itself: not an accent, a soft hyphen or a mark of direction."""
    return unicodedata.category(sign) not in ("Mn", "Cf")


def words(text: str) -> list[str]:
    """The words of a text as `plainly` has it; numbers are words, and what joins them is not."""
    return WORD.findall(text)


@cache
def known_by(word: str, lang: str, codebook: Path) -> str:
    """The key of a word of a sheet: in Latin letters, without the endings of a language of endings.csv."""
    return stem(spelled(word, 0, codebook), lang, codebook)


@cache
def keys(word: str, lang: str, codebook: Path) -> frozenset[str]:
    """The keys of a word of any text, as whichever it may have been meant: each is looked for."""
    if word.isdecimal():
        return frozenset([number(word)])
    cyrillic, latin = alike(codebook) if 2 * sum(map(str.isalpha, word)) > len(word) else ({}, {})  # e103 is a cell, not a word
    written = dict.fromkeys((word, word.translate(cyrillic), word.translate(latin)))
    return frozenset(stem(spelled(one, other, codebook), lang, codebook) for one in written for other in (0, 1))


def number(word: str) -> str:
    """Digits of any script as 0 to 9."""
    return "".join(str(unicodedata.decimal(sign)) for sign in word)


def spelled(word: str, other: int, codebook: Path) -> str:
    """A word in Latin letters by transliteration.csv; with `other` in its second way where a letter has two."""
    cyrillic, pattern, ways = alphabet(codebook)
    if word.isdecimal():
        return number(word)
    found = pattern.sub(lambda group: ways[group[0]][other], word.translate(cyrillic))
    return re.sub("i{2,}", "i", pattern.sub(lambda group: ways[group[0]][other], found).replace("ie", "e"))


@cache
def alphabet(codebook: Path) -> tuple[dict[int, str], re.Pattern, dict[str, tuple[str, str]]]:
    """transliteration.csv: letter of Cyrillic -> Latin ones; a pattern of the Latin groups that are simplified, and what they become."""
    table = listed(codebook / "transliteration.csv")
    ways = {row.letters: (row.key, row.also or row.key) for row in table.itertuples()}
    latin = sorted((letters for letters in ways if letters.isascii()), key=len, reverse=True)
    return str.maketrans({letters: key for letters, (key, _) in ways.items() if not letters.isascii()}), re.compile("|".join(latin)), ways


@cache
def alike(codebook: Path) -> tuple[dict[int, str], dict[int, str]]:
    """look_alikes.csv both ways: what looks like a Cyrillic letter -> it, and a Cyrillic letter -> the Latin one."""
    table = listed(codebook / "look_alikes.csv")
    letters = table[table.sign.str.isalpha()].drop_duplicates("looks_like")
    return str.maketrans(dict(zip(table.sign, table.looks_like))), str.maketrans(dict(zip(letters.looks_like, letters.sign)))


def stem(word: str, lang: str, codebook: Path) -> str:
    """A word in Latin letters without its endings in a language, one after the other: sultanga and sultannin come to sultan.

    Languages are never mixed: the n of many Russian words would be taken for part of a Kazakh ending.
    """
    for ending in endings(lang, codebook):
        if word.endswith(ending) and len(word) - len(ending) >= (3 if len(ending) == 1 else KEPT):
            return stem(word.removesuffix(ending), lang, codebook)
    return word


@cache
def endings(lang: str, codebook: Path) -> list[str]:
    """The endings of a language in endings.csv in Latin letters, the longest first."""
    table = listed(codebook / "endings.csv")
    found = {spelled(plainly(ending), 0, codebook) for ending in table.ending[table.language == lang]}
    return sorted(found, key=lambda ending: (-len(ending), ending))


@cache
def languages(codebook: Path) -> list[str]:
    """The languages that endings.csv has."""
    return list(dict.fromkeys(listed(codebook / "endings.csv").language))


def numbers(text: str, codebook: Path) -> list[tuple[int, str]]:
    """Where the runs of digits of a text begin, and their digits alone; a letter that looks like a digit is one."""
    text = DECIMALS.sub(lambda found: " x " + "x" * (len(found[0]) - 3), text) if any(sign.isdigit() for sign in text) else ""
    return [(run.start(), number(re.sub(r"\D", "", run[0]))) for run in DIGITS.finditer(text.translate(digits(codebook)))]


@cache
def digits(codebook: Path) -> dict[int, str]:
    """Letter -> the digit of look_alikes.csv that it looks like, in either alphabet."""
    table = listed(codebook / "look_alikes.csv")
    said = dict(zip(table.looks_like[table.sign.str.isdigit()], table.sign[table.sign.str.isdigit()]))
    letters = table[table.sign.str.isalpha() & table.looks_like.isin(list(said))]
    return str.maketrans(said | dict(zip(letters.sign, letters.looks_like.map(said))))
