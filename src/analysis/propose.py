"""A layout that no profile knows -> a profile to start from, and what is unsure in it."""

import csv
import io
import os
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from analysis import dates, home, problems, read
from analysis.cells import USUAL, pieces, plain
from analysis.codebook import Codebook, fold, listed
from analysis.files import Received, Sheet
from analysis.problems import Problem, problem
from analysis.read import Head, lettered

KNOWN = 2  # known headings that make a row the header
ROWS, DIFFERENT = 5_000, 300  # rows of a sheet, and different values of a column, that are looked at
LONGEST_HEADING, LONGEST_CODE = 200, 20  # signs
TELLING = 4  # signs; a shorter value, such as yes or kz, tells nothing about its column
MOST, HALF, SOME, FEW = 0.8, 0.5, 0.3, 0.2
CLOSE = 85  # of 100: how much a misspelt heading is like the right one
LIFE = 30  # years; dates further apart than this may be dates of birth
CONTACT = re.compile(r"\S@\S|https?://|www\.|(?<![^\W\d_])@\w|\+?\d(?:[\s()-]{0,2}\d){8,}|\b[^\W\d_]{1,3} ?(?:№ ?)?\d{6,}")
CODED = re.compile(r"(?=.*\d)[\w./№-]+")
# Columns of the line itself, and columns with a meaning of their own: no other column may be called so.
RESERVED = {"sheet", "row", "first", "look", "what", "unit", "case_id", "date", "year", "date_precision"}


class Proposal(NamedTuple):
    """`name` of the profile; `text`: its YAML file, empty where a profile of that name exists and only lacks spellings;
    `headers`: lines to add to headers.csv; `unsure`: what a person must look at. Without a `name` nothing can be proposed."""

    name: str
    text: str
    headers: list[str]
    unsure: list[Problem]


class Column(NamedTuple):
    """A column as received: its heading, where that stands, its cells as text, and whether merged cells join rows of it."""

    heading: str
    sheet: str
    cell: str
    values: list[str]
    merged: bool


class Layout(NamedTuple):
    """Sheets that have the same headings, with their columns, and what is wrong with the headings."""

    sheets: list[str]
    columns: list[Column]
    wrong: list[Problem]


class Guess(NamedTuple):
    """What a column seems to be: its name in the profile, its line there, how sure that is (0 to 1), the rules under which
    a person is told, with their words, and the variables that its values fit equally well."""

    name: str
    how: dict
    sure: float
    told: list[tuple[str, dict]]
    also: tuple[str, ...] = ()


def proposed(file: Path, received: Received, book: Codebook) -> Proposal:
    """The profile that a file of an unknown layout seems to need. It holds no value of a cell, only headings."""
    file = Path(file)
    found = [(layout, guessed(layout.columns, book, received.epoch)) for layout in layouts(file, received.sheets, book)]
    if not found:
        return Proposal("", "", [], [problem("proposed_nothing", file)])
    layout, guesses = max(found, key=lambda one: (sum(guess.how["kind"] not in ("text", "personal") for guess in one[1]),
                                                  len(one[0].columns[0].values)))
    given = list(zip(layout.columns, guesses))
    told = [problem(rule, file, one.sheet, one.cell, guess.name.partition("#")[0], **words) for one, guess in given
            for rule, words in [*guess.told, *stand_ins(one, guess, book)]]
    told += layout.wrong + of_sheets(file, layout, received.sheets)
    return known_profile(file, given, told, book) or new_profile(file, given, told, book)


# Sheets -> layouts

def layouts(file: Path, sheets: dict[str, Sheet], book: Codebook) -> list[Layout]:
    """The sheets that have a header, put together where they have the same headings, as months of one year do."""
    visible = [sheet for sheet in sheets.values() if not sheet.hidden] or list(sheets.values())
    groups: list[list[tuple[Sheet, Head]]] = []
    for sheet in visible:
        if one := head(sheet, book):
            same = next((group for group in groups if alike(group[0][1].texts, one.texts)), None)
            groups.append([]) if same is None else None
            (groups[-1] if same is None else same).append((sheet, one))
    return [layout for group in groups if (layout := together(file, group, book)).columns]


def alike(one: list[str], other: list[str]) -> bool:
    """Whether most headings of two sheets are the same."""
    first, second = ({fold(text) for text in texts if text} for texts in (one, other))
    return len(first & second) >= MOST * max(len(first), len(second))


