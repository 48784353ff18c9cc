"""Thousands of probes a minute for months: none may leave a reference cycle of ours, let alone a socket."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
from collections.abc import Awaitable, Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

import psutil
import pytest

from platformpm.formats.grpc import health_request
from platformpm.model.check import Check, Expectation, TlsSettings
from platformpm.model.secret import Secret
from platformpm.net import Network, Request, calling, opening, prepare
from tests.faults.http2_faults import DATA, END_HEADERS, END_STREAM, HEAD, HELLO, PING, SERVING, headers
from tests.faults.http2_faults import frame as http2_frame
from tests.faults.server import refusing
from tests.faults.websocket_faults import TEXT, closing, frame, key_in, switching
from tests.unit.net.conftest import Run
from tests.unit.net.connect_proxy import proxying
from tests.unit.net.loopback import answering, hold, ok, read_request, serving

if TYPE_CHECKING:
    import trustme

_PROBES = 20


def _is_ours(item: object) -> bool:
    """Tell whether a cycle holds what we made; asyncio's socket transport refers to itself, seven objects each."""
    return isinstance(item, FrameType | TracebackType | BaseException) or type(item).__module__.startswith("platformpm")


async def _garbage(probe: Callable[[], Awaitable[object]]) -> tuple[list[str], int]:
    """Give what of ours only the cyclic collector could free after some probes, and how many descriptors stayed."""
    await probe()
    await asyncio.sleep(0)
    gc.freeze()  # what was there before is not looked through at every end
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    process = psutil.Process()
    before = process.num_fds()
    try:
        for _ in range(_PROBES):
            await probe()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gc.collect()
        ours = sorted({type(item).__qualname__ for item in gc.garbage if _is_ours(item)})
        return ours, await _stays(lambda: process.num_fds() - before)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        gc.unfreeze()


async def _stays(count: Callable[[], int]) -> int:
    """Wait until the server in this process has closed its ends too; give what is still open in the end."""
    end = asyncio.get_running_loop().time() + 20
    while count() > 0 and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110  # descriptors tell nobody
        await asyncio.sleep(0.005)
    return count()


def _left(run: Run, url: str, check: Check, timeout: float = 20.0) -> list[str]:
    async def body() -> tuple[list[str], int]:
        network, loop = Network(), asyncio.get_running_loop()
        request = _request(url, check)
        return await _garbage(lambda: network.fetch(request, loop.time() + timeout))

    garbage, descriptors = run(body())
    assert descriptors <= 0
    kinds: list[str] = garbage
    return kinds


def _request(url: str, check: Check) -> Request:
    if url.startswith("grpc"):
        return calling(url, health_request("x"), check)
    return (opening if url.startswith("ws") else prepare)(url, check)


@pytest.fixture
def secured(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_a_good_probe_leaves_nothing(run: Run) -> None:
    with answering(ok()) as server:
        assert _left(run, server.url(), Check()) == []


def test_a_refused_probe_leaves_nothing(run: Run) -> None:
    with refusing() as port:
        assert _left(run, f"http://127.0.0.1:{port}/", Check()) == []


def test_a_probe_that_runs_out_of_time_leaves_nothing(run: Run) -> None:
    with serving(hold) as server:
        assert _left(run, server.url(), Check(), timeout=0.02) == []


def test_a_broken_answer_leaves_nothing(run: Run) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort") as server:
        assert _left(run, server.url(), Check()) == []


def test_garbage_leaves_nothing(run: Run) -> None:
    with answering(b"SSH-2.0-OpenSSH_9.2\r\n") as server:
        assert _left(run, server.url(), Check()) == []


def test_a_tls_probe_leaves_nothing(run: Run, secured: ssl.SSLContext) -> None:
    with answering(ok(), context=secured) as server:
        assert _left(run, server.url(scheme="https"), Check(tls=TlsSettings(verify=False))) == []


def test_an_untrusted_tls_probe_leaves_nothing(run: Run, secured: ssl.SSLContext) -> None:
    with answering(ok(), context=secured) as server:
        assert _left(run, server.url(scheme="https"), Check()) == []


@pytest.mark.parametrize(
    ("frames", "check"),
    [
        (frame(TEXT, b"PONG") + closing(1000), Check(expect=Expectation(body="PONG"))),
        (closing(1011), Check()),
        (frame(TEXT, b"PONG", mask=True), Check(expect=Expectation(body="PONG"))),
    ],
    ids=["good", "closed", "broken"],
)
def test_a_websocket_leaves_nothing(run: Run, frames: bytes, check: Check) -> None:
    def script(line: socket.socket) -> None:
        line.sendall(switching(key_in(read_request(line))) + frames)
        hold(line)

    with serving(script) as server:
        assert _left(run, server.url(scheme="ws"), check) == []


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + http2_frame(DATA, SERVING) + headers((("grpc-status", "0"),), END_HEADERS | END_STREAM),
        http2_frame(PING, bytes(8), stream=0) * 500,
        http2_frame(DATA, b"x"),
    ],
    ids=["good", "flood", "broken"],
)
def test_a_call_leaves_nothing(run: Run, answer: bytes) -> None:
    def script(line: socket.socket) -> None:
        line.recv(100)
        line.sendall(HELLO + answer)
        hold(line)

    with serving(script) as server:
        assert _left(run, server.url(scheme="grpc"), Check()) == []


def test_http2_that_is_not_spoken_leaves_nothing(run: Run, secured: ssl.SSLContext) -> None:
    with answering(ok(), context=secured) as server:
        check = Check(http2=True, tls=TlsSettings(verify=False))
        assert _left(run, server.url(scheme="https"), check) == []


@pytest.mark.parametrize("verify", [True, False])
def test_a_tunnel_leaves_nothing(run: Run, secured: ssl.SSLContext, *, verify: bool) -> None:
    with answering(ok(), context=secured) as server, proxying() as proxy:
        check = Check(proxy=Secret(proxy.url("")), tls=TlsSettings(verify=verify))
        assert _left(run, server.url(scheme="https"), check) == []


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Who\r\n\r\n", b"SSH-2.0\r\n"])
def test_a_proxy_that_refuses_leaves_nothing(run: Run, answer: bytes) -> None:
    with answering(answer) as proxy:
        assert _left(run, "https://shop.test/", Check(proxy=Secret(proxy.url("")))) == []
