import dataclasses
import sqlite3
from pathlib import Path

import pytest

from platformpm.history import keeping
from platformpm.history.connecting import connect_writer
from platformpm.history.keeping import is_too_large, keep
from platformpm.history.ledger import Ledger
from platformpm.history.rolling import move, prepare
from platformpm.history.schema import migrate
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.inventory import HistorySettings
from platformpm.model.record import AlertChange, Gap, Record, StatusChange, VersionChange
from platformpm.model.status import Status
from tests.unit.history.records import KEY, NOW, QUICK, SETTINGS, HandClock, alert, count, memory, opened, taken, until

DAY = 86400.0


def wrote(records: list[Record], now: float = NOW) -> sqlite3.Connection:
    connection = memory()
    Ledger(connection, now).write(records, now)
    return connection


def kept(connection: sqlite3.Connection, table: str, column: str, now: float, unit: int = 1000) -> list[float]:
    """Give the ages of the rows that are left, in days."""
    found = connection.execute(f"SELECT {column} FROM {table} ORDER BY {column}").fetchall()
    return [(now - at / unit) / DAY for (at,) in found]


@pytest.mark.parametrize(
    ("table", "column", "unit", "days"),
    [
        ("reading", "at", 1000, 2),
        ("failure", "at", 1000, 2),
        ("five_minutes", "start", 1, 14),
        ("hour", "start", 1, 90),
        ("day", "start", 1, 400),
    ],
)
def test_readings_and_values_are_kept_as_long_as_is_said(table: str, column: str, unit: int, days: float) -> None:
    now = NOW + 500 * DAY
    connection = wrote([taken(now - age * DAY, Status.DOWN) for age in (days + 1.5, days + 1, days - 1, 0.5)], now)
    list(move(connection, now))
    list(keep(connection, SETTINGS, now))
    left = kept(connection, table, column, now, unit)
    assert len(left) == 2
    assert max(left) <= days
    connection.close()


def test_the_answer_that_decided_a_change_is_kept_whole_as_long_as_the_change() -> None:
    now = NOW + 500 * DAY
    ages = (450.0, 390.0, 20.0, 1.0)
    began: list[Record] = [StatusChange(KEY, now - age * DAY, Status.DOWN) for age in ages]
    other = taken(now - 20 * DAY, Status.DOWN)._replace(key=InstanceKey("ledger", "production", "eu-1"))
    lasted: list[Record] = [taken(now - age * DAY + after, Status.DOWN) for age in ages for after in (-15.0, 0.0, 15.0)]
    connection = wrote([*began, *lasted, other], now)
    list(move(connection, now))
    for _ in range(2):
        list(keep(connection, SETTINGS, now))
        left = kept(connection, "failure", "at", now)
        assert [round(age) for age in left] == [390, 20, 1, 1, 1]
    connection.close()


def test_settings_say_how_long() -> None:
    now = NOW + 500 * DAY
    connection = wrote([taken(now - hours * 3600) for hours in (5, 3, 1)], now)
    list(move(connection, now))
    list(keep(connection, HistorySettings(raw=4 * 3600.0), now))
    assert connection.execute("SELECT count(*) FROM reading").fetchone() == (2,)
    connection.close()


@pytest.mark.parametrize("table", ["change", "version_change"])
def test_the_change_in_force_at_the_edge_stays(table: str) -> None:
    now = NOW + 500 * DAY
    other = InstanceKey("ledger", "production", "eu-1")
    ages = [450.0, 430.0, 10.0]
    records: list[Record] = []
    for age in ages:
        records.append(StatusChange(KEY, now - age * DAY, Status.UP))
        records.append(VersionChange(KEY, now - age * DAY, "1"))
    records += [StatusChange(other, now - 450 * DAY, Status.UP), VersionChange(other, now - 450 * DAY, "1")]
    connection = wrote(records, now)
    list(keep(connection, SETTINGS, now))
    assert kept(connection, table, "at", now) == [450.0, 430.0, 10.0]  # of the other one, then of the first
    assert connection.execute(f"SELECT count(*) FROM {table} WHERE subject = 1").fetchone() == (2,)
    connection.close()


