"""Variables, codes, groups, labels, header spellings and source profiles: the decisions a researcher edits."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import pandas as pd
import yaml

from analysis import home
from analysis.problems import UsageError, nearest

LANGUAGES = ("en", "ru", "kk")
# No native reader has seen these yet: whatever prints their labels prints the mark as well.
UNREVIEWED = {"kk": "draft, not yet reviewed by a native reader"}
CODE = re.compile("[a-z0-9_]+")  # codes stand in the ids of results, where , . and + join them
PROFILE = ("title", "unit", "needs", "identical_rows", "columns")
MAY_HAVE = ("sheets", "case_rows", "linked", "unknowns", "form")
ONE_OF = {"identical_rows": ("refuse", "count"), "case_rows": ("one", "repeated", "continued")}
COLUMN = ("kind", "separator", "order", "century", "headers", "question")
KINDS = {"id", "date", "year", "coded", "number", "text", "personal", "link"}
RECORD = ("title", "publisher", "page", "received", "licence", "sha256", "level", "cite", "cannot_say")
LEVELS = ("public", "confidential")
LONGEST = 200  # signs of a text for which a nearest label is looked for
GROUP = ":group"  # `violation:group` is the variable `violation` with groups in place of its codes
MERGED = "|"  # between the codes of a cell that holds the cases with any of them
ASK = "ask"  # stands for the code in unknown_spellings.csv where only whoever wrote the sheet knows what is meant


@dataclass(frozen=True)
class Codebook:
    """The codebook in memory; `codes` has variable, code, group, unknown and one label column per language."""

    variables: pd.DataFrame
    codes: pd.DataFrame
    groups: pd.DataFrame
    headers: dict[str, str]
    spellings: dict[str, dict[str, str]]
    profiles: dict[str, dict]
    kinds: dict[str, str]
    unclear: frozenset[str]
    totals: re.Pattern
    alike: dict[int, str]
    folder: Path

    def of(self, variable: str) -> list[str]:
        """The codes of a variable, in codebook order: the order of the bits of its mask, unknown kinds last."""
        return list(self.order.get(self.known(variable), []))

    @cached_property
    def order(self) -> dict[str, list[str]]:
        """Variable -> its codes, in codebook order."""
        return {variable: list(rows.code) for variable, rows in self.countable.groupby("variable", sort=False)}

    @cached_property
    def countable(self) -> pd.DataFrame:
        """`codes`, and for each variable with groups one named `violation:group`: the groups, then the codes that have none."""
        groups = self.groups[self.groups.variable.isin(self.variables.index)].rename(columns={"group": "code"})
        lone = self.codes[self.codes.variable.isin(groups.variable) & ((self.codes.group == "") | (self.codes.unknown != ""))]
        grouped = pd.concat([groups.assign(unknown=""), lone]).assign(group="")
        return pd.concat([self.codes, grouped.assign(variable=grouped.variable + GROUP)], ignore_index=True)

    def group_of(self, variable: str) -> dict[str, str]:
        """Code -> its group; a code that has none, and every way of not knowing, stands for itself."""
        mine = self.codes[self.codes.variable == variable]
        return dict(zip(mine.code, mine.group.where((mine.group != "") & (mine.unknown == ""), mine.code)))

    def applies(self, variable: str) -> dict[str, list[str]]:
        """Whom a variable applies to, as a filter (variable -> any of its codes); empty where it applies to every case."""
        return rule(self.variables.get("applies", pd.Series(dtype=str)).get(variable.removesuffix(GROUP), ""))

    def unknown(self, variable: str) -> dict[str, str]:
        """Codes of a variable that say nothing of substance -> their kind (not_stated, unknown, refused, not_asked)."""
        return self.unknowns.get(variable, {})

    @cached_property
    def unknowns(self) -> dict[str, dict[str, str]]:
        """Variable -> its codes of an unknown kind -> the kind."""
        mine = self.countable[self.countable.unknown != ""]
        return {variable: dict(zip(rows.code, rows.unknown)) for variable, rows in mine.groupby("variable", sort=False)}

    def known(self, variable: str) -> str:
        """The variable itself; raises UsageError that offers the right name when there is none of that name."""
        if variable not in self.variables.index and variable not in self.order:
            if variable.endswith(GROUP) and variable.removesuffix(GROUP) in self.variables.index:
                raise UsageError(f"The codes of {variable.removesuffix(GROUP)} have no groups. Give them some in codes.csv and groups.csv.")
            raise UsageError(f"There is no variable '{variable}'. Did you mean {nearest(variable, self.variables.index)}?")
        return variable

    def code(self, variable: str, text: str) -> str | None:
        """The code that a code, a label in any language or another spelling stands for; None when unknown."""
        return self.ways(variable).get(fold(text))

    def ways(self, variable: str) -> dict[str, str]:
        """Folded way to write -> code; groups are written by their own name or label."""
        if variable in self.spellings:
            return self.spellings[variable]
        named = [(code, code) for code in self.order[variable]] + [(self.label(variable, code, lang), code) for lang in LANGUAGES
                                                                  for code in self.order[variable]]
        return {fold(text): code for text, code in named}

    def look_alike(self, variable: str, text: str) -> str | None:
        """The code that a text stands for when letters of another alphabet that look the same are read as what they look like."""
        return self.skeletons[variable].get(self.skeleton(text))

    def skeleton(self, text: str) -> str:
        """Folded text with each letter or digit replaced by the one of look_alikes.csv that it looks like."""
        return fold(text).translate(self.alike)

    @cached_property
    def skeletons(self) -> dict[str, dict[str, str]]:
        """Variable -> the skeletons of its spellings -> code; a skeleton that two codes share stands for neither."""
        found = {}
        for variable, ways in self.spellings.items():
            pairs = pd.DataFrame([(self.skeleton(way), code) for way, code in ways.items()], columns=["way", "code"]).drop_duplicates()
            single = pairs[~pairs.duplicated("way", keep=False)]
            found[variable] = dict(zip(single.way, single.code))
        return found

    @cached_property
    def headings_alike(self) -> dict[str, str]:
        """The skeletons of the headings of headers.csv -> the heading; one that headings of two columns share stands for neither."""
        found: dict[str, list[str]] = {}
        for heading in self.headers:
            found.setdefault(self.skeleton(heading), []).append(heading)
        return {way: headings[0] for way, headings in found.items() if len({self.headers[one] for one in headings}) == 1}

    def nearest(self, variable: str, text: str) -> str:
        """The labels that a text may have meant, best first, in the letters of the text; the first few when none is close."""
        from rapidfuzz import fuzz, process  # only a mistake needs them

        folded, ways = fold(text), self.ways(variable)
        inside = [way for way in ways if len(folded) > 2 and (folded in way or way in folded)]
        close = [way for way, _, _ in process.extract(folded[:LONGEST], list(ways), scorer=fuzz.ratio, limit=3, score_cutoff=60)]
        codes = list(dict.fromkeys(ways[way] for way in (*close[:1], *inside, *close)))[:3] or self.of(variable)[:5]
        lang = "ru" if re.search("[а-яё]", folded) else "en"
        return ", ".join(self.label(variable, code, lang) for code in codes)

    def label(self, variable: str, code: str, lang: str = "en") -> str:
        """What readers see for a code; a value without a label (a year) is its own."""
        return self.labels[lang].get((variable, code), code)

    @cached_property
    def labels(self) -> dict[str, dict[tuple[str, str], str]]:
        """Language -> (variable, code) -> label; a variable itself is a code of `variable`."""
        keys = list(zip(self.countable.variable, self.countable.code))
        named = {lang: {("variable", one): self.name(one, lang) for one in self.variables.index} for lang in LANGUAGES}
        return {lang: dict(zip(keys, self.countable[f"label_{lang}"])) | named[lang] for lang in LANGUAGES}

    def name(self, variable: str, lang: str = "en", what: str = "label") -> str:
        """What readers see for a variable: its `label`, its `title`, or its `plural` for the names of files."""
        own = variable.removesuffix(GROUP)
        if own not in self.variables.index:
            return variable
        name = self.variables.at[own, what if what == "plural" else f"{what}_{lang}"]
        return f"{name}_groups" if what == "plural" and own != variable else name


def rule(text: str) -> dict[str, list[str]]:
    """A filter as it is written, `variable=code,code; variable=code` -> variable -> codes."""
    parts = [part.partition("=") for part in text.split(";") if part.strip()]
    return {variable.strip(): [code.strip() for code in codes.split(",")] for variable, _, codes in parts}


def visible(text: str) -> str:
    """Text without signs that nobody sees: what turns the direction of writing goes, what controls a terminal becomes a space."""
    if text.isprintable():  # most text is
        return text
    unseen = "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000f0000-\U0010ffff]"  # the last are ours (see wording.follow)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", " ", re.sub(unseen, "", text))


def fold(text: str) -> str:
    """Text as it is compared: one Unicode form, no invisible characters, single spaces, no case, ё as е."""
    return folded(str(text))


@lru_cache(maxsize=4096)  # each step of reading folds the same cell again
def folded(text: str) -> str:
    """As `fold`, of a text."""
    kinds = {"Cf": "", "Cc": " "}
    if not text.isprintable():  # whatever holds such a sign is not; most text is
        text = "".join(kinds.get(unicodedata.category(c), c) for c in text)
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold().replace("ё", "е")


def load(folder: Path | None = None) -> Codebook:
    """The codebook in `folder` (the project's own by default); raises UsageError for a codebook that contradicts itself."""
    return _load(Path(folder or home() / "data" / "codebook"))


@cache
def _load(folder: Path) -> Codebook:
    table = lambda name: listed(folder / f"{name}.csv")  # noqa: E731
    variables = table("variables").set_index("variable").fillna("")  # rows that end before the column `applies` are rows without a rule
    codes = with_unknowns(table("codes"), table("unknowns"), variables.index)
    wrong = [*strangers(table, variables.index), *miscoded(codes, table("unknowns"), table("groups")), *lost(codes, table("spellings")),
             *misapplied(variables, codes), *two_things(codes, table("groups"))]
    if wrong:
        raise UsageError("The codebook contradicts itself. " + "; ".join(wrong) + ".")
    ways = {v: spelled(labels(codes, table("spellings"), table("unknowns"), v), "code") for v in variables.index}
    unclear = [fold(row.spelling) for row in table("unknown_spellings").itertuples() if row.code == ASK]
    # A column may also be headed by its own name, as exports of forms head it.
    headers = {fold(column): column for column in table("headers").column} | spelled(table("headers"), "column")
    return Codebook(variables, codes, table("groups"), headers,
                    {v: kinds_spelled(codes[codes.variable == v], table("unknown_spellings")) | ways[v] for v in variables.index},
                    profiles(folder / "profiles", variables.index), kinds(table("unknowns"), table("unknown_spellings")),
                    frozenset(unclear), starts(table("total_words").word),
                    str.maketrans(dict(zip(table("look_alikes").sign, table("look_alikes").looks_like))), folder)


def listed(file: Path) -> pd.DataFrame:
    """A table of the codebook as text; raises UsageError when a spreadsheet program has saved it in another form."""
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        if len(table.columns) > 1 and isinstance(table.index, pd.RangeIndex):  # otherwise each row has a cell more than the header
            return table
    except (UnicodeDecodeError, pd.errors.ParserError):
        pass
    raise UsageError(f"{file.name} cannot be read: it must be a CSV file in UTF-8 with commas between the columns, and quotes round a text "
                     "that holds one. Save it again as 'CSV UTF-8 (comma delimited)'.")


def with_unknowns(codes: pd.DataFrame, unknowns: pd.DataFrame, variables) -> pd.DataFrame:
    """The codes of each variable followed by the unknown kinds it does not name itself."""
    parts = []
    for variable in variables:
        mine = codes[codes.variable == variable]
        missing = unknowns[~unknowns.code.isin(mine.unknown)]
        extra = missing.assign(variable=variable, group="", unknown=missing.code)
        parts += [mine[mine.unknown == ""], mine[mine.unknown != ""], extra]
    return pd.concat(parts, ignore_index=True)[list(codes.columns)]


def strangers(table, variables) -> list[str]:
    """Variables that only a table of the codebook knows: nothing would read their rows."""
    return [f"{file}.csv names the variable '{variable}', and variables.csv does not" for file in ("codes", "groups", "spellings")
            for variable in table(file).variable.unique() if variable not in variables]


def miscoded(codes: pd.DataFrame, unknowns: pd.DataFrame, groups: pd.DataFrame) -> list[str]:
    """What is wrong with the rows of codes.csv."""
    grouped = set(zip(groups.variable, groups.group))
    checks = {
        "stands twice": codes.duplicated(["variable", "code"]),
        "must be written with a to z, 0 to 9 and _ only": ~codes.code.str.fullmatch(CODE),
        "lacks a label": (codes[[f"label_{lang}" for lang in LANGUAGES]].map(str.strip) == "").any(axis=1),
        "has a group that groups.csv does not": [g != "" and (v, g) not in grouped for v, g in zip(codes.variable, codes.group)],
        "is of an unknown kind that unknowns.csv does not have": (codes.unknown != "") & ~codes.unknown.isin(unknowns.code),
    }
    return [f"codes.csv: the code '{row.code}' of {row.variable} {what}"
            for what, wrong in checks.items() for row in codes[wrong].itertuples()]


def lost(codes: pd.DataFrame, spellings: pd.DataFrame) -> list[str]:
    """Spellings of codes that do not exist."""
    known = set(zip(codes.variable, codes.code))
    return [f"spellings.csv: '{row.spelling}' stands for '{row.code}', which is no code of {row.variable}"
            for row in spellings.itertuples() if (row.variable, row.code) not in known]


def misapplied(variables: pd.DataFrame, codes: pd.DataFrame) -> list[str]:
    """Rules of variables.csv that say to whom a variable applies by what does not exist."""
    known = set(zip(codes.variable, codes.code))
    rules = variables.get("applies", pd.Series(dtype=str)).map(rule)
    return [f"variables.csv: '{variable}' applies where {by} is '{code}', which is no code of {by}"
            for variable, asked in rules.items() for by, listed in asked.items() for code in listed if (by, code) not in known] + [
            f"variables.csv: '{variable}' cannot apply by itself" for variable, asked in rules.items() if variable in asked]


def two_things(codes: pd.DataFrame, groups: pd.DataFrame) -> list[str]:
    """Groups with the name of a code that stands beside them when groups are counted."""
    lone = codes[(codes.group == "") | (codes.unknown != "")].merge(groups, left_on=["variable", "code"], right_on=["variable", "group"])
    return [f"groups.csv: '{row.code}' of {row.variable} is also the name of a code without a group" for row in lone.itertuples()]


def labels(codes: pd.DataFrame, spellings: pd.DataFrame, unknowns: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Every way to write the codes of a variable: the code, its labels, other spellings; columns code, spelling.

    A code of an unknown kind is also written as that kind is, whatever label it has of its own.
    """
    mine = codes[codes.variable == variable]
    kinds = mine[mine.unknown != ""][["code", "unknown"]].merge(unknowns.rename(columns={"code": "unknown"}), on="unknown")
    columns = [f"label_{lang}" for lang in LANGUAGES]
    ways = [table[["code", column]].set_axis(["code", "spelling"], axis=1) for table in (mine.assign(itself=mine.code), kinds)
            for column in ("itself", *columns) if column in table]
    ways.append(spellings.loc[spellings.variable == variable, ["code", "spelling"]])
    return pd.concat(ways, ignore_index=True)


def kinds(unknowns: pd.DataFrame, spellings: pd.DataFrame) -> dict[str, str]:
    """Folded spelling -> the kind of not knowing that it stands for in any column."""
    labels = [(row[f"label_{lang}"], row["code"]) for row in unknowns.to_dict("records") for lang in LANGUAGES]
    return {fold(spelling): kind for spelling, kind in [*labels, *zip(spellings.spelling, spellings.code)] if kind != ASK}


def starts(words) -> re.Pattern:
    """What a text that begins with one of these words matches."""
    return re.compile(rf"\s*(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)


def kinds_spelled(codes: pd.DataFrame, spellings: pd.DataFrame) -> dict[str, str]:
    """Folded spelling -> the code of that unknown kind, for the codes of one variable."""
    kinds = dict(zip(codes.unknown, codes.code))
    return {fold(spelling): kinds[kind] for spelling, kind in zip(spellings.spelling, spellings.code) if kind in kinds}


def spelled(table: pd.DataFrame, target: str) -> dict[str, str]:
    """Folded spelling -> target; raises UsageError when one spelling stands for two things."""
    folded = table.assign(spelling=table.spelling.map(fold)).drop_duplicates(["spelling", target])
    twice = folded[folded.duplicated("spelling", keep=False)]
    if len(twice):
        raise UsageError("The codebook gives one spelling to two things: "
                         + "; ".join(f"'{s}' is {t}" for s, t in zip(twice.spelling, twice[target])))
    return dict(zip(folded.spelling, folded[target]))


def profiles(folder: Path, variables) -> dict[str, dict]:
    """Profile name -> its YAML; raises UsageError with everything in them that no reader could follow."""
    found = {file.stem: written(file) for file in sorted(folder.glob("*.yml"))}
    wrong = [f"Profile {name}{one}" for name, profile in found.items() for one in profile_faults(profile, variables)]
    if wrong:
        raise UsageError("\n".join(wrong))
    return found


def profile_faults(profile: dict, variables) -> list[str]:
    """What is wrong with one profile, each to be read after its name."""
    if lacks := [line for line in PROFILE if line not in profile]:
        return [f" lacks {', '.join(lacks)}."]
    columns = {column: how or {} for column, how in profile["columns"].items()}
    links = (profile.get("linked") or {}).values()
    asked = [*profile["needs"], *(column for link in links for column in link.get("needs", []))]
    wrong = [f" needs {column}, which is not among its columns." for column in dict.fromkeys(asked) if column not in columns]
    wrong += [f": there is no line '{line}'. A profile has {', '.join((*PROFILE, *MAY_HAVE))}." for line in profile if line not in
              (*PROFILE, *MAY_HAVE)]
    wrong += [f": {line} must be one of {', '.join(may)}." for line, may in ONE_OF.items() if line in profile and profile[line] not in may]
    for column, how in columns.items():
        wrong += [f", column {column}: there is no line '{line}'. It may have {', '.join(COLUMN)}." for line in how if line not in COLUMN]
        if how.get("kind") not in KINDS:
            wrong.append(f", column {column}: kind must be one of {', '.join(sorted(KINDS))}.")
        if how.get("kind") == "coded" and column not in variables:
            wrong.append(f": {column} is not a variable of variables.csv.")
    return wrong


def written(file: Path) -> dict:
    """A YAML file that a researcher edits; raises UsageError that says near which line it cannot be read."""
    try:
        return yaml.safe_load(visible(file.read_text(encoding="utf-8"))) or {}
    except yaml.YAMLError as error:
        line = error.problem_mark.line + 1 if hasattr(error, "problem_mark") else 1
        raise UsageError(f"{file.name} cannot be read near line {line}. Check its indents, colons and quotes.") from None


def source_record(file: Path) -> dict:
    """The source record beside a file, or an empty one; see data/raw/README.md for its lines.

    Raises UsageError for a record that cannot be read, or has one text where lines belong.
    """
    record = Path(f"{file}.source.yml")
    found = written(record) if record.exists() else {}
    if flat := [name for name in ("answers", "questions", "repeats") if not isinstance(found.get(name) or {}, dict)]:
        raise UsageError(f"{record.name}: under {' and '.join(flat)} belong lines, each further in, such as '  struck_out: counted'.")
    return found


def note(record: dict, variables) -> str:
    """What must be printed wherever these variables of the source are shown, as one short phrase."""
    coded = set(record.get("coded", [])) & {variable.removesuffix(GROUP) for variable in variables}
    return "; ".join(filter(None, [record.get("note"), record.get("coded_note") if coded else None]))
