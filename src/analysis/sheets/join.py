"""Rows that tell of one case, on one sheet or on linked ones -> one row a case."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.codebook import Codebook, fold
from analysis.problems import Problem
from analysis.read import Raw, plain
from analysis.sheets.cells import masks, words
from analysis.sheets.twice import repeats


def linked(raw: Raw, profile: dict) -> tuple[Raw, list[Problem]]:
    """The rows with the case code of each linked row that names its case by way of another sheet; and those that name none."""
    table, wrong = raw.table.copy(), []
    for sheet, name in raw.linked.items():
        through, mine = profile["linked"][name].get("through"), table.index[table.sheet == sheet]
        if through:
            keys = table[table.sheet.isin([s for s, n in raw.linked.items() if profile["linked"][n].get("key") == through])]
            case = {key: code for key, code in zip(keys[through].map(fold_cell), keys.case_id) if key}
            table.loc[mine, "case_id"] = table.loc[mine, through].map(fold_cell).map(case).fillna("")
        lost = mine[table.loc[mine, "case_id"].map(plain) == ""]
        wrong += raw.told("orphan_row", lost, through or "case_id")
    return replace(raw, table=table) if raw.linked else raw, wrong


def fold_cell(value) -> str:
    """A code of a cell as codes are compared."""
    return fold(plain(value))


def case_of(raw: Raw, profile: dict) -> pd.Series:
    """For each row the index of the first row of its case: itself, where a case is one row."""
    table, itself = raw.table, pd.Series(raw.table.index, raw.table.index)
    if "case_id" not in profile["columns"]:
        return itself
    if "linked" in profile or profile.get("case_rows") == "repeated":
        codes = table.case_id.map(fold_cell)
        return itself.where(codes == "", itself.groupby(codes).transform("first"))
    if profile.get("case_rows") == "continued":
        return itself.where(raw.text.case_id != "").groupby(table.sheet).ffill().fillna(itself).astype(int)
    merged = table.index[table["first"] != table.row]
    place = dict(zip(zip(table.sheet, table.row), itself)) if len(merged) else {}
    first = {i: place.get((table.at[i, "sheet"], table.at[i, "first"]), i) for i in merged}
    return itself.map(lambda i: first.get(i, i)) if first else itself


def same_codes(raw: Raw, case: pd.Series, book: Codebook) -> list[Problem]:
    """Cases without a code, with the code of another case, or with one that only look-alike letters tell from another's."""
    if "case_id" not in raw.table:
        return []
    text = raw.text.case_id[case == case.index]
    orphans = raw.table.sheet[text.index].isin(raw.linked)
    wrong = raw.told("orphan_row", text.index[orphans & (text != "")], "case_id")
    wrong += raw.told("missing_id", text.index[(text == "") & ~orphans], "case_id")
    text = text[(text != "") & ~orphans]
    code = dict(zip(text.index, map(fold, text.tolist())))
    same = {i: first for first, i in repeats(text.index, code.values())}
    alike = {i: first for first, i in repeats(text.index, map(book.skeleton, text.tolist())) if code[first] != code[i]}
    for rule, pairs in (("duplicate_id", same), ("lookalike_id", alike)):
        wrong += raw.told(rule, pairs, "case_id", lambda i, pairs=pairs: {"other": raw.other(pairs[i], i)})
    return wrong


def together(raw: Raw, table: pd.DataFrame, case: pd.Series, profile: dict, book: Codebook) -> tuple[pd.DataFrame, list[Problem]]:
    """One row a case: the codes of its rows united, its numbers, dates and texts those of the rows that have them.

    Rows of one case that contradict each other are a problem. A way of not knowing gives way to what another row knows.
    """
    if (case == case.index).all():
        return table, []
    made, wrong = table[case == case.index].copy(), []
    for column, how in profile["columns"].items():
        one, found = JOINED[how["kind"]](raw, table, case, column, book)
        made, wrong = made.assign(**one), wrong + found
    years = table.year.groupby(case).first()
    made = counted_rows(raw, case, made.assign(year=years), profile)
    return made.reset_index(drop=True), wrong


