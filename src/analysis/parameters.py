"""The parameters of a report: which there are, what each may be, and everything wrong with them, told at once."""

import csv
import datetime
import re
import reprlib
from functools import cache
from itertools import pairwise
from pathlib import Path

import yaml

from analysis import home
from analysis.problems import UsageError, nearest

TEMPLATES = Path(__file__).with_name("templates")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
FILE = re.compile(r"[\w-][\w.-]{0,99}/[\w-][\w.-]{0,99}")
LONGEST = 20_000  # signs of a report's file or of a value
TOGETHER = "+"  # joins the codes of the countries of a region
PERIOD = re.compile(r"(19|20)\d\d(-(19|20)\d\d)?")


def reports() -> list[str]:
    """The names of all reports: those that the files in notebooks/reports make."""
    return [name for file in files() for name in made_by(file)]


def files() -> list[str]:
    """The names of the files in notebooks/reports."""
    return sorted(file.stem for file in (home() / "notebooks" / "reports").glob("*.yml"))


def made_by(name: str) -> list[str]:
    """The reports that a file makes: its own, and before it one for each country of its region; any other name makes itself."""
    return [*(f"{name}-{code}" for code in region_of(name)), name]


def region_of(name: str) -> list[str]:
    """The countries of the region that a file is about; none where it is about one country, or cannot be read (see `load`)."""
    try:
        region = written(name).get("region") if name in files() else None
    except UsageError:
        return []
    return region if is_region(region) else []


def load(report: str, settings: dict | None = None) -> dict:
    """The parameters of a report with `settings` in place of its own, every one present; what it leaves out is empty.

    A file with a `region` makes a report on each of its countries, which has also what stands under `each`, and is shown beside the
    others; and one on all of them, whose `country` is their codes joined by +. Nothing but the report's file and the codebook is
    opened. Raises UsageError with everything that is wrong.
    """
    found = [name for name in files() if report in made_by(name)] if NAME.fullmatch(report) else []
    if len(found) != 1:
        twice = f"{' and '.join(f'{name}.yml' for name in found)} both make the report '{report}'. Give one of them another name."
        raise UsageError(twice if found else f"There is no report '{report[:60]}'. Did you mean {nearest(report[:60], reports())}?")
    name, code = found[0], report.removeprefix(found[0]).removeprefix("-")
    return checked(of_one(written(name), code, f"{name}.yml") | (settings or {}), f"{name}.yml")


def written(name: str) -> dict:
    """What stands in a file of notebooks/reports; raises UsageError for what cannot be read."""
    file = home() / "notebooks" / "reports" / f"{name}.yml"
    try:
        given = read(file.read_text(encoding="utf-8"))
    except UsageError as error:
        raise UsageError(f"{file.name} cannot be used: {error}.") from None
    if not isinstance(given, dict):
        raise UsageError(f"{file.name} must hold lines such as 'country: kz'.")
    return given


def of_one(given: dict, code: str, where: str) -> dict:
    """What stands in a file, for one of the reports that it makes: on the country `code`, or without one its own."""
    region, own = given.get("region"), given.get("each")
    if "region" not in given and "each" not in given:
        return given
    wrong = [] if is_region(region) else [f"region: {short(region)} cannot be used. It is {REGION}."]
    wrong += [] if own is None or isinstance(own, dict) else ["each: it holds lines such as 'by: [incident_type]', set in by blanks."]
    wrong += ["country: the report is about a region. Take one of the two lines out."] if "country" in given else []
    if wrong:
        raise UsageError("\n".join(f"{where}: {one}" for one in wrong))
    shared = {name: value for name, value in given.items() if name not in ("region", "each")}
    if not code:
        return shared | {"country": TOGETHER.join(region)}
    return shared | (own or {}) | {"country": code, "countries": [one for one in region if one != code]}


