"""Ranks, pairs and the test of two variables as results: rows, sentences, figures, sheets and cases behind them."""

import matplotlib.pyplot as plt
import openpyxl
import pandas as pd
import pytest

from analysis import figure, ledger, protect, results, show, source, table
from analysis.codebook import Codebook
from analysis.statistics import multi_response
from analysis.wording import sentences, words

ECOM, CODED = "ecom/kazakhstan_2024_cases.xlsx", "odihr/kazakhstan_2016_2022_coded.xlsx"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, book):
    made = tmp_path_factory.mktemp("compared")
    source.prepare(made, [ECOM, CODED], book)
    return made


@pytest.fixture(scope="module")
def cases(folder, book):
    return source.opened(folder, ECOM, book, "kz", "2024")


@pytest.fixture(scope="module")
def incidents(folder, book):
    return source.opened(folder, CODED, book, "kz")


@pytest.fixture(scope="module")
def both(incidents, book):
    return results.independence(incidents, book, "04", "violation", "perpetrator")


def said(rows, book: Codebook):
    return [sentences.of(row, book) for row in rows.itertuples(index=False)]


def test_ranks_leave_unknowns_out_and_say_what_they_count(cases, book):
    found = results.ranks(cases, book, "02", "violation")
    first = found.iloc[0]
    assert (first.id, first.form, first.n, first.base, first.unit) == ("02_violations_ranks.fake_date", "ranks", 9, 31, "cases")
    assert (first.value, first.low, first.high, first.method, first.share) == (1, 1, 15, "ranked", 9 / 31)
    # Not stated stands in three cases, which is no kind of violation.
    assert len(found) == 15 and not set(found.codes) & set(book.unknown("violation")) and found.p.isna().all()
    assert results.ranks(None, book, "02", "violation").empty


def test_of_one_code_there_is_no_rank(cases, book):
    alone = cases._replace(where={"violation": ["killing"]})
    assert results.ranks(alone, book, "02", "violation").empty
    # Of the three cases of a restricted assembly one names a public official, and the others nobody.
    one = cases._replace(where={"violation": ["assembly_restriction"]})
    assert results.one_way(one, book, "02", "perpetrator").query("n > 0").codes.tolist() == ["public_official", "unknown"]
    assert results.ranks(one, book, "02", "perpetrator").empty


def test_most_common_is_said_where_the_data_can_tell(cases, incidents, book):
    open_ = said(results.ranks(cases, book, "02", "violation"), book)
    sure = said(results.ranks(incidents, book, "04", "bias_motivation"), book)
    assert open_[0] == "9 of 31 documented cases (29%) involved “fake date”. By count that is rank 1; the records leave ranks 1 to 15 open."
    assert sure[0] == ("64 of 89 reported incidents (72%) had “anti-LGBTI” as bias motivation, more often than any other that was "
                       "recorded, and by more than chance.")
    assert sure[1].endswith("By count that is rank 2; the records leave ranks 2 to 3 open.")
    assert not any("more often" in one for one in [*open_, *sure[1:]])


def test_a_rank_that_is_sure_but_not_the_first(incidents, book):
    row = results.ranks(incidents, book, "04", "bias_motivation").iloc[[1]].assign(low=2, high=2)
    assert said(row, book)[0].endswith("By count that is rank 2, and chance leaves no other open.")


def test_the_test_of_all_pairs_brings_its_p_beside_its_value(both, incidents, book):
    test, pairs = both.iloc[0], both.iloc[1:]
    expected, rows = multi_response.independence(incidents.cases, book, "violation", "perpetrator")
    assert test.id == "04_violations_perpetrators_test.test" and test.table == "04_violations_perpetrators_test"
    assert (test.value, test.p, test.method, test.base, test.text) == (expected.chi2, expected.p, "shuffled", 67, "")
    assert set(pairs.table) == {"04_violations_perpetrators_pairs"} and pairs.p.isna().all() and len(pairs) == len(rows)
    assert pairs.iloc[0].note == test.note and "automated reading" in test.note
    row = pairs.set_index("id").loc["04_violations_perpetrators_pairs.physical_violence.police"]
    # 12 of 48 with physical violence and 11 of 19 without name the police.
    assert (row.n, row.base) == (12, 48) and row.value == pytest.approx(12 / 48 - 11 / 19) and row.low < row.value < row.high < 0


def test_a_corrected_test_says_its_degrees_of_freedom(incidents, book, monkeypatch):
    monkeypatch.setattr(multi_response, "FEWEST", 0)
    test = results.independence(incidents, book, "04", "violation", "bias_motivation").iloc[0]
    expected = multi_response.independence(incidents.cases, book, "violation", "bias_motivation")[0]
    assert (test.value, test.p, test.method) == (expected.adjusted, expected.p, "Rao-Scott") and test.text == f"{expected.df:.2f}"
    p = "p below 0.0001" if expected.p < 0.0001 else f"p\u00a0=\u00a0{expected.p:.4f}"
    assert f"chi-squared {expected.adjusted:.1f} on {expected.df:.1f} degrees of freedom, {p}" in said(pd.DataFrame([test]), book)[0]


