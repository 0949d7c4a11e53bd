"""What a person sees in an .ods workbook beside its values: hidden rows and columns, strike-out, fills, merges, comments, error cells."""

import re
import zipfile
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple
from xml.etree.ElementTree import Element, XMLPullParser

from analysis.formats.archive import pieces
from analysis.formats.child import PASSWORD, Wrong
from analysis.formats.sheet import Marks, letter, letters, no_marks, position

SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TABLE, STYLE, TEXT, OFFICE, FO = (SPACE % name for name in ("table", "style", "text", "office", "xsl-fo-compatible"))
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
CELLS = (TABLE + "table-cell", TABLE + "covered-table-cell")
WITHIN = {*CELLS, TEXT + "p", TEXT + "span"}  # looked at with their row
REPEATED, NAMED, FORMULA = TABLE + "number-columns-repeated", TABLE + "style-name", TABLE + "formula"
DOWN, ACROSS = TABLE + "number-rows-spanned", TABLE + "number-columns-spanned"
VALUE, KIND, ANNOTATION = OFFICE + "value-type", CALC + "value-type", OFFICE + "annotation"
RULES, STYLED = CALC + "conditional-format", CALC + "apply-style-name"
CORNER = re.compile(r"\.\$?([A-Z]{1,3})\$?(\d{1,7})(?=[:\s]|$)")
MOST_CELLS = 10**8  # of a sheet, to its last cell that holds anything
SPECIAL = {FORMULA, DOWN, ACROSS}
ERROR = re.compile(r"#[A-Z0-9/!?]+|Err:\d+")


class Style(NamedTuple):
    """What a style says itself; None where its parent decides."""

    parent: str
    struck: bool | None
    fill: str | None


class Looked(NamedTuple):
    """A sheet as far as it was looked at: its marks, the styles of its columns (first, after the last, style), [number of the next row,
    columns that hold anything], and the coloured stretches (first row, row after the last, first column, column after the last, colour)."""

    marks: Marks
    columns: list[tuple[int, int, str]]
    reached: list[int]
    coloured: list[tuple[int, int, int, int, str]]


def blocks(source) -> Iterator[tuple]:
    """("marks", sheet, marks), ("epoch", year) and ("note", rule) of a workbook; raises Wrong for one that is not safe or encrypted."""
    archive = zipfile.ZipFile(source)
    if any(b"encryption-data" in piece for piece in pieces(archive, "META-INF/manifest.xml")):
        raise Wrong("password_needed", variable=PASSWORD)
    styles: dict[str, Style] = {}
    for part in ("styles.xml", "content.xml"):
        if part in archive.NameToInfo:
            yield from document(pieces(archive, part), styles)


def document(given: Iterator[bytes], styles: dict[str, Style]) -> Iterator[tuple]:
    """Take in the styles of a part, and give the marks of its sheets; a row is forgotten as soon as it is looked at."""
    parser, above, sheet, looks = XMLPullParser(["start", "end"]), [], Looked(no_marks(), [], [1, 0], []), {}
    for event, one in chain.from_iterable(fed(parser, piece) for piece in given):
        if one.tag in WITHIN:
            continue
        if event == "start":
            above.append(one)
            continue
        above.pop()
        if one.tag == TABLE + "table-row":
            look_at(one, sheet, styles, looks)
            above[-1].remove(one)
        elif one.tag == TABLE + "table-column":
            first = sheet.columns[-1][1] if sheet.columns else 0
            sheet.columns.append((first, first + repeated(one, "columns"), one.get(TABLE + "default-cell-style-name", "")))
            if one.get(TABLE + "visibility", "visible") != "visible":
                sheet.marks.columns.update(letters(first, sheet.columns[-1][1] - 1))
        elif one.tag == RULES:
            sheet.marks.ruled.extend(ruled(one, styles, looks))
        elif one.tag == TABLE + "table":
            yield "marks", one.get(TABLE + "name", ""), tuple(coloured(sheet))
            sheet = Looked(no_marks(), [], [1, 0], [])
        elif one.tag == STYLE + "style":
            for name in {one.get(STYLE + "name", ""), one.get(STYLE + "display-name", one.get(STYLE + "name", ""))}:  # rules use the latter
                styles[name] = style_of(one)
        yield from about(one)


def fed(parser: XMLPullParser, piece: bytes) -> Iterator[tuple[str, Element]]:
    """What one more piece of a part begins and ends."""
    parser.feed(piece)
    return parser.read_events()


def about(one: Element) -> Iterator[tuple]:
    """What an element says of the whole workbook: its calendar, and that it takes values from another one."""
    if one.tag == TABLE + "null-date" and one.get(TABLE + "date-value", "").startswith("1904"):
        yield "epoch", 1904
    elif one.tag == TABLE + "table-source":
        yield "note", "external_links"


def style_of(one: Element) -> Style:
    """What a style says of strike-out and fill."""
    shown, cell = one.find(STYLE + "text-properties"), one.find(STYLE + "table-cell-properties")
    line = None if shown is None else shown.get(STYLE + "text-line-through-style", shown.get(STYLE + "text-line-through-type"))
    return Style(one.get(STYLE + "parent-style-name", ""), None if line is None else line != "none",
                 None if cell is None else cell.get(FO + "background-color"))


def look_of(name: str, styles: dict[str, Style], looks: dict[str, tuple]) -> tuple[bool, str]:
    """Whether a style strikes out, and its fill as RRGGBB, empty for white; from its parents where it does not say. Kept in `looks`."""
    if name not in looks:
        line, at = [], name
        while at in styles and styles[at] not in line:
            line.append(styles[at])
            at = styles[at].parent
        struck = next((one.struck for one in line if one.struck is not None), False)
        fill = next((one.fill for one in line if one.fill is not None), "").lstrip("#").upper()
        looks[name] = struck, fill if re.fullmatch("(?!FFFFFF)[0-9A-F]{6}", fill) else ""
    return looks[name]


