"""What happens on the demo platform, and when: a pure function of (seed, seconds since the start)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from zlib import crc32

PERIOD = 150.0
"""Seconds after which the story begins anew."""


class Mood(StrEnum):
    """How an instance answers."""

    FINE = "fine"
    DEGRADED = "degraded"
    FAILING = "failing"
    HANGING = "hanging"
    RESET = "reset"


class Actor(NamedTuple):
    """One instance of the demo platform."""

    service: str
    environment: str
    instance: str


@dataclass(frozen=True, slots=True)
class Condition:
    """How an actor is at one moment: latency in seconds, the component that fails and what it says."""

    mood: Mood
    latency: float
    version: str
    component: str = "db"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that happens in production from `start` to `end`; no `instances` means all of the service."""

    start: float
    end: float
    service: str
    instances: tuple[str, ...] = ()
    mood: Mood | None = None
    component: str = "db"
    note: str = ""
    latency: float | None = None
    version: str | None = None


_REFUSED = "connection to postgres refused"
_LEDGER = "ledger answered 503"

INCIDENTS = (
    # A canary goes out, the new version is slow, the rollout is held, fixed by a switch, and finished.
    Incident(8, PERIOD, "checkout", ("eu-1",), version="2.5.0"),
    Incident(16, PERIOD, "checkout", ("eu-2",), version="2.5.0"),
    Incident(14, 58, "checkout", ("eu-1",), latency=0.91),
    Incident(20, 58, "checkout", ("eu-2",), latency=0.78),
    Incident(100, PERIOD, "checkout", ("eu-3",), version="2.5.0"),
    Incident(107, PERIOD, "checkout", ("us-1",), version="2.5.0"),
    Incident(114, PERIOD, "checkout", ("us-2",), version="2.5.0"),
    # A dependency goes down and takes others with it; they recover one after the other.
    Incident(62, 88, "postgres", mood=Mood.RESET),
    Incident(64, 92, "ledger", mood=Mood.FAILING, component="db", note=_REFUSED),
    Incident(66, 92, "pricing", ("us-1",), mood=Mood.FAILING, component="postgres", note=_REFUSED),
    Incident(66, 93, "workflows", mood=Mood.FAILING, component="metadatabase"),
    Incident(68, 94, "payments-gateway", ("eu-1", "eu-2"), mood=Mood.FAILING, component="ledger", note=_LEDGER),
    Incident(68, 95, "payouts", mood=Mood.FAILING, component="ledger", note=_LEDGER),
    Incident(68, 96, "invoices", mood=Mood.DEGRADED),
    Incident(70, 95, "checkout", ("eu-1", "eu-3", "us-2"), mood=Mood.FAILING, component="ledger", note=_LEDGER),
    Incident(70, 95, "orders", ("eu-1",), mood=Mood.FAILING, component="ledger", note=_LEDGER),
    # One that flaps.
    *(
        Incident(
            start, start + 8, "recommendations", ("eu-2",), mood=Mood.FAILING, component="model", note="not loaded"
        )
        for start in (20, 35, 50, 104, 119)
    ),
    # And the ordinary noise of a platform.
    Incident(30, 54, "search-index", ("eu",), mood=Mood.DEGRADED),
    Incident(40, 72, "registry", mood=Mood.FAILING, component="jobservice", note="redis: i/o timeout"),
    Incident(84, 128, "card-network", mood=Mood.DEGRADED, note="Elevated decline rates"),
    Incident(97, 106, "dashboards", mood=Mood.HANGING),
)

VERSIONS: dict[str, dict[str, str]] = {
    "storefront": {"dev": "6.3.0-beta.2", "staging": "6.2.1", "production": "6.2.1"},
    "checkout": {"dev": "2.6.0-alpha.3", "staging": "2.5.0", "production": "2.4.1"},
    "cart": {"dev": "3.11.0", "staging": "3.11.0", "production": "3.10.4"},
    "catalog": {"dev": "1.10.0-dev.4", "staging": "1.9.3", "production": "1.9.3"},
    "search": {"staging": "0.45.0", "production": "0.44.2"},
    "search-index": {"staging": "8.15.3", "production": "8.15.3"},
    "recommendations": {"staging": "2026.11.3", "production": "2026.11.2"},
    "reviews": {"staging": "4.0.7", "production": "4.0.7"},
    "promotions": {"staging": "1.4.0", "production": "1.3.8"},
    "ledger": {"dev": "3.3.0-SNAPSHOT", "staging": "3.2.0", "production": "3.2.0"},
    "payments-gateway": {"dev": "5.9.0-rc.1", "staging": "5.8.1", "production": "5.8.1"},
    "fraud": {"staging": "0.19.0", "production": "0.19.0"},
    "invoices": {"staging": "2.2.9", "production": "2.2.9"},
    "pricing": {"dev": "7.2.0-alpha.1", "staging": "7.1.2", "production": "7.1.2"},
    "orders": {"dev": "9.0.0-rc.2", "staging": "9.0.0-rc.2", "production": "8.14.0"},
    "shipping": {"staging": "1.31.5", "production": "1.31.5"},
    "warehouse": {"staging": "2.1.0", "production": "2.0.0"},
    "returns": {"staging": "0.8.5", "production": "0.8.5"},
    "notifications": {"staging": "3.3.1", "production": "3.3.1"},
    "accounts": {"dev": "4.7.0-M2", "staging": "4.6.0", "production": "4.6.0"},
    "vault": {"production": "1.18.1"},
    "edge": {"production": "3.2.1"},
    "gateway": {"staging": "1.32.1", "production": "1.32.1"},
    "queue": {"staging": "4.0.4", "production": "4.0.4"},
    "events": {"production": "2.10.22"},
    "kubernetes": {"staging": "1.31.2", "production": "1.31.2"},
    "config-store": {"production": "3.5.16"},
    "metrics": {"production": "3.0.0"},
    "dashboards": {"production": "11.3.1"},
    "registry": {"production": "2.11.2"},
    "quality": {"production": "10.7.0.96327"},
}


@dataclass(frozen=True, slots=True)
class Script:
    """The story. The same seed gives the same platform, second for second."""

    seed: int = 7

    def at(self, actor: Actor, seconds: float) -> Condition:
        """Give the condition of `actor` so many seconds after the start."""
        mood, component, note = Mood.FINE, "db", ""
        latency = self._latency(actor, seconds)
        version = VERSIONS.get(actor.service, {}).get(actor.environment, "1.0.0")
        for incident in _of(actor, seconds % PERIOD):
            latency = incident.latency or latency
            version = incident.version or version
            if incident.mood is not None:
                mood, component, note = incident.mood, incident.component, incident.note
        return Condition(mood, latency, version, component, note)

    def _latency(self, actor: Actor, seconds: float) -> float:
        """Give an ordinary latency: steady for the service, a little restless from second to second."""
        base = 0.003 + crc32(f"{self.seed}/{actor.service}".encode()) % 1000 / 25_000
        jitter = crc32(f"{self.seed}/{actor}/{int(seconds)}".encode()) % 1000 / 1000
        return base * (0.75 + 0.5 * jitter)


def _of(actor: Actor, moment: float) -> Iterator[Incident]:
    if actor.environment != "production":
        return
    for incident in INCIDENTS:
        if incident.service != actor.service or not incident.start <= moment < incident.end:
            continue
        if not incident.instances or actor.instance in incident.instances:
            yield incident
