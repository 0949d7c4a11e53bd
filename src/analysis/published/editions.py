"""Results of an earlier edition beside those of this one -> the numbers that changed, each with its reason."""

import numpy as np
import pandas as pd

from analysis import home, ledger
from analysis.codebook import Codebook
from analysis.problems import UsageError
from analysis.protect import Safe, shown_before
from analysis.wording import decided

NUMBERS = ["n", "base", "value", "low", "high", "p"]  # p_holm is left to itself: it moves whenever a report makes one test more
MARKS = ["no_value", "text"]
SAME = ["id", "period", "place"]  # what makes two numbers of two editions one number
MOST = 12  # so many numbers are named in a message


def read(previous: str, book: Codebook, last: str = "") -> Safe | None:
    """The results of an earlier edition, of confidential sources as far as editions showed them; None where a report names none.

    `previous` is a folder below data/raw with the results as data/processed keeps them, `last` the folder of the edition that is
    published now. Raises UsageError for a folder without results.
    """
    files = sorted((home() / "data" / "raw" / previous).glob("*.parquet")) if previous else []
    if previous and not files:
        raise UsageError(f"data/raw/{previous} holds no results. "
                         "Copy the folder 'results' of the earlier edition there from data/processed.")
    rows = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True) if files else None
    return None if rows is None else shown_before(ledger.complete(rows), book, last)


def changes(safe: Safe, earlier: Safe | None, previous: str, book: Codebook, lang: str = "en") -> pd.DataFrame:
    """The numbers that differ from the earlier edition: `id`, `table`, `file`, `kind` (changed, gone or new) and `reason`; each number of
    NUMBERS and MARKS as it was (`n_was`) and is (`n`).

    Numbers are one and the same if id, period and place are. New numbers need no reason; every other takes that of edition_changes.csv for
    its id, else for its table, else for its file. Raises UsageError that lists the numbers without a reason, the reasons without a change,
    and an edition that has no number of the same period.
    """
    if earlier is None:
        return pd.DataFrame(columns=["id", "table", "file", "kind", "reason"])
    found = beside(safe.results, earlier.results, previous)
    found = found[found.kind != "same"].assign(reason="")
    given = decided.rows("edition_changes", book, lang)
    reasons = given[given.previous == previous].set_index("number").text_reason.to_dict()
    named = [next((one for one in (row.id, row.table, row.file) if one in reasons), "") for row in found.itertuples()]
    found = found.assign(reason=[reasons.get(one, "") if kind != "new" else "" for one, kind in zip(named, found.kind)])
    without = found.id[(found.reason == "") & (found.kind != "new")]
    needless = sorted(set(reasons) - {one for one, kind in zip(named, found.kind) if kind != "new"})
    if len(without) or needless:
        raise UsageError("\n".join(unreasoned(list(without), needless, previous)))
    return found.reset_index(drop=True)


def beside(now: pd.DataFrame, before: pd.DataFrame, previous: str) -> pd.DataFrame:
    """Every number of both editions, with `kind`: same, changed, gone or new; numbers of other periods are no part of it."""
    periods = set(now.period)
    before = before[before.period.isin(periods)]
    if before.empty:
        raise UsageError(f"data/raw/{previous} counts other years than this report, so no number of it is the same number. "
                         "Years are compared by the lines 'compare_years' and 'published', not by 'previous'.")
    both = now[[*SAME, "table", "file", "form", *NUMBERS, *MARKS]].merge(
        before[[*SAME, "table", "file", *NUMBERS, *MARKS]], on=SAME, how="outer", suffixes=("", "_was"), indicator=True)
    both[["table", "file"]] = both[["table", "file"]].where(both._merge != "right_only", both[["table_was", "file_was"]].to_numpy())
    equal = np.all([np.isclose(both[c], both[f"{c}_was"], rtol=0, atol=1e-9, equal_nan=True) for c in NUMBERS]
                   + [both[c] == both[f"{c}_was"] for c in MARKS], axis=0)
    kind = both._merge.map({"left_only": "new", "right_only": "gone"}).astype(object).fillna("same")
    return both.assign(kind=kind.where((kind != "same") | equal, "changed")).drop(columns=["_merge", "table_was", "file_was"])


def shown(found: pd.DataFrame) -> pd.DataFrame:
    """What changed as a notebook shows it: id, kind, the count and its base in both editions, the reason."""
    columns = [column for column in ("id", "kind", "n_was", "base_was", "n", "base", "reason") if column in found]
    return found.loc[found.kind != "new", columns]


def unreasoned(without: list[str], needless: list[str], previous: str) -> list[str]:
    """What is told of numbers that changed for no reason that anybody wrote down, and of reasons for what did not change."""
    more = f" and {len(without) - MOST} more" if len(without) > MOST else ""
    lines = [f"{len(without)} numbers differ from those of {previous}, and edition_changes.csv gives no reason: "
             f"{', '.join(without[:MOST])}{more}. Write one for the number, for its table or for its file in data/raw, "
             f"with {previous} in the column previous."] if without else []
    return lines + [f"edition_changes.csv gives a reason for '{one}' of {previous}, and nothing of it changed. Correct the name, or "
                    "take the line out." for one in needless]
