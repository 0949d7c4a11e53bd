"""What a person sees of a sheet beside its values, in every format of a workbook."""

import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import PatternFill
from test_read import rewritten

from analysis import read
from analysis.formats import files
from analysis.formats.files import Marks

HERE, BINARY = Path(__file__).with_name("files"), "xl/worksheets/sheet1.bin"
# What was drawn into the workbook: rows 3 and 11 are hidden by hand, C4 is struck out and C8 in part, A5:C5 are grey, A6:A7 merged.
MARKED = Marks(hidden={3, 11}, struck={"C4", "C8"}, colours=dict.fromkeys(["A5", "B5", "C5"], "D9D9D9"), merged=[(6, 0, 7, 0)],
               comments={"C9"}, errors={"C10": "#DIV/0!"})
MARKED_BINARY = Marks(hidden={4}, struck={"D5", "D9"}, colours={"D6": "D9D9D9"}, merged=[(7, 0, 8, 1)], comments={"C3"},
                      errors={"G4": "#REF!"})


# LibreOffice writes a row hidden by hand within a filter as filtered out into an .ods file.
@pytest.mark.parametrize(("name", "marks"), [("marks.xls", MARKED), ("marks.ods", MARKED._replace(filtered={3, 11})),
                                             ("cases.xlsb", MARKED_BINARY)])
def test_what_a_person_sees_is_seen_in_every_format(name, marks):
    found = files.opened(HERE / name).sheets
    assert found["Cases"].marks == marks
    assert (found["Cases"].hidden, found["Notes"].hidden, found["Notes"].marks) == (False, True, Marks())


def test_a_text_struck_out_in_part_is_seen_where_it_stands_in_its_cell(made):
    file = made([["x", "y"]])
    workbook = openpyxl.load_workbook(file)
    workbook["Cases"]["A2"] = CellRichText("in ", TextBlock(InlineFont(strike=True), "part"))
    workbook["Cases"]["B2"] = CellRichText("in ", TextBlock(InlineFont(strike=False, b=True), "part"))
    workbook.save(file)
    assert files.opened(file).sheets["Cases"].marks == Marks(struck={"A2"})


def test_rows_that_hold_nothing_leave_no_marks(made):
    file = made([["x", "y"]])
    workbook = openpyxl.load_workbook(file)
    for row in (2, 3):
        workbook["Cases"].cell(row, 1).fill = PatternFill("solid", fgColor="FFD9D9D9")
        workbook["Cases"].row_dimensions[row].hidden = True
    workbook["Cases"]["B3"] = "z"
    workbook.save(file)
    assert files.opened(file).sheets["Cases"].marks == Marks(hidden={3}, colours={"A3": "D9D9D9"})


# Hidden columns, filters and rules, in every format.

ROWS = [["Case", "Date", "Year", "Violation", "Perpetrator", "Victim group"], ["A-1", "2024-03-04", 2024, "Threats", "Police", "Gay man"],
        ["A-2", "2024-03-05", 2024, "Killing", "Police", "Gay man"], ["A-3", "2024-03-06", 2024, "Killing", "Police", "Gay man"]]
# B and C are hidden, and all from I on; a filter of A1:F3 hides row 2, and row 4 was hidden by hand; rules look at D, E and F: that of D
# fills with green, that of E writes bold, which is no colour, and that of F is a scale of colours. The other sheet's filter hides nothing:
# its row was hidden by hand. An .xls file says of a rule only where it looks, and LibreOffice writes the last row as filtered into .ods.
LOOKS = {"xlsx": ([(2, 3, 4, 3, "00FF00"), (2, 5, 4, 5, "")], set()),
         "xls": ([(2, 3, 4, 3, ""), (2, 4, 4, 4, ""), (2, 5, 4, 5, "")], set()),
         "ods": ([(2, 3, 4, 3, "00FF00"), (2, 5, 4, 5, "")], {2})}


