"""A process that does one task on one file under limits, and writes what it finds to standard output, block by block."""

import os
import sys

site, task, megabytes, seconds, file = sys.argv[1:]
sys.path[:0] = [site, os.path.dirname(sys.argv[0])]  # started without site-packages, which halves the time to start

import gc  # noqa: E402
import importlib  # noqa: E402
import marshal  # noqa: E402

HEAVY = 3  # how this process ends when its memory does not suffice


class Wrong(Exception):
    """What is wrong with the file: a rule of rules.csv, with sheet, cell and words."""

    def __init__(self, rule: str, sheet: str = "", cell: str = "", **words):
        super().__init__(rule, sheet, cell, words)


def limit() -> None:
    """Bound the memory and the time of this process where the system can: Linux both, macOS the time, Windows neither."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (int(megabytes) << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))


def send(*block) -> None:
    """Write one block: its length, then itself."""
    packed = marshal.dumps(block)
    sys.stdout.buffer.write(len(packed).to_bytes(8, "little") + packed)


def main() -> int:
    """Do the task; returns how it ended. An unknown fault ends as damage: a file that cannot be read is no fault of ours."""
    try:
        sys.modules["child"] = sys.modules["__main__"]
        importlib.import_module(task).read(sys.stdin.buffer.read() if file == "-" else file)
        send("end")
    except Wrong as wrong:
        send("wrong", *wrong.args)
        send("end")
    except MemoryError:
        return HEAVY
    except BaseException:  # of calamine, too, whose faults are no Exception
        return 1
    return 0


if __name__ == "__main__":
    limit()
    gc.disable()  # looking through a million new cells for cycles takes as long as making them, and there are none
    ended = main()
    sys.stdout.flush()
    os._exit(ended)  # the system takes back a whole process faster than Python lets go of a million cells
