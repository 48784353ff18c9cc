"""The machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import HostState
from platformpm.report.host_rows import HOST_LIST, host_list, standing
from platformpm.tui import empty
from platformpm.tui.screens.base import PlatformScreen
from platformpm.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual.app import ComposeResult


class HostsScreen(PlatformScreen):
    """One list of hosts with all columns."""

    def __init__(self) -> None:
        super().__init__(name="hosts")

    def contents(self) -> ComposeResult:
        """Give the list."""
        yield Pane(HOST_LIST, empty=empty.WAITING, id="rows", classes="pane")

    def fill(self, snapshot: PlatformSnapshot, now: float) -> None:
        """Put a snapshot into the list."""
        rows: Pane[HostState] = self.query_one("#rows", Pane)
        rows.use(host_list(snapshot.hosts))
        rows.show(snapshot.hosts, now)
        rows.say_when_empty(empty.HOSTS)
        rows.entitle("Hosts", standing(snapshot.hosts))
