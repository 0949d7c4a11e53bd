"""All results of a publication together -> `Safe` results; whatever it does not understand is not published."""

import pandas as pd

from analysis import home, source
from analysis.codebook import LEVELS, Codebook
from analysis.ledger import HIDDEN
from analysis.protection import earlier, hide, policy, readback, release

RECOMPUTED = ("claims", "register")  # forms whose rows hold what the report's own cases give for a number that somebody printed
MOST = 12  # so many numbers are named in a message
_SEAL = object()


class Refused(Exception):
    """The protection policy does not let these results leave the office."""


class Safe:
    """Results that may leave the office. Only `publication` makes them; figures, tables and reports accept nothing else."""

    def __init__(self, results: pd.DataFrame, seal: object, left_out: pd.DataFrame | None = None):
        if seal is not _SEAL:
            raise TypeError("Safe results are made by protect.publication only.")
        self._results = results
        self._left_out = pd.DataFrame(columns=["table", "why", "file"]) if left_out is None else left_out

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

    @property
    def left_out(self) -> pd.DataFrame:
        """The tables that do not leave the office: table, why, file."""
        return self._left_out.copy()

    def counts(self) -> pd.DataFrame:
        """How many numbers of each table leave the office, and how many of its numbers are hidden: table, level, numbers, hidden."""
        hidden = self._results.no_value == HIDDEN
        found = self._results.assign(numbers=~hidden, hidden=hidden).groupby(["table", "level"], sort=False)
        return found[["numbers", "hidden"]].sum().astype(int).reset_index()


def publication(results: pd.DataFrame, book: Codebook | None = None, folder=None, last="") -> Safe:
    """The results of everything that is to be published, protected together.

    Sources whose publisher prints them row by row are `public`: nothing of them is hidden, and their level is named under each
    figure. Of `confidential` sources, whose cases `folder` holds, the results of each are merged, hidden or left out together as the
    protection policy says (see protection.hide), for readers who also have the edition that lies in the folder `last` and those before
    it. Raises Refused for any other level, for a confidential source without its cases, for an edition that differs from an earlier one
    by few cases (P11), and, naming all of them, for tables with small counts of acts that the release register does not sign (P13).
    """
    if results.empty:
        raise Refused("There are no results to publish.")
    for level, rows in results[~results["level"].isin(LEVELS)].fillna({"level": ""}).groupby("level"):
        said = f"the level '{level}'" if level else "no level"
        raise Refused(f"Nothing was published. The source of {', '.join(rows.table.unique()[:5])} has {said}: only sources "
                      "whose record says 'level: public' or 'level: confidential' can be published.")
    closed = results[results["level"] == "confidential"]
    if closed.empty:
        return Safe(results.reset_index(drop=True), _SEAL)
    if book is None or folder is None:
        raise Refused(f"Nothing was published. {', '.join(closed.table.unique()[:5])} are of a confidential source: what may be shown "
                      "of it is decided for a whole report together, by the notebook 05_report.")
    apart(closed)
    before = earlier.read(last) if last else earlier.NOTHING
    made = {file: planned(rows.reset_index(drop=True), file, book, folder, before) for file, rows in closed.groupby("file", sort=False)}
    free = (results["level"] == "public") & ~results.form.isin(RECOMPUTED)
    safe = pd.concat([results[free], *(one.rows for one in made.values())])
    place = {table: at for at, table in enumerate(dict.fromkeys(results.table))}
    left_out = [(*one, file) for file, plan in made.items() for one in plan.left_out]
    left_out += [(table, "it sets printed numbers beside what confidential cases give", rows.file.iloc[0])
                 for table, rows in results[(results["level"] == "public") & ~free].groupby("table", sort=False)]
    ordered = safe.iloc[safe.table.map(place).argsort(kind="stable")].reset_index(drop=True)
    return Safe(ordered, _SEAL, pd.DataFrame(left_out, columns=["table", "why", "file"]))


