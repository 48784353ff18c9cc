"""Rows of the database into values of the model. A file may be damaged or newer: nothing in a row is believed.

A value of the wrong type is as good as none; a row without what it needs becomes None.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from platformpm.model.alert import Alert, AlertKey, AlertKind
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.heartbeat import Heartbeat
from platformpm.model.histogram import Buckets, unpack
from platformpm.model.past import PastReading
from platformpm.model.reading import Phases, Reading
from platformpm.model.record import StatusChange, VersionChange
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text

LATEST = 253_402_300_799_000
"""The last millisecond of the year 9999: what lies beyond it no calendar can show."""
LONGEST = 1_000_000_000_000
"""Microseconds, eleven days: no probe takes longer."""
FAILURE = """at, status, reason, detail, latency, dns, connect, tls, first_byte, transfer, dialect,
    failing_components, failing_more, version, version_source, certificate_expires, trusted"""
"""Columns of `failure` as `failure` reads them."""
ALERT = """kind, subject, opened, closed, severity, title, detail, tier, service, environment, owner, affected,
    worst_affected, worst_detail"""
"""Columns of `alert` as `alert` reads them."""
EVENT = "at, kind, subject, text, status"
"""Columns of `event` as `event` reads them."""
_LONG = 1000
"""Characters of a text that is put together from several."""
MOST = 2**53
"""Largest whole number that every reader of JSON takes as it is."""
_LAST_BUCKET = 1000
"""Index of a bucket of latencies that no probe can fill: ages of the earth."""

_STATUSES = {status.value: status for status in Status}
_REASONS = {reason.value: reason for reason in Reason}
_ALERTS = {kind.value: kind for kind in AlertKind}
_EVENTS = {kind.value: kind for kind in EventKind}


def moment(value: object) -> float | None:
    """Give wall seconds from milliseconds."""
    return value / 1000 if isinstance(value, (int, float)) and 0 <= value <= LATEST else None


def duration(value: object) -> float | None:
    """Give seconds from microseconds."""
    return value / 1_000_000 if isinstance(value, (int, float)) and 0 <= value <= LONGEST else None


def count(value: object) -> int:
    """Give a number of things."""
    return value if isinstance(value, int) and 0 <= value <= MOST else 0


def words(value: object, limit: int = 200) -> str:
    """Give a text that is fit to be shown, empty where there is none."""
    return _clean(value, limit) if isinstance(value, str) else ""


def status(value: object) -> Status | None:
    """Give the status of this name."""
    return _STATUSES.get(value) if isinstance(value, str) else None


def reason(value: object) -> Reason | None:
    """Give the reason of this name."""
    return _REASONS.get(value) if isinstance(value, str) else None


def histogram(value: object) -> Buckets:
    """Give latencies by bucket, none where the bytes make no sense."""
    try:
        buckets = unpack(value) if isinstance(value, bytes) else Counter[int]()
    except ValueError:
        return Counter()
    return buckets if all(key <= _LAST_BUCKET and buckets[key] <= MOST for key in buckets) else Counter()


def change(key: InstanceKey, row: Sequence[object]) -> StatusChange | None:
    """Read (at, status, reason, detail)."""
    at, now = moment(row[0]), status(row[1])
    return None if at is None or now is None else StatusChange(key, at, now, reason(row[2]), words(row[3]))


def version_change(key: InstanceKey, row: Sequence[object]) -> VersionChange | None:
    """Read (at, version, source)."""
    at, version = moment(row[0]), words(row[1])
    return None if at is None or not version else VersionChange(key, at, version, words(row[2]) or None)


def event(row: Sequence[object]) -> Event | None:
    """Read the columns `EVENT`."""
    at = moment(row[0])
    kind = _EVENTS.get(row[1]) if isinstance(row[1], str) else None
    return (
        None
        if at is None or kind is None
        else Event(at, kind, words(row[2], _LONG), words(row[3], _LONG), status(row[4]))
    )


def heartbeat(row: Sequence[object]) -> Heartbeat | None:
    """Read (at, status, message)."""
    at, now = moment(row[0]), status(row[1])
    return None if at is None or now is None else Heartbeat(at, now, words(row[2]))


def failure(row: Sequence[object]) -> Reading | None:
    """Read the columns `FAILURE`."""
    at, now = moment(row[0]), status(row[1])
    if at is None or now is None:
        return None
    return Reading(
        status=now,
        at=at,
        reason=reason(row[2]),
        detail=words(row[3]),
        latency=duration(row[4]),
        phases=Phases(*map(duration, row[5:10])),
        dialect=words(row[10]) or None,
        failing_components=_names(row[11]),
        failing_more=count(row[12]),
        version=words(row[13]) or None,
        version_source=words(row[14]) or None,
        certificate_expires=moment(row[15]),
        trusted=row[16] == 1,
    )


def past_reading(row: Sequence[object]) -> PastReading | None:
    """Read (at, latency, status, reason, version, trusted), names in the place of numbers."""
    at, now = moment(row[0]), status(row[2])
    if at is None or now is None:
        return None
    return PastReading(at, duration(row[1]), now, reason(row[3]), words(row[4]) or None, row[5] == 1)


def alert(row: Sequence[object]) -> Alert | None:
    """Read the columns `ALERT`."""
    kind = _ALERTS.get(row[0]) if isinstance(row[0], str) else None
    opened, severity, subject = moment(row[2]), status(row[4]), words(row[1], _LONG)
    if kind is None or opened is None or severity not in (Status.DEGRADED, Status.DOWN) or not subject:
        return None
    service, environment = words(row[8]), words(row[9])
    return Alert(
        key=AlertKey(kind, subject),
        severity=severity,
        title=words(row[5]),
        detail=words(row[6], _LONG),
        opened=opened,
        closed=moment(row[3]),
        tier=row[7] if isinstance(row[7], int) else None,
        service=(service, environment) if service and environment else None,
        owner=words(row[10]) or None,
        affected=count(row[11]),
        worst=(count(row[12]), words(row[13], _LONG)),
    )


def milliseconds(seconds: float) -> int:
    """Give wall seconds as the database has them; what lies outside of all calendars is the edge of them."""
    return 0 if math.isnan(seconds) else round(min(max(seconds * 1000, 0), LATEST))


_clean = lru_cache(maxsize=4096)(safe_text)
"""Thousands of instances fail with the same few sentences."""


def _names(value: object) -> tuple[str, ...]:
    """Read a JSON list of texts."""
    return _listed(value) if isinstance(value, str) else ()


@lru_cache(maxsize=1024)
def _listed(value: str) -> tuple[str, ...]:
    try:
        names = json.loads(value)
    except (ValueError, RecursionError):
        return ()
    return tuple(filter(None, map(words, names))) if isinstance(names, list) else ()
