"""The codebook -> an empty workbook with drop-downs, or an XLSForm: what is filled in there reads back without a problem."""

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from analysis.codebook import LANGUAGES, UNREVIEWED, Codebook, written
from analysis.deidentify import rules
from analysis.problems import TWICE, UsageError
from analysis.table import LINE, MADE, OPTIONS, formats, lines_of, printed

PROFILE = "collection"
WORDS = Path(__file__).parents[1] / "templates" / "collect.yml"
ROWS = 500  # prepared for cases
LISTS = 4  # the first row (0-based) of the sheet "Codebook" that holds a value
WIDTHS = {"id": 18, "date": 14, "coded": 30, "number": 18, "text": 60}  # characters
GUIDE = (26, 100)  # characters: topic, what to do
GAP = 4  # points between two topics
MOST = 9999  # people in one case
# A text that is a code: not used twice, and with a letter where it is as long as a telephone number.
IS_CODE = ('=AND(COUNTIF({all},{cell})=1,NOT(AND(LEN({cell})>8,ISNUMBER(-SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE('
           '{cell}," ",""),"-",""),"(",""),")","")))))')
# 2024, 2024-03, 2024-03-14 as text, which keeps how exact it is, or a date that the spreadsheet knows; 36526 is 2000-01-01.
IS_DATE = ('=IFERROR(IF(AND(ISNUMBER({cell}),{cell}>9999),AND({cell}>=36526,{cell}<=TODAY()),AND(OR(LEN({cell})=4,LEN({cell})=7,'
           'LEN({cell})=10),MID({cell}&"-01-01",5,1)&MID({cell}&"-01-01",8,1)="--",DATEVALUE(LEFT({cell}&"-01-01",10))>=36526,'
           'DATEVALUE(LEFT({cell}&"-01-01",10))<=TODAY())),FALSE)')
# The same in a form. A date question would make up a day where only the month is known, so the date is a text there too.
FORM_CODE = "not(regex(., '^[0-9 ()+.-]{9,}$'))"
FORM_DATE = ("regex(., '^20[0-9]{2}(-((0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-9]))?|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31))?$') and "
             "number(substr(concat(substr(., 0, 4), substr(., 5, 7), substr(., 8, 10), '0000'), 0, 8)) "
             "<= number(format-date(today(), '%Y%m%d'))")
FORM = {"id": ("text", FORM_CODE), "date": ("text", FORM_DATE), "number": ("integer", f". >= 1 and . <= {MOST}"), "text": ("text", "")}


class Column(NamedTuple):
    """A column of the profile as it is offered: `places` neighbouring columns where a case can have several values."""

    name: str
    kind: str
    head: str
    hint: str
    places: int


@cache
def words() -> dict:
    """The words of the workbook and the form, by language, and how many places a variable gets."""
    return written(WORDS)


def columns(book: Codebook, lang: str) -> list[Column]:
    """The columns of the profile in a language; a coded one is called as its variable is.

    Raises UsageError for a kind of column that nobody is asked to fill in: a personal one above all.
    """
    found = []
    for name, how in book.profiles[PROFILE]["columns"].items():
        if how["kind"] not in WIDTHS:
            raise UsageError(f"Profile {PROFILE}, column {name}: what is filled in has columns of the kinds {', '.join(WIDTHS)} only.")
        said = words()[lang]["columns"].get(name, {})
        found.append(Column(name, how["kind"], said.get("head", book.name(name, lang)), said.get("hint", ""), places(name, book)))
    return found


def places(name: str, book: Codebook) -> int:
    """How many neighbouring columns a column of the profile gets."""
    several = name in book.variables.index and book.variables.at[name, "several"] == "yes"
    return words()["places"].get(name, words()["places"]["otherwise"]) if several else 1


def new(out: Path) -> Path:
    """The file to write; raises UsageError when it is there already, has no folder, or is not called .xlsx."""
    out = Path(out)
    if out.suffix.casefold() != ".xlsx":
        raise UsageError(f"{out.name} must be called .xlsx.")
    if not out.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {out.parent}. Make it first, or name another one.")
    if out.exists():
        raise UsageError(f"{out.name} is there already and was not touched. Give another name, or move it away first.")
    return out


def workbook(out: Path, book: Codebook, lang: str) -> None:
    """Write an empty workbook: instructions, a sheet for 500 cases with drop-downs and checks, and the codebook that they offer.

    Raises UsageError when `out` exists.
    """
    asked = columns(book, lang)
    with xlsxwriter.Workbook(str(new(out)), OPTIONS) as made:
        made.set_properties({"created": MADE, "title": words()[lang]["title"]})
        styles, sheets = formats(made) | own_formats(made), words()[lang]["sheets"]
        guide(made.add_worksheet(sheets["guide"]), styles, asked, lang)
        cases(made.add_worksheet(sheets["cases"]), styles, asked, book, lang)
        lists(made.add_worksheet(sheets["codebook"]), styles, book, lang)


