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
from analysis.protection import attack, drawn, earlier, hide, policy, shown, spoken
from analysis.wording import words

NUMBERS = ["n", "base", "share", "value", "low", "high"]  # what a text may say of a result
EARLIER = " of the earlier edition"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def leaks(folder: Path, results: pd.DataFrame, cases, book: Codebook, signed: set[str], last: earlier.Earlier = earlier.NOTHING,
          others: pd.DataFrame | None = None) -> list[str]:
    """What a reader of a folder finds out about one confidential source and should not; nothing for a safe publication.

    `results` are its results before protection, `cases` its cases, `others` the results of other sources. The folder of the edition that
    is published now is read as this one is, and of those before it the numbers are known (`last`). Lines that must not be there or do
    not say what was counted, small numbers that stand in a file (as a number, in words beside their label in any language, as the length
    of a bar), hidden numbers that follow from all of the editions, and numbers that differ from an earlier edition's by fewer cases than
    the policy hides (P10, P11).
    """
    ready, numbers = hide.prepared(results, cases, book, signed, last), policy.numbers(book.folder)
    others = results[:0] if others is None else others
    editions = {"": Path(folder)} | ({EARLIER: last.folder} if last.folder else {})
    told = pd.concat([shown.lines(place).assign(edition=edition) for edition, place in editions.items()], ignore_index=True)
    told = told[~told.id.isin(others.id)]
    mine = told[told.edition == ""]
    whole = may_be_shown(ready, set(mine.id[mine.n.notna()]), book, signed)
    found = [f"{row.file} shows {row.id}, which is {'not to be published' if row.id in set(results.id) else 'no result of this report'}"
             for row in mine[~mine.id.isin(whole.id[whole.here])].itertuples()]
    found += wrong(mine[mine.id.isin(whole.id)], whole.set_index("id", drop=False), numbers["percent_from"])
    known = told[told.id.isin(whole.id)].dropna(subset="n")
    found += changed_or_small(known, whole, earlier.corrected(pd.concat([ready.rows, ready.made]), last, numbers["k"]), numbers["k"])
    now, before = set(known.id[known.edition == ""]), set(last.numbers.id)  # what texts say of these their tables say as well
    whole = whole.assign(hidden=~whole.id.isin(now) & (whole.least < whole.most) & whole.n.notna()).reset_index(drop=True)
    for edition, place in editions.items():
        figures = results if edition == "" else results[results.table.isin(set(results.table) - shown_whole(whole))]
        seen = drawn.drawn(place, figures, told[told.edition == edition], some=edition == EARLIER)
        found += [f"{file}{edition} {what}" for file, what in [*in_charts(place), *seen]]
    public = others[others.level == "public"].assign(hidden=False)  # a sentence may be about these
    texts = {f"{file.name}{edition}": file for edition, place in editions.items() for file in sorted(place.iterdir())}
    heard = [one for one in spoken.heard(texts, pd.concat([whole, public], ignore_index=True), book)
             if one.id not in before or not one.file.endswith(EARLIER)]
    found += [f"{one.file} says {one.id}" for one in heard if one.low == one.high]
    found += said_before({name: file for name, file in texts.items() if name.endswith(EARLIER)}, whole, last, book, numbers["k"])
    return list(dict.fromkeys([*found, *found_out(ready, now, heard, book, numbers["k"])]))


def may_be_shown(ready: hide.Ready, known: set[str], book: Codebook, signed: set[str]) -> pd.DataFrame:
    """The results that a publication may hold whose tables show the counts `known`."""
    made = ready.made[ready.made.table.isin(hide.shown_whole(ready, known, book, signed).rows.table)]
    return pd.concat([ready.rows, made], ignore_index=True)


def shown_whole(whole: pd.DataFrame) -> set[str]:
    """The tables of which nothing is hidden."""
    return set(whole.table) - set(whole.table[whole.hidden])


def changed_or_small(known: pd.DataFrame, whole: pd.DataFrame, corrected: list[str], k: int) -> list[str]:
    """The numbers that are shown and are other than counted, are small, or too near to an earlier edition's (or `corrected`)."""
    now, n = known[known.edition == ""], whole.set_index("id").n
    near, few = {*whole.id[whole.near], *corrected}, known.id.isin(whole.id[whole.small]) & known.n.between(1, k - 1)
    return [*(f"{row.file} shows {row.id} with another number than was counted" for row in now[now.n != now.id.map(n)].itertuples()),
            *(f"{row.file} shows {row.id} too near to what an earlier edition shows of it" for row in
              now[now.id.isin(near)].itertuples()),
            *(f"{row.file}{row.edition} shows {row.id}, which is small" for row in known[few].itertuples())]