def checked(given: dict, where: str) -> dict:
    """The parameters in one form (dates and periods as text); raises UsageError with everything that is wrong."""
    strange = [str(name)[:60] for name in given if name not in PARAMETERS]
    wrong = [f"There is no parameter '{name}'. Did you mean {nearest(name, PARAMETERS)}?" for name in strange]
    full = {name: plain(given.get(name), empty) for name, (_, _, empty) in PARAMETERS.items()}
    required = OF_REGION if TOGETHER in str(full["country"]) else REQUIRED
    for name, (is_right, expected, empty) in PARAMETERS.items():
        if full[name] == empty and name in required:
            wrong.append(f"{name} is missing. It is {expected}.")
        elif full[name] != empty and not is_right(full[name]):
            wrong.append(f"{name}: {short(full[name])} cannot be used. It is {expected}.")
    if wrong:
        raise UsageError("\n".join(f"{where}: {one}" for one in wrong))
    return full


def short(value) -> str:
    """The beginning of a value for a message; of a list of lists of lists ... only what it begins with."""
    return repr(value[:80] if isinstance(value, str) else reprlib.repr(value)[:80])


def read(text: str):
    """What a text in YAML holds; raises UsageError for what is none, too long, refers to itself or lies too deep."""
    try:
        if len(text) > LONGEST:
            raise UsageError(f"it has more than {LONGEST:,} signs, and no parameter needs so many")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise UsageError("it refers to itself with *, which no parameter needs")
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        raise UsageError("it is not valid YAML" + (f" near line {mark.line + 1}" if mark else "")) from None


def plain(value, empty):
    """A value as notebooks take it: dates and whole numbers that stand for text become text, an empty line the empty value."""
    if value is None:
        return empty
    if isinstance(value, datetime.date) or isinstance(empty, str) and isinstance(value, int):
        return str(value)
    return [str(one) if isinstance(one, int) else one for one in value] if isinstance(value, list) else value


def known(table: str, column: str, variable: str = "") -> frozenset[str]:
    """The entries of one column of a codebook file (of one variable)."""
    return entries(home() / "data" / "codebook" / f"{table}.csv", column, variable)


@cache
def entries(file: Path, column: str, variable: str) -> frozenset[str]:
    """As `known`, of this file."""
    with open(file, encoding="utf-8", newline="") as lines:
        return frozenset(row[column] for row in csv.DictReader(lines) if not variable or row["variable"] == variable)


def is_text(value) -> bool:
    """One line of printable text."""
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= 200


def is_yes_or_no(value) -> bool:
    """Whether something is wanted."""
    return isinstance(value, bool)


def is_title(value) -> bool:
    """A text for each language."""
    return isinstance(value, dict) and all(key in languages() and is_text(text) for key, text in value.items())


def is_date(value) -> bool:
    """An ISO date."""
    try:
        return isinstance(value, str) and bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False


def languages() -> list[str]:
    """The languages in which a report can be written: those with a template."""
    return sorted(file.name.split(".")[1] for file in TEMPLATES.glob("report.*.md"))


def is_source(value) -> bool:
    """A file below data/raw, with its source record; never a path or a link that leads elsewhere."""
    return is_below(value) and (home() / "data" / "raw" / f"{value}.source.yml").is_file()


def is_below(value) -> bool:
    """A name in a folder of data/raw that is there and no link to another place."""
    raw = (home() / "data" / "raw").resolve()
    return isinstance(value, str) and bool(FILE.fullmatch(value)) and (raw / value).resolve() == raw / value


def is_list(value) -> bool:
    """A file of cases, or several lists of them that are put together."""
    return is_source(value) or (each(is_source)(value) and len(value) > 1)


def is_edition(value) -> bool:
    """A folder below data/raw that holds the results of an earlier edition; never a path or a link that leads elsewhere."""
    return is_below(value) and any((home() / "data" / "raw" / value).glob("*.parquet"))


def is_period(value) -> bool:
    """A year, or the first and the last."""
    return isinstance(value, str) and bool(PERIOD.fullmatch(value)) and value[:4] <= value[-4:]


def is_variable(value) -> bool:
    """A variable of the codebook, or the groups of its codes, such as violation:group."""
    own = value.removesuffix(":group") if isinstance(value, str) else ""
    return own in known("variables", "variable") and (own == value or own in known("groups", "variable"))


