"""The one way out: everything that speaks to a target goes through here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from platformpm.model.exchange import Answer, Echo, Failure, Response
from platformpm.model.text import safe_text
from platformpm.net.connect import Connector, Target
from platformpm.net.echo import echo
from platformpm.net.faults import ExchangeError
from platformpm.net.fetch import Journey, overdue
from platformpm.net.nameserver import NameServers, Question, Server, system_servers
from platformpm.net.raw import Connection
from platformpm.net.request import Request, Speech
from platformpm.net.resolver import Lookup, Resolver, system_lookup
from platformpm.net.tls import Contexts
from platformpm.net.trace import Trace
from platformpm.net.transport import ProbeTransport

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class Network:
    """Owns the resolver, the TLS contexts and the HTTP transport of one event loop. Holds no open connection."""

    def __init__(
        self,
        lookup: Lookup = system_lookup,
        transport: httpx.AsyncBaseTransport | None = None,
        servers: Callable[[], Sequence[Server]] = system_servers,
    ) -> None:
        """Resolve names through `lookup`; send HTTP through `transport` instead of our own.

        `servers` gives the name servers to ask where a question names none.
        """
        self._connector = Connector(Resolver(lookup), Contexts())
        self._transport = transport or ProbeTransport(self._connector)
        self._servers = NameServers(self._connector, servers)

    async def fetch(self, request: Request, deadline: float) -> Response | Failure:
        """Ask `request` and follow its redirects; `deadline` is loop time. Raises nothing but cancellation."""
        transport = self._transport
        if request.speech is Speech.WEBSOCKET:
            transport = self._websockets
        elif request.tls.alpn:
            transport = self._http2
        return await Journey(transport, request, deadline).run()

    @cached_property
    def _websockets(self) -> httpx.AsyncBaseTransport:
        from platformpm.net.websocket import WebSocketTransport  # 20 ms that only platforms with WebSockets need

        return WebSocketTransport(self._connector)

    @cached_property
    def _http2(self) -> httpx.AsyncBaseTransport:
        from platformpm.net.http2 import Http2Transport  # 15 ms, as above

        return Http2Transport(self._connector)

    async def connect(self, target: Target, deadline: float) -> Connection | Failure:
        """Open a connection, with TLS where `target.tls` says so. Raises nothing but cancellation."""

        async def opened(trace: Trace) -> Connection:
            connection = Connection(asyncio.get_running_loop(), target.host, trace)
            try:
                await self._connector.open(target, connection, trace, deadline)
            except BaseException:
                connection.close()
                raise
            return connection

        return await _by(deadline, target.host, opened)

    async def ask_name(self, question: Question, deadline: float) -> Answer | Failure:
        """Ask a name server. Raises nothing but cancellation."""
        host = question.server.host if question.server else ""
        return await _by(deadline, host, lambda trace: self._servers.ask(question, trace, deadline))

    async def echo(self, target: Target, deadline: float) -> Echo | Failure:
        """Send an echo request. Raises nothing but cancellation."""
        return await _by(deadline, target.host, lambda trace: echo(self._connector, target, trace, deadline))

    async def close(self) -> None:
        """End. Look-ups that hang are left to their daemon threads."""
        await self._transport.aclose()


async def _by(deadline: float, host: str, work: Callable[[Trace], Awaitable[T]]) -> T | Failure:
    """Give what `work` gives until `deadline` (loop time), or why it came to no end."""
    allowed, start = deadline - asyncio.get_running_loop().time(), monotonic()
    trace = Trace()
    try:
        async with asyncio.timeout_at(deadline):
            return await work(trace)
    except TimeoutError:
        reason, detail = overdue(trace, allowed, host)
    except ExchangeError as error:
        reason, detail = error.reason, error.detail
    return Failure(reason, safe_text(detail), trace.phases(), monotonic() - start, trace.certificate)
