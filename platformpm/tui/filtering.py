"""Which rows a list shows: what was typed, and whether only faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Generic

from platformpm.errors import UsageError
from platformpm.model.inventory import Inventory, Service
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import ServiceState
from platformpm.report.columns import RowT
from platformpm.report.event_rows import Logged, is_bad
from platformpm.report.rows import is_fault
from platformpm.tui import empty

if TYPE_CHECKING:
    from platformpm.inventory.selectors import Term

_UNFINISHED = ("!", ":", "@")
"""A word that ends so is still being typed: `owner:` and `!` say nothing yet."""
_NOBODY = Service("")


class Filter(Generic[RowT]):
    """Holds the filter of one list. Text that is no selector (yet) keeps the last filter and says what is wrong."""

    def __init__(self, is_fault: Callable[[RowT], bool]) -> None:
        self._is_fault = is_fault
        self.text = ""
        self.error: str | None = None
        self.faults_only = False
        self._matches: Callable[[RowT], bool] | None = None
        self._inventory = Inventory()
        self._names: frozenset[str] = frozenset()

    def know(self, inventory: Inventory) -> None:
        """Look at names through this inventory from now on."""
        if inventory is not self._inventory:
            self._inventory = inventory
            self._names = frozenset(service.name for service in inventory.services)
            self.type(self.text)

    def type(self, text: str) -> None:
        """Take the text as it stands in the input."""
        self.text = text
        words = [word for word in text.split() if not word.endswith(_UNFINISHED)]
        try:
            self._matches = self.read(words) if words else None
            self.error = None
        except UsageError as error:
            self.error = str(error).splitlines()[0]

    def predicate(self) -> Callable[[RowT], bool] | None:
        """Give what a row must hold to be shown; None when every row is shown."""
        return self._holds if self.faults_only or self._matches else None

    def read(self, words: list[str]) -> Callable[[RowT], bool]:
        """Give what the words ask of a row. Raises UsageError for one that makes no sense."""
        raise NotImplementedError

    def when_empty(self, snapshot: PlatformSnapshot | None = None) -> str:
        """Say what to do when no row of a snapshot is left."""
        raise NotImplementedError

    def _holds(self, row: RowT) -> bool:
        return (not self.faults_only or self._is_fault(row)) and (self._matches is None or self._matches(row))


class RowFilter(Filter[ServiceState]):
    """Chooses services in their environments."""

    def __init__(self, is_fault: Callable[[ServiceState], bool] = is_fault) -> None:
        super().__init__(is_fault)

    def read(self, words: list[str]) -> Callable[[ServiceState], bool]:
        """Give what the words, selectors, ask of a service."""
        from platformpm.inventory import selectors  # who never filters never pays for it

        selector = selectors.parse(words, loose=True, names=self._names)
        return lambda state: selector.matches(state.service, state.environment.name, status=state.status)

    def when_empty(self, snapshot: PlatformSnapshot | None = None) -> str:
        """Say what to do when no row of a snapshot is left."""
        words = self.text.split()
        if not words:
            return empty.no_faults(snapshot) if self.faults_only else empty.SERVICES
        from platformpm.inventory import selectors  # who never filters never pays for it

        doubt = selectors.doubt(words, snapshot.inventory.services if snapshot is not None else ())
        lines = [empty.FILTERED, doubt, empty.FAULTS_TOO if self.faults_only else empty.CLEAR]
        return "\n".join(line for line in lines if line)


class EventFilter(Filter[Logged]):
    """Chooses events by their subject and status, and by any words in their text."""

    def __init__(self) -> None:
        super().__init__(is_bad)

    def read(self, words: list[str]) -> Callable[[Logged], bool]:
        """Give what the words ask of an event: each must fit its subject or its status, or stand somewhere in it."""
        from platformpm.inventory import selectors  # who never filters never pays for it

        terms = selectors.parse(words, loose=True).terms
        statuses = selectors.Selector(tuple(term for term in terms if term.key == "status"))
        chosen = self._about(*(term for term in terms if not term.narrows and term.key != "status"))
        plain = [(term, self._about(replace(term, negated=False))) for term in terms if term.narrows]
        names = [one for one in plain if one[0].pattern in self._names and not one[0].negated]
        narrow = [one for one in plain if one not in names]

        def holds(row: Logged) -> bool:
            event = row.event
            text = f"{event.subject} {event.kind.replace('_', ' ')} {event.text}".lower()
            return (
                statuses.matches(_NOBODY, "", status=event.status)
                and chosen(event.subject)
                and all((term.pattern in text or about(event.subject)) is not term.negated for term, about in narrow)
                and (not names or any(term.pattern in text or about(event.subject) for term, about in names))
            )

        return holds

    def when_empty(self, snapshot: PlatformSnapshot | None = None) -> str:
        """Say what to do when no event is left."""
        del snapshot
        if not self.text.split():
            return empty.NO_BAD_EVENTS if self.faults_only else empty.EVENTS
        return "\n".join([empty.NO_EVENT_MATCHES, empty.FAULTS_TOO if self.faults_only else empty.CLEAR])

    def _about(self, *terms: Term) -> Callable[[str], bool]:
        """Give what tells whether these words choose the subject of an event."""
        from platformpm.inventory import selectors

        return selectors.subjects(self._inventory, selectors.Selector(terms))
