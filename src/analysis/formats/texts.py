"""The rows of a CSV file, plain or packed, in UTF-8, UTF-16 or Windows Cyrillic."""

import csv
import gzip
import io
import lzma
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from analysis.formats.child import Wrong, filled

PACKED = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ": lzma.open}
SAMPLE = 64 * 2**10  # bytes from which the encoding is told, characters from which the separator is
COLUMNS = 2**14  # of the widest spreadsheet
DIFFERENT = 50_000  # texts kept to be compared with


def blocks(source) -> Iterator[tuple]:
    """("sheet", "", False), blocks of rows, ("note", rule); a second "sheet" begins it again. Raises Wrong for no table."""
    try:
        yield from guessed(source)
    except UnicodeDecodeError:
        raise Wrong("file_unreadable", kind="a CSV file", why="its letters are in no encoding that Casebook knows") from None
    except csv.Error as error:
        if "field larger" in str(error):
            raise Wrong("file_unreadable", kind="a CSV file", why="a cell of it is longer than a cell can be") from None
        raise Wrong("file_unreadable", kind="a CSV file", why="a quotation mark is not closed, or stands inside a text") from None
    except (OSError, EOFError, lzma.LZMAError, zlib.error):
        raise Wrong("file_unreadable", kind="a CSV file", why="it is damaged") from None


def guessed(source) -> Iterator[tuple]:
    """The blocks in the encoding that the file begins with; what turns out not to be UTF-8 is read again as Windows Cyrillic."""
    head = source.read(8)
    stream = next((way for start, way in PACKED.items() if head.startswith(start)), lambda plain: plain)(source)
    source.seek(0)
    sample = stream.read(SAMPLE)
    encoding = encoding_of(sample)
    try:
        yield from tabled(stream, encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8-sig":
            raise
        yield from tabled(stream, "cp1251")
        yield "note", "encoding_read"


def encoding_of(sample: bytes) -> str:
    """The encoding of UTF-16, with its mark or told by its zeros; otherwise UTF-8."""
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    zeros = sample[::2].count(0), sample[1::2].count(0)
    if max(zeros) > len(sample) // 8:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    return "utf-8-sig"


def tabled(stream, encoding: str) -> Iterator[tuple]:
    """The blocks of a stream in an encoding; raises UnicodeDecodeError where it is another."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, newline="")
    try:
        yield "sheet", "", False
        separator, first = separated(text)
        rows = csv.reader(chain(first, text), delimiter=separator, strict=True)
        yield from filled("", shared(rows))
    finally:
        text.detach()


def shared(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows, with equal cells as one text, which saves most of their memory; raises Wrong where a sheet could not be so wide."""
    same: dict[str, str] = {}
    for row in rows:
        if len(row) > COLUMNS:
            raise Wrong("file_unsafe", why="it has more columns than a sheet can")
        if len(same) > DIFFERENT:
            same.clear()
        yield [same.setdefault(cell, cell) for cell in row]


def separated(text: io.TextIOWrapper) -> tuple[str, list[str]]:
    """The separator of the columns, and a blank line for one that only names it; raises Wrong when two would do equally well."""
    sample = text.read(SAMPLE)
    text.seek(0)
    if named := re.match(r"sep=(.)\r?\n", sample, re.IGNORECASE):
        text.readline()
        return named[1], ["\n"]  # the line stays a row, so that the others keep their numbers
    scores = {one: regular(sample, one) for one in ",;\t|"}
    best = max(scores.values())
    if best[0] and list(scores.values()).count(best) > 1:
        raise Wrong("separator_unclear")
    return max(scores, key=scores.get), []


def regular(sample: str, separator: str) -> tuple[int, int]:
    """How many rows of a sample have the most usual number of columns, and that number; (0, 0) for a single column."""
    try:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if len(row) > 1)
    except csv.Error:
        return 0, 0
    return max(((rows, width) for width, rows in widths.items()), default=(0, 0))
