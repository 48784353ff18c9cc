"""How many instances have the reason that is told of their service."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from platformpm.model.cause import counted
from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.inventory import Environment, Service
from platformpm.model.reading import Reading
from platformpm.model.settle import Settled
from platformpm.model.state import InstanceState, ServiceState
from platformpm.model.status import Reason, Status

REFUSED = Reading(Status.DOWN, 1.0, Reason.REFUSED, "10.0.0.1:80 refused")
REFUSED_TOO = Reading(Status.DOWN, 1.0, Reason.REFUSED, "10.0.0.2:80 refused")
BROKEN = Reading(Status.DOWN, 1.0, Reason.STATUS, "HTTP 503; db DOWN")
BROKEN_TOO = Reading(Status.DOWN, 1.0, Reason.STATUS, "HTTP 503; redis DOWN")
LOST = Reading(Status.DOWN, 1.0, Reason.STATUS, "HTTP 404, expected 2xx")
SLOW = Reading(Status.DEGRADED, 1.0, Reason.SLOW, "812 ms, limit 500 ms")
FINE = Reading(Status.UP, 1.0)


def state(*readings: Reading | None) -> ServiceState:
    parts = []
    for number, reading in enumerate(readings):
        instance = Instance(InstanceKey("checkout", "production", f"{number}"), "http", "http://h", Check(), "http://h")
        status = Status.UNKNOWN if reading is None else reading.status
        bad = None if status is Status.UP else reading
        parts.append(InstanceState(instance, Settled(status, 1.0), reading, bad))
    return ServiceState(Service("checkout"), Environment("production"), tuple(parts))


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        ([BROKEN], ""),
        ([FINE, FINE], ""),
        ([BROKEN, FINE], " (1 of 2 instances)"),
        ([BROKEN, SLOW], " (1 of 2 instances, 1 more not up)"),
        ([SLOW, BROKEN, FINE, BROKEN_TOO], " (2 of 4 instances, 1 more not up)"),
        ([BROKEN, LOST], " (1 of 2 instances, 1 more not up)"),
        ([REFUSED, REFUSED_TOO], " (2 of 2 instances)"),
        ([REFUSED, None, None], " (1 of 3 instances, 2 more not up)"),
        ([None, None], " (2 of 2 instances)"),
    ],
)
def test_only_those_with_the_same_reason_are_counted_with_it(readings: Sequence[Reading | None], said: str) -> None:
    assert counted(state(*readings)) == said
