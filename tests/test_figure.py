"""Figures of both reports and of odd tables: what is drawn equals the numbers, nothing overlaps, and nothing is lost."""

import itertools
import os
import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN, RAW, ROOT
from matplotlib import colors, ft2font
from matplotlib.text import Text

from analysis import codebook, figure, ledger, protect, results, stats
from analysis.figures import canvas, heat_map
from analysis.published import printed
from analysis.source import Source
from analysis.statistics import rates
from analysis.wording import words

NEIGHBOURS = ["am", "az", "by", "ge", "kg", "kz", "md", "ru", "tj", "tm", "ua", "uz"]
POPULATION = "kazakhstan/population_2014_2018.csv"
PUBLISHED, CLAIMS, OFFICIAL = "ecom/published_figures.csv", "ecom/kazakhstan_2024_claims.csv", "odihr/official_figures.csv"


def part(tidied, file, country):
    """What a report counts of a source, the whole of its period."""
    record = codebook.source_record(file)
    where = {"country": [country]} if "country" in tidied.cases else {}
    return Source(str(file.relative_to(RAW)), record, tidied.cases, where, country, str(record["period"]))


@pytest.fixture(scope="session")
def kazakhstan(book, ecom, odihr_kazakhstan, odihr):
    cases, incidents, export = part(ecom, ECOM, "kz"), part(odihr_kazakhstan, ODIHR_KAZAKHSTAN, "kz"), part(odihr, ODIHR, "kz")
    variables = ["violation", "perpetrator", "victim_group", "right", "response"]
    by_year = printed.cases_by_year(PUBLISHED, book, "03", "kz", "ECOM")
    tables = [results.total(cases, book, "02"), *(results.one_way(cases, book, "02", variable) for variable in variables),
              results.cross(cases, book, "02", "violation", "perpetrator"), results.cross(cases, book, "02", "violation", "right"),
              results.together(cases, book, "02", "violation"), results.by_year(incidents, book, "03", "bias_motivation", "anti_lgbti"),
              results.years(incidents, book, "03", "bias_motivation"), results.years(incidents, book, "03", "violation"),
              results.changes(incidents, book, "03", "violation", [2020, 2022]), by_year, printed.change(by_year),
              results.changes(incidents, book, "03", "perpetrator", range(2016, 2023)), results.totals(incidents, book, "03"),
              results.totals_changed(incidents, book, "03"),
              rates.per_100000(printed.official(OFFICIAL, book, "04", "kz"), [POPULATION], book),
              results.one_way(export, book, "04", "bias_motivation"), results.mentions(export, book, "04", "bias_motivation"),
              results.countries(export, book, "04", "bias_motivation", "anti_lgbti", NEIGHBOURS),
              printed.shares(CLAIMS, book, "04", "kz"), printed.official(OFFICIAL, book, "04", "kz")]
    return protect.publication(pd.concat(tables, ignore_index=True))


@pytest.fixture(scope="session")
def uzbekistan(book, odihr):
    export = part(odihr, ODIHR, "uz")
    tables = [results.one_way(export, book, "02", "bias_motivation"), results.one_way(export, book, "02", "incident_type"),
              results.cross(export, book, "02", "bias_motivation", "incident_type"),
              results.together(export, book, "02", "bias_motivation"), results.by_year(export, book, "03", "bias_motivation", "anti_lgbti"),
              results.years(export, book, "03", "incident_type"),
              results.countries(export, book, "04", "bias_motivation", "anti_lgbti", NEIGHBOURS)]
    return protect.publication(pd.concat(tables, ignore_index=True))


@pytest.fixture(scope="session")
def published(kazakhstan, uzbekistan, book, tmp_path_factory):
    """Both reports published once: report -> its Safe results, folder and figures by name."""
    found, draw = {}, figure.draw
    with pytest.MonkeyPatch.context() as patch:
        for report, safe in {"kazakhstan": kazakhstan, "uzbekistan": uzbekistan}.items():
            figures = {}
            patch.setattr(figure, "draw", lambda safe, name, *rest, figures=figures: figures.setdefault(name, draw(safe, name, *rest)))
            folder = tmp_path_factory.mktemp(report)
            figure.publish(safe, folder, book, "en")
            found[report] = safe, folder, figures
    return found


