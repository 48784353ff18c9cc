"""The real plugins of Debian's monitoring-plugins-basic, against what they look at on this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from platformpm.model.check import Check, Command, Instance, InstanceKey
from platformpm.model.secret import NO_MASK, Secret
from platformpm.model.status import Reason, Status
from platformpm.probes import Examination, SafeProbe
from platformpm.probes.exec import ExecKind
from tests.faults.server import refusing
from tests.unit.net.loopback import answering, ok
from tests.unit.probes.conftest import StillClock

PLUGINS = Path("/usr/lib/nagios/plugins")
pytestmark = pytest.mark.skipif(
    not (PLUGINS / "check_tcp").exists(), reason="Debian's monitoring-plugins-basic is not installed"
)


def run(name: str, *words: str, port: int = 1) -> Examination:
    async def body() -> Examination:
        argv = (str(PLUGINS / name), *words)
        check = Check(command=Command(tuple(map(Secret, argv)), argv, "/"))
        url = f"exec://127.0.0.1:{port}"
        instance = Instance(InstanceKey("service", "test", "one"), "exec", url, check, url)
        probe = SafeProbe(ExecKind(), NO_MASK, StillClock())
        return await probe.examine(instance, check, asyncio.get_running_loop().time() + 30.0)

    return asyncio.run(body())


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_check_tcp() -> None:
    with listening() as port:
        seen = run("check_tcp", "-H", "{host}", "-p", "{port}", port=port)
    assert (seen.reading.status, seen.reading.reason) == (Status.UP, None)
    assert seen.reading.detail.startswith("TCP OK - ")
    assert seen.program is not None
    (took,) = seen.program.performance
    assert seen.reading.performance == seen.program.performance
    assert (took.label, took.unit, took.minimum, took.maximum) == ("time", "s", 0, 10)
    with refusing() as port:
        refused = run("check_tcp", "-H", "{host}", "-p", "{port}", port=port).reading
    assert (refused.status, refused.reason) == (Status.DOWN, Reason.EXIT_CODE)
    assert "refused" in refused.detail


def test_check_http() -> None:
    with answering(ok(status=b"503 Busy")) as server:
        reading = run("check_http", "-I", "{host}", "-p", "{port}", port=server.port).reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.EXIT_CODE)
    assert "503" in reading.detail


def test_check_disk() -> None:
    seen = run("check_disk", "-w", "0%", "-c", "0%", "-p", "/")
    assert seen.reading.status is Status.UP
    assert seen.reading.detail.startswith("DISK OK")
    assert "|" not in seen.reading.detail
    assert seen.program is not None
    assert seen.program.performance[0].label == "/"
    assert run("check_disk", "-w", "100%", "-c", "0%", "-p", "/").reading.status is Status.DEGRADED
    assert run("check_disk", "-w", "100%", "-c", "100%", "-p", "/").reading.status is Status.DOWN
    assert run("check_disk", "-p", "/no/such/mount", "-w", "0%").reading.status is not Status.UP


def test_check_load_and_check_procs() -> None:
    load = run("check_load", "-w", "9999,9999,9999", "-c", "9999,9999,9999")
    assert load.program is not None
    assert [one.label for one in load.program.performance] == ["load1", "load5", "load15"]
    assert load.reading.status is Status.UP
    assert run("check_procs", "-w", "1:", "-c", "1:").reading.status is Status.UP


def test_a_plugin_that_was_called_wrongly_is_unknown() -> None:
    reading = run("check_tcp").reading
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.EXIT_CODE)
    assert reading.detail


@pytest.mark.parametrize(
    ("state", "status"), [("0", Status.UP), ("1", Status.DEGRADED), ("2", Status.DOWN), ("3", Status.UNKNOWN)]
)
def test_check_dummy_has_every_state(state: str, status: Status) -> None:
    assert run("check_dummy", state, "as asked").reading.status is status
