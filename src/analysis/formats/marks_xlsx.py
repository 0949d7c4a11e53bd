"""What a person sees in an .xlsx workbook beside its values: hidden rows and columns, strike-out, fills, merges, comments, error cells."""

import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

from analysis.formats.archive import BLOCK, links, pieces, tree
from analysis.formats.sheet import Marks, letters, no_marks, position

WORKBOOK = "xl/workbook.xml"
OURS = "Casebook"  # the author of the comments that a marked copy carries; they ask nothing
CELL = re.compile(rb'<c\b([^>]*?)(?:/>|>(.*?)</c>)', re.DOTALL)
ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')
VALUE = re.compile(rb"<v[^>]*>([^<]*)</v>|<is>")
FILTER = re.compile(rb'<autoFilter [^>]*ref="([^"]*)"[^>]*>\s*<filterColumn')  # one that hides rows; its first row is the header
COLUMN = re.compile(rb'<col (?=[^>]*hidden="(?:1|true)")([^>]*)>')
RULES = re.compile(rb'<conditionalFormatting [^>]*sqref="([^"]*)"[^>]*>(.*?)</conditionalFormatting>', re.DOTALL)
RULE = re.compile(rb'<cfRule [^>]*dxfId="(\d+)"|<colorScale')
STRIKE = re.compile(rb'<strike(?![^>]*val="(?:0|false)")')


class Styles(NamedTuple):
    """Numbers of the cell styles that strike out, and those that fill, with their colour; numbers of the texts struck out in part;
    numbers of what rules give that fills or strikes out, with the fill."""

    struck: set[bytes]
    colours: dict[bytes, str]
    texts: set[bytes]
    rules: dict[bytes, str] = {}


def blocks(source) -> Iterator[tuple]:
    """("marks", sheet, marks), ("epoch", year) and ("note", rule) of a workbook; raises Wrong for one that is not safe."""
    archive = zipfile.ZipFile(source)
    book, parts = tree(archive, WORKBOOK), links(archive, WORKBOOK)
    setting = book.find("{*}workbookPr")
    if setting is not None and setting.get("date1904") in ("1", "true", "on"):
        yield "epoch", 1904
    if any(name.startswith("xl/externalLinks/") for name in archive.namelist()):
        yield "note", "external_links"
    styles = styled(archive)
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        kind, part = next(parts[key] for name, key in sheet.attrib.items() if name.endswith("}id"))
        if kind == "worksheet":
            yield "marks", sheet.attrib["name"], tuple(marks(archive, part, styles))


def styled(archive: zipfile.ZipFile) -> Styles:
    """The styles of cells that say something to a person, and the texts that are struck out in part."""
    struck, colours, texts, rules = set(), {}, set(), {}
    if "xl/styles.xml" in archive.NameToInfo:
        root = tree(archive, "xl/styles.xml")
        fonts = [on(font.find("{*}strike")) for font in root.iterfind("{*}fonts/{*}font")]
        theme = themed(archive)
        fills = [fill_colour(fill, theme) for fill in root.iterfind("{*}fills/{*}fill")]
        for number, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
            font, fill = int(style.get("fontId", 0)), int(style.get("fillId", 0))
            struck |= {b"%d" % number} if font < len(fonts) and fonts[font] else set()
            colours |= {b"%d" % number: fills[fill]} if fill < len(fills) and fills[fill] else {}
        for number, rule in enumerate(root.iterfind("{*}dxfs/{*}dxf")):
            fill = rule.find("{*}fill/{*}patternFill/{*}bgColor")
            if fill is not None or on(rule.find("{*}font/{*}strike")):
                rules[b"%d" % number] = "" if fill is None else plain(fill.get("rgb", ""), int(fill.get("theme", -1)), "64", theme)
    if "xl/sharedStrings.xml" in archive.NameToInfo:
        content = b"".join(pieces(archive, "xl/sharedStrings.xml"))
        if b"<strike" in content or b":strike" in content:
            for number, text in enumerate(ElementTree.fromstring(content).iterfind("{*}si")):
                texts |= {b"%d" % number} if any(on(one) for one in text.iterfind("{*}r/{*}rPr/{*}strike")) else set()
    return Styles(struck, colours, texts, rules)


