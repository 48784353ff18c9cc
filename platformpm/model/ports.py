"""The seams: what the engine needs from the outside, and what the faces need from the engine."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host
from platformpm.model.reading import Reading
from platformpm.model.snapshot import PlatformSnapshot


class Clock(Protocol):
    """Two clocks: wall time for storage, monotonic time for intervals; both in seconds."""

    def wall(self) -> float:
        """Give seconds since the epoch; may jump."""

    def monotonic(self) -> float:
        """Give seconds that never go back, the same clock as the event loop's `time()`."""


class Probe(Protocol):
    """One kind of probe. Never raises for anything the target does; a deadline is loop time in seconds."""

    async def __call__(self, instance: Instance, check: Check, deadline: float, /) -> Reading:
        """Ask once and judge the answer."""


class HostReader(Protocol):
    """Reads one kind of host. Keeps what it needs between two looks (rates need two samples)."""

    async def __call__(self, host: Host, deadline: float, /) -> HostReading:
        """Measure once."""


class Board(Protocol):
    """The slot with the latest snapshot; reading it never waits."""

    def latest(self) -> PlatformSnapshot | None:
        """Give the newest snapshot, None before the first."""


class Session(Protocol):
    """A running platform, as a face may use it."""

    @property
    def board(self) -> Board:
        """Give the board that holds the latest snapshot."""

    def recheck(self, keys: Collection[InstanceKey] | None = None) -> None:
        """Run the checks of these instances now, of all when None. Returns at once; safe from any thread."""

    def reload(self) -> None:
        """Read the inventory again; a bad one is told by a notice and changes nothing else. Returns at once."""
