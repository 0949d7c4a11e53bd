"""A layout that no profile knows gets a profile to start from: it can be used as it stands, names what is unsure, and shows no cell."""

import shutil

import openpyxl
import pytest
from conftest import ECOM, ODIHR_KAZAKHSTAN, ROOT, tidied
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analysis import codebook, count, read, tidy
from analysis.formats import files
from analysis.formats.files import Marks, Received, Sheet
from analysis.read import letter
from analysis.sheets import propose

RUSSIAN = [
    ["Сведения за год, вымышленные"],
    ["Шифр", "Когда это было", "Что сделали", "Кто сделал", "Где", "ФИО", "Моб. связь", "Сколько человек", "Описание"],
    ["ВЫМ-01", "04.03.2024", "Угрозы / Шантаж и вымогательство", "Полиция", "город Алматы", "Придумкина Небыла", "87000000001", 1, "миф"],
    ["ВЫМ-02", "15.03.2024", "Подставное свидание", "Родственник", "город Астана", "Сочинёнов Никто", "8 700 000 00 02", 2, "вымысел Б"],
    ["ВЫМ-03", "2024-05", "Угрозы / Язык вражды", "Полиция", "город Алматы", "Фантазиева Нет", "нет", 1, "вымысел В"],
    ["ВЫМ-04", "06.07.2024", "Физическое насилие", "Партнёр", "город Шымкент", "Небывалов Вымысел", "87000000004", 3, "вымысел Г"],
    ["Итого", "", "", "", "", "", "", 7, ""],
]
ENGLISH = [
    ["File no.", "When", "What was done", "By whom", "Full name of the person", "Their mail", "People"],
    ["INV/1", "25/03/2024", "Fake date; Threats", "Police", "Madeup Nobody", "madeup@nowhere.invalid", 1],
    ["INV/2", "04/05/2024", "Threats", "Relative; Acquaintance", "Invented Person", "", 4],
    ["INV/3", "13/06/2024", "Hate speech", "Police", "Fictional Someone", "none", 1],
]
KAZAKH = [
    ["Тіркеу белгісі", "Қашан болды", "Не істеді", "Кім істеді", "Аты-жөні", "Ұялы"],
    ["ОЙ-1", "2024 наурыз", "Қорқыту", "Полиция", "Ойдан Шығарылған", "8 700 000 00 03"],
    ["ОЙ-2", "2024-04-02", "Қудалау, Қорқыту", "Туыс", "Жоқ Адам", ""],
    ["ОЙ-3", "2024", "Жалған кездесу", "Полиция", "Болмаған Біреу", ""],
]


def sheet_of(rows, name="Cases", **marks):
    """A sheet as `files.opened` gives it: rows without any content left out, empty cells at the end cut off."""
    kept = [(number, list(row)) for number, row in enumerate(rows, 1) if any(cell != "" for cell in row)]
    cut = [row[:max(at for at, cell in enumerate(row) if cell != "") + 1] for _, row in kept]
    return Sheet(name, [number for number, _ in kept], cut, False, Marks(**({"merged": []} | marks)))


def proposed(book, rows, name="invented.xlsx", **marks):
    """The proposal for one sheet, or for several (name -> rows)."""
    sheets = rows if isinstance(rows, dict) else {"Cases": rows}
    received = Received({title: sheet_of(some, title, **marks) for title, some in sheets.items()}, "xlsx", 1900, [])
    return propose.proposed(name, received, book)


def profile_of(proposal):
    """The profile that is proposed, as the codebook would hold it."""
    import yaml

    return yaml.safe_load(proposal.text)


def kinds(proposal):
    """Column -> kind, in the order of the sheet."""
    return {column: how["kind"] for column, how in profile_of(proposal)["columns"].items()}


def rules(proposal, column=None):
    """The rules under which something is told, of all columns or of one (its letter)."""
    return [one.rule for one in proposal.unsure if column is None or one.cell.rstrip("0123456789") == column]


@pytest.fixture
def taught(tmp_path):
    """The codebook after the proposal was saved and its lines added: what `check` tells the coordinator to do."""
    def learn(proposal):
        folder = shutil.copytree(ROOT / "data" / "codebook", tmp_path / "taught" / "codebook")
        if proposal.text:
            (folder / "profiles" / f"{proposal.name}.yml").write_text(proposal.text, encoding="utf-8")
        with open(folder / "headers.csv", "a", encoding="utf-8") as headers:
            headers.write("".join(f"{line}\n" for line in proposal.headers))
        return codebook.load(folder)
    return learn


