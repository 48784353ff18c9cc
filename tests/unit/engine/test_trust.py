from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.engine.board import LatestBoard, worth_publishing
from platformpm.engine.trust import Watch
from platformpm.model.inventory import Inventory
from platformpm.model.snapshot import PlatformSnapshot


@pytest.mark.parametrize(
    ("wall", "monotonic", "seconds"),
    [
        (0.25, 0.25, None),
        (0.9, 0.9, None),
        (2.0, 0.25, None),  # a clock that is slewed by less than 2 s
        (5.25, 5.25, 5.0),  # a stalled loop, or SIGSTOP: both clocks go on
        (3600.25, 0.25, 3600.0),  # suspended: the monotonic clock stands still
        (-3600, 0.25, 3600.25),  # set back
        (7200.25, 10.25, 7200.0),  # both at once are one pause
    ],
)
def test_a_pause_is_what_two_clocks_say(wall: float, monotonic: float, seconds: float | None) -> None:
    watch = Watch(1000.0, 50.0, 0.25)
    pause = watch.look(1000 + wall, 50 + monotonic)
    assert (None if pause is None else pytest.approx(pause.seconds)) == seconds
    assert watch.generation == (seconds is not None)


def test_a_pause_is_told_once() -> None:
    watch = Watch(0.0, 0.0, 0.25)
    assert watch.look(60.0, 60.0) is not None
    assert watch.look(60.25, 60.25) is None


def test_a_pause_says_how_long_it_was() -> None:
    pause = Watch(0.0, 0.0, 0.25).look(12.25, 12.25)
    assert pause is not None
    assert "12 s" in pause.text


@given(st.lists(st.floats(0.0, 1.2), max_size=50))
def test_ordinary_looks_are_no_pause(steps: list[float]) -> None:
    watch, now = Watch(0.0, 0.0, 0.25), 0.0
    for step in steps:
        now += step
        assert watch.look(now * 1.0001, now) is None


@pytest.mark.parametrize(
    ("since", "told", "changed", "worth"),
    [
        (0.24, True, True, False),
        (0.25, True, True, True),
        (0.25, False, True, False),
        (0.5, False, True, True),
        (0.5, False, False, False),
        (1.0, False, False, True),
    ],
)
def test_what_happened_is_shown_at_once_numbers_twice_a_second_nothing_once(
    since: float, told: bool, changed: bool, worth: bool
) -> None:
    assert worth_publishing(since, told=told, changed=changed) is worth


def test_the_board_holds_the_latest() -> None:
    board = LatestBoard()
    assert board.latest() is None
    for sequence in (1, 2):
        board.put(PlatformSnapshot(sequence, 0.0, Inventory()))
    latest = board.latest()
    assert latest is not None
    assert latest.sequence == 2
