"""The parts of the national report that rest on decisions: laws, quotes, recommendations, earlier editions, and shares in words."""

import csv
import hashlib
import re
import shutil

import openpyxl
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from test_report import about, changed, kazakhstan, stand_ins, uzbekistan  # noqa: F401  fixtures

from analysis import codebook, ledger, protect, report, sha256, source, table, tidy
from analysis.problems import UsageError
from analysis.protection import release
from analysis.published import editions
from analysis.wording import decided, in_words, quotes
from analysis.wording.follow import unmarked
from analysis.wording.grids import Grids
from analysis.wording.parts import Parts
from analysis.wording.say import Say

REPORT = "kazakhstan-2024"
CHAPTERS = ["Summary", "Introduction", "Methodology", "Legislation", "Access to rights", "Right by right",
            "Legal protection and the way to justice", "Hate incidents reported to ODIHR", "How sure these numbers are", "Years",
            "Conclusions", "Recommendations", "What changed since the last edition", "Sources", "Acronyms"]


@pytest.fixture(scope="module")
def figures(kazakhstan, tmp_path_factory):  # noqa: F811
    return stand_ins(kazakhstan, tmp_path_factory.mktemp("figures"))


@pytest.fixture
def own_book(tmp_path):
    """A copy of the codebook that a test may spoil, and a way to put rows in place of a file's own (None leaves it as it is)."""
    folder = shutil.copytree(ROOT / "data" / "codebook", tmp_path / "codebook")

    def with_rows(name=None, rows=(), columns=None):
        if name:
            head = columns or list(rows[0])
            with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, head)
                writer.writeheader()
                writer.writerows(rows)
        return codebook.load(folder)
    codebook._load.cache_clear()
    return with_rows


