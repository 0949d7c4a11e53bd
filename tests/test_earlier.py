"""Editions one after another: each is planned, and attacked, for readers who have those before it."""

import shutil

import confidential
import pandas as pd
import pytest
import yaml
from test_hide import RECORD, cases_of
from test_weakened import BY, CROSS, GENDERS, GROUPS, HIV, REGIONS, REPEATED, SIGNED, spread, write

from analysis import codebook, ledger, protect, results, run, source
from analysis.protection import earlier, hide, readback
from analysis.published import editions
from analysis.source import Source


def counted(book, more=()):
    """The cases of the examples of weaker plans and their results: 150, and those of `more` (gender -> how many), alike in all else."""
    pairs = [pair for pair, n in CROSS.items() for _ in range(n)] + [("home", "described")] * sum(dict(more).values())
    lists = {"gender": GENDERS, "victim_group": GROUPS, "region": REGIONS, "hiv_tb": HIV, "repeated": REPEATED}
    added = {"gender": dict(more), "victim_group": {"gay_man": 10}, "region": {"kz_75": 10}, "hiv_tb": {"neither": 10},
             "repeated": {"yes": 10}}
    sets = {v: spread(counts) + (spread(added[v])[:len(pairs) - 150] if more else []) for v, counts in lists.items()}
    cases = cases_of(book, setting=[{one} for one, _ in pairs], basis=[{one} for _, one in pairs], **sets)
    whole = Source("ecom/kazakhstan_2024_cases.xlsx", RECORD, cases, {}, "kz", "2024")
    made = [results.total(whole, book, "02"), *(results.one_way(whole, book, "02", one) for one in BY),
            results.cross(whole, book, "02", "setting", "basis")]
    return cases, pd.concat(made, ignore_index=True)


@pytest.fixture(scope="module")
def first(book):
    """The first edition: cases, results, what of them is safe."""
    cases, rows = counted(book)
    return cases, rows, hide.planned(rows, cases, book, SIGNED).rows


def published(safe, rows, book, place, *tables):
    """An edition as it lies in its folder (only these of its tables, or all), with what the office keeps of it."""
    place.mkdir()
    write(safe[safe.table.isin(tables)] if tables else safe, book, place)
    return earlier.read(place)._replace(rows=rows)


def leaks(safe, cases, rows, book, place, last):
    """What the attack finds in an edition that follows another."""
    place.mkdir()
    write(safe, book, place)
    return readback.leaks(place, rows, cases, book, SIGNED, last)


def hidden(rows):
    return set(rows.id[rows.no_value == ledger.HIDDEN])


def test_the_same_cases_again_are_planned_as_they_were(first, book, tmp_path):
    cases, rows, safe = first
    again = hide.planned(rows, cases, book, SIGNED, published(safe, rows, book, tmp_path / "last"))
    pd.testing.assert_frame_equal(again.rows, safe)
    assert hidden(safe) and again.left_out == hide.planned(rows, cases, book, SIGNED).left_out


def test_a_margin_that_only_the_earlier_edition_shows_is_planned_around(first, book, tmp_path):
    # Of the cross of settings and bases the 3 and its partners are hidden. Without the bases by themselves, cheaper partners would do.
    cases, every, safe = first
    last = published(safe, every, book, tmp_path / "last", "02_bases")
    rows = every[every.table != "02_bases"].reset_index(drop=True)
    careless, careful = (hide.planned(rows, cases, book, SIGNED, one).rows for one in (earlier.NOTHING, last))
    assert hidden(careless) != hidden(careful) and set(careful.table) == set(rows.table)
    assert "02_settings_bases.online.remainder can be found out from other numbers" in leaks(
        careless, cases, rows, book, tmp_path / "careless", last)
    assert leaks(careful, cases, rows, book, tmp_path / "careful", last) == []


