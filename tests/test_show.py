"""What a notebook shows: whole tables, figures with their numbers, and a word when there is nothing."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from analysis import ledger, protect, results, show, source

CODED = "odihr/kazakhstan_2016_2022_coded.xlsx"


@pytest.fixture(scope="module")
def part(tmp_path_factory, book):
    folder = tmp_path_factory.mktemp("show")
    source.prepare(folder, [CODED], book)
    return source.opened(folder, CODED, book, "kz")


@pytest.fixture
def shown(monkeypatch):
    """What was displayed: figures, and tables as text."""
    kept = []
    monkeypatch.setattr(show, "display", lambda one, raw=False: kept.append(one["text/plain"] if raw else one))
    return kept


def test_a_table_is_shown_whole(shown):
    show.table(pd.DataFrame({"said": ["x" * 300] * 100, "n": [31.0] * 99 + [None], "share": 0.25}))
    lines = shown[0].splitlines()
    assert len(lines) == 101 and all("x" * 300 in line for line in lines[1:])
    assert lines[1].split()[1:] == ["31", "0.25"] and lines[100].split()[1:] == ["0.25"]


def test_a_figure_stands_above_its_numbers(part, book, shown):
    plt.close("all")
    show.results([results.by_year(part, book, "03", "bias_motivation", "anti_lgbti"), ledger.complete(pd.DataFrame())], book)
    assert [type(one).__name__ for one in shown] == ["Figure", "str"] and plt.get_fignums() == []
    rows = [line.split() for line in shown[1].splitlines()[1:]]
    assert [(row[0], row[2], row[3]) for row in rows] == [
        ("2016", "1", "1"), ("2017", "5", "6"), ("2018", "5", "8"), ("2019", "11", "12"), ("2020", "17", "30"), ("2021", "4", "5"),
        ("2022", "21", "27")]


def numbers(table, book):
    return show.numbers(protect.publication(table), table.table.iloc[0], book)


def test_a_cross_is_shown_as_a_cross(part, book):
    found = numbers(results.years(part, book, "03", "bias_motivation"), book)
    assert found.loc["2020", "Anti-LGBTI"] == 17 and found.loc["2022", "Anti-LGBTI"] == 21 and found.loc["2016", "Disability"] == 0


def test_a_change_is_shown_with_both_years_and_the_difference(part, book):
    found = numbers(results.changes(part, book, "03", "bias_motivation", ["2020", "2022"]), book)
    mine = found[found.bias_motivation == "Anti-LGBTI"]
    assert mine[["year", "measure", "n", "base"]].fillna(0).values.tolist() == [
        ["2020", "share", 17, 30], ["2022", "share", 21, 27], ["2020-2022", "difference", 0, 0], ["2020-2022", "break_even", 0, 0]]
    assert mine.value.tolist()[2:] == [0.211, 0.81]  # 21 / 27 - 17 / 30 and 17 / 21


def test_nothing_to_show_is_said(book, capsys):
    show.results([ledger.complete(pd.DataFrame())], book)
    assert "No source was named for this" in capsys.readouterr().out
