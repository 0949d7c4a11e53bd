"""Dots of agreement: how far two codings agree on each variable or code, each coefficient with its interval."""

import matplotlib.pyplot as plt
import pandas as pd

from analysis.codebook import Codebook
from analysis.figures.canvas import (
    GREY,
    INK,
    beside,
    columns,
    first_that_fit,
    folded,
    frame,
    label_of,
    label_rows,
    no_room,
    right_of,
    stacked,
)
from analysis.statistics.agreement import given
from analysis.wording import words


def agreement(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A dot for each variable, or each code that either coding used, with its interval; most differences first."""
    shown = used(table)
    shown = shown.assign(differ=shown.base - shown.n).sort_values("differ", ascending=False, kind="stable", ignore_index=True)
    names = named(shown, book, lang)
    fit = first_that_fit(folded(names))
    shown, labels, texts = shown[:fit], folded(names[:fit]), numbers(shown[:fit], lang)
    y, height = stacked(labels)
    below = (*remarks(table, book, lang), *no_room(names[fit:], lang))
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, bottom=0.26, said=below)
    ax.set(xlim=(min(-0.03, shown.low.min() - 0.03, shown.value.min() - 0.03), 1.03), ylim=(-height, 0))
    label_rows(ax, y, labels)
    ax.set_xticks([0, 0.5, 1], [words.decimal(one, 1, lang) for one in (0, 0.5, 1)])
    ax.grid(axis="x")
    ax.hlines(y, shown.low, shown.high, color=INK, linewidth=1.2)
    ax.scatter(shown.value, y, s=42, color=["white" if bare else INK for bare in shown.low.isna()], edgecolor=INK, linewidth=1.1, zorder=3,
               clip_on=False)
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    columns(ax, y, texts, bold=[False] * len(y))
    return fig


def used(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of codes that either coding used."""
    return table[table.no_value != "not_used"]


def in_words(row, lang: str) -> str:
    """The agreement on one variable or code in words: in how many records, and the coefficient with its interval or why there is none."""
    say, value = words.of(lang)["agreement"], "" if row.value != row.value else words.decimal(row.value, 2, lang)
    ends = [words.decimal(end, 2, lang) for end in (row.low, row.high) if end == end]
    sure = words.of(lang)["to"].format(low=ends[0], high=ends[1]) if ends else words.of(lang)["no_value"][row.no_value]
    return say["in_words"].format(of=words.share_of(row.n, row.base, lang), percent=words.percent(row.share, lang), method=say[row.method],
                                  value=f"{value} ({sure})".strip())


def named(shown: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """The labels of codes; a variable has its own name, with the coefficient that stands for it."""
    if shown.by.iloc[0] != "variable":
        return list(label_of(shown.codes, shown.by.iloc[0], book, lang))
    say = words.of(lang)["agreement"]
    return [say["variable"].format(name=say["own"].get(row.codes) or book.name(row.codes, lang), method=say[row.method])
            for row in shown.itertuples()]


def numbers(shown: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The columns beside the dots: records given a code by both codings and by one alone, the share agreed on, coefficient."""
    say, counts = words.of(lang)["agreement"], given(shown)
    alone = {say[one]: [words.count(n, lang) for n in counts[one]] for one in counts if counts[one].notna().all()}
    values = [say["none"] if one != one else words.decimal(one, 2, lang) for one in shown.value]
    return pd.DataFrame(alone | {say["agree"]: [words.percent(share, lang) for share in shown.share],
                                 say["kappa_head" if alone else "coefficient"]: values})


def remarks(table: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """What has to be said below: what a coefficient is, the effect of rare codes, what has no interval, and codes that nobody used."""
    say, unused = words.of(lang)["agreement"], table[table.no_value == "not_used"]
    labels = [words.first_lower(label) for label in label_of(unused.codes, table.by.iloc[0], book, lang)]
    bare = table.no_value.isin(["never_differ", "one_sided"]).any()
    return [say["what"], say["prevalence"], *([say["bare"]] if bare else []),
            *([say["unused"].format(labels=words.joined(labels, lang))] if labels else [])]
