"""Whatever a sheet holds, nothing escapes: every row is accounted for, and the cases that were planted right are counted right."""

import csv
from unittest import mock

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_real_sheets import HEADER, counts, office  # noqa: F401 (a fixture)

from analysis import codebook, intake, read, tidy
from analysis.formats import files
from analysis.formats.files import Marks, Received, Sheet

BOOK = codebook.load()
VIOLATIONS = {"Threats": "threat", "Угрозы": "threat", "Harassment": "harassment", "Killing": "killing", "Убийство": "killing"}
DATES = ["2024-03-04", "04.03.2024", "4 марта 2024 г.", "март 2024", "2024", "", "неизвестно", "06.2024"]
MESS = ["-", "?", 0, 99, "NA", "н/д", "31.02.2024", "04/03/2024", "12-15.03.2024", 45355, 45355.5, "=1+1", "<b>&amp;", "\x00\x07", "Угpoзы",
        "Threats;;;", ";" * 300, "Ж" * 3000, "Total", "Итого: 31", "25 лет", "2-3", True, -1, 2.5, 1e300, "Violation", "#N/A", "\u200b",
                " ",
        "Threats, Harassment and so on", "1) Threats", "77012345678", "Unknown; Police", "e\u0301", "\uffff", "²", "9" * 4301]
VALUES = st.one_of(st.sampled_from(MESS), st.text(max_size=8), st.integers(), st.floats(allow_nan=True), st.booleans(), st.just(""))
OTHER_ROWS = st.one_of(
    st.lists(VALUES, max_size=9), st.just(HEADER), st.just([]), st.just(["Итого", 3]), st.just(["January", "", "", "", "", ""]),
    st.just(["* a note about nobody"]), st.just(["#case", "#date", "#violation"]))
PLANTED = st.tuples(st.lists(st.sampled_from(sorted(VIOLATIONS)), min_size=1, max_size=3, unique_by=VIOLATIONS.get), st.sampled_from(DATES),
                    st.sampled_from(["; ", ";", ", ", " / ", "\n"]))


@st.composite
def sheets(draw):
    """Rows of a sheet with planted cases (PLANT-1, PLANT-2 ...) among other rows, and what was planted."""
    order = draw(st.permutations(range(6)))
    above = draw(st.lists(st.sampled_from([["Invented"], [], ["", "2024"]]), max_size=3))
    below, planted = [], {}
    for one in draw(st.lists(st.one_of(PLANTED, OTHER_ROWS), max_size=14)):
        if isinstance(one, tuple):
            labels, date, separator = one
            code = f"PLANT-{len(planted) + 1}"
            planted[code] = {VIOLATIONS[label] for label in labels}
            row = [code, date, separator.join(labels), "Police", "", 1]
            below.append([row[at] for at in order])
        else:
            below.append(list(one) if one is HEADER else one)
    return [*above, [HEADER[at] for at in order], *below], planted


def received(rows, draw_marks):
    """The rows as `files.opened` gives them, with marks that may point anywhere."""
    kept = [(number, trimmed) for number, row in enumerate(rows, 1) if (trimmed := cut(row))]
    return Received({"Cases": Sheet("Cases", [number for number, _ in kept], [row for _, row in kept], False, draw_marks)}, "xlsx", 1900,
            [])


def cut(row):
    """A row without the empty cells at its end."""
    row = list(row)
    while row and isinstance(row[-1], str) and not row[-1].strip():
        row.pop()
    return row


CELLS = st.builds("{}{}".format, st.sampled_from("ABCDEFGHZ"), st.integers(1, 25))
MARKS = st.builds(Marks, hidden=st.frozensets(st.integers(1, 25), max_size=2), struck=st.frozensets(CELLS, max_size=2),
                  colours=st.dictionaries(CELLS, st.sampled_from(["D9D9D9", "FF0000"]), max_size=3), merged=st.just([]),
                  comments=st.frozensets(CELLS, max_size=2), errors=st.dictionaries(CELLS, st.just("#REF!"), max_size=1),
                  unvalued=st.frozensets(CELLS, max_size=1))
ANYWHERE = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 8), st.integers(0, 4), st.integers(0, 4)), max_size=2).map(
    lambda found: [(top, left, top + down, left + right) for top, left, down, right in found])


def accounted(raw, tidied, rows, head):
    """Whether each row that holds anything is a case, a further row of one, set aside with a reason, or not read with one."""
    everything = sum(bool(cut(row)) for row in rows)
    unread = sum(n for _, n, _ in raw.unread)
    assert everything == len(raw.table) + unread + head.last - head.first + 1
    assert tidied.ledger.rows.sum() == len(raw.table)
    aside = tidied.ledger[~tidied.ledger.what.isin(["counted", tidy.FURTHER_ROW])]
    told = {one.rule for one in tidied.problems}
    assert set(aside.what) <= told


