"""Numbers that others printed: kept as printed, with what they recompute to."""

import pandas as pd
import pytest
from conftest import RAW

from analysis.published import printed

FIGURES, OFFICIAL, CLAIMS = "ecom/published_figures.csv", "odihr/official_figures.csv", "ecom/kazakhstan_2024_claims.csv"
RATES = "kazakhstan/fx_annual_average_per_usd.csv"


def test_published_totals_by_year(book):
    found = printed.cases_by_year(FIGURES, book, "03", "kz", "ECOM")
    assert dict(zip(found.id, found.n)) == {"03_published.2023": 83, "03_published.2024": 31}
    assert set(found.unit) == {"cases"} and found.period.iloc[0] == "2023-2024"


def test_the_change_and_how_far_effort_alone_would_explain_it(book):
    # R 4.2.2, poisson.test(c(31, 83)): 0.37349, 0.23889 to 0.57048; the other way round its inverse, 2.677 (1.753 to 4.186).
    found = printed.change(printed.cases_by_year(FIGURES, book, "03", "kz", "ECOM")).set_index("id")
    ratio, even = found.loc["03_published_change.ratio"], found.loc["03_published_change.break_even"]
    assert [ratio.value, ratio.low, ratio.high] == pytest.approx([0.37349, 0.23889, 0.57048], abs=1e-5)
    assert [even.value, even.low, even.high] == pytest.approx([1 / 0.37349, 1 / 0.57048, 1 / 0.23889], abs=1e-3)


def test_one_published_year_is_no_change(book):
    assert printed.change(printed.cases_by_year(FIGURES, book, "03", "am", "ECOM")).empty


def test_official_figures_keep_the_kinds_of_no_value_apart(book):
    kazakhstan = printed.official(OFFICIAL, book, "04", "kz").set_index("id")
    assert kazakhstan.n["04_official.2018.recorded_by_police"] == 14 and kazakhstan.n["04_official.2018.sentenced"] == 64
    assert kazakhstan.no_value["04_official.2018.prosecuted"] == "dash"
    assert kazakhstan.no_value["04_official.2017.prosecuted"] == "not_available"
    assert len(kazakhstan) == 12 * 3 and kazakhstan.n.notna().equals(kazakhstan.no_value == "")
    finland = printed.official(OFFICIAL, book, "04", "fi").set_index("id")
    assert finland.no_value["04_official.2016.sentenced"] == "n_a"
    armenia = printed.official(OFFICIAL, book, "04", "am").set_index("id")
    assert armenia.n["04_official.2018.sentenced"] == 0 and armenia.no_value["04_official.2018.sentenced"] == ""


def test_every_official_figure_is_read_as_it_is_printed(book):
    # Independent of the code: strip the thousands' commas with csv's own strings and compare sums and counts of the marks.
    raw = pd.read_csv(RAW / OFFICIAL, dtype=str, keep_default_na=False)
    whole = pd.concat([printed.official(OFFICIAL, book, "04", book.code("country", name)) for name in raw.country.unique()
                       if book.code("country", name)])
    known = raw[raw.country.map(lambda name: book.code("country", name) is not None)]
    cells = known[["recorded_by_police", "prosecuted", "sentenced"]].stack()
    assert whole.n.sum() == sum(int(cell.replace(",", "")) for cell in cells if cell[0].isdigit())
    assert whole.no_value.value_counts().to_dict() == {
        "": cells.str[0].str.isdigit().sum(), "not_available": (cells == "Not available").sum(), "dash": (cells == "-").sum(),
        "n_a": (cells == "N/A").sum()}


def test_official_figures_as_a_table(book):
    shown = printed.by_stage(printed.official(OFFICIAL, book, "04", "kz"), book)
    assert shown.loc["2018"].tolist() == ["14", "-", "64"] and list(shown.columns) == ["Recorded by the police", "Prosecuted", "Sentenced"]


RESULTS = pd.DataFrame({"id": ["02_cases.total", "02_violations.fake_date", "02_responses.police_refused_or_mocked"],
                        "n": [31.0, 8.0, 3.0], "base": 31.0})


def test_claims_are_reproduced_differ_or_cannot_be_recomputed(book):
    found = printed.claims(CLAIMS, book, "05", RESULTS, "kz", RATES).set_index("codes")
    verdict = found.no_value
    assert len(found) == 24 and found.id.is_unique and found.note.str.len().min() > 0
    assert verdict["kz24.cases"] == "reproduced" and verdict["kz24.fake_date"] == "differs"  # 9 were printed, RESULTS has 8
    assert verdict["kz24.police_mockery"] == "reproduced"  # "at least 2", RESULTS has 3
    assert verdict["kz24.hate_speech"] == verdict["kz24.perpetrators_equal"] == verdict["petition"] == "not_recomputed"
    assert verdict["osce.share"] == "reproduced"  # 105 / 134 = 78.36 %
    # At 469.0 tenge a dollar: 80,000 are 170.6, printed as 170; 300,000 are 639.7, printed as 620.
    assert verdict["money.1"] == "reproduced" and verdict["money.2"] == "differs"
    assert found.n["money.2"] == pytest.approx(639.66, abs=0.01)


def test_the_printed_share_stands_with_its_two_counts(book):
    found = printed.shares(CLAIMS, book, "04", "kz")
    assert found[["id", "n", "base", "value"]].values.tolist() == [["04_printed.osce.share", 105, 134, 0.78]]
    assert found.share.iloc[0] == pytest.approx(0.7836, abs=1e-4)


def test_a_report_without_these_files_has_no_such_rows(book):
    assert printed.official("", book, "04", "uz").empty and printed.shares("", book, "04", "uz").empty
    assert printed.claims("", book, "05", RESULTS, "uz", "").empty
    assert printed.change(printed.cases_by_year("", book, "03", "uz", "")).empty
    assert printed.by_stage(printed.official("", book, "04", "uz"), book).empty
