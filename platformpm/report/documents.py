"""The JSON documents: contracts that readers may rely on. Keys are only ever added; readers ignore unknown ones."""

from __future__ import annotations

from itertools import chain

from platformpm.errors import ExitCode
from platformpm.model.reading import Phases, Reading
from platformpm.model.secret import Masker
from platformpm.model.silence import Muted
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Reason, Status, Verdict, verdict_of
from platformpm.model.text import display_url
from platformpm.model.version import Drift
from platformpm.report.words import rfc3339

CHECK_SCHEMA = "platformpm.check/1"
EXIT_CODES = {
    Verdict.OK: ExitCode.OK,
    Verdict.WARNING: ExitCode.WARNING,
    Verdict.CRITICAL: ExitCode.CRITICAL,
    Verdict.UNKNOWN: ExitCode.UNKNOWN,
}
CLOSED_WORDS = frozenset(map(str, chain(Status, Reason, Drift, Verdict))) | {CHECK_SCHEMA}
"""Words of the contract itself, which no secret can stand in."""

Document = dict[str, object]


def verdict_on(snapshot: PlatformSnapshot) -> Verdict:
    """Give the verdict over all services and hosts of a snapshot; what is muted does not count, and alone is ok."""
    every: list[ServiceState | HostState] = [*snapshot.services, *snapshot.hosts]
    counted = [state.status for state in every if state.muted is None]
    return verdict_of(counted) if counted or not every else Verdict.OK


def check_document(snapshot: PlatformSnapshot) -> Document:
    """Give the `platformpm.check/1` document (config/check.schema.json): inventory, promotion, instance order."""
    verdict = verdict_on(snapshot)
    counts = snapshot.counts
    return {
        "schema": CHECK_SCHEMA,
        "platform": snapshot.inventory.platform.name,
        "at": rfc3339(snapshot.at),
        "verdict": str(verdict),
        "exit_code": int(EXIT_CODES[verdict]),
        "counts": {
            "up": counts.up,
            "degraded": counts.degraded,
            "down": counts.down,
            "unknown": counts.unknown,
            "muted": counts.muted,
        },
        "services": [_service(state) for state in snapshot.services],
        "hosts": [_host(state) for state in snapshot.hosts],
    }


def _service(state: ServiceState) -> Document:
    return {
        "service": state.service.name,
        "environment": state.environment.name,
        "status": str(state.status),
        "version": state.version,
        "versions": dict(state.versions),
        "target": state.target,
        "on_target": state.on_target,
        "drift": str(state.drift),
        "muted": _muted(state.muted),
        "instances": [_instance(instance) for instance in state.instances],
    }


_UNREAD = Reading(Status.UNKNOWN, 0.0)


def _instance(state: InstanceState) -> Document:
    reading = state.reading or _UNREAD
    return {
        "instance": state.key.instance,
        "url": display_url(state.instance.health_url),
        "status": str(state.status),
        "reason": word(reading.reason),
        "detail": reading.detail,
        "attempts": state.attempts,
        "version": state.version,
        "version_reason": word(state.version_reason),
        "dialect": reading.dialect,
        "failing_components": list(reading.failing_components),
        "latency_ms": milliseconds(reading.latency),
        "phases_ms": phases_ms(reading.phases),
        "certificate_expires": rfc3339(reading.certificate_expires),
        "trusted": reading.trusted,
    }


def _host(state: HostState) -> Document:
    reading = state.reading
    return {
        "host": state.host.name,
        "status": str(state.status),
        "reason": word(state.reason),
        "detail": state.detail,
        "cpu_percent": _tenths(reading.cpu_percent) if reading else None,
        "memory_percent": _tenths(reading.memory_percent) if reading else None,
        "disks": [{"mount": disk.mount, "percent": _tenths(disk.percent)} for disk in reading.disks] if reading else [],
        "load": [round(value, 2) for value in reading.load] if reading and reading.load else None,
        "muted": _muted(state.muted),
    }


def _muted(muted: Muted | None) -> Document | None:
    return None if muted is None else {"until": rfc3339(muted.until), "reason": muted.reason, "silence": muted.silence}


def masked(value: object, mask: Masker) -> object:
    """Give a document with every text in it masked but its own words: a secret `status` must not break the contract."""
    if isinstance(value, str):
        return value if value in CLOSED_WORDS else mask(value)
    if isinstance(value, dict):
        return {
            key: _masked_keys(item, mask) if key == "versions" else masked(item, mask) for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item, mask) for item in value]
    return value


def _masked_keys(value: object, mask: Masker) -> object:
    return {mask(str(key)): item for key, item in value.items()} if isinstance(value, dict) else value


def word(reason: Reason | None) -> str | None:
    """Give the word of a reason, None without one."""
    return None if reason is None else str(reason)


def milliseconds(seconds: float | None) -> float | None:
    """Give a span in milliseconds, to the microsecond."""
    return None if seconds is None else round(seconds * 1000, 3)


def phases_ms(phases: Phases) -> Document:
    """Give every phase in milliseconds, null where it did not happen."""
    return {
        "dns": milliseconds(phases.dns),
        "connect": milliseconds(phases.connect),
        "tls": milliseconds(phases.tls),
        "first_byte": milliseconds(phases.first_byte),
        "transfer": milliseconds(phases.transfer),
    }


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
