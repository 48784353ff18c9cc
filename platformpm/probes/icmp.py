"""Probes of machines, which ask for an echo."""

from __future__ import annotations

from platformpm.formats.judge import limit_faults, reading_of_failure, worst_fault
from platformpm.model.check import Check, Instance
from platformpm.model.exchange import Echo, Failure
from platformpm.model.reading import Reading
from platformpm.model.status import Status
from platformpm.model.text import safe_text
from platformpm.net import ExchangeError, Network, machine_of, pinned
from platformpm.probes.examination import Examination


class IcmpKind:
    """Sends an echo request, and again each second or two while nothing is heard: one answer is enough."""

    def __init__(self, network: Network) -> None:
        """Ask through `network`."""
        self._network = network

    async def __call__(self, instance: Instance, check: Check, deadline: float, at: float) -> Examination:
        """Ask once and judge the answer."""
        echo: Echo | Failure
        try:
            target = pinned(machine_of(instance.url_of(check), check), instance)
        except ExchangeError as error:
            echo = Failure(error.reason, safe_text(error.detail))
        else:
            echo = await self._network.echo(target, deadline)
        if isinstance(echo, Failure):
            return Examination(reading_of_failure(echo, at), echo)
        fault = worst_fault(limit_faults(echo.latency, None, check, at))
        seen = f"{echo.peer} answered" + (f" request {echo.number} of {echo.sent}" if echo.sent > 1 else "")
        reading = Reading(
            status=fault.status if fault else Status.UP,
            at=at,
            reason=fault.reason if fault else None,
            detail=f"{fault.detail}: {seen}" if fault else seen,
            latency=echo.latency,
            phases=echo.phases,
        )
        return Examination(reading)
