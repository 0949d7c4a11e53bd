"""The workbook: exactly the results, readable, nothing hidden or live in it."""

import datetime
import re
import zipfile
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest
from test_report import changed, kazakhstan, uzbekistan  # noqa: F401 (fixtures)

from analysis import protect, table
from analysis.protection import shown

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
    named = table.sheet_names(kazakhstan.tables)
    assert opened.sheetnames == ["Contents", *named.values(), "Notes"]
    for name in kazakhstan.tables:
        found, expected = read(opened[named[name]]), kazakhstan.table(name)
        assert list(found["Number's id"]) == list(expected.id)
        for head, column in NUMBERS.items():
            told = pd.to_numeric(found[head]) if head in found else pd.Series(float("nan"), expected.index)
            finite = expected[column].astype(float).where(expected[column].abs() < float("inf"))  # no cell can hold an infinite number
            pd.testing.assert_series_equal(told.astype(float), finite, check_names=False, rtol=1e-14)
        assert "A count of records is not how common something is." in [row[0].value for row in opened[named[name]].iter_rows(max_col=1)]


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
    assert links == {name: f"'{name}'!A1" for name in [*table.sheet_names(kazakhstan.tables).values(), "Notes"]}


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


CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


def charts(file):
    """Sheet -> the chart on it, as XML."""
    opened, packed = openpyxl.load_workbook(file), zipfile.ZipFile(file)
    made = [ElementTree.fromstring(packed.read(name)) for name in packed.namelist() if name.startswith("xl/charts/chart")]
    named = {chart.find(f".//{CHART}val//{CHART}f").text.split("!")[0].strip("'"): chart for chart in made}
    assert len(named) == len(made) and all(len(opened[name]._charts) == (name in named) for name in opened.sheetnames)
    return named


def test_one_way_tables_have_bars_and_years_lines_beside_them_from_their_own_cells(workbook, kazakhstan):  # noqa: F811
    found, opened = charts(workbook), openpyxl.load_workbook(workbook)
    kinds = {"bars": "barChart", "mentions": "barChart", "sums": "barChart", "years": "lineChart", "yearly": "lineChart",
             "printed_years": "lineChart"}
    forms = {name: kazakhstan.table(name).form[0] for name in kazakhstan.tables}
    assert set(found) == {name for name, form in forms.items() if form in kinds} and len(found) > 8
    for name, chart in found.items():
        assert chart.find(f".//{CHART}{kinds[forms[name]]}") is not None
        assert chart.find(f".//{CHART}dispBlanksAs") is None or chart.find(f".//{CHART}dispBlanksAs").get("val") == "gap"
        table, sheet = kazakhstan.table(name), opened[name]
        for head, column in (("n", "n"), ("Base", "base")):
            cells = [f.text for f in chart.iterfind(f".//{CHART}val//{CHART}f") if told(sheet, f.text)[0] == head]
            if cells or head == "n":
                read = [cell for cell in told(sheet, cells[0])[1]]
                assert read == [None if pd.isna(n) else n for n in table[column]]
        labels = [f.text for f in chart.iterfind(f".//{CHART}cat//{CHART}f")]
        assert told(sheet, labels[0])[1] == [cell.value for cell in sheet["A"]][-len(table):]


def told(sheet, reference):
    """The head over a range of one column, and what stands in its cells."""
    cells = sheet[reference.split("!")[1].replace("$", "")]
    return sheet.cell(cells[0][0].row - 1, cells[0][0].column).value, [cell.value for cell, in cells]


def test_a_number_that_is_hidden_is_an_empty_cell_and_no_bar_and_a_zero_is_a_zero(kazakhstan, book, tmp_path):  # noqa: F811
    rows = kazakhstan.results
    rows.loc[rows.id == "02_violations.hate_speech", ["n", "share", "low", "high", "no_value"]] = [float("nan")] * 4 + ["hidden"]
    safe = protect.publication(rows[rows.table == "02_violations"])
    table.publish(safe, tmp_path, book, "en")
    chart, sheet = charts(tmp_path / "tables.xlsx")["02_violations"], openpyxl.load_workbook(tmp_path / "tables.xlsx")["02_violations"]
    numbers = dict(zip(safe.table("02_violations").codes, told(sheet, chart.find(f".//{CHART}val//{CHART}f").text)[1]))
    assert numbers["hate_speech"] is None and numbers["killing"] == 0 and numbers["fake_date"] == 9
    assert "protected" in [cell.value for row in sheet.iter_rows() for cell in row]


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


def test_each_further_language_has_a_workbook_of_the_same_sheets_ids_and_numbers(kazakhstan, workbook, book, tmp_path):  # noqa: F811
    assert table.publish(kazakhstan, tmp_path, book, "en", "ru", "kk") == ["tables.xlsx", "tables.ru.xlsx", "tables.kk.xlsx"]
    assert (tmp_path / "tables.xlsx").read_bytes() == workbook.read_bytes()
    first, read_back = openpyxl.load_workbook(workbook), shown.numbers(tmp_path)
    for name, label, head in (("tables.ru.xlsx", "Подставное свидание", "Содержание"), ("tables.kk.xlsx", "Жалған кездесу", "Мазмұны")):
        other = openpyxl.load_workbook(tmp_path / name)
        assert other.sheetnames[1:-1] == first.sheetnames[1:-1] and other.sheetnames[0] == head
        assert label in [cell.value for cell in other["02_violations"]["A"]]
        assert read_back.n[read_back.file == f"{name}, 02_violations"].tolist() == kazakhstan.table("02_violations").n.tolist()
        assert set(charts(tmp_path / name)) == set(charts(workbook))
        for sheet in first.sheetnames[1:-1]:
            numbers = [[cell.value for row in opened[sheet].iter_rows() for cell in row if isinstance(cell.value, (int, float))]
                       for opened in (first, other)]
            assert numbers[0] == numbers[1], sheet


def test_no_text_of_contents_or_heads_is_cut_off_by_its_row(uzbekistan, book, tmp_path):  # noqa: F811
    """A text needs at least as many lines of 15.5 points as it is longer than its column; a row without a height has one."""
    table.publish(uzbekistan, tmp_path, book, "en", "ru")
    opened, low = openpyxl.load_workbook(tmp_path / "tables.ru.xlsx"), []
    for sheet in opened.worksheets[:-1]:
        head = max((row[0].row for row in sheet.iter_rows() if "Номер числа" in [cell.value for cell in row]), default=0)
        for row in sheet.iter_rows(min_row=head or 4, max_row=head or None):
            have = (sheet.row_dimensions[row[0].row].height or 15.5) / 15.5
            wide = [sheet.column_dimensions[cell.column_letter].width for cell in row]
            low += [cell.value for cell, room in zip(row, wide) if cell.value and len(str(cell.value)) / room > have]
    assert low == []


def test_kazakh_labels_carry_their_mark(kazakhstan, book, tmp_path):  # noqa: F811
    table.publish(kazakhstan, tmp_path, book, "kk")
    text = " ".join(zipfile.ZipFile(tmp_path / "tables.xlsx").read("xl/sharedStrings.xml").decode().split())
    assert re.search("Жалған кездесу", text) and "оны ана тілінде сөйлейтін адам әлі тексермеген" in text


def test_results_that_are_not_safe_are_refused(book, tmp_path):
    with pytest.raises(TypeError, match="Safe"):
        table.publish(pd.DataFrame(), tmp_path, book, "en")
