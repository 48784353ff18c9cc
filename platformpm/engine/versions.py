"""The versions that were last known, and the drifts: both outlive a gap in which nobody reports any."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from platformpm.engine.remembering import recalled, replaced, versions_in
from platformpm.engine.rows import Seen
from platformpm.model.check import InstanceKey
from platformpm.model.memory import Memory
from platformpm.model.state import InstanceState, ServiceState
from platformpm.model.version import Drift, bare

RowKey = tuple[str, str]


class Versions:
    """What was last seen of each instance, and the drift of each row, with since when. Times are wall seconds."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._seen: dict[InstanceKey, Seen] = {}
        self._drifts: dict[RowKey, tuple[Drift, float]] = {}

    def seen(self, key: InstanceKey) -> Seen | None:
        """Give the version that was last seen of an instance."""
        return self._seen.get(key)

    def note(self, after: InstanceState, now: float) -> tuple[Seen, Seen | None] | None:
        """Note the version of an instance; give it and the one before where it is another than was last seen."""
        version, before = after.version, self._seen.get(after.key)
        if version is None or (before is not None and bare(before.value) == bare(version)):
            return None
        seen = self._seen[after.key] = Seen(version, after.version_since or now)
        return seen, before

    def bridged(self, new: ServiceState, before: ServiceState) -> ServiceState:
        """Bridge a gap in the versions of a row: drift that comes back unchanged holds since it first did."""
        if new.drift is before.drift:
            return new
        known = self._drifts.get(new.key)
        if known is not None and known[0] is new.drift:
            return replace(new, drift_since=known[1])
        self.note_drift(new)
        return new

    def note_drift(self, row: ServiceState) -> None:
        """Note the drift of a row, if it has any."""
        if row.drift is not Drift.UNKNOWN and row.drift_since is not None:
            self._drifts[row.key] = (row.drift, row.drift_since)

    def remember(self, memory: Memory, present: Collection[InstanceKey]) -> list[tuple[InstanceKey, str, str]]:
        """Take up the versions of before of what is `present`; give (key, old, new) of what changed since."""
        known = {key: one for key, one in versions_in(memory) if key in present}
        changed = list(replaced(known, self._seen))
        self._seen = recalled(known, self._seen)
        return changed

    def rename(self, old: InstanceKey, new: InstanceKey) -> None:
        """Let an instance have what was known under the name it had."""
        if old in self._seen:
            self._seen[new] = self._seen[old]

    def keep(self, instances: Collection[InstanceKey], rows: Collection[RowKey]) -> None:
        """Forget all but these instances and rows."""
        self._seen = {key: seen for key, seen in self._seen.items() if key in instances}
        self._drifts = {key: drift for key, drift in self._drifts.items() if key in rows}
