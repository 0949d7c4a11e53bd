"""Quotes that people gave -> those that may be printed as they stand, and why the others are left out."""

from typing import NamedTuple

import pandas as pd

from analysis import codebook, deidentify, read, source, tidy
from analysis.codebook import Codebook, fold, source_record
from analysis.problems import UsageError
from analysis.protection import release

COLUMNS = ("quote", "file", "case_id", "right")
TEXTS = ("text", "said_by")  # each once for each language
CONSENT = "consent_publish"  # the variable in which the case's row says whether the person agreed


class Quotes(NamedTuple):
    """`approved`: quote, right, text, said_by; `left_out`: quote and what it lacks, never its words."""

    approved: pd.DataFrame
    left_out: dict[str, list[str]]


def of(file: str, files: list[str], book: Codebook, lang: str) -> Quotes:
    """The quotes of a file below data/raw in one language, from the sources `files` of a report; none where it names no file.

    A quote is approved when the row of its case says yes to `consent_publish`, and the release register of its source has a row of
    the quote with the fingerprint of its text (policy P12). Raises UsageError with everything wrong in the file or a register.
    """
    if not file:
        return Quotes(pd.DataFrame(columns=["quote", "right", "text", "said_by"]), {})
    table = codebook.listed(source.path(file))
    names = [*COLUMNS, *(f"{one}_{lang}" for one in TEXTS)]
    if lacking := [column for column in names if column not in table]:
        raise UsageError(f"{file} has no column {', '.join(lacking)}. data/codebook/README.md says how a file of quotes is laid out.")
    table = table[names].set_axis([*COLUMNS, *TEXTS], axis=1).map(str.strip)
    known = {one: consents(one, book) for one in table.file.unique() if one in files}
    if strange := strangers(table, known, book):
        raise UsageError("\n".join(f"{file}, {one}" for one in strange))
    signed = {one: release.approved(one) for one in known}
    lacks = {row.quote: lacking_in(row, known[row.file], signed[row.file]) for row in table.itertuples()}
    kept = table[[not lacks[quote] for quote in table.quote]]
    return Quotes(kept[["quote", "right", "text", "said_by"]], {quote: what for quote, what in lacks.items() if what})


def consents(file: str, book: Codebook) -> dict[str, bool]:
    """Folded case code of a source, as its sheet has it -> whether the row says that the person agreed to be published."""
    cases = tidy.cases(read.raw(source.path(file), book), book, source_record(source.path(file))).cases
    return dict(zip(cases.case_id.map(fold), agreed(cases, book)))


def agreed(cases: pd.DataFrame, book: Codebook) -> list[bool]:
    """Whether the row of each case says that the person agreed to be published; a sheet without the column says it of nobody."""
    return deidentify.having(cases, CONSENT, ["yes"], book).tolist() if CONSENT in cases else [False] * len(cases)


def strangers(table: pd.DataFrame, known: dict[str, dict[str, bool]], book: Codebook) -> list[str]:
    """The lines of a file of quotes that cannot be used, each with why; a case is never named."""
    why = {"right is no code of the variable right in codes.csv": ~table.right.isin(book.of("right")),
           "quote is empty or stands twice": table.quote.duplicated(keep=False) | (table.quote == ""),
           "file is no source of cases of this report": ~table.file.isin(list(known)),
           "file has no case with this case_id": [file in known and fold(case) not in known[file]
                                                  for file, case in zip(table.file, table.case_id)]}
    return [f"line {at + 2}: {what}." for what, wrong in why.items() for at in table.index[wrong]]


def lacking_in(row, consented: dict[str, bool], signed: set[tuple[str, str]]) -> list[str]:
    """What a quote lacks to be printed, as keys of the words: text, consent, approval."""
    tests = {"text": not (row.text and row.said_by), "consent": not consented[fold(row.case_id)],
             "approval": (row.quote, release.fingerprint(row.text, row.said_by)) not in signed}
    return [what for what, lacks in tests.items() if lacks]
