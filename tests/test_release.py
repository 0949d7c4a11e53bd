"""The release register: two people sign each table with small counts of acts and each quote, and nothing half-signed counts."""

import datetime

import confidential
import pytest

from analysis import parameters, run
from analysis.problems import UsageError
from analysis.protection import release

HEAD = "what,sha256,reason,first,second,date\n"
GOOD = "02_violations,,acts one way,Invented Reviewer 1,Invented Reviewer 2,2025-01-25\n"
# printf 'Invented Person 3 said this, and nobody else did.\nan invented person' | sha256sum
HASH = "11fe6c009d11eccba7d82c57a580398cf49bb3cfa3f57d462d5c5b132a9bf9a9"
QUOTE = f"quote:q1,{HASH},nobody is named,Invented Reviewer 1,Invented Reviewer 2,2025-01-25\n"


@pytest.fixture
def register(tmp_path, monkeypatch, book):
    """Writes the register of an invented source and returns the source's name."""
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    (tmp_path / "data" / "raw" / "office").mkdir(parents=True)
    monkeypatch.setattr(release, "load", lambda: book)

    def write(text):
        (tmp_path / "data" / "raw" / "office" / "release.csv").write_text(text, encoding="utf-8")
        return "office/cases.xlsx"
    return write


def test_tables_and_quotes_that_two_people_signed_are_released(register):
    file = register(HEAD + GOOD + QUOTE)
    assert release.signed(file) == {"02_violations"} and release.approved(file) == {("q1", HASH)}


def test_without_a_register_nothing_is_released(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    assert release.signed("office/cases.xlsx") == release.approved("office/cases.xlsx") == set()


def test_the_fingerprint_is_of_the_text_and_the_name_of_the_speaker():
    text = "Invented Person 3 said this, and nobody else did."
    assert release.fingerprint(text, "an invented person") == HASH
    others = [(f"{text} ", "an invented person"), (text[:-1], "an invented person"), (text, "an invented man"), (text, "")]
    assert HASH not in {release.fingerprint(*one) for one in others}


@pytest.mark.parametrize("wrong", [
    "02_rights,,,Invented Reviewer 1,Invented Reviewer 2,2025-01-25\n", "02_rights,,acts,Invented Reviewer 1,,2025-01-25\n",
    "02_rights,,acts,Invented Reviewer 1,invented reviewer 1 ,2025-01-25\n",
    "02_rights,,acts,Invented Reviewer 1,Invented Reviewer 2,25.01.25\n",
    "02_rights,,acts,I. R. Person,I.R.Person,2025-01-25\n", "02_rights,,acts,Invented Aca,Invented Аса,2025-01-25\n",
    "02_rights,,acts,Invented Reviewer 1,...,2025-01-25\n", "02_rights,,acts,Invented Reviewer 1,Invented Reviewer 2,20250125\n",
    f"02_rights,,acts,Invented Reviewer 1,Invented Reviewer 2,{datetime.date.today() + datetime.timedelta(1)}\n",
    ",,acts,Invented Reviewer 1,Invented Reviewer 2,2025-01-25\n", QUOTE.replace(HASH, ""), QUOTE.replace(HASH, HASH[:-1]),
    QUOTE.replace("quote:q1", "quote:"), QUOTE.replace("quote:q1", "q1"), QUOTE.replace("Reviewer 2", "Reviewer 1"),
    f"quote:q1,{HASH},,,,\n"],
    ids=["no reason", "one person", "the same person", "date", "the same person with other spaces",
         "the same person in Cyrillic", "dots for a name", "a date without dashes", "tomorrow",
         "no table", "no hash", "short hash", "no name", "a table with a hash",
         "a quote signed twice by one", "as the quote desk prints it"])
def test_a_row_that_is_not_signed_by_two_stops_with_its_line(register, wrong):
    for read in (release.signed, release.approved):
        with pytest.raises(UsageError, match="line 3: each row needs"):
            read(register(HEAD + GOOD + wrong))


def test_other_columns_are_refused(register):
    with pytest.raises(UsageError, match="the columns must be"):
        release.signed(register("table,reason,first,second,date\n02_violations,acts,Invented Reviewer 1,Invented Reviewer 2,2025-01-25\n"))


@pytest.mark.parametrize("how", [lambda text: text.encode("cp1251"), lambda text: text.replace(",", ";").encode(),
                                 lambda text: text.replace("acts", "one, two").encode()], ids=["cp1251", "semicolons", "a comma too many"])
def test_a_register_that_a_spreadsheet_program_has_saved_in_another_form_is_refused_in_words(register, how):
    file = register("")
    release.file_of(file).write_bytes(how(HEAD + GOOD + GOOD.replace("acts one way", "по одному признаку")))
    with pytest.raises(UsageError, match="commas between the columns"):
        release.signed(file)


def test_a_report_is_built_again_when_the_register_changes(tmp_path, monkeypatch):
    place = confidential.project(tmp_path, 31)
    monkeypatch.setenv("CASEBOOK_HOME", str(place))
    name, before = "data/raw/office/release.csv", run.inputs(parameters.load(confidential.REPORT))
    (place / name).write_text(HEAD + GOOD, encoding="utf-8")
    after = run.inputs(parameters.load(confidential.REPORT))
    assert name in before and {one for one in after if after[one] != before[one]} == {name}