def shown_before(results: pd.DataFrame, book: Codebook, last="") -> Safe:
    """Results of an earlier edition: all of public sources, and of confidential ones those that the edition in the folder `last`, or one
    before it, showed. Raises Refused as `publication` does for any other level."""
    closed = results["level"] == "confidential"
    if not closed.any():
        return publication(results)
    told = earlier.read(last).numbers if last else earlier.NOTHING.numbers
    known = pd.MultiIndex.from_frame(results[["id", "n"]]).isin(pd.MultiIndex.from_frame(told[["id", "n"]]))
    rows = [publication(results[~closed]).results] if not closed.all() else []
    return Safe(pd.concat([*rows, hide.percentages(results[closed & known], book)], ignore_index=True), _SEAL)


def apart(closed: pd.DataFrame) -> None:
    """Raise Refused when a confidential list is counted by itself and together with others: what one hides the other may show."""
    files = [file for source_of in closed.file.unique() for file in source.parts(source_of)]
    if twice := sorted({file for file in files if files.count(file) > 1}):
        raise Refused(f"Nothing was published. {', '.join(twice)} is counted by itself and together with other lists, and what is hidden "
                      "of one could be found from the other. Name it once in the report.")


def attacked(folder, publication, results: pd.DataFrame, book: Codebook, last="") -> pd.DataFrame:
    """The publication as its files lie in the folder `publication`, attacked: for each hidden number what a reader cannot rule out.

    Columns file, id, least, most; no rows where nothing is confidential.
    `results` are those before protection, `folder` holds their cases and keeps the numbers that all editions showed, `last` is the folder
    of the last edition. Raises Refused with every way in which a file gives away what must not be known (see protection.readback).
    """
    before = earlier.read(last) if last else earlier.NOTHING
    closed, found, rows = results[results["level"] == "confidential"], [], []
    for file, mine in closed.groupby("file", sort=False):
        cases, mine = source.cases_file(home() / folder, file), mine.reset_index(drop=True)
        if cases.exists():
            signed = release.signed(file)
            found += readback.leaks(publication, mine, cases, book, signed, before, results[~results.id.isin(mine.id)])
            rows.append(readback.left_open(publication, mine, cases, book, signed, before).assign(file=file))
    if found:
        raise Refused("Nothing was published. The files that were about to leave give away what the policy hides:\n"
                      + "\n".join(found[:20]))
    if len(closed):
        earlier.keep(home() / folder, publication, before)
    return pd.concat([pd.DataFrame(columns=["file", "id", "least", "most"]), *rows], ignore_index=True)


def planned(rows: pd.DataFrame, file: str, book: Codebook, folder, last: earlier.Earlier) -> hide.Planned:
    """As `publication`, for one confidential source."""
    cases, signed, k = source.cases_file(home() / folder, file), release.signed(file), policy.numbers(book.folder)["k"]
    if not cases.exists():
        return hide.Planned(rows[:0], [(table, "it is no count of cases, and the policy does not say how to protect it")
                                       for table in rows.table.unique()])
    if unsigned := hide.unsigned(rows, cases, book, signed):
        raise Refused(f"Nothing was published. {file} is confidential, and these tables hold counts of acts below {k}: "
                      f"{', '.join(unsigned)}. Two people look at each of them and sign it in "
                      f"{release.file_of(file).relative_to(home())}: what (the table), sha256 (empty), reason, first, second, date. "
                      "See data/raw/README.md.")
    try:
        return hide.planned(rows, cases, book, signed, last)
    except earlier.Corrected as few:
        raise Refused(f"Nothing was published. {file} is confidential, and since an edition that was published no number of it changed by "
                      f"{k} cases or more: whoever has both would learn of single cases. The last edition stays as it is. Say in words "
                      "what was corrected, or publish when more cases have come. What changed: "
                      f"{', '.join(few.ids[:MOST])}{f' and {len(few.ids) - MOST} more' if len(few.ids) > MOST else ''}.") from None
