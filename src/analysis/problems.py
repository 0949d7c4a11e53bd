"""Everything wrong with the data, by file, sheet and cell, told at once."""

import csv
import difflib
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analysis import home

# Fills with which `mark` shows what refuses and what is noted. Nobody picks these by chance, so `read` can overlook them.
MARKS = {"refuse": "F9A19A", "warn": "FDEB93"}
OURS = tuple(MARKS.values())
TWICE = "F3C6C5"  # with which a rule of the workbook that `collect` writes shows a case code that stands twice
SIGNED = "Casebook: "  # how every comment that `mark` writes begins, below a comment that was there or alone
MOST = 1000  # problems of one rule, sheet and column that are told one by one; of further ones the number is told
PIECES = 40  # pieces of a list of cells, such as C12-C40, that one line of text holds


class Problem(NamedTuple):
    """One thing wrong, with where it is and what to do; `severity` is `refuse` or `warn`.

    `words` are what fills the message, as (name, text), so that it can be said in another language; they are in no JSON.
    """

    file: str
    sheet: str
    cell: str
    column: str
    rule: str
    severity: str
    message: str
    words: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return line(self, self.cell)


class DataError(Exception):
    """Data that cannot be used; carries every problem found, not only the first, and says them in one language."""

    def __init__(self, problems: list[Problem], lang: str = "en"):
        self.problems = sorted(set(problems), key=place)
        super().__init__(as_text(problems, lang))


class UsageError(Exception):
    """Something asked for by a name or value that does not exist; the message offers the right one."""


def table(problems: list[Problem]):
    """Problems as a table, sorted by place: file, sheet, cell, message."""
    import pandas as pd  # only notebooks ask for a table; the command line starts without pandas

    shown = ["file", "sheet", "cell", "message"]
    return pd.DataFrame(sorted(problems, key=place), columns=Problem._fields)[shown]


def rules() -> dict[str, dict]:
    """Rule -> its row of rules.csv: severity, message, message_ru."""
    return by_rule(home() / "data" / "codebook")


@cache
def by_rule(codebook: Path) -> dict[str, dict]:
    """As `rules`, of this codebook."""
    return {row["rule"]: row for row in rows_of(codebook, "rules")}


def rows_of(codebook: Path, name: str) -> list[dict]:
    """The rows of a table of the codebook."""
    with open(codebook / f"{name}.csv", encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def problem(rule: str, file, sheet="", cell="", column="", **words) -> Problem:
    """The problem that breaks `rule` at this place; `words` fill the message of the rule."""
    how = rules()[rule]
    texts = f"{how['message']} {how['message_ru']}"
    # A word that no message says may be the value of a private cell: it is not kept.
    kept = tuple((name, str(text)) for name, text in words.items() if f"{{{name}}}" in texts or f"{{{name}_headings}}" in texts)
    message = how["message"].format(column=column, **dict(kept))
    return Problem(Path(file).name, sheet, cell, column, rule, how["severity"], message, kept)


def said(one: Problem, lang: str = "en") -> str:
    """The message of a problem in a language; columns are called as sheets in that language head them."""
    message = rules().get(one.rule, {}).get(f"message_{lang}")
    if not message:
        return one.message
    words = {"column": heading(one.column, lang)} | {name: phrase(name, text, lang) for name, text in one.words}
    lists = {f"{name}_headings": headings(text, lang) for name, text in one.words}
    return message.format(**words | lists)


def heading(column: str, lang: str) -> str:
    """How a sheet in that language heads a column: its first spelling in headers.csv, else the label of the variable."""
    return headed(home() / "data" / "codebook", lang).get(column.partition("#")[0], column)


@cache
def headed(codebook: Path, lang: str) -> dict[str, str]:
    """Column -> what `heading` says for it, in this codebook."""
    labels = {row["variable"]: row[f"label_{lang}"] for row in rows_of(codebook, "variables")}
    return labels | {row["column"]: row["spelling"] for row in reversed(rows_of(codebook, "headers")) if row["language"] == lang}


def headings(columns: str, lang: str) -> str:
    """Several columns, between commas, as `heading` names them."""
    return ", ".join(heading(column, lang) for column in columns.split(", "))


def phrase(word: str, text: str, lang: str) -> str:
    """What a word of a message says, in another language where phrases.csv knows it; {n} there stands for any text."""
    for pattern, other in phrases(home() / "data" / "codebook", lang).get(word, ()) if lang != "en" else ():
        if found := pattern.fullmatch(text):
            return other.format(**found.groupdict())
    return text


@cache
def phrases(codebook: Path, lang: str) -> dict[str, list[tuple[re.Pattern, str]]]:
    """Word -> the patterns of its phrases, and what they are in the language."""
    found: dict[str, list] = {}
    for row in rows_of(codebook, "phrases"):
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(row["phrase"]))
        found.setdefault(row["word"], []).append((re.compile(pattern, re.DOTALL), row[f"phrase_{lang}"]))
    return found


