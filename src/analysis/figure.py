"""Safe results -> a picture, its numbers and its description in words."""

import re
from functools import cache
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.textpath import text_to_path

from analysis import words
from analysis.codebook import UNREVIEWED, Codebook
from analysis.protect import Safe

for font in sorted((words.TEMPLATES / "fonts").glob("*.ttf")):
    font_manager.fontManager.addfont(font)
STYLE = words.TEMPLATES / "figure.mplstyle"
plt.style.use(STYLE)

WIDTH, MARGIN = 7.1, 0.15  # inches: 180 mm, the text width of an A4 page
SINK = 0.04  # inches from the middle of a letter down to its baseline, by which alone all words of a row stand level
LABELS = 2.2  # inches that the labels beside a figure may take before they go on in a second line
INK, STRONG, BAR, PALE, GREY = "#1d2b33", "#2f7f92", "#86b8c4", "#dde4e7", "#56666f"
SCALE = LinearSegmentedColormap.from_list("casebook", ["#f1f5f6", "#9cc3cc", "#2f7f92", "#0b3a47"])
MOST_COMBINATIONS, NARROWEST = 12, 0.19  # columns of a set plot; inches of a column of a heat map
SLANT = 0.71  # the sine and cosine of the 45 degrees at which labels lean
OWN_BASE = ("years", "dots")  # forms in which each row has a base of its own, so that its 0 says something


def draw(safe: Safe, name: str, book: Codebook, lang: str = "en") -> plt.Figure:
    """The figure of one table of results, in the form that the table asks for."""
    if not isinstance(safe, Safe):
        raise TypeError("Figures are drawn from Safe results only; see protect.publication.")
    table = safe.table(name)
    form = table.form.iloc[0]
    something = table.base if form in OWN_BASE else table.n
    return (FORMS[form] if (something > 0).any() else blank)(table, book, lang)


def frame(table: pd.DataFrame, book: Codebook, lang: str, height: float, left: float, right: float = MARGIN, top: float = 0.0,
          bottom: float = 0.0, lead: tuple[str, ...] = (), said: tuple[str, ...] = ()) -> tuple[plt.Figure, plt.Axes]:
    """A figure of the house's width with title, base, `lead` and footer in place, and axes of the given height (inches)."""
    inner = WIDTH - 2 * MARGIN
    title = wrapped(words.title(table, book, lang), 13, inner, "semibold")
    under = [line for text in (*base_lines(table, lang), *lead) for line in wrapped(text, 9, inner)]
    foot = [line for text in footer(table, lang, said) for line in wrapped(text, 7.5, inner)]
    head, feet = 0.33 + 0.25 * len(title) + 0.175 * len(under) + top, 0.3 + 0.143 * len(foot) + bottom
    fig = plt.figure(figsize=(WIDTH, head + height + feet))
    write(fig, title, fig.get_figheight() - 0.12, 13, 0.25, weight="semibold", color=INK)
    write(fig, under, fig.get_figheight() - 0.16 - 0.25 * len(title), 9, 0.175, color=GREY)
    write(fig, foot, feet - bottom - 0.17, 7.5, 0.143, color=GREY)
    rule = (feet - bottom - 0.12) / fig.get_figheight()
    fig.add_artist(plt.Line2D([MARGIN / WIDTH, 1 - MARGIN / WIDTH], [rule, rule], color=PALE, linewidth=0.8))
    return fig, fig.add_axes([left / WIDTH, feet / fig.get_figheight(), (WIDTH - left - right) / WIDTH, height / fig.get_figheight()])


def write(fig: plt.Figure, lines: list[str], top: float, size: float, pitch: float, **how) -> None:
    """Lines of text from the left margin, the first of them `top` inches above the lower edge."""
    for number, line in enumerate(lines):
        fig.text(MARGIN / WIDTH, (top - number * pitch) / fig.get_figheight(), line, size=size, va="top", **how)


