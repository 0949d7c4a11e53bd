"""Notebooks are programs: a run executes none whose code nobody has trusted."""

import json
import shutil

import pytest
from conftest import REPORT, ROOT, new_project, started

from analysis import run
from analysis.protection import trusted


@pytest.fixture
def home(tmp_path, monkeypatch):
    place = new_project(tmp_path)
    monkeypatch.setenv("CASEBOOK_HOME", str(place))
    trusted.trust(run.NOTEBOOKS, place / "notebooks")
    return place


def changed(place):
    return trusted.changed(run.NOTEBOOKS, place / "notebooks")


def edited(home, name, edit):
    """Change the cells of a notebook as `edit` does."""
    file = home / "notebooks" / f"{name}.ipynb"
    made = json.loads(file.read_text(encoding="utf-8"))
    edit(made["cells"])
    file.write_text(json.dumps(made), encoding="utf-8")


def code(cells):
    return next(cell for cell in cells if cell["cell_type"] == "code" and not cell["metadata"].get("tags"))


def prose(cells):
    return next(cell for cell in cells if cell["cell_type"] == "markdown")


def test_the_committed_notebooks_are_the_trusted_ones():
    assert changed(ROOT) == [], "Look at what changed, then give `make trust`."
    assert set(json.loads((ROOT / "notebooks" / trusted.LIST).read_text(encoding="utf-8"))) == set(run.NOTEBOOKS)


def test_a_notebook_that_was_tampered_with_runs_nothing_and_stops_with_3(home):
    witness = home / "it_ran"
    edited(home, "03_years", lambda cells: code(cells).update(source=[f"open({str(witness)!r}, 'w').close()\n", *code(cells)["source"]]))
    edited(home, "05_report", lambda cells: cells.append(code(cells)))
    process = started(home, "run", REPORT)
    said = "".join(process.communicate())
    assert process.returncode == 3 and not witness.exists()
    assert "notebooks/03_years.ipynb, notebooks/05_report.ipynb" in said and "make trust" in said and "02_breakdowns" not in said
    assert not (home / "figures" / REPORT).exists() and not list((home / "data" / "processed").glob(f"*{REPORT}.*ing"))


@pytest.mark.parametrize("edit", [
    lambda cells: code(cells).update(source=["1\n"]), lambda cells: cells.insert(0, {**code(cells), "source": "1"}),
    lambda cells: cells.remove(code(cells)), lambda cells: prose(cells).update(cell_type="code"),
    lambda cells: code(cells)["metadata"].update(tags=["parameters"]), lambda cells: cells.reverse()],
    ids=["changed", "added", "taken out", "prose made code", "tagged", "reversed"])
def test_every_change_of_code_is_seen(home, edit):
    edited(home, "02_breakdowns", edit)
    assert changed(home) == ["02_breakdowns"]
    trusted.trust(run.NOTEBOOKS, home / "notebooks")
    assert changed(home) == []


def test_prose_and_outputs_may_change(home):
    edited(home, "01_cases", lambda cells: prose(cells).update(source=["Our own words.\n"]))
    edited(home, "01_cases", lambda cells: code(cells).update(outputs=[], execution_count=None))
    assert changed(home) == []


@pytest.mark.parametrize("text", [None, "", "[", "{}"])
def test_without_a_list_nothing_is_trusted(home, text):
    file = home / "notebooks" / trusted.LIST
    file.unlink() if text is None else file.write_text(text, encoding="utf-8")
    assert changed(home) == list(run.NOTEBOOKS)


def test_trusting_says_what_changed_and_only_that(home, capsys):
    edited(home, "04_hate_crimes", lambda cells: code(cells).update(source=["1\n"]))
    trusted.main()
    assert capsys.readouterr().err == "notebooks/04_hate_crimes.ipynb is trusted as it stands now.\n"
    shutil.copy(ROOT / "notebooks" / "04_hate_crimes.ipynb", home / "notebooks")
    assert changed(home) == ["04_hate_crimes"]