def counted(table, book, variable):
    """Code -> cases, of the codes that occur."""
    found = count.breakdown(table, book, [variable])
    return {code: n for code, n in zip(found[variable], found.n) if n}


def read_with(file, book):
    """The cases of a file in the profile that its headings choose; raises where anything refuses it."""
    raw = read.raw(file, book)
    return raw.profile, tidy.checked(raw, book).cases


def test_a_russian_sheet_of_unknown_headings_is_read_as_proposed(book, made, taught):
    file = made(RUSSIAN)
    proposal = propose.proposed(file, files.opened(file), book)
    assert kinds(proposal) == {"case_id": "id", "date": "date", "violation": "coded", "perpetrator": "coded", "region": "coded",
                               "name": "personal", "contact": "personal", "number": "number", "story": "text"}
    assert profile_of(proposal)["columns"]["violation"] == {"kind": "coded", "separator": "/", "headers": ["Что сделали"]}
    learned = taught(proposal)
    name, cases = read_with(file, learned)
    # By hand: four rows and a row of totals; threats in the first and the third, the others once each.
    assert (name, list(cases.case_id)) == ("cases", ["ВЫМ-01", "ВЫМ-02", "ВЫМ-03", "ВЫМ-04"])
    assert counted(cases, learned, "violation") == {"threat": 2, "blackmail_extortion": 1, "fake_date": 1, "hate_speech": 1,
                                                    "physical_violence": 1}
    assert counted(cases, learned, "region") == {"kz_75": 2, "kz_71": 1, "kz_79": 1}
    assert list(cases.date) == ["2024-03-04", "2024-03-15", "2024-05", "2024-07-06"]
    assert list(cases.number) == [1, 2, 1, 3]


def test_an_english_sheet_of_unknown_headings_is_read_as_proposed(book, made, taught):
    file = made(ENGLISH)
    proposal = propose.proposed(file, files.opened(file), book)
    assert kinds(proposal) == {"case_id": "id", "date": "date", "violation": "coded", "perpetrator": "coded", "name": "personal",
                               "their_mail": "personal", "people": "number"}
    learned = taught(proposal)
    _, cases = read_with(file, learned)
    # 04/05/2024 can be April or May; 25/03 and 13/06 of the same column have the day first.
    assert list(cases.date) == ["2024-03-25", "2024-05-04", "2024-06-13"]
    assert counted(cases, learned, "violation") == {"threat": 2, "fake_date": 1, "hate_speech": 1}
    assert counted(cases, learned, "perpetrator") == {"police": 2, "relative": 1, "acquaintance": 1}


def test_a_kazakh_sheet_of_unknown_headings_is_read_as_proposed(book, made, taught):
    file = made(KAZAKH)
    proposal = propose.proposed(file, files.opened(file), book)
    assert kinds(proposal) == {"case_id": "id", "date": "date", "violation": "coded", "perpetrator": "coded", "name": "personal",
                               "contact": "personal"}
    learned = taught(proposal)
    _, cases = read_with(file, learned)
    assert list(cases.date) == ["2024-03", "2024-04-02", "2024"]
    assert counted(cases, learned, "violation") == {"threat": 2, "harassment": 1, "fake_date": 1}


@pytest.mark.parametrize("rows", [RUSSIAN, ENGLISH, KAZAKH])
def test_no_cell_of_the_sheet_is_said(book, rows):
    proposal = proposed(book, rows)
    said = propose.as_text(proposal) + propose.as_text(proposal, "ru") + str(propose.as_json(proposal))
    first = 2 if rows is RUSSIAN else 1
    cells = {str(cell) for row in rows[first:] for cell in row if len(str(cell)) > 4}
    assert [cell for cell in cells if cell in said] == []


def renamed(source, tmp_path, row):
    """A public workbook with every heading replaced by words that no codebook knows."""
    workbook = openpyxl.load_workbook(source)
    for at, cell in enumerate(cell for cell in workbook.worksheets[0][row] if cell.value):
        cell.value = f"Графа {'абвгдежзийклмнопрст'[at]}"
    workbook.save(tmp_path / "renamed.xlsx")
    return tmp_path / "renamed.xlsx"


