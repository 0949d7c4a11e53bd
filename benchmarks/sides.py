"""The sides that are compared, ours and the others'; as a script, one side once: its peak memory before and after, in MB."""

import re
import resource
import sys
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import python_calamine

import data
from analysis import codebook, count, read, tidy
from analysis.formats import files

VARIABLES = {"fbi": ["bias", "offense"], "invented": ["violation", "perpetrator", "victim_group"]}


class Cases(NamedTuple):
    """The same cases in three files (text with `;`, lists, masks), what to count by, and the codes of the masks."""

    text: Path
    lists: Path
    masks: Path
    by: list[str]
    book: codebook.Codebook


def cases(folder: Path, name: str, several: int) -> Cases:
    """One of the tables that `data` made, to be counted by its first variables."""
    files = [folder / f"{name}.{form}.parquet" for form in ("text", "lists", "cases")]
    codes = pq.read_schema(files[2]).pandas_metadata["attributes"]["codes"]
    return Cases(*files, VARIABLES[name][:several], data.book_of(codes))


def profiles(of: Cases) -> pd.DataFrame:
    """Ours, from the cases as Casebook stores them."""
    return count.breakdown(of.masks, of.book, of.by)


def profiles_from_text(of: Cases) -> pd.DataFrame:
    """Ours, from the columns of text that pandas starts from."""
    return count.breakdown(data.masked(pd.read_parquet(of.text, columns=of.by), of.book), of.book, of.by)


def first(of: Cases, every: Cases) -> pd.DataFrame:
    """Ours, from the cases as stored, by way of the profiles of every variable."""
    return further(of, count.profiles(every.masks, every.book, every.by))


def first_from_text(of: Cases, every: Cases) -> pd.DataFrame:
    """The same from the columns of text."""
    return further(of, count.profiles(data.masked(pd.read_parquet(every.text), every.book), every.book, every.by))


def further(of: Cases, profiles: pd.DataFrame) -> pd.DataFrame:
    """Ours, from the profiles that the first breakdown of the same cases made."""
    return count.breakdown(profiles, of.book, of.by)


def explode(of: Cases) -> pd.DataFrame:
    """The usual way in pandas: split, explode, group."""
    rows = pd.read_parquet(of.text, columns=of.by).apply(lambda column: column.str.split(";"))
    for variable in of.by:
        rows = rows.explode(variable)
    return rows.groupby(of.by).size().reset_index(name="n")


def sql_unnest(of: Cases) -> pd.DataFrame:
    """The usual way in SQL: a row for each value of the lists."""
    return sql(of, f"SELECT {', '.join(of.by)}, 1 AS n FROM '{of.lists}'", "{variable}")


def sql_grouped(of: Cases) -> pd.DataFrame:
    """Better SQL: the text is grouped before it is split, which is our own idea without masks."""
    return sql(of, f"SELECT {', '.join(of.by)}, count(*) AS n FROM '{of.text}' GROUP BY ALL", "string_split({variable}, ';')")


def sql_masks(of: Cases) -> pd.DataFrame:
    """The best SQL we could write, on the file that ours reads: masks are grouped, then turned into lists of codes."""
    rows = f"SELECT {', '.join(of.by)}, count(*) AS n FROM '{of.masks}' GROUP BY ALL"
    return sql(of, rows, "list_filter({codes}, lambda code, place: {variable} >> (place - 1) & 1 = 1)")


def sql(of: Cases, rows: str, as_list: str) -> pd.DataFrame:
    """The sum of n for every combination of values, one variable unnested after the other."""
    for variable in of.by:
        codes = "[" + ", ".join("'" + code.replace("'", "''") + "'" for code in of.book.of(variable)) + "]"
        rows = f"SELECT * REPLACE (unnest({as_list.format(variable=variable, codes=codes)}) AS {variable}) FROM ({rows})"
    return duckdb.execute(f"SELECT {', '.join(of.by)}, sum(n)::BIGINT AS n FROM ({rows}) GROUP BY ALL").df()


def read_sheets(folder: Path) -> list[list]:
    """Ours: the rows of the workbook, from a process of their own, with all that a person sees beside the values looked for.

    Ours leaves out empty cells at the end of a row; they are put back, as theirs has them.
    """
    rows = files.opened(folder / "workbook.xlsx").sheets["Incidents"].rows
    width = max(map(len, rows))
    return [row if len(row) == width else row + [""] * (width - len(row)) for row in rows]


def read_calamine(folder: Path) -> list[list]:
    """The library that ours reads with, alone."""
    return python_calamine.CalamineWorkbook.from_path(folder / "workbook.xlsx").get_sheet_by_name("Incidents").to_python()


def read_openpyxl(folder: Path) -> list[list]:
    """pandas with openpyxl; whole numbers and missing cells are written as the other two write them."""
    table = pd.read_excel(folder / "workbook.xlsx", header=None, engine="openpyxl", dtype=object)
    return table.fillna("").map(lambda cell: float(cell) if isinstance(cell, int) else cell).to_numpy().tolist()


def read_and_tidy(folder: Path) -> pd.DataFrame:
    """Ours, to the end: cases, coded and checked."""
    book = codebook.load()
    return tidy.checked(read.raw(folder / "workbook.xlsx", book, "odihr_coded"), book).cases


def peak() -> float:
    """The largest memory of this process so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts in ru_maxrss what the process that started this one had, too
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    side, folder, name, several = sys.argv[1:]
    of = cases(Path(folder), name, int(several))
    before = peak()
    globals()[side](of)
    print(before, peak())
