"""Opening connections: addresses in turn, TCP, then TLS, each timed on its own."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from traceback import clear_frames
from typing import cast

from platformpm.model.check import TlsSettings
from platformpm.model.exchange import Certificate
from platformpm.model.status import Reason, Status, status_for
from platformpm.net.certificate import certificate_of
from platformpm.net.faults import ExchangeError, fault_of
from platformpm.net.proxy import Proxy, connect_through, in_clear
from platformpm.net.raw import Connection
from platformpm.net.resolver import LONGEST_TTL, Address, Resolver
from platformpm.net.tls import Contexts, tls_fault
from platformpm.net.trace import Stage, Trace

_MOST_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect to, and by way of which proxy.

    `tls` None speaks plain TCP; `ttl` is how old a looked-up name may be, in seconds.
    """

    host: str
    port: int
    address: Address | None = None
    tls: TlsSettings | None = None
    family: int | None = None
    ttl: float = LONGEST_TTL
    proxy: Proxy | None = None

    @property
    def authority(self) -> str:
        """Give `host:port`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def name(self) -> str:
        """Give the name that the certificate must bear, which is the one that the server is told unless an address."""
        name = (self.tls.server_name if self.tls else None) or self.host
        return name.partition("%")[0].rstrip(".")

    @property
    def af(self) -> int:
        """Give the address family that is looked up, 0 for both."""
        return {4: socket.AF_INET, 6: socket.AF_INET6, None: 0}[self.family]


Permit = Callable[[str, Sequence[Address]], None]
"""Raises `ExchangeError` when a host with these addresses must not be connected to."""


class Connector:
    """Opens one connection at a time for whoever asks; holds no connection itself."""

    def __init__(self, resolver: Resolver, contexts: Contexts) -> None:
        """Keep what is shared by all connections."""
        self._resolver = resolver
        self._contexts = contexts

    async def open(
        self, target: Target, protocol: asyncio.Protocol, trace: Trace, deadline: float, permit: Permit | None = None
    ) -> None:
        """Connect `protocol` to `target`; it is told through `connection_made`.

        Raises `ExchangeError`. The caller cancels at `deadline` (loop time); here it only divides the time between
        several addresses.
        """
        loop = asyncio.get_running_loop()
        context = None if target.tls is None else self._contexts.get(target.tls)
        first = protocol if context is None else asyncio.Protocol()
        transport, address = await self._reach(target, first, trace, deadline, permit)
        if context is None:
            return
        connected = monotonic()
        trace.stage = Stage.TLS
        try:
            await _secure(loop, transport, protocol, context, target)
        except ssl.SSLCertVerificationError as error:
            trace.verdict = tls_fault(error, target.name)
            await self._look(loop, address, target, trace, deadline)
            raise ExchangeError(*trace.verdict) from None
        except ssl.SSLError as error:
            raise ExchangeError(*tls_fault(error, target.name)) from None
        except OSError as error:
            raise ExchangeError(*_handshake_fault(error, trace.peer)) from None
        finally:
            if trace.tls is None:
                trace.tls = (trace.sent or monotonic()) - connected

    async def _reach(
        self, target: Target, protocol: asyncio.Protocol, trace: Trace, deadline: float, permit: Permit | None = None
    ) -> tuple[asyncio.Transport, Address]:
        """Connect over TCP; give also the address that answered."""
        if target.proxy is not None:
            return await self._reach_through(target.proxy, target, protocol, trace, deadline)
        addresses = await self.addresses(target, trace)
        if permit is not None:
            permit(target.host, addresses)
        start = monotonic()
        trace.stage = Stage.CONNECT
        loop = asyncio.get_running_loop()
        reached = await _connect_any(loop, protocol, addresses, (target.port, deadline), trace)
        trace.connect = (trace.sent or monotonic()) - start
        return reached

    async def _reach_through(
        self, proxy: Proxy, target: Target, protocol: asyncio.Protocol, trace: Trace, deadline: float
    ) -> tuple[asyncio.Transport, Address]:
        """Connect to the proxy, and where that is not all, let it connect further. What fails at it is told as such."""
        via = Target(proxy.host, proxy.port, proxy.address, family=target.family, ttl=target.ttl)
        spoken = Trace()
        line = Connection(asyncio.get_running_loop(), proxy.host, spoken)
        trace.via = via.authority
        try:
            transport, address = await self._reach(via, line if proxy.tunnel else protocol, trace, deadline)
        except ExchangeError as error:
            ours = status_for(error.reason) is not Status.DOWN
            raise ExchangeError(error.reason if ours else Reason.PROXY, f"the proxy: {error.detail}") from None
        trace.via = ""
        if not proxy.tunnel:
            trace.peer = f"the proxy {trace.peer}"
            return transport, address
        start, spoken.peer = monotonic(), trace.peer
        try:
            rest = await connect_through(line, proxy, target.authority, trace)
            if rest and target.tls is not None:
                raise in_clear(rest)
            transport = line.hand_over(protocol)
        finally:
            line.close()
        trace.peer = target.authority
        trace.connect = (trace.connect or 0.0) + monotonic() - start
        protocol.connection_made(transport)
        if rest:
            protocol.data_received(rest)
        return transport, address

    async def addresses(self, target: Target, trace: Trace) -> Sequence[Address]:
        """Give where `target` is, in order of preference. Raises `ExchangeError`; waits without end."""
        family = target.af
        if target.address is not None:
            if family and target.address.family != family:
                raise ExchangeError(Reason.CONFIG, f"{target.host} is not an IPv{target.family} address")
            return (target.address,)
        start = monotonic()
        try:
            addresses, looked_up = await self._resolver.resolve(target.host, family, target.ttl)
        except asyncio.CancelledError:
            if self._resolver.is_queued(target.host, family):
                trace.verdict = Reason.INTERNAL, f"{target.host} was not looked up: other look-ups hang"
            raise
        if looked_up:
            trace.dns = monotonic() - start
        return addresses

    async def _look(
        self, loop: asyncio.AbstractEventLoop, address: Address, target: Target, trace: Trace, deadline: float
    ) -> None:
        """Connect once more without verification and send nothing, to learn the facts of a rejected certificate."""
        if target.tls is None:
            return
        bare = replace(target.tls, verify=False, certificate_file=None, key_file=None, key_password=None)
        same = target if target.proxy else replace(target, address=address)
        onlooker = _Onlooker()
        try:
            async with asyncio.timeout_at(deadline):
                transport, _ = await self._reach(same, asyncio.Protocol(), Trace(), deadline)
                await _secure(loop, transport, onlooker, self._contexts.get(bare), target)
        except (OSError, ExchangeError):
            return
        finally:
            onlooker.leave()
        trace.certificate = onlooker.certificate and replace(onlooker.certificate, verified=False)


class _Onlooker(asyncio.Protocol):
    """Looks at the certificate and says nothing."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.certificate: Certificate | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.certificate = certificate_of(transport.get_extra_info("ssl_object"))

    def leave(self) -> None:
        if self.transport is not None:
            self.transport.abort()
        self.transport = None


