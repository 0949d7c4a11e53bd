"""How a notebook shows tables whole, and figures with the numbers they draw."""

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

from analysis import figure, protect
from analysis.codebook import Codebook
from analysis.figures import canvas
from analysis.published import money, register
from analysis.statistics import agreement
from analysis.wording import languages, sentences, words, year_sentences

WHOLE = {"register": register.shown, "printed_countries": register.shown, "money": money.shown}
"""Forms that are shown and said row by row, whatever their rows hold."""
ZEROS = ("reached", "series", "agreement", "changes", "change", "alike")  # forms of which a 0, or no number, says something
MORE = {**dict.fromkeys(("changes", "change", "alike"), lambda rows: {"measure": year_sentences.measures(rows)}),
        "series": lambda rows: {"as printed": rows.text},
        "reached": lambda rows: {"of all": rows.text}, "agreement": lambda rows: dict(agreement.given(rows))}
"""Forms with columns of their own between the labels and the numbers."""


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
    tables = [one for one in tables if public(one) or in_the_office(one, lang)]
    if not tables:
        return
    safe = protect.publication(pd.concat(tables, ignore_index=True))
    for name in safe.tables:
        if safe.table(name).form.iloc[0] in figure.FORMS:
            fig = figure.draw(safe, name, book, lang)
            display(fig)
            plt.close(fig)
        table(numbers(safe, name, book, lang))


def said(table: pd.DataFrame, book: Codebook, lang: str = "en") -> None:
    """Show each result of a table that counts anything as a sentence, in the table's order; a sentence that repeats stands once."""
    if table.empty:
        print(words.of(lang)["nothing"])
        return
    if not public(table):
        in_the_office(table, lang)
        return
    safe = languages.table(protect.publication(table).results, book, lang)
    shown = safe[(safe.n > 0) & safe.no_value.ne("not_used") | safe.value.notna() | safe.form.isin(WHOLE) | tells(safe)]
    for sentence in dict.fromkeys(sentences.of(row, book, lang) for row in shown.itertuples(index=False)):
        print(sentence)


def public(table: pd.DataFrame) -> bool:
    """Whether all of these results are of sources whose publisher prints them row by row."""
    return bool((table.level == "public").all())


def in_the_office(rows: pd.DataFrame, lang: str) -> None:
    """Show the numbers of a confidential source as they are, in the notebook that stays in the office; drawn and said is what is safe."""
    print(words.of(lang)["office"])
    table(rows[["id", "n", "base", "share", "value", "low", "high"]].round(3).dropna(axis="columns", how="all"))


def tells(table: pd.DataFrame) -> pd.Series:
    """Which rows say something though they count nothing; that neither of two codings used a code is said under their figure."""
    return table.form.isin(ZEROS) & (table.no_value != "not_used")


def numbers(safe: protect.Safe, name: str, book: Codebook, lang: str = "en") -> pd.DataFrame:
    """The numbers of a table as a notebook shows them: a cross as a cross, others with labels, counts, share and interval."""
    found, form = figure.numbers_of(safe, name, book, lang), safe.table(name).form.iloc[0]
    if form in WHOLE:
        return WHOLE[form](languages.table(safe.table(name), book, lang), lang)
    if form == "timeline":
        return by_year(found)
    found = found[found.n.ne(0) & found.no_value.ne("not_used") | safe.table(name).form.isin(canvas.OWN_BASE) | tells(safe.table(name))]
    labels = [column for column in found if column.endswith("_label")]
    if form == "heat":
        return crossed(found, *labels)
    if form == "independence":
        return found[["base", "value", "method"]].round(2).assign(df=safe.table(name).text, p=safe.table(name).p.round(4))
    earlier = MORE[form](safe.table(name).loc[found.index]) if form in MORE else {}
    kept = found.assign(**earlier)[[*labels, *earlier, "n", "base", "share", "value", "low", "high"]]
    return kept.rename(columns=lambda c: c.removesuffix("_label")).round(3).dropna(axis="columns", how="all")


def crossed(found: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """A cross of two variables: a row for each label of the first that occurs, a column for each of the second."""
    order = [list(dict.fromkeys(found[column])) for column in (first, second)]
    wide = found.pivot(index=first, columns=second, values="n").reindex(index=order[0], columns=order[1]).fillna(0)
    return wide.rename_axis(index=first.removesuffix("_label"), columns=None)


def by_year(found: pd.DataFrame) -> pd.DataFrame:
    """A timeline with a row for each year and a column for each month or quarter; nothing where a year has no records."""
    year, part = (column for column in found if column.endswith("_label") and column != "precision_label")
    wide = found.groupby([year, part], sort=False).n.sum(min_count=1).unstack()
    return wide[list(dict.fromkeys(found[part]))].rename_axis(index="year", columns=None)
