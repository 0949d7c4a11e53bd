"""The numbers that the tables and workbooks of a folder show, line by line."""

from pathlib import Path

import openpyxl
import pandas as pd

from analysis.codebook import LANGUAGES
from analysis.wording import words

BESIDE = ["share", "value", "low", "high", "p", "p_holm"]  # numbers that say something of the count they stand beside
COLUMNS = ["id", "n", "base", *BESIDE, "no_value"]


def lines(folder: Path) -> pd.DataFrame:
    """Every line with an id of each CSV and each sheet of each workbook in the folder: columns file and COLUMNS, numbers as numbers."""
    found = [pd.DataFrame(columns=["file", *COLUMNS])]
    for file in sorted(Path(folder).glob("*.csv")):
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        found += [table.reindex(columns=COLUMNS).assign(file=file.name)] if {"id", "n"} <= set(table) else []
    found += [lines_of(sheet).assign(file=f"{file.name}, {sheet.title}")
              for file in sorted(Path(folder).glob("*.xlsx")) for sheet in openpyxl.load_workbook(file, read_only=True)]
    every = pd.concat(found, ignore_index=True)
    numbers = [column for column in COLUMNS if column not in ("id", "no_value")]
    return every.assign(**{column: pd.to_numeric(every[column], errors="coerce") for column in numbers})


def lines_of(sheet) -> pd.DataFrame:
    """The lines of a sheet of the workbook below a heading for ids, whatever its language; columns COLUMNS."""
    heads = {words.of(lang)["tables"][name]: name for lang in LANGUAGES for name in COLUMNS}
    at, found = {}, []
    for line in sheet.iter_rows(values_only=True):
        named = {heads[cell]: place for place, cell in enumerate(line) if cell in heads}
        if {"id", "n"} <= set(named):
            at = named
        elif at:
            found.append({name: line[place] for name, place in at.items()})
    return pd.DataFrame(found, columns=COLUMNS)


def numbers(folder: Path) -> pd.DataFrame:
    """Every number of a result that a table in the folder gives: columns file, id, n."""
    return lines(folder).dropna(subset="n")[["file", "id", "n"]]
