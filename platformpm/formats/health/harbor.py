"""Harbor: `/api/v2.0/health` (and `/api/health` of 1.x)."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Dialect, Finding
from platformpm.formats.health.words import named, not_up, rated
from platformpm.model.status import Status

_PATH = "/api/v2.0/health"
_COMPONENTS = frozenset(
    (
        *("core", "database", "redis", "registry", "registryctl", "jobservice", "portal", "trivy"),
        *("chartmuseum", "notary", "clair", "exporter", "ui", "adminserver"),
    )
)
"""Of all releases; other applications list components of their own in the same shape."""


def _read(answer: Answer) -> Finding | None:
    """The code is 200 even when a component is unhealthy: the body counts."""
    word, components = answer.table.get("status"), answer.table.get("components")
    if word not in ("healthy", "unhealthy") or not isinstance(components, list):
        return None
    parts = list(named(components))
    own = bool(parts) and all(name in _COMPONENTS for name, _ in parts)
    if not own and not answer.chosen and not answer.path.endswith(_PATH):
        return None
    because = "keys status and components"
    return Finding(rated(word) or Status.UNKNOWN, f"status {word}", because, not_up(parts))


HARBOR = Dialect(
    "harbor",
    "Harbor",
    "https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml",
    _read,
    keys=("components",),
)
