"""An XLSForm and an export of its answers -> sheets as a monitor would have typed them."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from analysis.codebook import Codebook, fold
from analysis.formats.files import DIGITS, LETTERS, Marks, Sheet, letter
from analysis.problems import Problem, nearest, problem
from analysis.sheets.answers import Column, Guide, Heard, cell_of, choices_without_code, speaker, told_of
from analysis.sheets.xlsform import Choice, Form, Question, text

HEADER_WITHIN = 30  # rows from the top in which the header is looked for
MOST_OF_HEADER = 2**20  # bytes
SIGN = re.compile(r"\s*[/.:|-]\s*")  # what exports put between a group, a question and a choice
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
TYING = {*CODES, *LINKS, *chain.from_iterable(LINKS.values())}
REVIEWED, REJECTED = ("_validation_status", "reviewstate"), {"not approved", "validation_status_not_approved", "rejected"}


class Layout(NamedTuple):
    """Where the header of a sheet is, the repeat whose rows it holds, its columns, and the tool's own headings -> position."""

    head: int
    repeat: tuple[str, ...]
    columns: list[Column]
    tool: dict[str, int]


def typed(sheets: dict[str, Sheet], form: Form, book: Codebook, file, form_file,
          questions: dict[str, str]) -> tuple[dict[str, Sheet], list[Problem]]:
    """The sheets of an export as typed ones: a header with the columns of the codebook, codes joined by "; ", and the letters of
    the columns that they come from; with everything in them that the form does not explain.

    `questions` names the question of a column where its name and labels do not tell. Rows keep their numbers and none is left
    out. Sheets without questions of the form stay as they are. An answer that was skipped is empty: nobody can tell why.
    """
    told, wrong = targets(form, book, form_file, file, questions)
    guide = Guide(form, headings(form), told, book, file)
    laid: dict[str, Layout] = {}
    for name, sheet in sheets.items():
        layout, found = laid_out(sheet, guide)
        laid |= {name: layout} if layout else {}
        wrong += found
    made, used = dict(sheets), Counter()
    for name in sorted(laid, key=lambda name: len(laid[name].repeat)):
        made[name], found = filled(sheets[name], laid[name], guide, to_case(name, laid, sheets, made, form), used)
        wrong += found
    return made, wrong + without_rows(laid, guide) + choices_without_code(used, guide, form_file)


def without_rows(laid: dict[str, Layout], guide: Guide) -> list[Problem]:
    """A note of the repeats of which the export has no sheet, although they ask what the codebook counts."""
    asked = {one.repeat for one in guide.form.questions if one.path in guide.told}
    lost = ["/".join(path) for path in guide.form.repeats if path in asked - {one.repeat for one in laid.values()}]
    return [problem("form_repeat_missing", guide.file, names=", ".join(lost))] if laid and lost else []


def targets(form: Form, book: Codebook, form_file, file, questions: dict[str, str]) -> tuple[dict[tuple, str], list[Problem]]:
    """Path of a question -> the column of the codebook that it answers: as told in `questions`, else by its name and labels."""
    told, wrong = {}, []
    for column, name in questions.items():
        found = [one for one in form.questions if f"/{'/'.join(one.path)}".endswith(f"/{name}")]
        told |= {one.path: column for one in found}
        if len(found) != 1:
            near = nearest(name, ["/".join(one.path) for one in form.questions])
            wrong.append(problem("form_question_missing", file, column=column, name=name, nearest=near, count=len(found)))
    columns = book.headers
    for one in form.questions:
        means = {columns[way] for way in map(fold, one.ways) if way in columns} - set(questions)
        if one.path in told or one.kind in NOT_ASKED:
            continue
        if len(means) > 1:
            wrong.append(problem("form_question_unclear", form_file, "survey", one.cell, name=one.name, columns=", ".join(sorted(means))))
        elif means:
            told[one.path] = means.pop()
    return told, wrong


def heading(words: str) -> str:
    """A heading as headings are compared: whatever sign an export puts between group, question and choice."""
    return SIGN.sub("/", fold(words))


def headings(form: Form) -> dict[str, dict[tuple, Question]]:
    """Every way to head a question: its name or a label, after none, some or all of its groups."""
    found: dict[str, dict[tuple, Question]] = {}
    for one in form.questions:
        for path in (one.path, *one.titles.values()):
            for at in range(len(path)):
                found.setdefault("/".join(map(heading, path[at:])), {})[one.path] = one
    return found


