"""A confidential source from the sheet to what may be counted, on invented people: nothing that names them leaves the raw file."""

import csv
import json
import shutil
from collections import Counter

import confidential
import openpyxl
import pandas as pd
import papermill
import pyarrow.parquet as pq
import pytest
import yaml
from conftest import ROOT

from analysis import codebook, ledger, read, results, run, source, tidy, trace
from analysis.problems import DataError
from analysis.protection import policy, risk
from analysis.sheets import keys
from analysis.years import dated, like_for_like
from analysis.years.effort import recorded

SHEET, FOLDER = confidential.SHEET, f"data/processed/{confidential.REPORT}"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A project of 120 invented cases, prepared as a report does."""
    place = confidential.project(tmp_path_factory.mktemp("confidential"), 120)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBOOK_HOME", str(place))
        yield place


@pytest.fixture(scope="module")
def book(home):
    return codebook.load()


@pytest.fixture(scope="module")
def prepared(home, book):
    return source.prepare(FOLDER, [SHEET], book)


@pytest.fixture(scope="module")
def part(prepared, book):
    return source.opened(FOLDER, SHEET, book)


def raw_cases(book):
    """The cases as the sheet has them: its own codes, exact dates, ages, regions."""
    record = codebook.source_record(source.path(SHEET))
    return tidy.checked(read.raw(source.path(SHEET), book), book, record).cases


# The invented people


def test_the_first_31_cases_are_the_worked_example_of_the_protection_policy():
    # fake date: citizen 8, police 1; hate speech: citizen 4, official 3; assembly: official 3; outing: media 2; health: doctor 2;
    # other: citizen 4, police 4. In all 31.
    pairs = Counter((case["violation"][0], case["perpetrator"][0]) for case in map(confidential.case, range(1, 32)))
    named = {("fake_date", "private_person"): 8, ("fake_date", "police"): 1, ("hate_speech", "private_person"): 4,
             ("hate_speech", "public_official"): 3, ("assembly_restriction", "public_official"): 3, ("forced_outing", "media"): 2,
             ("denial_of_health_service", "health_worker"): 2}
    assert {pair: n for pair, n in pairs.items() if pair in named} == named and sum(pairs.values()) == 31
    other = Counter(who for (act, who), n in pairs.items() if (act, who) not in named for _ in range(n))
    assert other == {"private_person": 4, "police": 4}


@pytest.mark.parametrize("cases", [31, 500])
def test_every_file_reads_without_a_problem_and_names_nobody_twice(cases, tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_HOME", str(confidential.project(tmp_path, cases)))
    book = codebook.load()
    found = tidy.cases(read.raw(source.path(SHEET), book), book, codebook.source_record(source.path(SHEET)))
    assert found.problems == [] and len(found.cases) == cases and set(found.cases.year) == {2022, 2023, 2024}
    told = confidential.canaries(cases)
    assert len(set(told)) == cases == len({text for _, text in told}) and set(told) <= set(confidential.planted(cases))
    planted = [text for kind, text in confidential.planted(cases) if kind != "documenter"]
    assert len(set(planted)) == len(planted) == 11 * cases
    sheet = openpyxl.load_workbook(source.path(SHEET), read_only=True).active
    cells = "\n".join(str(cell) for row in sheet.values for cell in row if cell).casefold()
    assert not [text for text in planted if text.casefold() not in cells]


def test_a_case_is_the_same_in_every_file_and_small_cells_abound(book):
    cases = pd.DataFrame(map(confidential.case, range(1, 121)))
    assert [confidential.case(n) for n in (1, 40)] == [cases.iloc[n - 1].to_dict() for n in (1, 40)]
    counts = [Counter(cases[variable]) for variable in confidential.OF_PERSONS if variable != "victim_group"]
    assert sum(0 < n < 5 for count in counts for n in count.values()) >= 10


# What goes further


def written(place):
    """Everything that the files of a folder say: cells, headings and metadata of Parquet, which is compressed, and other files as text."""
    tables = [file for file in place.rglob("*.parquet")]
    said = [pd.read_parquet(file).to_csv() + repr(pq.read_schema(file).metadata) for file in tables]
    others = [file.read_text(encoding="utf-8") for file in place.rglob("*") if file.is_file() and file not in tables]
    assert tables
    return "\n".join([*said, *others, *(file.name for file in place.rglob("*"))])


def test_no_identifier_code_or_exact_date_of_the_sheet_is_in_anything_that_prepare_writes(home, prepared, part, book):
    said = written(home / "data" / "processed")
    texts = [text for _, text in confidential.planted(120)] + [date for date in raw_cases(book).date if len(date) > 4]
    assert not [text for text in texts if text in said]
    # They would be found: the sheet's own cases, written in the same way, hold every one of them.
    tidy.save(raw_cases(book), home / "whole" / "cases.parquet", book)
    said = written(home / "whole").casefold()
    assert not [text for text in texts if text.casefold() not in said]


def test_what_stays_at_home_is_listed_by_column_and_never_by_value(prepared):
    table = prepared.dropped.set_index(["column", "how", "kind"]).cells.to_dict()
    assert {column for column, how, _ in table if how == "profile"} == {*confidential.PERSONAL, *confidential.TEXTS, "story"}
    assert table["story", "content", "telephone number"] == table["name", "profile", "personal"] == 120
    assert not [text for _, text in confidential.planted(120) if text in prepared.dropped.to_csv() + prepared.ledger.to_csv()]


def test_what_is_counted_is_coarse(part, book):
    cases, exact = tidy.load(part.cases, book), raw_cases(book)
    assert {"age", "sheet", "row", "name", "story", "quote", "link"} & set(cases) == set()
    assert set(cases.date_precision) == {"quarter", "year"} and cases.date.str.fullmatch(r"202[234](-Q[1-4])?").all()
    # Quarter by quarter the cases are those of its three months, counted here from the sheet's own dates.
    months = Counter(f"{date[:4]}-Q{(int(date[5:7]) + 2) // 3}" if len(date) > 4 else date for date in exact.date)
    assert Counter(cases.date) == months
    regions = Counter(confidential.case(n)["region"] for n in range(1, 121))
    kept = {code: n for code, n in regions.items() if n >= 20 or code == "unknown"}
    counted = results.one_way(part, book, "02", "region").set_index("codes").n
    assert counted[counted > 0].to_dict() == kept | {"elsewhere": 120 - sum(kept.values())}
    ages = [confidential.case(n)["age"] for n in range(1, 121)]
    counted = results.one_way(part, book, "02", "age_band").set_index("codes").n
    assert counted["from_25"] == sum(25 <= age < 40 for age in ages if age) and counted["not_stated"] == ages.count("")
    assert set(policy.numbers(book.folder)["crossed_with_nothing"]) == {"hiv_tb", "outness"}


def test_quarters_are_shown_by_quarter_and_never_taken_for_months(part, book, home):
    table = dated.counted(part.cases, book, part.where, "quarter", ["2022", "2023", "2024"])
    exact = raw_cases(book)
    assert table.n.sum() == 120
    for year, quarter in (("2023", 1), ("2024", 4)):
        n = sum(date.startswith(year) and len(date) > 4 and (int(date[5:7]) + 2) // 3 == quarter for date in exact.date)
        assert table[(table.year == year) & (table.quarter == f"q{quarter}")].n.sum() == n > 0
    efforts = [f"Invented office,kz,{year},2,,,{months},invented,invented" for year, months in ((2023, "1-12"), (2024, "3-12"))]
    lines = ["who,country,year,documenters,partners,channels,months,note,source", *efforts]
    (home / "data" / "codebook" / "effort.csv").write_text("\n".join(lines), encoding="utf-8")
    found = like_for_like.months(part, recorded(book), ["2023", "2024"])
    assert (found.values, found.why) == ([], "months_not_in_cases")


# Back to the cell, for the office


def test_the_same_codes_come_again_and_trace_leads_to_the_cell(home, prepared, part, book):
    before = tidy.load(part.cases, book)
    source.prepare(FOLDER, [SHEET], book)
    assert tidy.load(part.cases, book).equals(before)
    counted = results.one_way(part, book, "02", "violation")
    ledger.keep(FOLDER, counted)
    for place in (run.published(confidential.REPORT), run.office(confidential.REPORT)):
        place.mkdir(parents=True, exist_ok=True)
        (place / run.MANIFEST).write_text("{}", encoding="utf-8")
    result, cases = trace.behind(confidential.REPORT, "02_violations.forced_outing", book)
    sheet = openpyxl.load_workbook(source.path(SHEET))["Cases"]
    codes = {sheet.cell(row, 1).value for row in cases.row}
    assert codes == {one["case_id"] for one in map(confidential.case, range(1, 121)) if "forced_outing" in one["violation"]}
    assert len(codes) == result.n > 0 and set(cases.case_id) <= set(before.case_id) and set(cases.file) == {SHEET}
    assert not set(cases.case_id) & set(raw_cases(book).case_id)


def test_public_sources_keep_their_codes_rows_and_dates_and_get_no_key(tmp_path, monkeypatch, book):
    place = confidential.project(tmp_path, 31)
    monkeypatch.setenv("CASEBOOK_HOME", str(place))
    record = place / "data" / "raw" / f"{SHEET}.source.yml"
    record.write_text(record.read_text(encoding="utf-8").replace("level: confidential", "level: public"), encoding="utf-8")
    mine = codebook.load()
    source.prepare(FOLDER, [SHEET], mine)
    cases = tidy.load(source.cases_file(place / FOLDER, SHEET), mine)
    assert cases.case_id[0] == confidential.identifiers(1)["case_id"] and cases.row[0] == 2 and "age" in cases
    assert not keys.key_file(source.path(SHEET)).exists()


def test_a_problem_of_a_confidential_sheet_does_not_say_what_the_cell_holds(tmp_path, monkeypatch):
    place = confidential.project(tmp_path, 31)
    monkeypatch.setenv("CASEBOOK_HOME", str(place))
    file = source.path(SHEET)
    workbook = openpyxl.load_workbook(file)
    workbook["Cases"]["D2"] = "beaten by the invented neighbours"
    workbook["Cases"]["D3"] = "call +7 700 000 00 99"
    workbook.save(file)
    (file.with_name(f"{file.name}.source.yml")).write_text(yaml.safe_dump(confidential.record(file)), encoding="utf-8")
    with pytest.raises(DataError) as error:
        source.prepare(FOLDER, [SHEET], codebook.load())
    assert {(one.cell, one.rule) for one in error.value.problems} == {("D2", "unknown_code"), ("D3", "identifier_in_cell")}
    assert "neighbours" not in str(error.value) and "700" not in str(error.value) and "text of 33 characters, letters" in str(error.value)


# Several lists


def test_events_of_confidential_lists_are_decided_by_the_sheets_own_codes_and_kept_without_them(tmp_path, monkeypatch):
    place = confidential.project(tmp_path, 31)
    monkeypatch.setenv("CASEBOOK_HOME", str(place))
    book, other = codebook.load(), "office/again.xlsx"
    for end in ("", ".source.yml"):
        shutil.copy(f"{source.path(SHEET)}{end}", f"{source.path(other)}{end}")
    codes = [confidential.identifiers(n)["case_id"] for n in range(1, 32)]
    lines = [(SHEET, code, other, code, "yes", "invented", "A. K.", "2025-01-20") for code in codes[1:]]  # nobody has decided the first
    with open(place / "data" / "raw" / "office" / "same_events.csv", "w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("file_1", "case_1", "file_2", "case_2", "same", "reason", "by", "date"), *lines])
    found = source.prepare(FOLDER, [[SHEET, other]], book)
    assert found.rows.cases.sum() == 32 and [one.rule for one in found.problems] == ["undecided"]  # 31 and 31, of which 30 are one
    part = source.opened(FOLDER, [SHEET, other], book)
    events = tidy.load(part.cases, book)
    known = [keys.key(source.path(file)) for file in (other, SHEET)]
    assert len(events) == 32 and set(events.case_id) <= {code for key in known for code in key.case_id}
    assert set(events.date_precision) <= {"quarter", "year"} and {"cases", "sheet", "row"} & set(events) == set()
    said = written(place / "data" / "processed")
    assert not [text for _, text in confidential.planted(31) if text in said]
    cells = keys.cells(events, [source.path(file) for file in (SHEET, other)])
    assert sorted(cells.row) == sorted([*range(2, 33), 2])


# The office's notebook


def test_the_notebook_of_the_office_names_nobody_and_is_no_part_of_a_report(home, prepared, part, book):
    assert "office_risk" not in run.NOTEBOOKS
    out = home / "data" / "processed" / "office_risk.ipynb"
    papermill.execute_notebook(ROOT / "notebooks" / "office_risk.ipynb", out, {
        "file": SHEET, "known": ["year", "region", "age_band", "victim_group", "occupation"]}, cwd=home, kernel_name="python3",
        progress_bar=False)
    outputs = [cell["outputs"] for cell in json.loads(out.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    shown = json.dumps(outputs, ensure_ascii=False)
    assert not [text for _, text in confidential.planted(120) if text in shown]
    known = risk.items(part.cases, book, ["year", "region", "age_band", "victim_group", "occupation"])
    alone = risk.singled_out(known)
    assert all(case in shown for case in alone.case_id.head(20)) and (alone["size"] == 1).any()
    assert not (home / "figures" / confidential.REPORT / "office_risk.ipynb").exists()
