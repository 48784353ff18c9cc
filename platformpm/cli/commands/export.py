"""`platformpm history export`: the recorded history as a table for other programs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from platformpm.cli.context import Context
from platformpm.cli.options import format_option, inventory_option, stretch, stretch_options
from platformpm.cli.values import OneOf
from platformpm.errors import ExitCode, UsageError
from platformpm.model.exported import COLUMNS, ExportRow, What
from platformpm.report.exports import FORMATS

DESCRIPTION = """\
Write what was recorded on this machine as a table, oldest row first: single readings, failures
whole, values over 5 minutes, hours or days with latencies (p50, p95, p99), changes of status and
version, percentages of hosts, or events. Times are UTC, those of --since and --until too unless
they have an offset. Secrets are masked. Rows are streamed, however many there are.

SELECTORs are those of `check`."""
EXAMPLES = (
    ("platformpm history export > day.csv", "every reading of the last 24 hours"),
    (
        "platformpm history export checkout@production --what hours --since 30d --format jsonl",
        "a month of one service, hour by hour",
    ),
    ("platformpm history export --since 48h --format parquet -o readings.parquet", "for pandas, Polars or DuckDB"),
)
_TELL_EVERY = 100_000
"""Rows between two lines of progress."""


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("selectors", nargs="*", metavar="SELECTOR", help="what to export; all without one")
    inventory_option(parser)
    names = [what.value for what in What]
    kinds = f"{', '.join(names[:-1])} or {names[-1]} (default: {names[0]})"
    parser.add_argument("--what", type=OneOf(*names), default=names[0], metavar="TABLE", help=kinds)
    stretch_options(parser, "in UTC")
    format_option(parser, FORMATS)
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write to this file, for you alone, instead of standard output"
    )
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")


def run(arguments: Namespace, context: Context) -> int:
    """Read and write the rows."""
    from datetime import UTC

    from platformpm import assembly  # --help must not load the inventory
    from platformpm.inventory import selectors

    path = _target(arguments, context)
    inventory = context.load(context.find(arguments.inventory)).inventory
    selector = selectors.parse(arguments.selectors)
    past = assembly.past(inventory, context.environ)
    rows = past.export(What(arguments.what), *stretch(arguments, UTC), selectors.subjects(inventory, selector))
    first = next(rows, None)
    if first is None:
        selectors.select(inventory, selector)  # a word that fits nothing is told, before silence is taken for peace
    found = rows if first is None else chain([first], rows)
    if path is None:
        _print(found, arguments, context)
    else:
        _save(found, arguments, context, path)
    return ExitCode.OK


def _target(arguments: Namespace, context: Context) -> Path | None:
    """Give the file to write, None for standard output. Raises UsageError for what cannot be, before any work."""
    from platformpm.cli.saving import check_target

    if arguments.format == "parquet":
        from platformpm.report.parquet import need_parquet  # the same

        if arguments.output is None:
            raise UsageError("Parquet is written to a file only: name one with -o FILE")
        need_parquet()
    if arguments.output is None:
        return None
    if not arguments.output.strip():  # a variable that a script forgot to set
        raise UsageError("-o: the path is empty")
    path: Path = context.folder / arguments.output
    check_target(path, force=arguments.force)
    return path


def _print(rows: Iterable[ExportRow], arguments: Namespace, context: Context) -> None:
    for text in _texts(rows, arguments, context):
        context.output.data(text)
        if context.output.ended:
            return


def _save(rows: Iterable[ExportRow], arguments: Namespace, context: Context, path: Path) -> None:
    from platformpm.cli.saving import saved

    count = 0

    def counted() -> Iterator[ExportRow]:
        nonlocal count
        for row in rows:
            count += 1
            if count % _TELL_EVERY == 0:
                context.diagnostics.progress(f"{count} rows")
            yield row

    with saved(path, force=arguments.force) as file:
        if arguments.format == "parquet":
            from platformpm.report.parquet import write_parquet  # only who asks for it pays for it

            write_parquet(file, COLUMNS[What(arguments.what)], counted(), context.output.mask)
        else:
            for text in _texts(counted(), arguments, context):
                file.write(text.encode())
    context.diagnostics.note(f"{count} rows are in {arguments.output}")


def _texts(rows: Iterable[ExportRow], arguments: Namespace, context: Context) -> Iterator[str]:
    from platformpm.report.exports import comma_separated, json_lines

    write = comma_separated if arguments.format == "csv" else json_lines
    return write(COLUMNS[What(arguments.what)], rows, context.output.mask)
