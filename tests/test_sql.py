"""Every number that the notebooks count, counted again by SQL from the cells of the raw sheets, and from that by other libraries.

Nothing of ours is used but the files of decisions: labels, spellings and stages are read as they lie. What others printed is listed.
"""

import csv
import gzip
import itertools
import re
import sqlite3
from functools import cache

import numpy as np
import openpyxl
import pandas as pd
import pytest
from conftest import ECOM, ODIHR, ODIHR_KAZAKHSTAN, RAW, ROOT
from scipy.stats import binomtest, chi2_contingency
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from test_ranks import by_hand

CODEBOOK = ROOT / "data" / "codebook"
REPORTS = ("kazakhstan-2024", "uzbekistan-2022")
# A heading of a raw sheet -> the variable, and what stands between its values (ECOM's full name holds commas itself).
HEADS = {
    ECOM: {"Год": ("year", None), "Вид нарушения": ("violation", ";"), "Нарушитель": ("perpetrator", ";"),
           "Группа пострадавших": ("victim_group", ";"), "Затронутые права": ("right", ";"), "Ответ и последствия": ("response", ";")},
    ODIHR_KAZAKHSTAN: {"Date": ("year", None), "Bias motivations": ("bias_motivation", ";"), "Violations": ("violation", ";"),
                       "Reported by": ("reporter", ", (?!Rights|Gender)"), "Type of incident": ("incident_type", ";")},
    ODIHR: {"Date": ("year", None), "Country": ("country", None), "Bias motivations": ("bias_motivation", ","),
            "Type of incident": ("incident_type", ",")}}
CODINGS = RAW / "odihr" / "kazakhstan_2016_2022_two_codings.csv"
# Numbers of others, which no cases here can produce: test_printed, test_register, test_money, test_justice and test_years hold them to
# the files they are from.
PRINTED = {"printed_years", "printed_shares", "official", "series", "series_order", "rates", "claims", "register", "money"}


def rows_of(file):
    """The rows of a raw file as {heading: text}, the first line with a known heading being the headings."""
    if file.suffix == ".gz":
        lines = list(csv.reader(gzip.decompress(file.read_bytes()).decode("utf-8").splitlines()))
    else:
        lines = [[str(cell or "") for cell in line] for line in openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)]
    at = next(at for at, line in enumerate(lines) if set(HEADS[file]) <= set(line))
    return [dict(zip(lines[at], line)) for line in lines[at + 1:]]


def listed(file):
    return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))


def parts(text, between):
    """The values of a cell; an empty cell is not stated."""
    found = [part.strip() for part in re.split(between, text)] if between else [text.strip()]
    return [part for part in found if part] or ["Not stated"]


def words():
    """(variable, code, group, how it is written): a row for each label and spelling; a code without a group stands for itself."""
    unknowns = {row["code"]: row for row in listed(CODEBOOK / "unknowns.csv")}
    codes = listed(CODEBOOK / "codes.csv")
    every = [*codes, *({**row, "variable": v, "unknown": c, "group": ""} for v in {row["variable"] for row in codes} for c, row in
                       unknowns.items() if not any(one["variable"] == v and c in (one["code"], one["unknown"]) for one in codes))]
    spelled = [(row["variable"], row["code"], row["spelling"]) for row in listed(CODEBOOK / "spellings.csv")]
    for row in every:
        texts = {row["label_en"], row["label_ru"], *(s for v, c, s in spelled if (v, c) == (row["variable"], row["code"]))}
        yield from ((row["variable"], row["code"], row["group"] or row["code"], row["unknown"] != "", text) for text in texts)


