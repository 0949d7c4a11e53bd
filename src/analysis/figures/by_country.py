"""Figures that set countries side by side: shares by code and country, and shares by year with a row a country."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.figures.canvas import INK, MARGIN, SINK, beside, folded, frame, label_of, page_width, row_heights, sunk, width
from analysis.figures.tiles import FEW, HIDDEN, LOOKS, NONE, SCALE, SHOWN, kind_of
from analysis.figures.year_lines import FLOOR, SCALED, strips, write_lines
from analysis.protection import policy
from analysis.wording import words

WIDEST = 0.95  # inches of a column
GAP = 0.03  # inches between two cells


def alphabet(table: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """The codes of the countries of a table in the alphabetical order of their names, which is no order of what was counted."""
    labels = {book.label("country", code, lang): code for code in table.codes.str.split(",").str[0]}
    return [labels[one] for one in words.alphabetical(list(labels), lang)]


def shares(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A cell for each code that occurs and each country: its share of the cases of the country; the darker, the larger."""
    variable, country, code = table.by.iloc[0].split(",")[1], table.codes.str.split(",").str[0], table.codes.str.split(",").str[1]
    occur = [one for one in dict.fromkeys(code) if (table.n[code == one] > 0).any()]
    codes = sorted(occur, key=lambda one: one in book.unknown(variable))
    countries, cells = alphabet(table, book, lang), table.assign(kind=kind_of(table, book)).set_index([code, country])
    labels, heads, cell = sides(codes, countries, cells, variable, book, lang)
    high, across, said = row_heights(labels), cell * len(countries), below(set(cells.kind), table, book, lang)
    top = 0.1 + 0.16 * max(1 + head.count("\n") for head in heads)
    fig, ax = frame(table, book, lang, high.sum(), beside(labels), page_width() - beside(labels) - across, top=top, said=said)
    ax.set(xlim=(0, across), ylim=(-high.sum(), 0))
    middle, darkest = high / 2 - np.cumsum(high), max(table.share.max(), 1e-9)
    for down, one in enumerate(codes):
        for at, place in enumerate(countries):
            written(ax, cells.loc[one, place], (at * cell, middle[down] - high[down] / 2, cell, high[down]), darkest, lang)
    ax.set_yticks(middle - sunk(labels), labels, va="baseline", linespacing=1.0)
    ax.xaxis.tick_top()
    ax.set_xticks(cell * (np.arange(len(countries)) + 0.5), heads, fontsize=8.5, linespacing=1.0, va="baseline")
    ax.tick_params(length=0)
    ax.spines[["left", "bottom", "top"]].set_visible(False)
    return fig


def sides(codes: list[str], countries: list[str], cells: pd.DataFrame, variable: str, book: Codebook, lang: str):
    """Labels of the rows, heads of the columns (a country and its base), and how wide (inches) a column is."""
    labels, say = folded(label_of(pd.Series(codes), variable, book, lang)), words.of(lang)
    cell = min((page_width() - beside(labels) - MARGIN) / len(countries), WIDEST)
    names = folded([book.label("country", one, lang) for one in countries], 8.5, cell - 0.04)
    bases = [say["year_base"].format(base=words.count(cells.loc[codes[0], one].base, lang)) for one in countries]
    return labels, [f"{name}\n{base}" for name, base in zip(names, bases)], cell


def written(ax: plt.Axes, row, at: tuple[float, float, float, float], darkest: float, lang: str) -> None:
    """One cell, `at` its left, lower edge, width and height: a percentage, or a count where the country has too few cases for one."""
    left, low, wide, high = at
    deep = row.share / darkest if row.kind == SHOWN else 0
    how = LOOKS[row.kind] | ({"facecolor": SCALE(deep)} if row.kind == SHOWN else {})
    ax.add_patch(plt.Rectangle((left + GAP / 2, low + GAP / 2), wide - GAP, high - GAP, gid=row.id, linewidth=0.6, **how))
    ink = "white" if deep > 0.6 else INK
    ax.text(left + wide / 2, low + high / 2 - SINK, number(row, lang), size=9, ha="center", va="baseline", color=ink)


def number(row, lang: str) -> str:
    """What stands in a cell: a percentage, a count where it is 0 or of a small base, the dash of no records, nothing where protected."""
    if row.kind in (NONE, HIDDEN):
        return "–" if row.kind == NONE else ""
    return words.percent(row.share, lang) if row.kind == SHOWN and row.n else words.count(row.n, lang)


def below(kinds: set[str], table: pd.DataFrame, book: Codebook, lang: str) -> tuple[str, ...]:
    """What has to be said below cells of shares: what dark means, and what each kind of cell is."""
    say, of = words.of(lang)["countries"], {"least": words.count(policy.numbers(book.folder)["percent_from"], lang)}
    said = [say["share"], *(say[kind].format(unit=words.units(table.unit.iloc[0], lang), **of) for kind in (FEW, NONE) if kind in kinds)]
    return (*said, words.of(lang)["overlap"])


def years(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A row a country: the share of a code in each year as a dot with its interval, its count and base above; no dot without records."""
    country, year = (table.codes.str.split(",").str[at] for at in (0, 1))
    countries, over = alphabet(table, book, lang), sorted(set(year))
    at = table.set_index([country, year]).loc[[(one, other) for one in countries for other in over]]
    shape = (len(countries), len(over))
    numbers = [at[column].where(at.base > 0).to_numpy(float).reshape(shape) for column in ("share", "low", "high")]
    labels = folded([book.label("country", one, lang) for one in countries])
    fig, ax, cell = strips(table, labels, over, book, lang, (words.of(lang)["countries"]["years"],))
    texts = [words.share_of(row.n, row.base, lang) if row.base else "" for row in at.itertuples()]
    if max(width(text, 8.5, "semibold") for text in texts) > cell - 0.08:
        texts = [f"{words.count(row.n, lang)}/{words.count(row.base, lang)}" if row.base else "" for row in at.itertuples()]
    write_lines(ax, numbers, [[""] * len(over)] * len(countries), over, cell)
    top = FLOOR - 1 - np.arange(len(countries))[:, None] + numbers[2] * SCALED / np.nanmax(numbers[2])
    for (row, column), text in zip(np.ndindex(shape), texts):
        if text:
            ax.text(column, top[row, column] + 0.08, text, size=8.5, weight="semibold", ha="center", va="baseline")
    return fig
