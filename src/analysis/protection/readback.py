"""A publication attacked as it lies in its folder: what its files show, and what a reader can find out from that."""

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd

from analysis.codebook import LANGUAGES, Codebook
from analysis.figures.canvas import BAR, GREY
from analysis.ledger import codes_of
from analysis.protection import attack, hide, inside, policy
from analysis.wording import words

SAID = (".txt", ".html", ".docx", ".pdf")
BETWEEN = r"\W{0,6}(?:\w+\W{1,3}){0,2}?"  # what may stand between a label and its number: `Label: 3`, `label in 3`, a cell of a table
SVG = "{http://www.w3.org/2000/svg}"


def shown(folder: Path) -> pd.DataFrame:
    """Every number of a result that a table in the folder gives: columns file, id, n. Reads each CSV and each sheet of each workbook."""
    found = [pd.DataFrame(columns=["file", "id", "n"])]
    for file in sorted(Path(folder).glob("*.csv")):
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        found += [table[["id", "n"]].assign(file=file.name)] if {"id", "n"} <= set(table) else []
    found += [pd.DataFrame(rows_of(sheet), columns=["id", "n"]).assign(file=f"{file.name}, {sheet.title}")
              for file in sorted(Path(folder).glob("*.xlsx")) for sheet in openpyxl.load_workbook(file, read_only=True)]
    every = pd.concat(found, ignore_index=True)
    return every.assign(n=pd.to_numeric(every.n, errors="coerce")).dropna(subset="n")


def rows_of(sheet) -> list[tuple[str, object]]:
    """The id and the number of cases of each line of a sheet of the workbook, whatever its language."""
    lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    texts = [words.of(lang)["tables"] for lang in LANGUAGES]
    ids, numbers = ({one[name] for one in texts} for name in ("id", "n"))
    heads = [at for at, line in enumerate(lines) if ids & set(line) and numbers & set(line)]
    at = [[next(c for c, cell in enumerate(lines[head]) if cell in some) for some in (ids, numbers)] for head in heads]
    return [(line[one], line[other]) for head, (one, other) in zip(heads, at) for line in lines[head + 1:]]


def leaks(folder: Path, results: pd.DataFrame, cases, book: Codebook, signed: set[str], earlier: Path | None = None) -> list[str]:
    """What a reader of a folder finds out about one confidential source and should not; nothing for a safe publication.

    `results` are its results before protection, `cases` its cases. Tables that must not be there, small numbers that stand in a file
    (as a number, beside their label in any language, or as the length of a bar), hidden numbers that follow from others, those of
    an `earlier` edition included, and numbers that changed by fewer cases than the policy hides (P10, P11).
    """
    ready, k = hide.prepared(results, cases, book, signed), policy.numbers(book.folder)["k"]
    seen = shown(folder).assign(edition="")
    last = shown(earlier).assign(edition=" of the earlier edition") if earlier and Path(earlier).is_dir() else seen[:0]
    whole = ready.rows.set_index("id")
    mine = seen[seen.id.isin(results.id) | seen.id.isin(whole.index)]
    found = [f"{row.file} shows {row.id}, which is not to be published" for row in mine[~mine.id.isin(whole.index)].itertuples()]
    known = pd.concat([mine, last])[lambda table: table.id.isin(whole.index)]
    moved = (known.n - known.id.map(whole.n)).abs()
    found += [f"{row.file}{row.edition} shows {row.id} with another number than this edition"
              for row in known[(moved > 0) & (moved < k)].itertuples()]
    few = whole.index[hide.small(whole, whole.table.map(ready.limits))]
    found += [f"{row.file}{row.edition} shows {row.id}, which is small" for row in known[known.id.isin(few)].itertuples()]
    hidden = whole[~whole.index.isin(known.id)]
    found += said(folder, hidden.reset_index(), book) + drawn(folder, whole.assign(hidden=whole.index.isin(hidden.index)))
    return list(dict.fromkeys([*found, *found_out(ready, known, book, k)]))


def found_out(ready: hide.Ready, known: pd.DataFrame, book: Codebook, k: int) -> list[str]:
    """The hidden results that follow from those that are known."""
    found = []
    for cells, closed, ids in closed_cells(ready, set(known.id), book):
        left = attack.open_cells(cells.members, cells.cases, closed, cells.small & closed, k)
        found += [f"{ids[at]} can be found out from other numbers" for at in left]
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


def said(folder: Path, hidden: pd.DataFrame, book: Codebook) -> list[str]:
    """The hidden results whose number stands beside their label in a text, in any language."""
    found, files = [], [file for file in sorted(Path(folder).iterdir()) if file.suffix in SAID]
    for file in files:
        text = " ".join(" ".join(text for _, text in inside.texts(file.read_bytes())).split())
        found += [f"{file.name} says {row.id}" for row in hidden[hidden.n > 0].itertuples() for lang in LANGUAGES
                  if len(labels := labels_of(row, book, lang)) == 1 and re.search(
                      rf"(?i)\b{re.escape(labels[0])}{BETWEEN}{row.n:.0f}\s(?:of|из|/|ішінен)\s{row.base:.0f}\b", text)]
    return found


def labels_of(row, book: Codebook, lang: str) -> list[str]:
    """What a result is called: the label of each of its codes, but not of a year."""
    return [words.label(v, code, book, lang) for v, code in codes_of(row, book).items() if v != "year"]


def drawn(folder: Path, whole: pd.DataFrame) -> list[str]:
    """The figures of bars that draw more bars than there are numbers to draw, or bars of other lengths."""
    found = []
    for name, table in whole[whole.form == "bars"].groupby("table"):
        for file in sorted(Path(folder).glob(f"{name}.*.svg")):
            lengths, n = bars_of(file), np.sort(table.n[~table.hidden & (table.n > 0)].to_numpy())[::-1]
            if len(lengths) != len(n) or not np.allclose(lengths / max(lengths, default=1), n / max(n, default=1), atol=0.01):
                found.append(f"{file.name} draws other bars than the numbers that are shown")
    return found


def bars_of(file: Path) -> np.ndarray:
    """The lengths of the bars of a figure, longest first, in the unit of the picture."""
    paths = [path for path in ElementTree.parse(file).iter(f"{SVG}path")
             if re.search(rf"stroke: (?:{BAR}|{GREY}); stroke-width: 0.8", path.get("style") or "")]
    ends = [[float(x) for x in re.findall(r"[ML] (-?[\d.]+) ", path.get("d"))] for path in paths]
    return np.sort([max(x) - min(x) for x in ends if x and max(x) > min(x)])[::-1]
