"""A small HTTP/1.1 server for short answers, in a thread and a loop of its own: no client delays anything else.

One request for each connection, and a bound for everything: bytes of a request, seconds to hear it and to answer it,
connections at once (the oldest gives way), and connections in a second, so that a flood takes a few per cent of a core.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

import httptools

_log = logging.getLogger(__name__)

HEAD, BODY = 16 * 1024, 16 * 1024
"""Bytes of a request's head and of its body, at the most."""
HEAR_WITHIN, ANSWER_WITHIN = 5.0, 10.0
"""Seconds for a client to say all that it wants, and to take the answer."""
CONNECTIONS = 64
PACE = 0.005
"""Seconds between two connections that are taken; others wait in the system's queue."""
_DRAIN_WITHIN = 1.0
"""Seconds that answers under way have at the end."""
_STOP_WITHIN = 2.0
_PIECE = 8192
_ABSOLUTE = re.compile(r"http://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_LINGER, _LINGER_BYTES = 1.0, 256 * 1024
"""Seconds and bytes that are read and forgotten after an answer: closing over what is unread would take it back."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `target` is path and query as they came, names of `headers` are lower case.

    `authority` is who was asked where the target came in absolute form (RFC 9112 section 3.2.2).
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    version: str = "1.1"
    authority: str | None = None

    def only(self, name: str) -> str | None:
        """Give the value of a header (lower case) that came once, else None."""
        values = [value for key, value in self.headers if key == name]
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: status code, body with its media type, and other headers."""

    status: int
    body: bytes = b""
    media: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


Answering = Callable[[Asked], Awaitable[Answer]]
"""Answers a request; must pause every few milliseconds in long work."""


class Server:
    """Answers what comes to a socket. Its thread is a daemon, so that nothing holds the exit."""

    def __init__(self, listening: socket.socket, answering: Answering) -> None:
        """Prepare to answer on a listening socket, which is the server's from now on."""
        self._listening = listening
        self._answering = answering
        self._talks: dict[asyncio.Task[None], None] = {}
        self._thread = threading.Thread(target=self._work, name="platformpm-listener", daemon=True)
        self._end: Callable[[], object] | None = None
        self._ready = threading.Event()

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()
        self._ready.wait(_STOP_WITHIN)

    def stop(self) -> None:
        """Hear nobody any more, and give what is under way a second."""
        if self._end is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._end()
        self._thread.join(_STOP_WITHIN)
        self._listening.close()

    def _work(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._life())

    async def _life(self) -> None:
        loop, life = asyncio.get_running_loop(), asyncio.current_task()
        assert life is not None  # noqa: S101  # a coroutine that runs has a task
        self._listening.settimeout(0)
        self._end = lambda: loop.call_soon_threadsafe(life.cancel)
        self._ready.set()
        try:
            while True:
                try:
                    client, _ = await loop.sock_accept(self._listening)
                except OSError:  # it left already, or there are too many open files
                    await asyncio.sleep(0.1)
                    continue
                self._begin(client)
                await asyncio.sleep(PACE)
        finally:
            if self._talks:
                await asyncio.wait(self._talks, timeout=_DRAIN_WITHIN)

    def _begin(self, client: socket.socket) -> None:
        if len(self._talks) >= CONNECTIONS:
            next(iter(self._talks)).cancel()
        talk = asyncio.get_running_loop().create_task(self._talk(client))
        self._talks[talk] = None
        talk.add_done_callback(lambda done: self._talks.pop(done, None))

    async def _talk(self, client: socket.socket) -> None:
        try:
            async with asyncio.timeout(HEAR_WITHIN):
                heard = await _hear(client)
            if heard is None:
                return
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = heard if isinstance(heard, Answer) else await self._answer(heard)
                await _say(client, answer, head_only=isinstance(heard, Asked) and heard.method == "HEAD")
            await _linger(client)
        except (OSError, TimeoutError):
            pass  # the client is gone, or too slow
        finally:
            client.close()

    async def _answer(self, asked: Asked) -> Answer:
        try:
            return await self._answering(asked)
        except Exception as error:  # noqa: BLE001  # a defect in one answer must not end the others
            _log.debug("internal error", exc_info=error)
            return Answer(500, b"internal error\n")


async def _say(client: socket.socket, answer: Answer, *, head_only: bool) -> None:
    """Send an answer. A long body is not copied: many may wait for a client that does not read."""
    loop, head, body = asyncio.get_running_loop(), _head(answer), b"" if head_only else answer.body
    if len(body) <= _PIECE:
        head, body = head + body, b""
    await loop.sock_sendall(client, head)
    await loop.sock_sendall(client, body)


def _head(answer: Answer) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        f"Date: {formatdate(usegmt=True)}",
        f"Content-Type: {answer.media}",
        f"Content-Length: {len(answer.body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        *(f"{name}: {value}" for name, value in answer.headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


async def _linger(client: socket.socket) -> None:
    client.shutdown(socket.SHUT_WR)
    loop, left = asyncio.get_running_loop(), _LINGER_BYTES
    async with asyncio.timeout(_LINGER):
        while left > 0 and (piece := await loop.sock_recv(client, _PIECE)):
            left -= len(piece)


async def _hear(client: socket.socket) -> Asked | Answer | None:
    """Read a request; give what to answer to one that is none, and None where the client left."""
    loop, request, read = asyncio.get_running_loop(), _Request(), 0
    parser = httptools.HttpRequestParser(request)
    request.parser = parser
    while not request.whole:
        piece = await loop.sock_recv(client, _PIECE)
        if not piece:
            return None
        read += len(piece)
        try:
            parser.feed_data(piece)
        except httptools.HttpParserUpgrade:  # another protocol is offered, which is not ours to take
            request.whole = request.headed
        except httptools.HttpParserError:
            if not request.whole:
                return Answer(400, b"this is not HTTP\n")
        if not request.headed and read > HEAD:
            return Answer(431, b"the head of the request is too large\n")
        if request.too_large or (not request.whole and read > HEAD + 2 * BODY):
            return Answer(413, b"the body of the request is too large\n")
        if request.waits and not request.whole:
            request.waits = False
            await loop.sock_sendall(client, _CONTINUE)
    return request.asked()


class _Request:
    """What the parser calls. What follows the first request on a connection is not looked at."""

    def __init__(self) -> None:
        self.parser: httptools.HttpRequestParser | None = None
        self.headed = self.whole = self.too_large = False
        self.waits = False
        """Whether the client sends no body before it is told to (RFC 9110 section 10.1.1)."""
        self._method, self._version = "", "1.1"
        self._target, self._body = b"", bytearray()
        self._headers: list[tuple[str, str]] = []

    def asked(self) -> Asked:
        target, authority = self._target.decode("latin-1"), None
        if absolute := _ABSOLUTE.fullmatch(target):
            authority, target = absolute[1], absolute[2] if absolute[2].startswith("/") else f"/{absolute[2]}"
        return Asked(self._method, target, tuple(self._headers), bytes(self._body), self._version, authority)

    def on_url(self, url: bytes) -> None:
        if not self.headed:
            self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.headed:
            self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        if self.headed or self.parser is None:
            return
        self.headed = True
        self._method = self.parser.get_method().decode("ascii")
        self._version = self.parser.get_http_version()
        length = next((value for name, value in self._headers if name == "content-length"), "0")
        self.too_large = int(length) > BODY
        self.waits = self._version == "1.1" and ("expect", "100-continue") in (
            (name, value.lower()) for name, value in self._headers
        )

    def on_body(self, body: bytes) -> None:
        if not self.whole:
            self._body += body
            self.too_large = self.too_large or len(self._body) > BODY

    def on_message_complete(self) -> None:
        self.whole = True
