"""Names of which every address is an instance of its own: `resolve = "all"`."""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Self, TypeVar

from platformpm.model.check import Instance
from platformpm.model.event import EventKind
from platformpm.model.inventory import Inventory

if TYPE_CHECKING:
    from platformpm.net.resolver import Address, Lookup, Resolver

EVERY = 30.0
"""Seconds between two look-ups of all names."""
AT_ONCE = 1.0
"""Seconds that a screen waits for the first look-ups before it shows what it has."""
WITHIN = 5.0
"""Seconds after which a look-up has failed."""
_MOST = 64
"""Addresses of one name that become instances: a name server is not to fill the screen, or the disk."""

Item = TypeVar("Item")
Name = tuple[str, int]
"""A host name as it is asked for, and the address family or 0."""


class Addresses:
    """The addresses of such names. A look-up that fails changes nothing: the last known addresses stay.

    It has a thread and an event loop of its own as soon as there is a name to look up.
    """

    def __init__(self, lookup: Lookup | None = None) -> None:
        """Know nothing yet; `lookup` None asks the system."""
        self._lookup = lookup
        self._known: dict[Name, tuple[str, ...]] = {}
        self._failing: set[Name] = set()
        self._cut: set[Name] = set()
        self._news: SimpleQueue[str] = SimpleQueue()
        self._notices: SimpleQueue[tuple[EventKind, str]] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._resolver: Resolver | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End; a look-up that hangs is left to its daemon thread."""
        with self._lock:
            loop, self._loop, self._closed = self._loop, None, True
            if loop is not None:
                loop.call_soon_threadsafe(loop.stop)

    def look_up(self, inventory: Inventory, wait: float = 0.0) -> None:
        """Look all such names of `inventory` up, and wait for the answers, `wait` seconds at the most.

        Where the machine has no thread or file left for it, nothing is looked up.
        """
        names = {name for instance in inventory.instances() if (name := _name_of(instance)) is not None}
        with self._lock:
            if not names or self._closed:
                return
            try:
                self._loop = self._loop or self._start()
            except (OSError, RuntimeError):
                return
            done = asyncio.run_coroutine_threadsafe(self._look_up_all(names), self._loop)
        with suppress(TimeoutError, CancelledError):
            done.result(wait)

    def spread(self, inventory: Inventory) -> Inventory:
        """Give an inventory that has an instance for each known address of such a name.

        A name of which no address is known stays one instance, whose checks look it up themselves.
        """
        if not self._known:
            return inventory
        services = [
            replace(service, instances=tuple(one for each in service.instances for one in self._spread(each)))
            for service in inventory.services
        ]
        return replace(inventory, services=tuple(services))

    def news(self) -> list[str]:
        """Give what has changed since the last call: where each name is now."""
        return list(_taken_from(self._news))

    def notices(self) -> list[tuple[EventKind, str]]:
        """Give what else is to be told since the last call: addresses left out, and look-ups that fail or no longer."""
        return list(_taken_from(self._notices))

    def _spread(self, instance: Instance) -> Iterator[Instance]:
        name = _name_of(instance)
        known = self._known.get(name, ()) if name else ()
        for ip in known:
            key = instance.key._replace(instance=f"{instance.key.instance}/{ip}")
            yield replace(instance, key=key, address=ip)
        if not known:
            yield instance

    def _start(self) -> asyncio.AbstractEventLoop:
        from platformpm.net.resolver import Resolver, system_lookup

        self._resolver = Resolver(self._lookup or system_lookup)
        loop = asyncio.new_event_loop()
        threading.Thread(target=_run, args=(loop,), name="platformpm-names", daemon=True).start()
        return loop

    async def _look_up_all(self, names: set[Name]) -> None:
        await asyncio.gather(*(self._look_up(name) for name in names))

    async def _look_up(self, name: Name) -> None:
        from platformpm.net import ExchangeError

        assert self._resolver is not None  # noqa: S101  # `_start` made it
        try:
            async with asyncio.timeout(WITHIN):
                found, _ = await self._resolver.resolve(*name, ttl=0.0)
        except (ExchangeError, TimeoutError) as error:
            self._fail(name, str(error) or f"the resolver did not answer within {WITHIN:.0f} s")
        else:
            self._find(name, found)

    def _fail(self, name: Name, why: str) -> None:
        """Tell it where nothing else shows it: what was never found is down with the same reason."""
        if name in self._known and name not in self._failing:
            self._failing.add(name)
            text = f"look-ups of {name[0]} fail, its last addresses stay: {why}"
            self._notices.put((EventKind.RELOAD_FAILED, text))

    def _find(self, name: Name, found: Sequence[Address]) -> None:
        if name in self._failing:
            self._failing.discard(name)
            self._notices.put((EventKind.RELOADED, f"look-ups of {name[0]} succeed again"))
        every = _in_order([ip for _, ip in found])
        if len(every) <= _MOST:
            self._cut.discard(name)
        elif name not in self._cut:
            self._cut.add(name)
            text = f"{name[0]}: {_MOST} of {len(every)} addresses are taken, the others are not asked"
            self._notices.put((EventKind.RELOADED, text))
        addresses = every[:_MOST]
        if addresses != self._known.get(name):
            self._known[name] = addresses
            self._news.put(f"{name[0]} is at {', '.join(addresses)}")


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks))
    loop.close()


def _taken_from(queue: SimpleQueue[Item]) -> Iterator[Item]:
    with suppress(Empty):
        while True:
            yield queue.get_nowait()


def _in_order(found: Sequence[str]) -> tuple[str, ...]:
    """Give addresses in an order of their own: name servers turn theirs round."""

    def place(ip: str) -> tuple[int, int]:
        address = ipaddress.ip_address(ip)
        return address.version, int(address)

    return tuple(sorted(set(found), key=place))


def _name_of(instance: Instance) -> Name | None:
    """Give the name whose addresses are instances, None where that is not wanted or there is none."""
    if instance.health.resolve != "all":
        return None
    from platformpm.net import ExchangeError, machine_of  # with the HTTP client, which few who need no name pay

    try:
        target = machine_of(instance.url, instance.health)
    except ExchangeError:  # a `dns` address may name no server
        return None
    return None if target.address is not None else (target.host, target.af)


def at_addresses(inventory: Inventory) -> tuple[Inventory, list[str]]:
    """Give an inventory with an instance for each address of such names, after one look, and what is to be told."""
    with Addresses() as addresses:
        addresses.look_up(inventory, WITHIN + 1.0)
        return addresses.spread(inventory), [text for _, text in addresses.notices()]
