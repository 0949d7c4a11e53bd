"""What one printed figure recomputes to, whether any count can give it, and the reason in words."""

from typing import NamedTuple

from analysis.published import as_printed, grim
from analysis.wording import words

NONE = float("nan")


class Judged(NamedTuple):
    """A verdict with its reason. `n`: the count it recomputes to; `low`, `high`: the counts that it can stand for; NaN for none."""

    verdict: str
    why: str
    n: float = NONE
    low: float = NONE
    high: float = NONE


def figure(one: as_printed.Printed, date: str, base: float, beside: float) -> Judged:
    """A figure by itself, against the whole `base` that it is a part of, and against the count printed `beside` it (NaN for none)."""
    if one.kind in ("mark", "words", "range"):
        return Judged("no_number" if one.kind == "mark" else "not_recomputed", reason(one.kind))
    if one.kind == "count" and one.value != int(one.value):
        return Judged("impossible", reason("not_whole"))
    if one.kind == "count" and str(one.value) == date[:4]:
        return Judged("look_again", reason("year"))
    if base != base:
        return Judged("not_recomputed", reason("no_base" if one.kind in ("percent", "share") else "no_whole"))
    return KINDS[one.kind](one, int(base), beside)


def percentage(one: as_printed.Printed, base: int, beside: float) -> Judged:
    """A percentage of a base, by the counts that print as it; see grim.possible."""
    fitting, cut = grim.possible(one.value, one.decimals, base), grim.cut(one.value, one.decimals, base)
    known = {"base": words.count(base), "fits": counts(fitting), "cut": counts(cut)}
    if beside == beside:
        given = beside in fitting
        known |= {"beside": words.count(beside), "percent": words.percent(beside / base, digits=one.decimals + 1)}
        return Judged(*(("reproduced", reason("beside", **known)) if given else ("differs", reason("not_beside", **known))), beside,
                      *ends(fitting))
    if fitting:
        return Judged("possible", reason("fits", **known), fitting[0] if len(fitting) == 1 else NONE, *ends(fitting))
    near = words.joined([reason("near", n=words.count(n), percent=words.percent(n / base, digits=one.decimals + 1))
                         for n in grim.around(one.value, one.decimals, base)])
    return Judged("cut" if cut else "impossible", reason("cut" if cut else "none", near=near, **known))


def part(one: as_printed.Printed, base: int, beside: float) -> Judged:
    """A count, or a count that is only an end, as a part of its whole."""
    if one.low > base:
        return Judged("exceeds", reason("exceeds", base=words.count(base)))
    low, high = as_printed.counts(one, base)
    return Judged("possible", reason("part", base=words.count(base)), one.low if one.kind == "count" else NONE, low, high)


def in_words(one: as_printed.Printed, base: int, beside: float) -> Judged:
    """A share in words, by the counts it can stand for; a count printed beside it must be one of them."""
    low, high = as_printed.counts(one, base)
    known = {"base": words.count(base), "fits": between(low, high)}
    if low != low:
        return Judged("impossible", reason("none_in_words", **known))
    if beside == beside and not low <= beside <= high:
        return Judged("differs", reason("not_in_words", beside=words.count(beside), **known), beside, low, high)
    return Judged("possible", reason("in_words", **known), beside, low, high)


KINDS = {"percent": percentage, "count": part, "bound": part, "share": in_words}


def ends(fitting: list[int]) -> tuple[float, float]:
    """The least and the greatest count, NaN where there is none."""
    return (fitting[0], fitting[-1]) if fitting else (NONE, NONE)


def counts(fitting: list[int]) -> str:
    """Counts that follow each other, in words: 12, or 236 to 239."""
    return between(*ends(fitting))


def between(low: float, high: float, lang: str = "en") -> str:
    """From one count to another in words; nothing where there are none."""
    if low != low:
        return ""
    return words.count(low, lang) if low == high else words.of(lang)["to"].format(low=words.count(low, lang), high=words.count(high, lang))


def reason(key: str, **numbers: str) -> str:
    """A reason in words."""
    return words.of("en")["register"]["reasons"][key].format(**numbers)
