"""The ledger of a report: one row per number, with its unit, base, interval, source and level."""

from functools import wraps

import pandas as pd

from analysis import home, stats
from analysis.codebook import Codebook, note, visible
from analysis.count import named
from analysis.problems import UsageError

HIDDEN = "hidden"  # the one mark of a number that the protection policy does not let out, in `no_value`
COLUMNS = {
    "id": "str", "table": "str", "form": "str", "by": "str", "codes": "str", "where": "str", "unit": "str", "n": "float64",
    "base": "float64", "base_rule": "str", "share": "float64", "value": "float64", "low": "float64", "high": "float64",
    "p": "float64", "p_holm": "float64", "method": "str", "no_value": "str", "text": "str", "file": "str", "source": "str",
    "level": "str", "place": "str", "period": "str", "note": "str",
}


def entries(counted: pd.DataFrame, by: list[str], table: str, form: str, file: str, record: dict, where=None,
            place: str = "", period: str = "") -> pd.DataFrame:
    """A breakdown as rows of the ledger, with ids such as `02_violations.fake_date`; `form` says how it is drawn.

    `file` is the source below data/raw, `record` its source record; place and period are the record's unless given.
    """
    codes = counted[named(by)].astype(str).agg(",".join, axis=1) if by else pd.Series("total", counted.index)
    filters = "; ".join(f"{v}={','.join(map(str, c if isinstance(c, list) else [c]))}" for v, c in (where or {}).items())
    return complete(counted.drop(columns=named(by)).assign(
        id=table + "." + codes.str.replace(",", "."), table=table, form=form, by=",".join(by), codes=codes, where=filters,
        file=file, source=record.get("cite", ""), level=record.get("level", ""), place=place or record.get("place", ""),
        period=str(period or record.get("period", "")), note=note(record, [*by, *(where or {})])))


def printed(table: pd.DataFrame, file: str, record: dict, **same) -> pd.DataFrame:
    """Numbers that somebody else printed, as rows of the ledger; `table` brings at least `id`."""
    same = {"method": "as printed", "file": file, "source": record.get("cite", ""), "level": record.get("level", ""),
            "note": record.get("note", "")} | same
    return complete(table.assign(**{k: v for k, v in same.items() if k not in table}))


def of_what_is_there(function):
    """A report may have none of a source: without its first argument the function returns no rows."""
    @wraps(function)
    def rows(source, *rest, **named):
        return function(source, *rest, **named) if source else complete(pd.DataFrame())
    return rows


def complete(table: pd.DataFrame) -> pd.DataFrame:
    """The table with exactly the ledger's columns and types; texts that were not given are empty, numbers missing.

    Raises ValueError for a p without the value that it is of: a p alone is never a result.
    """
    table = table.reindex(columns=list(COLUMNS))
    if (table.p.notna() & table.value.isna()).any():
        raise ValueError("A p stands beside the value that it is of, and never alone.")
    texts = [c for c, kind in COLUMNS.items() if kind == "str"]
    table[texts] = table[texts].astype(object).where(table[texts].notna(), "").astype(str).map(visible)
    return table.astype(COLUMNS)


def keep(folder, *tables: pd.DataFrame) -> None:
    """Write each table of results into the report's folder of results, one file a table."""
    kept = home() / folder / "results"
    kept.mkdir(parents=True, exist_ok=True)
    for name, rows in pd.concat(tables, ignore_index=True).groupby("table", sort=False):
        rows.to_parquet(kept / f"{name}.parquet", index=False)


def gather(folder) -> pd.DataFrame:
    """Every result that the notebooks kept, in the order of their tables; raises UsageError for none, or an id twice.

    `p_holm` is each p adjusted over all tests of the report (see stats.holm); only here all of them are known.
    """
    files = sorted((home() / folder / "results").glob("*.parquet"))
    if not files:
        raise UsageError("There are no results yet. Run the notebooks 01 to 04 first, or `casebook run`.")
    results = complete(pd.concat([pd.read_parquet(file) for file in files], ignore_index=True))
    twice = results[results.id.duplicated()]
    if len(twice):
        raise UsageError(f"Two results share an id: {', '.join(twice.id.unique()[:5])}.")
    return results.assign(p_holm=stats.holm(results.p))


def codes_of(row, book: Codebook) -> dict[str, str]:
    """Variable -> code of one result (the codes of an exact combination stay joined by +)."""
    return dict(zip(row.by.split(","), row.codes.split(","))) if row.by else {}


def where_of(row) -> dict[str, list[str]]:
    """The filter of one result: variable -> codes."""
    parts = (part.split("=") for part in row["where"].split("; ") if part)
    return {variable: codes.split(",") for variable, codes in parts}