def test_the_public_workbook_of_ecom_is_found_by_its_cells_alone(book, tmp_path, taught, ecom):
    file = renamed(ECOM, tmp_path, 3)
    proposal = propose.proposed(file, files.opened(file), book)
    # Of 14 columns 9 get the name and the kind that ecom_cases.yml has. Two numbers are numbers of nobody knows what, the
    # sums and the chapters are text there too; only `repeated`, a column of yes, is not found.
    right = {column: how["kind"] for column, how in book.profiles["ecom_cases"]["columns"].items()}
    found = kinds(proposal)
    assert {column for column in right if found.get(column) == right[column]} == {
        "case_id", "year", "violation", "perpetrator", "victim_group", "right", "response", "means", "basis"}
    assert [kind for column, kind in found.items() if column not in right] == ["number", "number", "text", "text", "text"]
    learned = taught(proposal)
    name, cases = read_with(file, learned)
    assert name == "renamed"
    for variable in ("violation", "perpetrator", "victim_group", "right", "response", "means", "basis"):
        assert list(cases[variable]) == list(ecom.cases[variable])


def test_the_coded_workbook_of_odihr_is_found_by_its_cells_alone(book, tmp_path):
    file = renamed(ODIHR_KAZAKHSTAN, tmp_path, next(
        row for row in range(1, 10) if openpyxl.load_workbook(ODIHR_KAZAKHSTAN).worksheets[0].cell(row, 2).value))
    found = kinds(propose.proposed(file, files.opened(file), book))
    right = {column: how["kind"] for column, how in book.profiles["odihr_coded"]["columns"].items()}
    missed = {column for column in right if found.get(column) != right[column]}
    # 12 of 15: two numbers without a name, and yes or no, which could be anything.
    assert missed == {"victims_n", "perpetrators_n", "repeated"}


def test_what_was_proposed_leaves_the_files_that_were_known_as_they_were(book, tmp_path, taught):
    file = renamed(ECOM, tmp_path, 3)
    learned = taught(propose.proposed(file, files.opened(file), book))
    assert [read.raw(known, learned).profile for known in (ECOM, ODIHR_KAZAKHSTAN)] == ["ecom_cases", "odihr_coded"]
    assert len(tidied(ECOM, learned).cases) == 31


def test_a_heading_that_is_nearly_right_needs_a_line_and_no_profile(book, tmp_path, taught, ecom):
    workbook = openpyxl.load_workbook(ECOM)
    workbook.worksheets[0]["D3"], workbook.worksheets[0]["C3"] = "Нарушительь", "Вид нарушенния"
    workbook.save(tmp_path / "misspelt.xlsx")
    proposal = propose.proposed(tmp_path / "misspelt.xlsx", files.opened(tmp_path / "misspelt.xlsx"), book)
    assert (proposal.name, proposal.text) == ("ecom_cases", "")
    assert sorted(proposal.headers) == ["perpetrator,Нарушительь,ru", "violation,Вид нарушенния,ru"]
    assert rules(proposal, "C") == rules(proposal, "D") == ["proposed_near"]
    assert "headers.csv. The profile is ecom_cases" in propose.as_text(proposal)
    assert list(tidied(tmp_path / "misspelt.xlsx", taught(proposal)).cases.perpetrator) == list(ecom.cases.perpetrator)


def test_a_heading_that_is_nearly_right_needs_a_profile_where_another_column_is_new(book, tmp_path):
    workbook = openpyxl.load_workbook(ECOM)
    for row, text in zip(range(3, 35), ["Где", *["город Алматы"] * 31]):
        workbook.worksheets[0].cell(row, 15, text)
    workbook.worksheets[0]["D3"] = "Нарушительь"
    workbook.save(tmp_path / "wider.xlsx")
    proposal = propose.proposed(tmp_path / "wider.xlsx", files.opened(tmp_path / "wider.xlsx"), book)
    assert proposal.name == "wider" and {"perpetrator": "coded", "region": "coded"}.items() <= kinds(proposal).items()


