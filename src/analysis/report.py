"""A Markdown template and Safe results -> the report as docx, html and pdf, with every number taken from the results by its id."""

import json
import os
import re
import subprocess
import tempfile
import traceback
import zipfile
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import jinja2
import pypandoc
import typst

from analysis import home, source
from analysis.codebook import Codebook
from analysis.parameters import TOGETHER
from analysis.problems import UsageError
from analysis.protect import Safe
from analysis.wording import countries, decided, follow, in_word, languages, parts, words
from analysis.wording.grids import Grids
from analysis.wording.say import About, Markdown, Say, day, plain

# Text from data is text: nothing in a label, a citation or a cell may turn into markup, code or a formula.
READER = ("markdown-raw_html-raw_tex-raw_attribute-tex_math_dollars-latex_macros-citations-example_lists-yaml_metadata_block"
          "-pandoc_title_block-native_divs-native_spans")
DASH = "\u00a0— "  # a dash between words begins no line
CONTENTS = ("--toc", "--toc-depth=2", "--number-sections")


def folder(folder) -> Path:
    """The empty folder `publication` in a report's own folder; what an earlier run left there is deleted."""
    made = home() / folder / "publication"
    made.mkdir(parents=True, exist_ok=True)
    for file in made.iterdir():
        file.unlink()
    return made


def ready(safe: Safe, book: Codebook, langs: list[str], about: About) -> None:
    """Raise UsageError with everything that is missing for a report in these languages: phrases, labels, texts, titles, decisions.

    Called before anything is drawn, so that whoever translates sees all of it at once.
    """
    printed = parts.texts(about, book)
    untitled = {lang: ["the title of the report"] for lang in langs if lang not in about.title}
    wrong = [f"{lang}: {one}" for lang in langs for one in [
        *languages.missing(safe, book, lang, printed), *decided.problems(book, lang), *untitled.get(lang, [])]]
    if wrong:
        raise UsageError("The report cannot be made in every language yet. What is missing:\n" + "\n".join(wrong))


def publish(safe: Safe, out: Path, book: Codebook, lang: str, about: About) -> list[str]:
    """Write report.LANG.docx, .html and .pdf into `out`, beside the figures that lie there; returns the three names.

    Prints the notes for the author: which sections, quotes and recommendations were left out, and why. Raises UsageError for
    a template that names an unknown result or holds a number of its own, and for a figure that was not drawn.
    """
    if not isinstance(safe, Safe):
        raise TypeError("A report is written from Safe results only; see protect.publication.")
    text, say = marked(safe, Path(out), book, lang, about)
    for note in say.notes:
        print(note)
    head, told, seen, number = title_page(say), say.followed_numbers(), set(), count(1)
    linked = lambda said: follow.linked(said, told, seen)  # noqa: E731
    noted = lambda said: follow.commented(said, told, str(about.edition), number)  # noqa: E731
    for form, followed in {docx: noted if about.comments else follow.unmarked, html: linked, pdf: follow.unmarked}.items():
        on_title = head | {"abstract": followed(head["abstract"])}
        said = followed(text) + (f"\n{numbers(say)}" if form is html else "")
        form(said, Path(out) / f"report.{lang}.{form.__name__}", on_title, lang, about)
    return [f"report.{lang}.{form.__name__}" for form in (docx, html, pdf)]


def written(safe: Safe, out: Path, book: Codebook, lang: str, about: About, template: Path | None = None) -> tuple[Markdown, list[str]]:
    """The report as Markdown, and the notes for the author; raises UsageError with the template's line."""
    text, say = marked(safe, out, book, lang, about, template)
    return Markdown(follow.unmarked(text)), say.notes


def marked(safe: Safe, out: Path, book: Codebook, lang: str, about: About, template: Path | None = None) -> tuple[str, Say]:
    """As `written`, with a mark around each number that is a result (see wording.follow), and what knows these results."""
    file = template or words.TEMPLATES / f"report.{lang}.md"
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
                                     finalize=lambda said: said if isinstance(said, Markdown) else plain(said))
    if not file.exists():
        raise UsageError(f"There is no report template for the language '{lang}' yet: {file.name} is missing.")
    if digits := literal_digits(file, environment):
        raise UsageError(f"{file.name}, line {digits[0][0]}: '{digits[0][1]}' is a number of the template's own. "
                         "Take it from a result by its id.")
    say = Say(safe, out, book, lang, about)
    grids = Grids(say)
    told = parts.Parts(say, grids)
    try:
        text = environment.from_string(file.read_text(encoding="utf-8")).render(
            **say.helpers() | grids.helpers() | countries.Countries(say, grids).helpers() | told.helpers())
    except (UsageError, jinja2.UndefinedError, jinja2.TemplateSyntaxError) as error:
        raise UsageError(f"{file.name}, line {line_of(error)}: {error}") from None
    return f"{text}\n{told.acronyms(text)}".replace(" — ", DASH), say


def numbers(say: Say) -> Markdown:
    """The last chapter of the html: what each printed number is, and the way back to where it is printed first."""
    phrases = say.words["numbers"]
    return Markdown(f"# {plain(phrases['title'])} {{#numbers}}\n\n{plain(phrases['about'])}\n\n{follow.listed(say.followed_numbers())}\n")


