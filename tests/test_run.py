"""Whole reports as a user builds them: published whole or not at all, skipped when unchanged, every number traceable."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import nbformat
import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml
from conftest import REPORT, ROOT, new_project, started
from matplotlib.image import imread

from analysis import sha256

SHEET = "data/raw/ecom/kazakhstan_2024_cases.xlsx"


def casebook(home, *words, code=0):
    """What a command said: standard output and standard error."""
    process = started(home, *words)
    out, err = process.communicate()
    assert process.returncode == code, err
    return out + err


def hashes(folder):
    return {file.name: sha256(file) for file in sorted(folder.iterdir())}


@pytest.fixture
def edition(project):
    """The published folder; whatever a test does to the project, this edition must have stayed whole."""
    folder = project / "figures" / REPORT
    before = hashes(folder)
    yield folder
    assert hashes(folder) == before


def test_what_is_published(edition):
    names = {file.name for file in edition.iterdir()}
    assert {"report.en.docx", "report.en.html", "report.en.pdf", "tables.xlsx", "MANIFEST.json"} <= names
    for figure in ("02_violations", "02_perpetrators", "02_victim_groups", "02_violations_together", "02_violations_perpetrators",
                   "03_anti_lgbti_years", "04_anti_lgbti_countries"):
        assert {f"{figure}.en.svg", f"{figure}.en.png", f"{figure}.csv", f"{figure}.en.txt"} <= names
    assert {f"{stem}.{form}" for lang in ("ru", "kk") for stem, forms in ((f"report.{lang}", ("docx", "html", "pdf")), (
        f"02_violations.{lang}", ("svg", "png", "txt"))) for form in forms} <= names
    assert "Fake date" in (edition / "02_violations.csv").read_text(encoding="utf-8")  # numbers are in the first language
    assert all((edition.parent / "uzbekistan-2022" / f"report.{lang}.pdf").exists() for lang in ("en", "ru", "kk"))
    assert {"tables.ru.xlsx", "tables.kk.xlsx"} <= names and "tables.en.xlsx" not in names


def test_slides_are_published_and_listed_where_the_report_asks_for_them(edition):
    listed = json.loads((edition.parent / "uzbekistan-2022" / "MANIFEST.json").read_text(encoding="utf-8"))["outputs"]
    figures = {name.removesuffix(".svg") for name in listed if name.endswith(".svg")}
    slides = {f"{name.rpartition('.')[0]}.slide.{name.rpartition('.')[2]}.png" for name in figures}
    assert {name for name in listed if ".slide." in name} == slides and "04_bias_motivations.slide.ru.png" in slides
    assert not any(".slide." in file.name for file in edition.iterdir())


def test_the_figure_in_the_readme_is_the_one_that_is_built(edition):
    shown, built = (imread(folder / "02_violations.en.png") for folder in (ROOT / "docs", edition))
    assert shown.shape == built.shape and np.abs(shown - built).mean() < 0.002  # of 1: the same but for how a machine rounds


def test_the_manifest_names_every_file_input_parameter_and_version(project, edition):
    manifest = json.loads((edition / "MANIFEST.json").read_text(encoding="utf-8"))
    assert manifest["outputs"] == {name: value for name, value in hashes(edition).items() if name != "MANIFEST.json"}
    assert manifest["inputs"][SHEET] == sha256(project / SHEET)
    assert {"data/codebook/codes.csv", f"{SHEET}.source.yml", "notebooks/02_breakdowns.ipynb"} <= set(manifest["inputs"])
    assert any(name.endswith("analysis/count.py") for name in manifest["inputs"])
    assert manifest["parameters"]["country"] == "kz" and {"python", "pandas", "casebook"} <= set(manifest["versions"])
    assert str(project) not in json.dumps(manifest) and "/home" not in json.dumps(manifest)


def test_an_unchanged_report_is_skipped_without_loading_pandas(project, edition):
    code = ("import sys\nfrom analysis import cli\nsys.argv = ['casebook', 'run', 'kazakhstan-2024']\ntry:\n    cli.main()\n"
            "except SystemExit:\n    pass\nprint({'pandas', 'matplotlib', 'papermill', 'duckdb'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"CASEBOOK_HOME": str(project)})
    assert "unchanged" in done.stderr and done.stdout == "set()\n"


def test_verify_finds_what_was_touched(project, edition):
    assert "every file is as it was published" in casebook(project, "verify", REPORT)
    other = edition.parent / "uzbekistan-2022"
    kept = (other / "02_incident_types.csv").read_bytes()
    (other / "02_incident_types.csv").write_bytes(kept + b"1")
    (other / "extra.txt").touch()
    (other / "tables.xlsx").rename(other / "tables.gone")
    found = json.loads(casebook(project, "verify", "uzbekistan-2022", "--format", "json", code=2))
    assert {(one["file"], one["what"]) for one in found["files"]} == {
        ("02_incident_types.csv", "changed"), ("tables.xlsx", "missing"), ("extra.txt", "not in the manifest"),
        ("tables.gone", "not in the manifest")}
    (other / "02_incident_types.csv").write_bytes(kept)
    (other / "extra.txt").unlink()
    (other / "tables.gone").rename(other / "tables.xlsx")
    casebook(project, "verify", "uzbekistan-2022")


def traced(project, name):
    return json.loads(casebook(project, "trace", REPORT, name, "--format", "json"))


def test_trace_returns_exactly_the_rows_behind_a_number(project, edition):
    rows = list(openpyxl.load_workbook(project / SHEET)["Случаи"].iter_rows(values_only=True))
    fake = [row for row in rows if any(cell and "одставн" in str(cell) for cell in row)]
    found = traced(project, "02_violations.fake_date")
    assert (found["n"], found["base"], found["unit"]) == (9, 31, "cases")
    assert [case["case_id"] for case in found["cases"]] == [row[0] for row in fake]
    assert all(rows[case["row"] - 1][0] == case["case_id"] for case in found["cases"])
    alone = traced(project, "02_violations_together.fake_date")
    assert {case["case_id"] for case in alone["cases"]} < {row[0] for row in fake} and alone["n"] == len(alone["cases"]) == 7
    # One conviction among 31 cases, and nothing in the sheet that could say that there was none: of how many it is known is no number.
    convicted = traced(project, "02_stages_reached.convicted")
    assert (convicted["n"], convicted["base"], len(convicted["cases"])) == (1, None, 1)
    assert "1 of 31 cases" in casebook(project, "trace", REPORT, "02_stages_reached.convicted")


def test_every_number_that_was_counted_has_its_rows(project, edition, book):
    from analysis import ledger, trace
    os.environ["CASEBOOK_HOME"] = str(project)
    try:
        results = ledger.gather(project / "data" / "processed" / REPORT)
        counted = results[(results.base_rule != "") & (results.n > 0) & (results.base_rule != "mentions")]
        for table, rows in counted.groupby("table"):
            for name in rows.id.iloc[:3]:
                result, cases = trace.behind(REPORT, name, book)
                assert len(cases) == result.n, table
    finally:
        del os.environ["CASEBOOK_HOME"]


def test_behind_a_sum_of_victims_are_the_cases_that_state_some(project, edition, book, monkeypatch):
    from analysis import ledger, results, source, trace
    monkeypatch.setenv("CASEBOOK_HOME", str(project))
    office = project / "data" / "processed" / REPORT
    part = source.opened(office, "ecom/kazakhstan_2024_cases.xlsx", book, "kz", "2024")
    ledger.keep(office, results.total(part, book, "02", "victims"))
    result, cases = trace.behind(REPORT, "02_victims.total", book)
    (office / "results" / "02_victims.parquet").unlink()
    # Eight rows of the sheet state a number: 1, 2, 2, 1, 1, 1, 1, 1. The other 23 state none, and none is put in its place.
    rows = list(openpyxl.load_workbook(project / SHEET)["Случаи"].iter_rows(values_only=True))
    stated = [row[0] for row in rows[3:] if row[7]]
    assert (result.n, result.value) == (10, 23) and cases.case_id.tolist() == stated and len(stated) == 8


def test_trace_says_what_it_cannot_follow(project, edition):
    assert "Did you mean 02_violations.fake_date" in casebook(project, "trace", REPORT, "02_violation.fake_date", code=2)
    assert "was not counted here" in casebook(project, "trace", REPORT, "03_published.2023", code=2)


def test_a_failing_notebook_leaves_the_last_edition_whole(project, edition):
    kept = {file: file.read_bytes() for file in (project / SHEET, project / f"{SHEET}.source.yml")}
    workbook = openpyxl.load_workbook(project / SHEET)
    workbook["Случаи"]["C5"] = "Нечто новое"
    workbook.save(project / SHEET)
    said = casebook(project, "run", REPORT, code=2)
    assert "fingerprint" in said and "was not published; the last edition is untouched" in said
    received_anew(project)
    said = casebook(project, "run", REPORT, code=2)
    assert "C5" in said and "data/processed/kazakhstan-2024.failed/01_cases.ipynb" in said and "Traceback" not in said
    for file, content in kept.items():
        file.write_bytes(content)


def test_a_confidential_source_that_nobody_signed_is_refused_and_nothing_of_it_is_published(project, edition):
    record = project / f"{SHEET}.source.yml"
    kept = record.read_bytes()
    record.write_bytes(kept.replace(b"level: public", b"level: confidential"))
    try:
        said = casebook(project, "run", REPORT, code=3)
    finally:
        record.write_bytes(kept)
    assert "Nothing was published" in said and "these tables hold counts of acts below 5" in said and "02_violations" in said


def received_anew(project):
    """Put the fingerprint of the sheet as it is now into its record."""
    record = project / f"{SHEET}.source.yml"
    lines = yaml.safe_load(record.read_text(encoding="utf-8")) | {"sha256": sha256(project / SHEET)}
    record.write_text(yaml.safe_dump(lines, allow_unicode=True), encoding="utf-8")


def test_a_wrong_parameter_stops_before_anything_is_opened(project, edition):
    assert "Did you mean country" in casebook(project, "run", REPORT, "--set", "contry=uz", code=2)


def test_a_killed_run_leaves_the_last_edition_whole_and_a_second_one_is_told_to_wait(project, edition):
    running = started(project, "run", REPORT, "--set", "edition=2026-12-01")
    staging = project / "data" / "processed" / ".kazakhstan-2024.staging"
    while not (staging / "01_cases.ipynb").exists():
        time.sleep(0.05)
    assert "being built by another run" in casebook(project, "run", REPORT, code=4)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    casebook(project, "verify", REPORT)


def test_a_run_killed_while_it_publishes_is_put_right_by_the_next(project):
    from analysis import run
    folder = project / "figures" / REPORT
    before = hashes(folder)
    folder.rename(folder.with_name(f".{REPORT}.last"))  # as `replace` leaves it after its first step
    run.recover(folder)
    assert hashes(folder) == before and not folder.with_name(f".{REPORT}.last").exists()


def test_a_second_build_is_the_same_to_the_byte(project, edition):
    before = hashes(edition)
    shutil.move(edition, edition.with_name("kept"))
    casebook(project, "run", REPORT)
    assert hashes(edition) == before
    shutil.rmtree(edition.with_name("kept"))


def test_a_new_country_is_a_new_file(project):
    report = yaml.safe_load((project / "notebooks/reports/uzbekistan-2022.yml").read_text(encoding="utf-8"))
    report |= {"country": "kg", "countries": ["uz", "kz"]}
    (project / "notebooks/reports/kyrgyzstan-2022.yml").write_text(yaml.safe_dump(report), encoding="utf-8")
    casebook(project, "run", "kyrgyzstan-2022")
    numbers = pd.read_csv(project / "figures/kyrgyzstan-2022/04_bias_motivations.csv").set_index("bias_motivation")
    assert numbers.loc["anti_lgbti", ["n", "base"]].tolist() == [138, 201]


def test_committed_notebooks_carry_the_outputs_of_the_public_example():
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = [cell for cell in nbformat.read(file, 4).cells if cell.cell_type == "code" and cell.source.strip()]
        assert all(cell.execution_count for cell in cells), file.name
        assert not [out for cell in cells for out in cell.outputs if out.output_type in ("error", "stream") and out.get("name") != "stdout"]


@pytest.mark.parametrize("changed", [False, True])
def test_nbval_sees_one_changed_case(tmp_path, changed):
    """The committed notebooks hold the numbers: with one case of the example changed, nbval fails."""
    home = new_project(tmp_path / "project")
    if changed:
        workbook = openpyxl.load_workbook(home / SHEET)
        sheet = workbook["Случаи"]
        cell = next(c for row in sheet.iter_rows() for c in row if c.value == "Подставное свидание")
        cell.value = "Язык вражды"
        workbook.save(home / SHEET)
        received_anew(home)
    words = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", home, "--nbval"]
    notebooks = [home / "notebooks" / f"{name}.ipynb" for name in ("01_cases", "02_breakdowns")]
    done = subprocess.run([sys.executable, "-m", "pytest", *words, *notebooks], capture_output=True, text=True, cwd=home,
                          env=os.environ | {"CASEBOOK_HOME": str(home)})
    assert (done.returncode == 0) is not changed, done.stdout[-3000:]
    if changed:
        assert "02_breakdowns.ipynb" in done.stdout.split("short test summary")[-1]
