"""Which numbers of a publication to hide, so that a reader cannot find the small ones again and as little as possible is lost."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.protection import attack

SLACK = 1e-6  # by how much the two sides of a sum may differ in linear programming
SOLVED, NONE = 0, 2  # what scipy's milp says of its end: the best value was found; nothing fits at all
TIE = 1e-6  # of two plans of the same loss the one that hides earlier cells is taken


class Cells(NamedTuple):
    """The counts of one publication. `members`: shape (cells, profiles), whether a cell holds a profile; `cases`: how many cases each
    profile has; `small`: cells that must be hidden; `total`: cells that must not be; `loss`: what hiding a cell costs; `closed`: cells
    that are not small and must be hidden; `low` and `high`: between which a reader knows each cell to lie from elsewhere."""

    members: np.ndarray
    cases: np.ndarray
    small: np.ndarray
    total: np.ndarray
    loss: np.ndarray
    closed: np.ndarray | bool = False
    low: np.ndarray | float = 0.0
    high: np.ndarray | float = np.inf


class Unprotected(Exception):
    """Some small cells can be found again whatever else is hidden; `cells` are their numbers."""

    def __init__(self, cells: list[int]):
        self.cells = cells
        super().__init__(f"{len(cells)} cells cannot be protected by hiding others")


def plan(cells: Cells, k: int) -> np.ndarray:
    """Which cells to hide, True or False each: the least loss for which every small cell stays possible from 1 to k - 1.

    Every other hidden cell keeps at least k possible values (policy P10). This is complementary cell suppression by integer
    programming with cuts from the dual of the attack (Fischetti and Salazar 2001, Management Science 47, 1008-1027), stated over
    profiles, so that linked tables and overlapping categories are one problem. Each choice is then attacked in whole numbers, by
    every reader of `attack.open_cells`; a choice that fails is ruled out, with all that hide less. The same cells give the same
    plan. Raises Unprotected where hiding everything would not be enough.
    """
    readers, rows, least = (Linear(cells), Linear(cells, k)), [], []
    while True:
        hidden = cheapest(cells, rows, least)
        if hidden is None:
            left, due = still_open(cells, ~cells.total, k), cells.small | cells.closed
            raise Unprotected([at for at in left if due[at]] or left)
        broken = cuts(cells, hidden, readers, k) or [ruled_out(cells, hidden, at) for at in still_open(cells, hidden, k)]
        if not broken:
            return hidden
        rows, least = [*rows, *(row for row, _ in broken)], [*least, *(value for _, value in broken)]


def still_open(cells: Cells, hidden: np.ndarray, k: int) -> list[int]:
    """The cells that a reader of a choice finds out too much about; see attack.open_cells."""
    return attack.open_cells(cells.members, cells.cases, hidden, cells.small, k, cells.low, cells.high)


def cheapest(cells: Cells, rows: list[np.ndarray], least: list[float]) -> np.ndarray | None:
    """The choice of least loss with `rows` @ hidden >= `least`; None when there is none."""
    size = len(cells.loss)
    bounds = Bounds((cells.small | cells.closed) * 1.0, np.where(cells.total, 0.0, 1.0))
    meets = [LinearConstraint(np.array(rows), least, np.inf)] if rows else []
    end = milp(cells.loss + TIE * np.arange(size) / size, integrality=np.ones(size), bounds=bounds, constraints=meets,
               options={"mip_rel_gap": 0})
    if end.status not in (SOLVED, NONE):
        raise attack.Unsolved(end.message)
    return end.x > 0.5 if end.status == SOLVED else None


def cuts(cells: Cells, hidden: np.ndarray, readers, k: int) -> list[tuple[np.ndarray, float]]:
    """The inequalities (row, least) that a choice breaks, because a hidden cell is not open enough even to parts of cases."""
    wide, aware = (reader.told(hidden) for reader in readers)
    narrow = [(row, value - most) for at in np.flatnonzero(hidden & cells.small)
              for (most, row), value in ((aware.reach(at, 1), k - 1), (aware.reach(at, -1), -1))]
    wider = [widened(*wide.reach(at, 1), *wide.reach(at, -1), at, k) for at in np.flatnonzero(hidden & ~cells.small)]
    every = [(np.minimum(row, need), need) for row, need in narrow if need > 0] + wider
    return [(row, need) for row, need in every if row @ hidden < need - SLACK]


def widened(most: float, up: np.ndarray, least: float, down: np.ndarray, at: int, k: int) -> tuple[np.ndarray, float]:
    """The inequality (row, least) of a cell that is not small: if it is hidden, at least k - 1 lie between its ends."""
    need = max(0.0, k - 1 - most - least - up[at] - down[at])
    row = np.minimum(up + down, need)
    row[at] = -need
    return row, 0.0


def ruled_out(cells: Cells, hidden: np.ndarray, at: int) -> tuple[np.ndarray, float]:
    """The inequality that rules out a choice for the sake of one cell, and with it all that hide less but still that cell."""
    row = ~(hidden | cells.total) * 1.0
    row[at] = 0.0 if cells.small[at] else -1.0
    return row, 1.0 if cells.small[at] else 0.0


class Linear:
    """A reader of one choice after another; with `k` he knows which cells are small, and that small means 1 to k - 1."""

    def __init__(self, cells: Cells, k: int | None = None):
        self.cells, counts = cells, cells.members @ cells.cases
        known = cells.small & (k is not None)
        self.counts, self.low = counts, np.maximum(cells.low, np.where(known, 1, 0))
        self.high = np.minimum(cells.high, np.where(known, (k or 2) - 1, np.inf))
        self.up = np.minimum(self.high, cells.cases.sum()) - counts
        self.down = counts - self.low
        self.reader = attack.Reader(cells.members, counts, counts)

    def told(self, hidden: np.ndarray) -> "Linear":
        """The same reader before this choice."""
        for at, is_hidden in enumerate(hidden):
            self.reader.tell(at, *((self.low[at], self.high[at]) if is_hidden else (self.counts[at],) * 2))
        return self

    def reach(self, at: int, sign: int) -> tuple[float, np.ndarray]:
        """How far up (sign 1) or down (sign -1) one cell can be, as a bound for every choice: constant, and what each hidden cell adds.

        For any choice y the cell is at most constant + added @ y: the dual of the linear programme, exact for the choice told.
        """
        prices = -np.array(self.reader.furthest(self.cells.members[at], sign).row_dual)
        return float(prices @ self.counts), np.maximum(prices * self.up, -prices * self.down)
