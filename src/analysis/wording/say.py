"""What the template of a report can say: numbers by their id, sentences, tables and figures, none of them knowing a country."""

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from babel import Locale
from babel.dates import format_date

from analysis import home, ledger, source, stats
from analysis.codebook import GROUP, Codebook
from analysis.problems import UsageError, nearest
from analysis.protect import Safe
from analysis.published.printed import OFFICIAL
from analysis.table import notes_of
from analysis.wording import sentences, words

SIGN = re.compile(r"([!#-&(-/:-@\[-`{-~])")  # quotes stay: they become typographic ones
ADDRESS = r"https?://\S+"


class About(NamedTuple):
    """What makes it this report: `title` by language, `edition` as a date, codes of country and bias, the files it rests on."""

    title: dict[str, str]
    edition: str
    country: str
    period: str
    incident_period: str
    bias: str
    documented_by: str
    files: list[str]


class Markdown(str):
    """Text that is Markdown already. Everything else that a template prints is escaped."""


def plain(text) -> Markdown:
    """Text as Markdown that reads as this text: signs are escaped, line breaks and runs of spaces are one space."""
    return Markdown(SIGN.sub(r"\\\1", re.sub(r"\s+", " ", str(text))))


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


def decisions(name: str, country: str) -> pd.DataFrame:
    """The rows of a file of the codebook that belong to a country."""
    found = pd.read_csv(home() / "data" / "codebook" / f"{name}.csv", dtype=str, keep_default_na=False)
    return found[found.country == country] if "country" in found else found


