"""The profiles that are shipped: each is recognised by its own headings and counts what its sheets say."""

import lzma
import re

import duckdb
import pandas as pd
import pytest
from conftest import RAW, ROOT

from analysis import codebook, count, deidentify, read, tidy
from analysis.codebook import fold
from analysis.count import breakdown
from analysis.problems import DataError

FBI = RAW / "fbi" / "hate_crime_1991_2018.csv.xz"
LANGUAGES = ("en", "ru", "kk")
PROFILES = sorted(file.stem for file in (ROOT / "data" / "codebook" / "profiles").glob("*.yml"))
BY_FORM = {"kobo"}  # its columns are those of the form beside the file


def tidied(file, book, profile=None, record=None):
    return tidy.cases(read.raw(file, book, profile), book, record)


def refusals(found):
    return [(one.rule, one.sheet, one.cell) for one in found.problems if one.severity == "refuse"]


def counts(cases, book, variable):
    """Code -> number of cases, for the codes that occur."""
    table = breakdown(cases, book, [variable])
    return {code: n for code, n in zip(table[variable], table.n) if n}


# Recognised by its own headings

def language(text):
    """Kazakh letters, else Cyrillic ones, else English."""
    return "kk" if re.search("[әғқңөұүһі]", text, re.IGNORECASE) else "ru" if re.search("[а-яё]", text, re.IGNORECASE) else "en"


def heading(book, column, how, lang):
    """How a sheet in a language heads a column: as the profile says, else as headers.csv says, else in any language."""
    table = pd.read_csv(ROOT / "data" / "codebook" / "headers.csv")
    known = [(text, language(text)) for text in how.get("headers", [])]
    known += list(table[table.column == column][["spelling", "language"]].itertuples(index=False, name=None))
    return next((text for text, its in known if its == lang), known[0][0])


def cell(book, column, how):
    """A value that the kind of column may hold."""
    return {"id": "A-1", "link": "1", "date": "2024-03-04", "year": "2024", "number": "1", "text": "words", "personal": "words",
            "coded": book.label(column, book.of(column)[0]) if how["kind"] == "coded" else ""}[how["kind"]]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in PROFILES if name not in BY_FORM])
def test_a_profile_is_recognised_by_its_own_headings_and_no_other_fits_as_well(book, made, name, lang):
    columns = book.profiles[name]["columns"]
    sheet = [[heading(book, column, how, lang) for column, how in columns.items()], [cell(book, *one) for one in columns.items()]]
    raw = read.raw(made(sheet), book)
    assert raw.profile == name
    assert {column for _, column in raw.letters} == set(columns)  # each heading was taken for its own column
    assert not [one for one in raw.problems if one.rule in ("duplicate_header", "unknown_header", "blank_header")]


def test_one_heading_never_stands_for_two_columns_of_a_profile(book):
    for name, profile in book.profiles.items():
        given = [(fold(text), column) for column, how in profile["columns"].items() for text in how.get("headers", [])]
        assert len(dict(given)) == len(given), name


# The FBI's file. It is large: it is read once by Casebook and once by duckdb, which knows nothing of the codebook.

@pytest.fixture(scope="module")
def fbi(book):
    return tidied(FBI, book, record=codebook.source_record(FBI))


@pytest.fixture(scope="module")
def rows():
    with lzma.open(FBI) as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


def test_the_fbi_file_is_recognised_and_read_without_a_refusal(fbi):
    assert len(fbi.cases) == 201_403 and refusals(fbi) == []
    assert fbi.ledger[["what", "rows"]].values.tolist() == [["counted", 201_403]]
    assert {one.rule for one in fbi.problems} == {"unknown_header"}  # 22 of 28 columns are not read, and told
    assert len(fbi.problems) == 28 - 6


def exploded(rows, column):
    """Value -> number of incidents, counted by duckdb from the text of the file."""
    return dict(duckdb.sql(f"SELECT value, count(DISTINCT id)::INT FROM (SELECT INCIDENT_ID AS id, "
                           f"unnest(string_split({column}, ';')) AS value FROM rows) GROUP BY value").fetchall())


@pytest.mark.parametrize("variable, column, values", [
    ("fbi_bias", "BIAS_DESC", 35), ("fbi_offense", "OFFENSE_NAME", 48), ("fbi_location", "LOCATION_NAME", 46)])
def test_every_bias_offense_and_location_of_the_fbi_is_counted_as_sql_counts_it(fbi, rows, book, variable, column, values):
    found = {book.label(variable, code): n for code, n in counts(fbi.cases, book, variable).items()}
    assert found == exploded(rows, column) and len(found) == values


