"""History as tables for other programs: which there are, and what their columns hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import NamedTuple


class What(StrEnum):
    """The tables that can be exported."""

    READINGS = "readings"
    FAILURES = "failures"
    FIVE_MINUTES = "five_minutes"
    HOURS = "hours"
    DAYS = "days"
    CHANGES = "changes"
    VERSIONS = "versions"
    HOSTS = "host_readings"
    EVENTS = "events"


class Kind(Enum):
    """What a column holds beside None; a moment is whole milliseconds of wall time."""

    TEXT = auto()
    TEXTS = auto()
    MOMENT = auto()
    NUMBER = auto()
    COUNT = auto()
    FLAG = auto()


class Column(NamedTuple):
    """A column of an exported table. Durations say their unit in the name."""

    name: str
    kind: Kind = Kind.TEXT


Cell = str | tuple[str, ...] | float | None
"""Whole numbers and booleans count as floats, as they do for every type checker."""
ExportRow = tuple[Cell, ...]
"""A row with a cell for each of its table's `COLUMNS`."""
Wanted = Callable[[str], bool]
"""Tells whether a subject (`service@environment[/instance]`, `host:NAME` or empty) is asked for."""

BUCKETS: Mapping[What, int] = MappingProxyType({What.FIVE_MINUTES: 300, What.HOURS: 3600, What.DAYS: 86400})
"""Seconds of a bucket, of the tables that have values over buckets of time."""

_WHO = (Column("service"), Column("environment"), Column("instance"))
_AT = Column("at", Kind.MOMENT)
_PHASES = ("latency_ms", "dns_ms", "connect_ms", "tls_ms", "first_byte_ms", "transfer_ms")
_BUCKET = (
    *_WHO,
    Column("start", Kind.MOMENT),
    Column("seconds", Kind.COUNT),
    Column("version"),
    *(Column(name, Kind.COUNT) for name in ("up", "degraded", "down", "unknown", "untrusted")),
    *(Column(name, Kind.NUMBER) for name in ("p50_ms", "p95_ms", "p99_ms")),
)
COLUMNS: Mapping[What, tuple[Column, ...]] = MappingProxyType(
    {
        What.READINGS: (
            *(*_WHO, _AT, Column("latency_ms", Kind.NUMBER), Column("status"), Column("reason")),
            *(Column("version"), Column("trusted", Kind.FLAG)),
        ),
        What.FAILURES: (
            *(*_WHO, _AT, Column("status"), Column("reason"), Column("detail")),
            *(Column(name, Kind.NUMBER) for name in _PHASES),
            *(Column("dialect"), Column("failing_components", Kind.TEXTS), Column("failing_more", Kind.COUNT)),
            *(Column("version"), Column("version_source"), Column("certificate_expires", Kind.MOMENT)),
            Column("trusted", Kind.FLAG),
        ),
        **dict.fromkeys(BUCKETS, _BUCKET),
        What.CHANGES: (*_WHO, _AT, Column("status"), Column("reason"), Column("detail")),
        What.VERSIONS: (*_WHO, _AT, Column("version"), Column("source")),
        What.HOSTS: (Column("host"), _AT, Column("measure"), Column("percent", Kind.NUMBER)),
        What.EVENTS: (_AT, Column("kind"), Column("subject"), Column("status"), Column("text")),
    }
)
"""An empty `instance` is a service as a whole. Counts of buckets are of trusted readings but for `untrusted`."""
