"""Cases that may be one event, in two lists or twice in one: pairs, with what speaks for and against each."""

import itertools
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml

from analysis import home
from analysis.codebook import Codebook
from analysis.count import indicators
from analysis.problems import UsageError, phrase
from analysis.problems import heading as headed
from analysis.sheets.cells import masks, words
from analysis.tidy import named

PAIR = ["file_1", "case_1", "file_2", "case_2"]
SHOWN = [*PAIR, "strength", "score", "reasons", "against"]
STEPS = {4: "Y", 7: "M", 10: "D"}  # the length of an ISO date -> the unit it is known to
LONGEST = (1, 31, 366)  # days that a date known to the day, the month or the year may stand for
TOGETHER = "; "  # between the lists that hold one event


class Listed(NamedTuple):
    """One list of events: its name (see `name`), its cases as tidy makes them, without personal columns, and its source record."""

    name: str
    cases: pd.DataFrame
    record: dict


class Proposed(NamedTuple):
    """`pairs`: file_1, case_1, file_2, case_2, strength (strong or possible), score (0 to 1), reasons, against; the highest first.
    A score puts pairs in order: the rarer what two cases share, the higher. It is no probability, for nobody has tried it on enough lists.
    `looked_at`: file_1, file_2, pairs (all there are), near (dates and country can be the same), proposed."""

    pairs: pd.DataFrame
    looked_at: pd.DataFrame


def settings() -> dict:
    """The lines of data/codebook/overlap.yml."""
    return lines_of(home() / "data" / "codebook" / "overlap.yml")


