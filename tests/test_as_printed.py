"""Printed figures of every kind, as something that can be checked."""

from decimal import Decimal

import pandas as pd
import pytest
from conftest import ROOT

from analysis.published import as_printed

INF = float("inf")


@pytest.mark.parametrize("text, unit, kind, value, decimals", [
    ("31", "cases", "count", "31", 0), ("1,824", "", "count", "1824", 0), ("125,848", "", "count", "125848", 0),
    ("1 824", "", "count", "1824", 0), ("1\u00a0234\u202f567", "", "count", "1234567", 0), ("2.5", "cases", "count", "2.5", 1),
    ("14.5", "percent", "percent", "14.5", 1), ("78", "percent", "percent", "78", 0), ("41.5 %", "", "percent", "41.5", 1),
    ("41,5%", "", "percent", "41.5", 1), ("85.0", "percent (12 of 83 = 14.46)", "percent", "85.0", 1)])
def test_numbers_and_percentages(text, unit, kind, value, decimals):
    one = as_printed.read(text, unit)
    assert (one.kind, one.value, one.decimals) == (kind, Decimal(value), decimals)


@pytest.mark.parametrize("text, low, high", [
    ("at least 2", 2, INF), ("At least  1,000", 1000, INF), ("more than 40", 41, INF), ("over 40", 41, INF), ("up to 12", 0, 12),
    ("at most 12", 0, 12), ("fewer than 12", 0, 11), ("no more than 3", 0, 3)])
def test_bounds(text, low, high):
    one = as_printed.read(text)
    assert (one.kind, one.low, one.high) == ("bound", low, high)


# Worked out by hand. More than half of 83 begins at 42 (41.5 is half), of 80 at 41 (40 is half). One in five is what lies between one in
# 5.5 and one in 4.5: of 83 from 15.09 to 18.44; one in three of 191 from 54.57 to 76.4. Fewer than half of 1 is 0.
@pytest.mark.parametrize("text, base, low, high", [
    ("more than half", 83, 42, 83), ("more than half", 80, 41, 80), ("most", 1, 1, 1), ("less than half", 80, 0, 39),
    ("less than half", 1, 0, 0), ("one in five", 83, 16, 18), ("one in three", 191, 55, 76), ("One in three.", 191, 55, 76),
    ("half", 4, 2, 2)])
def test_shares_in_words_as_counts_of_a_base(text, base, low, high):
    one = as_printed.read(text, "share")
    assert one.kind == "share" and as_printed.counts(one, base) == (low, high)


def test_a_share_in_words_can_have_no_count():
    assert pd.isna(as_printed.counts(as_printed.read("one in ten"), 2)[0])  # 2/10.5 to 2/9.5 is below 1


@pytest.mark.parametrize("text, kind", [
    ("-", "mark"), ("Not available", "mark"), ("N/A", "mark"), ("", "words"), ("in roughly equal measure", "words"), ("about 40", "words"),
    ("24-75", "range"), ("24–75 %", "range"), ("12 of 83", "words"), ("increased significantly", "words"), ("0", "count")])
def test_what_is_no_number_is_not_made_one(text, kind):
    assert as_printed.read(text).kind == kind


def test_a_range_keeps_both_ends():
    assert as_printed.read("24-75", "percent")[3:5] == (24, 75)


def test_every_phrase_of_the_file_is_read():
    phrases = pd.read_csv(ROOT / "data" / "codebook" / "figure_phrases.csv", dtype=str, keep_default_na=False)
    assert phrases.phrase.is_unique and set(phrases.means) == {*as_printed.SHARES, *as_printed.BOUNDS}
    for row in phrases.itertuples():
        one = as_printed.read(row.phrase if row.number else f"{row.phrase} 7")
        assert one.kind == ("share" if row.number else "bound"), row.phrase
        assert (row.means in as_printed.SHARES) == bool(row.number), row.phrase
