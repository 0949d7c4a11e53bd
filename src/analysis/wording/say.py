"""What the template of a report can say: numbers by their id, sentences, tables and figures, none of them knowing a country."""

import re
from datetime import date
from functools import wraps
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from babel import Locale
from babel.dates import format_date

from analysis import ledger, source, stats
from analysis.codebook import GROUP, Codebook, visible
from analysis.parameters import TOGETHER
from analysis.problems import UsageError, nearest
from analysis.protect import Safe
from analysis.table import notes_of, sheet_names
from analysis.wording import follow, in_words, languages, sentences, words

SIGN = re.compile(r"([!#-&(-/:-@\[-`{-~])")  # quotes stay: they become typographic ones
ADDRESS = r"https?://\S+"
FEW = 3  # addresses that a footnote prints in full
SPACES = re.compile(r"[^\S\u00a0\u202f]+")


class About(NamedTuple):
    """What makes it this report: `title` by language, `edition` as a date, codes of country and bias, the files it rests on.

    `quotes` is the file of quotes, `previous` the folder of the earlier edition, `changes` what differs from it (editions.changes).
    With `comments` each number in the docx has a comment that says what it is.
    """

    title: dict[str, str]
    edition: str
    country: str
    period: str
    incident_period: str
    bias: str
    documented_by: str
    files: list[str]
    quotes: str = ""
    previous: str = ""
    changes: pd.DataFrame | None = None
    comments: bool = False


class Markdown(str):
    """Text that is Markdown already. Everything else that a template prints is escaped."""


def plain(text) -> Markdown:
    """Text as Markdown that reads as this text: signs are escaped, line breaks and runs of spaces are one space; a no-break space stays."""
    seen = "".join(one if re.match(follow.MARKS, one) else visible(one) for one in re.split(f"({follow.MARKS})", str(text)))
    return Markdown(SIGN.sub(r"\\\1", SPACES.sub(" ", seen)))


def day(text, lang: str) -> str:
    """A date as it is written in a language."""
    return format_date(date.fromisoformat(str(text)), words.of(lang)["report"]["date"], locale=lang)


def link(address: str) -> Markdown:
    """An address as a link, and anything else as text."""
    return Markdown(f"<{address}>") if re.fullmatch(r"https?://[\w./?=&%#:~-]+", address) else plain(address)


def grid(head: list[str], rows: list[list], widths: list[int], caption: str, right: int = 99) -> Markdown:
    """A table of Markdown: one row per list, relative column widths, columns from number `right` on set to the right."""
    rule = ["-" * wide + ":" if at >= right else ":" + "-" * wide for at, wide in enumerate(widths)]
    cells = lambda row: "| " + " | ".join(c if isinstance(c, Markdown) else plain(c) for c in row) + " |"  # noqa: E731
    under = [f": {plain(caption)}", ""] if caption else []
    return Markdown("\n".join(["", cells(head), f"|{'|'.join(rule)}|", *map(cells, rows), "", *under]))


def footnote(said: list[str]) -> Markdown:
    """A footnote of plain sentences; none where there is nothing to say."""
    return Markdown(f"^[{plain(' '.join(said))}]" if said else "")


def spoken_by(one) -> dict:
    """Every name that a template knows of an object: what it can say and what it was made from."""
    return {name: getattr(one, name) for name in dir(one) if not name.startswith("_") and name != "helpers"}


def followed(helper):
    """A helper that says the result whose id is its first argument: what it says is marked, so that readers can follow it."""
    @wraps(helper)
    def marking(self, key: str, *more, **named) -> str:
        return self.mark(key, helper(self, key, *more, **named))
    return marking


