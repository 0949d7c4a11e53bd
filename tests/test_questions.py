"""What is asked of counts: groups, any of, all of, exactly, sums of overlapping cells, bases and units; against plain Python sets."""

import dataclasses
import itertools
import random
from collections import Counter

import numpy as np
import openpyxl
import pandas as pd
import pytest
from conftest import ECOM
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import count, read, stats, tidy
from analysis.problems import UsageError
from tests.invented import CODES, GROUPS, WHO_APPLIES, codebook_of, invented

UNKNOWN = {"not_stated", "unknown"}


@pytest.fixture(scope="module")
def small(book):
    return codebook_of(book)


def drawn(random):
    """Up to forty invented cases: year, and a set of codes for each variable; and how many victims each states, or None."""
    some = lambda variable: set(random.sample(CODES[variable], random.randint(1, min(4, len(CODES[variable])))))  # noqa: E731
    rows = [(random.choice([None, 2019, 2020, 2023]), *(some(variable) for variable in CODES)) for _ in range(random.randint(0, 40))]
    return rows, [random.choice([None, 0, 1, 2, 7]) for _ in rows]


def as_sets(rows):
    """The cases as variable -> set of codes; groups are variables too."""
    held = [{"year": {str(year) if year else "unknown"}} | dict(zip(CODES, sets)) for year, *sets in rows]
    for row in held:
        for variable, groups in GROUPS.items():
            group_of = {code: name for name, codes in groups.items() for code in codes}
            row[f"{variable}:group"] = {group_of.get(code, code) for code in row[variable]}
    return held


def numbered(rows, victims):
    """The cases with the number of victims that each states."""
    return invented(rows).assign(victims_n=pd.array(victims, dtype="Int64"))


def cells(table, by):
    """Codes -> n of the cells that are not 0."""
    return {tuple(row[:-1]): row[-1] for row in table.loc[table.n > 0, [*count.named(by), "n"]].itertuples(index=False, name=None)}


def by_hand(held, by, weights=None):
    """Codes -> n, one case at a time."""
    found = Counter()
    for row, weight in zip(held, weights or [1] * len(held)):
        for cell in itertools.product(*(row[variable] for variable in by)):
            found[cell] += weight or 0
    return {cell: n for cell, n in found.items() if n}


def test_a_thousand_random_tables_are_counted_as_sets_of_python_count_them(small):
    """Each table is asked one or more of the questions at random; every question is asked of a hundred tables at least."""
    luck, asked = random.Random(4), Counter()
    for _ in range(1000):
        rows, victims = drawn(luck)
        question = luck.choice(QUESTIONS)
        question(small, rows, victims, luck)
        asked[question.__name__] += 1
    assert min(asked.values()) > 100 and len(asked) == len(QUESTIONS)


def ask_breakdown(small, rows, victims, luck):
    by = luck.choices(["year", *CODES, "act:group", "many:group"], k=luck.randint(1, 2))
    where = {"act": ["a", "b"]} if luck.random() < 0.5 else {"many:group": ["high"], "year": ["2019", "unknown"]}
    kept = [row for row in as_sets(rows) if all(row[variable] & set(codes) for variable, codes in where.items())]
    table = count.breakdown(invented(rows), small, by, where)
    assert cells(table, by) == by_hand(kept, by) and set(table.base) <= {len(kept)} and (table.n <= table.base).all()
    own = count.breakdown(invented(rows), small, by, where, within=by[-1])
    having = by_hand(kept, by[-1:])
    assert [having.get((code,), 0) for code in own[count.named(by)[-1 if by.count(by[-1]) == 1 else 0]]] == own.base.tolist()


