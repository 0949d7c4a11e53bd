"""Years compared: effort, what years have in common, changes of the codebook, break-even, rates. Cases and effort here are invented."""

from dataclasses import replace
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, poisson

from analysis import deidentify, figure, ledger, protect, read, results, show, source, stats, tidy, trace
from analysis.problems import UsageError
from analysis.published import printed
from analysis.source import Source
from analysis.statistics import rates
from analysis.wording import sentences
from analysis.years import changes, crosswalk, effort, like_for_like

CODED, FIGURES, OFFICIAL = "odihr/kazakhstan_2016_2022_coded.xlsx", "ecom/published_figures.csv", "odihr/official_figures.csv"
POPULATIONS = ["kazakhstan/population_partial.csv", "kazakhstan/population_2014_2018.csv"]
HEAD = "who,country,year,documenters,partners,channels,months,note,source\n"
WALK = "variable,file,from_year,old,new,how,note\n"


@pytest.fixture
def with_files(tmp_path, book):
    """The project's codebook with other rows of effort.csv and crosswalk.csv."""
    def made(efforts="", walk=""):
        folder = tmp_path / f"codebook{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "effort.csv").write_text(HEAD + efforts, encoding="utf-8")
        (folder / "crosswalk.csv").write_text(WALK + walk, encoding="utf-8")
        return replace(book, folder=folder)
    return made


# 2023: fake dates in January, March and July, threats in July, and one case with a year alone. 2024: January, March, March.
CASES = [("a1", "2023-01-10", "fake_date", "home"), ("a2", "2023-03", "fake_date; threat", "workplace"),
         ("a3", "2023-07-01", "fake_date", "home"), ("a4", "2023-07-02", "threat", "street_public_place"),
         ("a5", "2023", "harassment", "home"),
         ("b1", "2024-01-05", "threat", "home"),
         ("b2", "2024-03-09", "hate_speech; threat", "home"),
         ("b3", "2024-03-10", "fake_date", "workplace")]


@pytest.fixture
def office(made, book):
    """Invented cases as a source that an office called Office documented; `setting` stands for the channel."""
    def source_of(rows):
        head = ["case_id", "date", "region", "violation", "perpetrator", "victim_group", "setting"]
        rows = [[case, date, "", violation, "police", "", channel] for case, date, violation, channel in rows]
        raw = read.raw(made([head, *rows]), book, "collection")
        cases = deidentify.cases(tidy.checked(raw, book, {}).cases, "collection", book)
        record = {"unit": "cases", "level": "public", "cite": "An invented office", "short": "Office", "channel": "setting", "place": "kz"}
        return Source("office/cases.xlsx", record, cases, {}, "kz", "2022-2024")
    return source_of


@pytest.fixture
def invented(office):
    """The cases above."""
    return office(CASES)


def of(table, end):
    """The row whose id ends so."""
    found = table[table.id.str.removeprefix(table.table.iloc[0] + ".") == end]
    assert len(found) == 1, (end, list(table.id))
    return found.iloc[0]


# Effort


def test_the_project_s_own_files_can_be_used(book):
    recorded = effort.recorded(book)
    assert recorded.source.str.startswith("http").all() and len(crosswalk.changes(book)) == 0
    # bureau.kz: "anonymous reports amounting to a crime, 1 March - November 2018"; how many people took them is not said.
    row = effort.of(recorded, ["kok.team"], "kz", "2018")
    assert row.months == tuple(range(3, 12)) and np.isnan(effort.amount(row))


def test_effort_is_documenters_times_months(with_files):
    rows = effort.recorded(with_files("Office,kz,2023,2,1,hotline; visits,1-3; 6,,page 1\nOffice,kz,2024,1.5,,,12,,page 2\n"))
    assert rows.months.tolist() == [(1, 2, 3, 6), (12,)] and rows.channels.tolist() == [("hotline", "visits"), ()]
    assert effort.amount(effort.of(rows, ["", "Office"], "kz", 2023)) == 8
    assert effort.amount(effort.of(rows, ["Office"], "kz", "2024")) == 1.5
    assert effort.of(rows, ["Office"], "uz", "2023") is None and np.isnan(effort.amount(None)) and np.isnan(rows.partners[1])


