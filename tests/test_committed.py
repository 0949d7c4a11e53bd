"""What git keeps: nothing but the public examples, checked here for this repository and by the hook before each commit."""

import json
import os
import shutil
import stat
import subprocess
import sys

import pytest
from conftest import ROOT

from analysis.protection import committed, trusted

RECORD = "level: {level}\n"


@pytest.fixture
def kept(tmp_path):
    """A small repository with a public source and a notebook on it; `wrong()` says what is wrong with all that lies in it."""
    for name, text in {"data/raw/open/cases.csv": "x", "data/raw/open/cases.csv.source.yml": RECORD.format(level="public"),
                       "data/raw/README.md": "x", "data/raw/shut/cases.xlsx.source.yml": RECORD.format(level="confidential")}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def wrong(place, *names):
    return committed.wrong(place, list(names))


def notebook(place, source='cases = "open/cases.csv"', outputs=(), metadata=None, of_cell=None):
    cell = {"cell_type": "code", "source": [source], "outputs": list(outputs), "metadata": of_cell or {}, "execution_count": 1}
    made = {"cells": [cell], "metadata": metadata or {"kernelspec": {}, "language_info": {}}, "nbformat": 4, "nbformat_minor": 5}
    (place / "notebooks" / "a.ipynb").write_text(json.dumps(made), encoding="utf-8")
    return wrong(place, "notebooks/a.ipynb")


def test_everything_that_git_keeps_here_is_of_the_public_examples():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    tracked = list(filter(None, listed.stdout.split("\0"))) or [f"notebooks/{file.name}" for file in ROOT.glob("notebooks/*.ipynb")]
    assert any(name.endswith("05_report.ipynb") for name in tracked)
    assert committed.wrong(ROOT, tracked) == []


def test_a_private_file_is_refused_by_its_record_and_not_by_its_name(kept):
    assert wrong(kept, "data/raw/open/cases.csv", "data/raw/open/cases.csv.source.yml", "data/raw/README.md") == []
    for name in ("data/raw/shut/cases.xlsx", "data/raw/shut/cases.xlsx.corrections.csv", "data/raw/open/notes.txt",
                 "data/raw/open/cases.csv.key.csv", "data/processed/a/cases.parquet", "figures/a/report.en.pdf",
                 "our cases.XLSX", "notebooks/cases.csv"):
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        (kept / name).touch()
        assert len(wrong(kept, name)) == 1 and "git rm --cached" in wrong(kept, name)[0], name
    assert len(wrong(kept, "data/raw/shut/cases.xlsx.source.yml")) == 1


@pytest.mark.parametrize("how, what", [
    ({"source": 'cases = "shut/cases.xlsx"'}, "not public"), ({"source": 'cases = "nowhere/cases.csv.gz"'}, "not public"),
    ({"source": 'pd.read_excel("../data/raw/shut/cases.xlsx")'}, "not public"),
    ({"source": "cases = 'shut/our cases 2025.parquet'"}, "not public"),
    ({"source": 'open("/home/invented/cases.csv")'}, "folder of this computer"),
    ({"source": r'open("C:\\Users\\invented\\a.csv")'}, "folder of this computer"),
    ({"outputs": [{"output_type": "stream", "text": ["/Users/invented/cases.csv"]}]}, "folder of this computer"),
    ({"outputs": [{"output_type": "display_data", "data": {"text/html": "<td>confidential</td>"}}]}, "confidential source"),
    ({"outputs": [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]}, "error"),
    ({"metadata": {"kernelspec": {}, "papermill": {"input_path": "x"}}}, "metadata"), ({"of_cell": {"papermill": {}}}, "metadata")])
def test_a_notebook_that_shows_or_names_anything_else_is_refused(kept, how, what):
    assert notebook(kept) == []
    found = notebook(kept, **how)
    assert len(found) == 1 and what in found[0] and "invented" not in found[0]


def test_a_notebook_that_a_run_executes_is_committed_with_its_trusted_code(kept):
    for name in ("01_cases.ipynb", "TRUSTED.json"):
        shutil.copy(ROOT / "notebooks" / name, kept / "notebooks")
    trusted.trust(["01_cases"], kept / "notebooks")
    code = lambda: [one for one in wrong(kept, "notebooks/01_cases.ipynb") if "not the trusted one" in one]  # noqa: E731
    assert code() == []
    file = kept / "notebooks" / "01_cases.ipynb"
    file.write_text(file.read_text(encoding="utf-8").replace("codebook.load()", "codebook.load( )"), encoding="utf-8")
    assert len(code()) == 1 and "make trust" in code()[0]


def test_the_hook_stops_the_commit(kept):
    """As git itself calls it, in a repository that has it switched on."""
    git = lambda *words: subprocess.run(["git", *words], cwd=kept, capture_output=True, text=True, env=os.environ | {  # noqa: E731
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "i", "GIT_AUTHOR_EMAIL": "i@example.org", "GIT_COMMITTER_NAME": "i",
        "GIT_COMMITTER_EMAIL": "i@example.org"})
    shutil.copytree(ROOT / ".githooks", kept / ".githooks")
    assert (kept / ".githooks" / "pre-commit").stat().st_mode & stat.S_IXUSR
    (kept / ".venv" / "bin").mkdir(parents=True)
    (kept / ".venv" / "bin" / "python").write_text(f"#!/bin/sh\nexec {sys.executable} \"$@\"\n", encoding="utf-8")
    (kept / ".venv" / "bin" / "python").chmod(0o755)
    git("init", "-q")
    git("config", "core.hooksPath", ".githooks")
    git("add", "data/raw/open", "data/raw/README.md", ".githooks")
    assert git("commit", "-qm", "x").returncode == 0
    git("add", "-f", "data/raw/shut")
    done = git("commit", "-qm", "x")
    assert done.returncode == 1 and "ERROR data/raw/shut/cases.xlsx.source.yml: not a public example" in done.stderr
