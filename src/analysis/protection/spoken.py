"""What the texts of a publication say of hidden numbers: in digits and in words, in each language, wherever a file can hold text."""

import math
import re
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis.codebook import LANGUAGES, Codebook, listed
from analysis.drafts import draft_known, draft_read, draft_subjects, draft_text
from analysis.drafts.draft_numbers import Number
from analysis.ledger import HIDDEN, codes_of
from analysis.protection import inside
from analysis.wording import words

SAID = (".txt", ".html", ".docx", ".pdf", ".svg", ".png", ".xlsx")
TABLED = (".html", ".docx")  # whose tables are also read line by line, each cell with its heading
# What may stand between a label and its number: `Label: 3`, `label in 3`, a cell of a table; not the mark of a hidden number, nor a stop.
BETWEEN = r"[^\w.;!?]{{0,6}}(?:(?!{marks})\w+[^\w.;!?]{{1,3}}){{0,2}}?"
LETTERS = re.compile(r"[^\W\d_]{3}")  # a line without a word says nothing
COUNTS = ("count", "of", "bare", "persons")
AROUND = Fraction(1, 20)  # how far a share may lie from what it is said to be about (see draft_known.in_words)


class Heard(NamedTuple):
    """What a file says of a hidden number: it lies from `low` to `high`."""

    file: str
    id: str
    low: float
    high: float


def heard(files: dict[str, Path], whole: pd.DataFrame, book: Codebook) -> list[Heard]:
    """What texts say of hidden results; `files`: what each is called -> the file; `whole`: rows of the ledger as counted, with `hidden`.

    A number beside the label of a hidden result that is its count, with its base (`Label: 3 of 120`), or a number of a sentence or a
    line of a table that names its codes and fits it, as the checker of drafts reads them: counts, whole percentages and shares in words
    as ranges; "none" and "the only one" are the numbers that they say (see none_and_only.csv). A number that also fits a result which is
    shown is taken for that.
    """
    if not whole.hidden.any():
        return []
    beside: list[Heard] = []
    lines: dict[tuple[str, str], dict[str, None]] = {}
    for name, file in files.items():
        if file.suffix not in SAID:
            continue
        texts = [text for _, text in inside.texts(file.read_bytes())]
        texts = [" ".join(text.split()) for text in texts] if file.suffix == ".pdf" else texts  # its lines end anywhere
        beside += [Heard(name, row.id, row.n, row.n) for row in labelled(whole, book, " ".join(" ".join(texts).split()))]
        for one in [*(("text", line) for text in texts for line in text.splitlines() if LETTERS.search(line)), *in_tables(file)]:
            lines.setdefault(one, {})[name] = None
    return list(dict.fromkeys([*beside, *sentences(lines, whole, book)]))


def labelled(whole: pd.DataFrame, book: Codebook, text: str):
    """The hidden results with one label whose number, of its base, stands beside it in a text, in any language.

    Not where the label is part of a longer one (health, health worker), or a result that is shown has this label, number and base.
    """
    between = BETWEEN.format(marks="|".join(re.escape(words.of(lang)["no_value"][HIDDEN]) for lang in LANGUAGES))
    for lang in LANGUAGES:
        said = {row.id: (label_of(row, book, lang), row.n, row.base) for row in whole.itertuples()}
        shown = {said[id] for id in whole.id[~whole.hidden]}
        for row in whole[whole.hidden].itertuples():
            label = said[row.id][0]
            number = re.compile(rf"(?i)\b{re.escape(label)}{between}{row.n:.0f}\s(?:of|из|/|ішінен)\s{row.base:.0f}\b")
            if label and said[row.id] not in shown and number.search(text) and number.search(
                    without_longer(label, text, {one for one, _, _ in said.values()} | every_label(book, lang))):
                yield row


def label_of(row, book: Codebook, lang: str) -> str:
    """The label of the one code that a result counts; empty where there are several, or none."""
    labels = [words.label(v, code, book, lang) for v, code in codes_of(row, book).items() if v != "year"]
    return labels[0] if len(labels) == 1 else ""


def every_label(book: Codebook, lang: str) -> set[str]:
    """The labels of all codes."""
    return {book.label(v, code, lang) for v in book.variables.index for code in book.of(v)}


def without_longer(label: str, text: str, every: set[str]) -> str:
    """A text without those of the labels of which a label is a part."""
    longer = sorted((one for one in every if label.casefold() in one.casefold() and len(one) > len(label)), key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longer)), " ", text, flags=re.IGNORECASE) if longer else text


def in_tables(file: Path):
    """The lines of the tables of a finished text, `heading: cell; heading: cell`, as (row, text)."""
    if file.suffix in TABLED:
        yield from (("row", text) for kind, _, text, _ in draft_text.units(file) if kind == "row")


