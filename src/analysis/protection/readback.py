"""A publication attacked as it lies in its folder: what its files show, and what a reader can find out from that."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.utils import range_boundaries

from analysis.codebook import LANGUAGES, Codebook
from analysis.ledger import HIDDEN
from analysis.protection import attack, drawn, hide, policy, spoken
from analysis.wording import words

BESIDE = ["share", "value", "low", "high", "p", "p_holm"]  # numbers that say something of the count they stand beside
COLUMNS = ["id", "n", "base", *BESIDE, "no_value"]
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


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


def shown(folder: Path) -> pd.DataFrame:
    """Every number of a result that a table in the folder gives: columns file, id, n."""
    return lines(folder).dropna(subset="n")[["file", "id", "n"]]


def leaks(folder: Path, results: pd.DataFrame, cases, book: Codebook, signed: set[str], earlier: Path | None = None,
          others: pd.DataFrame | None = None) -> list[str]:
    """What a reader of a folder finds out about one confidential source and should not; nothing for a safe publication.

    `results` are its results before protection, `cases` its cases, `others` the results of other sources. Lines that must not be there or
    do not say what was counted, small numbers that stand in a file (as a number, in words beside their label in any language, as the
    length of a bar), hidden numbers that follow from others, those of an `earlier` edition included, and numbers that changed by
    fewer cases than the policy hides (P10, P11).
    """
    ready, numbers = hide.prepared(results, cases, book, signed), policy.numbers(book.folder)
    others = results[:0] if others is None else others
    mine = lines(folder).assign(edition="")
    mine = mine[~mine.id.isin(others.id)]
    whole = may_be_shown(ready, set(mine.id[mine.n.notna()]), book, signed).set_index("id", drop=False)
    found = [f"{row.file} shows {row.id}, which is {'not to be published' if row.id in set(results.id) else 'no result of this report'}"
             for row in mine[~mine.id.isin(whole.index)].itertuples()]
    mine = mine[mine.id.isin(whole.index)]
    found += wrong(mine, whole, numbers["percent_from"]) + in_charts(folder)
    last = shown(earlier).assign(edition=" of the earlier edition") if earlier and Path(earlier).is_dir() else mine[:0]
    known = pd.concat([mine.dropna(subset="n"), last[last.id.isin(whole.index)]])
    moved = (known.n - known.id.map(whole.n)).abs()
    found += [f"{row.file}{row.edition} shows {row.id} with another number than this edition"
              for row in known[(moved > 0) & ((moved < numbers["k"]) | (known.edition == ""))].itertuples()]
    few = whole.index[hide.small(whole, whole.table.map(ready.limits))]
    found += [f"{row.file}{row.edition} shows {row.id}, which is small" for row in known[known.id.isin(few)].itertuples()]
    whole = whole.assign(hidden=~whole.index.isin(known.id) & whole.n.notna()).reset_index(drop=True)
    public = others[others.level == "public"].assign(hidden=False)  # a sentence may be about these
    heard = spoken.heard(folder, pd.concat([whole, public], ignore_index=True), book)
    found += [f"{one.file} says {one.id}" for one in heard if one.low == one.high] + drawn.drawn(folder, whole)
    return list(dict.fromkeys([*found, *found_out(ready, known, heard, book, numbers["k"])]))


def may_be_shown(ready: hide.Ready, known: set[str], book: Codebook, signed: set[str]) -> pd.DataFrame:
    """The results that a publication may hold whose tables show the counts `known`."""
    return pd.concat([ready.rows, hide.shown_whole(ready, known, book, signed).rows], ignore_index=True)


def wrong(mine: pd.DataFrame, whole: pd.DataFrame, percent_from: int) -> list[str]:
    """The lines that do not say a base as it was counted, tell more of a hidden number than that it is hidden (P8, P9), or give a
    percentage of too few (P7)."""
    right, marks = whole.loc[mine.id], {HIDDEN, *(words.of(lang)["no_value"][HIDDEN] for lang in LANGUAGES)}
    closed = mine.n.isna().to_numpy() & right.n.notna().to_numpy()
    tests = {"with another base than was counted": mine.base.notna().to_numpy() & (mine.base.to_numpy() != right.base.to_numpy()),
             "with numbers beside it, though it is hidden": closed & mine[BESIDE].notna().any(axis=1).to_numpy(),
             "without the mark of a hidden number": closed & ~mine.no_value.isin(marks).to_numpy(),
             f"as a share of fewer than {percent_from}": mine.share.notna().to_numpy() & (right.base < percent_from).to_numpy()}
    return [f"{row.file} shows {row.id} {what}" for what, rows in tests.items() for row in mine[rows].itertuples()]


def in_charts(folder: Path) -> list[str]:
    """The native charts of workbooks that keep numbers which their cells do not hold."""
    found = []
    for file in sorted(Path(folder).glob("*.xlsx")):
        sheets = openpyxl.load_workbook(file)
        with zipfile.ZipFile(file) as parts:
            for name in (name for name in parts.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", name)):
                found += [f"{file.name} keeps numbers in the chart of {sheet} that its cells do not show"
                          for sheet in other_than_cells(ElementTree.fromstring(parts.read(name)), sheets)]
    return found


def other_than_cells(chart, sheets) -> list[str]:
    """The sheets of whose cells a chart keeps other numbers than they hold."""
    found = []
    for part in chart.iter(f"{CHART}numRef"):
        sheet, _, cells = part.find(f"{CHART}f").text.rpartition("!")
        left, top, right, bottom = range_boundaries(cells.replace("$", ""))
        cells = sheets[sheet.strip("'")].iter_rows(top, bottom, left, right, values_only=True)
        held = pd.to_numeric(pd.Series([cell for line in cells for cell in line], dtype=object), errors="coerce")  # a year is a text
        kept = [(int(point.get("idx")), float(point.find(f"{CHART}v").text)) for point in part.iter(f"{CHART}pt")]
        found += [sheet.strip("'")] if any(held[at] != value for at, value in kept) else []
    return found


def found_out(ready: hide.Ready, known: pd.DataFrame, heard: list[spoken.Heard], book: Codebook, k: int) -> list[str]:
    """The hidden results that follow from those that are known, and from what texts say of them (`heard`)."""
    found = []
    for cells, closed, ids in closed_cells(ready, set(known.id), book):
        low, high = np.zeros(len(closed)), np.full(len(closed), np.inf)
        for one in heard:
            for at in (at for at, id in ids.items() if id == one.id and one.low < one.high):
                low[at], high[at] = max(low[at], one.low), min(high[at], one.high)
        left = attack.open_cells(cells.members, cells.cases, closed, cells.small & closed, k, low, high)
        told = {one.id: f" and from what {one.file} says" for one in heard}
        found += [f"{ids[at]} can be found out from other numbers{told.get(ids[at], '')}" for at in left]
    return found


def left_open(folder: Path, results: pd.DataFrame, cases, book: Codebook, signed: set[str]) -> pd.DataFrame:
    """For each hidden result of one confidential source what a reader of the folder cannot rule out: columns id, least, most.

    For the reader who knows every number that is shown and nothing else; parts of cases allowed, so that whole cases can lie a little
    closer together.
    """
    ready, rows = hide.prepared(results, cases, book, signed), []
    for cells, closed, ids in closed_cells(ready, set(shown(folder).id), book):
        counts = cells.members @ cells.cases
        reader = attack.Reader(cells.members, np.where(closed, 0, counts), np.where(closed, np.inf, counts))
        ends = {at: [reader.furthest(cells.members[at], sign).row_value[at] for sign in (-1, 1)] for at in np.flatnonzero(closed)}
        rows += [(ids[at], round(least), round(most)) for at, (least, most) in ends.items()]
    return pd.DataFrame(rows, columns=["id", "least", "most"])


def closed_cells(ready: hide.Ready, known: set[str], book: Codebook):
    """For each part with hidden results its cells, which of them no file shows, and the id of a result of each."""
    for part in hide.parts(ready.rows, ready.limits):
        rows = ready.rows[ready.rows.table.isin(part.tables)]
        if not rows.id.isin(known).all() and hide.any_small(rows, ready.limits):
            cells, of_row = hide.cells_of(rows, part, ready.cases, book, ready.limits)
            at = np.setdiff1d(of_row, of_row[rows.id.isin(known).to_numpy()])
            closed = np.isin(np.arange(len(cells.small)), at) & ~cells.total
            yield cells, closed, dict(zip(of_row, rows.id[of_row.index]))
