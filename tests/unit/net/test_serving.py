"""The small server, over real sockets, against clients that mean no good."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from platformpm.net import serving
from platformpm.net.serving import BODY, CONNECTIONS, HEAD, Answer, Asked, Server

ASK = b"GET /a?b=c HTTP/1.1\r\nHost: here\r\n\r\n"


class Echo:
    """Answers what it was asked, and keeps it."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.body = b"yes\n"
        self.hold: float = 0.0

    async def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if asked.target == "/broken":
            raise RuntimeError("secret-of-ours")
        await asyncio.sleep(self.hold)
        return Answer(200, self.body, headers=(("X-Own", "1"),))


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def server(echo: Echo) -> Iterator[Server]:
    running = Server(socket.create_server(("127.0.0.1", 0)), echo)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def port(server: Server) -> int:
    number: int = server._listening.getsockname()[1]
    return number


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def everything(line: socket.socket) -> bytes:
    out = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := line.recv(65536):
            out += piece
    return out


def talk(port: int, *pieces: bytes) -> bytes:
    with connect(port) as line:
        for piece in pieces:
            line.sendall(piece)
        return everything(line)


def test_a_request_is_answered_and_the_connection_closed(port: int, echo: Echo) -> None:
    answer = talk(port, ASK)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert {b"Content-Length: 4", b"Connection: close", b"X-Own: 1"} <= set(head.split(b"\r\n"))
    assert body == b"yes\n"
    assert echo.asked == [Asked("GET", "/a?b=c", (("host", "here"),))]


def test_head_has_no_body(port: int) -> None:
    assert talk(port, ASK.replace(b"GET", b"HEAD")).endswith(b"X-Own: 1\r\n\r\n")


def test_a_request_may_come_byte_by_byte_and_in_chunks(port: int, echo: Echo) -> None:
    text = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert talk(port, *(bytes([one]) for one in text)).startswith(b"HTTP/1.1 200")
    assert echo.asked[0].body == b"abc"


def test_what_is_pipelined_behind_a_request_is_not_answered(port: int, echo: Echo) -> None:
    second = b"POST /b HTTP/1.0\r\nX-Other: 1\r\nContent-Length: 3\r\n\r\nabc"
    assert talk(port, ASK + second + b"\0garbage").count(b"HTTP/1.1") == 1
    assert echo.asked == [Asked("GET", "/a?b=c", (("host", "here"),))]


