"""One event in several lists: invented lists with planted events, decisions, and the public lists."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.codebook import source_record
from analysis.count import breakdown
from analysis.events import alike, overlap
from analysis.events.alike import Listed
from analysis.problems import DataError, UsageError, phrase
from analysis.sheets.cells import masks, words
from tests.conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN, RAW, tidied

HEAD = ",".join(overlap.DECISION)
NOBODY = pd.DataFrame(columns=list(overlap.DECISION))
PRECISION = {0: "none", 4: "year", 7: "month", 10: "day"}


def listed(book, name, rows, unit="cases", **record):
    """An invented list: rows of case code, date, then codes by variable (text) or a number."""
    cases = pd.DataFrame({"case_id": [row[0] for row in rows], "sheet": "Cases", "row": range(2, len(rows) + 2)})
    dates = [row[1] for row in rows]
    cases["year"] = pd.array([int(date[:4]) if date else pd.NA for date in dates], "Int64")
    cases["date"], cases["date_precision"] = dates, [PRECISION[len(date)] for date in dates]
    said = [row[2] for row in rows]
    for column in dict.fromkeys(itertools.chain(*said)):
        values = pd.Series([one.get(column, "") for one in said])
        if column in book.variables.index:
            blank = next(code for code, kind in book.unknown(column).items() if kind == "not_stated")
            codes = {value: value.split("; ") if value else [blank] for value in values.unique()}
            made = pd.DataFrame(masks(codes, values, book.of(column)), columns=words(column, len(book.of(column))))
            cases = cases.join(made)
        else:
            cases[column] = pd.array([pd.NA if value == "" else value for value in values], "Int64")
    return Listed(name, cases, {"unit": unit, **record})


def decided(*lines):
    """Decisions as (file_1, case_1, file_2, case_2, same)."""
    return pd.DataFrame([(*line, "the same day and place", "A. Tester", "2026-01-20") for line in lines], columns=list(overlap.DECISION))


def spread(prefix, violation, n, month):
    """n cases on days of their own, each with two codes: what fills a list."""
    perpetrators = ["police", "partner", "unknown", "health_worker", "relative"]
    return [(f"{prefix}{k}", f"2024-{month + k // 10:02d}-{1 + 2 * (k % 10):02d}",
             {"violation": violation, "perpetrator": perpetrators[k % 5]}) for k in range(n)]


@pytest.fixture
def planted(book):
    """Twelve and thirteen events of 2024; two of them stand in both lists, one a day apart, one known to the month in the other list."""
    one = {"violation": "killing", "perpetrator": "organised_group"}
    other = {"violation": "assembly_restriction", "perpetrator": "media"}
    left = listed(book, "left.xlsx", [*spread("L", "threat", 10, 1), ("L-a", "2024-09-04", one), ("L-b", "2024-10-20", other)])
    right = listed(book, "right.xlsx", [("R-b", "2024-10", other), *spread("R", "harassment", 11, 4), ("R-a", "2024-09-05", one)])
    return [left, right]


def pairs_of(found, strength=None):
    kept = found.pairs if strength is None else found.pairs[found.pairs.strength == strength]
    return set(zip(kept.file_1, kept.case_1, kept.file_2, kept.case_2))


# Proposals


def test_the_two_planted_events_are_proposed_and_nothing_else(planted, book):
    found = alike.proposals(planted, book, NOBODY)
    assert pairs_of(found, "strong") == {("left.xlsx", "L-a", "right.xlsx", "R-a"), ("left.xlsx", "L-b", "right.xlsx", "R-b")}
    assert pairs_of(found) == pairs_of(found, "strong")


def test_a_proposal_says_its_reasons_in_words(planted, book):
    reasons = dict(zip((pairs := alike.proposals(planted, book, NOBODY).pairs).case_1, pairs.reasons))
    assert reasons["L-a"].startswith("1 day apart (2024-09-04, 2024-09-05); Violation: Killing; Perpetrator: ")
    assert reasons["L-b"].startswith("2024-10-20 lies in 2024-10; ")


def test_a_proposal_says_its_reasons_in_russian(planted, book):
    pairs = alike.proposals(planted, book, NOBODY, "ru").pairs.set_index("case_1")
    killing, group = book.label("violation", "killing", "ru"), book.label("perpetrator", "organised_group", "ru")
    assert pairs.reasons["L-a"] == f"разница в днях: 1 (2024-09-04, 2024-09-05); Нарушение: {killing}; Нарушитель: {group}"
    assert pairs.reasons["L-b"].startswith("2024-10-20 входит в 2024-10; ")
    english = alike.proposals(planted, book, NOBODY).pairs.set_index("case_1")
    assert pairs.score.equals(english.score)
    text = overlap.as_text(alike.proposals(planted, book, NOBODY, "ru"), overlap.events(planted, NOBODY, book), "ru").splitlines()
    assert text[:4] == ["событий: 25", "     12  только в left.xlsx",
                        "     13  только в right.xlsx", "      0  в left.xlsx и right.xlsx"]
    words_ = " ".join(text).replace("left.xlsx", "").replace("right.xlsx", "").replace("same_events.csv", "")
    assert not [word for word in words_.split() if word.isascii() and word.isalpha() and word not in ("L", "R")]


@pytest.mark.parametrize("left,right,agree,differ", [
    ("2024-03-04", "2024-03-04", "тот же день: 2024-03-04", ""), ("2024-03", "2024-03", "тот же месяц: 2024-03", ""),
    ("2024", "2024", "тот же год: 2024", ""), ("2024-03-04", "2024-03-06", "разница в днях: 2 (2024-03-04, 2024-03-06)", ""),
    ("2024", "2024-03", "2024-03 входит в 2024", ""), ("2024-03", "2024-05", "", "даты: 2024-03 / 2024-05")])
def test_every_way_of_dates_is_said_in_russian(left, right, agree, differ):
    ends = alike.intervals(pd.DataFrame({"date": [left, right], "year": pd.array([2024, 2024], "Int64")})).to_numpy()
    said = alike.same_date(*ends, left, right, 3)
    assert [phrase("overlap", one, "ru") for part in said for one in part] == list(filter(None, [agree, differ]))


def test_what_both_lists_say_and_do_not_share_speaks_against(book):
    same = {"violation": "killing", "setting": book.of("setting")[0], "victims_n": 2}
    left = listed(book, "a", [("A1", "2024-05-05", {**same, "means": book.of("means")[0]}), *spread("A", "fake_date", 9, 1)])
    right = listed(book, "b", [("B1", "2024-05-05", {**same, "means": book.of("means")[1]}), *spread("B", "hate_speech", 9, 7)])
    row = alike.proposals([left, right], book, NOBODY).pairs.iloc[0]
    first, second = (book.label("means", code) for code in book.of("means")[:2])
    assert f"{book.name('means')}: {first} / {second}" in row.against
    assert "ictims" in row.reasons and ": 2" in row.reasons


def test_dates_that_cannot_be_the_same_day_are_not_proposed(planted, book):
    left, right = planted
    right.cases.loc[right.cases.case_id == "R-a", "date"] = "2024-09-08"  # four days later, and overlap.yml allows three
    right.cases.loc[right.cases.case_id == "R-b", "date"] = "2024-11"
    assert alike.proposals([left, right], book, NOBODY).pairs.empty


def test_other_countries_are_not_compared(planted, book):
    left, right = planted
    found = alike.proposals([left._replace(record={"place": "kz"}), right._replace(record={"place": "kg"})], book, NOBODY)
    assert found.pairs.empty
    assert set(found.looked_at.near) == {0}
    same = alike.proposals([left._replace(record={"place": "kz"}), right._replace(record={"place": "kz"})], book, NOBODY)
    assert "Country: Kazakhstan" in same.pairs.reasons[0]


def test_the_order_of_the_lists_does_not_change_the_proposals(planted, book):
    pd.testing.assert_frame_equal(alike.proposals(planted, book, NOBODY).pairs, alike.proposals(planted[::-1], book, NOBODY).pairs)


@pytest.mark.parametrize("seed", range(5))
def test_lists_without_a_common_event_give_no_strong_proposal_and_few_others(book, seed):
    chance = np.random.default_rng(seed)
    draw = lambda variable: book.of(variable)[chance.integers(10)]  # noqa: E731
    day = lambda: f"2024-{chance.integers(1, 13):02d}-{chance.integers(1, 29):02d}"  # noqa: E731
    lists = [listed(book, name, [(f"{name}{k}", day(), {v: draw(v) for v in ("violation", "perpetrator", "setting")}) for k in range(60)])
             for name in "ab"]
    pairs = alike.proposals(lists, book, NOBODY).pairs
    assert "strong" not in set(pairs.strength[pairs.file_1 != pairs.file_2])
    assert len(pairs) <= 6  # of 3,600 pairs


def test_what_is_decided_is_not_proposed_again_and_unsure_is(planted, book):
    a, b = ("left.xlsx", "L-a", "right.xlsx", "R-a"), ("left.xlsx", "L-b", "right.xlsx", "R-b")
    assert pairs_of(alike.proposals(planted, book, decided((*a, "yes"), (*b, "no")))) == set()
    assert pairs_of(alike.proposals(planted, book, decided((*a, "unsure"), (*b, "no")))) == {a}


def test_what_follows_from_decisions_through_a_third_case_is_not_proposed(planted, book):
    through = decided(("left.xlsx", "L-a", "left.xlsx", "L0", "yes"), ("left.xlsx", "L0", "right.xlsx", "R-a", "no"))
    assert ("left.xlsx", "L-a", "right.xlsx", "R-a") not in pairs_of(alike.proposals(planted, book, through))


def test_one_event_entered_twice_in_a_list_is_proposed_on_the_same_day_only(book):
    twice = {"violation": "killing", "perpetrator": "media"}
    rows = spread("A", "fake_date", 30, 1)
    on = lambda day: listed(book, "a", [*rows, ("A-x", "2024-08-07", twice), ("A-y", day, twice)])  # noqa: E731
    assert pairs_of(alike.proposals([on("2024-08-07")], book, NOBODY), "strong") == {("a", "A-x", "a", "A-y")}
    assert alike.proposals([on("2024-08-08")], book, NOBODY).pairs.empty


def test_a_list_in_which_like_rows_are_events_of_their_own_is_not_compared_with_itself(book):
    twice = [(f"A-{k}", "2024-08-07", {"violation": "killing", "setting": "transport"}) for k in "xy"]
    rows = [*spread("A", "fake_date", 30, 1), *twice]
    assert len(alike.proposals([listed(book, "a", rows)], book, NOBODY).pairs) == 1
    assert alike.proposals([listed(book, "a", rows, profile="odihr_export")], book, NOBODY).pairs.empty


def test_a_file_sent_twice_with_a_row_more_is_proposed_row_by_row(book):
    rows = spread("KZ-", "fake_date", 10, 1)
    more = [*rows, ("KZ-10", "2024-06-01", {"violation": "killing"})]
    found = alike.proposals([listed(book, "march", rows), listed(book, "april", more)], book, NOBODY)
    assert pairs_of(found, "strong") == {("april", f"KZ-{k}", "march", f"KZ-{k}") for k in range(10)}
    assert found.pairs.reasons.str.startswith("same case code, same content").all()


def test_one_code_with_other_content_is_asked_about_and_a_bare_number_is_not(book):
    one, other = ("2024-01-03", {"violation": "killing"}), ("2024-11-07", {"violation": "fake_date"})
    lists = lambda code: [listed(book, "a", [(code, *one)]), listed(book, "b", [(code, *other)])]  # noqa: E731
    ask = lambda code: alike.proposals(lists(code), book, NOBODY).pairs  # noqa: E731
    asked = ask("KZ-7")
    assert list(asked.strength) == ["possible"]
    assert asked.reasons[0] == "same case code, other content"
    assert asked.against[0] == "dates 2024-01-03 / 2024-11-07; Violation: Killing / Fake date"
    assert ask("7").empty
    assert ask("Cases:row 2").empty  # not a code: the list has none, and this is where the row stands


def test_no_case_is_proposed_more_often_than_the_codebook_allows(book):
    same = ("2024-05-05", {"violation": "killing", "setting": "transport", "perpetrator": "media", "means": "weapon"})
    left = listed(book, "a", [*[(f"A{k}", *same) for k in range(4)], *spread("A-", "fake_date", 20, 6)])
    right = listed(book, "b", [*[(f"B{k}", *same) for k in range(4)], *spread("B-", "hate_speech", 20, 8)])
    pairs = alike.proposals([left, right], book, NOBODY).pairs
    pairs = pairs[pairs.file_1 != pairs.file_2]
    assert pairs.case_1.value_counts().max() == pairs.case_2.value_counts().max() == alike.settings()["most"] == 3
    assert set(pairs.strength) == {"possible"}  # four fit as well as each other: nobody can tell which
    assert pairs.against.str.contains("3 other cases would fit as well").all()


def test_all_pairs_of_two_lists_are_counted_as_looked_at(planted, book):
    looked = alike.proposals(planted, book, NOBODY).looked_at.set_index(["file_1", "file_2"]).pairs.to_dict()
    # 12 and 13 cases: 12 * 13 between the lists, 12 * 11 / 2 and 13 * 12 / 2 within them
    assert looked == {("left.xlsx", "left.xlsx"): 66, ("left.xlsx", "right.xlsx"): 156, ("right.xlsx", "right.xlsx"): 78}


# Their arithmetic


def test_a_rare_code_weighs_more_than_a_common_one_as_fellegi_and_sunter_reckon():
    bits = np.array([[1], [1], [2], [2], [2], [2], [2], [2], [2], [0]], np.uint64)
    weight = lambda i, j: alike.agreement(bits, np.arange(10), np.array([i]), np.array([j]), 0.9)[0]  # noqa: E731
    # Nine cases say something. Besides the two, none has the first code: (0 + 1) / (7 + 2); five have the second: (5 + 1) / (7 + 2).
    assert weight(0, 1) == pytest.approx(math.log2(0.9 / (1 / 9)))
    assert weight(2, 3) == pytest.approx(math.log2(0.9 / (6 / 9)))
    assert weight(0, 2) == pytest.approx(math.log2(0.1))  # both say something, and nothing agrees
    assert weight(0, 9) == 0  # one does not know


def test_codes_that_go_together_weigh_as_often_as_they_occur_together():
    bits = np.array([[3], [3], [3], [1], [2]], np.uint64)
    # Cases 0 and 1 share two codes, which one of the other three has together: (1 + 1) / (3 + 2), not 2/5 or more times itself.
    assert alike.agreement(bits, np.arange(5), np.array([0]), np.array([1]), 0.9)[0] == pytest.approx(math.log2(0.9 / (2 / 5)))


def test_a_date_weighs_by_the_share_of_the_period_or_of_the_cases_that_it_covers():
    weight = lambda first, last, i, j: alike.date_weight(np.array(first), np.array(last), np.arange(len(first)), np.array([i]), np.array([j]))[0]  # noqa: E731, E501
    # Of 100 days it is one, and none of the other two cases is of that day: 1 / 100.
    assert weight([0, 0, 50, 99], [0, 0, 50, 99], 0, 1) == pytest.approx(math.log2(100))
    # A day apart: three days of 100 would fit.
    assert weight([10, 11, 0, 99], [10, 11, 0, 99], 0, 1) == pytest.approx(math.log2(100 / 3))
    # Two of the other three cases are of that day: 2 / 3.
    assert weight([0, 0, 0, 0, 99], [0, 0, 0, 0, 99], 0, 1) == pytest.approx(math.log2(3 / 2))
    # A date known only to the whole period says nothing.
    assert weight([0, 0, 50, 0], [0, 0, 50, 99], 0, 3) == 0


def test_the_score_of_a_pair_is_shared_with_what_else_could_be():
    i, j, odds = np.array([0, 0, 1]), np.array([5, 6, 7]), np.array([9.0, 9.0, 9.0])
    # Half of the list stands in the other. Case 0: 4.5 / (4.5 + 4.5 + 0.5); case 1: 4.5 / (4.5 + 0.5).
    assert alike.likely(i, j, odds, 0.5) == pytest.approx([4.5 / 9.5, 4.5 / 9.5, 0.9])


LENGTHS = st.sampled_from([0, 0, 28, 30, 364, 365, -1])
def test_two_cases_that_fit_one_case_share_its_score():
    # Each alone would be 4.5 / (4.5 + 0.5); both cannot be the same case of the other list.
    assert alike.likely(np.array([0, 1]), np.array([5, 5]), np.array([9.0, 9.0]), 0.5) == pytest.approx([0.5, 0.5])


def test_a_wave_that_both_lists_are_full_of_does_not_make_them_one_list(book):
    lists = [listed(book, name, [(f"{name}{k}", "2024-05", {"violation": "fake_date"}) for k in range(10)]) for name in "ab"]
    table = alike.together(lists, book)
    table = table.join(alike.intervals(table)).assign(country_=-1)
    given = table, {"violation": alike.comparable(table, "violation", book)}, np.arange(10), np.arange(10, 20)
    i, j, how = np.repeat(np.arange(10), 10), np.tile(np.arange(10, 20), 10), alike.settings()
    odds = alike.odds_of(*given, i, j, how)
    assert np.allclose(odds, 0.1, atol=0.01)  # nothing of it is rare, and ten cases fit as well
    # Pairs within a list weigh what pairs between the lists do: nothing is left beyond chance but the one case that is always granted.
    assert alike.share_in_both(*given, i, odds, how) == pytest.approx(1 / 11)
    # If those between the lists fitted far better, all but one of eleven would be in both.
    assert alike.share_in_both(*given, i, odds * 100, how) == pytest.approx(10 / 11)


def test_a_day_just_outside_a_month_is_not_near_it():
    table = pd.DataFrame({"first": [0, 31, 31, 33], "last": [29, 31, 31, 33], "country_": -1})
    pairs = lambda mine, others: list(zip(*(s.tolist() for s in alike.near(table, np.array(mine), np.array(others), 3))))  # noqa: E731
    assert pairs([0], [1]) == pairs([1], [0]) == []
    assert pairs([2], [3]) == [(2, 3)]


INTERVALS = st.lists(st.tuples(st.integers(0, 60), LENGTHS, st.integers(-1, 2)), min_size=1, max_size=30)
DAYS = st.integers(0, 5)


@settings(deadline=None, max_examples=60)
@given(INTERVALS, DAYS, st.data())
def test_the_pairs_that_are_near_are_those_that_looking_at_every_pair_finds(rows, days, data):
    table = pd.DataFrame([(first, first + length, country) for first, length, country in rows], columns=["first", "last", "country_"])
    cut = data.draw(st.integers(0, len(rows)))
    mine, others = np.arange(cut), np.arange(cut, len(rows))
    found = list(zip(*(side.tolist() for side in alike.near(table, mine, others, days))))
    slow = []
    for a, b in itertools.product(mine.tolist(), others.tolist()):
        (f, l, c), (g, m, d) = table.loc[a], table.loc[b]  # noqa: E741
        single = f == l and g == m
        share = bool(set(range(f, l + 1)) & set(range(g, m + 1))) or (single and abs(f - g) <= days)
        if share and (c == d or -1 in (c, d)):
            slow.append((a, b))
    assert sorted(found) == sorted(slow)


# Decisions


@pytest.fixture
def office(tmp_path, monkeypatch, book):
    """A project of its own with two lists in data/raw: decisions are written into office/same_events.csv."""
    root = RAW.parents[1]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "codebook").symlink_to(root / "data" / "codebook")
    for folder in ("office", "media"):
        (tmp_path / "data" / "raw" / folder).mkdir(parents=True)
        (tmp_path / "data" / "raw" / folder / "2024.csv").write_text("", encoding="utf-8")
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    rows = [(code, "2024-05-05", {"violation": "killing"}) for code in ("1", "2", "3")]
    lists = [listed(book, f"{folder}/2024.csv", rows) for folder in ("office", "media")]

    def decide(*lines, file="office/same_events.csv", head=HEAD):
        path = tmp_path / "data" / "raw" / file
        path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        return overlap.decisions([path], lists)
    return decide


def wrong(decide, *lines, **where):
    with pytest.raises(DataError) as raised:
        decide(*lines, **where)
    return [(one.cell, one.rule) for one in raised.value.problems]


WHY = "the same day and place,A. Tester,2026-01-20"


def test_an_event_of_lists_of_cases_and_of_incidents_is_a_case():
    assert overlap.unit_of(["cases", "cases"]) == overlap.unit_of(["incidents", "cases"]) == "cases"
    assert overlap.unit_of(["incidents"]) == "incidents" and overlap.unit_of(["victims", "victims"]) == "victims"
    with pytest.raises(UsageError, match="cases and victims, which cannot be counted together"):
        overlap.unit_of(["victims", "cases"])


def test_a_decision_is_read_and_a_line_without_an_answer_waits(office):
    found = office(f"office/2024.csv,1,media/2024.csv,2,yes,{WHY}", "office/2024.csv,2,media/2024.csv,3,,,,")
    assert found[["case_1", "case_2", "same"]].values.tolist() == [["1", "2", "yes"]]


def test_everything_wrong_with_decisions_is_told_at_once(office):
    found = wrong(office, "office/2024.csv,1,media/2024.csv,2,perhaps,,,05.05.2026", f"office/2023.csv,1,media/2024.csv,9,no,{WHY}",
                  f"office/2024.csv,1,office/2024.csv,1,yes,{WHY}")
    assert sorted(found) == [("A2", "decision_incomplete"), ("A3", "decision_file"), ("A4", "decision_itself"),
                             ("D3", "decision_case"), ("E2", "decision_answer"), ("H2", "decision_date")]


def test_a_day_that_does_not_exist_is_no_day_of_a_decision(office):
    assert wrong(office, "office/2024.csv,1,media/2024.csv,2,no,why,A. Tester,2026-02-30") == [("H2", "decision_date")]


def test_two_decisions_that_contradict_each_other_are_refused(office):
    pair = "office/2024.csv,1,media/2024.csv,2"
    assert wrong(office, f"{pair},yes,{WHY}", f"media/2024.csv,2,office/2024.csv,1,no,{WHY}") == [("A3", "decision_contradicts")]


def test_decisions_that_contradict_each_other_through_a_third_case_are_refused(office):
    lines = [f"office/2024.csv,1,media/2024.csv,1,yes,{WHY}", f"media/2024.csv,1,office/2024.csv,2,yes,{WHY}",
             f"office/2024.csv,1,office/2024.csv,2,no,{WHY}"]
    with pytest.raises(DataError, match="same_events.csv line 2, same_events.csv line 3"):
        office(*lines)
    assert len(office(*lines[:2])) == 2


def test_decisions_about_other_sources_are_left_to_them(office):
    (overlap.home() / "data" / "raw" / "office" / "2022.csv").write_text("", encoding="utf-8")
    assert office(f"office/2022.csv,77,media/2024.csv,1,yes,{WHY}").empty


def test_a_private_list_is_not_named_in_the_public_file(office):
    found = wrong(office, f"office/2024.csv,1,media/2024.csv,2,yes,{WHY}", file="same_events.csv")
    assert found == [("A2", "decision_private"), ("C2", "decision_private")]


def test_a_file_of_decisions_without_its_columns_is_refused(office):
    assert wrong(office, "1,2", head="case_1,case_2") == [("", "decisions_unreadable")]


def test_decisions_stand_beside_the_lists_and_in_the_common_file(office):
    office(file="office/same_events.csv")
    office(file="same_events.csv")
    raw = overlap.home() / "data" / "raw"
    assert overlap.decision_files([raw / "office" / "2024.csv", raw / "media" / "2024.csv"]) == [
        raw / "same_events.csv", raw / "office" / "same_events.csv"]
    assert overlap.name(raw / "office" / "2024.csv") == "office/2024.csv"


def test_proposals_written_out_are_decisions_that_wait(planted, book, tmp_path):
    lines = overlap.to_decide(alike.proposals(planted, book, NOBODY))
    lines.to_csv(tmp_path / "same_events.csv", index=False)
    assert overlap.decisions([tmp_path / "same_events.csv"], planted).empty
    lines.assign(same="yes", reason="told by both", by="A. Tester", date="2026-01-20").to_csv(tmp_path / "same_events.csv", index=False)
    assert len(overlap.decisions([tmp_path / "same_events.csv"], planted)) == 2


def test_the_common_file_that_is_shipped_holds_no_decision_yet():
    assert overlap.decisions([RAW / "same_events.csv"], []).empty


# Events


YES = (("left.xlsx", "L-a", "right.xlsx", "R-a", "yes"), ("left.xlsx", "L-b", "right.xlsx", "R-b", "yes"))


def test_an_event_that_stands_in_two_lists_is_counted_once(planted, book):
    apart, made = (overlap.events(planted, decided(*lines), book) for lines in ((), YES))
    assert (len(apart.cases), len(made.cases)) == (25, 23)
    killings = lambda events: breakdown(events.cases, book, ["violation"]).set_index("violation").n["killing"]  # noqa: E731
    assert (killings(apart), killings(made)) == (2, 1)
    table = overlap.overlap(made)
    # 12 and 13 cases, 2 of each in both
    assert table.to_dict("list") == {"left.xlsx": [True, False, True], "right.xlsx": [False, True, True], "events": [10, 11, 2]}


def test_an_event_says_in_which_lists_it_stands_and_of_which_cases_it_is_made(planted, book):
    cases = overlap.events(planted, decided(*YES), book).cases.set_index("case_id")
    assert cases.at["left.xlsx: L-a", "lists"] == "left.xlsx; right.xlsx"
    assert cases.at["left.xlsx: L-a", "cases"] == "left.xlsx L-a; right.xlsx R-a"
    assert cases.at["right.xlsx: R0", "lists"] == "right.xlsx"


def test_the_order_of_the_lists_does_not_change_the_events(planted, book):
    pd.testing.assert_frame_equal(*(overlap.events(lists, decided(*YES), book).cases for lists in (planted, planted[::-1])))


def one_event(book, *rows):
    """The one event of several cases, each in a list of its own, with the problems of putting it together."""
    lists = [listed(book, f"list {k}", [(f"C{k}", *row)]) for k, row in enumerate(rows)]
    yes = [("list 0", "C0", f"list {k}", f"C{k}", "yes") for k in range(1, len(rows))]
    made = overlap.events(lists, decided(*yes), book)
    assert len(made.cases) == 1
    return made.cases.iloc[0], made


def codes_of(made, book, variable):
    counted = breakdown(made.cases, book, [variable])
    return set(counted[counted.n > 0][variable])


def test_the_codes_of_all_lists_are_united_and_not_knowing_gives_way(book):
    _, made = one_event(book, ("2024-05", {"violation": "killing", "means": ""}), ("2024", {"violation": "fake_date; killing"}),
                        ("", {"violation": "", "means": book.of("means")[0]}))
    assert codes_of(made, book, "violation") == {"killing", "fake_date"}
    assert codes_of(made, book, "means") == {book.of("means")[0]}
    assert made.problems == []


def test_what_no_list_knows_keeps_the_way_of_not_knowing_that_says_most(book):
    kinds = {kind: code for code, kind in book.unknown("setting").items()}
    _, made = one_event(book, ("2024", {"setting": kinds["not_stated"]}), ("2024", {"setting": kinds["refused"]}),
                        ("2024", {"violation": "killing"}))
    assert codes_of(made, book, "setting") == {kinds["refused"]}


def test_what_a_list_has_no_column_for_was_not_asked(book):
    made = overlap.events([listed(book, "a", [("1", "2024", {"violation": "killing", "setting": book.of("setting")[0]})]),
                           listed(book, "b", [("1", "2024", {"violation": "killing"})])], NOBODY, book)
    counted = breakdown(made.cases, book, ["setting"]).set_index("setting").n
    assert (counted[book.of("setting")[0]], counted["not_asked"], counted.sum()) == (1, 1, 2)


def test_lists_that_contradict_each_other_in_one_value_make_it_unknown_and_say_so(book):
    first, second = book.of("setting")[:2]
    row, made = one_event(book, ("2024", {"setting": first, "victims_n": 2}), ("2024", {"setting": second, "victims_n": 3}))
    kinds = {kind: code for code, kind in book.unknown("setting").items()}
    assert codes_of(made, book, "setting") == {kinds["unknown"]}
    assert pd.isna(row.victims_n)
    assert [(one.rule, one.severity, one.column) for one in made.problems] == [("event_values_differ", "warn", "setting"),
                                                                              ("event_values_differ", "warn", "victims_n")]
    assert book.label("setting", first) in made.problems[0].message and "2 / 3" in made.problems[1].message


def test_a_number_that_one_list_knows_is_kept(book):
    row, made = one_event(book, ("2024", {"victims_n": ""}), ("2024", {"victims_n": 3}))
    assert row.victims_n == 3 and made.problems == []


def test_the_most_precise_date_is_kept(book):
    killing = {"violation": "killing"}
    row, made = one_event(book, ("2024", killing), ("2024-05-06", killing), ("2024-05", killing))
    assert (row.date, row.date_precision, row.year, made.problems) == ("2024-05-06", "day", 2024, [])


def test_dates_of_one_event_that_contradict_each_other_are_noted_and_the_earliest_is_kept(book):
    row, made = one_event(book, ("2024-05-07", {"violation": "killing"}), ("2024-05-06", {"violation": "killing"}))
    assert row.date == "2024-05-06"
    assert [one.rule for one in made.problems] == ["event_dates_differ"]


def test_an_event_of_two_years_is_refused(book):
    _, made = one_event(book, ("2024-12-31", {"violation": "killing"}), ("2025-01-01", {"violation": "killing"}))
    assert [(one.rule, one.severity) for one in made.problems] == [("event_years_differ", "refuse")]


def test_only_lists_of_events_with_names_of_their_own_are_put_together(book):
    rows = [("1", "2024", {"violation": "killing"})]
    with pytest.raises(UsageError, match="victims, not events"):
        overlap.events([listed(book, "a", rows, unit="victims")], NOBODY, book)
    with pytest.raises(UsageError, match="name of its own"):
        overlap.events([listed(book, "a", rows), listed(book, "a", rows)], NOBODY, book)


SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=3)


@settings(deadline=None, max_examples=40)
@given(SIZES, st.data())
def test_each_yes_takes_away_one_event_unless_the_two_are_one_already(book, sizes, data):
    lists = [listed(book, f"list {n}", [(f"C{k}", "2024", {"violation": "killing"}) for k in range(size)]) for n, size in enumerate(sizes)]
    every = [(one.name, case) for one in lists for case in one.cases.case_id]
    lines, parts = [], [{one} for one in every]
    for a, b in data.draw(st.lists(st.tuples(st.sampled_from(every), st.sampled_from(every)), max_size=8)):
        if a == b:
            continue
        before = len(overlap.events(lists, decided(*lines), book).cases)
        lines.append((*a, *b, "yes"))
        made = overlap.events(data.draw(st.permutations(lists)), decided(*lines), book)
        one, other = (next(part for part in parts if end in part) for end in (a, b))
        assert before - len(made.cases) == (one is not other)
        if one is not other:
            parts = [part for part in parts if part not in (one, other)] + [one | other]
        assert sorted(map(len, parts)) == sorted(made.cases.cases.str.count(";") + 1)
        table = overlap.overlap(made)
        assert table.events.sum() == len(made.cases) == len(parts)
        for name in made.names:  # the events of a list are its cases, but for those entered twice
            assert table.events[table[name]].sum() == sum(any(file == name for file, _ in part) for part in parts)


def test_open_proposals_are_noted_with_how_many_there_are(planted, book):
    noted = overlap.open_problems(alike.proposals(planted, book, NOBODY))
    assert [(one.rule, one.severity) for one in noted] == [("undecided", "warn")]
    assert noted[0].message.startswith("2 pairs with right.xlsx may be one event, 2 of them are strong")
    assert overlap.open_problems(alike.proposals(planted, book, decided(*YES))) == []


def test_the_text_and_the_json_say_the_same(planted, book):
    found, made = alike.proposals(planted, book, NOBODY), overlap.events(planted, NOBODY, book)
    told = json.loads(json.dumps(overlap.as_json(found, made), allow_nan=False))
    assert (told["unit"], told["events"], len(told["proposals"]), len(told["problems"])) == ("events", 25, 2, 1)
    assert told["overlap"] == [{"lists": ["left.xlsx"], "n": 12}, {"lists": ["right.xlsx"], "n": 13},
                               {"lists": ["left.xlsx", "right.xlsx"], "n": 0}]
    text = overlap.as_text(found, made).splitlines()
    assert text[:4] == ["25 events", "     12  in left.xlsx only", "     13  in right.xlsx only", "      0  in left.xlsx and right.xlsx"]
    assert "strong: left.xlsx, L-a = right.xlsx, R-a?" in text


# The public lists


@pytest.fixture(scope="module")
def public(book):
    """ECOM's 31 cases, ODIHR's 89 incidents of Kazakhstan as coded here, and ODIHR's export of 18,112 incidents."""
    files = {"ecom": ECOM, "coded": ODIHR_KAZAKHSTAN, "export": ODIHR}
    return {name: Listed(name, tidied(file, book).cases, source_record(file)) for name, file in files.items()}


