"""Services and versions as full screens: all columns, a filter, faults only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.containers import Container

from platformpm.model.check import InstanceKey
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import ServiceState
from platformpm.report.columns import Piece, Table, Tone, cell
from platformpm.report.rows import drifting_in, is_fault, is_off_target, not_up
from platformpm.report.service_tables import SERVICE_LIST, VERSION_LIST
from platformpm.tui import empty
from platformpm.tui.filtering import RowFilter
from platformpm.tui.screens.base import PlatformScreen
from platformpm.tui.widgets.pane import Pane
from platformpm.tui.widgets.ribbon import Part, Ribbon

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets import Input


class ServiceListScreen(PlatformScreen):
    """One list of services in their environments; `table` says with which columns."""

    def __init__(
        self,
        *,
        name: str,
        table: Table[ServiceState],
        note: Callable[[PlatformSnapshot], str],
        is_fault: Callable[[ServiceState], bool],
    ) -> None:
        super().__init__(name=name)
        self.filter = RowFilter(is_fault)
        self._table = table
        self._note = note
        self._due = False

    def contents(self) -> ComposeResult:
        """Give the line of the filter and the list."""
        yield Container(Ribbon(id="facts"), id="filter")
        yield Pane(self._table, empty=empty.WAITING, id="rows", classes="pane")

    @property
    def rows(self) -> Pane[ServiceState]:
        """Give the list."""
        return self.query_one("#rows", Pane)

    def fill(self, snapshot: PlatformSnapshot, now: float) -> None:
        """Put a snapshot into the list."""
        self.rows.show(snapshot.services, now)
        self.rows.entitle((self.name or "").capitalize(), self._note(snapshot))
        if not self.rows.count:
            self.rows.say_when_empty(self.filter.when_empty(snapshot))
        self._tell_facts()

    def selected_instances(self) -> Sequence[InstanceKey]:
        """Give the instances of the row under the cursor, also while the filter is being typed."""
        row = self.rows.selected
        return [one.key for one in row.instances] if row else []

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

    def _close_entry(self) -> None:
        for entry in self.query("#filter FilterEntry"):
            entry.remove()

    def _apply(self) -> None:
        self._due = False
        self.rows.keep(self.filter.predicate())
        if not self.rows.count:
            self.rows.say_when_empty(self.filter.when_empty(self.feed.shown))
        self._tell_facts()

    def _tell_facts(self) -> None:
        shown, known = self.rows.count, len(self.rows.ordering.rows)
        parts = [Part("shown", (Piece(f"{shown}", Tone.STRONG), Piece(f" of {known} shown", Tone.DIM)), 0)]
        if self.filter.faults_only:
            parts.append(Part("faults", cell("only faults", Tone.DEGRADED), 1, "app.faults"))
        if self.filter.error:
            parts.append(Part("error", cell(self.filter.error, Tone.DEGRADED), 1))
        elif self.filter.text:
            parts.append(
                Part("filter", (Piece("filter ", Tone.DIM), Piece(self.filter.text, Tone.ACCENT)), 2, "app.filter")
            )
        else:
            hint = "/ filter:  a name · owner:payments · env:production · status:down · tier:1 · !word"
            parts.append(Part("hint", cell(hint, Tone.DIM), 3, "app.filter"))
        self.query_one("#facts", Ribbon).show(parts)


def services_screen() -> ServiceListScreen:
    """Give the screen of all services with all columns."""
    return ServiceListScreen(name="services", table=SERVICE_LIST, note=_not_up, is_fault=is_fault)


def versions_screen() -> ServiceListScreen:
    """Give the screen of all versions against their targets."""
    return ServiceListScreen(name="versions", table=VERSION_LIST, note=_off_target, is_fault=is_off_target)


def _not_up(snapshot: PlatformSnapshot) -> str:
    return not_up(snapshot.services)


def _off_target(snapshot: PlatformSnapshot) -> str:
    drifting = drifting_in(snapshot.services)
    return f"{drifting} off target" if drifting else ""
