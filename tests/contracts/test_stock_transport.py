"""Our transports beside httpx's own (httpcore): good answers are the same, and what only ours keeps within bounds.

`Stock` puts httpx's own behind the redirects, caps and deadline that ours has: what fails here fails in spite of them.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import trustme

from platformpm.model.exchange import Failure, Response
from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from platformpm.net import guard
from tests.faults import pages
from tests.faults.http2_faults import DATA, END_HEADERS, END_STREAM, GOAWAY, HELLO, PING, frame, headers
from tests.faults.server import refusing
from tests.faults.stock import LONG, Trust, both, by_ours, by_stock, run
from tests.unit.net.connect_proxy import proxying
from tests.unit.net.loopback import Script, Server, answering, hold, ok, redirect, serving

_USER = "me:hunter2x%40@"
_BASIC = b"Basic bWU6aHVudGVyMnhA"
_FLOOD = 3000
_HEAD = headers(((":status", "200"),))
_END = frame(DATA, b"fine", END_STREAM)


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    authority, path = trustme.CA(), tmp_path_factory.mktemp("stock") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "inside.test").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    return Trust(str(path), context, ssl.create_default_context(cafile=path))


# Good answers.

WAYS = {  # scheme, through the proxy
    "http2": ("https", False),
    "http2-through-a-tunnel": ("https", True),
    "http1-in-absolute-form": ("http", True),
}


@pytest.fixture(scope="module")
def servers(trust: Trust) -> Iterator[dict[str, Server]]:
    with ExitStack() as stack:
        yield {
            "https": stack.enter_context(serving(pages.http2, trust.server)),
            "http": stack.enter_context(serving(pages.http1)),
            "proxy": stack.enter_context(proxying(_BASIC, b"HTTP/1.1 100 Continue\r\n\r\n")),
        }


async def _client(method: str, url: str, body: str, proxy: str | None, trust: Trust) -> httpx.Response:
    """Ask as users of httpx do."""
    transport = httpx.AsyncHTTPTransport(http2=True, verify=trust.client, proxy=proxy)
    async with httpx.AsyncClient(transport=transport, follow_redirects=True, timeout=LONG) as client:
        return await client.request(method, url, content=body or None, headers={"Accept-Encoding": "gzip, deflate"})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("method", "page"),
    [
        *(("GET", page) for page in pages.PAGES if page != "kept"),
        *(("HEAD", page) for page in ("small", "large", "gzip", "204", "moved")),
        *(("POST", page) for page in ("echo", "kept", "moved", "404")),
    ],
)
def test_a_good_answer_is_the_same(servers: dict[str, Server], trust: Trust, way: str, method: str, page: str) -> None:
    scheme, proxied = WAYS[way]
    url = servers[scheme].url(f"/{page}", scheme=scheme)
    proxy = servers["proxy"].url("", host=f"{_USER}127.0.0.1") if proxied else None
    body = "x" * 200_000 if method == "POST" else ""
    check = trust.check(method=method, body=Secret(body) if body else None, proxy=Secret(proxy) if proxy else None)
    ours, stock = run(by_ours(url, check)), run(_client(method, url, body, proxy, trust))
    assert isinstance(ours, Response), ours
    assert f"HTTP/{ours.http_version.removesuffix('.0')}" == stock.http_version
    assert (ours.status, ours.url, len(ours.hops)) == (stock.status_code, str(stock.url), len(stock.history))
    assert list(ours.headers) == [(name.lower().decode(), value.decode("latin-1")) for name, value in stock.headers.raw]
    assert ours.body == stock.content
    assert ours.complete


# What ours keeps within bounds, or tells, and httpx's own does not in spite of the same `Journey`.


def _sending(*pieces: bytes) -> Script:
    """Answer a request over HTTP/2 with these bytes, whatever it was."""

    def script(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(b"".join((HELLO, *pieces)))
        hold(line)

    return script


def _reason(got: Response | Failure) -> Reason | None:
    return got.reason if isinstance(got, Failure) else None


@pytest.mark.parametrize(
    ("flood", "reason", "says"),
    [
        (frame(PING, bytes(8), stream=0), Reason.PROTOCOL, "more than 200 frames beside the answer"),
        (HELLO, Reason.PROTOCOL, "more than 200 frames beside the answer"),
        (frame(0xEE, stream=0), Reason.PROTOCOL, "more than 200 frames beside the answer"),
        (headers(((":status", "103"),)), Reason.PROTOCOL, "more than 32 interim answers"),
    ],
    ids=["ping", "settings", "unknown", "interim"],
)
def test_a_flood_before_the_answer_is_refused(trust: Trust, flood: bytes, reason: Reason, says: str) -> None:
    with serving(_sending(flood * _FLOOD, _HEAD, _END), trust.server) as server:
        ours, stock = both(server.url(scheme="https"), trust.check(), trust)
    assert isinstance(ours, Failure)
    assert (ours.reason, ours.detail) == (reason, says)
    assert isinstance(stock, Response), "it takes every one, and would for as long as they come"


def test_a_body_in_frames_of_a_byte_is_cut(trust: Trust) -> None:
    with serving(_sending(_HEAD, frame(DATA, b"x") * _FLOOD, _END), trust.server) as server:
        ours, stock = both(server.url(scheme="https"), trust.check(), trust)
    assert isinstance(ours, Response)
    assert isinstance(stock, Response)
    assert (ours.complete, stock.complete, len(stock.body)) == (False, True, _FLOOD + 4)
    assert len(ours.body) < _FLOOD


def test_a_body_of_frames_that_hold_nothing_is_refused(trust: Trust) -> None:
    with serving(_sending(_HEAD, frame(DATA) * _FLOOD, _END), trust.server) as server:
        ours, stock = both(server.url(scheme="https"), trust.check(), trust)
    assert _reason(ours) is Reason.TOO_LARGE
    assert isinstance(stock, Response)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 103 Early\r\n\r\n" * _FLOOD + ok(), Reason.PROXY),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + (b"1;" + b"e" * 60_000 + b"\r\nx\r\n") * 40
            + b"0\r\n\r\n",
            None,
        ),
    ],
    ids=["interim", "chunk-extensions"],
)
def test_a_flood_through_a_proxy_is_refused_or_cut(trust: Trust, answer: bytes, reason: Reason | None) -> None:
    with answering(answer) as proxy:
        ours, stock = both("http://shop.test/", trust.check(proxy=Secret(proxy.url(""))), trust)
    assert _reason(ours) is reason
    assert isinstance(ours, Failure) or not ours.complete
    assert isinstance(stock, Response)
    assert stock.complete


def test_a_drip_outlives_every_timeout_of_httpx(trust: Trust) -> None:
    """It ends with the deadline of a `Journey`, which httpx's own transport keeps as well, and only with that."""
    timeout, gap = 0.7, 0.05
    done = threading.Event()

    def script(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(HELLO + _HEAD)
        while not done.wait(gap):
            line.sendall(frame(DATA, b"."))

    async def alone(url: str) -> bool:
        transport = httpx.AsyncHTTPTransport(http2=True, verify=trust.client)
        loop = asyncio.get_running_loop()
        async with httpx.AsyncClient(transport=transport, timeout=timeout) as client, client.stream("GET", url) as got:
            end = loop.time() + timeout
            async for _ in got.aiter_raw():
                if loop.time() > end:
                    return True
        return False

    async def at_once(url: str) -> tuple[Response | Failure, Response | Failure, bool]:
        check = trust.check()
        return await asyncio.gather(by_ours(url, check, timeout), by_stock(url, check, trust, timeout), alone(url))

    with serving(script, trust.server) as server:
        ours, stock, outlived = run(at_once(server.url(scheme="https")))
        done.set()
    assert (_reason(ours), isinstance(stock, Failure), outlived) == (Reason.TIMEOUT_BODY, True, True)


def test_a_redirect_is_guarded_by_the_addresses_of_its_name(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only ours shows them to the guard, and looks them up in threads of our own, which a hung look-up may keep."""
    threads: list[str] = []
    look_up = socket.getaddrinfo

    def noted(host: str | bytes, *rest: Any, **more: Any) -> Any:
        if host in ("inside.test", b"inside.test"):
            threads.append(threading.current_thread().name)
            host = "127.0.0.1"
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    monkeypatch.setattr(guard, "_NETWORKS", (ipaddress.ip_network("127.0.0.1/32"),))
    with answering(ok(b"secret")) as inside, answering(redirect(inside.url("/", host="inside.test"))) as server:
        ours, stock = both(server.url(), trust.check(), trust)
        connections = inside.connections
    assert isinstance(ours, Failure)
    assert (ours.reason, connections) == (Reason.REDIRECT, 1)
    assert "inside.test (127.0.0.1)" in ours.detail
    assert isinstance(stock, Response)
    assert stock.body == b"secret"
    assert [name.startswith("asyncio_") for name in threads] == [False, True]


def test_every_phase_has_its_time(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    """The events of httpcore tell TCP and TLS; the look-up is inside the one and the first byte in none of them."""
    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: look_up("127.0.0.1", *rest, **more))
    events: list[str] = []

    async def note(name: str, _: object) -> None:
        events.append(name)

    async def watched(url: str) -> None:
        async with httpx.AsyncHTTPTransport(http2=True, verify=trust.client) as transport:
            got = await transport.handle_async_request(httpx.Request("GET", url, extensions={"trace": note}))
            await got.aread()

    with serving(_sending(_HEAD, _END), trust.server) as server:
        url = server.url(host="inside.test", scheme="https")
        ours, _ = run(by_ours(url, trust.check())), run(watched(url))
    assert isinstance(ours, Response), ours
    phases = ours.phases
    assert None not in (phases.dns, phases.connect, phases.tls, phases.first_byte, phases.transfer)
    begun = [name.partition(".")[2] for name in events if name.endswith(".started")]
    assert [name.removesuffix(".started") for name in begun if not name.startswith("send")] == [
        *("connect_tcp", "start_tls", "receive_response_headers", "receive_remote_settings"),
        *("receive_response_body", "response_closed"),
    ]


def test_trailers_are_kept(trust: Trust) -> None:
    pieces = _HEAD, frame(DATA, b"fine"), headers((("grpc-status", "14"),), END_HEADERS | END_STREAM)
    with serving(_sending(*pieces), trust.server) as server:
        ours, stock = both(server.url(scheme="https"), trust.check(), trust)
    assert isinstance(ours, Response)
    assert isinstance(stock, Response)
    assert (ours.trailers, stock.trailers) == ((("grpc-status", "14"),), ())


@pytest.mark.parametrize("last", [1, 2**31 - 1])
def test_a_server_that_drains_is_heard_to_the_end(trust: Trust, last: int) -> None:
    """nginx says GOAWAY before the last answer of a connection, Envoy while it drains."""
    with serving(_sending(_goaway(last), _HEAD, _END), trust.server) as server:
        ours, stock = both(server.url(scheme="https"), trust.check(), trust)
    assert isinstance(ours, Response), ours
    assert ours.body == b"fine"
    assert isinstance(stock, Failure)
    assert stock.detail.startswith("LocalProtocolError")


def _goaway(last: int) -> bytes:
    return frame(GOAWAY, struct.pack("!II", last, 0), stream=0)


def test_whose_failure_it_is_is_told(trust: Trust) -> None:
    """That the proxy is not there, and that the service is not: httpx has the same words for both."""
    with refusing() as port, proxying() as proxy:
        where = f"127.0.0.1:{port}"
        gone = both("https://shop.test/", trust.check(proxy=Secret(f"http://{where}")), trust)
        down = both(f"https://{where}/", trust.check(), trust)
        beyond = both(f"https://{where}/", trust.check(proxy=Secret(proxy.url(""))), trust)
    asked = gone, down, beyond
    assert [_reason(ours) for ours, _ in asked] == [Reason.PROXY, Reason.REFUSED, Reason.UNREACHABLE]
    told = [stock.detail for _, stock in asked if isinstance(stock, Failure)]
    assert told == ["ConnectError: All connection attempts failed"] * 2 + ["ProxyError: 502 Bad Gateway"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"SSH-2.0-OpenSSH_9.2\r\n", Reason.PROXY), (b"HTTP/1.1 407 Who are you\r\n\r\n", Reason.UNAUTHORIZED)],
)
def test_an_answer_of_the_proxy_has_its_reason(trust: Trust, answer: bytes, reason: Reason) -> None:
    with answering(answer) as proxy:
        ours, stock = both("https://[::1]:9/", trust.check(proxy=Secret(proxy.url(""))), trust)
    assert _reason(ours) is reason
    assert isinstance(stock, Failure)
    # And httpx's own cannot name a target that is an IPv6 address (RFC 9112 section 3.2.3).
    assert [asked.split(b" ")[1] for asked in proxy.requests] == [b"[::1]:9", b"::1:9"]


def test_a_certificate_that_is_refused_is_told_with_its_facts(trust: Trust) -> None:
    with serving(_sending(), trust.server) as server:
        ours, stock = both(server.url(host="localhost", scheme="https"), trust.check(), trust)
    assert isinstance(ours, Failure)
    assert ours.reason is Reason.TLS_HOSTNAME
    assert ours.certificate is not None
    assert isinstance(stock, Failure)
    assert (stock.detail.partition(":")[0], stock.certificate) == ("ConnectError", None)