def test_codes_that_the_earlier_edition_counted_by_themselves_stay_known(first, book, tmp_path):
    # Trans women, 13, were shown once: of the 20 who are neither men nor women 7 are left for two small numbers, 4 and 3 or 3 and 4, which
    # leaves 1 and 2 out. Men or women have to be hidden as well.
    cases, rows, safe = first
    last = published(safe, rows, book, tmp_path / "last", "02_cases")
    last = last._replace(numbers=pd.concat([last.numbers, pd.DataFrame({"edition": [1], "id": ["02_genders.trans_woman"], "n": [13.0]})]))
    careful = hide.planned(rows, cases, book, SIGNED, last).rows
    assert {one.removeprefix("02_genders.") for one in hidden(careful) if one.startswith("02_genders.")} == {
        "trans_man", "non_binary", "woman"}
    assert leaks(careful, cases, rows, book, tmp_path / "careful", last) == []


def test_a_number_that_rose_by_few_cases_is_hidden_and_cannot_be_had_from_the_others(first, book, tmp_path):
    _, before, safe = first
    last = published(safe, before, book, tmp_path / "last")
    cases, rows = counted(book, {"man": 4, "woman": 6})  # 84 men, 56 women, and the 20 of whom all numbers are hidden: 160
    careless, careful = (hide.planned(rows, cases, book, SIGNED, one).rows for one in (earlier.NOTHING, last))
    assert "02_genders.man" in hidden(careful) - hidden(careless) and "02_genders.woman" not in hidden(careful)
    assert {one for one in leaks(careless, cases, rows, book, tmp_path / "careless", last) if "02_genders." in one} == {
        "02_genders.csv shows 02_genders.man too near to what an earlier edition shows of it"}
    assert leaks(careful, cases, rows, book, tmp_path / "careful", last) == []


def test_a_table_of_which_too_little_changed_is_left_out(first, book, tmp_path):
    # Only the settings of eight more cases are told of anybody: two men, and of six no gender is known. Whoever has both editions would
    # take the 82 men from those whose gender is known.
    _, before, safe = first
    last = published(safe, before, book, tmp_path / "last")
    cases, rows = counted(book, {"man": 2, "not_stated": 6})
    careful = hide.planned(rows, cases, book, SIGNED, last)
    assert "02_genders.man" in hidden(careful.rows) or "02_genders" in dict(careful.left_out)
    assert leaks(careful.rows, cases, rows, book, tmp_path / "careful", last) == []


@pytest.mark.parametrize("then, now, also", [
    ({"man": 4, "woman": 6}, {}, "02_genders.man"),  # ten cases were withdrawn
    ({"man": 8}, {"woman": 4, "trans_man": 6}, "02_regions.kz_75"),  # two cases more in all, and eight men fewer
    ({"man": 9, "woman": 1}, {"man": 1, "woman": 9}, "")])  # as many as before, recorded otherwise
def test_whatever_changed_a_reader_of_both_editions_finds_nothing_out(then, now, also, book, tmp_path):
    before, rows = counted(book, then)
    last = published(hide.planned(rows, before, book, SIGNED).rows, rows, book, tmp_path / "last")
    cases, rows = counted(book, now)
    careful = hide.planned(rows, cases, book, SIGNED, last)
    assert set(careful.rows.table) == set(rows.table) and (not also or also in hidden(careful.rows))
    assert leaks(careful.rows, cases, rows, book, tmp_path / "careful", last) == []


def test_an_edition_with_few_cases_more_is_refused_and_so_is_each_of_its_numbers(first, book, tmp_path):
    _, before, safe = first
    last = published(safe, before, book, tmp_path / "last")
    cases, rows = counted(book, {"woman": 4})
    with pytest.raises(earlier.Corrected) as caught:
        hide.planned(rows, cases, book, SIGNED, last)
    assert {"02_cases.total", "02_genders.woman", "02_settings.home"} <= set(caught.value.ids) and "02_genders.man" not in caught.value.ids
    careless = hide.planned(rows, cases, book, SIGNED).rows
    assert "02_cases.csv shows 02_cases.total too near to what an earlier edition shows of it" in leaks(
        careless, cases, rows, book, tmp_path / "careless", last)


