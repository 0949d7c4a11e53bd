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
        rows = csr_array(np.atleast_2d(np.asarray(sums, float)))
        ends = (np.full(rows.shape[0], end, float) for end in (low, high))
        return Known(csr_array(vstack([self.sums, rows])), *(np.append(*pair) for pair in zip((self.low, self.high), ends)))


def known(counts: np.ndarray, members: np.ndarray) -> Known:
    """A reader who was told these counts; `members`: shape (counts, profiles), whether each count holds each profile."""
    counts = np.asarray(counts, float)
    return Known(csr_array(np.atleast_2d(members).astype(float)), counts, counts)


def solved(reader: Known, cell: np.ndarray, sign: int, seconds: float = 60) -> np.ndarray | None:
    """The cases of each profile for which a cell is smallest (sign 1) or largest (sign -1); None where nothing fits.

    Integer programming (HiGHS by scipy.optimize.milp) over the counts of the profiles: the attack of Geurts 1992 and of Fischetti and
    Salazar 2001, stated over profiles. Raises Unsolved when it does not end in time.
    """
    end = milp(sign * np.asarray(cell, float), integrality=np.ones(len(cell)), bounds=Bounds(0, np.inf),
               constraints=LinearConstraint(reader.sums, reader.low, reader.high), options={"time_limit": seconds})
    if end.status not in (SOLVED, NONE):
        raise Unsolved(end.message)
    return None if end.status == NONE else np.rint(end.x)


def ranges(reader: Known, cells: np.ndarray) -> list[tuple[int, int]]:
    """The smallest and largest count that each cell can have for a reader; cells have the shape (cells, profiles).

    Raises ValueError when what the reader was told contradicts itself.
    """
    ends = [(cell, solved(reader, cell, 1), solved(reader, cell, -1)) for cell in cells]
    if any(end is None for ends_of in ends for end in ends_of[1:]):
        raise ValueError("No counts fit everything that is to be published: the numbers contradict each other.")
    return [(round(cell @ least), round(cell @ most)) for cell, least, most in ends]


def fits(reader: Known, cell: np.ndarray, value: int) -> bool:
    """Whether a cell can have exactly this count for a reader."""
    return solved(reader.also(cell, value, value), cell, 1) is not None


def several(reader: Known, cell: np.ndarray, k: int) -> bool:
    """Whether a cell can have at least k different counts for a reader."""
    (low, high), = ranges(reader, cell[None])
    return high - low >= k - 1 and sum(1 for value in range(low, high + 1) if fits(reader, cell, value)) >= k


class Witnesses:
    """Publications that fit all that a reader knows, found so far: one that fits answers for every cell at once."""

    def __init__(self, reader: Known):
        self.reader, self.found = reader, np.empty((0, reader.sums.shape[1]))

    def fits(self, cell: np.ndarray, value: int, knows: int | None = None) -> bool:
        """Whether the cell can have this count for the reader, or for one who also knows of a case with profile number `knows`."""
        if ((self.found @ cell == value) & (knows is None or self.found[:, knows] > 0)).any():
            return True
        reader = self.reader if knows is None else self.reader.also(np.eye(len(cell))[knows], 1, np.inf)
        one = solved(reader.also(cell, value, value), cell, 1)
        if one is not None:
            self.found = np.vstack([self.found, one])
        return one is not None


def open_cells(members: np.ndarray, cases: np.ndarray, hidden: np.ndarray, small: np.ndarray, k: int) -> list[int]:
    """The hidden cells that a reader of all the others finds out too much about (policy P10); none in a safe publication.

    `members`: shape (cells, profiles); `cases`: the true cases of each profile. Three readers attack. All know every cell that is
    not hidden. A small cell must stay possible from 1 to k - 1 for the one who also knows which cells are small and that small means
    1 to k - 1, and for the same one who knows any one case of the cell. Another hidden cell must keep k values for the first.
    """
    members, values = np.asarray(members, float), range(1, k)
    reader = known((members @ cases)[~hidden], members[~hidden])
    aware = Witnesses(reader.also(members[small], 1, k - 1) if small.any() else reader)
    wide = [at for at in np.flatnonzero(hidden & ~small) if not several(reader, members[at], k)]
    narrow = [at for at in np.flatnonzero(small) if not all(aware.fits(members[at], value, knows) for value in values
              for knows in (None, *np.flatnonzero(members[at] * cases > 0)))]
    return sorted({*map(int, wide), *map(int, narrow)})
