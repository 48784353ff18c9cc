"""What was known when the last run ended, out of the database: a few seeks for each instance, and one look at `fresh`.

Five thousand instances must be back before a person has read the first line, so nothing here is asked twice.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from platformpm.history import cleaning
from platformpm.history.connecting import Row, Source
from platformpm.history.host_restoring import restore_hosts
from platformpm.model.alert import Alert, AlertKey
from platformpm.model.check import InstanceKey
from platformpm.model.memory import InstanceMemory, Memory
from platformpm.model.past import PastReading
from platformpm.model.reading import Reading
from platformpm.model.series import CAPACITY, POINT, STATUS_CODES, Series
from platformpm.model.status import Status

EVENTS = 500
"""Events that are given back: what the engine keeps in view."""
CLOSED = 50
"""Closed alerts that are given back, for the same reason."""


class _Standing(NamedTuple):
    """A status, since when it holds, and what was seen when it was last said; of what is up nothing."""

    status: Status
    since: float
    why: Reading | None


_BLANK = InstanceMemory()
_CODES = "SELECT id, name FROM status"
_SUBJECTS = "SELECT id, service, environment, instance FROM subject"
_STATUS = """
SELECT subject.id, now.at, now.status, now.reason, now.detail, (
    SELECT same.at FROM change AS same WHERE same.subject = subject.id AND same.at > ifnull((
        SELECT other.at FROM change AS other
        WHERE other.subject = subject.id AND other.status <> now.status ORDER BY other.at DESC LIMIT 1), -1)
    ORDER BY same.at LIMIT 1)
FROM subject CROSS JOIN change AS now ON now.subject = subject.id
WHERE now.at = (SELECT max(at) FROM change WHERE subject = subject.id)
"""
_VERSION = """
SELECT subject.id, now.at, now.version, now.source
FROM subject CROSS JOIN version_change AS now ON now.subject = subject.id
WHERE now.at = (SELECT max(at) FROM version_change WHERE subject = subject.id)
"""
_LAST_BAD = f"""
SELECT subject.id, {cleaning.FAILURE}
FROM subject CROSS JOIN failure ON failure.subject = subject.id
WHERE failure.at = (
    SELECT at FROM failure WHERE subject = subject.id AND trusted = 1 AND status <> 'up' ORDER BY at DESC LIMIT 1)
"""
_FAILURE = f"SELECT {cleaning.FAILURE} FROM failure WHERE subject = ? AND at = ?"
_CERTIFICATES = "SELECT subject, expires FROM certificate"
_FRESH = f"""
SELECT rowid, subject, at / 1000.0, latency / 1e6, CASE trusted WHEN 1 THEN status END FROM fresh
WHERE at BETWEEN 0 AND {cleaning.LATEST} AND (latency IS NULL OR latency BETWEEN 0 AND {cleaning.LONGEST})
ORDER BY rowid DESC
"""
_OLDER = f"""
SELECT at / 1000.0, latency / 1e6, status FROM reading
WHERE subject = ? AND trusted = 1 AND at < ? AND (latency IS NULL OR latency BETWEEN 0 AND {cleaning.LONGEST})
ORDER BY at DESC LIMIT ?
"""
_WHOLE = """
SELECT one.subject, one.at, one.latency, status.name, reason.name, version.text, one.trusted FROM {table} AS one
LEFT JOIN status ON status.id = one.status
LEFT JOIN reason ON reason.id = one.reason
LEFT JOIN version ON version.id = one.version
WHERE {place}
"""
_NEWEST_FRESH = _WHOLE.format(table="fresh", place="one.rowid IN ({marks})")
_NEWEST_KEPT = _WHOLE.format(
    table="reading", place="one.subject = ?1 AND one.at = (SELECT max(at) FROM reading WHERE subject = ?1)"
)
_AT_ONCE = 500
"""Parameters of one statement; every build of SQLite takes 999."""
_ALERTS = f"""
SELECT {cleaning.ALERT} FROM (
    SELECT * FROM alert AS one WHERE closed IS NULL AND NOT EXISTS (
        SELECT 1 FROM alert AS other
        WHERE other.kind = one.kind AND other.subject = one.subject AND other.closed > one.opened)
    UNION ALL
    SELECT * FROM (SELECT * FROM alert WHERE closed IS NOT NULL ORDER BY closed DESC LIMIT {CLOSED}))