@given(made=sheets(), marks=MARKS, merged=ANYWHERE)
def test_nothing_escapes_from_any_sheet_and_its_ledger_balances(office, made, marks, merged):  # noqa: F811
    rows, _ = made
    book = office()
    with mock.patch.object(files, "opened", lambda *_: received(rows, marks._replace(merged=merged))):
        raw = read.raw("cases.xlsx", book, "office")
    head = read.header(received(rows, marks).sheets["Cases"], read.ways(book.profiles["office"], book), book)
    tidied = tidy.cases(raw, book)
    accounted(raw, tidied, rows, head)
    assert all(str(one) and "{" not in one.rule for one in tidied.problems)


@given(made=sheets())
@example(([HEADER, ["PLANT-1", "2024-03-04", "Threats", "Police", "", 1], ["-", "-", "0\x1f0"]], {"PLANT-1": {"threat"}}))
@example(([HEADER, ["PLANT-1", "2024-03-04", "Threats", "Police", "", 1], [*"-----", "²"], ["Итого", 3]], {"PLANT-1": {"threat"}}))
@example(([HEADER, ["PLANT-1", "2024-03-04", "Threats", "Police", "", 1], ["9" * 4301] * 6, ["Итого", 3]], {"PLANT-1": {"threat"}}))
def test_what_was_planted_right_is_counted_right_whatever_stands_around_it(office, made):  # noqa: F811
    rows, planted = made
    book = office()
    with mock.patch.object(files, "opened", lambda *_: received(rows, Marks())):
        cases = tidy.cases(read.raw("cases.xlsx", book, "office"), book).cases
    for code, violations in planted.items():
        mine = cases[cases.case_id == code]
        assert len(mine) == 1 and set(counts(mine, book, "violation")) == violations


def printable(cell):
    """A cell without the signs that no workbook can hold."""
    return "".join(c for c in cell if c.isprintable() or c == "\n") if isinstance(cell, str) else cell


def written(file, rows):
    """A workbook of these rows, without formulas and numbers that are none."""
    workbook = openpyxl.Workbook()
    for row in rows:
        cells = [None if isinstance(cell, float) and not abs(cell) < 1e300 else printable(cell) for cell in row]
        workbook.active.append(["" if str(cell).startswith("=") else cell for cell in cells])
    workbook.save(file)
    return file


@given(made=sheets(), name=st.sampled_from(["cases.xlsx", "cases.csv"]))
def test_files_on_disk_end_in_cases_or_in_messages(office, tmp_path, made, name):  # noqa: F811
    rows, planted = made
    file = tmp_path / name
    if name.endswith("xlsx"):
        written(file, rows)
    else:
        with open(file, "w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([printable(cell) for cell in row] for row in rows)
    one = intake.checked(file, office(), "office")
    assert one.cases is None or one.rows["rows_read"] == one.rows["cases"] + one.rows["joined"] + one.rows["set_aside"]
    assert one.cases is None or set(planted) <= set(one.cases.case_id)


@pytest.mark.parametrize("rows", [[HEADER], [["Case"]], [[]], [HEADER, HEADER], [HEADER, [""] * 9]], ids=str)
def test_sheets_without_a_single_case_end_in_a_message(office, tmp_path, rows):  # noqa: F811
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(tmp_path / "cases.xlsx")
    assert any(one.severity == "refuse" for one in intake.checked(tmp_path / "cases.xlsx", office()).problems)


@pytest.mark.parametrize("name", sorted(BOOK.profiles))
def test_headings_of_any_profile_without_a_case_below_end_in_a_message(tmp_path, name):
    file = written(tmp_path / "cases.xlsx", [headings(name)])
    rules = [one.rule for one in intake.checked(file, BOOK, name).problems if one.severity == "refuse"]
    assert rules == ["no_cases"]


CELLS_OF_ANY = st.one_of(st.none(), VALUES, st.sampled_from(sorted(BOOK.codes.label_en) + DATES))


@st.composite
def of_a_profile(draw):
    """The name of a shipped profile, and rows of any cells below headings of its columns in any order, some missing or twice."""
    name = draw(st.sampled_from(sorted(BOOK.profiles)))
    known = draw(st.lists(st.sampled_from(headings(name)), min_size=1, max_size=20))
    rows = draw(st.lists(st.lists(CELLS_OF_ANY, max_size=len(known)), max_size=8))
    return name, [draw(st.one_of(st.just(known), st.permutations(headings(name)))), *rows]


def headings(name):
    """A heading of each column of a profile."""
    word = {column: heading for heading, column in reversed(BOOK.headers.items())}
    return [how["headers"][0] if "headers" in how else word[column] for column, how in BOOK.profiles[name].get("columns", {}).items()]


@given(made=of_a_profile(), guessed=st.booleans())
def test_every_shipped_profile_ends_in_cases_or_in_a_message(tmp_path, made, guessed):
    name, rows = made
    file = written(tmp_path / "cases.xlsx", rows)
    one = intake.checked(file, BOOK, None if guessed else name)
    if one.cases is None:
        assert any(problem.severity == "refuse" for problem in one.problems)
    assert one.rows["rows_read"] == one.rows["cases"] + one.rows["joined"] + one.rows["set_aside"]
