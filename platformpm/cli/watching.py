"""The engine without a screen: polls and records until it is told to stop, and writes a line for all that happens."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from time import time
from typing import TYPE_CHECKING

from platformpm.assembly import Running
from platformpm.cli.context import Context
from platformpm.cli.systemd import Notifier
from platformpm.errors import ExitCode
from platformpm.model.event import Event
from platformpm.model.snapshot import EngineHealth, PlatformSnapshot
from platformpm.model.state import ServiceState
from platformpm.model.status import Status
from platformpm.report import eventlog, words
from platformpm.report.echoes import without_echoes
from platformpm.report.table import Style

if TYPE_CHECKING:
    from platformpm.cli.listening import Listener

_LOOK = 0.25
"""Seconds between two looks at the board: it changes no faster."""


def watch(session: Running, listener: Listener | None, form: str, context: Context) -> int:
    """Watch until SIGTERM; SIGHUP reads the inventory again. Gives the exit code. `form` is `text` or `json`."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with suppress(AttributeError):  # Windows has none
        signal.signal(signal.SIGHUP, lambda *_: session.reload())
    notifier, news, told = Notifier(context.environ), News(time()), False
    ready = False
    with _counting(session, context), session, listener or nullcontext():
        if listener is not None:
            context.diagnostics.note(f"listening on {listener.url}")
        while not stop.wait(_LOOK):
            snapshot = session.board.latest()
            if snapshot is None:
                continue
            _write(news, snapshot, form, context)
            if not ready and session.looked and is_under_way(snapshot.health):
                ready = True
                notifier.ready()
            (notifier.alive if ready else notifier.starting)(snapshot.sequence)
            if not told and snapshot.health.read >= snapshot.health.instances:
                told = True
                context.diagnostics.note(f"first pass: {tally(snapshot)}")
            if told:
                notifier.status(tally(snapshot))
        notifier.stopping()
        context.diagnostics.note("stopping")
    if (last := session.board.latest()) is not None:
        _write(news, last, form, context)
    return ExitCode.OK


class News:
    """Tells each event once. What was known before `started`, in wall seconds, is none."""

    def __init__(self, started: float) -> None:
        """Start with nothing told."""
        self._started = started
        self._last: Event | None = None

    def since_last_look(self, events: Sequence[Event]) -> list[Event]:
        """Give what is new in `events`, oldest first."""
        new = list(self._new(events))[::-1]
        self._last = new[-1] if new else self._last
        return new

    def _new(self, events: Sequence[Event]) -> Iterator[Event]:
        for event in reversed(events):
            if event is self._last or event.at < self._started:
                return
            yield event


def is_under_way(health: EngineHealth) -> bool:
    """Tell whether the first pass has begun, or there is nothing to ask."""
    return health.in_flight > 0 or health.readings > 0 or not health.instances


@contextmanager
def _counting(session: Running, context: Context) -> Iterator[None]:
    """Say at the very end, however it came, what could not be saved."""
    try:
        yield
    finally:
        if unsaved := words.unsaved(session.history()):
            context.diagnostics.error(unsaved)


def _write(news: News, snapshot: PlatformSnapshot, form: str, context: Context) -> None:
    """Write what is new; what is of somebody who is muted is no alarm, and says so."""
    events, muted, output = news.since_last_look(snapshot.events), _muted(snapshot), context.output
    if form == "json":
        for event in events:
            output.record({**eventlog.entry(event), "muted": _subject(event) in muted})
    else:
        style = Style(colour=output.colour, unicode=output.unicode)
        told = without_echoes(events)
        output.lines(eventlog.line(event, style, muted=_subject(event) in muted) for event in told)


def _subject(event: Event) -> str:
    return event.subject.partition("/")[0]


def _muted(snapshot: PlatformSnapshot) -> set[str]:
    """Give the subjects of services and hosts whose alerts are held back."""
    services = {"@".join(row.key) for row in snapshot.services if row.muted is not None}
    return services | {f"host:{state.host.name}" for state in snapshot.hosts if state.muted is not None}


def tally(snapshot: PlatformSnapshot) -> str:
    """Count services; a first bad reading that waits for its confirmation has decided nothing yet."""
    counts = snapshot.counts
    muted = f", {counts.muted} muted" if counts.muted else ""
    undecided = sum(row.muted is None and row.status is Status.UNKNOWN and _waits(row) for row in snapshot.services)
    waiting = f", {undecided} not decided yet" if undecided else ""
    unknown = counts.unknown - undecided
    return f"{counts.up} up, {counts.degraded} degraded, {counts.down} down, {unknown} unknown{waiting}{muted}"


def _waits(row: ServiceState) -> bool:
    return any(state.settled.since is None and state.settled.pending for state in row.instances)
