"""Timeline: cases by month or quarter of each year, and apart from them those of which only the year is known."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from babel.dates import get_month_names

from analysis.codebook import Codebook
from analysis.figures.canvas import BAR, GREY, MARGIN, PALE, STRONG, beside, frame, key, label_rows, page_width, years_in
from analysis.wording import words
from analysis.years import dated

PRECISIONS = {"day": STRONG, "month": BAR, "quarter": BAR, "year": "white"}
"""How the bars of each precision are filled; the more precise, the darker, and on top of each other in this order."""
HIGH, TEXT, APART = 0.34, 0.2, 1.0  # inches of the longest bar and of the number above it; steps between the parts of a year and the rest


def timeline(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A strip for each year: a bar for each month or quarter, dark where the day is known; what is known by year only stands apart."""
    step, say = table.by.iloc[0].split(",")[1], words.of(lang)["timeline"]
    parts, shown = dated.names(step), table[years_in(table) != dated.UNKNOWN]
    years, how = list(years_in(shown).unique()), [one for one in PRECISIONS if shown.codes.str.endswith(f",{one}").any()]
    n = grid(shown, years, [*parts, dated.UNKNOWN], how)
    pitch, labels = HIGH + TEXT, labelled(shown, years, lang)
    left, x = beside(labels), np.array([*range(len(parts)), len(parts) + APART])
    cell = min((page_width() - left - MARGIN) / (len(parts) + APART + 1.4), 0.8)
    right = page_width() - left - cell * (len(parts) + APART + 1.4)
    fig, ax = frame(table, book, lang, pitch * len(years), left, right, top=0.55, said=tuple(says(table, lang)))
    ax.set(xlim=(-0.5, len(parts) + APART + 0.9), ylim=(-pitch * len(years), 0))
    floor = -pitch * np.arange(1, len(years) + 1)
    label_rows(ax, floor + HIGH / 2, labels)
    bars(ax, n, x, floor, how, lang)
    heads(ax, x, step, lang)
    key(ax, 0.42, {say["legend"][one]: {"facecolor": PRECISIONS[one]} for one in how})
    return fig


def grid(shown: pd.DataFrame, years: list[str], parts: list[str], how: list[str]) -> np.ndarray:
    """The counts as numbers; shape (precisions, years, parts of a year), NaN where there is no number or no such row."""
    at = shown.set_index("codes").n
    return np.array([[[at.get(f"{year},{part},{one}", np.nan) for part in parts] for year in years] for one in how], float)


def labelled(shown: pd.DataFrame, years: list[str], lang: str) -> list[str]:
    """The years, each with how many records it has."""
    base = shown.groupby(years_in(shown)).base.max()
    return [f"{year} ({words.count(base[year], lang)})" for year in years]


def bars(ax: plt.Axes, n: np.ndarray, x: np.ndarray, floor: np.ndarray, how: list[str], lang: str) -> None:
    """The bars of every year on one scale, those of one month on each other, each pile with its number above it."""
    scale = HIGH / np.nansum(n, axis=0).max()
    ax.hlines(np.repeat(floor, 2), [-0.4, x[-1] - 0.4] * len(floor), [x[-2] + 0.4, x[-1] + 0.4] * len(floor), color=PALE, linewidth=0.8)
    for year, under in enumerate(floor):
        pile = np.zeros(len(x))
        for one, counts in zip(how, n[:, year]):
            some = counts > 0
            ax.bar(x[some], counts[some] * scale, 0.62, under + pile[some], color=PRECISIONS[one], edgecolor=GREY, linewidth=0.6)
            pile += np.nan_to_num(counts) * scale
        total = np.nansum(n[:, year], axis=0)
        for at in np.flatnonzero(total):
            ax.text(x[at], under + pile[at] + 0.035, words.count(total[at], lang), size=8.5, weight="semibold", ha="center", va="baseline")
        if np.isnan(n[:, year]).all():
            ax.text(x[0] - 0.35, under + 0.05, words.of(lang)["no_records"], size=8.5, color=GREY, va="baseline")


def heads(ax: plt.Axes, x: np.ndarray, step: str, lang: str) -> None:
    """The names of the months or quarters over the strips, and over what stands apart that only its year is known."""
    say = words.of(lang)["timeline"]
    names = [get_month_names("abbreviated", context="stand-alone", locale=lang)[month].rstrip(".") for month in range(1, 13)]
    names = names if step == "month" else [say["quarter"].format(number=one) for one in range(1, 5)]
    ax.xaxis.tick_top()
    ax.set_xticks(x, [*names, say["year_only"]], fontsize=8.5)
    ax.spines.top.set_visible(False)


def says(table: pd.DataFrame, lang: str) -> list[str]:
    """What has to be said below: that no bar is none, and how many have not even a year."""
    say, unit, step = words.of(lang)["timeline"], table.unit.iloc[0], table.by.iloc[0].split(",")[1]
    undated = table.n[years_in(table) == dated.UNKNOWN]
    return [say["zero"][step], *(say["undated"].format(counted=words.counted(n, unit, lang)) for n in undated)]
