"""Casebook against the usual ways of doing the same: prints one table. `--only WORDS` runs the comparisons with these words.

The two sides of a comparison take turns (A B A B ...) after their answers were found equal; every number is a median.
"""

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pandas as pd
import sides

import data
from analysis import count

TABLES = {"FBI file, by 2 variables": ("fbi", 2, 7),
          "a million, by 1 variable": ("invented", 1, 3), "a million, by 2 variables": ("invented", 2, 3)}
READING = [("calamine alone", sides.read_sheets, sides.read_calamine, 1.2, 9),
           ("pandas with openpyxl", sides.read_sheets, sides.read_openpyxl, None, 2),
           ("calamine alone; ours also codes and checks", sides.read_and_tidy, sides.read_calamine, None, 3)]


class Row(NamedTuple):
    """One comparison; `aim` is the part of theirs that ours may take (None: only shown)."""

    what: str
    ours: Callable
    theirs: Callable
    aim: float | None
    turns: int


def comparisons(folder: Path) -> list[Row]:
    """All comparisons of time."""
    rows = []
    for what, (name, several, turns) in TABLES.items():
        of = sides.cases(folder, name, several)
        ours, text, pandas = (partial(side, of) for side in (sides.profiles, sides.profiles_from_text, sides.explode))
        rows += [Row(f"{what}: pandas, split-explode-group", ours, pandas, 1 / 40, turns),
                 Row(f"{what}: pandas; ours from the same text", text, pandas, None, turns),
                 Row(f"{what}: SQL, lists unnested", ours, partial(sides.sql_unnest, of), 1, 15),
                 Row(f"{what}: SQL, text grouped first", ours, partial(sides.sql_grouped, of), 1, 15),
                 Row(f"{what}: SQL, our masks grouped", ours, partial(sides.sql_masks, of), 1, 15)]
    one, every = (sides.cases(folder, "invented", several) for several in (1, 3))
    further = partial(sides.further, one, count.profiles(every.masks, every.book, every.by))
    rows += [Row("a million, one more breakdown: the first, from masks", further, partial(sides.first, one, every), 1 / 20, 9),
             Row("a million, one more breakdown: the first, from text", further, partial(sides.first_from_text, one, every), 1 / 20, 3)]
    return rows + [Row(f"workbook of 50,000 rows: {what}", partial(ours, folder), partial(theirs, folder), aim, turns)
                   for what, ours, theirs, aim, turns in READING]


def timed(row: Row) -> str:
    """One line of the table."""
    agree(row.what, row.ours(), row.theirs())
    ours, theirs = [], []
    for _ in range(row.turns):
        ours.append(seconds(row.ours))
        theirs.append(seconds(row.theirs))
    return line(row.what, median(ours), median(theirs), row.aim, lambda took: f"{took * 1000:,.0f} ms")


def agree(what: str, ours, theirs) -> None:
    """Stop when the two sides do not find the same: cells and counts, the rows of a sheet, or a case for each row below its header."""
    if isinstance(theirs, pd.DataFrame):
        same = answers(ours) == answers(theirs)
    else:
        same = ours == theirs if isinstance(ours, list) else len(ours) == len(theirs) - 1
    if not same:
        sys.exit(f"{what}: the two sides do not agree.")


def answers(counted: pd.DataFrame) -> dict:
    """The cells that are not empty, with their counts."""
    keys = counted.columns[: list(counted.columns).index("n")]
    return {tuple(key): n for *key, n in counted.loc[counted.n > 0, [*keys, "n"]].itertuples(index=False, name=None)}


def seconds(side: Callable) -> float:
    """How long one run takes."""
    gc.collect()
    start = time.perf_counter()
    side()
    return time.perf_counter() - start


def weighed(what: str, name: str, several: int, folder: Path) -> list[str]:
    """Two lines of the table: the largest memory of a process of its own, whole and beyond what it needs before it counts."""
    ours, theirs = [], []
    for _ in range(3):
        for found, side in ((ours, "profiles"), (theirs, "explode")):
            command = [sys.executable, sides.__file__, side, str(folder), name, str(several)]
            before, peak = map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
            found.append((peak, peak - before))
    pairs = [(median(one), median(other)) for one, other in zip(zip(*ours, strict=True), zip(*theirs, strict=True), strict=True)]
    return [line(f"{what}: pandas, {kind}", *pair, 1 / 4, lambda weight: f"{weight:,.0f} MB")
            for kind, pair in zip(("memory of the whole process", "memory beyond the libraries"), pairs, strict=True)]


def line(what: str, ours: float, theirs: float, aim: float | None, shown: Callable) -> str:
    """One line of the table, with the part of theirs that ours takes."""
    met = "" if aim is None else "yes" if ours <= theirs * aim else "no"
    return f"| {what} | {shown(ours)} | {shown(theirs)} | {part(ours / theirs)} | {part(aim) if aim else ''} | {met} |"


def part(ratio: float) -> str:
    """A ratio as people say it: 1/40, or 1.2."""
    return f"{ratio:.2f}" if ratio > 0.3 else f"1/{1 / ratio:.{0 if ratio < 0.1 else 1}f}"


def machine() -> str:
    """What the numbers depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in ("pandas", "numpy", "duckdb", "python-calamine", "openpyxl"))
    return f"{os.cpu_count()} cores, {memory:.0f} GB; Python {sys.version.split()[0]}, {libraries}."


def main() -> None:
    """Make the data, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="WORDS")
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory() as folder:
        print("Making the data ...", file=sys.stderr)
        data.make(Path(folder))
        print("| what, and against what | ours | theirs | ours / theirs | aim | met |\n|---|--:|--:|--:|--:|---|")
        for row in comparisons(Path(folder)):
            if only in row.what:
                print(timed(row), flush=True)
        for what, (name, several, _) in TABLES.items():
            if only in f"{what}: pandas, memory":
                print(*weighed(what, name, several, Path(folder)), sep="\n", flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
