"""CockroachDB: `/health`, `/health?ready=1` and the older `/_admin/v1/health`."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Dialect, Finding
from platformpm.formats.health.words import cause_in, table_of
from platformpm.formats.version.tokens import stamped
from platformpm.model.status import Status

_GRPC_CODES = range(1, 17)
_PATHS = ("/_admin/v1/health", "/api/v2/health", "/health")


def _read(answer: Answer) -> Finding | None:
    """A node that is ready answers an empty object; one that is not, a gRPC status.

    That is `code` with `error`, `message` or both, by release. The code tells it from the usual error of other servers.
    """
    table = answer.table
    build = table_of(table.get("buildInfo"))
    if "nodeId" in table and build:
        return Finding(Status.UP, "node answers", "keys nodeId and buildInfo", version=stamped(build.get("tag")))
    asked = answer.path == _PATHS[0] or (answer.path.endswith(_PATHS) and "ready=" in answer.query)
    if not table:
        return Finding(Status.UP, "ready", "empty object at /health?ready=1") if asked or answer.chosen else None
    full = answer.path.endswith(_PATHS) and {"error", "message"} <= table.keys()
    shaped = (
        isinstance(table.get("code"), int) and table["code"] in _GRPC_CODES and ("error" in table or "message" in table)
    )
    if shaped and not answer.good and (full or asked or answer.chosen):
        return Finding(Status.DOWN, cause_in(table) or "not ready", "code and text of a gRPC status")
    return None


COCKROACH = Dialect(
    "cockroachdb",
    "CockroachDB",
    "https://www.cockroachlabs.com/docs/stable/monitoring-and-alerting#health-endpoints",
    _read,
)