@pytest.mark.parametrize("row, said", [
    (",kz,2023,2,,,1-12,,page", "Line 2: who is empty"), ("Office,Kazakhstan,2023,2,,,1-12,,page", "country is no code"),
    ("Office,kz,23,2,,,1-12,,page", "year is not four digits"), ("Office,kz,2023,two,,,1-12,,page", "documenters is not a number"),
    ("Office,kz,2023,0,,,1-12,,page", "documenters is not a number above 0"),
    ("Office,kz,2023,2,1.5,,1-12,,page", "partners is not a whole number"),
    ("Office,kz,2023,2,,,3-1,,page", "months are not as 1-12"), ("Office,kz,2023,2,,,0-3,,page", "months are not as"),
    ("Office,kz,2023,2,,,13,,page", "months are not as"), ("Office,kz,2023,2,,,March,,page", "months are not as"),
    ("Office,kz,2023,,,,,a note,page", "nothing is recorded"), ("Office,kz,2023,2,,,1-12,,", "source is empty"),
    ("Office,kz,2023,2,,,1,,p\nOffice,kz,2023,3,,,2,,p", "Line 3: the same who, country and year")])
def test_a_wrong_line_of_effort_is_said_with_its_line(with_files, row, said):
    with pytest.raises(UsageError, match=f"effort.csv cannot be used.*{said}"):
        effort.recorded(with_files(row + "\n"))


def test_a_file_of_effort_without_its_columns_says_which(with_files):
    book = with_files()
    (book.folder / "effort.csv").write_text("who,year\nOffice,2023\n", encoding="utf-8")
    with pytest.raises(UsageError, match="lacks the columns country, documenters"):
        effort.recorded(book)


# Like for like


def test_only_months_that_both_years_cover_are_counted(with_files, invented):
    # 2024 covers January to March: of 2023 a1 and a2 stay, a3 and a4 are of July, a5 has no month.
    book = with_files("Office,kz,2023,2,,hotline,1-12,,p\nOffice,kz,2024,2,,hotline,1-3,,p\n")
    found = results.changes(invented, book, "03", "violation", ["2023", "2024"])
    assert {row.codes: (row.n, row.base) for row in found[found.base.notna()].itertuples()} == {
        "2023,fake_date": (2, 2), "2023,threat": (1, 2), "2023,hate_speech": (0, 2),
        "2024,fake_date": (1, 3), "2024,threat": (2, 3), "2024,hate_speech": (1, 3)}
    assert set(found.base_rule[found.base.notna()]) == {"like for like"} and set(found["where"]) == {"month=01,02,03"}
    alike = results.alike(invented, book, "03", ["2023", "2024"])
    assert (of(alike, "2023.months").n, of(alike, "2023.months").base) == (2, 5) and of(alike, "2024.months").n == 3
    assert of(alike, "2023.channels").n == 5 and of(alike, "2023.channels").method == "recorded"
    said = sentences.of(next(alike.itertuples(index=False)), book)
    assert said == ("2 of 5 documented cases of 2023 are of months that are recorded as documented in each of the years "
                    "(January to March).")
    result = ledger.complete(found).set_index("id").loc["03_changes_violations.2023.fake_date"]
    assert trace.counted(invented.cases, result, book).case_id.tolist() == ["a1", "a2"]


def test_only_channels_that_both_years_have_are_counted(with_files, invented):
    book = with_files("Office,kz,2023,2,,home; workplace,1-12,,p\nOffice,kz,2024,2,,Home,1-12,,p\n")
    found = results.changes(invented, book, "03", "violation", ["2023", "2024"])
    # At home: a1, a3, a5 of 2023 and b1, b2 of 2024.
    assert (of(found, "2023.fake_date").n, of(found, "2023.fake_date").base) == (2, 3)
    assert (of(found, "2024.threat").n, of(found, "2024.threat").base) == (2, 2)
    assert set(found["where"]) == {"setting=home"} and of(found, "2023.threat").base_rule == "like for like"
    assert trace.counted(invented.cases, of(found, "2023.fake_date"), book).case_id.tolist() == ["a1", "a3"]


def test_without_a_record_nothing_is_left_out_and_it_is_said(with_files, invented, capsys):
    book = with_files("Office,kz,2023,2,,,1-6,,p\n")
    found = results.changes(invented, book, "03", "violation", ["2023", "2024"])
    assert of(found, "2023.fake_date").base == 5 and of(found, "2023.fake_date").base_rule == "within year"
    alike = results.alike(invented, book, "03", ["2023", "2024"])
    months, channels = of(alike, "2023.months"), of(alike, "2023.channels")
    assert np.isnan(months.n) and months.no_value == "months_not_recorded"
    # Home and workplace have cases in both years, the street only in 2023: 4 of 5 stay, as far as can be seen.
    assert (channels.n, channels.base, channels.method, channels["where"]) == (4, 5, "seen", "setting=home,workplace")
    show.said(alike, book)
    said = capsys.readouterr().out
    assert "4 of 5 documented cases of 2023 came through channels with documented cases in each of the years" in said
    assert said.count("cannot be made alike by months") == 1 and "Whether the others were open in all of them is not recorded." in said
    drawn = figure.draw(protect.publication(found), found.table.iloc[0], book)
    assert "so the years are not like for like" in words_of(drawn)


