"""Dates and numbers as monitors write them: each is read right, or refused for the right reason, and none is guessed."""

import datetime
import re
import shutil
import unicodedata

import pytest
from babel import Locale
from babel.dates import format_date
from conftest import ROOT
from hypothesis import assume, example, given
from hypothesis import strategies as st
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from analysis import codebook, tidy
from analysis import read as reading
from analysis.codebook import fold
from analysis.problems import UsageError, rules
from analysis.sheets.dates import Dated, look_alikes, months, number_words, read_date, read_number, read_year

CODEBOOK = ROOT / "data" / "codebook"
MONTHS, WORDS = months(CODEBOOK), number_words(CODEBOOK)
LETTERS = codebook.load(CODEBOOK).alike
RULES = {rule: (row["severity"], row["message"]) for rule, row in rules().items()}
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31))
# What people who document type, and what they do not type but paste.
SIGNS = "0123456789 .,/-–—:TZmarАпрельмартажг'?~+>\u00a0\u200b\u202f\n\t¹½²①"
PRECISIONS = {0: "none", 4: "year", 7: "month", 10: "day"}


def dated(text, *order, **how):
    return read_date(text, *order, **how, months=MONTHS)


# The date is worked out by hand; its precision follows from its length.
CERTAIN = {
    "2024-03-04": ["2024-03-04", " 2024-03-04\u00a0", "2024-3-4", "2024-03-04T10:30:00", "2024-03-04T10:30:00.000+05:00",
                   "2024-03-04 10:30", "2024\u201003\u201104", "2024/03/04", "2024.03.04", "04.03.2024", "4.3.2024", "04. 03. 2024",
                   "04.03.2024.", "04.03.2024 г.", "04.03.2024г", "04.03.2024 15:30", "04.03.2024, 15:30:07", "04.03.2024 г. в 15:30",
                   "\u200b04.03.\u200b2024\ufeff", "4 марта 2024 г.", "4 МАРТА 2024", "4марта2024", "4-го марта 2024 года", "4 мар. 2024",
                   "04.мар.2024", "4 наурыз 2024", "4 наурыз 2024 ж.", "2024 ж. 4 наурыз", "2024 жылғы 4 наурыз", "4 нау. 2024",
                   "March 4, 2024", "March 4th, 2024", "4th of March 2024", "4 Mar 2024", "4-Mar-2024", "Mar. 4, 2024", "2024-Mar-04",
                   "4\u00a0марта\u202f2024"],
    "2024-03-13": ["13/03/2024", "13-03-2024", "03/13/2024", "3-13-2024", "13/3/2024 9:05:00 PM"],
    "2024-05-05": ["05/05/2024", "5-5-2024"],
    "2018-08-31": ["31-AUG-2018", "31 августа 2018", "31 тамыз 2018"],
    "2024-02-29": ["29.02.2024", "29 февр. 2024 г.", "29/02/2024"],
    "2024-05-09": ["9 мая 2024", "9 мамыр 2024", "9 маи\u0306 2024", "May 9, 2024"],  # й also composed of two signs
    "2024-03": ["2024-03", "2024-3", "2024/03", "2024.03", "03.2024", "3.2024", "03-2024", "3/2024", "март 2024", "Март, 2024 г.",
                "в марте 2024 года", "март месяц 2024", "наурыз 2024", "2024 наурыз", "2024 ж. наурыз айы", "March 2024", "Mar-2024"],
    "2024-09": ["сентябрь 2024", "сент. 2024", "сен 2024", "Sept. 2024", "қыркүйек 2024", "кыркуйек 2024"],
    "2024": ["2024", "2024.0", "2024 год", "2024 г.", "2024г.", "2024 ж.", "в 2024 году", "2024 жылы"],
    "": ["", "  ", "\u00a0\u200b"],
}


@pytest.mark.parametrize("date, text", [(date, text) for date, ways in CERTAIN.items() for text in ways])
def test_a_date_in_every_usual_form_is_read(date, text):
    assert dated(text) == (date, PRECISIONS[len(date)], "")


