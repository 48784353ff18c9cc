from __future__ import annotations

import threading
from pathlib import Path

import pytest

from platformpm.errors import HistoryError
from platformpm.history import read_history
from platformpm.history.sources import FileSources
from platformpm.model.record import Record
from platformpm.model.status import Status
from tests.unit.history.records import KEY, NOW, HandClock, alert, one_of_each, opened, taken, until


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.mark.parametrize("where", ["memory", "file"])
def test_what_is_flushed_is_read_back_by_any_thread(path: Path, where: str) -> None:
    history = opened(None if where == "memory" else path)
    reader = history.reader()
    for record in one_of_each():
        history.put(record)
    assert history.flush(10)
    out: list[object] = []

    def read() -> None:
        out.append([reading.status for reading in reader.readings(KEY, NOW, NOW + 60)])
        out.append(reader.failures(KEY, NOW, NOW + 60)[0].detail)
        out.append([(change.status, change.detail) for change in reader.changes(KEY, NOW, NOW + 60)])
        out.append([event.text for event in reader.events(NOW, NOW + 60)])
        out.append(reader.memory([KEY]).alerts)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert out == [
        [Status.UP, Status.DOWN],
        "HTTP 503, expected 2xx",
        [(Status.DOWN, "HTTP 503")],
        ["checkout down in production"],
        (alert(NOW + 60, 3),),
    ]
    history.close()


def test_reading_goes_on_while_much_is_written(path: Path) -> None:
    history = opened(path, clock=HandClock(NOW + 3600))
    reader = history.reader()
    for number in range(20_000):
        history.put(taken(NOW + number / 10))
    seen = 0

    def all_seen() -> bool:
        nonlocal seen
        found = len(reader.readings(KEY, NOW, NOW + 3600))
        assert found >= seen
        seen = found
        return found == 20_000

    assert history.flush(20)
    until(all_seen, "all readings")
    history.close()


def test_a_reader_of_nothing_says_so_until_there_is_something(path: Path) -> None:
    reader = read_history(path)
    with pytest.raises(HistoryError, match=f"there is no history yet: {path}"):
        reader.readings(KEY, NOW, NOW + 60)
    history = opened(path)
    history.put(taken(NOW))
    assert history.flush(10)
    assert len(reader.readings(KEY, NOW, NOW + 60)) == 1
    history.close()
    assert len(reader.readings(KEY, NOW, NOW + 60)) == 1


def test_a_reader_never_makes_a_file_nor_touches_one(path: Path) -> None:
    with pytest.raises(HistoryError):
        read_history(path).memory([KEY])
    assert list(path.parent.iterdir()) == []
    path.write_text("not a database, but long enough to be taken for one by its size alone" * 9)
    with pytest.raises(HistoryError, match="history cannot be read: file is not a database"):
        read_history(path).memory([KEY])
    path.unlink()
    path.mkdir()
    with pytest.raises(HistoryError, match="a folder, not a file"):
        read_history(path).memory([KEY])


def test_a_reader_follows_a_file_that_is_replaced(path: Path) -> None:
    records: list[list[Record]] = [[taken(NOW)], [taken(NOW), taken(NOW + 15)]]
    reader = read_history(path)
    for number, some in enumerate(records, 1):
        history = opened(path)
        for record in some:
            history.put(record)
        history.close(10)
        assert len(reader.readings(KEY, NOW, NOW + 60)) == number
        path.rename(path.with_name(f"old-{number}.db"))


def test_threads_that_are_gone_leave_no_connection(path: Path) -> None:
    opened(path).close(10)
    sources = FileSources(path)
    for _ in range(5):
        thread = threading.Thread(target=sources.give)
        thread.start()
        thread.join()
    mine = sources.give()
    assert sources.give() is mine
    assert [connection for _, connection in sources._all] == [mine]
    sources.close()
