"""Watches every connection this process tries, below all of its own code."""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

_tried: list[tuple[str, object]] = []
_installed: list[bool] = []
_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"})


def _hook(event: str, args: tuple[object, ...]) -> None:
    if event in _EVENTS:
        _tried.append((event, args[0] if event.startswith("socket.get") else args[1]))


def watch_sockets() -> list[tuple[str, object]]:
    """Give the live list of (audit event, address or name) of every attempt from now on.

    Python's own audit events are raised by the socket itself, whatever library calls it. A hook cannot be taken away
    again, so there is one for the whole process.
    """
    if not _installed:
        sys.addaudithook(_hook)
        _installed.append(True)
    return _tried


def watched_uvloop() -> asyncio.AbstractEventLoop:
    """Give a uvloop that notes where it connects to: it connects in C, where no audit event is raised."""
    loop: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
    connect = loop.create_connection

    def noted(factory: Callable[[], asyncio.Protocol], *address: Any, **options: Any) -> Awaitable[Any]:
        _tried.append(("socket.connect", address))
        return connect(factory, *address, **options)

    vars(loop)["create_connection"] = noted
    return loop


def forbidden(tried: Iterable[tuple[str, object]]) -> list[object]:
    """Give the attempts to connect or send anywhere but to the loopback address, link-local ones among them."""
    connects = (address for event, address in list(tried) if event in ("socket.connect", "socket.sendto"))
    return [address for address in connects if isinstance(address, tuple) and not _is_loopback(str(address[0]))]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
