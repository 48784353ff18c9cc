"""Reads the machine we run on, through psutil. A missing or broken sensor is an absent value, never an error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from platformpm.hosts.disks import Disks
from platformpm.hosts.rates import Sample, busy_percent, is_loopback, rate
from platformpm.hosts.sensors import Sensors
from platformpm.hosts.thread import in_thread
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host
from platformpm.model.ports import Clock
from platformpm.model.status import Reason

T = TypeVar("T")

_DISK_SHARE = 0.8
"""Part of the time to the deadline that disks may take: what is known without them is told in any case."""


class LocalReader:
    """Reads this machine. Keeps the counters of the last look at each host, for CPU and network rates."""

    def __init__(self, clock: Clock, sensors: Sensors | None = None) -> None:
        """Read through `sensors`, psutil's by default."""
        self._clock = clock
        self._sensors = sensors if sensors is not None else _psutil()
        self._disks = Disks(self._sensors)
        self._samples: dict[str, Sample] = {}

    async def __call__(self, host: Host, deadline: float) -> HostReading:
        """Measure once; `deadline` is loop time. A first look has no CPU and no network rates."""
        at = self._clock.wall()
        left = max(deadline - asyncio.get_running_loop().time(), 0.0)
        disks = asyncio.create_task(self._disks.read(left * _DISK_SHARE))
        try:
            async with asyncio.timeout(left):
                reading, sample = await in_thread(lambda: self._measure(at, self._samples.get(host.name)))
                mounted = await disks
        except TimeoutError:
            return HostReading(at, failure=Reason.TIMEOUT_RESPONSE, detail=f"no answer within {host.timeout:g} s")
        finally:
            disks.cancel()
        self._samples[host.name] = sample
        return HostReading(**(reading | {"disks": mounted}))

    def _measure(self, at: float, before: Sample | None) -> tuple[dict[str, Any], Sample]:
        """Read everything but the disks. Runs in a thread of its own."""
        sensors = self._sensors
        memory = _tried(lambda: _memory(sensors.virtual_memory())) or (None, None)
        boot = _tried(lambda: float(sensors.boot_time()))
        now = self._sample()
        reading = {
            "at": at,
            "cpu_percent": busy_percent(before, now),
            "cpu_count": _tried(lambda: sensors.cpu_count()),  # noqa: PLW0108  # even the name may be absent
            "memory_percent": memory[0],
            "memory_total": memory[1],
            "swap_percent": _tried(lambda: _swap_percent(sensors.swap_memory())),
            "load": _tried(lambda: _load(sensors.getloadavg())),
            "received_rate": rate(before, now, lambda sample: sample.received),
            "sent_rate": rate(before, now, lambda sample: sample.sent),
            "uptime": None if boot is None else max(at - boot, 0.0),
        }
        return reading, now

    def _sample(self) -> Sample:
        times = _tried(lambda: _cpu_seconds(self._sensors.cpu_times()))
        network = _tried(lambda: _network_bytes(self._sensors.net_io_counters(pernic=True)))
        busy, total = times or (None, None)
        received, sent = network or (None, None)
        return Sample(self._clock.monotonic(), busy, total, received, sent)


def _psutil() -> Sensors:
    import psutil  # 15 ms that only a platform with a local host pays

    return cast("Sensors", psutil)


def _tried(sensor: Callable[[], T]) -> T | None:
    """Give what a sensor says, None when it is not there or breaks: kernels and containers hide what they like."""
    try:
        return sensor()
    except Exception:  # noqa: BLE001  # psutil lets anything through, from AttributeError to RuntimeError
        return None


def _memory(memory: Any) -> tuple[float, int]:
    return float(memory.percent), int(memory.total)


def _swap_percent(swap: Any) -> float | None:
    return float(swap.percent) if swap.total else None


def _load(load: tuple[float, float, float]) -> tuple[float, float, float]:
    return float(load[0]), float(load[1]), float(load[2])


def _cpu_seconds(times: Any) -> tuple[float, float]:
    """Give (busy, total) seconds of all CPUs. Linux counts guest time inside user time already."""
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - times.idle - getattr(times, "iowait", 0.0), total


def _network_bytes(cards: Mapping[str, Any]) -> tuple[int, int] | None:
    """Give the bytes received and sent over all cards but loopbacks, None without any."""
    real = [counters for name, counters in cards.items() if not is_loopback(name)]
    return (sum(card.bytes_recv for card in real), sum(card.bytes_sent for card in real)) if real else None
