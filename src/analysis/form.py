"""An XLSForm and an export of its answers -> sheets as a monitor would have typed them."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from analysis.codebook import Codebook, fold
from analysis.files import Marks, Sheet
from analysis.problems import DataError, Problem, nearest, problem, shape

HEADER_WITHIN = 30  # rows from the top in which the header is looked for
MOST = 64  # ways of reading one cell after which no further ones are looked for
NEEDED = {"survey": ("type", "name"), "choices": ("list_name", "name")}
OTHER_NAMES = {"list name": "list_name", "value": "name", "tag": "name", "command": "type"}  # that XLSForm allows for its columns
LABEL = re.compile(r"(?:label|caption)(?: ?::? ?(.*))?")
SELECT = re.compile(r"(?:add )?(select[ _]one|select1|select[ _]multiple|select all that apply)(?: from| prompt using)? (\S+)"
                    r"( or_other| or other| or specify other)?", re.IGNORECASE)
BEGIN, END = re.compile(r"begin[ _]\S*(group|repeat|loop)"), re.compile(r"end[ _]")
SIGN = re.compile(r"\s*[/.:|-]\s*")  # what exports put between a group, a question and a choice
GAP = re.compile(r" ?[,;|/] ?| ")  # what exports put between several choices in one cell
DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:T.*)?", re.ASCII)
KNOWN_OF_DATE = {"year": 4, "month-year": 7}  # signs of 2024-03-01 that somebody answered; the form fills in the rest
DATES = {"date", "datetime", "today", "start", "end"}
CHOSEN, NOT_CHOSEN = {"1", "true"}, {"", "0", "false"}
# Not read unless a profile or a source record asks for it: set by the telephone, or saying who and where.
NOT_ASKED = {"start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber", "username", "email", "audit", "note",
             "start-geopoint", "geopoint", "geotrace", "geoshape", "image", "audio", "video", "file", "background-audio", "barcode",
             "hidden", "acknowledge"}
# Columns that KoboToolbox and ODK Central add beside those that begin with _ .
ADDED = {"submissiondate", "submitterid", "submittername", "attachmentspresent", "attachmentsexpected", "status", "reviewstate",
         "deviceid", "edits", "formversion", "key", "parent_key", "instanceid", "instancename", "meta/instanceid", "meta/instancename",
         "meta/rootuuid", "meta/audit", "formhub/uuid"}
CODES = ("_uuid", "_id", "key")  # the case code where the form asks for none
LINKS = {"parent_key": ("key",), "_parent_index": ("_index",),
         "_submission__uuid": ("_uuid", "_submission__uuid"), "_submission__id": ("_id", "_submission__id")}
TO_PARENT = ("parent_key", "_parent_index")
REVIEWED, REJECTED = ("_validation_status", "reviewstate"), {"not approved", "validation_status_not_approved", "rejected"}


class Choice(NamedTuple):
    """One choice of a list: its name, language -> label, and where the form has it."""

    name: str
    labels: dict[str, str]
    sheet: str
    cell: str


class Question(NamedTuple):
    """`kind`: select_one, select_multiple or what the form calls it; `listed`: the list of its choices; `path`: the names of its
    groups, then its own; `titles`: language -> the labels of the same; `repeat`: the path of the repeat it stands in."""

    name: str
    kind: str
    listed: str
    path: tuple[str, ...]
    titles: dict[str, tuple[str, ...]]
    labels: dict[str, str]
    repeat: tuple[str, ...]
    appearance: str
    cell: str


class Form(NamedTuple):
    """The questions in their order; list -> name -> choice; path of each repeat -> what it is called."""

    questions: list[Question]
    choices: dict[str, dict[str, Choice]]
    repeats: dict[tuple[str, ...], list[str]]


class Line(NamedTuple):
    """A row of the form: folded heading -> text, language -> label, and the cells of its texts."""

    texts: dict[str, str]
    labels: dict[str, str]
    cells: dict[str, str]


class Column(NamedTuple):
    """A column of a typed sheet: its heading, the position it comes from, its question if it is read, and the positions of the
    choices that have a column of their own; `whole` says whether `at` holds the whole answer."""

    header: str
    at: int
    question: Question | None = None
    target: str = ""
    whole: bool = True
    parts: dict[int, Choice] = {}


class Layout(NamedTuple):
    """Where the header of a sheet is, which repeat it holds, its columns, and folded heading -> position of the tool's own ones."""

    head: int
    repeat: tuple[str, ...]
    columns: list[Column]
    tool: dict[str, int]


