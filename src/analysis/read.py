"""Sheets -> raw rows under the columns of a source profile; every value knows its sheet and cell."""

import glob
import re
from dataclasses import dataclass
from functools import cached_property, partial
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis.codebook import Codebook, fold, source_record
from analysis.formats import files
from analysis.formats.files import DIGITS, LETTERS, Sheet, letter, position
from analysis.problems import MARKS, MOST, TWICE, DataError, Problem, nearest, problem
from analysis.sheets import form, xlsform

HEADER_WITHIN = 30  # rows from the top in which the header is looked for
FURTHER = re.compile(r"(.*[^\d\s(]) ?\(?([2-9]|1\d)\)?")  # "violation 2": a further column of the same variable
PARTS = re.compile(r"[;,/|\n]")  # how values in one cell are parted, where it is only asked whether any of them is known
WIDE = 3  # columns that a merged cell at least spans when it is a heading inside the data
WHOLE = re.compile(r"(?!(?:19|20)\d\d\b)(?<![\d.,-])\d{1,9}(?![\d.,-]*\d)")


class Head(NamedTuple):
    """Where a header is: `first` and `last` of its rows (0-based, of the rows with content), position -> column, and its texts.

    A further column of a variable (`Violation 2`) is called `violation#2`.
    """

    first: int
    last: int
    columns: dict[int, str]
    texts: list[str]


class Fit(NamedTuple):
    """A profile with the header it finds in each sheet, the sheets whose rows are cases, and those linked to them by name."""

    profile: str
    heads: dict[str, Head]
    cases: list[str]
    linked: dict[str, str]


@dataclass(frozen=True)
class Raw:
    """Rows as received.

    `table` has the columns `sheet`, `row` (1-based, as the spreadsheet shows it), `first` (the row with which the case begins,
    where its code is a merged cell), `look` (what a person sees of the row: hidden_rows, filtered_rows, struck_out, `colour D9D9D9`, total
    with the numbers it states ..., joined by |) and one column of cell values per column of the profile. `letters` gives each
    column's letters in its sheet; `linked` the sheets that are linked to the cases, with what the profile calls them;
    `unread` the sheets and the rows above the header that were not read, as (sheet, rows, why); `epoch` is the year from
    which a bare number in a date column counts.
    """

    file: Path
    profile: str
    table: pd.DataFrame
    letters: dict[tuple[str, str], str]
    linked: dict[str, str]
    unread: list[tuple[str, int, str]]
    problems: list[Problem]
    epoch: int = 1900

    @cached_property
    def text(self) -> pd.DataFrame:
        """The columns of cell values as the text a person sees; made once, because nearly every step asks for it."""
        return pd.DataFrame({c: shared(self.table[c].tolist()) for c in self.table.columns[4:]}, self.table.index, dtype=object)

    @cached_property
    def rows(self) -> dict[int, tuple[str, int]]:
        """Index -> sheet and row; made once, because a hundred thousand rows may each have something wrong."""
        return dict(zip(self.table.index, zip(self.table["sheet"].tolist(), self.table["row"].tolist())))

    def cell(self, index, column: str) -> tuple[str, str]:
        """The sheet and the cell (such as C7) of one value."""
        sheet, row = self.rows[index]
        return sheet, f"{self.letters.get((sheet, column), '')}{row}"

    def place(self, index) -> tuple[str, str]:
        """The sheet and the first cell of a row."""
        sheet, row = self.rows[index]
        return sheet, f"A{row}"

    def told(self, rule: str, rows, part: str = "", words=lambda index: {}) -> list[Problem]:
        """A problem under a rule for the cell of this column in each of the rows; without a column, for the first cell of the row.

        `words` gives what fills the message of a row. Of more than MOST in a sheet the first are told, and how many more there are:
        in a file with nothing right in it, nobody reads a hundred thousand, and to tell them takes minutes.
        """
        by_sheet: dict[str, list] = {}
        for index in rows:
            by_sheet.setdefault(self.rows[index][0], []).append(index)
        at = partial(self.cell, column=part) if part else self.place
        found, column = [], part.partition("#")[0]
        for some in by_sheet.values():
            found += [problem(rule, self.file, *at(index), column, **words(index)) for index in some[:MOST]]
            found += [problem("more_of_these", self.file, *at(some[MOST]), column, other=at(some[MOST - 1])[1], kind=rule,
                              count=len(some) - MOST)] if len(some) > MOST else []
        return found

    def other(self, other, index) -> str:
        """How the problem of one row names another row: with its sheet where that is another one."""
        sheet, row = self.rows[other]
        return str(row) if sheet == self.rows[index][0] else f"{row} of sheet {sheet}"


