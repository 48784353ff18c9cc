"""All kinds of probes by URL scheme, made safe to call: they never raise and never tell a secret."""

from __future__ import annotations

import logging
from dataclasses import replace

from platformpm.model.check import Check, Instance
from platformpm.model.ports import Clock, Probe
from platformpm.model.reading import Reading
from platformpm.model.secret import Masker
from platformpm.model.status import Reason, Status
from platformpm.net import Network
from platformpm.probes.dns import DnsKind
from platformpm.probes.examination import Examination, Kind
from platformpm.probes.exec import ExecKind
from platformpm.probes.grpc import GrpcKind
from platformpm.probes.heartbeat import HeartbeatKind, Heartbeats
from platformpm.probes.http import HttpKind
from platformpm.probes.icmp import IcmpKind
from platformpm.probes.tcp import TcpKind
from platformpm.probes.tls import TlsKind
from platformpm.probes.websocket import WebSocketKind

_log = logging.getLogger(__name__)


class SafeProbe:
    """A kind of probe with its clock and mask. An unexpected exception is a reading too, told by its class alone."""

    def __init__(self, kind: Kind, mask: Masker, clock: Clock) -> None:
        """Wrap `kind`."""
        self._kind = kind
        self._mask = mask
        self._clock = clock

    async def __call__(self, instance: Instance, check: Check, deadline: float) -> Reading:
        """Ask once; `deadline` is loop time in seconds."""
        return (await self.examine(instance, check, deadline)).reading

    async def examine(self, instance: Instance, check: Check, deadline: float) -> Examination:
        """Ask once and keep everything that was seen."""
        at = self._clock.wall()
        try:
            examination = await self._kind(instance, check, deadline, at)
        except Exception as error:  # noqa: BLE001  # a defect of ours must not stop the engine, nor tell its locals
            _log.debug("internal error", exc_info=error)
            return Examination(Reading(Status.UNKNOWN, at, Reason.INTERNAL, f"internal error: {type(error).__name__}"))
        masked = self._masked(examination.reading)
        return examination if masked is examination.reading else replace(examination, reading=masked)

    def _masked(self, reading: Reading) -> Reading:
        mask = self._mask
        detail, version = mask(reading.detail), mask(reading.version or "") or None
        failing = tuple(mask(name) for name in reading.failing_components)
        if (detail, version, failing) == (reading.detail, reading.version, reading.failing_components):
            return reading
        return replace(reading, detail=detail, version=version, failing_components=failing)


def _probes(network: Network, mask: Masker, clock: Clock, heard: Heartbeats | None) -> dict[str, SafeProbe]:
    http = SafeProbe(HttpKind(network), mask, clock)
    websocket = SafeProbe(WebSocketKind(network), mask, clock)
    grpc = SafeProbe(GrpcKind(network), mask, clock)
    return {
        "exec": SafeProbe(ExecKind(), mask, clock),
        "http": http,
        "https": http,
        "tcp": SafeProbe(TcpKind(network), mask, clock),
        "tls": SafeProbe(TlsKind(network), mask, clock),
        "dns": SafeProbe(DnsKind(network), mask, clock),
        "icmp": SafeProbe(IcmpKind(network), mask, clock),
        "ws": websocket,
        "wss": websocket,
        "grpc": grpc,
        "grpcs": grpc,
        "heartbeat": SafeProbe(HeartbeatKind(heard or Heartbeats(clock), clock), mask, clock),
    }


def registry(network: Network, mask: Masker, clock: Clock, heard: Heartbeats | None = None) -> dict[str, Probe]:
    """Give every probe by the URL scheme that chooses it; `heard` are the heartbeats that are known."""
    return dict(_probes(network, mask, clock, heard))


def examiners(network: Network, mask: Masker, clock: Clock, heard: Heartbeats | None = None) -> dict[str, SafeProbe]:
    """Give the same probes with their `examine`, for a person who asks about one address."""
    return _probes(network, mask, clock, heard)
