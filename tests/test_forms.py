"""Every form of figure, in every language there is: nothing overlaps or is lost, and what is drawn is as long as its number."""

import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN, RAW, ROOT
from matplotlib import colors, ft2font
from test_figure import CLAIMS, NEIGHBOURS, OFFICIAL, POPULATION, PUBLISHED, is_laid_out, part, texts_of

from analysis import codebook, figure, ledger, protect, results, stats, tidy
from analysis.figures import canvas, tiles
from analysis.problems import UsageError
from analysis.published import money, printed
from analysis.sheets import cells
from analysis.statistics import agreement, justice, rates
from analysis.wording import in_word, languages, words
from analysis.years import dated

LANGUAGES = [lang for lang in codebook.LANGUAGES if not languages.phrases(lang)]  # those with all words; test_languages.py holds them to it
CODINGS = "odihr/kazakhstan_2016_2022_two_codings.csv"
RECORD = {"cite": "Casebook", "level": "public"}


def invented(form, by, counts, table, place="kz", period="2024", **more):
    """A table of invented numbers: codes -> (n, base)."""
    rows = pd.DataFrame([{"n": n, "base": base} for n, base in counts.values()])
    codes = pd.DataFrame([code.split(",") for code in counts], columns=by)
    counted = stats.shares(codes.join(rows).assign(unit="cases", base_rule="all")).assign(**more)
    return ledger.entries(counted, by, table, form, "x.csv", RECORD, place=place, period=period)


def lists_of_events():
    """Three invented lists with 38 events, and an invented estimate, of two lists with 30 and 20 events, 12 of them in both."""
    counts = {"first": (16, 38), "second": (8, 38), "first+second": (9, 38), "first+second+third": (5, 38)}
    listed = invented("lists", ["list"], counts, "01_lists", text=["A list", "B list", "A list; B list", "A list; B list; C list"])
    whole = 31 * 21 / 13 - 1
    estimate = pd.DataFrame([{"codes": "estimate", "value": whole, "low": 42, "high": 60}, {"codes": "unlisted", "value": whole - 38,
                                                                                          "low": 4, "high": 22}])
    estimate = estimate.assign(id="01_unlisted." + estimate.codes, table="01_unlisted", form="unlisted", by="estimate", n=38, base=38,
                               unit="cases", base_rule="all", method="chapman", text="A list; B list")
    return [listed, ledger.printed(estimate, "x.csv", RECORD, place="kz", period="2024")]


def regions(book):
    """Invented counts by region: 0 to 19 in the order of the codebook, 7 elsewhere, and 4 of which it is not known."""
    codes = [code for code in book.of("region") if is_place(book, "region", code)]
    away = {"elsewhere": (7, 201), "not_stated": (4, 201)}
    return invented("tiles", ["region"], {code: (n, 201) for n, code in enumerate(codes)} | away, "02_regions_map")


@pytest.fixture(scope="session")
def safe(book, ecom, odihr_kazakhstan, odihr, tmp_path_factory):
    """One table of each form at least, of the public sources where they have it."""
    cases, incidents, export = part(ecom, ECOM, "kz"), part(odihr_kazakhstan, ODIHR_KAZAKHSTAN, "kz"), part(odihr, ODIHR, "kz")
    kept = tmp_path_factory.mktemp("forms") / "cases.parquet"
    tidy.save(ecom.cases, kept, book)
    by_year, official = printed.cases_by_year(PUBLISHED, book, "03", "kz", "ECOM"), printed.official(OFFICIAL, book, "04", "kz")
    coded = agreement.of(CODINGS, book, "03")
    bias = ["04", "country", "bias_motivation", "anti_lgbti"]
    region = export._replace(where={"country": ["am", "kz", "uz"]}, place="am+kz+uz")
    tables = [results.one_way(cases, book, "02", "violation"), results.sums(cases._replace(cases=kept), book, "02", "victims", "violation"),
              results.cross(cases, book, "02", "violation", "perpetrator"), results.together(cases, book, "02", "violation"),
              results.ranks(cases, book, "02", "violation"), results.independence(cases, book, "02", "violation", "perpetrator"),
              justice.funnel(cases, book, "02"), regions(book), *lists_of_events(),
              results.by_year(incidents, book, "03", "bias_motivation", "anti_lgbti"), results.totals(incidents, book, "03"), by_year,
              printed.change(by_year), results.changes(incidents, book, "03", "violation", [2020, 2022]),
              results.changes(incidents, book, "03", "perpetrator", range(2016, 2023)), results.alike(incidents, book, "03", [2020, 2022]),
              results.timeline(incidents, book, "03"), results.timeline(incidents, book, "03", "quarter"),
              coded[coded.table.isin(["03_agreement", "03_agreement_violations"])],
              results.countries(export, book, "04", "bias_motivation", "anti_lgbti", NEIGHBOURS), results.places(export, book, *bias),
              results.by_country(region, book, "04", "bias_motivation"), results.by_country_year(region, book, "03", *bias[2:]),
              justice.series(OFFICIAL, book, "04", "kz"), rates.per_100000(official, [POPULATION], book),
              money.converted(CLAIMS, book, "05", "kz", "kazakhstan/fx_annual_average_per_usd.csv")]
    return protect.publication(pd.concat(tables, ignore_index=True))


