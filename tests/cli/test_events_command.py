"""`events` as a subprocess, over a small real history."""

from __future__ import annotations

import csv
import io
import json
import time

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
    assert (done.code, done.err) == (0, "")
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
    assert not list(program.folder.glob("*.looked"))