def sentences(lines: dict[tuple[str, str], dict[str, None]], whole: pd.DataFrame, book: Codebook):
    """What the sentences of texts say; `lines`: (kind, line) -> the files that have it."""
    known = draft_known.known(whole, book)
    hidden = frozenset(whole.id[whole.hidden])
    shown: dict[float, list[str]] = {}
    for row in whole[~whole.hidden & (whole.n > 0)].itertuples():  # in all languages: an office may have labels of its own in one only
        shown.setdefault(row.n, []).extend(label_of(row, book, lang) for lang in LANGUAGES)
    for lang in LANGUAGES:
        names = draft_subjects.names(book, {v for row in known.coded if row.id in hidden for v, _ in row.keys}, lang)
        if not names:
            continue
        named = re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in names), re.IGNORECASE)
        parts: dict[tuple[str, str], dict[str, None]] = {}
        for (kind, line), files in lines.items():
            for one in () if not named.search(line) else [line] if kind == "row" else draft_text.split(line, lang):
                parts.setdefault((kind, one), {}).update(files)
        made = [draft_text.Sentence("", lang, "", at, at, kind, text) for at, (kind, text) in enumerate(parts)]
        for read, files in zip(draft_read.read(made, known, book), parts.values()):
            said = [*of_sentence(read, known, hidden, shown), *of_words(read, known, hidden, book)]
            yield from (Heard(file, *one) for one in said for file in files)


def of_sentence(read: draft_read.Read, known: draft_known.Known, hidden: frozenset[str], shown: dict[float, list[str]]):
    """What one sentence says: id of a hidden result, from where to where its count lies; `shown`: number -> labels that it is shown of."""
    for one in read.numbers:
        near = read.subjects.get(one.start)
        if one.kind not in (*COUNTS, "percent", "range", "share") or one.kind == "bare" and one.word and one.value == 1 and not (
                near and not read.sentence.text[one.end:near.start].strip()):
            continue  # "one" alone is a number only with a unit, a base or a category right after it: call one of them larger
        if near or read.sentence.kind == "row" or len(read.mentions) == 1 and one.kind != "bare":
            must = near.keys if near else frozenset()
            context = draft_known.Context(read.keys | known.own, read.years, read.forms)
            rows = [row for row in draft_known.relevant(known.coded, context, must) if draft_known.fits(row, one)]
            if all(row.id in hidden for row in rows):
                yield from ((row.id, *span(row, one)) for row in rows if not part_of(shown.get(row.n, []), row, read))


def part_of(labels: list[str], row: draft_known.Row, read: draft_read.Read) -> bool:
    """Whether a sentence names a result only inside a longer label: service in "denial of a health service"."""
    spans = [hit.span() for label in filter(None, labels) for hit in re.finditer(re.escape(label), read.sentence.text, re.IGNORECASE)]
    named = [one for one in read.mentions if one.keys & row.keys]
    return bool(named) and all(any(start <= one.start and one.end <= end and one.end - one.start < end - start for start, end in spans)
                               for one in named)


def of_words(read: draft_read.Read, known: draft_known.Known, hidden: frozenset[str], book: Codebook):
    """What one sentence says with "none" or "the only one" of each category that it names: as `of_sentence`."""
    context = draft_known.Context(read.keys | known.own, read.years, read.forms)
    for value in none_and_only(read.sentence.text, read.sentence.lang, book.folder) if read.mentions else ():
        for mention in read.mentions:
            rows = [row for row in draft_known.relevant(known.coded, context, mention.keys) if row.n == value]
            if all(row.id in hidden for row in rows):
                yield from ((row.id, value, value) for row in rows)


def none_and_only(text: str, lang: str, codebook: Path) -> set[int]:
    """The counts, 0 and 1, that words of none_and_only.csv say in a sentence."""
    return {value for value, pattern in counting_words(lang, codebook) if pattern.search(text)}


@cache
def counting_words(lang: str, codebook: Path) -> list[tuple[int, re.Pattern]]:
    """none_and_only.csv in a language: the count that a pattern says, and the pattern."""
    table = listed(codebook / "none_and_only.csv")
    return [(int(row.value), re.compile(rf"(?<!\w)(?:{row.pattern})(?!\w)", re.IGNORECASE))
            for row in table[table.language == lang].itertuples()]


def span(row: draft_known.Row, one: Number) -> tuple[float, float]:
    """From where to where the count of a result lies when a number that fits it is said of it."""
    value, base = Fraction(one.value), int(row.base)
    if one.kind in COUNTS:
        about = max(value * AROUND, Fraction(1, 2)) if one.bound == "about" else 0
        return {"at_least": (value, math.inf), "more_than": (value + 1, math.inf), "at_most": (0, value),
                "fewer_than": (0, value - 1)}.get(one.bound, (math.ceil(value - about), math.floor(value + about)))
    if one.kind == "percent" and not one.bound:
        half = Fraction(1, 2 * 10**one.decimals)
        return math.ceil((value - half) * base / 100), math.floor((value + half) * base / 100)
    if one.kind == "share":
        return {"above": (math.floor(value * base) + 1, base), "below": (0, math.ceil(value * base) - 1)}.get(
            one.bound, (math.ceil((value - AROUND) * base), math.floor((value + AROUND) * base)))
    return row.n, row.n  # an interval, or a percentage with a bound, which no text of a hidden number has a reason to hold
