"""Brings snapshots from the board to the screen, at the pace of the screen."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from platformpm.model.ports import Board, Clock
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.zone import zone_of
from platformpm.report import words
from platformpm.report.columns import Tone

BEAT = 0.25
"""Seconds between two looks at the board: faster than an eye needs, slow enough to cost nothing."""
_TYPING = 0.3
_BEHIND = 1.0
_GRACE = 15.0
_MISSED = 3


class Pulse(NamedTuple):
    """What the header says about the picture itself."""

    word: str
    tone: Tone


class Feed:
    """Holds the snapshot that is shown. Freezing keeps it while the platform goes on being checked."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._frozen_at: float | None = None
        self._pulled_at = self._typed_at = float("-inf")
        self.shown: PlatformSnapshot | None = None

    def pull(self) -> PlatformSnapshot | None:
        """Take the newest snapshot and give it when it is another than the one shown; None while frozen.

        While someone types it is taken once a second: a letter shall not wait for the picture.
        """
        now = self._clock.monotonic()
        typing = now - self._typed_at < _TYPING and now - self._pulled_at < _BEHIND
        if typing or self._frozen_at is not None:
            return None
        latest = self._board.latest()
        if latest is None or (self.shown is not None and latest.sequence == self.shown.sequence):
            return None
        self.shown, self._pulled_at = latest, now
        return latest

    def typed(self) -> None:
        """Note that a letter was typed just now."""
        self._typed_at = self._clock.monotonic()

    @property
    def frozen(self) -> bool:
        """Tell whether the picture is held still."""
        return self._frozen_at is not None

    def freeze(self, *, on: bool) -> None:
        """Hold the picture still, or let it go on."""
        self._frozen_at = self._clock.wall() if on else None

    @property
    def now(self) -> float:
        """Give the wall time that ages on the screen are counted from: it stands still with the picture."""
        return self._clock.wall() if self._frozen_at is None else self._frozen_at

    @property
    def wall(self) -> float:
        """Give the wall time; it never stands still."""
        return self._clock.wall()

    @property
    def zone(self) -> tzinfo | None:
        """Give the time zone of the platform; None means the machine's own."""
        return zone_of(self.shown.inventory.platform.timezone) if self.shown else None

    def pulse(self) -> Pulse:
        """Say whether the picture is live, frozen, or has stopped coming."""
        if self.shown is None:
            return Pulse("starting", Tone.DIM)
        if self._frozen_at is not None:
            return Pulse(f"frozen {words.duration(self.wall - self._frozen_at)}", Tone.DEGRADED)
        age = self.wall - self.shown.at
        if age > _GRACE + _MISSED * _shortest_interval(self.shown):
            return Pulse(f"stale {words.duration(age)}", Tone.DOWN)
        return Pulse("attached" if self.shown.health.attached else "live", Tone.UP)


def _shortest_interval(snapshot: PlatformSnapshot) -> float:
    """Give the seconds within which a living engine must have read something; the first instances speak for all."""
    intervals = [state.instances[0].instance.health.interval for state in snapshot.services[:50]]
    return min([*intervals, *(state.host.interval for state in snapshot.hosts)], default=float("inf"))
