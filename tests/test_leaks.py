"""Runs on a confidential sheet that succeed, fail or are killed: none of 500 canaries is in what they print, write or publish."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time

import confidential
import nbformat
import openpyxl
import pandas as pd
import papermill
import pytest
import yaml
from conftest import OFFLINE, started

from analysis import codebook, home, parameters, run
from analysis.protection import inside, scan

CANARIES = [text.casefold() for text in (*(text for _, text in confidential.canaries(500)), *map(confidential.beside, confidential.BESIDE))]
SAYS = "threat, said Invented Person 8, flat 8"


@pytest.fixture(scope="module")
def office(office_of_500):
    """The office, in whose workbook somebody is named in every place beside the cells too, on hidden sheets as well."""
    file = office_of_500 / "data" / "raw" / confidential.SHEET
    record = file.with_name(f"{file.name}.source.yml")
    kept = file.read_bytes(), record.read_bytes()
    confidential.with_remarks(file)
    record.write_text(yaml.safe_dump(confidential.record(file)), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASEBOOK_HOME", str(office_of_500))
        yield office_of_500
    file.write_bytes(kept[0])
    record.write_bytes(kept[1])


@pytest.fixture(scope="module")
def built(office):
    """What a run said that published the report."""
    process = started(office, "run", confidential.REPORT)
    said = "".join(process.communicate())
    assert process.returncode == 0, said
    return said


def everything(place):
    """(file, text) of all that lies in data/processed and figures, staged and failed folders too."""
    for file in (file for folder in ("data/processed", "figures") for file in (place / folder).rglob("*") if file.is_file()):
        try:
            table = pd.read_parquet(file).to_csv() if file.suffix == ".parquet" else None
            yield file, table or "\n".join(text for _, text in inside.texts(file.read_bytes()))
        except inside.Unreadable:  # a file that was being written when the run was killed
            yield file, file.read_bytes().decode("utf-8", "replace")


def silent(place, said):
    """Assert that no canary is in what was said or lies anywhere but in data/raw."""
    texts = {"what was said": said} | {str(file.relative_to(place)): text for file, text in everything(place)}
    assert len(texts) > 2
    leaking = {name for name, text in texts.items() for canary in CANARIES if canary in text.casefold()}
    assert not leaking


def private(place):
    """Assert that nobody but the owner can look into data/processed."""
    folder = place / "data" / "processed"
    modes = {stat.S_IMODE(one.stat().st_mode) for one in (folder, *folder.rglob("*"))}
    assert modes <= {0o700, 0o600}


def with_cells(office, cells):
    """Write into cells of the sheet, and into its record that it was received so; returns what puts it right again."""
    file = office / "data" / "raw" / confidential.SHEET
    record = file.with_name(f"{file.name}.source.yml")
    kept = file.read_bytes(), record.read_bytes()
    made = openpyxl.load_workbook(file)
    for cell, text in cells.items():
        made["Cases"][cell] = text
    made.save(file)
    record.write_text(yaml.safe_dump(confidential.record(file)), encoding="utf-8")
    return lambda: (file.write_bytes(kept[0]), record.write_bytes(kept[1]))


def test_a_run_that_fails_says_where_and_not_what(office):
    right_again = with_cells(office, {"D2": SAYS, "E3": confidential.identifiers(2)["phone"], "B4": confidential.identifiers(3)["story"]})
    process = started(office, "run", confidential.REPORT)
    said = "".join(process.communicate())
    right_again()
    assert process.returncode == 2 and all(f"cell {cell}" in said or f", {cell}:" in said for cell in ("D2", "E3", "B4")), said
    assert SAYS not in said and not [text for _, text in everything(office) if SAYS in text]
    silent(office, said)
    private(office)
    assert (office / "data" / "processed" / f"{confidential.REPORT}.failed" / "01_cases.ipynb").is_file()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_stopped_leaves_nothing_that_names_anybody(how, office):
    # Where the tests were started in the background of a shell, what they start would be deaf to Ctrl+C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = started(office, "run", confidential.REPORT, "--set", "edition=2025-03-01")
    staging = office / "data" / "processed" / f".{confidential.REPORT}.staging"
    while not (staging / "02_breakdowns.ipynb").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(how)
    said = "".join(process.communicate())
    assert process.returncode != 0
    silent(office, said)
    private(office)


def test_a_run_that_succeeds_publishes_nothing_that_names_anybody(office, built):
    silent(office, built)
    private(office)
    published = sorted((office / "figures" / confidential.REPORT).iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in published} == {0o644} and len(published) > 50


def test_only_a_quote_with_consent_and_two_signatures_is_printed(office, built):
    published, case = run.published(confidential.REPORT), confidential.identifiers(3)["case_id"]
    docx = "\n".join(text for _, text in inside.texts((published / "report.en.docx").read_bytes()))
    page = (published / "report.en.html").read_text(encoding="utf-8")
    told = (run.office(confidential.REPORT) / "05_report.ipynb").read_text(encoding="utf-8")
    for quote, (_, text, _) in confidential.QUOTED.items():
        assert (text in page) is (text in docx) is (quote == "helped"), quote
        assert (f"the quote {quote}, for want of" in told) is (quote != "helped"), quote
        assert quote == "helped" or text not in told
    assert case not in page + docx + told and "the quote withheld, for want of a consent" in told


def staged(office):
    """A part of the published report as it lay before it was published."""
    staging = office / "data" / "processed" / f".{confidential.REPORT}.staging"
    shutil.rmtree(staging, ignore_errors=True)
    (staging / "publication").mkdir(parents=True)
    shutil.copy(run.office(confidential.REPORT) / "04_hate_crimes.ipynb", staging)
    for file in run.published(confidential.REPORT).glob("02_violations.*"):
        shutil.copy(file, staging / "publication")
    return staging


def test_one_find_stops_the_publication_and_names_the_file_and_the_cell(office, built):
    staging, before = staged(office), run.differences(confidential.REPORT)
    with open(staging / "publication" / "02_violations.en.txt", "a", encoding="utf-8") as out:
        out.write("Спасибо Вымышленному Человеку 7.\n")
    with pytest.raises(run.Leak) as error:
        run.scanned(confidential.REPORT, staging, parameters.load(confidential.REPORT))
    said, heads = str(error.value), [cell.value for cell in openpyxl.load_workbook(office / "data/raw" / confidential.SHEET).active[1]]
    letter = openpyxl.utils.get_column_letter(heads.index(confidential.PERSONAL["name"]) + 1)
    assert error.value.code == 3 and "02_violations.en.txt, line" in said and f"sheet Cases, cell {letter}8 (name)" in said
    assert "was not published; the last edition is untouched" in said and "Вымышл" not in said and str(home()) not in said
    assert not staging.exists() and (office / "data/processed" / f"{confidential.REPORT}.failed" / "publication").is_dir()
    assert run.differences(confidential.REPORT) == before == []


def test_a_file_that_nobody_can_look_into_stops_the_publication(office, built, terms_of_500, monkeypatch):
    monkeypatch.setattr(scan, "of_report", lambda given, book: terms_of_500)  # which takes seconds
    staging = staged(office)
    (staging / "publication" / "extra.bin").write_bytes(b"\x00\xff\xfe\x01")
    with pytest.raises(run.Leak, match="extra.bin: this file, or a part of it, cannot be looked into"):
        run.scanned(confidential.REPORT, staging, parameters.load(confidential.REPORT))


def test_an_executed_notebook_is_looked_through_too(office, built, terms_of_500, monkeypatch):
    monkeypatch.setattr(scan, "of_report", lambda given, book: terms_of_500)
    staging = staged(office)
    made = nbformat.read(staging / "04_hate_crimes.ipynb", 4)
    made.cells[-1].outputs = [nbformat.v4.new_output("stream", text="INV 2023-007, call 8 700 000 0007")]
    made.cells[-1].outputs[0].text += " " + confidential.identifiers(7)["case_id"]
    nbformat.write(made, staging / "04_hate_crimes.ipynb")
    with pytest.raises(run.Leak, match="04_hate_crimes.ipynb: holds an identifier or words of office/cases.xlsx, sheet Cases, cell"):
        run.scanned(confidential.REPORT, staging, parameters.load(confidential.REPORT))


def test_of_a_public_report_nothing_is_looked_for(office):
    records = [office / "data" / "raw" / f"{file}.source.yml" for file in (confidential.SHEET, confidential.QUOTES)]
    kept = [record.read_text(encoding="utf-8") for record in records]
    for record, text in zip(records, kept):
        assert "level: confidential" in text
        record.write_text(text.replace("level: confidential", "level: public"), encoding="utf-8")
    assert scan.of_report(parameters.load(confidential.REPORT), codebook.load()) is None
    for record, text in zip(records, kept):
        record.write_text(text, encoding="utf-8")


def test_an_error_of_a_library_keeps_its_place_and_not_its_words(tmp_path, monkeypatch):
    """As papermill leaves a notebook that stopped: error cells, tracebacks and chains of errors quote what was being read."""
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    code = "try:\n    int('Invented Person ' + str(8))\nexcept ValueError as e:\n    raise KeyError('Invented Street ' + str(8)) from e"
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "staging").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), tmp_path / "notebooks" / "01_cases.ipynb")
    with pytest.raises(papermill.PapermillExecutionError):
        run.notebook("01_cases", tmp_path / "staging", {})
    left = (tmp_path / "staging" / "01_cases.ipynb").read_text(encoding="utf-8")
    assert "Invented Person 8" not in left and "Invented Street 8" not in left
    error, = (out for cell in json.loads(left)["cells"] for out in cell.get("outputs", []) if out["output_type"] == "error")
    assert error["ename"] == "KeyError" and error["evalue"] == "" and "Cell In[1], line 4" in error["traceback"]


def test_the_programs_that_tests_start_cannot_use_the_network():
    """So every run of a whole report in these tests shows that it needs none; the kernels of notebooks start with the same settings."""
    for there, works in (("('127.0.0.1', 9)", "ConnectionRefusedError"), ("('192.0.2.1', 9)", "may not use the network"),
                         ("('example.org', 9)", "may not use the network")):
        code = f"import socket\nsocket.create_connection({there}, timeout=2)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | OFFLINE)
        assert works in done.stderr, there
