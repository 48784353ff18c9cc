"""The machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import HostState
from platformpm.report.host_page import host_page
from platformpm.report.host_rows import HOST_LIST, host_list, standing
from platformpm.tui import empty
from platformpm.tui.screens.base import PlatformScreen
from platformpm.tui.widgets.page import Page
from platformpm.tui.widgets.picker import Picker

if TYPE_CHECKING:
    from textual.app import ComposeResult


_BARS = 2
_FRAME = 3
"""Lines of the list that are not rows: two of the frame, one of headings."""
_LEAST = 5


class HostsScreen(PlatformScreen):
    """One list of hosts with all columns that fit, and under it all that was seen of the one under the cursor."""

    def __init__(self) -> None:
        super().__init__(name="hosts")

    def contents(self) -> ComposeResult:
        """Give the list and what stands under it."""
        yield Picker(HOST_LIST, empty=empty.WAITING, id="rows", classes="pane")
        yield Page(id="one", classes="pane")

    @property
    def rows(self) -> Picker[HostState]:
        """Give the list."""
        return self.query_one("#rows", Picker)

    def selected_row(self) -> object:
        """Give the host under the cursor, also while its text is scrolled."""
        return self.rows.selected

    def fill(self, snapshot: PlatformSnapshot, now: float) -> None:
        """Put a snapshot into the list."""
        self.rows.use(host_list(snapshot.hosts))
        self.rows.show(snapshot.hosts, now)
        self.rows.say_when_empty(empty.HOSTS)
        self.rows.entitle("Hosts", standing(snapshot.hosts))
        self.tell()

    def tick(self) -> None:
        """Let a second pass, in what stands under the list too."""
        super().tick()
        self.tell()

    @on(Picker.Picked)
    def tell(self) -> None:
        """Say all of the host under the cursor, in the lines that the list leaves."""
        self._share_room()
        one, state, now = self.query_one("#one", Page), self.rows.selected, self.feed.now
        one.display = state is not None
        if state is not None:
            one.entitle(state.host.name)
            one.show(lambda width, height: host_page(state, now, width, height))

    def arranged(self) -> None:
        """Share the room anew."""
        self._share_room()

    def _share_room(self) -> None:
        room = self.app.size.height - _BARS - self.has_class("-noticed")
        height = max(room - self.rows.count - _FRAME, _LEAST)
        one = self.query_one("#one", Page)
        if one.styles.height is None or one.styles.height.value != height:
            one.styles.height = height
