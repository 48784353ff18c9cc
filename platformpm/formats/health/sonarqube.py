"""SonarQube: `api/system/health`, `api/v2/system/health` and `api/system/status`."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding, Shape
from platformpm.formats.health.words import list_of, saying, table_of, text_of
from platformpm.formats.version.tokens import stamped
from platformpm.model.status import Status

_COLOURS = {"GREEN": Status.UP, "YELLOW": Status.DEGRADED, "RED": Status.DOWN}
_STATES = {
    "UP": Status.UP,
    "RESTARTING": Status.DEGRADED,
    "STARTING": Status.DOWN,
    "DOWN": Status.DOWN,
    "DB_MIGRATION_NEEDED": Status.DOWN,
    "DB_MIGRATION_RUNNING": Status.DOWN,
}
"""While restarting the web server "is still up"; in the other states it serves only a few system calls."""


_HEALTH_PATHS = ("/api/system/health", "/api/v2/system/health")
_STATUS_KEYS = {"id", "version", "status"}


def _read(answer: Answer) -> Finding | None:
    if answer.shape is Shape.TEXT:
        ping = answer.word == "pong" and (answer.chosen or answer.path.endswith("/api/system/ping"))
        return Finding(Status.UP, "pong", f"text pong at {answer.path or '/'}") if ping else None
    table = answer.table
    colour = table.get("health", table.get("status"))
    told = isinstance(table.get("causes"), list) or answer.path.endswith(_HEALTH_PATHS) or answer.chosen
    if isinstance(colour, str) and colour in _COLOURS and told:
        says = saying(f"health {colour}", "; ".join(_causes(table.get("causes"))))
        return Finding(_COLOURS[colour], says, "a health colour with causes", _nodes(answer))
    state = table.get("status")
    at_home = answer.chosen or answer.path.endswith("/api/system/status")
    if not isinstance(state, str) or state not in _STATES or not (table.keys() == _STATUS_KEYS or at_home):
        return None
    version = stamped(table.get("version"))
    return Finding(_STATES[state], f"status {state}", "keys id, version and status", version=version)


def _causes(value: object) -> Iterator[str]:
    """Walk causes: objects with a message up to 10.x, plain strings in the v2 API."""
    for cause in list_of(value)[:3]:
        text = text_of(cause) or text_of(table_of(cause).get("message"))
        if text:
            yield text


def _nodes(answer: Answer) -> Iterator[Component]:
    for node in map(table_of, list_of(answer.table.get("nodes"))):
        colour = node.get("health", node.get("status"))
        if colour in ("YELLOW", "RED"):
            yield Component(text_of(node.get("name"), 80), saying(colour, "; ".join(_causes(node.get("causes")))))


SONARQUBE = Dialect(
    "sonarqube",
    "SonarQube",
    "https://next.sonarqube.com/sonarqube/web_api/api/system",
    _read,
    Shape.TABLE | Shape.TEXT,
    ("health", "status"),
)
