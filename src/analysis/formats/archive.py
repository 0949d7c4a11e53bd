"""The parts of a zip archive of a spreadsheet program, checked before they are parsed."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree import ElementTree

from analysis.formats.child import Wrong

BLOCK = 2**20  # bytes looked at at once
MOST_UNPACKED = 400 * 2**20  # bytes; a sheet of a million rows unpacks to about this
HEAD = 1024  # bytes in which a part says how it is encoded
ENCODED = re.compile(rb"""<\?xml[^>]*encoding=["'](?!utf-8["']|us-ascii["'])""", re.IGNORECASE)
ATTACHED = {"media", "__MACOSX"}  # folders of what is attached to answers, and of what macOS adds
# What reading an archive raises when it is damaged, encrypted, packed in an unknown way, or lacks a part.
NOT_A_WORKBOOK = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, OSError, UnicodeError, ElementTree.ParseError,
                  NotImplementedError, ValueError)


def checked(archive: zipfile.ZipFile) -> None:
    """Raise Wrong for an archive that is larger than it seems, or that two programs could read in two ways."""
    members = archive.infolist()
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise Wrong("file_unsafe", why="it unpacks to more than 400 MB")
    if len({member.filename.casefold().replace("\\", "/") for member in members}) < len(members):
        raise Wrong("file_unsafe", why="it holds the same part twice")


def folder(archive: zipfile.ZipFile) -> dict[str, str]:
    """Name of table -> part, of a packed folder of CSV files, as ODK Central gives it; empty for one that holds anything else."""
    parts = [PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")]
    tables = [part for part in parts if ATTACHED.isdisjoint(part.parts)]
    named = {part.stem: str(part) for part in tables if part.suffix.casefold() == ".csv"}
    return named if len(named) == len(tables) else {}


def pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part in pieces; raises Wrong where it declares entities, which can grow without end, ValueError where it is not in UTF-8."""
    with archive.open(part) as stream:
        piece = stream.read(BLOCK)
        if b"\0" in piece[:HEAD] or ENCODED.search(piece[:HEAD]):
            raise ValueError
        last = b""
        while piece:
            if b"<!DOCTYPE" in last + piece or b"<!ENTITY" in piece:
                raise Wrong("file_unsafe", why="it holds declarations that no spreadsheet program writes")
            yield piece
            last, piece = piece[-16:], stream.read(BLOCK)


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
    return {link.attrib["Id"]: (link.get("Type", "").rpartition("/")[2], posixpath.normpath(
        posixpath.join("/" + folder, link.attrib["Target"]))[1:]) for link in tree(archive, rels)}
