"""One answer as it arrives over a connection of its own, whatever protocol carries it."""

from __future__ import annotations

import asyncio
import ssl
from abc import abstractmethod
from time import monotonic
from typing import cast

from platformpm.model.status import Reason
from platformpm.net.certificate import certificate_of
from platformpm.net.faults import ExchangeError, fault_of
from platformpm.net.tls import tls_fault
from platformpm.net.trace import Stage, Trace

LARGEST_HEAD = 64 * 1024
"""Bytes of all headers together, interim answers and trailers included."""

MOST_INTERIM = 32

MOST_FRAMING = 1024 * 1024
"""Bytes beside the body after which reading stops: a body can be wrapped in any number of bytes that mean nothing."""


class Heard(asyncio.Protocol):
    """What a request is sent by, and the head of its answer comes to."""

    @property
    @abstractmethod
    def silent(self) -> bool:
        """Tell whether nothing at all has come."""

    @abstractmethod
    async def head(self) -> None:
        """Wait until status and headers are complete. Raises `ExchangeError`."""

    @abstractmethod
    def close(self) -> None:
        """Drop the connection at once, unread bytes and all."""


class Answer(Heard):
    """Sends one request as soon as it is connected and reads one answer; everything after its end is ignored."""

    def __init__(self, loop: asyncio.AbstractEventLoop, host: str, trace: Trace) -> None:
        """Prepare to speak with `host`."""
        self._loop = loop
        self._host = host
        self._trace = trace
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._problem: tuple[Reason, str] | None = None
        self._chunks: list[bytes] = []
        self._taken = 0
        self.received = 0
        self.head_done = False
        self.done = False
        self.status = 0
        self.phrase = b""
        self.version = ""
        self.headers: list[tuple[bytes, bytes]] = []
        self.trailers: list[tuple[bytes, bytes]] = []

    @property
    def silent(self) -> bool:
        """Tell whether nothing at all has come."""
        return not self.received

    async def head(self) -> None:
        """Wait until status and headers are complete. Raises `ExchangeError`."""
        while not self.head_done:
            self._raise()
            await self._wait()

    async def chunk(self) -> bytes | None:
        """Give the next piece of the body, None at its end. Raises `ExchangeError`."""
        while not self._chunks:
            if self.done:
                return None
            self._raise()
            await self._wait()
        pieces, self._chunks = self._chunks, []
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Drop the connection at once, unread bytes and all."""
        transport, self._transport, self._waiter = self._transport, None, None
        self._forget()
        if transport is not None:
            transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request; with TLS the handshake has ended and the certificate is known."""
        trace, now = self._trace, monotonic()
        if trace.stage is Stage.TLS:
            trace.certificate = certificate_of(transport.get_extra_info("ssl_object"))
        trace.sent = now
        trace.stage = Stage.RESPONSE
        self._transport = cast("asyncio.Transport", transport)
        self._ask(self._transport)

    def eof_received(self) -> None:
        """Take the end of the stream for the end of a body that has no other."""
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Judge an end that may have come too early."""
        self._end(exc)
        self._transport = None
        self._forget()

    @abstractmethod
    def _ask(self, transport: asyncio.Transport) -> None:
        """Send the request."""

    @abstractmethod
    def _early(self) -> str:
        """Say what is missing where the connection was closed."""

    @abstractmethod
    def _forget(self) -> None:
        """Let go of the parser, which refers back."""

    def _ends(self) -> bool:
        """Tell whether a body may end here, with the connection."""
        return False

    def _begin(self) -> None:
        """Note that the answer begins."""
        if not self._trace.first:
            self._trace.first = now = monotonic()
            self._trace.first_byte = now - self._trace.sent

    def _interim(self) -> None:
        self._trace.interim += 1
        if self._trace.interim > MOST_INTERIM:
            self._fail(Reason.PROTOCOL, f"more than {MOST_INTERIM} interim answers")

    def _finish(self) -> None:
        if not self.done:
            self.done = True
            trace = self._trace
            trace.transfer = monotonic() - trace.first

    def _stop(self, framing: str) -> None:
        """Read no further; what came of the body is kept."""
        if self.done or self._problem is not None:
            return
        if self._taken:
            self._trace.cut = framing
            self._finish()
        else:
            self._fail(Reason.TOO_LARGE, f"{framing} and nothing of the body")

    def _end(self, exc: Exception | None) -> None:
        if self.done or self._problem is not None:
            return
        if exc is None and self._ends():
            self._finish()
        elif isinstance(exc, ssl.SSLError):
            self._fail(*tls_fault(exc, self._host))
        elif isinstance(exc, OSError):
            reason, detail = fault_of(exc, self._trace.peer)
            if reason is Reason.TIMEOUT_CONNECT:
                reason = Reason.TIMEOUT_BODY if self.head_done else Reason.TIMEOUT_RESPONSE
            self._fail(reason, detail)
        elif not self._trace.first:
            # A close with our request unread is a reset on the wire or not, by chance: one reason for both.
            self._fail(Reason.RESET, f"{self._trace.peer} closed the connection without an answer")
        else:
            self._fail(Reason.PROTOCOL, self._early())
        self._wake()

    def _fail(self, reason: Reason, detail: str) -> None:
        if not self.done and self._problem is None:
            self._problem = reason, detail

    def _raise(self) -> None:
        if self._problem is not None:
            raise ExchangeError(*self._problem)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        await self._waiter
