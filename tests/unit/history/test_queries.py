from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.errors import HistoryError
from platformpm.history.connecting import connect_reader, connect_writer
from platformpm.history.ledger import Ledger
from platformpm.history.queries import Queries
from platformpm.history.rolling import move, prepare
from platformpm.history.schema import ROLL_UPS, migrate
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.histogram import Buckets, bucket_of
from platformpm.model.past import Bucket, PastReading, Span
from platformpm.model.reading import Reading
from platformpm.model.record import Gap, StatusChange, Taken, VersionChange, whole
from platformpm.model.status import Reason, Status
from tests.unit.history.pasts import A, B, T, bad, database, up, written

NOBODY = InstanceKey("nobody", "nowhere", "x")
SERVICE = whole("checkout", "production")


def test_single_readings_are_given_whether_moved_or_not() -> None:
    readings = [up(T + 1), bad(T + 2), up(T + 400, None, trusted=False)]
    past = written([*(Taken(A, one, "2.4.1") for one in readings), Taken(B, up(T + 3), None)], moved=T + 320)
    assert past.readings(A, T, T + 900) == [
        PastReading(T + 1, 0.01, Status.UP, None, "2.4.1", trusted=True),
        PastReading(T + 2, 0.25, Status.DOWN, Reason.STATUS, "2.4.1", trusted=True),
        PastReading(T + 400, None, Status.UP, None, "2.4.1", trusted=False),
    ]
    assert [one.version for one in past.readings(B, T, T + 900)] == [None]


def test_a_stretch_begins_with_its_start_and_stops_before_its_end() -> None:
    past = written([Taken(A, up(T + second), None) for second in range(4)])
    assert [one.at for one in past.readings(A, T + 1, T + 3)] == [T + 1, T + 2]
    assert past.readings(A, T + 3, T + 1) == []


def test_failures_are_whole() -> None:
    past = written([Taken(A, one, None) for one in (bad(T + 1), up(T + 2), bad(T + 3, trusted=False))])
    assert past.failures(A, T, T + 9) == [bad(T + 1), bad(T + 3, trusted=False)]


def test_of_what_was_never_recorded_there_is_nothing() -> None:
    past = written([])
    asked: list[Callable[..., object]] = [past.readings, past.failures, past.changes, past.versions]
    assert [ask(NOBODY, 0.0, T) for ask in asked] == [[]] * 4
    assert [*past.buckets(NOBODY, 0.0, T, 300), *past.events(0.0, T)] == []


readings_of_hours = st.lists(
    st.builds(
        lambda at, status, latency, version, trusted: Taken(
            A, Reading(status, T + at, latency=latency, trusted=trusted), version
        ),
        st.integers(0, 3 * 3600),
        st.sampled_from(Status),
        st.one_of(st.none(), st.integers(1, 5_000_000).map(lambda us: us / 1e6)),
        st.sampled_from([None, "1.0", "2.0"]),
        st.booleans(),
    ),
    max_size=40,
    unique_by=lambda taken: taken.reading.at,
)


def counted(records: list[Taken], seconds: int) -> list[Bucket]:
    """Count in the plainest way."""
    counts: dict[tuple[float, str | None], Counter[str]] = {}
    latencies: dict[tuple[float, str | None], Buckets] = {}
    for _, reading, version in records:
        place = reading.at // seconds * seconds, version
        counts.setdefault(place, Counter())[reading.status.value if reading.trusted else "untrusted"] += 1
        buckets = latencies.setdefault(place, Counter())
        if reading.trusted and reading.latency is not None:
            buckets[bucket_of(reading.latency)] += 1
    names = ("up", "degraded", "down", "unknown", "untrusted")
    found = [
        Bucket(start, seconds, version, **{name: of[name] for name in names}, latency=latencies[start, version])
        for (start, version), of in counts.items()
    ]
    return sorted(found, key=lambda one: (one.start, one.version or ""))


@given(readings_of_hours, st.integers(-1, 12), st.sampled_from(list(ROLL_UPS.values())))
def test_buckets_count_each_reading_once_wherever_it_lies(records: list[Taken], moved: int, seconds: int) -> None:
    records.sort(key=lambda taken: taken.reading.at)
    past = written(records, moved=T + moved * 900)
    assert past.buckets(A, T, T + 4 * 3600, seconds) == counted(records, seconds)


