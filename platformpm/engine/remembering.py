"""What was known before this run, joined with what this run has seen since. Pure functions of frozen values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from platformpm.engine.rows import Seen, row_of, with_host
from platformpm.model.alert import Alert
from platformpm.model.check import Instance, InstanceKey
from platformpm.model.memory import HostMemory, InstanceMemory, Memory
from platformpm.model.series import EMPTY, Point
from platformpm.model.settle import Settled, settle
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Reason, Status
from platformpm.model.version import bare

_NOTHING = InstanceMemory()
_NEAR = 0.001
"""Seconds."""


class Resumed(NamedTuple):
    """A row as it was `then`, when the last run ended, and as it is `now`, with the readings of this run."""

    then: ServiceState
    now: ServiceState


def resume(row: ServiceState, memory: Memory, unread: Collection[InstanceKey], at: float) -> Resumed | None:
    """Give a row with what is known from before, None where nothing is.

    `unread` are the instances whose health this run has not read yet; `at` is wall time.
    """
    known = [memory.instances.get(state.key, _NOTHING) for state in row.instances]
    if row.key not in memory.services and all(one is _NOTHING for one in known):
        return None
    before = tuple(remembered(state.instance, one) for state, one in zip(row.instances, known, strict=True))
    then = row_of(row.service, row.environment, before, None, at)
    status, since = memory.services.get(row.key, (None, None))
    since = since if status is then.status else _newest_change(before, None)
    then = replace(then, since=since, drift_since=_drift_since(then))
    if all(state.key in unread and state.version is None and not state.version_reason for state in row.instances):
        return Resumed(then, then)
    after = tuple(
        continued(state, old, read=state.key not in unread) for state, old in zip(row.instances, before, strict=True)
    )
    now = row_of(row.service, row.environment, after, then, _newest_change(after, at) or at)
    return Resumed(then, replace(now, drift_since=_drift_since(now)))


def remembered(instance: Instance, memory: InstanceMemory) -> InstanceState:
    """Give the state of an instance as the last run left it."""
    check = instance.health
    recent = tuple(point.status for point in memory.series.last(max(check.down_after, check.up_after)))
    return InstanceState(
        instance=instance,
        settled=Settled(memory.status, memory.since, recent),
        reading=memory.reading,
        last_bad=memory.last_bad,
        version=memory.version,
        version_source=memory.version_source,
        version_since=memory.version_since,
        attempts=_attempts(memory.status, recent),
        series=memory.series,
        certificate_expires=memory.certificate_expires,
    )


def continued(state: InstanceState, old: InstanceState, *, read: bool) -> InstanceState:
    """Give the state of an instance that goes on from `old` with what this run knows of it.

    `read` tells whether this run has read its health.
    """
    check = state.instance.health
    last = old.series.last(1)
    points = [point for point in state.series if not last or point.at > last[0].at] if read else []
    settled, attempts, series = old.settled, old.attempts, old.series
    for point in points:
        attempts = attempts + 1 if settled.pending else 1
        settled = settle(settled, point.status, point.at, down_after=check.down_after, up_after=check.up_after)
        series = series.append(*point)
    version, source, since = _version(state, old, points)
    return replace(
        state,
        settled=settled,
        attempts=attempts,
        series=series,
        reading=state.reading if read else old.reading,
        last_bad=state.last_bad or old.last_bad,
        version=version,
        version_source=source,
        version_since=since,
        certificate_expires=state.certificate_expires or old.certificate_expires,
    )


def with_past(row: ServiceState, memory: Memory) -> ServiceState:
    """Give a row with the readings that are remembered of its instances before those of this run."""
    known = [memory.instances.get(state.key) for state in row.instances]
    if not any(known):
        return row
    pairs = zip(row.instances, known, strict=True)
    return replace(row, instances=tuple(state if old is None else _with_past(state, old) for state, old in pairs))


def _with_past(state: InstanceState, old: InstanceMemory) -> InstanceState:
    """Leave out what history has of this run already: it knows times to a millisecond only."""
    first = next(iter(state.series), None)
    series = old.series if first is None else old.series.until(first.at - _NEAR).extended(state.series)
    own = state.last_bad if state.last_bad is not None and state.last_bad.whole else None
    last_bad = own or old.last_bad or state.last_bad
    return replace(state, series=series, reading=state.reading or old.reading, last_bad=last_bad)


def versions_in(memory: Memory) -> Iterator[tuple[InstanceKey, Seen]]:
    """Give the version that was last known of each instance."""
    for key, known in memory.instances.items():
        if known.version is not None:
            yield key, Seen(known.version, known.version_since or memory.at or 0.0)


def replaced(
    known: Mapping[InstanceKey, Seen], seen: Mapping[InstanceKey, Seen]
) -> Iterator[tuple[InstanceKey, str, str]]:
    """Give (key, old, new) of each instance that was `seen` in this run with another version than was `known`."""
    for key, old in known.items():
        new = seen.get(key)
        if new is not None and bare(new.value) != bare(old.value):
            yield key, old.value, new.value


def recalled(known: Mapping[InstanceKey, Seen], seen: Mapping[InstanceKey, Seen]) -> dict[InstanceKey, Seen]:
    """Give the versions last seen: those of this run, but since when they were known before it."""
    changed = {key for key, _, _ in replaced(known, seen)}
    return {**seen, **{key: old for key, old in known.items() if key not in changed}}


def host_of(state: HostState, alert: Alert | None, known: HostMemory | None) -> HostState:
    """Give a host as its last reading and its open alert remember it, with what this run has read on top."""
    if alert is None and known is None:
        return state
    then = HostState(state.host)
    if known is not None:
        then = _as_known(then, known)
    if alert is not None and (known is None or not known.over):
        then = _over_limit(then, alert)
    now = then if state.reading is None else with_host(then, state.reading)
    cpu, memory = (known.cpu, known.memory) if known is not None else (EMPTY, EMPTY)
    return replace(now, cpu=state.cpu.after(cpu), memory=state.memory.after(memory))


def _as_known(state: HostState, known: HostMemory) -> HostState:
    """Give a host as its last reading left it. What was not over its limit for long enough then begins anew."""
    reading, last = known.reading, known.cpu.last(1)
    if reading.failure is None and reading.cpu_percent is None and last:
        reading = replace(reading, cpu_percent=last[0].latency)
    then = with_host(replace(state, over=known.over), reading)
    held = {name: since for name, since in then.over.items() if reading.at - since >= state.host.limits.hold}
    return replace(then, over=held, since=known.since if then.status is known.status else then.since)


def _over_limit(state: HostState, alert: Alert) -> HostState:
    # What was over its limit then was so for long enough: its name stands in the detail before the percentage.
    names = [part.partition(" %, limit ")[0].rpartition(" ")[0] for part in alert.detail.split("; ")]
    if alert.severity is Status.DOWN:
        names += [f"{name} critical" for name in names]
    over = MappingProxyType(dict.fromkeys(filter(None, names), alert.opened - state.host.limits.hold))
    known = replace(state, status=alert.severity, since=alert.opened, reason=Reason.LIMIT, detail=alert.detail)
    return replace(known, over=over)


def _attempts(status: Status, recent: tuple[Status, ...]) -> int:
    """Count the last readings that did not agree with the status; 1 where the very last one did."""
    agreed = [place for place, one in enumerate(recent) if one is status]
    waiting = len(recent) - 1 - (agreed[-1] if agreed else -1)
    return waiting or min(len(recent), 1)


def _version(
    state: InstanceState, old: InstanceState, points: list[Point]
) -> tuple[str | None, str | None, float | None]:
    """Give version, source and since when: those of this run, the old ones only as long as it has nothing to say."""
    silent = not points if state.instance.version is None else state.version_reason is None
    if state.version is None and silent:
        return old.version, old.version_source, old.version_since
    if state.version is not None and old.version is not None and bare(state.version) == bare(old.version):
        return state.version, state.version_source, old.version_since or state.version_since
    return state.version, state.version_source, state.version_since


def _newest_change(instances: tuple[InstanceState, ...], default: float | None) -> float | None:
    return max((state.since for state in instances if state.since is not None), default=default)


def _drift_since(row: ServiceState) -> float | None:
    """Let a drift hold since the last of its versions came; when a target was moved nobody has written down."""
    times = [state.version_since for state in row.instances if state.version and state.version_since is not None]
    return max(times) if times and row.drift_since is not None else row.drift_since
