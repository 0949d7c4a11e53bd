"""Who could be singled out: against published examples, brute force, and a sheet worked by hand."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import codebook_of, invented

from analysis.protection import risk

# Sweeney, k-anonymity: a model for protecting privacy (2002), figure 2: race, birth, gender, ZIP and problem; k = 2 over the first four.
SWEENEY = """black 1965 m 0214* short_of_breath;black 1965 m 0214* chest_pain
black 1965 f 0213* hypertension;black 1965 f 0213* hypertension
black 1964 f 0213* obesity;black 1964 f 0213* chest_pain;white 1964 m 0213* chest_pain;white 1964 m 0213* obesity
white 1964 m 0213* short_of_breath;white 1967 m 0213* chest_pain;white 1967 m 0213* chest_pain""".replace("\n", ";").split(";")
# Statistical Disclosure Control for Microdata: A Practice Guide (World Bank, IHSN), the table that illustrates SUDA scores.
GUIDE = """urban female secondary_incomplete employed;urban female secondary_incomplete employed;urban female primary_incomplete non_lf
urban male secondary_complete employed;rural female secondary_complete unemployed;urban male secondary_complete employed
urban female primary_complete non_lf;urban male post_secondary unemployed;urban female secondary_incomplete non_lf
urban female secondary_incomplete non_lf""".replace("\n", ";").split(";")


def marked(rows, names):
    """Rows of words as True and False, one column a word under its name; the rows are called 1, 2, 3 ..."""
    table = pd.DataFrame([row.split() for row in rows], columns=names, index=pd.RangeIndex(1, len(rows) + 1, name="case_id"))
    return pd.get_dummies(table, prefix_sep="=")


def test_the_table_of_sweeney_is_2_anonymous_and_two_of_its_classes_give_the_problem_away():
    every = marked(SWEENEY, ["race", "birth", "gender", "zip", "problem"])
    problem = [column for column in every if column.startswith("problem=")]
    found = risk.classes(every.drop(columns=problem), every[problem]).set_index("case_id").sort_index()
    assert found.k.tolist() == [2, 2, 2, 2, 2, 2, 3, 3, 3, 2, 2]  # three pairs, the three white men of 1964, a pair
    assert found.l.tolist() == [2, 2, 1, 1, 2, 2, 3, 3, 3, 1, 1]
    assert found.certain.tolist() == [""] * 2 + ["problem=hypertension"] * 2 + [""] * 5 + ["problem=chest_pain"] * 2


def test_the_scores_of_the_practice_guide_are_reproduced():
    known = marked(GUIDE, ["residence", "gender", "education", "labor"])
    found = risk.singled_out(known)
    # Record 5: {rural} of size 1, and three of size 2, as the guide lists them.
    assert {frozenset(one.split(" + ")) for one in found["items"][found.case_id == 5]} == {
        frozenset({"residence=rural"}), frozenset({"education=secondary_complete", "labor=unemployed"}),
        frozenset({"gender=female", "labor=unemployed"}), frozenset({"gender=female", "education=secondary_complete"})}
    # {rural}: 3 * 2 * 1 = 6; each of size 2: 2 * 1 = 2; so 6 + 2 + 2 + 2 = 12. The others as printed.
    assert risk.scores(found, 4).set_index("case_id").score.to_dict() == {5: 12, 8: 10, 3: 6, 7: 6}
    assert risk.scores(found, 4).case_id.tolist() == [5, 8, 3, 7]


def test_a_combination_counts_more_the_fewer_codes_it_needs_and_the_more_variables_there_are():
    rows = [("A-1", 1, "a"), ("A-2", 2, "b + c"), ("A-3", 3, "b + d + e"), ("A-3", 2, "c + d")]
    found = pd.DataFrame(rows, columns=["case_id", "size", "items"])
    # Of six variables: size 1 is 5 * 4 * 3 = 60, size 2 is 4 * 3 = 12, size 3 is 3. Of three, with 2 as the largest: 2 * 1 = 2 and 1.
    assert risk.scores(found, 6).values.tolist() == [["A-1", 1, 1, 60], ["A-3", 2, 2, 15], ["A-2", 1, 2, 12]]
    assert risk.scores(found[:2], 3).score.tolist() == [2, 1]


def brute(has):
    """Every set of up to three columns that exactly one row has whole, and of which no part is such a set."""
    found = set()
    for size in (1, 2, 3):
        for one in itertools.combinations(range(len(has[0])), size):
            rows = [at for at, row in enumerate(has) if all(row[column] for column in one)]
            parts = (part for n in range(1, size) for part in itertools.combinations(one, n))
            if len(rows) == 1 and not any(part in {known for _, known in found} for part in parts):
                found.add((rows[0], one))
    return found


@given(st.integers(1, 12).flatmap(lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=14)))
def test_the_smallest_combinations_are_those_that_trying_all_of_them_finds(rows):
    known = pd.DataFrame(np.array(rows, bool), index=pd.RangeIndex(len(rows), name="case_id")).rename(columns=str)
    found = risk.singled_out(known)
    assert {(case, tuple(map(int, said.split(" + ")))) for case, said in zip(found.case_id, found["items"])} == brute(rows)
    assert found["size"].tolist() == sorted(len(said.split(" + ")) for said in found["items"])


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=14))
def test_classes_are_those_that_comparing_all_pairs_finds(rows):
    every = pd.DataFrame(np.array(rows, bool), columns=list("abxy"), index=pd.RangeIndex(len(rows), name="case_id"))
    found = risk.classes(every[["a", "b"]], every[["x", "y"]]).set_index("case_id")
    for at, row in enumerate(rows):
        alike = [other for other in rows if other[:2] == row[:2]]
        shared = [name for name, held in zip("xy", zip(*(other[2:] for other in alike))) if all(held)]
        assert found.loc[at].tolist() == [len(alike), len({other[2:] for other in alike}), " + ".join(shared)]


@pytest.fixture
def mine(book):
    """The invented codebook, its codes and variables labelled with their own names."""
    made = codebook_of(book)
    return dataclasses.replace(made, codes=made.codes.assign(label_en=made.codes.code),
                               variables=made.variables.assign(label_en=made.variables.index))


def test_items_are_the_known_codes_that_some_case_has_and_years(mine):
    rows = [(2023, {"a", "b"}, {"x"}, {"m0"}), (2024, {"a"}, {"unknown"}, {"m129"}), (None, {"not_stated"}, {"y"}, {"m0"})]
    cases = invented(rows).assign(case_id=["A-1", "A-2", "A-3"])
    table = risk.items(cases, mine, ["year", "act", "who", "many"])
    held = {case: [column for column in table if table.at[case, column]] for case in table.index}
    assert held == {"A-1": ["year: 2023", "act: a", "act: b", "who: x", "many: m0"], "A-2": ["year: 2024", "act: a", "many: m129"],
                    "A-3": ["who: y", "many: m0"]}


def test_the_summary_counts_cases_once_under_their_smallest_combination(mine):
    # a is in 1 to 3, b only in 1, x in 1 and 2, y in 3 and 4. Case 1 is told by b. Case 2 by nothing: a and x are in 1 too.
    # Case 3 by a and y together. Case 4 has y alone, as 3 has.
    known = pd.DataFrame({"a": [1, 1, 1, 0], "b": [1, 0, 0, 0], "x": [1, 1, 0, 0], "y": [0, 0, 1, 1]}).astype(bool)
    known.index = pd.Index([1, 2, 3, 4], name="case_id")
    found, alike = risk.singled_out(known), risk.classes(known, known[["a"]])
    assert found[["case_id", "size", "items"]].values.tolist() == [[1, 1, "b"], [3, 2, "a + y"]]
    assert risk.summary(alike, found, 2).cases.tolist() == [4, 4, 4, 0, 1, 1, 0]
