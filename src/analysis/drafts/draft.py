"""A finished text against the results of its report: sentence by sentence, what each number is and what is wrong."""

import re
from collections import Counter
from itertools import combinations, permutations
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import ledger, problems, run
from analysis.codebook import LANGUAGES, Codebook
from analysis.drafts import draft_checks, draft_known, draft_text, draft_words
from analysis.drafts.draft_checks import Found, Read, tell
from analysis.problems import Problem, UsageError
from analysis.protection import policy
from analysis.published import money
from analysis.wording import languages as translated
from analysis.wording import sentences

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
    return checked([draft_text.sentences(file, lang) for file in files], ledger.gather(run.office(report)), book)


def checked(texts: list[list[draft_text.Sentence]], results: pd.DataFrame, book: Codebook) -> list[list[Told]]:
    """What there is to tell of several texts, which are one text in several languages; `results` are rows of the ledger."""
    known = draft_known.known(results, book)
    read = [draft_checks.read(text, known, book) for text in texts]
    ours = our_own(results, book, {one.lang for text in texts for one in text})
    told = [[Told(one, (), ()) if letters(one.sentence.text) in ours else alone(one, known, results, book) for one in text]
            for text in read]
    extra = [*two_rates(read), *differing(told), *languages(read)]
    return [[one._replace(problems=(*one.problems, *(found for where, found in extra if where is one.read))) for one in text]
            for text in told]


def our_own(results: pd.DataFrame, book: Codebook, langs: set[str]) -> set[str]:
    """The sentences that the program itself says of results which drafts are not held against one number at a time (draft_known.APART):
    word for word they are right, and only so."""
    rows = [(row, lang) for lang in sorted(langs & set(LANGUAGES)) for row in translated.table(
        results[results.form.isin(draft_known.APART)], book, lang).itertuples(index=False)]
    return {letters(one) for row, lang in rows for one in draft_text.split(sentences.of(row, book, lang), lang)}


def letters(text: str) -> str:
    """A text without its spaces and hyphens, which break lines."""
    return re.sub(r"[\s\-\u00ad\u2010\u2011]+", "", text)


def alone(one: Read, known: draft_known.Known, results: pd.DataFrame, book: Codebook) -> Told:
    """What there is to tell of one sentence by itself."""
    numbers = draft_checks.numbers_of(one, known)
    found = [number.problem for number in numbers if number.problem]
    found += filter(None, [draft_checks.parts_wrong(one)])
    found += [*draft_checks.wordings(one, known), *unreleased(one, numbers, results, book), *story(one, results)]
    return Told(one, tuple(numbers), tuple(found))


def unreleased(one: Read, numbers: list[Found], results: pd.DataFrame, book: Codebook) -> list[Problem]:
    """Small counts of confidential sources, and percentages of small bases, that the policy does not release (P3 to P7)."""
    if (results.level == "public").all():
        return []
    return [tell(one, "draft_small", number=each.number.text) for each in numbers
            if each.rows and not any(released(row, each.number, results, book) for row in each.rows)]


def released(row: draft_known.Row, number, results: pd.DataFrame, book: Codebook) -> bool:
    """Whether the policy lets a number of a result leave the office."""
    if row.level == "public":
        return True
    table = results[results.table == row.table]
    cases = results[(results.form == "total") & (results.file == table.file.iloc[0])].n.max()
    rule = policy.rule(table, int(cases) if cases == cases else 0, book)
    small = row.n == row.n and 0 < row.n < rule.k and bool(row.keys)
    of_few = number.kind == "percent" and row.base < policy.numbers(book.folder)["percent_from"]
    return not (rule.why or small or of_few)


def story(one: Read, results: pd.DataFrame) -> list[Problem]:
    """A long quotation in the first person, in a report of which a source is confidential (P12)."""
    if (results.level == "public").all():
        return []
    sentence = one.sentence
    quotes = [sentence.text] if sentence.quoted else QUOTED.findall(sentence.text)
    first = {row["word"] for row in draft_words.rows("first_person", sentence.lang)}
    told = [quote for quote in quotes if len(said := re.findall(r"\w+", quote.casefold())) >= STORY and first & set(said)]
    return [tell(one, "draft_story")] if told else []


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
    """Whether two numbers are of the same code and years and say two things."""
    return (one.subject == other.subject and read.years == where.years and one.number.value != other.number.value
            and (one.number.base == other.number.base or None in (one.number.base, other.number.base)))


def languages(texts: list[list[Read]]) -> list[tuple[Read, Problem]]:
    """Numbers that stand in a chapter of one language and not in that of another; whole texts where the chapters are not as many."""
    if len(texts) < 2:
        return []
    chapters = [list(dict.fromkeys(one.sentence.chapter for one in text)) for text in texts]
    several = len(set(map(len, chapters))) == 1
    counted = [[Counter(value for one in text for value in values(one) if not several or one.sentence.chapter == chapter)
                for chapter in (of_text if several else [""])] for text, of_text in zip(texts, chapters)]
    found = []
    for (mine, text), (yours, other) in permutations(enumerate(texts), 2):
        for place, numbers in enumerate(counted[mine]):
            surplus = numbers - counted[yours][place]
            found += [(one, tell(one, "draft_languages", number=number.text, this=text[0].sentence.file, other=other[0].sentence.file))
                      for value in surplus for one, number in [last(text, value, chapters[mine][place] if several else None)]]
    return found


def values(one: Read) -> list[tuple]:
    """The numbers of a sentence that must be the same in each language: what they are worth, whichever words or signs say it."""
    return [worth(number) for number in one.numbers if number.kind not in ("bare", "ordinal", "reference", "date")
            and one.sentence.kind != "lines"]


def worth(number) -> tuple:
    """What a number is worth in any language."""
    kind = "count" if number.kind in ("count", "persons") else number.kind
    return kind, float(number.value), float(number.base or 0), float(number.low or 0)


def last(text: list[Read], value: tuple, chapter: str | None) -> tuple:
    """Where a number stands last in a text or a chapter of it."""
    mine = [one for one in text if chapter in (None, one.sentence.chapter)]
    return [(one, number) for one in mine for number in one.numbers if worth(number) == value][-1]


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
