"""When a snapshot reaches the screen, and what the header says about the picture."""

from dataclasses import replace

import pytest

from platformpm.model.zone import zone_of
from platformpm.report.columns import Tone
from platformpm.tui.feed import Feed
from tests.tui.synthetic import NOW, FakeBoard, FakeClock, believable, load


def test_a_snapshot_is_given_once() -> None:
    board = FakeBoard(believable())
    feed = Feed(board, FakeClock())
    assert feed.pull() is board.snapshot
    assert feed.pull() is None
    assert board.snapshot is not None
    board.snapshot = replace(board.snapshot, sequence=2)
    assert feed.pull() is board.snapshot


def test_a_frozen_picture_stands_still_and_lets_the_newest_in_when_it_goes_on() -> None:
    board, clock = FakeBoard(load(3)), FakeClock()
    feed = Feed(board, clock)
    first = feed.pull()
    feed.freeze(on=True)
    clock.at += 12
    assert first is not None
    board.snapshot = replace(first, sequence=7, at=clock.at)
    assert feed.pull() is None
    assert feed.shown is first
    assert feed.now == NOW
    assert feed.pulse() == ("frozen 12s", Tone.DEGRADED)
    feed.freeze(on=False)
    assert feed.pull() is board.snapshot
    assert feed.now == clock.at
    assert feed.pulse().word == "live"


def test_while_someone_types_the_picture_comes_once_a_second() -> None:
    board, clock = FakeBoard(load(3)), FakeClock()
    feed = Feed(board, clock)
    first = feed.pull()
    assert first is not None
    taken = []
    for eighth in range(1, 25):
        clock.at += 0.125
        board.snapshot = replace(first, sequence=1 + eighth)
        feed.typed()
        if feed.pull() is not None:
            taken.append(eighth)
    assert taken == [8, 16, 24]
    clock.at += 0.31
    board.snapshot = replace(first, sequence=99)
    assert feed.pull() is board.snapshot


def test_before_the_first_snapshot_it_is_starting() -> None:
    assert Feed(FakeBoard(), FakeClock()).pulse().word == "starting"


@pytest.mark.parametrize(("age", "word"), [(0, "live"), (59, "live"), (61, "stale 1m"), (600, "stale 10m")])
def test_a_picture_that_no_longer_comes_is_stale(age: float, word: str) -> None:
    clock = FakeClock()
    feed = Feed(FakeBoard(load(3)), clock)
    feed.pull()
    clock.at += age
    assert feed.pulse().word == word


@pytest.mark.parametrize("name", ["No/Such_Zone", "", "../etc/passwd", "Asia/\x00"])
def test_a_time_zone_that_does_not_exist_is_the_machines_own(name: str) -> None:
    assert zone_of(name) is None


def test_the_time_zone_of_the_platform_is_used() -> None:
    feed = Feed(FakeBoard(believable()), FakeClock())
    feed.pull()
    assert str(feed.zone) == "Asia/Shanghai"