def rows_of(name):
    with open(ROOT / "data" / "codebook" / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_of(safe, figures, book, **more):
    """The report as Markdown without escapes and in single spaces, and the notes for the author."""
    text, notes = report.written(safe, figures, book, "en", about(REPORT)._replace(**more))
    return re.sub(r"\s+", " ", text.replace("\\", "")), notes


def part(text, chapter):
    """The text of one chapter."""
    return re.split(r" # ", text.partition(f"# {chapter} ")[2])[0]


def test_the_chapters_stand_in_their_order(kazakhstan, figures, book):  # noqa: F811
    text, notes = report.written(kazakhstan, figures, book, "en", about(REPORT))
    found = re.findall("^# (.+)$", text, re.MULTILINE)
    assert found == [one for one in CHAPTERS if one != "What changed since the last edition"]
    left_out = " ".join(notes)
    for section in ("What changed since the last edition", "Quotes", "Why cases went no further", "What such lists leave out"):
        assert section in left_out and f"# {section}" not in text


# --- laws

def test_every_law_is_in_the_table_and_those_below_the_standard_in_prose(kazakhstan, figures, book):  # noqa: F811
    text = part(text_of(kazakhstan, figures, book)[0], "Legislation")
    assert "| Health | Criminal Code, article 118, paragraph 1 | Exposing another person to HIV" in text
    # Since when and what changed are recorded of no provision: the table has no column for them.
    assert "| What it says | Status and what this report asks for |" in text
    assert "| below the standard: No special offence for exposing another person to HIV. |" in text
    assert text.count("| not judged |") == 10  # the ten articles that the list of 2018 names by their titles
    assert "Four provisions fall short" in text and "For ten provisions no judgement is recorded" in text
    assert "Since when the provisions are in force is not recorded" in text and "kok.team" in text
    assert "**Code on Marriage and Family, article 257, paragraph 13.** The gender marker" in text


def test_what_changed_in_the_law_and_since_when_is_said(kazakhstan, figures, own_book):  # noqa: F811
    rows = rows_of("laws")
    rows[0] |= {"since": "2015-01-01", "changed": "amended", "change_en": "The arrest was shortened."}
    rows[1] |= {"since": "2015", "changed": "none", "status": "meets"}
    text = part(text_of(kazakhstan, figures, own_book("laws", rows))[0], "Legislation")
    assert "| In force since | Status and what this report asks for | Changes since the last edition |" in text
    assert "| 1 January 2015 | below the standard" in text and "| 2015 | meets the standard: " in text
    assert "Since the last edition these changed: - **Criminal Code, article 118, paragraph 1:** amended: The arrest was shortened." in text
    assert "Three provisions fall short" in text and "is law already in: - **Criminal Code, article 118, paragraph 2.**" in text
    assert "is not recorded here" not in text
    rows[0] |= {"changed": "none", "change_en": ""}
    text = part(text_of(kazakhstan, figures, own_book("laws", rows))[0], "Legislation")
    assert "No provision is recorded as changed since the last edition." in text


def test_everything_wrong_with_the_decisions_is_told_at_once(own_book):
    laws, said = rows_of("laws"), rows_of("recommendations")
    laws[0] |= {"country": "xx", "since": "about 2014", "status": "bad", "changed": "perhaps"}
    laws[1] |= {"right": "happiness", "says_en": "", "status": "partly", "standard_en": "", "changed": "amended"}
    laws[3] |= {"law": laws[2]["law"]}
    said[0] |= {"addressee": "neighbours", "status": "soon", "evidence": "law:kz_no_such_law"}
    own_book("laws", laws)
    book = own_book("recommendations", said)
    with pytest.raises(UsageError) as told:
        decided.rows("acronyms", book, "en")
    lines = str(told.value).splitlines()
    for line, what in ((2, "country is no code"), (2, "since must be a year or a day"), (2, "status must be meets, partly, below or empty"),
                       (2, "changed must be none, new, amended, repealed or empty"), (3, "right is no code"), (3, "says_en is empty"),
                       (3, "standard_en is empty, so nobody"), (3, "change_en is empty: say what was amended"), (4, "law stands twice"),
                       (5, "law stands twice")):
        assert any(one.startswith(f"laws.csv, line {line}: {what}") for one in lines), (line, what)
    for what in ("addressee must be state, international, civil_society", "status must be new, open, begun, done or empty",
                 "evidence names a law that laws.csv does not have"):
        assert any(one.startswith(f"recommendations.csv, line 2: {what}") for one in lines), what
    assert not any("line 6" in one for one in lines)  # a provision without a judgement needs no standard


def test_the_codebook_of_the_project_has_nothing_wrong(book):
    assert decided.problems(book, "en") == []


def test_a_language_without_texts_is_told_by_column(own_book):
    rows = [row | {"says_uz": "Текст." if at else ""} for at, row in enumerate(rows_of("laws"))]
    told = "\n".join(decided.problems(own_book("laws", rows), "uz"))
    assert "laws.csv has no column 'article_uz'" in told and "has no column 'says_uz'" not in told
    assert "recommendations.csv has no column 'recommendation_uz'" in told
    rows = [row | {"standard_ru": "Текст." if at == 4 else ""} for at, row in enumerate(rows_of("laws"))]
    assert decided.problems(own_book("laws", rows), "en") == ["laws.csv, line 6: standard_en is empty."]


# --- recommendations and conclusions

def test_a_recommendation_without_evidence_is_left_out_and_noted(kazakhstan, figures, own_book):  # noqa: F811
    rows = rows_of("recommendations")
    rows[0] |= {"status": "begun"}
    rows[2] |= {"evidence": "02_violations.killing"}  # no case of it is documented: 0 of 31
    text, notes = text_of(kazakhstan, figures, own_book("recommendations", rows))
    text = part(text, "Recommendations")
    assert "without surgery" not in text and any("gender_marker (02_violations.killing)" in note for note in notes)
    assert "Criminal Code, article 118, paragraph 2.* Since the last edition: begun." in text
    assert "Since the last edition: not recorded." in text and "What became of" not in text
    assert [text.index(f"## To {who}") for who in ("the state", "international", "organisations")] == sorted(
        text.index(f"## To {who}") for who in ("the state", "international", "organisations"))


@pytest.mark.parametrize("name", ["kazakhstan", "uzbekistan"])
def test_every_conclusion_names_numbers_that_the_report_has(request, name, book, tmp_path):
    safe, of = request.getfixturevalue(name), about({"kazakhstan": REPORT, "uzbekistan": "uzbekistan-2022"}[name])
    text, _ = report.written(safe, stand_ins(safe, tmp_path), book, "en", of)
    text = text.replace("\\", "").partition("\n# Conclusions\n")[2].partition("\n# ")[0]
    said = [line for line in text.splitlines() if line.startswith("- ")]
    known = {*(f"sheet\u00a0{name}" for name in table.sheet_names(safe.tables).values()),
             *(f"{row['law_en']}, {row['article_en'].lower()}" for row in rows_of("laws"))}
    assert len(said) >= 3
    for line in said:
        named = re.search(r"\*\(([^)]+)\)\*$", line)
        assert named and set(named[1].split("; ")) <= known, line


def test_only_what_ranks_allow_is_called_the_most_common(kazakhstan, book, figures):  # noqa: F811
    # Of Kazakhstan's 89 incidents 64 are anti-LGBTI, and no other rank is open; of 31 cases 9 and 7 leave every rank open.
    say = Say(kazakhstan, figures, book, "en", about(REPORT))
    assert say.leader("02_violations") is None
    with pytest.raises(UsageError, match="do not tell which is the most common"):
        say.most_common("02_violations")
    assert unmarked(say.most_common("04_bias_motivations")).startswith("64 of 89 reported incidents (72%) had “anti-LGBTI”")
    # Two that share the largest count, each above all others: these two are told from the rest, and neither from the other.
    one = changed(kazakhstan, "04_bias_motivations_ranks.anti_lgbti", high=2.0)
    two = Say(changed(one, "04_bias_motivations_ranks.gender_based", value=1.0, low=1.0, high=2.0), figures, book, "en", about(REPORT))
    assert [row.codes for row in two.leaders("04_bias_motivations")] == ["anti_lgbti", "gender_based"]
    with pytest.raises(UsageError, match="do not tell"):
        two.most_common("04_bias_motivations")


# --- rights and quotes

def test_each_right_has_its_cases(kazakhstan, figures, book):  # noqa: F811
    text = part(text_of(kazakhstan, figures, book)[0], "Right by right")
    # Of the sheet's rows: 3 of assembly, one with a public official, two of whose perpetrators nothing is known.
    said = text.partition("## Assembly and association ")[2].partition("## ")[0]
    assert said.startswith("3 of 31 documented cases (10%; 95% interval 3 to 25%) touch this right.")
    assert "Violations recorded in them: “restriction of assembly or association” (3)." in said
    assert "Perpetrators named in them: “other public official” (1)." in said
    assert "Perpetrator not known or not stated, of all: 2 of 31 documented cases (6%; 95% interval 2 to 21%)." in said
    assert "article 118, paragraph 1" in text.partition("## Health ")[2].partition("## ")[0]


INVENTED = "Invented Person 3 said this, and nobody else did."
GOOD = {"quote": "q1", "file": "office/cases.xlsx", "case_id": "INV-1", "right": "privacy", "text_en": INVENTED,
        "said_by_en": "an invented person"}
CONSENT = {"INV-1": "Yes", "INV-2": "No", "INV-3": "", "INV-4": "Refused to answer", "inv-5": "Да"}


def signature(row):
    """The row of the release register of a quote; the fingerprint is written out in test_release.py."""
    text = hashlib.sha256(f"{row['text_en']}\n{row['said_by_en']}".encode()).hexdigest()
    return [f"quote:{row['quote']}", text, "nobody is named", "Invented Reviewer 1", "Invented Reviewer 2", "2025-01-25"]


@pytest.fixture
def quoted(tmp_path, monkeypatch):
    """Write a sheet of cases with the column of consent, rows of quotes and a register, and return what is read of them."""
    office = tmp_path / "office"
    office.mkdir()
    workbook = openpyxl.Workbook()
    workbook.active.append(["Case code", "Date", "Region", "Violation", "Perpetrator", "Victim group", "Consent to publish"])
    for code, said in CONSENT.items():
        workbook.active.append([code, "2024", "Almaty", "Threat", "Police", "Gay man", said or None])
    workbook.save(office / "cases.xlsx")
    record = dict.fromkeys(("title", "publisher", "page", "licence", "cite"), "invented") | {
        "received": "2025-01-20", "level": "public", "cannot_say": ["Nothing here happened."], "sha256": sha256(office / "cases.xlsx")}
    (office / "cases.xlsx.source.yml").write_text(yaml.safe_dump(record), encoding="utf-8")
    real = source.path
    for module in (source, release):
        monkeypatch.setattr(module, "path", lambda file: (tmp_path if file.startswith("office/") else real("")) / file)

    def read(*rows, signed=None, files=("office/cases.xlsx",)):
        pd.DataFrame(rows).to_csv(office / "quotes.csv", index=False)
        register = [signature(row) for row in rows if "text_en" in row] if signed is None else signed
        pd.DataFrame(register, columns=release.COLUMNS).to_csv(office / "release.csv", index=False)
        return quotes.of("office/quotes.csv", list(files), codebook.load(), "en")
    return read


def test_a_quote_needs_the_consent_in_the_row_of_its_case(quoted):
    found = quoted(*(GOOD | {"quote": code, "case_id": code} for code in CONSENT))
    assert list(found.approved["quote"]) == ["INV-1", "inv-5"] and "case_id" not in found.approved
    assert found.left_out == {code: ["consent"] for code in ("INV-2", "INV-3", "INV-4")}


def test_a_quote_needs_a_row_of_the_register_for_exactly_its_words(quoted):
    rows = [GOOD, GOOD | {"quote": "q2"}, GOOD | {"quote": "q3", "text_en": INVENTED.replace(".", "!")},
            GOOD | {"quote": "q4", "said_by_en": "an invented baker"}, GOOD | {"quote": "q5", "case_id": "INV-2"},
            GOOD | {"quote": "q6", "text_en": ""}]
    signed = [signature(GOOD | {"quote": quote}) for quote in ("q1", "q3", "q4")]
    found = quoted(*rows, signed=signed)
    assert list(found.approved["quote"]) == ["q1"] and list(found.approved.text) == [INVENTED]
    assert found.left_out == {"q2": ["approval"], "q3": ["approval"], "q4": ["approval"], "q5": ["consent", "approval"],
                              "q6": ["text", "approval"]}
    with pytest.raises(UsageError, match="release.csv, line 2: each row needs"):  # the build stops at a half-signed one (P13)
        quoted(GOOD, signed=[[*signature(GOOD)[:4], " invented reviewer 1", "2025-01-25"]])


def test_everything_wrong_with_a_file_of_quotes_is_told_at_once_and_no_case_is_named(quoted):
    with pytest.raises(UsageError) as told:
        quoted(GOOD, GOOD | {"quote": "q2", "right": "happiness"}, GOOD | {"quote": "q3", "file": "media/cases.xlsx"},
               GOOD | {"quote": "q4", "case_id": "INV-77"}, GOOD | {"quote": ""}, GOOD | {"quote": "q1"})
    said = str(told.value)
    assert "line 3: right is no code" in said and "line 4: file is no source" in said and "line 5: file has no case" in said
    assert "line 6: quote is empty" in said and "line 7: quote is empty or stands twice" in said and "INV-77" not in said
    with pytest.raises(UsageError, match="no column case_id"):
        quoted({key: value for key, value in GOOD.items() if key != "case_id"})


def test_a_sheet_without_the_column_of_consent_gives_none(quoted, monkeypatch):
    table = pd.DataFrame({"case_id": ["INV-1"]})
    monkeypatch.setattr(quotes.tidy, "cases", lambda *given: tidy.Tidied(table, None, []))
    assert quoted(GOOD).left_out == {"q1": ["consent"]}


def test_approved_quotes_stand_in_their_chapter_and_others_never_in_a_note(kazakhstan, figures, book, quoted):  # noqa: F811
    quoted(GOOD, GOOD | {"quote": "q2", "text_en": "Invented Person 4 signed nothing.", "right": "health"}, signed=[signature(GOOD)])
    files = [*about(REPORT).files, "office/cases.xlsx"]
    text, notes = text_of(kazakhstan, figures, book, quotes="office/quotes.csv", files=files)
    assert INVENTED in part(text, "Right by right").partition("## Privacy")[2].partition("## ")[0] and text.count(INVENTED) == 1
    assert "Invented Person 4" not in text + " ".join(notes)
    assert any("the quote q2, for want of a row of the release register for the text as it stands" in note for note in notes)
    assert not any("Quotes" in note for note in notes)


# --- earlier editions

BEFORE = "editions/2026-05-01"


def earlier(safe, **values):
    """The results as an earlier edition had them: id -> columns of it; an id with None was not there."""
    table = safe.results
    for key, columns in values.items():
        if columns is None:
            table = table[table.id != key]
        else:
            table.loc[table.id == key, list(columns)] = list(columns.values())
    return protect.publication(ledger.complete(table))


def reasons(own_book, **why):
    rows = [{"previous": BEFORE, "number": number, "reason_en": reason} for number, reason in why.items()]
    return own_book("edition_changes", rows, ["previous", "number", "reason_en"])


def test_a_number_that_changed_without_a_reason_stops_the_report(kazakhstan, own_book):  # noqa: F811
    before = earlier(kazakhstan, **{"02_violations.fake_date": {"n": 8.0}, "02_violations.hate_speech": {"n": 6.0},
                                    "02_rights.privacy": {"low": 0.2}})
    with pytest.raises(UsageError) as told:
        editions.changes(kazakhstan, before, BEFORE, reasons(own_book, **{"02_violations.fake_date": "A case was found.",
                                                                         "02_violations.threat": "A slip."}))
    first, second = str(told.value).splitlines()
    assert first.startswith("2 numbers differ from those of editions/2026-05-01") and "fake_date" not in first
    assert "02_rights.privacy, 02_violations.hate_speech" in first or "02_violations.hate_speech, 02_rights.privacy" in first
    assert "a reason for '02_violations.threat' of editions/2026-05-01, and nothing of it changed" in second


def test_the_nearest_reason_is_given_and_new_numbers_need_none(kazakhstan, own_book):  # noqa: F811
    before = earlier(kazakhstan, **{"02_violations.fake_date": {"n": 8.0}, "02_violations.hate_speech": {"n": 6.0},
                                    "02_rights.privacy": {"n": 12.0}, "02_cases.total": None})
    book = reasons(own_book, **{"02_violations.fake_date": "One.", "02_violations": "Two.", "ecom/kazakhstan_2024_cases.xlsx": "Three."})
    found = editions.changes(kazakhstan, before, BEFORE, book).set_index("id")
    assert dict(found.reason) == {"02_violations.fake_date": "One.", "02_violations.hate_speech": "Two.", "02_rights.privacy": "Three.",
                                  "02_cases.total": ""}
    assert found.kind["02_cases.total"] == "new" and found.n_was["02_rights.privacy"] == 12 and found.n["02_rights.privacy"] == 13
    gone = editions.changes(earlier(kazakhstan, **{"02_cases.total": None}), kazakhstan, BEFORE, reasons(own_book, **{"02_cases": "Gone."}))
    assert list(gone.kind) == ["gone"] and list(gone.id) == ["02_cases.total"] and list(gone.reason) == ["Gone."]


def test_the_same_results_differ_in_nothing_and_other_years_are_refused(kazakhstan, book, own_book):  # noqa: F811
    assert editions.changes(kazakhstan, kazakhstan, BEFORE, book).empty
    other = protect.publication(kazakhstan.results.assign(period="1999"))
    with pytest.raises(UsageError, match="counts other years than this report"):
        editions.changes(kazakhstan, other, BEFORE, book)
    assert editions.changes(kazakhstan, None, "", book).empty and editions.read("", book) is None
    with pytest.raises(UsageError, match="data/raw/editions/none holds no results"):
        editions.read("editions/none", book)


def test_the_report_lists_each_change_with_its_reason(kazakhstan, figures, own_book):  # noqa: F811
    before = earlier(kazakhstan, **{"02_violations.fake_date": {"n": 8.0}, "03_published_change.ratio": {"value": 0.5}})
    book = reasons(own_book, **{"02_violations.fake_date": "A case came late.", "03_published_change": "Another total was printed."})
    found = editions.changes(kazakhstan, before, BEFORE, book)
    text, notes = text_of(kazakhstan, figures, book, previous=BEFORE, changes=found)
    text = part(text, "What changed since the last edition")
    assert "the edition “1 May 2026”" in text and "Two numbers are different." in text and "no longer counted" not in text
    assert "| 02_violations.fake_date | 8 of 31 | 9 of 31 | A case came late. |" in text
    assert re.search(r"\| 03_published_change.ratio \| 0.50 \| 0.37 \| Another total was printed. \|", text)
    assert not any("What changed" in note for note in notes)
    same, _ = text_of(kazakhstan, figures, book, previous=BEFORE, changes=editions.changes(kazakhstan, kazakhstan, "editions/x", book))
    assert "No number that the edition" in part(same, "What changed since the last edition")


# --- shares in words

@pytest.mark.parametrize("n, base, said", [
    (9, 31, "more than a quarter"),      # 0.290: 0.040 from a quarter, 0.043 from a third
    (7, 31, "less than a quarter"),      # 0.226
    (20, 31, "less than two thirds"),    # 0.645
    (16, 32, "half"), (1, 3, "a third"), (3, 4, "three quarters"),
    (64, 89, "less than three quarters"),  # 0.719: 0.031 from three quarters, 0.052 from two thirds
    (3, 31, "3 of 31"), (30, 31, "30 of 31"),  # nothing with a name is within a tenth
])
def test_the_nearest_share_with_a_name(n, base, said):
    assert in_words.nearest(n, base, "en") == said


@pytest.mark.parametrize("n, base, said", [(10, 30, "one in three"), (9, 31, "about one in four"), (1, 10, "one in ten"),
                                           (3, 31, "about one in ten"), (19, 40, "about one in two")])
def test_one_in_some(n, base, said):
    # 9 / 31 is 29.0 %, 4.0 points from a quarter and 4.3 from a third; 3 / 31 is 9.7 %, 19 / 40 is 47.5 %
    assert in_words.one_in(n, base, "en") == said


def test_nothing_is_said_that_is_not_so():
    assert in_words.more_than(8, 31, "quarter", "en") == "more than a quarter" and in_words.less_than(7, 31, "quarter", "en")
    for call in (lambda: in_words.more_than(24, 100, "quarter", "en"), lambda: in_words.more_than(25, 100, "quarter", "en"),
                 lambda: in_words.less_than(25, 100, "quarter", "en"), lambda: in_words.one_in(0, 31, "en"),
                 lambda: in_words.one_in(30, 31, "en"), lambda: in_words.one_in(1, 31, "en"), lambda: in_words.one_in(2, 5, "en"),
                 lambda: in_words.one_in(1, 11, "en"), lambda: in_words.one_in(2, 3, "en"), lambda: in_words.nearest(0, 0, "en"),
                 lambda: in_words.more_than(24, 100, "fifth", "en")):
        with pytest.raises(UsageError):
            call()


def test_a_template_that_says_what_is_not_so_is_refused_by_its_line(kazakhstan, figures, book, tmp_path):  # noqa: F811
    file = tmp_path / "report.en.md"
    file.write_text("# One\n\n{{ spoken_count('02_violations.threat') }}, {{ in_words('02_violations.fake_date') }},\n"
                    "{{ one_in('02_violations.fake_date') }}\n{{ more_than('02_violations.fake_date', 'third') }}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"report.en.md, line 5: 9 of 31 is not what 'more than a third' says"):
        report.written(kazakhstan, figures, book, "en", about(REPORT), file)
    file.write_text(file.read_text(encoding="utf-8").replace("third", "quarter"), encoding="utf-8")
    text, _ = report.written(kazakhstan, figures, book, "en", about(REPORT), file)
    assert "three documented cases, more than a quarter,\nabout one in four\nmore than a quarter" in text


# --- every word of the parts

def test_every_status_has_its_words_and_the_readme_lists_it():
    words = yaml.safe_load((ROOT / "src/analysis/templates/words.en.yml").read_text(encoding="utf-8"))["report"]
    readme = (ROOT / "data/codebook/README.md").read_text(encoding="utf-8")
    for one in ("law_status", "law_changed", "progress", "addressees"):
        for status in filter(None, words[one]):
            assert f"`{status}`" in readme, (one, status)


def test_helpers_of_the_parts_do_not_hide_each_other(kazakhstan, figures, book):  # noqa: F811
    say = Say(kazakhstan, figures, book, "en", about(REPORT))
    grids = Grids(say)
    names = [{name for name, one in part.helpers().items() if callable(one)} for part in (say, grids, Parts(say, grids))]
    assert not names[0] & names[1] and not names[0] & names[2] and not names[1] & names[2]


def test_a_remark_with_which_several_sentences_end_is_said_once(kazakhstan, figures, book, monkeypatch):  # noqa: F811
    say = Say(kazakhstan, figures, book, "en", about(REPORT))
    monkeypatch.setattr(say, "sentence_of", str)
    say.by_table["x"] = ["One. Same.", "Two. Same.", "Two. Same.", "Three.", "Four. Other."]
    assert say.every("x") == ["One.", "Two. Same.", "Three.", "Four. Other."] and say.every("not there") == []
