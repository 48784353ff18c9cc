"""The only place that touches what Textual keeps private, so that a new version of it is checked here."""

from __future__ import annotations

import os
import shutil
import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from contextlib import suppress
from functools import partial
from threading import current_thread
from typing import TYPE_CHECKING, TextIO, cast

from rich.segment import Segments
from textual.app import App, ReturnType

from platformpm.tui.signals import hear

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import TextIOWrapper

    from textual.driver import Driver
    from textual.message import Message

_MOST_WAITING = 500
"""Messages in the queue of the app or of the widget in focus after which no more keys are read."""
_WORKED_OFF = 0.005
_TOGETHER = 0.02
"""Seconds in which signals that were sent together are heard, in whatever order the threads of a process get them."""
_LARGEST = (1000, 400)
"""Columns and rows: a terminal that claims more is not one that a person sees."""


class TightLippedApp(App[ReturnType]):
    """An app whose crash report shows no local variables: they may hold secrets of the inventory."""

    leaving = False
    """Whether a signal said to leave: what comes after it takes no terminal any more."""

    def get_driver_class(self) -> type[Driver]:
        """Give the driver that holds on to the terminal, where there is one."""
        kind = super().get_driver_class()
        return SteadyDriver if sys.platform != "win32" and kind is LinuxDriver else kind

    def _fatal_error(self) -> None:
        from rich.traceback import Traceback  # only a crash needs it

        self.bell()
        report = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(self.console.render(report, self.console.options)))
        self._close_messages_no_wait()


if sys.platform != "win32":
    import signal

    from textual.drivers import linux_driver
    from textual.drivers.linux_driver import LinuxDriver

    def _lenient(name: str) -> Callable[[], IncrementalDecoder]:
        """Give a decoder for which a byte that is no UTF-8 is a strange letter and not the end of the input thread."""
        return partial(getincrementaldecoder(name), errors="replace")

    linux_driver.getincrementaldecoder = _lenient  # type: ignore[attr-defined,assignment]

    class SteadyDriver(LinuxDriver):
        """A driver that outlives stops, continues and the terminal itself, and gives the terminal back as it was.

        Stops and continues are heard by the loop: a handler that broke into a write would wait for its own lock.
        """

        def __init__(
            self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
        ) -> None:
            super().__init__(app, debug=debug, mouse=mouse, size=size or _terminal_size())
            if self._file is not None:
                self._file = cast("TextIOWrapper", Canvas(self._file))
            hear(self._loop, signal.SIGTSTP, self._sigtstp_application)
            hear(self._loop, signal.SIGCONT, partial(self._loop.call_later, _TOGETHER, self._continued))

        @property
        def _showing(self) -> bool:
            return self._writer_thread is not None and self._writer_thread.is_alive()

        def _continued(self) -> None:
            """Take the terminal again; after a stop that nobody told us of, a shell may have changed all of it."""
            leaves = self._app._exit or getattr(self._app, "leaving", False)  # noqa: SLF001
            if leaves or (self.input_tty and not os.isatty(self.fileno)):
                return
            self.suspend_application_mode()
            self._must_signal_resume = True
            self.resume_application_mode()
            self._app.refresh(layout=True)

        def _get_terminal_size(self) -> tuple[int, int]:
            return _terminal_size()

        def send_message(self, message: Message) -> None:
            """Send a key when those before it are worked off: a flood of them waits in the terminal, not in memory."""
            while current_thread() is self._key_thread and self._waiting > _MOST_WAITING:
                if self.exit_event.wait(_WORKED_OFF):
                    return
            super().send_message(message)

        @property
        def _waiting(self) -> int:
            stack = self._app.screen_stack  # a copy, empty until the first screen is made
            focused = stack[-1].focused if stack else None
            return self._app.message_queue_size + (focused.message_queue_size if focused is not None else 0)

        def write(self, data: str) -> None:
            """Write, unless the terminal is not ours at present: nobody would empty the queue."""
            if self._showing:
                super().write(data)

        def suspend_application_mode(self) -> None:
            """Give the terminal back, if it is ours."""
            if self._showing:
                super().suspend_application_mode()

        def stop_application_mode(self) -> None:
            """Give the terminal back, if it is ours: from the background even asking would stop us."""
            if self._showing:
                super().stop_application_mode()

        def disable_input(self) -> None:
            """Read no more, if anything is read."""
            if self._showing:
                super().disable_input()


class Canvas:
    """What is drawn on: once the terminal has gone, nothing. A writer that failed would leave its queue full."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        """Write, or turn aside."""
        self._try(partial(self._file.write, text))

    def flush(self) -> None:
        """Flush, or turn aside."""
        self._try(self._file.flush)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError:
            if not os.isatty(self.fileno()):
                with suppress(OSError):
                    self._turn_aside()

    def _turn_aside(self) -> None:
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, self.fileno())
        os.close(sink)


def _terminal_size() -> tuple[int, int]:
    """Ask the terminal itself: COLUMNS and LINES are what a shell once saw, and count only where it does not tell."""
    size = os.terminal_size((0, 0))
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        try:
            size = os.get_terminal_size(stream.fileno()) if stream else size
        except (OSError, ValueError):
            continue
        if size.columns and size.lines:
            break
    else:
        size = shutil.get_terminal_size()
    return min(size.columns, _LARGEST[0]), min(size.lines, _LARGEST[1])
