"""WebSockets behind httpx's interface (RFC 6455): the upgrade is the answer, and the first message is its body."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
from wsproto.connection import Connection as Frames
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import CloseConnection, Event, Message, Ping, Pong, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import generate_accept_token

from platformpm.model.status import Reason
from platformpm.net.conversation import Conversation
from platformpm.net.faults import ExchangeError
from platformpm.net.raw import Connection
from platformpm.net.request import Request
from platformpm.net.trace import Stage, Trace
from platformpm.net.transport import Body, ProbeTransport, answered

MOST_CONTROL = 100
"""Pings and pongs before the end of the first message; each ping costs an answer."""

MOST_FRAGMENTS = 2048
"""Frames of the first message: they can be empty, and so have no end that the cap of a body would find."""

_GOODBYE = 0.5
"""Seconds to wait for the answer to our close frame, without which servers log a broken connection."""
_MARGIN = 0.1
"""Seconds before the deadline at which that waiting ends: a probe that is done must not run out of time."""
_MOST_LEFT = 64
"""Frames that are passed over while waiting for it."""
_SWITCHED = 101
_OURS = frozenset(
    {b"connection", b"content-length", b"upgrade"}
    | {b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions"}
)
_NO_ACCESS = frozenset({3000, 3003, 4401, 4403})
"""Unauthorized and forbidden: the first two registered with IANA, the others those of graphql-ws and many more."""
_ORDERLY = frozenset({CloseReason.NORMAL_CLOSURE, CloseReason.GOING_AWAY, CloseReason.NO_STATUS_RCVD})

_Told = Message[Any] | CloseConnection


class WebSocketTransport(ProbeTransport):
    """Opens a WebSocket for each request, and sends the body of the request as a text message.

    A server that does not switch protocols has given an ordinary answer.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask for the upgrade. Raises `ExchangeError`."""
        prepared: Request = request.extensions["prepared"]
        trace: Trace = request.extensions["trace"]
        loop, host = asyncio.get_running_loop(), prepared.target.host
        line = Connection(loop, host, trace)
        key = base64.b64encode(os.urandom(16))
        conversation = Conversation(loop, host, _opening(prepared, key), trace, line)
        try:
            await self.begin(conversation, request)
            if conversation.status != _SWITCHED:
                return answered(conversation, Body(conversation))
            _check(conversation, key, prepared.sent.get("sec-websocket-protocol", ""))
        except BaseException:
            conversation.close()
            line.close()
            raise
        trace.stage, trace.transfer = Stage.MESSAGE, None
        return answered(conversation, FirstMessage(line, prepared, trace, request.extensions["deadline"]))


class FirstMessage(httpx.AsyncByteStream):
    """The first message as it arrives, empty where none is awaited. Pings are answered."""

    def __init__(self, line: Connection, request: Request, trace: Trace, deadline: float) -> None:
        """Speak over `line` until `deadline` (loop time)."""
        self._line = line
        self._trace = trace
        self._deadline = deadline
        self._asked = self._awaited = request.awaited
        self._frames = Frames(ConnectionType.CLIENT)
        self._events: Iterator[Event] = iter(())
        self._control = self._fragments = self._size = 0
        self._sound = True
        if request.body:
            self._say(TextMessage(data=request.body.decode()))

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the iterator over the pieces."""
        return self

    async def __anext__(self) -> bytes:
        """Give the next piece of the message. Raises `ExchangeError`."""
        if not self._awaited:
            raise StopAsyncIteration
        event = await self._next()
        if isinstance(event, CloseConnection):
            raise self._closed(event, "no message")
        piece = event.data.encode() if isinstance(event.data, str) else bytes(event.data)
        self._trace.stage = Stage.BODY
        self._size += len(piece)
        self._fragments += event.frame_finished
        self._awaited = not event.message_finished
        if self._awaited and self._fragments >= MOST_FRAGMENTS:
            self._cut()
        return piece

    async def aclose(self) -> None:
        """Take leave and drop the connection. Raises `ExchangeError` where the server took back its word at once."""
        try:
            if self._sound:
                await self._leave()
        finally:
            self._line.close()

    def _cut(self) -> None:
        """Read no further; what came of the message is kept."""
        if not self._size:
            self._sound = False
            raise ExchangeError(Reason.TOO_LARGE, f"{MOST_FRAGMENTS} frames and nothing of the message")
        self._awaited = False
        self._trace.cut = f"{MOST_FRAGMENTS} frames"

    async def _next(self) -> _Told:
        """Give the next piece of a message, or the server's goodbye. Raises `ExchangeError`."""
        sound, self._sound = self._sound, False
        while True:
            for event in self._events:
                if isinstance(event, CloseConnection) and not self._left():
                    raise ExchangeError(Reason.PROTOCOL, f"not a WebSocket frame: {event.reason}")
                if isinstance(event, Message | CloseConnection):
                    self._sound = sound
                    return event
                self._answer(event)
            data = await self._line.receive()
            if not data:
                raise ExchangeError(Reason.RESET, f"{self._line.peer} closed the connection without a close frame")
            self._frames.receive_data(data)
            self._events = iter(self._frames.events())

    def _left(self) -> bool:
        """Tell whether the server closed; `wsproto` tells a bad frame as a close too."""
        return self._frames.state in (ConnectionState.REMOTE_CLOSING, ConnectionState.CLOSED)

    def _answer(self, event: Event) -> None:
        self._control += 1
        if self._control > MOST_CONTROL:
            raise ExchangeError(Reason.PROTOCOL, f"more than {MOST_CONTROL} pings and no message")
        if isinstance(event, Ping) and self._frames.state is ConnectionState.OPEN:
            self._say(Pong(payload=event.payload))

    def _say(self, event: Event) -> None:
        self._line.send(self._frames.send(event))

    async def _leave(self) -> None:
        if self._frames.state is not ConnectionState.CLOSED:
            self._say(CloseConnection(code=CloseReason.NORMAL_CLOSURE))
        if self._left():
            return
        loop = asyncio.get_running_loop()
        event: _Told | None = None
        try:
            async with asyncio.timeout_at(min(loop.time() + _GOODBYE, self._deadline - _MARGIN)):
                for _ in range(_MOST_LEFT):
                    event = await self._next()
                    if isinstance(event, CloseConnection):
                        break
        except (TimeoutError, ExchangeError):
            return
        if not self._asked and isinstance(event, CloseConnection) and event.code not in _ORDERLY:
            raise self._closed(event, "upgraded")

    def _closed(self, event: CloseConnection, seen: str) -> ExchangeError:
        code = int(event.code)
        name = f" ({event.code.name.replace('_', ' ').lower()})" if isinstance(event.code, CloseReason) else ""
        said = f": {event.reason}" if event.reason else ""
        reason = Reason.UNAUTHORIZED if code in _NO_ACCESS else Reason.RESET
        return ExchangeError(reason, f"{seen}, closed with {code}{name}{said}")


