"""What real sheets hold, one kind of mess a test: the cases that come out, and what is said about the rest."""

import datetime
import json
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import openpyxl
import pytest
import yaml
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.filters import FilterColumn, Filters
from openpyxl.worksheet.table import Table
from test_read import rewritten, with_a_part_twice, with_entities

from analysis import count, intake, problems, read, source, tidy
from analysis.formats import files
from analysis.problems import DataError

HEADER = ["Case", "Date", "Violation", "Perpetrator", "Victim group", "Number of victims"]
ROW = [None, "2024-03-04", "Threats", "Police", "Gay man", 1]


def rows(*cells):
    """Rows with the case codes A-1, A-2 ...; each is `column position -> value` over an ordinary row."""
    usual = [[f"A-{number}", f"2024-03-{3 + number:02}", *ROW[2:]] for number in range(1, len(cells) + 1)]
    return [[cell.get(at, row[at]) for at in range(6)] for row, cell in zip(usual, cells)]


@pytest.fixture
def office(private_book):
    """The codebook with the invented profile of a sheet that an office keeps."""
    from dataclasses import replace
    columns = {"case_id": {"kind": "id"}, "date": {"kind": "date"}, "violation": {"kind": "coded", "separator": ";"},
               "perpetrator": {"kind": "coded", "separator": ";"}, "victim_group": {"kind": "coded", "separator": ";"},
               "region": {"kind": "coded"}, "repeated": {"kind": "coded"}, "victims_n": {"kind": "number"}, "name": {"kind": "personal"}}
    office = {"title": "Invented", "unit": "cases", "needs": ["case_id", "violation", "perpetrator"], "identical_rows": "refuse",
              "columns": columns}

    def book(**lines):
        return replace(private_book, profiles={"office": office | lines})
    return book


def read_in(file, book, **record):
    return tidy.cases(read.raw(file, book), book, record)


def said(tidied):
    return [(one.rule, one.cell) for one in tidied.problems]


def counts(cases, book, variable):
    found = count.breakdown(cases, book, variable)
    return {code: n for code, n in zip(found[variable], found.n) if n}


def changed(file, change):
    """The workbook after `change` was done to its first sheet."""
    workbook = openpyxl.load_workbook(file)
    change(workbook.worksheets[0])
    workbook.save(file)
    return file


# Headers.

def test_titles_above_the_header_and_columns_in_another_order(office, made):
    sheet = [["Invented cases of an invented office"], ["2024"], [], [*HEADER[::-1]], *(row[::-1] for row in rows({}, {}))]
    found = read_in(made(sheet), office())
    assert found.cases.case_id.tolist() == ["A-1", "A-2"] and said(found) == []


def test_two_rows_of_headers_with_merged_groups(office, made):
    # "Victims" heads two columns: their group, and how many they were; the other headings stand over both rows.
    sheet = [["Case", "Violation", "Perpetrator", "Victims", None], [None, None, None, "Victim group", "Number of victims"],
             ["A-1", "Threats", "Police", "Gay man", 3]]

    def merge(sheet):
        for cells in ("A1:A2", "B1:B2", "C1:C2", "D1:E1"):
            sheet.merge_cells(cells)
    found = read_in(changed(made(sheet), merge), office())
    assert said(found) == [] and found.cases.victims_n.tolist() == [3]
    assert counts(found.cases, office(), "victim_group") == {"gay_man": 1}


def test_a_group_tells_which_column_is_meant_when_the_profile_says_how(office, made):
    from copy import deepcopy
    columns = deepcopy(office().profiles["office"]["columns"])
    columns["victim_group"]["headers"], columns["perpetrator"]["headers"] = ["Who suffered / Kind"], ["Who did it / Kind"]
    columns["victims_n"]["headers"] = ["Who suffered / How many"]
    sheet = [["Case", "Violation", "Who suffered", "", "Who did it", ""], ["", "", "Kind", "How many", "Kind", "How many"],
             ["A-1", "Threats", "Gay man", 3, "Police", 2]]
    found = read_in(made(sheet), office(columns=columns))
    assert said(found) == [("unknown_header", "F2")] and found.cases.victims_n.tolist() == [3]
    assert counts(found.cases, office(), "perpetrator") == {"police": 1}


def test_the_first_case_is_never_taken_for_a_second_row_of_headers(office, made):
    # The first case says "Date" in a column that nobody reads: a heading that is known, but in a row of data.
    found = read_in(made([[*HEADER[:1], "What was discussed", *HEADER[2:]], ["A-1", "Date", *ROW[2:]]]), office())
    assert found.cases.case_id.tolist() == ["A-1"] and said(found) == [("unknown_header", "B1")]


def test_nor_a_first_case_with_two_words_that_are_headings_elsewhere(office, made):
    sheet = [["Case", "Asked about", "Also about", "Violation", "Perpetrator"], ["A-1", "Date", "Region"], ["A-2", "", "", "Threats",
            "Police"]]
    raw = read.raw(made(sheet), office())
    assert raw.table.case_id.tolist() == ["A-1", "A-2"]


def test_a_header_repeated_inside_the_data_is_known_by_the_headings_of_its_own_profile(office, made):
    from copy import deepcopy
    columns = deepcopy(office().profiles["office"]["columns"])
    columns["case_id"]["headers"] = ["Our number"]
    header = ["Our number", *HEADER[1:], "Violation 2"]
    found = read_in(made([header, [*rows({})[0], None], header]), office(columns=columns))
    assert said(found) == [("repeated_header", "A3")] and len(found.cases) == 1


def test_a_linked_sheet_that_lacks_a_heading_is_not_left_out_in_silence(office, made):
    linked = {"acts": {"needs": ["case_id", "date", "victim_group"]}}
    sheets = {"Cases": [["Case", "Violation", "Perpetrator"], ["A-1", "Threats", "Police"]],
              "Acts": [["Case", "Date", "Victim gruop"], ["A-1", "2024-03-04", "Gay man"]]}
    assert [(one.rule, one.sheet) for one in read_in(made(sheets), office(linked=linked)).problems] == [("sheet_nearly_fits", "Acts")]


def test_of_two_profiles_only_the_columns_that_each_reads_speak_for_it(private_book, office, made):
    from dataclasses import replace
    narrow = office().profiles["office"]
    narrow = narrow | {"columns": {c: narrow["columns"][c] for c in ("case_id", "violation", "perpetrator")}}
    book = replace(private_book, profiles={"narrow": narrow, "office": office().profiles["office"]})
    assert read.raw(made([HEADER, *rows({})]), book).profile == "office"
    with pytest.raises(DataError, match="Several source profiles fit"):
        read.raw(made([["Case", "Violation", "Perpetrator"], ["A-1", "Threats", "Police"]]), book)


def test_duplicate_and_blank_headers_are_told(office, made):
    sheet = [[*HEADER, "Violations", None, None], [*rows({})[0], "Harassment", None, "a note"]]
    assert said(read_in(made(sheet), office())) == [("duplicate_header", "G1"), ("blank_header", "I1")]


