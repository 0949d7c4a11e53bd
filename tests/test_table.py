"""The workbook: exactly the results, readable, nothing hidden or live in it."""

import datetime
import re
import zipfile

import openpyxl
import pandas as pd
import pytest
from test_report import changed, kazakhstan, uzbekistan  # noqa: F401 (fixtures)

from analysis import table

NUMBERS = {"n": "n", "Base": "base", "Share": "share", "Value": "value", "95% interval, low": "low", "95% interval, high": "high"}


@pytest.fixture(scope="module")
def workbook(kazakhstan, book, tmp_path_factory):  # noqa: F811
    out = tmp_path_factory.mktemp("tables")
    assert table.publish(kazakhstan, out, book, "en") == ["tables.xlsx"]
    return out / "tables.xlsx"


def read(sheet) -> pd.DataFrame:
    """The lines of a sheet under its head, which is the line that ends with the ids."""
    rows = list(sheet.iter_rows(values_only=True))
    top = next(at for at, row in enumerate(rows) if "Number's id" in row)
    return pd.DataFrame(rows[top + 1:], columns=rows[top])


def test_the_workbook_reads_back_to_exactly_the_results(workbook, kazakhstan):  # noqa: F811
    opened = openpyxl.load_workbook(workbook)
    assert opened.sheetnames == ["Contents", *kazakhstan.tables, "Notes"]
    for name in kazakhstan.tables:
        found, expected = read(opened[name]), kazakhstan.table(name)
        assert list(found["Number's id"]) == list(expected.id)
        for head, column in NUMBERS.items():
            told = pd.to_numeric(found[head]) if head in found else pd.Series(float("nan"), expected.index)
            finite = expected[column].astype(float).where(expected[column].abs() < float("inf"))  # no cell can hold an infinite number
            pd.testing.assert_series_equal(told.astype(float), finite, check_names=False, rtol=1e-14)
        assert "A count of records is not how common something is." in [row[0].value for row in opened[name].iter_rows(max_col=1)]


def test_labels_stand_beside_codes(workbook):
    found = read(openpyxl.load_workbook(workbook)["02_violations_perpetrators"])
    row = found[found["Number's id"] == "02_violations_perpetrators.fake_date.unknown"].iloc[0]
    assert list(row)[:4] == ["Fake date", "fake_date", "Unknown or not stated", "unknown"]
    assert row["n"] == 8 and row["Base"] == 31  # eight of the nine fake dates in the published table name no perpetrator


def test_missing_official_numbers_are_words_and_never_zero(workbook):
    found = read(openpyxl.load_workbook(workbook)["04_official"]).set_index("Number's id")
    assert found.at["04_official.2018.prosecuted", "Why there is no number"] == "printed as -"
    assert found.at["04_official.2019.prosecuted", "Why there is no number"] == "printed as Not available"
    assert pd.isna(found.at["04_official.2018.prosecuted", "n"]) and found.at["04_official.2018.sentenced", "n"] == 64


def test_contents_link_to_every_sheet(workbook, kazakhstan):  # noqa: F811
    sheet = openpyxl.load_workbook(workbook)["Contents"]
    links = {cell.value: cell.hyperlink.location for row in sheet.iter_rows(max_col=1) for cell in row if cell.hyperlink}
    assert links == {name: f"'{name}'!A1" for name in [*kazakhstan.tables, "Notes"]}


def test_only_overlapping_tables_warn_against_adding(workbook):
    opened = openpyxl.load_workbook(workbook)
    warns = {name: any("must not be added" in str(row[0].value) for row in opened[name].iter_rows(max_col=1, max_row=8))
             for name in opened.sheetnames}
    assert warns["02_violations"] and warns["02_violations_perpetrators"]
    assert not warns["02_violations_together"] and not warns["02_cases"] and not warns["04_official"]


def test_notes_say_what_the_sources_cannot_say(workbook):
    text = " ".join(str(row[0].value) for row in openpyxl.load_workbook(workbook)["Notes"].iter_rows(max_col=1))
    assert "They are neither all violations nor a sample of them" in text and "Level: public" in text and "Wilson" in text


def test_nothing_is_hidden_live_or_named(workbook):
    parts = {name: zipfile.ZipFile(workbook).read(name).decode() for name in zipfile.ZipFile(workbook).namelist()}
    assert not any("<f>" in part or 'state="hidden"' in part or 'hidden="1"' in part for part in parts.values())
    assert "externalLink" not in "".join(parts) and "TargetMode" not in "".join(parts.values())
    properties = openpyxl.load_workbook(workbook).properties
    assert not properties.creator and not properties.lastModifiedBy and properties.created == datetime.datetime(2000, 1, 1)
    assert str(workbook.parent) not in "".join(parts.values())


def test_text_that_could_be_a_formula_stays_text(kazakhstan, book, tmp_path):  # noqa: F811
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://e.example")', "http://e.example", "12"]
    safe = kazakhstan
    for claim, text in zip(kazakhstan.table("05_claims").id, texts):
        safe = changed(safe, claim, text=text)
    table.publish(safe, tmp_path, book, "en")
    sheet = openpyxl.load_workbook(tmp_path / "tables.xlsx")["05_claims"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value in texts]
    assert [cell.value for cell in cells] == texts
    assert {(cell.data_type, cell.hyperlink) for cell in cells} == {("s", None)}


def test_a_second_run_writes_the_same_bytes(kazakhstan, workbook, book, tmp_path):  # noqa: F811
    table.publish(kazakhstan, tmp_path, book, "en")
    assert (tmp_path / "tables.xlsx").read_bytes() == workbook.read_bytes()


def test_another_country_has_its_own_tables(uzbekistan, book, tmp_path):  # noqa: F811
    table.publish(uzbekistan, tmp_path, book, "en")
    opened = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert all(len(name) <= 31 for name in opened.sheetnames) and len(set(opened.sheetnames)) == len(uzbekistan.tables) + 2
    found = read(opened["04_bias_motivations"]).set_index("Number's id")
    assert found.at["04_bias_motivations.anti_lgbti", "n"] == 48 and found.at["04_bias_motivations.anti_lgbti", "Base"] == 64


def test_sheet_names_are_short_and_unique():
    names = table.sheet_names(["a" * 40, "A" * 35, "a" * 31, "02_x"])
    assert len({name.casefold() for name in names.values()}) == 4 and all(len(name) <= 31 for name in names.values())
    assert names["02_x"] == "02_x"


def test_kazakh_labels_carry_their_mark(kazakhstan, book, tmp_path, monkeypatch):  # noqa: F811
    from analysis.wording import words
    monkeypatch.setattr(words, "of", lambda lang, of=words.of: of("en"))
    table.publish(kazakhstan, tmp_path, book, "kk")
    text = " ".join(zipfile.ZipFile(tmp_path / "tables.xlsx").read("xl/sharedStrings.xml").decode().split())
    assert re.search("Жалған кездесу", text) and "not yet reviewed by a native reader" in text


def test_results_that_are_not_safe_are_refused(book, tmp_path):
    with pytest.raises(TypeError, match="Safe"):
        table.publish(pd.DataFrame(), tmp_path, book, "en")
