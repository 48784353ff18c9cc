"""The engine: CPU of one reading with and without its probe, and how evenly a first pass over 1,000 services starts."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from platformpm.assembly import SystemClock, build_probes
from platformpm.engine.engine import Engine
from platformpm.engine.state import State
from platformpm.inventory import load
from platformpm.model.check import Check, CheckKey, Instance, Purpose
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host, Inventory
from platformpm.model.reading import Reading
from platformpm.model.snapshot import EngineHealth
from platformpm.model.status import Reason, Status
from tests.bench import targets
from tests.bench.rows import Row, below

SERVICES = 5000
ROUNDS = 6
"""Rounds over all services; in each, one in ten is down."""
READINGS_PER_SNAPSHOT = SERVICES // 30 // 4
"""At an interval of 30 s and four snapshots a second."""
STEADY = 20.0
"""Seconds for which the whole engine is measured."""


def run() -> Iterator[Row]:
    """Measure the state alone, the starts of a first pass, and the whole engine over real targets."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = load(targets.inventory(folder, 80, SERVICES), {}).inventory
        yield from _state(large)
        yield from _first_pass(load(targets.inventory(folder, 80, 1000, "15s"), {}).inventory)
        with targets.nginx() as port:
            yield from _whole(load(targets.inventory(folder, port, 1500, "5s"), {}).inventory)


def _state(inventory: Inventory) -> Iterator[Row]:
    state = State(inventory, 0.0)
    keys = [CheckKey(instance.key, Purpose.HEALTH) for instance in inventory.instances()]
    spent = 0.0
    for round_ in range(ROUNDS):
        readings = [_reading(number, round_) for number in range(len(keys))]
        start = time.process_time()
        for number, (key, reading) in enumerate(zip(keys, readings, strict=True)):
            state.apply(key, reading, reading.at)
            if number % READINGS_PER_SNAPSHOT == 0:
                state.snapshot(number, reading.at, EngineHealth(), None)
        spent += time.process_time() - start
    cost = spent / (ROUNDS * len(keys))
    yield below(f"state and snapshots per reading, {SERVICES} services", cost * 1e6, 60, "us")


def _reading(number: int, round_: int) -> Reading:
    up = (number // 500 + round_ // 2) % 10 != 0
    at = round_ * 30.0
    if up:
        return Reading(Status.UP, at, latency=0.012, version="1.4.2", version_source="body")
    return Reading(Status.DOWN, at, Reason.STATUS, "HTTP 503, expected 2xx", 0.012)


def _first_pass(inventory: Inventory) -> Iterator[Row]:
    starts: dict[str, float] = {}

    async def probe(instance: Instance, check: Check, deadline: float) -> Reading:
        del check, deadline
        starts.setdefault(instance.key.service, time.monotonic())
        return Reading(Status.UP, time.time(), latency=0.0)

    engine = Engine(inventory, {"http": probe}, _no_host, SystemClock())
    engine.start()
    began = time.monotonic()
    while len(starts) < len(inventory.services) and time.monotonic() - began < 30:
        time.sleep(0.05)
    engine.stop()
    last = max(starts.values()) - began
    per_second = Counter(int(at - began) for at in starts.values())
    mean = len(starts) / max(last, 1)
    yield below(f"first pass over {len(inventory.services)} services", last, 10, "s")
    ratio = max(per_second.values()) / mean
    yield below("busiest second of the first pass", ratio, 2, "x the mean", f"{max(per_second.values())} starts")


def _whole(inventory: Inventory) -> Iterator[Row]:
    clock = SystemClock()
    engine = Engine(inventory, build_probes(inventory, clock), _no_host, clock)
    engine.start()
    time.sleep(12)  # the first pass and the imports that come with it
    before, busy, start = _readings(engine), time.process_time(), time.perf_counter()
    time.sleep(STEADY)
    busy, wall = time.process_time() - busy, time.perf_counter() - start
    count = _readings(engine) - before
    snapshot = engine.board.latest()
    engine.stop()
    if snapshot is None or snapshot.counts.up != len(inventory.services):
        raise SystemExit(f"bench targets are not up: {snapshot and snapshot.counts}")
    note = f"{count / wall:.0f} readings/s, {busy / wall:.0%} of a core, load {os.getloadavg()[0]:.1f}"
    yield below("whole engine per reading: probe, parse, state, snapshots", busy / count * 1e3, 0.4, "ms", note)


def _readings(engine: Engine) -> int:
    snapshot = engine.board.latest()
    return 0 if snapshot is None else snapshot.health.readings


async def _no_host(host: Host, deadline: float) -> HostReading:
    del host, deadline
    return HostReading(time.time())
