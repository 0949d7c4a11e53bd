"""Which counts a printed percentage can come from: a share of whole cases can only be so many percentages (GRIM)."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import ceil, floor

from analysis.problems import UsageError


def possible(value, decimals: int, base: int) -> list[int]:
    """Every n from 0 to `base` whose share of the base prints as `value` percent with so many decimals; none is an empty list.

    The GRIM test for a percentage (Brown and Heathers 2017, Social Psychological and Personality Science 8(4)). Halves
    may have been rounded up or to the even digit; cut decimals are another thing, see `cut`. From a base of 100 on a whole
    percentage always has a count, as does one with a decimal from 1,000 on: then the test says nothing. Raises UsageError
    for a value that has more decimals than it is said to have, or a base that is no whole number above 0.
    """
    printed, half = exact(value, decimals), Fraction(1, 2 * 10**decimals)
    even = printed * 10**decimals % 2 == 0
    first, end = (printed - half) * whole(base) / 100, (printed + half) * base / 100
    last = floor(end) if even else ceil(end) - 1
    return list(range(max(ceil(first), 0), min(last, base) + 1))


def cut(value, decimals: int, base: int) -> list[int]:
    """Every n that gives the percentage only if its further decimals were cut off and not rounded: 37 of 89 is 41.57, cut to 41.5."""
    printed, step = exact(value, decimals), Fraction(1, 10**decimals)
    first, end = ceil(printed * whole(base) / 100), ceil((printed + step) * base / 100)
    rounded = possible(value, decimals, base)
    return [n for n in range(max(first, 0), min(end - 1, base) + 1) if n not in rounded]


def around(value, decimals: int, base: int) -> list[int]:
    """The counts next to a percentage: the last below it and the first above it."""
    below = floor(exact(value, decimals) * whole(base) / 100)
    return [n for n in (below, below + 1) if 0 <= n <= base]


def fits(values, decimals: int, base: int) -> bool:
    """Whether each percentage of one list has a count of the base, and counts that add up to it where the percentages are of 100.

    Percentages that leave each case in one place add up to 100, give or take half a last digit for each.
    """
    counts = [possible(value, decimals, base) for value in values]
    if not all(counts):
        return False
    return not whole_list(values, decimals) or sum(n[0] for n in counts) <= base <= sum(n[-1] for n in counts)


def whole_list(values, decimals: int) -> bool:
    """Whether percentages add up to 100 as far as their rounding lets anybody tell."""
    return abs(sum(exact(value, decimals) for value in values) - 100) <= len(values) * Fraction(1, 2 * 10**decimals)


def bases(values, decimals: int, least: int, most: int) -> list[int]:
    """Every base from `least` to `most` of which a list of percentages can be shares together; none: they are of several bases."""
    return [base for base in range(least, most + 1) if fits(values, decimals, base)]


def exact(value, decimals: int) -> Fraction:
    """A percentage as it is printed, without the error of binary fractions."""
    try:
        printed = Fraction(Decimal(str(value)))
    except InvalidOperation:
        raise UsageError(f"'{value}' is not a percentage. Write it as 41.5, without the sign.") from None
    if decimals < 0 or (printed * 10**decimals).denominator != 1:
        raise UsageError(f"{value} has more decimals than {decimals}. Give the number of decimals with which it is printed.")
    return printed


def whole(base) -> int:
    """A base, which is a whole number above 0."""
    if base != int(base) or base < 1:
        raise UsageError(f"A base is a whole number of at least 1, and this one is {base}.")
    return int(base)