def test_numbered_columns_of_one_variable_are_put_together(office, made):
    sheet = [[*HEADER, "Violation 2", "Violation (3)"], [*rows({})[0], "Harassment", None], [*rows({}, {2: None})[1], None,
            "Killing; Threats"],
             [*rows({}, {}, {2: None})[2], None, None]]
    found = read_in(made(sheet), office())
    assert said(found) == []
    assert counts(found.cases, office(), "violation") == {"threat": 2, "harassment": 1, "killing": 1, "not_stated": 1}


def test_a_wrong_value_in_a_numbered_column_is_named_with_its_own_cell(office, made):
    found = read_in(made([[*HEADER, "Violation 2"], [*rows({})[0], "Harasment"]]), office())
    assert said(found) == [("unknown_code", "G2")] and "Harassment" in found.problems[0].message


# Sheets.

def test_one_sheet_a_month_and_a_summary_and_an_empty_first_sheet(office, made):
    sheets = {"Лист1": [], "Январь": [HEADER, *rows({})], "Февраль": [["Февраль"], HEADER, ["B-1", *ROW[1:]]],
              "Итоги": [["Месяц", "Случаев"], ["Январь", 1], ["Февраль", 1]]}
    raw = read.raw(made(sheets), office())
    assert raw.table.case_id.tolist() == ["A-1", "B-1"]
    assert raw.unread == [("Февраль", 1, "above the header"), ("Итоги", 3, "no header of this profile")]


def test_a_month_with_a_misspelt_heading_is_not_left_out_in_silence(office, made):
    sheets = {"January": [HEADER, *rows({})], "February": [[*HEADER[:3], "Perpetratr", *HEADER[4:]], ["B-1", *ROW[1:]]]}
    found = read_in(made(sheets), office())
    assert [(one.rule, one.sheet) for one in found.problems] == [("sheet_nearly_fits", "February")]
    assert "perpetrator" in found.problems[0].message


def test_a_month_without_headings_is_not_left_out_in_silence_and_a_crosstab_of_two_variables_is_no_month(office, made):
    january, february = [HEADER, *rows({}, {})], [["B-1", *ROW[1:]], ["B-2", *ROW[1:]], ["B-3", *ROW[1:]]]
    crosstab = [["Threats", "Police", 3], ["Threats", "Employer or colleague", 4]]
    found = read_in(made({"January": january, "February": february, "Table": crosstab}), office())
    assert [(one.rule, one.severity, one.sheet, one.cell) for one in found.problems] == [("header_missing", "refuse", "February", "A1")]
    assert "none of its 3 rows was read" in found.problems[0].message and "Put the headings of January" in found.problems[0].message
    # Where the profile says which sheets are read, the others have been left out by somebody.
    assert not read_in(made({"January": january, "February": february}), office(sheets=["January"])).problems


def test_only_the_sheets_that_a_profile_names_are_read(office, made):
    sheets = {"Cases": [HEADER, *rows({})], "Copy": [HEADER, *rows({}, {})]}
    assert len(read_in(made(sheets), office(sheets=["cases"])).cases) == 1


def test_a_hidden_sheet_is_asked_about_and_the_answer_is_remembered(office, made):
    def hide(sheet):
        sheet.sheet_state = "hidden"
    file = changed(made({"Old": [HEADER, *rows({1: "2024"}, {1: "2023"})], "New": [HEADER, ["B-1", *ROW[1:]]]}), hide)
    assert said(read_in(file, office())) == [("ask_hidden_sheet", "A2")]
    assert len(read_in(file, office(), answers={"hidden_sheet": "counted"}).cases) == 3
    left = read_in(file, office(), answers={"hidden_sheet": "left_out"})
    assert left.cases.case_id.tolist() == ["B-1"]
    assert left.ledger.to_numpy().tolist() == [["New", "counted", 1], ["Old", "hidden_sheet", 2]]


# Rows that are no cases.

def test_rows_of_totals_are_set_aside_and_compared_with_what_stands_above_them(office, made):
    # Two cases with 1 and 4 victims, their subtotal; one more with 2 victims; the total of all: 3 cases, 7 victims.
    sheet = [HEADER, *rows({}, {5: 4}), ["Subtotal", 2, None, None, None, 5], *rows({}, {}, {5: 2})[2:], ["Total: 3", None, None, None,
            None, 7]]
    found = read_in(made(sheet), office())
    assert said(found) == [("total_row", "A4"), ("total_row", "A6")] and len(found.cases) == 3
    sheet[-1] = ["Total: 4", None, None, None, None, 7]
    stale = [one for one in read_in(made(sheet), office()).problems if one.rule == "stale_total"]
    assert [(one.cell, one.severity) for one in stale] == [("A6", "warn")] and "say 4;" in stale[0].message
    sheet[-1] = ["Total: 4", None, None, 7011234567, None, 7]  # a number that may be a telephone's is not repeated
    stale = [one for one in read_in(made(sheet), office()).problems if one.rule == "stale_total"]
    assert "say 4, ##########;" in stale[0].message and "7011234567" not in str(stale)


def test_a_subtotal_is_held_against_the_rows_since_the_last_one_and_a_year_in_its_words_is_no_total(office, made):
    # Two cases, their subtotal; one case, its subtotal; all three. 2024 is a year and counts nothing.
    sheet = [HEADER, *rows({}, {}), ["Subtotal", 2], *rows({}, {}, {})[2:], ["Subtotal", 1], ["Итого за 2024 год: 3"]]
    assert said(read_in(made(sheet), office())) == [("total_row", "A4"), ("total_row", "A6"), ("total_row", "A7")]


@pytest.mark.parametrize("word", ["Итого", "ВСЕГО:", " Всего случаев", "Барлығы", "Grand total"])
def test_totals_are_known_in_three_languages_also_where_their_column_is_not_read(office, made, word):
    sheet = [["№", *HEADER], [1, *rows({})[0]], [word, None, None, None, None, None, 1]]
    found = read_in(made(sheet), office())
    assert ("total_row", "A3") in said(found) and len(found.cases) == 1


def test_a_place_or_a_code_that_only_begins_like_a_total_is_a_case(office, made):
    found = read_in(made([HEADER, *rows({0: "Totality-1"})]), office())
    assert found.cases.case_id.tolist() == ["Totality-1"]


def test_section_rows_repeated_headers_legends_and_footnotes_are_set_aside_and_blank_rows_are_nothing(office, made):
    sheet = [HEADER, ["January"], *rows({}), [], HEADER, *rows({}, {})[1:], ["* by the victim's own account"], [None, None,
            "see the legend above"]]

    def merge(sheet):
        sheet.merge_cells("A2:F2")
    found = read_in(changed(made(sheet), merge), office())
    assert said(found) == [("section_row", "A2"), ("repeated_header", "A5"), ("no_content", "A7"), ("lone_text", "A8")]
    assert found.ledger.rows.sum() == 6 and found.cases.case_id.tolist() == ["A-1", "A-2"]


def test_a_row_with_words_in_columns_that_nobody_reads_says_nothing_and_is_no_row_of_tags(office, made):
    found = read_in(made([[*HEADER, "Checked by"], *rows({}), [*[None] * 6, "somebody"]]), office())
    assert said(found) == [("unknown_header", "G1"), ("no_content", "A3")]


