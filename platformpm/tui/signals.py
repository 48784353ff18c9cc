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
        self._heard: list[int] = []
        self._had_terminal = False

    def listen(self) -> None:
        """Take the signals over from now on; a platform that lacks one goes without it."""
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
            self._heard.append(number)

    def ignore(self) -> None:
        """Give the signals back."""
        loop = asyncio.get_running_loop()
        for number in self._heard:
            loop.remove_signal_handler(number)
        self._heard.clear()

    def _terminate(self) -> None:
        self._app.exit(_TERMINATED + signal.SIGTERM)

    def _interrupt(self) -> None:
        self._app.exit(int(ExitCode.INTERRUPTED))

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
        self._app.abandon_terminal()
        self._app.exit(_TERMINATED + _SIGHUP)


def _has_terminal() -> bool:
    """Tell whether the terminal is still there: after a hang-up even asking its attributes fails."""
    try:
        return os.isatty(sys.__stdin__.fileno()) if sys.__stdin__ is not None else False
    except (OSError, ValueError):
        return False
