"""What is asked of psutil. See https://psutil.readthedocs.io for what each function gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Sensors(Protocol):
    """The functions of psutil that are used; any of them may raise anything."""

    def cpu_times(self) -> Any:
        """Give seconds of CPU by what they were spent on, since boot."""

    def cpu_count(self) -> int | None:
        """Give the number of logical CPUs."""

    def virtual_memory(self) -> Any:
        """Give `total` bytes and `percent` used, among others."""

    def swap_memory(self) -> Any:
        """Give the same of swap; `total` is 0 where there is none."""

    def getloadavg(self) -> tuple[float, float, float]:
        """Give the load of the last 1, 5 and 15 minutes."""

    def boot_time(self) -> float:
        """Give the wall time of the last start, in seconds."""

    def net_io_counters(self, pernic: bool) -> Mapping[str, Any]:  # noqa: FBT001  # psutil's own signature
        """Give `bytes_recv` and `bytes_sent` of each network card."""

    def disk_partitions(self, all: bool) -> list[Any]:  # noqa: A002, FBT001  # psutil's own signature
        """Give `device`, `mountpoint`, `fstype` and `opts` of each mount."""

    def disk_usage(self, path: str) -> Any:
        """Give `total`, `used` and `percent`; hangs on a network mount whose server is gone."""
