"""A column that nobody has described -> what it seems to be, from its heading and its cells."""

import os
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analysis.codebook import Codebook, fold, listed
from analysis.read import recognised
from analysis.sheets import dates
from analysis.sheets.cells import USUAL, pieces

DIFFERENT = 300  # different values of a column that are looked at
LONGEST_CODE = 20  # signs
TELLING = 4  # signs; a shorter value, such as yes or kz, tells nothing about its column
MOST, HALF, SOME = 0.8, 0.5, 0.3
BY_CELLS = 0.8  # how much less sure the cells make than a heading
CLOSE, LIKE = 85, 65  # of 100: how much a misspelt heading is like the right one, and another wording
LIFE = 30  # years; dates further apart than this may be dates of birth
CONTACT = re.compile(r"\S@\S|https?://|www\.|(?<![^\W\d_])@\w|\+?\d(?:[\s()-]{0,2}\d){8,}|\b[^\W\d_]{1,3} ?(?:№ ?)?\d{6,}")
CODED = re.compile(r"(?=.*\d)[\w./№-]+")
# Columns that tables have anyway, and columns with a meaning of their own: no other column may be called so.
RESERVED = {"sheet", "row", "first", "look", "what", "unit", "source", "case_id", "date", "year", "date_precision"}


class Column(NamedTuple):
    """A column as received: its heading, where that stands, its cells as text, the different values that say something
    (up to DIFFERENT), and whether merged cells join rows of it."""

    heading: str
    sheet: str
    cell: str
    values: list[str]
    different: list[str]
    merged: bool


class Guess(NamedTuple):
    """What a column seems to be: its name in the profile, its line there, how sure that is (0 to 1), the rules under which
    a person is told, with their words, and the variables that its values fit equally well."""

    name: str
    how: dict
    sure: float
    told: list[tuple[str, dict]]
    also: tuple[str, ...] = ()


def saying(values: list[str], book: Codebook) -> list[str]:
    """The different values that say something, in order, up to DIFFERENT."""
    nothing = {*book.kinds, *book.unclear}
    return [value for value in dict.fromkeys(values) if value and fold(value) not in nothing][:DIFFERENT]


def guessed(columns: list[Column], book: Codebook, epoch: int) -> list[Guess]:
    """What each column is; where several could be the same, the surest is taken."""
    first = [guess(one, book, epoch) for one in columns]
    taken, made = RESERVED - {"case_id", "date", "year"}, {}
    for at in sorted(range(len(first)), key=lambda at: (-first[at].sure, len(first[at].also), at)):
        made[at] = free(first[at], columns[at], taken, book)
        taken = taken | {made[at].name}
    return [made[at] for at in range(len(first))]


def guess(one: Column, book: Codebook, epoch: int) -> Guess:
    """What a column is: what its heading says, else what its cells hold. When in doubt whether it is personal, it is."""
    ways = (by_heading, by_personal_word, by_contact, by_misspelling, by_codes, by_dates, by_names, by_case_code, by_numbers, as_text)
    return next(found for way in ways if (found := way(one, book, epoch)))


def free(found: Guess, one: Column, taken: set[str], book: Codebook) -> Guess:
    """The guess under a name that no other column has; what only one column can be is text, or personal, in a second one."""
    if name := next((name for name in (found.name, *found.also) if name and name not in taken), None):
        others = [other for other in (found.name, *found.also) if other != name]
        told = [(rule, words | ({"others": ", ".join(others)} if rule == "proposed_either" else {})) for rule, words in found.told]
        return found._replace(name=name, told=told)
    kind, used = found.how["kind"], taken | RESERVED | set(book.variables.index)
    if kind == "coded" and book.variables.at[found.name, "several"] == "yes":
        return found._replace(name=numbered(found.name, taken, "#"), told=[*found.told, ("proposed_further", {})])
    if kind in ("coded", "date", "year", "id"):
        kind = "personal" if kind == "id" else "text"
        told = [("proposed_second", {"other": found.name, "kind": kind})]
        return Guess(numbered(slug(one.heading) or kind, used), {"kind": kind}, 0, told)
    return found._replace(name=numbered(found.name or slug(one.heading) or kind, used))


