"""Silences: whose alerts are held back, until when and why. Times are wall seconds.

Local times follow RFC 5545, 3.3.5: one that the clocks skip counts in the offset before they were put forward, so
02:30 becomes 03:30; of one that comes twice the first is meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

_WEEK = timedelta(days=7)
_HOUR = 60


class Window(NamedTuple):
    """A stretch of time; its end does not belong to it."""

    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Once:
    """One stretch of time."""

    since: float
    until: float

    def at(self, now: float) -> Window | None:
        """Give the window that `now` is in."""
        return Window(self.since, self.until) if self.since <= now < self.until else None

    def after(self, now: float) -> Window | None:
        """Give the next window that begins after `now`."""
        return Window(self.since, self.until) if now < self.since else None


@dataclass(frozen=True, slots=True)
class Weekly:
    """A stretch of `length` seconds, a week at the most, that begins each week on `day` at `minute` of the local day.

    `day` 0 is Monday; `zone` None is the machine's own. The length is time that passes, not what clocks show.
    """

    day: int
    minute: int
    length: float
    zone: tzinfo | None = None

    def at(self, now: float) -> Window | None:
        """Give the window that `now` is in, of two the later one."""
        last = self._last(now)
        windows = (self._window(day) for day in (last, last - _WEEK))
        return next((one for one in windows if one.since <= now < one.until), None)

    def after(self, now: float) -> Window:
        """Give the next window that begins after `now`."""
        last = self._last(now)
        windows = (self._window(day) for day in (last, last + _WEEK, last + 2 * _WEEK))
        return next(one for one in windows if one.since > now)

    def _last(self, now: float) -> date:
        """Give the last such day of the week, today included."""
        today = datetime.fromtimestamp(now, self.zone).date()
        return today - timedelta(days=(today.weekday() - self.day) % 7)

    def _window(self, day: date) -> Window:
        since = instant(datetime.combine(day, time(*divmod(self.minute, _HOUR))), self.zone)
        return Window(since, since + self.length)


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts of what the words of `selectors` choose are held back in the windows of `schedule`.

    One that is `declared` is maintenance of the inventory, any other a mute; `id` tells those of a platform apart.
    """

    id: str
    selectors: tuple[str, ...]
    schedule: Once | Weekly
    reason: str = ""
    declared: bool = False


class InForce(NamedTuple):
    """A silence that holds now, its present window, and the subjects of alerts that it selects."""

    silence: Silence
    window: Window
    subjects: Collection[str]


class Muted(NamedTuple):
    """Until when the alerts of a subject are held back, why, and by which silence."""

    until: float
    reason: str
    silence: str


def instant(local: datetime, zone: tzinfo | None) -> float:
    """Give the wall time of a local time in `zone`, None for the machine's own."""
    return local.replace(tzinfo=zone, fold=0).timestamp()


def in_force(silences: Iterable[tuple[Silence, Collection[str]]], now: float) -> list[InForce]:
    """Give those of the silences, each with the subjects that it selects, that hold now."""
    windows = ((silence, silence.schedule.at(now), subjects) for silence, subjects in silences)
    return [InForce(silence, window, subjects) for silence, window, subjects in windows if window is not None]


def muted(holding: Iterable[InForce]) -> dict[str, Muted]:
    """Give who is muted; of several silences the one that holds longest counts."""
    found: dict[str, Muted] = {}
    for silence, window, subjects in sorted(holding, key=lambda one: one.window.until):
        found |= dict.fromkeys(subjects, Muted(window.until, silence.reason, silence.id))
    return found