@pytest.fixture(scope="session", params=LANGUAGES)
def drawn(request, safe, book):
    """The language, and each figure by the name of its table."""
    figures = {name: figure.draw(safe, name, book, request.param) for name in safe.tables if safe.table(name).form[0] in figure.FORMS}
    plt.close("all")  # they can still be measured and saved
    return request.param, figures


def of_form(safe, figures, *forms):
    """Name, table and figure of every table of these forms; there must be one at least of each."""
    found = [(name, safe.table(name), fig) for name, fig in figures.items() if safe.table(name).form[0] in forms]
    assert {table.form[0] for _, table, _ in found} == set(forms)
    return found


def test_every_form_is_drawn_here(safe):
    assert {safe.table(name).form[0] for name in safe.tables} >= set(figure.FORMS)


# In every language


def test_nothing_overlaps_is_clipped_or_too_small(drawn):
    for fig in drawn[1].values():
        is_laid_out(fig)
        assert fig.get_figwidth() == pytest.approx(180 / 25.4, abs=0.05)
        # In a report of A4 with margins of 20 mm the text is 170 mm wide, and a figure of 180 mm takes in_word.WIDE percent of that.
        assert min(text.get_fontsize() for text in texts_of(fig)) * 170 / 180 * in_word.WIDE / 100 >= 7


def test_the_fonts_have_every_letter_that_is_drawn(drawn):
    has = set.intersection(*(set(ft2font.FT2Font(font).get_charmap()) for font in (words.TEMPLATES / "fonts").glob("*.ttf")))
    for name, fig in drawn[1].items():
        letters = set("".join(text.get_text() for text in texts_of(fig))) - {"\n"}
        assert not [letter for letter in letters if ord(letter) not in has], name


def test_each_figure_and_its_description_say_title_source_and_level(drawn, safe, book):
    lang, figures = drawn
    for name, fig in figures.items():
        table, said = safe.table(name), " ".join(" ".join(text.get_text() for text in texts_of(fig)).split())
        told = figure.description(safe, name, book, lang)
        for text in (said, " ".join(told.split())):
            say, spoken = words.of(lang), languages.table(table, book, lang)
            for asked in (words.title(spoken, book, lang), spoken.source[0], say["levels"]["public"], say["counts_only"]):
                assert " ".join(asked.split()) in text, (name, asked)
        assert "nan" not in re.findall("[a-z]+", said + told) and "{" not in said + told
        assert told.count("\n") >= min(len(table), 3) + 2


# Lengths


def proportional(lengths, values):
    """Whether lengths are their values times one scale; by their order from the smallest."""
    lengths, values = np.sort(lengths), np.sort(values)
    assert len(lengths) == len(values) > 0
    return np.allclose(lengths, values * (lengths.sum() / values.sum()), rtol=0.002, atol=0.002 * lengths.max())


