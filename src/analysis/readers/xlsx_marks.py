"""What a person sees in an .xlsx workbook and calamine does not show: hidden rows, strike-out, fills, merges, comments, error cells."""

import re
import zipfile
from xml.parsers import expat

from archive import links, opened, pieces, tree
from child import send
from colours import OFF, styles
from xlsx_rows import kept

WORKBOOK = "xl/workbook.xml"
CELL = re.compile(r"([A-Z]{1,7})(\d{1,15})")


def read(file: str | bytes) -> None:
    """Send the marks of every worksheet, and what is to be said of the workbook."""
    archive = opened(file)
    book, parts = tree(archive, WORKBOOK), links(archive, WORKBOOK)
    of_kind = {kind: target for kind, target in parts.values()}
    properties = book.find("{*}workbookPr")
    if properties is not None and properties.get("date1904", "0") not in OFF:
        send("epoch", 1904)
    if "externalLink" in of_kind:
        send("note", "links_external", "", "", {})
    struck, fills = styles(archive, of_kind.get("styles", ""), of_kind.get("theme", ""))
    strings = struck_strings(archive, of_kind.get("sharedStrings", ""))
    for name, part in sheets(book, parts):
        marks = Marks(name, struck, fills, strings)
        marks.comments |= comments(archive, part)
        for piece in kept(pieces(archive, part), {one.encode() for one in {*struck, *fills}}, {one.encode() for one in strings}):
            marks.parser.Parse(piece)
        marks.parser.Parse(b"", True)
        marks.send()


def sheets(book, parts: dict) -> list[tuple[str, str]]:
    """Name and part of each worksheet; sheets of charts have no cells."""
    found = [(sheet.get("name", ""), parts[next(key for name, key in sheet.attrib.items() if name.endswith("}id"))])
             for sheet in book.iterfind("{*}sheets/{*}sheet")]
    return [(name, part) for name, (kind, part) in found if kind == "worksheet"]


def comments(archive: zipfile.ZipFile, part: str) -> set[str]:
    """The cells of a sheet with a comment, of the old kind or with answers."""
    found = [target for kind, target in links(archive, part).values() if kind in ("comments", "threadedComment")]
    return {one.get("ref", "") for target in found for one in tree(archive, target).iter()
            if one.tag.endswith(("}comment", "}threadedComment"))}


def struck_strings(archive: zipfile.ZipFile, part: str) -> set[str]:
    """The numbers of the shared texts that are struck out, wholly or in part."""
    if part not in archive.NameToInfo or not any(b"strike" in piece for piece in pieces(archive, part)):
        return set()
    found, at = set(), -1

    def start(name, attributes):
        nonlocal at
        name = name.rpartition(":")[2]
        at += name == "si"
        if name == "strike" and attributes.get("val", "1") not in OFF:
            found.add(str(at))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    for piece in pieces(archive, part):
        parser.Parse(piece)
    return found


class Marks:
    """The marks of one worksheet, gathered while its text is parsed."""

    def __init__(self, name: str, struck_styles: set[str], fills: dict[str, str], strings: set[str]):
        self.name, self.struck_styles, self.fills, self.strings = name, struck_styles, fills, strings
        self.hidden, self.struck, self.comments, self.unvalued = set(), set(), set(), set()
        self.colours, self.errors, self.merged, self.conditional = {}, {}, [], False
        self.number, self.cell, self.of_cell, self.within, self.text = 0, "", None, set(), ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.characters

    def send(self) -> None:
        """Send what was found."""
        marks = [frozenset(self.hidden), frozenset(self.struck), self.colours, self.merged, frozenset(self.comments), self.errors]
        send("marks", self.name, *marks, frozenset(self.unvalued))
        if self.conditional:
            send("note", "conditional_unseen", self.name, "", {})

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins; `within` holds the names of those that began in the cell."""
        name = name.rpartition(":")[2]
        if name == "c" and self.of_cell is None:
            self.cell = given.get("r") or self.next()
            self.of_cell, self.within, self.text = given, set(), ""
        elif self.of_cell is not None:
            if name != "strike" or given.get("val", "1") not in OFF:
                self.within.add(name)
            self.text += "\n" if name == "v" else ""
        elif name == "row":
            self.row(given)
        elif name == "mergeCell":
            self.merged.append(span(given["ref"]))
        elif name == "cfRule":
            self.conditional = True

    def row(self, given: dict[str, str]) -> None:
        """A row begins; its fills are kept until it shows content, for a sheet can have a million coloured empty rows."""
        self.number, self.cell = int(given.get("r", self.number + 1)), ""
        self.waiting, self.filled = {}, False
        if given.get("hidden", "0") not in OFF or given.get("ht") == "0":
            self.hidden.add(self.number)

    def next(self) -> str:
        """The cell after the last one, for writers that do not say."""
        found = CELL.fullmatch(self.cell)
        return f"{letters(number_of(found[1]) + 1 if found else 0)}{self.number}"

    def characters(self, text: str) -> None:
        """Text is kept of values only."""
        if self.text and "v" in self.within:
            self.text += text

    def end(self, name: str) -> None:
        """An element ends: a cell, whose marks are now known, or a row."""
        name = name.rpartition(":")[2]
        if name == "c" and self.of_cell is not None:
            self.mark(self.cell, self.of_cell, self.text.strip())
            self.of_cell = None
        elif name == "row" and self.filled:
            self.colours |= self.waiting

    def mark(self, cell: str, given: dict[str, str], value: str) -> None:
        """The marks of one cell; a formula whose value is an empty text says so by its type `str`."""
        style, kind = given.get("s", "0"), given.get("t", "n")
        content = value or "t" in self.within
        self.filled = self.filled or bool(content)
        if style in self.fills:
            self.waiting[cell] = self.fills[style]
        if kind == "e":
            self.errors[cell] = value
        if "f" in self.within and not value and kind != "str":
            self.unvalued.add(cell)
        if content and (style in self.struck_styles or "strike" in self.within or kind == "s" and value in self.strings):
            self.struck.add(cell)


def span(reference: str) -> tuple[int, int, int, int]:
    """First row, first column (from 0), last row and last column of B2:C7."""
    first, _, last = reference.replace("$", "").partition(":")
    (left, top), (right, bottom) = (CELL.fullmatch(one).groups() for one in (first, last or first))
    return int(top), number_of(left), int(bottom), number_of(right)


def number_of(column: str) -> int:
    """The number of a column, A -> 0, AA -> 26."""
    number = 0
    for letter in column:
        number = 26 * number + ord(letter) - 64
    return number - 1


def letters(number: int) -> str:
    """The letters of a column, 0 -> A, 26 -> AA."""
    return (letters(number // 26 - 1) if number >= 26 else "") + chr(65 + number % 26)
