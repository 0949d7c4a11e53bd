"""Cells -> values: codes as masks, numbers, dates and case codes, each with what is wrong with it."""

import re
from collections.abc import Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.codebook import Codebook, fold
from analysis.problems import Problem, shape
from analysis.read import Raw
from analysis.sheets import dates

WORD = 64  # codes per mask column; a variable with more codes continues in `variable.1`, `variable.2`, ...
# How people part several values in one cell; tried where the profile's own way leaves a value that the codebook does not know.
USUAL = [";", ",", "/", "|", "\n", "•", "+", "&", " и ", " және ", " and "]
MOST_INSIDE = 8  # separators that one value itself holds at most
LISTED = re.compile(r"^\s*(?:\d{1,2}[.)]|[-–—•*·])\s*(?=\w)")  # what stands before each point of a list
LONGEST_SHOWN = 100  # signs of a value in a message
PERSONAL_NUMBER = r"\+?\d(?:[\s()-]{0,2}\d){9,14}"  # ten digits and more: a telephone, an identity number


def kinds_of(profile: dict, answers: dict, book: Codebook) -> dict[str, str]:
    """Folded spelling -> unknown kind: those of the codebook, of the profile, and what whoever knows has answered."""
    own = (profile.get("unknowns") or {}) | (answers.get("unknowns") or {})
    return book.kinds | {fold(spelling): kind for spelling, kind in own.items()}


def coded(raw: Raw, column: str, how: dict, book: Codebook, kinds: dict) -> tuple[pd.DataFrame, list[Problem]]:
    """The masks of a coded column, and a problem for each cell that cannot be coded."""
    values = raw.text[parts_of(raw, column)]
    by_kind = {kind: code for code, kind in book.unknown(column).items()}
    known = cache(lambda words: book.code(column, words) or by_kind.get(kinds.get(fold(words))))
    read = {value: codes_in(value, column, how.get("separator"), known, book) for part in values
            for value in dict.fromkeys(values[part].tolist())}
    rules = {value: reading.rules for value, reading in read.items() if reading.rules}
    said = lambda part, rule: lambda i: words_of(values.at[i, part], column, rule, read[values.at[i, part]], book)  # noqa: E731
    found = [one for part in values for rule, cells in by_rule(values[part], rules).items()
             for one in raw.told(rule, cells, part, said(part, rule))]
    whole = pd.Series(list(zip(*(values[part].tolist() for part in values))), values.index, dtype=object)
    codes = {parts: union([read[part].codes for part in parts]) for parts in dict.fromkeys(whole.tolist())}
    single = book.variables.at[column, "several"] == "no"
    wrong = {parts: [rule] for parts, some in codes.items() if (rule := fault(some, single, book.unknown(column)))}
    for rule, cells in by_rule(whole, wrong).items():
        found += raw.told(rule, cells, column, lambda i, cells=cells: {"count": len(set(codes[cells[i]]))})
    empty = [code for code, kind in book.unknown(column).items() if kind == "not_stated"]
    made = masks({parts: some or empty for parts, some in codes.items()}, whole, book.of(column))
    return pd.DataFrame(made, columns=words(column, len(book.of(column)))), found


def parts_of(raw: Raw, column: str) -> list[str]:
    """The columns of a sheet that hold one variable: `violation`, `violation#2` ..."""
    return [one for one in raw.table if one.partition("#")[0] == column]


def by_rule(values: pd.Series, rules: dict) -> dict[str, dict]:
    """Rule -> index -> value of the cells that break it; `rules` has those of each value that breaks any."""
    found: dict[str, dict] = {}
    for i, value in values.items() if rules else ():
        for rule in rules.get(value, ()):
            found.setdefault(rule, {})[i] = value
    return found


class Reading(NamedTuple):
    """The codes that a cell names, the pieces of it that name none, and the rules that the cell breaks or is noted under."""

    codes: list[str]
    strange: list[str]
    rules: list[str]


def union(parts: list[list[str]]) -> list[str]:
    """The codes of several cells, each once."""
    return list(dict.fromkeys(code for part in parts for code in part))


def codes_in(text: str, column: str, separator, known, book: Codebook) -> Reading:
    """What a cell says, separated as its profile says or, where every piece is then known, in any other usual way."""
    ways = [[separator] if isinstance(separator, str) else separator or [], *([one] for one in USUAL), USUAL]
    ways = dict.fromkeys(tuple(one for one in way if one in text) for way in ways)  # most cells hold none: one way is then all ways
    tries = (pieces(text, way, known) for way in ways)
    first = next(tries)
    named = first if all(map(known, first)) else next((found for found in tries if found and all(map(known, found))), first)
    codes, strange, rules = [], [], []
    for piece in named:
        code = known(piece) or book.look_alike(column, piece)
        rules += ["mixed_letters"] if code and not known(piece) else []
        (codes if code else strange).append(code or piece)
    unclear = [piece for piece in strange if fold(piece) in book.unclear]
    rules += (["ask_unknown"] if unclear else []) + (["unknown_code"] if len(strange) > len(unclear) else [])
    return Reading(codes, [piece for piece in strange if piece not in unclear] or unclear, rules)


