"""Acts, victims and perpetrators of linked sheets, counted as such: HRDAG's example, invented sheets, and joins done in plain Python."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, tidied

from analysis import count, deidentify, figure, ledger, protect, read, results, sha256, source, tidy
from analysis.problems import UsageError
from analysis.wording import sentences

ACTS = ["Act record number", "Event record number", "Victim record number", "Type of act"]
VICTIMS = ["Victim record number", "Event record number", "Victim", "Victim characteristics"]
PERPETRATORS = ["Perpetrator record number", "Act record number", "Perpetrator", "Type of perpetrator"]
EVENTS = ["Event record number", "Event title", "Initial date", "Local geographical area", "Number of victims"]

# HRDAG, who did what to whom: four victims of execution, one of them killed by two perpetrators together.
# By perpetrator 2 and 3, which are 5 responsibilities; the victims stay 4.
EXECUTIONS = {
    "Events": [EVENTS, ["E1", "Invented", "2024-03-04", "Almaty", ""]],
    "Acts": [ACTS, *[[f"A{at}", "E1", f"V{at}", "Killing"] for at in (1, 2, 3, 4)]],
    "Victims": [VICTIMS, *[[f"V{at}", "E1", "Person Invented", "Gay man"] for at in (1, 2, 3, 4)]],
    "Perpetrators": [PERPETRATORS, *[[p, a, "Person Invented", "Police" if p == "P1" else "Private person"]
                                     for p, a in (("P1", "A1"), ("P1", "A2"), ("P2", "A2"), ("P2", "A3"), ("P2", "A4"))]],
}


def noted(file, book):
    """A file tidied whatever is wrong in it."""
    return tidy.cases(read.raw(file, book), book)


def occurring(table, variable):
    """Code -> n of the cells that are not 0."""
    return dict(zip(table[variable][table.n > 0], table.n[table.n > 0]))


def test_four_victims_of_whom_one_was_killed_by_two_are_four_victims_and_five_responsibilities(book, made):
    units = tidied(made(EXECUTIONS), book).units
    by_perpetrator = count.breakdown(units["victims"], book, ["perpetrator"], unit="victims")
    assert occurring(by_perpetrator, "perpetrator") == {"police": 2, "private_person": 3}
    assert by_perpetrator.n.sum() == 5 and set(by_perpetrator.base) == {4} and set(by_perpetrator.unit) == {"victims"}
    assert count.breakdown(units["victims"], book, [], unit="victims").n.item() == 4
    with pytest.raises(UsageError, match="sum of 5 counts some cases twice, and is no number of victims"):
        count.add(by_perpetrator, book, "perpetrator", ["police", "private_person"])
    either = count.any_of(units["victims"], book, "perpetrator", ["police", "private_person"], unit="victims")
    assert (either.n.item(), either.base.item()) == (4, 4)
    # One killing has two perpetrators, so it is one act of each; there are two perpetrators and one case.
    for unit, answer in {"acts": {"police": 2, "private_person": 3}, "perpetrators": {"police": 1, "private_person": 1}}.items():
        assert occurring(count.breakdown(units[unit], book, ["perpetrator"], unit=unit), "perpetrator") == answer
    assert all(units[unit].attrs["of_case"] == [] for unit in ("acts", "victims", "perpetrators"))
    cases = tidied(made(EXECUTIONS), book).cases
    assert cases[["victims_n", "perpetrators_n"]].values.tolist() == [[4, 2]]


# E1: two acts, each to a victim of its own, one of them by a perpetrator. E2: a victim, no act. E3: nothing but a number of victims.
# E4 states three victims and lists one. E5 says nothing of victims at all.
SHEETS = {
    "Events": [EVENTS, ["E1", "x", "2023-12-30", "Almaty", ""], ["E2", "x", "2024-01-02", "Astana", ""],
               ["E3", "x", "2024-01-03", "Astana", 2], ["E4", "x", "2024-01-04", "Almaty", 3], ["E5", "x", "2024", "Almaty", ""]],
    "Acts": [ACTS, ["A1", "E1", "V1", "Killing"], ["A2", "E1", "V2", "Threats"], ["A4", "E4", "V4", "Threats"]],
    "Victims": [VICTIMS, ["V1", "E1", "Person One", "Gay man"], ["V2", "E1", "Person Two", "Trans woman"], ["V3", "E2", "Person Three", ""],
                ["V4", "E4", "Person Four", "Gay man"]],
    "Perpetrators": [PERPETRATORS, ["P1", "A2", "Person Five", "Police"]],
}


def test_each_unit_has_its_own_codes_and_those_of_its_case(book, made):
    units = tidied(made(SHEETS), book).units
    victims = units["victims"]
    assert victims.case_id.tolist() == ["E1", "E1", "E2", "E4", "E3", "E4", "E5"]
    assert victims.victims_n.fillna(-1).tolist() == [1, 1, 1, 1, 2, 2, -1]  # two of E3, two more of E4, and nobody knows of E5
    assert victims[["sheet", "row"]].values.tolist() == [["Victims", 2], ["Victims", 3], ["Victims", 4], ["Victims", 5],
                                                         ["Events", 4], ["Events", 5], ["Events", 6]]
    ask = lambda variable, where=None: count.breakdown(victims, book, [variable], where, unit="victims")  # noqa: E731
    assert set(ask("violation").base) == {8} and ask("violation").unstated.sum() == 1
    assert occurring(ask("violation"), "violation") == {"killing": 1, "threat": 2, "not_stated": 1 + 2 + 2}
    assert occurring(ask("perpetrator"), "perpetrator") == {"police": 1, "not_stated": 7}
    assert occurring(ask("victim_group"), "victim_group") == {"gay_man": 2, "trans_woman": 1, "not_stated": 5}
    assert occurring(ask("region"), "region") == {"kz_75": 2 + 3, "kz_71": 1 + 2}  # of the case: E1 and E4, E2 and E3
    assert occurring(ask("year"), "year") == {"2023": 2, "2024": 6}
    threatened = ask("perpetrator", {"violation": "threat"})
    assert occurring(threatened, "perpetrator") == {"police": 1, "not_stated": 1} and set(threatened.base) == {2}
    # Of E2, E3 and E5 nobody lists an act: how many there were is not stated, and is not 0 or 1.
    acts = count.breakdown(units["acts"], book, ["violation"], unit="acts")
    assert occurring(acts, "violation") == {"killing": 1, "threat": 2} and set(acts.base) == {3} and acts.unstated.sum() == 3
    assert not {"victims_n", "perpetrators_n"} & set(units["acts"].columns)


def test_codes_that_no_key_leads_to_are_those_of_the_case_and_it_is_said(book, made):
    """The acts do not say to whom they were done: of two victims of a killing and a threat, which was killed is not known."""
    acts = [[row[0], row[1], row[3]] for row in SHEETS["Acts"]]
    units = tidied(made(SHEETS | {"Acts": acts}), book).units
    assert units["victims"].attrs["of_case"] == ["violation", "perpetrator"] and units["perpetrators"].attrs["of_case"] == ["victim_group"]
    table = count.breakdown(units["victims"], book, ["violation"], {"year": "2023"}, unit="victims")
    assert occurring(table, "violation") == {"killing": 2, "threat": 2} and set(table.base) == {2}
    said = results.remarks(units["victims"], book, ["violation:group", "region"], {"year": "2023"}, "victims", "cases")
    assert said == "Violation: recorded of the whole case, not of each of the victims"  # the region is that of the case in any event


def test_a_record_number_of_two_cases_is_counted_in_each_and_told(book, made):
    more = [*SHEETS["Victims"], ["V1", "E2", "Person One", "Gay man"], ["V1", "E1", "Person One", "Gay man"]]
    found = noted(made(SHEETS | {"Victims": more}), book)
    assert [(one.sheet, one.cell) for one in found.problems if one.rule == "unit_of_several_cases"] == [("Victims", "A6")]
    assert "in 2 cases" in next(one.message for one in found.problems if one.rule == "unit_of_several_cases")
    assert count.breakdown(found.units["victims"], book, [], unit="victims").n.item() == 9  # 8 and V1 once more in E2, once only in E1
    assert not [one for one in noted(made(SHEETS), book).problems if one.rule == "unit_of_several_cases"]


def test_rows_of_a_unit_are_not_cases_nor_another_unit(book, made):
    found = tidied(made(SHEETS), book)
    for unit in ("cases", "mentions", "acts", "perpetrators"):
        with pytest.raises(UsageError, match="Each row is a part of a case.*Did you mean victims"):
            count.breakdown(found.units["victims"], book, ["violation"], unit=unit)
    with pytest.raises(UsageError, match="no unit 'acts'"):  # the cases do not say how many acts they are
        count.breakdown(found.cases, book, ["violation"], unit="acts")
    profiles = count.profiles(found.units["victims"], book, ["violation"], "victims_n")
    assert count.breakdown(profiles, book, ["violation"], unit="victims").base.iloc[0] == 8
    with pytest.raises(UsageError, match="no unit 'cases' to count here. Each row is a part of a case, and a case can have several.$"):
        count.breakdown(profiles, book, ["violation"])


def test_no_table_of_units_says_who_somebody_is(book, made):
    home = {column for column, how in book.profiles["events"]["columns"].items() if how["kind"] in deidentify.STAYS_HOME}
    for unit, table in tidied(made(SHEETS), book).units.items():
        assert home and not home & set(table.columns)
        assert not table.astype(str).stack().str.contains("Person|V1|P1|A1").any(), unit


def test_rows_without_keys_are_one_unit_each_and_files_without_linked_sheets_have_none(book, made, odihr_kazakhstan):
    victims = [VICTIMS, *[["", "E1", "x", "Gay man"]] * 3]
    found = tidied(made(EXECUTIONS | {"Victims": victims, "Acts": [[row[0], row[1], row[3]] for row in EXECUTIONS["Acts"]]}), book)
    assert len(found.units["victims"]) == 3 and found.units["victims"].victims_n.tolist() == [1, 1, 1]
    assert odihr_kazakhstan.units == {}


# The same joins in plain Python, on random sheets.

TYPES = {"Killing": "killing", "Threats": "threat", "Robbery or theft": "robbery_theft"}
WHO = {"Police": "police", "Private person": "private_person", "Acquaintance": "acquaintance"}


def random_sheets(luck):
    """Invented sheets in which an act is done to one of the victims of its event, and a perpetrator may have done several."""
    events = [f"E{at}" for at in range(luck.randint(1, 5))]
    victims = [(f"V{at}", luck.choice(events)) for at in range(luck.randint(1, 8))]
    chosen = luck.choices(victims, k=luck.randint(1, 9))
    acts = [(f"A{at}", event, victim, luck.choice(list(TYPES))) for at, (victim, event) in enumerate(chosen)]
    doers = {(f"P{luck.randint(0, 4)}", luck.choice(acts)[0]) for _ in range(luck.randint(1, 9))}
    kind = {f"P{at}": luck.choice(list(WHO)) for at in range(5)}
    sheets = {"Events": [EVENTS, *[[event, "x", "2024-01-01", "Almaty", ""] for event in events]], "Acts": [ACTS, *map(list, acts)],
              "Victims": [VICTIMS, *[[victim, event, "x", "Gay man"] for victim, event in victims]],
              "Perpetrators": [PERPETRATORS, *[[p, act, "x", kind[p]] for p, act in sorted(doers)]]}
    return sheets, events, victims, acts, doers, kind


def test_random_linked_sheets_are_joined_as_python_joins_them(book, made):
    luck = random.Random(11)
    for _ in range(12):
        sheets, events, victims, acts, doers, kind = random_sheets(luck)
        units = tidied(made(sheets), book).units
        event_of = {act: event for act, event, _, _ in acts}
        done = {(p, event_of[act]): {a for q, a in doers if q == p and event_of[a] == event_of[act]} for p, act in doers}
        expected = {
            "victims": [({TYPES[t] for a, _, v, t in acts if v == victim}, {WHO[kind[p]] for p, a in doers if a in
                         {a for a, _, v, _ in acts if v == victim}}) for victim, _ in victims],
            "acts": [({TYPES[t]}, {WHO[kind[p]] for p, a in doers if a == act}) for act, _, _, t in acts],
            "perpetrators": [({TYPES[t] for a, _, _, t in acts if a in mine}, {WHO[kind[p]]}) for (p, _), mine in done.items()]}
        listed = {"victims": {e for _, e in victims}, "acts": {e for _, e, *_ in acts}, "perpetrators": {e for _, e in done}}
        for unit, rows in expected.items():
            silent = len(events) - len(listed[unit])  # events that list none of the unit do not say how many there were
            for at, variable in enumerate(("violation", "perpetrator")):
                table = count.breakdown(units[unit], book, [variable], unit=unit)
                by_hand = {code: sum(code in row[at] for row in rows) for code in (TYPES if at == 0 else WHO).values()}
                found = table.set_index(variable)
                assert {code: found.n[code] for code in by_hand} == by_hand
                assert set(table.base) == {len(rows)} and found.unstated["not_stated"] == silent
                assert found.n["not_stated"] == sum(not row[at] for row in rows)


# From the sheet to the result, its sentence and its figure.

RECORD = """
title: Invented
publisher: Invented
page: none
received: 2026-01-01
licence: none
level: public
cite: An invented source
cannot_say: [nothing]
unit: cases
period: "2023-2024"
place: kz
"""


@pytest.fixture
def part(book, made, tmp_path, monkeypatch):
    """The invented sheets as a source of a report, the acts not saying to whom they were done."""
    shutil.copytree(ROOT / "data" / "codebook", tmp_path / "data" / "codebook")
    raw = tmp_path / "data" / "raw" / "office"
    raw.mkdir(parents=True)
    file = made(SHEETS | {"Acts": [[row[0], row[1], row[3]] for row in SHEETS["Acts"]]})
    shutil.copy(file, raw / "2024.xlsx")
    (raw / "2024.xlsx.source.yml").write_text(f"{RECORD}sha256: {sha256(file)}\n", encoding="utf-8")
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    source.prepare("data/processed/x", ["office/2024.xlsx"], book)
    return source.opened("data/processed/x", "office/2024.xlsx", book)


def test_results_of_units_say_what_is_not_known_draw_and_speak(part, book):
    total = results.total(part, book, "02", "victims").iloc[0]
    assert (total.id, total.n, total.value, total.unit) == ("02_victims.total", 8, 1, "victims")
    assert total.note == "1 documented case without a number of victims, and none was put in its place"
    assert results.total(part, book, "02").n.item() == results.total(part, book, "02", "cases").n.item() == 5
    found = results.sums(part, book, "02", "victims", "violation")
    assert "Violation: recorded of the whole case, not of each of the victims" in found.note.iloc[0] and set(found.method) == {"sum"}
    row = next(found[found.codes == "threat"].itertuples())  # two of E1, and the three that E4 states
    assert sentences.of(row, book) == "5 of 8 documented victims (63%) stand in the records with “threats” as violation."
    safe = protect.publication(found)
    drawn = figure.draw(safe, "02_victims_violations", book)
    texts = {text.get_text() for ax in drawn.axes for text in ax.texts}
    assert {"Victims", "Share", "Without a number", "5", "63%"} <= texts and "95% interval" not in texts
    assert ledger.complete(pd.DataFrame()).equals(results.sums(None, book, "02", "victims", "violation"))


def test_tables_of_units_that_a_source_no_longer_has_are_removed(part, book):
    kept = source.unit_file(part.cases, "victims")
    assert kept.exists() and source.counted_in(part.cases, "victims") == kept and source.counted_in(part.cases, "cases") == part.cases
    assert pd.read_parquet(kept).attrs["of_case"] == ["violation", "perpetrator"]
    source.keep_units({}, part.cases, book)
    assert not kept.exists() and source.counted_in(part.cases, "victims") == part.cases


def casebook(*words, code=0):
    done = subprocess.run([Path(sys.executable).with_name("casebook"), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def test_the_command_counts_units_groups_and_bases(made):
    file = made(SHEETS)
    found = json.loads(casebook("count", file, "--by", "perpetrator", "--unit", "victims", "--format", "json"))
    cells = {cell["perpetrator"]: cell for cell in found["cells"]}
    assert (found["unit"], found["base"], found["base_rule"]) == ("victims", 8, "all")
    assert "1 documented case without a number" in found["note"]
    assert {name: cells["police"][name] for name in ("n", "base", "low", "high", "method", "unstated")} == {
        "n": 1, "base": 8, "low": None, "high": None, "method": "sum", "unstated": 0}
    assert cells["not_stated"]["unstated"] == 1
    said = casebook("count", file, "--by", "violation:group", "--unit", "victims")
    assert said.startswith("8 documented victims; no intervals") and "and 1 without a number" in said
    said = casebook("count", file, "--by", "violation", "--base", "answered")
    assert said.startswith("2 documented cases with a known value; 95% Wilson intervals")
    refused = casebook("count", file, "--by", "violation", "--unit", "dogs", code=2)
    assert "counted as cases, perpetrators, victims, acts or as mentions, not as dogs" in refused
    assert "does not say to which cases" in casebook("count", file, "--by", "violation", "--base", "applies", code=2)
