"""The empty workbook and the XLSForm: what they offer is the codebook, and what is filled in reads back."""

import csv
import dataclasses
import datetime
import random
import re
import zipfile
from collections import Counter

import openpyxl
import pytest
from conftest import ROOT
from openpyxl.utils import range_boundaries
from pyxform.xls2xform import convert

from analysis import count, read, tidy
from analysis.problems import DataError, UsageError
from analysis.sheets import collect

LANGUAGES = ("en", "ru", "kk")
SEVERAL = {"violation": 4, "perpetrator": 3, "victim_group": 4, "right": 4, "means": 3, "response": 3, "stopped_because": 3}
STAGES = ("told", "reported", "registered", "investigated", "charged", "convicted", "remedy")
SINGLE = ("region", "setting", "repeated", *STAGES, "consent_publish")
NUMBERS = ("victims_n", "perpetrators_n")
KINDS = {"not_stated", "unknown", "refused", "not_asked"}


def listed(name):
    with open(ROOT / "data" / "codebook" / f"{name}.csv", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def expected(variable):
    """The rows of a variable as codes.csv has them, those that say nothing after the others, then the ways of not knowing that it lacks.

    "Elsewhere" is made of places with too few cases when they are published, and nobody reports it.
    """
    mine = [row for row in listed("codes") if row["variable"] == variable and (variable, row["code"]) != ("region", "elsewhere")]
    named = {row["unknown"] for row in mine}
    return sorted(mine, key=lambda row: row["unknown"] != "") + [row for row in listed("unknowns") if row["code"] not in named]


def labels(variable, lang):
    return [row[f"label_{lang}"] for row in expected(variable)]


def code_of(variable, label, lang):
    return next(row["code"] for row in expected(variable) if row[f"label_{lang}"] == label)


@pytest.fixture(scope="module")
def empty(book, tmp_path_factory):
    """The empty workbook in each language."""
    folder = tmp_path_factory.mktemp("empty")
    for lang in LANGUAGES:
        collect.workbook(folder / f"{lang}.xlsx", book, lang)
    return {lang: folder / f"{lang}.xlsx" for lang in LANGUAGES}


@pytest.fixture(scope="module")
def form(book, tmp_path_factory):
    """The form, as pyxform takes it, and its sheets as lists of rows by heading."""
    file = tmp_path_factory.mktemp("form") / "form.xlsx"
    collect.form(file, book)
    sheets = {}
    for sheet in openpyxl.load_workbook(file):
        heads, *rows = [[value or "" for value in row] for row in sheet.iter_rows(values_only=True)]
        sheets[sheet.title] = [dict(zip(heads, row)) for row in rows]
    return convert(str(file)), sheets


def offers(workbook):
    """Heading -> what its drop-down offers, as a spreadsheet program looks it up; headings without one are left out."""
    sheet, found = workbook.worksheets[1], {}
    for one in sheet.data_validations.dataValidation:
        if one.type == "list":
            left, *_ = range_boundaries(str(one.sqref))
            name, cells = re.fullmatch(r"'(.+)'!(.+)", one.formula1).groups()
            found[sheet.cell(1, left).value] = [row[0].value for row in workbook[name][cells.replace("$", "")]]
    return found


def heads(workbook):
    return [cell.value for cell in workbook.worksheets[1][1]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_drop_down_offers_the_labels_of_the_codebook_and_nothing_else(book, empty, lang):
    found = offers(openpyxl.load_workbook(empty[lang]))
    names = {row["variable"]: row[f"label_{lang}"] for row in listed("variables")}
    first = {names[variable]: labels(variable, lang) for variable in (*SEVERAL, *SINGLE)}
    # A way of not knowing stands alone, so the further columns of a variable do not offer one.
    known = {variable: [row[f"label_{lang}"] for row in expected(variable) if not row.get("unknown") and row["code"] not in KINDS]
             for variable in SEVERAL}
    further = {f"{names[variable]} {place}": known[variable] for variable, places in SEVERAL.items() for place in range(2, places + 1)}
    assert found == first | further


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_heading_is_known_to_the_codebook_and_none_asks_for_a_name(book, empty, lang):
    columns = [book.headers[re.sub(r" \d$", "", head).casefold().replace("ё", "е")] for head in heads(openpyxl.load_workbook(empty[lang]))]
    # Read from the profile by eye: 23 columns, of which seven stand several times, 4 + 3 + 4 + 4 + 3 + 3 + 3 = 24, so 40 in all.
    assert Counter(columns) == Counter({"case_id": 1, "date": 1, "story": 1, **dict.fromkeys((*SINGLE, *NUMBERS), 1), **SEVERAL})
    assert "personal" not in {how["kind"] for how in book.profiles["collection"]["columns"].values()}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_is_explained_within_what_excel_shows(empty, lang):
    workbook = openpyxl.load_workbook(empty[lang])
    checks = workbook.worksheets[1].data_validations.dataValidation
    assert len(checks) == 40 and {str(one.sqref).split(":")[1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for one in checks} == {"501"}
    # Excel's own limits: 32 letters of a title, 255 of a message and of a formula, 31 of a sheet's name, 32,767 of a cell.
    assert all(one.prompt and len(one.prompt) <= 255 and len(one.promptTitle) <= 32 for one in checks)
    assert all(len(one.error) <= 255 and one.error for one in checks if one.type)
    assert all(len(one.formula1 or "") <= 255 for one in checks)
    assert all(len(name) <= 31 for name in workbook.sheetnames)
    assert all(len(value) < 255 for offered in offers(workbook).values() for value in offered)


def test_case_codes_dates_and_numbers_are_checked_and_other_values_are_refused(empty):
    checks = {str(one.sqref).split(":")[0]: one for one in
              openpyxl.load_workbook(empty["en"]).worksheets[1].data_validations.dataValidation}
    assert [checks[cell].type for cell in ("A2", "B2", "C2", "AA2", "AB2")] == ["custom", "custom", "list", "whole", "whole"]
    assert (checks["AA2"].formula1, checks["AA2"].formula2) == ("1", "9999")
    assert {one.errorStyle or "stop" for one in checks.values()} == {"stop"}
    assert "COUNTIF($A$2:$A$501,$A2)=1" in checks["A2"].formula1 and "TODAY()" in checks["B2"].formula1


def filled(workbook, lang, cases):
    """Type invented cases into the sheet of cases; each is a dictionary of heading -> value."""
    sheet, at = workbook.worksheets[1], {head: number for number, head in enumerate(heads(workbook), 1)}
    for row, case in enumerate(cases, 2):
        for head, value in case.items():
            sheet.cell(row, at[head]).value = value
    return workbook


def invented(workbook, lang, number):
    """Cases that choose from the drop-downs at random, and what they say: for each, variable -> codes."""
    chance, names = random.Random(f"{lang} 2024"), {row["variable"]: row[f"label_{lang}"] for row in listed("variables")}
    choices, cases, said = offers(workbook), [], []
    code, date = heads(workbook)[:2]
    for case in range(number):
        row, codes = {code: f"KZ-{case:03}", date: chance.choice(["2024-03-14", "2024-03", "2024"])}, {}
        for variable, places in {**SEVERAL, **dict.fromkeys(SINGLE, 1)}.items():
            picked = [chance.choice(choices[names[variable]])]
            if code_of(variable, picked[0], lang) in {r["code"] for r in expected(variable) if not r.get("unknown")} - KINDS and places > 1:
                picked += chance.sample([one for one in choices[f"{names[variable]} 2"] if one != picked[0]], chance.randrange(places))
            for place, label in zip([1, *chance.sample(range(2, places + 1), len(picked) - 1)], picked):
                row[names[variable] + (f" {place}" if place > 1 else "")] = label
            codes[variable] = {code_of(variable, label, lang) for label in picked}
        cases.append(row)
        said.append(codes)
    return cases, said


def told(mask, codes):
    return {code for number, code in enumerate(codes) if int(mask) >> number & 1}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_workbook_that_was_filled_in_reads_back_without_a_problem(book, empty, tmp_path, lang):
    workbook = openpyxl.load_workbook(empty[lang])
    cases, said = invented(workbook, lang, 60)
    filled(workbook, lang, cases).save(tmp_path / "filled.xlsx")
    raw = read.raw(tmp_path / "filled.xlsx", book)
    made = tidy.cases(raw, book)
    assert raw.profile == "collection" and set(raw.table.sheet) == {workbook.sheetnames[1]}
    assert [str(one) for one in made.problems] == []
    assert list(made.cases.case_id) == [f"KZ-{case:03}" for case in range(60)]
    assert list(made.cases.date) == [case[heads(workbook)[1]] for case in cases]
    for variable in (*SEVERAL, *SINGLE):
        assert [told(mask, book.of(variable)) for mask in made.cases[variable]] == [codes[variable] for codes in said]


def test_what_is_left_empty_is_not_stated_and_a_date_cell_is_a_day(book, empty, tmp_path):
    workbook = openpyxl.load_workbook(empty["en"])
    case = {"Case code": "KZ-1", "Date": datetime.date(2024, 3, 14), "Violation 2": "Threats", "Number of victims": 2}
    filled(workbook, "en", [case]).save(tmp_path / "filled.xlsx")
    made = tidy.cases(read.raw(tmp_path / "filled.xlsx", book), book)
    row = made.cases.iloc[0]
    assert not made.problems and (row.date, row.date_precision, row.victims_n) == ("2024-03-14", "day", 2)
    assert told(row.violation, book.of("violation")) == {"threat"} and told(row.right, book.of("right")) == {"not_stated"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_workbook_holds_no_case(book, empty, lang):
    try:
        found = tidy.cases(read.raw(empty[lang], book, "collection"), book).problems
    except DataError as error:
        found = error.problems
    assert {one.rule for one in found} == {"no_cases"}


def test_a_label_that_begins_like_a_formula_stays_text(book, tmp_path):
    codes = book.codes.assign(label_en=book.codes.label_en.where(book.codes.code != "killing", "=1+1"))
    collect.workbook(tmp_path / "a.xlsx", dataclasses.replace(book, codes=codes), "en")
    collect.form(tmp_path / "b.xlsx", dataclasses.replace(book, codes=codes))
    for file in ("a.xlsx", "b.xlsx"):
        cells = [cell for sheet in openpyxl.load_workbook(tmp_path / file) for row in sheet.iter_rows() for cell in row]
        assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]
        assert "f" not in {cell.data_type for cell in cells}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_typed_stays_text_and_only_numbers_are_numbers(empty, lang):
    sheet = openpyxl.load_workbook(empty[lang]).worksheets[1]
    formats = {at: one.number_format for one in sheet.column_dimensions.values() for at in range(one.min, one.max + 1)}
    # @ is text. The 27th and 28th of the 40 columns are the numbers of people.
    assert formats == {**dict.fromkeys(range(1, 41), "@"), 27: "0", 28: "0"}


def test_the_workbook_and_the_form_hold_no_macro_and_nothing_from_outside(empty, form, book, tmp_path):
    collect.form(tmp_path / "form.xlsx", book)
    for file in (*empty.values(), tmp_path / "form.xlsx"):
        with zipfile.ZipFile(file) as archive:
            assert not [name for name in archive.namelist() if re.search("vba|macro|external|embed|comment", name, re.IGNORECASE)]


def test_the_workbook_and_the_form_are_the_same_each_time(book, empty, tmp_path):
    collect.workbook(tmp_path / "again.xlsx", book, "kk")
    collect.form(tmp_path / "one.xlsx", book)
    collect.form(tmp_path / "two.xlsx", book)
    assert (tmp_path / "again.xlsx").read_bytes() == empty["kk"].read_bytes()
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    for file in (empty["kk"], tmp_path / "one.xlsx"):  # and do not say when they were made
        assert openpyxl.load_workbook(file).properties.created == datetime.datetime(2000, 1, 1)


@pytest.mark.parametrize("write", [lambda out, book: collect.workbook(out, book, "en"), collect.form])
def test_a_file_that_is_there_is_not_overwritten(book, tmp_path, write):
    (tmp_path / "mine.xlsx").write_bytes(b"filled in")
    for name in ("mine.xlsx", "mine.xls", "nowhere/mine.xlsx"):
        with pytest.raises(UsageError):
            write(tmp_path / name, book)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.xlsx"] and (tmp_path / "mine.xlsx").read_bytes() == b"filled in"


@pytest.mark.parametrize("write", [lambda out, book: collect.workbook(out, book, "en"), collect.form])
def test_nobody_is_asked_for_a_name_even_when_the_profile_would(book, tmp_path, write):
    profile = book.profiles["collection"]
    asking = profile | {"columns": profile["columns"] | {"name": {"kind": "personal"}}}
    with pytest.raises(UsageError, match="column name"):
        write(tmp_path / "out.xlsx", dataclasses.replace(book, profiles={"collection": asking}))
    assert not list(tmp_path.iterdir())


def test_kazakh_is_marked_as_a_draft_wherever_it_is_shown(empty, form):
    mark, workbook = "draft, not yet reviewed by a native reader", openpyxl.load_workbook(empty["kk"])
    guide, cases, codebook = workbook.worksheets
    assert mark in guide["A2"].value and mark in codebook["A2"].value and mark in cases.oddHeader.center.text
    assert all("жоба" in name for name in workbook.sheetnames)
    note = form[1]["survey"][0]
    assert mark in note["label::Қазақша (kk)"] and mark not in note["label::English (en)"] + note["label::Русский (ru)"]
    assert mark not in str(list(openpyxl.load_workbook(empty["ru"]).worksheets[0].values))


def keys(words):
    """The names of all phrases of a language, to the last; lists count as one."""
    return {(name, *rest) for name, value in words.items() for rest in (keys(value) if isinstance(value, dict) else [()])}


def test_every_language_says_the_same_things():
    words = {lang: collect.words()[lang] for lang in LANGUAGES}
    assert keys(words["en"]) == keys(words["ru"]) == keys(words["kk"])
    assert len({len(one["guide"]) for one in words.values()}) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_instructions_name_the_four_ways_of_not_knowing_and_every_column(empty, lang):
    workbook = openpyxl.load_workbook(empty[lang])
    topics, texts = zip(*workbook.worksheets[0].iter_rows(max_col=2, values_only=True))
    for row in listed("unknowns"):
        assert sum(str(text).startswith(row[f"label_{lang}"] + ":") for text in texts) == 1
    assert {head for head in heads(workbook) if not re.search(r" \d$", head)} <= set(topics)
    # What the instructions call by name exists.
    assert all(name.removesuffix(" (жоба)") in " ".join(filter(None, texts)) for name in workbook.sheetnames[1:])
    assert heads(workbook)[-1] in " ".join(filter(None, texts))


def test_pyxform_accepts_the_form_without_a_warning(form):
    made, sheets = form
    assert made.warnings == [] and [*sheets] == ["survey", "choices", "settings"]


def test_the_questions_are_the_columns_and_the_choices_the_codes(form, book):
    survey, choices = form[1]["survey"], form[1]["choices"]
    assert [row["name"] for row in survey[1:]] == list(book.profiles["collection"]["columns"])
    types = {row["name"]: row["type"] for row in survey}
    assert all(types[name] == f"select_multiple {name}" for name in SEVERAL) and all(types[name] == f"select_one {name}" for name in SINGLE)
    assert all(types[name] == "integer" for name in NUMBERS)
    columns = {"en": "label::English (en)", "ru": "label::Русский (ru)", "kk": "label::Қазақша (kk)"}
    for variable in (*SEVERAL, *SINGLE):
        mine = [row for row in choices if row["list_name"] == variable]
        assert [row["name"] for row in mine] == [row["code"] for row in expected(variable)]
        for lang, column in columns.items():
            assert [row[column] for row in mine] == labels(variable, lang)
    assert {row["name"] for row in survey if row["required"]} == set(book.profiles["collection"]["needs"])
    assert all(row[column] for row in survey for column in columns.values())
    assert form[1]["settings"][0]["default_language"] == "English (en)"


def test_a_form_asks_for_nothing_that_tells_who_filled_it_in(form):
    assert {row["type"].split()[0] for row in form[1]["survey"]} == {"note", "text", "select_one", "select_multiple", "integer"}


def test_a_way_of_not_knowing_cannot_be_chosen_with_anything_else(form):
    constraints = {row["name"]: row["constraint"] for row in form[1]["survey"]}
    for variable in SEVERAL:
        silent = [row["code"] for row in expected(variable) if row.get("unknown") or row["code"] in KINDS]
        assert re.findall(r"selected\(\., '(\w+)'\)", constraints[variable]) == sorted(silent, key=book_order(variable))
        assert constraints[variable].startswith("count-selected(.) <= 1 or not(")


def book_order(variable):
    return [row["code"] for row in expected(variable)].index


def pattern(form, name):
    """The regular expression in the constraint of a question."""
    constraint = next(row["constraint"] for row in form[1]["survey"] if row["name"] == name)
    return re.compile(re.search(r"regex\(\., '(.*?)'\)", constraint)[1])


def test_a_form_takes_a_date_as_exact_as_it_is_known(form):
    good = ["2024", "2024-03", "2024-03-14", "2024-02-29", "2024-04-30", "2024-12-31"]
    bad = ["14.03.2024", "2024-3-14", "2024-13", "2024-00", "2024-02-30", "2024-04-31", "2024-01-32", "1999-01-01", "2024-03-14 "]
    assert [text for text in good + bad if pattern(form, "date").match(text)] == good


def test_a_form_takes_no_telephone_number_as_a_case_code(form):
    bad = ["87010000000", "+7 (701) 000-00-00", "701 000 00 00"]
    good = ["KZ-2024-001", "A1", "001", "2024-01"]
    assert [text for text in good + bad if not pattern(form, "case_id").match(text)] == good
    assert next(row["constraint"] for row in form[1]["survey"] if row["name"] == "case_id").startswith("not(")


def test_a_form_of_another_codebook_has_another_version(form, book, tmp_path):
    codes = book.codes.assign(label_en=book.codes.label_en.where(book.codes.code != "killing", "Homicide"))
    collect.form(tmp_path / "other.xlsx", dataclasses.replace(book, codes=codes))
    other = openpyxl.load_workbook(tmp_path / "other.xlsx")["settings"]
    assert other["C1"].value == "version" and other["C2"].value != form[1]["settings"][0]["version"]


@pytest.mark.parametrize("split", [False, True], ids=["codes joined by spaces", "a column for each choice"])
def test_what_the_form_collects_reads_back_without_a_problem(book, tmp_path, split):
    # Two submissions as KoboToolbox exports them: codes joined by spaces, or a column of 0 and 1 for each choice.
    collect.form(tmp_path / "cases.xlsx.form.xlsx", book)
    answers = [{"case_id": "K-1", "date": "2024-03-04", "region": "kz_71", "violation": "fake_date threat", "perpetrator": "police",
                "victim_group": "gay_man", "victims_n": 2, "_uuid": "u1"},
               {"case_id": "K-2", "date": "2024-05", "region": "kz_75", "violation": "threat", "perpetrator": "not_stated",
                "victim_group": "unknown", "victims_n": "", "_uuid": "u2"}]
    for answer in answers if split else ():
        chosen = answer.pop("violation").split()
        answer.update({f"violation/{code}": int(code in chosen) for code in ("fake_date", "threat")})
    workbook = openpyxl.Workbook()
    workbook.active.append(list(answers[0]))
    for answer in answers:
        workbook.active.append(list(answer.values()))
    workbook.save(tmp_path / "cases.xlsx")
    raw = read.raw(tmp_path / "cases.xlsx", book)
    tidied = tidy.cases(raw, book)
    assert raw.profile == "kobo" and [one for one in tidied.problems if one.severity == "refuse"] == []
    found = count.breakdown(tidied.cases, book, "violation").set_index("violation").n
    assert (found["fake_date"], found["threat"], tidied.cases.victims_n[0]) == (1, 2, 2)
    assert tidied.cases.date.tolist() == ["2024-03-04", "2024-05"]
