"""What a confidential source shows: the rules of the policy over whole publications, attacked apart from the plan that made them."""

import numpy as np
import pandas as pd
import pytest
from confidential import ACTS
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import count, ledger, protect, results
from analysis.protection import attack, hide, merge, policy, possible
from analysis.sheets.cells import masks
from analysis.source import Source

RECORD = {"cite": "Invented cases", "level": "confidential", "unit": "cases", "period": "2024", "place": "kz", "note": ""}
K = 5


def cases_of(book, **lists):
    """Cases from lists of sets of codes, one list a variable."""
    table = {"year": pd.array([2024] * len(next(iter(lists.values()))), dtype="Int64")}
    for variable, sets in lists.items():
        named = pd.Series(["+".join(sorted(one)) for one in sets])
        made = masks({name: name.split("+") for name in named.unique()}, named, book.of(variable))
        table |= dict(zip(count.columns(variable, book.of(variable)), made.T))
    return pd.DataFrame(table)


def invented(book, n, seed=1):
    """So many cases of a few frequent codes and a long tail, several of each in about a third of the cases."""
    drawn, lists = np.random.default_rng(seed), {}
    for variable, many in (("violation", 12), ("perpetrator", 8), ("victim_group", 9), ("right", 9)):
        codes = [code for code in book.of(variable) if code not in book.unknown(variable)][:many]
        weights = 1 / np.arange(1, many + 1) ** 1.1
        sizes = 1 + (drawn.random(n) < 0.35).astype(int)
        lists[variable] = [set(drawn.choice(codes, size, replace=False, p=weights / weights.sum())) for size in sizes]
    return cases_of(book, **lists)


def rows_of(cases, book, by=("violation", "perpetrator", "victim_group", "right"), crosses=()):
    """The results of a report on these cases: their number, each variable by itself, and crosses."""
    source = Source("ecom/kazakhstan_2024_cases.xlsx", RECORD, cases, {}, "kz", "2024")
    made = [results.total(source, book, "02"), *(results.one_way(source, book, "02", one) for one in by)]
    return pd.concat([*made, *(results.cross(source, book, "02", *pair) for pair in crosses)], ignore_index=True)


ACTS_SIGNED = {"02_violations", "02_perpetrators", "02_rights"}


def hidden_of(rows):
    return set(rows.id[rows.no_value == ledger.HIDDEN])


def test_at_31_cases_every_one_way_table_of_acts_is_whole(book):
    cases = cases_of(book, violation=[{one} for one, _ in ACTS], perpetrator=[{one} for _, one in ACTS])
    made = hide.planned(rows_of(cases, book, ("violation", "perpetrator")), cases, book, ACTS_SIGNED)
    assert len(cases) == 31 and not hidden_of(made.rows) and made.left_out == []
    n = made.rows.set_index("id").n
    assert [n[f"02_violations.{one}"] for one in ("fake_date", "hate_speech", "forced_outing", "threat")] == [9, 7, 2, 1]


def test_acts_that_nobody_signed_stop_the_publication_and_are_named(book):
    cases = invented(book, 31)
    assert hide.unsigned(rows_of(cases, book), cases, book, {"02_rights"}) == ["02_violations", "02_perpetrators"]


def test_at_500_cases_most_cells_of_crosses_are_shown(book):
    cases = invented(book, 500)
    rows = rows_of(cases, book, crosses=[("violation", "perpetrator"), ("violation", "right")])
    made = hide.planned(rows, cases, book, ACTS_SIGNED)
    crossed = made.rows[made.rows.form == "heat"]
    assert crossed.table.nunique() == 2 and not ((crossed.n > 0) & (crossed.n < K)).any()
    # Of the cells in which there is something, too, and in each table: empty cells are shown for nothing.
    truth = hide.prepared(rows, cases, book, ACTS_SIGNED).rows.set_index("id").n
    something = crossed[crossed.id.map(truth) > 0]
    assert ((something.no_value != ledger.HIDDEN).groupby(something.table).mean() >= 0.85).all()


def test_of_coarser_tables_the_one_that_shows_most_is_taken():
    # Cells that are not small, of those that are not empty: 2 of 4, 5 of 5, 6 of 6 and 11 of 12 (a twelfth small), for at most a tenth.
    tables = [pd.DataFrame({"by": "a,b", "n": n}) for n in ([1, 2, 50, 40, 0], [20] * 5, [15] * 6, [9] * 11 + [4])]
    assert [merge.finest(tables, K, most) is tables[at] for most, at in ((0.1, 3), (0.08, 2))] == [True, True]
    assert merge.finest(tables[:1] + [pd.DataFrame({"by": "a,b", "n": [3, 4, 60]})], K, 0.1) is tables[0]  # a half and two thirds small
    alone = [table.assign(by="a") for table in tables]
    assert merge.finest(alone, K, 0.1) is alone[1] and merge.finest(alone[:1], K, 0.1) is alone[0]


