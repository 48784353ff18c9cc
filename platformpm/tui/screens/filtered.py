"""What every screen with one filtered list has: the line of the filter over it, and how letters get there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from textual.containers import Container

from platformpm.report.columns import Piece, RowT, Table, Tone, cell
from platformpm.tui import empty
from platformpm.tui.filtering import Filter
from platformpm.tui.screens.base import PlatformScreen
from platformpm.tui.widgets.pane import Pane
from platformpm.tui.widgets.ribbon import Part, Ribbon

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets import Input


class FilteredScreen(PlatformScreen, Generic[RowT]):
    """One list that `filter` chooses from; `hint` says what may be typed."""

    hint = ""

    def __init__(self, *, name: str, table: Table[RowT], chosen: Filter[RowT]) -> None:
        super().__init__(name=name)
        self.filter = chosen
        self._table = table
        self._due = False

    def contents(self) -> ComposeResult:
        """Give the line of the filter and the list."""
        yield Container(Ribbon(id="facts"), id="filter")
        yield Pane(self._table, empty=empty.WAITING, id="rows", classes="pane")

    @property
    def rows(self) -> Pane[RowT]:
        """Give the list."""
        return self.query_one("#rows", Pane)

    def open_filter(self) -> None:
        """Let the user type a filter."""
        from platformpm.tui.widgets.entry import FilterEntry  # its import is not free

        box = self.query_one("#filter", Container)
        entry = next(iter(box.query(FilterEntry)), None)
        if entry is None:
            entry = FilterEntry(self.filter.text)
            box.mount(entry, before="#facts")
        self.set_focus(entry, scroll_visible=False)  # at once: letters typed right behind the key are meant for it

    def toggle_faults(self) -> None:
        """Show only faults, or all again."""
        self.filter.faults_only = not self.filter.faults_only
        self._apply()

    def back(self) -> bool:
        """Close and clear the filter; tell whether there was one."""
        if not self.query("#filter FilterEntry") and self.filter.predicate() is None:
            return False
        self._close_entry()
        self.filter.faults_only = False
        self.typed("")
        self.rows.focus()
        return True

    def typed(self, text: str) -> None:
        """Follow what stands in the filter."""
        self.filter.type(text)
        self._apply()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed: the letter is painted first, then the rows that are left."""
        self.feed.typed()
        self.filter.type(event.value)
        if not self._due:
            self._due = self.call_after_refresh(self._apply)  # once for all the letters that are waiting

    def on_input_submitted(self) -> None:
        """Keep the filter and go to the list."""
        self._close_entry()
        self.rows.focus()

    def more_facts(self) -> list[Part]:
        """Give what else stands beside the number of rows."""
        return []

    def tell_facts(self) -> None:
        """Say how many rows are shown, and by what filter; in place of rows, why there are none."""
        shown, known = self.rows.count, len(self.rows.ordering.rows)
        if not shown:
            self.rows.say_when_empty(self.filter.when_empty(self.feed.shown))
        parts = [Part("shown", (Piece(f"{shown}", Tone.STRONG), Piece(f" of {known} shown", Tone.DIM)), 0)]
        parts += self.more_facts()
        if self.filter.faults_only:
            parts.append(Part("faults", cell("only faults", Tone.DEGRADED), 1, "app.faults"))
        if self.filter.error:
            parts.append(Part("error", cell(self.filter.error, Tone.DEGRADED), 1))
        elif self.filter.text:
            parts.append(
                Part("filter", (Piece("filter ", Tone.DIM), Piece(self.filter.text, Tone.ACCENT)), 2, "app.filter")
            )
        else:
            parts.append(Part("hint", cell(self.hint, Tone.DIM), 3, "app.filter"))
        self.query_one("#facts", Ribbon).show(parts)

    def _close_entry(self) -> None:
        for entry in self.query("#filter FilterEntry"):
            entry.remove()

    def _apply(self) -> None:
        self._due = False
        self.rows.keep(self.filter.predicate())
        self.tell_facts()