def expected(table):
    """The numbers that bars stand for, those above 0: of years and like for like also all records of each year."""
    numbers = [*table.n, *(table.base if table.form[0] in ("years", "alike") else [])]
    if table.form[0] == "funnel":  # every way of not knowing is one part of a bar
        stage, answer = (table.codes.str.split(",").str[at] for at in (0, 1))
        numbers = table.n.groupby([stage, answer.where(answer.isin(["yes", "implied", "contradicted", "no"]), "unknown")]).sum()
    if table.form[0] == "together":
        numbers = table.n[table.codes.str.contains("+", regex=False)].nlargest(12)
    if table.form[0] == "lists":
        numbers = table.n[table.codes.str.contains("+", regex=False)]
    return np.array([n for n in numbers if n > 0], float)


BARS = {"bars": "width", "sums": "width", "alike": "width", "funnel": "width", "series": "width", "years": "height", "together": "height",
        "lists": "height", "timeline": "height"}


def test_bars_are_as_long_as_their_numbers(drawn, safe):
    for name, table, fig in of_form(safe, drawn[1], *BARS):
        axes = fig.axes[0].child_axes[0] if table.form[0] in ("together", "lists") else fig.axes[0]
        bars = [bar for held in axes.containers for bar in held.patches]
        lengths = np.array([getattr(bar, f"get_{BARS[table.form[0]]}")() for bar in bars])
        assert proportional(lengths[lengths > 0], expected(table)), name


def rectangles(svg):
    """The rectangles of an SVG that stand on the canvas: width and height in points; the patches of matplotlib, in order."""
    found = []
    for group in svg.iter("{http://www.w3.org/2000/svg}g"):
        if group.get("id", "").startswith("patch_"):
            path = group.find("{http://www.w3.org/2000/svg}path").get("d")
            xy = np.array(re.findall(r"[ML] ([-\d.]+) ([-\d.]+)", path), float)
            found += [np.ptp(xy, axis=0)] if len(xy) == 4 and "C" not in path else []
    return np.array(found)


def test_bars_of_the_svg_are_as_long_as_their_numbers(safe, book, drawn, tmp_path):
    for name, table, fig in of_form(safe, drawn[1], *BARS):
        fig.savefig(tmp_path / "one.svg")
        boxes = rectangles(ElementTree.parse(tmp_path / "one.svg"))
        along, thick = (0, 1) if BARS[table.form[0]] == "width" else (1, 0)
        # Bars of a figure are equally thick; what is drawn beside them (canvas, axes, squares that explain) is not.
        thickness = np.round(boxes[:, thick], 2)
        each, times = np.unique(thickness[boxes[:, along] > 0], return_counts=True)
        bars = boxes[(abs(thickness - each[times.argmax()]) < 0.05) & (boxes[:, along] > 0.01)]
        assert proportional(bars[:, along], expected(table)), name


DOTS = {"dots": (0, "share"), "ranks": (0, "value"), "agreement": (0, "value"), "pairs": (0, "value"), "yearly": (1, "n"),
        "printed_years": (1, "n"), "unlisted": (0, "value")}


def test_dots_stand_at_their_numbers(drawn, safe):
    for name, table, fig in of_form(safe, drawn[1], *DOTS):
        along, column = DOTS[table.form[0]]
        points = np.concatenate([one.get_offsets()[:, along] for one in fig.axes[0].collections if len(one.get_offsets()) > 0
                                 and hasattr(one, "get_sizes")])
        numbers = table[column][table.codes != "unlisted"].dropna()
        numbers = numbers[table.base > 0] if column == "share" else numbers
        numbers = [*numbers, table.n[0]] if table.form[0] == "unlisted" else numbers
        drawn_of = len(points) if table.form[0] == "pairs" else len(numbers)  # of many pairs the surest are drawn
        assert len(points) == drawn_of and all(np.isclose(numbers, point).any() for point in points), name


def test_intervals_end_where_they_should(drawn, safe):
    for name, table, fig in of_form(safe, drawn[1], "dots", "ranks", "pairs", "agreement"):
        ends = {tuple(np.round(line[:, 0], 6)) for line in fig.axes[0].collections[0].get_segments()
                if line.ndim == 2 and not np.isnan(line).any()}
        assert len(ends) > (table.form[0] in ("dots", "pairs")), name
        assert ends <= {tuple(one) for one in table[["low", "high"]].round(6).to_numpy()}, name


