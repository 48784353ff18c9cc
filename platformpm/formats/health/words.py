"""Careful reading of values from outside: words, causes, versions, lists of named components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from platformpm.formats.health.verdict import Component
from platformpm.model.status import Status
from platformpm.model.text import safe_text

GENERIC = {
    **dict.fromkeys(("up", "ok", "pass", "healthy", "green"), Status.UP),
    **dict.fromkeys(("warn", "warning", "degraded", "yellow"), Status.DEGRADED),
    **dict.fromkeys(("down", "fail", "failed", "failing", "error", "unhealthy", "critical", "red"), Status.DOWN),
}
"""The closed table of the generic dialect, case-folded: words that as a `status` can mean nothing else.

A word that can (`partial`, `offline`, `unknown`, `starting`) is not in it, though it may be bad news: then the status
code decides, and what was seen says so.
"""

COMMON = GENERIC | {
    **dict.fromkeys(("passed", "passing", "alive", "true", "success"), Status.UP),
    **dict.fromkeys(("partial", "limited", "impaired"), Status.DEGRADED),
    **dict.fromkeys(("failure", "fatal", "offline", "dead", "false"), Status.DOWN),
}
"""Words for components and custom states, where the shape around them is already known."""

_CAUSES = ("error", "message", "reason", "output", "exception", "description", "cause")
_CAUSE_LIMIT = 120
_LABELS = ("name", "key", "component", "componentName", "checkName", "id")


def counted(number: int, noun: str) -> str:
    """Give `1 check`, `2 checks`: a number with a noun that takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def fold(value: object) -> str:
    """Give a JSON string case-folded and stripped, empty for any other value."""
    return value.strip().casefold() if isinstance(value, str) and len(value) <= 64 else ""


def rated(value: object) -> Status | None:
    """Give the status a common word stands for, None for other words and values."""
    return COMMON.get(fold(value))


def table_of(value: object) -> Mapping[str, object]:
    """Give a JSON object, an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """Give a JSON array, an empty one for any other value."""
    return value if isinstance(value, list) else []


def text_of(value: object, limit: int = _CAUSE_LIMIT) -> str:
    """Give a JSON string, number or truth value as cleaned text, empty for any other value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe_text(str(value), limit) if isinstance(value, (str, int, float)) else ""


def cause_in(*tables: object) -> str:
    """Give the first explanation that one of `tables` carries under a usual key, cleaned; empty when none does."""
    for table in map(table_of, tables):
        for key in _CAUSES:
            value = table.get(key)
            if isinstance(value, dict):
                value = value.get("message")
            if isinstance(value, str) and value.strip():
                return text_of(value)
    return ""


def saying(word: object, cause: str = "") -> str:
    """Give `word: cause`, or the word alone."""
    text = text_of(word, 40)
    return f"{text}: {cause}" if cause else text


def named(value: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Walk components given as `{name: {…}}`, `{name: [{…}]}` or `[{"name": …}]`; skip what is neither."""
    if isinstance(value, dict):
        for name, entry in value.items():
            for table in entry if isinstance(entry, list) else (entry,):
                if isinstance(table, dict):
                    yield name, table
        return
    for table in list_of(value):
        if isinstance(table, dict):
            yield next(filter(None, (text_of(table.get(key), 80) for key in _LABELS)), ""), table


def not_up(components: Iterable[tuple[str, Mapping[str, object]]], key: str = "status") -> Iterator[Component]:
    """Pick the components whose word under `key` stands for degraded or down."""
    for name, table in components:
        if rated(table.get(key)) in (Status.DEGRADED, Status.DOWN):
            yield Component(name, saying(table.get(key), cause_in(table, table.get("data"), table.get("details"))))
