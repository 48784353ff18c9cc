"""Status of one thing, verdict of a fleet, and the enumerated reasons of a bad reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """State of an instance, service or host, declared from best to worst."""

    UP = "up"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    DOWN = "down"


RANK = {status: rank for rank, status in enumerate(Status)}
"""Badness: up 0 < unknown 1 < degraded 2 < down 3."""


class Verdict(StrEnum):
    """State of a fleet, as an exit code speaks of it."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a reading is not simply up. Never replaced by free text."""

    DNS = "dns"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_TLS = "timeout_tls"
    TIMEOUT_RESPONSE = "timeout_response"
    TIMEOUT_BODY = "timeout_body"
    RESET = "reset"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_EXPIRED = "tls_expired"
    TLS_HOSTNAME = "tls_hostname"
    TLS_PROTOCOL = "tls_protocol"
    PROTOCOL = "protocol"
    STATUS = "status"
    PROXY = "proxy"
    UNAUTHORIZED = "unauthorized"
    RATE_LIMITED = "rate_limited"
    HEADER = "header"
    BODY = "body"
    PAYLOAD = "payload"
    SLOW = "slow"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"
    CERTIFICATE_EXPIRING = "certificate_expiring"
    EXIT_CODE = "exit_code"
    LIMIT = "limit"
    NOT_PERMITTED = "not_permitted"
    SILENT = "silent"
    CONFIG = "config"
    INTERNAL = "internal"


_DEGRADED = frozenset({Reason.SLOW, Reason.CERTIFICATE_EXPIRING})
_UNKNOWN = frozenset(
    {
        Reason.CONFIG,
        Reason.INTERNAL,
        Reason.PROXY,
        Reason.UNAUTHORIZED,
        Reason.RATE_LIMITED,
        Reason.NOT_PERMITTED,
    }
)


def status_for(reason: Reason) -> Status:
    """Give the status a reading has for `reason` when no format says otherwise.

    `slow` above the critical latency, `redirect` to another host and a `payload` that only warns are decided where
    they are seen; this is the rule for all the rest.
    """
    if reason in _DEGRADED:
        return Status.DEGRADED
    if reason in _UNKNOWN:
        return Status.UNKNOWN
    return Status.DOWN


def worst(statuses: Iterable[Status], default: Status = Status.UNKNOWN) -> Status:
    """Give the worst of `statuses`, or `default` when there are none."""
    return max(statuses, key=RANK.__getitem__, default=default)


def verdict_of(statuses: Iterable[Status]) -> Verdict:
    """Give the verdict of a fleet: that of its worst status; an empty fleet is unknown."""
    return _VERDICTS[worst(statuses)]


_VERDICTS = {
    Status.UP: Verdict.OK,
    Status.UNKNOWN: Verdict.UNKNOWN,
    Status.DEGRADED: Verdict.WARNING,
    Status.DOWN: Verdict.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class MinUp:
    """How many instances must serve: a count, or a percentage of all, rounded up."""

    value: int = 1
    percent: bool = False

    def needed(self, total: int) -> int:
        """Give the number of `total` instances that must serve."""
        return -(-self.value * total // 100) if self.percent else self.value


def service_status(statuses: Sequence[Status], min_up: MinUp) -> Status:
    """Give the status of a service in one environment from those of its instances (at least one).

    serving = up + degraded. When serving + unknown < `min_up`: down. Else any down or degraded: degraded. Else any
    unknown: unknown. Else up. A `min_up` above the number of instances can never be met: always down.
    """
    down = sum(status is Status.DOWN for status in statuses)
    possible = len(statuses) - down
    if possible < min_up.needed(len(statuses)):
        return Status.DOWN
    if down or Status.DEGRADED in statuses:
        return Status.DEGRADED
    return Status.UNKNOWN if Status.UNKNOWN in statuses else Status.UP