@pytest.fixture(scope="session")
def drawn(published):
    return published["kazakhstan"][2]


def texts_of(fig):
    return [text for text in fig.findobj(Text) if text.get_visible() and text.get_text()]


def said(fig):
    return " ".join(text.get_text().replace("\n", " ") for text in texts_of(fig))


def rows_of(ax):
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


def is_laid_out(fig):
    """Assert that every text lies on the canvas and that none touches another."""
    fig.draw_without_rendering()
    boxes = [(text, text.get_window_extent()) for text in texts_of(fig)]
    assert len(boxes) >= 4
    for text, box in boxes:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= fig.bbox.x1 + 1 and box.y1 <= fig.bbox.y1 + 1
        assert inside, f"'{text.get_text()}' leaves the canvas: {box} of {fig.bbox.size}"
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        if one.get_rotation() == other.get_rotation() == 45:
            # Lines that lean by 45 degrees are as far apart as the square root of a half of the way between their feet.
            apart = abs(one.get_transform().transform(one.get_position())[0] - other.get_transform().transform(other.get_position())[0])
            assert apart * 0.7071 >= 0.9 * one.get_fontsize() / 72 * fig.dpi, f"'{one.get_text()}' lies on '{other.get_text()}'"
        else:
            wide = min(first.x1, second.x1) - max(first.x0, second.x0)
            high = min(first.y1, second.y1) - max(first.y0, second.y0)
            assert wide <= 1 or high <= 1, f"'{one.get_text()}' lies on '{other.get_text()}'"


# What is drawn


def test_bars_are_as_long_as_their_numbers_and_unknown_kinds_come_last_and_look_different(drawn):
    ax = drawn["02_violations"].axes[0]
    lengths = {label: bar.get_width() for label, bar in zip(rows_of(ax), ax.patches)}
    # The published report: 9 fake dates, 7 cases of hate speech, 3 restrictions of assembly; 3 of the 31 cases say nothing.
    assert list(lengths)[:2] == ["Fake date", "Hate speech"] and list(lengths)[-1] == "Not stated"
    assert lengths["Fake date"] == 9 and lengths["Hate speech"] == 7 and lengths["Restriction of assembly or association"] == 3
    assert lengths["Not stated"] == 3
    assert colors.to_hex(ax.patches[-1].get_facecolor()) == "#ffffff"
    assert {colors.to_hex(bar.get_facecolor()) for bar in ax.patches[:-1]} == {canvas.BAR}
    middles = [bar.get_y() + bar.get_height() / 2 for bar in ax.patches]
    assert middles == sorted(middles, reverse=True)
    # A row's label stands in line with its bar: to a twentieth of an inch, the unit of the axis being the inch.
    assert np.allclose(middles, ax.get_yticks(), atol=0.05)


def test_bars_of_every_table_hold_each_number_that_is_not_zero(published, book):
    for safe, _, figures in published.values():
        for name, fig in figures.items():
            table = safe.table(name)
            if table.form[0] == "bars":
                expected = {book.label(table.by[0], row.codes): row.n for row in table.itertuples() if row.n}
                assert {label: bar.get_width() for label, bar in zip(rows_of(fig.axes[0]), fig.axes[0].patches)} == expected


def test_whiskers_are_the_intervals(drawn):
    whisker = drawn["02_violations"].axes[0].collections[0].get_segments()[0]
    # Wilson for 9 of 31 is 0.16096 to 0.46592 (statsmodels, proportion_confint), and the axis counts cases.
    assert np.allclose(whisker[:, 0], [0.16096 * 31, 0.46592 * 31], atol=0.001)


def test_ties_keep_the_order_of_the_codebook(drawn, book):
    ax = drawn["02_violations"].axes[0]
    three = [label for label, bar in zip(rows_of(ax), ax.patches) if bar.get_width() == 3][:-1]
    order = [book.label("violation", code) for code in book.of("violation")]
    assert len(three) > 2 and three == sorted(three, key=order.index)


def test_years_are_as_high_as_all_records_and_those_with_the_code(drawn):
    ax = drawn["03_anti_lgbti_years"].axes[0]
    heights = [bar.get_height() for bar in ax.patches]
    assert heights[:7] == [1, 6, 8, 12, 30, 5, 27]
    assert heights[7:] == [1, 5, 5, 11, 17, 4, 21]
    assert "17 of 30" in said(drawn["03_anti_lgbti_years"])


