"""Rows that say the same, or nearly the same, in one file or in two: the same event may have been entered twice."""

import pandas as pd

from analysis.codebook import Codebook, fold
from analysis.problems import Problem
from analysis.read import Raw
from analysis.sheets.cells import masks, words

TELLING = 30  # characters; a text as long as this is hardly the same for two events
ENOUGH = 4  # filled columns in which two rows agree, before it is said that they agree in all but one
SHARED = 3  # columns besides the date that two files have in common, before their rows are compared
FIRST = 4  # columns of a raw table before those of the profile


def repeats(index: pd.Index, keys) -> list[tuple]:
    """For each row whose key an earlier row has: that earlier row, the first one, and the row itself."""
    first: dict = {}
    return [(other, i) for i, key in zip(index.tolist(), keys) if (other := first.setdefault(key, i)) != i]


def rows_of(table: pd.DataFrame) -> zip:
    """The rows of a table as tuples."""
    return zip(*(table[column].tolist() for column in table))


def nearly(content: pd.DataFrame, dated: pd.Series, telling: list[str]) -> list[tuple]:
    """The pairs of rows that agree in all columns but one: the first of them, the later one, and that column.

    They must agree in ENOUGH filled columns, among them the day of the event (`dated` says where column `date` holds one) or
    a text of the columns `telling` that is hardly the same for two events.
    """
    long = {column: content[column].map(len) > TELLING for column in telling}
    storied = pd.DataFrame(long, content.index).any(axis=1)
    dated = dated & ("date" in content)
    # Without a text to tell them they are of one day: that alone keeps the rows few that have half of their columns in common.
    anchor = content.date.where(dated & ~storied, "") if "date" in content else ""
    near = pd.Series(False, content.index)
    for start in (0, 1):  # who differs in one column only has all of the even or all of the odd ones in common
        near |= content[content.columns[start::2]].assign(anchor=anchor).duplicated(keep=False)
    content, found = content[near], {}
    for column in content:
        told = pd.DataFrame({**long, "date": dated}, near.index).drop(columns=column, errors="ignore")[near].any(axis=1)
        rest = content.drop(columns=column)[told]
        rest = rest[(rest != "").sum(axis=1) >= ENOUGH]
        said = dict(zip(content.index, content[column].tolist()))
        found |= {(first, i): column for first, i in repeats(rest.index, rows_of(rest)) if said[first] != said[i]}
    return [(first, i, column) for (first, i), column in found.items()]


def repeated(raw: Raw, table: pd.DataFrame, case: pd.Series, profile: dict) -> list[Problem]:
    """Rows that say exactly the same, where the profile says that no two events do; and rows that say nearly the same.

    Where each has a code of its own they are only noted, and only if they agree on the day or on a text.
    """
    if profile["identical_rows"] == "count" or "linked" in profile:
        return []
    kinds = {c: profile["columns"][c.partition("#")[0]]["kind"] for c in raw.table.columns[FIRST:]}
    content = raw.text[[c for c, kind in kinds.items() if kind != "id"]]
    telling = [c for c, kind in kinds.items() if kind in ("text", "personal")]
    dated = table.date_precision == "day" if "date" in table else pd.Series(False, table.index)
    begins = raw.table["first"] == raw.table.row
    coded = "id" in kinds.values()
    told = (content[telling].map(len) > TELLING).any(axis=1) | dated
    same = content[told & begins] if coded else content
    codes = [*map(fold, table.case_id.tolist())] if "case_id" in table else table.index
    code, of = dict(zip(table.index, codes)), case.to_dict()
    apart = lambda one, other: of[one] != of[other] and code[one] != code[other]  # noqa: E731
    again = {i: first for first, i in repeats(same.index, rows_of(same)) if apart(first, i)}
    near = [one for one in nearly(content[told & begins], dated[told & begins], telling) if apart(*one[:2])]
    found = raw.told("identical_but_code" if coded else "identical_row", again, words=lambda i: {"other": raw.other(again[i], i)})
    return found + [problem for column in dict.fromkeys(one[2] for one in near) for problem in nearly_told(raw, near, column)]


def nearly_told(raw: Raw, near: list[tuple], column: str) -> list[Problem]:
    """The notes of those pairs of rows that only this column tells apart."""
    pairs = {i: first for first, i, one in near if one == column}
    return raw.told("nearly_identical", pairs, words=lambda i: {"other": raw.other(pairs[i], i), "columns": column.partition("#")[0]})


def in_both(first: pd.DataFrame, second: pd.DataFrame, book: Codebook) -> tuple[int, int]:
    """How many different cases of the second of two tables of cases stand in the first: the same, and the same but for one column.

    What both tables have anything to say of is compared. A case is known by its day or, where that is not known, by its case code.
    """
    shared = [v for v in book.variables.index if v in first and v in second]
    numbers = [c for c in first if c in second and first[c].dtype == "Int64" == second[c].dtype and c != "year"]
    tables = [comparable(one, shared, numbers, book) for one in (first, second)]
    said = [c for c in [*shared, *numbers] if all((one[c] != "").any() for one in tables)]
    if len(said) < SHARED:
        return 0, 0
    both = pd.concat([one[["date", "code", *said]].assign(file=at) for at, one in enumerate(tables)])
    both = both[(both.date != "") | (both.code != "")].drop_duplicates(ignore_index=True)
    content, later = both.drop(columns="file"), both.file == 1
    exact = {i for _, i in repeats(content.index, rows_of(content))}
    rest = content.drop(index=[*exact])
    near = {i for one, i, _ in nearly(rest, rest.date != "", []) if later[i] and not later[one]}
    return len(exact), len(near)


def comparable(cases: pd.DataFrame, variables: list[str], numbers: list[str], book: Codebook) -> pd.DataFrame:
    """What cases say, as text, empty where it is not known; `date` where the day is known, else `code` where that names the case."""
    day = cases.date_precision == "day" if "date" in cases else pd.Series(False, cases.index)
    named = ~day & ~cases.case_id.str.fullmatch(r"\d+|(.*:)?row \d+")
    made = {"date": cases.date.where(day, "") if "date" in cases else "", "code": cases.case_id.map(fold).where(named, "")}
    for variable in variables:
        columns = words(variable, len(book.of(variable)))
        unknown = masks({"": list(book.unknown(variable))}, pd.Series([""]), book.of(variable))[0]
        known = [cases[column] & ~bits for column, bits in zip(columns, unknown)]
        made[variable] = [" ".join(map(str, one)) if any(one) else "" for one in zip(*known)]
    made |= {column: cases[column].astype("string").fillna("") for column in numbers}
    return pd.DataFrame(made, cases.index, dtype=object)