def pieces(text: str, separators: Sequence[str], known) -> list[str]:
    """The values of a cell, in order; a value that holds a separator itself stays whole when it is known whole."""
    parts = re.split("(" + "|".join(map(re.escape, separators)) + ")", text) if separators else [text]
    found = []
    while parts:
        most = min(len(parts), 2 * MOST_INSIDE + 1)
        longest = next((n for n in range(most, 1, -2) if known("".join(parts[:n]))), 1)
        found.append("".join(parts[:longest]))
        parts = parts[longest + 1:]
    bare = [piece.strip() if known(piece) else LISTED.sub("", piece).strip() for piece in found]
    return [piece for piece in bare if fold(piece)]


def fault(codes: list[str], single: bool, unknown: dict) -> str | None:
    """The rule that the codes of a row break together, if any."""
    if single and len(set(codes)) > 1:
        return "several_values"
    return "contradictory_unknown" if len({code in unknown for code in codes}) > 1 else None


def words_of(text: str, column: str, rule: str, read: Reading, book: Codebook) -> dict:
    """What the problem of one coded cell says of it, with the nearest labels of the codebook."""
    near = book.nearest(column, read.strange[0]) if read.strange else ""
    if rule == "mixed_letters":
        lang = "ru" if re.search("[а-яё]", fold(text)) else "en"
        near = ", ".join(book.label(column, code, lang) for code in dict.fromkeys(read.codes))
    return {"value": "; ".join(read.strange)[:LONGEST_SHOWN], "nearest": near}


def words(variable: str, codes: int) -> list[str]:
    """The mask columns of a variable with this many codes."""
    return [variable, *(f"{variable}.{n}" for n in range(1, -(-codes // WORD)))]


def masks(read: dict[str, list[str]], values: pd.Series, codes: list[str]) -> np.ndarray:
    """Each value's codes as bits in codebook order, 64 to a column; shape (len(values), columns), unsigned."""
    order = {code: number for number, code in enumerate(codes)}
    width = len(words("", len(codes)))
    row_of = {value: number for number, value in enumerate(read)}
    bits = np.zeros((len(read), width), np.uint64)
    for value, found in read.items():
        for code in found:
            bits[row_of[value], order[code] // WORD] |= np.uint64(1 << (order[code] % WORD))
    return bits[np.fromiter(map(row_of.__getitem__, values.to_numpy(object)), np.intp, len(values))]


def number(raw: Raw, column: str, how: dict, book: Codebook, kinds: dict) -> tuple[pd.DataFrame, list[Problem]]:
    """Whole numbers; an empty cell and a way of not knowing are missing, anything else a problem."""
    if how["kind"] == "year":
        months = dates.months(book.folder)
        as_read = partial(dates.read_year, months=months, century=how.get("century"), looks=dates.look_alikes(months, book.alike))
    else:
        known = dates.number_words(book.folder)
        as_read = partial(dates.read_number, words=known, looks=dates.look_alikes(known, book.alike))
    values, wrong = measured(raw, column, as_read, book, kinds)
    return pd.DataFrame({column: pd.array([read[0] for read in values], "Int64")}), wrong


def date(raw: Raw, column: str, how: dict, book: Codebook, kinds: dict) -> tuple[pd.DataFrame, list[Problem]]:
    """ISO dates with their precision (day, month, year, or none for an empty cell); columns `date`, `date_precision`."""
    months = dates.months(book.folder)
    as_read = partial(dates.read_date, order=how.get("order", ""), century=how.get("century"), epoch=raw.epoch, months=months,
                      looks=dates.look_alikes(months, book.alike))
    values, wrong = measured(raw, column, as_read, book, kinds)
    made = {column: [read[0] or "" for read in values], f"{column}_precision": [read[1] for read in values]}
    return pd.DataFrame(made, dtype="str"), wrong


def measured(raw: Raw, column: str, as_read, book: Codebook, kinds: dict) -> tuple[list, list[Problem]]:
    """What `as_read` makes of each cell, its rule last; a way of not knowing is read as an empty cell."""
    text = raw.text[column]
    read = {value: as_read("" if fold(value) in kinds else value) for value in dict.fromkeys(text.tolist())}
    unclear = {value for value in read if fold(value) in book.unclear}  # 99 is a number, and may be a way of not knowing one
    rules = {value: [("ask_unknown" if found[-1] else "number_unclear") if value in unclear else found[-1]]
             for value, found in read.items() if found[-1] or value in unclear and found[0] is not None}
    said = lambda i: {"shape": shape(raw.table.at[i, column]), "nearest": read[text[i]][0],  # noqa: E731
                      "value": text[i] if text[i] in unclear else ""}
    wrong = [one for rule, cells in by_rule(text, rules).items() for one in raw.told(rule, cells, column, said)]
    return [read[value] for value in text.tolist()], wrong


def identifier(raw: Raw, column: str, how: dict, book: Codebook, kinds: dict) -> tuple[pd.DataFrame, list[Problem]]:
    """Case codes as text; a missing one, or one that could be a telephone or identity number, is a problem."""
    text = raw.text[column].astype("str")
    return text.to_frame("case_id"), raw.told("id_like_number", text.index[text.str.fullmatch(PERSONAL_NUMBER)], column)


def free_text(raw: Raw, column: str, how: dict, book: Codebook, kinds: dict) -> tuple[pd.DataFrame, list[Problem]]:
    """Text as it stands: it is never counted, and `deidentify` drops it."""
    return raw.text[[column]].astype("str"), []


READ_AS = {"coded": coded, "number": number, "year": number, "date": date, "id": identifier, "text": free_text, "personal": free_text,
           "link": free_text}
