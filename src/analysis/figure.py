"""Safe results -> a picture, its numbers and its description in words."""

import io
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.transforms import Bbox

from analysis.codebook import Codebook
from analysis.count import own
from analysis.figures import agreement_dots, by_country, estimate_plot, funnel, rank_plot, year_lines
from analysis.figures.canvas import (
    BAR,
    GREY,
    INK,
    MARGIN,
    OWN_BASE,
    PALE,
    STRONG,
    base_lines,
    beside,
    blank,
    columns,
    folded,
    footer,
    frame,
    label_of,
    label_rows,
    labelled,
    numbers,
    ordered,
    overlaps,
    page_width,
    protected,
    right_of,
    stacked,
    that_fit,
    years_in,
)
from analysis.figures.heat_map import heat
from analysis.figures.rank_plot import pairs, ranks
from analysis.figures.rates_plot import money
from analysis.figures.set_plot import lists, together
from analysis.figures.tiles import tiles
from analysis.figures.timeline import timeline
from analysis.figures.unit_bars import sums
from analysis.ledger import HIDDEN
from analysis.parameters import TOGETHER
from analysis.protect import Safe
from analysis.wording import languages, sentences, words

SCREEN, SLIDE, DOTS = 16 / 9, 8.9, 2560  # the shape of a slide, its width in inches (shown on 13.3), and how many dots it is wide
SHORT = 7.1  # inches: the width of a slide of few rows, whose letters are twice as large as in print
FORMULA = {"=", "+", "-", "@", "\t", "\r"}  # with which a cell begins that is calculated
YEARS = ("changes", "change", "yearly", "printed_years", "alike", "rates")  # forms whose rows without a count are said in sentences


def draw(safe: Safe, name: str, book: Codebook, lang: str = "en") -> plt.Figure:
    """The figure of one table of results, in the form that the table asks for."""
    if not isinstance(safe, Safe):
        raise TypeError("Figures are drawn from Safe results only; see protect.publication.")
    table = languages.table(safe.table(name), book, lang)
    form = table.form.iloc[0]
    something = table.base if form in OWN_BASE else table.value.notna() if form in ("change", "rates") else table.n
    return (FORMS[form] if (something > 0).any() or (table.no_value == HIDDEN).any() else blank)(table, book, lang)


