"""Agreement of two codings, held against a published table, statsmodels, the krippendorff library and the two real codings."""

import csv
import hashlib
import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import RAW
from hypothesis import assume, given
from hypothesis import strategies as st
from krippendorff import alpha as of_library
from statsmodels.stats.inter_rater import cohens_kappa

from analysis import figure, ledger, protect, show, table
from analysis.problems import UsageError
from analysis.statistics import agreement
from analysis.wording import sentences

FILE = "odihr/kazakhstan_2016_2022_two_codings.csv"
SEVERAL = {"violation", "perpetrator", "victim_group", "means", "response", "right"}


def sets(text):
    return frozenset(text.split("; ")) if text else frozenset()


@pytest.fixture(scope="module")
def pairs():
    """Variable -> the sets that the two codings give each incident, read without a line of ours."""
    found = {}
    with open(RAW / FILE, encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            variable = {"rights": "right"}.get(row["variable"], row["variable"])
            found.setdefault(variable, []).append((sets(row["coding_1"]), sets(row["coding_2"])))
    return found


@pytest.fixture(scope="module")
def made(book):
    return agreement.of(FILE, book, "03")


def row(made, table, code):
    return made[(made.table == table) & (made.codes == code)].iloc[0]


# Kappa.


def test_the_published_table_is_reproduced():
    # tests/reference/README.md: kappa 0.4842, standard error 0.1380, interval 0.2137 to 0.7547.
    found = agreement.kappa([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
    assert [round(one, 4) for one in found] == [0.4842, 0.138, 0.2137, 0.7547]


square = st.integers(2, 5).flatmap(lambda size: st.lists(st.lists(st.integers(0, 30), min_size=size, max_size=size),
                                                         min_size=size, max_size=size))


@given(square)
def test_kappa_and_its_error_are_those_of_statsmodels(cells):
    cells = np.array(cells, float)
    assume(cells.sum() > 0 and cells.trace() < cells.sum())
    assume(np.sum(cells.sum(axis=0) * cells.sum(axis=1)) < cells.sum() ** 2)
    theirs, ours = cohens_kappa(cells), agreement.kappa(cells)
    assert ours.value == pytest.approx(theirs.kappa, abs=1e-12)
    error = math.sqrt(max(theirs.var_kappa, 0))
    if error > 1e-5:
        assert ours.error == pytest.approx(error, rel=1e-6)
        assert (ours.low, ours.high) == pytest.approx((theirs.kappa_low, min(theirs.kappa_upp, 1)), abs=1e-9)


@given(square)
def test_the_codings_may_change_places_and_every_case_twice_narrows_the_interval(cells):
    cells = np.array(cells)
    assume(cells.sum() > 0)
    once, swapped, twice = agreement.kappa(cells), agreement.kappa(cells.T), agreement.kappa(2 * cells)
    assert swapped == pytest.approx(once, abs=1e-9, nan_ok=True)
    assert twice.value == pytest.approx(once.value, nan_ok=True)
    if once.error > 1e-3:
        assert twice.error == pytest.approx(once.error / 2**0.5)


def test_what_kappa_cannot_say_is_no_number_and_no_interval_of_no_width():
    unused, always = agreement.kappa([[0, 0], [0, 89]]), agreement.kappa([[89, 0], [0, 0]])
    assert all(math.isnan(one) for one in (*unused, *always))
    perfect = agreement.kappa([[7, 0], [0, 82]])
    assert perfect.value == 1 and math.isnan(perfect.low) and math.isnan(perfect.high)
    # One coding never uses the code: as many agree as chance makes, whatever the other does.
    one_sided = agreement.kappa([[0, 0], [1, 88]])
    assert one_sided.value == pytest.approx(0) and math.isnan(one_sided.low)
    three = agreement.kappa(np.diag([67, 9, 13]))  # rounding leaves an error of 1e-8
    assert three.value == pytest.approx(1) and math.isnan(three.low)


# Sets of codes.


def test_the_distance_of_sets_is_passonneaus():
    a, ab, ac, b = (frozenset(one) for one in ("a", "ab", "ac", "b"))
    # Equal; one in the other: 1 - 2/3 * 1/2; one code in common of three: 1 - 1/3 * 1/3; nothing in common.
    assert [agreement.masi(*two) for two in [(a, a), (a, ab), (ab, ac), (a, b)]] == pytest.approx([0, 2 / 3, 8 / 9, 1])
    assert agreement.masi(ab, a) == agreement.masi(a, ab)


def test_alpha_of_single_values_is_krippendorffs_published_example():
    # K. Krippendorff, Computing Krippendorff's alpha-reliability (2011), section C: two observers, twelve units, 0.692.
    first, second = ([frozenset(one) for one in coding] for coding in ("aabbdcccedda", "babbbcccedddd"[:12]))
    assert round(agreement.alpha(first, second).value, 3) == 0.692


def by_library(first, second):
    """Alpha by the krippendorff library, from how often each set was given to each case and the distance of Passonneau."""
    values = list(dict.fromkeys([*first, *second]))
    counts = np.array([[(one == value) + (other == value) for value in values] for one, other in zip(first, second)])
    apart = np.array([[agreement.masi(one, other) for other in values] for one in values])
    return of_library(value_counts=counts, value_domain=list(range(len(values))),
                      level_of_measurement=lambda v1, v2, i1, i2, n_v, dtype=np.float64: apart[np.asarray(i1, int), np.asarray(i2, int)])


some_sets = st.frozensets(st.sampled_from("abcd"), min_size=1, max_size=3)


@given(st.lists(st.tuples(some_sets, some_sets), min_size=3, max_size=25))
def test_alpha_of_sets_is_that_of_the_krippendorff_library_and_its_error_leaves_each_case_out(codings):
    first, second = (list(one) for one in zip(*codings))
    assume(all(len({*first[:at], *first[at + 1:], *second[:at], *second[at + 1:]}) > 1 for at in range(len(first))))
    found = agreement.alpha(first, second)
    assert found.value == pytest.approx(by_library(first, second), abs=1e-9)
    each = [by_library(first[:at] + first[at + 1:], second[:at] + second[at + 1:]) for at in range(len(first))]
    assert found.error == pytest.approx(math.sqrt((len(each) - 1) * np.var(each)), abs=1e-6)


def test_the_interval_of_alpha_holds_what_drawing_the_cases_again_gives(pairs):
    # A bootstrap over the 89 incidents, computed with the library: another way to the same interval.
    chance, (first, second) = np.random.default_rng(8), (list(one) for one in zip(*pairs["victim_group"]))
    drawn = []
    for _ in range(300):
        at = chance.integers(0, len(first), len(first))
        drawn.append(by_library([first[i] for i in at], [second[i] for i in at]))
    found = agreement.alpha(first, second)
    assert (found.low, found.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.02)


def test_alpha_without_variation_is_no_number():
    assert math.isnan(agreement.alpha([frozenset("a")] * 5, [frozenset("a")] * 5).value)


# The real pair of codings.


def test_every_code_of_every_variable_has_the_kappa_of_statsmodels(book, made, pairs):
    seen = 0
    for variable in pairs.keys() - {"victims_n", "perpetrators_n"}:
        name = f"03_agreement_{book.name(variable, what='plural')}"
        given_by_either = {code for two in pairs[variable] for coding in two for code in coding}
        rows = made[made.table == name].set_index("codes")
        assert given_by_either <= set(rows.index) and set(book.of(variable)) <= set(rows.index)
        for code in given_by_either:
            has = [(code in one, code in other) for one, other in pairs[variable]]
            cells = [[has.count((True, True)), has.count((True, False))], [has.count((False, True)), has.count((False, False))]]
            found = rows.loc[code]
            assert (found.n, found.base) == (cells[0][0] + cells[1][1], 89) and found.share == found.n / 89
            assert found.text == f"{cells[0][0]}, {cells[0][1]}, {cells[1][0]}"
            assert found.value == pytest.approx(cohens_kappa(cells).kappa, abs=1e-9)
            seen += 1
        empty = {"not_stated"} if any(not coding for two in pairs[variable] for coding in two) else set()
        silent = set(rows.index[rows.no_value == "not_used"])
        assert silent == set(rows.index) - given_by_either - empty and rows.loc[sorted(silent)].value.isna().all()
    assert seen > 70


def test_every_variable_has_its_coefficient(made, pairs):
    rows = made[made.table == "03_agreement"].set_index("codes")
    assert set(rows.index) == set(pairs) and set(rows.base) == {89} and set(rows.unit) == {"incidents"}
    for variable, two in pairs.items():
        first, second = zip(*two)
        assert rows.n[variable] == sum(one == other for one, other in two)
        if variable in SEVERAL:
            silent = frozenset(["not stated"])
            assert rows.value[variable] == pytest.approx(by_library([x or silent for x in first], [x or silent for x in second]))
        else:
            theirs = cohens_kappa(pd.crosstab(pd.Series(map(str, first)), pd.Series(map(str, second))).pipe(squared))
            assert rows.value[variable] == pytest.approx(theirs.kappa)
        assert rows.method[variable] == ("alpha" if variable in SEVERAL else "kappa")
    assert set(rows.index[rows.no_value == "never_differ"]) == {"perpetrator", "response", "victims_n", "perpetrators_n"}


def squared(cells):
    every = sorted({*cells.index, *cells.columns})
    return cells.reindex(index=every, columns=every, fill_value=0)


def test_where_the_codings_differ_most_stands_first(book, made, pairs):
    found = agreement.differences(made, book)
    # Counted by eye with grep: 17 women by the first coding only, 8 "other" violations by the second only.
    assert found.iloc[0].tolist() == ["Victim group", "Woman (not LGBTI as stated)", 17, 0, 17]
    assert found.iloc[1].tolist() == ["Violation", "other", 0, 8, 8]
    differ = sum(len((one or frozenset(["not stated"])) ^ (other or frozenset(["not stated"])))
                 for variable in pairs.keys() - {"victims_n", "perpetrators_n"} for one, other in pairs[variable])
    assert found.differ.sum() == differ and found.differ.is_monotonic_decreasing and (found.differ > 0).all()


def test_everything_that_is_said_says_that_both_are_an_automated_reading(book, made, tmp_path):
    assert made.note.str.contains("both codings are an automated reading").all()
    assert all("Both codings are an automated reading" in sentences.of(one, book) for one in made.itertuples())
    safe = protect.publication(made)
    for name in safe.tables:
        fig = figure.draw(safe, name, book)
        words = " ".join(text.get_text() for text in fig.findobj(plt.Text))
        assert "automated reading" in words and "automated reading" in figure.description(safe, name, book)
        plt.close(fig)
    described = figure.description(safe, "03_agreement", book)
    assert "Number of victims: agreement on 89 of 89" in described and "_n:" not in described
    table.publish(safe, tmp_path, book, "en")


def test_one_code_is_said_with_its_counts_agreement_and_kappa(book, made):
    note = " Both codings are an automated reading of published summaries, not the work of two human documenters."
    # 7 both, 1 by the second alone: statsmodels gives 0.927, 0.786 to 1.069.
    assert sentences.of(row(made, "03_agreement_violations", "property_damage"), book) == (
        "“property damage”: both codings give it to 7 of 89 reported incidents, only the first to 0, only the second to 1. "
        "They agree on 88 (99%); kappa is 0.93 (0.79 to 1.00)." + note)
    assert sentences.of(row(made, "03_agreement_settings", "workplace"), book).endswith(
        "They agree on 88 (99%); kappa is 0.00 (no interval, because one coding gave it to all or to none)." + note)
    assert "there is no kappa: neither coding used it." in sentences.of(row(made, "03_agreement_settings", "online"), book)
    assert sentences.of(row(made, "03_agreement", "victims_n"), book) == (
        "Number of victims: both codings say the same of 89 of 89 reported incidents (100%); kappa is 1.00 (no interval, because the "
        "codings never differ)." + note)


def test_the_dots_stand_at_kappa_with_their_intervals_and_unused_codes_are_named(book, made):
    mine = made[made.table == "03_agreement_settings"]
    fig = figure.draw(protect.publication(mine), "03_agreement_settings", book)
    used = mine[mine.no_value != "not_used"].assign(differ=lambda t: t.base - t.n).sort_values("differ", ascending=False, kind="stable")
    lines, dots = fig.axes[0].collections
    assert dots.get_offsets()[:, 0].tolist() == pytest.approx(used.value.tolist())
    drawn = [line[:, 0].tolist() for line in lines.get_segments() if line.ndim == 2 and not np.isnan(line).any()]
    assert drawn == [pytest.approx([one.low, one.high]) for one in used.itertuples() if one.low == one.low]
    words = " ".join(text.get_text().replace("\n", " ") for text in fig.findobj(plt.Text))
    assert "Used by neither: health facility, online, not stated, refused to answer and not asked." in words
    assert "read it beside the share on which they agree" in words


def test_the_interval_of_kappa_is_never_told_as_that_of_the_share(book, made):
    described = figure.description(protect.publication(made), "03_agreement_violations", book)
    assert "Property damage: agreement on 88 of 89 (99%); kappa 0.93 (0.79 to 1.00)." in described.splitlines()
    assert "(99%; " not in described


def test_a_notebook_shows_what_each_coding_gave_and_says_no_unused_code(book, made, capsys):
    mine = made[made.table == "03_agreement_settings"]
    shown = show.numbers(protect.publication(mine), "03_agreement_settings", book).set_index("setting")
    assert shown.loc["Several places", ["both", "first only", "second only", "n", "base"]].tolist() == [6, 0, 3, 86, 89]
    show.said(mine, book)
    said = capsys.readouterr().out
    assert len(shown) == said.count("\n") == 10 and "online" not in said


# A file of one's own.

HEAD = "Case code,variable,coding_1,coding_2\n"


@pytest.fixture
def office(tmp_path, monkeypatch):
    """Write an invented file of two codings into a project of its own, and return its name below data/raw."""
    def write(lines, **record):
        raw = tmp_path / "data" / "raw" / "office"
        raw.mkdir(parents=True, exist_ok=True)
        (raw / "two.csv").write_text(lines, encoding="utf-8")
        said = dict.fromkeys(["title", "publisher", "page", "received", "licence", "cite"], "invented") | {
            "sha256": hashlib.sha256((raw / "two.csv").read_bytes()).hexdigest(), "level": "public", "cannot_say": ["It is invented."],
            "unit": "cases", "note": "two documenters who did not speak to each other"} | record
        (raw / "two.csv.source.yml").write_text(yaml.safe_dump(said), encoding="utf-8")
        monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
        return "office/two.csv"
    return write


def test_labels_and_headings_in_any_language_are_read_and_the_note_is_that_of_the_source(book, office):
    lines = HEAD + "K-1,violation,Threats; Fake date,Угрозы\nK-2,Нарушение,,Threats\nK-3,violation,threat,threat\n"
    found = agreement.of(office(lines), book, "09")
    # Threats: both 2, second alone 1. Fake date: first alone 1.
    assert row(found, "09_agreement_violations", "threat").text == "2, 0, 1"
    assert row(found, "09_agreement_violations", "fake_date").text == "0, 1, 0"
    assert row(found, "09_agreement_violations", "not_stated").text == "0, 1, 0"
    assert sentences.of(found.iloc[0], book).endswith("Two documenters who did not speak to each other.")


WRONG = [("Case code,variable,coding_1\nK-1,violation,threat\n", "lacks the columns coding_2"),
         (HEAD + "K-1,violation,threat,threat\nK-1,violation,threat,threat\n", "a case twice under violation"),
         (HEAD + "K-1,violation,treat,threat\n", "violation has no code 'treat'. Did you mean Threats"),
         (HEAD + "K-1,violatoin,threat,threat\n", "Did you mean violation"),
         (HEAD + "K-1,victims_n,two,2\n", "no variable 'victims_n'")]


@pytest.mark.parametrize(("lines", "said"), WRONG, ids=["column", "twice", "code", "variable", "number"])
def test_what_cannot_be_compared_is_refused_with_what_to_do(book, office, lines, said):
    with pytest.raises(UsageError, match=said):
        agreement.of(office(lines), book, "09")


def test_a_code_of_the_coders_own_counts_only_where_the_record_lists_it(book, office):
    lines = HEAD + "K-1,violation,other,threat\nK-2,violation,threat,threat\n"
    with pytest.raises(UsageError, match="no code 'other'"):
        agreement.of(office(lines), book, "09")
    assert row(agreement.of(office(lines, own_codes=["other"]), book, "09"), "09_agreement_violations", "other").text == "0, 1, 0"


def test_the_order_of_codes_and_cases_changes_nothing(book, office):
    rows = ["K-1,violation,threat; fake_date,fake_date; threat", "K-2,violation,threat,killing", "K-3,violation,killing; threat,threat"]
    found = [agreement.of(office(HEAD + "\n".join(order) + "\n"), book, "09").sort_values("id")[["id", "n", "value"]].reset_index(drop=True)
             for order in itertools.permutations(rows)]
    assert all(one.equals(found[0]) or np.allclose(one.value, found[0].value, equal_nan=True) for one in found)
    assert row(agreement.of("office/two.csv", book, "09"), "09_agreement", "violation").n == 1


def test_a_report_without_two_codings_gets_no_rows(book):
    assert agreement.of("", book, "03").equals(ledger.complete(pd.DataFrame()))