def test_lines_of_several_years_are_all_on_one_scale(drawn, safe):
    for name, table, fig in of_form(safe, drawn[1], "changes", "rates"):
        if fig.axes[0].get_ylim()[0] == -len(fig.axes[0].get_yticks()):  # a strip a row; two years have another form
            points = np.concatenate([one.get_offsets() for one in fig.axes[0].collections if hasattr(one, "get_sizes")])
            high = (np.ma.filled(points, np.nan)[:, 1] - 0.1) % 1  # the floor of a strip lies a tenth above its lower edge
            counted = table[table.base.notna()] if table.form[0] == "changes" else table
            values = (counted.share if table.form[0] == "changes" else counted.value).dropna()
            shown, counted = (np.unique(np.round(one / np.nanmax(one), 4)) for one in (high[~np.isnan(high)] % 0.99999, values.to_numpy()))
            assert len(shown) == len(counted) > 3 and np.allclose(shown, counted, atol=0.001), name


# Maps of tiles


def patches_of(fig):
    return {patch.get_gid(): patch for patch in fig.axes[0].patches if patch.get_gid()}


def is_place(book, variable, code):
    """Whether a code names a place: not one of the ways of not knowing, and not all places together that are not shown apart."""
    return code not in book.unknown(variable) and code != "elsewhere"


def light(patch):
    return np.array(colors.to_rgb(patch.get_facecolor())) @ [0.2126, 0.7152, 0.0722]


def test_each_place_has_one_tile_and_none_lies_on_another(drawn, safe, book):
    for _, table, fig in of_form(safe, drawn[1], "tiles"):
        placed = patches_of(fig)
        of_places = table.codes.str.split(",").str[0].map(lambda code, by=table.by[0]: is_place(book, by.split(",")[0], code))
        assert set(placed) == set(table.id[of_places]) and len(placed) in (20, 52)
        corners = {tuple(np.round(patch.get_xy(), 4)) for patch in placed.values()}
        assert len(corners) == len(placed)
        assert all(patch.get_width() == pytest.approx(patch.get_height()) for patch in placed.values())


def test_tiles_are_the_darker_the_larger_their_number_and_never_shaded_for_a_small_base(drawn, safe):
    for _, table, fig in of_form(safe, drawn[1], "tiles"):
        rows, share = table.set_index("id"), "," in table.by[0]
        white = {id for id, patch in patches_of(fig).items() if colors.to_hex(patch.get_facecolor()) == "#ffffff"}
        assert white == (set(rows.index[rows.base < 20]) if share else set())
        shaded = rows[~rows.index.isin(white) & rows.index.isin(list(patches_of(fig)))].sort_values("share" if share else "n")
        shades = [light(patches_of(fig)[id]) for id in shaded.index]
        assert len(shades) >= 20 and np.all(np.diff(shades) <= 1e-9) and shades[0] - shades[-1] > 0.6


def test_a_region_is_named_in_its_tile_on_a_page_and_on_a_slide(drawn, safe, book):
    names = {book.label("region", code, drawn[0]) for code in book.of("region") if is_place(book, "region", code)}
    slide = figure.slide(safe, "02_regions_map", book, drawn[0])
    for fig in (drawn[1]["02_regions_map"], slide):
        assert names <= {text.get_text().replace("-\n", "-").replace("\n", " ") for text in fig.axes[0].texts}
    plt.close(slide)


def test_a_tile_says_its_number(safe, book):
    fig = figure.draw(safe, "04_anti_lgbti_countries_map", book)
    texts = {text.get_text() for text in fig.axes[0].texts}
    # ODIHR's export: 64 of 89 incidents of Kazakhstan, 15 of 19 of Azerbaijan, none of 21 of Turkmenistan, 1 of 1 of Liechtenstein.
    assert {"KZ", "72%", "15 of 19", "0%", "1 of 1"} <= texts and "79%" not in texts and "100%" not in texts
    heavy = [id for id, patch in patches_of(fig).items() if patch.get_linewidth() > 2]
    assert heavy == ["04_anti_lgbti_countries_map.kz.anti_lgbti"]
    fig = figure.draw(safe, "02_regions_map", book)
    assert "Not on the map: elsewhere (7) and not stated (4)." in " ".join(text.get_text().replace("\n", " ") for text in texts_of(fig))
    plt.close("all")