def test_the_first_bucket_is_that_in_which_the_stretch_begins() -> None:
    past = written([Taken(A, up(T + second), None) for second in (0, 299, 300, 600)], moved=T + 310)
    assert [(one.start, one.up) for one in past.buckets(A, T + 250, T + 600, 300)] == [(T, 2), (T + 300, 1)]


@pytest.mark.parametrize("seconds", [0, 60, 300.5, 301])
def test_there_are_no_buckets_of_other_sizes(seconds: float) -> None:
    with pytest.raises(ValueError, match="no buckets of"):
        written([]).buckets(A, 0, T, seconds)


def test_the_change_in_force_comes_first() -> None:
    changes = [
        StatusChange(A, T, Status.UP),
        StatusChange(A, T + 10, Status.DOWN, Reason.REFUSED, "connection refused"),
        StatusChange(A, T + 20, Status.UP),
        StatusChange(SERVICE, T + 12, Status.DEGRADED),
    ]
    past = written(changes)
    assert past.changes(A, T + 15, T + 99) == changes[1:3]
    assert past.changes(A, T + 10, T + 20) == [changes[1]]
    assert past.changes(A, T - 50, T + 5) == [changes[0]]
    assert past.changes(A, T - 50, T) == []
    assert past.changes(SERVICE, 0, T + 99) == [changes[3]]


def test_the_version_in_force_comes_first() -> None:
    changes = [VersionChange(A, T, "1.0", "body"), VersionChange(A, T + 10, "2.0"), VersionChange(B, T, "9.0")]
    past = written(changes)
    assert past.versions(A, T + 11, T + 12) == [changes[1]]
    assert past.versions(A, T + 5, T + 12) == changes[:2]


def test_events_are_the_newest_and_oldest_first() -> None:
    events = [Event(T + n // 2, EventKind.STATUS, "checkout@production", f"number {n}", Status.UP) for n in range(6)]
    past = written(events)
    assert past.events(T, T + 9) == events
    assert past.events(T, T + 9, 3) == events[3:]
    assert past.events(T, T + 9, 0) == []
    assert past.events(T + 1, T + 2) == events[2:4]


def test_it_was_watching_while_it_ran_but_not_in_its_pauses() -> None:
    connection = database()
    Ledger(connection, T).write([Gap(T + 30, T + 50, "the machine slept")], T + 100)
    Ledger(connection, T + 200).write([], T + 300)
    past = Queries(lambda: connection)
    assert past.watched(T - 50, T + 250) == [Span(T, T + 30), Span(T + 50, T + 100), Span(T + 200, T + 250)]
    assert past.watched(T + 40, T + 45) == []


@pytest.mark.parametrize("since", [float("-inf"), float("nan"), -1.0, 0.0])
def test_times_beyond_every_calendar_are_its_edges(since: float) -> None:
    past = written([Taken(A, up(T), None), StatusChange(A, T, Status.UP)])
    assert len(past.readings(A, since, float("inf"))) == len(past.changes(A, since, 1e300)) == 1


def test_what_sqlite_says_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    writer = connect_writer(file)
    migrate(writer)
    reader = connect_reader(file)
    writer.execute("DROP TABLE event")
    with pytest.raises(HistoryError, match=r"^history cannot be read: no such table: event$"):
        Queries(lambda: reader).events(0, T)
    with pytest.raises(HistoryError, match="no such table"):
        Queries(lambda: reader).memory([A])
    reader.close()
    writer.close()


def test_a_reader_sees_what_the_writer_committed_and_does_not_write(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    writer = connect_writer(file)
    migrate(writer)
    prepare(writer)
    reader = connect_reader(file)
    past = Queries(lambda: reader)
    Ledger(writer, T).write([Taken(A, up(T + second), None) for second in range(5)], T + 5)
    assert len(past.readings(A, T, T + 9)) == 5
    assert list(move(writer, T + 600)) == [5]
    assert len(past.readings(A, T, T + 9)) == 5
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM reading")
    reader.close()
    writer.close()