REFUSED = {
    "date_ambiguous": ["04/03/2024", "4-3-2024", "04/03/2024 10:00", "04/03/2024 - 05/03/2024"],
    "two_digit_year": ["04.03.24", "3/4/24", "31-AUG-91", "4 марта 24", "12-15.03.24"],
    "no_such_date": ["31.02.2024", "00.03.2024", "01.13.2024", "29.02.2023", "30/02/2024", "13/13/2024", "0/0/2024", "2024-02-30",
                     "2024-13", "2024-00", "2024-03-00", "31 апреля 2024", "31.02.2024 - 05.03.2024"],
    "date_range_years": ["2023-2024", "2023–2024 гг.", "декабрь 2023 - январь 2024", "30.12.2023-02.01.2024"],
    # A day without a year, a docket, a time, a footnote's sign, an open or backward period, a list, a year outside 1900 to 2100.
    "bad_date": ["вчера", "4 марта", "24", "45355-2024", "123/2024", "10:00", "2024\u00b9", "04.03.2024\u00b9", "2024 -", "- 2024",
                 "с 2024", "15-12.03.2024", "05.03.2024 - 04.03.2024", "04.03.2024, 05.03.2024", "04.03.2024\n05.03.2024",
                 "04.03.2024 05.03.2024", "04.03.2024 - 10", "1899", "01.01.2101", "31.02.1850", "2024.1", "20240304", "19999", "80001",
                 "мaрт 2024", "04.03-2024", "?", "ok", "04 03 2024", "-", "март-апрель", "2024 и 2025", "m3 2024", "C 2024", "٢٠٢٤",
                 "04.03.2024 " * 4000,
                 "2024-03.04", "- март 2024", "март 2024 -", "март/апрель 2024", "2024-03-04/2024-03-09"],
}


@pytest.mark.parametrize("rule, text", [(rule, text) for rule, ways in REFUSED.items() for text in ways])
def test_what_cannot_be_read_for_certain_is_refused_for_the_reason_that_it_has(rule, text):
    assert dated(text) == ("", "none", rule)
    assert RULES[rule][0] == "refuse"


# Both ends have in common the month, or only the year.
PERIODS = {
    "2024-03": ["12-15.03.2024", "1 - 5.03.2024", "12.03-15.03.2024", "12.03.2024–15.03.2024", "12—15 марта 2024 г.",
                "12 марта - 15 марта 2024", "12-15марта 2024", "March 12-15, 2024", "2024-03-04 - 2024-03-09", "2024-03-04-2024-03-09",
                "2024-03-04 - 09",
                "13/03/2024 - 15/03/2024", "март 2024 - 09.03.2024"],
    "2024": ["март-апрель 2024", "март 2024 - апрель 2024", "2024 наурыз-сәуір", "12 марта - 15 апреля 2024", "30.03-02.04.2024",
             "03-04.2024", "2024 - апрель 2024", "2024-2024"],
    "2024-03-04": ["04.03.2024 - 04.03.2024"],
}


@pytest.mark.parametrize("date, text", [(date, text) for date, ways in PERIODS.items() for text in ways])
def test_a_period_is_read_as_what_its_ends_have_in_common_and_noted(date, text):
    assert dated(text) == (date, PRECISIONS[len(date)], "date_range")
    assert RULES["date_range"][0] == "warn"


# The letters that are Latin, by hand: a in мaрт and мaрта, o in гoд, p in апpель, e in декaбре, a and o in қaзaн and сoонда.
MIXED = {"2024-03": ["мaрт 2024", "МAРТ 2024", "в мaрте 2024 года", "м\u0430pт 2024"],
         "2024-03-04": ["4 мaрта 2024 г.", "4-го мaртa 2024 гoда"],
         "2024": ["2024 гoд", "2024 гoду"], "2024-10": ["қaзaн 2024", "oкт. 2024", "Oct 2024".replace("O", "\u041e")],
         "2024-12": ["дeкабрь 2024"]}


@pytest.mark.parametrize("date, text", [(date, text) for date, ways in MIXED.items() for text in ways])
def test_a_letter_of_another_alphabet_in_a_month_is_read_as_what_it_looks_like_and_noted(date, text):
    assert dated(text) == ("", "none", "bad_date")
    assert dated(text, looks=look_alikes(MONTHS, LETTERS)) == (date, PRECISIONS[len(date)], "mixed_letters")
    assert RULES["mixed_letters"][0] == "warn"


