"""Counts against known answers, against SQL and pandas over the raw files, and against counting one row at a time."""

import dataclasses
import itertools
from collections import Counter

import duckdb
import numpy as np
import pandas as pd
import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import count, tidy
from analysis.problems import UsageError
from tests.conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN
from tests.invented import CODES, codebook_of, invented

BIASES = {
    "Anti-LGBTI hate crime": "anti_lgbti", "Gender-based hate crime": "gender_based", "Anti-Christian hate crime": "anti_christian",
    "Anti-Muslim hate crime": "anti_muslim", "Anti-Semitic hate crime": "anti_semitic", "Anti-Roma hate crime": "anti_roma",
    "Racist and xenophobic hate crime": "racist_xenophobic", "Disability hate crime": "disability",
    "Other hate crime based on religion or belief": "other_religion"}
TYPES = {"Violent attacks against people": "violent_attack", "Threats": "threats", "Attacks against property": "attack_on_property"}
# The codes of countries are those of ISO 3166; the names are CLDR's, but for these four of ODIHR's own.
COUNTRIES = {name: code.lower() for code, name in Locale("en").territories.items() if len(code) == 2} | {
    "Bosnia and Herzegovina": "ba", "Czech Republic": "cz", "Russian Federation": "ru", "Turkey": "tr"}
RAW = f"""WITH raw AS (SELECT row_number() OVER () AS id, Country AS country, left(Date, 4) AS year,
          string_split("Bias motivations", ', ') AS biases, string_split("Type of incident", ', ') AS types
          FROM read_csv('{ODIHR.as_posix()}', header = true, all_varchar = true)),
     bias AS (SELECT DISTINCT id, country, year, unnest(biases) AS bias FROM raw),
     type AS (SELECT DISTINCT id, unnest(types) AS type FROM raw)"""


def sql(query):
    """What SQL alone finds in the export as received, as {key, ...: n}, in our codes."""
    words = COUNTRIES | BIASES | TYPES
    rows = duckdb.connect().execute(f"{RAW} {query}").fetchall()
    return {tuple(words.get(value, value) for value in key): n for *key, n in rows}


def found(table, by):
    """The cells of a breakdown that are not zero, as {codes: n}."""
    return {tuple(row[:-1]): row[-1] for row in table.loc[table.n > 0, [*count.named(by), "n"]].itertuples(index=False, name=None)}


def only(table, **codes):
    """n and base of the one cell with these codes."""
    row = table[np.logical_and.reduce([table[variable] == code for variable, code in codes.items()])]
    assert len(row) == 1
    return int(row.n.iloc[0]), int(row.base.iloc[0])


@pytest.fixture(scope="module")
def stored(odihr, book, tmp_path_factory):
    """The incidents of 52 countries as a Parquet file."""
    file = tmp_path_factory.mktemp("cases") / "odihr's own.parquet"
    tidy.save(odihr.cases, file, book)
    return file


BY_YEAR = {"2016": (1, 1), "2017": (5, 6), "2018": (5, 8), "2019": (11, 12), "2020": (17, 30), "2021": (4, 5), "2022": (21, 27)}


def test_anti_lgbti_share_of_five_countries(stored, book):
    table = count.breakdown(stored, book, ["country", "bias_motivation"], within="country")
    for country, answer in {"kz": (64, 89), "uz": (48, 64), "kg": (138, 201), "am": (203, 216), "de": (224, 1750)}.items():
        assert only(table, country=country, bias_motivation="anti_lgbti") == answer
        alone = count.breakdown(stored, book, ["bias_motivation"], where={"country": country})
        assert only(alone, bias_motivation="anti_lgbti") == answer


def test_kazakhstan_by_year_from_the_export_and_from_the_coded_workbook(stored, odihr_kazakhstan, book):
    for cases, where in ((stored, {"country": ["Kazakhstan"]}), (odihr_kazakhstan.cases, None)):
        table = count.breakdown(cases, book, ["year", "bias_motivation"], where=where, within="year")
        for year, answer in BY_YEAR.items():
            assert only(table, year=year, bias_motivation="anti_lgbti") == answer
    table = count.breakdown(odihr_kazakhstan.cases, book, ["bias_motivation"])
    assert only(table, bias_motivation="anti_lgbti") == (64, 89)


