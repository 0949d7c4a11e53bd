"""A finished text against the results of its report: sentence by sentence, what each number is and what is wrong."""

import re
from collections import Counter
from itertools import combinations, groupby, permutations
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import ledger, parameters, problems, run, source
from analysis.codebook import Codebook
from analysis.drafts import draft_checks, draft_known, draft_read, draft_tables, draft_text, draft_words
from analysis.drafts.draft_checks import ROUND, Found, tell
from analysis.drafts.draft_read import Read
from analysis.problems import Problem, UsageError
from analysis.protection import policy, release
from analysis.published import money
from analysis.wording import quotes

STORY = 25  # words of a quotation from which it is a story
QUOTED = re.compile("[“«„\"]([^”»“\"]+)[”»“\"]")
CONVERSION = 60  # letters between a sum and its conversion
UNRELEASED = {"draft_small", "draft_story"}
PROSE = ("text", "note", "caption")


class Told(NamedTuple):
    """What is told of one sentence: the numbers that are results, and the problems."""

    read: Read
    numbers: tuple[Found, ...]
    problems: tuple[Problem, ...]


def of(report: str, files: list[Path], book: Codebook, lang: str | None = None) -> list[list[Told]]:
    """What there is to tell of files against the results of a report, a list a file; `lang` is theirs where the letters do not tell.

    Raises UsageError when the office holds no results of the report, and for a file that cannot be read.
    """
    if run.read_manifest(report, run.office(report)) is None:
        raise UsageError(f"The office holds no results of {report}. Run `casebook run {report}` first.")
    return checked([draft_text.sentences(file, lang) for file in files], ledger.gather(run.office(report)), book, approved(report, book))


def approved(report: str, book: Codebook) -> frozenset[str]:
    """The quotes of a report that may be printed, in each of its languages (quotes.of)."""
    p = parameters.load(report)
    files = source.named([p["cases"], p["incidents"], p["export"]])
    return frozenset(text for lang in p["languages"] for text in quotes.of(p["quotes"], files, book, lang).approved.text)


def checked(texts: list[list[draft_text.Sentence]], results: pd.DataFrame, book: Codebook,
            approved: frozenset[str] = frozenset()) -> list[list[Told]]:
    """What there is to tell of several texts, which are one text in several languages.

    `results` are rows of the ledger, `approved` the quotes that may be printed as they stand.
    """
    known = draft_known.known(results, book)
    read = [draft_read.read(text, known, book) for text in texts]
    told = [[alone(one, known, results, book) for one in text] for text in read]
    public = (results.level == "public").all()
    extra = [*two_rates(read), *differing(told), *languages(read), *([] if public else stories(read, approved))]
    return [[one._replace(problems=(*one.problems, *(found for where, found in extra if where is one.read))) for one in text]
            for text in told]


def letters(text: str) -> str:
    """A text without what typesetting changes: spaces, hyphens, which break lines, and the form of quotation marks."""
    return re.sub(r"[\s\-\u00ad\u2010\u2011“”«»„\"]+", "", text.replace("’", "'"))


def alone(one: Read, known: draft_known.Known, results: pd.DataFrame, book: Codebook) -> Told:
    """What there is to tell of one sentence by itself."""
    numbers = draft_checks.numbers_of(one, known)
    found = [number.problem for number in numbers if number.problem]
    found += filter(None, [draft_checks.parts_wrong(one)])
    found += [*draft_tables.wrong(one, known), *draft_checks.wordings(one, known), *unreleased(one, numbers, results, book)]
    return Told(one, tuple(numbers), tuple(dict.fromkeys(found)))


def unreleased(one: Read, numbers: list[Found], results: pd.DataFrame, book: Codebook) -> list[Problem]:
    """Small counts of confidential sources, and percentages of small bases, that the policy does not release (P3 to P7)."""
    if (results.level == "public").all():
        return []
    return [tell(one, "draft_small", number=each.number.text) for each in numbers
            if each.rows and not any(released(row, each.number, results, book) for row in each.rows)]


def released(row: draft_known.Row, number, results: pd.DataFrame, book: Codebook) -> bool:
    """Whether the policy lets a number of a result leave the office; small counts of a table that two people signed may."""
    if row.level == "public":
        return True
    table = results[results.table == row.table]
    cases = results[(results.form == "total") & (results.file == table.file.iloc[0])].n.max()
    rule = policy.rule(table, int(cases) if cases == cases else 0, book)
    signed = rule.signed and all(row.table in release.signed(file) for file in source.parts(table.file.iloc[0]))
    small = row.n == row.n and 0 < row.n < rule.k and bool(row.keys) and not signed
    of_few = number.kind == "percent" and row.base < policy.numbers(book.folder)["percent_from"]
    return not (rule.why or small or of_few)


