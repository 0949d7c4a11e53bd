"""What a sentence speaks of: the codes it names, by the beginnings of their words, and the years."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analysis import home
from analysis.codebook import Codebook
from analysis.drafts import draft_words

LONG = 6  # letters that one half of a label with "or" needs to stand for the whole


NOTHING = ("", "")  # what a phrase of terms.csv without a variable names: it only keeps its words from naming a code


class Mention(NamedTuple):
    """Codes that some words of a sentence name: variable and code of each."""

    start: int
    end: int
    keys: frozenset[tuple[str, str]]


def mentions(text: str, names: list[tuple[re.Pattern, tuple[str, str]]]) -> list[Mention]:
    """What a text names; where one name lies inside a longer one, the longer."""
    found: dict[tuple[int, int], set] = {}
    for pattern, key in names:
        for hit in pattern.finditer(text):
            found.setdefault(hit.span(), set()).add(key)
    spans = sorted(found, key=lambda span: (span[0] - span[1], span))
    kept: list[tuple[int, int]] = []
    for span in spans:
        if not any(one[0] <= span[0] and span[1] <= one[1] for one in kept):
            kept.append(span)
    return [Mention(*span, frozenset(found[span])) for span in sorted(kept) if NOTHING not in found[span]]


def names(book: Codebook, variables, lang: str) -> list[tuple[re.Pattern, tuple[str, str]]]:
    """A pattern for each way to name each code of some variables in a language, from its label and from draft/terms.csv."""
    made = [(pattern, (variable, code)) for variable in variables for code in book.of(variable)
            for pattern in of_label(book.label(variable, code, lang), lang)]
    for row in draft_words.rows("terms", lang):
        if row["variable"] in variables or not row["variable"]:
            made.append((re.compile(starred(row["phrase"], lang), re.IGNORECASE), (row["variable"], row["code"])))
    return made


def variables(book: Codebook, lang: str) -> list[tuple[re.Pattern, tuple[str, str]]]:
    """A pattern for each variable as a whole, by its label, with its key: the variable without a code."""
    return [(pattern, (variable, "")) for variable in book.variables.index for pattern in of_label(book.name(variable, lang), lang)]


def of_label(label: str, lang: str) -> list[re.Pattern]:
    """The patterns of a label: all its words in order (two in any), and of a label with "or" each side that is long enough."""
    small = small_words(home() / "data" / "codebook" / "draft", lang)
    words = re.findall(r"[^\W_]+(?:[-.][^\W_]+)*", re.sub(r"\([^)]*\)", "", label))
    sides: list[list[str]] = [[]]
    for word in words:
        if small.get(word.casefold()) == "or":
            sides.append([])
        elif word.casefold() not in small:
            sides[-1].append(word)
    whole = [word for side in sides for word in side]
    wanted = [whole] + [side for side in sides if len(sides) > 1 and side and max(map(len, side)) >= LONG]
    wanted += [whole[::-1]] if len(sides) == 1 and len(whole) == 2 else []
    return [re.compile(sequence([inflected(word, lang) for word in one]), re.IGNORECASE) for one in wanted if one]


def sequence(words: list[str]) -> str:
    """Words that follow each other with at most two others between them."""
    return r"(?<!\w)" + r"(?:[\W_]+\w+){0,2}?[\W_]+".join(words) + r"(?!\w)"


def starred(phrase: str, lang: str) -> str:
    """A phrase of terms.csv: a star stands for any ending, words without one are inflected."""
    words = [re.escape(word[:-1]) + r"\w*" if word.endswith("*") else inflected(word, lang) for word in phrase.split()]
    return sequence(words)


def inflected(word: str, lang: str) -> str:
    """A pattern for the forms of a word: English by its endings, Russian by all but its last letters, Kazakh by what is put behind it."""
    word = word.casefold()
    if word.isdigit() or len(word) < 3:
        return re.escape(word)
    return {"en": english, "ru": russian, "kk": kazakh}[lang](word)


def english(word: str) -> str:
    """threats, threat; dating, date; restricted, restriction; women, woman."""
    if word.endswith("man"):
        return rf"{re.escape(word[:-2])}[ae]ns?(?:['’]s?)?"
    word = word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
    for end, forms in (("ion", "ions?|ed|ing|s|e"), ("ies", "y|ies"), ("y", "y|ies"), ("e", "es?|ed|ing|ions?")):
        if word.endswith(end) and len(word) > 4 - (end == "e"):
            optional = "?" if end == "ion" else ""
            return rf"{re.escape(word.removesuffix(end))}(?:{forms}){optional}(?:['’]s?)?"
    return rf"{re.escape(word)}(?:e?s|ed|ing)?(?:['’]s?)?"


def russian(word: str) -> str:
    """угроза, угрозы; подставное, подставных."""
    cut = 2 if len(word) > 5 else 1 if len(word) > 4 else 0
    return re.escape(word[:len(word) - cut]).replace("ё", "[её]") + r"[а-яё]{0,4}"


def kazakh(word: str) -> str:
    """кездесу, кездесудің; the last letter of a long word may change before an ending."""
    return re.escape(word[:-1] if len(word) > 5 else word) + r"\w{0,9}"


def parted(text: str, lang: str) -> bool:
    """Whether a text holds the word for and: what stands on its other side is something else."""
    small = small_words(home() / "data" / "codebook" / "draft", lang)
    return any(small.get(word) == "and" for word in re.findall(r"\w+", text.casefold()))


@cache
def small_words(folder: Path, lang: str) -> dict[str, str]:
    """Word -> or, and, skip: words of labels that texts leave out."""
    return {row["word"]: row["means"] for row in draft_words.rows("small_words", lang)}
