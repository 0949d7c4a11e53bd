"""The commands as a user calls them: known answers, the JSON other programs rely on, exit codes, messages."""

import json
import re
import shlex
import subprocess
import sys
from itertools import product
from pathlib import Path

import duckdb
import openpyxl
import pexpect
import pytest
from conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN, ROOT

CASEBOOK = Path(sys.executable).with_name("casebook")
LOCKED = Path(__file__).with_name("files") / "locked.ods"
BIASES = {  # ODIHR's own names, as its export prints them
    "anti_lgbti": "Anti-LGBTI hate crime", "gender_based": "Gender-based hate crime",
    "racist_xenophobic": "Racist and xenophobic hate crime", "anti_christian": "Anti-Christian hate crime",
    "anti_muslim": "Anti-Muslim hate crime", "anti_semitic": "Anti-Semitic hate crime", "anti_roma": "Anti-Roma hate crime",
    "other_religion": "Other hate crime based on religion or belief", "disability": "Disability hate crime",
}


def casebook(*words, code=0, **more):
    """What a command wrote to standard output; its exit code must be `code`."""
    done = subprocess.run([CASEBOOK, *map(str, words)], capture_output=True, text=True, **more)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 or done.stdout else done.stderr


def cells(*words):
    """The cells of a breakdown: the codes joined by a blank -> (n, base)."""
    found = json.loads(casebook(*words, "--format", "json"))
    by = [key for key in found["cells"][0] if key not in ("n", "base", "share", "low", "high", "method")]
    return {" ".join(cell[v] for v in by): (cell["n"], cell["base"]) for cell in found["cells"]}


def test_the_31_cases_of_kazakhstan():
    found = cells("count", ECOM, "--by", "violation")
    assert (found["fake_date"], found["hate_speech"], found["assembly_restriction"]) == ((9, 31), (7, 31), (3, 31))
    assert found["killing"] == (0, 31)  # nobody recorded one: the cell comes from the codebook, and is there


def test_perpetrators_that_are_not_stated_are_shown_and_stay_in_the_base():
    # 31 cases; the sheet names a perpetrator in 12 (health worker 2, official 1, relative 1, private person 1, media 2,
    # security service 1, police 2, acquaintance 1, that is 11) and leaves 20 open: 31 - 11 = 20.
    found = cells("count", ECOM, "--by", "perpetrator")
    assert found["unknown"] == (20, 31)
    assert sum(n for n, _ in found.values()) == 31


@pytest.mark.parametrize(("typed", "says"), [("invented", "2 rows read"), ("guessed", "0 rows read")])
def test_a_password_is_asked_for_at_the_terminal_and_never_shown(typed, says):
    # Nothing is asked where nobody sits, nor of the words of the command: those are kept in the shell's history.
    assert "CASEBOOK_PASSWORD" in casebook("check", LOCKED, code=2)
    terminal = pexpect.spawn(str(CASEBOOK), ["check", str(LOCKED)], encoding="utf-8", timeout=60)
    terminal.expect_exact("Password of the file: ")
    terminal.sendline(typed)
    said = terminal.read()
    terminal.close()
    assert says in said and typed not in said and terminal.exitstatus == 2  # the file has other faults


def test_a_filter_takes_a_code_or_a_label_in_any_language():
    ways = ["fake_date", "Fake date", "Подставное свидание", "Жалған кездесу"]
    found = [cells("count", ECOM, "--by", "perpetrator", "--where", f"violation={way}") for way in ways]
    assert all(one == found[0] for one in found) and found[0]["unknown"] == (8, 9)
    either = cells("count", ECOM, "--by", "perpetrator", "--where", "violation=fake_date", "--where", "violation=hate_speech")
    assert either["unknown"] == (15, 16)


def test_odihr_kazakhstan_by_year():
    years = {"2016": (1, 1), "2017": (5, 6), "2018": (5, 8), "2019": (11, 12), "2020": (17, 30), "2021": (4, 5), "2022": (21, 27)}
    for file, where in ((ODIHR_KAZAKHSTAN, ()), (ODIHR, ("--where", "country=kz"))):
        counted = cells("count", file, "--by", "year,bias_motivation", *where)
        of_year = cells("count", file, "--by", "year", *where)
        assert {year: (counted[f"{year} anti_lgbti"][0], of_year[year][0]) for year in years} == years


