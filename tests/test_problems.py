"""Every rule can be broken, is told with its place and what to do, all at once, and never with what a private cell holds."""

import csv
import shutil
import zipfile

import pytest
from conftest import ECOM, ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import read, source, tidy
from analysis.problems import DataError, Problem, nearest, place, problem, refuse, shape

NAME, STORY = "Zarina Inventedova", "an invented story of 77 words"
HEADER = ["Case", "Date", "Year", "Violation", "Perpetrator", "Setting", "Number of victims", "Name of the person", "What happened"]
GOOD = dict(zip(HEADER, ["A-1", "2024-03-04", 2024, "Threats; Harassment", "Police", "Home", 1, NAME, STORY]))
CORRECTION = "cell,was,becomes,reason,by,date\n"


def row(**cells):
    return list((GOOD | {name.replace("_", " "): value for name, value in cells.items()}).values())


def without(*names):
    return [[name for name in HEADER if name not in names], [value for name, value in GOOD.items() if name not in names]]


# Rule -> rows, the cell that the problem must name, and words that its message must hold.
FAULTS = {
    "missing_column": (without("Violation"), "", ["no column for violation", "type of violation"]),
    "duplicate_header": ([[*HEADER, "Type of violation"], [*row(), "Threats"]], "J1", ["violation", "column D", "Rename"]),
    "unknown_header": ([[*HEADER, "Remarks"], [*row(), "none"]], "J1", ["not used", "headers.csv"]),
    "error_cell": ([HEADER, row(Violation="#REF!")], "D2", ["#REF!", "Replace"]),
    "no_value_stored": ([HEADER, row(Year="=2020+4")], "C2", ["formula", "save it"]),
    "unknown_code": ([HEADER, row(Violation="Threets")], "D2", ['"Threets"', "Threats", "spellings.csv"]),
    "no_cases": ([HEADER], "", ["no case", "right file"]),
    "several_values": ([HEADER, row(Setting="Home; Transport")], "F2", ["setting", "holds 2", "Keep one"]),
    "contradictory_unknown": ([HEADER, row(Perpetrator="Police; Not stated")], "E2", ["perpetrator", "Keep one"]),
    "bad_date": ([HEADER, row(Date="yesterday 4")], "B2", ["letters and digits", "2024-03-04"]),
    "bad_year": ([HEADER, row(Year="24")], "C2", ["2 characters", "four digits"]),
    "bad_number": ([HEADER, row(Number_of_victims="two")], "G2", ["3 characters, letters", "digits only"]),
    "year_contradicts_date": ([HEADER, row(Year=2023)], "C2", ["disagree", "Correct one"]),
    "outside_period": ([HEADER, row(Date="2019-05", Year=2019)], "B2", ["2019", "2023-2024", "correct it"]),
    "missing_id": ([HEADER, row(Case=None)], "A2", ["no case code", "Give"]),
    "duplicate_id": ([HEADER, row(), row(Case="B-1", Date="2024-05"), row(Case=" a-1")], "A4", ["row 2", "delete"]),
    "repeated_header": ([HEADER, row(), HEADER], "A3", ["set aside"]),
    "no_content": ([HEADER, row(), ["see below", None, None, None, None, None, 1]], "A3", ["set aside", "violation, perpetrator, setting"]),
}
ASKED = {"ask_hidden_rows", "ask_struck_out", "ask_colour"}  # named in test_real_sheets by what the row looks like
PROPOSED = {"proposed_profile", "proposed_headers"}  # sentences around a proposed profile, not problems of a cell
WARNINGS = {"unknown_header", "outside_period", "repeated_header", "no_content"}

CORRECTIONS = {
    "correction_stale": ("D2,Killing,Threats,invented,nobody,2024-01-01\n", "D2", ["renew or delete"]),
    "correction_lost": ("D99,Threats,Killing,invented,nobody,2024-01-01\n", "D99", ["delete"]),
    "correction_date": ("D2,Threats; Harassment,Killing,invented,nobody,someday\n", "D2", ["2026-11-30"]),
    "correction_incomplete": ("D2,Threats; Harassment,Killing,,nobody,\n", "D2", ["lacks reason, date"]),
}