def test_bias_columns_of_kazakhstan_overlap(odihr_kazakhstan, book):
    """Published: they add up to 112 because 21 of the 89 incidents hold several, and 64 of 112 is the wrong share."""
    table = count.breakdown(odihr_kazakhstan.cases, book, ["bias_motivation"])
    assert (table.n.sum(), table.base.unique().tolist()) == (112, [89])
    together = count.combinations(odihr_kazakhstan.cases, book, "bias_motivation")
    assert together.n[together.bias_motivation.str.contains("+", regex=False)].sum() == 21
    mentions = count.breakdown(odihr_kazakhstan.cases, book, ["bias_motivation"], unit="mentions")
    assert only(mentions, bias_motivation="anti_lgbti") == (64, 112)
    assert set(mentions.base_rule) == set(mentions.unit) == {"mentions"}


def test_every_country_and_every_bias_as_sql_counts_them(stored, book):
    answers = sql("SELECT country, bias, count(*) FROM bias GROUP BY ALL")
    assert len({country for country, _ in answers}) == 52 and sum(answers.values()) > 18112
    by = ["country", "bias_motivation"]
    assert found(count.breakdown(stored, book, by), by) == answers
    totals = sql("SELECT country, count(*) FROM raw GROUP BY ALL")
    table = count.breakdown(stored, book, by, within="country")
    assert {(country,): base for country, base in zip(table.country, table.base, strict=True) if base} == totals


def test_every_pair_of_biases_in_every_country_as_sql_counts_them(stored, book):
    pairs = "SELECT one.country, one.bias, two.bias, count(*) FROM bias AS one JOIN bias AS two USING (id) GROUP BY ALL"
    by = ["country", "bias_motivation", "bias_motivation"]
    assert found(count.breakdown(stored, book, by), by) == sql(pairs)


def test_years_types_and_biases_as_sql_counts_them(stored, book):
    by = ["year", "incident_type", "bias_motivation"]
    answers = sql("SELECT year, type, bias, count(*) FROM bias JOIN type USING (id) GROUP BY ALL")
    assert found(count.breakdown(stored, book, by), by) == answers
    asked = sql("""SELECT year, bias, count(*) FROM bias JOIN type USING (id)
                   WHERE type = 'Threats' AND country IN ('Poland', 'Spain') GROUP BY ALL""")
    where = {"incident_type": "threats", "country": ["pl", "es"]}
    assert found(count.breakdown(stored, book, ["year", "bias_motivation"], where), ["year", "bias_motivation"]) == asked


def test_a_filter_means_any_of_its_codes_and_all_of_its_variables(stored, book):
    either = "bias IN ('Anti-LGBTI hate crime', 'Gender-based hate crime') AND year IN ('2019', '2021')"
    answers = sql(f"SELECT bias, count(*) FROM bias WHERE id IN (SELECT id FROM bias WHERE {either}) GROUP BY ALL")
    where = {"bias_motivation": ["anti_lgbti", "Gender-based"], "year": [2019, 2021]}
    table = count.breakdown(stored, book, ["bias_motivation"], where)
    assert found(table, ["bias_motivation"]) == answers
    union = sql(f"SELECT 'all', count(DISTINCT id) FROM bias WHERE {either}")
    assert set(table.base) == set(union.values())
    assert count.breakdown(stored, book, [], where).n.tolist() == list(union.values())


def test_shuffled_rows_change_nothing(odihr, book):
    by = ["country", "year", "bias_motivation"]
    shuffled = odihr.cases.sample(frac=1, random_state=7)
    pd.testing.assert_frame_equal(count.breakdown(odihr.cases, book, by), count.breakdown(shuffled, book, by))
    together = [count.combinations(cases, book, "incident_type") for cases in (odihr.cases, shuffled)]
    pd.testing.assert_frame_equal(*together)