def test_not_knowing_the_channel_is_no_channel_in_common(with_files, office):
    rows = [("a1", "2023", "threat", ""), ("a2", "2023", "threat", "home"), ("a3", "2023", "threat", "workplace"),
            ("b1", "2024", "threat", ""), ("b2", "2024", "threat", "home")]
    found = results.alike(office(rows), with_files(), "03", ["2023", "2024"])
    assert [(row.n, row.base) for row in found.itertuples() if row.id.endswith("channels")] == [(1, 3), (1, 2)]
    found = results.alike(office(rows[::3]), with_files(), "03", ["2023", "2024"])  # nothing is known of any
    assert of(found, "2023.channels").no_value == "no_channel_in_common"


def test_a_channel_that_is_no_variable_is_said(with_files, invented):
    part = invented._replace(record=invented.record | {"channel": "seting"})
    with pytest.raises(UsageError, match="no variable 'seting'. Did you mean setting"):
        results.alike(part, with_files(), "03", ["2023", "2024"])


@pytest.mark.parametrize("efforts, channel, why", [
    ("Office,kz,2023,2,,,1-3,,p\nOffice,kz,2024,2,,,4-6,,p\n", "setting", {"no_month_in_common", ""}),
    ("Office,kz,2023,2,,home,,,p\nOffice,kz,2024,2,,workplace,,,p\n", "setting", {"months_not_recorded", "no_channel_in_common"}),
    ("Office,kz,2023,2,,home,,,p\nOffice,kz,2024,2,,workplace,,,p\n", "", {"months_not_recorded", "channels_not_in_cases"}),
    ("", "", {"months_not_recorded", "channels_not_recorded"})])
def test_years_that_cannot_be_made_alike_are_counted_as_they_are_with_the_reason(with_files, invented, efforts, channel, why):
    book, part = with_files(efforts), invented._replace(record=invented.record | {"channel": channel})
    alike = results.alike(part, book, "03", ["2023", "2024"])
    assert set(alike.no_value) == why
    found = results.changes(part, book, "03", "violation", ["2023", "2024"])
    assert of(found, "2023.fake_date").base == 5 and of(found, "2023.fake_date").base_rule == "within year"
    assert all(sentences.of(row, book) for row in alike.itertuples(index=False))


def test_cases_without_dates_cannot_be_narrowed_to_months(with_files, invented):
    book = with_files("Office,kz,2023,2,,,1-12,,p\nOffice,kz,2024,2,,,1-3,,p\n")
    part = invented._replace(cases=invented.cases.drop(columns=["date", "date_precision"]))
    assert set(results.alike(part, book, "03", ["2023", "2024"]).no_value) == {"months_not_in_cases", ""}
    # Where both years cover the same months nothing has to be left out, dates or not.
    book = with_files("Office,kz,2023,2,,,1-3,,p\nOffice,kz,2024,2,,,1-3,,p\n")
    found = results.alike(part, book, "03", ["2023", "2024"])
    assert of(found, "2023.months").n == 5 and sentences.of(next(found.itertuples(index=False)), book).startswith("All 5 documented cases")


# The codebook between years


def walked(with_files, walk, years, variable="violation", file=""):
    book = with_files(walk=walk)
    return crosswalk.common(crosswalk.changes(book), book, variable, years, file)


def test_codes_are_joined_to_the_coarsest_that_every_year_has(with_files, book):
    walk = ("violation,,2022,fake_date,fake_date; blackmail_extortion,split,why\n"
            "violation,,2023,blackmail_extortion; threat,threat,merged,why\nviolation,,2023,harassment,hate_speech,renamed,why\n")
    found = walked(with_files, walk, ["2021", "2024"])
    order = book.of("violation")
    expected = [sorted(codes, key=order.index) for codes in (["fake_date", "blackmail_extortion", "threat"], ["harassment", "hate_speech"])]
    assert sorted(found.together) == sorted(expected) and not found.absent
    assert walked(with_files, walk, ["2022", "2022"]).together == [] and walked(with_files, walk, ["2023", "2024"]).together == []
    assert len(walked(with_files, walk, ["2022", "2023"]).together) == 2
    assert walked(with_files, walk, ["2021", "2024"], "perpetrator").together == []


