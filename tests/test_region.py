"""A region: one file makes a report on each of its countries and one on all; side by side, never added, and never a ranking."""

import csv
import gzip
import json
import re

import duckdb
import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from conftest import ROOT
from matplotlib.collections import PathCollection
from test_report import stand_ins, text_of

from analysis import codebook, figure, ledger, parameters, protect, report, results, run, source, trace
from analysis.cli import casebook
from analysis.problems import UsageError
from analysis.published import side_by_side
from analysis.wording import words

REGION = "region-2022"
ODIHR = "odihr/incidents_2016_2022_without_usa.csv.gz"
SEVEN = {"am": "Armenia", "kz": "Kazakhstan", "kg": "Kyrgyzstan", "md": "Moldova", "tj": "Tajikistan", "ua": "Ukraine", "uz": "Uzbekistan"}


# One file, several reports


def reports_in(folder, monkeypatch, **files):
    """A project with these reports and the codebook and sources of this one."""
    (folder / "notebooks" / "reports").mkdir(parents=True)
    (folder / "data").mkdir()
    for part in ("data/codebook", "data/raw"):
        (folder / part).symlink_to(ROOT / part)
    for name, given in files.items():
        text = given if isinstance(given, str) else yaml.safe_dump(given, allow_unicode=True)
        (folder / "notebooks" / "reports" / f"{name.replace('_', '-')}.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(parameters, "home", lambda: folder)
    return folder


def written():
    return yaml.safe_load((ROOT / "notebooks" / "reports" / f"{REGION}.yml").read_text(encoding="utf-8"))


def test_one_file_makes_a_report_on_each_country_and_one_on_all():
    assert parameters.made_by(REGION) == [*(f"{REGION}-{code}" for code in SEVEN), REGION]
    assert parameters.made_by("kazakhstan-2024") == ["kazakhstan-2024"] and set(parameters.made_by(REGION)) < set(parameters.reports())
    assert written()["region"] == list(SEVEN)


def test_the_report_on_a_country_has_what_is_shared_what_is_for_each_and_the_others_beside_it():
    moldova, whole = parameters.load(f"{REGION}-md"), parameters.load(REGION)
    assert (moldova["country"], moldova["countries"]) == ("md", ["am", "kz", "kg", "tj", "ua", "uz"])
    assert moldova["export"] == whole["export"] == ODIHR and moldova["by"] == ["incident_type"]
    assert whole["country"] == "am+kz+kg+md+tj+ua+uz" and whole["cases"] == "" and whole["by"] == []  # nothing of several is put together
    assert moldova["title"] != whole["title"] and set(moldova) == set(whole) == set(parameters.PARAMETERS)


def test_a_value_that_is_set_is_set_in_all_of_them():
    assert {parameters.load(name, {"edition": "2026-12-24"})["edition"] for name in parameters.made_by(REGION)} == {"2026-12-24"}


@pytest.mark.parametrize("changed, said", [
    ({"region": ["kz"]}, "cannot be used. It is a list of two or more codes of countries, such as [kz, uz]."),
    ({"region": ["kz", "kz"]}, "It is a list of two or more"), ({"region": ["kz", "zz"]}, "It is a list of two or more"),
    ({"region": "kz"}, "It is a list of two or more"), ({"region": None}, "It is a list of two or more"),
    ({"each": ["by"]}, "each: it holds lines such as"), ({"country": "kz"}, "country: the report is about a region"),
    ({"export": ""}, "export is missing"), ({"bias": ""}, "bias is missing"), ({"regoin": ["kz"]}, "There is no parameter 'regoin'")])
def test_what_cannot_be_used_is_told_by_the_name_of_the_file(tmp_path, monkeypatch, changed, said):
    reports_in(tmp_path, monkeypatch, wrong=written() | changed)
    with pytest.raises(UsageError) as error:
        parameters.load("wrong")
    assert said in str(error.value) and str(error.value).startswith("wrong.yml: ")


def test_what_is_wrong_under_each_stops_the_reports_on_countries_and_not_the_one_on_all(tmp_path, monkeypatch):
    given = written()
    reports_in(tmp_path, monkeypatch, wide=given | {"each": given["each"] | {"by": ["incident_typo"]}})
    with pytest.raises(UsageError, match="wide.yml: by"):
        parameters.load("wide-kz")
    assert parameters.load("wide")["country"] == "am+kz+kg+md+tj+ua+uz"


def test_two_files_that_make_one_report_and_a_country_that_is_none_of_the_region_are_told(tmp_path, monkeypatch):
    reports_in(tmp_path, monkeypatch, wide=written(), wide_kz=parameters.load("kazakhstan-2024"), broken="region: [kz")
    with pytest.raises(UsageError, match=r"wide\.yml and wide-kz\.yml both make the report 'wide-kz'"):
        parameters.load("wide-kz")
    with pytest.raises(UsageError, match="There is no report 'wide-fr'"):
        parameters.load("wide-fr")
    assert parameters.made_by("broken") == ["broken"]
    with pytest.raises(UsageError, match="broken.yml cannot be used"):
        parameters.load("broken")


# What happens when one of them fails


@pytest.fixture
def runs(monkeypatch):
    """`casebook run` with these reports failing, each with an error; what was built, and what was said with which exit code."""
    def of(*names, **failing):
        built = []

        def instead(name, settings, say):
            if name.rpartition("-")[2] in failing:
                raise failing[name.rpartition("-")[2]]
            built.append(name)
            return True
        monkeypatch.setattr(run, "run", instead)
        done = CliRunner().invoke(casebook, ["run", *names])
        return built, done.output, done.exit_code
    return of


def test_the_others_are_built_when_one_fails_and_the_worst_of_it_ends_the_command(runs):
    built, said, code = runs(REGION, kg=UsageError("What is wrong with kg."), md=run.Busy("md is being built."),
                             tj=run.NotebookFailed("tj stopped.", 3))
    assert built == [f"{REGION}-{one}" for one in ("am", "kz", "ua", "uz")] + [REGION]
    assert code == 4  # of 2 (wrong), 4 (busy) and 3 (refused)
    assert all(f"ERROR {one}" in said for one in ("What is wrong with kg.", "md is being built.", "tj stopped."))
    assert f"Not published (3 of 8): {REGION}-kg, {REGION}-md, {REGION}-tj." in said
    assert said.count("published in figures/") == 5


def test_without_a_name_every_report_is_built_once_and_one_of_a_region_can_be_built_alone(runs):
    assert runs()[0] == parameters.reports() and len(set(parameters.reports())) == len(parameters.reports())
    assert runs(f"{REGION}-tj")[0] == [f"{REGION}-tj"] and runs(REGION, f"{REGION}-tj")[0] == parameters.made_by(REGION)
    assert runs(REGION)[2] == 0


# The numbers, against SQL over the file as received


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("region")
    given, book = parameters.load(REGION), codebook.load()
    source.prepare(folder, [given["export"]], book)
    region = source.across(folder, given["export"], book, given["country"], given["incident_period"])
    ledger.keep(folder, results.by_country_year(region, book, "03", "bias_motivation", given["bias"]),
                side_by_side.totals(given["published"], book, "03", given["country"]),
                results.countries(region, book, "04", "bias_motivation", given["bias"], []),
                *(results.by_country(region, book, "04", variable) for variable in ("bias_motivation", "incident_type")),
                side_by_side.official(given["official"], book, "04", given["country"]))
    return folder


@pytest.fixture(scope="module")
def made(home):
    return ledger.gather(home).set_index("id")


@pytest.fixture(scope="module")
def received(tmp_path_factory):
    """ODIHR's export as it was received, the incidents of the seven countries: country, year, bias, type."""
    file = tmp_path_factory.mktemp("export") / "export.csv"
    file.write_bytes(gzip.decompress((ROOT / "data" / "raw" / ODIHR).read_bytes()))
    found = duckdb.connect()
    found.execute(f"""create table received as select "Country" as country, left("Date", 4) as year, "Bias motivations" as bias,
        "Type of incident" as type from read_csv('{file}', all_varchar=true) where country in {tuple(SEVEN.values())}""")
    return found


LABELS = {"anti_lgbti": "Anti-LGBTI hate crime", "gender_based": "Gender-based hate crime", "anti_semitic": "Anti-Semitic hate crime",
          "anti_christian": "Anti-Christian hate crime", "anti_roma": "Anti-Roma hate crime", "disability": "Disability hate crime"}


@pytest.mark.parametrize("code", LABELS)
def test_each_share_is_of_the_incidents_of_its_own_country(made, received, code):
    expected = received.execute("select country, count(*) filter (contains(bias, ?)), count(*) from received group by country",
                                [LABELS[code]]).fetchall()
    rows = {name: made.loc[f"04_countries_bias_motivations.{short}.{code}"] for short, name in SEVEN.items()}
    assert {(name, row.n, row.base) for name, row in rows.items()} == set(expected)


def test_each_year_of_a_country_has_its_own_base(made, received):
    expected = received.execute("select country, year, count(*) filter (contains(bias, 'Anti-LGBTI')), count(*) from received "
                                "group by country, year").fetchall()
    mine = made[made.table == "03_anti_lgbti_countries_years"]
    found = {(SEVEN[row.codes.split(",")[0]], row.codes.split(",")[1], row.n, row.base) for row in mine.itertuples()}
    assert found == set(expected) and len(mine) == 49


def test_known_shares_and_their_intervals(made):
    # ODIHR lists 59 incidents of Tajikistan, 35 of them anti-LGBTI. Wilson by hand: p = 35/59 = 0.59322, z^2 = 3.84146;
    # centre (p + z^2/118) / (1 + z^2/59) = 0.62577 / 1.06511 = 0.58752; half 1.95996 * sqrt(p(1-p)/59 + z^2/(4*59^2)) / 1.06511 = 0.12159.
    row = made.loc["04_anti_lgbti_countries.tj.anti_lgbti"]
    assert (row.n, row.base) == (35, 59) and row.low == pytest.approx(0.46593, abs=2e-5) and row.high == pytest.approx(0.70911, abs=2e-5)


def test_nothing_is_added_over_countries(made, home, book):
    whole = sum(made.loc[f"04_anti_lgbti_countries.{short}.anti_lgbti"].base for short in SEVEN)
    assert whole == 1859 and not (made.base == whole).any() and not (made.n == whole).any()  # 216+89+201+108+59+1122+64
    assert source.opened(home, ODIHR, book, "am+kz", "2016-2022") is None and source.across(home, ODIHR, book, "kz", "2016-2022") is None


def test_behind_a_number_of_a_country_and_year_are_its_incidents(made, home, book):
    row = made.loc["03_anti_lgbti_countries_years.tj.2018.anti_lgbti"]
    cases = source.tidy.load(source.cases_file(home, ODIHR), book)
    assert len(trace.counted(cases, row, book)) == row.n == 3


def test_official_figures_stand_as_printed_with_their_marks(made):
    with open(ROOT / "data/raw/odihr/official_figures.csv", encoding="utf-8", newline="") as lines:
        listed = {(row["country"], row["year"], stage): row[stage] for row in csv.DictReader(lines)
                  for stage in ("recorded_by_police", "prosecuted", "sentenced") if row["country"] in SEVEN.values()}
    mine = made[made.table == "04_official_countries"]
    assert {(SEVEN[c], y, stage): row.text for row in mine.itertuples() for y, stage, c in [row.codes.split(",")]} == listed
    assert mine.no_value[mine.n.isna()].isin(["dash", "not_available", "n_a"]).all() and "tj" not in set(mine.place)


def test_totals_that_organisations_printed_are_those_of_the_file_each_with_its_own_words(made):
    mine = made[made.table == "03_published_countries"]
    assert [(row.place, row.period, row.value) for row in mine.itertuples() if row.text.startswith("ECOM: total, cases")] == [
        ("kz", "2024", 31), ("kz", "2023", 83), ("kg", "2022", 31), ("uz", "2022", 80), ("uz", "2023", 191), ("am", "2022", 80)]
    eight = mine[mine.place == ""]
    assert eight.value.tolist() == [508] and "Russia" in eight.text.iloc[0]  # eight countries, and so no sum of these seven
    assert made.loc["03_published_countries.published_figures.61"].no_value == "look_again"  # 2021 cases in 2021


# The report


@pytest.fixture(scope="module")
def safe(made):
    return protect.publication(made.reset_index())


@pytest.fixture(scope="module")
def about():
    given = parameters.load(REGION)
    return report.About(given["title"], given["edition"], given["country"], given["period"], given["incident_period"], given["bias"],
                        given["documented_by"], [given[one] for one in ("export", "published", "official")])


@pytest.fixture(scope="module")
def texts(safe, book, about, tmp_path_factory):
    found = {}
    for lang in ("en", "ru"):
        out = stand_ins(safe, tmp_path_factory.mktemp("out"), lang)
        report.publish(safe, out, book, lang, about)
        found[lang] = re.sub(r" (?=[;),.%])", "", text_of(out / f"report.{lang}.html"))  # of links to what a number is
    return found


def test_it_can_be_written_in_its_languages(safe, book, about):
    report.ready(safe, book, parameters.load(REGION)["languages"], about)


CAVEAT = {"en": "A larger number is not more violations", "ru": "Большее число не значит, что нарушений больше"}


@pytest.mark.parametrize("lang", CAVEAT)
def test_the_caveat_stands_on_the_title_in_the_summary_in_the_methods_under_each_figure_and_in_the_chapter(texts, lang):
    assert len(re.findall(r"0[34]_\w+\. " + CAVEAT[lang], texts[lang])) == 4
    assert texts[lang].count(CAVEAT[lang]) >= 4 + 4  # four captions; title, summary, methods, chapter


def test_the_countries_stand_in_the_order_of_the_alphabet_of_the_language(texts):
    assert "Armenia (216), Kazakhstan (89), Kyrgyzstan (201), Moldova (108), Tajikistan (59), Ukraine (1,122) and Uzbekistan (64)" in (
        texts["en"])
    assert "Армения (216), Казахстан (89), Кыргызстан (201), Молдова (108), Таджикистан (59), Узбекистан (64) и Украина (1 122)" in (
        texts["ru"].replace("\u00a0", " "))


def test_what_is_said_of_a_country_is_safe_to_say(texts):
    # Lower ends of the Wilson intervals, in percent: 90, 62, 62, 57, 47 (Tajikistan), 53, 63.
    assert "For Armenia, Kazakhstan, Kyrgyzstan, Moldova, Ukraine and Uzbekistan the whole interval" in texts["en"]
    assert "For Tajikistan that interval does not lie above one half" in texts["en"]
    assert "Tajikistan 35 of 59 (59%; 95% interval 47 to 71%)" in texts["en"]
    assert not re.search("most common|the highest|the lowest|ranks? (first|last)|worst|best", texts["en"])


def test_numbers_and_gaps_stand_in_the_tables(texts):
    assert "203 (94%; 90 to 96%) 64 (72%; 62 to 80%) 138 (69%; 62 to 75%)" in texts["en"]
    assert re.search(r"2022 5 no row ?c no row ?c 7 150 no row ?c", texts["en"])  # ODIHR's pages: Armenia 5, Moldova 7, Ukraine 150
    assert "For Tajikistan the page that was received has no figures" in texts["en"]
    assert "It is the same as its year" in texts["en"] and "several countries 2022 508 ECOM: total (Armenia" in texts["en"]


# Figures


def said_in(fig):
    return [text.get_text() for ax in fig.axes for text in [*ax.texts, *ax.get_yticklabels(), *ax.get_xticklabels()] if text.get_text()]


def dots_of(fig):
    at = [np.ma.filled(one.get_offsets(), np.nan) for one in fig.axes[0].collections if isinstance(one, PathCollection)]
    return int(np.isfinite(np.concatenate(at)).all(axis=1).sum())


def test_figures_of_countries_keep_the_alphabet_and_say_that_documenting_differs(safe, book):
    order = {"en": list(SEVEN.values()), "ru": ["Армения", "Казахстан", "Кыргызстан", "Молдова", "Таджикистан", "Узбекистан", "Украина"]}
    drawn = [name for name in safe.tables if safe.table(name).form.iloc[0] in figure.FORMS]
    assert len(drawn) == 4
    for lang, names in order.items():
        for name in drawn:
            fig = figure.draw(safe, name, book, lang)
            labels = [text.split("\n")[0] for text in said_in(fig) if text.split("\n")[0] in names]
            assert labels == names, name
            foot = " ".join(" ".join(text.get_text() for text in fig.texts).split())
            assert words.of(lang)["countries"]["differ"] in foot, name
            figure.plt.close(fig)


def test_a_year_without_records_is_a_gap_and_not_a_zero(safe, book):
    rows = safe.results
    gone = rows.id == "03_anti_lgbti_countries_years.kz.2016.anti_lgbti"
    rows.loc[gone, ["n", "base"]] = 0.0
    rows.loc[gone, ["share", "low", "high"]] = float("nan")
    changed = protect.publication(rows)
    drawn = [figure.draw(one, "03_anti_lgbti_countries_years", book) for one in (safe, changed)]
    assert [said_in(fig).count("1 of 1") for fig in drawn] == [2, 1] and "0 of 0" not in said_in(drawn[1])  # Uzbekistan, 2018, stays
    assert [dots_of(fig) for fig in drawn] == [49, 48]  # seven countries and years
    figure.plt.close("all")
    assert "Kazakhstan, 2016, Anti-LGBTI: no records." in figure.description(changed, "03_anti_lgbti_countries_years", book)


def test_a_share_that_rounds_to_nothing_is_told_from_none(safe, book):
    fig = figure.draw(safe, "04_countries_bias_motivations", book)
    cells = [text.get_text() for text in fig.axes[0].texts]
    figure.plt.close(fig)
    rows = safe.table("04_countries_bias_motivations")
    some = rows.groupby(rows.codes.str.split(",").str[1]).n.transform("sum") > 0
    assert cells.count("0") == ((rows.n == 0) & some).sum() and cells.count("0%") == ((rows.n > 0) & (rows.share < 0.005)).sum() > 0


def test_the_file_says_how_the_seven_were_chosen():
    text = (ROOT / "notebooks" / "reports" / f"{REGION}.yml").read_text(encoding="utf-8")
    assert "regional report of 2024" in text and json.dumps(list(SEVEN)) == json.dumps(yaml.safe_load(text)["region"])