def test_printed_years_carry_the_warning_about_documenters(drawn):
    fig = drawn["03_published"]
    assert fig.axes[0].collections[-1].get_offsets()[:, 1].tolist() == [83, 31]
    assert "Fewer documenters make a count fall" in said(fig)


def test_dots_stand_at_the_shares_and_the_country_of_the_report_is_filled(drawn):
    ax = drawn["04_anti_lgbti_countries"].axes[0]
    dots = dict(zip(rows_of(ax), ax.collections[1].get_offsets()[:, 0]))
    for country, n, base in [("Kazakhstan", 64, 89), ("Uzbekistan", 48, 64), ("Kyrgyzstan", 138, 201), ("Armenia", 203, 216)]:
        assert dots[country] == pytest.approx(n / base)
    assert list(dots.values()) == sorted(dots.values(), reverse=True)
    faces = dict(zip(dots, map(colors.to_hex, ax.collections[1].get_facecolors())))
    assert [country for country, face in faces.items() if face == canvas.INK] == ["Kazakhstan"]
    assert "0 of 21" in said(drawn["04_anti_lgbti_countries"])  # Turkmenistan: a share of 0 is drawn, not left out


def test_heat_maps_write_each_number_into_its_cell_and_put_unknown_kinds_last(published, book):
    safe, _, figures = published["kazakhstan"]
    for name, columns in {"02_violations_rights": "right", "02_violations_perpetrators": "perpetrator"}.items():
        ax, cells = figures[name].axes[0], {}
        across = [label.get_text() for label in ax.get_xticklabels()]
        for text in ax.texts:
            x, y = text.get_position()
            if text.get_text():
                cells[rows_of(ax)[int(y)], across[int(x)]] = int(text.get_text())
        pairs = [(*row.codes.split(","), row.n) for row in safe.table(name).itertuples() if row.n]
        assert cells == {(book.label("violation", one), book.label(columns, other)): n for one, other, n in pairs}
        assert rows_of(ax)[-1] == "Not stated" and across[-1] in ("Not stated", "Unknown or not stated")
    assert cells["Hate speech", "Unknown or not stated"] == 7


def test_the_set_plot_shows_exactly_which_codes_occur_together(drawn):
    ax = drawn["02_violations_together"].axes[0]
    # By hand from the workbook's 31 rows: six cases hold several violations, two of them the same two.
    sets = [{rows_of(ax)[int(np.argmin(abs(ax.get_yticks() - y)))] for y in line.get_ydata()} for line in ax.lines]
    assert {"Forced outing", "Disclosure of private data"} == sets[0]
    assert {"Physical violence", "Threats", "Expulsion from the home"} in sets
    assert {"Fake date", "Physical violence", "Abduction or confinement"} in sets
    assert [bar.get_height() for bar in ax.child_axes[0].patches] == [2, 1, 1, 1, 1]
    assert "in 6 of 31 documented cases" in said(drawn["02_violations_together"])
    assert "hate speech (7)" in said(drawn["02_violations_together"])  # what occurs alone is named, not dropped


# Layout


def test_no_text_overlaps_another_or_leaves_the_canvas(published):
    for _, _, figures in published.values():
        for fig in figures.values():
            is_laid_out(fig)


def test_each_figure_says_its_title_base_period_source_and_level(published, book):
    for safe, folder, figures in published.values():
        for name, fig in figures.items():
            row, text = safe.table(name).iloc[0], said(fig)
            told = " ".join((folder / f"{name}.en.txt").read_text(encoding="utf-8").split())
            for where in (text, told):
                assert words.title(safe.table(name), book) in where
                assert row.period.replace("-", "–") in where or row.form == "changes" and row.period.replace("-", " and ") in where
                assert re.search("(Base|Unit): ", where) and f"Source: {row.source}" in where and "Level: public." in where
            if row.form in ("bars", "together"):
                assert f"Base: {int(row.base)} " in text and f"Base: {int(row.base)} " in told


