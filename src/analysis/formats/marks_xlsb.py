"""What a person sees in an .xlsb workbook beside its values: hidden rows and columns, strike-out, fills, merges, comments, errors.

Numbers and layouts of the records are those of Microsoft's [MS-XLSB], sections 2.3.2 and 2.4.
"""

import io
import zipfile
from collections.abc import Iterator
from itertools import chain

from analysis.formats.archive import BLOCK, links
from analysis.formats.child import Wrong
from analysis.formats.marks_xlsx import Styles, plain, themed
from analysis.formats.sheet import Marks, letter, letters, no_marks

WORKBOOK = "xl/workbook.bin"
ROW, ERROR, FORMULA_ERROR, SHARED_TEXT, RICH_TEXT = 0, 3, 11, 7, 62  # BrtRowHdr, BrtCellError, BrtFmlaError, BrtCellIsst, BrtCellRString
BLANK, CELLS, SHORT = 1, {*range(1, 12), RICH_TEXT}, range(12, 19)  # cells; those without a column of their own, as Excel never writes
PROPERTIES, SHEET, MERGED, COMMENT, SHARED = 153, 156, 176, 635, 19  # BrtWbProp, BrtBundleSh, BrtMergeCell, BrtBeginComment, BrtSSTItem
COLUMN, RULES = 60, 461  # BrtColInfo, BrtBeginConditionalFormatting
FILTER, CRITERION = 161, 163  # BrtBeginAFilter, BrtBeginFilterColumn
FONT, FILL, STYLE, STYLES, STYLES_END = 43, 45, 47, 617, 618  # BrtFont, BrtFill, BrtXF, BrtBeginCellXFs, BrtEndCellXFs
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A", 43: "#GETTING_DATA"}
HIDDEN, STRUCK = 0x10, 0x08  # bits of the flags of a row and of a font
INDEXED, RGB, THEME = 1, 2, 3  # how a colour is given


def blocks(source) -> Iterator[tuple]:
    """("marks", sheet, marks), ("epoch", year) and ("note", rule) of a workbook; raises Wrong for one that cannot be read."""
    archive = zipfile.ZipFile(source)
    parts = links(archive, WORKBOOK)
    if any(kind == "externalLink" for kind, _ in parts.values()):
        yield "note", "external_links"
    styles, fonts = styled(archive)
    for kind, content in records(archive, WORKBOOK):
        if kind == PROPERTIES and content[0] & 1:
            yield "epoch", 1904
        if kind == SHEET:
            key, rest = text(content[8:])
            what, part = parts[key]
            if what == "worksheet":
                yield "marks", text(rest)[0], tuple(marks(archive, part, styles, fonts))


def records(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, bytes]]:
    """Number and content of the records of a part; both number and size are written seven bits to a byte."""
    if part not in archive.NameToInfo:
        return
    with io.BufferedReader(archive.open(part), BLOCK) as stream:
        while first := stream.read(1):
            kind = first[0] if first[0] < 128 else first[0] & 127 | stream.read(1)[0] << 7
            size = 0
            for shift in (0, 7, 14, 21):
                byte = stream.read(1)[0]
                size |= (byte & 127) << shift
                if byte < 128:
                    break
            yield kind, stream.read(size)


def styled(archive: zipfile.ZipFile) -> tuple[Styles, list[bool]]:
    """The styles of cells that say something to a person, and the texts that are struck out in part; and which fonts strike out."""
    fonts, fills, styles, theme, within = [], [], [], themed(archive), False
    for kind, content in records(archive, "xl/styles.bin"):
        within = kind == STYLES or within and kind != STYLES_END
        if kind == FONT:
            fonts.append(bool(content[2] & STRUCK))
        elif kind == FILL:
            fills.append(colour(content[4:12], theme) if number(content, 0) else "")
        elif kind == STYLE and within:
            styles.append((fonts[short(content, 4)], fills[short(content, 6)]))
    texts = (content for kind, content in records(archive, "xl/sharedStrings.bin") if kind == SHARED)
    return Styles({at for at, (struck, _) in enumerate(styles) if struck}, {at: fill for at, (_, fill) in enumerate(styles) if fill},
                  {at for at, content in enumerate(texts) if partly(content, fonts)}), fonts