def meant(words, guide: Guide) -> list[tuple[Question, Choice | None]]:
    """The questions that a heading may stand for, or the questions with one choice of theirs."""
    if not isinstance(words, str) or not words.strip():
        return []
    key = heading(words)
    found: list[tuple[Question, Choice | None]] = [(one, None) for one in guide.ways.get(key, {}).values()]
    for cut in (at for at, sign in enumerate(key) if sign == "/"):
        for one in guide.ways.get(key[:cut], {}).values():
            found += [(one, choice) for choice in guide.form.choices.get(one.listed, {}).values()
                      if key[cut + 1:] in map(heading, choice.ways)]
    return found


def of_tool(words) -> bool:
    """Whether a heading is one that the collecting tool adds, or that of one part of a place on the map."""
    key = heading(words) if isinstance(words, str) else ""
    return key.startswith(("_", "set/of/")) or "/_" in key or key in ADDED


def laid_out(sheet: Sheet, guide: Guide) -> tuple[Layout | None, list[Problem]]:
    """The columns of a sheet; None where it is no sheet of this form's answers: it names no case, or half of its headings are strange."""
    counts = [sum(bool(meant(cell, guide)) for cell in row) for row in sheet.rows[:HEADER_WITHIN]]
    head = counts.index(max(counts)) if any(counts) else 0
    words = [text(cell) for cell in sheet.rows[head]] if any(counts) else []
    known = [cell for cell in words if meant(cell, guide) or of_tool(cell)]
    if 2 * len(known) < len([cell for cell in words if cell]) or not any(names_case(cell, guide) for cell in words):
        return None, []
    repeats = repeats_of(sheet, words, guide)
    if len(repeats) > 1:
        names = ", ".join("/".join(path) for path in repeats)
        return None, [problem("form_sheet_unclear", guide.file, sheet.name, f"A{sheet.numbers[head]}", names=names)]
    return columns_of(sheet, head, words, repeats[0], guide) if repeats else (None, [])


def names_case(words: str, guide: Guide) -> bool:
    """Whether a column says which submission a row is, or belongs to."""
    asked = [guide.told.get(one.path) for one, choice in meant(words, guide) if choice is None]
    return heading(words) in {*CODES, *LINKS} or "case_id" in (*asked, guide.book.headers.get(fold(words)))


def repeats_of(sheet: Sheet, words: list[str], guide: Guide) -> list[tuple[str, ...]]:
    """The repeats whose rows a sheet may hold: those called as it is, of these those with most of its headings; () for submissions."""
    if not {*LINKS} & {heading(cell) for cell in words}:
        return [()]
    fits = Counter(repeat for cell in words for repeat in {one.repeat for one, _ in meant(cell, guide)})
    score = {path: (any(called(sheet.name, name) for name in names), fits[path])
             for path, names in guide.form.repeats.items() if fits[path]}
    return [path for path in score if score[path] == max(score.values())]


def called(sheet: str, name: str) -> bool:
    """Whether a sheet is called as a repeat is: by its name or label, cut off where Excel does, or after the form's name."""
    return fold(sheet) == fold(name[:31]) or heading(sheet).endswith(f"/{heading(name)}")


def names_parent(file: Path) -> bool:
    """Whether a CSV file says of each of its rows to which row of another one it belongs."""
    with open(file, "rb") as stream:
        return b"PARENT_KEY" in stream.readline(MOST_OF_HEADER).upper()


