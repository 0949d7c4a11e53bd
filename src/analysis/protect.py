"""All results of a publication together -> `Safe` results; whatever it does not understand is not published."""

import pandas as pd

_SEAL = object()


class Refused(Exception):
    """The protection policy does not let these results leave the office."""


class Safe:
    """Results that may leave the office. Only `publication` makes them; figures, tables and reports accept nothing else."""

    def __init__(self, results: pd.DataFrame, seal: object):
        if seal is not _SEAL:
            raise TypeError("Safe results are made by protect.publication only.")
        self._results = results

    @property
    def results(self) -> pd.DataFrame:
        """All safe results, a copy: the columns of the ledger."""
        return self._results.copy()

    @property
    def tables(self) -> list[str]:
        """The names of the tables, in order."""
        return list(dict.fromkeys(self._results.table))

    def table(self, name: str) -> pd.DataFrame:
        """The results of one table, a copy; raises KeyError when there is none of that name."""
        found = self._results[self._results.table == name]
        if found.empty:
            raise KeyError(name)
        return found.reset_index(drop=True)

    def counts(self) -> pd.DataFrame:
        """How many numbers of each table leave the office: table, level, numbers."""
        return self._results.groupby(["table", "level"], sort=False).size().rename("numbers").reset_index()


def publication(results: pd.DataFrame) -> Safe:
    """The results of everything that is to be published, protected together.

    Sources whose publisher prints them row by row are `public`: nothing of them is hidden, and their level is named
    under each figure. Raises Refused for a source of any other level: confidential sources need cells merged and
    hidden across all tables at once, which this version does not do, so it publishes nothing of them.
    """
    if results.empty:
        raise Refused("There are no results to publish.")
    closed = results[results["level"] != "public"].fillna({"level": ""})
    for level, rows in closed.groupby("level"):
        said = f"the level '{level}'" if level else "no level"
        raise Refused(f"Nothing was published. The source of {', '.join(rows.table.unique()[:5])} has {said}: only sources "
                      "whose record says 'level: public' can be published by this version.")
    return Safe(results.reset_index(drop=True), _SEAL)
