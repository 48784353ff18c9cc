"""The contract of reading history, over memory and over a file: what was put and flushed is read back as it was."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from platformpm.errors import HistoryError
from platformpm.history import History
from platformpm.history.queries import Queries
from platformpm.model.event import Event
from platformpm.model.exported import What
from platformpm.model.ports import HistoryReader
from platformpm.model.record import AlertChange, Beaten, HostTaken, Record, StatusChange, Taken, VersionChange
from tests.unit.history.records import KEY, NOW, QUICK, HandClock, one_of_each, opened, taken

LATER = NOW + 86400


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[History]:
    path = None if request.param == "memory" else tmp_path / "state" / "history.db"
    history = opened(path, clock=HandClock(), pace=dataclasses.replace(QUICK, move=60.0, room=0.0))
    yield history
    history.close()


def put(store: History, *records: Record) -> HistoryReader:
    for record in records:
        store.put(record)
    assert store.flush(10)
    return Queries(store.source)


def test_every_kind_of_record_is_read_back(store: History) -> None:
    records = one_of_each()
    past = put(store, *records)
    for one in records:
        if isinstance(one, StatusChange):
            assert one in past.changes(one.key, NOW - 60, LATER)
        elif isinstance(one, VersionChange):
            assert one in past.versions(one.key, NOW - 60, LATER)
        elif isinstance(one, Event):
            assert one in past.events(NOW - 60, LATER)
        elif isinstance(one, Taken):
            kept = [(each.at, each.status, each.version) for each in past.readings(one.key, NOW - 60, LATER)]
            assert (one.reading.at, one.reading.status, one.version) in kept
    found = past.memory([KEY], hosts=["db-1"])
    (host,) = (one for one in records if isinstance(one, HostTaken))
    known = found.hosts["db-1"]
    assert (known.reading, known.status, known.since, known.over) == host[1:]
    assert [(point.at, point.latency) for point in known.cpu] == [(host.reading.at, host.reading.cpu_percent)]
    assert past.heartbeats() == {KEY: next(one.beat for one in reversed(records) if isinstance(one, Beaten))}
    assert found.alerts == tuple(one.alert for one in records if isinstance(one, AlertChange))[-1:]
    assert found.instances[KEY].reading is not None
    assert found.at is not None


def test_buckets_reach_up_to_the_newest_reading(store: History) -> None:
    past = put(store, *(taken(NOW + second) for second in range(3)))
    assert [(one.start, one.up) for one in past.buckets(KEY, NOW, LATER, 300)] == [(NOW, 3)]


def test_every_table_is_exported_with_all_that_was_flushed(store: History) -> None:
    records = one_of_each()
    past = put(store, *records)
    found = {what: list(past.export(what, NOW - 86400, LATER, lambda _: True)) for what in What}
    kinds = {What.READINGS: Taken, What.CHANGES: StatusChange, What.VERSIONS: VersionChange, What.EVENTS: Event}
    for what, kind in kinds.items():
        assert len(found[what]) == sum(isinstance(one, kind) for one in records), what
    ms = int(NOW * 1000)
    assert found[What.HOSTS] == [("db-1", ms, "cpu", 12.5), ("db-1", ms, "disk /", 61.0)]
    assert [row[3:6] for row in found[What.READINGS]] == [
        (int(NOW * 1000), 12.3, "up"),
        (int(NOW * 1000) + 15_000, 12.3, "down"),
    ]
    assert [row[4] for row in found[What.FAILURES]] == ["down"]
    for what in (What.FIVE_MINUTES, What.HOURS, What.DAYS):
        assert [(row[5], row[6], row[8]) for row in found[what]] == [(None, 0, 1), ("1.4.2", 1, 0)], what


def test_an_export_is_of_what_is_wanted(store: History) -> None:
    past = put(store, *one_of_each())
    asked = past.export(What.CHANGES, NOW, LATER, lambda subject: subject == "checkout@production")
    assert [row[2] for row in asked] == [""]


def test_every_thread_may_read(store: History) -> None:
    past = put(store, taken(NOW))
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(len(past.readings(KEY, NOW, LATER)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 4


def test_history_that_is_not_there_says_so(tmp_path: Path) -> None:
    history = opened(tmp_path / "history.db", clock=HandClock(), pace=QUICK)
    history.close()
    (tmp_path / "history.db").unlink(missing_ok=True)
    with pytest.raises(HistoryError, match="no history yet"):
        Queries(history.source).memory([KEY])
    with pytest.raises(HistoryError, match="no history yet"):
        Queries(history.source).export(What.READINGS, NOW, LATER, lambda _: True)
