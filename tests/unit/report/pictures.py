"""Snapshots made by hand, for tests of what is said about them."""

from collections.abc import Iterable

from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.host import Disk, HostReading
from platformpm.model.inventory import Environment, Host, Inventory, Platform, Service
from platformpm.model.reading import Phases, Reading
from platformpm.model.settle import Settled
from platformpm.model.snapshot import Counts, PlatformSnapshot
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import MinUp, Reason, Status, service_status
from platformpm.model.version import Drift, agreed

AT = 1_795_330_800.0
"""2026-11-22T07:00:00Z."""
PRODUCTION = Environment("production")


def reading(status: Status, reason: Reason | None = None, detail: str = "", latency: float | None = 0.0123) -> Reading:
    return Reading(
        status=status,
        at=AT,
        reason=reason,
        detail=detail,
        latency=latency,
        phases=Phases(None, 0.0004, None, 0.0112, 0.0006),
        dialect="spring-boot",
        failing_components=("db",) if status is Status.DOWN else (),
        version_source="header x-app-version",
    )


UP = reading(Status.UP)
DOWN = reading(Status.DOWN, Reason.STATUS, "HTTP 503, expected 2xx")
SLOW = reading(Status.DEGRADED, Reason.SLOW, "812 ms, limit 500 ms", 0.812)


def instance(service: str, name: str, seen: Reading | None, version: str | None = "2.4.1") -> InstanceState:
    url = f"http://user:pw@10.0.2.7:8080/{name}?token=hunter2"
    key = InstanceKey(service, "production", name)
    declared = Instance(key=key, scheme="http", url="http://10.0.2.7:8080", health=Check(), health_url=url)
    if seen is None:
        return InstanceState(declared)
    return InstanceState(declared, Settled(seen.status, AT), seen, version=version, attempts=2)


def service(
    name: str,
    instances: Iterable[InstanceState],
    *,
    target: str | None = None,
    drift: Drift = Drift.UNKNOWN,
) -> ServiceState:
    states = tuple(instances)
    versions: dict[str, int] = {}
    for state in states:
        if state.version is not None:
            versions[state.version] = versions.get(state.version, 0) + 1
    return ServiceState(
        service=Service(name, instances=tuple(state.instance for state in states)),
        environment=PRODUCTION,
        instances=states,
        status=service_status([state.status for state in states], MinUp()),
        versions=versions,
        version=agreed(versions),
        target=target,
        drift=drift,
    )


def host(status: Status = Status.UP, reason: Reason | None = None, detail: str = "") -> HostState:
    seen = HostReading(
        at=AT,
        cpu_percent=12.04,
        memory_percent=40.06,
        load=(0.4, 0.3, 0.2),
        disks=(Disk("/", 61.0), Disk("/var", 97.0)),
    )
    return HostState(Host("local"), status, AT, reason, detail, seen)


def picture(services: Iterable[ServiceState] = (), hosts: Iterable[HostState] = ()) -> PlatformSnapshot:
    states = tuple(services)
    found = [state.status for state in states]
    return PlatformSnapshot(
        sequence=1,
        at=AT,
        inventory=Inventory(platform=Platform("Acme Commerce"), services=tuple(state.service for state in states)),
        services=states,
        hosts=tuple(hosts),
        counts=Counts(*(found.count(status) for status in (Status.UP, Status.DEGRADED, Status.DOWN, Status.UNKNOWN))),
    )


def troubled() -> PlatformSnapshot:
    """One service up, one slow, one with two of three instances down, and a host over its limit."""
    return picture(
        [
            service("catalog", [instance("catalog", "eu-1", UP), instance("catalog", "us-1", UP)]),
            service("checkout", [instance("checkout", "eu-1", SLOW, "2.4.0")], target="2.4.1", drift=Drift.BEHIND),
            service("ledger", [instance("ledger", n, r) for n, r in (("a", DOWN), ("b", UP), ("c", DOWN))]),
        ],
        [host(Status.DOWN, Reason.LIMIT, "disk /var 97 %, limit 95 %")],
    )
