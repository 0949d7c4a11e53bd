"""An answer in the cells of an export -> the codes it stands for, or what is wrong with it."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import chain
from typing import NamedTuple

from analysis.codebook import Codebook, fold
from analysis.problems import Problem, nearest, problem, shape
from analysis.sheets.xlsform import Choice, Form, Question, text

MOST = 64  # ways of reading one cell after which no further ones are looked for
LONGEST = 200  # signs of a cell for which the nearest choices are looked for
GAP = re.compile(r" ?[,;|/] ?| ")  # what exports put between several choices in one cell
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.*)?", re.ASCII)
KNOWN_OF_DATE = {"year": 4, "month-year": 7}  # signs of 2024-03-01 that somebody answered; the form fills in the rest
DATES = {"date", "datetime", "today", "start", "end"}
CHOSEN, NOT_CHOSEN = {"1", "true"}, {"", "0", "false"}


class Guide(NamedTuple):
    """What the sheets of an export are read by: the form, every heading it may have -> the questions so headed by their path,
    path of a question -> the column of the codebook that it answers, the codebook, and the file for its problems."""

    form: Form
    ways: dict[str, dict[tuple, Question]]
    told: dict[tuple, str]
    book: Codebook
    file: str


class Column(NamedTuple):
    """A column of a typed sheet: its heading, the position it comes from, the question it answers and the column of the codebook
    (empty where it is not read); `whole`: whether `at` holds whole answers; `parts`: position -> the choice that it is for."""

    header: str
    at: int
    question: Question | None = None
    target: str = ""
    whole: bool = True
    parts: dict[int, Choice] = {}


class Heard(NamedTuple):
    """What an answer says: its typed value; else the rule that it breaks and at which position; choices without a code."""

    value: object
    rule: str = ""
    at: int = 0
    strange: tuple[str, ...] = ()


def speaker(column: Column, guide: Guide) -> Callable[[list], Heard]:
    """How the cells of a row say the answer of a column."""
    one = column.question
    if one is None or not column.target:
        return lambda row: Heard(cell_of(row, column.at))
    if one.listed:
        hear = chooser(column, guide)
        whole = (column.at,) if column.whole else ()
        return lambda row: hear(tuple(text(cell_of(row, at)) for at in (*whole, *column.parts)))
    if one.kind in DATES:
        return lambda row: Heard(as_answered(cell_of(row, column.at), one.appearance))
    return lambda row: Heard(cell_of(row, column.at))


def as_answered(cell, appearance: str):
    """The part of a date that somebody answered: without the time of day, and without the day or month that the form filled in."""
    known = next((signs for word, signs in KNOWN_OF_DATE.items() if word in appearance.split()), 10)
    return cell[:known] if isinstance(cell, str) and DAY.fullmatch(cell) else cell


def chooser(column: Column, guide: Guide) -> Callable[[tuple[str, ...]], Heard]:
    """How the texts of a question's cells say which choices were made: the whole answer first, where it has a column."""
    choices = guide.form.choices[column.question.listed]
    read = reader(column.question, choices)
    values = {name: value_of(one, column.target, guide.book) for name, one in choices.items()}

    @cache
    def hear(texts: tuple[str, ...]) -> Heard:
        whole, parts = (texts[0], texts[1:]) if column.whole else ("", texts)
        made = [flag(choice, said) for choice, said in zip(column.parts.values(), parts)]
        unknown = [said for said, yes in zip(parts, made) if yes is None and not_known(said, guide.book)]
        if odd := next((at for at, said, yes in zip(column.parts, parts, made) if yes is None and said not in unknown), None):
            return Heard("", "form_value_unknown", odd)
        chosen = frozenset(choice.name for choice, yes in zip(column.parts.values(), made) if yes)
        options = read(whole) if column.whole else {chosen}
        if not options and not not_known(whole, guide.book):
            return Heard("", "form_value_unknown", column.at)
        unknown += [whole] if not options else []
        own = {choice.name for choice in column.parts.values()}
        agreed = [option for option in options or {frozenset()} if option & own == chosen or not own]
        return settled(agreed, unknown, values, column.at)

    return hear


