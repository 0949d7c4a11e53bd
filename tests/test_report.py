"""The report: three forms with the same numbers, nothing from elsewhere, the same bytes each time, nothing silent."""

import collections
import html
import html.parser
import os
import re
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import pandas as pd
import pypandoc
import pypdf
import pytest

from analysis import codebook, ledger, parameters, protect, report, results, source
from analysis.published import money, printed, register
from analysis.statistics import agreement, justice

LEFT_OUT_FOR_UZBEKISTAN = {"Legislation", "Right by right", "The share as it was printed", "Recommendations",
                           "Cases published by the organisation itself", "Legal protection and the way to justice",
                           "What changed since the last edition"}
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000"
                      "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082")


def results_of(name: str, folder: Path) -> pd.DataFrame:
    """All results of a report, made from the public sources as the notebooks make them."""
    p, book = parameters.load(name), codebook.load()
    source.prepare(folder, [p["cases"], p["incidents"], p["export"]], book)
    part = source.opened(folder, p["cases"], book, p["country"], p["period"])
    incidents, export = (source.opened(folder, p[file], book, p["country"], p["incident_period"]) for file in ("incidents", "export"))
    published = printed.cases_by_year(p["published"], book, "03", p["country"], p["documented_by"])
    made = [results.total(part, book, "02"), *(results.one_way(part, book, "02", variable) for variable in p["by"]),
            *(results.cross(part, book, "02", *pair) for pair in p["crosses"]), results.together(part, book, "02", p["together"]),
            results.total(incidents, book, "03"), results.by_year(incidents, book, "03", "bias_motivation", p["bias"]),
            *(results.years(incidents, book, "03", variable) for variable in p["incidents_by"]),
            *(results.changes(incidents, book, "03", variable, p["compare_years"]) for variable in p["incidents_by"]),
            published, printed.change(published), results.one_way(export, book, "04", "bias_motivation"),
            results.mentions(export, book, "04", "bias_motivation"), printed.shares(p["claims"], book, "04", p["country"]),
            results.countries(export, book, "04", "bias_motivation", p["bias"], p["countries"]),
            results.timeline(incidents, book, "03"), results.places(export, book, "04", "country", "bias_motivation", p["bias"]),
            printed.official(p["official"], book, "04", p["country"]), *(results.ranks(part, book, "02", one) for one in p["by"]),
            results.ranks(export, book, "04", "bias_motivation"), *(results.independence(part, book, "02", *pair) for pair in p["crosses"]),
            justice.funnel(part, book, "02"), justice.stopped(part, book, "02"), justice.series(p["official"], book, "04", p["country"]),
            agreement.of(p["codings"], book, "01"), money.converted(p["claims"], book, "05", p["country"], p["rates"])]
    ledger.keep(folder, *made)
    so_far, lists = ledger.gather(folder), [p[one] for one in ("published", "official", "claims", "figures")]
    ledger.keep(folder, *made, printed.claims(p["claims"], book, "05", so_far, p["country"], p["rates"]),
                register.of(lists, book, "05", p["country"], so_far, p["rates"]))
    return ledger.gather(folder)


def about(name: str) -> report.About:
    p = parameters.load(name)
    files = [p[file] for file in ("cases", "incidents", "export", "published", "official", "claims", "rates", "codings", "figures")]
    return report.About(p["title"], p["edition"], p["country"], p["period"], p["incident_period"], p["bias"], p["documented_by"], files)