def test_a_row_with_one_known_value_is_a_case_and_not_a_note(office, made):
    found = read_in(made([HEADER, *rows({}), [None, None, "Threats, Harassment"]]), office())
    assert said(found) == [("missing_id", "A3")]


def test_a_row_with_nothing_but_a_sign_of_not_knowing_is_asked_about_and_not_set_aside(office, made):
    found = read_in(made([HEADER, *rows({}), [None, None, "-"], [None, None, None, "неизвестно"]]), office())
    assert sorted(said(found)) == [("ask_unknown", "C3"), ("missing_id", "A3"), ("missing_id", "A4")]


def test_a_row_of_hxl_tags_is_set_aside(office, made):
    found = read_in(made([HEADER, ["#case", "#date", "#violation+type", None, "", "#victims"], *rows({})]), office())
    assert said(found) == [("hxl_row", "A2")] and len(found.cases) == 1


# Rows that are one case.

def test_a_vertical_merge_is_one_case_with_several_victims(office, made, tmp_path):
    sheet = [HEADER, ["A-1", "2024-03-04", "Threats", "Police", "Gay man", 2], [None, None, None, None, "Trans woman", None],
             ["A-2", "2024-05-06", *ROW[2:]]]

    def merge(sheet):
        for cells in ("A2:A3", "B2:B3", "C2:C3", "D2:D3", "F2:F3"):
            sheet.merge_cells(cells)
    found = read_in(changed(made(sheet), merge), office())
    assert said(found) == [] and found.cases.case_id.tolist() == ["A-1", "A-2"] and found.cases.victims_n.tolist() == [2, 1]
    assert counts(found.cases, office(), "victim_group") == {"gay_man": 2, "trans_woman": 1}
    assert counts(found.cases, office(), "violation") == {"threat": 2}
    assert found.ledger.to_numpy().tolist() == [["Cases", "counted", 2], ["Cases", "further row of a case", 1]]
    balance = source.rows(read.raw(tmp_path / "cases.xlsx", office()), found).iloc[0].to_dict()
    assert balance == {"rows_read": 3, "cases": 2, "joined": 1, "set_aside": 0}


@pytest.mark.parametrize(("how", "code"), [("continued", None), ("repeated", "a-1 ")])
def test_rows_of_one_case_are_united_as_the_profile_says(office, made, how, code):
    sheet = [HEADER, *rows({3: "Unknown"}), [code, None, "Killing", "Police", "Lesbian woman", None], *rows({}, {})[1:]]
    found = read_in(made(sheet), office(case_rows=how))
    assert said(found) == [] and len(found.cases) == 2
    assert counts(found.cases, office(), "violation") == {"threat": 2, "killing": 1}
    assert counts(found.cases, office(), "perpetrator") == {"police": 2}


def test_rows_of_one_case_that_contradict_each_other_are_told(office, made):
    sheet = [[*HEADER, "Repeated"], [*rows({})[0], "yes"], ["A-1", "2024-03-05", "Killing", "Police", "Gay man", 2, "once"]]
    found = read_in(made(sheet), office(case_rows="repeated"))
    assert said(found) == [("rows_disagree", "B3"), ("rows_disagree", "F3"), ("rows_disagree", "G3")] or \
        sorted(said(found)) == [("rows_disagree", "B3"), ("rows_disagree", "F3"), ("rows_disagree", "G3")]


# Linked sheets.

LINKED = {"victims": {"needs": ["case_id", "victim_group"], "number": "victims_n"}}


def test_linked_sheets_are_put_together_and_their_rows_counted(office, made):
    sheets = {"Victims": [["Case", "Victim group"], ["A-1", "Gay man"], ["A-1", "Lesbian woman"], ["A-2", "Gay man"]],
              "Cases": [["Case", "Violation", "Perpetrator"], ["A-1", "Threats", "Police"], ["A-2", "Killing", "Police"], ["A-3",
                      "Threats", ""]]}
    found = read_in(made(sheets), office(linked=LINKED))
    assert said(found) == [] and found.cases.case_id.tolist() == ["A-1", "A-2", "A-3"]
    assert found.cases.victims_n.tolist()[:2] == [2, 1] and found.cases.victims_n.isna().tolist() == [False, False, True]
    assert counts(found.cases, office(), "victim_group") == {"gay_man": 2, "lesbian_woman": 1, "not_stated": 1}


def test_a_linked_row_of_a_case_that_is_not_there_is_told(office, made):
    sheets = {"Cases": [["Case", "Violation", "Perpetrator"], ["A-1", "Threats", "Police"]],
              "Victims": [["Case", "Victim group"], ["A-7", "Gay man"]]}
    found = read_in(made(sheets), office(linked=LINKED))
    assert [(one.rule, one.sheet, one.cell) for one in found.problems] == [("orphan_row", "Victims", "A2")]


# Cells.

def one_cell(office, made, at, value, **record):
    return read_in(made([HEADER, *rows({at: value})]), office(), **record)


@pytest.mark.parametrize(("cell", "codes"), [
    ("Threats, Harassment", {"threat", "harassment"}), ("Threats / Harassment", {"threat", "harassment"}),
    ("Threats\nHarassment", {"threat", "harassment"}), ("1) Threats 2) Harassment", None), ("1. Threats; 2. Harassment", {"threat",
            "harassment"}),
    ("• Threats\n• Harassment", {"threat", "harassment"}), ("Угрозы и Killing", {"threat", "killing"}),
    ("Threats | Harassment, Killing", {"threat", "harassment", "killing"}), ("  threats\u00a0;\u200bHARASSMENT ", {"threat", "harassment"}),
    ("Threats; Harassment, of a kind", None),
])
def test_several_values_in_a_cell_under_any_separator(office, made, cell, codes):
    found = one_cell(office, made, 2, cell)
    if codes:
        assert said(found) == [] and set(counts(found.cases, office(), "violation")) == codes
    else:
        assert said(found) == [("unknown_code", "C2")]


def test_letters_of_another_alphabet_that_look_alike_are_read_and_told(office, made):
    found = one_cell(office, made, 2, "Угpoзы")  # p and o are Latin
    assert said(found) == [("mixed_letters", "C2")] and counts(found.cases, office(), "violation") == {"threat": 1}


@pytest.mark.parametrize("text", ["Партнёр", "партнер", "ПАРТНЁР", unicodedata.normalize("NFD", "Партнёр"), "Парт\u00adнёр",
                                  "\ufeffПартнёр\u00a0", "Partner"])
def test_one_word_is_one_code_with_or_without_dots_composed_or_with_signs_that_nobody_sees(office, made, text):
    found = one_cell(office, made, 3, text)
    assert said(found) == [] and counts(found.cases, office(), "perpetrator") == {"partner": 1}


def test_a_synonym_of_the_codebook_is_the_code_that_it_stands_for(office, made):
    found = one_cell(office, made, 3, "Сотрудник полиции")  # spellings.csv has it for the police
    assert said(found) == [] and counts(found.cases, office(), "perpetrator") == {"police": 1}