def test_a_change_of_another_file_does_not_count(with_files):
    walk = "violation,office/a.xlsx,2024,,hate_speech,new,why\n"
    assert walked(with_files, walk, ["2023", "2024"], file="office/b.xlsx").absent == {}
    assert walked(with_files, walk, ["2023", "2024"], file="office/a.xlsx").absent == {("2023", "hate_speech"): "not_yet_in_codebook"}


def test_a_new_code_that_was_split_later_is_absent_as_a_whole(with_files):
    walk = "violation,,2022,,threat,new,why\nviolation,,2023,threat,threat; harassment,split,why\nviolation,,2024,fake_date,,dropped,why\n"
    found = walked(with_files, walk, ["2021", "2022", "2024"])
    joined = "+".join(found.together[0])
    assert set(joined.split("+")) == {"threat", "harassment"}
    assert found.absent == {("2021", joined): "not_yet_in_codebook", ("2024", "fake_date"): "no_longer_in_codebook"}


@pytest.mark.parametrize("row, said", [
    ("violations,,2024,a,b,renamed,why", "variable is none"), ("violation,,2024,fake_date,fake_dates,renamed,why", "a code is none"),
    ("violation,,24,fake_date,threat,renamed,why", "from_year is not"), ("violation,,2024,fake_date,threat,changed,why", "how is none"),
    ("violation,,2024,fake_date,threat,split,why", "do not fit how"), ("violation,,2024,fake_date,threat,merged,why", "do not fit how"),
    ("violation,,2024,fake_date,threat,new,why", "do not fit how"), ("violation,,2024,,,new,why", "do not fit how"),
    ("violation,,2024,fake_date,threat,dropped,why", "do not fit how"), ("violation,,2024,not_stated,threat,renamed,why", "a code is none"),
    ("violation,,2024,fake_date,threat,renamed,", "note is empty")])
def test_a_wrong_line_of_the_crosswalk_is_said_with_its_line(with_files, row, said):
    with pytest.raises(UsageError, match=f"crosswalk.csv cannot be used.*Line 2: .*{said}"):
        crosswalk.changes(with_files(walk=row + "\n"))


def test_years_across_a_change_of_the_codebook_are_counted_by_what_they_have_in_common(with_files, invented):
    # fake_date and threat were one code before 2024, hate_speech is new in 2024. a1 to a4 have either (a2 both), b1 to b3 too.
    book = with_files(walk="violation,,2024,threat,fake_date; threat,split,told apart since\nviolation,,2024,,hate_speech,new,added\n")
    found = results.changes(invented, book, "03", "violation", ["2023", "2024"])
    joined = "+".join(sorted(["fake_date", "threat"], key=book.of("violation").index))
    assert (of(found, f"2023.{joined}").n, of(found, f"2023.{joined}").base) == (4, 5)
    assert (of(found, f"2024.{joined}").n, of(found, f"2024.{joined}").base) == (3, 3)
    assert not found.codes.str.endswith((",fake_date", ",threat")).any()
    new = of(found, "2023.hate_speech")
    assert np.isnan(new.n) and new.no_value == "not_yet_in_codebook" and of(found, "2024.hate_speech").n == 1
    assert "2023-2024,hate_speech" not in set(found.codes) and f"2023-2024,{joined}" in set(found.codes)
    assert trace.counted(invented.cases, of(found, f"2023.{joined}"), book).case_id.tolist() == ["a1", "a2", "a3", "a4"]
    said = [sentences.of(row, book) for row in found.itertuples(index=False)]
    assert "In 2023, “hate speech” was not yet in the codebook, so no number stands there, and none is 0." in said
    # Wilson's interval of 4 of 5: 37.6 to 96.4 %.
    assert "In 2023, 4 of 5 documented cases (80%; 38 to 96%) involved at least one of “threats” and “fake date”." in said
    text = words_of(figure.draw(protect.publication(found), found.table.iloc[0], book))
    assert "Counted together, because the codebook changed between the years: " in text
    assert "Not in the codebook of 2023: hate speech." in text
    told = figure.description(protect.publication(found), found.table.iloc[0], book)
    assert "not yet in the codebook" in told and "All other numbers are 0" not in told