def test_months_of_one_layout_are_taken_together_and_a_summary_is_not(book, made, taught):
    head = ["Шифр", "Что сделали", "Кто"]
    file = made({"Сводка": [["Месяц", "Всего случаев", "Из них", "Открыто", "Закрыто"], ["январь", 2, 1, 0, 1], ["февраль", 1, 1, 0, 1]],
                 "январь": [head, ["В-1", "Угрозы", "Полиция"], ["В-2", "Преследование", "Партнёр"]],
                 "февраль": [head, ["В-3", "Преследование", "Полиция"]]})
    proposal = propose.proposed(file, files.opened(file), book)
    assert kinds(proposal) == {"case_id": "id", "violation": "coded", "perpetrator": "coded"}
    told = {one.rule: one for one in proposal.unsure}
    assert "январь, февраль" in told["proposed_sheets"].message
    assert told["proposed_other_sheet"].sheet == "Сводка"
    _, cases = read_with(file, taught(proposal))
    assert list(cases.case_id) == ["В-1", "В-2", "В-3"]


def test_two_rows_of_headings_are_read_as_one(book, made, taught):
    rows = [["Шифр", "Когда это было", "Пострадавшие", "", "Другая сторона", ""],
            ["", "", "Кого", "Сколько", "Кто", "Сколько"],
            ["В-1", "2024-03-04", "Гей", 1, "Полиция", 2], ["В-2", "2024-03-05", "Лесбиянка", 4, "Партнёр", 1],
            ["В-3", "2024-03-06", "Гей", 1, "Полиция", 3]]
    file = made(rows)
    proposal = propose.proposed(file, files.opened(file), book)
    headings = [how["headers"][0] for how in profile_of(proposal)["columns"].values()]
    assert headings == ["Шифр", "Когда это было", "Кого", "Пострадавшие / Сколько", "Кто", "Другая сторона / Сколько"]
    learned = taught(proposal)
    _, cases = read_with(file, learned)
    assert (list(cases.number), list(cases.number_2)) == ([1, 4, 1], [2, 1, 3])
    assert counted(cases, learned, "victim_group") == {"gay_man": 2, "lesbian_woman": 1}


def test_a_second_column_of_a_variable_is_a_further_column_of_it(book, made, taught):
    file = made([["Шифр", "Сначала", "Потом"], ["В-1", "Угрозы", "Язык вражды"], ["В-2", "Преследование", ""],
                 ["В-3", "Угрозы", "Преследование"]])
    proposal = propose.proposed(file, files.opened(file), book)
    assert proposal.headers == ["violation#2,Потом,ru"] and "proposed_further" in rules(proposal, "C")
    learned = taught(proposal)
    _, cases = read_with(file, learned)
    assert counted(cases, learned, "violation") == {"threat": 2, "harassment": 2, "hate_speech": 1}


@pytest.mark.parametrize(("codes", "line", "rule", "cases"), [
    (["В-1", "В-1", "В-2", "В-2", "В-3"], "repeated", "proposed_repeated", 3),
    (["В-1", "", "В-2", "", ""], "continued", "proposed_continued", 2),
    (["В-1", "В-2", "В-3", "В-4", "В-5"], None, None, 5),
])
def test_rows_that_are_one_case_are_told_by_their_codes(book, made, taught, codes, line, rule, cases):
    who = ["Полиция", "Партнёр", "Родственник", "Партнёр", "Полиция"]
    file = made([["Шифр", "Что сделали", "Кто"], *([code, "Угрозы", one] for code, one in zip(codes, who))])
    proposal = propose.proposed(file, files.opened(file), book)
    assert profile_of(proposal).get("case_rows") == line
    assert [one for one in rules(proposal) if one in ("proposed_repeated", "proposed_continued")] == ([rule] if rule else [])
    assert len(read_with(file, taught(proposal))[1]) == cases


def test_a_code_that_one_row_lacks_is_missing_and_joins_no_rows(book):
    codes = ["В-1", "В-2", "", "В-4", "В-5", "В-6"]
    proposal = proposed(book, [["Шифр", "Что сделали", "Кто"], *([code, "Преследование", "Полиция"] for code in codes)])
    assert kinds(proposal)["case_id"] == "id" and "case_rows" not in profile_of(proposal)


