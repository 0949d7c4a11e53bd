"""The register of figures that others printed: who, where, when, of what, as printed, what it recomputes to, and the verdict."""

import numpy as np
import pandas as pd

from analysis import home, ledger, source
from analysis.codebook import Codebook
from analysis.problems import UsageError
from analysis.published import as_printed, grim, judged, printed
from analysis.published.grim import possible  # noqa: F401  register.possible is how a notebook asks about one percentage
from analysis.published.judged import Judged, reason
from analysis.wording import words

FLAGS = ("impossible", "cut", "differs", "inconsistent", "exceeds", "overlaps", "other_base", "look_again", "not_stages")
"""Verdicts that a reader must be told of; all others say that a figure can be true, was recomputed, or cannot be checked."""
RECORDED = "recorded"  # the unit of what states report


@ledger.of_what_is_there
def of(files, book: Codebook, chapter: str, country: str = "", results: pd.DataFrame | None = None, rates: str = "") -> pd.DataFrame:
    """Every number of lists of printed figures as rows of the ledger, `<chapter>_register`; only those of a country if one is given.

    `value` is the number as printed (a percentage 0 to 100), `n` and `base` what it recomputes to, `low` and `high` the range
    of counts that it can stand for, `no_value` the verdict, `text` what was printed by whom, `note` why, and the page. See `entries`.
    """
    if not source.named([files] if isinstance(files, str) else files):
        return ledger.complete(pd.DataFrame())
    found = entries(files, book, results, rates)
    mine = found[found.place == book.label("country", country)] if country else found
    parts = [rows(part, file, book, f"{chapter}_register") for file, part in mine.groupby("file", sort=False)]
    return pd.concat(parts, ignore_index=True) if parts else ledger.complete(pd.DataFrame())


def rows(found: pd.DataFrame, file: str, book: Codebook, name: str) -> pd.DataFrame:
    """Entries of one file as rows of the ledger."""
    codes = file.rpartition("/")[2].partition(".")[0] + "." + found.line
    kept = found[["unit", "value", "n", "base", "low", "high"]].assign(
        id=name + "." + codes, codes=codes, share=found.n / found.base, text=found.said, no_value=found.verdict, period=found.date,
        place=[book.code("country", one) or "" for one in found.place], note=found.why + "; " + found.page)
    level = found.level.where(found.level != "", source.record(file)["level"])
    return printed.printed(kept.assign(level=level), file, table=name, form="register", by="figure")


def shown(registered: pd.DataFrame, lang: str = "en") -> pd.DataFrame:
    """Rows of the register as a notebook shows them whole: what was printed, what it recomputes to, the verdict, why, and the page."""
    if registered.empty:
        return registered[["text"]]
    single = [words.decimal(n, 0 if n == int(n) else 1, lang) if n == n else judged.between(low, high, lang)
              for n, low, high in zip(registered.n, registered.low, registered.high)]
    note = registered.note.str.rpartition("; ")
    return pd.DataFrame({"printed": registered.text, "recomputed": single, "base": registered.base,
                         "verdict": registered.no_value.map(words.of(lang)["report"]["verdicts"]), "why": note[0], "page": note[2]})


def flagged(registered: pd.DataFrame) -> pd.DataFrame:
    """The rows of the register that a reader must be told of."""
    return registered[registered.no_value.isin(FLAGS)]


def entries(files, book: Codebook, results: pd.DataFrame | None = None, rates: str = "") -> pd.DataFrame:
    """The whole register, a row a printed number: file, line, publisher, page, place, date, definition, printed, unit, base, list,
    note; value (as a number), n, low, high, verdict, why; `level`, of a result of ours that it is compared with; and `said`, what was
    printed by whom.

    `results` are numbers counted here that a figure is compared with, `rates` the file of yearly rates of exchange. A percentage
    is tried against every count of its base (grim.possible), a part against its whole, a list against what it adds up to. Raises
    UsageError for a file that is no list of figures, and for a decision of figures.csv about a line that the file does not have.
    """
    found = figures(files, book)
    known = ledger.complete(pd.DataFrame()) if results is None else results
    read = [as_printed.read(row.printed, row.unit) for row in found.itertuples()]
    alone = [judged.figure(one, row.date, row.base, row.beside) for one, row in zip(read, found.itertuples())]
    against = comparisons(found, read, known.set_index("id"), rates)
    verdicts = [with_note(*one, row.note) for *one, row in zip(alone, against, found.itertuples())]
    table = found.join(pd.DataFrame(verdicts)).assign(
        value=[float(one.value) if one.value is not None else np.nan for one in read], kind=[one.kind for one in read],
        least=[as_printed.counts(one, base)[0] if base == base else np.nan for one, base in zip(read, found.base)],
        level=printed.levels(found.same_as.str.rpartition(":")[2], known))
    return in_state_series(in_lists(table)).assign(said=lambda judged_rows: judged_rows.agg(said, axis=1))


