"""The uptimes of services as history has them, handed on by a thread that outlives a bad disk."""

import threading
from collections.abc import Collection, Mapping, Sequence
from typing import cast

import pytest

from platformpm.assembly import chronicle
from platformpm.assembly.chronicle import LATER, Chronicle, uptimes_of
from platformpm.assembly.parts import SystemClock
from platformpm.errors import HistoryError
from platformpm.model.check import InstanceKey
from platformpm.model.past import Span
from platformpm.model.ports import HistoryReader
from platformpm.model.record import StatusChange, whole
from platformpm.model.status import Status
from platformpm.model.uptime import WINDOWS
from tests.unit.engine.platforms import wait_until

DAY = 86400.0
NOW = 40 * DAY
ROW = ("checkout", "production")


class Past:
    """A past of one service: watched all the time, down in the last half day."""

    def changes(self, key: InstanceKey, _since: float, _until: float) -> Sequence[StatusChange]:
        if key != whole(*ROW):
            return []
        return [StatusChange(key, 0.0, Status.UP), StatusChange(key, NOW - DAY / 2, Status.DOWN)]

    def watched(self, since: float, until: float) -> Sequence[Span]:
        return [Span(since, until)]


PAST = cast("HistoryReader", Past())


def test_each_window_has_its_own_uptime_and_what_was_never_recorded_has_none() -> None:
    found = uptimes_of(PAST, [ROW, ("other", "production")], NOW)
    assert list(found) == [ROW]
    assert [round(known.down) for known in found[ROW]] == [DAY / 2] * len(WINDOWS)
    assert [known.window for known in found[ROW]] == list(WINDOWS)


def test_what_was_recorded_before_is_known_before_the_first_readings_are_written() -> None:
    waits: list[float] = []

    class Ended(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return len(waits) == 7

    looking = Chronicle(lambda: PAST, lambda: [ROW], lambda _: None, SystemClock())
    looking._ended = Ended()
    looking._work()
    assert waits == [LATER, 8.0, 10.0, 10.0, 30.0, chronicle.EVERY, chronicle.EVERY]


def test_it_hands_on_again_and_again_also_after_a_look_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chronicle, "EVERY", 0.01)
    monkeypatch.setattr(chronicle, "_FIRST", ())
    looks: list[int] = []
    handed: list[Mapping[tuple[str, str], object]] = []

    def reader() -> HistoryReader:
        looks.append(1)
        if len(looks) == 2:
            raise HistoryError("the disk has gone")
        return PAST

    def rows() -> Collection[tuple[str, str]]:
        return [ROW]

    looking = Chronicle(reader, rows, handed.append, SystemClock())
    looking.start()
    wait_until(lambda: len(handed) >= 3)
    looking.stop()
    assert len(looks) > len(handed)
    assert set(handed[-1]) == {ROW}


def test_the_first_look_at_a_large_platform_is_left_out() -> None:
    handed: list[object] = []
    looking = Chronicle(lambda: PAST, lambda: [ROW] * 1001, handed.append, SystemClock())
    waits: list[float] = []

    class Ended(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return len(waits) == 3

    looking._ended = Ended()
    looking._work()
    assert waits == [LATER, 8.0, 10.0]
    assert len(handed) == 1
