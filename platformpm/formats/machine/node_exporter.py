"""node_exporter: Linux, and where macOS and the BSDs have other names, those.

Source: https://github.com/prometheus/node_exporter/tree/master/collector (1.x); what of it means what is as psutil has
it, so that this machine and the others are measured alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.machine.facts import Machine, Mount, left, share
from platformpm.formats.machine.samples import Samples

_CPU = "node_cpu_seconds_total"
_IDLE = frozenset({"idle", "iowait"})
_LOADS = ("node_load1", "node_load5", "node_load15")
_TOTAL = ("node_memory_MemTotal_bytes", "node_memory_total_bytes", "node_memory_size_bytes")
_AVAILABLE = "node_memory_MemAvailable_bytes"
_UNUSED = ("node_memory_free_bytes", "node_memory_inactive_bytes", "node_memory_cache_bytes")
"""What psutil counts as available where the kernel gives no such number: macOS and FreeBSD."""
_SWAP = ("node_memory_SwapTotal_bytes", "node_memory_swap_total_bytes", "node_memory_swap_size_bytes")
_SWAP_FREE, _SWAP_USED = "node_memory_SwapFree_bytes", "node_memory_swap_used_bytes"
_SIZE, _FREE, _AVAIL = (f"node_filesystem_{what}_bytes" for what in ("size", "free", "avail"))
_RECEIVED, _SENT = "node_network_receive_bytes_total", "node_network_transmit_bytes_total"
_BOOTED, _CLOCK = "node_boot_time_seconds", "node_time_seconds"

NAMES = frozenset(
    {
        *(_CPU, *_LOADS, *_TOTAL, _AVAILABLE, *_UNUSED, *_SWAP, _SWAP_FREE, _SWAP_USED),
        *(_SIZE, _FREE, _AVAIL, _RECEIVED, _SENT, _BOOTED, _CLOCK),
    }
)
"""The metrics that `read` looks at."""


def read(found: Samples) -> Machine:
    """Give what these samples say."""
    cpus = [(dict(labels), value) for labels, value in found.of(_CPU).items()]
    idle = [value for labels, value in cpus if labels.get("mode") in _IDLE]
    total = sum(value for _, value in cpus)
    memory = found.first(*_TOTAL)
    one, five, fifteen = (found.first(name) for name in _LOADS)
    return Machine(
        busy=total - sum(idle) if idle else None,
        total=total if idle else None,
        cpu_count=len({labels.get("cpu") for labels, _ in cpus}) or None,
        memory_percent=share(left(memory, _available(found)), memory),
        memory_total=memory,
        swap_percent=_swap(found),
        load=None if one is None or five is None or fifteen is None else (one, five, fifteen),
        mounts=tuple(_mounts(found)),
        received=found.by(_RECEIVED, "device"),
        sent=found.by(_SENT, "device"),
        booted=found.first(_BOOTED),
        clock=found.first(_CLOCK),
    )


def _available(found: Samples) -> float | None:
    available = found.first(_AVAILABLE)
    free, *others = (found.first(name) for name in _UNUSED)
    if available is not None or free is None:
        return available
    return free + sum(other or 0.0 for other in others)


def _swap(found: Samples) -> float | None:
    total, used = found.first(*_SWAP), found.first(_SWAP_USED)
    return share(left(total, found.first(_SWAP_FREE)) if used is None else used, total)


def _mounts(found: Samples) -> Iterator[Mount]:
    """Give the file systems; how full one is, is said as `df` says it, without what is kept for root.

    One with more room than it has in all is passed over: nothing that is said of it can be true.
    """
    free, available = found.of(_FREE), found.of(_AVAIL)
    for labels, total in found.of(_SIZE).items():
        unused, usable = free.get(labels), available.get(labels)
        if unused is None or usable is None or max(unused, usable) > total:
            continue
        used = total - unused
        percent = share(used, used + usable)
        if percent is not None:
            of = dict(labels)
            device, mount, kind = of.get("device", ""), of.get("mountpoint", ""), of.get("fstype", "")
            yield Mount(device, mount, kind, "", used, total, percent)
