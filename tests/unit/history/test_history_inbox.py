import pytest

from platformpm.history import inbox as module
from platformpm.history.inbox import Inbox
from platformpm.model.event import Event, EventKind
from platformpm.model.record import Gap
from tests.unit.history.records import NOW, taken


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Inbox:
    monkeypatch.setattr(module, "READINGS", 3)
    monkeypatch.setattr(module, "RECORDS", 5)
    return Inbox()


def event() -> Event:
    return Event(NOW, EventKind.STATUS, "", "")


def test_readings_go_before_anything_else_when_there_is_no_room(small: Inbox) -> None:
    for second in range(5):
        small.put(taken(NOW + second))
    for _ in range(4):
        small.put(event())
    assert small.waiting == 5
    assert small.dropped == 4
    assert small.batch() == [*(taken(NOW + second) for second in range(3)), event(), event()]


def test_a_batch_is_given_again_until_it_is_done() -> None:
    inbox = Inbox()
    inbox.put(event())
    assert inbox.batch() == inbox.batch() == [event()]
    assert inbox.waiting == 1
    inbox.done()
    assert inbox.batch() == []
    assert inbox.waiting == 0


def test_a_mark_is_reached_when_all_before_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 1)
    inbox = Inbox()
    inbox.put(event())
    inbox.put(event())
    mark = inbox.mark()
    assert inbox.batch() == [event()]
    inbox.done()
    assert not mark.done()
    assert inbox.batch() == [event()]
    inbox.done()
    assert inbox.batch() == []
    inbox.done()
    assert mark.result(0)


def test_who_waits_for_a_record_does_so_no_longer_than_for_its_batch() -> None:
    inbox = Inbox()
    first, second = inbox.keep(event()), inbox.keep(taken(NOW))
    assert inbox.wake.is_set()
    assert inbox.batch() == [event(), taken(NOW)]
    first.cancel()
    inbox.done(kept=False)
    assert not second.result(0)
    third = inbox.keep(event())
    assert inbox.batch() == [event()]
    inbox.done()
    assert third.result(0)
    assert inbox.waiting == 0


def test_a_record_that_is_not_taken_is_not_waited_for(small: Inbox) -> None:
    small.mute(on=True)
    assert not small.keep(event()).result(0)
    small.mute(on=False)
    kept = small.keep(event())
    small.mute(on=True)
    assert not kept.result(0)
    small.mute(on=False)
    for _ in range(5):
        small.put(event())
    assert not small.keep(event()).result(0)
    assert small.dropped == 1
    small.shut()
    assert not small.keep(event()).result(0)
    assert not small.mark().result(0)
    assert small.waiting == 0


def test_a_batch_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    inbox = Inbox()
    for _ in range(3):
        inbox.put(event())
    assert len(inbox.batch()) == 2


def test_what_is_dropped_is_counted_and_told_to_those_who_wait() -> None:
    inbox = Inbox()
    inbox.put(event())
    mark = inbox.mark()
    inbox.put(event())
    inbox.drop()
    assert inbox.waiting == 0
    assert inbox.dropped == 2
    assert not mark.result(0)


def test_the_time_of_readings_that_were_lost_is_told_once(small: Inbox) -> None:
    for second in range(6):
        small.put(taken(NOW + second))
    assert small.lost() == Gap(NOW + 3, NOW + 5, "readings were lost: the disk did not take them")
    assert small.lost() is None
