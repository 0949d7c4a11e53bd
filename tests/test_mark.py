"""The marked copy: every problem in its cell and in the list, nothing else changed, nothing private said, the original untouched."""

import datetime
import hashlib
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import yaml
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from python_calamine import CalamineWorkbook
from test_problems import GOOD, HEADER, NAME, STORY, row

from analysis import intake
from analysis.formats import files
from analysis.problems import MARKS, DataError, UsageError, problem
from analysis.sheets import mark

FILES = Path(__file__).with_name("files")
RED, YELLOW = MARKS["refuse"], MARKS["warn"]
# By hand: D2 is no violation, G3 no number, the code of row 4 is that of row 2, row 5 has the header again (noted), F6 no setting.
ROWS = [HEADER, row(Violation="Threets"), row(Case="B", Number_of_victims="two"), row(Case="a-1", Date="2024-05"), HEADER,
        row(Case="C", Date="2024-06", Setting="Nowhere")]
WRONG = {"D2": RED, "G3": RED, "A4": RED, "A5": YELLOW, "F6": RED}


@pytest.fixture
def marked(private_book, tmp_path):
    """Check a file as the command does, mark it, and return the problems, and the copy as openpyxl reads it."""
    def write(file, out="marked.xlsx", lang="en", extra=(), profile="interviews"):
        one = intake.checked(file, private_book, profile)
        try:
            received = files.opened(file)
        except DataError:
            received = None
        mark.marked(file, [*one.problems, *extra], one.rows, received, tmp_path / out, lang)
        return one.problems, openpyxl.load_workbook(tmp_path / out, rich_text=True)
    return write


def changed(file, change):
    """The workbook with a change made through openpyxl."""
    book = openpyxl.load_workbook(file)
    change(book.worksheets[0])
    book.save(file)
    return file


