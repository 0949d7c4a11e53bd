"""What a draft says against what was counted: which result each number is, and what is wrong with each sentence."""

import re
from itertools import groupby, pairwise
from typing import NamedTuple

from analysis import home
from analysis.codebook import Codebook
from analysis.drafts import draft_known, draft_numbers, draft_subjects, draft_words
from analysis.drafts.draft_known import Context, Known, Row
from analysis.drafts.draft_numbers import Number
from analysis.drafts.draft_subjects import Mention
from analysis.drafts.draft_text import Sentence
from analysis.problems import Problem, problem
from analysis.wording import words

CLOSE = 45  # letters between a number and the code it is of: 9 documented cases of “fake date”
BESIDE = 14  # letters when the code stands first: “fake date”: 9
TABLES = ("row", "lines")
OWN = ("count", "of", "bare", "persons")  # numbers that a code beside them belongs to alone
FEW = 6  # ids that are named of a number


class Read(NamedTuple):
    """One sentence read: its numbers, what it names, the years, and what stands around it."""

    sentence: Sentence
    numbers: list[Number]
    mentions: list[Mention]
    keys: frozenset
    headed: frozenset
    before: frozenset
    years: frozenset
    forms: frozenset
    based: bool
    subjects: dict[int, Mention] = {}


class Found(NamedTuple):
    """What was found of one number: the results that it is, or the problem."""

    number: Number
    subject: frozenset
    ids: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    problem: Problem | None = None


def read(sentences: list[Sentence], known: Known, book: Codebook) -> list[Read]:
    """The sentences of one file, read in their order, each with what the headings and the paragraph before it name."""
    names = {lang: draft_subjects.names(book, known.variables, lang) for lang in {one.lang for one in sentences}}
    cached: dict[tuple[str, str], list[Mention]] = {}
    made = []
    for _, group in groupby(sentences, lambda one: (one.file, one.paragraph)):
        before, based = frozenset(), False
        for one in group:
            numbers = draft_numbers.of(one.text, one.lang) if one.kind != "heading" else []
            mentions = draft_subjects.mentions(one.text, names[one.lang])
            headed = cached.setdefault((one.lang, one.chapter), draft_subjects.mentions(one.chapter, names[one.lang]))
            around = f"{one.chapter}. {one.text}"
            forms = frozenset(form for form in ("exactly", "mentions") if draft_words.says(one.lang, form, around))
            keys = keys_of(mentions)
            whole = Read(one, numbers, mentions, keys, keys_of(headed), before, years_of(one, numbers), forms, based)
            made.append(whole._replace(subjects={number.start: near for number in numbers if (near := subject(number, whole))}))
            before, based = before | keys, based or any(number.kind in ("of", "count") for number in numbers)
    return made


def keys_of(mentions: list[Mention]) -> frozenset:
    """The codes of all mentions together."""
    return frozenset(key for one in mentions for key in one.keys)


def years_of(sentence: Sentence, numbers: list[Number]) -> frozenset[int]:
    """The years that a sentence names, else those of its headings; the ends of a period are none."""
    named = {int(one.value) for one in numbers if one.kind == "year"}
    return frozenset(named)


def subject(one: Number, read: Read) -> Mention | None:
    """The code that a number is of because it stands close: nine fake dates; “fake date”: 9."""
    if one.bound == "whole" and one.kind in ("count", "bare", "persons"):
        return None
    text, others = read.sentence.text, [number for number in read.numbers if number is not one]
    mentions = [each for each in read.mentions if not any(variable == "country" for variable, _ in each.keys)]
    after = next((each for each in mentions if each.start >= one.end), None)
    last = next((each for each in reversed(mentions) if each.end <= one.start), None)
    gap_after = text[one.end:after.start] if after else ""
    gap_before = text[last.end:one.start] if last else ""
    if not after or len(gap_after) > CLOSE or not clear(one.end, after.start, others) or re.search(r"[,;:.()]", gap_after):
        after = None
    if not last or len(gap_before) > BESIDE or not clear(last.end, one.start, others) or re.search(r"[,;.]", gap_before):
        last = None
    first = last and (not after or re.search(r"[:(=—–]", gap_before) or read.sentence.lang == "kk" and len(gap_before) < 4)
    return last if first else after


def clear(start: int, end: int, numbers: list[Number]) -> bool:
    """Whether no other number stands between."""
    return not any(start <= one.start < end for one in numbers)


