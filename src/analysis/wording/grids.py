"""The tables of a report: years, changes, what the state reported, ranks, claims, and figures that others printed."""

import numpy as np

from analysis.published.printed import OFFICIAL
from analysis.published.register import FLAGS
from analysis.wording import words
from analysis.wording.say import Markdown, Say, grid, plain, spoken_by


class Grids:
    """Tables of a report by the names of its tables of results; `say` looks up the numbers."""

    def __init__(self, say: Say):
        self.say = say

    def helpers(self) -> dict:
        """Every name that a template knows of this."""
        return spoken_by(self)

    def grid(self, what: str, rows: list[list], widths: list[int], right: int = 99, without: list[int] = ()) -> Markdown:
        """A table whose head and caption are phrases of the language; columns that have nothing to say are left out."""
        phrases = self.say.words[what]
        head, widths, *rows = ([cell for at, cell in enumerate(row) if at not in without] for row in (phrases["head"], widths, *rows))
        return grid(head, rows, widths, phrases["caption"], right)

    def years_table(self, name: str) -> Markdown:
        """Counts of one code by year with the base of the year; a year without records has no share."""
        rows = [[row.codes.split(",")[0], self.say.of(row.id),
                 *([self.say.percent(row.id), self.say.interval(row.id)] if row.base else ["", ""])]
                for row in self.say.rows(name)]
        return grid(self.say.words["years"]["head"], rows, [16, 24, 16, 24], self.say.short(name), 1)

    def changes_table(self, name: str) -> Markdown:
        """Shares of two years and the difference in percentage points, for codes that either year has."""
        found, pairs = {row.id: row for row in self.say.rows(name)}, {}
        for row in self.say.rows(name):
            years, code = row.codes.split(",")
            if row.method == "newcombe":
                pairs.setdefault(tuple(years.split("-")), []).append((code, row))
        return Markdown("".join(self.pair_table(name, *pair, rows, found) for pair, rows in pairs.items()))

    def pair_table(self, name: str, first: str, last: str, rows: list, found: dict) -> Markdown:
        """Two of the years of a comparison: counts of both, the difference in points, and the break-even of the counts."""
        variable = self.say.about_table(name).by.split(",")[1]
        label = lambda code: " / ".join(self.say.book.label(variable, one, self.say.lang) for one in code.split("+"))  # noqa: E731
        lines = [[label(code), *(self.say.of(f"{name}.{year}.{code}") for year in (first, last)),
                  self.difference(row),
                  self.factor(found[f"{row.id}.break_even"])] for code, row in rows]
        head = [text.format(first=first, last=last) for text in self.say.words["changes"]["head"]]
        return grid(head, lines, [30, 14, 14, 22, 24], self.say.words["changes"]["caption"].format(title=self.say.short(name)), 1)

    def difference(self, row) -> str:
        """A difference in points with its interval in brackets."""
        low, high = (words.points(end, self.say.lang) for end in (row.low, row.high))
        said = f"{words.points(row.value, self.say.lang)} ({self.say.words['between'].format(low=low, high=high)})"
        return self.say.mark(row.id, said)

    def factor(self, row) -> str:
        """A break-even with its interval in brackets; none where both counts are 0."""
        if np.isnan(row.value):
            return ""
        return self.say.mark(row.id, f"{words.factor(row.value, self.say.lang)} ({words.factors(row.low, row.high, self.say.lang)})")

    def comparisons(self, name: str) -> int:
        """How many shares a table of changes compares."""
        return sum(row.method == "newcombe" for row in self.say.rows(name))

    def told_apart(self, name: str) -> list:
        """The changes whose interval does not hold zero."""
        return [row for row in self.say.rows(name) if row.method == "newcombe" and (row.low > 0 or row.high < 0)]

    def official_table(self, name: str = "04_official") -> Markdown:
        """What the state reported, a row a year up to the last year of the report, each kind of missing number with its letter."""
        cells = {row.codes: row for row in self.say.rows(name)}
        letters = self.letters(map(cells.get, self.official_cells(name)))
        rows = [[year, *(self.stage(cells.get(f"{year},{stage}"), letters) for stage in OFFICIAL)] for year in self.official_years(name)]
        head = [self.say.words["official"]["year"], *(self.say.book.label("official", stage, self.say.lang) for stage in OFFICIAL)]
        table = grid(head, rows, [14, 24, 24, 24], self.say.words["official"]["caption"], 1)
        return Markdown("\n\n".join([table, *self.notes(letters), ""]))

    def official_years(self, name: str) -> list[str]:
        """Every year from the first that the source has to the last of the source or of the incidents."""
        years = [row.codes.split(",")[0] for row in self.say.rows(name)]
        return [str(year) for year in range(int(min(years)), int(max(*years, self.say.about.incident_period[-4:])) + 1)]

    def official_cells(self, name: str) -> list[str]:
        """Every year and stage of the official table."""
        return [f"{year},{stage}" for year in self.official_years(name) for stage in OFFICIAL]

    def gap(self, row) -> str:
        """The kind of missing number that an official figure is; no row at all is one."""
        return "no_row" if row is None else row.no_value

    def letters(self, cells) -> dict[str, str]:
        """Each kind of missing number among official figures -> the letter that marks it."""
        kinds = set(map(self.gap, cells))
        return dict(zip([kind for kind in self.say.words["no_value"] if kind in kinds], "abcdefgh"))

    def notes(self, letters: dict[str, str]) -> list[str]:
        """What each letter of a table of official figures means, a paragraph each."""
        return [f"^{letter}^ {plain(self.say.words['no_value'][kind])}" for kind, letter in letters.items()]

    def stage(self, row, letters: dict[str, str]) -> Markdown:
        """One official figure; where there is no number, the source's mark in words of the language with the letter of its note."""
        kind = self.gap(row)
        return Markdown(f"{plain(self.say.words['gaps'][kind])}^{letters[kind]}^") if kind else plain(self.say.n(row.id))

    def kinds_of_gap(self, name: str) -> int:
        """In how many different ways official figures are missing, a year without a line among them."""
        marks = set(self.say.frame(name).no_value) - {""}
        return len(marks) + bool(self.missing_years(name))

    def claims_table(self, name: str = "05_claims") -> Markdown:
        """A report's claims beside what they recompute to, with the verdict and its reason."""
        rows = [[self.say.sentence_case(row.text), self.say.mark(row.id, self.number(row.value)), self.recomputed(row), self.verdict(row),
                 self.say.sentence_case(row.note)] for row in self.say.rows(name)]
        return self.grid("claims", rows, [31, 16, 17, 18, 32])

    def verdict(self, row) -> str:
        """What became of a number that was printed, marked as this number."""
        return self.say.mark(row.id, self.say.words["verdicts"][row.no_value])

    def recomputed(self, row) -> str:
        """What a claim recomputes to, with its base where that says more."""
        return self.say.of(row.id) if np.isfinite(row.base) and row.base != row.n else self.say.mark(row.id, self.number(row.n))

    def number(self, value: float) -> str:
        """A number of any kind: whole where it is whole, to one decimal where it is not, nothing where there is none."""
        if not np.isfinite(value):
            return ""
        return words.count(value, self.say.lang) if value == int(value) else words.decimal(value, 1, self.say.lang)

    def silent_years(self, name: str) -> list[str]:
        """Years that the official page has, without a number of any kind."""
        year = self.say.frame(name).codes.str.split(",").str[0]
        return [one for one in dict.fromkeys(year) if self.say.frame(name).n[year == one].isna().all()]

    def missing_years(self, name: str) -> list[str]:
        """Years of the report up to its last for which the official page has no line."""
        have = {row.codes.split(",")[0] for row in self.say.rows(name)}
        return [year for year in self.official_years(name) if year not in have]

    def ranks_table(self, names: list[str]) -> Markdown:
        """Of each breakdown the code with the largest count, or those that share it, and between which ranks chance leaves each."""
        first = [(name, row) for name in names for row in self.say.rows(name) if row.value == 1]
        rows = [[words.titled(row.by, self.say.book, self.say.lang), self.say.sentence_case(self.say.label(row)), self.say.of(row.id),
                 self.say.mark(row.id, words.ranks(row.low, row.high, self.say.lang))] for name, row in first]
        return self.grid("ranks", rows, [30, 34, 16, 20], 2)

    def stages_table(self, name: str) -> Markdown:
        """How many cases are known to have come to each stage, and of how many it is known, where any record can say no."""
        known = lambda row: self.say.words["cannot_deny"] if row.no_value else self.say.base(row.id)  # noqa: E731
        rows = [[self.say.sentence_case(self.say.label(row)), self.say.n(row.id), known(row),
                 self.say.printed(row.id)] for row in self.say.rows(name)]
        never = all(row.no_value for row in self.say.rows(name))
        return self.grid("stages", rows, [34, 16, 34, 16], 1, without=[2] if never else [])

    def flagged(self, name: str) -> list:
        """The printed figures that a reader must be told of."""
        return [row for row in self.say.rows(name) if row.no_value in FLAGS]

    def verdicts(self, name: str) -> str:
        """How many of the printed figures have each verdict: “reproduced” (19), “possible” (13) and ..."""
        found = [row.no_value for row in self.say.rows(name)]
        return words.joined([f"{self.say.quoted(label)} ({self.say.mark(name, words.count(found.count(one), self.say.lang))})"
                             for one, label in self.say.words["verdicts"].items() if one in found], self.say.lang)

    def register_table(self, name: str) -> Markdown:
        """The printed figures that a reader must be told of, with the verdict and its reason."""
        rows = [[row.text, self.verdict(row), self.say.marked(row.id, self.say.sentence_case(row.note.rpartition("; ")[0]))]
                for row in self.flagged(name)]
        return self.grid("register", rows, [44, 20, 40])
