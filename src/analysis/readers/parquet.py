"""A table in a Parquet file: its columns are the first row of a sheet, its rows the others."""

import datetime
import io

import pyarrow
from child import Wrong, send
from pyarrow import parquet, types

BLOCK = 5000  # rows
PLAIN = (str, float, int, bool)


def read(file: str | bytes) -> None:
    """Send the rows; raises Wrong for columns whose cells hold more than one value."""
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())
    pyarrow.set_cpu_count(1)
    table = parquet.ParquetFile(file if isinstance(file, str) else io.BytesIO(file))
    names = table.schema_arrow.names
    nested = [one.name for one in table.schema_arrow if types.is_nested(one.type) or types.is_binary(one.type)]
    if nested:
        raise Wrong("parquet_nested", columns=", ".join(nested))
    send("sheet", "", False)
    send("rows", "", [1], [names])
    number = 1
    for batch in table.iter_batches(BLOCK, use_threads=False):
        columns = [cells(column) for column in batch.columns]
        rows = [trimmed(row) for row in zip(*columns)]
        kept = [(at, row) for at, row in enumerate(rows, number + 1) if any(cell != "" for cell in row)]
        send("rows", "", [at for at, _ in kept], [row for _, row in kept])
        number += batch.num_rows


def cells(column) -> list:
    """The values of a column as those of a sheet: missing is empty, a date is ISO text; equal texts are one object."""
    texts: dict[str, str] = {}
    return [texts.setdefault(value, value) if isinstance(value, str) else plain(value) for value in column.to_pylist()]


def plain(value):
    """A value that a sheet can hold."""
    if value is None or value != value:
        return ""
    if isinstance(value, datetime.datetime):
        return (value.date() if value.time() == datetime.time() and not value.tzinfo else value).isoformat()
    return value if isinstance(value, PLAIN) else value.isoformat() if hasattr(value, "isoformat") else str(value)


def trimmed(row: tuple) -> list:
    """A row without the empty cells at its end."""
    row = list(row)
    while row and row[-1] == "":
        row.pop()
    return row
