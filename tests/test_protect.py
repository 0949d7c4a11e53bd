"""Nothing leaves the office but through the gate, and the gate opens for public sources only."""

import numpy as np
import pandas as pd
import pytest

from analysis import ledger, protect


def results(*levels):
    """Invented results, one table for each level."""
    return ledger.complete(pd.DataFrame([
        {"id": f"table_{at}.{code}", "table": f"table_{at}", "codes": code, "n": n, "base": 31, "level": level}
        for at, level in enumerate(levels) for code, n in (("threat", 2), ("killing", 0))]))


def test_public_results_pass_whole_and_in_order():
    given = results("public", "public")
    safe = protect.publication(given)
    pd.testing.assert_frame_equal(safe.results, given)
    assert safe.tables == ["table_0", "table_1"]
    assert safe.table("table_1").id.tolist() == ["table_1.threat", "table_1.killing"]
    assert safe.counts().to_numpy().tolist() == [["table_0", "public", 2, 0], ["table_1", "public", 2, 0]]


@pytest.mark.parametrize("level", ["confidential", "", "Public", "public ", "secret", None, np.nan])
@pytest.mark.parametrize("beside", [[], ["public"], ["public", "public"]], ids=["alone", "beside one", "beside two"])
def test_one_result_of_any_other_level_stops_the_publication(level, beside):
    # A level that is missing altogether, which `ledger.complete` would have turned into "", is no permission either.
    given = results(*beside, "public")
    given["level"] = given.level.astype(object)
    given.loc[given.index[-1], "level"] = level
    with pytest.raises(protect.Refused, match="Nothing was published") as refused:
        protect.publication(given)
    assert f"table_{len(beside)}" in str(refused.value)


def test_results_without_a_level_column_are_not_published():
    with pytest.raises((protect.Refused, KeyError)):
        protect.publication(results("public").drop(columns="level"))


def test_no_results_are_no_publication():
    with pytest.raises(protect.Refused, match="no results"):
        protect.publication(results())


@pytest.mark.parametrize("seal", [None, True, object(), "seal"])
def test_safe_results_cannot_be_made_past_the_gate(seal):
    with pytest.raises(TypeError, match="protect.publication only"):
        protect.Safe(results("confidential"), seal)
    with pytest.raises(TypeError):
        protect.Safe(results("confidential"))


def test_what_became_safe_cannot_be_changed_afterwards():
    given = results("public")
    safe = protect.publication(given)
    given.loc[0, "n"] = 99
    for copy in (safe.results, safe.table("table_0")):
        copy.loc[0, "n"] = 99
        copy.loc[0, "level"] = "confidential"
    with pytest.raises(AttributeError):
        safe.results = given
    assert safe.results.n.tolist() == [2, 0] and set(safe.results.level) == {"public"}


def test_a_table_that_is_not_there_is_not_an_empty_one():
    with pytest.raises(KeyError, match="table_7"):
        protect.publication(results("public")).table("table_7")
