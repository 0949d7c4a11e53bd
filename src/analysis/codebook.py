"""Variables, codes, groups, labels, header spellings and source profiles: the decisions a researcher edits."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from analysis import home
from analysis.problems import UsageError, nearest

LANGUAGES = ("en", "ru", "kk")
# No native reader has seen these yet: whatever prints their labels prints the mark as well.
UNREVIEWED = {"kk": "draft, not yet reviewed by a native reader"}
KINDS = {"id", "date", "year", "coded", "number", "text", "personal"}
RECORD = ("title", "publisher", "page", "received", "licence", "sha256", "level", "cite", "cannot_say")
LEVELS = ("public", "confidential")


@dataclass(frozen=True)
class Codebook:
    """The codebook in memory; `codes` has variable, code, group, unknown and one label column per language."""

    variables: pd.DataFrame
    codes: pd.DataFrame
    groups: pd.DataFrame
    headers: dict[str, str]
    spellings: dict[str, dict[str, str]]
    profiles: dict[str, dict]

    def of(self, variable: str) -> list[str]:
        """The codes of a variable, in codebook order: the order of the bits of its mask, unknown kinds last."""
        return list(self.codes.loc[self.codes.variable == self.known(variable), "code"])

    def unknown(self, variable: str) -> dict[str, str]:
        """Codes of a variable that say nothing of substance -> their kind (not_stated, unknown, refused, not_asked)."""
        mine = self.codes[(self.codes.variable == variable) & (self.codes.unknown != "")]
        return dict(zip(mine.code, mine.unknown))

    def known(self, variable: str) -> str:
        """The variable itself; raises UsageError that offers the right name when there is none of that name."""
        if variable not in self.variables.index:
            raise UsageError(f"There is no variable '{variable}'. Did you mean {nearest(variable, self.variables.index)}?")
        return variable

    def code(self, variable: str, text: str) -> str | None:
        """The code that a code, a label in any language or another spelling stands for; None when unknown."""
        return self.spellings[variable].get(fold(text))

    def label(self, variable: str, code: str, lang: str = "en") -> str:
        """What readers see for a code; a value without a label (a year) is its own."""
        found = self.codes[(self.codes.variable == variable) & (self.codes.code == code)]
        return code if found.empty else found[f"label_{lang}"].iloc[0]

    def name(self, variable: str, lang: str = "en", what: str = "label") -> str:
        """What readers see for a variable: its `label`, its `title`, or its `plural` for the names of files."""
        if variable not in self.variables.index:
            return variable
        return self.variables.at[variable, what if what == "plural" else f"{what}_{lang}"]


def fold(text: str) -> str:
    """Text as it is compared: one Unicode form, no invisible characters, single spaces, no case, ё as е."""
    text = unicodedata.normalize("NFKC", str(text))
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return re.sub(r"\s+", " ", text).strip().casefold().replace("ё", "е")


def load(folder: Path | None = None) -> Codebook:
    """The codebook in `folder` (the project's own by default); raises UsageError for a codebook that contradicts itself."""
    return _load(Path(folder or home() / "data" / "codebook"))


@cache
def _load(folder: Path) -> Codebook:
    table = lambda name: pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)  # noqa: E731
    variables = table("variables").set_index("variable")
    codes = with_unknowns(table("codes"), table("unknowns"), variables.index)
    return Codebook(variables, codes, table("groups"), spelled(table("headers"), "column"),
                    {v: spelled(labels(codes, table("spellings"), v), "code") for v in variables.index},
                    profiles(folder / "profiles", variables.index))


def with_unknowns(codes: pd.DataFrame, unknowns: pd.DataFrame, variables) -> pd.DataFrame:
    """The codes of each variable followed by the unknown kinds it does not name itself."""
    parts = []
    for variable in variables:
        mine = codes[codes.variable == variable]
        missing = unknowns[~unknowns.code.isin(mine.unknown)]
        extra = missing.assign(variable=variable, group="", unknown=missing.code)
        parts += [mine[mine.unknown == ""], mine[mine.unknown != ""], extra]
    return pd.concat(parts, ignore_index=True)[list(codes.columns)]


def labels(codes: pd.DataFrame, spellings: pd.DataFrame, variable: str) -> pd.DataFrame:
    """Every way to write the codes of a variable: the code, its labels, other spellings; columns code, spelling."""
    mine = codes[codes.variable == variable]
    ways = [mine[["code", column]].set_axis(["code", "spelling"], axis=1)
            for column in ("code", *(f"label_{lang}" for lang in LANGUAGES))]
    ways.append(spellings.loc[spellings.variable == variable, ["code", "spelling"]])
    return pd.concat(ways, ignore_index=True)


def spelled(table: pd.DataFrame, target: str) -> dict[str, str]:
    """Folded spelling -> target; raises UsageError when one spelling stands for two things."""
    folded = table.assign(spelling=table.spelling.map(fold)).drop_duplicates(["spelling", target])
    twice = folded[folded.duplicated("spelling", keep=False)]
    if len(twice):
        raise UsageError("The codebook gives one spelling to two things: "
                         + "; ".join(f"'{s}' is {t}" for s, t in zip(twice.spelling, twice[target])))
    return dict(zip(folded.spelling, folded[target]))


def profiles(folder: Path, variables) -> dict[str, dict]:
    """Profile name -> its YAML; raises UsageError for a column of a kind or name that does not exist."""
    found = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.yml"))}
    for name, profile in found.items():
        for column, how in profile["columns"].items():
            if how["kind"] not in KINDS:
                raise UsageError(f"Profile {name}, column {column}: kind must be one of {', '.join(sorted(KINDS))}.")
            if how["kind"] == "coded" and column not in variables:
                raise UsageError(f"Profile {name}: {column} is not a variable of variables.csv.")
    return found


def source_record(file: Path) -> dict:
    """The source record beside a file, or an empty one; see data/raw/README.md for its lines."""
    record = Path(f"{file}.source.yml")
    return yaml.safe_load(record.read_text(encoding="utf-8")) if record.exists() else {}


def note(record: dict, variables) -> str:
    """What must be printed wherever these variables of the source are shown, as one short phrase."""
    coded = set(record.get("coded", [])) & set(variables)
    return "; ".join(filter(None, [record.get("note"), record.get("coded_note") if coded else None]))