def test_formulas_markup_and_control_signs_in_a_cell_are_text_and_forge_no_line(office, tmp_path):
    # By hand: a story of this kind is kept as it stands; as a violation it is an error that is told in one line of signs that print.
    tricks = ["=HYPERLINK(1)", "<b>Threats</b>", "\x1b[2JERROR", "Threats\x00x", "no\nnote  cases.csv, A1: all is well"]
    (tmp_path / "cases.csv").write_text("\n".join([",".join(HEADER), *(f'A-{n},2024-03-0{n + 1},"{one}",Police,Gay man,1'
                                                                      for n, one in enumerate(tricks))]), encoding="utf-8")
    one = intake.checked(tmp_path / "cases.csv", office(), "office")
    assert [found.rule for found in one.problems] == ["unknown_code"] * 5
    for lang in ("en", "ru"):
        lines = intake.as_text(one, lang).splitlines()
        assert len(lines) == 1 + len(one.problems) and all(line.isprintable() for line in lines)


@pytest.mark.parametrize(("cell", "code"), [("н/д", "not_stated"), ("Неизвестно", "unknown"), ("белгісіз", "unknown"), ("отказ", "refused"),
                                            ("не спрашивали", "not_asked"), ("Prefer not to say", "refused"), (None, "not_stated")])
def test_ways_of_not_knowing_are_kept_apart(office, made, cell, code):
    found = one_cell(office, made, 4, cell)
    assert said(found) == [] and counts(found.cases, office(), "victim_group") == {code: 1}


@pytest.mark.parametrize("cell", ["-", "?", "—", 0, 99, "99", "NA", "n/a"])
def test_what_may_be_not_knowing_is_asked_about_and_the_answer_remembered(office, made, cell):
    assert said(one_cell(office, made, 4, cell)) == [("ask_unknown", "E2")]
    found = one_cell(office, made, 4, cell, answers={"unknowns": {str(cell): "refused"}})
    assert said(found) == [] and counts(found.cases, office(), "victim_group") == {"refused": 1}


@pytest.mark.parametrize("cell", [0, 99, "99", 999])
def test_a_number_that_may_stand_for_not_knowing_is_noted_and_the_answer_remembered(office, made, cell):
    found = one_cell(office, made, 5, cell)
    assert said(found) == [("number_unclear", "F2")] and found.cases.victims_n.tolist() == [int(cell)]
    found = one_cell(office, made, 5, cell, answers={"unknowns": {str(cell): "unknown"}})
    assert said(found) == [] and found.cases.victims_n.isna().all()


def test_a_table_above_one_with_more_columns_is_not_lost_in_silence(office, made):
    # Five cases, then three more below a header with a column more: only the three are read, so the file is refused.
    first, second = rows(*[{}] * 5), [[f"B-{row[0]}", *row[1:], "Almaty"] for row in rows(*[{}] * 3)]
    found = read_in(made([HEADER, *first, [None], [*HEADER, "Region"], *second]), office())
    assert [(one.rule, one.cell, dict(one.words)) for one in found.problems] == [("header_above", "A1", {"other": "8"})]
    assert found.problems[0].severity == "refuse"


def test_a_header_in_two_languages_heads_one_table(office, made):
    russian = ["Код случая", "Дата", "Вид нарушения", "Нарушитель", "Группа пострадавших", "Число пострадавших"]
    found = read_in(made([[*russian, None], [*HEADER, "Region"], *([*row, "Almaty"] for row in rows({}, {}))]), office())
    assert found.problems == [] and len(found.cases) == 2


def test_a_story_that_begins_like_a_total_is_a_case_and_a_total_is_none(office, made):
    cases = [["Всего трое угрожали", *rows({})[0]], ["Total strangers", *rows({}, {})[1]], ["Итого", None, None, None, None, None, 2]]
    found = read_in(made([["What happened", *HEADER], *cases]), office())
    assert found.cases.case_id.tolist() == ["A-1", "A-2"] and said(found) == [("unknown_header", "A1"), ("total_row", "A4")]


def test_a_cell_that_is_merged_a_hundred_thousand_times_is_filled_once(office, made):
    # Each of the merges alone fills a million rows; together they would take hours.
    merged = b"<mergeCells>" + b'<mergeCell ref="C2:C1048576"/>' * 100_000 + b"</mergeCells>"
    sheet = "xl/worksheets/sheet1.xml"
    file = rewritten(made([HEADER, *rows({}, {2: None}, {2: "Killing"})]), lambda old: old | {
        sheet: old[sheet].replace(b"</sheetData>", b"</sheetData>" + merged)})
    assert counts(read_in(file, office()).cases, office(), "violation") == {"threat": 3}


def test_not_knowing_a_date_or_a_number_is_no_mistake_and_a_dash_is_asked_about(office, made):
    found = read_in(made([HEADER, *rows({1: "неизвестно", 5: "н/д"}, {1: "-"}, {5: "?"})]), office())
    assert said(found) == [("ask_unknown", "B3"), ("ask_unknown", "F4")]
    assert found.cases.date_precision[0] == "none" and found.cases.victims_n.isna()[0]


@pytest.mark.parametrize(("cell", "date", "rule"), [
    (datetime.date(2024, 3, 4), "2024-03-04", None), ("04.03.2024", "2024-03-04", None), ("4 марта 2024 г.", "2024-03-04", None),
    ("март 2024", "2024-03", None), ("наурыз 2024", "2024-03", None), ("06.2024", "2024-06", None), (2024, "2024", None),
    (45355, "2024-03-04", "date_serial"), ("12-15.03.2024", "2024-03", "date_range"), ("31.02.2024", "", "no_such_date"),
    ("04/03/2024", "", "date_ambiguous"), ("мaрт 2024", "2024-03", "mixed_letters"),  # a Latin a
    ("2023-2024", "", "date_range_years"), ("04.03.24", "", "two_digit_year"),
])
def test_dates_as_people_write_them(office, made, cell, date, rule):
    found = one_cell(office, made, 1, cell)
    assert found.cases.date.tolist() == [date] and said(found) == ([(rule, "B2")] if rule else [])


def test_the_order_of_day_and_month_is_answered_once(office, made):
    found = read_in(made([HEADER, *rows({1: "04/03/2024"}, {1: "11/12/2024"})]), office(), answers={"dates": "month_day"})
    assert said(found) == [] and found.cases.date.tolist() == ["2024-04-03", "2024-11-12"]


@pytest.mark.parametrize(("cell", "number", "rule"), [("3", 3, None), ("3 чел.", 3, None), ("1 200", 1200, None),
                                                      ("25 лет", 25, None), ("25 лeт", 25, "mixed_letters"), ("2-3", None, "number_range"),
                                                      ("~5", None, "number_range"), ("не менее 5", None, "number_range"),
                                                      ("двое", None, "bad_number"), ("1,000", None, "number_ambiguous")])
