"""Two further lines of the table: a fresh clone to the finished report, and the rerun when nothing has changed.

The first downloads every package and takes minutes; `make bench` does not run it.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
REPORT = "kazakhstan-2024"


def seconds(*command: str, folder: Path) -> float:
    """How long a command takes; stops when it fails."""
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
    return time.perf_counter() - start


def main() -> None:
    """Clone, build, build again; print the lines."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "casebook"
        built = seconds("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone), folder=ROOT)
        built += seconds("make", "report", folder=clone)
        assert (clone / "figures" / REPORT / "MANIFEST.json").exists(), "make report left no report"
        again = min(seconds(str(clone / ".venv" / "bin" / "casebook"), "run", REPORT, folder=clone) for _ in range(3))
    print(f"| a fresh clone to the finished report, packages downloaded | {built:,.0f} s | | | | |")
    print(f"| the unchanged rerun | {again:.2f} s | | | 1 s | {'yes' if again < 1 else 'no'} |")


if __name__ == "__main__":
    main()