def test_a_table_its_file_and_its_profiles_give_the_same_counts(odihr, stored, book):
    variables = ["year", "country", "bias_motivation", "incident_type"]
    profiles = count.profiles(odihr.cases, book, variables)
    assert profiles.n.sum() == 18112 and len(profiles) < 18112 / 4 and not profiles.duplicated(variables).any()
    order = lambda table: table.sort_values(list(table.columns), ignore_index=True)  # noqa: E731
    pd.testing.assert_frame_equal(order(count.profiles(stored, book, variables)), order(profiles))
    pd.testing.assert_frame_equal(order(count.profiles(profiles, book, variables[2:])), order(count.profiles(stored, book, variables[2:])))
    for by in (["country"], ["bias_motivation", "year"], []):
        expected = count.breakdown(odihr.cases, book, by, {"incident_type": "threats"})
        for cases in (stored, profiles):
            pd.testing.assert_frame_equal(count.breakdown(cases, book, by, {"incident_type": "threats"}), expected)


def test_counting_leaves_the_cases_as_they_were(odihr_kazakhstan, book):
    before = odihr_kazakhstan.cases.copy(deep=True)
    count.breakdown(odihr_kazakhstan.cases, book, ["year", "violation"], {"perpetrator": "police"})
    count.rows_behind(odihr_kazakhstan.cases, book, {"year": "2020"})
    pd.testing.assert_frame_equal(odihr_kazakhstan.cases, before)


# The rows behind a number, against text filters on the workbooks as received.

def raw_sheet(file, header):
    """The first sheet of a workbook as text."""
    return pd.read_excel(file, header=header, dtype=str, keep_default_na=False, engine="openpyxl")


def raw_rows(file, header, **filters):
    """The case codes of the raw rows whose cell names the text among its `;` values, for every column."""
    sheet = raw_sheet(file, header)
    keep = [sheet[column.replace("_", " ")].str.split(";").map(lambda values, text=text: text in [v.strip() for v in values])
            for column, text in filters.items()]
    return sheet[np.logical_and.reduce(keep)].iloc[:, 0].tolist()


def test_rows_behind_are_the_rows_of_the_workbook(odihr_kazakhstan, ecom, book):
    cases = odihr_kazakhstan.cases
    rows = count.rows_behind(cases, book, {"bias_motivation": "anti_lgbti", "violation": "physical_violence"})
    assert rows.case_id.tolist() == raw_rows(ODIHR_KAZAKHSTAN, 0, Bias_motivations="Anti-LGBTI hate crime", Violations="Physical violence")
    both = count.rows_behind(cases, book, {"violation": "physical_violence"}, where={"violation": "hate_speech", "year": "2017"})
    speech = set(raw_rows(ODIHR_KAZAKHSTAN, 0, Violations="Hate speech"))
    listed = [case for case in raw_rows(ODIHR_KAZAKHSTAN, 0, Violations="Physical violence") if case in speech]
    sheet = raw_sheet(ODIHR_KAZAKHSTAN, 0).set_index("Incident")
    assert both.case_id.tolist() == [case for case in listed if sheet.at[case, "Date"].startswith("2017")] != []
    dates = count.rows_behind(ecom.cases, book, {"violation": "fake_date"})
    assert dates.case_id.tolist() == raw_rows(ECOM, 2, Вид_нарушения="Подставное свидание") and len(dates) == 9


def test_rows_behind_any_of_several_codes_keep_their_columns_and_order(odihr_kazakhstan, book):
    cases = pd.concat([odihr_kazakhstan.cases] * 2)  # an index that repeats must not repeat the rows
    rows = count.rows_behind(cases, book, {"bias_motivation": ["anti_muslim", "anti_christian"]})
    listed = [set(raw_rows(ODIHR_KAZAKHSTAN, 0, Bias_motivations=f"Anti-{faith} hate crime")) for faith in ("Muslim", "Christian")]
    assert rows.case_id.tolist() == [case for case in cases.case_id if case in listed[0] | listed[1]]
    assert list(rows.columns) == list(cases.columns)


def test_there_are_as_many_rows_behind_a_cell_as_it_counts(odihr_kazakhstan, book):
    for by in (["violation"], ["year", "bias_motivation"]):
        for row in count.breakdown(odihr_kazakhstan.cases, book, by).itertuples(index=False):
            assert len(count.rows_behind(odihr_kazakhstan.cases, book, dict(zip(by, row[:len(by)], strict=True)))) == row.n


