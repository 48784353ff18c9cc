"""Questions over datagrams: one connected socket, asked again while nothing is heard.

The socket is connected, so that the system drops what others send and tells when nobody listens; it is why dnspython's
own queries are not used, whose sockets are not.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from platformpm.net.faults import ExchangeError, fault_of
from platformpm.net.resolver import Address

_AGAIN = 1.0
"""Seconds after which a datagram is sent again, doubled each time: one that was lost is no outage."""
_MOST_PLACES = 4
_LARGEST = 65535
_STRAYS = 16
"""Datagrams that mean nothing to us, after which others have their turn: a flood must not hold the loop."""
_TURN = 0.001

T = TypeVar("T")
P = TypeVar("P")


class Line:
    """A datagram socket, connected to one address. Whoever made it closes it."""

    def __init__(self, made: socket.socket, address: Address, port: int = 0) -> None:
        """Connect `made`, which is closed where that fails. Raises `ExchangeError`."""
        self._socket = made
        self._family = address.family
        self.peer = peer_of(address, port)
        made.setblocking(False)  # noqa: FBT003  # positional only
        try:
            made.connect((address.ip, port))
        except OSError as error:
            made.close()
            raise self._fault(error) from None

    @classmethod
    def over_udp(cls, address: Address, port: int) -> Line:
        """Open a UDP socket to `address`. Raises `ExchangeError`."""
        try:
            made = socket.socket(address.family, socket.SOCK_DGRAM)
        except OSError as error:
            raise ExchangeError(*fault_of(error, peer_of(address, port), address.family)) from None
        return cls(made, address, port)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    async def converse(self, packet: Callable[[int], bytes], understood: Callable[[bytes], T | None]) -> T:
        """Send `packet` of 1, 2, 3 … until something is `understood`; None is not. Waits without end.

        Raises `ExchangeError`, whatever `understood` raises too.
        """
        patience = _AGAIN
        number = 1
        while True:
            self._send(packet(number))
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    return await self._heard(understood)
            patience *= 2
            number += 1

    def _send(self, data: bytes) -> None:
        try:
            with suppress(BlockingIOError):  # no room: lost, as on the way
                self._socket.send(data)
        except OSError as error:
            raise self._fault(error) from None

    async def _heard(self, understood: Callable[[bytes], T | None]) -> T:
        loop = asyncio.get_running_loop()
        strays = 0
        while True:
            try:
                data = await loop.sock_recv(self._socket, _LARGEST)
            except OSError as error:
                raise self._fault(error) from None
            answer = understood(data)
            if answer is not None:
                return answer
            strays += 1
            if strays % _STRAYS == 0:
                await asyncio.sleep(_TURN)

    def _fault(self, error: OSError) -> ExchangeError:
        return ExchangeError(*fault_of(error, self.peer, self._family))


def peer_of(address: Address, port: int = 0) -> str:
    """Give an address as it is shown, with a port where there is one."""
    if not port:
        return address.ip
    return f"{address.ip}:{port}" if address.family == socket.AF_INET else f"[{address.ip}]:{port}"


async def in_turn(
    places: Sequence[P], deadline: float, attempt: Callable[[P], Awaitable[T]], content: Callable[[T], bool]
) -> T:
    """Try places in order until one gives what we are `content` with; what the last one gives or raises counts.

    Each but the last has its share of the time until `deadline` (loop time), at which the caller cancels.
    """
    loop = asyncio.get_running_loop()
    places = places[:_MOST_PLACES]
    for left in range(len(places), 1, -1):
        now = loop.time()
        with suppress(TimeoutError, ExchangeError):
            async with asyncio.timeout_at(now + (deadline - now) / left):
                found = await attempt(places[-left])
            if content(found):
                return found
    return await attempt(places[-1])
