from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.inventory.durations import LONGEST, format_duration, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15s", 15),
        ("2m", 120),
        ("800ms", 0.8),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("2d", 172800),
        ("1w", 604800),
        ("1m500ms", 60.5),
        (" 3s ", 3),
        ("0s", 0),
        (30, 30),
        (0.25, 0.25),
    ],
)
def test_durations_are_read_as_people_write_them(text: object, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "15",
        "s",
        "15 s",
        "1y",
        "-3s",
        "1e3s",
        "٣s",
        "1s2",
        "5S",
        -1,
        math.inf,
        math.nan,
        True,
        None,
        [],
        {},
        "9" * 400 + "s",
    ],
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_duration(value)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary()))
def test_any_value_is_a_duration_in_bounds_or_a_plain_refusal(value: object) -> None:
    with suppress(ValueError):
        assert 0 <= parse_duration(value) <= LONGEST


@given(st.integers(min_value=0, max_value=int(LONGEST * 1000)))
def test_a_duration_that_was_written_reads_the_same(milliseconds: int) -> None:
    assert round(parse_duration(format_duration(milliseconds / 1000)) * 1000) == milliseconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("500MB", 500_000_000), ("2GiB", 2**31), ("1.5 kB", 1500), ("64KiB", 65536), (123, 123), ("7", 7)],
)
def test_sizes_are_read_as_people_write_them(text: object, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("value", ["", "lots", "2 PB", "-1MB", -1, 1.5, True, None])
def test_what_is_no_size_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_size(value)
