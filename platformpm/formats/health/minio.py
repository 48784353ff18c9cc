"""MinIO: `/minio/health/live`, `ready`, `cluster` and `cluster/read`. The body is always empty."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Dialect, Finding, Shape
from platformpm.formats.health.words import text_of
from platformpm.model.status import Reason, Status

_QUORUM = ("x-minio-write-quorum", "x-minio-read-quorum")
_WARNINGS = {412: "quorum would be lost without this node", 429: "under high load"}
"""A node that serves now. 412 answers `?maintenance=true`; 429 asks load balancers to go elsewhere."""


def _read(answer: Answer) -> Finding | None:
    if answer.shape is not Shape.EMPTY:
        return None
    state = answer.header("x-minio-server-status")
    quorum = next((name for name in _QUORUM if answer.header(name) is not None), None)
    if "/minio/health/" in answer.payload.path:
        because = "path /minio/health/"
    elif state is not None or quorum is not None:
        because = f"header {quorum or 'x-minio-server-status'}"
    elif answer.chosen:
        because = "named in the inventory"
    else:
        return None
    warning = _WARNINGS.get(answer.status)
    if warning is not None:
        return Finding(Status.DEGRADED, warning, because, accepted=frozenset(_WARNINGS), reason=Reason.STATUS)
    if state is not None and state.strip().lower() not in ("", "online"):
        return Finding(Status.DOWN, f"server status {text_of(state, 40)}", because, reason=Reason.HEADER)
    if answer.good:
        return Finding(Status.UP, f"HTTP {answer.status}", because)
    return Finding(
        Status.DOWN,
        f"without quorum ({quorum} {text_of(answer.header(quorum), 20)})" if quorum else "not ready",
        because,
    )


MINIO = Dialect(
    "minio",
    "MinIO",
    "https://min.io/docs/minio/linux/operations/monitoring/healthcheck-probe.html",
    _read,
    Shape.EMPTY,
)
