"""A small past, written by the ledger itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from platformpm.history.connecting import connect_memory
from platformpm.history.ledger import Ledger
from platformpm.history.queries import Queries
from platformpm.history.rolling import move, prepare
from platformpm.history.schema import migrate
from platformpm.model.check import InstanceKey
from platformpm.model.reading import Phases, Reading
from platformpm.model.record import Record
from platformpm.model.status import Reason, Status

T = 1_790_000_400.0
"""The start of a bucket of five minutes, but not of an hour."""
A = InstanceKey("checkout", "production", "a")
B = InstanceKey("checkout", "production", "b")
C = InstanceKey("ledger", "production", "10.0.0.1:8080")


def database() -> sqlite3.Connection:
    connection = connect_memory()
    migrate(connection)
    prepare(connection)
    return connection


def written(records: Iterable[Record], *, started: float = T, now: float = T, moved: float | None = None) -> Queries:
    """Write records as one run that ended at `now`; what is complete at `moved` is rolled up."""
    connection = database()
    Ledger(connection, started).write(list(records), now)
    if moved is not None:
        for _ in move(connection, moved):
            pass
    return Queries(lambda: connection)


def bad(at: float, *, trusted: bool = True, detail: str = "HTTP 503, expected 2xx") -> Reading:
    return Reading(
        Status.DOWN,
        at,
        Reason.STATUS,
        detail,
        latency=0.25,
        phases=Phases(connect=0.001, first_byte=0.2, transfer=0.049),
        dialect="spring-boot",
        failing_components=("db", "disk"),
        failing_more=3,
        version="2.4.1",
        version_source="body",
        certificate_expires=T + 86400,
        trusted=trusted,
    )


def up(at: float, latency: float | None = 0.01, *, trusted: bool = True) -> Reading:
    return Reading(Status.UP, at, latency=latency, trusted=trusted)
