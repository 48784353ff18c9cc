"""One pass over a platform, for the headless check."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from platformpm.assembly.addresses import at_addresses
from platformpm.assembly.parts import SystemClock, affordable, build_probes, build_reader
from platformpm.assembly.silences import Silences
from platformpm.engine.engine import new_loop
from platformpm.engine.once import once, with_silences
from platformpm.model.inventory import Inventory
from platformpm.model.silence import muted
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.text import safe_text

if TYPE_CHECKING:
    from platformpm.probes import Heartbeats

WORTH_UVLOOP = 30
"""Instances from which the faster loop pays for its own import in a single pass."""
_COLLECT_EVERY = 20_000
"""Objects made between two collections during a pass; 700 is Python's own."""


def check(
    inventory: Inventory,
    attempts: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    silences: Silences | None = None,
    heard: Heartbeats | None = None,
) -> PlatformSnapshot:
    """Check everything once, in this thread, and give the picture, with who of it is muted when it is taken.

    `attempts` None is each check's own `down_after`; `progress` is told (done, total); `heard` are the heartbeats that
    are known. Ctrl-C ends it at once, with `KeyboardInterrupt`.
    """
    clock = SystemClock()
    spread, notices = at_addresses(inventory)
    inventory = affordable(spread)
    probes = build_probes(inventory, clock, heard)
    many = sum(1 for _ in inventory.instances()) >= WORTH_UVLOOP
    with _rare_collection(), asyncio.Runner(loop_factory=new_loop if many else None) as runner:
        reader = build_reader(inventory, clock)
        snapshot = runner.run(once(inventory, probes, reader, clock, attempts=attempts, progress=progress))
    snapshot = replace(snapshot, notice=safe_text("; ".join(notices)) or None)
    return with_silences(snapshot, muted(silences.in_force(snapshot.at))) if silences else snapshot


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Let the cyclic collector run seldom, and not over what is there already: it took a sixth of a pass."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
