"""The screens of the number keys, and which of them, or which detail, a row opens."""

from __future__ import annotations

from typing import Any

from platformpm.model.alert import Alert
from platformpm.model.state import ServiceState
from platformpm.report.event_rows import Logged, service_of
from platformpm.tui.screens.alerts import AlertsScreen
from platformpm.tui.screens.events import EventsScreen
from platformpm.tui.screens.hosts import HostsScreen
from platformpm.tui.screens.lists import services_screen, versions_screen
from platformpm.tui.screens.overview import OverviewScreen

MODES: dict[str, Any] = {
    "overview": OverviewScreen,
    "services": services_screen,
    "versions": versions_screen,
    "alerts": AlertsScreen,
    "hosts": HostsScreen,
    "events": EventsScreen,
}
"""The screens by name; the first is the one that is there at the start."""


def target_of(row: object) -> tuple[str, str] | str | None:
    """Give the service and environment whose detail a row opens, or the name of a screen; None where it opens none."""
    if isinstance(row, ServiceState):
        return row.key
    if isinstance(row, Alert):
        return row.service or "hosts"
    if isinstance(row, Logged):
        of_host = row.event.subject.startswith("host:")
        return service_of(row.event) or ("hosts" if of_host else None)
    return None
