"""Notebooks through papermill: built in a staging folder, checked, and published with a manifest only when all went well."""

import hashlib
import json
import os
import platform
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from analysis import home, parameters, private, sha256
from analysis.problems import UsageError
from analysis.protection import trusted

STEPS = (("01_cases",), ("02_breakdowns", "03_years", "04_hate_crimes"), ("05_report",))
NOTEBOOKS = tuple(name for step in STEPS for name in step)
MANIFEST = "MANIFEST.json"
PACKAGES = ("duckdb", "jinja2", "matplotlib", "numpy", "openpyxl", "pandas", "papermill", "pypandoc_binary", "python-calamine",
            "scipy", "seaborn", "typst", "xlsxwriter")
# How the errors of a notebook, named by their class, end the command.
COLOUR, FRAME = re.compile(r"\x1b\[[\d;]*m"), re.compile(r"File .*:\d+(,|$)|Cell In\[\d+\], line \d+$")  # of a traceback
KINDS = {"DataError": 2, "UsageError": 2, "Refused": 3, "OSError": 5, "PermissionError": 5}


class Busy(Exception):
    """Another run is building the same report."""


class NotebookFailed(Exception):
    """A notebook stopped; `code` is the exit code of the kind of error that stopped it."""

    def __init__(self, message: str, code: int):
        self.code = code
        super().__init__(message)


class Untrusted(NotebookFailed):
    """A notebook that would have been run holds code that nobody has trusted."""


class Leak(NotebookFailed):
    """What was about to be published holds identifiers of a confidential sheet, or a file that nobody can look into."""


def published(report: str) -> Path:
    """Where a report is published."""
    return home() / "figures" / report


def office(report: str) -> Path:
    """Where the cases, results and executed notebooks of a report stay."""
    return home() / "data" / "processed" / report


def run(report: str, settings: dict, say) -> bool:
    """Build and publish one report; returns False when the published one is still right. `say` is told each step.

    The last edition stays whole until everything succeeded. Raises UsageError for wrong parameters, Busy when the same
    report is being built, Untrusted when the code of a notebook is not the trusted one, NotebookFailed when a notebook stopped,
    Leak when something of a confidential sheet was about to go out.
    """
    given = parameters.load(report, settings)
    private(office(report).parent)
    published(report).parent.mkdir(exist_ok=True)
    usual = os.umask(0o077)  # what this run and its notebooks write is their owner's alone
    try:
        with FileLock(office(report).with_name(f".{report}.lock"), timeout=0):
            return built(report, given, say)
    except Timeout:
        raise Busy(f"{report} is being built by another run. Wait until it has ended.") from None
    finally:
        os.umask(usual)


def built(report: str, given: dict, say) -> bool:
    """As `run`, by the one that holds the lock."""
    recover(published(report))
    recover(office(report))
    made_from = fingerprint(given)
    if is_current(report, made_from):
        return False
    if unknown := trusted.changed(NOTEBOOKS, home() / "notebooks"):
        raise Untrusted(trusted.refusal(unknown), 3)
    staging = office(report).with_name(f".{report}.staging")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    execute(report, staging, given | {"last_edition": published(report).relative_to(home()).as_posix()}, say)
    write_manifest(report, staging, given, made_from)
    scanned(report, staging, given)
    for file in (staging / "publication", *(staging / "publication").iterdir()):
        file.chmod(0o755 if file.is_dir() else 0o644)  # only this is meant for others
    replace(staging / "publication", published(report))
    replace(staging, office(report))
    return True


def execute(report: str, staging: Path, given: dict, say) -> None:
    """Run the notebooks in the staging folder, those of one step side by side; when one fails they are kept beside it."""
    import papermill  # takes most of a second, and an unchanged report needs none of it

    for step in STEPS:
        say(f"{report}: {', '.join(step)}")
        with ThreadPoolExecutor() as pool:
            running = {name: pool.submit(notebook, name, staging, given) for name in step}
        for name, done in running.items():
            if isinstance(error := done.exception(), papermill.PapermillExecutionError):
                failed = kept_aside(report, staging)
                raise NotebookFailed(stopped(report, name, error, failed), KINDS.get(error.ename, 6)) from None
            done.result()


