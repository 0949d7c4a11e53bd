"""What is known of a sheet: its rows, what a person sees of them, and how its cells are named."""

from typing import NamedTuple

LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
WIDEST = 2**14  # columns of a sheet


class Marks(NamedTuple):
    """What a person sees of a sheet beside its values; all empty where the format cannot tell.

    `hidden`: row numbers, `filtered` those of them that a filter hides; `struck`, `comments`, `unvalued` (formulas whose value was never
    stored): cells such as C7; `colours`: cell -> fill colour RRGGBB; `merged`: (first row, first column, last row, last column), rows from
    1 and columns from 0; `errors`: cell -> what it shows, such as #REF!; `columns`: letters of the hidden ones; `ruled`: areas, as those of
    merged cells, in which a rule colours or strikes out, each with its fill RRGGBB, or '' where that is not known.
    """

    hidden: frozenset[int] = frozenset()
    struck: frozenset[str] = frozenset()
    colours: dict[str, str] = {}
    merged: list[tuple[int, int, int, int]] = []
    comments: frozenset[str] = frozenset()
    errors: dict[str, str] = {}
    unvalued: frozenset[str] = frozenset()
    filtered: frozenset[int] = frozenset()
    columns: frozenset[str] = frozenset()
    ruled: list[tuple[int, int, int, int, str]] = []


class Sheet(NamedTuple):
    """`numbers`: the 1-based numbers of `rows`, without those that hold nothing; `rows`: values as text, numbers or yes and no, '' for an
    empty cell, a date cell as 2024-03-04; `letters`: those of each position where they are not simply A, B, C."""

    name: str
    numbers: list[int]
    rows: list[list]
    hidden: bool = False
    marks: Marks = Marks()
    letters: list[str] | None = None


def no_marks() -> Marks:
    """Marks to be filled in, cell by cell."""
    return Marks(set(), set(), {}, [], set(), {}, set(), set(), set(), [])


def letters(first: int, last: int) -> set[str]:
    """The letters of the columns from one position to another, as far as a sheet is wide."""
    return {letter(at) for at in range(first, min(last, WIDEST - 1) + 1)}


def letter(at: int) -> str:
    """The letters of a column, 0 -> A, 26 -> AA."""
    return (letter(at // 26 - 1) if at >= 26 else "") + chr(65 + at % 26)


def position(letters: str) -> int:
    """A -> 0, AA -> 26."""
    number = 0
    for one in letters:
        number = 26 * number + ord(one) - 64
    return number - 1