def literal_digits(file: Path, environment: jinja2.Environment | None = None) -> list[tuple[int, str]]:
    """Line and text of every digit that stands in a template outside its expressions: a number nobody could trace."""
    tokens = (environment or jinja2.Environment()).lex(file.read_text(encoding="utf-8"))
    return [(line + text[:hit.start()].count("\n"), hit.group()) for line, kind, text in tokens if kind == "data"
            for hit in re.finditer(r"\S*\d\S*", text)]


def line_of(error: Exception) -> int:
    """The line of the template at which it failed."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return lines[-1] if lines else getattr(error, "lineno", 0)


def title_page(say: Say) -> dict[str, str]:
    """Title, subtitle and date of the report as plain text, and its abstract as Markdown whose numbers are marked."""
    phrases, about, lang = say.words, say.about, say.lang
    where = ", ".join(filter(None, [words.place(about.country, say.book, lang), words.period(about.period, lang)]))
    totals = {row.file: row for row in reversed(say.results.values()) if row.form == "total"}  # the first of each file
    counted = [phrases["counts"].format(counted=say.counted(row.id), period=words.period(row.period, lang),
                                        who=languages.text(source.record(file).get("documented_by", ""), say.book, lang))
               for file, row in reversed(totals.items())]
    side_by_side = phrases["countries"]["caption"] if TOGETHER in about.country else ""
    return {"title": about.title[lang], "subtitle": where, "date": phrases["edition"].format(day=day(about.edition, lang)),
            "abstract": plain(" ".join(filter(None, [*counted, phrases["caveat"], side_by_side, words.of(lang)["draft"]]))),
            "abstract-title": phrases["abstract_title"], "toc-title": phrases["toc_title"], "lang": lang,
            "figure-word": phrases["figure"], "table-word": phrases["table"]}


def pandoc(text: str, to: str, head: dict[str, str], about: About, *options: str) -> bytes:
    """The text in another form, the same bytes each time: the clock is the day of the edition."""
    told = [f"--metadata={key}={value}" for key, value in head.items() if key != "abstract"]
    command = [pypandoc.get_pandoc_path(), f"--from={READER}", f"--to={to}", "--standalone", "--wrap=none", "--columns=20",
               f"--data-dir={words.TEMPLATES}", *told, *options]
    clock = os.environ | {"SOURCE_DATE_EPOCH": str(epoch(about))}
    with tempfile.TemporaryDirectory() as folder:
        abstract = Path(folder) / "abstract.json"  # what stands in a file is read as Markdown, and an option is plain text
        abstract.write_text(json.dumps({"abstract": head["abstract"]}), encoding="utf-8")
        done = subprocess.run([*command, f"--metadata-file={abstract}"], input=text.encode(), capture_output=True, env=clock, check=False)
    if done.returncode or b"[WARNING]" in done.stderr:
        raise RuntimeError(f"The report could not be written as {to}: {done.stderr.decode().strip()}")
    return done.stdout


def epoch(about: About) -> int:
    """The day of the edition as seconds since 1970, in UTC."""
    return int(datetime.combine(date.fromisoformat(str(about.edition)), datetime.min.time(), UTC).timestamp())


def docx(text: str, file: Path, head: dict[str, str], lang: str, about: About) -> None:
    """The report for Word, with real styles and pictures as PNG (see wording.in_word)."""
    pandoc(in_word.pictures(text, lang), "docx+native_numbering", head, about, *CONTENTS, f"--resource-path={file.parent}",
           f"--reference-doc={words.TEMPLATES / 'reference.docx'}", f"--output={file}")
    with zipfile.ZipFile(file) as made:
        parts = {part: made.read(part) for part in made.infolist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as filled:
        for part, body in parts.items():
            filled.writestr(part, in_word.finished(body.decode(), lang) if part.filename == "word/document.xml" else body)


def html(text: str, file: Path, head: dict[str, str], lang: str, about: About) -> None:
    """The report as one page that loads nothing from elsewhere, and that no browser lets run or load anything (see head.html)."""
    page = pandoc(text, "html", head, about, *CONTENTS, "--embed-resources", f"--resource-path={file.parent}",
                  "--metadata=document-css=false", f"--css={words.TEMPLATES / 'report.css'}",
                  f"--include-in-header={words.TEMPLATES / 'head.html'}")
    # What is too wide for a phone scrolls by itself, and must then be reached with the keyboard too.
    reached = re.sub(rb"<(figure|table)\b", rb'<\1 tabindex="0"', page)
    file.write_bytes(reached.replace(b"<body>", b"<body>\n<main>", 1).replace(b"</body>", b"</main>\n</body>"))


def pdf(text: str, file: Path, head: dict[str, str], lang: str, about: About) -> None:
    """The report for print, tagged for who reads it with a screen reader."""
    typed = pandoc(text, "typst", head, about, f"--template={words.TEMPLATES / 'report.typ'}")
    file.write_bytes(typst.compile(typed, root=str(file.parent), font_paths=[str(words.TEMPLATES / "fonts")], ignore_system_fonts=True,
                                   pdf_standards="ua-1", timestamp=epoch(about)))
