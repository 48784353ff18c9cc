"""The past as it is read back: single readings, values over buckets of time, and when the monitor was watching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from platformpm.model.histogram import Buckets
from platformpm.model.status import Reason, Status


class PastReading(NamedTuple):
    """One reading: wall seconds, seconds, and the version known then. `reason` and the rest are None where unknown."""

    at: float
    latency: float | None
    status: Status
    reason: Reason | None
    version: str | None
    trusted: bool


@dataclass(frozen=True, slots=True)
class Bucket:
    """The readings of one instance of one version that started within [start, start + seconds), in wall seconds.

    The four counts are of trusted readings by status; `untrusted` counts the others, whatever they said. `latency`
    holds the latencies of trusted readings.
    """

    start: float
    seconds: float
    version: str | None
    up: int
    degraded: int
    down: int
    unknown: int
    untrusted: int
    latency: Buckets


class Span(NamedTuple):
    """A stretch of wall time, in seconds; the end does not belong to it."""

    started: float
    ended: float
