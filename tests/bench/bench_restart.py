"""What a restart costs: 5,000 instances known again from a history of ten days, and one instance looked up in it."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from platformpm.engine.state import State
from platformpm.history.connecting import connect_reader, connect_writer
from platformpm.history.queries import Queries
from platformpm.history.schema import ROLL_UPS, migrate
from platformpm.model.check import InstanceKey
from platformpm.model.histogram import bucket_of, pack
from platformpm.model.inventory import Inventory
from tests.bench.rows import Row, below
from tests.unit.engine.platforms import instance, inventory, service

INSTANCES, WITH_RAW = 5000, 200
NOW = 1_790_000_000
DAY = 86_400
KEYS = [InstanceKey(f"s-{n // 2}", "production", f"10.0.{n % 250}.{n // 250}:8080") for n in range(INSTANCES)]
DAYS = {"five_minutes": 2, "hour": 10, "day": 10}


def run() -> Iterator[Row]:
    """Measure what comes before the first paint, the rest, and what the charts of one instance ask for."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "history.db")
        make(path)
        reader = connect_reader(path)
        past = Queries(lambda: reader)
        size = f"{path.stat().st_size / 1e6:.0f} MB"
        yield below(f"status of {INSTANCES} instances from history", cpu(lambda: past.memory(KEYS, 0)), 120, "ms", size)
        yield below("the same with 60 points each", cpu(lambda: past.memory(KEYS, 60)), 650, "ms", size)
        memory, declared = past.memory(KEYS, 60), platform()
        states = [State(declared, NOW) for _ in range(3)]
        yield below("taken up by the engine", cpu(lambda: states.pop().remember(memory, NOW)), 200, "ms")
        yield below("24 hours of one instance", cpu(lambda: past.buckets(KEYS[3], NOW - DAY, NOW, 300)), 50, "ms", size)
        reader.close()


def cpu(work: Callable[[], object]) -> float:
    """Give the least CPU milliseconds of three times."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times) * 1e3


def platform() -> Inventory:
    """Declare all instances, two to a service."""
    declared = [replace(instance(key.service, name=key.instance), key=key) for key in KEYS]
    return inventory(*(service(*some) for _, some in groupby(declared, key=lambda one: one.key.service)))


def make(
    path: Path,
    keys: Sequence[InstanceKey] = KEYS,
    now: int = NOW,
    days: Mapping[str, int] = DAYS,
    with_raw: int = WITH_RAW,
) -> None:
    """Write the history of instances: 20 minutes not yet moved, two days raw for some of them, the rest for all.

    `days` says how far back each table of roll-ups goes.
    """
    writer = connect_writer(path)
    migrate(writer)
    writer.execute("BEGIN")
    writer.executemany("INSERT INTO subject (service, environment, instance) VALUES (?, ?, ?)", keys)
    services = dict.fromkeys(key._replace(instance="") for key in keys)
    writer.executemany("INSERT INTO subject (service, environment, instance) VALUES (?, ?, ?)", services)
    writer.execute("INSERT INTO version VALUES (5, '2.5.0')")
    every = _each_of(len(keys))
    latencies = pack(Counter(bucket_of(0.01 + n / 1000) for n in range(20)))
    for table, seconds in ROLL_UPS.items():
        steps = _count(0, days[table] * DAY // seconds - 1)
        columns = f"{now // seconds * seconds - days[table] * DAY} + k.value * {seconds}, 5, 20, 0, 0, 0, 0, ?"
        sql = every.format(columns=columns, steps=steps, order="1, 2")
        writer.execute(f"INSERT INTO {table} {sql}", (latencies,))
    _readings(writer, len(keys), with_raw, now)
    at = f"({now} - {10 * DAY} + k.value * 43000) * 1000 + s.value"
    for table, count, columns in (
        ("change", 21, "CASE k.value % 2 WHEN 0 THEN 'up' ELSE 'down' END, NULL, ''"),
        ("version_change", 6, "'2.' || k.value || '.0', 'body'"),
        (
            "failure",
            20,
            """'down', 'status', 'HTTP 503, expected 2xx', 12000, NULL, 400, NULL, 11000, 600,
            'spring-boot', '["db"]', 0, '2.1.0', 'body', NULL, 1""",
        ),
    ):
        writer.execute(
            f"INSERT INTO {table} {every.format(columns=f'{at}, {columns}', steps=_count(0, count - 1), order='1, 2')}"
        )
    writer.execute("COMMIT")
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    writer.close()


def _each_of(instances: int) -> str:
    return f"SELECT s.value, {{columns}} FROM {_count(1, instances)} AS s CROSS JOIN {{steps}} AS k ORDER BY {{order}}"


def _readings(writer: sqlite3.Connection, instances: int, with_raw: int, now: int) -> None:
    values = "abs(random()) % 90000 + 900, 0, NULL, 5, 1"
    fresh = f"({now} - 1200 + k.value * 15) * 1000 + s.value % 15000, {values}"
    order = "k.value, s.value * 7919 % 5003"
    writer.execute(f"INSERT INTO fresh {_each_of(instances).format(columns=fresh, steps=_count(0, 79), order=order)}")
    moved = f"({now} - 1200 - {2 * DAY} + k.value * 15) * 1000 + s.value % 15000, {values}"
    steps = _count(0, 2 * DAY // 15 - 1)
    writer.execute(f"INSERT INTO reading {_each_of(with_raw).format(columns=moved, steps=steps, order='1, 2')}")


def _count(first: int, last: int) -> str:
    return (
        f"(WITH RECURSIVE n(value) AS (SELECT {first} UNION ALL SELECT value + 1 FROM n WHERE value < {last})"
        " SELECT value FROM n)"
    )