def test_combinations_are_exact_and_add_up_to_the_base(odihr_kazakhstan, book):
    table = count.combinations(odihr_kazakhstan.cases, book, "violation")
    labels = dict(zip(book.codes.label_en[book.codes.variable == "violation"], book.of("violation"), strict=True)) | {"": "not_stated"}
    sheet = raw_sheet(ODIHR_KAZAKHSTAN, 0)
    sets = sheet["Violations"].map(lambda cell: frozenset(labels[value.strip()] for value in cell.split(";")))
    assert {frozenset(codes.split("+")): n for codes, n in zip(table.violation, table.n, strict=True)} == Counter(sets)
    assert table.n.sum() == 89 and set(table.base) == {89} and table.n.is_monotonic_decreasing
    for row in table.itertuples():
        rows = count.rows_together(odihr_kazakhstan.cases, book, "violation", row.violation)
        assert rows.case_id.tolist() == sheet.Incident[sets == frozenset(row.violation.split("+"))].tolist() and len(rows) == row.n


def test_combinations_of_a_part_add_up_to_the_part(odihr_kazakhstan, book):
    cases, where = odihr_kazakhstan.cases, {"year": "2020"}
    table = count.combinations(cases, book, "bias_motivation", where)
    assert table.n.sum() == 30 and set(table.base) == {30}
    rows = [count.rows_together(cases, book, "bias_motivation", codes, where) for codes in table.bias_motivation]
    assert [len(found) for found in rows] == table.n.tolist()


# Five invented cases, small enough to count by hand.
#   1  2020  act a      who x
#   2  2020  act a b    who x y
#   3  2022  act b      who unknown
#   4  2022  act not_stated, who y
#   5  no year, act c   who unknown

@pytest.fixture(scope="module")
def small(book):
    return codebook_of(book)


FIVE = [(2020, {"a"}, {"x"}, {"m0"}), (2020, {"a", "b"}, {"x", "y"}, {"m63", "m64"}), (2022, {"b"}, {"unknown"}, {"m129"}),
        (2022, {"not_stated"}, {"y"}, {"m64", "m129"}), (None, {"c"}, {"unknown"}, {"m63"})]


def test_bases_by_hand(small):
    cases = invented(FIVE)
    every = count.breakdown(cases, small, ["act"])
    assert every[["act", "n", "base", "base_rule", "unit"]].values.tolist() == [
        ["a", 2, 5, "all", "cases"], ["b", 2, 5, "all", "cases"], ["c", 1, 5, "all", "cases"], ["not_stated", 1, 5, "all", "cases"]]
    # Case 4 does not answer; 1, 2, 3 and 5 do. It is no part of those who answer, so its own cell is one of all five.
    answered = count.breakdown(cases, small, ["act"], base="answered")
    assert answered[["n", "base", "base_rule"]].values.tolist() == [
        [2, 4, "answered"], [2, 4, "answered"], [1, 4, "answered"], [1, 5, "all"]]
    # Only 1 and 2 answer both, and only they and 4 are known by year and by who.
    crossed = count.breakdown(cases, small, ["act", "who"], base="answered")
    unsaid = (crossed.act == "not_stated") | (crossed.who == "unknown")
    assert set(crossed.base[~unsaid]) == {2} and set(crossed.base[unsaid]) == {5}
    assert set(crossed.base_rule[~unsaid]) == {"answered"} and set(crossed.base_rule[unsaid]) == {"all"}
    years = count.breakdown(cases, small, ["year", "who"], base="answered")
    known = (years.year != "unknown") & (years.who != "unknown")
    assert set(years.base[known]) == {3} and set(years.base[~known]) == {5}  # a year that is not known is no answer either
    # who applies where a or b was done: 1, 2 and 3. Case 3 does not say who; 4 and 5 are in no cell.
    applies = count.breakdown(cases, small, ["who"], base="applies")
    assert applies[["who", "n", "base", "base_rule"]].values.tolist() == [
        ["x", 2, 3, "applies"], ["y", 1, 3, "applies"], ["unknown", 1, 3, "applies"]]
    # x is known of 1 and 2, y of 2 and 4, nobody of 3 and 5.
    within = count.breakdown(cases, small, ["act", "who"], within="who")
    assert within[["act", "who", "n", "base"]].values.tolist() == [
        ["a", "x", 2, 2], ["a", "y", 1, 2], ["a", "unknown", 0, 2], ["b", "x", 1, 2], ["b", "y", 1, 2], ["b", "unknown", 1, 2],
        ["c", "x", 0, 2], ["c", "y", 0, 2], ["c", "unknown", 1, 2], ["not_stated", "x", 0, 2], ["not_stated", "y", 1, 2],
        ["not_stated", "unknown", 0, 2]]
    # a twice, b twice, c once; not_stated mentions nothing.
    mentions = count.breakdown(cases, small, ["act"], unit="mentions")
    assert mentions[["act", "n", "base"]].values.tolist() == [["a", 2, 5], ["b", 2, 5], ["c", 1, 5]]
    # a and b together: case 2.
    pairs = count.breakdown(cases, small, ["act", "act"], within="act")
    assert only(pairs, act="a", act_2="b") == (1, 2) and only(pairs, act="c", act_2="c") == (1, 1)
    assert only(count.breakdown(cases, small, ["act"] * 3), act="a", act_2="b", act_3="a") == (1, 5)


