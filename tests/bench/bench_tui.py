"""The terminal face alone, on synthetic snapshots: what a beat, a key and a first picture cost. No engine or probes."""

from __future__ import annotations

import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.bench.rows import ROOT, Row, below
from tests.tui.synthetic import NOW, FakeBoard, FakeClock, FakeSession, advance, load

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from platformpm.tui.app import PlatformApp

SIZE = (200, 50)
SERVICES = 5000
CHANGED = 100
ROUNDS = 200


def run() -> Iterator[Row]:
    """Give the rows of this bench."""
    yield Row("TUI: textual and our screens imported, whole process", "-", f"{imported() * 1000:.0f} ms")
    yield from asyncio.run(measure())


def imported() -> float:
    """Give the median seconds that a process takes to import the app."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import platformpm.tui.app"], check=True, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


async def measure() -> list[Row]:
    """Measure the app without a terminal: everything up to the bytes that would be written."""
    from platformpm.tui.app import PlatformApp

    board, clock = FakeBoard(load(SERVICES)), FakeClock()
    app = PlatformApp(FakeSession(board), clock)
    async with app.run_test(size=SIZE) as pilot:
        rows = []
        for screen, key in (("overview", "1"), ("services", "2")):
            await pilot.press(key)
            await pilot.pause()
            rows += [*await beats(app, pilot, screen), *await keys(app, pilot, screen)]
        return rows


async def beats(app: PlatformApp, pilot: Pilot[int], screen: str) -> list[Row]:
    """Measure snapshots in which 100 of 5,000 rows changed, a beat apart; a sort falls due every eighth."""
    rng, board = random.Random(1), app.session.board
    assert isinstance(board, FakeBoard)
    applied, whole = [], []
    for number in range(ROUNDS):
        assert board.snapshot is not None
        board.snapshot = advance(board.snapshot, NOW + number, rng.sample(range(SERVICES), CHANGED), rng)
        start = time.thread_time()
        app.beat()
        applied.append(time.thread_time() - start)
        await pilot.pause()
        whole.append(time.thread_time() - start)
    p95 = statistics.quantiles(applied, n=20)[-1] * 1000
    return [
        below(f"TUI {screen}: a snapshot with {CHANGED} of {SERVICES} rows changed, applied, CPU p95", p95, 5, "ms",
              f"median {statistics.median(applied) * 1000:.2f}"),
        Row(f"TUI {screen}: the same with painting, CPU", "-", f"{statistics.median(whole) * 1000:.2f} ms"),
    ]  # fmt: skip


async def keys(app: PlatformApp, pilot: Pilot[int], screen: str) -> list[Row]:
    """Measure from a key to the idle app that has painted it."""
    times = []
    for number in range(ROUNDS):
        start = time.thread_time()
        await pilot.press("pagedown" if number % 5 == 0 else "down" if number % 3 else "up")
        times.append(time.thread_time() - start)
    p95 = statistics.quantiles(times, n=20)[-1] * 1000
    return [below(f"TUI {screen}: a key, handled and painted, CPU p95", p95, 50, "ms")]
