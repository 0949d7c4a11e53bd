"""Estimate plot: the events that lists hold, and how many such lists could have held, each estimate with its interval."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.figures.canvas import GREY, INK, MARGIN, columns, folded, frame, label_rows, page_width, right_of, stacked, wrapped
from analysis.figures.canvas import beside as beside_labels
from analysis.wording import words


def unlisted(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A dot for the events listed and for each estimate of all that such lists could have held; without one, why there is none."""
    say, refused = words.of(lang)["lists"], table[table.no_value != ""]
    if len(refused):
        return without(table, book, lang, say["refused"].format(why=refused.text.iloc[0]))
    shown = table[table.codes != "unlisted"]
    labels = folded([say["listed"], *(label(row, lang) for row in shown.itertuples())], inches=2.6)
    texts = pd.DataFrame({say["events"]: [words.count(table.n.iloc[0], lang), *(words.count(round(one), lang) for one in shown.value)],
                          words.of(lang)["interval"]: ["", *(words.between(row.low, row.high, lang) for row in shown.itertuples())]})
    y, height = stacked(labels)
    said = (say["unreached"], say["supposed"].format(supposed=say["suppose"][shown.method.iloc[0]]))
    fig, ax = frame(table, book, lang, height, beside_labels(labels), right_of(texts), top=0.22, bottom=0.26, said=said)
    ends = shown.high[np.isfinite(shown.high)].max()
    ax.set(xlim=(0, (ends if ends == ends else 3 * shown.value.max()) * 1.03), ylim=(-height, 0))
    label_rows(ax, y, labels)
    ax.xaxis.set_major_locator(plt.MaxNLocator(4, integer=True))
    ax.xaxis.set_major_formatter(lambda value, _: words.count(value, lang))
    ax.grid(axis="x")
    first = shown.codes == "estimate"
    high = np.minimum(shown.high, ax.get_xlim()[1])
    ax.hlines(y[1:], shown.low, high, color=np.where(first, INK, GREY), linewidth=np.where(first, 2.2, 1.2))
    values, ours = [table.n.iloc[0], *shown.value], np.array([False, *first])
    ax.scatter(values, y, s=np.where(ours, 62, 42), color=np.where(ours, INK, "white"), edgecolor=INK, linewidth=1.1, zorder=3)
    ax.axvline(table.n.iloc[0], color=GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
    columns(ax, y, texts, bold=ours)
    return fig


def without(table: pd.DataFrame, book: Codebook, lang: str, why: str) -> plt.Figure:
    """A figure of no estimate: the frame, and in it why there is none."""
    lines = wrapped(why, 9.5, page_width() - 2 * MARGIN)
    fig, ax = frame(table, book, lang, height=0.1 + 0.19 * len(lines), left=MARGIN)
    ax.axis("off")
    ax.text(0, 1, "\n".join(lines), va="top", size=9.5, linespacing=1.05)
    return fig


def label(row, lang: str) -> str:
    """What an estimate is called: by its method, or by the pairs of lists that depend on each other in a model, with its weight."""
    say = words.of(lang)["lists"]
    if row.codes == "estimate":
        return say["estimates"][row.method]
    pairs = row.text.replace("; ", ", ") or say["independent"]
    return say["model"].format(pairs=pairs, weight=words.percent(row.share, lang))


def in_words(row, lang: str) -> str:
    """One estimate in words, with its interval; without one, why there is none."""
    if row.no_value:
        return row.text
    model = f"{label(row, lang)}: " if row.method == "profile" else ""
    return f"{model}{words.count(round(row.value), lang)} ({words.between(row.low, row.high, lang)})"
