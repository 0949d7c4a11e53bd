"""Funnel: what is known of each stage of the way to justice, and what a state reports of its own stages by year."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.figures.canvas import (
    BAR,
    GREY,
    INK,
    MARGIN,
    PALE,
    SINK,
    STRONG,
    beside,
    columns,
    folded,
    frame,
    key,
    label_of,
    label_rows,
    page_width,
    right_of,
    stacked,
    width,
    years_in,
)
from analysis.wording import words

HATCH = "//////"
PARTS = {"yes": {"color": STRONG}, "implied": {"color": BAR}, "contradicted": {"color": PALE, "hatch": HATCH}, "no": {"color": INK},
         "unknown": {"color": "white"}}
"""How each part of a bar is filled, from left to right; every kind of not knowing is one part."""


def funnel(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A bar for each stage, as long as there are cases: those that have reached it, those that have not, and those that do not say."""
    wide, say = parts(table, book), words.of(lang)["funnel"]
    shown = [part for part in PARTS if part != "contradicted" or wide[part].any()]
    labels = folded(label_of(wide.index.to_series(), "stage", book, lang), inches=1.8)
    texts = pd.DataFrame({say[part]: [say["none"] if n != n else words.count(n, lang) for n in wide[part]] for part in shown})
    y, height = stacked(labels)
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.5, said=tuple(remarks(table, book, lang)))
    ax.set(xlim=(0, table.base.max()), ylim=(-height, 0))
    left = np.zeros(len(wide))
    for part in shown:
        n = wide[part].fillna(0).to_numpy()
        ax.barh(y, n, 0.17, left=left, edgecolor=GREY, linewidth=0.6, clip_on=False, label=say[part], **PARTS[part])
        left += n
    label_rows(ax, y, labels)
    key(ax, 0.36, {say["legend"][part]: {"facecolor": PARTS[part]["color"], "hatch": PARTS[part].get("hatch")} for part in shown})
    columns(ax, y, texts)
    return fig


def parts(table: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    """How many cases are in each part of the bar of each stage: a row a stage, a column a part; NaN where there is no such number."""
    stage, answer = (table.codes.str.split(",").str[at] for at in (0, 1))
    part = answer.mask(answer.isin(book.unknown("answer")), "unknown")
    return table.n.groupby([stage, part], sort=False).sum(min_count=1).unstack().reindex(index=stage.unique(), columns=[*PARTS])


def remarks(table: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """What has to be said below: where nothing can say no, and where more is known of a stage, or reported, than of one before."""
    if table.form.iloc[0] == "series":
        return [words.of(lang)["series"]["stages"]] if above_before(table).any() else []
    say, wide = words.of(lang)["funnel"], parts(table, book)
    reached = wide[["yes", "implied"]].sum(axis=1)
    name = lambda stage: words.first_lower(book.label("stage", stage, lang))  # noqa: E731
    more = [say["more"].format(later=name(later), n=words.count(reached[later], lang), earlier=name(earlier),
                               m=words.count(reached[earlier], lang))
            for earlier, later in zip(wide.index, wide.index[1:]) if reached[later] > reached[earlier]]
    return [say["silence"]] + ([say["cannot_deny"]] if wide["no"].isna().any() else []) + more + ([say["why_more"]] if more else [])


def series(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A column of bars for each stage, a row for each year, on one scale; a number above that of an earlier stage is dark and bold."""
    years = list(years_in(table).unique())
    stage = table.codes.str.split(",").str[1]
    y, height = stacked(years)
    across, most, above = list(stage.unique()), max(table.n.max(), 1), above_before(table)
    left, fig, ax = beside(years), *frame(table, book, lang, height, beside(years), top=0.25,
                                       said=tuple(remarks(table, book, lang)))
    ax.set(xlim=(0, len(across)), ylim=(-height, 0))
    room = 1 - (0.1 + max(width(text, 9, "semibold") for text in marked(table, lang))) * len(across) / (page_width() - left - MARGIN)
    for at, one in enumerate(across):
        mine = table[stage == one]
        ax.barh(y, mine.n.fillna(0) / most * room, 0.17, left=at, color=np.where(above[mine.index], INK, BAR))
        ax.text(at, 0.06, book.label("official", one, lang), size=9, weight="semibold")
        for row, n, text, dark in zip(y, mine.n, marked(mine, lang), above[mine.index]):
            ax.text(at + (0 if n != n else n / most * room) + 0.015, row - SINK, text, size=9 if n == n else 8.5, va="baseline",
                    color=GREY if n != n else INK, weight="semibold" if dark else "normal")
    label_rows(ax, y, years)
    return fig


def marked(rows: pd.DataFrame, lang: str) -> list[str]:
    """Numbers as texts, and the mark that is printed where there is none."""
    return [text if n != n else words.count(n, lang) for n, text in zip(rows.n, rows.text)]


def above_before(table: pd.DataFrame) -> pd.Series:
    """Whether each number is above that of an earlier stage of its year: True or False per row."""
    return table.n > table.n.groupby(years_in(table)).transform(lambda n: n.expanding().min().shift())