class Heard(NamedTuple):
    """What an answer says: its typed value; the rule that it breaks and at which position; choices that the codebook does not know."""

    value: str
    rule: str = ""
    at: int = 0
    strange: tuple[str, ...] = ()


# The form


def read_form(sheets: dict[str, Sheet], file) -> Form:
    """The questions and choices of an XLSForm; raises DataError when it lacks a sheet or column, or has one name twice."""
    tabs = {fold(name): sheet for name, sheet in sheets.items()}
    lines = {name: lines_of(tabs[name]) if name in tabs else [] for name in NEEDED}
    missing = [f"the column {column} of the sheet {name}" if name in tabs else f"the sheet {name}" for name, columns in NEEDED.items()
               for column in columns if not any(column in line.texts for line in lines[name])]
    if missing:
        raise DataError([problem("form_incomplete", file, missing=", ".join(dict.fromkeys(missing)))])
    choices, wrong = choices_of(lines["choices"], tabs, file)
    form = questions_of(lines["survey"], choices)
    seen: dict[tuple, str] = {}
    for one in form.questions:
        if (other := seen.setdefault(one.path, one.cell)) != one.cell:
            wrong.append(problem("form_duplicate_name", file, "survey", one.cell, name=one.name, other=other))
    if wrong:
        raise DataError(wrong)
    return form


def lines_of(sheet: Sheet) -> list[Line]:
    """The rows of a sheet of the form below its header, which is the first row."""
    heads = [fold(text(cell)) for cell in sheet.rows[0]] if sheet.rows else []
    found = []
    for number, row in zip(sheet.numbers[1:], sheet.rows[1:]):
        filled = [(head, text(cell), at) for at, (head, cell) in enumerate(zip(heads, row)) if text(cell)]
        texts = {OTHER_NAMES.get(head, head): said for head, said, _ in filled}
        labels = {label[1] or "": said for head, said, _ in filled if (label := LABEL.fullmatch(head))}
        found.append(Line(texts, labels, {OTHER_NAMES.get(head, head): f"{letter(at)}{number}" for head, _, at in filled}))
    return found


def choices_of(lines: list[Line], tabs: dict[str, Sheet], file) -> tuple[dict[str, dict[str, Choice]], list[Problem]]:
    """List -> name -> choice; and the names that one list has twice, where the form does not allow it."""
    settings = lines_of(tabs["settings"]) if "settings" in tabs else []
    allowed = any(fold(line.texts.get("allow_choice_duplicates", "")) == "yes" for line in settings)
    lists: dict[str, dict[str, Choice]] = {}
    wrong = []
    for line in lines:
        if "list_name" not in line.texts or "name" not in line.texts:
            continue
        one = Choice(line.texts["name"], line.labels, "choices", line.cells["name"])
        first = lists.setdefault(line.texts["list_name"], {}).setdefault(one.name, one)
        if first is not one and not allowed:
            wrong.append(problem("form_duplicate_name", file, "choices", one.cell, name=one.name, other=first.cell))
    return lists, wrong


def questions_of(lines: list[Line], choices: dict[str, dict[str, Choice]]) -> Form:
    """The form with its groups followed from their beginning to their end; `or_other` adds a choice and a question for the text."""
    form, groups = Form([], choices, {}), []
    for line in lines:
        kind = " ".join(line.texts.get("type", "").split())
        if begin := BEGIN.match(fold(kind)):
            groups.append((line, begin[1] == "repeat" or "lgroup" in fold(kind)))
            if groups[-1][1]:
                form.repeats[tuple(group.texts.get("name", "") for group, _ in groups)] = [line.texts.get("name", ""), *line.labels.values()]
        elif END.match(fold(kind)):
            del groups[-1:]
        elif kind and "name" in line.texts:
            form.questions.extend(asked(line, kind, groups, choices))
    return form


