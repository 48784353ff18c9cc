"""NATS server: `/healthz` of the monitoring port."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import list_of, saying, table_of, text_of
from platformpm.model.status import Status

_WORDS = {"ok": Status.UP, "unavailable": Status.DOWN, "error": Status.DOWN}
_KEYS = {"status", "status_code", "error", "errors"}
_MONITORING_PORT = 8222


def _read(answer: Answer) -> Finding | None:
    """A bare `{"status": "ok"}` is anybody's: it is taken for NATS only on its port or by name."""
    table = answer.table
    word = table.get("status")
    if not isinstance(word, str) or word not in _WORDS or not table.keys() <= _KEYS:
        return None
    own = "status_code" in table or isinstance(table.get("errors"), list)
    at_home = answer.path.endswith("/healthz") and not answer.good
    told = isinstance(table.get("error"), str) and (word == "unavailable" or at_home)
    if not (own or told or answer.port == _MONITORING_PORT or answer.chosen):
        return None
    because = f"status {word} with error" if own or told else f"port {answer.port}"
    says = saying(f"status {word}", text_of(table.get("error")))
    return Finding(_WORDS[word], says, "named in the inventory" if answer.chosen else because, _failing(answer))


def _failing(answer: Answer) -> Iterator[Component]:
    for entry in map(table_of, list_of(answer.table.get("errors"))):
        where = [text_of(entry.get(key), 40) for key in ("account", "stream", "consumer")]
        name = ".".join(filter(None, where)) or text_of(entry.get("type"), 40).lower()
        yield Component(name, text_of(entry.get("error")))


NATS = Dialect(
    "nats",
    "NATS server",
    "https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#health-healthz",
    _read,
    keys=("status",),
)
