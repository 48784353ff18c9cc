"""Believable platforms out of model objects, and a session whose board moves on. Run, it shows one in the terminal."""

from __future__ import annotations

import functools
import gc
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from platformpm.errors import PlatformpmError
from platformpm.model.alert import Alert, AlertKey, alerts_of_host, alerts_of_service, fold, order
from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.event import Event, EventKind
from platformpm.model.host import Disk, HostReading, judge_host
from platformpm.model.inventory import Environment, Host, HostLimits, Inventory, Limit, Platform, Service, Team
from platformpm.model.ports import Bookmark, HistoryReader
from platformpm.model.reading import Phases, Reading
from platformpm.model.series import EMPTY, Series
from platformpm.model.settle import Settled
from platformpm.model.snapshot import Counts, EngineHealth, PlatformSnapshot
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Reason, Status, service_status
from platformpm.model.version import agreed, bare, drift_of

NOW = 1_795_330_931.0
"""Wall time at which synthetic platforms stand still: 2026-11-22 07:02:11 UTC."""

ENVIRONMENTS = (
    Environment("dev", "Development"),
    Environment("staging", "Staging", promotes_from="dev", place=1),
    Environment("production", "Production", promotes_from="staging", critical=True, place=2),
)
TEAMS = ("payments", "catalog", "identity", "logistics", "platform", "insights")
CATALOG = (
    ("checkout", "Checkout", 0, "Storefront", 1, "2.4.1", 46),
    ("ledger", "General Ledger", 0, "Payments", 1, "3.2.0", 18),
    ("payments-gateway", "Payments Gateway", 0, "Payments", 1, "7.14.2", 210),
    ("fraud-score", "Fraud Scoring", 0, "Payments", 2, "1.31.0", 88),
    ("invoicing", "Invoicing", 0, "Payments", 2, "4.0.3", 61),
    ("catalog", "Product Catalog", 1, "Storefront", 1, "1.9.3", 23),
    ("search", "Search", 1, "Storefront", 1, "5.2.0", 35),
    ("pricing", "Pricing", 1, "Storefront", 1, "2.0.8", 14),
    ("reviews", "Reviews", 1, "Storefront", 3, "0.18.2", 52),
    ("media", "Media Library", 1, "Storefront", 3, "3.3.1", 120),
    ("login", "Login", 2, "Accounts", 1, "6.1.0", 29),
    ("profile", "Customer Profile", 2, "Accounts", 2, "2.7.4", 33),
    ("consent", "Consent", 2, "Accounts", 2, "1.4.0", 21),
    ("sessions", "Sessions", 2, "Accounts", 1, "3.9.9", 4),
    ("keycloak", "Keycloak", 2, "Accounts", 1, "26.0.5", 19),
    ("shipping", "Shipping", 3, "Fulfilment", 2, "2.2.2", 74),
    ("warehouse", "Warehouse", 3, "Fulfilment", 2, "8.0.1", 95),
    ("tracking", "Parcel Tracking", 3, "Fulfilment", 3, "1.1.7", 140),
    ("returns", "Returns", 3, "Fulfilment", 3, "1.0.9", 66),
    ("carrier-rates", "Carrier Rates", 3, "Fulfilment", 3, "0.9.0", 310),
    ("gateway", "API Gateway", 4, "Platform", 1, "1.32.0", 3),
    ("redis", "Redis", 4, "Platform", 1, "7.4.1", 1),
    ("rabbitmq", "RabbitMQ", 4, "Platform", 1, "4.0.4", 6),
    ("vault", "Vault", 4, "Platform", 1, "1.18.1", 5),
    ("elasticsearch", "Elasticsearch", 4, "Platform", 1, "8.16.0", 9),
    ("notifications", "Notifications", 4, "Platform", 2, "2.12.0", 41),
    ("feature-flags", "Feature Flags", 4, "Platform", 2, "0.44.1", 8),
    ("reports", "Reports", 5, "Insights", 3, "2024.11.2", 480),
    ("recommendations", "Recommendations", 5, "Insights", 2, "1.8.0", 150),
    ("experiments", "Experiments", 5, "Insights", 3, "0.7.3", 37),
)
INSTANCES = {"dev": 1, "staging": 2, "production": 4}
LIMITS = HostLimits(cpu=Limit(80, 95), memory=Limit(85, 95), disk=Limit(85, 95))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with some instances of a service in an environment."""

    status: Status
    reason: Reason
    detail: str
    instances: int
    latency: float | None
    age: float


FAULTS: Mapping[tuple[str, str], Fault] = {
    ("ledger", "production"): Fault(
        Status.DOWN, Reason.TIMEOUT_CONNECT, "no connection within 5 s", 4, None, 250.0
    ),
    ("checkout", "production"): Fault(
        Status.DEGRADED, Reason.SLOW, "812 ms, limit 500 ms", 2, 0.812, 131.0
    ),
    ("elasticsearch", "production"): Fault(
        Status.DEGRADED, Reason.PAYLOAD, "cluster yellow: 12 unassigned shards", 1, 0.009, 5400.0
    ),
    ("carrier-rates", "staging"): Fault(Status.DOWN, Reason.STATUS, "HTTP 503, expected 2xx", 2, 0.31, 47.0),
    ("vault", "dev"): Fault(Status.UNKNOWN, Reason.UNAUTHORIZED, "HTTP 403: permission denied", 1, 0.005, 86400.0 * 3),
    ("tracking", "production"): Fault(
        Status.DEGRADED, Reason.TLS_EXPIRED, "certificate expired 2 h ago", 1, None, 7200.0
    ),
}  # fmt: skip
TARGETS = {
    ("checkout", "staging"): "2.5.0-rc.1",
    ("checkout", "production"): "2.5.0",
    ("search", "production"): "5.3.0",
}
OBSERVED = {
    ("checkout", "staging"): ("2.5.0-rc.1",),
    ("checkout", "production"): ("2.5.0", "2.5.0", "2.4.1", "2.4.1"),
    ("pricing", "dev"): ("2.1.0-beta.2",),
}
TARGETLESS = {"redis", "rabbitmq", "keycloak", "reports"}


def build_inventory(services: Iterable[Service], hosts: Iterable[Host] = (), name: str = "Acme Commerce") -> Inventory:
    return Inventory(
        platform=Platform(name, "Asia/Shanghai"),
        environments=ENVIRONMENTS,
        teams={team: Team(team, team.capitalize(), f"{team}@acme.example", f"#{team}") for team in TEAMS},
        services=tuple(services),
        hosts=tuple(hosts),
    )


def build_service(row: tuple[str, str, int, str, int, str, int], environments: Mapping[str, int]) -> Service:
    name, title, team, product, tier, version, _latency = row
    instances = tuple(
        Instance(
            InstanceKey(name, environment, f"{environment[:2]}-{number}"),
            "http",
            f"http://10.0.{number}.7:8080",
            Check(),
            f"http://10.0.{number}.7:8080/health",
        )
        for environment, count in environments.items()
        for number in range(1, count + 1)
    )
    wanted = {} if name in TARGETLESS else {env: TARGETS.get((name, env), version) for env in environments}
    return Service(
        name, title, TEAMS[team], product, tier, depends_on=("ledger",) if name == "checkout" else (),
        tags=("pci",) if tier == 1 else (), instances=instances, target=wanted,
    )  # fmt: skip


def series_of(rng: random.Random, usual: float, fault: Fault | None, now: float, count: int = 60) -> Series:
    series = EMPTY
    for step in range(count, 0, -1):
        at = now - step * 15.0
        bad = fault is not None and now - at <= fault.age
        latency = (fault.latency if fault else None) if bad else usual
        noisy = None if latency is None else latency * rng.uniform(0.85, 1.25)
        series = series.append(at, noisy, fault.status if bad and fault else Status.UP)
    return series


def instance_state(
    rng: random.Random, instance: Instance, usual: float, fault: Fault | None, version: str | None, now: float = NOW
) -> InstanceState:
    series = series_of(rng, usual, fault, now)
    last = series.last(1)[0]
    status = fault.status if fault else Status.UP
    reading = Reading(
        status, last.at, fault.reason if fault else None, fault.detail if fault else "", last.latency,
        Phases(connect=0.0004, first_byte=last.latency, transfer=0.0003), "spring-boot", version=version,
    )  # fmt: skip
    since = now - (fault.age if fault else rng.uniform(3600, 86400 * 9))
    settled = Settled(status, since, (status,))
    return InstanceState(instance, settled, reading, reading if fault else None, version, series=series)


def service_state(
    service: Service, environment: Environment, instances: tuple[InstanceState, ...], now: float = NOW
) -> ServiceState:
    status = service_status([one.status for one in instances], service.min_up)
    versions = dict(Counter(one.version for one in instances if one.version))
    target = service.target.get(environment.name)
    latencies = [one.reading.latency for one in instances if one.reading and one.reading.latency is not None]
    on_target = sum(
        one.version is not None and target is not None and bare(one.version) == bare(target) for one in instances
    )
    drift = drift_of(versions, target, lambda a, b: (a > b) - (a < b))
    age = 1500.0 if drift.value in ("mixed", "ahead") else 86400.0 * 4
    return ServiceState(
        service, environment, instances, status, max(one.since or 0 for one in instances), versions, agreed(versions),
        target, on_target, drift, now - age if versions else None, max(latencies, default=None),
    )  # fmt: skip


def host_state(
    name: str, cpu: float, memory: float, disks: tuple[Disk, ...], now: float = NOW, services: tuple[str, ...] = ()
) -> HostState:
    host = Host(name, limits=LIMITS, services=services)
    reading = HostReading(
        now, cpu, 8, memory, 32 << 30, 3.0, (cpu / 12, cpu / 14, cpu / 15), disks, 1.4e6, 3.1e5, 86400.0 * 41
    )
    judged = judge_host(reading, host.limits, {})
    cpus = EMPTY
    for step in range(60):
        cpus = cpus.append(now - 5 * (60 - step), max(cpu + 14 * math.sin(step / 3), 1.0), Status.UP)
    return HostState(host, judged.status, now - 640, judged.reason, judged.detail, reading, judged.over, cpus, cpus)


def platform_hosts(now: float = NOW) -> tuple[HostState, ...]:
    return (
        host_state("local", 34.0, 71.0, (Disk("/", 61.0), Disk("/var", 44.0), Disk("/home", 12.0)), now),
        host_state("db-1", 12.0, 88.0, (Disk("/", 38.0), Disk("/var/lib/postgresql", 97.0)), now, ("ledger",)),
    )


def counts_of(services: Iterable[ServiceState]) -> Counts:
    counted = Counter(state.status for state in services)
    return Counts(counted[Status.UP], counted[Status.DEGRADED], counted[Status.DOWN], counted[Status.UNKNOWN])


def alerts_for(services: Iterable[ServiceState], hosts: Iterable[HostState], now: float) -> tuple[Alert, ...]:
    holding = [alert for state in services for alert in alerts_of_service(state, now)]
    holding += [alert for host in hosts for alert in alerts_of_host(host, now)]
    opened, _ = fold({}, holding)
    kind = holding[0].key.kind if holding else None
    closed = [
        Alert(AlertKey(kind, "search@production"), Status.DOWN, "search down", "HTTP 502, expected 2xx", now - 3900,
              now - 3300, 1, ("search", "production")),
        Alert(AlertKey(kind, "media@staging"), Status.DEGRADED, "media degraded", "1.2 s, limit 800 ms", now - 7300,
              now - 6500, 3, ("media", "staging")),
    ] if kind else []  # fmt: skip
    return tuple(order([*opened.values(), *closed]))


@functools.cache
def believable(now: float = NOW, *, faults: bool = True, seed: int = 7) -> PlatformSnapshot:
    """Give 30 services in three environments, with the faults of a bad morning."""
    rng = random.Random(seed)
    states = []
    services = [build_service(row, INSTANCES) for row in CATALOG]
    for row, service in zip(CATALOG, services, strict=True):
        for environment in ENVIRONMENTS:
            fault = FAULTS.get((service.name, environment.name)) if faults else None
            seen = OBSERVED.get((service.name, environment.name), (row[5],))
            mine = [one for one in service.instances if one.key.environment == environment.name]
            instances = tuple(
                instance_state(
                    rng, one, row[6] / 1000, fault if fault and number < fault.instances else None,
                    seen[number % len(seen)], now,
                )
                for number, one in enumerate(mine)
            )  # fmt: skip
            states.append(service_state(service, environment, instances, now))
    hosts = platform_hosts(now)
    alerts = alerts_for(states, hosts, now)
    events = tuple(
        Event(a.opened, EventKind.ALERT_OPENED, a.key.subject, f"{a.title}: {a.detail}", a.severity)
        for a in sorted(alerts, key=lambda alert: alert.opened)
    )
    total = sum(len(state.instances) for state in states)
    return PlatformSnapshot(
        1, now, build_inventory(services, [host.host for host in hosts]), tuple(states), hosts, alerts, events,
        counts_of(states), EngineHealth(total, total, 0, total * 60),
    )  # fmt: skip


def load(count: int, now: float = NOW, seed: int = 3) -> PlatformSnapshot:
    """Give `count` services of one instance in production."""
    rng = random.Random(seed)
    services, states = [], []
    for number in range(count):
        row = (f"service-{number:05}", f"Service {number}", number % 6, "Load", number % 3 + 1, f"1.{number % 9}.0", 25)
        service = build_service(row, {"production": 1})
        services.append(service)
        fault = Fault(Status.DOWN, Reason.REFUSED, "connection refused", 1, None, 90.0) if number % 97 == 5 else None
        one = instance_state(rng, service.instances[0], 0.025, fault, row[5], now)
        states.append(service_state(service, ENVIRONMENTS[2], (one,), now))
    alerts = alerts_for(states, (), now)
    return PlatformSnapshot(
        1, now, build_inventory(services), tuple(states), (), alerts, (), counts_of(states), EngineHealth(count, count)
    )


def read_again(state: ServiceState, at: float, rng: random.Random) -> ServiceState:
    """Give the row after each of its instances was read once more, like before."""
    instances = []
    for one in state.instances:
        assert one.reading is not None
        known = one.reading.latency
        latency = None if known is None else max(known * rng.uniform(0.9, 1.11), 0.0005)
        reading = replace(one.reading, at=at, latency=latency)
        instances.append(replace(one, reading=reading, series=one.series.append(at, latency, one.status)))
    latencies = [one.reading.latency for one in instances if one.reading and one.reading.latency is not None]
    return replace(state, instances=tuple(instances), latency=max(latencies, default=None))


def advance(snapshot: PlatformSnapshot, at: float, changed: Collection[int], rng: random.Random) -> PlatformSnapshot:
    """Give the snapshot after the rows with these indices were read again; all other rows are the same objects."""
    rows = list(snapshot.services)
    for index in changed:
        rows[index] = read_again(rows[index], at, rng)
    return replace(snapshot, sequence=snapshot.sequence + 1, at=at, services=tuple(rows))


@dataclass
class FakeClock:
    """A clock that stands still until it is moved."""

    at: float = NOW

    def wall(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


@dataclass
class FakeBoard:
    """A slot that holds what it was given."""

    snapshot: PlatformSnapshot | None = None

    def latest(self) -> PlatformSnapshot | None:
        return self.snapshot


class MovingBoard(FakeBoard):
    """A board on which some rows are read again at each look, as many as an interval of 15 s asks for."""

    def __init__(self, snapshot: PlatformSnapshot, seed: int = 5) -> None:
        super().__init__(snapshot)
        self._rng = random.Random(seed)
        self._looked = time.time()

    def latest(self) -> PlatformSnapshot | None:
        assert self.snapshot is not None
        now, total = time.time(), len(self.snapshot.services)
        due = round(total * (now - self._looked) / 15.0)
        if due:
            self._looked = now
            self.snapshot = advance(self.snapshot, now, self._rng.sample(range(total), min(due, total)), self._rng)
        return self.snapshot


class BrokenBoard(FakeBoard):
    """A board that fails while it holds a secret."""

    def latest(self) -> PlatformSnapshot | None:
        token = "-".join(["hunter2"] * 2)
        raise RuntimeError(f"it broke after {len(token)} letters")


@dataclass
class FakeSession:
    """A session that remembers what it was asked for."""

    board: FakeBoard = field(default_factory=FakeBoard)
    rechecked: list[Collection[InstanceKey] | None] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    reloads: int = 0
    past: HistoryReader | None = None
    bookmark: Bookmark | None = None
    muted: list[tuple[Sequence[str], float, str]] = field(default_factory=list)
    unmuted: list[Sequence[str]] = field(default_factory=list)
    refusal: PlatformpmError | None = None
    paints: int = 0

    def painted(self) -> None:
        self.paints += 1

    def recheck(self, keys: Collection[InstanceKey] | None = None, hosts: Collection[str] = ()) -> None:
        self.rechecked.append(keys)
        self.looked_at += hosts

    def mute(self, selectors: Sequence[str], until: float, reason: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.muted.append((selectors, until, reason))

    def unmute(self, selectors: Sequence[str]) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.unmuted.append(selectors)

    def reload(self) -> None:
        self.reloads += 1
        if self.board.snapshot is not None:
            notice = f"platform.toml:12: services.checkout.timout: unknown key (did you mean timeout?) [{self.reloads}]"
            self.board.snapshot = replace(self.board.snapshot, sequence=self.board.snapshot.sequence + 1, notice=notice)


def main(words: list[str]) -> int:
    """Show a synthetic platform: `synthetic.py [COUNT | calm | empty | starting | broken]`."""
    from platformpm.tui import run

    gc.set_threshold(50_000)  # as the command line does
    what = words[0] if words else ""
    now = time.time()
    if what == "starting":
        return run(FakeSession(FakeBoard()))
    if what == "broken":
        return run(FakeSession(BrokenBoard()))
    if what == "empty":
        return run(FakeSession(FakeBoard(PlatformSnapshot(1, now, build_inventory(())))))
    snapshot = load(int(what), now) if what.isdigit() else believable(now, faults=what != "calm")
    return run(FakeSession(MovingBoard(snapshot)))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
