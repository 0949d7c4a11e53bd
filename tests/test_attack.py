"""The attack against the worked examples of the protection policy, and against trying every table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.protection import attack


def grid(rows, columns):
    """Members of the row totals, the column totals and the cells of a cross of single values; a profile is a cell."""
    cells = np.eye(rows * columns)
    down = np.array([[at // columns == row for at in range(rows * columns)] for row in range(rows)])
    across = np.array([[at % columns == column for at in range(rows * columns)] for column in range(columns)])
    return down, across, cells


def reader(table, members, told):
    """One who knows the counts of the rows that are told."""
    counts, told = members @ table, np.asarray(told)
    return attack.Reader(members, np.where(told, counts, 0), np.where(told, counts, np.inf))


def test_the_four_hidden_cells_of_geurts_table_lie_where_he_says():
    # Geurts 1992, table 10: row totals 7, 3, 6; column totals 9, 7; last row 3, 3.
    down, across, cells = grid(3, 2)
    counts = [7, 3, 6, 9, 7, *[None] * 4, 3, 3]
    low, high = ([free if count is None else count for count in counts] for free in (0, np.inf))
    assert attack.ranges(attack.Reader(np.vstack([down, across, cells]), low, high), range(5, 9)) == [(3, 6), (1, 4), (0, 3), (0, 3)]


def test_the_hidden_8_with_its_cheapest_partners_lies_in_0_to_25():
    # 20 50 10 / 8 19 22 / 17 32 12 with totals; hidden: 8, 22, 17, 12. Row 2: 8 + 22 = 30; column 1: 8 + 17 = 25.
    down, across, cells = grid(3, 3)
    table = np.array([20, 50, 10, 8, 19, 22, 17, 32, 12])
    hidden = [3, 5, 6, 8]
    told = [*[True] * 6, *(at not in hidden for at in range(9))]
    assert attack.ranges(reader(table, np.vstack([down, across, cells]), told), [9]) == [(0, 25)]


def test_hiding_two_countries_leaves_what_the_policy_says():
    # Spain, Iceland, Portugal: 5 2 0 / 6 3 4; the four cells of Iceland and Portugal hidden: 0-2, 0-2 / 3-5, 2-4.
    down, across, cells = grid(2, 3)
    table = np.array([5, 2, 0, 6, 3, 4])
    told = [*[True] * 5, *(at in (0, 3) for at in range(6))]
    assert attack.ranges(reader(table, np.vstack([down, across, cells]), told), [6, 7, 9, 10]) == [(0, 2), (0, 2), (3, 5), (2, 4)]


def test_hiding_only_what_is_small_is_undone_by_the_totals():
    # The 31 invented cases of the policy, violation by perpetrator, with both margins; only 1 and 2 are hidden.
    table = np.array([[8, 1, 0, 0, 0], [4, 0, 3, 0, 0], [0, 0, 3, 0, 0], [0, 0, 0, 2, 0], [0, 0, 0, 0, 2], [4, 4, 0, 0, 0]]).ravel()
    assert table.sum() == 31
    down, across, cells = grid(6, 5)
    hidden = (table > 0) & (table < 3)
    told = [*[True] * 11, *~hidden]
    rows = 11 + np.flatnonzero(hidden)
    assert attack.ranges(reader(table, np.vstack([down, across, cells]), told), rows) == [(n, n) for n in table[hidden]]


def test_numbers_that_contradict_each_other_are_not_published():
    down, across, _ = grid(2, 2)
    with pytest.raises(ValueError, match="contradict"):
        attack.ranges(attack.Reader(np.vstack([down, across]), [1, 1, 1, 2], [1, 1, 1, 2]), [0])


PROFILES = 4
ROWS = st.lists(st.lists(st.booleans(), min_size=PROFILES, max_size=PROFILES), min_size=1, max_size=4)


@given(truth=st.lists(st.integers(0, 3), min_size=PROFILES, max_size=PROFILES), told=ROWS,
       cell=st.lists(st.booleans(), min_size=PROFILES, max_size=PROFILES))
def test_what_cannot_be_ruled_out_is_what_trying_every_publication_finds(truth, told, cell):
    # The total is always told, so every count lies between 0 and it, and all of them can be tried.
    told = np.vstack([np.ones(PROFILES, bool), np.array(told)])
    counts = told @ np.array(truth)
    every = np.indices((counts[0] + 1,) * PROFILES).reshape(PROFILES, -1)
    possible = set((np.array(cell) @ every)[(told @ every == counts[:, None]).all(axis=0)].tolist())
    asked = attack.Witnesses(reader(np.array(truth), np.vstack([told, cell]), [True] * len(told) + [False]))
    assert attack.ranges(asked.reader, [len(told)]) == [(min(possible), max(possible))]
    assert {value for value in range(counts[0] + 2) if asked.fits(len(told), value)} == possible


def test_a_hidden_cell_stands_open_until_its_partners_are_hidden():
    # The 3 by 3 table above: with only the 8 hidden everything is known; with its three partners 0 to 25 are possible.
    down, across, cells = grid(3, 3)
    table = np.array([20, 50, 10, 8, 19, 22, 17, 32, 12])
    members = np.vstack([down, across, cells])
    small = np.arange(15) == 9
    assert attack.open_cells(members, table, small, small, 10) == [9]
    assert attack.open_cells(members, table, np.isin(np.arange(15), [9, 11, 12, 14]), small, 10) == []


def test_a_pair_hidden_between_two_large_totals_stands_open():
    # Two codes that may occur together: 5 and 5 of 8 cases, so that at least 2 have both and 1 is ruled out. Of 12, 0 to 5 may have both.
    # Profiles: the first only, the second only, both, neither.
    members = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 1, 0]])
    small = np.array([False, False, False, True])
    assert attack.open_cells(members, np.array([3, 3, 2, 0]), small, small, 3) == [3]
    assert attack.open_cells(members, np.array([3, 3, 2, 4]), small, small, 3) == []


def test_who_knows_one_case_finds_out_no_more():
    # Hidden: how many of 9 cases have a code, 1 or 2. That only the second profile holds more than one is told, as 1: then who knows a
    # case of the first profile knows of 2. Profiles: the code alone, the code with another, neither.
    members, small = np.array([[1, 1, 1], [1, 1, 0], [0, 1, 0]]), np.array([False, True, False])
    assert attack.open_cells(members, np.array([1, 1, 7]), small, small, 3) == [1]
    assert attack.open_cells(members[:2], np.array([1, 1, 7]), small[:2], small[:2], 3) == []
