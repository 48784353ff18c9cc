"""What an empty list says: what to do."""

from __future__ import annotations

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import Status

WAITING = "Waiting for the first readings …"
SERVICES = "No services yet.\nAdd one to the inventory:\n[services.checkout]\ninstances.production = ['https://…']"
VERSIONS = "No versions known yet.\nSay where a service tells its own:\nversion = '/version'"
HOSTS = "No hosts declared. To watch this machine\nadd [hosts.local] to the inventory."
EVENTS = "Nothing has happened yet."
NO_EVENTS_IN = "Nothing happened in the last {}.\nw looks further back."
NO_BAD_EVENTS = "Nothing bad happened.\no shows all events again."
NO_EVENT_MATCHES = "No event matches."
FILTERED = "No service matches."
CLEAR = "esc clears the filter."
FAULTS_TOO = "esc clears the filter, o shows more than faults."
ALL_SERVICES = "o shows all services again."


def no_alerts(snapshot: PlatformSnapshot) -> str:
    """Say that there are no alerts, and that all is calm only when it is."""
    calm = snapshot.counts.up == snapshot.counts.total and not _ailing(snapshot)
    return "All calm: no alerts." if calm else "No alerts."


def no_faults(snapshot: PlatformSnapshot | None) -> str:
    """Say that no service is at fault; not that all is well as long as a host is not."""
    ailing = _ailing(snapshot) if snapshot is not None else 0
    quiet = _quiet(snapshot) if snapshot is not None else 0
    if quiet and not ailing:
        return f"No faults but those that are muted: {quiet}.\n{ALL_SERVICES}"
    if not ailing:
        return f"No faults: everything that was checked is up.\n{ALL_SERVICES}"
    hosts = "a host is" if ailing == 1 else f"{ailing} hosts are"
    return f"No service is at fault, but {hosts} not well: 5 shows the hosts.\n{ALL_SERVICES}"


def _ailing(snapshot: PlatformSnapshot) -> int:
    counted = (state for state in snapshot.hosts if state.muted is None)
    return sum(state.status is not Status.UP and state.reading is not None for state in counted)


def _quiet(snapshot: PlatformSnapshot) -> int:
    return sum(state.status is not Status.UP for state in snapshot.services if state.muted is not None)
