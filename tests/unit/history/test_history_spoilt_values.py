"""Single values that the disk or somebody spoilt: text that is no UTF-8, numbers that are none, an index that lies."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from platformpm.errors import HistoryError
from platformpm.history import read_history
from platformpm.history.host_ledger import HostLedger
from platformpm.history.ledger import Ledger
from platformpm.history.rolling import is_due, move
from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import HistorySettings
from platformpm.model.record import HostTaken
from platformpm.model.status import Status
from tests.unit.history.records import (
    NOW,
    QUICK,
    Banner,
    HandClock,
    count,
    memory,
    opened,
    readings_on_disk,
    rows,
    taken,
    until,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A history of three readings, cleanly closed."""
    path = tmp_path / "history.db"
    history = opened(path, clock=HandClock(NOW))
    for second in range(3):
        history.put(taken(NOW + second, Status.DOWN))
    history.put(HostTaken("db-1", HostReading(NOW, 12.5, disks=(Disk("/srv", 61.0, 610, 1000),)), Status.UP, NOW, {}))
    assert history.flush(10)
    history.close(10)
    return path


def flip_schema(path: Path) -> None:
    content = path.read_bytes()
    assert b"CREATE TABLE certificate" in content
    path.write_bytes(content.replace(b"CREATE TABLE certificate", b"CREAT\xc5 TABLE certificate"))


