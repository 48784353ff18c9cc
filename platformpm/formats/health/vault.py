"""HashiCorp Vault and OpenBao: `sys/health`."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Dialect, Finding, Shape
from platformpm.formats.version.tokens import stamped
from platformpm.model.status import Status

_STANDBY = {429: "standby", 472: "disaster recovery secondary", 473: "performance standby"}
_BAD = {474: "standby without connection to the active node", 501: "not initialized", 503: "sealed", 530: "removed"}
_ALIVE = frozenset(_STANDBY)


def _read(answer: Answer) -> Finding | None:
    """A standby forwards or waits its turn: it is well, whatever its code. Sealed, uninitialised, removed: down."""
    if answer.shape is Shape.EMPTY:
        return _read_code(answer)
    table = answer.table
    initialized, sealed = table.get("initialized"), table.get("sealed")
    if not isinstance(initialized, bool) or not isinstance(sealed, bool):
        return None
    trouble = _trouble(answer, initialized=initialized, sealed=sealed)
    status = Status.DOWN if trouble else Status.UP
    version = stamped(table.get("version"))
    says = trouble or _role(answer)
    # A sealed standby does not answer with a standby code; if the body says sealed, its code is not accepted.
    return Finding(status, says, "keys initialized and sealed", (), version, frozenset() if trouble else _ALIVE)


def _trouble(answer: Answer, *, initialized: bool, sealed: bool) -> str:
    if not initialized:
        return "not initialized"
    if answer.table.get("removed_from_cluster") is True:
        return "removed from the cluster"
    if sealed:
        return "sealed"
    if answer.table.get("ha_connection_healthy") is False and answer.table.get("standby") is True:
        return _BAD[474]
    return ""


def _role(answer: Answer) -> str:
    if answer.table.get("replication_dr_mode") == "secondary":
        return _STANDBY[472]
    if answer.table.get("performance_standby") is True:
        return _STANDBY[473]
    return _STANDBY[429] if answer.table.get("standby") is True else "active, unsealed"


def _read_code(answer: Answer) -> Finding | None:
    """HEAD gives no body: the default codes speak."""
    if not (answer.path.endswith("/sys/health") or answer.chosen):
        return None
    because = "no body, path /sys/health"
    if answer.status in _BAD:
        return Finding(Status.DOWN, _BAD[answer.status], because)
    if answer.status in _STANDBY or answer.good:
        return Finding(Status.UP, _STANDBY.get(answer.status, "active"), because, accepted=_ALIVE)
    return None


VAULT = Dialect(
    "vault",
    "HashiCorp Vault / OpenBao",
    "https://developer.hashicorp.com/vault/api-docs/system/health",
    _read,
    Shape.TABLE | Shape.EMPTY,
    ("sealed",),
)
