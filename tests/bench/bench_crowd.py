"""What a crowd does to the latency that is measured: thousands asked in one pass, beside each asked alone."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from platformpm.assembly.checking import check
from platformpm.inventory import load
from platformpm.model.inventory import Inventory
from tests.bench.rows import Row, below
from tests.bench.targets import inventory, nginx

ALONE = 100


def run() -> Iterator[Row]:
    """Measure the median latency of a pass over 1,000 and over 5,000 as a share of that of one asked alone."""
    with nginx() as port, tempfile.TemporaryDirectory() as name:
        single, *crowds = [load(inventory(Path(name), port, many), {}).inventory for many in (1, 1000, 5000)]
        alone = statistics.median(latency for _ in range(ALONE) for latency in latencies(single))
        for crowd in crowds:
            began = time.perf_counter()
            found = latencies(crowd)
            took = time.perf_counter() - began
            note = (
                f"{statistics.median(found) * 1e3:.2f} ms, p99 {found[-len(found) // 100] * 1e3:.2f} ms, {took:.1f} s"
            )
            ratio = statistics.median(found) / alone
            yield below(f"latency of {len(found)} in one pass, against alone", ratio, 3, "of it", note)


def latencies(declared: Inventory) -> list[float]:
    """Give the seconds of each instance in one pass, in order of size."""
    instances = [instance for row in check(declared).services for instance in row.instances]
    return sorted(one.reading.latency for one in instances if one.reading and one.reading.latency is not None)
