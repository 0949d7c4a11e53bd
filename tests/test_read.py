"""Every value as it stands in the file, with its sheet and cell; and hostile or damaged files refused, not suffered."""

import csv
import gzip
import io
import lzma
import shutil
import zipfile

import openpyxl
import pandas as pd
import pytest
from conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN

from analysis import read
from analysis.formats import files
from analysis.problems import DataError, place

HEADER = ["Case", "Year", "Violation", "Perpetrator", "Victim group"]
CASE = ["A-1", 2024, "Threats", "Police", "Gay man"]


def shown(value):
    """A cell of openpyxl as the text a person sees."""
    return "" if value is None else str(value)


def seen(value):
    """A cell of ours as the text a person sees; a spreadsheet has no whole numbers, only 2024.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@pytest.mark.parametrize("file", [ECOM, ODIHR_KAZAKHSTAN], ids=lambda file: file.parent.name)
def test_sheets_hold_what_openpyxl_reads(file):
    found = files.opened(file).sheets
    workbook = openpyxl.load_workbook(file)
    assert list(found) == workbook.sheetnames
    for sheet in workbook:
        theirs = {number: [shown(value) for value in row] for number, row in enumerate(sheet.iter_rows(values_only=True), 1)}
        ours = found[sheet.title]
        assert ours.numbers == [number for number, row in theirs.items() if any(row)]
        for number, row in zip(ours.numbers, ours.rows):
            assert [seen(value) for value in row] + [""] * (len(theirs[number]) - len(row)) == theirs[number] and row[-1] != ""


@pytest.mark.parametrize(("file", "profile", "rows"), [(ECOM, "ecom_cases", 31), (ODIHR_KAZAKHSTAN, "odihr_coded", 89)])
def test_every_raw_value_stands_in_the_cell_that_is_named(book, file, profile, rows):
    raw = read.raw(file, book)
    workbook = openpyxl.load_workbook(file)
    assert (raw.profile, len(raw.table), raw.problems) == (profile, rows, [])
    for column in book.profiles[profile]["columns"]:
        for index in raw.table.index:
            sheet, cell = raw.cell(index, column)
            assert seen(raw.table.at[index, column]) == shown(workbook[sheet][cell].value), (column, cell)


def test_the_packed_export_holds_what_pandas_reads(book):
    raw = read.raw(ODIHR, book)
    theirs = pd.read_csv(ODIHR, dtype=str, keep_default_na=False)
    assert raw.profile == "odihr_export" and len(raw.table) == len(theirs) == 18112
    ours = raw.table[["date", "country", "bias_motivation", "incident_type", "reporter"]]
    assert ours.to_numpy().tolist() == theirs.to_numpy().tolist()
    assert raw.table.row.tolist() == list(range(2, 18114)) and raw.cell(0, "country") == ("", "B2")


def test_what_is_not_read_is_counted_and_says_why(book):
    # The sheet has a title and a blank row above its header, and the second sheet four lines about the file.
    assert read.raw(ECOM, book).unread == [("Случаи", 1, "above the header"), ("О файле", 4, "no header of this profile")]


def test_headers_are_found_below_titles_and_beside_empty_columns_and_rows_keep_their_numbers(book, made):
    rows = [["Invented cases"], [], ["made up for a test", None, "Violation"], [None, None, *HEADER], [], [None, None, *CASE], [],
            [None, None, "A-2", *CASE[1:]]]
    raw = read.raw(made(rows), book)
    assert raw.table.row.tolist() == [6, 8] and raw.table.case_id.tolist() == ["A-1", "A-2"]
    assert raw.cell(1, "case_id") == ("Cases", "C8") and raw.cell(1, "victim_group") == ("Cases", "G8")
    assert raw.unread == [("Cases", 2, "above the header")]


def test_columns_after_z_have_two_letters(book, made):
    raw = read.raw(made([[*[None] * 25, *HEADER], [*[None] * 25, *CASE]]), book)
    assert [raw.cell(0, column)[1] for column in ("case_id", "year", "victim_group")] == ["Z2", "AA2", "AD2"]


def test_every_sheet_with_the_header_is_read_and_the_others_are_told(book, made):
    raw = read.raw(made({"2023": [HEADER, CASE], "Notes": [["nothing"]], "2024": [[], HEADER, ["A-2", *CASE[1:]]], "Empty": []}), book)
    assert raw.table[["sheet", "row", "case_id"]].to_numpy().tolist() == [["2023", 2, "A-1"], ["2024", 3, "A-2"]]
    assert raw.unread == [("Notes", 1, "no header of this profile")]


def test_sheets_with_different_columns_are_put_together_with_empty_cells(book, made):
    raw = read.raw(made({"2023": [HEADER, CASE], "2024": [[*HEADER, "Number of victims"], ["A-2", *CASE[1:], 3]]}), book)
    assert raw.table.victims_n.tolist() == ["", 3.0]
    assert [raw.cell(at, "victims_n") for at in (0, 1)] == [("2023", "2"), ("2024", "F2")]


def test_dates_are_text_and_numbers_are_what_was_typed(made):
    file = made([[pd.Timestamp("2024-03-04"), 2024, 2.5, True, "007", " x "]])
    assert {name: sheet.rows for name, sheet in files.opened(file).sheets.items()} == {"Cases": [["2024-03-04", 2024.0, 2.5, True, "007",
            " x "]]}


def test_headers_are_known_in_any_language_case_and_spacing(book, made):
    raw = read.raw(made([["КОД  случая", " year\u00a0", "Бұзушылық түрі", "НАРУШИТЕЛИ", "Victim\ngroups"], CASE]), book)
    assert raw.table.loc[0, ["case_id", "year", "violation", "perpetrator", "victim_group"]].tolist() == ["A-1", 2024.0, *CASE[2:]]


def test_columns_of_the_profile_that_the_sheet_does_not_have_are_empty(book, made):
    raw = read.raw(made([HEADER, CASE]), book)
    assert set(book.profiles["ecom_cases"]["columns"]) < set(raw.table.columns)
    assert (raw.table[["right", "response", "means"]] == "").all(axis=None)


@pytest.mark.parametrize("name", ["cases.csv", "CASES.CSV", "cases.csv.gz", "cases.csv.xz"])
def test_csv_is_read_plain_and_packed(book, tmp_path, name):
    text = "\ufeff\"Case\",Year,Violation,Perpetrator,Victim group\r\nA-1,2024,\"Threats;\nHarassment\",Police,Гей\r\n\r\nA-2,2024,,,\r\n"
    opened = {".gz": gzip.open, ".xz": lzma.open}.get(name[-3:], open)
    with opened(tmp_path / name, "wb") as stream:
        stream.write(text.encode())
    raw = read.raw(tmp_path / name, book)
    assert raw.table.violation.tolist() == ["Threats;\nHarassment", ""] and raw.table.victim_group.tolist() == ["Гей", ""]
    assert raw.table.row.tolist() == [2, 4] and raw.cell(1, "violation") == ("", "C4")


def rewritten(file, change):
    """An .xlsx file whose parts (name -> bytes) went through `change`."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = change(parts)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in changed.items():
            archive.writestr(name, content)
    return file


