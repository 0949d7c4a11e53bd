"""Ranks: what two codes differ by is tested by another library, wrong claims are counted, and the real cases say what they can."""

import itertools

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar

from analysis import count
from analysis.statistics import ranks


def pairs_of(cases, codes="abcdefgh"):
    """Cases as sets of codes -> the breakdown by two codes, counted case by case."""
    rows = [(one, other, sum(one in case and other in case for case in cases)) for one in codes for other in codes]
    return pd.DataFrame(rows, columns=["v", "v_2", "n"]).assign(base=len(cases))


def by_hand(cases, codes, level=0.05):
    """Rank intervals from the binomial test of scipy, the smallest p first as long as Holm rejects: code -> rank, lowest, highest."""
    codes = [code for code in codes if any(code in case for case in cases)]
    ordered = list(itertools.permutations(codes, 2))
    p = {}
    for one, other in ordered:
        first = sum(one in case and other not in case for case in cases)
        second = sum(other in case and one not in case for case in cases)
        p[one, other] = binomtest(first, first + second, alternative="greater").pvalue if first + second else 1
    left, above = sorted(ordered, key=p.get), set()
    while left and p[left[0]] <= level / len(left):
        above.add(left.pop(0))
    n = {code: sum(code in case for case in cases) for code in codes}
    return {code: (1 + sum(other > n[code] for other in n.values()), 1 + sum(pair[1] == code for pair in above),
                   len(codes) - sum(pair[0] == code for pair in above)) for code in codes}


def said(ranked):
    return dict(zip(ranked.code, zip(ranked["rank"], ranked.rank_low, ranked.rank_high)))


some_cases = st.lists(st.frozensets(st.sampled_from("abcde"), max_size=3), min_size=1, max_size=60)


@given(some_cases, st.integers(1, 6))
def test_ranks_follow_from_the_tests_of_other_libraries(cases, times):
    cases = cases * times
    assert said(ranks.ranks(pairs_of(cases))) == by_hand(cases, "abcdefgh")


def test_nine_and_seven_cannot_be_told_apart_but_twelve_and_one_can():
    cases = [{"a"}] * 9 + [{"b"}] * 7 + [set()] * 15
    found = ranks.ranks(pairs_of(cases))
    assert said(found) == {"a": (1, 1, 2), "b": (2, 1, 2)} and found.n.tolist() == [9, 7] and set(found.base) == {31}
    assert ranks.most_common(found) is None
    # 12 of 13: 14 of 2**13 = 8192 ways are at least so far from a half, p = 0.0017; 4 of 5 is 6 of 32.
    found = ranks.ranks(pairs_of([{"a"}] * 12 + [{"b"}]))
    assert said(found) == {"a": (1, 1, 1), "b": (2, 2, 2)} and ranks.most_common(found) == ["a"]
    assert ranks.most_common(ranks.ranks(pairs_of([{"a"}] * 4 + [{"b"}]))) is None


def test_cases_with_both_codes_tell_nothing_about_which_is_more_common():
    # 100 against 94, but of the six cases that differ all have a: one way of 64. The same totals in separate cases tell nothing.
    assert said(ranks.ranks(pairs_of([{"a", "b"}] * 94 + [{"a"}] * 6))) == {"a": (1, 1, 1), "b": (2, 2, 2)}
    assert said(ranks.ranks(pairs_of([{"a"}] * 100 + [{"b"}] * 94))) == {"a": (1, 1, 2), "b": (2, 1, 2)}
    # Five that differ are one way of 32, and with two ordered pairs 0.05 is halved: not enough.
    assert said(ranks.ranks(pairs_of([{"a", "b"}] * 94 + [{"a"}] * 5))) == {"a": (1, 1, 2), "b": (2, 1, 2)}


def test_another_confidence_is_another_interval():
    pairs = pairs_of([{"a"}] * 9 + [{"b"}] * 2)  # 9 or more of 11: 67 of 2048 ways, 0.033; twice that is 0.065
    assert ranks.most_common(ranks.ranks(pairs)) is None and ranks.most_common(ranks.ranks(pairs, 0.9)) == ["a"]