def is_country(value) -> bool:
    """A code of a country."""
    return isinstance(value, str) and value in known("codes", "code", "country")


def is_place(value) -> bool:
    """A code of a country, or of several, each once, joined by +."""
    return isinstance(value, str) and len(value) <= LONGEST and ARE_COUNTRIES(value.split(TOGETHER))


def is_region(value) -> bool:
    """Two or more codes of countries."""
    return ARE_COUNTRIES(value) and len(value) > 1


def is_bias(value) -> bool:
    """A code of a bias motivation."""
    return isinstance(value, str) and value in known("codes", "code", "bias_motivation")


def is_pair(value) -> bool:
    """Two different variables."""
    return isinstance(value, list) and len(value) == 2 and all(map(is_variable, value)) and value[0] != value[1]


def is_years(value) -> bool:
    """Two years or more, each later than the one before."""
    return isinstance(value, list) and len(value) > 1 and all(map(is_period, value)) and all(a < b for a, b in pairwise(value))


def each(is_right):
    """A list without repetition whose entries are all right."""
    return lambda value: isinstance(value, list) and all(map(is_right, value)) and len({str(one) for one in value}) == len(value)


ARE_SOURCES = each(is_source)
ARE_COUNTRIES = each(is_country)
REGION = "a list of two or more codes of countries, such as [kz, uz]"
SOURCE = "a file below data/raw that has a source record beside it, such as ecom/kazakhstan_2024_cases.xlsx"
SPAN = "a year or the first and last year in quotes, such as \"2016-2022\""
# name: what is right, how it is said, what stands for "none"
PARAMETERS = {
    "title": (is_title, "the title for each language, such as {en: National report}", {}),
    "edition": (is_date, "the date of the edition, such as 2026-11-24", ""),
    "languages": (each(lambda value: value in languages()), "a list of languages that have a template, such as [en]", []),
    "country": (is_place, "the code of a country in data/codebook/codes.csv, such as kz", ""),
    "cases": (is_list, f"{SOURCE}, or a list of two or more of them", ""),
    "period": (is_period, SPAN, ""),
    "by": (each(is_variable), "a list of variables of data/codebook/variables.csv", []),
    "crosses": (each(is_pair), "a list of pairs of variables, such as [[violation, perpetrator]]", []),
    "together": (is_variable, "a variable of data/codebook/variables.csv", ""),
    "incidents": (is_source, SOURCE, ""),
    "incident_period": (is_period, SPAN, ""),
    "incidents_by": (each(is_variable), "a list of variables of data/codebook/variables.csv", []),
    "compare_years": (is_years, "two years or more in order, such as [2020, 2022]", []),
    "export": (is_source, SOURCE, ""),
    "bias": (is_bias, "the code of a bias motivation, such as anti_lgbti", ""),
    "countries": (ARE_COUNTRIES, "a list of codes of countries, such as [kg, uz]", []),
    "documented_by": (is_text, "the name of the organisation as data/raw/ecom/published_figures.csv writes it", ""),
    "published": (is_source, SOURCE, ""),
    "official": (is_source, SOURCE, ""),
    "claims": (is_source, SOURCE, ""),
    "rates": (is_source, SOURCE, ""),
    "codings": (is_source, SOURCE, ""),
    "populations": (ARE_SOURCES, f"a list of files of inhabitants, each {SOURCE}", []),
    "figures": (is_source, SOURCE, ""),
    "quotes": (is_source, SOURCE, ""),
    "slides": (is_yes_or_no, "true or false", False),
    "comments": (is_yes_or_no, "true or false", False),
    "previous": (is_edition, "a folder below data/raw with the results of an earlier edition, such as editions/2026-11-24", ""),
}
REQUIRED = ("title", "edition", "languages", "country", "cases", "period", "by")
OF_REGION = ("title", "edition", "languages", "country", "export", "period", "bias")  # it has no cases of its own: nothing is pooled
SOURCES = tuple(name for name, (is_right, _, _) in PARAMETERS.items() if is_right in (is_source, is_list, ARE_SOURCES))