def own_formats(made: xlsxwriter.Workbook) -> dict:
    """The styles that only a workbook to be filled in has."""
    wrap = {"font_name": "Calibri", "font_size": 11, "text_wrap": True, "valign": "top"}
    kinds = {"topic": {"bold": True, **wrap}, "other_head": {"bold": True, "bottom": 1, "bg_color": "#d3e0e4", "indent": 1, **wrap},
             # Cells are text: 001 stays 001, 2024-03 does not become the first of March, and = begins no formula.
             "typed": {"num_format": "@", **wrap}, "digits": {"num_format": "0", **wrap}, "twice": {"bg_color": f"#{TWICE}"}}
    return {name: made.add_format(kind) for name, kind in kinds.items()}


def guide(page, styles, asked: list[Column], lang: str) -> None:
    """The sheet of instructions: what to do, then what to write into each column."""
    say = words()[lang]
    title(page, styles, say["title"], lang)
    rows = [(*line, "text") for line in say["guide"]] + [("", "", "text"), (say["heads"]["column"], say["heads"]["what"], "head")]
    rows += [(column.head, " ".join(filter(None, [column.hint, way(column, lang)])), "text") for column in asked]
    for at, (topic, text, style) in enumerate(rows, 3):
        page.write_string(at, 0, topic, styles["head" if style == "head" else "topic"])
        page.write_string(at, 1, text, styles[style])
        page.set_row(at, LINE * lines_of(text, GUIDE[1]) + GAP)
    for at, wide in enumerate(GUIDE):
        page.set_column(at, at, wide)
    printed(page, 0)
    page.protect()


def title(page, styles, text: str, lang: str) -> None:
    """The first line of a sheet of ours and, for labels that no native reader has seen, the mark that says so."""
    page.write_string(0, 0, text, styles["title"])
    page.write_string(1, 0, mark(lang), styles["plain"])


def mark(lang: str) -> str:
    """The mark of a language whose labels are drafts, otherwise nothing."""
    return words()[lang]["draft"].format(mark=UNREVIEWED.get(lang, ""))


def way(column: Column, lang: str) -> str:
    """How a column is filled in: by choosing one value, or several."""
    return words()[lang]["ways"]["several" if column.places > 1 else "one"] if column.kind == "coded" else ""


def cases(page, styles, asked: list[Column], book: Codebook, lang: str) -> None:
    """The sheet for cases: one row of headings, and under each of them what may be typed there."""
    at = 0
    for number, column in enumerate(asked):
        for place in range(1, column.places + 1):
            head = column.head if place == 1 else f"{column.head} {place}"
            page.write_string(0, at, head, styles["other_head" if number % 2 else "head"])
            page.set_column(at, at, WIDTHS[column.kind], styles["digits" if column.kind == "number" else "typed"])
            page.data_validation(1, at, ROWS, at, check(column, place, at, book, lang))
            if column.kind == "id":
                twice = f"=AND({cell(at)}<>\"\",COUNTIF({xl_range_abs(1, at, ROWS, at)},{cell(at)})>1)"
                page.conditional_format(1, at, ROWS, at, {"type": "formula", "criteria": twice, "format": styles["twice"]})
            at += 1
    page.set_row(0, 2 * LINE)
    printed(page, 0)
    page.freeze_panes(1, 1)
    page.repeat_columns(0)
    page.fit_to_pages(7, 0)
    page.hide_gridlines(0)  # empty rows need their lines, on paper too
    if mark(lang):
        page.set_header("&C" + mark(lang))


def cell(at: int) -> str:
    """The first cell below a heading, as the checks of the whole column name it."""
    return xl_rowcol_to_cell(1, at, col_abs=True)


