"""A quote and the row of its case -> which facts in it single the case out, and a wording that does not; it approves nothing."""

import csv
import io
import re
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import deidentify, read, source, tidy
from analysis.codebook import GROUP, Codebook, fold, source_record
from analysis.drafts import draft_numbers, draft_subjects, draft_words
from analysis.problems import UsageError
from analysis.protection import disguise, policy, release, scan
from analysis.sheets import dates, identifiers
from analysis.wording import quotes, words

TAKEN_OUT = "…"
SAYS_NOTHING = ("yes", "no", "other")  # codes whose labels are words of any text
SHORTEST = 4  # letters of a word that names a place by itself
TOKEN = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
IDENTIFIES = ("identifier", "number", "code of a case")  # kinds of terms of the scan; the story itself is in the sheet too
DATE = (r"(?<!\d)(?P<year>(?:19|20)\d\d)[-.](?P<month>\d\d)(?:[-.](?P<day>\d\d))?(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>(?:19|20)\d\d)(?!\d)",
        r"(?<!\w)(?:(?P<year>(?:19|20)\d\d)\W+(?:ж\w*\W+)?)?(?P<day>\d{1,2})(?:st|nd|rd|th|-\w+)?\W+(?:of\W+)?NAME(?:\W+YEAR)?(?!\w)",
        r"(?<!\w)NAME\W+(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:\W+YEAR)?(?!\w)",
        r"(?<!\w)(?:(?P<year>(?:19|20)\d\d)\W+(?:ж\w*\W+)?)?NAME(?:\W+YEAR)?(?!\w)",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?!\d)")


class Step(NamedTuple):
    """One way to say a fact: `what` it tells (`Age: 23`), the words `instead` of those in the text, and which cases share it."""

    what: str
    instead: str
    shared: np.ndarray


class Fact(NamedTuple):
    """What the words of a text from `start` to `end` tell of the case: as it is said, then ever more generally, at last not at all;
    `names` somebody, whom no other case shares."""

    start: int
    end: int
    steps: list[Step]
    names: bool = False


class Desk(NamedTuple):
    """A quote as it lies before the reviewers: the text and, in the next line, how its speaker is called; whether the row of the case
    has consent; the facts, in their order; from how many cases on nobody is singled out."""

    quote: str
    text: str
    said_by: str
    consent: bool
    facts: list[Fact]
    k: int

    @property
    def whole(self) -> str:
        """Everything that would be printed."""
        return f"{self.text}\n{self.said_by}"


class Table(NamedTuple):
    """The cases of a sheet, exactly as it knows them; `at` is the row of the case, `country` where the source is."""

    cases: pd.DataFrame
    at: int
    numbers: list[str]
    country: str
    book: Codebook
    lang: str

    @property
    def alone(self) -> np.ndarray:
        """The case and no other."""
        return np.arange(len(self.cases)) == self.at

    @property
    def everyone(self) -> np.ndarray:
        """All cases."""
        return np.ones(len(self.cases), bool)


def laid_out(quote: str, file: str, case: str, text: str, said_by: str, book: Codebook) -> Desk:
    """The desk for a quote of a case, by the code that its sheet has; the language is told by the letters of the text.

    Raises UsageError where the sheet has no such case, DataError where the sheet cannot be read.
    """
    raw, record = read.raw(source.path(file), book), source_record(source.path(file))
    cases = tidy.checked(raw, book, record).cases
    at = np.flatnonzero(cases.case_id.map(fold) == fold(case))
    if not len(at):
        raise UsageError(f"{file} has no case with this code. Write it as the sheet has it.")
    kinds = {column: how["kind"] for column, how in book.profiles[raw.profile]["columns"].items()}
    numbers = [column for column, kind in kinds.items() if kind == "number" and column in cases]
    table = Table(cases, int(at[0]), numbers, str(record.get("place") or ""), book, draft_words.language(text))
    found: list[Fact] = []
    whole = f"{text}\n{said_by}"
    for one in (*named(whole, file, table), *dated(whole, table), *numbered(whole, table), *coded(whole, table)):
        if not any(one.start < other.end and other.start < one.end for other in found):
            found.append(one)
    return Desk(quote, text, said_by, quotes.agreed(cases, book)[table.at], sorted(found, key=lambda one: one.start),
                policy.numbers(book.folder)["k"])


