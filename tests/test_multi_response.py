"""The test of two multi-valued variables: published totals, its covariance from first principles, its errors counted, real cases."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis import count
from analysis.problems import UsageError
from analysis.sheets import cells
from analysis.statistics import multi_response

FARMERS = pd.read_csv(Path(__file__).parent / "reference" / "multi_response_farmer2.csv")


def test_the_chi_squareds_of_the_farmers_are_the_printed_ones():
    # Koziol and Bilder add 0.5 to an empty cell, and so to its row, its column and the whole.
    more = FARMERS.joint.eq(0) * 0.5
    found = multi_response.pearson(*(FARMERS[column] + more for column in ("joint", "row_total", "column_total", "n")))
    assert found.round(2).tolist() == [4.93, 2.93, 14.29, 0.01, 6.56, 2.11, 11.68, 0.13, 13.98, 0.00, 7.08, 0.32]
    assert round(found.sum(), 2) == 64.03
    assert round(12 * chi2.sf(found.max(), 1), 4) == 0.0019  # Bonferroni over the twelve pairs


def test_chi_squared_of_two_codes_is_the_one_of_scipy():
    for row in FARMERS.itertuples():
        one, other = row.row_total - row.joint, row.column_total - row.joint
        table = [[row.joint, one], [other, row.n - row.joint - one - other]]
        assert multi_response.pearson(row.joint, row.row_total, row.column_total, row.n) == pytest.approx(
            chi2_contingency(table, correction=False).statistic)


def slopes(function, at, step=1e-6):
    """How a vector-valued function changes with each of its arguments, found by small steps."""
    return np.array([(function(at + step * unit) - function(at - step * unit)) / (2 * step) for unit in np.eye(len(at))]).T


def from_all_cells(w, y, n):
    """The weights of the chi-squareds by the multinomial delta method over all 2^(r + c) cells, however rare."""
    r, c = w.shape[1], y.shape[1]
    cells = np.array(list(itertools.product([0, 1], repeat=r + c)))
    tau = np.array([n[(np.hstack([w, y]) == cell).all(axis=1)].sum() for cell in cells]) / n.sum()

    def apart(tau):
        return np.array([tau @ (cells[:, i] * cells[:, r + j]) - (tau @ cells[:, i]) * (tau @ cells[:, r + j])
                         for i in range(r) for j in range(c)])
    p, q = tau @ cells[:, :r], tau @ cells[:, r:]
    weights = np.linalg.eigvals(np.diag(1 / np.kron(p * (1 - p), q * (1 - q))) @ spread(slopes(apart, tau), tau)).real
    return np.sum(n) * np.sum(apart(tau) ** 2 / np.kron(p * (1 - p), q * (1 - q))), r * c, weights


def from_all_cells_of_groups(w, y, n):
    """The same for groups: in each a multinomial over 2^c cells, with their sizes fixed."""
    r, c = w.shape[1], y.shape[1]
    cells = np.array(list(itertools.product([0, 1], repeat=c)))
    size = n @ w
    tau = np.array([[n[(group > 0) & (y == cell).all(axis=1)].sum() for cell in cells] for group in w.T]) / size[:, None]

    def apart(tau):
        shares = tau.reshape(r, -1) @ cells
        return (shares - size @ shares / size.sum()).ravel()
    q = size @ (tau @ cells) / size.sum()
    each = [np.diag(one) - np.outer(one, one) for one in tau]
    v = np.zeros((tau.size, tau.size))
    for at, (one, many) in enumerate(zip(each, size)):
        v[at * len(cells):(at + 1) * len(cells), at * len(cells):(at + 1) * len(cells)] = one / many
    slope, scale = slopes(apart, tau.ravel()), np.kron(size, 1 / (q * (1 - q)))
    return apart(tau.ravel()) ** 2 @ scale, (r - 1) * c, np.linalg.eigvals(np.diag(scale) @ slope @ v @ slope.T).real


def spread(slope, tau):
    return slope @ (np.diag(tau) - np.outer(tau, tau)) @ slope.T


def drawn(chance, cases, r, c, groups):
    """Invented cases with codes that go with each other within each variable, and a little with the other's."""
    w = np.eye(r)[chance.integers(0, r, cases)] if groups else (chance.random((cases, r)) < 0.4).astype(float)
    y = (chance.random((cases, c)) < 0.4).astype(float)
    y[:, 0] = np.where(chance.random(cases) < 0.5, w[:, 0], y[:, 0])
    y[:, -1] = np.where(chance.random(cases) < 0.5, y[:, 0], y[:, -1])
    return w, y, chance.integers(1, 5, cases).astype(float)


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("r, c", [(2, 2), (3, 2), (2, 4), (3, 4)])
def test_the_correction_is_the_one_of_the_delta_method_over_all_cells(r, c, groups):
    chance = np.random.default_rng(r * 10 + c)
    for _ in range(5):
        w, y, n = drawn(chance, 200, r, c, groups)
        found = multi_response.tested(w, y, n, groups)
        total, full, weights = (from_all_cells_of_groups if groups else from_all_cells)(w, y, n)
        # Bilder and Loughin 2004: adjusted = rc X2 / sum of squared weights, on (rc)^2 / the same sum degrees of freedom. So it is in what
        # Koziol and Bilder print of the farmers: 64.03 x 6.78 / 12 = 36.17, and of groups with 20 weights 30.84 x 18.6 / 20 = 28.68.
        squares = np.sum(weights**2)
        assert found.chi2 == pytest.approx(total)
        assert found.df == pytest.approx(full**2 / squares, rel=1e-5) and found.adjusted == pytest.approx(full * total / squares, rel=1e-5)
        assert found.method == "Rao-Scott" and found.p == pytest.approx(chi2.sf(found.adjusted, found.df), rel=1e-9, abs=1e-300)
        assert found.base == n.sum()


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("cases, method", [(300, "Rao-Scott"), (24, "shuffled")])
def test_where_nothing_goes_with_anything_one_in_twenty_is_found(groups, cases, method, monkeypatch):
    monkeypatch.setattr(multi_response, "SHUFFLES", 199)
    chance, p = np.random.default_rng(3), []
    for _ in range(300):
        w = np.eye(3)[chance.integers(0, 3, cases)] if groups else (chance.random((cases, 3)) < [0.3, 0.5, 0.4]).astype(float)
        y = (chance.random((cases, 3)) < [0.5, 0.4, 0.3]).astype(float)
        y[:, 2] = np.where(chance.random(cases) < 0.4, y[:, 0], y[:, 2])
        found = multi_response.tested(w, y, np.ones(cases), groups)
        p += [found.p] if found.method == method else []
    assert len(p) > 200
    for level in (0.05, 0.2, 0.5):
        assert abs(np.mean(np.array(p) <= level) - level) < 4 * (level * (1 - level) / len(p)) ** 0.5


