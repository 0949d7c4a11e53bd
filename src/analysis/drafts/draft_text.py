"""A finished text (docx, md, html, pdf) -> its sentences, each with its chapter and place."""

import json
import re
import subprocess
import zipfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pypandoc

from analysis.drafts import draft_words
from analysis.formats import archive, limits
from analysis.formats.child import Wrong
from analysis.problems import DataError, UsageError

READERS = {".docx": "docx", ".html": "html", ".htm": "html", ".pdf": "pdf",
           ".md": "markdown-tex_math_dollars-citations-yaml_metadata_block-example_lists-latex_macros-raw_tex"}
MOST = 50 * 2**20  # bytes of a file; a report with its pictures has some five million
SECONDS = 90
MEMORY = "-M1500M"  # of pandoc; a page with all its pictures inside needs half of it
CLOSING = "”»\"')]"
LEFT_OUT = re.compile(r"^[\divx]{1,4}$|(?:\. ?){5}")  # of a pdf: the numbers of pages, and lines of the contents
NUMBERS = 8  # from so many on, a passage of a pdf is a table whose cells nobody can tell apart,
FEW, ENDLESS = 2, 280  # and so is a sentence of more than so many letters with more than a few numbers


class Sentence(NamedTuple):
    """One sentence: its file and language, the headings above it, its number there, the paragraph it stands in, and what kind of text.

    `kind` is text, heading, row (of a table), caption, note, description (of a picture), or lines (a table of a pdf, whose cells cannot
    be told apart); `quoted` a text set off as a quotation.
    """

    file: str
    lang: str
    chapter: str
    number: int
    paragraph: int
    kind: str
    text: str
    quoted: bool = False


def sentences(file: Path, lang: str | None = None) -> list[Sentence]:
    """All sentences of a file; raises UsageError for a file that is not there, too large, of another kind, or cannot be read."""
    found = list(units(Path(file)))
    lang = lang or draft_words.language(" ".join(text for _, _, text, _ in found))
    made, headings, numbers = [], {}, Counter()
    for paragraph, (kind, level, text, quoted) in enumerate(found):
        if kind == "heading":
            headings = {depth: title for depth, title in headings.items() if depth < level} | {level: text}
        chapter = " / ".join(headings[depth] for depth in sorted(headings))
        for one in split(text, lang) if kind not in ("heading", "row") else [text]:
            numbers[chapter] += 1
            table = Path(file).suffix.casefold() == ".pdf" and len(one) > ENDLESS and len(re.findall(r"(?<!\w)\d+", one)) > FEW
            made.append(Sentence(Path(file).name, lang, chapter, numbers[chapter], paragraph, "lines" if table else kind, one, quoted))
    return made


def units(file: Path):
    """The paragraphs of a file: kind, level of a heading, text, whether set off as a quotation."""
    reader = READERS.get(file.suffix.casefold())
    if not reader:
        raise UsageError(f"{file.name} is no finished text that can be read. It should be {', '.join(READERS)}; save it as one of them.")
    if not file.is_file():
        raise UsageError(f"{file.name} is not there. Check its name and folder.")
    if file.stat().st_size > MOST:
        raise UsageError(f"{file.name} is larger than 50 MB. Save it without its pictures.")
    return (one for one in (of_pdf(file) if reader == "pdf" else walk(parsed(file, reader)["blocks"])) if one[2])


def parsed(file: Path, reader: str) -> dict:
    """The file as pandoc reads it, without looking at any other file or address."""
    unreadable = UsageError(f"{file.name} could not be read: it is damaged, or is something else than its name says. "
                            "Open it in the program it was written with and save it again.")
    try:
        if reader == "docx":
            with zipfile.ZipFile(file) as parts:
                archive.checked(parts)
        command = [pypandoc.get_pandoc_path(), "--sandbox", f"--from={reader}", "--to=json", str(file.resolve()), "+RTS", MEMORY, "-RTS"]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise UsageError(f"{file.name} was not read: it takes longer than any report does. Save the text alone as .docx.") from None
    except (zipfile.BadZipFile, Wrong, subprocess.CalledProcessError, ValueError, RecursionError):
        raise unreadable from None


