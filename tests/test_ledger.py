"""Results as rows with their own ids, which come back from the folder of results as they were kept."""

import numpy as np
import pandas as pd
import pytest
from conftest import ECOM

from analysis import codebook, ledger
from analysis.count import breakdown
from analysis.problems import UsageError
from analysis.stats import shares


@pytest.fixture(scope="module")
def record():
    return codebook.source_record(ECOM)


def entries(counted, by, record, **words):
    return ledger.entries(counted, by, "02_invented", "bars", "ecom/kazakhstan_2024_cases.xlsx", record, **words)


def test_a_breakdown_becomes_one_row_a_number_with_its_id_source_and_level(ecom, book, record):
    found = entries(shares(breakdown(ecom.cases, book, ["violation"])), ["violation"], record).set_index("id")
    one = found.loc["02_invented.fake_date"]
    assert (one.n, one.base, one.unit, one.base_rule, one.method) == (9, 31, "cases", "all", "wilson")
    assert (round(one.low, 4), round(one.high, 4)) == (0.1610, 0.4659)  # 9 of 31 in reference/shares.csv
    assert (one.table, one.form, one.by, one.codes, one["where"]) == ("02_invented", "bars", "violation", "fake_date", "")
    assert (one.level, one.place, one.period, one.file) == ("public", "kz", "2024", "ecom/kazakhstan_2024_cases.xlsx")
    assert one.source == "ECOM, National Report on Violations of the Rights of LGBT People in Kazakhstan, 2024"
    assert one.note == "reconstructed from the published report, not ECOM's own sheet"
    assert len(found) == len(book.of("violation")) and found.index.is_unique


def test_a_cross_names_both_codes_and_a_total_none(ecom, book, record):
    crossed = entries(breakdown(ecom.cases, book, ["violation", "perpetrator"]), ["violation", "perpetrator"], record)
    one = crossed.set_index("id").loc["02_invented.forced_outing.media"]
    # Cases 16 and 17 are the two outings by media.
    assert (one.n, one.by, one.codes) == (2, "violation,perpetrator", "forced_outing,media")
    assert ledger.codes_of(one, book) == {"violation": "forced_outing", "perpetrator": "media"}
    total = entries(breakdown(ecom.cases, book, []), [], record).iloc[0]
    assert (total.id, total.n, total.codes, ledger.codes_of(total, book)) == ("02_invented.total", 31, "total", {})


@pytest.mark.parametrize("where", [{}, {"country": ["kz"]}, {"year": ["2016", "2017"], "violation": ["threat", "hate_speech"]}])
def test_the_filter_of_a_result_can_be_read_back(ecom, book, record, where):
    rows = entries(breakdown(ecom.cases, book, ["violation"]), ["violation"], record, where=where, place="uz", period="2016-2017")
    assert all(ledger.where_of(row) == where for row in rows.to_dict("records"))
    assert set(rows.place) == {"uz"} and set(rows.period) == {"2016-2017"}


def test_a_filter_of_one_code_without_a_list_can_be_read_back(ecom, book, record):
    rows = entries(breakdown(ecom.cases, book, ["right"]), ["right"], record, where={"year": 2024, "violation": "threat"})
    assert all(ledger.where_of(row) == {"year": ["2024"], "violation": ["threat"]} for row in rows.to_dict("records"))


def test_the_note_on_coding_goes_with_coded_variables_also_in_a_filter(ecom, book):
    coded = {"note": "reported by civil society", "coded": ["violation"], "coded_note": "coded by a machine", "level": "public"}
    counted = breakdown(ecom.cases, book, ["right"])
    plain, filtered = entries(counted, ["right"], coded), entries(counted, ["right"], coded, where={"violation": ["threat"]})
    assert set(plain.note) == {"reported by civil society"}
    assert set(filtered.note) == {"reported by civil society; coded by a machine"}


def test_a_source_without_a_level_gives_results_without_one(ecom, book):
    # protect.publication refuses them; see test_protect.py.
    assert set(entries(breakdown(ecom.cases, book, ["right"]), ["right"], {}).level) == {""}


def test_what_others_printed_keeps_what_the_row_says_itself(record):
    said = pd.DataFrame({"id": ["a", "b"], "n": [83, 31], "note": ["page 3", "page 4"]})
    rows = ledger.printed(said, "x.csv", record, form="printed_years", note="not this one")
    assert rows.note.tolist() == ["page 3", "page 4"] and rows.n.tolist() == [83, 31]
    assert set(rows.method) == {"as printed"} and set(rows.form) == {"printed_years"} and set(rows.level) == {"public"}


def test_a_number_that_is_missing_is_not_zero_and_a_text_that_is_missing_is_empty():
    [row] = ledger.complete(pd.DataFrame({"id": ["a"], "n": [None], "text": [None], "more": [1]})).to_dict("records")
    assert list(row) == list(ledger.COLUMNS)
    assert np.isnan(row["n"]) and np.isnan(row["share"]) and row["text"] == row["note"] == ""


def test_results_come_back_as_they_were_kept_in_the_order_of_their_tables(tmp_path):
    def table(name, *ids):
        return ledger.complete(pd.DataFrame({"id": [f"{name}.{one}" for one in ids], "table": name, "n": range(len(ids)), "text": "ё, қ"}))
    first, second, third = table("02_b", "y", "x"), table("02_a", "z"), table("03_a", "w")
    ledger.keep(tmp_path, first, second)
    ledger.keep(tmp_path, third)
    pd.testing.assert_frame_equal(ledger.gather(tmp_path), pd.concat([second, first, third], ignore_index=True))
    ledger.keep(tmp_path, table("02_a", "new"))  # a notebook that is run again replaces its own table
    assert ledger.gather(tmp_path).id.tolist() == ["02_a.new", "02_b.y", "02_b.x", "03_a.w"]


def test_two_results_of_one_id_are_refused(tmp_path):
    rows = ledger.complete(pd.DataFrame({"id": ["a.x", "b.x", "a.x"], "table": ["a", "b", "b"]}))
    ledger.keep(tmp_path, rows)
    with pytest.raises(UsageError, match=r"share an id: a\.x\."):
        ledger.gather(tmp_path)


def test_no_results_yet_says_what_to_run(tmp_path):
    with pytest.raises(UsageError, match="no results yet.*casebook run"):
        ledger.gather(tmp_path)
