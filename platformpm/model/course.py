"""The course of one instance over a stretch of the past: how slow it was, how it stood, which version it ran."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from platformpm.model.histogram import Buckets, bucket_of, merged, quantile
from platformpm.model.past import Bucket, PastReading, Span
from platformpm.model.record import StatusChange, VersionChange
from platformpm.model.uptime import Band, Uptime, bands, uptime

SLOW = 0.95
"""Share of the latencies of a bucket that are at most as slow as the one that stands for it."""


class Sample(NamedTuple):
    """The latency that stands for [started, ended), all in seconds; None where there was none."""

    started: float
    ended: float
    latency: float | None


@dataclass(frozen=True, slots=True)
class Samples:
    """Latencies of trusted readings, oldest first. `each` is the seconds of a bucket, None for single readings.

    `every` holds all latencies, `count` the number of trusted readings.
    """

    each: float | None = None
    samples: tuple[Sample, ...] = ()
    every: Buckets = field(default_factory=Counter)
    count: int = 0

    def quantile(self, share: float) -> float | None:
        """Give the latency in seconds below which `share` (0 to 1) of all lie; None where there are none."""
        return quantile(self.every, share)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What history says of an instance over `span`; two looks at it are two courses.

    The first of `versions` may have been in force before. `bands` leave out the time in which nobody was watching.
    """

    span: Span
    latencies: Samples
    bands: tuple[Band, ...]
    versions: tuple[VersionChange, ...]
    uptime: Uptime


def course(
    span: Span,
    latencies: Samples,
    changes: Iterable[StatusChange],
    versions: Iterable[VersionChange],
    watched: Iterable[Span],
) -> Course:
    """Put together what a `HistoryReader` says of an instance over `span`."""
    turns, spans = list(changes), list(watched)
    return Course(span, latencies, tuple(bands(turns, spans, span)), tuple(versions), uptime(turns, spans, span))


def of_buckets(each: float, buckets: Iterable[Bucket]) -> Samples:
    """Give the latencies of buckets of `each` seconds, oldest first, whatever version they are of."""
    samples: list[Sample] = []
    every: Buckets = Counter()
    count = 0
    for start, same in groupby(buckets, key=lambda bucket: bucket.start):
        group = list(same)
        latency = merged(one.latency for one in group)
        every.update(latency)
        samples.append(Sample(start, start + each, quantile(latency, SLOW)))
        count += sum(one.up + one.degraded + one.down + one.unknown for one in group)
    return Samples(each, tuple(samples), every, count)


def of_readings(held: float, readings: Sequence[PastReading]) -> Samples:
    """Give the latencies of single readings, oldest first; each stands until the next, for `held` seconds at most."""
    trusted = [one for one in readings if one.trusted]
    every: Buckets = Counter(bucket_of(one.latency) for one in trusted if one.latency is not None)
    ends = [*(one.at for one in trusted[1:]), math.inf]
    samples = tuple(
        Sample(one.at, min(one.at + held, end), one.latency) for one, end in zip(trusted, ends, strict=False)
    )
    return Samples(None, samples, every, len(trusted))
