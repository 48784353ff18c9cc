"""Memory over the first ten simulated minutes of 5,000 services at 15 s: state, snapshots, board and history."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from platformpm.engine.board import LatestBoard
from platformpm.engine.state import State
from platformpm.history import History, Pace
from platformpm.inventory import load
from platformpm.model.check import CheckKey, Purpose
from platformpm.model.inventory import HistorySettings
from platformpm.model.reading import Phases, Reading
from platformpm.model.record import Record
from platformpm.model.snapshot import EngineHealth
from platformpm.model.status import Reason, Status
from tests.bench import targets
from tests.bench.bench_history import HandClock
from tests.bench.rows import ROOT, Row, below

SERVICES = 5000
INTERVAL = 15.0
MINUTES = 10
PER_SNAPSHOT = SERVICES // 30
"""Readings between two snapshots: two snapshots a second."""


def run() -> Iterator[Row]:
    """Measure how resident memory moves in the second half of ten minutes."""
    command = [sys.executable, "-m", "tests.bench.bench_memory"]  # of its own: a heap that others used tells nothing
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    sizes: list[float] = json.loads(done.stdout)
    half = sizes[MINUTES // 2]
    note = f"begun with {sizes[0]:.1f}, then {half:.1f} and {sizes[-1]:.1f} MB"
    yield below("memory, 5,000 services: growth in the second half of 10 minutes", sizes[-1] - half, 0.5, "MB", note)


class _Sink:
    """Passes records on to a history, once there is one."""

    history: History | None = None

    def put(self, record: Record, /) -> None:
        if self.history is not None:
            self.history.put(record)


def _sizes(folder: Path) -> list[float]:
    """Give the resident megabytes at each minute."""
    inventory = load(targets.inventory(folder, 80, SERVICES, "15s"), {}).inventory
    clock, board, sink, process = HandClock(), LatestBoard(), _Sink(), psutil.Process()
    state = State(inventory, clock.now, sink)
    keys = [CheckKey(instance.key, Purpose.HEALTH) for instance in inventory.instances()]
    sink.history = History(folder / "history.db", HistorySettings(), clock, Pace(batch=0.5))
    sink.history.start(lambda _: None)
    sizes = [process.memory_info().rss / 1e6]
    for number in range(int(MINUTES * 60 / INTERVAL)):
        _pass(state, keys, number, clock.now, board)
        clock.now += INTERVAL
        if not sink.history.flush(60):
            raise SystemExit("history did not write")
        if (number + 1) * INTERVAL % 60 == 0:
            sizes.append(process.memory_info().rss / 1e6)
    sink.history.close(10)
    return sizes


def _pass(state: State, keys: list[CheckKey], number: int, start: float, board: LatestBoard) -> None:
    for place, key in enumerate(keys):
        at = start + place * INTERVAL / SERVICES
        state.apply(key, _reading(place, number, at), at)
        if place % PER_SNAPSHOT == 0:
            board.put(state.snapshot(number * SERVICES + place, at, EngineHealth(), None))


def _reading(place: int, number: int, at: float) -> Reading:
    """Give a reading; one in 50 services is down for a while, each has another version after ten minutes."""
    phases = Phases(None, 0.0004 + place % 7 / 10_000, None, 0.0112, 0.0006)
    if (place + number // 8) % 50 == 0:
        detail = f"HTTP 503, expected 2xx; attempt {number} of {place}"
        return Reading(Status.DOWN, at, Reason.STATUS, detail, 0.012 + number / 1e6, phases, failing_components=("db",))
    latency = 0.01 + place % 100 / 10_000 + number / 1e6
    return Reading(
        Status.UP, at, None, "", latency, phases, version=f"2.{number // 40}.{place % 5}", version_source="body"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        sys.stdout.write(json.dumps(_sizes(Path(name))))