@pytest.mark.parametrize(
    ("name", "sent", "code"),
    [
        ("garbage", b"\x16\x03\x01\x02\x00\x01\x00" * 20, 400),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        ("an unknown method", b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("bad chunks", b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("two lengths", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("a huge target", b"GET /" + b"a" * (HEAD + 9000) + b" HTTP/1.1\r\n", 431),
        ("huge headers", b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 3000, 431),
        ("an endless header", b"GET / HTTP/1.1\r\nX-A: " + b"b" * 30_000, 431),
        ("a huge body", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (
            "huge chunks",
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + (b"800\r\n" + b"x" * 2048 + b"\r\n") * 16,
            413,
        ),
        (
            "tiny chunks without end",
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1;" + b"e" * (HEAD + 3 * BODY),
            413,
        ),
    ],
)
def test_what_is_no_request_or_too_large_is_refused_before_it_is_read(
    port: int, echo: Echo, name: str, sent: bytes, code: int
) -> None:
    assert talk(port, sent).startswith(f"HTTP/1.1 {code} ".encode())
    assert echo.asked == []
    assert talk(port, ASK).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("target", "authority", "path"),
    [
        (b"http://here/a?b=c", "here", "/a?b=c"),
        (b"HTTP://Here:80", "Here:80", "/"),
        (b"http://evil@here/a", "evil@here", "/a"),
        (b"http://here?b=//c", "here", "/?b=//c"),
        (b"/http://here/", None, "/http://here/"),
    ],
)
def test_a_target_in_absolute_form_tells_who_is_asked(
    port: int, echo: Echo, target: bytes, authority: str | None, path: str
) -> None:
    assert talk(port, ASK.replace(b"/a?b=c", target)).startswith(b"HTTP/1.1 200")
    assert (echo.asked[0].authority, echo.asked[0].target) == (authority, path)


WAITING = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: "
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


def test_who_waits_to_be_told_to_go_on_is_told_once(port: int, echo: Echo) -> None:
    with connect(port) as line:
        line.sendall(WAITING + b"3\r\n\r\n")
        assert line.recv(len(GO_ON), socket.MSG_WAITALL) == GO_ON
        line.sendall(b"a")
        line.sendall(b"bc")
        assert everything(line).startswith(b"HTTP/1.1 200")
    assert echo.asked[0].body == b"abc"


@pytest.mark.parametrize(
    "sent",
    [
        WAITING + b"3\r\n\r\nabc",
        WAITING + b"0\r\n\r\n",
        WAITING + b"99999\r\n\r\n",
        WAITING.replace(b"/1.1", b"/1.0") + b"3\r\n\r\nabc",
    ],
)
def test_who_need_not_wait_is_not_told_to_go_on(port: int, sent: bytes) -> None:
    assert b"100 Continue" not in talk(port, sent)


def test_an_offer_to_speak_something_else_is_declined(port: int) -> None:
    offer = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert talk(port, offer).startswith(b"HTTP/1.1 200")


def test_a_defect_in_an_answer_is_500_and_tells_nothing(port: int) -> None:
    answer = talk(port, ASK.replace(b"/a", b"/broken?"))
    assert answer.startswith(b"HTTP/1.1 200")  # another path
    answer = talk(port, b"GET /broken HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 500")
    assert b"secret" not in answer


def test_who_says_nothing_in_time_is_cut_off(monkeypatch: pytest.MonkeyPatch, port: int, echo: Echo) -> None:
    monkeypatch.setattr(serving, "HEAR_WITHIN", 0.2)
    with connect(port) as silent, connect(port) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert everything(silent) == b""
        with contextlib.suppress(OSError):
            while True:  # one header line without end, slower than the deadline
                slow.sendall(b"x")
                time.sleep(0.02)
    assert echo.asked == []


def test_who_does_not_take_the_answer_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, server: Server, port: int, echo: Echo
) -> None:
    monkeypatch.setattr(serving, "ANSWER_WITHIN", 0.2)
    echo.body = b"x" * 30_000_000
    with connect(port) as line:
        line.sendall(ASK)
        with connect(port) as other:
            other.sendall(ASK)
            assert other.recv(4) == b"HTTP"
        while server._talks:
            time.sleep(0.01)
        assert len(everything(line)) < len(echo.body), "what the system holds is all there is"


def test_one_long_answer_is_held_once_for_all_who_do_not_read_it(port: int, echo: Echo) -> None:
    echo.body = b"x" * 20_000_000
    lines = [connect(port) for _ in range(20)]
    tracemalloc.start()
    try:
        for line in lines:
            line.sendall(ASK)
            line.recv(1)
        assert tracemalloc.get_traced_memory()[1] < len(echo.body)
    finally:
        tracemalloc.stop()
        for line in lines:
            line.close()


def test_however_many_hang_on_the_next_is_answered(port: int) -> None:
    hanging = []
    try:
        for _ in range(CONNECTIONS * 2):
            hanging.append(connect(port))
            hanging[-1].sendall(b"GET / HT")
        assert talk(port, ASK).startswith(b"HTTP/1.1 200")
        assert everything(hanging[0]) == b""  # the oldest gave way
    finally:
        for line in hanging:
            line.close()


def test_hostile_clients_leave_nothing_behind(port: int) -> None:
    def storm() -> None:
        for sent in (b"", b"\0" * 5000, b"GET /" + b"a" * 30_000, ASK * 50, b"POST / HTTP/1.1\r\n"):
            with contextlib.suppress(OSError), connect(port) as line:
                line.sendall(sent)
        talk(port, ASK)

    storm()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(30):
            storm()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 2_000_000, "some 13 kB for each of 150 clients would be all of what they sent"


def test_at_the_end_answers_under_way_are_given_and_nobody_else_is_heard(echo: Echo) -> None:
    channel = socket.create_server(("127.0.0.1", 0))
    port, echo.hold, got = channel.getsockname()[1], 0.05, bytearray()
    server = Server(channel, echo)
    server.start()
    with connect(port) as quick, connect(port) as endless:
        endless.sendall(b"GET /")
        quick.sendall(ASK)
        reader = threading.Thread(target=lambda: got.extend(everything(quick)))
        reader.start()
        while not echo.asked:
            time.sleep(0.01)
        server.stop()
        reader.join()
        assert got.startswith(b"HTTP/1.1 200")
        assert everything(endless) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(port)
