"""The cases behind a number of a report, for the office."""

import pandas as pd

from analysis import ledger, run, source, tidy
from analysis.codebook import Codebook
from analysis.count import rows_behind, rows_together
from analysis.problems import UsageError, nearest


def behind(report: str, name: str, book: Codebook) -> tuple[pd.Series, pd.DataFrame]:
    """One result of a published report and the cases it counts: case_id, file, sheet, row.

    Raises UsageError when there is no such number, when somebody else counted it, or when the results in the office
    are not those of the published edition.
    """
    if run.read_manifest(report) is None or run.read_manifest(report) != run.read_manifest(report, run.office(report)):
        raise UsageError(f"The office holds no results of the published edition of {report}. Run `casebook run {report}` first.")
    results = ledger.gather(run.office(report)).set_index("id")
    if name not in results.index:
        raise UsageError(f"{report} has no number '{name}'. Did you mean {nearest(name, results.index)}?")
    result = results.loc[name]
    if not result.base_rule:
        raise UsageError(f"{name} was not counted here: it is from {result.source}. See {result.file} in data/raw.")
    cases = tidy.load(source.cases_file(run.office(report), result.file), book)
    found = counted(cases, result, book)
    if len(found) != result.n:
        raise AssertionError(f"{name} counts {result.n:.0f} and {len(found)} cases were found behind it.")
    return result, found.assign(file=result.file)[["case_id", "file", "sheet", "row"]]


def counted(cases: pd.DataFrame, result: pd.Series, book: Codebook) -> pd.DataFrame:
    """The cases that a result counts; for an exact combination those with these codes and no others."""
    where, codes = ledger.where_of(result), ledger.codes_of(result, book)
    if result.form == "together":
        return rows_together(cases, book, *codes.keys(), *codes.values(), where)
    return rows_behind(cases, book, codes, where)
