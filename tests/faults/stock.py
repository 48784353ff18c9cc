"""httpx's own transport (httpcore) beside ours: both asked the same, behind the same redirects, caps and deadline."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from platformpm.model.check import Check, TlsSettings
from platformpm.model.exchange import Failure, Response
from platformpm.model.status import Reason
from platformpm.net import ExchangeError, Network, prepare
from platformpm.net.fetch import Journey

T = TypeVar("T")
LONG = 20.0
"""Seconds for what is judged by what it sends."""


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run on asyncio's loop."""
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(coroutine)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom both trust, and how servers prove that they are it."""

    ca_file: str
    server: ssl.SSLContext
    client: ssl.SSLContext

    def check(self, **more: object) -> Check:
        return Check(http2=True, tls=TlsSettings(ca_file=self.ca_file), **more)  # type: ignore[arg-type]  # names of fields


class Stock(httpx.AsyncBaseTransport):
    """httpx's own transport behind a `Journey`; all that it tells of a failure is the name of an exception."""

    def __init__(self, trust: Trust, proxy: str | None = None) -> None:
        self._own = httpx.AsyncHTTPTransport(http2=True, verify=trust.client, proxy=proxy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        prepared = request.extensions["prepared"]
        kept = [pair for pair in prepared.sent.raw if pair[0] != b"Connection"]
        try:
            return await self._own.handle_async_request(
                httpx.Request(prepared.method, prepared.url, headers=kept, content=prepared.body)
            )
        except httpx.HTTPError as error:
            raise ExchangeError(Reason.INTERNAL, f"{type(error).__name__}: {error}") from None

    async def aclose(self) -> None:
        await self._own.aclose()


async def by_ours(url: str, check: Check, seconds: float = LONG) -> Response | Failure:
    network = Network()
    try:
        return await network.fetch(prepare(url, check), asyncio.get_running_loop().time() + seconds)
    finally:
        await network.close()


async def by_stock(url: str, check: Check, trust: Trust, seconds: float = LONG) -> Response | Failure:
    async with Stock(trust, check.proxy.reveal() if check.proxy else None) as transport:
        return await Journey(transport, prepare(url, check), asyncio.get_running_loop().time() + seconds).run()


def both(url: str, check: Check, trust: Trust) -> tuple[Response | Failure, Response | Failure]:
    return run(by_ours(url, check)), run(by_stock(url, check, trust))
