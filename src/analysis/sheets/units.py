"""Rows of linked sheets -> a table for each unit: one row an act, victim or perpetrator, with its own codes and those of its case."""

import numpy as np
import pandas as pd

from analysis.codebook import Codebook
from analysis.problems import Problem, problem
from analysis.read import Raw
from analysis.sheets.cells import masks, words
from analysis.sheets.join import fold_cell, masks_together


def tables(raw: Raw, rows: pd.DataFrame, cases: pd.DataFrame, case: pd.Series, profile: dict, book: Codebook) -> dict[str, pd.DataFrame]:
    """Unit -> its table, for every linked sheet that the file has; no column of them says who somebody is.

    `rows` are the rows with their masks, `cases` the cases made of them, and `case` leads from a row to the first row of its
    case. A table has `case_id`, `unit`, `sheet`, `row`, `year`, the dates and all masks, and a number such as `victims_n`:
    1 in the row of each different key of a case. A case that states more than it lists has one more row for the others, with
    their number or, where it states none and lists none, with no number; what is recorded of each one is not stated there.
    A variable is taken from the nearest sheet that keys lead to, otherwise from the case; `attrs["of_case"]` names those that
    another linked sheet records without saying of which unit, so that they hold for the whole case only.
    """
    present = set(raw.linked.values())
    return {name: table(name, raw, rows, cases, case, profile, book) for name in profile.get("linked", {}) if name in present}


def table(name: str, raw: Raw, rows: pd.DataFrame, cases: pd.DataFrame, case: pd.Series, profile: dict, book: Codebook) -> pd.DataFrame:
    """As `tables`, for one unit."""
    unit = unit_of(name, raw, case, profile)
    pairs = reached(unit, name, raw, case, profile)
    units = pd.Index(unit.unique())
    first = pd.Series(range(len(cases)), case.index[case == case.index])  # the first row of a case -> where it stands in cases
    at, (rest, more) = first[case[units]].to_numpy(), others(first[case[units]], cases, profile["linked"][name].get("number"))
    whole = np.concatenate([at, rest])
    made = cases.iloc[whole][["case_id", *(c for c in cases if c in kept(profile))]].reset_index(drop=True).assign(unit=name)
    for column in ("sheet", "row"):
        made[column] = [*rows[column][units], *cases[column].iloc[rest]]
    made[f"{name}_n"] = pd.array([*[1] * len(at), *more], dtype="Int64")
    of_case = []
    for variable in coded(profile):
        sheet = next((one for one in pairs if recorded(variable, one, raw)), None)
        of_case += [variable] if not sheet and any(recorded(variable, one, raw) for one in set(raw.linked.values())) else []
        own = own_masks(rows, pairs[sheet], units, len(rest), variable, book) if sheet else cases.iloc[whole]
        made = made.assign(**{word: own[word].to_numpy(np.uint64) for word in words(variable, len(book.of(variable)))})
    made.attrs["of_case"] = of_case
    return made


def kept(profile: dict) -> list[str]:
    """The columns of a case that a unit has of it besides its codes: where it stands in time."""
    return ["year", *(f"{c}{more}" for c, how in profile["columns"].items() if how["kind"] == "date" for more in ("", "_precision"))]


def coded(profile: dict) -> list[str]:
    """The coded columns of a profile."""
    return [column for column, how in profile["columns"].items() if how["kind"] == "coded"]


def unit_of(name: str, raw: Raw, case: pd.Series, profile: dict) -> pd.Series:
    """For each row of a unit's sheets the first row of its case with the same key; a row without a key is a unit of its own."""
    mine = raw.table.index[raw.table.sheet.map(raw.linked) == name]
    keys, column = pd.Series("", mine), key_of(name, profile)
    if column:
        keys = raw.table[column][mine].map(fold_cell)
    itself = pd.Series(mine, mine)
    return itself.where(keys == "", itself.groupby([case[mine], keys]).transform("first"))