def numbered(name: str, taken: set[str], sign: str = "_") -> str:
    """The name itself if it is free, else with a number."""
    return next(way for way in (name, *(f"{name}{sign}{n}" for n in range(2, len(taken) + 3))) if way not in taken)


def slug(heading: str) -> str:
    """A heading in Latin letters as the name of a column; empty for one in other letters."""
    text = fold(heading)
    return re.sub("[^a-z0-9]+", "_", text).strip("_0123456789")[:40] if text.isascii() else ""


def by_heading(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """A heading that the codebook knows, whatever the cells hold; unless they hold names instead of codes."""
    name = recognised([one.heading], book.headers, book).get(0)
    return headed_as(name, one, book, epoch)._replace(sure=1) if name else None


def by_misspelling(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """A heading that is nearly one that the codebook knows, if the cells fit."""
    near, like = nearest_headings(one.heading, book)[0]
    found = headed_as(book.headers[near], one, book, epoch) if like >= CLOSE else None
    if not found or found.sure < HALF:
        return None
    return found._replace(sure=0.9 * found.sure, told=[("proposed_near", {"near": near}), *found.told])


def headed_as(name: str, one: Column, book: Codebook, epoch: int) -> Guess:
    """The guess that a column is the one of this name; `sure` says how many of its values fit."""
    variable = name.partition("#")[0]
    kind = "coded" if variable in book.variables.index else kinds(book).get(variable, "text")
    if kind == "coded":
        share, told, how = coded_as(variable, one, book)
        if share < HALF and name_like(one) >= SOME:
            return Guess(name, {"kind": "personal"}, 0, [("proposed_personal_cells", {})])
        return Guess(name, how, share, told)
    if kind == "date":
        dated, yearly, told, how = dates_of(one, epoch, book)
        return Guess(name, how, dated + yearly, told)
    return Guess(name, {"kind": kind}, 1, [])


def kinds(book: Codebook) -> dict[str, str]:
    """Column -> the kind that the profiles give it."""
    return {column: how["kind"] for profile in reversed(book.profiles.values()) for column, how in profile["columns"].items()}


def nearest_headings(heading: str, book: Codebook) -> list[tuple[str, float]]:
    """The three known headings most like this one, with how much (0 to 100)."""
    from rapidfuzz import fuzz, process  # only a layout that nobody knows needs them

    return [(near, like) for near, like, _ in process.extract(fold(heading), list(book.headers), scorer=fuzz.ratio, limit=3)]


@cache
def words(folder: Path, what: str) -> list[tuple[re.Pattern, str]]:
    """The words of personal_words.csv that make a column `personal` or `text`, and what it is then called."""
    table = listed(folder / "personal_words.csv")
    way = lambda word: r"\W+".join(re.escape(part).replace(r"\*", r"\w*") for part in fold(word).split())  # noqa: E731
    return [(re.compile(rf"\b{way(row.word)}\b"), row.column) for row in table[table.what == what].itertuples()]


def said_in(heading: str, what: str, book: Codebook) -> str:
    """The column that a word of the heading stands for; empty without one."""
    return next((column for pattern, column in words(book.folder, what) if pattern.search(fold(heading))), "")


def by_personal_word(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """A heading with a word for what says who somebody is, unless nearly all cells are labels of something that was done."""
    name = said_in(one.heading, "personal", book)
    coded = by_codes(one, book, epoch) if name else None
    if not name or (coded and coded.sure >= BY_CELLS * MOST and book.variables.at[coded.name, "about"] == "acts"):
        return coded
    return Guess(name, {"kind": "personal"}, 1, [("proposed_personal_word", {})])


def by_contact(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells of which any looks like a telephone, an e-mail, a link or the number of a document; and an empty column."""
    name = said_in(one.heading, "text", book)
    if not one.different:
        return Guess(name, {"kind": "personal"}, 0, [("proposed_empty", {})])
    found = any(CONTACT.search(value) and bad_date(value, book) for value in one.different) and not systematic(one.different)
    return Guess(name, {"kind": "personal"}, 1, [("proposed_personal_cells", {})]) if found else None


def systematic(values: list[str]) -> bool:
    """Whether all values are codes that begin alike, as KZ-2024-0001 does and numbers of documents do not."""
    begin = os.path.commonprefix(values) if len(values) > 1 and all(map(CODED.fullmatch, values)) else ""
    return len(begin) >= TELLING and any(map(str.isalpha, begin))


def bad_date(text: str, book: Codebook) -> bool:
    """Whether a text is no date at all."""
    return dates.read_date(text, months=dates.months(book.folder)).rule == "bad_date"


def by_codes(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells of which at least half of the values are known for a variable; those known for two are the one whose heading is nearer."""
    parts = {piece for value in one.different for way in ([], USUAL) for piece in pieces(value, way, lambda text: False)}
    telling = [piece for piece in parts if len(fold(piece)) >= TELLING]
    found = {variable: coded_as(variable, one, book) for variable in book.variables.index
             if any(book.code(variable, piece) or book.look_alike(variable, piece) for piece in telling)}
    most = max((share for share, _, _ in found.values()), default=0)
    if most < HALF:
        return None
    best = sorted((variable for variable in found if found[variable][0] == most), key=lambda variable: -likeness(variable, one, book))
    share, told, how = found[best[0]]
    known, of = known_of(best[0], one, how.get("separator"), book)
    told = [("proposed_codes", {"known": known, "of": of}), *([("proposed_either", {})] if best[1:] else [])]
    return Guess(best[0], how, BY_CELLS * share, told, tuple(best[1:]))


def likeness(variable: str, one: Column, book: Codebook) -> float:
    """How much a heading is like the nearest one of a variable; 0 where they only share letters by chance."""
    from rapidfuzz import fuzz

    mine = [heading for heading, column in book.headers.items() if column == variable]
    like = max((fuzz.token_set_ratio(fold(one.heading), heading) for heading in mine), default=0)
    return like if like >= LIKE else 0


def coded_as(variable: str, one: Column, book: Codebook) -> tuple[float, list, dict]:
    """The share of the values that is known for a variable, what is told of it, and the line of the column."""
    signs = [sign for sign in USUAL if any(sign in value for value in one.different)]
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
    found = {fold(piece): know(piece) for value in one.different for piece in pieces(value, [separator] if separator else [], know)}
    nothing, unknown = {*book.kinds, *book.unclear}, book.unknown(variable)
    said = [code for piece, code in found.items() if code not in unknown and piece not in nothing]
    return sum(code is not None for code in said), len(said)


def by_dates(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells that hold dates or years; personal where they are so far apart that they may be of birth."""
    dated, yearly, told, how = dates_of(one, epoch, book)
    if dated + yearly < MOST:
        return None
    years = [int(year) for value in one.different for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", value)]
    if years and max(years) - min(years) > LIFE:
        return Guess("born", {"kind": "personal"}, 1, [("proposed_birth", {})])
    counts = {"known": round((dated + yearly) * len(one.different)), "of": len(one.different)}
    if yearly > dated:
        return Guess("year", {"kind": "year"}, 0.7, [("proposed_year", counts)])
    return Guess("date", how, 0.7, [("proposed_date", counts), *told])


def dates_of(one: Column, epoch: int, book: Codebook) -> tuple[float, float, list, dict]:
    """The shares of the values that are dates and that are years alone, what is told of them, and the line of the column."""
    months = dates.months(book.folder)
    as_read = {order: [dates.read_date(value, order, epoch=epoch, months=months) for value in one.different]
               for order in ("", "day_month", "month_day")}
    found, rules = Counter(map(kind_of_date, as_read[""])), Counter(read.rule for read in as_read[""])
    fit = [order for order in ("day_month", "month_day") if all(read.rule != "date_other_order" for read in as_read[order])]
    unclear, short = rules["date_ambiguous"], rules["two_digit_year"]
    told = [("proposed_order", {"count": unclear, "order": fit[0]}) if len(fit) == 1 else ("proposed_no_order", {"count": unclear})]
    told = (told if unclear else []) + ([("proposed_century", {"count": short})] if short else [])
    how = {"kind": "date"} | ({"order": fit[0]} if unclear and len(fit) == 1 else {})
    return share_of(found["date"], len(one.different)), share_of(found["year"], len(one.different)), told, how


def kind_of_date(read: dates.Dated) -> str:
    """Whether a text is a date, a year alone, or neither; a bare number may be one, and anything else as well."""
    if read.rule in ("bad_date", "date_serial"):
        return "neither"
    return "year" if read.precision == "year" and not read.rule else "date"


def by_names(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells of which some look like the names of people."""
    if name_like(one) < SOME:
        return None
    return Guess(said_in(one.heading, "text", book), {"kind": "personal"}, 1, [("proposed_personal_cells", {})])


def name_like(one: Column) -> float:
    """The share of the values that are two to four words with capitals, as names are."""
    return share_of(sum(names_only(value.split()) for value in one.different), len(one.different))


def names_only(parts: list[str]) -> bool:
    """Whether all of these words could be parts of one name."""
    return 2 <= len(parts) <= 4 and all(part[0].isupper() and re.fullmatch(r"[^\W\d_][\w.'’-]*,?", part) for part in parts)


def by_case_code(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """A short code in every row or at the beginning of every case; bare numbers only if they count the rows."""
    filled = [value for value in one.values if value]
    codes = list(dict.fromkeys(filled))
    runs = sum(value != before for value, before in zip(filled, ["", *filled]))
    if len(codes) < 2 or runs != len(codes) or any(len(code) > LONGEST_CODE or not CODED.fullmatch(code) for code in codes):
        return None
    if not all(map(str.isdecimal, codes)):
        return Guess("case_id", {"kind": "id"}, 0.7, [("proposed_code", {})])
    running = [*map(int, codes)] == [*range(int(codes[0]), int(codes[0]) + len(codes))]
    return Guess("case_id", {"kind": "id"}, 0.6, [("proposed_running", {})]) if running and one.values[0] else None


def by_numbers(one: Column, book: Codebook, epoch: int) -> Guess | None:
    """Cells that hold whole numbers."""
    known = sum(dates.read_number(value, dates.number_words(book.folder))[1] != "bad_number" for value in one.different)
    told = [("proposed_number", {"known": known, "of": len(one.different)})]
    return Guess("", {"kind": "number"}, 0.5, told) if known >= MOST * len(one.different) else None


def as_text(one: Column, book: Codebook, epoch: int) -> Guess:
    """Text, which is never counted, for every other column."""
    near = ", ".join(f'"{heading}"' for heading, _ in nearest_headings(one.heading, book))
    name = said_in(one.heading, "text", book)
    return Guess(name, {"kind": "text"}, 0.4, [] if name else [("proposed_text", {"near": near})])


def stand_ins(one: Column, found: Guess, book: Codebook) -> list[tuple[str, dict]]:
    """The values of a column that may say that something is not known: only whoever filled in the sheet knows what they say."""
    if found.how["kind"] not in ("coded", "date", "year", "number"):
        return []
    values = Counter(fold(value) for value in one.values if fold(value) in book.unclear)
    return [("proposed_unknown", {"value": value, "count": count}) for value, count in values.items()
            if found.how["kind"] != "number" or not value.isdecimal() or stands_out(int(value), one)]


def stands_out(number: int, one: Column) -> bool:
    """Whether a number is more than twice every other one of its column, as 99 is among the numbers of victims; 0 never is."""
    return all(2 * int(value) < number for value in one.different if value.isdecimal())