def ask_bases(small, rows, victims, luck):
    by = luck.choice([["act"], ["who"], ["act", "who"], ["act:group"]])
    held = as_sets(rows)
    table = count.breakdown(invented(rows), small, by, base="answered")
    known = sum(all(row[variable] - UNKNOWN for variable in by) for row in held)
    for *codes, n, base, rule in table[[*by, "n", "base", "base_rule"]].itertuples(index=False, name=None):
        assert (base, rule) == ((len(held), "all") if UNKNOWN & set(codes) else (known, "answered")) and n <= base
        assert n == sum(all(code in row[variable] for variable, code in zip(by, codes)) for row in held)
    asked = [row for row in held if row["act"] & {"a", "b"}]
    table = count.breakdown(invented(rows), small, ["who"], base="applies")
    assert cells(table, ["who"]) == by_hand(asked, ["who"]) and set(table.base) == {len(asked)} and set(table.base_rule) == {"applies"}


def ask_several(small, rows, victims, luck):
    variable = luck.choice(["act", "who", "many", "act:group"])
    every = sorted({code for row in as_sets(rows) for code in row[variable]} | {"c" if "act" in variable else CODES[variable][0]})
    codes = set(luck.sample(every, luck.randint(1, min(3, len(every)))))
    where = luck.choice([{}, {"who": ["x"]}])
    held = [row for row in as_sets(rows) if not where or "x" in row["who"]]
    ways = {count.any_of: [row[variable] & codes for row in held], count.all_of: [codes <= row[variable] for row in held],
            count.exactly: [codes == row[variable] for row in held]}
    for ask, has in luck.sample(list(ways.items()), 1):
        row = ask(invented(rows), small, variable, sorted(codes), where).iloc[0]
        assert (row.n, row.base, row.base_rule, row.unit, row.how) == (sum(map(bool, has)), len(held), "all", "cases", ask.__name__)
        assert set(row[variable].split("+")) == codes
        if variable in CODES:
            behind = count.rows_together(invented(rows), small, variable, "+".join(codes), where, ask.__name__)
            assert len(behind) == row.n


def ask_combinations(small, rows, victims, luck):
    variable = luck.choice(["act", "act:group", "who"])
    table = count.combinations(invented(rows), small, variable)
    held = as_sets(rows)
    assert {frozenset(codes.split("+")): n for codes, n in zip(table[variable], table.n)} == Counter(frozenset(r[variable]) for r in held)
    assert table.n.sum() == len(held) and not table[variable].duplicated().any()
    assert table.index.tolist() == list(range(len(table)))
    assert list(zip(-table.n, table[variable])) == sorted(zip(-table.n, table[variable]))  # largest first, ties by name
    assert set(table.how) <= {"exactly"} and set(table.base) <= {len(held)}
    if len(table) > 1:
        both = count.add(table, small, variable, list(table[variable][:2]))
        assert (both.n.item(), both.base.item()) == (table.n[:2].sum(), len(held))


def ask_mentions(small, rows, victims, luck):
    table = count.breakdown(invented(rows), small, ["act"], {"who": ["x", "y"]}, unit="mentions")
    named = [code for row in as_sets(rows) if row["who"] & {"x", "y"} for code in row["act"] - UNKNOWN]
    assert dict(zip(table.act, table.n)) == {code: named.count(code) for code in "abc"} and set(table.base) == {len(named)}
    assert set(table.base_rule) == set(table.unit) == {"mentions"}
    assert count.add(table, small, "act", ["a", "c"]).n.item() == named.count("a") + named.count("c")


def ask_victims(small, rows, victims, luck):
    by = luck.choice([["act"], ["who", "act:group"], []])
    where = luck.choice([{}, {"act": ["a", "c"]}])
    held = [(row, n) for row, n in zip(as_sets(rows), victims) if not where or row["act"] & {"a", "c"}]
    for source in (numbered(rows, victims), count.profiles(numbered(rows, victims), small, list(CODES), "victims_n")):
        table = count.breakdown(source, small, by, where, unit="victims")
        assert cells(table, by) == by_hand([row for row, _ in held], by, [n for _, n in held])
        assert set(table.base) == {sum(n or 0 for _, n in held)} and set(table.unit) == {"victims"}
        silent = by_hand([row for row, n in held if n is None], by)
        assert [silent.get(tuple(codes), 0) for codes in table[by].itertuples(index=False)] == table.unstated.tolist()


