"""The log of events as a list over a stretch of time, with a mark on what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple

from platformpm.model.event import Event
from platformpm.model.status import Status
from platformpm.report.alert_rows import BAD, event_table
from platformpm.report.columns import Cell, Column, Table, Tone, cell
from platformpm.report.echoes import without_echoes

KEPT = 5000
"""Events that a list holds: more than anyone scrolls through."""


class Logged(NamedTuple):
    """An event, and whether it happened since the user last looked."""

    event: Event
    new: bool


class EventLog:
    """What is known of the past: events read from history, and those of this run, each once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, str, str], Event] = {}

    def take(self, events: Iterable[Event]) -> None:
        """Take events, known ones too: history knows times to a millisecond only."""
        for event in events:
            self._known.setdefault((round(event.at * 1000), event.kind, event.subject, event.text), event)

    def rows(self, since: float, looked: float | None) -> list[Logged]:
        """Give the newest `KEPT` of the events from wall time `since` on, each thing told once, newest first.

        What is newer than `looked` is marked; nothing is for one who never looked.
        """
        found = sorted((event for event in self._known.values() if event.at >= since), key=lambda event: event.at)
        told = without_echoes(found)[: -KEPT - 1 : -1]
        return [Logged(event, looked is not None and event.at > looked) for event in told]


def is_bad(row: Logged) -> bool:
    """Tell whether an event is of something that is not well."""
    event = row.event
    return event.kind in BAD or event.status not in (None, Status.UP)


def service_of(event: Event) -> tuple[str, str] | None:
    """Give the service and environment that an event is of; None where it is of something else."""
    name, at, place = event.subject.partition("@")
    return (name, place.partition("/")[0]) if at else None


@lru_cache(maxsize=4)
def log_table(zone: tzinfo | None) -> Table[Logged]:
    """Give the columns of the list; times of day are in `zone`, None for the machine's own."""
    table = event_table(zone)

    def mark(row: Logged, _now: float, _width: int) -> Cell:
        return cell("•" if row.new else " ", Tone.ACCENT)

    columns = (_of_event(column) for column in table.columns)
    return Table((Column("new", "", mark, 1), *columns), key=lambda row: row.event)


def _of_event(column: Column[Event]) -> Column[Logged]:
    def draw(row: Logged, now: float, width: int) -> Cell:
        return column.draw(row.event, now, width)

    measure: Callable[[Logged], str] | None = None
    if (of_event := column.measure) is not None:
        measure = lambda row: of_event(row.event)  # noqa: E731  # one expression
    return replace(column, draw=draw, measure=measure)  # type: ignore[arg-type, return-value]
