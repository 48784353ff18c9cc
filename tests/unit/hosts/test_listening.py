"""Who listens on this machine: real sockets of another process, and a system that does not tell."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest

from platformpm.errors import PlatformpmError
from platformpm.hosts.listening import is_loopback, listeners, reachable

LISTEN = """
import socket, sys
opened = [socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) for host in sys.argv[1:]]
print(*(one.getsockname()[1] for one in opened), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def listen() -> Iterator[Callable[..., list[int]]]:
    """Let another process listen at these addresses; gives the ports."""
    started: list[subprocess.Popen[str]] = []

    def listening(*hosts: str) -> list[int]:
        process = subprocess.Popen(
            [sys.executable, "-c", LISTEN, *hosts], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        return [int(word) for word in process.stdout.readline().split()]

    yield listening
    for process in started:
        process.communicate("")


def test_ports_of_others_are_told_with_where_they_are_asked_and_our_own_are_not(
    listen: Callable[..., list[int]],
) -> None:
    everywhere, here = listen("0.0.0.0", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as own:
        found = {one.port: one for one in listeners()}
        assert own.getsockname()[1] not in found
    assert found[everywhere].ip == found[here].ip == "127.0.0.1"
    assert found[here].process.startswith("python")
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("ip", "asked", "near"),
    [
        ("0.0.0.0", "127.0.0.1", True),
        ("::", "::1", True),
        ("::ffff:0.0.0.0", "127.0.0.1", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("127.0.0.53", "127.0.0.53", True),
        ("10.0.0.7", "10.0.0.7", False),
        ("fe80::1%eth0", "fe80::1", False),
    ],
)
def test_where_a_listener_is_asked(ip: str, asked: str, *, near: bool) -> None:
    assert reachable(ip) == asked
    assert is_loopback(asked) is near


@pytest.mark.parametrize("error", [psutil.AccessDenied(), PermissionError()])
def test_a_system_that_does_not_tell_is_told_of(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(kind: str) -> None:
        raise error

    monkeypatch.setattr(psutil, "net_connections", refuse)
    with pytest.raises(PlatformpmError, match="not permitted"):
        listeners()
