"""The same invented answers in every shape that KoboToolbox and ODK Central export read the same, and what does not fit is told."""

import csv
import itertools
import zipfile

import openpyxl
import pytest
import yaml
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from analysis import codebook, intake, sha256, source
from analysis import read as reading
from analysis.formats import files
from analysis.formats.files import Marks, Sheet
from analysis.problems import DataError
from analysis.sheets import form, xlsform

EN, RU = "English (en)", "Русский (ru)"
SURVEY = [
    ["type", "name", f"label::{EN}", f"label::{RU}", "appearance"],
    ["start", "start"],
    ["deviceid", "deviceid"],
    ["begin_group", "event", "The event", "Событие"],
    ["date", "date", "Date of the event", "Дата события"],
    ["select_multiple kinds", "violation", "What was done: all that fits", "Что было сделано?"],
    ["begin_group", "people", "Who did it", "Кто это сделал"],
    ["select_multiple doers", "perpetrator", "Perpetrators", "Нарушители"],
    ["end_group"],
    ["select_one places", "where", "Setting", "Место события"],
    ["text", "tale", "Tell the story", "Расскажите"],
    ["end_group"],
    ["begin_group", "numbers", "Numbers", "Числа"],
    ["integer", "victims_n", "How many were hurt", "Сколько пострадавших"],
    ["end_group"],
    ["begin_repeat", "person", "Each person", "Каждый человек"],
    ["select_multiple groups or_other", "victim_group", "Who the person is", "Кто этот человек"],
    ["begin_repeat", "step", "Each step", "Каждый шаг"],
    ["select_one steps", "response", "What followed", "Что было потом"],
    ["end_repeat"],
    ["end_repeat"],
]
# Labels hold commas, slashes and spaces, and one begins another; two choices stand for one code of the codebook.
CHOICES = [
    ["list_name", "name", f"label::{EN}", f"label::{RU}"],
    ["kinds", "threat", "Threats", "Угрозы"],
    ["kinds", "blackmail_extortion", "Threats, blackmail / extortion", "Угрозы, шантаж / вымогательство"],
    ["kinds", "home_intrusion", "Search of the home", "Обыск дома"],
    ["kinds", "intruded", "Home intrusion or search", "Вторжение домой"],
    ["doers", "police", "Police", "Полиция"],
    ["doers", "relative", "Mother, father or another relative", "Родственник"],
    ["doers", "unknown", "Nobody knows", "Никто не знает"],
    ["places", "home", "At home", "Дома"],
    ["places", "transport", "Bus / train", "Автобус / поезд"],
    ["groups", "gay_man", "Gay man", "Гей"],
    ["groups", "trans_woman", "Trans woman", "Трансгендерная женщина"],
    ["steps", "complaint_filed", "Complaint filed", "Подана жалоба"],
    ["steps", "convicted", "Somebody was convicted", "Осуждены"],
]
# Ten invented submissions: date, violations, perpetrators, setting, story, how many, persons: groups, other, steps.
ANSWERS = [
    ("2024-01-05", ["threat"], ["police"], "home", "a tale", 1, [(["gay_man"], "", ["complaint_filed", "convicted"])]),
    ("2024-02-06", ["threat", "blackmail_extortion"], ["relative"], "transport", "", 2, [(["trans_woman"], "", []), (["gay_man"], "", [])]),
    ("2024-03-07", ["blackmail_extortion"], ["police", "relative"], "", "", "", []),
    ("2024-04-08", ["home_intrusion", "intruded"], ["unknown"], "home", "", 3, [(["gay_man", "other"], "a friend", ["convicted"])]),
    ("", ["intruded"], [], "home", "", 0, [([], "", ["complaint_filed"])]),
    ("2024-06-10", [], [], "", "", "", []),
    ("2024-07-11", ["threat", "blackmail_extortion", "home_intrusion", "intruded"], ["police", "relative"], "transport", "", 12, []),
    ("2024-08-12", ["home_intrusion"], ["relative"], "home", "", 1, [(["trans_woman", "gay_man"], "", ["convicted", "complaint_filed"])]),
    ("2024-09-13", ["threat", "intruded"], ["police"], "", "", 1, [(["other"], "a guest", [])]),
    ("2024-10-14", ["blackmail_extortion", "home_intrusion"], ["police"], "transport", "", 2, []),
]
# What a monitor would have typed, by hand: codes in the order of the form, home_intrusion once where both its choices were made.
CASES = [
    ["case_id", "date", "violation", "perpetrator", "setting", "tale", "victims_n"],
    ["u1", "2024-01-05", "threat", "police", "home", "a tale", "1"],
    ["u2", "2024-02-06", "threat; blackmail_extortion", "relative", "transport", "", "2"],
    ["u3", "2024-03-07", "blackmail_extortion", "police; relative"],
    ["u4", "2024-04-08", "home_intrusion", "unknown", "home", "", "3"],
    ["u5", "", "home_intrusion", "", "home", "", "0"],
    ["u6", "2024-06-10"],
    ["u7", "2024-07-11", "threat; blackmail_extortion; home_intrusion", "police; relative", "transport", "", "12"],
    ["u8", "2024-08-12", "home_intrusion", "relative", "home", "", "1"],
    ["u9", "2024-09-13", "threat; home_intrusion", "police", "", "", "1"],
    ["u10", "2024-10-14", "blackmail_extortion; home_intrusion", "police", "transport", "", "2"],
]
PERSONS = [
    ["case_id", "victim_group", "victim_group_other"],
    ["u1", "gay_man"], ["u2", "trans_woman"], ["u2", "gay_man"], ["u4", "gay_man; other", "a friend"], ["u5"],
    ["u8", "gay_man; trans_woman"], ["u9", "other", "a guest"],
]
STEPS = [
    ["case_id", "response"],
    ["u1", "complaint_filed"], ["u1", "convicted"], ["u4", "convicted"], ["u5", "complaint_filed"], ["u8", "convicted"],
    ["u8", "complaint_filed"],
]
SHEETS = ["Cases", "person", "step"]


