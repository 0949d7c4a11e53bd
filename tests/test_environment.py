"""What a new user installs: pyproject.toml, the lock and environment.yml agree, and `make` sets up once and whole."""

import ast
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
# PyPI's name -> conda-forge's
CONDA_NAME = {"duckdb": "python-duckdb", "matplotlib": "matplotlib-base", "seaborn": "seaborn-base", "typst": "typst-py"}
NOT_ON_CONDA = {"axe-playwright-python", "pypandoc-binary"}
# Started, or loaded by pandas and Jupyter by name, and so never imported by a file of ours.
BY_NAME = {"ipykernel", "jupyterlab", "mutmut", "nbval", "ruff", "setuptools", "uv"}


def bounds(lines):
    """Requirements -> name and bounds of each."""
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): one.specifier for one in found}


def locked():
    """The lock's lines: requirement with version and marker, and its hashes."""
    entries = re.sub(r" \\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", LOCK)).splitlines()
    return [(Requirement(one.split(" --hash=")[0]), re.findall(r"--hash=sha256:([0-9a-f]{64})(?= |$)", one)) for one in entries]


WANTED = bounds(PROJECT["dependencies"] + sum(PROJECT["optional-dependencies"].values(), []))
HERE = {canonicalize_name(one.name): one for one, _ in locked() if one.marker is None or one.marker.evaluate()}


def test_conda_users_get_the_packages_of_the_project_and_nothing_else():
    by_conda, by_pip = bounds(one for one in CONDA if isinstance(one, str)), CONDA[-1]["pip"]
    wanted = {CONDA_NAME.get(name, name): bound for name, bound in WANTED.items() if name not in NOT_ON_CONDA}
    assert by_conda == wanted | {"python": SpecifierSet(PROJECT["requires-python"]), "pip": SpecifierSet()}
    assert "-e ." in by_pip and bounds(one for one in by_pip if one != "-e .") == {name: WANTED[name] for name in NOT_ON_CONDA}


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("python", ["3.11.0", "3.11.7", "3.12.1", "3.13.0", "3.14.0"])
def test_on_every_python_the_lock_names_one_version_of_each_package_within_its_bounds(python, system):
    machine = {"python_version": python[:4], "python_full_version": python, "sys_platform": system}
    there = [one for one, _ in locked() if one.marker is None or one.marker.evaluate(machine)]
    pins = {canonicalize_name(one.name): str(one.specifier) for one in there}
    assert len(pins) == len(there) and all(re.fullmatch("==[^,*]+", pin) for pin in pins.values())
    assert [name for name, bound in WANTED.items() if name not in pins or pins[name][2:] not in bound] == []


def test_everything_locked_has_a_hash():
    assert [str(one) for one, hashes in locked() if not hashes] == []


@pytest.mark.parametrize("file", ["pyproject.toml", "requirements.lock", "environment.yml"])
def test_no_address_of_a_package_index_is_written_down(file):
    addresses = r"\w+://\S*|--\S*(?:index|find-links|trusted-host)\S*|tool\.uv\S*"
    assert re.findall(addresses, (ROOT / file).read_text(encoding="utf-8")) == []


def test_what_is_installed_is_what_is_locked():
    # A conda environment has the same packages in the versions that conda-forge had; the bounds hold there.
    wanted = WANTED if (Path(sys.prefix) / "conda-meta").is_dir() else {name: one.specifier for name, one in HERE.items()}
    installed = {canonicalize_name(one.name): one.version for one in importlib.metadata.distributions()}
    assert {name: installed.get(name) for name, bound in wanted.items() if installed.get(name, "") not in bound} == {}


def imported():
    """The packages, under the names of PyPI, that the modules, tests, benchmarks and notebooks import."""
    files = [file for folder in ("src", "tests", "benchmarks") for file in (ROOT / folder).rglob("*.py")]
    sources = [file.read_text(encoding="utf-8") for file in files]
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        sources += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    ours = {file.stem for file in files} | {"analysis", "benchmarks", "tests"}
    packages = {name.partition(".")[0] for name in names} - ours - set(sys.stdlib_module_names)
    of = importlib.metadata.packages_distributions()
    return {canonicalize_name(of.get(package, [package])[0]) for package in packages}