def notebook(name: str, staging: Path, given: dict) -> None:
    """Run one notebook with the parameters it declares."""
    import papermill

    source, target = home() / "notebooks" / f"{name}.ipynb", staging / f"{name}.ipynb"
    all_of_them = given | {"folder": staging.relative_to(home()).as_posix()}
    mine = {key: value for key, value in all_of_them.items() if key in declared(source)}
    try:
        papermill.execute_notebook(source, target, mine, cwd=source.parent, kernel_name="python3", progress_bar=False,
                                   extra_arguments=["--IPKernelApp.log_level=CRITICAL"])
    except papermill.PapermillExecutionError:
        without_values(target)
        raise


def without_values(notebook: Path) -> None:
    """Take out of the errors of a stopped notebook what a cell of the sheet may say: the errors of libraries quote values, ours do not."""
    made = json.loads(notebook.read_text(encoding="utf-8"))
    for error in (out for cell in made["cells"] for out in cell.get("outputs", []) if out["output_type"] == "error"):
        error["evalue"] = error["evalue"] if error["ename"] in KINDS else ""
        plain = [COLOUR.sub("", frame).splitlines()[:1] for frame in error["traceback"]]
        error["traceback"] = [line for lines in plain for line in lines if FRAME.match(line)]
    notebook.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def kept_aside(report: str, staging: Path) -> Path:
    """Where what was built stays for the office to look at when it is not published."""
    failed = staging.with_name(f"{report}.failed")
    shutil.rmtree(failed, ignore_errors=True)
    staging.rename(failed)
    return failed


def scanned(report: str, staging: Path, given: dict) -> None:
    """Look for the identifiers of the report's confidential sheets in everything that goes out; raises Leak, which names file and cell."""
    from analysis import codebook
    from analysis.protection import scan  # these bring pandas along

    wanted = scan.of_report(given, codebook.load())
    files = [*staging.glob("*.ipynb"), *(staging / "publication").rglob("*")]
    found = scan.found(sorted(file for file in files if file.is_file()), wanted) if wanted else ()
    if len(found):
        where = kept_aside(report, staging).relative_to(home())
        raise Leak(f"{scan.told(found)}\n{report} was not published; the last edition is untouched. What was built: {where}", 3)


def stopped(report: str, name: str, error, failed: Path) -> str:
    """What a coordinator is told when a notebook stopped."""
    where = (failed / f"{name}.ipynb").relative_to(home())
    what = error.evalue if error.ename in KINDS else f"{error.ename} in {name}. This is a fault of Casebook, not of your data."
    return f"{what}\n{report} was not published; the last edition is untouched. The notebook that stopped: {where}"


