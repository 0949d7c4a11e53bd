"""Hostile, damaged and careless files of every format end in their rows or in a message, within their limits, and take nothing down."""

import gzip
import json
import lzma
import random
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from conftest import ECOM
from openpyxl.styles import PatternFill
from test_marks import EMPTY, cell, odf, row
from test_read import SHEET, rewritten

from analysis import intake, tidy
from analysis.codebook import Codebook
from analysis.formats import files
from analysis.problems import MOST, DataError

HERE = Path(__file__).with_name("files")
ROWS = 2500  # of a file with nothing right in it

# Each file is read by a process of its own. The largest memory of that and of each of its children is added up, as if all had their
# most at one time. Not ru_maxrss: that begins with what the process held that started it.
MEASURED = r"""
import glob, json, re, sys, threading, time
most, begun = {}, time.monotonic()
def read(file):
    try:
        return open(file).read()
    except OSError:  # of a process or thread that has ended
        return ""
def look():
    children = [one for file in glob.glob("/proc/self/task/*/children") for one in read(file).split()]
    for one in ["self", *children]:
        if held := re.search(r"VmHWM:\s+(\d+)", read(f"/proc/{one}/status")):
            most[one] = int(held[1])
def watch():
    while True:
        look()
        time.sleep(0.005)
threading.Thread(target=watch, daemon=True).start()
from analysis.formats import files
from analysis.problems import DataError
try:
    found = [sum(len(sheet.rows) for sheet in files.opened(sys.argv[1]).sheets.values())]
except DataError as error:
    found = [one.rule for one in error.problems]
look()
print(json.dumps([found, sum(most.values()) / 1024, time.monotonic() - begun]))
"""
MEGABYTES = 400


def measured(file):
    """What came of a file (the number of its rows, or rules), and the megabytes that it took; it must end before long."""
    done = subprocess.run([sys.executable, "-c", MEASURED, str(file)], capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


# Workbooks of the newer format. Each function writes a file into a folder.

TEXT = b'<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>'
FIRST = b'<row r="1">' + TEXT % (b"A", 1, b"x") + b"</row>"


def sheet_of(rows, before=b""):
    return (b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + before + b"<sheetData>" + rows
            + b"</sheetData></worksheet>")


# All but the first sheet stays as it is: its second one has four rows.
def xlsx(folder, sheet, **parts):
    return rewritten(Path(shutil.copy(ECOM, folder / "cases.xlsx")), lambda old: old | {SHEET: sheet} | parts)


def million_formatted_rows(folder):
    return xlsx(folder, sheet_of(FIRST + b"".join(b'<row r="%d"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>' % (n, n, n)
                                                  for n in range(2, 1_000_001))))


def wrong_range(folder):
    return xlsx(folder, sheet_of(FIRST, b'<dimension ref="A1:XFD1048576"/>'))


def last_cell(folder):
    return xlsx(folder, sheet_of(FIRST + b'<row r="1048576">' + TEXT % (b"XFD", 1048576, b"x") + b"</row>"))


def stray_cell(folder):
    # Far from the last cell, but the rectangle up to it has a hundred million cells, some 2.4 GB in the library that reads it.
    return xlsx(folder, sheet_of(FIRST + b'<row r="1000000">' + TEXT % (b"CV", 1000000, b"x") + b"</row>"))


def lying_size(folder):
    return lying(xlsx(folder, sheet_of(b" " * 300_000_000)), SHEET)


def lying(file, part):
    # The archive says that a part is small.
    content = bytearray(file.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    while content[at + 46:at + 46 + len(part)] != part.encode():
        at = content.rfind(b"PK\x01\x02", 0, at)
    content[at + 24:at + 28] = (1000).to_bytes(4, "little")
    file.write_bytes(content)
    return file


def endless_styles(folder):
    return rewritten(Path(shutil.copy(ECOM, folder / "cases.xlsx")),
                     lambda old: old | {"xl/styles.xml": b"<styleSheet><cellXfs>" + b"<xf/>" * 20_000_000 + b"</cellXfs></styleSheet>"})


def many_sheets_of_one_text(folder):
    # Each sheet alone would do; all that they unfold to is 1.5 GB.
    workbook = openpyxl.Workbook()
    for _ in range(99):
        workbook.create_sheet()
    workbook.save(folder / "cases.xlsx")
    sheet = sheet_of(b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 501)))
    texts = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>' + b"x" * 30_000 + b"</t></si></sst>"
    return rewritten(folder / "cases.xlsx", lambda old: old | {name: sheet for name in old if "worksheets/" in name}
                     | {"xl/sharedStrings.xml": texts})


