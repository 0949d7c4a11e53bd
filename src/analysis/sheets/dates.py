"""What a monitor writes as a date or a number -> its value, or what is wrong with it."""

import datetime
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from analysis.codebook import fold, listed, spelled
from analysis.problems import UsageError

YEARS = range(1900, 2101)
LONGEST = 60  # signs; nothing that is read here is longer, and a cell may hold 32,767
MOST = 999_999_999
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))
WORD = re.compile(r"(-?)([^\W\d_]+)\.?")
LETTERS = "ABCDEFGHIJKL"  # January to December while a date is read; capitals, since what was written is folded to small ones
PRECISIONS = {4: "year", 7: "month", 10: "day"}  # by the length of the ISO date
# The day of serial number 0. Excel's calendar has a 29 February 1900, so from March 1900 on its days count from here.
DAY_0 = {1900: datetime.datetime(1899, 12, 30), 1904: datetime.datetime(1904, 1, 1)}


class Looks(NamedTuple):
    """`letters`: a letter -> the one of another alphabet that it looks like, as str.translate takes them; `words`: a word in
    such letters -> the one known word that it looks like."""

    letters: dict[int, str]
    words: dict[str, str]


class Dated(NamedTuple):
    """`date`: ISO, as precise as known (2024-03-04, 2024-03, 2024, or empty); `precision`: day, month, year or none;
    `rule`: the rule of rules.csv that it breaks (then `date` is empty) or is noted under; empty when all is well."""

    date: str
    precision: str
    rule: str


EMPTY, BAD = Dated("", "none", ""), Dated("", "none", "bad_date")


def forms(*patterns: str) -> list[re.Pattern]:
    """Patterns in which a word in capitals stands for a part of a date."""
    parts = {
        "DAY": r"(?P<day>[0-9]{1,2})", "MONTH": r"(?P<month>[0-9]{1,2})", "NAME": r"(?P<name>[A-L])",
        "YEAR": r"(?P<year>[0-9]{4})", "SHORT": r"(?P<year>[0-9]{4}|[0-9]{2})", "GAP": r"[ .,/-]*", "APART": r"[ .,/-]+",
        "TIME": r"(?:[t ,]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[ap]m)?(?: ?z| ?[+-][0-9]{2}:?[0-9]{2})?)?",
    }
    return [re.compile(re.sub("|".join(parts), lambda word: parts[word[0]], pattern)) for pattern in patterns]


FORMS = forms(
    r"YEAR(?P<sign>[./-])MONTH(?P=sign)DAYTIME",  # 2024-03-04T10:30:00
    r"YEAR[/-]MONTH",  # 2024-03
    # 2024.03; one digit is refused, because a spreadsheet shows the number 2024.10 as 2024.1
    r"YEAR\.(?P<month>[0-9]{2})",
    r"DAY ?\. ?MONTH ?\. ?SHORTTIME",  # 04.03.2024 15:30
    r"(?P<one>[0-9]{1,2})(?P<sign>[/-])(?P<other>[0-9]{1,2})(?P=sign)SHORTTIME",  # 04/03/2024
    r"MONTH[./-]YEAR",  # 06.2024
    r"DAYGAPNAMEGAPSHORTTIME",  # 4 марта 2024, 31-AUG-91
    r"NAMEGAPDAYAPARTYEARTIME",  # March 4, 2024
    r"NAMEGAPYEAR",  # март 2024
    r"YEARAPARTDAYGAPNAME",  # 2024 ж. 4 наурыз
    r"YEARGAPNAME(?:GAPDAY)?",  # 2024 наурыз, 2024-Mar-04
    r"YEAR(?:\.0)?",
    r"(?P<serial>(?:[2-7][0-9]{4}|80000)(?:[.,][0-9]+)?)",  # 45355
)


def read_date(text: str, order: str = "", century: int | None = None, epoch: int = 1900, *, months: dict[str, int],
              looks: Looks | None = None) -> Dated:
    """The date that a text says.

    `order` (day_month or month_day) decides 04/03/2024 and 04-03-2024; with dots the day always comes first. `century` is
    the first of the hundred years that two-digit years belong to. `epoch` (1900 or 1904) is what serial numbers count from.
    A period is read as what its ends share: the month, or only the year. A time of day is left out. With `looks` (see there)
    a month with a letter of another alphabet is read as well, and noted under `mixed_letters`.
    """
    if not legible(text):
        return EMPTY
    read = partial(single, order=order, century=century, epoch=epoch)
    found = one_or_period(spoken(text, months), read)
    if found.rule == "bad_date" and looks and (other := mended(text, looks)) != legible(text):
        again = one_or_period(spoken(other, months), read)
        return again._replace(rule=again.rule or "mixed_letters") if again.date else found
    return found


def one_or_period(text: str, read) -> Dated:
    """What a text says as one date or, where it is none, as a period."""
    whole = read(text)
    return whole if whole.rule != "bad_date" else period(text, read)


