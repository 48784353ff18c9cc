"""The screen of what happened, over a real history in memory."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from platformpm.errors import HistoryError
from platformpm.history import FileBookmark
from platformpm.model.event import Event, EventKind
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Status
from platformpm.tui.screens.events import EventsScreen
from tests.tui.golden import assert_golden
from tests.tui.stage import Stage, on_stage
from tests.tui.synthetic import NOW, believable
from tests.unit.history.pasts import written

DAY = 86400.0
PAST = (
    Event(NOW - 20 * DAY, EventKind.VERSION, "search@production/a", "search version 5.1.0 → 5.2.0"),
    Event(NOW - 3 * DAY, EventKind.STATUS, "catalog@production", "catalog down in production", Status.DOWN),
    Event(NOW - 3 * DAY + 600, EventKind.STATUS, "catalog@production", "catalog up in production", Status.UP),
    Event(NOW - 7200, EventKind.MONITOR_PAUSED, "", "monitor paused: the machine slept 12 s"),
    Event(NOW - 3600, EventKind.VERSION, "checkout@staging/a", "checkout version 2.4.1 → 2.5.0-rc.1"),
    Event(NOW - 1800, EventKind.STATUS, "host:db-1", "db-1 over limit: disk / 97 %", Status.DEGRADED),
)


async def until(stage: Stage, condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        await stage.settle()
        if condition():
            return
        await stage.pilot.pause(0.01)
    raise AssertionError(stage.text)


@asynccontextmanager
async def events_open(
    tmp_path: Path, *, looked: float | None = None, size: tuple[int, int] = (120, 36), past: object = None
) -> AsyncIterator[Stage]:
    bookmark = FileBookmark(tmp_path / "history.db")
    if looked is not None:
        bookmark.put(looked)
    async with on_stage(believable(), size) as stage:
        stage.session.past = past or written(PAST, started=NOW - 30 * DAY, now=NOW)  # type: ignore[assignment]
        stage.session.bookmark = bookmark
        await stage.press("6")
        yield stage


def rows(stage: Stage) -> list[str]:
    assert isinstance(stage.front, EventsScreen)
    listed = stage.front.rows
    return [listed.ordering.row_at(place).event.text for place in range(listed.count)]


def knows(stage: Stage, text: str) -> Callable[[], bool]:
    return lambda: text in rows(stage)


async def test_a_key_that_cannot_sort_the_log_says_so(tmp_path: Path) -> None:
    async with events_open(tmp_path) as stage:
        await until(stage, knows(stage, PAST[4].text))
        await stage.press("s")
        await until(stage, lambda: "newest first" in "".join(note.message for note in stage.app._notifications))


async def test_it_tells_a_day_and_w_looks_further_back(tmp_path: Path) -> None:
    async with events_open(tmp_path) as stage:
        await until(stage, knows(stage, PAST[4].text))
        assert PAST[1].text not in rows(stage)
        await stage.press("w")
        await until(stage, knows(stage, PAST[1].text))
        assert "last 7 d" in stage.lines[1]
        await stage.press("w")
        await until(stage, knows(stage, PAST[0].text))
        assert rows(stage)[-1] == PAST[0].text, "newest first"
        await stage.press("W", "W")
        assert "last 24 h" in stage.lines[1]
        assert PAST[1].text not in rows(stage)


async def test_what_is_new_since_the_last_look_is_marked_until_the_next_visit(tmp_path: Path) -> None:
    async with events_open(tmp_path, looked=NOW - 3000) as stage:
        await until(stage, lambda: "new since you last looked 50m ago" in stage.lines[1])
        marked = [line for line in stage.lines if "•" in line]
        assert any("over limit: disk / 97 %" in line for line in marked)
        assert "version 2.4.1 → 2.5.0-rc.1" in stage.text
        assert not any("version 2.4.1 → 2.5.0-rc.1" in line for line in marked)
        stage.clock.at += 100.0
        await stage.press("1", "6")
        await until(stage, lambda: "0 new since you last looked" in stage.lines[1])
        assert not any("•" in line for line in stage.lines[2:])


@pytest.mark.parametrize("over", ["question_mark", "ctrl+p"], ids=["help", "palette"])
async def test_what_opens_over_it_only_is_no_look(tmp_path: Path, over: str) -> None:
    bookmark = FileBookmark(tmp_path / "history.db")
    async with events_open(tmp_path, looked=NOW - 3000) as stage:
        await until(stage, lambda: "5 new since you last looked 50m ago" in stage.lines[1])
        await stage.press(over)
        assert stage.app.screen is not stage.front
        await stage.press("escape")
        assert stage.app.screen is stage.front
        assert "5 new since you last looked 50m ago" in stage.lines[1]
        assert bookmark.read() == NOW - 3000
        await stage.press(over)
    assert bookmark.read() == pytest.approx(stage.clock.at), "the end is a look, whatever is open"


async def test_who_never_looked_is_not_told_that_all_is_new(tmp_path: Path) -> None:
    async with events_open(tmp_path) as stage:
        await until(stage, knows(stage, PAST[4].text))
        assert "since you last looked" not in stage.text
    assert FileBookmark(tmp_path / "history.db").read() == pytest.approx(stage.clock.at), "the end is a look too"


async def test_what_happens_now_comes_on_top_and_the_cursor_stays_on_its_event(tmp_path: Path) -> None:
    async with events_open(tmp_path, looked=NOW - 10) as stage:
        await until(stage, knows(stage, PAST[4].text))
        await stage.press("down", "down")
        assert isinstance(stage.front, EventsScreen)
        under = stage.front.rows.selected
        fresh = Event(NOW + 1, EventKind.STATUS, "login@production", "login down in production", Status.DOWN)
        await stage.show(after(believable(), fresh))
        assert rows(stage)[0] == fresh.text
        assert "1 new since" in stage.lines[1]
        assert stage.front.rows.selected == under


def after(snapshot: PlatformSnapshot, *events: Event) -> PlatformSnapshot:
    return replace(snapshot, sequence=2, events=(*snapshot.events, *events))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("checkout", {4}),
        ("env:staging", {4}),
        ("version", {4}),
        ("owner:payments", {4}),
        ("status:degraded", {5}),
        ("status:degraded status:up", {5}),
        ("!status:degraded db-1", set()),
        ("paused", {3}),
        ("!checkout paused", {3}),
        ("checkout ledger", {4}),
        ("checkout db-1", set()),
        ("host:db-1", {5}),
        ("db-1", {5}),
        ("nosuchword", set()),
    ],
)
async def test_a_filter_finds_subjects_and_words(tmp_path: Path, text: str, found: set[int]) -> None:
    async with events_open(tmp_path) as stage:
        await until(stage, knows(stage, PAST[4].text))
        await stage.press("/")
        await stage.type(text)
        await stage.press("enter")
        of_past = {number for number, event in enumerate(PAST) if event.text in rows(stage)}
        assert of_past == found
        if not found and text == "nosuchword":
            assert "No event matches." in stage.text
            await stage.press("escape")
            assert PAST[4].text in rows(stage)


async def test_only_faults_leaves_what_went_well(tmp_path: Path) -> None:
    async with events_open(tmp_path) as stage:
        await stage.press("w")
        await until(stage, knows(stage, PAST[1].text))
        await stage.press("o")
        assert "only faults" in stage.lines[1]
        shown = rows(stage)
        assert {PAST[1].text, PAST[3].text, PAST[5].text} <= set(shown)
        assert PAST[2].text not in shown
        assert PAST[4].text not in shown


async def test_enter_opens_what_an_event_is_of(tmp_path: Path) -> None:
    async with events_open(tmp_path) as stage:
        await until(stage, knows(stage, PAST[4].text))
        for text, there in (("2.5.0-rc.1", "checkout@staging"), ("db-1 limit", "Hosts ·"), ("paused", "Events ·")):
            await stage.press("6", "escape", "/")
            await stage.type(text)
            await stage.press("enter", "enter")
            assert there in stage.text


async def test_without_a_history_it_tells_of_this_run() -> None:
    async with on_stage(believable(), (120, 36)) as stage:
        await stage.press("6")
        assert any("ledger down" in text for text in rows(stage))
        await stage.press("w", "1", "6")
        assert "since you last looked" not in stage.text


async def test_a_quiet_time_says_how_to_look_further_back() -> None:
    quiet = replace(believable(), events=())
    async with on_stage(quiet, (120, 36)) as stage:
        await stage.press("6")
        assert "Nothing happened in the last 24 h." in stage.text
        assert "w looks further back." in stage.text


class Broken:
    """A history that cannot be read."""

    def events(self, since: float, until: float, limit: int | None = None) -> Sequence[Event]:
        raise HistoryError("history cannot be read: disk I/O error")


async def test_a_history_that_cannot_be_read_is_told_and_this_run_is_shown(tmp_path: Path) -> None:
    async with events_open(tmp_path, past=Broken()) as stage:
        await until(stage, lambda: "disk I/O error" in stage.lines[1])
        assert any("ledger down" in text for text in rows(stage))


class Stuck:
    """A history on a disk that hangs until it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.free = threading.Event()

    def events(self, since: float, until: float, limit: int | None = None) -> Sequence[Event]:
        self.asked += 1
        self.free.wait(30)
        return PAST


async def test_a_disk_that_hangs_holds_neither_keys_nor_the_end_and_is_asked_once_at_a_time(tmp_path: Path) -> None:
    stuck = Stuck()
    async with events_open(tmp_path, past=stuck) as stage:
        await stage.press("w", "w", "w", "1", "6")
        assert "Events ·" in stage.text
        assert stuck.asked == 1
    stuck.free.set()


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_it_looks_as_it_did(tmp_path: Path, size: tuple[int, int]) -> None:
    async with events_open(tmp_path, looked=NOW - 3000, size=size) as stage:
        await stage.press("w")
        await until(stage, knows(stage, PAST[1].text))
        assert_golden(f"events-{size[0]}x{size[1]}", stage.text)
