"""The parts of which every face puts its engine together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from platformpm.errors import SystemLimitError
from platformpm.model.inventory import Inventory
from platformpm.model.ports import Clock, Probe

if TYPE_CHECKING:
    from platformpm.hosts import Machines
    from platformpm.probes import Heartbeats

_SPARE_FILES = 32
"""Open files that are not of checks in flight."""
_FEWEST_FILES = 24
"""Open files below which not even the event loop and one look-up of a name are sure to get theirs."""


class SystemClock:
    """The machine's own two clocks."""

    def wall(self) -> float:
        """Give seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return time.monotonic()


def build_heartbeats(clock: Clock) -> Heartbeats:
    """Give what is known of the heartbeats of jobs: nothing yet."""
    from platformpm.probes import Heartbeats  # as below

    return Heartbeats(clock)


def build_probes(inventory: Inventory, clock: Clock, heard: Heartbeats | None = None) -> Mapping[str, Probe]:
    """Give the probes by URL scheme, over a network of their own: files of certificates are read anew with each.

    `heard` are the heartbeats that are known.
    """
    from platformpm.net import Network, load_dns  # with the HTTP client: 75 ms that `--help` need not pay
    from platformpm.probes import registry  # the same

    if any(instance.scheme == "dns" for instance in inventory.instances()):
        load_dns()
    return registry(Network(), inventory.mask, clock, heard)


def build_reader(inventory: Inventory, clock: Clock, before: Machines | None = None) -> Machines:
    """Give the reader of the hosts of an inventory, that goes on from what the one `before` knew."""
    from platformpm.formats.machine import parser  # with the HTTP client and psutil, which `--help` need not pay
    from platformpm.hosts import LocalReader, Machines, RemoteReader  # the same
    from platformpm.net import Network  # the same

    if any(host.url is not None for host in inventory.hosts):
        parser()  # loaded here, because the engine's loop must not wait for it
    if before is not None:
        return before.anew(Network(), inventory.mask)
    return Machines(LocalReader(clock), RemoteReader(Network(), inventory.mask, clock))


def affordable(inventory: Inventory) -> Inventory:
    """Make room for the open files of all checks in flight; where the system gives less, fewer are in flight at once.

    A check counts twice: looking up its name opens files too. Raises `SystemLimitError` where not even one has room.
    """
    try:
        import resource  # Windows has no such limit
    except ImportError:
        return inventory
    wanted = 2 * inventory.engine.concurrency + _SPARE_FILES
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if given == resource.RLIM_INFINITY or given >= wanted:
        return inventory
    raised = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, most))
    except (OSError, ValueError):
        raised = given
    if raised < _FEWEST_FILES:
        text = f"only {raised} files may be open at once, and at least {_FEWEST_FILES} are needed"
        raise SystemLimitError(f"{text}: raise the limit (ulimit -n)")
    places = max(1, (raised - _SPARE_FILES) // 2)
    return replace(inventory, engine=replace(inventory.engine, concurrency=min(places, inventory.engine.concurrency)))
