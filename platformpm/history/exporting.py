"""Whole tables for other programs, row by row: a platform's day is millions of rows, which no memory should hold.

Every piece is one SELECT over all chosen subjects in a stretch of time: what the writer moves meanwhile from one table
to another is seen exactly once, and no read transaction lasts long enough to keep the writer from its checkpoints.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from platformpm.errors import HistoryError
from platformpm.history import cleaning
from platformpm.history.connecting import FAULTS, Row, Source
from platformpm.history.host_rows import has_hosts
from platformpm.history.host_schema import PERCENTS
from platformpm.history.schema import ROLL_UPS
from platformpm.model.check import InstanceKey
from platformpm.model.exported import BUCKETS, ExportRow, Wanted, What
from platformpm.model.histogram import Buckets, bucket_of, quantile
from platformpm.model.text import safe_text

ROWS = 20_000
"""Rows of one SELECT, some 10 MB; more only where so many are of the same moment."""
_FIRST = 60_000
"""Milliseconds that the first SELECT looks at."""
_SHARES = (0.5, 0.95, 0.99)

# Parameters: ?1 and ?2 the stretch in milliseconds, ?3 the number of rows, ?4 a JSON list of the chosen subjects.
# Rows begin with a time in milliseconds and the number of the subject, and are ordered by both.
_PLACE = "FROM json_each(?4) AS chosen CROSS JOIN {table} AS one ON one.subject = chosen.value"
_DURING = "one.at >= ?1 AND one.at < ?2"
_FRESH = f"FROM fresh AS one WHERE {_DURING} AND one.subject IN (SELECT value FROM json_each(?4))"
_READING = "one.at, one.subject, one.latency, one.status, one.reason, one.version, one.trusted"
_READINGS = f"""
SELECT every.at, every.subject, every.latency, status.name, reason.name, version.text, every.trusted
FROM (
    SELECT {_READING} {_PLACE.format(table="reading")} WHERE {_DURING}
    UNION ALL
    SELECT {_READING} {_FRESH}
    ORDER BY 1, 2 LIMIT ?3
) AS every
LEFT JOIN status ON status.id = every.status
LEFT JOIN reason ON reason.id = every.reason
LEFT JOIN version ON version.id = every.version
ORDER BY every.at, every.subject
"""
_HAS = "one.status = (SELECT id FROM status WHERE name = '{}')"
_COUNTS = ", ".join(f"sum(one.trusted AND {_HAS.format(name)})" for name in ("up", "degraded", "down", "unknown"))
_BUCKETS = f"""
SELECT every.start, every.subject, version.text, every.up, every.degraded, every.down, every.unknown,
    every.untrusted, every.packed, every.latencies
