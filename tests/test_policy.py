"""What the protection policy says of each kind of table."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis.ledger import complete
from analysis.problems import UsageError
from analysis.protection import policy


def table(by, where="", form="bars", unit="cases"):
    return complete(pd.DataFrame({"id": ["t.a"], "table": ["t"], "by": [by], "where": [where], "form": [form], "unit": [unit]}))


@pytest.mark.parametrize("by, where, form, cases, expected", [
    ("", "", "total", 31, policy.Rule(0)),
    ("violation", "", "bars", 31, policy.Rule(5, signed=True)),  # P3: acts one way, from 1 up when signed
    ("year,violation", "country=kz", "years", 31, policy.Rule(5, signed=True)),  # P3: country and year
    ("victim_group", "year=2024", "bars", 120, policy.Rule(5)),  # P4: persons by year are two ways
    ("victim_group", "", "bars", 31, policy.Rule(5)),
    ("violation,perpetrator", "", "heat", 100, policy.Rule(5)),  # P5
    ("violation:group,perpetrator", "", "heat", 100, policy.Rule(5)),
    ("region", "", "bars", 500, policy.Rule(20)),  # P6
])
def test_what_may_be_published_and_from_which_count(book, by, where, form, cases, expected):
    assert policy.rule(table(by, where, form), cases, book) == expected


@pytest.mark.parametrize("by, where, form, unit, cases, why", [
    ("violation,perpetrator", "", "heat", "cases", 99, "from 100 cases on, and there are 99"),
    ("victim_group", "year=2024", "bars", "cases", 31, "from 100 cases on"),
    ("violation", "", "together", "cases", 500, "does not say how to protect together"),
    ("hiv_tb,violation", "", "heat", "cases", 500, "hiv_tb is crossed with nothing"),
    ("year,hiv_tb", "", "years", "cases", 500, "hiv_tb is crossed with nothing"),
    ("violation,perpetrator", "right=health", "heat", "cases", 500, "more than two"),
    ("year,violation,perpetrator", "victim_group=gay_man", "heat", "cases", 500, "more than two"),
    ("violation", "", "map", "cases", 500, "does not say how to protect map"),
    ("violation", "", "bars", "victims", 500, "of victims"),
])
def test_what_the_policy_does_not_allow_or_does_not_name_is_not_published(book, by, where, form, unit, cases, why):
    assert why in policy.rule(table(by, where, form, unit), cases, book).why


@pytest.mark.parametrize("line", ["k: 4", "two_way_from: 50", "percent_from: 0", "place_from: none", "row_from: 10",
                                  "crossed_with_nothing: hiv_tb",
                                  "crossed_with_nothing: []", "crossed_with_nothing: [hiv_tb]", "merge_from: often", "merge_two_way_from:"])
def test_a_policy_may_be_made_stricter_and_never_looser(book, tmp_path, line):
    text = (book.folder / "policy.yml").read_text(encoding="utf-8")
    name = line.partition(":")[0]
    kept = [one for one in text.splitlines() if not one.startswith(f"{name}:")]
    (tmp_path / "policy.yml").write_text("\n".join([*kept, line]), encoding="utf-8")
    with pytest.raises(UsageError, match="never looser"):
        policy.rule(table("violation"), 31, replace(book, folder=tmp_path))


def test_the_example_in_the_codebook_is_the_policy_itself(book):
    ours = {"crossed_with_nothing", "merge_from", "merge_two_way_from", "row_from"}  # what the policy leaves to us
    assert {name: n for name, n in policy.numbers(book.folder).items() if name not in ours} == policy.LOOSEST
