"""Latencies in log buckets: within 5 % of the truth, merged without loss, read back as written."""

import math
import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.histogram import Buckets, bucket_of, latency_of, merged, pack, quantile, unpack

latencies = st.floats(2e-6, 3600.0)


@given(latencies)
def test_a_bucket_stands_for_its_latencies_within_five_percent(latency: float) -> None:
    assert math.isclose(latency_of(bucket_of(latency)), latency, rel_tol=0.05)


@pytest.mark.parametrize("latency", [0.0, 1e-9, 1e-6])
def test_what_is_too_short_to_tell_is_a_millionth_of_a_second(latency: float) -> None:
    assert latency_of(bucket_of(latency)) == 1e-6


@given(st.lists(st.lists(latencies, min_size=1), min_size=1), st.sampled_from([0.0, 0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_of_merged_histograms_is_that_of_all_latencies(parts: list[list[float]], share: float) -> None:
    whole = sorted(latency for part in parts for latency in part)
    found = quantile(merged(Counter(map(bucket_of, part)) for part in parts), share)
    assert found is not None
    assert math.isclose(found, whole[math.floor(share * (len(whole) - 1))], rel_tol=0.05)


def test_the_median_of_many_is_near_the_one_of_statistics() -> None:
    values = [0.010 * 1.01**step for step in range(500)]
    found = quantile(Counter(map(bucket_of, values)), 0.5)
    assert found is not None
    assert math.isclose(found, statistics.median_low(values), rel_tol=0.05)


def test_nothing_has_no_quantile() -> None:
    assert quantile(Counter(), 0.5) is None


@given(st.dictionaries(st.integers(0, 500), st.integers(1, 10**9)))
def test_what_is_packed_is_read_back(buckets: dict[int, int]) -> None:
    assert unpack(pack(Counter(buckets))) == buckets


def test_twenty_like_readings_take_few_bytes() -> None:
    buckets: Buckets = Counter(bucket_of(0.020 + 0.0004 * step) for step in range(20))
    assert len(pack(buckets)) <= 2 * len(buckets) + 1


@pytest.mark.parametrize("packed", [b"\x01", b"\x81", b"\x01\x02\x03", b"\xff"])
def test_what_pack_did_not_write_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="histogram"):
        unpack(packed)