def coloured_and_hidden_rows_that_hold_nothing(folder):
    made = openpyxl.Workbook()
    made.active["A1"], made.active["A2"].fill = "x", PatternFill("solid", fgColor="FFD9D9D9")
    made.save(folder / "cases.xlsx")
    rows = b"".join(b'<row r="%d" hidden="1"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>' % (n, n, n) for n in range(2, 200_001))
    return rewritten(folder / "cases.xlsx", lambda old: old | {SHEET: sheet_of(FIRST + rows)})


# Open and binary workbooks.

def ods_coloured_to_the_end(folder):
    # As a program writes a sheet of which all is grey: few letters for seventeen thousand million cells.
    grey = '<table:table-cell table:style-name="grey" table:number-columns-repeated="16383"/>'
    return odf(folder, row(cell(), grey) + row(grey, table_number_rows_repeated=1_048_575))


def ods_last_cell(folder):
    return odf(folder, row(cell()) + row(EMPTY, table_number_rows_repeated=1_048_574)
               + row('<table:table-cell table:number-columns-repeated="16383"/>', cell()))


def ods_repeated_without_end(folder):
    return odf(folder, row(cell(table_number_columns_repeated=16384), table_number_rows_repeated=1_048_576))


def ods_struck_without_end(folder):
    struck = cell(table_style_name="out", table_number_columns_repeated=100)
    return odf(folder, row(struck, table_number_rows_repeated=1_000_000))


def ods_packed_spaces(folder):
    return odf(folder, " " * 450_000_000)


def ods_lying_size(folder):
    return lying(odf(folder, row(cell()) + " " * 300_000_000), "content.xml")


def ods_twice(folder):
    file = odf(folder, row(cell()))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("content.xml", "")
    return file


def ods_twice_in_other_letters(folder):
    file = odf(folder, row(cell()))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("Content.xml", "")
    return file


def ods_declaring(declared, change=lambda content: content):
    def make(folder):
        file = odf(folder, row(cell("&a;")))
        return rewritten(file, lambda old: old | {"content.xml": change(declared + old["content.xml"])})
    return make


INTERNAL = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
EXTERNAL = b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
ods_internal_entities, ods_external_entities, ods_doctype = map(ods_declaring, (INTERNAL, EXTERNAL, b"<!DOCTYPE d>"))
ods_entities_late = ods_declaring(b" " * (2**20 - 5) + INTERNAL)  # across the pieces in which a part is looked at
ods_entities_in_utf_16 = ods_declaring(INTERNAL, lambda content: content.decode().encode("utf-16"))


def xlsb(folder, **parts):
    return rewritten(Path(shutil.copy(HERE / "cases.xlsb", folder / "cases.xlsb")),
                     lambda old: old | {name: change(old[name]) for name, change in parts.items()})


BINARY = "xl/worksheets/sheet1.bin"


def xlsb_last_cell(folder):
    # A record of a row (0, of 25 bytes: its number, then others) and one of a cell (5, of 16: column, style, the number 1.0).
    far = bytes([0, 25]) + (1048575).to_bytes(4, "little") + bytes(21)
    far += bytes([5, 16]) + (16383).to_bytes(4, "little") + bytes(10) + b"\xf0\x3f"
    return xlsb(folder, **{BINARY: lambda old: old.replace(b"\x92\x01\x00", far + b"\x92\x01\x00", 1)})


def xlsb_endless_record(folder):
    return xlsb(folder, **{BINARY: lambda old: old[:40] + b"\x05\xff\xff\xff\x7f" + old[40:]})


def xlsb_packed_zeros(folder):
    return xlsb(folder, **{BINARY: lambda old: bytes(5_000_000)})


def xlsb_lying_size(folder):
    return lying(xlsb(folder, **{BINARY: lambda old: old + bytes(300_000_000)}), BINARY)


def xlsb_twice(folder):
    file = xlsb(folder)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(BINARY, b"")
    return file


def xlsb_entities(folder):
    return xlsb(folder, **{"xl/_rels/workbook.bin.rels": lambda old: INTERNAL + old.partition(b"?>")[2]})


def xls_last_cell(folder):
    # The number of victims of the first case (RK, 0x27E: row 1, column 6) is moved to the last cell, IV65536.
    content = (HERE / "cases.xls").read_bytes()
    start = content.index(b"\x7e\x02\x0a\x00\x01\x00\x06\x00")
    (folder / "cases.xls").write_bytes(content[:start + 4] + b"\xff\xff\xff\x00" + content[start + 8:])
    return folder / "cases.xls"


# Text and columns.

def text(name, pieces, way=open):
    def make(folder):
        with way(folder / name, "wb") as stream:
            for piece in pieces():
                stream.write(piece)
        return folder / name
    return make


