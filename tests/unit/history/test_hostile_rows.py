from __future__ import annotations

import sqlite3
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from platformpm.history import cleaning
from platformpm.history.ledger import Ledger
from platformpm.history.queries import Queries
from platformpm.history.schema import ROLL_UPS
from platformpm.model.alert import Alert, AlertKey, AlertKind
from platformpm.model.event import Event, EventKind
from platformpm.model.record import AlertChange, CertificateSeen, Gap, Record, StatusChange, Taken, VersionChange, whole
from platformpm.model.status import Status
from tests.unit.history.pasts import A, B, C, T, bad, database, up, written

SERVICE = whole("checkout", "production")
FULL: list[Record] = [
    *(Taken(A, one, "1.0") for one in (up(T - 400), bad(T - 399), up(T), bad(T + 1))),
    StatusChange(A, T, Status.UP),
    StatusChange(SERVICE, T, Status.UP),
    VersionChange(A, T, "1.0"),
    CertificateSeen(A, T),
    AlertChange(Alert(AlertKey(AlertKind.SERVICE_DOWN, "checkout@production"), Status.DOWN, "down", "HTTP 503", T)),
    Event(T, EventKind.STATUS, "", "x"),
    Gap(T, T + 1, "slept"),
]
EMPTY = database()
TABLES = [name for (name,) in EMPTY.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
COLUMNS = [(table, row[1]) for table in TABLES for row in EMPTY.execute(f"PRAGMA table_info({table})").fetchall()]
anything = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=9),
    st.sampled_from(['["a", 1]', "[" * 5000, "{}", "up", "\x1b[2J"]),
)


def connection_of(past: Queries) -> sqlite3.Connection:
    source = past._source()
    assert isinstance(source, sqlite3.Connection)
    return source


def ask_everything(past: Queries) -> None:
    for key in (A, SERVICE):
        past.readings(key, 0, T * 2)
        past.failures(key, 0, T * 2)
        past.changes(key, 0, T * 2)
        past.versions(key, 0, T * 2)
        for seconds in ROLL_UPS.values():
            past.buckets(key, 0, T * 2, seconds)
    past.events(0, T * 2)
    past.watched(0, T * 2)
    for points in (0, 2, 240):
        past.memory([A, B, C], points)


@given(st.lists(st.tuples(st.sampled_from(COLUMNS), anything), min_size=1, max_size=4))
def test_no_damaged_value_makes_reading_fail(spoilt: list[tuple[tuple[str, str], object]]) -> None:
    past = written(FULL, moved=T)
    for (table, column), value in spoilt:
        with suppress(sqlite3.IntegrityError):
            connection_of(past).execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
    ask_everything(past)


@given(st.lists(anything, min_size=18, max_size=18))
def test_a_row_of_anything_is_a_clean_value_or_none(row: list[object]) -> None:
    made = (cleaning.failure(row), cleaning.alert(row), cleaning.event(row), cleaning.past_reading(row))
    assert all(one is None or 0 <= getattr(one, "at", 0) < 1e12 for one in made)
    assert cleaning.change(A, row) is None or cleaning.status(row[1])
    assert all(bucket <= 1000 for bucket in cleaning.histogram(row[0]))


def test_texts_are_cleaned_before_anybody_sees_them() -> None:
    past = written([Event(T, EventKind.RELOADED, "", "x")])
    connection_of(past).execute("UPDATE event SET text = 'a' || char(27) || '[2J' || char(8238) || 'b'")
    (event,) = past.events(0, T + 1)
    assert event.text == "a\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}b"


def test_a_text_that_is_no_utf_8_is_no_reason_to_fail() -> None:
    connection = database()
    connection.execute("INSERT INTO event VALUES (1, ?, 'reloaded', '', CAST(x'61ff62' AS TEXT), NULL)", (T * 1000,))
    assert [event.text for event in Queries(lambda: connection).events(0, T + 1)] == ["a\N{REPLACEMENT CHARACTER}b"]


def test_names_that_this_version_does_not_know_are_skipped() -> None:
    past = written([Taken(A, up(T), None), StatusChange(A, T, Status.UP), Event(T, EventKind.STATUS, "", "x")])
    for script in ("status SET name = name || 'ish'", "change SET status = 'sleepy'", "event SET kind = 'dream'"):
        connection_of(past).execute(f"UPDATE {script}")
    assert [*past.readings(A, 0, T + 1), *past.changes(A, 0, T + 1), *past.events(0, T + 1)] == []
    assert [bucket.unknown for bucket in past.buckets(A, T, T + 1, 300)] == [1]
    assert past.memory([A]).instances == {}


def test_a_damaged_row_does_not_hide_its_neighbours() -> None:
    connection = database()
    Ledger(connection, T).write([Taken(A, up(T + second), None) for second in range(3)], T)
    connection.execute("UPDATE fresh SET at = 'yesterday' WHERE rowid = 2")
    connection.execute("UPDATE fresh SET latency = 'long' WHERE rowid = 3")
    past = Queries(lambda: connection)
    assert [(one.at, one.latency) for one in past.readings(A, 0, T + 9)] == [(T, 0.01), (T + 2, None)]
