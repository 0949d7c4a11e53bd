"""Laws, recommendations, reasons and acronyms as researchers wrote them in the codebook, checked before a report says any of them."""

import re

import pandas as pd

from analysis import codebook
from analysis.codebook import Codebook
from analysis.problems import UsageError
from analysis.wording import words

# The columns of each file; those that end in _ are written once for each language, as says_en.
COLUMNS = {
    "laws": ("law", "country", "right", "law_", "article_", "says_", "since", "status", "standard_", "changed", "change_", "source",
             "chapter"),
    "recommendations": ("recommendation", "country", "addressee", "recommendation_", "evidence", "status"),
    "acronyms": ("acronym_", "stands_for_"),
    "edition_changes": ("previous", "number", "reason_"),
}
NEVER_EMPTY = {"laws": ("law", "law_", "article_", "says_", "source"), "recommendations": ("recommendation", "recommendation_", "evidence"),
               "acronyms": ("acronym_", "stands_for_"), "edition_changes": ("previous", "number", "reason_")}
DAY = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?")


def rows(name: str, book: Codebook, lang: str, country: str = "") -> pd.DataFrame:
    """The rows of one of the files with the texts of one language (`says_en` is `text_says`); of a country its own, and those of any.

    Raises UsageError with everything that is wrong in any of the files.
    """
    if wrong := problems(book, lang):
        raise UsageError("\n".join(wrong))
    table = codebook.listed(book.folder / f"{name}.csv")
    table = table.rename(columns={f"{column}{lang}": f"text_{column[:-1]}" for column in COLUMNS[name] if column.endswith("_")})
    return table[table.country.isin([country, ""])] if country else table


def problems(book: Codebook, lang: str) -> list[str]:
    """Everything that is wrong with the files, by file and line."""
    tables = {name: codebook.listed(book.folder / f"{name}.csv") for name in COLUMNS}
    lacking = [f"{name}.csv has no column '{column}'. Add it; a text can be empty only where it is so in every language."
               for name, table in tables.items() for column in of_language(COLUMNS[name], lang) if column not in table]
    if lacking:
        return lacking
    return [f"{name}.csv, line {at + 2}: {what}." for name, table in tables.items()
            for what, wrong in (untold(name, table, lang) | CHECKS[name](table, book, lang, tables)).items()
            for at in table.index[pd.Series(wrong, table.index)]]


def of_language(columns, lang: str) -> list[str]:
    """Columns as they are called in the file, for a language."""
    return [f"{column}{lang}" if column.endswith("_") else column for column in columns]


def untold(name: str, table: pd.DataFrame, lang: str) -> dict:
    """What is wrong -> the rows in which it is: cells that may not be empty, and texts that only another language has."""
    wrong = {}
    for column, mine in zip(COLUMNS[name], of_language(COLUMNS[name], lang)):
        elsewhere = (table.filter(regex=f"^{column}[a-z][a-z]$") != "").any(axis=1) if column.endswith("_") else False
        wrong[f"{mine} is empty"] = (table[mine] == "") & (elsewhere | (column in NEVER_EMPTY[name]))
    return wrong


def laws(table: pd.DataFrame, book: Codebook, lang: str, tables: dict) -> dict:
    """What is wrong with laws.csv -> the rows in which it is."""
    say = words.of(lang)["report"]
    return {
        "law stands twice": table.law.duplicated(keep=False),
        "country is no code of codes.csv, such as kz": ~table.country.isin(book.of("country")),
        "right is no code of the variable right in codes.csv": ~table.right.isin(book.of("right")),
        "since must be a year or a day, such as 2014 or 2014-07-03, or empty where it is not recorded":
            ~table.since.str.fullmatch(DAY) & (table.since != ""),
        one_of("status", say["law_status"]): ~table.status.isin(say["law_status"]),
        one_of("changed", say["law_changed"]): ~table.changed.isin(say["law_changed"]),
        f"standard_{lang} is empty, so nobody can tell by what the status was judged":
            (table.status != "") & (table[f"standard_{lang}"] == ""),
        f"change_{lang} is empty: say what was amended": (table.changed == "amended") & (table[f"change_{lang}"] == ""),
    }


def recommendations(table: pd.DataFrame, book: Codebook, lang: str, tables: dict) -> dict:
    """What is wrong with recommendations.csv -> the rows in which it is."""
    say, known = words.of(lang)["report"], set(tables["laws"].law)
    strange = [any(key not in known for key in laws_of(keys)) for keys in table.evidence]
    return {
        "recommendation stands twice": table.recommendation.duplicated(keep=False),
        "country is no code of codes.csv, such as kz, nor empty": ~table.country.isin([*book.of("country"), ""]),
        one_of("addressee", say["addressees"]): ~table.addressee.isin(say["addressees"]),
        one_of("status", say["progress"]): ~table.status.isin(say["progress"]),
        "evidence names a law that laws.csv does not have": strange,
    }


def one_of(column: str, allowed: dict) -> str:
    """What is said of a cell that holds none of the words it may hold."""
    return f"{column} must be {', '.join(filter(None, allowed))}{' or empty' if '' in allowed else ''}"


def evidence(keys: str) -> list[str]:
    """The pieces of evidence of a recommendation, which are separated by semicolons."""
    return [key.strip() for key in keys.split(";") if key.strip()]


def laws_of(keys: str) -> list[str]:
    """The laws among the evidence of a recommendation."""
    return [key.removeprefix("law:") for key in evidence(keys) if key.startswith("law:")]


def acronyms(table: pd.DataFrame, book: Codebook, lang: str, tables: dict) -> dict:
    """What is wrong with acronyms.csv -> the rows in which it is."""
    return {f"acronym_{lang} stands twice": table[f"acronym_{lang}"].duplicated(keep=False)}


def edition_changes(table: pd.DataFrame, book: Codebook, lang: str, tables: dict) -> dict:
    """What is wrong with edition_changes.csv -> the rows in which it is."""
    return {"the same number of the same earlier edition stands twice": table.duplicated(["previous", "number"], keep=False)}


CHECKS = {"laws": laws, "recommendations": recommendations, "acronyms": acronyms, "edition_changes": edition_changes}