@pytest.fixture(scope="module")
def book():
    return codebook.load(ROOT / "data" / "codebook")


def sheet(name, rows, marks=None):
    return Sheet(name, list(range(1, len(rows) + 1)), [list(row) for row in rows], False, marks or Marks())


def read(survey=SURVEY, choices=CHOICES, *more):
    return xlsform.read({"survey": sheet("survey", survey), "choices": sheet("choices", choices), **dict(more)}, "form.xlsx")


def typed(sheets, book, known=None, **questions):
    return form.typed(sheets, known or read(), book, "export.xlsx", "form.xlsx", questions or {"setting": "where"})


def breaks(problems):
    """The problems that are not mere notes of what the export has beside or lacks: rule, sheet, cell."""
    return [(one.rule, one.sheet, one.cell) for one in problems if one.rule not in ("form_columns_unread", "form_repeat_missing")]


# An exporter, written after what KoboToolbox (formpack) and ODK Central do, and independent of what reads it.

ASKED = {  # sheet -> its questions: name, labels, list ("" where it is none), several, the groups around it
    "Cases": [("date", "", False, ["event"]), ("violation", "kinds", True, ["event"]), ("perpetrator", "doers", True, ["event", "people"]),
              ("where", "places", False, ["event"]), ("tale", "", False, ["event"]), ("victims_n", "", False, ["numbers"])],
    "person": [("victim_group", "groups", True, ["person"]), ("victim_group_other", "", False, ["person"])],
    "step": [("response", "steps", False, ["person", "step"])],
}
LABELS = {row[1]: dict(zip((EN, RU), row[2:4])) for row in SURVEY[1:] if len(row) > 3}
LABELS["victim_group_other"] = {EN: "Specify other.", RU: "Specify other."}
LISTED = {}
for _list, _name, _en, _ru in CHOICES[1:]:
    LISTED.setdefault(_list, {})[_name] = {EN: _en, RU: _ru}
LISTED["groups"]["other"] = {EN: "Other", RU: "Other"}
FLAGS = {"1/0": ("1", "0"), "numbers": (1.0, 0.0), "TRUE/FALSE": ("TRUE", "FALSE"), "yes or no": (True, False), "1/blank": ("1", ""),
         "label": ("label", ""), "name": ("name", "")}


def called(name, lang, labels):
    return labels[name].get(lang, name) if lang else name


def columns(one, shape):
    """The headings and the cells of one question, as functions of its answer."""
    name, listed, several, groups = one
    tool, lang, sign, multiple, flags = shape
    inside = groups if tool == "kobo" else [g for g in groups if g not in ("person", "step")]
    head = sign.join([*(called(g, lang, LABELS) for g in inside if sign), called(name, lang, LABELS)])
    said = lambda choice: called(choice, lang, LISTED[listed])  # noqa: E731
    if not listed:
        return [(head, lambda answer: answer)]
    if not several:
        return [(head, lambda answer: said(answer) if answer else "")]
    yes, no = FLAGS[flags]
    mark = lambda choice: {"label": said(choice), "name": choice}.get(yes, yes)  # noqa: E731
    one_each = [(f"{head}{sign if sign and tool == 'kobo' else '/'}{said(choice)}",
                 lambda answer, choice=choice: (mark(choice) if choice in answer else no) if answer else "") for choice in LISTED[listed]]
    together = [(head, lambda answer: " ".join(map(said, answer)))]
    return {"summary": together, "details": one_each, "both": together + one_each}[multiple]


def exported(answers, shape):
    """The sheets of an export of these answers in one shape."""
    tool = shape[0]
    rows = {name: [] for name in SHEETS}
    for n, (*main, persons) in enumerate(answers, 1):
        at = {"kobo": [n * 10, f"u{n}", n], "central": [f"u{n}"]}[tool]
        rows["Cases"].append((main, at))
        for p, (groups, other, steps) in enumerate(persons, 1):
            index = len(rows["person"]) + 1
            up = {"kobo": [index, "Cases", n, n * 10, f"u{n}"], "central": [f"u{n}", f"u{n}/person[{p}]"]}[tool]
            rows["person"].append(([groups, other], up))
            for s, step in enumerate(steps, 1):
                up = {"kobo": [len(rows["step"]) + 1, "person", index, n * 10, f"u{n}"],
                      "central": [f"u{n}/person[{p}]", f"u{n}/person[{p}]/step[{s}]"]}[tool]
                rows["step"].append(([step], up))
    return {name: sheet(name, tabled(name, rows[name], shape)) for name in SHEETS}


