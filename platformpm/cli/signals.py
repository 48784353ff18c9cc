"""SIGTERM and SIGHUP end a command as Ctrl+C does: every `finally` runs, then the exit code says which it was."""

from __future__ import annotations

import signal
from types import FrameType

_ENDED = 128
"""What a shell adds to the number of the signal that ended a process."""


class Termination:
    """Takes SIGTERM and SIGHUP once installed; `code` is the exit code of the one that came, None while none did."""

    def __init__(self) -> None:
        """Take nothing yet."""
        self.code: int | None = None

    def install(self) -> None:
        """Take the signals from now on; for the main thread. A hang-up that is ignored (nohup) stays so."""
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and (name == "SIGTERM" or signal.getsignal(number) is not signal.SIG_IGN):
                signal.signal(number, self._pass_on)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        """Raise SIGINT instead, which event loops end cleanly on; shells start background jobs with it ignored."""
        self.code = _ENDED + number
        if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.SIG_DFL, None):
            signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.raise_signal(signal.SIGINT)