def _opening(request: Request, key: bytes) -> bytes:
    """Give the request for an upgrade, with all that is configured (RFC 6455 section 4.1)."""
    kept = [pair for pair in request.sent.raw if pair[0].lower() not in _OURS]
    upgrade = [
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Version", b"13"),
        (b"Sec-WebSocket-Key", key),
    ]
    start = b"GET %b HTTP/1.1" % request.url.raw_path
    return b"\r\n".join((start, *(b"%b: %b" % pair for pair in (*kept, *upgrade)), b"", b""))


def _check(conversation: Conversation, key: bytes, offered: str) -> None:
    """Raise `ExchangeError` for an upgrade that a client must not believe (RFC 6455 section 4.1)."""
    told = httpx.Headers(conversation.headers)
    fault = ""
    if not conversation.switched or told.get("upgrade", "").lower() != "websocket":
        fault = "HTTP 101, but no upgrade to a WebSocket"
    elif told.get("sec-websocket-accept", "").strip().encode() != generate_accept_token(key):
        fault = "HTTP 101 with a wrong Sec-WebSocket-Accept: not the answer to our request"
    elif extensions := told.get("sec-websocket-extensions"):
        fault = f"the server uses an extension that was not offered: {extensions}"
    elif (chosen := told.get("sec-websocket-protocol")) and chosen not in offered.replace(",", " ").split():
        fault = f"the server chose a subprotocol that was not offered: {chosen}"
    if fault:
        raise ExchangeError(Reason.PROTOCOL, fault)
