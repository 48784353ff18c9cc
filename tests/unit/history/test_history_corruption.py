"""Six ways in which a database is spoilt: it is moved aside, what can be read is saved, and recording goes on."""

from __future__ import annotations

import dataclasses
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from platformpm.errors import HistoryError
from platformpm.history import opening, read_history, recorder
from platformpm.history.opening import DamagedError
from platformpm.model.check import InstanceKey
from platformpm.model.status import Status
from tests.unit.history.records import (
    NOW,
    QUICK,
    Banner,
    HandClock,
    count,
    one_of_each,
    opened,
    readings_on_disk,
    rows,
    taken,
    until,
)

PAGE = 4096
INSTANCES = 20
EACH = 400
ALL = INSTANCES * EACH


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of 20 instances over 100 minutes, most of it moved, cleanly closed."""
    path = tmp_path_factory.mktemp("whole") / "history.db"
    history = opened(path, clock=HandClock(NOW), pace=dataclasses.replace(QUICK, room=0.0))
    for number in range(EACH):
        for name in range(INSTANCES):
            key = InstanceKey("checkout", "production", f"eu-{name}")
            status = Status.DOWN if number % 50 == 0 else Status.UP
            history.put(taken(NOW - 6000 + 15 * number, status, key=key))
    for record in one_of_each()[2:]:
        history.put(record)
    assert history.flush(20)
    until(lambda: count(history, "reading") == ALL, "moved")
    history.close(10)
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    path.write_bytes(whole.read_bytes())
    return path


def page_of(path: Path, table: str, *, root: bool) -> int:
    """Give the offset of a page of a table: its root, or a leaf in the middle."""
    connection = sqlite3.connect(path)
    try:
        kind = "internal" if root else "leaf"
        pages = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY path", (table, kind)
        ).fetchall()
    except sqlite3.OperationalError:
        pytest.skip("this SQLite does not say where its pages are")
    finally:
        connection.close()
    return (int(pages[len(pages) // 2][0]) - 1) * PAGE


def overwrite(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def spoil_header(path: Path) -> None:
    overwrite(path, 0, b"\xde\xad\xbe\xef" * 25)


def cut_off(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def zero_leaf(path: Path) -> None:
    overwrite(path, page_of(path, "reading", root=False), b"\0" * PAGE)


def zero_root(path: Path) -> None:
    overwrite(path, page_of(path, "reading", root=True), b"\0" * PAGE)


def flip_bytes(path: Path) -> None:
    offset = page_of(path, "reading", root=False)
    page = path.read_bytes()[offset : offset + PAGE]
    overwrite(path, offset, bytes(byte ^ 0xFF if place < 200 else byte for place, byte in enumerate(page)))


@pytest.mark.parametrize(
    ("spoil", "saved_at_least"),
    [
        (spoil_header, 0),
        (cut_off, 0),
        (zero_leaf, ALL - 250),
        (flip_bytes, ALL - 250),
        (zero_root, 0),
    ],
)
def test_a_spoilt_database_is_moved_aside_and_saved(
    path: Path, spoil: Callable[[Path], None], saved_at_least: int
) -> None:
    spoil(path)
    before = path.read_bytes()
    banner = Banner()
    history = opened(path, banner, clock=HandClock(NOW + 15))
    history.put(taken(NOW, version="2"))
    assert history.flush(20)
    assert len(banner.told) == 1, banner.told
    text = banner.text
    assert re.match(r"history was damaged \([^()]+\): moved aside as history\.db\.corrupt-\d{8}T\d{6}Z, ", str(text))
    (aside,) = path.parent.glob("history.db.corrupt-*Z")
    assert aside.read_bytes() == before
    saved = count(history, "reading")
    assert saved_at_least <= saved < ALL
    assert rows(history, "SELECT count(*) FROM readings WHERE version = '2'") == [(1,)]
    if spoil is not spoil_header:
        assert count(history, "subject") >= INSTANCES
    if spoil in (zero_leaf, flip_bytes, zero_root):
        (counted,) = rows(history, "SELECT sum(up + degraded + down + unknown) FROM hour")
        assert counted == (ALL,)
        assert count(history, "event") == count(history, "alert") == count(history, "gap") == 1
        assert count(history, "failure") == INSTANCES * EACH // 50
    history.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def started_anew(path: Path, why: str) -> str:
    """Record once and give what the banner says; what was moved aside must lie there."""
    banner = Banner()
    history = opened(path, banner, clock=HandClock(NOW + 15))
    history.put(taken(NOW))
    assert history.flush(20)
    history.close()
    assert len(list(path.parent.glob("history.db.corrupt-*Z"))) == 1
    text = str(banner.text)
    assert text.startswith(f"history was damaged ({why}): moved aside as history.db.corrupt-")
    return text


def test_a_log_full_of_garbage_is_told_and_the_rest_saved(path: Path) -> None:
    garbage = b"\xde\xad\xbe\xef" * 100_000
    path.with_name("history.db-wal").write_bytes(garbage)
    assert "values saved" in started_anew(path, "the head of its write-ahead log is spoilt")
    (aside,) = path.parent.glob("history.db.corrupt-*-wal")
    assert aside.read_bytes() == garbage
    assert readings_on_disk(path) == ALL + 1


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """What a process that was killed after 100 readings leaves: nearly all is in the log."""
    history = opened(tmp_path / "running.db", clock=HandClock(NOW))
    for number in range(100):
        history.put(taken(NOW - 100 + number))
    assert history.flush(10)
    path = tmp_path / "killed" / "history.db"
    path.parent.mkdir()
    for ending in ("", "-wal"):
        path.with_name(path.name + ending).write_bytes((tmp_path / f"running.db{ending}").read_bytes())
    history.close()
    return path


def test_after_a_kill_nothing_is_damaged(killed: Path) -> None:
    banner = Banner()
    history = opened(killed, banner)
    history.put(taken(NOW))
    assert history.flush(10)
    history.close()
    assert [text for text in banner.told if text] == []
    assert readings_on_disk(killed) == 101


@pytest.mark.parametrize("byte", [0, 3, 17, 31])
def test_a_log_whose_head_is_spoilt_is_told(killed: Path, byte: int) -> None:
    log = killed.with_name("history.db-wal")
    content = bytearray(log.read_bytes())
    content[byte] ^= 0x10
    log.write_bytes(content)
    assert "nothing could be saved" in started_anew(killed, "the head of its write-ahead log is spoilt")


def test_of_a_database_that_was_emptied_the_log_is_saved(killed: Path) -> None:
    log = killed.with_name("history.db-wal").read_bytes()
    killed.write_bytes(b"")
    with pytest.raises(HistoryError, match="it is empty"):
        read_history(killed).events(0, NOW)  # and that must not cost the log
    assert "100 values saved" in started_anew(killed, "it was emptied")
    (aside,) = killed.parent.glob("history.db.corrupt-*-wal")
    assert aside.read_bytes() == log


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("DROP TABLE event", "its table event is not whole"),
        ("ALTER TABLE heartbeat DROP COLUMN message", "its table heartbeat is not whole"),
        ("DROP TABLE status", "its tables are not those of its version"),
        ("PRAGMA user_version = -5", "its tables are not those of its version"),
        ("PRAGMA user_version = -1", "its tables are not those of its version"),
        ("PRAGMA user_version = 2", "its tables are not those of its version"),
        ("PRAGMA user_version = 0", "its tables are not those of its version"),
    ],
)
def test_tables_that_are_not_ours_are_damage_too(path: Path, change: str, why: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(change)
        connection.commit()
    assert "values saved" in started_anew(path, why)
    assert readings_on_disk(path) == ALL + 1


def test_a_table_that_is_dropped_while_it_runs_is_damage_too(path: Path) -> None:
    banner = Banner()
    history = opened(path, banner, clock=HandClock(NOW + 15))
    history.put(taken(NOW))
    assert history.flush(20)
    with closing(sqlite3.connect(path, timeout=20)) as connection:
        connection.execute("DROP TABLE fresh")
        connection.commit()
    history.put(taken(NOW + 15))
    assert history.flush(20)
    history.close()
    assert "(its table fresh is not whole)" in str(banner.text)
    assert readings_on_disk(path) == ALL + 1


def test_an_empty_file_is_a_new_history(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"")
    banner = Banner()
    history = opened(path, banner)
    history.put(taken(NOW))
    assert history.flush(10)
    history.close()
    assert [text for text in banner.told if text] == []
    assert readings_on_disk(path) == 1


def test_damage_that_is_met_while_writing_loses_nothing_that_waits(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "CHECKED", 0)  # as if the file were too large to be checked at the start
    connection = sqlite3.connect(path)
    for table in ("event", "change"):
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        overwrite(path, (int(page) - 1) * PAGE, b"\0" * PAGE)
    connection.close()
    banner = Banner()
    history = opened(path, banner, clock=HandClock(NOW - 6000))
    for number in range(3):
        for record in (taken(NOW + number), *one_of_each()[2:]):
            history.put(record)
        assert history.flush(20), number
    assert "history was damaged (database disk image is malformed)" in str(banner.text)
    assert len(banner.told) == 1
    history.close()
    assert readings_on_disk(path) == ALL + 3


def test_a_disk_that_spoils_everything_is_not_asked_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(_: Path) -> sqlite3.Connection:
        raise DamagedError("it is spoilt inside")

    monkeypatch.setattr(recorder, "open_to_write", spoilt)
    banner = Banner()
    history = opened(path, banner)
    until(lambda: banner.text, "told")
    assert banner.text == f"history is not recorded: it is spoilt inside: {path}"
    history.close()
    assert len(list(path.parent.glob("history.db.corrupt-*Z"))) == 1
