"""Chapman's estimator and log-linear models: published examples, closed forms, another library, and brute force."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln
from scipy.stats import binom, hypergeom

from analysis.events import recapture
from analysis.problems import UsageError


def every_history(lists: int) -> np.ndarray:
    """The ways to stand in at least one of so many lists, (1, 1, 1) first and (0, 0, 1) last: a row each."""
    return np.array(list(itertools.product((1, 0), repeat=lists))[:-1])


# Counts in the order of every_history: 111, 110, 101, 100, 011, 010, 001.
# Diabetes in Casale Monferrato, four lists: G. Bruno et al., Diabetes Care 17 (1994), 548-556;
# again in L.-P. Rivest, Biometrics 67 (2011).
DIABETES = np.array([58, 157, 18, 104, 46, 650, 12, 709, 14, 20, 7, 74, 8, 182, 10.0])
# Census coverage, three lists: J. N. Darroch et al., Journal of the American Statistical Association 88 (1993), 1137-1148, stratum R3.
CENSUS = np.array([72, 155, 7, 71, 13, 53, 43.0])
# Deaths at work, four lists and three: R. M. Cormack, Y.-F. Chang and G. S. Smith, Journal of Clinical Epidemiology 53 (2000), 909-914.
AT_WORK = np.array([72, 5, 29, 53, 24, 3, 12, 14, 0, 0, 0, 1, 0, 0, 2.0])
AT_WORK_3 = np.array([72, 5, 29, 54, 24, 3, 14.0])
# Hepatitis A, three lists: A. Chao et al., Statistics in Medicine 20 (2001), 3123-3157.
HEPATITIS = np.array([28, 21, 17, 69, 18, 55, 63.0])
ALL_PAIRS = ((0, 1), (0, 2), (1, 2))
THREE, FOUR = every_history(3), every_history(4)


def fit(events, pairs):
    inside = every_history(int(np.log2(len(events) + 1)))
    found = recapture.fitted(events, inside, pairs)
    return None if found is None else (events.sum() + found.hidden, found)


# Two lists


def test_chapmans_estimate_is_that_of_sebers_example():
    # G. A. F. Seber, The Estimation of Animal Abundance (1982), p. 107: 948 and 421, 167 in both. 949 * 422 / 168 - 1 = 2,382.8;
    # Rcapture's bias-corrected Mt is 2,382.8 with a standard error of 129.1.
    found = recapture.chapman(948, 421, 167)
    assert (round(found.value, 1), round(found.error, 1)) == (2382.8, 129.1)


def test_the_interval_is_that_of_sadinles_formula():
    # 10 and 15 events, 5 in both: 11 * 16 / 6 - 1 = 28.3.
    # 19.5 + 10.5 * 5.5 / 5.5 * exp(-+ 1.96 * sqrt(1/5.5 + 1/5.5 + 1/10.5 + 5.5 / (5.5 * 10.5)))
    # = 19.5 + 10.5 * exp(-+ 1.96 * 0.7445) = 21.94 and 64.67; "22 to 65" in the encyclopedia's article on mark and recapture.
    found = recapture.chapman(10, 15, 5)
    assert found.value == pytest.approx(28 + 1 / 3)
    assert (round(found.low, 2), round(found.high, 2)) == (21.94, 64.67)


@pytest.mark.parametrize("whole,first,second", [(20, 12, 10), (15, 8, 7), (40, 30, 25), (9, 9, 4)])
def test_chapmans_estimate_and_its_variance_are_right_on_average(whole, first, second):
    """Over all ways to draw the second list by chance both are exact where the two lists together are as long as the whole."""
    both = np.arange(max(0, first + second - whole), min(first, second) + 1)
    chance = hypergeom.pmf(both, whole, first, second)
    found = [recapture.chapman(first, second, int(m)) for m in both]
    values = np.array([one.value for one in found])
    assert chance @ values == pytest.approx(whole)
    assert chance @ np.array([one.error**2 for one in found]) == pytest.approx(chance @ values**2 - whole**2)


@pytest.mark.parametrize("whole,p,q", [(60, 0.4, 0.5), (100, 0.3, 0.3), (40, 0.6, 0.7)])
def test_the_interval_holds_the_truth_as_often_as_it_says(whole, p, q):
    """Every outcome of two independent lists of `whole` events, with its probability: nine to ten times in ten and never much less."""
    held = 0.0
    for first in range(whole + 1):
        for both in range(first + 1):
            chance = binom.pmf(first, whole, p) * binom.pmf(both, first, q)
            rest = np.arange(whole - first + 1)
            if chance > 1e-9:
                inside = [one.low <= whole <= one.high for one in (recapture.chapman(first, both + int(n), both) for n in rest)]
                held += chance * (binom.pmf(rest, whole - first, q) @ np.array(inside))
    assert 0.935 < held < 0.985


@given(st.integers(0, 300), st.integers(0, 300), st.data())
def test_two_lists_are_the_same_in_either_order_and_the_estimate_lies_in_its_interval(first, second, data):
    both = data.draw(st.integers(0, min(first, second)))
    found = recapture.chapman(first, second, both)
    assert found == pytest.approx(recapture.chapman(second, first, both))
    assert found.value >= first + second - both - 1e-9
    assert found.low <= found.value <= found.high or both in (first, second)


def test_more_events_in_both_lists_than_one_holds_are_refused():
    with pytest.raises(UsageError, match="6 events cannot stand in both of two lists of 5 and 9"):
        recapture.chapman(5, 9, 6)


# Three lists and more


@pytest.mark.parametrize("events,pairs,value,error,deviance,df", [
    (DIABETES, ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3)), 2771, 145, 7.62, 5),  # the model of Bruno et al.
    (DIABETES, ((0, 2), (1, 3), (2, 3)), 2472, 53, 21.97, 7),  # Rivest 2011
    (CENSUS, ALL_PAIRS, 1240, 451, 0, 0),
    (CENSUS, ((0, 1), (1, 2)), 850, 186, 3.79, 1)])
def test_models_are_those_that_were_published(events, pairs, value, error, deviance, df):
    # Rcapture's own tests hold it to the numbers of these papers.
    whole, found = fit(events, pairs)
    assert (round(whole), round(found.error), round(found.deviance, 2) + 0.0, found.df) == (value, error, deviance, df)


def test_models_of_cormacks_lists_are_those_that_were_published():
    # Cormack, Chang and Smith (2000), tables 3a and 3b: estimate, deviance.
    assert [round(number, 1) for number in (fit(AT_WORK, ())[0], fit(AT_WORK, ())[1].deviance)] == [215.1, 87.1]
    published = {(): (209, 75.1), ((1, 2),): (222, 1.2), ((0, 1), (1, 2)): (227, 0.6), ((0, 2), (1, 2)): (233, 0.8)}
    made = {pairs: (round(fit(AT_WORK_3, pairs)[0]), round(fit(AT_WORK_3, pairs)[1].deviance, 1)) for pairs in published}
    assert made == published


def test_a_model_that_the_data_cannot_decide_is_left_out():
    # No one of the fourth list stands in the third without the first: Rcapture's estimates of these models pass a million.
    assert fit(AT_WORK, tuple(itertools.combinations(range(4), 2))) is None
    assert fit(AT_WORK, ((0, 1), (0, 2), (0, 3), (2, 3))) is None
    assert recapture.models(AT_WORK, FOUR).value.max() < 300


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.PerfectSeparationWarning")
@pytest.mark.parametrize("pairs", [(), ((0, 1),), ((0, 1), (1, 2)), ALL_PAIRS])
def test_whether_a_model_exists_is_what_shrinking_empty_cells_shows(pairs):
    """All 128 tables of zeros and twos: where a model does not exist, some parameter runs away as the empty cells shrink."""
    matrix = recapture.design(THREE, pairs)
    for cells in itertools.product((0.0, 2.0), repeat=7):
        events = np.array(cells)
        runs = [parameters_of(events, matrix, tiny) for tiny in (1e-3, 1e-7)]
        assert recapture.exists(events, matrix) == (np.abs(runs[0] - runs[1]).max() < 1), events


def parameters_of(events, matrix, tiny):
    """The parameters with `tiny` added to each cell, by another library."""
    return sm.GLM(events + tiny, matrix, family=sm.families.Poisson()).fit(maxiter=300, tol=1e-12).params


@given(st.lists(st.integers(1, 200), min_size=7, max_size=7))
def test_models_of_three_lists_are_those_of_the_closed_forms(counts):
    """Bishop, Fienberg and Holland (1975), section 6.4.2: all pairs; two pairs; one pair."""
    a, b, c, d, e, f, g = counts  # 111, 110, 101, 100, 011, 010, 001
    events = np.array(counts, float)
    assert fit(events, ALL_PAIRS)[1].hidden == pytest.approx(a * d * f * g / (b * c * e), rel=1e-6)
    assert fit(events, ((0, 1), (1, 2)))[1].hidden == pytest.approx(d * g / c, rel=1e-6)
    assert fit(events, ((0, 1),))[1].hidden == pytest.approx(g * (b + d + f) / (a + c + e), rel=1e-6)


@pytest.mark.parametrize("events", [DIABETES, AT_WORK_3, HEPATITIS], ids=["diabetes", "at work", "hepatitis"])
def test_every_model_is_the_one_that_statsmodels_fits(events):
    inside = every_history(int(np.log2(len(events) + 1)))
    table = recapture.models(events, inside)
    assert len(table) == 2 ** math.comb(inside.shape[1], 2)
    for row in table.itertuples():
        other = sm.GLM(events, recapture.design(inside, row.pairs), family=sm.families.Poisson()).fit(tol=1e-12)
        hidden = np.exp(other.params[0])
        assert row.value == pytest.approx(events.sum() + hidden, rel=1e-6)
        assert row.error == pytest.approx(np.sqrt(hidden + hidden**2 * other.cov_params()[0, 0]), rel=1e-6)
        assert (row.deviance, row.aic) == pytest.approx((other.deviance, other.aic), abs=1e-6)
        assert row.bic == pytest.approx(row.aic + len(other.params) * (np.log(events.sum()) - 2))


def test_the_profile_interval_is_that_of_cormack():
    # Cormack, Chang and Smith (2000), table 3b: independent lists 203 to 217; lists 2 and 3 depend on each other: from 210.
    low, high = recapture.profile(AT_WORK_3, THREE, ())
    assert (round(low), round(high)) == (203, 217)
    assert round(recapture.profile(AT_WORK_3, THREE, ((1, 2),))[0]) == 210
    assert round(recapture.profile(AT_WORK_3, THREE, ((0, 2), (1, 2)))[0]) == 204


@pytest.mark.parametrize("events", [DIABETES, AT_WORK_3, HEPATITIS], ids=["diabetes", "at work", "hepatitis"])
def test_the_profile_interval_of_independent_lists_is_found_by_trying_every_number(events):
    """Of N events each list holds its share n / N, so the likelihood of every N stands in a line: no model needs to be fitted."""
    inside = every_history(int(np.log2(len(events) + 1)))
    lists, listed = events @ inside, events.sum()
    whole = np.arange(listed + 0.01, 5 * listed, 0.01)
    likelihood = gammaln(whole + 1) - gammaln(whole - listed + 1) + sum(
        n * np.log(n / whole) + (whole - n) * np.log1p(-n / whole) for n in lists)
    told = whole[likelihood > likelihood.max() - 3.841459 / 2]
    assert recapture.profile(events, inside, ()) == pytest.approx((told.min(), told.max()), abs=0.02)


def test_a_profile_interval_of_lists_that_hardly_overlap_reaches_far():
    events = np.array([1, 0, 0, 40, 0, 40, 40.0])
    assert recapture.profile(events, THREE, ())[1] > 1000


def test_an_average_weighs_models_by_aic_and_knows_that_they_differ():
    # AICs 2 ln 3 apart: weights 3/4 and 1/4. 0.75 * 100 + 0.25 * 120 = 105; 0.75 * sqrt(9 + 25) + 0.25 * sqrt(16 + 225) = 8.2542;
    # 25 hidden: sqrt(ln(1 + (8.2542 / 25)^2)) = 0.32167 and exp(1.95996 * 0.32167) = 1.87846; 80 + 25 / 1.87846 and 80 + 25 * 1.87846.
    table = pd.DataFrame({"value": [100.0, 120.0], "error": [3.0, 4.0], "weight": [0.75, 0.25]})
    found = recapture.average(table, 80)
    assert found == pytest.approx((105, 8.2542, 93.3088, 126.9615), abs=1e-3)
    weights = recapture.models(CENSUS, THREE)
    assert weights.weight.sum() == pytest.approx(1) and weights.aic.is_monotonic_increasing
    assert weights.weight[0] / weights.weight[1] == pytest.approx(np.exp((weights.aic[1] - weights.aic[0]) / 2))


def test_the_average_is_found_again_where_the_truth_is_known():
    """Forty times three independent lists of 400 events: 95 intervals in 100 should hold 400; fewer than 35 of 40 would be a fault."""
    chance = np.random.default_rng(1)
    held = 0
    for _ in range(40):
        drawn = chance.random((400, 3)) < [0.5, 0.4, 0.35]
        events = np.array([(drawn == row).all(axis=1).sum() for row in THREE.astype(bool)], float)
        found = recapture.average(recapture.models(events, THREE), int(events.sum()))
        held += found.low <= 400 <= found.high
    assert held >= 35


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_the_lists_does_not_matter(order):
    moved = np.array([CENSUS[(row[list(np.argsort(order))] == THREE).all(axis=1)][0] for row in THREE])
    one, other = (recapture.models(events, THREE) for events in (CENSUS, moved))
    assert one.value.to_numpy() == pytest.approx(other.value.to_numpy(), rel=1e-6)
    assert recapture.average(one, 414) == pytest.approx(recapture.average(other, 414), rel=1e-6)


@pytest.mark.parametrize("lists", [2, 6])
def test_too_few_or_too_many_lists_for_a_model_are_refused(lists):
    with pytest.raises(UsageError, match="three to 5 lists"):
        recapture.models(np.ones(2**lists - 1), every_history(lists))


def test_a_history_stands_in_its_place():
    assert THREE.tolist() == [[1, 1, 1], [1, 1, 0], [1, 0, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0], [0, 0, 1]]
    assert recapture.design(THREE, ((0, 2),))[2].tolist() == [1, 1, 0, 1, 1]