def test_merged_codes_need_no_line_and_are_told(book, tmp_path, made, taught):
    file = made([["Шифр", "Что сделали", "Кто"], ["В-1", "Угрозы", "Полиция"], ["", "Угрозы", "Партнёр"], ["В-2", "Угрозы", "Полиция"]])
    workbook = openpyxl.load_workbook(file)
    workbook.worksheets[0].merge_cells("A2:A3")
    workbook.save(file)
    proposal = propose.proposed(file, files.opened(file), book)
    assert "case_rows" not in profile_of(proposal) and "proposed_merged" in rules(proposal, "A")
    assert len(read_with(file, taught(proposal))[1]) == 2


CODES = ["Шифр", "В-1", "В-2", "В-3", "В-4"]
WHAT = ["Что сделали", "Угрозы", "Преследование", "Угрозы", "Угрозы"]


def beside(heading, *values):
    """A sheet with case codes, violations and a third column."""
    return [list(row) for row in zip(CODES, WHAT, [heading, *values])]


@pytest.mark.parametrize(("heading", "values", "rule"), [
    ("Имя пострадавшей", ["а", "б", "в", "г"], "proposed_personal_word"),
    ("Ф.И.О.", ["а", "б", "в", "г"], "proposed_personal_word"),
    ("Дата рождения", ["1990-01-01", "1991-01-01", "1992-01-01", "1993-01-01"], "proposed_personal_word"),
    ("Год рожд.", [1990, 1991, 1992, 1993], "proposed_personal_word"),
    ("ИИН", [1, 2, 3, 4], "proposed_personal_word"),
    ("Home address", ["x", "y", "z", "w"], "proposed_personal_word"),
    ("Адрес", ["город Алматы", "город Астана", "город Алматы", "город Шымкент"], "proposed_personal_word"),
    ("Аты-жөні", ["а", "б", "в", "г"], "proposed_personal_word"),
    ("Как найти", ["", "", "тел. 8 (700) 000-00-05", ""], "proposed_personal_cells"),
    ("Как найти", ["нет", "nobody@nowhere.invalid", "нет", "нет"], "proposed_personal_cells"),
    ("Как найти", ["нет", "@madeupnick", "нет", "нет"], "proposed_personal_cells"),
    ("Бумага", ["N00000001", "N00000020", "N00030000", "N40000000"], "proposed_personal_cells"),
    ("Бумага", [990101000001, 880202000002, 770303000003, 660404000004], "proposed_personal_cells"),
    ("С кем говорили", ["Придумкина Небыла", "Сочинёнов Н.", "Фантазиева Нет", "с ней"], "proposed_personal_cells"),
    ("Нарушитель", ["Придумкина Небыла", "Сочинёнов Никто", "Фантазиева Нет", "Полиция"], "proposed_personal_cells"),
    ("Какой", ["1961", "1999", "1984", "2001"], "proposed_birth"),
    ("Лист", ["", "", "", ""], "proposed_empty"),
])
def test_a_column_that_may_say_who_somebody_is_is_personal(book, heading, values, rule):
    proposal = proposed(book, beside(heading, *values))
    assert list(kinds(proposal).values())[2] == "personal"
    assert rules(proposal, "C") == [rule]


def test_case_codes_that_begin_alike_are_no_documents(book):
    rows = [["Шифр", "Что сделали"], *([f"KZ20240{n}", "Угрозы"] for n in range(101, 105))]
    assert kinds(proposed(book, rows)) == {"case_id": "id", "violation": "coded"}


def test_a_second_column_of_codes_is_personal(book):
    proposal = proposed(book, beside("Второй шифр", "Х-1", "Х-7", "Х-5", "Х-2"))
    assert kinds(proposal) == {"case_id": "id", "violation": "coded", "personal": "personal"}
    assert rules(proposal, "C") == ["proposed_second"]


