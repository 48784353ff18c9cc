"""HTTP/1.1 against real sockets: how answers end, what is no answer, and what each costs in reasons."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable

import pytest

from platformpm.model.check import Check
from platformpm.model.exchange import Failure, Response
from platformpm.model.status import Reason
from tests.faults.server import refusing
from tests.unit.net.loopback import answering, hold, ok, read_request, reset, serving

Ask = Callable[..., Response | Failure]
_SOON = 0.3
_HEAD = b"HTTP/1.1 200 OK\r\n"


def test_an_answer_comes_with_its_parts_and_phases(ask: Ask) -> None:
    with answering(ok(b"fine", b"X-One: a", b"X-One: b", status=b"201 Made \x1b[31mred")) as server:
        got = ask(server.url("/health"))
    assert isinstance(got, Response)
    assert (got.status, got.body, got.complete, got.http_version) == (201, b"fine", True, "1.1")
    assert "\x1b" not in got.phrase
    assert [value for name, value in got.headers if name == "x-one"] == ["a", "b"]
    phases = got.phases
    assert phases.dns is None
    assert phases.tls is None
    assert None not in (phases.connect, phases.first_byte, phases.transfer)
    assert got.latency >= (phases.connect or 0) + (phases.first_byte or 0)
    assert server.requests[0].startswith(b"GET /health HTTP/1.1\r\n")


def test_each_probe_has_a_connection_of_its_own(ask: Ask) -> None:
    with answering(ok(b"x", b"Connection: keep-alive")) as server:
        for _ in range(3):
            assert isinstance(ask(server.url()), Response)
    assert server.connections == 3


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (_HEAD + b"\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", 200, b"old"),
        (
            _HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n",
            200,
            b"abcde",
        ),
        (b"HTTP/1.1 204 None\r\n\r\nignored", 204, b""),
        (b"HTTP/1.1 304 Same\r\nContent-Length: 99\r\n\r\n", 304, b""),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
        (b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + ok(b"last"), 200, b"last"),
        (ok(b"first") + ok(b"second", status=b"500 Oops"), 200, b"first"),
        (ok(b"body") + b"\x00\xffgarbage", 200, b"body"),
    ],
    ids=["until-close", "http-1.0", "chunked", "204", "304", "no-phrase", "interim", "two-answers", "garbage-after"],
)
def test_bodies_end_where_rfc_9112_says(ask: Ask, answer: bytes, status: int, body: bytes) -> None:
    with answering(answer) as server:
        got = ask(server.url())
    assert isinstance(got, Response)
    assert (got.status, got.body) == (status, body)
    assert got.header("link") is None
    assert got.header("trailer") is None


def test_the_answer_to_head_has_no_body_whatever_it_announces(ask: Ask) -> None:
    with answering(_HEAD + b"Content-Length: 1000\r\n\r\n") as server:
        got = ask(server.url(), Check(method="HEAD"))
    assert isinstance(got, Response)
    assert got.body == b""


def test_an_answer_in_single_bytes_is_the_same_answer(ask: Ask) -> None:
    def drip(line: socket.socket) -> None:
        read_request(line)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"HTTP/1.1 100 Go\r\n\r\n" + ok(b"drip", b"X-Long: " + b"v" * 50):
            line.sendall(bytes([byte]))

    with serving(drip) as server:
        got = ask(server.url())
    assert isinstance(got, Response)
    assert (got.body, got.header("x-long")) == (b"drip", "v" * 50)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", Reason.PROTOCOL),
        (b"<html>HTTP/0.9</html>", Reason.PROTOCOL),
        (b"\r\nRTSP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", Reason.PROTOCOL),
        (b"ICE/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", Reason.PROTOCOL),
        (b"H", Reason.PROTOCOL),
        (b"HTTP/2.0 200 OK\r\n\r\n", Reason.PROTOCOL),
        (b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", Reason.PROTOCOL),
        (b"HTTP/1.1 042 What\r\nContent-Length: 0\r\n\r\n", Reason.PROTOCOL),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", Reason.PROTOCOL),
        (_HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Reason.PROTOCOL),
        (_HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", Reason.PROTOCOL),
        (_HEAD + b"Content-Length: -1\r\n\r\n", Reason.PROTOCOL),
        (_HEAD + b"Content-Length: 10\r\n\r\nshort", Reason.PROTOCOL),
        (_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", Reason.PROTOCOL),
        (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", Reason.PROTOCOL),
        (_HEAD + b"Transfer-Encoding: gzip\r\n\r\nabc", Reason.PROTOCOL),
        (_HEAD + b"X-Half: wa", Reason.PROTOCOL),
        (b"HTTP/1.1 100 Go\r\n\r\n" * 100 + ok(), Reason.PROTOCOL),
        (_HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n", Reason.TOO_LARGE),
        (_HEAD + b"X: y\r\n" * 20_000 + b"\r\n", Reason.TOO_LARGE),
        (_HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", Reason.TOO_LARGE),
        (b"", Reason.RESET),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, bytes) else None,
)
def test_what_is_no_answer_has_its_reason(ask: Ask, answer: bytes, reason: Reason) -> None:
    with answering(answer) as server:
        got = ask(server.url())
    assert isinstance(got, Failure)
    assert got.reason is reason, got.detail
    assert 0 < len(got.detail) <= 200


def test_a_reset_inside_the_body_is_a_reset(ask: Ask) -> None:

    def closing(line: socket.socket) -> None:
        read_request(line)
        line.sendall(_HEAD + b"Content-Length: 100\r\n\r\nhalf")
        reset(line)

    with serving(closing) as server:
        got = ask(server.url())
    assert isinstance(got, Failure)
    assert got.reason is Reason.RESET


def test_nobody_there_is_refused(ask: Ask) -> None:
    with refusing() as port:
        got = ask(f"http://127.0.0.1:{port}/")
    assert isinstance(got, Failure)
    assert (got.reason, got.detail) == (Reason.REFUSED, f"connection refused by 127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("start", "reason", "says"),
    [
        (b"", Reason.TIMEOUT_RESPONSE, "no answer within 0.3 s"),
        (_HEAD + b"X: ", Reason.TIMEOUT_RESPONSE, "the headers did not end within 0.3 s"),
        (b"HTTP/1.1 102 Wait\r\n\r\n", Reason.TIMEOUT_RESPONSE, "only 1 interim answer within 0.3 s"),
        (_HEAD + b"Content-Length: 5\r\n\r\nab", Reason.TIMEOUT_BODY, "the body did not end within 0.3 s"),
        (_HEAD + b"\r\nab", Reason.TIMEOUT_BODY, "the body did not end within 0.3 s"),
    ],
    ids=["silence", "headers", "interim", "body", "until-close"],
)
def test_the_deadline_says_how_far_it_came(ask: Ask, start: bytes, reason: Reason, says: str) -> None:
    def script(line: socket.socket) -> None:
        read_request(line)
        line.sendall(start)
        hold(line)

    with serving(script) as server:
        got = ask(server.url(), timeout=_SOON)
    assert isinstance(got, Failure)
    assert (got.reason, got.detail) == (reason, says)


@pytest.mark.parametrize("piece", [b"1\r\nx\r\n" * 10_000, b"1;" + b"x" * 1000 + b"\r\ny\r\n"])
def test_a_body_is_cut_where_its_framing_outgrows_it(ask: Ask, piece: bytes) -> None:
    taken = [0]

    def flood(line: socket.socket) -> None:
        read_request(line)
        line.sendall(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            line.sendall(piece)
            taken[0] += len(piece)

    with serving(flood) as server:
        got = ask(server.url())
    assert isinstance(got, Response)
    assert not got.complete
    assert 0 < len(got.body) < 1024 * 1024
    assert taken[0] < 16 * 1024 * 1024


def test_packed_chunks_that_are_cut_are_unpacked_as_far_as_they_came(ask: Ask) -> None:
    packed = zlib.compress(b"abc" * 1000)

    def flood(line: socket.socket) -> None:
        read_request(line)
        line.sendall(_HEAD + b"Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.sendall(b"%x\r\n%b\r\n" % (len(packed) - 4, packed[:-4]))
        while True:
            line.sendall(b"1;" + b"x" * 2_000_000 + b"\r\n" + packed[-4:-3] + b"\r\n")

    with serving(flood) as server:
        got = ask(server.url())
    assert isinstance(got, Response)
    assert (got.body, got.complete) == (b"abc" * 1000, False)


def test_framing_without_a_body_is_too_large(ask: Ask) -> None:
    def flood(line: socket.socket) -> None:
        read_request(line)
        line.sendall(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;")
        while True:
            line.sendall(b"x" * 65536)

    with serving(flood) as server:
        got = ask(server.url())
    assert isinstance(got, Failure)
    assert (got.reason, got.detail) == (Reason.TOO_LARGE, "1024 KiB of chunk framing and nothing of the body")


def test_many_small_chunks_are_no_attack(ask: Ask) -> None:
    def dribble(line: socket.socket) -> None:
        read_request(line)
        line.sendall(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"8\r\n12345678\r\n" * 100_000 + b"0\r\n\r\n")

    with serving(dribble) as server:
        got = ask(server.url())
    assert isinstance(got, Response)
    assert (len(got.body), got.complete) == (800_000, True)


def test_a_body_without_end_is_read_to_the_cap(ask: Ask) -> None:
    def flood(line: socket.socket) -> None:
        read_request(line)
        line.sendall(_HEAD + b"\r\n")
        while True:
            line.sendall(bytes(65536))

    with serving(flood) as server:
        got = ask(server.url())
    assert isinstance(got, Response)
    assert (len(got.body), got.complete) == (1024 * 1024, False)
