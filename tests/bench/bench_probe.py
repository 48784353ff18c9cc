"""CPU of one HTTP probe over a fresh connection, against Prometheus' blackbox_exporter: same targets, same run."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from platformpm.model.check import Check, Instance
from platformpm.model.ports import Probe
from platformpm.model.secret import NO_MASK
from platformpm.model.status import Status
from platformpm.net import Network
from platformpm.probes import registry
from tests.bench import targets
from tests.bench.rows import Row, below
from tests.faults.rows import SystemClock, instance_of

HOSTS = 500
ROUNDS = 6
RUNS = 3
AT_ONCE = 20
_MODULES = "modules:\n  http: {prober: http, timeout: 5s, http: {preferred_ip_protocol: ip4, method: GET}}\n"
_ASK = b"GET /probe?module=http&target=http://%b/health HTTP/1.0\r\nHost: bench\r\n\r\n"


def run() -> Iterator[Row]:
    """Measure both in turn, several times; the medians are compared."""
    if shutil.which("prometheus-blackbox-exporter") is None:
        yield Row("CPU per HTTP probe against blackbox_exporter", "<= 0.5 of it", "blackbox_exporter is not installed")
        return
    ours: dict[str, list[float]] = {name: [] for name in _loops()}
    theirs: list[float] = []
    with targets.nginx() as port, _blackbox() as (exporter, exporter_port):
        for _ in range(RUNS):
            for name, factory in _loops().items():
                with asyncio.Runner(loop_factory=factory) as runner:
                    ours[name].append(runner.run(_our_cost(port)))
            theirs.append(asyncio.run(_their_cost(exporter, exporter_port, port)))
    bound = statistics.median(theirs)
    for name, costs in ours.items():
        cost = statistics.median(costs)
        note = f"{cost * 1e6:.0f} us against {bound * 1e6:.0f} us a probe, {HOSTS} hosts"
        yield below(f"CPU per HTTP probe against blackbox_exporter, {name}", cost / bound, 0.5, "of it", note)


def _loops() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.SelectorEventLoop}
    if importlib.util.find_spec("uvloop") is not None:
        import uvloop  # an extra

        loops["uvloop"] = uvloop.new_event_loop
    return loops


async def _our_cost(port: int) -> float:
    """Give the CPU seconds of one probe through the registry, verdict and version included."""
    network = Network()
    probes = registry(network, NO_MASK, SystemClock())
    instances = [instance_of(f"http://{targets.address(i)}:{port}/health", Check()) for i in range(HOSTS)]
    await _round(probes, instances)
    start = time.process_time()
    for _ in range(ROUNDS):
        await _round(probes, instances)
    cost = (time.process_time() - start) / (ROUNDS * HOSTS)
    await network.close()
    return cost


async def _round(probes: Mapping[str, Probe], instances: Sequence[Instance]) -> None:
    queue = iter(instances)

    async def work() -> None:
        loop = asyncio.get_running_loop()
        for instance in queue:
            reading = await probes["http"](instance, instance.health, loop.time() + 5)
            if reading.status is not Status.UP:
                raise SystemExit(f"a bench target is {reading.status}: {reading.detail}")

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


@contextmanager
def _blackbox() -> Iterator[tuple[psutil.Process, int]]:
    with tempfile.TemporaryDirectory() as name, socket.socket() as free:
        config = Path(name) / "blackbox.yml"
        config.write_text(_MODULES)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = ["prometheus-blackbox-exporter", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            targets._wait(port)
            yield psutil.Process(process.pid), port
        finally:
            process.terminate()
            process.wait(10)


async def _their_cost(exporter: psutil.Process, exporter_port: int, port: int) -> float:
    """Give the CPU seconds of one probe by the exporter; whoever asks it is this process and does not count."""
    hosts = [f"{targets.address(i)}:{port}".encode() for i in range(HOSTS)]
    await _ask_all(exporter_port, hosts)
    before = exporter.cpu_times()
    for _ in range(ROUNDS):
        await _ask_all(exporter_port, hosts)
    after = exporter.cpu_times()
    return (after.user + after.system - before.user - before.system) / (ROUNDS * HOSTS)


async def _ask_all(exporter_port: int, hosts: Sequence[bytes]) -> None:
    queue = iter(hosts)

    async def work() -> None:
        for host in queue:
            reader, writer = await asyncio.open_connection("127.0.0.1", exporter_port)
            writer.write(_ASK % host)
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            if b"probe_success 1" not in answer:
                raise SystemExit("blackbox_exporter found a bench target down")

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


if __name__ == "__main__":
    for each in run():
        sys.stdout.write(f"{each}\n")
