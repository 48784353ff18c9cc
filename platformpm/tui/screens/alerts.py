"""Alerts, open and lately closed, and the log of events."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from platformpm.model.alert import Alert
from platformpm.model.event import Event
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.report.alert_rows import alert_note, alert_table, event_table
from platformpm.report.echoes import without_echoes
from platformpm.tui import empty
from platformpm.tui.screens.base import PlatformScreen
from platformpm.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual.app import ComposeResult


class AlertsScreen(PlatformScreen):
    """Two lists, one over the other."""

    def __init__(self) -> None:
        super().__init__(name="alerts")
        self._zone: tzinfo | None = None

    def contents(self) -> ComposeResult:
        """Give the two lists."""
        yield Pane(alert_table(self._zone), empty=empty.WAITING, id="alerts", classes="pane")
        yield Pane(event_table(self._zone), empty=empty.WAITING, id="events", classes="pane")

    def fill(self, snapshot: PlatformSnapshot, now: float) -> None:
        """Put a snapshot into the lists."""
        alerts: Pane[Alert] = self.query_one("#alerts", Pane)
        events: Pane[Event] = self.query_one("#events", Pane)
        if self.feed.zone != self._zone:
            self._zone = self.feed.zone
            alerts.use(alert_table(self._zone))
            events.use(event_table(self._zone))
        alerts.show(snapshot.alerts, now)
        alerts.say_when_empty(empty.no_alerts(snapshot))
        events.show(without_echoes(snapshot.events)[::-1], now)
        events.say_when_empty(empty.EVENTS)
        closed = sum(alert.closed is not None for alert in snapshot.alerts)
        alerts.entitle("Alerts", alert_note(snapshot.alerts) + (f", {closed} lately closed" if closed else ""))
        events.entitle("Events", "newest first")