def declared(notebook: Path) -> set[str]:
    """The names in the parameter cell of a notebook."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = "".join("".join(c["source"]) + "\n" for c in cells if "parameters" in c["metadata"].get("tags", [])).splitlines()
    return {line.split("=")[0].strip() for line in lines if "=" in line}


def replace(staged: Path, place: Path) -> None:
    """Put a finished folder in the place of the last one, which stays beside it until then (see `recover`)."""
    place.parent.mkdir(parents=True, exist_ok=True)
    last = place.with_name(f".{place.name}.last")
    if place.exists():
        place.rename(last)
    staged.rename(place)
    shutil.rmtree(last, ignore_errors=True)


def recover(place: Path) -> None:
    """Put the last folder back if a run was killed between the two steps of `replace`."""
    last = place.with_name(f".{place.name}.last")
    if last.exists() and not place.exists():
        last.rename(place)
    shutil.rmtree(last, ignore_errors=True)


def inputs(given: dict) -> dict[str, str]:
    """Path -> fingerprint of every file that the numbers or the text of a report depend on, code included."""
    raw = home() / "data" / "raw"
    sources = [[given[name]] if isinstance(given[name], str) else given[name] for name in parameters.SOURCES if given[name]]
    named = {raw / file for one in sources for file in one}
    several = [file for one in sources if len(one) > 1 for file in one]
    # What is one event in several lists is a decision that numbers depend on.
    named |= {folder / "same_events.csv" for folder in ({raw, *((raw / file).parent for file in several)} if several else ())}
    beside = {file.with_name(file.name + end) for file in named for end in (".source.yml", ".corrections.csv", ".form.xlsx")}
    beside |= {one for file in named if file.suffix == ".csv" for one in file.parent.glob(f"{file.stem}-*.csv")}  # repeats of an export
    beside |= {file.with_name("release.csv") for file in named}  # what two people released, and no longer do
    beside |= set((raw / given["previous"]).glob("*.parquet")) if given["previous"] else set()  # the earlier edition's results
    code = Path(__file__).parent
    files = [*named, *beside, *(home() / "data" / "codebook").rglob("*"), *code.rglob("*"), home() / "requirements.lock"]
    found = {name_of(file): sha256(file) for file in files if file.is_file() and "__pycache__" not in file.parts}
    notebooks = (home() / "notebooks" / f"{name}.ipynb" for name in NOTEBOOKS)
    return dict(sorted((found | {name_of(file): cells_sha256(file) for file in notebooks}).items()))


def name_of(file: Path) -> str:
    """A file as the manifest names it: below the project's folder, or below the package."""
    base = home() if file.is_relative_to(home()) else Path(__file__).parents[1]
    return file.relative_to(base).as_posix()


def cells_sha256(notebook: Path) -> str:
    """The fingerprint of what a notebook does: its cells without their outputs."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return hashlib.sha256("\x1f".join("".join(cell["source"]) for cell in cells).encode()).hexdigest()


def fingerprint(given: dict) -> dict:
    """Everything that a report is made from: parameters, inputs and versions."""
    versions = {"python": platform.python_version(), "casebook": version("casebook")} | {name: version(name) for name in PACKAGES}
    return {"parameters": given, "inputs": inputs(given), "versions": versions}


def is_current(report: str, made_from: dict) -> bool:
    """Whether the published report was made from exactly this and nobody has touched it since."""
    manifest = read_manifest(report)
    return (manifest is not None and all(manifest[key] == made_from[key] for key in made_from)
            and not differences(report) and manifest == read_manifest(report, office(report)))


def read_manifest(report: str, folder: Path | None = None) -> dict | None:
    """The manifest of a published report (or the copy in the office), None when there is none."""
    file = (folder or published(report)) / MANIFEST
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def write_manifest(report: str, staging: Path, given: dict, made_from: dict) -> None:
    """Write the manifest into the publication, and its copy into the office's folder."""
    made = {file.name: sha256(file) for file in sorted((staging / "publication").iterdir())}
    text = json.dumps({"report": report, "edition": given["edition"], "outputs": made, **made_from}, ensure_ascii=False, indent=1) + "\n"
    for folder in (staging / "publication", staging):
        (folder / MANIFEST).write_text(text, encoding="utf-8")


def differences(report: str) -> list[dict[str, str]]:
    """What differs between a published folder and its manifest: file, and missing, changed or not in the manifest.

    Raises UsageError when nothing of that name was published.
    """
    manifest = read_manifest(report)
    if manifest is None:
        raise UsageError(f"{report} has not been published. Run `casebook run {report}` first.")
    have = {file.name: sha256(file) for file in published(report).iterdir() if file.is_file() and file.name != MANIFEST}
    listed = manifest["outputs"]
    return ([{"file": name, "what": "missing" if name not in have else "changed"} for name in listed if have.get(name) != listed[name]]
            + [{"file": name, "what": "not in the manifest"} for name in sorted(have) if name not in listed])
