"""The check lists of Kubernetes components and of etcd: `/livez`, `/readyz`, `/healthz`, with `?verbose` or not."""

from __future__ import annotations

import re

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding, Shape
from platformpm.formats.health.words import counted, list_of, text_of
from platformpm.model.status import Status

_ENDPOINTS = ("livez", "readyz", "healthz")
_ERROR = "internal server error: "
_LONGEST_LINE = 512
_ETCD_CHECKS = frozenset({"data_corruption", "serializable_read", "read_index", "linearizable_read", "non_learner"})
_ETCD_PORTS = frozenset({2379, 2381})
"""Of its clients, and the one for probes and metrics that kubeadm opens. An `ok` is anybody's elsewhere."""

_MOST_LINES = 2_000
_CHECK = re.compile(rb"\s*\[(?:\+\]\S+ (?:excluded: )?ok|-\]\S+ (?:excluded: )?failed\b)", re.ASCII)
"""How a list begins; a changelog may have lines of `[+]` too."""


def check_lines(answer: Answer) -> list[tuple[bool, str]]:
    """Give the lines `[+]name ok` and `[-]name failed: why` of a body as (well, rest), none when it is no such list."""
    if _CHECK.match(answer.payload.response.body, 0, _LONGEST_LINE) is None:
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
    endpoint = _endpoint(answer)
    if answer.word == "ok" and (endpoint or answer.chosen):
        return Finding(Status.UP, "ok", f"text ok at {answer.path or '/'}")
    if endpoint and answer.word.startswith(_ERROR):
        name = answer.path.partition(f"/{endpoint}/")[2]
        says = text_of(answer.word)
        return Finding(Status.DOWN, says, "text internal server error", [Component(name, says)] if name else ())
    return None


def _endpoint(answer: Answer) -> str | None:
    return next((name for name in _ENDPOINTS if f"/{name}/" in f"{answer.path}/"), None)


def _read_etcd_text(answer: Answer) -> Finding | None:
    lines = check_lines(answer)
    known = answer.chosen or (answer.port in _ETCD_PORTS and _endpoint(answer) is not None)
    if not lines:
        return Finding(Status.UP, "ok", f"text ok at {answer.path or '/'}") if known and answer.word == "ok" else None
    known = known or any(rest.partition(" ")[0] in _ETCD_CHECKS for _, rest in lines)
    return _finding(lines) if known else None


def _read_etcd(answer: Answer) -> Finding | None:
    """`/health` gives truth values as strings, "true" and "false"; `/livez` and `/readyz` (3.5.11 on) check lists."""
    if answer.shape is Shape.TEXT:
        return _read_etcd_text(answer)
    health = answer.table.get("health")
    word = health if isinstance(health, str) else str(health).lower() if isinstance(health, bool) else ""
    if word not in ("true", "false") or not answer.table.keys() <= {"health", "reason", "errors"}:
        return None
    alarms = ", ".join(filter(None, map(text_of, list_of(answer.table.get("errors"))[:3])))
    reason = text_of(answer.table.get("reason")) or alarms
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
