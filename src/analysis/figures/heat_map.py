"""Heat map: one variable by another, or by years, with its numbers written in."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap

from analysis.codebook import Codebook
from analysis.figures.canvas import (
    GREY,
    INK,
    MARGIN,
    beside,
    folded,
    frame,
    labelled,
    ordered,
    page_width,
    protected,
    row_heights,
    sunk,
    that_fit,
    width,
    years_in,
)
from analysis.ledger import HIDDEN
from analysis.wording import words

SCALE = LinearSegmentedColormap.from_list("casebook", ["#f1f5f6", "#9cc3cc", "#2f7f92", "#0b3a47"])
NARROWEST = 0.19  # inches of a column
WIDEST = 2.8  # inches that the labels of rows may take where that keeps each of them in one line: the highest makes all rows as high
LEAST = 1e-6  # what a protected number adds to the order of rows: that there is something, and not how much
SLANT = 0.71  # the sine and cosine of the 45 degrees at which labels lean


def heat(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Heat map of one variable by another, its numbers written in; what nobody recorded is left out, and years run across."""
    import seaborn  # brings half of scipy along, two seconds that only this figure needs

    by_year = table.by.iloc[0].startswith("year,")
    down, across = (labelled(table, book, lang, position) for position in ((1, 0) if by_year else (0, 1)))
    rows, over = sums(down), years_over(table, lang) if by_year else sums(across)
    rows, rest = rows[that_fit(rows)].reset_index(drop=True), rows[~that_fit(rows)]
    wide = folded(rows.label, inches=WIDEST)
    labels = folded(rows.label) if any("\n" in label for label in wide) else wide
    room, least = page_width() - beside(labels) - MARGIN, max(NARROWEST, width(words.count(table.n.max(), lang), 9))
    shown = fitting(over, room, least, by_year)
    grid = table.assign(row=down.code, column=across.code).pivot(index="row", columns="column", values="n").loc[rows.code, shown.code]
    texts, closed = grid.map(lambda n: words.count(n, lang) if n > 0 else ""), table.assign(row=down.code, column=across.code)
    closed = closed.pivot(index="row", columns="column", values="no_value").loc[rows.code, shown.code] == HIDDEN
    over_labels, lean, cell = headed(list(shown.label), room)
    high = max(row_heights(labels))
    top = max(0.1 + width(label, 8.5) * SLANT if lean else 0.16 * (1 + label.count("\n")) for label in over_labels)
    fig, ax = frame(table, book, lang, high * len(rows), beside(labels), page_width() - beside(labels) - cell * len(shown), top=top,
                    said=tuple(heat_say(over, shown, rest, lang) + protected(table, lang)))
    size = min(9, 9 * 0.85 * cell / max(width(text, 9) for text in texts.to_numpy().ravel()))
    seaborn.heatmap(grid.fillna(0), ax=ax, cmap=SCALE, vmin=0, annot=texts, fmt="", cbar=False, linewidths=1.2, linecolor="white",
                    annot_kws={"size": size, "color": INK}, mask=np.tile(shown.empty_year.to_numpy(), (len(rows), 1)))
    plt.setp([text for text in ax.texts if grid.iat[int(text.get_position()[1]), int(text.get_position()[0])] > 0.6 * grid.max().max()],
             color="white")
    for down_at, across_at in np.argwhere(closed.to_numpy()):
        ax.add_patch(plt.Rectangle((across_at, down_at), 1, 1, facecolor="white", edgecolor=GREY, hatch="////", linewidth=0.6))
    ax.set(xlabel="", ylabel="")
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(len(shown)) + 0.5, over_labels, fontsize=8.5, linespacing=1.0, rotation=45 if lean else 0,
                  ha="left" if lean else "center", rotation_mode="anchor")
    ax.set_yticks(np.arange(len(rows)) + 0.5 + sunk(labels) / high, labels, rotation=0, va="baseline", linespacing=1.0)
    return fig


def sums(side: pd.DataFrame) -> pd.DataFrame:
    """The codes of one side of a cross that occur, most frequent first, unknown kinds last: code, label, n, empty_year (never)."""
    least = side.assign(n=side.n.mask(side.no_value == HIDDEN, LEAST))
    return ordered(least.groupby(["code", "label", "unknown"], sort=False, as_index=False).n.sum()).assign(empty_year=False)


def years_over(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The years of a heat map in order, each with its base in the label: code, label, empty_year (whether it has no records)."""
    say, found = words.of(lang), table.assign(code=years_in(table)).drop_duplicates("code", ignore_index=True)
    under = [say["year_base"].format(base=words.count(base, lang)) if base else say["no_records"].replace(" ", "\n") for base in found.base]
    return found.assign(label=found.code + "\n" + under, empty_year=found.base == 0)


def fitting(over: pd.DataFrame, room: float, least: float, by_year: bool) -> pd.DataFrame:
    """The columns that fit when each is at least so wide (inches): the most frequent, or the latest years."""
    for number in range(len(over), 1, -1):
        shown = over.tail(number) if by_year else over.head(number)
        if headed(list(shown.label), room)[2] >= least:
            return shown
    return over.tail(1) if by_year else over.head(1)


def headed(labels: list[str], room: float) -> tuple[list[str], bool, float]:
    """The labels over the columns of a heat map, whether they have to lean, and how wide (inches) a column can then be."""
    cell = min(room / len(labels), 0.95)
    flat = folded(labels, 8.5, cell - 0.08)
    if max(width(label, 8.5) for label in flat) < cell - 0.04 and max(label.count("\n") for label in flat) < 3:
        return flat, False, cell
    flat = [label.replace("\n", " ") for label in labels]
    ends = [width(label, 8.5) * SLANT + 0.1 for label in flat]
    cell = (room - max(ends)) / len(flat)
    past = max(end - cell * (len(flat) - at - 0.5) for at, end in enumerate(ends))
    return flat, True, min((room - max(past, 0)) / len(flat), 0.62)


def heat_say(over: pd.DataFrame, shown: pd.DataFrame, rest: pd.DataFrame, lang: str) -> list[str]:
    """What has to be said below a heat map; `rest` are the rows for which a slide has no room."""
    say, left = words.of(lang), {"columns_left_out": over[~over.code.isin(shown.code)], "rows_left_out": rest}
    names = {what: [words.first_lower(label).replace("\n", " ") for label in some.label] for what, some in left.items() if len(some)}
    return [say["empty_cells"], say["overlap"], *(say[what].format(labels=words.joined(some, lang)) for what, some in names.items())]
