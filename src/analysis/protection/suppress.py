"""Which numbers of a publication to hide, so that a reader cannot find the small ones again and as little as possible is lost."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from analysis.protection import attack

SLACK = 1e-6  # by how much the two sides of a sum may differ in linear programming
MORE = 30  # profiles that join a linear programme at a time
TIE = 1e-6  # of two plans of the same loss the one that hides earlier cells is taken


class Cells(NamedTuple):
    """The counts of one publication. `members`: shape (cells, profiles), whether a cell holds a profile; `cases`: how many cases each
    profile has; `small`: cells that must be hidden; `total`: cells that must not be; `loss`: what hiding a cell costs."""

    members: np.ndarray
    cases: np.ndarray
    small: np.ndarray
    total: np.ndarray
    loss: np.ndarray


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
    rows, least, used = [], [], cells.cases > 0
    while True:
        hidden = cheapest(cells, rows, least)
        if hidden is None:
            left = attack.open_cells(cells.members[:, used], cells.cases[used], ~cells.total, cells.small, k)
            raise Unprotected([at for at in left if cells.small[at]] or left)
        broken = [cut for at in np.flatnonzero(hidden) for cut in cuts(cells, hidden, at, k, used)] or [
            ruled_out(cells, hidden, at)
            for at in attack.open_cells(cells.members[:, used], cells.cases[used], hidden, cells.small, k)]
        if not broken:
            return hidden
        rows, least = [*rows, *(row for row, _ in broken)], [*least, *(value for _, value in broken)]


def cheapest(cells: Cells, rows: list[np.ndarray], least: list[float]) -> np.ndarray | None:
    """The choice of least loss with `rows` @ hidden >= `least`; None when there is none."""
    size = len(cells.loss)
    bounds = Bounds(cells.small * 1.0, np.where(cells.total, 0.0, 1.0))
    meets = [LinearConstraint(np.array(rows), least, np.inf)] if rows else []
    end = milp(cells.loss + TIE * np.arange(size) / size, integrality=np.ones(size), bounds=bounds, constraints=meets,
               options={"mip_rel_gap": 0})
    if end.status not in (attack.SOLVED, attack.NONE):
        raise attack.Unsolved(end.message)
    return end.x > 0.5 if end.status == attack.SOLVED else None


def cuts(cells: Cells, hidden: np.ndarray, at: int, k: int, used: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """The inequalities (row, least) that a choice breaks because of one hidden cell; none where that cell is protected."""
    small = bool(cells.small[at])
    up, down = (reach(cells, hidden, at, sign, k if small else None, used) for sign in (1, -1))
    if small:
        needs = [(row, value - most) for (most, row), value in ((up, k - 1), (down, -1))]
    else:
        row = up[1] + down[1]
        needs = [(row, k - 1 - up[0] - down[0] - row[at])]
        needs = [(np.where(np.arange(len(row)) == at, -least, row), least) for row, least in needs]
    return [(np.minimum(row, least), least if small else 0.0) for row, least in needs if row @ hidden < (least if small else 0) - SLACK]


def ruled_out(cells: Cells, hidden: np.ndarray, at: int) -> tuple[np.ndarray, float]:
    """The inequality that rules out a choice for the sake of one cell, and with it all that hide less but still that cell."""
    row = ~(hidden | cells.total) * 1.0
    row[at] = 0.0 if cells.small[at] else -1.0
    return row, 1.0 if cells.small[at] else 0.0


def reach(cells: Cells, hidden: np.ndarray, at: int, sign: int, k: int | None, used: np.ndarray) -> tuple[float, np.ndarray]:
    """How far up (sign 1) or down (sign -1) one cell can be, as a bound for every choice: constant, and what each hidden cell adds.

    For any choice y the cell is at most constant + added @ y: the dual of the linear programme, exact for `hidden`. With `k`, for a
    reader who knows which cells are small and that small means 1 to k - 1. Of the profiles only the `used` stand in the programme;
    those that its dual asks for are added to them (column generation: Dantzig and Wolfe 1960), so that the bound holds for all.
    """
    counts, aware = cells.members @ cells.cases, hidden & cells.small & (k is not None)
    up, down = cells.cases.sum() - counts, counts
    if k is not None:
        up, down = np.where(cells.small, k - 1 - counts, up), np.where(cells.small, counts - 1, down)
    while True:
        prices = np.zeros(len(counts))
        prices[~hidden], prices[aware] = priced(cells.members[:, used], cells.members[at, used] * sign, ~hidden, counts, aware, k)
        gain = sign * cells.members[at] - prices @ cells.members
        if gain.max() <= SLACK:
            return float(prices @ counts), np.maximum(prices * up, -prices * down)
        used[np.argsort(-gain, kind="stable")[:MORE][np.sort(-gain)[:MORE] < -SLACK]] = True


def priced(members: np.ndarray, aim: np.ndarray, shown: np.ndarray, counts: np.ndarray, aware: np.ndarray, k: int | None):
    """The dual prices of the numbers shown, and of those known to be small, in the programme that makes `aim` largest."""
    small = members[aware]
    known = {"A_ub": csr_array(np.vstack([small, -small])), "b_ub": np.repeat([k - 1, -1], len(small))} if len(small) else {}
    end = linprog(-aim, A_eq=csr_array(members[shown]), b_eq=counts[shown], bounds=(0, None), method="highs", **known)
    if end.status != attack.SOLVED:
        raise attack.Unsolved(end.message)
    above, below = np.split(-end.ineqlin.marginals, 2)
    return -end.eqlin.marginals, above - below
