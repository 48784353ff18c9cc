"""Which services a list shows: what was typed, and whether only faults."""

from __future__ import annotations

from collections.abc import Callable

from platformpm.errors import UsageError
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import ServiceState
from platformpm.report.rows import is_fault
from platformpm.tui import empty

_UNFINISHED = ("!", ":", "@")
"""A word that ends so is still being typed: `owner:` and `!` say nothing yet."""


class RowFilter:
    """Holds the filter of one list. Text that is no selector (yet) keeps the last filter and says what is wrong."""

    def __init__(self, is_fault: Callable[[ServiceState], bool] = is_fault) -> None:
        self._is_fault = is_fault
        self.text = ""
        self.error: str | None = None
        self.faults_only = False
        self._matches: Callable[[ServiceState], bool] | None = None

    def type(self, text: str) -> None:
        """Take the text as it stands in the input."""
        self.text = text
        try:
            self._matches = _parse(text)
            self.error = None
        except UsageError as error:
            self.error = str(error).splitlines()[0]

    def predicate(self) -> Callable[[ServiceState], bool] | None:
        """Give what a row must hold to be shown; None when every row is shown."""
        return self._holds if self.faults_only or self._matches else None

    def when_empty(self, snapshot: PlatformSnapshot | None = None) -> str:
        """Say what to do when no row of a snapshot is left."""
        words = self.text.split()
        if not words:
            return empty.no_faults(snapshot) if self.faults_only else empty.SERVICES
        from platformpm.inventory import selectors  # who never filters never pays for it

        doubt = selectors.doubt(words, snapshot.inventory.services if snapshot is not None else ())
        lines = [empty.FILTERED, doubt, empty.FAULTS_TOO if self.faults_only else empty.CLEAR]
        return "\n".join(line for line in lines if line)

    def _holds(self, state: ServiceState) -> bool:
        return (not self.faults_only or self._is_fault(state)) and (self._matches is None or self._matches(state))


def _parse(text: str) -> Callable[[ServiceState], bool] | None:
    words = [word for word in text.split() if not word.endswith(_UNFINISHED)]
    if not words:
        return None
    from platformpm.inventory import selectors  # who never filters never pays for it

    selector = selectors.parse(words, loose=True)
    return lambda state: selector.matches(state.service, state.environment.name, status=state.status)
