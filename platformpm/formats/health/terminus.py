"""Terminus for NestJS."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import cause_in, saying, table_of, text_of
from platformpm.model.status import Status

_WORDS = {"ok": Status.UP, "error": Status.DOWN, "shutting_down": Status.DOWN}
_PARTS = ("info", "error", "details")


def _read(answer: Answer) -> Finding | None:
    """`shutting_down` comes with 503: the application takes no new requests."""
    table = answer.table
    word = table.get("status")
    if not isinstance(word, str) or word not in _WORDS:
        return None
    parts = [part for part in _PARTS if isinstance(table.get(part), dict)]
    if "details" not in parts and not answer.chosen:
        return None
    if len(parts) < 2 and not answer.chosen and word != "shutting_down" and not _indicators(answer):
        return None
    says = f"status {word}"
    return Finding(_WORDS[word], says, f"keys status and {' and '.join(parts)}", _failing(answer))


def _indicators(answer: Answer) -> bool:
    """Say whether the details are health indicators, which are `up` or `down` in lower case."""
    entries = table_of(answer.table.get("details")).values()
    return bool(entries) and all(table_of(entry).get("status") in ("up", "down") for entry in entries)


def _failing(answer: Answer) -> Iterator[Component]:
    for part in ("error", "details"):
        for name, entry in table_of(answer.table.get(part)).items():
            table = table_of(entry)
            if part == "error" or table.get("status") == "down":
                yield Component(name, saying(text_of(table.get("status"), 40) or "down", cause_in(table)))


TERMINUS = Dialect(
    "terminus",
    "Terminus (NestJS)",
    "https://docs.nestjs.com/recipes/terminus",
    _read,
    keys=("details", "info"),
)
