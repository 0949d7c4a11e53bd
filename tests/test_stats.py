"""Intervals against values that others printed and against scipy, which computes them another way."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analysis import stats
from analysis.problems import UsageError

REFERENCE = Path(__file__).parent / "reference"
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")  # numpy's warnings would stand red in a coordinator's notebook


def reference(name):
    """Rows of a table of reference values, as text, so that the decimals printed are known."""
    return pd.read_csv(REFERENCE / f"{name}.csv", dtype=str).to_dict("records")


def agrees(value, printed):
    """Whether a value is the printed one to all of its decimals."""
    if float(printed) in (0, np.inf):
        return value == float(printed)
    return abs(value - float(printed)) <= 0.5000001 * 10.0 ** -len(printed.partition(".")[2])


@pytest.mark.parametrize("row", reference("shares"), ids=lambda row: f"{row['n']}/{row['base']}")
def test_shares_are_the_printed_ones(row):
    n, base = int(row["n"]), int(row["base"])
    exact, score = stats.clopper_pearson(n, base), stats.wilson(n, base)
    assert agrees(exact[0], row["exact_low"]) and agrees(exact[1], row["exact_high"])
    assert agrees(score[0], row["wilson_low"]) and agrees(score[1], row["wilson_high"])


@pytest.mark.parametrize("row", reference("differences"), ids=lambda row: f"{row['n1']}/{row['base1']}-{row['n2']}/{row['base2']}")
def test_differences_are_the_printed_ones(row):
    difference, low, high = stats.newcombe(*(int(row[k]) for k in ("n1", "base1", "n2", "base2")))
    assert difference == pytest.approx(int(row["n1"]) / int(row["base1"]) - int(row["n2"]) / int(row["base2"]))
    assert agrees(low, row["low"]) and agrees(high, row["high"])


@pytest.mark.parametrize("row", reference("count_ratios"), ids=lambda row: f"{row['n1']}/{row['n2']}")
def test_ratios_are_the_printed_ones(row):
    found = stats.ratio(int(row["n1"]), int(row["n2"]), float(row["exposure1"]), float(row["exposure2"]))
    assert all(agrees(value, row[name]) for value, name in zip(found, ("ratio", "low", "high")))


def test_every_share_up_to_25_has_the_interval_of_scipy():
    pairs = [(n, base) for base in range(1, 26) for n in range(base + 1)]
    n, base = np.array(pairs).T
    for ours, method in ((stats.wilson, "wilson"), (stats.clopper_pearson, "exact")):
        theirs = np.array([binomtest(*pair).proportion_ci(method=method) for pair in pairs])
        np.testing.assert_allclose(np.column_stack(ours(n, base)), theirs, rtol=1e-9, atol=1e-12, err_msg=method)


def test_every_share_up_to_300_has_the_interval_of_statsmodels():
    base, n = np.array([(base, n) for base in range(1, 301) for n in range(base + 1)]).T
    assert len(n) == 301 * 302 / 2 - 1
    for ours, method in ((stats.wilson, "wilson"), (stats.clopper_pearson, "beta")):
        with np.errstate(invalid="ignore"):
            theirs = proportion_confint(n, base, method=method)
        np.testing.assert_allclose(ours(n, base), theirs, rtol=1e-9, atol=1e-12, err_msg=method)


def test_every_difference_of_small_counts_has_the_interval_of_statsmodels():
    for n1, base1, n2, base2 in itertools.product(range(6), (5, 12), range(9), (8, 31)):
        theirs = confint_proportions_2indep(n1, base1, n2, base2, method="newcomb")
        assert stats.newcombe(n1, base1, n2, base2) == pytest.approx((n1 / base1 - n2 / base2, *theirs), abs=1e-9)


@pytest.mark.parametrize("interval", [stats.wilson, stats.clopper_pearson])
def test_no_cases_and_all_cases_give_exact_ends_and_no_base_gives_no_interval(interval):
    low, high = interval([0, 20, 0], [20, 20, 0])
    assert low[0] == 0 and high[1] == 1  # not 1e-17, which prints as "-0%"
    assert 0 < high[0] < 1 and 0 < low[1] < 1
    assert np.isnan(low[2]) and np.isnan(high[2])


@pytest.mark.parametrize("confidence", [0.8, 0.99])
def test_another_confidence_is_the_one_of_scipy(confidence):
    for ours, method in ((stats.wilson, "wilson"), (stats.clopper_pearson, "exact")):
        assert ours(9, 31, confidence) == pytest.approx(tuple(binomtest(9, 31).proportion_ci(confidence, method)))
    theirs = confint_proportions_2indep(21, 27, 17, 30, method="newcomb", alpha=1 - confidence)
    assert stats.newcombe(21, 27, 17, 30, confidence)[1:] == pytest.approx(theirs)
    share = binomtest(83, 114).proportion_ci(confidence, "exact")
    assert stats.ratio(83, 31, confidence=confidence)[1:] == pytest.approx((share.low / (1 - share.low), share.high / (1 - share.high)))


def test_counts_in_whole_numbers_of_a_byte_do_not_overflow():
    # 200 + 100 is more than a byte holds, and a byte divided by a byte has three decimals.
    byte = np.uint8
    for interval in (stats.wilson, stats.clopper_pearson):
        assert interval(byte(200), byte(255)) == interval(200, 255) and interval(byte(250), byte(250)) == interval(250, 250)
    assert stats.newcombe(byte(200), byte(255), byte(100), byte(251)) == stats.newcombe(200, 255, 100, 251)
    assert stats.ratio(byte(200), byte(100), byte(7), byte(3)) == stats.ratio(200, 100, 7, 3)


def test_differences_follow_newcombe_from_the_intervals_of_scipy():
    # Newcombe 1998b, method 10, written out for every pair of shares of 7 and of 12.
    for n1 in range(8):
        for n2 in range(13):
            one, two = binomtest(n1, 7).proportion_ci(method="wilson"), binomtest(n2, 12).proportion_ci(method="wilson")
            p1, p2 = n1 / 7, n2 / 12
            low = p1 - p2 - ((p1 - one.low) ** 2 + (two.high - p2) ** 2) ** 0.5
            high = p1 - p2 + ((one.high - p1) ** 2 + (p2 - two.low) ** 2) ** 0.5
            assert stats.newcombe(n1, 7, n2, 12) == pytest.approx((p1 - p2, low, high), abs=1e-12)


def test_a_difference_with_an_empty_base_is_not_a_number():
    assert np.isnan(stats.newcombe(0, 0, 3, 10)).all()


def test_ratios_follow_from_the_exact_interval_of_scipy():
    for n1 in range(16):
        for n2 in range(1, 16):
            share = binomtest(n1, n1 + n2).proportion_ci(method="exact")
            expected = n1 / n2, share.low / (1 - share.low), share.high / (1 - share.high)
            assert stats.ratio(n1, n2) == pytest.approx(expected, rel=1e-9)


def test_a_ratio_of_nothing_to_nothing_is_not_a_number():
    assert np.isnan(stats.ratio(0, 0)).all()


counts = st.integers(0, 500)


@given(counts, counts, counts, counts)
def test_the_other_way_round_a_difference_changes_its_sign_and_a_ratio_is_turned_over(n1, more1, n2, more2):
    there = np.array(stats.newcombe(n1, n1 + more1, n2, n2 + more2))
    back = np.array(stats.newcombe(n2, n2 + more2, n1, n1 + more1))
    np.testing.assert_allclose(there, -back[[0, 2, 1]], atol=1e-12)
    if n1 and n2:
        there, back = np.array(stats.ratio(n1, n2, 3, 7)), np.array(stats.ratio(n2, n1, 7, 3))
        np.testing.assert_allclose(there, 1 / back[[0, 2, 1]], rtol=1e-9)


@given(st.integers(0, 400).flatmap(lambda base: st.tuples(st.integers(0, base), st.just(base))))
def test_an_interval_holds_its_share_and_lies_between_0_and_1(pair):
    n, base = pair
    for interval in (stats.wilson, stats.clopper_pearson):
        low, high = interval(n, base)
        assert base == 0 or 0 <= low <= n / base <= high <= 1


@given(st.integers(1, 300).flatmap(lambda base: st.tuples(st.integers(0, base - 1), st.just(base))))
def test_more_cases_lie_higher_more_of_the_same_lie_closer_and_the_others_are_the_mirror_image(pair):
    n, base = pair
    for interval in (stats.wilson, stats.clopper_pearson):
        (low, higher), (high, highest) = interval([n, n + 1], [base, base])
        assert low < higher or n == 0 and low == 0 <= higher
        assert high < highest or n + 1 == base and high <= highest == 1
        assert np.diff(interval(2 * n, 2 * base)) < high - low
        mirrored = interval(base - n, base)
        assert (1 - mirrored[1], 1 - mirrored[0]) == pytest.approx((low, high), abs=1e-12)


@given(counts, counts, st.integers(1, 50), st.integers(1, 50))
def test_a_ratio_with_exposures_is_the_ratio_of_the_counts_times_that_of_the_exposures(n1, n2, exposure1, exposure2):
    plain, exposed = np.array(stats.ratio(n1, n2)), np.array(stats.ratio(n1, n2, exposure1, exposure2))
    np.testing.assert_allclose(exposed, plain * exposure2 / exposure1, rtol=1e-12)
    if n1 + n2:
        assert plain[1] <= plain[0] <= plain[2] and (plain[1] == 0) == (n1 == 0) and (plain[2] == np.inf) == (n2 == 0)


def test_holm_is_the_one_of_statsmodels_and_what_was_not_tested_stays_out():
    chance = np.random.default_rng(1)
    for tests in range(1, 9):
        p = np.round(chance.random(tests) ** 3, 2)  # some of them equal
        expected = multipletests(p, method="holm")[1]
        np.testing.assert_allclose(stats.holm(p), expected, rtol=1e-12)
        found = stats.holm(np.insert(p, [0, tests // 2, tests], np.nan))
        assert np.isnan(found).sum() == 3
        np.testing.assert_allclose(found[~np.isnan(found)], expected, rtol=1e-12)


def test_holm_by_hand():
    # Sorted 0.001 x 5, 0.012 x 4, 0.04 x 3, then 0.04 x 2 is less than the one before it, and 1.
    assert stats.holm([0.04, 0.001, 0.04, 1, 0.012]) == pytest.approx([0.12, 0.005, 0.12, 1, 0.048])
    assert stats.holm([0.7, 0.6]) == pytest.approx([1, 1]) and len(stats.holm([])) == 0


def test_one_case_of_one_is_all_of_them():
    found = stats.shares(pd.DataFrame({"n": [1], "base": [1]}))
    assert found.share.tolist() == [1] and found.high.tolist() == [1]


def test_shares_of_a_table():
    counted = pd.DataFrame({"violation": ["fake_date", "hate_speech", "killing", "none_asked"], "n": [9, 7, 0, 0], "base": [31, 31, 31, 0]})
    found = stats.shares(counted)
    assert found.share[:3].tolist() == [9 / 31, 7 / 31, 0] and np.isnan(found.share[3])
    assert found.low.round(4).tolist()[:3] == [0.1610, 0.1140, 0]  # these rows are in reference/shares.csv
    assert found.high.round(4).tolist()[:3] == [0.4659, 0.3981, 0.1103]
    assert np.isnan(found.low[3]) and np.isnan(found.high[3])
    assert set(found.method) == {"wilson"} and "share" not in counted


@pytest.mark.parametrize("told", [{"unstated": [2, 0]}, {"unit": "mentions"}])
def test_victims_and_mentions_have_a_share_and_no_interval(told):
    found = stats.shares(pd.DataFrame({"n": [3, 1], "base": [4, 4], **told}))
    assert found.share.tolist() == [0.75, 0.25] and set(found.method) == {"sum"}
    assert found[["low", "high"]].isna().all(axis=None) and found.low.dtype == found.high.dtype == float


def test_changes_of_a_table():
    # 9 of 10 against 3 of 10 is a row of Newcombe's table II, 0 against 5 one of reference/count_ratios.csv.
    counted = pd.DataFrame([("2023", "a", 3, 10), ("2023", "b", 5, 10), ("2024", "a", 9, 10), ("2024", "b", 0, 10), ("2025", "a", 1, 1)],
                           columns=["year", "violation", "n", "base"])
    found = stats.changes(counted, "violation", "2023", "2024")
    assert found.violation.tolist() == ["a", "b"]
    a, b = found.iloc[0], found.iloc[1]
    assert (a.n_first, a.base_first, a.n_last, a.base_last) == (3, 10, 9, 10)
    assert (round(a.difference, 4), round(a.difference_low, 4), round(a.difference_high, 4)) == (0.6, 0.1705, 0.8090)
    assert a.ratio == 3 and (b.ratio, b.ratio_low) == (0, 0)
    share = binomtest(9, 12).proportion_ci(method="exact")
    assert (a.ratio_low, a.ratio_high) == pytest.approx((share.low / (1 - share.low), share.high / (1 - share.high)))
    assert b.ratio_high == pytest.approx(1.0913, abs=5e-5)
    # Turned around, a third and its limits; 5 to none is more than any factor.
    assert (a.break_even, a.break_even_low, a.break_even_high) == pytest.approx((1 / 3, 1 / a.ratio_high, 1 / a.ratio_low))
    assert (b.break_even, b.break_even_low, b.break_even_high) == pytest.approx((np.inf, 1 / b.ratio_high, np.inf))


def test_a_year_without_counts_is_not_an_empty_comparison():
    counted = pd.DataFrame([("2023", "a", 3, 10), ("2024", "a", 9, 10)], columns=["year", "violation", "n", "base"])
    with pytest.raises(UsageError, match="2022 with 2024.*2023, 2024"):
        stats.changes(counted, "violation", "2022", "2024")
