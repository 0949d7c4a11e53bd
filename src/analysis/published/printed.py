"""Numbers that others printed (published figures, official figures, a report's own claims), and what they recompute to."""

import numpy as np
import pandas as pd

from analysis import codebook, home, ledger, source
from analysis.codebook import Codebook
from analysis.problems import DataError, problem
from analysis.published import money
from analysis.wording import words
from analysis.wording.words import rounded
from analysis.years import changes

# ODIHR prints three different things where it has no number; none of them is a zero, and a year without a row is a fourth.
NO_VALUE = {"-": "dash", "Not available": "not_available", "N/A": "n_a"}
OFFICIAL = ("recorded_by_police", "prosecuted", "sentenced")


def table(file: str) -> pd.DataFrame:
    """A CSV source as text, nothing converted; raises DataError when it is not what its record says."""
    source.record(file)
    return pd.read_csv(source.path(file), dtype=str, keep_default_na=False)


def printed(rows: pd.DataFrame, file: str, **same) -> pd.DataFrame:
    """Rows of a source, with what is the `same` in all of them, as rows of the ledger."""
    return ledger.printed(rows.assign(**same), file, source.record(file))


@ledger.of_what_is_there
def cases_by_year(file: str, book: Codebook, chapter: str, country: str, organisation: str) -> pd.DataFrame:
    """The total of cases an organisation published for each year of a country, as rows of the ledger.

    Years run from the first to the last that was published; one between them without a figure has no number, which is not a zero.
    """
    found = table(file)
    found = found[(found.organisation == organisation) & (found.country == book.label("country", country)) & (found.what == "cases")
                  & (found.category == "total") & found.year.str.fullmatch(r"\d{4}")].set_index("year")
    years = [str(year) for year in range(int(min(found.index)), int(max(found.index)) + 1)] if len(found) else []
    say = words.of("en")["printed"]["as_printed"]
    name, found = f"{chapter}_published", found.reindex(years).rename_axis("year").reset_index()
    page = found.source_url.str.replace(r"^seed report \((.*)\)$", r"\1", regex=True)
    rows = pd.DataFrame({"id": name + "." + found.year, "codes": found.year, "n": pd.to_numeric(found.value), "unit": found.unit.ffill(),
                         "no_value": np.where(found.value.isna(), "not_published", ""),
                         "note": (say + "; " + page).fillna(say)})
    return printed(rows, file, table=name, form="printed_years", by="year", text=organisation, place=country,
                   period="-".join(dict.fromkeys([years[0], years[-1]])) if years else "")


def change(counts: pd.DataFrame) -> pd.DataFrame:
    """How the published yearly counts changed, and how far effort alone would explain it; see changes.of_counts."""
    return changes.of_counts(counts, codebook.load())


@ledger.of_what_is_there
def official(file: str, book: Codebook, chapter: str, country: str) -> pd.DataFrame:
    """Hate crimes as the state reported them, by year and stage; `no_value` says which of its marks ODIHR prints instead.

    Raises DataError for a value that is neither a number nor one of the marks.
    """
    found = table(file)
    mine = found[found.country == book.label("country", country)].sort_values("year")
    long = mine.melt(["year", "source_url"], list(OFFICIAL), "stage", "printed").sort_values("year", kind="stable")
    plain = long.printed.str.replace(",", "")
    strange = long[~plain.str.fullmatch(r"\d+") & ~long.printed.isin(NO_VALUE)]
    if len(strange):
        raise DataError([problem("bad_number", source.path(file), column=stage, shape="text") for stage in strange.stage.unique()])
    name = f"{chapter}_official"
    rows = pd.DataFrame({"id": name + "." + long.year + "." + long.stage, "codes": long.year + "," + long.stage,
                         "n": pd.to_numeric(plain.where(~long.printed.isin(NO_VALUE))), "text": long.printed,
                         "no_value": long.printed.map(NO_VALUE).fillna(""),
                         "note": words.of("en")["printed"]["of_state"] + "; " + long.source_url})
    return printed(rows, file, table=name, form="official", by="year,official", unit="recorded",
                   place=country, period=f"{mine.year.min()}-{mine.year.max()}" if len(mine) else "")


def by_stage(rows: pd.DataFrame, book: Codebook, lang: str = "en") -> pd.DataFrame:
    """The official figures as they are printed, a row a year and a column a stage."""
    year, stage = rows.codes.str.split(",").str[0], rows.codes.str.split(",").str[1]
    wide = rows.assign(year=year, stage=stage).pivot(index="year", columns="stage", values="text").reindex(columns=list(OFFICIAL))
    return wide.rename(columns=lambda code: book.label("official", code, lang)).rename_axis(columns=None)


