"""A file that is about to leave the office -> every text in it, unpacked and decoded, with its place."""

import base64
import gzip
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote

import pypdf
from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, StreamObject, TextStringObject

DEEPEST = 5  # packed files in packed files
# Between these a word may change its look; any other mark ends it.
INSIDE_WORDS = {"a", "b", "code", "em", "i", "r", "rpr", "span", "strong", "sub", "sup", "t", "tspan", "u", "w:r", "w:rpr", "w:t", "wbr"}
DRAWN = {"d", "points", "transform", "viewbox", "path"}  # attributes of nothing but coordinates
DATA = re.compile(r"data:[\w/+.-]*((?:;[\w=.-]+)*),([^\s\"'<>)]*)")
PNG, PDF, ZIP, GZIP = b"\x89PNG\r\n\x1a\n", b"%PDF", b"PK\x03\x04", b"\x1f\x8b"
MARKED = re.compile(r"\s*<[!?a-zA-Z]")
HEX = re.compile(rb"<(FEFF(?:[0-9A-Fa-f]{4})+)>")  # what a page of a pdf says beside its letters, for screen readers and copying
PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"eXIf")


class Unreadable(Exception):
    """A file, or what is packed in it, that nobody can look into: it is not published."""


def texts(body: bytes, place: str = "", deep: int = 0) -> Iterator[tuple[str, str]]:
    """(place, text) of everything that a file says: its parts, properties, comments, descriptions and what is packed in it.

    A place is a part of a packed file, a page or properties of a pdf, or nothing; raises Unreadable for a file of no known kind.
    """
    if deep > DEEPEST:
        raise Unreadable(place)
    kinds = ((PNG, of_png), (PDF, of_pdf), (ZIP, of_zip), (GZIP, of_gzip))
    kind = next((read for begins, read in kinds if body.startswith(begins)), of_text)
    try:
        yield from kind(body, place, deep)
    except (ValueError, KeyError, OSError, EOFError, zlib.error, zipfile.BadZipFile, pypdf.errors.PyPdfError, RecursionError):
        raise Unreadable(place) from None  # the error itself may hold what the file says


