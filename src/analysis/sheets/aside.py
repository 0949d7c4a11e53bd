"""Rows that are no cases, set aside with their reason; and questions that only a person can answer."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.codebook import Codebook, fold
from analysis.problems import Problem, problem
from analysis.read import Raw, plain, recognised, ways
from analysis.sheets.cells import USUAL

PARTED = re.compile("|".join(map(re.escape, USUAL)))
EITHER = ("counted", "left_out")
MAY_ANSWER = dict.fromkeys(("struck_out", "hidden_rows", "filtered_rows", "hidden_sheet", "colours"), EITHER) | {
    "dates": ("day_month", "month_day")}  # and `unknowns`, by the codebook


def set_aside(raw: Raw, book: Codebook, columns: dict, answers: dict) -> tuple[Raw, pd.DataFrame, list[Problem]]:
    """The rows that can be cases; how many were set aside by sheet and reason; and what must be told or asked of them."""
    why = pd.Series("", raw.table.index)
    for _, rows in raw.table.groupby("sheet", sort=False):
        why[rows.index] = reasons(raw, rows, book, columns)
    coded = ", ".join(c for c, how in columns.items() if how["kind"] == "coded")
    notes = [one for rule in dict.fromkeys(why[why != ""])
             for one in raw.told(rule, why.index[why == rule], words=lambda _: {"columns": coded})]
    left, asked = answered(raw, why, answers)
    notes += asked + stale(raw, why.mask(left != "", left), columns) + misanswered(raw.file, answers, book)
    why = why.mask(left != "", left)
    aside = raw.table[["sheet"]].assign(what=why)[why != ""].groupby(["sheet", "what"], sort=False).size().rename("rows").reset_index()
    kept = replace(raw, table=raw.table[why == ""].reset_index(drop=True)) if len(aside) else raw
    return kept, aside, notes


def reasons(raw: Raw, rows: pd.DataFrame, book: Codebook, columns: dict) -> np.ndarray:
    """Why each row of one sheet is no case, or an empty text."""
    kind = {c: columns[c.partition("#")[0]]["kind"] for c in rows.columns[4:] if (rows.sheet.iloc[0], c) in raw.letters}
    coded = [c for c in kind if kind[c] == "coded"]
    text = raw.text.loc[rows.index, list(kind)]
    filled = text != ""
    told = [c for c in kind if kind[c] not in ("id", "link")]
    # Where sheets are linked, what is coded of a case may stand on another sheet.
    empty = ~filled[told if raw.linked else coded or told].any(axis=1) & (rows["first"] == rows.row)
    known = ways(book.profiles[raw.profile], book)
    # A row of headers holds them in their own columns and nothing else: a label alone may be spelled as its header is.
    its_header = lambda column, value: recognised([value], known, book).get(0) == column  # noqa: E731
    headers = holding_only(text[[*coded, *(c for c in kind if c not in coded)]], its_header) & ~empty
    tags = holding_only(text, lambda _, value: value.startswith("#")) & filled.any(axis=1)
    alone = lone_text(text, filled, coded, book)
    totals, heading = (rows["look"].str.contains(word) for word in ("total", "heading"))
    totals &= ~is_case(text[totals], kind, coded, book).reindex(rows.index, fill_value=False)
    rules = {"total_row": totals, "hxl_row": tags, "section_row": heading, "repeated_header": headers, "no_content": empty,
             "lone_text": alone}
    return np.select(list(rules.values()), list(rules), "")


def lone_text(text: pd.DataFrame, filled: pd.DataFrame, coded: list[str], book: Codebook) -> np.ndarray:
    """Where a row of a sheet of several columns has one filled cell, in a coded column, that the codebook does not know."""
    alone = (filled.sum(axis=1) == 1).to_numpy() & (len(text.columns) > 2)
    for column in coded:
        at = alone & filled[column].to_numpy()
        alone[at] = [not any(piece in book.unclear or piece in book.kinds or book.look_alike(column.partition("#")[0], piece)
                             for piece in map(fold, [value, *PARTED.split(value)])) for value in text.loc[at, column]]
    return alone


def is_case(text: pd.DataFrame, kind: dict[str, str], coded: list[str], book: Codebook) -> pd.Series:
    """Where a row has a case code and a code of the codebook: a story may begin with "in all", as a row of totals does."""
    named = text[[c for c in kind if kind[c] == "id"]].map(lambda value: value != "" and not book.totals.match(value)).any(axis=1)
    knows = lambda column: lambda value: any(book.code(column.partition("#")[0], one) for one in PARTED.split(value))  # noqa: E731
    return named & pd.DataFrame({c: text[c].map(knows(c)) for c in coded}, text.index).any(axis=1)


def misanswered(file, answers: dict, book: Codebook) -> list[Problem]:
    """The lines under `answers` of the source record that answer nothing, and so would be asked again for ever."""
    may = MAY_ANSWER | {"unknowns": tuple(dict.fromkeys(book.kinds.values()))}
    said = [(line, one) for line, given in answers.items() for one in (given.values() if isinstance(given, dict) else [given])]
    return [problem("answer_unclear", file, line=line, answer=one, known=", ".join(may.get(line, may))) for line, one in said
            if one not in may.get(line, ()) or isinstance(answers[line], dict) != (line in ("colours", "unknowns"))]


def answered(raw: Raw, why: pd.Series, answers: dict) -> tuple[pd.Series, list[Problem]]:
    """The reason for each row that the source record leaves out, and a question for what a person sees and nobody has explained."""
    left, asked = pd.Series("", raw.table.index), []
    looks = raw.table["look"].where(why == "", "")
    for look in sorted({one for text in looks.unique() for one in text.split("|") if one and not one.startswith("total")}):
        rows = raw.table[looks.str.split("|").map(lambda seen, look=look: look in seen)]
        rule, _, colour = look.partition(" ")
        # YAML takes a colour of digits alone, which nobody has put into quotes, for a number.
        answer = {str(one): said for one, said in (answers.get("colours") or {}).items()}.get(colour) if colour else answers.get(rule)
        if answer == "left_out":
            left[rows.index] = rule
        elif answer != "counted":
            asked += [problem(f"ask_{rule}", raw.file, sheet, f"A{some.row.iloc[0]}", rows=spans(some.row), count=len(some), colour=colour)
                      for sheet, some in rows.groupby("sheet", sort=False)]
    return left, asked


def spans(numbers) -> str:
    """Row numbers as a person writes them: 3, 7-9."""
    ordered = sorted(numbers)
    starts = [at for at, number in enumerate(ordered) if at == 0 or number != ordered[at - 1] + 1]
    runs = [ordered[start:end] for start, end in zip(starts, [*starts[1:], len(ordered)])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def stale(raw: Raw, why: pd.Series, columns: dict) -> list[Problem]:
    """Rows of totals that do not say what the rows above them, or those since the last total, come to."""
    words, numbers = {}, [c for c, how in columns.items() if how["kind"] == "number"]
    for _, rows in raw.table.groupby("sheet", sort=False) if (why == "total_row").any() else ():
        counted, totals = why[rows.index] == "", why[rows.index] == "total_row"
        above, since = (sums(rows, counted, part, numbers) for part in (0 * totals, totals.cumsum() - totals))
        for i in rows.index[totals]:
            said = {int(one) for look in rows.at[i, "look"].split("|") if look.startswith("total") for one in look.split()[1:]}
            if wrong := said - {*above.loc[i].tolist(), *since.loc[i].tolist()}:
                words[i] = {"count": since.at[i, "row"], "stated": ", ".join(map(hashed, sorted(wrong)))}
    return raw.told("stale_total", words, words=words.get)


def sums(rows: pd.DataFrame, counted: pd.Series, part: pd.Series, numbers: list[str]) -> pd.DataFrame:
    """What the counted rows of each part of a sheet come to, down to each row: rows, cases, and the numbers of each column."""
    first = ~pd.DataFrame({"first": rows["first"].where(counted), "part": part}).duplicated()
    each = {"row": counted, "cases": counted & first, **{column: rows[column].map(whole).where(counted, 0) for column in numbers}}
    return pd.DataFrame(each).astype("int64").groupby(part).cumsum()


def hashed(number: int) -> str:
    """A number as a message says it; one as long as a telephone's may be one, and is told by its length alone."""
    return str(number) if number < 10 ** 6 else "#" * len(str(number))


def whole(value) -> int:
    """The number of a cell that is a whole one, of at most nine digits as everywhere; 0 for any other cell."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text := plain(value)) else 0


def holding_only(text: pd.DataFrame, wanted) -> np.ndarray:
    """Where each filled cell of a row is `wanted` (called with its column and its text)."""
    rows = text.index
    for column in text:
        values = text[column]
        text = text[values.isin([value for value in values.unique() if value == "" or wanted(column, value)])]
    return rows.isin(text.index)