def key_of(name: str, profile: dict) -> str | None:
    """The column whose different values are the units of a linked sheet, if it has one."""
    link = profile["linked"][name]
    return link.get("each", link.get("key"))


def reached(unit: pd.Series, name: str, raw: Raw, case: pd.Series, profile: dict) -> dict[str, pd.DataFrame]:
    """Linked sheet -> which of its rows belong to which unit (columns unit, at), nearest first: along the keys that sheets share."""
    sheet, found = raw.table.sheet.map(raw.linked), {name: pd.DataFrame({"unit": unit, "at": unit.index})}
    todo = [name]
    for here in todo:
        for there in dict.fromkeys(raw.linked.values()):
            column = next((c for c in (key_of(there, profile), key_of(here, profile)) if c and there not in found and
                           all((raw.table[c][sheet == one].map(fold_cell) != "").any() for one in (here, there))), None)
            if column:
                said = pd.DataFrame({"case": case, "key": raw.table[column].map(fold_cell)})
                theirs = said[(sheet == there) & (said.key != "")].rename_axis("at").reset_index()
                mine = found[here].join(said, on="at")[["unit", "case", "key"]]
                found[there] = mine.merge(theirs, on=["case", "key"])[["unit", "at"]].drop_duplicates()
                todo.append(there)
    return found


def recorded(variable: str, name: str, raw: Raw) -> bool:
    """Whether a sheet of this name has a column of the variable."""
    return any(linked == name and (sheet, variable) in raw.letters for sheet, linked in raw.linked.items())


def own_masks(rows: pd.DataFrame, pairs: pd.DataFrame, units: pd.Index, more: int, variable: str, book: Codebook) -> pd.DataFrame:
    """The codes that the rows of each unit name; not stated for units without such rows, and for `more` units that no row lists."""
    theirs = rows.loc[pairs["at"]].reset_index(drop=True)
    made = pd.DataFrame(masks_together(theirs, pairs.unit.reset_index(drop=True), variable, book)).reindex(units)
    empty = [code for code, kind in book.unknown(variable).items() if kind == "not_stated"]
    unsaid = dict(zip(made, masks({"": empty}, pd.Series([""]), book.of(variable))[0]))
    made = pd.DataFrame({word: made[word].where(made[word].notna(), bits).astype(object) for word, bits in unsaid.items()})
    return pd.concat([made, pd.DataFrame({word: [bits] * more for word, bits in unsaid.items()})], ignore_index=True)


def others(listed: pd.Series, cases: pd.DataFrame, number: str | None) -> tuple[np.ndarray, list]:
    """The cases that state more units than they list, or none at all (as positions), and how many more; NA where nobody says."""
    lists = listed.value_counts().reindex(range(len(cases)), fill_value=0).astype("Int64")
    states = cases[number].reset_index(drop=True).astype("Int64") if number in cases else lists.where(lists > 0)
    more = (states - lists).where(states.notna(), lists.where(lists > 0) * 0)
    rest = more.index[((more > 0) | more.isna()).to_numpy(bool)]
    return rest.to_numpy(), list(more[rest])


def several_cases(raw: Raw, case: pd.Series, profile: dict) -> list[Problem]:
    """The keys of units that stand in more than one case: such a one is counted once in each."""
    found = []
    for name in dict.fromkeys(raw.linked.values()):
        column = key_of(name, profile)
        mine = raw.table.index[raw.table.sheet.map(raw.linked) == name]
        if not column or column not in raw.table:
            continue
        said = pd.DataFrame({"case": case[mine], "key": raw.table[column][mine].map(fold_cell)})
        said = said[said.key != ""].drop_duplicates()
        again = said[said.duplicated("key")].drop_duplicates("key")
        found += [problem("unit_of_several_cases", raw.file, *raw.cell(i, column), column, count=(said.key == key).sum())
                  for i, key in again.key.items()]
    return found