def judged(one: Number, read: Read, known: Known) -> Found | None:
    """What a number is; None for one that claims nothing here."""
    if one.kind in draft_numbers.NO_CLAIMS or one.kind in ("year", "period", "money"):
        return None
    near = read.subjects.get(one.start)
    if one.kind == "bare" and (near is None or read.sentence.kind in TABLES or one.word and one.value == 1):
        return None  # "one" is a number only with a unit or a base: call one of them larger
    keys = near.keys if near else frozenset()
    rows = matching(one, near, read, known)
    if rows or one.kind in ("percent", "range", "share"):
        return Found(one, keys, ids(rows), tuple(rows))
    return Found(one, keys, (), (), None)


def of_law(one: Number, read: Read, known: Known) -> Found | None:
    """A term of years or days, where the sentence names an article of laws.csv that says one."""
    named = {int(number.value) for number in read.numbers if number.kind == "reference"}
    laws = [(article, says, terms) for article, numbers, says, terms in known.laws if numbers <= named and terms]
    if not laws:
        return None
    right = tuple(f"law:{article}" for article, _, terms in laws if one.value in terms)
    said = ", ".join(f"{says} ({article})" for article, says, _ in laws)
    return Found(one, frozenset(), right, (), None if right else tell(read, "draft_contradicts", number=one.text, results=said))


def ids(rows: list[Row]) -> tuple[str, ...]:
    """The ids of rows, the first few."""
    return tuple(dict.fromkeys(row.id for row in rows))[:FEW]


def matching(one: Number, near: Mention | None, read: Read, known: Known) -> list[Row]:
    """The results that a number can be, from the nearest meaning on: of the code beside it, of the sentence, of headings and paragraph."""
    must = near.keys if near else frozenset()
    counted = [read.subjects[number.start] for number in read.numbers if number.kind in OWN and number.start in read.subjects]
    named = must | keys_of([each for each in read.mentions if each not in counted]) if near else read.keys
    levels = [must, named, named | read.headed, named | read.headed | read.before]
    if one.kind == "bare" and (both := of_heading(must, read, known)):
        return [row for row in both if draft_known.fits(row, one)]
    for keys in levels:
        if not keys:
            continue
        context = Context(keys | known.own, read.years, read.forms)
        rows = [row for row in draft_known.relevant(known.coded, context, must) if draft_known.fits(row, one)]
        if rows:
            return rows
    if one.kind == "decimal" or one.kind == "range" and one.bound != "percent":
        found = [row for row in [*known.coded, *known.totals] if row.value == row.value and draft_known.fits(row, one)]
        return found or draft_known.of_others(known, one, read.sentence.text)
    others = draft_known.of_others(known, one, read.sentence.text) if not near or one.value >= draft_known.DISTINCT else []
    return (of_totals(one, read, known) if not near else []) or others


def of_heading(must: frozenset, read: Read, known: Known) -> list[Row]:
    """The results of a code together with the one that the heading names: “fake date” (9) under Privacy is of the cases that touch it."""
    rows = draft_known.relevant(known.coded, Context(must | read.headed, read.years, read.forms), must)
    return [row for row in rows if row.keys & read.headed and not row.keys <= must]


def of_totals(one: Number, read: Read, known: Known) -> list[Row]:
    """The totals and yearly counts that a number can be; a base counts as its total."""
    context = Context(frozenset(), read.years, read.forms)
    rows = draft_known.relevant(known.totals, context)
    found = [row for row in rows if draft_known.fits(row, one)]
    if not found and one.kind in ("count", "persons"):
        bases = [row for row in known.coded if row.base == float(one.value) and draft_known.of_years(row, read.years)]
        found = [row for row in bases if not read.keys or row.keys <= read.keys | read.headed | known.own] or bases[:1]
    return found


def numbers_of(read: Read, known: Known) -> list[Found]:
    """All numbers of a sentence that claim something, each with its results or its problem."""
    made: list[Found] = []
    for one in read.numbers:
        found = judged(one, read, known)
        if found:
            made.append(found._replace(problem=wrong(found, made, read, known)))
        elif one.kind == "duration" and (law := of_law(one, read, known)):
            made.append(law)
    return [mended(one, made, read) for one in made]


def mended(one: Found, made: list[Found], read: Read) -> Found:
    """A percentage or interval that goes with a number before it has that number's results."""
    if one.ids or one.problem or one.number.kind not in ("percent", "range"):
        return one
    earlier = [each for each in made if each.number.start < one.number.start and each.number.kind == "of" and each.ids]
    return one._replace(ids=earlier[-1].ids) if earlier else one


def wrong(found: Found, before: list[Found], read: Read, known: Known) -> Problem | None:
    """What is wrong with a number, if something is."""
    one = found.number
    earlier = [each.number for each in before if each.number.kind == "of"]
    if one.kind == "percent":
        return percent_wrong(found, before, read, known)
    if one.kind == "range":
        return range_wrong(found, earlier, read)
    if found.ids or (one.kind in ("bare", "persons", "share", "decimal", "count") and read.sentence.kind in TABLES):
        return None
    if read.sentence.kind == "lines":
        return None
    return overlapping(found, read, known) or contradiction(found, read, known)