QUESTIONS = [ask_breakdown, ask_bases, ask_several, ask_combinations, ask_mentions, ask_victims]


# What must hold of any table of cases.

CASES = st.lists(st.tuples(st.sampled_from([None, 2019, 2020]), *(st.sets(st.sampled_from(CODES[variable]), min_size=1, max_size=3)
                                                                for variable in CODES)), max_size=25)
BY = st.sampled_from([["act"], ["who", "act"], ["year", "who"], ["many:group", "act:group"]])


@settings(max_examples=40)
@given(CASES, BY, st.randoms())
def test_shuffled_rows_and_two_halves_added_are_the_whole(small, rows, by, luck):
    whole = count.breakdown(invented(rows), small, by, {"who": ["x", "unknown"]})
    shuffled = luck.sample(rows, len(rows))
    if "year" not in by or {year for year, *_ in rows}:
        pd.testing.assert_frame_equal(count.breakdown(invented(shuffled), small, by, {"who": ["x", "unknown"]}), whole)
    cut = len(rows) // 2
    halves = pd.concat([count.profiles(invented(part), small, ["year", *CODES]) for part in (rows[:cut], rows[cut:])])
    pd.testing.assert_frame_equal(count.breakdown(halves, small, by, {"who": ["x", "unknown"]}), whole)


def test_a_real_sheet_split_in_two_files_counts_as_the_whole(made, ecom, book):
    title, blank, heads, *rows = openpyxl.load_workbook(ECOM).worksheets[0].iter_rows(values_only=True)
    found = []
    for at, part in enumerate((rows[:13], rows[13:])):
        raw = read.raw(made([heads, *part], f"part{at}.xlsx"), book, "ecom_cases")
        found.append(tidy.checked(raw, book, {"unit": "cases"}).cases)
    assert [len(part) for part in found] == [13, 18] and len(ecom.cases) == 31
    for by in (["violation"], ["violation:group", "perpetrator"], ["right", "response"]):
        first, last, whole = (count.breakdown(cases, book, by) for cases in (*found, ecom.cases))
        assert (first[["n", "base"]] + last[["n", "base"]]).equals(whole[["n", "base"]]) and whole.n.sum() > 0


@settings(max_examples=40)
@given(CASES, BY)
def test_every_case_twice_doubles_counts_and_bases_and_leaves_shares(small, rows, by):
    for base in ("all", "answered"):
        once, twice = (stats.shares(count.breakdown(invented(cases), small, by, base=base)) for cases in (rows, rows * 2))
        assert (2 * once[["n", "base"]]).equals(twice[["n", "base"]])
        np.testing.assert_array_equal(once.share, twice.share)


@settings(max_examples=40)
@given(CASES)
def test_the_names_and_the_order_of_codes_do_not_matter(small, rows):
    """The same cases under a codebook that lists its codes backwards and calls them otherwise."""
    other = small.codes[::-1].reset_index(drop=True)
    other = dataclasses.replace(small, codes=other.assign(code=[c if c in UNKNOWN else c.upper() for c in other.code]))
    turned = pd.DataFrame({"year": invented(rows).year})
    for at, (variable, codes) in enumerate(CODES.items(), 1):
        masks = [sum(1 << codes[::-1].index(code) for code in row[at]) for row in rows]
        for word, name in enumerate(count.columns(variable, codes)):
            turned[name] = np.array([mask >> 64 * word & 2**64 - 1 for mask in masks], np.uint64)
    for by in (["act"], ["many", "who"], ["act:group"]):
        named = {tuple(c if c in (*UNKNOWN, "g") else c.upper() for c in codes): n
                 for codes, n in cells(count.breakdown(invented(rows), small, by), by).items()}
        assert cells(count.breakdown(turned, other, by), by) == named


