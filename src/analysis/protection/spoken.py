"""What the texts of a publication say of hidden numbers: in digits and in words, in each language, wherever a file can hold text."""

import math
import re
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis.codebook import LANGUAGES, Codebook
from analysis.drafts import draft_checks, draft_known, draft_subjects, draft_text
from analysis.drafts.draft_numbers import Number
from analysis.ledger import codes_of
from analysis.protection import inside
from analysis.wording import words

SAID = (".txt", ".html", ".docx", ".pdf", ".svg", ".png", ".xlsx")
TABLED = (".html", ".docx")  # whose tables are also read line by line, each cell with its heading
BETWEEN = r"\W{0,6}(?:\w+\W{1,3}){0,2}?"  # what may stand between a label and its number: `Label: 3`, `label in 3`, a cell of a table
LETTERS = re.compile(r"[^\W\d_]{3}")  # a line without a word says nothing
COUNTS = ("count", "of", "bare", "persons")
AROUND = Fraction(1, 20)  # how far a share may lie from what it is said to be about (see draft_known.in_words)


class Heard(NamedTuple):
    """What a file says of a hidden number: it lies from `low` to `high`."""

    file: str
    id: str
    low: float
    high: float


def heard(folder: Path, whole: pd.DataFrame, book: Codebook) -> list[Heard]:
    """What the texts of a folder say of hidden results; `whole`: rows of the ledger as counted, with `hidden`.

    A number beside the label of a hidden result that is its count, with its base (`Label: 3 of 120`), or a number of a sentence or a
    line of a table that names its codes and fits it, as the checker of drafts reads them: counts, whole percentages and shares in words
    as ranges. A number that also fits a result which is shown is taken for that.
    """
    hidden = whole[whole.hidden & (whole.n > 0)]
    if hidden.empty:
        return []
    beside: list[Heard] = []
    lines: dict[tuple[str, str], dict[str, None]] = {}
    for file in sorted(file for file in Path(folder).iterdir() if file.suffix in SAID):
        texts = [text for _, text in inside.texts(file.read_bytes())]
        texts = [" ".join(text.split()) for text in texts] if file.suffix == ".pdf" else texts  # its lines end anywhere
        beside += [Heard(file.name, row.id, row.n, row.n) for row in labelled(hidden, book, " ".join(" ".join(texts).split()))]
        for one in [*(("text", line) for text in texts for line in text.splitlines() if LETTERS.search(line)), *in_tables(file)]:
            lines.setdefault(one, {})[file.name] = None
    return list(dict.fromkeys([*beside, *sentences(lines, whole, book)]))


def labelled(hidden: pd.DataFrame, book: Codebook, text: str):
    """The hidden results with one label whose number, of its base, stands beside it in a text, in any language."""
    for row in hidden.itertuples():
        for lang in LANGUAGES:
            labels = [words.label(v, code, book, lang) for v, code in codes_of(row, book).items() if v != "year"]
            if len(labels) == 1 and re.search(
                    rf"(?i)\b{re.escape(labels[0])}{BETWEEN}{row.n:.0f}\s(?:of|из|/|ішінен)\s{row.base:.0f}\b", text):
                yield row


def in_tables(file: Path):
    """The lines of the tables of a finished text, `heading: cell; heading: cell`, as (row, text)."""
    if file.suffix in TABLED:
        yield from (("row", text) for kind, _, text, _ in draft_text.units(file) if kind == "row")


def sentences(lines: dict[tuple[str, str], dict[str, None]], whole: pd.DataFrame, book: Codebook):
    """What the sentences of texts say; `lines`: (kind, line) -> the files that have it."""
    known = draft_known.known(whole, book)
    hidden = frozenset(whole.id[whole.hidden])
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
        for read, files in zip(draft_checks.read(made, known, book), parts.values()):
            yield from (Heard(file, *one) for one in of_sentence(read, known, hidden) for file in files)


def of_sentence(read: draft_checks.Read, known: draft_known.Known, hidden: frozenset[str]):
    """What one sentence says: id of a hidden result, and from where to where its count lies."""
    for one in read.numbers:
        near = read.subjects.get(one.start)
        if one.kind not in (*COUNTS, "percent", "range", "share") or one.kind == "bare" and one.word and one.value == 1:
            continue  # "one" alone is a number only with a unit or a base: call one of them larger
        if near or read.sentence.kind == "row" or len(read.mentions) == 1 and one.kind != "bare":
            must = near.keys if near else frozenset()
            context = draft_known.Context(read.keys | known.own, read.years, read.forms)
            rows = [row for row in draft_known.relevant(known.coded, context, must) if draft_known.fits(row, one)]
            if all(row.id in hidden for row in rows):
                yield from ((row.id, *span(row, one)) for row in rows)


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
