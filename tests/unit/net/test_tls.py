"""TLS against real servers with certificates made here: every way to be wrong has its reason."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from platformpm.model.check import Check, TlsSettings
from platformpm.model.exchange import Certificate, Failure, Response
from platformpm.model.secret import Secret
from platformpm.model.status import Reason
from platformpm.net.faults import ExchangeError
from platformpm.net.tls import Contexts, tls_fault
from tests.unit.net.loopback import Server, answering, hold, ok, serving
from tests.unit.net.odd_certificates import ODD, odd_context

Ask = Callable[..., Response | Failure]
_NOW = dt.datetime.now(dt.UTC)
_DAY = dt.timedelta(days=1)


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def _context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def _check(ca_file: str, **more: object) -> Check:
    return Check(tls=TlsSettings(ca_file=ca_file, **more))  # type: ignore[arg-type]  # names of fields


def _failure(got: Response | Failure, reason: Reason) -> Failure:
    assert isinstance(got, Failure), got
    assert got.reason is reason, got.detail
    return got


def _days_left(certificate: Certificate | None) -> float:
    assert certificate is not None
    assert certificate.not_after is not None
    return (certificate.not_after - _NOW.timestamp()) / 86400


def test_a_good_certificate_is_told_with_its_facts(ask: Ask, authority: trustme.CA, ca_file: str) -> None:
    leaf = authority.issue_cert("127.0.0.1", "shop.test", common_name="shop", not_after=_NOW + 20 * _DAY)
    with answering(ok(), context=_context(leaf)) as server:
        got = ask(server.url(scheme="https"), _check(ca_file))
    assert isinstance(got, Response), got
    assert got.body == b"fine"
    certificate = got.certificate
    assert 19 < _days_left(certificate) < 21
    assert certificate is not None
    assert certificate.not_after is not None
    assert certificate.verified
    assert certificate.subject == "shop"
    assert "shop.test" in certificate.names
    assert certificate.protocol == "TLSv1.3"
    assert None not in (got.phases.connect, got.phases.tls, got.phases.first_byte)


def test_without_verification_the_facts_are_read_all_the_same(ask: Ask, authority: trustme.CA) -> None:
    leaf = authority.issue_cert("other.test", common_name="other", not_after=_NOW - _DAY, not_before=_NOW - 9 * _DAY)
    with answering(ok(), context=_context(leaf)) as server:
        got = ask(server.url(scheme="https"), Check(tls=TlsSettings(verify=False)))
    assert isinstance(got, Response), got
    assert got.certificate is not None
    assert -2 < _days_left(got.certificate) < 0
    assert (got.certificate.verified, got.certificate.subject) == (False, "other")


@pytest.mark.parametrize(
    ("days", "says"),
    [((-9, -3), "has expired"), ((3, 9), "not valid yet")],
)
def test_a_certificate_outside_its_time_is_expired_and_its_end_is_learned(
    ask: Ask, authority: trustme.CA, ca_file: str, days: tuple[int, int], says: str
) -> None:
    start, end = (_NOW + day * _DAY for day in days)
    leaf = authority.issue_cert("127.0.0.1", not_before=start, not_after=end)
    with answering(ok(), context=_context(leaf)) as server:
        failure = _failure(ask(server.url(scheme="https"), _check(ca_file)), Reason.TLS_EXPIRED)
    assert says in failure.detail
    assert abs(_days_left(failure.certificate) - days[1]) < 1
    assert b"".join(server.requests) == b""
    assert server.connections == 2


def test_another_host_and_another_authority_have_their_own_reasons(
    ask: Ask, authority: trustme.CA, ca_file: str
) -> None:
    with answering(ok(), context=_context(authority.issue_cert("other.test"))) as server:
        failure = _failure(ask(server.url(scheme="https"), _check(ca_file)), Reason.TLS_HOSTNAME)
        assert failure.detail == "the certificate is not for 127.0.0.1"
        got = ask(server.url(scheme="https"), _check(ca_file, server_name="other.test"))
        assert isinstance(got, Response)
        _failure(ask(server.url(scheme="https")), Reason.TLS_UNTRUSTED)
    with answering(ok(), context=_context(trustme.CA().issue_cert("127.0.0.1"))) as server:
        _failure(ask(server.url(scheme="https"), _check(ca_file)), Reason.TLS_UNTRUSTED)


def test_an_older_protocol_than_wanted_is_a_protocol_error(ask: Ask, authority: trustme.CA, ca_file: str) -> None:
    context = _context(authority.issue_cert("127.0.0.1"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with answering(ok(), context=context) as server:
        failure = _failure(ask(server.url(scheme="https"), _check(ca_file, minimum="TLSv1.3")), Reason.TLS_PROTOCOL)
        assert failure.detail == "no common TLS version"
        assert isinstance(ask(server.url(scheme="https"), _check(ca_file, minimum="TLSv1.2")), Response)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_is_shown_where_configured_and_missed_where_not(
    ask: Ask, authority: trustme.CA, ca_file: str, tmp_path: Path, newest: ssl.TLSVersion
) -> None:
    context = _context(authority.issue_cert("127.0.0.1"))
    context.maximum_version = newest
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    mine = authority.issue_cert("me@shop.test")
    mine.cert_chain_pems[0].write_to_path(tmp_path / "me.pem")
    mine.private_key_pem.write_to_path(tmp_path / "me.key")
    with answering(ok(), context=context) as server:
        failure = _failure(ask(server.url(scheme="https"), _check(ca_file)), Reason.TLS_PROTOCOL)
        assert "client certificate" in failure.detail
        check = _check(ca_file, certificate_file=str(tmp_path / "me.pem"), key_file=str(tmp_path / "me.key"))
        assert isinstance(ask(server.url(scheme="https"), check), Response)


def test_a_handshake_that_stalls_is_a_tls_timeout(ask: Ask) -> None:
    with serving(hold) as server:
        failure = _failure(ask(server.url(scheme="https"), timeout=0.3), Reason.TIMEOUT_TLS)
    assert failure.detail == f"no TLS handshake with 127.0.0.1:{server.port} within 0.3 s"


def test_a_server_without_tls_is_told_as_such(ask: Ask) -> None:
    def plain(line: socket.socket) -> None:
        line.recv(1000)
        line.sendall(ok(status=b"400 Bad Request"))

    with serving(plain) as server:
        failure = _failure(ask(server.url(scheme="https")), Reason.TLS_PROTOCOL)
    assert failure.detail == "the server does not speak TLS on this port"


def test_a_close_inside_the_handshake_is_a_protocol_error(ask: Ask) -> None:
    def leave(line: socket.socket) -> None:
        line.recv(1000)

    with serving(leave) as server:
        failure = _failure(ask(server.url(scheme="https")), Reason.TLS_PROTOCOL)
    assert "inside the TLS handshake" in failure.detail


def test_a_look_at_a_rejected_certificate_keeps_the_deadline(ask: Ask, authority: trustme.CA) -> None:
    context = _context(authority.issue_cert("127.0.0.1"))
    box: list[Server] = []

    def once(line: socket.socket) -> None:
        if box[0].connections > 1:
            hold(line)
            return
        context.wrap_socket(line, server_side=True).close()

    with serving(once) as server:
        box.append(server)
        failure = _failure(ask(server.url(scheme="https"), timeout=0.5), Reason.TLS_UNTRUSTED)
    assert failure.certificate is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (TlsSettings(ca_file="/nowhere/ca.pem"), "cannot read /nowhere/ca.pem"),
        (TlsSettings(ca_file=__file__), "no usable CA"),
        (TlsSettings(certificate_file=__file__), "cannot be used"),
    ],
)
def test_files_that_cannot_be_used_are_a_config_error(ask: Ask, settings: TlsSettings, says: str) -> None:
    failure = _failure(ask("https://127.0.0.1:9/", Check(tls=settings)), Reason.CONFIG)
    assert says in failure.detail


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders there")
def test_a_pipe_in_place_of_a_certificate_holds_nothing_up(ask: Ask, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ca.pem")
    failure = _failure(ask("https://127.0.0.1:9/", _check(str(tmp_path / "ca.pem"))), Reason.CONFIG)
    assert failure.detail.endswith("ca.pem: not a file")


def test_a_locked_key_never_asks_at_the_terminal(ask: Ask, authority: trustme.CA, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    leaf = authority.issue_cert("me@shop.test")
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "me.pem")
    key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"open")
    )
    (tmp_path / "me.key").write_bytes(locked)
    files = TlsSettings(certificate_file=str(tmp_path / "me.pem"), key_file=str(tmp_path / "me.key"))
    _failure(ask("https://127.0.0.1:9/", Check(tls=files)), Reason.CONFIG)
    _failure(ask("https://127.0.0.1:9/", Check(tls=replace(files, key_password=Secret("open")))), Reason.REFUSED)


def test_a_context_is_made_once_and_anew_when_its_files_are(authority: trustme.CA, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    settings = TlsSettings(ca_file=str(file))

    async def body() -> None:
        contexts = Contexts()
        first = contexts.get(settings)
        assert contexts.get(TlsSettings(ca_file=str(file), server_name="x")) is first
        contexts._made[settings] = contexts._made[settings]._replace(checked=-1000.0)
        assert contexts.get(settings) is first
        contexts._made[settings] = contexts._made[settings]._replace(checked=-1000.0, stamps=(1,))
        assert contexts.get(settings) is not first
        file.unlink()
        contexts._made[settings] = contexts._made[settings]._replace(checked=-1000.0)
        with pytest.raises(ExchangeError):
            contexts.get(settings)

    asyncio.run(body())


def test_an_unknown_tls_error_still_says_something() -> None:
    error = ssl.SSLError(1, "[SSL: STRANGE_THING] strange thing (_ssl.c:1)")
    error.reason = "STRANGE_THING"
    assert tls_fault(error, "h") == (Reason.TLS_PROTOCOL, "TLS failed: strange thing")


@pytest.mark.parametrize("error", [ssl.SSLError(1, "unknown error (_ssl.c:1)"), ssl.SSLZeroReturnError(6, "closed")])
def test_a_tls_error_without_a_name_is_told_in_words(error: ssl.SSLError) -> None:
    vars(error).setdefault("reason", None)  # as the ssl module makes them
    reason, detail = tls_fault(error, "h")
    assert reason is Reason.TLS_PROTOCOL
    assert detail.startswith("the server ended")


_END_OF_ODD = dt.datetime(2055, 1, 1, tzinfo=dt.UTC).timestamp()
_UNREADABLE = {"version 4", "no such year", "no such month"}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_certificate_is_not_trusted_and_not_a_defect_of_ours(
    ask: Ask, tmp_path: Path, name: str, recwarn: pytest.WarningsRecorder
) -> None:
    with answering(ok(), context=odd_context(name, tmp_path)) as server:
        got = ask(server.url(scheme="https"), Check())
        answered = ask(server.url(scheme="https"), Check(tls=TlsSettings(verify=False)))
    assert isinstance(got, Failure)
    assert got.reason in (Reason.TLS_UNTRUSTED, Reason.TLS_EXPIRED, Reason.TLS_PROTOCOL), got.detail
    assert isinstance(answered, Response), answered
    assert answered.status == 200
    certificate = answered.certificate
    assert certificate is not None
    assert certificate.not_after == (None if name in _UNREADABLE else _END_OF_ODD)
    assert not [warning for warning in recwarn if "erial" in str(warning.message)]


@pytest.mark.parametrize("verified", [True, False])
def test_names_of_every_kind_are_told_in_words(ask: Ask, tmp_path: Path, *, verified: bool) -> None:
    context = odd_context("names of every kind", tmp_path)
    settings = TlsSettings(verify=verified, ca_file=str(tmp_path / "odd.pem") if verified else None)
    with answering(ok(), context=context) as server:
        got = ask(server.url(scheme="https"), Check(tls=settings))
    assert isinstance(got, Response), got
    assert got.certificate is not None
    assert got.certificate.verified is verified
    assert got.certificate.names[:2] == ("127.0.0.1", "shop.test")
    assert "a room" in got.certificate.names[2]
    assert len(got.certificate.names) == 5
    assert not any(mark in name for name in got.certificate.names for mark in ("<Name", "b'", "Identifier(", "(("))
