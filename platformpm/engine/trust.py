"""Whether we ourselves were awake: a jump of the clock, a suspended machine, a loop that stood still."""

from __future__ import annotations

from dataclasses import dataclass

JUMP = 2.0
"""Seconds by which the wall clock may run away from the monotonic one between two looks."""
STALL = 1.0
"""Seconds by which a look may be late."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which readings cannot be trusted: how many seconds, and what was seen."""

    seconds: float
    text: str


class Watch:
    """Compares two clocks with what they said at the last look. Looks come at least every `period` seconds.

    `generation` rises with each pause: a reading is trusted when it is the same at its end as at its start. `lost` is
    the sum of seconds by which looks came late: short stalls are no news, but they can eat up a short timeout.
    """

    def __init__(self, wall: float, monotonic: float, period: float) -> None:
        """Start watching now."""
        self._wall = wall
        self._monotonic = monotonic
        self._period = period
        self.generation = 0
        self.lost = 0.0

    def look(self, wall: float, monotonic: float) -> Pause | None:
        """Give the pause that lies between the last look and this one, if there was one."""
        passed = monotonic - self._monotonic
        jump = (wall - self._wall) - passed
        self._wall, self._monotonic = wall, monotonic
        late = passed - self._period
        self.lost += max(late, 0.0)
        stalled, jumped = late > STALL, abs(jump) > JUMP
        if not stalled and not jumped:
            return None
        self.generation += 1
        if jumped and jump < 0:
            back = f"the clock was set back by {-jump:.0f} s"
            return Pause(-jump, f"{back}, after a pause of {late:.0f} s" if stalled else back)
        seconds = (late if stalled else 0.0) + (jump if jumped else 0.0)
        cause = "the machine slept or its clock was set" if jumped else "the monitor stood still"
        return Pause(seconds, f"{cause} for {seconds:.0f} s" if not jumped else f"{cause}: {seconds:.0f} s are missing")
