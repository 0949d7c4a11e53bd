"""What a reader of a publication can still not rule out for each number that it hides."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

SOLVED, NONE = 0, 2  # what scipy's milp says of its end: the best value was found; nothing fits at all


class Unsolved(Exception):
    """The attack did not come to its end within its limit, so nothing may be published on the strength of it."""


class Known(NamedTuple):
    """What a reader knows: `low` <= `sums` @ x <= `high`, one row a known number, one column a profile.

    x are the cases of each profile, whole numbers from 0. A count that is printed has low = high; a whole percentage p of
    a base is two rows, n - (p + 0.5) / 100 base <= 0 and n - (p - 0.5) / 100 base >= 0.
    """

    sums: csr_array
    low: np.ndarray
    high: np.ndarray

    def also(self, sums, low, high) -> "Known":
        """The same reader, who knows more."""
        rows = csr_array(np.atleast_2d(sums)) if isinstance(sums, np.ndarray) else csr_array(sums)
        return Known(csr_array(vstack([self.sums, rows])), np.append(self.low, low), np.append(self.high, high))


def known(counts: np.ndarray, members: np.ndarray) -> Known:
    """A reader who was told these counts; `members`: shape (counts, profiles), whether each count holds each profile."""
    counts = np.asarray(counts, float)
    return Known(csr_array(np.atleast_2d(members).astype(float)), counts, counts)


def extreme(reader: Known, cell: np.ndarray, sign: int, seconds: float = 60) -> int | None:
    """The smallest (sign 1) or largest (sign -1) count of a cell that fits all that a reader knows; None where nothing fits.

    Integer programming (HiGHS by scipy.optimize.milp) over the counts of the profiles, as Geurts 1992 and Fischetti and
    Salazar 2001 state the attack. Raises Unsolved when it does not end in time.
    """
    end = milp(sign * np.asarray(cell, float), integrality=np.ones(len(cell)), bounds=Bounds(0, np.inf),
               constraints=LinearConstraint(reader.sums, reader.low, reader.high), options={"time_limit": seconds})
    if end.status not in (SOLVED, NONE):
        raise Unsolved(end.message)
    return None if end.status == NONE else round(sign * end.fun)


def ranges(reader: Known, cells: np.ndarray) -> list[tuple[int, int]]:
    """The smallest and largest count that each cell can have for a reader; cells have the shape (cells, profiles).

    Raises ValueError when what the reader was told contradicts itself.
    """
    found = [(extreme(reader, cell, 1), extreme(reader, cell, -1)) for cell in cells]
    if any(None in pair for pair in found):
        raise ValueError("No counts fit everything that is to be published: the numbers contradict each other.")
    return found


def fits(reader: Known, cell: np.ndarray, value: int) -> bool:
    """Whether a cell can have exactly this count for a reader."""
    return extreme(reader.also(np.asarray(cell, float), value, value), cell, 1) is not None
