"""Figures of several years: shares and counts by year with gaps where there is nothing, and how far effort would explain a change."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.figures.canvas import (
    BAR,
    GREY,
    INK,
    LABELS,
    MARGIN,
    PALE,
    STRONG,
    beside,
    column_of,
    columns,
    first_that_fit,
    folded,
    frame,
    label_of,
    label_rows,
    no_room,
    page_width,
    right_of,
    room,
    stacked,
    width,
)
from analysis.wording import words
from analysis.wording.year_sentences import measure, shared

ROW = 0.54  # inches of a row with a line in it
FLOOR = 0.1  # of a strip, below its line
SCALED = 0.62  # of a strip, the largest number
LEAST = 1.0  # inch of axes, whatever room columns and labels take
ROWS = 14  # rows that fit a page; of more codes the most frequent are drawn


def changes(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """The shares of the codes of a variable in several years: two dots a code for two years, a line with gaps for more."""
    years = list(dict.fromkeys(code.split(",")[0] for code in table.codes[table.base.notna()]))
    known = [year for year in years if (table.base[table.codes.str.startswith(f"{year},")] > 0).any()]
    wide = by_code(table, book, lang)
    return (two if len(known) == 2 and len(years) == 2 else lines)(table, wide, years, book, lang)


def by_code(table: pd.DataFrame, book: Codebook, lang: str) -> pd.DataFrame:
    """One row a code, most frequent first and unknown kinds last: code, label, unknown, n (of all years)."""
    variable, counted = table.by.iloc[0].split(",")[1], table[table.base.notna()]
    code = counted.codes.str.split(",").str[1]
    found = counted.assign(code=code).groupby("code", sort=False, as_index=False).n.sum()
    label = [" / ".join(book.label(variable, one, lang) for one in joined.split("+")) for joined in found.code]
    found = found.assign(label=label, unknown=found.code.isin(book.unknown(variable)))
    return found.sort_values(["unknown", "n"], ascending=[True, False], kind="stable", ignore_index=True)


def cells(table: pd.DataFrame, codes: list[str], years: list[str], column: str) -> np.ndarray:
    """A column of the table as numbers; shape (codes, years), NaN where there is nothing."""
    at = table.drop_duplicates("codes").set_index("codes")[column]
    return np.array([[at.get(f"{year},{code}", np.nan) for year in years] for code in codes], float)


def two(table: pd.DataFrame, wide: pd.DataFrame, years: list[str], book: Codebook, lang: str) -> plt.Figure:
    """Two dots a code, joined by a line, with both counts, the difference of the shares and the break-even of the counts."""
    fit = first_that_fit(folded(wide.label))
    every, wide = wide, wide[:fit]
    say, codes = words.of(lang)["years"], list(wide.code)
    shares, n = cells(table, codes, years, "share"), cells(table, codes, years, "n")
    base = [words.of(lang)["year_base"].format(base=words.count(one, lang)) for one in bases(table, years)]
    texts = pd.DataFrame({f"{year} {of}": ["–" if np.isnan(one) else words.count(one, lang) for one in n[:, at]]
                          for at, (year, of) in enumerate(zip(years, base))})
    texts = texts.assign(**{say["points"]: pair_texts(table, codes, False, lang), say["break_even"]: pair_texts(table, codes, True, lang)})
    labels = folded(wide.label, inches=min(LABELS, page_width() - right_of(texts) - MARGIN - LEAST))
    y, height = stacked(labels)
    said = (say["two"].format(first=years[0], last=years[1]), say["differences"], say["break_even_says"], *no_room(every.label[fit:], lang),
            *remarks(table, every, book, lang))
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, bottom=0.26, said=said)
    top = np.nanmax(shares) or 1
    ax.set(xlim=(-0.06 * top, 1.06 * top), ylim=(-height, 0))
    label_rows(ax, y, labels)
    ax.set_xticks([0, tick_below(top)], [words.percent(share, lang) for share in (0, tick_below(top))])
    ax.grid(axis="x")
    ax.hlines(y, shares.min(axis=1), shares.max(axis=1), color=GREY, linewidth=1.4)
    ax.scatter(shares[:, 0], y, s=34, color="white", edgecolor=INK, linewidth=1.1, zorder=3, clip_on=False)
    ax.scatter(shares[:, 1], y, s=16, color=STRONG, edgecolor=STRONG, linewidth=1.1, zorder=4, clip_on=False)
    columns(ax, y, texts, bold=np.zeros(len(y), bool))
    return fig


def tick_below(top: float) -> float:
    """The largest round share that an axis up to `top` still shows: 75, 50, 20, 10, 5 or 1 percent."""
    return next((one for one in (1, 0.75, 0.5, 0.2, 0.1, 0.05) if one <= top), 0.01)


def pair_texts(table: pd.DataFrame, codes: list[str], ratio: bool, lang: str) -> list[str]:
    """What changed of each code, with its interval in brackets: points of the share, or the break-even of the count."""
    mine = table[table.base.isna() & (table.id.str.endswith(".break_even") == ratio)]
    at = dict(zip(mine.codes.str.split(",").str[1], mine.itertuples()))
    return [pair_text(at[code], ratio, lang) if code in at else "–" for code in codes]


def pair_text(row, ratio: bool, lang: str) -> str:
    """A difference or a ratio with its interval in brackets; a ratio of nothing to nothing is none."""
    if np.isnan(row.value):
        return "–"
    if ratio:
        return f"{words.factor(row.value, lang)} ({words.factors(row.low, row.high, lang)})"
    ends = words.of(lang)["ends"].format(low=words.points(row.low, lang), high=words.points(row.high, lang))
    return f"{words.points(row.value, lang)} ({ends})"


def bases(table: pd.DataFrame, years: list[str]) -> list[float]:
    """How many records each year has."""
    year = table.codes.str.split(",").str[0]
    return [table.base[year == one].max() for one in years]


def remarks(table: pd.DataFrame, wide: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """What has to be said under a comparison of years: whether they are like for like, and what the codebook did in between."""
    say, rule = words.of(lang)["years"], table.base_rule.iloc[0]
    alike = words.of(lang)["base_rules"].get(rule)
    unit = words.units(table.unit.iloc[0], lang)
    said = [say["alike_says"].format(unit=unit, rule=alike)] if alike else [say["unlike"]]
    merged = [words.first_lower(label) for code, label in zip(wide.code, wide.label) if "+" in code]
    said += [say["merged"].format(labels=words.joined(merged, lang))] if merged else []
    names = dict(zip(wide.code, wide.label))
    for year, rows in table[table.no_value.str.endswith("_in_codebook")].groupby(table.codes.str.split(",").str[0]):
        labels = [words.first_lower(names[code.split(",")[1]]) for code in rows.codes]
        said.append(say["not_yet"].format(year=year, labels=words.joined(labels, lang)))
    return said


def lines(table: pd.DataFrame, wide: pd.DataFrame, years: list[str], book: Codebook, lang: str) -> plt.Figure:
    """A row a code: its share in each year as a dot with its interval, joined where years follow each other, and its count above it."""
    say, unit = words.of(lang)["years"], words.units(table.unit.iloc[0], lang)
    fit = max(1, min(ROWS, int(room() / ROW)))
    shown = wide.head(fit)
    codes, total = list(shown.code), bases(table, years)
    of, none = words.of(lang)["year_base"], words.of(lang)["no_records"].replace(" ", "\n")
    heads = [f"{year}\n{of.format(base=words.count(one, lang)) if one else none}" for year, one in zip(years, total)]
    said = (say["lines"].format(unit=unit), *no_room(wide.label[fit:], lang), *remarks(table, wide, book, lang))
    numbers = [cells(table, codes, years, column) for column in ("share", "low", "high")]
    texts = [["" if np.isnan(one) else words.count(one, lang) for one in row] for row in cells(table, codes, years, "n")]
    fig, ax, cell = strips(table, folded(shown.label), heads, book, lang, said)
    write_lines(ax, numbers, texts, years, cell)
    return fig


def strips(table, labels: list[str], heads: list[str], book, lang: str, said: tuple) -> tuple[plt.Figure, plt.Axes, float]:
    """A frame with a strip for each label, each with a floor, and years over them; also how wide (inches) a year is.

    Along y the axes' unit is the strip, along x the year.
    """
    high, left = max(ROW, *(0.06 + 0.175 * (1 + label.count("\n")) for label in labels)), beside(labels)
    cell = min((page_width() - left - MARGIN) / len(heads), 0.95)
    turned = max(width(head, 8.5) for head in heads) > cell - 0.04
    heads = [head.replace("\n", " ") for head in heads] if turned else heads
    over = 0.1 + (max(width(head, 8.5) for head in heads) if turned else 0.16 * max(1 + head.count("\n") for head in heads))
    fig, ax = frame(table, book, lang, high * len(labels), left, page_width() - left - cell * len(heads), top=over, said=said)
    ax.set(xlim=(-0.5, len(heads) - 0.5), ylim=(-len(labels), 0))
    ax.hlines(FLOOR - 1 - np.arange(len(labels)), -0.5, len(heads) - 0.5, color=PALE, linewidth=0.8)
    label_rows(ax, -0.5 - np.arange(len(labels)), labels)
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(len(heads)), heads, fontsize=8.5, linespacing=1.0, rotation=90 if turned else 0)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom", "top"]].set_visible(False)
    return fig, ax, cell


def write_lines(ax: plt.Axes, numbers: list[np.ndarray], texts: list[list[str]], years: list[str], cell: float) -> None:
    """A line in each strip, all on one scale, broken where there is nothing; `numbers` are values, low and high, each (strips, years)."""
    x, next_year = np.arange(len(years)), np.diff([int(year) for year in years]) == 1
    floor = FLOOR - 1 - np.arange(len(texts))[:, None]
    y, low, high = (floor + values * SCALED / np.nanmax(numbers[2]) for values in numbers)
    for strip in range(len(texts)):
        for one in np.flatnonzero(~np.isnan(y[strip, :-1]) & ~np.isnan(y[strip, 1:]) & next_year):
            ax.plot(x[one:one + 2], y[strip, one:one + 2], color=BAR, linewidth=1.4, zorder=1)
        ax.vlines(x, low[strip], high[strip], color=GREY, linewidth=0.9, zorder=2)
        ax.scatter(x, y[strip], s=18, color=STRONG, zorder=3)
        for one in np.flatnonzero(~np.isnan(y[strip])):
            ax.text(one + 0.06 / cell, y[strip, one] + 0.06, texts[strip][one], size=8.5, weight="semibold", va="baseline", zorder=4)


def counts(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """The count of each year as a dot over its stem, joined by a line where years follow each other; a year without one says so."""
    years, x = list(table.codes), np.arange(len(table))
    turn = 90 if len(x) > 12 else 0
    right = page_width() - MARGIN - len(x) * min(0.97, (page_width() - 2 * MARGIN) / len(x))
    fig, ax = frame(table, book, lang, height=1.9 if len(x) > 3 else 1.1, left=MARGIN, right=right, top=0.2, bottom=0.42 if turn else 0.28)
    if len(x) > 2:
        ax.plot(x, table.n, color=BAR, linewidth=1.4, zorder=1)  # a missing number breaks the line
    ax.vlines(x, 0, table.n, color=GREY, linewidth=1.1)
    ax.scatter(x, table.n, s=42, color=STRONG, zorder=3)
    for at, row in zip(x, table.itertuples()):
        missing = np.isnan(row.n)
        text = "\n".join(words.of(lang)["no_value"][row.no_value].split(" ")) if missing and not turn else (
            words.of(lang)["no_value"][row.no_value] if missing else words.count(row.n, lang))
        ax.annotate(text, (at, 0 if missing else row.n), (0, 7), textcoords="offset points", ha="center", size=8.5 if missing else 9,
                    weight="normal" if missing else "semibold", color=GREY if missing else INK, rotation=turn, linespacing=1.0)
    ax.set_xticks(x, years, rotation=turn)
    ax.set(yticks=[], xlim=(-0.5, len(x) - 0.5), ylim=(0, table.n.max() * (1.45 if turn else 1.2)))
    ax.spines.left.set_visible(False)
    return fig


def change(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """The break-even of each pair of years with its interval on a scale of factors, and beside it the recorded effort as a diamond."""
    say, even = words.of(lang)["years"], table[table.id.map(lambda id: id.endswith(".break_even"))].reset_index(drop=True)
    effort = table[[one.endswith(".effort") for one in table.id]].set_index("codes").value.reindex(even.codes).to_numpy(float)
    labels = [say["pair"].format(first=pair.split("-")[0], last=pair.split("-")[1]) for pair in even.codes]
    texts = pd.DataFrame({say["break_even"]: [pair_text(row, True, lang) for row in even.itertuples()],
                          say["recorded_effort"]: [say["not_recorded"] if np.isnan(one) else words.factor(one, lang) for one in effort]})
    said = (say["break_even_says"], say["no_effort"] if np.isnan(effort).all() else say["diamond"])
    y, height = stacked(labels)
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, bottom=0.3, said=said)
    drawn = np.array([even.value, even.low, even.high, effort])
    inside = drawn[np.isfinite(drawn) & (drawn > 0)]
    reach = min(2 ** np.ceil(np.log2(max(2, *inside, *(1 / inside))) + 0.2), 64)  # what lies beyond is cut off and stands in the column
    ax.set(xscale="log", xlim=(1 / reach, reach), ylim=(-height, 0))
    label_rows(ax, y, labels)
    ends = [say[end].format(factor=int(reach)) for end in ("grew", "fell_side")]
    ax.set_xticks([1 / reach, 1, reach], [ends[0], say["no_change"], ends[1]])
    ax.minorticks_off()
    ax.vlines(1, -height, 0, color=GREY, linewidth=1, linestyle=(0, (3, 2)))
    ax.hlines(y, np.clip(even.low, 1 / reach, reach), np.clip(even.high, 1 / reach, reach), color=INK, linewidth=1.4)
    ax.scatter(np.clip(even.value, 1 / reach, reach), y, s=34, color=STRONG, zorder=3)
    ax.scatter(effort, y, s=34, marker="D", color="white", edgecolor=INK, linewidth=1.1, zorder=4)
    columns(ax, y, texts)
    return fig


def alike(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A bar of all records of each year, and in it those that stay when years are compared like for like."""
    say = words.of(lang)
    labels = [f"{row.codes}, {say['years']['what'][measure(row)]}" for row in table.itertuples()]
    kept = [say["no_value"][row.no_value] if row.no_value else words.share_of(row.n, row.base, lang) for row in table.itertuples()]
    texts = pd.DataFrame({column_of(table, lang): kept})
    y, height = stacked(labels)
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, said=tuple(in_common(table, book, lang)))
    ax.set(xlim=(0, table.base.max() * 1.01), ylim=(-height, 0))
    ax.barh(y, table.base, 0.17, color=PALE, edgecolor=GREY, linewidth=0.8)
    ax.barh(y, table.n.fillna(0), 0.17, color=STRONG)
    label_rows(ax, y, labels)
    columns(ax, y, texts)
    return fig


def in_common(table: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """Which months and channels the years have in common, and why they have none."""
    say = words.of(lang)["years"]
    rows = list(table.itertuples(index=False))
    found = {(say["what"][measure(row)], words.of(lang)["methods"].get(row.method, ""), shared(row, book, lang)): None for row in rows}
    return [*dict.fromkeys(say[row.no_value] for row in rows if row.no_value),
            *(say["in_common"].format(what=what, how=how, values=values) for what, how, values in found if values)]


def rates(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A row a stage: its rate in each year from the first to the last that has one, with its interval."""
    say, found = words.of(lang)["years"], table[table.value.notna()]
    have = found.codes.str.split(",").str[0].astype(int)
    years, stages = [str(year) for year in range(have.min(), have.max() + 1)], list(dict.fromkeys(table.codes.str.split(",").str[1]))
    numbers = [cells(table, stages, years, column) for column in ("value", "low", "high")]
    texts = [["" if np.isnan(one) else words.factor(one, lang) for one in row] for row in numbers[0]]
    labels = folded(label_of(pd.Series(stages), "official", book, lang))
    fig, ax, cell = strips(table, labels, years, book, lang, (say["rate_lines"],))
    write_lines(ax, numbers, texts, years, cell)
    return fig