def test_what_is_imported_is_asked_for_and_what_is_asked_for_is_used():
    assert imported() - set(WANTED) == set()
    assert set(WANTED) - imported() == BY_NAME


# A stand-in for Python that says what it was asked for; with it, `make` can be watched without installing anything.
STAND_IN = """#!/bin/sh
echo "$0 $*" >> "$LOG"
[ "$2" = venv ] && mkdir -p .venv/bin && cp "$0" .venv/bin/python && cp "$0" .venv/bin/uv && cp "$0" .venv/bin/casebook
[ "$1" != "$FAILS" ]
"""


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "case book"  # people have spaces in their folders
    folder.mkdir()
    for file in ("Makefile", "pyproject.toml", "requirements.lock"):
        (folder / file).write_bytes((ROOT / file).read_bytes())
    (tmp_path / "python").write_text(STAND_IN)
    (tmp_path / "python").chmod(0o755)
    return folder


def make(folder, python=None, fails=""):
    """Give `make report`; returns its exit code, what it printed and what the stand-in was asked for."""
    log = folder.parent / "log"
    log.write_text("")
    variables = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")} | {"LOG": str(log), "FAILS": fails}
    done = subprocess.run(["make", "report", f"PYTHON={python or folder.parent / 'python'}"], cwd=folder, env=variables,
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr, log.read_text().splitlines()


REPORT = ".venv/bin/casebook run kazakhstan-2024"


def test_make_sets_up_once_and_then_only_builds_the_report(checkout):
    code, said, asked = make(checkout)
    assert code == 0 and "Ready." in said
    assert asked[-1] == REPORT and sum("--require-hashes" in one for one in asked) == 2  # uv itself, then all the rest by uv
    assert make(checkout) == (0, "", [REPORT])


@pytest.mark.parametrize("file", ["requirements.lock", "pyproject.toml"])
def test_make_sets_up_again_when_the_packages_changed(checkout, file):
    make(checkout)
    later = (checkout / ".venv" / "ready").stat().st_mtime + 5
    os.utime(checkout / file, (later, later))
    assert len(make(checkout)[2]) > 1


def test_make_sets_up_again_in_a_copied_checkout(checkout):
    make(checkout)
    copy = checkout.rename(checkout.parent / "case book (2)")
    assert len(make(copy)[2]) > 1
    assert make(copy)[2] == [REPORT]


def test_a_set_up_that_failed_half_way_is_not_taken_for_done(checkout):
    code, said, asked = make(checkout, fails="pip")  # uv pip, that is, the packages and Casebook itself
    assert code != 0 and "Ready." not in said and REPORT not in asked
    asked = make(checkout)[2]
    assert asked[-1] == REPORT and len(asked) > 1


def test_packages_come_through_pip_where_uv_cannot_reach_them(checkout):
    (checkout.parent / "python").write_text(STAND_IN + 'case "$0 $*" in */uv*-r*) exit 1 ;; esac\n')
    code, _, asked = make(checkout)
    assert code == 0 and any(one.startswith(".venv/bin/python -m pip install") and one.endswith("-r requirements.lock") for one in asked)


def test_an_older_python_is_refused_in_one_sentence(checkout):
    older = checkout.parent / "older"
    older.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c \"import sys; sys.version_info, sys.version = (3, 10, 4), '3.10.4 x'; $2\"\n")
    older.chmod(0o755)
    code, said, _ = make(checkout, older)
    assert code != 0 and "needs Python 3.11 or newer" in said and "is 3.10.4" in said and not (checkout / ".venv").exists()


def test_a_python_that_is_not_there_is_named(checkout):
    code, said, _ = make(checkout, "python9")
    assert code != 0 and "There is no python9 here" in said
