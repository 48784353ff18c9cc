"""The outcome of one check. A failure is a value here, never an exception."""

from __future__ import annotations

from dataclasses import dataclass

from platformpm.model.plugin import Performance
from platformpm.model.status import Reason, Status


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds spent in each phase of one exchange; None where a phase did not happen.

    With redirects these are the phases of the last exchange; `Reading.latency` covers all of them.
    """

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    transfer: float | None = None


NO_PHASES = Phases()
FAILING_COUNTED = 500
"""Failing components that are counted: where it is so many, there may be more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one check of one instance gave.

    `at` is the wall time in seconds at which it started, `latency` seconds from the start of DNS to the end of the
    body. `detail` says what was seen: cleaned, masked, at most 200 characters. `failing_more` counts the components
    that fail beside the named ones. `performance` is what a program measured. `version_source` says where the
    version was read. `certificate_expires` is wall time in seconds. `trusted` is False when a stall of ours may
    have made the outcome. `whole` is False for one that was taken over from the record: its phases, dialect and the
    like are not known, which is not that it has none.
    """

    status: Status
    at: float
    reason: Reason | None = None
    detail: str = ""
    latency: float | None = None
    phases: Phases = NO_PHASES
    dialect: str | None = None
    failing_components: tuple[str, ...] = ()
    failing_more: int = 0
    performance: tuple[Performance, ...] = ()
    version: str | None = None
    version_source: str | None = None
    certificate_expires: float | None = None
    trusted: bool = True
    whole: bool = True