def on(element) -> bool:
    """Whether a switch of a style is there and not turned off."""
    return element is not None and element.get("val", "1") not in ("0", "false")


def themed(archive: zipfile.ZipFile) -> list[str]:
    """The colours of the theme, in the order in which styles number them: light and dark change places."""
    if "xl/theme/theme1.xml" not in archive.NameToInfo:
        return []
    scheme = tree(archive, "xl/theme/theme1.xml").find(".//{*}clrScheme")
    found = [next((one.get("lastClr") or one.get("val", "") for one in colour), "") for colour in (scheme if scheme is not None else [])]
    return [found[at] for at in (1, 0, 3, 2)] + found[4:] if len(found) > 4 else found


def fill_colour(fill: ElementTree.Element, theme: list[str]) -> str:
    """The colour of a solid fill as RRGGBB; empty for none and for white. A tint is left out: it is the same colour, paler."""
    pattern = fill.find("{*}patternFill")
    colour = pattern.find("{*}fgColor") if pattern is not None and pattern.get("patternType") not in (None, "none") else None
    if colour is None:
        return ""
    return plain(colour.get("rgb", ""), int(colour.get("theme", -1)), colour.get("indexed", ""), theme)


def plain(rgb: str, theme_number: int, indexed: str, theme: list[str]) -> str:
    """A colour as RRGGBB whether it is given itself, by the theme or by its number (INDEX43); empty for white."""
    found = rgb[-6:] or (theme[theme_number] if 0 <= theme_number < len(theme) else f"INDEX{indexed}")
    return "" if found[-6:].upper() in ("FFFFFF", "NDEX64") else found.upper()


def marks(archive: zipfile.ZipFile, part: str, styles: Styles) -> Marks:
    """The marks of one sheet: its rows are only looked at where something of interest stands in them."""
    wanted = [rb't="e"', rb"<f[ >/]", rb'<row [^>]*hidden="(?:1|true)"', b"<strike"]
    wanted += [rb' s="(?:%s)"' % b"|".join(sorted(styles.struck | set(styles.colours)))] if styles.struck or styles.colours else []
    wanted += [rb"<v>(?:%s)</v>" % b"|".join(sorted(styles.texts))] if styles.texts else []
    pattern, found, filters = re.compile(b"|".join(wanted)), no_marks(), []
    # Looking for a few fixed texts takes a tenth of the time of the pattern, and in most sheets none of them stands.
    signs = [b't="e"', b"<f", b'hidden="', b"<strike", *(b' s="%s"' % style for style in styles.struck | set(styles.colours)),
             *(b"<v>%s</v>" % text for text in styles.texts)]
    for block in whole_rows(pieces(archive, part)):
        for row in rows_of_interest(block, pattern) if any(sign in block for sign in signs) else ():
            note(row, styles, found)
        found.merged.extend(map(area, re.findall(rb'<mergeCell [^>]*ref="([^"]*)"', block)))
        filters += FILTER.findall(block)
        for column in map(dict, map(ATTRIBUTE.findall, COLUMN.findall(block) if b"<cols" in block else ())):
            found.columns.update(letters(int(column[b"min"]) - 1, int(column[b"max"]) - 1))
        for where, rules in RULES.findall(block) if b"<conditionalFormatting" in block else ():
            fills = [styles.rules.get(number, "") for number in RULE.findall(rules) if not number or number in styles.rules]
            found.ruled.extend((*area(one), fill) for one in where.split() for fill in fills)
    found.comments.update(commented(archive, part))
    filters += [where for table in tables(archive, part) for where in FILTER.findall(usual(table))]
    for top, _, bottom, _ in map(area, filters):
        found.filtered.update(number for number in found.hidden if top < number <= bottom)
    return found


