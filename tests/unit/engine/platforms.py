"""Small inventories, readings and clocks for the tests of the engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from platformpm.model.check import Check, CheckKey, Instance, InstanceKey, Purpose
from platformpm.model.host import HostReading
from platformpm.model.inventory import EngineSettings, Environment, Host, Inventory, Service
from platformpm.model.reading import Reading
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.status import MinUp, Reason, Status

SLOW_CHECK = Check(interval=15.0)
QUICK_CHECK = Check(interval=0.1, timeout=1.0)


@dataclass
class OffsetClock:
    """The machine's clocks, moved by hand: `offset` seconds are added to the wall clock."""

    offset: float = 0.0

    def wall(self) -> float:
        return time.time() + self.offset

    def monotonic(self) -> float:
        return time.monotonic()


def instance(
    service: str = "checkout",
    environment: str = "production",
    name: str = "a",
    *,
    check: Check = SLOW_CHECK,
    version: Check | None = None,
) -> Instance:
    url = f"http://{service}-{name}.{environment}.example:8080"
    key = InstanceKey(service, environment, name)
    return Instance(key, "http", url, check, f"{url}/health", version, f"{url}/version" if version else None)


def service(
    *instances: Instance,
    target: Mapping[str, str] | None = None,
    min_up: int = 1,
    renamed_from: str | None = None,
) -> Service:
    return Service(
        name=instances[0].key.service,
        tier=1,
        instances=instances,
        target=target or {},
        min_up=MinUp(min_up),
        renamed_from=renamed_from,
    )


def inventory(*services: Service, hosts: tuple[Host, ...] = (), engine: EngineSettings = EngineSettings()) -> Inventory:
    names = dict.fromkeys(one.key.environment for each in services for one in each.instances)
    environments = tuple(Environment(name) for name in names)
    return Inventory(environments=environments, services=services, hosts=hosts, engine=engine)


def many(count: int, check: Check = SLOW_CHECK, engine: EngineSettings = EngineSettings()) -> Inventory:
    return inventory(*(service(instance(f"s{number}", check=check)) for number in range(count)), engine=engine)


def up(at: float = 0.0, version: str | None = None, *, expires: float | None = None) -> Reading:
    source = "body" if version else None
    return Reading(Status.UP, at, latency=0.01, version=version, version_source=source, certificate_expires=expires)


def bad(
    at: float = 0.0, status: Status = Status.DOWN, reason: Reason = Reason.STATUS, detail: str = "HTTP 503"
) -> Reading:
    return Reading(status, at, reason, detail, latency=0.02)


def health(of: Instance) -> CheckKey:
    return CheckKey(of.key, Purpose.HEALTH)


def version_of(of: Instance) -> CheckKey:
    return CheckKey(of.key, Purpose.VERSION)


async def idle_host(host: Host, deadline: float) -> HostReading:
    return HostReading(time.time(), cpu_percent=1.0)


async def always_up(of: Instance, check: Check, deadline: float) -> Reading:
    return up(time.time())


def statuses(snapshot: PlatformSnapshot) -> list[Status]:
    return [row.status for row in snapshot.services]


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Poll until `condition` holds."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            raise AssertionError("waited in vain")
        time.sleep(0.01)
