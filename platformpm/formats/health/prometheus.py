"""Prometheus and its kin (Alertmanager, Pushgateway, exporters, Thanos): `/-/healthy` and `/-/ready`."""

from __future__ import annotations

import re

from platformpm.formats.health.verdict import Answer, Dialect, Finding, Shape
from platformpm.formats.health.words import text_of
from platformpm.model.status import Status

_PATHS = ("/-/healthy", "/-/ready")
_NAMES = ("Prometheus Server", "Prometheus Agent", "Prometheus")
_SENTENCES = frozenset(f"{name} is {word}." for name in _NAMES for word in ("Healthy", "Ready"))
_SHORT = frozenset({"OK", "Healthy", "Ready", "ready"})
_KIN = re.compile(r"[A-Za-z][\w -]{0,40} is (?:healthy|ready)\.?", re.ASCII | re.IGNORECASE)


def _read(answer: Answer) -> Finding | None:
    """`/-/ready` answers 503 `Service Unavailable` while the log is replayed and while stopping: no queries then."""
    word = answer.word
    if word in _SENTENCES:
        return Finding(Status.UP, word, f"text {word}")
    if not (answer.path.endswith(_PATHS) or answer.chosen):
        return None
    because = f"path {answer.path or '/'}"
    if word in _SHORT or _KIN.fullmatch(word) or (answer.good and answer.shape is Shape.EMPTY):
        return Finding(Status.UP, word or f"HTTP {answer.status}", because)
    if answer.status != 503 or answer.payload.text.lstrip().startswith("<"):  # a page of a proxy
        return None
    stopping = (answer.header("x-prometheus-stopping") or "").strip().lower() == "true"
    return Finding(Status.DOWN, "stopping" if stopping else text_of(word) or "not ready", because)


PROMETHEUS = Dialect(
    "prometheus",
    "Prometheus",
    "https://prometheus.io/docs/prometheus/latest/management_api/",
    _read,
    Shape.TEXT | Shape.EMPTY,
)
