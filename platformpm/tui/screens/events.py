"""What happened: the log of events as far back as history goes, and what is new since the user last looked."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from textual import on

from platformpm.errors import HistoryError
from platformpm.model.event import Event
from platformpm.model.ports import Bookmark, HistoryReader
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.report import words
from platformpm.report.columns import Piece, Tone, cell
from platformpm.report.event_rows import KEPT, EventLog, Logged, log_table
from platformpm.tui import empty, stretches
from platformpm.tui.actions import Where, bindings
from platformpm.tui.filtering import EventFilter
from platformpm.tui.lookup import Answer, Lookup
from platformpm.tui.screens.filtered import FilteredScreen
from platformpm.tui.widgets.ribbon import Part

if TYPE_CHECKING:
    from platformpm.tui.app import PlatformApp

_SOON = 60.0


class _Found(NamedTuple):
    events: tuple[Event, ...]
    looked: float | None


class EventsScreen(FilteredScreen[Logged]):
    """One list, newest first; what happened since the last visit is marked."""

    BINDINGS: ClassVar[list[Any]] = bindings(Where.PAST)
    hint = "/ filter:  a name · env:production · status:down · any word · !word"

    def __init__(self) -> None:
        self.chosen = EventFilter()
        super().__init__(name="events", table=log_table(None), chosen=self.chosen)
        self._lookup = Lookup(self)
        self._told = EventLog()
        self._zone: tzinfo | None = None
        self._place = 0
        self._newest: Event | None = None
        self._looked: float | None = None
        self._visited = False
        self._left = True
        self._trouble: str | None = None

    @property
    def stretch(self) -> stretches.Stretch:
        """Give how far back it looks."""
        return stretches.EVENTS[self._place]

    def on_screen_resume(self) -> None:
        """Read what history says, and at each visit when the user last looked."""
        if self._left:
            self._left = self._visited = False
        self._read()
        super().on_screen_resume()

    def on_screen_suspend(self) -> None:
        """Note that the user has looked, unless something opens over it only."""
        if cast("PlatformApp", self.app).front is not self:
            self._mark()
            self._left = True

    def on_unmount(self) -> None:
        """Note it at the end too."""
        if not self._left:
            self._mark()

    def fill(self, snapshot: PlatformSnapshot, now: float) -> None:
        """Put a snapshot into the list."""
        if self.feed.zone != self._zone:
            self._zone = self.feed.zone
            self.rows.use(log_table(self._zone))
        self.chosen.know(snapshot.inventory)
        newest = snapshot.events[-1] if snapshot.events else None
        if newest is not self._newest or not self.rows.ordering.rows:
            self._newest = newest
            self._told.take(snapshot.events)
            self._draw(now)
        self.rows.tick(now)

    def action_stretch(self, step: int) -> None:
        """Look further back, or less far."""
        self._place = (self._place + step) % len(stretches.EVENTS)
        self._read()
        self._draw(self.feed.now)

    @on(Answer)
    def take(self, message: Answer) -> None:
        """Take what history says."""
        found = message.found
        if not self.is_whole:
            return
        self._trouble = str(found) if isinstance(found, HistoryError) else None
        if isinstance(found, _Found):
            self._told.take(found.events)
            if not self._visited:
                self._looked, self._visited = found.looked, True
        self._draw(self.feed.now)

    def more_facts(self) -> list[Part]:
        """Say how far back it looks and how much is new."""
        parts = [
            Part("stretch", (Piece("last ", Tone.DIM), Piece(self.stretch.label, Tone.ACCENT)), 1, "screen.stretch(1)")
        ]
        if self._trouble is not None:
            parts.append(Part("trouble", cell(self._trouble, Tone.DEGRADED), 1))
        elif self._looked is not None:
            new = sum(row.new for row in self.rows.ordering.rows)
            ago = f" new since you last looked {words.since(self._looked, self.feed.now)} ago"
            parts.append(Part("new", (Piece(f"{new}", Tone.ACCENT), Piece(ago, Tone.DIM)), 2))
        return parts

    def _read(self) -> None:
        past, bookmark, stretch, now = self.session.past, self.session.bookmark, self.stretch, self.feed.wall
        if past is not None and bookmark is not None:
            self._lookup.ask(stretch, lambda: _find(past, bookmark, now - stretch.seconds, now + _SOON))

    def _mark(self) -> None:
        bookmark = self.session.bookmark
        if bookmark is not None and self._visited:
            bookmark.put(self.feed.wall)

    def _draw(self, now: float) -> None:
        rows = self._told.rows(now - self.stretch.seconds, self._looked)
        self.rows.show(rows, now)
        self.rows.keep(self.chosen.predicate())
        self.rows.entitle("Events", f"newest {KEPT:,}" if len(rows) == KEPT else "newest first")
        self.tell_facts()
        if not rows and not self.chosen.text:
            self.rows.say_when_empty(empty.NO_EVENTS_IN.format(self.stretch.label))


def _find(past: HistoryReader, bookmark: Bookmark, since: float, until: float) -> _Found:
    return _Found(tuple(past.events(since, until, KEPT)), bookmark.read())
