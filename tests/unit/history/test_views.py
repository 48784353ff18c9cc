"""The views for analysts: they say what the export says, and an older database gets them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from platformpm.history import read_history
from platformpm.history.host_schema import HOST_ROLL_UPS
from platformpm.history.ledger import Ledger
from platformpm.history.queries import Queries
from platformpm.history.rolling import move, prepare
from platformpm.history.schema import MIGRATIONS, VERSION, migrate
from platformpm.history.sources import FileSources
from platformpm.history.tail import Tail
from platformpm.history.views import RELIED_ON
from platformpm.model.event import Event, EventKind
from platformpm.model.exported import COLUMNS, Kind, What
from platformpm.model.host import HostReading
from platformpm.model.record import HostTaken, Record, StatusChange, Taken, VersionChange
from platformpm.model.status import Reason, Status
from tests.unit.history.pasts import A, C, T, bad, database, up
from tests.unit.history.records import NOW, HandClock, one_of_each, opened, readings_on_disk, rows

RECORDS: list[Record] = [
    *(Taken(A, one, "2.4.1") for one in (up(T + 1), bad(T + 2), up(T + 3, trusted=False))),
    Taken(C, up(T + 4), None),
    StatusChange(A, T + 2, Status.DOWN, Reason.STATUS, "HTTP 503"),
    VersionChange(A, T + 1, "2.4.1", "body"),
    Event(T + 2, EventKind.STATUS, str(A), "a down", Status.DOWN),
    HostTaken("db-1", HostReading(T + 3, cpu_percent=12.34), Status.UP, T),
]
NAMES = {What.FIVE_MINUTES: "five_minutes_named"}


def past() -> sqlite3.Connection:
    connection = database()
    Ledger(connection, T).write(RECORDS, T + 9)
    assert list(move(connection, T + 900)) == [4, 1]
    return connection


def test_a_view_says_what_the_export_of_the_same_name_says() -> None:
    connection = past()
    reader = Queries(lambda: connection)
    for what in What:
        shared = [
            column for column in COLUMNS[what] if not column.name.startswith("p") and column.kind is not Kind.TEXTS
        ]
        order = "at" if what not in NAMES and what not in (What.HOURS, What.DAYS) else "start, service"
        selected = ", ".join(column.name for column in shared)
        seen = connection.execute(f"SELECT {selected} FROM {NAMES.get(what, what.value)} ORDER BY {order}").fetchall()
        places = [(COLUMNS[what].index(column), column.kind) for column in shared]
        told = [
            tuple(row[n] / 1000 if kind is Kind.MOMENT and row[n] is not None else row[n] for n, kind in places)  # type: ignore[operator]
            for row in reader.export(what, T - 86400, T + 86400, lambda _: True)
        ]
        assert seen == told, what
        assert seen


def test_percent_up_leaves_out_what_nobody_can_judge() -> None:
    connection = past()
    sql = "SELECT instance, up, down, untrusted, up_percent FROM hours ORDER BY instance"
    assert connection.execute(sql).fetchall() == [("10.0.0.1:8080", 1, 0, 0, 100.0), ("a", 1, 1, 1, 50.0)]
    connection.execute("UPDATE hour SET up = 0, down = 0, unknown = 5")
    assert connection.execute("SELECT DISTINCT up_percent FROM hours").fetchall() == [(None,)]


def test_alerts_are_in_seconds() -> None:
    connection = database()
    Ledger(connection, NOW).write(one_of_each(), NOW)
    assert connection.execute("SELECT opened, closed, subject, severity FROM alerts").fetchall() == [
        (NOW, NOW + 60, "checkout@production", "down")
    ]


def test_everything_that_may_be_relied_on_is_there_and_all_else_is_inner_life() -> None:
    found = database().execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    inner = {
        "fresh",
        "reading",
        "failure",
        "certificate",
        "heartbeat",
        "status",
        "reason",
        "host",
        "measure",
        "host_fresh",
    }
    inner |= {"host_reading", *HOST_ROLL_UPS}
    assert {name for (name,) in found} == set(RELIED_ON) | inner


def named(connection: sqlite3.Connection) -> dict[str, str]:
    """Give the kind of everything that was made, by name."""
    made = "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
    return dict(connection.execute(made).fetchall())


def older(path: Path, version: int) -> None:
    """Write a database as an older version of platformpm did, with a little past."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    for script in MIGRATIONS[:version]:
        connection.executescript(script)
    had = named(connection)
    connection.execute(f"PRAGMA user_version = {version}")
    migrate(connection)
    prepare(connection)
    Ledger(connection, T).write(RECORDS, T + 9)
    assert list(move(connection, T + 900)) == [4, 1]
    for name, kind in sorted(named(connection).items(), key=lambda made: made[1], reverse=True):
        if name not in had:
            connection.execute(f"DROP {kind} {name}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


WITH_HOSTS = 3
"""The first version that knows hosts."""


@pytest.mark.parametrize("version", range(1, VERSION))
def test_an_older_database_gets_what_is_new_and_keeps_its_past(tmp_path: Path, version: int) -> None:
    path = tmp_path / "history.db"
    older(path, version)
    history = opened(path, clock=HandClock(T + 1000))
    history.put(HostTaken("db-1", HostReading(T + 1000, cpu_percent=50.0), Status.UP, T))
    assert history.flush(10)
    assert rows(history, "PRAGMA user_version") == [(VERSION,)]
    assert rows(history, "SELECT service, status FROM changes") == [("checkout", "down")]
    assert rows(history, "SELECT count(*) FROM hours") == [(2,)]
    known = [("db-1", "cpu", 12.34)] if version >= WITH_HOSTS else []
    assert rows(history, "SELECT host, measure, percent FROM host_readings") == [*known, ("db-1", "cpu", 50.0)]
    history.close()
    assert readings_on_disk(path) == 4


@pytest.mark.parametrize("version", range(1, VERSION))
def test_an_older_database_that_nobody_wrote_since_can_be_read(tmp_path: Path, version: int) -> None:
    path = tmp_path / "history.db"
    older(path, version)
    past = read_history(path)
    assert len(list(past.export(What.READINGS, T, T + 9, lambda _: True))) == 4
    known = version >= WITH_HOSTS
    assert len(list(past.export(What.HOSTS, T, T + 9, lambda _: True))) == known
    memory = past.memory([A], 10, ["db-1"])
    assert list(memory.instances) == [A]
    assert list(memory.hosts) == ["db-1"] * known
    assert past.heartbeats() == {}
    sources = FileSources(path)
    assert Tail(sources.give).news_of_hosts() == []
    sources.close()


def test_views_that_are_made_twice_are_no_harm() -> None:
    connection = past()
    migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