def test_shufflings_come_near_to_all_orders_of_six_cases():
    w = np.array([[1, 0], [1, 0], [1, 1], [0, 1], [0, 1], [0, 1]], float)
    y = np.array([[1, 0], [1, 0], [1, 1], [0, 1], [0, 1], [1, 1]], float)

    def sum_of_chi_squared(y):
        return 6 * (np.corrcoef(w.T, y.T)[:2, 2:] ** 2).sum()  # chi-squared of a 2 x 2 table is n times its correlation squared
    orders = np.array([sum_of_chi_squared(y[list(order)]) for order in itertools.permutations(range(6))])
    seen = multi_response.tested(w, y, np.ones(6), False)
    exact = np.mean(orders >= sum_of_chi_squared(y) - 1e-9)
    assert seen.method == "shuffled" and 0.02 < exact < 0.2
    assert abs(seen.p - exact) < 4 * (exact * (1 - exact) / 1999) ** 0.5


@pytest.mark.parametrize("groups", [False, True])
def test_profiles_are_shuffled_as_the_cases_they_stand_for(groups):
    w, y, n = drawn(np.random.default_rng(5), 9, 2, 3, groups)
    each = n.astype(int)
    profiles = multi_response.tested(w, y, n, groups)
    cases = multi_response.tested(w.repeat(each, 0), y.repeat(each, 0), np.ones(each.sum()), groups)
    assert profiles.method == cases.method == "shuffled" and 1 / 2000 < profiles.p < 1 and profiles.p == cases.p
    assert profiles[:3] == pytest.approx(cases[:3])


