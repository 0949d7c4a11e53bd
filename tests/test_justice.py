"""The way to justice: stages counted by hand and by brute force, silence that is never a no, and official series out of order."""

import csv
import itertools
import random
import shutil

import duckdb
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from conftest import RAW, ROOT
from matplotlib.colors import to_hex
from statsmodels.stats.proportion import proportion_confint

from analysis import codebook, figure, protect, read, show, tidy, trace
from analysis.figures import canvas, funnel
from analysis.problems import UsageError
from analysis.source import Source
from analysis.statistics import justice
from analysis.wording import sentences

FIGURES = "odihr/official_figures.csv"
STAGES = ["incident", "told", "reported", "registered", "investigated", "charged", "convicted", "remedy"]
HEADS = {"told": "Told somebody", "reported": "Reported to an authority", "registered": "Registered by the authority",
         "investigated": "Investigated", "charged": "Somebody charged", "convicted": "Somebody convicted",
         "remedy": "Remedy for the victim", "response": "Response", "stopped_because": "Why it stopped"}
RECORD = {"unit": "cases", "cite": "an invented sheet", "level": "public", "place": "kz", "period": "2024"}


def of(cases, where=None, record=RECORD):
    return Source("invented.xlsx", record, cases, where or {}, "kz", "2024")


def sheet(made, book, rows, name="cases.xlsx"):
    """Invented cases, each a dictionary of column -> label, typed into a sheet with the headings of the workbook that we make."""
    heads = [head for column, head in HEADS.items() if any(column in row for row in rows)]
    columns = [column for column, head in HEADS.items() if head in heads]
    fixed = ["Case code", "Date", "Region", "Violation", "Perpetrator", "Victim group"]
    lines = [[f"KZ-{at}", "2024-03", "", "Threats", "Police", "Gay man", *(row.get(column, "") for column in columns)]
             for at, row in enumerate(rows)]
    raw = read.raw(made([fixed + heads, *lines], name), book, "collection")
    return tidy.cases(raw, book)


def n(table, stage, answer):
    return table.n[(table.form == "funnel") & (table.codes == f"{stage},{answer}")].iloc[0]


# Ten cases by hand. What follows from each, stage by stage:
HAND = [
    {"told": "Yes", "reported": "Yes", "registered": "Yes", "investigated": "Yes", "charged": "Yes", "convicted": "Yes", "remedy": "No"},
    {"convicted": "Yes"},                                       # implies charged, investigated, registered; says nothing of reported
    {"told": "No", "reported": "No"},
    {"told": "Refused to answer", "reported": "Not asked"},
    {"reported": "Yes", "registered": "No", "stopped_because": "The authority refused to register it"},
    {"reported": "No", "response": "Reported to the police"},   # contradicts itself
    {"response": "Police refused or mocked"},                   # says reported, which implies told
    {"registered": "No", "charged": "Yes"},                     # implies investigated, and that implies what is denied
    {"remedy": "Yes", "told": "Unknown"},                       # a remedy implies nothing: told stays unknown
    {},
]
EXPECTED = {
    "incident": {"yes": 10},
    "told": {"yes": 1, "implied": 2, "no": 1, "refused": 1, "unknown": 1, "not_stated": 4},
    "reported": {"yes": 3, "no": 1, "contradicted": 1, "not_asked": 1, "not_stated": 4},
    "registered": {"yes": 1, "implied": 1, "no": 1, "contradicted": 1, "not_stated": 6},
    "investigated": {"yes": 1, "implied": 2, "not_stated": 7},
    "charged": {"yes": 2, "implied": 1, "not_stated": 7},
    "convicted": {"yes": 2, "not_stated": 8},
    "remedy": {"yes": 1, "no": 1, "not_stated": 8},
}


@pytest.fixture
def hand(book, made):
    found = sheet(made, book, HAND)
    assert [str(one) for one in found.problems if one.severity == "refuse"] == []
    return found.cases


