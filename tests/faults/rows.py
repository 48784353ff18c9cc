"""A table of faults and what a probe must say of each; and the running of it, many rows at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.ports import Probe
from platformpm.model.reading import Reading
from platformpm.model.secret import NO_MASK
from platformpm.model.status import Reason, Status
from platformpm.model.text import safe_text
from platformpm.net import Network
from platformpm.probes import registry
from tests.faults.dns_faults import FaultyNames
from tests.faults.spy import watched_uvloop

SHORT = 1.5
"""Seconds for a fault that must run into the deadline."""

LONG = 20.0
"""Seconds for a fault that is judged by what it sends: a busy machine must not turn it into a timeout."""

TOO_LATE = 3.0
"""Seconds after its deadline by which every probe has come back even on a busy machine; the bench measures it well."""

_AT_ONCE = 24


class SystemClock:
    """Both clocks of the machine."""

    def wall(self) -> float:
        """Give seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Give the time of the event loop."""
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Row:
    """One probe of one fault and what must come of it; `why` gives the rule where it is not plain."""

    fault: str
    status: Status
    reason: Reason | None
    why: str = ""
    check: Check = field(default=Check())
    scheme: str = "http"
    host: str | None = None
    path: str = "/"
    says: str = ""
    by_time: bool = False

    def __str__(self) -> str:
        """Give a short name for the test."""
        return "-".join(part for part in (self.scheme, self.fault, self.path.strip("/"), self.host, self.why) if part)

    @property
    def timeout(self) -> float:
        """Give the seconds this row may take: little when it must run out of time."""
        by_time = self.by_time or (self.reason is not None and self.reason.value.startswith("timeout"))
        return SHORT if by_time or (self.host or "").startswith("hang") else LONG


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one row gave: its reading or what escaped, and the seconds it came after its deadline."""

    reading: Reading | None
    escaped: BaseException | None
    late: float


class Where(TypedDict, total=False):
    """The rest of a row: where to ask, what the detail must say, and whether only time ends it."""

    scheme: str
    host: str
    path: str
    says: str
    by_time: bool


def up(fault: str, why: str = "", check: Check | None = None, **more: Unpack[Where]) -> Row:
    """Give a row that must be up."""
    return Row(fault, Status.UP, None, why, check or Check(), **more)


def down(fault: str, reason: Reason, why: str = "", check: Check | None = None, **more: Unpack[Where]) -> Row:
    """Give a row that must be down."""
    return Row(fault, Status.DOWN, reason, why, check or Check(), **more)


def unknown(fault: str, reason: Reason, why: str = "", check: Check | None = None, **more: Unpack[Where]) -> Row:
    """Give a row that must be unknown."""
    return Row(fault, Status.UNKNOWN, reason, why, check or Check(), **more)


def degraded(fault: str, reason: Reason, why: str = "", check: Check | None = None, **more: Unpack[Where]) -> Row:
    """Give a row that must be degraded."""
    return Row(fault, Status.DEGRADED, reason, why, check or Check(), **more)


def assert_told(outcome: Outcome, row: Row) -> None:
    """Check that a row was told as it must be: status, reason and text, clean and in time."""
    assert outcome.escaped is None
    assert outcome.reading is not None
    assert (outcome.reading.status, outcome.reading.reason) == (row.status, row.reason), outcome.reading.detail
    assert row.says in outcome.reading.detail
    assert safe_text(outcome.reading.detail) == outcome.reading.detail
    assert outcome.late < TOO_LATE


def instance_of(url: str, check: Check) -> Instance:
    """Give an instance whose health check asks exactly `url`."""
    scheme = url.partition(":")[0]
    return Instance(InstanceKey("service", "test", url), scheme, url, check, url)


def address_of(row: Row, ports: Mapping[str, int]) -> str:
    """Give the URL that a row asks."""
    host = row.host or ("[::1]" if row.fault == "ipv6" else "127.0.0.1")
    path = "" if row.scheme in ("tcp", "tls") else row.path
    return f"{row.scheme}://{host}:{ports[row.fault]}{path}"


def run_rows(rows: Sequence[Row], ports: Mapping[str, int], loop: str = "asyncio") -> dict[Row, Outcome]:
    """Probe every row, some of them at once, through the real registry; nothing is raised.

    `loop` is "asyncio" or "uvloop": the engine uses whichever is there, and they report endings differently.
    """
    factory = watched_uvloop if loop == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_run(rows, ports))


async def _run(rows: Sequence[Row], ports: Mapping[str, int]) -> dict[Row, Outcome]:
    names = FaultyNames()
    network = Network(lookup=names)
    probes = registry(network, NO_MASK, SystemClock())
    gate = asyncio.Semaphore(_AT_ONCE)
    outcomes: dict[Row, Outcome] = {}
    # Those that only time ends go first and by themselves: the others take the processor that their phases need.
    waves = [row for row in rows if row.timeout == SHORT], [row for row in rows if row.timeout != SHORT]
    try:
        for wave in waves:
            done = await asyncio.gather(*(_probe(row, probes, ports, gate) for row in wave))
            outcomes.update(zip(wave, done, strict=True))
    finally:
        names.release()
        await network.close()
    return outcomes


async def _probe(row: Row, probes: Mapping[str, Probe], ports: Mapping[str, int], gate: asyncio.Semaphore) -> Outcome:
    url = address_of(row, ports)
    async with gate:
        deadline = asyncio.get_running_loop().time() + row.timeout
        reading, escaped = None, None
        try:
            reading = await probes[row.scheme](instance_of(url, row.check), row.check, deadline)
        except Exception as error:  # noqa: BLE001  # whatever escapes is the finding
            escaped = error
        return Outcome(reading, escaped, asyncio.get_running_loop().time() - deadline)
