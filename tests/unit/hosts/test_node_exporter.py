"""The real node_exporter on this machine, read over loopback and compared with what psutil says of it."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from platformpm.hosts import LocalReader, Machines, RemoteReader
from platformpm.model.check import Check
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host
from platformpm.model.secret import NO_MASK
from platformpm.net import Network

PROGRAM = shutil.which("prometheus-node-exporter") or shutil.which("node_exporter")
LOCAL = Host("local")

pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="node_exporter is not installed (Debian: apt install prometheus-node-exporter)"
)


class SystemClock:
    def wall(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


@pytest.fixture(scope="module")
def exporter() -> Iterator[str]:
    """Give the URL of its metrics."""
    assert PROGRAM is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = subprocess.Popen([PROGRAM, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert program.poll() is None
                assert time.monotonic() < ends
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/metrics"
    finally:
        program.terminate()
        program.wait(20)


def both(url: str) -> tuple[HostReading, HostReading]:
    """Look twice at this machine, both ways at the same time; give the second looks."""

    async def body() -> tuple[HostReading, HostReading]:
        clock = SystemClock()
        machines = Machines(LocalReader(clock), RemoteReader(Network(), NO_MASK, clock))
        remote = Host("db-1", url=url, check=Check())
        deadline = asyncio.get_running_loop().time() + 60
        await asyncio.gather(machines(LOCAL, deadline), machines(remote, deadline))
        await asyncio.sleep(0.5)
        near, far = await asyncio.gather(machines(LOCAL, deadline), machines(remote, deadline))
        return near, far

    return asyncio.run(body())


def test_it_says_what_psutil_says(exporter: str) -> None:
    near, far = both(exporter)
    assert (near.failure, far.failure) == (None, None)
    assert far.cpu_percent is not None
    assert 0.0 <= far.cpu_percent <= 100.0
    assert (far.cpu_count, far.memory_total) == (near.cpu_count, near.memory_total)
    assert far.memory_percent == pytest.approx(near.memory_percent, abs=10.0)
    assert (far.swap_percent is None) is (near.swap_percent is None)
    assert far.load is not None
    assert far.uptime == pytest.approx(near.uptime, abs=60.0)
    assert (far.received_rate is None) is (near.received_rate is None)
    assert (far.sent_rate is None) is (near.sent_rate is None)


def test_the_file_systems_of_both_are_the_same(exporter: str) -> None:
    near, far = both(exporter)
    known = {disk.mount: disk for disk in near.disks}
    # It leaves out overlays and some places (/var/lib/docker): in a container nothing may be left.
    shared = [disk for disk in far.disks if disk.mount in known]
    if not shared:
        pytest.skip("node_exporter looks at none of the file systems of this machine")
    for disk in shared:
        assert disk.percent == pytest.approx(known[disk.mount].percent, abs=2.0)
        assert disk.total == known[disk.mount].total
