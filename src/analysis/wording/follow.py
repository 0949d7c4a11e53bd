"""Printed numbers that can be followed: a mark around each becomes a link to what it is, a comment in Word, or nothing."""

import re
from collections.abc import Iterator

import numpy as np

from analysis.wording import words

# Signs for private use, which no font draws: which number begins here, and where it ends.
FIRST, END = 0xF0000, "\U0010fffd"
MARKS = "[\U000f0000-\U0010ffff]"
MARKED = re.compile(f"({MARKS})([^\U000f0000-\U0010ffff]+){END}")
NUMBER = re.compile(r"[+−]?\d(?:[\d.,\u00a0\u202f]*\d)?(?:\u00a0?%)?")
AUTHOR = "Casebook"  # of the comments: a document for others names no person


def marked(at: int, text: str) -> str:
    """A text that says the number `at` of those that are followed; marks inside it are gone."""
    return f"{chr(FIRST + at)}{unmarked(text)}{END}"


def unmarked(text: str) -> str:
    """The text alone."""
    return re.sub(MARKS, "", text)


def which(mark: str) -> int:
    """The number that begins at a mark."""
    return ord(mark) - FIRST


def facts(row, lang: str) -> str:
    """What a result is, in a line: its base with the unit, or its unit alone, method and source file.

    Units of what others printed, such as days, have no name in the languages; a number without a base of cases is then without one.
    """
    say, unit = words.of(lang), row.unit if row.unit in words.of(lang)["units"] else ""
    has_base = bool(unit) and np.isfinite(row.base)
    told = {"base": words.base(row.base, unit, row.base_rule, lang) if has_base else "",
            "unit": words.units(unit, lang) if unit and not has_base else "",
            "method": say["methods"].get(row.method, row.method), "source": row.file}
    return "; ".join(f"{say['tables'][name]}: {text}" for name, text in told.items() if text)


def linked(text: str, told: dict[str, str], seen: set[int]) -> str:
    """Markdown in which each number is a link to its line in the list of numbers; `told` says of each id what it is.

    The first link of each number is what its line leads back to. `seen` are the numbers that have one already; those of the text join them.
    """
    lines = in_lines(told)

    def link(found: re.Match) -> str:
        at = which(found[1])
        first = "" if at in seen else f"#said-{at + 1} "
        seen.add(at)
        return f'[{found[2]}](#number-{at + 1}){{{first}.number title="{escaped(lines[at])}"}}'

    return unmarked(MARKED.sub(link, text))


def commented(text: str, told: dict[str, str], day: str, number: Iterator[int]) -> str:
    """Markdown in which each number has a comment that says what it is; only Word shows these. `number` counts the comments of a file."""
    lines = in_lines(told)

    def comment(found: re.Match) -> str:
        of = f'id="{next(number)}"'
        return (f'[{escaped(lines[which(found[1])])}]{{.comment-start {of} author="{AUTHOR}" date="{day}T00:00:00Z"}}{found[2]}'
                f"[]{{.comment-end {of}}}")

    return unmarked(MARKED.sub(comment, text))


def listed(told: dict[str, str]) -> str:
    """The list of numbers as Markdown: each id, which leads back to where the number stands first, and what it is."""
    return "\n".join(f"- [[{escaped(key)}](#said-{at}){{#number-{at}}}: {escaped(one)}]{{.told}}"
                     for at, (key, one) in enumerate(told.items(), 1))


def in_lines(told: dict[str, str]) -> list[str]:
    """Each id with what it is, in a line."""
    return [f"{key}; {one}" for key, one in told.items()]


def escaped(text: str) -> str:
    """Text as Markdown that reads as this text, also between the quotation marks of an attribute."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
