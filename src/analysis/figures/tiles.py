"""Tile map: one square for each country or region, darker for more, with its number written in."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis.codebook import Codebook, listed
from analysis.figures.canvas import GREY, INK, MARGIN, SINK, folded, frame, labelled, page_width, room, width
from analysis.figures.heat_map import SCALE
from analysis.problems import UsageError
from analysis.protection import policy
from analysis.wording import words

COUNTRIES = "countries"  # the map of countries in tiles.csv; a map of regions has the code of its country
SIDE, LEAST, GAP = 0.98, 0.5, 0.04  # inches; regions have no codes that anybody knows, so their names fit into tiles of this side
MOST_LINES = 3  # of a name in a tile; where one is longer all tiles have codes instead
HIDDEN, FEW, NONE, SHOWN = "hidden", "few", "none", "shown"
LOOKS = {HIDDEN: {"facecolor": "white", "hatch": "//////", "edgecolor": GREY}, FEW: {"facecolor": "white", "edgecolor": GREY},
         NONE: {"facecolor": "white", "edgecolor": GREY, "linestyle": (0, (2, 2))}, SHOWN: {"edgecolor": "white"}}
"""How a tile looks that is protected, has too few records for a share, has none, or is shaded."""


def arranged(variable: str, place: str, book: Codebook) -> pd.DataFrame:
    """The tiles of countries, or of the regions of a place: code, row, column (whole numbers from 1); no rows where there is no map."""
    table = listed(book.folder / "tiles.csv")
    return table[table["map"] == (COUNTRIES if variable == "country" else place)].astype({"row": int, "column": int})


def tiles(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A tile for each place of the table: shaded by the share of its records that have a code, or by its count where no code is named."""
    shown, away = placed(table, book, lang)
    kinds, amount = kind_of(shown, book), shown.share if "," in shown.by[0] else shown.n
    across, down = shown.column.max(), shown.row.max()
    least = LEAST if shown.by[0].startswith("country") else SIDE
    side = min(SIDE, (page_width() - 2 * MARGIN) / across, max(least, room() / down))
    said = tuple(says(shown, kinds, away, book, lang))
    fig, ax = frame(table, book, lang, side * down, MARGIN, page_width() - MARGIN - side * across, said=said)
    ax.set(xlim=(0, across * side), ylim=(-down * side, 0), xticks=[], yticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)
    dark = (amount / max(amount[kinds == SHOWN].max(), 1e-9)).where(kinds == SHOWN)
    for row, kind, name, deep in zip(shown.itertuples(), kinds, named(shown, side), dark):
        how = LOOKS[kind] | ({"facecolor": SCALE(deep)} if kind == SHOWN else {})
        how |= {"edgecolor": INK, "linewidth": 2.2} if row.code == row.place else {"linewidth": 0.9}
        x, y = middle(row, side)
        inner = side - GAP
        ax.add_patch(plt.Rectangle((x - inner / 2, y - inner / 2), inner, inner, gid=row.id, clip_on=False, **how))
        ground = {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1}} if kind == HIDDEN else {}
        written(ax, x, y, name, number(row, kind, lang), ground | {"color": "white" if deep > 0.6 else INK})
    return fig


def placed(table: pd.DataFrame, book: Codebook, lang: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with a tile, with its row and column from 1 in the smallest rectangle that holds them; and the rows without one.

    Raises UsageError where no place has a tile.
    """
    rows, variable = labelled(table, book, lang), table.by.iloc[0].split(",")[0]
    whole = rows.merge(arranged(variable, table.place.iloc[0], book)[["code", "row", "column"]], on="code", how="left")
    if whole.row.isna().all():
        raise UsageError(f"There is no map for {table.table.iloc[0]}: tiles.csv has a tile for none of its places. Give each of them a "
                         f"line there, with the map '{COUNTRIES if variable == 'country' else table.place.iloc[0]}', a row and a column.")
    shown = whole[whole.row.notna()].astype({"row": int, "column": int}).reset_index(drop=True)
    return shown.assign(row=shown.row - shown.row.min() + 1, column=shown.column - shown.column.min() + 1), whole[whole.row.isna()]


def middle(row, side: float) -> tuple[float, float]:
    """Where the middle of a tile is, in inches from the upper left corner."""
    return (row.column - 0.5) * side, (0.5 - row.row) * side


def kind_of(shown: pd.DataFrame, book: Codebook) -> np.ndarray:
    """What each tile is: protected, without records, with too few of them for a share (policy P7), or shaded."""
    share = "," in shown.by[0]
    few = share & (shown.base < policy.numbers(book.folder)["percent_from"])
    return np.select([shown.no_value == "hidden", (shown.base == 0) | shown.n.isna(), few], [HIDDEN, NONE, FEW], SHOWN)


def named(shown: pd.DataFrame, side: float) -> list[str]:
    """What stands in the tiles: the labels where all of them fit, otherwise the codes in capitals without what they share."""
    names = folded(shown.label, 8.5, side - GAP - 0.06)
    if max(width(name, 8.5) for name in names) <= side - GAP - 0.02 and max(name.count("\n") for name in names) < MOST_LINES:
        return names
    return [code.rpartition("_")[2].upper() for code in shown.code]


def number(row, kind: str, lang: str) -> str:
    """The number in a tile: a percentage, a count, a count of a small base, or the dash of no records; nothing where it is protected."""
    if kind in (HIDDEN, NONE):
        return "" if kind == HIDDEN else "–"
    if "," not in row.by:
        return words.count(row.n, lang)
    few = {"n": words.count(row.n, lang), "base": words.count(row.base, lang)}
    return words.percent(row.share, lang) if kind == SHOWN else words.of(lang)["tiles"]["of"].format(**few)


def written(ax: plt.Axes, x: float, y: float, name: str, number: str, how: dict) -> None:
    """A name over its number, both together in the middle of a tile."""
    high = 0.155 * (1 + name.count("\n")) + (0.17 if number else 0)
    ax.text(x, y + high / 2, name, size=8.5, ha="center", va="top", linespacing=1.0, **how)
    if number:
        ax.text(x, y - high / 2 + SINK, number, size=9, weight="semibold", ha="center", va="baseline", **how)


def says(shown: pd.DataFrame, kinds: np.ndarray, away: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """What has to be said below: what dark means and does not, what each kind of tile is, what letters are, and what has no tile."""
    say, unit = words.of(lang)["tiles"], words.units(shown.unit.iloc[0], lang)
    least = words.count(policy.numbers(book.folder)["percent_from"], lang)
    said = [say["share" if "," in shown.by[0] else "count"].format(unit=unit), say["differ"]]
    said += [say[kind].format(least=least, unit=unit) for kind in (FEW, NONE, HIDDEN) if (kinds == kind).any()]
    said += [say["own"].format(place=shown.label[own].iloc[0])] if (own := shown.code == shown.place).any() else []
    rest = [f"{words.first_lower(row.label)} ({words.of(lang)['no_value'][row.no_value] if row.no_value else words.count(row.n, lang)})"
            for row in away.itertuples() if row.n > 0 or row.no_value]
    return said + ([say["away"].format(labels=words.joined(rest, lang))] if rest else [])
