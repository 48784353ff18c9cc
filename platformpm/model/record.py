"""What history is made of: everything the engine tells a sink, once and in order.

A service as a whole in an environment has the key of an instance without a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from platformpm.model.alert import Alert
from platformpm.model.check import InstanceKey
from platformpm.model.event import Event
from platformpm.model.heartbeat import Heartbeat
from platformpm.model.host import HostReading
from platformpm.model.reading import Reading
from platformpm.model.status import Reason, Status


def whole(service: str, environment: str) -> InstanceKey:
    """Give the key under which a service as a whole in an environment is recorded."""
    return InstanceKey(service, environment, "")


class Taken(NamedTuple):
    """A health reading of an instance, and the version that was known of it then."""

    key: InstanceKey
    reading: Reading
    version: str | None


class HostTaken(NamedTuple):
    """A reading of a host, and what it made of the host: its status, and since which wall time.

    `over` maps what was over a limit to since when.
    """

    name: str
    reading: HostReading
    status: Status
    since: float | None
    over: Mapping[str, float] = MappingProxyType({})


class StatusChange(NamedTuple):
    """The decided status of an instance, or of a service as a whole, from wall time `at` on."""

    key: InstanceKey
    at: float
    status: Status
    reason: Reason | None = None
    detail: str = ""


class VersionChange(NamedTuple):
    """The version of an instance from wall time `at` on, and where it was read."""

    key: InstanceKey
    at: float
    version: str
    source: str | None = None


class AlertChange(NamedTuple):
    """An alert as it is now: opened, changed or closed. It is told apart by its key and when it was opened."""

    alert: Alert


class CertificateSeen(NamedTuple):
    """Until when the certificate of an instance is valid, in wall seconds."""

    key: InstanceKey
    expires: float


class Beaten(NamedTuple):
    """A job reported by itself."""

    key: InstanceKey
    beat: Heartbeat


class Gap(NamedTuple):
    """A time in which the monitor stood still, in wall seconds, and why."""

    started: float
    ended: float
    text: str


class Renamed(NamedTuple):
    """A service has a new name; its history goes on under it."""

    old: str
    new: str


Record = (
    Taken | HostTaken | StatusChange | VersionChange | AlertChange | CertificateSeen | Beaten | Gap | Renamed | Event
)
