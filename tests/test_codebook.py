"""The codebook: complete in three languages, agreeing with itself and with the sources, and refused when it is not."""

import csv
import gzip
import hashlib
import shutil
import unicodedata

import openpyxl
import pytest
import yaml
from conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN, RAW, ROOT
from hypothesis import given
from hypothesis import strategies as st

from analysis import codebook
from analysis.codebook import fold
from analysis.problems import UsageError

FOLDER = ROOT / "data" / "codebook"
LANGUAGES = ("en", "ru", "kk")


def rows(file):
    with open(file, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


CODES, GROUPS, VARIABLES, SPELLINGS, UNKNOWNS, HEADERS = (
    rows(FOLDER / f"{name}.csv") for name in ("codes", "groups", "variables", "spellings", "unknowns", "headers"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_group_variable_and_unknown_kind_has_a_label_in_every_language(lang):
    for row in CODES + GROUPS + UNKNOWNS:
        assert row[f"label_{lang}"].strip(), row
    for row in VARIABLES:
        assert row[f"label_{lang}"].strip() and row[f"title_{lang}"].strip(), row


@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels_of_a_variable_are_unique_in_each_language(lang):
    seen = [(row["variable"], row[f"label_{lang}"].casefold()) for row in CODES]
    assert len(set(seen)) == len(seen), sorted(one for one in seen if seen.count(one) > 1)


def test_codes_are_unique_and_of_variables_and_groups_that_exist():
    keys = [(row["variable"], row["code"]) for row in CODES]
    assert len(set(keys)) == len(keys)
    assert {variable for variable, _ in keys} == {row["variable"] for row in VARIABLES}
    grouped = {(row["variable"], row["group"]) for row in GROUPS}
    assert {(row["variable"], row["group"]) for row in CODES if row["group"]} == grouped  # none missing, none without codes


def test_the_bits_stand_in_the_order_of_the_file_with_the_four_unknown_kinds_last(book):
    for variable in book.variables.index:
        listed = [row["code"] for row in CODES if row["variable"] == variable and not row["unknown"]]
        codes, unknown = book.of(variable), book.unknown(variable)
        assert codes[: len(listed)] == listed
        assert sorted(unknown.values()) == ["not_asked", "not_stated", "refused", "unknown"]
        assert set(codes[len(listed):]) == set(unknown) and len(codes) == len(listed) + 4


def test_kazakh_labels_are_marked_as_unreviewed_and_the_others_are_not():
    assert codebook.UNREVIEWED.keys() == {"kk"}
    assert "not yet reviewed" in codebook.UNREVIEWED["kk"]


def written_as(variable):
    """What may stand in a cell for a code of a variable: codes, labels and spellings of the CSV files, in small letters."""
    mine = [row for row in [*CODES, *({"variable": variable} | u for u in UNKNOWNS)] if row["variable"] == variable]
    labels = {row[name].casefold() for row in mine for name in ("code", "label_en", "label_ru", "label_kk")}
    return labels | {row["spelling"].casefold() for row in SPELLINGS if row["variable"] == variable}


# Coded columns counted in the sheets: 8 of 14 in one, 11 of 15 in the other.
@pytest.mark.parametrize(("file", "header", "coded"), [(ECOM, 3, 8), (ODIHR_KAZAKHSTAN, 1, 11)], ids=["ecom", "odihr"])
def test_the_codebook_holds_every_value_of_the_workbooks(book, file, header, coded):
    sheet = openpyxl.load_workbook(file).worksheets[0]
    columns = {row["spelling"]: row["column"] for row in HEADERS}
    table = {columns[head]: cells for head, *cells in zip(*sheet.iter_rows(min_row=header, values_only=True))}
    assert len(table.keys() & set(book.variables.index)) == coded
    for variable in table.keys() & set(book.variables.index):
        for cell in filter(None, set(table[variable])):
            left = cell.casefold()
            for known in sorted(written_as(variable), key=len, reverse=True):
                left = left.replace(known, "")
            assert not left.strip(";, "), (variable, cell)


def test_the_codebook_holds_every_country_bias_and_type_of_the_odihr_export(book):
    with gzip.open(ODIHR, "rt", encoding="utf-8") as lines:
        incidents = list(csv.DictReader(lines))
    assert {i["Country"].casefold() for i in incidents} <= written_as("country")
    assert {bias.casefold() for i in incidents for bias in i["Bias motivations"].split(", ")} <= written_as("bias_motivation")
    assert {kind.casefold() for i in incidents for kind in i["Type of incident"].split(", ")} <= written_as("incident_type")
    assert len({i["Country"] for i in incidents}) == len(book.of("country")) - 4 == 52


def test_the_20_regions_are_those_of_the_list_of_regions(book):
    regions = rows(RAW / "kazakhstan" / "regions.csv")
    mine = {row["code"]: row for row in CODES if row["variable"] == "region" and row["code"] != "elsewhere"}
    assert len(regions) == len(mine) == 20
    for region in regions:
        code = region["iso_3166_2"].lower().replace("-", "_")
        assert [mine[code][f"label_{lang}"] for lang in LANGUAGES] == [region[f"name_{lang}"] for lang in LANGUAGES]
        for spelling in filter(None, region["other_spellings"].split("; ")):
            assert book.code("region", spelling) == code, spelling
        # Almaty is a city of its own and was the centre of Almaty Region: a centre may have a region of its own name.
        assert book.code("region", region["centre_ru"]) in {code, *(c for c in mine if region["centre_ru"] in mine[c]["label_ru"])}


def test_every_column_of_the_public_profiles_has_a_header_in_every_language(book):
    spelled = {(row["column"], row["language"]) for row in HEADERS}
    for profile in ("ecom_cases", "odihr_coded", "odihr_export"):
        assert {(column, lang) for column in book.profiles[profile]["columns"] for lang in LANGUAGES} <= spelled


def test_every_source_record_is_complete_and_holds_the_fingerprint_of_its_file():
    records = sorted(RAW.glob("*/*.source.yml"))
    assert len(records) >= 9
    for record in records:
        source = yaml.safe_load(record.read_text(encoding="utf-8"))
        assert all(source.get(line) for line in codebook.RECORD), record.name
        assert source["level"] in codebook.LEVELS
        assert source["sha256"] == hashlib.sha256(record.with_name(record.name.removesuffix(".source.yml")).read_bytes()).hexdigest()


def test_codes_are_found_by_code_and_by_label_in_every_language_and_by_other_spellings(book):
    for row in CODES:
        for text in (row["code"], *(row[f"label_{lang}"] for lang in LANGUAGES)):
            assert book.code(row["variable"], f"  {text.upper()}\u00a0") == row["code"]
    assert book.code("country", "Turkey") == "tr" and book.code("region", "Алма-Ата") == "kz_75"
    assert book.code("violation", "fake dates") is None


def test_what_readers_see(book):
    assert book.label("violation", "fake_date", "ru") == "Подставное свидание"
    assert book.label("violation", "not_stated") == "Not stated" and book.label("perpetrator", "unknown") == "Unknown or not stated"
    assert book.label("year", "2024") == "2024"
    assert book.name("violation", "kk") == "Бұзушылық" and book.name("year") == "year"
    assert book.name("violation", what="title") == "Types of violation" and book.name("violation", "ru", "plural") == "violations"


def test_a_variable_that_does_not_exist_offers_the_right_name(book):
    with pytest.raises(UsageError, match="no variable 'violatoin'.*Did you mean violation"):
        book.of("violatoin")


def test_text_is_compared_without_case_form_or_spaces_that_nobody_sees():
    assert fold("  Подставное\u00a0\n свидание ") == fold("ПОДСТАВНОЕ СВИДАНИЕ") == "подставное свидание"
    assert fold("Партнёр") == fold("партнер") == fold("Партне\u0308р")  # ё as one letter, as е, and as е with dots
    assert fold("Чай\u200b\ufeff") == fold("Чаи\u0306") == "чай"
    assert fold("и\u200d\u0306") == "й"  # an invisible joiner between a letter and its breve
    assert fold("Police") != fold("Рolice")  # a Cyrillic Р is another letter, and is reported as an unknown code


@given(st.text(st.one_of(st.characters(), st.sampled_from("её Ё\u0308\u0306\u200b\u200d\ufeff\u00a0\u00adИй")), max_size=12))
def test_what_was_folded_stays_as_it_is_and_does_not_depend_on_case_or_form(text):
    once = fold(text)
    assert fold(once) == once
    assert fold(unicodedata.normalize("NFD", text)) == once
    assert fold(f"\t{text} \u200b") == once


@pytest.fixture
def changed(tmp_path):
    """Load a copy of the codebook in which one file has a line more, or a text replaced."""
    def load(file, line="", was="", becomes=""):
        folder = shutil.copytree(FOLDER, tmp_path / "codebook")
        path = folder / file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert was in text
        path.write_text(text.replace(was, becomes, 1) + line, encoding="utf-8")
        return codebook.load(folder)
    return load


NEW_CODE = "violation,{code},{group},{unknown},Invented,Придуманное,Ойдан\n"
NEW_VARIABLE = "inv,no,acts,inv,I,И,И,I,И,И,"
GOOD_PROFILE = "title: t\nunit: cases\nneeds: [year]\nidentical_rows: count\ncolumns:\n  year: {kind: year}\n"


def test_a_new_code_is_a_line_and_no_code(changed):
    book = changed("codes.csv", NEW_CODE.format(code="invented", group="", unknown=""))
    assert book.code("violation", "придуманное") == "invented"
    # The line stands below "not_stated" in the file; its bit stands before those of the unknown kinds.
    assert book.of("violation")[-6:] == ["refusal_of_protection", "invented", "not_stated", "unknown", "refused", "not_asked"]


def test_a_new_profile_is_a_file_and_no_code(changed):
    assert changed("profiles/invented.yml", GOOD_PROFILE).profiles["invented"]["needs"] == ["year"]


@pytest.mark.parametrize(("file", "line", "said"), [
    ("spellings.csv", "violation,Threats,harassment,\n", "'threats' is"),
    ("headers.csv", "violation,Year,en\n", "'year' is"),
    ("spellings.csv", "violation,Menace,no_such_code,\n", "'Menace' stands for 'no_such_code', which is no code of violation"),
    ("spellings.csv", "vilation,Menace,threat,\n", "spellings.csv names the variable 'vilation'"),
    ("codes.csv", "vilation,invented,,,a,b,c\n", "codes.csv names the variable 'vilation'"),
    ("groups.csv", "vilation,invented,a,b,c\n", "groups.csv names the variable 'vilation'"),
    ("codes.csv", NEW_CODE.format(code="threat", group="", unknown=""), "'threat' of violation stands twice"),
    ("codes.csv", NEW_CODE.format(code="two.parts", group="", unknown=""), "'two.parts' of violation must be written with a to z"),
    ("codes.csv", NEW_CODE.format(code="invented", group="nowhere", unknown=""), "'invented' of violation has a group"),
    ("codes.csv", NEW_CODE.format(code="invented", group="", unknown="unknwon"), "'invented' of violation is of an unknown kind"),
    ("codes.csv", "violation,invented,,,Invented, ,\n", "'invented' of violation lacks a label"),
    ("profiles/invented.yml", GOOD_PROFILE.replace("kind: year", "kind: yaer"), "column year: kind must be one of"),
    ("profiles/invented.yml", GOOD_PROFILE.replace("{kind: year}", ""), "column year: kind must be one of"),
    ("profiles/invented.yml", GOOD_PROFILE + "  vilation: {kind: coded}\n", "vilation is not a variable"),
    ("profiles/invented.yml", GOOD_PROFILE.replace("needs: [year]", "needs: [date]"), "needs date, which is not among its columns"),
    ("variables.csv", NEW_VARIABLE + "reported=maybe\n", "'inv' applies where reported is 'maybe', which is no code of reported"),
    ("variables.csv", NEW_VARIABLE + "reporte=yes\n", "'inv' applies where reporte is 'yes'"),
    ("variables.csv", NEW_VARIABLE + "inv=not_stated\n", "'inv' cannot apply by itself"),
    ("groups.csv", "victim_group,other,Other,Другое,Басқа\n", "'other' of victim_group is also the name of a code without a group"),
    ("profiles/invented.yml", GOOD_PROFILE.replace("identical_rows: count\n", ""), "Profile invented lacks identical_rows"),
    ("profiles/invented.yml", GOOD_PROFILE + " year: [\n", "invented.yml cannot be read near line 7"),
])
def test_a_codebook_that_contradicts_itself_is_refused_in_words(changed, file, line, said):
    with pytest.raises(UsageError) as refused:
        changed(file, line)
    assert said in str(refused.value)


def test_whom_a_question_applies_to_is_a_filter(book):
    assert book.applies("registered") == book.applies("registered:group") == {"reported": ["yes"]} and book.applies("violation") == {}
    assert codebook.rule("reported=yes, no; country=kz,kg;") == {"reported": ["yes", "no"], "country": ["kz", "kg"]}


def test_groups_are_a_variable_whose_codes_without_a_group_stand_for_themselves(book):
    groups = ["sogi", "role", "health", "age", "gender", "belief", "ethnicity"]
    assert book.of("victim_group:group") == [*groups, "other", "unknown", "not_stated", "refused", "not_asked"]
    assert book.group_of("victim_group")["trans_woman"] == "sogi" and book.group_of("victim_group")["other"] == "other"
    assert list(book.unknown("victim_group:group")) == ["unknown", "not_stated", "refused", "not_asked"]
    assert book.code("violation:group", "Вторжение в частную жизнь") == "privacy" and book.label("violation:group", "privacy", "ru") == (
        "Вторжение в частную жизнь")
    assert (book.name("violation:group"), book.name("violation:group", what="plural")) == ("Violation", "violations_groups")
    assert codebook.note({"coded": ["violation"], "coded_note": "by a machine"}, ["violation:group"]) == "by a machine"


def test_a_file_without_a_source_record_has_an_empty_one(tmp_path):
    assert codebook.source_record(tmp_path / "cases.xlsx") == {}


def test_a_source_record_that_cannot_be_read_names_its_line(tmp_path):
    (tmp_path / "cases.xlsx.source.yml").write_text("title: Invented\npublisher: 'nobody\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"cases.xlsx.source.yml cannot be read near line \d"):
        codebook.source_record(tmp_path / "cases.xlsx")


def test_a_source_record_with_one_text_where_lines_belong_says_so(tmp_path):
    record = tmp_path / "cases.xlsx.source.yml"
    record.write_text("title: Invented\nanswers: struck_out counted\nquestions: none\n", encoding="utf-8")
    with pytest.raises(UsageError, match="cases.xlsx.source.yml: under answers and questions belong lines"):
        codebook.source_record(tmp_path / "cases.xlsx")
    record.write_text("answers:\n  struck_out: counted\nrepeats:\n", encoding="utf-8")
    assert codebook.source_record(tmp_path / "cases.xlsx") == {"answers": {"struck_out": "counted"}, "repeats": None}


def test_what_must_be_printed_depends_on_what_is_shown():
    record = {"note": "from a report", "coded": ["violation"], "coded_note": "coded by a machine"}
    assert codebook.note(record, ["date", "violation"]) == "from a report; coded by a machine"
    assert codebook.note(record, ["date"]) == "from a report" and codebook.note({}, ["violation"]) == ""


@pytest.mark.parametrize("text, offered", [
    ("Fake dat", "Fake date"), ("fakedate", "Fake date"), ("Шантаж", "Шантаж и вымогательство"), ("шантаж, угрозы", "Угрозы"),
    ("Extortion", "Blackmail or extortion"), ("Насилие", "Физическое насилие")])
def test_the_nearest_labels_are_offered_in_the_letters_of_the_text(book, text, offered):
    assert offered in book.nearest("violation", text).split(", ")


def test_a_code_of_an_unknown_kind_is_also_written_as_the_kind(book):
    ways = ["Неизвестно", "unknown", "Unknown or not stated", "Белгісіз"]
    assert {book.code("perpetrator", way) for way in ways} == {"unknown"} and book.code("perpetrator", "Отказ от ответа") == "refused"


@pytest.mark.parametrize("saved", [b"variable;code\nviolation;killing\n",
                                   "variable,code,label\nviolation,killing,Убийство\n".encode("cp1251")])
def test_a_table_that_a_spreadsheet_program_saved_in_another_form_is_named(tmp_path, saved):
    (tmp_path / "codes.csv").write_bytes(saved)
    with pytest.raises(codebook.UsageError, match="codes.csv cannot be read"):
        codebook.listed(tmp_path / "codes.csv")