def plain(value) -> str:
    """A cell as the text a person sees: 2024.0 is 2024."""
    if isinstance(value, str):
        return value.strip()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def shared(values: list) -> list[str]:
    """Cells as text, all that say the same one object: every step that compares them or looks them up is then faster."""
    one: dict[str, str] = {}
    return [one.setdefault(text, text) for text in (value.strip() if type(value) is str else plain(value) for value in values)]


def raw(file: Path, book: Codebook, profile: str | None = None) -> Raw:
    """The rows of a file under the profile named here or in its source record, or under the one whose headers fit it for certain.

    Raises DataError when the file cannot be read, or when no profile or more than one fits.
    """
    file, record = Path(file), source_record(file)
    received, profile = opened(file), profile or record.get("profile")
    if profile is not None and profile not in book.profiles:
        raise DataError([problem("unknown_profile", file, name=profile, nearest=nearest(profile, book.profiles))])
    beside = Path(f"{file}.form.xlsx")
    if beside.exists():
        profile = profile or next(name for name, how in book.profiles.items() if how.get("form"))
        received = through(file, beside, received, profile, book, record.get("questions") or {})
    able = [profile] if profile else [name for name, how in book.profiles.items() if not how.get("form")]
    fits = [fit(received.sheets, name, book) for name in able]
    chosen = fits[0] if profile else fitting(file, fits, book)
    if not chosen.cases:
        raise DataError(missing(file, chosen, book))
    return assemble(file, received, chosen, book)


def opened(file: Path) -> files.Received:
    """The sheets of a file; beside an export that has its form, also the files of its repeats, each as a sheet of its name."""
    found = files.opened(file, files.asked_password)
    more = {one.stem: files.opened(one) for one in repeats_beside(file)} if Path(f"{file}.form.xlsx").exists() else {}
    sheets = found.sheets | {name: one.sheets[""]._replace(name=name) for name, one in more.items()}
    return found._replace(sheets=sheets, notes=[*found.notes, *(note for one in more.values() for note in one.notes)])


def through(file: Path, beside: Path, received: files.Received, profile: str, book: Codebook, own: dict[str, str]) -> files.Received:
    """An export read through the XLSForm beside it: its sheets as somebody would have typed them.

    `own`: column -> question, as the source record of the file has it; it goes before what the profile says of every such file.
    """
    columns = book.profiles[profile]["columns"]
    questions = {column: how["question"] for column, how in columns.items() if "question" in how} | own
    asked = xlsform.read(files.opened(beside).sheets, beside)
    sheets, wrong = form.typed(received.sheets, asked, book, file, beside, questions)
    return received._replace(sheets=sheets, notes=[*received.notes, *wrong])


def repeats_beside(file: Path) -> list[Path]:
    """The files that ODK Central writes beside an export for the rows of its repeats: `answers-person.csv` beside `answers.csv`."""
    return [one for one in sorted(file.parent.glob(f"{glob.escape(file.stem)}-*.csv"))
            if file.suffix.casefold() == ".csv" and form.names_parent(one)]


def fit(sheets: dict[str, Sheet], profile: str, book: Codebook) -> Fit:
    """The header that a profile finds in each sheet, and what each sheet then is."""
    how = book.profiles[profile]
    heads = {name: header(sheet, ways(how, book), book) for name, sheet in sheets.items()}
    have = {name: set(head.columns.values()) for name, head in heads.items()}
    allowed = {name for name in sheets if "sheets" not in how or fold(name) in map(fold, how["sheets"])}
    cases = [name for name in sheets if set(how["needs"]) <= have[name] and name in allowed]
    linked = {name: link for name in sheets if name not in cases
              for link, one in how.get("linked", {}).items() if set(one["needs"]) <= have[name]}
    return Fit(profile, heads, cases, linked)