def test_numbers_as_people_write_them(office, made, cell, number, rule):
    found = one_cell(office, made, 5, cell)
    assert said(found) == ([(rule, "F2")] if rule else []) and [None if n is None else int(n) for n in
            found.cases.victims_n.astype(object).where(found.cases.victims_n.notna(), None)] == [number]


@pytest.mark.parametrize(("city", "code"), [("г. Алматы", "kz_75"), ("Алма-Ата", "kz_75"), ("алматы", "kz_75"), ("Нур-Султан", "kz_71"),
                                            ("Целиноград", "kz_71"), ("Чимкент", "kz_79"), ("Астана", "kz_71")])
def test_old_names_of_cities_are_known(office, made, city, code):
    found = read_in(made([[*HEADER, "Region"], [*rows({})[0], city]]), office())
    assert said(found) == [] and counts(found.cases, office(), "region") == {code: 1}


# Case codes.

@pytest.mark.parametrize(("code", "text"), [(7, "7"), (77012345, "77012345"), ("KZ-01", "KZ-01")])
def test_case_codes_that_are_numbers_keep_their_digits(office, made, code, text):
    assert one_cell(office, made, 0, code).cases.case_id.tolist() == [text]


@pytest.mark.parametrize("code", [77012345678, "+7 701 234 56 78", "8 (701) 234-56-78", "900101300123"])
def test_a_case_code_that_is_a_telephone_or_identity_number_is_refused_without_being_shown(office, made, code):
    found = one_cell(office, made, 0, code)
    assert said(found) == [("id_like_number", "A2")] and str(code)[-4:] not in str(found.problems[0])


def test_codes_that_differ_only_in_letters_that_look_alike_are_refused(office, made):
    found = read_in(made([HEADER, *rows({0: "KZ-01"}, {0: "КZ-01"}, {0: "KZ-O1"})]), office())  # К is Cyrillic, O a letter
    assert said(found) == [("lookalike_id", "A3"), ("lookalike_id", "A4")]


def test_rows_that_say_the_same_under_two_codes_are_noted_when_they_agree_on_the_day(office, made):
    assert said(read_in(made([HEADER, *rows({}, {1: "2024-03-04"})]), office())) == [("identical_but_code", "A3")]
    assert said(read_in(made([HEADER, *rows({1: "2024-03"}, {1: "2024-03"})]), office())) == []


STORY = "Invented: three people in uniform came to the flat and broke the door"  # longer than two events share by chance


@pytest.mark.parametrize(("first", "second", "columns"), [
    ({}, {1: "2024-03-04", 5: 2}, "victims_n"), ({}, {1: "2024-03-04", 4: ""}, "victim_group"), ({}, {1: "2024-03-04", 2: "Killing"},
            "violation"),
    ({}, {1: "2024-03-04", 2: "Killing", 5: 2}, None), ({}, {1: "2024-03-06"}, None), ({1: "2024-03"}, {1: "2024-03", 5: 2}, None),
    ({6: STORY}, {1: "2024-03-05", 6: STORY}, "date"), ({6: STORY}, {1: "2024-03-04", 6: f"{STORY}, and left"}, "name"),
    ({6: STORY}, {1: "2024-03-05", 2: "Killing", 6: STORY}, None), ({3: "", 4: ""}, {1: "2024-03-04", 3: "", 4: "", 5: 2}, None),
    ({4: ""}, {1: "2024-03-04", 4: "", 5: 2}, None),  # they agree in three columns only
    ({1: "2024-03", 6: STORY}, {1: "2024-03", 6: f"{STORY}, and left"}, None),  # all that would tell them is what differs
])
def test_rows_that_say_nearly_the_same_are_noted_with_the_one_column_that_tells_them_apart(office, made, first, second, columns):
    # The column of names stands for a story here: what tells two events apart is that it is long, and it is never shown.
    usual = [[*row, ""] for row in rows({}, {})]
    sheet = [[cell.get(at, row[at]) for at in range(7)] for row, cell in zip(usual, (first, second))]
    found = read_in(made([[*HEADER, "Name of the person"], *sheet, *[[*rows({}, {}, {2: "Killing"})[2], "somebody else"]]]), office())
    assert said(found) == ([("nearly_identical", "A3")] if columns else [])
    assert all(f"row 2 in everything but {columns}." in one.message and STORY not in str(one) for one in found.problems)


def test_rows_of_one_case_and_rows_that_may_be_alike_are_not_called_nearly_the_same(office, made):
    sheet = [HEADER, *rows({}), ["A-1", "2024-03-04", "Threats", "Police", "Trans woman", 1]]
    assert said(read_in(made(sheet), office(case_rows="repeated"))) == []
    sheet[2][0] = "A-2"
    assert said(read_in(made(sheet), office(identical_rows="count"))) == []
    assert said(read_in(made(sheet), office())) == [("nearly_identical", "A3")]


def test_of_three_rows_each_is_held_against_the_first_that_is_nearly_the_same(office, made):
    # Rows 2 and 3 differ in the group, 2 and 4 in the number, 3 and 4 in both; a row that is the same is not nearly the same.
    sheet = [HEADER, *rows({}, {1: "2024-03-04", 4: "Trans woman"}, {1: "2024-03-04", 5: 2}, {1: "2024-03-04"})]
    found = read_in(made(sheet), office())
    assert sorted(said(found)) == [("identical_but_code", "A5"), ("nearly_identical", "A3"), ("nearly_identical", "A4")]


# Two files.

def two_files(office, made, ours, theirs):
    book = office()
    files = [made(sheet, name) for name, sheet in (("ours.xlsx", ours), ("theirs.xlsx", theirs))]
    return intake.across([intake.checked(file, book) for file in files], book)


RUSSIAN = ["Код случая", "Дата", "Нарушение", "Нарушитель", "Группа пострадавших", "Число пострадавших"]


def test_two_files_that_overlap_are_told_whatever_their_language_and_order(office, made):
    # By hand: P-1 is A-1 in Russian, P-2 is A-2 but for the number of victims, P-3 is of another day.
    ours = [HEADER, *rows({}, {}, {2: "Killing"})]
    theirs = [RUSSIAN[::-1], ["P-1", "04.03.2024", "Угрозы", "Полиция", "Гей", 1][::-1],
              ["P-2", "05.03.2024", "Угрозы", "Полиция", "Гей", 3][::-1], ["P-3", "07.03.2024", "Угрозы", "Полиция", "Гей", 1][::-1]]
    first, second = two_files(office, made, ours, theirs)
    assert first.problems == [] and [one.rule for one in second.problems] == ["also_in_file"]
    assert second.problems[0].message.startswith("2 cases of this file seem to stand in ours.xlsx as well: 1 say the same there, 1 the ")
    assert "casebook overlap" in second.problems[0].message


def test_a_case_without_a_day_is_known_in_two_files_by_its_code_and_a_bare_number_is_none(office, made):
    ours = [HEADER, *rows({1: "2024"}, {1: "2024", 0: "2"})]
    first, second = two_files(office, made, ours, ours)
    assert [dict(one.words)["count"] for one in second.problems] == ["1"]


