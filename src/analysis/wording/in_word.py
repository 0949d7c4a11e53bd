"""What pandoc leaves undone in the text of a docx: contents, numbers of captions, what stays on one page, space after tables and lists."""

import re

from analysis.wording import words

SHORT = 1000  # letters and digits of a table that stays on one page; a longer one goes on, with its first and last rows kept together
TEXT = '<w:p><w:pPr><w:pStyle w:val="(?:FirstParagraph|BodyText)" />'  # how a paragraph begins that is no line of a list
WIDE = 87.5  # percent of the text that a picture is wide, as in report.typ: so its smallest letters print at 7 pt
APART = '<w:spacing w:before="200" />'


def pictures(text: str, lang: str) -> str:
    """The Markdown of a report with its pictures as PNG, a little narrower than the text."""
    return re.sub(rf'(\d\d_\w+\.{lang})\.svg(\)\{{alt="[^"]*") width=100%', rf"\1.png\2 width={WIDE}%", text)


def finished(document: str, lang: str) -> str:
    """The text of a docx as Word shows it without anybody's help."""
    return spaced(kept_together(whole_rows(numbered(listed_contents(document), lang))))


def listed_contents(document: str) -> str:
    """The text of a docx with its table of contents filled in: pandoc leaves an empty field, which many programs never fill."""
    found = re.findall(r'w:name="([^"]+)" />\s*<w:p><w:pPr><w:pStyle w:val="Heading([12])" /></w:pPr>(.*?)</w:p>', document)
    texts = [re.sub("<[^>]+>", "", inside.replace("<w:tab />", "  ")) for *_, inside in found]
    entries = [f'<w:p><w:pPr><w:pStyle w:val="TOC{level}" /></w:pPr><w:hyperlink w:anchor="{name}"><w:r><w:t xml:space="preserve">'
               f'{text}</w:t></w:r></w:hyperlink></w:p>' for (name, level, _), text in zip(found, texts)]
    end = '<w:fldChar w:fldCharType="end" />'
    return document.replace(' w:dirty="true"', "", 1).replace(end, f'</w:r></w:p>{"".join(entries)}<w:p><w:r>{end}', 1)


def numbered(document: str, lang: str) -> str:
    """The text of a docx whose captions begin with their number as the language says it (1-сурет); pandoc always puts the word first."""
    run = lambda said: f'<w:r><w:t xml:space="preserve">{said}</w:t></w:r>' if said else ""  # noqa: E731
    for kind, word in (("Figure", "figure"), ("Table", "table")):
        before, after = words.of(lang)["report"][word].split("{n}")
        document = re.sub(rf'<w:r><w:t xml:space="preserve">[^<]*</w:t></w:r>(<w:fldSimple w:instr="SEQ {kind} .*?</w:fldSimple>)'
                          r'(<w:bookmarkEnd [^>]*>)<w:r><w:t xml:space="preserve">: ',
                          rf'{run(before)}\1{run(after)}\2<w:r><w:t xml:space="preserve">. ', document)
    return document


def whole_rows(document: str) -> str:
    """The text of a docx in which no row of a table is parted by the end of a page."""
    return document.replace("<w:tr><w:tc>", "<w:tr><w:trPr><w:cantSplit /></w:trPr><w:tc>")


def kept_together(document: str) -> str:
    """The text of a docx in which a short table stands on one page, and a long one is parted between its first and last rows only."""
    return re.sub(r"<w:tbl>.*?</w:tbl>", lambda table: kept_rows(table[0]), document, flags=re.DOTALL)


def kept_rows(table: str) -> str:
    """A table whose rows stay with the next: all of them in a short one, otherwise the head with two rows, and the last three."""
    head, *rows = table.split("<w:tr>")
    short = len(re.sub(r"<[^>]+>|\s", "", table)) <= SHORT
    kept = [row.replace('<w:pStyle w:val="Compact" />', '<w:pStyle w:val="Compact" /><w:keepNext />')
            if at < len(rows) - 1 and (short or at < 2 or at > len(rows) - 4) else row for at, row in enumerate(rows)]
    return "<w:tr>".join([head, *kept])


def spaced(document: str) -> str:
    """The text of a docx in which a paragraph stands apart from the table or the list before it, and on one page with the list after it."""
    apart = re.sub(rf"((?:</w:tbl>|<w:numPr>(?:(?!</w:p>).)*</w:p>)\s*{TEXT})", rf"\1{APART}", document)
    return re.sub(rf"({TEXT})((?:(?!</w:p>).)*</w:p>\s*<w:p><w:pPr>(?:<w:pStyle [^>]*/>)?<w:numPr>)", r"\1<w:keepNext />\2", apart)