def together(file: Path, group: list[tuple[Sheet, Head]], book: Codebook) -> Layout:
    """The columns of sheets of one layout, the rows of one sheet after those of another."""
    found: dict[str, Column] = {}
    wrong, rows = [], 0
    for sheet, header in group:
        mine, faults = columns(file, sheet, header, book)
        added = max((len(one.values) for one in mine), default=0)
        for one in mine:
            before = found.get(fold(one.heading), one._replace(values=[""] * rows, merged=False))
            found[fold(one.heading)] = before._replace(values=before.values + one.values, merged=before.merged or one.merged)
        rows += added
        found = {key: one._replace(values=one.values + [""] * (rows - len(one.values))) for key, one in found.items()}
        wrong += faults
    return Layout([sheet.name for sheet, _ in group], list(found.values()) if rows else [], wrong)


def columns(file: Path, sheet: Sheet, header: Head, book: Codebook) -> tuple[list[Column], list[Problem]]:
    """The columns of one sheet that have a heading of their own; columns with values and no heading, or with a heading used before."""
    values, merged = cases(sheet, header, book)
    found: dict[str, Column] = {}
    wrong = []
    for at, texts in enumerate(values):
        heading = clean(header.texts[at]) if at < len(header.texts) else ""
        cell = f"{lettered(sheet, at)}{sheet.numbers[header.last]}"
        if fold(heading) in found:
            wrong.append(problem("duplicate_header", file, sheet.name, cell, heading, other=found[fold(heading)].cell.rstrip("0123456789")))
        elif fold(heading):
            found[fold(heading)] = Column(heading, sheet.name, cell, texts, at in merged)
        elif any(texts):
            wrong.append(problem("blank_header", file, sheet.name, cell))
    return list(found.values()), wrong


def cases(sheet: Sheet, header: Head, book: Codebook) -> tuple[list[list[str]], set[int]]:
    """The cells of each column in the rows that can be cases, as text; and the positions in which merged cells join rows."""
    numbers, rows = sheet.numbers[header.last + 1:][:ROWS], sheet.rows[header.last + 1:][:ROWS]
    width = max([len(header.texts), *map(len, rows)])
    values = {at: [row[at] if at < len(row) else "" for row in rows] for at in range(width)}
    read.merged_down(sheet, numbers, values, set())
    full = [[values[at][i] for at in range(width)] for i in range(len(rows))]
    kept = [[clean(plain(cell)) for cell in row] for row in full if can_be_case(row, header, book)]
    merged = {left for top, left, bottom, _ in sheet.marks.merged if bottom > top and top in numbers}
    return [[row[at] for row in kept] for at in range(width)], merged


def can_be_case(row: list, header: Head, book: Codebook) -> bool:
    """Whether a row is neither totals, nor a heading between the rows, nor HXL tags, nor the header again."""
    filled = [cell for cell in row if cell != ""]
    tags = all(str(cell).startswith("#") for cell in filled)
    again = {fold(cell) for cell in filled} <= {fold(text) for text in header.texts}
    return not tags and not again and not read.total(row, book.totals) and len(filled) >= min(2, len(row))


def clean(text: str) -> str:
    """Text in one line, without invisible signs."""
    return " ".join("".join("" if unicodedata.category(sign) == "Cf" else sign for sign in text).split())


# The header

def head(sheet: Sheet, book: Codebook) -> Head | None:
    """The header of a sheet: the row that knows some columns, else the one that looks most like headings; with a row of groups."""
    known = read.header(sheet, book.headers, book)
    sure = len(set(known.columns.values())) >= KNOWN
    at = known.last if sure else most_like_headings(sheet, book)
    if at is None or (sure and known.first < known.last):
        return None if at is None else known
    texts = [[read.shown(cell) for cell in row] for row in sheet.rows[:at + 2]]
    for first, last in ((at, at + 1), (at - 1, at)):
        if first >= 0 and last < len(texts) and under_groups(*padded(texts[first], texts[last]), sheet.rows[last], book):
            return Head(first, last, {}, in_groups(*padded(texts[first], texts[last])))
    return Head(at, at, {}, texts[at])


def most_like_headings(sheet: Sheet, book: Codebook) -> int | None:
    """The first row that holds about as many headings as any, and has rows below it."""
    last = min(len(sheet.rows) - 1, read.HEADER_WITHIN)
    like = {at: headings_in(sheet, at, book) for at in range(last)}
    most = max(like.values(), default=0)
    return next((at for at, count in like.items() if count >= max(KNOWN, 0.75 * most)), None)


