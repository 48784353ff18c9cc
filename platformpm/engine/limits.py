"""How many checks may be in flight: in all, for one target, and of the slow ones among them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

SLOW = 1.0
"""A check that held its place longer than this, in seconds, is slow until it is quick again."""

_Waiter = asyncio.Future[None]


@dataclass(slots=True, eq=False)
class _Target:
    """One target: how many checks are in flight to it, slow ones apart, and who waits in the quick and slow lane."""

    name: str
    total: int = 0
    slow: int = 0
    waiting: tuple[deque[_Waiter], deque[_Waiter]] = field(default_factory=lambda: (deque(), deque()))
    ready: list[bool] = field(default_factory=lambda: [False, False])


class Limits:
    """Places for checks. Belongs to one event loop.

    Whoever waits for a place at a target holds none of the global ones. Checks that were slow the last time (a black
    hole keeps its place for its whole timeout) take at most half of the places, globally and at each target, so the
    others always move on. Targets take turns.
    """

    def __init__(self, concurrency: int, per_host: int) -> None:
        """Allow `concurrency` checks at once, `per_host` of them for one target."""
        self._total = 0
        self._slow_total = 0
        self._targets: dict[str, _Target] = {}
        self._slow: set[Hashable] = set()
        self._turn = 0
        self._ready: tuple[deque[_Target], deque[_Target]] = (deque(), deque())
        self.configure(concurrency, per_host)

    @property
    def in_flight(self) -> int:
        """Give the number of places taken."""
        return self._total

    def configure(self, concurrency: int, per_host: int) -> None:
        """Change the limits; places taken already stay taken."""
        self._limit = max(1, concurrency)
        self._target_limit = max(1, per_host)
        for at in self._targets.values():
            self._mark(at, 0)
            self._mark(at, 1)
        self._admit()

    async def acquire(self, key: Hashable, target: str) -> int:
        """Wait for a place for check `key` at `target`; give the lane, for `release`."""
        lane = int(key in self._slow)
        at = self._targets.get(target)
        if at is None:
            at = self._targets[target] = _Target(target)
        if not at.waiting[lane] and self._room(lane) and self._room_at(at, lane):
            self._take(at, lane)
            return lane
        waiter: _Waiter = asyncio.get_running_loop().create_future()
        at.waiting[lane].append(waiter)
        self._mark(at, lane)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._give(at, lane)
            elif waiter in at.waiting[lane]:
                at.waiting[lane].remove(waiter)
                self._drop(at)
            raise
        return lane

    def release(self, key: Hashable, target: str, lane: int, held: float) -> None:
        """Give back a place that was held for `held` seconds, and let the next ones in."""
        if held > SLOW:
            self._slow.add(key)
        else:
            self._slow.discard(key)
        self._give(self._targets[target], lane)

    def forget(self, key: Hashable) -> None:
        """Forget what was learnt about a check that no longer exists."""
        self._slow.discard(key)

    def _room(self, lane: int) -> bool:
        return self._total < self._limit and not (lane and self._slow_total >= max(1, self._limit // 2))

    def _room_at(self, at: _Target, lane: int) -> bool:
        return at.total < self._target_limit and not (lane and at.slow >= max(1, self._target_limit // 2))

    def _take(self, at: _Target, lane: int) -> None:
        self._total += 1
        self._slow_total += lane
        at.total += 1
        at.slow += lane

    def _give(self, at: _Target, lane: int) -> None:
        self._total -= 1
        self._slow_total -= lane
        at.total -= 1
        at.slow -= lane
        self._mark(at, 0)
        self._mark(at, 1)
        self._admit()
        self._drop(at)

    def _drop(self, at: _Target) -> None:
        if not at.total and not any(at.waiting) and self._targets.get(at.name) is at:
            del self._targets[at.name]

    def _mark(self, at: _Target, lane: int) -> None:
        if at.waiting[lane] and not at.ready[lane] and self._room_at(at, lane):
            at.ready[lane] = True
            self._ready[lane].append(at)

    def _admit(self) -> None:
        """Let waiting checks in, the lanes in turn, as long as there is room."""
        while self._admit_from(self._turn) or self._admit_from(1 - self._turn):
            pass

    def _admit_from(self, lane: int) -> bool:
        while self._ready[lane] and self._room(lane):
            at = self._ready[lane].popleft()
            at.ready[lane] = False
            if self._admit_one(at, lane):
                self._turn = 1 - lane
                return True
        return False

    def _admit_one(self, at: _Target, lane: int) -> bool:
        waiting = at.waiting[lane]
        while waiting and waiting[0].done():
            waiting.popleft()
        if not waiting or not self._room_at(at, lane):
            return False
        self._take(at, lane)
        waiting.popleft().set_result(None)
        self._mark(at, lane)
        return True
