"""What pandoc leaves undone in a docx: what stays on one page, what stands apart, and how wide a picture is."""

import re
import zipfile

import pypandoc

from analysis.report import READER
from analysis.wording import in_word, words

SHORT = "| a | b |\n|:--|:--|\n" + "| one | two |\n" * 3
LONG = "| a | b |\n|:--|:--|\n" + f"| {'word ' * 40} | two |\n" * 8  # 8 times 163 letters are more than in_word.SHORT


def made(markdown, tmp_path):
    """The text of a docx from Markdown, finished."""
    pypandoc.convert_text(markdown, "docx", format=READER, outputfile=str(tmp_path / "x.docx"), extra_args=["--toc", "--columns=20"])
    return in_word.finished(zipfile.ZipFile(tmp_path / "x.docx").read("word/document.xml").decode(), "en")


def kept(document):
    """Of each row of the table whether its first paragraph stays with the next row."""
    table = document.partition("<w:tbl>")[2].partition("</w:tbl>")[0]
    return ["<w:keepNext />" in row.partition("</w:p>")[0] for row in table.split("<w:tr>")[1:]]


def test_a_short_table_stays_on_one_page_and_a_long_one_keeps_its_first_and_last_rows(tmp_path):
    assert kept(made(SHORT, tmp_path)) == [True, True, True, False]  # the head and three rows, of which the last ends the table
    # A head and eight rows: the head with the next two, and the last three, so that no row stands on a page alone.
    assert kept(made(LONG, tmp_path)) == [True, True, False, False, False, False, True, True, False]
    assert made(LONG, tmp_path).count("<w:cantSplit />") == 8


def paragraph(document, said):
    """How the paragraph that says something is set."""
    return re.findall(r"<w:pPr>((?:(?!<w:pPr>).)*?)</w:pPr>(?:(?!<w:pPr>).)*?" + said, document, re.DOTALL)[-1]


def test_what_follows_a_table_or_a_list_stands_apart_and_what_leads_to_a_list_stays_with_it(tmp_path):
    document = made(f"Before.\n\n{SHORT}\nAfter table.\n\nPlain.\n\nLeading.\n\n- line\n- last\n\nAfter list.\n", tmp_path)
    apart = {said for said in ("Before", "After table", "Plain", "Leading", "After list") if in_word.APART in paragraph(document, said)}
    assert apart == {"After table", "After list"}
    assert "<w:keepNext />" in paragraph(document, "Leading") and "<w:keepNext />" not in paragraph(document, "Plain")
    assert in_word.APART not in paragraph(document, "line") and in_word.APART not in paragraph(document, "last")
    loose = made("Leading.\n\n- first\n\n- second\n\n- third\n\nAfter.\n", tmp_path)  # a list whose lines are paragraphs
    assert [in_word.APART in paragraph(loose, said) for said in ("first", "second", "third", "After")] == [False, False, False, True]
    assert ["<w:keepNext />" in paragraph(loose, said) for said in ("Leading", "first", "After")] == [True, False, False]


def test_a_paragraph_between_a_table_and_a_list_has_both_in_the_order_that_word_reads(tmp_path):
    document = made(f"{SHORT}\nBetween.\n\n- line\n", tmp_path)
    assert re.search(r'w:val="(?:FirstParagraph|BodyText)" /><w:keepNext />' + re.escape(in_word.APART), paragraph(document, "Between"))


def test_a_picture_is_as_wide_as_in_the_pdf():
    text = '![Title](02_low.en.svg){alt="It is (so)." width=100%}\n'
    assert in_word.pictures(text, "en") == f'![Title](02_low.en.png){{alt="It is (so)." width={in_word.WIDE}%}}\n'
    typst = (words.TEMPLATES / "report.typ").read_text(encoding="utf-8")
    assert re.findall(r"more\.named\(\), width: ([\d.]+)%", typst) == [str(in_word.WIDE)]


def test_the_contents_are_filled_in(tmp_path):
    document = made("# One\n\n## Two\n\nText.\n", tmp_path)
    listed = re.findall(r'w:pStyle w:val="TOC([12])".*?<w:t [^>]*>([^<]*)</w:t>', document)
    assert listed == [("1", "One"), ("2", "Two")] and "w:dirty" not in document
