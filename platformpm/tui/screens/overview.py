"""The cockpit: services, versions, hosts and alerts at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platformpm.model.alert import Alert
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import HostState, ServiceState
from platformpm.report.alert_rows import alert_note, alert_pane
from platformpm.report.columns import Piece, Tone
from platformpm.report.host_rows import HOST_PANE, standing
from platformpm.report.rows import drifting_in, not_up
from platformpm.report.service_tables import SERVICE_PANE, VERSION_PANE
from platformpm.tui import empty
from platformpm.tui.layout import Layout
from platformpm.tui.screens.base import PlatformScreen
from platformpm.tui.widgets.pane import Pane
from platformpm.tui.widgets.ribbon import Part, Ribbon

if TYPE_CHECKING:
    from textual.app import ComposeResult

PANES = ("services", "alerts", "versions", "hosts")
"""Ids of the panes in the order of Tab."""
_STACKED = ("services", "versions", "alerts", "hosts")
"""The same in a terminal of medium width: versions say enough only over the whole width."""


class OverviewScreen(PlatformScreen):
    """Four panes; in a narrow terminal one at a time, with tabs."""

    def __init__(self) -> None:
        super().__init__(name="overview")
        self._front = PANES[0]

    def contents(self) -> ComposeResult:
        """Give the tabs and the panes."""
        yield Ribbon(id="tabs")
        yield Pane(SERVICE_PANE, empty=empty.WAITING, id="services", classes="pane")
        yield Pane(alert_pane(None), empty=empty.WAITING, id="alerts", classes="pane")
        yield Pane(VERSION_PANE, empty=empty.WAITING, id="versions", classes="pane")
        yield Pane(HOST_PANE, empty=empty.WAITING, id="hosts", classes="pane")

    def on_mount(self) -> None:
        """Leave services without any version out of the versions."""
        self.query_one("#versions", Pane).keep(has_version)

    def fill(self, snapshot: PlatformSnapshot, now: float) -> None:
        """Put a snapshot into the four panes."""
        services: Pane[ServiceState] = self.query_one("#services", Pane)
        versions: Pane[ServiceState] = self.query_one("#versions", Pane)
        hosts: Pane[HostState] = self.query_one("#hosts", Pane)
        alerts: Pane[Alert] = self.query_one("#alerts", Pane)
        services.show(snapshot.services, now)
        services.say_when_empty(empty.SERVICES)
        versions.show(snapshot.services, now)
        versions.say_when_empty(empty.VERSIONS)
        hosts.show(snapshot.hosts, now)
        hosts.say_when_empty(empty.HOSTS)
        alerts.show(snapshot.alerts, now)
        alerts.say_when_empty(empty.no_alerts(snapshot))
        self._title(snapshot)

    def arranged(self) -> None:
        """Show one pane alone where there is no room for four."""
        narrow = self.layout_now is Layout.NARROW
        before = "#services" if self.layout_now is Layout.MEDIUM else "#alerts"
        self.query_one("#body").move_child(self.query_one("#versions"), after=self.query_one(before))
        for pane in PANES:
            self.query_one(f"#{pane}").set_class(narrow and pane != self._front, "-behind")
        self._show_tabs()

    def action_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        order = _STACKED if self.layout_now is Layout.MEDIUM else PANES
        self._front = order[(order.index(self._front) + step) % len(order)]
        self.arranged()
        self.query_one(f"#{self._front}").focus()

    def on_descendant_focus(self) -> None:
        """Remember the pane in use: it is the one that stays when the terminal gets narrow."""
        if self.focused is not None and self.focused.id in PANES and self.focused.id != self._front:
            self._front = self.focused.id
            self.arranged()

    def _title(self, snapshot: PlatformSnapshot) -> None:
        drifting = drifting_in(snapshot.services)
        counts = {
            "services": not_up(snapshot.services),
            "versions": f"{drifting} off target" if drifting else "",
            "alerts": alert_note(snapshot.alerts),
            "hosts": standing(snapshot.hosts),
        }
        for pane, count in counts.items():
            self.query_one(f"#{pane}", Pane).entitle(pane.capitalize(), count)
        self._show_tabs()

    def _show_tabs(self) -> None:
        parts = []
        for pane in PANES:
            tone = Tone.STRONG if pane == self._front else Tone.DIM
            mark = "▸ " if pane == self._front else "  "
            parts.append(Part(pane, (Piece(f"{mark}{pane.capitalize()}", tone),), 0, f"screen.front('{pane}')"))
        self.query_one("#tabs", Ribbon).show(parts)

    def action_front(self, pane: str) -> None:
        """Bring a pane to the front."""
        self.action_pane(PANES.index(pane) - PANES.index(self._front))


def has_version(state: ServiceState) -> bool:
    """Tell whether there is anything to say about the version of a row."""
    return bool(state.versions) or state.target is not None
