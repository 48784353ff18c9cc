"""Times that the command line was given, by the clock of a time zone; None is the machine's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo

from platformpm.model.silence import instant

Given = float | datetime | time
"""A wall time; or a date with a time of day, or a time of day alone, as clocks show it."""


def wall(given: Given, now: float, zone: tzinfo | None) -> float:
    """Give the wall time that is meant; of a time of day the last one."""
    if isinstance(given, float):
        return given
    if isinstance(given, datetime):
        return shown(given, zone)
    return next(at for at in _on(given, (0, -1, -2), now, zone) if at <= now)


def following(clock: time, now: float, zone: tzinfo | None) -> float:
    """Give the next wall time at which clocks show this."""
    return next(at for at in _on(clock, range(3), now, zone) if at > now)


def shown(local: datetime, zone: tzinfo | None) -> float:
    """Give the wall time at which clocks show this, by its own offset where it has one."""
    if local.tzinfo is not None:
        return local.timestamp()
    try:
        return instant(local, zone)
    except (ValueError, OverflowError, OSError):  # at an end of the calendar, where hours are nothing
        return local.replace(tzinfo=UTC).timestamp()


def _on(clock: time, days: Iterable[int], now: float, zone: tzinfo | None) -> Iterator[float]:
    today = datetime.fromtimestamp(now, clock.tzinfo or zone).date()
    return (shown(datetime.combine(today + timedelta(days=ahead), clock), zone) for ahead in days)
