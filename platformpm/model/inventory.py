"""The inventory after loading: what the platform consists of. Immutable; a reload makes a new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from platformpm.model.check import Check, Instance, InstanceKey
from platformpm.model.secret import NO_MASK, Masker, Secret
from platformpm.model.silence import Silence
from platformpm.model.status import MinUp

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform itself; `timezone` is an IANA name or None for the machine's own."""

    name: str = "platform"
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where instances run; `promotes_from` names the environment before it, `place` is its number in order."""

    name: str
    title: str = ""
    url: str | None = None
    promotes_from: str | None = None
    critical: bool = False
    place: int = 0


@dataclass(frozen=True, slots=True)
class Team:
    """Who owns services and must know."""

    name: str
    title: str = ""
    contact: str | None = None
    chat: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """An inventory entry. `instances` are in promotion order of their environments, then as written.

    `tier` 1 is the most critical; `target` maps an environment to the declared version; `links` maps a title to a URL.
    """

    name: str
    title: str = ""
    owner: str | None = None
    product: str | None = None
    tier: int | None = None
    depends_on: tuple[str, ...] = ()
    runbook: str | None = None
    links: Mapping[str, str] = field(default_factory=lambda: _NONE)
    tags: tuple[str, ...] = ()
    external: bool = False
    min_up: MinUp = MinUp()
    instances: tuple[Instance, ...] = ()
    target: Mapping[str, str] = field(default_factory=lambda: _NONE)
    renamed_from: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """Percentages from which a measurement warns and is critical; None where there is no limit."""

    warning: float | None
    critical: float | None


@dataclass(frozen=True, slots=True)
class HostLimits:
    """Limits of one host. `hold` is how many seconds a value must stay over its limit before it counts."""

    cpu: Limit | None = None
    memory: Limit | None = None
    swap: Limit | None = None
    disk: Limit | None = None
    hold: float = 0.0


@dataclass(frozen=True, slots=True)
class Host:
    """A machine, and the names of the `services` it carries.

    `url` None is this machine, read through psutil; otherwise it is the metrics of an exporter, asked as `check` says.
    """

    name: str
    title: str = ""
    url: str | None = None
    check: Check = Check()
    interval: float = 5.0
    timeout: float = 5.0
    limits: HostLimits = HostLimits()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How hard the engine may work: checks in flight at once, in all and for one target host."""

    concurrency: int = 200
    per_host: int = 10


IN_MEMORY = ":memory:"
"""The path of a history that ends with the program, as SQLite calls it."""


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """Where history lives and how long it is kept, in seconds; `max_size` is bytes. `path` None is the usual place."""

    path: str | None = None
    raw: float = 48 * 3600.0
    five_minutes: float = 14 * 86400.0
    hours: float = 90 * 86400.0
    days: float = 400 * 86400.0
    max_size: int | None = None


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """What `watch --listen` asks of those who talk to it: a token, or None."""

    token: Secret | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """Everything that was declared. `environments` are in promotion order, `services` and `hosts` as written."""

    platform: Platform = Platform()
    environments: tuple[Environment, ...] = ()
    teams: Mapping[str, Team] = field(default_factory=lambda: MappingProxyType({}))
    services: tuple[Service, ...] = ()
    hosts: tuple[Host, ...] = ()
    maintenance: tuple[Silence, ...] = ()
    engine: EngineSettings = EngineSettings()
    history: HistorySettings = HistorySettings()
    watch: WatchSettings = WatchSettings()
    sources: tuple[str, ...] = ()
    mask: Masker = NO_MASK

    def instances(self) -> Iterator[Instance]:
        """Give every instance in inventory order."""
        for service in self.services:
            yield from service.instances

    def by_key(self) -> dict[InstanceKey, Instance]:
        """Give every instance by its key."""
        return {instance.key: instance for instance in self.instances()}
