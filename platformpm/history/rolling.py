"""From the newest readings to those kept by instance, and to values over buckets of time."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator

from platformpm.history import cleaning
from platformpm.history.host_schema import HOST_ROLL_UPS, PERCENTS
from platformpm.history.schema import ROLL_UPS, to_ms
from platformpm.model.histogram import bucket_of, merged, pack

CHUNK = 20_000
"""Readings moved in one transaction: five minutes of 1,000 instances, some 0.1 s of work."""
AGE = 900.0
"""Seconds after which readings are moved."""
_FIVE = ROLL_UPS["five_minutes"]
_AHEAD = 300.0
"""Seconds that a reading may be ahead of the clock and still count as new; the clock went back where it is more."""

# The disk may spoil a value. What is no time cannot be moved and is left out; what is no latency is not counted.
_SOUND = f"typeof({{0}}) = 'integer' AND {{0}} BETWEEN 0 AND {cleaning.LATEST}"
_LATENCY = f"typeof(latency) = 'integer' AND latency BETWEEN 0 AND {cleaning.LONGEST}"
_SUMS = "sum(up), sum(degraded), sum(down), sum(unknown), sum(untrusted), merge_all(latency)"
_MOVED = """
CREATE TEMP TABLE IF NOT EXISTS moved (subject, start, version, up, degraded, down, unknown, untrusted, latency)
"""
_GATHER = f"""
INSERT INTO temp.moved
SELECT subject, at / {_FIVE * 1000} * {_FIVE}, version,
    sum(trusted AND status = :up), sum(trusted AND status = :degraded), sum(trusted AND status = :down),
    sum(trusted AND status NOT IN (:up, :degraded, :down)), sum(NOT trusted),
    pack_latencies(group_concat(CASE WHEN trusted AND {_LATENCY} THEN latency END))
FROM fresh WHERE rowid <= :last AND {_SOUND.format("at")} GROUP BY subject, at / {_FIVE * 1000}, version
"""
_ADD = """
INSERT INTO {table} SELECT subject, start / {seconds} * {seconds} AS start, version, {sums} FROM temp.moved
WHERE true GROUP BY subject, 2, version
ON CONFLICT (subject, start, version) DO UPDATE SET
    up = up + excluded.up, degraded = degraded + excluded.degraded, down = down + excluded.down,
    unknown = unknown + excluded.unknown, untrusted = untrusted + excluded.untrusted,
    latency = merge_two(CASE typeof(latency) WHEN 'blob' THEN latency ELSE x'' END, excluded.latency)
