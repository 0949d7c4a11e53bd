"""Cases -> cases without direct identifiers; text stays at home."""

import pandas as pd

from analysis.codebook import Codebook

STAYS_HOME = ("personal", "text", "link")


def cases(table: pd.DataFrame, profile: str, book: Codebook) -> pd.DataFrame:
    """The cases without the personal and free-text columns of their source profile (policy P1, P2)."""
    return table.drop(columns=dropped(profile, book).column, errors="ignore")


def dropped(profile: str, book: Codebook) -> pd.DataFrame:
    """What `cases` drops: columns `column`, `kind`."""
    columns = book.profiles[profile]["columns"].items()
    return pd.DataFrame([(c, how["kind"]) for c, how in columns if how["kind"] in STAYS_HOME], columns=["column", "kind"])
