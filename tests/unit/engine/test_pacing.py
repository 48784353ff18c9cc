"""Checks start so that none waits for the work of the others."""

from __future__ import annotations

import asyncio
from time import thread_time

import pytest

from platformpm.engine.asker import Asker, jobs_of
from platformpm.engine.pacing import Pace
from platformpm.model.check import Check, Instance
from platformpm.model.reading import Reading
from tests.unit.engine.platforms import QUICK_CHECK, OffsetClock, many, up

CROWD = 60
STEPS = 3


def work(seconds: float) -> None:
    """Take so many CPU seconds."""
    end = thread_time() + seconds
    while thread_time() < end:
        pass


class Crowded:
    """A probe that works in steps and knows how many of it were under way at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def __call__(self, of: Instance, check: Check, deadline: float) -> Reading:
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(STEPS):
            work(0.0005)
            await asyncio.sleep(0)
        self.now -= 1
        return up(1.0)


async def test_of_a_crowd_only_some_are_under_way_at_once_so_that_each_is_as_quick_as_alone() -> None:
    probe, of = Crowded(), many(CROWD, QUICK_CHECK)
    asker = Asker({"http": probe}, of, OffsetClock())
    readings = await asyncio.gather(*(asker.ask(job) for job in jobs_of(of)))
    assert len(readings) == CROWD
    assert probe.most < CROWD / 4


async def test_who_comes_alone_starts_at_once() -> None:
    pace = Pace()
    with pytest.raises(StopIteration):
        pace.turn().send(None)


async def test_turns_go_in_order_and_one_that_is_given_up_goes_to_the_next() -> None:
    pace, served = Pace(lambda: 0.0), list[int]()

    async def come(number: int) -> None:
        await pace.turn()
        served.append(number)

    tasks = [asyncio.create_task(come(number)) for number in range(20)]
    await asyncio.sleep(0)
    waiting = [number for number in range(20) if number not in served]
    assert waiting, "a crowd has to wait"
    tasks[waiting[0]].cancel()
    tasks[waiting[3]].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert served == [number for number in range(20) if number not in (waiting[0], waiting[3])]


async def test_a_check_that_is_cancelled_before_its_turn_gives_its_place_back() -> None:
    probe, of = Crowded(), many(CROWD, QUICK_CHECK)
    asker = Asker({"http": probe}, of, OffsetClock())
    tasks = [asyncio.create_task(asker.ask(job)) for job in jobs_of(of)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert asker.limits.in_flight == 0


async def test_the_dearer_a_check_is_the_wider_apart_they_start() -> None:
    spent = 0.0

    def cpu() -> float:
        nonlocal spent
        spent += 0.005
        return spent

    pace, loop = Pace(cpu), asyncio.get_running_loop()
    began = loop.time()
    for _ in range(60):
        await pace.turn()
    assert loop.time() - began > 0.2, "with what was guessed at first it would be a fifth of it"
