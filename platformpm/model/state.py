"""State of instances, services and hosts as the engine holds it and the faces see it. Times are wall seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from platformpm.model.check import Instance, InstanceKey
from platformpm.model.host import HostReading
from platformpm.model.inventory import Environment, Host, Service
from platformpm.model.reading import Reading
from platformpm.model.series import EMPTY, Series
from platformpm.model.settle import UNDECIDED, Settled
from platformpm.model.silence import Muted
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift

if TYPE_CHECKING:
    from platformpm.model.uptime import Uptime

_NO_VERSIONS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class InstanceState:
    """All that is known of one instance. `reading` is the newest, `last_bad` the newest that was not up.

    `version` is the observed one; where it is None, `version_reason` says why if a version check failed.
    `attempts` is the number of readings since the status was last confirmed (1 when the newest agrees with it).
    `certificate_expires` is what the last reading that saw a certificate said: an outage does not renew it.
    """

    instance: Instance
    settled: Settled = UNDECIDED
    reading: Reading | None = None
    last_bad: Reading | None = None
    version: str | None = None
    version_source: str | None = None
    version_since: float | None = None
    version_reason: Reason | None = None
    version_detail: str = ""
    attempts: int = 0
    series: Series = EMPTY
    certificate_expires: float | None = None

    @property
    def key(self) -> InstanceKey:
        """Give the identity of the instance."""
        return self.instance.key

    @property
    def status(self) -> Status:
        """Give the decided status."""
        return self.settled.status

    @property
    def since(self) -> float | None:
        """Give the wall time since which the status holds, None before the first decision."""
        return self.settled.since


@dataclass(frozen=True, slots=True, eq=False)
class ServiceState:
    """A service in one environment: one row of every list. It has at least one instance.

    `versions` counts instances by observed version; `version` is the one all agree on; `on_target` counts instances
    on the target; `latency` is the slowest of the newest readings in seconds. `uptimes` are over the windows of
    `model.uptime.WINDOWS`, empty while they are not known. `muted` tells until when its alerts are held back.
    """

    service: Service
    environment: Environment
    instances: tuple[InstanceState, ...]
    status: Status = Status.UNKNOWN
    since: float | None = None
    versions: Mapping[str, int] = field(default_factory=lambda: _NO_VERSIONS)
    version: str | None = None
    target: str | None = None
    on_target: int = 0
    drift: Drift = Drift.UNKNOWN
    drift_since: float | None = None
    latency: float | None = None
    uptimes: tuple[Uptime, ...] = ()
    muted: Muted | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Give (service, environment)."""
        return self.service.name, self.environment.name

    @property
    def serving(self) -> int:
        """Give the number of instances that are up or degraded."""
        return sum(state.status in (Status.UP, Status.DEGRADED) for state in self.instances)


@dataclass(frozen=True, slots=True, eq=False)
class HostState:
    """A host and its newest reading. `over` maps a measurement over its limit (`disk /var`) to since when.

    `muted` tells until when its alerts are held back.
    """

    host: Host
    status: Status = Status.UNKNOWN
    since: float | None = None
    reason: Reason | None = None
    detail: str = ""
    reading: HostReading | None = None
    over: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    cpu: Series = EMPTY
    memory: Series = EMPTY
    muted: Muted | None = None