@pytest.mark.parametrize("inches", [0.8, 2.2, 6.8])
def test_lines_are_as_wide_as_asked_and_lose_nothing(inches):
    text = "Ограничение собраний и объединений; see https://example.org/a-long-page/that/goes-on, or ask 12,5\u00a0% of them"
    lines = canvas.wrapped(text, 9.5, inches)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    fig = plt.figure(dpi=100)
    for line in lines:
        drawn = fig.text(0, 0, line, size=9.5).get_window_extent().width / 100  # as wide as matplotlib itself draws it
        assert drawn <= inches + 0.03 or not re.search("[ /-].", line)  # a piece that cannot be parted stays whole
    assert any("12,5\u00a0%" in line for line in lines)
    plt.close(fig)


def contrast(one, other):
    """The contrast of two colours by the formula of WCAG 2.1: 1 to 21."""
    def light(colour):
        return sum(weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
                   for weight, part in zip((0.2126, 0.7152, 0.0722), colors.to_rgb(colour)))
    return (max(light(one), light(other)) + 0.05) / (min(light(one), light(other)) + 0.05)


def test_light_and_dark_alone_tell_everything_apart(drawn):
    # In greyscale, and to a colour-blind reader, only lightness is left.
    assert contrast("black", "white") == pytest.approx(21)
    assert contrast(canvas.GREY, "white") >= 4.5 and contrast(canvas.INK, canvas.BAR) >= 4.5 and contrast(canvas.STRONG, canvas.PALE) >= 3
    steps = [contrast(heat_map.SCALE(step), "white") for step in np.linspace(0, 1, 20)]
    assert all(np.diff(steps) > 0) and steps[-1] / steps[0] > 8
    for name in ("03_years_violations", "02_violations_rights"):
        ax = drawn[name].axes[0]
        faces = ax.collections[0].get_facecolors().reshape(len(ax.get_yticks()), len(ax.get_xticks()), 4)
        for text in ax.texts:
            x, y = text.get_position()
            assert contrast(text.get_color(), faces[int(y), int(x)][:3]) >= 3.5


# Odd tables


def table(book, by, cells, form, base=31, period="2024", place="kz"):
    """Safe results of invented counts: codes -> n, or codes -> (n, base)."""
    counts = [(*np.atleast_1d(n), base)[:2] for n in cells.values()]
    rows = pd.DataFrame(counts, columns=["n", "base"]).assign(unit="cases", base_rule="all")
    codes = pd.DataFrame([code.split(",") for code in cells], columns=by)
    record = {"cite": "An invented source", "level": "public", "note": "made up for this test"}
    counted = stats.shares(codes.join(rows))
    return protect.publication(ledger.entries(counted, by, "09_table", form, "x.csv", record, place=place, period=period))


@pytest.fixture(scope="session")
def long_book(book):
    """A codebook whose violations and rights are 40 each, with labels of up to 90 characters."""
    label = "A label that goes on and on, because somebody had to be exact about an act, number"
    codes = pd.DataFrame([(variable, f"c{n}", "", "", *[f"{label} {n}"] * 3) for variable in ("violation", "right") for n in range(40)],
                         columns=book.codes.columns)
    return replace(book, codes=codes)


def forty(book, form):
    if form == "heat":
        return table(book, ["violation", "right"], {f"c{a},c{b}": (a + b) % 5 for a in range(40) for b in range(40)}, form)
    if form == "together":
        return table(book, ["violation"], {f"c{n}": 3 for n in range(10)} | {f"c{n}+c{(n * 7 + 3) % 40}": 1 for n in range(20)}, form)
    return table(book, ["violation"], {f"c{n}": n % 7 + 1 for n in range(40)}, form)


@pytest.mark.parametrize("form", ["bars", "heat", "together"])
def test_forty_codes_with_very_long_labels(long_book, form):
    fig = figure.draw(forty(long_book, form), "09_table", long_book)
    is_laid_out(fig)
    shown = len(fig.axes[0].get_yticks())
    assert shown == 40 if form != "together" else shown >= 12
    for label in rows_of(fig.axes[0]):
        assert re.fullmatch(r"A label that goes on and on, because somebody had to be exact about an act, number \d+", label)
    plt.close(fig)


def test_what_does_not_fit_is_named(long_book):
    wide = figure.draw(forty(long_book, "heat"), "09_table", long_book)
    across = [label.get_text() for label in wide.axes[0].get_xticklabels()]
    left_out = said(wide).partition("Columns left out: ")[2]
    assert len(across) < 40 and len(re.findall(r"number (\d+)", left_out)) == 40 - len(across)
    several = figure.draw(forty(long_book, "together"), "09_table", long_book)
    assert "8 further combinations, each of 1 documented case at most, are not drawn." in said(several)  # 20 made, 12 drawn
    plt.close("all")


