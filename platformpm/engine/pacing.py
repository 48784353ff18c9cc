"""When checks may start: spread so that none waits for the work of the others, which would count as its latency."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import thread_time

SHARE = 0.7
"""Share of a core that checks may take while others wait for their turn: below it a queue stays short (M/D/1: 1.2 times
one check's work), towards 1 it grows without end."""
_TICK = 0.001
"""Seconds; an event loop wakes no finer, so what is due within them starts together."""
_GUESS = 0.0005
_MOST = 0.01
"""CPU seconds of one check: before any was measured, and the most that is believed."""
_WEIGHT = 0.05
"""Weight of one more check in the moving average of what a check costs."""


class Pace:
    """Gives turns, first come first served. Belongs to one event loop and the thread that runs it.

    The space between two turns follows from what a check costs this thread, so a slow machine, TLS or a busy screen
    widen it by themselves.
    """

    def __init__(self, cpu: Callable[[], float] = thread_time) -> None:
        """Start without a queue; `cpu` gives the CPU seconds of the thread."""
        self._cpu = cpu
        self._spent: float | None = None
        self._cost = _GUESS
        self._free = 0.0
        self._round = True
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def turn(self) -> None:
        """Wait for a turn. One that need not wait begins at once, one of them in each round of the loop.

        For in the time that it takes to begin the next turn may be due, and a crowd would never see the loop go round.
        """
        loop = asyncio.get_running_loop()
        if self._round and not self._waiting and self._is_free(loop.time()):
            self._round = False
            loop.call_soon(self._go_round)
            return
        waiter = loop.create_future()
        self._waiting.append(waiter)
        if len(self._waiting) == 1:
            self._wake_later(loop)
        await waiter

    def _go_round(self) -> None:
        self._round = True

    def _admit(self) -> None:
        """Give turns to those who wait, as many as are due."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            if self._waiting[0].done():  # cancelled
                self._waiting.popleft()
            elif self._is_free(loop.time()):
                self._waiting.popleft().set_result(None)
            else:
                self._wake_later(loop)
                return

    def _wake_later(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_later(max(self._free - loop.time(), _TICK), self._admit)

    def _is_free(self, now: float) -> bool:
        """Take a turn if one is due."""
        if self._free > now + _TICK:
            return False
        spent = self._cpu()
        if self._spent is not None:
            self._cost += (min(spent - self._spent, _MOST) - self._cost) * _WEIGHT
        self._spent = spent
        self._free = max(self._free, now) + self._cost / SHARE
        return True
