"""What a sink is told: each reading, and each change once."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from platformpm.engine.state import State
from platformpm.model.check import Check, Instance, Purpose
from platformpm.model.event import Event, EventKind
from platformpm.model.inventory import Inventory
from platformpm.model.record import (
    AlertChange,
    CertificateSeen,
    Gap,
    Record,
    Renamed,
    StatusChange,
    Taken,
    VersionChange,
    whole,
)
from platformpm.model.status import Reason, Status
from tests.unit.engine.platforms import bad, health, instance, inventory, service, up, version_of

A, B = instance(name="a"), instance(name="b")
WITH_VERSION = instance(version=Check(purpose=Purpose.VERSION, interval=60.0))
Kind = TypeVar("Kind")


class Tape:
    """A sink that keeps all it is told."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def put(self, record: Record, /) -> None:
        self.records.append(record)

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [record for record in self.records if isinstance(record, kind)]


def one(*instances: Instance, min_up: int = 1) -> tuple[State, Tape]:
    return of(inventory(service(*instances, min_up=min_up)))


def of(declared: Inventory) -> tuple[State, Tape]:
    tape = Tape()
    return State(declared, 0.0, tape), tape


def test_every_reading_is_told_with_the_version_known_then_also_one_that_is_not_trusted() -> None:
    state, tape = one(A)
    readings = [up(1.0, "1.0"), bad(2.0), replace(bad(3.0), trusted=False)]
    for reading in readings:
        state.apply(health(A), reading, reading.at)
    assert tape.of(Taken) == [Taken(A.key, readings[0], "1.0"), Taken(A.key, readings[1], None),
                              Taken(A.key, readings[2], None)]  # fmt: skip


def test_a_version_check_gives_no_reading_of_health_but_its_version_goes_with_the_next() -> None:
    state, tape = one(WITH_VERSION)
    state.apply(version_of(WITH_VERSION), up(1.0, "1.0"), 1.0)
    state.apply(health(WITH_VERSION), up(2.0), 2.0)
    assert [(taken.reading.at, taken.version) for taken in tape.of(Taken)] == [(2.0, "1.0")]
    assert tape.of(VersionChange) == [VersionChange(WITH_VERSION.key, 1.0, "1.0", "body")]


def test_a_change_of_status_is_told_once_of_the_instance_and_of_the_service_as_a_whole() -> None:
    state, tape = one(A, B)
    for reading in (up(1.0), up(1.5), bad(2.0), bad(4.0), bad(6.0), up(8.0), up(10.0)):
        state.apply(health(A), reading, reading.at + 0.5)
    state.apply(health(B), up(11.0), 11.0)
    reason, detail = bad(4.0).reason, bad(4.0).detail
    service_as_a_whole = whole(A.key.service, A.key.environment)
    told = tape.of(StatusChange)
    assert [change for change in told if change.key == A.key] == [
        StatusChange(A.key, 1.0, Status.UP),
        StatusChange(A.key, 4.0, Status.DOWN, reason, detail),
        StatusChange(A.key, 10.0, Status.UP),
    ]
    assert [(change.at, change.status) for change in told if change.key == service_as_a_whole] == [
        (1.0, Status.UNKNOWN), (4.0, Status.DEGRADED), (10.0, Status.UNKNOWN), (11.0, Status.UP)
    ]  # fmt: skip


def test_a_version_is_told_when_it_is_first_seen_and_when_it_changes_and_not_after_a_gap() -> None:
    state, tape = one(A)
    for reading in (up(1.0, "1.0"), up(2.0), up(3.0, "v1.0"), up(4.0, "2.0")):
        state.apply(health(A), reading, reading.at)
    assert [(change.at, change.version) for change in tape.of(VersionChange)] == [(1.0, "1.0"), (4.0, "2.0")]


def test_an_alert_is_told_when_it_opens_and_when_it_closes() -> None:
    state, tape = one(A)
    for reading in (up(1.0), bad(2.0), bad(4.0), bad(6.0), up(8.0), up(10.0)):
        state.apply(health(A), reading, reading.at)
    alerts = [change.alert for change in tape.of(AlertChange)]
    assert [(alert.opened, alert.closed) for alert in alerts] == [(4.0, None), (4.0, 10.0)]
    assert [event.kind for event in tape.of(Event)] == [
        EventKind.STATUS, EventKind.ALERT_OPENED, EventKind.STATUS, EventKind.ALERT_CLOSED
    ]  # fmt: skip


def test_a_certificate_is_told_when_it_is_another() -> None:
    state, tape = one(A)
    for reading in (up(1.0, expires=5000.0), up(2.0, expires=5000.0), up(3.0), up(4.0, expires=9000.0)):
        state.apply(health(A), reading, reading.at)
    assert tape.of(CertificateSeen) == [CertificateSeen(A.key, 5000.0), CertificateSeen(A.key, 9000.0)]


def test_a_pause_of_the_monitor_is_a_gap() -> None:
    state, tape = one(A)
    state.paused(40.0, "the machine slept", 100.0)
    assert tape.of(Gap) == [Gap(60.0, 100.0, "the machine slept")]
    assert [event.kind for event in tape.of(Event)] == [EventKind.MONITOR_PAUSED]


def test_a_reload_tells_new_names_and_what_it_makes_of_a_service() -> None:
    state, tape = one(A, B)
    for reading in (bad(1.0), bad(2.0)):
        state.apply(health(A), reading, reading.at)
    state.apply(health(B), up(3.0), 3.0)
    assert [change.status for change in tape.of(StatusChange) if not change.key.instance][-1] is Status.DEGRADED
    state.reload(inventory(service(B)), 50.0)
    assert tape.of(StatusChange)[-1] == StatusChange(whole(*B.key[:2]), 50.0, Status.UP)
    renamed = replace(service(replace(B, key=B.key._replace(service="new"))), name="new", renamed_from=B.key.service)
    state.reload(inventory(renamed), 60.0)
    assert tape.of(Renamed) == [Renamed(B.key.service, "new")]


def test_what_is_down_says_why() -> None:
    state, tape = one(A)
    for reading in (bad(1.0), bad(2.0)):
        state.apply(health(A), reading, reading.at)
    assert {(change.status, change.reason) for change in tape.of(StatusChange)} == {(Status.DOWN, Reason.STATUS)}
