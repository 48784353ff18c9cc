"""The HTTP transport behind httpx's interface: one new connection for each request.

A fresh connection tests TCP and TLS and gives the time of each phase; measured, it costs a quarter of a pooled client.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx

from platformpm.model.status import Reason
from platformpm.net.answer import Answer, Heard
from platformpm.net.connect import Connector, Permit, Target
from platformpm.net.conversation import Conversation
from platformpm.net.faults import ExchangeError
from platformpm.net.raw import Connection
from platformpm.net.request import Request
from platformpm.net.trace import Trace

_LISTEN = 1.0
"""Seconds to wait for an alert after a handshake that was followed by a reset."""


class Body(httpx.AsyncByteStream):
    """The body of an answer, as it arrives. Not a generator: the loop keeps a register of those, which costs."""

    def __init__(self, answer: Answer) -> None:
        """Read from `answer`."""
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the iterator over the pieces."""
        return self

    async def __anext__(self) -> bytes:
        """Give the next piece of the body. Raises `ExchangeError`."""
        piece = await self._answer.chunk()
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Drop the connection."""
        self._answer.close()


class ProbeTransport(httpx.AsyncBaseTransport):
    """Sends prepared requests. It follows no redirect, decodes nothing and knows no deadline of its own.

    The extensions of a request carry `prepared` (`Request`), `trace` (`Trace`), `deadline` (loop time) and, for a
    redirected one, `permit`.
    """

    def __init__(self, connector: Connector) -> None:
        """Open connections through `connector`."""
        self._connector = connector

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and give its answer once the head is complete. Raises `ExchangeError`."""
        prepared: Request = request.extensions["prepared"]
        trace: Trace = request.extensions["trace"]
        conversation = Conversation(asyncio.get_running_loop(), prepared.target.host, prepared.wire, trace)
        await self.begin(conversation, request)
        return answered(conversation, Body(conversation))

    async def begin(self, answer: Heard, request: httpx.Request) -> None:
        """Connect, and wait until the head of the answer is complete. Raises `ExchangeError`."""
        extensions = request.extensions
        prepared: Request = extensions["prepared"]
        trace: Trace = extensions["trace"]
        permit, deadline = extensions.get("permit"), extensions["deadline"]
        try:
            await self._connector.open(prepared.target, answer, trace, deadline, permit)
            await answer.head()
        except ExchangeError as error:
            answer.close()
            if error.reason is Reason.RESET and trace.tls is not None and answer.silent:
                trace.verdict = error.reason, error.detail
                await self._listen(prepared.target, trace, deadline, permit)
                raise ExchangeError(*trace.verdict) from None
            proxy = prepared.target.proxy
            if proxy is not None and not proxy.tunnel and error.reason is Reason.PROTOCOL:
                # A proxy that forwards reads what it passes on: what is no HTTP is its own.
                raise ExchangeError(Reason.PROXY, f"the proxy: {error.detail}") from None
            raise
        except BaseException:
            answer.close()
            raise

    async def _listen(self, target: Target, trace: Trace, deadline: float, permit: Permit | None) -> None:
        """Connect once more and only listen, to tell a refusal of our certificate, or of having none.

        In TLS 1.3 that alert comes after the handshake, and a reset that our request provokes may overtake it.
        """
        loop, heard = asyncio.get_running_loop(), Trace()
        connection = Connection(loop, target.host, heard)
        try:
            async with asyncio.timeout_at(min(deadline, loop.time() + _LISTEN)):
                await self._connector.open(target, connection, heard, deadline, permit)
                await connection.receive()
        except ExchangeError as error:
            if error.reason is Reason.TLS_PROTOCOL:
                trace.verdict = error.reason, error.detail
        except TimeoutError:
            return
        finally:
            connection.close()


def answered(answer: Answer, stream: httpx.AsyncByteStream) -> httpx.Response:
    """Give the answer whose head is complete; `stream` gives its body, and `trailers` come with the end of it."""
    return httpx.Response(
        answer.status,
        headers=answer.headers,
        stream=stream,
        extensions={"reason_phrase": answer.phrase, "http_version": answer.version, "trailers": answer.trailers},
    )
