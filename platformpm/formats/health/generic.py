"""The last resort: a JSON object with a `status` everybody understands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import GENERIC, cause_in, fold, named, not_up, saying, table_of, text_of
from platformpm.model.status import Status

_PARTS = ("components", "checks", "services", "dependencies", "details", "results")
_OF_WORDS = frozenset({"components", "checks", "services", "dependencies"})
"""Parts whose entries may be a bare word or truth value; details are free-form."""


_DENIALS = ("ok", "healthy", "success", "ready", "alive")
"""Keys under which false is bad news, though what it stands for differs too much to be read as down."""


def unknown_status(table: Mapping[str, object]) -> str:
    """Say what a JSON object tells of its health in a way that is not read: empty where it tells nothing so.

    That is a `status` that is no known word, and a plain false under a usual name. The status code decides over both.
    """
    _, word = _status_in(table)
    if isinstance(word, (str, int, float)) and word is not True and fold(word) not in GENERIC:
        shown = f'"{text_of(word, 40)}"' if isinstance(word, str) else text_of(word, 40)
        return f"status {shown} is not a word platformpm knows"
    denied = _denied(table)
    return f"{denied}, which platformpm does not read" if denied else ""


def _read(answer: Answer) -> Finding | None:
    """Read the top-level `status` by the closed table; for any other word the HTTP status code decides."""
    key, word = _status_in(answer.table)
    status = GENERIC.get(fold(word))
    if status is None:
        return None
    failing = () if status is Status.UP else _failing(answer.table)
    says = saying(f"status {word}", cause_in(answer.table))
    if status is Status.UP and (denied := _denied(answer.table)):
        says = f"{says}; {denied}, which platformpm does not read"
    return Finding(status, says, f"key {key}", failing)


def _status_in(table: Mapping[str, object]) -> tuple[str, object]:
    """Give the key `status` as it is written, and its value; None where there is none in any letter case."""
    if "status" in table:
        return "status", table["status"]
    return next(
        ((key, value) for key, value in table.items() if len(key) == 6 and key.lower() == "status"), ("status", None)
    )


def _denied(table: Mapping[str, object]) -> str:
    keys = [key for key in _DENIALS if table.get(key) is False]
    return f"{' and '.join(keys)} {'is' if len(keys) == 1 else 'are'} false" if keys else ""


def _failing(table: Mapping[str, object]) -> Iterator[Component]:
    for part in _PARTS:
        yield from not_up(_entries(part, table.get(part)))


def _entries(part: str, value: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield from named(value)
    if part in _OF_WORDS:
        for name, entry in table_of(value).items():
            if isinstance(entry, (str, bool)):
                yield name, {"status": text_of(entry, 64)}


GENERIC_STATUS = Dialect(
    "generic",
    "JSON object with a status",
    "https://json-schema.org/understanding-json-schema/reference/object",
    _read,
)
