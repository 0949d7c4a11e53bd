"""The sentences of a draft -> what each names, its numbers, and the code that each number is of."""

import re
from itertools import groupby
from typing import NamedTuple

from analysis.codebook import Codebook
from analysis.drafts import draft_numbers, draft_subjects, draft_words
from analysis.drafts.draft_known import Known
from analysis.drafts.draft_numbers import Number
from analysis.drafts.draft_subjects import Mention
from analysis.drafts.draft_text import Sentence

CLOSE = 45  # letters between a number and the code it is of: 9 documented cases of “fake date”
BESIDE = 14  # letters when the code stands first: “fake date”: 9
FORMS = ("exactly", "mentions", "ranks", "agreement")  # words of around.csv that choose between forms of results


class Read(NamedTuple):
    """One sentence read: its numbers, what it names, the years and ends of periods, and what stands around it.

    `based` are the numbers before it in its paragraph that a percentage can be of, `whole` the variables that it names as a whole,
    `subjects` the code of each number, by where the number begins. What the caption of a table names belongs to each of its rows.
    """

    sentence: Sentence
    numbers: list[Number]
    mentions: list[Mention]
    keys: frozenset
    headed: frozenset
    before: frozenset
    years: frozenset
    forms: frozenset
    based: frozenset
    ends: frozenset = frozenset()
    whole: frozenset = frozenset()
    subjects: dict[int, Mention] = {}


def read(sentences: list[Sentence], known: Known, book: Codebook) -> list[Read]:
    """The sentences of one file, read in their order, each with what the headings and the paragraph before it name."""
    names = {lang: named_in(lang, known, book) for lang in {one.lang for one in sentences}}
    made, over = [], (frozenset(), frozenset())
    for _, group in groupby(sentences, lambda one: (one.file, one.paragraph)):
        before, based = frozenset(), frozenset()
        for one in group:
            read = alone(one, names[one.lang])
            if one.kind == "row":  # the caption stands over the whole table
                read = read._replace(years=read.years or over[1], headed=read.headed | over[0])
            else:
                over = (read.keys, read.years) if one.kind == "caption" else (frozenset(), frozenset())
            read = read._replace(before=before, based=based)
            made.append(read._replace(subjects={number.start: near for number in read.numbers if (near := subject(number, read))}))
            before = before | read.keys
            based = based | {int(number.base or number.value) for number in read.numbers if number.kind in ("of", "count")}
    return made


class Names(NamedTuple):
    """The patterns by which a language names codes, those of codings alone, and variables; and what each chapter names."""

    codes: list
    coders: list
    variables: list
    chapters: dict[str, frozenset]


def named_in(lang: str, known: Known, book: Codebook) -> Names:
    """How a language names what the results are of."""
    return Names(draft_subjects.names(book, known.variables, lang), draft_subjects.names(book, known.coders, lang),
                 draft_subjects.variables(book, lang), {})


def alone(one: Sentence, names: Names) -> Read:
    """One sentence read, without what stands before it in its paragraph."""
    numbers = draft_numbers.of(one.text, one.lang) if one.kind != "heading" else []
    if one.chapter not in names.chapters:
        names.chapters[one.chapter] = keys_of(draft_subjects.mentions(one.chapter, names.codes))
    around = f"{one.chapter}. {one.text}"
    forms = frozenset(form for form in FORMS if draft_words.says(one.lang, form, around))
    variables = keys_of(draft_subjects.mentions(one.text, names.variables))
    mentions = draft_subjects.mentions(one.text, names.codes + (names.coders if "agreement" in forms else []))
    mentions = [narrowed(each, variables) for each in mentions
                if not any(number.word and number.start == each.start and each.end <= number.end for number in numbers)]  # семь, no family
    whole = variables | keys_of(draft_subjects.mentions(one.chapter, names.variables))
    return Read(one, numbers, mentions, keys_of(mentions), names.chapters[one.chapter], frozenset(), years_of(numbers), forms,
                frozenset(), ends_of(numbers), whole)


def narrowed(mention: Mention, whole: frozenset) -> Mention:
    """What words name that several variables have (unknown), of the variable that the sentence names as a whole."""
    mine = frozenset(key for key in mention.keys if (key[0], "") in whole)
    return mention._replace(keys=mine or mention.keys)


def keys_of(mentions: list[Mention]) -> frozenset:
    """The codes of all mentions together."""
    return frozenset(key for one in mentions for key in one.keys)


def years_of(numbers: list[Number]) -> frozenset[int]:
    """The years that a sentence names; the ends of a period are none."""
    return frozenset(int(one.value) for one in numbers if one.kind == "year")


def ends_of(numbers: list[Number]) -> frozenset[int]:
    """The first and last years of the periods that a sentence names."""
    return frozenset(int(year) for one in numbers if one.kind == "period" for year in (one.low, one.value))


def subject(one: Number, read: Read) -> Mention | None:
    """The code that a number is of because it stands close: nine fake dates; “fake date”: 9."""
    if one.kind == "rank" or one.bound == "rank":
        return ranked(one, read)
    if one.bound == "whole" and one.kind in ("count", "bare", "persons"):
        return None
    text = read.sentence.text
    mentions = [each for each in read.mentions if not any(variable == "country" for variable, _ in each.keys)]
    inside = next((each for each in mentions if one.start < each.start and each.end < one.end), None)
    if inside:  # nine fake dates out of 31
        return inside
    after = next((each for each in mentions if each.start >= one.end), None)
    last = next((each for each in reversed(mentions) if each.end <= one.start), None)
    gap_after, gap_before = text[one.end:after.start] if after else "", text[last.end:one.start] if last else ""
    if after and draft_words.denying(gap_after, read.sentence.lang):
        return None
    if after and re.fullmatch(r"\s*\([“«\"]?", gap_after):
        return after
    few_words = re.fullmatch(r"\s+(?:\w+\s+){1,2}", gap_before) and len(gap_before) < 2 * BESIDE
    after = after if after and joins(gap_after, one.end, read, CLOSE, "[,;:.()]") else None
    last = last if last and joins(gap_before, last.end, read, len(gap_before) if few_words else BESIDE, "[,;.]") else None
    first = last and (not after or re.search(r"[:(=—–]", gap_before) or read.sentence.lang == "kk" and len(gap_before) < 4)
    return last if first else after


def joins(gap: str, start: int, read: Read, most: int, stops: str) -> bool:
    """Whether a number and a code belong together over what stands between them, which begins at `start`."""
    return len(gap) <= most and clear(start, start + len(gap), read.numbers) and not re.search(stops, gap) and not draft_subjects.parted(
        gap, read.sentence.lang)


def ranked(one: Number, read: Read) -> Mention | None:
    """The code that a rank is of: the last one before it in the same part of the sentence, else the next."""
    text = read.sentence.text
    before = [each for each in read.mentions if each.end <= one.start and not re.search("[,;:.()]", text[each.end:one.start])]
    after = [each for each in read.mentions if each.start >= one.end and not re.search("[,;.]", text[one.end:each.start])]
    return before[-1] if before else after[0] if after else None


def clear(start: int, end: int, numbers: list[Number]) -> bool:
    """Whether no other number stands between."""
    return not any(start <= one.start < end for one in numbers)
