"""Stretches of time that a screen can look back over."""

from __future__ import annotations

from typing import NamedTuple

from platformpm.model.check import Instance
from platformpm.model.course import Course, Samples, course, of_buckets, of_readings
from platformpm.model.past import Span
from platformpm.model.ports import HistoryReader

_HELD = 2.5
"""Intervals for which a single reading stands."""


class Stretch(NamedTuple):
    """The last `seconds` up to now; a chart of it has one value for each `each` seconds, None for each reading."""

    label: str
    seconds: float
    each: float | None = None


CHARTS = (
    Stretch("1 h", 3600.0),
    Stretch("24 h", 86400.0, 300.0),
    Stretch("7 d", 7 * 86400.0, 3600.0),
    Stretch("30 d", 30 * 86400.0, 3600.0),
)
EVENTS = (
    Stretch("24 h", 86400.0),
    Stretch("7 d", 7 * 86400.0),
    Stretch("30 d", 30 * 86400.0),
    Stretch("400 d", 400 * 86400.0),
)


def course_of(past: HistoryReader, instance: Instance, stretch: Stretch, now: float) -> Course:
    """Read the course of an instance over a stretch that ends at wall time `now`. Raises HistoryError."""
    key, span = instance.key, Span(now - stretch.seconds, now)
    return course(
        span,
        _samples(past, instance, stretch, span),
        past.changes(key, *span),
        past.versions(key, *span),
        past.watched(*span),
    )


def _samples(past: HistoryReader, instance: Instance, stretch: Stretch, span: Span) -> Samples:
    if stretch.each is None:
        return of_readings(instance.health.interval * _HELD, past.readings(instance.key, *span))
    return of_buckets(stretch.each, past.buckets(instance.key, *span, stretch.each))
