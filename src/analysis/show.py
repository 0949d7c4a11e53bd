"""How a notebook shows tables whole, and figures with the numbers they draw."""

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

from analysis import canvas, figure, protect, sentences, words
from analysis.codebook import Codebook


def table(shown: pd.DataFrame) -> None:
    """Show a table whole: every row and every word; a number without needless zeros, nothing where there is no value."""
    text, named = shown.map(written), shown.index.name is not None
    whole = {"text/html": text.to_html(index=named, border=0, justify="left"), "text/plain": text.to_string(index=named)}
    display(whole, raw=True)


def written(value) -> str:
    """A cell as a notebook shows it."""
    if pd.isna(value):
        return ""
    return f"{value:.10g}" if isinstance(value, (int, float)) else str(value)


def results(tables: list[pd.DataFrame], book: Codebook, lang: str = "en") -> None:
    """Show the figure of each table of results, and under it the numbers it draws."""
    tables = [one for one in tables if len(one)]
    if not tables:
        print(words.of(lang)["nothing"])
        return
    safe = protect.publication(pd.concat(tables, ignore_index=True))
    for name in safe.tables:
        if safe.table(name).form.iloc[0] in figure.FORMS:
            fig = figure.draw(safe, name, book, lang)
            display(fig)
            plt.close(fig)
        table(numbers(safe, name, book, lang))


def said(table: pd.DataFrame, book: Codebook, lang: str = "en") -> None:
    """Show each result of a table that counts anything as a sentence, in the table's order."""
    safe = protect.publication(table).results
    for row in safe[(safe.n > 0) | safe.value.notna()].itertuples(index=False):
        print(sentences.of(row, book, lang))


def numbers(safe: protect.Safe, name: str, book: Codebook, lang: str = "en") -> pd.DataFrame:
    """The numbers of a table as a notebook shows them: a cross as a cross, others with labels, counts, share and interval."""
    found, form = figure.numbers_of(safe, name, book, lang), safe.table(name).form.iloc[0]
    found = found[(found.n != 0) | safe.table(name).form.isin(canvas.OWN_BASE)]
    labels = [column for column in found if column.endswith("_label")]
    if form == "heat":
        return crossed(found, *labels)
    earlier = {"earlier": safe.table(name).text[found.index]} if form == "changes" else {}
    kept = found.assign(**earlier)[[*labels, *earlier, "n", "base", "share", "value", "low", "high"]]
    return kept.rename(columns=lambda c: c.removesuffix("_label")).round(3).dropna(axis="columns", how="all")


def crossed(found: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """A cross of two variables: a row for each label of the first that occurs, a column for each of the second."""
    order = [list(dict.fromkeys(found[column])) for column in (first, second)]
    wide = found.pivot(index=first, columns=second, values="n").reindex(index=order[0], columns=order[1]).fillna(0)
    return wide.rename_axis(index=first.removesuffix("_label"), columns=None)
