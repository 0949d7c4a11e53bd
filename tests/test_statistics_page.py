"""The page that explains the statistics prints numbers that the program gives, and names functions that there are."""

import importlib
import re
from pathlib import Path

import pandas as pd
from conftest import RAW

from analysis import count, stats
from analysis.published import grim, money
from analysis.statistics import agreement, exact, multi_response

ROOT = Path(__file__).parents[1]
PAGE = " ".join((ROOT / "docs" / "statistics.md").read_text(encoding="utf-8").split())
RATES = "kazakhstan/fx_annual_average_per_usd.csv"


def percents(interval):
    return [round(float(end) * 100) for end in interval]


def test_the_intervals_of_the_page_are_those_of_the_program():
    assert percents(stats.wilson(9, 31)) == [16, 47] and "9 of 31 cases is 29 %" in PAGE and "16 to 47 %" in PAGE
    assert percents(stats.clopper_pearson(9, 31)) == [14, 48] and "(14 to 48 %)" in PAGE
    assert percents(stats.wilson(0, 31)) == [0, 11] and "up to 11 %" in PAGE
    assert percents(stats.newcombe(21, 27, 17, 30)) == [21, -3, 42]
    assert "rose by 21 points" in PAGE and "3 points down to 42 points up" in PAGE


def test_the_ratios_of_the_page_are_those_of_the_program():
    assert [f"{float(one):.2f}" for one in stats.ratio(31, 83)] == ["0.37", "0.24", "0.57"] and "0.37, with 0.24 to 0.57" in PAGE
    assert [f"{float(one):.2f}" for one in stats.ratio(83, 31)] == ["2.68", "1.75", "4.19"] and "2.68 (1.75 to 4.19)" in PAGE
    assert round(exact.binomial(9, 16).p, 2) == 0.8 and "four times in five" in PAGE and "a p of 0.80" in PAGE
    tested = exact.fisher(21, 27, 17, 30)
    assert [round(one, 1) for one in tested[:3]] == [2.6, 0.7, 10.4] and "are 2.6 times those of 17 of 30, with 0.7 to 10.4" in PAGE
    assert round(tested.p, 2) == 0.16 and "a p of 0.16" in PAGE


def test_the_counts_of_the_page_are_those_of_the_sheets(ecom, book):
    one = lambda found: int(found.n.iloc[0])  # noqa: E731
    assert one(count.exactly(ecom.cases, book, "violation", ["fake_date"])) == 7 and "of the 9 cases of fake dates, 7" in PAGE
    groups = count.breakdown(ecom.cases, book, ["violation:group"]).set_index("violation:group").n
    assert groups["privacy"] == 12 and "12 of the 31 cases are of the group invasion of privacy" in PAGE
    assert multi_response.independence(ecom.cases, book, "violation", "perpetrator")[0].base == 11 and "only 11 of the 31" in PAGE
    agreed = agreement.of("odihr/kazakhstan_2016_2022_two_codings.csv", book, "01").set_index("id").loc["01_agreement.violation"]
    assert (agreed.n, [round(agreed[one], 2) for one in ("value", "low", "high")]) == (78, [0.92, 0.87, 0.96])
    assert "78 got exactly the same violations" in PAGE and "0.92 (0.87 to 0.96)" in PAGE


def test_the_figures_of_others_on_the_page_are_judged_as_it_says():
    assert grim.possible("41.5", 1, 89) == [] and "no count of 89 gives 41.5 %" in PAGE
    assert grim.possible("74", 0, 321) == [236, 237, 238, 239] and "fits 236 to 239" in PAGE
    assert round(105 / 134, 3) == 0.784 and "78.4 %" in PAGE
    official = pd.read_csv(RAW / "odihr" / "official_figures.csv", dtype=str).set_index(["country", "year"]).loc[("Armenia", "2023")]
    assert (official.recorded_by_police, official.prosecuted) == ("12", "68") and "12 hate crimes were recorded in 2023 and 68" in PAGE
    assert money.rate("KZT", 2024, RATES) == 469.0 and round(money.dollars(300_000, "KZT", 2024, RATES)) == 640


def test_every_function_that_the_page_names_is_there():
    named = re.findall(r"`([a-z_]+)\.([a-z_]+)`", PAGE)
    modules = [(module, name) for module, name in named if name not in ("csv", "py")]
    assert len(modules) > 20
    place = {one.stem: one for one in (ROOT / "src" / "analysis").rglob("*.py")}
    dotted = {module: ".".join(place[module].relative_to(ROOT / "src").with_suffix("").parts) for module, _ in modules}
    assert [f"{module}.{name}" for module, name in modules if not hasattr(importlib.import_module(dotted[module]), name)] == []
