"""The command `casebook`: words in, tables or JSON out; everything else is done by the modules it calls."""

import json
import sys
from pathlib import Path

import click

from analysis import parameters
from analysis import run as runs
from analysis.problems import DataError, UsageError, refuse

FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What is written to standard output.")
PROFILE = click.option("--profile", help="The source profile to read the file with, when its headers do not tell.")
WHERE = click.option("--where", multiple=True, metavar="VARIABLE=CODE",
                     help="Count only these cases; a code or a label in any language. The same variable twice: either of the two.")
LANGUAGE = click.option("--lang", type=click.Choice(["en", "ru", "kk"]), default="en", help="The language of the text; JSON has codes.")
FILE = click.argument("file", type=click.Path(path_type=Path))
FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE ...")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def casebook() -> None:
    """From the spreadsheets of human-rights monitors to counts, figures and the report."""


@casebook.command()
@click.argument("reports", nargs=-1, metavar="[REPORT ...]")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Another value for a parameter of the reports.")
def run(reports: tuple[str, ...], settings: tuple[str, ...]) -> None:
    """Build and publish REPORTs (all of notebooks/reports when none is named); unchanged ones are skipped.

    The file of a region builds a report on each of its countries and one on all of them. When one fails, the others are built.
    """
    given = dict(pair(one, "--set") for one in settings)
    given = {name: yaml_value(value) for name, value in given.items()}
    wanted = list(dict.fromkeys(one for name in reports or parameters.files() for one in parameters.made_by(name)))
    failed = {}
    for report in wanted:
        try:
            made = runs.run(report, given, lambda step: click.echo(step, err=True))
            click.echo(f"{report}: {'published in figures/' + report if made else 'unchanged, nothing to do'}", err=True)
        except (UsageError, runs.Busy, runs.NotebookFailed) as error:
            failed[report] = code_of(error)
            click.echo(f"ERROR {error}", err=True)
    if failed and len(wanted) > 1:
        click.echo(f"ERROR Not published ({len(failed)} of {len(wanted)}): {', '.join(failed)}. What is wrong stands above.", err=True)
    if failed:
        sys.exit(max(failed.values()))


@casebook.command()
@FILES
@PROFILE
@click.option("--lang", type=click.Choice(["en", "ru"]), default="en", help="The language in which problems are told.")
@click.option("--mark", "out", type=click.Path(path_type=Path), metavar="OUT.xlsx",
              help="Also write a copy of the one FILE with its cells marked and commented.")
@FORMAT
def check(files: tuple[Path, ...], profile: str | None, lang: str, out: Path | None, form: str) -> None:
    """Read FILEs and list what is wrong in them, by cell; without --mark it writes nothing."""
    from analysis import codebook, intake

    if out and len(files) > 1:
        raise UsageError("--mark takes one FILE, because it writes one copy.")
    if out:
        from analysis.sheets.mark import permitted

        permitted(files[0], out)  # before a file is read that may be long
    found = intake.across([intake.checked(file, codebook.load(), profile) for file in files], codebook.load())
    if out:
        intake.mark(found[0], out, lang)
    write({"files": [intake.as_json(one, lang) for one in found]}, form, lambda: "\n".join(intake.as_text(one, lang) for one in found))
    if any(one.severity == "refuse" for checked in found for one in checked.problems):
        sys.exit(2)


@casebook.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT.xlsx")
@click.option("--lang", type=click.Choice(["en", "ru", "kk"]), default="en", help="The language of the workbook.")
@click.option("--form", "as_form", is_flag=True, help="An XLSForm in all languages instead of a workbook.")
def template(out: Path, lang: str, as_form: bool) -> None:
    """Write an empty workbook to fill in, or an XLSForm, from the codebook; an existing file is never overwritten."""
    from analysis import codebook
    from analysis.sheets import collect

    collect.form(out, codebook.load()) if as_form else collect.workbook(out, codebook.load(), lang)


@casebook.command()
@FILES
@click.option("--by", required=True, metavar="A[,B]", help="The variables to count by; violation:group counts by groups of its codes.")
@WHERE
@click.option("--unit", help="What is counted, if not the file's rows: mentions, or victims, perpetrators, acts where they are recorded.")
@click.option("--base", type=click.Choice(["all", "answered", "applies"]), default="all", help="Shares of all, or of those with an answer, "
              "or of those to which the variables apply by variables.csv.")
@PROFILE
@LANGUAGE
@FORMAT
def count(files: tuple[Path, ...], by: str, where: tuple[str, ...], unit: str | None, base: str, profile: str | None, lang: str,
          form: str) -> None:
    """One breakdown of the cases of FILE; of several FILEs, an event that stands in more than one is counted once."""
    from analysis import codebook, intake

    book = codebook.load()
    checked = intake.pooled(files, book) if len(files) > 1 else intake.checked(files[0], book, profile)
    refuse(checked.problems)
    variables = by.split(",")
    table = intake.counted(checked, book, variables, filters(where), unit, base)
    said = intake.remarks(checked, book, variables, filters(where), unit)
    write(intake.cells_as_json(table, variables) | ({"note": said} if said else {}), form,
          lambda: intake.cells_as_text(table, variables, book, said, lang))


@casebook.command()
@FILES
@click.option("--to", "out", type=click.Path(path_type=Path), metavar="OUT.csv",
              help="Also write the pairs into a new file, to be decided.")