@settings(max_examples=40)
@given(CASES)
def test_two_codes_merged_are_any_of_them_and_a_group_of_them(small, rows):
    merged = [(year, {"a" if code == "b" else code for code in act}, who, many) for year, act, who, many in rows]
    one = count.breakdown(invented(merged), small, ["act"]).set_index("act").n["a"]
    either = count.any_of(invented(rows), small, "act", ["a", "b"])
    group = count.breakdown(invented(rows), small, ["act:group"]).set_index("act:group").n["g"]
    assert one == either.n.item() == group
    alone = count.breakdown(invented(rows), small, ["act"]).set_index("act").n
    both = count.all_of(invented(rows), small, "act", ["a", "b"]).n.item()
    assert either.n.item() == alone["a"] + alone["b"] - both  # inclusion and exclusion


@settings(max_examples=40)
@given(CASES)
def test_what_is_counted_within_a_group_is_what_is_counted_after_keeping_it(small, rows):
    within = count.breakdown(invented(rows), small, ["who", "act"], within="who")
    for who in CODES["who"]:
        kept = invented([row for row in rows if who in row[2]])
        for part in (count.breakdown(kept, small, ["act"]), count.breakdown(invented(rows), small, ["act"], {"who": who})):
            mine = within[within.who == who]
            assert part[["n", "base"]].values.tolist() == mine[["n", "base"]].values.tolist()


# What is refused, and why.

FOUR = [(2020, {"a"}, {"x"}, {"m0"}), (2020, {"a", "b"}, {"x", "y"}, {"m1", "m70"}), (2021, {"b"}, {"unknown"}, {"m2", "m3"}),
        (2021, {"not_stated"}, {"y"}, {"m129"})]


def test_cells_that_overlap_are_not_added_and_the_reason_is_said(small):
    table = count.breakdown(invented(FOUR), small, ["act"])
    with pytest.raises(UsageError) as error:
        count.add(table, small, "act", ["a", "b"])
    # a in two cases, b in two, one of them the same: 3 of 4, which lies between 2 and 4.
    said = str(error.value)
    assert said.startswith("A case can have several values of ")
    assert "so these numbers overlap: their sum of 4 counts some cases twice, and is no number of cases. Count the cases" in said
    assert said.endswith("that have any of them: count.any_of(cases, book, 'act', ['a', 'b']). It lies between 2 and 4.")
    assert count.any_of(invented(FOUR), small, "act", ["a", "b"]).n.item() == 3
    for unit in ("cases", "victims"):
        with pytest.raises(UsageError, match="overlap"):
            count.add(count.breakdown(numbered(FOUR, [1] * 4), small, ["many:group"], unit=unit), small, "many:group", ["low", "high"])
    with pytest.raises(UsageError) as error:  # of a cross the union of each cell would be another
        count.add(count.breakdown(invented(FOUR), small, ["year", "act"]), small, "act", ["a", "b"])
    assert "overlap" in str(error.value) and str(error.value).endswith("count.any_of(cases, book, 'act', ['a', 'b']).")
    with pytest.raises(UsageError, match="their sum of 2 counts .* no number of cases"):  # one cell is no sum either
        count.add(table, small, "act", ["a"])


def test_cells_that_cannot_overlap_are_added(small, odihr_kazakhstan, book):
    years = count.breakdown(invented(FOUR), small, ["year", "act"])
    both = count.add(years, small, "year", ["2020", "2021"])
    counts = {"a": 2, "b": 2, "c": 0, "not_stated": 1}
    assert both.values.tolist() == [["2020|2021", code, n, 4, "all", "cases"] for code, n in counts.items()]
    who = count.add(count.breakdown(invented(FOUR), small, ["year", "who"]), small, "year", ["2020", "2021"])
    assert who.who.tolist() == CODES["who"]  # the other variable keeps the codebook's order
    mentions = count.breakdown(invented(FOUR), small, ["act"], unit="mentions")
    assert count.add(mentions, small, "act", ["a", "b"]).values.tolist() == [["a|b", 4, 4, "mentions", "mentions"]]
    together = count.combinations(invented(FOUR), small, "act")
    assert count.add(together, small, "act", ["a", "a+b"]).values.tolist() == [["a|a+b", "exactly", 2, 4, "all", "cases"]]
    victims = count.breakdown(numbered(FOUR, [3, None, 2, 1]), small, ["year"], unit="victims")
    assert count.add(victims, small, "year", ["2020", "2021"]).values.tolist() == [["2020|2021", 6, 6, "all", "victims", 1]]
    # A setting is one of several: Casebook's own sum, and the rows of both by themselves.
    settings = count.breakdown(odihr_kazakhstan.cases, book, ["setting"])
    two = count.add(settings, book, "setting", ["home", "venue"])
    either = count.rows_behind(odihr_kazakhstan.cases, book, {"setting": ["home", "venue"]})
    assert two.n.item() == len(either) > 0 and two.base.item() == 89


