"""windows_exporter, by its names of all releases since 0.13: memory, boot time and page files were renamed in 0.30.

Source: https://github.com/prometheus-community/windows_exporter/tree/master/docs
"""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.machine.facts import Machine, Mount, left, share
from platformpm.formats.machine.samples import Samples

_CPU = "windows_cpu_time_total"
_BUSY = frozenset({"user", "privileged"})
"""Interrupts and deferred calls are a part of privileged time."""
_TOTAL = ("windows_memory_physical_total_bytes", "windows_cs_physical_memory_bytes", "windows_os_visible_memory_bytes")
_FREE = (
    "windows_memory_physical_free_bytes",
    "windows_memory_available_bytes",
    "windows_os_physical_memory_free_bytes",
)
_PAGES = ("windows_pagefile_limit_bytes", "windows_os_paging_limit_bytes")
_PAGES_FREE = ("windows_pagefile_free_bytes", "windows_os_paging_free_bytes")
_SIZE, _SIZE_FREE = "windows_logical_disk_size_bytes", "windows_logical_disk_free_bytes"
_RECEIVED, _SENT = "windows_net_bytes_received_total", "windows_net_bytes_sent_total"
_BOOTED = (
    "windows_system_boot_time_timestamp_seconds",
    "windows_system_boot_time_timestamp",
    "windows_system_system_up_time",
)
"""The last is a time too, whatever its name says."""
_CLOCK = ("windows_time_current_timestamp_seconds", "windows_os_time")

NAMES = frozenset(
    {
        *(_CPU, *_TOTAL, *_FREE, *_PAGES, *_PAGES_FREE, _SIZE, _SIZE_FREE, _RECEIVED, _SENT, *_BOOTED, *_CLOCK),
    }
)
"""The metrics that `read` looks at."""


def read(found: Samples) -> Machine:
    """Give what these samples say. Windows has no load."""
    cpus = [(dict(labels), value) for labels, value in found.of(_CPU).items()]
    idle = [value for labels, value in cpus if labels.get("mode") == "idle"]
    busy = sum(value for labels, value in cpus if labels.get("mode") in _BUSY)
    memory = found.first(*_TOTAL)
    pages = next((total for name in _PAGES if (total := found.total(name)) is not None), None)
    pages_free = next((total for name in _PAGES_FREE if (total := found.total(name)) is not None), None)
    return Machine(
        busy=busy if idle else None,
        total=busy + sum(idle) if idle else None,
        cpu_count=len({labels.get("core") for labels, _ in cpus}) or None,
        memory_percent=share(left(memory, found.first(*_FREE)), memory),
        memory_total=memory,
        swap_percent=share(left(pages, pages_free), pages),
        mounts=tuple(_volumes(found)),
        received=found.by(_RECEIVED, "nic"),
        sent=found.by(_SENT, "nic"),
        booted=found.first(*_BOOTED),
        clock=found.first(*_CLOCK),
    )


def _volumes(found: Samples) -> Iterator[Mount]:
    """Give the volumes with a letter or a folder; the others, such as that for recovery, are nobody's."""
    free = found.by(_SIZE_FREE, "volume")
    for volume, total in found.by(_SIZE, "volume").items():
        used = left(total, free.get(volume))
        percent = share(used, total)
        if used is not None and percent is not None and not volume.startswith(("HarddiskVolume", "_Total")):
            yield Mount(volume, volume, "volume", "", max(used, 0.0), total, percent)
