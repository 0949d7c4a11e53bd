"""The protection policy: what may be published of a table of a confidential source, and from which count."""

from functools import cache
from typing import NamedTuple

import pandas as pd
import yaml

from analysis.codebook import Codebook
from analysis.count import YEAR, own
from analysis.ledger import where_of
from analysis.problems import UsageError

LOOSEST = {"k": 5, "two_way_from": 100, "percent_from": 20, "place_from": 20}
FORMS = ("total", "bars", "mentions", "years", "heat", "any_of", "all_of", "yearly")
ALONE = {"hiv_tb", "outness"}  # crossed with nothing, whatever a policy.yml adds (P5); an office may have a variable for outness
PART_OF_A_CASE = ("mentions",)


class Rule(NamedTuple):
    """What holds for one table: counts from 1 to `k` - 1 are hidden (`signed`: unless the release register has them, then none is);
    `why` it is not published at all, or nothing."""

    k: int
    signed: bool = False
    why: str = ""


@cache
def numbers(folder) -> dict:
    """The policy's numbers from policy.yml of a codebook's folder; raises UsageError for one that is looser than the policy's own."""
    given = yaml.safe_load((folder / "policy.yml").read_text(encoding="utf-8"))
    loose = [f"{name}: {given.get(name)} (at least {least})" for name, least in LOOSEST.items()
             if not isinstance(given.get(name), int) or given[name] < least]
    lists = ("crossed_with_nothing", "row_from")
    loose += [f"{name}: a list, in square brackets" for name in lists if not isinstance(given.get(name), list)]
    loose += [f"{name}: a share, from 0 to 1" for name in ("merge_from", "merge_two_way_from")
              if not isinstance(given.get(name), (int, float)) or not 0 <= given[name] <= 1]
    if isinstance(given.get("crossed_with_nothing"), list) and (shown := sorted(ALONE - set(given["crossed_with_nothing"]))):
        loose.append(f"crossed_with_nothing: it lacks {', '.join(shown)}")
    if loose:
        raise UsageError(f"policy.yml may be stricter than the protection policy, never looser. Mend {', '.join(loose)}.")
    return given


def rule(table: pd.DataFrame, cases: int, book: Codebook) -> Rule:
    """What the policy says of one table of results of a confidential source with so many cases (P3 to P6).

    A table whose form, unit or variables the policy does not name is not published.
    """
    row, policy = table.iloc[0], numbers(book.folder)
    named = [own(v) for v in (*filter(None, row.by.split(",")), *where_of(row))]
    subjects, alone = [v for v in named if v not in (YEAR, "country")], policy["crossed_with_nothing"]
    if row.form not in FORMS or (table.unit != row.unit).any() or row.unit not in ("cases", "incidents", *PART_OF_A_CASE):
        return Rule(0, why=f"the policy does not say how to protect {row.form or 'a table without a form'} of {row.unit or 'nothing'}")
    if not subjects:
        return Rule(0)
    about = [book.variables.about[v] for v in subjects]
    crossed = len(subjects) + (YEAR in named and about[0] != "acts")
    if crossed > 2:
        return Rule(0, why="more than two variables are crossed")
    if crossed == 2 and (cases < policy["two_way_from"] or set(subjects) & set(alone)):
        held = f"{', '.join(sorted(set(subjects) & set(alone)))} is crossed with nothing" if set(subjects) & set(alone) else (
            f"two variables are crossed from {policy['two_way_from']} cases on, and there are {cases}")
        return Rule(0, why=held)
    if crossed == 2 or about[0] == "persons":
        return Rule(policy["k"])
    return Rule(policy["place_from"]) if about[0] == "places" else Rule(policy["k"], signed=True)
