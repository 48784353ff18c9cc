"""MicroProfile Health (Quarkus, Open Liberty, Payara, Helidon, WildFly) and Keycloak, which is built on it."""

from __future__ import annotations

from collections.abc import Mapping

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import cause_in, list_of, saying, table_of, text_of
from platformpm.model.status import Status

_WORDS = {"UP": Status.UP, "DOWN": Status.DOWN}


def _read(answer: Answer) -> Finding | None:
    table = answer.table
    overall, own = ("outcome", "state") if "outcome" in table else ("status", "status")
    word = table.get(overall)
    checks = table.get("checks")
    if not isinstance(word, str) or word not in _WORDS:
        return None
    if not isinstance(checks, list) and not (answer.chosen and checks is None):
        return None
    entries = [entry for entry in list_of(checks) if isinstance(entry, dict)]
    if any(not isinstance(entry.get("name"), str) for entry in entries):
        return None
    failing = [_component(entry, own) for entry in entries if entry.get(own) not in ("UP", None)]
    return Finding(_WORDS[word], f"status {word}", f"keys {overall} and checks", failing)


def _component(entry: Mapping[str, object], own: str) -> Component:
    """Check procedures explain themselves in free-form `data`; without a usual key its first text is taken."""
    data = table_of(entry.get("data"))
    first = next((value for value in data.values() if isinstance(value, str)), "")
    return Component(text_of(entry.get("name"), 80), saying(entry.get(own), cause_in(data) or text_of(first)))


def _read_keycloak(answer: Answer) -> Finding | None:
    names = [entry.get("name") for entry in list_of(answer.table.get("checks")) if isinstance(entry, dict)]
    known = any(isinstance(name, str) and name.startswith("Keycloak ") for name in names)
    return _read(answer) if known or answer.chosen else None


MICROPROFILE = Dialect(
    "microprofile",
    "MicroProfile Health",
    "https://download.eclipse.org/microprofile/microprofile-health-4.0/microprofile-health-spec-4.0.html",
    _read,
    keys=("checks",),
)
KEYCLOAK = Dialect(
    "keycloak",
    "Keycloak",
    "https://www.keycloak.org/observability/health",
    _read_keycloak,
    keys=("checks",),
)
