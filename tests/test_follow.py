"""Every number that a report prints can be followed: in the page by a link and what it tells, in Word, if asked for, by a comment."""

import html
import html.parser
import re
import zipfile
from itertools import count

import pandas as pd
import pypandoc
import pytest
from test_report import COUNTED, PIXEL, about, kazakhstan, published, stand_ins, text_of  # noqa: F401  fixtures

from analysis import codebook, ledger, report, source
from analysis.protection import spoken
from analysis.wording import decided, follow
from analysis.wording.say import Say, plain

FAKE_DATE = "02_violations.fake_date; Base: 31 documented cases; Method: Wilson; Source: ecom/kazakhstan_2024_cases.xlsx"


class Links(html.parser.HTMLParser):
    """Of a page: every id, the links of numbers (target, what a reader who points at one sees, text), and the text outside them."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.found, self.outside, self.inside = [], [], "", False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.ids += [told["id"]] if "id" in told else []
        if tag == "a" and told.get("class") == "number":
            self.inside = True
            self.found.append([told["href"], told["title"], ""])

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "a"

    def handle_data(self, data):
        if self.inside:
            self.found[-1][2] += data
        else:
            self.outside += data


@pytest.fixture(scope="module")
def page(published):  # noqa: F811
    return (published / "report.en.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def links(page):
    return Links(page.partition("</nav>")[2].partition('<h1 data-number="15" id="numbers"')[0])


@pytest.fixture(scope="module")
def listed(page):
    """The list at the end: of each line its own id, where it leads back to, and its text."""
    lines = page.rpartition('id="numbers"')[2].partition("</ul>")[0].split("<li>")[1:]
    line = re.compile(r'<a\s+href="#(said-\d+)"\s+id="(number-\d+)">(.*?)</a>(.*)</span></li>', re.DOTALL)
    return {found[2]: (found[1], html.unescape(found[3] + found[4]).strip()) for found in map(line.search, lines)}


def test_every_number_of_the_text_is_a_link_that_tells_what_it_is(page, links, listed, kazakhstan):  # noqa: F811
    assert len(links.found) > 300
    assert not re.search(follow.MARKS, page)
    for target, told, text in links.found:
        said = listed[target.removeprefix("#")][1]
        assert text and told.replace("; ", ": ", 1) == said, text
    known = {*kazakhstan.results.id, *kazakhstan.tables}
    assert {said.partition(": ")[0] for _, said in listed.values()} <= known
    # 9 of the 31 cases are fake dates, Wilson 16 to 47 %, as in test_report.KNOWN; all of it is one link.
    assert ["9 of 31 documented cases (29%; 95% interval 16 to 47%)", FAKE_DATE] in [[text, told] for _, told, text in links.found]


def test_the_list_leads_back_to_where_each_number_stands_first(page, links, listed):
    ids = Links(page).ids
    assert len(ids) == len(set(ids)) and {back for back, _ in listed.values()} <= set(ids)
    first = {}
    for target, _, text in links.found:
        first.setdefault(target, text)
    for own, (back, _) in listed.items():
        at = page.index(f'id="{back}"')
        assert f'href="#{own}"' in page[at - 60:at + 60] and page.index(f'"#{own}"') in range(at - 60, at + 60), own


def test_no_count_share_or_interval_stands_outside_of_a_link(links):
    # What is left are years, articles of laws, the level of the intervals, and the titles of sources: "31 documented cases, reconstructed".
    left = COUNTED.findall(re.sub(r"95% interval|\b(?:19|20)\d\d\b", "", links.outside))
    assert set(left) <= {"95%", "31 documented"} and len(left) < 6
    assert len(COUNTED.findall(" ".join(text for *_, text in links.found))) > 250


def test_what_a_number_is_says_nothing_of_how_large_it_is(kazakhstan):  # noqa: F811
    """A hidden number has an id, a base, a method and a source; its size is in none of them."""
    row = next(kazakhstan.results.query("id == '02_violations.fake_date'").itertuples(index=False))
    other = row._replace(**dict.fromkeys(("n", "share", "low", "high"), float("nan")), no_value=ledger.HIDDEN)
    told = FAKE_DATE.partition("; ")[2]
    assert follow.facts(row, "en") == follow.facts(other, "en") == told
    bare = row._replace(base=float("nan"), method="")
    assert follow.facts(bare, "en") == "Unit: documented cases; Source: ecom/kazakhstan_2024_cases.xlsx"


# What a number can be that is no result: each kind by how it looks, or by the text that is quoted. Provisions of national law and
# differences from an earlier edition have no id because they are no results: how many they are is said, in words where they are few.
NO_RESULT = [r"\d{1,2} November 2026", r"\b(?:19|20)\d\d\b", r"95% interval", r"sheet \d\d_\w+", r"[Aa]rticle \d+(?:, paragraph \d+)?",
             r"File: \S+\. SHA-256: [0-9a-f]{64}"]


def quoted_texts(kazakhstan, book):  # noqa: F811
    """Every text that the report takes over as it stands: of source records, laws and recommendations, and what others printed."""
    files = {*kazakhstan.results.file, *about("kazakhstan-2024").files} - {""}
    records = [record for record in map(source.record, files)]
    laws, asked = (decided.rows(name, book, "en", "kz") for name in ("laws", "recommendations"))
    printed = kazakhstan.results[kazakhstan.results.form.isin(["claims", "register"])]
    return [*(text for one in records for key in ("title", "licence", "page", "cite") for text in [one.get(key, "")]),
            *(text for one in records for text in one.get("cannot_say", [])), *laws.text_says, *laws.text_standard,
            *asked.text_recommendation, *printed.text, *(text[:1].upper() + text[1:] for text in printed.text)]


def test_a_number_that_is_no_link_is_of_a_kind_that_no_result_has(page, kazakhstan, book):  # noqa: F811
    signs = r"<(nav|style|title).*?</\1>|<span[^>]*header-section-number.*?</span>|<sup>\d+</sup>"  # numbers of chapters and footnotes
    bare = re.sub(signs, "", page, flags=re.DOTALL)
    left = re.sub(r"\s+", " ", html.unescape(Links(bare.partition('id="numbers"')[0] + bare.rpartition('id="footnotes"')[2]).outside))
    for text in sorted(map(typographic, quoted_texts(kazakhstan, book)), key=len, reverse=True):
        left = left.replace(text, "") if text else left
    left = re.sub("|".join(NO_RESULT), "", left)
    assert [left[max(0, at.start() - 40):at.end() + 20] for at in re.finditer(r"\d+", left)] == []


def typographic(text):
    """A text as pandoc prints it."""
    return re.sub(r"\s+", " ", re.sub(r'"([^"]*)"', r"“\1”", text).replace("'", "’"))


def test_numbers_of_the_title_page_are_links(page):
    title = Links(page.partition('class="abstract"')[2].partition("</header>")[0])
    assert [text for *_, text in title.found] == ["31 documented cases", "89 reported incidents"]
    assert "02_cases.total" in title.found[0][1] and "03_incidents.total" in title.found[1][1]


# Word


@pytest.fixture(scope="module")
def commented(kazakhstan, book, tmp_path_factory):  # noqa: F811
    out = tmp_path_factory.mktemp("commented")
    report.publish(kazakhstan, stand_ins(kazakhstan, out), book, "en", about("kazakhstan-2024")._replace(comments=True))
    return out / "report.en.docx"


def part(file, name):
    with zipfile.ZipFile(file) as packed:
        return packed.read(name).decode()


@pytest.fixture(scope="module")
def linked(page):
    """The links of the whole page, that of its title among them."""
    return Links(page.partition('<h1 data-number="15" id="numbers"')[0]).found


def test_comments_stand_in_the_docx_only_when_asked_for_and_name_nobody(published, commented, linked):  # noqa: F811
    assert "<w:comment " not in part(published / "report.en.docx", "word/comments.xml")
    comments = part(commented, "word/comments.xml")
    said = re.findall(r"<w:comment .*?</w:comment>", comments)
    assert len(said) == len(linked)
    assert set(re.findall(r'w:author="([^"]*)"', comments)) == {"Casebook"} and not re.search("w:initials|w15|people", comments)
    assert set(re.findall(r'w:date="([^"]*)"', comments)) == {"2026-11-24T00:00:00Z"}
    document = part(commented, "word/document.xml")
    ids = re.findall(r'<w:comment w:id="(\d+)"', comments)
    assert re.findall(r'<w:commentRangeStart w:id="(\d+)"', document) == re.findall(r'<w:commentRangeEnd w:id="(\d+)"', document) == ids


def test_comments_change_no_word_of_the_docx_and_say_what_each_number_is(published, commented, linked):  # noqa: F811
    assert text_of(commented) == text_of(published / "report.en.docx")
    read = pypandoc.convert_file(str(commented), "json", format="docx", extra_args=["--track-changes=all"])
    native = pypandoc.convert_text(read, "plain", format="json", extra_args=["--wrap=none"])
    assert FAKE_DATE in html.unescape(part(commented, "word/comments.xml"))
    assert native.count("Method: Wilson") > 100
    told = re.findall(r"<w:comment .*?<w:t [^>]*>(.*?)</w:t>", part(commented, "word/comments.xml"))
    assert [html.unescape(one) for one in told] == [told for _, told, _ in linked]


# Safety


def test_hover_texts_and_comments_are_published_text_for_the_attack(kazakhstan, book, tmp_path):  # noqa: F811
    whole = kazakhstan.results.query("id == '02_violations.hate_speech'").assign(hidden=True)  # 7 of 31
    text, told = f"Said {follow.marked(0, 'few')}.", {"x": "Hate speech: 7 of 31"}
    files = {"hover.html": ("html", follow.linked(text, told, set())), "list.html": ("html", follow.listed(told)),
             "comment.docx": ("docx", follow.commented(text, told, "2026-11-24", count(1))), "none.html": ("html", follow.unmarked(text))}
    for name, (form, markdown) in files.items():
        pypandoc.convert_text(markdown, form, format=report.READER, outputfile=str(tmp_path / name))
    heard = {(one.file, one.id, one.low, one.high) for one in spoken.heard({file.name: file for file in tmp_path.iterdir()}, whole, book)}
    assert heard == {(name, "02_violations.hate_speech", 7, 7) for name in files if name != "none.html"}


def test_what_a_number_is_stays_text():
    nasty = 'a"b\\ <script>x</script> {.k} [y](z) $x$ `c` | & &amp; \'d\' *e*'
    text = follow.marked(0, plain("1 | 2"))
    page = pypandoc.convert_text(f"| a |\n|:--|\n| {follow.linked(text, {'k': nasty}, set())} |\n", "html", format=report.READER)
    found = Links(page).found
    assert found == [["#number-1", f"k; {nasty}", "1\n| 2"]] and "<script" not in page
    line = pypandoc.convert_text(follow.listed({"k": nasty}), "html", format=f"{report.READER}-smart", extra_args=["--wrap=none"])
    assert html.unescape(re.sub("<[^>]+>", "", line)).strip() == f"k: {nasty}"


def test_marks_that_data_brings_along_are_taken_out():
    forged = follow.marked(3, "99 of 99")
    assert follow.unmarked(forged) == codebook.visible(forged) == "99 of 99"
    assert ledger.complete(pd.DataFrame({"text": [forged]})).text[0] == "99 of 99"


def test_marks_outlive_what_a_template_does_to_a_number():
    one, two = follow.marked(0, "a quarter"), follow.marked(1, f"{follow.marked(0, '9')} of 31")
    assert follow.unmarked(two) == "9 of 31" and len(re.findall(follow.MARKS, two)) == 2
    assert Say.sentence_case(None, one) == follow.marked(0, "A quarter")
    assert plain(follow.marked(2, "29%")) == follow.marked(2, r"29\%")
