"""Set plot: which codes of one variable were recorded together, or which lists hold the same events, by exact combination."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.figures.canvas import (
    INK,
    PALE,
    STRONG,
    beside,
    blank,
    columns,
    folded,
    frame,
    label_of,
    label_rows,
    page_width,
    right_of,
    stacked,
)
from analysis.wording import words

MOST_COMBINATIONS = 12  # columns of a set plot


def together(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Set plot of the records with several codes: a column for each exact combination, a row for each code that takes part."""
    variable = table.by.iloc[0]
    return set_plot(table, book, lang, book.of(variable), lambda codes: label_of(codes, variable, book, lang), "together")


def lists(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Set plot of the events that stand in several lists: a column for each exact combination, a row for each list."""
    called = {one: name for codes, text in zip(table.codes, table.text) for one, name in zip(codes.split("+"), text.split("; "))}
    return set_plot(table, book, lang, list(called), lambda codes: codes.map(called), "lists")


def set_plot(table: pd.DataFrame, book: Codebook, lang: str, order: list[str], label, kind: str) -> plt.Figure:
    """A set plot of codes in an order; `label` gives the labels of codes, `kind` the phrases that go with them."""
    say = words.of(lang)
    several = combined(table, order)
    if several.empty:
        return blank(table, book, lang, say[f"none_{kind}"])
    shown = several.head(MOST_COMBINATIONS)
    rows = members(table, several, shown, order)
    labels = folded(label(rows.code))
    texts = pd.DataFrame({say["with_others"]: [words.count(n, lang) for n in rows.together],
                          say["alone"]: [words.count(n, lang) for n in rows.alone]})
    y, height = stacked(labels)
    base, unit = table[["base", "unit"]].iloc[0]
    lead = say[f"several_{kind}"].format(share=words.share_of(several.n.sum(), base, lang), unit=words.unit(base, unit, lang))
    right = max(right_of(texts), page_width() - beside(labels) - 0.55 * len(shown))
    said = tuple(together_say(table, rows, several, label, lang))
    fig, ax = frame(table, book, lang, height, beside(labels), right, top=1.25, lead=(lead,), said=said)
    ax.set(ylim=(-height, 0), xlim=(-0.5, len(shown) - 0.5))
    label_rows(ax, y, labels)
    columns(ax, y, texts)
    ax.scatter(*np.meshgrid(range(len(shown)), y), s=30, color=PALE, linewidth=0)
    for at, codes in enumerate(shown.codes):
        mine = y[rows.code.isin(codes.split("+"))]
        ax.plot([at] * len(mine), mine, color=INK, linewidth=1.6, marker="o", markersize=6.6, markeredgewidth=0, solid_capstyle="butt")
    counted(ax.inset_axes([0, 1 + 0.22 / height, 1, 1 / height]), shown, lang)
    return fig


def counted(ax: plt.Axes, shown: pd.DataFrame, lang: str) -> None:
    """Upright bars over the columns of a set plot, each with its number."""
    ax.bar(range(len(shown)), shown.n, 0.55, color=STRONG)
    for at, n in enumerate(shown.n):
        ax.annotate(words.count(n, lang), (at, n), (0, 3), textcoords="offset points", ha="center", size=9, weight="semibold")
    ax.set(xticks=[], yticks=[], ylim=(0, shown.n.max() * 1.25), xlim=(-0.5, len(shown) - 0.5))
    ax.spines[["left", "bottom"]].set_visible(False)


def combined(table: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """The combinations of several codes, most frequent first; ties by how few codes they have, then in codebook order."""
    several = table[table.codes.str.contains("+", regex=False) & (table.n > 0)]
    places = several.codes.map(lambda codes: [order.index(code) for code in codes.split("+")])
    return several.loc[sorted(several.index, key=lambda row: (-several.n[row], len(places[row]), places[row]))].reset_index(drop=True)


def members(table: pd.DataFrame, several: pd.DataFrame, shown: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """The codes of the combinations shown, most frequent first: code, `together` (records that hold it with others), `alone`."""
    singles = table[~table.codes.str.contains("+", regex=False)]
    rows = [(code, holding(several, code), holding(singles, code)) for code in order if holding(shown, code)]
    found = pd.DataFrame(rows, columns=["code", "together", "alone"])
    return found.sort_values("together", ascending=False, kind="stable", ignore_index=True)


def holding(combinations: pd.DataFrame, code: str) -> int:
    """How many records hold a code, over these exact combinations."""
    return int(combinations.n[[code in codes.split("+") for codes in combinations.codes]].sum())


def together_say(table: pd.DataFrame, rows: pd.DataFrame, several: pd.DataFrame, label, lang: str) -> list[str]:
    """What a set plot leaves out: rarer combinations, and the codes that stand in none of those shown."""
    say = words.of(lang)
    rest = several[MOST_COMBINATIONS:]
    alone = table[~table.codes.str.contains("+", regex=False) & ~table.codes.isin(rows.code) & (table.n > 0)]
    labels = label(alone.codes)
    names = [f"{words.first_lower(label)} ({words.count(n, lang)})" for label, n in zip(labels, alone.n)]
    return ([say["rest"].format(n=len(rest), most=words.counted(rest.n.max(), rest.unit.iloc[0], lang))] if len(rest) else []) + (
        [say["only_alone"].format(labels=words.joined(names, lang))] if names else [])