def headings_in(sheet: Sheet, at: int, book: Codebook) -> int:
    """How many different cells of a row could be headings, less those that could not."""
    below = [{plain(cell) for row in sheet.rows[at + 1:at + 50] if place < len(row) for cell in (row[place],)}
             for place in range(len(sheet.rows[at]))]
    cells = [(cell, heading_like(cell, book) and plain(cell) not in below[place]) for place, cell in enumerate(sheet.rows[at]) if cell != ""]
    return len({fold(cell) for cell, good in cells if good}) - sum(not good for _, good in cells)


def heading_like(cell, book: Codebook) -> bool:
    """Whether a cell could be a heading: words that are no date, no contact, no case code and no label of the codebook."""
    if not isinstance(cell, str) or not any(map(str.isalpha, cell)) or len(cell) > LONGEST_HEADING:
        return False
    if fold(cell) in book.headers:
        return True
    coded = any(book.code(variable, piece) for variable in book.variables.index for piece in re.split("[;,]", cell) if fold(piece))
    return not coded and not CONTACT.search(cell) and not CODED.fullmatch(cell) and bad_date(cell)


def bad_date(text: str) -> bool:
    """Whether a text is no date at all."""
    return dates.read_date(text, months=dates.months()).rule == "bad_date"


def padded(upper: list[str], lower: list[str]) -> tuple[list[str], list[str]]:
    """Two rows of one length."""
    width = max(len(upper), len(lower))
    return upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))


def under_groups(upper: list[str], lower: list[str], cells: list, book: Codebook) -> bool:
    """Whether a row of headings stands below a row that heads groups of columns: never below a heading that stands by itself."""
    groups = [at for at, text in enumerate(upper) if text and at + 1 < len(upper) and not upper[at + 1] and lower[at + 1]]
    filled = [at for at, text in enumerate(lower) if text]
    return (bool(groups) and sum(map(bool, upper)) >= KNOWN and all(heading_like(cell, book) for cell in cells if cell != "")
            and all(at in groups or not upper[at] and at > groups[0] for at in filled if at >= groups[0]))


def in_groups(upper: list[str], lower: list[str]) -> list[str]:
    """The headings of two rows: the lower one, with its group before it where another column has the same one, else the upper one."""
    twice, texts, group = Counter(map(fold, filter(None, lower))), [], ""
    for above, below in zip(upper, lower):
        group = above or group
        texts.append(f"{group} / {below}" if twice[fold(below)] > 1 else below or above)
    return texts


# Columns -> what they seem to be

def guessed(columns: list[Column], book: Codebook, epoch: int) -> list[Guess]:
    """What each column is; where several could be the same, the surest is taken."""
    first = [guess(one, book, epoch) for one in columns]
    order = sorted(range(len(first)), key=lambda at: (-first[at].sure, len(first[at].also), at))
    taken, made = set(RESERVED - {"case_id", "date", "year"}), {}
    for at in order:
        made[at] = free(first[at], columns[at], taken, book)
        taken.add(made[at].name)
    return [made[at] for at in range(len(first))]


def guess(one: Column, book: Codebook, epoch: int) -> Guess:
    """What a column is: what its heading says, else what its cells hold. When in doubt whether it is personal, it is."""
    for look in (by_heading, by_personal_word, by_contact, by_misspelling, by_codes, by_dates, by_names, by_case_code, by_numbers):
        if found := look(one, book, epoch):
            return found
    return by_text_word(one, book)


def free(found: Guess, one: Column, taken: set[str], book: Codebook) -> Guess:
    """The guess under a name that no other column has; what only one column can be is text, or personal, in a second one."""
    name = next((name for name in (found.name, *found.also) if name and name not in taken), None)
    if name:
        return found._replace(name=name)
    kind, further = found.how["kind"], {"case_id": "document"}
    if kind == "coded" and book.variables.at[found.name, "several"] == "yes":
        return found._replace(name=numbered(found.name, taken, "#"), told=[*found.told, ("proposed_further", {})])
    if kind in ("coded", "date", "year", "id"):
        how = {"kind": "personal" if kind == "id" else "text"}
        told = [("proposed_second", {"other": found.name, "kind": how["kind"]})]
        return Guess(numbered(further.get(found.name, slug(one.heading) or how["kind"]), taken | set(book.variables.index)), how, 0, told)
    return found._replace(name=numbered(found.name or slug(one.heading) or kind, taken | RESERVED | set(book.variables.index)))