def test_ten_cases_worked_out_by_hand(book, hand):
    made = justice.funnel(of(hand), book, "02")
    for stage in STAGES:
        assert {answer: n(made, stage, answer) for answer in book.of("answer") if n(made, stage, answer)} == EXPECTED[stage], stage
    assert set(made.base[made.form == "funnel"]) == {10} and set(made.base_rule[made.form == "funnel"]) == {"all"}
    rows = made[made.form == "reached"].set_index("codes")
    # Told: 1 + 2 of 4 of which it is known, 30% of all ten. Registered: the contradicted one is not known.
    assert rows.loc["told", ["n", "base", "value", "text"]].tolist() == [3, 4, 0.3, "3 of 10"]
    assert rows.loc["registered", ["n", "base", "share"]].tolist() == [2, 3, 2 / 3]
    assert rows.loc["remedy", ["n", "base", "value"]].tolist() == [1, 2, 0.1]
    low, high = proportion_confint(3, 4, method="wilson")
    assert rows.loc["told", ["low", "high"]].tolist() == pytest.approx([low, high], abs=1e-12)
    assert list(rows.index) == STAGES[1:] and set(rows.base_rule) == {"answered"}


def test_an_empty_cell_is_never_a_no_and_a_sheet_that_cannot_say_no_has_no_number_of_it(book, made):
    asked = justice.funnel(of(sheet(made, book, [{"told": "Yes"}, {"told": ""}]).cases), book, "02")
    assert n(asked, "told", "no") == 0 and n(asked, "told", "not_stated") == 1
    without = justice.funnel(of(sheet(made, book, [{"response": "Perpetrator convicted"}, {"response": ""}], "b.xlsx").cases), book, "02")
    rows = without[without.form == "funnel"].set_index("codes")
    for stage in STAGES[1:]:
        row = rows.loc[f"{stage},no"]
        assert pd.isna(row.n) and row.no_value == "cannot_deny"
        assert rows.loc[f"{stage},not_stated"].n == (1 if stage in ("registered", "investigated", "charged", "convicted") else 2)
    reached = without[without.form == "reached"]
    # 100% of those known would be all that could ever come out.
    assert reached[["share", "base", "low", "high"]].isna().all(axis=None) and set(reached.no_value) == {"cannot_deny"}


def test_a_sheet_that_says_nothing_about_justice_gives_no_rows(book, odihr):
    assert justice.funnel(of(odihr.cases), book, "02").empty and justice.stopped(of(odihr.cases), book, "02").empty
    assert justice.funnel(None, book, "02").empty and justice.series("", book, "02", "am").empty


# Read by eye in the two public sheets. ECOM: cases 1, 19, 20 and 21 reported, 21 charged and convicted, remedy in 1 and 16 (an apology).
# ODIHR: incidents 29, 58, 76 and 83 went to the police.
def test_the_public_sheets_say_what_was_read_in_them(book, ecom, odihr_kazakhstan):
    made = justice.funnel(of(ecom.cases), book, "02")
    assert [n(made, stage, "yes") for stage in STAGES] == [31, 0, 4, 0, 0, 1, 1, 2]
    assert [n(made, stage, "implied") for stage in STAGES] == [0, 4, 0, 1, 1, 0, 0, 0]
    assert made[made.form == "funnel"].no_value.eq("cannot_deny").sum() == 7
    # These sheets have no column for a stage: of all other cases nothing was stated.
    assert [n(made, stage, "not_stated") for stage in STAGES] == [0, 27, 27, 30, 30, 30, 30, 29]
    incidents = justice.funnel(of(odihr_kazakhstan.cases), book, "03")
    assert [n(incidents, stage, "yes") for stage in STAGES] == [89, 0, 4, 0, 0, 0, 0, 0] and n(incidents, "told", "implied") == 4


def test_the_coding_of_the_responses_is_said_where_they_are_the_evidence(book, odihr_kazakhstan):
    record = codebook.source_record(RAW / "odihr" / "kazakhstan_2016_2022_coded.xlsx")
    made = justice.funnel(of(odihr_kazakhstan.cases, record=record), book, "03")
    assert made.note.str.contains("automated reading").all()


with open(ROOT / "data" / "codebook" / "stages.csv", encoding="utf-8") as stages_file:
    RULES = list(csv.DictReader(stages_file))


def by_brute_force(case):
    """Stage -> answer of one case (variable -> set of codes), by the rows of stages.csv as they stand there."""
    answers = {}
    for stage in STAGES[::-1]:
        mine = [rule for rule in RULES if rule["stage"] == stage]
        told = {rule["answer"] for rule in mine if rule["variable"] != "stage" and rule["code"] in case.get(rule["variable"], ())}
        told |= {"implied" for rule in mine if rule["variable"] == "stage" and answers.get(rule["code"]) in ("yes", "implied")}
        kinds = case.get(stage, set()) & {"unknown", "refused", "not_asked"}
        denied = "no" in told and len(told) > 1
        answers[stage] = "contradicted" if denied else next((one for one in ("yes", "implied", "no") if one in told), None) or (
            kinds.pop() if kinds else "not_stated")
    return answers | {"incident": "yes"}


