"""What a reader of a publication can still not rule out for each number that it hides."""

import itertools
import math

import highspy
import numpy as np
from highspy._core import _Highs as Solver  # highspy.Highs itself prints its name when it is made
from scipy.sparse import csc_array

WHOLE = 1e-6  # from how far a whole number is taken for one
LIMIT = 10_000_000  # steps of one question, so that the same question has the same end on every machine
OPTIONS = {"output_flag": False, "threads": 1, "simplex_strategy": 4, "simplex_iteration_limit": LIMIT, "mip_max_nodes": LIMIT}


class Unsolved(Exception):
    """The attack did not come to its end within its limit, so nothing may be published on the strength of it."""


class Reader:
    """One who knows `low` <= `sums` @ x <= `high`: one row a number, one column a profile, x the cases of each profile, whole and from 0.

    A count that is printed has low = high; one that is hidden has 0 and infinity, or what the reader knows of it. A whole percentage p
    of a base is two rows, n - (p + 0.5) / 100 base <= 0 and n - (p - 0.5) / 100 base >= 0. Questions are answered by HiGHS (Huangfu and
    Hall 2018). `near` are the profiles among which an answer in whole cases is looked for first: answers lie near the truth.
    """

    def __init__(self, sums, low, high, near=None):
        self.sums = np.asarray(sums, float)
        self.low, self.high, self.least = np.array(low, float), np.array(high, float), np.zeros(self.sums.shape[1])
        self.near = np.zeros(self.sums.shape[1], bool) if near is None else np.asarray(near, bool)
        self.far = ~self.near * 1.0  # what a case of a profile costs in an answer
        self.solver = model(self.sums, self.low, self.high, self.least, whole=False)

    def tell(self, row: int, low: float, high: float) -> None:
        """What the reader knows of one number from now on."""
        self.low[row], self.high[row] = low, high
        self.solver.changeRowBounds(int(row), low, high)

    def meets(self, profile: int, least: int) -> None:
        """That the reader knows of so many cases with one profile."""
        self.least[profile] = least
        self.solver.changeColBounds(int(profile), least, np.inf)

    def furthest(self, cell: np.ndarray, sign: int) -> highspy.HighsSolution | None:
        """The largest (sign 1) or smallest (sign -1) that a sum of profiles can be, parts of cases allowed; None where nothing fits."""
        return priced(self.solver, -sign * np.asarray(cell, float))

    def whole(self, cell: np.ndarray, sign: int) -> np.ndarray | None:
        """The cases of each profile for which a sum is largest or smallest, in whole cases; None where nothing fits."""
        found = self.furthest(cell, sign)
        return found and self.rounded(found) if found is None or is_whole(found.col_value) else self.among(
            np.ones(len(self.near), bool), -sign * np.asarray(cell, float))

    def any_of_them(self) -> np.ndarray | None:
        """Some cases of each profile that fit, in whole cases; None where nothing fits."""
        found = priced(self.solver, self.far)
        if found is None or is_whole(found.col_value):
            return found and self.rounded(found)
        self.near |= np.array(found.col_value) > WHOLE
        some = self.among(self.near, self.far)
        return self.among(np.ones(len(self.near), bool), self.far) if some is None else some

    def among(self, columns: np.ndarray, cost: np.ndarray) -> np.ndarray | None:
        """The cheapest cases in whole numbers that fit, of these profiles only; where it is asked whether any fit, the first that do."""
        solver = model(self.sums[:, columns], self.low, self.high, self.least[columns], whole=True)
        solver.setOptionValue("mip_max_improving_sols", 1 if cost is self.far else LIMIT)
        found, every = priced(solver, cost[columns]), np.zeros(len(columns))
        if found is None or (self.least[~columns] > 0).any():
            return None
        every[columns] = self.rounded(found)
        return every

    @staticmethod
    def rounded(found: highspy.HighsSolution) -> np.ndarray:
        """Whole numbers from what the solver gives."""
        return np.rint(found.col_value)


def model(sums: np.ndarray, low, high, least, whole: bool) -> Solver:
    """The solver's model of what a reader knows."""
    solver, problem, packed = Solver(), highspy.HighsLp(), csc_array(sums)
    problem.num_row_, problem.num_col_ = sums.shape
    problem.row_lower_, problem.row_upper_ = low, high
    problem.col_lower_, problem.col_upper_, problem.col_cost_ = least, np.full(len(least), np.inf), np.zeros(len(least))
    matrix = problem.a_matrix_
    matrix.format_, matrix.start_ = highspy.MatrixFormat.kColwise, packed.indptr
    matrix.index_, matrix.value_ = packed.indices, packed.data
    if whole:
        problem.integrality_ = [highspy.HighsVarType.kInteger] * len(least)
    for option, value in OPTIONS.items():
        solver.setOptionValue(option, value)
    solver.passModel(problem)
    return solver