def test_editions_before_the_last_are_remembered(first, book, tmp_path):
    # Edition 1 showed 79 men, edition 2 none and 90 women, this one 80 men: 40 women fewer than edition 2 had, one man more than edition 1.
    cases, rows, safe = first
    numbers = pd.DataFrame({"edition": [1, 2], "id": ["02_genders.man", "02_genders.woman"], "n": [79.0, 90.0]})
    last = earlier.NOTHING._replace(numbers=numbers)
    with pytest.raises(earlier.Corrected, match="1 numbers"):
        hide.planned(rows, cases, book, SIGNED, last)
    last = last._replace(numbers=pd.concat([numbers, pd.DataFrame({"edition": [1], "id": ["02_genders.woman"], "n": [60.0]})]))
    assert "02_genders.man" in hidden(hide.planned(rows, cases, book, SIGNED, last).rows)


def edition(home, cases, book):
    """A report on so many invented cases, planned, written, attacked and put in the place of the last one; returns what of it is safe."""
    sheet, report = home / "data" / "raw" / confidential.SHEET, confidential.REPORT
    last, office, staging = f"figures/{report}", f"data/processed/{report}", f"data/processed/.{report}.staging"
    shutil.rmtree(home / staging, ignore_errors=True)
    confidential.workbook(sheet, cases)
    sheet.with_name(f"{sheet.name}.source.yml").write_text(yaml.safe_dump(confidential.record(sheet)), encoding="utf-8")
    source.prepare(staging, [confidential.SHEET], book)
    part = source.opened(staging, confidential.SHEET, book)
    by = (results.one_way(part, book, "02", one) for one in ("gender", "victim_group", "violation"))
    ledger.keep(staging, results.total(part, book, "02"), *by)
    whole, out = ledger.gather(staging), home / staging / "publication"
    safe = protect.publication(whole, book, staging, last)
    out.mkdir()
    write(safe.results, book, out)
    protect.attacked(staging, out, whole, book, last)
    for made, place in ((out, home / last), (home / staging, home / office)):
        run.replace(made, place)
    return safe.results.set_index("id")


def test_a_report_is_planned_around_all_of_its_editions(tmp_path, monkeypatch):
    # 120 invented cases, then 150, then 152: the second is published without what differs too little from the first, the third refused.
    monkeypatch.setenv("CASEBOOK_HOME", str(confidential.project(tmp_path, 31)))
    book = codebook.load()
    first = edition(tmp_path, 120, book)
    shutil.copytree(tmp_path / "data" / "processed" / confidential.REPORT / "results", tmp_path / "data" / "raw" / "editions" / "1")
    second = edition(tmp_path, 150, book)
    both = first[["table", "n"]].merge(second[["n", "no_value"]], left_index=True, right_index=True, suffixes=("", "_now")).query("n > 0")
    persons = both[both.table.isin(["02_genders", "02_victim_groups", "02_victim_groups_groups"])]
    assert (first.n["02_cases.total"], second.n["02_cases.total"]) == (120, 150)
    assert persons.no_value.eq(ledger.HIDDEN).any() and not (persons.n_now - persons.n).between(1, 4).any()
    with pytest.raises(protect.Refused, match=r"(?s)no number of it changed by 5 cases or more.*Say in words.*02_cases\.total"):
        edition(tmp_path, 152, book)
    # What the first is held against are the numbers that it showed, hidden ones never.
    before = editions.read("editions/1", book, f"figures/{confidential.REPORT}").results.set_index("id")
    assert len(before) and before.n.equals(first.n[before.index]) and not (first.no_value[before.index] == ledger.HIDDEN).any()
    # The folder shows the second edition, and the office remembers the first.
    kept = earlier.read(f"figures/{confidential.REPORT}").numbers
    assert {*kept.edition} == {1, 2} and kept[kept.id == "02_cases.total"].n.tolist() == [120, 150]
