"""Readings of hosts in the history: written once, rolled up by measure, given back, followed, and forgotten in time."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformpm.history import cleaning, exporting, host_ledger
from platformpm.history.host_restoring import restore_hosts
from platformpm.history.host_rows import read, written
from platformpm.history.host_schema import CPU, HOST_ROLL_UPS, MEMORY
from platformpm.history.keeping import keep
from platformpm.history.ledger import Ledger
from platformpm.history.queries import Queries
from platformpm.history.rolling import move
from platformpm.history.salvage import salvage
from platformpm.model.exported import ExportRow, What
from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import HistorySettings
from platformpm.model.memory import HostMemory
from platformpm.model.record import HostTaken, Record
from platformpm.model.status import Reason, Status
from tests.unit.history import pasts
from tests.unit.history.records import NOW, SETTINGS, memory, opened, rows

DAY = 86400.0
WHOLE = HostReading(
    NOW, 12.34, 8, 71.5, 32 << 30, 3.25, (1.5, 1.25, 1.0), (Disk("/", 61.0, 610, 1000), Disk("/var", 97.5, 39, 40)),
    1.4e6, 3.1e5, 86400.5,
)  # fmt: skip
LOST = HostReading(NOW + 15, failure=Reason.REFUSED, detail="connection refused by 10.0.2.20:9100")


def taken(at: float, cpu: float | None = 10.0, *, name: str = "db-1", disk: float | None = None) -> HostTaken:
    disks = () if disk is None else (Disk("/", disk),)
    return HostTaken(name, HostReading(at, cpu_percent=cpu, disks=disks), Status.UP, NOW)


def wrote(records: list[HostTaken], moved: float | None = None) -> sqlite3.Connection:
    connection = memory()
    Ledger(connection, NOW).write(records, NOW)
    if moved is not None:
        assert list(move(connection, moved)) is not None
    return connection


def values(connection: sqlite3.Connection, view: str = "host_readings") -> list[tuple[object, ...]]:
    columns = "at, host, measure, percent" if view == "host_readings" else "start, measure, readings, mean_percent"
    return connection.execute(f"SELECT {columns} FROM {view} ORDER BY 1, 2, 3").fetchall()


@pytest.mark.parametrize("moved", [None, NOW + 1000])
def test_a_reading_is_one_row_with_all_its_percentages(moved: float | None) -> None:
    connection = wrote([HostTaken("db-1", WHOLE, Status.UP, NOW)], moved)
    assert values(connection) == [
        (NOW, "db-1", "cpu", 12.34),
        (NOW, "db-1", "disk /", 61.0),
        (NOW, "db-1", "disk /var", 97.5),
        (NOW, "db-1", "memory", 71.5),
        (NOW, "db-1", "swap", 3.25),
    ]
    table = "host_fresh" if moved is None else "host_reading"
    assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)


def test_a_host_that_could_not_be_read_has_no_percentages_but_is_known_as_lost() -> None:
    connection = wrote([taken(NOW), HostTaken("db-1", LOST, Status.UNKNOWN, NOW + 15)])
    assert values(connection) == [(NOW, "db-1", "cpu", 10.0)]
    (host,) = Queries(lambda: connection).memory([], 240, ["db-1"]).hosts.values()
    assert (host.reading, host.status, host.since) == (LOST, Status.UNKNOWN, NOW + 15)


readings = st.lists(
    st.tuples(
        st.integers(0, 7300),
        st.sampled_from(["db-1", "web-1"]),
        st.none() | st.floats(0, 100),
        st.none() | st.floats(0, 100),
    ),
    unique_by=lambda one: one[:2],
    max_size=40,
)


@given(readings, st.lists(st.integers(0, 9000), max_size=3))
def test_however_they_come_every_percentage_is_counted_once_at_every_level(
    given_: list[tuple[int, str, float | None, float | None]], moves: list[int]
) -> None:
    connection = memory()
    ledger = Ledger(connection, NOW)
    wanted: dict[tuple[str, str], list[tuple[int, float]]] = {}
    parts = [given_[place :: len(moves) + 1] for place in range(len(moves) + 1)]
    for part, later in zip(parts, [*moves, 20_000], strict=True):
        ledger.write([taken(NOW + at, cpu, name=name, disk=disk) for at, name, cpu, disk in part], NOW)
        for at, name, cpu, disk in part:
            for measure, value in (("cpu", cpu), ("disk /", disk)):
                if value is not None:
                    wanted.setdefault((name, measure), []).append((at, round(value * 100) / 100))
        list(move(connection, NOW + later))
    for table, seconds in HOST_ROLL_UPS.items():
        found = connection.execute(
            f"SELECT host.name, measure.name, start, readings, total / 100.0 / readings, most / 100.0 FROM {table} AS one"
            " JOIN host ON host.id = one.host JOIN measure ON measure.id = one.measure"
        ).fetchall()
        told = {(host, measure, start): rest for host, measure, start, *rest in found}
        expected = {}
        for (host, measure), points in wanted.items():
            for start in {int(NOW + at) // seconds * seconds for at, _ in points}:
                inside = [value for at, value in points if start <= NOW + at < start + seconds]
                expected[host, measure, start] = [len(inside), pytest.approx(fmean(inside)), max(inside)]
        assert told == expected


def test_the_views_have_the_mean_and_the_highest_of_a_bucket() -> None:
    connection = wrote([taken(NOW + 15 * n, 10.0 * n) for n in range(4)], NOW + 1000)
    (five,) = connection.execute("SELECT * FROM host_five_minutes_named").fetchall()
    assert five == (int(NOW), 300, "db-1", "cpu", 4, 15.0, 30.0)
    assert values(connection, "host_hours") == [(int(NOW), "cpu", 4, 15.0)]
    assert [row[1:] for row in values(connection, "host_days")] == [("cpu", 4, 15.0)]


def restored(connection: sqlite3.Connection, points: int = 240) -> dict[str, HostMemory]:
    return dict(restore_hosts(connection, ["db-1", "unknown"], points))


@pytest.mark.parametrize("moved", [None, NOW + 310, NOW + 5000])
@pytest.mark.parametrize("points", [0, 1, 7, 240])
def test_the_last_percentages_come_back_wherever_they_lie(moved: float | None, points: int) -> None:
    records = [
        taken(NOW + 60 * n, None if n == 3 else float(n), name=name) for n in range(10) for name in ("db-1", "x")
    ]
    found = restored(wrote(records, moved), points)
    assert list(found) == ["db-1"]
    kept = [n for n in range(10) if n != 3]
    kept = kept[len(kept) - min(points, len(kept)) :]
    assert [(point.at, point.latency) for point in found["db-1"].cpu] == [(NOW + 60 * n, n) for n in kept]
    assert len(found["db-1"].memory) == 0


def test_the_newest_reading_comes_back_whole() -> None:
    (host,) = restored(wrote([taken(NOW - 15), HostTaken("db-1", WHOLE, Status.DEGRADED, NOW - 99)])).values()
    assert (host.reading, host.status, host.since) == (WHOLE, Status.DEGRADED, NOW - 99)
    assert [point.latency for point in host.memory] == [71.5]


values_of_anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    st.lists,
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(sorted(json.loads(written(HostTaken("db-1", WHOLE, Status.UP, NOW, {"cpu": NOW - 9}))))),
        values_of_anything,
    )
)
def test_a_row_of_anything_is_a_clean_reading_or_none(spoilt: dict[str, object]) -> None:
    text = json.dumps(json.loads(written(HostTaken("db-1", WHOLE, Status.UP, NOW, {"cpu": NOW - 9}))) | spoilt)
    found = read("db-1", text)
    if found is not None:
        reading = found.reading
        assert 0 <= reading.at < 1e12
        assert all(disk.mount and isinstance(disk.used, int) for disk in reading.disks)
        again = read("db-1", written(found))
        assert again == found


@pytest.mark.parametrize(
    "text", ["", "[", "[" * 5000, "null", "[]", "5", '{"at": "x"}', '{"at": 1e300}', None, b"x", 7]
)
def test_what_is_no_reading_is_none(text: object) -> None:
    assert read("db-1", text) is None


def test_what_was_over_its_limit_is_read_back_and_nothing_else() -> None:
    over = {"memory": NOW - 60, "disk /var critical": NOW}
    known = HostTaken("db-1", WHOLE, Status.DOWN, NOW, over)
    assert read("db-1", written(known)) == known
    odd = json.dumps(json.loads(written(known)) | {"over": {"a": "x", "": 1, "b": True, "memory\x1b": 5.0}})
    found = read("db-1", odd)
    assert found is not None
    assert found.over == {cleaning.words("memory\x1b"): 5.0}
    many = json.dumps(json.loads(written(known)) | {"over": {f"disk /{n}": 1.0 for n in range(10_000)}})
    found = read("db-1", many)
    assert found is not None
    assert len(found.over) < 200


@given(
    st.lists(
        st.tuples(
            st.sampled_from([("host", "reading"), ("host", "at"), ("host_fresh", "percents"), ("host_fresh", "at"),
                             ("host_reading", "percents"), ("measure", "name")]),
            st.none() | st.integers() | st.floats() | st.text(max_size=4) | st.binary(max_size=4)
            | st.sampled_from(['{"1":"x"}', '{"1":-5}', '{"1":1e99}', "[[", '{"x":1}']),
        ),
        min_size=1, max_size=3,
    )
)  # fmt: skip
def test_no_damaged_value_makes_reading_fail(spoilt: list[tuple[tuple[str, str], object]]) -> None:
    connection = wrote([taken(NOW - 900), taken(NOW - 800), taken(NOW)], NOW)
    for (table, column), value in spoilt:
        with suppress(sqlite3.IntegrityError, OverflowError):
            connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
    restored(connection)
    list(Queries(lambda: connection).export(What.HOSTS, 0, NOW * 2, lambda _: True))
    list(move(connection, NOW + 5000))


def test_names_that_change_with_every_look_do_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_ledger, "MOST_MEASURES", 10)
    odd = [HostTaken("db-1", HostReading(NOW + n, 1.0, disks=(Disk(f"/{n}", 5.0),)), Status.UP, NOW) for n in range(50)]
    connection = wrote(odd)
    assert connection.execute("SELECT count(*) FROM measure").fetchone() == (10,)
    assert connection.execute("SELECT count(*) FROM host_fresh").fetchone() == (50,)


def test_a_batch_that_is_undone_leaves_no_numbers_behind() -> None:
    connection = memory()
    ledger = Ledger(connection, NOW)
    odd: list[Record] = [taken(NOW, disk=5.0), HostTaken("db-1", HostReading(float("nan")), Status.UP, NOW)]
    assert ledger.write(odd, NOW) == 1
    assert ledger.write([taken(NOW + 1, disk=6.0)], NOW) == 0
    assert [row[2:] for row in values(connection)] == [("cpu", 10.0), ("disk /", 5.0), ("cpu", 10.0), ("disk /", 6.0)]


@pytest.mark.parametrize("where", ["file", "memory"])
def test_what_another_process_reads_is_given_once(tmp_path: Path, where: str) -> None:
    history = opened(tmp_path / "history.db" if where == "file" else None)
    history.put(taken(NOW))
    assert history.flush(10)
    tail = history.tail()
    assert tail.news_of_hosts() == []
    known = HostTaken("db-1", replace(WHOLE, at=NOW + 2), Status.UP, NOW)
    for record in (taken(NOW + 1), known, HostTaken("web-1", LOST, Status.UNKNOWN, NOW)):
        history.put(record)
    assert history.flush(10)
    assert sorted(tail.news_of_hosts(), key=lambda one: one.name) == [
        known,
        HostTaken("web-1", LOST, Status.UNKNOWN, NOW),
    ]
    assert tail.news_of_hosts() == []
    assert tail.news() == []
    assert rows(history, "SELECT count(*) FROM host") == [(2,)]
    history.close()


@pytest.mark.parametrize(
    ("table", "column", "unit", "days"),
    [("host_reading", "at", 1000, 2), ("host_five_minutes", "start", 1, 14), ("host_hour", "start", 1, 90),
     ("host_day", "start", 1, 400)],
)  # fmt: skip
def test_they_are_kept_as_long_as_is_said(table: str, column: str, unit: int, days: float) -> None:
    now = NOW + 500 * DAY
    connection = wrote([taken(now - age * DAY) for age in (days + 1.5, days + 1, days - 1, 0.5)], now)
    list(keep(connection, SETTINGS, now))
    left = [(now - at / unit) / DAY for (at,) in connection.execute(f"SELECT {column} FROM {table}").fetchall()]
    assert len(left) == 2
    assert max(left) <= days


def test_they_make_room_too() -> None:
    connection = wrote([taken(NOW + 15 * n, name=f"h{host}") for n in range(400) for host in range(20)], NOW + 7000)
    before = connection.execute("SELECT count(*) FROM host_reading").fetchone()
    list(keep(connection, HistorySettings(max_size=400 * 1024), NOW + 7000))
    assert before == (8000,)
    assert connection.execute("SELECT count(*) FROM host_reading").fetchone() < (6000,)
    assert connection.execute("SELECT count(*) FROM host_hour").fetchone() == (40,)


def test_what_can_be_read_of_a_damaged_history_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    history = opened(path)
    for n in range(200):
        history.put(taken(NOW - 3000 + 15 * n, disk=5.0))
    assert history.flush(10)
    history.close(10)
    new = memory()
    assert salvage(new, path, NOW) >= 200
    assert len(values(new)) == 400
    assert restored(new)["db-1"].reading.at == NOW - 3000 + 15 * 199


def exported(connection: sqlite3.Connection, wanted: str = "") -> list[ExportRow]:
    past = Queries(lambda: connection)
    return list(past.export(What.HOSTS, NOW, NOW + 4000, lambda subject: wanted in subject))


@pytest.mark.parametrize("moved", [None, NOW + 1000, NOW + 5000])
@pytest.mark.parametrize("most", [3, 5, 20_000])
def test_the_export_has_every_percentage_once_in_order_of_time(
    moved: float | None, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "ROWS", most)
    records = [taken(NOW + 60 * n, float(n), name=name, disk=50.0) for n in range(30) for name in ("db-1", "web-1")]
    connection = wrote(records, moved)
    ms = int(NOW * 1000)
    assert exported(connection) == [
        (name, ms + 60_000 * n, measure, value)
        for n in range(30)
        for name in ("db-1", "web-1")
        for measure, value in (("cpu", float(n)), ("disk /", 50.0))
    ]
    assert {row[0] for row in exported(connection, "host:web-1")} == {"web-1"}


def test_the_numbers_of_the_first_measures_are_those_that_restoring_asks_for() -> None:
    connection = pasts.database()
    assert connection.execute("SELECT name FROM measure WHERE id IN (?, ?) ORDER BY id", (CPU, MEMORY)).fetchall() == [
        ("cpu",),
        ("memory",),
    ]
