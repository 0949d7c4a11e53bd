"""From raw rows to cases: every row accounted for, every cell coded as it reads, whatever the language and the order."""

import csv
import dataclasses
import io
import random
import shutil
from collections import Counter
from functools import partial

import openpyxl
import pandas as pd
import pytest
from conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN, ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import codebook, count, read, tidy
from analysis.problems import DataError, UsageError
from analysis.sheets import cells

FOLDER = ROOT / "data" / "codebook"
HEADER = ["Case", "Year", "Violation", "Perpetrator", "Victim group", "Number of victims", "Repeated"]
CASE = ["A-1", 2024, "Threats; Harassment", "Police", "Gay man", 1, "yes"]
CODED = ["violation", "perpetrator", "victim_group", "right", "response", "means", "repeated", "basis"]


def rows(name):
    with open(FOLDER / f"{name}.csv", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


CODES, SPELLINGS = rows("codes"), rows("spellings")
HEADERS = {row["spelling"]: row["column"] for row in rows("headers")}


def counts(cases, book, variable):
    """Code -> number of cases, without the zeros."""
    found = count.breakdown(cases, book, variable)
    return {code: n for code, n in zip(found[variable], found.n) if n}


def cases_of(file, book, profile=None):
    return tidy.checked(read.raw(file, book, profile), book).cases


# The report on Kazakhstan 2024 prints 31 cases, 9 fake dates, 7 cases of hate speech and 3 of restricted assembly.

def test_the_31_cases_of_kazakhstan_2024(ecom, book):
    assert len(ecom.cases) == 31 and ecom.problems == []
    violations = counts(ecom.cases, book, "violation")
    assert (violations["fake_date"], violations["hate_speech"], violations["assembly_restriction"]) == (9, 7, 3)
    assert ecom.cases.case_id.tolist() == [f"KZ-2024-{number:02}" for number in range(1, 32)]
    assert set(ecom.cases.year) == {2024}


def test_perpetrators_that_are_not_stated_are_counted_as_such_and_stay_in_the_base(ecom, book):
    # "Неизвестно или не указано" stands in 20 of the 31 cells of the column: cases 3, 5, 6, 9 to 15 and 22 to 31; no cell is blank.
    found = count.breakdown(ecom.cases, book, "perpetrator").set_index("perpetrator")
    assert found.at["unknown", "n"] == 20 and set(found.base) == {31}


def written_in(file, header):
    """What a workbook says, column -> cells, read by openpyxl under the English, Russian or Kazakh header."""
    sheet = openpyxl.load_workbook(file).worksheets[0]
    return {HEADERS[head]: cells for head, *cells in zip(*sheet.iter_rows(min_row=header, values_only=True))}


SAID = {(row["variable"], row[name].casefold()): row["code"] for row in CODES for name in ("code", "label_en", "label_ru")}
SAID |= {(row["variable"], row["spelling"].casefold()): row["code"] for row in SPELLINGS}
REPORTERS = {row["code"]: row["label_en"] for row in CODES if row["variable"] == "reporter"}


def codes_of(variable, cell):
    """The codes of a cell of the public workbooks; names of reporters hold commas, so they are looked for in the whole cell."""
    if variable == "reporter":
        return {code for code, name in REPORTERS.items() if name in cell}
    return {SAID[variable, part.casefold()] for part in cell.split("; ")} if cell else {"not_stated"}


@pytest.mark.parametrize(("name", "file", "header"), [("ecom", ECOM, 3), ("odihr_kazakhstan", ODIHR_KAZAKHSTAN, 1)])
def test_every_code_is_counted_as_often_as_it_is_written(request, book, name, file, header):
    cases, variables = request.getfixturevalue(name).cases, {variable for variable, _ in SAID}
    for variable, column in written_in(file, header).items():
        if variable in variables:
            assert counts(cases, book, variable) == Counter(code for cell in column for code in codes_of(variable, cell)), variable


def test_the_incidents_of_odihr_are_all_counted_though_many_look_alike(odihr, book):
    raw = pd.read_csv(ODIHR, dtype=str, keep_default_na=False)
    assert raw.duplicated().sum() > 1000 and len(odihr.cases) == len(raw) == 18112
    assert odihr.cases.case_id.is_unique and odihr.cases.case_id[0] == "row 2"
    precision = raw.Date.str.len().map({4: "year", 7: "month", 10: "day", 0: "none"})
    assert odihr.cases.date_precision.tolist() == precision.tolist()
    assert odihr.cases.year.astype(str).tolist() == raw.Date.str[:4].tolist()


# The same sheet in another language, order or shape.

def ecom_rows(lang):
    """The 31 cases with headers and labels of a language, or with bare codes; the header comes first."""
    column = "code" if lang == "code" else f"label_{lang}"
    into = {(row["variable"], row["label_ru"].casefold()): row[column] for row in CODES}
    into |= {("repeated", "да"): next(row[column] for row in CODES if (row["variable"], row["code"]) == ("repeated", "yes"))}
    into |= {(row["variable"], row["spelling"].casefold()): row["spelling"] for row in SPELLINGS} if lang == "ru" else {}
    header = {row["column"]: row["spelling"] for row in reversed(rows("headers")) if row["language"] == (lang if lang != "code" else "en")}
    said = {variable: [cell and "; ".join(into[variable, part.casefold()] for part in cell.split("; ")) for cell in cells]
            if variable in CODED else cells for variable, cells in written_in(ECOM, 3).items()}
    return [[header[variable] for variable in said], *map(list, zip(*said.values()))]


def same(cases, ecom):
    """Whether cases are those of the received file but for the sheet and row in which they stand."""
    left, right = (table.drop(columns=["sheet", "row"]).sort_values("case_id", ignore_index=True) for table in (cases, ecom.cases))
    pd.testing.assert_frame_equal(left, right)
    return True


@pytest.mark.parametrize("lang", ["en", "ru", "kk", "code"])
def test_headers_and_labels_in_another_language_give_the_same_cases(book, ecom, made, lang):
    assert same(cases_of(made(ecom_rows(lang)), book), ecom)


@pytest.mark.parametrize("seed", [1, 2])
def test_shuffled_rows_and_columns_and_other_sheet_names_give_the_same_cases(book, ecom, made, seed):
    shuffle = random.Random(seed)
    header, *cases = ecom_rows("en")
    shuffle.shuffle(cases)
    order = shuffle.sample(range(len(header)), len(header))
    shuffled = [[row[at] for at in order] for row in [header, *cases]]
    assert same(cases_of(made({"Notes": [["a note"]], f"Лист {seed}": shuffled}), book), ecom)


def test_one_sheet_and_several_give_the_same_cases(book, ecom, made):
    header, *cases = ecom_rows("en")
    parted = {"January": [header, *cases[:10]], "February": [["Title"], header, *cases[10:]]}
    assert same(cases_of(made(parted), book), ecom)


def test_a_csv_file_gives_the_same_cases(book, ecom, tmp_path):
    out = io.StringIO()
    csv.writer(out).writerows(ecom_rows("ru"))
    (tmp_path / "cases.csv").write_text(out.getvalue(), encoding="utf-8-sig")
    assert same(cases_of(tmp_path / "cases.csv", book), ecom)


# The ledger of rows.

CSV_ROWS = {
    "title": st.sampled_from([["Invented cases"], ["", "2024"], ["for a test", "", "", "nobody"]]),
    "blank": st.sampled_from([[], [""] * 7, [" ", "", "\u00a0"]]),
    "header": st.sampled_from([HEADER, ["CASE", "год", "Violations", "", "", "", ""], ["", "", "violation", "Perpetrators", "", "", ""]]),
    "note": st.sampled_from([["nothing else"], ["", "2024"], ["checked", "", "", "", "", "12", ""], [*[""] * 7, "beside the table"]]),
    "case": st.sampled_from([CASE[2:], ["Threats", "", "", "", ""], ["", "", "", "", "Repeated"], ["", "Not stated", "", "3", "да"]]),
}


def lists_of(*kinds):
    return st.lists(st.sampled_from(kinds).flatmap(lambda kind: st.tuples(st.just(kind), CSV_ROWS[kind])), max_size=10)


@given(lists_of("title", "blank"), lists_of("blank", "header", "note", "case", "case"))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_row_is_counted_or_set_aside_for_a_reason_or_not_read_for_a_reason(book, tmp_path, above, below):
    kinds = [*above, ("top", HEADER), *below]
    lines = [[f"A-{number}", "2024", *cells] if kind == "case" else cells for number, (kind, cells) in enumerate(kinds)]
    with open(tmp_path / "cases.csv", "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(lines)
    raw = read.raw(tmp_path / "cases.csv", book)
    tidied = tidy.cases(raw, book)
    expected = Counter(kind for kind, _ in kinds)
    assert ("no_cases" in {one.rule for one in tidied.problems}) == (expected["case"] == 0)
    ledger = dict(zip(tidied.ledger.what, tidied.ledger.rows))
    assert ledger == {name: n for name, n in {"counted": expected["case"], "repeated_header": expected["header"],
                                              "no_content": expected["note"]}.items() if n}
    assert sum(rows for _, rows, _ in raw.unread) == expected["title"]
    assert tidied.cases.row.tolist() == [number for number, (kind, _) in enumerate(kinds, 1) if kind == "case"]
    # Each row set aside is told with its cell.
    aside = [number for number, (kind, _) in enumerate(kinds, 1) if kind in ("header", "note")]
    assert sorted(int(one.cell[1:]) for one in tidied.problems if one.rule not in ("unknown_header", "blank_header", "no_cases")) == aside


def test_the_ledger_of_a_workbook_balances_by_sheet(book, made):
    total = ["Total", None, None, None, None, 4]
    sheets = {"2023": [["Invented"], HEADER, CASE, [], HEADER, ["A-2", *CASE[1:]], total],
              "About": [["nothing"]], "2024": [HEADER, [], ["A-3", *CASE[1:]], total, total]}
    raw = read.raw(made(sheets), book)
    tidied = tidy.checked(raw, book)
    assert tidied.ledger.to_numpy().tolist() == [["2023", "counted", 2], ["2024", "counted", 1], ["2023", "repeated_header", 1],
                                                 ["2023", "total_row", 1], ["2024", "total_row", 2]]
    with_content = sum(any(cell is not None for cell in row) for sheet in openpyxl.load_workbook(raw.file) for row in sheet.values)
    headers = 2
    assert with_content == tidied.ledger.rows.sum() + sum(rows for _, rows, _ in raw.unread) + headers


def test_the_ledgers_of_the_public_sources_balance(ecom, odihr_kazakhstan, odihr):
    assert [tidied.ledger.to_numpy().tolist() for tidied in (ecom, odihr_kazakhstan, odihr)] == [
        [["Случаи", "counted", 31]], [["Incidents", "counted", 89]], [["", "counted", 18112]]]


def test_a_label_that_is_spelled_as_its_header_is_a_value(book, made):
    cases = cases_of(made([HEADER, [*CASE[:6], "Repeated"], ["A-2", 2024, None, None, None, None, "Repeated"]]), book)
    assert counts(cases, book, "repeated") == {"yes": 2}


# Cells.

def test_a_blank_cell_is_not_stated_and_is_not_the_same_as_unknown(book, made):
    cases = cases_of(made([HEADER, ["A", 2024, "Threats"], ["B", 2024, "Threats", "Unknown"], ["C", 2024, "Threats", "Refused to answer"],
                           ["D", 2024, "Threats", "Сұралмаған"], ["E", 2024, "Threats", " ; ;\u200b"]]), book)
    assert counts(cases, book, "perpetrator") == {"not_stated": 2, "unknown": 1, "refused": 1, "not_asked": 1}
    assert set(count.breakdown(cases, book, "perpetrator").base) == {5}


def test_a_code_named_twice_in_a_cell_counts_once(book, made):
    cases = cases_of(made([HEADER, ["A", 2024, "Threats; Угрозы;threat; Harassment;"]]), book)
    assert counts(cases, book, "violation") == {"threat": 1, "harassment": 1}


def test_numbers_are_whole_or_missing(book, made):
    sheet = [HEADER, *([f"A-{n}", 2024, "Threats", None, None, victims] for n, victims in enumerate([3, "12", 0, None, " "]))]
    assert cases_of(made(sheet), book).victims_n.tolist() == [3, 12, 0, pd.NA, pd.NA]


@pytest.mark.parametrize("value", [2.5, -1, "٣", "two", "1e3", True])
def test_what_is_not_a_whole_number_is_refused_and_not_guessed(book, made, value):
    with pytest.raises(DataError) as refused:
        cases_of(made([HEADER, ["A-1", 2024, "Threats", None, None, value]]), book)
    assert [(one.rule, one.cell) for one in refused.value.problems] == [("bad_number", "F2")]


@pytest.mark.parametrize(("period", "years"), [("2024", (2024, 2024)), (2024, (2024, 2024)), ("2016-2022", (2016, 2022)),
                                               ("2016 – 2022", (2016, 2022))])
def test_a_period_is_a_year_or_the_first_and_the_last(period, years):
    assert tidy.span(period) == years


@pytest.mark.parametrize("period", ["2022-2016", "16-22", "2016-", "2016-2022-2024", "all", ""])
def test_another_period_is_refused(period):
    with pytest.raises(UsageError, match="is not a period"):
        tidy.span(period)


def test_the_year_of_a_case_is_that_of_its_date_unless_the_sheet_says_it(private_book, made):
    header = ["Case", "Date", "Year", "Violation", "Perpetrator"]
    sheet = [header, ["A", "2023-05", None, "Threats", "Police"], ["B", None, 2024, "Threats", "Police"],
             ["C", "2022", 2022, "Threats", "Police"], ["D", None, None, "Threats"], ["E", pd.Timestamp("2021-01-02"), None, "Threats"]]
    cases = cases_of(made(sheet), private_book, "interviews")
    assert cases.year.tolist() == [2023, 2024, 2022, pd.NA, 2021]
    assert cases.date_precision.tolist() == ["month", "none", "year", "none", "day"]


def test_years_before_and_after_the_period_are_told_and_counted(book, made):
    sheet = [HEADER, *([f"A-{year}", year, *CASE[2:]] for year in range(2021, 2026))]
    tidied = tidy.checked(read.raw(made(sheet), book), book, {"period": "2022-2024"})
    assert [(one.rule, one.cell) for one in tidied.problems] == [("outside_period", "B2"), ("outside_period", "B6")]
    assert tidied.cases.year.tolist() == [2021, 2022, 2023, 2024, 2025]


def test_case_codes_that_stand_in_two_sheets_are_named_with_their_sheet(book, made):
    with pytest.raises(DataError, match=r"sheet B, A2: .* already used in row 2 of sheet A\."):
        cases_of(made({"A": [HEADER, CASE], "B": [HEADER, CASE]}), book)


def test_cases_without_codes_of_their_own_are_named_by_their_place(private_book, made):
    sheet = [["Date", "Setting"], ["2024", "Home"], [], ["2024-02", "Home"]]
    assert cases_of(made(sheet), private_book, "diaries").case_id.tolist() == ["Cases:row 2", "Cases:row 4"]


def test_a_sheet_with_a_header_and_nothing_below_has_no_cases(book, made):
    tidied = tidy.cases(read.raw(made([HEADER]), book), book, {"period": "2024"})
    assert len(tidied.cases) == 0 and tidied.ledger.rows.sum() == 0 and [one.rule for one in tidied.problems] == ["no_cases"]
    assert set(count.breakdown(tidied.cases, book, "violation").n) == {0}


# Cells of several values, and codes beyond the 64 of one word.

@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=6), st.sampled_from([", ", ",", " , "]))
def test_a_label_that_holds_the_separator_stays_whole(chosen, between):
    # Label 4 has three parts, "4 a, 4 b, 4 c", the first of its own; labels that the codebook does not know stay in parts.
    labels = {number: [f"{number} {part}" for part in "abc"[: 1 + number % 3]] for number in range(10)}
    known = {",".join(parts) for parts in labels.values()}
    cell = between.join(between.join(labels[number]) if is_known else f"no label {number}" for number, is_known in chosen)
    found = cells.pieces(cell, [","], lambda text: ",".join(part.strip() for part in text.split(",")) in known)
    expected = [labels[number] if is_known else [f"no label {number}"] for number, is_known in chosen]
    assert [[part.strip() for part in piece.split(",")] for piece in found] == expected


