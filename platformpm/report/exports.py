"""Tables of the history as CSV and as JSON lines, in pieces, however many rows there are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from platformpm.model.exported import Column, ExportRow, Kind
from platformpm.report.checkformats import Format
from platformpm.report.fields import Say, harmless, one_line

FORMATS = (
    Format("csv", "for spreadsheets and R"),
    Format("jsonl", "one JSON document a line"),
    Format("parquet", "for pandas, Polars and DuckDB, with -o; needs the extra `parquet`"),
)
BATCH = 1000
"""Rows of a piece, some 100 KB."""
_REMEMBERED = 65_536
"""Texts that are cleaned once: names, reasons and versions come again and again."""

Shown = Callable[[Any], Any]
"""Makes a cell fit to be written."""


def comma_separated(columns: Sequence[Column], rows: Iterable[ExportRow], say: Say) -> Iterator[str]:
    """Give CSV (RFC 4180) with a line of headings; no field begins like a formula of a spreadsheet.

    What is not known is empty, several texts are a JSON list, true and false are 1 and 0.
    """
    clean = cleaner(say)
    field = lru_cache(_REMEMBERED)(lambda text: harmless(clean(text)))
    shown: dict[Kind, Shown] = {
        Kind.TEXT: lambda text: text and field(text),
        Kind.TEXTS: lambda texts: json.dumps([clean(text) for text in texts], ensure_ascii=False) if texts else None,
        Kind.MOMENT: moment,
        Kind.FLAG: int,
    }
    makers = [shown.get(column.kind) for column in columns]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    for batch in batches(rows):
        writer.writerows([_made(makers, row) for row in batch])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    if out.tell():
        yield out.getvalue()


def json_lines(columns: Sequence[Column], rows: Iterable[ExportRow], say: Say) -> Iterator[str]:
    """Give a JSON document for each row, with the names of the columns as keys; what is not known is null."""
    clean = cleaner(say)
    shown: dict[Kind, Shown] = {
        Kind.TEXT: lambda text: text and clean(text),
        Kind.TEXTS: lambda texts: [clean(text) for text in texts],
        Kind.MOMENT: moment,
    }
    makers = [shown.get(column.kind) for column in columns]
    names = [column.name for column in columns]
    write = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    for batch in batches(rows):
        yield "".join(f"{write(dict(zip(names, _made(makers, row), strict=True)))}\n" for row in batch)


def cleaner(say: Say) -> Callable[[str], str]:
    """Give what masks and cleans a text."""
    return lru_cache(_REMEMBERED)(lambda text: one_line(text, say))


def batches(rows: Iterable[ExportRow], size: int = BATCH) -> Iterator[list[ExportRow]]:
    """Give rows in lists of `size`, the last one shorter."""
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def moment(at: int | None) -> str | None:
    """Give wall milliseconds in UTC as `2026-11-22T07:00:00.123Z` (RFC 3339), None without."""
    return None if at is None else f"{_second(at // 1000)}.{at % 1000:03d}Z"


@lru_cache(4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _made(makers: Sequence[Shown | None], row: ExportRow) -> list[Any]:
    return [cell if make is None else make(cell) for make, cell in zip(makers, row, strict=True)]
