"""The composition root: the only place where inventory, probes, hosts, engine and history meet."""

from platformpm.assembly.addresses import at_addresses
from platformpm.assembly.checking import check
from platformpm.assembly.parts import SystemClock, affordable, build_probes, build_reader
from platformpm.assembly.past import bookmark, past, remembered
from platformpm.assembly.running import Running
from platformpm.assembly.silences import Silences

__all__ = [
    "Running",
    "Silences",
    "SystemClock",
    "affordable",
    "at_addresses",
    "bookmark",
    "build_probes",
    "build_reader",
    "check",
    "past",
    "remembered",
]
