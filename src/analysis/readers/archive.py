"""The parts of a zip archive of an office program, checked before they are parsed."""

import io
import posixpath
import re
import zipfile
from xml.etree import ElementTree

from child import Wrong

UNPACKED, TIMES = 500 * 2**20, 40  # bytes that an archive may say it unpacks to: this, and so many times its own size
CHUNK = 2**20
HEAD = 1024  # bytes in which a part says how it is encoded
ENCODED = re.compile(rb"""<\?xml[^>]*encoding=["'](?!utf-8["']|us-ascii["'])""", re.I)


def opened(file: str | bytes) -> zipfile.ZipFile:
    """The archive; raises Wrong where two programs could read it in two ways, or where it unpacks to more than it should."""
    archive = zipfile.ZipFile(file if isinstance(file, str) else io.BytesIO(file))
    names = [name.casefold().replace("\\", "/") for name in archive.namelist()]
    if len(set(names)) < len(names):
        raise Wrong("file_twin_part")
    if sum(one.file_size for one in archive.infolist()) > UNPACKED + TIMES * sum(one.compress_size for one in archive.infolist()):
        raise Wrong("file_heavy")
    return archive


def pieces(archive: zipfile.ZipFile, part: str):
    """A part of the archive in pieces; raises Wrong for declarations, ValueError for an encoding other than UTF-8."""
    with archive.open(part) as stream:
        piece = stream.read(CHUNK)
        if b"\0" in piece[:HEAD] or ENCODED.search(piece[:HEAD]):
            raise ValueError
        while piece:
            if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
                raise Wrong("file_declarations")
            yield piece
            piece = stream.read(CHUNK)


def tree(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    """A small part, parsed."""
    parser = ElementTree.XMLParser()
    for piece in pieces(archive, part):
        parser.feed(piece)
    return parser.close()


def links(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Id -> kind and target of the parts that a part refers to; nothing where it refers to none."""
    folder, name = posixpath.split(part)
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in archive.NameToInfo:
        return {}
    target = lambda link: posixpath.normpath(posixpath.join("/" + folder, link.get("Target", "")))[1:]  # noqa: E731
    return {link.get("Id", ""): (link.get("Type", "").rpartition("/")[2], target(link)) for link in tree(archive, rels)}