def ways(how: dict, book: Codebook) -> dict[str, str]:
    """Folded heading -> column: the spellings that only this profile has, then those of headers.csv."""
    own = {fold(text): column for column, one in how["columns"].items() for text in one.get("headers", [])}
    return book.headers | own


def header(sheet: Sheet, known: dict[str, str], book: Codebook) -> Head:
    """The first of the top rows, or of two rows of which the upper heads groups of columns, that knows most columns."""
    texts = [[shown(cell) for cell in row] for row in sheet.rows[:HEADER_WITHIN + 1]]
    single = [(at, at, row) for at, row in enumerate(texts[:HEADER_WITHIN])]
    double = [(at, at + 1, grouped(*pair, known)) for at, pair in enumerate(zip(texts, texts[1:]))]
    heads = [Head(first, last, recognised(row, known, book), row) for first, last, row in (*single, *double)]
    return max(heads, key=lambda head: len(set(head.columns.values())), default=Head(0, 0, {}, []))


def shown(cell) -> str:
    """A heading as text; numbers head nothing."""
    return cell.strip() if isinstance(cell, str) else ""


def grouped(upper: list[str], lower: list[str], known: dict[str, str]) -> list[str]:
    """The headings of two rows: `group / column` where that is known, else the lower one, else the upper one.

    Nothing where the lower row cannot belong to the header, because it has a text below a heading that stands by itself.
    """
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    texts, group = [], ""
    for above, below in zip(upper, lower):
        group = above or group
        both = f"{group} / {below}"
        if above and below and fold(above) in known and fold(both) not in known and fold(below) not in known:
            return []
        texts.append((both if fold(both) in known else below) if below else above)
    return texts


def recognised(texts: list[str], known: dict[str, str], book: Codebook) -> dict[int, str]:
    """Position -> column of the headings that are known, also with letters of another alphabet that look the same."""
    found = {}
    for at, text in enumerate(texts):
        key = spelled(text, known, book) if text else ""
        further = FURTHER.fullmatch(key)
        base = known.get(further[1]) if further else None
        if key in known:
            found[at] = known[key]
        elif base in book.variables.index and book.variables.at[base, "several"] == "yes":
            found[at] = f"{base}#{further[2]}"
    return found


def spelled(text: str, known: dict[str, str], book: Codebook) -> str:
    """A folded heading as the codebook spells it, where it only has letters of another alphabet that look the same."""
    key = fold(text)
    further = None if key in known else FURTHER.fullmatch(key)
    stem = further[1] if further else key
    return key if stem in known else key.replace(stem, book.headings_alike.get(book.skeleton(stem), stem), 1)


def fitting(file: Path, fits: list[Fit], book: Codebook) -> Fit:
    """The one that fits and uses most columns; raises DataError when none does, or two do equally well."""
    good = [one for one in fits if one.cases]
    if not good:
        best = min(fits, key=lambda one: (2 * len(lacks(one, book)[1]) - len(book.profiles[one.profile]["needs"]), one.profile))
        raise DataError([problem("no_profile", file, nearest=best.profile, missing=", ".join(lacks(best, book)[1]))])
    most = max(uses(one, book) for one in good)
    best = [one for one in good if uses(one, book) == most]
    if len(best) > 1:
        raise DataError([problem("two_profiles", file, names=", ".join(one.profile for one in best))])
    return best[0]


def uses(one: Fit, book: Codebook) -> int:
    """How many different columns a profile reads from the sheets that it knows."""
    found = {column.partition("#")[0] for sheet in (*one.cases, *one.linked) for column in one.heads[sheet].columns.values()}
    return len(found & set(book.profiles[one.profile]["columns"]))


def lacks(one: Fit, book: Codebook) -> tuple[str, list[str]]:
    """The sheet that comes nearest to what a profile needs, and the columns that it lacks."""
    needs = book.profiles[one.profile]["needs"]
    lacking = {sheet: [c for c in needs if c not in head.columns.values()] for sheet, head in one.heads.items()}
    return min(lacking.items(), key=lambda pair: len(pair[1]), default=("", list(needs)))


