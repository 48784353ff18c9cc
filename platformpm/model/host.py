"""What one look at a machine gave, and what its limits make of it. Percentages are 0-100, sizes bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from platformpm.model.inventory import HostLimits, Limit
from platformpm.model.status import Reason, Status, worst


@dataclass(frozen=True, slots=True)
class Disk:
    """One mounted file system."""

    mount: str
    percent: float
    used: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class HostReading:
    """Measurements of one machine at wall time `at`. A sensor that is not there is None or empty.

    `load` is the 1, 5 and 15 minute average; network rates are bytes a second; `uptime` is seconds. `failure` is set
    when the machine could not be read at all.
    """

    at: float
    cpu_percent: float | None = None
    cpu_count: int | None = None
    memory_percent: float | None = None
    memory_total: int | None = None
    swap_percent: float | None = None
    load: tuple[float, float, float] | None = None
    disks: tuple[Disk, ...] = ()
    received_rate: float | None = None
    sent_rate: float | None = None
    uptime: float | None = None
    failure: Reason | None = None
    detail: str = ""


def measurements(reading: HostReading, limits: HostLimits) -> Iterator[tuple[str, float, Limit]]:
    """Give (name, percentage, limit) for everything that was measured and has a limit."""
    single = (
        ("cpu", reading.cpu_percent, limits.cpu),
        ("memory", reading.memory_percent, limits.memory),
        ("swap", reading.swap_percent, limits.swap),
    )
    for name, value, limit in single:
        if value is not None and limit is not None:
            yield name, value, limit
    if limits.disk is not None:
        for disk in reading.disks:
            yield f"disk {disk.mount}", disk.percent, limits.disk


def level(value: float, limit: Limit) -> Status:
    """Give the status that a percentage has under a limit; a limit is reached by being equal to it."""
    if limit.critical is not None and value >= limit.critical:
        return Status.DOWN
    if limit.warning is not None and value >= limit.warning:
        return Status.DEGRADED
    return Status.UP


@dataclass(frozen=True, slots=True)
class HostJudgement:
    """Status of a host, what was seen, and since when each measurement has been over its limit.

    `over` has a key `cpu` for the warning and `cpu critical` for the critical limit.
    """

    status: Status
    reason: Reason | None
    detail: str
    over: Mapping[str, float]


def judge_host(reading: HostReading, limits: HostLimits, over: Mapping[str, float]) -> HostJudgement:
    """Judge a reading. `over` is that of the last judgement; a limit counts once held for `limits.hold` seconds.

    The two limits of a measurement are held apart: a moment over the critical one is still only a warning.
    """
    if reading.failure is not None:
        return HostJudgement(Status.UNKNOWN, reading.failure, reading.detail, {})
    now_over: dict[str, float] = {}
    statuses = [Status.UP]
    seen: list[tuple[Status, str]] = []
    for name, value, limit in measurements(reading, limits):
        held = None
        for status, bound, key in (
            (Status.DEGRADED, limit.warning, name),
            (Status.DOWN, limit.critical, f"{name} critical"),
        ):
            if bound is None or value < bound:
                continue
            now_over[key] = over.get(key, reading.at)
            if reading.at - now_over[key] >= limits.hold:
                held = status, f"{name} {value:.0f} %, limit {bound:g} %"
        if held is not None:
            statuses.append(held[0])
            seen.append(held)
    status = worst(statuses)
    seen.sort(key=lambda item: item[0] is not Status.DOWN)
    detail = "; ".join(text for _, text in seen)
    return HostJudgement(status, Reason.LIMIT if seen else None, detail, now_over)