def columns_of(sheet: Sheet, head: int, words: list[str], repeat: tuple[str, ...], guide: Guide) -> tuple[Layout, list[Problem]]:
    """The layout of a sheet, with headings that several questions have and the tool's own columns, which are not read."""
    columns, unread, wrong = {}, [], []
    known = guide.book.headers
    cell = lambda at: f"{letter(at)}{sheet.numbers[head]}"  # noqa: E731
    for at, said in enumerate(words):
        found = [(one, choice) for one, choice in meant(said, guide) if one.repeat == repeat]
        if len(found) > 1 and any(one.path in guide.told for one, _ in found):
            names = ", ".join(dict.fromkeys("/".join(one.path) for one, _ in found))
            wrong.append(problem("form_header_ambiguous", guide.file, sheet.name, cell(at), names=names))
        elif of_tool(said) and not found or len(found) == 1 and found[0][0].kind in NOT_ASKED and found[0][0].path not in guide.told:
            unread.append(at)
        else:
            place(columns, at, said, found, guide.told, known)
    if spare := [at for at in unread if heading(words[at]) not in TYING]:
        names = ", ".join(words[at] for at in spare)
        wrong.append(problem("form_columns_unread", guide.file, sheet.name, cell(spare[0]), columns=names))
    tool = {heading(words[at]): at for at in reversed(unread)}
    return Layout(head, repeat, with_code(list(columns.values()), repeat, tool, known), tool), wrong


def place(columns: dict, at: int, words: str, found: list, told: dict[tuple, str], known: dict[str, str]) -> None:
    """Add one column of the export to those of the typed sheet, where the columns of one question are one."""
    one, choice = found[0] if len(found) == 1 else (None, None)
    mine = columns.get(one and one.path)
    if one is None or mine and mine.whole and choice is None:
        columns[at] = mine._replace(at=at, parts={}) if mine else Column(words, at)  # a question that stands twice: the reader says so
    elif mine is None:
        # A question that is not read must not be taken for the column that it is called like.
        name = f"question {one.name}" if fold(one.name) in known else one.name
        target = told.get(one.path, "")
        columns[one.path] = Column(target or name, at, one, target, choice is None, {at: choice} if choice else {})
    else:
        columns[one.path] = mine._replace(parts=mine.parts | {at: choice}) if choice else mine._replace(at=at, whole=True)


def with_code(columns: list[Column], repeat: tuple, tool: dict[str, int], known: dict[str, str]) -> list[Column]:
    """The columns with one for the case code; where a question asks for it, only rows of a repeat need one."""
    if repeat:
        return [Column("case_id", next(tool[link] for link in LINKS if link in tool)), *columns]
    if any(known.get(fold(one.header)) == "case_id" for one in columns):
        return columns
    return [Column("case_id", next(tool[code] for code in CODES if code in tool)), *columns]


def filled(sheet: Sheet, layout: Layout, guide: Guide, to_case: Callable | None, used: Counter) -> tuple[Sheet, list[Problem]]:
    """A sheet with its answers as values of the codebook; `used` counts the choices that have no code."""
    says = [to_case if to_case and one.header == "case_id" else speaker(one, guide) for one in layout.columns]
    rows, wrong = [], broken(sheet, layout, guide.file) + rejected(sheet, layout, guide.file)
    for at, (number, row) in enumerate(zip(sheet.numbers, sheet.rows)):
        row_kept = [one.header for one in layout.columns] if at == layout.head else kept(row, at, layout, guide)
        if row_kept is not None:
            rows.append(row_kept)
            continue
        heard = [say(row) for say in says]
        rows.append(trimmed([one.value for one in heard]))
        for one, column in zip(heard, layout.columns):
            used.update((column.question.listed, name, column.target) for name in one.strange)
            wrong += [told_of(one, column, f"{letter(one.at)}{number}", row, sheet.name, guide)] if one.rule else []
    letters = [letter(one.at) for one in layout.columns]
    return sheet._replace(rows=rows, letters=letters, marks=moved(sheet.marks, layout)), wrong


def kept(row: list, at: int, layout: Layout, guide: Guide) -> list | None:
    """A row that is no submission, for the reader to set aside: one above the header, HXL tags, totals, headings once more; else None."""
    said = [cell for cell in row if cell != ""]
    first = [next((text(cell_of(row, at)) for at in (one.at, *one.parts) if cell_of(row, at) != ""), "") for one in layout.columns]
    if at < layout.head or all(isinstance(cell, str) and cell.startswith("#") for cell in said):
        return trimmed(first)
    if guide.book.totals.match(next((cell for cell in first if cell), "")):
        return trimmed([cell_of(row, one.at) for one in layout.columns])
    whole = [(one.question, cell_of(row, one.at)) for one in layout.columns if one.question and one.whole and cell_of(row, one.at) != ""]
    if whole and all(isinstance(cell, str) and one.path in guide.ways.get(heading(cell), {}) for one, cell in whole):
        return [one.header for one in layout.columns]
    return None


