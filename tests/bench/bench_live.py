"""The TUI as a whole process on a real pseudo-terminal, probing thousands of real targets."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import statistics
import struct
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from platformpm.inventory import load
from tests.bench.bench_restart import make
from tests.bench.lean import lean_bin
from tests.bench.rows import Row, below
from tests.bench.targets import inventory, nginx

SIZE = (50, 200)


class Screen:
    """A program on a pseudo-terminal whose output is read as it comes."""

    def __init__(self, command: list[str]) -> None:
        self.started = time.perf_counter()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(command[0], command)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        self.process = psutil.Process(self.pid)

    def read(self, seconds: float) -> bytes:
        """Read what comes within so many seconds, empty when nothing does."""
        ready, _, _ = select.select([self.master], [], [], max(seconds, 0))
        return os.read(self.master, 1 << 20) if ready else b""

    def until(self, text: bytes, limit: float) -> float:
        """Give the seconds until `text` is written."""
        start, seen = time.perf_counter(), b""
        while time.perf_counter() - start < limit:
            seen = seen[-len(text) :] + self.read(limit)
            if text in seen:
                return time.perf_counter() - start
        raise SystemExit(f"{text!r} never came in {limit} s")

    def drain(self, seconds: float) -> None:
        """Read and forget for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def close(self) -> None:
        """End the program and wait for it."""
        self.process.terminate()
        try:
            while os.read(self.master, 1 << 20):
                pass
        except OSError:
            pass
        os.waitpid(self.pid, 0)
        os.close(self.master)


def keys(screen: Screen, presses: int) -> list[float]:
    """Give the seconds from each press of `/`-typed text to its echo: a letter that no row holds."""
    times = []
    for _ in range(presses):
        os.write(screen.master, "ß".encode())
        times.append(screen.until("ß".encode(), 10))
        os.write(screen.master, b"\x7f")
        screen.drain(0.08)
    return times


def jumps(screen: Screen, presses: int) -> list[float]:
    """Give the seconds from each `G` and `g`, in rows sorted by name, to the paint of the last and the first row."""
    times = []
    for number in range(presses):
        os.write(screen.master, b"g" if number % 2 else b"G")
        times.append(screen.until(b"svc-0000" if number % 2 else b"svc-4999", 10))
        screen.drain(0.08)
    return times


def reactions(screen: Screen, when: str) -> Iterator[Row]:
    """Measure letters typed into the filter, then jumps through all rows."""
    os.write(screen.master, b"/")
    screen.drain(0.5)
    yield below(f"letter typed into the filter to its paint, p95, {when}", p95(keys(screen, 60)) * 1e3, 50, "ms")
    os.write(screen.master, b"\x1b")
    screen.drain(0.5)
    yield below(f"jump to the last row and back to its paint, p95, {when}", p95(jumps(screen, 60)) * 1e3, 50, "ms")


def cpu(screen: Screen, seconds: float) -> float:
    """Give the percentage of one core that the process uses over so many seconds, children included."""
    before, start = screen.process.cpu_times(), time.perf_counter()
    screen.drain(seconds)
    after = screen.process.cpu_times()
    return (after.user + after.system - before.user - before.system) / (time.perf_counter() - start) * 100


def p95(times: list[float]) -> float:
    """Give the 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


def first_paint(program: str, path: Path, state: str) -> float:
    """Give the seconds from the start of the process to a painted row."""
    os.environ["XDG_STATE_HOME"] = state
    screen = Screen([program, "-i", str(path)])
    screen.until(b"svc-0", 60)
    seconds = time.perf_counter() - screen.started
    screen.close()
    return seconds


def first_paints(program: str, path: Path, services: int, limit: float, days: dict[str, int]) -> Iterator[Row]:
    """Measure the first paint without a history and over a long one, in turns; `days` as `make` has them.

    Of 1,000 services every one has its 48 hours of readings.
    """
    with tempfile.TemporaryDirectory() as without, tempfile.TemporaryDirectory() as long:
        keys = [one.key for one in load(path, os.environ).inventory.instances()]
        history = Path(long, "platformpm", "bench", "history.db")
        history.parent.mkdir(parents=True)
        make(history, keys, int(time.time()), days, 1_000_000 // services)
        size = f"{history.stat().st_size / 1e9:.2f} GB"
        turns = [(first_paint(program, path, without), first_paint(program, path, long)) for _ in range(7)]
    bare, known = (statistics.median(paints) for paints in zip(*turns, strict=True))
    yield below(f"TUI, {services:,} services: first paint", bare, limit, "s")
    yield below("the same with a long history, as a share", known / bare, 1.1, "of it", f"{known:.3g} s, {size}")


def run() -> Iterator[Row]:
    """Measure first paint, key to paint, CPU and memory with 1,000 and 5,000 services."""
    program = str(lean_bin() / "platformpm")
    with nginx() as port, tempfile.TemporaryDirectory() as name:
        thousand, five = inventory(Path(name), port, 1000), inventory(Path(name), port, 5000)
        yield from first_paints(program, thousand, 1000, 1.5, {"five_minutes": 14, "hour": 90, "day": 400})
        yield from first_paints(program, five, 5000, 2.5, {"five_minutes": 7, "hour": 90, "day": 400})
        os.environ["XDG_STATE_HOME"] = name
        screen = Screen([program, "-i", str(five)])
        screen.until(b"svc-0", 60)
        os.write(screen.master, b"2s")  # sorted by name
        screen.drain(1.0)
        yield from reactions(screen, "during the first pass")
        screen.drain(20)
        yield from reactions(screen, "steady")
        os.write(screen.master, b"1")
        screen.drain(5)
        yield below("steady CPU, probing included", cpu(screen, 60), 20, "% of a core")
        yield below("memory", screen.process.memory_info().rss / 1e6, 300, "MB")
        screen.close()
    screen = Screen([program, "demo"])
    screen.until(b"checkout", 60)
    screen.drain(20)
    yield below("demo TUI, server included", cpu(screen, 60), 6, "% of a core")
    screen.close()