def test_cells_of_different_bases_or_that_are_not_there_are_not_added(small):
    within = count.breakdown(invented([*FOUR, FOUR[0]]), small, ["year", "act"], within="year")
    with pytest.raises(UsageError, match="different bases"):
        count.add(within, small, "year", ["2020", "2021"])
    answered = count.combinations(invented(FOUR), small, "who").assign(base_rule=["all", "answered", "all", "all"])
    with pytest.raises(UsageError, match="different bases"):
        count.add(answered, small, "who", list(answered.who))
    years = count.breakdown(invented(FOUR), small, ["year", "act"])
    for at in range(len(years)):  # one cell of another base is enough
        with pytest.raises(UsageError, match="different bases"):
            count.add(years.assign(base=[*[4] * at, 5, *[4] * (len(years) - at - 1)]), small, "year", ["2020", "2021"])
    table = count.breakdown(invented(FOUR), small, "year")  # one variable need not be a list
    for variable, codes in (("year", ["2020", "2022"]), ("year", []), ("act", ["a"])):
        with pytest.raises(UsageError, match="no cell"):
            count.add(table, small, variable, codes)


@pytest.mark.parametrize(("asked", "says"), [
    ({"variable": "year", "codes": ["2020"]}, "a case one year"),
    ({"variable": "act", "codes": ["a"], "unit": "mentions"}, "A mention has one code"),
    ({"variable": "act", "codes": ["z"]}, "act has no code 'z'"),
    ({"variable": "act", "codes": []}, "names no value"),
    ({"variable": "acts", "codes": ["a"]}, "do not hold 'acts'"),
    ({"variable": "act", "codes": ["a"], "unit": "victims"}, "no unit 'victims'"),
    ({"variable": "act", "codes": ["a"], "base": "some"}, "The base is one of all, answered, applies"),
    ({"variable": "act", "codes": ["a"], "base": "applies"}, "does not say to which cases act applies"),
])
def test_a_question_about_several_codes_that_cannot_be_answered(small, asked, says):
    for ask in (count.any_of, count.all_of, count.exactly):
        with pytest.raises(UsageError) as error:
            ask(invented(FOUR), small, **asked)
        assert says in str(error.value)


def test_bases_of_any_of_by_hand(small):
    ask = lambda codes, **how: count.any_of(invented(FOUR), small, "act", codes, **how)[["n", "base", "base_rule"]].values.tolist()[0]  # noqa: E731
    assert ask(["a"], base="answered") == [2, 3, "answered"]
    assert ask(["a", "not_stated"], base="answered") == [3, 4, "all"]  # not knowing is no part of those who answered
    who = count.any_of(invented(FOUR), small, "who", ["x", "y"], base="applies")  # it applies to the first three
    assert who[["n", "base", "base_rule"]].values.tolist() == [[2, 3, "applies"]]
    assert WHO_APPLIES == small.applies("who") == small.applies("who:group")
    victims = count.all_of(numbered(FOUR, [None, 5, 2, 1]), small, "act", ["a", "b"], unit="victims")
    assert victims[["n", "base", "unstated", "unit"]].values.tolist() == [[5, 8, 0, "victims"]]
    silent = count.any_of(numbered(FOUR, [None, 5, 2, 1]), small, "act", ["a", "b"], {"who": ["x"]}, unit="victims")
    assert silent[["n", "base", "unstated"]].values.tolist() == [[5, 5, 1]]