def line(one: Problem, cells: str, lang: str = "en") -> str:
    """A problem in one line of text: how grave, where, what is wrong and what to do."""
    grave = phrase("severity", "ERROR" if one.severity == "refuse" else "note ", lang)
    sheet = phrase("place", f"sheet {one.sheet}", lang) if one.sheet else ""
    text = f"{grave} {', '.join(filter(None, [one.file, sheet, cells]))}: {said(one, lang)}"
    return "".join(sign if sign.isprintable() else " " for sign in text)  # a cell may hold line breaks, or orders to a terminal


def as_text(problems: list[Problem], lang: str = "en") -> str:
    """All problems, one line each, from the first cell to the last; what is wrong in many cells is said once, with its cells."""
    cells: dict[Problem, list[str]] = {}
    for one in sorted(set(problems), key=place):
        cells.setdefault(one._replace(cell=""), []).append(one.cell)
    return "\n".join(line(one, listed(where, lang), lang) for one, where in cells.items())


def listed(cells: list[str], lang: str) -> str:
    """Cells as a short list: C7, C9, C12-C40 (31 cells)."""
    cells = list(filter(None, cells))
    if len(cells) < 2:
        return "".join(cells)
    runs: list[list] = []
    for letters, number in sorted(map(parts, cells), key=lambda cell: (len(cell[0]), cell)):
        if runs and runs[-1][0] == letters and runs[-1][2] == number - 1:
            runs[-1][2] = number
        else:
            runs.append([letters, number, number])
    pieces = [f"{letters}{first or ''}" if first == last else f"{letters}{first}-{letters}{last}" for letters, first, last in runs]
    more = ", ..." if len(pieces) > PIECES else ""
    return f"{', '.join(pieces[:PIECES])}{more} ({phrase('place', f'{len(cells)} cells', lang)})"


def as_json(one: Problem, lang: str = "en") -> dict:
    """A problem under the names of the commands' JSON: file, sheet, cell, column, rule, severity, message."""
    told = one._asdict() | {"message": said(one, lang)}
    del told["words"]
    return told


def parts(cell: str) -> tuple[str, int]:
    """The letters and the number of a cell; what is no cell, which a correction may name, is all letters."""
    letters = cell.rstrip("0123456789")
    digits = cell[len(letters):]
    return (letters, int(digits)) if 0 < len(digits) < 8 else (cell, 0)


def place(one: Problem) -> tuple:
    """Sort key: file, sheet, row, column, as a reader walks through the workbook."""
    letters, number = parts(one.cell)
    return one.file, one.sheet, number, len(letters), letters, one.rule


def refuse(problems: list[Problem], lang: str = "en") -> None:
    """Raise `DataError` with all problems, in a language, when at least one of them refuses the file."""
    if any(one.severity == "refuse" for one in problems):
        raise DataError(problems, lang)


def nearest(word: str, known) -> str:
    """The known words closest to `word`, best first, or the first few known ones when none is close."""
    known = list(known)
    close = difflib.get_close_matches(word.casefold(), [k.casefold() for k in known], n=3, cutoff=0.5)
    by_fold = {k.casefold(): k for k in known}
    return ", ".join(by_fold[c] for c in close) or ", ".join(known[:5])


def shape(value) -> str:
    """What kind of thing a value is, without saying the value: safe for personal columns too."""
    text = str(value)
    if isinstance(value, (int, float)):
        return "a number"
    kinds = [("letters", any(c.isalpha() for c in text)), ("digits", any(c.isdigit() for c in text))]
    return f"text of {len(text)} characters, " + (" and ".join(k for k, found in kinds if found) or "signs only")