ANSWERS = {**dict.fromkeys(STAGES[1:], ["", "", "Yes", "No", "Unknown", "Refused to answer", "Not asked"]),
           "response": ["", "Complaint filed", "Complaint resolved", "Reported to the police", "Charges brought", "Perpetrator convicted",
                        "Loss of job"],
           "stopped_because": ["", "The authority refused to register it", "Time limit passed"]}


def masked(book, rows):
    """The same cases as tidy makes them, a mask a variable."""
    def mask(variable, label):
        return 1 << book.of(variable).index(book.code(variable, label or "Not stated"))
    return pd.DataFrame({column: pd.Series([mask(column, row[column]) for row in rows], dtype="uint64") for column in HEADS}).assign(
        year=pd.Series([2023 + at % 2 for at in range(len(rows))], dtype="Int64"))


@pytest.fixture(scope="module")
def many():
    """A thousand invented cases, every answer at random."""
    chance = random.Random(31)
    return [{column: chance.choice(labels) for column, labels in ANSWERS.items()} for _ in range(1000)]


def test_a_thousand_cases_are_counted_as_by_brute_force_and_their_answers_add_up_to_all(book, many):
    made = justice.funnel(of(masked(book, many)), book, "02")
    one_by_one = [by_brute_force({column: {book.code(column, label)} for column, label in row.items() if label}) for row in many]
    for stage in STAGES:
        for answer in book.of("answer"):
            assert n(made, stage, answer) == sum(one[stage] == answer for one in one_by_one)
        assert made.n[made.codes.str.startswith(f"{stage},")].sum() == len(many)
    assert (made.n[made.form == "funnel"] > 0).sum() > 40  # nearly every answer of every stage occurs


def test_order_repetition_and_filters_change_nothing_but_the_numbers_they_should(book, many):
    cases = masked(book, many)
    made = justice.funnel(of(cases), book, "02")
    shuffled = cases.sample(frac=1, random_state=5, ignore_index=True)
    assert justice.funnel(of(shuffled), book, "02").n.tolist() == made.n.tolist()
    assert justice.funnel(of(pd.concat([cases, cases], ignore_index=True)), book, "02").n.tolist() == (made.n * 2).tolist()
    parts = [justice.funnel(of(cases, {"year": [year]}), book, "02").n for year in ("2023", "2024")]
    assert (parts[0] + parts[1]).tolist() == made.n.tolist() and parts[0].iloc[0] == 500


def test_the_rows_behind_each_number_are_as_many(book, hand):
    for row in justice.funnel(of(hand), book, "02").to_dict("records"):
        assert len(trace.counted(hand, pd.Series(row), book)) == row["n"]


BAD = [("arrested,yes,charged,yes,", "must be about one of the stages"), ("told,maybe,told,yes,", "must answer yes or no"),
       ("told,yes,told,perhaps,", "codes.csv does not have"), ("charged,implied,stage,told,", "implied by a later stage"),
       ("incident,yes,told,yes,", "must be about one of"), ("told,no,stage,reported,", "implied where its variable is stage")]