def test_a_cross_of_fewer_than_100_cases_is_left_out_and_said(book):
    cases = invented(book, 99)
    made = hide.planned(rows_of(cases, book, crosses=[("violation", "right")]), cases, book, ACTS_SIGNED)
    assert [table for table, _ in made.left_out] == ["02_violations_rights"]


def test_the_same_cases_in_another_order_give_the_same_plan(book):
    cases = invented(book, 120)
    rows = rows_of(cases, book, crosses=[("violation", "perpetrator")])
    first, second = (hide.planned(rows, some, book, ACTS_SIGNED).rows for some in (cases, cases.sample(frac=1, random_state=3)))
    pd.testing.assert_frame_equal(first, second)
    assert hidden_of(first)


def test_what_is_left_open_in_each_part_is_left_open_in_all_together(book):
    # 120 cases, two crosses that share the violation. Planned in parts; attacked here by one reader over all profiles at once.
    cases = invented(book, 120)
    rows = rows_of(cases, book, ("violation", "perpetrator", "right"), [("violation", "perpetrator"), ("violation", "right")])
    made = hide.planned(rows, cases, book, ACTS_SIGNED)
    ready = hide.prepared(rows, cases, book, ACTS_SIGNED)
    assert len(hide.parts(ready.rows)) == 2
    # Where a number of what the parts share has to be hidden for an earlier edition's sake, they are one.
    assert len(hide.parts(ready.rows.assign(near=ready.rows.id == "02_violations.threat"))) == 1
    whole = hide.Part(list(ready.rows.table.unique()), ["violation", "perpetrator", "right"], [])
    cells, of_row = hide.cells_of(ready.rows, whole, ready.cases, book)
    closed = np.zeros(len(cells.small), bool)
    closed[of_row[(made.rows.no_value == ledger.HIDDEN).to_numpy()]] = True
    assert closed.any() and attack.open_cells(cells.members, cells.cases, closed, cells.small, K) == []


def small_publication(draw):
    """The victim groups of up to nine invented cases: sets of three codes, any of which may be rare."""
    codes = ["gay_man", "lesbian_woman", "unknown"]
    may = [{one} for one in codes] + [{"gay_man", "lesbian_woman"}]
    return draw(st.lists(st.sampled_from(may), min_size=1, max_size=9))


@settings(max_examples=1000)
@given(st.data())
def test_a_thousand_small_publications_leave_open_what_trying_every_case_finds(book, data):
    # Every way to give so many cases one of four profiles is tried; a hidden small number must take each value from 1 to k - 1 in one
    # of those that fit all that is shown, for k = 3. Of each number an earlier edition may have shown as many or fewer; one that rose by
    # 1 or 2 must be hidden, and keep k values.
    k, groups = 3, ["gay_man", "lesbian_woman", "unknown"]
    sets = small_publication(data.draw)
    profiles = [{"gay_man"}, {"lesbian_woman"}, {"unknown"}, {"gay_man", "lesbian_woman"}]
    members = np.array([[1] * 4, *([code in one for one in profiles] for code in groups)], float)
    truth = np.array([sum(one == mine for mine in sets) for one in profiles])
    counts = members @ truth
    small = (counts > 0) & (counts < k) & (np.arange(4) > 0)
    low = np.array([0, *(data.draw(st.sampled_from([0, n, max(n - 1, 0), max(n - 3, 0)])) for n in counts[1:])])
    near = (low > 0) & (counts - low > 0) & (counts - low < k) & ~small
    cells = hide.suppress.Cells(members, truth.astype(float), small, np.arange(4) == 0, 1 + counts, near, low)
    try:
        closed = hide.suppress.plan(cells, k)
    except hide.suppress.Unprotected as error:
        assert error.cells
        return
    every = np.indices((len(sets) + 1,) * 4).reshape(4, -1)
    every = every[:, every.sum(axis=0) == len(sets)]
    fitting = (members @ every)[:, (members @ every == counts[:, None])[~closed].all(axis=0)]
    fitting = fitting[:, (fitting >= low[:, None]).all(axis=0)]
    knowing = fitting[:, ((fitting >= 1) & (fitting < k))[small].all(axis=0)]
    assert closed[small | near].all() and all({*knowing[at]} == set(range(1, k)) for at in np.flatnonzero(small))
    assert all(len({*fitting[at]}) >= k for at in np.flatnonzero(closed & ~small))


