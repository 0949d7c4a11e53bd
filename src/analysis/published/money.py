"""Sums of money in dollars: at the average rate of a year, and the rates that printed conversions imply."""

import numpy as np
import pandas as pd

from analysis import home, ledger, source
from analysis.codebook import Codebook
from analysis.problems import UsageError
from analysis.wording import words

CURRENCY = "USD"


def rate(currency: str, year, rates: str) -> float:
    """How much of a currency one US dollar cost in a year on average, from a file of yearly rates (currency, country, a column a year).

    An average of a year is not the rate of the day on which money changed hands. Raises UsageError for a currency or year without one.
    """
    table = yearly(rates)
    years = [column for column in table if column.isdigit()]
    if currency not in table.index or str(year) not in years or not table.at[currency, str(year)]:
        raise UsageError(f"There is no rate of {currency} for {year} in {rates}. "
                         f"It has rates of {', '.join(table.index)} for {years[0]} to {years[-1]}. "
                         "Add the rate with its source to a file of your own in data/raw, and name that file under `rates` in the report.")
    return float(table.at[currency, str(year)])


def yearly(rates: str) -> pd.DataFrame:
    """The file of yearly rates, as text, a row a currency; raises DataError when it is not what its record says."""
    source.record(rates)
    return pd.read_csv(source.path(rates), dtype=str, keep_default_na=False).set_index("currency")


def dollars(amount: float, currency: str, year, rates: str) -> float:
    """An amount in US dollars at the average rate of a year, not rounded."""
    return float(amount) / rate(currency, year, rates)


def implied(amount: float, printed: float, rounded_to: float = 1) -> tuple[float, float]:
    """The least and the greatest rate at which an amount prints as so many dollars, when these are rounded to 1, to 10, ..."""
    if amount <= 0 or printed <= rounded_to / 2:
        raise UsageError(f"A rate can be found for sums above 0 only, and this is {amount:g} printed as {printed:g}.")
    return amount / (printed + rounded_to / 2), amount / (printed - rounded_to / 2)


def consistent(pairs) -> pd.DataFrame:
    """Whether one rate can lie behind several printed conversions, (amount, dollars) each and all of one currency.

    A row for each way in which the dollars may have been rounded, from 1 to the last digit that is not 0 in all of them:
    `rounded_to`, `low` and `high` (the rates that fit every pair; low above high where there is none) and `consistent`. The rates that
    a pair fits are an interval (`implied`), and one rate fits all pairs if the intervals share a point.
    """
    pairs = [(float(amount), float(printed)) for amount, printed in pairs]
    found = []
    for step in steps(printed for _, printed in pairs):
        ends = np.array([implied(amount, printed, step) for amount, printed in pairs])
        found.append((step, ends[:, 0].max(), ends[:, 1].min()))
    table = pd.DataFrame(found, columns=["rounded_to", "low", "high"])
    return table.assign(consistent=table.low <= table.high)


def steps(sums) -> list[int]:
    """To what sums may have been rounded: 1, 10, 100, as long as all of them end in so many zeros; none is rounded away whole."""
    sums = list(sums)
    return [step for step in (10**power for power in range(12)) if all(one % step == 0 and one >= step for one in sums)] or [1]


@ledger.of_what_is_there
def converted(file: str, book: Codebook, chapter: str, country: str, rates: str) -> pd.DataFrame:
    """The sums of money in a report's claims, in dollars at the average rate of their year, as rows of the ledger, `<chapter>_money`.

    claims.csv says which claims are sums, of which currency and year (rule `at_rate`, or `amount` where no dollars were printed). `n`
    is the sum in dollars, `value` what was printed, `low` and `high` the rates that the printed sum implies when it is rounded to the
    dollar. The last rows say whether one rate can lie behind all conversions of a currency, one for each way of rounding (see
    `consistent`): `low` and `high` are the rates that fit them all, missing where none does. Raises UsageError for a currency or
    year without a rate.
    """
    sums = listed(file)
    if sums.empty or not rates:
        return ledger.complete(pd.DataFrame())
    found = [of_claim(row, rates) for row in sums.itertuples()]
    together = [row for currency, part in sums.dropna(subset="value").groupby("currency") for row in of_currency(currency, part, rates)]
    record, name = source.record(file), f"{chapter}_money"
    rows = pd.DataFrame([*found, *together])
    return ledger.printed(rows.assign(id=name + "." + rows.codes, table=name, form="money", by="claim", unit=CURRENCY, place=country),
                          file, record)