# What tells of the case.


def named(text: str, file: str, table: Table) -> list[Fact]:
    """What says who somebody is: by its look (identifiers.csv), or because the sheet has it as a name, number, account or code."""
    book, out = table.book, Step("taken out", TAKEN_OUT, table.everyone)
    spans = [(kind, *hit.span()) for kind, pattern in identifiers.patterns(book.folder) for hit in pattern.finditer(text)]
    wanted = scan.terms([file], book, ["\n".join(ways) for ways in book.spellings.values()])
    tokens = [(hit.start(), hit.end(), disguise.plainly(hit.group())) for hit in TOKEN.finditer(text)]
    begins = np.cumsum([0, *(len(word) + 1 for _, _, word in tokens)])
    for begin, key in scan.hits(" ".join(word for _, _, word in tokens), wanted):
        kind, first = wanted.where[key].kind, int(np.searchsorted(begins, begin, "right")) - 1
        if kind in IDENTIFIES:
            digits = next((n for n, (_, _, word) in enumerate(tokens[first:]) if not word.isdecimal()), len(tokens) - first)
            last = first + (max(digits, 1) if not key[0] else len(key) - 1) - 1
            spans.append((f"{kind} of the sheet", tokens[first][0], tokens[last][1]))
    longest = sorted(spans, key=lambda one: one[1] - one[2])
    return [Fact(start, end, [Step(kind, text[start:end], table.alone), out], names=True) for kind, start, end in longest]


def dated(text: str, table: Table) -> list[Fact]:
    """Days, months and years that are those of the case; more generally its quarter (or year, by coarsening.yml), then its year."""
    cases, found = table.cases, []
    patterns = date_patterns(table.book.folder) if "date" in cases else []
    for hit in (hit for pattern in patterns for hit in pattern.finditer(text)):
        said = parts(hit, table)
        known = cases.date.iloc[table.at]
        mine = {"year": known[:4], "month": known[5:7], "day": known[8:10]}
        if not said or any(mine[part] != value for part, value in said.items()):
            continue
        same = {"year": (cases.date.str[:4] == mine["year"]).to_numpy(), "month": (cases.date.str[5:7] == mine["month"]).to_numpy(),
                "day": (cases.date.str[8:10] == mine["day"]).to_numpy()}
        year = [Step(f"Year: {mine['year']}", mine["year"], same["year"])] if "year" in said else []
        steps = [Step(f"Date: {'-'.join(said[part] for part in same if part in said)}", hit.group(),
                      np.logical_and.reduce([same[part] for part in said]))]
        if "month" in said:
            steps += [*quarter(mine, year, table), *year]
        found.append(Fact(*hit.span(), [*steps, Step("taken out", TAKEN_OUT, table.everyone)]))
    return found


