"""Probes over a real network, with a clock that stands still."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.secret import NO_MASK, Masker, Secret
from platformpm.net import Network
from platformpm.probes import Examination, examiners

AT = float(int(time.time()))
"""The clock stands still at the start of the run: certificates are judged by the real one as well."""
Examine = Callable[..., Examination]


class StillClock:
    """Wall time that does not move."""

    def wall(self) -> float:
        return AT

    def monotonic(self) -> float:
        return 0.0


def instance_at(url: str, check: Check, *, credentials: str | None = None) -> Instance:
    """Give an instance whose health and version checks ask `url`."""
    secret = Secret(credentials) if credentials else None
    key = InstanceKey("service", "test", "one")
    return Instance(key, url.partition(":")[0], url, check, url, check, url, secret)


@pytest.fixture
def examine() -> Examine:
    """Probe one URL once: (url, check, timeout, mask, credentials) to the whole examination."""

    def once(
        url: str,
        check: Check | None = None,
        timeout: float = 20.0,
        mask: Masker = NO_MASK,
        credentials: str | None = None,
    ) -> Examination:
        async def body() -> Examination:
            network = Network()
            check_ = check or Check()
            instance = instance_at(url, check_, credentials=credentials)
            probe = examiners(network, mask, StillClock())[instance.scheme]
            examination = await probe.examine(instance, check_, asyncio.get_running_loop().time() + timeout)
            await network.close()
            return examination

        return asyncio.run(body())

    return once
