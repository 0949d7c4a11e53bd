"""Whether the notebooks that a run would execute are those that somebody has looked at: a notebook is a program."""

import hashlib
import json
import sys
from pathlib import Path

from analysis import home

LIST = "TRUSTED.json"


def code_sha256(notebook: Path) -> str:
    """The fingerprint of what a notebook would run: its code cells with their tags. Prose and outputs may change."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [["".join(cell["source"]), cell["metadata"].get("tags", [])] for cell in cells if cell["cell_type"] == "code"]
    return hashlib.sha256(json.dumps(code, ensure_ascii=False).encode()).hexdigest()


def changed(names, folder: Path) -> list[str]:
    """The names of those notebooks of a folder whose code is not the trusted one; all of them where its list is missing or damaged."""
    try:
        known = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        known = {}
    return [name for name in names if known.get(name) != code_sha256(folder / f"{name}.ipynb")]


def refusal(names) -> str:
    """What a coordinator is told of notebooks that are not trusted."""
    files = ", ".join(f"notebooks/{name}.ipynb" for name in names)
    return (f"Nothing was run. The code of {files} is not the one that was trusted, and a notebook can do anything with your sheets. If "
            "you changed it yourself, look at every change (`git diff notebooks`), then give `make trust`. If you did not, put the old "
            f"file back and ask whoever sent it. What is trusted stands in notebooks/{LIST}.")


def trust(names, folder: Path) -> None:
    """Write down that the code of these notebooks of a folder is trusted as it stands."""
    made = {name: code_sha256(folder / f"{name}.ipynb") for name in names}
    (folder / LIST).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Say which notebooks changed since they were trusted, and trust them as they stand: `make trust`."""
    folder = home() / "notebooks"
    names = sorted(file.stem for file in folder.glob("[0-9]*_*.ipynb"))
    for name in changed(names, folder):
        print(f"notebooks/{name}.ipynb is trusted as it stands now.", file=sys.stderr)
    trust(names, folder)


if __name__ == "__main__":
    main()