def missing(file: Path, one: Fit, book: Codebook) -> list[Problem]:
    """One problem per column that the profile needs and the best sheet lacks."""
    sheet, lacking = lacks(one, book)
    known = ways(book.profiles[one.profile], book)
    return [problem("missing_column", file, sheet, column=c, spellings=", ".join(s for s, target in known.items() if target == c))
            for c in lacking]


def assemble(file: Path, received: files.Received, chosen: Fit, book: Codebook) -> Raw:
    """The rows below the header of every sheet that fits, under the names of the profile's columns."""
    how = book.profiles[chosen.profile]
    tables, letters, unread, wrong = [], {}, [], list(received.notes)
    for name, sheet in sorted(received.sheets.items(), key=lambda one: one[0] in chosen.linked):  # cases before what is linked to them
        head = chosen.heads[name]
        if name not in chosen.cases and name not in chosen.linked:
            unread.append((name, len(sheet.rows), "no header of this profile"))
            wrong += nearly(file, sheet, head, how["needs"]) or [
                one for link in how.get("linked", {}).values() for one in nearly(file, sheet, head, link["needs"])][:1] or (
                [] if "sheets" in how else headless(file, sheet, chosen, book))
            continue
        unread.append((name, head.first, "above the header"))
        needs = how["needs"] if name in chosen.cases else how["linked"][chosen.linked[name]]["needs"]
        wrong += header_above(file, sheet, head, needs, ways(how, book), book)
        wanted = {at: column for at, column in head.columns.items() if column.partition("#")[0] in how["columns"]}
        letters |= {(name, column): lettered(sheet, at) for at, column in reversed(wanted.items())}
        wrong += header_problems(file, sheet, head, how["columns"], ways(how, book), book) + unseen(file, sheet, head, wanted)
        tables.append(below(sheet, head, wanted, book, how["columns"]))
        wrong += broken(file, sheet, wanted, tables[-1])
    further = sorted({c for table in tables for c in table if "#" in c}, key=lambda c: (c.partition("#")[0], int(c.partition("#")[2])))
    columns = ["sheet", "row", "first", "look", *how["columns"], *further]
    table = pd.concat([one.reindex(columns=columns, fill_value="") for one in tables], ignore_index=True)
    return Raw(file, chosen.profile, table, letters, chosen.linked, [one for one in unread if one[1]], wrong, received.epoch)


def below(sheet: Sheet, head: Head, wanted: dict[int, str], book: Codebook, columns: dict) -> pd.DataFrame:
    """The rows below the header with sheet, row, first, look and the wanted columns; a merged cell holds for all of its rows."""
    numbers, rows = sheet.numbers[head.last + 1:], sheet.rows[head.last + 1:]
    table = {"sheet": [sheet.name] * len(rows), "row": numbers}
    shortest = min(map(len, rows), default=0)
    values = {at: [*map(itemgetter(at), rows)] if at < shortest else [row[at] if at < len(row) else "" for row in rows] for at in wanted}
    first = merged_down(sheet, numbers, values, {at for at, column in wanted.items() if column == "case_id"})
    table |= {"first": first, "look": looks(sheet, numbers, rows, wanted, book, columns)}
    for at, column in reversed(wanted.items()):  # where two columns have one heading, the first is kept, and the other told
        table[column] = pd.Series(values[at], dtype=object)
    return pd.DataFrame(table)


def merged_down(sheet: Sheet, numbers: list[int], values: dict[int, list], codes: set[int]) -> list[int]:
    """Fill the values of merged cells into all of their rows; returns the row with which the case of each row begins."""
    first, place = list(numbers), {number: at for at, number in enumerate(numbers)} if sheet.marks.merged else {}
    filled = set()  # no program merges a cell twice; a file that says so a hundred thousand times must not take hours
    for top, left, bottom, _ in sheet.marks.merged:
        if bottom > top and left in values and top in place:
            for at in range(place[top] + 1, len(numbers)):
                if numbers[at] > bottom or (left, at) in filled:
                    break
                filled.add((left, at))
                values[left][at] = values[left][place[top]]
                first[at] = top if left in codes else first[at]
    return first


