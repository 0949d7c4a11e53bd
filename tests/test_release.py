"""The release register: two people sign each table with small counts of acts, and nothing half-signed counts."""

import pytest

from analysis.problems import UsageError
from analysis.protection import release

HEAD = "table,reason,first,second,date\n"
GOOD = "02_violations,acts one way,Invented Reviewer 1,Invented Reviewer 2,2025-01-25\n"


@pytest.fixture
def register(tmp_path, monkeypatch):
    """Writes the register of an invented source and returns the source's name."""
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    (tmp_path / "data" / "raw" / "office").mkdir(parents=True)

    def write(text):
        (tmp_path / "data" / "raw" / "office" / "release.csv").write_text(text, encoding="utf-8")
        return "office/cases.xlsx"
    return write


def test_a_table_that_two_people_signed_is_released(register):
    assert release.signed(register(HEAD + GOOD)) == {"02_violations"}


def test_without_a_register_nothing_is_released(tmp_path, monkeypatch):
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    assert release.signed("office/cases.xlsx") == set()


@pytest.mark.parametrize("wrong", [
    "02_rights,,Invented Reviewer 1,Invented Reviewer 2,2025-01-25\n", "02_rights,acts,Invented Reviewer 1,,2025-01-25\n",
    "02_rights,acts,Invented Reviewer 1,invented reviewer 1 ,2025-01-25\n",
    "02_rights,acts,Invented Reviewer 1,Invented Reviewer 2,25.01.25\n",
    ",acts,Invented Reviewer 1,Invented Reviewer 2,2025-01-25\n"], ids=["no reason", "one person", "the same person", "date", "no table"])
def test_a_row_that_is_not_signed_by_two_stops_with_its_line(register, wrong):
    with pytest.raises(UsageError, match="line 3: each row needs"):
        release.signed(register(HEAD + GOOD + wrong))


def test_other_columns_are_refused(register):
    with pytest.raises(UsageError, match="the columns must be"):
        release.signed(register("table,reason,by,date\n02_violations,acts,Invented Reviewer 1,2025-01-25\n"))
