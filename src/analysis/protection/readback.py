"""A publication attacked as it lies in its folder: what its files show, and what a reader can find out from that."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.utils import range_boundaries

from analysis.codebook import GROUP, LANGUAGES, Codebook
from analysis.count import holding, own
from analysis.ledger import HIDDEN
from analysis.protection import attack, drawn, hide, policy, possible, spoken
from analysis.wording import words

BESIDE = ["share", "value", "low", "high", "p", "p_holm"]  # numbers that say something of the count they stand beside
NUMBERS = ["n", "base", "share", "value", "low", "high"]  # what a text may say of a result
EARLIER = " of the earlier edition"
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
          others: pd.DataFrame | None = None, before: pd.DataFrame | None = None) -> list[str]:
    """What a reader of a folder finds out about one confidential source and should not; nothing for a safe publication.

    `results` are its results before protection, `cases` its cases, `others` the results of other sources. The folder of an `earlier`
    edition, whose results were `before`, is read as this one is. Lines that must not be there or do not say what was counted, small
    numbers that stand in a file (as a number, in words beside their label in any language, as the length of a bar), hidden numbers that
    follow from all of both editions, and numbers that changed by fewer cases than the policy hides (P10, P11).
    """
    ready, numbers = hide.prepared(results, cases, book, signed), policy.numbers(book.folder)
    others = results[:0] if others is None else others
    editions = {"": Path(folder)} | ({EARLIER: Path(earlier)} if earlier and Path(earlier).is_dir() else {})
    told = pd.concat([lines(place).assign(edition=edition) for edition, place in editions.items()], ignore_index=True)
    told = told[~told.id.isin(others.id)]
    mine, last = told[told.edition == ""], told[told.edition != ""]
    whole = may_be_shown(ready, set(mine.id[mine.n.notna()]), book, signed)
    found = [f"{row.file} shows {row.id}, which is {'not to be published' if row.id in set(results.id) else 'no result of this report'}"
             for row in mine[~mine.id.isin(whole.id)].itertuples()]
    found += wrong(mine[mine.id.isin(whole.id)], whole.set_index("id", drop=False), numbers["percent_from"])
    ready, whole = with_earlier(ready, whole, last, results, cases, book)
    known = told[told.id.isin(whole.id)].dropna(subset="n")
    found += changed_or_small(known, whole, ready.limits, numbers["k"])
    whole = whole.assign(hidden=~whole.id.isin(known.id) & whole.n.notna()).reset_index(drop=True)
    for edition, place in editions.items():
        figures = results if edition == "" else results[results.table.isin(set(results.table) - shown_whole(whole))]
        seen = drawn.drawn(place, figures, told[told.edition == edition], some=edition == EARLIER)
        found += [f"{file}{edition} {what}" for file, what in [*in_charts(place), *seen]]
    public = others[others.level == "public"].assign(hidden=False)  # a sentence may be about these
    texts = {f"{file.name}{edition}": file for edition, place in editions.items() for file in sorted(place.iterdir())}
    heard = spoken.heard(texts, pd.concat([whole, public], ignore_index=True), book)
    found += [f"{one.file} says {one.id}" for one in heard if one.low == one.high]
    found += said_before({name: file for name, file in texts.items() if name.endswith(EARLIER)}, whole, before, book, numbers["k"])
    return list(dict.fromkeys([*found, *found_out(ready, known, heard, book, numbers["k"])]))


def may_be_shown(ready: hide.Ready, known: set[str], book: Codebook, signed: set[str]) -> pd.DataFrame:
    """The results that a publication may hold whose tables show the counts `known`."""
    return pd.concat([ready.rows, hide.shown_whole(ready, known, book, signed).rows], ignore_index=True)


def shown_whole(whole: pd.DataFrame) -> set[str]:
    """The tables of which nothing is hidden."""
    return set(whole.table) - set(whole.table[whole.hidden])


def changed_or_small(known: pd.DataFrame, whole: pd.DataFrame, limits: dict[str, int], k: int) -> list[str]:
    """The numbers that are shown and are other than counted, are small, or changed by fewer cases than k since the earlier edition."""
    moved = (known.n - known.id.map(whole.set_index("id").n)).abs()
    few = set(whole.id[hide.small(whole, whole.table.map(limits))])
    return [*(f"{row.file}{row.edition} shows {row.id} with another number than this edition"
              for row in known[(moved > 0) & ((moved < k) | (known.edition == ""))].itertuples()),
            *(f"{row.file}{row.edition} shows {row.id}, which is small" for row in known[known.id.isin(few)].itertuples())]


def with_earlier(ready: hide.Ready, whole: pd.DataFrame, last: pd.DataFrame, results: pd.DataFrame, cases, book: Codebook):
    """`ready` and `whole` with what the lines of the earlier edition count that this edition does not: codes that were counted together
    in another way, or by themselves, and tables that are not to be published any more; only counts that did not change."""
    of = {name: table.iloc[0] for name, table in results.groupby("table") if name in ready.limits}
    gone = last[~last.id.isin(whole.id) & last.id.str.split(".").str[0].isin([*of])].dropna(subset="n").drop_duplicates("id")
    rows = [row_of(line.id, of[line.id.partition(".")[0]], book).to_frame().T.assign(n=line.n) for line in gone.itertuples()]
    if not rows:
        return ready, whole
    more = pd.concat(rows, ignore_index=True).astype(ready.rows.dtypes)
    profiles = hide.narrowed_to(cases, pd.concat([ready.rows, more], ignore_index=True), book)
    more = more[[n == n_of(row, profiles, book) for n, (_, row) in zip(more.n, more.iterrows())]]
    return (ready._replace(rows=pd.concat([ready.rows, more], ignore_index=True), cases=profiles),
            pd.concat([whole, more], ignore_index=True))


def row_of(id: str, like: pd.Series, book: Codebook) -> pd.Series:
    """The row of the ledger with an id, of a table that this edition counts by other codes or groups."""
    codes = id.partition(".")[2].split(".")
    by = [v if set(re.split(r"[|+]", code)) <= set(book.of(own(v))) else f"{own(v)}{GROUP}" for v, code in zip(like.by.split(","), codes)]
    within = dict(zip(like.by.split(","), by)).get(like.base_rule.removeprefix(possible.WITHIN))
    return pd.Series(like.to_dict() | {"id": id, "by": ",".join(by), "codes": ",".join(codes),
                                       "base_rule": f"{possible.WITHIN}{within}" if within else like.base_rule})


def n_of(row: pd.Series, profiles: pd.DataFrame, book: Codebook) -> float:
    """How many cases a result counts."""
    has = [holding(profiles, book, {variable: list(codes)}) for variable, codes in possible.counted(row, book)]
    return float(profiles.n.to_numpy() @ np.logical_and.reduce(has))


def said_before(texts: dict[str, Path], whole: pd.DataFrame, before: pd.DataFrame | None, book: Codebook, k: int) -> list[str]:
    """What texts of the earlier edition say of hidden results whose number has changed by fewer cases than k (P11)."""
    if before is None or not texts:
        return []
    then = whole[whole.id.isin(before.id)].set_index("id")
    then = then.assign(**before.set_index("id").loc[then.index, NUMBERS], now=then.n).reset_index()
    near = set(then.id[then.hidden & (then.n != then.now) & ((then.n - then.now).abs() < k)])
    heard = spoken.heard(texts, then, book) if near else []
    return [f"{one.file} says {one.id} with another number than this edition" for one in heard if one.low == one.high and one.id in near]


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
