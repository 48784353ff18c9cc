"""`platformpm events`: what happened, from the recorded history."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from platformpm.cli.context import Context
from platformpm.cli.options import format_option, inventory_option, stretch, stretch_options
from platformpm.errors import ExitCode
from platformpm.model.event import Event
from platformpm.model.inventory import Inventory
from platformpm.report.checkformats import COMMON, Format

DESCRIPTION = """\
Tell what happened: changes of status and version, alerts, reloads, pauses of the monitor. One
line each, newest first, from what the screen or watch recorded on this machine.

Times are by the clock of the platform (its `timezone`, else that of this machine), given ones too
unless they have an offset; in json and csv they are UTC. An incident begins, and ends, with two
events, a change of status and an alert, which text and markdown tell as one: to count in json and
csv, keep those whose kind is status.

SELECTORs are those of `check`; with one, only services and hosts are told of."""
EXAMPLES = (
    ("platformpm events", "the last 24 hours"),
    ("platformpm events --new", "since you last looked, here or at the screen of events"),
    ("platformpm events tier:1 env:production --since 7d", "what the important services did this week"),
    (
        "platformpm events checkout --since 2026-11-20 --format csv",
        "from midnight of that day, for a spreadsheet",
    ),
)
_MOST = 100_000
"""Events that are held at once, some 130 MB."""
_FORMATS = (*COMMON, Format("csv", "for spreadsheets"), Format("markdown", "a table for a report"))


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("selectors", nargs="*", metavar="SELECTOR", help="what to tell of; all without one")
    inventory_option(parser)
    format_option(parser, _FORMATS)
    stretch_options(parser, "by the clock of the platform")
    parser.add_argument("--new", action="store_true", help="only what happened since you last looked")


def run(arguments: Namespace, context: Context) -> int:
    """Read and write the events."""
    from platformpm import assembly  # --help must not load the inventory
    from platformpm.inventory import selectors
    from platformpm.model.zone import zone_of

    inventory = context.load(context.find(arguments.inventory)).inventory
    since, until = stretch(arguments, zone_of(inventory.platform.timezone))
    bookmark = assembly.bookmark(inventory, context.environ)
    if arguments.new:
        since = max(since, bookmark.read() or 0.0) if arguments.since else bookmark.read() or since
    selector = selectors.parse(arguments.selectors)
    wanted = selectors.subjects(inventory, selector)
    past = assembly.past(inventory, context.environ)
    recorded = past.events(since, until, _MOST)
    found = [event for event in recorded if wanted(event.subject)]
    if not found:
        selectors.select(inventory, selector)  # a word that fits nothing is told, before silence is taken for peace
    if len(recorded) == _MOST:
        context.diagnostics.note(
            f"only the newest {_MOST:,} events were looked at: platformpm history export --what events writes all"
        )
    _write(found[::-1], arguments.format, context, (inventory, since, until))
    if arguments.new and not arguments.selectors and arguments.until is None:
        bookmark.put(time.time())  # who saw only a part has not looked at the rest
    return ExitCode.OK


def _write(events: Sequence[Event], form: str, context: Context, what: tuple[Inventory, float, float]) -> None:
    from platformpm.model.zone import zone_of
    from platformpm.report import eventlog
    from platformpm.report.echoes import without_echoes
    from platformpm.report.table import Style
    from platformpm.report.words import zone_name

    inventory, since, until = what
    output, zone = context.output, zone_of(inventory.platform.timezone)
    clock = zone_name(zone, time.time())
    if form == "json":
        output.document(eventlog.document(events, inventory.platform.name, since, until))
    elif form == "csv":
        output.data(eventlog.comma_separated(events, inventory.mask))
    elif form == "markdown":
        output.data(eventlog.markdown(without_echoes(events), inventory.mask, zone, clock))
    else:
        style = Style(colour=output.colour, unicode=output.unicode)
        lines = eventlog.text(without_echoes(events), style, zone)
        output.text("".join(f"{line}\n" for line in lines) or "nothing happened\n")
        context.diagnostics.note(f"times are by the clock of {clock}, those of --since and --until too")