class Say:
    """What a template can say. Each method looks up results by id or table; none of them knows a country or a number."""

    def __init__(self, safe: Safe, out: Path, book: Codebook, lang: str, about: About):
        self.safe, self.out, self.book, self.lang, self.about = safe, out, book, lang, about
        self.words, self.missing = words.of(lang)["report"], []
        self.results = {row.id: row for row in safe.results.itertuples(index=False)}
        self.by_table = {name: [row for row in self.results.values() if row.table == name] for name in safe.tables}

    def helpers(self) -> dict:
        """Every name that a template knows."""
        mine = {name: getattr(self, name) for name in dir(self) if not name.startswith("_") and name != "helpers"}
        return mine | {"confidence": words.percent(stats.CONFIDENCE, self.lang),
                       "country": words.place(self.about.country, self.book, self.lang)}

    # One number

    def row(self, key: str):
        """The result of an id; raises UsageError that offers the nearest."""
        if key not in self.results:
            raise UsageError(f"There is no result '{key}'. Did you mean {nearest(key, self.results)}?")
        return self.results[key]

    def has(self, key: str) -> bool:
        """Whether there is a table of this name, or a result of this id that has a number."""
        row = self.results.get(key)
        return key in self.by_table if row is None else bool(np.isfinite(row.value) or np.isfinite(row.n))

    def n(self, key: str) -> str:
        """The count of a result."""
        return words.count(self.row(key).n, self.lang)

    def of(self, key: str) -> str:
        """9 of 31."""
        return words.share_of(self.row(key).n, self.row(key).base, self.lang)

    def counted(self, key: str) -> str:
        """9 documented cases."""
        return words.counted(self.row(key).n, self.row(key).unit, self.lang)

    def percent(self, key: str, digits: int = 0) -> str:
        """The share of a result in percent."""
        return words.percent(self.row(key).share, self.lang, digits)

    def interval(self, key: str) -> str:
        """16 to 47%."""
        return words.interval(self.row(key).low, self.row(key).high, self.lang)

    def sentence(self, key: str) -> str:
        """9 of 31 documented cases (29%; 95% interval 16 to 47%); without a share, only the count."""
        row = self.row(key)
        if not np.isfinite(row.base):
            return self.counted(key)
        counts = f"{self.of(key)} {words.unit(row.base, row.unit, self.lang)}"
        sure = self.words["sure"].format(percent=words.percent(row.share, self.lang), interval=self.interval(key)) if row.base else ""
        return f"{counts} {sure}".strip()

    def said(self, key: str) -> str:
        """A result as its sentence, such as what change of effort would explain a change of counts."""
        return sentences.of(self.row(key), self.book, self.lang)

    def value(self, key: str, digits: int = 2) -> str:
        """A number that is no count, such as a ratio, with its interval: 2.68 (95% interval 1.75 to 4.19)."""
        row = self.row(key)
        value, low, high = (words.decimal(x, digits, self.lang) for x in (row.value, row.low, row.high))
        return self.words["value"].format(value=value, interval=words.of(self.lang)["to"].format(low=low, high=high))

    def printed(self, key: str) -> str:
        """A percentage as somebody else printed it."""
        return words.percent(self.row(key).value, self.lang)

    def plural(self, count: float, **forms: str) -> str:
        """The form that goes with a count: plural(n, one="case", other="cases")."""
        return forms.get(Locale(self.lang).plural_form(int(count)), forms["other"])

    def spoken(self, count: float) -> str:
        """A count as a word when it is small."""
        return words.spoken(count, self.lang)

    def base(self, key: str) -> str:
        """The base of a result."""
        return words.count(self.row(key).base, self.lang)

    def above_half(self, key: str) -> bool:
        """Whether the whole interval of a share lies above one half."""
        return bool(self.row(key).low > 0.5)

    def unit(self, name: str) -> str:
        """The unit in the plural, as the head of a column."""
        return words.unit(2, name, self.lang)

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

    def about_table(self, name: str):
        """The first result of a table, for what all of them share: by, unit, base, period, source, note."""
        return self.rows(name)[0]

    def listed(self, name: str, right: str = "") -> list:
        """The results of a table that occur and say something, largest first; `right` keeps one code of the last variable."""
        rows = [row for row in self.rows(name) if row.n > 0 and not self.is_unknown(row)]
        return sorted((row for row in rows if not right or row.codes.split(",")[-1] == right), key=lambda row: -row.n)

    def unknown(self, name: str) -> list:
        """The results of a table that count what is not known; none for a table that this report does not have."""
        if name not in self.by_table:
            return []
        return [row for row in self.rows(name) if row.n > 0 and self.is_unknown(row)]

    def is_unknown(self, row) -> bool:
        """Whether a result counts what is not known."""
        return any(code in self.book.unknown(v) for v, code in ledger.codes_of(row, self.book).items())

    def ranks(self, name: str, right: str = "") -> list[list]:
        """The results of a table in groups of equal count, largest first."""
        rows = self.listed(name, right)
        return [[row for row in rows if row.n == n] for n in sorted({row.n for row in rows}, reverse=True)]

    def apart(self, first, second) -> bool:
        """Whether two shares can be told apart: their intervals do not overlap."""
        return first.low > second.high or second.low > first.high

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
        return words.joined([f"{self.quoted(self.label(row, at))} ({words.count(row.n, self.lang)})" for row in rows], self.lang)

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
        return words.first_lower(self.book.label(variable, code, self.lang))

    def left_out(self, section: str) -> Markdown:
        """Note for the author that a section has no data."""
        self.missing.append(section)
        return Markdown("")

    def cite(self, name: str) -> Markdown:
        """A footnote with the source of a table, when it was received, its pages and what must be said wherever it is shown."""
        row, rows = self.about_table(name), self.frame(name)
        received = self.words["received"].format(day=self.day(source.record(row.file)["received"]))
        notes = notes_of(rows.assign(note=rows.note.str.replace(ADDRESS, "", regex=True).str.rstrip("; ")))
        said = [f"{row.source}. {received}", *(f"{self.sentence_case(note)}." for note in notes)]
        return Markdown(f"^[{' '.join([*map(plain, said), *map(link, self.addresses(name))])}]")

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
        caption = self.words["caption"].format(title=self.short(name), sheet=name)
        return Markdown(f'\n![{plain(caption)}]({file.name}){{alt="{said}" width=100%}}\n')

    # Tables

    def grid(self, what: str, rows: list[list], widths: list[int], right: int = 99) -> Markdown:
        """A table whose head and caption are phrases of the language."""
        phrases = self.words[what]
        return grid(phrases["head"], rows, widths, phrases["caption"], right)

    def laws(self, right: str = "") -> list:
        """The rows of laws.csv for the country, or for one right in it."""
        found = decisions("laws", self.about.country)
        return list(found[(found.right == right) | (right == "")].itertuples(index=False))

    def laws_table(self) -> Markdown:
        """The laws of the country as a table."""
        rows = [[self.code_label("right", law.right), self.article(law), self.says(law), self.asks(law)] for law in self.laws()]
        return self.grid("laws", rows, [16, 24, 36, 28])

    def article(self, law) -> str:
        """A law with its article."""
        return f"{getattr(law, f'law_{self.lang}')}, {words.first_lower(law.article)}"

    def says(self, law) -> str:
        """What a law says."""
        return getattr(law, f"says_{self.lang}")

    def asks(self, law) -> str:
        """What the report asks for in its place."""
        return getattr(law, f"standard_{self.lang}")

    def years_table(self, name: str) -> Markdown:
        """Counts of one code by year with the base of the year; a year without records has no share."""
        rows = [[row.codes.split(",")[0], self.of(row.id), *([self.percent(row.id), self.interval(row.id)] if row.base else ["", ""])]
                for row in self.rows(name)]
        return self.grid("years", rows, [16, 24, 16, 24], 1)

    def changes_table(self, name: str) -> Markdown:
        """Shares of two years and the difference in percentage points, for codes that either year has."""
        found, pairs = {row.id: row for row in self.rows(name)}, {}
        for row in self.rows(name):
            years, code = row.codes.split(",")
            if row.method == "newcombe":
                pairs.setdefault(tuple(years.split("-")), []).append((code, row))
        return Markdown("".join(self.pair_table(name, *pair, rows, found) for pair, rows in pairs.items()))

    def pair_table(self, name: str, first: str, last: str, rows: list, found: dict) -> Markdown:
        """Two of the years of a comparison: counts of both, the difference in points, and the break-even of the counts."""
        variable = self.about_table(name).by.split(",")[1]
        label = lambda code: " / ".join(self.book.label(variable, one, self.lang) for one in code.split("+"))  # noqa: E731
        lines = [[label(code), *(self.of(f"{name}.{year}.{code}") for year in (first, last)),
                  f"{self.points(row.value)} ({self.words['between'].format(low=self.points(row.low), high=self.points(row.high))})",
                  self.factor(found[f"{row.id}.break_even"])] for code, row in rows]
        head = [text.format(first=first, last=last) for text in self.words["changes"]["head"]]
        return grid(head, lines, [30, 14, 14, 22, 24], self.words["changes"]["caption"].format(title=self.short(name)), 1)

    def factor(self, row) -> str:
        """A break-even with its interval in brackets; none where both counts are 0."""
        if np.isnan(row.value):
            return ""
        return f"{words.factor(row.value, self.lang)} ({words.factors(row.low, row.high, self.lang)})"

    def points(self, share: float) -> str:
        """A difference of shares in whole percentage points, with its sign."""
        return words.points(share, self.lang)

    def comparisons(self, name: str) -> int:
        """How many shares a table of changes compares."""
        return sum(row.method == "newcombe" for row in self.rows(name))

    def told_apart(self, name: str) -> list:
        """The changes whose interval does not hold zero."""
        return [row for row in self.rows(name) if row.method == "newcombe" and (row.low > 0 or row.high < 0)]

    def official_table(self, name: str = "04_official") -> Markdown:
        """What the state reported, a row a year up to the last year of the report, each kind of missing number with its letter."""
        cells = {row.codes: row for row in self.rows(name)}
        rows = [[year, *(self.stage(cells.get(f"{year},{stage}")) for stage in OFFICIAL)] for year in self.official_years(name)]
        head = [self.words["official"]["year"], *(self.book.label("official", stage, self.lang) for stage in OFFICIAL)]
        table = grid(head, rows, [14, 24, 24, 24], self.words["official"]["caption"], 1)
        kinds = dict.fromkeys(["no_row" if row is None else row.no_value for row in map(cells.get, self.official_cells(name))])
        notes = [f"^{letter}^ {plain(self.words['no_value'][kind])}" for kind, letter in self.letters().items() if kind in kinds]
        return Markdown("\n\n".join([table, *notes, ""]))

    def official_years(self, name: str) -> list[str]:
        """Every year from the first that the source has to the last of the source or of the incidents."""
        years = [row.codes.split(",")[0] for row in self.rows(name)]
        return [str(year) for year in range(int(min(years)), int(max(*years, self.about.incident_period[-4:])) + 1)]

    def official_cells(self, name: str) -> list[str]:
        """Every year and stage of the official table."""
        return [f"{year},{stage}" for year in self.official_years(name) for stage in OFFICIAL]

    def letters(self) -> dict[str, str]:
        """Kind of missing number -> the letter that marks it."""
        return dict(zip(self.words["no_value"], "abcdefgh"))

    def stage(self, row) -> Markdown:
        """One official figure as printed; where there is no number, the source's own mark with the letter of its note."""
        kind = "no_row" if row is None else row.no_value
        if not kind:
            return plain(words.count(row.n, self.lang))
        said = self.words["no_row"] if row is None else row.text
        return Markdown(f"{plain(said)}^{self.letters()[kind]}^")

    def kinds_of_gap(self, name: str) -> int:
        """In how many different ways official figures are missing, a year without a line among them."""
        marks = set(self.frame(name).no_value) - {""}
        return len(marks) + bool(self.missing_years(name))

    def claims_table(self, name: str = "05_claims") -> Markdown:
        """A report's claims beside what they recompute to, with the verdict and its reason."""
        rows = [[row.text, self.number(row.value), self.recomputed(row), self.words["verdicts"][row.no_value], row.note]
                for row in self.rows(name)]
        return self.grid("claims", rows, [34, 11, 17, 19, 33])

    def recomputed(self, row) -> str:
        """What a claim recomputes to, with its base where that says more."""
        return self.of(row.id) if np.isfinite(row.base) and row.base != row.n else self.number(row.n)

    def number(self, value: float) -> str:
        """A number of any kind: whole where it is whole, to one decimal where it is not, nothing where there is none."""
        if not np.isfinite(value):
            return ""
        return words.count(value, self.lang) if value == int(value) else words.decimal(value, 1, self.lang)

    def recommendations(self) -> list[tuple[str, list]]:
        """Addressee and its recommendations with their evidence, for evidence that this report has."""
        found = decisions("recommendations", self.about.country)
        kept = [(row.addressee, getattr(row, f"recommendation_{self.lang}"), self.evidence(row.evidence)) for row in found.itertuples()]
        kept = [row for row in kept if row[2]]
        addressees = dict.fromkeys(row[0] for row in kept)
        return [(self.words["addressees"][who], [row[1:] for row in kept if row[0] == who]) for who in addressees]

    def evidence(self, key: str) -> str:
        """What a recommendation rests on, in words: a law, a table or a result; nothing where the report does not have it."""
        if key.startswith("law:"):
            named = [law for law in self.laws() if law.article.split(",")[0] == key.removeprefix("law:")]
            return words.joined([self.article(law) for law in named], self.lang)
        if not self.has(key) or (key in self.results and not np.isfinite(self.row(key).value) and self.row(key).n == 0):
            return ""
        if key in self.by_table:
            return self.words["evidence_table"].format(title=self.short(key), sheet=key)
        row = self.row(key)
        said = self.value(key) if np.isfinite(row.value) else self.sentence(key)
        what = self.words["measures"].get(key.split(".")[-1]) or self.label(row)
        return self.words["evidence"].format(label=self.sentence_case(what), number=said, id=key)

    def sources(self) -> list:
        """The source records of the files that this report rests on, each with its file."""
        return [(file, source.record(file)) for file in source.named(self.about.files)]

    def described(self, file: str, record: dict) -> str:
        """Where a file came from and what identifies it, after its title."""
        lines = {key: str(record[key]).rstrip(".") for key in ("publisher", "page", "licence", "sha256")}
        level = words.of(self.lang)["levels"][record["level"]]
        return self.words["source"].format(**lines, day=self.day(record["received"]), file=file, level=level)

    def acronyms(self, text: str) -> Markdown:
        """The last chapter: what the acronyms that occur in the text stand for."""
        found = [row for row in decisions("acronyms", "").itertuples() if re.search(rf"\b{re.escape(row.acronym)}\b", text)]
        rows = [[row.acronym, getattr(row, f"stands_for_{self.lang}")] for row in found]
        return Markdown(f"# {plain(self.words['acronyms']['title'])}\n{self.grid('acronyms', rows, [12, 60])}")

    def printed_shares(self, name: str = "04_printed") -> list:
        """Percentages that somebody else printed with the two counts they are the quotient of."""
        return self.rows(name) if name in self.by_table else []

    def silent_years(self, name: str) -> list[str]:
        """Years that the official page has, without a number of any kind."""
        year = self.frame(name).codes.str.split(",").str[0]
        return [one for one in dict.fromkeys(year) if self.frame(name).n[year == one].isna().all()]

    def missing_years(self, name: str) -> list[str]:
        """Years of the report up to its last for which the official page has no line."""
        have = {row.codes.split(",")[0] for row in self.rows(name)}
        return [year for year in self.official_years(name) if year not in have]

    def joined(self, texts: list[str]) -> str:
        """Texts as a list in a sentence."""
        return words.joined(texts, self.lang)

    def law_sources(self) -> Markdown:
        """A footnote with the sources of the laws and their chapters, each once."""
        chapters = {law.source: dict.fromkeys(other.chapter for other in self.laws() if other.source == law.source) for law in self.laws()}
        said = [self.words["chapters"].format(source=source, chapters="; ".join(named)) for source, named in chapters.items()]
        return Markdown(f"^[{plain(' '.join(said))}]")

    def sentence_case(self, text: str) -> str:
        """A text at the beginning of a sentence."""
        return text[:1].upper() + text[1:]

    def note_of(self, name: str) -> str:
        """What must be said wherever a table is shown, as sentences."""
        return " ".join(f"{self.sentence_case(note)}." for note in notes_of(self.frame(name)))

    def addresses(self, name: str) -> list[str]:
        """The addresses that the notes of a table name, each once."""
        return list(dict.fromkeys(found for note in self.frame(name).note for found in re.findall(ADDRESS, note)))