def test_chance_is_never_ruled_out_by_shuffling_and_the_same_cases_get_the_same_p():
    w = np.repeat([[1.0, 0], [0, 1]], 9, axis=0)
    found = multi_response.tested(w, w, np.ones(18), False)  # 9 of 18 by 9 of 18 expects 4.5
    assert (found.method, found.fewest, found.p) == ("shuffled", 4.5, 1 / 2000)
    assert found[3:] == multi_response.tested(w, w, np.ones(18), False)[3:]
    # Two codes that are one, in half of the cases, leave the correction no variance to work with, however many cases there are.
    found = multi_response.tested(w, w, np.full(18, 100), False)
    assert found.method == "shuffled" and np.isnan(found.df) and np.isnan(found.adjusted) and found.chi2 == pytest.approx(4 * 1800)


def test_five_expected_cases_are_enough_for_the_correction():
    y = np.array([[1], [0], [1], [0]], float)
    w = np.array([[1], [1], [0], [0]], float)
    for each, method in ((4.9, "shuffled"), (5, "Rao-Scott")):
        assert multi_response.tested(w, y, np.array([each, each, each, each]) + [1, -1, -1, 1], False).method == method


ROWS = [("threat", "police")] * 12 + [("threat fake_date", "private_person")] * 9 + [("fake_date", "private_person police")] * 6 + [
    ("fake_date", "private_person")] * 8 + [("threat", "unknown")] * 5 + [("not_stated", "police")] * 3


def cases_of(rows, book, variables=("violation", "perpetrator")):
    """Invented cases, each the codes of two variables as text -> cases as tidy makes them."""
    made = {}
    for at, variable in enumerate(variables):
        every, texts = book.of(variable), pd.Series([row[at] for row in rows])
        bits = cells.masks({text: text.split() for text in texts.unique()}, texts, every)
        made |= dict(zip(count.columns(variable, every), bits.T))
    return pd.DataFrame(made)


def test_only_cases_that_tell_both_count_and_the_pairs_say_how_shares_differ(book):
    found, pairs = multi_response.independence(cases_of(ROWS, book), book, "violation", "perpetrator")
    # 12 + 9 + 6 + 8 cases; 21 with a threat and 14 without, 23 with a fake date; 18 name the police, 23 a private person and 12 none.
    assert found.base == 35 and found.fewest == pytest.approx(12 * 12 / 35) and found.method == "shuffled"
    assert found.chi2 == pytest.approx(pairs.chi2.sum())
    pairs = pairs.set_index(["violation", "perpetrator"])
    assert sorted(pairs.index) == [(one, other) for one in ("fake_date", "threat") for other in ("police", "private_person")]
    row = pairs.loc[("threat", "police")]
    # Of 21 cases with a threat 12 name the police, of the 14 others 6.
    assert (row.n, row.base, row.share) == (12, 21, 12 / 21) and row.method == "newcombe"
    assert row.value == pytest.approx(12 / 21 - 6 / 14)
    assert (row.low, row.high) == pytest.approx(confint_proportions_2indep(12, 21, 6, 14, method="newcomb"))
    assert row.chi2 == pytest.approx(chi2_contingency([[12, 9], [6, 8]], correction=False).statistic)


def test_a_filter_leaves_other_cases_out(book):
    found, pairs = multi_response.independence(cases_of(ROWS, book), book, "violation", "perpetrator", {"perpetrator": ["private_person"]})
    # All of them name a private person, which tells them apart no more; 6 of 14 without a threat name the police too, of 9 with one none.
    assert found.base == 23 and set(pairs.perpetrator) == {"police"}
    assert pairs.set_index("violation").chi2["threat"] == pytest.approx(chi2_contingency([[0, 9], [6, 8]], correction=False).statistic)


def test_two_cases_can_differ(book):
    rows = [("threat", "police"), ("fake_date", "private_person")]
    found, pairs = multi_response.independence(cases_of(rows, book), book, "violation", "perpetrator")
    assert found.base == 2 and len(pairs) == 4 and found.p == pytest.approx(1)  # the two ways to pair them are as far from independence


