"""How numbers, units and titles are said: roundings and forms as they are printed, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis import ledger
from analysis.problems import UsageError
from analysis.wording import words


@pytest.mark.parametrize("share, said", [
    (0.125, "13%"),  # half a percent goes up in print, not to the even 12
    (0.135, "14%"), (0.005, "1%"), (0.0049, "0%"), (64 / 89, "72%"), (0.285, "29%"), (1.0, "100%"), (0.0, "0%"), (0.995, "100%"),
])
def test_percent_is_whole_and_rounds_halves_up(share, said):
    assert words.percent(share) == said


def test_percent_takes_more_digits_when_asked():
    assert words.percent(64 / 89, digits=1) == "71.9%"  # 64 / 89 = 0.71910
    assert words.percent(0.12345, digits=2) == "12.35%"


def test_share_of_nothing_is_no_number():
    assert words.percent(np.nan) == "no records"
    assert words.interval(np.nan, np.nan) == "no records"


@pytest.mark.parametrize("value, digits, said", [
    (2.5, 0, "3"), (3.5, 0, "4"), (0.125, 2, "0.13"), (2.675, 2, "2.68"), (1234.5, 1, "1,234.5")])
def test_decimals_round_halves_up_from_the_decimals_that_are_seen(value, digits, said):
    assert words.decimal(value, digits) == said


def test_counts_have_separators_and_the_language_s_own():
    assert words.count(1234567) == "1,234,567"
    assert words.count(1234567, "ru").replace("\u00a0", " ") == "1 234 567"  # as Russian writes it: no-break spaces


@pytest.mark.parametrize("n, said", [
    (0, "0 documented cases"), (1, "1 documented case"), (31, "31 documented cases"), (1000, "1,000 documented cases")])
def test_units_agree_with_their_number_in_english(n, said):
    assert words.counted(n, "cases") == said


@pytest.mark.parametrize("n, form", [(1, "one"), (21, "one"), (31, "one"), (2, "few"), (22, "few"), (83, "few"),
                                     (0, "many"), (5, "many"), (9, "many"), (11, "many")])
def test_units_agree_with_their_number_in_russian(monkeypatch, n, form):
    # The published plural rules of CLDR; the phrases of the language itself come later, so the test brings its own.
    forms = {one: one for one in ("one", "few", "many", "other")}
    monkeypatch.setattr(words, "of", lambda lang: {"units": {"cases": forms}})
    assert words.unit(n, "cases", "ru") == form


def test_intervals_bases_and_lists():
    assert words.interval(0.1612, 0.4659) == "16 to 47%"
    assert words.interval(0, 0.125) == "0 to 13%"
    assert words.share_of(9, 31) == "9 of 31"
    assert words.share_of(645, 1133) == "645 of 1,133"
    assert words.joined([]) == ""
    assert words.joined(["a"]) == "a"
    assert words.joined(["a", "b"]) == "a and b"
    assert words.joined(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize("label, said", [("Fake date", "fake date"), ("HIV status", "HIV status"), ("Anti-LGBTI", "anti-LGBTI"),
                                         ("LGBTI person", "LGBTI person"), ("СМИ", "СМИ"), ("Угрозы", "угрозы")])
def test_labels_begin_small_in_a_sentence_unless_they_are_abbreviations(label, said):
    assert words.first_lower(label) == said


def test_periods_have_the_dash_of_ranges():
    assert words.period("2016-2022") == "2016–2022"
    assert words.period("2024") == "2024"


def test_a_language_without_text_is_an_error_that_names_those_there_are():
    with pytest.raises(UsageError, match="'xx'.*There is: en"):
        words.of("xx")


TITLES = [
    ("total", "", "total", "2024", "", "Number of documented cases, Kazakhstan, 2024"),
    ("bars", "violation", "fake_date", "2024", "", "Types of violation, Kazakhstan, 2024"),
    ("mentions", "bias_motivation", "anti_lgbti", "2016-2022", "", "Bias motivations, by mentions, Kazakhstan, 2016–2022"),
    ("heat", "violation,perpetrator", "fake_date,police", "2024", "", "Types of violation by categories of perpetrator, Kazakhstan, 2024"),
    ("heat", "year,violation", "2016,fake_date", "2016-2022", "", "Types of violation by year, Kazakhstan, 2016–2022"),
    ("together", "violation", "fake_date+threat", "2024", "", "Types of violation recorded together, Kazakhstan, 2024"),
    ("years", "year,bias_motivation", "2016,anti_lgbti", "2016-2022", "",
     "Anti-LGBTI among all documented cases, by year, Kazakhstan, 2016–2022"),
    ("dots", "country,bias_motivation", "am,anti_lgbti", "2016-2022", "",
     "Anti-LGBTI as a share of all documented cases, by country, 2016–2022"),
    ("changes", "year,violation", "2020,fake_date", "2020-2022", "", "Types of violation: two years compared, Kazakhstan, 2020 and 2022"),
    ("printed_years", "year", "2023", "2023-2024", "ECOM", "Cases documented, as published by ECOM, Kazakhstan, 2023–2024"),
    ("change", "year", "2023-2024", "2023-2024", "ECOM",
     "Changes of the yearly number of documented cases, and how far effort alone would explain them, Kazakhstan, 2023–2024"),
    ("yearly", "year", "2023", "2023-2024", "", "Number of documented cases, by year, Kazakhstan, 2023–2024"),
    ("printed_shares", "claim", "osce.share", "", "share of", "Shares as the published report prints them, Kazakhstan"),
    ("official", "year,official", "2009,prosecuted", "2009-2020", "5", "Hate crimes as reported by the state, Kazakhstan, 2009–2020"),
    ("claims", "claim", "cases.total", "", "all cases", "Claims of the published report, recomputed, Kazakhstan"),
]


@pytest.mark.parametrize("form, by, codes, period, text, title", TITLES)
def test_every_form_of_table_has_its_title(book, form, by, codes, period, text, title):
    row = pd.DataFrame([{"form": form, "by": by, "codes": codes, "period": period, "text": text, "place": "kz", "unit": "cases"}])
    assert words.title(ledger.complete(row), book) == title


def test_a_form_without_a_title_is_an_error_and_gets_no_other_s(book):
    with pytest.raises(KeyError):
        words.title(ledger.complete(pd.DataFrame([{"form": "new", "by": "violation", "codes": "fake_date", "unit": "cases"}])), book)
