"""An XLSForm -> its questions, their choices, and its repeats."""

import re
from typing import NamedTuple

from analysis.codebook import fold
from analysis.formats.files import Sheet, letter
from analysis.problems import DataError, Problem, problem

NEEDED = {"survey": ("type", "name"), "choices": ("list_name", "name")}
OTHER_NAMES = {"list name": "list_name", "value": "name", "tag": "name", "command": "type"}  # that XLSForm allows for its columns
LABEL = re.compile(r"(?:label|caption)(?: ?::? ?(.*))?")
SELECT = re.compile(r"(?:add )?(select[ _]one|select1|select[ _]multiple|select all that apply)(?: from| prompt using)? (\S+)"
                    r"( or_other| or other| or specify other)?", re.IGNORECASE)
BEGIN, END = re.compile(r"begin[ _](looped group|\w+)"), re.compile(r"end[ _]")
REPEATS = {"repeat", "lgroup", "looped group"}


class Choice(NamedTuple):
    """One choice of a list: its name, language -> label, and where the form has it."""

    name: str
    labels: dict[str, str]
    sheet: str
    cell: str

    @property
    def ways(self) -> list[str]:
        """What an export may call it: its name and its labels."""
        return [self.name, *self.labels.values()]


class Question(NamedTuple):
    """`kind`: select_one, select_multiple or what the form calls it; `listed`: the list of its choices; `path`: the names of its
    groups, then its own; `titles`: language -> the labels of the same; `repeat`: the path of the repeat it stands in."""

    name: str
    kind: str
    listed: str
    path: tuple[str, ...]
    titles: dict[str, tuple[str, ...]]
    repeat: tuple[str, ...]
    appearance: str
    cell: str

    @property
    def ways(self) -> list[str]:
        """What an export may call it: its name and its labels."""
        return [self.name, *(title[-1] for title in self.titles.values())]


class Form(NamedTuple):
    """The questions in their order; list -> name -> choice; path of each repeat -> what it is called."""

    questions: list[Question]
    choices: dict[str, dict[str, Choice]]
    repeats: dict[tuple[str, ...], list[str]]


class Line(NamedTuple):
    """A row of the form: folded heading -> text, language -> label, and folded heading -> cell."""

    texts: dict[str, str]
    labels: dict[str, str]
    cells: dict[str, str]


def read(sheets: dict[str, Sheet], file) -> Form:
    """The questions and choices of an XLSForm; raises DataError when it lacks a sheet or column, or has one name twice."""
    tabs = {fold(name): sheet for name, sheet in sheets.items()}
    lines = {name: lines_of(tabs[name]) if name in tabs else [] for name in NEEDED}
    missing = [f"{name}: {column}" for name, columns in NEEDED.items() for column in columns
               if not any(column in line.texts for line in lines[name])]
    if missing:
        raise DataError([problem("form_incomplete", file, missing=", ".join(missing))])
    choices, wrong = choices_of(lines["choices"], lines_of(tabs["settings"]) if "settings" in tabs else [], file)
    form = questions_of(lines["survey"], choices)
    first = {one.path: one.cell for one in reversed(form.questions)}
    wrong += [problem("form_duplicate_name", file, "survey", one.cell, name=one.name, other=first[one.path])
              for one in form.questions if one.cell != first[one.path]]
    if wrong:
        raise DataError(wrong)
    return form


def lines_of(sheet: Sheet) -> list[Line]:
    """The rows of a sheet of the form below its header, which is the first row."""
    heads = [fold(cell) for cell in sheet.rows[0]] if sheet.rows else []
    heads = [OTHER_NAMES.get(head, head) for head in heads]
    found = []
    for number, row in zip(sheet.numbers[1:], sheet.rows[1:]):
        filled = [(head, text(cell), at) for at, (head, cell) in enumerate(zip(heads, row)) if text(cell)]
        labels = {label[1] or "": said for head, said, _ in filled if (label := LABEL.fullmatch(head))}
        cells = {head: f"{letter(at)}{number}" for head, _, at in filled}
        found.append(Line({head: said for head, said, _ in filled}, labels, cells))
    return found


def choices_of(lines: list[Line], settings: list[Line], file) -> tuple[dict[str, dict[str, Choice]], list[Problem]]:
    """List -> name -> choice; and the names that one list has twice, where the form does not allow it."""
    allowed = any(fold(line.texts.get("allow_choice_duplicates", "")) == "yes" for line in settings)
    lists: dict[str, dict[str, Choice]] = {}
    wrong = []
    for line in lines:
        if {"list_name", "name"} <= {*line.texts}:
            one = Choice(line.texts["name"], line.labels, "choices", line.cells["name"])
            first = lists.setdefault(line.texts["list_name"], {}).setdefault(one.name, one)
            if first is not one and not allowed:
                wrong.append(problem("form_duplicate_name", file, "choices", one.cell, name=one.name, other=first.cell))
    return lists, wrong


def questions_of(lines: list[Line], choices: dict[str, dict[str, Choice]]) -> Form:
    """The form, its groups followed from their beginning to their end; `or_other` adds a choice to `choices`."""
    form, groups, repeat = Form([], choices, {}), [], [()]
    for line in lines:
        kind = " ".join(line.texts.get("type", "").split())
        if begin := BEGIN.match(fold(kind)):
            groups.append(line)
            path = tuple(group.texts.get("name", "") for group in groups)
            repeat.append(path if begin[1] in REPEATS else repeat[-1])
            form.repeats.update({path: [path[-1], *line.labels.values()]} if begin[1] in REPEATS else {})
        elif END.match(fold(kind)):
            groups, repeat = groups[:-1], repeat[:-1] or [()]
        elif kind and "name" in line.texts:
            form.questions.extend(asked(line, kind, groups, repeat[-1], choices))
    return form


def asked(line: Line, kind: str, groups: list[Line], repeat: tuple, choices: dict[str, dict[str, Choice]]) -> list[Question]:
    """The question of one row of the form, and the further one for a text that `or_other` adds to it."""
    select = SELECT.fullmatch(kind)
    listed = select[2] if select and select[2] in choices else ""
    what = ("select_multiple" if re.search("multiple|all", select[1], re.IGNORECASE) else "select_one") if listed else fold(kind)
    around = tuple(group.texts.get("name", "") for group in groups)
    titles = {lang: (*(group.labels.get(lang, name) for group, name in zip(groups, around)), label) for lang, label in line.labels.items()}
    name, appearance = line.texts["name"], fold(line.texts.get("appearance", ""))
    one = Question(name, what, listed, (*around, name), titles, repeat, appearance, line.cells["name"])
    if not (listed and select[3]):
        return [one]
    labels = {lang: "Other" for choice in choices[listed].values() for lang in choice.labels}
    choices[listed].setdefault("other", Choice("other", labels, "survey", line.cells["type"]))
    titles = {lang: (*title[:-1], "Specify other.") for lang, title in titles.items()}
    return [one, Question(f"{name}_other", "text", "", (*around, f"{name}_other"), titles, repeat, "", line.cells["type"])]


def text(cell) -> str:
    """A cell as the text that a person sees: 2.0 is 2."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
