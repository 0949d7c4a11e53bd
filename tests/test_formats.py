"""The same rows whatever the format, and hostile files that end in a message within limits."""

import datetime
import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from test_read import SHEET, rewritten

from analysis import files
from analysis.problems import DataError

ROWS = [["Case", "Date", "Year", "Violation", "Perpetrator", "Victim group", "Number of victims"],
        ["A-1", "2024-03-04", 2024, "Угрозы; Побои", "Police", "Гей", 3], ["A-2", "2024-05-06", 2024, "Killing", "Полиция", "Қыз", 1.5]]
HERE = Path(__file__).with_name("files")


@pytest.fixture
def written(made):
    """The rows as a workbook, their dates as dates."""
    return made({"Cases": [[datetime.date.fromisoformat(cell) if at == 1 and number else cell for at, cell in enumerate(row)]
                           for number, row in enumerate(ROWS)], "Notes": [["Invented, for the tests of reading"]]})


def rules(found):
    return [one.rule for one in found.notes]


@pytest.mark.parametrize("name", ["cases.xls", "cases.ods"])
def test_older_and_open_formats_hold_the_same_and_say_what_they_cannot_show(name):
    found = files.opened(HERE / name)
    assert found.sheets["Cases"].rows == ROWS and found.kind == name[-3:] and rules(found) == ["marks_unseen"]


def test_a_workbook_with_macros_is_read_for_its_values_alone(written):
    macros = shutil.copy(written, written.with_name("cases.xlsm"))
    with zipfile.ZipFile(macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"never opened")
    assert files.opened(macros).sheets["Cases"].rows == ROWS


def test_parquet_holds_the_same_and_lists_are_joined(tmp_path):
    table = pd.DataFrame(ROWS[1:], columns=ROWS[0]).assign(Violation=[["Угрозы", "Побои"], ["Killing"]])
    table.assign(Date=pd.to_datetime(table.Date)).to_parquet(tmp_path / "cases.parquet", index=False)
    assert files.opened(tmp_path / "cases.parquet").sheets[""].rows == ROWS


def locked(file, word):
    with open(file, "rb") as plain, open(file.with_name("locked.xlsx"), "wb") as out:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt(word, out)
    return file.with_name("locked.xlsx")


def test_a_password_opens_a_protected_workbook_and_leaves_no_plain_copy(written, monkeypatch):
    file = locked(written, "invented")
    written.unlink()
    monkeypatch.setenv("CASEBOOK_PASSWORD", "invented")
    assert files.opened(file).sheets["Cases"].rows == ROWS
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(("word", "rule"), [("", "password_needed"), ("guessed", "password_wrong")])
def test_without_the_right_password_a_protected_workbook_is_a_message(written, word, rule):
    with pytest.raises(DataError) as refused:
        files.opened(locked(written, "invented"), lambda: word)
    assert [one.rule for one in refused.value.problems] == [rule] and "invented" not in str(refused.value)


def test_a_lock_file_is_not_the_workbook_and_one_beside_it_is_told(written):
    lock = shutil.copy(written, written.with_name("~$cases.xlsx"))
    assert "open_elsewhere" in rules(files.opened(written))
    with pytest.raises(DataError) as refused:
        files.opened(lock)
    assert [one.rule for one in refused.value.problems] == ["lock_file"]


def test_links_to_other_files_are_told(written):
    assert rules(files.opened(rewritten(written, lambda parts: parts | {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}))) == \
        ["external_links"]


def test_a_separator_that_could_be_either_of_two_is_not_guessed(tmp_path):
    (tmp_path / "cases.csv").write_text("a;b,c\n1;2,3\n", encoding="utf-8")
    with pytest.raises(DataError) as refused:
        files.opened(tmp_path / "cases.csv")
    assert [one.rule for one in refused.value.problems] == ["separator_unclear"]


@pytest.mark.parametrize(("content", "word"), [(b"%PDF-1.7", "PDF"), (b"{\\rtf1 x}", "RTF"), (b"<html><table>", "web page"), (b"", "empty"),
                                               (b"MZ\x00\x00", "damaged")])
def test_what_is_no_table_is_called_by_its_name(tmp_path, content, word):
    (tmp_path / "cases.xls").write_bytes(content)
    with pytest.raises(DataError, match=word):
        files.opened(tmp_path / "cases.xls")


def test_dates_of_1904_workbooks_are_right(made):
    workbook = openpyxl.Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active.append([datetime.date(2024, 3, 4)])
    file = made([[]])
    workbook.save(file)
    found = files.opened(file)
    assert found.epoch == 1904 and found.sheets["Sheet"].rows == [["2024-03-04"]]


