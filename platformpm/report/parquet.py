"""Tables of the history as Parquet, through the optional extra `parquet`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from platformpm.errors import UsageError
from platformpm.model.exported import Column, ExportRow, Kind
from platformpm.report.exports import batches, cleaner
from platformpm.report.fields import Say

_GROUP = 100_000
"""Rows of a row group: large enough to be packed well, small enough for any memory."""


def need_parquet() -> None:
    """Make sure that Parquet can be written. Raises UsageError."""
    try:
        import pyarrow.parquet  # noqa: F401  # 50 MB that only this format needs
    except ImportError:
        raise UsageError("Parquet needs the extra `parquet`: pip install 'platformpm[parquet]'") from None


def write_parquet(file: BinaryIO, columns: Sequence[Column], rows: Iterable[ExportRow], say: Say) -> None:
    """Write rows to a file, a row group at a time; texts are masked and cleaned, moments in UTC to the millisecond.

    Raises OSError.
    """
    import pyarrow as pa
    from pyarrow import parquet

    clean = cleaner(say)
    schema = pa.schema([(column.name, _type(column.kind)) for column in columns])
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches(rows, _GROUP):
            cells = zip(*batch, strict=True)
            made = [_made(column.kind, list(values), clean) for column, values in zip(columns, cells, strict=True)]
            arrays = [pa.array(values, field.type) for values, field in zip(made, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema), row_group_size=_GROUP)


def _made(kind: Kind, values: list[Any], clean: Say) -> list[Any]:
    if kind is Kind.TEXT:
        return [text and clean(text) for text in values]
    if kind is Kind.TEXTS:
        return [[clean(text) for text in texts] for texts in values]
    return values


def _type(kind: Kind) -> Any:
    import pyarrow as pa

    types = {
        Kind.TEXT: pa.string(),
        Kind.TEXTS: pa.list_(pa.string()),
        Kind.MOMENT: pa.timestamp("ms", tz="UTC"),
        Kind.NUMBER: pa.float64(),
        Kind.COUNT: pa.int64(),
        Kind.FLAG: pa.bool_(),
    }
    return types[kind]
