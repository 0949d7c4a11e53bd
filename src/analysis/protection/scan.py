"""What of a confidential sheet's own identifiers stands in files that are about to be published, in whatever form."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from analysis import home, parameters, read, source
from analysis.codebook import Codebook, fold, source_record
from analysis.formats.files import Sheet, remarks
from analysis.protection import disguise, inside
from analysis.sheets import guess, identifiers, keys, propose
from analysis.wording import quotes

PRINTED = "words of a text"  # the kind of term that an approved quote may hold
PHRASE = 6  # words in a row that tell a story apart
SHORTEST = 4  # letters of a name that is looked for without its surname
DIGITS, SURE = 7, 9  # digits of a number that is looked for; from so many on also as a part of a longer one
LONGER = 3  # words of a term in which none is rare
OF_CODE = 5  # letters and digits of a case code, of both at least one
SHEETS = ("cases", "incidents", "export")  # the parameters that name tables of cases
TEMPLATES = Path(read.__file__).with_name("templates")
COLUMNS = ["file", "place", "kind", "source", "sheet", "column", "cell"]
WITH_LINES = (".csv", ".txt", ".log", ".md")
MOST = 40  # lines of a refusal
WHAT_TO_DO = ("Look up each cell, find out how its content came into the report (a title, a quote, a label, a correction), take it out "
              "there and run the report again. If it is also an ordinary word that the report needs, give it a row in ordinary_words.csv.")


class Origin(NamedTuple):
    """Where a term stands: `kind` is identifier, number, code of a case, or words of a text."""

    kind: str
    source: str
    sheet: str
    column: str
    cell: str


@dataclass(frozen=True)
class Terms:
    """What is looked for, and where the sheet has it: (language of its endings, key, key ...) for words, ("", digits) for numbers."""

    where: dict[tuple[str, ...], Origin]
    codebook: Path

    @cached_property
    def sizes(self) -> set[int]:
        """How many digits the numbers have that are looked for as parts of longer ones too."""
        return {len(key[1]) for key in self.where if not key[0]} - set(range(SURE))

    @cached_property
    def trees(self) -> dict[str, dict]:
        """Language -> first key -> second key -> ... -> None -> the term that ends here."""
        made: dict[str, dict] = {}
        for key in filter(itemgetter(0), self.where):
            node = made.setdefault(key[0], {})
            for one in key[1:]:
                node = node.setdefault(one, {})
            node[None] = key
        return made


# What is looked for.


def terms(files: list[str], book: Codebook, decided: Iterable[str] = (), approved: Iterable[str] = ()) -> Terms:
    """Every name, number, address, link, account, code and run of six words that the personal, link, id and text columns of these
    sources hold and whatever of them no profile reads, and the random codes of their cases.

    What stands in the `decided` texts (labels, templates, records) identifies nobody; the words of `approved` quotes may be printed,
    a name in them not.
    """
    decided = [disguise.plainly(text) for text in decided]
    common = {disguise.known_by(word, lang, book.folder) for word in {word for text in decided for word in disguise.words(text)}
              for lang in disguise.languages(book.folder)}
    found = Terms({}, book.folder)
    for cell, origin, how in (one for file in files for one in cells(file, book)):
        for key, kind in of_cell(disguise.plainly(cell), how, common, book):
            found.where.setdefault(key, origin._replace(kind=kind))
    told = Terms(found.where | {part: origin for key, origin in found.where.items() for part in all_but_one(key, origin)}, book.folder)
    public = {key for text in decided for _, key in hits(text, told)}
    printed = {key for text in approved for _, key in hits(disguise.plainly(text), found) if found.where[key].kind == PRINTED}
    return Terms({key: origin for key, origin in found.where.items()
                  if key not in public | printed and public.isdisjoint(all_but_one(key, origin))}, book.folder)


def all_but_one(key: tuple[str, ...], origin: Origin) -> list[tuple[str, ...]]:
    """The words of a text but for the last, and but for the first: where they are decided, the sixth word came by chance."""
    return [key[:-1], (key[0], *key[2:])] if origin.kind == PRINTED else []


def cells(file: str, book: Codebook) -> Iterator[tuple[str, Origin, str]]:
    """(text, where, how) of each cell of a source that says who somebody is or tells a story; how: the kind of its column, `name` for
    what looks like one in a column that nobody has described, `random` for the random code of a case."""
    raw = read.raw(source.path(file), book)
    for part in raw.text:
        column = part.partition("#")[0]
        kind = book.profiles[raw.profile]["columns"][column]["kind"]
        for at, text in raw.text[part].items() if kind in ("personal", "link", "id", "text") else ():
            yield from told_in(text, Origin("", file, raw.cell(at, part)[0], column, raw.cell(at, part)[1]), kind, book)
    opened = read.opened(source.path(file))
    for sheet in opened.sheets.values():
        for text, cell, how in unread(sheet, raw, book):  # its heading may be a value: it is not named
            yield from told_in(text, Origin("", file, sheet.name, "", cell), how, book)
    for sheet, what, cell, text in remarks(source.path(file), opened):
        text = text.replace("_", " ").strip()  # a name of an area has no spaces
        yield from told_in(text, Origin("", file, sheet, what, cell), how_of(text, "", book) if text else "", book)
    for row in keys.key(source.path(file)).itertuples():
        yield row.case_id, Origin("", file, row.sheet, "case_id", f"A{row.row}"), "random"


def told_in(text: str, origin: Origin, how: str, book: Codebook) -> Iterator[tuple[str, Origin, str]]:
    """As `cells`, of one cell: itself, and in a text what has the look of an identifier."""
    if text and how and fold(text) not in book.kinds and fold(text) not in book.unclear:
        yield text, origin, how
        yield from ((one, origin, "personal") for one in looks(text, book) if how == "text")


def unread(sheet: Sheet, raw: read.Raw, book: Codebook) -> Iterator[tuple[str, str, str]]:
    """(text, cell, how) of each cell of a sheet that no column of the profile reads, in hidden columns and sheets too."""
    mine = {letters for (name, _), letters in raw.letters.items() if name == sheet.name}
    rows, head = set(raw.table.row[raw.table.sheet == sheet.name]), propose.head(sheet, book)
    for place, (number, row) in enumerate(zip(sheet.numbers, sheet.rows)):
        headings = head.texts if head and place > head.last else []
        for at, cell in enumerate(row):
            letters, text = read.lettered(sheet, at), read.plain(cell)
            if text and not (number in rows and letters in mine):
                yield text, f"{letters}{number}", how_of(text, headings[at] if at < len(headings) else "", book)


def how_of(text: str, heading: str, book: Codebook) -> str:
    """What a cell of a column that nobody has described is taken for, by its heading or else by its look; empty for a date or a sum."""
    if guess.said_in(heading, "personal", book):
        return "personal"
    said = disguise.words(disguise.plainly(text))
    if "".join(said).isdecimal():
        return "id" if len("".join(said)) >= SURE and guess.bad_date(text, book) else ""
    if is_code(said) and not any(map(str.isspace, text)) and guess.bad_date(text, book):
        return "id"
    return "name" if guess.names_only(text.split()) else "text"


def looks(text: str, book: Codebook) -> list[str]:
    """What in a text has the look of an identifier by identifiers.csv."""
    text = identifiers.plainly(text)
    return [found.group() for _, pattern in identifiers.patterns(book.folder) for found in pattern.finditer(text)]


def of_cell(text: str, how: str, common: set[str], book: Codebook) -> Iterator[tuple[tuple[str, ...], str]]:
    """The terms of a cell, each with its kind."""
    said = disguise.words(text)
    if how not in ("text", "id") or "".join(said).isdecimal():
        yield from ((("", without_prefix(run)), "number") for _, run in disguise.numbers(text, book.folder) if len(run) >= DIGITS)
    for lang in disguise.languages(book.folder):
        known = [disguise.known_by(word, lang, book.folder) for word in said]
        rare = [word.isalpha() and len(word) >= SHORTEST and key not in common for word, key in zip(said, known)]
        if how == "text" or len(said) > PHRASE:
            kind = PRINTED if how == "text" else "identifier"
            yield from (((lang, *known[at:at + PHRASE]), kind) for at in range(len(said) - PHRASE + 1))
        elif how in ("id", "random"):
            yield from [((lang, *known), "code of a case")] if how == "random" or is_code(said) else []
        elif any(rare) or (len(said) >= LONGER and any(map(str.isdecimal, said))):
            orders = itertools.permutations(known) if len(known) <= LONGER else [known]
            yield from (((lang, *order), "identifier") for order in orders if len(known) > 1 or rare[0])
        if how == "personal" and is_name(text):
            yield from (((lang, key), "identifier") for key, is_rare in zip(known, rare) if is_rare)


def without_prefix(digits: str) -> str:
    """A telephone number without the 7 or 8 before it, which people write or leave out; any other number as it is."""
    return digits[1:] if len(digits) == 11 and digits[0] in "78" else digits


def is_code(said: list[str]) -> bool:
    """Whether the code of a case can be told from other words and numbers; a plain number cannot, a long one is looked for as such."""
    signs = "".join(said)
    return len(signs) >= OF_CODE and any(map(str.isalpha, signs)) and any(map(str.isdigit, signs))


def is_name(text: str) -> bool:
    """Whether each word of a cell may be a name by itself: not those of an address of any kind."""
    return not any(sign.isdigit() or sign in "@/_" for sign in text)


def of_report(given: dict, book: Codebook) -> Terms | None:
    """The terms of the confidential sheets of a report's parameters; None where all its sources are public."""
    named = source.named(given[name] for name in parameters.SOURCES)
    closed = [file for file in named if source_record(source.path(file)).get("level") != "public"]
    sheets = [file for file in source.named(given[name] for name in SHEETS) if file in closed]
    if not closed:
        return None
    approved = [text for lang in given["languages"] for text in quotes.of(given["quotes"], named, book, lang).approved.text]
    return terms(sheets, book, decided(named, closed), approved)