@pytest.mark.parametrize("by, cells, form", [
    (["violation"], {"fake_date": 1}, "bars"),
    (["violation"], {"not_stated": 31}, "bars"),
    (["violation", "right"], {"fake_date,privacy": 1}, "heat"),
    (["year", "violation"], {"2024,fake_date": (9, 31)}, "years"),
    (["year", "violation"], {"2024,fake_date": (9, 31)}, "heat"),
    (["violation"], {"fake_date+threat": 1}, "together"),
    (["country", "violation"], {"kz,fake_date": (9, 31)}, "dots"),
    (["year"], {"2024": 31}, "printed_years"),
    (["year", "violation"], {f"{year},fake_date": (year - 1990, 5000) for year in range(1991, 2019)}, "years"),
    (["year", "violation"], {f"{year},fake_date": (year - 1990, 5000) for year in range(1991, 2019)}, "heat"),
    (["violation", "right"], {"fake_date,privacy": 1234567, "fake_date,life": 0, "threat,privacy": 1, "threat,life": 12}, "heat"),
])
def test_one_row_one_year_many_years_and_large_numbers(book, by, cells, form):
    fig = figure.draw(table(book, by, cells, form), "09_table", book)
    is_laid_out(fig)
    plt.close(fig)


@pytest.mark.parametrize("by, cells, form", [
    (["violation"], {"fake_date": 0, "threat": 0}, "bars"), (["violation", "right"], {"fake_date,privacy": 0}, "heat"),
    (["year", "violation"], {"2024,fake_date": (0, 0)}, "years"), (["country", "violation"], {"kz,fake_date": (0, 0)}, "dots"),
    (["violation"], {"fake_date": 0}, "together"), (["year"], {"2024": 0}, "printed_years"),
])
def test_a_table_of_nothing_says_so(book, by, cells, form):
    safe = table(book, by, cells, form, base=0)
    fig = figure.draw(safe, "09_table", book)
    is_laid_out(fig)
    assert "There are no records to draw." in said(fig)
    assert "nan" not in (said(fig) + figure.description(safe, "09_table", book)).lower()
    plt.close(fig)


def test_combinations_are_drawn_most_frequent_first_and_ties_by_how_few_codes_they_have_then_in_codebook_order(book):
    cells = {"threat+harassment": 1, "killing+threat+harassment": 1, "killing+threat": 1, "killing+harassment+fake_date": 5, "threat": 9}
    fig = figure.draw(table(book, ["violation"], cells, "together"), "09_table", book)
    ax = fig.axes[0]
    assert [bar.get_height() for bar in ax.child_axes[0].patches] == [5, 1, 1, 1]
    assert [len(line.get_ydata()) for line in ax.lines] == [3, 2, 2, 3]
    at = dict(zip(rows_of(ax), ax.get_yticks()))
    # Killing stands before harassment in the codebook, so the pair with killing is drawn first.
    assert np.allclose(sorted(ax.lines[1].get_ydata()), sorted([at["Killing"], at["Threats"]]), atol=0.05)
    # By hand: killing 1 + 1 + 5, threats 1 + 1 + 1, harassment 1 + 1 + 5, fake date 5; only threats occur alone, 9 times.
    assert list(at) == ["Killing", "Harassment", "Fake date", "Threats"]
    numbers = [text.get_text() for text in ax.texts]
    assert numbers == ["With others", "7", "7", "5", "3", "Alone", "0", "0", "0", "9"]
    plt.close(fig)


def test_records_that_hold_one_value_each_make_no_set_plot(book):
    fig = figure.draw(table(book, ["violation"], {"fake_date": 9, "threat": 22}, "together"), "09_table", book)
    assert "There are no records with two or more to draw." in said(fig)
    plt.close(fig)


@pytest.mark.parametrize("by, first, form", [
    (["year", "violation"], "2020,fake_date", "years"), (["year", "violation"], "2020,fake_date", "heat"),
    (["country", "violation"], "uz,fake_date", "dots")])