def test_a_word_that_looks_like_two_months_or_like_a_single_letter_is_not_read():
    # мaу with a Latin a may be the English may or мау of маусым, June; B may be a letter of a document's number.
    for text in ("мaу 2024", "4 мaу 2024", "B 2024", "4 мaрта", "мaрт-апрель"):
        assert dated(text, looks=look_alikes(MONTHS, LETTERS)).rule == "bad_date", text


def test_a_period_with_a_letter_of_another_alphabet_is_noted_as_a_period():
    assert dated("мaрт-апрель 2024", looks=look_alikes(MONTHS, LETTERS)) == ("2024", "year", "date_range")


@given(DAYS, st.sampled_from(["ru, long", "kk, long", "en, long"]), st.data())
def test_a_date_in_letters_that_look_alike_is_that_date_or_refused(day, way, data):
    # Any of its letters replaced by the one of the other alphabet that it looks like: never another date.
    backwards = {}
    for sign, look in LETTERS.items():
        backwards.setdefault(look, chr(sign)) if chr(sign).isalpha() else None
    text = "".join(data.draw(st.sampled_from([sign, *([backwards[sign]] if sign in backwards else []), *(
        [LETTERS[ord(sign)]] if ord(sign) in LETTERS and sign.isalpha() else [])])) for sign in WAYS[way](day).lower())
    assume("мау" not in text)  # June in Kazakh, if all three letters are Cyrillic
    found = dated(text, looks=look_alikes(MONTHS, LETTERS))
    assert found.date in ("", day.isoformat()) and found.rule in ("", "mixed_letters", "bad_date")


def test_the_order_given_decides_what_the_numbers_leave_open():
    assert dated("04/03/2024", "day_month").date == "2024-03-04"
    assert dated("04/03/2024", "month_day").date == "2024-04-03"
    assert dated("04-03-2024 - 09-03-2024", "day_month") == ("2024-03", "month", "date_range")
    assert dated("04.03.2024", "month_day").date == "2024-03-04"  # with dots the day comes first


def test_a_date_that_only_fits_the_other_order_is_noted():
    assert dated("03/13/2024", "day_month") == dated("13/03/2024", "month_day") == ("2024-03-13", "day", "date_other_order")
    assert dated("13/03/2024", "day_month").rule == dated("05/05/2024", "month_day").rule == dated("05/05/2024", "day_month").rule == ""
    assert RULES["date_other_order"][0] == "warn"


@pytest.mark.parametrize("century, text, date", [
    (1930, "31-AUG-91", "1991-08-31"), (1930, "31-AUG-18", "2018-08-31"), (1930, "01.01.30", "1930-01-01"),
    (1930, "31.12.29", "2029-12-31"), (2000, "04.03.91", "2091-03-04"), (1900, "04.03.00", "1900-03-04"), (1930, "12-15.03.24", "2024-03"),
    (1930, "13/04/24", "2024-04-13")])
def test_years_in_two_digits_belong_to_the_hundred_years_that_were_given(century, text, date):
    assert dated(text, century=century).date == date


def test_two_digits_alone_are_no_date_even_in_a_known_century():
    assert dated("18", century=1930).rule == "bad_date"
    assert dated("3/4/24", century=1930).rule == "date_ambiguous"


@given(st.integers(20_000, 71_953), st.sampled_from([(1900, WINDOWS_EPOCH), (1904, MAC_EPOCH)]), st.integers(0, 86_399))
@example(73_050, (1900, WINDOWS_EPOCH), 0)  # 2099-12-31, near the end of what is read
def test_serial_numbers_are_the_days_that_openpyxl_finds(serial, epochs, second):
    epoch, theirs = epochs
    day = from_excel(serial, theirs).date().isoformat()
    for text in (f"{serial}", f"{serial}.0", f"{serial + second / 86_400}", f"{serial + second / 86_400:.9f}".replace(".", ",")):
        assert dated(text, epoch=epoch) == (day, "day", "date_serial")


def test_serial_numbers_by_hand():
    # Excel shows 45355 as 4 March 2024; the calendar of 1904 begins 1462 days later.
    assert dated("45355").date == dated("43893", epoch=1904).date == "2024-03-04"
    assert dated("45355.9999999").date == "2024-03-05"  # a second or less before midnight is rounding
    assert dated("80000").rule == "bad_date"  # in 2119
    assert RULES["date_serial"][0] == "warn"