def test_mcnemar_of_statsmodels_is_the_same_test():
    for first, second in [(9, 7), (12, 1), (30, 14), (6, 0), (3, 3)]:
        p = mcnemar([[5, first], [second, 8]], exact=True).pvalue
        both = [{"a", "b"}] * 5 + [{"a"}] * first + [{"b"}] * second + [set()] * 8
        assert (ranks.most_common(ranks.ranks(pairs_of(both))) == ["a"]) == (p <= 0.05)


def test_two_or_three_may_lead_together_and_more_than_three_are_no_answer():
    def leading(codes):
        return ranks.most_common(ranks.ranks(pairs_of([{code} for code in codes for _ in range(60)] + [{"g"}, {"h"}])))
    assert leading("a") == ["a"] and leading("ab") == ["a", "b"] and leading("abc") == ["a", "b", "c"] and leading("abcd") is None
    assert ranks.most_common(ranks.ranks(pairs_of([{"a"}] * 60 + [{"b"}] * 60))) is None  # not more common than any other: all of them


def test_one_code_and_no_code():
    assert said(ranks.ranks(pairs_of([{"a"}] * 40))) == {"a": (1, 1, 1)}
    assert ranks.most_common(ranks.ranks(pairs_of([{"a"}] * 40))) is None  # there is none that it is more common than
    assert ranks.ranks(pairs_of([set()] * 4)).empty and ranks.most_common(ranks.ranks(pairs_of([set()] * 4))) is None


def test_wrong_claims_are_rarer_than_one_in_twenty():
    # Five codes, all equally common, some going with each other: every claim that one is above another is wrong.
    chance, wrong = np.random.default_rng(7), 0
    for _ in range(400):
        has = chance.random((150, 5)) < 0.3
        has[:, 1] = np.where(chance.random(150) < 0.6, has[:, 0], has[:, 1])
        both = has.T.astype(int) @ has.astype(int)
        pairs = pd.DataFrame([(i, j, both[i, j]) for i in range(5) for j in range(5)], columns=["v", "v_2", "n"]).assign(base=150)
        found = ranks.ranks(pairs)
        wrong += (found.rank_low > 1).any() or (found.rank_high < 5).any()
    assert wrong / 400 < 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


@given(some_cases, st.permutations("abcde"))
def test_other_names_and_another_order_change_nothing(cases, names):
    new = dict(zip("abcde", names))
    renamed = [{new[code] for code in case} for case in reversed(cases)]
    there, back = said(ranks.ranks(pairs_of(cases))), said(ranks.ranks(pairs_of(renamed)))
    assert {new[code]: place for code, place in there.items()} == back


@given(some_cases)
def test_a_rank_lies_in_its_interval_and_every_case_twice_narrows_it(cases):
    once, twice = (ranks.ranks(pairs_of(each)).set_index("code") for each in (cases, cases * 2))
    assert ((once.rank_low <= once["rank"]) & (once["rank"] <= once.rank_high)).all()
    assert ((twice.rank_low >= once.rank_low) & (twice.rank_high <= once.rank_high)).all()


def test_the_published_31_cases_name_no_most_common_violation_and_the_89_incidents_name_three(book, ecom, odihr_kazakhstan):
    first = ranks.ranks(count.breakdown(ecom.cases, book, ["violation", "violation"]))
    assert first.code[0] == "fake_date" and first.n[:2].tolist() == [9, 7] and first.rank_high[0] == len(first)
    assert ranks.most_common(first) is None
    incidents = ranks.ranks(count.breakdown(odihr_kazakhstan.cases, book, ["violation", "violation"]))
    assert sorted(ranks.most_common(incidents)) == ["hate_speech", "physical_violence", "threat"]
    assert ranks.most_common(ranks.ranks(count.breakdown(odihr_kazakhstan.cases, book, ["bias_motivation"] * 2))) == ["anti_lgbti"]
