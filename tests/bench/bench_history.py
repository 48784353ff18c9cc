"""History: CPU of writing one reading, and the size of 1,000 instances at 15 s, from a simulated day."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from platformpm.history import History, Pace
from platformpm.history.connecting import connect_writer
from platformpm.history.keeping import keep
from platformpm.history.ledger import Ledger
from platformpm.history.rolling import is_due, move, prepare
from platformpm.history.schema import migrate
from platformpm.model.check import InstanceKey
from platformpm.model.inventory import HistorySettings
from platformpm.model.reading import Phases, Reading
from platformpm.model.record import Taken
from platformpm.model.status import Reason, Status
from tests.bench.rows import Row, below

INSTANCES = 1000
INTERVAL = 15.0
PASSES = 86400 / INTERVAL
START = 1_799_971_200.0
"""A midnight in UTC, where the days of the roll-ups begin."""
KEEP = HistorySettings()
PHASES = Phases(None, 0.0004, None, 0.0112, 0.0006)
MEBI = 2**20
_TABLES = {"reading": KEEP.raw, "failure": KEEP.raw, "five_minutes": KEEP.five_minutes, "hour": KEEP.hours}


@dataclass
class HandClock:
    """Wall time that the bench moves."""

    now: float = START

    def wall(self) -> float:
        """Give the simulated time."""
        return self.now

    def monotonic(self) -> float:
        """Give the simulated time."""
        return self.now


def run() -> Iterator[Row]:
    """Measure the whole way through the thread, then a day of writing at full speed."""
    with tempfile.TemporaryDirectory() as name:
        yield from _cost(Path(name) / "cost.db")
        yield from _day(Path(name) / "day.db")


def _readings(number: int, rng: random.Random) -> list[Taken]:
    """Give pass `number` over all instances: one in 200 fails for an hour, each gets a new version once a day."""
    at = START + number * INTERVAL
    out = []
    for index, key in enumerate(_KEYS):
        moment = at + index * INTERVAL / INSTANCES
        latency = rng.lognormvariate(-4.5 + index % 7 * 0.4, 0.4)
        version = "2.4.1" if moment < START + 43200 + index * 10 else "2.5.0"
        if (index + number // 240) % 200 == 0:
            reading = Reading(
                *(
                    Status.DOWN,
                    moment,
                    Reason.STATUS,
                    "HTTP 503, expected 2xx; db: connection refused",
                    latency,
                    PHASES,
                ),
                dialect="spring-boot",
                failing_components=("db",),
            )
        else:
            reading = Reading(*(Status.UP, moment, None, "", latency, PHASES), dialect="spring-boot", version=version)
        out.append(Taken(key, reading, version))
    return out


_KEYS = [InstanceKey(f"service-{n // 4}", "production", f"10.0.{n // 250}.{n % 250}:8080") for n in range(INSTANCES)]


def _cost(path: Path) -> Iterator[Row]:
    """Put as the engine does, half a second's readings at a time, each half second a transaction."""
    clock, rng = HandClock(), random.Random(3)
    history = History(path, KEEP, clock, Pace(batch=0.5))
    history.start(lambda _: None)
    spent, longest, count = 0.0, 0.0, 0
    for number in range(480):
        records = _readings(number, rng)
        started = time.process_time()
        for first in range(0, INSTANCES, 33):
            for record in records[first : first + 33]:
                history.put(record)
            clock.now = records[first].reading.at
            before = time.perf_counter()
            if not history.flush(60):
                raise SystemExit("history did not write")
            longest = max(longest, time.perf_counter() - before)
        spent += time.process_time() - started
        count += len(records)
    history.close(10)
    note = f"{count} readings, longest batch {longest * 1e3:.0f} ms"
    yield below("history per reading: put, write, move, roll up", spent / count * 1e6, 50, "us", note)


def _day(path: Path) -> Iterator[Row]:
    connection = connect_writer(path)
    migrate(connection)
    prepare(connection)
    ledger, rng = Ledger(connection, START), random.Random(5)
    moving = 0.0
    largest_wal = 0
    for number in range(int(PASSES)):
        now = START + (number + 1) * INTERVAL
        ledger.write(_readings(number, rng), now)
        if is_due(connection, now):
            started = time.thread_time()
            moved = sum(move(connection, now))
            moving = max(moving, (time.thread_time() - started) / moved)
            largest_wal = max(largest_wal, path.with_name(path.name + "-wal").stat().st_size)
    started = time.thread_time()
    list(move(connection, START + 86400 + 900))
    list(keep(connection, KEEP, START + 86400))
    keeping = time.thread_time() - started
    yield from _sizes(connection, largest_wal)
    yield Row(
        "a look at what is too old", "", f"{keeping:.2g} s of CPU an hour; slowest move {moving * 1e6:.0f} us a row"
    )
    connection.close()


def _sizes(connection: sqlite3.Connection, wal: int) -> Iterator[Row]:
    total = float(wal)
    for table, seconds in _TABLES.items():
        size, count = _size(connection, table)
        total += size * seconds / 86400
        yield Row(f"{table}: bytes a row on disk", "", f"{size / max(count, 1):.1f} ({count} rows a day)")
    size, count = _size(connection, "day")
    total += size * KEEP.days / 86400
    yield Row("day: bytes a row on disk", "", f"{size / max(count, 1):.1f} ({count} rows a day)")
    total += 1200 * INSTANCES / INTERVAL * 24  # what was not moved yet
    note = f"{INSTANCES} instances at {INTERVAL:g} s, WAL {wal / MEBI:.0f} MiB of it"
    yield below("history with the default retention, from a simulated day", total / MEBI, 1024, "MiB", note)


def _size(connection: sqlite3.Connection, table: str) -> tuple[int, int]:
    (size,) = connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name = ?", (table,)).fetchone()
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(size), int(count)
