"""The CSV files of a packed folder, each a sheet of its own."""

import zipfile
from collections.abc import Iterator

from analysis.formats import texts
from analysis.formats.archive import folder


def blocks(source) -> Iterator[tuple]:
    """As `texts.blocks`, of one file after the other, with the name of each as that of its sheet."""
    with zipfile.ZipFile(source) as archive:
        for name, part in folder(archive).items():
            with archive.open(part) as stream:
                yield from (block if block[0] == "note" else (block[0], name, *block[2:]) for block in texts.blocks(stream))