def test_a_filter_on_the_variable_whose_codes_changed_is_refused(with_files, invented):
    book = with_files(walk="violation,,2024,,hate_speech,new,added\n")
    part = invented._replace(where={"violation": ["threat"]})
    with pytest.raises(UsageError, match="codebook of 'violation' changed between 2023 and 2024"):
        results.changes(part, book, "03", "violation", ["2023", "2024"])


# Changes


def words_of(fig):
    """Every text of a figure, as one line."""
    texts = [text.get_text() for text in fig.findobj(plt.Text) if text.get_visible()]
    plt.close(fig)
    return " ".join(" ".join(texts).split())


@pytest.fixture(scope="module")
def part(tmp_path_factory, book):
    folder = tmp_path_factory.mktemp("years")
    source.prepare(folder, [CODED], book)
    return source.opened(folder, CODED, book, "kz", "2014-2022")


KNOWN = {"2016": (1, 1), "2017": (5, 6), "2018": (5, 8), "2019": (11, 12), "2020": (17, 30), "2021": (4, 5), "2022": (21, 27)}


def test_any_number_of_years_stands_in_one_table(part, book):
    found = results.changes(part, book, "03", "bias_motivation", list(map(str, range(2014, 2023))))
    lgbti = found[found.codes.str.endswith(",anti_lgbti") & found.base.notna()]
    assert {row.codes[:4]: (row.n, row.base) for row in lgbti.itertuples()} == {"2014": (0, 0), "2015": (0, 0)} | KNOWN
    assert lgbti.share.isna().tolist() == [True, True] + [False] * 7
    steps = [f"{year}-{year + 1}" for year in range(2016, 2022)]  # years without records have no changes
    assert list(dict.fromkeys(found.codes[found.base.isna()].str.split(",").str[0])) == steps
    for step in steps:
        (n1, base1), (n2, base2) = KNOWN[step[:4]], KNOWN[step[5:]]
        row, even = of(found, f"{step}.anti_lgbti"), of(found, f"{step}.anti_lgbti.break_even")
        assert row.value == pytest.approx(n2 / base2 - n1 / base1) and even.value == pytest.approx(n1 / n2)
        share = binomtest(n1, n1 + n2).proportion_ci(method="exact")
        assert (even.low, even.high) == pytest.approx((share.low / (1 - share.low), share.high / (1 - share.high)))
    assert found.id.is_unique


def test_a_gap_in_the_middle_is_bridged_and_named(part, book):
    without = pd.read_parquet(part.cases).query("year != 2021")
    found = results.changes(part._replace(cases=without), book, "03", "bias_motivation", ["2020", "2021", "2022"])
    assert set(found.codes[found.base.isna()].str[:9]) == {"2020-2022"}
    assert of(found, "2021.anti_lgbti").base == 0
    fig = figure.draw(protect.publication(found), found.table.iloc[0], book)
    line = [one.get_xdata().tolist() for one in fig.axes[0].lines]
    assert line == [] and "2021 no records" in words_of(fig)  # no line runs over the year without records
    told = figure.description(protect.publication(found), found.table.iloc[0], book)
    assert "2021, Anti-LGBTI: no records." in told or "In 2021, there are no reported incidents" in told
    assert "nan" not in told.lower()


def test_a_year_outside_the_source_cannot_be_compared_and_one_year_is_no_comparison(part, book):
    with pytest.raises(UsageError, match="is about 2014-2022, so 2023 and 2024 cannot be compared"):
        results.changes(part, book, "03", "violation", ["2022", "2023", "2024"])
    assert results.changes(part, book, "03", "violation", []).empty
    assert results.changes(None, book, "03", "violation", ["2020", "2022"]).empty
    assert results.alike(part, book, "03", ["2020"]).empty and results.totals_changed(None, book, "03").empty


def test_totals_by_year_have_no_number_where_there_are_no_records(part, book):
    found = results.totals(part, book, "03")
    assert dict(zip(found.codes, found.n.fillna(-1))) == {"2014": -1, "2015": -1} | {year: base for year, (_, base) in KNOWN.items()}
    assert found.no_value.tolist() == ["no_records"] * 2 + [""] * 7
    changed = results.totals_changed(part, book, "03")
    assert of(changed, "break_even").codes == "2016-2022" and of(changed, "2020-2021.break_even").value == pytest.approx(6)
    assert not changed.id.str.contains("2014|2015-").any()


