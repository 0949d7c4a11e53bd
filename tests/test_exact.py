"""Exact tests against the values of R, and what must hold of them whichever way a question is put."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom, nchypergeom_fisher

from analysis import stats
from analysis.problems import UsageError
from analysis.statistics import exact

REFERENCE = Path(__file__).parent / "reference"


def reference(name):
    return [row._asdict() for row in pd.read_csv(REFERENCE / f"{name}.csv").itertuples(index=False)]


@pytest.mark.parametrize("row", reference("binomial"), ids=lambda row: f"{row['n']}/{row['base']}")
def test_a_share_is_tested_as_r_does(row):
    found = exact.binomial(row["n"], row["base"], row["null"])
    assert found.value == row["n"] / row["base"] and found.method == "exact binomial"
    assert found[1:4] == pytest.approx((row["low"], row["high"], row["p"]), rel=1e-8)


@pytest.mark.parametrize("row", reference("fisher"), ids=lambda row: f"{row['n1']}/{row['base1']}-{row['n2']}/{row['base2']}")
def test_two_shares_are_tested_as_r_does(row):
    found = exact.fisher(row["n1"], row["base1"], row["n2"], row["base2"])
    for ours, theirs in zip(found, (row["odds_ratio"], row["low"], row["high"])):
        # R looks for odds below 1 and for one over those above 1, to four decimals: 621.93 is 626.24 when looked for longer.
        assert ours == theirs or (ours > 1) == (theirs > 1) and min(ours, 1 / ours) == pytest.approx(min(theirs, 1 / theirs), abs=5e-5)
    assert found.p == pytest.approx(row["p"], rel=1e-8) and found.method == "Fisher"


@pytest.mark.parametrize("row", reference("fisher"), ids=lambda row: f"{row['n1']}/{row['base1']}-{row['n2']}/{row['base2']}")
def test_odds_and_their_interval_are_what_they_are_defined_as(row):
    n1, base1, n2, base2 = (row[name] for name in ("n1", "base1", "n2", "base2"))
    found = exact.fisher(n1, base1, n2, base2)
    chance = partial(nchypergeom_fisher, base1 + base2, base1, n1 + n2)
    if 0 < found.value < np.inf:
        assert chance(found.value).mean() == pytest.approx(n1, rel=1e-6)  # the likelihood is greatest where the mean is what was seen
    if found.low > 0:
        assert chance(found.low).sf(n1 - 1) == pytest.approx(0.025, rel=1e-5)
    if found.high < np.inf:
        assert chance(found.high).cdf(n1) == pytest.approx(0.025, rel=1e-5)
    assert (found.low, found.value) == (0, 0) if n1 == 0 else found.low > 0
    assert (found.value, found.high) == (np.inf, np.inf) if n1 == base1 or n2 == 0 else found.high < np.inf


@pytest.mark.parametrize("row", reference("count_ratios"), ids=lambda row: f"{row['n1']}/{row['n2']}")
def test_two_counts_are_tested_as_r_does(row):
    found = exact.ratio(row["n1"], row["n2"], row["exposure1"], row["exposure2"])
    assert found[:3] == pytest.approx(tuple(map(float, stats.ratio(row["n1"], row["n2"], row["exposure1"], row["exposure2"]))))
    assert found.method == "exact conditional"
    if not np.isnan(row["p"]):
        assert found.p == pytest.approx(row["p"], rel=2e-3)  # the sources print three digits at least


def test_nine_against_seven_of_the_report_cannot_be_told_apart():
    found = exact.ratio(9, 7)
    assert [round(number, 4) for number in found[:4]] == [1.2857, 0.4261, 4.0624, 0.8036]


def test_of_nothing_there_is_no_share_and_no_ratio():
    assert np.isnan(exact.binomial(0, 0)[:4]).all() and np.isnan(exact.ratio(0, 0)[:4]).all()


def test_an_empty_margin_says_nothing_about_the_odds():
    # No case has it, every case has it, or one of the two groups is empty.
    for margins in ((0, 5, 0, 7), (5, 5, 7, 7), (0, 0, 3, 7), (3, 7, 0, 0)):
        value, low, high, p, method = exact.fisher(*margins)
        assert np.isnan(value) and (low, high, p, method) == (0, np.inf, 1, "Fisher")


def test_equal_counts_and_equal_bases_are_no_empty_margin():
    for counts in ((3, 9, 3, 7), (2, 9, 5, 9), (4, 4, 3, 6), (4, 7, 0, 3), (5, 9, 0, 4)):
        assert exact.fisher(*counts).value > 0
    assert exact.fisher(3, 9, 3, 9)[::3] == pytest.approx((1, 1))


def test_p_is_the_sum_of_the_outcomes_that_are_no_more_likely():
    for n in range(13):
        chances = binom.pmf(np.arange(13), 12, 0.3)
        assert exact.binomial(n, 12, 0.3).p == pytest.approx(chances[chances <= chances[n] * (1 + 1e-7)].sum())
    for n in range(1, 7):
        chances = hypergeom.pmf(np.arange(8), 17, 7, 7)  # 7 and 10 cases, 7 of them with the code
        assert exact.fisher(n, 7, 7 - n, 10).p == pytest.approx(chances[chances <= chances[n] * (1 + 1e-7)].sum())


@pytest.mark.parametrize("wrong", [(5, 4), (-1, 4), (1.5, 4), (1, 4.5)])
def test_what_is_no_count_of_its_base_is_refused(wrong):
    for test in (exact.binomial, lambda n, base: exact.fisher(n, base, 1, 2), lambda n, base: exact.fisher(1, 2, n, base)):
        with pytest.raises(UsageError, match="whole numbers of cases"):
            test(*wrong)


counts = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (pair[0], sum(pair)))


@given(counts, counts)
def test_the_other_way_round_odds_and_ratios_are_turned_over_and_p_stays(one, two):
    there, back = exact.fisher(*one, *two), exact.fisher(*two, *one)
    assert there.p == pytest.approx(back.p)
    if np.isfinite(there.value) and there.value > 0:
        np.testing.assert_allclose(there[:3], 1 / np.array([back.value, back.high, back.low]), rtol=1e-4)
    there, back = exact.ratio(one[0], two[0], 3, 7), exact.ratio(two[0], one[0], 7, 3)
    assert there.p == pytest.approx(back.p, nan_ok=True)


@given(counts)
def test_no_p_stands_outside_0_to_1_nor_an_estimate_outside_its_interval(pair):
    for found in (exact.binomial(*pair), exact.fisher(*pair, 3, 9), exact.ratio(pair[0], pair[1] - pair[0])):
        assert np.isnan(found.p) or 0 <= found.p <= 1
        assert np.isnan(found.value) or found.low <= found.value <= found.high
