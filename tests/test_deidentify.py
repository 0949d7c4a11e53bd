"""What names or tells of a person does not go further than the raw rows."""

import pytest
from conftest import ECOM, ODIHR

from analysis import codebook, deidentify, read, tidy

NAME, STORY = "Zarina Inventedova", "an invented story"
HEADER = ["Name of the person", "Case", "Date", "Violation", "Perpetrator", "What happened", "Setting", "Number of victims"]
CASES = [[NAME, "A-1", "2024-03-04", "Threats", "Police", STORY, "Home", 1],
         [NAME.upper(), "A-2", "2024", "Killing", "Media", STORY, None, 2]]


@pytest.fixture
def cases(private_book, made):
    return tidy.checked(read.raw(made([HEADER, *CASES]), private_book, "interviews"), private_book).cases


def test_names_and_stories_are_dropped_and_all_that_is_counted_stays(cases, private_book):
    assert NAME in cases.name.tolist()  # it is there before
    safe = deidentify.cases(cases, "interviews", private_book)
    assert set(cases) - set(safe) == {"name", "story"} and len(safe) == 2
    for column in safe:
        assert safe[column].equals(cases[column])


def test_no_name_or_story_is_in_the_file_that_is_kept(cases, private_book, tmp_path):
    file = tmp_path / "cases.parquet"
    for table, there in ((cases, True), (deidentify.cases(cases, "interviews", private_book), False)):
        tidy.save(table, file, private_book)
        content = file.read_bytes()
        assert [NAME.encode() in content, NAME.upper().encode() in content, STORY.encode() in content] == [there] * 3


def test_what_is_dropped_is_told(private_book):
    assert deidentify.dropped("interviews", private_book).to_dict("records") == [
        {"column": "name", "kind": "personal"}, {"column": "story", "kind": "text"}]
    assert deidentify.dropped("odihr_coded", private_book).columns.tolist() == ["column", "kind"]


@pytest.mark.parametrize(("file", "dropped"), [(ECOM, ["amount", "chapter"]), (ODIHR, ["reporter"])], ids=["ecom", "odihr"])
def test_the_text_of_the_public_sources_is_dropped_too(request, book, file, dropped):
    cases = request.getfixturevalue(file.parent.name).cases
    profile = codebook.source_record(file)["profile"]
    assert [column for column in cases if column not in deidentify.cases(cases, profile, book)] == dropped


def test_the_cases_given_are_left_as_they_were(cases, private_book):
    before = cases.copy()
    deidentify.cases(cases, "interviews", private_book)
    assert cases.equals(before)
