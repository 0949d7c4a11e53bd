"""What a draft says against what was counted: which result each number is, and what is wrong with each sentence."""

import re
from itertools import pairwise, permutations
from typing import NamedTuple

from analysis import home
from analysis.drafts import draft_known, draft_numbers, draft_words
from analysis.drafts.draft_known import Context, Known, Row
from analysis.drafts.draft_numbers import Number
from analysis.drafts.draft_read import CLOSE, FORMS, Read, clear, keys_of
from analysis.drafts.draft_subjects import Mention
from analysis.problems import Problem, problem
from analysis.wording import words

TABLES = ("row", "lines")
ROUND = (1, 100, 1000, 10**6)  # numbers that words also say of no count
OWN = ("count", "of", "bare", "persons")  # numbers that a code beside them belongs to alone
FEW = 6  # ids that are named of a number


class Found(NamedTuple):
    """What was found of one number: the results that it is, or the problem."""

    number: Number
    subject: frozenset
    ids: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    problem: Problem | None = None


def judged(one: Number, read: Read, known: Known) -> Found | None:
    """What a number is; None for one that claims nothing here."""
    if one.kind in draft_numbers.NO_CLAIMS or one.kind in ("year", "period", "money"):
        return None
    near = read.subjects.get(one.start)
    if one.word and one.value in ROUND and (one.kind == "bare" or one.kind == "count" and not near):
        return None  # "one" is a number only of something that is named (call one of them larger), and so are hundreds
    if one.kind == "bare" and (near is None or read.sentence.kind in TABLES):
        return None
    keys = near.keys if near else frozenset()
    if is_measure(one, read):
        rows = [row for row in measured(one, near, read, known) if draft_known.fits(row, one)]
    else:
        rows = matching(one, near, read, known)
    return Found(one, keys, ids(rows), tuple(rows))


MEASURES = ("rank", "points", "p")  # numbers that are no count, and which only results of their own kind can be


def is_measure(one: Number, read: Read) -> bool:
    """Whether a number is a measure, or a range of ranks or points."""
    of_ranks = one.bound == "rank" or "ranks" in read.forms and not one.bound and not one.decimals
    return one.kind in MEASURES or one.kind == "range" and (of_ranks or one.bound == "points")


def measured(one: Number, near: Mention | None, read: Read, known: Known) -> list[Row]:
    """The results of what is named that are of the kind of a rank, a difference in points, or a test."""
    of_kind = {"p": lambda row: row.form == "independence", "points": draft_known.is_difference, "rank": lambda row: row.form == "ranks"}[
        one.kind if one.kind in MEASURES else "points" if one.bound == "points" else "rank"]
    wide = [near.keys] if near else []
    for keys in [*wide, read.keys, read.keys | read.headed | read.before]:
        context = Context(keys | read.whole | known.own, read.years, read.forms | {"ranks"}, read.ends)
        rows = [row for row in draft_known.relevant(known.coded, context, keys | read.whole) if of_kind(row)]
        if rows:
            return rows
    return [row for row in known.coded if of_kind(row)] if one.kind == "p" else []


def of_law(one: Number, read: Read, known: Known) -> Found | None:
    """A term of years or days, where the sentence names an article of laws.csv that says one."""
    named = {int(number.value) for number in read.numbers if number.kind == "reference"}
    laws = [(article, says, terms) for article, numbers, says, terms in known.laws if numbers <= named and terms]
    if not laws:
        return None
    right = tuple(f"law:{article}" for article, _, terms in laws if one.value in terms)
    said = "; ".join(f"{article}: {says.rstrip('.')}" for article, says, _ in laws)
    return Found(one, frozenset(), right, (), None if right else tell(read, "draft_law", number=one.text, says=said))


def ids(rows: list[Row]) -> tuple[str, ...]:
    """The ids of rows, the first few."""
    return tuple(dict.fromkeys(row.id for row in rows))[:FEW]


