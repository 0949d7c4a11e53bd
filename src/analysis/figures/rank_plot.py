"""Rank plot and pair plot: the ranks that are left open to each code, and how far the shares of one variable differ by another."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.figures.canvas import (
    GREY,
    INK,
    PALE,
    beside,
    columns,
    first_that_fit,
    folded,
    frame,
    label_rows,
    labelled,
    no_room,
    right_of,
    stacked,
)
from analysis.statistics.ranks import most_common
from analysis.wording import words

MOST_PAIRS = 12


def ranks(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A dot for the rank of each code and a line to all ranks that are left open; the codes that can be called most common are bold."""
    say, every = words.of(lang), labelled(table, book, lang)
    fit = first_that_fit(folded(every.label))
    shown, labels = every[:fit], folded(every.label)[:fit]
    texts, (y, height) = rank_texts(shown, lang), stacked(labels)
    first = most_common(every.assign(rank_high=every.high)) or []
    names = words.joined([words.first_lower(every.label[every.code == code].iloc[0]) for code in first], lang)
    verdict = say["ranks"]["first"].format(labels=names) if first else say["ranks"]["none"]
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, bottom=0.26, lead=(verdict,),
                    said=(say["ranks"]["how"], *no_room(every.label[fit:], lang)))
    ax.set(xlim=(0.6, len(every) + 0.4), ylim=(-height, 0))
    label_rows(ax, y, labels)
    ax.set_xticks(sorted({1, *range(5, len(every), 5), len(every)}))
    ax.grid(axis="x")
    ours = shown.code.isin(first).to_numpy()
    interval(ax, y, shown, ours)
    columns(ax, y, texts, bold=ours)
    return fig


def rank_texts(shown: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Count, share, and the ranks left open of each code, as texts under their headings."""
    say = words.of(lang)
    between = [words.ranks(row.low, row.high, lang) for row in shown.itertuples()]
    return pd.DataFrame({say["tables"]["n"]: [words.count(n, lang) for n in shown.n],
                         say["share"]: [words.percent(share, lang) for share in shown.share], say["ranks"]["open"]: between})


def interval(ax: plt.Axes, y: np.ndarray, shown: pd.DataFrame, ours: np.ndarray) -> None:
    """A line for each interval and a dot for its value, those of `ours` filled."""
    ax.hlines(y, shown.low, shown.high, color=np.where(ours, INK, GREY), linewidth=np.where(ours, 2.2, 1.2))
    ax.scatter(shown.value, y, s=np.where(ours, 62, 42), color=np.where(ours, INK, "white"), edgecolor=INK, linewidth=1.1, zorder=3)


def pairs(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A dot for how much the share of one code differs between cases with and without another, for the pairs that differ most surely."""
    say, shown = words.of(lang), surest(table)
    one, other = (labelled(shown, book, lang, position).label for position in (0, 1))
    labels = folded([f"{a},\n{words.first_lower(b)}" for a, b in zip(one, other)])
    fit = first_that_fit(labels)
    shown, labels = shown[:fit], labels[:fit]
    texts, (y, height) = pair_texts(shown, lang), stacked(labels)
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, bottom=0.26,
                    said=(say["pairs"]["how"], *left_out(table, lang, fit)))
    ax.set(xlim=(-1.06, 1.06), ylim=(-height, 0))
    label_rows(ax, y, labels)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1], [words.decimal(100 * at, 0, lang) for at in (-1, -0.5, 0, 0.5, 1)])
    ax.grid(axis="x")
    ax.axvline(0, color=PALE, linewidth=1.6, zorder=0)
    apart = ((shown.low > 0) | (shown.high < 0)).to_numpy()
    interval(ax, y, shown, apart)
    columns(ax, y, texts)
    return fig


def surest(table: pd.DataFrame) -> pd.DataFrame:
    """The pairs whose intervals lie farthest from 0, or reach least beyond it, in that order."""
    return table.iloc[np.argsort(-np.maximum(table.low, -table.high), kind="stable")[:MOST_PAIRS]].reset_index(drop=True)


def left_out(table: pd.DataFrame, lang: str, drawn: int = MOST_PAIRS) -> list[str]:
    """What has to be said where not all pairs are drawn."""
    most = words.of(lang)["pairs"]["most"].format(n=words.count(len(table), lang), most=words.count(drawn, lang))
    return [most] if len(table) > drawn else []


def pair_texts(shown: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The two shares that a pair compares, with their difference in points, as texts under their headings."""
    say = words.of(lang)
    return pd.DataFrame({
        say["pairs"]["with"]: [f"{words.share_of(row.n, row.base, lang)}" for row in shown.itertuples()],
        say["pairs"]["without"]: [words.percent(row.share - row.value, lang) for row in shown.itertuples()],
        say["pairs"]["points"]: [words.decimal(100 * row.value, 0, lang) for row in shown.itertuples()]})


def in_words(row, lang: str) -> str:
    """One row of ranks or pairs in words: its count and share with the ranks left open, or with the difference and its interval."""
    if row.form == "ranks":
        return words.of(lang)["ranks"]["in_words"].format(of=words.share_of(row.n, row.base, lang), percent=words.percent(row.share, lang),
                                                          ranks=words.ranks(row.low, row.high, lang))
    low, high = (words.decimal(100 * end, 0, lang) for end in (row.low, row.high))
    return words.of(lang)["pairs"]["in_words"].format(
        of=words.share_of(row.n, row.base, lang), percent=words.percent(row.share, lang), low=low, high=high,
        rest=words.percent(row.share - row.value, lang), points=words.decimal(100 * row.value, 0, lang))