def test_the_incidents_of_kazakhstan_are_found_again_in_the_export(public, book):
    found = alike.proposals([public["coded"], public["export"]], book, NOBODY)
    cases = public["export"].cases
    there = cases[cases.country == 1 << book.of("country").index("kz")]
    # Both files keep ODIHR's order, so the 1st incident of Kazakhstan is KZ-001, and so on to KZ-089.
    truth = set(zip(public["coded"].cases.case_id, there.case_id))
    proposed = {(case_1, case_2) for _, case_1, _, case_2 in pairs_of(found)}
    strong = {(case_1, case_2) for _, case_1, _, case_2 in pairs_of(found, "strong")}
    assert len(truth) == 89
    assert len(proposed & truth) >= 85  # 24 of the 89 look like others in date, bias and type
    assert len(strong) >= 40 and strong <= truth
    assert len(proposed) <= 3 * 89


def test_the_higher_the_score_the_more_pairs_are_true(public, book):
    """A score is no probability: on these lists the middle ones are too low. But it must put pairs in the right order."""
    pairs = alike.proposals([public["coded"], public["export"]], book, NOBODY).pairs
    cases = public["export"].cases
    truth = set(zip(public["coded"].cases.case_id, cases.case_id[cases.country == 1 << book.of("country").index("kz")]))
    true = pd.Series([pair in truth for pair in zip(pairs.case_1, pairs.case_2)])
    # Of 136 pairs: 17 of 55 below 0.4, 22 of 32 up to 0.8, and all 49 from there.
    shares = true.groupby(pd.cut(pairs.score, [0, 0.4, 0.8, 1.01], right=False), observed=True).mean()
    assert shares.is_monotonic_increasing and shares.iloc[0] < 0.4 and 0.6 < shares.iloc[1] < 1 and shares.iloc[2] == 1


def test_lists_of_other_years_have_no_event_in_common(public, book):
    found = alike.proposals([public["ecom"], public["coded"], public["export"]], book, NOBODY)
    assert not any("ecom" in (file_1, file_2) for file_1, _, file_2, _ in pairs_of(found))
    made = overlap.events([public["ecom"], public["export"]], NOBODY, book)
    assert len(made.cases) == 31 + 18_112


def test_all_incidents_of_the_coded_file_decided_leave_the_export_as_it_was(public, book):
    cases = public["export"].cases
    there = cases[cases.country == 1 << book.of("country").index("kz")].case_id
    yes = decided(*(("coded", one, "export", other, "yes") for one, other in zip(public["coded"].cases.case_id, there)))
    made = overlap.events([public["coded"], public["export"]], yes, book)
    assert overlap.overlap(made).events.tolist() == [0, 18_112 - 89, 89]
    bias = breakdown(made.cases, book, ["bias_motivation"], {"country": ["kz"]}).set_index("bias_motivation").n
    assert bias["anti_lgbti"] == 64  # of 89, as data/raw/odihr says
