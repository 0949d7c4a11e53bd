"""A file of any format -> its sheets: values row by row, and what a person sees of them."""

import getpass
import io
import os
import re
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analysis.formats import archive, limits
from analysis.formats.child import PASSWORD, Wrong
from analysis.formats.sheet import DIGITS as DIGITS  # used by those who read what stands here
from analysis.formats.sheet import LETTERS as LETTERS
from analysis.formats.sheet import Marks, Sheet
from analysis.formats.sheet import letter as letter
from analysis.formats.sheet import position as position
from analysis.problems import DataError, Problem, problem

ZIP, OLE, PARQUET, PACKED = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"PAR1", (b"\x1f\x8b", b"\xfd7zXZ")
NAMES = {"xlsx": {".xlsx", ".xlsm"}, "xls": {".xls"}, "xlsb": {".xlsb"}, "ods": {".ods"}, "csv": {".csv", ".tsv", ".txt"},
         "parquet": {".parquet"}, "zip": {".zip"}}
LOCKS = lambda name: (f"~${name}", f".~lock.{name}#")  # noqa: E731 - Excel's mark of an open workbook, and LibreOffice's
OTHERS = {b"%PDF": "a PDF", b"{\\rtf": "a text document (RTF)"}
PAGE = re.compile(rb"\s*(<!doctype html|<html|<table|<\?xml)", re.IGNORECASE)
# The processes that read a file of each kind, one beside the other, and what it should be.
TASKS = {"csv": (["texts"], "a CSV file"), "parquet": (["columns"], "a Parquet file"), "zip": (["folder"], "a CSV file")} | {
    kind: (["rows", f"marks_{kind}"], "a workbook") for kind in ("xlsx", "xls", "xlsb", "ods")}


class Received(NamedTuple):
    """`sheets` by name ("" for a CSV file by itself); `kind` of file; `epoch`: the year from which a bare number of a date counts; `plain`:
    what was inside a protected file."""

    sheets: dict[str, Sheet]
    kind: str
    epoch: int
    notes: list[Problem]
    plain: bytes | None = None


def asked_password() -> str:
    """The password of a protected file: from the environment variable CASEBOOK_PASSWORD, else asked for at a terminal, else empty."""
    if PASSWORD in os.environ:
        return os.environ[PASSWORD]
    return typed_password() if sys.stdin and sys.stdin.isatty() else ""


@cache
def typed_password() -> str:
    """The password as it is typed at the terminal; asked for once, because a command may look into a file twice."""
    return getpass.getpass("Password of the file: ")


def opened(file: Path, password: Callable[[], str] = asked_password) -> Received:
    """The sheets of a file, whose format is told by its content; raises DataError when it is missing, damaged, or not safe to open."""
    file = Path(file)
    if not file.is_file():
        raise DataError([problem("file_missing", file)])
    if file.name.startswith("~$"):
        raise DataError([problem("lock_file", file)])
    with open(file, "rb") as stream:
        kind = kind_of(file, stream.read(512))
    try:
        found = received(file, kind)
    except DataError as error:
        if error.problems[0].rule != "password_needed" or not (word := password()):
            raise
        plain = decrypted(file, kind, word)
        found = received(file, kind_of(file, plain[:512], plain), plain)._replace(plain=plain)
    return found._replace(notes=[*found.notes, *about(file, found.kind)])


def kind_of(file: Path, head: bytes, plain: bytes | None = None) -> str:
    """xlsx, xls, xlsb, ods, csv, parquet or zip (a folder of CSV files), of a file or of what was inside it.

    Raises DataError for what is no table.
    """
    if other := next((what for start, what in OTHERS.items() if head.startswith(start)), None):
        raise unreadable(file, "a table", f"it is {other}")
    if head.startswith(ZIP):
        return archive_kind(file, plain)
    if head.startswith(OLE):
        return "xls"
    if head.startswith(PARQUET):
        return "parquet"
    if PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise unreadable(file, "a table", "it is a web page or another XML file")
    if not head:
        raise unreadable(file, "a table", "it is empty")
    if suffix(file) not in NAMES["csv"] and not head.startswith(PACKED):
        raise unreadable(file, "a workbook" if any(suffix(file) in names for names in NAMES.values()) else "a table",
                         "it is damaged or of a format that Casebook does not know")
    return "csv"


def archive_kind(file: Path, plain: bytes | None) -> str:
    """The kind of a zip archive; raises DataError for one that is no workbook, or that is not safe to open."""
    try:
        with zipfile.ZipFile(file if plain is None else io.BytesIO(plain)) as packed:
            archive.checked(packed)
            names, tables = set(packed.namelist()), archive.folder(packed)
            if "mimetype" in names and packed.open("mimetype").read(100).startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
                return "ods"
    except Wrong as wrong:
        raise DataError([limits.fault(file, "a workbook", ("wrong", *wrong.args))]) from None
    except archive.NOT_A_WORKBOOK:
        raise unreadable(file, "a workbook", "it is damaged") from None
    if kind := next((kind for part, kind in (("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "xlsb")) if part in names), None):
        return kind
    if tables:
        return "zip"
    raise unreadable(file, "a workbook", "it is a packed folder or a document of another kind")


def suffix(file: Path) -> str:
    """The end of the name that says the format, before that of a packing program."""
    return next((one for one in reversed(list(map(str.casefold, file.suffixes))) if one not in (".gz", ".xz")), "")


def about(file: Path, kind: str) -> list[Problem]:
    """Warnings about the file as a whole: another format than its name says, or open in a program."""
    known = {one for names in NAMES.values() for one in names}
    notes = [problem("mislabelled", file, kind=kind)] if suffix(file) in known and suffix(file) not in NAMES[kind] else []
    return notes + ([problem("open_elsewhere", file)] if any(file.with_name(one).exists() for one in LOCKS(file.name)) else [])


def unreadable(file: Path, kind: str, why: str) -> DataError:
    """The error for a file that is not what it should be, or not any more."""
    return DataError([problem("file_unreadable", file, kind=kind, why=why)])


def received(file: Path, kind: str, plain: bytes | None = None) -> Received:
    """What the processes that read a file of this kind found in it; raises DataError when one of them found it wrong."""
    tasks, what = TASKS[kind]
    sheets, marks, epoch, notes = {}, {}, 1900, []
    for block in limits.done(tasks, file, what, plain):
        if block[0] == "sheet":  # one that comes again begins again
            sheets[block[1]] = Sheet(block[1], [], [], block[2])
        elif block[0] == "rows":
            sheets[block[1]].numbers.extend(block[2])
            sheets[block[1]].rows.extend(block[3])
        elif block[0] == "marks":
            marks[block[1]] = Marks(*block[2])
        elif block[0] == "epoch":
            epoch = block[1]
        elif block[0] == "note":
            notes.append(problem(block[1], file))
    return Received({name: one._replace(marks=marks.get(name, Marks())) for name, one in sheets.items()}, kind, epoch, notes)


def remarks(file: Path, found: Received) -> list[tuple[str, str, str, str]]:
    """(sheet, what, cell, text) of what an .xlsx workbook says beside its cells (see remarks_xlsx); nothing for other kinds."""
    return [block[1:] for block in limits.done(["remarks_xlsx"], file, "a workbook", found.plain)] if found.kind == "xlsx" else []


def decrypted(file: Path, kind: str, password: str) -> bytes:
    """The workbook inside a protected file, in memory only; raises DataError when the password does not fit."""
    task = "decrypt_ods" if kind == "ods" else "decrypt"
    return b"".join(content for _, content in limits.done([task], file, "a workbook", password.encode()))
