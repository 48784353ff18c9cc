"""Whole processes of the headless commands, beside an empty Python and the imports they cannot do without."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.lean import lean_bin
from tests.bench.rows import Row, below, median_wall
from tests.bench.targets import inventory, nginx


def run() -> Iterator[Row]:
    """Measure `--help` and `check` of 1 and of 500 services."""
    programs = lean_bin()
    program = str(programs / "platformpm")
    empty = median_wall([str(programs / "python"), "-c", "pass"], 9)
    httpx = median_wall([str(programs / "python"), "-c", "import asyncio, httpx, pydantic"], 9)
    yield Row("empty Python; import of asyncio, httpx and pydantic", "", f"{empty * 1e3:.0f} ms; {httpx * 1e3:.0f} ms")
    helped = median_wall([program, "--help"], 9)
    yield below("`platformpm --help`", helped * 1e3, 150, "ms", f"{helped / empty:.1f} x an empty Python")
    with nginx() as port, tempfile.TemporaryDirectory() as name:
        for count, bound, runs in ((1, 0.45, 9), (500, 1.5, 5)):
            path = inventory(Path(name), port, count)
            wall = median_wall([program, "check", "-i", str(path)], runs)
            yield below(
                f"`check` of {count} services", wall * 1e3, bound * 1e3, "ms", f"{wall / httpx:.1f} x the imports"
            )
