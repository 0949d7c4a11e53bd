"""Safe results -> the workbook that goes with a report: a sheet for each table, a contents sheet and notes."""

import textwrap
from datetime import datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

from analysis import source
from analysis.codebook import Codebook
from analysis.protect import Safe
from analysis.wording import languages, words

# What a reader may type into a cell of ours stays text, and the file is the same each time it is made.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MADE = datetime(2000, 1, 1)
LONGEST = 31  # characters in the name of a sheet
NARROWEST, WIDEST = 12, 56  # characters
LINE = 15.5  # points
WIDTHS = (34, 58, 20, 14, 70)  # characters, of the columns of the contents
CHARTS = {**dict.fromkeys(("bars", "mentions", "sums"), "bar"), **dict.fromkeys(("years", "yearly", "printed_years"), "line")}
"""Form of a table -> the chart of the spreadsheet program that stands beside it."""
INK, STRONG, BAR, GREY = "#1d2b33", "#2f7f92", "#86b8c4", "#56666f"  # those of figures.canvas, which would bring matplotlib along


def publish(safe: Safe, out: Path, book: Codebook, *langs: str) -> list[str]:
    """Write tables.xlsx into `out`, in the first language, and tables.LANG.xlsx in each other; returns the names of the files.

    Each has contents, notes, and one sheet for each table of results, whose name is the same in all of them. Numbers stand in the cells
    unrounded (shares from 0 to 1, shown as percent); nothing is a formula, nothing is hidden.
    """
    if not isinstance(safe, Safe):
        raise TypeError("Tables are made from Safe results only; see protect.publication.")
    files = ["tables.xlsx", *(f"tables.{lang}.xlsx" for lang in langs[1:])]
    for file, lang in zip(files, langs):
        workbook(safe, Path(out) / file, book, lang)
    return files


def workbook(safe: Safe, file: Path, book: Codebook, lang: str) -> None:
    """As `publish`, in one language."""
    names = sheet_names(safe.tables)
    with xlsxwriter.Workbook(str(file), OPTIONS) as made:
        made.set_properties({"created": MADE, "title": words.of(lang)["tables"]["contents"]})
        styles = formats(made)
        contents(made, styles, safe, names, book, lang)
        for name in safe.tables:
            sheet(made, styles, languages.table(safe.table(name), book, lang), names[name], book, lang)
        notes(made, styles, safe, book, lang)


def sheet_names(tables: list[str]) -> dict[str, str]:
    """Table -> a sheet name of at most 31 characters that no other table has."""
    names = {}
    for table in tables:
        name, number = table[:LONGEST], 2
        while name.casefold() in {taken.casefold() for taken in names.values()}:
            name, number = f"{table[:LONGEST - len(str(number)) - 1]}~{number}", number + 1
        names[table] = name
    return names


def formats(made: xlsxwriter.Workbook) -> dict:
    """The styles of the workbook by name."""
    top, wrap = {"valign": "top"}, {"text_wrap": True, "valign": "top"}
    head = {"bold": True, "bottom": 1, "bg_color": "#e9eff1", **wrap}
    kinds = {"title": {"bold": True, "font_size": 14, "font_color": "#1d2b33"}, "plain": {"font_color": "#5f6f78"},
             "strong": {"bold": True},
             "text": {"indent": 1, **wrap}, "head": {"indent": 1, **head}, "head_of_numbers": {"align": "right", **head},
             "share": {"num_format": "0%", **top}, "count": {"num_format": "#,##0", **top}, "value": {"num_format": "0.00", **top},
             "p": {"num_format": "0.0000", **top},
             "any": {"num_format": "General", **top}, "link": {"font_color": "#0f5c6e", "underline": 1, **top}}
    return {name: made.add_format({"font_name": "Calibri", "font_size": 11, **kind}) for name, kind in kinds.items()}


def contents(made, styles, safe: Safe, names: dict[str, str], book: Codebook, lang: str) -> None:
    """The first sheet: a line for each table with a link to its sheet, its title, unit, base and source."""
    say, page = words.of(lang)["tables"], made.add_worksheet(words.of(lang)["tables"]["contents"])
    page.write_string(0, 0, say["contents"], styles["title"])
    page.write_row(2, 0, [say[head] for head in ("table", "about", "unit", "base", "source")], styles["head"])
    for at, table in enumerate(safe.tables, 3):
        rows = languages.table(safe.table(table), book, lang)
        row = rows.iloc[0]
        page.write_url(at, 0, f"internal:'{names[table]}'!A1", styles["link"], names[table])
        texts = [words.title(rows, book, lang), words.units(row.unit, lang), base_of(rows, lang), row.source]
        for column, text in enumerate(texts, 1):
            page.write_string(at, column, text, styles["text"])
        page.set_row(at, LINE * max(map(lines_of, texts, WIDTHS[1:])))
    page.write_url(len(names) + 3, 0, f"internal:'{say['notes']}'!A1", styles["link"], say["notes"])
    for column, width in enumerate(WIDTHS):
        page.set_column(column, column, width)
    printed(page, 2)


