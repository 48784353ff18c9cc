"""The seams: what the engine needs from the outside, and what the faces need from the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.event import Event
from platformpm.model.exported import ExportRow, Wanted, What
from platformpm.model.heartbeat import Heartbeat
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host
from platformpm.model.memory import Memory
from platformpm.model.past import Bucket, PastReading, Span
from platformpm.model.reading import Reading
from platformpm.model.record import Record, StatusChange, VersionChange
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


class Sink(Protocol):
    """Takes what happened. Never waits for a disk and never raises: what it cannot keep it counts and tells of."""

    def put(self, record: Record, /) -> None:
        """Take one record; those of one thread stay in their order."""


class HistoryReader(Protocol):
    """Reads the past. Times are wall seconds, stretches [since, until); results are oldest first.

    A key without the name of an instance is a service as a whole. Raises `HistoryError` where the store cannot be read.
    """

    def memory(self, keys: Collection[InstanceKey], points: int = 240, hosts: Collection[str] = ()) -> Memory:
        """Give what is known of instances, with `points` of their last readings each, their services, and hosts."""

    def readings(self, key: InstanceKey, since: float, until: float) -> Sequence[PastReading]:
        """Give the single readings of an instance, as far back as they are kept."""

    def failures(self, key: InstanceKey, since: float, until: float) -> Sequence[Reading]:
        """Give the readings that were not up, whole."""

    def buckets(self, key: InstanceKey, since: float, until: float, seconds: float) -> Sequence[Bucket]:
        """Give values over buckets of 300, 3600 or 86400 s, up to the newest reading; empty ones are left out."""

    def changes(self, key: InstanceKey, since: float, until: float) -> Sequence[StatusChange]:
        """Give the changes of status, the one that was in force at `since` first."""

    def versions(self, key: InstanceKey, since: float, until: float) -> Sequence[VersionChange]:
        """Give the changes of version, the one that was in force at `since` first."""

    def events(self, since: float, until: float, limit: int | None = None) -> Sequence[Event]:
        """Give events, with a `limit` the newest of them."""

    def heartbeats(self) -> Mapping[InstanceKey, Heartbeat]:
        """Give the last heartbeat of each job that ever reported."""

    def watched(self, since: float, until: float) -> Sequence[Span]:
        """Give when the monitor was watching, its own pauses left out."""

    def export(self, what: What, since: float, until: float, wanted: Wanted) -> Iterator[ExportRow]:
        """Give the rows of a table whose subjects are `wanted`, oldest first, without ever holding all of them."""


class Bookmark(Protocol):
    """When the user last looked at what happened. Never raises; may wait for a disk."""

    def read(self) -> float | None:
        """Give the wall time of the last look in seconds, None when there was none."""

    def put(self, at: float, /) -> None:
        """Note a look at wall time `at`."""


class Board(Protocol):
    """The slot with the latest snapshot; reading it never waits."""

    def latest(self) -> PlatformSnapshot | None:
        """Give the newest snapshot, None before the first."""


class Session(Protocol):
    """A running platform, as a face may use it."""

    @property
    def board(self) -> Board:
        """Give the board that holds the latest snapshot."""

    @property
    def past(self) -> HistoryReader | None:
        """Give a reader of what was recorded, which may wait for a disk; None where nothing is recorded."""

    @property
    def bookmark(self) -> Bookmark | None:
        """Give the mark of the last look at what was recorded; None where nothing is."""

    def painted(self) -> None:
        """Note that the first picture stands: what is dear to look up may be looked up now. Returns at once."""

    def recheck(self, keys: Collection[InstanceKey] | None = None, hosts: Collection[str] = ()) -> None:
        """Check these instances and look at these hosts now, at all when `keys` is None.

        Returns at once; safe from any thread.
        """

    def reload(self) -> None:
        """Read the inventory again; a bad one is told by a notice and changes nothing else. Returns at once."""

    def mute(self, selectors: Sequence[str], until: float, reason: str) -> None:
        """Hold the alerts of what is selected back until wall time `until`. Waits for the disk.

        Raises `UsageError` where nothing is selected, `MutesError` where it cannot be written down.
        """

    def unmute(self, selectors: Sequence[str]) -> None:
        """Take back the mutes of what is selected. Waits for the disk; raises as `mute` does."""