@pytest.mark.parametrize(("line", "said"), BAD, ids=[said for _, said in BAD])
def test_a_file_of_stages_that_cannot_be_followed_is_refused(tmp_path, line, said):
    folder = shutil.copytree(ROOT / "data" / "codebook", tmp_path / "codebook")
    with open(folder / "stages.csv", "a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(UsageError, match=said):
        justice.evidence(codebook.load(folder))


def test_an_implication_holds_only_where_the_file_says_so(tmp_path, made, book):
    folder = shutil.copytree(ROOT / "data" / "codebook", tmp_path / "codebook")
    lines = (folder / "stages.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "stages.csv").write_text("".join(line for line in lines if ",implied,stage," not in line), encoding="utf-8")
    cases = sheet(made, book, HAND).cases
    without = justice.funnel(of(cases), codebook.load(folder), "02")
    assert without[without.codes.str.endswith(",implied")].n.sum() == 0 and n(without, "charged", "not_stated") == 8


def test_reasons_for_stopping_are_of_the_cases_that_tell_one(book, made):
    reasons = ["Fear or distrust of the authority; Fear of revenge", "Fear of revenge", "", "Unknown"]
    found = justice.stopped(of(sheet(made, book, [{"stopped_because": one} for one in reasons]).cases), book, "02").set_index("codes")
    assert found.loc["fear_of_perpetrator", ["n", "base", "base_rule"]].tolist() == [2, 2, "answered"]
    assert found.loc["fear_of_authority", ["n", "base"]].tolist() == [1, 2]
    assert found.loc["not_stated", ["n", "base", "base_rule"]].tolist() == [1, 4, "all"]


def test_a_stage_is_said_with_those_known_and_all(book, hand, ecom):
    said = {row.codes: sentences.of(row, book) for row in justice.funnel(of(hand), book, "02").itertuples()}
    # 3 of 4: Wilson 30.1 to 95.4 % (statsmodels). 3 of 10 is 30 %.
    assert said["told"] == ("Of 10 documented cases it is known of 4 whether somebody was told: in 3 it was so (75% of those known, "
                            "30 to 95%; 30% of all).")
    public = {row.codes: sentences.of(row, book) for row in justice.funnel(of(ecom.cases), book, "02").itertuples()}
    assert public["convicted"] == ("In 1 of 31 documented cases (3%) it is said or implied that somebody was convicted. Nothing in these "
                                   "records can say that it was not so, so there is no share of those known.")
    assert public["told,implied"].startswith("4 of 31 documented cases (13%; 5 to 29%): “told somebody”, “yes, as a later stage implies”")
    assert public["incident,yes"] == "31 of 31 documented cases (100%): “documented”, “yes”."
    assert "can say “no”" in public["told,no"]


def test_a_stage_of_which_nothing_is_known_is_said_to_be_so(book, made):
    rows = justice.funnel(of(sheet(made, book, [{"told": "Yes"}, {"told": "Unknown"}]).cases, where={"told": ["unknown"]}), book, "02")
    told = rows[(rows.form == "reached") & (rows.codes == "told")].iloc[0]
    assert sentences.of(told, book) == "Of 1 documented case it is known of none whether somebody was told."


def drawn(table, book):
    safe = protect.publication(table)
    name = safe.tables[0]
    fig = figure.draw(safe, name, book)
    texts = " ".join(text.get_text().replace("\n", " ") for text in fig.findobj(plt.Text))
    return fig, texts, figure.description(safe, name, book)


def test_the_bars_of_a_funnel_are_as_long_as_its_numbers(book, hand):
    fig, texts, described = drawn(justice.funnel(of(hand), book, "02"), book)
    wide = {bar.get_label(): [patch.get_width() for patch in bar.patches] for bar in fig.axes[0].containers}
    want = {"Yes": ("yes",), "Implied": ("implied",), "No": ("no",), "Contradictory": ("contradicted",),
            "Not known": ("not_stated", "unknown", "refused", "not_asked")}
    assert wide == {label: [sum(EXPECTED[stage].get(one, 0) for one in answers) for stage in STAGES] for label, answers in want.items()}
    parts = [bar.patches for bar in fig.axes[0].containers]
    for at in range(8):  # each part begins where the one before ends, and all of them together are all cases
        ends = [0, *itertools.accumulate(part[at].get_width() for part in parts)]
        assert [part[at].get_x() for part in parts] == ends[:-1] and ends[-1] == 10
    assert fig.axes[0].get_xlim() == (0, 10)
    assert "that is never a no" in texts
    assert "Reported to an authority, Contradictory: 1 of 10 (10%; 2 to 40%)." in described.splitlines()


def test_more_at_a_later_stage_is_shown_and_explained_and_not_put_right(book, ecom):
    _, texts, described = drawn(justice.funnel(of(ecom.cases), book, "02"), book)
    said = "More are known for “remedy for the victim” (2) than for “somebody convicted” (1). What is known of one stage need not"
    assert said in texts and said in described.replace("\n", " ")
    assert described.count("More are known for") == 1  # as many of two stages, such as 4 told and 4 reported, are no more
    assert "Told somebody, No: nothing in these records can say no." in described.splitlines()


def test_labels_and_columns_of_a_funnel_stay_inside_the_picture(book, hand):
    fig, *_ = drawn(justice.funnel(of(hand), book, "02"), book)
    fig.canvas.draw()
    inside = fig.bbox
    for text in fig.findobj(plt.Text):
        box = text.get_window_extent()
        assert not text.get_text() or (box.x0 >= inside.x0 - 1 and box.x1 <= inside.x1 + 1 and box.y0 >= 0 and box.y1 <= inside.y1)


# Official series.

# ODIHR's three columns as SQL reads them: what is no number is NULL, and nothing is greater than NULL.
OUT_OF_ORDER = """
with figures as (select country, year, try_cast(replace(recorded_by_police, ',', '') as integer) as recorded_by_police,
  try_cast(replace(prosecuted, ',', '') as integer) as prosecuted, try_cast(replace(sentenced, ',', '') as integer) as sentenced
  from read_csv('{file}', all_varchar=true))
select country, year || ',prosecuted,recorded_by_police', prosecuted, recorded_by_police from figures where prosecuted > recorded_by_police
union all select country, year || ',sentenced,recorded_by_police', sentenced, recorded_by_police from figures
  where sentenced > recorded_by_police
union all select country, year || ',sentenced,prosecuted', sentenced, prosecuted from figures where sentenced > prosecuted
"""


def test_the_years_that_are_out_of_order_are_those_that_sql_finds_among_all_161_rows(book):
    with open(RAW / FIGURES, encoding="utf-8") as lines:
        listed = list(csv.DictReader(lines))
    countries = {row["country"]: book.code("country", row["country"]) for row in listed}
    made = {name: justice.series(FIGURES, book, "04", code) for name, code in countries.items()}
    assert len(listed) == 161 and sum((rows.form == "series").sum() for rows in made.values()) == 3 * 161
    found = {(name, row.codes, row.n, row.value) for name, rows in made.items() for row in rows[rows.form == "series_order"].itertuples()}
    assert found == set(duckdb.sql(OUT_OF_ORDER.format(file=RAW / FIGURES)).fetchall()) and len(found) > 10
    # The brief's own example, and a year in which only one later stage is printed.
    assert ("Armenia", "2023,prosecuted,recorded_by_police", 68, 12) in found
    assert ("Kazakhstan", "2018,sentenced,recorded_by_police", 64, 14) in found
    for name, rows in made.items():
        dark = rows[rows.form == "series"].pipe(lambda numbers: numbers[funnel.above_before(numbers)]).codes
        assert set(dark) == {",".join(codes.split(",")[:2]) for country, codes, *_ in found if country == name}
        printed = {(row["year"], stage, row[stage]) for row in listed if row["country"] == book.label("country", rows.place.iloc[0])
                   for stage in ("recorded_by_police", "prosecuted", "sentenced")}
        numbers = rows[rows.form == "series"]
        assert {(*row.codes.split(","), row.text) for row in numbers.itertuples()} == printed
        # Nothing is divided by anything.
        assert rows.share.isna().all() and rows.base.isna().all() and rows.low.isna().all()


def test_the_dark_bars_of_a_series_are_the_numbers_above_an_earlier_stage(book):
    rows = justice.series(FIGURES, book, "04", "am")
    fig, texts, _ = drawn(rows, book)
    dark = {(stage, patch.get_width()) for stage, bar in enumerate(fig.axes[0].containers) for patch in bar.patches
            if to_hex(patch.get_facecolor()) == canvas.INK}
    scale = max(patch.get_width() for bar in fig.axes[0].containers for patch in bar.patches) / 164
    assert {(stage, round(wide / scale)) for stage, wide in dark} == {(1, 3), (1, 164), (1, 41), (1, 68)}
    assert "none is a share of another" in texts and "68" in texts and "Not available" in texts
    assert "Dark numbers" not in drawn(justice.series(FIGURES, book, "04", "de"), book)[1]


def test_a_later_number_is_said_with_the_reason_and_never_as_a_rate(book):
    rows = justice.series(FIGURES, book, "04", "am").set_index("codes", drop=False)
    assert sentences.of(rows.loc["2023,prosecuted,recorded_by_police"], book) == (
        "Armenia, 2023: 68 (prosecuted) against 12 (recorded by the police). These are not the same cases, and neither number is a "
        "share of the other.")
    recorded = rows.loc["2023,recorded_by_police"]
    assert sentences.of(recorded, book) == "Armenia, 2023: 12 (recorded by the police), as the state reported it."
    assert sentences.of(rows.loc["2023,sentenced"], book) == "Armenia, 2023: no number (sentenced); “Not available” is printed."
    assert not any("%" in sentences.of(row, book) for row in rows.itertuples())


def test_a_notebook_shows_zeros_and_marks_of_a_series_and_says_them(book, capsys):
    safe = protect.publication(justice.series(FIGURES, book, "04", "am"))
    shown = show.numbers(safe, "04_series", book)
    assert len(shown) == 48 and shown["as printed"].tolist().count("Not available") == 23 and (shown.n == 0).sum() == 9
    show.said(justice.series(FIGURES, book, "04", "am"), book)
    assert capsys.readouterr().out.count("\n") == 48 + 4