def rules():
    with open(ROOT / "data" / "codebook" / "rules.csv", encoding="utf-8", newline="") as lines:
        return {line["rule"]: line for line in csv.DictReader(lines)}


def found(file, book, profile="interviews"):
    """Every problem of a file."""
    try:
        return tidy.cases(read.raw(file, book, profile), book, {"period": "2023-2024"}).problems
    except DataError as error:
        return error.problems


def said_of(rule, made, book, tmp_path):
    """All problems of an input that breaks a rule, the cell where, and words that must be said."""
    if rule in FAULTS:
        rows, cell, words = FAULTS[rule]
        return found(made(rows), book), cell, words
    if rule in CORRECTIONS:
        line, cell, words = CORRECTIONS[rule]
        file = made([HEADER, row()])
        file.with_name(f"{file.name}.corrections.csv").write_text(CORRECTION + line, encoding="utf-8")
        return found(file, book), cell, words
    return MADE_BY[rule](made, book, tmp_path)


def missing(made, book, tmp_path):
    return found(tmp_path / "nowhere.xlsx", book), "", ["not there", "name and folder"]


def unreadable(made, book, tmp_path):
    (tmp_path / "cases.doc").write_text(NAME, encoding="utf-8")
    return found(tmp_path / "cases.doc", book), "", ["does not know", "save it again"]


def unsafe(made, book, tmp_path):
    file = made([HEADER, row()])
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", NAME)
    return found(file, book), "", ["same part twice", "clean copy"]


def recorded(tmp_path, **changes):
    """A public file and its record, of which lines are changed or (None) left out."""
    for file in (ECOM, ECOM.with_name(f"{ECOM.name}.source.yml")):
        shutil.copy(file, tmp_path)
    record = tmp_path / f"{ECOM.name}.source.yml"
    for line, text in changes.items():
        kept = [old for old in record.read_text(encoding="utf-8").splitlines() if not old.startswith(f"{line}:")]
        record.write_text("\n".join([*kept, *([f"{line}: {text}"] if text else [])]), encoding="utf-8")
    return tmp_path / ECOM.name


def changed(made, book, tmp_path):
    return source.record_problems(recorded(tmp_path, sha256="0" * 64)), "", ["fingerprint", "correction"]


def unrecorded(made, book, tmp_path):
    return source.record_problems(made([HEADER, row()])), "", ["cases.xlsx.source.yml", "fill it in"]


def half_recorded(made, book, tmp_path):
    return source.record_problems(recorded(tmp_path, licence=None, level="secret")), "", ["licence", "level: public", "README.md"]


def unfitting(made, book, tmp_path):
    return found(made([["Case", "Weather"], ["A-1", "rain"]]), book, None), "", ["nearest", "headers.csv"]


def twins(made, book, tmp_path):
    return found(made([["Date", "Setting"], ["2024", "Home"]]), book, None), "", ["diaries, twins", "--profile"]


def misnamed(made, book, tmp_path):
    return found(made([HEADER, row()]), book, "interveiws"), "", ["interveiws", "Did you mean interviews"]


def said_twice(made, book, tmp_path):
    diary = [["Date", "Setting", "What happened"], ["2024-01-01", "Home", STORY], ["2024-01-02", "Home", STORY]]
    return found(made([*diary, diary[1]]), book, "diaries"), "A4", ["row 2", "identical_rows: count"]


MADE_BY = {"file_missing": missing, "file_unreadable": unreadable, "file_unsafe": unsafe, "file_changed": changed,
               "record_missing": unrecorded, "record_incomplete": half_recorded, "no_profile": unfitting, "two_profiles": twins,
               "unknown_profile": misnamed, "identical_row": said_twice}
HERE = [*FAULTS, *CORRECTIONS, *MADE_BY]


@pytest.mark.parametrize("rule", HERE)
def test_every_rule_can_be_broken_and_is_told_with_its_place_and_what_to_do(rule, made, private_book, tmp_path):
    problems, cell, words = said_of(rule, made, private_book, tmp_path)
    mine = [one for one in problems if one.rule == rule]
    assert [one.cell for one in mine] == [cell]
    assert all(word in mine[0].message for word in words), mine[0].message
    assert mine[0].severity == ("warn" if rule in WARNINGS else "refuse")
    assert "{" not in mine[0].message and (not cell or f", {cell}: " in str(mine[0]))
    assert len(problems) == 1  # one fault is one problem
    assert not any(private in str(one) for one in problems for private in (NAME, STORY, "Zarina", "77"))


