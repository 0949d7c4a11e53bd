"""Sums in dollars at the average rate of a year, and the rates that printed conversions imply."""

import shutil

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import RAW, ROOT
from hypothesis import given
from hypothesis import strategies as st

from analysis import figure, protect, sha256, show
from analysis.problems import DataError, UsageError
from analysis.published import money
from analysis.wording import sentences

CLAIMS, RATES = "ecom/kazakhstan_2024_claims.csv", "kazakhstan/fx_annual_average_per_usd.csv"
PAIRS = [(80_000, 170), (300_000, 620)]


def test_sums_of_the_report_at_one_rate(book):
    # The World Bank's average of 2024 is 469.0: 80,000 / 469 = 170.576, 300,000 / 469 = 639.659, 500,000 / 469 = 1066.098.
    found = money.converted(CLAIMS, book, "05", "kz", RATES).set_index("codes")
    assert found.n[["money.1", "money.2", "money.3"]].tolist() == pytest.approx([170.576, 639.659, 1066.098], abs=1e-3)
    assert found.no_value.to_dict() == {"money.1": "reproduced", "money.2": "differs", "money.3": "not_recomputed",
                                        "KZT.1": "inconsistent", "KZT.10": "possible"}
    assert found.id.is_unique and set(found.table) == {"05_money"} and set(found.level) == {"public"} and set(found.unit) == {"USD"}
    assert found.note.str.contains("469.0 KZT for one US dollar in 2024 \\(World Bank").all()
    assert found.value[["money.1", "money.2"]].tolist() == [170, 620] and np.isnan(found.value["money.3"])


def test_the_rates_that_a_printed_sum_implies():
    # 80,000 as 170 dollars: 80,000 / 170.5 = 469.21 to 80,000 / 169.5 = 471.98. 300,000 as 620: 483.48 to 484.26.
    assert money.implied(80_000, 170) == pytest.approx((469.208, 471.976), abs=1e-3)
    assert money.implied(300_000, 620) == pytest.approx((483.481, 484.262), abs=1e-3)
    assert money.implied(80_000, 170, 10) == pytest.approx((80_000 / 175, 80_000 / 165))


def test_the_two_conversions_of_the_report_need_two_rates_unless_they_are_rounded_to_ten():
    # To the dollar 469.2 to 472.0 and 483.5 to 484.3 share nothing. To ten dollars 457.1 to 484.8 and 480.0 to 487.8 share 480.0 to 484.8.
    found = money.consistent(PAIRS)
    assert found.rounded_to.tolist() == [1, 10] and found.consistent.tolist() == [False, True]
    assert found.iloc[1][["low", "high"]].tolist() == pytest.approx([480, 484.848], abs=1e-3)


def test_the_same_by_trying_every_rate():
    rates = np.arange(40_000, 60_000) / 100
    for step, expected in ((1, 0), (10, 485)):  # 480.00 to 484.84, both ends among them, in steps of 0.01
        both = [np.abs(amount / rates - printed) <= step / 2 for amount, printed in PAIRS]
        assert (both[0] & both[1]).sum() == expected


@given(st.lists(st.integers(1_000, 10**7), min_size=1, max_size=4), st.floats(5, 900))
def test_sums_converted_at_one_rate_are_consistent(amounts, at):
    pairs = [(amount, round(amount / at)) for amount in amounts]
    if all(printed >= 1 for _, printed in pairs):
        assert money.consistent(pairs).consistent[0]


def test_how_coarsely_sums_may_be_rounded():
    assert money.steps([170, 620]) == [1, 10] and money.steps([171, 620]) == [1] and money.steps([600, 1000]) == [1, 10, 100]
    assert money.steps([100]) == [1, 10, 100] and money.steps([12.5]) == [1]


@pytest.mark.parametrize("currency, year", [("UZS", 2024), ("KZT", 2025), ("KZT", "country")])
def test_a_missing_rate_is_said_with_what_there_is(currency, year):
    with pytest.raises(UsageError, match=f"no rate of {currency} for {year}.*KZT, AMD.*2010 to 2024"):
        money.rate(currency, year, RATES)


