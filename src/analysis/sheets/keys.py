"""The codes of confidential cases -> random ones, the same in every run; their key stays beside the raw file."""

import os
import secrets
from pathlib import Path

import pandas as pd
from filelock import FileLock

from analysis import home

KEY = ["case_id", "code", "sheet", "row"]
LETTERS, LENGTH = "BCDFGHJKLMNPQRSTVWXZ", 7  # no vowels: no code is a word or a name


def key_file(file: Path) -> Path:
    """Where the key of a file lies."""
    return Path(f"{file}.key.csv")


def key(file: Path) -> pd.DataFrame:
    """The key of a file: case_id (the random code), code (the sheet's own), sheet, row; no rows where it has none yet."""
    try:
        return pd.read_csv(key_file(file), dtype=str, keep_default_na=False).astype({"row": int})[KEY]
    except FileNotFoundError:
        return pd.DataFrame({name: pd.Series(dtype=int if name == "row" else str) for name in KEY})


def renewed(cases: pd.DataFrame, file: Path) -> pd.DataFrame:
    """The key after every case of a file has its random code, old ones as before; written beside the file, for its owner's eyes only.

    A case that has left the file keeps its code, which no other case gets. Raises OSError where the folder cannot be written.
    """
    lock = home() / "data" / "processed" / ".keys.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        old = key(file)
        taken = dict(zip(old.code, old.case_id))
        now = cases[["case_id", "sheet", "row"]].rename(columns={"case_id": "code"})
        for code in now.code:
            taken[code] = taken.get(code) or new(set(taken.values()))
        now = now.assign(case_id=now.code.map(taken))[KEY]
        whole = pd.concat([old[~old.code.isin(now.code)], now], ignore_index=True).sort_values("case_id", ignore_index=True)
        if not whole.equals(old):
            write(whole, key_file(file))
    return whole


def new(taken: set[str]) -> str:
    """A random code that no case has."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return new(taken) if code in taken else code


def write(table: pd.DataFrame, file: Path) -> None:
    """Write a table that nobody but its owner may read, whole or not at all."""
    staged = file.with_name(f".{file.name}.staged")
    staged.unlink(missing_ok=True)
    with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="") as out:
        table.to_csv(out, index=False)
    staged.replace(file)


def renamed(table: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Cases (or units) under their random codes and in the order of these, without `sheet` and `row`: only the key leads to the cell."""
    codes = table.case_id.map(dict(zip(known.code, known.case_id)))
    return table.assign(case_id=codes).drop(columns=["sheet", "row"]).sort_values("case_id", kind="stable", ignore_index=True)


def cells(cases: pd.DataFrame, files: list[Path]) -> pd.DataFrame:
    """Cases with the `sheet` and `row` that the keys of these files have of them; empty where none has the case."""
    known = pd.concat([key(file) for file in files])[["case_id", "sheet", "row"]].astype(object)
    return cases.merge(known, on="case_id", how="left", validate="many_to_one").fillna({"sheet": "", "row": ""})
