"""The clocks of this machine, for a face that is given none."""

from __future__ import annotations

import time


class SystemClock:
    """The clocks of this machine."""

    def wall(self) -> float:
        """Give seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return time.monotonic()