FROM (
    SELECT one.start * 1000 AS start, one.subject, one.version, one.up, one.degraded, one.down, one.unknown,
        one.untrusted, one.latency AS packed, NULL AS latencies
    {_PLACE.format(table="{table}")} WHERE one.start >= ?1 / 1000 AND one.start < (?2 + 999) / 1000
    UNION ALL
    SELECT one.at / {{ms}} * {{ms}}, one.subject, one.version, {_COUNTS}, sum(NOT one.trusted), NULL,
        group_concat(CASE WHEN one.trusted THEN one.latency END)
    {_FRESH} GROUP BY 1, 2, 3
    ORDER BY 1, 2 LIMIT ?3
) AS every
LEFT JOIN version ON version.id = every.version
ORDER BY every.start, every.subject, version.text
"""
_LISTED = f"""
SELECT one.at, one.subject, {{columns}} {_PLACE.format(table="{table}")} WHERE {_DURING} ORDER BY 1, 2 LIMIT ?3
"""
_PERCENT = "one.at, one.host, one.percents"
_HOSTS = f"""
SELECT one.at, one.host, measure.name, pair.value
FROM (
    SELECT {_PERCENT} {_PLACE.format(table="host_reading").replace("one.subject", "one.host")} WHERE {_DURING}
    UNION ALL
    SELECT {_PERCENT} {_FRESH.replace("FROM fresh", "FROM host_fresh").replace("one.subject", "one.host")}
    ORDER BY 1, 2 LIMIT ?3
) AS one
{PERCENTS} JOIN measure ON measure.id = pair.key
ORDER BY one.at, one.host, measure.id
"""
_EVENTS = f"""
SELECT {cleaning.EVENT} FROM event WHERE at >= ?1 AND at < ?2 ORDER BY at, id LIMIT ?3
"""


class _Stretch(NamedTuple):
    """Where to look, in milliseconds; buckets are never cut: `step` is their length."""

    since: int
    until: int
    step: int = 1


Rows = Iterator[list[Row]]
_Fetch = Callable[[float, float, int], list[Row]]
"""Gives the first rows, as many as its last argument says, of a stretch from its first to its second."""


def export(source: Source, what: What, stretch: tuple[float, float], wanted: Wanted) -> Iterator[ExportRow]:
    """Give the rows of a table in a `stretch` of wall time (since, until) whose subjects are `wanted`, oldest first.

    The first bucket is that in which the stretch begins. Raises HistoryError.
    """
    step = BUCKETS.get(what, 0) * 1000 or 1
    since, until = map(cleaning.milliseconds, stretch)
    place = _Stretch(since // step * step, until, step)
    if what is What.EVENTS:
        return _events(_chunks(_fetcher(source, _EVENTS), place), wanted)
    if what is What.HOSTS:
        hosts = _hosts(source, wanted)
        return _of_hosts(
            _chunks(_fetcher(source, _HOSTS, json.dumps(list(hosts))), place) if hosts else iter(()), hosts
        )
    names = _subjects(source, wanted)
    chosen = json.dumps(list(names))
    chunks = _chunks(_fetcher(source, _sql(what), chosen), place) if names else iter(())
    if what in BUCKETS:
        return _buckets(chunks, names, BUCKETS[what])
    return _made(_MAKERS[what], chunks, names)


def _sql(what: What) -> str:
    if what is What.READINGS:
        return _READINGS
    if what in BUCKETS:
        seconds = BUCKETS[what]
        table = next(table for table, length in ROLL_UPS.items() if length == seconds)
        return _BUCKETS.format(table=table, ms=seconds * 1000)
    table, columns = _TABLES[what]
    return _LISTED.format(table=table, columns=columns)


_TABLES = {
    What.FAILURES: ("failure", cleaning.FAILURE),
    What.CHANGES: ("change", "status, reason, detail"),
    What.VERSIONS: ("version_change", "version, source"),
}


def _subjects(source: Source, wanted: Wanted) -> dict[int, InstanceKey]:
    """Give the names of the subjects that are asked for, by number."""
    found = {}
    for number, *words in _all(source, "SELECT id, service, environment, instance FROM subject ORDER BY id"):
        key = InstanceKey(*map(cleaning.words, words))
        if wanted(str(key) if key.instance else f"{key.service}@{key.environment}"):
            found[number] = key
    return found


def _hosts(source: Source, wanted: Wanted) -> dict[int, str]:
    """Give the names of the hosts that are asked for, by number."""
    found = {}
    for number, name in _all(source, "SELECT id, name FROM host ORDER BY id") if has_hosts(source) else ():
        shown = cleaning.words(name)
        if wanted(f"host:{shown}"):
            found[number] = shown
    return found


def _of_hosts(chunks: Rows, names: dict[int, str]) -> Iterator[ExportRow]:
    for rows in chunks:
        for at, number, measure, value in rows:
            if cleaning.moment(at) is not None and isinstance(value, (int, float)):
                yield names[number], int(at), cleaning.words(measure), value / 100


def _fetcher(source: Source, sql: str, *more: object) -> _Fetch:
    return lambda since, until, rows: _all(source, sql, since, until, rows, *more)


def _all(source: Source, sql: str, *values: object) -> list[Row]:
    try:
        return source.execute(sql, values).fetchall()
    except FAULTS as error:
        raise HistoryError(f"history cannot be read: {safe_text(str(error))}") from error


def _chunks(fetch: _Fetch, place: _Stretch) -> Rows:
    """Give all rows of a stretch in pieces; a piece ends where the time changes, so that buckets stay whole."""
    start: float = place.since
    until, step = place.until, place.step
    span, most = max(_FIRST, step), ROWS
    while start < until:
        rows = fetch(start, min(start + span, until), most)
        if len(rows) < most:
            yield rows
            start += span
            most = ROWS
            span *= 2 if len(rows) < ROWS // 4 else 1
            continue
        last = rows[-1][0]
        whole = [row for row in rows if row[0] != last]
        if not whole:
            most *= 4
            continue
        yield whole
        span = max(int(last - start) // step * step, step)
        start, most = last, ROWS


def _made(make: Callable[[Row], ExportRow | None], chunks: Rows, names: dict[int, InstanceKey]) -> Iterator[ExportRow]:
    for rows in chunks:
        for row in rows:
            made = make(row)
            if made is not None:
                yield (*names[row[1]], *made)


def _events(chunks: Rows, wanted: Wanted) -> Iterator[ExportRow]:
    for rows in chunks:
        for row in rows:
            event = cleaning.event(row)
            if event is not None and wanted(event.subject):
                yield int(row[0]), event.kind.value, event.subject, event.status, event.text


def _reading(row: Row) -> ExportRow | None:
    at, status = row[0], cleaning.status(row[3])
    if status is None or cleaning.moment(at) is None:
        return None
    version = row[5] if row[5] is None else cleaning.words(row[5]) or None
    return int(at), _ms(row[2]), status, cleaning.reason(row[4]), version, row[6] == 1


def _failure(row: Row) -> ExportRow | None:
    reading = cleaning.failure(row[2:])
    if reading is None:
        return None
    return (
        *(int(row[0]), reading.status, reading.reason, reading.detail, *map(_ms, row[6:12])),
        *(reading.dialect, reading.failing_components, reading.failing_more, reading.version, reading.version_source),
        *(None if reading.certificate_expires is None else round(reading.certificate_expires * 1000), reading.trusted),
    )


def _change(row: Row) -> ExportRow | None:
    status = cleaning.status(row[2])
    if status is None or cleaning.moment(row[0]) is None:
        return None
    return int(row[0]), status, cleaning.reason(row[3]), cleaning.words(row[4])


def _version(row: Row) -> ExportRow | None:
    version = cleaning.words(row[2])
    if not version or cleaning.moment(row[0]) is None:
        return None
    return int(row[0]), version, cleaning.words(row[3]) or None


_MAKERS = {What.READINGS: _reading, What.FAILURES: _failure, What.CHANGES: _change, What.VERSIONS: _version}


def _buckets(chunks: Rows, names: dict[int, InstanceKey], seconds: int) -> Iterator[ExportRow]:
    """Put what is rolled up of a bucket and what is not yet together."""
    for rows in chunks:
        for (start, subject, version), parts in groupby(rows, lambda row: row[:3]):
            counts, latency = _summed(parts)
            if any(counts) and cleaning.moment(start) is not None:
                shares = (quantile(latency, share) for share in _SHARES)
                shown = (None if value is None else round(value * 1000, 3) for value in shares)
                yield (*names[subject], int(start), seconds, cleaning.words(version) or None, *counts, *shown)


def _summed(parts: Iterable[Row]) -> tuple[list[int], Buckets]:
    counts, latency = [0] * 5, Buckets()
    for row in parts:
        counts = [old + cleaning.count(new) for old, new in zip(counts, row[3:8], strict=True)]
        latency.update(cleaning.histogram(row[8]))
        latency.update(_latencies(row[9]))
    return counts, latency


def _latencies(listed: object) -> Buckets:
    """Read microseconds that are listed with commas between them."""
    found: Buckets = Counter()
    for word in listed.split(",") if isinstance(listed, str) else ():
        if word.isdecimal() and (latency := cleaning.duration(int(word))) is not None:
            found[bucket_of(latency)] += 1
    return found


def _ms(value: object) -> float | None:
    """Give milliseconds from microseconds."""
    latency = cleaning.duration(value)
    return None if latency is None else round(latency * 1000, 3)
