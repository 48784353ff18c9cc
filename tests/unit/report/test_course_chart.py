"""The chart of a stretch of the past, and what stands over it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC

import pytest

from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.course import Course, course, of_buckets, of_readings
from platformpm.model.histogram import bucket_of
from platformpm.model.past import Bucket, Span
from platformpm.model.record import StatusChange, VersionChange
from platformpm.model.series import EMPTY
from platformpm.model.settle import Settled
from platformpm.model.state import InstanceState
from platformpm.model.status import Status
from platformpm.report.chart import course_chart
from platformpm.report.curves import Past, curve
from platformpm.report.plot import ChartFrame
from platformpm.report.width import display_width

NOW = 1_795_330_800.0
"""2026-11-22 07:00:00 UTC."""
DAY = 86400.0
KEY = InstanceKey("checkout", "production", "eu-1")
FRAME = ChartFrame(80, 10, 15.0, zone=UTC)
CHANGES = (
    StatusChange(KEY, NOW - 40 * DAY, Status.UP),
    StatusChange(KEY, NOW - 8 * 3600, Status.DOWN),
    StatusChange(KEY, NOW - 8 * 3600 + 30, Status.UP),
    StatusChange(KEY, NOW - 3600, Status.DEGRADED),
)
VERSIONS = (VersionChange(KEY, NOW - 40 * DAY, "2.4.1"), VersionChange(KEY, NOW - 6 * 3600, "2.5.0"))


def of(
    seconds: float, each: float, *, watched: tuple[Span, ...] = (), versions: tuple[VersionChange, ...] = VERSIONS
) -> Course:
    span = Span(NOW - seconds, NOW)
    starts = range(int(span.started // each * each), int(NOW), int(each))
    buckets = [Bucket(float(at), each, "2.4.1", 20, 0, 0, 0, 0, Counter({bucket_of(0.05): 20})) for at in starts]
    return course(span, of_buckets(each, buckets), CHANGES, versions, watched or (span,))


def text(one: Course, frame: ChartFrame = FRAME) -> list[str]:
    return ["".join(piece.text for piece in line) for line in course_chart(one, frame)]


def state(**check: float) -> InstanceState:
    instance = Instance(KEY, "http", "http://h", Check(**check), "http://h")  # type: ignore[arg-type]
    return InstanceState(instance, Settled(Status.UP, NOW, (Status.UP,)), series=EMPTY)


def test_a_day_has_its_status_its_versions_and_its_times() -> None:
    *plot, strip, versions, times = text(of(DAY, 300.0))
    assert len(plot) == 7
    assert strip.startswith(" status  ━━━")
    assert strip.count("✖") == 1, "an outage of half a minute is seen in a day"
    assert strip.endswith("◐◐◐")
    label, _, marks = versions.partition("version  ")
    assert (label, marks.split()) == ("", ["2.4.1", "▸2.5.0"])
    assert abs(strip.index("✖") - versions.index("▸2.5.0") + 6) <= 1, "two hours are six of 71 cells"
    assert "╵16:00" in times
    assert "╵22 Nov" in times, "midnight is said as the day that begins"


@pytest.mark.parametrize(("days", "first"), [(7, "╵17 Nov"), (30, "╵24 Oct")])
def test_a_longer_stretch_has_dates(days: int, first: str) -> None:
    times = text(of(days * DAY, 3600.0))[-1]
    assert times.split()[0] + " " + times.split()[1] == first
    assert ":" not in times


def test_time_that_nobody_watched_is_blank() -> None:
    watched = (Span(NOW - DAY, NOW - DAY / 2), Span(NOW - DAY / 4, NOW))
    strip = text(of(DAY, 300.0, watched=watched))[-3]
    assert "     " in strip.strip().removeprefix("status  ")


def test_many_versions_give_way_to_each_other_and_none_leaves_its_place() -> None:
    versions = tuple(VersionChange(KEY, NOW - DAY + hour * 3600, f"2.{hour}.0-long-name") for hour in range(24))
    lines = text(of(DAY, 300.0, versions=versions))
    assert all(display_width(line) <= 80 for line in lines)
    assert lines[-2].count("▸") >= 18
    assert lines[-2].rstrip().endswith(" 2.23.0-long-name◂"), "the newest is worth more than those before it"


@pytest.mark.parametrize("minutes", [1, 30, 80, 110])
def test_a_version_that_is_minutes_old_is_told_before_its_sign(minutes: int) -> None:
    versions = (*VERSIONS, VersionChange(KEY, NOW - 60 * minutes, "2.5.1-rc.1"))
    line = text(of(DAY, 300.0, versions=versions))[-2]
    assert line.rstrip().endswith(" 2.5.1-rc.1◂")
    assert line.rindex("◂") == 79 - int(minutes * 60 * 71 / DAY)
    assert "2.4.1 " in line


def test_of_a_version_that_held_too_short_for_its_name_stands_the_sign_alone() -> None:
    versions = (*VERSIONS, VersionChange(KEY, NOW - 2 * 3600, "2.5.1"), VersionChange(KEY, NOW - 3600, "2.5.2"))
    line = text(of(DAY, 300.0, versions=versions))[-2]
    assert "…" not in line
    assert line.rstrip().endswith("2.5.2◂")


def test_without_any_version_there_is_no_line_for_it() -> None:
    assert not any("version" in line for line in text(of(DAY, 300.0, versions=())))
    assert len(text(of(DAY, 300.0, versions=()))) == 10


def test_wide_characters_in_a_version_keep_the_next_in_its_place() -> None:
    versions = (VersionChange(KEY, NOW - DAY, "版本一二三"), VersionChange(KEY, NOW - DAY / 2, "x"))
    line = text(of(DAY, 300.0, versions=versions))[-2]
    plain = text(of(DAY, 300.0, versions=(replace_version(versions[0], "abc"), versions[1])))[-2]
    assert display_width(line.partition("▸x")[0]) == len(plain.partition("▸x")[0])


def replace_version(change: VersionChange, version: str) -> VersionChange:
    return change._replace(version=version)


@pytest.mark.parametrize(("width", "height"), [(19, 10), (80, 4), (80, 0)])
def test_nothing_is_drawn_where_there_is_no_room(width: int, height: int) -> None:
    assert text(of(DAY, 300.0), replace(FRAME, width=width, height=height)) == []


@pytest.mark.parametrize("width", [20, 21, 60, 200])
@pytest.mark.parametrize("height", [5, 6, 18])
def test_it_keeps_to_its_room(width: int, height: int) -> None:
    lines = text(of(DAY, 300.0), replace(FRAME, width=width, height=height, warning=0.04, critical=0.06))
    assert len(lines) == height
    assert all(display_width(line) <= width for line in lines)


def said(past: Past, width: int = 140) -> list[str]:
    return ["".join(piece.text for piece in line) for line in curve(state(max_latency=0.5), past, width, 10, UTC)]


def test_the_title_says_what_a_point_stands_for_and_how_it_was() -> None:
    title = said(Past("24 h", of(DAY, 300.0)))[0]
    assert title.startswith("Latency   24 h   p95 of each 5 min   median 5")
    assert "instance up 99.96%" in title
    assert "limit 500 ms" in title
    assert title.endswith("5,760 readings")


def test_single_readings_are_no_percentiles() -> None:
    hour = course(Span(NOW - 3600, NOW), of_readings(30.0, []), CHANGES, VERSIONS, [Span(NOW - 3600, NOW)])
    assert "p95 of" not in said(Past("1 h", hour))[0]


def test_what_never_had_a_latency_has_a_chart_without_numbers() -> None:
    span = Span(NOW - DAY, NOW)
    buckets = [Bucket(NOW - 600, 300.0, "", 20, 0, 0, 0, 0, Counter())]
    title, *lines = said(Past("24 h", course(span, of_buckets(300.0, buckets), CHANGES, [], [span])))
    assert title.startswith("Latency   24 h   none measured   instance up ")
    assert not any(" ms" in line for line in lines)
    assert any(line.startswith("status  ") for line in lines)


def test_what_is_not_known_is_said_in_place_of_the_chart() -> None:
    nothing = course(Span(NOW - DAY, NOW), of_readings(30.0, []), [], [], [])
    assert said(Past("24 h", nothing)) == ["Latency   24 h", "Nothing was recorded in the last 24 h."]
    assert said(Past("7 d", None, "Reading history …")) == ["Latency   7 d", "Reading history …"]
