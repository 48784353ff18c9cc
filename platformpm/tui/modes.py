"""The screens of the number keys, and what a row opens: one of them, or the detail of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from platformpm.model.alert import Alert
from platformpm.model.inventory import Host
from platformpm.model.state import HostState, ServiceState
from platformpm.report.event_rows import Logged, service_of
from platformpm.tui.screens.alerts import AlertsScreen
from platformpm.tui.screens.events import EventsScreen
from platformpm.tui.screens.filtered import FilteredScreen
from platformpm.tui.screens.hosts import HostsScreen
from platformpm.tui.screens.lists import services_screen, versions_screen
from platformpm.tui.screens.overview import OverviewScreen

if TYPE_CHECKING:
    from platformpm.tui.app import PlatformApp

MODES: dict[str, Any] = {
    "overview": OverviewScreen,
    "services": services_screen,
    "versions": versions_screen,
    "alerts": AlertsScreen,
    "hosts": HostsScreen,
    "events": EventsScreen,
}
"""The screens by name; the first is the one that is there at the start."""


async def open_row(app: PlatformApp, row: object) -> None:
    """Open what a row stands for: of a host the services that it carries."""
    target = _target_of(row)
    if isinstance(row, HostState):
        await _open_carried(app, row.host)
    elif isinstance(target, str):
        await app.action_go(target)
    elif target is not None:
        app.open_service(target)


async def _open_carried(app: PlatformApp, host: Host) -> None:
    if not host.services:
        app.say(f"{host.name} carries no services: name them in services of [hosts.{host.name}]", 4)
        return
    await app.action_go("services")
    if isinstance(app.screen, FilteredScreen):
        app.screen.back()
        app.screen.typed(" ".join(f"service:{name}" for name in host.services))


def _target_of(row: object) -> tuple[str, str] | str | None:
    """Give the service and environment whose detail a row opens, or the name of a screen; None where it opens none."""
    if isinstance(row, ServiceState):
        return row.key
    if isinstance(row, Alert):
        return row.service or "hosts"
    if isinstance(row, Logged):
        of_host = row.event.subject.startswith("host:")
        return service_of(row.event) or ("hosts" if of_host else None)
    return None