async def _secure(
    loop: asyncio.AbstractEventLoop,
    transport: asyncio.Transport,
    protocol: asyncio.Protocol,
    context: ssl.SSLContext,
    target: Target,
) -> None:
    """Speak TLS over an open connection, then hand it to `protocol`."""
    try:
        secured = await loop.start_tls(transport, protocol, context, server_hostname=target.name)
    except BaseException as error:
        transport.abort()
        # asyncio keeps the error in a future that its own frames hold: a cycle for each failed handshake.
        clear_frames(error.__traceback__)
        raise
    if secured is None:
        raise ConnectionResetError
    protocol.connection_made(secured)


async def _connect_any(
    loop: asyncio.AbstractEventLoop,
    protocol: asyncio.Protocol,
    addresses: Sequence[Address],
    where: tuple[int, float],
    trace: Trace,
) -> tuple[asyncio.Transport, Address]:
    """Try the addresses in order at (port, deadline); each but the last has its share of the time that is left."""
    port, deadline = where
    addresses = addresses[:_MOST_ADDRESSES]
    for left in range(len(addresses), 1, -1):
        address = addresses[-left]
        now = loop.time()
        try:
            async with asyncio.timeout_at(now + (deadline - now) / left):
                return await _connect_one(loop, protocol, address, port, trace), address
        except (TimeoutError, ExchangeError):
            if loop.time() >= deadline:
                break
    return await _connect_one(loop, protocol, addresses[-1], port, trace), addresses[-1]


async def _connect_one(
    loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol, address: Address, port: int, trace: Trace
) -> asyncio.Transport:
    family, ip = address
    trace.peer = f"{ip}:{port}" if family == socket.AF_INET else f"[{ip}]:{port}"
    try:
        transport, _ = await loop.create_connection(lambda: protocol, ip, port, family=family)
    except OSError as error:
        raise ExchangeError(*fault_of(error, trace.peer, family)) from None
    return transport


def _handshake_fault(error: OSError, peer: str) -> tuple[Reason, str]:
    """Tell a reset inside the handshake from a close, which the loops report as a reset without an error number."""
    if isinstance(error, ConnectionError) and error.errno is None:
        return Reason.TLS_PROTOCOL, f"{peer} closed the connection inside the TLS handshake"
    return fault_of(error, peer)
