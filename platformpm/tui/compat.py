"""The only place that touches what Textual keeps private, so that a new version of it is checked here."""

from __future__ import annotations

from rich.segment import Segments
from textual.app import App, ReturnType


class TightLippedApp(App[ReturnType]):
    """An app whose crash report shows no local variables: they may hold secrets of the inventory."""

    def _fatal_error(self) -> None:
        from rich.traceback import Traceback  # only a crash needs it

        self.bell()
        report = Traceback(show_locals=False, width=None)
        self._exit_renderables.append(Segments(self.console.render(report, self.console.options)))
        self._close_messages_no_wait()

    def abandon_terminal(self) -> None:
        """Write nothing more: the terminal has gone, and the driver would wait for its writer for ever."""
        for name in ("write", "flush", "close"):
            if self._driver is not None:
                setattr(self._driver, name, _nothing)


def _nothing(*_ignored: object) -> None:
    """Do nothing."""
