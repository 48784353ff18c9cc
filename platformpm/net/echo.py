"""Echo requests over ICMP (RFC 792) and ICMPv6 (RFC 4443), which ask whether a machine is there.

Linux and macOS have datagram sockets for it that need no privilege, where the administrator allows them; else a raw
socket, for whom may have one.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from dataclasses import dataclass, field
from time import monotonic

from platformpm.model.exchange import Echo
from platformpm.model.status import Reason
from platformpm.net.connect import Connector, Target
from platformpm.net.datagram import Line, in_turn, peer_of
from platformpm.net.faults import ExchangeError, fault_of
from platformpm.net.resolver import Address
from platformpm.net.trace import Stage, Trace

_HEADER = struct.Struct("!BBHHH")
"""Type, code, checksum, identifier, sequence number."""
_REQUEST: dict[int, int] = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY: dict[int, int] = {socket.AF_INET: 0, socket.AF_INET6: 129}
_PROTOCOL: dict[int, int] = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
_REPORT_ERRORS: dict[int, tuple[int, int]] = {
    socket.AF_INET: (socket.IPPROTO_IP, 11),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 25),
}
"""IP_RECVERR and IPV6_RECVERR of Linux: without, a router's "unreachable" is not told to us (ip(7))."""
_TOKEN = 16
_TO_DO = (
    "this user may not send ICMP: let net.ipv4.ping_group_range hold one of its groups, "
    "or give the Python program cap_net_raw with setcap"
)


async def echo(connector: Connector, target: Target, trace: Trace, deadline: float) -> Echo:
    """Send echo requests to `target` until one is answered. Raises `ExchangeError`; the caller cancels at `deadline`.

    A name with several addresses is there when one of them answers.
    """
    start = monotonic()
    addresses = await connector.addresses(target, trace)
    trace.stage = Stage.RESPONSE

    async def attempt(address: Address) -> Echo:
        trace.peer = peer_of(address)
        made, own = _open(address)
        line = Line(made, address)
        asked = _Asked(address.family, own=own)
        try:
            number = await line.converse(asked.packet, asked.understood)
        finally:
            line.close()
        now = monotonic()
        trace.first_byte = now - asked.sent[number]
        return Echo(line.peer, number, len(asked.sent), trace.phases(), now - start)

    return await in_turn(addresses, deadline, attempt, lambda _: True)


@dataclass(slots=True)
class _Asked:
    """Our requests: `sent` has the monotonic time of each by its sequence number.

    With `own` the identifier is the one we chose; datagram sockets choose it, and hear only answers to themselves.
    """

    family: int
    own: bool
    identifier: int = field(default_factory=lambda: int.from_bytes(os.urandom(2)))
    token: bytes = field(default_factory=lambda: os.urandom(_TOKEN))
    sent: dict[int, float] = field(default_factory=dict)

    def packet(self, number: int) -> bytes:
        """Give the request with this sequence number."""
        self.sent[number] = monotonic()
        header = _HEADER.pack(_REQUEST[self.family], 0, 0, self.identifier, number)
        # The system fills in that of ICMPv6, in which the addresses count.
        total = 0 if self.family == socket.AF_INET6 else _checksum(header + self.token)
        return _HEADER.pack(_REQUEST[self.family], 0, total, self.identifier, number) + self.token

    def understood(self, data: bytes) -> int | None:
        """Give the sequence number that is answered, None where this is no answer to us."""
        if self.family == socket.AF_INET and data[:1] and data[0] >> 4 == 4:  # raw sockets tell the IP header too
            data = data[(data[0] & 15) * 4 :]
        if len(data) < _HEADER.size:
            return None
        kind, code, _, identifier, number = _HEADER.unpack_from(data)
        ours = (kind, code) == (_REPLY[self.family], 0) and data[_HEADER.size :] == self.token
        return number if ours and number in self.sent and (identifier == self.identifier or not self.own) else None


def _open(address: Address) -> tuple[socket.socket, bool]:
    """Give a socket, and whether it is raw. Raises `ExchangeError`."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            made = socket.socket(address.family, kind, _PROTOCOL[address.family])
        except OSError as error:
            refused = error
            continue
        if sys.platform == "linux":
            made.setsockopt(*_REPORT_ERRORS[address.family], 1)
        return made, kind == socket.SOCK_RAW
    if isinstance(refused, PermissionError):
        raise ExchangeError(Reason.NOT_PERMITTED, _TO_DO)
    raise ExchangeError(*fault_of(refused, peer_of(address), address.family))


def _checksum(data: bytes) -> int:
    """Give the Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF
