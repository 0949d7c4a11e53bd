"""The same rows whatever the format, and in words what is no table."""

import datetime
import hashlib
import io
import re
import shutil
import zipfile
import zlib
from base64 import b64encode
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import pandas as pd
import pytest
import xlrd
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from test_read import rewritten

from analysis.formats import decrypt, files
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


@pytest.mark.parametrize("name", ["cases.xls", "cases.ods", "cases.xlsb"])
def test_older_binary_and_open_formats_hold_the_same(name):
    found = files.opened(HERE / name)
    assert found.sheets["Cases"].rows[:3] == ROWS and found.sheets["Cases"].numbers[:3] == [1, 2, 3]
    assert found.kind == name.partition(".")[2] and rules(found) == []


def test_a_workbook_of_excel_95_in_windows_cyrillic_is_read():
    sheet = files.opened(HERE / "old.xls").sheets["Угрозы"]
    assert sheet.rows[1:] == [["A-1", "Угрозы"], ["A-2", 2]] and sheet.marks.errors == {"C2": "#REF!"}


def test_cells_that_would_be_left_out_refuse_their_workbook():
    with pytest.raises(DataError, match="does not know"):
        files.opened(HERE / "short.xlsb")


def test_a_workbook_with_macros_is_read_for_its_values_alone(written):
    macros = shutil.copy(written, written.with_name("cases.xlsm"))
    with zipfile.ZipFile(macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"never opened")
    assert files.opened(macros).sheets["Cases"].rows == ROWS


def test_parquet_holds_the_same_and_lists_are_joined(tmp_path):
    table = pd.DataFrame(ROWS[1:], columns=ROWS[0]).assign(Violation=[["Угрозы", "Побои"], ["Killing"]])
    table.assign(Date=pd.to_datetime(table.Date)).to_parquet(tmp_path / "cases.parquet", index=False)
    assert files.opened(tmp_path / "cases.parquet").sheets[""].rows == ROWS


def test_what_does_not_fit_into_a_cell_refuses_a_parquet_file(tmp_path):
    pd.DataFrame({"Case": ["A-1"], "More": [{"a": {"b": 1}}]}).to_parquet(tmp_path / "cases.parquet")
    with pytest.raises(DataError, match="tables or files"):
        files.opened(tmp_path / "cases.parquet")


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


@pytest.mark.parametrize(("word", "expected"), [("invented", ROWS), ("guessed", "password_wrong"), ("", "password_needed")])
def test_the_password_of_an_older_workbook_opens_it_and_no_other_does(word, expected):
    try:
        found = files.opened(HERE / "locked.xls", lambda: word).sheets["Cases"].rows
    except DataError as error:
        [found] = [one.rule for one in error.problems]
    assert found == expected


def test_nothing_of_a_protected_workbook_is_written_to_the_disk(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a file was asked for")
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"invented")))
    with open(HERE / "locked.xls", "rb") as stream:
        plain = b"".join(content for _, content in decrypt.blocks(stream))
    assert xlrd.open_workbook(file_contents=plain).sheet_by_name("Cases").cell_value(1, 4) == "Police"


@pytest.mark.parametrize(("word", "expected"), [("invented", ROWS), ("guessed", "password_wrong"), ("", "password_needed")])
@pytest.mark.parametrize("whole", [False, True], ids=["part by part", "as one part"])
def test_the_password_of_an_open_workbook_opens_it_and_no_other_does(tmp_path, whole, word, expected):
    file = HERE / "locked.ods" if not whole else locked_whole(HERE / "cases.ods", tmp_path / "cases.ods", b"invented")
    try:
        found = files.opened(file, lambda: word).sheets["Cases"].rows
    except DataError as error:
        [found] = [one.rule for one in error.problems]
    assert found == expected


def locked_whole(file, out, password):
    """The workbook as one encrypted part, as LibreOffice has written it since 24.2: packed, AES-256-GCM, its start before it."""
    packer, start, salt = zlib.compressobj(wbits=-15), bytes(range(12)), bytes(range(16))
    packed = packer.compress(file.read_bytes()) + packer.flush()
    key = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=65536).derive(hashlib.sha256(password).digest())
    told = f"""<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
      xmlns:l="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0">
      <m:file-entry m:full-path="encrypted-package" m:size="{len(packed)}"><m:encryption-data>
      <m:algorithm m:algorithm-name="http://www.w3.org/2009/xmlenc11#aes256-gcm" m:initialisation-vector="{b64encode(start).decode()}"/>
      <m:start-key-generation m:start-key-generation-name="http://www.w3.org/2001/04/xmlenc#sha256" m:key-size="32"/>
      <m:key-derivation m:key-derivation-name="urn:org:documentfoundation:names:experimental:office:manifest:argon2id" m:key-size="32"
      l:argon2-iterations="3" l:argon2-memory="65536" l:argon2-lanes="4" m:salt="{b64encode(salt).decode()}"/>
      </m:encryption-data></m:file-entry></m:manifest>"""
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("encrypted-package", start + AESGCM(key).encrypt(start, packed, None))
        archive.writestr("META-INF/manifest.xml", told)
    return out


def test_an_open_workbook_protected_in_another_way_is_told_with_what_to_do(tmp_path):
    file = Path(shutil.copy(HERE / "locked.ods", tmp_path))
    other = lambda told: re.sub(rb"http://www.w3.org/2001/04/xmlenc#aes256-cbc", b"Blowfish CFB", told)  # noqa: E731
    rewritten(file, lambda parts: parts | {"META-INF/manifest.xml": other(parts["META-INF/manifest.xml"])})
    with pytest.raises(DataError, match="without the password") as refused:
        files.opened(file, lambda: "invented")
    assert [one.rule for one in refused.value.problems] == ["ods_password"]


def test_an_open_workbook_with_blanks_between_its_elements_is_read(tmp_path):
    # As SheetJS writes it; calamine takes the blanks for text. Those inside a text stay.
    file = Path(shutil.copy(HERE / "cases.ods", tmp_path))
    apart = lambda content: re.sub(rb"(?=</?table:)", b"\n   ", content).replace(b"Police", b"Po<text:s/> <text:s/>lice")  # noqa: E731
    rewritten(file, lambda parts: parts | {"content.xml": apart(parts["content.xml"])})
    assert files.opened(file).sheets["Cases"].rows[:2] == [ROWS[0], [*ROWS[1][:4], "Po   lice", *ROWS[1][5:]]]


def test_a_lock_file_is_not_the_workbook_and_one_beside_it_is_told(written):
    lock = shutil.copy(written, written.with_name("~$cases.xlsx"))
    assert "open_elsewhere" in rules(files.opened(written))
    written.with_name(f"~${written.name}").rename(written.with_name(f".~lock.{written.name}#"))  # of LibreOffice
    assert "open_elsewhere" in rules(files.opened(written))
    written.with_name(f".~lock.{written.name}#").rename(written.with_name(f"~${written.name}"))
    with pytest.raises(DataError) as refused:
        files.opened(lock)
    assert [one.rule for one in refused.value.problems] == ["lock_file"]


def test_links_to_other_files_are_told(written):
    assert rules(files.opened(rewritten(written, lambda parts: parts | {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}))) == \
        ["external_links"]


def test_rows_before_the_first_letter_that_is_not_utf_8_are_read_once(tmp_path):
    # Rows are handed on by the hundred; the last of these 2,000 shows that the file is in Windows Cyrillic.
    rows = [["Case", "Name"], *([f"A-{number}", "x"] for number in range(1999)), ["A-1999", "Побои"]]
    (tmp_path / "cases.csv").write_text("".join(f"{case},{name}\n" for case, name in rows), encoding="cp1251")
    found = files.opened(tmp_path / "cases.csv")
    assert found.sheets[""].rows == rows and rules(found) == ["encoding_read"]


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