def test_files_that_only_look_alike_are_left_in_peace(office, made):
    ours = [HEADER, *rows({}, {})]
    theirs = [HEADER, *rows({1: "2024-06-04"}, {1: "2024", 0: "P-1"}, {0: "P-2", 1: "2024-03-04", 2: "Killing", 3: "Media"})]
    assert [one.problems for one in two_files(office, made, ours, theirs)] == [[], []]
    narrow = [["Case", "Date", "Violation", "Perpetrator"], ["A-1", "2024-03-04", "Threats", "Police"]]  # two columns prove nothing
    assert [one.problems for one in two_files(office, made, ours, narrow)] == [[], []]
    wider = [[*narrow[0], "Victim group"], [*narrow[1], "Gay man"]]  # three do, whatever else only one of the files records
    assert overlapping(two_files(office, made, ours, wider)) == [("1", "1", "0")]


def overlapping(found):
    return [tuple(dict(one.words)[name] for name in ("count", "exact", "near")) for one in found[1].problems if one.rule == "also_in_file"]


def test_a_case_stands_in_another_file_once_and_what_is_alike_in_one_file_is_not_of_the_other(office, made):
    # P-1 is A-2, and but for the number A-1 as well; P-2 and P-3 are like each other only.
    ours = [HEADER, *rows({5: 2}, {1: "2024-03-04"})]
    theirs = [HEADER, *rows({0: "P-1"}, {0: "P-2", 1: "2024-06-04"}, {0: "P-3", 1: "2024-06-04", 5: 2}, {0: "P-4", 1: "2024-06-04"})]
    assert overlapping(two_files(office, made, ours, theirs)) == [("1", "1", "0")]


def test_the_command_check_tells_of_files_that_overlap_and_refuses_a_wrong_copy_before_it_reads(made, tmp_path):
    header = [*HEADER[:2], "Region", *HEADER[2:]]
    case = ["A-1", "2024-03-04", "Астана", *ROW[2:]]
    ours, theirs = made([header, case], "ours.xlsx"), made([header, case], "theirs.xlsx")
    casebook = Path(sys.executable).with_name("casebook")
    done = subprocess.run([casebook, "check", ours, theirs, "--format", "json"], capture_output=True, text=True)
    told = {one["file"].split("/")[-1]: [p["rule"] for p in one["problems"]] for one in json.loads(done.stdout)["files"]}
    assert done.returncode == 0 and told == {"ours.xlsx": [], "theirs.xlsx": ["also_in_file"]}
    # The file to be checked is not even there: what is told first is what is wrong with the copy.
    done = subprocess.run([casebook, "check", tmp_path / "none.xlsx", "--mark", ours], capture_output=True, text=True)
    assert done.returncode == 2 and "ours.xlsx is there already" in done.stderr


# What only a person sees.

def hidden(sheet):
    sheet.row_dimensions[3].hidden = True


def struck(sheet):
    sheet["C3"].font = Font(strike=True)


def grey(sheet):
    for cell in sheet[3]:
        cell.fill = PatternFill("solid", fgColor="FFD9D9D9")


LOOKS = [(hidden, "hidden_rows", {"hidden_rows": "{}"}), (struck, "struck_out", {"struck_out": "{}"}), (grey, "colour",
        {"colours": {"D9D9D9": "{}"}})]


def answer(line, word):
    return {name: answer(value, word) if isinstance(value, dict) else word for name, value in line.items()}


@pytest.mark.parametrize(("look", "rule", "line"), LOOKS, ids=["hidden", "struck out", "coloured"])
def test_rows_that_look_different_are_asked_about_once_and_the_answer_is_remembered(office, made, look, rule, line):
    file = changed(made([HEADER, *rows({}, {1: "2024-05"}, {1: "2024-06"})]), look)
    asked = read_in(file, office())
    assert said(asked) == [(f"ask_{rule}", "A3")] and len(asked.cases) == 3
    assert said(read_in(file, office(), answers=answer(line, "counted"))) == []
    left = read_in(file, office(), answers=answer(line, "left_out"))
    assert said(left) == [] and left.cases.case_id.tolist() == ["A-1", "A-3"]
    assert left.ledger.to_numpy().tolist() == [["Cases", "counted", 2], ["Cases", rule, 1]]


@pytest.mark.parametrize("table", [False, True], ids=["filter of the sheet", "filter of a table"])
def test_rows_that_a_filter_hides_are_asked_about_apart_from_rows_hidden_by_hand(office, made, table):
    def look(sheet):
        sheet.auto_filter.ref = "A1:F4"
        sheet.auto_filter.filterColumn.append(FilterColumn(colId=0, filters=Filters(filter=["A-1", "A-3"])))
        if table:
            sheet.add_table(Table(displayName="Cases", ref="A1:F4", autoFilter=sheet.auto_filter))
            sheet.auto_filter = type(sheet.auto_filter)()
        sheet.row_dimensions[3].hidden = sheet.row_dimensions[5].hidden = True
    file = changed(made([HEADER, *rows({}, {}, {}, {})]), look)
    assert said(read_in(file, office())) == [("ask_filtered_rows", "A3"), ("ask_hidden_rows", "A5")]
    found = read_in(file, office(), answers={"filtered_rows": "counted", "hidden_rows": "left_out"})
    assert said(found) == [] and found.cases.case_id.tolist() == ["A-1", "A-2", "A-3"]


def test_a_filter_that_hides_nothing_explains_no_hidden_row(office, made):
    def look(sheet):
        sheet.auto_filter.ref = "A1:F4"
        sheet.row_dimensions[3].hidden = True
    assert said(read_in(changed(made([HEADER, *rows({}, {}, {})]), look), office())) == [("ask_hidden_rows", "A3")]


def test_a_filter_of_an_ods_workbook_is_told_from_a_hidden_row(tmp_path):
    # The rows of the file that LibreOffice wrote, with its two cases hidden in the two ways that the format knows.
    file = shutil.copy(Path(__file__).with_name("files") / "cases.ods", tmp_path)
    ways = iter(["visible", "filter", "collapse", *["visible"] * 9])
    rewritten(file, lambda parts: parts | {"content.xml": re.sub(rb"<table:table-row(?=[ >])", lambda tag: tag[0] + (
        b' table:visibility="%s"' % next(ways).encode()), parts["content.xml"])})
    marks = files.opened(file).sheets["Cases"].marks
    assert (marks.hidden, marks.filtered) == ({2, 3}, {2})


def test_a_coloured_header_a_coloured_column_and_bands_say_nothing(office, made):
    def paint(sheet):
        for number, row in enumerate(sheet.iter_rows(), 1):
            for cell in row:
                if number == 1 or cell.column == 1 or number % 2:
                    cell.fill = PatternFill("solid", fgColor="FF00AA00")
    file = changed(made([HEADER, *rows(*({1: f"2024-0{month}"} for month in range(1, 8)))]), paint)
    assert said(read_in(file, office())) == []


def test_a_coloured_column_says_nothing_and_a_coloured_row_beside_it_is_still_asked_about(office, made):
    def paint(sheet):
        for cell in sheet["A"]:
            cell.fill = PatternFill("solid", fgColor="FF00AA00")
        sheet["C3"].fill = PatternFill("solid", fgColor="FFD9D9D9")
    found = read_in(changed(made([HEADER, *rows({}, {}, {}, {}, {})]), paint), office())
    assert said(found) == [("ask_colour", "A3")] and "D9D9D9" in found.problems[0].message