@pytest.fixture(scope="module")
def by_sql():
    """Country, first bias, second bias -> incidents that hold both, from ODIHR's file by SQL alone."""
    has = [f"(\"Bias motivations\" LIKE '%{name}%') AS {code}" for code, name in BIASES.items()]
    pairs = ", ".join(f"count(*) FILTER ({a} AND {b}) AS \"{a} {b}\"" for a, b in product(BIASES, BIASES))
    query = (f'SELECT "Country", count(*) AS base, {pairs} FROM (SELECT "Country", {", ".join(has)} '
             f"FROM read_csv('{ODIHR}', all_varchar=true, header=true)) GROUP BY 1")
    return duckdb.sql(query).df().set_index("Country")


def test_every_country_and_bias_alone_and_in_pairs_is_what_sql_counts(by_sql, book):
    assert len(by_sql) == 52 and by_sql.base.sum() == 18_112
    # "Anti-Christian" stands in no other name of ODIHR's, nor does any other: LIKE finds each bias and nothing else.
    assert not [(a, b) for a, b in product(BIASES.values(), BIASES.values()) if a != b and a in b]
    pairs = cells("count", ODIHR, "--by", "country,bias_motivation,bias_motivation")
    alone = cells("count", ODIHR, "--by", "country,bias_motivation")
    for name, row in by_sql.iterrows():
        country = book.code("country", name)
        for a, b in product(BIASES, BIASES):
            assert pairs[f"{country} {a} {b}"][0] == row[f"{a} {b}"]
        assert all(alone[f"{country} {a}"][0] == row[f"{a} {a}"] for a in BIASES)


@pytest.mark.parametrize("country, n, base", [("kz", 64, 89), ("uz", 48, 64), ("kg", 138, 201), ("am", 203, 216), ("de", 224, 1750)])
def test_known_countries(country, n, base):
    assert cells("count", ODIHR, "--by", "bias_motivation", "--where", f"country={country}")["anti_lgbti"] == (n, base)


def test_mentions_are_another_unit_with_another_base():
    words = ["count", ODIHR, "--by", "bias_motivation", "--where", "country=kz"]
    found = json.loads(casebook(*words, "--unit", "mentions", "--format", "json"))
    assert found["unit"] == "mentions" and found["base"] == 112
    assert {cell["low"] for cell in found["cells"]} == {None} and {cell["method"] for cell in found["cells"]} == {"sum"}
    told = casebook(*words, "--unit", "mentions")
    assert "112 mentions; no intervals" in told and "64 of 112  57%" in told and "no records" not in told
    assert "incidents or as mentions, not as cases" in casebook(*words, "--unit", "cases", code=2)


def test_json_has_the_names_other_programs_rely_on():
    found = json.loads(casebook("count", ECOM, "--by", "violation,perpetrator", "--format", "json"))
    assert {"unit", "base", "cells"} <= set(found) and (found["unit"], found["base"]) == ("cases", 31)
    assert set(found["cells"][0]) == {"violation", "perpetrator", "n", "base", "share", "low", "high", "method"}
    checked = json.loads(casebook("check", ECOM, ODIHR, "--format", "json"))["files"]
    assert all({"file", "rows_read", "cases", "set_aside", "problems"} <= set(one) for one in checked)
    assert [(one["rows_read"], one["cases"], one["set_aside"]) for one in checked] == [(31, 31, 0), (18_112, 18_112, 0)]
    problem, = checked[1]["problems"]
    assert set(problem) == {"file", "sheet", "cell", "column", "rule", "severity", "message"}
    assert (problem["rule"], problem["severity"], problem["cell"]) == ("outside_period", "warn", "A6802")


def test_compare_two_years():
    # Newcombe's interval for 21 of 27 against 17 of 30, worked out with statsmodels in test_stats; here the counts and the sign.
    found = json.loads(casebook("compare", ODIHR_KAZAKHSTAN, "--by", "bias_motivation", "--years", "2020,2022", "--format", "json"))
    change, = (one for one in found["changes"] if one["bias_motivation"] == "anti_lgbti")
    assert (change["n_first"], change["base_first"], change["n_last"], change["base_last"]) == (17, 30, 21, 27)
    assert change["difference"] == pytest.approx(21 / 27 - 17 / 30)
    assert {(c["year"], c["base"]) for c in found["cells"]} == {("2020", 30), ("2022", 27)} and found["base"] == 57
    assert "2021 to compare" not in casebook("compare", ODIHR_KAZAKHSTAN, "--by", "bias_motivation", "--years", "2020,2022")
    assert "no incidents of 2014 to compare" in casebook("compare", ODIHR_KAZAKHSTAN, "--by", "setting", "--years", "2014,2022", code=2)


