"""The one way out: everything that speaks to a target goes through here."""

from __future__ import annotations

import asyncio
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

from platformpm.model.exchange import Failure, Response
from platformpm.model.text import safe_text
from platformpm.net.connect import Connector, Target
from platformpm.net.faults import ExchangeError
from platformpm.net.fetch import Journey, overdue
from platformpm.net.raw import Connection
from platformpm.net.request import Request, Speech
from platformpm.net.resolver import Lookup, Resolver, system_lookup
from platformpm.net.tls import Contexts
from platformpm.net.trace import Trace
from platformpm.net.transport import ProbeTransport

if TYPE_CHECKING:
    import httpx


class Network:
    """Owns the resolver, the TLS contexts and the HTTP transport of one event loop. Holds no open connection."""

    def __init__(self, lookup: Lookup = system_lookup, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Resolve names through `lookup`; send HTTP through `transport` instead of our own."""
        self._connector = Connector(Resolver(lookup), Contexts())
        self._transport = transport or ProbeTransport(self._connector)

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
        loop = asyncio.get_running_loop()
        allowed, start = deadline - loop.time(), monotonic()
        trace = Trace()
        connection = Connection(loop, target.host, trace)
        try:
            async with asyncio.timeout_at(deadline):
                await self._connector.open(target, connection, trace, deadline)
        except TimeoutError:
            connection.close()
            reason, detail = overdue(trace, allowed, target.host)
        except ExchangeError as error:
            connection.close()
            reason, detail = error.reason, error.detail
        except BaseException:
            connection.close()
            raise
        else:
            return connection
        return Failure(reason, safe_text(detail), trace.phases(), monotonic() - start, trace.certificate)

    async def close(self) -> None:
        """End. Look-ups that hang are left to their daemon threads."""
        await self._transport.aclose()