def changed(*statements: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return change


def lose_name(path: Path) -> None:
    """Leave a status without a name, which its table does not allow."""
    allow = "UPDATE sqlite_master SET sql = replace(sql, '{}', '{}') WHERE name = 'status'"
    strict, lax = "name TEXT NOT NULL", "name TEXT"
    changed("PRAGMA writable_schema = ON", allow.format(strict, lax))(path)
    changed("UPDATE status SET name = NULL WHERE name = 'down'")(path)
    changed("PRAGMA writable_schema = ON", allow.format(lax, strict))(path)


SPOILT = {
    "lost": lose_name,
    "schema": flip_schema,
    "status": changed("UPDATE status SET name = CAST(x'75ff70' AS TEXT) WHERE name = 'down'"),
    "reason": changed("UPDATE reason SET name = CAST(x'75ff70' AS TEXT) WHERE name = 'status'"),
    "highest": changed("UPDATE status SET id = 9223372036854775807, name = 'gone' WHERE name = 'unknown'"),
    "measure": changed("UPDATE measure SET name = CAST(x'ff' AS TEXT) WHERE id > 3"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_it_is_damage_that_is_told_and_saved_as_any_other(path: Path, spoilt: str) -> None:
    SPOILT[spoilt](path)
    banner = Banner()
    history = opened(path, banner, clock=HandClock(NOW + 15))
    history.put(taken(NOW + 15))
    history.put(HostTaken("db-1", HostReading(NOW + 15, disks=(Disk("/", 61.0, 610, 1000),)), Status.UP, NOW, {}))
    assert history.flush(20)
    until(lambda: "started anew" in str(banner.text), "told")
    assert len(list(path.parent.glob("history.db.corrupt-*Z"))) == 1
    assert len(banner.told) <= 2
    assert rows(history, "SELECT status, count(*) FROM readings GROUP BY 1") == [("down", 3), ("up", 1)]
    history.close()
    assert readings_on_disk(path) == 4


def test_where_the_index_of_names_has_what_their_table_has_not_it_is_damage(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'status'").fetchone()
    content = bytearray(path.read_bytes())
    place = content.index(b"degraded", (page - 1) * 4096, page * 4096)
    content[place : place + 8] = b"degrade!"
    path.write_bytes(content)
    banner = Banner()
    history = opened(path, banner, clock=HandClock(NOW + 15))
    history.put(taken(NOW + 15, Status.DEGRADED))
    assert history.flush(20)
    until(lambda: "its names of status or reason are spoilt" in str(banner.text), "told")
    history.close()
    assert readings_on_disk(path) == 4


def test_whoever_reads_a_spoilt_schema_is_told_in_one_line(path: Path) -> None:
    flip_schema(path)
    with pytest.raises(HistoryError, match=r"^history cannot be read: [^\n]*$"):
        read_history(path).events(0, NOW)
    with pytest.raises(HistoryError, match="history cannot be read"):
        read_history(path).watched(0, NOW)


SOUND = 3
VALUES = ["'soon'", "CAST(x'ff80c3' AS TEXT)", "9e999", "-9e999", "x'00ff'", "9223372036854775807", "-1"]


@pytest.mark.parametrize("value", VALUES)
def test_what_is_no_time_is_dropped_and_what_is_no_latency_not_counted(value: str) -> None:
    connection = memory()
    Ledger(connection, NOW).write([taken(NOW + second) for second in range(SOUND + 2)], NOW)
    connection.execute(f"UPDATE fresh SET at = {value} WHERE rowid = 1")
    connection.execute(f"UPDATE fresh SET latency = {value} WHERE rowid = 2")
    assert is_due(connection, NOW + 10)
    assert sum(move(connection, NOW + 300)) == SOUND + 2
    assert connection.execute("SELECT count(*) FROM fresh").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM reading").fetchone() == (SOUND + 1,)
    assert connection.execute("SELECT start, up FROM day").fetchall() == [(NOW // 86400 * 86400, SOUND + 1)]
    connection.close()


@pytest.mark.parametrize(
    "value", ["'soon'", "CAST(x'ff80c3' AS TEXT)", "7", "9e999", "x'ff'", "x'ffffffffffffffff7f01'"]
)
def test_what_is_no_histogram_is_replaced_by_the_next(value: str) -> None:
    connection = memory()
    for second in range(2):
        Ledger(connection, NOW).write([taken(NOW + second)], NOW)
        assert sum(move(connection, NOW + 300)) == 1
        connection.execute(f"UPDATE hour SET latency = {value} WHERE {second} = 0")
    (row,) = connection.execute("SELECT up, latency = (SELECT pack_latencies('12300')) FROM hour").fetchall()
    assert row == (2, 1)
    connection.close()


@pytest.mark.parametrize("value", ["9223372036854775807", "-9223372036854775808"])
def test_what_is_no_percentage_is_not_summed(value: str) -> None:
    connection = memory()
    hosts = HostLedger(connection)
    for second in range(4):
        hosts.write(HostTaken("db-1", HostReading(NOW + second, 12.5), Status.UP, NOW, {}))
    connection.execute(f"UPDATE host_fresh SET percents = '{{\"1\":{value}}}' WHERE rowid < 3")
    connection.execute(f"UPDATE host_fresh SET at = {value} WHERE rowid = 3")
    assert sum(move(connection, NOW + 300)) == 4
    assert connection.execute("SELECT readings, total FROM host_day").fetchall() == [(1, 1250)]
    connection.close()


def test_a_time_that_is_none_does_not_keep_room_from_being_made(path: Path) -> None:
    changed("INSERT INTO reading SELECT subject, 'soon', latency, status, reason, version, trusted FROM fresh LIMIT 1")(
        path
    )
    banner = Banner()
    history = opened(path, banner, settings=HistorySettings(max_size=1), clock=HandClock(NOW + 15))
    history.put(taken(NOW + 15))
    assert history.flush(20)
    until(lambda: history.recording, "recording")
    history.close()
    assert banner.told in ([], [None])


def test_what_cannot_be_moved_is_told_once_and_what_comes_is_written(path: Path) -> None:
    """A trigger stands for whatever nobody thought of."""
    changed("CREATE TRIGGER no BEFORE INSERT ON reading BEGIN SELECT raise(ABORT, 'no'); END")(path)
    banner = Banner()
    history = opened(path, banner, clock=HandClock(NOW + 1000))
    for number in range(5):
        history.put(taken(NOW + 1000 + number))
        assert history.flush(20)
    until(lambda: history._recorder._pause == QUICK.retry_most, "the pause has grown")
    assert banner.told == [f"history is not recorded: no: {path}"]
    assert count(history, "fresh") == 8
    changed("DROP TRIGGER no")(path)
    until(lambda: banner.text is None, "all well again")
    assert len(banner.told) == 2
    history.close()
    assert readings_on_disk(path) == 8