def test_groups_and_any_of_several_codes_of_the_fbi_are_what_sql_counts(fbi, rows, book):
    """The groups by the labels of codes.csv, joined to the text of the file by duckdb, which counts each incident once."""
    codes = pd.read_csv(ROOT / "data" / "codebook" / "codes.csv", keep_default_na=False)
    for variable, column in (("fbi_offense", "OFFENSE_NAME"), ("fbi_bias", "BIAS_DESC")):
        mine = codes[(codes.variable == variable) & (codes.group != "")]
        pairs = f"(SELECT INCIDENT_ID AS id, unnest(string_split({column}, ';')) AS value FROM rows)"
        answer = duckdb.sql(f'SELECT "group", count(DISTINCT id)::INT FROM {pairs} JOIN mine ON label_en = value GROUP BY 1').fetchall()
        table = breakdown(fbi.cases, book, [f"{variable}:group"])
        found = dict(zip(table[f"{variable}:group"], table.n))
        assert {group: found[group] for group in mine.group} == dict(answer) and set(table.base) == {201_403}
        any_of = count.any_of(fbi.cases, book, variable, list(mine.code[mine.group == mine.group.iloc[0]]))
        assert any_of.n.tolist() == [dict(answer)[mine.group.iloc[0]]]
    mentions = breakdown(fbi.cases, book, ["fbi_offense"], unit="mentions")
    assert mentions.n.sum() == sum(exploded(rows, "OFFENSE_NAME").values()) > 201_403  # each offense of an incident stands in it once


def test_the_years_of_the_fbi_are_those_of_its_own_column_and_agree_with_every_date(fbi, rows):
    assert fbi.cases.year.value_counts().to_dict() == rows.DATA_YEAR.astype(int).value_counts().to_dict()
    assert fbi.cases.year.eq(2018).sum() == 7_194  # as the notes on the data say
    assert fbi.cases.date.str.fullmatch(r"\d{4}-\d\d-\d\d").all() and (fbi.cases.date.str[:4].astype(int) == fbi.cases.year).all()
    assert fbi.cases.date.iloc[0] == "1991-08-31"  # the first row says 31-AUG-91


def test_the_fbi_holds_359_incidents_of_several_biases(fbi, rows):
    several = fbi.cases.fbi_bias.map(lambda mask: int(mask).bit_count()) > 1
    assert several.sum() == 359 and set(fbi.cases.case_id[several]) == set(rows.INCIDENT_ID[rows.MULTIPLE_BIAS == "M"])


def test_names_of_the_fbi_that_hold_commas_and_strokes_stay_whole(book):
    for variable, name in (("fbi_bias", "Anti-Lesbian, Gay, Bisexual, or Transgender (Mixed Group)"),
                           ("fbi_offense", "Human Trafficking, Commercial Sex Acts"), ("fbi_offense", "Drug/Narcotic Violations")):
        assert book.label(variable, book.code(variable, name)) == name


# REAct: four invented clients.

REACT = [
    ["Case ID", "Date of intake", "Date of event", "Client code", "Name", "Phone", "Key population", "Type of violation", "Perpetrator",
     "Related to HIV or TB", "Actions taken", "Outcome", "Gender", "Age", "City", "Description"],
    ["R-1", "2024-02-10", "2023-12-30", "XX01", "Person One", "000", "PWID; PLHIV", "Denial of medical services", "Healthcare worker",
     "HIV", "Primary legal assistance; Referral", "Resolved", "f", 34, "Springfield", "invented"],
    ["R-2", "2024-03-01", "2024-02-29", "XX02", "Person Two", "000", "SW", "Extortion, Physical violence", "Police officers", "neither",
     "Legal advice", "Partially resolved", "Trans woman", "", "Springfield", "invented"],
    ["R-3", "2024-03-05", "2024-03", "XX01", "Person One", "000", "PWUD, OST client", "Discrimination/stigmatization", "Relative", "HIV/TB",
     "", "In progress", "f", 34, "Springfield", "invented"],
    ["R-4", "2024-03-06", "", "XX03", "Person Three", "000", "MSM", "Stigma and discrimination", "Employer", "", "Psychological support",
     "Ongoing", "m", 28, "Springfield", "invented"],
]
REACT_RU = [
    ["Номер обращения", "Дата обращения", "Дата события", "Код клиента", "ФИО", "Телефон", "Ключевая группа", "Вид нарушения", "Нарушитель",
     "Связь с ВИЧ или ТБ", "Принятые меры", "Результат", "Пол", "Возраст", "Город", "Описание"],
    ["R-1", "10.02.2024", "30.12.2023", "XX01", "Кто-то", "000", "ЛУИН; ЛЖВ", "Отказ в медицинской помощи", "Медработник", "ВИЧ",
     "Первичная правовая помощь; Перенаправление", "Решён", "ж", 34, "Спрингфилд", "придумано"],
    ["R-2", "01.03.2024", "29.02.2024", "XX02", "Кто-то", "000", "СР", "Вымогательство, Физическое насилие", "Сотрудники полиции", "нет",
     "Юридическая консультация", "Частично решён", "Трансгендерная женщина", "", "Спрингфилд", "придумано"],
    ["R-3", "05.03.2024", "03.2024", "XX01", "Кто-то", "000", "ЛУН, Клиент ОЗТ", "Стигма/дискриминация", "Родственник", "ВИЧ/ТБ",
     "", "В работе", "ж", 34, "Спрингфилд", "придумано"],
    ["R-4", "06.03.2024", "", "XX03", "Кто-то", "000", "МСМ", "Дискриминация", "Работодатель", "", "Психологическая помощь",
     "Открыт", "м", 28, "Спрингфилд", "придумано"],
]