"""
_KEEP = f"""
INSERT OR REPLACE INTO reading SELECT * FROM fresh WHERE rowid <= :last AND {_SOUND.format("at")} ORDER BY subject, at
"""

_KEEP_HOSTS = f"""
INSERT OR REPLACE INTO host_reading SELECT * FROM host_fresh WHERE rowid <= ? AND {_SOUND.format("at")} ORDER BY host, at
"""
_MOST = 10**9
"""Hundredths of a percent beyond which a value is spoilt: sums of it would be too large for SQLite."""
_ADD_HOSTS = f"""
INSERT INTO {{table}}
SELECT one.host, one.at / 1000 / {{seconds}} * {{seconds}} AS start, pair.key, count(*), sum(pair.value), max(pair.value)
FROM host_fresh AS one {PERCENTS}
WHERE one.rowid <= ? AND {_SOUND.format("one.at")} AND pair.value BETWEEN 0 AND {_MOST} GROUP BY one.host, 2, pair.key
ON CONFLICT (host, start, measure) DO UPDATE SET
    readings = readings + excluded.readings, total = total + excluded.total, most = max(most, excluded.most)
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection what moving needs. Raises sqlite3.Error."""
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(_MOVED)
    connection.create_function("pack_latencies", 1, _packed, deterministic=True)
    connection.create_function("merge_two", 2, _merge_two, deterministic=True)
    connection.create_aggregate("merge_all", 1, _MergeAll)  # type: ignore[arg-type]  # typeshed wants step(*args)


def is_due(connection: sqlite3.Connection, now: float, age: float = AGE) -> bool:
    """Tell whether the oldest unmoved reading is older than `age` at wall time `now`. Raises sqlite3.Error."""
    return any(_is_due(connection, table, now, age) for table in ("fresh", "host_fresh"))


def _is_due(connection: sqlite3.Connection, table: str, now: float, age: float) -> bool:
    find = f"SELECT at <= ? OR at > ? FROM {table} ORDER BY rowid LIMIT 1"
    first = connection.execute(find, (to_ms(now - age), to_ms(now + _AHEAD))).fetchone()
    return first is not None and bool(first[0])


def move(connection: sqlite3.Connection, now: float) -> Iterator[int]:
    """Move the readings of all complete buckets, a chunk at a time: gives the number moved after each transaction.

    A reading is moved and counted in the same transaction, so none is ever counted twice; what comes late is added.
    Raises sqlite3.Error.
    """
    status = dict(connection.execute("SELECT name, id FROM status").fetchall())
    values = {name: status[name] for name in ("up", "degraded", "down")}
    yield from _chunks(connection, now, "fresh", lambda last: _move(connection, {"last": last, **values}))
    yield from _chunks(connection, now, "host_fresh", lambda last: _move_hosts(connection, last))


def _chunks(connection: sqlite3.Connection, now: float, table: str, work: Callable[[int], int]) -> Iterator[int]:
    horizon = int(now) // _FIVE * _FIVE * 1000
    while (last := _end_of_chunk(connection, table, horizon, to_ms(now + _AHEAD))) is not None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            count = work(last)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        yield count


def _end_of_chunk(connection: sqlite3.Connection, table: str, horizon: int, ahead: int) -> int | None:
    """Give the last row to move: the last old one of the first `CHUNK`, and whatever new ones lie before it."""
    find = f"""
    SELECT max(number) FROM (SELECT rowid AS number, at FROM {table} ORDER BY rowid LIMIT ?)
    WHERE at < ? OR at > ?
    """
    last: int | None = connection.execute(find, (CHUNK, horizon, ahead)).fetchone()[0]
    return last


def _move(connection: sqlite3.Connection, values: dict[str, int]) -> int:
    connection.execute(_KEEP, {"last": values["last"]})
    connection.execute("DELETE FROM temp.moved")
    connection.execute(_GATHER, values)
    for table, seconds in ROLL_UPS.items():
        connection.execute(_ADD.format(table=table, seconds=seconds, sums=_SUMS))
    return connection.execute("DELETE FROM fresh WHERE rowid <= ?", (values["last"],)).rowcount


def _move_hosts(connection: sqlite3.Connection, last: int) -> int:
    connection.execute(_KEEP_HOSTS, (last,))
    for table, seconds in HOST_ROLL_UPS.items():
        connection.execute(_ADD_HOSTS.format(table=table, seconds=seconds), (last,))
    return connection.execute("DELETE FROM host_fresh WHERE rowid <= ?", (last,)).rowcount


def _packed(latencies: str | float | None) -> bytes:
    """Pack latencies that are given in microseconds with commas between them."""
    if latencies is None:
        return b""
    return pack(Counter(bucket_of(int(latency) / 1_000_000) for latency in str(latencies).split(",")))


def _merge_two(one: bytes, other: bytes) -> bytes:
    if not one or not other:
        return one or other
    return pack(merged(map(cleaning.histogram, (one, other))))


class _MergeAll:
    """The histograms of a group in one."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []

    def step(self, packed: bytes) -> None:
        self._packed.append(packed)

    def finalize(self) -> bytes:
        if len(self._packed) == 1:
            return self._packed[0]
        return pack(merged(map(cleaning.histogram, self._packed)))
