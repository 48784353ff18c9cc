"""When each check is due: a fixed rate, with phases that come from the checks' own names. Pure: `now` is passed in."""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

FIRST_PASS = 8.0
"""Seconds over which first runs are spread: a newcomer sees everything within ten, and nobody is hit at once."""
TOO_LATE = 1.0
"""A run this many seconds late is a missed slot: replaying it after a pause would bunch all checks together.

A first run and one that was asked for are run however late: the next slot may be an hour away.
"""
_COMPACT = 64
_ROUNDING = 1e-9


def offset_of(key: object) -> float:
    """Give the phase of a check within its interval, 0 <= phase < 1; the same in every run and on every machine."""
    digest = blake2b(str(key).encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return int.from_bytes(digest, "big") / (1 << 48)


@dataclass(slots=True)
class _Slot:
    interval: float
    base: float
    due: float
    serial: int
    extra: bool = True


class Schedule(Generic[Key]):
    """A heap of due times on a fixed grid. Times are monotonic seconds.

    A key's grid is `epoch + offset * interval + k * interval`: it depends on nothing that happens at run time, so there
    is no drift, and a check that is removed and added again finds its old phase.
    """

    def __init__(self, epoch: float) -> None:
        """Start the grids of all keys at `epoch`."""
        self._epoch = epoch
        self._slots: dict[Key, _Slot] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._serial = 0

    def __len__(self) -> int:
        """Give the number of keys."""
        return len(self._slots)

    def __contains__(self, key: Key) -> bool:
        """Tell whether `key` is scheduled."""
        return key in self._slots

    def put(self, key: Key, interval: float, now: float) -> None:
        """Add `key`, or change its interval: it first runs at its offset x min(interval, 8 s) from `now`."""
        offset = offset_of(key)
        first = now + offset * min(interval, FIRST_PASS)
        self._slots[key] = slot = _Slot(interval, self._epoch + offset * interval, first, 0)
        self._push(key, slot, first, extra=True)

    def remove(self, key: Key) -> None:
        """Forget `key`; its entry in the heap is dropped when it comes up."""
        self._slots.pop(key, None)

    def soon(self, key: Key, at: float) -> None:
        """Run `key` once at `at`, unless it is due before anyway."""
        slot = self._slots.get(key)
        if slot is not None and at < slot.due:
            self._push(key, slot, at, extra=True)

    def due(self, now: float) -> list[tuple[Key, float]]:
        """Take what is due at `now`, with the time at which it was due, earliest first. Missed slots are skipped."""
        out: list[tuple[Key, float]] = []
        while self._heap and self._heap[0][0] <= now:
            at, serial, key = heapq.heappop(self._heap)
            slot = self._slots.get(key)
            if slot is None or slot.serial != serial:
                continue
            if now - at > TOO_LATE and not slot.extra:
                self._push(key, slot, _after(slot, now))
                continue
            out.append((key, at))
            # Half an interval keeps the first run, or a repeated one, from being followed by its slot at once.
            self._push(key, slot, _after(slot, max(at + slot.interval / 2, now)))
        return out

    def next_due(self) -> float | None:
        """Give when something may next be due, None when nothing is scheduled; never later than the truth."""
        return self._heap[0][0] if self._heap else None

    def _push(self, key: Key, slot: _Slot, at: float, *, extra: bool = False) -> None:
        self._serial += 1
        slot.due, slot.serial, slot.extra = at, self._serial, extra
        heapq.heappush(self._heap, (at, self._serial, key))
        if len(self._heap) > 2 * len(self._slots) + _COMPACT:
            self._heap = [(slot.due, slot.serial, key) for key, slot in self._slots.items()]
            heapq.heapify(self._heap)


def _after(slot: _Slot, at: float) -> float:
    """Give the first point of the grid that is later than `at`."""
    return slot.base + (math.floor((at - slot.base) / slot.interval + _ROUNDING) + 1) * slot.interval