WAYS = {
    "ISO": lambda d: d.isoformat(),
    "with time": lambda d: f"{d.isoformat()}T23:59:59",
    "dots": lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
    "short dots": lambda d: f"{d.day}.{d.month}.{d.year} г.",
    "year first": lambda d: f"{d.year}/{d.month}/{d.day}",
    **{f"{lang}, {style}": lambda d, lang=lang, style=style: format_date(d, style, locale=lang)
       for lang in ("en", "ru", "kk") for style in ("long", "d MMM y", "d-MMMM-y", "y, d MMMM")},
    "medium": lambda d: format_date(d, "medium", locale="en"),
}


@given(DAYS, st.sampled_from(sorted(WAYS)))
def test_every_day_written_in_any_certain_way_reads_back(day, way):
    assert dated(WAYS[way](day)) == (day.isoformat(), "day", "")


@given(DAYS, st.sampled_from(["{m:02}.{y}", "{m}/{y}", "{y}-{m:02}", "{m}-{y}", "{y}.{m:02}"]))
def test_every_month_written_in_any_certain_way_reads_back(day, way):
    assert dated(way.format(y=day.year, m=day.month)) == (day.isoformat()[:7], "month", "")


@given(DAYS, st.sampled_from(["en", "ru", "kk"]), st.sampled_from(["LLLL y", "LLL y", "MMMM y", "y LLLL"]))
def test_every_month_by_its_name_reads_back(day, lang, way):
    assert dated(format_date(day, way, locale=lang)) == (day.isoformat()[:7], "month", "")


@given(DAYS, st.sampled_from("/-"))
def test_slashes_and_dashes_are_read_in_the_order_given_or_when_only_one_is_possible(day, sign):
    day_first, month_first = f"{day.day}{sign}{day.month}{sign}{day.year}", f"{day.month}{sign}{day.day}{sign}{day.year}"
    assert dated(day_first, "day_month").date == dated(month_first, "month_day").date == day.isoformat()
    certain = day.day > 12 or day.day == day.month
    expected = (day.isoformat(), "day", "") if certain else ("", "none", "date_ambiguous")
    assert dated(day_first) == dated(month_first) == expected


@given(DAYS, st.integers(0, 99))
def test_the_last_two_digits_of_a_year_are_enough_in_a_known_century(day, before):
    century = day.year - before
    assert dated(f"{day.day}.{day.month}.{day.year % 100:02}", century=century).date == day.isoformat()
    assert dated(f"{day.day}.{day.month}.{day.year % 100:02}").rule == "two_digit_year"


@given(DAYS, st.integers(0, 800),
       st.sampled_from(["ISO", "dots", "short dots", "ru, long", "kk, long", "en, long"]), st.sampled_from(["-", " – "]))
def test_a_period_of_any_length_is_read_as_what_its_ends_have_in_common(first, days, way, dash):
    last = min(first + datetime.timedelta(days), datetime.date(2100, 12, 31))
    found = dated(f"{WAYS[way](first)}{dash}{WAYS[way](last)}")
    if first.year != last.year:
        assert found == ("", "none", "date_range_years")
    else:
        date = first.isoformat() if first == last else first.isoformat()[:7] if first.month == last.month else str(first.year)
        assert found == (date, PRECISIONS[len(date)], "date_range")


@given(DAYS, st.sampled_from(sorted(WAYS)), st.sampled_from([str.upper, str.lower, str.title]),
       st.sampled_from(["\u00a0", "\u2009", "  ", "\u200b \u200b", "\t"]))
def test_capitals_and_kinds_of_space_do_not_matter(day, way, case, space):
    text = WAYS[way](day)
    assert dated(space + case(text).replace(" ", space) + space) == dated(text)


exists = {"none": lambda date: date == "", "year": lambda date: re.fullmatch("[0-9]{4}", date),
          "month": lambda date: datetime.date.fromisoformat(f"{date}-01"), "day": datetime.date.fromisoformat}
ANY_TEXT = st.one_of(st.text(), st.text(SIGNS, max_size=24),
                     st.from_regex(r"[0-9]{1,4}[ ./-]{1,3}([а-я]{3,8}|[0-9]{1,2})[ ./-]{1,3}[0-9]{1,5}"))


