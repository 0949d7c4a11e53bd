"""The process that does one task on one file under limits, and writes what it finds to standard output, block by block."""

import marshal
import os
import sys

PASSWORD = "CASEBOOK_PASSWORD"  # the environment variable that holds the password of a protected file
HEAVY = 3  # how this process ends when its memory does not suffice
BLOCK = 500  # rows
PLAIN = {str, float, int, bool}


class Wrong(Exception):
    """What is wrong with the file: a rule of rules.csv and the words of its message."""

    def __init__(self, rule: str, **words):
        super().__init__(rule, words)


def limit(seconds: int, memory: int) -> None:
    """Bound this process's time and memory (seconds, bytes) where the system can: Linux both, macOS the time, Windows neither."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def rows(source):
    """The sheets of a workbook, as blocks ("sheet", name, hidden) and ("rows", name, numbers, rows)."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_filelike(source)
    except CalamineError:
        workbook = CalamineWorkbook.from_filelike(closed_up(source))
    for about in workbook.sheets_metadata:
        yield "sheet", about.name, about.visible != SheetVisibleEnum.Visible
        sheet = workbook.get_sheet_by_name(about.name)
        left = [""] * (sheet.start[1] if sheet.start else 0)  # calamine leaves out empty columns on the left
        yield from filled(about.name, (left + row if left else row for row in sheet.iter_rows()))


def closed_up(source):
    """An open workbook without the blanks between its elements that some programs write for people to read, and calamine takes for text."""
    import io
    import re
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(made, "w") as out:
        for name in ("mimetype", "META-INF/manifest.xml", "content.xml"):
            with archive.open(name) as part:  # no more is unpacked than the archive says that there is
                out.writestr(name, re.sub(rb">\s+(?=</?table:)", b">", part.read(archive.getinfo(name).file_size + 1)))
    return io.BytesIO(made.getvalue())


def filled(name: str, given):
    """Blocks ("rows", name, numbers, rows) of those rows that hold anything, without the empty cells at their ends."""
    numbers, kept = [], []
    for number, row in enumerate(given, 1):
        while row and type(row[-1]) is str and not row[-1].strip():
            row.pop()
        if row:
            numbers.append(number)
            kept.append(row)
            if len(kept) >= BLOCK:
                yield "rows", name, numbers, kept
                numbers, kept = [], []
    yield "rows", name, numbers, kept


def send(block: tuple) -> None:
    """Write one block: its length, then itself. Dates become ISO text, and only where a block holds one, because most do not."""
    try:
        packed = marshal.dumps(block)
    except ValueError:
        what, name, numbers, kept = block
        packed = marshal.dumps((what, name, numbers, [[cell if type(cell) in PLAIN else text(cell) for cell in row] for row in kept]))
    sys.stdout.buffer.write(len(packed).to_bytes(8, "little") + packed)


def text(moment) -> str:
    """A date or time as ISO text, without midnight; a length of time as the spreadsheet shows it."""
    return moment.isoformat().removesuffix("T00:00:00") if hasattr(moment, "isoformat") else str(moment)


def task_of(name: str):
    """The function that does a task: `rows` here, `blocks` of the module that the task is named after elsewhere."""
    if name == "rows":
        return rows  # without the other modules, which take longer to start than a small workbook to read
    import importlib

    sys.modules["analysis.formats.child"] = sys.modules["__main__"]  # one `Wrong`, not two
    return importlib.import_module(f"analysis.formats.{name}").blocks


def main(paths: str, task: str, seconds: str, memory: str, file: str) -> int:
    """Do the task and return how it ended. An unknown fault ends as damage: a file that cannot be read is no fault of ours."""
    import io

    sys.path[:0] = paths.split(os.pathsep)  # started without site-packages, which halves the time to start
    limit(int(seconds), int(memory))
    try:
        for block in task_of(task)(io.BytesIO(sys.stdin.buffer.read()) if file == "-" else open(file, "rb")):  # noqa: SIM115
            send(block)
        send(("end",))
    except Wrong as wrong:
        send(("wrong", *wrong.args))
        send(("end",))
    except MemoryError:
        return HEAVY
    except BaseException:  # calamine's faults are no Exception
        return 1
    return 0


if __name__ == "__main__":
    import gc

    gc.disable()  # looking through a million new cells for cycles takes as long as making them, and there are none
    ended = main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(ended)  # the system takes back a whole process faster than Python lets go of a million cells