def numbered(name: str, taken: set[str], sign: str = "_") -> str:
    """The name itself if it is free, else with a number."""
    return next(way for way in (name, *(f"{name}{sign}{n}" for n in range(2, len(taken) + 3))) if way not in taken)


def slug(heading: str) -> str:
    """A heading in Latin letters as the name of a column; empty for one in other letters."""
    text = fold(heading)
    return re.sub("[^a-z0-9]+", "_", text).strip("_0123456789")[:40] if text.isascii() else ""


def by_heading(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """A heading that the codebook knows, whatever the cells hold; unless they hold names instead of codes."""
    name = read.recognised([one.heading], book.headers, book).get(0)
    return headed_as(name, one, book, epoch) if name else None


def by_misspelling(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """A heading that is nearly one that the codebook knows, if the cells fit."""
    near, like = nearest_headings(one.heading, book)[0]
    found = headed_as(book.headers[near], one, book, epoch) if like >= CLOSE else None
    if not found or found.sure < HALF:
        return None
    return found._replace(sure=found.sure * 0.9, told=[("proposed_near", {"near": near}), *found.told])


def headed_as(name: str, one: Column, book: Codebook, epoch: int) -> Guess:
    """The guess that a column is the one of this name; `sure` says how many of its values fit."""
    variable = name.partition("#")[0]
    kind = "coded" if variable in book.variables.index else kinds(book).get(variable, "text")
    if kind == "coded":
        share, told, how = coded_as(variable, one, book)
        if share < HALF and name_like(one, book) >= SOME:
            return Guess(name, {"kind": "personal"}, 1, [("proposed_personal_cells", {})])
        return Guess(name, how, max(share, HALF), told)
    if kind == "date":
        dated, _, told, how = dates_of(one, book, epoch)
        return Guess(name, how, max(dated, HALF), told)
    return Guess(name, {"kind": kind}, 1, [])


def kinds(book: Codebook) -> dict[str, str]:
    """Column -> the kind that the profiles give it."""
    return {column: how["kind"] for profile in reversed(book.profiles.values()) for column, how in profile["columns"].items()}


def nearest_headings(heading: str, book: Codebook, most: int = 3) -> list[tuple[str, float]]:
    """The known headings most like this one, with how much (0 to 100)."""
    from rapidfuzz import fuzz, process  # only a layout that nobody knows needs them

    return [(near, like) for near, like, _ in process.extract(fold(heading), list(book.headers), scorer=fuzz.ratio, limit=most)]


@cache
def words(folder: Path, what: str) -> list[tuple[re.Pattern, str]]:
    """The words of personal_words.csv that make a column `personal` or `text`, and what it is then called."""
    table = listed(folder / "personal_words.csv")
    pattern = lambda word: r"\b" + r"\W+".join(re.escape(part).replace(r"\*", r"\w*") for part in fold(word).split()) + r"\b"  # noqa: E731
    return [(re.compile(pattern(row.word)), row.column) for row in table[table.what == what].itertuples()]


def said_in(heading: str, what: str) -> str | None:
    """The column that a word of the heading stands for."""
    return next((column for pattern, column in words(home() / "data" / "codebook", what) if pattern.search(fold(heading))), None)


def by_personal_word(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """A heading with a word for what says who somebody is, unless nearly all cells are labels of something that was done."""
    name = said_in(one.heading, "personal")
    coded = by_codes(one, book, epoch) if name else None
    if not name or (coded and coded.sure >= MOST and book.variables.at[coded.name, "about"] == "acts"):
        return coded
    return Guess(name, {"kind": "personal"}, 1, [("proposed_personal_word", {})])


def by_contact(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells of which any looks like a telephone, an e-mail, a link or the number of a document; and an empty column."""
    values = different(one, book)
    name = said_in(one.heading, "text") or ""
    if not values:
        return Guess(name, {"kind": "personal"}, 0, [("proposed_empty", {})])
    systematic = len(os.path.commonprefix(values)) >= TELLING and len(values) > 1  # a passport's number has no long common beginning
    found = any(CONTACT.search(value) and bad_date(value) for value in values) and not systematic
    return Guess(name, {"kind": "personal"}, 1, [("proposed_personal_cells", {})]) if found else None


def by_codes(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells of which at least half of the values are known for a variable; those known for two are the one whose heading is nearer."""
    found = {variable: coded_as(variable, one, book) for variable in book.variables.index if tells(variable, one, book)}
    most = max((share for share, _, _ in found.values()), default=0)
    if most < HALF:
        return None
    best = sorted((variable for variable in found if found[variable][0] == most), key=lambda variable: -likeness(variable, one, book))
    share, told, how = found[best[0]]
    known, of = known_of(best[0], one, how.get("separator"), book)
    told = [("proposed_codes", {"known": known, "of": of})]
    told += [("proposed_either", {"others": ", ".join(best[1:])})] if best[1:] else []
    return Guess(best[0], how, share * 0.8, told, tuple(best[1:]))


def likeness(variable: str, one: Column, book: Codebook) -> float:
    """How much a heading is like the nearest one of a variable."""
    from rapidfuzz import fuzz

    return max((fuzz.token_set_ratio(fold(one.heading), known) for known, column in book.headers.items() if column == variable), default=0)


def tells(variable: str, one: Column, book: Codebook) -> bool:
    """Whether any piece of a cell is a label that does not occur everywhere, as yes does."""
    parts = (piece for value in different(one, book) for way in ([], USUAL) for piece in pieces(value, way, lambda text: False))
    return any(len(fold(piece)) >= TELLING and book.code(variable, piece) for piece in parts)


def coded_as(variable: str, one: Column, book: Codebook) -> tuple[float, list, dict]:
    """The share of the values that is known for a variable, what is told of it, and the line of the column."""
    signs = [sign for sign in USUAL if any(sign in value for value in different(one, book))]
    ways = {sign: known_of(variable, one, sign, book) for sign in [None, *signs]}
    best = max(ways, key=lambda sign: (share_of(*ways[sign]), ways[sign][0], sign is None))
    known, of = ways[best]
    few = [("proposed_few", {"known": known, "of": of})] if known < MOST * of else []
    return share_of(known, of), few, {"kind": "coded"} | ({"separator": best} if best else {})


def share_of(part: int, whole: int) -> float:
    """Part of whole, 0 for none."""
    return part / whole if whole else 0.0


def known_of(variable: str, one: Column, separator: str | None, book: Codebook) -> tuple[int, int]:
    """How many different values, parted by this separator, are known for a variable, and how many there are."""
    know = cache(lambda text: book.code(variable, text) or book.look_alike(variable, text))
    cells = {fold(piece): know(piece) for value in different(one, book) for piece in pieces(value, [separator] if separator else [], know)}
    found = {piece: code for piece, code in cells.items() if code not in book.unknown(variable) and piece not in nothing(book)}
    return sum(code is not None for code in found.values()), len(found)


def nothing(book: Codebook) -> set[str]:
    """The folded spellings that say, or may say, that something is not known."""
    return set(book.kinds) | set(book.unclear)


def different(one: Column, book: Codebook) -> list[str]:
    """The different values of a column that say something, in order, up to DIFFERENT."""
    return [value for value in dict.fromkeys(one.values) if value and fold(value) not in nothing(book)][:DIFFERENT]


def by_dates(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells that hold dates or years; personal where they are so far apart that they may be of birth."""
    dated, yearly, told, how = dates_of(one, book, epoch)
    if dated + yearly < MOST:
        return None
    values = different(one, book)
    years = {int(year) for value in values for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", value)}
    if years and max(years) - min(years) > LIFE:
        return Guess("born", {"kind": "personal"}, 1, [("proposed_birth", {})])
    counts = {"known": round((dated + yearly) * len(values)), "of": len(values)}
    if yearly > dated:
        return Guess("year", {"kind": "year"}, 0.7, [("proposed_year", counts)])
    return Guess("date", how, 0.7, [("proposed_date", counts), *told])


def dates_of(one: Column, book: Codebook, epoch: int) -> tuple[float, float, list, dict]:
    """The shares of the values that are dates and that are years alone, what is told of them, and the line of the column."""
    as_read = lambda value, order="": dates.read_date(value, order, epoch=epoch, months=dates.months())  # noqa: E731
    values = different(one, book)
    found = Counter(kind_of_date(as_read(value)) for value in values)
    unclear, short = (sum(as_read(value).rule == rule for value in values) for rule in ("date_ambiguous", "two_digit_year"))
    against = {order for order in ("day_month", "month_day") for value in values if as_read(value, order).rule == "date_other_order"}
    order = next(iter({"day_month", "month_day"} - against)) if len(against) == 1 and unclear else ""
    told = [("proposed_order", {"count": unclear, "order": order}) if order else ("proposed_no_order", {"count": unclear})] if unclear else []
    told += [("proposed_century", {"count": short})] if short else []
    return (share_of(found["date"], len(values)), share_of(found["year"], len(values)), told,
            {"kind": "date"} | ({"order": order} if order else {}))


def kind_of_date(read_as: dates.Dated) -> str:
    """Whether a text is a date, a year alone, or neither; a bare number may be one, and anything else as well."""
    if read_as.rule in ("bad_date", "date_serial"):
        return "neither"
    return "year" if read_as.precision == "year" and not read_as.rule else "date"


def by_names(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells of which some look like the names of people."""
    if name_like(one, book) < SOME:
        return None
    return Guess(said_in(one.heading, "text") or "", {"kind": "personal"}, 1, [("proposed_personal_cells", {})])


def name_like(one: Column, book: Codebook) -> float:
    """The share of the values that are two to four words with capitals, as names are."""
    values = different(one, book)
    return share_of(sum(bool(names_only(value.split())) for value in values), len(values))


def names_only(parts: list[str]) -> bool:
    """Whether all of these words could be parts of one name."""
    return 2 <= len(parts) <= 4 and all(part[0].isupper() and re.fullmatch(r"[^\W\d_][\w.'’-]*,?", part) for part in parts)


def by_case_code(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """A short code in every row or at the beginning of every case; bare numbers only if they run on."""
    filled = [value for value in one.values if value]
    codes = list(dict.fromkeys(filled))
    runs = sum(value != before for value, before in zip(filled, ["", *filled]))
    if len(codes) < 2 or runs != len(codes) or any(len(code) > LONGEST_CODE or not CODED.fullmatch(code) for code in codes):
        return None
    if not all(map(str.isdecimal, codes)):
        return Guess("case_id", {"kind": "id"}, 0.7, [("proposed_code", {})])
    running = max(map(int, codes)) - min(map(int, codes)) == len(codes) - 1
    return Guess("case_id", {"kind": "id"}, 0.6, [("proposed_running", {})]) if running and one.values[0] else None


def by_numbers(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells that hold whole numbers."""
    values = different(one, book)
    known = sum(dates.read_number(value, dates.number_words())[1] != "bad_number" for value in values)
    return Guess("", {"kind": "number"}, 0.5, [("proposed_number", {"known": known, "of": len(values)})]) if known >= MOST * len(values) else None


def by_text_word(one: Column, book: Codebook) -> Guess:
    """Text, which is never counted, for every other column."""
    near = ", ".join(f'"{heading}"' for heading, _ in nearest_headings(one.heading, book))
    name = said_in(one.heading, "text")
    return Guess(name or "", {"kind": "text"}, 0.4, [("proposed_text", {"near": near})] if not name else [])


def stand_ins(one: Column, guess: Guess, book: Codebook) -> list[tuple[str, dict]]:
    """The values of a column that may say that something is not known: only whoever filled in the sheet knows what they say."""
    plain_number = guess.how["kind"] == "number"
    found = Counter(fold(value) for value in one.values if guess.how["kind"] in ("coded", "date", "year", "number")
                    and fold(value) in book.unclear and not (plain_number and fold(value) == "0"))
    return [("proposed_unknown", {"value": value, "count": count}) for value, count in found.items()]


def of_sheets(file: Path, layout: Layout, sheets: dict[str, Sheet]) -> list[Problem]:
    """Which sheets were taken together, and which have another layout."""
    others = [sheet.name for sheet in sheets.values() if sheet.name not in layout.sheets and sheet.rows]
    told = [problem("proposed_sheets", file, sheets=", ".join(layout.sheets))] if len(layout.sheets) > 1 else []
    return told + [problem("proposed_other_sheet", file, sheet) for sheet in others]


# What they are -> a profile

def known_profile(file: Path, given: list[tuple[Column, Guess]], told: list[Problem], book: Codebook) -> Proposal | None:
    """A profile that exists and fits as soon as headings that are nearly right are added to headers.csv; None without one."""
    right = {guess.name: one for one, guess in given if not guess.told or guess.told[0][0] in ("proposed_near", "proposed_few")}
    counted = {guess.name.partition("#")[0] for _, guess in given if guess.how["kind"] not in ("text", "personal", "number")}
    fitting = [name for name, how in book.profiles.items() if set(how["needs"]) <= set(right) and counted <= set(how["columns"])
               and not {"sheets", "linked", "form"} & set(how)]
    if not fitting:
        return None
    name = max(fitting, key=lambda name: len(set(right) & set(book.profiles[name]["columns"])))
    new = [header_line(column, one) for column, one in right.items() if fold(one.heading) not in book.headers
           and column.partition("#")[0] in book.profiles[name]["columns"]]
    return Proposal(name, "", new, told) if new else None


def header_line(column: str, one: Column) -> str:
    """A line of headers.csv: column, spelling, language as its letters tell."""
    lang = "kk" if re.search("[әғқңөұүһі]", fold(one.heading)) else "ru" if re.search("[а-я]", fold(one.heading)) else "en"
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([column, one.heading, lang])
    return line.getvalue()


def new_profile(file: Path, given: list[tuple[Column, Guess]], told: list[Problem], book: Codebook) -> Proposal:
    """A profile of its own: what it needs, which rows are one case, and its columns with the headings that only it has."""
    name = numbered(re.sub("[^a-z0-9]+", "_", fold(file.name.split(".")[0])).strip("_") or "new_layout", set(book.profiles))
    further = [header_line(guess.name, one) for one, guess in given if "#" in guess.name and fold(one.heading) not in ways_of(book)]
    needs = needed([guess for _, guess in given], book)
    lines, rows = rows_of_cases(file, given)
    told = [*told, *rows, problem("proposed_needs", file, needs=", ".join(needs))]
    text = [f"title: {written(f'The layout of {file.name}, one row a case')}", "unit: cases  # or incidents", f"needs: {written(needs)}",
            "identical_rows: refuse  # count, where rows that say the same are different events", *lines]
    text += [f"# unknowns: {written({one: 'not_stated'})}  # or unknown, refused, not_asked" for one in stood_in(told)]
    text += ["columns:", *(line for one, guess in given if "#" not in guess.name for line in column_lines(one, guess, book))]
    return Proposal(name, "\n".join(text) + "\n", further, told)


def ways_of(book: Codebook) -> dict[str, str]:
    """The headings that need no line: those known, and `Violation 2` where `Violation` is."""
    return book.headers


def stood_in(told: list[Problem]) -> list[str]:
    """The values for not knowing that were told."""
    return list(dict.fromkeys(dict(one.words)["value"] for one in told if one.rule == "proposed_unknown"))


def needed(guesses: list[Guess], book: Codebook) -> list[str]:
    """The columns without which a sheet is not of this layout: code, date, the surest coded ones, and one that other profiles lack."""
    sure = [guess.name for guess in guesses if "#" not in guess.name and guess.how["kind"] == "coded" and guess.sure >= HALF]
    names = [guess.name for guess in guesses if "#" not in guess.name]
    needs = [*(name for name in ("case_id", "date", "year") if name in names), *sure[:3]]
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
    how = guess.how | ({"headers": [one.heading]} if new else {})
    known = next((f": {words['known']} of {words['of']} different values are known" for _, words in guess.told if "known" in words), "")
    return [f"  # {one.cell.rstrip('0123456789')}{known}", f"  {written({guess.name: how})[1:-1]}"]


def written(value) -> str:
    """A value in one line of YAML."""
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6).removesuffix("\n...\n").strip()


# What is said

def as_text(proposal: Proposal, lang: str = "en") -> str:
    """The proposal in words: what to do, the file, the lines of headers.csv, and what to look at."""
    if not proposal.name:
        return problems.as_text(proposal.unsure, lang)
    parts = [problems.said(problem("proposed_profile", "", name=proposal.name), lang), proposal.text] if proposal.text else []
    parts += [problems.said(problem("proposed_headers", "", name=proposal.name), lang), "\n".join(proposal.headers)] if proposal.headers else []
    return "\n\n".join([*map(str.strip, parts), problems.as_text(proposal.unsure, lang)]).strip()


def as_json(proposal: Proposal, lang: str = "en") -> dict:
    """A proposal under the names of the commands' JSON: profile, text, headers, unsure."""
    unsure = sorted(set(proposal.unsure), key=problems.place)
    return {"profile": proposal.name, "text": proposal.text, "headers": proposal.headers, "unsure": [problems.as_json(one, lang) for one in unsure]}