def test_years_by_hand(small):
    cases = invented(FIVE)
    years = lambda **asked: count.breakdown(cases, small, ["year"], **asked)[["year", "n"]].values.tolist()  # noqa: E731
    assert years() == [["2020", 2], ["2021", 0], ["2022", 2], ["unknown", 1]]
    # A filter on something else empties years, and leaves them in.
    assert years(where={"act": "b"}) == [["2020", 1], ["2021", 0], ["2022", 1], ["unknown", 0]]
    assert years(where={"act": "c"}) == [["2020", 0], ["2021", 0], ["2022", 0], ["unknown", 1]]
    # A filter on years leaves the years that were asked for, with those that have no case.
    assert years(where={"year": ["2022", 2019]}) == [["2019", 0], ["2022", 2]]
    assert years(where={"year": "unknown"}) == [["unknown", 1]]
    table = count.breakdown(cases, small, ["year", "act"], {"year": ["2020"]}, within="year")
    assert table.values[:, :4].tolist() == [["2020", "a", 2, 2], ["2020", "b", 1, 2], ["2020", "c", 0, 2], ["2020", "not_stated", 0, 2]]
    exact = count.combinations(cases, small, "year")  # a case has one year, so that its years together are that year
    assert exact[["year", "n", "base"]].values.tolist() == [["2020", 2, 5], ["2022", 2, 5], ["unknown", 1, 5]]
    assert count.rows_behind(cases, small, {"year": "unknown"}).index.tolist() == [4]
    assert count.rows_behind(cases, small, {"year": ["2022", "2020"], "who": "y"}).index.tolist() == [1, 3]


def test_dates_by_hand(small, tmp_path):
    # Days become months; of the third and the fifth case no date is known.
    written = {"date": ["2020-03-05", "2020-03", None, "2022-11-30", None], "date_precision": ["day", "month", "year", "day", None]}
    cases, file = invented(FIVE).assign(**written), tmp_path / "cases.parquet"
    tidy.save(cases, file, small)
    for source in (cases, file):
        every = count.dates(source, small)
        assert list(every.columns) == ["date", "date_precision", "year", "n"]
        assert list(every.index) == [0, 1, 2, 3, 4]
        assert every.values.tolist() == [["", "none", 0, 1], ["", "year", 2022, 1], ["2020-03", "day", 2020, 1],
                                         ["2020-03", "month", 2020, 1], ["2022-11", "day", 2022, 1]]
        # Of a: cases 1 and 2; of who y: 2 and 4; of 2022: 3 and 4.
        assert count.dates(source, small, {"act": "a"}).date.tolist() == ["2020-03", "2020-03"]
        assert count.dates(source, small, {"who": "y"}).values.tolist() == [["2020-03", "month", 2020, 1], ["2022-11", "day", 2022, 1]]
        assert count.dates(source, small, {"year": "2022"}).values.tolist() == [["", "year", 2022, 1], ["2022-11", "day", 2022, 1]]
    twice = pd.concat([cases, cases])  # a month of several cases is one row
    assert count.dates(twice, small).n.tolist() == [2] * 5