def with_note(alone: Judged, against: Judged | None, note: str) -> Judged:
    """The verdict that says more, with what figures.csv or claims.csv notes; where nothing could be checked, the note is the reason."""
    if note and against is None and alone.verdict == "not_recomputed":
        return alone._replace(why=note)
    one = against or alone
    return one._replace(why=", ".join(filter(None, [one.why, note])))


def figures(files, book: Codebook) -> pd.DataFrame:
    """The printed numbers of several lists, one row each, as text; `base` and `beside` (the count printed with it) as numbers."""
    files = source.named([files] if isinstance(files, str) else files)
    found = pd.concat([read_list(file, book).assign(file=file) for file in files], ignore_index=True)
    found = found.assign(**{column: "" for column in ("list", "same_as") if column not in found})
    return found.fillna(dict.fromkeys(found.columns.difference(["base", "beside"]), ""))


def read_list(file: str, book: Codebook) -> pd.DataFrame:
    """One list of figures, read in the way of its columns."""
    listed = printed.table(file)
    listed = listed.assign(line=[str(line) for line in range(2, len(listed) + 2)])
    for column, reader in READERS.items():
        if column in listed:
            return reader(listed, file, book)
    raise UsageError(f"{file} is no list of printed figures: it has none of the columns {', '.join(READERS)}. "
                     "data/codebook/README.md says how such a list is laid out.")


def published(listed: pd.DataFrame, file: str, book: Codebook) -> pd.DataFrame:
    """Figures of monitors, one a line; what each is a part of stands in its columns `base` and `list`, or in figures.csv."""
    how = decisions(file, listed)
    numbers = pd.to_numeric(listed.value.str.replace(",", ""), errors="coerce").set_axis(listed.line)
    given = listed.reindex(columns=["base", "beside", "list"], fill_value="")
    return pd.DataFrame({
        "line": listed.line, "publisher": listed.organisation, "place": listed.country, "date": listed.year, "printed": listed.value,
        "page": listed.source_url.str.replace(r"^seed report \((.*)\)$", r"\1", regex=True),
        "unit": listed.unit.str.replace(r" \(.*", "", regex=True),
        "definition": listed.what.where(listed.category == "", listed.what + ", " + listed.category).str.removeprefix(", "),
        "base": pd.to_numeric(given.base).fillna(how.of.map(numbers)), "beside": pd.to_numeric(given.beside),
        "list": given.list.where(given.list != "", how.list), "same_as": how.same_as, "note": how.note})


def official(listed: pd.DataFrame, file: str, book: Codebook) -> pd.DataFrame:
    """Figures that states reported, three a line: one for each stage."""
    same = ["line", "country", "year", "source_url"]
    long = listed.melt(same, list(printed.OFFICIAL), "stage", "printed", ignore_index=False)
    long = long.sort_index(kind="stable").reset_index(drop=True)
    note = np.where(long.printed.isin(printed.NO_VALUE), "", reason("of_state"))
    return pd.DataFrame({
        "line": long.line + "." + long.stage, "publisher": source.record(file)["cite"].split(",")[0], "page": long.source_url,
        "place": long.country, "date": long.year, "printed": long.printed, "unit": RECORDED, "base": np.nan, "beside": np.nan,
        "definition": [words.first_lower(book.label("official", stage)) for stage in long.stage], "note": note})


def claims(listed: pd.DataFrame, file: str, book: Codebook) -> pd.DataFrame:
    """The claims of one report; claims.csv says how each is recomputed."""
    record, how = source.record(file), printed.checks().reindex(listed.id).fillna("").reset_index(drop=True)
    values = pd.to_numeric(listed.value, errors="coerce").set_axis(listed.id)
    quotient, rule = how.rule == "percent_of", how.rule.replace("", "nothing")
    parts = how.of.where(quotient, " ").str.split(" ", expand=True)
    return pd.DataFrame({
        "line": listed.id, "publisher": record["cite"].split(",")[0], "page": record["page"] + ", " + listed.chapter,
        "place": book.label("country", record.get("place", "")), "date": str(record.get("period", "")), "printed": listed.value,
        "unit": listed.unit, "definition": listed.claim, "beside": parts[0].map(values), "base": parts[1].map(values),
        "same_as": ("claim:" + rule + ":" + how.of).where(~quotient, ""), "note": how.note})


READERS = {"organisation": published, "recorded_by_police": official, "claim": claims}


def decisions(file: str, listed: pd.DataFrame) -> pd.DataFrame:
    """For each line of a list: of, list, same_as and note, from data/codebook/figures.csv; empty where nothing was decided."""
    table = pd.read_csv(home() / "data" / "codebook" / "figures.csv", dtype=str, keep_default_na=False)
    mine = table[table.file == file].set_index("line").drop(columns="file")
    if strange := sorted({*mine.index, *mine.of} - {*listed.line, ""}):
        raise UsageError(f"figures.csv names lines that {file} does not have: {', '.join(strange)}. Correct figures.csv.")
    return mine.reindex(listed.line).fillna("").set_axis(listed.index)


