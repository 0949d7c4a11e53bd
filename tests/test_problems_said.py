"""Problems in words: in Russian as in English, once for many cells, and in JSON one by one."""

import ast
import csv
import string

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from test_problems import HERE, said_of

from analysis.problems import DataError, as_json, as_text, heading, phrase, problem, refuse, said, shape


def rows(table):
    with open(ROOT / "data" / "codebook" / f"{table}.csv", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def gaps(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def cyrillic(text):
    return any("а" <= letter <= "я" for letter in text.casefold())


def many(*cells, sheet="Cases", value="Threets"):
    return [problem("unknown_code", "a.xlsx", sheet, cell, "violation", value=value, nearest="Threats") for cell in cells]


@pytest.mark.parametrize("rule", rows("rules"), ids=lambda row: row["rule"])
def test_every_message_has_a_russian_text_that_says_no_more_and_no_less(rule):
    assert list(rule) == ["rule", "severity", "message", "message_ru"]
    assert cyrillic(rule["message_ru"]) and rule["message_ru"].endswith((".", "?"))
    russian = {name.removesuffix("_headings") for name in gaps(rule["message_ru"])}
    # English words stand in a sentence of their own in Russian, so that one of them may be left out: never one be added.
    assert russian <= gaps(rule["message"]) | {"column"}, russian


def test_every_phrase_has_a_russian_text_with_the_same_gaps():
    assert [row for row in rows("phrases") if gaps(row["phrase"]) != gaps(row["phrase_ru"])] == []
    same = {row["phrase"] for row in rows("phrases") if row["phrase"] == row["phrase_ru"]}
    assert {row["phrase"] for row in rows("phrases") if not cyrillic(row["phrase_ru"])} == same == set()


def literals(node):
    """The texts that an expression may be: of a choice both, of a text with gaps one with 7 in them."""
    if isinstance(node, ast.IfExp):
        return [*literals(node.body), *literals(node.orelse)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def phrases_of(tree):
    """Each (word, text) that a call of `problem` writes out, or a call of a function that hands its own word on to `problem`."""
    functions = {one.name: [arg.arg for arg in one.args.args] for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)
                 and any(isinstance(call, ast.Call) and getattr(call.func, "id", "") == "problem" for call in ast.walk(one))}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", "")
        if name in ("problem", "Wrong"):
            yield from ((word.arg, text) for word in call.keywords for text in literals(word.value))
        for word, node in zip(functions.get(name, []), call.args):
            yield from ((word, text) for text in literals(node) if word in ("kind", "why", "shape", "what"))


def test_every_phrase_that_the_code_puts_into_a_message_has_a_russian_text():
    found = {pair for file in (ROOT / "src" / "analysis").rglob("*.py") for pair in phrases_of(ast.parse(file.read_text(encoding="utf-8")))}
    found = {(word, text) for word, text in found if word not in ("sheet", "cell", "column") and " " in text}
    assert ("why", "it is not CSV in UTF-8 with its six columns between commas") in found
    assert [(word, text) for word, text in sorted(found) if not cyrillic(phrase(word, text, "ru"))] == []


@given(st.text(max_size=30) | st.integers() | st.floats())
def test_the_shape_of_any_value_can_be_said_in_russian(value):
    told = phrase("shape", shape(value), "ru")
    assert cyrillic(told) and not any(letter in told for letter in string.ascii_letters)


@pytest.mark.parametrize("rule", HERE)
def test_every_problem_can_be_told_in_russian_from_its_prefix_to_its_end(rule, made, private_book, tmp_path):
    problems, _, _ = said_of(rule, made, private_book, tmp_path)
    one = next(one for one in problems if one.rule == rule)
    told = as_text([one], "ru")
    assert told.startswith("ОШИБКА " if one.severity == "refuse" else "заметка ")
    assert cyrillic(said(one, "ru")) and "{" not in said(one, "ru") and one.message not in told
    english = ("sheet ", "text of", "a number", "victims_n", "perpetrator,", "it is ", "violation")
    assert not any(word in said(one, "ru").replace(one.file, "") for word in english if word not in dict(one.words).get("spellings", ""))


def test_a_column_is_called_in_russian_as_the_codebook_heads_it():
    # headers.csv: the first Russian heading of violation is "Вид нарушения"; it has none for `official`, variables.csv calls it so.
    assert [heading(one, "ru") for one in ("violation", "violation#2", "official", "nothing")] == [
        "Вид нарушения", "Вид нарушения", "Официальный показатель", "nothing"]
    one = problem("no_content", "a.xlsx", "Май", "A4", columns="violation, setting")
    assert said(one, "ru").endswith("полей: Вид нарушения, Место события.") and said(one) == one.message


def test_a_value_is_never_translated_even_where_it_is_a_phrase():
    one, = many("C7", value="a number")
    assert "«a number»" in said(one, "ru") and "«Вид нарушения»" in said(one, "ru")


def test_a_phrase_may_hold_anything_in_its_gaps():
    assert phrase("other", "7 of sheet Май\n{x} (2)", "ru") == "7 листа Май\n{x} (2)"
    assert phrase("other", "7", "ru") == "7" and phrase("other", "7 of sheet Май", "en") == "7 of sheet Май"


def test_the_same_problem_in_many_cells_is_one_line_that_names_them_all():
    # C12 to C40 are 29 cells, and with C7, C9 and AB3 they are 32.
    problems = many("AB3", "C9", "C7", *(f"C{number}" for number in range(12, 41)))
    assert as_text(problems[::-1]) == ("ERROR a.xlsx, sheet Cases, C7, C9, C12-C40, AB3 (32 cells): " + problems[0].message)
    assert as_text(problems, "ru").startswith("ОШИБКА a.xlsx, лист Cases, C7, C9, C12-C40, AB3 (ячеек: 32): ")


def test_one_cell_is_told_as_before():
    one, = many("C7")
    assert as_text([one]) == str(one) == f"ERROR a.xlsx, sheet Cases, C7: {one.message}"
    note = problem("repeated_header", "a.xlsx", "Cases", "A2")
    assert as_text([note]) == f"note  a.xlsx, sheet Cases, A2: {note.message}"
    assert as_text([problem("file_missing", "a.xlsx")]).startswith("ERROR a.xlsx: ")


def test_other_words_another_sheet_or_another_rule_are_lines_of_their_own_in_the_order_of_the_sheets():
    problems = [*many("C9", "C3", sheet="B"), *many("C2", sheet="B", value="Threts"), *many("C4", sheet="A"), *many("C1", sheet="C")]
    places = [line.partition(": ")[0].removeprefix("ERROR a.xlsx, sheet ") for line in as_text(problems).splitlines()]
    assert places == ["A, C4", "B, C2", "B, C3, C9 (2 cells)", "C, C1"]


def test_a_list_of_cells_that_would_fill_the_screen_is_cut_short_but_counted():
    told = as_text(many(*(f"C{number}" for number in range(1, 1000, 2))))
    assert "C1, C3, " in told and "C79, ... (500 cells)" in told and "C81" not in told


@given(st.sets(st.tuples(st.sampled_from(["A", "C", "Z", "AA"]), st.integers(1, 60)), min_size=1, max_size=39))
def test_every_cell_is_in_the_list_once(cells):
    told = as_text(many(*(f"{letters}{number}" for letters, number in cells)))
    named = told.partition(": ")[0].removeprefix("ERROR a.xlsx, sheet Cases, ")
    listed = []
    for piece in named.partition(" (")[0].split(", "):
        first, _, last = piece.partition("-")
        letters = first.rstrip(string.digits)
        listed += [(letters, number) for number in range(int(first[len(letters):]), int((last or first)[len(letters):]) + 1)]
    assert sorted(listed) == sorted(cells)


def test_json_has_one_object_for_each_cell_under_the_names_it_has_always_had():
    one, = many("C7")
    assert as_json(one) == {"file": "a.xlsx", "sheet": "Cases", "cell": "C7", "column": "violation", "rule": "unknown_code",
                            "severity": "refuse", "message": one.message}
    assert as_json(one, "ru")["message"] == said(one, "ru") != one.message


def test_a_problem_keeps_only_the_words_that_are_said():
    one = problem("bad_date", "a.xlsx", "Cases", "B2", "date", shape="text", value="Zarina Inventedova")
    assert one.words == (("shape", "text"),) and "Zarina" not in repr(one)


def test_an_error_says_all_problems_in_the_language_that_was_asked_for():
    problems = [*many("C7", "C8"), problem("repeated_header", "a.xlsx", "Cases", "A9")]
    for lang, word in (("en", "ERROR"), ("ru", "ОШИБКА")):
        with pytest.raises(DataError) as refused:
            refuse(problems, lang)
        assert str(refused.value) == as_text(problems, lang) and str(refused.value).startswith(word)
        assert len(refused.value.problems) == 3


def test_a_correction_may_name_any_cell_and_is_still_told():
    strange = ["", "9" * 500, "C", "C7!", "Cases!C3", "№ 5"]
    told = as_text([problem("correction_lost", "a.xlsx", "", cell) for cell in strange])
    assert len(told.splitlines()) == 1 and "C, № 5, C7!, Cases!C3, 999" in told and "9 (5 cells)" in told
