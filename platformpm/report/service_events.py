"""The events of one service, and the service in its environments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import tzinfo
from functools import lru_cache

from platformpm.model.event import Event
from platformpm.model.state import ServiceState
from platformpm.report.alert_rows import event_table
from platformpm.report.columns import Cell, Column, Table, Tone, cell
from platformpm.report.echoes import without_echoes
from platformpm.report.event_rows import service_of
from platformpm.report.rows import text_or_nothing
from platformpm.report.service_tables import SERVICES


def events_of(events: Iterable[Event], service: str) -> list[Event]:
    """Give the events of a service in all environments, newest first, each thing told once."""
    found = [event for event in events if event.subject.partition("@")[0] == service and "@" in event.subject]
    return without_echoes(found)[::-1]


@lru_cache(maxsize=4)
def service_event_table(zone: tzinfo | None) -> Table[Event]:
    """Give the columns of the events of one service; where is only the environment."""

    def place(event: Event) -> str:
        return (service_of(event) or ("", ""))[1]

    table = event_table(zone)
    where = Column(
        "subject", "WHERE", lambda event, _now, _width: text_or_nothing(place(event), Tone.STRONG), 10, 24,
        priority=1, measure=place,
    )  # fmt: skip
    return replace(table, columns=(table.column("at"), where, replace(table.column("text"), width=20)))


@lru_cache(maxsize=64)
def environment_table(present: str) -> Table[ServiceState]:
    """Give the columns of a service in its environments, with a mark on the one that is looked at."""

    def mark(state: ServiceState, _now: float, _width: int) -> Cell:
        return cell("▸" if state.environment.name == present else " ", Tone.ACCENT)

    ranked = ("environment", "status", "instances", "version", "latency", "since", "drift", "trend")
    columns = {one: replace(SERVICES.column(one), priority=priority) for priority, one in enumerate(ranked)}
    columns["version"] = replace(columns["version"], priority=0, whole=True)
    return Table((Column("here", "", mark, 1), *columns.values()), SERVICES.key)