def test_two_rules_of_whom_a_question_applies_to_that_ask_different_things_are_not_put_together(small):
    variables = small.variables.copy()
    for rule, says in (("act=c", "different things of one variable"), ("act=a,b", None)):
        variables.loc["many", "applies"] = rule
        other = dataclasses.replace(small, variables=variables)
        if says:
            with pytest.raises(UsageError, match=says):
                count.breakdown(invented(FOUR), other, ["who", "many"], base="applies")
        else:
            assert set(count.breakdown(invented(FOUR), other, ["year", "who", "many"], base="applies").base) == {3}


def test_a_share_of_mentions_is_never_a_share_of_cases(small):
    """As kobotoolbox/kobocat#207: 4,792 respondents gave 10,876 mentions; the base of a percentage of respondents is 4,792.

    Invented: 2,000 name three codes, 2,084 two and 708 one; 3 x 2,000 + 2 x 2,084 + 708 = 10,876.
    """
    rows = [(2020, set(acts), {"x"}, {"m0"}) for acts, n in {"abc": 2000, "ab": 2084, "a": 708}.items() for _ in range(n)]
    of_cases, of_mentions = (count.breakdown(invented(rows), small, ["act"], unit=unit) for unit in ("cases", "mentions"))
    assert of_cases.n.sum() == of_mentions.n.sum() == 10_876
    assert set(of_cases.base) == {4792} and set(of_cases.unit) == {"cases"} and set(of_cases.base_rule) == {"all"}
    assert set(of_mentions.base) == {10_876} and set(of_mentions.unit) == set(of_mentions.base_rule) == {"mentions"}
    # b: 4,084 of 4,792 respondents are 85 %, and of the mentions 38 %.
    shares = [stats.shares(table).set_index("act").share["b"] for table in (of_cases, of_mentions)]
    assert [round(100 * share) for share in shares] == [85, 38]


def test_every_result_names_its_unit_and_its_base_rule(small):
    cases = numbered(FOUR, [1, 2, None, 3])
    for unit in ("cases", "victims", "mentions"):
        for base in ("all", "answered") if unit != "mentions" else ("all",):
            table = count.breakdown(cases, small, ["act"], base=base, unit=unit)
            assert set(table.unit) == {unit} and set(table.base_rule) == {"mentions" if unit == "mentions" else base} | (
                {"all"} if base == "answered" else set())
            assert ("unstated" in table) == (unit == "victims")
    within = count.breakdown(cases, small, ["year", "act"], within="year")
    assert set(within.base_rule) == {"within year"}
    assert count.combinations(cases, small, "act", unit="victims")[["act", "n", "unstated"]].values.tolist() == [
        ["not_stated", 3, 0], ["a+b", 2, 0], ["a", 1, 0], ["b", 0, 1]]
    # A sum has no interval, a count of cases has one.
    shares = [stats.shares(count.breakdown(cases, small, ["act"], unit=unit)) for unit in ("cases", "victims")]
    assert [set(table.method) for table in shares] == [{"wilson"}, {"sum"}]
    assert shares[0].low.notna().all() and shares[1][["low", "high"]].isna().all(axis=None)
    assert shares[1].share.tolist() == [3 / 6, 2 / 6, 0, 3 / 6]


def test_unknown_kinds_stand_apart_in_every_breakdown(odihr_kazakhstan, book):
    kinds = ["unknown", "not_stated", "refused", "not_asked"]
    for by in (["perpetrator"], ["perpetrator:group"], ["violation", "perpetrator"]):
        table = count.breakdown(odihr_kazakhstan.cases, book, by)
        assert [code for code in dict.fromkeys(table[by[-1]]) if code in kinds] == kinds
    combined = count.combinations(odihr_kazakhstan.cases, book, "perpetrator")
    alone = count.breakdown(odihr_kazakhstan.cases, book, ["perpetrator"]).set_index("perpetrator").n
    assert combined.set_index("perpetrator").n["unknown"] == alone["unknown"] > 0
