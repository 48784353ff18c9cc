"""RabbitMQ: `/api/health/checks/*`, and the older `/api/healthchecks/node` and `/api/aliveness-test`."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import list_of, saying, text_of
from platformpm.model.status import Status

_WORDS = {"ok": Status.UP, "failed": Status.DOWN}
_PATHS = ("/api/health/checks/", "/api/healthchecks/node", "/api/aliveness-test/")
_LABELS = ("resource", "readable_name", "name", "protocol")
_OWN_KEYS = ("alarms", "virtual-hosts", "queues", "missing", "expired", "streams")


def _read(answer: Answer) -> Finding | None:
    table = answer.table
    word = table.get("status")
    if not isinstance(word, str) or word not in _WORDS:
        return None
    path = next((path for path in _PATHS if path in answer.payload.path), None)
    if path is None and not answer.chosen and not (word == "failed" and any(key in table for key in _OWN_KEYS)):
        return None
    says = saying(f"status {word}", text_of(table.get("reason")))
    failing = list(_failing(answer)) if word == "failed" else []
    because = f"path {path}" if path else "status failed with the keys of a RabbitMQ check"
    return Finding(_WORDS[word], says, because, failing)


def _failing(answer: Answer) -> Iterator[Component]:
    table = answer.table
    reason = text_of(table.get("reason")) or "failed"
    missing = text_of(table.get("missing"), 80)
    if missing:
        yield Component(missing, reason)
    for key in _OWN_KEYS:
        for entry in list_of(table.get(key)):
            yield Component(_name(entry), reason)


def _name(entry: object) -> str:
    """An alarm names its resource and node, a listener its protocol and node, a queue its readable name."""
    if not isinstance(entry, dict):
        return text_of(entry, 80)
    what = next(filter(None, (text_of(entry.get(key), 80) for key in _LABELS)), "")
    node = text_of(entry.get("node"), 80)
    return f"{what} on {node}" if what and node else what or node


RABBITMQ = Dialect(
    "rabbitmq",
    "RabbitMQ health checks",
    "https://www.rabbitmq.com/docs/monitoring#health-checks",
    _read,
    keys=("status",),
)
