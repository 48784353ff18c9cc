"""What an exporter says of its machine at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple


class Mount(NamedTuple):
    """A mounted file system. Sizes are bytes; the first four are named as psutil names them."""

    device: str
    mountpoint: str
    fstype: str
    opts: str
    used: float
    total: float
    percent: float


@dataclass(frozen=True, slots=True)
class Machine:
    """One look at a machine; None or empty is what its exporter does not tell.

    `busy` and `total` are seconds of all CPUs since it started, `received` and `sent` the bytes by network card since
    then. Percentages are 0-100; `booted` is the wall time of its start, `clock` that of now, by its own clock.
    """

    busy: float | None = None
    total: float | None = None
    cpu_count: int | None = None
    memory_percent: float | None = None
    memory_total: float | None = None
    swap_percent: float | None = None
    load: tuple[float, float, float] | None = None
    mounts: tuple[Mount, ...] = ()
    received: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    sent: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    booted: float | None = None
    clock: float | None = None


NOTHING = Machine()


def share(used: float | None, total: float | None) -> float | None:
    """Give how much of `total` is used, in percent to the hundredth; None where there is nothing to use."""
    if used is None or not total:
        return None
    return round(min(max(100.0 * used / total, 0.0), 100.0), 2)


def left(total: float | None, free: float | None) -> float | None:
    """Give what is used of `total` when `free` of it is not."""
    return None if total is None or free is None else total - free