def of_zip(body: bytes, place: str, deep: int) -> Iterator[tuple[str, str]]:
    """The parts of a docx, a workbook or another packed file, their names, and the remarks of the packing."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        yield place, packed.comment.decode("utf-8", "replace")
        for part in packed.infolist():
            inner = f"{place}{', ' if place else ''}{part.filename}"
            yield place, f"{part.filename}\n{part.comment.decode('utf-8', 'replace')}\n{part.extra.decode('utf-8', 'replace')}"
            yield from texts(packed.read(part), inner, deep + 1)


def of_gzip(body: bytes, place: str, deep: int) -> Iterator[tuple[str, str]]:
    """What a gzip file holds."""
    yield from texts(gzip.decompress(body), place, deep + 1)


def of_pdf(body: bytes, place: str, deep: int) -> Iterator[tuple[str, str]]:
    """The pages, and every string of every object: properties, descriptions of pictures, outlines, links; also attached files."""
    before = f"{place}, " if place else ""
    read = pypdf.PdfReader(io.BytesIO(body))
    for number, page in enumerate(read.pages, 1):
        yield f"{before}page {number}", page.extract_text()
        beside = HEX.findall(page.get_contents().get_data()) if page.get_contents() else ()
        yield f"{before}page {number}", "\n".join(bytes.fromhex(one.decode()).decode("utf-16", "replace") for one in beside)
    for number in sorted({number for of in read.xref.values() for number in of} | set(read.xref_objStm)):
        one = read.get_object(pypdf.generic.IndirectObject(number, 0, read))
        yield f"{before}properties", "\n".join(strings(one))
        if isinstance(one, StreamObject) and one.get("/Type") in ("/EmbeddedFile", "/Metadata"):
            yield from texts(one.get_data(), f"{before}{one['/Type'].removeprefix('/').lower()}", deep + 1)


def strings(of) -> Iterator[str]:
    """The strings of an object of a pdf; what it refers to is an object of its own."""
    if isinstance(of, (TextStringObject, ByteStringObject)):
        yield of if isinstance(of, str) else of.decode("latin-1")
    elif isinstance(of, DictionaryObject):
        yield from (text for one in of.values() for text in strings(one))
    elif isinstance(of, ArrayObject):
        yield from (text for one in of for text in strings(one))


def of_png(body: bytes, place: str, deep: int) -> Iterator[tuple[str, str]]:
    """The texts that a picture carries beside its pixels, and whatever stands behind its end."""
    at = len(PNG)
    while at + 8 <= len(body):
        size, kind = int.from_bytes(body[at:at + 4]), body[at + 4:at + 8]
        if kind in PNG_TEXTS:
            yield place, chunk(kind, body[at + 8:at + 8 + size])
        at += 12 + size
        if kind == b"IEND":
            break
    yield place, body[at:].decode("utf-8", "replace")


def chunk(kind: bytes, body: bytes) -> str:
    """The text of a chunk of a PNG."""
    name, _, said = body.partition(b"\0")
    if kind == b"zTXt":
        said = zlib.decompress(said[1:])
    if kind == b"iTXt":
        head, said = said[:2], said[2:].split(b"\0", 2)[-1]
        said = zlib.decompress(said) if head[:1] == b"\1" else said
    try:
        return f"{name.decode('latin-1')}\n{said.decode('utf-8')}"
    except UnicodeDecodeError:
        return f"{name.decode('latin-1')}\n{said.decode('latin-1')}"


def of_text(body: bytes, place: str, deep: int) -> Iterator[tuple[str, str]]:
    """A text file: JSON and notebooks by their strings, html, svg and xml by texts, attributes and comments, the rest as it stands."""
    text = decoded(body)
    if text[:1] in ("{", "["):
        try:
            found = json.loads(text)
        except ValueError:
            pass
        else:
            yield from of_json(found, place, deep)
            return
    if MARKED.match(text):
        yield from of_markup(text, place, deep)
    else:
        yield place, said(text)
        yield from packed_in(text, place, deep)


def decoded(body: bytes) -> str:
    """Text of the usual encodings; raises ValueError for what is no text."""
    wide = next((name for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")) if body.startswith(mark)), "utf-8-sig")
    text = body.decode(wide)
    if "\0" in text:
        raise ValueError
    return text


def said(text: str) -> str:
    """Text with its references (&#1042;) resolved; where it holds addresses in percent signs, also as they read."""
    text = html.unescape(text) if "&" in text else text
    return f"{text}\n{unquote(text)}" if re.search("%[0-9A-Fa-f]{2}", text) else text


def of_json(value, place: str, deep: int) -> Iterator[tuple[str, str]]:
    """The strings of a JSON file, whatever they stand for: text, pages, pictures."""
    inside: list = [value]
    plain = []
    while inside:
        one = inside.pop()
        if isinstance(one, dict):
            inside += [*one.keys(), *(lines(part) for part in one.values())]
        elif isinstance(one, list):
            inside += one
        elif isinstance(one, (int, float)):
            plain.append(str(one))
        elif isinstance(one, str):
            plain.append(said(one))
            yield from within(one, place, deep)
    yield place, "\n".join(plain[::-1])


def lines(value):
    """A text that a notebook keeps as a list of lines, as one; anything else as it is."""
    whole = isinstance(value, list) and value and all(isinstance(one, str) and one.endswith("\n") for one in value[:-1])
    return "".join(value) if whole and isinstance(value[-1], str) else value


def within(text: str, place: str, deep: int) -> Iterator[tuple[str, str]]:
    """What a string of JSON holds besides what it says: a picture in base64, a page."""
    if text.startswith("iVBORw0KGgo"):
        yield from texts(base64.b64decode(text), place, deep + 1)
    elif MARKED.match(text):
        yield from of_markup(text, place, deep)
    else:
        yield from packed_in(text, place, deep)


def packed_in(text: str, place: str, deep: int) -> Iterator[tuple[str, str]]:
    """The files inside a text, as data: addresses."""
    for how, body in DATA.findall(text) if "data:" in text else ():
        plain = unquote(body)
        yield from texts(base64.b64decode(plain) if ";base64" in how else plain.encode(), place, deep + 1)


class Marked(HTMLParser):
    """Collects what html, svg or xml says: what is read, the values of attributes, comments and the like, each by itself."""

    def __init__(self):
        super().__init__()
        self.read, self.beside = [], []

    def handle_data(self, data):
        self.read.append(data)

    def handle_starttag(self, tag, attrs):
        self.handle_endtag(tag)
        self.beside += [value for name, value in attrs if value and name not in DRAWN]

    def handle_endtag(self, tag):
        self.read += [] if tag in INSIDE_WORDS else ["\n"]

    def handle_comment(self, data):
        self.beside.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def of_markup(text: str, place: str, deep: int) -> Iterator[tuple[str, str]]:
    """What html, svg or xml says: what is read, then what stands beside it, then the files inside it."""
    parser = Marked()
    parser.feed(text)
    parser.close()
    yield place, said("".join(parser.read))
    beside = [one for one in parser.beside if not one.startswith("data:")]
    yield place, said("\n".join(beside))
    for one in parser.beside:
        yield from packed_in(one, place, deep)
