"""One immutable picture of the whole platform: what the board holds and every face draws."""

from __future__ import annotations

from dataclasses import dataclass

from platformpm.model.alert import Alert
from platformpm.model.event import Event
from platformpm.model.inventory import Inventory
from platformpm.model.state import HostState, ServiceState


@dataclass(frozen=True, slots=True)
class Counts:
    """Services x environments by status; one that is muted counts as that, whatever its status."""

    up: int = 0
    degraded: int = 0
    down: int = 0
    unknown: int = 0
    muted: int = 0

    @property
    def total(self) -> int:
        """Give the number of services x environments that are not muted."""
        return self.up + self.degraded + self.down + self.unknown


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """How the engine itself is doing. `lag` is how late the last checks started, in seconds.

    `made` is when it said so, in monotonic seconds: an engine that stands still says nothing new. `attached` tells that
    it follows what another process reads instead of asking itself.
    """

    instances: int = 0
    read: int = 0
    in_flight: int = 0
    readings: int = 0
    lag: float = 0.0
    trusted: bool = True
    attached: bool = False
    made: float = 0.0


@dataclass(frozen=True, slots=True)
class HistoryHealth:
    """How the history is doing: whether this process writes it, what waits and what was lost, and what is wrong."""

    recording: bool = False
    waiting: int = 0
    dropped: int = 0
    trouble: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlatformSnapshot:
    """The platform at wall time `at`. Rows that did not change are the same objects as in the snapshot before.

    `services` is in inventory, then promotion order. `alerts` holds the open ones and those lately closed. `events`
    are the latest, oldest first. `notice` is what a banner must say (a failed reload, a paused monitor) or None.
    """

    sequence: int
    at: float
    inventory: Inventory
    services: tuple[ServiceState, ...] = ()
    hosts: tuple[HostState, ...] = ()
    alerts: tuple[Alert, ...] = ()
    events: tuple[Event, ...] = ()
    counts: Counts = Counts()
    health: EngineHealth = EngineHealth()
    notice: str | None = None
