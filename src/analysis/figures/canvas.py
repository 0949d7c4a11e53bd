"""What all figures share: the house's fonts and colours, the frame with title, base and source, and labels in line with their rows."""

import re
from functools import cache

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.textpath import text_to_path

from analysis.codebook import Codebook
from analysis.ledger import HIDDEN
from analysis.wording import words

for font in sorted((words.TEMPLATES / "fonts").glob("*.ttf")):
    font_manager.fontManager.addfont(font)
STYLE = words.TEMPLATES / "figure.mplstyle"
plt.style.use(STYLE)

MARGIN = 0.15  # inches
SINK = 0.04  # inches from the middle of a letter down to its baseline, by which alone all words of a row stand level
LABELS = 2.2  # inches that the labels beside a figure may take before they go on in a second line
PITCH = {10: 0.27, 24: 0.23, np.inf: 0.21}  # up to so many rows of one line -> inches of each
AROUND = 2.0  # inches that title, base and footer take, about
INK, STRONG, BAR, PALE, GREY = "#1d2b33", "#2f7f92", "#86b8c4", "#dde4e7", "#56666f"
OWN_BASE = ("years", "dots", "changes", "alike", "tiles", "by_country", "by_country_year")  # each row has a base of its own


def page_width() -> float:
    """How wide a figure is, in inches: 180 mm, the text width of an A4 page, unless it is drawn for a slide (see figure.slide)."""
    return matplotlib.rcParams["figure.figsize"][0]


def room() -> float:
    """How high all rows of a figure may be together, in inches: without a limit on a page, but a slide has an end."""
    return matplotlib.rcParams["figure.figsize"][1] - AROUND


def frame(table: pd.DataFrame, book: Codebook, lang: str, height: float, left: float, right: float = MARGIN, top: float = 0.0,
          bottom: float = 0.0, lead: tuple[str, ...] = (), said: tuple[str, ...] = ()) -> tuple[plt.Figure, plt.Axes]:
    """A figure of the house's width with title, base, `lead` and footer in place, and axes of the given height (inches)."""
    inner = page_width() - 2 * MARGIN
    title = wrapped(words.title(table, book, lang), 13, inner, "semibold")
    under = [line for text in (*base_lines(table, lang), *lead) for line in wrapped(text, 9, inner)]
    foot = [line for text in footer(table, lang, said) for line in wrapped(text, 8.5, inner)]
    head, feet = 0.33 + 0.25 * len(title) + 0.175 * len(under) + top, 0.3 + 0.158 * len(foot) + bottom
    fig = plt.figure(figsize=(page_width(), head + height + feet))
    write(fig, title, fig.get_figheight() - 0.12, 13, 0.25, weight="semibold", color=INK)
    write(fig, under, fig.get_figheight() - 0.16 - 0.25 * len(title), 9, 0.175, color=GREY)
    write(fig, foot, feet - bottom - 0.17, 8.5, 0.158, color=GREY)
    rule = (feet - bottom - 0.12) / fig.get_figheight()
    fig.add_artist(plt.Line2D([MARGIN / page_width(), 1 - MARGIN / page_width()], [rule, rule], color=PALE, linewidth=0.8))
    across, up = page_width(), fig.get_figheight()
    return fig, fig.add_axes([left / across, feet / up, (across - left - right) / across, height / up])


def write(fig: plt.Figure, lines: list[str], top: float, size: float, pitch: float, **how) -> None:
    """Lines of text from the left margin, the first of them `top` inches above the lower edge."""
    for number, line in enumerate(lines):
        fig.text(MARGIN / page_width(), (top - number * pitch) / fig.get_figheight(), line, size=size, va="top", **how)


