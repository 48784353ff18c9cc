"""Names to addresses: own daemon threads, one look-up per name at a time, a short cache, failures never cached.

The event loop's own executor has a handful of threads that are joined at exit: six hung look-ups would stop every
other name, and one would delay the end of the process.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

from platformpm.model.status import Reason
from platformpm.net.faults import ExchangeError
from platformpm.net.threads import DaemonThreads

LONGEST_TTL = 30.0
"""Seconds a name may be remembered."""

_THREADS = 128
_SUSPECTS = 48
_SLOW = 2.0
_MOST_HUNG = 384
"""Threads that may hang beside those that are for names that answer."""
_RELIEVE_EVERY = 0.25
_MOST_NAMES = 20_000


class Address(NamedTuple):
    """An IP address: `family` is `socket.AF_INET` or `AF_INET6`."""

    family: int
    ip: str


class _Known(NamedTuple):
    at: float
    addresses: tuple[Address, ...]


_Key = tuple[str, int]
_Outcome = tuple[Address, ...] | str
Lookup = Callable[[str, int], Sequence[Address]]
"""(host, family or 0) to addresses in order of preference; may block and may raise OSError or UnicodeError."""


def system_lookup(host: str, family: int) -> Sequence[Address]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM)
    wanted = (socket.AF_INET, socket.AF_INET6)
    return tuple(dict.fromkeys(Address(kind, str(where[0])) for kind, _, _, _, where in found if kind in wanted))


def literal(host: str) -> Address | None:
    """Give the address that `host` spells, None when it is a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return Address(socket.AF_INET6 if address.version == 6 else socket.AF_INET, host)


class Resolver:
    """Resolves names for one event loop.

    Names whose last look-up failed or was slow share a bounded part of the threads, so that a dead zone of hundreds of
    names cannot take them all; a thread that hangs is replaced by another one.
    """

    def __init__(self, lookup: Lookup = system_lookup, *, threads: int = _THREADS, suspects: int = _SUSPECTS) -> None:
        """Start no thread yet."""
        self._lookup = lookup
        self._threads = DaemonThreads(threads)
        self._bound = threads
        self._running: dict[_Key, float] = {}
        self._relieving = False
        self._known: dict[_Key, _Known] = {}
        self._pending: dict[_Key, list[asyncio.Future[_Outcome]]] = {}
        self._suspects: set[_Key] = set()
        self._most_suspects = suspects
        self._running_suspects: set[_Key] = set()
        self._held: deque[_Key] = deque()

    async def resolve(self, host: str, family: int = 0, ttl: float = LONGEST_TTL) -> tuple[tuple[Address, ...], bool]:
        """Give the addresses of a name, and whether they were looked up now; no older than `ttl` seconds.

        Raises `ExchangeError` with reason `dns`. Waits without end: the caller has the deadline.
        """
        loop = asyncio.get_running_loop()
        key = (host, family)
        known = self._known.get(key)
        if known is not None and loop.time() - known.at < min(ttl, LONGEST_TTL):
            return known.addresses, False
        waiter: asyncio.Future[_Outcome] = loop.create_future()
        waiters = self._pending.get(key)
        if waiters is None:
            waiters = self._pending[key] = []
            self._start(key, loop)
        waiters.append(waiter)
        try:
            outcome = await waiter
        finally:
            waiters.remove(waiter)
        if isinstance(outcome, str):
            raise ExchangeError(Reason.DNS, outcome)
        return outcome, True

    def is_queued(self, host: str, family: int = 0) -> bool:
        """Tell whether a name waits for a thread of ours, and nobody has been asked for it yet.

        One that failed before and waits for its turn among its like is not: its last failure stands.
        """
        key = (host, family)
        return key in self._pending and key not in self._running and key not in self._suspects

    def _start(self, key: _Key, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._admit(key, loop)
        except RuntimeError:
            del self._pending[key]
            self._running_suspects.discard(key)
            raise ExchangeError(Reason.INTERNAL, "this machine has no thread for a look-up") from None

    def _admit(self, key: _Key, loop: asyncio.AbstractEventLoop) -> None:
        if key in self._suspects:
            if len(self._running_suspects) >= self._most_suspects:
                self._held.append(key)
                return
            self._running_suspects.add(key)
        self._threads.submit(lambda: self._look_up(key, loop))
        if self._threads.backlog and not self._relieving:
            self._relieving = True
            loop.call_later(_RELIEVE_EVERY, self._relieve, loop)

    def _relieve(self, loop: asyncio.AbstractEventLoop) -> None:
        """Allow a thread more for each that hangs, as long as look-ups wait."""
        late = monotonic() - _SLOW
        hung = sum(started < late for started in list(self._running.values()))
        self._threads.allow(self._bound + min(hung, _MOST_HUNG))
        self._relieving = bool(self._threads.backlog)
        if self._relieving:
            loop.call_later(_RELIEVE_EVERY, self._relieve, loop)

    def _look_up(self, key: _Key, loop: asyncio.AbstractEventLoop) -> None:
        """Run in a thread: ask, and hand the outcome to the loop if that still lives."""
        self._running[key] = started = monotonic()
        outcome: _Outcome
        try:
            outcome = tuple(self._lookup(*key)) or f"{key[0]} has no address"
        except (OSError, UnicodeError) as error:
            outcome = _failure(key[0], error)
        except Exception as error:  # noqa: BLE001  # a waiter must always get an answer
            outcome = f"look-up of {key[0]} failed: {type(error).__name__}"
        try:
            loop.call_soon_threadsafe(self._finish, key, outcome, started, loop)
        except RuntimeError:
            return

    def _finish(self, key: _Key, outcome: _Outcome, started: float, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._running.pop(key, None)
        failed = isinstance(outcome, str)
        if failed or monotonic() - started > _SLOW:
            self._suspects.add(key)
        else:
            self._suspects.discard(key)
        if not isinstance(outcome, str):
            self._remember(key, _Known(now, outcome))
        for waiter in self._pending.pop(key, ()):
            if not waiter.done():
                waiter.set_result(outcome)
        if key in self._running_suspects:
            self._running_suspects.discard(key)
            if self._held:
                self._admit(self._held.popleft(), loop)

    def _remember(self, key: _Key, known: _Known) -> None:
        if len(self._known) >= _MOST_NAMES:
            self._known.clear()
            self._suspects.clear()
        self._known[key] = known


def _failure(host: str, error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return f"{host} is not a valid name"
    if error.errno == socket.EAI_AGAIN:
        return f"the resolver did not answer for {host}"
    absent = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
    if error.errno in absent:
        return f"{host} does not exist"
    return f"look-up of {host} failed: {error.strerror or type(error).__name__}"