def test_compare_any_number_of_years():
    found = json.loads(casebook("compare", ODIHR_KAZAKHSTAN, "--by", "bias_motivation", "--years", "2019,2020,2022", "--format", "json"))
    mine = [one for one in found["changes"] if one["bias_motivation"] == "anti_lgbti"]
    said = [(one["first"], one["last"], one["n_first"], one["n_last"]) for one in mine]
    assert said == [("2019", "2020", 11, 17), ("2020", "2022", 17, 21)]
    assert mine[0]["break_even"] == pytest.approx(11 / 17) and found["base"] == 12 + 30 + 27
    text = casebook("compare", ODIHR_KAZAKHSTAN, "--by", "bias_motivation", "--years", "2019,2020,2022")
    assert "2019 to 2020" in text and "2020 to 2022" in text and "0.81 (0.40 to 1.61)" in text
    assert "two or more different years" in casebook("compare", ODIHR_KAZAKHSTAN, "--by", "setting", "--years", "2020,2020", code=2)


def test_a_file_without_a_record_is_read_by_its_headers(tmp_path):
    copy = tmp_path / "anything.xlsx"
    copy.write_bytes(ECOM.read_bytes())
    assert cells("count", copy, "--by", "violation")["fake_date"] == (9, 31)
    assert "Did you mean ecom_cases" in casebook("check", copy, "--profile", "ecom", code=2)


def test_shuffled_rows_renamed_sheets_and_translated_headers_change_nothing(tmp_path, book):
    workbook = openpyxl.load_workbook(ECOM)
    rows = [list(row) for row in workbook["Случаи"].iter_rows(values_only=True)]
    top = next(at for at, row in enumerate(rows) if "Вид нарушения" in row or "Виды нарушений" in row)
    english = {s: book.name(c) for c in book.variables.index for s in (book.name(c, "ru"),)}
    headers = {"Код случая": "Case code", "Год": "Year", "Вид нарушения": "Type of violation", "Виды нарушений": "Violations",
               "Нарушитель": "Perpetrator", "Группа пострадавших": "Victim group", "Ответ и последствия": "Response"} | english
    made = openpyxl.Workbook()
    made.active.title = "Anything"
    made.active.append([headers.get(cell, cell) for cell in rows[top]])
    for row in reversed(rows[top + 1:]):
        made.active.append(row)
    made.save(tmp_path / "other.xlsx")
    for variable in ("violation", "perpetrator", "victim_group", "right", "response"):
        assert cells("count", tmp_path / "other.xlsx", "--by", variable) == cells("count", ECOM, "--by", variable)


def test_a_wrong_sheet_is_told_whole_and_counts_nothing(made):
    file = made([["Case code", "Year", "Violation", "Perpetrator", "Victim group"],
                 ["T-1", 2024, "Fake dat", "Police", "Gay man"], ["T-1", "soon", "Threats", "Polise", "Gay man"]])
    found = json.loads(casebook("check", file, "--format", "json", code=2))["files"][0]
    assert {(p["cell"], p["rule"]) for p in found["problems"] if p["severity"] == "refuse"} == {
        ("C2", "unknown_code"), ("A3", "duplicate_id"), ("B3", "bad_year"), ("D3", "unknown_code")}
    assert found["rows_read"] == found["cases"] + found["set_aside"] == 2
    said = casebook("count", file, "--by", "violation", code=2)
    assert "C2" in said and "B3" in said and "Fake date" in said


def test_the_right_name_is_offered():
    assert "Did you mean violation" in casebook("count", ECOM, "--by", "violations", code=2)
    assert "Did you mean Fake date?" in casebook("count", ECOM, "--by", "perpetrator", "--where", "violation=fakedate", code=2)
    assert "Check its name and folder" in casebook("check", "nowhere.xlsx", code=2)
    assert "--where takes NAME=VALUE" in casebook("count", ECOM, "--by", "violation", "--where", "violation", code=2)


def test_the_questions_in_the_readme_have_answers():
    asked = re.findall(r"^\$ casebook ((?:count|compare) .*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(asked) == 3
    said = [casebook(*shlex.split(words), cwd=ROOT) for words in asked]
    assert "9 of 31" in said[0] and "203 of 216" in said[1] and "2020" in said[2]


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["count", "--help"], ["verify", "nothing-there"]])
def test_help_starts_without_pandas_or_matplotlib(words):
    code = (f"import sys\nfrom analysis import cli\nsys.argv = ['casebook', *{words!r}]\n"
            "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
            "print(sorted({'pandas', 'matplotlib', 'numpy', 'duckdb', 'papermill'} & set(sys.modules)))")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.endswith("[]\n")