ORDER BY opened
"""
_EVENTS = f"SELECT {cleaning.EVENT} FROM event ORDER BY at DESC, id DESC LIMIT {EVENTS}"
_ENDED = "SELECT ended FROM run ORDER BY started DESC LIMIT 1"


def restore(source: Source, keys: Collection[InstanceKey], points: int, hosts: Collection[str] = ()) -> Memory:
    """Give what is known of `keys`, their services and `hosts`; without `points` neither series nor readings of `keys`.

    Raises sqlite3.Error.
    """
    wanted = set(keys)
    rows = {(key.service, key.environment) for key in keys}
    subjects: dict[int, InstanceKey] = {}
    services: dict[int, tuple[str, str]] = {}
    for number, *names in source.execute(_SUBJECTS):
        key = InstanceKey(*names)
        if key in wanted:
            subjects[number] = key
        elif not key.instance and (key.service, key.environment) in rows:
            services[number] = key.service, key.environment
    settled = dict(_settled(source))
    events = [cleaning.event(row) for row in source.execute(_EVENTS)]
    return Memory(
        at=next((cleaning.moment(row[0]) for row in source.execute(_ENDED)), None),
        instances=_instances(source, subjects, settled, min(points, CAPACITY)),
        services={key: settled[number][:2] for number, key in services.items() if number in settled},
        hosts=dict(restore_hosts(source, hosts, CAPACITY)),
        alerts=tuple(_alerts(source)),
        events=tuple(event for event in reversed(events) if event is not None),
    )


def _alerts(source: Source) -> Iterator[Alert]:
    """Give alerts, oldest first. One that was opened again before the memory of the first came is the first one."""
    still_open: set[AlertKey] = set()
    for row in source.execute(_ALERTS):
        alert = cleaning.alert(row)
        if alert is None or (alert.closed is None and alert.key in still_open):
            continue
        if alert.closed is None:
            still_open.add(alert.key)
        yield alert


def _settled(source: Source) -> Iterator[tuple[int, _Standing]]:
    """Give the status of each subject, and since when it is that one however often it was said."""
    for number, at, name, reason, detail, since in source.execute(_STATUS):
        status, began, said = cleaning.status(name), cleaning.moment(since), cleaning.moment(at)
        if status is None or began is None:
            continue
        why = None
        if said is not None and status is not Status.UP:
            why = Reading(status, said, cleaning.reason(reason), cleaning.words(detail), whole=False)
        yield number, _Standing(status, began, why)


def _instances(
    source: Source, subjects: dict[int, InstanceKey], settled: dict[int, _Standing], points: int
) -> dict[InstanceKey, InstanceMemory]:
    versions = {row[0]: cleaning.version_change(subjects[row[0]], row[1:]) for row in _of(subjects, source, _VERSION)}
    bad = {row[0]: cleaning.failure(row[1:]) for row in _of(subjects, source, _LAST_BAD)} if points else {}
    expiries = {row[0]: cleaning.moment(row[1]) for row in _of(subjects, source, _CERTIFICATES)}
    packed, newest = _recent(source, subjects, points) if points else ({}, {})
    readings = dict(_readings(source, subjects, newest, bad)) if points else {}
    found: dict[InstanceKey, InstanceMemory] = {}
    for number, key in subjects.items():
        status, since, why = settled.get(number, (Status.UNKNOWN, None, None))
        version = versions.get(number)
        memory = InstanceMemory(
            status=status,
            since=since,
            series=Series.of(b"".join(reversed(packed.get(number, ())))),
            reading=readings.get(number),
            last_bad=bad.get(number) or why,
            version=version.version if version else None,
            version_source=version.source if version else None,
            version_since=version.at if version else None,
            certificate_expires=expiries.get(number),
        )
        if memory != _BLANK:
            found[key] = memory
    return found


def _of(subjects: Container[int], source: Source, sql: str) -> Iterator[Row]:
    """Give the rows that begin with one of `subjects`."""
    return (row for row in source.execute(sql) if row[0] in subjects)


def _recent(source: Source, subjects: Iterable[int], points: int) -> tuple[dict[int, list[bytes]], dict[int, int]]:
    """Give the newest points of each subject, newest first, and the row in `fresh` of its newest reading.

    This loop takes most of the time of a restart: hence the bare structures, and nothing per row that can be spared.
    """
    codes = {
        number: STATUS_CODES[status] for number, name in source.execute(_CODES) if (status := cleaning.status(name))
    }
    packed: dict[int, list[bytes]] = {number: [] for number in subjects}
    newest: dict[int, int] = {}
    wanting = dict(packed)
    pack, wanted, nan = POINT.pack, wanting.get, math.nan
    for row, number, at, latency, status in source.execute(_FRESH):
        if (chunks := wanted(number)) is None:
            continue
        if not chunks:
            newest.setdefault(number, row)
        if (code := codes.get(status)) is None:
            continue
        chunks.append(pack(at, nan if latency is None else latency, code))
        if len(chunks) == points:
            del wanting[number]
            if not wanting:
                break
    for number, chunks in wanting.items():
        before = round(POINT.unpack(chunks[-1])[0] * 1000) if chunks else cleaning.LATEST
        for at, latency, status in source.execute(_OLDER, (number, before, points - len(chunks))):
            if status in codes:
                chunks.append(pack(at, nan if latency is None else latency, codes[status]))
    return packed, newest


def _readings(
    source: Source, subjects: Iterable[int], newest: dict[int, int], bad: Mapping[int, Reading | None]
) -> Iterator[tuple[int, Reading]]:
    """Give the newest reading of each subject: whole if it was kept whole, else what a raw row says."""
    raw: dict[int, Row] = {}
    places = list(newest.values())
    for first in range(0, len(places), _AT_ONCE):
        some = places[first : first + _AT_ONCE]
        raw |= {row[0]: row for row in source.execute(_NEWEST_FRESH.format(marks=",".join("?" * len(some))), some)}
    for number in subjects:
        row = raw.get(number) or source.execute(_NEWEST_KEPT, (number,)).fetchone()
        past = None if row is None else cleaning.past_reading(row[1:])
        last_bad = bad.get(number)
        if row is None or past is None or (last_bad is not None and last_bad.at >= past.at):
            if last_bad is not None:
                yield number, last_bad
        elif past.status is Status.UP:
            yield number, _rebuilt(past)
        else:
            kept = source.execute(_FAILURE, (number, row[1])).fetchone()
            yield number, (None if kept is None else cleaning.failure(kept)) or _rebuilt(past)


def _rebuilt(past: PastReading) -> Reading:
    return Reading(
        past.status,
        past.at,
        past.reason,
        latency=past.latency,
        version=past.version,
        trusted=past.trusted,
        whole=False,
    )