def looks(sheet: Sheet, numbers: list[int], rows: list[list], wanted: dict[int, str], book: Codebook, columns: dict) -> list[str]:
    """What a person sees of each row that its values do not say, joined by |; most often nothing."""
    seen: dict[int, list[str]] = {}
    for number in numbers if sheet.hidden else ():
        seen.setdefault(number, []).append("hidden_sheet")
    for number in sheet.marks.hidden:
        seen.setdefault(number, []).append("filtered_rows" if number in sheet.marks.filtered else "hidden_rows")
    for number in rows_of(sheet.marks.struck, sheet, wanted):
        seen.setdefault(number, []).append("struck_out")
    for number, colours in coloured(sheet, numbers, wanted).items():
        seen.setdefault(number, []).extend(f"colour {one}" for one in colours)
    for top, left, bottom, right in sheet.marks.merged:
        if top == bottom and right - left + 1 >= WIDE and sum(left <= at <= right for at in wanted) >= WIDE:
            seen.setdefault(top, []).append("heading")
    for number, row in zip(numbers, rows):
        if found := total(row, book.totals):
            seen.setdefault(number, []).append(found)
    return ["|".join(seen.get(number, ())) for number in numbers]


def rows_of(cells, sheet: Sheet, wanted: dict[int, str]) -> list[int]:
    """The rows of those cells that stand in a wanted column."""
    letters = {lettered(sheet, at) for at in wanted}
    return sorted({int(cell.lstrip(LETTERS)) for cell in cells if cell.rstrip(DIGITS) in letters})


def coloured(sheet: Sheet, numbers: list[int], wanted: dict[int, str]) -> dict[int, list[str]]:
    """Row -> the fill colours that may say something: not those of a whole column, nor of every other row."""
    if not sheet.marks.colours:
        return {}
    found = pd.Series([[sheet.marks.colours.get(f"{lettered(sheet, at)}{number}", "") for at in wanted] for number in numbers], numbers)
    table = pd.DataFrame(found.tolist(), index=numbers).replace(list(MARKS.values()), "")
    table = table.loc[:, table.nunique() > 1]
    bands = [table.iloc[start::2].drop_duplicates() for start in (0, 1)]
    if len(table) > 3 and all(len(band) <= 1 for band in bands):
        return {}
    return {number: sorted(set(row) - {""}) for number, row in zip(table.index, table.to_numpy().tolist()) if any(row)}


def total(row: list, totals: re.Pattern) -> str | None:
    """`total 31 28` for a row of totals, with the whole numbers that it states; None for any other row."""
    label = next((cell for cell in row if cell != ""), "")
    if not isinstance(label, str) or not totals.match(label):
        return None
    stated = [int(cell) for cell in row if type(cell) in (int, float) and float(cell).is_integer()]
    stated += [int(found) for cell in row if isinstance(cell, str) for found in WHOLE.findall(cell)]
    return " ".join(["total", *map(str, stated)])


def nearly(file: Path, sheet: Sheet, head: Head, needs: list[str]) -> list[Problem]:
    """A sheet that is not read although it has most of the columns that are needed: a heading is misspelt, or one is missing."""
    lacking = [column for column in needs if column not in head.columns.values()]
    near = len(needs) - len(lacking) >= max(2, len(lacking))
    return [problem("sheet_nearly_fits", file, sheet.name, missing=", ".join(lacking))] if near and lacking else []


def headless(file: Path, sheet: Sheet, chosen: Fit, book: Codebook) -> list[Problem]:
    """A sheet that is not read although most of its rows hold, where a sheet of cases has its coded columns, codes of these columns."""
    columns = book.profiles[chosen.profile]["columns"]
    for name in chosen.cases:
        at = {place: column for place, column in chosen.heads[name].columns.items() if columns.get(column, {}).get("kind") == "coded"}
        known = [sum(place < len(row) and any(book.code(column, one) for one in (shown(row[place]), *PARTS.split(shown(row[place]))))
                     for place, column in at.items()) for row in sheet.rows[:HEADER_WITHIN]]
        if len(at) > 1 and 2 * sum(n > 1 for n in known) > len(known):
            return [problem("header_missing", file, sheet.name, f"A{sheet.numbers[0]}", rows=len(sheet.rows), other=name)]
    return []