def test_the_sentence_of_the_published_fall(book):
    # R 4.2.2, poisson.test(c(83, 31)): 2.677 (1.753 to 4.186).
    found = printed.change(printed.cases_by_year(FIGURES, book, "03", "kz", "ECOM"))
    assert found.id.tolist() == [f"03_published_change.{one}" for one in ("ratio", "break_even", "effort")]
    ratio, even, recorded = (sentences.of(row, book) for row in found.itertuples(index=False))
    assert even == ("For the drop of documented cases from 2023 to 2024 to be nothing but effort, effort would have had to fall by a "
                    "factor of 2.68 (1.75 to 4.19).")
    assert "is 0.37 times that of 2023 (0.24 to 0.57)" in ratio
    assert recorded == ("How many people documented in 2023 and in 2024, and in how many months, is not recorded, so this change "
                        "cannot be told from a change of effort.")


def totals(*counts, first=2020):
    """Published totals of an invented office, as rows of the ledger; None is a year without one."""
    rows = pd.DataFrame({"codes": [str(first + at) for at in range(len(counts))], "n": counts}).astype({"n": float})
    return ledger.complete(rows.assign(id="x." + rows.codes, table="x", form="printed_years", by="year", unit="cases", text="Office",
                                       place="kz", level="public", no_value=np.where(rows.n.isna(), "not_published", "")))


@pytest.mark.parametrize("efforts, factor, verdict", [
    # 83 to 31 breaks even at 1.75 to 4.19. 4 people for 12 months and then 2 for 12 are a factor of 2: effort can explain it all.
    ((4, "1-12", 2, "1-12"), 2, "alone can explain"), ((4, "1-12", 4, "1-12"), 1, "fell further"),
    ((4, "1-12", 4, "1-9"), 4 / 3, "fell further"),
    ((5, "1-12", 1, "1-12"), 5, "rose further, or fell less"), ((1, "1-12", 2, "1-12"), 0.5, "fell further")])
def test_a_recorded_change_of_effort_is_held_against_the_break_even(with_files, efforts, factor, verdict):
    first, months, last, later = efforts
    book = with_files(f"Office,kz,2020,{first},,,{months},,p\nOffice,kz,2021,{last},,,{later},,p\n")
    found = changes.of_counts(totals(83, 31), book)
    assert of(found.assign(table="x_change"), "effort").value == pytest.approx(factor)
    row = of(found.assign(table="x_change"), "per_effort")
    assert row.value == pytest.approx(31 / 83 * factor)  # cases for each month of a documenter, later over earlier
    assert verdict in sentences.of(list(found.itertuples(index=False))[-1], book)
    assert verdict != "alone can explain" or row.low < 1 < row.high


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0.05, 20))
def test_effort_explains_a_change_exactly_when_it_lies_within_the_break_even(n1, n2, fell):
    low, high = (float(end) for end in stats.ratio(n1, n2)[1:])
    per_effort = stats.ratio(n2, n1, 1, fell)
    inside = low <= fell <= high
    explained = float(per_effort[1]) <= 1 <= float(per_effort[2])
    assert n1 + n2 == 0 or inside == explained or min(abs(fell - low), abs(fell - high)) < 1e-9 * fell


def test_a_year_without_a_published_figure_is_not_a_zero(book):
    found = changes.of_counts(totals(10, None, 30, 12), book).assign(table="x_change")
    assert [row.id for row in found.itertuples()] == [f"x_change.{pair}{one}" for pair in ("2020-2022.", "2022-2023.", "")
                                                      for one in ("ratio", "break_even", "effort")]
    assert of(found, "2020-2022.break_even").value == pytest.approx(1 / 3) and of(found, "break_even").codes == "2020-2023"
    safe = protect.publication(totals(10, None, 30, 12).assign(level="public"))
    fig = figure.draw(safe, "x", book)
    line, = fig.axes[0].lines
    assert np.isnan(line.get_ydata()).tolist() == [False, True, False, False]
    assert "no figure published" in words_of(fig)
    told = figure.description(safe, "x", book)
    assert "No figure of Office for 2021 is known here. That is not a zero." in told or "2021: no figure published." in told


def test_published_years_between_two_others_are_listed_without_a_number(book, monkeypatch):
    printed_there = (("2020", "4"), ("2023", "9"), ("2022 H1", "3"))
    rows = [("Office", "Kazakhstan", year, "cases", "total", n, "cases", "page", "") for year, n in printed_there]
    names = ["organisation", "country", "year", "what", "category", "value", "unit", "source_url", "sure"]
    monkeypatch.setattr(printed, "table", lambda file: pd.DataFrame(rows, columns=names))
    found = printed.cases_by_year(FIGURES, book, "03", "kz", "Office")
    assert found.codes.tolist() == ["2020", "2021", "2022", "2023"] and found.n.fillna(-1).tolist() == [4, -1, -1, 9]
    assert set(found.unit) == {"cases"} and found.no_value.tolist() == ["", "not_published", "not_published", ""]


