"""The chart of a detail over the past, from a real history in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from platformpm.errors import HistoryError
from platformpm.model.check import InstanceKey
from platformpm.model.ports import HistoryReader
from platformpm.model.record import Record, StatusChange, Taken, VersionChange
from platformpm.model.status import Status
from platformpm.tui.screens.detail import DetailScreen
from tests.tui.golden import assert_golden
from tests.tui.stage import Stage, on_stage
from tests.tui.synthetic import NOW, believable
from tests.tui.test_events_screen import until
from tests.unit.history.pasts import bad, up, written

DAY = 86400.0
KEY = ("checkout", "production")


def past_of(keys: tuple[InstanceKey, ...]) -> HistoryReader:
    """Give ten days in which each instance was down for an hour five hours ago and changed its version yesterday."""
    records: list[Record] = []
    for number, key in enumerate(keys):
        records.append(StatusChange(key, NOW - 10 * DAY, Status.UP))
        records += [StatusChange(key, NOW - 18000, Status.DOWN), StatusChange(key, NOW - 14400, Status.UP)]
        records += [VersionChange(key, NOW - 10 * DAY, "2.4.1"), VersionChange(key, NOW - 40000, "2.5.0")]
        for step in range(10 * 96):
            at = NOW - 10 * DAY + step * 900 + number
            reading = bad(at) if NOW - 18000 <= at < NOW - 14400 else up(at, 0.05 * (number + 1))
            records.append(Taken(key, reading, "2.4.1" if at < NOW - 40000 else "2.5.0"))
    return written(records, started=NOW - 10 * DAY, now=NOW, moved=NOW - 600)


@asynccontextmanager
async def detail_open(past: HistoryReader | None, size: tuple[int, int] = (160, 48)) -> AsyncIterator[Stage]:
    async with on_stage(believable(), size) as stage:
        stage.session.past = past
        stage.app.open_service(KEY)
        await stage.settle()
        yield stage


def checkout() -> tuple[InstanceKey, ...]:
    row = next(row for row in believable().services if row.key == KEY)
    return tuple(one.key for one in row.instances)


async def test_w_looks_over_an_hour_a_day_a_week_and_a_month_and_comes_back() -> None:
    async with detail_open(past_of(checkout())) as stage:
        assert "Latency   now" in stage.text
        for label, said in (("1 h", "1 h   median"), ("24 h", "p95 of each 5 min"), ("7 d", "p95 of each hour")):
            await stage.press("w")
            assert f"Latency   {label}" in stage.text
            await until(stage, lambda said=said: said in stage.text)  # type: ignore[misc]
        assert "▸2.5.0" in stage.text
        await stage.press("w")
        await until(stage, lambda: "Latency   30 d   p95 of each hour" in stage.text)
        await stage.press("w")
        assert "Latency   now" in stage.text
        await stage.press("W")
        assert "Latency   30 d" in stage.text


async def test_another_instance_has_its_own_past() -> None:
    async with detail_open(past_of(checkout())) as stage:
        assert isinstance(stage.front, DetailScreen)
        await stage.press("w", "w", "home")
        await until(stage, lambda: "median 51 ms" in stage.text)
        await stage.press("n")
        await until(stage, lambda: "median 97 ms" in stage.text)
        assert "24 h" in stage.text


async def test_as_time_goes_by_it_is_read_again() -> None:
    keys = checkout()
    async with detail_open(past_of(keys)) as stage:
        await stage.press("w")
        await until(stage, lambda: "readings" in stage.text)
        before = stage.text.partition("Latency   1 h")[2].partition("readings")[0]
        stage.clock.at += 31.0
        stage.session.past = written([Taken(keys[0], up(NOW + 5), None)], started=NOW, now=NOW + 20)
        assert isinstance(stage.front, DetailScreen)
        stage.front.tick()
        await until(stage, lambda: stage.text.partition("Latency   1 h")[2].partition("readings")[0] != before)


async def test_what_was_never_recorded_is_said() -> None:
    async with detail_open(written([])) as stage:
        await stage.press("w", "w")
        await until(stage, lambda: "Nothing was recorded in the last 24 h." in stage.text)


async def test_where_nothing_is_kept_the_chart_says_so() -> None:
    async with detail_open(None) as stage:
        await stage.press("w")
        assert "History is not kept here" in stage.text


class Broken:
    """A history that cannot be read."""

    def __getattr__(self, name: str) -> object:
        raise HistoryError("history cannot be read: disk I/O error")


async def test_a_history_that_cannot_be_read_says_why() -> None:
    async with detail_open(Broken()) as stage:  # type: ignore[arg-type]
        await stage.press("w")
        await until(stage, lambda: "disk I/O error" in stage.text)
        await stage.press("W")
        assert "Latency   now" in stage.text


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_it_looks_as_it_did(size: tuple[int, int]) -> None:
    async with detail_open(past_of(checkout()), size) as stage:
        await stage.press("w", "w")
        await until(stage, lambda: "p95 of each 5 min" in stage.text)
        assert_golden(f"detail-past-{size[0]}x{size[1]}", stage.text)