def base_lines(table: pd.DataFrame, lang: str) -> list[str]:
    """What the counts are counts of; where years are counted, also what a change of them may be due to."""
    row, say = table.iloc[0], words.of(lang)
    units, by_year = words.unit(2, row.unit, lang), row.by.split(",")[0] == "year"
    if row.form == "dots":
        return [say["base_countries"].format(unit=units)]
    if not by_year:
        return [say["base"].format(base=words.counted(row.base, row.unit, lang))]
    total = table.assign(year=years_in(table)).drop_duplicates("year").base.sum()
    base = say["base_published"] if row.form == "printed_years" else say["base_years"]
    return [base.format(unit=units, n=words.count(total, lang)), say["effort"]]


def years_in(table: pd.DataFrame) -> pd.Series:
    """The year of each row of a table by year."""
    return table.codes.str.split(",").str[0]


def footer(table: pd.DataFrame, lang: str, said: tuple[str, ...] = ()) -> list[str]:
    """Two paragraphs: what the numbers do and do not say; source, note and level."""
    say = words.of(lang)
    notes = dict.fromkeys(part for note in table.note for part in note.split("; "))
    source = say["source"].format(source="; ".join(filter(None, [*table.source.unique(), *notes])))
    mark = [say["draft"].format(mark=UNREVIEWED[lang]) + "."] if lang in UNREVIEWED else []
    level = say["level"].format(level=say["levels"][table.level.iloc[0]])
    return [" ".join((*said, say["counts_only"])), " ".join([f"{source}.", f"{level}.", *mark])]


@cache
def width(text: str, size: float, weight: str = "normal") -> float:
    """How wide a text is in the figure's own font, in inches; several lines are as wide as the longest."""
    font = font_manager.FontProperties(family=matplotlib.rcParams["font.family"], weight=weight, size=size)
    return max(text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] for line in text.split("\n")) / 72


def wrapped(text: str, size: float, inches: float, weight: str = "normal") -> list[str]:
    """The text as lines no wider than so many inches; they break after a space, a hyphen or a slash, and words stay whole."""
    lines, used = [""], 0.0
    for piece in re.split("(?<=[ /-])", text):
        if lines[-1] and used + width(piece.rstrip(), size, weight) > inches:
            lines, used = [*lines, ""], 0.0
        lines[-1] += piece
        used += width(piece, size, weight)
    return [line.rstrip() for line in lines]


def folded(labels, size: float = 9.5, inches: float = LABELS) -> list[str]:
    """Labels of rows or columns, long ones in several lines."""
    return ["\n".join(line for part in label.split("\n") for line in wrapped(part, size, inches)) for label in labels]


def beside(labels: list[str]) -> float:
    """Where the axes begin, in inches, so that the longest label beside them begins under the title."""
    return MARGIN + max(width(label, 9.5, "semibold") for label in labels) + 0.08


def stacked(labels: list[str]) -> tuple[np.ndarray, float]:
    """Where the rows of labels stand, in inches below the top (negative), and their height; many rows stand closer."""
    pitch = 0.27 if len(labels) < 25 else 0.21
    high = np.array([max(pitch, 0.03 + 0.175 * (1 + label.count("\n"))) for label in labels])
    return high / 2 - np.cumsum(high), float(high.sum())


def sunk(labels: list[str]) -> np.ndarray:
    """How far below the middle of its row the last baseline of each label lies, in inches."""
    return np.array([SINK + 0.0875 * label.count("\n") for label in labels])


def label_rows(ax: plt.Axes, y, labels: list[str]) -> None:
    """Labels to the left of axes whose unit is the inch, in line with the rows, and no frame."""
    ax.set_yticks(y - sunk(labels), labels, va="baseline", linespacing=1.0)
    ax.set_xticks([])
    ax.spines[["left", "bottom"]].set_visible(False)


def label_of(codes: pd.Series, variable: str, book: Codebook, lang: str) -> pd.Series:
    """The labels of codes; those of a combination are joined by +."""
    return codes.map({code: " + ".join(book.label(variable, one, lang) for one in code.split("+")) for code in codes.unique()})


