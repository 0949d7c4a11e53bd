"""The attack on the files of a publication: a whole one passes, and each weakened policy or leaking file is caught by name."""

import re
import shutil

import openpyxl
import pandas as pd
import pytest
from test_hide import ACTS_SIGNED, invented, rows_of

from analysis import figure, ledger, protect, table
from analysis.protection import hide, readback

CROSSES = [("violation", "perpetrator")]
HIDDEN = ledger.HIDDEN


@pytest.fixture(scope="module")
def office(book):
    """Invented cases, their results, and these as they may be published."""
    cases = invented(book, 100, seed=4)
    rows = rows_of(cases, book, ("violation", "perpetrator", "victim_group"), CROSSES)
    return cases, rows, hide.planned(rows, cases, book, ACTS_SIGNED).rows


@pytest.fixture(scope="module")
def published(office, book, tmp_path_factory):
    """The folder of the whole publication."""
    return written(office[2], book, tmp_path_factory.mktemp("published"))


def written(rows, book, folder):
    safe = protect.Safe(rows, protect._SEAL)
    figure.publish(safe, folder, book, "en")
    table.publish(safe, folder, book, "en")
    return folder


def found(folder, office, book, earlier=None):
    cases, rows, _ = office
    return readback.leaks(folder, rows, cases, book, ACTS_SIGNED, earlier)


def true_numbers(office, book):
    ready = hide.prepared(office[1], office[0], book, ACTS_SIGNED)
    return ready.rows.set_index("id")


def test_a_whole_publication_gives_nothing_away_and_its_files_show_what_is_safe(office, published, book):
    assert (office[2].no_value == HIDDEN).sum() > 5
    assert found(published, office, book) == []
    shown = readback.shown(published)
    safe = office[2].dropna(subset="n").set_index("id").n
    for file in ("02_victim_groups.csv", "tables.xlsx, 02_victim_groups"):
        mine = shown[shown.file == file].set_index("id").n
        assert len(mine) and (safe[mine.index] == mine).all()


def test_what_a_reader_cannot_rule_out_is_told_for_each_hidden_number(office, published, book):
    cases, rows, safe = office
    left = readback.left_open(published, rows, cases, book, ACTS_SIGNED).set_index("id")
    n = true_numbers(office, book).n
    assert set(left.index) == set(safe.id[safe.no_value == HIDDEN])
    assert ((left.least <= 1) & (left.most >= 4))[[one for one in left.index if n[one] < 5]].all()
    assert ((left.least <= n[left.index]) & (n[left.index] <= left.most) & (left.most - left.least >= 4)).all()


def test_a_build_weaker_than_the_policy_is_caught(office, book, tmp_path, monkeypatch):
    # Each build hides by a rule that is weaker somewhere; the attack holds it to the policy as it is.
    cases, rows, right = office
    whole = true_numbers(office, book)
    weaker = {"k lowered by one": shown_from(right, whole, 4), "k lowered by two": shown_from(right, whole, 3),
              "nothing hidden": shown_from(right, whole, 1)}
    for name, one in weaker.items():
        folder = written(one, book, tmp_path / name)
        assert any("which is small" in said for said in found(folder, office, book)), name


def shown_from(rows, whole, k):
    """The publication in which only counts below k are hidden."""
    rows = rows.copy()
    back = (rows.no_value == HIDDEN) & (rows.id.map(whole.n) >= k)
    rows.loc[back, "n"], rows.loc[back, "no_value"] = rows.id[back].map(whole.n), ""
    return rows


def hidden_ids(office, whole, big):
    rows = office[2]
    ids = rows.id[rows.no_value == HIDDEN]
    return [one for one in ids if (whole.n[one] >= 5) == big]


@pytest.mark.parametrize("file", ["02_victim_groups.csv", "02_violations_perpetrators.csv"])
def test_one_small_number_in_one_csv_is_found(office, published, book, tmp_path, file):
    folder = shutil.copytree(published, tmp_path / "one")
    made = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
    one = next(one for one in hidden_ids(office, true_numbers(office, book), big=False) if one in set(made.id))
    made.loc[made.id == one, "n"] = str(int(true_numbers(office, book).n[one]))
    made.to_csv(folder / file, index=False)
    assert f"{file} shows {one}, which is small" in found(folder, office, book)