@pytest.fixture(scope="module")
def sql():
    """The raw sheets as tables: code(variable, code, heading, unknown), and has(file, id, variable, code): a row a code of a case."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE word (variable, code, heading, unknown, text)")
    base.executemany("INSERT INTO word VALUES (?, ?, ?, ?, ?)", words())
    base.execute("CREATE TABLE cell (file, id, variable, text)")
    for file in HEADS:
        cells = [(file.relative_to(RAW).as_posix(), at, variable, text) for at, row in enumerate(rows_of(file))
                 for head, (variable, between) in HEADS[file].items()
                 for text in ([row[head]] if variable == "year" else parts(row[head], between))]
        base.executemany("INSERT INTO cell VALUES (?, ?, ?, ?)", cells)
    base.executescript("""
        CREATE INDEX spelled ON word (variable, text);
        CREATE TABLE has AS
          SELECT DISTINCT file, id, cell.variable, word.code FROM cell JOIN word USING (variable, text)
          UNION SELECT DISTINCT file, id, cell.variable || ':group', heading FROM cell JOIN word USING (variable, text)
          UNION SELECT file, id, 'year', substr(text, 1, 4) FROM cell WHERE variable = 'year'
          UNION SELECT file, id, 'month', iif(length(text) > 4, substr(text, 6, 2), 'unknown') FROM cell WHERE variable = 'year'
          UNION SELECT file, id, 'precision', CASE length(text) WHEN 4 THEN 'year' WHEN 7 THEN 'month' ELSE 'day' END
                FROM cell WHERE variable = 'year';
        CREATE TABLE code AS
          SELECT DISTINCT variable, code, heading, unknown FROM word
          UNION SELECT variable || ':group', heading, heading, min(unknown) FROM word GROUP BY variable, heading
          UNION SELECT variable, code, code, 0 FROM has WHERE variable IN ('year', 'month', 'precision');
        CREATE INDEX held ON has (file, variable, code, id);""")
    lost = base.execute("""SELECT DISTINCT variable, text FROM cell LEFT JOIN word USING (variable, text)
                           WHERE word.code IS NULL AND variable <> 'year'""").fetchall()
    assert lost == [], lost
    return base


@pytest.fixture(scope="module")
def results(project):
    """Every number of both reports, as the notebooks kept it."""
    files = [file for report in REPORTS for file in sorted((project / "data" / "processed" / report / "results").glob("*.parquet"))]
    assert len(files) > 60
    return pd.concat([pd.read_parquet(file).assign(report=file.parts[-3]) for file in files], ignore_index=True)


HAVING = "SELECT id FROM has WHERE file = ? AND variable = ? AND code IN ({})"


def having(file, *conditions):
    """A query for the cases of a file that meet every condition (variable, any of these codes), and what stands in its places."""
    conditions = conditions or (("year", None),)
    queries = [HAVING.format(",".join("?" * len(codes))) if codes is not None else "SELECT id FROM has WHERE file = ? AND variable = ?"
               for _, codes in conditions]
    return " INTERSECT ".join(queries), [part for variable, codes in conditions for part in (file, variable, *(codes or ()))]


@pytest.fixture(scope="module")
def number(sql):
    """How many cases of a file meet every condition."""
    @cache
    def found(file, *conditions):
        query, places = having(file, *conditions)
        return sql.execute(f"SELECT count(*) FROM ({query})", places).fetchone()[0]
    return found


@pytest.fixture(scope="module")
def known(sql):
    """The condition that a case says something of a variable: any of its codes that is not a way of not knowing."""
    return cache(lambda variable: (variable, tuple(code for code, in sql.execute(
        "SELECT code FROM code WHERE variable = ? AND NOT unknown", [variable]))))


def kept(row):
    """The filter of a row as conditions."""
    return [(variable, tuple(codes.split(","))) for variable, codes in (one.split("=") for one in row["where"].split("; ") if one)]


def cell(row):
    """The codes of a row as conditions."""
    return [(variable, tuple(codes.split("+"))) for variable, codes in zip(row.by.split(","), row.codes.split(","))] if row.by else []


def plainly(row, number):
    """n and base of a count of cases with the codes of a row, the base being what its rule says."""
    bases = {"all": [], "within year": [one for one in cell(row) if one[0] == "year"],
             "within country": [one for one in cell(row) if one[0] == "country"]}
    return number(row.file, *kept(row), *cell(row)), number(row.file, *kept(row), *bases[row.base_rule])


def exactly(row, sql, number):
    """n and base of the cases that have the codes of a row and no others."""
    (variable, codes), = cell(row)
    query, places = having(row.file, *kept(row), *((variable, (code,)) for code in codes))
    others = HAVING.replace("IN", "NOT IN").format(",".join("?" * len(codes)))
    n = sql.execute(f"SELECT count(*) FROM ({query} EXCEPT {others})", [*places, row.file, variable, *codes]).fetchone()[0]
    return n, number(row.file, *kept(row))


def counted(row, sql, number, known):
    """n and base of one row of the results by SQL alone; a form that is not known here is an error."""
    first, second = cell(row)[:1], cell(row)[1:]
    if row.form in ("total", "bars", "heat", "years", "yearly", "dots", "tiles", "timeline", "ranks", "changes"):
        return plainly(row, number)
    if row.form == "together":
        return exactly(row, sql, number)
    if row.form == "mentions":
        variable, codes = known(row.by)
        return number(row.file, *kept(row), *first), sum(number(row.file, *kept(row), (variable, (code,))) for code in codes)
    if row.form == "pairs":  # of the cases that say something of both, those with the first code
        return number(row.file, *kept(row), *cell(row)), number(row.file, *kept(row), *first, known(second[0][0]))
    if row.form == "alike":  # of the cases of a year, those that came through what the years have in common
        place = [one for one in kept(row) if one[0] == "country"]
        return number(row.file, *kept(row), *first), number(row.file, *place, *first)
    raise AssertionError(f"No SQL is written for the form {row.form}.")


# Forms that are counted elsewhere below, and not row by row.
APART = {"independence", "funnel", "reached", "agreement", "change"}


def test_every_count_of_the_notebooks_is_what_sql_counts(results, sql, number, known):
    rows = results[~results.form.isin(PRINTED | APART) & (results.base_rule != "")]
    wrong = []
    for row in rows.to_dict("records"):
        row = pd.Series(row)
        n, base = counted(row, sql, number, known)
        without = {"no_records": n == 0}.get(row.no_value, row.no_value.endswith("_not_recorded"))
        if base != row.base or not (n == row.n or np.isnan(row.n) and row.no_value and without):
            wrong.append((row.id, row.n, row.base, n, base))
    assert wrong == [] and len(rows) > 2000
    # What is not counted by its rows says so: a number of others, a comparison of two counts (below), or no number of cases.
    assert set(results.form[results.base_rule == ""]) == PRINTED | {"agreement", "change", "changes"}


def test_no_cell_is_left_out_and_none_stands_twice(results, sql, number, known):
    codes = cache(lambda variable: {code for code, in sql.execute("SELECT code FROM code WHERE variable = ?", [variable])})
    years = [str(year) for year in range(2016, 2023)]
    tables = results[(results.base_rule != "") & ~results.form.isin(APART - {"funnel"} | {"pairs"})]
    for (table, form, file, *_), rows in tables.groupby(["table", "form", "file", "report", "where"], sort=False):
        first, found = rows.iloc[0], sorted(rows.codes)
        kept_by, last = kept(first), first.by.split(",")[-1]
        every = [years if variable == "year" else codes(variable) for variable in first.by.split(",") if variable]
        if form == "funnel":
            every[0] = known("stage")[1]
        if form in ("years", "dots"):
            every = [years if form == "years" else dict(kept_by)["country"], {"anti_lgbti"}]
        if form == "tiles":
            every = [known("country")[1], {"anti_lgbti"}]
        if form == "timeline":  # each month of each year, and the cases of which only the year is known
            every = [[f"{year},{one}" for year in years for one in (*(f"{month:02},month" for month in range(1, 13)), "unknown,year")]]
        if form == "changes":  # the codes that occur in either of the years
            every[0] = {one.split(",")[0] for one in found}
            every[1] = {code for code in codes(last) if number(file, *kept_by, ("year", tuple(sorted(every[0]))), (last, (code,)))}
        if form == "alike":  # the two years that each report compares
            every[0] = ["2020", "2022"] if file == "odihr/kazakhstan_2016_2022_coded.xlsx" else ["2021", "2022"] * 2
        if form == "mentions":
            every = [known(last)[1]]
        if form == "ranks":  # what nobody recorded has no rank
            every = [{code for code in known(last)[1] if number(file, *kept_by, (last, (code,)))}]
        if form == "together":  # exact combinations hold each case once
            assert rows.n.sum() == number(file, *kept_by) and len(set(found)) == len(found) and (rows.n > 0).all()
        else:
            assert found == sorted(",".join(cell) for cell in itertools.product(*every)) or form == "total" and found == ["total"], table


def test_shares_and_their_intervals_are_those_of_statsmodels(results):
    rows = results[results.base_rule != ""]
    rows = rows[~rows.form.isin({"independence", "reached", "timeline"}) & rows.n.notna()]  # whose numbers are no shares
    np.testing.assert_allclose(rows.share, np.where(rows.base > 0, rows.n / rows.base.where(rows.base > 0), np.nan), rtol=1e-12)
    no_interval = rows[rows.form == "mentions"]  # mentions of one case come together
    assert set(no_interval.method) == {"sum"} and no_interval[["low", "high"]].isna().all(axis=None)
    wilson = rows[rows.method.isin(["wilson", "seen"]) & (rows.base > 0)]
    assert len(wilson) > 1700
    low, high = proportion_confint(wilson.n, wilson.base, method="wilson")
    np.testing.assert_allclose(np.column_stack([wilson.low, wilson.high]), np.column_stack([low, high]), atol=1e-9)


def test_differences_and_ratios_of_years_follow_from_what_sql_counts(results, number):
    rows = results[(results.form == "changes") & (results.base_rule == "")]
    assert len(rows) >= 60
    for row in rows.iloc:
        pair, code = row.codes.split(",")
        (n1, base1), (n2, base2) = ((number(row.file, *kept(row), ("year", (year,)), (row.by.split(",")[1], (code,))),
                                     number(row.file, *kept(row), ("year", (year,)))) for year in pair.split("-"))
        if row.method == "newcombe":
            wanted = n2 / base2 - n1 / base1, *confint_proportions_2indep(n2, base2, n1, base1, method="newcomb")
        else:
            wanted = ratio(n1, n2)
        assert (row.value, row.low, row.high) == pytest.approx(wanted, rel=1e-9, abs=1e-12), row.id


def ratio(n1, n2):
    """One count over another, with the exact interval: of both together, the first are a binomial part."""
    low, high = binomtest(n1, n1 + n2).proportion_ci(method="exact")
    return tuple(part / (1 - part) if part < 1 else np.inf for part in (n1 / (n1 + n2), low, high))


def test_changes_of_totals_follow_from_what_sql_counts(results, number):
    rows = results[results.form == "change"]
    printed = results[results.form == "printed_years"].set_index("codes").n  # of others: held to their file by test_years
    for row in rows.iloc:
        years, place = row.codes.split("-"), [("country", (row.place,))] if row.file.endswith(".gz") else []
        n1, n2 = (int(printed[year]) if row.file == "ecom/published_figures.csv" else number(row.file, *place, ("year", (year,)))
                  for year in years)
        way = row.id.rpartition(".")[2]
        wanted = {"ratio": ratio(n2, n1), "break_even": ratio(n1, n2), "effort": (np.nan,) * 3}[way]
        assert (row.value, row.low, row.high) == pytest.approx(wanted, rel=1e-9, nan_ok=True), row.id
    assert len(rows) == 3 * (7 + 7 + 1)


def sets(sql, file, variable, *conditions):
    """The codes that each case has of a variable, of the cases that meet every condition."""
    query, places = having(file, *conditions)
    found = {at: set() for at, in sql.execute(query, places)}
    for at, code in sql.execute("SELECT id, code FROM has WHERE file = ? AND variable = ?", [file, variable]):
        if at in found:
            found[at].add(code)
    return [found[at] for at in sorted(found)]


def test_ranks_follow_from_which_cases_have_one_code_and_not_the_other(results, sql, known):
    for (file, by, _), rows in results[results.form == "ranks"].groupby(["file", "by", "where"]):
        cases = sets(sql, file, by, *kept(rows.iloc[0]))
        answer = by_hand(cases, known(by)[1])
        assert {row.codes: (row.value, row.low, row.high) for row in rows.iloc} == answer


def test_tests_of_independence_follow_from_the_codes_of_each_case(results, sql, known):
    rows = results[results.form == "independence"]
    assert len(rows) >= 3 and set(rows.method) == {"shuffled"}
    for row in rows.iloc:
        both = [known(variable) for variable in row.by.split(",")]
        first, second = (varying(sets(sql, row.file, one[0], *kept(row), *both), one[1]) for one in both)
        assert len(first) == len(second) == row.base
        # The sum of chi-squared of all 2 x 2 tables.
        seen = sum(chi2_contingency(pd.crosstab(one, other), correction=False)[0] for one in first.T for other in second.T)
        assert row.value == pytest.approx(seen)
        chance, drawn = np.random.default_rng(3), 2000
        units = [(side - side.mean(axis=0)) / side.std(axis=0) for side in (first, second)]  # n times a squared correlation is chi-squared
        more = sum(((units[0].T @ chance.permutation(units[1])) ** 2).sum() / len(first) >= seen - 1e-9 for _ in range(drawn))
        assert row.p == pytest.approx((1 + more) / (1 + drawn), abs=4 * np.sqrt(0.06 * 0.94 * 2 / drawn)), row.id


def varying(cases, codes):
    """Which cases have which codes, 0 or 1, of the codes that some have and some have not."""
    has = np.array([[code in case for code in codes] for case in cases], int)
    return has[:, (has.min(axis=0) == 0) & (has.max(axis=0) == 1)]


def test_differences_of_pairs_follow_from_what_sql_counts(results, number, known):
    rows = results[results.form == "pairs"]
    assert len(rows) >= 200
    for row in rows.iloc:
        (first, one), (second, other) = cell(row)
        both = [*kept(row), known(first), known(second)]
        n1, base1, every, whole = (number(row.file, *both, *more) for more in (cell(row), [(first, one)], [(second, other)], []))
        wanted = n1 / base1 - (every - n1) / (whole - base1)
        assert (row.n, row.base) == (n1, base1) and row.value == pytest.approx(wanted)
        assert (row.low, row.high) == pytest.approx(confint_proportions_2indep(n1, base1, every - n1, whole - base1, method="newcomb"))


# The way to justice: what a case has reached is what stages.csv takes for a yes, and what a later stage implies.
REACHED = """
    WITH RECURSIVE said AS (SELECT DISTINCT id, stage FROM has JOIN rule USING (variable, code) WHERE file = ? AND answer = 'yes'),
      reached AS (SELECT id, stage FROM said
                  UNION SELECT reached.id, rule.stage FROM reached JOIN rule ON rule.variable = 'stage' AND rule.code = reached.stage)
    SELECT stage, (SELECT count(*) FROM said WHERE said.stage = reached.stage), count(DISTINCT id) FROM reached GROUP BY stage"""


def test_the_way_to_justice_is_what_sql_finds_in_the_responses(results, sql, number):
    sql.execute("CREATE TEMP TABLE rule (stage, answer, variable, code)")
    sql.executemany("INSERT INTO rule VALUES (:stage, :answer, :variable, :code)", listed(CODEBOOK / "stages.csv"))
    rows = results[results.form.isin({"funnel", "reached"})]
    file, = rows.file.unique()
    # The sheet has no column that could say no; silence is not stated. So nothing is contradicted, and nothing is denied.
    denied = sql.execute("SELECT count(*) FROM has JOIN rule USING (variable, code) WHERE file = ? AND answer = 'no'", [file]).fetchone()
    assert denied == (0,)
    whole, found = number(file), {stage: (yes, every) for stage, yes, every in sql.execute(REACHED, [file])}
    stages = [code for code, in sql.execute("SELECT DISTINCT code FROM code WHERE variable = 'stage' AND NOT unknown")]
    wanted = {("incident", "yes"): whole} | {(stage, "no"): np.nan for stage in stages if stage != "incident"}
    for stage in set(stages) - {"incident"}:
        yes, every = found.get(stage, (0, 0))
        wanted |= {(stage, "yes"): yes, (stage, "implied"): every - yes, (stage, "not_stated"): whole - every}
    bars = rows[rows.form == "funnel"]
    for row in bars.iloc:
        assert row.base == whole and row.n == pytest.approx(wanted.get(tuple(row.codes.split(",")), 0), nan_ok=True), row.id
    answers = {code for code, in sql.execute("SELECT code FROM code WHERE variable = 'answer'")}
    assert set(bars.codes) == {f"{stage},{answer}" for stage in stages for answer in answers}
    for row in rows[rows.form == "reached"].iloc:
        every = found.get(row.codes, (0, 0))[1]
        assert (row.n, row.value, row.text, row.no_value) == (every, every / whole, f"{every} of {whole}", "cannot_deny")
    assert set(rows.codes[rows.form == "reached"]) == set(stages) - {"incident"}


PAIRED = """SELECT total(one AND other), total(one AND NOT other), total(other AND NOT one), total(NOT one AND NOT other)
            FROM (SELECT max(which = 1 AND code = :code) AS one, max(which = 2 AND code = :code) AS other
                  FROM given WHERE variable = :variable GROUP BY id)"""
SAME = """SELECT count(DISTINCT id), count(DISTINCT id) - (SELECT count(DISTINCT id) FROM (
            SELECT id FROM given WHERE variable = :variable GROUP BY id, code HAVING count(*) = 1))
          FROM given WHERE variable = :variable"""


def test_agreement_is_what_sql_counts_in_the_two_codings_and_kappa_that_of_statsmodels(results, sql):
    sql.execute("CREATE TEMP TABLE given (id, variable, which, code)")
    sql.executemany("INSERT INTO given VALUES (?, ?, ?, ?)", [
        (line["incident"], line["variable"].replace("rights", "right"), which, code.replace("Not stated", "not_stated"))
        for line in listed(CODINGS) for which in (1, 2) for code in set(parts(line[f"coding_{which}"], ";"))])
    rows = results[results.form == "agreement"]
    for row in rows[rows.by == "variable"].iloc:  # alpha and its interval are held to the krippendorff library by test_agreement
        assert (row.base, row.n) == sql.execute(SAME, {"variable": row.codes}).fetchone(), row.id
    for row in rows[rows.by != "variable"].iloc:
        both, first, second, neither = sql.execute(PAIRED, {"variable": row.by, "code": row.codes}).fetchone()
        assert (row.n, row.base, row.share) == (both + neither, 89, (both + neither) / 89), row.id
        assert row.text == f"{both:.0f}, {first:.0f}, {second:.0f}"
        if row.no_value != "not_used":
            wanted = cohens_kappa([[both, first], [second, neither]])
            assert row.value == pytest.approx(wanted.kappa), row.id
            assert row.no_value in ("never_differ", "one_sided") or row.low == pytest.approx(wanted.kappa_low), row.id
        else:
            assert both + first + second == 0 and np.isnan(row.value)
    assert {row.by for row in rows.iloc} >= {"variable", "violation", "right"} and len(rows) == 145
