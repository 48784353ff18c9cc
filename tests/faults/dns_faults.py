"""A resolver that hangs, lies and fails, for the injectable look-up of the network."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence

from platformpm.net.resolver import Address

V4, V6 = socket.AF_INET, socket.AF_INET6

NAMES: dict[str, tuple[Address, ...]] = {
    "localhost": (Address(V4, "127.0.0.1"),),
    "good.test": (Address(V4, "127.0.0.1"),),
    "slow.test": (Address(V4, "127.0.0.1"),),
    "two-addresses.test": (Address(V6, "::1"), Address(V4, "127.0.0.1")),
    "only-v6.test": (Address(V6, "::1"),),
    "empty.test": (),
    "link-local.test": (Address(V4, "169.254.7.7"),),
    "link-local-v6.test": (Address(V6, "fe80::1"),),
    "metadata.test": (Address(V4, "169.254.169.254"),),
    "mixed.test": (Address(V4, "127.0.0.1"), Address(V4, "169.254.169.254")),
}


class FaultyNames:
    """Look-ups by name: what `NAMES` says, or a failure that the name itself tells."""

    def __init__(self) -> None:
        """Nobody hangs yet."""
        self.asked: list[str] = []
        self._released = threading.Event()

    def __call__(self, host: str, family: int) -> Sequence[Address]:
        """Look up `host`; raises what a system resolver raises."""
        self.asked.append(host)
        if host.startswith("hang"):
            self._released.wait()
        if host == "slow.test":
            self._released.wait(0.15)
        if host == "try-again.test":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution \x1b[31m")
        if host == "unicode.test":
            raise UnicodeError("label empty or too long")
        if host == "defect.test":
            raise KeyError(host)
        if host in NAMES:
            return tuple(address for address in NAMES[host] if family in (0, address.family))
        # A number is an address in disguise; the system says so without asking anybody. Names do not exist.
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return tuple(Address(kind, str(where[0])) for kind, _, _, _, where in found if family in (0, kind))

    def release(self) -> None:
        """Let every hung look-up go on."""
        self._released.set()