@pytest.mark.parametrize(("heading", "values", "name", "kind", "told"), [
    ("Число людей там", [3, 1, 5, 1], "number", "number", ["proposed_number"]),
    ("Число людей там", [3, 99, 5, 0], "number", "number", ["proposed_number", "proposed_unknown"]),
    ("Число людей там", [99, 98, 3, 0], "number", "number", ["proposed_number"]),
    ("Ещё раз?", ["да", "нет", "да", "да"], "text", "text", ["proposed_text"]),
    ("Примечания", ["вымысел", "и ещё вымысел", "", ""], "note", "text", []),
    ("Повод", [2023, 2024, 2024, 2023], "year", "year", ["proposed_year"]),
    ("Было", ["04.03.2024", "05.03.2024", "март 2024", "2024-03-07"], "date", "date", ["proposed_date"]),
    ("Было", ["04/03/2024", "05/03/2024", "06/03/2024", "2024-03-07"], "date", "date", ["proposed_date", "proposed_no_order"]),
    ("Было", ["04/03/2024", "05/03/2024", "16/03/2024", "2024-03-07"], "date", "date", ["proposed_date", "proposed_order"]),
    ("Было", ["04.03.24", "05.03.24", "06.03.24", "2024-03-07"], "date", "date", ["proposed_date", "proposed_century"]),
    ("Кто", ["Полиция", "-", "Полиция", "-"], "perpetrator", "coded", ["proposed_codes", "proposed_unknown"]),
    ("Нарушитель", ["Полиция", "инопланетяне", "соседи", "толпа"], "perpetrator", "coded", ["proposed_few"]),
    ("Кто", ["Полиция", "Партнёр", "соседи", "Полиция"], "perpetrator", "coded", ["proposed_codes"]),
])
def test_what_a_column_holds_decides_what_it_is(book, heading, values, name, kind, told):
    proposal = proposed(book, beside(heading, *values))
    assert list(kinds(proposal).items())[2] == (name, kind)
    assert rules(proposal, "C") == told


def test_a_value_for_not_knowing_is_asked_about_and_offered_as_a_line(book):
    proposal = proposed(book, beside("Кто", "Полиция", "-", "99", "-"))
    asked = {dict(one.words)["value"]: dict(one.words)["count"] for one in proposal.unsure if one.rule == "proposed_unknown"}
    assert asked == {"-": "2", "99": "1"}  # two dashes and one 99 stand in the column
    line = next(line for line in proposal.text.splitlines() if line.startswith("# unknowns"))
    assert profile_of(propose.Proposal("", line[2:], [], [])) == {"unknowns": {"-": "not_stated", "99": "not_stated"}}


def test_values_that_fit_two_variables_are_asked_about(book):
    # "Угрозы" is a violation and a type of incident; "Преследование" of the second column only a violation.
    proposal = proposed(book, [["Шифр", "Что именно", "Что ещё"], ["В-1", "Угрозы", "Угрозы"], ["В-2", "Угрозы", "Преследование"]])
    assert kinds(proposal) == {"case_id": "id", "incident_type": "coded", "violation": "coded"}
    asked = next(one for one in proposal.unsure if one.rule == "proposed_either")
    assert asked.cell == "B1" and "violation" in asked.message


@pytest.mark.parametrize(("heading", "variable"), [("Какой это тип инцидента", "incident_type"), ("Какой это вид нарушения", "violation")])
def test_of_two_variables_the_one_whose_heading_is_nearer_is_taken(book, heading, variable):
    assert kinds(proposed(book, [["Шифр", heading], ["В-1", "Угрозы"], ["В-2", "Угрозы"]])) == {"case_id": "id", variable: "coded"}


def test_a_known_heading_keeps_its_column_from_one_whose_cells_fit_better(book):
    proposal = proposed(book, [list(row) for row in zip(CODES, ["Кто", "Полиция", "СМИ", "Полиция", "Клиент"],
                                                        ["Нарушитель", "Полиция", "соседи", "толпа", "гости"])])
    assert profile_of(proposal)["columns"]["perpetrator"] == {"kind": "coded"}
    assert proposal.headers == ["perpetrator#2,Кто,ru"]


def test_a_way_of_not_knowing_is_no_unknown_value(book):
    # The different values are the police and the media; the dash says that a second one is not known.
    assert "# column C: 2 of 2 different values" in proposed(book, beside("Кто", "Полиция; -", "СМИ", "-", "Полиция")).text


def test_a_merged_cell_holds_for_all_of_its_rows(book):
    rows = [["Шифр", "Что сделали", "Кто"], ["В-1", "Угрозы", "Полиция"], ["", "", "СМИ"], ["В-2", "Преследование", "Полиция"]]
    assert "# column C: 2 of 2 different values" in proposed(book, rows, merged=[(2, 0, 3, 0), (2, 1, 3, 1)]).text