@pytest.mark.parametrize("sheet", [REACT, REACT_RU], ids=["en", "ru"])
def test_a_react_sheet_is_counted(book, made, sheet):
    found = tidied(made(sheet), book)
    assert read.raw(made(sheet), book).profile == "react" and refusals(found) == [] and len(found.cases) == 4
    # use drugs; R-1 lives with HIV; R-3 is in substitution therapy; R-2 sells sex; R-4 is a man who has sex with men.
    assert counts(found.cases, book, "key_population") == {"drug_user": 2, "plhiv": 1, "ost_client": 1, "sex_worker": 1, "msm": 1}
    assert counts(found.cases, book, "react_violation") == {"denial_of_health_service": 1, "extortion": 1, "physical_violence": 1,
                                                            "stigma_discrimination": 2}
    assert counts(found.cases, book, "perpetrator") == {"police": 1, "health_worker": 1, "employer_colleague": 1, "relative": 1}
    assert counts(found.cases, book, "hiv_tb") == {"hiv": 1, "both": 1, "neither": 1, "not_stated": 1}
    assert counts(found.cases, book, "assistance") == {"primary_legal": 2, "referral": 1, "psychosocial": 1, "not_stated": 1}
    assert counts(found.cases, book, "case_status") == {"resolved": 1, "partly_resolved": 1, "ongoing": 2}
    assert counts(found.cases, book, "gender") == {"woman": 2, "trans_woman": 1, "man": 1}


def test_the_day_of_intake_is_not_the_day_of_the_event(book, made):
    cases = tidied(made(REACT), book).cases
    # R-1 happened in 2023 and was told in 2024; nobody knows when R-4 happened.
    assert cases.date.tolist() == ["2023-12-30", "2024-02-29", "2024-03", ""]
    assert cases.year.fillna(0).tolist() == [2023, 2024, 2024, 0]
    assert cases.date_documented.tolist() == ["2024-02-10", "2024-03-01", "2024-03-05", "2024-03-06"]


def test_names_telephones_and_codes_of_clients_are_dropped(book, made):
    cases = deidentify.cases(tidied(made(REACT), book).cases, "react", book)
    assert not {"name", "phone", "client_code", "story", "city"} & set(cases.columns)
    assert not cases.astype(str).stack().str.contains("Person|XX0|000|Springfield|invented").any()


# HURIDOCS' Events formats: two invented events. One killing by two perpetrators; one robbery and a threat to two victims by one.

EVENTS = {
    "Events": [["Event record number", "Event title", "Initial date", "Final date", "Local geographical area"],
               ["E1", "Invented one", "2024-03-04", "2024-03-05", "Almaty"], ["E2", "Invented two", "2024-05-01", "", "Astana"]],
    "Acts": [["Act record number", "Event record number", "Type of act", "Date of the act"],
             ["A1", "E1", "Killing", "2024-03-04"], ["A2", "E2", "Robbery or theft", "2024-05-01"], ["A3", "E2", "Threats", "2024-05-02"]],
    "Victims": [["Victim record number", "Event record number", "Victim", "Victim characteristics"],
                ["V1", "E1", "Person One", "Gay man"], ["V2", "E2", "Person Two", "Trans woman"], ["V3", "E2", "Person Three", "Gay man"]],
    "Perpetrators": [["Perpetrator record number", "Act record number", "Perpetrator", "Type of perpetrator", "Degree of involvement"],
                     ["P1", "A1", "Person Four", "Police", "direct"], ["P2", "A1", "Person Five", "Private person", "direct"],
                     ["P3", "A2", "Person Six", "Acquaintance", "direct"]],
}
EVENTS_RU = {
    "События": [["Номер записи о событии", "Название события", "Начальная дата", "Конечная дата", "Местность"],
                ["E1", "Придумано", "2024-03-04", "2024-03-05", "Алматы"], ["E2", "Придумано", "2024-05-01", "", "Астана"]],
    "Действия": [["Номер записи о действии", "Номер записи о событии", "Вид действия", "Дата действия"],
                 ["A1", "E1", "Убийство", "2024-03-04"], ["A2", "E2", "Ограбление или кража", "2024-05-01"],
                 ["A3", "E2", "Угрозы", "2024-05-02"]],
    "Пострадавшие": [["Номер записи о пострадавшем", "Номер записи о событии", "Пострадавший", "Характеристики пострадавшего"],
                     ["V1", "E1", "Кто-то", "Гей"], ["V2", "E2", "Кто-то", "Трансгендерная женщина"], ["V3", "E2", "Кто-то", "Гей"]],
    "Нарушители": [["Номер записи о нарушителе", "Номер записи о действии", "Нарушитель", "Тип нарушителя", "Степень участия"],
                   ["P1", "A1", "Кто-то", "Полиция", "прямое"], ["P2", "A1", "Кто-то", "Частное лицо", "прямое"],
                   ["P3", "A2", "Кто-то", "Знакомый", "прямое"]],
}