def test_places_with_few_cases_are_one_and_nothing_is_said_of_each(book):
    regions = [{"kz_75"}] * 25 + [{"kz_71"}] * 4 + [{"kz_79"}] * 2
    cases = cases_of(book, region=regions)
    made = hide.planned(rows_of(cases, book, ("region",)), cases, book, set()).rows
    assert made[made.form == "bars"][["codes", "n"]].to_numpy().tolist() == [["kz_75", 25], ["kz_79|kz_71", 6]]


def test_codes_counted_as_one_are_the_cases_with_any_of_them(book):
    # 3 with the first, 2 with the second, 1 of them with both: 4 cases.
    cases = cases_of(book, violation=[{"threat"}, {"threat"}, {"threat", "blackmail_extortion"}, {"blackmail_extortion"}, {"fake_date"}])
    counted = merge.together(cases, book, ["violation"], {"violation": ["threat", "blackmail_extortion"]}, {})
    assert counted.set_index("violation").n[["fake_date", "threat|blackmail_extortion"]].tolist() == [1, 4]
    assert not set(counted.violation) & {"threat", "blackmail_extortion"}


def test_a_percentage_stands_on_a_base_of_20_or_more_only(book):
    cases = invented(book, 19)
    made = hide.planned(rows_of(cases, book, ("violation",)), cases, book, ACTS_SIGNED).rows
    assert made.share.isna().all() and made.low.isna().all() and (made.method == "").all()
    cases = cases_of(book, violation=[{"threat"}] * 20 + [{"fake_date"}] * 11)
    threat = hide.planned(rows_of(cases, book, ("violation",)), cases, book, ACTS_SIGNED).rows.set_index("id").loc["02_violations.threat"]
    assert threat.share == 0.65 and (threat.low, threat.high) == (0.47, 0.79)  # of 20/31 = 0.645: Wilson 0.469 to 0.789


def test_a_result_that_does_not_count_what_the_cases_hold_is_never_planned(book):
    cases = invented(book, 31)
    rows = rows_of(cases, book, ("victim_group",))
    rows.loc[rows.id == "02_victim_groups.gay_man", "n"] += 1
    rows = rows[rows.table != "02_cases"]
    part = hide.Part(["02_victim_groups"], ["victim_group"], [])
    with pytest.raises(AssertionError, match="do not count"):
        hide.cells_of(rows.assign(here=True), part, count.profiles(cases, book, ["victim_group"]), book)


def test_a_table_with_the_hidden_number_of_another_never_stands_beside_it(book):
    # The groups of the same victims, and a cross with them: whatever of one is hidden cannot be had from the other.
    cases = invented(book, 200, seed=9)
    rows = rows_of(cases, book, ("violation", "victim_group"), [("violation", "victim_group")])
    made = hide.planned(rows, cases, book, ACTS_SIGNED).rows
    shown = made[made.no_value != ledger.HIDDEN]
    assert not ((shown.n > 0) & (shown.n < K) & ~shown.table.isin(ACTS_SIGNED)).any()


def test_universe_holds_every_case_and_more(book):
    cases = invented(book, 60)
    items = {possible.item(v, code, book) for v in ("violation", "perpetrator") for code in book.of(v)}
    every = possible.universe(cases, book, items, [])
    assert every.n.sum() == 60 and (every.n == 0).any()
    assert policy.numbers(book.folder)["k"] == K
    assert every.n @ every.has[possible.item("violation", book.of("violation")[0], book)] == int(
        count.breakdown(cases, book, ["violation"]).n.iloc[0])


def test_confidential_results_without_their_cases_are_refused(book):
    with pytest.raises(protect.Refused, match="decided for a whole report together"):
        protect.publication(rows_of(invented(book, 31), book))


def test_printed_numbers_recomputed_from_confidential_cases_are_left_out(book, tmp_path, monkeypatch):
    # The file of the claims is public, and the number beside each claim is not.
    monkeypatch.setattr(protect, "planned", lambda rows, *_: hide.Planned(rows[:0], []))
    rows = rows_of(invented(book, 31), book)
    given = {"level": "public", "file": "ecom/claims.csv"}
    claims = rows.head(2).assign(table="05_claims", id=["05_claims.a", "05_claims.b"], form="claims", **given)
    money = rows.head(1).assign(table="05_money", id="05_money.a", form="money", **given)
    safe = protect.publication(pd.concat([rows, claims, money], ignore_index=True), book, tmp_path)
    assert safe.tables == ["05_money"] and list(safe.left_out.table) == ["05_claims"]


def test_a_confidential_list_counted_twice_is_refused(book, tmp_path):
    rows = rows_of(invented(book, 31), book)
    both = pd.concat([rows.assign(file="office/a.xlsx"), rows.assign(file="office/a.xlsx; media/b.xlsx", table="both")], ignore_index=True)
    with pytest.raises(protect.Refused, match="office/a.xlsx is counted by itself and together"):
        protect.publication(both, book, tmp_path)
