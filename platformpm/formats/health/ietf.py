"""The IETF draft "Health Check Response Format for HTTP APIs"."""

from __future__ import annotations

from collections.abc import Iterator

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import cause_in, fold, named, not_up, saying, table_of
from platformpm.formats.version.tokens import stamped
from platformpm.model.status import Status

_MEDIA_TYPES = ("application/health+json", "application/vnd.health+json")
_RELEASE = ("releaseId", "releaseID")
_SERVICE = ("serviceId", "serviceID")
"""The first drafts had a vendor's media type and wrote `ID`."""

_WORDS = {
    **dict.fromkeys(("pass", "ok", "up"), Status.UP),
    "warn": Status.DEGRADED,
    **dict.fromkeys(("fail", "error", "down"), Status.DOWN),
}
_OF_A_CHECK = ("componentId", "componentType", "observedValue", "observedUnit", "affectedEndpoints")


def _read(answer: Answer) -> Finding | None:
    """`releaseId` is the running release; `version` is that of the API, weighed where versions are recognised."""
    table = answer.table
    word = fold(table.get("status"))
    if word not in _WORDS:
        return None
    because = "named in the inventory" if answer.chosen else _evidence(answer, word)
    if because is None:
        return None
    says = saying(f"status {table['status']}", cause_in({"output": table.get("output"), "reason": _notes(answer)}))
    version = next(filter(None, (stamped(table.get(key)) for key in _RELEASE)), None)
    return Finding(_WORDS[word], says, because, _failing(answer), version)


def _notes(answer: Answer) -> object:
    notes = answer.table.get("notes")
    return next((note for note in notes if isinstance(note, str)), None) if isinstance(notes, list) else None


def _evidence(answer: Answer, word: str) -> str | None:
    if answer.payload.content_type in _MEDIA_TYPES:
        return f"media type {answer.payload.content_type}"
    table = answer.table
    if any(key in table for key in (*_SERVICE, *_RELEASE)):
        return "keys status and serviceId or releaseId"
    checks = table.get("checks", table.get("details"))
    if not isinstance(checks, dict):
        return None
    if word in ("pass", "warn", "fail") and "checks" in table:
        return f"status {word} with checks"
    listed = any(isinstance(entry, list) for entry in checks.values())
    if listed and any(key in check for _, check in named(checks) for key in _OF_A_CHECK):
        return "checks with componentId or observedValue"
    return None


def _failing(answer: Answer) -> Iterator[Component]:
    checks = answer.table.get("checks", answer.table.get("details"))
    return not_up(named(table_of(checks)))


IETF = Dialect(
    "ietf-health",
    "IETF application/health+json",
    "https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check",
    _read,
    keys=("status",),
)