def said_before(texts: dict[str, Path], whole: pd.DataFrame, last: earlier.Earlier, book: Codebook, k: int) -> list[str]:
    """What texts of the earlier edition say of results that are hidden now, that its tables did not show, and whose number has changed by
    fewer cases than k (P11)."""
    then = whole[whole.id.isin(set(last.rows.id) - set(last.numbers.id))].set_index("id")
    then = then.assign(**last.rows.set_index("id").loc[then.index, NUMBERS], now=then.n).reset_index()
    near = set(then.id[then.hidden & (then.n != then.now) & ((then.n - then.now).abs() < k)])
    heard = spoken.heard(texts, then, book) if near and texts else []
    return [f"{one.file} says {one.id} with another number than this edition" for one in heard if one.low == one.high and one.id in near]


def wrong(mine: pd.DataFrame, whole: pd.DataFrame, percent_from: int) -> list[str]:
    """The lines that do not say a base as it was counted, tell more of a hidden number than that it is hidden (P8, P9), or give a
    percentage of too few or in parts of one (P7)."""
    right, marks = whole.loc[mine.id], {HIDDEN, *(words.of(lang)["no_value"][HIDDEN] for lang in LANGUAGES)}
    closed, percent = mine.n.isna().to_numpy() & right.n.notna().to_numpy(), 100 * mine.share
    tests = {"with another base than was counted": mine.base.notna().to_numpy() & (mine.base.to_numpy() != right.base.to_numpy()),
             "with numbers beside it, though it is hidden": closed & mine[shown.BESIDE].notna().any(axis=1).to_numpy(),
             "without the mark of a hidden number": closed & ~mine.no_value.isin(marks).to_numpy(),
             "with a percentage that is not whole": right.value.isna().to_numpy() & ((percent - percent.round()).abs() > 1e-9).to_numpy(),
             f"as a share of fewer than {percent_from}": mine.share.notna().to_numpy() & (right.base < percent_from).to_numpy()}
    return [f"{row.file} shows {row.id} {what}" for what, rows in tests.items() for row in mine[rows].itertuples()]


def in_charts(folder: Path) -> list[tuple[str, str]]:
    """The native charts of workbooks that keep numbers which their cells do not hold, as (file, what it does)."""
    found = []
    for file in sorted(Path(folder).glob("*.xlsx")):
        sheets = openpyxl.load_workbook(file)
        with zipfile.ZipFile(file) as parts:
            for name in (name for name in parts.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", name)):
                found += [(file.name, f"keeps numbers in the chart of {sheet} that its cells do not show")
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


def found_out(ready: hide.Ready, known: set[str], heard: list[spoken.Heard], book: Codebook, k: int) -> list[str]:
    """The hidden results that follow from those that are known, and from what texts say of them (`heard`)."""
    found = []
    for cells, closed, ids in closed_cells(ready, known, book):
        low, high = cells.low.copy(), cells.high.copy()
        for one in heard:
            for at in (at for at, id in ids.items() if id == one.id and one.low < one.high):
                low[at], high[at] = max(low[at], one.low), min(high[at], one.high)
        left = attack.open_cells(cells.members, cells.cases, closed, cells.small & closed, k, low, high)
        told = {one.id: f" and from what {one.file} says" for one in heard}
        found += [f"{ids[at]} can be found out from other numbers{told.get(ids[at], '')}" for at in left]
    return found


def left_open(folder: Path, results: pd.DataFrame, cases, book: Codebook, signed: set[str],
              last: earlier.Earlier = earlier.NOTHING) -> pd.DataFrame:
    """For each hidden result of one confidential source what a reader of the folder cannot rule out: columns id, least, most.

    For the reader who knows every number that is shown, here and in earlier editions, and nothing else; parts of cases allowed, so that
    whole cases can lie a little closer together.
    """
    ready, rows = hide.prepared(results, cases, book, signed, last), []
    for cells, closed, ids in closed_cells(ready, set(shown.numbers(folder).id), book):
        counts = cells.members @ cells.cases
        reader = attack.Reader(cells.members, np.where(closed, cells.low, counts), np.where(closed, cells.high, counts))
        ends = {at: [reader.furthest(cells.members[at], sign).row_value[at] for sign in (-1, 1)] for at in np.flatnonzero(closed)}
        rows += [(ids[at], round(least), round(most)) for at, (least, most) in ends.items()]
    return pd.DataFrame(rows, columns=["id", "least", "most"])


def closed_cells(ready: hide.Ready, known: set[str], book: Codebook):
    """For each part with hidden results its cells, which of them no file shows, and the id of a result of each."""
    every = hide.left_out(ready.rows, set(ready.rows.table) - set(ready.rows.table[ready.rows.id.isin(known)]))
    for part in hide.parts(every):
        rows = every[every.table.isin(part.tables)]
        if not rows.id.isin(known).all() and (rows.small | rows.near).any():
            cells, of_row = hide.cells_of(rows, part, ready.cases, book)
            at = np.setdiff1d(of_row, of_row[rows.id.isin(known).to_numpy()])
            closed = np.isin(np.arange(len(cells.small)), at) & ~cells.total
            yield cells, closed, dict(zip(of_row, rows.id[of_row.index]))