def matching(one: Number, near: Mention | None, read: Read, known: Known) -> list[Row]:
    """The results that a number can be, from the nearest meaning on: of the code beside it, of the sentence, of headings and paragraph."""
    must = near.keys if near else frozenset()
    of_them = draft_words.says(read.sentence.lang, "parts", read.sentence.text)  # three assemblies, two of them by police: both are named
    counted = [read.subjects[number.start] for number in read.numbers
               if number.kind in OWN and number.start in read.subjects and not of_them]
    named = must | keys_of([each for each in read.mentions if each not in counted]) if near else read.keys
    levels = [must, named, named | read.headed, named | read.headed | read.before]
    compared = read.whole if "agreement" in read.forms else frozenset()
    if one.kind == "bare" and (both := of_heading(must, read, known)):
        return [row for row in both if draft_known.fits(row, one)]
    for keys in [level | compared for level in levels]:
        if not keys:
            continue
        coarse = one.kind == "share"  # of which another country's would do too
        context = context_of(keys, read, known) if coarse else Context(keys | known.own, read.years, read.forms, read.ends)
        all_rows = draft_known.relevant(known.coded, context, must)
        all_rows = of_place(all_rows, read) if coarse else all_rows
        rows = [row for row in all_rows if draft_known.fits(row, one)]
        if rows or all_rows and coarse:  # above and below a half everything is something
            return rows
    if one.kind == "of" and (parts := of_part(one, read, known)):
        return parts
    if one.kind == "decimal" or one.kind == "range" and one.bound != "percent":
        return of_values(one, read, known) or draft_known.of_others(known, one, read.sentence.text)
    others = draft_known.of_others(known, one, read.sentence.text) if not near or one.value >= draft_known.DISTINCT else []
    return (of_totals(one, read, known) if not near else []) or others


def of_part(one: Number, read: Read, known: Known) -> list[Row]:
    """The results that are a part of another: 8 of the 9 fake dates had an unknown perpetrator, 7 of the 9 were nothing else."""
    around = read.keys | read.headed | read.before
    rows = draft_known.relevant(known.coded, Context(around | known.own, read.years, frozenset(FORMS), read.ends), around)
    whole = [row for row in rows if row.n == one.base and row.form not in draft_known.ONLY]
    return [row for row in rows if row.n == one.value and any(
        base.keys < row.keys or base.keys == row.keys and row.form in draft_known.ONLY for base in whole)]


def of_values(one: Number, read: Read, known: Known) -> list[Row]:
    """The results with a value (a ratio, an agreement, a test) that a number can be: of a variable that is named, or of the totals."""
    context = Context(read.whole | known.own, read.years, read.forms, read.ends)
    rows = [*draft_known.relevant(known.coded, context, read.whole), *draft_known.relevant(known.totals, context)]
    return [row for row in rows if row.value == row.value and draft_known.fits(row, one)]


def of_heading(must: frozenset, read: Read, known: Known) -> list[Row]:
    """The results of a code together with the one that the heading names: “fake date” (9) under Privacy is of the cases that touch it."""
    rows = draft_known.relevant(known.coded, Context(must | read.headed, read.years, read.forms, read.ends), must)
    return [row for row in rows if row.keys & read.headed and not row.keys <= must]


def of_totals(one: Number, read: Read, known: Known) -> list[Row]:
    """The totals and yearly counts that a number can be; a base counts as its total."""
    context = Context(frozenset(), read.years, read.forms)
    rows = draft_known.relevant(known.totals, context)
    found = [row for row in rows if draft_known.fits(row, one)]
    if not found and one.kind in ("count", "persons"):
        bases = [row for row in known.coded if row.base == float(one.value) and draft_known.of_years(row, read.years)
                 and row.form not in draft_known.PARTIAL and at_home(row, read, known)]
        found = [row for row in bases if not read.keys or row.keys <= read.keys | read.headed | known.own] or bases[:1]
    return found


def at_home(row: Row, read: Read, known: Known) -> bool:
    """Whether a result is of no other country than that of the report and those that a sentence names."""
    return all(variable != "country" or (variable, code) in known.own | read.keys for variable, code in row.keys)