def tabled(name, rows, shape):
    """The rows of one sheet with the columns that the tool adds before and after."""
    kobo = shape[0] == "kobo"
    repeat = ["_index", "_parent_table_name", "_parent_index", "_submission__id", "_submission__uuid"]
    added = {True: ["_id", "_uuid", "_index"] if name == "Cases" else repeat,
             False: ["KEY"] if name == "Cases" else ["PARENT_KEY", "KEY"]}[kobo]
    before = ["start", "deviceid"] if kobo and name == "Cases" else []
    asked = [columns(one, shape) for one in ASKED[name]]
    head = [*before, *(head for some in asked for head, _ in some), *added]
    body = [[*(["2024-01-01T00:00:00", "phone 1"] if before else []),
             *(cell(answer) for some, answer in zip(asked, main) for _, cell in some), *at] for main, at in rows]
    return [head, *body]


LANGUAGES, SIGNS, MULTIPLE = [None, EN, RU], ["", "/", ".", "-"], ["summary", "details", "both"]
KOBO = [("kobo", lang, sign, multiple, flags) for lang, sign, multiple, flags in itertools.product(LANGUAGES, SIGNS, MULTIPLE, FLAGS)
        if multiple != "summary" or flags == "1/0"]
CENTRAL = [("central", None, sign, multiple, "1/0") for sign, multiple in itertools.product(["", "-", "/"], ["summary", "both"])]


def as_text(rows):
    return [[cell if isinstance(cell, str) else str(cell) for cell in row] for row in rows]


@pytest.mark.parametrize("shape", [*KOBO, *CENTRAL], ids=lambda shape: " ".join(str(part) for part in shape))
def test_the_same_answers_read_the_same_in_every_shape(book, shape):
    found, problems = typed(exported(ANSWERS, shape), book)
    assert breaks(problems) == []
    assert [as_text(found[name].rows) for name in SHEETS] == [CASES, PERSONS, STEPS]
    assert [found[name].numbers for name in SHEETS] == [list(range(1, 12)), list(range(1, 9)), list(range(1, 8))]