def test_rows_that_are_no_cases_are_not_looked_at(book):
    rows = beside("Кто", *["Полиция"] * 4)
    strange = [["#tag", "#tag", "#tag"], rows[0], ["", "Раздел второй", ""], ["Всего", "", 4]]
    assert proposed(book, [*rows[:3], *strange, *rows[3:]]).text == proposed(book, rows).text


def test_a_hidden_sheet_is_looked_at_only_if_there_is_no_other(book):
    shown, hidden = sheet_of(beside("Кто", *["Полиция"] * 4), "a"), sheet_of(beside("Кто", *["СМИ"] * 4), "b")._replace(hidden=True)
    both = propose.proposed("x.xlsx", Received({"a": shown, "b": hidden}, "xlsx", 1900, []), book)
    assert [one.sheet for one in both.unsure if one.rule == "proposed_other_sheet"] == ["b"]
    assert propose.proposed("x.xlsx", Received({"b": hidden}, "xlsx", 1900, []), book).name == "x"


def test_a_sheet_of_which_little_is_known_is_known_by_all_of_its_columns(book):
    proposal = proposed(book, [["Кто", "Повод", "Заметки"], ["Полиция", "вымысел", "миф"], ["СМИ", "миф", "вымысел"]])
    assert profile_of(proposal)["needs"] == ["perpetrator", "text", "note"]


def test_a_profile_that_exists_keeps_its_name(book):
    assert proposed(book, RUSSIAN, "Ecom cases.xlsx").name == "ecom_cases_2"
    assert proposed(book, RUSSIAN, "Вымысел.xlsx").name == "new_layout"


def test_the_separator_is_the_one_that_makes_most_values_known(book):
    for sign in (";", ",", "/", "|", "\n", " и "):
        cells = [f"Угрозы{sign}Преследование", "Угрозы", f"Язык вражды{sign}Угрозы", "Похищение или незаконное удержание"]
        proposal = proposed(book, [list(row) for row in zip(CODES, ["Что сделали", *cells])])
        assert profile_of(proposal)["columns"]["violation"]["separator"] == sign


def test_a_running_number_is_a_case_code_and_told(book):
    proposal = proposed(book, [["№", "Что сделали"], [1, "Угрозы"], [2, "Угрозы"], [3, "Преследование"]])
    assert kinds(proposal) == {"case_id": "id", "violation": "coded"} and rules(proposal, "A") == ["proposed_running"]


def test_a_code_of_its_own_is_told_and_a_sheet_without_codes_too(book):
    assert rules(proposed(book, beside("Кто", *["Полиция"] * 4)), "A") == ["proposed_code"]
    assert "proposed_no_code" in rules(proposed(book, [["Кто", "Что"], ["Полиция", "Угрозы"], ["Полиция", "Преследование"]]))


def test_headings_that_are_missing_or_stand_twice_are_told(book):
    proposal = proposed(book, [["Шифр", "Что сделали", "Кто", "Кто", ""], ["В-1", "Угрозы", "Полиция", "СМИ", "вымысел"],
                               ["В-2", "Преследование", "СМИ", "СМИ", "вымысел"]])
    assert (rules(proposal, "D"), rules(proposal, "E")) == (["duplicate_header"], ["blank_header"])


def test_what_a_sheet_must_have_does_not_let_in_the_sheets_of_another_profile(book):
    proposal = proposed(book, [["Код случая", "Дата", "Вид нарушения", "Как узнали"], ["В-1", "2024-03-04", "Угрозы", "сами"]])
    needs = set(profile_of(proposal)["needs"])
    assert "proposed_needs" in rules(proposal)
    assert [name for name, how in book.profiles.items() if needs <= set(how["columns"])] == []


@pytest.mark.parametrize("rows", [[], [["Только заглавие"]], [["Шифр", "Кто"]], [[1, 2], [3, 4]],
                                  [[1, 2, 3], ["вымысел", "выдумка", "нет"], [4, 5, 6]],
                                  [["вымысел", "миф"], ["вымысел", "выдумка"], ["вымысел", "миф"]],
                                  [["nobody@nowhere.invalid", "вымысел"], ["someone@nowhere.invalid", "миф"]],
                                  [["4 марта 2024", "вымысел"], ["5 марта 2024", "миф"]],
                                  [["ВЫМ-01", "вымысел"], ["ВЫМ-02", "миф"]],
                                  [["Придумкина Небыла", "Угрозы", "04.03.2024", 1], ["Фантазиева Нет", "Угрозы", "05.03.2024", 2]]])
