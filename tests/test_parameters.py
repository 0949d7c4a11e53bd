"""The parameters of a report: names, types and values are checked before anything is opened."""

import ast
import builtins
import io
import json
import os
import shutil
import socket
import subprocess

import pytest
from conftest import ROOT

from analysis import parameters
from analysis.problems import UsageError
from analysis.run import NOTEBOOKS, declared

GOOD = parameters.load("kazakhstan-2024")


def refused(**changed):
    """What is said against the parameters of the example with these changed."""
    with pytest.raises(UsageError) as error:
        parameters.checked(GOOD | changed, "some.yml")
    return str(error.value)


def test_every_report_of_the_project_can_be_used():
    region = [f"region-2022-{code}" for code in ("am", "kz", "kg", "md", "tj", "ua", "uz")]
    assert parameters.reports() == ["kazakhstan-2024", *region, "region-2022", "uzbekistan-2022"]
    assert [parameters.load(report)["country"] for report in parameters.reports()] == [
        "kz", *(report[-2:] for report in region), "am+kz+kg+md+tj+ua+uz", "uz"]


def test_a_variable_may_be_counted_by_its_groups_where_it_has_some():
    assert parameters.checked(GOOD | {"by": ["violation:group", "violation"]}, "some.yml")["by"] == ["violation:group", "violation"]
    for wrong in ("response:group", "violation:groups", "violation:", ":group", "violation:group:group"):
        assert "some.yml: by" in refused(by=[wrong])


def test_a_misspelt_name_is_offered_the_right_one():
    assert "There is no parameter 'contry'. Did you mean country" in refused(contry="kz")
    with pytest.raises(UsageError, match="Did you mean kazakhstan-2024"):
        parameters.load("kazahstan-2024")


def test_everything_wrong_is_told_at_once():
    said = refused(country="kazakhstan", period="24", by=["violations"], edition="", languages=["tlh"])
    assert len(said.splitlines()) == 5
    assert all(line.startswith("some.yml: ") for line in said.splitlines())
    assert "edition is missing" in said


@pytest.mark.parametrize("name, value", [
    ("country", "KZ"), ("country", ["kz"]), ("country", 7), ("period", "2024-2016"), ("period", "2024-"), ("period", "1824"),
    ("edition", "2024-02-30"), ("edition", "yesterday"), ("languages", "en"), ("languages", ["en", "en"]), ("title", "National report"),
    ("title", {"en": ""}), ("title", {"xx": "Report"}), ("by", "violation"), ("by", ["violation", "violation"]),
    ("by", [["violation"]]), ("crosses", [["violation"]]), ("crosses", [["violation", "violation"]]),
    ("compare_years", ["2022", "2020"]), ("compare_years", ["2020"]), ("bias", "fake_date"), ("countries", ["kz", "xx"]),
    ("slides", "yes"), ("slides", 1), ("documented_by", "E\nCOM"), ("documented_by", "x" * 300), ("together", "violation;"),
    # Nothing may lead out of data/raw, and nothing is a source without its record.
    ("cases", "../raw/ecom/kazakhstan_2024_cases.xlsx"), ("cases", "/etc/passwd"), ("cases", "ecom/../../../secret.xlsx"),
    ("cases", "ecom"), ("cases", "ecom/nothing.xlsx"), ("cases", "ecom\\kazakhstan_2024_cases.xlsx"),
    ("cases", "http://example.org/a.xlsx"), ("cases", "ecom/kazakhstan_2024_cases.xlsx\x00"),
    ("cases", "ecom/kazakhstan_2024_cases.xlsx.source.yml"), ("cases", {"file": "x"}),
])
def test_a_value_of_the_wrong_kind_is_refused_with_what_it_should_be(name, value):
    said = refused(**{name: value})
    assert said.startswith(f"some.yml: {name}: ") and " cannot be used. It is " in said


@pytest.mark.parametrize("name", ["__import__('os')", "country = 1; import os", "folder", "Country", "country\n", "", 3])
def test_a_name_that_is_no_parameter_is_refused(name):
    """papermill writes names into code: only known ones may reach it."""
    with pytest.raises(UsageError, match="There is no parameter"):
        parameters.checked(GOOD | {name: "x"}, "some.yml")


@pytest.mark.parametrize("report", ["../kazakhstan-2024", "reports/kazakhstan-2024", "", "a" * 100, "Kazakhstan-2024",
                                    "kazakhstan-2024.yml", "$(id)"])
def test_a_report_is_a_name_and_not_a_path(report):
    with pytest.raises(UsageError, match="There is no report"):
        parameters.load(report)


def test_what_a_report_leaves_out_is_empty_and_never_the_default_of_a_notebook():
    uzbekistan = parameters.load("uzbekistan-2022")
    assert set(uzbekistan) == set(parameters.PARAMETERS)
    assert uzbekistan["published"] == uzbekistan["claims"] == uzbekistan["documented_by"] == ""


def test_plain_years_and_dates_become_text():
    assert parameters.load("kazakhstan-2024", {"period": 2023, "compare_years": [2019, 2020]})["period"] == "2023"
    assert GOOD["edition"] == "2026-11-24" and GOOD["compare_years"] == ["2020", "2022"]


def defaults(name):
    """The assignments of the parameter cell of a notebook."""
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    cell, = ("".join(c["source"]) for c in cells if "parameters" in c["metadata"].get("tags", []))
    return {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(cell).body}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_notebooks_by_themselves_are_the_public_example(name):
    found = defaults(name)
    assert found.pop("folder") == "data/processed/draft"
    given = {"folder"} | ({"last_edition"} if found.pop("last_edition", None) == "" else set())
    assert found == {key: GOOD[key] for key in found}
    assert declared(ROOT / "notebooks" / f"{name}.ipynb") == {*given, *found}