def stand_ins(safe: protect.Safe, folder: Path, lang: str = "en") -> Path:
    """Small pictures in place of the figures, which other tests draw: a report only puts them in."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in safe.tables:
        (folder / f"{name}.{lang}.svg").write_text(SQUARE)
        (folder / f"{name}.{lang}.png").write_bytes(PIXEL)
        (folder / f"{name}.{lang}.txt").write_text(f'Described: {name} "in words".\nSecond line.\n')
    return folder


@cache
def safe_results(name: str) -> protect.Safe:
    """The safe results of a report; each is made once for all test files that use it."""
    with tempfile.TemporaryDirectory() as folder:
        return protect.publication(results_of(name, Path(folder)))


@pytest.fixture(scope="session")
def kazakhstan():
    return safe_results("kazakhstan-2024")


@pytest.fixture(scope="session")
def uzbekistan():
    return safe_results("uzbekistan-2022")


@pytest.fixture(scope="session")
def published(kazakhstan, book, tmp_path_factory):
    out = stand_ins(kazakhstan, tmp_path_factory.mktemp("out"))
    report.publish(kazakhstan, out, book, "en", about("kazakhstan-2024"))
    return out


class Text(html.parser.HTMLParser):
    """The text of a page without its head; data: pictures are no text."""

    def __init__(self):
        super().__init__()
        self.parts, self.skipped, self.addresses = [], 0, []

    def handle_starttag(self, tag, attributes):
        self.skipped += tag in ("style", "script", "title")
        self.addresses += [(tag, name, value) for name, value in attributes if value and re.search("https?://|^//", value)]

    def handle_endtag(self, tag):
        self.skipped -= tag in ("style", "script", "title")
        self.parts.append("" if tag == "a" else " ")  # a number that is a link ends no word

    def handle_data(self, data):
        self.parts.append("" if self.skipped else data)


def text_of(file: Path) -> str:
    """What a reader reads in a docx, html or pdf, read by a program that did not write it, with single spaces."""
    if file.suffix == ".docx":
        parts = [zipfile.ZipFile(file).read(f"word/{part}.xml").decode() for part in ("document", "footnotes")]
        text = " ".join(re.sub(r"<w:instrText.*?</w:instrText>|</w:p>|</w:tc>", " ", part) for part in parts)
        text = pypandoc.convert_text(re.sub(r"<[^>]+>", "", text), "plain", "html", extra_args=["--wrap=none"])
    elif file.suffix == ".html":
        page = Text()
        page.feed(file.read_text(encoding="utf-8"))
        text = "".join(page.parts)
    else:
        text = "\n".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
    return re.sub(r"\s+", " ", text.replace("\u00ad", ""))


@pytest.fixture(scope="session")
def texts(published):
    return {form: text_of(published / f"report.en.{form}") for form in ("docx", "html", "pdf")}


# Worked out by hand from the published report and ODIHR's lists: 9/31 = 29.03 %, 64/89 = 71.91 %, 64/112 = 57.14 %, 83/31 = 2.677;
# the ends of the intervals are those of statsmodels' proportion_confint(9, 31, method="wilson") and of R's poisson.test(c(83, 31)).
KNOWN = ["31 documented cases", "9 of 31 documented cases (29%; 95% interval 16 to 47%)", "64 of 89", "71.9%", "64 of 112", "57.1%",
         "105 of 134 incidents, 78%", "83 documented cases for 2023 and 31 documented cases for 2024", "2.68 (95% interval 1.75 to 4.19)",
         "“fake date” and “hate speech”, each of them recorded by itself and with nothing else: 7 of 31 documented cases",
         "“hate speech” with 7 of 31", "20 of 31 documented cases (65%; 95% interval 47 to 79%)"]


@pytest.mark.parametrize("form", ["docx", "html", "pdf"])
@pytest.mark.parametrize("said", KNOWN)
def test_known_numbers_are_in_each_form(texts, form, said):
    assert said in texts[form]


COUNTED = re.compile(r"\d[\d,]* of \d[\d,]*|\d[\d.,]*%|[+−]?\d+ to [+−]?\d+|\d[\d,]* (?:documented|reported|mentions)"
                     r"|” \(\d+\)|\d+\.\d+ \(")


def test_the_three_forms_carry_the_same_numbers(texts):
    """Every count with its base, percentage, interval and count with its unit; figures and pages have numbers of their own."""
    once = {form: text.replace("95% interval", "") for form, text in texts.items()}  # heads of tables are repeated on each page
    once["html"] = once["html"].rpartition("Where each number comes from")[0]  # the list at its end
    found = {form: collections.Counter(COUNTED.findall(text)) for form, text in once.items()}
    assert sum(found["html"].values()) > 250
    assert found["docx"] == found["html"]
    assert found["pdf"] == found["html"]


def test_official_marks_are_kept_apart(texts):
    # ODIHR's page of Kazakhstan: 2018 prints a dash for prosecuted; 2019 and 2020 "Not available"; 2021 and 2022 have no line.
    for form, text in texts.items():
        assert re.search(r"2018 14 – ?a 64", text), form
        assert re.search(r"2019 Not available ?b", text), form
        assert re.search(r"2021 no row ?c no row ?c no row ?c", text), form
        assert "It has no line at all for 2021 and 2022" in text, form
    assert not re.search(r"2019 0|2021 0", texts["html"])


def test_html_loads_nothing_and_runs_nothing(published):
    page = Text()
    text = (published / "report.en.html").read_text(encoding="utf-8")
    page.feed(text)
    assert {(tag, name) for tag, name, _ in page.addresses} <= {("a", "href"), ("html", "xmlns")}
    assert "<script" not in text and "@import" not in text and "url(http" not in text
    assert text.count('src="data:image/svg+xml') == len(re.findall("<figure", text)) > 10


def test_metadata_names_nobody_and_no_path(published):
    core = zipfile.ZipFile(published / "report.en.docx").read("docProps/core.xml").decode()
    assert "<dc:creator></dc:creator>" in core and "2026-11-24T00:00:00Z" in core and "lastModifiedBy" not in core
    pdf = pypdf.PdfReader(published / "report.en.pdf")
    assert pdf.metadata.author is None and pdf.metadata.title == "National report on violations of the rights of LGBT people"
    parts = zipfile.ZipFile(published / "report.en.docx")
    every = b"".join(parts.read(part) for part in parts.namelist())
    for told in (every, (published / "report.en.html").read_bytes(), (published / "report.en.pdf").read_bytes()):
        assert str(published).encode() not in told and os.environ.get("USER", "nobody at all").encode() + b"@" not in told


def test_the_pdf_is_tagged_described_and_has_a_language(published):
    root = pypdf.PdfReader(published / "report.en.pdf").trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en" and "/StructTreeRoot" in root
    fonts = {str(font["/BaseFont"]) for page in pypdf.PdfReader(published / "report.en.pdf").pages
             for font in (one.get_object() for one in page["/Resources"].get("/Font", {}).values())}
    assert fonts and all("SourceSans3" in font for font in fonts)


def descriptions(element) -> list[str]:
    """The alternative texts of a tagged pdf."""
    element = element.get_object()
    if isinstance(element, list):
        return [text for child in element for text in descriptions(child)]
    if not isinstance(element, dict):
        return []
    own = [str(element["/Alt"])] if "/Alt" in element else []
    return own + (descriptions(element["/K"]) if "/K" in element else [])


def test_figures_are_described_in_each_form(published):
    document = html.unescape(zipfile.ZipFile(published / "report.en.docx").read("word/document.xml").decode())
    assert "Described: 02_violations 'in words'. Second line." in document
    assert "Described: 02_violations 'in words'. Second line." in html.unescape((published / "report.en.html").read_text(encoding="utf-8"))
    tagged = pypdf.PdfReader(published / "report.en.pdf").trailer["/Root"]["/StructTreeRoot"]
    assert 'Described: 02_violations "in words".\nSecond line.\n' in descriptions(tagged)


def test_the_docx_has_styles_contents_and_repeated_heads(published):
    document = zipfile.ZipFile(published / "report.en.docx").read("word/document.xml").decode()
    assert document.count('w:val="Heading1"') == document.count('w:val="TOC1"') == 14
    assert document.count("<w:tblHeader") == document.count("<w:tbl>") >= 7
    assert 'w:w="11906"' in document and "w:dirty" not in document and "SEQ Figure" in document
    anchors = re.findall(r'w:hyperlink w:anchor="([^"]+)"', document)
    assert anchors and all(f'w:name="{anchor}"' in document for anchor in anchors)


def test_a_source_is_told_in_full_once_and_then_in_short(published):
    xml = zipfile.ZipFile(published / "report.en.docx").read("word/footnotes.xml").decode()
    notes = [re.sub("<[^>]+>", "", one).strip() for one in re.findall("<w:footnote .*?</w:footnote>", xml, re.DOTALL)]
    full = [one for one in notes if "Received on" in one]
    # Full: the cases, official figures, the claims, the export, the claims as printed, two codings, published figures. In short: the
    # cases before access to rights, right by right, responses and stages; the export before countries, map, years and months.
    assert len(full) == len(set(full)) == 7
    assert sum(one.startswith("ECOM, National Report") and one.endswith("2024, as above.") for one in notes) == 4
    assert sum(one.startswith("OSCE/ODIHR") and one.endswith("early 2024, as above.") for one in notes) == 4


def test_a_second_run_writes_the_same_bytes(kazakhstan, published, book, tmp_path):
    environment = dict(os.environ)
    for name in report.publish(kazakhstan, stand_ins(kazakhstan, tmp_path / "again"), book, "en", about("kazakhstan-2024")):
        assert (tmp_path / "again" / name).read_bytes() == (published / name).read_bytes(), name
    assert dict(os.environ) == environment


def changed(safe: protect.Safe, key: str, **values) -> protect.Safe:
    table = safe.results
    for column, value in values.items():
        table.loc[table.id == key, column] = value
    return protect.publication(table)


def test_a_changed_number_changes_in_all_three(kazakhstan, book, tmp_path):
    other = changed(kazakhstan, "02_violations.fake_date", n=29.0)
    report.publish(other, stand_ins(other, tmp_path), book, "en", about("kazakhstan-2024"))
    for form in ("docx", "html", "pdf"):
        text = text_of(tmp_path / f"report.en.{form}")
        assert "“fake date”: 29 of 31 documented cases" in text and "“fake date”: 9 of 31" not in text


NASTY = "=1 <script>alert(1)</script> $x$ [a](b) *b* `c` @x | # ![i](j) {.k} \\n ^[note] ~s~ <http://e.example>"


def test_text_from_data_stays_text(kazakhstan, book, tmp_path):
    other = changed(kazakhstan, "05_claims.kz24.cases", text=NASTY)
    report.publish(other, stand_ins(other, tmp_path), book, "en", about("kazakhstan-2024"))
    for form in ("html", "pdf"):
        assert re.sub(r"\s", "", NASTY) in re.sub(r"\s", "", text_of(tmp_path / f"report.en.{form}")), form
    document = zipfile.ZipFile(tmp_path / "report.en.docx").read("word/document.xml").decode()
    assert NASTY in html.unescape(document) and "<script" not in document
    assert "<script" not in (tmp_path / "report.en.html").read_text(encoding="utf-8")


def test_another_country_needs_no_other_template(uzbekistan, book, tmp_path, capsys):
    names = report.publish(uzbekistan, stand_ins(uzbekistan, tmp_path), book, "en", about("uzbekistan-2022"))
    assert names == ["report.en.docx", "report.en.html", "report.en.pdf"]
    told = capsys.readouterr().out
    assert {line.partition(": ")[2].rstrip(".") for line in told.splitlines()} >= LEFT_OUT_FOR_UZBEKISTAN
    text = text_of(tmp_path / "report.en.html")
    assert "48 of 64" in text and "75.0%" in text  # ODIHR's list of Uzbekistan: 48/64 = 75 %
    assert len(re.findall("sheet 0[24]_bias_motivations\\.", text)) == 1  # what two notebooks count alike is shown once
    assert not re.search("Kazakh|Criminal Code|fake date|ECOM published|documented case[^s]*, documented by \\.", text)
    for section in ("Legislation", "Recommendations", "Access to rights"):
        assert section not in text


def test_laws_and_recommendations_follow_their_evidence(kazakhstan, book, tmp_path, published):
    text = text_of(published / "report.en.html")
    assert "Article 118 of the Criminal Code" in text and "Restriction of assembly or association: 3 of 31" in text
    none = changed(kazakhstan, "02_violations.assembly_restriction", n=0.0)
    said, _ = report.written(none, stand_ins(none, tmp_path), book, "en", about("kazakhstan-2024"))
    assert "peaceful assembly" in text and "peaceful assembly and association without" not in said


def test_nine_against_seven_is_no_difference(texts):
    # Wilson intervals 16.1 to 46.6 % and 11.4 to 39.8 % overlap; 64 of 89 (61.8 to 80.2 %) and 26 of 89 (20.8 to 39.4 %) do not.
    assert "9 against 7 is not a difference" in texts["html"]
    assert "the records do not tell the two apart" in texts["html"]


def test_results_that_are_not_safe_are_refused(book, tmp_path):
    with pytest.raises(TypeError, match="Safe"):
        report.publish(pd.DataFrame(), tmp_path, book, "en", about("kazakhstan-2024"))


def test_a_missing_figure_is_told_by_its_name(kazakhstan, book, tmp_path):
    (stand_ins(kazakhstan, tmp_path) / "02_violations.en.svg").unlink()
    with pytest.raises(codebook.UsageError, match="02_violations.en.svg was not drawn"):
        report.publish(kazakhstan, tmp_path, book, "en", about("kazakhstan-2024"))


def test_the_folder_is_made_empty(tmp_path):
    (tmp_path / "x" / "publication").mkdir(parents=True)
    (tmp_path / "x" / "publication" / "old.pdf").write_text("old")
    assert report.folder(tmp_path / "x") == tmp_path / "x" / "publication"
    assert list((tmp_path / "x" / "publication").iterdir()) == []


def test_nothing_reads_as_prevalence_or_as_registered_crime(texts):
    for said in ("prevalence of", "rate of violence", "registered hate crimes", "more and more", "typical"):
        assert said not in texts["html"].replace("Called “registered hate crimes”", "")
    assert "A count of documented cases is not prevalence" in texts["html"]
    assert "no independent confirmation" in texts["html"]