@pytest.mark.parametrize("sheets", [EVENTS, EVENTS_RU], ids=["en", "ru"])
def test_linked_sheets_of_events_acts_victims_and_perpetrators_are_counted_by_event(book, made, sheets):
    found = tidied(made(sheets), book)
    assert read.raw(made(sheets), book).profile == "events" and refusals(found) == []
    cases = found.cases.set_index("case_id")
    # E1: one killing, one victim, two perpetrators. E2: two acts, two victims, one perpetrator.
    assert cases[["victims_n", "perpetrators_n"]].values.tolist() == [[1, 2], [2, 1]]
    assert counts(found.cases, book, "violation") == {"killing": 1, "robbery_theft": 1, "threat": 1}
    assert counts(found.cases, book, "victim_group") == {"gay_man": 2, "trans_woman": 1}
    assert counts(found.cases, book, "perpetrator") == {"police": 1, "private_person": 1, "acquaintance": 1}
    assert counts(found.cases, book, "region") == {"kz_71": 1, "kz_75": 1}
    assert cases.date.tolist() == ["2024-03-04", "2024-05-01"] and cases.date_end.tolist() == ["2024-03-05", ""]
    assert found.ledger.rows.sum() == 2 + 3 + 3 + 3 and found.ledger.rows[found.ledger.what == "counted"].sum() == 2


@pytest.mark.parametrize("sheet, row, place", [
    ("Acts", ["A9", "E9", "Threats", ""], "B5"), ("Victims", ["V9", "E9", "Person Nine", "Gay man"], "B5"),
    ("Perpetrators", ["P9", "A9", "Person Nine", "Police", ""], "B5"), ("Acts", ["A9", "", "Threats", ""], "B5"),
    ("Perpetrators", ["P9", "", "Person Nine", "Police", ""], "B5")])
def test_a_linked_row_that_belongs_to_no_event_is_refused(book, made, sheet, row, place):
    found = tidied(made(EVENTS | {sheet: [*EVENTS[sheet], row]}), book)
    assert [(where, cell) for _, where, cell in refusals(found)] == [(sheet, place)]


def test_an_event_whose_place_is_not_known_is_still_an_event(book, made):
    events = [*EVENTS["Events"][:2], ["E2", "Invented two", "2024-05-01", "", ""]]
    found = tidied(made(EVENTS | {"Events": events}), book)
    assert refusals(found) == [] and len(found.cases) == 2 and counts(found.cases, book, "region") == {"kz_75": 1, "not_stated": 1}


def test_names_and_record_numbers_of_persons_are_dropped(book, made):
    cases = deidentify.cases(tidied(made(EVENTS), book).cases, "events", book)
    assert not {"victim", "perpetrator_name", "victim_id", "perpetrator_id", "act_id", "event_title", "story"} & set(cases.columns)
    assert not cases.astype(str).stack().str.contains("Person|Invented").any()


def test_a_file_of_another_kind_is_refused_under_a_profile_that_it_does_not_fit(book, made):
    with pytest.raises(DataError, match="react"):
        read.raw(made([["Key population", "Type of violation"], ["SW", "Extortion"]]), book)
def test_extra(book, made):
    more = EVENTS | {"Perpetrators": [*EVENTS["Perpetrators"], ["P3", "A3", "Person Six", "Acquaintance", "direct"], ["", "A3", "",
            "Police", ""]],
                     "Victims 2": [EVENTS["Victims"][0], ["V4", "E2", "x", "Gay man"], ["V2", "E2", "x", "Trans woman"]]}
    found = tidied(made(more), book)
    assert refusals(found) == []
    assert found.cases[["victims_n", "perpetrators_n"]].values.tolist() == [[1, 2], [3, 2]]