def test_check_speaks_russian_and_writes_a_marked_copy_that_says_the_same(made, tmp_path):
    # By hand: the violation of C2 is misspelt, the year of B3 is no year.
    file = made([["Case", "Year", "Violation", "Perpetrator", "Victim group"], ["A-1", 2024, "Threets", "Police", "Gay man"],
                 ["A-2", "24", "Threats", "Police", "Gay man"]])
    said = casebook("check", file, "--lang", "ru", "--mark", tmp_path / "out.xlsx", code=2)
    assert "прочитано строк: 2 = случаев: 2 + отложено: 0" in said and said.count("ОШИБКА cases.xlsx, лист Cases, ") == 2
    copy = openpyxl.load_workbook(tmp_path / "out.xlsx")["Cases"]
    assert [cell.coordinate for row in copy for cell in row if cell.comment] == ["C2", "B3"]
    again = json.loads(casebook("check", tmp_path / "out.xlsx", "--format", "json", code=2))["files"][0]["problems"]
    assert [(one["rule"], one["cell"]) for one in again if one["severity"] == "refuse"] == [("unknown_code", "C2"), ("bad_year", "B3")]
    assert "--mark takes one FILE" in casebook("check", file, ECOM, "--mark", tmp_path / "more.xlsx", code=2)


def test_an_empty_workbook_and_a_form_are_written_and_never_over_another_file(tmp_path):
    casebook("template", tmp_path / "empty.xlsx", "--lang", "ru")
    casebook("template", tmp_path / "form.xlsx", "--form")
    assert {"survey", "choices", "settings"} <= set(openpyxl.load_workbook(tmp_path / "form.xlsx").sheetnames)
    assert "empty.xlsx" in casebook("template", tmp_path / "empty.xlsx", code=2)
    found = json.loads(casebook("check", tmp_path / "empty.xlsx", "--format", "json", code=2))["files"][0]
    assert [one["rule"] for one in found["problems"]] == ["no_cases"]


def test_an_event_of_two_files_is_proposed_decided_by_a_person_and_then_counted_once(made, tmp_path):
    header = ["Case", "Date", "Region", "Violation", "Perpetrator", "Victim group", "Number of victims"]
    ours = [["A-1", "2024-03-04", "Астана", "Killing", "Police", "Trans woman", 3], ["A-2", "2024-05-06", "Алматы", "Threats", "Police",
            "Gay man", 1]]
    theirs = [["P-7", "2024-03-04", "Астана", "Killing", "Police", "Trans woman", 3], ["P-8", "2024-11-30", "Шымкент", "Threats",
            "Police", "Gay man", 1]]
    one, other = made([header, *ours], "ours.xlsx"), made([header, *theirs], "theirs.xlsx")
    found = json.loads(casebook("overlap", one, other, "--format", "json"))
    pairs = [(pair["case_1"], pair["case_2"]) for pair in found["proposals"] if pair["file_1"] != pair["file_2"]]
    assert ("A-1", "P-7") in pairs and found["events"] == 4
    assert cells("count", one, other, "--by", "violation")["killing"] == (2, 4)
    out = tmp_path / "to_decide.csv"
    assert "Нарушение: Убийство" in casebook("overlap", one, other, "--lang", "ru", "--to", out)
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("file_1,case_1,file_2,case_2,same,reason,by,date,")
    assert "ours.xlsx,A-1,theirs.xlsx,P-7,,,,,strong," in lines[1]
    assert "may hold decisions" in casebook("overlap", one, other, "--to", out, code=2)
    out.rename(tmp_path / "same_events.csv")  # nobody has answered: nothing is decided
    assert cells("count", one, other, "--by", "violation")["killing"] == (2, 4)
    (tmp_path / "same_events.csv").write_text("file_1,case_1,file_2,case_2,same,reason,by,date\n"
                                              "ours.xlsx,A-1,theirs.xlsx,P-7,yes,the same story,A. Invented,2024-12-01\n", encoding="utf-8")
    assert cells("count", one, other, "--by", "violation")["killing"] == (1, 3)
    found = json.loads(casebook("overlap", one, other, "--format", "json"))
    assert {tuple(row["lists"]): row["n"] for row in found["overlap"] if row["n"]} == {
        ("ours.xlsx",): 1, ("theirs.xlsx",): 1, ("ours.xlsx", "theirs.xlsx"): 1}