def quarter(mine: dict[str, str], year: list[Step], table: Table) -> list[Step]:
    """The quarter of a date, and its year where that was said; nothing where coarsening.yml keeps years only."""
    if deidentify.rules(table.book)["dates"] != "quarter":
        return []
    number = (int(mine["month"]) + 2) // 3
    within = ((pd.to_numeric(table.cases.date.str[5:7], errors="coerce") + 2) // 3 == number).to_numpy()
    said = " ".join([words.of(table.lang)["timeline"]["quarter"].format(number=number), *(step.instead for step in year)])
    return [Step(f"Quarter: {said}", said, np.logical_and.reduce([within, *(step.shared for step in year)]))]


def parts(hit: re.Match, table: Table) -> dict[str, str]:
    """What a date says: year, month and day in digits, as far as they are said."""
    groups = hit.groupdict()
    month = groups.get("month") or dates.months(table.book.folder).get(fold(groups.get("name") or ""))
    found = {"year": groups.get("year") or groups.get("later"), "month": month and f"{int(month):02}",
             "day": groups.get("day") and f"{int(groups['day']):02}"}
    return {part: value for part, value in found.items() if value}


@cache
def date_patterns(folder: Path) -> list[re.Pattern]:
    """The ways to write a date in a text, the most exact first, with the names of months.csv in any language."""
    name = f"(?P<name>{'|'.join(name for name, number in dates.months(folder).items() if number)})"
    made = [pattern.replace("NAME", name).replace("YEAR", r"(?P<later>(?:19|20)\d\d)") for pattern in DATE]
    return [re.compile(one, re.IGNORECASE) for one in made]


def numbered(text: str, table: Table) -> list[Fact]:
    """Numbers, in digits or words, that the row of the case has: an age, how many people; more generally their band."""
    found = []
    for one in draft_numbers.of(text, table.lang):
        for column in table.numbers:
            values = table.cases[column]
            if not pd.isna(values.iloc[table.at]) and values.iloc[table.at] == one.value:
                same = (values == values.iloc[table.at]).fillna(False).to_numpy(bool)
                steps = [Step(f"{column}: {one.value}", one.text, same), *band(column, table)]
                found.append(Fact(one.start, one.end, [*steps, Step("taken out", TAKEN_OUT, table.everyone)]))
    return found


def band(column: str, table: Table) -> list[Step]:
    """The band of a number by coarsening.yml, where it has bands."""
    made = []
    for variable, begins in deidentify.rules(table.book)["numbers"].get(column, {}).items():
        at = np.searchsorted(list(begins.values()), table.cases[column].fillna(-1).astype(int), "right")
        said = table.book.label(variable, list(begins)[at[table.at] - 1], table.lang)
        made.append(Step(f"{table.book.name(variable)}: {said}", said, at == at[table.at]))
    return made


def coded(text: str, table: Table) -> list[Fact]:
    """Codes of the case that the text names: places, identities, occupations, what was done and by whom; more generally their group."""
    book, cases = table.book, table.cases
    variables = [variable for variable in book.variables.index if variable in cases and variable != quotes.CONSENT]
    has = {(variable, code): deidentify.having(cases, variable, [code], book) for variable in variables for code in book.of(variable)
           if code not in book.unknown(variable) and code not in SAYS_NOTHING}
    names = [(pattern, key) for key in has if has[key][table.at] for pattern in patterns(*key, table)]
    return [Fact(one.start, one.end, coded_steps(text[one.start:one.end], sorted(one.keys), has, table))
            for one in draft_subjects.mentions(text, names)]


def patterns(variable: str, code: str, table: Table) -> list[re.Pattern]:
    """The ways in which a text can name a code: its labels and spellings, terms.csv, and of a place each word that no other place has."""
    book, lang = table.book, table.lang
    ways = [way for way, its in book.spellings[variable].items() if its == code]
    if book.variables.about[variable] == "places":
        others = {word for way, its in book.spellings[variable].items() if its != code for word in disguise.words(way)}
        ways += [word for way in ways for word in disguise.words(way) if len(word) >= SHORTEST and word not in others]
    terms = [row["phrase"] for row in draft_words.rows("terms", lang) if (row["variable"], row["code"]) == (variable, code)]
    return [*(pattern for way in dict.fromkeys(ways) for pattern in draft_subjects.of_label(way, lang)),
            *(re.compile(draft_subjects.starred(term, lang), re.IGNORECASE) for term in terms)]


def coded_steps(said: str, keys: list[tuple[str, str]], has: dict, table: Table) -> list[Step]:
    """A code as it is said, its group, of a place the country, and nothing."""
    book, lang = table.book, table.lang
    label = lambda variable, code: f"{book.name(variable)}: {book.label(variable, code)}"  # noqa: E731
    steps = [Step("; ".join(label(*key) for key in keys), said, np.logical_and.reduce([has[key] for key in keys]))]
    variable, code = keys[0]
    if (group := book.group_of(variable).get(code, code)) != code:
        inside = [one for one, its in book.group_of(variable).items() if its == group and (variable, one) in has]
        steps.append(Step(label(variable + GROUP, group), book.label(variable + GROUP, group, lang),
                          np.logical_or.reduce([has[variable, one] for one in inside])))
    if book.variables.about[variable] == "places" and variable != "country" and table.country:
        steps.append(Step(label("country", table.country), book.label("country", table.country, lang), table.everyone))
    return [*steps, Step("taken out", TAKEN_OUT, table.everyone)]


# What is shown.


def facts(desk: Desk) -> pd.DataFrame:
    """Each fact: columns words, what, cases (how many of the sheet share it), singles_out (fewer than k do)."""
    rows = [(desk.whole[one.start:one.end], one.steps[0].what, int(one.steps[0].shared.sum())) for one in desk.facts]
    return told(rows, ["words", "what", "cases"], desk)


def together(desk: Desk) -> pd.DataFrame:
    """Each two facts that may stay, and all of these: columns words, cases, singles_out; the fewest cases first."""
    may_stay = [one for one in desk.facts if not one.names]
    sets = [*combinations(may_stay, 2), *([tuple(may_stay)] if len(may_stay) > 2 else [])]
    rows = [(" + ".join(desk.whole[one.start:one.end] for one in some), int(common([one.steps[0] for one in some]).sum())) for some in sets]
    return told(rows, ["words", "cases"], desk).sort_values("cases", kind="stable", ignore_index=True)


def told(rows: list[tuple], columns: list[str], desk: Desk) -> pd.DataFrame:
    """A table with the column singles_out."""
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(singles_out=np.where(table.cases < desk.k, "yes", "no"))


def common(steps: list[Step]) -> np.ndarray:
    """The cases that share all of these."""
    return np.logical_and.reduce([step.shared for step in steps])


def general(desk: Desk) -> list[Step]:
    """How each fact is said in the proposal: more generally, the rarest first, until k cases share all that is said; only when nothing
    can be said more generally is anything taken out, the rarest first. What names somebody goes in any event: no other case shares it."""
    at = [0] * len(desk.facts)
    while desk.facts and shared_by(desk, at) < desk.k:
        further = [(at[n] + 2 == len(one.steps), int(one.steps[at[n]].shared.sum()), n) for n, one in enumerate(desk.facts)
                   if at[n] + 1 < len(one.steps)]
        if not further:
            break
        at[min(further)[-1]] += 1
    return [one.steps[n] for one, n in zip(desk.facts, put_back(desk, at))]


def put_back(desk: Desk, at: list[int]) -> list[int]:
    """The steps without those that turned out not to be needed: the facts that most cases share come back first."""
    for n in sorted(range(len(at)), key=lambda n: -int(desk.facts[n].steps[0].shared.sum())):
        ways = [[*at[:n], step, *at[n + 1:]] for step in range(at[n])]
        at = next((way for way in ways if shared_by(desk, way) >= desk.k), at)
    return at


def shared_by(desk: Desk, at: list[int]) -> int:
    """How many cases share all that is said when each fact is at this step."""
    return int(common([one.steps[n] for one, n in zip(desk.facts, at)]).sum())


def proposal(desk: Desk) -> str:
    """The more general wording, as a difference in words: [-what goes-]{+what comes in its place+}. A person makes a sentence of it."""
    made, last = [], 0
    for one, step in zip(desk.facts, general(desk)):
        said = desk.whole[one.start:one.end]
        made += [desk.whole[last:one.start], said if step is one.steps[0] else f"[-{said}-]{{+{step.instead}+}}"]
        last = one.end
    return "".join([*made, desk.whole[last:]])


def left(desk: Desk) -> int:
    """How many cases of the sheet share all that the proposal says."""
    steps = general(desk)
    return int(common(steps).sum()) if steps else 0


def register_row(desk: Desk) -> str:
    """The line of the release register for the text as it stands now, in which two people fill in reason, names and day."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([release.QUOTE + desk.quote, release.fingerprint(desk.text, desk.said_by), "", "", "", ""])
    return line.getvalue()