def base_of(table: pd.DataFrame, lang: str) -> str:
    """The base that all numbers of a table share; nothing where each has its own or none."""
    bases = table.base.dropna().unique()
    return words.count(bases[0], lang) if len(bases) == 1 else ""


def printed(page, head: int) -> None:
    """How a sheet scrolls and prints: its head stays in sight and on every page, its width fits the paper."""
    page.freeze_panes(head + 1, 0)
    page.repeat_rows(head)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.hide_gridlines(2)
    page.set_footer("&C&P / &N")


def sheet(made, styles, table: pd.DataFrame, name: str, book: Codebook, lang: str) -> None:
    """One table of results: title, what it counts, whether its numbers may be added, then a line a number."""
    page, shown = made.add_worksheet(name), columns(table, book, lang)
    for at, (text, style) in enumerate(heading(table, book, lang)):
        page.write_string(at, 0, text, styles[style])
    top = len(heading(table, book, lang))
    for at, (head, kind, cells) in enumerate(shown):
        page.write_string(top, at, head, styles["head" if kind == "text" else "head_of_numbers"])
        page.set_column(at, at, width(kind, cells))
        for row, cell in enumerate(cells, top + 1):
            write(page, row, at, cell, kind_of(table, row - top - 1, kind), styles)
    page.set_row(top, LINE * max(2, *(lines_of(head, width(kind, cells)) for head, kind, cells in shown)))
    for row in range(len(table)):
        page.set_row(top + 1 + row, LINE * max(lines_of(cells[row], width(kind, cells)) for _, kind, cells in shown))
    drawn(made, page, table, shown, top, book, lang)
    printed(page, top)


def drawn(made, page, table: pd.DataFrame, shown: list[tuple[str, str, list]], top: int, book: Codebook, lang: str) -> None:
    """A native chart beside the numbers, from their cells: bars of one variable, lines of years; a cell without a number is a gap."""
    kind = CHARTS.get(table.form.iloc[0])
    if kind is None or not (table.n > 0).any():
        return
    title, heads, last = words.title(table, book, lang), [head for head, _, _ in shown], top + len(table)
    chart = made.add_chart({"type": kind})
    for name in ("base", "n") if table.form.iloc[0] == "years" else ("n",):
        at = heads.index(words.of(lang)["tables"][name])
        chart.add_series({"name": [page.name, top, at], "categories": [page.name, top + 1, 0, last, 0],
                          "values": [page.name, top + 1, at, last, at], **looks(kind, name, table, book)})
    chart.set_title({"name": title, "overlay": False, "name_font": {"size": 11, "color": INK}})
    chart.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
    chart.set_y_axis({"major_gridlines": {"visible": False}, "num_format": "#,##0", "min": 0} if kind == "line" else {"reverse": True})
    chart.set_x_axis({"major_gridlines": {"visible": False}, **({} if kind == "line" else {"visible": False, "min": 0})})
    chart.show_blanks_as("gap")
    chart.set_size({"width": 480, "height": 260 if kind == "line" else 110 + 22 * len(table)})
    page.set_column(len(shown), len(shown), 2)
    page.insert_chart(top, len(shown) + 1, chart, {"description": f"{title}. {words.of(lang)['counts_only']}", "object_position": 3})


def looks(kind: str, name: str, table: pd.DataFrame, book: Codebook) -> dict:
    """How a series is drawn: unknown kinds white, the base of years pale beside their count."""
    where = {"position": "below" if name == "n" and table.form.iloc[0] == "years" else "above"} if kind == "line" else {}
    labels = {"data_labels": {"value": True, "num_format": "#,##0", **where}}
    if kind == "line":
        colour = STRONG if name == "n" else GREY
        return labels | {"line": {"color": colour, "width": 2 if name == "n" else 1}, "marker": {
            "type": "circle", "size": 6, "fill": {"color": colour}, "border": {"color": colour}}}
    white = {"fill": {"color": "white"}, "border": {"color": GREY}}
    unknown = table.codes.isin(book.unknown(table.by.iloc[0]))
    return labels | {"fill": {"color": BAR}, "gap": 60, "points": [white if one else None for one in unknown]}


def kind_of(table: pd.DataFrame, row: int, kind: str) -> str:
    """How a cell is shown: as its column, but the ratios among the differences of a comparison of years with decimals."""
    return "value" if kind == "share" and table.form.iloc[row] == "changes" and table.method.iloc[row] == "exact" else kind


def width(kind: str, cells: list) -> int:
    """How wide a column is, in characters: as its longest text, within bounds."""
    return max(NARROWEST, min(WIDEST, 2 + max(len(cell) for cell in cells))) if kind == "text" else NARROWEST


def lines_of(cell, wide: int) -> int:
    """How many lines a cell takes at a width; programs other than Excel do not find out by themselves."""
    return len(textwrap.wrap(cell, wide - 2)) if isinstance(cell, str) and len(cell) > wide - 2 else 1