def test_the_sentence_of_a_test_follows_its_p_over_the_whole_report(both, book):
    def sentence(**numbers):
        return said(both.iloc[[0]].assign(**numbers), book)[0]
    assert sentence(p=0.0005) == (
        "Violation and perpetrator go together by more than chance (tested on 67 reported incidents that tell both): chi-squared 418.2 in "
        "all pairs of codes, p\u00a0=\u00a00.0005 by shuffling. Neither need be the cause of the other.")
    assert sentence(p=0.03, p_holm=0.06) == (
        "That violation and perpetrator go together, 67 reported incidents that tell both do not show: chi-squared 418.2 in all pairs "
        "of codes, p\u00a0=\u00a00.0300 (p\u00a0=\u00a00.0600 over all tests of the report) by shuffling.")
    assert "p below 0.0001" in sentence(p=0.00004) and "p\u00a0=\u00a00.0001" in sentence(p=0.0001)
    assert "do not show" in sentence(p=0.0501) and "by more than chance" in sentence(p=0.049)


def test_a_pair_is_said_as_two_shares_and_their_difference(both, book):
    row = both[both.id == "04_violations_perpetrators_pairs.physical_violence.police"]
    sentence = said(row, book)[0]
    assert sentence.startswith("Of 48 reported incidents that involved “physical violence”, 12 named “police” as perpetrator (25%), "
                               "against 58% of the others: a difference of −33 points (95% interval −5")
    # A difference that rounds to nothing is 0, and not -0.
    assert "a difference of 0 points (95% interval 0 to 40)" in said(row.assign(value=-0.004, low=-0.001, high=0.4), book)[0]


def test_tests_are_adjusted_over_the_whole_report_when_it_is_gathered(both, tmp_path):
    second, third = (both.iloc[[0]].assign(id=f"{name}.test", table=name, p=p) for name, p in (("05_b", 0.02), ("05_c", 0.03)))
    ledger.keep(tmp_path, both, second, third)
    found = ledger.gather(tmp_path).set_index("id").p_holm
    # 0.0005 x 3, 0.02 x 2, 0.03 x 1 is less than the one before it.
    assert found.dropna().round(6).to_dict() == {"04_violations_perpetrators_test.test": 0.0015, "05_b.test": 0.04, "05_c.test": 0.04}


def test_a_p_without_its_value_is_no_result(both):
    with pytest.raises(ValueError, match="never alone"):
        ledger.complete(both.assign(value=float("nan")))


def lines_of(ax):
    """The ends of the horizontal lines that are drawn, top to bottom."""
    return [(segment[0][0], segment[1][0]) for collection in ax.collections if hasattr(collection, "get_segments")
            for segment in collection.get_segments()]


@pytest.fixture
def drawn(book):
    def draw(rows, lang="en"):
        safe = protect.publication(rows)
        name = safe.tables[-1]
        return figure.draw(safe, name, book, lang), figure.description(safe, name, book, lang)
    yield draw
    plt.close("all")


def test_ranks_are_drawn_as_they_are_and_the_verdict_stands_above(cases, incidents, book, drawn):
    more = "More often than any other, by more than chance: "
    for of, variable, verdict in ((cases, "violation", "Which is the most common, these records cannot tell."),
                                  (incidents, "violation", more + "physical violence, threats and hate speech."),
                                  (incidents, "bias_motivation", more + "anti-LGBTI.")):
        rows = results.ranks(of, book, "02", variable)
        fig, text = drawn(rows)
        assert lines_of(fig.axes[0]) == list(zip(rows.low, rows.high))
        assert verdict in [one.get_text() for one in fig.texts]
        assert [label.get_text() for label in fig.axes[0].get_yticklabels()][0] == book.label(rows.by.iloc[0], rows.codes.iloc[0])
        assert len(text.splitlines()) == len(rows) + 4
    assert "Racist and xenophobic: 12 of 89 (13%; ranks left open: 2 to 5)." in text


def test_the_pairs_drawn_are_the_surest_and_what_is_left_out_is_said(both, book, drawn):
    fig, text = drawn(both)
    reach = pd.concat([both.low[1:], -both.high[1:]], axis=1).max(axis=1).sort_values(ascending=False)
    rows = both.loc[reach.index[:12]]
    assert sorted(lines_of(fig.axes[0])[:12]) == sorted(zip(rows.low, rows.high)) and reach.iloc[11] > 0
    assert "Physical violence, Police: 12 of 48 (25%) against 58% of the others, a difference of −33 points (−5" in text
    assert "Of 242 pairs, the 12 are drawn" in text and "Of 242 pairs, the 12 are drawn" in " ".join(one.get_text() for one in fig.texts)
    assert "Base: all reported incidents that tell both; each pair is of those with its first code." in text
    fig, text = drawn(both.iloc[1:13])
    assert "pairs, the" not in text and "pairs, the" not in " ".join(one.get_text() for one in fig.texts)


def test_a_notebook_shows_the_test_and_a_workbook_holds_it(both, book, tmp_path):
    safe = protect.publication(both)
    shown = show.numbers(safe, "04_violations_perpetrators_test", book)
    assert shown.to_dict("records") == [{"base": 67, "value": 418.22, "method": "shuffled", "df": "", "p": 0.0005}]
    table.publish(safe, tmp_path, book, "en")
    rows = list(openpyxl.load_workbook(tmp_path / "tables.xlsx")["04_violations_perpetrators_test"].values)
    head = next(at for at, row in enumerate(rows) if row[0] == "Base")
    assert dict(zip(rows[head], rows[head + 1]))["p"] == 0.0005 and rows[head][1] == "Value"


def test_every_method_and_form_has_its_name(both, cases, book):
    say = words.of("en")
    assert {"ranks", "pairs", "independence"} <= set(say["titles"]) and {*both.method, "ranked", "Rao-Scott"} <= set(say["methods"])
