"""Casebook: from the spreadsheets of human-rights monitors to counts, figures and the national report."""

import hashlib
import os
from pathlib import Path


def home() -> Path:
    """The project's folder: `CASEBOOK_HOME`, or the nearest folder above with a codebook, or this checkout."""
    if "CASEBOOK_HOME" in os.environ:
        return Path(os.environ["CASEBOOK_HOME"]).resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "data" / "codebook" / "codes.csv").exists():
            return folder
    return Path(__file__).resolve().parents[2]


def private(folder: Path) -> Path:
    """A folder that nobody but its owner may look into, made where it is not there (on POSIX; elsewhere as the system has it)."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def sha256(file: Path) -> str:
    """The fingerprint of a file."""
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