def header_above(file: Path, sheet: Sheet, head: Head, needs: list[str], known: dict[str, str], book: Codebook) -> list[Problem]:
    """A row above the header, with rows between them, that has all columns that are needed: it heads a table that was not read."""
    found = (at for at in range(head.first - 1) if set(needs) <= set(recognised([*map(shown, sheet.rows[at])], known, book).values()))
    return [problem("header_above", file, sheet.name, f"A{sheet.numbers[at]}", other=sheet.numbers[head.first]) for at in found][:1]


def header_problems(file: Path, sheet: Sheet, head: Head, columns: dict, known: dict[str, str], book: Codebook) -> list[Problem]:
    """Headings that stand twice (refused), that nothing reads, with letters that only look right, and columns without one (all noted)."""
    row = sheet.numbers[head.last] if sheet.rows else 1
    seen: dict[str, int] = {}
    wrong = []
    for at in range(max(map(len, sheet.rows[head.last:]), default=0)):
        column, text = head.columns.get(at), head.texts[at] if at < len(head.texts) else ""
        cell = f"{lettered(sheet, at)}{row}"
        if text and (right := spelled(text, known, book)) != fold(text):
            wrong.append(problem("mixed_letters", file, sheet.name, cell, column or "", nearest=right))
        if column in seen:
            wrong.append(problem("duplicate_header", file, sheet.name, cell, column.partition("#")[0], other=lettered(sheet, seen[column])))
        elif column and column.partition("#")[0] not in columns or text and not column:
            wrong.append(problem("unknown_header", file, sheet.name, cell, column or ""))
        elif not text and any(at < len(one) and one[at] != "" for one in sheet.rows[head.last:]):
            wrong.append(problem("blank_header", file, sheet.name, cell))
        seen.setdefault(column, at) if column else None
    return wrong


def unseen(file: Path, sheet: Sheet, head: Head, wanted: dict[int, str]) -> list[Problem]:
    """What a person sees of a sheet otherwise than Casebook does: comments, hidden columns, colours that a rule gives."""
    cells = sorted(sheet.marks.comments, key=lambda cell: (int(cell.lstrip(LETTERS)), cell))
    wrong = [problem("comments_unread", file, sheet.name, cells[0], cells=", ".join(cells[:10]), count=len(cells))] if cells else []
    row = sheet.numbers[head.last]
    hidden, ruled = [one for one in map(partial(lettered, sheet), wanted) if one in sheet.marks.columns], rules_of(sheet, row, wanted)
    wrong += [problem("hidden_columns", file, sheet.name, f"{hidden[0]}{row}", columns=", ".join(hidden))] if hidden else []
    return wrong + ([problem("colours_by_rule", file, sheet.name, f"{ruled[0]}{row}", columns=", ".join(ruled))] if ruled else [])


def rules_of(sheet: Sheet, row: int, wanted: dict[int, str]) -> list[str]:
    """The letters of the columns that are read and that a rule colours below a row; not by the rule of our own workbook."""
    areas = [area for *area, fill in sheet.marks.ruled if fill != TWICE and area[2] > row]
    return [one for one in map(partial(lettered, sheet), wanted) if any(left <= position(one) <= right for _, left, _, right in areas)]


def broken(file: Path, sheet: Sheet, wanted: dict[int, str], table: pd.DataFrame) -> list[Problem]:
    """Error cells and formulas without a value, where they stand in a row and a column that are read."""
    column = {lettered(sheet, at): name.partition("#")[0] for at, name in wanted.items()}
    totals = set(table.row[table.look.str.contains("total")]) if len(table) else set()
    at = lambda cell: (column.get(cell.rstrip(DIGITS)), int(cell.lstrip(LETTERS)))  # noqa: E731
    rules = [("error_cell", cell, {"shape": shown}) for cell, shown in sheet.marks.errors.items()]
    rules += [("no_value_stored", cell, {}) for cell in sheet.marks.unvalued]
    first = table.row.min() if len(table) else 0
    return [problem(rule, file, sheet.name, cell, at(cell)[0], **words) for rule, cell, words in rules
            if at(cell)[0] and at(cell)[1] >= first and at(cell)[1] not in totals]


def lettered(sheet: Sheet, at: int) -> str:
    """The letters of a position of a sheet."""
    return sheet.letters[at] if sheet.letters else letter(at)
