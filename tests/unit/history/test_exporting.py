"""Whole tables: every row once, wherever it lies and whatever the writer does meanwhile, in pieces of bounded size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.errors import HistoryError
from platformpm.history import exporting
from platformpm.history.connecting import Rows, connect_reader, connect_writer
from platformpm.history.exporting import export
from platformpm.history.ledger import Ledger
from platformpm.history.queries import Queries
from platformpm.history.rolling import move, prepare
from platformpm.history.schema import ROLL_UPS, migrate
from platformpm.model.event import Event, EventKind
from platformpm.model.exported import BUCKETS, COLUMNS, ExportRow, Kind, What
from platformpm.model.histogram import quantile
from platformpm.model.record import Record, StatusChange, Taken, VersionChange, whole
from platformpm.model.status import Reason, Status
from tests.unit.history.pasts import A, B, C, T, bad, database, up, written
from tests.unit.history.test_queries import readings_of_hours

MS = int(T * 1000)
LATER = T + 30 * 86400


def everything(_subject: str) -> bool:
    return True


def exported(past: Queries, what: What, since: float = T, until: float = LATER) -> list[ExportRow]:
    return list(past.export(what, since, until, everything))


def test_readings_come_in_order_of_time_whether_moved_or_not() -> None:
    records = [
        *(Taken(A, one, "2.4.1") for one in (up(T + 1), bad(T + 2), up(T + 400, None, trusted=False))),
        Taken(C, up(T + 1.5), None),
    ]
    assert exported(written(records, moved=T + 320), What.READINGS) == [
        (*A, MS + 1000, 10.0, "up", None, "2.4.1", True),
        (*C, MS + 1500, 10.0, "up", None, None, True),
        (*A, MS + 2000, 250.0, "down", "status", "2.4.1", True),
        (*A, MS + 400_000, None, "up", None, "2.4.1", False),
    ]


def test_failures_are_whole() -> None:
    past = written([Taken(A, bad(T + 1), None), Taken(A, up(T + 2), None)])
    (row,) = exported(past, What.FAILURES)
    assert dict(zip((column.name for column in COLUMNS[What.FAILURES]), row, strict=True)) == {
        "service": "checkout", "environment": "production", "instance": "a", "at": MS + 1000, "status": "down",
        "reason": "status", "detail": "HTTP 503, expected 2xx", "latency_ms": 250.0, "dns_ms": None,
        "connect_ms": 1.0, "tls_ms": None, "first_byte_ms": 200.0, "transfer_ms": 49.0, "dialect": "spring-boot",
        "failing_components": ("db", "disk"), "failing_more": 3, "version": "2.4.1", "version_source": "body",
        "certificate_expires": MS + 86_400_000, "trusted": True,
    }  # fmt: skip


def test_changes_versions_and_events_are_those_of_the_stretch() -> None:
    past = written(
        [
            StatusChange(A, T, Status.UP),
            StatusChange(A, T + 10, Status.DOWN, Reason.REFUSED, "connection refused"),
            StatusChange(whole("checkout", "production"), T + 10, Status.DEGRADED),
            VersionChange(A, T + 5, "2.0", "body"),
            VersionChange(B, T + 6, "2.1"),
            Event(T + 10, EventKind.STATUS, "checkout@production/a", "a down", Status.DOWN),
            Event(T + 11, EventKind.RELOADED, "", "inventory read"),
        ]
    )
    assert exported(past, What.CHANGES, T + 1) == [
        (*A, MS + 10_000, "down", "refused", "connection refused"),
        ("checkout", "production", "", MS + 10_000, "degraded", None, ""),
    ]
    assert exported(past, What.VERSIONS) == [(*A, MS + 5000, "2.0", "body"), (*B, MS + 6000, "2.1", None)]
    assert exported(past, What.EVENTS) == [
        (MS + 10_000, "status", "checkout@production/a", "down", "a down"),
        (MS + 11_000, "reloaded", "", None, "inventory read"),
    ]


@given(readings_of_hours, st.integers(-1, 12), st.sampled_from(list(BUCKETS)), st.integers(4, 30))
def test_buckets_say_what_the_reader_of_one_instance_says(
    records: list[Taken], moved: int, what: What, rows: int
) -> None:
    records.sort(key=lambda taken: taken.reading.at)
    past = written([*records, *(one._replace(key=B) for one in records)], moved=T + moved * 900)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "ROWS", rows)
        found = exported(past, what)
    for key in (A, B):
        known = past.buckets(key, T, LATER, BUCKETS[what])
        assert sorted((row[3:11] for row in found if row[:3] == key), key=lambda row: (row[0], row[2] or "")) == [
            (int(one.start * 1000), int(one.seconds), one.version, one.up, one.degraded, one.down, one.unknown,
             one.untrusted)
            for one in known
        ]  # fmt: skip
        assert Counter(row[11:] for row in found if row[:3] == key) == Counter(
            tuple(None if (v := quantile(one.latency, s)) is None else round(v * 1000, 3) for s in (0.5, 0.95, 0.99))
            for one in known
        )


@given(readings_of_hours, st.integers(-1, 12), st.integers(4, 30))
def test_small_pieces_give_the_same_rows_as_one(records: list[Taken], moved: int, rows: int) -> None:
    records.sort(key=lambda taken: taken.reading.at)
    past = written([*records, *(one._replace(key=B) for one in records)], moved=T + moved * 900)
    whole_table = exported(past, What.READINGS)
    assert len(whole_table) == 2 * len(records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "ROWS", rows)
        assert exported(past, What.READINGS) == whole_table


class Counting:
    """A source that remembers how many rows each statement gave."""

    def __init__(self, past: Queries) -> None:
        self._source = past._source()
        self.rows: list[int] = []

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> Rows:
        self.rows.append(len(self._source.execute(sql, parameters).fetchall()))
        return self._source.execute(sql, parameters)


def test_no_statement_gives_more_than_a_piece_however_much_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ROWS", 100)
    past = written([Taken(A, up(T + 86400 + second), None) for second in range(3000)], moved=T + 86400 + 2000)
    source = Counting(past)
    assert len(list(export(source, What.READINGS, (0.0, LATER), everything))) == 3000
    assert max(source.rows) <= 100
    assert len(source.rows) < 150  # the years before cost a few looks only


def test_only_what_is_wanted_is_read() -> None:
    past = written(
        [*(Taken(key, up(T + 1), None) for key in (A, B, C)), StatusChange(whole("ledger", "x"), T, Status.UP)]
    )
    asked: list[str] = []

    def wanted(subject: str) -> bool:
        asked.append(subject)
        return subject.endswith("/b")

    assert [row[:3] for row in past.export(What.READINGS, T, LATER, wanted)] == [B]
    assert sorted(asked) == [
        "checkout@production/a",
        "checkout@production/b",
        "ledger@production/10.0.0.1:8080",
        "ledger@x",
    ]
    assert list(past.export(What.HOURS, T, LATER, lambda _: False)) == []


@pytest.mark.parametrize("what", What)
def test_rows_fit_their_columns_and_an_empty_history_has_none(what: What) -> None:
    assert exported(written([]), what) == []
    records: list[Record] = [
        Taken(A, bad(T + 1), "1.0"), StatusChange(A, T, Status.UP), VersionChange(A, T, "1.0"),
        Event(T, EventKind.STATUS, str(A), "up"),
    ]  # fmt: skip
    kinds = {
        Kind.TEXT: (str, type(None)), Kind.TEXTS: (tuple,), Kind.MOMENT: (int, type(None)),
        Kind.NUMBER: (float, type(None)), Kind.COUNT: (int,), Kind.FLAG: (bool,),
    }  # fmt: skip
    for row in exported(written(records), what, 0.0):
        for cell, column in zip(row, COLUMNS[what], strict=True):
            assert isinstance(cell, kinds[column.kind]), column.name


def test_what_the_writer_moves_meanwhile_is_seen_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "ROWS", 50)
    file = tmp_path / "history.db"
    writer = connect_writer(file)
    migrate(writer)
    prepare(writer)
    Ledger(writer, T).write([Taken(A, up(T + second), None) for second in range(1000)], T + 1000)
    reader = connect_reader(file)
    rows = Queries(lambda: reader).export(What.READINGS, T, LATER, everything)
    seen = [next(rows) for _ in range(120)]
    assert list(move(writer, T + 900)) == [900]
    seen += rows
    assert [row[3] for row in seen] == [MS + second * 1000 for second in range(1000)]
    # Nothing is held open between two pieces: the writer may bring its whole log into the file.
    assert writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    reader.close()
    writer.close()


def test_the_writer_may_checkpoint_while_rows_are_still_to_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROWS", 50)
    file = tmp_path / "history.db"
    writer = connect_writer(file)
    migrate(writer)
    prepare(writer)
    Ledger(writer, T).write([Taken(A, up(T + second), None) for second in range(1000)], T + 1000)
    reader = connect_reader(file)
    rows = Queries(lambda: reader).export(What.READINGS, T, LATER, everything)
    next(rows)
    assert writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    assert len(list(rows)) == 999
    reader.close()
    writer.close()


def test_rows_that_make_no_sense_are_left_out() -> None:
    connection = database()
    Ledger(connection, T).write([Taken(A, up(T + second), None) for second in range(4)], T)
    connection.execute("UPDATE fresh SET status = 99 WHERE rowid = 1")
    connection.execute("UPDATE fresh SET latency = 'soon', version = 77 WHERE rowid = 2")
    connection.execute("UPDATE fresh SET at = at + 0.5, latency = x'00' WHERE rowid = 3")
    connection.execute("UPDATE subject SET instance = x'ff00' WHERE id = 1")
    past = Queries(lambda: connection)
    assert [row[2:] for row in exported(past, What.READINGS)] == [
        ("", MS + 1000, None, "up", None, None, True),
        ("", MS + 2000, None, "up", None, None, True),
        ("", MS + 3000, 10.0, "up", None, None, True),
    ]
    for table in ROLL_UPS:
        connection.execute(
            f"INSERT INTO {table} VALUES (1, ?, 0, 'x', -1, 2.5, 1, 0, x'ff')", (int(T) // 86400 * 86400,)
        )
    assert sum(row[8] for row in exported(past, What.DAYS, T - 86400)) == 0  # type: ignore[misc]


def test_what_sqlite_says_is_one_line() -> None:
    connection = database()
    past = Queries(lambda: connection)
    rows = past.export(What.EVENTS, 0, T, everything)
    connection.execute("DROP VIEW events")
    connection.execute("DROP TABLE event")
    with pytest.raises(HistoryError, match=r"^history cannot be read: no such table: event$"):
        next(rows)