def colour(content: bytes, theme: list[str]) -> str:
    """A colour as RRGGBB, or INDEX43; empty for white."""
    kind, index = content[0] >> 1, content[1]
    return plain(content[4:7].hex() if kind == RGB else "", index if kind == THEME else -1, str(index) if kind == INDEXED else "64", theme)


def partly(content: bytes, fonts: list[bool]) -> bool:
    """Whether a part of a rich text is struck out."""
    if not content[0] & 1:
        return False
    _, rest = text(content[1:])
    return any(fonts[short(rest, at + 2)] for at in range(4, 4 + 4 * number(rest, 0), 4))


def marks(archive: zipfile.ZipFile, part: str, styles: Styles, fonts: list[bool]) -> Marks:
    """The marks of one worksheet."""
    found, row, cells, filters = no_marks(), (0, 0), [], []
    for kind, content in chain(records(archive, part), [(ROW, bytes(12))]):  # the last row ends where another would begin
        if kind == ROW:
            note(*row, cells, styles, fonts, found)
            row, cells = (number(content, 0) + 1, content[11]), []
        elif kind in SHORT:
            raise Wrong("file_unreadable", kind="a workbook", why="its cells are written in a way that Casebook does not know")
        elif kind in CELLS:
            cells.append((kind, content))
        elif kind == MERGED:
            found.merged.append(area(content))
        elif kind == COLUMN and content[16] & 1:
            found.columns.update(letters(number(content, 0), number(content, 4)))
        elif kind == RULES:  # whatever the rule gives its cells
            found.ruled.extend((*area(content[at:at + 16]), "") for at in range(12, 12 + 16 * number(content, 8), 16))
        elif kind == FILTER:
            filters.append((area(content), []))
        elif kind == CRITERION and filters:
            filters[-1][1].append(content)
    targets = [target for what, target in links(archive, part).values() if what == "comments"]
    found.comments.update(f"{letter(number(content, 12))}{number(content, 4) + 1}" for target in targets
                          for kind, content in records(archive, target) if kind == COMMENT)
    for (top, _, bottom, _), criteria in filters:  # a filter without criteria hides nothing: somebody hid the rows
        found.filtered.update(row for row in found.hidden if criteria and top < row <= bottom)
    return found


def area(content: bytes) -> tuple[int, int, int, int]:
    """First row, first column, last row and last column, rows from 1 and columns from 0."""
    top, bottom, left, right = (number(content, at) for at in (0, 4, 8, 12))
    return top + 1, left, bottom + 1, right


def note(row: int, flags: int, cells: list[tuple[int, bytes]], styles: Styles, fonts: list[bool], found: Marks) -> None:
    """Add to the marks what one row shows; of a row that holds nothing neither its colours nor that it is hidden."""
    if all(kind == BLANK for kind, _ in cells):
        return
    if flags & HIDDEN:
        found.hidden.add(row)
    for kind, content in cells:
        cell, style = f"{letter(number(content, 0))}{row}", number(content, 4) & 0xFFFFFF
        if style in styles.colours:
            found.colours[cell] = styles.colours[style]
        if kind in (ERROR, FORMULA_ERROR):
            found.errors[cell] = ERRORS.get(content[8], "#")
        if kind != BLANK and style in styles.struck or kind == SHARED_TEXT and number(content, 8) in styles.texts \
                or kind == RICH_TEXT and partly(content[8:], fonts):
            found.struck.add(cell)


def number(content: bytes, at: int) -> int:
    """A whole number of four bytes."""
    return int.from_bytes(content[at:at + 4], "little")


def short(content: bytes, at: int) -> int:
    """A whole number of two bytes."""
    return int.from_bytes(content[at:at + 2], "little")


def text(content: bytes) -> tuple[str, bytes]:
    """A text, which stands behind its length, and what follows it."""
    end = 4 + 2 * number(content, 0)
    return content[4:end].decode("utf-16-le"), content[end:]
