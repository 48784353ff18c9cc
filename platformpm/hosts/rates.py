"""What two looks at counters say: how busy the CPUs were in between, and how much went over the network."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_LOOPBACK = re.compile(r"lo\d*$|loopback")


@dataclass(frozen=True, slots=True)
class Sample:
    """Counters at one moment: seconds of CPU, bytes over the network, monotonic seconds."""

    at: float
    busy: float | None = None
    total: float | None = None
    received: float | None = None
    sent: float | None = None


def is_loopback(card: str) -> bool:
    """Tell whether a network card is none: `lo`, `lo0`, `Loopback …`."""
    return _LOOPBACK.match(card.lower()) is not None


def busy_percent(before: Sample | None, now: Sample) -> float | None:
    """Give how busy the CPUs were, None when there is nothing to compare with or the counters began anew."""
    if before is None or before.busy is None or before.total is None or now.busy is None or now.total is None:
        return None
    passed = now.total - before.total
    return min(max(100.0 * (now.busy - before.busy) / passed, 0.0), 100.0) if passed > 0 else None


def rate(before: Sample | None, now: Sample, counter: Callable[[Sample], float | None]) -> float | None:
    """Give units a second, None when there is nothing to compare with or the counter began anew."""
    then = None if before is None else counter(before)
    count = counter(now)
    if before is None or then is None or count is None or count < then or now.at <= before.at:
        return None
    return (count - then) / (now.at - before.at)
