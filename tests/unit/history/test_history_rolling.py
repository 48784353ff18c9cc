import sqlite3
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.history import rolling
from platformpm.history.ledger import Ledger
from platformpm.history.rolling import is_due, move
from platformpm.history.schema import ROLL_UPS
from platformpm.model.check import InstanceKey
from platformpm.model.histogram import bucket_of, unpack
from platformpm.model.record import Taken
from platformpm.model.status import Status
from tests.unit.history.records import NOW, memory, taken

TAKEN = st.builds(
    taken,
    st.integers(0, 7300).map(lambda seconds: NOW + seconds),
    st.sampled_from(Status),
    key=st.sampled_from([InstanceKey("checkout", "production", name) for name in ("a", "b")]),
    latency=st.none() | st.floats(0, 30),
    version=st.sampled_from([None, "1", "2"]),
    trusted=st.booleans(),
)


def moved(connection: sqlite3.Connection, now: float) -> int:
    return sum(move(connection, now))


def expected(records: list[Taken], seconds: int) -> dict[tuple[str, int, str | None], list[object]]:
    """Count by hand, in Python."""
    out: dict[tuple[str, int, str | None], list[object]] = {}
    for key, reading, version in records:
        place = (key.instance, int(reading.at) // seconds * seconds, version)
        counts, latencies = out.setdefault(place, [Counter(), Counter()])
        assert isinstance(counts, Counter)
        assert isinstance(latencies, Counter)
        counts[reading.status.value if reading.trusted else "untrusted"] += 1
        if reading.trusted and reading.latency is not None:
            latencies[bucket_of(round(reading.latency * 1_000_000) / 1_000_000)] += 1
    return out


def found(connection: sqlite3.Connection, table: str) -> dict[tuple[str, int, str | None], list[object]]:
    sql = f"""
    SELECT instance, start, version.text, up, degraded, down, unknown, untrusted, latency FROM {table}
    JOIN subject ON subject.id = subject JOIN version ON version.id = version"""
    names = ("up", "degraded", "down", "unknown", "untrusted")
    out = {}
    for instance, start, version, *counts, latency in connection.execute(sql):
        out[instance, start, version] = [+Counter(dict(zip(names, counts, strict=True))), unpack(latency)]
    return out


@given(st.lists(st.lists(TAKEN, max_size=30), max_size=4))
def test_however_readings_come_every_one_is_counted_once_at_every_level(batches: list[list[Taken]]) -> None:
    connection = memory()
    ledger = Ledger(connection, NOW)
    for number, batch in enumerate(batches):
        ledger.write(batch, NOW)
        moved(connection, NOW + 2000 * number)
    moved(connection, NOW + 7200 + 3600)
    records = [record for batch in batches for record in batch]
    assert connection.execute("SELECT count(*) FROM fresh").fetchone() == (0,)
    for table, seconds in ROLL_UPS.items():
        assert found(connection, table) == expected(records, seconds)
    connection.close()


def test_only_complete_buckets_are_moved_and_late_readings_are_added() -> None:
    connection = memory()
    ledger = Ledger(connection, NOW)
    ledger.write([taken(NOW + second) for second in (10, 290, 310)], NOW)
    assert moved(connection, NOW + 320) == 2
    assert connection.execute("SELECT at FROM fresh").fetchall() == [(int(NOW + 310) * 1000,)]
    ledger.write([taken(NOW + 295)], NOW)
    assert moved(connection, NOW + 320) == 2  # the new one lies before the late one, and is added to as well
    assert connection.execute("SELECT start, up FROM five_minutes").fetchall() == [(NOW, 3), (NOW + 300, 1)]
    connection.close()


def test_chunks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "CHUNK", 10)
    connection = memory()
    Ledger(connection, NOW).write([taken(NOW + second) for second in range(35)], NOW)
    assert list(move(connection, NOW + 300)) == [10, 10, 10, 5]
    assert connection.execute("SELECT up FROM five_minutes").fetchall() == [(35,)]
    connection.close()


def test_readings_are_due_when_the_oldest_is_old_or_the_clock_went_back() -> None:
    connection = memory()
    assert not is_due(connection, NOW)
    Ledger(connection, NOW).write([taken(NOW)], NOW)
    assert not is_due(connection, NOW + 899)
    assert is_due(connection, NOW + 900)
    assert is_due(connection, NOW - 301)
    assert moved(connection, NOW - 301) == 1
    connection.close()


def test_a_histogram_that_the_disk_spoilt_does_not_stop_the_counts() -> None:
    connection = memory()
    ledger = Ledger(connection, NOW)
    ledger.write([taken(NOW)], NOW)
    moved(connection, NOW + 300)
    connection.execute("UPDATE five_minutes SET latency = x'ffff'")
    ledger.write([taken(NOW + 1)], NOW)
    assert moved(connection, NOW + 300) == 1
    (row,) = connection.execute("SELECT up, latency FROM five_minutes").fetchall()
    assert row[0] == 2
    assert unpack(row[1]).total() == 1
    connection.close()
