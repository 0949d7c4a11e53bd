"""Quotes that people gave -> those that two reviewers have approved as they stand, and why the others are left out."""

import hashlib
from typing import NamedTuple

import pandas as pd

from analysis import codebook, source
from analysis.codebook import Codebook
from analysis.problems import UsageError

COLUMNS = ("quote", "case_id", "right", "consent", "reviewer_1", "reviewer_2")
TEXTS = ("text", "said_by", "approved")  # each once for each language


class Quotes(NamedTuple):
    """`approved`: quote, right, text, said_by; `left_out`: quote and what it lacks, never its words."""

    approved: pd.DataFrame
    left_out: dict[str, list[str]]


def read(file: str, book: Codebook, lang: str) -> Quotes:
    """The quotes of a file below data/raw in one language; none where a report names no file.

    A quote is approved when its consent is yes, two different reviewers are named, and `approved_LANG` is the SHA-256 of its text. Raises
    UsageError with everything wrong in the file.
    """
    if not file:
        return Quotes(pd.DataFrame(columns=["quote", "right", "text", "said_by"]), {})
    table = codebook.listed(source.path(file))
    names = [*COLUMNS, *(f"{one}_{lang}" for one in TEXTS)]
    if lacking := [column for column in names if column not in table]:
        raise UsageError(f"{file} has no column {', '.join(lacking)}. data/codebook/README.md says how a file of quotes is laid out.")
    table = table[names].set_axis([*COLUMNS, *TEXTS], axis=1)
    strange = [f"{file}, line {at + 2}: right is no code of the variable right in codes.csv, or quote stands twice."
               for at in table.index[~table.right.isin(book.of("right")) | table.quote.duplicated(keep=False)]]
    if strange:
        raise UsageError("\n".join(strange))
    lacks = {row.quote: lacking_in(row) for row in table.itertuples()}
    kept = table[[not lacks[quote] for quote in table.quote]]
    return Quotes(kept[["quote", "right", "text", "said_by"]], {quote: what for quote, what in lacks.items() if what})


def lacking_in(row) -> list[str]:
    """What a quote lacks to be printed, as keys of the words: consent, reviewers, text, approval."""
    reviewers = {name.strip().casefold() for name in (row.reviewer_1, row.reviewer_2)} - {""}
    tests = {"text": not row.text.strip(), "consent": row.consent.strip() != "yes", "reviewers": len(reviewers) < 2,
             "approval": row.approved != fingerprint(row.text)}
    return [what for what, lacks in tests.items() if lacks]


def fingerprint(text: str) -> str:
    """The SHA-256 of a text in UTF-8: one character more or less, and it is another."""
    return hashlib.sha256(text.encode()).hexdigest()
