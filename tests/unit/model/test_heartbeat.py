from __future__ import annotations

import pytest

from platformpm.model.check import HeartbeatRule
from platformpm.model.heartbeat import Heard, Heartbeat, judge, span
from platformpm.model.status import Reason, Status

H = 3600.0
RULE = HeartbeatRule(24 * H, H)
UP = Heartbeat(0.0)


def said(beat: Heartbeat, silence: float, listened: float | None = None) -> tuple[Status, Reason | None, str]:
    reading = judge(Heard(beat, 0.0), RULE, silence, listened, beat.at + silence)
    return reading.status, reading.reason, reading.detail


@pytest.mark.parametrize(
    ("silence", "detail"),
    [
        (0, "heartbeat 0s ago"),
        (24 * H, "heartbeat 1d ago"),
        (24 * H + 61, "heartbeat 1d ago, expected every 1d"),
        (25 * H, "heartbeat 1d1h ago, expected every 1d"),
    ],
)
def test_up_to_the_end_of_the_grace_a_job_is_up(silence: float, detail: str) -> None:
    assert said(UP, silence) == (Status.UP, None, detail)


@pytest.mark.parametrize("beat", [UP, Heartbeat(0.0, Status.DEGRADED, "slow"), Heartbeat(0.0, Status.DOWN)])
def test_a_longer_silence_is_down_whatever_was_said_last(beat: Heartbeat) -> None:
    wanted = (Status.DOWN, Reason.SILENT, "no heartbeat for 1d1h, expected every 1d (grace 1h)")
    assert said(beat, 25 * H + 1) == wanted


@pytest.mark.parametrize(
    ("beat", "detail"),
    [
        (Heartbeat(0.0, Status.DOWN, "disk full"), "disk full"),
        (Heartbeat(0.0, Status.DEGRADED), "the job says that it is degraded"),
    ],
)
def test_what_a_job_says_of_itself_counts(beat: Heartbeat, detail: str) -> None:
    assert said(beat, 300.0) == (beat.status, Reason.PAYLOAD, detail)


def test_a_message_is_told_when_all_is_well_too() -> None:
    assert said(Heartbeat(0.0, message="812 rows"), 60.0)[2] == "heartbeat 1m ago: 812 rows"


@pytest.mark.parametrize(
    ("silence", "listened", "status"),
    [
        (30 * H, None, Status.DOWN),  # the record alone decides
        (30 * H, 7 * H, Status.DOWN),  # it was heard of here when it was due
        (30 * H, 5 * H, Status.UNKNOWN),  # it was due an hour before anybody listened again
        (90 * H, 24 * H, Status.UNKNOWN),
        (90 * H, 25 * H, Status.DOWN),  # nothing came for a whole turn
        (24 * H, 0.0, Status.UP),
    ],
)
def test_what_was_due_while_nobody_listened_is_not_known(
    silence: float, listened: float | None, status: Status
) -> None:
    got, reason, detail = said(UP, silence, listened)
    assert got is status
    assert ("nobody listened" in detail) is (status is Status.UNKNOWN)
    assert reason is (None if status is Status.UP else Reason.SILENT)


def test_silence_is_counted_by_the_clock_that_never_jumps() -> None:
    assert Heard(UP, noted=100.0, age=30.0).silence(160.0) == 90.0
    assert Heard(UP, noted=100.0, age=-500.0).silence(160.0) == 60.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"), (0.4, "0s"), (59.9, "59s"), (60, "1m"), (61, "1m1s"), (3600, "1h"), (3661, "1h1m"), (86400, "1d"),
        (90061, "1d1h"), (86460, "1d"), (400 * 86400.0, "400d"),
    ],
)  # fmt: skip
def test_a_span_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert span(seconds) == text