def to_case(name: str, laid: dict[str, Layout], sheets: dict[str, Sheet], made: dict[str, Sheet], form: Form) -> Callable | None:
    """How a row of a repeat finds the code of its case: as that of the row that it names; None for whole submissions."""
    layout = laid[name]
    if not layout.repeat:
        return None
    above = next((path for depth in range(len(layout.repeat) - 1, -1, -1) if (path := layout.repeat[:depth]) in
                  [one.repeat for one in laid.values()]), ())
    direct = not any(above < path == layout.repeat[:len(path)] != layout.repeat for path in form.repeats)
    tables = [parents(layout, laid[other], sheets[other], made[other], direct) for other in laid if laid[other].repeat == above]
    link = layout.columns[0].at

    def say(row: list) -> Heard:
        codes = {code for places, known in tables for code in known.get(tuple(text(cell_of(row, at)) for at in places), ())}
        return Heard(*codes) if len(codes) == 1 else Heard("", "form_parent_unclear" if codes else "orphan_row", link)

    return say


def parents(layout: Layout, parent: Layout, sheet: Sheet, made: Sheet, direct: bool) -> tuple[list[int], dict[tuple, set]]:
    """The positions by which the rows of a repeat name a row of a sheet, and what they hold there -> the case codes of such rows.

    All links that both sheets have must fit; across a repeat that is not in the export, only those to the whole submission can.
    """
    pairs = [(layout.tool[link], parent.tool[end]) for link, ends in LINKS.items() if direct or link not in TO_PARENT
             for end in ends if link in layout.tool and end in parent.tool]
    at = [one.header for one in parent.columns].index("case_id")
    known: dict[tuple, set] = {}
    for row, line in zip(sheet.rows, made.rows):
        key = tuple(text(cell_of(row, end)) for _, end in pairs)
        if key and all(key):
            known.setdefault(key, set()).add(text(cell_of(line, at)))
    return [link for link, _ in pairs], known


def rejected(sheet: Sheet, layout: Layout, file) -> list[Problem]:
    """A note of the submissions that somebody has marked as not approved; they count like the others."""
    columns = [layout.tool[name] for name in REVIEWED if name in layout.tool]
    cells = [f"{letter(at)}{number}" for number, row in zip(sheet.numbers, sheet.rows) for at in columns
             if fold(cell_of(row, at)) in REJECTED]
    return [problem("form_not_approved", file, sheet.name, cells[0], count=len(cells), cells=", ".join(cells[:10]))] if cells else []


def broken(sheet: Sheet, layout: Layout, file) -> list[Problem]:
    """Error cells and formulas without a value in the columns of single choices, which the reader does not see any more."""
    columns = {letter(at): one.target for one in layout.columns if one.target for at in one.parts if at != one.at}
    head = sheet.numbers[layout.head]
    rules = [("error_cell", cell, said) for cell, said in sheet.marks.errors.items()]
    rules += [("no_value_stored", cell, "") for cell in sheet.marks.unvalued]
    return [problem(rule, file, sheet.name, cell, columns[cell.rstrip(DIGITS)], shape=said) for rule, cell, said in rules
            if cell.rstrip(DIGITS) in columns and int(cell.lstrip(LETTERS)) > head]


def moved(marks: Marks, layout: Layout) -> Marks:
    """What a person sees, at the columns of the typed sheet: a struck-out or coloured choice is seen at its question."""
    to = {letter(at): letter(one.at) for one in layout.columns for at in one.parts}
    at = {source: place for place, one in enumerate(layout.columns) for source in (one.at, *one.parts)}
    cell = lambda old: to.get(old.rstrip(DIGITS), old.rstrip(DIGITS)) + old.lstrip(LETTERS)  # noqa: E731
    merged = [(top, at[left], bottom, max(at[left], at.get(right, at[left]))) for top, left, bottom, right in marks.merged if left in at]
    return marks._replace(struck=frozenset(map(cell, marks.struck)), merged=merged,
                          colours={cell(old): colour for old, colour in marks.colours.items()})


def trimmed(row: list) -> list:
    """A row without the empty cells at its end."""
    while row and row[-1] == "":
        row = row[:-1]
    return row