def look_alikes(known: Iterable[str], letters: dict[int, str]) -> Looks:
    """Known words by what they look like; not those of one letter, nor two that look the same (may, and мау of маусым)."""
    ways: dict[str, set[str]] = {}
    for word in known:
        ways.setdefault(word.translate(letters), set()).add(word)
    return Looks(letters, {look: min(words) for look, words in ways.items() if len(words) == 1 and len(look) > 1})


def mended(text: str, looks: Looks) -> str:
    """The legible text with each word that looks like a known one as that word."""
    return WORD.sub(lambda word: word[0].replace(word[2], looks.words.get(word[2].translate(looks.letters), word[2])), legible(text))


def spoken(text: str, months: dict[str, int]) -> str:
    """The text with each month as one letter of LETTERS and without the words that say nothing more."""
    def letter(word: re.Match) -> str:
        month = months.get(word[2])
        if month is None:
            return word[0]
        return f"{word[1]}{LETTERS[month - 1]}" if month else " "
    return re.sub(" +", " ", WORD.sub(letter, legible(text))).strip(" .,")


def legible(text) -> str:
    """Folded text with plain dashes and line breaks as ;, or ? when it cannot be a date or a number in any case.

    Unicode folds a footnote's sign into a digit, 2024¹ into 20241: what holds such signs is not read.
    """
    text = ";".join(filter(None, map(fold, without_odd_digits(str(text)).splitlines()))).translate(DASHES)
    return text if len(text) <= LONGEST else "?"


def has_come(text: str) -> bool:
    """Whether a text is a day, written as 2026-11-30, that is not in the future."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and day <= datetime.date.today()


def without_odd_digits(text: str) -> str:
    """The text with ? for every sign that is a number and no digit, such as ¹, ½ or ②."""
    text = text.strip()
    return text if text.isascii() else "".join("?" if c.isnumeric() and not c.isdecimal() else c for c in text)


def single(text: str, order: str, century: int | None, epoch: int) -> Dated:
    """One date in the first of FORMS that fits it."""
    found = next((match.groupdict() for form in FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        return BAD
    if "serial" in found:
        return of_serial(float(found["serial"].replace(",", ".")), epoch)
    year = full(found["year"], century)
    if year is None:
        return Dated("", "none", "two_digit_year")
    if "one" in found:
        return either_way(year, int(found["one"]), int(found["other"]), order)
    month = LETTERS.index(found["name"]) + 1 if "name" in found else found.get("month")
    return calendar(year, month, found.get("day"))


def full(year: str, century: int | None) -> int | None:
    """A year in four digits; None for two digits of nobody knows which century."""
    if len(year) == 4:
        return int(year)
    return None if century is None else century + (int(year) - century) % 100


def calendar(year, month=None, day=None) -> Dated:
    """The date of these numbers, as far as they are given; `no_such_date` for one that no calendar has."""
    numbers = [int(part) for part in (year, month, day) if part is not None]
    if numbers[0] not in YEARS:
        return BAD
    try:
        datetime.date(*numbers, *[1] * (3 - len(numbers)))
    except ValueError:
        return Dated("", "none", "no_such_date")
    date = "-".join(f"{number:02}" for number in numbers)
    return Dated(date, PRECISIONS[len(date)], "")


def either_way(year: int, one: int, other: int, order: str) -> Dated:
    """A date whose day and month stand in an order that the numbers tell, or else `order`, or else nobody."""
    ways = {"day_month": calendar(year, other, one), "month_day": calendar(year, one, other)}
    possible = {way.date: name for name, way in ways.items() if way.date}
    if len(possible) == 1:
        name = next(iter(possible.values()))
        against = order and one != other and order != name
        return ways[name]._replace(rule="date_other_order" if against else "")
    if not possible:
        return ways["day_month"]
    return ways.get(order, Dated("", "none", "date_ambiguous"))


def of_serial(serial: float, epoch: int) -> Dated:
    """The day of a serial number, noted under `date_serial`; seconds are rounded, so that 45354.9999999 is the next day."""
    day = DAY_0[epoch] + datetime.timedelta(seconds=round(serial * 86_400))
    found = calendar(day.year, day.month, day.day)
    return found._replace(rule=found.rule or "date_serial")


def period(text: str, read) -> Dated:
    """What the two ends of a period share; an end may leave to the other what both have: 12-15.03.2024, March 12-15, 2024."""
    for at in (at for at, sign in enumerate(text) if sign == "-"):
        left, right = text[:at].strip(), text[at + 1:].strip()
        first = end([left, *(left + right[cut:] for cut in cuts(right))], read)
        shared = re.match(r"[A-L]|[0-9]{4}", left)
        last = end([right, *(left[:cut + 1] + right for cut in reversed(cuts(left)) if shared)], read)
        if left and right and first and last:
            return together(first, last)
    return BAD


def cuts(text: str) -> list[int]:
    """Where one part of a date may end and another begin."""
    return [at for at, sign in enumerate(text) if sign in " .,/-" or sign.isupper()]


def end(ways: Iterable[str], read) -> Dated | None:
    """The first of the ways to write an end of a period that is a date; a serial number is none, 45355-2024 is a file's number."""
    return next((found for way in ways if (found := read(way)).rule not in ("bad_date", "date_serial")), None)