def test_a_year_or_country_without_records_is_not_a_zero(book, by, first, form):
    second = first.replace("2020", "2021").replace("uz", "kz")
    safe = table(book, by, {first: (0, 0), second: (2, 5)}, form)
    fig = figure.draw(safe, "09_table", book)
    is_laid_out(fig)
    told = figure.description(safe, "09_table", book)
    assert re.search("no records|Without records: Uzbekistan", said(fig))
    assert "0 of 0" not in said(fig) + told and "nan" not in (said(fig) + told).lower()
    if form != "heat":
        assert "no records" in told
    plt.close(fig)


def test_a_label_is_text_and_no_formula(book):
    codes = book.codes.assign(label_en=book.codes.label_en.where(book.codes.code != "fake_date", "Costs $5$ to $9$"))
    fig = figure.draw(table(book, ["violation"], {"fake_date": 3}, "bars"), "09_table", replace(book, codes=codes))
    assert "Costs $5$ to $9$" in rows_of(fig.axes[0]) and not fig.axes[0].get_yticklabels()[0].get_parse_math()
    plt.close(fig)


# Letters


def test_the_fonts_have_every_letter_of_every_label(book):
    fonts = sorted((words.TEMPLATES / "fonts").glob("*.ttf"))
    texts = [text for frame in (book.codes, book.variables, book.groups) for column in frame if column.startswith(("label_", "title_"))
             for text in frame[column]]
    letters = set("".join(texts)) | set("ӘәҒғҚқҢңӨөҰұҮүҺһІіЁёЪъ–— «»„“”№%0123456789\u00a0")
    assert len(fonts) == 4 and len(letters) > 100
    for font in fonts:
        has = ft2font.FT2Font(font).get_charmap()
        assert not [letter for letter in sorted(letters) if ord(letter) not in has], font.name


@pytest.mark.parametrize("lang, label, mark", [
    ("ru", "Принуждение к сотрудничеству", "черновик, ещё не проверенный"),
    ("kk", "Жиналыс пен бірлестікті шектеу", "жоба, оны ана тілінде")])
def test_russian_and_kazakh_labels_are_whole_and_marked_as_drafts(kazakhstan, book, lang, label, mark):
    for name in ("02_violations", "02_violations_rights"):
        fig = figure.draw(kazakhstan, name, book, lang)
        is_laid_out(fig)
        assert label in rows_of(fig.axes[0])
        assert mark in said(fig) and mark not in said(figure.draw(kazakhstan, name, book, "en"))
        plt.close("all")
    assert mark in figure.description(kazakhstan, "02_violations", book, lang)


# Files


def test_the_csv_holds_every_number_of_its_table_zeros_too(published):
    for safe, folder, figures in published.values():
        for name in figures:
            numbers, rows = pd.read_csv(folder / f"{name}.csv", dtype={"id": str}), safe.table(name)
            assert list(numbers.id) == list(rows.id)
            for column in ("n", "base", "share", "low", "high"):
                assert np.allclose(numbers[column], rows[column], equal_nan=True, rtol=1e-12, atol=0)
    assert (pd.read_csv(published["kazakhstan"][1] / "02_violations.csv").n == 0).sum() > 5


def test_a_csv_of_several_languages_has_the_labels_of_each_beside_each_other(kazakhstan, book, tmp_path):
    safe = protect.publication(kazakhstan.results[kazakhstan.results.table == "02_violations_perpetrators"])
    figure.publish(safe, tmp_path, book, "ru", "en", "kk")
    numbers = pd.read_csv(tmp_path / "02_violations_perpetrators.csv", dtype={"id": str}).set_index("id")
    assert list(numbers)[:8] == ["violation", "violation_label", "violation_label_en", "violation_label_kk",
                                 "perpetrator", "perpetrator_label", "perpetrator_label_en", "perpetrator_label_kk"]
    row = numbers.loc["02_violations_perpetrators.fake_date.unknown"]  # eight of the nine fake dates name no perpetrator
    assert list(row[:4]) == ["fake_date", "Подставное свидание", "Fake date", "Жалған кездесу"] and row.n == 8
    assert {file.name.split(".")[1] for file in tmp_path.iterdir()} == {"csv", "ru", "en", "kk"}


