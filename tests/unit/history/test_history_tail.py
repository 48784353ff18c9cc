"""Following what another process writes, and who goes first of several."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from platformpm.errors import HistoryError
from platformpm.history.inbox import Inbox
from platformpm.history.lock import LockedError, WriterLock, claim, claim_path, give_way, lock_path
from platformpm.history.store import History
from platformpm.history.tail import Tail
from platformpm.model.event import Event, EventKind
from platformpm.model.status import Reason, Status
from tests.unit.history.records import KEY, NOW, QUICK, SETTINGS, Banner, HandClock, opened, taken, until


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "history.db"


@pytest.mark.parametrize("where", ["file", "memory"])
def test_what_was_written_since_the_last_look_is_given_whole_and_once(path: Path, where: str) -> None:
    history = opened(path if where == "file" else None)
    history.put(taken(NOW))
    assert history.flush(10)
    tail = history.tail()
    assert tail.news() == []
    history.put(taken(NOW + 15))
    history.put(taken(NOW + 30, Status.DOWN, version=None))
    assert history.flush(10)
    up, down = tail.news()
    assert (up.key, up.reading.at, up.reading.status, up.version) == (KEY, NOW + 15, Status.UP, taken(NOW).version)
    assert (up.reading.whole, down.reading.whole) == (False, True), "of what is well the parts are not recorded"
    whole = taken(NOW + 30, Status.DOWN).reading
    assert down.reading.reason is Reason.STATUS
    assert (down.reading.detail, down.reading.phases) == (whole.detail, whole.phases)
    assert tail.news() == []
    history.close()


def test_a_writer_that_begins_to_count_anew_is_followed_from_there(path: Path) -> None:
    history = opened(path)
    for step in range(5):
        history.put(taken(NOW + step))
    assert history.flush(10)
    tail = history.tail()
    tail._last = 1000  # as if all of a long run had been moved
    history.put(taken(NOW + 60))
    assert history.flush(10)
    assert [one.reading.at for one in tail.news()][-1] == NOW + 60
    assert tail.news() == []
    history.close()


def test_what_another_process_told_is_given_once(path: Path) -> None:
    history = opened(path)
    said = [Event(NOW + n, EventKind.STATUS, "shop@production", f"shop {n}", Status.DOWN) for n in range(3)]
    history.put(said[0])
    assert history.flush(10)
    tail = history.tail()
    assert tail.news_of_events() == []
    history.put(said[1])
    history.put(said[2])
    assert history.flush(10)
    assert tail.news_of_events() == said[1:]
    assert tail.news_of_events() == []
    tail._told = 1000  # as if the file had been put aside
    assert tail.news_of_events() == said
    history.close()


def test_there_is_nothing_to_follow_where_there_is_no_history(path: Path) -> None:
    history = opened(None)
    history.close()
    with pytest.raises(HistoryError):
        Tail(lambda: (_ for _ in ()).throw(HistoryError("no history")))


def test_who_claims_is_given_way_until_it_ends(path: Path) -> None:
    path.parent.mkdir()
    give_way(path)
    held = claim(path)
    with pytest.raises(LockedError, match=rf"process {os.getpid()}"):
        give_way(path)
    with pytest.raises(LockedError):
        claim(path)
    held.release()
    give_way(path)
    assert claim_path(path).exists()


def test_a_history_gives_way_while_it_writes_and_goes_on_when_the_other_ends(path: Path) -> None:
    standing: list[bool] = []
    history = opened(path, Banner(), standing=standing.append)
    until(lambda: standing == [True], "writes")
    held = claim(path)
    until(lambda: standing == [True, False], "gives way")
    history.put(taken(NOW))
    assert not history.flush(10)
    assert (history.waiting, history.dropped) == (0, 0)
    held.release()
    until(lambda: standing == [True, False, True], "writes again")
    history.put(taken(NOW + 1))
    assert history.flush(10)
    history.close()


def leading(path: Path, banner: Banner, locked: float) -> History:
    """Give the history of a process that watches without a screen."""
    history = History(path, SETTINGS, HandClock(), replace(QUICK, locked=locked))
    history.start(banner, claims=True)
    return history


def test_that_a_screen_is_about_to_give_way_is_not_told(path: Path) -> None:
    path.parent.mkdir()
    screen, banner = WriterLock(lock_path(path)), Banner()
    history = leading(path, banner, 1.0)
    until(lambda: history._recorder._refused, "refused")
    screen.release()
    until(lambda: history.recording, "writes")
    history.close()
    assert banner.told == []


def test_who_does_not_give_way_is_told_of(path: Path) -> None:
    path.parent.mkdir()
    screen, banner = WriterLock(lock_path(path)), Banner()
    history = leading(path, banner, 0.05)
    until(lambda: banner.text, "told")
    assert history._recorder._refused >= 3
    history.close()
    screen.release()


def test_a_second_one_that_watches_is_told_so_at_once(path: Path) -> None:
    path.parent.mkdir()
    first, banner = claim(path), Banner()
    history = leading(path, banner, 600.0)
    until(lambda: banner.text, "told")
    assert banner.told == [f"another platformpm (process {os.getpid()}) records; this one probes without recording"]
    history.close()
    first.release()


def test_what_comes_while_another_writes_is_not_lost_but_not_ours() -> None:
    inbox = Inbox()
    inbox.put(taken(NOW))
    mark = inbox.mark()
    inbox.mute(on=True)
    inbox.put(taken(NOW + 1))
    assert (inbox.waiting, inbox.dropped, inbox.lost()) == (0, 0, None)
    assert not mark.result(0)
    inbox.mute(on=False)
    inbox.put(taken(NOW + 2))
    assert inbox.waiting == 1
