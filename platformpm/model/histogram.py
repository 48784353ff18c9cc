"""Latencies in few bytes: a sparse histogram of logarithmic buckets that merges without loss.

The buckets are those of DDSketch (Masson, Rim and Lee, VLDB 2019): the width of each grows with its value, so that
every quantile is within `ERROR` of a true one, however many histograms were merged.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator

ERROR = 0.04
"""Greatest relative error of a quantile."""
_GAMMA = (1 + ERROR) / (1 - ERROR)
_LOG_GAMMA = math.log(_GAMMA)
_UNIT = 1e-6
"""Seconds below which latencies are not told apart."""

Buckets = Counter[int]
"""Number of latencies by the index of their bucket."""


def bucket_of(latency: float) -> int:
    """Give the index of the bucket of a latency in seconds."""
    return 0 if latency <= _UNIT else math.ceil(math.log(latency / _UNIT) / _LOG_GAMMA)


def latency_of(bucket: int) -> float:
    """Give the latency in seconds that stands for a bucket: within `ERROR` of all in it."""
    return _UNIT if bucket <= 0 else float(_UNIT * 2 * _GAMMA**bucket / (_GAMMA + 1))


def quantile(buckets: Buckets, share: float) -> float | None:
    """Give the latency in seconds below which `share` (0 to 1) of all lie; None where there are none."""
    rank = share * (buckets.total() - 1)
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen > rank:
            return latency_of(bucket)
    return None


def pack(buckets: Buckets) -> bytes:
    """Write buckets as pairs of variable-length integers (LEB128): the distance from the index before, the count."""
    out = bytearray()
    before = 0
    for bucket in sorted(buckets):
        _write(out, bucket - before)
        _write(out, buckets[bucket])
        before = bucket
    return bytes(out)


def unpack(packed: bytes) -> Buckets:
    """Read what `pack` wrote. Raises ValueError for anything else."""
    numbers = list(_read(packed))
    if len(numbers) % 2:
        raise ValueError("a histogram has a bucket without a count")
    buckets: Buckets = Counter()
    bucket = 0
    for distance, count in zip(numbers[::2], numbers[1::2], strict=True):
        bucket += distance
        buckets[bucket] += count
    return buckets


def merged(histograms: Iterable[Buckets]) -> Buckets:
    """Give all latencies of several histograms in one."""
    total: Buckets = Counter()
    for one in histograms:
        total.update(one)
    return total


def _write(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _read(packed: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0
    if shift:
        raise ValueError("a histogram ends in the middle of a number")