def priced(solver: Solver, cost: np.ndarray) -> highspy.HighsSolution | None:
    """The solution of least cost; None where nothing fits. Raises Unsolved when there is none within the limits."""
    solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
    solver.run()
    end = solver.getModelStatus()
    if end == highspy.HighsModelStatus.kInfeasible:
        return None
    if end not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kSolutionLimit):
        raise Unsolved(solver.modelStatusToString(end))
    return solver.getSolution()


def is_whole(values) -> bool:
    """Whether all of these are whole numbers."""
    return bool(np.abs(np.asarray(values) - np.rint(values)).max(initial=0) < WHOLE)


def ranges(reader: Reader, rows) -> list[tuple[int, int]]:
    """The smallest and largest whole number that each of these rows can be: the attack of Geurts 1992 and of Fischetti and Salazar
    2001, stated over profiles. Raises ValueError when what the reader was told contradicts itself."""
    ends = [[reader.whole(reader.sums[row], sign) for sign in (-1, 1)] for row in rows]
    if any(end is None for pair in ends for end in pair):
        raise ValueError("No counts fit everything that is to be published: the numbers contradict each other.")
    return [(round(reader.sums[row] @ least), round(reader.sums[row] @ most)) for row, (least, most) in zip(rows, ends)]


class Witnesses:
    """Publications that fit all that a reader knows, found so far: one that fits answers for every cell at once."""

    def __init__(self, reader: Reader):
        self.reader, self.found = reader, []

    def fits(self, row: int, value: int, knows: int | None = None) -> bool:
        """Whether a row can be this for the reader, or for one who also knows of a case with profile number `knows`."""
        if any(counts[row] == value and (knows is None or x[knows] > 0) for x, counts in self.found):
            return True
        between = self.reader.low[row], self.reader.high[row]
        if not between[0] <= value <= between[1]:
            return False
        self.reader.tell(row, value, value)
        if knows is not None:
            self.reader.meets(knows, 1)
        one = self.reader.any_of_them()
        self.reader.tell(row, *between)
        if knows is not None:
            self.reader.meets(knows, 0)
        self.found += [] if one is None else [(one, np.rint(self.reader.sums @ one))]
        return one is not None


def several(asked: Witnesses, row: int, k: int) -> bool:
    """Whether a hidden row can be at least k different whole numbers."""
    ends = (asked.reader.furthest(asked.reader.sums[row], sign) for sign in (-1, 1))
    low, high = (end.row_value[row] for end in ends)
    may = range(math.ceil(low - WHOLE), math.floor(high + WHOLE) + 1)
    return len(may) >= k and sum(1 for _ in itertools.islice((value for value in may if asked.fits(row, value)), k)) == k


def open_cells(members: np.ndarray, cases: np.ndarray, hidden: np.ndarray, small: np.ndarray, k: int, least=0, most=np.inf) -> list[int]:
    """The hidden cells that a reader of all the others finds out too much about (policy P10); none in a safe publication.

    `members`: shape (cells, profiles); `cases`: the true cases of each profile. Three readers attack. All know every cell that is
    not hidden, and that each hidden one lies from `least` to `most` (of all cells, or one for each). A small cell must stay possible
    from 1 to k - 1 for the one who also knows which cells are small and that small means 1 to k - 1, and for the same one who knows
    any one case of the cell. Another hidden cell must keep k values for the first.
    """
    counts = members @ cases
    wide = Witnesses(Reader(members, np.where(hidden, least, counts), np.where(hidden, most, counts), cases > 0))
    left = [at for at in np.flatnonzero(hidden & ~small) if not several(wide, at, k)]
    if small.any():
        low, high = (np.where(hidden, end, counts) for end in (least, most))
        low, high = np.where(small, np.maximum(low, 1), low), np.where(small, np.minimum(high, k - 1), high)
        asked = Witnesses(Reader(members, low, high, cases > 0))
        left += [at for at in np.flatnonzero(small) if not narrow(asked, at, np.flatnonzero(members[at] * cases > 0), k)]
    return sorted(map(int, left))


def narrow(asked: Witnesses, row: int, cases: np.ndarray, k: int) -> bool:
    """Whether a small row can be anything from 1 to k - 1 for the reader, and for one who knows any one of its cases (by profile)."""
    return all(asked.fits(row, value, knows) for value in range(1, k) for knows in (*cases, None))
