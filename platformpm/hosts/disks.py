"""File systems of this machine: which of them matter, and how full they are, even when one of them hangs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any

from platformpm.hosts.sensors import Sensors
from platformpm.hosts.thread import in_thread
from platformpm.model.host import Disk
from platformpm.model.text import safe_text

# fmt: off
PSEUDO = frozenset({
    "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devfs", "devpts", "devtmpfs",
    "efivarfs", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "fuse.snapfuse", "fusectl", "hugetlbfs", "iso9660",
    "mqueue", "nsfs", "nullfs", "overlay", "proc", "pstore", "ramfs", "rpc_pipefs", "securityfs", "selinuxfs",
    "squashfs", "sysfs", "tmpfs", "tracefs", "udf",
})
# fmt: on
"""File systems without room of their own, or (images, snaps) always full."""
_LISTING = ""
"""Where a walk is before it knows the mounts; psutil may hang there too."""
_MOST = 64
"""Mounts looked at; a machine with more shows the first."""


def mounts_of(partitions: Iterable[Any]) -> list[str]:
    """Give the mount points worth showing, `/` first: one for each device, nothing pseudo, but always `/`.

    In a container `/` is an overlay; `/etc/hosts` and its like are then mounts of the host's own disk, and go with it.
    """
    shortest: dict[str, str] = {}
    root = []
    for partition in partitions:
        mount, device = str(partition.mountpoint), str(partition.device)
        if mount == "/":
            root = ["/"]
            shortest[device] = mount
        elif partition.fstype and partition.fstype.lower() not in PSEUDO and "cdrom" not in partition.opts:
            known = shortest.get(device)
            if known is None or len(mount) < len(known):
                shortest[device] = mount
    return [*root, *sorted({mount for mount in shortest.values() if mount != "/"})][:_MOST]


class _Walk:
    """One walk over the mounts in a thread: what it has found, and where it is now."""

    def __init__(self) -> None:
        self.found: list[Disk] = []
        self.at: str | None = _LISTING

    def run(self, sensors: Sensors, avoid: AbstractSet[str | None]) -> None:
        partitions = sensors.disk_partitions(all=sys.platform.startswith("linux"))
        for mount in mounts_of(partitions):
            if mount in avoid:
                continue
            self.at = mount
            # No right to look, or gone meanwhile: an absent value.
            with suppress(Exception):
                if os.path.isdir(mount):  # noqa: PTH112  # not a Path: this is the mount as the kernel names it
                    usage = sensors.disk_usage(mount)
                    shown = safe_text(mount)
                    self.found.append(Disk(shown, float(usage.percent), int(usage.used), int(usage.total)))
        self.at = None


class Disks:
    """Reads the mounts; one that hangs is left out until the thread that hangs on it comes back."""

    def __init__(self, sensors: Sensors) -> None:
        """Read through `sensors`."""
        self._sensors = sensors
        self._hanging: list[_Walk] = []

    async def read(self, seconds: float) -> tuple[Disk, ...]:
        """Give what can be read within `seconds`."""
        self._hanging = [walk for walk in self._hanging if walk.at is not None]
        avoid = {walk.at for walk in self._hanging}
        if _LISTING in avoid:
            return ()
        walk = _Walk()
        try:
            async with asyncio.timeout(seconds):
                await in_thread(lambda: walk.run(self._sensors, avoid))
        except TimeoutError:
            self._hanging.append(walk)
        except Exception:  # noqa: BLE001  # no list of mounts: an absent value
            return ()
        return tuple(walk.found)
