"""The fault server itself: every fault really does to a plain socket what its name says."""

from __future__ import annotations

import select
import socket
import ssl
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.body_faults import BODY_FAULTS, BOMB, STATIC_BODIES
from tests.faults.http_faults import HTTP_FAULTS, STATIC_CLOSE, STATIC_OPEN
from tests.faults.redirect_faults import FORBIDDEN, REDIRECT_FAULTS
from tests.faults.server import FaultServer, unanswering
from tests.faults.spy import forbidden, watch_sockets
from tests.faults.tcp_faults import TCP_FAULTS
from tests.faults.tls_faults import RAW_TLS_FAULTS, TlsTable, make_tls_table

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
FIXED = STATIC_OPEN | STATIC_BODIES


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer({**HTTP_FAULTS, **BODY_FAULTS, **REDIRECT_FAULTS, **TCP_FAULTS}) as running:
        yield running


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsTable:
    return make_tls_table(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def tls_server(tls: TlsTable) -> Iterator[FaultServer]:
    with FaultServer(tls.faults) as running:
        yield running


def ask(server: FaultServer, fault: str, request: bytes = REQUEST, *, slowly: bool = False) -> socket.socket:
    """Connect and send; `slowly` lets the other side act first. A reset may come before the request or after it."""
    line = socket.create_connection((server.faults[fault].host, server.ports[fault]), timeout=10)
    try:
        if slowly:
            select.select([line], [], [], 10)
        line.sendall(request)
    except OSError:
        line.close()
        raise
    return line


def read(line: socket.socket, size: int) -> bytes:
    out = bytearray()
    while len(out) < size and (chunk := line.recv(min(1 << 20, size - len(out)))):
        out += chunk
    return bytes(out)


def test_there_are_as_many_behaviours_as_were_asked_for() -> None:
    assert len(HTTP_FAULTS | BODY_FAULTS | REDIRECT_FAULTS) >= 35
    assert len(FORBIDDEN) >= 5


@pytest.mark.parametrize("fault", FIXED)
def test_a_fixed_answer_arrives_byte_for_byte_and_the_line_stays_open(server: FaultServer, fault: str) -> None:
    with ask(server, fault) as line:
        assert read(line, len(FIXED[fault])) == FIXED[fault]
        assert select.select([line], [], [], 0)[0] == []


@pytest.mark.parametrize("fault", STATIC_CLOSE)
def test_a_closing_answer_arrives_byte_for_byte_and_ends(server: FaultServer, fault: str) -> None:
    with ask(server, fault) as line:
        assert read(line, 1 << 20) == STATIC_CLOSE[fault]


@pytest.mark.parametrize("fault", ["header-drip", "body-drip", "tcp-drip"])
def test_a_drip_comes_one_byte_at_a_time(server: FaultServer, fault: str) -> None:
    with ask(server, fault) as line:
        seen = b""
        while not seen.endswith(b"aa"):
            chunk = line.recv(100)
            assert chunk
            assert not seen.endswith(b"a") or len(chunk) == 1
            seen += chunk


@pytest.mark.parametrize(
    "fault",
    [
        *("infinite-body", "infinite-chunked", "infinite-json", "informational-flood", "header-flood"),
        *("trailer-flood", "chunk-extension-flood", "tcp-flood", "endless-phrase", "leading-newlines"),
        *("chunks-of-one", "gzip-endless-header"),
    ],
)
def test_a_flood_does_not_end(server: FaultServer, fault: str) -> None:
    with ask(server, fault) as line:
        assert len(read(line, 8 << 20)) == 8 << 20


@pytest.mark.parametrize("fault", ["reset-on-accept", "reset-after-request", "reset-mid-body", "tcp-reset"])
def test_a_reset_is_a_reset(server: FaultServer, fault: str) -> None:
    def talk() -> None:
        with ask(server, fault) as line:
            read(line, 1 << 20)

    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        talk()


@pytest.mark.parametrize("fault", ["reset-on-accept", "tcp-reset"])
def test_a_reset_may_come_before_the_request(server: FaultServer, fault: str) -> None:
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        ask(server, fault, slowly=True)


@pytest.mark.parametrize("fault", ["silence", "tcp-silence"])
def test_silence_says_nothing(server: FaultServer, fault: str) -> None:
    with ask(server, fault) as line:
        assert select.select([line], [], [], 0.1)[0] == []


def test_a_close_comes_without_a_byte(server: FaultServer) -> None:
    with ask(server, "close-after-request") as line:
        assert line.recv(10) == b""


def test_head_gets_a_length_without_a_body(server: FaultServer) -> None:
    with ask(server, "head-only", b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n") as line:
        assert line.recv(1000).endswith(b"Content-Length: 500\r\n\r\n")
        assert select.select([line], [], [], 0.05)[0] == []


def test_the_server_notes_what_it_was_sent(server: FaultServer) -> None:
    with ask(server, "echo", b"GET /x HTTP/1.1\r\nX-Api-Key: abc\r\n\r\n") as line:
        line.recv(100)
    assert server.seen_by("echo")[-1].header("x-api-key") == "abc"


def test_the_bomb_is_a_megabyte_that_becomes_a_gigabyte() -> None:
    assert 0.5 * (1 << 20) < len(BOMB) < 1.5 * (1 << 20)
    unpacker, total, rest = zlib.decompressobj(31), 0, BOMB
    while rest:
        total += len(unpacker.decompress(rest, 32 << 20))
        rest = unpacker.unconsumed_tail
    assert total > 1 << 30


def test_a_black_hole_never_answers_and_a_port_without_a_listener_refuses_at_once() -> None:
    with unanswering() as ports:
        with socket.socket() as line:
            line.setblocking(False)
            line.connect_ex(("127.0.0.1", ports["black-hole"]))
            assert select.select([], [line], [], 0.3)[1] == []
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", ports["refused"]))


def test_the_spy_sees_a_forbidden_connection_that_is_tried() -> None:
    tried = watch_sockets()
    with socket.socket() as line:
        line.setblocking(False)
        line.connect_ex(("127.0.0.1", 1))
        assert forbidden(tried) == []
        # The audit event comes before the system call; an impossible port stops it there, so nothing is sent.
        with pytest.raises(OverflowError):
            line.connect_ex(("169.254.169.254", 70_000))
    tried.append(("socket.connect", ("169.254.169.254", 80)))
    assert forbidden(tried) == [("169.254.169.254", 80)]
    tried.clear()


VERIFY_CODES = {
    "tls-expired": {10},
    "tls-not-yet": {9},
    "tls-self-signed": {18},
    "tls-wrong-host": {62, 64},
    "tls-untrusted-root": {19, 20, 21},
}
"""X509_V_ERR codes of OpenSSL."""


@pytest.mark.parametrize("fault", VERIFY_CODES)
def test_a_bad_certificate_is_bad_for_its_own_reason(tls: TlsTable, tls_server: FaultServer, fault: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        handshake(tls, tls_server, fault)
    assert caught.value.verify_code in VERIFY_CODES[fault]


@pytest.mark.parametrize("fault", ["tls-good", "tls-expiring", "tls-1.2"])
def test_a_good_certificate_is_good(tls: TlsTable, tls_server: FaultServer, fault: str) -> None:
    assert handshake(tls, tls_server, fault) == b"HTTP/1.1 200"


def test_a_client_certificate_is_required_and_enough(tls: TlsTable, tls_server: FaultServer) -> None:
    for fault in ("tls-client-certificate", "tls-client-certificate-1.2"):
        assert handshake(tls, tls_server, fault, client=True) == b"HTTP/1.1 200"
        with pytest.raises(ssl.SSLError):
            handshake(tls, tls_server, fault)


@pytest.mark.parametrize("fault", ["tls-old", "tls-plaintext", "tls-garbage", "tls-alert", "tls-close", "tls-reset"])
def test_a_broken_handshake_breaks(tls: TlsTable, tls_server: FaultServer, fault: str) -> None:
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        handshake(tls, tls_server, fault)


@pytest.mark.parametrize("fault", ["tls-stall", "tls-half-hello", "tls-drip-hello"])
def test_a_stalled_handshake_stalls(tls: TlsTable, tls_server: FaultServer, fault: str) -> None:
    with pytest.raises(TimeoutError):
        handshake(tls, tls_server, fault, timeout=0.3)


def test_the_old_server_does_speak_the_old_protocol(tls: TlsTable, tls_server: FaultServer) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(tls.ca_file)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", tls_server.ports["tls-old"]), timeout=10) as line,
        context.wrap_socket(line, server_hostname="127.0.0.1") as wrapped,
    ):
        assert wrapped.version() == "TLSv1.1"


def test_every_raw_tls_fault_is_in_the_table(tls: TlsTable) -> None:
    assert set(RAW_TLS_FAULTS) < set(tls.faults)
    assert Path(tls.client_certificate).exists()


def handshake(tls: TlsTable, server: FaultServer, fault: str, *, client: bool = False, timeout: float = 10.0) -> bytes:
    context = ssl.create_default_context(cafile=tls.ca_file)
    if client:
        context.load_cert_chain(tls.client_certificate, tls.client_key)
    with (
        socket.create_connection(("127.0.0.1", server.ports[fault]), timeout=timeout) as line,
        context.wrap_socket(line, server_hostname="127.0.0.1") as wrapped,
    ):
        wrapped.sendall(REQUEST)
        return wrapped.recv(12)
