"""CockroachDB: `/health`, `/health?ready=1` and the older `/_admin/v1/health`."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Dialect, Finding
from platformpm.formats.health.words import cause_in, table_of
from platformpm.formats.version.tokens import stamped
from platformpm.model.status import Status

_PATHS = ("/_admin/v1/health", "/api/v2/health", "/health")


def _read(answer: Answer) -> Finding | None:
    """A node that is ready answers an empty object; one that is not, a gRPC status (`error`, `code`, `message`)."""
    table = answer.table
    build = table_of(table.get("buildInfo"))
    if "nodeId" in table and build:
        return Finding(Status.UP, "node answers", "keys nodeId and buildInfo", version=stamped(build.get("tag")))
    asked = answer.path == _PATHS[0] or (answer.path.endswith(_PATHS) and "ready=" in answer.query)
    if not table:
        return Finding(Status.UP, "ready", "empty object at /health?ready=1") if asked or answer.chosen else None
    shaped = {"error", "code", "message"} <= table.keys() and isinstance(table["code"], int)
    if shaped and not answer.good and (answer.path.endswith(_PATHS) or answer.chosen):
        return Finding(Status.DOWN, cause_in(table) or "not ready", "keys error, code and message")
    return None


COCKROACH = Dialect(
    "cockroachdb",
    "CockroachDB",
    "https://www.cockroachlabs.com/docs/stable/monitoring-and-alerting#health-endpoints",
    _read,
)