def test_pyxform_accepts_the_form_and_adds_the_same_choice_and_text_for_or_other(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in {"survey": SURVEY, "choices": CHOICES, "settings": [["form_title", "form_id"], ["Invented", "invented"]]}.items():
        made = workbook.create_sheet(name)
        for row in rows:
            made.append(row)
    workbook.save(tmp_path / "form.xlsx")
    xml = convert(tmp_path / "form.xlsx").xform
    known = xlsform.read(files.opened(tmp_path / "form.xlsx").sheets, tmp_path / "form.xlsx")
    for one in known.questions:
        assert f'nodeset="/data/{"/".join(one.path)}"' in xml, one.path
    assert list(known.choices["groups"]["other"].labels.values()) == ["Other", "Other"]
    assert {choice for names in known.choices.values() for choice in names} == {name for names in LISTED.values() for name in names}


def test_an_export_written_and_opened_as_a_workbook_reads_the_same(book, made):
    rows = {name: one.rows for name, one in exported(ANSWERS, ("kobo", RU, "/", "both", "1/0")).items()}
    found, problems = typed(files.opened(made(rows)).sheets, book)
    assert breaks(problems) == []
    assert [[[xlsform.text(cell) for cell in row] for row in found[name].rows] for name in SHEETS] == [CASES, PERSONS, STEPS]


@pytest.fixture
def central(tmp_path):
    """The invented answers as ODK Central gives them: a CSV file for the submissions and one for each repeat, and all in a zip."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in {"survey": SURVEY, "choices": CHOICES}.items():
        tab = workbook.create_sheet(name)
        for row in rows:  # no label of the question "where" is a heading of the codebook
            tab.append([*row[:2], "Which of these", "Что из этого"] if "where" in row else row)
    for name in ("answers.csv", "answers.zip"):
        workbook.save(tmp_path / f"{name}.form.xlsx")
    sheets = exported(ANSWERS, ("central", None, "-", "both", "1/0"))
    with zipfile.ZipFile(tmp_path / "answers.zip", "w") as archive:
        for name, end in {"Cases": "", "person": "-person", "step": "-step~1"}.items():  # ~1: where two repeats have one name
            with open(tmp_path / f"answers{end}.csv", "w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows(sheets[name].rows)
            archive.write(tmp_path / f"answers{end}.csv", f"from Central/answers{end}.csv")
        archive.writestr("from Central/media/photo.jpg", b"invented")
        archive.writestr("from Central/media/table.csv", b"case_id,violation")
    (tmp_path / "answers-notes.csv").write_text("no,repeat\nof,the form\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("name", "main"), [("answers.csv", ""), ("answers.zip", "answers")])
def test_the_files_that_central_writes_for_repeats_are_linked_sheets_beside_the_export_or_packed_with_it(book, central, name, main):
    found = intake.checked(central / name, book)
    # 10 submissions; 7 persons, of whom one is all empty and set aside, as PERSONS lists them; 6 steps.
    assert found.rows == {"rows_read": 23, "cases": 10, "joined": 12, "set_aside": 1}
    assert found.ledger.groupby("sheet").rows.sum().to_dict() == {main: 10, "answers-person": 7, "answers-step~1": 6}
    assert not {"form_repeat_missing", "mislabelled"} & {one.rule for one in found.problems}
    assert set(found.units) == {"victims", "responses"}


def test_the_marked_copy_of_an_export_has_the_rows_of_its_repeats(book, central):
    intake.mark(intake.checked(central / "answers.csv", book), central / "marked.xlsx", "en")
    workbook = openpyxl.load_workbook(central / "marked.xlsx")
    assert [sheet.max_row for sheet in workbook.worksheets[2:]] == [8, 7]  # 7 persons and 6 steps below their headings


def test_a_repeat_whose_rows_did_not_come_is_told(book, central):
    (central / "answers-person.csv").unlink()
    [told] = [one for one in intake.checked(central / "answers.csv", book).problems if one.rule == "form_repeat_missing"]
    assert "asks person several times" in told.message
    (central / "answers-person.csv").write_text("KEY\n", encoding="utf-8")  # it names no parent: no file of a repeat
    assert "form_repeat_missing" in {one.rule for one in intake.checked(central / "answers.csv", book).problems}


def test_the_record_of_an_export_has_the_fingerprint_of_the_file_of_each_repeat(central):
    file, repeats = central / "answers.csv", ["answers-person.csv", "answers-step~1.csv"]
    record = {line: ["x"] if line == "cannot_say" else "public" if line == "level" else "x" for line in codebook.RECORD}

    def told(**lines):
        (central / "answers.csv.source.yml").write_text(yaml.safe_dump(record | {"sha256": sha256(file)} | lines), encoding="utf-8")
        return [(one.rule, one.file, dict(one.words).get("name")) for one in source.record_problems(file)]

    prints = {name: sha256(central / name) for name in repeats}
    assert told(repeats=prints) == []
    assert told() == [("repeat_not_recorded", "answers.csv", name) for name in repeats]
    assert told(repeats=prints | {repeats[0]: "0" * 64}) == [("file_changed", repeats[0], None)]
    assert told(repeats=prints | {"answers-more.csv": "0" * 64}) == [("file_missing", "answers-more.csv", None)]


def test_the_source_record_of_a_file_says_which_question_is_a_column_and_every_way_of_reading_hears_it(book, central):
    def setting(file):
        return intake.checked(file, book).cases.setting.tolist()

    file = central / "answers.csv"
    without = setting(file)
    (central / "answers.csv.source.yml").write_text("questions: {setting: event/where}\n", encoding="utf-8")
    # home, transport, nothing, home ... as in CASES; without the line the form's question "where" is no column of the codebook.
    code = {code: 1 << at for at, code in enumerate(book.of("setting"))}
    asked = [row[4] if len(row) > 4 and row[4] else "not_stated" for row in CASES[1:]]
    assert setting(file) == [code[one] for one in asked] and set(without) == {code["not_stated"]}
    assert reading.raw(file, book).table.setting.tolist()[:2] == ["home", "transport"]  # what all commands and reports call
    (central / "answers.csv.source.yml").write_text("questions: {setting: were}\n", encoding="utf-8")
    assert "form_question_missing" in {one.rule for one in intake.checked(file, book).problems}


some = lambda listed: st.lists(st.sampled_from(list(LISTED[listed])), unique=True)  # noqa: E731
person = st.tuples(some("groups"), st.just(""), st.lists(st.sampled_from(list(LISTED["steps"])), max_size=3))
submission = st.tuples(st.sampled_from(["", "2024-05-06"]), some("kinds"), some("doers"), st.sampled_from(["", *LISTED["places"]]),
                       st.just(""), st.sampled_from(["", 0, 7]), st.lists(person, max_size=3))
CODE = {"intruded": "home_intrusion"}


def planted(listed, chosen):
    """The codes of the choices, each once, in the order of the form."""
    return "; ".join(dict.fromkeys(CODE.get(name, name) for name in LISTED[listed] if name in chosen))


@settings(max_examples=60, deadline=None)
@given(st.lists(submission, min_size=1, max_size=6), st.sampled_from([*KOBO, *CENTRAL]))
def test_what_was_answered_is_what_is_read(answers, shape):
    book = codebook.load(ROOT / "data" / "codebook")
    found, problems = typed(exported(answers, shape), book)
    assert breaks(problems) == []
    full = {name: [row + [""] * 9 for row in found[name].rows[1:]] for name in SHEETS}
    assert [row[:7] for row in full["Cases"]] == [
        [f"u{n}", date, planted("kinds", kinds), planted("doers", doers), where, "", number]
        for n, (date, kinds, doers, where, _, number, _) in enumerate(answers, 1)]
    assert [row[:2] for row in full["person"]] == [
        [f"u{n}", planted("groups", groups)] for n, one in enumerate(answers, 1) for groups, _, _ in one[-1]]
    assert [row[:2] for row in full["step"]] == [
        [f"u{n}", step] for n, one in enumerate(answers, 1) for _, _, steps in one[-1] for step in steps]


# What does not fit is told, once, at its cell; columns of an export by hand: A date, B violation ... as each test writes them.

def export(head, *rows):
    return {"Cases": sheet("Cases", [head, *rows])}


def test_each_column_tells_the_letters_of_the_first_column_that_it_comes_from(book):
    found, _ = typed(export(["start", "violation/threat", "violation/intruded", "where", "_uuid"], ["x", "1", "0", "home", "u1"]), book)
    assert found["Cases"].rows == [["case_id", "violation", "setting"], ["u1", "threat", "home"]]
    assert found["Cases"].letters == ["E", "B", "D"]


def test_an_answer_and_its_single_choices_that_disagree_are_told_at_the_answer(book):
    head = ["_id", "violation", "violation/threat", "violation/intruded"]
    rows = [[1, "threat", "1", "0"], [2, "threat", "0", "1"], [3, "", "1", "0"], [4, "threat", "", ""], [5, "", "", ""]]
    _, problems = typed(export(head, *rows), book)
    assert breaks(problems) == [("form_disagrees", "Cases", cell) for cell in ("B3", "B4", "B5")]


def test_a_choice_without_a_column_of_its_own_contradicts_nothing(book):
    found, problems = typed(export(["_id", "violation", "violation/threat"], [1, "threat intruded", "1"]), book)
    assert (found["Cases"].rows[1], breaks(problems)) == ([1, "threat; home_intrusion"], [])


def test_no_choice_made_and_no_answer_given_are_both_empty(book):
    found, problems = typed(export(["_id", "violation/threat", "violation/intruded"], [1, "0", "0"], [2, "", ""]), book)
    assert (found["Cases"].rows[1:], breaks(problems)) == ([[1], [2]], [])


def test_what_is_no_choice_of_the_form_is_told_at_its_cell_and_not_shown(book):
    head = ["_id", "violation", "where", "perpetrator/police"]
    rows = [[1, "threat Anna Invented", "At hom", "maybe"], [2, "threat", "home", "1"], [3, "threatintruded"]]
    _, problems = typed(export(head, *rows), book)
    assert breaks(problems) == [("form_value_unknown", "Cases", cell) for cell in ("B2", "C2", "D2", "B4")]
    assert not any("Invented" in str(one) or "maybe" in str(one) for one in problems)
    assert "At home" in next(str(one) for one in problems if one.cell == "C2")


def test_a_choice_that_the_codebook_does_not_know_is_told_once_in_the_form(book):
    choices = [*CHOICES, ["kinds", "eviction", "Put out of the flat", "Выселение"], ["kinds", "stalking_x", "Nobody chose this", "Никто"]]
    known = read(choices=choices)
    found, problems = typed(export(["_id", "violation"], [1, "threat eviction"], [2, "eviction"], [3, "threat"]), book, known)
    assert breaks(problems) == [("form_choice_unknown", "choices", f"B{len(choices) - 1}")]
    assert "2 answers" in str(problems[-1]) and "Put out of the flat" in str(problems[-1])
    assert (problems[-1].file, problems[-1].severity) == ("form.xlsx", "refuse")
    assert found["Cases"].rows[1:] == [[1, "threat"], [2], [3, "threat"]]


def test_a_choice_whose_name_and_label_have_different_codes_is_told_once_in_the_form(book):
    known = read(choices=[*CHOICES, ["doers", "media", "Relative", "Родственник"]])
    _, problems = typed(export(["_id", "perpetrator"], [1, "media"], [2, "police media"]), book, known)
    assert breaks(problems) == [("form_choice_unclear", "choices", "B15")]
    assert "media, relative" in str(problems[-1])


def test_a_cell_of_labels_that_can_be_read_in_two_ways_is_told_unless_single_choices_decide(book):
    # "Threats" and "Search" and "Threats Search" are labels: one cell, two readings.
    kinds = [["kinds", "threat", "Threats"], ["kinds", "home_intrusion", "Search"], ["kinds", "harassment", "Threats Search"]]
    choices = [CHOICES[0], *kinds, *CHOICES[5:]]
    known = read(choices=choices)
    _, problems = typed(export(["_id", "violation"], [1, "Threats Search"], [2, "Search"]), book, known)
    assert breaks(problems) == [("form_value_ambiguous", "Cases", "B2")]
    head = ["_id", "violation", "violation/Threats", "violation/Search", "violation/Threats Search"]
    found, problems = typed(export(head, [1, "Threats Search", "1", "1", "0"], [2, "Threats Search", "0", "0", "1"]), book, known)
    assert (found["Cases"].rows[1:], breaks(problems)) == ([[1, "threat; home_intrusion"], [2, "harassment"]], [])


def test_words_for_not_knowing_that_an_older_export_writes_are_left_to_the_reader(book):
    head = ["_id", "violation", "violation/threat", "violation/intruded", "where"]
    found, problems = typed(export(head, [1, "n/a", "n/a", "n/a", "n/a"]), book)
    assert (found["Cases"].rows[1], breaks(problems)) == ([1, "n/a", "n/a"], [])


def test_hxl_tags_totals_and_a_second_row_of_headings_stay_and_are_no_answers(book):
    head = ["date", "violation", "violation/threat", "where", "_uuid"]
    rows = [["Date of the event", "Что было сделано?", "", "Setting", "_uuid"], ["#date", "", "#event+threat", "#loc", ""],
            ["2024-01-05", "threat", "1", "home", "u1"], ["Total", 1, 1, 1, ""]]
    found, problems = typed(export(head, *rows), book)
    assert breaks(problems) == []
    assert found["Cases"].rows == [["case_id", "date", "violation", "setting"]] * 2 + [
        ["", "#date", "#event+threat", "#loc"], ["u1", "2024-01-05", "threat", "home"], ["", "Total", 1, 1]]
    assert found["Cases"].numbers == [1, 2, 3, 4, 5]


def test_a_title_above_the_headings_stays(book):
    found, problems = typed(export(["Answers of the spring"], ["violation", "_id"], ["threat", 1]), book)
    assert (found["Cases"].rows, breaks(problems)) == ([["", "Answers of the spring"], ["case_id", "violation"], [1, "threat"]], [])


def test_a_date_keeps_no_more_than_was_answered(book):
    for kind, appearance, answer, kept in [("date", "month-year", "2024-03-01", "2024-03"), ("date", "year", "2024-01-01", "2024"),
                                           ("date", "", "2024-03-04", "2024-03-04"), ("date", "w1 month-year", "2024-03-01", "2024-03"),
                                           ("dateTime", "", "2024-03-04T22:15:00.000+06:00", "2024-03-04"),
                                           ("date", "year", "spring", "spring")]:
        known = read([SURVEY[0], [kind, "date", "When", "Когда", appearance]])
        found, _ = typed(export(["_id", "date"], [1, answer]), book, known, date="date")
        assert found["Cases"].rows[1] == [1, kept], appearance


def test_the_tools_own_columns_and_those_that_say_who_and_where_are_not_read_and_told_in_one_note(book):
    survey = [*SURVEY, ["geopoint", "spot", "Place", "Место"], ["text", "friend", "Who told you", "Кто сказал"]]
    head = ["start", "deviceid", "violation", "spot", "_spot_latitude", "friend", "old_question", "_uuid", "_submitted_by", "__version__"]
    row = ["x", "phone", "threat", "1 2", "1", "A. Invented", "y", "u1", "B. Invented", "v1"]
    found, problems = typed(export(head, row), book, read(survey))
    assert found["Cases"].rows == [["case_id", "violation", "friend", "old_question"], ["u1", "threat", "A. Invented", "y"]]
    assert [(one.rule, one.severity, one.cell) for one in problems] == [("form_columns_unread", "warn", "A1"),
                                                                        ("form_repeat_missing", "warn", "")]
    assert str(problems[0]).endswith(": start, deviceid, spot, _spot_latitude, _submitted_by, __version__.")  # _uuid is the case code
    assert "Invented" not in str(problems[0])


def test_a_source_record_says_which_question_is_meant_and_its_namesake_is_not_read(book):
    survey = [SURVEY[0], ["text", "violation", "In your words", "Своими словами"], ["begin_group", "g"],
              ["select_multiple kinds", "type_of_abuse", "Abuse", "Насилие"], ["end_group"], ["today", "today"]]
    head, row = ["violation", "g/type_of_abuse", "today", "_id"], ["fell", "threat", "2024-05-06", 1]
    found, problems = typed(export(head, row), book, read(survey), violation="type_of_abuse", date="today")
    assert found["Cases"].rows == [["case_id", "question violation", "violation", "date"], [1, "fell", "threat", "2024-05-06"]]
    found, _ = typed(export(head, row), book, read(survey), violation="g/type_of_abuse")
    assert found["Cases"].rows[0] == ["case_id", "question violation", "violation"]


def test_a_question_that_the_form_does_not_have_is_told_with_the_nearest(book):
    _, problems = typed(export(["_id", "violation"], [1, "threat"]), book, None, setting="were")
    assert [one.rule for one in problems if one.severity == "refuse"] == ["form_question_missing"]
    assert "event/where" in str(problems[0])


def test_a_question_whose_name_and_label_are_two_columns_is_told(book):
    known = read([SURVEY[0], ["text", "violation", "Perpetrator", "Нарушитель"]])
    _, problems = typed(export(["_id", "violation"], [1, "threat"]), book, known, setting="violation")
    assert breaks(problems) == []
    _, problems = form.typed(export(["_id", "violation"], [1, "threat"]), known, book, "export.xlsx", "form.xlsx", {})
    assert breaks(problems) == [("form_question_unclear", "survey", "B2")]


def test_a_heading_of_two_questions_is_told_where_one_of_them_is_read_and_a_group_decides(book):
    survey = [SURVEY[0], ["begin_group", "one"], ["select_one places", "setting", "Where", "Где"], ["end_group"],
              ["begin_group", "two"], ["text", "setting", "Where to", "Куда"], ["end_group"], ["text", "a", "Note", "Заметка"],
              ["text", "b", "Note", "Заметка"]]
    questions = {"setting": "one/setting"}
    _, problems = typed(export(["_id", "setting", "Note"], [1, "home", "x"]), book, read(survey), **questions)
    assert breaks(problems) == [("form_header_ambiguous", "Cases", "B1")]
    found, problems = typed(export(["_id", "two.setting", "one.setting"], [1, "x", "home"]), book, read(survey), **questions)
    assert found["Cases"].rows == [["case_id", "question setting", "setting"], [1, "x", "home"]]
    assert breaks(problems) == []


def test_the_case_code_is_a_question_for_it_else_uuid_else_id_else_key(book):
    known = read([*SURVEY, ["text", "code", "Case code", "Код случая"]])
    for added, code in [(["_id", "_uuid", "code"], "C-1"), (["_id", "_uuid"], "u1"), (["_id", "KEY"], "7"), (["KEY"], "k1")]:
        row = ["threat", *({"_id": "7", "_uuid": "u1", "code": "C-1", "KEY": "k1"}[name] for name in added)]
        found, _ = typed(export(["violation", *added], row), book, known)
        rows = found["Cases"].rows
        assert dict(zip(rows[0], rows[1]))["case_id"] == code and rows[0].count("case_id") == 1


def kobo_repeat(*persons, steps=()):
    """Two submissions with persons (index, parent, uuid) and steps (index, parent person, uuid)."""
    head = ["_index", "_parent_table_name", "_parent_index", "_submission__uuid"]
    return {"Cases": sheet("Cases", [["violation", "_uuid", "_index"], ["threat", "u1", 1], ["intruded", "u2", 2]]),
            "person": sheet("person", [["victim_group", *head], *(["gay_man", i, "Cases", up, uuid] for i, up, uuid in persons)]),
            "step": sheet("step", [["response", *head], *(["convicted", i, "person", up, uuid] for i, up, uuid in steps)])}


def test_a_row_whose_submission_is_not_there_is_told_where_it_names_it(book):
    sheets = kobo_repeat((1, 1, "u1"), (2, 3, "u3"), (3, 1, "u2"), (4, "", ""))
    sheets["Cases"] = sheet("Cases", [*sheets["Cases"].rows, ["Total 2"]])
    found, problems = typed(sheets, book)
    assert breaks(problems) == [("orphan_row", "person", "D3"), ("orphan_row", "person", "D4"), ("orphan_row", "person", "D5")]
    assert [row[:1] for row in found["person"].rows[1:]] == [["u1"], [""], [""], [""]]
    assert found["person"].letters[0] == "D"


def test_the_rows_of_an_inner_repeat_whose_outer_one_was_not_exported_name_their_submission(book):
    sheets = kobo_repeat((1, 2, "u2"), steps=((1, 1, "u2"), (2, 1, "u9")))
    del sheets["person"]
    found, problems = typed(sheets, book)
    assert breaks(problems) == [("orphan_row", "step", "D3")]
    assert found["step"].rows[1] == ["u2", "convicted"]


def test_two_exports_joined_by_hand_are_kept_apart_by_their_uuid_and_told_where_they_have_none(book):
    sheets = kobo_repeat((1, 1, "u1"), (1, 1, "u3"), steps=((1, 1, "u3"),))
    sheets["Cases"].rows.append(["threat", "u3", 1])
    sheets["Cases"].numbers.append(4)
    found, problems = typed(sheets, book)
    assert breaks(problems) == []
    assert [found[name].rows[-1][0] for name in ("person", "step")] == ["u3", "u3"]
    for name in ("person", "step"):
        sheets[name].rows[0][-1] = "older"
    _, problems = typed(sheets, book)
    assert breaks(problems) == [("form_parent_unclear", "person", "D2"), ("form_parent_unclear", "person", "D3")]  # not the step's fault


SEEN = "somebody_who_has_seen_what_happened"


def test_a_sheet_that_two_repeats_fit_equally_well_is_told_unless_it_is_called_like_one(book):
    one = [["select_multiple groups", "victim_group", "Who", "Кто"]]
    survey = [SURVEY[0], *SURVEY[4:5], ["begin_repeat", "hurt"], *one, ["end_repeat"], ["begin_repeat", SEEN], *one, ["end_repeat"]]
    rows = [["victim_group", "_parent_index"], ["gay_man", 1]]
    root = sheet("Cases", [["date", "_id", "_index"], ["2024", 7, 1]])
    _, problems = form.typed({"Cases": root, "People": sheet("People", rows)}, read(survey), book, "e.xlsx", "f.xlsx", {})
    assert breaks(problems) == [("form_sheet_unclear", "People", "A1")]
    for name in (f"My form-{SEEN}", SEEN[:31]):  # as ODK Central and as Excel have it
        found, problems = form.typed({"Cases": root, name: sheet(name, rows)}, read(survey), book, "e.xlsx", "f.xlsx", {})
        assert (found[name].rows, breaks(problems)) == ([["case_id", "victim_group"], ["7", "gay_man"]], [])


def test_submissions_that_were_not_approved_are_noted_and_counted(book):
    rows = [["threat", 1, "Approved"], ["threat", 2, "Not Approved"], ["threat", 3, ""], ["threat", 4, "validation_status_not_approved"]]
    found, problems = typed(export(["violation", "_id", "_validation_status"], *rows), book)
    assert [(one.cell, one.severity) for one in problems if one.rule == "form_not_approved"] == [("C3", "warn")]
    assert "C3, C5" in str(problems) and len(found["Cases"].rows) == 5


def test_sheets_that_hold_no_answers_stay_as_they_are(book):
    sheets = export(["violation", "_id"], ["threat", 1]) | {"Legend": sheet("Legend", [["Violation", "what it is"], ["threat", "words"]])}
    sheets["Empty"] = sheet("Empty", [])
    found, _ = typed(sheets, book)
    assert (found["Legend"], found["Empty"]) == (sheets["Legend"], sheets["Empty"])


def test_a_question_that_stands_twice_stands_twice_in_the_typed_sheet(book):
    found, _ = typed(export(["violation", "Что было сделано?", "_id"], ["threat", "Угрозы", 1]), book)
    assert found["Cases"].rows == [["case_id", "violation", "violation"], [1, "threat", "threat"]]
    assert found["Cases"].letters == ["C", "A", "B"]


def test_what_is_seen_at_a_single_choice_is_seen_at_its_question_and_its_errors_are_told(book):
    marks = Marks(hidden=frozenset({2}), struck=frozenset({"C2", "A2"}), colours={"C2": "FFFF00"}, merged=[(2, 3, 3, 3)],
                  errors={"C2": "#REF!", "B2": "#REF!"}, unvalued=frozenset({"C3", "C1"}))
    rows = [["_id", "violation/threat", "violation/intruded", "where"], [1, "1", "", "home"], [2, "0", "", ""]]
    found, problems = typed({"Cases": sheet("Cases", rows, marks)}, book)
    seen = found["Cases"].marks
    assert (seen.struck, seen.colours, seen.hidden, seen.merged) == ({"B2", "A2"}, {"B2": "FFFF00"}, {2}, [(2, 2, 3, 2)])
    assert breaks(problems) == [("error_cell", "Cases", "C2"), ("no_value_stored", "Cases", "C3")]
    assert seen.errors == marks.errors


@pytest.mark.parametrize(("sheets", "missing"), [
    ({"survey": SURVEY}, "choices: list_name, choices: name"),
    ({"choices": CHOICES}, "survey: type, survey: name"),
    ({"survey": [["name", "label"], ["a", "A"]], "choices": CHOICES}, "survey: type"),
    ({}, "survey: type, survey: name, choices: list_name, choices: name"),
])
def test_a_form_that_lacks_a_sheet_or_a_column_is_refused(sheets, missing):
    with pytest.raises(DataError) as error:
        xlsform.read({name: sheet(name, rows) for name, rows in sheets.items()}, "form.xlsx")
    assert [one.rule for one in error.value.problems] == ["form_incomplete"] and f"lacks {missing} (" in str(error.value)


def test_a_form_with_one_name_twice_is_refused_unless_it_is_in_another_group_or_allowed():
    twice = [*SURVEY, ["text", "date"], ["begin_group", "event"], ["text", "date"], ["end_group"]]
    with pytest.raises(DataError) as error:
        read(twice, [*CHOICES, ["kinds", "threat", "Threat"], ["doers", "threat", "Threat"]])
    assert [(one.rule, one.sheet, one.cell) for one in error.value.problems] == [
        ("form_duplicate_name", "choices", f"B{len(CHOICES) + 1}"), ("form_duplicate_name", "survey", f"B{len(twice) - 1}")]
    allowed = ("settings", sheet("settings", [["form_id", "allow_choice_duplicates"], ["x", "yes"]]))
    assert len(read(SURVEY, [*CHOICES, ["kinds", "threat", "Threat"]], allowed).choices["kinds"]) == 4


def test_the_older_ways_to_write_a_form_are_read(book):
    survey = [["command", "tag", "caption"], ["begin lgroup", "person", "Person"],
              ["select all that apply from groups", "victim_group", "Who"], ["end lgroup"],
              ["select one from places or specify other", "setting", "Where"], ["add select multiple prompt using kinds", "k", "K"]]
    choices = [["list name", "value", "caption"], ["groups", "gay_man", "Gay man"], ["places", "home", "Home"], ["kinds", "threat", "T"]]
    known = read(survey, choices)
    assert [(one.kind, one.path, one.repeat) for one in known.questions] == [
        ("select_multiple", ("person", "victim_group"), ("person",)), ("select_one", ("setting",), ()), ("text", ("setting_other",), ()),
        ("select_multiple", ("k",), ())]
    found, _ = form.typed(export(["_id", "k/T", "Where"], [1, "1", "Home"]), known, book, "e.xlsx", "f.xlsx", {"violation": "k"})
    assert found["Cases"].rows == [["case_id", "violation", "setting"], [1, "threat", "home"]]


def test_a_long_hostile_cell_ends_in_a_problem(book):
    _, problems = typed(export(["_id", "violation"], [1, "Threats " * 4000 + "x"], [2, "," * 30000]), book)
    assert breaks(problems) == [("form_value_unknown", "Cases", "B2"), ("form_value_unknown", "Cases", "B3")]
