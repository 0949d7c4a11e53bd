"""Which counts a printed percentage can come from, against every count there is."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.problems import UsageError
from analysis.published import grim, register


def brute(digits: int, decimals: int, base: int) -> list[int]:
    """Every n whose percentage prints as `digits` units of the last decimal: halves up, or to even by Python's round."""
    scaled = [Fraction(100 * n * 10**decimals, base) for n in range(base + 1)]
    return [n for n, share in enumerate(scaled) if digits in (int(share + Fraction(1, 2)), round(share))]


def test_figures_of_the_issue():
    # 36/89 = 40.449, 37/89 = 41.573: neither prints as 41.5. Only if the decimals are cut is 37 printed as 41.5.
    assert register.possible("41.5", 1, 89) == [] and grim.cut("41.5", 1, 89) == [37] and grim.around("41.5", 1, 89) == [36, 37]
    # 235/321 = 73.21, 236/321 = 73.52, 239/321 = 74.45, 240/321 = 74.77.
    assert register.possible(74, 0, 321) == [236, 237, 238, 239]
    assert register.possible(14.5, 1, 83) == [12]  # 12/83 = 14.458, 11/83 = 13.25, 13/83 = 15.66
    assert register.possible(78, 0, 134) == [104, 105]  # 103: 76.87, 104: 77.61, 105: 78.36, 106: 79.10


def test_brown_and_heathers_example_as_a_percentage():
    # Their example: a mean of 3.48 of 20 whole numbers is impossible, as 100 n / 20 is a multiple of 5. So are 17 % and 3 % of 20.
    assert [value for value in range(101) if register.possible(value, 0, 20)] == list(range(0, 101, 5))


def test_a_half_may_be_rounded_up_or_to_even_and_no_other_way():
    # 1/8 = 12.5 %: up is 13, to even is 12. 3/8 = 37.5 %: up and even are both 38, and 37 is a cut.
    assert register.possible(12, 0, 8) == register.possible(13, 0, 8) == [1]
    assert register.possible(38, 0, 8) == [3] and register.possible(37, 0, 8) == [] and grim.cut(37, 0, 8) == [3]
    assert register.possible(100, 0, 7) == [7] and register.possible(0, 0, 7) == [0] and register.possible(101, 0, 7) == []


def test_every_whole_percentage_of_every_base_to_500_by_brute_force():
    for base in range(1, 501):
        scaled = [Fraction(100 * n, base) for n in range(base + 1)]
        printed = {}
        for n, share in enumerate(scaled):
            for digits in {int(share + Fraction(1, 2)), round(share)}:
                printed.setdefault(digits, []).append(n)
        assert {value: found for value in range(101) if (found := register.possible(value, 0, base))} == printed


@given(st.integers(1, 500), st.integers(0, 2), st.data())
def test_any_percentage_by_brute_force(base, decimals, data):
    digits = data.draw(st.integers(0, 100 * 10**decimals))
    value = f"{digits / 10**decimals:.{decimals}f}"
    fitting = register.possible(value, decimals, base)
    assert fitting == brute(digits, decimals, base)
    scaled = [Fraction(100 * n * 10**decimals, base) for n in range(base + 1)]
    assert grim.cut(value, decimals, base) == [n for n, share in enumerate(scaled) if int(share) == digits and n not in fitting]


@given(st.integers(1, 500), st.integers(0, 2), st.data())
def test_what_is_printed_of_a_count_is_always_possible(base, decimals, data):
    n = data.draw(st.integers(0, base))
    assert n in register.possible(round(Fraction(100 * n, base), decimals).__float__(), decimals, base)


def test_a_list_can_need_another_base_than_each_of_its_shares():
    # 24, 226, 4 and 12 of 266 are 9.02, 84.96, 1.50 and 4.51 % and add up to 266; of 265, 225 is 84.9 and 226 is 85.3.
    perpetrators = ["9.0", "85.0", "1.5", "4.5"]
    assert grim.fits(perpetrators, 1, 266) and not grim.fits(perpetrators, 1, 265)
    assert grim.bases(perpetrators, 1, 200, 300) == [200, 266, 267]  # 200: 18, 170, 3, 9; 267: 24, 227, 4, 12
    # 50 % needs an even base, 33.3 % one that 3 divides or is near to, 14.3 % sevenths: none to 20 has all three.
    assert grim.bases(["50.0", "33.3", "14.3"], 1, 1, 20) == []
    assert 42 in grim.bases(["50.0", "33.3", "14.3"], 1, 1, 50)  # 21, 14 and 6 of 42


def test_shares_that_add_up_to_100_need_counts_that_add_up_to_the_base():
    # Of 3, 33 % is 1 and 34 % is none; of 200, 33 % is 65 to 66 and 34 % is 67 to 69 (halves 65/200 = 32.5 and 67/200 = 33.5 go up).
    assert not grim.fits([33, 33, 34], 0, 3) and grim.fits([33, 33, 34], 0, 200)
    # 26/103 = 25.24 and 25/103 = 24.27: 25 % of 103 is 26, and four times 26 is 104. 26 and 27 of 106 print as 25 % (24.53, 25.47).
    assert register.possible(25, 0, 103) == [26] and not grim.fits([25] * 4, 0, 103) and grim.fits([25] * 4, 0, 106)


@pytest.mark.parametrize("how, told", [
    (("41.55", 1, 89), "more decimals"), (("a", 1, 89), "not a percentage"), (("41.5", 1, 0), "whole number"),
    ((41, 0, 8.5), "whole number")])
def test_what_cannot_be_asked_is_said(how, told):
    with pytest.raises(UsageError, match=told):
        register.possible(*how)
