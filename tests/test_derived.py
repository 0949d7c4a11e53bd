"""Tables that are shown whole or not at all: each only where what it rests on is shown, and never a count that is small."""

import pandas as pd
import pytest
from test_hide import RECORD, cases_of

from analysis import results
from analysis.ledger import HIDDEN
from analysis.protection import hide, readback
from analysis.source import Source
from analysis.statistics import justice

SIGNED = {"02_settings", "02_responses", "02_stages", "02_years_settings"}


def made(book, tables, signed=SIGNED, **lists):
    """The plan of 120 invented cases of two years; `tables` makes what is counted of them from the source."""
    cases = cases_of(book, **lists)
    cases = cases.assign(year=pd.array([2023, 2024] * 60, dtype="Int64"))
    source = Source("ecom/kazakhstan_2024_cases.xlsx", RECORD | {"period": "2023-2024"}, cases, {}, "kz", "2023-2024")
    rows = pd.concat([results.total(source, book, "02"), *tables(source)], ignore_index=True)
    return rows, cases, hide.planned(rows, cases, book, signed)


def spread(**counts):
    return [{code} for code, n in counts.items() for _ in range(n)]


SETTINGS = {"home": 60, "venue": 40, "online": 18, "workplace": 2}


def test_ranks_are_shown_where_every_count_is_and_no_case_has_two_codes(book):
    def tables(source):
        return [make(source, book, "02", v) for v in ("setting", "gender", "response") for make in (results.one_way, results.ranks)]
    _, _, plan = made(book, tables, setting=spread(**SETTINGS), gender=spread(man=100, woman=18, trans_man=2),
                      response=spread(reported_to_police=100, complaint_filed=20))
    assert {"02_settings_ranks"} == {name for name in plan.rows.table.unique() if name.endswith("ranks")}
    assert dict(plan.left_out) == {"02_genders_ranks": "it rests on numbers that are not shown",
                                   "02_responses_ranks": "how sure ranks are rests on how many cases have two codes at once"}
    assert plan.rows[plan.rows.table == "02_settings_ranks"].n.tolist() == [60, 40, 18, 2]


@pytest.mark.parametrize("beside, shown", [(True, True), (False, False)])
def test_changes_are_shown_where_the_counts_of_the_years_are(book, beside, shown):
    def tables(source):
        return [*([results.years(source, book, "02", "setting")] if beside else []),
                results.changes(source, book, "02", "setting", ["2023", "2024"])]
    rows, _, plan = made(book, tables, setting=spread(**SETTINGS))
    changes = plan.rows[plan.rows.table == "02_changes_settings"]
    assert len(changes) == (len(rows[rows.form == "changes"]) if shown else 0) and bool(plan.left_out) != shown


def test_of_changes_with_a_hidden_count_nothing_is_shown(book):
    def tables(source):
        return [results.years(source, book, "02", "gender"), results.changes(source, book, "02", "gender", ["2023", "2024"])]
    _, _, plan = made(book, tables, gender=spread(man=80, woman=34, trans_man=6))  # three of them in each year
    assert plan.left_out == [("02_changes_genders", "it rests on numbers that are not shown")]


def test_how_totals_changed_is_always_shown(book):
    _, _, plan = made(book, lambda source: [results.totals(source, book, "02"), results.totals_changed(source, book, "02")],
                      setting=spread(**SETTINGS))
    assert "02_cases_by_year_change" in set(plan.rows.table) and plan.left_out == []
    _, _, alone = made(book, lambda source: [results.totals_changed(source, book, "02")], setting=spread(**SETTINGS))
    assert dict(alone.left_out) == {"02_cases_by_year_change": "it rests on numbers that are not shown"}


@pytest.mark.parametrize("dates, why", [(["2023-Q1", "2024-Q2"], ""), (["2023-Q1", "2024-Q2"] * 58 + ["2023-Q1", "2024-Q3"] * 2,
                                                                        "it has counts below 5")])
def test_quarters_are_shown_when_none_is_small(book, dates, why):
    def tables(source):
        cases = source.cases.assign(date=(dates * 120)[:120], date_precision="quarter")
        return [results.timeline(source._replace(cases=cases), book, "02")]
    _, _, plan = made(book, tables, setting=spread(**SETTINGS))
    assert dict(plan.left_out) == ({"02_cases_by_quarter": why} if why else {})


def test_months_are_never_shown(book):
    def tables(source):
        public = source._replace(cases=source.cases.assign(date=["2023-01", "2024-02"] * 60, date_precision="month"),
                                 record=source.record | {"level": "public"})
        return [results.timeline(public, book, "02", "month").assign(level="confidential")]
    _, _, plan = made(book, tables, setting=spread(**SETTINGS))
    assert dict(plan.left_out) == {"02_cases_by_month": "time is never finer than a quarter"}


RESPONSES = {"reported_to_police": 60, "complaint_filed": 58, "convicted": 2}


@pytest.mark.parametrize("crossed, signed, why", [
    (None, SIGNED, ""), (None, SIGNED - {"02_stages"}, "it has counts below 5, and nobody signed it"),
    (("setting", "response"), SIGNED, "numbers that are hidden could be found from it"), (("setting", "gender"), SIGNED, "")])
def test_stages_are_shown_when_nothing_is_hidden_that_they_touch(book, crossed, signed, why):
    def tables(source):
        return [results.one_way(source, book, "02", "response"), justice.funnel(source, book, "02").query("form == 'funnel'"),
                *([results.cross(source, book, "02", *crossed)] if crossed else [])]
    settings = spread(home=57) + spread(venue=3) + spread(home=20) + spread(venue=40)  # 3 of those reported happened in a venue
    _, _, plan = made(book, tables, signed, setting=settings, response=spread(**RESPONSES), gender=spread(man=60, woman=60))
    assert (plan.rows.no_value == HIDDEN).any() == bool(crossed)
    assert dict(plan.left_out).get("02_stages", "") == why


def test_a_table_that_rests_on_a_hidden_number_is_caught_in_a_file(book, tmp_path):
    def tables(source):
        return [make(source, book, "02", "gender") for make in (results.one_way, results.ranks)]
    rows, cases, plan = made(book, tables, gender=spread(man=100, woman=18, trans_man=2))
    for name, table in plan.rows.groupby("table"):
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    assert readback.leaks(tmp_path, rows, cases, book, SIGNED) == []
    rows[rows.table == "02_genders_ranks"].to_csv(tmp_path / "ranks.csv", index=False)
    assert "ranks.csv shows 02_genders_ranks.trans_man, which is not to be published" in readback.leaks(tmp_path, rows, cases, book, SIGNED)


@pytest.mark.parametrize("form", ["together", "pairs", "independence", "agreement", "tiles"])
def test_other_forms_stay_at_home(book, form):
    def tables(source):
        return [results.one_way(source, book, "02", "setting").assign(form=form)]
    _, _, plan = made(book, tables, setting=spread(**SETTINGS))
    assert dict(plan.left_out) == {"02_settings": f"the policy does not say how to protect {form} of cases"}
