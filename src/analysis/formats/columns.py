"""The rows of a Parquet file below a row of the names of its columns."""

from collections.abc import Iterator

import pyarrow
from pyarrow import parquet, types

from analysis.formats.child import Wrong, filled

BATCH = 2000  # rows
COLUMNS = 2**14  # of the widest spreadsheet


def blocks(source) -> Iterator[tuple]:
    """("sheet", "", False) and blocks of rows; lists are joined by `; `. Raises Wrong for columns whose cells hold more than that."""
    pyarrow.set_memory_pool(pyarrow.system_memory_pool())  # the others reserve more than this process may have
    try:
        table = parquet.ParquetFile(source)
        yield "sheet", "", False
        yield from filled("", rows(table))
    except (pyarrow.ArrowMemoryError, MemoryError):
        raise MemoryError from None
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError):
        raise Wrong("file_unreadable", kind="a Parquet file", why="it is damaged") from None


def rows(table: parquet.ParquetFile) -> Iterator[list]:
    """The names of the columns, then row by row their values."""
    schema = table.schema_arrow
    if len(schema) > COLUMNS:
        raise Wrong("file_unsafe", why="it has more columns than a sheet can")
    if not all(single(one.type.value_type if types.is_list(one.type) or types.is_large_list(one.type) else one.type) for one in schema):
        raise Wrong("file_unreadable", kind="a Parquet file", why="some of its cells hold tables or files and not values")
    yield list(schema.names)
    for batch in table.iter_batches(BATCH, use_threads=False):
        same: dict[str, str] = {}
        columns = [[as_text(value, same) for value in column.to_pylist()] for column in batch.columns]
        yield from (list(row) for row in zip(*columns))


def single(kind: pyarrow.DataType) -> bool:
    """Whether a value of this type fits into a cell."""
    return not (types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def as_text(value, same: dict[str, str]):
    """A value as a sheet would hold it; equal texts become one."""
    if value is None:
        return ""
    if isinstance(value, list):
        value = "; ".join(str(as_text(one, same)) for one in value)
    if isinstance(value, str):
        return same.setdefault(value, value)
    if hasattr(value, "isoformat"):
        return value.isoformat().removesuffix("T00:00:00")
    return value if isinstance(value, (int, float, bool)) else str(value)
