"""Signals while the terminal is ours: leave it sane, or read the inventory again."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING

from platformpm.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from platformpm.tui.app import PlatformApp

_TERMINATED = 128
_SIGHUP = 1
_WRITER = "textual-output"
"""The thread that writes to the terminal."""
_LOOKS, _BETWEEN = 15, 0.2
"""Looks at a terminal that takes nothing until nobody waits for it any more, and the seconds between two."""


class Signals:
    """SIGTERM and SIGINT end the app as a key would; SIGHUP reloads, unless the terminal itself has gone."""

    def __init__(self, app: PlatformApp) -> None:
        self._app = app
        self._had_terminal = False
        self._insists = False

    def listen(self) -> None:
        """Take the signals over until the loop ends, after the last write; a platform that lacks one goes without."""
        self._had_terminal = _has_terminal()
        loop = asyncio.get_running_loop()
        for name, act in (("SIGTERM", self._terminate), ("SIGINT", self._interrupt), ("SIGHUP", self._hang_up)):
            number = getattr(signal, name, None)
            if number is not None:
                with suppress(NotImplementedError, RuntimeError, ValueError):
                    hear(loop, number, act, None if act == self._hang_up else self._insist)

    def _insist(self, number: int) -> None:
        if not self._insists:
            self._insists = True
            threading.Thread(target=let_go, args=(number,), name="platformpm-terminal", daemon=True).start()

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
        if self._app.leaving:
            return
        self._app.leaving = True
        self._app.call_later(self._app.exit, code)


def let_go(number: int) -> None:
    """Turn away from a terminal that nobody reads any more: a write to it waits without end, and so does the app.

    Signal `number` ends the write that waits; the next one goes nowhere.
    """
    looks = 0
    while looks < _LOOKS and (writer := next((one for one in threading.enumerate() if one.name == _WRITER), None)):
        sleep(_BETWEEN)
        looks = 0 if _takes_more() else looks + 1
    if looks == _LOOKS and writer is not None and writer.ident is not None:
        sink = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None and os.isatty(stream.fileno()):
                os.dup2(sink, stream.fileno())
        os.close(sink)
        signal.pthread_kill(writer.ident, number)


def _takes_more() -> bool:
    """Tell whether somebody reads the terminal."""
    terminal = sys.__stderr__
    return terminal is None or bool(select.select([], [terminal], [], 0)[1])


def hear(
    loop: asyncio.AbstractEventLoop,
    number: int,
    act: Callable[[], object],
    at_once: Callable[[int], object] | None = None,
) -> None:
    """Let the loop act on a signal, even while it is flooded; ends with the loop. `at_once` does not wait for the loop.

    `add_signal_handler` alone loses a signal when the pipe that wakes the loop is full: 278 keys fill it on Linux.
    So it only wakes the loop, and what to do comes by a handler of its own.

    Raises NotImplementedError on a platform whose loops hear no signals, ValueError or RuntimeError outside of the
    main thread or for a signal that cannot be heard.
    """

    def pass_on(number: int, _frame: object) -> None:
        if at_once is not None:
            at_once(number)
        with suppress(RuntimeError):  # the loop has just closed
            loop.call_soon_threadsafe(act)

    loop.add_signal_handler(number, _wake)
    signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
    signal.signal(number, pass_on)


def _wake() -> None:
    """Do nothing: to be called is to be awake."""


def _has_terminal() -> bool:
    """Tell whether the terminal is still there: after a hang-up even asking its attributes fails."""
    try:
        return os.isatty(sys.__stdin__.fileno()) if sys.__stdin__ is not None else False
    except (OSError, ValueError):
        return False