def test_the_longest_label_is_taken():
    known = {"Health", "Health, Rights", "Health, Rights, Gender"}
    assert cells.pieces("Health, Rights, Gender, Health, Rights", [","], known.__contains__) == ["Health, Rights, Gender", "Health",
            "Rights"]


def test_names_of_reporters_hold_commas_and_are_read_whole(private_book):
    long = "Eurasian Coalition on Health, Rights, Gender and Sexual Diversity"
    read = lambda text: cells.codes_in(text, "reporter", ",", partial(private_book.code, "reporter"), private_book)  # noqa: E731
    assert read(f"Kok.team, {long}, ALMA-TQ") == (["kok_team", "ecom", "alma_tq"], [], [])
    assert read(f"{long}, Rights") == (["ecom"], ["Rights"], ["unknown_code"])


@pytest.fixture(scope="module")
def big_book(tmp_path_factory):
    """The codebook with an invented variable of 130 codes, and with a profile whose sheet has neither year nor date."""
    folder = shutil.copytree(FOLDER, tmp_path_factory.mktemp("big") / "codebook")
    with open(folder / "variables.csv", "a", encoding="utf-8") as file:
        file.write("topic,yes,acts,topics,Topic,Тема,Тақырып,Topics,Темы,Тақырыптар\n")
    with open(folder / "codes.csv", "a", encoding="utf-8") as file:
        file.writelines(f"topic,t{number},,,Topic {number},Тема {number},Тақырып {number}\n" for number in range(130))
    with open(folder / "headers.csv", "a", encoding="utf-8") as file:
        file.write("topic,Topic,en\n")
    profile = "title: Invented\nunit: cases\nneeds: [case_id, topic]\nidentical_rows: refuse\ncolumns:\n"
    (folder / "profiles" / "topics.yml").write_text(
        profile + '  case_id: {kind: id}\n  topic: {kind: coded, separator: ";"}\n', encoding="utf-8")
    return codebook.load(folder)


