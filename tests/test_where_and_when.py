"""Maps and timeline in the report: where data has places and dates they are shown and said in each language, otherwise left out aloud."""

import openpyxl
import pandas as pd
import pytest
from conftest import ODIHR_KAZAKHSTAN
from test_forms import regions
from test_report import about, safe_results, stand_ins

from analysis import codebook, protect, report

HEADINGS = {"en": ("## When in the year", "## On a map", "## Regions on a map: number of documented cases"),
            "ru": ("## Когда в течение года", "## На карте", "## Регионы на карте"),
            "kk": ("## Жылдың қай кезінде", "## Картада", "## Өңірлер")}
NOTES = {"en": "Regions on a map", "ru": "Регионы на карте", "kk": "Картадағы өңірлер"}
# Of the coded incidents those with a month and those with a year alone, counted in the sheet below.
EXACT = {"en": "known to the month (80) and known to the year (9)", "ru": "известен месяц (80) и известен год (9)",
         "kk": "айы белгілі (80) және жылы белгілі (9)"}


def written(results, folder, lang):
    """The report as Markdown without the signs that only pandoc reads, and the notes for the author."""
    safe = protect.publication(results)
    text, notes = report.written(safe, stand_ins(safe, folder, lang), codebook.load(), lang, about("kazakhstan-2024"))
    return text.replace("\\", ""), notes


def test_the_sheet_has_80_incidents_with_a_month_and_9_with_a_year():
    dates = [str(row[1]) for row in openpyxl.load_workbook(ODIHR_KAZAKHSTAN)["Incidents"].iter_rows(min_row=2, values_only=True) if row[0]]
    assert [sum(len(date) == long for date in dates) for long in (7, 4)] == [80, 9] and len(dates) == 89


@pytest.mark.parametrize("lang", HEADINGS)
def test_without_regions_the_section_is_left_out_with_a_note_and_the_others_stand(lang, tmp_path):
    text, notes = written(safe_results("kazakhstan-2024").results, tmp_path, lang)
    when, where, by_region = HEADINGS[lang]
    assert when in text and where in text and by_region not in text
    assert EXACT[lang] in text
    for figure in ("03_incidents_by_month", "04_anti_lgbti_countries_map"):
        assert text.count(f"]({figure}.{lang}.svg)") == 1
    assert len([note for note in notes if NOTES[lang] in note]) == 1


@pytest.mark.parametrize("lang", HEADINGS)
def test_cases_that_say_their_region_are_shown_on_a_map_with_how_many_do_not(lang, tmp_path, book):
    known = safe_results("kazakhstan-2024").results
    invented = regions(book).assign(**known.loc[known.table == "02_violations", ["file", "source", "note"]].iloc[0])
    results = pd.concat([known, invented], ignore_index=True)
    text, notes = written(results, tmp_path, lang)
    assert HEADINGS[lang][2] in text and text.count(f"](02_regions_map.{lang}.svg)") == 1
    part = text[text.index(HEADINGS[lang][2]):text.index(f"](02_regions_map.{lang}.svg)")]
    assert {"en": "4 of 201", "ru": "4 из 201", "kk": "201 ішінен 4"}[lang] in part.replace("\u00a0", " "), part
    assert not [note for note in notes if NOTES[lang] in note]


def test_a_report_names_the_workbook_of_its_language(tmp_path):
    results = safe_results("kazakhstan-2024").results
    (tmp_path / "tables.ru.xlsx").touch()
    for lang, own in (("en", "tables.xlsx"), ("ru", "tables.ru.xlsx"), ("kk", "tables.xlsx")):
        text, _ = written(results, tmp_path, lang)
        others = {"tables.xlsx", "tables.ru.xlsx"} - {own}
        assert text.count(own) > 10 and not any(other in text for other in others), lang
