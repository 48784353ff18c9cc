"""What happened, in words: the events of a run, which a sink is told too."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from platformpm.model.alert import STATUS_KINDS, Alert
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.inventory import Inventory
from platformpm.model.ports import Sink
from platformpm.model.record import AlertChange, Record
from platformpm.model.state import HostState, ServiceState
from platformpm.model.status import Reason, Status

_logger = logging.getLogger(__name__)

_LIMITS = {Status.DOWN: "over critical limit", Status.DEGRADED: "over limit"}
"""One of these takes the place of the other when a service gets worse or better."""
EVENTS_KEPT = 500


class Log:
    """The latest events; `sink` is told each of them, and whatever else is put. Times are wall seconds.

    `told` counts the events that were told. `elsewhere` says of a subject whether another process tells its events:
    they are not told here, but recalled from what that one records.
    """

    def __init__(self, sink: Sink) -> None:
        """Start with nothing told."""
        self.told = 0
        self.elsewhere: Callable[[str], bool] = lambda _: False
        self._sink = sink
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)

    @property
    def events(self) -> tuple[Event, ...]:
        """Give the latest events, oldest first."""
        return tuple(self._events)

    def since(self, at: float) -> list[Event]:
        """Give the events that are newer than `at`."""
        return [event for event in self._events if event.at > at]

    def recall(self, events: Iterable[Event]) -> None:
        """Put what history knows among what happened here, each in its time."""
        every = dict.fromkeys((*events, *self._events))
        self._events = deque(sorted(every, key=lambda event: event.at), maxlen=EVENTS_KEPT)

    def put(self, record: Record) -> None:
        """Let the sink have a record that is no event."""
        self._sink.put(record)

    def tell(self, at: float, kind: EventKind, subject: str, text: str, status: Status | None) -> None:
        """Tell an event."""
        self.put_event(Event(at, kind, subject, text, status))

    def put_event(self, event: Event) -> None:
        """Tell an event that is made already."""
        if self.elsewhere(event.subject):
            return
        self.told += 1
        _logger.info("%s: %s", event.subject or "platform", event.text)
        self._events.append(event)
        self._sink.put(event)

    def version(self, key: InstanceKey, old: str, new: str, now: float) -> None:
        """Tell that an instance has another version."""
        self.tell(now, EventKind.VERSION, str(key), f"{key.service} version {old} → {new}", None)

    def status(self, before: ServiceState, new: ServiceState, now: float) -> None:
        """Tell that a service has another status; that it comes up for the first time is no news."""
        if new.status is Status.UP and any(state.settled.since is None for state in before.instances):
            return
        text = f"{new.service.name} {new.status} in {new.environment.name}"
        if new.status is not Status.UP:
            bad = next((s.last_bad for s in new.instances if s.status is new.status and s.last_bad), None)
            bad = bad or next((s.last_bad for s in new.instances if s.status is not Status.UP and s.last_bad), None)
            text += f": {bad.detail}" if bad is not None and bad.detail else ""
        self.tell(now, EventKind.STATUS, subject_of(new.key), text, new.status)

    def host(self, host: HostState, now: float) -> None:
        """Tell that a host has another status."""
        name, status = host.host.name, host.status
        word = _LIMITS.get(status, status) if host.reason is Reason.LIMIT else status
        text = f"{name} {word}" + (f": {host.detail}" if host.detail else "")
        self.tell(now, EventKind.STATUS, f"host:{name}", text, status)

    def alerts(self, subject: str, opened: Sequence[Alert], closed: Sequence[Alert], now: float, why: str) -> None:
        """Keep the alerts of a subject that opened and closed; tell of these, with `why` where one has no heir."""
        for changed in (*closed, *opened):
            self._sink.put(AlertChange(changed))
        for alert in closed:
            heir = next((one for one in opened if {one.key.kind, alert.key.kind} == STATUS_KINDS), None)
            end = why if heir is None else f"now {heir.severity}"
            self.tell(now, EventKind.ALERT_CLOSED, subject, f"{alert.title}: {end}", None)

    def opened(self, subject: str, alerts: Iterable[Alert], now: float) -> None:
        """Tell that these alerts of a subject are open."""
        for alert in alerts:
            text = f"{alert.title}: {alert.detail}" if alert.detail else alert.title
            self.tell(now, EventKind.ALERT_OPENED, subject, text, alert.severity)


def subject_of(key: tuple[str, str]) -> str:
    """Give the subject of events and alerts of a service in an environment."""
    return f"{key[0]}@{key[1]}"


def read_again(before: Inventory, now: Inventory) -> str:
    """Say that an inventory was read again, and how many services came, went and changed."""
    old = {service.name: service for service in before.services}
    new = {service.name: service for service in now.services}
    changed = sum(old[name] != new[name] for name in old.keys() & new.keys())
    counts = ((len(new.keys() - old.keys()), "new"), (len(old.keys() - new.keys()), "gone"), (changed, "changed"))
    text = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"inventory read: {len(new)} services" + (f" ({text})" if text else "")
