"""Heartbeats that were heard, recalled or touched, with real files and clocks that are moved by hand."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from platformpm.model.check import Check, HeartbeatRule, Instance, InstanceKey
from platformpm.model.heartbeat import Heartbeat
from platformpm.model.inventory import Inventory, Service
from platformpm.model.reading import Reading
from platformpm.model.secret import NO_MASK
from platformpm.model.status import Reason, Status
from platformpm.net import Network
from platformpm.probes import Heartbeats, heartbeat, registry

KEY = InstanceKey("backup", "production", "nightly")
NOW = 1_800_000_000.0


@dataclass
class TwoClocks:
    """A wall clock that may jump, and a monotonic one."""

    at: float = NOW
    ticks: float = 1000.0

    def wall(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def pass_(self, seconds: float) -> None:
        self.at += seconds
        self.ticks += seconds


@pytest.fixture
def clock() -> TwoClocks:
    return TwoClocks()


@pytest.fixture
def heard(clock: TwoClocks) -> Heartbeats:
    return Heartbeats(clock)


def probe(heard: Heartbeats, clock: TwoClocks, url: str = "heartbeat://nightly", timeout: float = 10.0) -> Reading:
    check = Check(heartbeat=HeartbeatRule(60.0, 10.0))

    async def once() -> Reading:
        one = registry(Network(), NO_MASK, clock, heard)["heartbeat"]
        return await one(
            Instance(KEY, "heartbeat", url, check, url), check, asyncio.get_running_loop().time() + timeout
        )

    return asyncio.run(once())


def test_before_the_first_it_says_what_is_awaited_and_how_to_send_it(heard: Heartbeats, clock: TwoClocks) -> None:
    reading = probe(heard, clock)
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.SILENT)
    assert "POST /heartbeat/backup@production/nightly" in reading.detail
    assert "watch --listen" in reading.detail


def test_one_that_was_heard_counts_until_it_is_silent_too_long(heard: Heartbeats, clock: TwoClocks) -> None:
    heard.listen()
    heard.hear(KEY, Heartbeat(clock.wall()))
    for wanted in (Status.UP, Status.UP, Status.DOWN):
        assert probe(heard, clock).status is wanted
        clock.pass_(60.0 if wanted is Status.UP else 0.0)
        clock.pass_(5.0)
    heard.hear(KEY, Heartbeat(clock.wall()))
    assert probe(heard, clock).status is Status.UP


@pytest.mark.parametrize("jump", [-86400.0, 86400.0])
def test_a_clock_that_jumps_is_no_outage(heard: Heartbeats, clock: TwoClocks, jump: float) -> None:
    heard.hear(KEY, Heartbeat(clock.wall()))
    clock.at += jump
    clock.pass_(30.0)
    assert probe(heard, clock).status is Status.UP
    clock.pass_(50.0)
    assert (probe(heard, clock).reason) is Reason.SILENT


def test_what_history_knows_decides_until_something_is_heard(heard: Heartbeats, clock: TwoClocks) -> None:
    heard.recall({KEY: Heartbeat(NOW - 50.0)})
    assert probe(heard, clock).status is Status.UP
    clock.pass_(15.0)
    heard.recall({KEY: Heartbeat(NOW - 50.0)})  # looked up again, as a screen beside `watch` does: it grows no younger
    clock.pass_(6.0)
    assert probe(heard, clock).status is Status.DOWN
    heard.recall({KEY: Heartbeat(clock.wall(), Status.DEGRADED, "slow")})
    assert probe(heard, clock).status is Status.DEGRADED


def test_history_that_is_opened_late_is_older_than_what_was_heard(heard: Heartbeats, clock: TwoClocks) -> None:
    heard.listen()
    heard.hear(KEY, Heartbeat(clock.wall(), message="new"))
    heard.recall({KEY: Heartbeat(NOW - 500.0)})
    assert "new" in probe(heard, clock).detail


def test_one_that_was_due_while_nobody_listened_is_unknown_for_a_turn(heard: Heartbeats, clock: TwoClocks) -> None:
    heard.recall({KEY: Heartbeat(NOW - 500.0)})
    heard.listen()
    reading = probe(heard, clock)
    assert (reading.status, "nobody listened" in reading.detail) == (Status.UNKNOWN, True)
    clock.pass_(70.0)
    assert probe(heard, clock).status is Status.DOWN


def test_a_job_that_reports_in_a_loop_is_no_news(heard: Heartbeats, clock: TwoClocks) -> None:
    assert heard.hear(KEY, Heartbeat(clock.wall()))
    assert not heard.hear(KEY, Heartbeat(clock.wall()))
    assert heard.hear(KEY, Heartbeat(clock.wall(), Status.DOWN))
    clock.pass_(2.0)
    assert heard.hear(KEY, Heartbeat(clock.wall(), Status.DOWN))


def test_one_that_comes_just_after_a_restart_is_news(heard: Heartbeats, clock: TwoClocks) -> None:
    heard.listen()
    heard.recall({KEY: Heartbeat(NOW - 65.0)})
    assert heard.hear(KEY, Heartbeat(clock.wall()))
    clock.pass_(30.0)
    assert probe(heard, clock).detail == "heartbeat 30s ago"


def test_a_service_that_was_renamed_keeps_its_heartbeats(heard: Heartbeats, clock: TwoClocks) -> None:
    heard.hear(KEY._replace(service="dump"), Heartbeat(clock.wall()))
    one = Instance(KEY, "heartbeat", "heartbeat://nightly", Check(), "heartbeat://nightly")
    heard.adopt(Inventory(services=(Service("backup", instances=(one,), renamed_from="dump"),)))
    assert heard.times([KEY, KEY._replace(instance="other")]) == {KEY: NOW}


def touch(path: Path, at: float) -> str:
    path.touch()
    os.utime(path, (at, at))
    return f"heartbeat://{path}"


def test_a_file_counts_from_when_it_was_touched(heard: Heartbeats, clock: TwoClocks, tmp_path: Path) -> None:
    file = tmp_path / "done"
    url = f"heartbeat://{file}"
    assert probe(heard, clock, url).detail == f"no heartbeat yet, awaited: touch {file}"
    touch(file, NOW - 50.0)
    assert probe(heard, clock, url).detail == "heartbeat 50s ago"
    clock.pass_(21.0)
    assert (probe(heard, clock, url).status, probe(heard, clock, url).reason) == (Status.DOWN, Reason.SILENT)
    touch(file, clock.wall())
    assert probe(heard, clock, url).status is Status.UP
    file.unlink()
    assert probe(heard, clock, url).status is Status.UP
    clock.pass_(71.0)
    assert probe(heard, clock, url).status is Status.DOWN


def test_a_name_with_a_blank_is_written_as_in_every_url(heard: Heartbeats, clock: TwoClocks, tmp_path: Path) -> None:
    touch(tmp_path / "all done", NOW)
    assert probe(heard, clock, f"heartbeat://{tmp_path}/all%20done").status is Status.UP


def test_a_time_in_the_future_is_told(heard: Heartbeats, clock: TwoClocks, tmp_path: Path) -> None:
    file = tmp_path / "done"
    url = touch(file, NOW + 7200.0)
    reading = probe(heard, clock, url)
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.SILENT)
    assert "dated 2h ahead" in reading.detail
    clock.pass_(10.0)
    touch(file, NOW + 7300.0)  # seen to change: it was touched just now, whatever it says
    reading = probe(heard, clock, url)
    assert (reading.status, "dated 2h1m ahead: one of the clocks is wrong" in reading.detail) == (Status.UP, True)
    clock.pass_(71.0)
    assert probe(heard, clock, url).status is Status.DOWN


@pytest.mark.parametrize("jump", [-86400.0, 86400.0])
def test_a_clock_that_jumps_makes_no_file_old(heard: Heartbeats, clock: TwoClocks, tmp_path: Path, jump: float) -> None:
    url = touch(tmp_path / "done", NOW)
    assert probe(heard, clock, url).status is Status.UP
    clock.at += jump
    assert probe(heard, clock, url).status is Status.UP


def test_a_file_that_may_not_be_looked_at_is_unknown(
    heard: Heartbeats, clock: TwoClocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    url = touch(tmp_path / "done", NOW)
    monkeypatch.setattr("platformpm.probes.heartbeat.os.stat", refused)
    reading = probe(heard, clock, url)
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.NOT_PERMITTED)
    assert reading.detail.startswith("Permission denied: /")


def test_a_disk_that_hangs_holds_nobody_up(
    heard: Heartbeats, clock: TwoClocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(heartbeat, "_time_of", lambda _: (release.wait(30), NOW)[1])
    reading = probe(heard, clock, touch(tmp_path / "done", NOW), timeout=0.1)
    release.set()
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.TIMEOUT_RESPONSE)


def test_without_a_rule_it_says_what_is_missing(heard: Heartbeats, clock: TwoClocks) -> None:
    async def once() -> Reading:
        one = registry(Network(), NO_MASK, clock, heard)["heartbeat"]
        return await one(Instance(KEY, "heartbeat", "heartbeat://a", Check(), "heartbeat://a"), Check(), 1e9)

    assert asyncio.run(once()).reason is Reason.CONFIG
