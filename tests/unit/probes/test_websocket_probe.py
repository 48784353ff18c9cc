"""WebSocket probes against a server of another make, and what a redirect must not take along."""

from __future__ import annotations

import contextlib
import datetime as dt
import queue
import random
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from platformpm.model.check import Check, Expectation, TlsSettings
from platformpm.model.exchange import Failure, Response
from platformpm.model.secret import Masker, Secret
from platformpm.model.status import Reason, Status
from tests.faults.websocket_faults import key_in, switching
from tests.unit.net.loopback import answering, read_request, redirect, serving
from tests.unit.probes.conftest import AT, Examine

if TYPE_CHECKING:
    from websockets.http11 import Request as Asked
    from websockets.http11 import Response as Answer

_PATIENCE = 20.0


class Echo:
    """A real WebSocket server that sends back what it hears; `asked` are the upgrades, `ended` the close codes."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[Asked] = []
        self.ended: queue.Queue[int | None] = queue.Queue()

    def url(self, path: str = "/", scheme: str = "ws") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def talk(self, line: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for message in line:
                line.send(message)
        self.ended.put(line.close_code)


@contextmanager
def echo(
    context: ssl.SSLContext | None = None, answer: Callable[[ServerConnection, Asked], Answer | None] | None = None
) -> Iterator[Echo]:
    state = Echo()

    def process(line: ServerConnection, asked: Asked) -> Answer | None:
        state.asked.append(asked)
        return answer(line, asked) if answer else None

    with serve(
        state.talk, "127.0.0.1", 0, ssl=context, process_request=process, subprotocols=["mqtt"], max_size=None,  # type: ignore[list-item]
        select_subprotocol=lambda _line, offered: offered[0] if offered else None,
    ) as server:  # fmt: skip
        state.port = server.socket.getsockname()[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join(_PATIENCE)


def _said(text: str, expect: Expectation | None = None) -> Check:
    return Check(send=Secret(text), expect=expect or Expectation(body=f"^{text}$"))


def test_an_upgrade_is_up_and_ends_in_good_order(examine: Examine) -> None:
    with echo() as server:
        examination = examine(server.url("/live?room=1"))
        assert server.ended.get(timeout=_PATIENCE) == 1000
    reading, exchange = examination.reading, examination.exchange
    assert (reading.status, reading.detail, reading.version) == (Status.UP, "HTTP 101", None)
    assert isinstance(exchange, Response)
    assert (exchange.status, exchange.url) == (101, server.url("/live?room=1"))
    assert server.asked[0].path == "/live?room=1"
    assert None not in (reading.phases.connect, reading.phases.first_byte, reading.phases.transfer)
    assert reading.phases.tls is None
    assert reading.latency is not None


def test_what_is_sent_comes_back_as_the_body(examine: Examine) -> None:
    with echo() as server:
        examination = examine(server.url(), _said("grüße"))
        assert examination.reading.status is Status.UP, examination.reading.detail
        assert server.ended.get(timeout=_PATIENCE) == 1000
    assert isinstance(examination.exchange, Response)
    assert examination.exchange.body == "grüße".encode()


def test_a_message_longer_than_the_cap_is_cut(examine: Examine) -> None:
    with echo() as server:
        large = Check(send=Secret("x" * (2 << 20)), expect=Expectation(body="y"))
        reading = examine(server.url(), large).reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.TOO_LARGE)


def test_headers_host_origin_and_subprotocol_are_those_configured(examine: Examine) -> None:
    headers = {
        "Host": "gw.test", "Origin": "https://app.test", "X-Tenant": "acme", "Sec-WebSocket-Protocol": "mqtt",
        "Sec-WebSocket-Key": "mine", "Connection": "close", "Upgrade": "h2c",
    }  # fmt: skip
    check = Check(
        headers=tuple((name, Secret(value)) for name, value in headers.items()),
        expect=Expectation(headers=(("Sec-WebSocket-Protocol", "^mqtt$"),)),
    )
    with echo() as server:
        reading = examine(server.url(), check).reading
    assert reading.status is Status.UP, reading.detail
    sent = server.asked[0].headers
    assert [sent[name] for name in ("Host", "Origin", "X-Tenant")] == ["gw.test", "https://app.test", "acme"]
    assert (sent["Connection"], sent["Upgrade"]) == ("Upgrade", "websocket")
    assert sent["Sec-WebSocket-Key"] != "mine"
    assert sent["User-Agent"].startswith("platformpm/")


def test_credentials_are_sent_and_their_lack_is_unknown(examine: Examine) -> None:
    def guard(line: ServerConnection, asked: Asked) -> Answer | None:
        known = asked.headers.get("Authorization") == "Basic bWU6cGFzcw=="
        return None if known else line.respond(401, "who are you?")

    with echo(answer=guard) as server:
        known = examine(server.url(), credentials="me:pass")
        stranger = examine(server.url())
    assert known.reading.status is Status.UP
    assert (stranger.reading.status, stranger.reading.reason) == (Status.UNKNOWN, Reason.UNAUTHORIZED)
    assert isinstance(stranger.exchange, Response)
    assert stranger.exchange.body == b"who are you?"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    soon = dt.datetime.fromtimestamp(AT, dt.UTC) + dt.timedelta(days=5)
    authority.issue_cert(*names, not_after=soon).configure_cert(context)
    return context


def test_over_tls_the_certificate_is_looked_at(examine: Examine, authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    trusting = replace(_said("hello"), tls=TlsSettings(ca_file=str(tmp_path / "ca.pem")))
    with echo(_context(authority, "127.0.0.1")) as server:
        good = examine(server.url(scheme="wss"), replace(trusting, certificate_days=1.0))
        expiring = examine(server.url(scheme="wss"), trusting).reading
        untrusted = examine(server.url(scheme="wss"), _said("hello"))
    assert good.reading.status is Status.UP, good.reading.detail
    assert good.reading.phases.tls is not None
    assert good.certificate is not None
    assert good.reading.certificate_expires == good.certificate.not_after
    assert (expiring.status, expiring.reason) == (Status.DEGRADED, Reason.CERTIFICATE_EXPIRING)
    assert untrusted.reading.reason is Reason.TLS_UNTRUSTED
    assert untrusted.certificate is not None


def test_a_server_that_misses_a_client_certificate_says_so(
    examine: Examine, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = _context(authority, "127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    with serving(lambda line: None, context) as server:
        reading = examine(
            server.url(scheme="wss"), replace(_said("x"), tls=TlsSettings(ca_file=str(tmp_path / "ca.pem")))
        ).reading
    assert (reading.reason, reading.detail) == (Reason.TLS_PROTOCOL, "the server requires a client certificate")


def test_a_redirect_within_the_origin_is_asked_again_with_everything(examine: Examine) -> None:
    def moved(line: ServerConnection, asked: Asked) -> Answer | None:
        if asked.path == "/new":
            return None
        answer = line.respond(307, "")
        answer.headers["Location"] = "/new"
        return answer

    with echo(answer=moved) as server:
        examination = examine(server.url("/old"), replace(_said("hello"), auth=Secret("Bearer t0ken")))
    assert examination.reading.status is Status.UP, examination.reading.detail
    assert examination.exchange is not None
    assert examination.exchange.hops == (server.url("/old"),)
    assert [asked.headers["Authorization"] for asked in server.asked] == ["Bearer t0ken"] * 2


def test_another_origin_gets_neither_credentials_nor_the_message(examine: Examine) -> None:
    heard: list[bytes] = []

    def stranger(line: socket.socket) -> None:
        asked = read_request(line)
        line.sendall(switching(key_in(asked)))
        heard.extend((asked, line.recv(1000)))

    check = Check(send=Secret("s3cret-message"), auth=Secret("Bearer s3cret-token"))
    with serving(stranger) as other, answering(redirect(other.url("/x"))) as first:
        reading = examine(first.url(scheme="ws"), check, credentials="me:s3cret-pass").reading
    assert reading.status is Status.UP, reading.detail
    assert b"s3cret" not in b"".join(heard)
    assert b"Bearer" not in heard[0]
    assert heard[1][0] == 0x88, "the first frame is the goodbye"


@pytest.mark.parametrize("where", ["ws://127.0.0.1:1/", "wss://h/", "http://169.254.169.254/latest"])
def test_a_redirect_is_guarded(examine: Examine, where: str) -> None:
    with answering(redirect(where)) as server:
        reading = examine(server.url(scheme="ws")).reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.REDIRECT)


@pytest.mark.parametrize("url", ["ws://h:99999/", "ws:///x", "wss://exa mple/"])
def test_an_address_that_cannot_be_asked_is_a_config_error(examine: Examine, url: str) -> None:
    assert examine(url).reading.reason is Reason.CONFIG


def test_a_secret_that_comes_back_is_masked(examine: Examine) -> None:
    with echo() as server:
        check = _said("canary-secret", Expectation(body="something else"))
        reading = examine(server.url(), check, mask=Masker(["canary-secret"])).reading
    assert (reading.reason, reading.detail) == (Reason.BODY, "no something else in the body •••")


@pytest.mark.parametrize("seed", range(40))
def test_noise_in_place_of_frames_is_a_reading(examine: Examine, seed: int) -> None:
    noise = random.Random(seed)
    frames = noise.randbytes(noise.choice((3, 40, 5000)))

    def script(line: socket.socket) -> None:
        line.sendall(switching(key_in(read_request(line))) + frames)

    with serving(script) as server:
        examination = examine(server.url(scheme="ws"), Check(expect=Expectation(body="never said")))
    assert examination.reading.reason in (Reason.PROTOCOL, Reason.RESET, Reason.BODY, Reason.UNAUTHORIZED)
    assert isinstance(examination.exchange, Failure | Response)
