from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace

import pytest

from platformpm.engine import once as module
from platformpm.engine.once import once
from platformpm.model.alert import AlertKind
from platformpm.model.check import Check, Instance, Purpose
from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import EngineSettings, Host, HostLimits, Inventory, Limit
from platformpm.model.ports import HostReader, Probe
from platformpm.model.reading import Reading
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Reason, Status
from tests.unit.engine.platforms import (
    OffsetClock,
    always_up,
    bad,
    idle_host,
    instance,
    inventory,
    many,
    service,
    statuses,
    up,
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BETWEEN_TRIES", 0.01)


async def passed(
    of: Inventory, probe: Probe = always_up, *, attempts: int | None = 2, host: HostReader = idle_host
) -> PlatformSnapshot:
    return await once(of, {"http": probe}, host, OffsetClock(), attempts=attempts)


class Script:
    """A probe that gives its readings in turn, the last one for ever, for each instance and purpose."""

    def __init__(self, *readings: Reading) -> None:
        self.readings = readings
        self.asked: Counter[tuple[str, Purpose]] = Counter()

    async def __call__(self, of: Instance, check: Check, deadline: float) -> Reading:
        key = (str(of.key), check.purpose)
        self.asked[key] += 1
        return self.readings[min(self.asked[key], len(self.readings)) - 1]


@pytest.mark.parametrize(
    ("readings", "attempts", "status", "tries"),
    [
        ([up()], 3, Status.UP, 1),
        ([bad(), up()], 3, Status.UP, 2),
        ([bad(), bad(), up()], 2, Status.DOWN, 2),
        ([bad(), bad(status=Status.DEGRADED, reason=Reason.SLOW)], 2, Status.DEGRADED, 2),
        ([bad(status=Status.UNKNOWN, reason=Reason.UNAUTHORIZED)], 2, Status.UNKNOWN, 2),
        ([bad()], 1, Status.DOWN, 1),
        ([bad()], None, Status.DOWN, 3),  # as often as the check itself says
    ],
)
async def test_the_last_of_a_few_tries_counts(
    readings: list[Reading], attempts: int | None, status: Status, tries: int
) -> None:
    snapshot = await passed(many(1, Check(down_after=3)), Script(*readings), attempts=attempts)
    assert statuses(snapshot) == [status]
    (state,) = snapshot.services[0].instances
    assert (state.attempts, state.status) == (tries, status)
    assert snapshot.health.read == 1


async def test_a_version_check_is_tried_once_and_is_the_source() -> None:
    of = inventory(service(instance(version=Check(purpose=Purpose.VERSION)), target={"production": "2.0.0"}))

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        asked[check.purpose] += 1
        return up(1.0, "2.0.0") if check.purpose is Purpose.VERSION else up(1.0, "0.1")

    asked: Counter[Purpose] = Counter()
    snapshot = await passed(of, probe)
    row = snapshot.services[0]
    assert (row.version, row.on_target, row.drift) == ("2.0.0", 1, "current")
    assert asked == {Purpose.HEALTH: 1, Purpose.VERSION: 1}


async def test_a_failed_version_check_has_a_reason_and_leaves_the_status_alone() -> None:
    script = Script(bad(detail="HTTP 404"))

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        return await script(of, check, deadline) if check.purpose is Purpose.VERSION else up()

    snapshot = await passed(inventory(service(instance(version=Check(purpose=Purpose.VERSION)))), probe)
    (state,) = snapshot.services[0].instances
    assert (state.status, state.version, state.version_reason) == (Status.UP, None, Reason.STATUS)
    assert sum(script.asked.values()) == 1


async def test_progress_is_told_after_each_check() -> None:
    told: list[tuple[int, int]] = []
    of = inventory(*many(3).services, hosts=(Host("local"),))
    await once(of, {"http": always_up}, idle_host, OffsetClock(), attempts=1, progress=lambda *at: told.append(at))
    assert told == [(done, 4) for done in range(5)]


async def test_limits_hold() -> None:
    inside, most = 0, 0
    full = asyncio.Event()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        if inside == 7:
            full.set()
        await full.wait()
        await asyncio.sleep(0.001)
        inside -= 1
        return up()

    await passed(many(40, engine=EngineSettings(concurrency=7)), probe)
    assert most == 7


async def test_hosts_are_looked_at_twice_and_judged() -> None:
    looks: list[float] = []

    async def host(of: Host, deadline: float) -> HostReading:
        looks.append(time.monotonic())
        return HostReading(time.time(), cpu_percent=None if len(looks) == 1 else 99.0)

    limits = HostLimits(cpu=Limit(80, 90))
    snapshot = await passed(inventory(hosts=(Host("local", limits=limits),)), host=host)
    (state,) = snapshot.hosts
    assert (state.status, state.reason) == (Status.DOWN, Reason.LIMIT)
    assert looks[1] - looks[0] >= 0.5
    assert [alert.key.kind for alert in snapshot.alerts] == [AlertKind.HOST_LIMIT]


async def test_a_limit_that_must_be_held_counts_at_once_but_for_a_moment_of_cpu() -> None:
    async def host(of: Host, deadline: float) -> HostReading:
        return HostReading(0.0, cpu_percent=99.0, disks=(Disk("/", 99.0),))

    host_ = Host("local", limits=HostLimits(cpu=Limit(80, 90), disk=Limit(80, 90), hold=120.0))
    snapshot = await passed(inventory(hosts=(host_,)), host=host)
    (state,) = snapshot.hosts
    assert (state.status, state.detail, state.host) == (Status.DOWN, "disk / 99 %, limit 90 %", host_)


async def test_a_host_that_cannot_be_read_is_unknown_and_asked_once() -> None:
    looks = []

    async def host(of: Host, deadline: float) -> HostReading:
        looks.append(of)
        return HostReading(0.0, failure=Reason.INTERNAL, detail="no")

    snapshot = await passed(inventory(hosts=(Host("local"),)), host=host)
    assert snapshot.hosts[0].status is Status.UNKNOWN
    assert len(looks) == 1


FAR = Host("far", url="http://far:9100/metrics")
GOOD, BETTER = HostReading(1.0), HostReading(2.0, cpu_percent=5.0)
LOST = HostReading(3.0, failure=Reason.REFUSED, detail="refused")


@pytest.mark.parametrize(
    ("readings", "attempts", "shown", "looks"),
    [
        ([GOOD, BETTER], 2, BETTER, 2),
        ([LOST, GOOD, BETTER], 2, BETTER, 3),
        ([LOST], 3, LOST, 3),
        ([LOST], None, LOST, 2),
        ([LOST, GOOD], 1, LOST, 1),
        ([GOOD, LOST], 2, GOOD, 2),  # all but the rates is known
    ],
)
async def test_another_machine_is_tried_as_often_as_a_check(
    readings: list[HostReading], attempts: int | None, shown: HostReading, looks: int
) -> None:
    asked = 0

    async def host(of: Host, deadline: float) -> HostReading:
        nonlocal asked
        asked += 1
        return readings[min(asked, len(readings)) - 1]

    snapshot = await passed(inventory(hosts=(FAR,)), host=host, attempts=attempts)
    assert (snapshot.hosts[0].reading, asked) == (shown, looks)
    assert snapshot.hosts[0].status is (Status.UNKNOWN if shown is LOST else Status.UP)


async def test_hosts_share_the_limits_of_the_checks() -> None:
    inside: Counter[str] = Counter()
    most: Counter[str] = Counter()

    async def host(of: Host, deadline: float) -> HostReading:
        where = (of.url or "").split("/")[2]
        inside[where] += 1
        inside["all"] += 1
        most[where] = max(most[where], inside[where])
        most["all"] = max(most["all"], inside["all"])
        await asyncio.sleep(0.001)
        inside[where] -= 1
        inside["all"] -= 1
        return HostReading(0.0)

    hosts = tuple(Host(f"h{n}", url=f"http://GATE{n % 2}:9100/{n}") for n in range(200))
    engine = EngineSettings(concurrency=5, per_host=3)
    snapshot = await passed(inventory(hosts=hosts, engine=engine), host=host)
    assert len(snapshot.hosts) == 200
    assert most == {"GATE0:9100": 3, "GATE1:9100": 3, "all": 5}


async def test_a_reading_spoilt_by_a_pause_of_ours_is_taken_again_and_costs_no_try() -> None:
    clock = OffsetClock()
    asked = 0

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        nonlocal asked
        asked += 1
        if asked == 1:
            clock.offset += 3600
            return bad()
        return up()

    snapshot = await once(many(1), {"http": probe}, idle_host, clock, attempts=1)
    assert statuses(snapshot) == [Status.UP]
    assert snapshot.services[0].instances[0].attempts == 1


async def test_readings_that_are_all_spoilt_are_unknown_and_no_outage() -> None:
    clock = OffsetClock()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        clock.offset += 3600
        return bad()

    snapshot = await once(many(1), {"http": probe}, idle_host, clock, attempts=1)
    assert statuses(snapshot) == [Status.UNKNOWN]
    (state,) = snapshot.services[0].instances
    assert state.reading is not None
    assert not state.reading.trusted


async def test_what_was_found_is_counted_and_alerted_in_inventory_order() -> None:
    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        return bad() if of.key.service == "s1" else up()

    snapshot = await passed(many(3), probe, attempts=1)
    assert [row.key[0] for row in snapshot.services] == ["s0", "s1", "s2"]
    assert (snapshot.counts.up, snapshot.counts.down) == (2, 1)
    assert [alert.service for alert in snapshot.alerts] == [("s1", "production")]
    assert snapshot.notice is None


async def test_a_pass_over_nothing_ends() -> None:
    snapshot = await passed(inventory())
    assert (snapshot.services, snapshot.counts.total) == ((), 0)


async def test_cancelling_ends_every_probe() -> None:
    ended = 0
    entered = asyncio.Barrier(6)

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        nonlocal ended
        await entered.wait()
        try:
            await asyncio.Event().wait()
        finally:
            ended += 1
        raise AssertionError

    task = asyncio.create_task(passed(many(5, replace(Check(), timeout=60.0)), probe))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == 5