def asked(line: Line, kind: str, groups: list[tuple[Line, bool]], choices: dict[str, dict[str, Choice]]) -> list[Question]:
    """The question of one row of the form, and the further one that `or_other` adds to it."""
    select = SELECT.fullmatch(kind)
    listed = select[2] if select and select[2] in choices else ""
    what = ("select_multiple" if re.search("multiple|all", select[1], re.IGNORECASE) else "select_one") if listed else fold(kind)
    depth = max((at for at, (_, repeats) in enumerate(groups, 1) if repeats), default=0)
    around = [group for group, _ in groups]
    names = tuple(group.texts.get("name", "") for group in around)
    first = question(line.texts["name"], what, listed, around, line.labels, line.texts.get("appearance", ""), line.cells["name"], names, depth)
    if not (listed and select[3]):
        return [first]
    languages = {lang: "Other" for choice in choices[listed].values() for lang in choice.labels}
    choices[listed].setdefault("other", Choice("other", languages, "survey", line.cells["type"]))
    labels = dict.fromkeys(line.labels, "Specify other.")
    return [first, question(f"{first.name}_other", "text", "", around, labels, "", line.cells["type"], names, depth)]


def question(name, kind, listed, around, labels, appearance, cell, names, depth) -> Question:
    """A question with the ways in which an export may head its column."""
    titles = {lang: (*(group.labels.get(lang) or group.texts.get("name", "") for group in around), label) for lang, label in labels.items()}
    return Question(name, kind, listed, (*names, name), titles, labels, names[:depth], fold(appearance), cell)


# From questions to columns and from choices to codes


def targets(form: Form, book: Codebook, form_file, file, questions: dict[str, str]) -> tuple[dict[tuple, str], list[Problem]]:
    """Path of a question -> the column of the codebook that it answers: as told in `questions`, else by its name and labels."""
    told, wrong = {}, []
    for column, name in questions.items():
        found = [one for one in form.questions if heading(name) in ["/".join(map(heading, one.path[at:])) for at in range(len(one.path))]]
        told |= {one.path: column for one in found}
        if len(found) != 1:
            near = nearest(name, [one.name for one in form.questions])
            wrong.append(problem("form_question_missing", file, column=column, name=name, nearest=near, count=len(found)))
    columns = {fold(column): column for column in (*book.headers.values(), *book.variables.index)} | book.headers
    for one in form.questions:
        means = {columns[way] for way in map(fold, (one.name, *one.labels.values())) if way in columns} - set(questions)
        if len(means) > 1 and one.path not in told:
            wrong.append(problem("form_question_unclear", form_file, "survey", one.cell, name=one.name, columns=", ".join(sorted(means))))
        elif means and one.kind not in NOT_ASKED:
            told.setdefault(one.path, means.pop())
    return told, wrong


def codes_of(choice: Choice, column: str, book: Codebook) -> set[str]:
    """The codes that the name and the labels of a choice stand for; one of them, when all is well."""
    return {code for way in (choice.name, *choice.labels.values()) if (code := book.code(column, way))}


# From headings to questions


def heading(words: str) -> str:
    """A heading as headings are compared: whatever sign an export puts between group, question and choice."""
    return SIGN.sub("/", fold(words))


def headings(form: Form) -> dict[str, dict[tuple, Question]]:
    """Every way to head a question: its name or a label, after none, some or all of its groups -> the questions so headed."""
    found: dict[str, dict[tuple, Question]] = {}
    for one in form.questions:
        for path in (one.path, *one.titles.values()):
            for at in range(len(path)):
                found.setdefault("/".join(map(heading, path[at:])), {})[one.path] = one
    return found


def meant(head: str, ways: dict[str, dict[tuple, Question]], form: Form) -> list[tuple[Question, Choice | None]]:
    """The questions that a heading may stand for, or the questions with one choice of theirs."""
    key = heading(head)
    found: list[tuple[Question, Choice | None]] = [(one, None) for one in ways.get(key, {}).values()]
    for cut in (at for at, sign in enumerate(key) if sign == "/"):
        for one in ways.get(key[:cut], {}).values():
            found += [(one, choice) for choice in form.choices.get(one.listed, {}).values() if one.kind == "select_multiple"
                      and key[cut + 1:] in map(heading, (choice.name, *choice.labels.values()))]
    return found


def of_tool(head: str) -> bool:
    """Whether a column is one that the collecting tool adds, or one part of a place on the map."""
    key = heading(head)
    return key.startswith("_") or "/_" in key or key in ADDED or key.startswith("set/of/")