def united(raw: Raw, table: pd.DataFrame, case: pd.Series, column: str, book: Codebook) -> tuple[dict, list[Problem]]:
    """The masks of a case; rows that give different values to a variable that takes one contradict each other."""
    made = masks_together(table, case, column, book)
    if book.variables.at[column, "several"] == "yes":
        return made, []
    several = sum(mask.map(lambda bits: int(bits).bit_count()) for mask in made.values()) > 1
    return made, disagreeing(raw, case[case.isin(several.index[several]) & (raw.text[column] != "")], column)


def masks_together(table: pd.DataFrame, whose: pd.Series, column: str, book: Codebook) -> dict[str, pd.Series]:
    """The codes that the rows of each case (or of whatever `whose` names) have between them; a known one replaces those of not knowing."""
    names = words(column, len(book.of(column)))
    unknown = masks({"": list(book.unknown(column))}, pd.Series([""]), book.of(column))[0]
    made = {name: table[name].groupby(whose).agg(np.bitwise_or.reduce).astype(np.uint64) for name in names}
    known = sum((made[name] & ~bits != 0) for name, bits in zip(names, unknown)) > 0
    return {name: made[name].where(~known, made[name] & ~bits) for name, bits in zip(names, unknown)}


def first_known(raw: Raw, table: pd.DataFrame, case: pd.Series, column: str, book: Codebook) -> tuple[dict, list[Problem]]:
    """The number or text of the first row that has one; different numbers of one case contradict each other."""
    values = table[column].replace("", pd.NA)
    found = values.groupby(case).first()
    against = values.index[(values != case.map(found)).fillna(False)] if table[column].dtype == "Int64" else []
    return {column: found.fillna("") if table[column].dtype != "Int64" else found}, disagreeing(raw, case[against], column)


def closest(raw: Raw, table: pd.DataFrame, case: pd.Series, column: str, book: Codebook) -> tuple[dict, list[Problem]]:
    """The most exact date of a case; a date that does not hold it contradicts it."""
    mine = table[column].where(~raw.table.sheet.isin(raw.linked), "")  # an act has a day of its own: the case keeps that of its event
    mine = mine.where(mine.groupby(case).transform("max") != "", table[column])
    exact = mine.groupby(case).agg(lambda dates: max(dates, key=len))
    precision = exact.str.len().map({0: "none", 4: "year", 7: "month"}).fillna("day")
    against = [i for i, text in mine.items() if not exact[case[i]].startswith(text)]
    return {column: exact, f"{column}_precision": precision}, disagreeing(raw, case[against], column)


def code_itself(raw: Raw, table: pd.DataFrame, case: pd.Series, column: str, book: Codebook) -> tuple[dict, list[Problem]]:
    """The case code of the first row."""
    return {}, []


def disagreeing(raw: Raw, cases: pd.Series, column: str) -> list[Problem]:
    """The cells in which a further row of a case says something else than an earlier one."""
    pairs = {i: first for i, first in cases.items() if i != first}
    return raw.told("rows_disagree", pairs, column, lambda i: {"other": raw.other(pairs[i], i)})


def counted_rows(raw: Raw, case: pd.Series, made: pd.DataFrame, profile: dict) -> pd.DataFrame:
    """The cases with the number of linked rows where the profile counts them and the sheet of cases states no number."""
    for name, link in profile.get("linked", {}).items():
        mine = raw.table.sheet.map(raw.linked) == name
        if "number" in link and mine.any():
            each = raw.table[link["each"]].map(fold_cell) if "each" in link else pd.Series("", raw.table.index)
            each = each.where(each != "", raw.table.index.map("row {}".format))
            rows = pd.DataFrame({"case": case, "each": each})[mine].drop_duplicates().case.value_counts().reindex(made.index)
            made[link["number"]] = made[link["number"]].fillna(rows.astype("Int64"))
    return made


JOINED = {"coded": united, "number": first_known, "year": first_known, "date": closest, "id": code_itself, "text": first_known,
          "personal": first_known, "link": first_known}