@cache
def lines_of(file: Path) -> dict:
    """As `settings`, of this file."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def together(lists: list[Listed], book: Codebook) -> pd.DataFrame:
    """The cases of all lists below each other, the lists in the order of their names; what a list does not record is `not_asked`.

    Columns: file, case_id, coded (False where the code only says sheet and row), sheet, row, year, date, date_precision, then
    the masks and numbers that any of the lists has. Raises UsageError for two lists of one name and for rows that are no events.
    """
    names, units = [one.name for one in lists], settings()["units"]
    if len(set(names)) < len(names) or any(TOGETHER in one for one in names):
        raise UsageError(f"Each list needs a name of its own without '{TOGETHER}'. These are: {', '.join(names)}.")
    for one in lists:
        if one.record.get("unit", units[0]) not in units:
            raise UsageError(f"The rows of {one.name} are {one.record['unit']}, not events. Give lists whose unit is {' or '.join(units)}.")
    tables = [events_of(one, book) for one in sorted(lists)]
    table = pd.concat(tables, ignore_index=True)
    for variable in variables(table, book):
        nobody_asked = masks({"": [kind_of(variable, "not_asked", book)]}, pd.Series([""]), book.of(variable))[0]
        for column, bits in zip(words(variable, len(book.of(variable))), nobody_asked):
            # Table by table: a missing mask would turn the masks of all other lists into decimals, which are not exact.
            table[column] = np.concatenate([one[column] if column in one else np.full(len(one), bits) for one in tables])
    return table


def events_of(one: Listed, book: Codebook) -> pd.DataFrame:
    """The columns of one list that are compared and counted; its country is that of the source where no column says it."""
    cases = one.cases.reset_index(drop=True)
    place = one.record.get("place", "")
    if "country" not in cases and place in book.of("country"):
        bits = masks({"": [place]}, pd.Series([""] * len(cases)), book.of("country"))
        cases = cases.join(pd.DataFrame(bits, columns=words("country", len(book.of("country")))))
    kept = [column for column in cases if column.partition(".")[0] in book.variables.index and cases[column].dtype.kind == "u"]
    numbers = [c for c in cases if cases[c].dtype == "Int64" and c != "year"]
    dates = cases[["date", "date_precision"]] if "date" in cases else pd.DataFrame({"date": "", "date_precision": "none"}, cases.index)
    ids = cases[["case_id", "sheet", "row", "year"]].assign(file=one.name, coded=cases.case_id != named(cases))
    return ids.join(dates).join(cases[[*kept, *numbers]])


def variables(table: pd.DataFrame, book: Codebook) -> list[str]:
    """The coded variables of a table of cases, in the order of the codebook."""
    return [variable for variable in book.variables.index if variable in table]


def numbers(table: pd.DataFrame) -> list[str]:
    """The columns of whole numbers that say something of the event."""
    return [column for column in table if table[column].dtype == "Int64" and column != "year"]


def kind_of(variable: str, kind: str, book: Codebook) -> str:
    """The code with which a variable says this kind of not knowing."""
    return next(code for code, known in book.unknown(variable).items() if known == kind)


# Proposals. The weights are those of I. P. Fellegi and A. B. Sunter, A Theory for Record Linkage, Journal of the American
# Statistical Association 64 (1969), 1183-1210: log2 of (how often an agreement is seen in pairs that are one event) over (how often
# chance makes it). How often chance makes it is counted in the lists themselves, code by code.


def proposals(lists: list[Listed], book: Codebook, decided: pd.DataFrame, lang: str = "en") -> Proposed:
    """Pairs of cases that may be one event, in two lists or twice in one, that nobody has decided yet (`unsure` is not decided).

    Within one list both must be of the same day: a list holds many events of one month. A list whose profile says that rows which
    look alike are events of their own (`identical_rows: count`) is not compared with itself.
    """
    how, table = settings(), together(lists, book)
    dated = table.join(intervals(table)).assign(country_=countries(table, book))
    compared = {column: comparable(table, column, book) for line in how["compare"] for column in line if column in table}
    found, looked = [pd.DataFrame(columns=SHOWN)], []
    own = {one.name for one in lists if book.profiles.get(one.record.get("profile"), {}).get("identical_rows") == "count"}
    for first, second in itertools.combinations_with_replacement(sorted(one.name for one in lists), 2):
        if first == second and first in own:
            continue
        pairs, n = scored(dated, compared, first, second, how)
        kept = best(undecided(with_codes(pairs, dated, first, second), table, decided), how)
        found.append(explained(kept, dated, compared, book, how["days"], lang))
        looked.append((first, second, n, len(pairs), len(kept)))
    pairs = pd.concat(found, ignore_index=True).astype({"score": float})
    pairs = pairs.sort_values(["score", *PAIR], ascending=[False, *[True] * 4], ignore_index=True)
    return Proposed(pairs, pd.DataFrame(looked, columns=["file_1", "file_2", "pairs", "near", "proposed"]))


def intervals(cases: pd.DataFrame) -> pd.DataFrame:
    """The first and the last day (counted from 1970) that each date can mean; `last` lies before `first` where nothing is known."""
    year = cases.year.astype("string").fillna("")
    text = cases.date.str[:10].where(cases.date != "", year)
    found = pd.DataFrame({"first": 1, "last": 0}, cases.index)
    for length, step in STEPS.items():
        mine = text.str.len() == length
        at = text[mine].to_numpy(str).astype(f"datetime64[{step}]")
        found.loc[mine, "first"] = at.astype("datetime64[D]").astype(np.int64)
        found.loc[mine, "last"] = (at + 1).astype("datetime64[D]").astype(np.int64) - 1
    return found


def countries(table: pd.DataFrame, book: Codebook) -> np.ndarray:
    """A number for the country of each case, -1 where it is not known."""
    if "country" not in table:
        return np.full(len(table), -1)
    known = comparable(table, "country", book)
    return np.where(known.any(axis=1), np.unique(known, axis=0, return_inverse=True)[1].ravel(), -1)


def comparable(table: pd.DataFrame, column: str, book: Codebook) -> np.ndarray:
    """What a column says of each case, as bits, all 0 where it is not known; a number has a bit for each value that occurs."""
    if column not in book.variables.index:
        values = table[column].astype("string").fillna("")
        return masks({value: [value] if value else [] for value in values.unique()}, values, sorted(values.unique()))
    every = book.of(column)
    known = masks({"": [code for code in every if code not in book.unknown(column)]}, pd.Series([""]), every)
    return table[words(column, len(every))].to_numpy(np.uint64) & known


def scored(table: pd.DataFrame, compared: dict, first: str, second: str, how: dict) -> tuple[pd.DataFrame, int]:
    """The pairs of two lists whose country and date can be the same: i, j (rows), odds, score, rivals; and how many there are at all."""
    sides = [table.index[table.file == side].to_numpy() for side in (first, second)]
    mine, others = sorted(sides, key=len)  # the shorter one first; of two that are as long, the first by name
    compared = {column: bits for column, bits in compared.items() if bits[mine].any() and bits[others].any()}
    if first == second:
        mine = mine[(table["first"] == table["last"])[mine]]
        i, j = distinct(*near(table, mine, mine, 0))
        odds = odds_of(table, compared, mine, mine, i, j, how)
        score = likely(i, j, odds, how["twice"])
    else:
        i, j = near(table, mine, others, how["days"])
        odds = odds_of(table, compared, mine, others, i, j, how)
        score = likely(i, j, odds, share_in_both(table, compared, mine, others, i, odds, how))
    pairs = pd.DataFrame({"i": i, "j": j, "odds": odds, "score": score})
    ranks = [pairs.groupby(side).odds.rank(method="max", ascending=False) for side in ("i", "j")]
    pairs["rivals"] = np.maximum(*ranks).astype(int) - 1
    if first == second:
        return pairs[pairs.i < pairs.j], len(sides[0]) * (len(sides[0]) - 1) // 2
    return pairs, len(mine) * len(others)


def distinct(i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs without those of a case with itself."""
    return i[i != j], j[i != j]


