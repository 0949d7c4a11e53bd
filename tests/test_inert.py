"""Nothing that is published runs, calculates, fetches or says who made it: every file of the public reports is looked into."""

import base64
import csv
import getpass
import io
import json
import re
import shutil
import socket
import subprocess
import unicodedata
import zipfile
from html.parser import HTMLParser
from urllib.parse import unquote

import openpyxl
import pandas as pd
import pypdf
import pytest
from conftest import REPORT, ROOT

from analysis import codebook, figure, ledger, protect, table
from analysis.protection import inside

REPORTS = (REPORT, "uzbekistan-2022")
# Bound to run or to fetch something, whatever they hold.
ACTIVE = {"script", "iframe", "object", "embed", "form", "base", "link", "foreignobject", "animate", "set", "audio", "video", "source"}
FETCH = ("src", "srcset", "href", "xlink:href", "data", "action", "poster")
OWN = "not an origin"  # how Chromium's record names itself


@pytest.fixture(scope="module")
def files(project):
    """Every file of both reports."""
    return [file for report in REPORTS for file in sorted((project / "figures" / report).iterdir())]


@pytest.fixture(scope="module")
def said(files):
    """(file, place in it, text) of everything that the files say."""
    read = [file for file in files if file.name[-6:] not in ("ru.pdf", "kk.pdf")]  # docx and html say the same, and are read faster
    return [(file, place, text) for file in read for place, text in inside.texts(file.read_bytes())]


def of(files, *ends):
    found = [file for file in files if file.suffix in ends]
    assert found
    return found


class Marks(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def live(text):
    """What in html or svg would run or fetch something: marks, handlers, references to other places."""
    found = [tag for tag, _ in Marks(text).found if tag in ACTIVE]
    attributes = [(tag, name, value or "") for tag, attrs in Marks(text).found for name, value in attrs.items()]
    may = lambda tag, value: value.startswith(("#", "data:image/")) or tag == "a" and re.match(r"https://|mailto:", value)  # noqa: E731
    found += [f"{tag} {name}" for tag, name, value in attributes if name.startswith("on") or "javascript:" in value.casefold()]
    found += [f"{tag} {name}" for tag, name, value in attributes if name in FETCH and not may(tag, value)]
    found += [f"{tag} {name}" for tag, name, value in attributes if name == "style" and re.search(r"url\((?!['\"]?#)", value)]
    return found + re.findall(r"@import|<!ENTITY|<!DOCTYPE svg", text)


def test_pages_and_drawings_run_and_fetch_nothing(files):
    for file in of(files, ".html", ".svg"):
        text = file.read_text(encoding="utf-8")
        assert not live(text), file.name
        packed = re.findall(r"data:image/svg\+xml;base64,([^\"')]+)", text)
        assert not [what for one in packed for what in live(base64.b64decode(unquote(one)).decode())]
    for file in of(files, ".html"):
        told = [attrs for _, attrs in Marks(file.read_text(encoding="utf-8")).found if attrs.get("http-equiv") == "Content-Security-Policy"]
        assert [one["content"].split("; ")[:3] for one in told] == [["default-src 'none'", "img-src data:", "style-src 'unsafe-inline'"]]


@pytest.mark.parametrize("text, what", [
    ("<script>1</script>", "script"), ("<p onclick='x()'>", "p onclick"), ("<img src='https://example.org/a.png'>", "img src"),
    ("<svg><image xlink:href='//example.org/a'/></svg>", "image xlink:href"), ("<a href='javascript:x()'>", "a href"),
    ("<p style='background:url(https://example.org/a)'>", "p style"), ("<style>@import 'a.css';</style>", "@import")])
def test_what_runs_or_fetches_is_seen(text, what):
    assert what in live(text)


def test_no_page_makes_a_browser_ask_the_network_for_anything(files, tmp_path):
    """In Chromium itself: its own record of the network holds no request and no connection; a page that fetches has one."""
    for file in of(files, ".html"):
        assert not asked(file, tmp_path / f"{file.parent.name}.json")
    with socket.create_server(("127.0.0.1", 0)) as there:
        page = tmp_path / "fetches.html"
        address = f"http://127.0.0.1:{there.getsockname()[1]}/a.png"
        page.write_text(f"<!DOCTYPE html><title>x</title><img src='{address}'>", encoding="utf-8")
        assert asked(page, tmp_path / "fetches.json") == {address}


def asked(page, log):
    """The addresses that a page made Chromium ask for; what the browser asks for itself has no origin, and is led nowhere."""
    quiet = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run", "--disable-dev-shm-usage", "--timeout=3000",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    subprocess.run([shutil.which("chromium"), *quiet, f"--user-data-dir={log.with_suffix('')}", f"--log-net-log={log}", "--dump-dom",
                    page.as_uri()], capture_output=True, check=True, timeout=120)
    told = [event.get("params", {}) for event in json.loads(log.read_text(encoding="utf-8"))["events"]]
    assert told
    return {one["url"] for one in told if "url" in one and one.get("initiator", OWN) != OWN and not one["url"].startswith("data:")}


def test_no_cell_is_a_formula_and_nothing_is_hidden_in_the_workbook(files):
    for file in of(files, ".xlsx"):
        made = openpyxl.load_workbook(file)
        assert all(sheet.sheet_state == "visible" for sheet in made)
        for sheet in made:
            assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
            assert not [one for one in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()) if one.hidden]
        with zipfile.ZipFile(file) as packed:
            assert not [name for name in packed.namelist() if re.search("external|vba|macro|customXml|comment", name, re.I)]
        assert not [name for name, one in made.defined_names.items() if one.hidden]


