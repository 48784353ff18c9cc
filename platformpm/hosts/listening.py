"""Who listens on this machine, for a first inventory of it."""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import NamedTuple

from platformpm.errors import PlatformpmError


class Listener(NamedTuple):
    """A TCP port that is listened on. `ip` is where; `process` the name of who does, empty where it is not told."""

    ip: str
    port: int
    process: str


def listeners() -> list[Listener]:
    """Give the listening TCP ports of this machine by number, our own left out; of several addresses loopback's.

    Raises PlatformpmError where the system does not tell them.
    """
    import psutil  # 15 ms that only who asks for it pays

    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.AccessDenied, PermissionError):
        raise PlatformpmError("this system tells who listens only to its administrator: not permitted") from None
    except (OSError, psutil.Error) as error:
        raise PlatformpmError(f"this system does not tell who listens: {error}") from None
    found: dict[int, Listener] = {}
    for one in connections:
        if one.status != psutil.CONN_LISTEN or one.pid == os.getpid() or not one.laddr:
            continue
        listener = Listener(reachable(one.laddr.ip), one.laddr.port, _name(one.pid))
        known = found.get(listener.port)
        if known is None or _rank(listener.ip) < _rank(known.ip):
            found[listener.port] = listener
    return [found[port] for port in sorted(found)]


def reachable(ip: str) -> str:
    """Give the address at which a listener is asked: loopback's, of the same family, for one that listens on all."""
    address = ip_address(ip.partition("%")[0])
    carried = getattr(address, "ipv4_mapped", None) or address
    if carried.is_unspecified:
        return "127.0.0.1" if carried.version == 4 else "::1"
    return str(carried)


def is_loopback(ip: str) -> bool:
    """Tell whether only this machine reaches an address."""
    return ip_address(ip).is_loopback


def _rank(ip: str) -> int:
    """Give how gladly an address is asked, the lower the better."""
    return 0 if ip == "127.0.0.1" else 1 if is_loopback(ip) else 2


def _name(pid: int | None) -> str:
    import psutil  # loaded already

    try:
        return psutil.Process(pid).name() if pid else ""
    except psutil.Error:
        return ""
