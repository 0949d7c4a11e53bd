"""A file in the form of the older office programs: an .xls workbook with its marks, by xlrd, or something else under its name."""

import io
import mmap

import olefile
import xlrd
from child import Wrong, send
from values import block, has_content, text
from xlrd.biffh import error_text_from_code
from xlrd.xldate import xldate_as_datetime

BLOCK = 500  # rows
PROTECTED = 0x2F  # the record that says that what follows is encrypted
OTHERS = {"WordDocument": "file_word", "PowerPoint Document": "file_word"}


def read(file: str | bytes) -> None:
    """Send the sheets, or that a password is needed."""
    with olefile.OleFileIO(file) as streams:
        names = {"/".join(one) for one in streams.listdir()}
        name = next((one for one in ("Workbook", "Book", "WORKBOOK", "BOOK") if one in names), None)
        if "EncryptedPackage" in names or name and encrypted(streams.openstream(name)):
            return send("encrypted")
        wrong = next((rule for stream, rule in OTHERS.items() if stream in names), None)
    if wrong or not name:
        raise Wrong(wrong or "file_unknown")
    return workbook(file)


def encrypted(stream) -> bool:
    """Whether the records of a workbook say that they are encrypted: that stands directly after the first of them."""
    for _ in range(3):
        kind, size = (int.from_bytes(stream.read(2), "little") for _ in range(2))
        if kind == PROTECTED:
            return True
        stream.read(size)
    return False
