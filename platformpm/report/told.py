"""One pass of `check` as its formats tell it: the picture, how much is wanted, how texts are made fit to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import HostState, ServiceState
from platformpm.model.status import Verdict
from platformpm.model.text import safe_text
from platformpm.report.checktext import Detail, muted_words, version_words, why, why_service, worst_first
from platformpm.report.documents import verdict_on
from platformpm.report.rows import is_drifting

_LONGEST = 500
"""Characters; more than anything cleaned at ingest may have."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a format is made from. `took` is how many seconds the pass lasted, `hostname` the machine that asked."""

    snapshot: PlatformSnapshot
    detail: Detail = field(default=Detail())
    took: float = 0.0
    hostname: str = "localhost"

    @property
    def verdict(self) -> Verdict:
        """Give the verdict over everything."""
        return verdict_on(self.snapshot)

    @property
    def platform(self) -> str:
        """Give the name of the platform, fit to be told."""
        return self.say(self.snapshot.inventory.platform.name)

    def say(self, text: str) -> str:
        """Give a text from outside masked and as one clean line.

        Formats escape what this gives: a mask over what is escaped already would miss secrets, or break the format.
        """
        mask = self.snapshot.inventory.mask
        return mask(safe_text(mask(text), _LONGEST))

    def muted(self, state: ServiceState | HostState) -> str:
        """Say until when the alerts of a service or host are held back, and why; empty where they are not.

        With date and offset: what is told here is read elsewhere, and later.
        """
        return self.say(muted_words(state, self.snapshot, dated=True))

    def listed(self) -> list[ServiceState | HostState]:
        """Give what is to be listed: services, then hosts, each with the worst first, what is off target last."""
        shown = self.snapshot
        return [*worst_first(shown.services, self.detail), *worst_first(shown.hosts, self.detail)]

    def drifting(self) -> list[ServiceState]:
        """Give the services that are known not to run their target."""
        return [state for state in self.snapshot.services if is_drifting(state)]

    def drift_lines(self, states: Sequence[ServiceState], most: int) -> list[str]:
        """Name `most` of these services with versions and target, then how many more there are."""
        named = [self.say(f"{place(state)} {version_words(state)}") for state in states[:most]]
        return [*named, f"and {len(states) - most} more off target"] if len(states) > most else named


def why_not_up(state: ServiceState | HostState) -> str:
    """Say why a service or host is not up; never empty for one that is not."""
    if isinstance(state, HostState):
        return why(state.reason, state.detail) or str(state.status)
    return why_service(state) or f"{state.serving} of {len(state.instances)} serving, fewer than min_up"


def place(state: ServiceState) -> str:
    """Give a service and where it runs as one word: `ledger@production`."""
    return "@".join(state.key)
