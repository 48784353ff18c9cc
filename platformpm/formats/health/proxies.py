"""Envoy (`/ready`, `/server_info`) and Traefik (`/ping`)."""

from __future__ import annotations

import re

from platformpm.formats.health.verdict import Answer, Dialect, Finding, Shape
from platformpm.formats.health.words import text_of
from platformpm.formats.version.tokens import stamped
from platformpm.model.status import Status

_STATES = {
    "LIVE": Status.UP,
    "DRAINING": Status.DOWN,
    "PRE_INITIALIZING": Status.DOWN,
    "INITIALIZING": Status.DOWN,
}
"""Envoy: "the server is live and serving traffic" only when LIVE; draining fails health checks on purpose."""

_INFO_KEYS = ("hot_restart_version", "uptime_current_epoch", "uptime_all_epochs", "command_line_options", "node")

_BUILT = re.compile(r"[0-9a-f]{6,40}/[^/\s]+/[\w.-]+/(?:RELEASE|DEBUG)\b\S*", re.ASCII)
_OLD_INFO = re.compile(r"envoy ([0-9a-f]{6,40}/[^/\s]+/\S+) (live|draining)(?: \d+)*", re.ASCII)
"""`/server_info` up to 1.8: `envoy 267c23d/1.8.0/Clean/RELEASE live 571 571 0`."""


def _read_envoy(answer: Answer) -> Finding | None:
    if answer.shape is Shape.TEXT:
        return _read_envoy_text(answer.word)
    table = answer.table
    state = table.get("state")
    if not isinstance(state, str) or state not in _STATES:
        return None
    built = table.get("version")
    known = any(key in table for key in _INFO_KEYS) or (isinstance(built, str) and _BUILT.fullmatch(built[:300]))
    if not known and not answer.chosen:
        return None
    version = _envoy_version(built)
    return Finding(_STATES[state], f"state {state}", "keys state and version", version=version)


def _read_envoy_text(text: str) -> Finding | None:
    if text in _STATES:
        return Finding(_STATES[text], f"state {text}", f"text {text}")
    old = _OLD_INFO.fullmatch(text)
    if old is None:
        return None
    state = old[2].upper()
    return Finding(_STATES[state], f"state {state}", "text envoy with build and state", version=_envoy_version(old[1]))


def _envoy_version(value: object) -> str | None:
    """Take the release out of `revision/release/Clean/RELEASE/BoringSSL`."""
    parts = value[:200].split("/") if isinstance(value, str) else []
    return stamped(parts[1] if len(parts) > 2 else next(iter(parts), None))


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
