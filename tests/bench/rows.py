"""What a bench gives: rows of what was measured against what is promised."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Row:
    """One measured bound. `held` is None where a row only informs."""

    what: str
    bound: str
    measured: str
    held: bool | None = None

    def __str__(self) -> str:
        mark = {True: "ok", False: "MISSED", None: ""}[self.held]
        return f"| {self.what} | {self.bound} | {self.measured} | {mark} |"


def below(what: str, value: float, bound: float, unit: str, note: str = "") -> Row:
    """Give the row of a value that must stay below its bound."""
    return Row(what, f"< {bound:g} {unit}", f"{value:.3g} {unit}{f' ({note})' if note else ''}", value < bound)


def machine() -> str:
    """Say where this was measured."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def walls(command: Sequence[str], runs: int = 7, allowed: tuple[int, ...] = (0,)) -> list[float]:
    """Give the wall seconds of whole runs of a command, after one warm-up."""
    out = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        out.append(time.perf_counter() - start)
        if done.returncode not in allowed:
            sys.stderr.buffer.write(done.stdout[-2000:] + done.stderr[-2000:])
            raise SystemExit(f"{command}: exit {done.returncode}")
    return out[1:]


def median_wall(command: Sequence[str], runs: int = 7, allowed: tuple[int, ...] = (0,)) -> float:
    """Give the median of `walls`."""
    return statistics.median(walls(command, runs, allowed))