packed_zeros = text("cases.csv.gz", lambda: (bytes(2**20) for _ in range(300)), gzip.open)
packed_rows = text("cases.csv.gz", lambda: (b"a,b\n" * 2**18 for _ in range(200)), gzip.open)
PAIRS = b",".join(b"%d" % (n % 90 + 10) for n in range(10_000)) + b"\n"
packed_pairs = text("cases.csv.xz", lambda: [PAIRS] * 2000, lzma.open)
one_endless_line = text("cases.csv", lambda: [b"a" * 30_000_000])
an_endless_quotation = text("cases.csv", lambda: [b'a,b\n1,"', b"x,y\n" * 7_000_000])
a_million_columns = text("cases.csv", lambda: [b"a," * 1_000_000, b"\n", b"1," * 1_000_000])
nothing_but_nul = text("cases.csv", lambda: [bytes(30_000_000)])
nul_among_text = text("cases.csv", lambda: [b"Case,Year\nA-\x001,2024\n"])


def parquet(folder, table, **options):
    pyarrow.parquet.write_table(table, folder / "cases.parquet", **options)
    return folder / "cases.parquet"


def parquet_endless_rows(folder):
    return parquet(folder, pyarrow.table({"a": pyarrow.array(["x"]).take(pyarrow.array([0] * 100)).dictionary_encode().take(
        pyarrow.array(range(100)).take(pyarrow.array([0] * 5_000_000)))}))


def parquet_of_long_texts(folder):
    return parquet(folder, pyarrow.table({"a": pyarrow.array(["x" * 1_000_000]).dictionary_encode().take(pyarrow.array([0] * 100_000))}))


def parquet_of_many_columns(folder):
    return parquet(folder, pyarrow.table({f"c{n}": [n] for n in range(20_000)}))


def parquet_nested(folder):
    kind = pyarrow.int8()
    for _ in range(200):
        kind = pyarrow.list_(kind)
    return parquet(folder, pyarrow.table({"a": pyarrow.array([None, []], kind)}))


def parquet_of_declared_rows(folder):
    # The footer says that there are 2 ** 60 rows in each of its parts.
    file = parquet(folder, pyarrow.table({"a": list(range(1000))}), compression="none")
    rows = b"\x16\xd0\x0f"  # the number 1000 as the footer writes it
    content = file.read_bytes()
    file.write_bytes(content[:8] + content[8:].replace(rows, b"\x16" + b"\x80" * 8 + b"\x20"))
    return file


def cut_parquet(folder):
    file = parquet(folder, pyarrow.table({"a": list(range(1000))}))
    file.write_bytes(file.read_bytes()[:-20])
    return file


def folder_of_packed_rows(folder):
    with zipfile.ZipFile(folder / "cases.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cases.csv", "Case,Violation\n" + "A-1,Threats\n" * 30_000_000)
    return folder / "cases.zip"


OUTCOMES = {
    folder_of_packed_rows: "file_unsafe",
    million_formatted_rows: 5, wrong_range: 5, last_cell: "file_unsafe", stray_cell: "file_unsafe", lying_size: "file_unreadable",
    endless_styles: "file_unsafe", coloured_and_hidden_rows_that_hold_nothing: 1, many_sheets_of_one_text: "file_unsafe",
    ods_coloured_to_the_end: 1, ods_last_cell: "file_unsafe", ods_repeated_without_end: "file_unsafe",
    ods_struck_without_end: "file_unsafe", ods_packed_spaces: "file_unsafe", ods_lying_size: "file_unreadable", ods_twice: "file_unsafe",
    ods_twice_in_other_letters: "file_unsafe", ods_internal_entities: "file_unsafe", ods_external_entities: "file_unsafe",
    ods_doctype: "file_unsafe", ods_entities_late: "file_unsafe", ods_entities_in_utf_16: "file_unreadable",
    xlsb_last_cell: "file_unsafe", xlsb_endless_record: "file_unreadable", xlsb_packed_zeros: "file_unreadable",
    xlsb_lying_size: "file_unreadable",
    xlsb_twice: "file_unsafe", xlsb_entities: "file_unsafe", xls_last_cell: "file_unsafe",
    packed_zeros: "file_unsafe", packed_rows: "file_unsafe", packed_pairs: "file_unsafe", one_endless_line: "file_unreadable",
    an_endless_quotation: "file_unreadable", a_million_columns: "file_unsafe", nothing_but_nul: "file_unreadable", nul_among_text: 2,
    parquet_endless_rows: "file_unsafe", parquet_of_long_texts: "file_unsafe", parquet_of_many_columns: "file_unsafe",
    parquet_nested: "file_unreadable", parquet_of_declared_rows: "file_unreadable", cut_parquet: "file_unreadable",
}
NAMES = {value: name for name, value in list(globals().items()) if callable(value)}


@pytest.mark.parametrize("make", OUTCOMES, ids=NAMES.get)
def test_a_hostile_or_careless_file_ends_within_its_limits(tmp_path, make):
    found, megabytes, _ = measured(make(tmp_path))
    assert found == [OUTCOMES[make]] and megabytes < MEGABYTES