def base_lines(table: pd.DataFrame, lang: str) -> list[str]:
    """What the counts are counts of; where years are counted, also what a change of them may be due to."""
    row, say = table.iloc[0], words.of(lang)
    units, by_year = words.units(row.unit, lang), row.by.split(",")[0] == "year"
    if row.form == "by_country_year":
        return [say["base_countries_years"].format(unit=units), say["effort"]]
    if row.form in ("dots", "by_country") or row.form == "tiles" and "," in row.by:
        return [say["base_regions" if row.by.startswith("region,") else "base_countries"].format(unit=units)]
    if row.form == "series":
        return [words.of(lang)["series"]["base"]]
    if row.form == "money":
        return [say["base_published"].format(unit=units)]
    if row.form == "pairs":
        return [say["pairs"]["base"].format(unit=units)]
    if not by_year:
        others = table[table.base_rule != row.base_rule]  # what is not known is no part of a base of those who answered
        more = [say["base_unknown"].format(base=words.counted(others.base.iloc[0], row.unit, lang))] if len(others) else []
        return [say["base"].format(base=words.base(row.base, row.unit, row.base_rule, lang)), *more]
    if row.form == "rates":
        return [say["base_published"].format(unit=units)]
    total = table.assign(year=years_in(table)).drop_duplicates("year").base.sum()
    base = say["base_published"] if row.form in ("printed_years", "yearly", "change", "alike") else say["base_years"]
    return [base.format(unit=units, n=words.count(total, lang)), say["effort"]]


def years_in(table: pd.DataFrame) -> pd.Series:
    """The year of each row of a table by year."""
    return table.codes.str.split(",").str[0]


def footer(table: pd.DataFrame, lang: str, said: tuple[str, ...] = ()) -> list[str]:
    """Two paragraphs: what the numbers do and do not say; source, note and level."""
    say, row = words.of(lang), table.iloc[0]
    notes = dict.fromkeys(part for note in table.note for part in note.split("; "))
    source = say["source"].format(source="; ".join(filter(None, [*table.source.unique(), *notes])))
    level = say["level"].format(level=say["levels"][table.level.iloc[0]])
    differ = [say["countries"]["differ"]] if row.by.startswith("country,") and row.form != "tiles" else []  # a map says so of its shades
    return [" ".join((*said, *differ, say["counts_only"])), " ".join([f"{source}.", f"{level}.", *filter(None, [say["draft"]])])]


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
    high = row_heights(labels)
    return high / 2 - np.cumsum(high), float(high.sum())


def row_heights(labels: list[str]) -> np.ndarray:
    """How high the row of each label is, in inches."""
    least = next(high for rows, high in PITCH.items() if len(labels) <= rows)
    return np.array([max(least, 0.03 + 0.175 * (1 + label.count("\n"))) for label in labels])


def that_fit(shown: pd.DataFrame) -> np.ndarray:
    """Which rows have room on the page, True or False: the first, and always those of unknown kinds; `shown` has label and unknown."""
    high, unknown = row_heights(folded(shown.label)), shown.unknown.to_numpy()
    return unknown | (np.cumsum(np.where(unknown, 0, high)) <= room() - high[unknown].sum())


def first_that_fit(labels: list[str]) -> int:
    """How many rows of labels, counted from the first, have room on the page; one at least."""
    return max(1, int((np.cumsum(row_heights(labels)) <= room()).sum()))


def no_room(labels, lang: str) -> list[str]:
    """What is said of the rows for which there is no room, by their labels."""
    names = words.joined([words.first_lower(label) for label in labels], lang)
    return [words.of(lang)["years"]["left_out"].format(labels=names)] if names else []


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
    return codes.map({code: " + ".join(words.label(variable, one, book, lang) for one in code.split("+")) for code in codes.unique()})