def test_no_cell_of_a_csv_is_taken_for_a_formula(files):
    for file in of(files, ".csv"):
        for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8"))):
            assert not [cell for cell in row if cell[:1] in "=+-@\t\r" and cell and not re.fullmatch(r"-?[\d.]+(e-?\d+)?", cell)], file.name


def test_texts_that_begin_like_formulas_are_text_in_csv_and_workbook(book, tmp_path):
    """OWASP, CSV injection: an apostrophe before the text; numbers stay numbers, negative ones too."""
    hostile = ["=1+1", "+7", "-cmd", "@sum(a1)", "\t=1", " =1", "plain", "a=b"]
    table_ = pd.DataFrame({"text": hostile, "value": [-1.5] * len(hostile)})
    out = figure.inert(table_).to_csv(index=False).splitlines()[1:]
    assert out == ["'=1+1,-1.5", "'+7,-1.5", "'-cmd,-1.5", "'@sum(a1),-1.5", "'\t=1,-1.5", "' =1,-1.5", "plain,-1.5", "a=b,-1.5"]
    safe = protect.publication(one_result("=HYPERLINK(\"http://example.org\")"))
    figure.publish(safe, tmp_path, book, "en")
    table.publish(safe, tmp_path, book, "en")
    row, = csv.DictReader(io.StringIO((tmp_path / "02_violations.csv").read_text(encoding="utf-8")))
    assert row["source"] == "'=HYPERLINK(\"http://example.org\")" and float(row["n"]) == 3
    cells = [cell for sheet in openpyxl.load_workbook(tmp_path / "tables.xlsx") for line in sheet.iter_rows() for cell in line]
    assert any("=HYPERLINK" in str(cell.value) for cell in cells) and not [cell for cell in cells if cell.data_type == "f"]


def one_result(source):
    """A breakdown of one row, from a source that is cited so."""
    counted = pd.DataFrame({"violation": ["threat"], "n": [3.0], "base": [31.0], "share": [3 / 31], "low": [0.03], "high": [0.25],
                            "base_rule": ["all"], "unit": ["cases"], "method": ["wilson"]})
    record = {"cite": source, "level": "public", "period": "2024", "place": "kz"}
    return ledger.entries(counted, ["violation"], "02_violations", "bars", "ecom/kazakhstan_2024_cases.xlsx", record)


def test_signs_that_nobody_sees_are_in_no_file(said):
    """No marks of direction, no signs that control a terminal: text reads as it stands."""
    for file, place, text in said:
        unseen = [sign for sign in set(text) if unicodedata.category(sign) in ("Cc", "Cf", "Cs") and sign not in "\n\t\r\f"]
        unseen = [sign for sign in unseen if (place, sign) != ("metadata", "\ufeff")]  # with which the metadata of every pdf begin
        assert not unseen, (file.name, place, [f"U+{ord(sign):04X}" for sign in unseen])


def test_signs_that_nobody_sees_are_taken_out_of_what_comes_from_data(tmp_path):
    found = one_result("Invented\u202eecruos\u200b \x1b[2J\x07, 2024").source[0]
    assert found == "Inventedecruos  [2J , 2024"
    (tmp_path / "a.csv.source.yml").write_text("cite: 'Invented\u202e \u2066source'", encoding="utf-8")
    assert codebook.source_record(tmp_path / "a.csv") == {"cite": "Invented source"}


def test_no_file_says_who_made_it_or_where(said, project):
    somebody = [re.escape(name) for name in (socket.gethostname(), getpass.getuser()) if len(name) > 4]
    paths = [re.escape(str(path)) for path in (project, ROOT)]
    usual = [r"/(?:home|tmp|Users)/\w", r"\b[A-Z]:\\\\", "file://"]
    where = re.compile("|".join([*paths, *usual, *(rf"\b{one}\b" for one in somebody)]))
    for file, place, text in said:
        assert not where.search(text), (file.name, place)


def test_documents_have_no_author_no_changes_and_nothing_behind_them(files):
    for file in of(files, ".docx", ".xlsx"):
        with zipfile.ZipFile(file) as packed:
            said = {part: packed.read(part).decode() for part in packed.namelist() if part.endswith((".xml", ".rels"))}
        assert not re.search(r"<(dc:creator|cp:lastModifiedBy)>[^<]", said["docProps/core.xml"])
        assert not [part for part in said if re.search("people|persons|customXml|vba|external", part, re.I)]
        assert not re.search(r"<w:(ins|del|comment) ", "".join(said.values()))
        outside = re.findall(r'Target="([^"]+)"[^>]*TargetMode="External"', "".join(said.values()))
        assert not [target for target in outside if not target.startswith("https://")]
    for file in of(files, ".pdf"):
        found = pypdf.PdfReader(file)
        assert set(found.metadata) <= {"/Title", "/Creator", "/ModDate", "/CreationDate"} and found.metadata["/Creator"].startswith("Typst")
        assert not {"/JavaScript", "/EmbeddedFiles"} & set(found.trailer["/Root"].get("/Names", {}))
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(found.trailer["/Root"])
    for file in of(files, ".png"):
        assert {text.split("\n")[0] for _, text in inside.texts(file.read_bytes()) if text} == {"Title"}
