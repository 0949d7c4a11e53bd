"""The way to justice: how far each case is known to have come, why it stopped, and what states report of their own stages."""

import itertools

import numpy as np
import pandas as pd

from analysis import codebook, count, ledger, results
from analysis.codebook import Codebook
from analysis.count import available, holding, profiles
from analysis.problems import UsageError
from analysis.published import printed
from analysis.source import Source

STAGE, ANSWER, WHY = "stage", "answer", "stopped_because"  # variables of the codebook
REACHED = ("yes", "implied")  # codes of `answer` by which a case has reached a stage


def stages(book: Codebook) -> list[str]:
    """The stages in order: the codes of `stage`. The first is the documented case itself."""
    return [stage for stage in book.of(STAGE) if stage not in book.unknown(STAGE)]


def evidence(book: Codebook) -> pd.DataFrame:
    """What says that a case has reached a stage or has not, from stages.csv: stage, answer, variable, code, why.

    A row whose variable is `stage` says that who has reached that later stage has reached this one; its answer is `implied`. Raises
    UsageError for a row that names what does not exist, or a stage that is not later.
    """
    rules, order = codebook.listed(book.folder / "stages.csv"), stages(book)
    known = set(zip(book.codes.variable, book.codes.code))
    wrong = [f"stages.csv, the row {row.stage},{row.answer},{row.variable},{row.code} {what}" for row in rules.itertuples()
             if (what := fault(row, order, known))]
    if wrong:
        raise UsageError("The codebook contradicts itself. " + "; ".join(wrong) + ".")
    return rules


def fault(row, order: list[str], known: set[tuple[str, str]]) -> str:
    """What is wrong with one row of stages.csv, if anything."""
    if row.stage not in order[1:]:
        return f"must be about one of the stages {', '.join(order[1:])}"
    if row.answer not in (("implied",) if row.variable == STAGE else ("yes", "no")):
        return "must answer yes or no, or implied where its variable is stage"
    if (row.variable, row.code) not in known:
        return "names a code that codes.csv does not have"
    return "must be implied by a later stage" if row.variable == STAGE and row.code not in order[order.index(row.stage) + 1:] else ""


def held(cases, rules: pd.DataFrame) -> pd.DataFrame:
    """The evidence that these cases can give: the rows about variables that they hold, and those about stages."""
    return rules[rules.variable.isin([*available(cases), STAGE])]


def answers(table: pd.DataFrame, book: Codebook, rules: pd.DataFrame) -> pd.DataFrame:
    """What is known of each stage in each row of cases or profiles: a column a stage, holding codes of `answer`.

    What says yes is `yes`, what says no is `no`; a stage of which nothing is said is `implied` by a later one that implies it;
    `contradicted` is a stage that something affirms (or implies) and something denies. Of all others nothing is known, and the kind
    is that of the stage's own column; a column that does not exist has stated nothing. Silence is never a no.
    """
    found, order = {}, stages(book)
    for stage in reversed(order[1:]):
        yes, no = (says(table, book, rules, stage, answer) for answer in ("yes", "no"))
        later = rules.code[(rules.stage == stage) & (rules.variable == STAGE)]
        implied = some(table, [np.isin(found[one], REACHED) for one in later])
        found[stage] = np.select([(yes | implied) & no, yes, implied, no], ["contradicted", "yes", "implied", "no"],
                                 silent(table, book, rules, stage))
    found[order[0]] = np.full(len(table), "yes", object)
    return pd.DataFrame({stage: found[stage] for stage in order}, index=table.index)


def says(table: pd.DataFrame, book: Codebook, rules: pd.DataFrame, stage: str, answer: str) -> np.ndarray:
    """Which rows hold anything that gives this answer about a stage: True or False per row."""
    mine = rules[(rules.stage == stage) & (rules.answer == answer) & (rules.variable != STAGE)]
    return some(table, [holding(table, book, {variable: [code]}) for variable, code in zip(mine.variable, mine.code)])


def some(table: pd.DataFrame, conditions: list[np.ndarray]) -> np.ndarray:
    """Which rows meet any of the conditions; no row meets none."""
    return np.any([np.zeros(len(table), bool), *conditions], axis=0)


def silent(table: pd.DataFrame, book: Codebook, rules: pd.DataFrame, stage: str) -> np.ndarray:
    """The kind of not knowing in each row, as the stage's own column has it."""
    kinds = np.full(len(table), "not_stated", object)
    for code, kind in book.unknown(stage).items() if stage in set(rules.variable) else ():
        kinds[holding(table, book, {stage: [code]})] = kind
    return kinds


@ledger.of_what_is_there
def funnel(source: Source, book: Codebook, chapter: str) -> pd.DataFrame:
    """How many cases have reached each stage of the way to justice, have not, or are silent: two tables as rows of the ledger.

    `<chapter>_stages` has a row for each stage and answer; the answers of a stage do not overlap, and the base is all cases. Where
    nothing that was filled in can say no, there is no number of no (`no_value` is cannot_deny). `<chapter>_stages_reached` has a row
    for each stage after the first: `n` cases that have reached it, said or implied, of those of which it is known (base rule
    `answered`) with Wilson's interval; `value` is their share of all cases, and `text` that count of all. Where no is never said there
    is no share of those known: it would be 100% whatever happened. Stages need not become fewer; what is known is not forced into
    order. No rows for a source that says nothing about any stage. See `evidence` and `answers`.
    """
    rules = held(source.cases, evidence(book))
    variables = list(dict.fromkeys(rules.variable[rules.variable != STAGE]))
    if not variables:
        return ledger.complete(pd.DataFrame())
    where = count.where_codes(source.where, book)
    table = profiles(source.cases, book, list(dict.fromkeys([*variables, *where])))
    deniable = {rule.stage for rule in rules.itertuples() if rule.answer == "no" and filled_in(table, book, rule.variable)}
    counted = by_answer(table[holding(table, book, where)], book, rules, deniable).assign(unit=source.record["unit"])
    name, note = f"{chapter}_{book.name(STAGE, what='plural')}", codebook.note(source.record, [*variables, *where])
    bars = results.entries(source, counted, [STAGE, ANSWER], name, "funnel")
    first = bars.codes.str.startswith(f"{stages(book)[0]},")
    bars.loc[first, ["low", "high", "method"]] = np.nan, np.nan, ""  # that a documented case is documented leaves nothing to chance
    made = [bars,
            results.entries(source, reached(counted), [STAGE], f"{name}_reached", "reached")]
    made[1].loc[made[1].no_value != "", ["low", "high", "method"]] = np.nan, np.nan, ""  # without a base there is no interval
    return pd.concat(made, ignore_index=True).assign(note=note)


