"""Records, a clock and stores for the tests of history."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from platformpm.history import History, Pace
from platformpm.history.connecting import connect_memory
from platformpm.history.rolling import prepare
from platformpm.history.schema import migrate
from platformpm.model.alert import Alert, AlertKey, AlertKind
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.heartbeat import Heartbeat
from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import HistorySettings
from platformpm.model.reading import Phases, Reading
from platformpm.model.record import (
    AlertChange,
    Beaten,
    CertificateSeen,
    Gap,
    HostTaken,
    Record,
    StatusChange,
    Taken,
    VersionChange,
    whole,
)
from platformpm.model.status import Reason, Status

NOW = 1_800_000_000.0
"""The start of an hour, and of a five-minute bucket."""
KEY = InstanceKey("checkout", "production", "eu-1")
QUICK = Pace(batch=0.01, breath=0.0, retry=0.02, retry_most=0.1, locked=0.05, beat=0.05)
SETTINGS = HistorySettings()


@dataclass
class HandClock:
    """Wall time moved by hand, beside the monotonic clock of the machine."""

    now: float = NOW

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class Banner:
    """Remembers what was told."""

    told: list[str | None] = field(default_factory=list)

    def __call__(self, text: str | None) -> None:
        self.told.append(text)

    @property
    def text(self) -> str | None:
        return self.told[-1] if self.told else None


def until(holds: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Look again until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.005)


def taken(
    at: float,
    status: Status = Status.UP,
    *,
    key: InstanceKey = KEY,
    latency: float | None = 0.0123,
    version: str | None = "1.4.2",
    trusted: bool = True,
) -> Taken:
    reason = {Status.UP: None, Status.DEGRADED: Reason.SLOW}.get(status, Reason.STATUS)
    detail = "" if status is Status.UP else "HTTP 503, expected 2xx"
    phases = Phases(None, 0.0004, None, 0.0112, 0.0006)
    return Taken(key, Reading(status, at, reason, detail, latency, phases, trusted=trusted), version)


def alert(closed: float | None = None, affected: int = 1) -> Alert:
    key = AlertKey(AlertKind.SERVICE_DOWN, "checkout@production")
    return Alert(
        *(key, Status.DOWN, "checkout down", "HTTP 503", NOW, closed, 1, ("checkout", "production"), "payments"),
        affected=affected,
        worst=(3, "HTTP 503 (3 of 4 instances)"),
    )


def one_of_each() -> list[Record]:
    return [
        taken(NOW),
        taken(NOW + 15, Status.DOWN, version=None),
        StatusChange(KEY, NOW, Status.DOWN, Reason.STATUS, "HTTP 503"),
        StatusChange(whole("checkout", "production"), NOW, Status.DOWN),
        VersionChange(KEY, NOW, "1.4.2", "body"),
        AlertChange(alert()),
        AlertChange(alert(NOW + 60, 3)),
        CertificateSeen(KEY, NOW + 86400),
        Beaten(KEY, Heartbeat(NOW - 1)),
        Beaten(KEY, Heartbeat(NOW, Status.DEGRADED, "812 of 900 rows")),
        Gap(NOW, NOW + 30, "the machine slept"),
        Event(NOW, EventKind.STATUS, "checkout@production", "checkout down in production", Status.DOWN),
        HostTaken(
            "db-1", HostReading(NOW, 12.5, disks=(Disk("/", 61.0, 610, 1000),)), Status.UP, NOW - 60, {"cpu": NOW - 2}
        ),
    ]


def memory() -> sqlite3.Connection:
    connection = connect_memory()
    migrate(connection)
    prepare(connection)
    return connection


def opened(
    path: Path | None,
    banner: Banner | None = None,
    *,
    settings: HistorySettings = SETTINGS,
    clock: HandClock | None = None,
    pace: Pace = QUICK,
    standing: Callable[[bool], None] | None = None,
) -> History:
    history = History(path, settings, clock or HandClock(), pace)
    history.start(banner or Banner(), None, standing)
    return history


def rows(history: History, sql: str) -> list[tuple[object, ...]]:
    return history.source().execute(sql).fetchall()


def count(history: History, table: str) -> int:
    number: int = history.source().execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    return number


def readings_on_disk(path: Path) -> int:
    """Count all readings with a connection of our own, and make sure that the roll-ups agree with them."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (moved,) = connection.execute("SELECT count(*) FROM reading").fetchone()
        (fresh,) = connection.execute("SELECT count(*) FROM fresh").fetchone()
        for table in ("five_minutes", "hour", "day"):
            sums = f"SELECT ifnull(sum(up + degraded + down + unknown + untrusted), 0) FROM {table}"
            assert connection.execute(sums).fetchone() == (moved,), (table, moved, fresh)
    finally:
        connection.close()
    return int(moved + fresh)