def decided(named: list[str], closed: list[str]) -> Iterator[str]:
    """Texts that reports are made of and that identify nobody: codebook, templates, records, public lists as CSV, names of our files."""
    yield "\n".join([*(file.stem for file in TEMPLATES.parent.rglob("*.py")), *named])
    records = [source.path(f"{file}.source.yml") for file in named]
    public = [source.path(file) for file in named if file not in closed and file.endswith(".csv")]
    for file in (*(home() / "data" / "codebook").rglob("*"), *TEMPLATES.glob("*"), *records, *public):
        if file.is_file():
            yield from (text for _, text in inside.texts(file.read_bytes()))


# Where it is found.


def found(files: list[Path], wanted: Terms) -> pd.DataFrame:
    """What of the terms stands in files and their names: file, place in it, kind, and source, sheet, column, cell where the sheet has it.

    A file that cannot be looked into has the kind `unreadable`. No row says what was found.
    """
    rows = [row for file in files for row in found_in(file, wanted)]
    return pd.DataFrame(rows, columns=COLUMNS).drop_duplicates(ignore_index=True)


def found_in(file: Path, wanted: Terms) -> list[tuple]:
    """As `found`, in one file."""
    rows = []
    try:
        for place, text in itertools.chain([("name of the file", file.name)], inside.texts(file.read_bytes())):
            plain = disguise.plainly(text)
            for at, key in hits(plain, wanted):
                line = f"line {plain.count(chr(10), 0, at) + 1}" if not place and file.suffix in WITH_LINES else ""
                rows.append((file.name, place or line, *wanted.where[key]))
    except inside.Unreadable as error:
        rows.append((file.name, str(error), "unreadable", "", "", "", ""))
    return rows