@pytest.mark.parametrize("n1, n2, said", [
    (10, 10, "as many documented cases in 2021 as in 2020"), (0, 0, "There are no documented cases in 2020 or in 2021."),
    (20, 0, "fall by a factor of"), (0, 20, "grow by a factor of"), (1, 0, "too few to tell"), (0, 1, "too few to tell"),
    (9, 7, "The interval holds 1, so the counts cannot tell this change from none."), (5, 50, "grow by a factor of 10.00")])
def test_sentences_at_the_ends(book, n1, n2, said):
    even = changes.of_counts(totals(n1, n2), book).iloc[1:2]
    sentence = sentences.of(next(even.itertuples(index=False)), book)
    assert said in sentence and "nan" not in sentence and "inf" not in sentence.replace("interval", "")
    if n2 == 0 and n1 == 20:
        # None against 20: the lower limit is p / (1 - p) with p = 0.025 ** (1 / 20), by hand 0.83157 / 0.16843 = 4.94.
        assert "a factor of 4.94 at least" in sentence


# Rates


def test_the_exact_poisson_interval_is_garwood_s():
    # Printed in Garwood 1936 and in every table since: 0 is 0 to 3.689, 1 is 0.0253 to 5.572, 10 is 4.795 to 18.39.
    low, high = rates.poisson([0, 1, 10, np.nan])
    assert low[:3] == pytest.approx([0, 0.0253, 4.795], abs=5e-4) and high[:3] == pytest.approx([3.689, 5.572, 18.390], abs=5e-4)
    assert np.isnan(low[3]) and np.isnan(high[3])
    for n in range(1, 200):  # by its definition: the count, or one further out, has a chance of 2.5 % at either end
        low, high = (float(end) for end in rates.poisson(n))
        assert poisson.sf(n - 1, low) == pytest.approx(0.025) and poisson.cdf(n, high) == pytest.approx(0.025)


def test_official_figures_have_rates_where_the_population_of_the_year_is_known(book):
    found = rates.per_100000(printed.official(OFFICIAL, book, "04", "kz"), POPULATIONS, book).set_index("id")
    row = found.loc["04_rates.2018.recorded_by_police"]
    # 14 recorded, 18,311,700 people on 1 September, which is nearer to 1 July than 1 February: 14 / 183.117 = 0.07645.
    assert (row.n, row.base) == (14, 18_311_700) and row.value == pytest.approx(0.076454, abs=1e-6)
    assert row.low < row.value < row.high and "2018-09-01" in row.note and "arainews.kz" in row.note
    assert found.loc["04_rates.2012.recorded_by_police"].no_value == "no_population"
    assert found.loc["04_rates.2018.prosecuted"].no_value == "dash" and np.isnan(found.loc["04_rates.2018.prosecuted"].value)
    assert found.value.notna().sum() == 6 and (found.no_value[found.value.isna()] != "").all()
    said = [sentences.of(row, book) for row in found.reset_index().itertuples(index=False)]
    assert ("Recorded by the police, 2014: 0.25 for each 100,000 inhabitants (0.18 to 0.34), which is 44 in a population of 17,284,900."
            ) in said
    assert "Recorded by the police, 2012: no rate, because there is no population for this year." in said


def test_a_day_far_from_the_year_is_not_its_population():
    table = pd.DataFrame([("2020-01-01", "A", "100", "p"), ("2021-12-31", "A", "300", "q"), ("2021-07-01", "B", "9", "r")],
                         columns=["date", "area", "population", "source_url"])
    assert rates.population(table, "A", "2020") == (100, "2020-01-01", "p") and rates.population(table, "A", "2021")[0] == 300
    assert np.isnan(rates.population(table, "A", "2023")[0]) and np.isnan(rates.population(table, "C", "2020")[0])


def test_documented_cases_have_no_rate(part, book):
    for rows in (results.totals(part, book, "03"), printed.cases_by_year(FIGURES, book, "03", "kz", "ECOM"),
                 results.one_way(part, book, "03", "violation")):
        with pytest.raises(UsageError, match="They are what reached the people who document.*how common violations are"):
            rates.per_100000(rows, POPULATIONS, book)
    assert rates.per_100000(printed.official("", book, "04", "kz"), POPULATIONS, book).empty