SHEET = "xl/worksheets/sheet1.xml"


def truncated(file):
    file.write_bytes(file.read_bytes()[:-600])


def with_a_hole_in_its_sheet(file):
    with zipfile.ZipFile(file) as archive:
        start = archive.getinfo(SHEET).header_offset + 80
    text = file.read_bytes()
    file.write_bytes(text[:start] + bytes(100) + text[start + 100:])


def emptied(file):
    file.write_bytes(b"")


def not_a_zip(file):
    file.write_text("Case,Year\nA-1,2024\n", encoding="utf-8")


def password_protected(file):
    file.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096))


def another_zip(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")


def without_its_sheet(file):
    rewritten(file, lambda parts: {name: content for name, content in parts.items() if name != SHEET})


def with_broken_xml(file):
    rewritten(file, lambda parts: parts | {SHEET: parts[SHEET][: len(parts[SHEET]) // 2]})


def with_broken_names(file):
    rewritten(file, lambda parts: parts | {"xl/workbook.xml": b"<workbook>\xff\xfe</workbook>"})


def with_nameless_links(file):
    rewritten(file, lambda parts: parts | {"xl/_rels/workbook.xml.rels": b"<Relationships><Relationship /></Relationships>"})


def with_a_part_twice(file):
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, b"<worksheet/>")


def with_entities(file):
    declared = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet'
    rewritten(file, lambda parts: parts | {SHEET: parts[SHEET].replace(b"<worksheet", declared, 1)})


def with_entities_in_its_texts(file):
    texts = b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">]><sst><si><t>&a;</t></si></sst>'
    rewritten(file, lambda parts: parts | {"xl/sharedStrings.xml": texts})


def with_a_cell_at_the_end(file):
    far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    rewritten(file, lambda parts: parts | {SHEET: parts[SHEET].replace(b"</sheetData>", far)})


def that_unpacks_to_more_than_400_mb(file):
    rewritten(file, lambda parts: parts | {"xl/media/picture.bin": bytes(401 * 2**20)})


DAMAGE = {
    truncated: "file_unreadable", with_a_hole_in_its_sheet: "file_unreadable", emptied: "file_unreadable", not_a_zip: "file_unreadable",
    password_protected: "file_unreadable", another_zip: "file_unreadable", without_its_sheet: "file_unreadable",
    with_broken_xml: "file_unreadable", with_broken_names: "file_unreadable", with_nameless_links: "file_unreadable",
    with_entities_in_its_texts: "file_unsafe", with_a_part_twice: "file_unsafe", with_entities: "file_unsafe",
    with_a_cell_at_the_end: "file_unsafe", that_unpacks_to_more_than_400_mb: "file_unsafe",
}


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_a_workbook_that_is_damaged_or_hostile_is_refused_in_words(book, made, damage):
    file = made([HEADER, CASE])
    damage(file)
    with pytest.raises(DataError) as refused:
        read.raw(file, book)
    [one] = refused.value.problems
    # Which of the two it is matters to whoever sent it: a damaged file is saved again, an unsafe one is asked for again.
    assert (one.rule, one.file) == (DAMAGE[damage], "cases.xlsx")
    assert "Error" not in one.message and "xl/" not in one.message


@pytest.mark.parametrize("name", ["cases.xls", "cases.ods", "cases.txt", "cases", "cases.xlsx.csv"])
def test_a_workbook_under_another_name_is_read_as_what_it_is_and_that_is_told(book, made, tmp_path, name):
    shutil.copy(made([HEADER, CASE], "made.xlsx"), tmp_path / name)
    raw = read.raw(tmp_path / name, book)
    assert len(raw.table) == 1 and [one.rule for one in raw.problems] == (["mislabelled"] if "." in name else [])


def test_a_folder_is_not_a_file(book, tmp_path):
    (tmp_path / "cases.xlsx").mkdir()
    with pytest.raises(DataError, match="The file is not there"):
        read.raw(tmp_path / "cases.xlsx", book)


@pytest.mark.parametrize("content", [b'Case,Year\n"A-1,2024\n', b'Case,Year\n"A-1"x,2024\n'], ids=["open quote", "text after a quote"])
def test_csv_with_a_quotation_mark_too_many_is_refused(book, tmp_path, content):
    (tmp_path / "cases.csv").write_bytes(content)
    with pytest.raises(DataError, match="quotation mark"):
        read.raw(tmp_path / "cases.csv", book)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(("encoding", "rules"), [("utf-8", []), ("utf-8-sig", []), ("utf-16", []), ("utf-16-le", []), ("cp1251",
        ["encoding_read"])])
def test_csv_is_read_in_the_usual_encodings_and_with_the_usual_separators(book, tmp_path, encoding, rules, separator):
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([["Код случая", *HEADER[1:]], ["А-1", 2024, "Угрозы; Побои, и так далее", "Полиция",
            "Гей"]])
    (tmp_path / "cases.csv").write_bytes(out.getvalue().encode(encoding))
    raw = read.raw(tmp_path / "cases.csv", book)
    assert raw.table.loc[0, ["case_id", "year", "violation", "perpetrator"]].tolist() == ["А-1", "2024", "Угрозы; Побои, и так далее",
            "Полиция"]
    assert [one.rule for one in raw.problems] == rules


def test_the_line_in_which_a_spreadsheet_program_names_the_separator_is_followed(book, tmp_path):
    (tmp_path / "cases.csv").write_text("sep=;\n" + ";".join(HEADER) + "\nA-1;2024;Threats;Police;\n", encoding="utf-8")
    assert read.raw(tmp_path / "cases.csv", book).table.row.tolist() == [3]


def test_a_packed_csv_that_is_cut_short_is_refused(book, tmp_path):
    packed = gzip.compress(b"Case,Year\n" + b"A-1,2024\n" * 500)
    (tmp_path / "cases.csv.gz").write_bytes(packed[:-30])
    with pytest.raises(DataError, match="cannot be read as a CSV file"):
        read.raw(tmp_path / "cases.csv.gz", book)


def test_a_stray_cell_within_reason_only_makes_the_sheet_wider(book, made):
    far = b'<row r="3000"><c r="CV3000" t="inlineStr"><is><t>note</t></is></c></row></sheetData>'
    file = rewritten(made([HEADER, CASE]), lambda parts: parts | {SHEET: parts[SHEET].replace(b"</sheetData>", far)})
    raw = read.raw(file, book)
    assert raw.table.row.tolist() == [2, 3000] and raw.table.case_id.tolist() == ["A-1", ""]


def test_errors_and_formulas_without_a_value_are_found_in_any_sheet_with_their_cells(book, made):
    file = made({"Cases": [HEADER, ["A-1", "=2000+24", "#N/A", "Police", "#DIV/0!"]], "A & B": [HEADER, ["=1", *CASE[1:]]]})
    assert [(one.sheet, one.cell, one.rule) for one in sorted(read.raw(file, book).problems, key=place)] == [
        ("A & B", "A2", "no_value_stored"),
        ("Cases", "B2", "no_value_stored"), ("Cases", "C2", "error_cell"), ("Cases", "E2", "error_cell")]


def test_a_formula_with_its_value_is_its_value(book, made):
    file = rewritten(made([HEADER, ["A-1", "=2000+24", *CASE[2:]]]),
                     lambda parts: parts | {SHEET: parts[SHEET].replace(b"<v></v>", b"<v>2024</v>").replace(b"<v />", b"<v>2024</v>")})
    assert read.raw(file, book).table.year.tolist() == [2024.0]


def test_a_profile_that_is_named_wins_and_one_that_does_not_fit_says_every_column_it_lacks(book, made):
    with pytest.raises(DataError) as refused:
        read.raw(made([HEADER, CASE]), book, "odihr_coded")
    assert {(one.rule, one.sheet, one.column) for one in refused.value.problems} == {
        ("missing_column", "Cases", column) for column in ("date", "bias_motivation", "incident_type")}


def test_a_file_that_fits_no_profile_says_what_is_missing(book, made):
    with pytest.raises(DataError, match="nearest is ecom_cases; it still needs the columns perpetrator, victim_group"):
        read.raw(made([HEADER[:3], CASE[:3]]), book)
