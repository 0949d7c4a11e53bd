"""Numbers that others printed about several countries, one country beside the other; none of them is added to another."""

import pandas as pd

from analysis import ledger
from analysis.codebook import Codebook
from analysis.parameters import TOGETHER
from analysis.published import printed, register


@ledger.of_what_is_there
def official(file: str, book: Codebook, chapter: str, country: str) -> pd.DataFrame:
    """Hate crimes as several states reported them, `<chapter>_official_countries` by year, stage and country; see printed.official.

    `country` are codes joined by +; no rows for one country, and none of a country that the file does not have.
    """
    several = country.split(TOGETHER) if TOGETHER in country else []
    rows = pd.concat([ledger.complete(pd.DataFrame()), *(printed.official(file, book, chapter, one) for one in several)], ignore_index=True)
    name, codes = f"{chapter}_official_countries", rows.codes + "," + rows.place
    return rows.assign(table=name, form="official_countries", by="year,official,country", codes=codes,
                       id=name + "." + codes.str.replace(",", "."))


@ledger.of_what_is_there
def totals(file: str, book: Codebook, chapter: str, country: str) -> pd.DataFrame:
    """How many cases organisations printed for each of several countries and for groups of countries, as they printed it.

    Rows of the register (see register.of), `<chapter>_published_countries`, whose `text` says who printed the number, of what and in
    which unit. Each stands for itself, for what is a case, the months and who documents differ. `country` are codes joined by +; no
    rows for one country.
    """
    if TOGETHER not in country:
        return ledger.complete(pd.DataFrame())
    found = register.entries(file, book)
    codes = [book.code("country", place) for place in found.place]
    mine = [code is None or code in country.split(TOGETHER) for code in codes]
    kept = found[pd.Series(mine) & found.definition.str.match("cases(,|$)")]
    what = kept.definition.str.removeprefix("cases").str.removeprefix(", ")
    said = [f"{who}: {', '.join(filter(None, of))}" for who, *of in zip(kept.publisher, what, kept.unit)]
    return register.rows(kept.assign(said=said), file, book, f"{chapter}_published_countries").assign(form="printed_countries")