def tables(archive: zipfile.ZipFile, part: str) -> list[bytes]:
    """The parts of the tables of a sheet, which have filters of their own."""
    targets = [target for kind, target in links(archive, part).values() if kind == "table" and target in archive.NameToInfo]
    return [b"".join(pieces(archive, target)) for target in targets]


def whole_rows(given: Iterator[bytes]) -> Iterator[bytes]:
    """A part in blocks that begin with a row, in the form in which spreadsheet programs write: no prefixes, double quotes."""
    left = b""
    for read in given:
        left += read
        cut = left.rfind(b"<row")
        if cut > 0 and len(left) > BLOCK // 2:
            yield usual(left[:cut])
            left = left[cut:]
    yield usual(left)


def usual(block: bytes) -> bytes:
    """A block without prefixes before the names of elements and with double quotes."""
    if b"='" in block or re.search(rb"<\w+:(?:c|row|mergeCell)\b", block[:4096]):
        block = re.sub(rb"(</?)\w+:(?=\w)", rb"\1", re.sub(rb"='([^'\"]*)'", rb'="\1"', block))
    return block


def rows_of_interest(block: bytes, pattern: re.Pattern) -> Iterator[bytes]:
    """The rows in which the pattern is found, each once."""
    at = 0
    while match := pattern.search(block, at):
        start = max(block.rfind(b"<row", 0, match.end()), 0)
        at = block.find(b"</row>", match.end())
        following = block.find(b"<row", match.end())
        at = len(block) if at < 0 and following < 0 else following if at < 0 or 0 <= following < at else at + len(b"</row>")
        yield block[start:at]


def note(row: bytes, styles: Styles, found: Marks) -> None:
    """Add to the marks what one row shows; of a row that holds nothing neither colours nor that it is hidden: there may be a million."""
    if b"<v" not in row and b"<is" not in row and b"<f" not in row:
        return
    head = dict(ATTRIBUTE.findall(row[:row.find(b">") + 1]))
    for attributes, content in CELL.findall(row):
        own = dict(ATTRIBUTE.findall(attributes))
        cell, kind, style = own.get(b"r", b"").decode("ascii", "replace"), own.get(b"t"), own.get(b"s")
        value = VALUE.search(content)
        filled = value is not None and value[0] != b"<v></v>"
        if kind == b"e":
            found.errors[cell] = value[1].decode("utf-8", "replace") if value and value[1] else "#"
        elif b"<f" in content and not filled and kind != b"str":
            found.unvalued.add(cell)
        if filled and (style in styles.struck or kind == b"s" and value[1] in styles.texts or STRIKE.search(content)):
            found.struck.add(cell)
        if style in styles.colours:
            found.colours[cell] = styles.colours[style]
    if head.get(b"hidden") in (b"1", b"true") and b"r" in head:
        found.hidden.add(int(head[b"r"]))


def area(reference: bytes) -> tuple[int, int, int, int]:
    """A1:B3 -> (1, 0, 3, 1)."""
    first, _, last = reference.decode("ascii", "replace").partition(":")
    (left, top), (right, bottom) = (re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", cell).groups() for cell in (first, last or first))
    return int(top), position(left), int(bottom), position(right)


def commented(archive: zipfile.ZipFile, part: str) -> set[str]:
    """The cells of a sheet that carry a comment."""
    targets = [target for kind, target in links(archive, part).values() if kind in ("comments", "threadedComment")]
    found = [tree(archive, target) for target in targets if target in archive.NameToInfo]
    return {comment.get("ref", "") for root in found for comment in root.iterfind(".//*[@ref]") if author(root, comment) != OURS}


def author(root: ElementTree.Element, comment: ElementTree.Element) -> str:
    """Who wrote a comment, where the part says it."""
    names, number = [one.text or "" for one in root.iterfind("{*}authors/{*}author")], int(comment.get("authorId", -1))
    return names[number] if 0 <= number < len(names) else ""
