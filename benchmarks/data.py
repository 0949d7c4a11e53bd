"""What the benchmarks count and read: the FBI file, a million invented cases, an invented workbook; always the same ones."""

import csv
import dataclasses
import lzma
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import codebook, tidy
from analysis.sheets.cells import masks, words

RAW = Path(__file__).parents[1] / "data" / "raw"
FBI = {"BIAS_DESC": "bias", "OFFENSE_NAME": "offense"}
# The shares of cases with one code of a variable, two, three ... The variables are independent: a hard case for profiles.
SEVERAL = {"violation": [0.55, 0.30, 0.12, 0.03], "perpetrator": [0.80, 0.17, 0.03], "victim_group": [0.70, 0.25, 0.05]}
CASES, ROWS, SEED = 1_000_000, 50_000, 2024


def make(folder: Path) -> None:
    """Write everything into a folder."""
    for name, rows in (("fbi", fbi()), ("invented", invented())):
        groups = {"index": False, "row_group_size": tidy.ROW_GROUP}  # as ours, so that SQL can use every core on them too
        rows.to_parquet(folder / f"{name}.text.parquet", **groups)
        rows.apply(lambda column: column.str.split(";")).to_parquet(folder / f"{name}.lists.parquet", **groups)
        book = book_of({column: sorted({value for cell in rows[column].unique() for value in cell.split(";")}) for column in rows})
        tidy.save(masked(rows, book), folder / f"{name}.cases.parquet", book)
    workbook(folder / "workbook.xlsx")


def fbi() -> pd.DataFrame:
    """The two columns of the FBI file that hold several values, joined by `;`; 201,403 rows."""
    with lzma.open(RAW / "fbi" / "hate_crime_1991_2018.csv.xz", "rt", encoding="utf-8", newline="") as lines:
        return pd.DataFrame([{ours: row[theirs] for theirs, ours in FBI.items()} for row in csv.DictReader(lines)])


def invented() -> pd.DataFrame:
    """A million cases in the same form."""
    book, rng = codebook.load(), np.random.default_rng(SEED)
    known = {variable: [code for code in book.of(variable) if code not in book.unknown(variable)] for variable in SEVERAL}
    return pd.DataFrame({variable: cells(known[variable], shares, rng) for variable, shares in SEVERAL.items()})


def cells(codes: list[str], shares: list[float], rng: np.random.Generator) -> np.ndarray:
    """Cells with one code, two ... in these shares, none twice in a cell; the k-th code has a weight of 1/k."""
    # The codes with the largest log(weight) + Gumbel noise are a weighted draw without replacement.
    noise = rng.gumbel(size=(CASES, len(codes))).astype(np.float32)
    drawn = np.argsort(np.log(np.arange(1, len(codes) + 1, dtype=np.float32)) - noise, axis=1)[:, : len(shares)]
    size = rng.choice(len(shares), CASES, p=shares) + 1
    bits = np.where(np.arange(len(shares)) < size[:, None], 1 << drawn, 0).sum(axis=1)
    sets, at = np.unique(bits, return_inverse=True)
    return np.array([";".join(code for bit, code in enumerate(codes) if one >> bit & 1) for one in sets.tolist()], object)[at]


def book_of(codes: dict[str, list[str]]) -> codebook.Codebook:
    """A codebook with these variables and codes."""
    rows = [(variable, code, "", "") for variable, found in codes.items() for code in found]
    book = codebook.load()
    return dataclasses.replace(book, variables=pd.DataFrame(index=list(codes)), groups=book.groups.head(0),
                               codes=pd.DataFrame(rows, columns=["variable", "code", "group", "unknown"]))


def masked(rows: pd.DataFrame, book: codebook.Codebook) -> pd.DataFrame:
    """Cases from cells of text: what `tidy` does for a source, without its checks."""
    made = {}
    for column in rows:
        codes = book.of(column)
        read = {cell: cell.split(";") for cell in rows[column].unique()}
        made |= dict(zip(words(column, len(codes)), masks(read, rows[column], codes).T, strict=True))
    return pd.DataFrame(made)


def workbook(file: Path) -> None:
    """An invented workbook of 15 columns: each cell is one of its column in the coded workbook of Kazakhstan."""
    source, rng = pd.read_excel(RAW / "odihr" / "kazakhstan_2016_2022_coded.xlsx", engine="calamine"), np.random.default_rng(SEED)
    rows = pd.DataFrame({column: rng.choice(source[column].dropna(), ROWS) for column in source})
    rows["Incident"] = [f"X-{number}" for number in range(ROWS)]
    rows.to_excel(file, sheet_name="Incidents", index=False, engine="xlsxwriter")