def test_comments_are_told(office, made):
    def comment(sheet):
        sheet["B3"].comment = Comment("Zarina Inventedova called", "nobody")
    found = read_in(changed(made([HEADER, *rows({}, {1: "2024"})]), comment), office())
    assert said(found) == [("comments_unread", "B3")] and "Zarina" not in str(found.problems)


def test_an_error_in_a_summary_or_in_a_column_that_is_not_read_does_not_matter(office, made):
    sheets = {"Cases": [[*HEADER, "Sum"], [*rows({})[0], "#REF!"], ["Total", None, None, None, None, "#N/A"]], "Summary": [["#REF!"]]}
    found = read_in(made(sheets), office())
    assert said(found) == [("unknown_header", "G1"), ("total_row", "A3")]


def test_the_year_of_a_column_and_of_the_date_must_agree(private_book, made):
    sheet = [["Case", "Date", "Year", "Violation", "Perpetrator"], ["A-1", "04.03.2024", 2023, "Threats", "Police"]]
    with pytest.raises(DataError, match="disagree"):
        tidy.checked(read.raw(made(sheet), private_book, "interviews"), private_book)


# Corrections of an earlier file.

def test_the_corrections_of_last_years_file_are_reused_where_they_still_apply(office, made):
    # Last year were corrected. This year A-1 stands one row lower and unchanged, and the office has put A-2 right itself.
    made([HEADER, *rows({2: "Beating up"}, {2: "Shouting"})], "2023.xlsx").with_name("2023.xlsx.corrections.csv").write_text(
        "cell,was,becomes,reason,by,date\nC2,Beating up,Killing,the story says so,A. Invented,2024-01-02\n"
        "C3,Shouting,Threats,the story says so,A. Invented,2024-01-02\n", encoding="utf-8")
    file = made([HEADER, *rows({}, {}, {2: "Beating up", 0: "A-1"}, {0: "A-9"})[1:]], "2024.xlsx")
    found = read_in(file, office(), corrections_from="2023.xlsx")
    assert [(one.file, one.rule, one.cell) for one in found.problems] == [("2023.xlsx", "correction_not_reused", "C3")]
    assert counts(found.cases[found.cases.case_id == "A-1"], office(), "violation") == {"killing": 1}
    assert said(read_in(file, office())) == [("unknown_code", "C3")]


# What a person reads. The tests above name the rules; here stand the beginnings and the endings of their lines, as `check` prints them.

IN_WORDS = [
    ({2: "Beatings up"}, "ERROR", "C2: The codebook does not know this violation: \"Beatings up\". Nearest: ", "spellings.csv."),
    ({2: "Угpoзы"}, "note ", "C2: The cell mixes letters of two alphabets that look alike and was read as Угрозы.", "anew."),
    ({2: "Thrеats; Killing"}, "note ", "C2: The cell mixes letters of two alphabets that look alike and was read as Угрозы, Уб", "."),
    ({1: "мaрт 2024"}, "note ", "B2: The cell mixes letters of two alphabets that look alike and was read as 2024-03.", "anew."),
    ({5: "25 лeт"}, "note ", "F2: The cell mixes letters of two alphabets that look alike and was read as 25.", "anew."),
    ({4: "-"}, "ERROR", "E2: Only whoever filled in the sheet knows what \"-\" means here:", "not_asked)."),
    ({1: "31.02.2024"}, "ERROR", "B2: The calendar has no such day or month (text of 10 characters, digits).", "2024."),
    ({1: "04/03/2024"}, "ERROR", "B2: Nobody can tell which number of this date is the day", "source record."),
    ({1: "04.03.24"}, "ERROR", "B2: The year of this date has two digits", "18 is 2018."),
    ({1: 45355}, "note ", "B2: The cell holds a bare number, not a date.", "the format of a date."),
    ({1: "12-15.03.2024"}, "note ", "B2: The cell holds a period, not one date.", "write it as 2024-03-04."),
    ({1: "2023-2024"}, "ERROR", "B2: The cell holds a period that lies in more than one year", "or only its year."),
    ({1: "вчера"}, "ERROR", "B2: This is not a date that can be read (text of 5 characters, letters).", "or 2024."),
    ({5: "2-3"}, "ERROR", "F2: This is a range or an estimate, not one number", "if the number is not known."),
    ({5: "1,000"}, "ERROR", "F2: This can be read as a number of thousands", "or 1."),
    ({0: "+7 701 234 56 78"}, "ERROR", "A2: The case code could be a telephone or identity number.", "nothing about anybody."),
    ({0: None}, "ERROR", "A2: The row has no case code.", "of its own."),
]


@pytest.mark.parametrize(("cell", "grave", "begins", "ends"), IN_WORDS, ids=lambda one: str(one)[:40])
def test_check_says_in_words_what_is_wrong(office, made, cell, grave, begins, ends):
    tidied = read_in(made([HEADER, *rows(cell)]), office())
    [line] = problems.as_text(tidied.problems).splitlines()
    assert line.startswith(f"{grave} cases.xlsx, sheet Cases, {begins}") and line.endswith(ends)
    [russian] = problems.as_text(tidied.problems, "ru").splitlines()
    assert russian.startswith(("ОШИБКА cases.xlsx, лист Cases, ", "заметка cases.xlsx, лист Cases, ")) and russian != line


def looked(change):
    return lambda made: changed(made([HEADER, *rows({}, {}, {})]), change)


def sheet_of(*more, header=HEADER):
    return lambda made: made([header, *rows({}), *more])


def commented(sheet):
    sheet["B3"].comment = Comment("invented", "nobody")


def hidden_sheet(sheet):
    sheet.sheet_state = "hidden"


def linked_elsewhere(made):
    return rewritten(made([HEADER, *rows({})]), lambda parts: parts | {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})


def locked(made):
    return made([HEADER, *rows({})], "~$cases.xlsx")


def beside_a_lock(made):
    locked(made)
    return made([HEADER, *rows({})])


def cut_short(made):
    file = made([HEADER, *rows({})])
    file.write_bytes(file.read_bytes()[:-600])
    return file


def mislabelled(made):
    file = made([HEADER, *rows({})])
    return file.rename(file.with_name("cases.csv"))


def damaged(damage):
    def make(made):
        file = made([HEADER, *rows({})])
        damage(file)
        return file
    return make


def with_a_sheet_hidden(made):
    return changed(made({"Old": [HEADER, *rows({}, {}, {})], "New": [HEADER, ["B-1", "2024-06", *ROW[2:]]]}), hidden_sheet)


def unvalued(made):
    return made([HEADER, *rows({5: "=1+1"})])


