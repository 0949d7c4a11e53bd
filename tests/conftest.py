"""What several test files share: the codebook, the cases of the three public sources, and a way to make a workbook."""

import shutil
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, settings

from analysis import codebook, read, tidy

# The same examples in every run, so that a change is judged by what it changed. `make fuzz` looks for new ones, thousands at a time.
settings.register_profile("held", derandomize=True, max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("thousands", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
settings.load_profile("held")

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"
ECOM = RAW / "ecom" / "kazakhstan_2024_cases.xlsx"
ODIHR_KAZAKHSTAN = RAW / "odihr" / "kazakhstan_2016_2022_coded.xlsx"
ODIHR = RAW / "odihr" / "incidents_2016_2022_without_usa.csv.gz"


@pytest.fixture(scope="session")
def book():
    return codebook.load(ROOT / "data" / "codebook")


def tidied(file, book):
    record = codebook.source_record(file)
    return tidy.checked(read.raw(file, book, record.get("profile")), book, record)


@pytest.fixture(scope="session")
def ecom(book):
    """The 31 cases of Kazakhstan 2024, tidied: cases, ledger, problems."""
    return tidied(ECOM, book)


@pytest.fixture(scope="session")
def odihr_kazakhstan(book):
    """The 89 coded incidents of Kazakhstan 2016-2022, tidied."""
    return tidied(ODIHR_KAZAKHSTAN, book)


@pytest.fixture(scope="session")
def odihr(book):
    """The 18,112 incidents of 52 countries, tidied."""
    return tidied(ODIHR, book)


@pytest.fixture
def made(tmp_path):
    """Write an invented workbook (sheet name -> rows) to a temporary folder and return its path."""
    def write(sheets, name="cases.xlsx"):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, rows in (sheets if isinstance(sheets, dict) else {"Cases": sheets}).items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
        workbook.save(tmp_path / name)
        return tmp_path / name
    return write


INTERVIEWS = """
title: An invented sheet that names people
unit: cases
needs: [case_id, violation, perpetrator]
identical_rows: refuse
columns:
  case_id: {kind: id}
  date: {kind: date}
  year: {kind: year}
  violation: {kind: coded, separator: ";"}
  perpetrator: {kind: coded, separator: ";"}
  setting: {kind: coded, separator: ";"}
  victims_n: {kind: number}
  name: {kind: personal}
  story: {kind: text}
"""
DIARIES = """
title: An invented sheet without case codes
unit: cases
needs: [date, setting]
identical_rows: refuse
columns:
  date: {kind: date}
  setting: {kind: coded}
  story: {kind: text}
"""


@pytest.fixture(scope="session")
def private_book(tmp_path_factory):
    """The codebook with invented profiles: `interviews` names people, `diaries` and `twins` have the same columns."""
    folder = shutil.copytree(ROOT / "data" / "codebook", tmp_path_factory.mktemp("private") / "codebook")
    for name, profile in {"interviews": INTERVIEWS, "diaries": DIARIES, "twins": DIARIES}.items():
        (folder / "profiles" / f"{name}.yml").write_text(profile, encoding="utf-8")
    with open(folder / "headers.csv", "a", encoding="utf-8") as headers:
        headers.write("name,Name of the person,en\nstory,What happened,en\n")
    return codebook.load(folder)
