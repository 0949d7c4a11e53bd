"""Everything wrong with the data, by file, sheet and cell, told at once."""

import csv
import difflib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analysis import home


class Problem(NamedTuple):
    """One thing wrong, with where it is and what to do; `severity` is `refuse` or `warn`."""

    file: str
    sheet: str
    cell: str
    column: str
    rule: str
    severity: str
    message: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, self.sheet and f"sheet {self.sheet}", self.cell) if part)
        return f"{'ERROR' if self.severity == 'refuse' else 'note '} {where}: {self.message}"


class DataError(Exception):
    """Data that cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: list[Problem]):
        self.problems = sorted(set(problems), key=place)
        super().__init__("\n".join(map(str, self.problems)))


class UsageError(Exception):
    """Something asked for by a name or value that does not exist; the message offers the right one."""


def table(problems: list[Problem]):
    """Problems as a table, sorted by place: file, sheet, cell, message."""
    import pandas as pd  # only notebooks ask for a table; the command line starts without pandas

    shown = ["file", "sheet", "cell", "message"]
    return pd.DataFrame(sorted(problems, key=place), columns=Problem._fields)[shown]


@cache
def rules(file: Path) -> dict[str, tuple[str, str]]:
    """Rule -> severity and message, from `data/codebook/rules.csv`."""
    with open(file, encoding="utf-8") as lines:
        return {row["rule"]: (row["severity"], row["message"]) for row in csv.DictReader(lines)}


def problem(rule: str, file, sheet="", cell="", column="", **words) -> Problem:
    """The problem that breaks `rule` at this place; `words` fill the message of the rule."""
    severity, message = rules(home() / "data" / "codebook" / "rules.csv")[rule]
    return Problem(Path(file).name, sheet, cell, column, rule, severity, message.format(column=column, **words))


def place(one: Problem) -> tuple:
    """Sort key: file, sheet, row, column, as a reader walks through the workbook."""
    letters = one.cell.rstrip("0123456789")
    return one.file, one.sheet, int(one.cell[len(letters):] or 0), len(letters), letters, one.rule


def refuse(problems: list[Problem]) -> None:
    """Raise `DataError` with all problems when at least one of them refuses the file."""
    if any(one.severity == "refuse" for one in problems):
        raise DataError(problems)


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
