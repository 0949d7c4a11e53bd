"""What names or tells of a person does not go further than the raw rows."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN, RAW, ROOT

from analysis import codebook, deidentify, intake, read, tidy
from analysis.formats import files
from analysis.problems import UsageError, phrase, said
from analysis.sheets import identifiers, keys

NAME, STORY = "Zarina Inventedova", "an invented story"
HEADER = ["Name of the person", "Case", "Date", "Violation", "Perpetrator", "What happened", "Setting", "Number of victims"]
CASES = [[NAME, "A-1", "2024-03-04", "Threats", "Police", STORY, "Home", 1],
         [NAME.upper(), "A-2", "2024", "Killing", "Media", STORY, None, 2]]


@pytest.fixture
def cases(private_book, made):
    return tidy.checked(read.raw(made([HEADER, *CASES]), private_book, "interviews"), private_book).cases


def test_names_and_stories_are_dropped_and_all_that_is_counted_stays(cases, private_book):
    assert NAME in cases.name.tolist()  # it is there before
    safe = deidentify.cases(cases, "interviews", private_book)
    assert set(cases) - set(safe) == {"name", "story"} and len(safe) == 2
    for column in safe:
        assert safe[column].equals(cases[column])


def test_no_name_or_story_is_in_the_file_that_is_kept(cases, private_book, tmp_path):
    file = tmp_path / "cases.parquet"
    for table, there in ((cases, True), (deidentify.cases(cases, "interviews", private_book), False)):
        tidy.save(table, file, private_book)
        content = file.read_bytes()
        assert [NAME.encode() in content, NAME.upper().encode() in content, STORY.encode() in content] == [there] * 3


@pytest.mark.parametrize(("file", "dropped"), [(ECOM, ["amount", "chapter"]), (ODIHR, ["reporter"])], ids=["ecom", "odihr"])
def test_the_text_of_the_public_sources_is_dropped_too(request, book, file, dropped):
    cases = request.getfixturevalue(file.parent.name).cases
    profile = codebook.source_record(file)["profile"]
    assert [column for column in cases if column not in deidentify.cases(cases, profile, book)] == dropped


def test_the_cases_given_are_left_as_they_were(cases, private_book):
    before = cases.copy()
    deidentify.cases(cases, "interviews", private_book)
    assert cases.equals(before)


# What identifiers look like


@pytest.mark.parametrize(("kind", "text"), [
    ("telephone number", "+7 700 000 00 07"), ("telephone number", "8 (700) 000-00-07"), ("telephone number", "87000000007"),
    ("telephone number", "700 000 00 07"), ("telephone number", "+998 90 000 00 07"), ("telephone number", "90 000 00 07"),
    ("telephone number", "тел. 00-00-07"), ("telephone number", "＋７ ７００ ０００ ００ ０７"),
    ("telephone number", "+7\u00a0700\u2011000\u20110007"),
    ("e-mail address", "invented.person.7@example.org"), ("e-mail address", "invented (собака) example.org"),
    ("link", "https://example.org/invented/7"), ("link", "www.example.org"), ("link", "t.me/invented_7"), ("link", "example.kz/invented"),
    ("account", "@invented_7"), ("account", "телеграм: invented7"), ("account", "Instagram - invented.7"),
    ("identity number", "990101000007"), ("identity number", "990101-000 007"), ("identity number", "30101990000007"),
    ("identity number", "ИИН: 000 000 7"), ("identity number", "000-000-000 07"),
    ("document", "паспорт N 00000007"), ("document", "N00000007"), ("document", "удостоверение личности № 000000007"),
    ("bank card", "4000 0000 0000 0007"), ("bank card", "4000000000000007"), ("bank account", "KZ00 000A 0000 0000 0007"),
    ("coordinates", "43.23890, 76.88970"), ("coordinates", "43°14′20″"),
    ("address", "ул. Вымышленная, д. 7, кв. 7"), ("address", "улица Вымышленная, 7"), ("address", "пр. Вымысла 7"),
    ("address", "мкр. Выдумка-2, дом 5"),
    ("address", "Вымысел көшесі, 7"), ("address", "7 Invented Street"), ("address", "Invented street 7"), ("address", "flat 7"),
    ("name", "Вымышлов Вымысел Вымыслович"), ("name", "Вымысловой Выдумы Вымысловны"), ("name", "Ойдан Ойданұлы"),
    ("name", "Вымышлов В. В."),
    ("name", "В. В. Вымышлов"), ("name", "Invented Inventovich")])
def test_identifiers_are_known_by_their_look_alone_and_inside_a_sentence(book, kind, text):
    for one in (text, f"Позвонить: {text}; сегодня", f"see {text}, then"):
        assert kind in identifiers.kinds(one, book), one
    for beside in ("и", "1", "7", "-", ".", "+", "@", "x,", "№"):  # what stands in other cells hides none
        assert text in identifiers.suspects([beside, text, beside], book), beside


SEARCHED = """
import sys
from pathlib import Path
from analysis.sheets import identifiers
for _, pattern in identifiers.patterns(Path(sys.argv[1])):
    for piece in ("a", "a.b-", "А-", "Aa-", "Aa ", "Аа ", "1", "1 ", "a.com.", "тел", "12.345 ", "@a"):
        pattern.search(piece * (32_767 // len(piece)))
"""


def test_no_cell_can_keep_those_who_look_for_identifiers_busy(book):
    # The longest cell that there is, of one piece over and over: a pattern that begins anew at each sign would need minutes.
    subprocess.run([sys.executable, "-c", SEARCHED, str(book.folder)], check=True, timeout=60)


def test_a_story_in_a_personal_column_is_looked_for_in_no_other_cell(private_book, made):
    # Names are; thousands of stories would make a pattern of hundreds of megabytes.
    story = [["Invented " * 20, "A-3", "2024", "Threats", "Police", STORY, None, 1]]
    own = identifiers.named_in(read.raw(made([HEADER, *CASES, *story]), private_book, "interviews"), private_book)
    assert own.search(f"by {NAME.casefold()}") and not own.search("invented " * 20)


@pytest.mark.parametrize("text", [
    "2024-03-14", "14.03.2024", "8.05.2024", "14.03.2024 15:30", "2024-03-14 00:00:00", "04/03/2024-05/03/2024", "14 марта 2024 г.",
    "45365",
    "31", "1 000", "25 лет", "18,112", "3.14", "105 of 134", "12 345 678", "80000 KZT", "2016-2022", "9 из 31 (29 %)",
    "KZ-2024-001", "INV-2024-007", "№ 15", "24-001", "2024/15", "A-1", "Случай 12", "case 120", "row 12", "Article 145", "ст. 131 УК РК",
    "Almaty", "Алматы", "Усть-Каменогорск", "Костанай, центр", "область Абай", "на улице в 2024 году", "дома", "two men on the street",
    "fake_date", "Подставное свидание; Шантаж", "Секс-работник/ца", "и др. 3 человека", "В городе Н. задержаны 3 человека", "и пр. 5 раз"])
def test_dates_counts_codes_places_and_case_numbers_are_none(book, text):
    assert identifiers.kinds(text, book) == []


@pytest.mark.parametrize(("file", "kinds"), [
    (ECOM, set()), (ODIHR_KAZAKHSTAN, set()), (ODIHR, set()), (RAW / "kazakhstan" / "regions.csv", set()),
    (RAW / "ecom" / "kazakhstan_2024_claims.csv", set()), (RAW / "odihr" / "official_figures.csv", {"link"}),  # source_url, by its heading
    (RAW / "ecom" / "published_figures.csv", {"link"})], ids=lambda value: getattr(value, "stem", ""))
def test_in_the_public_sheets_nothing_is_found_but_the_links_that_their_headings_announce(book, file, kinds):
    for sheet in files.opened(file).sheets.values():
        cells = {str(cell) for row in sheet.rows for cell in row if isinstance(cell, str)}
        assert cells and {kind for cell in cells for kind in identifiers.kinds(cell, book)} == kinds or not kinds


def test_nothing_that_the_codebook_says_of_itself_is_taken_for_an_identifier(book):
    texts = {text for ways in book.spellings.values() for text in ways} | {*book.headers, *book.codes.code, *book.kinds}
    texts |= {*book.codes.label_en, *book.codes.label_ru, *book.codes.label_kk}
    assert [text for text in texts if identifiers.kinds(text, book)] == []


def test_every_kind_can_be_said_in_russian_and_a_pattern_that_is_none_is_named(book, tmp_path):
    kinds = {kind for kind, _ in identifiers.patterns(book.folder)} | {identifiers.OWN}
    assert [kind for kind in kinds if phrase("identifier", kind, "ru") == kind] == []
    (tmp_path / "identifiers.csv").write_text("kind,pattern,why\nlink,a(b,broken\nname,[z,broken too\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"'a\(b'.*'\[z'"):
        identifiers.patterns(tmp_path)


# Cells that hold one


PHONE, MAIL = "+7 700 000 00 07", "invented.person.7@example.org"


@pytest.fixture
def messy(private_book, made):
    """An invented sheet with identifiers where codes should be: one row of each kind of column, and one row that is right."""
    header = ["Case", "Date", "Violation", "Violation 2", "Perpetrator", "Setting", "Number of victims", "Name of the person",
              "What happened"]
    rows = [["A-1", "2024", "Threats", f"Threats, {PHONE}", "Police", "Home", 1, NAME, STORY],
            ["A-2", "2024", "Threats", None, "Police", "ул. Вымышленная, д. 7", 7000000007, "Invented Person 8",
             f"call {PHONE} or {MAIL}"],
            [MAIL, "2024", "Threats", None, f"{NAME} did it", "Home", 1, "Police", f"call {PHONE}"],
            ["A-4", f"on 3 May, {PHONE}", "Threats", None, "Police", "Home", 2, "Home", None]]
    return read.raw(made([header, *rows]), private_book, "interviews")


def test_a_cell_with_an_identifier_is_told_by_its_shape_and_its_value_goes_no_further(messy, private_book):
    found = tidy.cases(messy, private_book)
    told = {(one.cell, dict(one.words)["identifier"]) for one in found.problems if one.rule == "identifier_in_cell"}
    # D2 a further column of a variable, F3 the place, E4 the name of row 2, A4 a code of a case. "Police" and "Home" are names of rows
    # 4 and 5 and codes as well: a cell of nothing but codes is one. 7000000007 in G3 is a number that no case can have.
    assert told == {("D2", "telephone number"), ("F3", "address"), ("E4", "repeats a personal column"), ("A4", "e-mail address")}
    assert {one.cell for one in found.problems if one.severity == "refuse"} == {"D2", "F3", "G3", "E4", "A4", "B5"}
    texts = [str(one) + said(one, "ru") + repr(one.words) for one in found.problems]
    assert not [text for text in texts for planted in (PHONE, MAIL, NAME, "Вымышленная", "700") if planted in text]
    assert [text for text in texts if "D2" in text and "text of 25 characters, letters and digits" in text]  # 7 + 2 + 16 signs
    assert book_of(found, private_book, "setting", 1) == ["not_stated"]


def book_of(found, book, variable, row):
    return [code for at, code in enumerate(book.of(variable)) if int(found.cases[variable].iloc[row]) >> at & 1]


def test_what_is_dropped_is_listed_by_column_with_how_it_was_known_and_how_many_cells(messy, private_book):
    found = deidentify.dropped(messy, tidy.cases(messy, private_book).identifiers, private_book)
    assert [*found.itertuples(index=False, name=None)] == [
        ("name", "personal", "profile", 4), ("story", "text", "profile", 3), ("case_id", "e-mail address", "content", 1),
        ("date", "telephone number", "content", 1),
        ("perpetrator", "repeats a personal column", "content", 1), ("setting", "address", "content", 1),
        ("story", "e-mail address", "content", 1), ("story", "telephone number", "content", 2),
        ("violation", "telephone number", "content", 1)]


def test_check_shows_no_identifier_in_text_or_json_in_either_language(private_book, made):
    file = made([["Case", "Date", "Violation", "Perpetrator", "Name of the person", "What happened"],
                 ["A-1", "2024", f"Threats to {NAME}", MAIL, NAME, STORY],
                 ["A-2", "2024", "8(700)0000007", "Police", "Invented Person 8", STORY]])
    one = intake.checked(file, private_book, "interviews")
    told = "".join(intake.as_text(one, lang) + repr(intake.as_json(one, lang)) for lang in ("en", "ru"))
    assert "C2" in told and "адрес электронной почты" in told
    assert not [planted for planted in (NAME, MAIL, "0000007", STORY, "Person 8") if planted in told]


def test_the_problems_of_a_confidential_source_do_not_say_what_a_cell_holds(private_book, made):
    found = tidy.cases(read.raw(made([HEADER, [NAME, "A-1", "2024", "Beaten by neighbours", "Police", STORY, "Home", 1]]), private_book,
                                "interviews"), private_book).problems
    safe = deidentify.without_values(found)
    assert ["Beaten" in str(one) for one in found] == [True] and [one[:6] for one in safe] == [one[:6] for one in found]
    assert "Beaten" not in repr(safe) and '"text of 20 characters, letters"' in str(safe[0])  # Beaten by neighbours: 6 + 1 + 2 + 1 + 10


# Coarsening


def test_dates_become_quarters_or_years():
    dates = pd.Series(["2024-01-31", "2024-03", "2024-04-01", "2024-12-31", "2023-09", "2024", ""], dtype="str")
    precision = pd.Series(["day", "month", "day", "day", "month", "year", "none"], dtype="str")
    quarters = deidentify.coarse_dates(dates, precision, "quarter")
    assert quarters[0].tolist() == ["2024-Q1", "2024-Q1", "2024-Q2", "2024-Q4", "2023-Q3", "2024", ""]
    assert quarters[1].tolist() == ["quarter"] * 5 + ["year", "none"]
    years = deidentify.coarse_dates(dates, precision, "year")
    assert years[0].tolist() == ["2024"] * 4 + ["2023", "2024", ""] and years[1].tolist() == ["year"] * 6 + ["none"]


def places(book, codes):
    order = book.of("region")
    return pd.DataFrame({"region": np.array([1 << order.index(code) for code in codes], np.uint64)})


def test_ages_become_bands_and_a_missing_one_is_not_stated(book):
    ages = [0, 17, 18, 24, 25, 39, 40, 54, 55, 99, None]
    made = deidentify.coarsened(pd.DataFrame({"age": pd.array(ages, "Int64"), "victims_n": pd.array(range(11), "Int64")}), book, {})
    codes = [book.of("age_band")[int(mask).bit_length() - 1] for mask in made.age_band]
    assert codes == ["under_18"] * 2 + ["from_18"] * 2 + ["from_25"] * 2 + ["from_40"] * 2 + ["from_55"] * 2 + ["not_stated"]
    assert "age" not in made and made.victims_n.tolist() == [*range(11)] and set(map(int.bit_count, map(int, made.age_band))) == {1}


def test_places_with_fewer_than_20_cases_are_elsewhere(book):
    cases = places(book, ["kz_75"] * 20 + ["kz_71"] * 19 + ["kz_62"] + ["unknown"] * 3)
    small = deidentify.small_places(cases, book, 20)
    assert small == {"region": ["kz_71", "kz_62"]}
    made = deidentify.coarsened(cases, book, small)
    assert made.equals(places(book, ["kz_75"] * 20 + ["elsewhere"] * 20 + ["unknown"] * 3))
    assert deidentify.small_places(cases, book, 1) == {"region": []}


def test_rules_that_cannot_be_followed_are_all_named(book, tmp_path):
    folder = shutil.copytree(book.folder, tmp_path / "codebook")
    (folder / "coarsening.yml").write_text("dates: month\nnumbers: {age: {age_band: {under_18: 1, old: 0}}}\nplaces: {region: nowhere}\n")
    with pytest.raises(UsageError) as error:
        deidentify.rules(codebook.load(folder))
    for wrong in ("quarter or year", "'old'", "begin with 0 and rise", "'nowhere'"):
        assert wrong in str(error.value)


# Random codes


def test_codes_are_random_the_same_again_and_their_key_is_for_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    file = tmp_path / "data" / "raw" / "office" / "cases.xlsx"
    file.parent.mkdir(parents=True)
    cases = pd.DataFrame({"case_id": ["A-1", "A-2"], "sheet": "Cases", "row": [2, 3], "year": [2024, 2023]})
    first = keys.renewed(cases, file)
    beside = keys.key_file(file)
    assert set(first.code) == {"A-1", "A-2"} and first.case_id.is_unique and first.case_id.str.fullmatch("[B-Z]{7}").all()
    assert os.stat(beside).st_mode & 0o777 == 0o600 and keys.key(file).equals(first)
    before = beside.stat().st_mtime_ns
    assert keys.renewed(cases, file).equals(first) and beside.stat().st_mtime_ns == before
    # A-1 has left the file, A-2 stands in another row, A-3 is new: codes once given stay.
    later = keys.renewed(pd.DataFrame({"case_id": ["A-3", "A-2"], "sheet": "Cases", "row": [2, 9]}), file)
    code, row = (dict(zip(later.code, later[column])) for column in ("case_id", "row"))
    assert {one: code[one] for one in ("A-1", "A-2")} == dict(zip(first.code, first.case_id)) and len(set(code.values())) == 3
    assert row == {"A-1": 2, "A-2": 9, "A-3": 2}
    made = keys.renamed(cases, later)
    assert list(made) == ["case_id", "year"] and made.case_id.tolist() == sorted(made.case_id) == sorted(first.case_id)
    assert keys.cells(made, [file]).set_index("case_id").row.to_dict() == {code["A-1"]: 2, code["A-2"]: 9}
    assert [*beside.parent.iterdir()] == [beside]


def test_two_projects_give_a_case_two_codes(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    cases = pd.DataFrame({"case_id": [f"A-{n}" for n in range(50)], "sheet": "Cases", "row": range(50)})
    one, other = (keys.renewed(cases, tmp_path / name) for name in ("one.csv", "other.csv"))
    assert not set(one.case_id) & set(other.case_id)


@pytest.mark.parametrize("name", ["office/cases.xlsx.key.csv", "ecom/kazakhstan_2024_cases.xlsx.key.csv"])
def test_git_ignores_every_key(tmp_path, name):
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert subprocess.run(["git", "-C", tmp_path, "check-ignore", "-q", f"data/raw/{name}"]).returncode == 0