def hits(text: str, wanted: Terms) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where in a text, as `plainly` has it, which terms stand."""
    for at, run in disguise.numbers(text, wanted.codebook):
        parts = {run, without_prefix(run), *(run[first:first + size] for size in wanted.sizes for first in range(len(run) - size + 1))}
        yield from ((at, ("", part)) for part in parts if ("", part) in wanted.where)
    said = [(one.start(), one.group()) for one in disguise.WORD.finditer(text)]
    for lang, tree in wanted.trees.items():
        known = [disguise.keys(word, lang, wanted.codebook) for _, word in said]
        yield from ((begin, key) for at, (begin, _) in enumerate(said) for key in ending(known, at, tree))


def ending(known: list[frozenset[str]], at: int, tree: dict) -> Iterator[tuple[str, ...]]:
    """The terms of a tree that begin with a word, each of which may have several keys."""
    nodes = [tree]
    while nodes and at < len(known):
        nodes = [node[key] for node in nodes for key in known[at] if key in node]
        yield from (node[None] for node in nodes if None in node)
        at += 1


# What is told.


def told(table: pd.DataFrame) -> str:
    """What a coordinator is told of what was found: in which file it stands, and which cell of the sheet holds it, never what it is."""
    lines = [f"{row.file}{', ' if row.place else ''}{row.place}: " + (
        "this file, or a part of it, cannot be looked into, so nobody knows what it holds" if row.kind == "unreadable" else
        f"holds an identifier or words of {row.source}, {f'sheet {row.sheet}, ' if row.sheet else ''}"
        f"{f'cell {row.cell}' if row.cell else 'beside the cells'}{f' ({row.column})' if row.column else ''}")
        for row in table.itertuples()]
    more = [f"... and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return "\n".join([*lines[:MOST], *more, WHAT_TO_DO])
