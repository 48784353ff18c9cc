"""Every kind of host behind one reader."""

from __future__ import annotations

from dataclasses import dataclass, replace

from platformpm.hosts.local import LocalReader
from platformpm.hosts.remote import RemoteReader
from platformpm.model.host import HostReading
from platformpm.model.inventory import Host
from platformpm.model.secret import Masker
from platformpm.net import Network


@dataclass(frozen=True, slots=True)
class Machines:
    """Reads this machine through psutil, and the others through their exporters."""

    local: LocalReader
    remote: RemoteReader

    async def __call__(self, host: Host, deadline: float) -> HostReading:
        """Measure once; `deadline` is loop time."""
        return await (self.local if host.url is None else self.remote)(host, deadline)

    def anew(self, network: Network, mask: Masker) -> Machines:
        """Give a reader with other certificates and secrets, that goes on from the counters this one knows."""
        return replace(self, remote=self.remote.anew(network, mask))