def looks(file):
    """The workbook that `tests/files/looks.*` were made of."""
    with xlsxwriter.Workbook(file) as book:
        for name in ("Cases", "Other"):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(ROWS):
                sheet.write_row(at, 0, row)
            sheet.autofilter("A1:F3")
            sheet.set_row(1, None, None, {"hidden": True})
        cases = book.get_worksheet_by_name("Cases")
        cases.set_column(1, 2, None, None, {"hidden": True})
        cases.set_column(8, 16383, None, None, {"hidden": True})
        is_killing = {"type": "cell", "criteria": "==", "value": '"Killing"'}
        cases.conditional_format("D2:D4", is_killing | {"format": book.add_format({"bg_color": "#00FF00"})})
        cases.conditional_format("E2:E4", is_killing | {"format": book.add_format({"bold": True})})
        cases.conditional_format("F2:F4", {"type": "3_color_scale"})
        cases.filter_column("D", "x == Killing")
        cases.set_row(3, None, None, {"hidden": True})
    return file


@pytest.mark.parametrize("kind", LOOKS)
def test_hidden_columns_filters_and_rules_are_seen_in_every_format(tmp_path, kind):
    found = files.opened(looks(tmp_path / "looks.xlsx") if kind == "xlsx" else HERE / f"looks.{kind}").sheets
    marks, other = found["Cases"].marks, found["Other"].marks
    ruled, by_hand = LOOKS[kind]
    assert {"B", "C", "I", "Z"} <= marks.columns and not {"A", "D", "H"} & marks.columns
    assert (marks.hidden, marks.filtered, marks.ruled) == ({2, 4}, {2}, ruled)
    assert (other.hidden, other.filtered, other.columns, other.ruled) == ({2}, by_hand, set(), [])


def test_the_records_of_a_binary_workbook_say_which_columns_rows_and_rules(tmp_path):
    # Into the file that SheetJS made, as [MS-XLSB] 2.4 lays them out: columns C to D (from 0: 2, 3) hidden and F shown; rows 1-6 and
    # columns A to G filtered by column B, so that row 4, which is hidden, is; a rule for E2:E3.
    four = lambda *numbers: b"".join(number.to_bytes(4, "little") for number in numbers)  # noqa: E731
    record = lambda kind, content: bytes([kind & 127 | 128, kind >> 7] if kind > 127 else [kind]) + bytes([len(content)]) + content  # noqa: E731
    columns = record(60, four(2, 3, 2048, 0) + b"\x01\x00") + record(60, four(5, 5, 2048, 0) + b"\x00\x00")
    after = record(161, four(0, 5, 0, 6)) + record(163, four(1) + bytes(2)) + record(461, four(1, 0, 1) + four(1, 2, 4, 4))
    file = shutil.copy(HERE / "cases.xlsb", tmp_path)
    rewritten(Path(file), lambda parts: parts | {BINARY: parts[BINARY].replace(b"\x91\x01\x00", columns + b"\x91\x01\x00", 1).replace(
        b"\x92\x01\x00", b"\x92\x01\x00" + after, 1)})
    assert files.opened(file).sheets["Cases"].marks == MARKED_BINARY._replace(columns={"C", "D"}, filtered={4}, ruled=[(2, 4, 3, 4, "")])


# Open workbooks, part by part.

SPACES = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"' for short, long in {
    "office": "office", "table": "table", "text": "text", "style": "style", "fo": "xsl-fo-compatible"}.items())
CELL_STYLE = '<style:style style:name="{}"{}><style:table-cell-properties fo:background-color="{}"/></style:style>'
STRUCK = '<style:text-properties style:text-line-through-style="solid"/>'
STYLES = (CELL_STYLE.format("grey", "", "#d9d9d9") + CELL_STYLE.format("white", ' style:parent-style-name="grey"', "#FFFFFF")
          + f'<style:style style:name="out">{STRUCK}</style:style><style:style style:name="child" style:parent-style-name="grey"/>')


