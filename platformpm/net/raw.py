"""A bare connection, for probes that are not HTTP."""

from __future__ import annotations

import asyncio
import ssl
from time import monotonic
from typing import cast

from platformpm.model.exchange import Certificate
from platformpm.model.reading import Phases
from platformpm.model.status import Reason
from platformpm.net.certificate import certificate_of
from platformpm.net.faults import ExchangeError, fault_of
from platformpm.net.tls import tls_fault
from platformpm.net.trace import Stage, Trace

_AHEAD = 256 * 1024
"""Bytes that may wait to be received before reading pauses."""


class Connection(asyncio.Protocol):
    """An open TCP or TLS connection. Whoever got it closes it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, host: str, trace: Trace) -> None:
        """Prepare to be connected to `host`."""
        self._loop = loop
        self._host = host
        self._trace = trace
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._ended = False
        self._problem: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def phases(self) -> Phases:
        """Give the phases until now, in seconds."""
        return self._trace.phases()

    @property
    def certificate(self) -> Certificate | None:
        """Give the facts of the certificate, None without TLS."""
        return self._trace.certificate

    @property
    def peer(self) -> str:
        """Give the address that was reached, `ip:port`."""
        return self._trace.peer

    def send(self, data: bytes) -> None:
        """Send without waiting."""
        self._trace.sent = monotonic()
        if self._transport is not None:
            self._transport.write(data)

    async def receive(self) -> bytes:
        """Give what has come since the last call, waiting for something; empty at the end.

        Raises `ExchangeError` when the connection breaks.
        """
        while not self._buffer:
            if self._problem is not None:
                raise ExchangeError(*self._fault(self._problem))
            if self._ended:
                return b""
            self._waiter = self._loop.create_future()
            await self._waiter
        data = bytes(self._buffer)
        self._buffer.clear()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
        return data

    def close(self) -> None:
        """Drop the connection at once."""
        transport, self._transport, self._waiter = self._transport, None, None
        if transport is not None:
            transport.abort()

    def hand_over(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """Let `protocol` have the connection, which is told nothing, and give its transport.

        Raises `ExchangeError` when it has ended. What was not received is lost.
        """
        transport, self._transport = self._transport, None
        if transport is None or transport.is_closing():
            raise ExchangeError(Reason.RESET, f"{self.peer} closed the connection")
        transport.set_protocol(protocol)
        transport.resume_reading()
        return transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note when, and with TLS the certificate."""
        if self._trace.stage is Stage.TLS:
            self._trace.certificate = certificate_of(transport.get_extra_info("ssl_object"))
        self._trace.sent = monotonic()
        self._trace.stage = Stage.RESPONSE
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep what has come."""
        if not self._trace.first:
            self._trace.first = monotonic()
            self._trace.first_byte = self._trace.first - self._trace.sent
        self._buffer += data
        if len(self._buffer) > _AHEAD and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Note the end of the stream."""
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the connection."""
        self._ended = True
        self._problem = self._problem or exc
        self._transport = None
        self._wake()

    def _fault(self, error: Exception) -> tuple[Reason, str]:
        if isinstance(error, ssl.SSLError):
            return tls_fault(error, self._host)
        return fault_of(error if isinstance(error, OSError) else OSError(), self._trace.peer)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
