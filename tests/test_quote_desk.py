"""The quote desk: what of a quote singles its case out among invented cases, and a wording that does not; it approves nothing."""

import csv
import hashlib
import shutil
from itertools import combinations

import confidential
import pytest
import yaml
from conftest import ROOT

from analysis import codebook
from analysis.problems import UsageError
from analysis.protection import quote_desk

HEADS = ["Case ID", "Date of event", "Key population", "Type of violation", "Violator", "Gender", "Age", "Region", "Consent to publish",
         "Name", "Phone"]
CASES = [("2024-05-14", "Trans woman", "23", "Mangystau Region"), ("2024-05-20", "Trans woman", "23", "Mangystau Region"),
         ("2024-05-14", "Man", "30", "Almaty"), ("2024-06-01", "Trans woman", "19", "Almaty"),
         ("2024-04-02", "Trans woman", "24", "Almaty"), ("2024-11-02", "Trans woman", "20", "Almaty"),
         ("2023-05-14", "Man", "44", "Almaty"), ("2024-05", "Man", "23", "Mangystau Region"),
         ("2024", "Woman", "22", "Almaty"), ("2024-02-03", "Man", "51", "Astana")]
FILE = "office/cases.csv"
ENGLISH = "I am 23. On 14 May 2024 the police in Mangystau threatened me."


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Ten cases whose counts can be taken by eye, of a confidential source."""
    place = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "data" / "codebook", place / "data" / "codebook")
    file = place / "data" / "raw" / FILE
    file.parent.mkdir(parents=True)
    with open(file, "w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([HEADS, *(
            (f"INV-{n:03}", day, "LGBT person (not specified)", "Threats", "Police", gender, age, place_of, "Yes" if n == 1 else "",
             "Примерия Вымышлянова" if n == 2 else f"Invented Person {n}", f"+7 700 000 00 {n:02}")
            for n, (day, gender, age, place_of) in enumerate(CASES, 1))])
    record = confidential.record(file) | {"profile": "react", "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    file.with_name("cases.csv.source.yml").write_text(yaml.safe_dump(record), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBOOK_HOME", str(place))
        yield place


def desk(text, said_by="a trans woman", case="INV-001"):
    return quote_desk.laid_out("q1", FILE, case, text, said_by, codebook.load())


def found(one):
    return {row.words: (row.what, row.cases, row.singles_out) for row in quote_desk.facts(one).itertuples()}


@pytest.fixture(scope="module")
def english(home):
    return desk(ENGLISH)


def test_each_fact_is_found_and_counted(english):
    # 23: cases 1, 2, 8. That day: 1 and 3, for 7 is of another year. Mangystau: 1, 2, 8. Trans women: 1, 2, 4, 5, 6. Police: all.
    assert found(english) == {"23": ("age: 23", 3, "yes"), "14 May 2024": ("Date: 2024-05-14", 2, "yes"),
                              "police": ("Perpetrator: Police", 10, "no"), "Mangystau": ("Region: Mangystau Region", 3, "yes"),
                              "trans woman": ("Gender: Trans woman", 5, "no")}
    assert english.consent and not desk("Nothing.", case="inv-002").consent


def test_each_two_and_all_together_are_counted(english):
    told = quote_desk.together(english).set_index("words").cases.to_dict()
    every = "23 + 14 May 2024 + police + Mangystau + trans woman"
    # 23 and Mangystau are the same three cases; with a trans woman 1 and 2; on that day only 1.
    assert told == {every: 1, "23 + 14 May 2024": 1, "14 May 2024 + Mangystau": 1, "14 May 2024 + trans woman": 1, "23 + trans woman": 2,
                    "Mangystau + trans woman": 2, "14 May 2024 + police": 2, "23 + Mangystau": 3, "23 + police": 3, "police + Mangystau": 3,
                    "police + trans woman": 5}
    assert set(quote_desk.together(english).singles_out[:-1]) == {"yes"} and quote_desk.together(english).singles_out.iloc[-1] == "no"


def test_the_proposal_says_as_little_less_as_is_needed(english):
    # The rarest first: the day becomes Q2 (1, 2, 3, 4, 5, 8), 23 becomes 18 to 24 (1, 2, 4, 5, 6, 8, 9), Mangystau the country. Of trans
    # women these leave 1, 2, 4, 5, one too few; with the year in place of its quarter 6 comes, and five are enough.
    assert quote_desk.proposal(english) == ("I am [-23-]{+18 to 24+}. On [-14 May 2024-]{+2024+} the police in [-Mangystau-]{+Kazakhstan+} "
                                            "threatened me.\na trans woman")
    assert quote_desk.left(english) == 5
    assert "{+Q2 2024+}" in quote_desk.proposal(desk("It was on 14 May 2024.", said_by="a person"))  # six cases
    assert quote_desk.proposal(desk("The police threatened me.")) == "The police threatened me.\na trans woman"


def test_whatever_the_facts_the_proposal_reaches_k_and_no_step_of_it_can_be_spared(english):
    for size in range(1, 6):
        for facts in combinations(english.facts, size):
            for k in (5, 7, 10, 11):
                one = english._replace(facts=list(facts), k=k)
                chosen = quote_desk.general(one)
                at = [fact.steps.index(step) for fact, step in zip(facts, chosen)]
                assert quote_desk.left(one) >= k or all(step.what == "taken out" for step in chosen) and k == 11
                less = [[*at[:n], step, *at[n + 1:]] for n in range(size) for step in range(at[n])]
                assert k == 11 or all(quote_desk.shared_by(one, way) < k for way in less)


@pytest.mark.parametrize("text, words", [
    ("Мне 23 года. 14 мая 2024 года полиция в Мангистауской области угрожала мне.",
     ["23", "14 мая 2024", "полиция", "Мангистауской области", "угрожала"]),
    ("Мне двадцать три. В мае 2024 меня били в Актау.", ["двадцать три", "мае 2024", "Актау"]),
    ("Маған 23 жас. 2024 жылғы 14 мамырда Маңғыстау облысында полиция қорқытты.", ["23", "2024 жылғы 14 мамырда", "Маңғыстау облысында",
                                                                                  "полиция", "қорқытты"]),
    ("I am twenty-three. It was on 2024-05-14, or 14.05.2024, or May 14th, 2024, in May, in 2024.",
     ["twenty-three", "2024-05-14", "14.05.2024", "May 14th, 2024", "May", "2024"]),
    # The day, the month and the year are compared as far as they are those of the case.
    ("I am 24. It was in June 2024, on 15 May 2024, in 2023, in Almaty; doctors.", ["2024", "May 2024"])],
    ids=["ru", "ru words", "kk", "en", "of other cases"])
def test_facts_are_known_in_each_language_and_in_every_way_to_write_them(home, text, words):
    assert list(found(desk(text, said_by="-"))) == words


def test_what_says_who_somebody_is_goes_whatever_it_is_shared_by(home):
    one = desk("Ask Invented Person 1 or Вымышляновой Примерии, +7 (700) 000-00-09, at INV 004, or write to me@example.org. "
               "The police know.")
    assert {words: row[0] for words, row in found(one).items()} == {
        "Invented Person 1": "identifier of the sheet", "Вымышляновой Примерии": "identifier of the sheet",
        "+7 (700) 000-00-09": "telephone number", "INV 004": "code of a case of the sheet", "me@example.org": "e-mail address",
        "police": "Perpetrator: Police", "trans woman": "Gender: Trans woman"}
    assert quote_desk.proposal(one).endswith("or write to [-me@example.org-]{+…+}. The police know.\na trans woman")
    assert "Invented" not in " ".join(quote_desk.together(one).words) and quote_desk.left(one) == 5


def test_an_occupation_of_the_office_is_taken_out_when_it_singles_out(tmp_path, monkeypatch):
    """A sheet with variables of its own: 31 cases, of which a code with one case has no wider group to be said by."""
    monkeypatch.setenv("CASEBOOK_HOME", str(confidential.project(tmp_path, 31)))
    rows = [confidential.case(n) for n in range(1, 32)]
    shared = {code: sum(row["occupation"] == code for row in rows) for code in ("teacher", "doctor", "police_officer")}
    code = next(code for code, n in shared.items() if 0 < n < 5)
    mine = next(row for row in rows if row["occupation"] == code)
    one = quote_desk.laid_out("q1", confidential.SHEET, mine["case_id"], f"I worked as a {code.replace('_', ' ')}.", "-", codebook.load())
    assert [(row.cases, row.singles_out) for row in quote_desk.facts(one).itertuples() if row.what.startswith("Occupation")] == [
        (shared[code], "yes")]
    assert f"[-{code.replace('_', ' ')}-]{{+…+}}" in quote_desk.proposal(one)


def test_nothing_is_approved_and_nothing_written(home, english):
    before = sorted(home.rglob("*"))
    said = quote_desk.register_row(english)
    whole = hashlib.sha256(f"{ENGLISH}\na trans woman".encode()).hexdigest()
    assert said == f"quote:q1,{whole},,,," and sorted(home.rglob("*")) == before
    assert whole not in quote_desk.register_row(english._replace(text=ENGLISH + " "))


def test_a_case_that_the_sheet_does_not_have_is_not_repeated(home):
    with pytest.raises(UsageError, match="office/cases.csv has no case with this code") as told:
        desk(ENGLISH, case="INV-077")
    assert "077" not in str(told.value)
