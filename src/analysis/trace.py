"""The cases behind a number of a report, for the office."""

import pandas as pd

from analysis import ledger, run, source, tidy
from analysis.codebook import Codebook
from analysis.count import rows_behind, rows_together
from analysis.events import lists
from analysis.problems import UsageError, nearest
from analysis.sheets import keys
from analysis.statistics import justice
from analysis.years import dated
from analysis.years.like_for_like import MONTH, of_months

SEVERAL = {"together": "exactly", "exactly": "exactly", "any_of": "any_of", "all_of": "all_of"}  # forms of several codes of a variable


def behind(report: str, name: str, book: Codebook) -> tuple[pd.Series, pd.DataFrame]:
    """One result of a published report and the cases it counts: case_id, file, sheet, row; of an event in several lists all files, the row
    in the first. Behind a sum of stated numbers, such as victims, are the cases that state one above 0.

    Raises UsageError when there is no such number, when somebody else counted it, or when the results in the office
    are not those of the published edition.
    """
    if run.read_manifest(report) is None or run.read_manifest(report) != run.read_manifest(report, run.office(report)):
        raise UsageError(f"The office holds no results of the published edition of {report}. Run `casebook run {report}` first.")
    results = ledger.gather(run.office(report)).set_index("id")
    if name not in results.index:
        raise UsageError(f"{report} has no number '{name}'. Did you mean {nearest(name, results.index)}?")
    result = results.loc[name]
    if result.form == "unlisted":
        raise UsageError(f"{name} is an estimate, and no cases stand behind it. Those it rests on are behind the numbers that begin with "
                         f"{result.table.replace('unlisted', 'lists')}.")
    if result.n != result.n:
        raise UsageError(f"{name} is no count, so no cases stand behind it alone.")
    if not result.base_rule:
        raise UsageError(f"{name} was not counted here: it is from {result.source}. See {result.file} in data/raw.")
    cases = tidy.load(source.counted_in(source.cases_file(run.office(report), result.file), result.unit), book)
    found = counted(cases, result, book)
    number = f"{result.unit}_n"
    found = found[found[number].fillna(0) > 0] if number in found else found
    if (found[number].sum() if number in found else len(found)) != result.n:
        raise AssertionError(f"{name} counts {result.n:.0f} and {len(found)} cases were found behind it.")
    if "row" not in found:  # the cases of a confidential source: only the key beside its file leads to the cell
        found = keys.cells(found, [source.path(file) for file in source.parts(result.file)])
    return result, found.assign(file=found.get("lists", result.file))[["case_id", "file", "sheet", "row"]]


def counted(cases: pd.DataFrame, result: pd.Series, book: Codebook) -> pd.DataFrame:
    """The cases that a result counts; for an exact combination those with these codes and no others."""
    where, codes = ledger.where_of(result), ledger.codes_of(result, book)
    if result.form == "lists":
        return lists.behind(cases, result, source.record(result.file), book)
    if result.form in ("funnel", "reached"):
        return justice.behind(cases, result, book)
    if result.form == "timeline":
        return dated.behind(cases, codes, where, book)
    if result.form in SEVERAL:
        return rows_together(cases, book, *codes.keys(), *codes.values(), where, SEVERAL[result.form])
    if MONTH in where:
        cases = of_months(cases, where.pop(MONTH))
    # Between years whose codebooks differ, codes joined by + were counted together: cases with any of them.
    return rows_behind(cases, book, {variable: code.split("+") for variable, code in codes.items()}, where)