def stories(texts: list[list[Read]], approved: frozenset[str]) -> list[tuple[Read, Problem]]:
    """Where somebody tells at length what happened to them, in a report of which a source is confidential (P12).

    It is told at the first sentence of the paragraph, and not where the words are those of an approved quote, letter for letter.
    """
    known = {letters(one) for one in approved}
    paragraphs = [list(group) for text in texts for _, group in groupby(text, lambda one: (one.sentence.file, one.sentence.paragraph))]
    return [(group[0], tell(group[0], "draft_story")) for group in paragraphs
            if any(is_story(*one) and letters(one[0]) not in known for one in voices(group))]


def voices(group: list[Read]) -> list[tuple[str, list[dict]]]:
    """What is said in a paragraph, and the words of the first person that make a story of it: of each quotation all, and only those of
    one person (`alone`) of what stands without quotation marks."""
    first = draft_words.rows("first_person", group[0].sentence.lang)
    text = " ".join(one.sentence.text for one in group)
    outside = [row for row in first if row["alone"]]
    if group[0].sentence.quoted:
        return [(text, first)]
    return [*((quote, first) for quote in QUOTED.findall(text)), (QUOTED.sub("", text), outside)]


def is_story(text: str, first: list[dict]) -> bool:
    """Whether a text is long enough for a story, and in the first person."""
    said = re.findall(r"\w+", text.casefold())
    return len(said) >= STORY and bool({row["word"] for row in first} & set(said))


def two_rates(texts: list[list[Read]]) -> list[tuple[Read, Problem]]:
    """Conversions into dollars that no one rate explains, the dollars being rounded to the dollar (money.consistent)."""
    pairs = [(one, *pair) for text in texts for one in text for pair in conversions(one)]
    found = []
    for (one, *first), (two, *second) in combinations(pairs, 2):
        (amount, dollars), (other, others) = first, second
        if amount.currency == other.currency and one.sentence.file == two.sentence.file and not money.consistent(
                [(amount.value, dollars.value), (other.value, others.value)]).consistent.iloc[0]:
            texts_of = [f"{a.text} {a.currency} = {b.text} USD" for a, b in (first, second)]
            found += [(one, tell(one, "draft_two_rates", number=texts_of[0], other=texts_of[1])),
                      (two, tell(two, "draft_two_rates", number=texts_of[1], other=texts_of[0]))]
    return list({(id(where), problem): (where, problem) for where, problem in found}.values())


def conversions(one: Read) -> list[tuple]:
    """Each sum of a sentence with the dollars that stand close behind it."""
    sums = [number for number in one.numbers if number.kind == "money" and number.value > 0]
    return [(first, second) for first, second in zip(sums, sums[1:])
            if first.currency != "USD" and second.currency == "USD" and second.start - first.end <= CONVERSION and second.value > 1]


def differing(told: list[list[Told]]) -> list[tuple[Read, Problem]]:
    """A number of one code that is another elsewhere in the same text, where not both are results."""
    found = []
    for text in told:
        numbers = [(one.read, number) for one in text for number in one.numbers
                   if number.subject and number.number.kind in ("count", "of") and one.read.sentence.kind in PROSE]
        for read, number in numbers:
            others = [(where, other) for where, other in numbers if where is not read and same(read, number, where, other)]
            if not number.ids and others:
                where, other = others[0]
                found.append((read, tell(read, "draft_differs", number=number.number.text, other=other.number.text,
                                         where=f"{where.sentence.chapter} {where.sentence.number}")))
    return found


def same(read: Read, one: Found, where: Read, other: Found) -> bool:
    """Whether two numbers are of the same code, years and country and say two things."""
    countries = [{key for key in each.keys if key[0] == "country"} for each in (read, where)]
    bases = {one.number.base, other.number.base}
    return (one.subject == other.subject and read.years == where.years and countries[0] == countries[1]
            and one.number.value != other.number.value and (len(bases) == 1 or None in bases))


CLAIMS = ("count", "of", "percent", "range", "share", "points", "rank", "p", "decimal", "money", "persons")