def labelled(table: pd.DataFrame, book: Codebook, lang: str, position: int = 0) -> pd.DataFrame:
    """The table with `code`, `label`, and `unknown` (whether the code is one of the unknown kinds) of one variable."""
    variable = table.by.iloc[0].split(",")[position]
    code = table.codes.str.split(",").str[position]
    return table.assign(code=code, label=label_of(code, variable, book, lang), unknown=code.isin(book.unknown(variable)))


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Cells that occur, largest first, unknown kinds last; ties keep the codebook's order."""
    return table[table.n > 0].sort_values(["unknown", "n"], ascending=[True, False], kind="stable", ignore_index=True)


def blank(table: pd.DataFrame, book: Codebook, lang: str, text: str = "") -> plt.Figure:
    """A figure of nothing: the frame, and in it why nothing is drawn (no records, unless told otherwise)."""
    fig, ax = frame(table, book, lang, height=0.4, left=MARGIN)
    ax.axis("off")
    ax.text(0, 0.5, text or words.of(lang)["nothing_recorded"], va="center")
    return fig


def bars(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Sorted bars with count, share and interval; unknown kinds are set off, codes that nobody recorded named below."""
    table = labelled(table, book, lang)
    shown = ordered(table)
    labels, texts = folded(shown.label), numbers(shown, lang)
    y, height = stacked(labels)
    y, height = y - 0.12 * shown.unknown, height + 0.12 * shown.unknown.any()
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22, said=tuple(bars_say(table, lang)))
    ax.set(xlim=(0, top_of(shown)), ylim=(-height, 0))
    ax.barh(y, shown.n, 0.17, color=np.where(shown.unknown, "white", BAR), edgecolor=np.where(shown.unknown, GREY, BAR), linewidth=0.8)
    ax.hlines(y, shown.low * shown.base, shown.high * shown.base, color=INK, linewidth=1.1)
    label_rows(ax, y, labels)
    ax.spines.left.set_visible(True)
    columns(ax, y, texts)
    return fig


def bars_say(table: pd.DataFrame, lang: str) -> list[str]:
    """What has to be said below sorted bars."""
    say = words.of(lang)
    none = [words.first_lower(label) for label in table.label[(table.n == 0) & ~table.unknown]]
    return ([say["none"].format(labels=words.joined(none, lang))] if none else []) + [say["interval_short"]] + (
        [say["unknown_in_base"]] if table.n[table.unknown].sum() else []) + ([say["overlap"]] if overlaps(table) else [])


def overlaps(table: pd.DataFrame) -> bool:
    """Whether the cells count some record more than once."""
    return table.n.sum() > table.base.iloc[0]


def top_of(shown: pd.DataFrame) -> float:
    """Where the axis of counts ends: past the longest interval, not past the base."""
    return min(max((shown.high * shown.base).max(), 1) * 1.02, shown.base.max() * 1.02)


def numbers(shown: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Count, share and interval of each row as texts under their headings; the count with its base where each row has its own."""
    say, own = words.of(lang), shown.form.iloc[0] in OWN_BASE
    counts = [words.share_of(row.n, row.base, lang) if own else words.count(row.n, lang) for row in shown.itertuples()]
    return pd.DataFrame({column_of(shown, lang): counts, say["share"]: [words.percent(share, lang) for share in shown.share],
                         say["interval"]: [words.interval(low, high, lang) for low, high in zip(shown.low, shown.high)]})


def column_of(table: pd.DataFrame, lang: str) -> str:
    """The heading over counts: their unit; a unit that has no heading yet stands there by its own name."""
    unit = table.unit.iloc[0]
    return words.of(lang)["column"].get(unit, unit)


def edges(texts: pd.DataFrame) -> np.ndarray:
    """Where columns of texts end, in inches to the right of the axes."""
    return np.cumsum([0.26 + max(width(text, 9, "semibold") for text in (head, *texts[head])) for head in texts])


def right_of(texts: pd.DataFrame) -> float:
    """The room that columns of texts take to the right of the axes, in inches."""
    return edges(texts)[-1] + MARGIN


def columns(ax: plt.Axes, y, texts: pd.DataFrame, bold=None) -> None:
    """Columns of numbers to the right of the axes, right-aligned, in line with the rows; the first is bold, and the rows of `bold`."""
    inches, across = ax.get_position().width * WIDTH, ax.get_yaxis_transform()
    for column, (edge, head) in enumerate(zip(edges(texts), texts)):
        ax.text(1 + edge / inches, ax.get_ylim()[1] + 0.04, head, transform=across, ha="right", va="bottom", size=8, color=GREY)
        for row, (at, text) in enumerate(zip(y, texts[head])):
            weight = "semibold" if (column == 0 if bold is None else bold[row]) else "normal"
            ax.text(1 + edge / inches, at - SINK, text, transform=across, ha="right", va="baseline", size=9, weight=weight)


def years(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """One bar a year: all records, and in it those with the code; a year without records says so."""
    variable, code = (pair.split(",")[1] for pair in (table.by.iloc[0], table.codes.iloc[0]))
    say, x = words.of(lang), np.arange(len(table))
    total = say["years_total"].format(unit=words.unit(2, table.unit.iloc[0], lang))
    turn = 90 if len(x) > 12 else 0  # many years are written upright
    right = WIDTH - MARGIN - len(x) * min(0.97, (WIDTH - 2 * MARGIN) / len(x))
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


def printed_years(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """One bar a year of counts that somebody else printed, each with its number, in the order of the years."""
    labels = list(years_in(table))
    texts = pd.DataFrame({column_of(table, lang): [words.count(n, lang) for n in table.n]})
    y, height = stacked(labels)
    fig, ax = frame(table, book, lang, height, beside(labels), right_of(texts), top=0.22)
    ax.set(xlim=(0, table.n.max()), ylim=(-height, 0))
    ax.barh(y, table.n, 0.17, color=STRONG)
    label_rows(ax, y, labels)
    columns(ax, y, texts)
    return fig


def dots(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """One dot a country with its interval, sorted by share; the country of the report is filled and bold."""
    table, say = labelled(table, book, lang), words.of(lang)
    shown = table[table.base > 0].sort_values("share", ascending=False, kind="stable", ignore_index=True)
    labels, texts, without = folded(shown.label), numbers(shown, lang), list(table.label[table.base == 0])
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


def together(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Set plot of the records with several codes: a column for each exact combination, a row for each code that takes part."""
    variable, say = table.by.iloc[0], words.of(lang)
    several = combined(table, book.of(variable))
    if several.empty:
        return blank(table, book, lang, say["none_together"])
    shown = several.head(MOST_COMBINATIONS)
    rows = members(table, several, shown, book.of(variable))
    labels = folded(label_of(rows.code, variable, book, lang))
    texts = pd.DataFrame({say["with_others"]: [words.count(n, lang) for n in rows.together],
                          say["alone"]: [words.count(n, lang) for n in rows.alone]})
    y, height = stacked(labels)
    base, unit = table[["base", "unit"]].iloc[0]
    lead = say["several"].format(share=words.share_of(several.n.sum(), base, lang), unit=words.unit(base, unit, lang))
    right = max(right_of(texts), WIDTH - beside(labels) - 0.55 * len(shown))
    said = tuple(together_say(table, rows, several, book, lang))
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


def together_say(table: pd.DataFrame, rows: pd.DataFrame, several: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """What a set plot leaves out: rarer combinations, and the codes that stand in none of those shown."""
    say, variable = words.of(lang), table.by.iloc[0]
    rest = several[MOST_COMBINATIONS:]
    alone = table[~table.codes.str.contains("+", regex=False) & ~table.codes.isin(rows.code) & (table.n > 0)]
    labels = label_of(alone.codes, variable, book, lang)
    names = [f"{words.first_lower(label)} ({words.count(n, lang)})" for label, n in zip(labels, alone.n)]
    return ([say["rest"].format(n=len(rest), most=words.counted(rest.n.max(), rest.unit.iloc[0], lang))] if len(rest) else []) + (
        [say["only_alone"].format(labels=words.joined(names, lang))] if names else [])


def heat(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """Heat map of one variable by another, its numbers written in; what nobody recorded is left out, and years run across."""
    import seaborn  # brings half of scipy along, two seconds that only this figure needs

    by_year = table.by.iloc[0].startswith("year,")
    down, across = (labelled(table, book, lang, position) for position in ((1, 0) if by_year else (0, 1)))
    rows, over = sums(down), years_over(table, lang) if by_year else sums(across)
    labels = folded(rows.label)
    room, least = WIDTH - beside(labels) - MARGIN, max(NARROWEST, width(words.count(table.n.max(), lang), 9))
    shown = fitting(over, room, least, by_year)
    grid = table.assign(row=down.code, column=across.code).pivot(index="row", columns="column", values="n").loc[rows.code, shown.code]
    texts = grid.map(lambda n: words.count(n, lang) if n else "")
    over_labels, lean, cell = headed(list(shown.label), room)
    high = max(0.27 if len(rows) < 25 else 0.21, *(0.03 + 0.175 * (1 + label.count("\n")) for label in labels))
    top = max(0.1 + width(label, 8.5) * SLANT if lean else 0.16 * (1 + label.count("\n")) for label in over_labels)
    fig, ax = frame(table, book, lang, high * len(rows), beside(labels), WIDTH - beside(labels) - cell * len(shown), top=top,
                    said=tuple(heat_say(over, shown, lang)))
    size = min(9, 9 * 0.85 * cell / max(width(text, 9) for text in texts.to_numpy().ravel()))
    seaborn.heatmap(grid, ax=ax, cmap=SCALE, vmin=0, annot=texts, fmt="", cbar=False, linewidths=1.2, linecolor="white",
                    annot_kws={"size": size, "color": INK}, mask=np.tile(shown.empty_year.to_numpy(), (len(rows), 1)))
    plt.setp([text for text in ax.texts if grid.iat[int(text.get_position()[1]), int(text.get_position()[0])] > 0.6 * grid.max().max()],
             color="white")
    ax.set(xlabel="", ylabel="")
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(len(shown)) + 0.5, over_labels, fontsize=8.5, linespacing=1.0, rotation=45 if lean else 0,
                  ha="left" if lean else "center", rotation_mode="anchor")
    ax.set_yticks(np.arange(len(rows)) + 0.5 + sunk(labels) / high, labels, rotation=0, va="baseline", linespacing=1.0)
    return fig


def sums(side: pd.DataFrame) -> pd.DataFrame:
    """The codes of one side of a cross that occur, most frequent first, unknown kinds last: code, label, n, empty_year (never)."""
    return ordered(side.groupby(["code", "label", "unknown"], sort=False, as_index=False).n.sum()).assign(empty_year=False)


def years_over(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The years of a heat map in order, each with its base in the label: code, label, empty_year (whether it has no records)."""
    say, found = words.of(lang), table.assign(code=years_in(table)).drop_duplicates("code", ignore_index=True)
    under = [say["year_base"].format(base=words.count(base, lang)) if base else say["no_records"].replace(" ", "\n") for base in found.base]
    return found.assign(label=found.code + "\n" + under, empty_year=found.base == 0)


def fitting(over: pd.DataFrame, room: float, least: float, by_year: bool) -> pd.DataFrame:
    """The columns that fit when each is at least so wide (inches): the most frequent, or the latest years."""
    for number in range(len(over), 1, -1):
        shown = over.tail(number) if by_year else over.head(number)
        if headed(list(shown.label), room)[2] >= least:
            return shown
    return over.tail(1) if by_year else over.head(1)


def headed(labels: list[str], room: float) -> tuple[list[str], bool, float]:
    """The labels over the columns of a heat map, whether they have to lean, and how wide (inches) a column can then be."""
    cell = min(room / len(labels), 0.95)
    flat = folded(labels, 8.5, cell - 0.08)
    if max(width(label, 8.5) for label in flat) < cell - 0.04 and max(label.count("\n") for label in flat) < 3:
        return flat, False, cell
    flat = [label.replace("\n", " ") for label in labels]
    ends = [width(label, 8.5) * SLANT + 0.1 for label in flat]
    cell = (room - max(ends)) / len(flat)
    past = max(end - cell * (len(flat) - at - 0.5) for at, end in enumerate(ends))
    return flat, True, min((room - max(past, 0)) / len(flat), 0.62)


def heat_say(over: pd.DataFrame, shown: pd.DataFrame, lang: str) -> list[str]:
    """What has to be said below a heat map."""
    say, rest = words.of(lang), over[~over.code.isin(shown.code)]
    names = words.joined([words.first_lower(label).replace("\n", " ") for label in rest.label], lang)
    return [say["empty_cells"], say["overlap"]] + ([say["columns_left_out"].format(labels=names)] if len(rest) else [])


FORMS = {"bars": bars, "years": years, "printed_years": printed_years, "dots": dots, "together": together, "heat": heat}


def numbers_of(safe: Safe, name: str, book: Codebook, lang: str = "en") -> pd.DataFrame:
    """The numbers of a table as its CSV holds them: codes and labels of each variable, then the counts."""
    table = safe.table(name)
    for at, variable in enumerate(table.by.iloc[0].split(",") if table.by.iloc[0] else []):
        codes = table.codes.str.split(",").str[at]
        table[variable if variable not in table else f"{variable}_2"] = codes
        table[f"{variable}_label" if f"{variable}_label" not in table else f"{variable}_2_label"] = label_of(codes, variable, book, lang)
    head = [c for c in table if c not in safe.results]
    return table[["id", *head, "unit", "n", "base", "base_rule", "share", "value", "low", "high", "method", "no_value", "period",
                  "source", "level", "note"]]


def description(safe: Safe, name: str, book: Codebook, lang: str = "en") -> str:
    """Title, base, period, source and every number of a figure in words, for who cannot see it."""
    table, say = safe.table(name), words.of(lang)
    lines = [f"{words.title(table, book, lang)}.", *(line if line.endswith(".") else f"{line}." for line in base_lines(table, lang))]
    shown = table[(table.n > 0) | table.form.isin(OWN_BASE)]
    labels = [label_of(shown.codes.str.split(",").str[at], variable, book, lang) for at, variable in enumerate(table.by.iloc[0].split(","))]
    lines += [f"{', '.join(said)}: {in_words(row, lang)}." for row, *said in zip(shown.itertuples(), *labels)]
    rest = [say["others_zero"]] if len(shown) < len(table) else []
    return "\n".join([*lines, *rest, *footer(table, lang)]) + "\n"


def in_words(row, lang: str) -> str:
    """One number in words: with its base, share and interval where it has them."""
    if row.base == 0:
        return words.of(lang)["no_records"]
    number = words.count(row.n, lang) if np.isnan(row.base) else words.share_of(row.n, row.base, lang)
    return number if np.isnan(row.low) else f"{number} ({words.percent(row.share, lang)}; {words.interval(row.low, row.high, lang)})"


def publish(safe: Safe, folder: Path, book: Codebook, lang: str = "en") -> list[str]:
    """Draw every table that has a form into `folder`: NAME.lang.svg, .lang.png, .lang.txt and NAME.csv; returns the names."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in safe.tables if safe.table(name).form.iloc[0] in FORMS]
    for name in names:
        fig, title = draw(safe, name, book, lang), words.title(safe.table(name), book, lang)
        fig.savefig(folder / f"{name}.{lang}.svg", metadata=dict.fromkeys(["Date", "Creator", "Format", "Type"]) | {"Title": title})
        fig.savefig(folder / f"{name}.{lang}.png", metadata={"Software": None, "Title": title})
        plt.close(fig)
        (folder / f"{name}.{lang}.txt").write_text(description(safe, name, book, lang), encoding="utf-8")
        numbers_of(safe, name, book, lang).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    return names
