"""What git is about to keep that is not of the public examples: private files, and notebooks that show or name anything else."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

from analysis.protection import trusted
from analysis.run import NOTEBOOKS

# The folder of a person, in whichever system: /home/somebody, C:\Users\somebody.
OF_A_PERSON = re.compile(r"(?:/home|/Users|/root|/tmp|/mnt|/media|[A-Z]:\\+Users)[/\\]+[^/\\\"'\s]+|[A-Z]:\\\\\w|file://")
KEPT = ("README.md", "same_events.csv")
BESIDE = (".source.yml", ".corrections.csv", ".form.xlsx")
METADATA = {"kernelspec", "language_info"}
OF_CELLS = {"tags", "jupyter", "editable", "slideshow", "collapsed"}
OF_SHEETS = r"\.(?:xls[xbm]?|ods|[ct]sv(?:\.[gx]z)?|zip|parquet)"
# The folder and the name of a sheet, however it is reached: "office/cases.xlsx", "../data/raw/office/our cases.xlsx".
SHEET = re.compile(rf"[\"'](?:[^\"'\n]*/)?([^\"'/\n]+/[^\"'/\n]+{OF_SHEETS})[\"']")


def wrong(root: Path, tracked: list[str]) -> list[str]:
    """Everything wrong with the files that git keeps or is about to keep, each with what to do; the files are read as they lie."""
    files = [name for name in tracked if (root / name).is_file()]
    private = [f"{name}: not a public example. Take it out with `git rm --cached {name}`." for name in files if is_private(root, name)]
    run = [name for name in NOTEBOOKS if f"notebooks/{name}.ipynb" in files]
    strange = [f"notebooks/{name}.ipynb: its code is not the trusted one. Look at what changed, give `make trust`, and add its list too."
               for name in trusted.changed(run, root / "notebooks")]
    shown = [f"{name}: {what}" for name in files if name.endswith(".ipynb") for what in of_notebook(root, root / name)]
    return private + strange + shown


def is_private(root: Path, name: str) -> bool:
    """Whether a file is no public example: of data/raw without a record that says `level: public`, made by a run, or a sheet that lies
    where none belongs."""
    path = Path(name)
    if re.search(f"{OF_SHEETS}$", name, re.IGNORECASE) and not name.startswith(("data/", "tests/")):
        return True
    if not name.startswith(("data/raw/", "data/processed/", "figures/")) or path.name in KEPT:
        return False
    source = next((root / name.removesuffix(end) for end in BESIDE if name.endswith(end)), root / name)
    return not name.startswith("data/raw/") or not is_public(source)


def is_public(source: Path) -> bool:
    """Whether the record beside a source says that its publisher prints it row by row."""
    record = Path(f"{source}.source.yml")
    return record.is_file() and (yaml.safe_load(record.read_text(encoding="utf-8")) or {}).get("level") == "public"


def of_notebook(root: Path, file: Path) -> Iterator[str]:
    """What a notebook holds that is not of the public examples; it is never said what."""
    made = json.loads(file.read_text(encoding="utf-8"))
    if extra := set(made["metadata"]) - METADATA:
        yield f"its metadata hold {', '.join(sorted(extra))}, as a run leaves them. Run `make notebooks`."
    for number, cell in enumerate(made["cells"], 1):
        source, shown = "".join(cell["source"]), json.dumps(cell.get("outputs", []), ensure_ascii=False)
        if extra := set(cell["metadata"]) - OF_CELLS:
            yield f"cell {number} has metadata {', '.join(sorted(extra))}, as a run leaves them. Run `make notebooks`."
        if OF_A_PERSON.search(source) or OF_A_PERSON.search(shown):
            yield f"cell {number} names a folder of this computer. Name files from the project's folder on, and run `make notebooks`."
        named = SHEET.findall(OF_A_PERSON.sub("", source)) if cell["cell_type"] == "code" else []
        if not all(is_public(root / "data" / "raw" / one) for one in named):
            yield f"cell {number} names a source that is not public. Put the public example there and run `make notebooks`."
        if any(out["output_type"] == "error" for out in cell.get("outputs", [])):
            yield f"cell {number} ends in an error. Run `make notebooks`."
        if "<td>confidential</td>" in shown:
            yield f"cell {number} shows a confidential source. Run `make notebooks` on the public example."


def main() -> None:
    """Say everything that is wrong with what git keeps here, and end with 1 when there is anything."""
    root = Path.cwd()
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, text=True).stdout.split("\0")
    found = wrong(root, list(filter(None, tracked)))
    for one in found:
        print(f"ERROR {one}", file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