def settled(agreed: list[frozenset], unknown: list[str], values: dict[str, str], at: int) -> Heard:
    """The typed value of the ways to read an answer on which all of its columns agree."""
    heard = {Heard("; ".join(dict.fromkeys([*unknown, *(values[name] for name in values if name in one and values[name])])),
                   strange=tuple(name for name in values if name in one and not values[name])) for one in agreed}
    if len(heard) == 1:
        return heard.pop()
    return Heard("", "form_value_ambiguous" if heard else "form_disagrees", at)


def value_of(choice: Choice, column: str, book: Codebook) -> str:
    """The code of a choice, or nothing where it has none for certain; in a column without codes its first label."""
    if column not in book.variables.index:
        return next(iter(choice.labels.values()), choice.name)
    codes = codes_of(choice, column, book)
    return codes.pop() if len(codes) == 1 else ""


def codes_of(choice: Choice, column: str, book: Codebook) -> set[str]:
    """The codes that the name and the labels of a choice stand for: one, when all is well."""
    return {code for way in choice.ways if (code := book.code(column, way))}


def flag(choice: Choice, said: str) -> bool | None:
    """Whether the column of one choice says that it was made; None where it says something else."""
    if fold(said) in NOT_CHOSEN:
        return False
    return True if fold(said) in {*CHOSEN, *map(fold, choice.ways)} else None


def not_known(said: str, book: Codebook) -> bool:
    """Whether a text is a way of writing that something is not known: the reader sees to it."""
    return fold(said) in book.kinds or fold(said) in book.unclear


def reader(question: Question, choices: dict[str, Choice]) -> Callable[[str], set[frozenset[str]]]:
    """How a cell is read: as names of choices or as labels in one language; returns every set of choices that it may mean."""
    languages = {lang: None for choice in choices.values() for lang in choice.labels}
    tongues: list[dict[str, list[str]]] = [{} for _ in (None, *languages)]
    for name, choice in choices.items():
        for ways, said in zip(tongues, (name, *(choice.labels.get(lang, name) for lang in languages))):
            ways.setdefault(fold(said), []).append(name)
    if question.kind == "select_one":
        return lambda said: {frozenset()} if not said else {frozenset({name}) for ways in tongues for name in ways.get(fold(said), ())}
    return lambda said: set(chain.from_iterable(tilings(fold(said), ways) for ways in tongues))


def tilings(said: str, ways: dict[str, list[str]]) -> set[frozenset[str]]:
    """Every set of choices whose names or labels, one after the other, make up a text; labels may hold spaces and commas."""
    reached: dict[int, set[frozenset[str]]] = {0: {frozenset()}}
    for at in range(len(said)):
        for way in [way for way in ways if said.startswith(way, at)] if at in reached else ():
            end = at + len(way)
            gap = GAP.match(said, end)
            if end == len(said) or gap:
                further = {before | {name} for before in reached[at] for name in ways[way]}
                reached.setdefault(gap.end() if gap else end, set()).update(list(further)[:MOST])
    return reached.get(len(said), set())


def told_of(one: Heard, column: Column, cell: str, row: list, sheet: str, guide: Guide) -> Problem:
    """The problem of one answer; it says what the cell looks like, not what it holds."""
    choices = guide.form.choices.get(column.question.listed, {}) if column.question else {}
    labels = [next(iter(choice.labels.values()), choice.name) for choice in choices.values()]
    said = cell_of(row, one.at)
    near = nearest(text(said)[:LONGEST], labels) if labels else ""
    return problem(one.rule, guide.file, sheet, cell, column.target or column.header, shape=shape(said), nearest=near)


def choices_without_code(used: Counter, guide: Guide, form_file) -> list[Problem]:
    """One problem for each choice that was made and has no code, or whose name and labels have different ones."""
    wrong = []
    for (listed, name, column), count in used.items():
        choice = guide.form.choices[listed][name]
        codes, label = codes_of(choice, column, guide.book), next(iter(choice.labels.values()), name)
        rule = "form_choice_unclear" if codes else "form_choice_unknown"
        wrong.append(problem(rule, form_file, choice.sheet, choice.cell, column, value=label, count=count, codes=", ".join(sorted(codes)),
                             nearest=guide.book.nearest(column, label)))
    return wrong


def cell_of(row: list, at: int):
    """The cell of a row at a position; rows end with their last filled one."""
    return row[at] if at < len(row) else ""
