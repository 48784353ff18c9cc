"""What systemd wants to hear of a service of `Type=notify` (sd_notify(3)): ready, still alive, stopping."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic

from platformpm.report.monitor import STUCK


class Notifier:
    """Tells the service manager how we are; without one it says nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Find the socket of the service manager, and how often it wants a sign of life."""
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._every = _seconds(environ.get("WATCHDOG_USEC", "")) / 2
        self._told = monotonic()
        self._moved = monotonic()
        self._sequence = -1
        self._status = ""

    def starting(self, sequence: int) -> None:
        """Ask for more time to start: a large history that was damaged takes minutes to mend."""
        if self._goes_on(sequence):
            self._send(f"EXTEND_TIMEOUT_USEC={STUCK * 1e6:.0f}")

    def ready(self) -> None:
        """Tell that the start is over."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """Tell how it stands, in a line of words, where that is news."""
        if text != self._status:
            self._status = text
            self._send(f"STATUS={text}")

    def stopping(self) -> None:
        """Tell that the end has begun."""
        self._send("STOPPING=1")

    def alive(self, sequence: int) -> None:
        """Give the sign of life, as long as the pictures with this number go on."""
        goes_on, now = self._goes_on(sequence), monotonic()
        if self._every and now - self._told >= self._every and goes_on:
            self._told = now
            self._send("WATCHDOG=1")

    def _goes_on(self, sequence: int) -> bool:
        now = monotonic()
        if sequence != self._sequence:
            self._sequence, self._moved = sequence, now
        return now - self._moved < STUCK

    def _send(self, text: str) -> None:
        if self._address is None or not hasattr(socket, "AF_UNIX"):
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(0)
            channel.sendto(text.encode(), self._address)


def _address(text: str) -> str | None:
    """Give the address of the socket; `@` stands for the zero byte of an abstract one."""
    if text.startswith("@"):
        return "\0" + text[1:]
    return text if text.startswith("/") else None


def _seconds(microseconds: str) -> float:
    return int(microseconds) / 1e6 if microseconds.isdecimal() else 0.0