def odds_of(table: pd.DataFrame, compared: dict, mine: np.ndarray, others: np.ndarray, i: np.ndarray, j: np.ndarray,
            how: dict) -> np.ndarray:
    """How many times likelier what each pair shares is in one event than among all cases of `others` in the country by chance.

    Chance is another one in each country: how often a code occurs there, and of how many cases.
    """
    country, rows, odds = table.country_.to_numpy(), np.union1d(mine, others), np.zeros(len(i))
    key = np.maximum(country[i], country[j])
    for here in np.unique(key):
        at = key == here
        place = np.full(len(rows), True) if here < 0 else np.isin(country[rows], [here, -1])
        rivals = max(np.isin(others, rows[place]).sum(), 1)
        odds[at] = np.exp2(weights(table, compared, rows[place], i[at], j[at], how)) / rivals
    return odds


def share_in_both(table: pd.DataFrame, compared: dict, mine: np.ndarray, others: np.ndarray, i: np.ndarray, odds: np.ndarray,
                  how: dict) -> float:
    """An estimate of the share of the shorter list that also stands in the other, 0 to 1: what the pairs weigh beyond chance.

    Two cases of one list are two events, so how well they fit each other shows what chance makes, with the waves and habits of
    documenting that codes counted one by one do not show. Between none and one case more or less than all: what is rare enough
    convinces where nothing else is shared, and a short list proves less than a long one.
    """
    country = table.country_.to_numpy() + 1
    found, places, many = np.zeros(country.max() + 1), np.zeros(country.max() + 1), np.ones(country.max() + 1)
    for side in (mine, others):
        side = side[np.isin(country[side], country[i])]
        a, b = distinct(*near(table, side, side, how["days"]))
        found += np.bincount(country[a], portion(odds_of(table, compared, mine, others, a, b, how)), len(found))
        n = np.bincount(country[side], minlength=len(found))
        places, many = places + n * (n - 1), many * n
    by_chance = (found / np.maximum(places, 1) * many).sum()
    copies = within(table, mine, others)  # what each would weigh with its own copy
    most = portion(odds_of(table, compared, mine, others, copies, copies, how)).sum()
    one = 1 / (len(mine) + 1)
    return float(np.clip((portion(odds).sum() - by_chance) / most if most else 0, one, 1 - one))


