"""A file that a password protects -> the file without it, in memory; the password comes before the file, on standard input."""

import io

import msoffcrypto
from child import Wrong, send
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

BLOCK = 2**22  # bytes


def read(given: bytes) -> None:
    """Send the content of the file, block by block; raises Wrong when the password does not fit."""
    password, _, content = given.partition(b"\0")
    out = io.BytesIO()
    file = msoffcrypto.OfficeFile(io.BytesIO(content))
    try:
        file.load_key(password=password.decode())
        file.decrypt(out)
    except (InvalidKeyError, DecryptionError):
        raise Wrong("password_wrong") from None
    plain = out.getvalue()
    for at in range(0, len(plain), BLOCK):
        send("content", plain[at:at + BLOCK])
