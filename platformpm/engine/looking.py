"""One look at a host. Those that are asked over the network wait for a place like any check."""

from __future__ import annotations

import asyncio
import logging
from typing import NamedTuple

from platformpm.engine.limits import Limits
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host
from platformpm.model.ports import Clock, HostReader
from platformpm.model.status import Reason

_log = logging.getLogger(__name__)

_GUARD = 0.5
"""Seconds past its deadline after which a reader is cut off: it keeps deadlines itself, this is for its defects."""


class HostKey(NamedTuple):
    """Identity of the look at a host in the schedule."""

    host: str

    def __str__(self) -> str:
        """Give the stable text from which the phase offset comes."""
        return f"host:{self.host}"


async def look_at(host: Host, read_host: HostReader, clock: Clock, limits: Limits) -> HostReading:
    """Look at a host once there is a place for it within `limits`; this machine needs none."""
    if host.url is None:
        return await _read(host, read_host, clock)
    key, target = HostKey(host.name), host.url.partition("://")[2].partition("/")[0].lower()
    lane = await limits.acquire(key, target)
    start = clock.monotonic()
    try:
        return await _read(host, read_host, clock)
    finally:
        limits.release(key, target, lane, clock.monotonic() - start)


async def _read(host: Host, read_host: HostReader, clock: Clock) -> HostReading:
    """Give what a reader says; a defect of it, or one that overruns its deadline, is a failed reading."""
    at = clock.wall()
    deadline = asyncio.get_running_loop().time() + host.timeout
    try:
        async with asyncio.timeout_at(deadline + _GUARD):
            return await read_host(host, deadline)
    except TimeoutError:
        return HostReading(at, failure=Reason.TIMEOUT_RESPONSE, detail=f"no answer within {host.timeout:g} s")
    except Exception as error:  # noqa: BLE001  # a defect of one reader must not end the others
        _log.debug("internal error", exc_info=error)
        return HostReading(at, failure=Reason.INTERNAL, detail=type(error).__name__)