def check(column: Column, place: int, at: int, book: Codebook, lang: str) -> dict:
    """What a cell of a column accepts, with what is said before and after; see xlsxwriter's data_validation."""
    where = {"cell": cell(at), "all": xl_range_abs(1, at, ROWS, at)}
    how = {"id": {"validate": "custom", "value": IS_CODE.format(**where)}, "date": {"validate": "custom", "value": IS_DATE.format(**where)},
           "number": {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": MOST}, "text": {"validate": "any"}}
    if column.kind == "coded":
        how = {"coded": {"validate": "list", "source": offered(column.name, place, book, lang)}}
    message = " ".join(filter(None, [column.hint, way(column, lang)]))
    return how[column.kind] | {"input_title": column.head, "input_message": message,
                               "error_title": column.head, "error_message": words()[lang]["wrong"].get(column.kind, "")}


def offered(variable: str, place: int, book: Codebook, lang: str) -> str:
    """The cells of the sheet "Codebook" with the values of a variable; what is not known is said in the first place only."""
    rows = [at for at, (name, code) in enumerate(values(book), LISTS)
            if name == variable and (place == 1 or code not in book.unknown(variable))]
    return f"='{words()[lang]['sheets']['codebook']}'!{xl_range_abs(rows[0], 1, rows[-1], 1)}"


def values(book: Codebook) -> list[tuple[str, str]]:
    """Variable and code of every value that the coded columns of the profile can take, in codebook order.

    "Elsewhere" is no place that anybody reports: it stands for several of them in what is published.
    """
    coded = [name for name, how in book.profiles[PROFILE]["columns"].items() if how["kind"] == "coded"]
    return [(name, code) for name in coded for code in book.of(name) if code != rules(book)["places"].get(name)]


def lists(page, styles, book: Codebook, lang: str) -> None:
    """The sheet of the codebook: variable, label, code and group, a line for each value; the drop-downs are taken from it."""
    say, groups = words()[lang], dict(zip(zip(book.groups.variable, book.groups.group), book.groups[f"label_{lang}"]))
    group_of = dict(zip(zip(book.codes.variable, book.codes.code), book.codes.group))
    title(page, styles, say["lists"], lang)
    for column, (head, wide) in enumerate(zip(("variable", "label", "code", "group"), (28, 46, 34, 46))):
        page.write_string(LISTS - 1, column, say["heads"][head], styles["head"])
        page.set_column(column, column, wide)
    for at, (name, code) in enumerate(values(book), LISTS):
        line = (book.name(name, lang), book.label(name, code, lang), code, groups.get((name, group_of[name, code]), ""))
        for column, text in enumerate(line):
            page.write_string(at, column, text, styles["text"])
    printed(page, LISTS - 1)
    page.protect()  # sorted or edited by accident, it would offer something else than the codebook has


def form(out: Path, book: Codebook) -> None:
    """Write an XLSForm (survey, choices, settings) in all languages; its questions are the columns, its choices the codes.

    It asks for nothing that tells who filled it in or where. Raises UsageError when `out` exists.
    """
    intro = {"type": "note", "name": "intro", **said("label", lambda lang: " ".join(filter(None, [words()[lang]["intro"], mark(lang)])))}
    survey = [intro, *(question(*same, book) for same in zip(*(columns(book, lang) for lang in LANGUAGES)))]
    choices = [{"list_name": name, "name": code, **said("label", lambda lang, name=name, code=code: book.label(name, code, lang))}
               for name, code in values(book)]
    # Servers tell editions of a form apart by its version: it changes when anything in the form does.
    version = int(hashlib.sha256(repr((survey, choices)).encode()).hexdigest()[:10], 16)
    first = LANGUAGES[0]
    settings = [{"form_title": words()[first]["form"], "form_id": f"casebook_{PROFILE}", "version": str(version),
                 "default_language": words()[first]["language"]}]
    with xlsxwriter.Workbook(str(new(out)), OPTIONS) as made:
        made.set_properties({"created": MADE})
        styles = formats(made)
        for name, rows in {"survey": survey, "choices": choices, "settings": settings}.items():
            tabulated(made.add_worksheet(name), styles, rows)


def said(what: str, text_of) -> dict[str, str]:
    """One text in every language, under the headings that an XLSForm has for it."""
    return {f"{what}::{words()[lang]['language']}": text_of(lang) for lang in LANGUAGES}


def question(*given) -> dict[str, str]:
    """The question of one column, given in each language, then the codebook."""
    *same, book = given
    column, by_lang = same[0], dict(zip(LANGUAGES, same))
    kind, constraint = FORM.get(column.kind) or chosen(column, book)
    wrong = "unknown" if column.kind == "coded" else column.kind
    asked = {"type": kind, "name": column.name, **said("label", lambda lang: by_lang[lang].head),
             **said("hint", lambda lang: by_lang[lang].hint),
             "required": "yes" if column.name in book.profiles[PROFILE]["needs"] else "",
             "constraint": constraint, "appearance": "multiline" if column.kind == "text" else ""}
    return asked | (said("constraint_message", lambda lang: words()[lang]["wrong"][wrong]) if constraint else {})


def chosen(column: Column, book: Codebook) -> tuple[str, str]:
    """The type of a coded question; where several can be chosen, a way of not knowing stands alone."""
    if column.places == 1:
        return f"select_one {column.name}", ""
    unknown = " or ".join(f"selected(., '{code}')" for code in book.unknown(column.name))
    return f"select_multiple {column.name}", f"count-selected(.) <= 1 or not({unknown})"


def tabulated(page, styles, rows: list[dict[str, str]]) -> None:
    """Rows under the headings that any of them has, as text."""
    heads = list(dict.fromkeys(head for row in rows for head in row))
    for at, head in enumerate(heads):
        page.write_string(0, at, head, styles["head"])
        page.set_column(at, at, 30)
        for number, row in enumerate(rows, 1):
            if row.get(head):
                page.write_string(number, at, row[head], styles["text"])
    page.freeze_panes(1, 0)
