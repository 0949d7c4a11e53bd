"""A layout that no profile knows -> a profile to start from, and what is unsure in it."""

import csv
import io
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import yaml

from analysis import problems, read
from analysis.codebook import Codebook, fold
from analysis.formats.files import DIGITS, Received, Sheet
from analysis.problems import Problem, problem
from analysis.read import Head, lettered, plain
from analysis.sheets.guess import CODED, CONTACT, HALF, MOST, TELLING, Column, Guess, bad_date, guessed, numbered, saying, stand_ins

ROWS = 5_000  # rows of a sheet that are looked at
KNOWN = 2  # known headings that make a row the header
NEARLY = 0.75  # a row with so many headings of the row with most of them is the header, if it comes first
LONGEST_HEADING = 200  # signs
FEW = 0.2
# What is told of a column whose heading says what it is, or nearly.
BY_HEADING = {"proposed_near", "proposed_few", "proposed_order", "proposed_no_order", "proposed_century"}


class Proposal(NamedTuple):
    """`name` of the profile; `text`: its YAML file, empty where a profile of that name exists and only lacks spellings;
    `headers`: lines to add to headers.csv; `unsure`: what a person must look at. Without a `name` nothing can be proposed."""

    name: str
    text: str
    headers: list[str]
    unsure: list[Problem]


class Layout(NamedTuple):
    """Sheets that have the same headings, with their columns, and what is wrong with the headings."""

    sheets: list[str]
    columns: list[Column]
    wrong: list[Problem]


def proposed(file: Path, received: Received, book: Codebook) -> Proposal:
    """The profile that a file of an unknown layout seems to need. It holds no value of a cell, only headings."""
    file = Path(file)
    found = [(layout, guessed(layout.columns, book, received.epoch)) for layout in layouts(file, received.sheets, book)]
    if not found:
        return Proposal("", "", [], [problem("proposed_nothing", file)])
    layout, guesses = max(found, key=lambda one: (sum(guess.how["kind"] in ("id", "date", "year", "coded") for guess in one[1]),
                                                  len(one[0].columns[0].values)))
    given = list(zip(layout.columns, guesses))
    told = [problem(rule, file, one.sheet, one.cell, guess.name.partition("#")[0], **words) for one, guess in given
            for rule, words in [*guess.told, *stand_ins(one, guess, book)]]
    told += layout.wrong + of_sheets(file, layout, received.sheets)
    told += [problem("proposed_sample", file, rows=ROWS)] if any(len(sheet.rows) > ROWS for sheet in received.sheets.values()) else []
    return known_profile(given, told, book) or new_profile(file, given, told, book)


def layouts(file: Path, sheets: dict[str, Sheet], book: Codebook) -> list[Layout]:
    """The sheets that have a header, put together where they have the same headings, as months of one year do."""
    groups: list[list[tuple[Sheet, Head]]] = []
    for sheet in [sheet for sheet in sheets.values() if not sheet.hidden] or sheets.values():
        if one := head(sheet, book):
            same = next((group for group in groups if alike(group[0][1].texts, one.texts)), None)
            if same is None:
                groups.append([(sheet, one)])
            else:
                same.append((sheet, one))
    return [layout for group in groups if (layout := together(file, group, book)).columns]


def alike(one: list[str], other: list[str]) -> bool:
    """Whether most headings of two sheets are the same."""
    first, second = ({fold(text) for text in texts if text} for texts in (one, other))
    return len(first & second) >= MOST * max(len(first), len(second))


def together(file: Path, group: list[tuple[Sheet, Head]], book: Codebook) -> Layout:
    """The columns of sheets of one layout, the rows of one sheet after those of another; none where there are no rows."""
    found: dict[str, Column] = {}
    wrong, rows = [], 0
    for sheet, header in group:
        mine, faults = columns(file, sheet, header, book)
        here = {fold(one.heading): one for one in mine}
        added = len(mine[0].values) if mine else 0
        found = {key: (found.get(key) or here[key])._replace(
            values=(found[key].values if key in found else [""] * rows) + (here[key].values if key in here else [""] * added),
            merged=any(some[key].merged for some in (found, here) if key in some)) for key in {**found, **here}}
        wrong, rows = wrong + faults, rows + added
    made = [one._replace(different=saying(one.values, book)) for one in found.values() if rows]
    return Layout([sheet.name for sheet, _ in group], made, wrong)