def header_row(sheet: Sheet, ways: dict, form: Form) -> int | None:
    """The first of the top rows that has most headings of the form; None where no row has one."""
    counts = [sum(bool(meant(cell, ways, form)) for cell in row if isinstance(cell, str)) for row in sheet.rows[:HEADER_WITHIN]]
    return counts.index(max(counts)) if any(counts) else None


def repeat_of(sheet: Sheet, heads: list[str], ways: dict, form: Form) -> list[tuple[str, ...]]:
    """The repeats whose rows a sheet may hold; the empty path where it holds whole submissions."""
    if not set(map(heading, heads)) & {*LINKS}:
        return [()]
    fits = Counter(one.repeat for head in heads for one in {q.path: q for q, _ in meant(head, ways, form)}.values())
    score = {path: (any(called(sheet.name, name) for name in form.repeats[path]), fits[path]) for path in form.repeats if fits[path]}
    return [path for path in score if score[path] == max(score.values())]


def called(sheet: str, name: str) -> bool:
    """Whether a sheet is called as a repeat is: by its name or label, cut off where Excel does, or after the form's name."""
    return fold(sheet) == fold(name[:31]) or heading(sheet).endswith(f"/{heading(name)}")


def laid_out(sheet: Sheet, form: Form, ways: dict, told: dict[tuple, str], file) -> tuple[Layout | None, list[Problem]]:
    """The columns of a sheet; None where no row of it has the headings of the form."""
    head = header_row(sheet, ways, form)
    if head is None:
        return None, []
    heads = [text(cell) for cell in sheet.rows[head]]
    repeats = repeat_of(sheet, heads, ways, form)
    if len(repeats) != 1:
        names = ", ".join("/".join(path) for path in repeats)
        return None, [problem("form_sheet_unclear", file, sheet.name, f"A{sheet.numbers[head]}", names=names)] if repeats else []
    columns: dict = {}
    wrong, unread = [], []
    for at, words in enumerate(heads):
        found = [(one, choice) for one, choice in meant(words, ways, form) if one.repeat == repeats[0]] if words else []
        if len(found) > 1 and any(one.path in told for one, _ in found):
            names = ", ".join(dict.fromkeys("/".join(one.path) for one, _ in found))
            wrong.append(problem("form_header_ambiguous", file, sheet.name, f"{letter(at)}{sheet.numbers[head]}", names=names))
        elif not found and of_tool(words) or len(found) == 1 and found[0][0].kind in NOT_ASKED and found[0][0].path not in told:
            unread.append(at)
        else:
            place(columns, at, words, found, told)
    if unread:
        wrong.append(problem("form_columns_unread", file, sheet.name, f"{letter(unread[0])}{sheet.numbers[head]}",
                             columns=", ".join(heads[at] for at in unread)))
    tool = {heading(heads[at]): at for at in reversed(unread)}
    return Layout(head, repeats[0], with_code(list(columns.values()), repeats[0], tool), tool), wrong


def place(columns: dict, at: int, words: str, found: list[tuple[Question, Choice | None]], told: dict[tuple, str]) -> None:
    """Add one column of the export to those of the typed sheet: the columns of one question become one."""
    if len(found) != 1:
        columns[at] = Column(words, at)
        return
    one, choice = found[0]
    target = told.get(one.path, "")
    mine = columns.get(one.path)
    if mine and (choice is None) == mine.whole and not (choice and not mine.whole):
        columns[at] = Column(target or one.name, at, one, target)  # the same question once more, which the reader refuses
        return
    name = target or (f"question {one.name}" if one.name in told.values() else one.name)
    if mine is None:
        columns[one.path] = Column(name, at, one, target, choice is None, {at: choice} if choice else {})
    elif choice:
        columns[one.path] = mine._replace(parts=mine.parts | {at: choice})
    else:
        columns[one.path] = mine._replace(at=at, whole=True)


def with_code(columns: list[Column], repeat: tuple, tool: dict[str, int]) -> list[Column]:
    """The columns with one for the case code, where no question asks for it; rows of a repeat take the code of their submission."""
    if repeat:
        return [Column("case_id", next(tool[link] for link in LINKS if link in tool)), *columns]
    sources = [tool[code] for code in CODES if code in tool]
    return columns if not sources or any(one.target == "case_id" for one in columns) else [Column("case_id", sources[0]), *columns]
