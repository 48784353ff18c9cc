"""Keys of heartbeats: when a job is due, and what it must know to report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems
from platformpm.model.check import HeartbeatRule

HEARTBEAT = frozenset({"heartbeat"})
"""The URL scheme of jobs that report by themselves."""
_GRACE = 0.1
"""Share of the time between two heartbeats: jobs take longer on some days."""
_LOOKS = 0.25
"""The same between two looks."""


def rule_of(settings: Mapping[str, Any]) -> HeartbeatRule | None:
    """Give the rule of a check from joined layers, None where no time is said."""
    every = settings.get("every")
    if every is None:
        return None
    return HeartbeatRule(every, settings.get("grace", every * _GRACE), settings.get("token"))


def interval_of(every: float) -> float:
    """Give how often to look, where nobody said so: seldom enough to cost nothing, often enough to be soon."""
    return max(every * _LOOKS, 1.0)


def check_rhythm(service: str, schemes: frozenset[str], rule: HeartbeatRule | None, problems: Problems) -> None:
    """Note a service whose jobs nobody knows when to await."""
    path: KeyPath = ("services", service, "health")
    if not schemes.isdisjoint(HEARTBEAT) and rule is None and not problems.has_within(path):
        problems.add((*path, "every"), 'is missing: when is a heartbeat due? As in health = { every = "24h" }')