@ledger.of_what_is_there
def shares(file: str, book: Codebook, chapter: str, country: str) -> pd.DataFrame:
    """The percentages of a report's claims with the two counts they are the quotient of, as rows of the ledger.

    `n`, `base` and `share` are what was printed, `value` the percentage as printed, 0 to 1.
    """
    listed = table(file)
    values = pd.to_numeric(listed.set_index("id").value, errors="coerce")
    how = checks()
    found = [(claim.id, claim.claim, *(values[one] for one in how.at[claim.id, "of"].split()), values[claim.id] / 100)
             for claim in listed.itertuples() if claim.id in how.index and how.at[claim.id, "rule"] == "percent_of"]
    rows = pd.DataFrame(found, columns=["codes", "text", "n", "base", "value"])
    return printed(rows.assign(id=f"{chapter}_printed." + rows.codes, share=rows.n / rows.base), file, table=f"{chapter}_printed",
                   form="printed_shares", by="claim", unit="incidents", place=country)


def checks() -> pd.DataFrame:
    """How each claim is recomputed: rule, of and note by claim, from data/codebook/claims.csv."""
    return pd.read_csv(home() / "data" / "codebook" / "claims.csv", dtype=str, keep_default_na=False).set_index("claim")


def verdicts(rows: pd.DataFrame) -> pd.DataFrame:
    """The claims as a notebook shows them: what was claimed, printed, recomputed, and the verdict with its reason."""
    shown = rows[["text", "value", "n", "base", "no_value", "note"]].round(1)
    return shown.set_axis(["claim", "printed", "recomputed", "base", "verdict", "why"], axis=1).fillna("")


@ledger.of_what_is_there
def claims(file: str, book: Codebook, chapter: str, results: pd.DataFrame, country: str, rates: str) -> pd.DataFrame:
    """A report's own claims beside what they recompute to from `results`, as data/codebook/claims.csv says how.

    `value` is what was printed, `n` and `base` what it recomputes to, `no_value` the verdict: reproduced, differs,
    inconsistent or not_recomputed; `note` says why.
    """
    listed = table(file)
    how = checks()
    values = pd.to_numeric(listed.set_index("id").value, errors="coerce")
    known = results.set_index("id")
    rows = []
    for claim in listed.itertuples():
        rule, of = how.loc[claim.id, ["rule", "of"]] if claim.id in how.index else ("", "")
        n, base, verdict = CHECKS[rule](values.get(claim.id), of, known, values, rates)
        said = claim.claim if not claim.value or values.notna()[claim.id] else f"{claim.claim}: {claim.value} {claim.unit}"
        rows.append({"id": f"{chapter}_claims.{claim.id}", "codes": claim.id, "text": said, "value": values[claim.id],
                     "n": n, "base": base, "unit": claim.unit, "no_value": verdict, "note": how.note.get(claim.id, claim.recompute_from)})
    made = pd.DataFrame(rows)
    level = levels(made.codes.map(how.of), results)
    made = made.assign(level=level.where(level != "", source.record(file)["level"]))
    return printed(made, file, table=f"{chapter}_claims", form="claims", by="claim", place=country)


def levels(of: pd.Series, results: pd.DataFrame) -> pd.Series:
    """The level of the result that each number is compared with, where it is not public: what it recomputes to would tell that result.

    `of` are ids of results; what is none of `results`, or is public, is empty.
    """
    known = dict(zip(results.id, results.level)) if "level" in results else {}
    return of.map(lambda one: known.get(one, "")).replace("public", "")


def equals(value, of: str, results: pd.DataFrame, values, rates):
    """A count that must be the same as a result's n."""
    if of not in results.index:
        return np.nan, np.nan, "not_recomputed"
    n, base = results.loc[of, ["n", "base"]]
    return n, base, "reproduced" if n == value else "differs"


def at_least(value, of: str, results: pd.DataFrame, values, rates):
    """A lower bound that a result's n must reach."""
    n, base, verdict = equals(value, of, results, values, rates)
    return n, base, "reproduced" if verdict == "differs" and n >= value else verdict


def percent_of(value, of: str, results, values: pd.Series, rates):
    """A whole percentage that must be the rounded quotient of two other claims."""
    n, base = (values[name] for name in of.split())
    return n, base, "reproduced" if rounded(n / base, 2) * 100 == rounded(value) else "differs"


def at_rate(value, of: str, results, values, rates: str):
    """An amount in dollars that must be the amount in the currency at the year's average rate, to two significant digits."""
    if not rates:
        return nothing(value, of, results, values, rates)
    dollars = money.dollars(*of.split(), rates)
    return dollars, np.nan, "reproduced" if float(f"{dollars:.2g}") == value else "differs"


def nothing(value, of, results, values, rates):
    """A claim that no data here can answer."""
    return np.nan, np.nan, "not_recomputed"


CHECKS = {"equals": equals, "at_least": at_least, "percent_of": percent_of, "at_rate": at_rate, "amount": nothing, "": nothing}
