"""The curve of an instance's latency with its title: of this run, or of a stretch of the past."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from statistics import median

from platformpm.model.course import SLOW, Course
from platformpm.model.state import InstanceState
from platformpm.report import uptimes, words
from platformpm.report.chart import course_chart, latency_chart
from platformpm.report.columns import Cell, Tone, cell
from platformpm.report.flow import Fact, flow
from platformpm.report.plot import ChartFrame
from platformpm.report.spark import TONES

_STRIP = 2
"""Lines of a chart under its curve: the statuses, and the times of day."""
_PER = {300.0: "5 min", 3600.0: "hour", 86400.0: "day"}


@dataclass(frozen=True, slots=True)
class Past:
    """A stretch of time that is looked at, called `label`: what history says of it, None with a `note` why not."""

    label: str
    course: Course | None = None
    note: str = ""


def curve(one: InstanceState, past: Past | None, width: int, height: int, zone: tzinfo | None) -> list[Cell]:
    """Draw the latency of an instance under a line that says what is drawn, in `height` lines and one more.

    Of a run in which none was measured there are the statuses and the times only.
    """
    check = one.instance.health
    frame = ChartFrame(width, height, check.interval, check.max_latency, check.critical_latency, zone)
    if past is None:
        chart = latency_chart(one.series, frame)
        measured = any(point.latency is not None for point in one.series)
        title = _title([*_of_run(one), *_limits(one), _counted(len(one.series))], width)
        return [title, *(chart if measured else chart[-_STRIP:])]
    facts = [Fact("", cell("Latency", Tone.STRONG)), Fact("", cell(past.label, Tone.ACCENT))]
    course = past.course
    if course is None:
        return [_title(facts, width), cell(past.note, Tone.DIM)]
    chart = course_chart(course, frame)
    if not chart:
        return [_title(facts, width), cell(f"Nothing was recorded in the last {past.label}.", Tone.DIM)]
    return [_title([*facts, *_of_course(course), *_limits(one), _counted(course.latencies.count)], width), *chart]


def _of_run(one: InstanceState) -> Iterator[Fact]:
    points = list(one.series)
    latencies = [point.latency for point in points if point.latency is not None]
    yield Fact("", cell("Latency", Tone.STRONG))
    if latencies:
        yield Fact("now", cell(words.latency(points[-1].latency), TONES[points[-1].status]))
        yield Fact("median", cell(words.latency(median(latencies))))
        yield Fact("slowest", cell(words.latency(max(latencies))))
    elif points:
        yield Fact("", cell("none measured", Tone.DIM))


def _of_course(course: Course) -> Iterator[Fact]:
    latencies = course.latencies
    if latencies.each is not None and latencies.every:
        yield Fact("", cell(f"p{SLOW * 100:.0f} of each {_PER[latencies.each]}", Tone.DIM))
    if latencies.every:
        yield Fact("median", cell(words.latency(latencies.quantile(0.5))))
        yield Fact(f"p{SLOW * 100:.0f}", cell(words.latency(latencies.quantile(SLOW))))
    else:
        yield Fact("", cell("none measured", Tone.DIM))
    if course.uptime.share is not None:
        yield Fact("instance up", cell(uptimes.share(course.uptime), uptimes.tone(course.uptime)))


def _limits(one: InstanceState) -> Iterator[Fact]:
    check = one.instance.health
    for name, limit, tone in (
        ("limit", check.max_latency, Tone.DEGRADED),
        ("critical", check.critical_latency, Tone.DOWN),
    ):
        if limit is not None:
            yield Fact(name, cell(words.latency(limit), tone))


def _counted(readings: int) -> Fact:
    return Fact("", cell(f"{readings:,} reading{'' if readings == 1 else 's'}", Tone.DIM))


def _title(facts: list[Fact], width: int) -> Cell:
    while len(flow("", facts, width)) > 1:
        facts.pop()
    return flow("", facts, width)[0]
