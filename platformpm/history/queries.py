"""Reading the past. Every answer is one SELECT, so that it is of one moment however busy the writer is."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from platformpm.errors import HistoryError
from platformpm.history import cleaning
from platformpm.history.connecting import FAULTS, Row, Source
from platformpm.history.exporting import export
from platformpm.history.host_rows import has_table
from platformpm.history.restoring import restore
from platformpm.history.schema import ROLL_UPS
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event
from platformpm.model.exported import ExportRow, Wanted, What
from platformpm.model.heartbeat import Heartbeat
from platformpm.model.histogram import Buckets, bucket_of
from platformpm.model.memory import Memory
from platformpm.model.past import Bucket, PastReading, Span
from platformpm.model.reading import Reading
from platformpm.model.record import StatusChange, VersionChange
from platformpm.model.status import Status
from platformpm.model.text import safe_text
from platformpm.model.uptime import without

_Made = TypeVar("_Made")
_TABLES = {seconds: table for table, seconds in ROLL_UPS.items()}
_SUBJECT = "(SELECT id FROM subject WHERE service = ?1 AND environment = ?2 AND instance = ?3)"
_READINGS = f"""
SELECT every.at, every.latency, status.name, reason.name, version.text, every.trusted
FROM (
    SELECT * FROM reading WHERE subject = {_SUBJECT} AND at >= ?4 AND at < ?5
    UNION ALL
    SELECT * FROM fresh WHERE subject = {_SUBJECT} AND at >= ?4 AND at < ?5
) AS every
LEFT JOIN status ON status.id = every.status
LEFT JOIN reason ON reason.id = every.reason
LEFT JOIN version ON version.id = every.version
ORDER BY every.at
"""
_BUCKETS = f"""
SELECT 1, roll.start * 1000, version.text, roll.up, roll.degraded, roll.down, roll.unknown, roll.untrusted, roll.latency
FROM {{table}} AS roll LEFT JOIN version ON version.id = roll.version
WHERE roll.subject = {_SUBJECT} AND roll.start >= ?4 / 1000 AND roll.start * 1000 < ?5
UNION ALL
SELECT 0, fresh.at, version.text, status.name, fresh.latency, fresh.trusted, NULL, NULL, NULL
FROM fresh LEFT JOIN version ON version.id = fresh.version LEFT JOIN status ON status.id = fresh.status
WHERE fresh.subject = {_SUBJECT} AND fresh.at >= ?4 AND fresh.at < ?5
"""
_IN_FORCE = """
SELECT {columns} FROM {table} WHERE subject = {subject} AND at < ?5 AND at >= ifnull(
    (SELECT max(at) FROM {table} WHERE subject = {subject} AND at <= ?4), ?4)
