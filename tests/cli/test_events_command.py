"""`events` as a subprocess, over a small real history."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from platformpm.history import FileBookmark
from platformpm.model.event import Event, EventKind
from platformpm.model.status import Status
from tests.cli.conftest import Program
from tests.cli.test_export_command import INVENTORY, record


@pytest.fixture
def now(program: Program) -> float:
    """Write what happened in the last days; gives the present."""
    program.inventory(INVENTORY.replace("history.db", str(program.folder / "history.db")))
    program.extra["LEDGER"] = "a-token-of-the-ledger"
    now = float(int(time.time()))
    record(
        program.folder,
        [
            Event(now - 3 * 86400, EventKind.STATUS, "checkout@production", "checkout down: =1+1", Status.DOWN),
            Event(now - 7200, EventKind.VERSION, "ledger@production/a", "ledger version 1.0 → 1.1"),
            Event(now - 60, EventKind.STATUS, "ledger@production", "ledger down: a-token-of-the-ledger", Status.DOWN),
        ],
    )
    return now


def test_newest_first_one_line_each_of_the_last_day(program: Program, now: float) -> None:
    done = program("events")
    assert (done.code, done.err.count("\n")) == (0, 1)
    first, second = done.out.splitlines()
    assert "✖" in first
    assert first.endswith("ledger down: •••"), "a secret is masked on its way out"
    assert second.endswith("ledger version 1.0 → 1.1")


def test_selectors_and_a_longer_stretch(program: Program, now: float) -> None:
    assert "checkout down" in program("events", "checkout", "--since", "7d").out
    assert program("events", "checkout").out == "nothing happened\n"
    done = program("events", "chekout")
    assert (done.code, done.out) == (3, "")
    assert "did you mean checkout?" in done.err


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Kolkata", "UTC"])
def test_what_it_tells_is_accepted_and_means_the_same_moment(program: Program, now: float, zone: str) -> None:
    file = program.folder / "platform.toml"
    file.write_text(file.read_text().replace("[history]", f'timezone = "{zone}"\n[history]'))
    done = program("events", "--until", "1h")
    assert done.err == f"times are by the clock of {zone}, those of --since and --until too\n"
    told = done.out[:19]
    assert told == datetime.fromtimestamp(now - 7200, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
    assert program("events", "--since", told, "--until", "1h").out == done.out
    assert program("events", "--until", told).out == "nothing happened\n"
    assert program("events", "--since", told[11:], "--until", "1h").out == done.out
    document = json.loads(program("events", "--since", told, "--format", "json").out)
    assert document["since"] == datetime.fromtimestamp(now - 7200, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f"| time ({zone}) |" in program("events", "--format", "markdown").out


def test_an_export_takes_times_in_utc(program: Program, now: float) -> None:
    file = program.folder / "platform.toml"
    file.write_text(file.read_text().replace("[history]", 'timezone = "Asia/Shanghai"\n[history]'))
    at = datetime.fromtimestamp(now - 7200, UTC)
    words = ("history", "export", "--what", "events", "--until", "1h", "--since")
    assert program(*words, at.strftime("%Y-%m-%d %H:%M:%S")).out.count("\n") == 2
    assert program(*words, (at + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S")).out.count("\n") <= 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--since", "1h", "--until", "2h"), "--since is not before --until"),
        (("--since", "2026-11-28", "--until", "2026-11-27"), "--since is not before --until"),
        (("--since", "9999-12-31"), "--since is in the future"),
    ],
)
@pytest.mark.parametrize("command", [("events",), ("history", "export")])
def test_a_stretch_without_time_is_a_mistake(
    program: Program, command: tuple[str, ...], words: tuple[str, ...], says: str
) -> None:
    program.inventory(INVENTORY)
    program.extra["LEDGER"] = "a-token-of-the-ledger"
    done = program(*command, *words)
    assert (done.code, done.out) == (3, "")
    assert says in done.err


@pytest.mark.parametrize("words", [("--since", "25:00"), ("--until", "soon"), ("--since", "7:00")])
def test_what_is_no_time_is_refused_with_one_that_is(program: Program, words: tuple[str, str]) -> None:
    done = program("events", *words)
    assert (done.code, done.out) == (3, "")
    assert "nor a time such as 07:00, 2026-11-26 or 2026-11-26T07:00Z" in done.err


def test_its_formats_are_for_machines_and_reports(program: Program, now: float) -> None:
    document = json.loads(program("events", "--since", "7d", "--format", "json").out)
    assert [event["kind"] for event in document["events"]] == ["status", "version", "status"]
    rows = list(csv.DictReader(io.StringIO(program("events", "--since", "7d", "--format", "csv").out)))
    assert rows[-1]["text"] == "checkout down: =1+1"
    assert program("events", "--since", "7d", "--format", "markdown").out.count("\n") == 5


def test_new_is_what_happened_since_the_last_look_and_is_a_look_itself(program: Program, now: float) -> None:
    mark = FileBookmark(program.folder / "history.db")
    mark.put(now - 3600)
    assert program("events", "--new").out.count("\n") == 1
    assert program("events", "--new").out == "nothing happened\n"
    assert (mark.read() or 0.0) >= now


def test_who_never_looked_is_told_of_a_day(program: Program, now: float) -> None:
    assert program("events", "--new").out.count("\n") == 2


def test_a_look_at_a_part_or_at_the_past_is_none_at_the_rest(program: Program, now: float) -> None:
    mark = FileBookmark(program.folder / "history.db")
    mark.put(now - 86400.0)
    for words in (("checkout",), ("--until", "1h")):
        program("events", "--new", *words)
        assert mark.read() == now - 86400.0
    program("events")
    assert mark.read() == now - 86400.0, "who does not ask for what is new does not move the mark"


def test_a_history_that_is_not_there_is_said(program: Program) -> None:
    program.inventory(INVENTORY.replace("history.db", str(program.folder / "history.db")))
    program.extra["LEDGER"] = "a-token-of-the-ledger"
    done = program("events", "--new")
    assert (done.code, done.out) == (3, "")
    assert done.err.count("\n") == 1
    assert done.err.endswith("history.db (platformpm watch records it, or the open screen)\n")
    assert not list(program.folder.glob("*.looked"))