def within(table: pd.DataFrame, mine: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Those of `mine` whose dates lie in the period of `others`."""
    dated = table.loc[others][(table["last"] >= table["first"])[others]]
    keep = (table["first"] <= dated["last"].max()) & (table["last"] >= dated["first"].min()) & (table["last"] >= table["first"])
    return mine[keep.to_numpy()[mine]]


def portion(odds: np.ndarray) -> np.ndarray:
    """Odds as a part of 1."""
    return odds / (1 + odds)


def near(table: pd.DataFrame, mine: np.ndarray, others: np.ndarray, days: int) -> tuple[np.ndarray, np.ndarray]:
    """The pairs, a row of `mine` with a row of `others`, whose countries and dates can be the same; without looking at all pairs."""
    first, last, country = (table[c].to_numpy() for c in ("first", "last", "country_"))
    mine, others = mine[last[mine] >= first[mine]], others[last[others] >= first[others]]
    length, found = last - first + 1, [(mine[:0], others[:0])]
    for here in np.unique(country[mine]):
        a = mine[country[mine] == here]
        b = others[(country[others] == here) | (country[others] < 0) | (here < 0)]
        found += [overlapping(first, last, a, b[(length[b] > over) & (length[b] <= up_to)], days)
                  for over, up_to in itertools.pairwise((0, *LONGEST))]
    return tuple(np.concatenate(side) for side in zip(*found))


def overlapping(first: np.ndarray, last: np.ndarray, a: np.ndarray, b: np.ndarray, days: int) -> tuple[np.ndarray, np.ndarray]:
    """The pairs whose intervals share a day, or are at most `days` apart where both are one day; found by bisection."""
    b = b[np.argsort(first[b], kind="stable")]
    longest = (last[b] - first[b]).max(initial=0)
    start = np.searchsorted(first[b], first[a] - days - longest)
    count = np.searchsorted(first[b], last[a] + days, "right") - start
    i = np.repeat(a, count)
    j = b[np.arange(count.sum()) + np.repeat(start - np.cumsum(count) + count, count)]
    keep = gaps(first, last, i, j) <= np.where((first[i] == last[i]) & (first[j] == last[j]), days, 0)
    return i[keep], j[keep]


def gaps(first: np.ndarray, last: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """The days between two intervals, 0 where they share one."""
    return np.maximum(np.maximum(first[j] - last[i], first[i] - last[j]), 0)


def weights(table: pd.DataFrame, compared: dict, rows: np.ndarray, i: np.ndarray, j: np.ndarray, how: dict) -> np.ndarray:
    """The evidence of each pair in bits: what agrees adds, what both say and no code of which agrees subtracts."""
    total = date_weight(table["first"].to_numpy(), table["last"].to_numpy(), rows, i, j)
    for line in how["compare"]:
        each = [agreement(compared[column], rows, i, j, how["agree"]) for column in line if column in compared]
        if each:
            most, least = np.max(each, axis=0), np.min(each, axis=0)
            total = total + np.where(most > 0, most, least)
    return total


def agreement(bits: np.ndarray, rows: np.ndarray, i: np.ndarray, j: np.ndarray, agree: float) -> np.ndarray:
    """The bits of evidence of one column: the rarer it is to have all the codes that two cases share, the more.

    Of n other cases k have them all: chance makes it (k + 1) / (n + 2) of the time, so that one pair of a short list proves little.
    """
    a, b = bits[i], bits[j]
    kinds, at = np.unique(a & b, axis=0, return_inverse=True)
    pool, n = np.unique(bits[rows], axis=0, return_counts=True)
    n = np.where(pool.any(axis=1), n, 0)
    holding = np.array([n[((pool & kind) == kind).all(axis=1)].sum() for kind in kinds] or [0])[at.ravel()]
    by_chance = np.maximum(holding - 1, 1) / max(n.sum(), 2)  # the two themselves are not the others
    both = a.any(axis=1) & b.any(axis=1)
    return np.where((a & b).any(axis=1), np.maximum(np.log2(agree / by_chance), 0), np.where(both, np.log2(1 - agree), 0.0))


def date_weight(first: np.ndarray, last: np.ndarray, rows: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """The bits of evidence of two dates that can be the same: the narrower the wider of the two, the more.

    Chance makes it as often as the wider covers the period of the lists or, where more of them happened then, the other cases.
    """
    apart = gaps(first, last, i, j)
    wider = np.where(last[i] - first[i] >= last[j] - first[j], i, j)
    low, high = first[wider] - apart, last[wider] + apart
    rows = rows[last[rows] >= first[rows]]
    span = last[rows].max(initial=0) - first[rows].min(initial=last[rows].max(initial=0)) + 1
    inside = np.searchsorted(np.sort(first[rows]), high, "right") - np.searchsorted(np.sort(last[rows]), low)
    by_chance = np.maximum((inside - 2) / max(len(rows) - 2, 1), (high - low + 1) / span)
    return -np.log2(np.minimum(by_chance, 1))


def likely(i: np.ndarray, j: np.ndarray, odds: np.ndarray, share: float) -> np.ndarray:
    """The score of each pair, 0 to 1, given what else could be: a case of the shorter list is one of its pairs, or none.

    `share` is the share of the shorter list that stands in the other.
    """
    if not len(i):
        return odds
    return np.minimum(share * odds / (np.bincount(i, share * odds)[i] + 1 - share), odds / np.bincount(j, odds)[j])


def with_codes(pairs: pd.DataFrame, table: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """The pairs with those of one case code in two lists, however their dates differ: `code` says same or other content.

    A bare number (1, 2, 3) is a row of a list, not the name of a case, and speaks only where all else is the same.
    """
    pairs = pairs.assign(code="")
    if first == second:
        return pairs
    sides = [table[(table.file == side) & table.coded].reset_index()[["index", "case_id"]] for side in (first, second)]
    same = sides[0].merge(sides[1], on="case_id")
    i, j = same.index_x.to_numpy(), same.index_y.to_numpy()
    where = ("file", "case_id", "coded", "sheet", "row", "first", "last", "country_")
    content = [table.loc[side].drop(columns=list(where)).astype(object) for side in (i, j)]
    one, other = (side.where(side.notna(), "").to_numpy() for side in content)
    alike = (one == other).all(axis=1)
    code = np.where(alike, "same content", np.where(same.case_id.str.fullmatch("[0-9]+"), "", "other content"))
    known = {frozenset(pair): said for *pair, said in zip(i, j, code) if said}
    pairs = pairs.assign(code=[known.pop(frozenset(pair), "") for pair in zip(pairs.i, pairs.j)] if known else "")
    rest = pd.DataFrame([sorted(pair) for pair in known], columns=["i", "j"], dtype=np.int64)
    rest = rest.assign(odds=0.0, score=0.0, rivals=0, code=list(known.values()))
    return pd.concat([pairs, rest], ignore_index=True) if len(rest) else pairs


def undecided(pairs: pd.DataFrame, table: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """The pairs about which no decision says anything, not even through a third case."""
    event, apart = groups(table, decided)
    a, b = event[pairs.i], event[pairs.j]
    known = [one == other or (one, other) in apart for one, other in zip(a, b)] if len(decided) else np.zeros(len(pairs), bool)
    return pairs[~np.array(known, bool)]


def best(pairs: pd.DataFrame, how: dict) -> pd.DataFrame:
    """The pairs worth a person's time, with their `strength`: likely enough, and at most so many for each case.

    Among equals those that stand at like places in their lists come first: lists made from one another keep their order.
    """
    score = pairs.score.mask(pairs.code == "same content", 1.0)
    score = score.mask(pairs.code == "other content", score.clip(lower=how["possible"]))
    pairs = pairs.assign(score=score)[score >= how["possible"]]
    place = [pairs[side].rank(method="dense") for side in ("i", "j")]
    pairs = pairs.assign(apart=(place[0] - place[1]).abs()).sort_values(["score", "apart", "i", "j"], ascending=[False, True, True, True])
    turn = np.maximum(pairs.groupby("i").cumcount(), pairs.groupby("j").cumcount())
    pairs = pairs[turn < how["most"]]
    return pairs.assign(strength=np.where(pairs.score >= how["strong"], "strong", "possible"))


def explained(pairs: pd.DataFrame, table: pd.DataFrame, compared: dict, book: Codebook, days: int, lang: str) -> pd.DataFrame:
    """The pairs as `Proposed` has them, each with its reasons and with what speaks against it, in words of a language."""
    rows, say = table.loc[sorted({*pairs.i, *pairs.j})], partial(phrase, "overlap", lang=lang)
    values = {heading(column, book, lang): said(rows, column, book, lang) for column in ["country", *compared] if column in table}
    dates = rows.date.where(rows.date != "", rows.year.astype("string").fillna(say("no date")))
    found = []
    for one in pairs.itertuples():
        left, right = sorted((one.i, one.j))
        agree, differ = same_date(*rows.loc[[left, right], ["first", "last"]].to_numpy(int), dates[left], dates[right], days)
        for title, of in values.items():
            both = [label for label in of[left] if label in of[right]]
            agree += [f"{title}: {', '.join(both)}"] if both else []
            differ += [f"{title}: {', '.join(of[left])} / {', '.join(of[right])}"] if of[left] and of[right] and not both else []
        agree = [f"same case code, {one.code}", *agree] if one.code else agree
        differ += [f"{one.rivals} other case{'s' * (one.rivals > 1)} would fit as well"] if one.rivals > 0 else []
        found.append((*names_of(rows, left), *names_of(rows, right), one.strength, round(float(one.score), 3),
                      TOGETHER.join(map(say, agree)), TOGETHER.join(map(say, differ))))
    return pd.DataFrame(found, columns=SHOWN)


def names_of(rows: pd.DataFrame, at: int) -> tuple[str, str]:
    """The list and the code of a case."""
    return rows.at[at, "file"], rows.at[at, "case_id"]


def same_date(left: np.ndarray, right: np.ndarray, one: str, other: str, days: int) -> tuple[list[str], list[str]]:
    """What two dates (their first and last days, and their texts) say for one event, and what against it."""
    gap = int(max(right[0] - left[1], left[0] - right[1], 0))
    single = left[0] == left[1] and right[0] == right[1]
    if max(left[0] - left[1], right[0] - right[1]) > 0 or gap > (days if single else 0):
        return [], [f"dates {one} / {other}"]
    short, long = sorted((one, other), key=len)
    if one == other:
        return [f"same {dict(zip(STEPS, ('year', 'month'))).get(len(one), 'day')} {one}"], []
    return [f"{gap} day{'s' * (gap > 1)} apart ({one}, {other})" if gap else f"{long} lies in {short}"], []


def heading(column: str, book: Codebook, lang: str = "en") -> str:
    """How a column is called in words."""
    if lang != "en" and column not in book.variables.index:
        return headed(column, lang)
    spelled = (word for word, known in book.headers.items() if known == column)
    return book.name(column, lang) if column in book.variables.index else next(spelled, column)


def said(rows: pd.DataFrame, column: str, book: Codebook, lang: str = "en") -> dict[int, list[str]]:
    """Row -> the labels of what it says in a column, without those that say that it is not known."""
    if column not in book.variables.index:
        return {at: [] if pd.isna(value) else [str(value)] for at, value in rows[column].items()}
    every = book.of(column)
    shown = [code not in book.unknown(column) for code in every]
    names = [book.label(column, code, lang) for code in every]
    return {at: list(itertools.compress(names, has & shown)) for at, has in zip(rows.index, indicators(rows, column, every, book))}


def groups(table: pd.DataFrame, decided: pd.DataFrame) -> tuple[np.ndarray, set[tuple[int, int]]]:
    """The number of the event of each case, cases joined by `yes` having one number; and the pairs of events that a `no` keeps apart."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    at = {key: number for number, key in enumerate(zip(table.file, table.case_id))}
    ends = [[at[row[f"file_{n}"], row[f"case_{n}"]] for row in decided.to_dict("records")] for n in (1, 2)]
    i, j, same = np.array(ends[0], int), np.array(ends[1], int), decided.same.to_numpy()
    yes = coo_array((np.ones((same == "yes").sum()), (i[same == "yes"], j[same == "yes"])), shape=(len(table), len(table)))
    event = connected_components(yes, directed=False)[1] if len(table) else i
    apart = {tuple(pair) for a, b in zip(event[i[same == "no"]], event[j[same == "no"]]) for pair in ((a, b), (b, a))}
    return event, apart
