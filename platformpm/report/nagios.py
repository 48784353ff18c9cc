"""The line of `check` for Nagios, Icinga, Naemon and Sensu, by the Monitoring Plugins Development Guidelines.

`PLATFORMPM STATE - text | performance data`. A threshold is a range: `0.8` alerts outside of 0 to 0.8, `@80:` inside
of 80 and more, ends included. So latencies, which are too slow above their limit, have the first form and percentages,
which alert by reaching theirs, the second. What is muted is counted as such and is in no figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from platformpm.model.host import measurements
from platformpm.model.inventory import Limit
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Status
from platformpm.report.checktext import tallies
from platformpm.report.told import Told, place, why_not_up

_LISTED = 5
"""Problems named in the text, worst first, and rows off target: agents such as NRPE cut a line after 1024 bytes."""
_NO_LIMIT = Limit(None, None)
_IN_TEXT = str.maketrans({"|": "¦"})
_IN_LABEL = str.maketrans({"|": "¦", "=": "_", "'": "_"})
"""A bar ends the text; the guidelines allow neither an equals sign nor a quote in a label."""


def render(told: Told) -> str:
    """Give the line."""
    drifting = [state for state in told.drifting() if state.muted is None]
    seen = (*tallies(told.snapshot, len(drifting)), *_problems(told), *told.drift_lines(drifting, _LISTED))
    text = f"PLATFORMPM {told.verdict.upper()} - {told.platform}: {'; '.join(seen)}"
    return f"{text.translate(_IN_TEXT)} | {' '.join(_performance(told, len(drifting)))}\n"


def _problems(told: Told) -> Iterator[str]:
    bad = [state for state in told.listed() if state.status is not Status.UP and state.muted is None]
    for state in bad[:_LISTED]:
        name = place(state) if isinstance(state, ServiceState) else f"host {state.host.name}"
        yield told.say(f"{name} {state.status}: {why_not_up(state)}")
    if len(bad) > _LISTED:
        yield f"and {len(bad) - _LISTED} more"


def _performance(told: Told, off_target: int) -> Iterator[str]:
    """Give `label=value[unit];warning;critical;min;max` for the counts, each service's latency and each host."""
    counts = told.snapshot.counts
    for label, count, warning, critical in (
        ("up", counts.up, "", ""),
        ("degraded", counts.degraded, "0", ""),
        ("down", counts.down, "", "0"),
        ("unknown", counts.unknown, "", ""),
        ("off_target", off_target, "", ""),
    ):
        yield _datum(label, str(count), "", (warning, critical, "0", str(counts.total)))
    for state in told.snapshot.services:
        if state.muted is None:
            yield from _latency(told, state)
    for host in told.snapshot.hosts:
        if host.muted is None:
            yield from _measured(told, host)


def _latency(told: Told, state: ServiceState) -> Iterator[str]:
    """Give the slowest latency of a service with the limits of the instance that has it; none where none answered."""
    timed = [(seconds, one) for one in state.instances if (seconds := _latency_of(one)) is not None]
    if timed:
        seconds, slowest = max(timed, key=lambda pair: pair[0])
        check = slowest.instance.health
        limits = (_number(check.max_latency), _number(check.critical_latency), "0", "")
        yield _datum(told.say(place(state)), _number(seconds), "s", limits)


def _latency_of(state: InstanceState) -> float | None:
    latency = state.reading.latency if state.reading else None
    return latency if latency is not None and math.isfinite(latency) else None


def _measured(told: Told, state: HostState) -> Iterator[str]:
    """Give the percentages of a host; without ranges for a CPU limit to be held, which one look never counts."""
    reading = state.reading
    if reading is None:
        return
    limits = {name: limit for name, _, limit in measurements(reading, state.host.limits)}
    single = (("cpu", reading.cpu_percent), ("memory", reading.memory_percent), ("swap", reading.swap_percent))
    disks = ((f"disk {disk.mount}", disk.percent) for disk in reading.disks)
    for name, value in (*single, *disks):
        if value is None or not math.isfinite(value):
            continue
        held = name == "cpu" and state.host.limits.hold > 0
        limit = _NO_LIMIT if held else limits.get(name, _NO_LIMIT)
        ranges = (_at_least(limit.warning), _at_least(limit.critical), "0", "100")
        yield _datum(told.say(f"{state.host.name} {name}"), _number(value), "%", ranges)


def _datum(label: str, value: str, unit: str, rest: tuple[str, str, str, str]) -> str:
    label = label.translate(_IN_LABEL)
    quoted = label if label.isascii() and label.replace("_", "").isalnum() else f"'{label}'"
    return f"{quoted}={value}{unit};{';'.join(rest)}".rstrip(";")


def _at_least(limit: float | None) -> str:
    return "" if limit is None else f"@{_number(limit)}:"


def _number(value: float | None) -> str:
    """Give a number in digits, sign and point alone, to the millionth."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