def test_every_other_rule_is_broken_in_a_test_that_names_it():
    tests = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").glob("test_*.py"))
    assert [rule for rule in rules() if rule not in {*HERE, *ASKED, *PROPOSED} and f'"{rule}"' not in tests] == []


@pytest.mark.parametrize("rule", rules())
def test_every_message_that_refuses_says_what_is_wrong_and_then_what_to_do(rule):
    message = rules()[rule]["message"]
    assert rules()[rule]["severity"] in ("refuse", "warn")
    assert message.endswith((".", "?")) and (rules()[rule]["severity"] == "warn" or len(message.split(". ")) > 1)


def test_a_private_cell_is_never_said_even_where_it_is_the_cell_that_is_wrong(made, private_book):
    rows = [HEADER, row(Date=NAME, Year=NAME, Number_of_victims=NAME), row(Case=NAME), row(Case=NAME)]
    said = "\n".join(map(str, found(made(rows), private_book)))
    assert all(rule in said for rule in ("B2", "C2", "G2", "A4")) and NAME not in said


def test_all_problems_are_told_at_once_in_the_order_in_which_the_sheet_is_read(made, private_book):
    rows = [HEADER, row(Violation="Threets", Date="yesterday"), row(Case="B", Number_of_victims="two"), row(Case="B", Year=1824),
            *(row(Case=f"C-{number}", Date=f"2024-03-{number:02}") for number in range(5, 10)), row(Case="D", Setting="Nowhere",
                    Perpetrator="Nobody")]
    raw = read.raw(made(rows), private_book, "interviews")
    with pytest.raises(DataError) as refused:
        tidy.checked(raw, private_book)
    assert [one.cell for one in refused.value.problems] == ["B2", "D2", "G3", "A4", "C4", "E10", "F10"]
    assert str(refused.value).count("ERROR cases.xlsx, sheet Cases, ") == 7


def test_warnings_alone_refuse_nothing_and_come_with_the_cases(made, private_book):
    tidied = tidy.checked(read.raw(made([HEADER, row(), HEADER]), private_book, "interviews"), private_book)
    assert len(tidied.cases) == 1 and [str(one)[:5] for one in tidied.problems] == ["note "]


def test_a_refusal_also_carries_the_warnings():
    warned, wrong = problem("repeated_header", "a.xlsx", "S", "A2"), problem("missing_id", "a.xlsx", "S", "A9")
    with pytest.raises(DataError) as refused:
        refuse([wrong, warned, wrong])
    assert refused.value.problems == [warned, wrong]


def test_problems_are_sorted_by_row_and_column_as_a_sheet_is():
    cells = ["", "A2", "Z2", "AA2", "AB2", "B10", "A11"]
    problems = [Problem("f", "s", cell, "", "r", "warn", "") for cell in cells]
    assert [one.cell for one in sorted(reversed(problems), key=place)] == cells


def test_the_path_of_a_file_is_not_told():
    assert problem("file_missing", "/home/somebody/cases.xlsx").file == "cases.xlsx"


words = st.lists(st.text("abCDeёЖқ _", min_size=1, max_size=8), min_size=1, max_size=12, unique_by=str.casefold)


@settings(max_examples=40)
@given(st.text("abCDeёЖқ _", max_size=8), words)
def test_only_words_that_exist_are_offered(word, known):
    assert all(offered in known for offered in nearest(word, known).split(", "))


@given(words.flatmap(lambda known: st.tuples(st.sampled_from(known), st.just(known))))
def test_a_word_that_exists_is_offered_first(pair):
    word, known = pair
    assert nearest(word.upper(), known).split(", ")[0].casefold() == word.casefold()


@given(st.text("абвxyz0189 -.", max_size=20))
def test_the_shape_of_a_value_tells_only_its_length_and_its_kind_of_signs(text):
    hidden = "".join("q" if c.isalpha() else "5" if c.isdigit() else c for c in text)
    assert shape(text) == shape(hidden)
    assert shape(12345.5) == shape(1) == "a number"