def labelled(table: pd.DataFrame, book: Codebook, lang: str, position: int = 0) -> pd.DataFrame:
    """The table with `code`, `label`, and `unknown` (whether the code is one of the unknown kinds) of one variable."""
    variable = table.by.iloc[0].split(",")[position]
    code = table.codes.str.split(",").str[position]
    return table.assign(code=code, label=label_of(code, variable, book, lang), unknown=code.isin(book.unknown(variable)))


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Cells that occur, largest first, unknown kinds last; ties keep the codebook's order, and so do those that are protected, after
    the others."""
    shown = table[(table.n > 0) | (table.get("no_value", "") == HIDDEN)]
    return shown.sort_values(["unknown", "n"], ascending=[True, False], kind="stable", ignore_index=True)


def blank(table: pd.DataFrame, book: Codebook, lang: str, text: str = "") -> plt.Figure:
    """A figure of nothing: the frame, and in it why nothing is drawn (no records, unless told otherwise)."""
    fig, ax = frame(table, book, lang, height=0.4, left=MARGIN)
    ax.axis("off")
    ax.text(0, 0.5, text or words.of(lang)["nothing_recorded"], va="center")
    return fig


def protected(table: pd.DataFrame, lang: str) -> list[str]:
    """What is said below a figure in which numbers are protected."""
    return [words.of(lang)["protected"]] if (table.no_value == HIDDEN).any() else []


def overlaps(table: pd.DataFrame) -> bool:
    """Whether the cells count some record more than once."""
    return table.n[table.base_rule == table.base_rule.iloc[0]].sum() > table.base.iloc[0]


def numbers(shown: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Count, share and interval of each row as texts under their headings; the count with its base where each row has its own."""
    say, own = words.of(lang), shown.form.iloc[0] in OWN_BASE
    counts = [say["no_value"][HIDDEN] if row.no_value == HIDDEN else
              words.share_of(row.n, row.base, lang) if own else words.count(row.n, lang) for row in shown.itertuples()]
    unsaid = shown.share.isna() & (shown.base > 0)  # protected, or of a base too small for a percentage
    shares = ["" if no else words.percent(share, lang) for no, share in zip(unsaid, shown.share)]
    sure = ["" if no else words.interval(low, high, lang) for no, low, high in zip(unsaid, shown.low, shown.high)]
    return pd.DataFrame({column_of(shown, lang): counts, say["share"]: shares, say["interval"]: sure})


def column_of(table: pd.DataFrame, lang: str) -> str:
    """The heading over counts: their unit; a unit that has no heading yet stands there by its own name."""
    unit = table.unit.iloc[0]
    return words.of(lang)["column"].get(unit, unit)


def edges(texts: pd.DataFrame) -> np.ndarray:
    """Where columns of texts end, in inches to the right of the axes."""
    return np.cumsum([0.26 + max(width(text, 9, "semibold") for text in (head, *texts[head])) for head in texts])


def key(ax: plt.Axes, up: float, parts: dict[str, dict]) -> None:
    """What each filling stands for, text -> how it is drawn, in one line `up` inches over axes whose unit is the inch, from the margin."""
    inch, x, top = ax.get_position().width * page_width(), MARGIN - ax.get_position().x0 * page_width(), ax.get_ylim()[1] + up
    for text, how in parts.items():
        ax.add_patch(plt.Rectangle((x / inch, top - 0.055), 0.15 / inch, 0.11, transform=ax.get_yaxis_transform(), clip_on=False,
                                   edgecolor=GREY, linewidth=0.6, **how))
        ax.text((x + 0.21) / inch, top - SINK, text, transform=ax.get_yaxis_transform(), size=8.5, va="baseline")
        x += 0.21 + width(text, 8.5) + 0.2


def right_of(texts: pd.DataFrame) -> float:
    """The room that columns of texts take to the right of the axes, in inches."""
    return edges(texts)[-1] + MARGIN


def columns(ax: plt.Axes, y, texts: pd.DataFrame, bold=None) -> None:
    """Columns of numbers to the right of the axes, right-aligned, in line with the rows; the first is bold, and the rows of `bold`."""
    inches, across = ax.get_position().width * page_width(), ax.get_yaxis_transform()
    for column, (edge, head) in enumerate(zip(edges(texts), texts)):
        ax.text(1 + edge / inches, ax.get_ylim()[1] + 0.04, head, transform=across, ha="right", va="bottom", size=8.5, color=GREY)
        for row, (at, text) in enumerate(zip(y, texts[head])):
            weight = "semibold" if (column == 0 if bold is None else bold[row]) else "normal"
            ax.text(1 + edge / inches, at - SINK, text, transform=across, ha="right", va="baseline", size=9, weight=weight)
