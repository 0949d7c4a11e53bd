"""What earlier editions showed of one source -> between which ends a reader of them takes each number of this edition to lie."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import home, ledger
from analysis.codebook import GROUP, Codebook
from analysis.count import YEAR, available, holding, own
from analysis.protection import policy, possible, shown

KEPT = "shown.csv"


class Earlier(NamedTuple):
    """`folder`: the edition that is published now, if any; `numbers`: edition (counted from 1), id, n of every number that it and those
    before it showed; `rows`: its results before protection, as far as the office keeps them."""

    folder: Path | None
    numbers: pd.DataFrame
    rows: pd.DataFrame


NUMBERS = {"edition": int, "id": str, "n": float}
NOTHING = Earlier(None, pd.DataFrame(columns=[*NUMBERS]).astype(NUMBERS), ledger.complete(pd.DataFrame()))


class Corrected(Exception):
    """Since an edition that is published fewer cases changed than the policy hides; `ids` are the numbers that would show it (P11)."""

    def __init__(self, ids: list[str]):
        self.ids = ids
        super().__init__(f"{len(ids)} numbers changed by few cases")


def read(folder) -> Earlier:
    """What the edition in a folder below the project's and those before it showed; nothing where there is none yet.

    The office's folder of the same name keeps the numbers of all editions, because a new one takes the place of the last.
    """
    place = home() / folder
    office = home() / "data" / "processed" / place.name
    kept = pd.read_csv(office / KEPT) if (office / KEPT).exists() else NOTHING.numbers
    last = shown.numbers(place).drop(columns="file") if place.is_dir() else NOTHING.numbers
    every = pd.concat([kept, last.assign(edition=max(kept.edition, default=1))], ignore_index=True).astype(NUMBERS)
    rows = ledger.gather(office) if any((office / "results").glob("*.parquet")) else NOTHING.rows
    return Earlier(place if place.is_dir() else None, every.drop_duplicates(), rows)


def keep(folder: Path, publication: Path, last: Earlier) -> None:
    """Write the numbers of all editions, this one among them, into the office's folder."""
    now = shown.numbers(publication).drop(columns="file").assign(edition=max(last.numbers.edition, default=0) + 1)
    every = pd.concat([last.numbers, now])[[*NUMBERS]].drop_duplicates()
    every.to_csv(folder / KEPT, index=False)


def moved(rows: pd.DataFrame, last: Earlier) -> pd.DataFrame:
    """The numbers that an earlier edition showed: columns id, n (as counted now), edition, was, up (n - was)."""
    both = rows[["id", "n"]].dropna().merge(last.numbers.rename(columns={"n": "was"}), on="id")
    return both.assign(up=both.n - both.was)


def corrected(rows: pd.DataFrame, last: Earlier, k: int) -> list[str]:
    """The numbers that changed since an edition of which none changed by k cases: they would tell of fewer cases than that (P11)."""
    changed = moved(rows, last).query("up != 0")
    few = changed.up.abs().groupby(changed.edition).transform("max") < k
    return sorted(set(changed.id[few]))


def ends(rows: pd.DataFrame, last: Earlier) -> pd.DataFrame:
    """The rows with `least` and `most`: between them a reader of earlier editions takes each number to lie; infinite where none showed it.

    He is taken to know of each number that changed whether it rose or fell. One that did not may for him have risen where others did, and
    fallen where others did; of an edition since which nothing changed he knows that every number still holds.
    """
    both = moved(rows, last)
    rose, fell = ((both.up * sign > 0).groupby(both.edition).transform("any") for sign in (1, -1))
    least = both.was[(both.up > 0) | (both.up == 0) & ~fell].groupby(both.id).max()
    most = both.was[(both.up < 0) | (both.up == 0) & ~rose].groupby(both.id).min()
    return rows.assign(**{name: rows.id.map(end).astype(float).fillna(without)
                          for name, end, without in (("least", least, -np.inf), ("most", most, np.inf))})


def near(rows: pd.DataFrame, k: int) -> pd.Series:
    """Which numbers differ by fewer cases than k from one that an earlier edition showed, and are shown by none."""
    return (rows.least < rows.most) & ((rows.n - rows.least).between(1, k - 1) | (rows.most - rows.n).between(1, k - 1))


def also_told(rows: pd.DataFrame, every: pd.DataFrame, last: Earlier, cases, book: Codebook) -> pd.DataFrame:
    """Rows for what earlier editions showed and this one does not count: codes by themselves or counted together in another way, and
    tables that are not to be published any more; `n` is what the cases count now. `every`: the results of all tables."""
    have, here = set(available(cases)), set(rows.id)
    of = {name: table.iloc[0] for name, table in every[every.form.isin(policy.FORMS)].groupby("table", sort=False)}
    gone = [one for one in dict.fromkeys(last.numbers.id) if one not in here and one.partition(".")[0] in of]
    made = [row_of(one, of[one.partition(".")[0]], book) for one in gone]
    told = [row for row in made if possible.variables(row) <= have and all(codes for _, codes in possible.counted(row, book))]
    more = pd.DataFrame(told, columns=rows.columns).reset_index(drop=True).astype(rows.dtypes)
    if more.empty:
        return more
    counted = possible.narrowed_to(cases, pd.concat([rows, more], ignore_index=True), book)
    return more.assign(n=[n_of(row, counted, book) for _, row in more.iterrows()])


def row_of(id: str, like: pd.Series, book: Codebook) -> pd.Series:
    """The row of the ledger with an id, of a table that this edition counts by other codes or groups."""
    codes, was = id.partition(".")[2].split("."), list(filter(None, like.by.split(",")))
    by = [v if v == YEAR or set(re.split(r"[|+]", code)) <= set(book.of(own(v))) else f"{own(v)}{GROUP}" for v, code in zip(was, codes)]
    within = dict(zip(was, by)).get(like.base_rule.removeprefix(possible.WITHIN))
    return pd.Series(like.to_dict() | {"id": id, "by": ",".join(by), "codes": ",".join(codes),
                                       "base_rule": f"{possible.WITHIN}{within}" if within else like.base_rule})


def n_of(row: pd.Series, profiles: pd.DataFrame, book: Codebook) -> float:
    """How many cases a result counts."""
    has = [holding(profiles, book, {variable: list(codes)}) for variable, codes in possible.counted(row, book)]
    return float(profiles.n.to_numpy() @ np.logical_and.reduce(has))