def together(first: Dated, last: Dated) -> Dated:
    """The month or the year in which both ends of a period lie; what is wrong with an end is wrong with the period."""
    wrong = next((one for one in (first, last) if not one.date), None)
    if wrong:
        return wrong
    length = min(len(first.date), len(last.date))
    if first.date[:length] > last.date[:length]:
        return BAD
    if first.date[:4] != last.date[:4]:
        return Dated("", "none", "date_range_years")
    date = next(first.date[:n] for n in (10, 7, 4) if first.date[:n] == last.date[:n])
    return Dated(date, PRECISIONS[len(date)], "date_range")


def read_year(text: str, months: dict[str, int], century: int | None = None, looks: Looks | None = None) -> tuple[int | None, str]:
    """The year that a text says, alone or with a word such as "год"; the second is the rule it breaks or is noted under, or empty."""
    written = spoken(text, months)
    found = read_date(text, months=months, looks=looks)
    if re.fullmatch("[0-9]{2}", written) and century is not None:
        found = calendar(full(written, century))
    if found == EMPTY:
        return None, ""
    return (int(found.date), found.rule) if found.precision == "year" and found.rule in ("", "mixed_letters") else (None, "bad_year")


# In these a w stands for a word.
NUMBERS = {rule: re.compile(pattern) for rule, pattern in {
    "": r"[w ]*(?P<whole>[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,]0{1,2})?[w ]*\.?",
    "number_ambiguous": r"[w ]*[0-9]{1,3}(?:[.,][0-9]{3})+[w ]*",
    "number_range": r"[w ]*[~≈<>≤≥±+]?=? ?[0-9]+(?: ?(?:-|\.{2,3}) ?[0-9]+)? ?\+?[w ]*",
}.items()}


def read_number(text: str, words: dict[str, bool], looks: Looks | None = None) -> tuple[int | None, str]:
    """The whole number from 0 to 999,999,999 that a text says; the second is the rule it breaks or is noted under, or empty.

    `words` are those that may stand beside a number, and whether it is exact all the same; `looks` as in `read_date`.
    """
    text = legible(text)
    if looks and any(word[2] not in words for word in WORD.finditer(text)) and (other := mended(text, looks)) != text:
        value, rule = read_number(other, words)
        return value, "mixed_letters" if value is not None else rule
    said = [word[2] for word in WORD.finditer(text)]
    if not text:
        return None, ""
    if any(word not in words for word in said):
        return None, "bad_number"
    if not all(words[word] for word in said) and re.search("[0-9]", text):
        return None, "number_range"
    sketch = WORD.sub(r"\1w", text)
    rule, match = next(((rule, m) for rule, form in NUMBERS.items() if (m := form.fullmatch(sketch))), ("bad_number", None))
    if rule:
        return None, rule
    value = int(match["whole"].replace(" ", ""))
    return (value, "") if value <= MOST else (None, "bad_number")


@cache
def months(folder: Path) -> dict[str, int]:
    """Folded name of a month in any language -> 1 to 12; words that may stand in a date and say nothing more -> 0.

    Raises UsageError for a month that does not exist, a spelling of two months, or one with a space or a sign.
    """
    table = listed(folder / "months.csv")
    if strange := [month for month in table.month if month not in map(str, range(13))]:
        raise UsageError(f"months.csv has the month '{strange[0]}'. Write 1 to 12, or 0 for a word that says nothing more.")
    return {word: int(month) for word, month in spelled(single_words(table, "spelling", "months.csv"), "month").items()}


@cache
def number_words(folder: Path) -> dict[str, bool]:
    """Folded word that may stand beside a number -> whether the number is exact all the same (people) or not (about).

    Raises UsageError for a word with a space or a sign, or one that is said to be both.
    """
    table = single_words(listed(folder / "number_words.csv"), "word", "number_words.csv").rename(columns={"word": "spelling"})
    return {word: exact == "yes" for word, exact in spelled(table, "exact").items()}


def single_words(table, column: str, file: str):
    """The table with its words as they are looked up, without the dot of an abbreviation."""
    words = table[column].str.strip().str.rstrip(".")
    if strange := [word for word in words if not re.fullmatch(r"[^\W\d_]+", unicodedata.normalize("NFKC", word))]:
        raise UsageError(f"{file}: '{strange[0]}' would never be found. Write one word, with letters only.")
    return table.assign(**{column: words})
