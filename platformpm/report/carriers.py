"""Which hosts carry a service, and how they are: the cause may lie there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from platformpm.model.state import HostState
from platformpm.model.status import RANK, Status
from platformpm.report.columns import Piece, Tone
from platformpm.report.flow import Fact
from platformpm.report.host_rows import condition
from platformpm.report.spark import TONES


def carriers_of(service: str, hosts: Iterable[HostState]) -> tuple[HostState, ...]:
    """Give the hosts that carry a service, the worst first."""
    carrying = (state for state in hosts if service in state.host.services)
    return tuple(sorted(carrying, key=lambda state: -RANK[state.status]))


def ailing(carriers: Sequence[HostState]) -> bool:
    """Tell whether one of these hosts was read and is not well."""
    return any(state.status is not Status.UP and state.reading is not None for state in carriers)


def facts(carriers: Iterable[HostState]) -> Iterator[Fact]:
    """Give the name of each host with how it is, and what was seen where that is not well."""
    for state in carriers:
        seen = f" {state.detail}" if state.detail and state.status is not Status.UP else ""
        yield Fact(
            "",
            (Piece(f"{state.host.name} ", Tone.PLAIN), *condition(state), Piece(seen, TONES[state.status])),
        )
