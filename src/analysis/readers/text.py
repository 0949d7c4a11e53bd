"""A table in a text file: in any common encoding, with any common separator, plain or packed with gzip or xz."""

import csv
import gzip
import io
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from child import Wrong, send
from encoding import encoded

BLOCK, SAMPLE = 500, 1000  # rows that are sent together; rows from which the separator is told
SEPARATORS = {",": ",", ";": ";", "\t": "Tab", "|": "|"}
ALONE = "\x1f"  # the separator of a file of one column: a sign that no text holds
LONGEST = 2**20  # characters of one line, and of one cell
SAME = 200_000  # texts of which a cell that repeats one is not sent again
PACKED = ((b"\x1f\x8b", gzip.open), (b"\xfd7zXZ\0", lzma.open))


def read(file: str | bytes) -> None:
    """Send the rows; raises Wrong where the encoding or the separator cannot be told, or a row cannot be read."""
    csv.field_size_limit(LONGEST)
    content = unpacked(file)
    encoding = encoded(content)
    if encoding in ("cp1251", "kz1048"):
        send("note", "text_encoding", "", "", {"encoding": encoding})
    told = re.fullmatch("sep=(.)\\s*", next(lines(content, encoding), ""), re.I)
    separator = told[1] if told else separated(content, encoding)
    send("sheet", "", False)
    table(content, encoding, separator, 1 if told else 0)  # spreadsheet programs do not show the line that tells


def unpacked(file: str | bytes) -> bytes:
    """The content of the file; what unpacks without end meets the limit of this process's memory."""
    with io.BytesIO(file) if isinstance(file, bytes) else open(file, "rb") as source:
        start = source.read(6)
        source.seek(0)
        opener = next((opener for mark, opener in PACKED if start.startswith(mark)), None)
        return opener(source, "rb").read() if opener else source.read()


def lines(content: bytes, encoding: str) -> Iterator[str]:
    """The lines, with their ends; raises Wrong for one without end."""
    with io.TextIOWrapper(io.BytesIO(content), encoding, newline="") as text:
        for number, line in enumerate(iter(lambda: text.readline(LONGEST), ""), 1):
            if len(line) >= LONGEST:
                raise Wrong("text_row", cell=f"A{number}")
            yield line


def separated(content: bytes, encoding: str) -> str:
    """The sign that splits the rows most evenly; raises Wrong when two do so equally well, or none does."""
    even = {separator: evenness(content, encoding, separator) for separator in SEPARATORS}
    best = max(even.values())
    if best == 0:
        return ALONE
    close = [separator for separator, share in even.items() if share == best or best < 1 and share > best - 0.1]
    if len(close) > 1:
        raise Wrong("text_separators", names=" ".join(SEPARATORS[one] for one in close))
    if best < 0.5:
        raise Wrong("text_uneven")
    return close[0]


def evenness(content: bytes, encoding: str, separator: str) -> float:
    """The share of the first rows that have the usual number of cells, if that is more than one."""
    try:
        rows = list(islice(csv.reader(lines(content, encoding), delimiter=separator), SAMPLE))
    except csv.Error:
        return 0
    cells, rows_with = usual(rows)
    return rows_with / sum(map(bool, rows)) if cells > 1 else 0


def usual(rows: list[list[str]]) -> tuple[int, int]:
    """The number of cells that most rows have, and how many rows do."""
    return Counter(map(len, filter(None, rows))).most_common(1)[0] if any(rows) else (0, 0)


def table(content: bytes, encoding: str, separator: str, skip: int) -> None:
    """Send the rows that have content; raises Wrong naming the rows that have more cells than the others."""
    reader = numbered(islice(lines(content, encoding), skip, None), separator)
    sample = list(islice(reader, SAMPLE))
    width, _ = usual([row for _, row in sample])
    long, short, begun = [], [], False
    while sample:
        for number, row in sample:
            begun = begun or len(row) == width
            if begun and 0 < len(row) < width:
                short.append(number)
            while row and row[-1] == "":
                row.pop()
            if len(row) > width:
                long.append(number)
        full = [(number, row) for number, row in sample if any(cell and not cell.isspace() for cell in row)]
        send("rows", "", [number for number, _ in full], [row for _, row in full])
        sample = list(islice(reader, BLOCK))
    if long:
        raise Wrong("text_long_rows", cell=f"A{long[0]}", rows=", ".join(map(str, long[:20])), count=len(long))
    if short:
        send("note", "text_short_rows", "", f"A{short[0]}", {"rows": ", ".join(map(str, short[:20])), "count": len(short)})


def numbered(text: Iterator[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, as a spreadsheet program shows them; texts that repeat are one object, and sent once."""
    number, texts = 0, {}
    try:
        for number, row in enumerate(csv.reader(text, delimiter=separator, strict=True), 1):
            yield number, [texts.setdefault(cell, cell) for cell in row]
            if len(texts) > SAME:
                texts.clear()
    except csv.Error:
        raise Wrong("text_row", cell=f"A{number + 1}") from None