@given(ANY_TEXT, st.sampled_from(["", "day_month", "month_day"]), st.none() | st.integers(1900, 2001), st.sampled_from([1900, 1904]))
@example("-" * 32_767, "", None, 1900)
@example("1" * 32_767, "", None, 1900)
@example("1-" * 29, "", None, 1900)
@example(".", "", None, 1900)
@example("год", "", None, 1900)
def test_any_text_is_a_date_that_exists_or_breaks_a_rule(text, order, century, epoch):
    found = dated(text, order, century, epoch)
    assert isinstance(found, Dated) and exists[found.precision](found.date)
    assert not found.date or 1900 <= int(found.date[:4]) <= 2100
    if found.rule:
        assert RULES[found.rule][0] == ("warn" if found.date else "refuse")
    else:
        assert found.date or not fold(text)  # only an empty cell is empty


@given(ANY_TEXT)
def test_no_sign_of_a_date_is_left_unread(text):
    found = dated(text)
    if found.date and found.rule != "date_serial":
        years = [int(number) for number in re.findall("[0-9]{4}", unicodedata.normalize("NFKC", fold(text)))]
        assert set(years) == {int(found.date[:4])}


def test_months_csv_knows_the_names_that_unicode_gives_the_months():
    for lang in ("en", "ru", "kk"):
        for names in Locale.parse(lang).months.values():
            for number, name in [*names["wide"].items(), *names["abbreviated"].items()]:
                assert MONTHS[fold(name).rstrip(".")] == number, name


@pytest.mark.parametrize("line, said", [("13,undecember,en", "'13'"), ("4,март,ru", "march|март"), ("3,early March,en", "'early March'")])
def test_months_that_contradict_themselves_are_refused(line, said, tmp_path):
    shutil.copy(CODEBOOK / "months.csv", tmp_path)
    with open(tmp_path / "months.csv", "a", encoding="utf-8") as lines:
        lines.write(f"{line}\n")
    with pytest.raises(UsageError, match=said):
        months(tmp_path)


def test_a_language_more_is_rows_more(tmp_path):
    shutil.copy(CODEBOOK / "months.csv", tmp_path)
    with open(tmp_path / "months.csv", "a", encoding="utf-8") as lines:
        lines.write("3,березень,uk\n3,берез.,uk\n0,рік,uk\n")
    known = months(tmp_path)
    assert read_date("березень 2024 рік", months=known).date == read_date("берез. 2024", months=known).date == "2024-03"


NUMBERS = {
    0: ["0", "00"], 3: ["3", "3.0", "3,0", "3.00", " 3 чел.", "3 человека", "3 people", "человек 3", "3 адам", "3.", "\u200b3", "３"],
    25: ["25", "25 лет", "25\u00a0лет", "25лет", "ВОЗРАСТ 25 ЛЕТ", "25 years old", "25 жас", "25 года"],
    1000: ["1000", "1 000", "1\u00a0000", "1\u202f000", "1 000,0"], 12_345_678: ["12 345 678"], 999_999_999: ["999999999"], 7: ["007"],
}


@pytest.mark.parametrize("value, text", [(value, text) for value, ways in NUMBERS.items() for text in ways])
def test_a_whole_number_is_read_with_the_words_that_change_nothing(value, text):
    assert read_number(text, WORDS) == (value, "")


NO_NUMBERS = {
    "number_range": ["2-3", "2 – 3", "2-3 чел.", "больше 5", "не менее 5 человек", "от 3 до 5", "5+", "~10", "> 5", "≥5", ">=5", "5 или 6",
                     "about 10 people", "at least 5", "шамамен 10", "2..3"],
    "number_ambiguous": ["1,000", "1.000", "12,500 чел.", "1,000,000"],
    "bad_number": ["двое", "несколько", "1,5", "-3", "−3", ".5", "1e3", "1/2", "½", "3½", "3¹", "②", "12 34", "1\n000", "25 лет 300 чел",
                   "25лет300", "около",
                   "3 мес", "#3", "(3)", "1000000000", "٣", "nan", "inf", "3 w", "1 0000", "?", "-", "чел.", "5" * 5000],
    "": ["", " ", "\u00a0"],
}


