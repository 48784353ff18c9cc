"""What is known from before: the state of a platform as history has it, for an engine that starts anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from platformpm.model.alert import Alert
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event
from platformpm.model.host import HostReading
from platformpm.model.reading import Reading
from platformpm.model.series import EMPTY, Series
from platformpm.model.status import Status


@dataclass(frozen=True, slots=True)
class InstanceMemory:
    """What was known of an instance. `since` None: never decided. `series` holds its last trusted readings."""

    status: Status = Status.UNKNOWN
    since: float | None = None
    series: Series = EMPTY
    reading: Reading | None = None
    last_bad: Reading | None = None
    version: str | None = None
    version_source: str | None = None
    version_since: float | None = None
    certificate_expires: float | None = None


@dataclass(frozen=True, slots=True)
class HostMemory:
    """What was known of a host: its newest reading, the status it had since when, and its last percentages.

    `over` maps what was over a limit to since when.
    """

    reading: HostReading
    status: Status = Status.UNKNOWN
    since: float | None = None
    cpu: Series = EMPTY
    memory: Series = EMPTY
    over: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Memory:
    """What was known when the last run ended, at wall time `at`; None where nothing was ever recorded.

    `services` maps (service, environment) to its status and since when. `alerts` holds the open ones and those lately
    closed, oldest first, `events` the latest, oldest first.
    """

    at: float | None = None
    instances: Mapping[InstanceKey, InstanceMemory] = field(default_factory=lambda: MappingProxyType({}))
    services: Mapping[tuple[str, str], tuple[Status, float]] = field(default_factory=lambda: MappingProxyType({}))
    hosts: Mapping[str, HostMemory] = field(default_factory=lambda: MappingProxyType({}))
    alerts: tuple[Alert, ...] = ()
    events: tuple[Event, ...] = ()


NOTHING = Memory()
