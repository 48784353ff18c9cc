"""What history says of the time up to now, looked up again and again in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, repeat

from platformpm.errors import HistoryError
from platformpm.model.past import Span
from platformpm.model.ports import Clock, HistoryReader
from platformpm.model.record import whole
from platformpm.model.uptime import WINDOWS, Uptime, uptime

EVERY = 60.0
"""Seconds between two looks: the last digit of a day's uptime moves in nine."""
LATER = 2.0
"""Seconds after a start in which the first picture and the first keys go before all that is only nice to know."""
MANY = 1000
"""Instances beyond which even that is too soon, or what is known of them too much to come before a picture."""
_FIRST = (LATER, 8.0, 10.0, 10.0, 30.0)
"""Seconds before the first looks: at what was recorded before this run, and at its own readings while they are few."""

RowKey = tuple[str, str]
Uptimes = Mapping[RowKey, tuple[Uptime, ...]]


class Chronicle:
    """Looks up the uptimes of all services once a minute and hands them on. Its thread is a daemon."""

    def __init__(
        self,
        reader: Callable[[], HistoryReader],
        rows: Callable[[], Iterable[RowKey]],
        hand_on: Callable[[Uptimes], None],
        clock: Clock,
    ) -> None:
        """Prepare. `rows` gives (service, environment) of all there are now."""
        self._reader = reader
        self._rows = rows
        self._hand_on = hand_on
        self._clock = clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="platformpm-chronicle", daemon=True)

    def start(self) -> None:
        """Start looking."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; does not wait."""
        self._ended.set()

    def _work(self) -> None:
        for wait in chain(_FIRST, repeat(EVERY)):
            if self._ended.wait(wait):
                return
            rows = list(self._rows())
            if wait == LATER and len(rows) > MANY:
                continue  # their older readings are looked up now, and keys shall not wait for both
            try:
                known = uptimes_of(self._reader(), rows, self._clock.wall())
            except HistoryError:
                continue  # the writer tells what is wrong
            self._hand_on(known)


def uptimes_of(past: HistoryReader, rows: Iterable[RowKey], now: float) -> dict[RowKey, tuple[Uptime, ...]]:
    """Give the uptimes over each of `WINDOWS` that ends at wall time `now`; a service never recorded has none."""
    longest = now - max(WINDOWS)
    spans = past.watched(longest, now)
    found = {}
    for row in rows:
        changes = past.changes(whole(*row), longest, now)
        if changes:
            found[row] = tuple(uptime(changes, spans, Span(now - seconds, now)) for seconds in WINDOWS)
    return found
