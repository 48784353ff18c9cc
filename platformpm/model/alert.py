"""Alerts: what a platform PM must worry about now, opened and closed by the state itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from platformpm.model.cause import counted
from platformpm.model.silence import Muted
from platformpm.model.state import HostState, ServiceState
from platformpm.model.status import RANK, Reason, Status

_DAY = 86400.0
_PASSAGE = 30.0
"""Seconds in which a service that was down comes up instance by instance."""


class AlertKind(StrEnum):
    """What an alert is about."""

    SERVICE_DOWN = "service_down"
    SERVICE_DEGRADED = "service_degraded"
    HOST_LIMIT = "host_limit"
    CERTIFICATE_EXPIRING = "certificate_expiring"


class AlertKey(NamedTuple):
    """Identity of an alert: a condition of a subject (`service@environment` or `host:NAME`)."""

    kind: AlertKind
    subject: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `severity` is degraded or down; `opened` and `closed` are wall seconds, `closed` None while open.

    `detail` says what is seen now, `affected` in how many instances; `worst` is (affected, detail) at its worst.
    `muted` tells until when an open one is held back.
    """

    key: AlertKey
    severity: Status
    title: str
    detail: str
    opened: float
    closed: float | None = None
    tier: int | None = None
    service: tuple[str, str] | None = None
    owner: str | None = None
    affected: int = 1
    worst: tuple[int, str] = (0, "")
    muted: Muted | None = None
    critical: bool = False
    """Whether its environment is critical, as far as this run knows: it is not recorded."""

    @property
    def counts(self) -> bool:
        """Tell whether a person is to worry about it now."""
        return self.closed is None and self.muted is None


STATUS_KINDS = frozenset({AlertKind.SERVICE_DOWN, AlertKind.SERVICE_DEGRADED})
"""A service has at most one alert of these at a time: getting worse or better changes one into the other."""


def alerts_of_service(state: ServiceState, now: float) -> Iterator[Alert]:
    """Give the alerts that hold for a service in an environment; `opened` is since when as far as it is known."""
    name = state.service.name
    opened = state.since if state.since is not None else now
    if state.status is Status.DOWN:
        yield _alert(state, AlertKind.SERVICE_DOWN, Status.DOWN, f"{name} down", _worst_detail(state), opened)
    elif state.status is Status.DEGRADED and not _only_certificates(state):
        yield _alert(
            state, AlertKind.SERVICE_DEGRADED, Status.DEGRADED, f"{name} degraded", _worst_detail(state), opened
        )
    expiring = [days for days, limit in _certificates(state, now) if days < limit]
    if expiring:
        days = min(expiring)
        left = "has expired" if days < 0 else "expires within a day" if days < 1 else _expires_in(int(days))
        severity = Status.DOWN if days < 0 else Status.DEGRADED
        yield _alert(state, AlertKind.CERTIFICATE_EXPIRING, severity, f"{name} certificate", left, now)


def alerts_of_host(state: HostState, now: float) -> Iterator[Alert]:
    """Give the alert of a host over its limits."""
    if state.reason is Reason.LIMIT and state.status in (Status.DEGRADED, Status.DOWN):
        key = AlertKey(AlertKind.HOST_LIMIT, f"host:{state.host.name}")
        opened = state.since if state.since is not None else now
        yield Alert(key, state.status, f"{state.host.name} over limit", state.detail, opened)


def fold(
    open_alerts: Mapping[AlertKey, Alert], holding: Iterable[Alert]
) -> tuple[dict[AlertKey, Alert], list[AlertKey]]:
    """Give the open alerts now, each with the time it was first opened, and the keys that no longer hold."""
    now_open: dict[AlertKey, Alert] = {}
    for alert in holding:
        known = open_alerts.get(alert.key)
        opened, worst = (alert.opened, (0, "")) if known is None else (known.opened, known.worst)
        seen = (alert.affected, alert.detail)
        now_open[alert.key] = replace(alert, opened=opened, worst=seen if seen[0] >= worst[0] else worst)
    return now_open, [key for key in open_alerts if key not in now_open]


def close(alert: Alert, now: float) -> Alert:
    """Give an alert that no longer holds: it keeps what was seen at its worst, not what was left of it at the end."""
    return replace(alert, closed=max(now, alert.opened), detail=alert.worst[1] or alert.detail)


def is_passage(alert: Alert, heir: Alert | None, closed: Iterable[Alert]) -> bool:
    """Tell whether a closing alert was only the way into a worse one, or the short way out of it: no alert of its own.

    `heir` is the status alert that follows it at once; `closed` are those already closed.
    """
    if alert.key.kind is not AlertKind.SERVICE_DEGRADED:
        return False
    if heir is not None:
        return True
    before = AlertKey(AlertKind.SERVICE_DOWN, alert.key.subject)
    ends = [one.closed for one in closed if one.key == before and one.closed is not None]
    return bool(ends) and abs(alert.opened - ends[-1]) < _PASSAGE and (alert.closed or 0.0) - alert.opened < _PASSAGE


def order(alerts: Iterable[Alert]) -> list[Alert]:
    """Give alerts as a person wants them, the most urgent first."""
    return sorted(alerts, key=lambda alert: (urgency(alert), alert.key))


def urgency(alert: Alert) -> tuple[int, int, bool, bool, int, float]:
    """Give the key of that order: open, muted, closed; the worst, critical environments, tier 1, the newest."""
    tier, newest = (alert.tier is None, alert.tier or 0), -(alert.closed or alert.opened)
    return standing(alert), -RANK[alert.severity], not alert.critical, *tier, newest


def standing(alert: Alert) -> int:
    """Give 0 for an alert that is open, 1 for one that is muted, 2 for one that is closed."""
    return 0 if alert.counts else 1 if alert.closed is None else 2


def _alert(state: ServiceState, kind: AlertKind, severity: Status, title: str, detail: str, opened: float) -> Alert:
    key = AlertKey(kind, f"{state.service.name}@{state.environment.name}")
    affected = sum(i.status is not Status.UP for i in state.instances)
    service = state.service
    return Alert(
        *(key, severity, title, detail, opened),
        tier=service.tier,
        service=state.key,
        owner=service.owner,
        affected=affected,
        critical=state.environment.critical,
    )


def _expires_in(days: int) -> str:
    return f"expires in {days} day{'' if days == 1 else 's'}"


def _certificates(state: ServiceState, now: float) -> Iterator[tuple[float, float]]:
    """Give (days left, days wanted) of every certificate that was seen."""
    for instance in state.instances:
        expires = instance.certificate_expires
        if expires is not None:
            yield (expires - now) / _DAY, instance.instance.health.certificate_days


def _only_certificates(state: ServiceState) -> bool:
    bad = [i.last_bad for i in state.instances if i.status is not Status.UP]
    return all(reading is not None and reading.reason is Reason.CERTIFICATE_EXPIRING for reading in bad)


def _worst_detail(state: ServiceState) -> str:
    first = max(state.instances, key=lambda i: RANK[i.status])
    reading = first.last_bad or first.reading
    return (reading.detail if reading else "") + counted(state)
