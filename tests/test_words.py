"""How numbers, units and titles are said: roundings and forms as they are printed, worked out by hand."""

import numpy as np
import pandas as pd
import pytest
import yaml
from babel.numbers import format_percent
from conftest import ROOT

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


@pytest.mark.parametrize("n, said", [
    *((n, "задокументированный случай") for n in (1, 21, 31)), *((n, "задокументированных случая") for n in (2, 22, 83)),
    *((n, "задокументированных случаев") for n in (0, 5, 9, 11))])
def test_units_agree_with_their_number_in_russian(n, said):
    assert words.counted(n, "cases", "ru") == f"{n} {said}"  # by the plural rules of CLDR


@pytest.mark.parametrize("n, base, said", [
    (9, 31, "9 из 31 задокументированного случая"), (1, 89, "1 из 89 задокументированных случаев"),
    (2, 2, "2 из 2 задокументированных случаев"), (0, 1, "0 из 1 задокументированного случая"),
    (4, 11, "4 из 11 задокументированных случаев")])
def test_a_base_stands_in_the_genitive_in_russian(n, base, said):
    assert words.of_units(n, base, "cases", "ru") == said


def test_a_base_has_its_rule_behind_it_in_either_case():
    assert f"{words.base(11, 'cases', 'answered', 'ru'):of}" == "11 задокументированных случаев с известным значением"
    assert words.base(31, "cases", "answered", "ru") == "31 задокументированный случай с известным значением"
    assert f"{words.units('cases', 'ru')}; {words.units('cases', 'ru'):of}" == "задокументированные случаи; задокументированных случаев"
    assert words.unit(5, "horses", "ru") == "horses"  # a unit without words keeps its own name


def test_kazakh_has_no_plural_after_numbers_and_names_the_base_first():
    assert [words.counted(n, "cases", "kk") for n in (1, 31)] == ["1 құжатталған оқиға", "31 құжатталған оқиға"]
    assert words.of_units(9, 31, "cases", "kk") == "31 ішінен 9 құжатталған оқиға"
    assert f"{words.units('cases', 'kk'):of}" == "құжатталған оқиғалардың"


@pytest.mark.parametrize("lang, sign", [("ru", "\u00a0%"), ("kk", "%")])
def test_numbers_percents_and_days_are_written_as_the_language_writes_them(lang, sign):
    # CLDR: no-break spaces between thousands, a comma before decimals; one more before the sign in Russian and none in Kazakh.
    assert words.decimal(1234.5, 1, lang) == "1\u00a0234,5"
    assert words.percent(0.285, lang) == f"29{sign}" and words.percent(0.7191, lang, 1) == f"71,9{sign}"
    assert words.percent(0.78, lang) == format_percent(0.78, locale=lang) and words.percent(0.78) == format_percent(0.78, locale="en")
    assert words.points(-0.19, lang) == "−19"
    assert words.day("2024-03-09", lang) == {"ru": "9 марта 2024 г.", "kk": "2024 ж. 9 наурыз"}[lang]
    assert words.months([3, 4, 5, 9], lang) == {"ru": "март–май и сентябрь", "kk": "наурыз–мамыр және қыркүйек"}[lang]


def test_labels_stand_by_the_alphabet_of_the_language():
    # Russian ё follows е, and Kazakh ә follows а, ғ follows г, ү and ұ follow у, і follows ы; by their code points all of these come last.
    assert words.alphabetical(["Жизнь", "Ёлка", "Еда", "Арест"], "ru") == ["Арест", "Еда", "Ёлка", "Жизнь"]
    assert words.alphabetical(["Іс", "Үй", "Бала", "Ұл", "Әл", "Ғалым", "Дос", "Ай", "Гүл"], "kk") == [
        "Ай", "Әл", "Бала", "Гүл", "Ғалым", "Дос", "Ұл", "Үй", "Іс"]
    assert words.alphabetical(["b", "C", "a"], "en") == ["a", "b", "C"]


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


class Once(yaml.SafeLoader):
    """Reads YAML and fails at a name that stands twice in one place, of which the plain reader keeps the last."""


def once(loader, node):
    names = [loader.construct_object(name) for name, _ in node.value]
    assert len(names) == len(set(names)), (node.start_mark, [name for name in names if names.count(name) > 1])
    return dict(zip(names, [loader.construct_object(value, deep=True) for _, value in node.value]))


Once.add_constructor("tag:yaml.org,2002:map", once)


@pytest.mark.parametrize("file", [*words.TEMPLATES.glob("*.yml"), *(ROOT / "data").rglob("*.yml"), *(ROOT / "notebooks").rglob("*.yml")],
                         ids=lambda file: file.name)
def test_no_file_says_one_thing_twice(file):
    assert yaml.load(file.read_text(encoding="utf-8"), Once) == yaml.safe_load(file.read_text(encoding="utf-8"))


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


def test_one_rank_is_no_range_of_ranks():
    assert words.ranks(1, 1) == "1" and words.ranks(1, 8) == "1 to 8" and words.ranks(2, 5, "ru") == words.between(2, 5, "ru")
