"""What `mute` and `unmute` do and say."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime, tzinfo
from datetime import time as time_of_day

from platformpm import assembly
from platformpm.cli.context import Context
from platformpm.cli.moments import following, shown
from platformpm.errors import UsageError
from platformpm.model.inventory import Inventory
from platformpm.model.silence import Once
from platformpm.model.zone import zone_of
from platformpm.report.silences import document, lines
from platformpm.report.table import Style
from platformpm.report.words import when, zone_name

_LAST_YEAR = 9000


def mute(arguments: Namespace, seconds: float, context: Context) -> None:
    """Mute for `seconds`, or until the time that was given, and say what and until when."""
    inventory, silences = _known(arguments, context)
    now, zone = time.time(), zone_of(inventory.platform.timezone)
    until = now + seconds if arguments.until is None else _until(arguments.until, now, zone)
    silences.known()  # what is wrong with the file, before it is made anew
    made = silences.mute(arguments.selectors, Once(int(now), until), arguments.reason)
    if silences.problem is not None:
        context.diagnostics.note(f"{silences.problem}; the file is kept as *.corrupt")
    subjects = sorted(silences.selected(made.selectors))
    more = f" and {len(subjects) - 1} more" if len(subjects) > 1 else ""
    end = when(until, now, zone)
    if arguments.format == "json":
        context.output.document(document([made], inventory.platform.name, now))
    context.diagnostics.note(f"{subjects[0]}{more} muted until {end}; platformpm unmute {made.id} takes it back")


def unmute(arguments: Namespace, context: Context) -> None:
    """Take back, and say what."""
    _, silences = _known(arguments, context)
    for gone in silences.unmute(arguments.which, time.time()):
        context.diagnostics.note(f"{' '.join(gone.selectors)} no longer muted ({gone.id})")


def tell(arguments: Namespace, context: Context) -> None:
    """Tell of every silence that is in force or still comes, the next first."""
    inventory, silences = _known(arguments, context)
    now, zone, output = time.time(), zone_of(inventory.platform.timezone), context.output
    known = silences.known()
    if silences.problem is not None:
        context.diagnostics.note(silences.problem)
    if arguments.format == "json":
        output.document(document(known, inventory.platform.name, now))
    else:
        style = Style(colour=output.colour, unicode=output.unicode)
        told: Sequence[str] = lines(known, now, zone, style)
        output.text("".join(f"{line}\n" for line in told) or "nothing is muted\n")
        if told:
            context.diagnostics.note(f"times are by the clock of {zone_name(zone, now)}")


def _known(arguments: Namespace, context: Context) -> tuple[Inventory, assembly.Silences]:
    inventory = context.load(context.find(arguments.inventory)).inventory
    return inventory, assembly.Silences.of(inventory, context.environ)


def _until(text: str, now: float, zone: tzinfo | None) -> float:
    """Give the wall time of a text: a time of day is the next one, without an offset it is one of the platform."""
    try:
        until = following(time_of_day.fromisoformat(text), now, zone)
    except ValueError:
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(f"--until: {text!r} is no time such as 18:00 or 2026-12-01T18:00") from None
        until = shown(local, zone) if local.year <= _LAST_YEAR else now
    if until <= now:
        raise UsageError(f"--until: {text!r} is past, or too far away")
    return until
