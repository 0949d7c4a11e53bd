"""A task on one file in a process of its own, under limits, so that a hostile file cannot take ours down."""

import gc
import marshal
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import python_calamine

from analysis.formats import child
from analysis.problems import DataError, Problem, problem

MEGABYTE = 2**20
PIPE = MEGABYTE  # bytes between the two processes; with the usual 64 kB they wait for each other
# What a process may take: seconds of the processor, and more for each megabyte of the file; bytes, and so many times the file's, by task.
SECONDS, A_MEGABYTE = 6, 3
CROWDED = 4 if find_spec("resource") else 1  # times as long by the clock where the processor's time is bounded: others may need it too
LONGER = {"pdf": 60}  # seconds; a report of fifty pages takes a few
MEMORY = {"rows": (180 * MEGABYTE, 25), "columns": (200 * MEGABYTE, 40), "texts": (60 * MEGABYTE, 30), "folder": (60 * MEGABYTE, 30),
          "decrypt": (100 * MEGABYTE, 10), "decrypt_ods": (200 * MEGABYTE, 20), "pdf": (500 * MEGABYTE, 40)}
OTHER = (80 * MEGABYTE, 15)
# What may be received of it, in bytes and times the size of the file. A cell takes up to six times what it takes on its way.
RECEIVED, TIMES = (100 * MEGABYTE, 100), 6
DAMAGED = "it is damaged"


@contextmanager
def running(task: str, file: Path, given: bytes | None, size: int):
    """A process that does the task on the file, or on what it is given instead; it ends with the block that uses it."""
    seconds, (memory, times) = LONGER.get(task, SECONDS) + A_MEGABYTE * (size // MEGABYTE), MEMORY.get(task, OTHER)
    paths = os.pathsep.join(map(str, (Path(python_calamine.__file__).parents[1], Path(__file__).parents[2])))
    command = [sys.executable, "-I", "-S", child.__file__, paths, task, str(seconds), str(memory + times * size),
               str(file) if given is None or task.startswith("decrypt") else "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "pipesize": PIPE}
    with subprocess.Popen(command, **pipes) as process:
        watch = threading.Timer(CROWDED * seconds, process.kill)  # waiting takes no time of the processor, so that limit is not enough
        watch.daemon = True
        watch.start()
        try:
            fed(process, given or b"")
            yield process
        finally:
            watch.cancel()
            process.kill()


def fed(process: subprocess.Popen, given: bytes) -> None:
    """Give the process its input; one that has ended already tells so when it is listened to."""
    with suppress(OSError):
        process.stdin.write(given)
    with suppress(OSError):
        process.stdin.close()


def done(tasks: list[str], file: Path, what: str, given: bytes | None = None) -> Iterator[tuple]:
    """The blocks of all tasks, which run side by side; raises DataError when a file that should be `what` is damaged, unsafe, or wrong.

    Where several things are wrong, it says what tells most: that a file is damaged only when nothing else is known of it.
    """
    size, wrong = file.stat().st_size if given is None else max(len(given), file.stat().st_size), []
    with ExitStack() as stack, without_cycles():
        for process in [stack.enter_context(running(task, file, given, size)) for task in tasks]:
            for block in blocks(process, size):
                if found := fault(file, what, block):
                    wrong.append(found)
                else:
                    yield block
    if wrong:
        raise DataError([min(wrong, key=lambda one: dict(one.words).get("why") == DAMAGED)])


def blocks(process: subprocess.Popen, size: int) -> Iterator[tuple]:
    """The blocks that a process sends about a file of that many bytes; the last may be ("damaged",) or ("heavy",)."""
    held, most = 0, RECEIVED[0] + RECEIVED[1] * size
    while length := int.from_bytes(process.stdout.read(8), "little"):
        held += TIMES * length
        packed = process.stdout.read(length) if held <= most else b""
        if len(packed) < length:
            break
        block = marshal.loads(packed)
        if block == ("end",):
            return
        yield block
    yield ("heavy",) if held > most or process.wait() in (child.HEAVY, *range(-64, 0)) else ("damaged",)


def fault(file: Path, kind: str, block: tuple) -> Problem | None:
    """What a block says is wrong with the file, if it says so; `kind` is what the file should be."""
    if block[0] == "wrong":
        return problem(block[1], file, **block[2])
    if block[0] == "damaged":
        return problem("file_unreadable", file, kind=kind, why="it is damaged")
    if block[0] == "heavy":
        return problem("file_unsafe", file, why="reading it needs more memory or time than a table of cases can")
    return None


@contextmanager
def without_cycles():
    """Looking through a million new cells for cycles takes as long as making them, and there are none."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.enable() if on else None