def repeated(one: Element, what: str) -> int:
    """How many times a row, column or cell stands there."""
    return int(one.get(f"{TABLE}number-{what}-repeated", 1))


def look_at(row: Element, sheet: Looked, styles: dict[str, Style], looks: dict[str, tuple]) -> None:
    """Look at one row, as often as it stands there; where it holds nothing, only its merged cells and comments count."""
    first = sheet.reached[0]
    sheet.reached[0] = after = first + repeated(row, "rows")
    left, cells = 0, []
    for one in row:
        if one.tag in CELLS:
            right = left + int(one.get(REPEATED, 1))
            cells.append((one, holds(one), (first, after, left, right)))
            left = right
    full = any(held for _, held, _ in cells)
    if full and after * max(where[3] for _, held, where in cells if held) > MOST_CELLS:
        raise Wrong("file_unsafe", why="reading it needs more memory or time than a table of cases can")
    if full and (seen := row.get(TABLE + "visibility", "visible")) != "visible":
        sheet.marks.hidden.update(range(first, after))
        sheet.marks.filtered.update(range(first, after) if seen == "filter" else ())
    usual = row.get(TABLE + "default-cell-style-name")
    for one, held, where in cells:
        if len(one) > 1 or not SPECIAL.isdisjoint(one.keys()) or one.find(ANNOTATION) is not None:
            look_at_cell(one, where, sheet)
        if held:
            sheet.reached[1] = max(sheet.reached[1], where[3])
        for area, struck, fill in looks_of(one.get(NAMED, usual), where, sheet.columns, styles, looks) if full else ():
            if fill:
                sheet.coloured.append((*area, fill))
            if held and (struck or partly(one, styles, looks)):
                sheet.marks.struck.update(named(area))


def holds(cell: Element) -> bool:
    """Whether a cell holds anything."""
    return bool(cell.get(VALUE) or cell.get(FORMULA) or len(cell) and any(text for _, text in text_of(cell)))


def partly(cell: Element, styles: dict[str, Style], looks: dict[str, tuple]) -> bool:
    """Whether a part of the text of a cell is struck out."""
    return any(map(len, cell)) and any(text and name and look_of(name, styles, looks)[0] for name, text in text_of(cell))


def look_at_cell(one: Element, where: tuple[int, int, int, int], sheet: Looked) -> None:
    """Add to the marks what a cell is: an error, a formula without a value, the first of a merged area, one with a comment."""
    first, _, left, _ = where
    if one.find(ANNOTATION) is not None:
        sheet.marks.comments.update(named(where))
    down, across = int(one.get(DOWN, 1)), int(one.get(ACROSS, 1))
    if down > 1 or across > 1:
        sheet.marks.merged.append((first, left, first + down - 1, left + across - 1))
    if one.get(KIND) == "error" or one.get(FORMULA):
        text = "".join(piece for _, piece in text_of(one))
        if one.get(KIND) == "error" or ERROR.fullmatch(text):
            sheet.marks.errors.update(dict.fromkeys(named(where), text or "#"))
        elif not one.get(VALUE) and one.find(TEXT + "p") is None:
            sheet.marks.unvalued.update(named(where))


def looks_of(style: str | None, where: tuple, columns: list[tuple], styles: dict[str, Style], looks: dict) -> list[tuple]:
    """Area, strike-out and fill of a cell as often as it stands there: of its own style or its row's, or else of those of its columns."""
    if style:
        return [(where, *look_of(style, styles, looks))]
    first, after, left, right = where
    return [((first, after, max(start, left), min(stop, right)), *look_of(name, styles, looks)) for start, stop, name in columns
            if start < right and stop > left] or [(where, False, "")]


def ruled(one: Element, styles: dict[str, Style], looks: dict[str, tuple]) -> list[tuple[int, int, int, int, str]]:
    """The areas in which a rule colours or strikes out, with the fill that it gives."""
    fills = [look_of(rule.get(STYLED, ""), styles, looks) for rule in one if rule.get(STYLED)]
    fills = [fill for struck, fill in fills if struck or fill] + [""] * sum(rule.tag == CALC + "color-scale" for rule in one)
    corners = [(int(row), position(column)) for column, row in CORNER.findall(one.get(CALC + "target-range-address", ""))]
    return [(*first, *last, fill) for first, last in zip(corners[::2], corners[1::2]) for fill in fills]


def coloured(sheet: Looked) -> Marks:
    """The marks of a sheet with its coloured cells, as far to the right as it holds anything: to colour a whole row is usual."""
    for first, after, left, right, fill in sheet.coloured:
        sheet.marks.colours.update(dict.fromkeys(named((first, after, left, min(right, sheet.reached[1]))), fill))
    return sheet.marks


def named(where: tuple[int, int, int, int]) -> Iterator[str]:
    """The names of the cells of an area."""
    first, after, left, right = where
    return (f"{letter(column)}{number}" for number in range(first, after) for column in range(left, right))


def text_of(cell: Element) -> Iterator[tuple[str, str]]:
    """The pieces of text of a cell, each with the style of its span; a comment is not its text."""
    for paragraph in cell.iterfind(TEXT + "p"):
        yield "", paragraph.text or ""
        for span in paragraph:
            yield span.get(TEXT + "style-name", ""), "".join(span.itertext())
            yield "", span.tail or ""
