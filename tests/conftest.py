"""What several test files share: the codebook, the cases of the three public sources, a way to make a workbook, and whole reports."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, settings

from analysis import codebook, parameters, read, tidy
from analysis.protection import scan

# The same examples in every run, so that a change is judged by what it changed. `make fuzz` looks for new ones, thousands at a time.
settings.register_profile("held", derandomize=True, max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("thousands", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
# For `make mutants`: that a break is found is enough, its smallest example is not looked for.
settings.register_profile("mutants", settings.get_profile("held"), phases=(Phase.explicit, Phase.generate), report_multiple_bugs=False)
settings.load_profile("held")

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data" / "raw"
ECOM = RAW / "ecom" / "kazakhstan_2024_cases.xlsx"
ODIHR_KAZAKHSTAN = RAW / "odihr" / "kazakhstan_2016_2022_coded.xlsx"
ODIHR = RAW / "odihr" / "incidents_2016_2022_without_usa.csv.gz"


def pytest_collection_modifyitems(items):
    for item in items:
        if "odihr" in getattr(item, "fixturenames", ()):  # cells of notebooks have none
            item.add_marker("export")


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


# Whole reports.

CASEBOOK = Path(sys.executable).with_name("casebook")
REPORT = "kazakhstan-2024"


def new_project(place):
    """A project folder as a fresh clone has it, without the code, which is installed."""
    for part in ("data/codebook", "notebooks", *(f"data/raw/{source}" for source in ("ecom", "odihr", "kazakhstan", "published"))):
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return place


OFFLINE = {"PYTHONPATH": str(ROOT / "tests" / "offline")}  # whatever is started so, with its notebooks, cannot use the network


def started(home, *words):
    return subprocess.Popen([CASEBOOK, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home,
                            env=os.environ | OFFLINE | {"CASEBOOK_HOME": str(home)})


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """Both reports, built at the same time in one project, as a user builds them; whoever changes it puts it right again."""
    home = new_project(tmp_path_factory.mktemp("project"))
    both = [started(home, "run", REPORT), started(home, "run", "uzbekistan-2022")]
    said = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    return home


@pytest.fixture(scope="session")
def office_of_500(tmp_path_factory):
    """A project of 500 invented cases, whose office has signed what may be shown; whoever changes it puts it right again."""
    import confidential  # which asks this file where the checkout is

    return confidential.project(tmp_path_factory.mktemp("office"), 500)


@pytest.fixture(scope="session")
def terms_of_500(office_of_500):
    """What is looked for in the report on the 500 invented cases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBOOK_HOME", str(office_of_500))
        return scan.of_report(parameters.load("confidential-2024"), codebook.load())