def columns(file: Path, sheet: Sheet, header: Head, book: Codebook) -> tuple[list[Column], list[Problem]]:
    """The columns of one sheet that have a heading of their own; those with values and no heading, or with a heading used before."""
    values, merged = rows_below(sheet, header, book)
    found: dict[str, Column] = {}
    wrong = []
    for at, texts in enumerate(values):
        heading = clean(header.texts[at]) if at < len(header.texts) else ""
        cell = f"{lettered(sheet, at)}{sheet.numbers[header.last]}"
        if fold(heading) in found:
            wrong.append(problem("duplicate_header", file, sheet.name, cell, heading, other=found[fold(heading)].cell.rstrip(DIGITS)))
        elif fold(heading):
            found[fold(heading)] = Column(heading, sheet.name, cell, texts, [], at in merged)
        elif any(texts):
            wrong.append(problem("blank_header", file, sheet.name, cell))
    return list(found.values()), wrong


def rows_below(sheet: Sheet, header: Head, book: Codebook) -> tuple[list[list[str]], set[int]]:
    """The cells of each column in the rows that can be cases, as text; and the positions in which merged cells join rows."""
    numbers, rows = sheet.numbers[header.last + 1:][:ROWS], sheet.rows[header.last + 1:][:ROWS]
    width = max([len(header.texts), *map(len, rows)])
    values = {at: [row[at] if at < len(row) else "" for row in rows] for at in range(width)}
    read.merged_down(sheet, numbers, values, set())
    full = ([values[at][i] for at in range(width)] for i in range(len(rows)))
    kept = [[plain(cell) for cell in row] for row in full if can_be_case(row, header, book)]
    merged = {left for top, left, bottom, _ in sheet.marks.merged if bottom > top and top in numbers}
    return [[row[at] for row in kept] for at in range(width)], merged


def can_be_case(row: list, header: Head, book: Codebook) -> bool:
    """Whether a row is neither totals, nor a heading or a note between the rows, nor HXL tags, nor the header again."""
    filled = [cell for cell in row if cell != ""]
    tags = all(str(cell).startswith("#") for cell in filled)
    again = {fold(cell) for cell in filled} <= {fold(text) for text in header.texts}
    return not tags and not again and not read.total(row, book.totals) and len(filled) >= min(2, len(row))


def clean(text: str) -> str:
    """A heading in one line, without invisible signs."""
    signs = {"Cf": "", "Cc": " "}
    return " ".join("".join(signs.get(unicodedata.category(sign), sign) for sign in text).split())


def head(sheet: Sheet, book: Codebook) -> Head | None:
    """The header of a sheet: the row that knows some columns, else the one that looks most like headings; with a row of groups."""
    known = read.header(sheet, book.headers, book)
    sure = len(set(known.columns.values())) >= KNOWN
    at = known.last if sure else most_like_headings(sheet, book)
    if at is None or at + 1 >= len(sheet.rows):
        return None
    texts = [[read.shown(cell) for cell in row] for row in sheet.rows[:at + 2]]
    for first, last in ((at, at + 1), (at - 1, at)):
        pair = padded(*texts[first:last + 1]) if first >= 0 and last < len(texts) else None
        if pair and ((sure and known[:2] == (first, last)) or under_groups(*pair, sheet.rows[last], book)):
            return Head(first, last, {}, in_groups(*pair, book))
    return Head(at, at, {}, texts[at])


def most_like_headings(sheet: Sheet, book: Codebook) -> int | None:
    """The first row that holds about as many headings as any, has rows below it, and none above that can only be of values.

    A text far down is a cell of the data, and headings are shown: rather no header than such a one.
    """
    rows = range(min(len(sheet.rows) - 1, read.HEADER_WITHIN))
    end = next((at for at in rows if headings_in(sheet, at, book) <= -KNOWN), len(rows))
    like = {at: headings_in(sheet, at, book) for at in rows[:end]}
    most = max(like.values(), default=0)
    return next((at for at, count in like.items() if count >= max(KNOWN, NEARLY * most)), None)


