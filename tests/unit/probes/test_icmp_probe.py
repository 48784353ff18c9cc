"""ICMP probes of this machine, and in network namespaces of their own, which may do what this one must not."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from platformpm.model.check import Check
from platformpm.model.status import Reason, Status
from platformpm.net.echo import _Asked, _checksum, _open
from platformpm.net.faults import ExchangeError
from platformpm.net.resolver import Address
from tests.unit.probes.conftest import Examine

ROOT = Path(__file__).resolve().parents[3]
ANYBODY = "echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range"
DEAF = "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all"


@pytest.fixture
def _permitted() -> None:
    try:
        _open(Address(socket.AF_INET, "127.0.0.1"))[0].close()
    except ExchangeError as error:
        pytest.skip(f"this user may not send ICMP: {error.detail}")


@pytest.mark.usefixtures("_permitted")
@pytest.mark.parametrize(("url", "peer"), [("icmp://127.0.0.1", "127.0.0.1"), ("icmp://[::1]", "::1")])
def test_this_machine_answers(examine: Examine, url: str, peer: str) -> None:
    reading = examine(url).reading
    assert (reading.status, reading.reason, reading.detail) == (Status.UP, None, f"{peer} answered")
    assert reading.latency is not None
    assert reading.phases.first_byte is not None
    assert 0 < reading.phases.first_byte <= reading.latency


@pytest.mark.usefixtures("_permitted")
def test_a_name_is_looked_up_and_a_limit_holds(examine: Examine) -> None:
    reading = examine("icmp://localhost", Check(family=4, max_latency=1e-9)).reading
    assert (reading.status, reading.reason) == (Status.DEGRADED, Reason.SLOW)
    assert reading.detail.endswith(": 127.0.0.1 answered")
    assert reading.phases.dns is not None


def test_a_name_that_does_not_resolve_is_down(examine: Examine) -> None:
    assert examine("icmp://no..such", Check()).reading.reason is Reason.DNS
    assert examine("icmp://", Check()).reading.reason is Reason.CONFIG


def apart(*prepare: str, url: str, raw: bool, timeout: str = "5s") -> dict[str, Any]:
    """Probe `url` inside a network namespace of its own, prepared as root, where nobody may ping but by `raw` sockets.

    No packet can leave it: it has no interface but its own loopback.
    """
    for tool in ("unshare", "setpriv", "ip"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    if os.geteuid() or subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("network namespaces are for root alone")
    drop = "" if raw else "setpriv --bounding-set=-net_raw"
    script = " && ".join(["ip link set lo up", *prepare, f'exec {drop} "$@"'])
    program = [sys.executable, "-m", "platformpm", "probe", url, "--timeout", timeout, "--format", "json"]
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", script, "sh", *program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("url", ["icmp://127.0.0.1", "icmp://[::1]"])
def test_whom_the_administrator_allows_needs_no_privilege(url: str) -> None:
    seen = apart(ANYBODY, url=url, raw=False)
    assert (seen["status"], seen["reason"]) == ("up", None), seen["detail"]


@pytest.mark.parametrize("url", ["icmp://127.0.0.1", "icmp://[::1]"])
def test_whom_nobody_allows_is_told_what_to_do(url: str) -> None:
    seen = apart(url=url, raw=False)
    assert (seen["status"], seen["reason"], seen["exit_code"]) == ("unknown", "not_permitted", 3)
    assert "net.ipv4.ping_group_range" in seen["detail"]
    assert "setcap" in seen["detail"]


@pytest.mark.parametrize("raw", [True, False])
def test_silence_runs_into_the_deadline(*, raw: bool) -> None:
    seen = apart(ANYBODY, DEAF, url="icmp://127.0.0.1", raw=raw, timeout="300ms")
    assert (seen["status"], seen["reason"]) == ("down", "timeout_response")
    assert seen["detail"].startswith("no answer within 0.")


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("url", ["icmp://192.0.2.1", "icmp://[2001:db8::1]"])
def test_an_address_without_a_route_is_unreachable(url: str, *, raw: bool) -> None:
    seen = apart(ANYBODY, url=url, raw=raw)
    assert (seen["status"], seen["reason"]) == ("down", "unreachable")


@pytest.mark.parametrize("raw", [True, False])
def test_a_machine_that_is_off_is_unreachable_when_the_network_says_so(*, raw: bool) -> None:
    wire = "ip link add one type veth peer name two && ip link set one up && ip link set two up"
    seen = apart(ANYBODY, wire, "ip address add 192.0.2.1/24 dev one", url="icmp://192.0.2.9", raw=raw, timeout="20s")
    assert (seen["status"], seen["reason"]) == ("down", "unreachable")
    assert seen["detail"] == "no route to 192.0.2.9"


def _reply(
    asked: _Asked, kind: int = 0, code: int = 0, identifier: int = 0, number: int = 1, token: bytes = b""
) -> bytes:
    return struct.pack("!BBHHH", kind, code, 0, identifier or asked.identifier, number) + (token or asked.token)


@pytest.mark.parametrize("own", [True, False])
def test_only_a_reply_to_our_own_request_counts(*, own: bool) -> None:
    asked = _Asked(socket.AF_INET, own=own)
    request = asked.packet(1)
    assert asked.understood(_reply(asked)) == 1
    assert asked.understood(b"\x46" + bytes(23) + _reply(asked)) == 1
    assert asked.understood(request) is None
    for wrong in (
        _reply(asked, kind=3),
        _reply(asked, code=1),
        _reply(asked, number=2),
        _reply(asked, token=os.urandom(16)),
        _reply(asked) + b"x",
        _reply(asked)[:7],
        b"\x4f",
        b"",
    ):
        assert asked.understood(wrong) is None
    other = _reply(asked, identifier=asked.identifier ^ 1 or 2)
    assert asked.understood(other) == (None if own else 1)  # a datagram socket hears only what is for itself


def test_the_checksum_is_that_of_the_rfc() -> None:
    packet = _Asked(socket.AF_INET, own=True).packet(3)
    assert _checksum(packet) == 0
    assert _checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2