WHOLE = ["cases.xls", "marks.xls", "locked.xls", "old.xls", "cases.ods", "cases.xlsb", "cases.xlsx", "cases.parquet", "cases.csv.gz"]


def test_a_file_with_nothing_right_in_it_is_told_by_its_first_cells_and_the_number_of_the_others(book, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(Codebook, "nearest", lambda self, variable, text: asked.append(text) or "")
    file, out = tmp_path / "wrong.csv", tmp_path / "marked.xlsx"
    lines = "".join(f"A-1,31.02.2024,Threatts {n},Police,Gay man,Astana\n" for n in range(ROWS))
    file.write_text(f"Case,Date,Violation,Perpetrator,Victim group,Region\n{lines}", encoding="utf-8")
    one = intake.checked(file, book, "collection")
    # Rows 2 to 2501: the first code is nobody's repetition, so that one cell fewer is wrong in column A.
    wrong = {"no_such_date": ("B", 2, ROWS), "unknown_code": ("C", 2, ROWS), "duplicate_id": ("A", 3, ROWS - 1)}
    for rule, (letter, first, cells) in wrong.items():
        assert [p.cell for p in one.problems if p.rule == rule] == [f"{letter}{row}" for row in range(first, first + MOST)], rule
        more = f"From here down, {cells - MOST} more cells of this sheet have the same fault as {letter}{first + MOST - 1} ({rule})."
        rest = [p for p in one.problems if p.rule == "more_of_these" and p.cell.startswith(letter)]
        assert [(p.cell, p.message.startswith(more)) for p in rest] == [(f"{letter}{first + MOST}", True)], rule
        assert more in intake.as_text(one) and more in json.dumps(intake.as_json(one))
    assert len(one.problems) == 3 * (MOST + 1) and len(asked) == MOST
    assert one.rows == {"rows_read": ROWS, "cases": ROWS, "joined": 0, "set_aside": 0}
    intake.mark(one, out, "ru")
    texts = [row[4] for row in openpyxl.load_workbook(out, read_only=True).worksheets[0].iter_rows(values_only=True) if len(row) > 4]
    assert sum(str(text).startswith("Отсюда вниз") and "1500" in str(text) for text in texts) == 2  # the third is of 1499


@pytest.mark.parametrize("right, looked", [(0, tidy.LONG), (tidy.LONG // 2 + 600, tidy.LONG + 1000)])
def test_a_long_file_with_nothing_right_in_it_is_looked_at_in_part_and_says_so(right, looked, book, tmp_path):
    # 6,000 rows, of which the last ones are right: none, or 3,100, which is more than half. Then every row is looked at.
    file = tmp_path / "wrong.csv"
    lines = "".join(f"A-{n},2024-02-01,{'Threatts' if n < 6000 - right else 'Threat'},Police,Gay man,Almaty\n" for n in range(6000))
    file.write_text(f"Case,Date,Violation,Perpetrator,Victim group,Region\n{lines}", encoding="utf-8")
    one = intake.checked(file, book, "collection")
    told = [p for p in one.problems if p.rule == "not_looked_at"]
    assert one.rows == {"rows_read": 6000, "cases": looked, "joined": 0, "set_aside": 6000 - looked}
    assert [(p.cell, "1000 in all, were not looked at" in p.message) for p in told] == ([] if right else [("A5002", True)])
    assert one.ledger.set_index("what").rows.to_dict() == {"counted": looked} | ({} if right else {"not looked at": 1000})


def whole(folder, name):
    if name.endswith("parquet"):
        return parquet(folder, pyarrow.table({"Case": [f"A-{n}" for n in range(300)], "Year": [2024] * 300}))
    if name.endswith("gz"):
        return text(name, lambda: [b"Case,Year\nA-1,2024\n" * 50], gzip.open)(folder)
    return Path(shutil.copy(ECOM if name.endswith("xlsx") else HERE / name, folder / name))


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_with_wrong_bytes_anywhere_is_read_or_refused_and_nothing_else(tmp_path, name):
    content, chance = whole(tmp_path, name).read_bytes(), random.Random(name)
    for _ in range(5):
        wrong = bytearray(content)
        for at in chance.sample(range(600, len(wrong)) if len(wrong) > 2000 else range(20, len(wrong)), 12):
            wrong[at] = chance.randrange(256)
        (tmp_path / name).write_bytes(wrong[:chance.choice([len(wrong), len(wrong) * 2 // 3])])
        try:
            assert files.opened(tmp_path / name, lambda: "invented").sheets
        except DataError as error:
            assert {one.rule for one in error.problems} <= {"file_unreadable", "file_unsafe", "password_wrong", "ods_password"}
