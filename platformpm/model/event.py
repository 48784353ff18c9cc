"""Things that happened, told once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from platformpm.model.status import Status


class EventKind(StrEnum):
    """What kind of thing happened."""

    STATUS = "status"
    VERSION = "version"
    ALERT_OPENED = "alert_opened"
    ALERT_CLOSED = "alert_closed"
    MONITOR_PAUSED = "monitor_paused"
    RELOADED = "reloaded"
    RELOAD_FAILED = "reload_failed"
    HISTORY = "history"
    MUTED = "muted"
    UNMUTED = "unmuted"


@dataclass(frozen=True, slots=True)
class Event:
    """One event at wall time `at`. `subject` is `service@environment[/instance]`, `host:NAME` or empty."""

    at: float
    kind: EventKind
    subject: str
    text: str
    status: Status | None = None