def test_an_empty_rate_is_missing_too(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data" / "codebook", tmp_path / "data" / "codebook")
    folder = tmp_path / "data" / "raw" / "kazakhstan"
    folder.mkdir(parents=True)
    text = (RAW / RATES).read_text(encoding="utf-8").replace(",469.0", ",")
    (folder / "fx_annual_average_per_usd.csv").write_text(text, encoding="utf-8")
    shutil.copy(RAW / f"{RATES}.source.yml", folder)
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    with pytest.raises(DataError, match="fingerprint"):  # another file than the one that was received
        money.rate("KZT", 2024, RATES)
    record = folder / "fx_annual_average_per_usd.csv.source.yml"
    old = next(line for line in record.read_text(encoding="utf-8").splitlines() if line.startswith("sha256"))
    record.write_text(record.read_text(encoding="utf-8").replace(old, f"sha256: {sha256(folder / 'fx_annual_average_per_usd.csv')}"))
    assert money.rate("KZT", 2023, RATES) == 456.2
    with pytest.raises(UsageError, match="no rate of KZT for 2024"):
        money.rate("KZT", 2024, RATES)


def test_what_implies_no_rate_is_refused():
    with pytest.raises(UsageError, match="above 0"):
        money.implied(80_000, 0)


def test_money_says_its_sentences_and_is_shown_whole(book, capsys):
    found = money.converted(CLAIMS, book, "05", "kz", RATES)
    show.said(found, book)
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 5 and told[1].startswith("300,000 KZT, 2024: 640 US dollars at 469.0 KZT for one US dollar in 2024")
    assert "620 were printed, which implies a rate of 483.5 to 484.3 if they are rounded to the dollar." in told[1]
    assert "no rate fits them all" in told[3] and "any rate of 480.0 to 484.8 fits them all" in told[4]
    assert sentences.of(found.iloc[2], book).startswith("500,000 KZT, 2024: 1,066 US dollars") and "printed" not in told[2]
    numbers = show.numbers(protect.publication(found), "05_money", book)
    assert len(numbers) == 5 and numbers.verdict.iloc[3] == "inconsistent"


def test_a_report_without_claims_or_rates_has_no_sums(book):
    assert money.converted("", book, "05", "uz", RATES).empty and money.converted(CLAIMS, book, "05", "kz", "").empty


def test_the_figure_draws_the_rates_and_its_description_says_them(book):
    safe = protect.publication(money.converted(CLAIMS, book, "05", "kz", RATES))
    fig = figure.draw(safe, "05_money", book)
    axes = fig.axes[0]
    lines = [path.vertices[:, 0].tolist() for path in axes.collections[0].get_paths()]
    assert [pytest.approx(one, abs=0.05) for one in ([469.2, 472.0], [483.5, 484.3], [480.0, 484.8])] == [
        one for one in lines if not np.isnan(one).any()]
    assert axes.get_xticks().tolist() == [469.0] and "average 469.0" in [one.get_text() for one in axes.get_xticklabels()]
    texts = [one.get_text() for one in fig.findobj(match=lambda one: hasattr(one, "get_text"))]
    assert "none" in texts and "469.2 to 472.0" in texts
    plt.close(fig)
    told = figure.description(safe, "05_money", book)
    assert "no rate fits them all" in told and "1,066 US dollars" in told and "All other numbers" not in told


def test_without_printed_dollars_there_is_nothing_to_draw(book):
    found = money.converted(CLAIMS, book, "05", "kz", RATES)
    safe = protect.publication(found[found.codes == "money.3"])
    fig = figure.draw(safe, "05_money", book)
    assert "No conversions are printed." in [one.get_text() for one in fig.findobj(match=lambda one: hasattr(one, "get_text"))]
    plt.close(fig)
