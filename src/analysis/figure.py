"""Safe results -> a picture, its numbers and its description in words."""

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn
from matplotlib import font_manager, patheffects
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.textpath import TextPath

from analysis import words
from analysis.codebook import UNREVIEWED, Codebook
from analysis.protect import Safe

for font in sorted((words.TEMPLATES / "fonts").glob("*.ttf")):
    font_manager.fontManager.addfont(font)
STYLE = words.TEMPLATES / "figure.mplstyle"
plt.style.use(STYLE)

WIDTH = 7.1  # inches: 180 mm, the text width of an A4 page
INK, BAR, PALE, GREY = "#1d2b33", "#2f7f92", "#d3dde1", "#5f6f78"
SCALE = LinearSegmentedColormap.from_list("casebook", ["#f4f7f8", "#9cc3cc", "#2f7f92", "#0b3a47"])
HALO = [patheffects.withStroke(linewidth=2.4, foreground="white")]
MOST_COMBINATIONS = 14


def draw(safe: Safe, name: str, book: Codebook, lang: str = "en") -> plt.Figure:
    """The figure of one table of results, in the form that the table asks for."""
    if not isinstance(safe, Safe):
        raise TypeError("Figures are drawn from Safe results only; see protect.publication.")
    table = safe.table(name)
    return FORMS[table.form.iloc[0]](table, book, lang)


def frame(table: pd.DataFrame, book: Codebook, lang: str, height: float, left: float, right: float = 0.15,
          top: float = 0.0, bottom: float = 0.0, said: tuple[str, ...] = ()) -> tuple[plt.Figure, plt.Axes]:
    """A figure of the house's width with title, base and footer in place, and axes of the given height (inches)."""
    title = wrapped(words.title(table, book, lang), 13, WIDTH - 0.3, "semibold")
    under = wrapped(base_line(table, book, lang), 9, WIDTH - 0.3)
    foot = wrapped(" ".join((*said, *footer(table, lang))), 7.3, WIDTH - 0.3)
    head = 0.2 + 0.235 * len(title) + 0.16 * len(under) + 0.14 + top
    feet = 0.17 + 0.135 * len(foot) + bottom
    total = head + height + feet
    fig = plt.figure(figsize=(WIDTH, total))
    fig.text(0.15 / WIDTH, 1 - 0.13 / total, "\n".join(title), size=13, weight="semibold", va="top", linespacing=1.15)
    fig.text(0.15 / WIDTH, 1 - (0.15 + 0.235 * len(title)) / total, "\n".join(under), size=9, color=GREY, va="top")
    fig.text(0.15 / WIDTH, 0.08 / total, "\n".join(foot), size=7.3, color=GREY, va="bottom", linespacing=1.25)
    return fig, fig.add_axes([left / WIDTH, feet / total, (WIDTH - left - right) / WIDTH, height / total])


def base_line(table: pd.DataFrame, book: Codebook, lang: str) -> str:
    """Unit, base, place and period in one line: what the counts are counts of."""
    row = table.iloc[0]
    if row.form in ("bars", "together", "heat"):
        base = words.counted(row.base, row.unit, lang)
    else:
        base = words.unit(2, row.unit, lang)
    return words.of(lang)["base"].format(base=base, period=words.period(row.period, lang))


def footer(table: pd.DataFrame, lang: str) -> list[str]:
    """Source, note, level and what the numbers do not say, as sentences."""
    row, say = table.iloc[0], words.of(lang)
    source = say["source"].format(source="; ".join(filter(None, [row.source, row.note])))
    level = say["level"].format(level=say["levels"][row.level])
    mark = [say["draft"].format(mark=UNREVIEWED[lang]) + "."] if lang in UNREVIEWED else []
    return [say["counts_only"], f"{source}.", f"{level}.", *mark]


def wrapped(text: str, size: float, inches: float, weight: str = "normal") -> list[str]:
    """The text as lines no wider than so many inches, measured in the figure's own font; words stay whole."""
    font = font_manager.FontProperties(family=matplotlib.rcParams["font.family"], weight=weight)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and TextPath((0, 0), longer, size=size, prop=font).get_extents().x1 > inches * 72:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def labelled(table: pd.DataFrame, book: Codebook, lang: str, position: int = 0) -> pd.DataFrame:
    """The table with `code`, `label`, and `unknown` (whether the code is one of the unknown kinds) of one variable."""
    variable = table.by.iloc[0].split(",")[position]
    code = table.codes.str.split(",").str[position]
    unknown = code.isin([*book.unknown(variable), "unknown"])
    return table.assign(code=code, label=[book.label(variable, c, lang) for c in code], unknown=unknown)


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Cells that occur, largest first, unknown kinds last; ties keep the codebook's order."""
    return table[table.n > 0].sort_values(["unknown", "n"], ascending=[True, False], kind="stable", ignore_index=True)