def walk(blocks: list, quoted: bool = False):
    """The paragraphs of pandoc's blocks, in order; footnotes stand after the paragraph that has them."""
    for block in blocks:
        kind, inside = block["t"], block.get("c")
        if kind == "Header":
            yield from paragraph(inside[2], "heading", inside[0], quoted)
        elif kind in ("Para", "Plain"):
            yield from paragraph(inside, "text", 0, quoted)
        elif kind == "LineBlock":
            for line in inside:
                yield from paragraph(line, "text", 0, quoted)
        elif kind == "Table":
            yield from rows(inside, quoted)
        elif kind == "Figure":
            yield from walk(inside[2], quoted)
            yield from (("caption", *one[1:]) for one in walk(inside[1][1], quoted))
        else:
            yield from walk_inside(kind, inside, quoted)


def walk_inside(kind: str, inside, quoted: bool):
    """The paragraphs of blocks that hold blocks: quotations, lists, divisions."""
    if kind == "BlockQuote":
        yield from walk(inside, True)
    elif kind == "Div":
        yield from walk(inside[1], quoted)
    elif kind in ("BulletList", "OrderedList"):
        for item in inside[1] if kind == "OrderedList" else inside:
            yield from walk(item, quoted)
    elif kind == "DefinitionList":
        for term, meanings in inside:
            yield from paragraph(term, "text", 0, quoted)
            for meaning in meanings:
                yield from walk(meaning, quoted)


def paragraph(inlines: list, kind: str, level: int, quoted: bool):
    """One paragraph as text, then the descriptions of its pictures, then its footnotes."""
    beside: list[tuple[str, list]] = []
    text = tidied(said(inlines, beside))
    yield kind, level, unnumbered(text, kind), quoted
    for what, inside in beside:
        found = walk(inside) if what == "note" else [("", 0, tidied(said(inside, [])), False)]
        yield from ((what, 0, one[2], one[3]) for one in found)


def said(inlines: list, beside: list) -> str:
    """Inlines as text; what stands beside the text (descriptions of pictures, footnotes) is put into `beside`."""
    parts = []
    for one in inlines:
        kind, inside = one["t"], one.get("c")
        if kind == "Str":
            parts.append(inside)
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            parts.append(" ")
        elif kind == "Quoted":
            parts.append(f"“{said(inside[1], beside)}”")
        elif kind in ("Code", "Math"):
            parts.append(inside[1])
        elif kind == "Note":
            beside.append(("note", inside))
        elif kind == "Image":
            beside.append(("description", inside[1]))
        elif kind == "Superscript":
            mark = said(inside, beside)
            parts.append("" if len(mark) < 4 else mark)  # the mark of a note
        elif kind in ("Span", "Link", "Cite"):
            parts.append("" if is_mark(one) else said(inside[1], beside))
        elif isinstance(inside, list):
            parts.append(said(inside, beside))
    return "".join(parts)


def is_mark(one: dict) -> bool:
    """Whether a link is the mark of a footnote, or the way back from it, a number of a heading that pandoc wrote itself,
    or a line of our own that tells what a number is."""
    classes = set(one["c"][0][1]) if one["t"] in ("Span", "Link") else set()
    return bool(classes & {"footnote-ref", "footnote-back", "header-section-number", "toc-section-number", "SectionNumber", "told"})


def rows(table: list, quoted: bool):
    """A table: its caption, then each row as `head: cell; head: cell`."""
    _, caption, _, head, bodies, _ = table
    yield from (("caption", *one[1:]) for one in walk(caption[1], quoted))
    heads = [cell_text(cell) for cell in (head[1][-1][1] if head[1] else [])]
    for body in bodies:
        for _, cells in [*body[2], *body[3]]:
            texts = [cell_text(cell) for cell in cells]
            named = [f"{name}: {text}" if name else text for name, text in zip(heads + [""] * len(texts), texts) if text]
            yield "row", 0, "; ".join(named), quoted


def cell_text(cell: list) -> str:
    """The text of one cell of a table."""
    return " ".join(text for _, _, text, _ in walk(cell[4]))


def tidied(text: str) -> str:
    """Single spaces; soft hyphens, which part words without being seen, are gone."""
    return re.sub(r"[^\S\u00a0\u202f]+", " ", text.replace("\u00ad", "")).strip()