ORDER BY at
"""
_FAILURES = f"""
SELECT {cleaning.FAILURE} FROM failure
WHERE subject = {_SUBJECT} AND at >= ?4 AND at < ?5 ORDER BY at
"""
_EVENTS = f"""
SELECT {cleaning.EVENT} FROM event WHERE at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ?
"""
_HEARTBEATS = """
SELECT subject.service, subject.environment, subject.instance, beat.at, beat.status, beat.message
FROM heartbeat AS beat JOIN subject ON subject.id = beat.subject
"""
_WATCHED = """
SELECT 1, started, ended FROM run WHERE ended > ?1 AND started < ?2
UNION ALL
SELECT 0, started, ended FROM gap WHERE ended > ?1 AND started < ?2
"""


@contextmanager
def readable() -> Iterator[None]:
    """Turn what SQLite raises into one line for a person."""
    try:
        yield
    except FAULTS as error:
        raise HistoryError(f"history cannot be read: {safe_text(str(error))}") from error


class Queries:
    """A `HistoryReader` over the database; as many threads may use it as its source can serve."""

    def __init__(self, source: Callable[[], Source]) -> None:
        """Read from what `source` gives at each call: a connection of the calling thread. It may raise HistoryError."""
        self._give = source

    def memory(self, keys: Collection[InstanceKey], points: int = 240, hosts: Collection[str] = ()) -> Memory:
        """Give what is known of instances, with `points` of their last readings each, their services, and hosts."""
        with readable():
            return restore(self._source(), keys, points, hosts)

    def readings(self, key: InstanceKey, since: float, until: float) -> Sequence[PastReading]:
        """Give the single readings of an instance, as far back as they are kept."""
        return _kept(cleaning.past_reading, self._rows(_READINGS, key, since, until))

    def failures(self, key: InstanceKey, since: float, until: float) -> Sequence[Reading]:
        """Give the readings that were not up, whole."""
        return _kept(cleaning.failure, self._rows(_FAILURES, key, since, until))

    def buckets(self, key: InstanceKey, since: float, until: float, seconds: float) -> Sequence[Bucket]:
        """Give values over buckets of 300, 3600 or 86400 s, the first being that in which `since` lies.

        What is not yet in the roll-ups is counted on the fly. Raises ValueError for another number of seconds.
        """
        if (table := _TABLES.get(int(seconds))) is None or seconds != int(seconds):
            raise ValueError(f"there are no buckets of {seconds:g} s")
        first = since // seconds * seconds
        gathered: dict[tuple[int, str | None], _Sums] = {}
        for row in self._rows(_BUCKETS.format(table=table), key, first, until):
            at = cleaning.moment(row[1])
            if at is None or not first <= at < until:
                continue
            place = int(at // seconds * seconds), cleaning.words(row[2]) or None
            sums = gathered.setdefault(place, _Sums())
            (sums.add_roll_up if row[0] else sums.add_reading)(row)
        ordered = sorted(gathered.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        return [_bucket(start, seconds, version, sums) for (start, version), sums in ordered if any(sums.counts)]

    def changes(self, key: InstanceKey, since: float, until: float) -> Sequence[StatusChange]:
        """Give the changes of status, the one that was in force at `since` first."""
        sql = _IN_FORCE.format(columns="at, status, reason, detail", table="change", subject=_SUBJECT)
        return _kept(lambda row: cleaning.change(key, row), self._rows(sql, key, since, until))

    def versions(self, key: InstanceKey, since: float, until: float) -> Sequence[VersionChange]:
        """Give the changes of version, the one that was in force at `since` first."""
        sql = _IN_FORCE.format(columns="at, version, source", table="version_change", subject=_SUBJECT)
        return _kept(lambda row: cleaning.version_change(key, row), self._rows(sql, key, since, until))

    def events(self, since: float, until: float, limit: int | None = None) -> Sequence[Event]:
        """Give events, with a `limit` the newest of them."""
        times = cleaning.milliseconds(since), cleaning.milliseconds(until)
        with readable():
            rows = self._source().execute(_EVENTS, (*times, -1 if limit is None else max(limit, 0))).fetchall()
        return _kept(cleaning.event, reversed(rows))

    def heartbeats(self) -> Mapping[InstanceKey, Heartbeat]:
        """Give the last heartbeat of each job that ever reported."""
        with readable():
            source = self._source()
            rows = source.execute(_HEARTBEATS).fetchall() if has_table(source, "heartbeat") else []
        found = ((InstanceKey(*map(str, row[:3])), cleaning.heartbeat(row[3:])) for row in rows)
        return {key: beat for key, beat in found if beat is not None}

    def watched(self, since: float, until: float) -> Sequence[Span]:
        """Give when the monitor was watching, its own pauses left out."""
        spans: tuple[list[Span], list[Span]] = [], []
        for row in self._rows(_WATCHED, (), since, until):
            started, ended = cleaning.moment(row[1]), cleaning.moment(row[2])
            if started is not None and ended is not None:
                spans[row[0]].append(Span(started, ended))
        return without(spans[1], spans[0], Span(since, until))

    def export(self, what: What, since: float, until: float, wanted: Wanted) -> Iterator[ExportRow]:
        """Give the rows of a table whose subjects are `wanted`, oldest first, without ever holding all of them.

        One thread must read them to the end. The first bucket is that in which `since` lies; the last is of what is
        known of it.
        """
        with readable():
            return export(self._source(), what, (since, until), wanted)

    def _rows(self, sql: str, key: tuple[str, ...], since: float, until: float) -> list[Row]:
        values = *key, cleaning.milliseconds(since), cleaning.milliseconds(until)
        with readable():
            return self._source().execute(sql, values).fetchall()

    def _source(self) -> Source:
        source = self._give()
        if isinstance(source, sqlite3.Connection):
            source.text_factory = _decoded
        return source


@dataclass(slots=True)
class _Sums:
    """What falls into one bucket: `counts` of up, degraded, down, unknown and untrusted, and the latencies."""

    counts: list[int] = field(default_factory=lambda: [0] * 5)
    latency: Buckets = field(default_factory=Counter)

    def add_roll_up(self, row: Row) -> None:
        """Add a row of a table of roll-ups."""
        self.counts = [old + cleaning.count(new) for old, new in zip(self.counts, row[3:8], strict=True)]
        self.latency.update(cleaning.histogram(row[8]))

    def add_reading(self, row: Row) -> None:
        """Add (0, at, version, status, latency, trusted, …)."""
        latency = cleaning.duration(row[4])
        if row[5] != 1:
            self.counts[4] += 1
            return
        self.counts[_PLACES.get(cleaning.status(row[3]), 3)] += 1
        if latency is not None:
            self.latency[bucket_of(latency)] += 1


_PLACES = {Status.UP: 0, Status.DEGRADED: 1, Status.DOWN: 2, Status.UNKNOWN: 3, None: 3}


def _bucket(start: int, seconds: float, version: str | None, sums: _Sums) -> Bucket:
    up, degraded, down, unknown, untrusted = sums.counts
    return Bucket(float(start), seconds, version, up, degraded, down, unknown, untrusted, sums.latency)


def _kept(make: Callable[[Row], _Made | None], rows: Iterable[Row]) -> list[_Made]:
    return [made for row in rows if (made := make(row)) is not None]


def _decoded(text: bytes) -> str:
    """Bear a text that is no UTF-8, which would make the whole answer unreadable."""
    return text.decode(errors="replace")
