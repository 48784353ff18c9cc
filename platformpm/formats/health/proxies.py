"""Envoy (`/ready`, `/server_info`) and Traefik (`/ping`)."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Dialect, Finding, Shape
from platformpm.formats.health.words import text_of
from platformpm.formats.version.envoy import envoy_line, is_build, release_of
from platformpm.model.status import Status

_STATES = {
    "LIVE": Status.UP,
    "DRAINING": Status.DOWN,
    "PRE_INITIALIZING": Status.DOWN,
    "INITIALIZING": Status.DOWN,
}
"""Envoy: "the server is live and serving traffic" only when LIVE; draining fails health checks on purpose."""

_INFO_KEYS = ("hot_restart_version", "uptime_current_epoch", "uptime_all_epochs", "command_line_options", "node")


def _read_envoy(answer: Answer) -> Finding | None:
    if answer.shape is Shape.TEXT:
        return _read_envoy_text(answer.word)
    table = answer.table
    state = table.get("state")
    if not isinstance(state, str) or state not in _STATES:
        return None
    built = table.get("version")
    if not (answer.chosen or any(key in table for key in _INFO_KEYS) or is_build(built)):
        return None
    return Finding(_STATES[state], f"state {state}", "keys state and version", version=release_of(built))


def _read_envoy_text(text: str) -> Finding | None:
    if text in _STATES:
        return Finding(_STATES[text], f"state {text}", f"text {text}")
    line = envoy_line(text)
    if line is None:
        return None
    state = line.state.upper()
    return Finding(_STATES[state], f"state {state}", "text envoy with build and state", version=line.release)


def _read_traefik(answer: Answer) -> Finding | None:
    """While shutting down `/ping` answers 503 (or the configured code): it must get no new traffic."""
    if not (answer.path.endswith("/ping") or answer.chosen):
        return None
    if answer.word == "OK":
        return Finding(Status.UP, "OK", "text OK at /ping")
    if answer.word == "Service Unavailable" and answer.status == 503:
        return Finding(Status.DOWN, text_of(answer.word), "text Service Unavailable at /ping")
    return None


ENVOY = Dialect(
    "envoy",
    "Envoy",
    "https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--ready",
    _read_envoy,
    Shape.TABLE | Shape.TEXT,
    ("state",),
)
TRAEFIK = Dialect(
    "traefik",
    "Traefik",
    "https://doc.traefik.io/traefik/operations/ping/",
    _read_traefik,
    Shape.TEXT,
)
