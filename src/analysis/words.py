"""How numbers, units and titles are said in a language."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import yaml
from babel import Locale
from babel.numbers import format_decimal, format_percent

from analysis.codebook import Codebook
from analysis.problems import UsageError

TEMPLATES = Path(__file__).with_name("templates")
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
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


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


def share_of(n: float, base: float, lang: str = "en") -> str:
    """A count and its base: 9 of 31."""
    return of(lang)["of"].format(n=count(n, lang), base=count(base, lang))


def interval(low: float, high: float, lang: str = "en") -> str:
    """An interval in whole percent: 16 to 47%; the sign stands once, after the second number. That of nothing says so."""
    if low != low:
        return of(lang)["no_records"]
    return of(lang)["to"].format(low=decimal(rounded(low, 2) * 100, 0, lang), high=percent(high, lang))


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


def title(table, book: Codebook, lang: str = "en") -> str:
    """The title of one table of results, from its variables, place and period; raises KeyError for a form that has none."""
    row = table.iloc[0]
    variables = row.by.split(",")
    names = [book.name(variable, lang, "title") for variable in variables]
    form = "heat_years" if row.form == "heat" and variables[0] == "year" else row.form
    name = of(lang)["titles"][form].format(
        first=names[0], last=names[-1], second=first_lower(names[-1]), who=row.text, unit=unit(2, row.unit, lang),
        label=book.label(variables[-1], row.codes.split(",")[-1], lang))
    where = "" if row.form == "dots" else place(row.place, book, lang)
    # Two years compared are those two, not the years between them.
    when = joined(row.period.split("-"), lang) if row.form == "changes" else period(row.period, lang)
    return ", ".join(filter(None, [name, where, when]))