FILES_IN_WORDS = [
    (looked(hidden), "ERROR cases.xlsx, sheet Cases, A3: Rows 3 are hidden or filtered out (1 in all).", "hidden_rows: left_out."),
    (looked(struck), "ERROR cases.xlsx, sheet Cases, A3: Rows 3 have struck-out text (1 in all).", "struck_out: counted."),
    (looked(grey), "ERROR cases.xlsx, sheet Cases, A3: Rows 3 are coloured D9D9D9 (1 in all).", 'colours: {"D9D9D9": left_out}.'),
    (with_a_sheet_hidden, "ERROR cases.xlsx, sheet Old, A2: The sheet is hidden and has 3 rows of cases. Do they count?", "left_out."),
    (looked(commented), "note  cases.xlsx, sheet Cases, B3: Comments are not read (1 in all: B3).", "put that into the row."),
    (sheet_of(["Total", 1]), "note  cases.xlsx, sheet Cases, A3: The row holds totals and was set aside.", "aside."),
    (sheet_of(HEADER), "note  cases.xlsx, sheet Cases, A3: The row repeats the header and was set aside.", "aside."),
    (sheet_of(["see below"]), "note  cases.xlsx, sheet Cases, A3: The row says nothing about any coded column", "repeated."),
    (sheet_of(header=[*HEADER[:5], "Violation"]), "ERROR cases.xlsx, sheet Cases, F1: Two columns are both headed as violation", "them."),
    (sheet_of(header=[*HEADER[:5], None]), "note  cases.xlsx, sheet Cases, F1: The column has values and no heading", "should be."),
    (unvalued, "ERROR cases.xlsx, sheet Cases, F2: The cell holds a formula without a stored value.", "save it once."),
    (linked_elsewhere, "note  cases.xlsx: The workbook takes values from other files; they are as old as its last saving.", "right."),
    (locked, "ERROR ~$cases.xlsx: This is the mark that an office program leaves beside a workbook that is open", "the workbook itself."),
    (beside_a_lock, "note  cases.xlsx: The workbook is open in a program; what has not been saved there is not read.", "read."),
    (cut_short, "ERROR cases.xlsx: The file cannot be read as", "in the form it should have."),
    (mislabelled, "note  cases.csv: The file is really of the format xlsx, whatever its name says.", "It was read as that."),
    (damaged(with_a_part_twice), "ERROR cases.xlsx: The file was not opened: ", "a clean copy saved as .xlsx."),
    (damaged(with_entities), "ERROR cases.xlsx: The file was not opened: ", "a clean copy saved as .xlsx."),
]


@pytest.mark.parametrize(("make", "begins", "ends"), FILES_IN_WORDS, ids=lambda one: getattr(one, "__name__", str(one)[:40]))
def test_check_says_in_words_what_is_wrong_with_a_file(office, made, make, begins, ends):
    one = intake.checked(make(made), office(), "office")
    [line] = [line for line in problems.as_text(one.problems).splitlines() if line.startswith(begins)]
    assert line.endswith(ends) and len(one.problems) == 1


# What a person sees of columns, and answers.

def test_a_hidden_column_is_read_and_told_once_a_sheet(office, made):
    def hide(sheet):
        for letter in "CFZ":  # C and F are read; nothing stands in Z
            sheet.column_dimensions[letter].hidden = True
    file = changed(made([HEADER, *rows({}, {1: "2024-05"})]), hide)
    found = read_in(file, office())
    assert said(found) == [("hidden_columns", "C1")] and "Columns C, F are hidden" in found.problems[0].message
    assert counts(found.cases, office(), "violation") == {"threat": 2}


@pytest.mark.parametrize(("where", "look", "columns"), [
    ("C2:D9", {"fill": PatternFill(bgColor="FF00AA00")}, "C, D"), ("C2:C9", {"font": Font(strike=True)}, "C"),
    ("C2:C9", {"font": Font(bold=True)}, None),  # no colour
    ("C1:F1", {"fill": PatternFill(bgColor="FF00AA00")}, None),  # of the header alone
    ("J2:K9", {"fill": PatternFill(bgColor="FF00AA00")}, None),  # of columns that are not read
])
def test_a_rule_that_colours_what_is_read_is_told_once(office, made, where, look, columns):
    def ruled(sheet):
        for value in ('"Killing"', '"Threats"'):
            sheet.conditional_formatting.add(where, CellIsRule(operator="equal", formula=[value], **look))
    found = read_in(changed(made([HEADER, *rows({})]), ruled), office())
    assert [(one.rule, dict(one.words)["columns"]) for one in found.problems] == ([("colours_by_rule", columns)] if columns else [])


def test_a_heading_with_letters_of_another_alphabet_is_read_and_noted(office, made):
    # The C of the first heading and the o of the others are Cyrillic.
    header = ["\u0421ase", *HEADER[1:2], "Vi\u043elation", *HEADER[3:5], "Vi\u043elation 2"]
    found = read_in(made([header, *rows({5: "Killing"})]), office())
    assert said(found) == [("mixed_letters", "A1"), ("mixed_letters", "C1"), ("mixed_letters", "F1")]
    assert "read as violation 2." in found.problems[2].message
    assert counts(found.cases, office(), "violation") == {"threat": 1, "killing": 1}


@pytest.mark.parametrize("answers", [{"hidden_rows": "yes"}, {"hiden_rows": "counted"}, {"dates": "dd_mm"}, {"unknowns": {"99": "none"}},
                                     {"colours": {"D9D9D9": "grey"}}, {"colours": "counted"}, {"struck_out": {"A2": "counted"}}], ids=str)
def test_a_line_that_answers_nothing_is_told_with_what_it_can_be(office, made, answers):
    found = read_in(made([HEADER, *rows({})]), office(), answers=answers)
    assert [one.rule for one in found.problems] == ["answer_unclear"] and found.problems[0].severity == "refuse"
    [line] = answers
    assert line in found.problems[0].message


def test_a_colour_of_digits_alone_is_answered_as_its_question_says(office, made):
    # YAML takes 112233 for a number and 007700 for one in base eight: the question puts it into quotes.
    def paint(sheet):
        sheet["C3"].fill = PatternFill("solid", fgColor="FF007700")
    file = changed(made([HEADER, *rows({}, {1: "2024-05"})]), paint)
    [asked] = read_in(file, office()).problems
    line = re.search(r"colours: (\{.*?\}) or", asked.message)[0].removesuffix(" or")
    assert said(read_in(file, office(), answers=yaml.safe_load(line))) == []
    file = changed(file, lambda sheet: setattr(sheet["C3"], "fill", PatternFill("solid", fgColor="FF112233")))
    assert said(read_in(file, office(), answers=yaml.safe_load("colours: {112233: counted}"))) == []


# The list of it all.

def test_every_kind_of_mess_in_the_list_has_tests_that_exist_and_rules_that_exist():
    here = Path(__file__).parent
    names = {name for file in here.glob("test_*.py") for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.M)}
    table = [line.split(" | ") for line in (here / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    assert len(table) >= 55
    for what, _, told, tests in table:
        assert re.findall(r"`(\w+)`", tests) and set(re.findall(r"`(\w+)`", tests)) <= names, what
        assert set(re.findall(r"`(\w+)`", told)) <= set(problems.rules()) and (told == "—" or "`" in told), what
