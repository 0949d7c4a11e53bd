"""How numbers, units and titles are said in a language."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import yaml
from babel import Locale
from babel.dates import format_date, get_month_names
from babel.numbers import format_decimal

from analysis.codebook import GROUP, MERGED, Codebook
from analysis.parameters import TOGETHER
from analysis.problems import UsageError

TEMPLATES = Path(__file__).parents[1] / "templates"


class Noun(str):
    """A noun, alone or after its number: `{unit}` in a template is its plain form, `{unit:of}` its genitive, where it has one."""

    genitive = ""

    def __format__(self, form: str) -> str:
        return self.genitive or str(self) if form == "of" else format(str(self), form)


def noun(plain: str, genitive: str) -> Noun:
    """A noun in both of its forms."""
    made = Noun(plain)
    made.genitive = genitive
    return made


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
    """A number with so many decimals, a negative one with the sign minus and no hyphen."""
    return format_decimal(rounded(value, digits), format=f"#,##0.{'0' * digits}" if digits else "#,##0", locale=lang).replace("-", "−")


def rounded(value: float, digits: int = 0) -> Decimal:
    """A number to so many decimals, halves up as in print (12.5 is 13), from the decimals that the number shows."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0  # -0.4 is 0 and not -0


def percent(share: float, lang: str = "en", digits: int = 0) -> str:
    """A share as a percentage, whole unless more digits are asked for; a share of nothing is no number and says so."""
    if share != share:
        return of(lang)["no_records"]
    return of(lang)["percent"].format(number=decimal(rounded(share, digits + 2) * 100, digits, lang))


def spoken(n: float, lang: str = "en") -> str:
    """A small count as a word, a larger one in digits."""
    small = of(lang)["small"]
    return small[int(n)] if n < len(small) else count(n, lang)


def forms_of(name: str, lang: str) -> tuple[dict[str, str], dict[str, str]]:
    """The forms of a unit's name by the language's kinds of plural, plain and genitive; a unit without words is called by its own name."""
    plain = of(lang)["units"].get(name, {"other": name})
    return plain, plain.get("of", plain)


def unit(n: float, name: str, lang: str = "en") -> Noun:
    """The name of a unit in the form that goes with n: of 31 documented cases; its genitive is the form after 'of' and a number."""
    kind = Locale(lang).plural_form(int(n))
    return noun(*(forms.get(kind, forms["other"]) for forms in forms_of(name, lang)))


def units(name: str, lang: str = "en") -> Noun:
    """The name of a unit in the plural, without a number: the number of documented cases."""
    return noun(*(forms.get("plural", forms["other"]) for forms in forms_of(name, lang)))


def counted(n: float, name: str, lang: str = "en") -> Noun:
    """A count with its unit: 31 documented cases."""
    of_it = unit(n, name, lang)
    return noun(f"{count(n, lang)} {of_it}", f"{count(n, lang)} {of_it:of}")


def ruled(of_it: Noun, rule: str, lang: str = "en") -> Noun:
    """A unit, counted or not, with the rule by which its base was chosen: documented cases with a known value."""
    how = of(lang)["base_rules"].get(rule)
    return noun(f"{of_it} {how}", f"{of_it:of} {how}") if how else of_it


def base(n: float, name: str, rule: str, lang: str = "en") -> Noun:
    """A base with its unit, and by which rule it was chosen where it is not simply all: 11 documented cases with a known value."""
    return ruled(counted(n, name, lang), rule, lang)


def share_of(n: float, base: float, lang: str = "en") -> str:
    """A count and its base: 9 of 31."""
    return of(lang)["of"].format(n=count(n, lang), base=Noun(count(base, lang)))


def of_units(n: float, base: float, name: str, lang: str = "en") -> str:
    """A count and its base with its unit: 9 of 31 documented cases."""
    return of(lang)["of_units"].format(of=share_of(n, base, lang), unit=unit(base, name, lang))


def interval(low: float, high: float, lang: str = "en") -> str:
    """An interval in whole percent: 16 to 47%; the sign stands once, after the second number. That of nothing says so."""
    if low != low:
        return of(lang)["no_records"]
    return of(lang)["to"].format(low=decimal(rounded(low, 2) * 100, 0, lang), high=percent(high, lang))


def between(low: float, high: float, lang: str = "en") -> str:
    """An interval in whole numbers: 22 to 65; one without an upper end says so."""
    say, first = of(lang), count(round(low), lang)
    return say["no_end"].format(low=first) if high == float("inf") else say["to"].format(low=first, high=count(round(high), lang))


def ranks(low: float, high: float, lang: str = "en") -> str:
    """The ranks that are left open: 1 to 8, or 1 where there is no other."""
    return between(low, high, lang) if low < high else count(low, lang)


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
    return of(lang)["no_end"].format(low=first) if high == float("inf") else of(lang)["ends"].format(low=first, high=decimal(high, 2, lang))