def comparisons(found: pd.DataFrame, read: list, known: pd.DataFrame, rates: str) -> list[Judged | None]:
    """For each figure what another number says about it: a result of ours, the rule of a claim, another entry; None where nothing does."""
    numbers = dict(zip(found.file + "." + found.line, [one.value for one in read]))
    return [compared(row, one, known, numbers, rates) if row.same_as else None for row, one in zip(found.itertuples(), read)]


def compared(row, one: as_printed.Printed, known: pd.DataFrame, numbers: dict, rates: str) -> Judged | None:
    """As `comparisons`, for one figure whose `same_as` is claim:RULE:OF, result:ID or entry:FILE.LINE."""
    kind, _, rest = row.same_as.partition(":")
    if kind == "entry":
        other = numbers.get(rest)
        same = "reproduced" if other == one.value else "differs"
        return None if other is None else Judged(same, reason(same + "_entry", n=words.count(other)), float(other))
    rule, _, of = rest.partition(":") if kind == "claim" else ("at_least" if one.kind == "bound" else "equals", "", rest)
    if rule in ("equals", "at_least") and of not in known.index:
        return None if kind == "result" else Judged("not_recomputed", reason("no_result", id=of))
    value = one.low if one.kind == "bound" else float(one.value) if one.value is not None else np.nan
    n, _, verdict = printed.CHECKS["" if rule == "nothing" else rule](value, of, known, pd.Series(dtype=float), rates)
    return Judged(verdict, "" if kind == "claim" else reason("counted", n=words.count(n)), n)


def in_lists(table: pd.DataFrame) -> pd.DataFrame:
    """The register with what the parts of one list say together: more than their whole, or percentages that need another base."""
    table = table.copy()
    for (*_, base), part in table[table.list != ""].groupby(["file", "page", "place", "date", "list", "base"]):
        shares = part[part.kind == "percent"]
        unfit = shares.verdict.isin(["impossible", "cut"])
        if len(shares) > 1 and unfit.any():
            bases = words.joined(nearest_bases(shares, int(base)))
            table.loc[shares.index, "why"] += reason("list_fits", bases=bases) if bases else reason("list_fits_none")
            table.loc[shares.index[shares.verdict == "possible"], "verdict"] = "other_base"
        elif part.least.sum() > base:
            these = part[part.verdict == "possible"]  # what is wrong by itself stays so
            why = reason("overlaps", sum=words.count(part.least.sum()), base=words.count(base))
            table.loc[these.index, "verdict"] = "overlaps"
            table.loc[these.index, "why"] = why + these.note.where(these.note == "", ", " + these.note)
    return table


def nearest_bases(shares: pd.DataFrame, base: int) -> list[str]:
    """The bases nearest to the printed one, from half to twice of it, of which all percentages of a list can be shares."""
    read = [as_printed.read(row.printed, row.unit) for row in shares.itertuples()]
    fitting = grim.bases([one.value for one in read], max(one.decimals for one in read), max(base // 2, 1), 2 * base)
    near = min((abs(one - base) for one in fitting), default=0)
    return [words.count(one) for one in fitting if abs(one - base) == near]


def in_state_series(table: pd.DataFrame) -> pd.DataFrame:
    """The register with what the numbers of a state say together: more at a later stage, which is no mistake; a year printed twice."""
    table, state = table.copy(), table[table.unit == RECORDED]
    years = {key: year for key, year in state.groupby(["file", "place", "date"])}
    for (file, place, date), year in years.items():
        before = years.get((file, place, str(int(date) - 1)))
        numbers = year.value.dropna()
        # One number alone is the same in two years too easily, and nothing but zeros says nothing.
        if before is not None and len(numbers) > 1 and numbers.max() > 0 and list(year.printed) == list(before.printed):
            table.loc[numbers.index, ["verdict", "why"]] = "look_again", reason("repeated", year=before.date.iloc[0])
        else:
            for at, why in later_than(year).items():
                table.loc[at, ["verdict", "why"]] = "not_stages", why
    return table


def later_than(year: pd.DataFrame) -> dict:
    """The stages of one year with more than an earlier one, each with the reason in words."""
    found = {}
    for earlier, later in ((0, 1), (0, 2), (1, 2)):
        first, last = year.iloc[earlier], year.iloc[later]
        if last.value > first.value:
            found[last.name] = reason("not_stages", n=words.count(last.value), later=last.definition, first=words.count(first.value),
                                      earlier=first.definition)
    return found


def said(row) -> str:
    """What was printed by whom, for where and when, and of what in which unit."""
    say, share = words.of("en")["register"], row.kind in ("percent", "share")
    where = ", ".join(filter(None, [row.place, row.date]))
    sign = "%" if row.kind == "percent" and "%" not in row.printed else ""
    return say["printed" if row.printed else "without"].format(
        publisher=row.publisher, figure=row.printed + sign, where=say["where"].format(where=where) if where else "",
        of=say["of"].format(base=words.count(row.base)) if share and row.base == row.base else "",
        what="; ".join(filter(None, [row.definition, "" if share or row.unit == RECORDED else row.unit])))
