"""The latency chart of one instance: of the readings of this run, or of what history says of a stretch of time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from platformpm.model.course import Course
from platformpm.model.series import Point, Series
from platformpm.model.status import Status
from platformpm.report.columns import Cell
from platformpm.report.plot import ChartFrame, Mark, Slot, axes, plot, worse

_SPANS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 40, 45, 60, 75, 90, 120, 150, 180, 240, 300, 450, 600, 900)
"""Seconds that one column of dots may stand for; longer ones are multiples of the last."""
_LEAST_READINGS = 10
"""Intervals that a chart covers at least, so that the first readings do not fill it."""
_HOLD = 2.5
"""A reading stands for this many intervals; after that there is a gap."""


@lru_cache(maxsize=16)
def latency_chart(series: Series, frame: ChartFrame) -> tuple[Cell, ...]:
    """Draw the latencies of `series` as `frame.height` lines, at most `frame.width` wide.

    The last two lines are the strip of statuses, each with its own sign, and the times of day. Nothing is drawn
    where there is no reading, or no room (less than 4 lines or 20 cells).
    """
    points = list(series)
    on = axes((point.latency for point in points if point.latency is not None), frame)
    if not points or on is None:
        return ()
    count = 2 * on.columns
    span = _span(points, frame.interval, count)
    end = (math.floor(points[-1].at / span) + 1) * span
    slots = _slots(points, span, count, frame.interval * _HOLD)
    return plot(slots, on, frame, end - span * count, span)


@lru_cache(maxsize=4)
def course_chart(course: Course, frame: ChartFrame) -> tuple[Cell, ...]:
    """Draw what history says of an instance as `latency_chart` draws a run, with its versions under the strip.

    Where samples stand for many readings, each is drawn as the latency that 95 % of them did not exceed.
    """
    started, ended = course.span
    marks = [Mark(change.at, change.version) for change in course.versions]
    latencies = [one.latency for one in course.latencies.samples if one.latency is not None]
    on = axes(latencies, frame, marked=bool(marks))
    if on is None or not (course.bands or latencies):
        return ()
    count = 2 * on.columns
    span = (ended - started) / count
    slots = [Slot()] * count
    for one in course.latencies.samples:
        _spread(slots, Slot(one.latency), (one.started - started) / span, (one.ended - started) / span)
    for band in course.bands:
        if band.status is Status.UNKNOWN and band.ended - band.started < span / 2:
            continue  # the moment before the first answer is no part of a day
        _spread(slots, Slot(None, band.status), (band.started - started) / span, (band.ended - started) / span)
    return plot(slots, on, frame, started, span, marks)


def _spread(slots: list[Slot], one: Slot, start: float, end: float) -> None:
    """Let a slot stand from place `start` to `end`, in one place at least."""
    first = max(math.floor(start), 0)
    for index in range(first, min(max(math.ceil(end), first + 1), len(slots))):
        slots[index] = worse(slots[index], one)


def _span(points: Sequence[Point], interval: float, columns: int) -> float:
    wanted = max(points[-1].at - points[0].at, interval * _LEAST_READINGS) / max(columns - 1, 1)
    longest = _SPANS[-1]
    return next((float(span) for span in _SPANS if span >= wanted), math.ceil(wanted / longest) * float(longest))


def _slots(points: Sequence[Point], span: float, count: int, hold: float) -> list[Slot]:
    """Give the newest `count` columns of dots of `span` seconds each; they stand on a fixed grid of time."""
    last = math.floor(points[-1].at / span)
    slots: list[Slot | None] = [None] * count
    held_until = [0.0] * count
    for point in points:
        index = math.floor(point.at / span) - last + count - 1
        if not 0 <= index < count:
            continue
        slots[index] = worse(slots[index] or Slot(), Slot(point.latency, point.status))
        held_until[index] = point.at + hold
    return _held(slots, held_until, (last - count + 1) * span, span)


def _held(slots: Sequence[Slot | None], held_until: Sequence[float], start: float, span: float) -> list[Slot]:
    out: list[Slot] = []
    nothing = Slot()
    present, until = nothing, 0.0
    for index, slot in enumerate(slots):
        if slot is not None:
            present, until = slot, held_until[index]
        elif start + index * span > until:
            present = nothing
        out.append(present)
    return out
