"""Keys of heartbeats: what is said of jobs that report by themselves, and what of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformpm.inventory.positions import KeyPath
from platformpm.inventory.problems import Problems
from platformpm.model.check import HeartbeatRule

HEARTBEAT = frozenset({"heartbeat"})
"""The URL scheme of jobs that report by themselves."""
HEARTBEAT_ONLY = ("every", "grace", "token")
_ALL = frozenset({*HEARTBEAT_ONLY, "interval", "timeout", "down_after", "up_after"})
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


def check_keys(keys: Mapping[str, Any], path: KeyPath, schemes: frozenset[str], problems: Problems) -> None:
    """Note keys of a health check that mean nothing to jobs, or to anything else; `schemes` are of all instances."""
    if schemes == HEARTBEAT:
        for name in keys:
            if name not in _ALL:
                problems.add((*path, name), "a heartbeat is never asked: it has every, grace and token")
    elif schemes and schemes.isdisjoint(HEARTBEAT):
        meant = {"every": "interval", "token": "auth.bearer"}
        for name in HEARTBEAT_ONLY:
            if name in keys:
                problems.add((*path, name), "only heartbeats have it", suggestion=meant.get(name))


def check_rhythm(service: str, schemes: frozenset[str], rule: HeartbeatRule | None, problems: Problems) -> None:
    """Note a service whose jobs nobody knows when to await."""
    path: KeyPath = ("services", service, "health")
    if not schemes.isdisjoint(HEARTBEAT) and rule is None and not problems.has_within(path):
        problems.add((*path, "every"), 'is missing: when is a heartbeat due? As in health = { every = "24h" }')
