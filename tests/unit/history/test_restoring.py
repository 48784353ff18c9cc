from __future__ import annotations

from dataclasses import replace

import pytest

from platformpm.history.ledger import Ledger
from platformpm.history.queries import Queries
from platformpm.history.restoring import CLOSED, EVENTS
from platformpm.history.rolling import move
from platformpm.model.alert import Alert, AlertKey, AlertKind
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.memory import InstanceMemory, Memory
from platformpm.model.reading import Reading
from platformpm.model.record import AlertChange, CertificateSeen, Record, StatusChange, Taken, VersionChange, whole
from platformpm.model.series import Point
from platformpm.model.status import Reason, Status
from tests.unit.history.pasts import A, B, C, T, bad, database, up, written

SERVICE = whole("checkout", "production")
DOWN = AlertKey(AlertKind.SERVICE_DOWN, "checkout@production")


def alert(opened: float, closed: float | None = None) -> Alert:
    return Alert(
        *(DOWN, Status.DOWN, "checkout down", "HTTP 503", opened, closed),
        tier=1,
        service=("checkout", "production"),
        owner="payments",
        affected=2,
        worst=(3, "HTTP 500"),
    )


def only(records: list[Record], points: int = 240, *, moved: float | None = None) -> InstanceMemory:
    return written(records, moved=moved).memory([A], points).instances[A]


def taken(*readings: Reading, key: InstanceKey = A) -> list[Taken]:
    return [Taken(key, reading, None) for reading in readings]


def test_an_empty_history_knows_nothing() -> None:
    assert Queries(database).memory([A, B]) == Memory()


def test_all_that_was_known_of_an_instance_comes_back() -> None:
    records: list[Record] = [
        StatusChange(A, T, Status.UP),
        StatusChange(A, T + 50, Status.DOWN),
        VersionChange(A, T, "2.4.0", "header"),
        VersionChange(A, T + 9, "2.4.1", "body"),
        CertificateSeen(A, T + 86400),
        *taken(up(T + 10), bad(T + 40), bad(T + 50)),
    ]
    found = only(records)
    assert found.status is Status.DOWN
    assert found.since == T + 50
    assert (found.version, found.version_source, found.version_since) == ("2.4.1", "body", T + 9)
    assert found.certificate_expires == T + 86400
    assert found.reading == found.last_bad == bad(T + 50)
    assert [(point.at, point.status) for point in found.series] == [
        (T + 10, Status.UP),
        (T + 40, Status.DOWN),
        (T + 50, Status.DOWN),
    ]


def test_a_status_holds_since_it_was_first_said() -> None:
    said = [(0, Status.DOWN), (10, Status.UP), (20, Status.UP), (30, Status.UP)]
    found = only([StatusChange(A, T + at, status) for at, status in said])
    assert (found.status, found.since) == (Status.UP, T + 10)
    assert only([StatusChange(A, T, Status.UP), StatusChange(A, T + 5, Status.UP)]).since == T


@pytest.mark.parametrize("moved", [None, T + 310, T + 3000])
@pytest.mark.parametrize("points", [1, 3, 5, 240])
def test_the_series_has_the_newest_trusted_points_wherever_they_lie(points: int, moved: float | None) -> None:
    every = [up(T + second, None if second % 180 else 0.5) for second in range(0, 900, 90)]
    spoilt = bad(T + 899, trusted=False)
    records = [*taken(*every, spoilt), *taken(*(up(T + second) for second in range(0, 900, 30)), key=B)]
    records.sort(key=lambda one: one.reading.at)
    found = only([*records], points, moved=moved)
    assert list(found.series) == [Point(one.at, one.latency, Status.UP) for one in every][-points:]
    assert found.reading == spoilt
    assert found.last_bad is None


def test_the_newest_reading_is_rebuilt_where_it_was_up() -> None:
    records: list[Record] = [*taken(bad(T + 1)), Taken(A, up(T + 2), "2.4.1")]
    for moved in (None, T + 900):
        found = only(records, moved=moved)
        assert found.reading == replace(up(T + 2), version="2.4.1", whole=False)
        assert found.last_bad == bad(T + 1)


def test_without_points_there_are_neither_series_nor_readings() -> None:
    found = only([StatusChange(A, T, Status.UP), VersionChange(A, T, "1.0"), *taken(up(T), bad(T + 1))], 0)
    assert found == InstanceMemory(Status.UP, T, version="1.0", version_since=T)


def test_why_it_is_not_up_comes_back_without_readings_too() -> None:
    fell = StatusChange(A, T + 50, Status.DOWN, Reason.STATUS, "HTTP 503")
    found = only([StatusChange(A, T, Status.UP), fell, *taken(bad(T + 50))], 0)
    assert found.reading is None
    assert found.last_bad == Reading(Status.DOWN, T + 50, Reason.STATUS, "HTTP 503", whole=False)
    assert only([fell, StatusChange(A, T + 60, Status.UP)], 0).last_bad is None


def test_only_what_was_asked_for_comes_back() -> None:
    records: list[Record] = [
        *(StatusChange(key, T, Status.UP) for key in (A, B, C, SERVICE, whole("ledger", "production"))),
        StatusChange(A, T + 9, Status.DEGRADED),
        StatusChange(SERVICE, T + 9, Status.DEGRADED),
    ]
    found = written(records, now=T + 77.5).memory([A])
    assert found.at == T + 77.5
    assert set(found.instances) == {A}
    assert found.services == {("checkout", "production"): (Status.DEGRADED, T + 9)}


def test_all_open_alerts_and_the_last_closed_come_back_oldest_first() -> None:
    closed = [alert(T + n, T + n + 0.5) for n in range(CLOSED + 10)]
    still = [replace(alert(T - 50), key=AlertKey(AlertKind.HOST_LIMIT, "host:local"), service=None), alert(T + 500)]
    changes = [AlertChange(one) for one in [*still, *(replace(one, closed=None) for one in closed), *closed]]
    assert written(changes).memory([A]).alerts == (still[0], *closed[10:], still[1])


def test_an_alert_that_was_opened_twice_is_one() -> None:
    twice = [alert(T), alert(T + 50)]
    assert written([AlertChange(one) for one in twice]).memory([A]).alerts == (twice[0],)
    closed = [*twice, replace(twice[0], closed=T + 90)]
    assert written([AlertChange(one) for one in closed]).memory([A]).alerts == (closed[-1],)
    again = [*closed, alert(T + 91)]
    assert written([AlertChange(one) for one in again]).memory([A]).alerts == (closed[-1], again[-1])


def test_the_last_events_come_back_oldest_first() -> None:
    events = [Event(T + n, EventKind.STATUS, "checkout@production", f"number {n}") for n in range(EVENTS + 5)]
    assert written(events).memory([A]).events == tuple(events[5:])


def test_a_series_goes_on_over_several_runs() -> None:
    connection = database()
    for start in (T, T + 1000, T + 2000):
        Ledger(connection, start).write(taken(up(start + 1), up(start + 2)), start)
        for _ in move(connection, start + 400):
            pass
    found = Queries(lambda: connection).memory([A])
    assert [point.at - T for point in found.instances[A].series] == [1, 2, 1001, 1002, 2001, 2002]
    assert found.at == T + 2000