def rewritten(file, part, old, new):
    """The workbook with some text of one of its parts replaced, as other programs may write it."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new, 1)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def fills(sheet):
    return {cell.coordinate: cell.fill.fgColor.rgb[-6:] for cells in sheet.iter_rows() for cell in cells if cell.fill.fill_type}


def comments(sheet):
    return {cell.coordinate: cell.comment.text for cells in sheet.iter_rows() for cell in cells if cell.comment}


def listing(book):
    """The lines of the first sheet below the heads of its columns."""
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    head = next(at for at, one in enumerate(rows) if one[1] and one[2] and one[4])
    return rows[head + 1:]


def told(problems):
    return [(one.sheet, one.cell, one.rule, one.message) for one in problems]


def test_each_cell_with_a_problem_is_coloured_and_says_what_to_do_and_no_other_cell_is(made, marked):
    problems, book = marked(made(ROWS))
    assert fills(book["Cases"]) == WRONG
    said = comments(book["Cases"])
    assert set(said) == set(WRONG)
    assert said["D2"].startswith('Casebook: The codebook does not know this violation: "Threets". Nearest: Threats')
    assert all(one.message in said[one.cell] for one in problems)
    assert {cell.comment.author for cells in book["Cases"].iter_rows() for cell in cells if cell.comment} == {"Casebook"}
    assert [list(values) for values in book["Cases"].iter_rows(values_only=True)] == ROWS


def test_the_first_sheet_lists_every_problem_with_a_link_and_says_how_many_rows_were_read(made, marked):
    problems, book = marked(made({"The case's sheet": ROWS}))
    first = book.worksheets[0]
    assert (first.title, book.active) == ("Casebook", first)
    assert [(one[1], one[2], one[4]) for one in listing(book)] == [(one.sheet, one.cell, one.message) for one in problems]
    links = {cell.value: cell.hyperlink.location for cells in first.iter_rows() for cell in cells if cell.hyperlink}
    assert links == {cell: f"'The case''s sheet'!{cell}" for cell in WRONG}
    lines = [first.cell(number, 1).value for number in range(1, 5)]
    assert lines[:2] == ["Casebook: what was found in cases.xlsx", "5 rows read = 4 cases + 1 set aside"]
    assert lines[2].endswith(": 4") and lines[3].endswith(": 1") and [fills(first)[cell] for cell in ("A3", "A4")] == [RED, YELLOW]


def test_what_is_wrong_with_a_sheet_or_the_whole_file_stands_on_the_first_sheet_only(made, marked):
    whole = [problem("file_changed", "cases.xlsx"), problem("ask_hidden_sheet", "cases.xlsx", "Cases", count=2)]
    _, book = marked(made([HEADER, row()]), extra=whole)
    assert [one[1:3] for one in listing(book)] == [(None, None), ("Cases", None)]
    assert comments(book["Cases"]) == fills(book["Cases"]) == {}


def test_a_cell_that_must_be_corrected_is_red_whatever_else_is_noted_about_it(made, marked):
    _, book = marked(made(ROWS), extra=[problem("repeated_header", "cases.xlsx", "Cases", cell) for cell in ("D2", "A6")])
    assert (fills(book["Cases"])["D2"], fills(book["Cases"])["A6"]) == (RED, YELLOW)
    assert "Threets" in book["Cases"]["D2"].comment.text and "repeats the header" in book["Cases"]["D2"].comment.text


def test_a_cell_of_no_named_sheet_is_marked_where_there_is_only_one_sheet(made, marked):
    lost = [problem("correction_lost", "cases.xlsx", "", "I2"), problem("correction_lost", "cases.xlsx", "Elsewhere", "I3")]
    _, one = marked(made({"Cases": ROWS}), extra=lost)
    _, two = marked(made({"Notes": [["x"] * 9] * 3, "Cases": ROWS}), "two.xlsx", extra=lost)
    assert fills(one["Cases"]) == WRONG | {"I2": RED}
    assert fills(two["Notes"]) == {} and fills(two["Cases"]) == WRONG


def test_the_file_that_was_checked_is_not_touched(made, marked):
    file = made(ROWS)
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    marked(file)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_what_private_cells_hold_is_said_in_no_comment_and_not_on_the_first_sheet(made, marked):
    file = made([HEADER, row(Date=NAME, Year=NAME, Number_of_victims=NAME), row(Case=NAME), row(Case=NAME, Date=STORY)])
    problems, book = marked(file)
    assert {"B2", "C2", "G2", "A4", "B4"} <= {one.cell for one in problems}
    said = "\n".join([*comments(book["Cases"]).values(), *(str(cell) for one in listing(book) for cell in one)])
    assert NAME not in said and STORY not in said
    assert book["Cases"]["H2"].value == NAME  # it is the coordinator's own sheet, and holds what the sheet holds


def test_formats_and_drop_downs_stay(made, marked):
    def format(sheet):
        choice = DataValidation(type="list", formula1='"Police,Media"')
        choice.add("E2:E50")
        sheet.add_data_validation(choice)
        sheet.column_dimensions["D"].width = 33
        sheet["I2"].font = Font(bold=True, name="Courier New")
        sheet["G2"].number_format = "0.00"
        sheet.row_dimensions[3].hidden = True
    _, book = marked(changed(made(ROWS), format))
    sheet = book["Cases"]
    choice, = sheet.data_validations.dataValidation
    assert (str(choice.sqref), choice.formula1) == ("E2:E50", '"Police,Media"')
    assert (sheet.column_dimensions["D"].width, sheet["G2"].number_format, sheet.row_dimensions[3].hidden) == (33, "0.00", True)
    assert sheet["I2"].font.bold and sheet["I2"].font.name == "Courier New"


def test_partly_struck_text_and_text_that_looks_like_a_formula_stay_what_they_are(marked, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "cases.xlsx") as book:
        sheet, struck = book.add_worksheet("Cases"), book.add_format({"font_strikeout": True})
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, row(Violation="Threets"))
        sheet.write_string(1, 8, "=HYPERLINK(1)")
        sheet.write_rich_string(1, 7, struck, "Nobody", " Invented")
    _, book = marked(tmp_path / "cases.xlsx")
    assert book["Cases"]["I2"].data_type == "s" and book["Cases"]["I2"].value == "=HYPERLINK(1)"
    assert [part.font.strike for part in book["Cases"]["H2"].value if hasattr(part, "font")][0]


def test_a_formula_keeps_both_itself_and_its_value(marked, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "cases.xlsx") as book:
        sheet, day = book.add_worksheet("Cases"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [*HEADER, "Check", "Sure", "Broken"])
        sheet.write_row(1, 0, row())
        sheet.write_formula("B2", "=DATE(2024,3,4)", day, 45355)  # days from 1899-12-30 to 2024-03-04
        sheet.write_formula("C2", "=2000+24", None, 2024)
        sheet.write_formula("D2", '="Threats"', None, "Threats")
        sheet.write_formula("J2", '="a<b"', None, "a<b")
        sheet.write_formula("K2", "=1=1", None, True)
        sheet.write_formula("L2", "=1/0", None, "#DIV/0!")
    _, book = marked(tmp_path / "cases.xlsx")
    formulas = [book["Cases"][cell].value for cell in ("B2", "C2", "D2", "J2", "K2", "L2")]
    assert formulas == ["=DATE(2024,3,4)", "=2000+24", '="Threats"', '="a<b"', "=1=1", "=1/0"]
    values = CalamineWorkbook.from_path(tmp_path / "marked.xlsx").get_sheet_by_name("Cases").to_python()[1]
    assert [str(values[1])[:10], *values[2:4], *values[9:11]] == ["2024-03-04", 2024, "Threats", "a<b", True]
    values = openpyxl.load_workbook(tmp_path / "marked.xlsx", data_only=True)["Cases"]
    assert (values["L2"].value, values["B2"].value) == ("#DIV/0!", datetime.datetime(2024, 3, 4))


def test_a_formula_that_never_had_a_value_still_has_none(made, marked, tmp_path):
    problems, _ = marked(made([HEADER, row(Year="=2020+4")]))
    assert [(one.cell, one.rule) for one in problems] == [("C2", "no_value_stored")]
    again, _ = marked(tmp_path / "marked.xlsx", "again.xlsx")
    assert told(again) == told(problems)


def test_a_comment_that_was_there_stays_above_and_keeps_its_author(made, marked):
    def remark(sheet):
        sheet["D2"].comment = Comment("Ask in May", "A colleague")
    _, book = marked(changed(made(ROWS), remark))
    comment = book["Cases"]["D2"].comment
    assert comment.text.startswith("Ask in May\n\nCasebook: ") and "Threets" in comment.text
    assert comment.author == "A colleague"


def test_a_cell_with_a_colour_of_its_own_keeps_it_and_gets_a_frame(made, marked):
    def paint(sheet):
        sheet["D2"].fill = PatternFill("solid", fgColor="FFD9D9D9")
        sheet["G3"].fill = PatternFill("solid", fgColor="FFFFFFFF")
    _, book = marked(changed(made(ROWS), paint))
    assert fills(book["Cases"])["D2"] == "D9D9D9" and fills(book["Cases"])["G3"] == RED
    border = book["Cases"]["D2"].border
    assert {(side.style, side.color.rgb[-6:]) for side in (border.left, border.right, border.top, border.bottom)} == {("thick", RED)}


def test_in_merged_cells_the_mark_is_on_the_first_one_and_everything_is_said_there(made, marked):
    def merge(sheet):
        sheet.merge_cells("D2:D3")
    extra = [problem("several_values", "cases.xlsx", "Cases", "D3", "violation", count=2)]
    _, book = marked(changed(made(ROWS), merge), extra=extra)
    said = book["Cases"]["D2"].comment.text
    assert said.count("Casebook: ") == 1 and said.count("Threets") == 1 and extra[0].message in said
    assert ("D3", "D2") in {(one[2], book.worksheets[0].cell(at, 3).hyperlink.location.partition("!")[2])
                            for at, one in enumerate(book.worksheets[0].iter_rows(values_only=True), 1) if one[2] == "D3"}


def test_a_marked_copy_has_the_same_problems_and_can_be_marked_again_without_a_trace_of_the_first_time(made, marked, tmp_path):
    def paint(sheet):
        sheet["A3"].fill = PatternFill("solid", fgColor="FFD9D9D9")
        sheet["B3"].comment = Comment("Ask in May", "A colleague")
    problems, book = marked(changed(made(ROWS), paint))
    assert {"ask_colour", "comments_unread"} <= {one.rule for one in problems}
    again, twice = marked(tmp_path / "marked.xlsx", "again.xlsx")
    assert told(again) == told(problems)
    assert comments(twice["Cases"]) == comments(book["Cases"]) and fills(twice["Cases"]) == fills(book["Cases"])
    assert twice.sheetnames == ["Casebook", "Cases"]


def test_a_cell_that_was_corrected_in_the_marked_copy_is_clean_again(made, marked, tmp_path):
    def paint(sheet):
        sheet["G3"].fill = PatternFill("solid", fgColor="FFD9D9D9")
        sheet["B2"].comment = sheet["D2"].comment = Comment("Ask in May", "A colleague")  # it is noted at B2 that there are two
    marked(changed(made(ROWS), paint))
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    for cell, value in {"D2": "Threats", "F6": "Home", "G3": 2}.items():
        book["Cases"][cell] = value
    book.save(tmp_path / "marked.xlsx")
    _, again = marked(tmp_path / "marked.xlsx", "again.xlsx")
    sheet = again["Cases"]
    assert not sheet["D2"].fill.fill_type and sheet["D2"].comment.text == "Ask in May"
    assert not sheet["F6"].fill.fill_type and sheet["F6"].comment is None
    assert not getattr(sheet["G3"].border.left, "style", None) and fills(sheet)["G3"] == "D9D9D9" and sheet["G3"].comment is None


def test_a_sheet_of_the_coordinators_own_with_the_name_of_the_list_is_kept(made, marked):
    _, book = marked(made({"Casebook": [["our own words"]], "Cases": ROWS}))
    assert len(book.sheetnames) == 3 and book["Casebook"]["A1"].value == "our own words"


def test_in_russian_everything_is_said_in_russian(made, marked):
    rows = [HEADER, row(Violation="Угразы"), *ROWS[2:5], row(Case="C", Date="2024-06", Setting="Нигде")]
    _, book = marked(made(rows), lang="ru")
    first = book.worksheets[0]
    assert first.title == "Проверка" and first["A2"].value == "Прочитано строк: 5 = случаев: 4 + отложено: 1"
    assert book["Cases"]["G3"].comment.text.startswith("Casebook: Это не целое число (текст, знаков: 3, буквы без цифр).")
    said = " ".join(str(one[at]) for one in listing(book) for at in (0, 3, 4) if one[at])
    assert set(re.findall("[A-Za-z_/]{2,}", said)) == {"data/codebook/spellings", "csv"}


def test_the_texts_of_both_languages_are_the_same_texts_with_the_same_gaps():
    texts = yaml.safe_load((mark.Path(mark.__file__).parents[1] / "templates" / "mark.yml").read_text(encoding="utf-8"))
    def gaps(words):
        return {key: gaps(text) if isinstance(text, dict) else sorted(re.findall(r"{\w+}", str(text))) for key, text in words.items()}
    assert gaps(texts["en"]) == gaps(texts["ru"])
    assert all(words["title"].startswith("Casebook: ") for words in texts.values())  # by which the list is known again


def test_of_a_csv_file_the_values_are_copied_as_the_text_they_are(marked, tmp_path):
    lines = [HEADER, row(Violation="Threets"), row(Case="B", Date="2024-05", What_happened="=1+1"),
             row(Case="C", Name_of_the_person="#N/A")]
    file = tmp_path / "cases.csv"
    file.write_text("\n".join(",".join(f'"{value}"' for value in line) for line in lines), encoding="utf-8")
    problems, book = marked(file)
    sheet = book.worksheets[1]
    assert fills(sheet) == {"D2": RED} and "Threets" in comments(sheet)["D2"]
    assert [list(map(str, values)) for values in sheet.iter_rows(values_only=True)] == [list(map(str, line)) for line in lines]
    assert {cell.data_type for cells in sheet.iter_rows() for cell in cells} == {"s"}
    again, _ = marked(tmp_path / "marked.xlsx", "again.xlsx")
    assert [(one.cell, one.rule) for one in again] == [(one.cell, one.rule) for one in problems]


def received(marks=None, kind="xls", epoch=1900, hidden=False):
    sheet = files.Sheet("Cases", [1, 3], [["Case"], ["A-1", "", "a\x01b"]], hidden, marks or MARKLESS)
    return files.Received({"Cases": sheet}, kind, epoch, [])


MARKLESS = files.Marks(frozenset(), frozenset(), {}, [], frozenset(), {}, frozenset())
ROWS_READ = {"rows_read": 1, "cases": 1, "set_aside": 0}


def test_what_a_person_sees_in_an_old_workbook_is_shown_in_the_copy_of_its_values(tmp_path):
    marks = MARKLESS._replace(hidden=frozenset([3]), struck=frozenset(["A3"]), colours={"B3": "D9D9D9"}, merged=[(3, 3, 3, 5)],
                              errors={"C1": "#REF!"})
    mark.marked(tmp_path / "old.xls", [], ROWS_READ, received(marks, epoch=1904, hidden=True), tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    sheet = book["Cases"]
    assert [sheet[cell].value for cell in ("A1", "A3", "B3", "C3")] == ["Case", "A-1", None, "a b"]  # no XML holds the sign 1
    assert sheet.row_dimensions[3].hidden and sheet["A3"].font.strike and fills(sheet) == {"B3": "D9D9D9"}
    assert (sheet["C1"].value, sheet["C1"].data_type) == ("#REF!", "e")
    assert [str(one) for one in sheet.merged_cells.ranges] == ["D3:F3"]
    assert (sheet.sheet_state, book.epoch.year) == ("hidden", 1904)


def test_marks_in_a_copy_of_values_stand_in_their_cells_and_are_linked_from_the_list(tmp_path):
    # Rows 1 and 3 hold values. By hand: A2 is an empty row between them, B3 is merged with A3, Z9 lies beyond the end.
    sheet = files.Sheet("It's cases", [1, 3], [["Case", "=1+1", "#N/A", 7.0, True], ["A-1", "under"]], False,
                        MARKLESS._replace(merged=[(3, 0, 3, 1)]))
    found = [problem("bad_date", "old.xls", "It's cases", cell, "date", shape="x") for cell in ("A2", "B3", "Z9", "B1")]
    mark.marked(tmp_path / "old.xls", found, ROWS_READ, files.Received({sheet.name: sheet}, "xls", 1900, []), tmp_path / "marked.xlsx")
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    made, head = book["It's cases"], book.worksheets[0]
    assert fills(made) == {"A2": RED, "A3": RED, "B1": RED} == dict.fromkeys(comments(made), RED)
    assert [made[cell].value for cell in ("A1", "B1", "C1", "D1", "E1", "A3", "B3")] == ["Case", "=1+1", "#N/A", 7, True, "A-1", None]
    assert [made[cell].data_type for cell in ("B1", "C1", "D1", "E1")] == ["s", "s", "n", "b"]
    links = {cell.hyperlink.ref: cell.hyperlink.location for cell in head["C"] if cell.hyperlink}
    rows = {cell.coordinate: cell.value for cell in head["C"] if cell.value in ("A2", "B3", "Z9", "B1")}
    assert {rows[ref]: where for ref, where in links.items()} == {
        "A2": "'It''s cases'!A2", "B3": "'It''s cases'!A3", "B1": "'It''s cases'!B1"}


def test_a_file_that_cannot_be_read_gives_a_copy_with_the_list_alone(marked, tmp_path):
    file = tmp_path / "cases.xlsx"
    file.write_bytes(b"PK\x03\x04 and nothing more")
    problems, book = marked(file)
    assert book.sheetnames == ["Casebook"] and [one[4] for one in listing(book)] == [problems[0].message]
    assert any("could not be read" in str(cell.value) for cell in book.worksheets[0]["A"])


def test_a_workbook_that_openpyxl_does_not_understand_is_copied_by_its_values(made, marked):
    file = rewritten(made(ROWS), "xl/styles.xml", b'patternType="gray125"', b'patternType="invented"')
    with pytest.raises(Exception, match="could not read stylesheet"):
        openpyxl.load_workbook(file)
    problems, book = marked(file)
    assert fills(book["Cases"]) == WRONG and any("Only its values" in str(cell.value) for cell in book.worksheets[0]["A"])


def test_a_merged_cell_of_more_cells_than_a_table_has_is_not_rebuilt(made, tmp_path):
    merged = b'</sheetData><mergeCells><mergeCell ref="A9:D60000"/></mergeCells>'
    file = rewritten(made(ROWS), "xl/worksheets/sheet1.xml", b"</sheetData>", merged)
    huge = received(MARKLESS._replace(merged=[(9, 0, 60000, 3)]), kind="xlsx")
    mark.marked(file, [], ROWS_READ, huge, tmp_path / "marked.xlsx")
    assert not openpyxl.load_workbook(tmp_path / "marked.xlsx")["Cases"].merged_cells.ranges


def test_a_problem_beyond_the_end_of_the_sheet_makes_no_cell_there(made, marked):
    extra = [problem("correction_lost", "cases.xlsx", "Cases", cell) for cell in ("XFD1048576", "A99", "ZZZZ1", "nowhere", "A0")]
    _, book = marked(made(ROWS), extra=extra)
    assert (book["Cases"].max_row, book["Cases"].max_column) == (6, 9) and fills(book["Cases"]) == WRONG
    assert len(listing(book)) == 10


def test_a_comment_is_never_longer_than_excel_takes_and_then_points_to_the_list(made, marked):
    extra = [problem("unknown_code", "cases.xlsx", "Cases", "D3", "violation", value=f"{n}{'x' * 200}", nearest="") for n in range(300)]

    def remark(sheet):
        sheet["D3"].comment = Comment("Ask in May " * 1000, "A colleague")
    _, book = marked(changed(made(ROWS), remark), extra=extra)
    text = book["Cases"]["D3"].comment.text
    assert 30_000 < len(text) < 32_767 and text.startswith("Ask in May") and text.endswith("see the sheet Casebook.")


def test_macros_are_left_out(marked, made, tmp_path):
    file = made(ROWS, "cases.xlsm")
    rewritten(file, "[Content_Types].xml", b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"invented")
    marked(file)
    with zipfile.ZipFile(tmp_path / "marked.xlsx") as archive:
        assert not [name for name in archive.namelist() if "vba" in name]
        assert b"macroEnabled" not in archive.read("[Content_Types].xml")


@pytest.mark.parametrize(("out", "said"), [("cases.xlsx", "there already"), ("other.xlsx", "there already"),
                                           ("marked.xls", "ends in .xlsx")])
def test_no_file_is_ever_written_over(out, said, made, marked, tmp_path):
    file = made(ROWS)
    (tmp_path / "other.xlsx").write_bytes(b"somebody's work")
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    with pytest.raises(UsageError, match=said):
        marked(file, out)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


def test_an_open_workbook_with_a_password_is_not_copied_without_one(tmp_path):
    with pytest.raises(UsageError, match="protected by a password"):
        mark.permitted(FILES / "locked.ods", tmp_path / "out.xlsx")
    mark.permitted(FILES / "cases.ods", tmp_path / "out.xlsx")


def test_a_workbook_with_a_password_is_not_copied_without_one(made, tmp_path):
    import msoffcrypto.format.ooxml

    file = made(ROWS)
    with open(file, "rb") as plain, open(tmp_path / "locked.xlsx", "wb") as locked:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt("invented", locked)
    with pytest.raises(UsageError, match="protected by a password"):
        mark.marked(tmp_path / "locked.xlsx", [], ROWS_READ, received(kind="xlsx"), tmp_path / "marked.xlsx")
    assert not (tmp_path / "marked.xlsx").exists()


def test_the_copy_opens_on_the_list_and_no_other_sheet_is_selected_with_it(made, marked):
    _, book = marked(made({"Notes": [["nothing"]], "Cases": ROWS}))
    assert [sheet.sheet_view.tabSelected for sheet in book.worksheets] == [True, False, False]


def test_good_rows_are_only_what_the_other_tests_say_they_are(made, marked):
    _, book = marked(made([HEADER, list(GOOD.values())]))
    assert fills(book["Cases"]) == {} and listing(book) == []
    assert any("nothing to correct" in str(cell.value) for cell in book.worksheets[0]["A"])