def languages(texts: list[list[Read]]) -> list[tuple[Read, Problem]]:
    """Numbers that are others in another language: in a chapter (or in the whole, where the chapters are not as many), one text has a
    number that the other has not, and less of a number of that kind than the other has."""
    if len(texts) < 2:
        return []
    chapters = [list(dict.fromkeys(one.sentence.chapter for one in text)) for text in texts]
    several = len(set(map(len, chapters))) == 1
    parts = [[[one for one in text if not several or one.sentence.chapter == chapter] for chapter in (of_text if several else [""])]
             for text, of_text in zip(texts, chapters)]
    return [found for mine, yours in permutations(parts, 2) for part, other in zip(mine, yours) for found in changed(part, other)]


def changed(part: list[Read], other: list[Read]) -> list[tuple[Read, Problem]]:
    """The numbers of a part that the other has not, each with one that stands in its place there; told in both."""
    mine, yours = ([(worth, one, number) for one in text for number in one.numbers for worth in worths(number, one)]
                   for text in (part, other))
    missing = [each for each in mine if each[0] not in {worth for worth, _, _ in yours}]
    surplus = Counter(worth for worth, _, _ in yours) - Counter(worth for worth, _, _ in mine)
    found = []
    for worth, one, number in missing:
        instead = [each for each in yours if each[0] in surplus and each[0][0] == worth[0]]
        if instead:
            _, two, theirs = instead[-1]
            here, there = one.sentence.file, two.sentence.file
            found += [(one, tell(one, "draft_languages", number=number.text, instead=theirs.text, this=here, other=there)),
                      (two, tell(two, "draft_languages", number=theirs.text, instead=number.text, this=there, other=here))]
    return list({(id(where), problem): (where, problem) for where, problem in found}.values())


def worths(number, one: Read) -> list[tuple]:
    """What a number is worth in any language, whichever words or signs say it; one of a base is two, and a range is its ends."""
    if number.kind not in CLAIMS or one.sentence.kind == "lines" or number.word and number.value in ROUND:
        return []
    kind = "count" if number.kind in ("count", "persons", "of") else number.bound or number.kind if number.kind == "range" else number.kind
    return [(kind, float(value)) for value in (number.value, number.base, number.low) if value is not None]


def code_of(texts: list[list[Told]]) -> int:
    """How the command ends: 3 where something is not released, 2 where something is wrong, 0 where there are at most notes."""
    refused = {found.rule for text in texts for one in text for found in one.problems if found.severity == "refuse"}
    return 3 if refused & UNRELEASED else 2 if refused else 0


def as_json(told: list[Told], lang: str = "en") -> dict:
    """What is told of a file: file, language, and of each sentence with numbers or problems its place, text, matches and verdicts."""
    if not told:
        return {"file": "", "language": "", "sentences": 0, "told": []}
    return {"file": told[0].read.sentence.file, "language": told[0].read.sentence.lang, "sentences": len(told),
            "told": [sentence_as_json(one, lang) for one in told if one.problems or any(number.ids for number in one.numbers)]}


def sentence_as_json(one: Told, lang: str) -> dict:
    """One sentence: chapter, sentence, kind, text, matches (number, ids), verdicts (rule, severity, message)."""
    where = one.read.sentence
    matches = [{"number": each.number.text, "ids": list(each.ids)} for each in one.numbers if each.ids and not each.problem]
    verdicts = [{"rule": each.rule, "severity": each.severity, "message": problems.said(each, lang)} for each in one.problems]
    return {"chapter": where.chapter, "sentence": where.number, "kind": where.kind, "text": where.text, "matches": matches,
            "verdicts": verdicts}


def as_text(told: list[Told], lang: str = "en") -> str:
    """What is told of a file, for reading: each sentence with its numbers, then what is wrong with it."""
    found = as_json(told, lang)
    lines = [f"{found['file']}: {found['sentences']} sentences, {sum(bool(one['verdicts']) for one in found['told'])} to look at"]
    for one in found["told"]:
        lines += ["", f"{one['chapter']}, {one['sentence']}: {one['text']}"]
        lines += [f"  = {each['number']}: {', '.join(each['ids'])}" for each in one["matches"]]
        lines += [f"  {'ERROR' if each['severity'] == 'refuse' else 'note '} {each['message']}" for each in one["verdicts"]]
    return "\n".join("".join(sign if sign.isprintable() else " " for sign in line) for line in lines)
