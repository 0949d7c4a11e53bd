"""What says who somebody is, known by its look in any column: counted by column, and taken out of cells before they are read."""

import re
import unicodedata
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

from analysis.codebook import Codebook, fold, listed
from analysis.problems import Problem, UsageError, shape
from analysis.read import Raw
from analysis.sheets.cells import USUAL, by_rule, pieces

OWN = "repeats a personal column"  # the kind of a cell that holds what a personal column of the sheet holds
SHORTEST, LONGEST = 5, 100  # signs of what a personal column holds, for which it is looked for elsewhere: a longer one is a story
AT_ONCE, BETWEEN = 200, "\0"  # so many values are looked through at once; no pattern takes the sign between them for a space or a letter
IN_CODES = ("e-mail address", "link", "account", "name")  # what a code of a case is not taken for: 24-001-01-02 is no telephone
EMPTIED = ("coded", "number")  # kinds of columns whose cell is read as empty then; what is no date or year is read as none anyway


@cache
def patterns(folder: Path) -> list[tuple[str, re.Pattern]]:
    """Kind and pattern of each row of identifiers.csv; raises UsageError for patterns that are none, with all of them."""
    made, wrong = [], []
    for row in listed(folder / "identifiers.csv").itertuples():
        try:
            made.append((row.kind, re.compile(row.pattern, re.IGNORECASE)))
        except re.error as error:
            wrong.append(f"'{row.pattern}' ({error})")
    if wrong:
        raise UsageError(f"identifiers.csv has patterns that cannot be used: {'; '.join(wrong)}.")
    return made


def plainly(text: str) -> str:
    """Text in one Unicode form, without signs that nobody sees and with plain spaces and dashes; capitals stay."""
    if text.isascii():
        return text
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return re.sub(r"[‐-―−]", "-", re.sub(r"[^\S\n]", " ", seen))


def kinds(text: str, book: Codebook) -> list[str]:
    """The kinds of identifiers of identifiers.csv that a text holds, each once."""
    text = plainly(text)
    return list(dict.fromkeys(kind for kind, pattern in patterns(book.folder) if pattern.search(text)))


def suspects(values: list[str], book: Codebook) -> set[str]:
    """The values in which, or near which, a pattern finds something: each pattern is put to many at once, because most hold nothing."""
    found = set()
    for at in range(0, len(values), AT_ONCE):
        some = values[at:at + AT_ONCE]
        text = BETWEEN.join(map(plainly, some))
        found.update(some if any(pattern.search(text) for _, pattern in patterns(book.folder)) else ())
    return found


def taken_out(raw: Raw, book: Codebook) -> tuple[Raw, pd.DataFrame, list[Problem]]:
    """The rows without the cells of coded columns and numbers that hold an identifier; how many cells of which column hold which
    kind (column, kind, cells; those of text and personal columns too); and a problem for each cell that would have been read.

    What a personal column of the sheet holds is an identifier in the columns that are read. Nothing here says what a cell holds.
    """
    columns, own = book.profiles[raw.profile]["columns"], named_in(raw, book)
    table, found, wrong = raw.table, [], []
    for part in raw.text:
        column, kind = part.partition("#")[0], columns[part.partition("#")[0]]["kind"]
        values = list(dict.fromkeys(raw.text[part].tolist()))
        looked = suspects(values, book)
        held = {value: told for value in values if (told := held_in(value, column, kind, own, book, value in looked))}
        cells = raw.text[part][raw.text[part].isin(list(held)) if held else []]
        found += [(column, one) for value in cells for one in held[value]]
        if kind in (*EMPTIED, "id"):
            said = lambda one, at: lambda i: {"identifier": one, "shape": shape(at[i])}  # noqa: E731
            wrong += [problem for one, at in by_rule(cells, held).items()
                      for problem in raw.told("identifier_in_cell", at, part, said(one, at))]
        if kind in EMPTIED and len(cells):
            table = table.assign(**{part: table[part].mask(table.index.isin(cells.index), "")})
    counted = pd.DataFrame(found, columns=["column", "kind"]).groupby(["column", "kind"], sort=False).size()
    return replace(raw, table=table) if wrong else raw, counted.rename("cells").reset_index(), wrong


def named_in(raw: Raw, book: Codebook) -> re.Pattern | None:
    """A pattern of everything that the personal columns of a sheet hold, as it is compared; None where they hold nothing."""
    columns = book.profiles[raw.profile]["columns"]
    personal = [part for part in raw.text if columns[part.partition("#")[0]]["kind"] == "personal"]
    held = {fold(value) for part in personal for value in raw.text[part] if SHORTEST <= len(fold(value)) <= LONGEST}
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, held))})(?!\w)") if held else None


def held_in(value: str, column: str, kind: str, own: re.Pattern | None, book: Codebook, suspect: bool) -> list[str]:
    """The kinds of identifiers in a cell of a column of this kind; a cell of nothing but known codes holds none."""
    named = kind == "coded" and own and own.search(fold(value))
    if not value or kind == "link" or not (suspect or named) or (kind == "coded" and known(value, column, book)):
        return []
    if kind == "id":  # `cells.identifier` tells of numbers
        return [] if value.isdecimal() else [one for one in kinds(value, book) if one in IN_CODES]
    return kinds(value, book) + ([OWN] if named else [])


def known(value: str, column: str, book: Codebook) -> bool:
    """Whether every piece of a cell, parted in a usual way, is a code of its column or a way of not knowing."""
    means = lambda text: book.code(column, text) or fold(text) in book.kinds or fold(text) in book.unclear  # noqa: E731
    return all(map(means, pieces(value, USUAL, means)))
