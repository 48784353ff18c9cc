"""The check lists of Kubernetes components and of etcd: `/livez`, `/readyz`, `/healthz`, with `?verbose` or not."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding, Shape
from platformpm.formats.health.words import counted, text_of
from platformpm.model.status import Status

_ENDPOINTS = ("livez", "readyz", "healthz")
_ERROR = "internal server error: "
_ETCD_CHECKS = frozenset({"data_corruption", "serializable_read", "read_index", "linearizable_read", "non_learner"})
_MOST_LINES = 2_000


def check_lines(answer: Answer) -> list[tuple[bool, str]]:
    """Give the lines `[+]name ok` and `[-]name failed: why` of a body as (well, rest); empty when it is no such list."""
    if not answer.payload.response.body[:64].lstrip().startswith((b"[+]", b"[-]")):
        return []
    lines = answer.payload.text.split("\n", _MOST_LINES)[:_MOST_LINES]
    return [(line[1] == "+", line[3:].strip()) for line in lines if line.startswith(("[+]", "[-]"))]


def _finding(lines: list[tuple[bool, str]]) -> Finding:
    bad = [rest.partition(" ") for well, rest in lines if not well]
    failing = [Component(name, text_of(says) or "failed") for name, _, says in bad]
    says = f"{len(failing)} of {len(lines)} checks failed" if failing else f"{counted(len(lines), 'check')} passed"
    return Finding(Status.DOWN if failing else Status.UP, says, "lines [+] and [-]", failing)


def _read(answer: Answer) -> Finding | None:
    lines = check_lines(answer)
    if lines:
        return _finding(lines)
    endpoint = next((name for name in _ENDPOINTS if f"/{name}/" in f"{answer.path}/"), None)
    if answer.word == "ok" and (endpoint or answer.chosen):
        return Finding(Status.UP, "ok", f"text ok at {answer.path or '/'}")
    if endpoint and answer.word.startswith(_ERROR):
        name = answer.path.partition(f"/{endpoint}/")[2]
        says = text_of(answer.word)
        return Finding(Status.DOWN, says, "text internal server error", [Component(name, says)] if name else ())
    return None


def _read_etcd(answer: Answer) -> Finding | None:
    """`/health` gives truth values as the strings "true" and "false"; `/livez` and `/readyz` (3.5.11 on) check lists."""
    if answer.shape is Shape.TEXT:
        lines = check_lines(answer)
        known = any(rest.partition(" ")[0] in _ETCD_CHECKS for _, rest in lines)
        return _finding(lines) if lines and (known or answer.chosen) else None
    health = answer.table.get("health")
    word = health if isinstance(health, str) else str(health).lower() if isinstance(health, bool) else ""
    if word not in ("true", "false") or not answer.table.keys() <= {"health", "reason", "errors"}:
        return None
    reason = text_of(answer.table.get("reason"))
    says = f"health {word}: {reason}" if reason else f"health {word}"
    return Finding(Status.UP if word == "true" else Status.DOWN, says, "key health with a truth value")


KUBERNETES = Dialect(
    "kubernetes",
    "Kubernetes component health",
    "https://kubernetes.io/docs/reference/using-api/health-checks/",
    _read,
    Shape.TEXT,
)
ETCD = Dialect(
    "etcd",
    "etcd",
    "https://etcd.io/docs/v3.6/op-guide/monitoring/",
    _read_etcd,
    Shape.TABLE | Shape.TEXT,
    ("health",),
)
