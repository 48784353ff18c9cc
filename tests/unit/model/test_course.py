"""The course of an instance over a stretch of the past."""

from __future__ import annotations

from collections import Counter

import pytest

from platformpm.model.check import InstanceKey
from platformpm.model.course import Sample, course, of_buckets, of_readings
from platformpm.model.histogram import bucket_of
from platformpm.model.past import Bucket, PastReading, Span
from platformpm.model.record import StatusChange, VersionChange
from platformpm.model.status import Reason, Status

KEY = InstanceKey("checkout", "production", "eu-1")
UP, DOWN, UNKNOWN = Status.UP, Status.DOWN, Status.UNKNOWN


def bucket(start: float, *latencies: float, version: str = "1.0", down: int = 0) -> Bucket:
    counts = Counter(bucket_of(latency) for latency in latencies)
    return Bucket(start, 300.0, version, len(latencies), 0, down, 0, 0, counts)


def test_buckets_of_one_time_are_one_sample_whatever_version_they_are_of() -> None:
    latencies = of_buckets(300.0, [bucket(600.0, 0.01), bucket(600.0, 0.1, version="2.0", down=2), bucket(900.0)])
    first, second = latencies.samples
    assert (first.started, first.ended) == (600.0, 900.0)
    assert first.latency == pytest.approx(0.01, rel=0.05), "the share of the slow one is not within the slowest 5 %"
    assert second == Sample(900.0, 1200.0, None)
    assert latencies.count == 4
    assert latencies.every.total() == 2


def test_a_sample_of_many_readings_is_the_latency_that_95_of_100_keep() -> None:
    (sample,) = of_buckets(300.0, [bucket(0.0, *[0.02] * 90, *[0.3] * 10)]).samples
    assert sample.latency == pytest.approx(0.3, rel=0.05)
    (sample,) = of_buckets(300.0, [bucket(0.0, *[0.02] * 99, 0.3)]).samples
    assert sample.latency == pytest.approx(0.02, rel=0.05)


def test_a_reading_stands_until_the_next_but_not_for_ever_and_an_untrusted_one_not_at_all() -> None:
    readings = [
        PastReading(100.0, 0.01, UP, None, "1.0", True),
        PastReading(110.0, 0.5, DOWN, Reason.STATUS, "1.0", False),
        PastReading(120.0, None, DOWN, Reason.REFUSED, "1.0", True),
        PastReading(500.0, 0.02, UP, None, "1.0", True),
    ]
    latencies = of_readings(30.0, readings)
    assert latencies.samples == (
        Sample(100.0, 120.0, 0.01),
        Sample(120.0, 150.0, None),
        Sample(500.0, 530.0, 0.02),
    )
    assert latencies.count == 3
    assert latencies.quantile(1.0) == pytest.approx(0.02, rel=0.05)
    assert of_readings(30.0, []).quantile(0.5) is None


def test_what_nobody_watched_is_no_band_and_counts_for_nothing() -> None:
    changes = [StatusChange(KEY, 0.0, UP), StatusChange(KEY, 150.0, DOWN), StatusChange(KEY, 180.0, UP)]
    seen = course(
        Span(100.0, 400.0),
        of_readings(30.0, []),
        changes,
        [VersionChange(KEY, 0.0, "1.0")],
        [Span(0, 200), Span(300, 400)],
    )
    assert [(band.status, band.started, band.ended) for band in seen.bands] == [
        (UP, 100.0, 150.0),
        (DOWN, 150.0, 180.0),
        (UP, 180.0, 200.0),
        (UP, 300.0, 400.0),
    ]
    assert seen.uptime.share == pytest.approx(170 / 200)
    assert seen.uptime.unwatched == 100.0


def test_before_the_first_change_the_status_is_unknown() -> None:
    seen = course(Span(0.0, 20.0), of_readings(1.0, []), [StatusChange(KEY, 15.0, UP)], [], [Span(10.0, 20.0)])
    assert [(band.status, band.started) for band in seen.bands] == [(UNKNOWN, 10.0), (UP, 15.0)]