def odf(folder, rows, above="", below=""):
    """An .ods file of one sheet."""
    content = (f'<office:document-content {SPACES}><office:automatic-styles>{STYLES}</office:automatic-styles><office:body>'
               f'<office:spreadsheet>{above}<table:table table:name="Cases">{rows}</table:table>{below}</office:spreadsheet></office:body>'
               f'</office:document-content>')
    with zipfile.ZipFile(folder / "cases.ods", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return folder / "cases.ods"


def cell(text="x", **attributes):
    own = "".join(f' {name.replace("_", ":", 1).replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<table:table-cell office:value-type="string"{own}><text:p>{text}</text:p></table:table-cell>'


def row(*cells, **attributes):
    own = "".join(f' {name.replace("_", ":", 1).replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-row{own}>{''.join(cells)}</table:table-row>"


EMPTY = "<table:table-cell/>"
UNVALUED = '<table:table-cell table:formula="of:=[.A1]"/>'
OF_NOTHING = '<table:table-cell table:formula="of:=[.A1]"><text:p/></table:table-cell>'  # its value is the empty text
SPAN = cell('in <text:span text:style-name="out">part</text:span>')
COMMENTED = cell().replace("<text:p>", "<office:annotation><text:p>a comment is no text</text:p></office:annotation><text:p>")
GREY = '<table:table-column/><table:table-column table:default-cell-style-name="grey"/>'


@pytest.mark.parametrize(("rows", "marks"), [
    (GREY + row(cell(), cell()) + row(EMPTY, EMPTY), Marks(colours={"B1": "D9D9D9"})),
    (GREY + row(cell(), cell(table_style_name="white")), Marks()),
    (GREY + row(cell(table_number_columns_repeated=3)), Marks(colours={"B1": "D9D9D9"})),
    (row(cell(), cell(), table_default_cell_style_name="child"), Marks(colours={"A1": "D9D9D9", "B1": "D9D9D9"})),
    # The sheet holds nothing to the right of column A, however far the grey goes.
    (row(cell(), '<table:table-cell table:style-name="grey" table:number-columns-repeated="16383"/>'), Marks()),
    (row(EMPTY, table_number_rows_repeated=4) + row(cell(), table_visibility="collapse", table_number_rows_repeated=2),
     Marks(hidden={5, 6})),
    (row(cell(), table_visibility="filter") + row(EMPTY, table_visibility="collapse"), Marks(hidden={1}, filtered={1})),
    (row(UNVALUED, OF_NOTHING, SPAN, COMMENTED), Marks(unvalued={"A1"}, struck={"C1"}, comments={"D1"})),
    (row(EMPTY, cell("#REF!", table_formula="of:=#REF!"), cell("Err:502", table_formula="of:=A1"), cell("#REF!")),
     Marks(errors={"B1": "#REF!", "C1": "Err:502"})),
    (row(cell(table_number_rows_spanned=2, table_number_columns_spanned=3)), Marks(merged=[(1, 0, 2, 2)])),
], ids=["column", "own style", "repeated across columns", "row and parent", "beyond the sheet", "repeated rows", "filter", "in cells",
        "errors", "merged"])
def test_marks_of_an_open_workbook_stand_where_they_belong(tmp_path, rows, marks):
    assert files.opened(odf(tmp_path, rows)).sheets["Cases"].marks == marks


def test_the_calendar_and_the_links_of_an_open_workbook_are_told(tmp_path):
    old = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    linked = '<table:table table:name="far"><table:table-source/></table:table>'
    found = files.opened(odf(tmp_path, row(cell()), old, linked))
    assert found.epoch == 1904 and [one.rule for one in found.notes] == ["external_links"]


@pytest.mark.parametrize("name", ["marks.xls", "marks.ods"])
def test_the_marks_of_another_format_are_asked_about_like_those_of_xlsx(book, tmp_path, name):
    file = Path(shutil.copy(HERE / name, tmp_path))
    found = read.looks(files.opened(file).sheets["Cases"], [3, 4, 5, 8], [["A-2"], ["A-3"], ["A-4"], ["A-7"]],
                       {0: "case_id", 2: "violation"}, book, {})
    hidden = "filtered_rows" if name.endswith("ods") else "hidden_rows"
    assert found == [hidden, "struck_out", "colour D9D9D9", "struck_out"]
