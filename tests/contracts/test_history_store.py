"""The contract of a store of history, over memory and over a file: all that was put and flushed is there."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from platformpm.history import History
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.reading import Reading
from platformpm.model.record import Renamed, StatusChange, Taken
from platformpm.model.status import Reason, Status
from tests.unit.history.records import KEY, NOW, QUICK, HandClock, count, one_of_each, opened, rows, taken, until

MS = int(NOW * 1000)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[History]:
    path = None if request.param == "memory" else tmp_path / "state" / "history.db"
    history = opened(path, clock=clock, pace=dataclasses.replace(QUICK, move=60.0, room=0.0))
    yield history
    history.close()


def test_every_kind_of_record_that_was_flushed_is_there(store: History) -> None:
    for record in one_of_each():
        store.put(record)
    assert store.flush(10)
    assert store.waiting == 0
    tables = ["fresh", "failure", "change", "version_change", "alert", "certificate", "gap", "event", "run", "subject"]
    tables += ["heartbeat"]
    assert {table: count(store, table) for table in tables} == {
        **dict.fromkeys(tables, 1),
        "fresh": 2,
        "change": 2,
        "subject": 2,
    }
    assert store.dropped == 0


def test_readings_have_names_in_the_view(store: History) -> None:
    store.put(taken(NOW))
    store.put(taken(NOW + 15, Status.DOWN, latency=None, version=None, trusted=False))
    assert store.flush(10)
    assert rows(store, "SELECT * FROM readings ORDER BY at") == [
        (NOW, "checkout", "production", "eu-1", "up", None, 12.3, "1.4.2", 1),
        (NOW + 15, "checkout", "production", "eu-1", "down", "status", None, None, 0),
    ]


def test_a_failure_keeps_its_whole_reading(store: History) -> None:
    reading = Reading(
        *(Status.DOWN, NOW, Reason.PAYLOAD, "db: no connection", 0.5),
        dialect="spring-boot",
        failing_components=("db", "ключ\n"),
        failing_more=17,
        version="1.4.2",
        version_source="body",
        certificate_expires=NOW + 0.5,
    )
    store.put(Taken(KEY, reading, "1.4.2"))
    assert store.flush(10)
    (row,) = rows(store, "SELECT * FROM failure")
    assert row[1:6] == (MS, "down", "payload", "db: no connection", 500_000)
    assert row[6:12] == (None, None, None, None, None, "spring-boot")
    assert json.loads(str(row[12])) == ["db", "ключ\n"]
    assert row[13:] == (17, "1.4.2", "body", MS + 500, 1)


def test_an_alert_is_one_row_as_it_last_was(store: History) -> None:
    for record in one_of_each():
        store.put(record)
    assert store.flush(10)
    columns = "kind, opened, closed, affected, worst_affected, service, environment"
    assert rows(store, f"SELECT {columns} FROM alert") == [
        ("service_down", MS, MS + 60_000, 3, 3, "checkout", "production")
    ]


def test_old_readings_are_moved_and_counted_once(store: History, clock: HandClock) -> None:
    statuses = [Status.UP] * 30 + [Status.DEGRADED] * 4 + [Status.DOWN] * 3 + [Status.UNKNOWN] * 2
    for number, status in enumerate(statuses):
        store.put(taken(NOW + number, status))
    store.put(taken(NOW + 50, Status.DOWN, trusted=False))
    assert store.flush(10)
    clock.now = NOW + 400
    until(lambda: count(store, "reading") == 40, "moved")
    assert count(store, "fresh") == 0
    for table in ("five_minutes", "hour", "day"):
        counts = "SELECT up, degraded, down, unknown, untrusted FROM "
        assert rows(store, counts + table) == [(30, 4, 3, 2, 1)], table


def test_a_renamed_service_keeps_its_history(store: History) -> None:
    for record in one_of_each():
        store.put(record)
    store.put(Renamed("checkout", "till"))
    till = InstanceKey("till", "production", "eu-1")
    store.put(taken(NOW + 30, key=till))
    assert store.flush(10)
    assert rows(store, "SELECT DISTINCT service FROM readings") == [("till",)]
    assert rows(store, "SELECT subject FROM event") == [("till@production",)]
    assert rows(store, "SELECT subject, service FROM alert") == [("till@production", "till")]


def test_a_renamed_service_whose_new_name_exists_is_left_as_it_is(store: History) -> None:
    till = InstanceKey("till", "production", "eu-1")
    for record in (taken(NOW), taken(NOW, key=till), Renamed("checkout", "till")):
        store.put(record)
    assert store.flush(10)
    assert rows(store, "SELECT service FROM readings ORDER BY service") == [("checkout",), ("till",)]


def test_events_of_a_service_whose_name_only_starts_alike_stay(store: History) -> None:
    store.put(taken(NOW))
    for subject in ("checkout@production/eu-1", "checkout-api@production", "host:checkout"):
        store.put(Event(NOW, EventKind.STATUS, subject, ""))
    store.put(Renamed("checkout", "till"))
    assert store.flush(10)
    subjects = [subject for (subject,) in rows(store, "SELECT subject FROM event ORDER BY id")]
    assert subjects == ["till@production/eu-1", "checkout-api@production", "host:checkout"]


def test_a_record_that_no_database_takes_is_left_out_alone(store: History) -> None:
    store.put(taken(NOW))
    store.put(taken(float("nan")))
    store.put(taken(NOW + 15, version="\ud800"))
    store.put(StatusChange(KEY, 1e300, Status.UP))
    store.put(taken(NOW + 30))
    assert store.flush(10)
    assert [at for (at,) in rows(store, "SELECT at FROM readings ORDER BY at")] == [NOW, NOW + 30]
    assert store.dropped == 3


def test_a_run_is_known_from_its_first_to_its_last_batch(store: History, clock: HandClock) -> None:
    store.put(taken(NOW))
    assert store.flush(10)
    clock.now = NOW + 60
    store.put(taken(NOW + 60))
    assert store.flush(10)
    assert rows(store, "SELECT * FROM run") == [(MS, MS + 60_000)]
    clock.now = NOW + 120
    until(lambda: rows(store, "SELECT ended FROM run") == [(MS + 120_000,)], "a sign of life without records")


def test_records_of_many_threads_are_all_there(store: History) -> None:
    def put(number: int) -> None:
        for second in range(500):
            store.put(taken(NOW + second, key=InstanceKey("checkout", "production", f"eu-{number}")))

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.flush(10)
    assert rows(store, "SELECT count(*), count(DISTINCT instance) FROM readings") == [(4000, 8)]


def test_after_the_end_nothing_is_taken_and_nothing_waits(store: History) -> None:
    store.put(taken(NOW))
    store.close()
    store.put(taken(NOW + 15))
    assert not store.flush(10)
    assert store.waiting == 0
    assert store.dropped == 1