def listed(file: str) -> pd.DataFrame:
    """The sums among a report's claims: claim, amount, currency, year, and value, the dollars printed for them (missing for none)."""
    source.record(file)
    claims = pd.read_csv(source.path(file), dtype=str, keep_default_na=False).set_index("id")
    how = pd.read_csv(home() / "data" / "codebook" / "claims.csv", dtype=str, keep_default_na=False)
    mine = how[how.rule.isin(["at_rate", "amount"]) & how.claim.isin(claims.index)]
    parts = mine.of.str.split(" ", expand=True).reindex(columns=range(3)).set_axis(["amount", "currency", "year"], axis=1)
    printed = pd.to_numeric(mine.claim.map(claims.value), errors="coerce").where(mine.rule == "at_rate")
    return parts.assign(amount=pd.to_numeric(parts.amount), claim=mine.claim, value=printed)


def of_claim(row, rates: str) -> dict:
    """One sum: in dollars, what was printed, and the rates that this implies when it is rounded to the dollar."""
    say, at = words.of("en")["money"], rate(row.currency, row.year, rates)
    whole = row.amount / at
    low, high = implied(row.amount, row.value) if row.value == row.value else (np.nan, np.nan)
    text = say["sum"].format(amount=words.count(row.amount), currency=row.currency, year=row.year)
    verdict = "not_recomputed" if row.value != row.value else "reproduced" if float(f"{whole:.2g}") == row.value else "differs"
    return {"codes": row.claim, "text": text, "n": whole, "value": row.value, "low": low, "high": high, "no_value": verdict,
            "period": row.year, "note": at_rate(at, row.currency, row.year, rates)}


def of_currency(currency: str, part: pd.DataFrame, rates: str) -> list[dict]:
    """Whether one rate lies behind the conversions of one currency, a row for each way of rounding; nothing for fewer than two."""
    if len(part) < 2:
        return []
    say, found = words.of("en")["money"], consistent(zip(part.amount, part.value))
    years = sorted(set(part.year))
    at = ", ".join(at_rate(rate(currency, year, rates), currency, year, rates) for year in years)
    rows = [{"codes": f"{currency}.{row.rounded_to}", "period": "-".join(years), "note": at,
             "text": say["all"].format(currency=currency, step=words.count(row.rounded_to))} | (
        {"no_value": "possible", "low": row.low, "high": row.high} if row.consistent else
        {"no_value": "inconsistent", "note": f"{at}; {say['none'].format(low=words.decimal(row.low, 1), high=words.decimal(row.high, 1))}"})
        for row in found.itertuples()]
    return rows


def shown(table: pd.DataFrame, lang: str = "en") -> pd.DataFrame:
    """Rows of money as a notebook shows them whole: the sum, in dollars, as printed, the rates that this implies, the verdict, and why."""
    verdicts = table.no_value.map(words.of(lang)["report"]["verdicts"])
    return pd.DataFrame({"sum": table.text, "dollars": table.n.round(1), "printed": table.value, "rate from": table.low.round(1),
                         "rate to": table.high.round(1), "verdict": verdicts, "why": table.note})


def at_rate(at: float, currency: str, year: str, rates: str) -> str:
    """A rate with its year and source, in words."""
    cite = source.record(rates)["cite"]
    return words.of("en")["money"]["rate"].format(rate=words.decimal(at, 1), currency=currency, year=year, source=cite)