@pytest.mark.parametrize("rule, text", [(rule, text) for rule, ways in NO_NUMBERS.items() for text in ways])
def test_what_is_not_one_whole_number_is_refused_for_the_reason_that_it_has(rule, text):
    assert read_number(text, WORDS) == (None, rule)


@given(st.integers(0, 999_999_999), st.sampled_from(["", ".0", ",00"]), st.sampled_from(["", " лет", "\u00a0чел.", " people"]))
def test_every_whole_number_reads_back(value, decimals, word):
    for text in (str(value), f"{value:,}".replace(",", " "), f"{value:,}".replace(",", "\u00a0")):
        assert read_number(f"{text}{decimals}{word}", WORDS) == (value, "")


@given(st.one_of(st.text(), st.text("0123456789 .,-+~¹½\u200b\n" + "летчел", max_size=12)))
@example("9" * 32_767)
def test_any_text_is_the_number_of_its_digits_or_breaks_a_rule(text):
    value, rule = read_number(text, WORDS)
    if value is None:
        assert RULES[rule][0] == "refuse" if rule else not fold(text)
    else:
        digits = re.sub(r"[.,]0{1,2}(?![0-9])", "", unicodedata.normalize("NFKC", text))
        assert rule == "" and value == int(re.sub("[^0-9]", "", digits)) <= 999_999_999


def test_a_year_is_read_alone_or_with_the_word_for_it():
    assert {read_year(text, MONTHS) for text in ("2024", 2024, 2024.0, "2024 г.", "2024 год", "2024 ж.", " 2024\u00a0")} == {(2024, "")}
    assert read_year("", MONTHS) == (None, "")
    for text in ("24", "1899", "2101", "2023-2024", "2024-2024", "03.2024", "2024-03-04", "45355", "год", "в 24 г."):
        assert read_year(text, MONTHS) == (None, "bad_year"), text


def test_a_letter_of_another_alphabet_beside_a_number_is_read_and_noted():
    assert read_number("25 лeт", WORDS, look_alikes(WORDS, LETTERS)) == (25, "mixed_letters")  # a Latin e
    assert read_number("25 лeт", WORDS) == (None, "bad_number")
    assert read_number("oколо 5", WORDS, look_alikes(WORDS, LETTERS)) == (None, "number_range")  # a Latin o
    assert read_number("25 лет", WORDS, look_alikes(WORDS, LETTERS)) == (25, "")
    assert read_number("25 мeт", WORDS, look_alikes(WORDS, LETTERS)) == (None, "bad_number")
    assert read_year("2024 гoд", MONTHS, looks=look_alikes(MONTHS, LETTERS)) == (2024, "mixed_letters")  # a Latin o


def test_the_months_and_words_of_another_codebook_are_those_that_count(tmp_path, made):
    folder = shutil.copytree(CODEBOOK, tmp_path / "codebook")
    for file, line in (("months.csv", "3,березень,uk"), ("number_words.csv", "постраждалих,uk,yes,people")):
        with open(folder / file, "a", encoding="utf-8") as lines:
            lines.write(f"{line}\n")
    header = ["Case", "Date", "Region", "Violation", "Perpetrator", "Victim group", "Number of victims"]
    file = made([header, ["A-1", "березень 2024", "Астана", "Threats", "Police", "Gay man", "3 постраждалих"]])
    theirs, ours = (codebook.load(at) for at in (folder, CODEBOOK))
    found = tidy.cases(reading.raw(file, theirs, "collection"), theirs)
    assert found.cases.date.tolist() == ["2024-03"] and found.cases.victims_n.tolist() == [3]
    assert [one.rule for one in tidy.cases(reading.raw(file, ours, "collection"), ours).problems if one.cell] == ["bad_date", "bad_number"]


def test_a_year_in_two_digits_needs_its_century():
    assert read_year("24", MONTHS, 1930) == read_year("24 г.", MONTHS, 1930) == (2024, "")
    assert read_year("91", MONTHS, 1930) == (1991, "")


def test_a_word_beside_a_number_is_either_exact_or_not(tmp_path):
    shutil.copy(CODEBOOK / "number_words.csv", tmp_path)
    with open(tmp_path / "number_words.csv", "a", encoding="utf-8") as lines:
        lines.write("лет,ru,no,invented\n")
    with pytest.raises(UsageError, match="лет"):
        number_words(tmp_path)