def test_a_sheet_without_headings_gets_no_proposal(book, rows):
    proposal = proposed(book, rows)
    assert proposal.name == proposal.text == "" and rules(proposal) == ["proposed_nothing"]
    assert "heading above each column" in propose.as_text(proposal)


def test_a_proposal_says_in_either_language_what_to_do(book):
    proposal = proposed(book, RUSSIAN)
    assert "save it as data/codebook/profiles/invented.yml" in propose.as_text(proposal)
    assert "сохраните его как data/codebook/profiles/invented.yml" in propose.as_text(proposal, "ru")
    told = propose.as_json(proposal)
    assert {name: type(value) for name, value in told.items()} == {"profile": str, "text": str, "headers": list, "unsure": list}
    assert set(told["unsure"][0]) == {"file", "sheet", "cell", "column", "rule", "severity", "message"}


# Marked so that any of them that is said can be found: no heading and no message holds the mark.
MARK = "Ққ"
VALUES = st.one_of(
    st.just(""), st.integers(0, 99_999), st.floats(0, 1e6), st.booleans(),
    st.sampled_from(["Угрозы", "Полиция; СМИ", "да", "-", "99", "04/03/2024", "31.02.2024", "март 2024", "#REF!", "н/д", "Итого"]),
    st.text(max_size=12).map(lambda text: f"{text}{MARK}"),
    st.sampled_from(["@{}", "8 700 000 00 00 {}", "{} Придумкина", "N0000000 {}"]).map(lambda shape: shape.format(MARK)))
HEADINGS = st.one_of(st.text(max_size=20), st.sampled_from(
    ["", "Дата", "Шифр", "Кто", "№", "Имя", "Violation", "no", "Нарушение 2", "a / b", "row"]))


@st.composite
def workbooks(draw):
    """Sheets with titles, one or two rows of headings or none, and rows of anything."""
    sheets = {}
    for name in draw(st.lists(st.sampled_from(["Лист1", "январь", "февраль"]), min_size=1, max_size=3, unique=True)):
        width = draw(st.integers(1, 6))
        heads = draw(st.lists(st.lists(HEADINGS, min_size=width, max_size=width), max_size=2))
        rows = draw(st.lists(st.lists(VALUES, min_size=1, max_size=width + 1), max_size=8))
        merged = draw(st.sampled_from([[], [(3, 0, 4, 0)], [(1, 1, 1, 2)]]))
        sheets[name] = sheet_of([*heads, *rows], name, merged=merged)
    return sheets


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(workbooks())
@example({"Лист1": sheet_of([["no", "Что"], ["В-1", "Угрозы"]])})
def test_any_workbook_gets_a_valid_proposal_that_says_no_cell(book, sheets):
    proposal = propose.proposed("invented.xlsx", Received(sheets, "xlsx", 1900, []), book)
    said = propose.as_text(proposal) + propose.as_text(proposal, "ru") + str(propose.as_json(proposal))
    heads = {name: propose.head(sheet, book) for name, sheet in sheets.items()}
    shown = str([sheets[name].rows[one.first:one.last + 1] for name, one in heads.items() if one])
    if MARK not in shown:  # a row of texts may be taken for headings where there are none, and headings are shown
        assert MARK not in said
    if proposal.text:
        profile = profile_of(proposal)
        assert codebook.profile_faults(profile, book.variables.index) == []
        assert profile["needs"] and all(isinstance(column, str) for column in profile["columns"])
        known = read.ways(profile, book)
        found = {column for sheet in sheets.values() for column in read.header(sheet, known, book).columns.values()}
        assert set(profile["needs"]) <= found


def test_only_the_first_rows_of_a_long_sheet_are_looked_at_and_that_is_told(book):
    long = [["Шифр", "Кто"], *([f"В-{n}", "Полиция"] for n in range(propose.ROWS))]
    assert "proposed_sample" in rules(proposed(book, long)) and "proposed_sample" not in rules(proposed(book, long[:9]))


def test_letters_of_columns_beyond_z_are_told(book):
    rows = [["Шифр", *(f"Графа {letter(at)}" for at in range(1, 28))], *([f"В-{n}", *(["вымысел"] * 27)] for n in (1, 2))]
    assert "# column AB" in proposed(book, rows).text