def contradiction(found: Found, read: Read, known: Known) -> Problem | None:
    """A number of one code, where the results of that code are others; one that no result has is noted."""
    one, context = found.number, Context(found.subject | known.own, read.years, read.forms)
    rows = draft_known.relevant(known.coded, context, found.subject) if found.subject else []
    if rows and one.kind != "decimal":
        return tell(read, "draft_contradicts", number=one.text, results=as_words(rows))
    if one.kind == "share" or one.kind in ("bare", "persons") or seen(one, read, known):
        return None
    return tell(read, "draft_unmatched", number=one.text)


def seen(one: Number, read: Read, known: Known) -> bool:
    """Whether a number is one of some result, in a sentence that does not name what it counts."""
    named = {key for key in read.keys if key not in known.own}
    mine = [row for row in [*known.coded, *known.totals] if draft_known.of_years(row, read.years)
            and not any(variable == "country" and (variable, code) not in known.own for variable, code in row.keys)]
    return not named and any(draft_known.fits(row, one) for row in mine)


def as_words(rows: list[Row]) -> str:
    """What the results are, short: 9 / 31 (02_violations.fake_date)."""
    return ", ".join(f"{row.n:.0f}{f' / {row.base:.0f}' if row.base == row.base else ''} ({row.id})" for row in rows[:3] if row.n == row.n)


def percent_wrong(found: Found, before: list[Found], read: Read, known: Known) -> Problem | None:
    """A percentage that no count gives, that is not the share of the count beside it, or that stands without a base."""
    one = found.number
    near = draft_known.near(one)
    if near is not None and not found.ids:
        counts = ", ".join(f"{n} ({share(n, one.base, one)})" for n in near)
        return tell(read, "draft_impossible", number=one.text, base=one.base, near=counts)
    counts = [each.number for each in before if each.number.kind in ("of", "count", "persons", "bare")]
    tuples = [each for each in counts if each.kind == "of"]
    if any(quotient(one, part.value, part.base) for part in tuples):
        return None
    close = [each for each in tuples if one.start - each.end <= CLOSE and "(" in read.sentence.text[each.end:one.start]]
    if close and not one.base:
        part = close[-1]
        return tell(read, "draft_quotient", number=one.text, part=part.text, right=share(part.value, part.base, one))
    if read.sentence.kind in TABLES or any(row.form in draft_known.OTHERS for row in found.rows) or any(
            quotient(one, part.value, whole.value) for part in counts for whole in counts if whole.value > part.value):
        return None
    if not found.ids and (contradicted := found.subject and contradiction(found, read, known)):
        return contradicted
    if not tuples and not one.base and not read.based and not counts:
        return tell(read, "draft_no_base", number=one.text)
    if found.ids:
        return None
    return None if one.base else tell(read, "draft_unmatched", number=one.text)


def quotient(one: Number, n, base) -> bool:
    """Whether a percentage is n of base, rounded as it is."""
    return bool(base) and draft_known.rounds(float(n) / float(base), one._replace(bound=""))


def share(n, base, one: Number) -> str:
    """A share in percent with the decimals of a number."""
    return f"{words.rounded(100 * float(n) / float(base), one.decimals)} %"


def range_wrong(found: Found, earlier: list[Number], read: Read) -> Problem | None:
    """An interval that is not that of the count beside it, or that no result has."""
    one = found.number
    if found.ids or not (one.bound == "percent" or one.decimals):
        return None
    parts = [each for each in earlier if draft_known.ends(*draft_known.interval(each), one)]
    if parts or read.sentence.kind in TABLES:
        return None
    if earlier and one.bound == "percent":
        low, high = draft_known.interval(earlier[-1])
        right = f"{words.rounded(100 * low)}–{words.rounded(100 * high)} %"
        return tell(read, "draft_interval", number=one.text, part=earlier[-1].text, right=right)
    return tell(read, "draft_unmatched", number=one.text)


def overlapping(found: Found, read: Read, known: Known) -> Problem | None:
    """A number that is the sum of several codes of a variable in which one case can have several."""
    one = found.number
    if one.kind not in ("count", "bare", "of", "persons"):
        return None
    after = [each for each in read.mentions if each.start >= one.end and clear(one.end, each.start, read.numbers)]
    before = [each for each in read.mentions if each.end <= one.start and clear(each.end, one.start, read.numbers)]
    for mentions in (after, before):
        singles = [first_single(each, read, known) for each in mentions]
        for last in range(2, len(singles) + 1):
            parts = singles[:last]
            variables = {variable for row in parts if row for variable, _ in row.keys}
            if all(parts) and len(variables) == 1 and variables <= known.several and sum(row.n for row in parts) == one.value:
                return tell(read, "draft_overlapping", number=one.text, parts=as_words(parts))
    return None


