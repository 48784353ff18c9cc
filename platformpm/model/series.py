"""A short, packed, immutable series of points for trends: 13 bytes each, shared between snapshots."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from platformpm.model.status import Status

POINT = struct.Struct("<dfB")
"""A packed point: wall seconds, latency in seconds or NaN, and the number of its status in `STATUS_CODES`."""
_STATUSES = tuple(Status)
STATUS_CODES = {status: code for code, status in enumerate(_STATUSES)}
"""The number of each status in a packed point."""
CAPACITY = 240
"""Points kept: one hour at the default interval of 15 s."""
_SIZE = CAPACITY * POINT.size
_ROOM = bytes(_SIZE)


class Point(NamedTuple):
    """Wall time in seconds, latency in seconds or None, and the status of one reading."""

    at: float
    latency: float | None
    status: Status


@dataclass(frozen=True, slots=True)
class Series:
    """The last points of one instance, oldest first.

    One that is not empty takes the room of a full one: what grew with each reading would look like a leak for an hour,
    and leave holes behind that nothing else fits into.
    """

    _room: bytes = b""
    _count: int = 0

    @classmethod
    def of(cls, packed: bytes) -> Series:
        """Give the series of packed points; the oldest fall out where there are too many."""
        kept = packed[-_SIZE:]
        return cls(kept.rjust(_SIZE, b"\0"), len(kept) // POINT.size) if kept else cls()

    @property
    def packed(self) -> bytes:
        """Give the points as bytes."""
        return self._room[_SIZE - self._count * POINT.size :]

    def append(self, at: float, latency: float | None, status: Status) -> Series:
        """Give the series with one more point; the oldest falls out when it is full."""
        point = POINT.pack(at, math.nan if latency is None else latency, STATUS_CODES[status])
        room = self._room or _ROOM
        return Series(room[POINT.size :] + point, min(self._count + 1, CAPACITY))

    def after(self, older: Series) -> Series:
        """Give the points of `older` that lie before the first of this one, and then this one."""
        first = next(iter(self), None)
        before = [point for point in older if first is None or point.at < first.at]
        return Series.of(older.packed[: len(before) * POINT.size] + self.packed)

    def extended(self, later: Series) -> Series:
        """Give the series with all points of a later one; the oldest fall out when it is full."""
        return Series.of(self.packed + later.packed)

    def until(self, at: float) -> Series:
        """Give the points before wall time `at`."""
        before = sum(point.at < at for point in self)
        return Series.of(self.packed[: before * POINT.size])

    def last(self, count: int) -> list[Point]:
        """Give the newest `count` points, oldest first."""
        count = min(count, self._count)
        return list(_decode(self._room[-count * POINT.size :])) if count > 0 else []

    def __len__(self) -> int:
        """Give the number of points."""
        return self._count

    def __iter__(self) -> Iterator[Point]:
        """Give every point, oldest first."""
        return _decode(self.packed)


def _decode(packed: bytes) -> Iterator[Point]:
    for at, latency, code in POINT.iter_unpack(packed):
        yield Point(at, None if math.isnan(latency) else latency, _STATUSES[code])


EMPTY = Series()