def numbers_of(read: Read, known: Known) -> list[Found]:
    """All numbers of a sentence that claim something, each with its results or its problem."""
    made: list[Found] = []
    for one in read.numbers:
        found = judged(one, read, known)
        if found:
            made.append(found._replace(problem=wrong(found, made, read, known) or each_wrong(one, read, known)))
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
    if is_measure(one, read):
        return measure_wrong(found, read, known)
    if one.kind == "range":
        return range_wrong(found, earlier, read)
    if found.ids or (one.kind in ("bare", "persons", "share", "decimal", "count") and read.sentence.kind in TABLES):
        return None
    if read.sentence.kind == "lines":
        return None
    if one.kind in ("bare", "persons", "count") and draft_words.says(read.sentence.lang, "wish", read.sentence.text):
        return None
    return overlapping(found, read, known) or contradiction(found, read, known)


def each_wrong(one: Number, read: Read, known: Known) -> Problem | None:
    """A number that is said of each of several codes (each occur in three cases), one of which has another."""
    if one.kind not in OWN or not draft_words.says(read.sentence.lang, "each", read.sentence.text):
        return None
    # Not “gay man”, “trans woman”, between which stands a trans man.
    mentions = [each for each in read.mentions if not re.search("[,;“”«»\"]", read.sentence.text[each.start:each.end])]
    before = [each for each in mentions if each.end <= one.start and clear(each.end, one.start, read.numbers)]
    after = [each for each in mentions if each.start >= one.end and clear(one.end, each.start, read.numbers)]
    for named in (before, after):
        variables = set.intersection(*({variable for variable, _ in each.keys} for each in named)) - {"country"} if len(named) > 1 else ()
        for keys in [frozenset(key for key in each.keys if key[0] in variables) for each in named if variables]:
            rows = draft_known.relevant(known.coded, Context(keys | known.own, read.years, read.forms, read.ends), keys)
            if rows and not any(draft_known.fits(row, one) for row in rows):
                return tell(read, "draft_contradicts", number=one.text, results=as_words(rows, one))
    return None


def measure_wrong(found: Found, read: Read, known: Known) -> Problem | None:
    """A rank, a difference in points or a p that is not that of what the sentence names."""
    if found.ids or read.sentence.kind in TABLES:
        return None
    one, rows = found.number, measured(found.number, read.subjects.get(found.number.start), read, known)
    if not rows or one.kind == "p" and len(read.whole) < 2:
        return unmatched(one, rows, read) if one.kind == "p" else None
    return tell(read, "draft_contradicts", number=one.text, results=as_words(rows, one))


def contradiction(found: Found, read: Read, known: Known) -> Problem | None:
    """A number of one code, where the results of that code are others; one that no result has is noted."""
    one, named = found.number, [each for each in read.mentions if not any(variable == "country" for variable, _ in each.keys)]
    subject = named[0].keys if one.kind == "share" and not found.subject and len(named) == 1 else found.subject
    rows = of_place(draft_known.relevant(known.coded, context_of(subject, read, known), subject), read) if subject else []
    if one.kind == "of" and one.base >= draft_known.DISTINCT and not any(variable == "country" for variable, _ in read.keys) and any(
            draft_known.fits(row, one) for row in known.coded if row.keys & subject and not at_home(row, read, known)):
        return None  # of another country, which the sentence names in a way that nobody can know (the Spanish file)
    if rows and one.kind != "decimal":
        return tell(read, "draft_contradicts", number=one.text, results=as_words(rows, one))
    if one.kind == "share" or one.kind in ("bare", "persons") or seen(one, read, known):
        return None
    keys = named[0].keys if len(named) == 1 else frozenset()
    return unmatched(one, of_place(draft_known.relevant(known.coded, context_of(keys, read, known), keys), read) if keys else [], read)


def context_of(keys: frozenset, read: Read, known: Known) -> Context:
    """What a number of these codes can be of: in the countries that the sentence names too, and in the country of the report."""
    countries = frozenset(key for key in read.keys if key[0] == "country")
    return Context(keys | countries | known.own, read.years, read.forms, read.ends)


