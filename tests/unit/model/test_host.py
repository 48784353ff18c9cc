from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from platformpm.model.host import Disk, HostReading, judge_host, level, measurements
from platformpm.model.inventory import HostLimits, Limit
from platformpm.model.status import Reason, Status

LIMITS = HostLimits(cpu=Limit(80, 95), memory=Limit(85, None), disk=Limit(None, 97))
HELD = HostLimits(cpu=Limit(80, 95), hold=60.0)


@pytest.mark.parametrize(
    ("value", "limit", "status"),
    [
        (79.9, Limit(80, 95), Status.UP),
        (80.0, Limit(80, 95), Status.DEGRADED),
        (95.0, Limit(80, 95), Status.DOWN),
        (100.0, Limit(80, None), Status.DEGRADED),
        (94.0, Limit(None, 95), Status.UP),
        (96.0, Limit(None, 95), Status.DOWN),
        (100.0, Limit(None, None), Status.UP),
    ],
)
def test_a_limit_is_reached_by_being_equal_to_it(value: float, limit: Limit, status: Status) -> None:
    assert level(value, limit) is status


def test_only_what_was_measured_and_has_a_limit_is_judged() -> None:
    reading = HostReading(0.0, cpu_percent=None, memory_percent=50.0, swap_percent=99.0, disks=(Disk("/", 1.0),))
    assert [name for name, _, _ in measurements(reading, LIMITS)] == ["memory", "disk /"]
    assert judge_host(reading, HostLimits(), {}).status is Status.UP


@pytest.mark.parametrize(
    ("reading", "status", "detail"),
    [
        (HostReading(0.0, cpu_percent=10.0), Status.UP, ""),
        (HostReading(0.0, cpu_percent=85.4), Status.DEGRADED, "cpu 85 %, limit 80 %"),
        (HostReading(0.0, cpu_percent=97.0), Status.DOWN, "cpu 97 %, limit 95 %"),
        (
            HostReading(0.0, memory_percent=90.0, disks=(Disk("/", 50.0), Disk("/var", 98.0))),
            Status.DOWN,
            "disk /var 98 %, limit 97 %; memory 90 %, limit 85 %",
        ),
    ],
)
def test_a_host_says_what_is_over_its_limit_worst_first(reading: HostReading, status: Status, detail: str) -> None:
    judgement = judge_host(reading, LIMITS, {})
    assert (judgement.status, judgement.detail) == (status, detail)
    assert judgement.reason is (None if status is Status.UP else Reason.LIMIT)


def test_a_host_that_could_not_be_read_is_unknown_and_starts_anew() -> None:
    judgement = judge_host(HostReading(9.0, failure=Reason.TIMEOUT_RESPONSE, detail="no answer"), HELD, {"cpu": 0.0})
    assert (judgement.status, judgement.reason, judgement.detail) == (
        Status.UNKNOWN,
        Reason.TIMEOUT_RESPONSE,
        "no answer",
    )
    assert judgement.over == {}


def test_a_moment_over_the_critical_limit_after_a_long_warning_is_still_a_warning() -> None:
    over = judge_host(HostReading(0.0, cpu_percent=85.0), HELD, {}).over
    judgement = judge_host(HostReading(120.0, cpu_percent=99.0), HELD, over)
    assert (judgement.status, judgement.detail) == (Status.DEGRADED, "cpu 99 %, limit 80 %")
    later = judge_host(HostReading(180.0, cpu_percent=99.0), HELD, judgement.over)
    assert (later.status, later.detail) == (Status.DOWN, "cpu 99 %, limit 95 %")


class Holding(RuleBasedStateMachine):
    """A limit counts exactly when every reading of the last `hold` seconds, and one at their start, was over it."""

    @initialize(hold=st.sampled_from([0.0, 10.0, 25.0]))
    def begin(self, hold: float) -> None:
        self.limits = HostLimits(cpu=Limit(80, 95), hold=hold)
        self.values: list[float | None] = []
        self.judgement = judge_host(HostReading(-5.0), self.limits, {})

    @rule(value=st.sampled_from([None, 10.0, 80.0, 90.0, 95.0, 99.0]))
    def read(self, value: float | None) -> None:
        self.values.append(value)
        at = 5.0 * len(self.values)
        self.judgement = judge_host(HostReading(at, cpu_percent=value), self.limits, self.judgement.over)

    def held(self, limit: float) -> bool:
        run = 0
        for value in reversed(self.values):
            if value is None or value < limit:
                break
            run += 1
        return run > 0 and (run - 1) * 5.0 >= self.limits.hold

    @invariant()
    def agrees(self) -> None:
        if hasattr(self, "values"):
            expected = Status.DOWN if self.held(95) else Status.DEGRADED if self.held(80) else Status.UP
            assert self.judgement.status is expected


TestHolding = Holding.TestCase
TestHolding.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
