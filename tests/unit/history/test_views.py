"""The views for analysts: they say what the export says, and an older database gets them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from platformpm.history.ledger import Ledger
from platformpm.history.queries import Queries
from platformpm.history.rolling import move, prepare
from platformpm.history.schema import APPLICATION_ID, MIGRATIONS, VERSION, migrate
from platformpm.history.views import RELIED_ON
from platformpm.model.event import Event, EventKind
from platformpm.model.exported import COLUMNS, Kind, What
from platformpm.model.record import Record, StatusChange, Taken, VersionChange
from platformpm.model.status import Reason, Status
from tests.unit.history.pasts import A, C, T, bad, database, up
from tests.unit.history.records import NOW, HandClock, one_of_each, opened, readings_on_disk, rows

RECORDS: list[Record] = [
    *(Taken(A, one, "2.4.1") for one in (up(T + 1), bad(T + 2), up(T + 3, trusted=False))),
    Taken(C, up(T + 4), None),
    StatusChange(A, T + 2, Status.DOWN, Reason.STATUS, "HTTP 503"),
    VersionChange(A, T + 1, "2.4.1", "body"),
    Event(T + 2, EventKind.STATUS, str(A), "a down", Status.DOWN),
]
NAMES = {What.FIVE_MINUTES: "five_minutes_named"}


def past() -> sqlite3.Connection:
    connection = database()
    Ledger(connection, T).write(RECORDS, T + 9)
    assert list(move(connection, T + 900)) == [4]
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
    inner = {"fresh", "reading", "failure", "certificate", "heartbeat", "status", "reason"}
    assert {name for (name,) in found} == set(RELIED_ON) | inner


def first_version(path: Path) -> None:
    """Write a database as the first version of platformpm did, with a little past."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(MIGRATIONS[0])
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    for number, name in enumerate(["up", "degraded", "down", "unknown"]):
        connection.execute("INSERT INTO status VALUES (?, ?)", (number, name))
    for number, reason in enumerate(Reason):
        connection.execute("INSERT INTO reason VALUES (?, ?)", (number, reason))
    prepare(connection)
    Ledger(connection, T).write(RECORDS, T + 9)
    assert list(move(connection, T + 900)) == [4]
    connection.close()


def test_an_older_database_gets_the_views_and_keeps_its_past(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    first_version(path)
    history = opened(path, clock=HandClock(T + 1000))
    assert history.flush(10)
    assert rows(history, "PRAGMA user_version") == [(VERSION,)]
    assert rows(history, "SELECT service, status FROM changes") == [("checkout", "down")]
    assert rows(history, "SELECT count(*) FROM hours") == [(2,)]
    history.close()
    assert readings_on_disk(path) == 4


def test_an_older_database_that_nobody_wrote_since_can_be_exported(tmp_path: Path) -> None:
    from platformpm.history import read_history

    path = tmp_path / "history.db"
    first_version(path)
    assert len(list(read_history(path).export(What.READINGS, T, T + 9, lambda _: True))) == 4


def test_views_that_are_made_twice_are_no_harm() -> None:
    connection = past()
    migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
