"""Counts and their bases in words: more than a quarter, one in three; each refuses to say what is not so."""

from fractions import Fraction

from analysis.problems import UsageError
from analysis.wording import words

SHARES = {"quarter": Fraction(1, 4), "third": Fraction(1, 3), "half": Fraction(1, 2), "two_thirds": Fraction(2, 3),
          "three_quarters": Fraction(3, 4)}
NEAR = Fraction(1, 10)  # a share further from any of these is said by its numbers
POINTS = Fraction(1, 20)  # how far about can be from what it says
LEAST = Fraction(2, 21)  # what is nearer to one in eleven is not about one in ten


def phrases(lang: str) -> dict:
    """The phrases of shares in a language."""
    return words.of(lang)["report"]["in_words"]


def share(n: float, base: float) -> Fraction:
    """n of base exactly; raises UsageError where there is nothing to take a share of."""
    if not base > 0 or n != n:
        raise UsageError("There is no share of nothing, so none can be said in words.")
    return Fraction(int(n), int(base))


def more_than(n: float, base: float, of: str, lang: str) -> str:
    """More than a quarter (`of` is a key of SHARES); raises UsageError when it is not more."""
    return compared("more", share(n, base) > named(of), n, base, of, lang)


def less_than(n: float, base: float, of: str, lang: str) -> str:
    """Less than a quarter; raises UsageError when it is not less."""
    return compared("less", share(n, base) < named(of), n, base, of, lang)


def compared(how: str, is_so: bool, n: float, base: float, of: str, lang: str) -> str:
    """The phrase of a comparison that is so; raises UsageError for one that is not."""
    if not is_so:
        raise UsageError(f"{words.share_of(n, base, lang)} is not what '{phrases(lang)[how][of]}' says.")
    return phrases(lang)[how][of]


def named(of: str) -> Fraction:
    """The share of a name; raises UsageError that lists the names."""
    if of not in SHARES:
        raise UsageError(f"'{of}' is no share that has a name. There are {', '.join(SHARES)}.")
    return SHARES[of]


def nearest(n: float, base: float, lang: str) -> str:
    """The nearest share with a name and on which side of it this one lies: more than a quarter; 1 of 31 where none is near."""
    exact = share(n, base)
    of = min(SHARES, key=lambda name: abs(SHARES[name] - exact))
    if abs(SHARES[of] - exact) > NEAR:
        return words.share_of(n, base, lang)
    return phrases(lang)["exactly" if exact == SHARES[of] else "more" if exact > SHARES[of] else "less"][of]


def one_in(n: float, base: float, lang: str) -> str:
    """One in three where it is, about one in three where it is within five points of that; otherwise raises UsageError.

    Five points are what the draft checker takes for about as well (shares.csv). The number is the nearest from two to ten.
    """
    say, exact = phrases(lang), share(n, base)
    number = min(say["one_in"], key=lambda one: abs(Fraction(1, one) - exact))
    apart = abs(Fraction(1, number) - exact)
    if apart > POINTS or exact < LEAST:
        raise UsageError(f"{words.share_of(n, base, lang)} is not one in two to ten.")
    return say["one_in"][number] if not apart else say["about"].format(said=say["one_in"][number])