def unnumbered(text: str, kind: str) -> str:
    """A heading, or its line in the contents, without its number."""
    short = len(text.split()) < 14 and not text.endswith((".", "!", "?", ";"))
    return re.sub(r"^\d{1,2}(?:\.\d{1,2})*\.?\s+(?=[^\W\d_a-zа-яё])", "", text) if kind == "heading" or short else text


def split(text: str, lang: str) -> list[str]:
    """A paragraph as sentences; an abbreviation of abbreviations.csv or a single capital before the stop ends none."""
    known = {row["abbreviation"] for row in draft_words.rows("abbreviations", lang)}
    made, start = [], 0
    for stop in re.finditer(rf"[.!?…]+[{re.escape(CLOSING)}]*(?=\s+[^\s\W]|\s+[“«„\"'(\[])", text):
        last = text[start:stop.end()].split()[-1].lstrip("(“«„\"'").casefold()
        if stop.group() == "…" and text[:stop.start()].endswith(" "):
            continue  # between two numbers: 0.24 … 0.57
        after = text[stop.end():].lstrip(" \u00a0\u202f“«„\"'([")[:1]
        initial = re.fullmatch(r"[^\W\d]\.", last) and last in known | {last.upper()} and not after.isupper()
        if last in known or initial or after.islower():
            continue
        made.append(text[start:stop.end()].strip())
        start = stop.end()
    return [one for one in [*made, text[start:].strip()] if one]


def of_pdf(file: Path):
    """The paragraphs of a pdf, as far as its lines tell: running heads and page numbers are left out."""
    try:
        pages = [[tidied(line) for line in text.splitlines()] for _, text in limits.done(["pdf"], file, "pdf")]
    except DataError:
        raise UsageError(f"{file.name} could not be read: it is damaged, has a password, or is longer than any report. "
                         "Give the .docx that it was made from.") from None
    running = {line for line, n in Counter(line for page in pages for line in {*page[:1], *page[-1:]}).items() if n > 2}
    lines = [line for page in pages for line in page if line and line not in running and not LEFT_OUT.search(line)]
    if not lines:
        raise UsageError(f"{file.name} holds no text, only pictures of it. Give the .docx that it was made from.")
    for kind, level, text, quoted in joined(lines):
        table = re.match(r"\w+ \d+:", text) or len(re.findall(r"(?<!\w)[−-]?\d+", text)) > len(text.split()) / 4
        several = len(re.findall(r"(?<!\w)\d+", text)) > NUMBERS
        yield "lines" if kind == "text" and table and several else kind, level, text, quoted


def joined(lines: list[str]):
    """Lines of a pdf as headings and paragraphs: a paragraph goes on until a line is short, or a heading or bullet begins."""
    width, held = max(map(len, lines)), ""
    for line in lines:
        heading = re.match(r"\d{1,2}(?:\.\d{1,2})*\s+(?=[^\W\d_a-zа-яё])", line)
        title = heading and len(line) < 90 and not line.endswith((".", ",", ";", ":"))
        starts = title or re.match(r"[•‣–—-]\s|\d{1,2}[A-ZА-ЯЁ]", line)
        if starts and held:
            yield "text", 0, unmarked(held), False
            held = ""
        if title:
            yield "heading", heading.group().count(".") + 1, line[heading.end():], False
        else:
            held = f"{held} {line}".strip()
            if len(line) < 0.6 * width and line.endswith((".", "!", "?")):
                yield "text", 0, unmarked(held), False
                held = ""
    if held:
        yield "text", 0, unmarked(held), False


def unmarked(text: str) -> str:
    """A paragraph of a pdf without its bullet and without the numbers of footnotes that stand close to a word."""
    text = re.sub(r"^[•‣–—-]\s+", "", re.sub(r"^\d{1,2}(?=[^\W\d_])", "", text))
    return re.sub(r"(?<=[^\W\d_][.!?”»])\d{1,2}(?=\s|$)|(?<=[”»)][.!?])\d{1,2}(?=\s|$)|(?<=\d{4}\.)\d{1,2}(?=\s+[^\W\d_]|$)", "", text)