def of_place(rows: list[Row], read: Read) -> list[Row]:
    """Of rows those of a country that the sentence names, where some are."""
    return [row for row in rows if any(variable == "country" and (variable, code) in read.keys for variable, code in row.keys)] or rows


def unmatched(one: Number, rows: list[Row], read: Read) -> Problem:
    """The note that no result has a number, with what the results have instead."""
    return tell(read, "draft_unmatched", number=one.text, near=beside(rows, one))


def beside(rows: list[Row], one: Number) -> str:
    """What rows have, in brackets behind a word; nothing of no rows."""
    said = as_words(rows, one)
    return f" [{said}]" if said else ""


def seen(one: Number, read: Read, known: Known) -> bool:
    """Whether a number is one of some result, in a sentence that does not name what it counts, or names its year and no code beside it."""
    if one.kind == "decimal":
        return False
    named = {key for key in read.keys if key[0] != "country" and key[1] not in known.unknown}
    mine = [row for row in [*known.coded, *known.totals] if draft_known.of_years(row, read.years) and at_home(row, read, known)
            and row.form not in ("funnel", *draft_known.PARTIAL)]
    if named:  # other codes of the same variables, in a year that is named, where a text seldom names both: 64 sentences, 14 crimes
        variables = {variable for variable, _ in named} - known.several
        mine = [row for row in mine if row.years and {variable for variable, _ in row.keys} <= variables]
    return any(draft_known.fits(row, one) for row in mine)


def as_words(rows: list[Row], one: Number) -> str:
    """What the results are, the first few that differ, short: 9 / 31 (02_violations.fake_date); zeros only where all are."""
    of_kind = [row for row in rows if row.n == row.n or is_measure_kind(one)]
    first = {}
    for row in [row for row in of_kind if row.n != 0] or of_kind:
        first.setdefault(row.n if row.n == row.n else as_measured(row, one), f"{as_measured(row, one)} ({row.id})")
    return ", ".join(list(first.values())[:3])


def is_measure_kind(one: Number) -> bool:
    """Whether a number is a rank, a difference in points or a p, or a range of them."""
    return one.kind in MEASURES or one.bound in MEASURES


def as_measured(row: Row, one: Number) -> str:
    """What a result has that a number of this kind could be."""
    kind = one.kind if one.kind in MEASURES else one.bound
    if kind == "p":
        return f"p = {row.p:.4f}; Holm: {row.p_holm:.4f}"
    if kind == "points":
        return f"{100 * row.value:+.0f} ({100 * row.low:+.0f} … {100 * row.high:+.0f})"
    if row.form == "ranks" and (kind == "rank" or one.kind == "range"):
        return f"№ {row.value:.0f} ({row.low:.0f}–{row.high:.0f})"
    share = f", {words.rounded(100 * row.share)} %" if row.share == row.share and one.kind in ("percent", "share") else ""
    return f"{row.n:.0f}{f' / {row.base:.0f}' if row.base == row.base else ''}{share}"


def percent_wrong(found: Found, before: list[Found], read: Read, known: Known) -> Problem | None:
    """A percentage that no count gives, that is not the share of the count beside it, or that stands without a base."""
    one = found.number
    if read.sentence.kind == "lines":
        return None
    near = draft_known.near(one)
    if near is not None and not found.ids:
        counts = ", ".join(f"{n} ({share(n, one.base, one)})" for n in near)
        return tell(read, "draft_impossible", number=one.text, base=one.base, near=counts)
    counts = [each.number for each in before if each.number.kind in ("of", "count", "persons", "bare")]
    tuples = [each for each in counts if each.kind == "of"]
    tuples += [each for each in read.numbers if each.kind == "of" and re.fullmatch(r"\W{1,3}", read.sentence.text[one.end:each.start])]
    if any(quotient(one, part.value, part.base) for part in tuples) or of_change(one, read):
        return None
    close = [each for each in tuples if each.start > one.end or one.start - each.end <= CLOSE and "(" in read.sentence.text[
        each.end:one.start]]
    if close and not one.base:
        part = close[-1]
        return tell(read, "draft_quotient", number=one.text, part=part.text, right=share(part.value, part.base, one))
    if read.sentence.kind in TABLES or any(row.form in draft_known.OTHERS for row in found.rows) or any(
            quotient(one, part.value, whole.value) for part in counts for whole in counts if whole.value > part.value):
        return None
    if not found.ids and (contradicted := found.subject and contradiction(found, read, known)):
        return contradicted
    named = read.based & {int(row.base) for row in found.rows if row.base == row.base} if found.rows else read.based
    if not tuples and not one.base and not named and not counts:
        return tell(read, "draft_no_base", number=one.text, near=beside(list(found.rows), one._replace(kind="of")))
    if found.ids:
        return None
    return None if one.base else unmatched(one, [], read)


