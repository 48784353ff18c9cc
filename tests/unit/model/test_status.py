from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.model.status import (
    RANK,
    MinUp,
    Reason,
    Status,
    Verdict,
    service_status,
    status_for,
    verdict_of,
    worst,
)

UP, UNKNOWN, DEGRADED, DOWN = Status
ANY = st.sampled_from(Status)


def test_badness_is_up_unknown_degraded_down() -> None:
    assert sorted(Status, key=RANK.__getitem__) == [UP, UNKNOWN, DEGRADED, DOWN]


@pytest.mark.parametrize(
    ("statuses", "min_up", "expected"),
    [
        ([UP], MinUp(1), UP),
        ([DOWN], MinUp(1), DOWN),
        ([UNKNOWN], MinUp(1), UNKNOWN),
        ([DEGRADED], MinUp(1), DEGRADED),
        ([UP, DOWN], MinUp(1), DEGRADED),
        ([UP, DOWN], MinUp(2), DOWN),
        ([UP, UNKNOWN], MinUp(2), UNKNOWN),
        ([DEGRADED, UNKNOWN], MinUp(2), DEGRADED),
        ([DOWN, UNKNOWN], MinUp(1), DEGRADED),
        ([DOWN, UNKNOWN], MinUp(2), DOWN),
        ([UP, UP, DOWN], MinUp(50, percent=True), DEGRADED),
        ([UP, DOWN, DOWN], MinUp(50, percent=True), DOWN),
        ([UP, UP, UP], MinUp(7), DOWN),
        ([UNKNOWN], MinUp(2), DOWN),
        ([UP, UP, DOWN], MinUp(7), DOWN),
        ([DOWN, DOWN], MinUp(0), DEGRADED),
    ],
)
def test_a_service_is_as_good_as_its_instances_allow(statuses: list[Status], min_up: MinUp, expected: Status) -> None:
    assert service_status(statuses, min_up) is expected


@given(st.lists(ANY, min_size=1, max_size=8), st.integers(0, 10))
def test_the_rule_of_the_design_holds_word_for_word(statuses: list[Status], count: int) -> None:
    serving = statuses.count(UP) + statuses.count(DEGRADED)
    if serving + statuses.count(UNKNOWN) < count:
        expected = DOWN
    elif DOWN in statuses or DEGRADED in statuses:
        expected = DEGRADED
    else:
        expected = UNKNOWN if UNKNOWN in statuses else UP
    assert service_status(statuses, MinUp(count)) is expected


@given(st.lists(ANY, min_size=1, max_size=8), st.integers(1, 8), st.integers(0, 7))
def test_a_worse_instance_never_makes_a_service_better(statuses: list[Status], count: int, at: int) -> None:
    at %= len(statuses)
    before = service_status(statuses, MinUp(count))
    after = service_status([*statuses[:at], DOWN, *statuses[at + 1 :]], MinUp(count))
    assert RANK[after] >= RANK[before] or statuses[at] is DOWN


@given(st.lists(ANY, min_size=1, max_size=8))
def test_the_order_of_instances_does_not_matter(statuses: list[Status]) -> None:
    assert service_status(statuses, MinUp(2)) is service_status(statuses[::-1], MinUp(2))


@given(st.integers(0, 100), st.integers(1, 1000))
def test_a_percentage_is_rounded_up(percent: int, total: int) -> None:
    needed = MinUp(percent, percent=True).needed(total)
    assert needed == math.ceil(percent * total / 100 - 1e-9)
    assert 0 <= needed <= total


def test_a_count_is_a_count() -> None:
    assert MinUp(3).needed(2) == 3


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ([], Verdict.UNKNOWN),
        ([UP, UP], Verdict.OK),
        ([UP, UNKNOWN], Verdict.UNKNOWN),
        ([UNKNOWN, DEGRADED], Verdict.WARNING),
        ([DEGRADED, DOWN, UP], Verdict.CRITICAL),
    ],
)
def test_a_fleet_is_as_bad_as_its_worst(statuses: list[Status], verdict: Verdict) -> None:
    assert verdict_of(statuses) is verdict


def test_the_worst_of_nothing_is_the_default() -> None:
    assert worst([], UP) is UP


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_status_that_is_not_up(reason: Reason) -> None:
    degraded = {Reason.SLOW, Reason.CERTIFICATE_EXPIRING}
    unknown = {Reason.CONFIG, Reason.INTERNAL, Reason.UNAUTHORIZED, Reason.RATE_LIMITED, Reason.NOT_PERMITTED}
    unknown |= {Reason.PROXY}
    expected = DEGRADED if reason in degraded else UNKNOWN if reason in unknown else DOWN
    assert status_for(reason) is expected