def label(variable: str, code: str, book: Codebook, lang: str = "en") -> str:
    """What readers see for a code of a variable, or of a month (01 to 12), a quarter (q1 to q4) or the precision of a date."""
    say = of(lang)["timeline"]
    if variable == "precision":
        return say["precisions"][code]
    if code == "unknown" and variable in say["unknown"]:
        return say["unknown"][variable]
    if variable == "month":
        return get_month_names("wide", context="stand-alone", locale=lang)[int(code)]
    if variable == "quarter":
        return say["quarter"].format(number=code[1:])
    if MERGED in code:
        return of(lang)["all_others"]
    known = book.label(variable, code, lang)
    return of(lang)["agreement"]["own"].get(code, known) if known == code else known  # what two codings alone have


def named(variable: str, book: Codebook, lang: str = "en") -> str:
    """What readers see for a variable, or for a part of a date."""
    return of(lang)["timeline"]["names"].get(variable) or book.name(variable, lang)


def months(numbers: list[int], lang: str = "en") -> str:
    """Months (1 to 12, in order) by their names, those that follow each other as one span: March to June and September."""
    inside = get_month_names("wide", context="format", locale=lang)[1]  # Kazakh names alone have a capital, and inside a sentence none
    names = {at: name if inside[0].isupper() else name.lower()
             for at, name in get_month_names("wide", context="stand-alone", locale=lang).items()}
    runs, span = [], of(lang)["span"]
    for number in numbers:
        runs = [*runs[:-1], [*runs[-1], number]] if runs and runs[-1][-1] == number - 1 else [*runs, [number]]
    return joined([names[run[0]] if len(run) == 1 else span.format(low=names[run[0]], high=names[run[-1]]) for run in runs], lang)


def joined(labels: list[str], lang: str = "en") -> str:
    """Labels as a list in a sentence: a, b and c."""
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} {of(lang)['and']} {labels[-1]}" if labels else ""


def alphabetical(labels: list[str], lang: str = "en") -> list[str]:
    """Labels by the alphabet of the language; what is no letter of it comes before its letters."""
    order = {letter: place for place, letter in enumerate(of(lang)["alphabet"])}
    return sorted(labels, key=lambda label: [(order.get(sign, -1), sign) for sign in label.casefold()])


def day(text, lang: str = "en") -> str:
    """A date (2024-03-09) as it is written in a language."""
    return format_date(date.fromisoformat(str(text)), of(lang)["report"]["date"], locale=lang)


def first_lower(text: str) -> str:
    """A label inside a sentence: the first letter small, unless the word is an abbreviation or a name in capitals."""
    head = text.split(" ")[0].split("-")[0]
    return text if head.isupper() and len(head) > 1 else text[:1].lower() + text[1:]


def period(text: str, lang: str = "en") -> str:
    """A period as it is printed: 2016-2022 with the dash of ranges."""
    first, _, last = text.partition("-")
    return of(lang)["period"].format(first=first, last=last) if last else text


def place(code: str, book: Codebook, lang: str = "en") -> str:
    """The name of a country, or the names of several (codes joined by +) by the alphabet, or nothing where results are of no country."""
    return joined(alphabetical([book.label("country", one, lang) for one in code.split(TOGETHER)], lang), lang) if code else ""


def titled(variable: str, book: Codebook, lang: str) -> str:
    """The title of a variable, and that its groups are counted where they are."""
    name = book.name(variable, lang, "title")
    return of(lang)["in_groups"].format(title=name) if variable.endswith(GROUP) else name


def titled_as(table) -> str:
    """Which of the titles a table of results has: that of its form, or of the kind of it that its variables and years make."""
    row, variables = table.iloc[0], table.by.iloc[0].split(",")
    if row.form == "changes" and len({code.split(",")[0] for code in table.codes if "-" not in code.split(",")[0]}) > 2:
        return "changes_of_years"
    kinds = {("heat", "year"): "heat_years", ("agreement", "variable"): "agreement_variables",
             ("timeline", "quarter"): "timeline_of_quarters"}
    found = [kinds[row.form, variable] for variable in variables if (row.form, variable) in kinds]
    return "tiles_of_share" if row.form == "tiles" and len(variables) > 1 else (*found, row.form)[0]


def title(table, book: Codebook, lang: str = "en") -> str:
    """The title of one table of results, from its variables, place and period; raises KeyError for a form that has none."""
    row = table.iloc[0]
    variables = row.by.split(",")
    names = [titled(variable, book, lang) for variable in variables]
    form = titled_as(table)
    name = of(lang)["titles"][form].format(
        first=names[0], last=names[-1], second=first_lower(names[-1]), who=row.text, unit=units(row.unit, lang),
        label=book.label(variables[-1], row.codes.split(",")[-1], lang))
    where = "" if "country" in variables else place(row.place, book, lang)
    # Two years compared are those two, not the years between them.
    when = joined(row.period.split("-"), lang) if form == "changes" else period(row.period, lang)
    return ", ".join(filter(None, [name[:1].upper() + name[1:], where, when]))
