"""SIGTERM ends a command the way Ctrl+C does: every `finally` runs, then the exit code says which it was."""

from __future__ import annotations

import signal
from types import FrameType

TERMINATED = 128 + 15
"""What a shell reports for a process that SIGTERM ended."""


class Termination:
    """Takes SIGTERM once installed; `came` tells whether it did."""

    def __init__(self) -> None:
        """Take nothing yet."""
        self.came = False

    def install(self) -> None:
        """Take SIGTERM from now on; for the main thread."""
        signal.signal(signal.SIGTERM, self._pass_on)

    def _pass_on(self, _number: int, _frame: FrameType | None) -> None:
        """Raise SIGINT instead, which event loops end cleanly on; shells start background jobs with it ignored."""
        self.came = True
        if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.SIG_DFL, None):
            signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.raise_signal(signal.SIGINT)