def headings_in(sheet: Sheet, at: int, book: Codebook) -> int:
    """How many different cells of a row could be headings, less those that could not or that stand below as well."""
    below = {(place, cell) for row in sheet.rows[at + 1:at + 50] if row != sheet.rows[at] for place, cell in enumerate(row)}
    good = {(place, cell) for place, cell in enumerate(sheet.rows[at]) if heading_like(cell, book)} - below
    return len({fold(cell) for _, cell in good}) - (sum(cell != "" for cell in sheet.rows[at]) - len(good))


def heading_like(cell, book: Codebook) -> bool:
    """Whether a cell could be a heading: words that are no date, no contact, no case code and no label of the codebook."""
    if not isinstance(cell, str) or not any(map(str.isalpha, fold(cell))) or len(cell) > LONGEST_HEADING:
        return False
    if fold(cell) in book.headers:
        return True
    labels = [piece for piece in re.split("[;,]", cell) if len(fold(piece)) >= TELLING]
    coded = any(book.code(variable, label) for variable in book.variables.index for label in labels)
    return not coded and not CONTACT.search(cell) and not CODED.fullmatch(cell) and bad_date(cell, book)


def padded(upper: list[str], lower: list[str]) -> tuple[list[str], list[str]]:
    """Two rows of one length."""
    width = max(len(upper), len(lower))
    return upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))


def under_groups(upper: list[str], lower: list[str], cells: list, book: Codebook) -> bool:
    """Whether a row of headings stands below a row that heads groups of columns: never below a heading that stands by itself."""
    groups = [at for at, text in enumerate(upper[:-1]) if text and not upper[at + 1] and lower[at + 1]]
    filled = [at for at, text in enumerate(lower) if text]
    return (bool(groups) and sum(map(bool, upper)) >= KNOWN and all(heading_like(cell, book) for cell in cells if cell != "")
            and all(at in groups or not upper[at] for at in filled))


def in_groups(upper: list[str], lower: list[str], book: Codebook) -> list[str]:
    """The headings of two rows: the lower one, with its group before it where that is known or another column has the same one,
    else the upper one."""
    twice, texts, group = Counter(map(fold, filter(None, lower))), [], ""
    for above, below in zip(upper, lower):
        group = above or group
        both = f"{group} / {below}"
        texts.append(both if twice[fold(below)] > 1 or below and fold(both) in book.headers else below or above)
    return texts


def of_sheets(file: Path, layout: Layout, sheets: dict[str, Sheet]) -> list[Problem]:
    """Which sheets were taken together, and which have another layout."""
    others = [sheet.name for sheet in sheets.values() if sheet.name not in layout.sheets and sheet.rows]
    told = [problem("proposed_sheets", file, sheets=", ".join(layout.sheets))] if len(layout.sheets) > 1 else []
    return told + [problem("proposed_other_sheet", file, sheet) for sheet in others]


def known_profile(given: list[tuple[Column, Guess]], told: list[Problem], book: Codebook) -> Proposal | None:
    """A profile that exists and fits as soon as headings that are nearly right are added to headers.csv; None without one."""
    right = {guess.name: one for one, guess in given if not guess.told or guess.told[0][0] in BY_HEADING}
    counted = {guess.name.partition("#")[0] for _, guess in given if guess.how["kind"] in ("id", "date", "year", "coded")}
    fitting = {name: set(right) & set(how["columns"]) for name, how in book.profiles.items() if set(how["needs"]) <= set(right)
               and counted <= set(how["columns"]) and not {"sheets", "linked", "form"} & set(how)}
    name = max(fitting, key=lambda name: len(fitting[name]), default="")
    new = [header_line(column, right[column]) for column in right if column in fitting.get(name, ()) and not known(right[column], book)]
    return Proposal(name, "", new, told) if new else None


def known(one: Column, book: Codebook) -> bool:
    """Whether headers.csv knows the heading of a column, or of what it is a further column."""
    return bool(read.recognised([one.heading], book.headers, book))


def header_line(column: str, one: Column) -> str:
    """A line of headers.csv: column, spelling, language as its letters tell."""
    lang = "kk" if re.search("[әғқңөұүһі]", fold(one.heading)) else "ru" if re.search("[а-я]", fold(one.heading)) else "en"
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([column, one.heading, lang])
    return line.getvalue()


