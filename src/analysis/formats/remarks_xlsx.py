"""What an .xlsx workbook says beside its cells: comments, headers and footers, drop-down lists, names of areas, properties, drawings."""

import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from analysis.formats.archive import links, pieces, tree
from analysis.formats.marks_xlsx import WORKBOOK

# Parts that hold texts of people, and what a coordinator calls them; of their attributes those that hold what somebody wrote.
PARTS = {r"(?:docProps/(?:core|app|custom)|customXml/[^/]*)\.xml": "properties of the file", r"xl/drawings/[^/]*\.xml": "drawings",
         r"xl/charts/[^/]*\.xml": "charts", r"xl/persons/.*\.xml": "authors of comments"}
WRITTEN = {"descr", "title", "displayName", "prompt", "promptTitle", "error", "errorTitle", "comment"}
PASSED = {"TotalTime", "Application", "AppVersion", "created", "modified", "DocSecurity", "f"}  # written by the program; formulas
COMMENTS = ("comments", "threadedComment")
END = re.compile(rb"<(?:\w+:)?(?:headerFooter|dataValidation)\b.*?</(?:\w+:)?(?:headerFooter|dataValidation)>", re.DOTALL)
CODES = re.compile(r'&(?:"[^"]*"|\d+|K[0-9A-Fa-f]{6}|[A-Z&])')  # of a header: font, size, colour, number of the page


def blocks(source) -> Iterator[tuple[str, str, str, str, str]]:
    """("remark", sheet, what, cell, text); sheet and cell are empty where there is none."""
    archive = zipfile.ZipFile(source)
    book, parts = tree(archive, WORKBOOK), links(archive, WORKBOOK)
    for name in book.iterfind("{*}definedNames/{*}definedName"):
        said = [name.get("name", ""), name.get("comment", ""), *re.findall('"([^"]*)"', name.text or "")]  # the rest is an address
        yield from (("remark", "", "names of areas", "", text) for text in said)
    for pattern, what in PARTS.items():
        for part in (part for part in archive.namelist() if re.fullmatch(pattern, part)):
            yield from (("remark", "", what, "", text) for text in texts(tree(archive, part)))
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        _, part = next(parts[key] for name, key in sheet.attrib.items() if name.endswith("}id"))
        yield from (("remark", sheet.get("name", ""), *one) for one in of_sheet(archive, part))


def of_sheet(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    """(what, cell, text) of one sheet."""
    for root in [tree(archive, target) for kind, target in links(archive, part).values() if kind in COMMENTS]:
        yield from (("comment", comment.get("ref"), "".join(comment.itertext())) for comment in root.iterfind(".//*[@ref]"))
        yield from (("comment", "", author.text or "") for author in root.iterfind(".//{*}author"))
    for found in END.findall(b"".join(pieces(archive, part)).partition(b"</sheetData>")[2]):
        element = ElementTree.fromstring(re.sub(rb"(</?|\s)\w+:(?=\w)", rb"\1", found))
        if element.tag == "headerFooter":
            yield from (("header or footer", "", line) for text in element.itertext() for line in CODES.sub("\n", text).splitlines())
        else:
            yield from (("drop-down list", "", item) for text in texts(element) for item in text.strip('"').split(","))


def texts(root: ElementTree.Element) -> Iterator[str]:
    """What people wrote into a part; a paragraph of a drawing is one text."""
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name not in PASSED:
            yield "".join(element.itertext()) if name == "p" else element.text or ""
        yield from (value for key, value in element.attrib.items() if key in WRITTEN)