def test_a_protected_place_and_one_without_records_have_marks_of_their_own(book):
    rows = invented("tiles", ["country", "violation"], {f"{code},threat": at for code, at in
                                                        {"kz": (30, 40), "uz": (0, 0), "kg": (20, 40), "tj": (3, 40)}.items()}, "09_map")
    rows.loc[rows.codes == "kg,threat", ["n", "share", "low", "high", "no_value"]] = [np.nan] * 4 + ["hidden"]
    made = protect.publication(rows)
    fig = figure.draw(made, "09_map", book)
    is_laid_out(fig)
    looks = {id.split(".")[1]: (patch.get_hatch(), patch.get_linestyle()) for id, patch in patches_of(fig).items()}
    assert looks["kg"][0] and not looks["uz"][0] and looks["uz"][1] != looks["tj"][1] and not looks["kz"][0]
    texts = [text.get_text() for text in fig.axes[0].texts]
    assert texts == ["Kazakhstan", "75%", "Uzbekistan", "–", "Kyrgyzstan", "Tajikistan", "8%"]
    told = figure.description(made, "09_map", book)
    assert "Kyrgyzstan, Threats: protected." in told and "Uzbekistan, Threats: no records." in told and "20 of 40" not in told
    plt.close(fig)


def test_places_that_have_no_map_are_refused_with_what_to_do(book):
    rows = invented("tiles", ["region"], {"kz_71": (1, 1)}, "09_regions_map", place="uz")
    with pytest.raises(UsageError, match="tiles.csv has a tile for none of its places. Give each of them a line there, with the map 'uz'"):
        figure.draw(protect.publication(rows), "09_regions_map", book)


@pytest.mark.parametrize("variable, place", [("region", "kz"), ("country", "")])
def test_every_place_of_the_codebook_has_one_tile_in_the_file(book, variable, place):
    arranged = tiles.arranged(variable, place, book)
    assert sorted(arranged.code) == sorted(code for code in book.of(variable) if is_place(book, variable, code))
    assert not arranged.duplicated(["row", "column"]).any() and arranged[["row", "column"]].min().min() == 1
    listed = codebook.listed(ROOT / "data" / "codebook" / "tiles.csv")
    assert set(listed["map"]) == {"kz", tiles.COUNTRIES}
    at = arranged.set_index("code")
    if variable == "region":  # the map is turned the right way: the north above, the west on the left
        assert at.row["kz_59"] < at.row["kz_71"] < at.row["kz_75"] and at.column["kz_27"] < at.column["kz_71"] < at.column["kz_63"]
        assert set(pd.read_csv(RAW / "kazakhstan" / "regions.csv").iso_3166_2.str.lower().str.replace("-", "_")) == set(at.index)


def test_places_are_counted_by_the_cases_of_each_and_only_where_cases_have_a_place(book, ecom, odihr):
    export = part(odihr, ODIHR, "kz")
    rows = results.places(export, book, "04", "country", "bias_motivation", "anti_lgbti").set_index("codes")
    # The same 64 of 89 that results.countries has; Tajikistan from the file itself with another tool: see test_results.
    assert rows.loc["kz,anti_lgbti", ["n", "base"]].tolist() == [64, 89] and rows["where"].eq("").all() and len(rows) == 52
    whole = results.places(export, book, "04", "country").set_index("codes")
    assert whole.n.sum() == whole.base.iloc[0] == 18112 and whole.n["kz"] == 89
    few = results.places(export, book, "04", "country", among=["kz", "uz"])
    assert list(few.codes) == ["kz", "uz"] and few.base.tolist() == [153, 153]  # 89 and 64
    assert results.places(part(ecom, ECOM, "kz"), book, "02", "region").empty and results.places(None, book, "02", "region").empty


