"""A month of history of a small shop, made by the real engine state and the real ledger."""

from __future__ import annotations

import math
import random
from pathlib import Path

from platformpm.engine.state import State
from platformpm.history.connecting import connect_writer
from platformpm.history.ledger import Ledger
from platformpm.history.rolling import move, prepare
from platformpm.history.schema import migrate
from platformpm.model.check import CheckKey, Purpose
from platformpm.model.inventory import Inventory
from platformpm.model.reading import Phases, Reading
from platformpm.model.record import Record
from platformpm.model.status import Reason, Status

STEP = 300.0
DAY = 86400.0


class _Collected:
    def __init__(self) -> None:
        self.records: list[Record] = []

    def put(self, record: Record, /) -> None:
        self.records.append(record)


def write(path: Path, inventory: Inventory, now: float, days: float = 30.0) -> None:
    """Write the readings of all instances every five minutes up to `now`, with outages and a new version each week."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = connect_writer(path)
    migrate(connection)
    prepare(connection)
    sink, rng = _Collected(), random.Random(7)
    start = now - days * DAY
    state, ledger = State(inventory, start, sink), Ledger(connection, start)
    instances = list(inventory.instances())
    for number in range(int(days * DAY / STEP)):
        at = start + number * STEP
        for place, instance in enumerate(instances):
            reading = _reading(place, at, now, rng)
            state.apply(CheckKey(instance.key, Purpose.HEALTH), reading, at)
        if number % 288 == 0:
            _flush(ledger, sink, at)
    _flush(ledger, sink, now)
    for _ in move(connection, now - 600):
        pass
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _flush(ledger: Ledger, sink: _Collected, at: float) -> None:
    ledger.write(sink.records, at)
    sink.records.clear()


def _reading(place: int, at: float, now: float, rng: random.Random) -> Reading:
    version = f"2.{4 + int((at - now) // (7 * DAY)) + 5}.{place}"
    daily = 1 + 0.5 * math.sin((at % DAY) / DAY * 2 * math.pi)
    latency = 0.02 * (place + 1) * daily * rng.lognormvariate(0, 0.15)
    if (at + place * 7 * 3600) % (3 * DAY) < 2400 * (place % 3):
        text = "HTTP 503, expected 2xx"
        return Reading(Status.DOWN, at, Reason.STATUS, text, latency, Phases(connect=0.001), version=version)
    return Reading(Status.UP, at, None, "", latency, Phases(connect=0.001), dialect="spring-boot", version=version)