def test_one_small_number_in_the_workbook_alone_is_found(office, published, book, tmp_path):
    folder, one = shutil.copytree(published, tmp_path / "one"), hidden_ids(office, true_numbers(office, book), big=False)[0]
    made = openpyxl.load_workbook(folder / "tables.xlsx")
    for sheet in made:
        for line in sheet.iter_rows():
            if any(cell.value == one for cell in line):
                head = next(row for row in sheet.iter_rows() if any(cell.value == "Cases" or cell.value == "n" for cell in row))
                at = next(c.column for c in head if c.value in ("Cases", "n"))
                sheet.cell(line[0].row, at, 3)
    made.save(folder / "tables.xlsx")
    assert any(one in said and "tables.xlsx" in said for said in found(folder, office, book))


def test_a_table_that_the_policy_leaves_out_is_found(office, published, book, tmp_path):
    folder = shutil.copytree(published, tmp_path / "one")
    ranks = pd.DataFrame({"id": ["02_violations_extra.a"], "n": [3]})
    ranks.to_csv(folder / "02_violations_extra.csv", index=False)
    rows = office[1].copy()
    extra = rows[rows.table == "02_victim_groups"].assign(table="02_violations_extra", id="02_violations_extra.a", form="ranks").head(1)
    said = readback.leaks(folder, pd.concat([rows, extra], ignore_index=True), office[0], book, ACTS_SIGNED)
    assert said[0] == "02_violations_extra.csv shows 02_violations_extra.a, which is not to be published"


@pytest.mark.parametrize("said", ["{label}: {n} of {base}", "{label} ({n} of {base})", "{label} | {n} / {base}"])
@pytest.mark.parametrize("name", ["02_victim_groups.en.txt", "report.ru.html"])
def test_a_sentence_in_one_language_alone_is_found(office, published, book, tmp_path, said, name):
    folder, whole = shutil.copytree(published, tmp_path / "one"), true_numbers(office, book)
    one = next(one for one in hidden_ids(office, whole, big=False) if whole.table[one] == "02_victim_groups")
    label = book.label(whole.by[one], whole.codes[one], "ru" if ".ru." in name else "en")
    text = said.format(label=label, n=int(whole.n[one]), base=100)
    (folder / name).write_text(f"<p>{text}.</p>" if name.endswith("html") else text, encoding="utf-8")
    assert found(folder, office, book) == [f"{name} says {one}"]


def test_a_bar_as_long_as_a_hidden_number_is_found(office, published, book, tmp_path):
    folder = shutil.copytree(published, tmp_path / "one")
    file = folder / "02_victim_groups.en.svg"
    text = file.read_text(encoding="utf-8")
    empty = re.search(r'd="M 0 0\s+z\s*"', text)
    file.write_text(text.replace(empty[0], 'd="M 100 20 L 110 20 L 110 10 L 100 10 z"', 1), encoding="utf-8")
    assert found(folder, office, book) == ["02_victim_groups.en.svg draws other bars than the numbers that are shown"]


def test_one_partner_less_is_found(office, book, tmp_path):
    # No complementary hiding: what is hidden for the sake of others is shown again, and one of these can then be found out.
    whole = true_numbers(office, book)
    partners = hidden_ids(office, whole, big=True)
    for one in partners[:3]:
        rows = office[2].copy()
        at = rows.id == one
        rows.loc[at, "n"], rows.loc[at, "no_value"] = whole.n[one], ""
        assert any("can be found out" in said for said in found(written(rows, book, tmp_path / one), office, book)), one


def test_an_extra_margin_that_undoes_the_hiding_is_found(office, published, book, tmp_path):
    # The earlier edition shows a number that this one hides.
    one = hidden_ids(office, true_numbers(office, book), big=False)[0]
    pd.DataFrame({"id": [one], "n": [true_numbers(office, book).n[one]]}).to_csv(tmp_path / "old.csv", index=False)
    assert f"old.csv of the earlier edition shows {one}, which is small" in found(published, office, book, tmp_path)


def test_an_edition_corrected_by_one_case_is_not_published_as_numbers(office, published, book, tmp_path):
    shown = readback.shown(published).drop_duplicates("id").set_index("id").n
    one = shown.index[shown > 20][0]
    pd.DataFrame({"id": [one], "n": [shown[one] - 1]}).to_csv(tmp_path / "old.csv", index=False)
    said = f"old.csv of the earlier edition shows {one} with another number than this edition"
    assert found(published, office, book, tmp_path) == [said]