class Say:
    """What a template can say. Each method looks up results by id or table; none of them knows a country or a number."""

    def __init__(self, safe: Safe, out: Path, book: Codebook, lang: str, about: About):
        self.safe, self.out, self.book, self.lang, self.about = safe, out, book, lang, about
        self.words, self.notes, self.printed_ids, self.cited = words.of(lang)["report"], [], {}, set()
        self.results = {row.id: row for row in languages.table(safe.results, book, lang).itertuples(index=False)}
        own = f"tables.{lang}.xlsx"
        self.workbook = own if (out / own).exists() else "tables.xlsx"  # which the first language has
        self.by_table = {name: [row for row in self.results.values() if row.table == name] for name in safe.tables}
        self.sheets = sheet_names(safe.tables)

    def helpers(self) -> dict:
        """Every name that a template knows."""
        return spoken_by(self) | {"confidence": words.percent(stats.CONFIDENCE, self.lang),
                                  "country": words.place(self.about.country, self.book, self.lang),
                                  "documented_by": languages.text(self.about.documented_by, self.book, self.lang)}

    # One number

    def mark(self, key: str, text: str) -> str:
        """A text that says a result, marked as this."""
        return follow.marked(self.printed_ids.setdefault(key, len(self.printed_ids)), text) if text else text

    def followed_numbers(self) -> dict[str, str]:
        """The id of each result that was printed, in the order of their marks, and what it is; of a number of results, their table."""
        table = words.of(self.lang)["tables"]["table"]
        return {key: follow.facts(self.results[key], self.lang) if key in self.results else f"{table}: {self.short(key)}"
                for key in self.printed_ids}

    def row(self, key: str):
        """The result of an id; raises UsageError that offers the nearest."""
        if key not in self.results:
            raise UsageError(f"There is no result '{key}'. Did you mean {nearest(key, self.results)}?")
        return self.results[key]

    def has(self, key: str) -> bool:
        """Whether there is a table of this name, or a result of this id that has a number."""
        row = self.results.get(key)
        return key in self.by_table if row is None else bool(np.isfinite(row.value) or np.isfinite(row.n))

    @followed
    def n(self, key: str) -> str:
        """The count of a result."""
        return words.count(self.row(key).n, self.lang)

    @followed
    def of(self, key: str) -> str:
        """9 of 31."""
        return words.share_of(self.row(key).n, self.row(key).base, self.lang)

    @followed
    def counted(self, key: str) -> str:
        """9 documented cases."""
        return words.counted(self.row(key).n, self.row(key).unit, self.lang)

    @followed
    def percent(self, key: str, digits: int = 0) -> str:
        """The share of a result in percent."""
        return words.percent(self.row(key).share, self.lang, digits)

    @followed
    def interval(self, key: str) -> str:
        """16 to 47%."""
        return words.interval(self.row(key).low, self.row(key).high, self.lang)

    @followed
    def sentence(self, key: str) -> str:
        """9 of 31 documented cases (29%; 95% interval 16 to 47%); without a share, only the count."""
        row = self.row(key)
        if not np.isfinite(row.base):
            return self.counted(key)
        counts = words.of_units(row.n, row.base, row.unit, self.lang)
        sure = self.words["sure"].format(percent=words.percent(row.share, self.lang), interval=self.interval(key)) if row.base else ""
        return f"{counts} {sure}".strip()

    def said(self, key: str) -> str:
        """A result as its sentence, such as what change of effort would explain a change of counts."""
        return self.sentence_of(self.row(key))

    def sentence_of(self, row) -> str:
        """The sentence of a row of results; each number in it is marked."""
        return self.marked(row.id, sentences.of(row, self.book, self.lang))

    def marked(self, key: str, text: str) -> str:
        """A text about a result, in which each number is marked."""
        return follow.NUMBER.sub(lambda number: self.mark(key, number[0]), text)

    def every(self, name: str) -> list[str]:
        """What a table says, as `once`; none for a table that is not there."""
        return self.once(self.by_table.get(name, []))

    def once(self, rows: list) -> list[str]:
        """What results say, each once, and a remark with which several end at the last of them."""
        said = list(dict.fromkeys(map(self.sentence_of, rows)))
        ends = [one.rpartition(". ")[2] for one in said]
        return [one.removesuffix(f" {end}") if end in ends[at + 1:] else one for at, (one, end) in enumerate(zip(said, ends))]

    @followed
    def value(self, key: str, digits: int = 2) -> str:
        """A number that is no count, such as a ratio, with its interval: 2.68 (95% interval 1.75 to 4.19)."""
        row = self.row(key)
        value, low, high = (words.decimal(x, digits, self.lang) for x in (row.value, row.low, row.high))
        return self.words["value"].format(value=value, interval=words.of(self.lang)["to"].format(low=low, high=high))

    @followed
    def printed(self, key: str) -> str:
        """A percentage as somebody else printed it."""
        return words.percent(self.row(key).value, self.lang)

    def plural(self, count: float, **forms: str) -> str:
        """The form that goes with a count: plural(n, one="case", other="cases").

        Raises UsageError where the forms are not those of the language: one, few, many and other in Russian.
        """
        rule = Locale(self.lang).plural_form
        if forms.keys() != (kinds := rule.tags | {"other"}):
            raise UsageError(f"plural has the forms {', '.join(sorted(forms))}, and this language needs {', '.join(sorted(kinds))}.")
        return forms[rule(int(count))]

    def spoken(self, count: float, one: str = "", two: str = "") -> str:
        """A count as a word when it is small; `one` and `two` as they are said with a noun of another gender."""
        return {1: one, 2: two}.get(count) or words.spoken(count, self.lang)

    @followed
    def number_of(self, name: str, count: int, one: str = "", two: str = "") -> str:
        """How many results of a table are such, as a word when they are few."""
        return self.spoken(count, one, two)

    @followed
    def base(self, key: str) -> str:
        """The base of a result."""
        return words.count(self.row(key).base, self.lang)

    # A number in words

    @followed
    def more_than(self, key: str, of: str) -> str:
        """More than a quarter; raises UsageError when it is not. `of` is quarter, third, half, two_thirds or three_quarters."""
        return in_words.more_than(self.row(key).n, self.row(key).base, of, self.lang)

    @followed
    def less_than(self, key: str, of: str) -> str:
        """Less than a quarter; raises UsageError when it is not."""
        return in_words.less_than(self.row(key).n, self.row(key).base, of, self.lang)

    @followed
    def in_words(self, key: str) -> str:
        """The nearest share that has a name: more than a quarter; 1 of 31 where none is near."""
        return in_words.nearest(self.row(key).n, self.row(key).base, self.lang)

    @followed
    def one_in(self, key: str) -> str:
        """One in three, about one in three; raises UsageError when no whole number says it."""
        return in_words.one_in(self.row(key).n, self.row(key).base, self.lang)

    @followed
    def spoken_count(self, key: str) -> str:
        """Three documented cases."""
        return f"{self.spoken(self.row(key).n)} {words.unit(self.row(key).n, self.row(key).unit, self.lang)}"

    def ranked(self, name: str) -> list:
        """What a breakdown's table of ranks says of its codes; none for a breakdown without one, or one that is not shown."""
        return [row for row in self.by_table.get(f"{name}_ranks", []) if row.value == row.value]

    def leaders(self, name: str) -> list:
        """The codes with the largest count, where each is shown to be more common than every other; none where chance leaves that open.

        The only way in which a report says that a number is the largest by more than chance; see statistics.ranks.
        """
        first = [row for row in self.ranked(name) if row.value == 1]
        return first if all(row.high <= len(first) for row in first) else []

    def leader(self, name: str):
        """The one result of a breakdown that is the most common by its table of ranks, more than by chance; None where none is."""
        first = self.leaders(name)
        return first[0] if len(first) == 1 else None

    def most_common(self, name: str) -> str:
        """The sentence that says which code of a breakdown is the most common; raises UsageError where chance leaves that open."""
        if self.leader(name) is None:
            raise UsageError(f"The ranks of {name} do not tell which is the most common, so nothing can be called that.")
        return self.sentence_of(self.leader(name))

    def above_half(self, key: str) -> bool:
        """Whether the whole interval of a share lies above one half."""
        return bool(self.row(key).low > 0.5)

    def unit(self, name: str) -> str:
        """The unit in the plural, as it stands in a table."""
        return words.units(name, self.lang)

    # Several numbers

    def rows(self, name: str) -> list:
        """The results of a table, in order; raises UsageError that offers the nearest when there is none of that name."""
        if name not in self.by_table:
            raise UsageError(f"There is no table '{name}'. Did you mean {nearest(name, self.by_table)}?")
        return self.by_table[name]

    def frame(self, name: str) -> pd.DataFrame:
        """The results of a table as a table."""
        return pd.DataFrame(self.rows(name))

    def tables(self, chapter: str, form: str) -> list[str]:
        """The tables of a notebook in one form, in the order of their variables; one by groups only where there is none by codes."""
        order = ["", *self.book.variables.index, "year"]
        mine = [name for name in self.by_table if name.startswith(f"{chapter}_") and self.about_table(name).form == form]
        first = {name: self.about_table(name).by for name in mine}
        shown = [name for name, by in first.items() if by == by.replace(GROUP, "") or by.replace(GROUP, "") not in first.values()]
        return sorted(shown, key=lambda name: order.index(first[name].split(",")[0].removesuffix(GROUP)))

    def of_form(self, form: str) -> list[str]:
        """The tables of a form, whichever notebook made them."""
        return [name for name in self.by_table if self.about_table(name).form == form]

    def ids(self, keys: list[str]) -> Markdown:
        """The sheets of the workbook that hold the numbers a sentence rests on, each once, in brackets."""
        first = {self.row(key).table if key in self.results else key: key for key in reversed(keys)}
        return Markdown(f"*({plain(', '.join(map(self.sheet, reversed(first.values()))))})*")

    def sheet(self, key: str) -> str:
        """The sheet of the workbook that holds a number or a table, marked as this."""
        table = self.row(key).table if key in self.results else key
        return self.words["sheet"].format(sheet=self.mark(key, self.sheets[table]))

    def about_table(self, name: str):
        """The first result of a table, for what all of them share: by, unit, base, period, source, note."""
        return self.rows(name)[0]

    def listed(self, name: str, right: str = "") -> list:
        """The results of a table that occur and say something, largest first; `right` keeps one code of the last variable."""
        rows = [row for row in self.rows(name) if row.n > 0 and not self.is_unknown(row)]
        return sorted((row for row in rows if not right or row.codes.split(",")[-1] == right), key=lambda row: -row.n)

    def unknown(self, name: str, right: str = "") -> list:
        """The results of a table that count what is not known; none for a table that this report does not have."""
        rows = [row for row in self.by_table.get(name, []) if row.n > 0 and self.is_unknown(row)]
        return [row for row in rows if not right or row.codes.split(",")[-1] == right]

    def is_unknown(self, row) -> bool:
        """Whether a result counts what is not known."""
        return any(code in self.book.unknown(v) for v, code in ledger.codes_of(row, self.book).items())

    def ranks(self, name: str, right: str = "") -> list[list]:
        """The results of a table in groups of equal count, largest first."""
        rows = self.listed(name, right)
        return [[row for row in rows if row.n == n] for n in sorted({row.n for row in rows}, reverse=True)]

    def differ_most(self, names: list[str], most: int = 3) -> list:
        """The results of tables of agreement in which two codings differ in the most records, most first; equal ones share the last."""
        rows = sorted((row for name in names for row in self.rows(name) if row.n < row.base), key=lambda row: row.n - row.base)
        return [row for row in rows if sum(other.base - other.n > row.base - row.n for other in rows) < most]

    def label(self, row, at: int = 0) -> str:
        """What readers see for a result's code, inside a sentence."""
        variable, code = list(ledger.codes_of(row, self.book).items())[at]
        return " + ".join(self.code_label(variable, one) for one in code.split("+"))

    def quoted(self, label: str) -> str:
        """A label in the quotation marks of the language."""
        return self.words["quoted"].format(label=label)

    def labels(self, rows: list, at: int = 0) -> str:
        """Labels in quotation marks, as a list in a sentence."""
        return words.joined([self.quoted(self.label(row, at)) for row in rows], self.lang)

    def shown(self, rows: list, at: int = 0) -> str:
        """Labels with their counts: “fake date” (9), “threats” (3) and ..."""
        return words.joined([f"{self.quoted(self.label(row, at))} ({self.n(row.id)})" for row in rows], self.lang)

    def precisions(self, name: str) -> str:
        """How exactly the dates of a timeline are known, each with its count: known to the day (80) and known to the year (9)."""
        frame = self.frame(name)
        n = frame.n.groupby(frame.codes.str.split(",").str[-1], sort=False).sum()
        return words.joined([f"{words.label('precision', code, self.book, self.lang)} ({self.mark(name, words.count(n[code], self.lang))})"
                             for code in n.index if n[code] > 0], self.lang)

    def pairs(self, rows: list) -> str:
        """Cells of a cross, each as its two labels."""
        return words.joined([self.words["pair"].format(first=self.label(row), second=self.label(row, at=1)) for row in rows], self.lang)

    def published_counts(self, name: str) -> str:
        """Counts that somebody published, each with its year: 83 documented cases for 2023 and ..."""
        said = [self.words["for_year"].format(counted=self.counted(row.id), year=row.codes) for row in self.rows(name) if row.n == row.n]
        return words.joined(said, self.lang)

    def rights(self) -> list:
        """The rights that cases touch, largest number first."""
        return self.listed("02_rights") if self.has("02_rights") else []

    # Words about tables

    def short(self, name: str) -> str:
        """The title of a table without place and period."""
        return words.title(self.frame(name).assign(place="", period=""), self.book, self.lang)

    def period(self, text: str) -> str:
        """A period as it is printed."""
        return words.period(text, self.lang)

    def code_label(self, variable: str, code: str) -> str:
        """The label of a code inside a sentence."""
        return words.first_lower(words.label(variable, code, self.book, self.lang))

    def left_out(self, section: str) -> Markdown:
        """Note for the author that a section has no data."""
        self.notes.append(self.words["left_out"].format(section=section))
        return Markdown("")

    def cite(self, name: str) -> Markdown:
        """A footnote with the source of a table, when it was received, its pages and what must be said of it; in short where all stands
        above."""
        row, rows = self.about_table(name), self.frame(name)
        received = self.words["received"].format(day=self.day(source.record(row.file)["received"]))
        notes = notes_of(rows.assign(note=rows.note.str.replace(ADDRESS, "", regex=True).str.rstrip("; ")))
        said = [f"{row.source}. {received}", *(f"{self.sentence_case(note)}." for note in notes)]
        whole = Markdown(f"^[{' '.join([*map(plain, said), *self.pages(name)])}]")
        if whole in self.cited:
            return footnote([self.words["cited"].format(source=row.source)])
        self.cited.add(whole)
        return whole

    def day(self, text) -> str:
        """A date as it is written in the language."""
        return day(text, self.lang)

    def figure(self, name: str) -> Markdown:
        """A figure with its caption and its description; raises UsageError when it was not drawn."""
        file = self.out / f"{name}.{self.lang}.svg"
        if not file.exists():
            raise UsageError(f"The figure {file.name} was not drawn. Call figure.publish first.")
        said = " ".join((self.out / f"{name}.{self.lang}.txt").read_text(encoding="utf-8").split())
        said = said.replace("\\", "").replace('"', "'")
        caption = self.words["caption"].format(title=self.short(name), sheet=self.sheets[name], file=self.workbook)
        caption += f" {self.words['countries']['caption']}" if TOGETHER in self.about.country else ""
        return Markdown(f'\n![{plain(caption)}]({file.name}){{alt="{said}" width=100%}}\n')

    # Words

    def printed_shares(self, name: str = "04_printed") -> list:
        """Percentages that somebody else printed with the two counts they are the quotient of."""
        return self.rows(name) if name in self.by_table else []

    def joined(self, texts: list[str]) -> str:
        """Texts as a list in a sentence."""
        return words.joined(texts, self.lang)

    def sentence_case(self, text: str) -> str:
        """A text at the beginning of a sentence."""
        return re.sub(f"^{follow.MARKS}*.", lambda first: first[0].upper(), text)

    def note_of(self, name: str) -> str:
        """What must be said wherever a table is shown, as sentences."""
        return " ".join(f"{self.sentence_case(note)}." for note in notes_of(self.frame(name)))

    def pages(self, name: str) -> list[Markdown]:
        """The addresses that a footnote names; of more than FEW only their sites, and the sheet that has each address beside its number."""
        found = self.addresses(name)
        if len(found) <= FEW:
            return [*map(link, found)]
        sites = ", ".join(dict.fromkeys(urlsplit(one).netloc for one in found))
        return [plain(f"{sites} ({self.words['sheet'].format(sheet=self.sheets[name])}).")]

    def addresses(self, name: str) -> list[str]:
        """The addresses that the notes of a table name, each once."""
        return list(dict.fromkeys(found for note in self.frame(name).note for found in re.findall(ADDRESS, note)))