def first_single(mention: Mention, read: Read, known: Known) -> Row | None:
    """The result of one code alone."""
    rows = draft_known.relevant(known.coded, Context(mention.keys, read.years, read.forms), mention.keys)
    return next((row for row in rows if len(row.keys) == 1 and row.n == row.n), None)


def parts_wrong(read: Read) -> Problem | None:
    """Parts that do not add up to their whole: 9 + 7 = 17; 31 cases: 9 of one kind, 7 of another and 14 others."""
    text, lang = read.sentence.text, read.sentence.lang
    if read.sentence.kind in TABLES:
        return None
    counts = [one for one in read.numbers if one.kind in ("count", "bare", "persons")]
    between = [draft_words.meaning(lang, "between", text[a.end:b.start]) for a, b in pairwise(counts)]
    if "plus" in between and "equals" in between and between.index("equals") == len(between) - 1 and set(between[:-1]) == {"plus"}:
        return unequal(counts[:-1], counts[-1], read)
    whole = next((one for one in counts if one.kind == "count"), None)
    listed = [one for one in counts if whole and one.start > whole.end]
    if whole and len(listed) > 1 and re.fullmatch(r"[^.;,()]{1,60}:[^.;]*", text[whole.end:listed[0].start]) and not read.based:
        several = [one for one in read.numbers if one.kind in ("of", "percent", "range") and one.start > whole.end]
        return None if several else unequal(listed, whole, read)
    return None


def unequal(parts: list[Number], whole: Number, read: Read) -> Problem | None:
    """The problem, where numbers do not add up to their whole."""
    added = sum(one.value for one in parts)
    said = " + ".join(one.text for one in parts)
    return tell(read, "draft_parts", parts=said, sum=added, number=whole.text) if added != whole.value else None


def wordings(read: Read, known: Known) -> list[Problem]:
    """Words of wording.csv that no result bears out, where the sentence does not deny them itself."""
    one = read.sentence
    if one.kind in (*TABLES, "description"):
        return []
    found = []
    for row, pattern, unless in draft_words.wording(home() / "data" / "codebook" / "draft", one.lang):
        hit = pattern.search(one.text)
        if hit and one.text[:hit.start()].endswith(("“", "«", "„", '"')):
            continue  # words that are spoken of and not said
        if not hit or unless and unless.search(one.text) or draft_words.denied(one.text, hit.start(), hit.end(), one.lang):
            continue
        if not JUSTIFIED.get(row["justified_by"], lambda read, known: False)(read, known):
            found.append(tell(read, row["rule"], words=hit.group().strip()))
    return found


def majority(read: Read, known: Known) -> bool:
    """Whether the whole interval of a code that is named lies above one half, or of the words' own number it does."""
    rows = draft_known.relevant(known.coded, Context(read.keys | known.own, read.years, read.forms), read.keys) if read.keys else []
    return any(row.low > 0.5 and row.base == row.base for row in rows)


NO_CHANGE = (".break_even", ".effort", ".per_effort")  # rows of a table of changes that say what effort would have to have done


def increase(read: Read, known: Known) -> bool:
    """Whether a change of a code that is named, between years, leaves out zero upwards (a ratio: one)."""
    return any(row.low > (1 if row.id.endswith(".ratio") else 0) for row in changes_of(read, known))


def decrease(read: Read, known: Known) -> bool:
    """As `increase`, downwards."""
    return any(row.high < (1 if row.id.endswith(".ratio") else 0) for row in changes_of(read, known))


def changes_of(read: Read, known: Known) -> list[Row]:
    """The changes between years that are named, of a code that is named."""
    return [row for row in known.coded if row.form in ("changes", "change") and row.base != row.base and row.keys & read.keys
            and row.years <= read.years and not row.id.endswith(NO_CHANGE)]


def first(read: Read, known: Known) -> bool:
    """Whether a code that is named has more cases than any other of its variable, with an interval apart from the next."""
    for row in known.coded:
        if row.form == "bars" and row.keys <= read.keys:
            rest = [other for other in known.coded if other.table == row.table and other.keys != row.keys]
            if rest and row.low > max(other.high for other in rest):
                return True
    return False


JUSTIFIED = {"majority": majority, "increase": increase, "decrease": decrease, "first": first}
"""What bears out words of wording.csv; what is not here (or is `nothing`) is borne out by nothing."""


def tell(read: Read, rule: str, **named) -> Problem:
    """A problem of a sentence: its place is the chapter and the number of the sentence in it."""
    one = read.sentence
    return problem(rule, one.file, one.chapter, str(one.number), **named)