def quotient(one: Number, n, base) -> bool:
    """Whether a percentage is n of base, rounded as it is."""
    return bool(base) and draft_known.rounds(float(n) / float(base), one._replace(bound=""))


def of_change(one: Number, read: Read) -> bool:
    """Whether a percentage is the change from one number of its sentence to another: a fall by 63 % from 83 to 31."""
    counts = [each.value for each in read.numbers if each.kind in ("count", "bare", "persons")]
    counts += [value for each in read.numbers if each.kind == "of" for value in (each.value, each.base)]
    return draft_words.says(read.sentence.lang, "change", read.sentence.text) and any(
        quotient(one, abs(last - first), first) for first, last in permutations(counts, 2))


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
    return unmatched(one, [], read)


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
                return tell(read, "draft_overlapping", number=one.text, parts=" + ".join(f"{row.n:.0f} ({row.id})" for row in parts))
    return None


def first_single(mention: Mention, read: Read, known: Known) -> Row | None:
    """The result of one code alone."""
    rows = draft_known.relevant(known.coded, Context(mention.keys, read.years, read.forms - {"exactly"}, read.ends), mention.keys)
    return next((row for row in rows if len(row.keys) == 1 and row.n == row.n), None)


def parts_wrong(read: Read) -> Problem | None:
    """Parts that do not add up to their whole: 9 + 7 = 17; 31 cases: 9 of one kind, 7 of another and 14 others."""
    text, lang = read.sentence.text, read.sentence.lang
    if read.sentence.kind in TABLES:
        return None
    counts = [one for one in read.numbers if one.kind in ("count", "bare", "persons")]
    between = [draft_words.meaning(lang, "between", text[a.end:b.start]) for a, b in pairwise(counts)]
    if "plus" in between and "equals" in between[between.index("plus"):]:
        first = between.index("plus")
        last = between.index("equals", first)
        return unequal(counts[first:last + 1], counts[last + 1], read) if set(between[first:last]) == {"plus"} else None
    colon = text.find(":")
    whole = next((one for one in counts if one.kind == "count" and one.end <= colon), None)
    listed = [one for one in counts if whole and one.start > colon]
    joined = len(listed) > 1 and re.fullmatch("[^.;()]{1,60}", text[whole.end:colon]) and ";" not in text[colon:listed[0].start]
    if joined and not draft_words.says(lang, "parts", text[whole.end:listed[0].start]):
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
    context = Context(read.keys | known.own, read.years, read.forms, read.ends)
    rows = draft_known.relevant(known.coded, context, read.keys) if read.keys else []
    return any(row.low > 0.5 and row.base == row.base and row.value != row.value and row.form != "funnel" for row in rows)


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
            and row.years <= read.years | read.ends and not row.id.endswith(NO_CHANGE)]


def first(read: Read, known: Known) -> bool:
    """Whether the ranks of the report show that a code that is named is more common than every other of its variable."""
    return any(row.form == "ranks" and row.high == 1 and row.keys <= read.keys for row in known.coded)


JUSTIFIED = {"majority": majority, "increase": increase, "decrease": decrease, "first": first}
"""What bears out words of wording.csv; what is not here (or is `nothing`) is borne out by nothing."""


def tell(read: Read, rule: str, **named) -> Problem:
    """A problem of a sentence: its place is the chapter and the number of the sentence in it."""
    one = read.sentence
    return problem(rule, one.file, one.chapter, str(one.number), **named)
