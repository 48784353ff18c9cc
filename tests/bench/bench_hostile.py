"""Thousands of probes of servers that misbehave in every known way: how late they come back, what they leave behind."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from platformpm.model.check import Check, Expectation, Instance, TlsSettings
from platformpm.model.ports import Probe
from platformpm.model.secret import NO_MASK, Secret
from platformpm.net import Network
from platformpm.probes import registry
from tests.bench.rows import ROOT, Row, below
from tests.faults.body_faults import BODY_FAULTS
from tests.faults.dns_faults import FaultyNames
from tests.faults.http_faults import HTTP_FAULTS
from tests.faults.redirect_faults import REDIRECT_FAULTS
from tests.faults.rows import SystemClock, instance_of
from tests.faults.tcp_faults import TCP_FAULTS

WARM_UP = 5_000
"""Probes until the allocator has seen the worst of 200 bodies at once; memory then stays as it is."""

MEASURED = 10_000
AT_ONCE = 200
TIMEOUT = 0.5
SAMPLE_EVERY = 50


@dataclass(slots=True)
class Seen:
    """What the run gave: seconds after the deadline of every probe that ran out of time, and (probes done, RSS)."""

    late: list[float] = field(default_factory=list)
    memory: list[tuple[int, int]] = field(default_factory=list)
    done: int = 0
    escaped: int = 0


def run() -> Iterator[Row]:
    """Measure overrun and memory over 10,000 hostile probes, after a warm-up."""
    with fault_process() as (ports, ca_file):
        start, busy = time.perf_counter(), time.process_time()
        seen = asyncio.run(_probe_all(_targets(ports, ca_file)))
        busy, wall = time.process_time() - busy, time.perf_counter() - start
    share = f"{busy / wall:.0%} of a core, load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    yield Row("CPU of a hostile probe", "", f"{busy / (WARM_UP + MEASURED) * 1e3:.2f} ms ({share})")
    late = sorted(seen.late)
    median, high, most = (late[int((len(late) - 1) * share)] for share in (0.5, 0.99, 1.0))
    note = (
        f"p50 {median * 1e3:.1f} ms, max {most * 1e3:.0f} ms; {len(late)} of {WARM_UP + MEASURED} ran into the deadline"
    )
    yield below("deadline overrun p99, hostile targets, 200 at once", high * 1e3, 200, "ms", note)
    memory = [(count, rss) for count, rss in seen.memory if count >= WARM_UP]
    note = f"RSS {memory[0][1] >> 20} -> {memory[-1][1] >> 20} MiB, peak {max(rss for _, rss in memory) >> 20} MiB"
    yield below("memory per hostile probe after warm-up", slope(memory), 2048, "B", note)
    yield below("exceptions that escaped a probe", seen.escaped, 1, "", f"of {WARM_UP + MEASURED}")


def slope(points: Sequence[tuple[int, int]]) -> float:
    """Give the least-squares slope through (x, y)."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


@contextmanager
def fault_process() -> Iterator[tuple[dict[str, int], str]]:
    """Run the fault server in a process of its own, so that its memory and its time are not ours."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.faults", folder]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            served = json.loads(process.stdout.readline())
            yield served["ports"], served["ca_file"]
        finally:
            process.stdin.close()
            process.wait(20)
            process.stdout.close()


def _targets(ports: Mapping[str, int], ca_file: str) -> list[Instance]:
    plain = Check(timeout=TIMEOUT)
    needy = Check(timeout=TIMEOUT, expect=Expectation(body="never-to-be-found"))
    secured = Check(timeout=TIMEOUT, tls=TlsSettings(ca_file=ca_file))
    ping = Check(timeout=TIMEOUT, send=Secret("PING\r\n"), expect=Expectation(body="PONG"))
    web = [*HTTP_FAULTS, *BODY_FAULTS, *REDIRECT_FAULTS, "refused", "black-hole"]
    out = []
    for fault, port in ports.items():
        host = "[::1]" if fault == "ipv6" else "127.0.0.1"
        if fault.startswith("tls-"):
            out += [instance_of(f"{scheme}://{host}:{port}", secured) for scheme in ("https", "tls")]
        elif fault in TCP_FAULTS:
            out += [instance_of(f"tcp://{host}:{port}", check) for check in (plain, ping)]
        elif fault in web:
            out += [instance_of(f"http://{host}:{port}/", check) for check in (plain, needy)]
    names = ("no-such-name.test", "slow.test", *(f"hang-{i}.test" for i in range(10)))
    return out + [instance_of(f"http://{name}:{ports['healthy']}/", plain) for name in names]


async def _probe_all(targets: Sequence[Instance]) -> Seen:
    names = FaultyNames()
    network = Network(lookup=names)
    probes = registry(network, NO_MASK, SystemClock())
    seen = Seen()
    order = random.Random(2)
    queue = iter([order.choice(targets) for _ in range(WARM_UP + MEASURED)])
    try:
        await asyncio.gather(*(_worker(queue, probes, seen) for _ in range(AT_ONCE)))
    finally:
        names.release()
        await network.close()
    return seen


async def _worker(queue: Iterator[Instance], probes: Mapping[str, Probe], seen: Seen) -> None:
    loop = asyncio.get_running_loop()
    process = psutil.Process()
    for instance in queue:
        deadline = loop.time() + TIMEOUT
        try:
            await probes[instance.scheme](instance, instance.health, deadline)
        except Exception:  # noqa: BLE001  # counted: none may escape
            seen.escaped += 1
        late = loop.time() - deadline
        if late > 0:
            seen.late.append(late)
        seen.done += 1
        if seen.done % SAMPLE_EVERY == 0:
            seen.memory.append((seen.done, process.memory_info().rss))


if __name__ == "__main__":
    for each in run():
        sys.stdout.write(f"{each}\n")