def test_a_single_valued_variable_is_the_groups_whichever_is_named_first(book):
    rows = [("threat", "yes")] * 12 + [("threat fake_date", "no")] * 9 + [("fake_date", "yes")] * 6 + [("threat", "not_stated")] * 7
    made = cases_of(rows, book, ("violation", "repeated"))
    (one, pairs), (other, turned) = (multi_response.independence(made, book, *both)
                                     for both in (("violation", "repeated"), ("repeated", "violation")))
    # The order of the sums may move the last digit of a statistic; what is counted is the same.
    assert one._asdict() == pytest.approx(other._asdict()) and one.base == 27
    pd.testing.assert_frame_equal(pairs, turned)
    # Two tables of groups by code: 12 of 18 and 9 of 9 with a threat, 6 of 18 and 9 of 9 with a fake date.
    expected = sum(chi2_contingency(table, correction=False).statistic for table in ([[12, 6], [9, 0]], [[6, 12], [9, 0]]))
    assert one.chi2 == pytest.approx(expected) and pairs.columns[:2].tolist() == ["repeated", "violation"]


def test_a_variable_by_years_but_not_by_itself(book, odihr_kazakhstan):
    by_year, pairs = multi_response.independence(odihr_kazakhstan.cases, book, "bias_motivation", "year")
    assert by_year.base == 89 and set(pairs.year) == {str(year) for year in range(2016, 2023)}
    known = pairs[(pairs.year == "2022") & (pairs.bias_motivation == "anti_lgbti")].iloc[0]
    assert (known.n, known.base) == (21, 27) and known.value == pytest.approx(21 / 27 - 43 / 62)  # 64 of 89 in all
    with pytest.raises(UsageError, match="'bias_motivation' is named twice"):
        multi_response.independence(odihr_kazakhstan.cases, book, "bias_motivation", "bias_motivation")


def test_the_pairs_of_the_real_incidents_are_those_of_a_breakdown(book, odihr_kazakhstan):
    found, pairs = multi_response.independence(odihr_kazakhstan.cases, book, "violation", "perpetrator")
    counted = count.breakdown(odihr_kazakhstan.cases, book, ["violation", "perpetrator"], base="answered")
    both = pairs.merge(counted, on=["violation", "perpetrator"], suffixes=("", "_counted"))
    assert len(both) == len(pairs) > 200 and (both.n == both.n_counted).all() and set(both.base_counted) == {found.base}


def test_where_nothing_differs_there_is_nothing_to_compare(book):
    for rows in ([("threat", "police")] * 5, [("threat", "unknown")] * 5, [("threat", "police")] * 2 + [("fake_date", "police")]):
        with pytest.raises(UsageError, match="nothing to compare: of the [0-9]+ cases .* '(violation|perpetrator)'"):
            multi_response.independence(cases_of(rows, book), book, "violation", "perpetrator")


some_rows = st.lists(st.tuples(st.sets(st.integers(0, 2)), st.sets(st.integers(0, 2))), min_size=12, max_size=40)


@given(some_rows, st.randoms())
def test_order_and_profiles_change_nothing_sides_can_be_turned_and_twice_the_cases_is_twice_the_chi_squared(rows, random):
    w, y = (np.array([[code in row[side] for code in range(3)] for row in rows], float) for side in (0, 1))
    w, y = w[:, (w.sum(0) > 0) & (w.sum(0) < len(w))], y[:, (y.sum(0) > 0) & (y.sum(0) < len(y))]
    if w.size and y.size:
        once = corrected(w, y, np.ones(len(w)))
        order = random.sample(range(len(w)), len(w))
        assert corrected(w[order], y[order], np.ones(len(w))) == pytest.approx(once)
        assert corrected(y, w, np.ones(len(w))) == pytest.approx(once)
        twice = corrected(w, y, np.full(len(w), 2))
        assert twice == pytest.approx((2 * once[0], once[1])) == corrected(np.vstack([w, w]), np.vstack([y, y]), np.ones(2 * len(w)))


def corrected(w, y, n):
    """The sum of chi-squareds and the degrees of freedom, without a p."""
    full, squares = multi_response.eigenvalues(w, y, n)
    return multi_response.statistic(w.T * n @ y, n @ w, n @ y, n.sum(), False), full**2 / squares
