"""What `watch` says of the platform and of itself: metrics for Prometheus, and its own health as health+json.

The health follows the IETF draft "Health Check Response Format for HTTP APIs", which platformpm's own probe reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from platformpm import __version__
from platformpm.model.check import InstanceKey
from platformpm.model.snapshot import HistoryHealth, PlatformSnapshot
from platformpm.report.documents import Document
from platformpm.report.prometheus import METRICS, Exposition, pieces
from platformpm.report.told import Told

STUCK = 15.0
"""Seconds without a new picture after which the engine counts as hung: it makes one each second."""
_LATE = 5.0
"""Seconds by which checks that start late are worth a warning."""
_MANY = 20_000
"""Records that wait to be written which are: some batches."""
WATCH_METRICS = {
    "platformpm_build_info": "Always 1; the label tells the version of platformpm.",
    "platformpm_start_timestamp_seconds": "When this watch began, in seconds since the epoch.",
    "platformpm_engine_age_seconds": "Since the engine last gave a sign of life; it gives one each second.",
    "platformpm_engine_lag_seconds": "How late the last checks started.",
    "platformpm_engine_pass_age_seconds": "Age of the last whole pass: since then every instance was read.",
    "platformpm_engine_instances": "Instances that are watched.",
    "platformpm_engine_read_instances": "Instances that were read since the start.",
    "platformpm_engine_in_flight_checks": "Checks under way.",
    "platformpm_engine_readings_total": "Readings taken since the start.",
    "platformpm_engine_trusted": "0 after a pause of the monitor itself, else 1.",
    "platformpm_history_recording": "1 while this process writes the history, else 0.",
    "platformpm_history_queue_records": "Records that wait to be written.",
    "platformpm_history_dropped_records_total": "Records that will never be written.",
    "platformpm_heartbeat_timestamp_seconds": "When a job last reported, in seconds since the epoch.",
}
"""What `watch` adds to `METRICS`, of which it leaves out those of a single check. Names are only ever added."""
_TOLD = {**WATCH_METRICS, **{name: text for name, text in METRICS.items() if "_check_" not in name}}


@dataclass(frozen=True, slots=True)
class Monitor:
    """How `watch` is doing at monotonic time `now`. `started` is wall time, as is when each job last reported."""

    snapshot: PlatformSnapshot
    history: HistoryHealth
    now: float
    started: float
    heartbeats: Mapping[InstanceKey, float] = field(default_factory=dict)

    @property
    def age(self) -> float:
        """Give the seconds since the engine last gave a sign of life."""
        return max(self.now - self.snapshot.health.made, 0.0)

    @property
    def passed(self) -> float | None:
        """Give the seconds in which every instance was read, None while one never was."""
        found = [one.reading for row in self.snapshot.services for one in row.instances]
        times = [reading.at for reading in found if reading is not None]
        return max(self.snapshot.at - min(times), 0.0) if times and len(times) == len(found) else None


def metrics(monitor: Monitor) -> Iterator[str]:
    """Give the exposition in pieces, none of which takes long to make."""
    told, health, history = Told(monitor.snapshot), monitor.snapshot.health, monitor.history
    exposition = Exposition(told.say, _TOLD)
    exposition.add("platformpm_build_info", 1, own={"version": __version__})
    for name, value in (
        ("start_timestamp_seconds", monitor.started),
        ("engine_age_seconds", monitor.age),
        ("engine_lag_seconds", health.lag),
        ("engine_pass_age_seconds", monitor.passed),
        ("engine_instances", health.instances),
        ("engine_read_instances", health.read),
        ("engine_in_flight_checks", health.in_flight),
        ("engine_readings_total", health.readings),
        ("engine_trusted", float(health.trusted)),
        ("history_recording", float(history.recording)),
        ("history_queue_records", history.waiting),
        ("history_dropped_records_total", history.dropped),
    ):
        exposition.add(f"platformpm_{name}", value)
    for key, at in monitor.heartbeats.items():
        labels = {"environment": key.environment, "service": key.service, "instance_name": key.instance}
        exposition.add("platformpm_heartbeat_timestamp_seconds", at, labels)
    return pieces(exposition, told)


def health(monitor: Monitor) -> tuple[bool, Document]:
    """Tell whether it is well, and give the document that says so. It names no service."""
    engine, history = monitor.snapshot.health, monitor.history
    stuck, passed = monitor.age > STUCK, monitor.passed
    checks: Document = {
        "engine:age": _seconds(monitor.age, "fail" if stuck else "pass", "the engine stands still" if stuck else ""),
        "engine:lag": _seconds(engine.lag, "warn" if engine.lag > _LATE else "pass", ""),
        "history:queue": [
            {
                **_entry(history.waiting, "records", *_history(history)),
                "dropped": history.dropped,
            }
        ],
    }
    if passed is not None:
        checks["engine:pass"] = _seconds(passed, "pass", "")
    words = {check[0]["status"] for check in checks.values() if isinstance(check, list)}
    status = next((word for word in ("fail", "warn") if word in words), "pass")
    return status != "fail", {
        "status": status,
        "serviceId": "platformpm",
        "releaseId": __version__,
        "description": "platformpm watch",
        "checks": checks,
    }


def _history(history: HistoryHealth) -> tuple[str, str]:
    if not history.recording:
        return "fail", history.trouble or "history is not open yet"
    if history.waiting > _MANY:
        return "warn", "the disk does not keep up"
    return "pass", history.trouble or ""


def _seconds(value: float, status: str, output: str) -> list[Document]:
    return [_entry(round(value, 3), "s", status, output)]


def _entry(value: float, unit: str, status: str, output: str) -> Document:
    entry: Document = {"observedValue": value, "observedUnit": unit, "status": status}
    return {**entry, "output": output} if output else entry
