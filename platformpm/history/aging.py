"""The time by which what is kept ages: the wall clock, as soon as it is believed.

A clock that is years ahead would empty a history at once. So a clock that is more than a day beyond what was recorded
before counts only as far as it was recorded since, until that is a day.
"""

from __future__ import annotations

import math
import sqlite3
from itertools import pairwise

from platformpm.history import cleaning
from platformpm.history.schema import to_ms
from platformpm.model.ports import Clock

DOUBT = 86400.0
"""Seconds without a record after which the clock is doubted, and seconds recorded after which it is believed again."""
_RUNS = "SELECT started, ended FROM run WHERE started <= ? ORDER BY started"
_BEFORE = "SELECT max((SELECT max(at) FROM reading WHERE subject = subject.id AND at < ?)) FROM subject"


class Stretch:
    """A stretch of wall time in which this process records; where the clock is set by more than `DOUBT`, another."""

    def __init__(self, clock: Clock) -> None:
        """Begin one now; `started` is in wall seconds."""
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Begin another one now."""
        self.started = self._clock.wall()
        self._offset = self.started - self._clock.monotonic()

    def now(self) -> float:
        """Give the wall time, which lies in the stretch."""
        now = self._clock.wall()
        if abs(now - self._clock.monotonic() - self._offset) > DOUBT:
            self.begin()
        return now


def aged(connection: sqlite3.Connection, now: float) -> float:
    """Give the time by which what is kept ages when the clock says `now`; both in wall seconds. Raises sqlite3.Error.

    `run` says how long was recorded; of what was recorded before the first run that it knows, the readings tell.
    """
    found = [tuple(map(cleaning.moment, row)) for row in connection.execute(_RUNS, (to_ms(now),))]
    runs = [(started, ended) for started, ended in found if started is not None and ended is not None]
    if not runs:
        return now
    before = cleaning.moment(connection.execute(_BEFORE, (to_ms(runs[0][0]),)).fetchone()[0])
    last = age = runs[0][0] if before is None else before
    lived = math.inf
    for (started, ended), (following, _) in pairwise([*runs, (now, now)]):
        if started - last > DOUBT:
            last, lived = started, 0.0
        end = max(last, min(ended, following))
        lived += end - last
        age = end if lived >= DOUBT else age + end - last
        last = end
    return age