def bars(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Sorted bars with count, share and interval; unknown kinds are set off, codes that nobody recorded named below."""
    table = labelled(table, book, lang)
    whole = ordered(table)
    shown, rest = whole[that_fit(whole)].reset_index(drop=True), whole[~that_fit(whole)]
    labels, texts = folded(shown.label), numbers(shown, lang)
    y, height = stacked(labels)
    y, height = y - 0.12 * shown.unknown, height + 0.12 * shown.unknown.any()
    below = tuple(bars_say(table, rest, book, lang) + protected(table, lang))
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, said=below)
    ax.set(xlim=(0, top_of(shown)), ylim=(-height, 0))
    ax.barh(y, shown.n, 0.17, color=np.where(shown.unknown, "white", BAR), edgecolor=np.where(shown.unknown, GREY, BAR), linewidth=0.8)
    ax.hlines(y, shown.low * shown.base, shown.high * shown.base, color=INK, linewidth=1.1)
    label_rows(ax, y, labels)
    ax.spines.left.set_visible(True)
    columns(ax, y, texts)
    return fig


def bars_say(table: pd.DataFrame, rest: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """What has to be said below sorted bars; `rest` are the rows without a bar, for which a slide has no room."""
    say = words.of(lang)
    named = str if book.variables.at[own(table.by.iloc[0]), "about"] == "places" else words.first_lower
    none = [named(label) for label in table.label[(table.n == 0) & ~table.unknown]]
    inside = table.unknown & (table.base_rule == table.base_rule.iloc[0])
    further = say["further"].format(n=words.count(len(rest), lang), most=words.count(rest.n.max(), lang)) if len(rest) else ""
    none = say["none"].format(labels=words.joined(none, lang)) if none else ""
    return list(filter(None, (further, none))) + [say["interval_short"]] + (
        [say["unknown_in_base"]] if table.n[inside].sum() else []) + ([say["overlap"]] if overlaps(table) else [])


def top_of(shown: pd.DataFrame) -> float:
    """Where the axis of counts ends: past the longest interval, not past the base."""
    return min(np.nanmax([*(shown.high * shown.base), *shown.n, 1]) * 1.02, shown.base.max() * 1.02)


def years(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """One bar a year: all records, and in it those with the code; a year without records says so."""
    variable, code = (pair.split(",")[1] for pair in (table.by.iloc[0], table.codes.iloc[0]))
    say, x = words.of(lang), np.arange(len(table))
    total = say["years_total"].format(unit=words.units(table.unit.iloc[0], lang))
    turn = 90 if len(x) > 12 else 0  # many years are written upright
    right = page_width() - MARGIN - len(x) * min(0.97, (page_width() - 2 * MARGIN) / len(x))
    fig, ax = frame(table, book, lang, height=2.3, left=MARGIN, right=right, top=0.3, bottom=0.4 if turn else 0.28)
    ax.bar(x, table.base, 0.62, color=PALE, edgecolor=GREY, linewidth=0.8, label=total)
    ax.bar(x, table.n, 0.62, color=STRONG, edgecolor=STRONG, linewidth=0.8, label=book.label(variable, code, lang))
    for at, row in zip(x, table.itertuples()):
        text = words.share_of(row.n, row.base, lang) if row.base else say["no_records"]
        ax.annotate(text, (at, row.base), (0, 4), textcoords="offset points", ha="center", size=9, weight="semibold", rotation=turn)
    ax.set_xticks(x, years_in(table), rotation=turn)
    ax.set(yticks=[], xlim=(-0.5, len(x) - 0.5), ylim=(0, table.base.max() * (1.4 if turn else 1.12)))
    ax.spines.left.set_visible(False)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.02), ncols=2, reverse=True, frameon=False, fontsize=9, handlelength=1.1,
              borderpad=0, borderaxespad=0)
    return fig


def dots(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """One dot a country with its interval; sorted by share and the country of the report filled and bold, or all alike by the alphabet."""
    table, say = labelled(table, book, lang), words.of(lang)
    shown = table[table.base > 0].sort_values("share", ascending=False, kind="stable", ignore_index=True)
    if TOGETHER in table.place.iloc[0]:  # countries side by side are no ranking
        shown = shown.set_index("code").loc[[one for one in by_country.alphabet(table, book, lang) if one in set(shown.code)]].reset_index()
    labels, texts, without = folded(shown.label), numbers(shown, lang), words.alphabetical(table.label[table.base == 0], lang)
    (y, height), ours = stacked(labels), (shown.code == table.place.iloc[0]).to_numpy()
    said = [say["without"].format(labels=words.joined(without, lang))] if without else []
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, bottom=0.26, said=(*said, say["interval_short"]))
    ax.set(xlim=(-0.03, 1.03), ylim=(-height, 0))
    label_rows(ax, y, labels)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], [words.percent(share, lang) for share in (0, 0.25, 0.5, 0.75, 1)])
    ax.grid(axis="x")
    ax.hlines(y, shown.low, shown.high, color=np.where(ours, INK, GREY), linewidth=np.where(ours, 2.2, 1.2))
    ax.scatter(shown.share, y, s=np.where(ours, 62, 42), color=np.where(ours, INK, "white"), edgecolor=INK, linewidth=1.1, zorder=3)
    for label, bold in zip(ax.get_yticklabels(), ours):
        label.set_weight("semibold" if bold else "normal")
    columns(ax, y, texts, bold=ours)
    return fig


FORMS = {"bars": bars, "years": years, "printed_years": year_lines.counts, "yearly": year_lines.counts,
         "changes": year_lines.changes, "change": year_lines.change, "alike": year_lines.alike, "rates": year_lines.rates,
         "dots": dots, "together": together, "heat": heat, "sums": sums, "lists": lists, "unlisted": estimate_plot.unlisted,
         "funnel": funnel.funnel, "agreement": agreement_dots.agreement, "series": funnel.series, "money": money,
         "ranks": ranks, "pairs": pairs, "tiles": tiles,
         "by_country": by_country.shares, "by_country_year": by_country.years, "timeline": timeline}


def numbers_of(safe: Safe, name: str, book: Codebook, lang: str = "en") -> pd.DataFrame:
    """The numbers of a table as its CSV holds them: codes and labels of each variable, then the counts."""
    table = languages.table(safe.table(name), book, lang)
    for at, variable in enumerate(table.by.iloc[0].split(",") if table.by.iloc[0] else []):
        codes = table.codes.str.split(",").str[at]
        table[variable if variable not in table else f"{variable}_2"] = codes
        table[f"{variable}_label" if f"{variable}_label" not in table else f"{variable}_2_label"] = label_of(codes, variable, book, lang)
    head = [c for c in table if c not in safe.results]
    return table[["id", *head, "unit", "n", "base", "base_rule", "share", "value", "low", "high", "method", "no_value", "period",
                  "source", "level", "note"]]


def description(safe: Safe, name: str, book: Codebook, lang: str = "en") -> str:
    """Title, base, period, source and every number of a figure in words, for who cannot see it."""
    table = languages.table(safe.table(name), book, lang)
    lines = [f"{words.title(table, book, lang)}.", *(line if line.endswith(".") else f"{line}." for line in base_lines(table, lang))]
    shown, rest = told(table, book, lang)
    labels = [label_of(shown.codes.str.split(",").str[at], variable, book, lang) for at, variable in enumerate(table.by.iloc[0].split(","))]
    lines += [sentences.of(row, book, lang) if row.form in YEARS and not row.n > 0 or row.form in ("alike", "rates") else
              f"{', '.join(said)}: {in_words(row, lang)}." for row, *said in zip(shown.itertuples(index=False), *labels)]
    return "\n".join([*lines, *rest, *footer(table, lang)]) + "\n"


def told(table: pd.DataFrame, book: Codebook, lang: str) -> tuple[pd.DataFrame, list[str]]:
    """The rows that a description lists, and what it says of the others."""
    if table.form.iloc[0] == "pairs":
        return rank_plot.surest(table), rank_plot.left_out(table, lang)
    if table.form.iloc[0] == "agreement":
        return agreement_dots.used(table), agreement_dots.remarks(table, book, lang)
    shown = table[(table.n > 0) | (table.no_value != "") | table.form.isin((*OWN_BASE, *YEARS, "money"))]
    rest = [words.of(lang)["others_zero"]] if len(shown) < len(table) else []
    return shown, rest + (funnel.remarks(table, book, lang) if table.form.iloc[0] in ("funnel", "series") else [])


def in_words(row, lang: str) -> str:
    """One number in words: with its base, share and interval where it has them."""
    if row.form == "money":
        return sentences.money(row, None, lang).removesuffix(".")
    if np.isnan(row.n):
        return words.of(lang)["no_value"].get(row.no_value, row.no_value)
    if row.base == 0:
        return words.of(lang)["no_records"]
    if row.form == "agreement":
        return agreement_dots.in_words(row, lang)
    if row.form == "unlisted":
        return estimate_plot.in_words(row, lang)
    if row.form in ("ranks", "pairs"):
        return rank_plot.in_words(row, lang)
    number = words.count(row.n, lang) if np.isnan(row.base) else words.share_of(row.n, row.base, lang)
    return number if np.isnan(row.low) else f"{number} ({words.percent(row.share, lang)}; {words.interval(row.low, row.high, lang)})"


def slide(safe: Safe, name: str, book: Codebook, lang: str = "en") -> plt.Figure:
    """The figure for a screen of 16:9: letters half as large again as in print, twice as large where rows are few, and rows that fit.

    What has no room is said to be left out. A figure that still does not fit is drawn wider, so that its letters are smaller.
    """
    fig, inches = of_width(safe, name, book, lang, SLIDE), SLIDE
    while fig.get_figheight() * SCREEN > inches + 0.01:  # a wider figure has fewer lines of text below it and is no higher
        plt.close(fig)
        inches = fig.get_figheight() * SCREEN
        fig = of_width(safe, name, book, lang, inches)
    if fig.get_figheight() * SCREEN < SHORT:
        short = of_width(safe, name, book, lang, SHORT)
        fits = short.get_figheight() * SCREEN <= SHORT
        plt.close(fig if fits else short)
        return short if fits else fig
    return fig


def of_width(safe: Safe, name: str, book: Codebook, lang: str, inches: float) -> plt.Figure:
    """The figure in another width than that of a page, with no more rows than a slide has room for."""
    with plt.rc_context({"figure.figsize": (inches, SLIDE / SCREEN)}):
        return draw(safe, name, book, lang)


def save_slide(fig: plt.Figure, file: Path, **how) -> None:
    """Write a figure of `slide` as a picture of 16:9, 2560 dots wide, the figure at its upper edge."""
    wide, high = fig.get_size_inches()
    fig.savefig(file, dpi=DOTS / wide + 1e-6, bbox_inches=Bbox([[0, high - wide / SCREEN], [wide, high]]), **how)


def save_drawing(fig: plt.Figure, file: Path, title: str) -> None:
    """Write a figure as SVG without the address of a definition that old programs fetch."""
    out = io.StringIO()
    fig.savefig(out, format="svg", metadata=dict.fromkeys(["Date", "Creator", "Format", "Type"]) | {"Title": title})
    file.write_text(re.sub(r"<!DOCTYPE[^>]*>\s*", "", out.getvalue(), count=1), encoding="utf-8")


def inert(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before each text that a spreadsheet program would take for a formula (OWASP, CSV injection)."""
    live = lambda cell: isinstance(cell, str) and {cell[:1], cell.lstrip()[:1]} & FORMULA  # noqa: E731
    return table.map(lambda cell: f"'{cell}" if live(cell) else cell)


def publish(safe: Safe, folder: Path, book: Codebook, *langs: str, slides: bool = False) -> list[str]:
    """Draw every table that has a form into `folder`: NAME.lang.svg, .lang.png and .lang.txt, and NAME.csv once; returns the names.

    With `slides` also NAME.slide.lang.png, the figure for a screen.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in safe.tables if safe.table(name).form.iloc[0] in FORMS]
    for name in names:
        for lang in langs:
            published(safe, folder, name, book, lang, slides)
        inert(in_languages(safe, name, book, langs)).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    return names


def published(safe: Safe, folder: Path, name: str, book: Codebook, lang: str, slides: bool) -> None:
    """As `publish`, for one table and language."""
    fig, title = draw(safe, name, book, lang), words.title(languages.table(safe.table(name), book, lang), book, lang)
    save_drawing(fig, folder / f"{name}.{lang}.svg", title)
    fig.savefig(folder / f"{name}.{lang}.png", metadata={"Software": None, "Title": title})
    plt.close(fig)
    if slides:
        fig = slide(safe, name, book, lang)
        save_slide(fig, folder / f"{name}.slide.{lang}.png", metadata={"Software": None, "Title": title})
        plt.close(fig)
    (folder / f"{name}.{lang}.txt").write_text(description(safe, name, book, lang), encoding="utf-8")


def in_languages(safe: Safe, name: str, book: Codebook, langs: tuple[str, ...]) -> pd.DataFrame:
    """As `numbers_of` in the first language, and beside each column of labels its labels in the others: violation_label_ru."""
    table = numbers_of(safe, name, book, langs[0])
    for lang in reversed(langs[1:]):
        other = numbers_of(safe, name, book, lang)
        for column in (column for column in other if column.endswith("_label")):
            table.insert(table.columns.get_loc(column) + 1, f"{column}_{lang}", other[column])
    return table
