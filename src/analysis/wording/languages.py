"""Safe results -> the same results with their texts in another language, or everything that is missing for it."""

import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import pandas as pd

from analysis.codebook import GROUP, LANGUAGES, Codebook, listed
from analysis.problems import UsageError
from analysis.protect import Safe
from analysis.wording import words

TEXTS = ("source", "note", "text")  # columns that hold texts, in English
SAID = ("register", "printed_countries", "money", "claims", "printed_shares", "printed_years", "change")  # their `text` is said
NUMBER = re.compile(r"[\d,]*\d(\.\d+)?%?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
AS_IT_IS = re.compile(r"[^a-z]*|https?://\S+", re.DOTALL)  # no English: an acronym, words of another alphabet, an address
BETWEEN = re.compile(r"; |, | and |: |(?<=\.) ")  # what can stand between two texts
# What stands in a place of a template, where that is not just any text; `of` and `where` can be empty.
NAMES = ("id", "list", "other", "publisher")  # places of a template whose text stays as it is where nothing says it
SHAPES = {"of": "(?: of [0-9,]+|[0-9,]+)?", "where": "[^(]*?", "currency": "[A-Z]{3}", "year": r"\d{4}", "percent": "[0-9,.]+%",
          **dict.fromkeys(("amount", "n", "least", "base"), "[0-9,]+"), **dict.fromkeys(NAMES, r"(?:(?!\. )[^;:“”])+?")}


class Known(NamedTuple):
    """What can be said in a language: whole texts, patterns of English templates with what they become, and what was asked."""

    lang: str
    texts: dict[str, str]
    patterns: list[tuple[re.Pattern, str]]
    asked: dict[str, str | None]


def missing(safe: Safe, book: Codebook, lang: str, printed: list[str] = ()) -> list[str]:
    """Everything that is missing for a report in a language.

    What is looked for: phrases that the English file has, labels of what the results name, texts that stand in the results or are
    `printed` beside them (those of sources, claims and decisions: texts.csv), and the report's template.
    """
    rows = pd.concat([safe.results, beside(printed)], ignore_index=True)
    return [*phrases(lang), *labels(safe.results, book, lang), *texts(rows, book, lang), *template(lang)]


def phrases(lang: str) -> list[str]:
    """The keys of words.en.yml that the file of a language does not have, or has empty; all of them where there is no file."""
    if lang not in LANGUAGES or not (words.TEMPLATES / f"words.{lang}.yml").exists():
        return [f"words.{lang}.yml"]
    have = leaves(words.of(lang))
    return [f"words.{lang}.yml: {'.'.join(key)}" for key, phrase in leaves(words.of("en")).items() if phrase and not have.get(key)]


def leaves(said, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    """The path of each phrase of a file of words -> the phrase; units have other forms in each language and stand as a whole."""
    if at[:1] == ("units",) and len(at) == 2 or not isinstance(said, (dict, list)):
        return {at: str(said)}
    pairs = said.items() if isinstance(said, dict) else enumerate(said)
    return {path: text for key, one in pairs for path, text in leaves(one, (*at, str(key))).items()}


def labels(results: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """The variables, groups and codes that these results name and that have no label in a language."""
    if lang not in LANGUAGES:
        return []
    used = {variable for by in results.by.unique() for variable in by.split(",") if variable.removesuffix(GROUP) in book.variables.index}
    named = [f"variables.csv: {what}_{lang} of {one}" for one in sorted({one.removesuffix(GROUP) for one in used})
             for what in ("label", "title") if not book.name(one, lang, what).strip()]
    codes = sorted({(v, code) for by, codes in results[["by", "codes"]].drop_duplicates().itertuples(index=False)
                    for v, several in zip(by.split(","), codes.split(",")) if v in used for code in several.split("+") if code})
    empty = [(variable, code) for variable, code in codes if not book.label(variable, code, lang).strip()]
    return named + [f"{'groups' if v.endswith(GROUP) else 'codes'}.csv: label_{lang} of {code} ({v})" for v, code in empty]


def texts(results: pd.DataFrame, book: Codebook, lang: str) -> list[str]:
    """The texts of these results that nothing says in a language."""
    if lang == "en" or not (words.TEMPLATES / f"words.{lang}.yml").exists():
        return []
    say = known(book, lang)
    return [f"texts.csv: {part}" for part in dict.fromkeys(part for text in said(results) for part in unsaid(text, say))]


def template(lang: str) -> list[str]:
    """The template of the report, where there is none."""
    return [] if (words.TEMPLATES / f"report.{lang}.md").exists() else [f"report.{lang}.md"]


def table(rows: pd.DataFrame, book: Codebook, lang: str) -> pd.DataFrame:
    """Results with their texts in a language; raises UsageError with every text that nothing says in it."""
    if lang == "en" or rows.empty:
        return rows
    if wrong := texts(rows, book, lang):
        raise UsageError(f"These texts have no translation ({lang}). Add them to data/codebook/texts.csv:\n" + "\n".join(wrong))
    say = known(book, lang)
    found = {text: told(text, say) for text in said(rows)}
    spoken = is_said(rows)
    return rows.assign(**{column: rows[column].map(found) for column in TEXTS[:2]}, text=rows.text.map(found).where(spoken, rows.text))


def said(rows: pd.DataFrame) -> list[str]:
    """Every text of these results that is said in a language, once."""
    return list(dict.fromkeys([*rows.source, *rows.note, *rows.text[is_said(rows)]]))


def is_said(rows: pd.DataFrame) -> pd.Series:
    """Whether the `text` of each row is words, and no name or number: what others printed, and why there is no estimate."""
    return rows.form.isin(SAID) | (rows.form == "unlisted") & (rows.no_value != "")


def limits(cannot_say: list[str], book: Codebook, lang: str) -> list[str]:
    """What a source cannot say, in a language; raises UsageError for what has no translation."""
    return list(table(beside(cannot_say), book, lang).source)


def beside(printed: list[str]) -> pd.DataFrame:
    """Texts that stand beside results, as rows that hold nothing else."""
    return pd.DataFrame({"source": list(printed), "note": "", "text": "", "form": "", "no_value": ""})


def text(english: str, book: Codebook, lang: str) -> str:
    """One text that results carry, in a language; raises UsageError where it has no translation."""
    return limits([english], book, lang)[0]


def known(book: Codebook, lang: str) -> Known:
    """What can be said in a language: the phrases of its words, the labels of the codebook, and texts.csv."""
    whole, patterns = of_files(book.folder, lang)
    named = {book.name(one): book.name(one, lang) for one in book.variables.index} | {
        book.label(variable, code): book.label(variable, code, lang) for variable in ("country", "official") for code in book.of(variable)}
    inside = {words.first_lower(name): words.first_lower(other) for name, other in named.items()}
    return Known(lang, inside | named | whole, patterns, {})


@cache
def of_files(folder: Path, lang: str) -> tuple[dict[str, str], list[tuple[re.Pattern, str]]]:
    """Whole texts and patterns in a language, from texts.csv of a codebook and the phrases that results are made with."""
    rows = listed(folder / "texts.csv")
    pairs = list(zip(rows.text, rows[f"text_{lang}"])) if f"text_{lang}" in rows else []
    whole = {english: other for english, other in pairs if other and "{" not in english}
    made, other = phrases_of_results("en"), phrases_of_results(lang)
    templates = [*((made[key], other[key]) for key in made if key in other), *(pair for pair in pairs if "{" in pair[0])]
    whole |= {english: there for english, there in templates if "{" not in english}
    filled_in = [(english.removeprefix(", "), there.removeprefix(", ")) for english, there in templates if "{" in english]
    return whole, [(pattern(english), there) for english, there in filled_in]


def phrases_of_results(lang: str) -> dict[tuple[str, ...], str]:
    """The phrases that are written into results when they are counted, by their path."""
    own = {("printed",), ("to",), ("unstated_in_all",), ("of_case",), *(("money", one) for one in ("sum", "all", "rate", "none")),
           *(("register", one) for one in ("of", "where", "printed", "without", "reasons"))}
    return {path: text for path, text in leaves(words.of(lang)).items() if path[:1] in own or path[:2] in own}


def pattern(template: str) -> re.Pattern:
    """What a filled template looks like."""
    found, seen = "", set()
    for before, name, _, _ in Formatter().parse(template):
        found += re.escape(before)
        if name:
            found += f"(?P={name})" if name in seen else f"(?P<{name}>{SHAPES.get(name, '.+?')})"
            seen.add(name)
    return re.compile(found, re.DOTALL)


def told(text: str, say: Known) -> str | None:
    """An English text in another language; None where nothing says it."""
    if text not in say.asked:  # a text can be parted in many ways that share their parts
        say.asked[text] = asked(text, say)
    return say.asked[text]


def asked(text: str, say: Known) -> str | None:
    """As `told`, for a text that was not asked for before."""
    if text in say.texts:
        return say.texts[text]
    if NUMBER.fullmatch(text) or DAY.fullmatch(text):
        return number(text, say.lang)
    for shape, template in say.patterns:
        if (found := shape.fullmatch(text)) and None not in (parts := filled(found.groupdict(), say)).values():
            return template.format(**parts)
    return text if (parted := in_two(text, say)) is None and AS_IT_IS.fullmatch(text) else parted


def filled(parts: dict[str, str], say: Known) -> dict[str, str | None]:
    """What stands in a template, in another language; a unit is a noun, in the form that goes with the number beside it."""
    nouns = {part: words.unit(number_in(parts.get("of")), name, say.lang) if number_in(parts.get("of")) else words.units(name, say.lang)
             for part, text in parts.items() if part in ("unit", "what") and (name := unit_named(text))}
    kept = {part: text for part, text in parts.items() if part in NAMES and told(text, say) is None}
    return {part: told(text, say) if text else "" for part, text in parts.items()} | kept | nouns


def number_in(text: str | None) -> int:
    """The number that a text is, 0 for none."""
    return int(text.replace(",", "")) if text and text.replace(",", "").isdigit() else 0


def unit_named(text: str) -> str:
    """The unit whose English name, or own name, a text is; nothing where it is none."""
    return next((name for name, forms in words.of("en")["units"].items() if text in (name, *forms.values())), "")


def number(text: str, lang: str) -> str:
    """A number or a day as the language writes it; four digits without a comma are a year and stay."""
    if DAY.fullmatch(text):
        return words.day(text, lang)
    plain, decimals = text.rstrip("%").replace(",", ""), len(text.rstrip("%").partition(".")[2])
    shown = plain if plain == text.rstrip("%") and not decimals else words.decimal(float(plain), decimals, lang)
    return words.of(lang)["percent"].format(number=shown) if text.endswith("%") else shown


def in_two(text: str, say: Known) -> str | None:
    """A text that is two texts with something between them; None where it cannot be parted into texts that are said."""
    for cut in BETWEEN.finditer(text):
        left = told(text[: cut.start()], say)
        if left is not None and (right := told(text[cut.end():], say)) is not None:
            return left + (f" {words.of(say.lang)['and']} " if cut.group() == " and " else cut.group()) + right
    return None


def unsaid(text: str, say: Known) -> list[str]:
    """The parts of a text that nothing says in a language; the whole text where no part of it is said."""
    if told(text, say) is not None:
        return []
    parts = text.split("; ")
    return [part for part in parts if told(part, say) is None] or [text]