def test_what_a_person_sees_is_what_openpyxl_wrote(made):
    file = made({"A": [["x", "y", 1], ["z", "", 2], ["=1/0", "#REF!", 3]], "B": [["hidden"]]})
    workbook = openpyxl.load_workbook(file)
    sheet = workbook["A"]
    sheet["A1"].font, sheet["B1"].fill = Font(strike=True), PatternFill("solid", fgColor="FFD9D9D9")
    sheet["C2"].comment, sheet["C1"].fill = Comment("invented", "nobody"), PatternFill("solid", fgColor="FFFFFFFF")
    sheet.row_dimensions[2].hidden = True
    sheet.merge_cells("D1:E3")
    workbook["B"].sheet_state = "hidden"
    workbook.save(file)
    found = files.opened(file).sheets
    assert found["A"].marks == files.Marks(frozenset({2}), frozenset({"A1"}), {"B1": "D9D9D9"}, [(1, 3, 3, 4)], frozenset({"C2"}),
            {"B3": "#REF!"},
                                           frozenset({"A3"}))
    assert (found["A"].hidden, found["B"].hidden) == (False, True)


# Hostile and careless files. Each is read by a process of its own, whose memory and that of its children is looked at.

MEASURED = """
import json, os, re, resource, sys
from analysis import files
from analysis.problems import DataError
try:
    found = [sum(len(sheet.rows) for sheet in files.opened(sys.argv[1]).sheets.values())]
except DataError as error:
    found = [one.rule for one in error.problems]
# Not ru_maxrss for this process: that begins with what the process held that started it.
status = "/proc/self/status"
mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if os.path.exists(status):
    mine = int(re.search(r"VmHWM:\\s+([0-9]+)", open(status).read())[1])
print(json.dumps([found, (mine + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024]))
"""


def measured(file):
    """What came of a file (the number of its rows, or rules), and the megabytes that it took; it must end before long."""
    done = subprocess.run([sys.executable, "-c", MEASURED, str(file)], capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


def sheet_of(rows):
    return b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + rows + b"</sheetData></worksheet>"


def with_sheet(file, rows):
    return rewritten(file, lambda parts: parts | {SHEET: sheet_of(rows)})


TEXT = b'<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>'


def million_formatted_rows(file):
    return with_sheet(file, b'<row r="1">' + TEXT % (b"A", 1, b"x") + b"</row>"
                      + b"".join(b'<row r="%d"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>' % (n, n, n) for n in range(2, 1_000_001)))


def wrong_range(file):
    rows = b'<row r="1">' + TEXT % (b"A", 1, b"x") + b"</row>"
    return rewritten(file, lambda parts: parts | {SHEET: sheet_of(rows).replace(b"<sheetData>",
            b'<dimension ref="A1:XFD1048576"/><sheetData>')})


def last_cell(file):
    return with_sheet(file, b'<row r="1">' + TEXT % (b"A", 1, b"x") + b'</row><row r="1048576">' + TEXT % (b"XFD", 1048576,
            b"x") + b"</row>")


def stray_cell(file):
    # Far from the last cell, but the rectangle up to it has a hundred million cells, some 2.4 GB in the library that reads it.
    return with_sheet(file, b'<row r="1">' + TEXT % (b"A", 1, b"x") + b'</row><row r="1000000">' + TEXT % (b"CV", 1000000,
            b"x") + b"</row>")


def packed_zeros(file):
    out = file.with_name("cases.csv.gz")
    with gzip.open(out, "wb", compresslevel=9) as stream:
        for _ in range(1000):
            stream.write(bytes(2**20))
    return out


def one_endless_line(file):
    out = file.with_name("cases.csv")
    out.write_bytes(b"a" * 30_000_000)
    return out


def lying_size(file):
    # The archive says that its sheet is small; it is 300 MB of spaces.
    with_sheet(file, b" " * 300_000_000)
    content = bytearray(file.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    while content[at + 46:at + 46 + len(SHEET)] != SHEET.encode():
        at = content.rfind(b"PK\x01\x02", 0, at)
    content[at + 24:at + 28] = (1000).to_bytes(4, "little")
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(("make", "expected"), [
    (million_formatted_rows, [1]), (wrong_range, [1]), (last_cell, ["file_unsafe"]), (stray_cell, ["file_unsafe"]), (packed_zeros,
            ["file_unsafe"]),
    (one_endless_line, ["file_unreadable"]), (lying_size, ["file_unreadable"]),
], ids=lambda one: getattr(one, "__name__", ""))
def test_a_hostile_or_careless_file_ends_within_its_limits(made, make, expected):
    found, megabytes = measured(make(made([["x"]])))
    assert found == expected and megabytes < 400
