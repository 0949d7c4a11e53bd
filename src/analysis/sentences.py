"""One row of results -> the sentence that says it, with its base, interval and unit."""

from analysis import words
from analysis.codebook import Codebook


def of(row, book: Codebook, lang: str = "en") -> str:
    """The sentence of one row of results, as its form is said; one of a table without a form of its own says a share.

    9 of 31 documented cases (29%; 16 to 47%) involved “fake date”. Raises UsageError for a language without phrases.
    """
    return FORMS.get(row.form, share)(row, book, lang)


def phrases(lang: str) -> dict:
    """The phrases of sentences in a language."""
    return words.of(lang)["sentences"]


def share(row, book: Codebook, lang: str) -> str:
    """How many of the base have the codes of the row; a base of 0 says that there is nothing to take a share of."""
    say, what = phrases(lang), said(row, book, lang)
    unit = words.unit(row.base, row.unit, lang)
    if row.base == 0:
        return say["no_base"].format(unit=unit, what=what)
    sure = words.interval(row.low, row.high, lang)
    return say["share"].format(of=words.share_of(row.n, row.base, lang), unit=unit, percent=words.percent(row.share, lang), interval=sure,
                               what=what)


def said(row, book: Codebook, lang: str) -> str:
    """What the cases of a row have, as the end of a sentence: involved “fake date” and name “police” as perpetrator."""
    say = phrases(lang)
    codes = zip(row.by.split(","), row.codes.split(","))
    return words.joined([say["has"].get(variable, say["has"]["other"]).format(
        label=quoted(variable, code, book, lang), variable=words.first_lower(book.name(variable, lang))) for variable, code in codes], lang)


def quoted(variable: str, code: str, book: Codebook, lang: str) -> str:
    """The label of a code in quotation marks; the codes of an exact combination are joined and said to be all there were."""
    marks = words.of(lang)["report"]["quoted"]
    labels = [marks.format(label=words.first_lower(book.label(variable, one, lang))) for one in code.split("+")]
    return words.joined(labels, lang) if len(labels) == 1 else phrases(lang)["exactly"].format(labels=words.joined(labels, lang))


def total(row, book: Codebook, lang: str) -> str:
    """How many there are."""
    return phrases(lang)["total"].format(counted=words.counted(row.n, row.unit, lang))


def mention(row, book: Codebook, lang: str) -> str:
    """How many of all mentions a code has, which is no share of cases."""
    label = quoted(row.by, row.codes, book, lang)
    return phrases(lang)["mention"].format(of=words.share_of(row.n, row.base, lang), percent=words.percent(row.share, lang), label=label,
                                           unit=words.unit(row.base, row.unit, lang))


FORMS = {"total": total, "mentions": mention}
"""How each form of table is said; every other says shares."""