def write(page, row: int, at: int, cell, kind: str, styles: dict) -> None:
    """A number as a number, a text as a text, and nothing where there is nothing."""
    if isinstance(cell, str):
        page.write_string(row, at, cell, styles["text"])
    elif pd.notna(cell) and abs(cell) != float("inf"):
        page.write_number(row, at, cell, styles[kind])


def heading(table: pd.DataFrame, book: Codebook, lang: str) -> list[tuple[str, str]]:
    """The lines above the numbers, each with its style: title, unit with base and period, source, and what must be known."""
    row, say = table.iloc[0], words.of(lang)
    facts = {"unit": words.units(row.unit, lang), "base": base_of(table, lang), "period": words.period(row.period, lang)}
    counted = "; ".join(f"{say['tables'][fact]}: {text}" for fact, text in facts.items() if text)
    lines = [counted, say["source"].format(source=row.source), *notes_of(table), *filter(None, [say["draft"]]),
             *([say["overlap"]] if overlaps(table, book) else []), say["counts_only"]]
    return [(words.title(table, book, lang), "title"), *((line, "plain") for line in lines), ("", "plain")]


def notes_of(table: pd.DataFrame) -> list[str]:
    """The notes of a table when all its numbers share one; others stand in their lines."""
    return [note for note in table.note.unique() if note] if table.note.nunique() == 1 else []


def overlaps(table: pd.DataFrame, book: Codebook) -> bool:
    """Whether one record can stand in several lines: a variable with several values, not counted by exact combination."""
    several = book.variables.several.reindex(table.by.iloc[0].split(",")).eq("yes").any()
    return bool(several) and table.form.iloc[0] not in ("together", "mentions")


def columns(table: pd.DataFrame, book: Codebook, lang: str) -> list[tuple[str, str, list]]:
    """Head, kind and cells of each column that a table of results has anything in; kinds name widths and styles."""
    say, texts = words.of(lang), words.of(lang)["tables"]
    marks = [say["no_value"].get(mark) or say["report"]["verdicts"].get(mark, mark) for mark in table.no_value]
    kinds = {"n": "count", "base": "count", "share": "share", **dict.fromkeys(("value", "low", "high"), scale(table)), "p": "p",
             "p_holm": "p"}
    numbers = [(texts[name], kind, list(table[name])) for name, kind in kinds.items()]
    rest = [(texts["method"], "text", [say["methods"].get(m, m) for m in table.method]), (texts["text"], "text", list(table.text)),
            (texts["no_value"], "text", marks), *([] if notes_of(table) else [(texts["note"], "text", list(table.note))]),
            (texts["id"], "text", list(table.id))]
    return [column for column in [*coded(table, book, lang), *numbers, *rest] if any(pd.notna(cell) and cell != "" for cell in column[2])]


def scale(table: pd.DataFrame) -> str:
    """How values and ends of intervals are shown: ratios with decimals, claims as they are, all else as percent."""
    scales = {"change": "value", "rates": "value", "claims": "any", "register": "any", "printed_countries": "any",
              "money": "value", "agreement": "value",
              "series_order": "any", "ranks": "count", "independence": "value"}
    return scales.get(table.form.iloc[0], "share")


def coded(table: pd.DataFrame, book: Codebook, lang: str) -> list[tuple[str, str, list]]:
    """Two columns for each variable of a table: what readers call it, and its code; one where the two are the same."""
    found = []
    for at, variable in enumerate(table.by.iloc[0].split(",") if table.by.iloc[0] else []):
        codes = [codes.split(",")[at] for codes in table.codes]
        said = {code: " + ".join(words.label(variable, one, book, lang) for one in code.split("+")) for code in set(codes)}
        name, in_codes = words.named(variable, book, lang), words.of(lang)["tables"]["codebook"].lower()
        both = [(name[:1].upper() + name[1:], "text", [said[code] for code in codes]), (f"{name} ({in_codes})", "text", codes)]
        found += both[:1] if list(said) == list(said.values()) else both
    return found


def notes(made, styles, safe: Safe, book: Codebook, lang: str) -> None:
    """The last sheet: how the numbers were made, what each source cannot say, how open it is, and what the marks mean."""
    say, results = words.of(lang), languages.table(safe.results, book, lang)
    page = made.add_worksheet(say["tables"]["notes"])
    always = [say["counts_only"], say["overlap"], say["unknown_in_base"], *say["report"]["methods"]]
    lines = [(say["tables"]["notes"], "title"), *((text, "text") for text in always)]
    for file, rows in results.groupby("file", sort=False):
        lines += [("", "text"), (rows.source.iloc[0], "strong"), (say["level"].format(level=say["levels"][rows.level.iloc[0]]), "text"),
                  *((said, "text") for said in languages.limits(list(source.limits([file]).cannot_say), book, lang))]
    for at, (text, style) in enumerate(lines):
        page.write_string(at, 0, text, styles[style])
        page.set_row(at, LINE * (2 if style == "title" else lines_of(text, 110)))
    page.set_column(0, 0, 110)
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.hide_gridlines(2)
