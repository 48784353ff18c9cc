"""Where `watch` listens, and what it asks of those who talk to it: settled before anything is watched."""

from __future__ import annotations

import errno
import os
import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Self

from platformpm.assembly import Running
from platformpm.cli.context import Context
from platformpm.cli.endpoints import Endpoints
from platformpm.errors import UsageError
from platformpm.inventory.opening import opened
from platformpm.model.heartbeat import is_awaited
from platformpm.model.inventory import Inventory
from platformpm.model.secret import Secret, is_token
from platformpm.model.text import safe_text
from platformpm.net.serving import Server

_PLACE = re.compile(r"(?:(\[.+\]|[^:\[\]]+):)?([0-9]{1,5})", re.ASCII)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_BACKLOG = 128
_LARGEST_TOKEN = 4096
_WHY_NOT = {
    errno.EADDRINUSE: "the port is in use, by another watch perhaps",
    errno.EACCES: "the system keeps ports below 1024 for others, take a higher one",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
    errno.EAFNOSUPPORT: "this machine has no addresses of that family",
}

Place = tuple[IPv4Address | IPv6Address, int]


class Listener:
    """Holds a port from the beginning, and answers for a session while it is entered."""

    def __init__(self, where: str, token: Secret | None, session: Running, inventory: Inventory) -> None:
        """Bind `[ADDRESS:]PORT`. `token` is what must be sent, else that of the inventory. Raises `UsageError`."""
        address, port = place_of(where)
        host = str(address) if address.version == 4 else f"[{address}]"
        if not address.is_loopback and not (token or inventory.watch.token):
            needed = "a token is needed: --token-file FILE, or [watch] token in the inventory"
            raise UsageError(f"--listen: others reach {host} too, so {needed}")
        channel = _bound((address, port), host)
        self.url = f"http://{host}:{channel.getsockname()[1]}"
        self._session = session
        self._server = Server(channel, Endpoints(session, token, _LOOPBACK | {host} if address.is_loopback else None))

    def __enter__(self) -> Self:
        self._session.listen()
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


def without_token(token: Secret | None, inventory: Inventory) -> list[str]:
    """Name the jobs whose heartbeats will be refused, because no token is known for them."""
    if token or inventory.watch.token:
        return []
    jobs = [one for one in inventory.instances() if is_awaited(one)]
    return [str(one.key) for one in jobs if one.health.heartbeat and not one.health.heartbeat.token]


def place_of(text: str) -> Place:
    """Read `[ADDRESS:]PORT`; without an address it is loopback. Raises `UsageError`."""
    match = _PLACE.fullmatch(text.strip())
    if match is not None and int(match[2]) < 65536:
        host = match[1] or "localhost"
        try:
            return ip_address("127.0.0.1" if host == "localhost" else host.strip("[]")), int(match[2])
        except ValueError:
            pass
    wanted = "a port such as 9464, or an address and a port such as 0.0.0.0:9464 or [::1]:9464"
    raise UsageError(f"--listen: {safe_text(text, 80)!r} is not {wanted}")


def token_in(file: Path, context: Context) -> Secret:
    """Read the token in a file. Raises `UsageError`."""
    shown = safe_text(str(file))
    try:
        with opened(file, pipes=True) as content:
            if os.name == "posix" and os.fstat(content.fileno()).st_mode & 0o044:
                context.diagnostics.note(f"warning: others can read {shown}: chmod 600 it")
            text = content.read(_LARGEST_TOKEN).decode("latin-1").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"--token-file: {shown}: {reason.lower()}") from None
    if not is_token(text):
        raise UsageError(f"--token-file: {shown} holds no token: ASCII without white space, and not empty")
    return Secret(text)


def _bound(place: Place, host: str) -> socket.socket:
    address, port = place
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        channel = socket.socket(family, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere it would let others take the port
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        channel.bind((str(address), port))
        channel.listen(_BACKLOG)  # at once: who comes second must hear of it
    except OSError as error:
        reason = _WHY_NOT.get(error.errno or 0) or (error.strerror or str(error)).lower()
        raise UsageError(f"--listen: cannot listen on {host}:{port}: {reason}") from None
    return channel
