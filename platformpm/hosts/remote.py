"""Reads other machines: asks their exporter over HTTP, in the engine's loop, and works through its page in steps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from platformpm.formats.machine import LARGEST_PAGE, Machine, Mount, read, refusal
from platformpm.hosts.disks import mounts_of
from platformpm.hosts.rates import Sample, busy_percent, is_loopback, rate
from platformpm.model.exchange import Failure
from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import Host
from platformpm.model.ports import Clock
from platformpm.model.secret import Masker
from platformpm.model.status import Reason
from platformpm.model.text import safe_text
from platformpm.net import ExchangeError, Network, Request, prepare

_BREATH = 0.001


class _Known(NamedTuple):
    """How a host is asked, and what was counted there at the last look."""

    host: Host
    request: Request
    sample: Sample | None = None


_NOTHING: Mapping[str, _Known] = MappingProxyType({})


class RemoteReader:
    """Reads the hosts that have a URL. Keeps the counters of the last look at each, for CPU and network rates."""

    def __init__(self, network: Network, mask: Masker, clock: Clock, known: Mapping[str, _Known] = _NOTHING) -> None:
        """Ask through `network`; hide in what is told what `mask` hides."""
        self._network = network
        self._mask = mask
        self._clock = clock
        self._known = dict(known)

    def anew(self, network: Network, mask: Masker) -> RemoteReader:
        """Give a reader with other certificates and secrets, that goes on from the counters this one knows."""
        return RemoteReader(network, mask, self._clock, self._known)

    async def __call__(self, host: Host, deadline: float) -> HostReading:
        """Measure once; `deadline` is loop time. A first look has no CPU and no network rates."""
        at = self._clock.wall()
        try:
            known = self._of(host)
            found = await self._asked(known.request, deadline)
        except ExchangeError as error:
            found = Failure(error.reason, safe_text(error.detail))
        if isinstance(found, Failure):
            return HostReading(at, failure=found.reason, detail=self._mask(found.detail))
        machine, asked_at = found
        sample = Sample(asked_at, machine.busy, machine.total, _bytes(machine.received), _bytes(machine.sent))
        self._known[host.name] = known._replace(sample=sample)
        return self._reading(at, machine, known.sample, sample)

    def _of(self, host: Host) -> _Known:
        """Give what is known of a host; the counters of another address are those of another machine."""
        known = self._known.get(host.name)
        if known is None or known.host is not host:
            sample = known.sample if known is not None and known.host.url == host.url else None
            request = prepare(host.url or "", host.check, cap=LARGEST_PAGE)
            known = self._known[host.name] = _Known(host, request, sample)
        return known

    async def _asked(self, request: Request, deadline: float) -> tuple[Machine, float] | Failure:
        """Give what the exporter says, and the monotonic time at which it said so."""
        response = await self._network.fetch(request, deadline)
        asked_at = self._clock.monotonic()
        if isinstance(response, Failure):
            return response
        refused = refusal(response)
        if refused is not None:
            return refused
        for step in read(response):
            if step is not None:
                return step if isinstance(step, Failure) else (step, asked_at)
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(_BREATH)
        return Failure(Reason.TIMEOUT_BODY, "the metrics were not read in time")

    def _reading(self, at: float, machine: Machine, before: Sample | None, now: Sample) -> HostReading:
        clock = at if machine.clock is None else machine.clock
        return HostReading(
            at=at,
            cpu_percent=busy_percent(before, now),
            cpu_count=machine.cpu_count,
            memory_percent=machine.memory_percent,
            memory_total=None if machine.memory_total is None else int(machine.memory_total),
            swap_percent=machine.swap_percent,
            load=machine.load,
            disks=tuple(self._disks(machine.mounts)),
            received_rate=rate(before, now, lambda sample: sample.received),
            sent_rate=rate(before, now, lambda sample: sample.sent),
            uptime=None if machine.booted is None else max(clock - machine.booted, 0.0),
        )

    def _disks(self, mounts: Iterable[Mount]) -> Iterable[Disk]:
        by_place = {mount.mountpoint: mount for mount in mounts}
        for place in mounts_of(mounts):
            mount = by_place[place]
            yield Disk(self._mask(safe_text(place)), mount.percent, int(mount.used), int(mount.total))


def _bytes(cards: Mapping[str, float]) -> float | None:
    real = [count for card, count in cards.items() if not is_loopback(card)]
    return sum(real) if real else None
