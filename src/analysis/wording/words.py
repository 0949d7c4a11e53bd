"""How numbers, units and titles are said in a language."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import yaml
from babel import Locale
from babel.dates import get_month_names
from babel.numbers import format_decimal, format_percent

from analysis.codebook import GROUP, Codebook
from analysis.problems import UsageError

TEMPLATES = Path(__file__).parents[1] / "templates"
SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@cache
def of(lang: str) -> dict:
    """Every phrase of a language; raises UsageError when there is no file for it."""
    file = TEMPLATES / f"words.{lang}.yml"
    if not file.exists():
        known = ", ".join(sorted(f.name.split(".")[1] for f in TEMPLATES.glob("words.*.yml")))
        raise UsageError(f"There is no text for the language '{lang}' yet. There is: {known}.")
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def count(n: float, lang: str = "en") -> str:
    """A whole number, with the language's separators."""
    return format_decimal(int(n), locale=lang)


def decimal(value: float, digits: int = 2, lang: str = "en") -> str:
    """A number with so many decimals."""
    return format_decimal(rounded(value, digits), format=f"#,##0.{'0' * digits}" if digits else "#,##0", locale=lang)


def rounded(value: float, digits: int = 0) -> Decimal:
    """A number to so many decimals, halves up as in print (12.5 is 13), from the decimals that the number shows."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0  # -0.4 is 0 and not -0


def percent(share: float, lang: str = "en", digits: int = 0) -> str:
    """A share as a percentage, whole unless more digits are asked for; a share of nothing is no number and says so."""
    if share != share:
        return of(lang)["no_records"]
    pattern = f"#,##0{'.' + '0' * digits if digits else ''}%"
    return format_percent(rounded(share, digits + 2), format=pattern, locale=lang)


def spoken(n: float, lang: str = "en") -> str:
    """A small count as a word, a larger one in digits."""
    return SMALL[int(n)] if lang == "en" and n <= 10 else count(n, lang)


def unit(n: float, name: str, lang: str = "en") -> str:
    """The name of a unit in the plural form that goes with n."""
    forms = of(lang)["units"].get(name, {"one": name, "other": name})
    return forms.get(Locale(lang).plural_form(int(n)), forms["other"])


def counted(n: float, name: str, lang: str = "en") -> str:
    """A count with its unit: 31 documented cases."""
    return f"{count(n, lang)} {unit(n, name, lang)}"


def base(n: float, name: str, rule: str, lang: str = "en") -> str:
    """A base with its unit, and by which rule it was chosen where it is not simply all: 11 documented cases with a known value."""
    return " ".join(filter(None, [counted(n, name, lang), of(lang)["base_rules"].get(rule)]))


def share_of(n: float, base: float, lang: str = "en") -> str:
    """A count and its base: 9 of 31."""
    return of(lang)["of"].format(n=count(n, lang), base=count(base, lang))


def interval(low: float, high: float, lang: str = "en") -> str:
    """An interval in whole percent: 16 to 47%; the sign stands once, after the second number. That of nothing says so."""
    if low != low:
        return of(lang)["no_records"]
    return of(lang)["to"].format(low=decimal(rounded(low, 2) * 100, 0, lang), high=percent(high, lang))


def between(low: float, high: float, lang: str = "en") -> str:
    """An interval in whole numbers: 22 to 65; one without an upper end says so."""
    say, first = of(lang), count(round(low), lang)
    return say["no_end"].format(low=first) if high == float("inf") else say["to"].format(low=first, high=count(round(high), lang))


def points(share: float, lang: str = "en") -> str:
    """A difference of shares in whole percentage points, with its sign."""
    whole = int(rounded(share, 2) * 100)
    return f"{'+' if whole > 0 else '−' if whole < 0 else ''}{count(abs(whole), lang)}"


def factor(value: float, lang: str = "en") -> str:
    """A ratio of two counts with two decimals; an infinite one has its sign, and one of nothing to nothing is none."""
    if value != value:
        return of(lang)["no_records"]
    return "∞" if value == float("inf") else decimal(value, 2, lang)


def factors(low: float, high: float, lang: str = "en") -> str:
    """The interval of a ratio: 1.75 to 4.19; one without an upper end says so."""
    if low != low:
        return of(lang)["no_records"]
    first = decimal(low, 2, lang)
    return of(lang)["no_end"].format(low=first) if high == float("inf") else of(lang)["to"].format(low=first, high=decimal(high, 2, lang))


def months(numbers: list[int], lang: str = "en") -> str:
    """Months (1 to 12, in order) by their names, those that follow each other as one span: March to June and September."""
    names, runs = get_month_names("wide", context="stand-alone", locale=lang), []
    for number in numbers:
        runs = [*runs[:-1], [*runs[-1], number]] if runs and runs[-1][-1] == number - 1 else [*runs, [number]]
    return joined([names[run[0]] if len(run) == 1 else of(lang)["to"].format(low=names[run[0]], high=names[run[-1]]) for run in runs], lang)


def joined(labels: list[str], lang: str = "en") -> str:
    """Labels as a list in a sentence: a, b and c."""
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} {of(lang)['and']} {labels[-1]}" if labels else ""


def first_lower(text: str) -> str:
    """A label inside a sentence: the first letter small, unless the word is an abbreviation or a name in capitals."""
    head = text.split(" ")[0].split("-")[0]
    return text if head.isupper() else text[:1].lower() + text[1:]


def period(text: str, lang: str = "en") -> str:
    """A period as it is printed: 2016-2022 with the dash of ranges."""
    first, _, last = text.partition("-")
    return of(lang)["period"].format(first=first, last=last) if last else text


def place(code: str, book: Codebook, lang: str = "en") -> str:
    """The name of a country, or nothing where the results are of no one country."""
    return book.label("country", code, lang) if code else ""


def titled(variable: str, book: Codebook, lang: str) -> str:
    """The title of a variable, and that its groups are counted where they are."""
    name = book.name(variable, lang, "title")
    return of(lang)["in_groups"].format(title=name) if variable.endswith(GROUP) else name


def title(table, book: Codebook, lang: str = "en") -> str:
    """The title of one table of results, from its variables, place and period; raises KeyError for a form that has none."""
    row = table.iloc[0]
    variables = row.by.split(",")
    names = [titled(variable, book, lang) for variable in variables]
    form = {("heat", "year"): "heat_years", ("agreement", "variable"): "agreement_variables"}.get((row.form, variables[0]), row.form)
    several = form == "changes" and len({code.split(",")[0] for code in table.codes if "-" not in code.split(",")[0]}) > 2
    form = "changes_of_years" if several else form
    name = of(lang)["titles"][form].format(
        first=names[0], last=names[-1], second=first_lower(names[-1]), who=row.text, unit=unit(2, row.unit, lang),
        label=book.label(variables[-1], row.codes.split(",")[-1], lang))
    where = "" if row.form == "dots" else place(row.place, book, lang)
    # Two years compared are those two, not the years between them.
    when = joined(row.period.split("-"), lang) if form == "changes" else period(row.period, lang)
    return ", ".join(filter(None, [name, where, when]))
