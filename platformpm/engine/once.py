"""One pass over everything, for `check`: no stored state, a few tries each, and the last reading counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace

from platformpm.engine.asker import PERIOD, Asker, Job, jobs_of
from platformpm.engine.log import subject_of
from platformpm.engine.looking import look_at
from platformpm.engine.rows import layout, row_of, with_health, with_host, with_version
from platformpm.engine.silencing import counts_of, marked
from platformpm.model.alert import alerts_of_host, alerts_of_service, order
from platformpm.model.check import CheckKey, Purpose
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host, Inventory
from platformpm.model.ports import Clock, HostReader, Probe
from platformpm.model.reading import Reading
from platformpm.model.silence import Muted
from platformpm.model.snapshot import EngineHealth, PlatformSnapshot
from platformpm.model.state import HostState, InstanceState
from platformpm.model.status import Status

BETWEEN_TRIES = 1.0
"""Seconds between two tries of a check."""
BETWEEN_LOOKS = 0.5
"""Seconds between the two looks at a host that its rates need."""

_CHUNK = 100
"""Checks begun between two breaths."""

Progress = Callable[[int, int], None]
_Answer = tuple[Reading, int]


class _Pass:
    """One pass: what it needs, and how far it is."""

    def __init__(self, asker: Asker, read_host: HostReader, clock: Clock, attempts: int | None) -> None:
        self.asker = asker
        self.read_host = read_host
        self.clock = clock
        self.attempts = attempts
        self.answers: dict[CheckKey, _Answer] = {}
        self.looks: dict[str, HostReading] = {}

    async def ask(self, job: Job) -> None:
        """Try until up or out of tries; a reading that a pause of ours has spoilt costs none, up to as many again."""
        attempts = (self.attempts or job.check.down_after) if job.check.purpose is Purpose.HEALTH else 1
        spoilt = 0
        tries = 0
        while True:
            reading = await self.asker.ask(job)
            tries += 1
            if not reading.trusted and spoilt < attempts:
                spoilt += 1
                tries -= 1
            elif reading.status is Status.UP or tries >= attempts:
                break
            await asyncio.sleep(BETWEEN_TRIES)
        self.answers[job.key] = (reading, tries)

    async def look_at(self, host: Host) -> None:
        """Try as often as a check until a look goes well; then look once more, which has the rates."""
        tries = 1 if host.url is None else self.attempts or host.check.down_after
        reading = await self._look(host)
        while reading.failure is not None and tries > 1:
            tries -= 1
            await asyncio.sleep(BETWEEN_TRIES)
            reading = await self._look(host)
        if reading.failure is None:
            await asyncio.sleep(BETWEEN_LOOKS)
            second = await self._look(host)
            reading = second if second.failure is None else reading
        self.looks[host.name] = reading

    async def _look(self, host: Host) -> HostReading:
        return await look_at(host, self.read_host, self.clock, self.asker.limits)

    async def watch(self) -> None:
        """Keep looking at the clocks, so that a pause is seen."""
        while True:
            await asyncio.sleep(PERIOD)
            self.asker.look()


async def once(
    inventory: Inventory,
    probes: Mapping[str, Probe],
    read_host: HostReader,
    clock: Clock,
    *,
    attempts: int | None = None,
    progress: Progress | None = None,
) -> PlatformSnapshot:
    """Check everything in `inventory` once and give the picture; `progress` is told (done, total) after each check.

    A health check is tried up to `attempts` times (its own `down_after` when None), 1 s apart, until it is up; its last
    reading is the status. Limits hold as in the engine. `InstanceState.attempts` is the number of tries.
    """
    run = _Pass(Asker(probes, inventory, clock), read_host, clock, attempts)
    work = [run.ask(job) for job in jobs_of(inventory)] + [run.look_at(host) for host in inventory.hosts]
    watching = asyncio.create_task(run.watch())
    try:
        await _together(work, progress)
    finally:
        watching.cancel()
    return _picture(inventory, run, clock.wall())


async def _together(work: list[Coroutine[None, None, None]], progress: Progress | None) -> None:
    """Do all of `work` at once; a defect in one ends the others."""
    done = 0
    if progress is not None:
        progress(0, len(work))
    async with asyncio.TaskGroup() as group:

        def ended(task: asyncio.Task[None]) -> None:
            nonlocal done
            done += 1
            if progress is not None and not task.cancelled():
                progress(done, len(work))

        for number, one in enumerate(work, 1):
            group.create_task(one).add_done_callback(ended)
            if number % _CHUNK == 0:
                await asyncio.sleep(0)  # the first ones do not wait until all are there


def _picture(inventory: Inventory, run: _Pass, now: float) -> PlatformSnapshot:
    rows = []
    for service, environment, instances in layout(inventory):
        states = tuple(_instance(InstanceState(instance), run.answers) for instance in instances)
        rows.append(row_of(service, environment, states, None, now))
    hosts = tuple(_host(HostState(host), run.looks[host.name]) for host in inventory.hosts)
    alerts = [alert for row in rows for alert in alerts_of_service(row, now)]
    alerts += [alert for host in hosts for alert in alerts_of_host(host, now)]
    instances_total = sum(len(row.instances) for row in rows)
    return PlatformSnapshot(
        sequence=1,
        at=now,
        inventory=inventory,
        services=tuple(rows),
        hosts=hosts,
        alerts=tuple(order(alerts)),
        counts=counts_of(rows),
        health=EngineHealth(instances=instances_total, read=instances_total, readings=len(run.answers)),
    )


def with_silences(snapshot: PlatformSnapshot, muted: Mapping[str, Muted]) -> PlatformSnapshot:
    """Give a snapshot in which these subjects of alerts are muted."""
    rows = tuple(marked(row, muted.get(subject_of(row.key))) for row in snapshot.services)
    hosts = tuple(marked(host, muted.get(f"host:{host.host.name}")) for host in snapshot.hosts)
    alerts = order(replace(alert, muted=muted.get(alert.key.subject)) for alert in snapshot.alerts)
    return replace(snapshot, services=rows, hosts=hosts, alerts=tuple(alerts), counts=counts_of(rows))


def _instance(state: InstanceState, answers: Mapping[CheckKey, _Answer]) -> InstanceState:
    """Give an instance as its last readings have it."""
    reading, tries = answers[CheckKey(state.key, Purpose.HEALTH)]
    state = with_health(state, reading, None, settling=False)
    version = answers.get(CheckKey(state.key, Purpose.VERSION))
    if version is not None:
        state = with_version(state, version[0], None)
    return replace(state, attempts=tries)


def _host(state: HostState, reading: HostReading) -> HostState:
    """Give a host as its last look has it.

    What fills up slowly counts at once; a moment of CPU says nothing about a limit that must be held.
    """
    limits = state.host.limits
    if limits.hold:
        judged = replace(state, host=replace(state.host, limits=replace(limits, hold=0.0, cpu=None)))
        return replace(with_host(judged, reading), host=state.host)
    return with_host(state, reading)
