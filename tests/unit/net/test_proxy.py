"""Through a proxy: what it is told, what the target is told, and whose failure is whose."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from platformpm.model.check import Check, Expectation, TlsSettings
from platformpm.model.exchange import Failure, Response
from platformpm.model.secret import Masker, Secret
from platformpm.model.status import Reason, Status
from platformpm.net import ExchangeError, prepare
from tests.faults.server import refusing
from tests.faults.websocket_faults import TEXT, frame, key_in, switching
from tests.unit.net.connect_proxy import proxying
from tests.unit.net.loopback import answering, hold, ok, read_request, redirect, reset, serving
from tests.unit.probes.conftest import Examine, examine  # noqa: F401  # a fixture
from tests.unit.probes.test_grpc_probe import server as grpc_server

if TYPE_CHECKING:
    import trustme

Ask = Callable[..., Response | Failure]
_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
_BASIC = b"Basic bWU6aHVudGVyMnhA"


def _by(port: int, user: str = "", **more: object) -> Check:
    return Check(proxy=Secret(f"http://{user}127.0.0.1:{port}"), **more)  # type: ignore[arg-type]  # names of fields


def _failure(got: Response | Failure, reason: Reason) -> str:
    assert isinstance(got, Failure), got
    assert got.reason is reason, got.detail
    return got.detail


@pytest.fixture
def secured(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> TlsSettings:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return TlsSettings(ca_file=str(tmp_path / "ca.pem"))


def test_http_is_asked_in_absolute_form(ask: Ask) -> None:
    with answering(ok()) as server, proxying(_BASIC) as proxy:
        got = ask(server.url("/health?x=1"), _by(proxy.port, "me:hunter2x%40@", auth=Secret("Bearer t0ken")))
    assert isinstance(got, Response), got
    assert got.body == b"fine"
    asked = proxy.requests[0]
    assert asked.startswith(b"GET " + server.url("/health?x=1").encode() + b" HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nAuthorization: Bearer t0ken\r\n" in server.requests[0]
    assert b"Proxy-Authorization" not in server.requests[0]


def test_https_goes_through_a_tunnel_that_learns_nothing(ask: Ask, secured: ssl.SSLContext, trust: TlsSettings) -> None:
    check = {"tls": trust, "auth": Secret("Bearer t0ken")}
    with answering(ok(), context=secured) as server, proxying(_BASIC) as proxy:
        got = ask(server.url("/health", scheme="https"), _by(proxy.port, "me:hunter2x%40@", **check))
    assert isinstance(got, Response), got
    assert got.body == b"fine"
    assert got.certificate is not None
    assert None not in (got.phases.connect, got.phases.tls, got.phases.first_byte)
    assert got.phases.dns is None
    where = f"127.0.0.1:{server.port}".encode()
    assert proxy.requests == [
        b"CONNECT %b HTTP/1.1\r\nHost: %b\r\nProxy-Authorization: %b\r\n\r\n" % (where, where, _BASIC)
    ]
    assert b"Proxy-Authorization" not in server.requests[0]


def test_the_name_of_the_target_is_looked_up_by_the_proxy(ask: Ask) -> None:
    def nobody(host: str, *_: object) -> list[tuple[object, ...]]:
        raise AssertionError(host)

    with answering(ok()) as server, proxying() as proxy:
        got = ask(server.url("/", host="localhost"), _by(proxy.port), lookup=nobody)
    assert isinstance(got, Response), got


def test_the_proxies_of_the_shell_are_ignored(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with answering(ok()) as server:
        assert isinstance(ask(server.url()), Response)


def test_a_certificate_is_judged_and_told_through_a_tunnel(ask: Ask, secured: ssl.SSLContext) -> None:
    with answering(ok(), context=secured) as server, proxying() as proxy:
        got = ask(server.url(scheme="https"), _by(proxy.port))
    _failure(got, Reason.TLS_UNTRUSTED)
    assert got.certificate is not None
    assert not got.certificate.verified
    assert len(proxy.requests) == 2


def test_a_redirect_from_one_way_to_the_other(ask: Ask, secured: ssl.SSLContext, trust: TlsSettings) -> None:
    with (
        answering(ok(), context=secured) as second,
        answering(redirect(second.url("/there", scheme="https"))) as first,
        proxying(_BASIC) as proxy,
    ):
        got = ask(first.url(), _by(proxy.port, "me:hunter2x%40@", tls=trust, auth=Secret("Bearer t0ken")))
    assert isinstance(got, Response), got
    assert got.url == second.url("/there", scheme="https")
    assert [asked.split(b" ")[0] for asked in proxy.requests] == [b"GET", b"CONNECT"]
    assert b"t0ken" not in second.requests[0]


@pytest.mark.parametrize(
    "where",
    [
        *("http://169.254.169.254/", "https://[fe80::1]/", "http://metadata.google.internal/"),
        *("http://169.254.169.254./", "http://2852039166/", "https://0xa9fea9fe/", "http://169.254.43518/"),
    ],
)
def test_a_redirect_is_guarded_before_the_proxy_is_asked(ask: Ask, where: str) -> None:
    with answering(redirect(where)) as server, proxying() as proxy:
        _failure(ask(server.url(), _by(proxy.port)), Reason.REDIRECT)
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_says_nothing_of_the_service(examine: Examine, scheme: str) -> None:  # noqa: F811
    with refusing() as port:
        reading = examine(f"{scheme}://shop.test/", _by(port)).reading
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.PROXY)
    assert reading.detail == f"the proxy: connection refused by 127.0.0.1:{port}"


def test_a_proxy_whose_name_is_unknown(ask: Ask) -> None:
    check = Check(proxy=Secret("http://me:hunter2x@proxy.invalid:3128"))
    detail = _failure(ask("https://shop.test/", check, lookup=_no_such_name), Reason.PROXY)
    assert "proxy.invalid" in detail
    assert "hunter2x" not in detail


def _no_such_name(*_: object) -> list[tuple[object, ...]]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_wrong_credentials_are_those_of_the_proxy(ask: Ask) -> None:
    with proxying(_BASIC) as proxy:
        detail = _failure(ask("https://shop.test/", _by(proxy.port, "me:wrong@")), Reason.UNAUTHORIZED)
        plain = _failure(ask("http://shop.test/", _by(proxy.port)), Reason.UNAUTHORIZED)
    assert detail == "the proxy wants credentials for shop.test:443: HTTP 407 Who are you"
    assert plain == "the proxy wants credentials for shop.test:80: HTTP 407 Who are you"


def test_a_target_that_the_proxy_cannot_reach_is_down(examine: Examine) -> None:  # noqa: F811
    with refusing() as port, proxying() as proxy:
        reading = examine(f"https://127.0.0.1:{port}/", _by(proxy.port)).reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.UNREACHABLE)
    assert reading.detail == f"the proxy cannot reach 127.0.0.1:{port}: HTTP 502 Bad Gateway"


@pytest.mark.parametrize(
    ("answer", "reason", "says"),
    [
        (b"HTTP/1.1 403 No\r\n\r\n", Reason.UNAUTHORIZED, "the proxy refuses shop.test:443: HTTP 403 No"),
        (b"HTTP/1.1 429 Slow\r\n\r\n", Reason.RATE_LIMITED, "HTTP 429"),
        (b"HTTP/1.0 504 Late\r\n\r\n", Reason.UNREACHABLE, "the proxy cannot reach shop.test:443: HTTP 504 Late"),
        (b"HTTP/1.0 500 Unable to connect\r\n\r\n", Reason.UNREACHABLE, "HTTP 500 Unable to connect"),
        (b"HTTP/1.1 405 What\r\n\r\n", Reason.PROXY, "the proxy refuses shop.test:443: HTTP 405 What"),
        (b"HTTP/1.1 101 Switching\r\n\r\n", Reason.PROXY, "HTTP 101"),
        (_INTERIM + b"HTTP/1.1 403 No\r\n\r\n", Reason.UNAUTHORIZED, "the proxy refuses shop.test:443: HTTP 403 No"),
        (_INTERIM * 33, Reason.PROXY, "the proxy: more than 32 interim answers"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Reason.PROXY, "the proxy does not speak HTTP: the answer begins with SSH-2.0"),
        (b"\x15\x03\x01\x00\x02\x02F", Reason.PROXY, "the proxy does not speak HTTP"),
        (b"HTTP/1.1 200 OK\n\n", Reason.PROXY, "the proxy ends the lines of its answer with LF, not CRLF: the answer begins"),
        (b"HTTP/1.1 200 OK\n\nHTTP/1.1 200 OK\r\n\r\n", Reason.PROXY, "with LF, not CRLF"),
        (b"HTTP/1.1 2", Reason.PROXY, "closed the connection without an answer: the answer begins with HTTP/1.1 2"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", Reason.PROXY, "the proxy does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 4000, Reason.PROXY, "headers larger than 16 KiB"),
        (b"", Reason.PROXY, "the proxy closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\n\r\nnoise\n\nof \x1b[31mit", Reason.TLS_PROTOCOL,
         "behind the proxy's answer came noise of \N{REPLACEMENT CHARACTER}[31mit… in place of TLS"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Reason.TLS_PROTOCOL,
         "behind the proxy's answer came hello… in place of TLS"),
    ],
)  # fmt: skip
def test_every_answer_to_connect_has_its_reason(ask: Ask, answer: bytes, reason: Reason, says: str) -> None:
    def script(line: socket.socket) -> None:
        read_request(line)
        line.sendall(answer)
        line.shutdown(socket.SHUT_WR)  # a close would be a reset where something of the client was not read yet
        hold(line)

    with serving(script) as proxy:
        detail = _failure(ask("https://shop.test/", _by(proxy.port)), reason)
    assert says in detail


def test_an_answer_that_only_the_proxy_can_have_made_is_its_own(ask: Ask) -> None:
    with answering(b"SSH-2.0-OpenSSH_9.2\r\n") as proxy:
        detail = _failure(ask("http://shop.test/", _by(proxy.port)), Reason.PROXY)
    assert detail.startswith("the proxy: not HTTP: the answer begins with SSH-2.0")


def test_a_target_that_closes_without_an_answer_is_down_behind_a_proxy_that_passes_it_on(ask: Ask) -> None:
    """As tinyproxy does: it cannot be told from a failure of the proxy, and a dead service must not hide behind one."""
    with answering(b"") as server, proxying() as proxy:
        detail = _failure(ask(server.url(), _by(proxy.port)), Reason.RESET)
    assert detail == f"the proxy 127.0.0.1:{proxy.port} closed the connection without an answer"


def test_a_proxy_that_resets_is_told_as_such(ask: Ask) -> None:
    def script(line: socket.socket) -> None:
        read_request(line)
        reset(line)

    with serving(script) as proxy:
        detail = _failure(ask("https://shop.test/", _by(proxy.port)), Reason.PROXY)
    assert detail == f"the proxy: connection reset by 127.0.0.1:{proxy.port}"


def test_a_silent_proxy_waits_for_the_target(ask: Ask) -> None:
    with serving(hold) as proxy:
        detail = _failure(ask("https://shop.test/", _by(proxy.port), timeout=0.3), Reason.TIMEOUT_CONNECT)
    assert detail.startswith(f"no connection through the proxy 127.0.0.1:{proxy.port} within")


@pytest.mark.parametrize(
    ("said", "reason", "detail"),
    [
        (b"HTTP/1.1 200 OK\r\nVia: ", Reason.PROXY, "the proxy {} began its answer and did not end it within 1.5 s"),
        (_INTERIM, Reason.TIMEOUT_CONNECT, "no connection through the proxy {} within 1.5 s"),
        (_INTERIM + b"H", Reason.PROXY, "the proxy {} began its answer and did not end it within 1.5 s"),
    ],
)
def test_half_an_answer_is_the_proxys_own_fault(ask: Ask, said: bytes, reason: Reason, detail: str) -> None:
    def script(line: socket.socket) -> None:
        read_request(line)
        line.sendall(said)
        hold(line)

    with serving(script) as proxy:
        told = _failure(ask("https://shop.test/", _by(proxy.port), timeout=1.5), reason)
    assert told == detail.format(f"127.0.0.1:{proxy.port}")


def test_what_a_proxy_says_in_clear_ends_the_wait_for_tls(ask: Ask) -> None:
    def script(line: socket.socket) -> None:
        read_request(line)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\nHi")  # too short for TLS to be sure that it is none
        hold(line)

    with serving(script) as proxy:
        detail = _failure(ask("https://shop.test/", _by(proxy.port)), Reason.TLS_PROTOCOL)
    assert detail == "behind the proxy's answer came Hi… in place of TLS"


def test_a_proxy_nobody_answers_at_is_told_as_such(ask: Ask) -> None:
    from tests.faults.server import BlackHole

    hole = BlackHole()
    try:
        detail = _failure(ask("https://shop.test/", _by(hole.port), timeout=0.3), Reason.PROXY)
    finally:
        hole.close()
    assert detail.startswith(f"no connection to the proxy 127.0.0.1:{hole.port} within")


@pytest.mark.parametrize("url", ["https://10.0.0.1:3128", "http://", "http://h:port", "ftp://h:21", "10.0.0.1:3128"])
def test_what_is_no_proxy_is_a_config_error(url: str) -> None:
    with pytest.raises(ExchangeError) as error:
        prepare("http://h/", Check(proxy=Secret(url)))
    assert error.value.reason is Reason.CONFIG


def test_http2_goes_through_a_tunnel(ask: Ask, secured: ssl.SSLContext, trust: TlsSettings) -> None:
    secured.set_alpn_protocols(["http/1.1"])
    with answering(ok(), context=secured) as server, proxying() as proxy:
        got = ask(server.url(scheme="https"), _by(proxy.port, tls=trust, http2=True))
    assert isinstance(got, Response), got
    assert len(proxy.requests) == 1


def test_a_websocket_goes_through_a_tunnel(examine: Examine) -> None:  # noqa: F811
    def script(line: socket.socket) -> None:
        line.sendall(switching(key_in(read_request(line))) + frame(TEXT, b"PONG"))
        hold(line)

    with serving(script) as server, proxying() as proxy:
        reading = examine(server.url(scheme="ws"), _by(proxy.port, expect=Expectation(body="PONG"))).reading
    assert reading.status is Status.UP, reading.detail
    assert proxy.requests[0].startswith(b"CONNECT 127.0.0.1:")


def test_grpc_goes_through_a_tunnel_whose_end_speaks_first(examine: Examine) -> None:  # noqa: F811
    with grpc_server() as port, proxying() as proxy:
        reading = examine(f"grpc://127.0.0.1:{port}", _by(proxy.port)).reading
    assert (reading.status, reading.detail) == (Status.UP, "SERVING")
    assert len(proxy.requests) == 1


def test_no_secret_of_the_proxy_is_told(examine: Examine) -> None:  # noqa: F811
    echo = b"HTTP/1.1 500 " + _BASIC + b"\r\n\r\n"
    with answering(echo) as proxy:
        mask = Masker([_BASIC.decode()[6:]])
        reading = examine("https://h/", _by(proxy.port, "me:hunter2x%40@"), mask=mask).reading
    assert reading.detail == "the proxy cannot reach h:443: HTTP 500 Basic •••"