@pytest.mark.parametrize("regions, rows", [(["kz_75", "kz_75", ""], 20 + 1 + 4), (["", "", ""], 0)])
def test_cases_of_which_none_says_its_region_make_no_map(book, regions, rows):
    """20 regions, elsewhere, and the four ways of not knowing."""
    cases = pd.DataFrame({"case_id": range(3), "region": cells.masks(dict.fromkeys([""], []) | {one: [one] for one in regions if one},
                                                                     pd.Series(regions), book.of("region"))[:, 0]})
    source = part(tidy.Tidied(cases, None, []), ECOM, "kz")._replace(where={})
    made = results.places(source, book, "02", "region")
    assert len(made) == rows and (made.empty or made.set_index("codes").n["kz_75"] == 2)


# The timeline


def test_the_timeline_puts_each_date_where_it_is_known_and_no_finer(book, odihr_kazakhstan):
    incidents = part(odihr_kazakhstan, ODIHR_KAZAKHSTAN, "kz")
    rows = results.timeline(incidents, book, "03").set_index("codes")
    # Counted in the sheet: 80 incidents have a month, 9 only a year, 6 of them are of December 2019 and 4 of 2017 without a month.
    assert rows.n[rows.index.str.endswith(",month")].sum() == 80 and rows.n[rows.index.str.endswith(",year")].sum() == 9
    assert rows.n["2019,12,month"] == 6 and rows.n["2017,unknown,year"] == 4 and rows.base["2020,04,month"] == 30
    assert len(rows) == 7 * 13 and rows.no_value.eq("").all()
    quarters = results.timeline(incidents, book, "03", "quarter").set_index("codes")
    for year in range(2016, 2023):
        for quarter in range(4):
            months = [f"{3 * quarter + month:02}" for month in (1, 2, 3)]
            assert quarters.n[f"{year},q{quarter + 1},quarter"] == sum(rows.n[f"{year},{month},month"] for month in months)


DATES = pd.DataFrame({"date": ["2024-03-09", "2024-03-31", "2024-03", "2024-04-01", "2024", "", "", None, "2022-12-31"],
                      "date_precision": ["day", "day", "month", "day", "year", "none", "none", None, "day"],
                      "year": pd.array([2024, 2024, 2024, 2024, 2024, 2024, pd.NA, pd.NA, 2022], "Int64")})


def dated_source(book, level):
    cases = DATES.assign(case_id=range(len(DATES)))
    return part(tidy.Tidied(cases, None, []), ECOM, "kz")._replace(record={"unit": "cases", "level": level}, period="2022-2024")


def test_days_months_years_and_no_date_at_all_are_apart(book):
    rows = results.timeline(dated_source(book, "public"), book, "03").set_index("codes")
    said = rows[(rows.n > 0) | rows.n.isna()]
    # By hand from the nine rows above; 2023 has none.
    assert said.n.dropna().to_dict() == {"2022,12,day": 1, "2024,03,day": 2, "2024,03,month": 1, "2024,04,day": 1, "2024,unknown,year": 2,
                                         "unknown,unknown,none": 2}
    assert set(said[said.n.isna()].no_value) == {"no_records"} and said[said.n.isna()].index.str.startswith("2023").all()
    assert rows.base["2024,03,day"] == 6 and rows.base["unknown,unknown,none"] == 2
    made = protect.publication(rows.reset_index().assign(source="Invented", level="public"))
    fig = figure.draw(made, "03_cases_by_month", book)
    is_laid_out(fig)
    texts = " ".join(text.get_text().replace("\n", " ") for text in texts_of(fig))
    assert "no records" in texts and "Not drawn, because not even the year is known: 2 documented cases." in texts
    march = [bar for held in fig.axes[0].containers for bar in held.patches if bar.get_x() < 2 < bar.get_x() + bar.get_width()]
    day, month = sorted(march, key=lambda bar: -bar.get_height())
    assert month.get_y() == pytest.approx(day.get_y() + day.get_height()) and day.get_height() == pytest.approx(2 * month.get_height())
    assert colors.to_hex(day.get_facecolor()) == canvas.STRONG and colors.to_hex(month.get_facecolor()) == canvas.BAR
    told = figure.description(made, "03_cases_by_month", book)
    assert "2024, March, known to the day: 2 of 6." in told and "nan" not in told
    plt.close(fig)


