"""A clock that is wrong must not cost the history: what is kept ages by the time that was recorded."""

from __future__ import annotations

import dataclasses
import logging
import sqlite3
from pathlib import Path

import pytest

from platformpm.history import History, Pace
from platformpm.history.aging import Stretch, aged
from platformpm.history.chores import Chores
from platformpm.history.ledger import Ledger
from platformpm.history.rolling import move
from tests.unit.history.records import (
    NOW,
    QUICK,
    SETTINGS,
    HandClock,
    count,
    memory,
    opened,
    readings_on_disk,
    taken,
    until,
)

HOUR = 3600.0
DAY = 86400.0
YEARS = 1000 * DAY


def recorded(*runs: tuple[float, float]) -> sqlite3.Connection:
    """Give a database of runs from and to these days after `NOW`, some of which may be of no time at all."""
    connection = memory()
    rows = [(round((NOW + start * DAY) * 1000), round((NOW + end * DAY) * 1000)) for start, end in runs]
    connection.executemany("INSERT INTO run VALUES (?, ?)", rows)
    return connection


@pytest.mark.parametrize(
    ("runs", "now", "expected"),
    [
        ([], 0, 0),
        ([(0, 0)], 0, 0),  # the first run of all
        ([(0, 30)], 30, 30),
        ([(0, 30), (30.5, 30.75)], 30.75, 30.75),  # off for a night
        ([(0, 30), (130, 130.25)], 130.25, 30.25),  # off for long, or the clock is wrong
        ([(0, 30), (130, 131)], 131, 131),  # a day was recorded: it was off for long
        ([(0, 30), (130, 130.5), (131, 131.5)], 131.5, 131.5),
        ([(0, 30), (130, 130.25), (200, 200.25)], 200.25, 30.5),  # twice wrong is not right
        ([(0, 30), (1000, 1000.1), (30.1, 30.2)], 30.2, 30.2),  # the clock is right again
        ([(0, 30), (-9000, -8999.9)], -8999.9, -8999.9),  # years behind: nothing is as old as that
        ([(-9000, -8999.9), (0, 30), (30.1, 30.2)], 30.2, 30.2),
        ([(0, 2000), (30, 40)], 40, 40),  # a run cannot last longer than until the next
        ([(0, 30)], 1000, 30),
    ],
)
def test_what_is_kept_ages_as_long_as_is_recorded(runs: list[tuple[float, float]], now: float, expected: float) -> None:
    connection = recorded(*runs)
    assert (aged(connection, NOW + now * DAY) - NOW) / DAY == pytest.approx(expected)
    connection.close()


def test_where_no_run_is_known_the_readings_say_what_was_recorded() -> None:
    connection = memory()
    Ledger(connection, NOW).write([taken(NOW + second) for second in range(9)], NOW)
    list(move(connection, NOW + HOUR))
    connection.execute("DELETE FROM run")
    Ledger(connection, NOW + YEARS).write([taken(NOW + YEARS)], NOW + YEARS + 60)
    assert aged(connection, NOW + YEARS + 60) == pytest.approx(NOW + 68)
    connection.close()


def test_a_run_that_makes_no_sense_is_passed_over() -> None:
    connection = recorded((0, 30))
    connection.execute("INSERT INTO run VALUES (-5, 9e999), (-7, CAST(x'ff' AS BLOB))")
    assert aged(connection, NOW + 30 * DAY) == NOW + 30 * DAY
    connection.close()


@pytest.mark.parametrize("jump", [YEARS, -YEARS])
def test_where_the_clock_is_set_another_stretch_begins(jump: float) -> None:
    clock = HandClock(NOW)
    stretch = Stretch(clock)
    clock.now += DAY / 2
    assert (stretch.now(), stretch.started) == (NOW + DAY / 2, NOW)
    clock.now += jump
    assert (stretch.now(), stretch.started) == (clock.now, clock.now)


def looked(path: Path, history: History) -> None:
    """Wait for a whole look at what is too old that began after now: the one under way may go by the clock before."""
    for _ in range(2):
        connection = sqlite3.connect(path, timeout=10)
        connection.execute("INSERT INTO event (at, kind, subject, text) VALUES (1, 'reloaded', '', 'always too old')")
        connection.commit()
        connection.close()
        until(lambda: count(history, "event") == 0, "looked")


def run(path: Path, now: float, then: float = 15.0) -> list[tuple[float, float]]:
    """Record two readings, the second after the clock was set, look what is too old, and give all runs there were."""
    clock = HandClock(now)
    history = opened(path, clock=clock, pace=dataclasses.replace(QUICK, keep=0.02, beat=1e9))
    for at in (now, now + then):
        clock.now = at
        if at != now:
            looked(path, history)
        history.put(taken(at))
        assert history.flush(10)
        looked(path, history)
    history.close(10)
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT started / 1000.0, ended / 1000.0 FROM run ORDER BY started").fetchall()
    connection.close()
    return found


def test_a_clock_that_is_wrong_at_the_start_empties_nothing(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    run(path, NOW)
    for days in (1000, 1010, 1020):  # and again: what the wrong clock recorded makes it no better
        run(path, NOW + days * DAY)
    assert readings_on_disk(path) == 8


@pytest.mark.parametrize("jump", [YEARS, -YEARS])
def test_a_clock_that_is_set_while_it_runs_empties_nothing(tmp_path: Path, jump: float) -> None:
    path = tmp_path / "history.db"
    found = run(path, NOW, jump)
    assert found == sorted([(NOW, NOW), (NOW + jump, NOW + jump)])
    run(path, NOW + jump + HOUR)
    run(path, NOW + HOUR)  # and it is right again
    assert readings_on_disk(path) == 6


def look(chores: Chores) -> None:
    """Look once what is old, as if it were time."""
    chores._next_keep = 0.0
    while chores.step():
        pass


def test_after_a_day_what_is_too_old_goes_and_until_then_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    clock, connection = HandClock(NOW + YEARS), memory()
    Ledger(connection, NOW).write([taken(NOW)], NOW)
    list(move(connection, NOW + HOUR))
    chores = Chores(connection, lambda: SETTINGS, clock, Pace(room=1e9))
    ledger = Ledger(connection, clock.now)
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            ledger.write([], clock.now)
            look(chores)
            assert connection.execute("SELECT count(*) FROM reading").fetchone() == (1,)
            clock.now += DAY / 4
    assert [record.getMessage() for record in caplog.records] == [
        "the clock is 1000 days ahead of what was recorded: until a day is, nothing is too old"
    ]
    ledger.write([], clock.now)
    look(chores)
    assert connection.execute("SELECT count(*) FROM reading").fetchone() == (0,)
    connection.close()