@click.option("--lang", type=click.Choice(["en", "ru"]), default="en", help="The language in which reasons and problems are told.")
@FORMAT
def overlap(files: tuple[Path, ...], out: Path | None, lang: str, form: str) -> None:
    """Rows of FILEs that may be one event, for a person to decide in same_events.csv, and how many events stand in which file."""
    from analysis import codebook, intake
    from analysis.events import overlap as overlaps

    found, made = intake.overlapping(files, codebook.load(), lang)
    if out:
        overlaps.write(found, out)
    write(overlaps.as_json(found, made, lang), form, lambda: overlaps.as_text(found, made, lang))
    if any(one.severity == "refuse" for one in made.problems):
        sys.exit(2)


@casebook.command()
@FILE
@click.option("--by", required=True, metavar="A", help="The variable to compare.")
@click.option("--years", required=True, metavar="YEAR,YEAR", help="Two years or more, such as 2019,2020.")
@WHERE
@PROFILE
@LANGUAGE
@FORMAT
def compare(file: Path, by: str, years: str, where: tuple[str, ...], profile: str | None, lang: str, form: str) -> None:
    """What changed between years in FILE, each compared with the next."""
    from analysis import codebook, intake

    book = codebook.load()
    checked = intake.checked(file, book, profile)
    refuse(checked.problems)
    cells, changes = intake.compared(checked, book, by, years.split(","), filters(where))
    write(intake.compared_as_json(cells, changes, by), form, lambda: intake.compared_as_text(changes, by, book, lang))


@casebook.command()
@click.argument("report")
@click.argument("id")
@FORMAT
def trace(report: str, id: str, form: str) -> None:
    """The cases behind the number ID of a published REPORT."""
    from analysis import codebook
    from analysis import trace as traces

    result, cases = traces.behind(report, id, codebook.load())
    base = int(result.base) if result.base == result.base else None  # of how many it is known, where nothing can say no
    found = {"id": id, "unit": result.unit, "n": int(result.n), "base": base, "cases": cases.to_dict("records")}
    counted = result.text if base is None else f"{found['n']} of {base}"
    write(found, form, lambda: f"{id}: {counted} {result.unit}\n{cases.to_string(index=False)}")


@casebook.command()
@click.argument("report")
@FILES
@click.option("--text-lang", type=click.Choice(["en", "ru", "kk"]), help="The language of FILEs, where their letters do not tell.")
@click.option("--lang", type=click.Choice(["en", "ru"]), default="en", help="The language in which problems are told.")
@FORMAT
def draft(report: str, files: tuple[Path, ...], text_lang: str | None, lang: str, form: str) -> None:
    """A finished text (docx, md, html, pdf) against the numbers of REPORT, by sentence; several FILEs are one text in several languages."""
    from analysis import codebook
    from analysis.drafts import draft as drafts

    told = drafts.of(report, list(files), codebook.load(), text_lang)
    write({"report": report, "files": [drafts.as_json(one, lang) for one in told]}, form,
          lambda: "\n\n".join(drafts.as_text(one, lang) for one in told))
    if code := drafts.code_of(told):
        sys.exit(code)


@casebook.command()
@click.argument("report")
@FORMAT
def verify(report: str, form: str) -> None:
    """A published REPORT against its manifest."""
    wrong = runs.differences(report)
    say = [f"{one['file']}: {one['what']}" for one in wrong] or [f"{report}: every file is as it was published"]
    write({"report": report, "whole": not wrong, "files": wrong}, form, lambda: "\n".join(say))
    if wrong:
        sys.exit(2)


def pair(text: str, option: str) -> tuple[str, str]:
    """A name and its value; raises UsageError when there is no =."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise UsageError(f"{option} takes NAME=VALUE, not '{text[:80]}'.")
    return name.strip(), value.strip()


def yaml_value(text: str):
    """A value of --set as a report's file would hold it."""
    try:
        return parameters.read(text)
    except UsageError as error:
        raise UsageError(f"'{text[:80]}' cannot be read as the value of a parameter: {error}.") from None


def filters(where: tuple[str, ...]) -> dict[str, list[str]]:
    """The options --where as variable -> codes or labels."""
    found: dict[str, list[str]] = {}
    for one in where:
        name, value = pair(one, "--where")
        found.setdefault(name, []).append(value)
    return found


def write(found: dict, form: str, text) -> None:
    """To standard output: JSON and nothing else, or the text."""
    click.echo(json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False) if form == "json" else text())


def code_of(error: Exception) -> int:
    """The exit code of an error: 2 bad input, 3 refused by the policy, 4 busy, 5 environment, 6 a fault of ours."""
    if isinstance(error, runs.NotebookFailed):
        return error.code
    kinds = [((UsageError, DataError), 2), (runs.Busy, 4), (OSError, 5)]
    return next((code for kind, code in kinds if isinstance(error, kind)), 6)


def main() -> None:
    """Run the command and end with its exit code; a person sees a sentence, not a traceback."""
    try:
        casebook(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        sys.exit("Stopped.")
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except Exception as error:
        code = code_of(error)
        fault = "This is a fault of Casebook, not of your data" if code == 6 else ""
        said = f"{fault} ({type(error).__name__} in {place(error)})." if fault else str(error)
        click.echo("\n".join(f"ERROR {line}" if not line.startswith(("ERROR", "note")) else line for line in said.splitlines()), err=True)
        sys.exit(code)


def place(error: Exception) -> str:
    """Where in our code an error arose: never its text, which may hold a value of the data."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}"
