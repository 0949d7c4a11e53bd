"""What a person sees in an .ods workbook and calamine does not show: hidden rows, strike-out, fills, merges, comments, error cells."""

import re
from xml.parsers import expat

from archive import opened, pieces
from child import Wrong, send
from xlsx_marks import letters

ERROR = re.compile(r"#[A-Z0-9/!?]+|Err:\d+")
MOST = 2**20  # repeated cells or rows with marks that are written out
LINE_THROUGH = ("style:text-line-through-style", "style:text-line-through-type")


def read(file: str | bytes) -> None:
    """Send the marks of every sheet, and what is to be said of the workbook."""
    archive = opened(file)
    if any(b"encryption-data" in piece for piece in pieces(archive, "META-INF/manifest.xml")):
        raise Wrong("file_ods_password")
    document = Document()
    for part in ("styles.xml", "content.xml"):
        if part in archive.NameToInfo:
            document.parse(pieces(archive, part))


class Style:
    """What one style says; None where it leaves it to its parent."""

    def __init__(self, parent: str):
        self.parent, self.struck, self.fill = parent, None, None


class Document:
    """The styles and the marks of the sheets, gathered while the parts are parsed."""

    def __init__(self):
        self.styles, self.style = {}, None
        self.within: list[str] = []
        self.sheet = None

    def parse(self, given) -> None:
        """Parse one part."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.characters
        for piece in given:
            parser.Parse(piece)
        parser.Parse(b"", True)

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        self.within.append(name)
        handler = getattr(self, "begin_" + name.replace(":", "_").replace("-", "_"), None)
        if handler:
            handler(given)

    def end(self, name: str) -> None:
        """An element ends."""
        self.within.pop()
        if name in ("table:table-cell", "table:covered-table-cell") and self.sheet and self.cell:
            self.finish_cell()
        elif name == "table:table-row" and self.sheet:
            self.finish_row()
        elif name == "table:table" and self.sheet:
            marks = (self.hidden, self.struck, self.colours, self.merged, self.comments, self.errors, self.unvalued)
            send("marks", self.sheet, *(frozenset(one) if isinstance(one, set) else one for one in marks))
            self.sheet = None