# Figures


def tables(part, book):
    """One table of each form of this part."""
    years = list(map(str, range(2016, 2023)))
    published = printed.cases_by_year(FIGURES, book, "03", "kz", "ECOM")
    return [results.changes(part, book, "03", "bias_motivation", ["2020", "2022"]), results.changes(part, book, "03", "violation", years),
            published, printed.change(published), results.totals(part, book, "03"), results.totals_changed(part, book, "03"),
            results.alike(part, book, "03", ["2020", "2022"]),
            rates.per_100000(printed.official(OFFICIAL, book, "04", "kz"), POPULATIONS, book)]


def test_every_form_draws_its_numbers_and_says_them(part, book, monkeypatch):
    monkeypatch.setattr(show, "display", lambda *one, **how: None)
    for table in tables(part, book):
        name, safe = table.table.iloc[0], protect.publication(table)
        text, told = words_of(figure.draw(safe, name, book)), figure.description(safe, name, book)
        assert "nan" not in (text + told).lower() and told.count("\n") > 3
        show.results([table], book)
        show.said(table, book)


def test_two_years_are_drawn_as_two_dots_with_their_numbers(part, book):
    fig = figure.draw(protect.publication(tables(part, book)[0]), "03_changes_bias_motivations", book)
    hollow, filled = (points.get_offsets()[:, 0] for points in fig.axes[0].collections[-2:])
    assert hollow[0] == pytest.approx(17 / 30) and filled[0] == pytest.approx(21 / 27)
    text = words_of(fig)
    assert "2020 of 30" in text and "+21 (−3 to +42)" in text and "0.81 (0.40 to 1.61)" in text and "Hollow: 2020. Filled: 2022." in text


def test_lines_break_where_a_year_has_no_records_and_all_strips_have_one_scale(part, book):
    table = results.changes(part, book, "03", "bias_motivation", list(map(str, range(2014, 2023))))
    fig = figure.draw(protect.publication(table), table.table.iloc[0], book)
    dots = [points.get_offsets() for points in fig.axes[0].collections if len(points.get_offsets()) == 9]
    assert [np.ma.getmaskarray(one)[:, 1].tolist()[:3] for one in dots] == [[True, True, False]] * 5 or all(
        np.isnan(np.ma.filled(one, np.nan)[:2, 1]).all() for one in dots)
    assert len(fig.axes[0].lines) == 5 * 6  # five motivations, a piece for each two years that follow each other
    heights = [np.ma.filled(one, np.nan)[:, 1] + 1 + at - 0.1 for at, one in enumerate(dots)]
    shares = {row.codes: row.share for row in table[table.base > 0].itertuples()}
    scale = heights[0][2] / shares["2016,anti_lgbti"]
    codes = ["anti_lgbti", "gender_based", "racist_xenophobic", "anti_christian", "disability"]
    for (at, code), year in product(enumerate(codes), range(2016, 2023)):
        assert heights[at][year - 2014] == pytest.approx(shares[f"{year},{code}"] * scale, abs=1e-9)
    plt.close(fig)


def test_no_line_runs_over_years_that_are_not_shown(part, book):
    table = results.changes(part, book, "03", "bias_motivation", ["2018", "2019", "2022"])
    fig = figure.draw(protect.publication(table), table.table.iloc[0], book)
    assert [line.get_xdata().tolist() for line in fig.axes[0].lines] == [[0, 1]] * table.codes.str.startswith("2018,").sum()
    plt.close(fig)


def test_the_recorded_effort_is_a_diamond_beside_the_break_even(with_files):
    book = with_files("Office,kz,2020,4,,,1-12,,p\nOffice,kz,2021,2,,,1-12,,p\n")
    found = changes.of_counts(totals(83, 31), book).assign(level="public")
    fig = figure.draw(protect.publication(found), "x_change", book)
    even, diamond = (points.get_offsets()[0, 0] for points in fig.axes[0].collections[-2:])
    assert even == pytest.approx(83 / 31) and diamond == 2
    text = words_of(fig)
    assert "2.68 (1.75 to 4.19)" in text and "2.00" in text and "Diamond" in text and "not recorded" not in text


# The command


def test_like_for_like_names_come_from_the_file_or_who_documented(invented):
    assert like_for_like.who(invented) == ["office/cases.xlsx", "Office"]
