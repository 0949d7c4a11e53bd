"""The rates of exchange that printed conversions imply, beside the average of the year."""

import matplotlib.pyplot as plt
import pandas as pd

from analysis.codebook import Codebook
from analysis.figures.canvas import GREY, INK, MARGIN, beside, blank, columns, folded, frame, label_rows, right_of, stacked
from analysis.wording import words


def money(table: pd.DataFrame, book: Codebook, lang: str) -> plt.Figure:
    """A line from the least to the greatest rate that each printed sum implies, and that fits all of them; a rule at the average."""
    say, shown = words.of(lang)["money"], table[table.value.notna() | table.n.isna()].reset_index(drop=True)
    if shown.low.notna().sum() == 0:
        return blank(table, book, lang, say["nothing"])
    labels = folded([say["as_printed"].format(text=row.text, printed=words.count(row.value, lang)) if row.value == row.value else row.text
                     for row in shown.itertuples()])
    rates = [words.of(lang)["to"].format(low=words.decimal(row.low, 1, lang), high=words.decimal(row.high, 1, lang))
             if row.low == row.low else say["none_short"] for row in shown.itertuples()]
    texts = pd.DataFrame({say["rates"]: rates})
    y, height = stacked(labels)
    fig, ax = frame(table, book, lang, height, beside(labels), max(right_of(texts), MARGIN), top=0.22, bottom=0.3, said=(say["how"],))
    ax.hlines(y, shown.low, shown.high, color=INK, linewidth=3)
    label_rows(ax, y, labels)
    averages = sorted({average(row) for row in shown.itertuples() if row.value == row.value})
    ends = [*shown.low.dropna(), *shown.high.dropna(), *averages]
    room = (max(ends) - min(ends)) * 0.06
    ax.set(xlim=(min(ends) - room, max(ends) + room), ylim=(-height, 0))
    ax.set_xticks(averages, [say["average"].format(rate=words.decimal(one, 1, lang)) for one in averages])
    ax.vlines(averages, -height, 0, color=GREY, linewidth=1, linestyle=(0, (3, 2)))
    columns(ax, y, texts)
    return fig


def average(row) -> float:
    """The average rate at which a sum was converted: the sum, which `low` gives back (see money.implied), over its dollars."""
    return round(row.low * (row.value + 0.5) / row.n, 6)