def test_the_description_says_every_number_above_zero(published, book):
    for safe, folder, figures in published.values():
        for name in figures:
            told = (folder / f"{name}.en.txt").read_text(encoding="utf-8").splitlines()
            for row in safe.table(name).itertuples():
                if row.n > 0 and row.form != "rates":  # its numbers are rates, held in test_years.py
                    labels = [" + ".join(book.label(variable, one) for one in code.split("+"))
                              for variable, code in zip(row.by.split(","), row.codes.split(","))]
                    number = f"{int(row.n):,}" + ("" if np.isnan(row.base) else f" of {int(row.base):,}")
                    assert [line for line in told if re.match(re.escape(f"{', '.join(labels)}: {number}") + r"( \(.*\))?\.$", line)], row.id
    told = (published["kazakhstan"][1] / "02_violations.en.txt").read_text(encoding="utf-8")
    assert "Fake date: 9 of 31 (29%; 16 to 47%)." in told
    told = (published["kazakhstan"][1] / "04_anti_lgbti_countries.en.txt").read_text(encoding="utf-8")
    assert "Turkmenistan, Anti-LGBTI: 0 of 21 (0%; 0 to 15%)." in told


def test_only_tables_with_a_picture_are_published_and_each_has_four_files(published):
    safe, folder, figures = published["kazakhstan"]
    assert len(figures) == 20
    assert sorted(file.name for file in folder.iterdir()) == sorted(
        file for name in figures for file in (f"{name}.csv", f"{name}.en.png", f"{name}.en.svg", f"{name}.en.txt"))
    assert {"total", "mentions", "printed_shares", "official"} == {
        safe.table(name).form[0] for name in safe.tables if name not in figures}


def test_the_svg_loads_and_runs_nothing_and_knows_no_path_of_ours(published):
    for _, folder, figures in published.values():
        for name in figures:
            text = (folder / f"{name}.en.svg").read_text(encoding="utf-8")
            root = ElementTree.fromstring(text)
            for element in root.iter():
                assert element.tag.rpartition("}")[2] not in ("script", "image", "foreignObject", "a", "iframe")
                for attribute, value in element.attrib.items():
                    assert not attribute.lower().startswith("on")
                    assert not attribute.endswith("href") or value.startswith("#")
                    assert "url(" not in value or "url(#" in value
            assert str(ROOT) not in text and "/tmp" not in text and "matplotlib.org" not in text
            assert root.find("{http://www.w3.org/2000/svg}title").text


def test_pictures_are_300_dots_an_inch(published):
    picture = (published["kazakhstan"][1] / "02_violations.en.png").read_bytes()
    wide, dots = int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[picture.index(b"pHYs") + 4:][:4], "big")
    assert wide == 2130 and dots == 11811  # 7.1 inches; 300 dots an inch are 11,811 a metre
    assert b"Software" not in picture


def test_two_runs_write_the_same_bytes(published, book, tmp_path):
    safe, folder, _ = published["kazakhstan"]
    names = ["02_violations", "02_violations_perpetrators", "02_violations_together", "03_anti_lgbti_years", "04_anti_lgbti_countries"]
    safe.results[safe.results.table.isin(names)].to_parquet(tmp_path / "results.parquet")
    again = "import sys, pandas; from pathlib import Path; from analysis import codebook, figure, protect; here = Path(sys.argv[1]); " \
            "figure.publish(protect.publication(pandas.read_parquet(here / 'results.parquet')), here / 'out', codebook.load(), 'en')"
    subprocess.run([sys.executable, "-c", again, tmp_path], cwd=ROOT, check=True, env=os.environ | {"PYTHONHASHSEED": "7"})
    for file in sorted((tmp_path / "out").iterdir()):
        assert file.read_bytes() == (folder / file.name).read_bytes(), file.name
    assert len(list((tmp_path / "out").iterdir())) == 4 * len(names)


def test_figures_are_drawn_from_safe_results_only(kazakhstan, book):
    with pytest.raises(TypeError, match="Safe results only"):
        figure.draw(kazakhstan.results, "02_violations", book)


def test_every_table_of_a_report_has_a_title_of_its_own(kazakhstan, uzbekistan, book):
    for safe in (kazakhstan, uzbekistan):
        titles = [words.title(safe.table(name), book) for name in safe.tables]
        assert len(set(titles)) == len(titles) and all(titles)
