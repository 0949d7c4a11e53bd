"""An .ods workbook that a password protects -> the workbook without it, in memory only; the password comes on standard input.

Each part is encrypted by itself (OpenDocument 1.3, part 2, section 3.4), or the whole workbook as one part, as LibreOffice does since 24.2.
"""

import hashlib
import io
import sys
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from analysis.formats.archive import BLOCK, MOST_UNPACKED, checked, tree
from analysis.formats.child import Wrong

MANIFEST, WHOLE, READ = "META-INF/manifest.xml", "encrypted-package", ("content.xml", "styles.xml")
CHECKED = 1024  # bytes of a part, packed, of which the manifest has a checksum


def blocks(source) -> Iterator[tuple]:
    """("content", bytes), one after the other; raises Wrong when the password does not fit or the encryption is of an unknown kind."""
    archive, password = zipfile.ZipFile(source), sys.stdin.buffer.read()
    checked(archive)
    entries = [attributes(entry) for entry in tree(archive, MANIFEST)]
    secret = {entry["full-path"]: entry for entry in entries if "algorithm-name" in entry}
    if WHOLE in secret:
        plain = opened(archive.read(WHOLE), secret[WHOLE], password)
    else:
        parts = {name: archive.read(name) for name in ("mimetype", *READ) if name in archive.NameToInfo}
        parts = {name: opened(part, secret[name], password) if name in secret else part for name, part in parts.items()}
        plain = packed(parts | {MANIFEST: b"<manifest/>"})
    for at in range(0, len(plain), BLOCK):
        yield "content", plain[at:at + BLOCK]


def attributes(entry) -> dict[str, str]:
    """All that the manifest says of one part and its encryption, without the prefixes of the names."""
    return {name.rpartition("}")[2]: value for one in entry.iter() for name, value in one.attrib.items()}


def packed(parts: dict[str, bytes]) -> bytes:
    """An archive of these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def key(said: dict[str, str], password: bytes) -> bytes:
    """The key of a part: its password hashed, then made slow to guess."""
    word = hashlib.new("sha256" if said.get("start-key-generation-name", "").endswith("sha256") else "sha1", password).digest()
    how, salt, size = said.get("key-derivation-name", "").casefold(), b64decode(said["salt"]), int(said.get("key-size", 16))
    if how.endswith("argon2id"):
        cost = {name: int(said[f"argon2-{name}"]) for name in ("iterations", "lanes", "memory")}
        return Argon2id(salt=salt, length=size, iterations=cost["iterations"], lanes=cost["lanes"], memory_cost=cost["memory"]).derive(word)
    if how.endswith("pbkdf2"):
        return hashlib.pbkdf2_hmac("sha1", word, salt, int(said["iteration-count"]), size)
    raise Wrong("ods_password")


def opened(part: bytes, said: dict[str, str], password: bytes) -> bytes:
    """A part decrypted and unpacked; raises Wrong when the password does not fit."""
    how, start = said.get("algorithm-name", "").casefold(), b64decode(said["initialisation-vector"])
    try:
        if how.endswith("-gcm"):
            plain = AESGCM(key(said, password)).decrypt(start, part.removeprefix(start), None)
        elif how.endswith("-cbc"):
            plain = Cipher(algorithms.AES(key(said, password)), modes.CBC(start)).decryptor().update(part)
            plain = plain[:-plain[-1]]  # the last byte says how many fill up the last block
        else:
            raise Wrong("ods_password")
    except InvalidTag:
        raise Wrong("password_wrong") from None
    check = hashlib.new("sha256" if "sha256" in said.get("checksum-type", "") else "sha1", plain[:CHECKED])
    if "checksum" in said and b64decode(said["checksum"]) != check.digest():
        raise Wrong("password_wrong")
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(plain, MOST_UNPACKED)
