"""TCP and TLS probes against real ports."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import time
from pathlib import Path

import pytest
import trustme

from platformpm.model.check import Check, Expectation, TlsSettings
from platformpm.model.secret import Masker, Secret
from platformpm.model.status import Reason, Status
from tests.faults.server import refusing
from tests.unit.net.loopback import hold, reset, serving
from tests.unit.probes.conftest import AT, Examine

_PING = Check(send=Secret("PING\r\n"), expect=Expectation(body="PONG"))


def _says(*pieces: bytes, stay: bool = False) -> object:
    def script(line: socket.socket) -> None:
        line.recv(1000)
        for piece in pieces:
            line.sendall(piece)
        if stay:
            hold(line)

    return script


def test_an_open_port_is_up(examine: Examine) -> None:
    with serving(hold) as server:
        reading = examine(server.url("", scheme="tcp")).reading
    assert (reading.status, reading.detail) == (Status.UP, f"connected to 127.0.0.1:{server.port}")
    assert reading.phases.connect is not None
    assert reading.phases.tls is None
    assert reading.latency is not None


def test_a_closed_port_is_refused(examine: Examine) -> None:
    with refusing() as port:
        reading = examine(f"tcp://127.0.0.1:{port}").reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.REFUSED)


@pytest.mark.parametrize(
    ("pieces", "stay", "outcome", "says"),
    [
        ([b"+PONG\r\n"], True, (Status.UP, None), "connected"),
        ([b"+PO", b"NG\r\n"], False, (Status.UP, None), "connected"),
        ([b"-ERR \x1b[31mmax"], False, (Status.DOWN, Reason.BODY), "no PONG in the answer -ERR"),
        ([b"-ERR max"], True, (Status.DOWN, Reason.BODY), "no PONG in the answer -ERR max"),
        ([], False, (Status.DOWN, Reason.RESET), "closed without an answer, expected PONG"),
        ([], True, (Status.DOWN, Reason.TIMEOUT_RESPONSE), "no answer within 0.4 s, expected PONG"),
        ([bytes(70_000)], True, (Status.DOWN, Reason.TOO_LARGE), "no PONG in the first 64 KiB"),
    ],
)
def test_a_talk_ends_at_the_text_the_end_the_deadline_or_the_cap(
    examine: Examine, pieces: list[bytes], *, stay: bool, outcome: tuple[Status, Reason | None], says: str
) -> None:
    timeout = 0.4 if stay and outcome[0] is not Status.UP else 20.0
    with serving(_says(*pieces, stay=stay)) as server:  # type: ignore[arg-type]  # a script
        reading = examine(server.url("", scheme="tcp"), _PING, timeout).reading
    assert (reading.status, reading.reason) == outcome, reading.detail
    assert says in reading.detail
    assert "\x1b" not in reading.detail
    ended = not (stay or pieces == []) or outcome[1] in (None, Reason.TOO_LARGE)
    assert (reading.latency is not None) is ended


_KEY = "Zq7vLk2mXw9pRt4sBn6yHd3fGj8cAe5uKo1i"


@pytest.mark.parametrize("blanks", [*range(370, 400, 3), 4000])
def test_no_part_of_a_secret_is_told_where_an_answer_is_cut(examine: Examine, blanks: int) -> None:
    with serving(_says(b"x" + b" " * blanks + _KEY.encode())) as server:  # type: ignore[arg-type]  # a script
        reading = examine(server.url("", scheme="tcp"), _PING, mask=Masker([_KEY])).reading
    assert reading.reason is Reason.BODY
    assert all(_KEY[start : start + 4] not in reading.detail for start in range(len(_KEY) - 3))


def test_no_part_of_a_secret_is_told_when_the_time_ran_out_in_it(examine: Examine) -> None:
    with serving(_says(b"you said " + _KEY[:20].encode(), stay=True)) as server:  # type: ignore[arg-type]  # a script
        reading = examine(server.url("", scheme="tcp"), _PING, 0.4, mask=Masker([_KEY])).reading
    assert reading.reason is Reason.BODY
    assert _KEY[:4] not in reading.detail


def test_a_reset_without_a_word_is_a_reset(examine: Examine) -> None:
    def script(line: socket.socket) -> None:
        line.recv(1000)
        reset(line)

    with serving(script) as server:
        reading = examine(server.url("", scheme="tcp"), _PING).reading
    assert (reading.reason, reading.latency) == (Reason.RESET, None)


def test_a_greeting_needs_no_question(examine: Examine) -> None:
    with serving(lambda line: line.sendall(b"220 mail ready\r\n")) as server:
        check = Check(expect=Expectation(body="^220 "))
        assert examine(server.url("", scheme="tcp"), check).reading.status is Status.UP


@pytest.mark.parametrize("url", ["tcp://h", "tcp://127.0.0.1:0", "tls://127.0.0.1:70000"])
def test_an_address_without_a_port_is_a_config_error(examine: Examine, url: str) -> None:
    assert examine(url).reading.reason is Reason.CONFIG


def test_a_pattern_that_cannot_be_used_is_a_config_error(examine: Examine) -> None:
    with serving(_says(b"x")) as server:  # type: ignore[arg-type]  # a script
        reading = examine(server.url("", scheme="tcp"), Check(send=Secret("x"), expect=Expectation(body="("))).reading
    assert (reading.status, reading.reason) == (Status.UNKNOWN, Reason.CONFIG)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _server_context(authority: trustme.CA, days: float) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    end = dt.datetime.fromtimestamp(AT, dt.UTC) + dt.timedelta(days=days)
    authority.issue_cert("127.0.0.1", not_after=end).configure_cert(context)
    return context


def _check(authority: trustme.CA, folder: Path, **more: object) -> Check:
    authority.cert_pem.write_to_path(folder / "ca.pem")
    settings = TlsSettings(ca_file=str(folder / "ca.pem"))
    return Check(tls=settings, **more)  # type: ignore[arg-type]  # names of fields


@pytest.mark.parametrize(
    ("days", "outcome"), [(60, (Status.UP, None)), (5, (Status.DEGRADED, Reason.CERTIFICATE_EXPIRING))]
)
def test_a_handshake_tells_how_long_the_certificate_lasts(
    examine: Examine,
    authority: trustme.CA,
    tmp_path: Path,
    days: float,
    outcome: tuple[Status, Reason | None],
) -> None:
    with serving(hold, _server_context(authority, days)) as server:
        examination = examine(server.url("", scheme="tls"), _check(authority, tmp_path))
    reading = examination.reading
    assert (reading.status, reading.reason) == outcome, reading.detail
    assert reading.certificate_expires == pytest.approx(AT + days * 86400, abs=2)
    assert examination.certificate is not None
    assert examination.certificate.protocol == "TLSv1.3"
    assert reading.phases.tls is not None


def test_a_talk_may_go_through_tls(examine: Examine, authority: trustme.CA, tmp_path: Path) -> None:
    check = _check(authority, tmp_path, send=Secret("PING\r\n"), expect=Expectation(body="PONG"))
    with serving(_says(b"+PONG"), _server_context(authority, 60)) as server:  # type: ignore[arg-type]  # a script
        assert examine(server.url("", scheme="tls"), check).reading.status is Status.UP


def test_a_client_certificate_that_is_missed_late_is_seen(
    examine: Examine, authority: trustme.CA, tmp_path: Path
) -> None:
    context = _server_context(authority, 60)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    with serving(hold, context) as server:
        reading = examine(server.url("", scheme="tls"), _check(authority, tmp_path)).reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.TLS_PROTOCOL)
    assert reading.detail == "the server requires a client certificate"
    assert reading.latency is None


def test_a_busy_server_that_misses_a_client_certificate_is_waited_for(
    examine: Examine, authority: trustme.CA, tmp_path: Path
) -> None:
    context = _server_context(authority, 60)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)

    def script(line: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        secured = context.wrap_bio(incoming, outgoing, server_side=True)
        for busy in (0.0, 0.12):
            incoming.write(line.recv(65536))
            time.sleep(busy)
            with contextlib.suppress(ssl.SSLError):
                secured.do_handshake()
            line.sendall(outgoing.read())

    with serving(script) as server:
        reading = examine(server.url("", scheme="tls"), _check(authority, tmp_path)).reading
    assert (reading.status, reading.reason) == (Status.DOWN, Reason.TLS_PROTOCOL)


def test_a_port_without_tls_is_no_tls(examine: Examine) -> None:
    with serving(_says(b"220 mail ready\r\n")) as server:  # type: ignore[arg-type]  # a script
        assert examine(server.url("", scheme="tls")).reading.reason is Reason.TLS_PROTOCOL