def bars(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Sorted bars with count, share and interval; codes that nobody recorded are named under the figure."""
    table = labelled(table, book, lang)
    shown, say = ordered(table), words.of(lang)
    none = table.loc[(table.n == 0) & ~table.unknown, "label"]
    said = [say["none"].format(labels=words.joined([words.first_lower(x) for x in none], lang))] if len(none) else []
    said += [say["interval_short"], say["unknown_in_base"]] + ([say["overlap"]] if overlaps(table) else [])
    labels = ["\n".join(wrapped(label, 9.5, 2.15)) for label in shown.label]
    y = -(np.arange(len(shown)) + 0.5 * shown.unknown) * 0.29 - 0.05 * np.cumsum([label.count("\n") for label in labels])
    fig, ax = frame(table, book, lang, height=0.3 - y.min(), left=2.4, right=2.0, top=0.2, said=tuple(said))
    ax.set(xlim=(0, top_of(shown)), ylim=(y.min() - 0.18, 0.12), yticks=y, yticklabels=labels)
    ax.barh(y, shown.n, 0.19, color=np.where(shown.unknown, PALE, BAR), edgecolor=np.where(shown.unknown, GREY, BAR), linewidth=0.6)
    ax.hlines(y, shown.low * shown.base, shown.high * shown.base, color=INK, linewidth=1.0, path_effects=HALO)
    numbers(ax, y, shown, lang)
    tidy_axis(ax, "x")
    return fig


def overlaps(table: pd.DataFrame) -> bool:
    """Whether the cells count some record more than once."""
    return table.n.sum() > table.base.iloc[0]


def top_of(shown: pd.DataFrame) -> float:
    """Where the axis of counts ends: past the longest interval, not past the base."""
    return min(max((shown.high * shown.base).max(), 1) * 1.04, shown.base.max() * 1.02)


def numbers(ax: plt.Axes, y, shown: pd.DataFrame, lang: str) -> None:
    """Count, share and interval as three columns to the right of the bars, in line with them."""
    say, across = words.of(lang), ax.get_yaxis_transform()
    inch = 1 / (ax.get_position().width * WIDTH)
    places = [1 + 0.5 * inch, 1 + 1.02 * inch, 1 + 1.85 * inch]
    heads = [say["column"].get(shown.unit.iloc[0], "n"), say["share"], say["interval"]]
    for x, text in zip(places, heads):
        ax.text(x, 0.2, text, transform=across, ha="right", va="bottom", size=8, color=GREY)
    for at, row in zip(y, shown.itertuples()):
        texts = [words.count(row.n, lang), words.percent(row.share, lang), words.interval(row.low, row.high, lang)]
        for x, text, weight in zip(places, texts, ["semibold", "normal", "normal"]):
            ax.text(x, at, text, transform=across, ha="right", va="center", size=9, weight=weight)


def tidy_axis(ax: plt.Axes, axis: str) -> None:
    """Whole-number ticks with a light grid on the axis of counts, and no frame."""
    getattr(ax, f"{axis}axis").set_major_locator(matplotlib.ticker.MaxNLocator(5, integer=True))
    ax.grid(axis=axis)
    ax.spines[["bottom" if axis == "x" else "left"]].set_visible(False)


def years(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """One bar a year: all records, and in it those with the code; a year without records stays visible as a gap."""
    say, x = words.of(lang), np.arange(len(table))
    year = table.codes.str.split(",").str[0]
    fig, ax = frame(table, book, lang, height=2.5, left=0.55, bottom=0.3)
    ax.bar(x, table.base, 0.62, color=PALE, edgecolor=GREY, linewidth=0.6)
    ax.bar(x, table.n, 0.62, color=BAR)
    for at, row in zip(x, table.itertuples()):
        ax.annotate(words.share_of(row.n, row.base, lang), (at, row.base), (0, 4), textcoords="offset points", ha="center", size=9)
    ax.set(xticks=x, xticklabels=year, ylim=(0, max(table.base.max() * 1.12, 1)), xlim=(-0.6, len(x) - 0.4))
    label = book.label(table.by.iloc[0].split(",")[1], table.codes.iloc[0].split(",")[1], lang)
    handles = [matplotlib.patches.Patch(facecolor=BAR, label=label),
               matplotlib.patches.Patch(facecolor=PALE, edgecolor=GREY, label=say["years_total"])]
    ax.legend(handles=handles, loc="upper left", frameon=False, fontsize=9, handlelength=1.1, borderaxespad=0)
    tidy_axis(ax, "y")
    return fig


def printed_years(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """One bar a year of counts that somebody else printed, each with its number."""
    x = np.arange(len(table))
    fig, ax = frame(table, book, lang, height=2.0, left=0.55, bottom=0.3, said=tuple(table.loc[table.text != "", "no_value"].unique()))
    ax.bar(x, table.n, 0.5, color=BAR)
    for at, n in zip(x, table.n):
        ax.annotate(words.count(n, lang), (at, n), (0, 4), textcoords="offset points", ha="center", size=10, weight="semibold")
    ax.set(xticks=x, xticklabels=table.codes, ylim=(0, table.n.max() * 1.15), xlim=(-1.2, len(x) + 0.2))
    tidy_axis(ax, "y")
    return fig


def dots(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """One dot a country with its interval, sorted by share; the country of the report is filled."""
    table = labelled(table, book, lang)
    shown = table[table.base > 0].sort_values("share", ascending=False, kind="stable", ignore_index=True)
    fig, ax = frame(table, book, lang, height=0.27 * len(shown) + 0.25, left=1.75, right=1.35, bottom=0.28,
                    said=(words.of(lang)["interval_short"],))
    y, ours = -np.arange(len(shown)), (shown.code == table.place.iloc[0]).to_numpy()
    ax.hlines(y, shown.low, shown.high, color=np.where(ours, INK, GREY), linewidth=np.where(ours, 2.2, 1.2))
    ax.scatter(shown.share, y, s=np.where(ours, 62, 42), color=np.where(ours, INK, "white"), edgecolor=INK, linewidth=1.1, zorder=3)
    ax.set(xlim=(0, 1), ylim=(-len(shown) + 0.4, 0.6), yticks=y, yticklabels=shown.label)
    for at, row, label, bold in zip(y, shown.itertuples(), ax.get_yticklabels(), ours):
        text = f"{words.percent(row.share, lang)}   {words.share_of(row.n, row.base, lang)}"
        weight = "semibold" if bold else "normal"
        label.set_weight(weight)
        ax.text(1.03, at, text, transform=ax.get_yaxis_transform(), va="center", size=9, weight=weight)
    ax.xaxis.set_major_formatter(lambda value, _: words.percent(value, lang))
    ax.grid(axis="x")
    ax.spines[["left", "bottom"]].set_visible(False)
    return fig


def together(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Set plot: a column for each exact combination, a row for each code that takes part in one."""
    variable, shown = table.by.iloc[0], most_frequent(table)
    say, rest = words.of(lang), table[~table.id.isin(shown.id)]
    sets = [set(codes.split("+")) for codes in shown.codes]
    codes = sorted(set().union(*sets), key=lambda code: (-shown.n[[code in s for s in sets]].sum(), book.of(variable).index(code)))
    said = () if rest.empty else (say["together_rest"].format(n=len(rest), k=words.spoken(rest.n.max(), lang)),)
    labels = ["\n".join(wrapped(book.label(variable, code, lang), 9, 2.15)) for code in codes]
    fig, ax = frame(table, book, lang, height=0.25 * len(codes) + 1.35, left=2.4, said=said)
    bottom, x, y = len(codes) * 0.25, np.arange(len(shown)), -np.arange(len(codes))
    upper = ax.inset_axes([0, bottom / (bottom + 1.35), 1, 1.2 / (bottom + 1.35)])
    matrix = ax.inset_axes([0, 0, 1, bottom / (bottom + 1.35)])
    ax.axis("off")
    upper.bar(x, shown.n, 0.55, color=BAR)
    for at, n in zip(x, shown.n):
        upper.annotate(words.count(n, lang), (at, n), (0, 3), textcoords="offset points", ha="center", size=9, weight="semibold")
    upper.set(xticks=[], yticks=[], ylim=(0, shown.n.max() * 1.2))
    upper.spines[["left", "bottom"]].set_visible(False)
    for at, members in zip(x, sets):
        rows = [y[number] for number, code in enumerate(codes) if code in members]
        matrix.vlines(at, min(rows), max(rows), color=INK, linewidth=1.6)
        matrix.scatter([at] * len(y), y, s=30, color=PALE, linewidth=0)
        matrix.scatter([at] * len(rows), rows, s=46, color=INK, linewidth=0, zorder=3)
    for axes in (upper, matrix):
        axes.set_xlim(-0.7, max(len(x), 8) - 0.4)
    matrix.set(xticks=[], yticks=y, yticklabels=labels, ylim=(-len(codes) + 0.4, 0.6))
    matrix.spines[["left", "bottom"]].set_visible(False)
    return fig


def most_frequent(table: pd.DataFrame) -> pd.DataFrame:
    """The combinations that fit into a set plot; those of equal number are shown or left out together."""
    table = table[table.n > 0]
    if len(table) <= MOST_COMBINATIONS:
        return table.reset_index(drop=True)
    return table[table.n > table.n.iloc[MOST_COMBINATIONS]].reset_index(drop=True)


def heat(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Heat map of one variable by another, its numbers written in; rows and columns that nobody recorded are left out."""
    cells = table.assign(row=labelled(table, book, lang, 0).code, column=labelled(table, book, lang, 1).code)
    grid = cells.pivot(index="row", columns="column", values="n").fillna(0)
    first, second = table.by.iloc[0].split(",")
    rows = [code for code in row_order(cells, "row") if grid.loc[code].sum() > 0]
    columns = [code for code in dict.fromkeys(cells.column) if grid[code].sum() > 0]
    grid = grid.loc[rows, columns]
    across = ["\n".join(wrapped(book.label(second, code, lang), 8.5, 1.15)) for code in columns]
    fig, ax = frame(table, book, lang, height=0.27 * len(rows), left=2.4, top=1.0, said=(words.of(lang)["overlap"],))
    seaborn.heatmap(grid, ax=ax, cmap=SCALE, vmin=0, annot=True, fmt=".0f", cbar=False, linewidths=1.2, linecolor="white",
                    annot_kws={"size": 9}, xticklabels=across, yticklabels=[book.label(first, code, lang) for code in rows])
    for text in ax.texts:
        if text.get_text() == "0":
            text.set(color="#a9b5ba", size=8)
    ax.set(xlabel="", ylabel="")
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", rotation=38, length=0, pad=2, labelsize=8.5)
    ax.tick_params(axis="y", length=0, labelsize=9)
    plt.setp(ax.get_xticklabels(), ha="left", rotation_mode="anchor")
    return fig


def row_order(cells: pd.DataFrame, side: str) -> list[str]:
    """Codes of one side of a cross by how often they occur, ties in codebook order; years stay in order."""
    if cells.by.iloc[0].startswith("year"):
        return list(dict.fromkeys(cells[side]))
    return list(cells.groupby(side, sort=False).n.sum().sort_values(ascending=False, kind="stable").index)


FORMS = {"bars": bars, "years": years, "printed_years": printed_years, "dots": dots, "together": together, "heat": heat}


def numbers_of(safe: Safe, name: str, book: Codebook, lang: str = "en") -> pd.DataFrame:
    """The numbers of a table as its CSV holds them: codes and labels of each variable, then the counts."""
    table = safe.table(name)
    for at, variable in enumerate(table.by.iloc[0].split(",") if table.by.iloc[0] else []):
        codes = table.codes.str.split(",").str[at]
        table[variable if variable not in table else f"{variable}_2"] = codes
        table[f"{variable}_label" if f"{variable}_label" not in table else f"{variable}_2_label"] = [
            " + ".join(book.label(variable, c, lang) for c in code.split("+")) for code in codes]
    head = [c for c in table if c not in safe.results]
    return table[["id", *head, "unit", "n", "base", "base_rule", "share", "value", "low", "high", "method", "no_value", "period", "source", "level", "note"]]


def description(safe: Safe, name: str, book: Codebook, lang: str = "en") -> str:
    """Title, base, period, source and every number of a figure in words, for who cannot see it."""
    table = safe.table(name)
    lines = [words.title(table, book, lang) + ".", base_line(table, book, lang) + "."]
    for row in table[table.n.fillna(0) > 0].itertuples():
        labels = [" + ".join(book.label(v, c, lang) for c in code.split("+"))
                  for v, code in zip(row.by.split(","), row.codes.split(","))]
        number = words.count(row.n, lang) if np.isnan(row.base) else words.share_of(row.n, row.base, lang)
        sure = "" if np.isnan(row.low) else f" ({words.percent(row.share, lang)}; {words.interval(row.low, row.high, lang)})"
        lines.append(f"{', '.join(labels)}: {number}{sure}.")
    return "\n".join([*lines, *footer(table, lang)]) + "\n"


def publish(safe: Safe, folder: Path, book: Codebook, lang: str = "en") -> list[str]:
    """Draw every table that has a form into `folder`: NAME.lang.svg, .lang.png, .lang.txt and NAME.csv; returns the names."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    names = [name for name in safe.tables if safe.table(name).form.iloc[0] in FORMS]
    for name in names:
        fig = draw(safe, name, book, lang)
        fig.savefig(Path(folder) / f"{name}.{lang}.svg", metadata={"Date": None, "Creator": None})
        fig.savefig(Path(folder) / f"{name}.{lang}.png", metadata={"Software": None})
        plt.close(fig)
        (Path(folder) / f"{name}.{lang}.txt").write_text(description(safe, name, book, lang), encoding="utf-8")
        numbers_of(safe, name, book, lang).to_csv(Path(folder) / f"{name}.csv", index=False, lineterminator="\n")
    return names
