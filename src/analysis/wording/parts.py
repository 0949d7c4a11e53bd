"""The parts of a report that rest on decisions: legislation, quotes, recommendations, what changed, sources and acronyms."""

import re

import numpy as np

from analysis import source
from analysis.codebook import Codebook
from analysis.wording import decided, languages, quotes, words
from analysis.wording.grids import Grids
from analysis.wording.say import About, Markdown, Say, footnote, plain, spoken_by

UNCHANGED = ("", "none")  # of a law whose changes are not recorded, and of one that has none
TOLD = ("title", "publisher", "page", "licence", "documented_by")  # lines of a source record that a report prints


def texts(about: About, book: Codebook) -> list[str]:
    """Every English text that a report prints beside its results: of source records, and the sources of laws."""
    records = [source.record(file) for file in source.named(about.files)]
    laws = decided.rows("laws", book, "en", about.country)
    return [about.documented_by, *(record[line] for record in records for line in TOLD if line in record),
            *(text for record in records for text in record.get("cannot_say", [])), *laws.source, *laws.chapter]


class Parts:
    """What a template can say of laws, quotes, recommendations, earlier editions and sources; `say` looks up the numbers."""

    def __init__(self, say: Say, grids: Grids):
        self.say, self.grids, self.words = say, grids, say.words
        read = lambda name, country="": list(decided.rows(name, say.book, say.lang, country).itertuples(index=False))  # noqa: E731
        self.of_laws, self.of_recommendations = (read(name, say.about.country) for name in ("laws", "recommendations"))
        self.of_acronyms = read("acronyms")
        self.of_quotes = quotes.of(say.about.quotes, source.named(say.about.files), say.book, say.lang)

    def helpers(self) -> dict:
        """Every name that a template knows of this."""
        return spoken_by(self)

    # Legislation

    def laws(self, right: str = "", status: str = "", changed: bool = False) -> list:
        """The provisions of the country: of one right, of one status (`unjudged` for none), or changed since the last edition."""
        return [law for law in self.of_laws if right in ("", law.right) and status in ("", law.status or "unjudged")
                and (not changed or law.changed not in UNCHANGED)]

    def laws_table(self, found: list) -> Markdown:
        """Provisions as a table: right, article, what it says, since when, status and what is asked for, what changed.

        Since when and what changed are left out where that is recorded of none: the text above the table says so once.
        """
        rows = [[self.say.sentence_case(self.say.code_label("right", law.right)), self.article(law), law.text_says, self.since(law),
                 self.status(law), self.change(law)] for law in found]
        without = [at for at, column in ((3, "since"), (5, "changed")) if self.unrecorded(column)]
        return self.grids.grid("laws", rows, [23, 21, 31, 14, 31, 16], without=without)

    def article(self, law) -> str:
        """A law with its article."""
        return f"{law.text_law}, {words.first_lower(law.text_article)}"

    def articles(self, found: list) -> str:
        """Laws with their articles, as a list."""
        return "; ".join(map(self.article, found))

    def since(self, law) -> str:
        """Since when a provision is in force, or that this is not recorded."""
        return (self.say.day(law.since) if "-" in law.since else law.since) or self.words["not_recorded"]

    def status(self, law) -> str:
        """How a provision stands to what this report asks for, and what that is."""
        said = self.words["law_status"][law.status]
        return self.words["law_standard"].format(status=said, standard=law.text_standard) if law.text_standard else said

    def change(self, law) -> str:
        """What changed in a provision since the last edition, or that this is not recorded."""
        said = self.words["law_changed"][law.changed]
        return self.words["law_change"].format(changed=said, change=law.text_change) if law.text_change else said

    def unrecorded(self, column: str) -> bool:
        """Whether a column of laws.csv, or the status of the recommendations, is recorded nowhere for this country."""
        rows = self.of_recommendations if column == "progress" else self.of_laws
        return all(getattr(row, "status" if column == "progress" else column) == "" for row in rows)

    def law_sources(self, right: str = "") -> Markdown:
        """A footnote with the sources of the laws, of one right or of all, and their chapters, each once."""
        found = self.laws(right)
        chapters = {law.source: dict.fromkeys(other.chapter for other in found if other.source == law.source) for law in found}
        return footnote([self.words["chapters"].format(source=self.told(source), chapters="; ".join(map(self.told, named)))
                         for source, named in chapters.items()])

    # Quotes

    def quotes(self, right: str) -> list:
        """The approved quotes about a right."""
        return [row for row in self.of_quotes.approved.itertuples() if row.right == right]

    def no_quotes(self) -> Markdown:
        """Notes for the author: that no quote is approved, and what each that is not lacks."""
        if self.of_quotes.approved.empty:
            self.say.left_out(self.words["quotes"]["section"])
        for quote, what in self.of_quotes.left_out.items():
            lacks = words.joined([self.words["quotes"][one] for one in what], self.say.lang)
            self.say.notes.append(self.words["quotes"]["left_out"].format(quote=quote, lacks=lacks))
        return Markdown("")

    # Recommendations

    def recommendations(self) -> list[tuple[str, list]]:
        """Addressee and its recommendations: text, evidence in words, status; one without evidence here is left out and noted."""
        kept = {}
        for row in self.of_recommendations:
            found = [said for said in map(self.evidence, decided.evidence(row.evidence)) if said]
            if found:
                said = (row.text_recommendation, "; ".join(found), self.words["progress"][row.status])
                kept.setdefault(row.addressee, []).append(said)
            else:
                self.say.notes.append(self.words["no_evidence"].format(id=row.recommendation, evidence=row.evidence))
        return [(label, kept[who]) for who, label in self.words["addressees"].items() if who in kept]

    def evidence(self, key: str) -> str:
        """What a recommendation rests on, in words: a law, a table or a result; nothing where the report does not have it."""
        if key.startswith("law:"):
            return words.joined([self.article(law) for law in self.laws() if f"law:{law.law}" == key], self.say.lang)
        if not self.say.has(key) or (key in self.say.results and not np.isfinite(self.say.row(key).value) and self.say.row(key).n == 0):
            return ""
        if key in self.say.by_table:
            return self.words["evidence_table"].format(title=self.say.short(key), sheet=self.say.sheet(key))
        row = self.say.row(key)
        said = self.say.value(key) if np.isfinite(row.value) else self.say.sentence(key)
        what = self.words["measures"].get(key.split(".")[-1]) or self.say.label(row)
        return self.words["evidence"].format(label=self.say.sentence_case(what), number=said, sheet=self.say.sheet(key))

    # What changed since the last edition

    def edition_changes(self, kind: str = "") -> list:
        """The numbers that differ from the earlier edition, or those of one kind: changed, gone or new."""
        table = self.say.about.changes
        return [] if table is None else [row for row in table.itertuples() if kind in ("", row.kind)]

    def edition_table(self) -> Markdown:
        """The numbers that changed or are gone: which, as it was, as it is, and why."""
        reasons = dict(zip(*(decided.rows("edition_changes", self.say.book, lang).text_reason for lang in ("en", self.say.lang))))
        rows = [[self.say.mark(row.id, row.id) if row.id in self.say.results else row.id, self.stated(row, "_was"),
                 self.stated(row, "") if row.kind == "changed" else self.words["gone"],
                 reasons.get(row.reason, row.reason)] for row in self.edition_changes() if row.kind != "new"]
        return self.grids.grid("edition_changes", rows, [38, 22, 22, 34])

    def stated(self, row, when: str) -> str:
        """A number as one of the editions has it: 9 of 31, or whatever of it differs."""
        n, base, value, low, high, p = (getattr(row, f"{name}{when}") for name in ("n", "base", "value", "low", "high", "p"))
        told = [words.share_of(n, base, self.say.lang) if np.isfinite(base) and np.isfinite(n) else self.grids.number(n),
                words.decimal(value, 2, self.say.lang) if np.isfinite(value) else ""]
        differ = {name: not np.isclose(getattr(row, name), getattr(row, f"{name}_was"), equal_nan=True) for name in ("low", "high", "p")}
        if (differ["low"] or differ["high"]) and np.isfinite(low):
            told.append(self.words["between"].format(low=words.decimal(low, 3, self.say.lang), high=words.decimal(high, 3, self.say.lang)))
        if differ["p"] and np.isfinite(p):
            told.append(words.of(self.say.lang)["sentences"]["p"].format(p=words.decimal(p, 4, self.say.lang)))
        mark = words.of(self.say.lang)["no_value"].get(getattr(row, f"no_value{when}"), "")
        return "; ".join(filter(None, [*told, mark])) or self.words["no_number"]

    def earlier(self) -> str:
        """The name of the earlier edition: its day where it is called by one."""
        name = self.say.about.previous.rpartition("/")[2]
        return self.say.day(name) if re.fullmatch(r"\d{4}-\d\d-\d\d", name) else name

    # Sources

    def sources(self) -> list:
        """The source records of the files that this report rests on, each with its file and its texts in the language."""
        return [(file, self.in_language(source.record(file))) for file in source.named(self.say.about.files)]

    def in_language(self, record: dict) -> dict:
        """A source record with its texts in the language."""
        return record | {line: self.told(record[line]) for line in TOLD if line in record} | {
            "cannot_say": [self.told(one) for one in record.get("cannot_say", [])]}

    def told(self, english: str) -> str:
        """A text that was written down in English, in the language."""
        return languages.text(english, self.say.book, self.say.lang)

    def described(self, file: str, record: dict) -> str:
        """Where a file came from and what identifies it, after its title."""
        lines = {key: str(record[key]).rstrip(".") for key in ("publisher", "page", "licence", "sha256")}
        level = words.of(self.say.lang)["levels"][record["level"]]
        return self.words["source"].format(**lines, day=self.say.day(record["received"]), file=file, level=level)

    def acronyms(self, text: str) -> Markdown:
        """The last chapter: what the acronyms that occur in the text stand for."""
        known = {row.text_acronym: row.text_stands_for for row in self.of_acronyms}
        found = [acronym for acronym in known if re.search(rf"\b{re.escape(acronym)}\b", text)]
        rows = [[acronym, known[acronym]] for acronym in words.alphabetical(found, self.say.lang)]
        head = f"# {plain(self.words['acronyms']['title'])}\n"
        return Markdown(head + self.grids.grid("acronyms", rows, [12, 60]) if rows else "")
