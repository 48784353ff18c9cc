from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.version import Drift, agreed, bare, drift_of


def by_number(a: str, b: str) -> int | None:
    """Order plain numbers; nothing else has an order."""
    if not (bare(a).isdigit() and bare(b).isdigit()):
        return None
    return int(bare(a)) - int(bare(b))


@pytest.mark.parametrize(
    ("version", "plain"),
    [("v1.2", "1.2"), ("V1", "1"), ("1.2", "1.2"), ("vNext", "vNext"), ("v", "v"), ("", ""), ("version1", "version1")],
)
def test_only_a_leading_v_before_a_number_does_not_count(version: str, plain: str) -> None:
    assert bare(version) == plain


@pytest.mark.parametrize(
    ("versions", "version"),
    [({}, None), ({"1": 3}, "1"), ({"1": 2, "v1": 1}, "1"), ({"1": 2, "2": 1}, None), ({"v1": 1, "1": 2}, "v1")],
)
def test_a_version_is_what_all_agree_on(versions: dict[str, int], version: str | None) -> None:
    assert agreed(versions) == version


@pytest.mark.parametrize(
    ("versions", "target", "drift"),
    [
        ({}, None, Drift.UNKNOWN),
        ({}, "1", Drift.UNKNOWN),
        ({"1": 1}, None, Drift.UNKNOWN),
        ({"1": 1, "2": 1}, None, Drift.MIXED),
        ({"1": 1, "2": 1}, "2", Drift.MIXED),
        ({"1": 1, "v1": 1}, "V1", Drift.CURRENT),
        ({"1": 1}, "2", Drift.BEHIND),
        ({"v3": 1}, "2", Drift.AHEAD),
        ({"01": 1}, "1", Drift.CURRENT),
        ({"abc": 1}, "2", Drift.DIFFERENT),
        ({"abc": 1}, "abc", Drift.CURRENT),
    ],
)
def test_drift_says_where_the_observed_stands(versions: dict[str, int], target: str | None, drift: Drift) -> None:
    assert drift_of(versions, target, by_number) is drift


@given(st.integers(0, 99), st.integers(0, 99))
def test_behind_is_ahead_seen_from_the_other_side(one: int, other: int) -> None:
    mirror = {Drift.BEHIND: Drift.AHEAD, Drift.AHEAD: Drift.BEHIND, Drift.CURRENT: Drift.CURRENT}
    there = drift_of({str(one): 1}, str(other), by_number)
    assert drift_of({str(other): 1}, str(one), by_number) is mirror[there]