def test_months_as_sql_counts_them(stored, book):
    table = count.dates(stored, book, {"country": "kz"})
    answers = dict(duckdb.connect().execute(f"""SELECT Date, count(*) FROM read_csv('{ODIHR.as_posix()}', header = true, all_varchar = true)
                                                WHERE Country = 'Kazakhstan' GROUP BY ALL""").fetchall())
    assert dict(zip(table.date, table.n, strict=True)) == answers and len(answers) > 40


def test_no_cases_at_all(small):
    none = invented(FIVE)[:0]
    for cases, where in ((none, None), (invented(FIVE), {"act": "a", "who": "unknown"})):
        assert count.breakdown(cases, small, [], where)[["n", "base"]].values.tolist() == [[0, 0]]
        table = count.breakdown(cases, small, ["act", "who"], where, within="who")
        assert len(table) == 12 and set(table.n) == set(table.base) == {0}
        assert count.combinations(cases, small, "act", where).empty
    assert count.breakdown(none, small, ["year", "act", "who"]).empty and count.breakdown(none, small, ["year"]).empty
    assert count.rows_behind(none, small, {"act": "a", "year": 2020}).empty


def test_codes_beyond_the_first_words(small, tmp_path):
    file = tmp_path / "cases.parquet"
    tidy.save(invented(FIVE), file, small)
    for cases in (invented(FIVE), file):
        table = count.breakdown(cases, small, ["many"])
        assert found(table, ["many"]) == {("m0",): 1, ("m63",): 2, ("m64",): 2, ("m129",): 2} and len(table) == 130
        assert found(count.breakdown(cases, small, ["many"], {"many": "m129"}), ["many"]) == {("m64",): 1, ("m129",): 2}
    assert count.rows_behind(invented(FIVE), small, {"many": "m64"}).index.tolist() == [1, 3]
    assert count.rows_together(invented(FIVE), small, "many", "m64+m129").index.tolist() == [3]


SOME = {variable: st.sets(st.sampled_from(codes), min_size=1, max_size=4) for variable, codes in CODES.items()}
CASE = st.tuples(st.sampled_from([None, 2019, 2020, 2023]), *SOME.values())
BY = st.lists(st.sampled_from(["year", *CODES]), max_size=3).filter(lambda by: by.count("many") < 2)
FILTER = st.fixed_dictionaries({}, optional={
    variable: st.lists(st.sampled_from(codes), min_size=1)
    for variable, codes in {"act": CODES["act"], "many": CODES["many"], "year": ["2019", "2020", "unknown"]}.items()})


@settings(deadline=None, max_examples=25)
@given(st.lists(CASE, max_size=40), FILTER, BY)
def test_every_cell_as_one_row_at_a_time_counts_it(small, rows, where, by):
    held = [{"year": {str(row[0]) if row[0] else "unknown"}} | dict(zip(CODES, row[1:], strict=True)) for row in rows]
    kept = [row for row in held if all(row[variable] & set(codes) for variable, codes in where.items())]
    cells = Counter(cell for row in kept for cell in itertools.product(*(row[variable] for variable in by)))
    cases = invented(rows)
    for source in (cases, count.profiles(cases, small, ["year", *CODES])):
        table = count.breakdown(source, small, by, where)
        assert found(table, by) == dict(cells) and set(table.base) <= {len(kept)}
        for variable in by:
            own = count.breakdown(source, small, by, where, within=variable)
            having = Counter(code for row in kept for code in row[variable])
            assert own.base.tolist() == [having[code] for code in own[variable]]
        answered = [row for row in kept if all(row[variable] - {"unknown", "not_stated"} for variable in by)]
        table = count.breakdown(source, small, by, where, base="answered")
        said = ~table[count.named(by)].isin(["unknown", "not_stated"]).any(axis=1)
        assert set(table.base[said]) <= {len(answered)} and set(table.base[~said]) <= {len(kept)} and (table.n <= table.base).all()


