"""A workbook that a password protects -> the workbook without it, in memory only; the password comes on standard input."""

import io
import sys
import tempfile
from collections.abc import Iterator

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

from analysis.formats.child import Wrong

BLOCK = 2**20  # bytes


def blocks(source) -> Iterator[tuple]:
    """("content", bytes), one after the other; raises Wrong when the password does not fit."""
    tempfile.TemporaryFile = io.BytesIO  # the library would write the workbook without its password to the disk
    plain, office = io.BytesIO(), msoffcrypto.OfficeFile(source)
    try:
        # Only the newer format leaves it open whether the password is looked at before it is used.
        office.load_key(password=sys.stdin.buffer.read().decode(), **({"verify_password": True} if office.format == "ooxml" else {}))
        office.decrypt(plain)
    except (InvalidKeyError, DecryptionError):
        raise Wrong("password_wrong") from None
    for at in range(0, len(plain.getvalue()), BLOCK):
        yield "content", plain.getvalue()[at:at + BLOCK]