def test_every_parameter_reaches_a_notebook():
    assert set().union(*(defaults(name) for name in NOTEBOOKS)) == {"folder", "last_edition", *parameters.PARAMETERS}


# A thousand hostile names and values, none of which reaches a notebook or opens a file.

PATHS = ["../{0}", "../../{0}", "/{0}", "//{0}", "~/{0}", "a/../{0}", "ecom/../../{0}", "ecom/./{0}", "./ecom/{0}", "ecom//{0}",
         "ecom/{0}/", "C:\\{0}", "ecom\\..\\{0}", "ecom/{0}\x00.xlsx", "ecom/{0}\n", "ecom /{0}", "file:///{0}", "https://example.org/{0}", "s3://b/{0}",
         "\\\\host\\{0}", "ecom/{0}|id", "ecom/$({0})", "ecom/`{0}`", "ecom/{0};id", "ecom/%2e%2e%2f{0}", "ecom/\u202e{0}", "..%2f{0}",
         "ecom/{0}?x=1", "ecom/*{0}",
         "proc/{0}/environ", "ecom/\uff0e\uff0e/{0}", "ecom/{0}" + "x" * 5000, "ecom/link-{0}"]
ENDS = ["passwd", "kazakhstan_2024_cases.xlsx", "secret.csv", "cases.xlsx.source.yml", "x"]
CODE = ["__import__('os').system('id')", "{{7*7}}", "${HOME}", "<script>1</script>", "=cmd|'/c calc'!A0", "'; drop table cases; --",
        "x\nimport os",
        "\x00", "\x1b[2J", "\u202eabc", "%s%n", "!!python/object/apply:os.system [id]", "a" * 100_000, "🙂\x07"]
OF_FILES = ("cases", "incidents", "export", "published", "official", "claims", "rates", "codings", "figures", "quotes", "previous")
ODD = [True, 1.5, 10 ** 400, float("nan"), float("inf"), {"file": "x"}, [[[]]], {"en": {"en": "x"}}, [None], ["kz", {"a": 1}]]
HOSTILE = [*[(name, path.format(end)) for name in OF_FILES[:5] for path in PATHS for end in ENDS],
           *[(name, [path.format("x.csv")]) for name in ("populations", "cases") for path in PATHS],
           *[(name, code) for name in parameters.PARAMETERS if name not in ("title", "documented_by") for code in CODE],
           *[(name, odd) for name in parameters.PARAMETERS for odd in ODD if not (name == "documented_by" and odd in (True, 10 ** 400))
             and not (parameters.PARAMETERS[name][0] is parameters.is_yes_or_no and odd is True)],
           *[("title", {"en": code}) for code in CODE if not code.isprintable() or len(code) > 200],
           *[(code, "x") for code in CODE],
           *[(f"{name}{end}", "x") for name in parameters.PARAMETERS for end in (" ", "=1", "\n", "__", ".x")]]


def test_a_thousand_hostile_names_and_values_are_refused_before_a_file_is_opened(monkeypatch):
    assert len(HOSTILE) > 1000
    refused(country="zz", by=["zz"], bias="zz")  # the codebook's own names, which are read once
    opened = []
    for where, name in ((builtins, "open"), (io, "open"), (os, "open"), (subprocess, "Popen"), (socket, "socket")):
        monkeypatch.setattr(where, name, lambda *how, **more: opened.append(how) or pytest.fail("opened"))
    for name, value in HOSTILE:
        with pytest.raises(UsageError) as error:
            parameters.checked(GOOD | {name: value}, "some.yml")
        assert str(error.value).startswith("some.yml: ") and len(str(error.value)) < 2000, (name, value)
    assert not opened


def test_a_link_that_leads_out_of_data_raw_is_no_source(tmp_path, monkeypatch):
    for folder in ("data/raw/ecom", "data/codebook", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("elsewhere/a.csv", "elsewhere/a.parquet", "data/raw/ecom/b.csv"):
        (tmp_path / name).touch()
        (tmp_path / f"{name}.source.yml").touch()
    raw = tmp_path / "data" / "raw"
    (raw / "out").symlink_to(tmp_path / "elsewhere")
    for name in ("a.csv", "a.csv.source.yml"):
        (raw / "ecom" / name).symlink_to(tmp_path / "elsewhere" / name)
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    assert parameters.is_source("ecom/b.csv")
    assert not any(map(parameters.is_source, ("out/a.csv", "ecom/a.csv"))) and not parameters.is_edition("out/a.parquet")


def test_each_project_is_held_against_its_own_codebook(tmp_path, monkeypatch):
    assert not parameters.is_variable("shoe_size")
    shutil.copytree(ROOT / "data" / "codebook", tmp_path / "data" / "codebook")
    with open(tmp_path / "data" / "codebook" / "variables.csv", "a", encoding="utf-8") as file:
        file.write("shoe_size,Shoe size\n")
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    assert parameters.is_variable("shoe_size")


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system [id]", "!!python/name:os.system", "a: &a [x]\nb: [*a, *a]", "[" * 5000,
                                  "x" * 30_000, "2024-99-99", "\x00", "{", "!!binary zz", "? [a]\n: b"])
def test_what_yaml_can_do_beyond_plain_values_is_refused(text):
    with pytest.raises(UsageError, match="^it "):
        parameters.read(text)