def test_happenings_are_kept_as_long_as_days_but_an_open_alert_stays() -> None:
    now = NOW + 500 * DAY
    records: list[Record] = []
    for age in (450.0, 10.0):
        at = now - age * DAY
        records.append(Event(at, EventKind.STATUS, "", ""))
        records.append(Gap(at, at, ""))
        records.append(AlertChange(dataclasses.replace(alert(at), opened=at - 60)))
    records.append(AlertChange(dataclasses.replace(alert(), opened=now - 460 * DAY)))
    connection = wrote(records, now)
    connection.execute("INSERT INTO run VALUES (1000, 2000)")
    list(keep(connection, SETTINGS, now))
    for table in ("event", "gap", "run"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,), table
    assert connection.execute("SELECT closed IS NULL FROM alert ORDER BY opened").fetchall() == [(1,), (0,)]
    connection.close()


def test_many_old_rows_go_in_small_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "ROWS", 10)
    connection = wrote([Event(NOW - 500 * DAY, EventKind.STATUS, "", str(n)) for n in range(95)])
    before = connection.total_changes
    largest = 0
    for _ in keep(connection, SETTINGS, NOW):
        largest = max(largest, connection.total_changes - before)
        before = connection.total_changes
    assert connection.execute("SELECT count(*) FROM event").fetchone() == (0,)
    assert largest <= 10
    connection.close()


def filled(path: Path, hours: int, instances: int = 10) -> sqlite3.Connection:
    connection = connect_writer(path)
    migrate(connection)
    prepare(connection)
    ledger = Ledger(connection, NOW)
    for hour in range(hours):
        start = NOW + hour * 3600.0
        keys = [InstanceKey("checkout", "production", str(number)) for number in range(instances)]
        ledger.write([taken(start + 15 * n, key=key) for n in range(240) for key in keys], start)
        list(move(connection, start + 3600))
    return connection


def test_a_file_that_is_too_large_shrinks_and_loses_the_oldest_readings_first(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    connection = filled(path, 24)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    before = path.stat().st_size
    values = connection.execute("SELECT count(*) FROM five_minutes").fetchone()
    settings = HistorySettings(max_size=before // 2)
    assert is_too_large(connection, settings)
    steps = len(list(keep(connection, settings, NOW + 24 * 3600)))
    assert steps < 50
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert path.stat().st_size <= before // 2
    assert connection.execute("SELECT count(*) FROM five_minutes").fetchone() == values
    assert connection.execute("SELECT count(DISTINCT subject) FROM reading").fetchone() == (10,)
    (oldest, newest) = connection.execute("SELECT min(at), max(at) FROM reading").fetchone()
    assert newest == int(NOW + 24 * 3600 - 15) * 1000
    assert oldest > int(NOW + 3600) * 1000
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_when_readings_are_not_enough_the_values_follow(tmp_path: Path) -> None:
    connection = filled(tmp_path / "history.db", 24)
    settings = HistorySettings(max_size=190 * 1024)
    list(keep(connection, settings, NOW + 24 * 3600))
    assert connection.execute("SELECT count(*) FROM reading").fetchone() == (0,)
    (five,) = connection.execute("SELECT count(*) FROM five_minutes").fetchone()
    assert 0 < five < 24 * 12 * 10
    assert connection.execute("SELECT count(*) FROM hour").fetchone() == (240,)
    assert not is_too_large(connection, settings)
    connection.close()


def test_a_size_that_nothing_fits_in_ends(tmp_path: Path) -> None:
    connection = filled(tmp_path / "history.db", 2)
    list(keep(connection, HistorySettings(max_size=1), NOW + 7200))
    assert connection.execute("SELECT count(*) FROM day").fetchone() == (0,)
    connection.close()


def test_the_writer_forgets_by_itself_while_it_writes(tmp_path: Path) -> None:
    clock, settings = HandClock(NOW), HistorySettings(raw=3600.0)
    history = opened(
        tmp_path / "history.db", settings=settings, clock=clock, pace=dataclasses.replace(QUICK, keep=0.05)
    )
    history.put(taken(NOW, Status.DOWN))
    assert history.flush(10)
    clock.now = NOW + DAY / 2
    until(lambda: count(history, "failure") == count(history, "reading") == 0, "forgotten")
    assert count(history, "day") == 1
    history.close()
