"""What the log of events leaves out of sight: a thing that two events tell of is said once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from platformpm.model.event import Event, EventKind

NEAR = 3.0
"""Seconds in which two events of one subject tell of the same thing."""


def without_echoes(events: Sequence[Event]) -> list[Event]:
    """Give the events, in their order, without those that only repeat another one of the same subject.

    A change of status gives way to the alert that it opened, which says more; the end of an alert gives way to the
    change of status that ended it. What each of two processes tells of the platform as a whole is told once.
    """
    opened = _at(event for event in events if event.kind is EventKind.ALERT_OPENED)
    changed = _at(event for event in events if event.kind is EventKind.STATUS)
    twins = _twins(events)
    return [
        event
        for event in events
        if not (event.kind is EventKind.STATUS and _is_told(event, opened, same_status=True))
        and not (event.kind is EventKind.ALERT_CLOSED and _is_told(event, changed, same_status=False))
        and id(event) not in twins
    ]


def _twins(events: Iterable[Event]) -> set[int]:
    """Give the identity of each event of the platform as a whole that says what another one has just said."""
    last: dict[tuple[EventKind, str], float] = {}
    found = set()
    for event in events:
        if not event.subject:
            what = event.kind, event.text
            if event.at - last.get(what, -NEAR) < NEAR:
                found.add(id(event))
            last[what] = event.at
    return found


def _at(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.subject].append(event)
    return found


def _is_told(event: Event, others: dict[str, list[Event]], *, same_status: bool) -> bool:
    return any(
        abs(other.at - event.at) <= NEAR and (other.status is event.status or not same_status)
        for other in others.get(event.subject, ())
    )
