"""The tables of results that the notebooks make: names, units, bases, gaps."""

import pytest

from analysis import figure, protect, results, source
from analysis.figures import canvas
from analysis.wording import sentences, words

ECOM, EXPORT = "ecom/kazakhstan_2024_cases.xlsx", "odihr/incidents_2016_2022_without_usa.csv.gz"
CODED = "odihr/kazakhstan_2016_2022_coded.xlsx"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, book):
    made = tmp_path_factory.mktemp("results")
    source.prepare(made, [ECOM, EXPORT, CODED], book)
    return made


@pytest.fixture(scope="module")
def export(folder, book):
    return source.opened(folder, EXPORT, book, "kz")


def of(table):
    """Id without the name of its table -> (n, base), cells that occur."""
    return {row.id.removeprefix(row.table + "."): (row.n, row.base) for row in table.itertuples() if row.n}


def test_one_way_counts_cases_and_mentions_count_codes(export, book):
    shares, mentions = (of(make(export, book, "04", "bias_motivation")) for make in (results.one_way, results.mentions))
    assert shares["anti_lgbti"] == (64, 89) and mentions["anti_lgbti"] == (64, 112)
    # 64 + 26 + 12 + 8 + 2 = 112 mentions of 89 incidents
    assert sum(n for n, _ in shares.values()) == 112


def test_by_year_keeps_a_year_without_records(folder, book):
    wide = source.opened(folder, CODED, book, "kz", "2014-2018")
    found = results.by_year(wide, book, "03", "bias_motivation", "anti_lgbti")
    rows = {year: (n, base) for year, n, base in zip(found.codes.str[:4], found.n, found.base)}
    assert rows == {"2014": (0, 0), "2015": (0, 0), "2016": (1, 1), "2017": (5, 6), "2018": (5, 8)}
    assert found.share.isna().tolist() == [True, True, False, False, False] and set(found.unit) == {"incidents"}


def test_by_year_keeps_a_record_of_another_year(folder, book):
    """One of ODIHR's incidents of Germany is dated 2010: it stands in a row of its own and the bases still add up to 1,750."""
    found = results.by_year(source.opened(folder, EXPORT, book, "de"), book, "03", "bias_motivation", "anti_lgbti")
    assert found.codes.str[:4].tolist() == ["2010", *map(str, range(2016, 2023))] and found.base.sum() == 1750


def test_combinations_add_up_and_codes_overlap(folder, book):
    part = source.opened(folder, ECOM, book, "kz", "2024")
    combined = of(results.together(part, book, "02", "violation"))
    assert sum(n for n, _ in combined.values()) == 31
    assert combined["fake_date"] == (7, 31)  # nine cases of fake dates, two of them with other violations
    assert of(results.one_way(part, book, "02", "violation"))["fake_date"] == (9, 31)


def test_changes_stand_below_both_years(folder, book):
    part = source.opened(folder, CODED, book, "kz")
    found = results.changes(part, book, "03", "bias_motivation", ["2020", "2022"]).set_index("id")
    found.index = found.index.str.removeprefix("03_changes_bias_motivations.")
    ids = ["2020.anti_lgbti", "2022.anti_lgbti", "2020-2022.anti_lgbti", "2020-2022.anti_lgbti.break_even"]
    first, last, row, even = found.loc[ids].itertuples()
    assert [(one.n, one.base, one.method) for one in (first, last)] == [(17, 30, "wilson"), (21, 27, "wilson")]
    assert row.value == pytest.approx(21 / 27 - 17 / 30) and row.low < 0 < row.high and row.method == "newcombe"
    assert even.value == pytest.approx(17 / 21) and even.low < 1 < even.high and even.method == "exact"
    assert set(found.period) == {"2020-2022"} and set(found["where"]) == {""} and found.n[found.base.isna()].isna().all()
    assert results.changes(part, book, "03", "bias_motivation", []).empty


def test_countries_have_bases_of_their_own_and_the_report_s_own_is_among_them(export, book):
    found = of(results.countries(export, book, "04", "bias_motivation", "anti_lgbti", ["uz", "de", "uz"]))
    assert found == {"kz.anti_lgbti": (64, 89), "uz.anti_lgbti": (48, 64), "de.anti_lgbti": (224, 1750)}


def test_every_row_says_what_it_counts_and_where_it_is_from(export, book):
    for table in (results.total(export, book, "04"), results.one_way(export, book, "04", "bias_motivation")):
        assert set(table.unit) == {"incidents"} and set(table.level) == {"public"} and set(table.place) == {"kz"}
        assert table.source.str.contains("ODIHR").all() and set(table.file) == {EXPORT} and set(table.method) == {"wilson"}
    assert results.total(None, book, "04").empty


def test_groups_count_a_case_once_and_several_codes_are_one_row(folder, book):
    part = source.opened(folder, CODED, book, "kz")
    grouped = results.groups(part, book, "03", "violation")
    violence = [code for code, group in zip(book.codes.code, book.codes.group) if group == "violence"]
    row = grouped[grouped.id == "03_violations_groups.violence"].iloc[0]
    either = results.any_of(part, book, "03", "violation", violence).iloc[0]
    assert (row.n, row.base, row.unit) == (either.n, either.base, either.unit) == (either.n, 89, "incidents")
    assert either.id == "03_violations_any_of." + "+".join(violence) and either.form == "any_of"
    assert 0 < either.low < either.share < either.high
    alone = results.one_way(part, book, "03", "violation")
    assert row.n < alone.n[alone.codes.isin(violence)].sum()  # some incidents hold two kinds of violence
    assert "automated reading" in row.note  # what holds for the codes of a variable holds for its groups
    two = ["physical_violence", "threat"]
    both, only = (ask(part, book, "03", "violation", two).n.item() for ask in (results.all_of, results.exactly))
    assert only < both <= min(alone.set_index("codes").n[two])


def test_another_base_is_named_in_the_rows_the_figure_and_the_sentence(folder, book):
    part = source.opened(folder, CODED, book, "kz")
    table = results.one_way(part, book, "03", "perpetrator", base="answered").set_index("codes")
    # 22 of the 89 incidents do not say who did it: 67 do.
    assert table.loc["unknown", ["n", "base", "base_rule"]].tolist() == [22, 89, "all"]
    assert table.loc["police", ["n", "base", "base_rule"]].tolist() == [23, 67, "answered"]
    assert table.loc["police"].id == "03_perpetrators_answered.police"
    said = sentences.of(table.reset_index().loc[0], book)
    assert said.startswith("23 of 67 reported incidents with a known value (34%")
    lines = canvas.base_lines(table.reset_index(), "en")
    assert lines == ["Base: 67 reported incidents with a known value", "What is not known is shown of all 89 reported incidents."]
    drawn = figure.draw(protect.publication(table.reset_index()), "03_perpetrators_answered", book)
    assert not any("stay in the base" in text.get_text() for text in drawn.texts)
    whole = figure.draw(protect.publication(results.one_way(part, book, "03", "perpetrator")), "03_perpetrators", book)
    assert any("stay in the base" in text.get_text().replace("\n", " ") for text in whole.texts)


def test_groups_say_so_in_their_title(folder, book):
    grouped = results.groups(source.opened(folder, CODED, book, "kz"), book, "03", "violation")
    assert words.title(grouped, book) == "Types of violation, in groups, Kazakhstan, 2016–2022"
    assert set(grouped.by) == {"violation:group"} and grouped.codes.tolist()[:2] == ["violence", "liberty"]
