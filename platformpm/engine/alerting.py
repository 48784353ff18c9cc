"""The open alerts and those lately closed, kept up one subject at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace

from platformpm.model.alert import STATUS_KINDS, Alert, AlertKey, AlertKind, close, fold, is_passage, order
from platformpm.model.silence import Muted

CLOSED_KEPT = 50
"""Closed alerts that stay in view."""

_NONE: dict[AlertKey, Alert] = {}


class Alerts:
    """What holds now, by subject. Nothing here knows the time: it comes with each change."""

    def __init__(self) -> None:
        """Start with nothing open."""
        self._open: dict[str, dict[AlertKey, Alert]] = {}
        self._closed: deque[Alert] = deque(maxlen=CLOSED_KEPT)
        self._muted: Mapping[str, Muted] = {}
        self._ordered: tuple[Alert, ...] | None = ()

    def hold(self, subject: str, holding: Iterable[Alert], now: float) -> tuple[list[Alert], list[Alert]]:
        """Replace the alerts that hold for `subject`; give those that opened and those that closed at wall time `now`.

        A service that gets worse or better changes its alert: the new one opens, the old one closes. One that was only
        the way into or out of a worse one is not kept.
        """
        known = self._open.get(subject, _NONE)
        wanted = list(holding)
        if not known and not wanted:
            return [], []
        now_open, gone = fold(known, wanted)
        if now_open == known:
            return [], []
        opened = [alert for key, alert in now_open.items() if key not in known]
        closed = [close(known[key], now) for key in gone]
        if now_open:
            self._open[subject] = now_open
        else:
            self._open.pop(subject, None)
        heir = next((alert for alert in opened if alert.key.kind in STATUS_KINDS), None)
        self._closed.extend([one for one in closed if not is_passage(one, heir, self._closed)])
        self._ordered = None
        return opened, closed

    def remember(self, alerts: Iterable[Alert]) -> None:
        """Take up alerts from before, oldest first: the open ones hold since they were opened, and are no news."""
        over = {(alert.key, alert.opened) for alert in self._closed}
        before: list[Alert] = []
        for alert in alerts:
            if (alert.key, alert.opened) in over:
                continue
            if alert.closed is not None:
                before.append(alert)
                continue
            holding = self._open.setdefault(alert.key.subject, {})
            now = holding.get(alert.key, alert)
            worst = max(now.worst, alert.worst, key=lambda seen: seen[0])
            holding[alert.key] = replace(now, opened=min(now.opened, alert.opened), worst=worst)
        self._closed = deque([*before, *self._closed], maxlen=CLOSED_KEPT)
        self._ordered = None

    def mute(self, muted: Mapping[str, Muted]) -> None:
        """Hold back the open alerts of these subjects from now on, and of no others."""
        self._muted = muted
        self._ordered = None

    def of(self, subject: str) -> list[Alert]:
        """Give the open alerts of a subject."""
        return list(self._open.get(subject, _NONE).values())

    def of_host(self, name: str) -> Alert | None:
        """Give the open alert of a host over its limits."""
        subject = f"host:{name}"
        return self._open.get(subject, _NONE).get(AlertKey(AlertKind.HOST_LIMIT, subject))

    def subjects(self) -> list[str]:
        """Give the subjects that have open alerts."""
        return list(self._open)

    def ordered(self) -> tuple[Alert, ...]:
        """Give the open ones and those lately closed as a person wants them; the same tuple while nothing changed."""
        if self._ordered is None:
            every = [
                replace(alert, muted=self._muted[subject]) if subject in self._muted else alert
                for subject, alerts in self._open.items()
                for alert in alerts.values()
            ]
            self._ordered = tuple(order([*every, *self._closed]))
        return self._ordered
