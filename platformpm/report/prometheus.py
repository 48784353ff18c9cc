"""The metrics of a platform in Prometheus' text exposition format, version 0.0.4. METRICS is their documentation.

A status is a set of series of which one is 1, as in kube-state-metrics: `platformpm_service_status{status="down"} == 1`
alerts. The label `instance` belongs to Prometheus itself, so ours is `instance_name`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice

from platformpm.model.state import HostState, InstanceState, ServiceState
from platformpm.model.status import Status, Verdict
from platformpm.report.told import Told

METRICS = {
    "platformpm_check_timestamp_seconds": "When this check was made, in seconds since the epoch.",
    "platformpm_check_duration_seconds": "How long this check took.",
    "platformpm_verdict": "1 for the verdict over everything that was checked, 0 for the others.",
    "platformpm_service_status": "1 for the status of a service in an environment, 0 for the others.",
    "platformpm_service_muted": "1 while the alerts of a service in an environment are held back, 0 otherwise.",
    "platformpm_service_instances": "Instances of a service in an environment by status.",
    "platformpm_service_on_target_instances": "Instances that run the target version, where a target is declared.",
    "platformpm_instance_status": "1 for the status of an instance, 0 for the others.",
    "platformpm_instance_latency_seconds": "From the start of the name look-up to the end of the answer.",
    "platformpm_instance_phase_seconds": "Time spent in a phase of the last exchange.",
    "platformpm_instance_certificate_expiry_timestamp_seconds": "When the certificate that was seen expires.",
    "platformpm_instance_version_info": "Always 1; the label tells the version that the instance reports.",
    "platformpm_host_status": "1 for the status of a host, 0 for the others.",
    "platformpm_host_muted": "1 while the alerts of a host are held back, 0 otherwise.",
    "platformpm_host_cpu_usage_ratio": "Share of the CPU in use, 0 to 1.",
    "platformpm_host_memory_usage_ratio": "Share of the memory in use, 0 to 1.",
    "platformpm_host_swap_usage_ratio": "Share of the swap space in use, 0 to 1.",
    "platformpm_host_disk_usage_ratio": "Share of a mounted file system in use, 0 to 1.",
    "platformpm_host_load1": "Load average over one minute.",
}
"""Every metric and what it says; all are gauges. Names are only ever added."""
_AT_ONCE = 500
"""Lines of a piece."""
_IN_LABEL = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Labels = Mapping[str, str]


def render(told: Told) -> str:
    """Give the exposition. A metric of which nothing was seen is left out."""
    exposition = Exposition(told.say, METRICS)
    exposition.add("platformpm_check_timestamp_seconds", told.snapshot.at)
    exposition.add("platformpm_check_duration_seconds", told.took)
    return "".join(pieces(exposition, told))


def pieces(exposition: Exposition, told: Told) -> Iterator[str]:
    """Add the platform to an exposition, and give its text in pieces, many of them empty: none takes long to make."""
    verdict = told.verdict
    for one in Verdict:
        exposition.add("platformpm_verdict", float(one is verdict), own={"verdict": str(one)})
    for state in told.snapshot.services:
        _add_service(exposition, state)
        yield ""
    for host in told.snapshot.hosts:
        _add_host(exposition, host)
    lines = exposition.lines()
    while piece := "".join(islice(lines, _AT_ONCE)):
        yield piece


class Exposition:
    """Collects samples by metric. No two are alike: where masked or cleaned labels would be, the later is numbered.

    A metric whose name ends in `_total` is a counter, every other is a gauge.
    """

    def __init__(self, say: Callable[[str], str], metrics: Mapping[str, str]) -> None:
        """Take samples of `metrics`, name to meaning; `say` makes what comes from outside fit to be told."""
        self._say = cache(lambda text: say(text).translate(_IN_LABEL))
        self._metrics = metrics
        self._samples: dict[str, dict[str, str]] = {name: {} for name in metrics}

    def add(self, metric: str, value: float | None, labels: Labels | None = None, own: Labels | None = None) -> None:
        """Add a sample, if there is a value. `labels` name a thing and come from outside, `own` are words of ours."""
        if value is None or not math.isfinite(value):
            return
        samples = self._samples[metric]
        said = {name: self._say(text) for name, text in (labels or {}).items()}
        last = next(reversed(said), "")
        number = 1
        while (key := _listed({**said, **(own or {})})) in samples and last:
            number += 1
            said[last] = f"{self._say((labels or {})[last])} ({number})"
        samples[key] = _number(value)

    def add_status(self, metric: str, status: Status, labels: Labels) -> None:
        """Add one sample for each status, 1 for the one that is."""
        for one in Status:
            self.add(metric, float(one is status), labels, {"status": str(one)})

    def lines(self) -> Iterator[str]:
        """Give everything line by line, the samples of a metric together."""
        for metric, samples in self._samples.items():
            if samples:
                yield f"# HELP {metric} {self._metrics[metric]}\n"
                yield f"# TYPE {metric} {'counter' if metric.endswith('_total') else 'gauge'}\n"
            for labels, value in samples.items():
                yield f"{metric}{{{labels}}} {value}\n" if labels else f"{metric} {value}\n"


def _listed(labels: Labels) -> str:
    return ",".join([f'{name}="{text}"' for name, text in labels.items()])


def _add_service(exposition: Exposition, state: ServiceState) -> None:
    labels = {"environment": state.environment.name, "service": state.service.name}
    exposition.add_status("platformpm_service_status", state.status, labels)
    exposition.add("platformpm_service_muted", float(state.muted is not None), labels)
    for status in Status:
        count = sum(one.status is status for one in state.instances)
        exposition.add("platformpm_service_instances", count, labels, {"status": str(status)})
    if state.target is not None:
        exposition.add("platformpm_service_on_target_instances", state.on_target, labels)
    for one in state.instances:
        _add_instance(exposition, one, {**labels, "instance_name": one.key.instance})


def _add_instance(exposition: Exposition, state: InstanceState, labels: Labels) -> None:
    exposition.add_status("platformpm_instance_status", state.status, labels)
    if state.version is not None:
        exposition.add("platformpm_instance_version_info", 1, {"version": state.version, **labels})
    reading = state.reading
    if reading is None:
        return
    exposition.add("platformpm_instance_latency_seconds", reading.latency, labels)
    for phase in ("dns", "connect", "tls", "first_byte", "transfer"):
        exposition.add("platformpm_instance_phase_seconds", getattr(reading.phases, phase), labels, {"phase": phase})
    exposition.add("platformpm_instance_certificate_expiry_timestamp_seconds", reading.certificate_expires, labels)


def _add_host(exposition: Exposition, state: HostState) -> None:
    labels = {"host": state.host.name}
    exposition.add_status("platformpm_host_status", state.status, labels)
    exposition.add("platformpm_host_muted", float(state.muted is not None), labels)
    reading = state.reading
    if reading is None:
        return
    for name, percent in (
        ("cpu", reading.cpu_percent),
        ("memory", reading.memory_percent),
        ("swap", reading.swap_percent),
    ):
        exposition.add(f"platformpm_host_{name}_usage_ratio", _share(percent), labels)
    for disk in reading.disks:
        exposition.add("platformpm_host_disk_usage_ratio", _share(disk.percent), {**labels, "mount": disk.mount})
    exposition.add("platformpm_host_load1", reading.load[0] if reading.load else None, labels)


def _share(percent: float | None) -> float | None:
    return None if percent is None else round(percent / 100, 6)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(round(value, 6))