def test_people_who_are_not_public_are_never_shown_finer_than_by_quarter(book):
    held = dated_source(book, "confidential")
    rows = results.timeline(held, book, "03")
    assert list(rows.by.unique()) == ["year,quarter,precision"] and not rows.codes.str.contains("day|month").any()
    assert rows.set_index("codes").n.loc[["2024,q1,quarter", "2024,q2,quarter", "2024,unknown,year"]].tolist() == [3, 1, 2]
    with pytest.raises(UsageError, match="not shown by month. They can be shown by quarter"):
        results.timeline(held, book, "03", "month")
    with pytest.raises(UsageError, match="nothing finer than the year"):
        results.timeline(dated_source(book, ""), book, "03")
    assert results.timeline(held._replace(cases=held.cases.drop(columns="date")), book, "03").empty


@pytest.mark.parametrize("codes, ids", [({"year": "2024", "month": "03", "precision": "day"}, [0, 1]),
                                        ({"year": "2024", "month": "unknown", "precision": "year"}, [4, 5]),
                                        ({"year": "2024", "quarter": "q1", "precision": "quarter"}, [0, 1, 2]),
                                        ({"year": "unknown", "month": "unknown", "precision": "none"}, [6, 7])])
def test_the_cases_behind_a_number_of_the_timeline_are_found(book, codes, ids):
    cases = DATES.assign(case_id=range(len(DATES)))
    assert dated.behind(cases, codes, {}, book).case_id.tolist() == ids


# Slides


def test_a_slide_has_the_shape_of_a_screen_larger_letters_and_says_what_it_leaves_out(safe, book, tmp_path):
    for name in ("02_violations_perpetrators", "03_incidents_by_month", "04_anti_lgbti_countries_map"):
        fig = figure.slide(safe, name, book)
        is_laid_out(fig)
        figure.save_slide(fig, tmp_path / "one.png")
        picture = (tmp_path / "one.png").read_bytes()
        assert (int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")) == (2560, 1440)
        wide, high = fig.get_size_inches()
        assert high <= wide * 9 / 16 + 0.01
        # A slide is 13.33 inches wide: text of 9.5 points in print has at least 11.5 there.
        assert 9.5 * 13.33 / wide >= 11.5, name
        plt.close(fig)
    fig = figure.slide(safe, "02_violations", book)
    said = " ".join(text.get_text().replace("\n", " ") for text in texts_of(fig))
    bars = len(fig.axes[0].get_yticks())
    # 16 lines have a number above zero (see test_bars in test_figure), and those not stated stay.
    occurring = (safe.table("02_violations").n > 0).sum()
    assert bars < occurring and f"are not drawn: {occurring - bars}." in said and "Not stated" in said
    assert figure.page_width() == pytest.approx(7.1)  # pages are as wide as before
    plt.close("all")


@pytest.mark.parametrize("name, letters", [("02_violations_ranks", 13.5), ("02_violations_perpetrators_pairs", 14),
                                           ("03_agreement_violations", 12), ("03_changes_violations", 12), ("03_published", 17)])
def test_the_letters_of_a_slide_are_large_and_what_has_no_room_is_said(safe, book, name, letters):
    """Points that 9.5 in print have on a screen 13.33 inches wide; two years stand on a slide by themselves and have the largest."""
    page, fig = figure.draw(safe, name, book), figure.slide(safe, name, book)
    is_laid_out(fig)
    assert 9.5 * 13.33 / fig.get_figwidth() >= letters and fig.get_figheight() <= fig.get_figwidth() * 9 / 16 + 0.01
    gone = len(page.axes[0].get_yticks()) - len(fig.axes[0].get_yticks())
    said = " ".join(text.get_text().replace("\n", " ") for text in fig.texts)
    assert (gone > 0) == (name != "03_published") == ("want of room" in said or "are drawn whose" in said)
    plt.close("all")


def test_slides_are_written_beside_the_figures_when_asked_for(safe, book, tmp_path):
    one = protect.publication(safe.results[safe.results.table == "03_published"])
    figure.publish(one, tmp_path, book, "en", slides=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "03_published.csv", "03_published.en.png", "03_published.en.svg", "03_published.en.txt", "03_published.slide.en.png"]