@given(st.lists(st.sets(st.integers(0, 129), max_size=8), min_size=1, max_size=6))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_130_codes_go_into_masks_and_come_out_again(big_book, tmp_path, chosen):
    with open(tmp_path / "topics.csv", "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["Case", "Topic"], *([f"A-{at}", "; ".join(f"Topic {n}" for n in ns) or "not stated"]
                                                           for at, ns in enumerate(chosen))])
    cases = cases_of(tmp_path / "topics.csv", big_book)
    assert [column for column in cases if column.startswith("topic")] == ["topic", "topic.1", "topic.2"]
    together = count.combinations(cases, big_book, "topic")
    expected = Counter("+".join(f"t{n}" for n in sorted(ns)) or "not_stated" for ns in chosen)
    assert dict(zip(together.topic, together.n)) == expected
    # Bit 64 n + k of the mask is bit k of word n.
    for row, ns in zip(cases.itertuples(index=False), chosen):
        words = [int(word) for word in row[list(cases).index("topic"):][:3]]
        assert not ns or words == [sum(1 << (n - 64 * word) for n in ns if n // 64 == word) for word in range(3)]


def test_a_sheet_without_year_and_date_has_no_years(big_book, made):
    cases = tidy.checked(read.raw(made([["Case", "Topic"], ["A", "Topic 129"]]), big_book), big_book, {"period": "2024"}).cases
    assert cases.year.isna().all() and counts(cases, big_book, "topic") == {"t129": 1}


# Corrections.

@pytest.fixture
def corrected(book, made):
    """Tidy an invented workbook with corrections beside it; returns the cases and every problem."""
    def tidy_with(lines, sheets=None, encoding="utf-8", head="cell,was,becomes,reason,by,date\n"):
        file = made(sheets or [HEADER, CASE, ["A-2", 2024, "Killing", None, "Gay man", 2]])
        file.with_name(f"{file.name}.corrections.csv").write_bytes((head + lines).encode(encoding))
        found = tidy.cases(read.raw(file, book), book)
        return found.cases, [(one.rule, one.sheet, one.cell) for one in found.problems]
    return tidy_with


def test_corrections_are_carried_out_in_order(corrected, book):
    cases, wrong = corrected('C3,Killing,Harassment,misread,nobody,2024-01-01\nD3,,Полиция,filled in,nobody,2024-01-01\n'
                             'E2,gay  MAN,,withdrawn,nobody,2024-01-01\nB2,2024,2023,misread,nobody,2024-01-01\n'
                             'C3,Harassment,Threats,misread again,nobody,2024-01-02\n')
    assert wrong == []
    assert counts(cases, book, "violation") == {"threat": 2, "harassment": 1} and counts(cases, book, "perpetrator") == {"police": 2}
    assert counts(cases, book, "victim_group") == {"gay_man": 1, "not_stated": 1} and cases.year.tolist() == [2023, 2024]


def test_a_correction_can_fill_a_row_that_would_be_set_aside(corrected, book):
    cases, wrong = corrected("C2,,Threats,was left out,nobody,2024-01-01\n", [HEADER, ["A-1", 2024]])
    assert wrong == [] and counts(cases, book, "violation") == {"threat": 1}


def test_a_correction_names_its_sheet_where_rows_stand_in_several(corrected, book):
    sheets = {"A": [HEADER, CASE], "B": [["Victim group", *HEADER[:4]], ["Gay man", "A-2", 2024, "Killing", "Media"]]}
    cases, wrong = corrected("B!D2,Killing,Threats,misread,nobody,2024-01-01\n", sheets)
    assert wrong == [] and counts(cases, book, "violation") == {"threat": 2, "harassment": 1}
    assert corrected("D2,Killing,Threats,misread,nobody,2024-01-01\n", sheets)[1] == [("correction_lost", "", "D2")]


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_a_correction_without_a_sheet_is_for_the_one_that_has_the_row(corrected, book, order):
    # Column D is the perpetrator in sheet A and the violation in sheet B, and only B has a row 4.
    sheets = {"A": [HEADER, CASE], "B": [["Victim group", *HEADER[:4]], [], [], ["Gay man", "A-2", 2024, "Killing", "Media"]]}
    cases, wrong = corrected("D4,Killing,Threats,misread,nobody,2024-01-01\n", {name: sheets[name] for name in order})
    assert wrong == [] and counts(cases, book, "violation") == {"threat": 2, "harassment": 1}


@pytest.mark.parametrize(("line", "problem"), [
    ("C3,Threats,Harassment,r,nobody,2024-01-01\n", ("correction_stale", "Cases", "C3")),
    ("D2,,Police,r,nobody,2024-01-01\n", ("correction_stale", "Cases", "D2")),
    ("C99,Threats,Harassment,r,nobody,2024-01-01\n", ("correction_lost", "", "C99")),
    ("Z2,Threats,Harassment,r,nobody,2024-01-01\n", ("correction_lost", "", "Z2")),
    ("C1,Violation,Harassment,r,nobody,2024-01-01\n", ("correction_lost", "", "C1")),
    ("Other!C2,Threats,Harassment,r,nobody,2024-01-01\n", ("correction_lost", "Other", "C2")),
    ("second row,Threats,Harassment,r,nobody,2024-01-01\n", ("correction_lost", "", "second row")),
    ("C2,Threats; Harassment,Threats,,nobody,2024-01-01\n", ("correction_incomplete", "", "C2")),
    ("C2\n", ("correction_incomplete", "", "C2")),
    (",Threats,Harassment,r,nobody,2024-01-01\n", ("correction_incomplete", "", "")),
    ("C2,Threats; Harassment,Threats,r, unquoted,nobody,2024-01-01\n", ("correction_incomplete", "", "C2")),
])
def test_a_correction_that_cannot_be_carried_out_is_a_problem_and_changes_nothing(corrected, book, line, problem):
    cases, wrong = corrected(line)
    assert wrong == [problem]
    assert counts(cases, book, "violation") == {"threat": 1, "harassment": 1, "killing": 1}


@pytest.mark.parametrize("name", ["cell", "was", "becomes", "reason", "by", "date"])
def test_a_list_of_corrections_without_one_of_its_columns_is_a_problem(corrected, name):
    whole = {"cell": "C3", "was": "Killing", "becomes": "Threats", "reason": "r", "by": "nobody", "date": "2024-01-01"}
    kept = [column for column in whole if column != name]
    cases, wrong = corrected(",".join(whole[column] for column in kept) + "\n", head=",".join(kept) + "\n")
    assert wrong == [("correction_incomplete", "", whole["cell"] if name != "cell" else "")]


def test_a_list_of_corrections_in_another_encoding_is_a_problem(corrected):
    assert corrected("C3,Killing,Угрозы,r,nobody,2024-01-01\n", encoding="cp1251")[1] == [("file_unreadable", "", "")]


@pytest.mark.parametrize("head", ["cell;was;becomes;reason;by;date", "Cell,Was,Becomes,Reason,By,Date"])
def test_a_list_of_corrections_in_other_columns_is_a_problem_of_the_list(corrected, head):
    assert corrected("C3,Killing,Threats,r,nobody,2024-01-01\n", head=f"{head}\n")[1] == [("file_unreadable", "", "")]


def test_a_cell_of_a_correction_may_be_written_in_small_letters(corrected):
    assert corrected("c3,Killing,Threats,r,nobody,2024-01-01\n")[1] == []


def test_what_a_correction_brings_is_checked_like_any_cell(corrected):
    assert corrected("C3,Killing,Threets,r,nobody,2024-01-01\n")[1] == [("unknown_code", "Cases", "C3")]


def test_corrections_leave_the_raw_rows_as_they_were(book, made):
    file = made([HEADER, CASE])
    beside = file.with_name(f"{file.name}.corrections.csv")
    beside.write_text("cell,was,becomes,reason,by,date\nB2,2024,2023,r,nobody,2024-01-01\n", encoding="utf-8")
    raw = read.raw(file, book)
    before = raw.table.copy()
    assert tidy.checked(raw, book).cases.year.tolist() == [2023]
    pd.testing.assert_frame_equal(raw.table, before)


# Parquet.

def test_cases_come_back_from_parquet_as_they_were(ecom, book, tmp_path):
    tidy.save(ecom.cases, tmp_path / "new folder" / "cases.parquet", book)
    pd.testing.assert_frame_equal(tidy.load(tmp_path / "new folder" / "cases.parquet", book), ecom.cases)


def test_cases_of_another_codebook_are_refused(ecom, book, tmp_path):
    tidy.save(ecom.cases, tmp_path / "cases.parquet", book)
    more = pd.concat([book.codes[book.codes.code == "threat"].assign(code="invented"), book.codes])
    with pytest.raises(UsageError, match="codes of 'violation' changed since cases.parquet was made"):
        tidy.load(tmp_path / "cases.parquet", dataclasses.replace(book, codes=more))
