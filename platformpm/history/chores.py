"""What the writer does between batches, one small transaction at a time."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from platformpm.history.aging import aged
from platformpm.history.keeping import is_too_large, keep, make_room
from platformpm.history.rolling import AGE, is_due, move
from platformpm.model.inventory import HistorySettings
from platformpm.model.ports import Clock

_log = logging.getLogger(__name__)

_ODD = 30 * 86400.0
"""Seconds by which a clock that is not believed must be ahead to be worth a word: whoever was away for less knows."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the writer does what, in seconds.

    `batch` lies between two batches, `move` is the age at which readings are moved, `keep` and `room` lie between two
    looks at what is too old and too much, `breath` between two steps, `beat` between two signs of life; `retry` and
    `retry_most` are the first and the longest pause after trouble, `locked` that while another process writes.
    """

    batch: float = 0.5
    move: float = AGE
    keep: float = 3600.0
    room: float = 60.0
    breath: float = 0.005
    beat: float = 5.0
    retry: float = 0.5
    retry_most: float = 15.0
    locked: float = 5.0


class Chores:
    """Moves readings and forgets what is old, when it is time."""

    def __init__(
        self, connection: sqlite3.Connection, settings: Callable[[], HistorySettings], clock: Clock, pace: Pace
    ) -> None:
        """Start with a look at what is old: the last run may have been too short for one."""
        self._connection = connection
        self._settings = settings
        self._clock = clock
        self._pace = pace
        self._running: Iterator[object] | None = None
        self._next_move = self._next_keep = self._next_room = clock.monotonic()
        self._doubted = False

    def step(self) -> bool:
        """Do a step of what is due; tell whether there may be more. Raises sqlite3.Error."""
        if self._running is None:
            self._running = self._due()
        if self._running is None:
            return False
        try:
            next(self._running)
        except StopIteration:
            self._running = None
        except BaseException:
            self._running = None
            raise
        return True

    def _due(self) -> Iterator[object] | None:
        now, wall, pace = self._clock.monotonic(), self._clock.wall(), self._pace
        if now >= self._next_move and is_due(self._connection, wall, pace.move):
            self._next_move = now + min(pace.move, pace.room)
            return move(self._connection, wall)
        if now >= self._next_keep:
            self._next_keep = now + pace.keep
            return keep(self._connection, self._settings(), self._believed(wall))
        if now >= self._next_room:
            self._next_room = now + pace.room
            if is_too_large(self._connection, self._settings()):
                return make_room(self._connection, self._settings())
        return None

    def _believed(self, wall: float) -> float:
        """Give the time by which what is kept ages; say once where the clock is far from that."""
        believed = aged(self._connection, wall)
        doubted, self._doubted = self._doubted, wall - believed > _ODD
        if self._doubted and not doubted:
            days = int((wall - believed) / 86400)
            _log.warning("the clock is %s days ahead of what was recorded: until a day is, nothing is too old", days)
        return believed
