"""What the key for another check does: it checks again what the row under the cursor is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from platformpm.model.alert import Alert
from platformpm.model.event import Event
from platformpm.model.state import HostState, ServiceState
from platformpm.report.event_rows import Logged

if TYPE_CHECKING:
    from platformpm.tui.app import PlatformApp


def recheck(app: PlatformApp) -> None:
    """Check the service or the host of the selected row again now, or say why there is nothing to check."""
    subject, shown = subject_of(app.front.selected_row() if app.front else None), app.feed.shown
    states, hosts = (shown.services, shown.hosts) if shown else ((), ())
    keys = tuple(one.key for state in states if subject_of(state) == subject for one in state.instances)
    names = tuple(state.host.name for state in hosts if subject_of(state) == subject)
    if keys or names:
        app.session.recheck(keys, names)
        app.say(f"re-checking {subject}")
    elif subject:
        app.say(f"{subject} is no longer in the inventory")
    else:
        app.say("nothing to re-check: select a service, a host, or an alert or event of one")


def subject_of(row: object) -> str:
    """Give the `service@environment` or `host:NAME` that a row is about; empty where it is about neither."""
    if isinstance(row, ServiceState):
        return "@".join(row.key)
    if isinstance(row, HostState):
        return f"host:{row.host.name}"
    if isinstance(row, Alert):
        return row.key.subject
    event = row.event if isinstance(row, Logged) else row
    return event.subject.partition("/")[0] if isinstance(event, Event) else ""
