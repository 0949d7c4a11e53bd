"""What a template can say of several countries side by side: never a sum of them, and in the order of the alphabet."""

from analysis import ledger
from analysis.parameters import TOGETHER
from analysis.published.printed import OFFICIAL
from analysis.wording import words
from analysis.wording.grids import Grids
from analysis.wording.say import Markdown, Say, grid, spoken_by


class Countries:
    """Countries by the names of tables of results; `say` looks up the numbers, `grids` writes cells of official figures."""

    def __init__(self, say: Say, grids: Grids):
        self.say, self.grids, self.words = say, grids, say.words
        self.several = TOGETHER in say.about.country

    def helpers(self) -> dict:
        """Every name that a template knows of this."""
        return spoken_by(self)

    def country_of(self, row) -> str:
        """The name of the country of a result."""
        return words.place(ledger.codes_of(row, self.say.book)["country"], self.say.book, self.say.lang)

    def by_country(self, name: str) -> list:
        """The results of a table in the alphabetical order of their countries; of one country in their own order."""
        rows = self.say.rows(name)
        order = words.alphabetical(list(dict.fromkeys(map(self.country_of, rows))), self.say.lang)
        return sorted(rows, key=lambda row: order.index(self.country_of(row)))

    def countries(self, rows: list) -> str:
        """The countries of results as a list in a sentence."""
        return words.joined(list(dict.fromkeys(map(self.country_of, rows))), self.say.lang)

    def country_bases(self, name: str) -> str:
        """Each country with the number of its cases: Armenia (216), Kazakhstan (89) and ..."""
        said = [f"{self.country_of(row)} ({self.say.base(row.id)})" for row in self.by_country(name)]
        return words.joined(said, self.say.lang)

    def country_shares(self, name: str) -> str:
        """Each country with its number, base, share and interval: Armenia 203 of 216 (94%; 95% interval 90 to 96%); ..."""
        return "; ".join(f"{self.country_of(row)} {self.say.of(row.id)} {self.sure(row)}".strip() for row in self.by_country(name))

    def sure(self, row) -> str:
        """A share with its interval in brackets; nothing where a country has no cases."""
        return self.words["sure"].format(percent=self.say.percent(row.id), interval=self.say.interval(row.id)) if row.base else ""

    def by_country_table(self, name: str) -> Markdown:
        """A row a code that occurs, a column a country: number, share and interval; in the first row the base of each country."""
        rows = self.by_country(name)
        first = {self.country_of(row): row for row in reversed(rows)}
        bases = {country: self.say.base(first[country].id) for country in dict.fromkeys(map(self.country_of, rows))}
        named = [(ledger.codes_of(row, self.say.book)[variable], row) for row in rows for variable in [row.by.split(",")[1]]]
        codes = [one for one in dict.fromkeys(code for code, _ in named) if any(row.n > 0 for code, row in named if code == one)]
        lines = [[self.say.sentence_case(self.say.label(mine[0], at=1)), *map(self.cell, mine)]
                 for mine in ([row for code, row in named if code == one] for one in codes)]
        base, caption = words.of(self.say.lang)["tables"]["base"], self.words["countries"]["shares"].format(title=self.say.short(name))
        return grid([self.words["countries"]["category"], *bases], [[base, *bases.values()], *lines], [16, *[14] * len(bases)], caption, 1)

    def cell(self, row) -> str:
        """A number with its share and interval: 203 (94%; 90 to 96%)."""
        if not row.base:
            return words.of(self.say.lang)["no_records"]
        return f"{self.say.n(row.id)} ({self.say.percent(row.id)}; {self.say.interval(row.id)})"

    def official_countries(self, name: str) -> Markdown:
        """What states reported, a table a stage with a row a year and a column a country, each kind of missing number with its letter."""
        rows = self.by_country(name)
        at, years = {row.codes: row for row in rows}, sorted({row.codes.split(",")[0] for row in rows})
        codes = list(dict.fromkeys(row.codes.split(",")[2] for row in rows))
        head = [self.words["official"]["year"], *dict.fromkeys(map(self.country_of, rows))]
        cell = lambda year, stage, code: at.get(f"{year},{stage},{code}")  # noqa: E731
        letters = self.grids.letters(cell(year, stage, code) for year in years for stage in OFFICIAL for code in codes)
        tables = [grid(head, [[year, *(self.grids.stage(cell(year, stage, code), letters) for code in codes)] for year in years],
                       [10, *[14] * len(codes)], self.caption(stage), 1) for stage in OFFICIAL]
        return Markdown("\n\n".join([*tables, *self.grids.notes(letters), ""]))

    def remark(self, row) -> str:
        """What must be said of a printed number; nothing where it is only that nothing stands beside it."""
        why = row.note.rpartition("; ")[0]
        return "" if why == words.of(self.say.lang)["register"]["reasons"]["no_whole"] else self.say.sentence_case(why)

    def caption(self, stage: str) -> str:
        """The caption of the table of one stage."""
        label = self.say.book.label("official", stage, self.say.lang)
        return self.words["countries"]["official"].format(stage=label)

    def without(self, name: str) -> str:
        """The countries of the report of which a table has nothing, as a list in a sentence."""
        have = {ledger.codes_of(row, self.say.book)["country"] for row in self.say.rows(name)}
        names = [words.place(code, self.say.book, self.say.lang) for code in self.say.about.country.split(TOGETHER) if code not in have]
        return words.joined(words.alphabetical(names, self.say.lang), self.say.lang)

    def printed_countries(self, name: str) -> Markdown:
        """What organisations printed: country, year, number as printed, who printed what, and a remark; groups of countries last."""
        label = lambda row: words.place(row.place, self.say.book, self.say.lang)  # noqa: E731
        order = words.alphabetical(list({label(row) for row in self.say.rows(name)} - {""}), self.say.lang) + [""]
        rows = sorted(self.say.rows(name), key=lambda row: (order.index(label(row)), row.period))
        lines = [[label(row) or self.words["countries"]["group"], row.period, self.say.mark(row.id, self.grids.number(row.value)),
                  row.text, self.remark(row)] for row in rows]
        return self.grids.grid("printed_countries", lines, [19, 10, 17, 40, 36])