@pytest.mark.parametrize(("asked", "says"), [
    ({"by": ["violatoin"]}, "violation"),
    ({"by": ["region"]}, "do not hold 'region'"),
    ({"by": ["case_id"]}, "do not hold 'case_id'"),
    ({"by": ["violation"], "where": {"violaton": "fake_date"}}, "Did you mean violation"),
    ({"by": ["violation"], "where": {"violation": "fake_dates"}}, "Did you mean Fake date"),
    ({"by": ["violation"], "where": {"violation": "Подставное свидане"}}, "Did you mean Подставное свидание"),
    ({"by": ["violation"], "where": {"violation": []}}, "names no value"),
    ({"by": ["violation"], "where": {"year": "20222"}}, "'20222' is not a year"),
    ({"by": ["violation"], "base": "known"}, "all, answered"),
    ({"by": ["violation"], "within": "perpetrator"}, "within a variable that is counted"),
    ({"by": ["violation"], "within": "violation", "base": "answered"}, "The base is one of"),
    ({"by": ["violation", "perpetrator"], "unit": "mentions"}, "one variable at a time"),
    ({"by": ["violation"], "unit": "mentions", "base": "answered"}, "base is all mentions"),
    ({"by": ["violation"], "unit": "mention"}, "Did you mean mentions"),
    ({"by": ["violation"], "unit": "witnesses"}, "no unit 'witnesses' to count here. Did you mean"),
    ({"by": ["violation"], "unit": "witnesses"}, "There is cases, incidents, mentions, victims, perpetrators."),
    ({"by": ["violation:group"], "unit": "mentions"}, "Mentions are counted by code, not by group"),
    ({"by": ["response:group"]}, "The codes of response have no groups"),
    ({"by": ["violaton:group"]}, "do not hold 'violaton:group'. Did you mean violation"),
    ({"by": ["violation"], "where": {"violation:group": "privat"}}, "Did you mean Invasion of privacy"),
    ({"by": ["violation"], "base": "applies"}, "does not say to which cases violation applies"),
])
def test_what_cannot_be_counted_is_said_with_the_right_name(odihr_kazakhstan, book, asked, says):
    with pytest.raises(UsageError) as error:
        count.breakdown(odihr_kazakhstan.cases, book, **asked)
    assert says in str(error.value)


def test_rows_behind_a_variable_that_is_not_there(odihr_kazakhstan, book):
    with pytest.raises(UsageError, match="Did you mean violation"):
        count.rows_behind(odihr_kazakhstan.cases, book, {"violatio": "fake_date"})
    with pytest.raises(UsageError, match="do not hold 'country'"):
        count.rows_behind(odihr_kazakhstan.cases, book, {"violation": "fake_date"}, where={"country": "kz"})
    with pytest.raises(UsageError, match="do not hold 'country'"):
        count.rows_together(odihr_kazakhstan.cases, book, "violation", "threat", where={"country": "kz"})


def test_a_file_made_with_other_codes_is_not_counted(odihr_kazakhstan, book, tmp_path):
    changed = dataclasses.replace(book, codes=book.codes[book.codes.code != "anti_semitic"])
    file, bare, silent = (tmp_path / f"{name}.parquet" for name in ("cases", "bare", "silent"))
    tidy.save(odihr_kazakhstan.cases, file, book)
    with pytest.raises(UsageError, match="bias_motivation.*changed since cases.parquet was made"):
        count.breakdown(file, changed, ["bias_motivation"])
    assert count.breakdown(file, changed, ["violation"]).n.sum() == count.breakdown(file, book, ["violation"]).n.sum() > 89
    count.profiles(odihr_kazakhstan.cases, book, ["violation"]).to_parquet(bare)  # says nothing of its codes
    duckdb.connect().execute(f"COPY (SELECT * FROM '{bare}') TO '{silent}'")  # nor of anything that pandas wants to know
    for said_nothing in (bare, silent):
        with pytest.raises(UsageError, match="violation.*changed"):
            count.breakdown(said_nothing, book, ["violation"])
