from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from platformpm.model.alert import Alert, AlertKey, AlertKind, alerts_of_host, alerts_of_service, fold, order
from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.inventory import Environment, Host, Service
from platformpm.model.reading import Reading
from platformpm.model.settle import Settled
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Reason, Status

DAY = 86400.0
NOW = 1000 * DAY


def state(status: Status, *parts: InstanceState, since: float | None = 5.0) -> ServiceState:
    service = Service("checkout", tier=2, instances=tuple(part.instance for part in parts))
    return ServiceState(service, Environment("production"), parts, status, since)


def part(
    status: Status, reading: Reading | None = None, *, name: str = "a", days: float | None = None
) -> InstanceState:
    instance = Instance(InstanceKey("checkout", "production", name), "http", "http://h", Check(), "http://h")
    bad = reading if reading is not None and reading.status is not Status.UP else None
    expires = None if days is None else NOW + days * DAY
    return InstanceState(instance, Settled(status, 5.0), reading, bad, certificate_expires=expires)


def reading(status: Status, reason: Reason | None = None, detail: str = "") -> Reading:
    return Reading(status, 1.0, reason, detail)


DOWN = part(Status.DOWN, reading(Status.DOWN, Reason.STATUS, "HTTP 503"))
SLOW = part(Status.DEGRADED, reading(Status.DEGRADED, Reason.SLOW, "812 ms, limit 500 ms"), name="b")
FINE = part(Status.UP, reading(Status.UP), name="c")
EXPIRING = part(Status.DEGRADED, reading(Status.DEGRADED, Reason.CERTIFICATE_EXPIRING, "soon"), days=3.5)


def of(each: ServiceState) -> list[tuple[AlertKind, Status, str]]:
    return [(alert.key.kind, alert.severity, alert.detail) for alert in alerts_of_service(each, NOW)]


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (state(Status.UP, FINE), []),
        (state(Status.UNKNOWN, part(Status.UNKNOWN)), []),
        (state(Status.DOWN, DOWN), [(AlertKind.SERVICE_DOWN, Status.DOWN, "HTTP 503")]),
        (
            state(Status.DEGRADED, FINE, SLOW, DOWN),
            [(AlertKind.SERVICE_DEGRADED, Status.DEGRADED, "HTTP 503 (1 of 3 instances, 1 more not up)")],
        ),
        (
            state(Status.DEGRADED, EXPIRING),
            [(AlertKind.CERTIFICATE_EXPIRING, Status.DEGRADED, "expires in 3 days")],
        ),
        (
            state(Status.DEGRADED, EXPIRING, SLOW),
            [
                (AlertKind.SERVICE_DEGRADED, Status.DEGRADED, "soon (1 of 2 instances, 1 more not up)"),
                (AlertKind.CERTIFICATE_EXPIRING, Status.DEGRADED, "expires in 3 days"),
            ],
        ),
        (state(Status.DOWN, part(Status.DOWN)), [(AlertKind.SERVICE_DOWN, Status.DOWN, "")]),
    ],
)
def test_a_service_alerts_of_what_a_person_must_know(
    each: ServiceState, expected: list[tuple[AlertKind, Status, str]]
) -> None:
    assert of(each) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (20.0, None),
        (14.0, None),
        (13.9, (Status.DEGRADED, "expires in 13 days")),
        (1.5, (Status.DEGRADED, "expires in 1 day")),
        (0.5, (Status.DEGRADED, "expires within a day")),
        (-0.1, (Status.DOWN, "has expired")),
    ],
)
def test_a_certificate_alerts_before_it_runs_out(days: float, expected: tuple[Status, str] | None) -> None:
    found = of(state(Status.UP, part(Status.UP, days=days), FINE))
    assert found == ([] if expected is None else [(AlertKind.CERTIFICATE_EXPIRING, *expected)])


def test_the_first_certificate_to_run_out_counts() -> None:
    each = state(Status.UP, part(Status.UP, days=9.5), part(Status.UP, name="b", days=2.5))
    assert of(each) == [(AlertKind.CERTIFICATE_EXPIRING, Status.DEGRADED, "expires in 2 days")]


def test_a_recovering_certificate_does_not_become_another_alert() -> None:
    recovering = replace(EXPIRING, reading=reading(Status.UP))
    assert [kind for kind, _, _ in of(state(Status.DEGRADED, recovering))] == [AlertKind.CERTIFICATE_EXPIRING]


def test_an_alert_names_its_service_and_since_when() -> None:
    (alert,) = alerts_of_service(state(Status.DOWN, DOWN), NOW)
    assert (alert.title, alert.opened, alert.tier) == ("checkout down", 5.0, 2)
    assert (alert.key.subject, alert.service) == ("checkout@production", ("checkout", "production"))
    (alert,) = alerts_of_service(state(Status.DOWN, DOWN, since=None), NOW)
    assert alert.opened == NOW


def test_a_host_alerts_only_of_its_limits() -> None:
    over = HostState(Host("local"), Status.DOWN, 3.0, Reason.LIMIT, "cpu 99 %, limit 95 %")
    (alert,) = alerts_of_host(over, NOW)
    assert (alert.key, alert.title) == (AlertKey(AlertKind.HOST_LIMIT, "host:local"), "local over limit")
    assert (alert.severity, alert.opened, alert.detail) == (Status.DOWN, 3.0, "cpu 99 %, limit 95 %")
    assert list(alerts_of_host(replace(over, status=Status.UNKNOWN, reason=Reason.INTERNAL), NOW)) == []


def alert(number: int, opened: float, severity: Status = Status.DOWN, **more: object) -> Alert:
    base = Alert(AlertKey(AlertKind.SERVICE_DOWN, f"s{number}"), severity, "t", f"d{opened}", opened)
    return replace(base, **more)  # type: ignore[arg-type]  # the fields are the test's own


@pytest.mark.parametrize("critical", [False, True])
def test_an_alert_of_a_service_knows_whether_its_environment_is_critical(critical: bool) -> None:
    row = replace(state(Status.DOWN, DOWN), environment=Environment("production", critical=critical))
    assert [one.critical for one in alerts_of_service(row, NOW)] == [critical]


def test_open_comes_first_then_the_worst_the_critical_the_tier_and_the_newest() -> None:
    wanted = [
        alert(7, 0.5, tier=4, critical=True),
        alert(1, 1.0, tier=1),
        alert(2, 9.0, tier=3),
        alert(3, 8.0),
        alert(4, 7.0),
        alert(5, 99.0, Status.DEGRADED, tier=1),
        alert(6, 100.0, closed=101.0, tier=1),
    ]
    assert order(wanted[::-1]) == wanted


class Folding(RuleBasedStateMachine):
    """What holds is open, since it first held without a gap; what no longer holds is told once."""

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[AlertKey, Alert] = {}
        self.first: dict[AlertKey, float] = {}
        self.now = 0.0

    @rule(numbers=st.sets(st.integers(0, 4)))
    def hold(self, numbers: set[int]) -> None:
        self.now += 1
        before = dict(self.open)
        self.open, gone = fold(self.open, [alert(number, self.now) for number in sorted(numbers)])
        keys = {alert(number, 0).key for number in numbers}
        assert set(gone) == set(before) - keys
        assert len(gone) == len(set(gone))
        self.first = {key: self.first.get(key, self.now) for key in keys}

    @invariant()
    def agrees(self) -> None:
        assert {key: each.opened for key, each in self.open.items()} == self.first
        assert all(each.detail == f"d{self.now}" for each in self.open.values())


TestFolding = Folding.TestCase
TestFolding.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
