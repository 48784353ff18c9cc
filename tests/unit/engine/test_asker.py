from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from platformpm.engine.asker import Asker, Job, jobs_of
from platformpm.engine.trust import Pause
from platformpm.model.check import Check, Instance, Purpose
from platformpm.model.inventory import EngineSettings, Inventory
from platformpm.model.ports import Probe
from platformpm.model.reading import Reading
from platformpm.model.secret import Masker
from platformpm.model.status import Reason, Status
from tests.unit.engine.platforms import QUICK_CHECK, OffsetClock, always_up, instance, inventory, many, service, up


def asker_for(probe: Probe, of: Inventory | None = None, clock: OffsetClock | None = None) -> tuple[Asker, Job]:
    of = of or many(1, QUICK_CHECK)
    return Asker({"http": probe}, of, clock or OffsetClock()), next(jobs_of(of))


async def test_a_probe_is_asked_once_with_its_deadline() -> None:
    asked: list[tuple[Instance, Check, float]] = []

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        asked.append((of, check, deadline - asyncio.get_running_loop().time()))
        return up(1.0)

    asker, job = asker_for(probe)
    reading = await asker.ask(job)
    assert reading == up(1.0)
    ((of, check, left),) = asked
    assert (of, check) == (job.instance, job.check)
    assert 0 < left <= check.timeout


async def test_a_probe_that_raises_is_a_reading_and_shows_no_secret() -> None:
    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        raise ValueError("token hunter22 \x1b[31m")

    of = replace(many(1, QUICK_CHECK), mask=Masker(["hunter22"]))
    asker, job = asker_for(probe, of)
    reading = await asker.ask(job)
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.INTERNAL)
    assert reading.detail.startswith("ValueError: token •••")
    assert "\x1b" not in reading.detail
    assert asker.limits.in_flight == 0


async def test_a_probe_that_raises_a_timeout_of_its_own_is_a_defect_and_no_overrun() -> None:
    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        raise TimeoutError("mine")

    asker, job = asker_for(probe)
    assert (await asker.ask(job)).detail == "TimeoutError: mine"


async def test_a_probe_that_overruns_its_deadline_is_cut_off() -> None:
    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        await asyncio.Event().wait()
        raise AssertionError

    asker, job = asker_for(probe, many(1, Check(timeout=0.01)))
    keeper = asyncio.create_task(keep_looking(asker))
    reading = await asker.ask(job)
    keeper.cancel()
    assert (reading.status, reading.reason, reading.trusted) == (Status.UNKNOWN, Reason.INTERNAL, True)
    assert "overran its deadline" in reading.detail


async def keep_looking(asker: Asker) -> None:
    while True:
        asker.look()
        await asyncio.sleep(0.1)


async def test_a_scheme_without_a_probe_is_a_matter_of_configuration() -> None:
    asker, job = asker_for(always_up)
    reading = await asker.ask(replace(job, scheme="gopher"))
    assert (reading.status, reading.reason, reading.detail) == (Status.UNKNOWN, Reason.CONFIG, "no probe for gopher://")


async def test_a_clock_that_jumps_during_a_probe_spoils_its_reading() -> None:
    clock = OffsetClock()
    pauses: list[Pause] = []

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        clock.offset += 3600
        return up(1.0)

    asker, job = asker_for(probe, clock=clock)
    asker.on_pause = pauses.append
    assert not (await asker.ask(job)).trusted
    assert len(pauses) == 1


async def test_a_loop_that_stands_still_spoils_what_was_in_flight_and_nothing_later() -> None:
    blocked = False

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        nonlocal blocked
        if not blocked:
            blocked = True
            await asyncio.sleep(0)
            time.sleep(1.4)  # noqa: ASYNC251  # a blocked loop is what is tested
        return up(1.0)

    asker, job = asker_for(probe)
    assert not (await asker.ask(job)).trusted
    assert (await asker.ask(job)).trusted


@pytest.mark.parametrize(
    ("reason", "latency", "stall", "trusted"),
    [
        (Reason.TIMEOUT_RESPONSE, None, 0.9, False),  # most of the timeout was ours
        (Reason.DNS, None, 0.9, False),
        (Reason.SLOW, 0.9, 0.9, False),
        (Reason.SLOW, 5.0, 0.9, True),  # slow all the same
        (Reason.STATUS, 0.9, 0.9, True),  # an answer is an answer
        (Reason.TIMEOUT_RESPONSE, None, 0.0, True),
        (None, 0.9, 0.9, True),
    ],
)
async def test_a_short_stall_spoils_only_what_it_made_late(
    reason: Reason | None, latency: float | None, stall: float, trusted: bool
) -> None:
    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        time.sleep(stall)  # noqa: ASYNC251  # a blocked loop is what is tested
        return Reading(Status.UP if reason is None else Status.DOWN, 1.0, reason, latency=latency)

    asker, job = asker_for(probe, many(1, Check(timeout=0.5)))
    pauses: list[Pause] = []
    asker.on_pause = pauses.append
    assert (await asker.ask(job)).trusted is trusted
    assert pauses == []


async def test_cancelling_gives_the_place_back() -> None:
    entered = asyncio.Event()

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError

    asker, job = asker_for(probe)
    task = asyncio.create_task(asker.ask(job))
    await entered.wait()
    assert asker.limits.in_flight == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asker.limits.in_flight == 0


async def test_waiting_for_a_place_is_no_part_of_the_deadline() -> None:
    left: list[float] = []

    async def probe(of: Instance, check: Check, deadline: float) -> Reading:
        left.append(deadline - asyncio.get_running_loop().time())
        await asyncio.sleep(0.05)
        return up(1.0)

    of = many(4, Check(timeout=1.0), EngineSettings(concurrency=1))
    asker, _ = asker_for(probe, of)
    await asyncio.gather(*(asker.ask(job) for job in jobs_of(of)))
    assert len(left) == 4
    assert min(left) > 0.9


def test_jobs_are_health_and_version_of_each_instance_and_share_a_target_by_host_and_port() -> None:
    one = instance(version=Check(purpose=Purpose.VERSION))
    two = replace(instance("ledger"), health_url="https://user@Gateway.example:8443/ledger?x=1")
    jobs = list(jobs_of(inventory(service(one), service(two))))
    assert [(job.check.purpose, job.scheme, job.target) for job in jobs] == [
        (Purpose.HEALTH, "http", "checkout-a.production.example:8080"),
        (Purpose.VERSION, "http", "checkout-a.production.example:8080"),
        (Purpose.HEALTH, "https", "gateway.example:8443"),
    ]


def test_a_url_that_cannot_be_read_is_a_target_of_its_own() -> None:
    (job,) = jobs_of(inventory(service(replace(instance(), health_url="http://[::1"))))
    assert (job.scheme, job.target) == ("http", "checkout@production/a")