def new_profile(file: Path, given: list[tuple[Column, Guess]], told: list[Problem], book: Codebook) -> Proposal:
    """A profile of its own: what it needs, which rows are one case, and its columns with the headings that only it has."""
    name = numbered(re.sub("[^a-z0-9]+", "_", fold(file.name.split(".")[0])).strip("_") or "new_layout", set(book.profiles))
    further = [header_line(guess.name, one) for one, guess in given if "#" in guess.name and not known(one, book)]
    needs = needed([guess for _, guess in given if "#" not in guess.name], book)
    lines, rows = rows_of_cases(file, given)
    told = [*told, *rows, problem("proposed_needs", file, needs=", ".join(needs))]
    unknowns = {value: "not_stated" for one in told if one.rule == "proposed_unknown" for value in [dict(one.words)["value"]]}
    text = ["title: Write here what kind of sheet this is, one row a case", "unit: cases  # or incidents", f"needs: {written(needs)}",
            "identical_rows: refuse  # count, where rows that say the same are different events", *lines,
            *([f"# unknowns: {written(unknowns)}  # or unknown, refused, not_asked"] if unknowns else []), "columns:"]
    text += [line for one, guess in given if "#" not in guess.name for line in column_lines(one, guess, book)]
    return Proposal(name, "\n".join(text) + "\n", further, told)


def needed(guesses: list[Guess], book: Codebook) -> list[str]:
    """The columns without which a sheet is not of this layout: code, date, the first coded ones, and one that other profiles lack."""
    names = [guess.name for guess in guesses]
    coded = [guess.name for guess in guesses if guess.how["kind"] == "coded" and guess.sure >= HALF]
    needs = [*(name for name in ("case_id", "date", "year") if name in names), *coded[:3]]
    needs = needs if len(needs) >= KNOWN else names
    for profile in book.profiles.values():
        if set(needs) <= set(profile["columns"]):
            needs = [*needs, *[name for name in names if name not in profile["columns"]][:1]]
    return needs


def rows_of_cases(file: Path, given: list[tuple[Column, Guess]]) -> tuple[list[str], list[Problem]]:
    """The line of the profile that says which rows are one case, and what is told of it."""
    codes = next((one for one, guess in given if guess.name == "case_id"), None)
    if codes is None:
        return [], [problem("proposed_no_code", file)]
    filled = [value for value in codes.values if value]
    counts = {"repeated": len(filled) - len(set(filled)), "continued": len(codes.values) - len(filled)}
    way = "merged" if codes.merged else next((way for way, count in counts.items() if count > FEW * len(codes.values)), None)
    told = [problem(f"proposed_{way}", file, codes.sheet, codes.cell, "case_id", count=counts.get(way, 0))] if way else []
    return [f"case_rows: {way}"] if way in counts else [], told


def column_lines(one: Column, guess: Guess, book: Codebook) -> list[str]:
    """The lines of a profile for one column: a comment on what it rests on, then its kind."""
    new = book.headers.get(fold(one.heading)) != guess.name
    how = {line: json.dumps(value, ensure_ascii=False) if line == "separator" else written(value) for line, value in guess.how.items()}
    how |= {"headers": written([one.heading])} if new else {}
    share = next((f": {words['known']} of {words['of']} different values fit" for _, words in guess.told if "known" in words), "")
    lines = ", ".join(f"{line}: {value}" for line, value in how.items())
    return [f"  # column {one.cell.rstrip(DIGITS)}{share}", f"  {written(guess.name)}: {{{lines}}}"]


def written(value) -> str:
    """A value in one line of YAML."""
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6).removesuffix("\n...\n").strip()


def as_text(proposal: Proposal, lang: str = "en") -> str:
    """The proposal in words: what to do, the file, the lines of headers.csv, and what to look at."""
    head = {"proposed_profile": proposal.text, "proposed_headers": "\n".join(proposal.headers)}
    parts = [part for rule, text in head.items() if text for part in (problems.said(problem(rule, "", name=proposal.name), lang), text)]
    return "\n\n".join([*map(str.strip, parts), problems.as_text(proposal.unsure, lang)])


def as_json(proposal: Proposal, lang: str = "en") -> dict:
    """A proposal under the names of the commands' JSON: profile, text, headers, unsure."""
    unsure = sorted(set(proposal.unsure), key=problems.place)
    return {"profile": proposal.name, "text": proposal.text, "headers": proposal.headers,
            "unsure": [problems.as_json(one, lang) for one in unsure]}
