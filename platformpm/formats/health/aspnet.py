"""ASP.NET Core health checks: plain text, the documented JSON writer, HealthChecks.UI and their kin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding, Shape
from platformpm.formats.health.words import cause_in, list_of, saying, text_of
from platformpm.model.status import Status

_WORDS = {"Healthy": Status.UP, "Degraded": Status.DEGRADED, "Unhealthy": Status.DOWN}
_NUMBERS = ("Unhealthy", "Degraded", "Healthy")
"""The enumeration HealthStatus, as serializers without a string converter write it."""

_PARTS = ("entries", "results", "checks", "healthChecks")
_LISTS = ("info", "errors")
"""What the writers of many tutorials give: `info: [{key, status, …}]` and `errors: [{key, value}]`."""


def _read(answer: Answer) -> Finding | None:
    if answer.shape is not Shape.TABLE:
        text = answer.word
        return Finding(_WORDS[text], text, f"text {text}") if text in _WORDS else None
    table = answer.table
    word = _word(_get(table, "status"))
    parts = _parts(table)
    if word is None or (parts is None and _get(table, "totalDuration") is None and not answer.chosen):
        return None
    if parts not in ("entries", "results") and _get(table, "status") not in _WORDS and not answer.chosen:
        return None
    because = f"status {word} with {parts}" if parts else f"status {word}"
    return Finding(_WORDS[word], f"status {word}", because, _failing(_get(table, parts or "")))


def _parts(table: Mapping[str, object]) -> str | None:
    for part in _PARTS:
        if isinstance(_get(table, part), (dict, list)):
            return part
    for part in _LISTS:
        entries = list_of(_get(table, part))
        if entries and all(isinstance(entry, dict) and "key" in entry for entry in entries):
            return part
    return None


def _get(table: Mapping[str, object], key: str) -> object:
    return table.get(key, table.get(key[:1].upper() + key[1:]))


def _word(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return _NUMBERS[value] if 0 <= value < len(_NUMBERS) else None
    word = value.strip().capitalize() if isinstance(value, str) else ""
    return word if word in _WORDS else None


def _failing(parts: object) -> Iterator[Component]:
    for name, entry in _entries(parts):
        word = _word(_get(entry, "status")) or _word(entry.get("value"))
        if word in ("Degraded", "Unhealthy"):
            cause = text_of(_get(entry, "exception")) or text_of(_get(entry, "description")) or cause_in(entry)
            yield Component(name, saying(word, cause))


def _entries(parts: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    if isinstance(parts, dict):
        yield from ((name, entry) for name, entry in parts.items() if isinstance(entry, dict))
    for entry in list_of(parts):
        if isinstance(entry, dict):
            yield next(filter(None, (text_of(_get(entry, key), 80) for key in ("name", "key", "component"))), ""), entry


ASPNET = Dialect(
    "aspnet-core",
    "ASP.NET Core health checks",
    "https://learn.microsoft.com/aspnet/core/host-and-deploy/health-checks",
    _read,
    Shape.TABLE | Shape.TEXT,
    ("status", "Status"),
)
