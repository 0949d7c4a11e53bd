"""The figure of victims, perpetrators or acts: sorted bars without intervals, and beside them the cases that state no number."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.figures.canvas import (
    BAR,
    GREY,
    beside,
    column_of,
    columns,
    folded,
    frame,
    label_rows,
    labelled,
    overlaps,
    right_of,
    stacked,
)
from analysis.wording import words


def sums(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Sorted bars of a unit that is a sum; a code whose cases state no number stands there too, with its 0."""
    table = labelled(table, book, lang)
    occurs = table[(table.n > 0) | (table.value > 0)]
    shown = occurs.sort_values(["unknown", "n"], ascending=[True, False], kind="stable", ignore_index=True)
    labels, texts = folded(shown.label), numbers(shown, lang)
    y, height = stacked(labels)
    said = [words.of(lang)[text] for text in ("no_interval", *(["overlap"] if overlaps(table) else []))]
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, said=tuple(said))
    ax.set(xlim=(0, max(shown.n.max(), 1) * 1.02), ylim=(-height, 0))
    ax.barh(y, shown.n, 0.17, color=np.where(shown.unknown, "white", BAR), edgecolor=np.where(shown.unknown, GREY, BAR), linewidth=0.8)
    label_rows(ax, y, labels)
    ax.spines.left.set_visible(True)
    columns(ax, y, texts)
    return fig


def numbers(shown: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Count and share of each row as texts under their headings, and the cases without a number where there are any."""
    say = words.of(lang)
    texts = {column_of(shown, lang): [words.count(n, lang) for n in shown.n],
             say["share"]: [words.percent(share, lang) for share in shown.share]}
    without = {say["unstated_column"]: [words.count(n, lang) if n else "" for n in shown.value]} if shown.value.any() else {}
    return pd.DataFrame(texts | without)
