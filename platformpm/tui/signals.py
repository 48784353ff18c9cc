"""Signals while the terminal is ours: leave it sane, or read the inventory again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

from platformpm.errors import ExitCode

if TYPE_CHECKING:
    from platformpm.tui.app import PlatformApp

_TERMINATED = 128
_SIGHUP = 1


class Signals:
    """SIGTERM and SIGINT end the app as a key would; SIGHUP reloads, unless the terminal itself has gone."""

    def __init__(self, app: PlatformApp) -> None:
        self._app = app
        self._had_terminal = False

    def listen(self) -> None:
        """Take the signals over until the loop ends, after the last write; a platform that lacks one goes without."""
        self._had_terminal = _has_terminal()
        loop = asyncio.get_running_loop()
        for name, act in (("SIGTERM", self._terminate), ("SIGINT", self._interrupt), ("SIGHUP", self._hang_up)):
            number = getattr(signal, name, None)
            if number is None:
                continue
            try:
                loop.add_signal_handler(number, act)
            except (NotImplementedError, RuntimeError, ValueError):
                continue

    def _terminate(self) -> None:
        self._end(_TERMINATED + signal.SIGTERM)

    def _interrupt(self) -> None:
        self._end(int(ExitCode.INTERRUPTED))

    def look(self) -> None:
        """Leave when the terminal has gone: no signal tells that to a program it does not control."""
        if self._had_terminal and not _has_terminal():
            self._leave()

    def _hang_up(self) -> None:
        if _has_terminal():
            self._app.session.reload()
        else:
            self._leave()

    def _leave(self) -> None:
        self._had_terminal = False
        self._end(_TERMINATED + _SIGHUP)

    def _end(self, code: int) -> None:
        """Leave as soon as messages are read: an app that is told to leave while it is made breaks."""
        self._app.leaving = True
        self._app.call_later(self._app.exit, code)


def _has_terminal() -> bool:
    """Tell whether the terminal is still there: after a hang-up even asking its attributes fails."""
    try:
        return os.isatty(sys.__stdin__.fileno()) if sys.__stdin__ is not None else False
    except (OSError, ValueError):
        return False
