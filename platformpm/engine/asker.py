"""Runs one check: waits for a place, calls the probe, guards its deadline, and says whether we were awake."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from platformpm.engine.limits import Limits
from platformpm.engine.pacing import Pace
from platformpm.engine.trust import Pause, Watch
from platformpm.model.check import Check, CheckKey, Instance
from platformpm.model.inventory import Inventory
from platformpm.model.ports import Clock, Probe
from platformpm.model.reading import Reading
from platformpm.model.secret import Masker
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text

_log = logging.getLogger(__name__)

GUARD = 0.5
"""Seconds past its deadline after which a probe is cut off: it keeps deadlines itself, this is for its defects."""
_LATE = frozenset(
    {
        *(Reason.DNS, Reason.TIMEOUT_CONNECT, Reason.TIMEOUT_TLS),
        *(Reason.TIMEOUT_RESPONSE, Reason.TIMEOUT_BODY, Reason.SLOW),
    }
)
PERIOD = 0.25
"""Seconds between two looks at the clocks, at the most."""


@dataclass(frozen=True, slots=True)
class Job:
    """A check of an instance, ready to run. `target` is whom it asks: one host and port share the limit."""

    key: CheckKey
    instance: Instance
    check: Check
    scheme: str
    target: str


def jobs_of(inventory: Inventory) -> Iterator[Job]:
    """Give every check there is, in inventory order."""
    for instance in inventory.instances():
        for check in (instance.health, instance.version):
            if check is not None:
                yield _job(instance, check)


def _job(instance: Instance, check: Check) -> Job:
    try:
        parts = urlsplit(instance.url_of(check))
        scheme, target = parts.scheme or instance.scheme, parts.netloc.rpartition("@")[2].lower()
        target = target if instance.address is None else f"{target}/{instance.address}"
    except ValueError:
        scheme, target = instance.scheme, str(instance.key)
    return Job(CheckKey(instance.key, check.purpose), instance, check, scheme, target)


class Asker:
    """Asks, one call for one reading. Belongs to one event loop."""

    def __init__(self, probes: Mapping[str, Probe], inventory: Inventory, clock: Clock) -> None:
        """Ask through `probes`, by URL scheme, within the limits of `inventory`."""
        self._clock = clock
        self.wake()
        self.limits = Limits(inventory.engine.concurrency, inventory.engine.per_host)
        self._pace = Pace()
        self.on_pause: Callable[[Pause], None] = _ignore
        self.adopt(probes, inventory)

    @property
    def generation(self) -> int:
        """Give the number of pauses so far: what began under another one is not trusted."""
        return self._watch.generation

    @property
    def probes(self) -> Mapping[str, Probe]:
        """Give the probes in use, by URL scheme."""
        return self._probes

    def wake(self) -> None:
        """Start watching the clocks now: the time until here was no pause."""
        self._watch = Watch(self._clock.wall(), self._clock.monotonic(), PERIOD)

    def adopt(self, probes: Mapping[str, Probe], inventory: Inventory) -> None:
        """Use other probes and the limits and secrets of another inventory from now on."""
        self._probes = probes
        self._mask: Masker = inventory.mask
        self.limits.configure(inventory.engine.concurrency, inventory.engine.per_host)

    def look(self) -> None:
        """Compare the clocks; to be called at least every `PERIOD` seconds."""
        pause = self._watch.look(self._clock.wall(), self._clock.monotonic())
        if pause is not None:
            self.on_pause(pause)

    async def ask(self, job: Job, started: Callable[[], None] | None = None) -> Reading:
        """Wait for a place, then ask. `started` is called when the waiting is over."""
        lane = await self.limits.acquire(job.key, job.target)
        start = self._clock.monotonic()
        try:
            await self._pace.turn()
            self.look()
            watch, generation, lost = self._watch, self._watch.generation, self._watch.lost
            start = self._clock.monotonic()
            if started is not None:
                started()
            reading = await self._guarded(job)
        finally:
            self.limits.release(job.key, job.target, lane, self._clock.monotonic() - start)
        self.look()
        _log.debug("%s: %s %s %s", job.key, reading.status, reading.reason or "", reading.detail)
        spoilt = _is_ours(reading, watch.lost - lost, job.check.timeout)
        if self._watch.generation != generation or spoilt:
            return replace(reading, trusted=False)
        return reading

    async def _guarded(self, job: Job) -> Reading:
        probe = self._probes.get(job.scheme)
        at = self._clock.wall()
        if probe is None:
            return _internal(at, f"no probe for {job.scheme}://", Reason.CONFIG)
        deadline = asyncio.get_running_loop().time() + job.check.timeout
        try:
            async with asyncio.timeout_at(deadline + GUARD) as guard:
                return await probe(job.instance, job.check, deadline)
        except TimeoutError as error:
            if guard.expired():
                return _internal(at, f"the probe overran its deadline of {job.check.timeout:g} s")
            return self._defect(at, error)
        except Exception as error:  # noqa: BLE001  # a defect of one probe must not end the others
            return self._defect(at, error)

    def _defect(self, at: float, error: Exception) -> Reading:
        _log.debug("internal error", exc_info=error)
        return _internal(at, safe_text(self._mask(f"{type(error).__name__}: {error}")))


def _is_ours(reading: Reading, lost: float, timeout: float) -> bool:
    """Tell whether `lost` seconds of ours, half of the time it took or more, made a reading late."""
    return reading.reason in _LATE and 2 * lost >= (reading.latency or timeout)


def _internal(at: float, detail: str, reason: Reason = Reason.INTERNAL) -> Reading:
    return Reading(Status.UNKNOWN, at, reason, safe_text(detail))


def _ignore(pause: Pause) -> None:
    """Do nothing about a pause: the readings say that they are not trusted."""
