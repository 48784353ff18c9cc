"""Terminus for NestJS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import cause_in, saying, table_of, text_of
from platformpm.model.status import Status

_WORDS = {"ok": Status.UP, "error": Status.DOWN, "shutting_down": Status.DOWN}
_PARTS = ("info", "error", "details")


def _read(answer: Answer) -> Finding | None:
    """`shutting_down` comes with 503: the application takes no new requests."""
    table = _result(answer.table)
    word = table.get("status")
    if not isinstance(word, str) or word not in _WORDS:
        return None
    parts = [part for part in _PARTS if isinstance(table.get(part), dict)]
    if "details" not in parts and not answer.chosen:
        return None
    if len(parts) < 2 and not answer.chosen and word != "shutting_down" and not _indicators(table):
        return None
    says = f"status {word}"
    return Finding(_WORDS[word], says, f"keys status and {' and '.join(parts)}", _failing(table))


def _result(table: Mapping[str, object]) -> Mapping[str, object]:
    """Unwrap what Nest 6 puts under the `message` of its error (and filters of later applications still do)."""
    inner = table_of(table.get("message"))
    return inner if "statusCode" in table and inner else table


def _indicators(table: Mapping[str, object]) -> bool:
    """Say whether the details are health indicators, which are `up` or `down` in lower case."""
    entries = table_of(table.get("details")).values()
    return bool(entries) and all(table_of(entry).get("status") in ("up", "down") for entry in entries)


def _failing(table: Mapping[str, object]) -> Iterator[Component]:
    for part in ("error", "details"):
        for name, entry in table_of(table.get(part)).items():
            indicator = table_of(entry)
            if part == "error" or indicator.get("status") == "down":
                yield Component(name, saying(text_of(indicator.get("status"), 40) or "down", cause_in(indicator)))


TERMINUS = Dialect(
    "terminus",
    "Terminus (NestJS)",
    "https://docs.nestjs.com/recipes/terminus",
    _read,
    keys=("details", "info", "statusCode"),
)
