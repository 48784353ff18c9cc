"""One file for each kind of probe, in one registry by URL scheme."""

from platformpm.probes.examination import Examination
from platformpm.probes.heartbeat import Heartbeats
from platformpm.probes.registry import SafeProbe, examiners, registry

__all__ = ["Examination", "Heartbeats", "SafeProbe", "examiners", "registry"]
