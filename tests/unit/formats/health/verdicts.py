"""Short words for what the tables of the health tests expect, and what they compare."""

from __future__ import annotations

from collections.abc import Callable

from platformpm.formats.health import HealthVerdict
from platformpm.model.status import Reason, Status

Ask = Callable[..., HealthVerdict | None]
UP, DEGRADED, DOWN = Status.UP, Status.DEGRADED, Status.DOWN
PAYLOAD, STATUS, HEADER = Reason.PAYLOAD, Reason.STATUS, Reason.HEADER


def seen(verdict: HealthVerdict | None) -> tuple[object, ...]:
    """Give what a table names of a verdict; none of them is about a good body under a bad code."""
    assert verdict is not None
    assert "though the body says" not in verdict.detail
    return verdict.dialect, verdict.status, verdict.reason, verdict.failing
