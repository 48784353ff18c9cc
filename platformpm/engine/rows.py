"""What one reading makes of an instance, and what its instances make of a service. Pure functions of frozen values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from platformpm.model.check import Instance, InstanceKey
from platformpm.model.host import HostReading, judge_host
from platformpm.model.inventory import Environment, Inventory, Service
from platformpm.model.reading import Reading
from platformpm.model.record import HostTaken
from platformpm.model.series import Series
from platformpm.model.settle import UNDECIDED, Settled, settle
from platformpm.model.snapshot import EngineHealth
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Reason, Status, service_status
from platformpm.model.version import Drift, agreed, bare, drift_of
from platformpm.model.version import on_target as counted_on_target


class Seen(NamedTuple):
    """A value that was last known, and since which wall time it holds; it outlives a gap in between."""

    value: str
    since: float


def layout(inventory: Inventory) -> Iterator[tuple[Service, Environment, tuple[Instance, ...]]]:
    """Give each row there is: a service in an environment where it has instances, in inventory and promotion order."""
    environments = {environment.name: environment for environment in inventory.environments}
    for service in inventory.services:
        for name, instances in groupby(service.instances, lambda instance: instance.key.environment):
            yield service, environments.get(name) or Environment(name), tuple(instances)


def with_health(state: InstanceState, reading: Reading, seen: Seen | None, *, settling: bool = True) -> InstanceState:
    """Give an instance after a health reading; one that is not trusted is shown and changes nothing.

    `seen` is the version last known. Without `settling` the reading itself is the status, as in a one-shot check.
    """
    if not reading.trusted:
        return replace(state, reading=reading)
    instance, check = state.instance, state.instance.health
    if settling:
        settled = settle(
            state.settled, reading.status, reading.at, down_after=check.down_after, up_after=check.up_after
        )
    else:
        settled = Settled(reading.status, reading.at, (reading.status,))
    version, source, since = state.version, state.version_source, state.version_since
    if instance.version is None:
        version, source = reading.version, reading.version_source
        since = _version_since(reading, seen)
    expires = reading.certificate_expires
    return InstanceState(
        instance,
        settled,
        reading,
        state.last_bad if reading.status is Status.UP else reading,
        version,
        source,
        since,
        state.version_reason,
        state.version_detail,
        state.attempts + 1 if state.settled.pending else 1,
        state.series.append(reading.at, reading.latency, reading.status),
        state.certificate_expires if expires is None else expires,
    )


def with_version(state: InstanceState, reading: Reading, seen: Seen | None) -> InstanceState:
    """Give an instance after a reading of its version check, which never changes the status."""
    if not reading.trusted:
        return state
    failed = reading.version is None
    return replace(
        state,
        version=reading.version,
        version_source=reading.version_source,
        version_since=_version_since(reading, seen),
        version_reason=(reading.reason or Reason.PAYLOAD) if failed else None,
        version_detail=reading.detail if failed else "",
    )


def _version_since(reading: Reading, seen: Seen | None) -> float | None:
    if reading.version is None:
        return None
    return seen.since if seen is not None and bare(seen.value) == bare(reading.version) else reading.at


def with_instance(state: InstanceState, instance: Instance) -> InstanceState:
    """Give the state of an instance that was declared anew: another source of the version makes the old one void."""
    if (state.instance.version is None) is (instance.version is None):
        return replace(state, instance=instance)
    return replace(
        state,
        instance=instance,
        version=None,
        version_source=None,
        version_since=None,
        version_reason=None,
        version_detail="",
    )


def _counted(instances: tuple[InstanceState, ...]) -> dict[str, int]:
    """Count the instances by the version they report."""
    counted: dict[str, int] = {}
    for state in instances:
        if state.version is not None:
            counted[state.version] = counted.get(state.version, 0) + 1
    return counted


def row_of(
    service: Service,
    environment: Environment,
    instances: tuple[InstanceState, ...],
    before: ServiceState | None,
    at: float,
) -> ServiceState:
    """Give the row of a service in an environment; `before` is what it replaces, `at` the wall time of the change."""
    status = service_status([state.settled.status for state in instances], service.min_up)
    if before is not None and before.since is not None and before.status is status:
        since: float | None = before.since
    else:
        since = at if any(state.settled.since is not None for state in instances) else None
    target = service.target.get(environment.name)
    counted = _counted(instances)
    if before is not None and counted == before.versions and target == before.target:
        versions, version, on_target = before.versions, before.version, before.on_target
        drift, drift_since = before.drift, before.drift_since
    else:
        versions = counted
        version = agreed(versions) if versions else None
        on_target = counted_on_target(versions, target, _order)
        drift = drift_of(versions, target, _order)
        drift_since = before.drift_since if before is not None and before.drift is drift else at
    return ServiceState(
        service=service,
        environment=environment,
        instances=instances,
        status=status,
        since=since,
        versions=versions,
        version=version,
        target=target,
        on_target=on_target,
        drift=drift,
        drift_since=None if drift is Drift.UNKNOWN and not versions else drift_since,
        latency=_slowest(instances),
        uptimes=() if before is None else before.uptimes,
        muted=None if before is None else before.muted,
    )


def with_host(state: HostState, reading: HostReading) -> HostState:
    """Give a host after a reading; a first look has no CPU, and is judged by that of the reading before it."""
    cpu = (
        state.reading.cpu_percent if reading.cpu_percent is None and state.reading is not None else reading.cpu_percent
    )
    judgement = judge_host(replace(reading, cpu_percent=cpu), state.host.limits, state.over)
    return HostState(
        host=state.host,
        status=judgement.status,
        since=state.since if state.since is not None and judgement.status is state.status else reading.at,
        reason=judgement.reason,
        detail=judgement.detail,
        reading=reading,
        over=judgement.over,
        cpu=_trend(state.cpu, reading, reading.cpu_percent, judgement.status),
        memory=_trend(state.memory, reading, reading.memory_percent, judgement.status),
        muted=state.muted,
    )


def followed(state: HostState, taken: HostTaken) -> HostState:
    """Give a host after a reading of another process, with the status that it decided, be it with other limits."""
    after = with_host(replace(state, over=taken.over), taken.reading)
    if taken.since is None:
        return after
    if after.status is not taken.status:
        reason = Reason.LIMIT if taken.status in (Status.DEGRADED, Status.DOWN) else taken.reading.failure
        after = replace(after, status=taken.status, reason=reason, detail=taken.reading.detail)
    return replace(after, since=taken.since)


def _trend(series: Series, reading: HostReading, percent: float | None, status: Status) -> Series:
    return series if percent is None else series.append(reading.at, percent, status)


def undecided(instances: Sequence[Instance]) -> tuple[InstanceState, ...]:
    """Give the states of instances of which nothing is known yet."""
    return tuple(InstanceState(instance, UNDECIDED) for instance in instances)


def with_read(
    health: EngineHealth, instances: int, rows: Iterable[ServiceState], unread: Collection[InstanceKey]
) -> EngineHealth:
    """Say how many of the `instances` were read: those not `unread`, and while attached those read before this run."""
    waiting = len(unread)
    if health.attached and unread:
        waiting = sum(one.reading is None and one.key in unread for row in rows for one in row.instances)
    return replace(health, instances=instances, read=instances - waiting)


def unconfirmed(state: InstanceState) -> bool:
    """Tell whether a reading disagrees with the status and its run is not yet long enough to decide."""
    check = state.instance.health
    return state.settled.pending and state.attempts < max(check.down_after, check.up_after)


def _slowest(instances: tuple[InstanceState, ...]) -> float | None:
    slowest: float | None = None
    for state in instances:
        reading = state.reading
        latency = None if reading is None else reading.latency
        if latency is not None and (slowest is None or latency > slowest):
            slowest = latency
    return slowest


def _order(first: str, second: str) -> int | None:
    from platformpm.formats.scheme import order  # 20 ms that only a platform off its targets pays

    return order(first, second)
