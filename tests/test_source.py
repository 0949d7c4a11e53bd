"""Sources: the record beside a file, its fingerprint, its rows, and the part of it that a report counts."""

import re
import shutil

import pandas as pd
import pytest
import yaml
from conftest import RAW, ROOT

from analysis import codebook, source
from analysis.problems import DataError

ECOM, EXPORT = "ecom/kazakhstan_2024_cases.xlsx", "odihr/incidents_2016_2022_without_usa.csv.gz"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project folder of its own with the codebook and ECOM's sheet."""
    shutil.copytree(ROOT / "data" / "codebook", tmp_path / "data" / "codebook")
    shutil.copytree(RAW / "ecom", tmp_path / "data" / "raw" / "ecom")
    monkeypatch.setenv("CASEBOOK_HOME", str(tmp_path))
    return tmp_path


def record(project):
    return project / "data" / "raw" / f"{ECOM}.source.yml"


def changed(project, **lines):
    """The record of ECOM's sheet with these lines changed, or left out where they are None."""
    found = yaml.safe_load(record(project).read_text(encoding="utf-8")) | lines
    record(project).write_text(yaml.safe_dump({k: v for k, v in found.items() if v is not None}, allow_unicode=True), encoding="utf-8")


def rules(*files):
    with pytest.raises(DataError) as error:
        source.received(files)
    return [one.rule for one in error.value.problems]


def test_every_public_source_is_the_file_that_was_received():
    files = [f"{one.parent.name}/{one.name.removesuffix('.source.yml')}" for one in RAW.glob("*/*.source.yml")]
    tracked = re.findall(r"^!/data/raw/(\S+/\S+)\*$", (ROOT / ".gitignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(files) == sorted(tracked)  # a public source is one that git does not ignore
    table = source.received([*files, ""])
    assert list(table.index) == files and set(table.level) == {"public"}


def test_a_changed_file_or_record_stops_everything_and_is_told_at_once(project):
    (project / "data" / "raw" / "ecom" / "published_figures.csv.source.yml").unlink()
    changed(project, sha256="0" * 64)
    assert rules(ECOM, "ecom/published_figures.csv", "ecom/none.csv") == ["file_changed", "file_missing", "record_missing"]


@pytest.mark.parametrize("lines", [{"level": None}, {"level": "secret"}, {"cannot_say": None}, {"cite": None}])
def test_a_record_without_a_line_it_needs_is_refused(project, lines):
    changed(project, **lines)
    assert rules(ECOM) == ["record_incomplete"]


@pytest.mark.parametrize("line", ["unit", "period"])
def test_the_record_of_a_table_of_cases_says_what_its_rows_are_and_of_which_years(project, book, line):
    changed(project, **{line: None})
    with pytest.raises(DataError, match=f"lacks {line}"):
        source.prepare("data/processed/x", [ECOM], book)


def test_rows_balance_and_only_counted_columns_are_kept(project, book):
    prepared = source.prepare("data/processed/x", [ECOM, "", ECOM], book)
    assert prepared.rows[["rows_read", "cases", "set_aside"]].values.tolist() == [[31, 31, 0]]
    assert prepared.ledger.groupby("what").rows.sum().to_dict() == {"counted": 31, "above the header": 1, "no header of this profile": 4}
    assert set(prepared.dropped.column) == {"amount", "chapter"}
    kept = pd.read_parquet(project / "data" / "processed" / "x" / "cases" / "ecom.kazakhstan_2024_cases.xlsx.parquet")
    assert len(kept) == 31 and not {"amount", "chapter"} & set(kept)


def test_preparing_starts_a_folder_anew(project, book):
    stale = project / "data" / "processed" / "x" / "results" / "02_old.parquet"
    stale.parent.mkdir(parents=True)
    stale.touch()
    source.prepare("data/processed/x", [ECOM], book)
    assert not stale.exists()


def test_a_report_counts_its_own_country_and_years(tmp_path, book):
    source.prepare(tmp_path, [EXPORT], book)
    whole, uzbekistan, late = (source.opened(tmp_path, EXPORT, book, *part) for part in ((), ("uz",), ("kz", "2021-2022")))
    # 18,112 incidents in all; Uzbekistan 64; Kazakhstan 2021 and 2022: 5 + 27 = 32.
    assert source.scope([whole, uzbekistan, None, late], book)["in this report"].tolist() == [18_112, 64, 32]
    assert late.where == {"country": ["kz"], "year": ["2021", "2022"]} and whole.where == {}
    assert source.opened(tmp_path, "", book) is None


def test_what_the_sources_cannot_say_reaches_the_reader():
    said = source.limits([ECOM, EXPORT, ""])
    assert set(said.file) == {ECOM, EXPORT} and said.cannot_say.str.len().min() > 20
    assert said.cannot_say.str.contains("not ECOM's own sheet").any()


def test_the_mark_of_unreviewed_labels_exists():
    assert codebook.UNREVIEWED["kk"] and set(codebook.UNREVIEWED) < set(codebook.LANGUAGES)