def by_answer(table: pd.DataFrame, book: Codebook, rules: pd.DataFrame, deniable: set[str]) -> pd.DataFrame:
    """Profiles -> stage, answer, n, base, base_rule, no_value: how many cases give each answer about each stage, zeros too.

    `deniable` are the stages of which something filled in can say no.
    """
    known = answers(table, book, rules)
    n = pd.concat({stage: table.n.groupby(known[stage]).sum().reindex(book.of(ANSWER), fill_value=0) for stage in known})
    counted = n.rename_axis([STAGE, ANSWER]).rename("n").reset_index()
    undeniable = (counted.answer == "no") & ~counted.stage.isin({*deniable, stages(book)[0]})
    return counted.assign(n=counted.n.where(~undeniable), base=int(table.n.sum()), base_rule="all",
                          no_value=np.where(undeniable, "cannot_deny", ""))


def filled_in(table: pd.DataFrame, book: Codebook, variable: str) -> bool:
    """Whether any row has a known value of a variable: a column that nobody filled in could not have said no."""
    known = [code for code in book.of(variable) if code not in book.unknown(variable)]
    return bool(holding(table, book, {variable: known}).any())


def reached(counted: pd.DataFrame) -> pd.DataFrame:
    """`by_answer` -> a row for each stage after the first: stage, n, base (cases of which it is known), value (share of all), text."""
    wide = counted.pivot(index=STAGE, columns=ANSWER, values="n").loc[counted.stage.unique()[1:]]
    n, whole = wide[list(REACHED)].sum(axis=1), counted.base.iloc[0]
    text = [f"{one:.0f} of {whole}" for one in n]
    return pd.DataFrame({"n": n, "base": n + wide["no"], "value": n / whole if whole else np.nan, "text": text, "base_rule": "answered",
                         "unit": counted.unit.iloc[0], "no_value": np.where(wide["no"].isna(), "cannot_deny", "")}).reset_index()


@ledger.of_what_is_there
def stopped(source: Source, book: Codebook, chapter: str) -> pd.DataFrame:
    """Why cases went no further: cases by reason, which overlap, of those in which a reason is known; the others apart, of all cases."""
    if WHY not in available(source.cases):
        return ledger.complete(pd.DataFrame())
    return results.one_way(source, book, chapter, WHY, base="answered")


def behind(cases: pd.DataFrame, result, book: Codebook) -> pd.DataFrame:
    """The cases behind one number of `funnel`."""
    stage, _, answer = result.codes.partition(",")
    known = answers(cases, book, held(cases, evidence(book)))[stage]
    return cases[known.isin([answer] if answer else REACHED) & holding(cases, book, ledger.where_of(result))]


@ledger.of_what_is_there
def series(file: str, book: Codebook, chapter: str, country: str) -> pd.DataFrame:
    """What a state reported of its own stages by year, and where more stand at a later stage than at an earlier: two tables.

    `<chapter>_series` has the numbers as printed (`n`, or `no_value` for the mark that stands in its place). `<chapter>_series_order` has
    a row for each pair of stages of one year of which the later has more: `n` at the later, `value` at the earlier, `text` both as
    printed. A state's stages are counts of different cases, so none is divided by another, and no order is expected of them. Raises
    DataError as `printed.official` does.
    """
    rows = printed.official(file, book, chapter, country)
    name = f"{chapter}_series"
    numbers = rows.assign(table=name, form="series", id=name + rows.id.str.removeprefix(f"{chapter}_official"))
    return pd.concat([numbers, out_of_order(numbers)], ignore_index=True)


def out_of_order(numbers: pd.DataFrame) -> pd.DataFrame:
    """The pairs of stages of one year of which the later has more than the earlier, as rows of the ledger; see `series`."""
    found = numbers.assign(year=numbers.codes.str.split(",").str[0], stage=numbers.codes.str.split(",").str[1])
    pairs = []
    for year, rows in found.groupby("year", sort=False):
        by_stage = {row.stage: row for row in rows.itertuples()}
        for first, later in itertools.combinations([by_stage[stage] for stage in printed.OFFICIAL], 2):
            if later.n > first.n:
                pairs.append({"codes": f"{year},{later.stage},{first.stage}", "n": later.n, "value": first.n,
                              "text": f"{later.text} / {first.text}", "note": later.note})
    name = f"{numbers.table.iloc[0]}_order" if len(numbers) else ""
    same = {c: numbers[c].iloc[0] for c in ("unit", "method", "file", "source", "level", "place", "period") if len(numbers)}
    made = pd.DataFrame(pairs, columns=["codes", "n", "value", "text", "note"])
    return ledger.complete(made.assign(id=name + "." + made.codes.str.replace(",", "."), table=name, form="series_order",
                                       by="year,official,official", no_value="not_stages", **same))
